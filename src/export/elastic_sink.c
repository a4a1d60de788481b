/* Sink: a data stream of Elasticsearch or OpenSearch, by _bulk.
 * Source: Elasticsearch 8 and OpenSearch 2, "Bulk API", "Data streams"; answers:
 * bulk_answer.h.
 *
 * Every document is created under the _id of its record, so sending one twice is harmless:
 * the second time the server answers 409, unless the stream has begun a new index between.
 * An answer that cannot be read whole says nothing, and everything goes again.
 *
 * Trust: answers are hostile. Memory: web.h, and 40 bytes a record of a batch. */
#define _GNU_SOURCE /* explicit_bzero */
#include "export/elastic_sink.h"
#include "export/bulk_answer.h"
#include "export/kinds.h"

#include <stdio.h>
#include <stdlib.h>

#define ANSWER_BASE 65536u
#define ANSWER_PER_RECORD 2048u
/* no more than what wt_bulk_read looks at */
#define FILTER                                                                                 \
	"/_bulk?filter_path=errors,items.*.status,items.*.error.type,items.*.error.reason"
#define STREAM_MAX 255u
#define CREDENTIAL_MAX (2 * WT_SECRET_MAX)

struct elastic {
	struct wt_web web;
	char path[STREAM_MAX + sizeof(FILTER) + 1];
	struct wt_bulk_item *item;
};

/* Index names as the server takes them; what else stands in an address is excluded. */
static bool is_stream_name(const char *name)
{
	const char *at;

	if (!*name || strchr("-_+.", *name))
		return false;
	for (at = name; *at; at++)
		if (!(*at >= 'a' && *at <= 'z') && !(*at >= '0' && *at <= '9') &&
		    !strchr("-_.", *at))
			return false;
	return true;
}

static void close_elastic(void *self)
{
	struct elastic *e = self;

	wt_web_close(&e->web);
	free(e->item);
	free(e);
}

/* "ApiKey KEY" or "Basic BASE64"; "" for a server without credentials. A key of the form
 * id:key is encoded here. False with the reason. */
static bool read_credential(const struct wt_conf *conf, struct wt_builder *b, char *why,
			    size_t why_size)
{
	const char *user = wt_conf_text(conf, WT_CONF_SINK_USER);
	char key[WT_SECRET_MAX] = "", password[WT_SECRET_MAX] = "", pair[WT_SECRET_MAX + 257];
	bool has_key = false, has_password = false;
	bool is_good =
		wt_web_secret(conf, WT_CONF_SINK_API_KEY_FILE, key, &has_key, why, why_size) &&
		wt_web_secret(conf, WT_CONF_SINK_PASSWORD_FILE, password, &has_password, why,
			      why_size);

	if (is_good && (!user != !has_password || (has_key && has_password))) {
		snprintf(why, why_size,
			 "found user, password_file and api_key_file mixed; write user with "
			 "password_file, or api_key_file alone");
		is_good = false;
	}
	if (is_good && has_key) {
		wt_bld_text(b, "ApiKey ");
		if (strchr(key, ':'))
			wt_bld_base64(b, wt_slice_of(key, strlen(key)));
		else
			wt_bld_text(b, key);
	} else if (is_good && has_password) {
		snprintf(pair, sizeof(pair), "%s:%s", user, password);
		wt_bld_text(b, "Basic ");
		wt_bld_base64(b, wt_slice_of(pair, strlen(pair)));
	}
	wt_bld_u8(b, 0);
	explicit_bzero(key, sizeof(key));
	explicit_bzero(password, sizeof(password));
	explicit_bzero(pair, sizeof(pair));
	return is_good;
}

bool wt_elastic_open(struct wt_web *web, const struct wt_sink_options *options, char *why,
		     size_t why_size)
{
	char authorization[CREDENTIAL_MAX];
	struct wt_builder b = wt_builder_of(authorization, sizeof(authorization));
	size_t n = (size_t)wt_conf_u64(options->conf, WT_CONF_SINK_BATCH_RECORDS);
	bool is_good = read_credential(options->conf, &b, why, why_size) &&
		       wt_web_open(web, options, authorization[0] ? authorization : NULL,
				   ANSWER_BASE + n * ANSWER_PER_RECORD, why, why_size);

	explicit_bzero(authorization, sizeof(authorization));
	return is_good;
}

static void reopen_elastic(void *self)
{
	struct elastic *e = self;
	char authorization[CREDENTIAL_MAX], why[WT_SINK_WHY_MAX] = "";
	struct wt_builder b = wt_builder_of(authorization, sizeof(authorization));
	bool is_read = read_credential(e->web.conf, &b, why, sizeof(why));

	wt_web_renew(&e->web, is_read && authorization[0] ? authorization : NULL, why);
	explicit_bzero(authorization, sizeof(authorization));
}

