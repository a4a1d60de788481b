/* One record as a syslog message.
 *
 *   RFC 5424  <PRI>1 TIMESTAMP HOST wardtap PROCID MSGID - MSG
 *   RFC 3164  <PRI>Mmm dd hh:mm:ss HOST MSG            (CEF and LEEF)
 *             <PRI>Mmm dd hh:mm:ss HOST wardtap: MSG   (JSON)
 *
 * MSG begins without a byte order mark behind exactly one blank, as collectors of CEF
 * look for " CEF:0|". MSGID is the kind of the record, the time is when it was due. */
#ifndef EXPORT_SYSLOG_FRAME_H
#define EXPORT_SYSLOG_FRAME_H

#include "base/sinks.h"
#include "export/encode.h"
#include "export/format.h"

#define WT_SYSLOG_MAX 65536u /* bytes of a message, with its frame */
#define WT_SYSLOG_FACILITIES 24u

struct wt_syslog_form {
	enum wt_sink_syntax syntax;
	enum wt_sink_framing framing;
	bool is_framed;    /* false: a datagram */
	bool has_tag;      /* RFC 3164: "wardtap: " */
	unsigned facility; /* below WT_SYSLOG_FACILITIES */
	size_t len_max;    /* bytes of a message without its frame */
	wt_encode_fn *encode;
	struct wt_encode_options options; /* host is HOSTNAME too */
};

/* PRI's severity: 1 alert (9, 10: the safety of patients), 2 critical (7, 8), 4 warning
 * (4 to 6), 5 notice (1 to 3), 6 informational (heartbeats and devices). */
unsigned wt_syslog_severity(const struct wt_alert *alert);

/* Writes one frame (WT_SYSLOG_MAX bytes of room). False: it does not fit into len_max. */
WT_MUST_USE bool wt_syslog_frame(struct wt_builder *b, const struct wt_syslog_form *form,
				 const struct wt_encode_item *item);

#endif
