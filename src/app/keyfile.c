/* Reads the pseudonym key and refuses one that others could have read.
 * Trust: the operator's file; secret.c looks at its owner and mode.
 * Memory: on the stack, wiped; the caller holds the key and wipes it. */
#define _GNU_SOURCE
#include "app/keyfile.h"
#include "base/read.h"
#include "base/secret.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static bool read_key(int fd, uint8_t *key, size_t *len, char *error, size_t size)
{
	uint8_t room[WT_KEY_MAX + 1]; /* one byte more: too long a key shows */
	ssize_t n = wt_read_all(fd, room, sizeof(room));
	bool is_good = n >= (ssize_t)WT_KEY_MIN && n <= (ssize_t)WT_KEY_MAX;

	if (n < 0)
		snprintf(error, size, "cannot be read: %s", strerror(errno));
	else if (!is_good)
		snprintf(error, size, "found %s%zd bytes; expected %u to %u (such as: head -c 32 "
			 "/dev/urandom)", n > (ssize_t)WT_KEY_MAX ? "more than " : "",
			 n > (ssize_t)WT_KEY_MAX ? (ssize_t)WT_KEY_MAX : n, WT_KEY_MIN,
			 WT_KEY_MAX);
	*len = is_good ? (size_t)n : 0;
	memcpy(key, room, *len);
	explicit_bzero(room, sizeof(room));
	return is_good;
}

bool wt_key_read(const char *path, uint8_t key[WT_KEY_MAX], size_t *len, char *error,
		 size_t error_size)
{
	int fd = wt_secret_open(path, "key bytes", error, error_size);
	bool is_good;

	if (fd < 0)
		return false;
	is_good = read_key(fd, key, len, error, error_size);
	close(fd);
	if (!is_good)
		explicit_bzero(key, WT_KEY_MAX);
	return is_good;
}
