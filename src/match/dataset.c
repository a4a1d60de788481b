/* dataset and datarep: sets of values, fixed ones and those that rules fill.
 *
 * A fixed set is read when a rule names it: base64 text of strings, hex of hashes,
 * addresses, one a line, for datarep with a score behind a comma. Workers look into it.
 * A set that a rule fills (dataset:set) is the keeper's and holds keyed pseudonyms: what
 * such rules compare leaves the worker by way of the redactor. As messages speak of
 * patients, only buffers of which no field is direct or secret may go there.
 * Source: Suricata 7 user guide, "Datasets"; 7.0.10 as it answers. Trust: files of the
 * operator, made by strangers. Memory: the set's arena and lists. */
#define _POSIX_C_SOURCE 200809L
#include "base/read.h"
#include "match/parse.h"
#include "match/transform.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define LINE_MAX 8192u
#define FILE_NAME_MAX 64u

/* --- files --- */

/* As ip.src and ip.dst have it: 4 or 16 octets. */
static bool take_addr(struct wt_slice line, uint8_t *into, size_t *len)
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };
	char text[INET6_ADDRSTRLEN] = "";

	if (line.len >= sizeof(text) || !line.len)
		return false;
	memcpy(text, line.ptr, line.len);
	*len = strchr(text, ':') ? 16 : 4;
	if (inet_pton(*len == 16 ? AF_INET6 : AF_INET, text, into) != 1)
		return false;
	if (*len == 16 && memcmp(into, mapped, sizeof(mapped)) == 0) {
		memmove(into, into + 12, 4);
		*len = 4;
	}
	return true;
}

static bool take_hex(struct wt_slice line, size_t want, uint8_t *into)
{
	size_t i;

	if (line.len != want * 2)
		return false;
	for (i = 0; i < line.len; i++) {
		int c = tolower(line.ptr[i]), digit = isdigit(c) ? c - '0' : c - 'a' + 10;

		if (!isxdigit(c))
			return false;
		into[i / 2] = (uint8_t)(i % 2 ? into[i / 2] | digit : digit << 4);
	}
	return true;
}

/* Only base64: plain text would be decoded to what no buffer ever holds. */
static bool is_base64(struct wt_slice s)
{
	size_t n = 0, n_pad = 0;

	while (n < s.len && (isalnum(s.ptr[n]) || s.ptr[n] == '+' || s.ptr[n] == '/'))
		n++;
	while (n + n_pad < s.len && s.ptr[n + n_pad] == '=')
		n_pad++;
	return n + n_pad == s.len && n % 4 != 1 && (!n_pad || (n_pad <= 2 && s.len % 4 == 0));
}

/* A line as the bytes that buffers are compared with, the score in the two bytes behind
 * them where there are scores; false: not of the type. */
static bool take_value(const struct wt_dataset *d, struct wt_slice line, uint8_t *into,
		       size_t *len)
{
	struct wt_slice rest = line, value = wt_take_word(&rest, ',');
	int64_t score = 0;
	bool is_good;

	if (memchr(line.ptr, 0, line.len)) /* what reads text would not see the rest */
		return false;
	if (d->has_scores && (!wt_take_i64(rest, &score) || score < 0 || score > UINT16_MAX))
		return false;
	*len = d->type == WT_DATASET_MD5 ? 16 : 32;
	if (d->type == WT_DATASET_STRING) {
		*len = wt_base64_decode(value, into, LINE_MAX);
		is_good = *len > 0 && is_base64(value);
	} else if (d->type == WT_DATASET_IP) {
		is_good = take_addr(value, into, len);
	} else {
		is_good = take_hex(value, *len, into);
	}
	if (is_good && d->has_scores) {
		into[*len] = (uint8_t)(score >> 8);
		into[*len + 1] = (uint8_t)score;
	}
	return is_good;
}

