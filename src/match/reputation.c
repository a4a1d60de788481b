/* iprep and dataset: reputations of addresses by category, and fixed sets of values.
 * Source: Suricata 7 user guide, "IP Reputation", "Datasets". Categories: "number,short
 * name,description" lines; reputations: "address[/prefix],category,score 0..127".
 * Datasets are read when a rule names them: base64 text of strings, hex of hashes,
 * addresses, one a line. Sets that rules write to (dataset:set) would hold what patients'
 * messages say, so they are refused.
 * Trust: files of the operator, made by strangers. Memory: the set's arena and lists. */
#define _POSIX_C_SOURCE 200809L
#include "match/parse.h"
#include "match/transform.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

#define CATEGORIES_MAX 256u
#define DATASET_LINE_MAX 8192u

void wt_rules_load_categories(struct wt_rules *set, const char *name, struct wt_slice text)
{
	unsigned number = 0;

	while (text.len) {
		struct wt_slice line = wt_take_word(&text, '\n'), id = wt_take_word(&line, ',');
		struct wt_slice label = wt_take_word(&line, ',');
		int64_t value;

		number++;
		if (!id.len || id.ptr[0] == '#')
			continue;
		if (!wt_take_i64(id, &value) || value < 0 || value >= CATEGORIES_MAX ||
		    !label.len) {
			wt_rules_problem_add(set, name, number, 0, 0, true,
					     "found no category; write: number from 0 to "
					     "255,name,description");
			continue;
		}
		set->category[value] = wt_rules_text(set, label);
	}
}

void wt_rules_load_reputation(struct wt_rules *set, const char *name, struct wt_slice text)
{
	unsigned number = 0;

	while (text.len) {
		struct wt_slice line = wt_take_word(&text, '\n'), ip = wt_take_word(&line, ',');
		struct wt_slice category = wt_take_word(&line, ',');
		struct wt_reputation *r;
		int64_t cat, score;
		struct wt_nets nets;
		char why[160];

		number++;
		if (!ip.len || ip.ptr[0] == '#')
			continue;
		if (!wt_take_i64(category, &cat) || cat < 0 || cat >= CATEGORIES_MAX ||
		    !wt_take_i64(line, &score) || score < 0 || score > 127 ||
		    !wt_parse_nets(set, ip, &nets, why, sizeof(why)) || nets.n != 1 ||
		    nets.net[0].is_negated) {
			wt_rules_problem_add(set, name, number, 0, 0, true,
					     "found no reputation; write: address,category "
					     "number,score 0 to 127");
			continue;
		}
		r = WT_LIST_ADD(set->reputation);
		r->net = nets.net[0];
		r->category = (uint8_t)cat;
		r->score = (uint8_t)score;
	}
}

static int by_category(const void *a, const void *b)
{
	const struct wt_reputation *x = a, *y = b;
	int order = x->category - y->category;

	if (!order)
		order = x->net.ip_version - y->net.ip_version;
	return order ? order : memcmp(x->net.low, y->net.low, 16);
}

void wt_reputation_sort(struct wt_rules *set)
{
	if (set->reputation.n)
		qsort(set->reputation.at, set->reputation.n, sizeof(*set->reputation.at),
		      by_category);
}

/* The score of the narrowest row that holds the address, 0: none. Rows that begin at or
 * before it are gone over backwards, 64 at most: nets of one category seldom overlap. */
unsigned wt_reputation_of(const struct wt_rules *set, const struct wt_addr *addr,
			  uint8_t ip_version, unsigned category)
{
	size_t len = ip_version == 4 ? 4 : 16;
	unsigned low = 0, high = set->reputation.n, tries;

	while (low < high) {
		unsigned mid = low + (high - low) / 2;
		const struct wt_reputation *r = &set->reputation.at[mid];
		int order = (int)r->category - (int)category;

		if (!order)
			order = (int)r->net.ip_version - (int)ip_version;
		if (!order)
			order = memcmp(r->net.low, addr->octet, len);
		if (order <= 0)
			low = mid + 1;
		else
			high = mid;
	}
	for (tries = 0; low && tries < 64; tries++) {
		const struct wt_reputation *r = &set->reputation.at[--low];

		if (r->category != category || r->net.ip_version != ip_version)
			return 0;
		if (memcmp(addr->octet, r->net.high, len) <= 0)
			return r->score;
	}
	return 0;
}

/* iprep:any|src|dst|both,category,operator,score */
void wt_parse_iprep(struct wt_parse *p)
{
	static const char *const sides[] = { "any", "src", "dst", "both" };
	struct wt_slice rest = p->value, side = wt_take_word(&rest, ',');
	struct wt_slice category = wt_take_word(&rest, ','), sign = wt_take_word(&rest, ',');
	struct wt_packet_test *t = WT_LIST_ADD(p->set->packet_test);
	char text[16] = "";
	unsigned i;

	t->what = WT_PACKET_IPREP;
	for (i = 0; i < 4 && !wt_is_word(side, sides[i]); i++)
		continue;
	t->side = (uint8_t)i;
	for (i = 0; i < CATEGORIES_MAX; i++)
		if (p->set->category[i] && wt_is_word(category, p->set->category[i]))
			break;
	t->category = (uint16_t)i;
	if (sign.len < 3 && wt_trim(rest).len < 5)
		(void)snprintf(text, sizeof(text), "%.*s%.*s", (int)sign.len,
			       (const char *)sign.ptr, (int)wt_trim(rest).len,
			       (const char *)wt_trim(rest).ptr);
	if (i == CATEGORIES_MAX)
		wt_blame(p, category,
			 "found the category '%s', which no categories file has "
			 "(rules.iprep_categories)",
			 wt_show(category));
	else if (t->side == 4 ||
		 !wt_take_size(wt_slice_of(text, strlen(text)), &t->compare, &t->low, &t->high))
		wt_blame(p, p->value,
			 "found iprep:%s; write any|src|dst|both,CATEGORY,<|>|=,SCORE",
			 wt_show(p->value));
}