static void *open_elastic(const struct wt_sink_options *options, char *why, size_t why_size)
{
	const char *stream = wt_conf_text(options->conf, WT_CONF_SINK_DATA_STREAM);
	struct elastic *e = calloc(1, sizeof(*e));

	if (!e) {
		snprintf(why, why_size, "out of memory");
		return NULL;
	}
	if (!stream || !is_stream_name(stream)) {
		snprintf(why, why_size,
			 "found no good name in data_stream; write small letters, digits, '-', "
			 "'_' "
			 "and '.', such as logs-wardtap.alert-default");
		close_elastic(e);
		return NULL;
	}
	snprintf(e->path, sizeof(e->path), "/%s%s", stream, FILTER);
	if (!wt_elastic_open(&e->web, options, why, why_size)) {
		close_elastic(e);
		return NULL;
	}
	e->item = calloc(e->web.n_max, sizeof(*e->item));
	if (!e->item) {
		snprintf(why, why_size, "out of memory");
		close_elastic(e);
		return NULL;
	}
	return e;
}

/* {"create":{"_id":"ID"}} and the document, a line each. */
static bool put_document(struct wt_builder *b, const struct wt_encode_item *item,
			 const struct wt_encode_options *options)
{
	char id[WT_RECORD_ID_MAX];

	wt_record_id_text(item->alert, id);
	wt_bld_text(b, "{\"create\":{\"_id\":\"");
	wt_bld_text(b, id);
	wt_bld_text(b, "\"}}\n");
	if (!wt_encode_ecs(b, item, options))
		return false;
	wt_bld_char(b, '\n');
	return true;
}

/* "400 mapper_parsing_exception: failed to parse ..." */
static void tell_item(const struct elastic *e, const struct wt_bulk_item *item, char *why,
		      size_t why_size)
{
	char type[64], reason[160];

	wt_http_quote(e->web.http, item->type, type, sizeof(type));
	wt_http_quote(e->web.http, item->reason, reason, sizeof(reason));
	snprintf(why, why_size, "%u %s: %s", item->status, type, reason);
}

/* The items of an answer, into the ledger. */
static enum wt_sink_verdict take_items(struct elastic *e, const struct wt_http_answer *answer)
{
	enum wt_sink_verdict verdict = WT_SINK_DONE;
	struct wt_web *w = &e->web;
	char why[WT_SINK_WHY_MAX];
	unsigned i, n = w->n_picked;

	for (i = 0; i < n; i++) {
		uint64_t journal_seq = w->items[w->pick[i]].journal_seq;

		switch (wt_bulk_judge(&e->item[i])) {
		case WT_BULK_ARRIVED:
			wt_ledger_set(w->ledger, journal_seq, WT_LEDGER_ARRIVED, 0);
			break;
		case WT_BULK_AGAIN:
			wt_ledger_set(w->ledger, journal_seq, WT_LEDGER_AGAIN, 0);
			break;
		case WT_BULK_REFUSED:
			tell_item(e, &e->item[i], why, sizeof(why));
			wt_web_refuse(w, w->pick[i], why);
			break;
		case WT_BULK_STOP:
			tell_item(e, &e->item[i], why, sizeof(why));
			verdict = wt_web_tell(w, WT_SINK_STOP, answer, "%s", why);
			break;
		default:
			if (verdict != WT_SINK_DONE)
				break;
			tell_item(e, &e->item[i], why, sizeof(why));
			verdict = wt_web_tell(w, WT_SINK_RETRY, answer, "%s", why);
		}
	}
	return verdict;
}

static enum wt_sink_verdict post(struct elastic *e)
{
	struct wt_web *w = &e->web;
	struct wt_http_request q = { .method = "POST",
				     .path = e->path,
				     .type = "application/x-ndjson",
				     .body = wt_bld_slice(&w->body),
				     .url = WT_HTTP_ANY_URL };
	struct wt_http_answer answer;

	wt_http_send(w->http, &q, &answer);
	if (answer.fate == WT_HTTP_ANSWERED && answer.is_gzip_refused)
		snprintf(w->remark, sizeof(w->remark),
			 "the server does not take gzip: going on without");
	if (answer.fate == WT_HTTP_ANSWERED && answer.status == 413) {
		wt_web_shrink(w);
		return WT_SINK_DONE;
	}
	if (answer.fate != WT_HTTP_ANSWERED || answer.status != 200)
		return wt_web_status(w, &answer);
	if (!wt_bulk_read(answer.body, e->item, w->n_picked))
		return wt_web_tell(w, WT_SINK_RETRY, &answer,
				   "answered 200, but not as _bulk does");
	return take_items(e, &answer);
}

static void send_elastic(void *self, const struct wt_sink_item *items, unsigned n,
			 struct wt_sink_result *result)
{
	struct elastic *e = self;
	enum wt_sink_verdict verdict = WT_SINK_DONE;

	wt_web_begin(&e->web, items, n, result);
	/* from the first one each time: a body that was too long is made shorter; the
	 * ledger knows what arrived */
	while (verdict == WT_SINK_DONE && wt_web_fill(&e->web, 0, UINT32_MAX, put_document))
		verdict = wt_web_sleep(&e->web, 0) ? post(e) : WT_SINK_RETRY;
	wt_web_end(&e->web, verdict);
}

const struct wt_sink_kind wt_sink_elastic = {
	.name = "elastic",
	.is_confirmed = true,
	.open = open_elastic,
	.send = send_elastic,
	.reopen = reopen_elastic,
	.close = close_elastic,
};
