/* Reads the pseudonym key and refuses one that others could have read.
 * Trust: the operator's file; its owner and mode are what is checked.
 * Memory: none; the caller holds the key and wipes it. */
#define _GNU_SOURCE
#include "app/keyfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool is_private(const struct stat *st, char *error, size_t size)
{
	if (!S_ISREG(st->st_mode)) {
		snprintf(error, size, "found what is no regular file; expected a file of key "
			 "bytes");
		return false;
	}
	if (st->st_mode & (S_IRWXG | S_IRWXO)) {
		snprintf(error, size, "found mode %04o, open to group or others; write: "
			 "chmod 0400", (unsigned)(st->st_mode & 07777));
		return false;
	}
	if (st->st_uid != geteuid() && st->st_uid != 0) {
		snprintf(error, size, "found user %u as owner; expected root or user %u, who runs "
			 "this", (unsigned)st->st_uid, (unsigned)geteuid());
		return false;
	}
	return true;
}

static bool read_key(int fd, uint8_t *key, size_t *len, char *error, size_t size)
{
	uint8_t more;
	ssize_t n;

	*len = 0;
	while (*len < WT_KEY_MAX) {
		n = read(fd, key + *len, WT_KEY_MAX - *len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			snprintf(error, size, "cannot be read: %s", strerror(errno));
			return false;
		}
		if (n == 0)
			break;
		*len += (size_t)n;
	}
	n = *len == WT_KEY_MAX ? read(fd, &more, 1) : 0;
	if (*len >= WT_KEY_MIN && n == 0)
		return true;
	snprintf(error, size, "found %s%zu bytes; expected %u to %u (such as: head -c 32 "
		 "/dev/urandom)", n ? "more than " : "", *len, WT_KEY_MIN, WT_KEY_MAX);
	return false;
}

bool wt_key_read(const char *path, uint8_t key[WT_KEY_MAX], size_t *len, char *error,
		 size_t error_size)
{
	struct stat st;
	bool is_good;
	/* Not blocking: a named pipe must be refused, not waited for. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

	if (fd < 0 || fstat(fd, &st) < 0) {
		snprintf(error, error_size, "cannot be read: %s", strerror(errno));
		if (fd >= 0)
			close(fd);
		return false;
	}
	is_good = is_private(&st, error, error_size) &&
		  read_key(fd, key, len, error, error_size);
	close(fd);
	if (!is_good)
		explicit_bzero(key, WT_KEY_MAX);
	return is_good;
}
