/* Literals of many rules at once: Hyperscan, or Vectorscan, which has the same API. The
 * only user of the library.
 * Source: Hyperscan 5.4 developer reference (hs_compile_lit_multi, block mode).
 * Trust: literals come from rules (bounded), bytes from the wire.
 * Memory: a database per prefilter, one scratch per worker. */
#include "match/program.h"

#include <hs/hs.h>
#include <stdio.h>
#include <stdlib.h>

struct wt_prefilter {
	hs_database_t *database;
	unsigned *first; /* rules of pattern i: rule[first[i]..first[i + 1]) */
	unsigned *rule;
	unsigned n_patterns;
};

struct wt_prefilter_scratch {
	hs_scratch_t *scratch;
};

const char *wt_prefilter_library(void)
{
	return hs_version();
}

static int by_bytes(const void *a, const void *b)
{
	const struct wt_literal *x = *(const struct wt_literal *const *)a;
	const struct wt_literal *y = *(const struct wt_literal *const *)b;
	size_t len = x->bytes.len < y->bytes.len ? x->bytes.len : y->bytes.len;
	int order = x->is_nocase - y->is_nocase;

	if (!order)
		order = memcmp(x->bytes.ptr, y->bytes.ptr, len);
	if (!order)
		order = x->bytes.len < y->bytes.len ? -1 : x->bytes.len > y->bytes.len;
	return order ? order : x->rule < y->rule ? -1 : x->rule > y->rule;
}

static bool is_same(const struct wt_literal *a, const struct wt_literal *b)
{
	return a->is_nocase == b->is_nocase && wt_slice_equal(a->bytes, b->bytes);
}

/* Patterns that several rules share are looked for once. */
struct patterns {
	const char **text;
	unsigned *flags, *ids;
	size_t *len;
	unsigned n;
};

/* A database of the cache is for this very library and machine, or is not used. */
static bool unpack(struct wt_prefilter *f, struct wt_slice cached)
{
	hs_database_t *database = NULL;

	if (!cached.len || hs_deserialize_database((const char *)cached.ptr, cached.len,
						   &database) != HS_SUCCESS)
		return false;
	f->database = database;
	return true;
}

static bool compile(struct wt_prefilter *f, const struct patterns *p, char *why, size_t size)
{
	hs_compile_error_t *error = NULL;

	if (hs_compile_lit_multi(p->text, p->flags, p->ids, p->len, p->n, HS_MODE_BLOCK, NULL,
				 &f->database, &error) == HS_SUCCESS)
		return true;
	(void)snprintf(why, size, "the prefilter library refused literals: %s",
		       error ? error->message : "no reason given");
	hs_free_compile_error(error);
	return false;
}

static void *room_for(size_t n, size_t size)
{
	void *at = calloc(n ? n : 1, size);

	if (!at)
		abort();
	return at;
}

struct wt_prefilter *wt_prefilter_new(const struct wt_literal *literals, unsigned n,
				      struct wt_slice cached, char *why, size_t size)
{
	struct wt_prefilter *f = room_for(1, sizeof(*f));
	const struct wt_literal **sorted = room_for(n, sizeof(const void *));
	struct patterns p = {
		.text = room_for(n, sizeof(*p.text)),
		.flags = room_for(n, sizeof(*p.flags)),
		.ids = room_for(n, sizeof(*p.ids)),
		.len = room_for(n, sizeof(*p.len)),
	};
	bool is_good;
	unsigned i;

	f->first = room_for(n + 1u, sizeof(*f->first));
	f->rule = room_for(n, sizeof(*f->rule));
	for (i = 0; i < n; i++)
		sorted[i] = &literals[i];
	qsort(sorted, n, sizeof(const void *), by_bytes);
	for (i = 0; i < n; i++) {
		if (i == 0 || !is_same(sorted[i - 1], sorted[i])) {
			p.text[p.n] = (const char *)sorted[i]->bytes.ptr;
			p.len[p.n] = sorted[i]->bytes.len;
			p.flags[p.n] = HS_FLAG_SINGLEMATCH |
				       (sorted[i]->is_nocase ? HS_FLAG_CASELESS : 0u);
			p.ids[p.n] = p.n;
			f->first[p.n++] = i;
		}
		f->rule[i] = sorted[i]->rule;
	}
	f->n_patterns = p.n;
	f->first[p.n] = n;
	is_good = unpack(f, cached) || compile(f, &p, why, size);
	free(p.text);
	free(p.flags);
	free(p.ids);
	free(p.len);
	free(sorted);
	if (is_good)
		return f;
	wt_prefilter_free(f);
	return NULL;
}

bool wt_prefilter_pack(const struct wt_prefilter *f, uint8_t **bytes, size_t *len)
{
	char *at = NULL;

	if (hs_serialize_database(f->database, &at, len) != HS_SUCCESS)
		return false;
	*bytes = (uint8_t *)at;
	return true;
}

void wt_prefilter_platform(char *text, size_t size)
{
	hs_platform_info_t platform;

	if (hs_populate_platform(&platform) != HS_SUCCESS)
		memset(&platform, 0, sizeof(platform));
	(void)snprintf(text, size, "%s tune %u features %llx", hs_version(), platform.tune,
		       platform.cpu_features);
}

void wt_prefilter_free(struct wt_prefilter *f)
{
	if (!f)
		return;
	hs_free_database(f->database);
	free(f->first);
	free(f->rule);
	free(f);
}

bool wt_prefilter_prepare(struct wt_prefilter_scratch **scratch, const struct wt_prefilter *f)
{
	if (!*scratch)
		*scratch = room_for(1, sizeof(**scratch));
	return hs_alloc_scratch(f->database, &(*scratch)->scratch) == HS_SUCCESS;
}

void wt_prefilter_scratch_free(struct wt_prefilter_scratch *scratch)
{
	if (!scratch)
		return;
	hs_free_scratch(scratch->scratch);
	free(scratch);
}

struct taker {
	const struct wt_prefilter *f;
	void (*take)(void *self, unsigned rule);
	void *self;
};

static int on_match(unsigned id, unsigned long long from, unsigned long long to, unsigned flags,
		    void *context)
{
	const struct taker *t = context;
	unsigned i;

	(void)from;
	(void)to;
	(void)flags;
	for (i = t->f->first[id]; i < t->f->first[id + 1]; i++)
		t->take(t->self, t->f->rule[i]);
	return 0;
}

void wt_prefilter_scan(const struct wt_prefilter *f, struct wt_prefilter_scratch *scratch,
		       struct wt_slice bytes, void (*take)(void *self, unsigned rule),
		       void *self)
{
	struct taker taker = { .f = f, .take = take, .self = self };

	if (bytes.len)
		(void)WT_BUG_ON(hs_scan(f->database, (const char *)bytes.ptr,
					(unsigned)bytes.len, 0, scratch->scratch, on_match,
					&taker) != HS_SUCCESS);
}
