/* What sinks over HTTP share (web.h). Source: RFC 9110 15 for what a status means.
 * Trust: the configuration is the operator's; answers are hostile.
 * Memory: one body, one list of its records. */
#define _GNU_SOURCE /* explicit_bzero, nanosleep */
#include "export/web.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define NAP_MS 50u

static bool complain(const struct wt_conf *conf, enum wt_conf_id id, const char *text,
		     char *why, size_t why_size)
{
	char key[WT_CONF_KEY_MAX];

	snprintf(why, why_size, "%s: %s", wt_conf_key(conf, id, key), text);
	return false;
}

bool wt_web_secret(const struct wt_conf *conf, enum wt_conf_id id, char *text, bool *has,
		   char *why, size_t why_size)
{
	const char *path = wt_conf_text(conf, id);
	char error[WT_SINK_WHY_MAX];

	*has = path != NULL;
	return !path || wt_secret_read(path, text, error, sizeof(error)) ||
	       complain(conf, id, error, why, why_size);
}

static bool read_urls(const struct wt_conf *conf, struct wt_http_options *o, char *why,
		      size_t why_size)
{
	unsigned n = wt_conf_count(conf, WT_CONF_SINK_URL), i;
	char error[WT_SINK_WHY_MAX];

	if (!n || n > WT_HTTP_URLS_MAX)
		return complain(conf, WT_CONF_SINK_URL,
				n ? "found more than 16 addresses; write fewer"
				  : "found no address; write https://HOST:PORT",
				why, why_size);
	for (i = 0; i < n; i++) {
		o->url[i] = wt_conf_item_text(conf, WT_CONF_SINK_URL, i);
		if (wt_http_url_bad(o->url[i], error, sizeof(error)))
			return complain(conf, WT_CONF_SINK_URL, error, why, why_size);
	}
	o->n_urls = n;
	o->proxy = wt_conf_text(conf, WT_CONF_SINK_PROXY);
	if (o->proxy && wt_http_url_bad(o->proxy, error, sizeof(error)))
		return complain(conf, WT_CONF_SINK_PROXY, error, why, why_size);
	return true;
}

/* The key is read by libcurl, its rights are looked at here. `path` keeps its name. */
static bool read_tls(const struct wt_conf *conf, struct wt_http_options *o,
		     char path[WT_SECRET_PATH_MAX], char *why, size_t why_size)
{
	const char *key = wt_conf_text(conf, WT_CONF_SINK_TLS_KEY_FILE);
	char error[WT_SINK_WHY_MAX];
	int file;

	o->ca_file = wt_conf_text(conf, WT_CONF_SINK_TLS_CA_FILE);
	o->cert_file = wt_conf_text(conf, WT_CONF_SINK_TLS_CERT_FILE);
	if (!key != !o->cert_file)
		return complain(
			conf, WT_CONF_SINK_TLS_CERT_FILE,
			"found one of tls.cert_file and tls.key_file; write both or none", why,
			why_size);
	if (o->ca_file && access(o->ca_file, R_OK))
		return complain(conf, WT_CONF_SINK_TLS_CA_FILE,
				"found no file that can be read; expected certificates in PEM",
				why, why_size);
	if (o->cert_file && access(o->cert_file, R_OK))
		return complain(conf, WT_CONF_SINK_TLS_CERT_FILE,
				"found no file that can be read; expected a certificate in PEM",
				why, why_size);
	if (!key)
		return true;
	file = wt_secret_open(key, "a private key in PEM", error, sizeof(error));
	if (file < 0 || !wt_secret_path(key, path, error, sizeof(error))) {
		if (file >= 0)
			close(file);
		return complain(conf, WT_CONF_SINK_TLS_KEY_FILE, error, why, why_size);
	}
	close(file);
	o->key_file = path;
	return true;
}

