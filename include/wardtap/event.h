/* Fields, PHI classes, events (inside the engine) and records (beyond it).
 *
 * The life of an event: a dissector begins one (wt_event_begin), puts fields that
 * it declared in its table, and returns WT_OK; the engine then commits all events
 * of that message in the order they were begun. A committed event still holds raw
 * values. redact/ turns it into a record, the only thing that leaves the engine:
 * direct and secret fields are dropped, quasi fields become keyed pseudonyms.
 * Everything downstream takes `const struct wt_record *` and redact.c alone can
 * make one, so sending raw patient data on does not compile. */
#ifndef WARDTAP_EVENT_H
#define WARDTAP_EVENT_H

#include "wardtap/bytes.h"
#include "wardtap/flow.h"
#include "wardtap/packet.h"
#include "wardtap/types.h"

/* The C type behind each: BOOL bool; U64 uint64_t; I64 int64_t; DEC int64_t in
 * millionths, printed as a decimal number; STR bytes, printed as a string (always
 * valid UTF-8, see json.h); TIME uint64_t ns, printed as an ISO 8601 timestamp. */
enum wt_field_type {
	WT_TYPE_BOOL,
	WT_TYPE_U64,
	WT_TYPE_I64,
	WT_TYPE_DEC,
	WT_TYPE_STR,
	WT_TYPE_TIME,
};

/* Who could be harmed by the value, and what redaction does by default. */
enum wt_phi {
	WT_PHI_NONE,   /* says nothing about persons: passes */
	WT_PHI_DEVICE, /* identifies equipment: passes */
	WT_PHI_QUASI,  /* could identify a person with other data: keyed pseudonym */
	WT_PHI_DIRECT, /* patient data: never leaves the engine */
	WT_PHI_SECRET, /* credentials: never leave the engine */
};

/* What may be derived from a direct, secret or quasi value all the same. */
enum wt_declass {
	WT_DECLASS_ASIS,    /* nothing beyond the class's default */
	WT_DECLASS_PRESENT, /* the record says true: the value was there, not empty */
};

enum wt_mult {
	WT_MULT_ONE,  /* at most once per event; a second put is ignored */
	WT_MULT_MANY, /* list, in order; printed as an array */
};

/* One row of the field dictionary. */
struct wt_field {
	const char *name;   /* dotted; the first part names the object in the output */
	const char *unit;   /* "" when it has none */
	const char *clause; /* where the standard defines it */
	const char *doc;    /* one sentence */
	enum wt_field_type type;
	enum wt_mult mult;
	enum wt_phi phi;
	enum wt_declass declass;
	uint16_t cap; /* longest STR kept, bytes; longer values are cut and flagged */
};

struct wt_event_type {
	const char *name; /* event_type in the output */
	const char *doc;
};

/* A field table is an X-macro that lists rows
 *   F(ID, TYPE, MULT, PHI, DECLASS, cap, "unit", "name", "clause", "doc")
 * e.g. F(CALLED_AE, STR, ONE, DEVICE, ASIS, 16, "", "dicom.called_ae", ...)
 * and WT_DECLARE_FIELDS(ROWS) makes of it the enum F_<ID>, the table `fields` and
 * one setter put_<ID>(out, event, value) per row. A row that no code emits is an
 * unused function: a warning, thus an error. */