static const char *const is_no[] = {
	[WT_DATASET_STRING] = "base64 text",
	[WT_DATASET_MD5] = "32 hex digits",
	[WT_DATASET_SHA256] = "64 hex digits",
	[WT_DATASET_IP] = "address",
};

static void take_lines(struct wt_parse *p, struct wt_dataset *d, const char *path,
		       struct wt_slice text)
{
	uint8_t value[LINE_MAX + 2];
	unsigned number = 0;
	size_t len;

	while (text.len) {
		struct wt_slice line = wt_take_word(&text, '\n');
		const char *copy;

		number++;
		if (!line.len || line.ptr[0] == '#')
			continue;
		if (line.len >= LINE_MAX || !take_value(d, line, value, &len)) {
			wt_blame(p, p->value, "found line %u of '%.200s' to be no %s%s", number,
				 path, is_no[d->type],
				 d->has_scores ? ", comma and score from 0 to 65535" : "");
			return;
		}
		copy = wt_rules_text(p->set, wt_slice_of(value, len + 2u * d->has_scores));
		wt_set_add(&d->values, wt_slice_of(copy, len));
	}
}

/* The file's bytes, which the caller frees; NULL with the reason. */
static uint8_t *read_file(const char *path, size_t *len, char *why, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	uint8_t *bytes = NULL;
	struct stat st;
	ssize_t n = -1;

	if (fd < 0 || fstat(fd, &st) != 0) {
		(void)snprintf(why, size, "which cannot be read: %s", strerror(errno));
	} else if (!S_ISREG(st.st_mode) || (uint64_t)st.st_size > WT_RULE_FILE_MAX) {
		(void)snprintf(why, size, "which is no regular file of at most 128 MiB");
	} else {
		bytes = malloc((size_t)st.st_size + 1);
		if (!bytes)
			abort();
		n = wt_read_all(fd, bytes, (size_t)st.st_size);
		if (n < 0)
			(void)snprintf(why, size, "which cannot be read: %s", strerror(errno));
	}
	if (fd >= 0)
		(void)close(fd);
	if (n < 0) {
		free(bytes);
		return NULL;
	}
	*len = (size_t)n;
	return bytes;
}

/* A path beside the rule file, unless it is absolute. */
static void path_beside(const struct wt_parse *p, struct wt_slice name, char *into, size_t size)
{
	const char *slash = strrchr(p->file, '/');

	if (name.ptr[0] == '/' || !slash)
		(void)snprintf(into, size, "%.*s", (int)name.len, (const char *)name.ptr);
	else
		(void)snprintf(into, size, "%.*s/%.*s", (int)(slash - p->file), p->file,
			       (int)name.len, (const char *)name.ptr);
}

/* --- the keyword --- */

/* What one of them says. */
struct said {
	struct wt_slice name, load, state, save;
	enum wt_dataset_type type;
	bool has_type;
	uint64_t memcap;
};

static bool take_type(struct said *s, struct wt_slice word)
{
	static const char *const types[] = { "string", "md5", "sha256", "ip", "ipv4", "ipv6" };
	unsigned i;

	for (i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (wt_is_word(word, types[i])) {
			s->type = i < WT_DATASET_IP ? (enum wt_dataset_type)i : WT_DATASET_IP;
			s->has_type = true;
			return true;
		}
	return false;
}

/* "100", "64kb", "10mb", "1gb" */
static bool take_memcap(struct said *s, struct wt_slice word)
{
	static const struct {
		const char *unit;
		unsigned shift;
	} rows[] = { { "kb", 10 }, { "mb", 20 }, { "gb", 30 }, { "", 0 } };
	int64_t n;
	unsigned i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		size_t len = strlen(rows[i].unit), at = word.len - len;

		if (word.len <= len || !wt_is_word(wt_slice_tail(word, at), rows[i].unit))
			continue;
		if (!wt_take_i64(wt_slice_head(word, at), &n) || n < 1 || n > 1 << 30)
			return false;
		s->memcap = (uint64_t)n << rows[i].shift;
		return true;
	}
	return false;
}

