// SPDX-License-Identifier: BSD-3-Clause
#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int system_complaint(struct complaint *c, const char *what, int err)
{
	return complain(c, STATUS_SYSTEM, "%s: %s (%s)", what, strerror(err),
			strerrorname_np(err));
}

/* Reads all of @fd into *data. A file of more than @max bytes is an error. */
static int read_all(int fd, size_t max, char **data, size_t *size, struct complaint *c)
{
	size_t room = 0;
	char *bigger;
	ssize_t n;

	do {
		if (*size == room) {
			room = room ? room * 2 : 65536;
			bigger = realloc(*data, room + 1);
			if (!bigger)
				return system_complaint(c, "read", ENOMEM);
			*data = bigger;
		}
		n = read(fd, *data + *size, room - *size);
		if (n < 0 && errno != EINTR)
			return system_complaint(c, "read", errno);
		if (n > 0)
			*size += n;
		if (*size > max)
			return complain(c, STATUS_DAMAGED, "it is larger than %zu bytes", max);
	} while (n);

	(*data)[*size] = 0;
	return 0;
}

char *file_read(const char *path, size_t max, size_t *size, struct complaint *c)
{
	int fd = strcmp(path, "-") ? open(path, O_RDONLY | O_CLOEXEC) : STDIN_FILENO;
	char *data = NULL;
	int bad;

	*size = 0;
	if (fd < 0) {
		system_complaint(c, "open", errno);
		return NULL;
	}

	bad = read_all(fd, max, &data, size, c);
	if (fd != STDIN_FILENO)
		close(fd);
	if (bad) {
		free(data);
		return NULL;
	}
	return data;
}

/* 0, or an errno value */
static int write_all(int fd, const char *data, size_t size)
{
	ssize_t n;

	for (; size; data += n, size -= n) {
		n = write(fd, data, size);
		if (n < 0 && errno != EINTR)
			return errno;
		if (n < 0)
			n = 0;
	}
	return 0;
}

/* The name is there after a crash only if the directory has been written, too */
static int sync_directory(const char *path)
{
	char *copy = strdup(path);
	int fd, err = 0;

	if (!copy)
		return ENOMEM;
	fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	err = fd < 0 ? errno : 0;
	free(copy);
	/* A directory that can be written to and not read: only root could sync it */
	if (fd < 0)
		return err == EACCES ? 0 : err;
	/* Not every file system can sync a directory */
	if (fsync(fd) && errno != EINVAL)
		err = errno;
	close(fd);
	return err;
}

/*
 * Mode of a new file: that of the file that it replaces, or what umask leaves. mkstemp() lets
 * nobody else read the file.
 */
static mode_t usual_mode(const char *path)
{
	struct stat st;
	mode_t mask;

	if (!stat(path, &st))
		return st.st_mode & 0777;
	mask = umask(0);
	umask(mask);
	return 0666 & ~mask;
}

/* Writes and syncs a new file of this mode, opened as @fd. 0, or an errno value. */
static int write_new(int fd, mode_t mode, const char *data, size_t size)
{
	int err = write_all(fd, data, size);

	if (!err && fchmod(fd, mode))
		err = errno;
	if (!err && fsync(fd))
		err = errno;
	if (close(fd) && !err)
		err = errno;
	return err;
}

int file_is_stdout(const char *path)
{
	struct stat st, out;

	if (!strcmp(path, "-"))
		return 1;
	return !stat(path, &st) && !fstat(STDOUT_FILENO, &out) &&
	       st.st_dev == out.st_dev && st.st_ino == out.st_ino;
}

/* Only a regular file can be replaced */
static int is_special(const char *path)
{
	struct stat st;

	return file_is_stdout(path) || (!stat(path, &st) && !S_ISREG(st.st_mode));
}

static void write_special(const char *path, const char *data, size_t size)
{
	int fd = file_is_stdout(path) ? STDOUT_FILENO : open(path, O_WRONLY | O_CLOEXEC);
	int err = fd < 0 ? errno : write_all(fd, data, size);

	if (!err && fd != STDOUT_FILENO && close(fd))
		err = errno;
	if (err)
		die_errno(err, "writing %s", path);
}

/*
 * The name that a file beside @path has until it is complete. It starts with a dot, so that
 * programs that read a whole directory, as Node Feature Discovery, skip it.
 */
static char *temp_name(const char *path)
{
	const char *slash = strrchr(path, '/');
	int dir = slash ? slash + 1 - path : 0;
	char *temp;

	if (asprintf(&temp, "%.*s.%s.XXXXXX", dir, path, path + dir) < 0)
		die_errno(ENOMEM, "writing %s", path);
	return temp;
}

/* Returns 0, or an errno value, and removes the new file then */
static int replace(const char *path, const char *data, size_t size)
{
	char *temp = temp_name(path);
	int fd = mkstemp(temp), err;

	if (fd < 0)
		die_errno(errno, "creating a file beside %s", path);

	err = write_new(fd, usual_mode(path), data, size);
	if (!err && rename(temp, path))
		err = errno;
	if (err)
		unlink(temp);
	free(temp);
	return err ? err : sync_directory(path);
}

void file_write(const char *path, const char *data, size_t size)
{
	sigset_t all, before;
	char *target;
	int err;

	if (is_special(path)) {
		write_special(path, data, size);
		return;
	}

	/* A signal, also SIGXFSZ, would end the program and leave the new file behind */
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, &before);
	/* Replace the target of a symbolic link, not the link */
	target = realpath(path, NULL);
	err = replace(target ? target : path, data, size);
	if (err)
		die_errno(err, "writing %s", path);
	free(target);
	sigprocmask(SIG_SETMASK, &before, NULL);
}
