/* What the sinks over HTTP have in common: their configuration, the body of a request, and
 * the words for what a receiver answered.
 *
 * A sink fills a body with records that are not done with, sends it, and puts into the
 * ledger what became of each. At the end the ledger tells how long the leading run is.
 *
 * Trust: answers are hostile, texts of them go through wt_http_quote. Memory: from
 * wt_web_open on; a body of batch.bytes and one record more. */
#ifndef EXPORT_WEB_H
#define EXPORT_WEB_H

#include "base/secret.h"
#include "export/encode.h"
#include "export/http.h"
#include "export/ledger.h"

#define WT_WEB_RECORD_MAX                                                                      \
	139264u /* bytes of a record with its frame: WT_ALERT_JSON_MAX + 8 K */

struct wt_web {
	struct wt_http *http;
	struct wt_ledger *ledger;
	struct wt_encode_options encode;
	const _Atomic bool *is_stopping;
	const struct wt_conf *conf;
	char key_path[WT_SECRET_PATH_MAX]; /* of tls.key_file */
	uint64_t timeout_ns;
	unsigned n_max;               /* records of a call */
	size_t bytes_max;             /* of a body, unless one record is longer */
	size_t bytes_now;             /* the same, after the receiver found some too long */
	char remark[WT_SINK_WHY_MAX]; /* to be told once; "": nothing */

	/* the call at hand */
	const struct wt_sink_item *items;
	unsigned n, n_given;
	struct wt_sink_result *result;

	/* the body at hand */
	uint8_t *room;
	struct wt_builder body;
	unsigned *pick; /* numbers of its items */
	unsigned n_picked;
};

/* Reads the section. `authorization` is NULL or the value of that header. False with the
 * reason in `why`; wt_web_close also frees what is half open. */
WT_MUST_USE bool wt_web_open(struct wt_web *w, const struct wt_sink_options *options,
			     const char *authorization, size_t answer_max, char *why,
			     size_t why_size);
void wt_web_close(struct wt_web *w);

/* Takes over another credential (NULL: what there is) and, with a new connection, the
 * certificates and the key as their files hold them now. `why` is that of a credential
 * that could not be read, which is told with the next result; "": all is well. */
void wt_web_renew(struct wt_web *w, const char *authorization, const char *why);

/* Reads the secret of a row into `text` and sets *has. False: `why` says what is wrong
 * with the file, as "KEY: found ...; expected ...". The caller wipes `text`. */
WT_MUST_USE bool wt_web_secret(const struct wt_conf *conf, enum wt_conf_id id, char *text,
			       bool *has, char *why, size_t why_size);

/* Begins a call: at most n_max items of it count. */
void wt_web_begin(struct wt_web *w, const struct wt_sink_item *items, unsigned n,
		  struct wt_sink_result *result);

/* Fills the body with up to n_limit records, and bytes_max bytes, from item `from` on,
 * that the ledger does not know. A record that cannot be written is refused. 0: none is
 * left. */
WT_MUST_USE unsigned wt_web_fill(struct wt_web *w, unsigned from, unsigned n_limit,
				 wt_encode_fn *put);

/* The record is not wanted for good. */
void wt_web_refuse(struct wt_web *w, unsigned item, const char *why);

/* A state for all records of the body. */
void wt_web_settle(struct wt_web *w, enum wt_ledger_state state, unsigned slot);

/* The receiver finds the body too long (413). A record that is alone is refused;
 * otherwise bodies are half as long from now on. */
void wt_web_shrink(struct wt_web *w);

/* Verdicts with their reason: "PLACE: " and what `format` gives. */
enum wt_sink_verdict wt_web_tell(struct wt_web *w, enum wt_sink_verdict verdict,
				 const struct wt_http_answer *answer, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/* The verdict on a request that brought no answer, or one whose status alone decides:
 * RETRY for 408, 429 and 5xx, else STOP. */
WT_MUST_USE enum wt_sink_verdict wt_web_status(struct wt_web *w,
					       const struct wt_http_answer *answer);

/* Ends a call: the leading run, and the remark if all went well. */
void wt_web_end(struct wt_web *w, enum wt_sink_verdict verdict);

/* Waits, perhaps for nothing; false when *is_stopping. */
WT_MUST_USE bool wt_web_sleep(const struct wt_web *w, uint64_t ms);

#endif
