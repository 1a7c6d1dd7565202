/* SPDX-License-Identifier: BSD-3-Clause */
/* Whole files: read at once, and written so that there is never half of one */
#ifndef FWREGS_FILE_H
#define FWREGS_FILE_H

#include <stddef.h>

#include "cli.h"

/*
 * The bytes of file @path, "-" is stdin, with a 0 after them, for the caller to free.
 * NULL, and @c says why: it cannot be read (STATUS_SYSTEM), or is larger than @max
 * bytes (STATUS_DAMAGED).
 */
char *file_read(const char *path, size_t max, size_t *size, struct complaint *c);

/*
 * Replaces @path by @size bytes, or leaves it as it is: a new file beside it is written,
 * synced and renamed. What is no regular file, or is stdout, is written to as it is. Ends the
 * program if that fails.
 */
void file_write(const char *path, const char *data, size_t size);

/* "-", and /dev/stdout, or the file that stdout is: somebody has it open, and goes on with it */
int file_is_stdout(const char *path);

#endif
