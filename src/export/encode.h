/* A record of the journal as the text that a receiver takes. Every function writes one
 * record, without framing and without a newline, and never more than asked for: optional
 * keys go first, in the order that wardtap-siem(7) names; the result is always whole
 * (never cut inside an escape or a character) and valid UTF-8.
 *
 * Trust: texts of an alert came from the wire: every byte is hostile and escaped here.
 * Memory: the caller's builder. */
#ifndef EXPORT_ENCODE_H
#define EXPORT_ENCODE_H

#include "export/alert_json.h"
#include "wardtap/alert.h"

enum wt_cef_ipv6 { WT_CEF_C6A, WT_CEF_SRC, WT_CEF_BOTH };

struct wt_encode_options {
	enum wt_cef_ipv6 cef_ipv6;
	const char *host;   /* of the sensor (dvchost, observer.hostname, host) */
	const char *index;  /* HEC: index; NULL: the token's own */
	/* HEC; NULL: "wardtap", and "wardtap:alert", "wardtap:health" or "wardtap:device" */
	const char *source, *sourcetype;
	size_t len_max;      /* bytes; 0: no bound beyond WT_ALERT_JSON_MAX; 1200 always fit */
	char leef_delimiter; /* '^', or a tab, which 0 means too */
};

struct wt_encode_item {
	const struct wt_alert *alert;
	uint64_t journal_seq;
};

/* False: it does not fit even without its optional keys. */
typedef bool wt_encode_fn(struct wt_builder *b, const struct wt_encode_item *item,
			  const struct wt_encode_options *options);

wt_encode_fn wt_encode_cef;  /* CEF:0|wardtap|wardtap|VERSION|... */
wt_encode_fn wt_encode_leef; /* LEEF:2.0|... */
wt_encode_fn wt_encode_json; /* EVE (alert_json.h) */
wt_encode_fn wt_encode_ecs;  /* Elastic Common Schema, the document of a data stream */
wt_encode_fn wt_encode_hec;  /* Splunk HEC event object */

/* "<alert id>-<seq>": the name under which a receiver knows a record (_id of Elastic,
 * MSGID is too short for it). 32 hexadecimal digits, '-', up to 10 digits and a NUL. */
#define WT_RECORD_ID_MAX 44u
void wt_record_id_text(const struct wt_alert *alert, char text[WT_RECORD_ID_MAX]);

#endif