static bool take_item(struct said *s, struct wt_slice key, struct wt_slice value)
{
	int64_t n;

	if (wt_is_word(key, "type"))
		return take_type(s, value);
	if (wt_is_word(key, "memcap"))
		return take_memcap(s, value);
	if (wt_is_word(key, "hashsize")) /* room is taken as it is needed */
		return wt_take_i64(value, &n) && n > 0;
	if (!value.len)
		return false;
	if (wt_is_word(key, "load"))
		s->load = value;
	else if (wt_is_word(key, "state"))
		s->state = value;
	else if (wt_is_word(key, "save"))
		s->save = value;
	else
		return false;
	return true;
}

static bool take_items(struct wt_parse *p, struct said *s, struct wt_slice rest)
{
	while (rest.len) {
		struct wt_slice item = wt_take_word(&rest, ','), all = item;
		struct wt_slice key = wt_take_word(&item, ' ');

		if (take_item(s, key, wt_trim(item)))
			continue;
		wt_blame(p, all,
			 "found '%s' in %s; write type string|md5|sha256|ip, load FILE, state "
			 "FILE, save FILE, memcap N[kb|mb|gb] or hashsize N",
			 wt_show(all), wt_show(p->key));
		return false;
	}
	return true;
}

/* The name under which a filled set is kept: rules say no other folder. */
static void keep_as(struct wt_parse *p, struct wt_dataset *d, struct wt_slice path)
{
	const char *const good = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				 "0123456789._-";
	const char *text = wt_rules_text(p->set, path), *slash = strrchr(text, '/');
	const char *name = slash ? slash + 1 : text;
	unsigned i;

	if (d->kept_as && strcmp(d->kept_as, name) == 0)
		return;
	if (!*name || *name == '.' || strlen(name) > FILE_NAME_MAX ||
	    strspn(name, good) != strlen(name)) {
		wt_blame(p, path,
			 "found the file '%s'; write a name of up to 64 letters, digits, dots, "
			 "- and _",
			 wt_show(path));
		return;
	}
	for (i = 0; i < p->set->dataset.n; i++)
		if (p->set->dataset.at[i].kept_as &&
		    strcmp(p->set->dataset.at[i].kept_as, name) == 0) {
			wt_blame(p, path,
				 "found the file '%s' for the set '%.60s' also; write another "
				 "name",
				 wt_show(path), p->set->dataset.at[i].name);
			return;
		}
	d->kept_as = name;
}

static void load_from(struct wt_parse *p, struct wt_dataset *d, const struct said *s)
{
	struct wt_slice file = s->load.len ? s->load : s->state;
	char path[4400], why[200] = "";
	uint8_t *bytes;
	size_t len;

	if (!file.len || d->has_file)
		return;
	path_beside(p, file, path, sizeof(path));
	if (d->is_broken) {
		wt_blame(p, p->value,
			 "found the file '%.200s', which cannot be used (see above)", path);
		return;
	}
	bytes = read_file(path, &len, why, sizeof(why));
	if (bytes && len > WT_DATASETS_BYTES_MAX - p->set->dataset_bytes)
		wt_blame(p, p->value,
			 "found '%.200s' and the files of other sets to hold more than %u MiB",
			 path, WT_DATASETS_BYTES_MAX >> 20);
	else if (bytes)
		take_lines(p, d, path, wt_slice_of(bytes, len));
	else if (s->load.len) /* a state begins without */
		wt_blame(p, p->value, "found the file '%.200s', %s", path, why);
	free(bytes);
	p->set->dataset_bytes += bytes && !p->is_failed ? len : 0;
	d->has_file = !p->is_failed;
	d->is_broken = p->is_failed;
	if (d->is_broken)
		wt_set_free(&d->values);
}

