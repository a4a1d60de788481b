/* TLS (tls.h). The only user of libssl.
 * Source: RFC 5425, RFC 8446; SSL_get_error(3), X509_VERIFY_PARAM_set1_host(3).
 * Trust: the receiver is hostile. Memory: OpenSSL's. */
#define _POSIX_C_SOURCE 200809L
#include "export/tls.h"

#include <arpa/inet.h>
#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>

#define CHUNK_MAX 16384u /* bytes of a TLS record, RFC 8446 5.1 */
#define LOOKS_MAX 16u    /* records of the receiver that are dropped per look */

struct wt_tls {
	SSL_CTX *shared;
	char *name;
	bool has_fingerprint;
	uint8_t fingerprint[32];
};

struct wt_tls_link {
	SSL *ssl;
	int fd;
};

/* The first reason in OpenSSL's queue, which is emptied. */
static const char *reason(void)
{
	unsigned long code = ERR_get_error();
	const char *text = code ? ERR_reason_error_string(code) : NULL;

	ERR_clear_error();
	return text ? text : "no reason given";
}

static bool use_files(SSL_CTX *shared, const struct wt_tls_options *options, char *why, size_t size)
{
	if (options->ca_file && SSL_CTX_load_verify_file(shared, options->ca_file) != 1)
		snprintf(why, size, "tls.ca_file: %s", reason());
	else if (!options->ca_file && SSL_CTX_set_default_verify_paths(shared) != 1)
		snprintf(why, size, "the system's authorities: %s", reason());
	else if (options->cert_file &&
		 SSL_CTX_use_certificate_chain_file(shared, options->cert_file) != 1)
		snprintf(why, size, "tls.cert_file: %s", reason());
	else if (options->key_file &&
		 SSL_CTX_use_PrivateKey_file(shared, options->key_file, SSL_FILETYPE_PEM) != 1)
		snprintf(why, size, "tls.key_file: %s", reason());
	else if (options->key_file && SSL_CTX_check_private_key(shared) != 1)
		snprintf(why, size, "tls.key_file is not the key of tls.cert_file");
	else
		return true;
	return false;
}

struct wt_tls *wt_tls_new(const struct wt_tls_options *options, char *why, size_t why_size)
{
	struct wt_tls *tls = calloc(1, sizeof(*tls));

