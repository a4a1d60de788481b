/* HTTP requests (http.h); the only user of libcurl.
 * Source: RFC 9110, RFC 9112; RFC 1952 for gzip.
 * Trust: answers are hostile: a header or body beyond its bound ends the transfer.
 * Memory: three buffers, sized at wt_http_new. */
#define _GNU_SOURCE /* explicit_bzero */
#include "export/http.h"
#include "export/hide.h"

#include <curl/curl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <zlib.h>

#include "wardtap/types.h"

#define HEADERS_MAX 65536u /* bytes of all header lines of an answer */
#define PLACE_MAX 300u
#define URL_MAX 4096u
#define GZIP_WINDOW (15 + 16) /* zlib.h: the largest window, in gzip's frame */
#define GZIP_FROM 256u        /* shorter bodies do not gain */

struct wt_http {
	struct wt_http_options options;
	char place[WT_HTTP_URLS_MAX][PLACE_MAX];
	uint32_t current;
	CURL *easy;
	char error[CURL_ERROR_SIZE];
	char *authorization; /* the whole header line */
	struct wt_hide *hide; /* its value, out of texts for people */
	z_stream deflate;
	bool has_deflate, is_gzip;
	uint8_t *packed, *answer;
	size_t packed_max, answer_len, headers_len;
	bool is_too_long;
};

static pthread_once_t curl_once = PTHREAD_ONCE_INIT;
static CURLcode curl_state;

static void start_curl(void)
{
	curl_state = curl_global_init(CURL_GLOBAL_DEFAULT);
}

static bool is_stopping(const struct wt_http *h)
{
	return h->options.is_stopping &&
	       atomic_load_explicit(h->options.is_stopping, memory_order_relaxed);
}

static uint64_t now_ms(void)
{
	struct timespec at;

	clock_gettime(CLOCK_MONOTONIC, &at);
	return (uint64_t)at.tv_sec * 1000 + (uint64_t)at.tv_nsec / 1000000;
}

/* Called by libcurl with a piece of the body. Another number than n ends the transfer. */
static size_t take_body(char *bytes, size_t size, size_t n, void *self)
{
	struct wt_http *h = self;

	n *= size;
	if (n > h->options.answer_max - h->answer_len) {
		h->is_too_long = true;
		return 0;
	}
	memcpy(h->answer + h->answer_len, bytes, n);
	h->answer_len += n;
	return n;
}

/* The same with each header line, those of interim answers (1xx) and trailers too. */
static size_t take_header(char *bytes, size_t size, size_t n, void *self)
{
	struct wt_http *h = self;

	(void)bytes;
	n *= size;
	h->headers_len += n;
	if (h->headers_len > HEADERS_MAX) {
		h->is_too_long = true;
		return 0;
	}
	return n;
}

static int watch_stop(void *self, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
	(void)a;
	(void)b;
	(void)c;
	(void)d;
	return is_stopping(self);
}

bool wt_http_url_bad(const char *url, char *why, size_t why_size)
{
	static const CURLUPart unwanted[] = { CURLUPART_USER, CURLUPART_PASSWORD,
					      CURLUPART_QUERY, CURLUPART_FRAGMENT };
	CURLU *parts = curl_url();
	char *text = NULL;
	bool is_good = parts && !curl_url_set(parts, CURLUPART_URL, url, 0) &&
		       !curl_url_get(parts, CURLUPART_SCHEME, &text, 0) &&
		       (!strcmp(text, "http") || !strcmp(text, "https"));
	size_t i;

	curl_free(text);
	if (!is_good)
		snprintf(why, why_size,
			 "found no address of the web; write https://HOST:PORT, with a path "
			 "where "
			 "the receiver is behind one");
	for (i = 0; is_good && i < sizeof(unwanted) / sizeof(unwanted[0]); i++) {
		text = NULL;
		if (curl_url_get(parts, unwanted[i], &text, 0) || !text)
			continue;
		curl_free(text);
		is_good = false;
		snprintf(why, why_size,
			 i < 2 ? "found a user or a password in the address; write them into "
				 "files of their own"
			       : "found '?' or '#' in the address; write it without");
	}
	curl_url_cleanup(parts);
	return !is_good;
}

