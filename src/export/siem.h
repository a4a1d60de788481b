/* What the encoders of records have in common: the values that a record has, tables of
 * keys, and two writers (JSON objects; key=value pairs).
 *
 * Every format is a table of rows, in the order in which keys are written. The manual page
 * wardtap-siem(7) is made from the same tables. A record that is longer than allowed is
 * written again with less: first the list of its fields gets shorter (WT_SIEM_SHRINKS
 * steps), then rows are left out in the order of `drop`, at last all texts are cut.
 *
 * Trust: all texts are hostile. Memory: a view, about 16 KiB of stack. */
#ifndef EXPORT_SIEM_H
#define EXPORT_SIEM_H

#include "export/encode.h"

enum wt_siem_value {
#define V(id, type, doc) WT_SIEM_##id,
#include "export/siem.def"
#undef V
	WT_N_SIEM_VALUES
};

enum wt_siem_type {
	WT_SIEM_TYPE_NONE, /* the record has no such value */
	WT_SIEM_TYPE_TEXT,
	WT_SIEM_TYPE_U64,
	WT_SIEM_TYPE_BOOL,
	WT_SIEM_TYPE_TIME,    /* ns */
	WT_SIEM_TYPE_LIST,    /* texts */
	WT_SIEM_TYPE_NUMBERS, /* list of numbers */
	WT_SIEM_TYPE_META,    /* texts "key value" of the rule */
	WT_SIEM_TYPE_FIELDS,
};

struct wt_siem_about {
	const char *doc;
	enum wt_siem_type type;
};
extern const struct wt_siem_about wt_siem_about[WT_N_SIEM_VALUES];

/* Kinds of record that a row is for. */
#define WT_FOR_RULE 1u
#define WT_FOR_OWN 2u /* what the sensor says of itself: gaps, the journal */
#define WT_FOR_HEALTH 4u
#define WT_FOR_DEVICE 8u
#define WT_FOR_ALERT (WT_FOR_RULE | WT_FOR_OWN)
#define WT_FOR_ALL (WT_FOR_ALERT | WT_FOR_HEALTH | WT_FOR_DEVICE)

struct wt_siem_row {
	const char *key;  /* JSON: dots part objects; "x.*": members of x by themselves */
	uint8_t value;    /* enum wt_siem_value */
	uint8_t kinds;    /* WT_FOR_* */
	uint8_t drop;     /* 0: never; else the 1st, 2nd, ... that is left out */
	uint16_t cap;     /* bytes of the text before the format's escapes; 0: none */
	const char *word; /* of CONSTANT; of others the label, which CEF writes too */
};

enum wt_siem_time { WT_TIME_EVE, WT_TIME_ZULU, WT_TIME_SECONDS, WT_TIME_MS };

struct wt_siem_table {
	const char *name;
	const struct wt_siem_row *row;
	unsigned n_rows;
	enum wt_siem_time time;
	bool is_signed;                /* numbers are of 63 bits */
	const char *const *elsewhere;  /* fields that have a key of their own; ends in NULL */
};
extern const struct wt_siem_table wt_siem_cef, wt_siem_leef, wt_siem_eve, wt_siem_ecs,
	wt_siem_hec;

#define WT_SIEM_SHRINKS 3u /* 32, 8, 0 fields */
#define WT_SIEM_CUTS 2u    /* texts of 128, 32 bytes */

/* Fields of a record: an alert has room for so many at most. */
#define WT_SIEM_FIELDS_MAX (WT_ALERT_BYTES_MAX / 6u)
#define WT_SIEM_LIST_MAX 16u

struct wt_siem_fields {
	unsigned n;
	struct {
		uint16_t at;   /* in alert->fields */
		uint16_t hash; /* of the name */
	} field[WT_SIEM_FIELDS_MAX];
};

/* One value of a record. Borrowed from the view. */
struct wt_siem_datum {
	enum wt_siem_type type;
	struct wt_slice text;
	uint64_t number;
	const struct wt_slice *list;
	const uint16_t *numbers;
	unsigned n;
};

struct wt_siem_view {
	const struct wt_alert *alert;
	const struct wt_encode_options *options;
	const struct wt_siem_table *table;
	uint64_t journal_seq;
	unsigned kind;       /* one of WT_FOR_* */
	unsigned level;      /* 0: everything is written */
	unsigned fields_max; /* by the level */
	size_t text_max;
	struct wt_slice ip[2], mac[2][3], proto, transport, community_id, context, role, make;
	struct wt_slice record_id, external_id, class_id, sid, rev, ip_proto, vlan[2];
	struct wt_slice technique[WT_SIEM_LIST_MAX], reference[WT_SIEM_LIST_MAX];
	struct wt_slice meta[WT_SIEM_LIST_MAX * 2], related[2], hosts[3];
	unsigned n_techniques, n_references, n_metas, n_related, n_hosts;
	struct wt_builder texts; /* over `room` */
	uint8_t room[2048];
	struct wt_siem_fields fields;
};

/* The value for a row, or type NONE. */
struct wt_siem_datum wt_siem_take(const struct wt_siem_view *view,
				  const struct wt_siem_row *row);

/* Whether the row is written at the view's level. */
static inline bool wt_siem_is_kept(const struct wt_siem_view *view, const struct wt_siem_row *row)
{
	return (row->kinds & view->kind) &&
	       (!row->drop || view->level < WT_SIEM_SHRINKS + row->drop);
}

/* Walks the record's fields: each name once, with its first value in *field. `at` begins
 * with 0. False at the end. */
bool wt_siem_field(const struct wt_siem_view *view, unsigned *at, struct wt_alert_field *field);

/* The next value of the field that wt_siem_field gave, from its `at`. */
bool wt_siem_field_more(const struct wt_siem_view *view, unsigned *at,
			struct wt_alert_field *field);

/* Whether the dictionary calls it a list. */
bool wt_siem_is_list(struct wt_slice name);

/* The part of a text that has at most `max` bytes and ends between characters. */
struct wt_slice wt_siem_head(struct wt_slice text, size_t max);

/* Writes a record at the mildest level at which it fits; `write` writes one that may be
 * too long, into a builder that says so. */
typedef void wt_siem_write_fn(struct wt_builder *b, const struct wt_siem_view *view);
WT_MUST_USE bool wt_siem_encode(struct wt_builder *b, const struct wt_encode_item *item,
				const struct wt_encode_options *options,
				const struct wt_siem_table *table, wt_siem_write_fn *write);

/* One JSON object. */
wt_siem_write_fn wt_siem_write_json;

/* How a text is written in pairs. What no format can carry as it is (control characters,
 * bidirectional controls, bytes that are no UTF-8, blanks at the ends) becomes \xHH, byte by
 * byte, and a backslash before an x or at the end becomes \x5c, so the bytes can be told
 * from the text. `is_cef`: backslash and the signs of `escaped` get a backslash, line ends
 * are \n and \r unless it is a header. Signs of `replaced` become \xHH. */
struct wt_siem_style {
	bool is_cef, is_header;
	uint8_t escaped, replaced[2]; /* 0: none */
};
void wt_siem_put_text(struct wt_builder *b, struct wt_slice text, size_t cap,
		      const struct wt_siem_style *style);

/* key=value pairs with `between` between them. */
void wt_siem_write_pairs(struct wt_builder *b, const struct wt_siem_view *view, char between,
			 const struct wt_siem_style *style);

#endif
