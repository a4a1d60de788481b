/* Answers of _bulk (bulk_answer.h).
 * Trust: any bytes, walked over within bounds. Memory: none. */
#include "export/bulk_answer.h"
#include "base/walk.h"

static bool is_text(struct wt_slice s, const char *text)
{
	return wt_slice_equal(s, wt_slice_of(text, strlen(text)));
}

/* {"type":"...","reason":"..."}; older servers give a plain text. */
static void read_error(struct wt_walk *w, struct wt_bulk_item *item)
{
	struct wt_slice key;
	bool is_good = true;

	if (wt_walk_peek(w) != '{') {
		wt_walk_skip(w);
		return;
	}
	is_good = wt_walk_object(w);
	while (is_good && wt_walk_member(w, &key)) {
		if (is_text(key, "type") && wt_walk_peek(w) == '"')
			is_good = wt_walk_string(w, &item->type);
		else if (is_text(key, "reason") && wt_walk_peek(w) == '"')
			is_good = wt_walk_string(w, &item->reason);
		else
			wt_walk_skip(w);
	}
}

/* {"create":{"status":201,...}} */
static bool read_item(struct wt_walk *w, struct wt_bulk_item *item)
{
	struct wt_slice key;
	uint64_t status = 0;

	*item = (struct wt_bulk_item){ .status = 0 };
	if (!wt_walk_object(w) || !wt_walk_member(w, &key) || !is_text(key, "create") ||
	    !wt_walk_object(w))
		return false;
	while (wt_walk_member(w, &key)) {
		if (is_text(key, "status")) {
			if (!wt_walk_u64(w, &status))
				return false;
		} else if (is_text(key, "error")) {
			read_error(w, item);
		} else {
			wt_walk_skip(w);
		}
	}
	item->status = status < 1000 ? (unsigned)status : 0;
	return !wt_walk_member(w, &key) && !w->is_bad && item->status >= 200;
}

bool wt_bulk_read(struct wt_slice body, struct wt_bulk_item *item, unsigned n)
{
	struct wt_walk w = wt_walk_of(body);
	struct wt_slice key;
	unsigned n_read = 0;
	bool has_items = false;

	if (!wt_walk_object(&w))
		return false;
	while (wt_walk_member(&w, &key)) {
		if (!is_text(key, "items")) {
			wt_walk_skip(&w);
			continue;
		}
		if (has_items || !wt_walk_list(&w))
			return false;
		has_items = true;
		while (wt_walk_element(&w))
			if (n_read == n || !read_item(&w, &item[n_read++]))
				return false;
	}
	return wt_walk_end(&w) && has_items && n_read == n;
}

enum wt_bulk_fate wt_bulk_judge(const struct wt_bulk_item *item)
{
	/* a 400 that an operator can mend is not the document's: too many shards, a closed
	 * or misnamed index, a pipeline that is not there */
	static const char *const mendable[] = { "validation_exception",
						"index_closed_exception",
						"invalid_index_name_exception" };
	size_t i;

	if (item->status >= 200 && item->status < 300)
		return WT_BULK_ARRIVED;
	if (item->status == 409)
		return WT_BULK_AGAIN;
	if (item->status == 408 || item->status == 429 || item->status >= 500)
		return WT_BULK_RETRY;
	if (item->status == 413)
		return WT_BULK_REFUSED;
	if (item->status != 400)
		return WT_BULK_STOP;
	for (i = 0; i < sizeof(mendable) / sizeof(mendable[0]); i++)
		if (is_text(item->type, mendable[i]))
			return WT_BULK_STOP;
	if (is_text(item->type, "illegal_argument_exception") &&
	    wt_slice_search(item->reason, WT_LIT("pipeline with id")) < item->reason.len)
		return WT_BULK_STOP;
	return WT_BULK_REFUSED;
}
