/* Sink: Splunk's HTTP Event Collector, with the acknowledgement of the indexer where the
 * token allows it.
 * Source: Splunk Enterprise, "Format events for HTTP Event Collector", "About HTTP Event
 * Collector Indexer Acknowledgment"; answers: hec_answer.h.
 *
 * A 200 says that an event looks right; only {"acks":{"ID":true}} that it is stored. What
 * is out waits in a slot per request over as many calls as that takes, so a slow indexer
 * does not make us send everything again; it is given up after GIVE_UP times the time-out,
 * or at once when the collector is gone. Records that go again have the same id.
 * The health check of the collector is not asked: a request with records, which come
 * again anyway, tells the same and more.
 *
 * Trust: answers are hostile. Memory: web.h, and OUT_MAX slots. */
#define _GNU_SOURCE /* explicit_bzero, clock_gettime */
#include "export/hec_answer.h"
#include "export/kinds.h"
#include "export/web.h"
#include "base/digest.h"
#include "base/sinks.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define OUT_MAX 16u
#define GIVE_UP 10u /* with the preset time-out: five minutes, as Splunk advises */
#define POLL_MIN_MS 50u
#define POLL_MAX_MS 1000u
#define ANSWER_MAX 65536u
#define EVENT_PATH "/services/collector/event"
#define ACK_PATH "/services/collector/ack?channel="
#define CHANNEL_LEN 36u
#define CREDENTIAL_MAX (WT_SECRET_MAX + 8u)

struct out {
	bool is_used;
	uint64_t id; /* ackId */
	uint32_t url;
	uint64_t until_ms;
};

struct hec {
	struct wt_web web;
	enum wt_sink_ack ack;
	bool is_told; /* that there is no acknowledgement */
	char channel[CHANNEL_LEN + 1];
	char channel_line[64];
	char ack_path[sizeof(ACK_PATH) + CHANNEL_LEN];
	struct out out[OUT_MAX];
	unsigned from, n_limit; /* of the next body */
};

static uint64_t now_ms(void)
{
	struct timespec at;

	clock_gettime(CLOCK_MONOTONIC, &at);
	return (uint64_t)at.tv_sec * 1000 + (uint64_t)at.tv_nsec / 1000000;
}

/* A random UUID (RFC 9562 5.4), one per run: acknowledgements of another run are not
 * ours. */
static void make_channel(struct hec *h)
{
	uint8_t r[16];
	unsigned i;
	char *at = h->channel;

	wt_random(r, sizeof(r));
	r[6] = (uint8_t)(0x40 | (r[6] & 0x0f));
	r[8] = (uint8_t)(0x80 | (r[8] & 0x3f));
	for (i = 0; i < 16; i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			*at++ = '-';
		at += snprintf(at, 3, "%02x", r[i]);
	}
	snprintf(h->channel_line, sizeof(h->channel_line), "X-Splunk-Request-Channel: %s",
		 h->channel);
	snprintf(h->ack_path, sizeof(h->ack_path), "%s%s", ACK_PATH, h->channel);
}

static void close_hec(void *self)
{
	struct hec *h = self;

	wt_web_close(&h->web);
	free(h);
}

/* "Splunk TOKEN". The caller wipes it. */
static bool read_credential(const struct wt_conf *conf, char authorization[CREDENTIAL_MAX],
			    char *why, size_t why_size)
{
	char token[WT_SECRET_MAX];
	bool has_token = false, is_good = wt_web_secret(conf, WT_CONF_SINK_TOKEN_FILE, token,
							&has_token, why, why_size);

	if (is_good && !has_token) {
		snprintf(why, why_size,
			 "found no token_file; write the name of a file that holds "
			 "the collector's token");
		is_good = false;
	}
	if (is_good)
		snprintf(authorization, CREDENTIAL_MAX, "Splunk %s", token);
	explicit_bzero(token, sizeof(token));
	return is_good;
}