/* --- datasets --- */

enum dataset_type { DATASET_STRING, DATASET_MD5, DATASET_SHA256, DATASET_IP };

/* As ip.src and ip.dst have it: 4 or 16 octets. */
static bool take_addr(struct wt_slice line, uint8_t *into, size_t *len)
{
	char text[INET6_ADDRSTRLEN] = "";

	if (line.len >= sizeof(text) || !line.len)
		return false;
	memcpy(text, line.ptr, line.len);
	*len = strchr(text, ':') ? 16 : 4;
	return inet_pton(*len == 16 ? AF_INET6 : AF_INET, text, into) == 1;
}

/* A line as the bytes that buffers are compared with; false: not of the type. */
static bool take_value(enum dataset_type type, struct wt_slice line, uint8_t *into, size_t *len)
{
	size_t want = type == DATASET_MD5 ? 16 : 32, i;

	line = wt_slice_head(line, wt_slice_find(line, ',')); /* datarep: a score follows */
	if (type == DATASET_STRING) {
		*len = wt_base64_decode(line, into, DATASET_LINE_MAX);
		return *len > 0;
	}
	if (type == DATASET_IP)
		return take_addr(line, into, len);
	if (line.len != want * 2)
		return false;
	for (i = 0; i < line.len; i++) {
		int c = tolower(line.ptr[i]), digit = isdigit(c) ? c - '0' : c - 'a' + 10;

		if (!isxdigit(c))
			return false;
		into[i / 2] = (uint8_t)(i % 2 ? into[i / 2] | digit : digit << 4);
	}
	*len = want;
	return true;
}

static bool load_values(struct wt_parse *p, struct wt_dataset *d, enum dataset_type type,
			const char *path)
{
	uint8_t value[DATASET_LINE_MAX];
	char line[DATASET_LINE_MAX];
	FILE *f = fopen(path, "r");
	unsigned number = 0;
	size_t len;

	if (!f) {
		wt_blame(p, p->value, "found the file '%.200s', which cannot be read", path);
		return false;
	}
	while (fgets(line, sizeof(line), f)) {
		struct wt_slice s = wt_trim(wt_slice_of(line, strlen(line)));

		number++;
		if (!s.len || s.ptr[0] == '#')
			continue;
		if (!take_value(type, s, value, &len)) {
			wt_blame(p, p->value, "found line %u of '%.200s' to be no %s", number,
				 path,
				 type == DATASET_STRING ? "base64 text"
				 : type == DATASET_IP   ? "address"
							: "hex of a hash");
			break;
		}
		wt_set_add(&d->values,
			   wt_slice_of(wt_rules_text(p->set, wt_slice_of(value, len)), len));
	}
	(void)fclose(f);
	return !p->is_failed;
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

static unsigned dataset_of(struct wt_parse *p, struct wt_slice name, enum dataset_type type,
			   struct wt_slice file)
{
	struct wt_dataset *d;
	char path[4400];
	unsigned i;

	for (i = 0; i < p->set->dataset.n; i++)
		if (wt_is_word(name, p->set->dataset.at[i].name))
			return i;
	if (!file.len) {
		wt_blame(p, p->value,
			 "found the dataset '%s' without a file; write load FILE in the "
			 "first rule that names it",
			 wt_show(name));
		return 0;
	}
	d = WT_LIST_ADD(p->set->dataset);
	d->name = wt_rules_text(p->set, name);
	path_beside(p, file, path, sizeof(path));
	if (!load_values(p, d, type, path)) {
		wt_set_free(&d->values);
		p->set->dataset.n--;
	}
	return i;
}

/* dataset:isset|isnotset,NAME[,type string|md5|sha256|ip][,load FILE] */
void wt_parse_dataset(struct wt_parse *p)
{
	static const char *const types[] = { "string", "md5", "sha256", "ip", "ipv4", "ipv6" };
	struct wt_slice rest = p->value, what = wt_take_word(&rest, ',');
	struct wt_slice name = wt_take_word(&rest, ','), file = { 0 };
	enum dataset_type type = DATASET_STRING;
	struct wt_test *t;
	unsigned i;

	if (!wt_is_word(what, "isset") && !wt_is_word(what, "isnotset")) {
		wt_blame(p, what,
			 "found dataset:%s; write isset or isnotset (sets that rules write "
			 "to would keep what messages say)",
			 wt_show(what));
		return;
	}
	if (!p->buffer) {
		wt_blame(p, p->key,
			 "found dataset without a buffer before it; write one, such as "
			 "dns.query");
		return;
	}
	while (rest.len) {
		struct wt_slice item = wt_take_word(&rest, ','), key = wt_take_word(&item, ' ');

		item = wt_trim(item);
		for (i = 0; wt_is_word(key, "type") && i < 6; i++)
			if (wt_is_word(item, types[i]))
				type = i < DATASET_IP ? (enum dataset_type)i : DATASET_IP;
		if (wt_is_word(key, "load") || wt_is_word(key, "state"))
			file = item;
	}
	i = dataset_of(p, name, type, file);
	if (p->is_failed)
		return;
	t = wt_add_test(p, WT_TEST_DATASET);
	t->as.dataset = i;
	if (wt_is_word(what, "isnotset"))
		t->flags |= WT_TEST_NEGATED;
}

bool wt_dataset_has(const struct wt_rules *set, unsigned i, struct wt_slice value)
{
	return i < set->dataset.n && wt_set_has(&set->dataset.at[i].values, value);
}
