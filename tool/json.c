// SPDX-License-Identifier: BSD-3-Clause
#include "json.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* An upper bound: each value but the first follows one of these, which strings may have as well */
static size_t count_values(const char *text, size_t size)
{
	size_t i, n = 1;

	for (i = 0; i < size; i++)
		n += text[i] == ',' || text[i] == '[' || text[i] == '{';
	return n;
}

struct json_object *json_parse(const char *text, size_t size, size_t max, struct complaint *c)
{
	struct json_tokener *tokener;
	struct json_object *obj;
	enum json_tokener_error err;
	size_t end;

	if (count_values(text, size) > max) {
		complain(c, STATUS_DAMAGED, "its JSON has more than %zu values", max);
		return NULL;
	}

	tokener = json_tokener_new();
	if (!tokener || size > INT_MAX) {
		json_tokener_free(tokener);
		complain(c, STATUS_SYSTEM, "there is not enough memory for it");
		return NULL;
	}

	json_tokener_set_flags(tokener, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8 |
			       JSON_TOKENER_ALLOW_TRAILING_CHARS);
	obj = json_tokener_parse_ex(tokener, text, size);
	err = json_tokener_get_error(tokener);
	end = json_tokener_get_parse_end(tokener);
	json_tokener_free(tokener);

	if (err == json_tokener_continue)
		complain(c, STATUS_CUT_OFF, "it ends in the middle of its JSON");
	else if (err != json_tokener_success)
		complain(c, STATUS_DAMAGED, "it is not JSON: %s at byte %zu",
			 json_tokener_error_desc(err), end);
	else if (!json_object_is_type(obj, json_type_object))
		complain(c, STATUS_DAMAGED, "it is not a JSON object");
	else if (strspn(text + end, " \t\r\n") != size - end)
		complain(c, STATUS_DAMAGED, "there is something after the end of its JSON");
	else
		return obj;

	json_object_put(obj);
	return NULL;
}

int json_maybe(struct json_object *obj, const char *key, enum json_type type,
	       struct json_object **found, struct complaint *c)
{
	if (!json_object_object_get_ex(obj, key, found))
		*found = NULL;
	if (*found && !json_object_is_type(*found, type))
		return complain(c, STATUS_DAMAGED, "'%s' is not of the type '%s'", key,
				json_type_to_name(type));
	return 0;
}

struct json_object *json_member(struct json_object *obj, const char *key, enum json_type type,
				struct complaint *c)
{
	struct json_object *found;

	if (json_maybe(obj, key, type, &found, c))
		return NULL;
	if (!found)
		complain(c, STATUS_DAMAGED, "'%s' is missing", key);
	return found;
}

/* Control characters, which a terminal may obey: U+0000 to U+001F, U+007F to U+009F */
static int is_control(const char *text)
{
	unsigned char first = text[0], second = text[1];

	return first < 0x20 || first == 0x7f || (first == 0xc2 && second < 0xa0);
}

int json_text(struct json_object *obj, const char *key, char *buf, size_t size,
	      struct complaint *c)
{
	struct json_object *text = json_member(obj, key, json_type_string, c);
	size_t len, i;

	if (!text)
		return -1;

	len = json_object_get_string_len(text);
	if (len >= size)
		return complain(c, STATUS_DAMAGED, "'%s' is longer than %zu bytes", key, size - 1);

	memcpy(buf, json_object_get_string(text), len);
	buf[len] = 0;
	for (i = 0; i < len; i++)
		if (is_control(buf + i))
			return complain(c, STATUS_DAMAGED, "'%s' has a control character", key);
	return 0;
}

int json_int(struct json_object *obj, const char *key, int64_t min, int64_t max, int64_t *val,
	     struct complaint *c)
{
	struct json_object *number = json_member(obj, key, json_type_int, c);

	if (!number)
		return -1;

	*val = json_object_get_int64(number);
	if (*val < min || *val > max)
		return complain(c, STATUS_DAMAGED,
				"'%s' is %" PRId64 ", not from %" PRId64 " to %" PRId64, key, *val,
				min, max);
	return 0;
}

int json_hex_value(struct json_object *obj, const char *what, uint64_t *val,
		   struct complaint *c)
{
	const char *text;
	size_t len;

	if (!json_object_is_type(obj, json_type_string))
		return complain(c, STATUS_DAMAGED, "'%s' is not of the type 'string'", what);

	text = json_object_get_string(obj);
	len = json_object_get_string_len(obj);
	if (len < 3 || len > 18 || strncmp(text, "0x", 2) ||
	    strspn(text + 2, "0123456789abcdef") != len - 2)
		return complain(c, STATUS_DAMAGED, "'%s' is not a number like \"0x1f\"", what);

	*val = strtoull(text, NULL, 16);
	return 0;
}

int json_hex(struct json_object *obj, const char *key, uint64_t *val, struct complaint *c)
{
	struct json_object *hex = json_member(obj, key, json_type_string, c);

	return hex ? json_hex_value(hex, key, val, c) : -1;
}

static void *need(void *memory)
{
	if (!memory)
		die_errno(ENOMEM, "JSON");
	return memory;
}

struct json_object *json_new_hex(uint64_t val)
{
	char text[24];

	snprintf(text, sizeof(text), "0x%" PRIx64, val);
	return need(json_object_new_string(text));
}

void json_put(struct json_object *obj, const char *key, struct json_object *val)
{
	need(val);
	if (json_object_object_add(obj, key, val))
		die_errno(ENOMEM, "JSON");
}

void json_append(struct json_object *array, struct json_object *val)
{
	need(val);
	if (json_object_array_add(array, val))
		die_errno(ENOMEM, "JSON");
}

const char *json_string(struct json_object *obj)
{
	const char *text = json_object_to_json_string_ext(obj, JSON_C_TO_STRING_PRETTY |
							  JSON_C_TO_STRING_SPACED |
							  JSON_C_TO_STRING_NOSLASHESCAPE);

	if (!text)
		die_errno(ENOMEM, "JSON");
	return text;
}

void json_print(struct json_object *obj)
{
	printf("%s\n", json_string(obj));
	json_object_put(obj);
}