static void *open_hec(const struct wt_sink_options *options, char *why, size_t why_size)
{
	struct hec *h = calloc(1, sizeof(*h));
	char authorization[CREDENTIAL_MAX];
	bool is_good;

	if (!h) {
		snprintf(why, why_size, "out of memory");
		return NULL;
	}
	is_good = read_credential(options->conf, authorization, why, why_size) &&
		  wt_web_open(&h->web, options, authorization, ANSWER_MAX, why, why_size);
	explicit_bzero(authorization, sizeof(authorization));
	if (!is_good) {
		close_hec(h);
		return NULL;
	}
	h->ack = (enum wt_sink_ack)wt_conf_u64(options->conf, WT_CONF_SINK_ACK);
	h->web.encode.index = wt_conf_text(options->conf, WT_CONF_SINK_INDEX);
	h->web.encode.source = wt_conf_text(options->conf, WT_CONF_SINK_SOURCE);
	h->web.encode.sourcetype = wt_conf_text(options->conf, WT_CONF_SINK_SOURCETYPE);
	make_channel(h);
	return h;
}

static void reopen_hec(void *self)
{
	struct hec *h = self;
	char authorization[CREDENTIAL_MAX], why[WT_SINK_WHY_MAX] = "";
	bool is_read = read_credential(h->web.conf, authorization, why, sizeof(why));

	h->is_told = false;
	wt_web_renew(&h->web, is_read ? authorization : NULL, why);
	explicit_bzero(authorization, sizeof(authorization));
}

static struct out *free_slot(struct hec *h)
{
	unsigned i;

	for (i = 0; i < OUT_MAX; i++)
		if (!h->out[i].is_used)
			return &h->out[i];
	return NULL;
}

static unsigned n_out(const struct hec *h)
{
	unsigned i, n = 0;

	for (i = 0; i < OUT_MAX; i++)
		n += h->out[i].is_used;
	return n;
}

static void end_slot(struct hec *h, unsigned slot, enum wt_ledger_state state)
{
	h->out[slot].is_used = false;
	wt_ledger_end_slot(h->web.ledger, slot, state);
}

static void tell_no_ack(struct hec *h)
{
	if (h->is_told)
		return;
	h->is_told = true;
	snprintf(h->web.remark, sizeof(h->web.remark),
		 "the token has no acknowledgement: what the collector takes counts as stored");
}

static enum wt_sink_verdict tell_stop(struct hec *h, const struct wt_http_answer *answer,
				      const struct wt_hec_answer *read)
{
	const char *text = read ? wt_hec_code_text(read->code) : NULL;

	if (text)
		return wt_web_tell(&h->web, WT_SINK_STOP, answer,
				   "answered %u, code %" PRIu64 ": %s", answer->status,
				   read->code, text);
	if (read)
		return wt_web_tell(&h->web, WT_SINK_STOP, answer, "answered %u, code %" PRIu64,
				   answer->status, read->code);
	return wt_web_status(&h->web, answer);
}

static enum wt_sink_verdict take(struct hec *h, const struct wt_http_answer *answer,
				 const struct wt_hec_answer *read)
{
	struct out *slot = free_slot(h);

	h->from = h->web.pick[h->web.n_picked - 1] + 1;
	h->n_limit = h->n_limit > UINT32_MAX / 2 ? UINT32_MAX : 2 * h->n_limit;
	if (h->ack == WT_ACK_ON && !read->has_ack)
		return wt_web_tell(&h->web, WT_SINK_STOP, answer,
				   "the token has no acknowledgement; write ack: auto or off");
	if (h->ack == WT_ACK_OFF || !read->has_ack || WT_BUG_ON(!slot)) {
		if (h->ack == WT_ACK_AUTO)
			tell_no_ack(h);
		wt_web_settle(&h->web, WT_LEDGER_ARRIVED, 0);
		return WT_SINK_DONE;
	}
	*slot = (struct out){ .is_used = true,
			      .id = read->ack,
			      .url = answer->url,
			      .until_ms = now_ms() + GIVE_UP * h->web.timeout_ns / 1000000 };
	wt_web_settle(&h->web, WT_LEDGER_OUT, (unsigned)(slot - h->out));
	return WT_SINK_DONE;
}

/* An event of the body is bad: which one is found by sending fewer, so that nothing is
 * refused that did not stand alone, whatever number the collector names. */
static enum wt_sink_verdict isolate(struct hec *h, const struct wt_hec_answer *read)
{
	unsigned n = h->web.n_picked;
	char why[64];

