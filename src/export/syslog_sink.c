/* The sink "syslog": messages over UDP, TCP or TLS to a collector, none of which confirms
 * one. So that as little as possible is lost without anybody knowing:
 *  - a closed connection is looked for before each batch and behind the first batch of a
 *    connection, as a write into one succeeds;
 *  - a connection that broke in the middle of a frame is never used again;
 *  - what was sent lately goes again over the next connection (window.h).
 * What the collector had taken and not yet stored when it died is lost if it is older than
 * that; doubles carry the same id and seq.
 *
 * Source: RFC 5424, RFC 5425, RFC 5426, RFC 6587, RFC 3164.
 * Trust: what the collector sends is dropped. Memory: a chunk and the window per sink. */
#define _POSIX_C_SOURCE 200809L
#include "base/secret.h"
#include "base/sinks.h"
#include "export/kinds.h"
#include "export/net.h"
#include "export/syslog_frame.h"
#include "export/tls.h"
#include "export/window.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <sys/socket.h>
#include <unistd.h>

#define CHUNK_MAX (2 * WT_SYSLOG_MAX)
#define FIRST_LOOK_MS 250u /* a collector that throws us out does so at once */
#define CLOSE_MS 2000u
#define UDP_LOOK_MS 20u /* in which a word comes that nobody listens */
/* A receive buffer of the usual size takes some hundred records: a burst of more is lost
 * without a word. 8,000 a second pass a collector that is awake. */
#define UDP_BURST 16u
#define UDP_PAUSE_MS 2u
#define UDP_LEN 2048u /* RFC 5426 3.2 */

struct collector {
	const struct wt_sink_options *options;
	const char *name; /* that a certificate must be for */
	enum wt_sink_transport transport;
	uint64_t timeout_ms;
	char host[WT_NET_HOST_MAX], port[WT_NET_PORT_MAX];
	struct wt_syslog_form form;
	struct wt_tls *tls;
	struct wt_tls_link *link;
	struct wt_window *window;
	int fd; /* below 0: not connected */
	bool is_new;
	uint8_t chunk[CHUNK_MAX];
};

static struct wt_deadline deadline_of(const struct collector *c)
{
	return (struct wt_deadline){ wt_net_now_ms() + c->timeout_ms, c->options->is_stopping };
}

static void hang_up(struct collector *c)
{
	wt_tls_close(c->link);
	c->link = NULL;
	if (c->fd >= 0)
		(void)close(c->fd);
	c->fd = -1;
}

/* In order: what was written is read by the collector before the connection ends. */
static void part(struct collector *c)
{
	struct wt_deadline deadline = { wt_net_now_ms() + CLOSE_MS, NULL };

	wt_tls_close(c->link);
	c->link = NULL;
	if (c->fd >= 0 && c->form.is_framed)
		wt_net_finish(c->fd, &deadline);
	hang_up(c);
}

static bool write_bytes(struct collector *c, struct wt_slice bytes, char *why)
{
	struct wt_deadline deadline = deadline_of(c);

	return c->link ? wt_tls_write(c->link, bytes, &deadline, why, WT_SINK_WHY_MAX) :
			 wt_net_write(c->fd, bytes, &deadline, why, WT_SINK_WHY_MAX);
}

static bool is_open(struct collector *c, bool *is_certificate, char *why)
{
	*is_certificate = false;
	if (c->link)
		return wt_tls_is_open(c->link, is_certificate, why, WT_SINK_WHY_MAX);
	if (wt_net_is_open(c->fd))
		return true;
	(void)snprintf(why, WT_SINK_WHY_MAX, "the collector closed the connection");
	return false;
}

/* Sends again what may not have arrived over the last connection. */
static bool resend(struct collector *c, char *why)
{
	uint64_t at = 0, now = wt_net_now_ms();
	size_t len;

	while (wt_window_next(c->window, &at, now, c->chunk, sizeof(c->chunk), &len))
		if (!write_bytes(c, wt_slice_of(c->chunk, len), why))
			return false;
	return true;
}

