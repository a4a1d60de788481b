/* What the beginnings of TLS and SSL 2.0 look like. Each judgement: WT_OK, WT_MORE (as far
 * as it is there, yes) or WT_FOREIGN.
 * Source: RFC 8446 5.1, RFC 5246 6.2, RFC 5246 E.2, SSL 2.0 (Hickman, 1995) 2.5.
 * Trust: hostile bytes. Memory: none. */
#ifndef TLS_SHAPE_H
#define TLS_SHAPE_H

#include "wardtap/dissector.h"

#define TLS_HEAD_LEN 5u
#define TLS_RECORD_MAX (16384u + 2048u) /* RFC 5246 6.2.3 */

enum { REC_CIPHER = 20, REC_ALERT = 21, REC_HANDSHAKE = 22, REC_DATA = 23, REC_HEARTBEAT = 24 };
enum { HS_CLIENT_HELLO = 1, HS_SERVER_HELLO = 2, HS_CERTIFICATE = 11, HS_STATUS = 22 };

enum wt_verdict tls_see_record(struct wt_slice s);
/* A record that begins with a hello. */
enum wt_verdict tls_see_hello(struct wt_slice s);
enum wt_verdict tls_see_ssl2(struct wt_slice s);
enum wt_verdict tls_see_ssl2_server(struct wt_slice s);

#endif
