/* TLS to a receiver (OpenSSL), for syslog. One session per connection.
 *
 * The receiver is who it says when its certificate comes from a known authority and is for
 * the name that was asked for, or when the certificate has the given fingerprint
 * (RFC 5425 5.2, 4.2.2). TLS 1.2 and above.
 * Trust: every byte of the receiver is hostile; OpenSSL reads it, what is inside is dropped.
 * Memory: OpenSSL's own, per connection. */
#ifndef EXPORT_TLS_H
#define EXPORT_TLS_H

#include "export/net.h"

struct wt_tls_options {
	const char *ca_file;            /* NULL: the system's authorities */
	const char *cert_file, *key_file; /* NULL: we have none */
	const char *name;               /* that the certificate must be for: a name or an IP */
	const uint8_t *fingerprint;     /* 32 bytes; NULL: authority and name count */
};

struct wt_tls;      /* what all connections share: reads the files once */
struct wt_tls_link; /* one connection */

/* NULL: the files cannot be used, `why` says how. */
struct wt_tls *wt_tls_new(const struct wt_tls_options *options, char *why, size_t why_size);
void wt_tls_free(struct wt_tls *tls);

/* Shakes hands over a connected socket, which stays the caller's. NULL: `why`;
 * *is_certificate: it failed on a certificate (theirs or ours), which time does not mend. */
struct wt_tls_link *wt_tls_connect(struct wt_tls *tls, int fd, const struct wt_deadline *deadline,
				   bool *is_certificate, char *why, size_t why_size);

/* As wt_net_write and wt_net_is_open. *is_certificate as above, as a receiver's refusal
 * of our certificate comes behind the handshake (RFC 8446 4.4.2). */
WT_MUST_USE bool wt_tls_write(struct wt_tls_link *link, struct wt_slice bytes,
			      const struct wt_deadline *deadline, char *why, size_t why_size);
WT_MUST_USE bool wt_tls_is_open(struct wt_tls_link *link, bool *is_certificate, char *why,
				size_t why_size);

/* Says goodbye (RFC 5425 4.4) and frees it; the socket is still open. */
void wt_tls_close(struct wt_tls_link *link);

#endif