/* False: not connected, with the verdict in `result`. */
static bool connect_to(struct collector *c, struct wt_sink_result *result)
{
	struct wt_deadline deadline = deadline_of(c);
	bool is_certificate = false;

	if (c->fd >= 0)
		return true;
	result->verdict = WT_SINK_RETRY;
	c->fd = wt_net_connect(c->host, c->port, c->transport != WT_TRANSPORT_UDP, &deadline,
			       result->why, sizeof(result->why));
	if (c->fd < 0)
		return false;
	if (c->tls) {
		c->link = wt_tls_connect(c->tls, c->fd, &deadline, &is_certificate, result->why,
					 sizeof(result->why));
		if (!c->link) {
			result->verdict = is_certificate ? WT_SINK_STOP : WT_SINK_RETRY;
			hang_up(c);
			return false;
		}
	}
	c->is_new = true;
	if (c->window && !resend(c, result->why)) {
		hang_up(c);
		return false;
	}
	return true;
}

/* A connection as one can be used: the old one where the collector still holds it. */
static bool be_connected(struct collector *c, struct wt_sink_result *result)
{
	bool is_certificate;

	if (c->fd >= 0 && c->transport != WT_TRANSPORT_UDP &&
	    !is_open(c, &is_certificate, result->why))
		hang_up(c);
	return connect_to(c, result);
}

static void refuse(struct wt_sink_result *result, const struct wt_sink_item *item)
{
	result->refuse(result->refuse_to, item, "it does not fit into len_max");
}

static void pause_ms(unsigned ms)
{
	const struct timespec pause = { .tv_nsec = (long)ms * 1000000L };

	(void)nanosleep(&pause, NULL);
}

static void send_datagrams(struct collector *c, const struct wt_sink_item *items, unsigned n,
			   struct wt_sink_result *result)
{
	int error = 0;
	unsigned i;

	for (i = 0; i < n && !error; i++) {
		struct wt_encode_item item = { items[i].alert, items[i].journal_seq };
		struct wt_builder b = wt_builder_of(c->chunk, sizeof(c->chunk));
		struct wt_deadline deadline = deadline_of(c);

		if (!wt_syslog_frame(&b, &c->form, &item)) {
			refuse(result, &items[i]);
			continue;
		}
		error = wt_net_datagram(c->fd, wt_bld_slice(&b), &deadline);
		if (error == EMSGSIZE) {
			result->refuse(result->refuse_to, &items[i],
				       "it does not fit into a datagram");
			error = 0;
		}
		if (i % UDP_BURST == UDP_BURST - 1)
			pause_ms(UDP_PAUSE_MS);
	}
	if (!error)
		error = wt_net_error(c->fd, UDP_LOOK_MS);
	result->n_done = error ? 0 : n; /* which of them arrived is not known */
	if (!error)
		return;
	result->verdict = WT_SINK_RETRY;
	(void)snprintf(result->why, sizeof(result->why), "sending: %s", strerror(error));
	hang_up(c);
}

/* The connection is over: what was not written whole goes again with the next batch, not
 * out of the window. */
static void give_up(struct collector *c, enum wt_sink_verdict verdict, uint64_t mark,
		    struct wt_sink_result *result)
{
	result->verdict = verdict;
	if (c->window)
		wt_window_cut(c->window, mark);
	hang_up(c);
}

/* A collector that throws us out right away had none of the first batch. */
static void look_behind(struct collector *c, uint64_t mark, struct wt_sink_result *result)
{
	struct wt_deadline soon = { wt_net_now_ms() + FIRST_LOOK_MS, c->options->is_stopping };
	bool is_certificate;

	if (c->is_new)
		(void)wt_net_wait(c->fd, POLLIN, &soon);
	c->is_new = false;
	if (is_open(c, &is_certificate, result->why))
		return;
	result->n_done = 0;
	give_up(c, is_certificate ? WT_SINK_STOP : WT_SINK_RETRY, mark, result);
}

