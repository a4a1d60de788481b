/* Requests over HTTP and HTTPS to the receivers of one sink: several base addresses of
 * which one is current, a connection that is kept, certificates always verified.
 *
 * Not taken from the environment: proxies. Not followed: redirections, which would carry
 * records and credentials to a place that nobody configured. Not accepted: compressed
 * answers, cookies, other protocols.
 *
 * Trust: whatever a receiver answers is bounded in size (headers and body) and time.
 * Memory: the answer's room and, with gzip, that of a request, from wt_http_new on; what
 * libcurl and OpenSSL need for one connection comes on top. */
#ifndef EXPORT_HTTP_H
#define EXPORT_HTTP_H

#include <stdatomic.h>

#include "wardtap/bytes.h"

#define WT_HTTP_URLS_MAX 16u
#define WT_HTTP_WHY_MAX 256u
#define WT_HTTP_RETRY_MS_MAX 3600000u /* longest Retry-After that is believed */

struct wt_http_options {
	const char *url[WT_HTTP_URLS_MAX]; /* base addresses, checked by wt_http_url_bad */
	unsigned n_urls;
	const char *proxy;                /* NULL: none */
	const char *ca_file;              /* NULL: those of the system */
	const char *cert_file, *key_file; /* NULL: none */
	const char *authorization;        /* value of that header; NULL: none */
	uint64_t timeout_ns;              /* of a request, all tries together */
	bool is_gzip;
	size_t body_max, answer_max;     /* bytes */
	const _Atomic bool *is_stopping; /* NULL: nobody stops it */
};

enum wt_http_fate {
	WT_HTTP_ANSWERED, /* status and body are those of an answer */
	WT_HTTP_FAILED,   /* no whole answer: it may have arrived all the same */
	WT_HTTP_DISTRUST, /* a certificate or key is not good; nothing was sent */
	WT_HTTP_STOPPED   /* *is_stopping */
};

#define WT_HTTP_ANY_URL UINT32_MAX

struct wt_http_request {
	const char *method; /* "GET", "POST", "PUT" */
	const char *path;   /* behind the base address, with its '/' */
	const char *type;   /* Content-Type; NULL: no body */
	const char *header; /* one more line; NULL: none */
	struct wt_slice body;
	uint32_t url; /* number of the base address to ask, or WT_HTTP_ANY_URL: the current
		       * one, and the others when it fails or answers 429 or 5xx */
};

struct wt_http_answer {
	enum wt_http_fate fate;
	unsigned status;
	uint32_t url;              /* number of the base address that it is of */
	uint32_t retry_ms;         /* Retry-After, at most WT_HTTP_RETRY_MS_MAX; 0: none */
	struct wt_slice body;      /* borrowed until the next request */
	bool is_gzip_refused;      /* 415: sent again as it is, as will be all that follow */
	char why[WT_HTTP_WHY_MAX]; /* not ANSWERED: one line that begins with the address */
};

struct wt_http;

/* NULL when memory is out or a value is not usable: `why` says so. Does not connect. */
WT_MUST_USE struct wt_http *wt_http_new(const struct wt_http_options *options, char *why,
					size_t why_size);
void wt_http_free(struct wt_http *http);

/* Takes another value of the header Authorization (NULL: the one there is) and a new
 * connection, which reads certificates and the key anew. False with the reason: nothing
 * has changed. */
WT_MUST_USE bool wt_http_renew(struct wt_http *http, const char *authorization, char *why,
			       size_t why_size);

/* May block for options.timeout_ns, no more than a second longer once *is_stopping. */
void wt_http_send(struct wt_http *http, const struct wt_http_request *request,
		  struct wt_http_answer *answer);

/* Scheme, host and port of a base address. */
const char *wt_http_place(const struct wt_http *http, uint32_t url);

/* What is wrong with a base address, as "found ...; write ..." without secrets, or false:
 * it is http or https, has a host, and no user, query or fragment. */
WT_MUST_USE bool wt_http_url_bad(const char *url, char *why, size_t why_size);

/* Text of a stranger for people: printable ASCII, other bytes as '?', cut at the end.
 * The credential that this sink sends, whole or taken apart, becomes "***" (hide.h). */
void wt_http_quote(const struct wt_http *http, struct wt_slice text, char *into, size_t size);

#endif