static bool set_place(struct wt_http *h, uint32_t i)
{
	CURLU *parts = curl_url();
	char *scheme = NULL, *host = NULL, *port = NULL;
	bool is_good = parts && !curl_url_set(parts, CURLUPART_URL, h->options.url[i], 0) &&
		       !curl_url_get(parts, CURLUPART_SCHEME, &scheme, 0) &&
		       !curl_url_get(parts, CURLUPART_HOST, &host, 0) &&
		       !curl_url_get(parts, CURLUPART_PORT, &port, CURLU_DEFAULT_PORT);

	if (is_good)
		snprintf(h->place[i], PLACE_MAX, "%s://%s:%s", scheme, host, port);
	curl_free(scheme);
	curl_free(host);
	curl_free(port);
	curl_url_cleanup(parts);
	return is_good;
}

const char *wt_http_place(const struct wt_http *h, uint32_t url)
{
	return url < h->options.n_urls ? h->place[url] : "";
}

static bool is_printable(const char *text)
{
	for (; *text; text++)
		if (*text < 0x20 || *text > 0x7e)
			return false;
	return true;
}

static void forget_authorization(struct wt_http *h)
{
	if (h->authorization)
		explicit_bzero(h->authorization, strlen(h->authorization));
	free(h->authorization);
	wt_hide_free(h->hide);
	h->hide = NULL;
	h->authorization = NULL;
	h->options.authorization = NULL;
}

static bool set_authorization(struct wt_http *h, const char *value, char *why, size_t why_size)
{
	static const char name[] = "Authorization: ";
	struct wt_hide *hide;
	size_t len;
	char *line;

	if (!value)
		return true;
	/* a line break would be another header */
	if (!is_printable(value)) {
		snprintf(why, why_size,
			 "the credential holds a byte that is no printable ASCII; write it as "
			 "one line");
		return false;
	}
	len = sizeof(name) + strlen(value);
	line = malloc(len);
	hide = line ? wt_hide_new(value) : NULL;
	if (!hide) {
		free(line);
		snprintf(why, why_size, "out of memory");
		return false;
	}
	snprintf(line, len, "%s%s", name, value);
	forget_authorization(h);
	h->authorization = line;
	h->hide = hide;
	h->options.authorization = line + sizeof(name) - 1;
	return true;
}

