/* Answers of the HTTP Event Collector (hec_answer.h).
 * Trust: any bytes, walked over within bounds. Memory: none. */
#include "export/hec_answer.h"
#include "base/walk.h"

static bool is_key(struct wt_slice key, const char *name)
{
	return wt_slice_equal(key, wt_slice_of(name, strlen(name)));
}

bool wt_hec_read(struct wt_slice body, struct wt_hec_answer *answer)
{
	struct wt_walk w = wt_walk_of(body);
	struct wt_slice key;

	*answer = (struct wt_hec_answer){ .code = 0 };
	if (!wt_walk_object(&w))
		return false;
	while (wt_walk_member(&w, &key)) {
		if (is_key(key, "code"))
			answer->has_code = wt_walk_u64(&w, &answer->code);
		else if (is_key(key, "ackId") && wt_walk_peek(&w) != 'n') /* null: none */
			answer->has_ack = wt_walk_u64(&w, &answer->ack);
		else if (is_key(key, "invalid-event-number") && wt_walk_peek(&w) == '0')
			answer->has_event = wt_walk_u64(&w, &answer->event);
		else
			wt_walk_skip(&w);
	}
	return wt_walk_end(&w) && answer->has_code;
}

static enum wt_hec_fate judge_code(uint64_t code)
{
	switch (code) {
	case 5:  /* no data */
	case 6:  /* invalid data format */
	case 12: /* event field is required */
	case 13: /* event field cannot be blank */
	case 15: /* error in handling indexed fields */
		return WT_HEC_BAD_EVENT;
	case 8:  /* internal server error */
	case 9:  /* server is busy */
	case 18: /* unhealthy: queues, acknowledgement, both */
	case 19:
	case 20:
		return WT_HEC_RETRY;
	case 14:
		return WT_HEC_NO_ACK;
	default:
		return WT_HEC_STOP;
	}
}

enum wt_hec_fate wt_hec_judge(unsigned status, const struct wt_hec_answer *answer)
{
	if (status == 413)
		return WT_HEC_SHORTER;
	if (status == 408 || status == 429 || status >= 500)
		return WT_HEC_RETRY;
	if (status >= 200 && status < 300) {
		/* a page of some proxy is no success */
		if (!answer)
			return WT_HEC_RETRY;
		return answer->code ? judge_code(answer->code) : WT_HEC_TAKEN;
	}
	if (status == 400 && answer)
		return judge_code(answer->code);
	return WT_HEC_STOP;
}

const char *wt_hec_code_text(uint64_t code)
{
	static const char *const text[] = {
		[1] = "the token is disabled",
		[2] = "it wants a token",
		[3] = "it does not take this kind of credential",
		[4] = "it does not know the token",
		[7] = "the token may not write to this index; look at index",
		[10] = "the token needs acknowledgement; write ack: auto",
		[11] = "it does not take the channel",
		[14] = "the token has no acknowledgement; write ack: auto or off",
		[16] = "it does not take a credential in the address",
	};

	return code < sizeof(text) / sizeof(text[0]) ? text[code] : NULL;
}

bool wt_hec_read_acks(struct wt_slice body, const uint64_t *id, bool *is_acked, unsigned n)
{
	struct wt_walk w = wt_walk_of(body);
	struct wt_slice key, name;
	bool has_acks = false;

	if (!wt_walk_object(&w))
		return false;
	while (wt_walk_member(&w, &key)) {
		if (!is_key(key, "acks")) {
			wt_walk_skip(&w);
			continue;
		}
		has_acks = wt_walk_object(&w);
		while (wt_walk_member(&w, &name)) {
			uint64_t number = 0;
			bool is_id = wt_slice_to_u64(name, &number), is_true = false;
			unsigned i;

			if (!wt_walk_bool(&w, &is_true))
				break;
			for (i = 0; is_id && is_true && i < n; i++)
				if (id[i] == number)
					is_acked[i] = true;
		}
	}
	return wt_walk_end(&w) && has_acks;
}
