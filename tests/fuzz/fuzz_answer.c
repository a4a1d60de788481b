/* Fuzzes what reads the answers of receivers: a collector's, its acknowledgements, those
 * of _bulk. First byte: which, and how many items were sent. What the walk calls good
 * is asked for twice and must be the same. */
#include <stdlib.h>

#include "base/walk.h"
#include "export/bulk_answer.h"
#include "export/hec_answer.h"
#include "export/hide.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static bool is_within(struct wt_slice part, struct wt_slice whole)
{
	return !part.len || (part.ptr >= whole.ptr && part.ptr + part.len <= whole.ptr + whole.len);
}

static void read_hec(struct wt_slice s)
{
	struct wt_hec_answer answer;
	static const unsigned status[] = { 0, 200, 400, 403, 413, 429, 503 };
	bool is_read = wt_hec_read(s, &answer);
	size_t i;

	for (i = 0; i < sizeof(status) / sizeof(status[0]); i++) {
		enum wt_hec_fate fate = wt_hec_judge(status[i], is_read ? &answer : NULL);

		/* nothing but a whole answer with code 0 and a good status is a success */
		if (fate == WT_HEC_TAKEN && (!is_read || answer.code || status[i] != 200))
			abort();
		if (fate == WT_HEC_BAD_EVENT && (!is_read || !answer.code))
			abort();
	}
	if (is_read)
		(void)wt_hec_code_text(answer.code);
}

static void read_acks(struct wt_slice s)
{
	uint64_t id[] = { 0, 1, 2, UINT64_MAX };
	bool is_acked[4] = { false };

	if (wt_hec_read_acks(s, id, is_acked, 4) && !s.len)
		abort();
}

static void read_bulk(struct wt_slice s, unsigned n)
{
	struct wt_bulk_item *item = malloc((n + 1) * sizeof(*item));
	unsigned i;

	if (!item)
		abort();
	if (wt_bulk_read(s, item, n)) {
		for (i = 0; i < n; i++) {
			if (!is_within(item[i].type, s) || !is_within(item[i].reason, s))
				abort();
			if (wt_bulk_judge(&item[i]) == WT_BULK_ARRIVED && item[i].status / 100 != 2)
				abort();
		}
		/* the number of items is exact */
		if (wt_bulk_read(s, item, n + 1))
			abort();
	}
	free(item);
}

static void walk(struct wt_slice s)
{
	struct wt_walk w = wt_walk_of(s);

	wt_walk_skip(&w);
	if (!is_within(w.rest, s) || w.depth > WT_WALK_DEPTH)
		abort();
	if (wt_walk_end(&w) && !s.len)
		abort();
}

static void quote(const struct wt_hide *hide, struct wt_slice s, const char *secret)
{
	char text[300];
	const char *at;

	wt_hide_quote(hide, s, text, sizeof(text));
	for (at = text; *at; at++)
		if (*at < 0x20 || *at > 0x7e)
			abort();
	if (secret && strstr(text, secret))
		abort();
	wt_hide_quote(hide, s, text, s.len % 5);
}

/* The text as it repeats a known credential, and as it is a credential itself. */
static void hide_in(struct wt_slice s)
{
	struct wt_hide *known = wt_hide_new("Basic d2FyZDc6cCJzcy93b3Jk"), *any;
	char value[128];
	size_t len = s.len < sizeof(value) - 1 ? s.len : sizeof(value) - 1;

	if (!known)
		abort();
	quote(known, s, "p\"ss/word");
	quote(known, s, "d2FyZDc6cCJzcy93b3Jk");
	wt_hide_free(known);
	if (len)
		memcpy(value, s.ptr, len);
	value[len] = 0;
	any = wt_hide_new(value);
	if (!any)
		abort();
	quote(any, s, NULL);
	wt_hide_free(any);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct wt_slice s = wt_slice_tail(wt_slice_of(bytes, len), 1);
	uint8_t *exact = malloc(s.len + 1); /* so that a byte too far is seen */

	if (!exact || !len) {
		free(exact);
		return 0;
	}
	if (s.len)
		memcpy(exact, s.ptr, s.len);
	s.ptr = exact;
	walk(s);
	hide_in(s);
	read_hec(s);
	read_acks(s);
	read_bulk(s, bytes[0] % 8);
	free(exact);
	return 0;
}
