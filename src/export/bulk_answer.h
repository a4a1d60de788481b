/* Answers of _bulk of Elasticsearch and OpenSearch.
 * Source: Elasticsearch 8 and OpenSearch 2, "Bulk API"; "Data streams": create only.
 * Trust: any bytes. Memory: the caller's. */
#ifndef EXPORT_BULK_ANSWER_H
#define EXPORT_BULK_ANSWER_H

#include "wardtap/bytes.h"

/* What became of one document. Slices lie in the answer, escapes left in. */
struct wt_bulk_item {
	unsigned status;
	struct wt_slice type, reason; /* of an error; empty: none */
};

enum wt_bulk_fate {
	WT_BULK_ARRIVED,
	WT_BULK_AGAIN,   /* 409: a document of this _id is there */
	WT_BULK_REFUSED, /* the document is at fault */
	WT_BULK_RETRY,
	WT_BULK_STOP /* the server's set-up is at fault */
};

/* Reads {"items":[{"create":{"status":..,"error":{..}}},...]} of exactly n items, in the
 * order of the request. False: it is no such answer, and nothing is known. */
WT_MUST_USE bool wt_bulk_read(struct wt_slice body, struct wt_bulk_item *item, unsigned n);

WT_MUST_USE enum wt_bulk_fate wt_bulk_judge(const struct wt_bulk_item *item);

#endif
