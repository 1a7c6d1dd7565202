/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a file in JSON has, checked: each function returns 0, or complains with
 * STATUS_DAMAGED and the path of what is wrong, and returns -1. json-c does the rest.
 */
#ifndef FWREGS_JSON_H
#define FWREGS_JSON_H

#include <stdint.h>
#include <json-c/json.h>

#include "cli.h"

/*
 * Parses @size bytes that have to be one object and nothing else but space, with no more than
 * @max values in it: an empty one takes three bytes here, and hundreds in memory. NULL: see @c.
 */
struct json_object *json_parse(const char *text, size_t size, size_t max, struct complaint *c);

/* The member @key of @obj, which has to be there and of this type. NULL: see @c. */
struct json_object *json_member(struct json_object *obj, const char *key, enum json_type type,
				struct complaint *c);

/* The same for what may be missing or null: *found is NULL then */
int json_maybe(struct json_object *obj, const char *key, enum json_type type,
	       struct json_object **found, struct complaint *c);

/* A string of at most @size - 1 bytes, without control characters */
int json_text(struct json_object *obj, const char *key, char *buf, size_t size,
	      struct complaint *c);

/* A JSON number from @min to @max */
int json_int(struct json_object *obj, const char *key, int64_t min, int64_t max, int64_t *val,
	     struct complaint *c);

/* A number of 64 bits, which is a string, "0x" and up to 16 lower-case hexadecimal digits */
int json_hex(struct json_object *obj, const char *key, uint64_t *val, struct complaint *c);

/* The same for the string @obj itself, which is called @what in a complaint */
int json_hex_value(struct json_object *obj, const char *what, uint64_t *val,
		   struct complaint *c);

/* As text, freed with @obj, with one member in each line. Ends the program if there is no memory. */
const char *json_string(struct json_object *obj);

/* Prints that and a newline, and frees @obj */
void json_print(struct json_object *obj);

/* Makes such a string. Ends the program if there is no memory. */
struct json_object *json_new_hex(uint64_t val);

/* Add to an object or to an array. End the program if there is no memory. */
void json_put(struct json_object *obj, const char *key, struct json_object *val);
void json_append(struct json_object *array, struct json_object *val);

#endif
