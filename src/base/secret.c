/* Secrets from files (secret.h). Source: systemd.exec(5), LoadCredential.
 * Trust: the operator's files; owner and mode are what is checked. Errors never repeat
 * what is in a file, nor its name, which may be the secret itself by mistake.
 * Memory: none; the caller holds the secret and wipes it. */
#define _GNU_SOURCE /* explicit_bzero, O_CLOEXEC */
#include "base/secret.h"
#include "base/read.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define CREDENTIAL "credential:"

static uid_t trusted; /* 0, root, is trusted anyway */

void wt_secret_trust(uid_t owner)
{
	trusted = owner;
}

static bool is_credential(const char *path)
{
	return strncmp(path, CREDENTIAL, sizeof(CREDENTIAL) - 1) == 0;
}

bool wt_secret_path(const char *path, char full[WT_SECRET_PATH_MAX], char *error,
		    size_t error_size)
{
	const char *folder, *name;
	int len;

	if (!is_credential(path)) {
		len = snprintf(full, WT_SECRET_PATH_MAX, "%s", path);
		if (len >= 0 && (size_t)len < WT_SECRET_PATH_MAX)
			return true;
		snprintf(error, error_size, "found a path that is too long");
		return false;
	}
	name = path + sizeof(CREDENTIAL) - 1;
	folder = getenv("CREDENTIALS_DIRECTORY");
	if (!*name || strchr(name, '/') || *name == '.') {
		snprintf(error, error_size, "found a credential of no proper name; expected "
			 "credential:NAME as LoadCredential has it");
		return false;
	}
	if (!folder || !*folder) {
		snprintf(error, error_size, "found a credential, but systemd passed on none "
			 "(no $CREDENTIALS_DIRECTORY); write LoadCredential into the unit, or the "
			 "path of a file here");
		return false;
	}
	len = snprintf(full, WT_SECRET_PATH_MAX, "%s/%s", folder, name);
	if (len >= 0 && (size_t)len < WT_SECRET_PATH_MAX)
		return true;
	snprintf(error, error_size, "found a path that is too long");
	return false;
}

/* systemd gives the service's user access by an ACL, whose mask stands where the rights
 * of the group do; the folder lets nobody else in. */
static bool is_private(const struct stat *st, bool by_systemd, const char *kind, char *error,
		       size_t size)
{
	mode_t shut = by_systemd ? S_IRWXO : S_IRWXG | S_IRWXO;

	if (!S_ISREG(st->st_mode)) {
		snprintf(error, size, "found what is no regular file; expected a file of %s",
			 kind);
		return false;
	}
	if (st->st_mode & shut) {
		snprintf(error, size, "found mode %04o, open to group or others; write: "
			 "chmod 0400", (unsigned)(st->st_mode & 07777));
		return false;
	}
	if (st->st_uid != geteuid() && st->st_uid != 0 && st->st_uid != trusted) {
		snprintf(error, size, "found user %u as owner; expected root or user %u, who runs "
			 "this", (unsigned)st->st_uid,
			 (unsigned)(trusted ? trusted : geteuid()));
		return false;
	}
	return true;
}

int wt_secret_open(const char *path, const char *kind, char *error, size_t error_size)
{
	char full[WT_SECRET_PATH_MAX];
	struct stat st;
	int fd;

	if (!wt_secret_path(path, full, error, error_size))
		return -1;
	/* Not blocking: a named pipe must be refused, not waited for. */
	fd = open(full, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0 || fstat(fd, &st) < 0) {
		snprintf(error, error_size, "cannot be read: %s", strerror(errno));
	} else if (is_private(&st, is_credential(path), kind, error, error_size)) {
		return fd;
	}
	if (fd >= 0)
		close(fd);
	return -1;
}

static bool is_one_line(char *text, size_t len)
{
	size_t i;

	if (len > 0 && text[len - 1] == '\n')
		len--;
	if (len > 0 && text[len - 1] == '\r')
		len--;
	text[len] = 0;
	for (i = 0; i < len; i++)
		if ((unsigned char)text[i] < 0x20 || text[i] == 0x7f)
			return false;
	return len > 0;
}

bool wt_secret_read(const char *path, char text[WT_SECRET_MAX], char *error, size_t error_size)
{
	int fd = wt_secret_open(path, "one line of text", error, error_size);
	bool is_good = false;
	ssize_t len;

	text[0] = 0;
	if (fd < 0)
		return false;
	len = wt_read_all(fd, text, WT_SECRET_MAX);
	if (len < 0)
		snprintf(error, error_size, "cannot be read: %s", strerror(errno));
	else if (len == 0)
		snprintf(error, error_size, "found nothing in it; expected one line of text");
	else if (len == WT_SECRET_MAX || !is_one_line(text, (size_t)len))
		snprintf(error, error_size, "found more than one line of printable text; expected "
			 "the secret alone, of less than %u bytes", WT_SECRET_MAX);
	else
		is_good = true;
	close(fd);
	if (!is_good)
		explicit_bzero(text, WT_SECRET_MAX);
	return is_good;
}
