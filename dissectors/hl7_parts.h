/* What the files of the HL7 v2 dissector share: delimiters, segments, state.
 *
 *   hl7.c           probe, framing, the declaration
 *   hl7_block.c     segments of a block, long fields, batches
 *   hl7_segment.c   delimiters, splitting, escape sequences
 *   hl7_message.c   header, acknowledgements, presence of patient data
 *   hl7_abuse.c     escape abuse, injected text, embedded programs
 *   hl7_identity.c  devices: OBX-18, MDC attributes, SFT, PRT, EQU
 *   hl7_udi.c       unique device identifiers
 *   hl7_pcd.c       OBX by meaning: pumps and alarms
 *   hl7_order.c     pump programming (RGV)
 *   hl7_mdc.c       reference ids of IEEE 11073-10101
 *
 * Trust: every slice here is hostile. Memory: struct hl7_state per flow. */
#ifndef HL7_PARTS_H
#define HL7_PARTS_H

#include "hl7_fields.h"

/* Caps; what is beyond is counted and flagged, the frame is followed all the same. */
#define HL7_WINDOW 8192u       /* bytes of a segment that are looked at in one piece */
#define HL7_SEGMENTS_MAX 4096u /* segments of a message that are looked at */
#define HL7_COLUMNS_MAX 256u   /* fields of a segment */
#define HL7_REPEATS_MAX 64u    /* repetitions of a field */
#define HL7_NAMES_MAX 32u      /* distinct segment names listed */
#define HL7_DEVICES_MAX 12u    /* devices told apart in a message */
#define HL7_PUMPS_MAX 24u      /* pump parts told apart in a message */
#define HL7_ALARMS_MAX 14u     /* alarms of a message */
#define HL7_ORDERS_MAX 12u     /* pump orders of a message */
#define HL7_PAIRS_MAX 32u      /* messages per direction that await an answer */
#define HL7_LIST_MAX 16u       /* entries of a listed field */
#define HL7_TEXT_MAX 256u      /* decoded text of one value, bytes */

/* Framing bytes, HL7 TRMLLP R2 */
enum {
	HL7_SB = 0x0b,
	HL7_EB = 0x1c,
	HL7_CR = 0x0d,
	HL7_LF = 0x0a,
	HL7_ACK = 0x06,
	HL7_NAK = 0x15
};

/* Delimiters of a message; 0 where it has none. */
struct hl7_delims {
	uint8_t field, component, repetition, escape, subcomponent;
};

/* A segment, or a piece of a long one: column[i] is field `first` + i. MSH-1 and
 * MSH-2 (FHS, BHS alike) are numbered as the standard does. Borrowed. */
struct hl7_segment {
	uint8_t name[3];
	const struct hl7_delims *delims;
	unsigned first;
	unsigned n;
	bool is_over; /* had more fields than are kept */
	struct wt_slice column[HL7_COLUMNS_MAX];
};

enum hl7_frame { HL7_FRAME_NONE, HL7_FRAME_MLLP, HL7_FRAME_HLLP };

/* What a message is, as far as later segments care. */
enum hl7_kind { HL7_KIND_OTHER, HL7_KIND_RGV, HL7_KIND_ALARM, HL7_KIND_EVENT, HL7_KIND_QUERY };

/* Flags of hl7_message.flags */
enum {
	HL7_IS_LF = 1 << 0,
	HL7_IS_OVER_CAP = 1 << 1,
	HL7_IS_NESTED = 1 << 2,
	HL7_IS_MISSING_CR = 1 << 3,
	HL7_IS_ODD = 1 << 4,
	HL7_IS_BAD_SEGMENT = 1 << 5,
	HL7_IS_LONG = 1 << 6,
	HL7_HAS_MDC_DEVICE = 1 << 7,
	HL7_HAS_PUMP = 1 << 8,
	HL7_IS_PERSONAL = 1 << 9, /* its devices are worn, implanted or at home */
};

/* Place in the containment tree, OBX-4; 0 unknown. depth: numbers that were there. */
struct hl7_path {
	uint32_t mds, vmd, chan;
	uint8_t depth;
	bool is_device; /* ends in zero: the row stands for the device or part itself */
};

enum hl7_id_kind { HL7_ID_NONE, HL7_ID_EUI64, HL7_ID_SERIAL, HL7_ID_OTHER };

/* A device of the message at hand. */
struct hl7_device {
	uint64_t hash;     /* of what identifies it; 0: nothing did yet */
	uint32_t mds, vmd; /* where it stands; 0 unknown */
	uint8_t event;
	uint8_t id_kind;
	uint8_t id_len;
	uint8_t id[28];
};

