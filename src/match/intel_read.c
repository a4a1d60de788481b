/* Files of indicators (intel.h): finds out the format, reads line by line.
 * Source: Zeek 6 manual "Intelligence Framework"; Suricata 7 user guide "IP Reputation",
 * "Datasets"; MISP core format (CSV export). STIX: intel_stix.c.
 * Trust: files come from strangers. Memory: the file while it is read. */
#define _POSIX_C_SOURCE 200809L
#include "match/intel_stix.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define COLUMNS_MAX 32u

void wt_intel_complain(struct wt_intel *in, const char *name, unsigned line, const char *format,
		       ...)
{
	char text[512];
	va_list args;
	int n = line ? snprintf(text, sizeof(text), "%.200s:%u: ", name, line)
		     : snprintf(text, sizeof(text), "%.200s: ", name);

	in->n_problems_all++;
	if (in->n_problems == INTEL_PROBLEMS_MAX)
		return;
	va_start(args, format);
	(void)vsnprintf(text + n, sizeof(text) - (size_t)n, format, args);
	va_end(args);
	in->problem[in->n_problems] = strdup(text);
	if (!in->problem[in->n_problems++])
		abort();
}

static struct wt_slice trim(struct wt_slice s)
{
	while (s.len && isspace(s.ptr[0]))
		s = wt_slice_of(s.ptr + 1, s.len - 1);
	while (s.len && isspace(s.ptr[s.len - 1]))
		s.len--;
	return s;
}

static struct wt_slice take(struct wt_slice *rest, char separator)
{
	size_t at = wt_slice_find(*rest, (uint8_t)separator);
	struct wt_slice word = wt_slice_head(*rest, at);

	*rest = wt_slice_tail(*rest, at + 1);
	return word;
}

static bool is_hex(struct wt_slice s)
{
	size_t i;

	for (i = 0; i < s.len && isxdigit(s.ptr[i]); i++)
		continue;
	return s.len && i == s.len;
}

/* An address or network; false when it is none. */
static bool add_address(struct wt_intel *in, struct wt_slice text)
{
	size_t slash = wt_slice_find(text, '/'), i;
	struct wt_slice prefix = wt_slice_tail(text, slash + 1);
	struct intel_range r = { .ip_version = wt_slice_find(text, ':') < text.len ? 6 : 4 };
	unsigned bits = r.ip_version == 4 ? 32 : 128;
	uint64_t n = bits;
	char room[64];

	if (slash >= sizeof(room))
		return false;
	memcpy(room, text.ptr, slash);
	room[slash] = '\0';
	if (inet_pton(r.ip_version == 4 ? AF_INET : AF_INET6, room, r.low) != 1)
		return false;
	if (slash < text.len && (!wt_slice_to_u64(prefix, &n) || n > bits))
		return false;
	if (n == bits)
		return wt_intel_add(in, WT_INTEL_ADDRESS, wt_slice_of(r.low, bits / 8));
	memcpy(r.high, r.low, sizeof(r.high));
	for (i = (size_t)n; i < bits; i++) {
		r.low[i / 8] &= (uint8_t) ~(0x80u >> i % 8);
		r.high[i / 8] |= (uint8_t)(0x80u >> i % 8);
	}
	return wt_intel_add_range(in, &r, text);
}

static bool is_domain(struct wt_slice s)
{
	bool has_dot = false;
	size_t i;

	for (i = 0; i < s.len; i++) {
		if (s.ptr[i] == '.')
			has_dot = true;
		else if (!isalnum(s.ptr[i]) && s.ptr[i] != '-' && s.ptr[i] != '_')
			return false;
	}
	return has_dot && s.len <= 253 && isalnum(s.ptr[0]);
}

/* t13d1516h2_8daaf6152771_e5627efa2ab1 */
static bool is_ja4(struct wt_slice s)
{
	return s.len == 36 && strchr("tqd", s.ptr[0]) && s.ptr[10] == '_' && s.ptr[23] == '_';
}

