/* The alert as it is kept and sent: an immutable record.
 *
 * One alert (an aggregate: the same rule on the same pair) is told by several records of
 * one `id`: seq 0 leaves at once, later ones bring the count and the times up to date.
 * The id is made of the sensor's name, the rule, the flow key and the first packet's time
 * and index, so a replay of the same packets gives the same ids, and a receiver that
 * keeps (id, seq) apart may be sent a record twice.
 *
 * Encoded: version, little-endian numbers, texts and fields with their lengths. Fields
 * are named, not numbered: a journal outlives the program that wrote it.
 * Trust: a decoder takes any bytes. Memory: slices of a decoded alert lie in its bytes. */
#ifndef WARDTAP_ALERT_H
#define WARDTAP_ALERT_H

#include "wardtap/event.h"

#define WT_ALERT_ID_LEN 16u
#define WT_ALERT_BYTES_MAX 16384u /* of an encoded alert */
#define WT_ALERT_TEXT_MAX 512u    /* of one text; longer ones are cut */
#define WT_ALERT_SEVERITY_MAX 10u /* 9 and 10: the safety of patients */

enum wt_alert_kind {
	WT_ALERT_RULE,    /* a rule or an indicator matched */
	WT_ALERT_GAP,     /* the sensor did not watch from first_ns to last_ns */
	WT_ALERT_EVICTED, /* n records left the journal unsent, to make room */
	WT_ALERT_DAMAGE,  /* n bytes of the journal cannot be read */
	WT_ALERT_HEALTH,  /* the heartbeat: counters of the sensor as fields; no alert */
	WT_ALERT_DEVICE,  /* a device was found or changed: the source's rows; no alert */
	WT_ALERT_MISSING, /* n records never came to this receiver (made by the courier) */
	WT_N_ALERT_KINDS,
};

/* Texts of an alert; the rows of a device are for the sender and the receiver. */
enum wt_alert_text {
	WT_ALERT_SENSOR,
	WT_ALERT_INTERFACE,
	WT_ALERT_APP,       /* protocol of the flow */
	WT_ALERT_SIGNATURE, /* what the rule says */
	WT_ALERT_CATEGORY,
	WT_ALERT_SENTENCE, /* the same for people who do not read rules */
	WT_ALERT_SRC_DEVICE,
	WT_ALERT_SRC_NAME,
	WT_ALERT_SRC_CLASS,
	WT_ALERT_SRC_VENDOR,
	WT_ALERT_SRC_MODEL,
	WT_ALERT_DST_DEVICE,
	WT_ALERT_DST_NAME,
	WT_ALERT_DST_CLASS,
	WT_ALERT_DST_VENDOR,
	WT_ALERT_DST_MODEL,
	WT_N_ALERT_TEXTS,
};

struct wt_alert {
	uint8_t id[WT_ALERT_ID_LEN];
	uint32_t seq;
	uint8_t kind;               /* enum wt_alert_kind */
	uint8_t severity;           /* 1..10 */
	uint8_t confidence;         /* percent */
	bool is_closed;             /* no record of this id follows */
	bool is_truncated;          /* a text was cut or a field left out */
	uint64_t first_ns, last_ns; /* packet time of the first and the latest match */
	uint64_t made_ns;           /* packet time at which this record was due */
	uint64_t n;                 /* matches so far */
	uint64_t number;            /* packet of the first match, 0: not known */
	uint64_t flow_id;
	uint32_t gid, sid, rev;
	struct wt_flow_key key; /* ip_version 0: no addresses */
	uint8_t sender;         /* index into key.end */
	uint8_t n_vlans;
	uint8_t has_mac;
	uint16_t vlan[WT_VLANS_MAX];
	uint8_t mac[12]; /* destination, source */
	struct wt_slice text[WT_N_ALERT_TEXTS];
	struct wt_slice fields; /* encoded, see wt_alert_take_field */
};

/* One field of an alert. */
struct wt_alert_field {
	struct wt_slice name; /* dotted, as in the field dictionary */
	uint8_t type;         /* enum wt_field_type */
	uint8_t form;         /* enum wt_form */
	struct wt_slice bytes;
	uint64_t number; /* of all types but STR */
};

/* Adds a field to a list that is being built. False when it does not fit. */
WT_MUST_USE bool wt_alert_put_field(struct wt_builder *b, const struct wt_alert_field *field);

/* Takes the next field from the list; false at the end. */
WT_MUST_USE bool wt_alert_take_field(struct wt_slice *fields, struct wt_alert_field *field);

/* Encodes into `b`; texts are cut at their bound. False when it has no room. */
WT_MUST_USE bool wt_alert_encode(const struct wt_alert *alert, struct wt_builder *b);

/* Reads one alert that fills `bytes`. False for anything else. */
WT_MUST_USE bool wt_alert_decode(struct wt_slice bytes, struct wt_alert *alert);

/* An id of 32 hexadecimal digits and a NUL. */
void wt_alert_id_text(const uint8_t id[WT_ALERT_ID_LEN], char text[33]);

const char *wt_alert_kind_name(unsigned kind);

/* Whether somebody is to look at it: everything but heartbeats and devices. */
static inline bool wt_alert_is_alert(const struct wt_alert *alert)
{
	return alert->kind != WT_ALERT_HEALTH && alert->kind != WT_ALERT_DEVICE;
}

#endif
