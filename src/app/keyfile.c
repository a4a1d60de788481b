/* Reads the pseudonym key and refuses one that others could have read.
 * Trust: the operator's file; secret.c looks at its owner and mode.
 * Memory: none; the caller holds the key and wipes it. */
#define _GNU_SOURCE
#include "app/keyfile.h"
#include "base/secret.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

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