#define WT_FIELD_ENUM(id, type, mult, phi, declass, cap, unit, name, clause, doc) F_##id,
#define WT_FIELD_ROW(id, type_, mult_, phi_, declass_, cap_, unit_, name_, clause_, doc_) \
	[F_##id] = { .name = name_, .unit = unit_, .clause = clause_, .doc = doc_, \
		     .type = WT_TYPE_##type_, .mult = WT_MULT_##mult_, \
		     .phi = WT_PHI_##phi_, .declass = WT_DECLASS_##declass_, .cap = cap_ },
#define WT_FIELD_SETTER(id, type, mult, phi, declass, cap, unit, name, clause, doc) \
	static void put_##id(struct wt_out *out, unsigned event, WT_CTYPE_##type value) \
	{ WT_PUT_##type(out, event, WT_FIELD_BASE + (unsigned)F_##id, value); }
#define WT_CTYPE_BOOL bool
#define WT_CTYPE_U64 uint64_t
#define WT_CTYPE_I64 int64_t
#define WT_CTYPE_DEC int64_t
#define WT_CTYPE_STR struct wt_slice
#define WT_CTYPE_TIME uint64_t
#define WT_PUT_BOOL(out, event, field, value) wt_put_number(out, event, field, (value) ? 1 : 0)
#define WT_PUT_U64(out, event, field, value) wt_put_number(out, event, field, value)
#define WT_PUT_I64(out, event, field, value) wt_put_number(out, event, field, (uint64_t)(value))
#define WT_PUT_DEC(out, event, field, value) wt_put_number(out, event, field, (uint64_t)(value))
#define WT_PUT_TIME(out, event, field, value) wt_put_number(out, event, field, value)
#define WT_PUT_STR(out, event, field, value) wt_put_bytes(out, event, field, value)
#define WT_DECLARE_FIELDS(ROWS) \
	enum { ROWS(WT_FIELD_ENUM) F_COUNT_ }; \
	static const struct wt_field fields[] = { ROWS(WT_FIELD_ROW) }; \
	ROWS(WT_FIELD_SETTER)

/* Field ids: a dissector's own fields count from WT_FIELD_OWN in its table's
 * order; the shared ones (fields.def) count from 0. */
#define WT_FIELD_OWN 0x8000u
#define WT_FIELD_BASE WT_FIELD_OWN

enum wt_shared_field {
#define F(id, type, mult, phi, declass, cap, unit, name, clause, doc) WT_F_##id,
#include "wardtap/fields.def"
#undef F
	WT_N_SHARED_FIELDS
};

extern const struct wt_field wt_shared_fields[WT_N_SHARED_FIELDS];

/* Where a dissector's results go; opaque, owned by the engine. */
struct wt_out;

/* Begins an event of type `type` (index into the dissector's event_types) and
 * gives its handle, 0..WT_EVENTS_OPEN_MAX-1, or WT_EVENT_NONE when the message
 * holds too many already (counted; puts to it are ignored). The handle is valid
 * until the message is committed, over several calls of `message`. */
unsigned wt_event_begin(struct wt_out *out, unsigned type);
#define WT_EVENT_NONE 0xffu

/* Base of all setters. Bytes are copied and cut at the field's cap (the event then
 * says so in `truncated`). Empty slices are not put. */
void wt_put_number(struct wt_out *out, unsigned event, unsigned field, uint64_t value);
void wt_put_bytes(struct wt_out *out, unsigned event, unsigned field,
		  struct wt_slice value);

/* Bounds of one message's events; what does not fit is counted and flagged. */
#define WT_EVENTS_OPEN_MAX 64
#define WT_EVENT_BYTES_MAX 32768u

/* One field of an event or a record, as stored: this header, then `len` bytes
 * (numbers: 8 bytes, host order). */
struct wt_value {
	uint16_t field; /* id as above */
	uint8_t event;  /* handle (events only) */
	uint8_t form;   /* enum wt_form (records only) */
	uint32_t len;
};

/* How a record holds a field. */
enum wt_form {
	WT_FORM_PLAIN,     /* the value */
	WT_FORM_PSEUDONYM, /* text: keyed pseudonym of the value */
	WT_FORM_PRESENT,   /* BOOL true: there was a value (declassifier PRESENT) */
};

/* Everything an event or record says besides its fields. */
struct wt_event_head {
	uint64_t order;    /* packet number: replay merges by (order, shard, index) */
	uint32_t index;    /* counts events of one shard within one packet or tick */
	uint8_t shard;
	uint8_t is_tick;   /* made by the clock before packet `order`, not by it */
	uint8_t sender;    /* who sent the bytes: index into key.end */
	uint8_t client;    /* who opened the flow: index into key.end */
	uint8_t n_vlans;
	uint16_t owner;    /* dissector: index + 1 in the registry; 0: the engine */
	uint16_t type;     /* event type within its owner */
	uint16_t app;      /* protocol of the flow: as owner, or 0 */
	uint16_t hint;     /* label of the hint library, 0: none */
	uint16_t vlan[WT_VLANS_MAX];
	uint64_t ts_ns;
	uint64_t number;   /* of the packet that completed it; 0 for ticks */
	uint64_t flow_id;
	struct wt_flow_key key;
	uint8_t mac[12];   /* destination, source */
	uint8_t has_mac;
	uint8_t is_truncated; /* a value was cut or a field dropped */
	uint16_t interface;
};

/* An event on its way to redaction: raw values, engine only. */
struct wt_event {
	struct wt_event_head head;
	unsigned handle;         /* which values of the list belong to it */
	struct wt_slice values;  /* struct wt_value and bytes, repeated, unaligned */
};

/* What leaves the engine. Only redact/redact.c writes one. */
struct wt_record {
	uint32_t size; /* bytes, this struct included, multiple of 8 */
	uint32_t values_len;
	struct wt_event_head head;
	uint8_t values[]; /* struct wt_value and bytes, repeated, unaligned */
};

#define WT_RECORD_SIZE_MAX (sizeof(struct wt_record) + WT_EVENT_BYTES_MAX * 2u)

/* Walks values. Takes the next from `rest` (which shrinks); false at the end. */
bool wt_value_next(struct wt_slice *rest, struct wt_value *value, struct wt_slice *bytes);

/* The number behind a value of 8 bytes. */
uint64_t wt_value_number(struct wt_slice bytes);

/* Receiver of records, installed by app/. The record is borrowed. ahead (or NULL) hears of
 * most records a few before they are taken: time to fetch memory, no promise. */
struct wt_record_sink {
	void (*take)(void *self, const struct wt_record *record);
	void (*ahead)(void *self, const struct wt_record *record);
	void *self;
};

#endif