struct hl7_pump {
	uint32_t mds, vmd, chan;
	uint8_t event;
};

/* The message of one direction that is open; zeroed when it ends. */
struct hl7_message {
	uint64_t start; /* stream offset of its first byte */
	uint32_t n_segments;
	uint32_t n_obx;
	uint16_t flags;
	uint8_t event;
	uint8_t kind;        /* enum hl7_kind */
	uint8_t transaction; /* by profile: number of the PCD transaction, or 0 */
	uint8_t escape_abuse, injection, embedded; /* bits of hl7_abuse.c, told once */
	uint8_t n_errors;
	uint8_t n_names;
	uint8_t name[HL7_NAMES_MAX][3];
	uint8_t n_devices, n_pumps, n_alarms, n_orders;
	uint8_t last_device; /* index + 1 of the device of the last OBX, or 0 */
	uint16_t order;      /* RGV: event + 1 of the order at hand, or 0 */
	uint16_t alarm;      /* event + 1 of the alarm at hand, or 0 */
	uint8_t control_len;
	uint8_t control[64];  /* MSH-10, for the events that follow */
	struct hl7_path path; /* of the OBX at hand */
	uint64_t control_hash;
	struct hl7_device device[HL7_DEVICES_MAX];
	struct hl7_pump pump[HL7_PUMPS_MAX];
};

/* BHS or FHS until its trailer. */
struct hl7_batch {
	bool is_open;
	uint32_t n;
	uint8_t control_len;
	uint8_t control[32];
};

#define HL7_TAIL_IGNORED 0xffffu

enum hl7_phase {
	HL7_IDLE,  /* between blocks */
	HL7_BLOCK, /* at the start of a segment */
	HL7_TAIL,  /* inside a long segment, after what was passed over */
};

struct hl7_dir {
	uint8_t phase;  /* enum hl7_phase */
	uint8_t frame;  /* enum hl7_frame of the block at hand */
	bool is_open;   /* a message is open */
	bool is_lf;     /* segments of this block end with LF alone */
	bool is_lost;   /* passing over bytes that are no block */
	bool at_line;   /* what was passed over ended with CR or LF */
	bool has_stray; /* a segment outside a message was told of */
	struct hl7_delims delims;
	struct hl7_delims batch_delims; /* of BHS or FHS */
	uint8_t tail_name[3];           /* the long segment, and its field at hand */
	uint16_t tail_column;           /* HL7_TAIL_IGNORED: beyond what is looked at */
	struct hl7_batch batch, file;
	struct hl7_message message;
};

/* A message that may be acknowledged from the other side. */
struct hl7_pair {
	uint64_t hash; /* of MSH-10 */
	uint64_t at_ns;
};

struct hl7_pairs {
	uint64_t last_ns; /* end of the last message, 0: none */
	uint8_t next;
	struct hl7_pair pair[HL7_PAIRS_MAX];
};

struct hl7_state {
	struct hl7_dir dir[2];
	struct hl7_pairs pairs[2];
};

/* One call: what every function below is handed. */
struct hl7_call {
	struct hl7_state *state;
	struct hl7_dir *q;
	struct hl7_message *m;
	struct wt_out *out;
	enum wt_direction dir;
	uint64_t offset; /* in the stream, of the reader's first byte */
	size_t scanned;  /* of these bytes were searched before */
	size_t window;   /* HL7_WINDOW, or all of a datagram */
	bool is_end;     /* nothing follows what the reader holds */
	bool is_skip;    /* a skip was asked for */
	bool is_done;    /* events were committed */
};

/* --- hl7.c --- */

/* What stands where a block may begin. */
enum hl7_open {
	HL7_OPEN_MORE,  /* too short to say */
	HL7_OPEN_NO,    /* no block */
	HL7_OPEN_BLANK, /* CR or LF */
	HL7_OPEN_BLOCK, /* framed: `len` bytes, then a header segment */
	HL7_OPEN_BARE,  /* a header segment without frame */
	HL7_OPEN_ACK,   /* commit blocks, `len` bytes */
	HL7_OPEN_NAK,
};

struct hl7_opening {
	enum hl7_open kind;
	enum hl7_frame frame;
	size_t len;
};

struct hl7_opening wt_hl7_opening(struct wt_slice s, bool is_end);

/* Goes into what `o` opens and consumes its bytes. */
void wt_hl7_open(struct hl7_call *c, struct wt_reader *r, const struct hl7_opening *o);

/* --- hl7_block.c --- */

/* One step inside a block: a segment or what ends it. */
enum wt_verdict wt_hl7_block(struct hl7_call *c, struct wt_reader *r);