	if (!tls)
		abort();
	tls->shared = SSL_CTX_new(TLS_client_method());
	tls->name = strdup(options->name);
	if (!tls->shared || !tls->name)
		abort();
	tls->has_fingerprint = options->fingerprint != NULL;
	if (options->fingerprint)
		memcpy(tls->fingerprint, options->fingerprint, sizeof(tls->fingerprint));
	/* A key that asks for a passphrase would wait for a terminal. */
	SSL_CTX_set_default_passwd_cb_userdata(tls->shared, (void *)(uintptr_t) "");
	SSL_CTX_set_session_cache_mode(tls->shared, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_mode(tls->shared, SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	SSL_CTX_set_verify(tls->shared,
			   tls->has_fingerprint ? SSL_VERIFY_NONE : SSL_VERIFY_PEER, NULL);
	ERR_clear_error();
	if (SSL_CTX_set_min_proto_version(tls->shared, TLS1_2_VERSION) == 1 &&
	    use_files(tls->shared, options, why, why_size))
		return tls;
	wt_tls_free(tls);
	return NULL;
}

void wt_tls_free(struct wt_tls *tls)
{
	if (!tls)
		return;
	SSL_CTX_free(tls->shared);
	free(tls->name);
	free(tls);
}

/* Waits for what OpenSSL wants next. False: no more waiting, or a failure. */
static bool wait_for(struct wt_tls_link *link, int code, const struct wt_deadline *deadline)
{
	int want = SSL_get_error(link->ssl, code);

	if (want == SSL_ERROR_WANT_READ)
		return wt_net_wait(link->fd, POLLIN, deadline) == 1;
	if (want == SSL_ERROR_WANT_WRITE)
		return wt_net_wait(link->fd, POLLOUT, deadline) == 1;
	return false;
}

/* Why the last call failed. True: because of a certificate. */
static bool explain(struct wt_tls_link *link, int code, const char *what, char *why, size_t size)
{
	int want = SSL_get_error(link->ssl, code), error = errno;
	long verdict = SSL_get_verify_result(link->ssl);
	unsigned long first = ERR_peek_error();
	int lib_reason = ERR_GET_LIB(first) == ERR_LIB_SSL ? ERR_GET_REASON(first) : 0;

	if (want == SSL_ERROR_WANT_READ || want == SSL_ERROR_WANT_WRITE) {
		snprintf(why, size, "%s: the receiver does not answer in time", what);
		return false;
	}
	if (want == SSL_ERROR_SYSCALL || want == SSL_ERROR_ZERO_RETURN) {
		ERR_clear_error();
		snprintf(why, size, "%s: %s", what, want == SSL_ERROR_SYSCALL && error ?
			 strerror(error) : "the receiver closed the connection");
		return false;
	}
	if (lib_reason == SSL_R_CERTIFICATE_VERIFY_FAILED && verdict != X509_V_OK) {
		ERR_clear_error();
		snprintf(why, size, "%s: the receiver's certificate: %s", what,
			 X509_verify_cert_error_string(verdict));
		return true;
	}
	snprintf(why, size, "%s: %s", what, reason());
	/* Alerts about our certificate, RFC 8446 6.2: 42 to 46, 48, 49 and 116. */
	return (lib_reason >= SSL_AD_REASON_OFFSET + 42 && lib_reason <= SSL_AD_REASON_OFFSET + 46) ||
	       lib_reason == SSL_AD_REASON_OFFSET + 48 || lib_reason == SSL_AD_REASON_OFFSET + 49 ||
	       lib_reason == SSL_AD_REASON_OFFSET + 116;
}

static bool expect_name(struct wt_tls_link *link, const struct wt_tls *tls)
{
	uint8_t address[16];

	if (inet_pton(AF_INET, tls->name, address) == 1 ||
	    inet_pton(AF_INET6, tls->name, address) == 1)
		return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(link->ssl), tls->name) == 1;
	SSL_set_hostflags(link->ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
	return SSL_set_tlsext_host_name(link->ssl, tls->name) == 1 &&
	       SSL_set1_host(link->ssl, tls->name) == 1;
}

static bool has_fingerprint(struct wt_tls_link *link, const struct wt_tls *tls, char *why,
			    size_t size)
{
	X509 *certificate = SSL_get1_peer_certificate(link->ssl);
	uint8_t digest[EVP_MAX_MD_SIZE];
	unsigned len = 0, i;
	bool is_same = certificate && X509_digest(certificate, EVP_sha256(), digest, &len) == 1 &&
		       len == sizeof(tls->fingerprint) &&
		       memcmp(digest, tls->fingerprint, len) == 0;
	int at = snprintf(why, size, "the receiver's certificate has the fingerprint sha256:");

	for (i = 0; i < len && at > 0 && (size_t)at + 3 < size; i++)
		at += snprintf(why + at, size - (size_t)at, "%02x", digest[i]);
	X509_free(certificate);
	return is_same;
}

/* A receiver that refuses our certificate says so behind the handshake (TLS 1.3), where
 * it otherwise sends tickets; so its first words are waited for, not for long. */
static void await_words(struct wt_tls_link *link, const struct wt_deadline *deadline)
{
	struct wt_deadline soon = { wt_net_now_ms() + 1000, deadline->is_stopping };

	if (SSL_version(link->ssl) >= TLS1_3_VERSION && SSL_get_certificate(link->ssl))
		(void)wt_net_wait(link->fd, POLLIN,
				  soon.until_ms < deadline->until_ms ? &soon : deadline);
}

struct wt_tls_link *wt_tls_connect(struct wt_tls *tls, int fd, const struct wt_deadline *deadline,
				   bool *is_certificate, char *why, size_t why_size)
{
	struct wt_tls_link *link = calloc(1, sizeof(*link));
	int code;

	*is_certificate = false;
	if (!link)
		abort();
	link->fd = fd;
	link->ssl = SSL_new(tls->shared);
	if (!link->ssl || SSL_set_fd(link->ssl, fd) != 1 || !expect_name(link, tls)) {
		snprintf(why, why_size, "TLS: %s", reason());
		wt_tls_close(link);
		return NULL;
	}
	ERR_clear_error();
	do
		code = SSL_connect(link->ssl);
	while (code != 1 && wait_for(link, code, deadline));
	if (code != 1) {
		*is_certificate = explain(link, code, "TLS", why, why_size);
	} else if (tls->has_fingerprint && !has_fingerprint(link, tls, why, why_size)) {
		*is_certificate = true;
	} else {
		await_words(link, deadline);
		if (wt_tls_is_open(link, is_certificate, why, why_size))
			return link;
	}
	wt_tls_close(link);
	return NULL;
}

bool wt_tls_write(struct wt_tls_link *link, struct wt_slice bytes,
		  const struct wt_deadline *deadline, char *why, size_t why_size)
{
	ERR_clear_error();
	while (bytes.len) {
		struct wt_slice part = wt_slice_head(bytes, CHUNK_MAX);
		int code = SSL_write(link->ssl, part.ptr, (int)part.len);

		if (code > 0) {
			bytes = wt_slice_tail(bytes, (size_t)code);
		} else if (!wait_for(link, code, deadline)) {
			(void)explain(link, code, "sending", why, why_size);
			return false;
		}
	}
	return true;
}

bool wt_tls_is_open(struct wt_tls_link *link, bool *is_certificate, char *why, size_t why_size)
{
	char dropped[4096];
	unsigned i;

	*is_certificate = false;
	for (i = 0; i < LOOKS_MAX; i++) {
		int code, want;

		ERR_clear_error();
		errno = 0;
		code = SSL_read(link->ssl, dropped, sizeof(dropped));
		if (code > 0)
			continue;
		want = SSL_get_error(link->ssl, code);
		if (want == SSL_ERROR_WANT_READ || want == SSL_ERROR_WANT_WRITE)
			return true;
		*is_certificate = explain(link, code, "TLS", why, why_size);
		return false;
	}
	return true;
}

void wt_tls_close(struct wt_tls_link *link)
{
	if (!link)
		return;
	if (link->ssl && SSL_is_init_finished(link->ssl))
		(void)SSL_shutdown(link->ssl); /* our half; the answer is not waited for */
	SSL_free(link->ssl);
	ERR_clear_error();
	free(link);
}