/* A URL as lookups have it: without its scheme. */
static struct wt_slice without_scheme(struct wt_slice s)
{
	size_t at = wt_slice_search(s, WT_LIT("://"));

	return at < s.len && at < 10 ? wt_slice_tail(s, at + 3) : s;
}

bool wt_intel_add_as(struct wt_intel *in, enum wt_intel_kind kind, struct wt_slice text)
{
	text = trim(text);
	if (kind == WT_INTEL_ADDRESS)
		return add_address(in, text);
	if (kind == WT_INTEL_URL)
		text = without_scheme(text);
	if ((kind == WT_INTEL_MD5 || kind == WT_INTEL_JA3) && !(text.len == 32 && is_hex(text)))
		return false;
	if ((kind == WT_INTEL_SHA1 || kind == WT_INTEL_CERT_SHA1) &&
	    !(text.len == 40 && is_hex(text)))
		return false;
	if (kind == WT_INTEL_SHA256 && !(text.len == 64 && is_hex(text)))
		return false;
	return wt_intel_add(in, kind, text);
}

/* An indicator whose kind nobody says. */
static bool add_by_shape(struct wt_intel *in, struct wt_slice s)
{
	if (wt_slice_search(s, WT_LIT("://")) < s.len)
		return wt_intel_add_as(in, WT_INTEL_URL, s);
	if (is_ja4(s))
		return wt_intel_add_as(in, WT_INTEL_JA4, s);
	if (is_hex(s) && (s.len == 32 || s.len == 40 || s.len == 64))
		return wt_intel_add_as(in,
				       s.len == 32   ? WT_INTEL_MD5
				       : s.len == 40 ? WT_INTEL_SHA1
						     : WT_INTEL_SHA256,
				       s) &&
		       (s.len != 32 || wt_intel_add_as(in, WT_INTEL_JA3, s));
	if (add_address(in, s))
		return true;
	if (wt_slice_find(s, '/') < s.len)
		return wt_intel_add_as(in, WT_INTEL_URL, s);
	if (wt_slice_find(s, '@') < s.len)
		return wt_intel_add_as(in, WT_INTEL_EMAIL, s);
	if (wt_slice_starts(s, WT_LIT("*.")))
		s = wt_slice_tail(s, 2);
	return is_domain(s) && wt_intel_add_as(in, WT_INTEL_DOMAIN, s);
}

/* Kinds by the names that feeds give them. */
static const struct {
	const char *name;
	enum wt_intel_kind kind;
} names[] = {
	{ "Intel::ADDR", WT_INTEL_ADDRESS },
	{ "Intel::SUBNET", WT_INTEL_ADDRESS },
	{ "Intel::DOMAIN", WT_INTEL_DOMAIN },
	{ "Intel::URL", WT_INTEL_URL },
	{ "Intel::CERT_HASH", WT_INTEL_CERT_SHA1 },
	{ "Intel::EMAIL", WT_INTEL_EMAIL },
	{ "ip-src", WT_INTEL_ADDRESS },
	{ "ip-dst", WT_INTEL_ADDRESS },
	{ "domain", WT_INTEL_DOMAIN },
	{ "hostname", WT_INTEL_DOMAIN },
	{ "url", WT_INTEL_URL },
	{ "uri", WT_INTEL_URL },
	{ "md5", WT_INTEL_MD5 },
	{ "sha1", WT_INTEL_SHA1 },
	{ "sha256", WT_INTEL_SHA256 },
	{ "ja3-fingerprint-md5", WT_INTEL_JA3 },
	{ "ja4-plus", WT_INTEL_JA4 },
	{ "x509-fingerprint-sha1", WT_INTEL_CERT_SHA1 },
	{ "email-src", WT_INTEL_EMAIL },
	{ "email-dst", WT_INTEL_EMAIL },
};

