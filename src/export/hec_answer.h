/* Answers of Splunk's HTTP Event Collector.
 * Source: Splunk, "Troubleshoot HTTP Event Collector", table of codes; "About HTTP Event
 * Collector Indexer Acknowledgment". Newer releases add codes: the HTTP status decides
 * first, then the code.
 * Trust: any bytes. Memory: none. */
#ifndef EXPORT_HEC_ANSWER_H
#define EXPORT_HEC_ANSWER_H

#include "wardtap/bytes.h"

struct wt_hec_answer {
	bool has_code, has_ack, has_event;
	uint64_t code;
	uint64_t ack;   /* ackId */
	uint64_t event; /* invalid-event-number: of the first bad event, from 0 */
};

enum wt_hec_fate {
	WT_HEC_TAKEN,
	WT_HEC_RETRY,   /* busy, or not an answer of a collector */
	WT_HEC_STOP,    /* only an operator can help */
	WT_HEC_SHORTER, /* 413: the body is too long */
	WT_HEC_BAD_EVENT,
	WT_HEC_NO_ACK /* the token has no acknowledgement */
};

/* Reads {"text":..,"code":..,"ackId":..,"invalid-event-number":..}. False: it is none. */
WT_MUST_USE bool wt_hec_read(struct wt_slice body, struct wt_hec_answer *answer);

/* `answer` NULL: the body could not be read. */
WT_MUST_USE enum wt_hec_fate wt_hec_judge(unsigned status, const struct wt_hec_answer *answer);

/* What a code means, in our words; NULL for those that need none. */
const char *wt_hec_code_text(uint64_t code);

/* Reads {"acks":{"0":true,...}} and sets is_acked of the ids that are said to be true;
 * ids that nobody asked for are passed over. False: it is no such answer. */
WT_MUST_USE bool wt_hec_read_acks(struct wt_slice body, const uint64_t *id, bool *is_acked,
				  unsigned n);

#endif