/* Ends the open message, if any, and the block. */
void wt_hl7_block_end(struct hl7_call *c, uint64_t offset, bool is_truncated);

/* --- hl7_segment.c --- */

/* Name of a header segment at the start of `s`: MSH, FHS or BHS. */
bool wt_hl7_is_header(struct wt_slice s);

/* Delimiters of the header segment `s` (all of it, or its beginning). *is_odd: they
 * break the standard's rules. False when there is no usable field separator. */
bool wt_hl7_read_delims(struct wt_slice s, struct hl7_delims *delims, bool *is_odd);

/* Printable, no letter, digit or space. */
bool wt_hl7_is_delimiter(uint8_t byte);

/* Three characters, a capital first, then capitals or digits. */
bool wt_hl7_is_name(struct wt_slice s);

/* Splits a whole segment. */
void wt_hl7_split(struct hl7_segment *seg, struct wt_slice s, const struct hl7_delims *delims);

/* Splits a piece that begins inside field `first` (the piece's first field is what is
 * left of it). */
void wt_hl7_split_tail(struct hl7_segment *seg, const uint8_t *name, unsigned first,
		       struct wt_slice s, const struct hl7_delims *delims);

/* Field by the standard's number; empty where it is not in this piece. `""` (delete)
 * counts as empty. */
struct wt_slice wt_hl7_column(const struct hl7_segment *seg, unsigned number);

/* Next repetition of *rest; false at the end. */
bool wt_hl7_repeat(struct wt_slice *rest, const struct hl7_delims *delims,
		   struct wt_slice *repeat);
struct wt_slice wt_hl7_first_repeat(struct wt_slice field, const struct hl7_delims *delims);

/* Component 1, 2, ... of one repetition, and subcomponent 1 of a component. */
struct wt_slice wt_hl7_component(struct wt_slice repeat, const struct hl7_delims *delims,
				 unsigned number);

/* Component of the first repetition of a field. */
struct wt_slice wt_hl7_part(const struct hl7_segment *seg, unsigned field, unsigned component);

/* Decodes \F\ \S\ \T\ \R\ \E\ and \Xhh\; others stay as they stand. The result is `s`
 * itself or lies in room[HL7_TEXT_MAX]; longer text is cut. */
struct wt_slice wt_hl7_decode(struct wt_slice s, const struct hl7_delims *delims,
			      uint8_t *room);

/* The first subcomponent, decoded. A separator that the sender forgot to escape (as in
 * ICCBBA identifiers) is kept when `keep_sub`. */
struct wt_slice wt_hl7_text(struct wt_slice s, const struct hl7_delims *delims, bool keep_sub,
			    uint8_t *room);

/* `s` when it is a word of an enumeration (letters, digits, _ . -), else empty: where
 * a sender may write free text instead, that stays inside. */
struct wt_slice wt_hl7_token(struct wt_slice s);

/* Compares without regard to ASCII case. */
bool wt_hl7_is_word(struct wt_slice s, const char *word);
bool wt_hl7_has_prefix(struct wt_slice s, const char *prefix);

/* Length of a literal's text. */
size_t wt_hl7_literal_len(const char *text);

/* --- hl7_message.c --- */

/* MSH: begins the message's event. */
void wt_hl7_message_begin(struct hl7_call *c, const struct hl7_segment *seg,
			  struct wt_slice raw, bool is_odd);

/* Any other segment of a message. */
void wt_hl7_message_segment(struct hl7_call *c, const struct hl7_segment *seg);

/* The rest of the event; the caller commits. `len`: bytes of the message. */
void wt_hl7_message_end(struct hl7_call *c, uint64_t len, bool is_truncated);

/* An event that speaks of the message at hand. */
unsigned wt_hl7_event(struct hl7_call *c, enum hl7_event_type type);

/* --- hl7_abuse.c --- */

/* Looks for abuse in a segment's bytes; told once per message. */
void wt_hl7_abuse_scan(struct hl7_call *c, struct wt_slice raw);

/* What the value of an ED or RP observation begins with. */
void wt_hl7_abuse_document(struct hl7_call *c, const struct hl7_segment *seg);

/* --- hl7_identity.c --- */

void wt_hl7_software(struct hl7_call *c, const struct hl7_segment *seg);
void wt_hl7_participation(struct hl7_call *c, const struct hl7_segment *seg);
void wt_hl7_equipment(struct hl7_call *c, const struct hl7_segment *seg);

/* OBX-18 of the OBX at hand; `type`: OBX-3's reference id when the row stands for a
 * device, else empty. */
