/* State of one DICOM connection, and what its rooms offer one another:
 * dicom.c (PDU headers, hunting for the next one), dicom_assoc.c (association PDUs),
 * dicom_dimse.c (P-DATA and command sets), dicom_attr.c (data sets).
 * Memory: struct dicom_state per flow, WT_STATE_MAX at most. */
#ifndef WARDTAP_DICOM_STATE_H
#define WARDTAP_DICOM_STATE_H

#include "dicom_fields.h"
#include "dicom_uid.h"
#include "dicom_walk.h"

/* PS3.8 Table 9-1; values of the first byte of a PDU */
enum dicom_pdu {
	DICOM_ASSOCIATE_RQ = 1,
	DICOM_ASSOCIATE_AC = 2,
	DICOM_ASSOCIATE_RJ = 3,
	DICOM_P_DATA = 4,
	DICOM_RELEASE_RQ = 5,
	DICOM_RELEASE_RP = 6,
	DICOM_ABORT = 7,
};

/* PS3.7 E.1; values of (0000,0100) that are told apart */
enum dicom_command {
	DICOM_C_STORE_RQ = 0x0001,
	DICOM_C_GET_RQ = 0x0010,
	DICOM_C_FIND_RQ = 0x0020,
	DICOM_C_MOVE_RQ = 0x0021,
	DICOM_N_SET_RQ = 0x0120,
	DICOM_N_CREATE_RQ = 0x0140,
};

#define DICOM_HEAD_LEN 6u            /* PDU header */
#define DICOM_FIXED_LEN 74u          /* header and fixed part of RQ and AC */
#define DICOM_ASSOC_MAX (256u << 10) /* longest association PDU; real ones reach 13 KiB */
#define DICOM_P_DATA_MAX (16u << 20) /* longest P-DATA-TF PDU; dcm4che's bound too */
#define DICOM_COMMAND_MAX 65536u     /* longest command set, bytes */
#define DICOM_COMMAND_ELEMENTS_MAX 64u
#define DICOM_LIST_MAX 32u       /* entries of a list in an event */
#define DICOM_CONTEXTS 128u      /* odd ids 1..255 */
#define DICOM_LAST_GROUP 0x0042u /* encapsulated document: beyond is of no interest */

/* What is known of a presentation context; flags of dicom_context.flags. */
enum {
	DICOM_CONTEXT_OFFERED = 1 << 0,  /* in a request */
	DICOM_CONTEXT_ACCEPTED = 1 << 1, /* in an answer, result 0 */
	DICOM_CONTEXT_SEVERAL = 1 << 2,  /* more than one transfer syntax was offered */
};

struct dicom_context {
	uint16_t sop; /* 1 + index into dicom_sop_rows; 0: unknown or private */
	uint8_t flags;
	uint8_t transfer; /* 1 + index into dicom_transfer_rows, accepted or the only
			   * one offered; 0: unknown */
};

/* Where in the stream of one direction the next unit begins. */
enum dicom_phase {
	DICOM_AT_HEAD,     /* PDU header */
	DICOM_AT_ITEM,     /* item or sub-item of an association PDU */
	DICOM_AT_SECOND,   /* second field of a user identity */
	DICOM_AT_PDV,      /* header of a presentation data value */
	DICOM_AT_FRAGMENT, /* bytes of one */
};

/* Oddities reported once per direction and association. */
enum {
	DICOM_SAID_TOO_LONG = 1 << 0,
	DICOM_SAID_EVEN_ID = 1 << 1,
	DICOM_SAID_UNACCEPTED = 1 << 2,
	DICOM_SAID_BITS = 1 << 3,
	DICOM_SAID_LATE = 1 << 4,
	DICOM_SAID_RESERVED = 1 << 5,
	DICOM_SAID_ITEM = 1 << 6,
	DICOM_SAID_SWITCH = 1 << 7,
};

/* Keys of a query that were there and narrow it. */
enum {
	DICOM_KEY_NARROW = 1 << 0,
	DICOM_KEY_DATE = 1 << 1,
};

/* An association PDU that is being read. */
struct dicom_assoc_part {
	uint64_t seen_transfers; /* bit per row of dicom_transfer_rows */
	uint32_t item_left;      /* of the open container item */
	uint16_t n_contexts;
	uint16_t n_abstract; /* in the list of the event */
	uint16_t n_accepted;
	uint16_t n_rejected;
	uint16_t n_roles;
	uint16_t n_extended;
	uint16_t n_strange; /* transfer syntaxes beyond the standard's */
	uint8_t container;  /* 0, 0x20, 0x21 or 0x50 */
	uint8_t context_id; /* of the open presentation context */
	uint8_t context_result;
	uint16_t identity_left; /* of an identity item after its first field */
	bool has_context;       /* its id and result were read */
	bool has_syntax;        /* it had a transfer syntax */
	bool is_other;          /* something else than verification was proposed */
	bool has_max_pdu;
};

/* A DIMSE message that is being read. */
struct dicom_message {
	uint64_t dataset_bytes;
	uint32_t n_pdvs;
	uint16_t command;
	uint8_t context_id;
	uint8_t keys; /* DICOM_KEY_* */
	bool has_command;
	bool has_dataset; /* a data set follows the command */
	bool has_sop_class;
	bool is_in_dataset; /* the command set is complete */
	bool is_walking;    /* the data set's walk has begun */
	bool has_passed;    /* some of the data set was passed over */
};