/* What stays the same over all requests. False where this libcurl lacks something. */
static bool set_always(struct wt_http *h)
{
	const struct wt_http_options *o = &h->options;
	CURLcode bad = CURLE_OK;

	bad |= curl_easy_setopt(h->easy, CURLOPT_PROTOCOLS_STR, "http,https");
	bad |= curl_easy_setopt(h->easy, CURLOPT_FOLLOWLOCATION, 0L);
	bad |= curl_easy_setopt(h->easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	bad |= curl_easy_setopt(h->easy, CURLOPT_SSL_VERIFYPEER, 1L);
	bad |= curl_easy_setopt(h->easy, CURLOPT_SSL_VERIFYHOST, 2L);
	bad |= curl_easy_setopt(h->easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	bad |= curl_easy_setopt(h->easy, CURLOPT_NOSIGNAL, 1L);
	/* a name server that does not answer is not waited for at the end of a request */
	bad |= curl_easy_setopt(h->easy, CURLOPT_QUICK_EXIT, 1L);
	bad |= curl_easy_setopt(h->easy, CURLOPT_TCP_KEEPALIVE, 1L);
	bad |= curl_easy_setopt(h->easy, CURLOPT_USERAGENT, "wardtap/" WT_VERSION);
	bad |= curl_easy_setopt(h->easy, CURLOPT_ERRORBUFFER, h->error);
	bad |= curl_easy_setopt(h->easy, CURLOPT_WRITEFUNCTION, take_body);
	bad |= curl_easy_setopt(h->easy, CURLOPT_WRITEDATA, h);
	bad |= curl_easy_setopt(h->easy, CURLOPT_HEADERFUNCTION, take_header);
	bad |= curl_easy_setopt(h->easy, CURLOPT_HEADERDATA, h);
	bad |= curl_easy_setopt(h->easy, CURLOPT_NOPROGRESS, 0L);
	bad |= curl_easy_setopt(h->easy, CURLOPT_XFERINFOFUNCTION, watch_stop);
	bad |= curl_easy_setopt(h->easy, CURLOPT_XFERINFODATA, h);
	/* "" and not NULL: else the environment would choose */
	bad |= curl_easy_setopt(h->easy, CURLOPT_PROXY, o->proxy ? o->proxy : "");
	bad |= curl_easy_setopt(h->easy, CURLOPT_NOPROXY, "");
	/* the credential is for the receiver, not for the proxy on the way */
	bad |= curl_easy_setopt(h->easy, CURLOPT_HEADEROPT, (long)CURLHEADER_SEPARATE);
	if (o->ca_file) {
		bad |= curl_easy_setopt(h->easy, CURLOPT_CAINFO, o->ca_file);
		/* else the system's folder of authorities would stay trusted beside it */
		bad |= curl_easy_setopt(h->easy, CURLOPT_CAPATH, NULL);
	}
	if (o->cert_file)
		bad |= curl_easy_setopt(h->easy, CURLOPT_SSLCERT, o->cert_file);
	if (o->key_file)
		bad |= curl_easy_setopt(h->easy, CURLOPT_SSLKEY, o->key_file);
	return bad == CURLE_OK;
}

static bool set_buffers(struct wt_http *h)
{
	h->answer = malloc(h->options.answer_max);
	if (!h->answer)
		return false;
	if (!h->options.is_gzip)
		return true;
	if (deflateInit2(&h->deflate, 6, Z_DEFLATED, GZIP_WINDOW, 8, Z_DEFAULT_STRATEGY) !=
	    Z_OK)
		return false;
	h->has_deflate = h->is_gzip = true;
	h->packed_max = deflateBound(&h->deflate, (uLong)h->options.body_max);
	h->packed = malloc(h->packed_max);
	return h->packed != NULL;
}

struct wt_http *wt_http_new(const struct wt_http_options *options, char *why, size_t why_size)
{
	struct wt_http *h = calloc(1, sizeof(*h));
	uint32_t i;

	snprintf(why, why_size, "out of memory");
	if (!h)
		return NULL;
	h->options = *options;
	h->options.authorization = NULL;
	pthread_once(&curl_once, start_curl);
	h->easy = curl_state == CURLE_OK ? curl_easy_init() : NULL;
	if (!h->easy || !options->n_urls || options->n_urls > WT_HTTP_URLS_MAX)
		goto bad;
	for (i = 0; i < options->n_urls; i++)
		if (!set_place(h, i))
			goto bad;
	if (!set_buffers(h) || !set_authorization(h, options->authorization, why, why_size))
		goto bad;
	if (!set_always(h)) {
		snprintf(why, why_size, "this libcurl (%s) lacks what wardtap needs",
			 curl_version_info(CURLVERSION_NOW)->version);
		goto bad;
	}
	return h;
bad:
	wt_http_free(h);
	return NULL;
}

bool wt_http_renew(struct wt_http *h, const char *authorization, char *why, size_t why_size)
{
	CURL *old = h->easy, *fresh = curl_easy_init();

	h->easy = fresh;
	if (!fresh || !set_always(h)) {
		snprintf(why, why_size, "out of memory");
	} else if (set_authorization(h, authorization, why, why_size)) {
		curl_easy_cleanup(old);
		return true;
	}
	curl_easy_cleanup(fresh);
	h->easy = old;
	return false;
}

void wt_http_free(struct wt_http *h)
{
	if (!h)
		return;
	curl_easy_cleanup(h->easy);
	if (h->has_deflate)
		deflateEnd(&h->deflate);
	forget_authorization(h);
	free(h->packed);
	free(h->answer);
	free(h);
}

void wt_http_quote(const struct wt_http *h, struct wt_slice text, char *into, size_t size)
{
	wt_hide_quote(h->hide, text, into, size);
}

/* The body as it goes out: packed where that is wanted and gains something. */
static struct wt_slice pack(struct wt_http *h, struct wt_slice body)
{
	z_stream *z = &h->deflate;

	if (!h->is_gzip || body.len < GZIP_FROM || body.len > h->options.body_max)
		return body;
	if (deflateReset(z) != Z_OK)
		return body;
	z->next_in = (Bytef *)(uintptr_t)body.ptr;
	z->avail_in = (uInt)body.len;
	z->next_out = h->packed;
	z->avail_out = (uInt)h->packed_max;
	if (deflate(z, Z_FINISH) != Z_STREAM_END)
		return body;
	return wt_slice_of(h->packed, h->packed_max - z->avail_out);
}

static bool add_line(struct curl_slist **lines, const char *line)
{
	struct curl_slist *longer = line ? curl_slist_append(*lines, line) : *lines;

	if (line && !longer)
		return false;
	*lines = longer;
	return true;
}

/* The header lines of a request. NULL: memory is out. */
static struct curl_slist *lines_of(const struct wt_http *h, const struct wt_http_request *q,
				   bool is_packed)
{
	struct curl_slist *lines = NULL;
	char type[128];

	if (q->type)
		snprintf(type, sizeof(type), "Content-Type: %s", q->type);
	/* "Expect:" off: a server that does not know it would cost a second per request */
	if (add_line(&lines, "Expect:") && add_line(&lines, "Accept: application/json") &&
	    add_line(&lines, h->authorization) && add_line(&lines, q->type ? type : NULL) &&
	    add_line(&lines, is_packed ? "Content-Encoding: gzip" : NULL) &&
	    add_line(&lines, q->header))
		return lines;
	curl_slist_free_all(lines);
	return NULL;
}

static bool set_request(struct wt_http *h, const struct wt_http_request *q,
			struct wt_slice body, uint32_t url, uint64_t left_ms)
{
	/* a dead address leaves time for the others */
	uint64_t connect_ms = q->url == WT_HTTP_ANY_URL ? left_ms / h->options.n_urls : left_ms;
	const char *base = h->options.url[url];
	size_t base_len = strlen(base);
	char whole[URL_MAX];
	CURLcode bad = CURLE_OK;
	int len;

	while (base_len && base[base_len - 1] == '/')
		base_len--;
	len = snprintf(whole, sizeof(whole), "%.*s%s", (int)base_len, base, q->path);
	if (len < 0 || (size_t)len >= sizeof(whole))
		return false;
	bad |= curl_easy_setopt(h->easy, CURLOPT_URL, whole);
	bad |= curl_easy_setopt(h->easy, CURLOPT_TIMEOUT_MS, (long)left_ms);
	bad |= curl_easy_setopt(h->easy, CURLOPT_CONNECTTIMEOUT_MS,
				(long)(connect_ms ? connect_ms : 1));
	bad |= curl_easy_setopt(h->easy, CURLOPT_HTTPGET, 1L);
	if (q->type) {
		bad |= curl_easy_setopt(h->easy, CURLOPT_POST, 1L);
		bad |= curl_easy_setopt(h->easy, CURLOPT_POSTFIELDSIZE_LARGE,
					(curl_off_t)body.len);
		bad |= curl_easy_setopt(h->easy, CURLOPT_POSTFIELDS,
					body.ptr ? (const char *)body.ptr : "");
	}
	bad |= curl_easy_setopt(h->easy, CURLOPT_CUSTOMREQUEST, q->method);
	return bad == CURLE_OK;
}

static enum wt_http_fate fate_of(const struct wt_http *h, CURLcode code)
{
	switch (code) {
	case CURLE_OK:
		return WT_HTTP_ANSWERED;
	case CURLE_ABORTED_BY_CALLBACK:
		return is_stopping(h) ? WT_HTTP_STOPPED : WT_HTTP_FAILED;
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_CACERT_BADFILE:
	case CURLE_SSL_CERTPROBLEM:
	case CURLE_SSL_ISSUER_ERROR:
	case CURLE_SSL_CRL_BADFILE:
	case CURLE_SSL_INVALIDCERTSTATUS:
		return WT_HTTP_DISTRUST;
	default:
		return WT_HTTP_FAILED;
	}
}

static void tell_failure(struct wt_http *h, CURLcode code, struct wt_http_answer *answer)
{
	const char *text = h->error[0] ? h->error : curl_easy_strerror(code);
	char quoted[WT_HTTP_WHY_MAX];

	if (h->is_too_long)
		text = "the answer is too long";
	wt_http_quote(h, wt_slice_of(text, strlen(text)), quoted, sizeof(quoted));
	snprintf(answer->why, sizeof(answer->why), "%.200s: %.*s", h->place[answer->url],
		 (int)(sizeof(answer->why) - 1 - strnlen(h->place[answer->url], 200) - 2),
		 quoted);
}

/* One try at one address. */
static void ask(struct wt_http *h, const struct wt_http_request *q, uint32_t url,
		uint64_t left_ms, struct wt_http_answer *answer)
{
	struct wt_slice body = pack(h, q->body);
	bool is_packed = body.ptr != q->body.ptr;
	struct curl_slist *lines = lines_of(h, q, is_packed);
	CURLcode code = CURLE_OUT_OF_MEMORY;
	curl_off_t after = 0;
	long status = 0;

	h->answer_len = h->headers_len = 0;
	h->is_too_long = false;
	h->error[0] = '\0';
	answer->url = url;
	answer->body = wt_slice_of(NULL, 0);
	answer->status = 0;
	answer->retry_ms = 0;
	answer->why[0] = '\0';
	if (lines && set_request(h, q, body, url, left_ms) &&
	    !curl_easy_setopt(h->easy, CURLOPT_HTTPHEADER, lines))
		code = curl_easy_perform(h->easy);
	curl_easy_setopt(h->easy, CURLOPT_HTTPHEADER, NULL);
	curl_slist_free_all(lines);
	answer->fate = fate_of(h, code);
	if (answer->fate != WT_HTTP_ANSWERED) {
		tell_failure(h, code, answer);
		return;
	}
	curl_easy_getinfo(h->easy, CURLINFO_RESPONSE_CODE, &status);
	curl_easy_getinfo(h->easy, CURLINFO_RETRY_AFTER, &after);
	answer->status = status > 0 ? (unsigned)status : 0;
	if (after > 0)
		answer->retry_ms = after > WT_HTTP_RETRY_MS_MAX / 1000 ? WT_HTTP_RETRY_MS_MAX
								       : (uint32_t)after * 1000;
	answer->body = wt_slice_of(h->answer, h->answer_len);
	if (status == 415 && is_packed) {
		h->is_gzip = false;
		answer->is_gzip_refused = true;
	}
}

static bool is_worth_another(const struct wt_http_answer *answer)
{
	return answer->fate == WT_HTTP_FAILED || answer->fate == WT_HTTP_DISTRUST ||
	       (answer->fate == WT_HTTP_ANSWERED &&
		(answer->status == 429 || answer->status >= 500));
}

void wt_http_send(struct wt_http *h, const struct wt_http_request *q,
		  struct wt_http_answer *answer)
{
	uint64_t end_ms = now_ms() + h->options.timeout_ns / 1000000 + 1, at_ms;
	bool is_any = q->url == WT_HTTP_ANY_URL;
	unsigned n_tried = 0;

	answer->is_gzip_refused = false;
	for (;;) {
		uint32_t url = is_any ? h->current : q->url;
		bool had_gzip = h->is_gzip;

		at_ms = now_ms();
		ask(h, q, url, end_ms > at_ms ? end_ms - at_ms : 1, answer);
		if (had_gzip && !h->is_gzip)
			continue; /* once more, to the same address */
		n_tried++;
		if (!is_any || !is_worth_another(answer))
			return;
		/* the next request begins with another address, whatever becomes of this one */
		h->current = (h->current + 1) % h->options.n_urls;
		if (n_tried >= h->options.n_urls || now_ms() >= end_ms)
			return;
	}
}