	if (n == 1) {
		snprintf(why, sizeof(why), "the collector does not take it (code %" PRIu64 ")",
			 read->code);
		wt_web_refuse(&h->web, h->web.pick[0], why);
		h->n_limit = 1;
	} else if (read->has_event && read->event < n) {
		h->n_limit = read->event ? (unsigned)read->event : 1;
	} else {
		h->n_limit = n / 2;
	}
	return WT_SINK_DONE;
}

static enum wt_sink_verdict post(struct hec *h)
{
	struct wt_http_request q = { .method = "POST",
				     .path = EVENT_PATH,
				     .type = "application/json",
				     .header = h->ack == WT_ACK_OFF ? NULL : h->channel_line,
				     .body = wt_bld_slice(&h->web.body),
				     .url = WT_HTTP_ANY_URL };
	struct wt_http_answer answer;
	struct wt_hec_answer read;
	bool is_read;

	wt_http_send(h->web.http, &q, &answer);
	if (answer.fate != WT_HTTP_ANSWERED)
		return wt_web_status(&h->web, &answer);
	if (answer.is_gzip_refused)
		snprintf(h->web.remark, sizeof(h->web.remark),
			 "the collector does not take gzip: going on without");
	is_read = wt_hec_read(answer.body, &read);
	switch (wt_hec_judge(answer.status, is_read ? &read : NULL)) {
	case WT_HEC_TAKEN:
		return take(h, &answer, &read);
	case WT_HEC_SHORTER:
		wt_web_shrink(&h->web);
		return WT_SINK_DONE;
	case WT_HEC_BAD_EVENT:
		return isolate(h, &read);
	case WT_HEC_RETRY:
		if (answer.status < 300 && !is_read)
			return wt_web_tell(&h->web, WT_SINK_RETRY, &answer,
					   "answered %u, but not as an event collector does",
					   answer.status);
		return wt_web_tell(&h->web, WT_SINK_RETRY, &answer,
				   "answered %u, code %" PRIu64, answer.status,
				   is_read ? read.code : 0);
	default:
		return tell_stop(h, &answer, is_read ? &read : NULL);
	}
}

/* Sends what is new, as far as there are slots. */
static enum wt_sink_verdict post_all(struct hec *h)
{
	enum wt_sink_verdict verdict = WT_SINK_DONE;

	while (verdict == WT_SINK_DONE && free_slot(h) &&
	       wt_web_fill(&h->web, h->from, h->n_limit, wt_encode_hec))
		verdict = wt_web_sleep(&h->web, 0) ? post(h) : WT_SINK_RETRY;
	return verdict;
}

/* The collector says that there is no acknowledgement, after it gave a number for one. */
static enum wt_sink_verdict go_without(struct hec *h, const struct wt_http_answer *answer,
				       const struct wt_hec_answer *read)
{
	unsigned i;

	if (h->ack == WT_ACK_ON)
		return tell_stop(h, answer, read);
	tell_no_ack(h);
	for (i = 0; i < OUT_MAX; i++)
		if (h->out[i].is_used)
			end_slot(h, i, WT_LEDGER_ARRIVED);
	return WT_SINK_DONE;
}

static void lose(struct hec *h, uint32_t url)
{
	unsigned i;

	for (i = 0; i < OUT_MAX; i++)
		if (h->out[i].is_used && h->out[i].url == url)
			end_slot(h, i, WT_LEDGER_NEW);
}

/* DONE: what is still out is not confirmed so far. */
static enum wt_sink_verdict take_acks(struct hec *h, const struct wt_http_answer *answer,
				      const unsigned *slot, const uint64_t *id, unsigned n)
{
	bool is_acked[OUT_MAX] = { false };
	struct wt_hec_answer read;
	bool is_read = wt_hec_read(answer->body, &read);
	unsigned i;

	if (answer->status == 200 && wt_hec_read_acks(answer->body, id, is_acked, n)) {
		for (i = 0; i < n; i++)
			if (is_acked[i])
				end_slot(h, slot[i], WT_LEDGER_ARRIVED);
		return WT_SINK_DONE;
	}
	if (answer->status == 200 && !is_read) {
		/* the collector tells once that something is stored: that was it, perhaps */
		lose(h, answer->url);
		return wt_web_tell(&h->web, WT_SINK_RETRY, answer,
				   "answered 200, but not as an event collector does");
	}
	switch (wt_hec_judge(answer->status, is_read ? &read : NULL)) {
	case WT_HEC_NO_ACK:
		return go_without(h, answer, &read);
	case WT_HEC_STOP:
		return tell_stop(h, answer, is_read ? &read : NULL);
	default:
		return WT_SINK_DONE; /* asked again until the time is over */
	}
}