struct dicom_dir {
	struct dicom_walk walk;
	struct dicom_assoc_part assoc;
	struct dicom_message message;
	uint64_t orphan_bytes; /* data set fragments whose command was not seen */
	uint32_t n_orphans;
	uint32_t pdu_left; /* of the PDU that is being read */
	uint32_t pdv_left;
	uint8_t phase; /* enum dicom_phase */
	uint8_t pdu;   /* enum dicom_pdu of the PDU that is being read */
	uint8_t pdv_id;
	uint8_t pdv_bits;
	uint8_t event;    /* handle, while is_open */
	uint8_t said;     /* DICOM_SAID_* */
	bool is_open;     /* an event of this direction is begun */
	bool is_message;  /* it is a DIMSE message's */
	bool is_hunting;  /* the next bytes need not be a PDU's first */
	bool must_commit; /* an event is finished and not yet committed */
};

struct dicom_title {
	uint8_t len;
	uint8_t text[16];
};

struct dicom_state {
	struct dicom_dir dir[2];
	struct dicom_context context[DICOM_CONTEXTS];
	struct dicom_title called;
	struct dicom_title calling;
	uint32_t max_pdu[2]; /* by the direction of the PDU that said so */
	bool has_max_pdu[2];
	bool has_request;
	bool has_accept;
	bool has_answers; /* the answer was read to its end */
	bool has_reject;
	bool is_over;    /* released or aborted */
	bool is_done[2]; /* this direction may send no more data */
	bool is_early;   /* P-DATA came before the answer */
};
_Static_assert(sizeof(struct dicom_state) <= WT_STATE_MAX, "state is too large");

/* dicom.c */

/* Begins the direction's event and says which PDU and which titles. */
void dicom_event_begin(struct dicom_state *s, struct dicom_dir *d, struct wt_out *out,
		       enum dicom_pdu pdu);

/* The direction's event is done; committed when the call ends. */
void dicom_event_end(struct dicom_dir *d);

/* Ends what is open in this direction, if anything, before its time. */
void dicom_event_cut(struct dicom_dir *d, struct wt_out *out);

/* The bytes from `start` break the protocol: what is open is kept as incomplete, the
 * breach is reported, and the search for the next PDU begins one byte on. Gives the
 * verdict of the call. */
enum wt_verdict dicom_broken(struct dicom_dir *d, struct wt_reader *r, struct wt_reader start,
			     struct wt_out *out, const char *reason);

/* Reports an oddity, once per direction and association. */
void dicom_say_once(struct dicom_dir *d, struct wt_out *out, uint8_t which, const char *reason);

/* A UID or AE title as put into events, without padding. Says on the event when it is
 * no UID or looks like an attack. */
struct wt_slice dicom_uid_of(struct dicom_dir *d, struct wt_out *out, struct wt_slice raw);
struct wt_slice dicom_title_of(struct dicom_dir *d, struct wt_out *out, struct wt_slice raw);

/* dicom_assoc.c: each reads one unit and gives the verdict of `message` */
enum wt_verdict dicom_assoc_begin(struct dicom_state *s, enum wt_direction dir,
				  struct wt_reader *r, struct wt_out *out);
enum wt_verdict dicom_assoc_item(struct dicom_state *s, enum wt_direction dir,
				 struct wt_reader *r, struct wt_out *out);
enum wt_verdict dicom_assoc_second(struct dicom_state *s, enum wt_direction dir,
				   struct wt_reader *r, struct wt_out *out);
enum wt_verdict dicom_assoc_end(struct dicom_state *s, enum wt_direction dir,
				struct wt_reader *r, struct wt_out *out);

/* Puts what is only known at the end of a request or answer, however it ends. */
void dicom_assoc_totals(struct dicom_dir *d, struct wt_out *out);

/* dicom_dimse.c: the same for P-DATA-TF */
enum wt_verdict dicom_pdv_head(struct dicom_state *s, enum wt_direction dir,
			       struct wt_reader *r, struct wt_out *out);
enum wt_verdict dicom_pdv_bytes(struct dicom_state *s, enum wt_direction dir,
				struct wt_reader *r, struct wt_out *out);

/* Puts what is only known at the end of a message, however it ends. */
void dicom_message_totals(struct dicom_dir *d, struct wt_out *out);

/* dicom_attr.c */

/* Starts the walk over the message's data set. */
void dicom_attr_begin(struct dicom_state *s, struct dicom_dir *d, struct wt_out *out);

/* Walks the bytes at hand. */
void dicom_attr_bytes(struct dicom_dir *d, struct wt_reader *r, struct wt_out *out);

/* The data set is at its end. */
void dicom_attr_end(struct dicom_dir *d, struct wt_out *out);

/* dicom_shape.c */

/* Could `head` be the first bytes of a PDU? WT_OK (enough was seen to say so), WT_MORE
 * or WT_FOREIGN; a function of the first 75 bytes alone. */
enum wt_verdict dicom_shape(struct wt_slice head);

/* Offset of the first place where a PDU may start, or rest.len. */
size_t dicom_shape_search(struct wt_slice rest);

#endif