bool wt_web_open(struct wt_web *w, const struct wt_sink_options *options,
		 const char *authorization, size_t answer_max, char *why, size_t why_size)
{
	const struct wt_conf *conf = options->conf;
	struct wt_http_options o = { .authorization = authorization,
				     .is_stopping = options->is_stopping };

	w->conf = conf;
	w->is_stopping = options->is_stopping;
	w->timeout_ns = o.timeout_ns = wt_conf_u64(conf, WT_CONF_SINK_TIMEOUT);
	w->n_max = (unsigned)wt_conf_u64(conf, WT_CONF_SINK_BATCH_RECORDS);
	w->bytes_max = (size_t)wt_conf_u64(conf, WT_CONF_SINK_BATCH_BYTES);
	w->bytes_now = w->bytes_max;
	w->encode.host = options->host;
	o.is_gzip = wt_conf_bool(conf, WT_CONF_SINK_GZIP);
	o.body_max = w->bytes_max + WT_WEB_RECORD_MAX;
	o.answer_max = answer_max;
	if (!read_urls(conf, &o, why, why_size) ||
	    !read_tls(conf, &o, w->key_path, why, why_size))
		return false;
	w->http = wt_http_new(&o, why, why_size);
	if (!w->http)
		return false;
	w->ledger = wt_ledger_new(w->n_max);
	w->room = malloc(o.body_max);
	w->pick = malloc(w->n_max * sizeof(*w->pick));
	if (w->ledger && w->room && w->pick)
		return true;
	snprintf(why, why_size, "out of memory");
	return false;
}

void wt_web_close(struct wt_web *w)
{
	wt_http_free(w->http);
	wt_ledger_free(w->ledger);
	free(w->room);
	free(w->pick);
}

void wt_web_renew(struct wt_web *w, const char *authorization, const char *why)
{
	char error[WT_SINK_WHY_MAX] = "";

	if (why[0] || !wt_http_renew(w->http, authorization, error, sizeof(error)))
		snprintf(w->remark, sizeof(w->remark), "goes on with what it had: %.200s",
			 why[0] ? why : error);
}

/* An item that was refused while an earlier one had to go again: the caller may not have
 * been able to keep it. */
static void refuse_again(struct wt_web *w)
{
	unsigned i;

	for (i = 0; i < w->n; i++)
		if (wt_ledger_of(w->ledger, w->items[i].journal_seq) == WT_LEDGER_REFUSED)
			w->result->refuse(w->result->refuse_to, &w->items[i],
					  "the receiver refused it before");
}

void wt_web_begin(struct wt_web *w, const struct wt_sink_item *items, unsigned n,
		  struct wt_sink_result *result)
{
	w->items = items;
	w->n = n < w->n_max ? n : w->n_max;
	w->n_given = n;
	w->result = result;
	w->n_picked = 0;
	result->retry_ms = 0;
	result->why[0] = '\0';
	if (n)
		wt_ledger_forget(w->ledger, items[0].journal_seq);
	if (result->asks_again)
		wt_ledger_ask_again(w->ledger);
	refuse_again(w);
}

void wt_web_refuse(struct wt_web *w, unsigned item, const char *why)
{
	w->result->refuse(w->result->refuse_to, &w->items[item], why);
	wt_ledger_set(w->ledger, w->items[item].journal_seq, WT_LEDGER_REFUSED, 0);
}

unsigned wt_web_fill(struct wt_web *w, unsigned from, unsigned n_limit, wt_encode_fn *put)
{
	unsigned i;

	w->n_picked = 0;
	w->body = wt_builder_of(w->room, w->bytes_max + WT_WEB_RECORD_MAX);
	for (i = from; i < w->n && w->n_picked < n_limit; i++) {
		struct wt_encode_item item = { w->items[i].alert, w->items[i].journal_seq };
		size_t before = w->body.len;

		if (wt_ledger_of(w->ledger, item.journal_seq) != WT_LEDGER_NEW)
			continue;
		if (!put(&w->body, &item, &w->encode) || w->body.is_short) {
			w->body.len = before;
			w->body.is_short = false;
			/* room for a whole record was there */
			wt_web_refuse(w, i, "it cannot be written for this receiver");
			continue;
		}
		if (w->n_picked && w->body.len > w->bytes_now) {
			w->body.len = before;
			break;
		}
		w->pick[w->n_picked++] = i;
	}
	return w->n_picked;
}