/* Number of the set; what is said of it comes together from all rules. */
static unsigned dataset_of(struct wt_parse *p, const struct said *s, bool has_scores)
{
	struct wt_dataset *d;
	unsigned i;

	for (i = 0; i < p->set->dataset.n; i++)
		if (wt_is_word(s->name, p->set->dataset.at[i].name))
			break;
	if (i == WT_RULE_NAMES_MAX) {
		wt_blame(p, p->value,
			 "found more than %u sets in the rules; write fewer, or load fewer "
			 "files",
			 WT_RULE_NAMES_MAX);
		return 0;
	}
	if (i == p->set->dataset.n) {
		d = WT_LIST_ADD(p->set->dataset);
		d->name = wt_rules_text(p->set, s->name);
		d->type = s->type;
		d->has_scores = has_scores;
	}
	d = &p->set->dataset.at[i];
	if ((s->has_type && d->type != s->type) || d->has_scores != has_scores)
		wt_blame(p, p->value,
			 "found the set '%s' as one of another kind before; write another name",
			 wt_show(s->name));
	d->memcap = s->memcap ? s->memcap : d->memcap;
	if (!p->is_failed)
		load_from(p, d, s);
	if (!p->is_failed && (s->save.len || s->state.len))
		keep_as(p, d, s->save.len ? s->save : s->state);
	return i;
}

static bool has_buffer(struct wt_parse *p)
{
	if (p->buffer)
		return true;
	wt_blame(p, p->key, "found %s without a buffer before it; write one, such as dns.query",
		 wt_show(p->key));
	return false;
}

/* dataset:set|unset|isset|isnotset,NAME[,type string|md5|sha256|ip][,load FILE]... */
void wt_parse_dataset(struct wt_parse *p)
{
	struct wt_slice rest = p->value, word = wt_take_word(&rest, ',');
	struct said said = { .name = wt_take_word(&rest, ',') };
	struct wt_test *t;
	unsigned set;
	uint8_t what;

	if (!wt_take_bit_what(word, &what) || what == WT_BIT_TOGGLE || !said.name.len) {
		wt_blame(p, p->value,
			 "found dataset:%s; write set, unset, isset or isnotset and a name "
			 "behind a comma",
			 wt_show(p->value));
		return;
	}
	if (!has_buffer(p) || !take_items(p, &said, rest))
		return;
	set = dataset_of(p, &said, false);
	if (p->is_failed)
		return;
	t = wt_add_test(p, WT_TEST_DATASET);
	t->as.dataset = (struct wt_dataset_test){ .set = (uint16_t)set, .what = what };
}

/* datarep:NAME,>|<|==,SCORE,load FILE[,type ...] */
void wt_parse_datarep(struct wt_parse *p)
{
	struct wt_slice rest = p->value;
	struct said said = { .name = wt_take_word(&rest, ',') };
	struct wt_slice sign = wt_take_word(&rest, ','), number = wt_take_word(&rest, ',');
	int64_t score;
	struct wt_test *t;
	uint8_t compare;
	unsigned set;

	compare = wt_is_word(sign, ">")   ? WT_IS_GREATER
		  : wt_is_word(sign, "<") ? WT_IS_LESS
					  : WT_IS_EQUAL;
	if (!said.name.len ||
	    (compare == WT_IS_EQUAL && !wt_is_word(sign, "==") && !wt_is_word(sign, "=")) ||
	    !wt_take_i64(number, &score) || score < 0 || score > UINT16_MAX) {
		wt_blame(p, p->value,
			 "found datarep:%s; write NAME,>|<|==,SCORE (0 to 65535),load FILE",
			 wt_show(p->value));
		return;
	}
	if (!has_buffer(p) || !take_items(p, &said, rest))
		return;
	set = dataset_of(p, &said, true);
	if (p->is_failed)
		return;
	t = wt_add_test(p, WT_TEST_DATASET);
	t->as.dataset = (struct wt_dataset_test){ .set = (uint16_t)set,
						  .what = WT_BIT_TOGGLE,
						  .compare = compare,
						  .score = (uint16_t)score };
}