static bool kind_of(struct wt_slice name, struct wt_slice value, enum wt_intel_kind *kind)
{
	size_t i;

	if (wt_slice_equal(name, WT_LIT("Intel::FILE_HASH"))) {
		*kind = value.len == 32   ? WT_INTEL_MD5
			: value.len == 40 ? WT_INTEL_SHA1
					  : WT_INTEL_SHA256;
		return true;
	}
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (wt_slice_equal(name, wt_slice_of(names[i].name, strlen(names[i].name)))) {
			*kind = names[i].kind;
			return true;
		}
	return false;
}

/* A cell of a CSV line, quotes taken off (RFC 4180); doubled quotes stay doubled, which
 * no indicator holds. */
static struct wt_slice csv_cell(struct wt_slice *rest)
{
	size_t end;

	if (!rest->len || rest->ptr[0] != '"')
		return trim(take(rest, ','));
	end = 1 + wt_slice_find(wt_slice_tail(*rest, 1), '"');
	{
		struct wt_slice cell = wt_slice_head(wt_slice_tail(*rest, 1), end - 1);

		*rest = wt_slice_tail(*rest, end + 1);
		(void)take(rest, ',');
		return cell;
	}
}

/* A table whose first line names its columns: which one says the value, which the kind. */
struct columns {
	char separator;
	unsigned value, kind;
	bool is_known;
};

static struct columns columns_of(struct wt_slice head, char separator, const char *value,
				 const char *kind)
{
	struct columns c = { .separator = separator,
			     .value = COLUMNS_MAX,
			     .kind = COLUMNS_MAX };
	unsigned i;

	for (i = 0; head.len && i < COLUMNS_MAX; i++) {
		struct wt_slice cell =
			separator == ',' ? csv_cell(&head) : trim(take(&head, separator));

		if (wt_slice_equal(cell, wt_slice_of(value, strlen(value))))
			c.value = i;
		if (wt_slice_equal(cell, wt_slice_of(kind, strlen(kind))))
			c.kind = i;
	}
	c.is_known = c.value < COLUMNS_MAX && c.kind < COLUMNS_MAX;
	return c;
}

static void add_row(struct wt_intel *in, const char *name, unsigned number,
		    struct wt_slice line, const struct columns *c)
{
	struct wt_slice value = { 0 }, kind_name = { 0 };
	enum wt_intel_kind kind;
	unsigned i;

	for (i = 0; line.len && i < COLUMNS_MAX; i++) {
		struct wt_slice cell =
			c->separator == ',' ? csv_cell(&line) : trim(take(&line, c->separator));

		if (i == c->value)
			value = cell;
		if (i == c->kind)
			kind_name = cell;
	}
	if (!kind_of(kind_name, value, &kind))
		in->n_unused++; /* a kind that this sensor has nothing to compare with */
	else if (!wt_intel_add_as(in, kind, value))
		wt_intel_complain(in, name, number, "found '%.*s', which is no %s",
				  (int)(value.len < 60 ? value.len : 60),
				  (const char *)value.ptr, wt_intel_kind_name(kind));
}

/* "ip,category,score" of Suricata's reputation files. */
static bool is_reputation(struct wt_slice line)
{
	struct wt_slice rest = line, ip = take(&rest, ','), category = take(&rest, ',');
	uint64_t n;

	return wt_slice_to_u64(trim(category), &n) && wt_slice_to_u64(trim(rest), &n) &&
	       n <= 127 && (wt_slice_find(ip, '.') < ip.len || wt_slice_find(ip, ':') < ip.len);
}

