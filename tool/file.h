/* SPDX-License-Identifier: BSD-3-Clause */
/* Files that are read as a whole, and replaced as a whole or not at all */
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
 * synced and renamed. Writes directly to stdout and to what is not a regular file. Ends the
 * program on errors.
 */
void file_write(const char *path, const char *data, size_t size);

/* Is @path "-", or the file that stdout is, as /dev/stdout? Such a file cannot be replaced. */
int file_is_stdout(const char *path);

#endif