/* Writes the frames that are in the chunk, all of items before `n`. */
static bool flush(struct collector *c, struct wt_builder *b, unsigned n, uint64_t *mark,
		  struct wt_sink_result *result)
{
	bool is_written = b->len == 0 || write_bytes(c, wt_bld_slice(b), result->why);

	b->len = 0;
	if (!is_written) {
		give_up(c, WT_SINK_RETRY, *mark, result);
		return false;
	}
	result->n_done = n;
	*mark = c->window ? wt_window_end(c->window) : 0;
	return true;
}

/* A new connection that broke within its first batch: what was written of it was likely
 * read by nobody. */
static void forget_first(struct collector *c, uint64_t first, struct wt_sink_result *result)
{
	if (!c->is_new)
		return;
	result->n_done = 0;
	if (c->window)
		wt_window_cut(c->window, first);
}

static void send_frames(struct collector *c, const struct wt_sink_item *items, unsigned n,
			struct wt_sink_result *result)
{
	struct wt_builder b = wt_builder_of(c->chunk, sizeof(c->chunk));
	uint64_t first = c->window ? wt_window_end(c->window) : 0, mark = first;
	unsigned i;

	for (i = 0; i < n; i++) {
		struct wt_encode_item item = { items[i].alert, items[i].journal_seq };
		size_t from;

		if (b.cap - b.len < WT_SYSLOG_MAX && !flush(c, &b, i, &mark, result)) {
			forget_first(c, first, result);
			return;
		}
		from = b.len;
		if (!wt_syslog_frame(&b, &c->form, &item)) {
			b.len = from;
			refuse(result, &items[i]);
			continue;
		}
		if (c->window)
			wt_window_add(c->window, wt_slice_of(b.ptr + from, b.len - from),
				      wt_net_now_ms());
	}
	if (flush(c, &b, n, &mark, result))
		look_behind(c, first, result);
	else
		forget_first(c, first, result);
}

static void syslog_send(void *self, const struct wt_sink_item *items, unsigned n,
			struct wt_sink_result *result)
{
	struct collector *c = self;

	if (!be_connected(c, result))
		return;
	result->verdict = WT_SINK_DONE;
	if (c->transport == WT_TRANSPORT_UDP)
		send_datagrams(c, items, n, result);
	else
		send_frames(c, items, n, result);
}

static bool load_certificates(struct collector *c, char *why, size_t why_size)
{
	const struct wt_conf *conf = c->options->conf;
	const char *fingerprint = wt_conf_text(conf, WT_CONF_SINK_TLS_FINGERPRINT);
	char key_path[WT_SECRET_PATH_MAX];
	uint8_t digest[32];
	struct wt_tls_options options = {
		.ca_file = wt_conf_text(conf, WT_CONF_SINK_TLS_CA_FILE),
		.cert_file = wt_conf_text(conf, WT_CONF_SINK_TLS_CERT_FILE),
		.name = c->name,
	};
	struct wt_tls *tls;

	if (fingerprint) {
		if (!wt_net_fingerprint(fingerprint, digest)) {
			(void)snprintf(why, why_size, "tls.fingerprint is none");
			return false;
		}
		options.fingerprint = digest;
	}
	if (wt_conf_has(conf, WT_CONF_SINK_TLS_KEY_FILE)) {
		const char *path = wt_conf_text(conf, WT_CONF_SINK_TLS_KEY_FILE);
		int fd = wt_secret_open(path, "a private key in PEM", why, why_size);

		if (fd < 0 || !wt_secret_path(path, key_path, why, why_size))
			return false;
		(void)close(fd);
		options.key_file = key_path;
	}
	tls = wt_tls_new(&options, why, why_size);
	if (!tls)
		return false;
	wt_tls_free(c->tls);
	c->tls = tls;
	return true;
}