static void read_lines(struct wt_intel *in, const char *name, struct wt_slice text)
{
	struct columns c = { .is_known = false };
	unsigned number = 0;

	while (text.len) {
		struct wt_slice line = trim(take(&text, '\n'));

		number++;
		if (wt_slice_starts(line, WT_LIT("#fields"))) {
			c = columns_of(wt_slice_tail(line, 8), '\t', "indicator",
				       "indicator_type");
			continue;
		}
		if (!line.len || line.ptr[0] == '#' || line.ptr[0] == ';')
			continue;
		if (number == 1 && wt_slice_search(line, WT_LIT("type")) < line.len &&
		    wt_slice_search(line, WT_LIT("value")) < line.len) {
			c = columns_of(line, ',', "value", "type");
			continue;
		}
		if (c.is_known) {
			add_row(in, name, number, line, &c);
			continue;
		}
		if (is_reputation(line))
			line = take(&line, ',');
		line = wt_slice_head(line, wt_slice_find(line, ' '));
		if (!add_by_shape(in, line))
			wt_intel_complain(in, name, number,
					  "found '%.*s'; write an address, network, "
					  "domain, URL, hash or fingerprint",
					  (int)(line.len < 60 ? line.len : 60),
					  (const char *)line.ptr);
	}
}

void wt_intel_load_text(struct wt_intel *in, const char *name, struct wt_slice text)
{
	const char *slash = strrchr(name, '/');

	if (in->n_feeds == WT_INTEL_FILES_MAX) {
		wt_intel_complain(in, name, 0, "found more than %u files", WT_INTEL_FILES_MAX);
		return;
	}
	in->feed[in->n_feeds] = strdup(slash ? slash + 1 : name);
	if (!in->feed[in->n_feeds++])
		abort();
	if (wt_slice_starts(text, WT_LIT("\xef\xbb\xbf")))
		text = wt_slice_tail(text, 3);
	if (trim(text).len && trim(text).ptr[0] == '{')
		wt_intel_read_stix(in, name, trim(text));
	else
		read_lines(in, name, text);
}

static bool load_file(struct wt_intel *in, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	uint8_t *bytes = NULL;
	size_t len = 0;
	struct stat st;
	bool is_good = false;

	if (fd < 0 || fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
		wt_intel_complain(in, path, 0, "cannot be read: %s",
				  fd < 0 ? strerror(errno) : "no regular file");
	} else if ((uint64_t)st.st_size > WT_INTEL_FILE_MAX) {
		wt_intel_complain(in, path, 0, "found %lld bytes; expected at most %u",
				  (long long)st.st_size, WT_INTEL_FILE_MAX);
	} else {
		bytes = malloc((size_t)st.st_size + 1);
		if (!bytes)
			abort();
		while (len < (size_t)st.st_size) {
			ssize_t n = read(fd, bytes + len, (size_t)st.st_size - len);

			if (n < 0 && errno == EINTR)
				continue;
			if (n <= 0)
				break;
			len += (size_t)n;
		}
		is_good = len == (size_t)st.st_size;
		if (is_good)
			wt_intel_load_text(in, path, wt_slice_of(bytes, len));
		else
			wt_intel_complain(in, path, 0, "cannot be read to its end");
	}
	free(bytes);
	if (fd >= 0)
		close(fd);
	return is_good;
}

bool wt_intel_load(struct wt_intel *in, const char *path)
{
	struct dirent **entry;
	bool is_good = true;
	struct stat st;
	int n, i;

	if (stat(path, &st) != 0 || !S_ISDIR(st.st_mode))
		return load_file(in, path);
	n = scandir(path, &entry, NULL, alphasort);
	if (n < 0) {
		wt_intel_complain(in, path, 0, "cannot be read: %s", strerror(errno));
		return false;
	}
	for (i = 0; i < n; i++) {
		char file[4400];

		(void)snprintf(file, sizeof(file), "%s/%s", path, entry[i]->d_name);
		if (entry[i]->d_name[0] != '.' && stat(file, &st) == 0 && S_ISREG(st.st_mode))
			is_good &= load_file(in, file);
		free(entry[i]);
	}
	free(entry);
	return is_good;
}