void wt_hl7_obx_device(struct hl7_call *c, const struct hl7_segment *seg, struct wt_slice type);

/* An identity attribute (role) of the device at c->m->path. */
void wt_hl7_attribute(struct hl7_call *c, const struct hl7_segment *seg, unsigned role);

/* Puts the id of the device that stands at (mds, vmd) into `event`. */
void wt_hl7_link_device(struct hl7_call *c, unsigned event, uint32_t mds, uint32_t vmd);

/* The EUI-64 in `s`, 16 capital hex digits, written to room[16]; empty when it is none. */
struct wt_slice wt_hl7_eui64(struct wt_slice s, uint8_t *room);

/* --- hl7_udi.c --- */

/* Puts what the identifier says into a device event. */
void wt_hl7_udi(struct hl7_call *c, unsigned event, struct wt_slice udi);

/* --- hl7_pcd.c, hl7_order.c --- */

void wt_hl7_observation(struct hl7_call *c, const struct hl7_segment *seg);
void wt_hl7_order(struct hl7_call *c, const struct hl7_segment *seg);

/* "MDS.VMD.CHAN" of a path into an event; nothing where it is unknown. */
void wt_hl7_put_containment(struct hl7_call *c, unsigned event, const struct hl7_path *path);

/* A number of the pump with its unit; `role` of hl7_mdc. */
void wt_hl7_pump_number(struct hl7_call *c, unsigned event, unsigned role,
			struct wt_slice number, struct wt_slice unit);

/* Reference id or UCUM text of a CWE unit. */
struct wt_slice wt_hl7_unit(struct wt_slice cwe, const struct hl7_delims *delims);

/* --- hl7_mdc.c --- */

/* What an OBX means to us. */
enum hl7_role {
	HL7_ROLE_NONE,
	/* identity */
	HL7_ROLE_MODEL,
	HL7_ROLE_SYS_ID,
	HL7_ROLE_SYS_TYPE,
	HL7_ROLE_PROD_SPEC,
	HL7_ROLE_ASSET_TAG,
	HL7_ROLE_BED,
	HL7_ROLE_MDS_STATUS,
	HL7_ROLE_MODEL_NUMBER,
	HL7_ROLE_VENDOR,
	HL7_ROLE_SERIAL,
	HL7_ROLE_HARDWARE,
	HL7_ROLE_SOFTWARE,
	HL7_ROLE_PERSONAL_SERIAL,
	/* pump: text */
	HL7_ROLE_PUMP_STATUS,
	HL7_ROLE_PUMP_DELIVERY,
	HL7_ROLE_PUMP_MODE,
	HL7_ROLE_PUMP_SOURCE,
	HL7_ROLE_PUMP_REASON,
	HL7_ROLE_PUMP_LIBRARY,
	HL7_ROLE_PUMP_CARE_AREA,
	HL7_ROLE_PUMP_DRUG,
	HL7_ROLE_PUMP_EVENT,
	/* pump: number and unit */
	HL7_ROLE_RATE,
	HL7_ROLE_DOSE_RATE,
	HL7_ROLE_DOSE,
	HL7_ROLE_VTBI,
	HL7_ROLE_VTBI_REMAIN,
	HL7_ROLE_DELIVERED,
	HL7_ROLE_TIME_REMAIN,
	HL7_ROLE_LOCKOUT,
	HL7_ROLE_STRENGTH,
	HL7_ROLE_WEIGHT,
	HL7_ROLE_HEIGHT,
	HL7_ROLE_DILUENT,
	/* alarm facets */
	HL7_ROLE_ALARM_EVENT,
	HL7_ROLE_ALARM_SOURCE,
	HL7_ROLE_ALARM_PHASE,
	HL7_ROLE_ALARM_STATE,
	HL7_ROLE_ALARM_INACTIVATION,
	HL7_ROLE_ALARM_PRIORITY,
	HL7_ROLE_ALARM_TYPE,
};

struct hl7_mdc_row {
	const char *refid;
	uint32_t code; /* context-free code, 0: not assigned */
	uint8_t role;
};

extern const struct hl7_mdc_row wt_hl7_mdc[];
extern const unsigned wt_hl7_n_mdc;

/* Role of a coded value (OBX-3): by reference id, then by code. *refid: the reference
 * id that stands there, or empty. */
unsigned wt_hl7_mdc_role(struct wt_slice coded, const struct hl7_delims *delims,
			 struct wt_slice *refid);

/* The reference id in a coded value ("196670^MDC_EVT_LO^MDC"), else its second
 * component, else its first. */
struct wt_slice wt_hl7_mdc_text(struct wt_slice coded, const struct hl7_delims *delims);

#endif