static bool take_form(struct collector *c, char *why, size_t why_size)
{
	const struct wt_conf *conf = c->options->conf;
	struct wt_syslog_form *form = &c->form;
	enum wt_sink_format format = (enum wt_sink_format)wt_conf_u64(conf, WT_CONF_SINK_FORMAT);

	format = format == WT_FORMAT_AUTO ? WT_FORMAT_CEF : format;
	form->syntax = (enum wt_sink_syntax)wt_conf_u64(conf, WT_CONF_SINK_SYNTAX);
	form->framing = (enum wt_sink_framing)wt_conf_u64(conf, WT_CONF_SINK_FRAMING);
	form->is_framed = c->transport != WT_TRANSPORT_UDP;
	form->has_tag = format == WT_FORMAT_JSON;
	form->facility = (unsigned)wt_conf_u64(conf, WT_CONF_SINK_FACILITY);
	form->len_max = (size_t)wt_conf_u64(conf, WT_CONF_SINK_LEN_MAX);
	if (!form->is_framed && !wt_conf_is_given(conf, WT_CONF_SINK_LEN_MAX))
		form->len_max = UDP_LEN;
	form->encode = wt_format_encoder(format);
	form->options.host = c->options->host;
	form->options.cef_ipv6 = (enum wt_cef_ipv6)wt_conf_u64(conf, WT_CONF_SINK_CEF_IPV6);
	form->options.leef_delimiter =
		wt_conf_u64(conf, WT_CONF_SINK_LEEF_DELIMITER) == WT_DELIMITER_CARET ? '^' : '\t';
	if (!form->encode)
		(void)snprintf(why, why_size, "this build cannot write the format %s",
			       format == WT_FORMAT_CEF ? "cef" : "asked for");
	return form->encode != NULL;
}

static void syslog_close(void *self)
{
	struct collector *c = self;

	part(c);
	wt_tls_free(c->tls);
	wt_window_free(c->window);
	free(c);
}

static void *syslog_open(const struct wt_sink_options *options, char *why, size_t why_size)
{
	const struct wt_conf *conf = options->conf;
	const char *address = wt_conf_text(conf, WT_CONF_SINK_ADDRESS);
	uint64_t keep_ms = wt_conf_u64(conf, WT_CONF_SINK_RESEND) / WT_NS_PER_MS;
	struct collector *c = calloc(1, sizeof(*c));

	if (!c)
		abort();
	c->options = options;
	c->fd = -1;
	c->timeout_ms = wt_conf_u64(conf, WT_CONF_SINK_TIMEOUT) / WT_NS_PER_MS;
	c->transport = (enum wt_sink_transport)wt_conf_u64(conf, WT_CONF_SINK_TRANSPORT);
	if (!address || !wt_net_split(address, c->host, c->port)) {
		(void)snprintf(why, why_size, "address is no HOST:PORT");
		syslog_close(c);
		return NULL;
	}
	c->name = wt_conf_has(conf, WT_CONF_SINK_TLS_NAME) ?
		wt_conf_text(conf, WT_CONF_SINK_TLS_NAME) : c->host;
	if (!take_form(c, why, why_size) ||
	    (c->transport == WT_TRANSPORT_TLS && !load_certificates(c, why, why_size))) {
		syslog_close(c);
		return NULL;
	}
	if (c->form.is_framed && keep_ms)
		c->window = wt_window_new(keep_ms);
	return c;
}

/* New certificates for the next connection; the old ones stay where they are bad. */
static void syslog_reopen(void *self)
{
	struct collector *c = self;
	char why[WT_SINK_WHY_MAX];

	if (c->transport == WT_TRANSPORT_TLS && !load_certificates(c, why, sizeof(why)))
		(void)fprintf(stderr, "wardtap: sink %s: %s; the certificates of before stay\n",
			      c->options->name, why);
	part(c);
}

const struct wt_sink_kind wt_sink_syslog = {
	.name = "syslog",
	.is_confirmed = false,
	.open = syslog_open,
	.send = syslog_send,
	.reopen = syslog_reopen,
	.close = syslog_close,
};