/* Asks one address about all that it took. */
static enum wt_sink_verdict ask(struct hec *h, uint32_t url)
{
	char body[32 + OUT_MAX * 24];
	struct wt_builder b = wt_builder_of(body, sizeof(body));
	struct wt_http_request q = { .method = "POST",
				     .path = h->ack_path,
				     .type = "application/json",
				     .header = h->channel_line,
				     .url = url };
	struct wt_http_answer answer;
	uint64_t id[OUT_MAX];
	unsigned slot[OUT_MAX], n = 0, i;

	wt_bld_text(&b, "{\"acks\":[");
	for (i = 0; i < OUT_MAX; i++) {
		if (!h->out[i].is_used || h->out[i].url != url)
			continue;
		if (n)
			wt_bld_char(&b, ',');
		wt_bld_u64(&b, h->out[i].id);
		id[n] = h->out[i].id;
		slot[n++] = i;
	}
	wt_bld_text(&b, "]}");
	if (!n)
		return WT_SINK_DONE;
	q.body = wt_bld_slice(&b);
	wt_http_send(h->web.http, &q, &answer);
	if (answer.fate == WT_HTTP_ANSWERED)
		return take_acks(h, &answer, slot, id, n);
	/* a collector that went away forgets what it was to confirm */
	if (answer.fate == WT_HTTP_FAILED)
		lose(h, url);
	return wt_web_status(&h->web, &answer);
}

/* Waits for what is out, no longer than the time-out. */
static enum wt_sink_verdict confirm(struct hec *h)
{
	uint64_t end_ms = now_ms() + h->web.timeout_ns / 1000000, pause_ms = POLL_MIN_MS;
	enum wt_sink_verdict verdict = WT_SINK_DONE;
	unsigned i, n_lost = 0;

	while (n_out(h)) {
		for (i = 0; i < WT_HTTP_URLS_MAX && verdict == WT_SINK_DONE; i++)
			verdict = ask(h, i);
		for (i = 0; i < OUT_MAX; i++) {
			if (h->out[i].is_used && now_ms() >= h->out[i].until_ms) {
				end_slot(h, i, WT_LEDGER_NEW);
				n_lost++;
			}
		}
		if (verdict != WT_SINK_DONE)
			return verdict;
		if (n_out(h) && now_ms() >= end_ms)
			break;
		if (n_out(h) && !wt_web_sleep(&h->web, pause_ms))
			return WT_SINK_RETRY;
		pause_ms = pause_ms > POLL_MAX_MS / 2 ? POLL_MAX_MS : 2 * pause_ms;
	}
	if (!n_out(h) && !n_lost)
		return WT_SINK_DONE;
	snprintf(h->web.result->why, sizeof(h->web.result->why),
		 n_lost ? "the collector never confirmed what it took: sending it again"
			: "the collector has not yet confirmed what it took");
	h->web.result->retry_ms = POLL_MAX_MS;
	return WT_SINK_RETRY;
}

static void send_hec(void *self, const struct wt_sink_item *items, unsigned n,
		     struct wt_sink_result *result)
{
	struct hec *h = self;
	enum wt_sink_verdict verdict;

	wt_web_begin(&h->web, items, n, result);
	h->n_limit = UINT32_MAX;
	do {
		h->from = 0;
		verdict = post_all(h);
		if (verdict == WT_SINK_DONE) {
			verdict = confirm(h);
		} else if (n_out(h)) {
			/* what was taken before the trouble need not go again; its reason is
			 * the one to tell */
			struct wt_sink_result first = *result;

			(void)confirm(h);
			*result = first;
		}
	} while (verdict == WT_SINK_DONE && wt_web_fill(&h->web, 0, 1, wt_encode_hec));
	wt_web_end(&h->web, verdict);
}

const struct wt_sink_kind wt_sink_hec = {
	.name = "hec",
	.is_confirmed = true,
	.open = open_hec,
	.send = send_hec,
	.reopen = reopen_hec,
	.close = close_hec,
};