void wt_web_settle(struct wt_web *w, enum wt_ledger_state state, unsigned slot)
{
	unsigned i;

	for (i = 0; i < w->n_picked; i++)
		wt_ledger_set(w->ledger, w->items[w->pick[i]].journal_seq, state, slot);
}

void wt_web_shrink(struct wt_web *w)
{
	if (w->n_picked > 1)
		w->bytes_now = w->body.len / 2;
	else
		wt_web_refuse(w, w->pick[0], "the receiver finds it too long (413)");
}

enum wt_sink_verdict wt_web_tell(struct wt_web *w, enum wt_sink_verdict verdict,
				 const struct wt_http_answer *answer, const char *format, ...)
{
	struct wt_sink_result *r = w->result;
	int len = snprintf(r->why, sizeof(r->why),
			   "%.150s: ", wt_http_place(w->http, answer->url));
	va_list values;

	va_start(values, format);
	if (len > 0 && (size_t)len < sizeof(r->why))
		vsnprintf(r->why + len, sizeof(r->why) - (size_t)len, format, values);
	va_end(values);
	if (verdict == WT_SINK_RETRY)
		r->retry_ms = answer->retry_ms;
	return verdict;
}

enum wt_sink_verdict wt_web_status(struct wt_web *w, const struct wt_http_answer *answer)
{
	unsigned status = answer->status;

	if (answer->fate != WT_HTTP_ANSWERED) {
		snprintf(w->result->why, sizeof(w->result->why), "%s", answer->why);
		return answer->fate == WT_HTTP_DISTRUST ? WT_SINK_STOP : WT_SINK_RETRY;
	}
	if (status == 408 || status == 429 || status >= 500)
		return wt_web_tell(w, WT_SINK_RETRY, answer, "answered %u", status);
	if (status == 401 || status == 403)
		return wt_web_tell(
			w, WT_SINK_STOP, answer,
			"answered %u: the credential is missing, wrong or has no right "
			"to write there",
			status);
	if (status == 404 || status == 405)
		return wt_web_tell(
			w, WT_SINK_STOP, answer,
			"answered %u: nothing at this address takes records; look at url",
			status);
	if (status == 407)
		return wt_web_tell(
			w, WT_SINK_STOP, answer,
			"answered 407: the proxy asks who we are; let it pass wardtap");
	if (status >= 300 && status < 400)
		return wt_web_tell(w, WT_SINK_STOP, answer,
				   "answered %u: it sends us elsewhere, which is not followed; "
				   "write the final address as url",
				   status);
	return wt_web_tell(w, WT_SINK_STOP, answer, "answered %u", status);
}

void wt_web_end(struct wt_web *w, enum wt_sink_verdict verdict)
{
	struct wt_sink_result *r = w->result;

	wt_ledger_count(w->ledger, w->items, w->n, r);
	r->verdict = verdict;
	if (verdict != WT_SINK_DONE)
		return;
	snprintf(r->why, sizeof(r->why), "%s", w->remark);
	w->remark[0] = '\0';
	/* a bound that a 413 made lower is tried out again, bit by bit */
	w->bytes_now += w->bytes_now / 16 + 1;
	if (w->bytes_now > w->bytes_max)
		w->bytes_now = w->bytes_max;
	if (r->n_done < w->n_given) {
		r->verdict = WT_SINK_RETRY;
		r->retry_ms = 1;
	}
}

bool wt_web_sleep(const struct wt_web *w, uint64_t ms)
{
	for (;;) {
		uint64_t nap = ms < NAP_MS ? ms : NAP_MS;
		struct timespec time = { 0, (long)(nap * 1000000) };

		if (w->is_stopping && atomic_load(w->is_stopping))
			return false;
		if (!ms)
			return true;
		nanosleep(&time, NULL);
		ms -= nap;
	}
}
