/* Writes DICOM PDUs for tests: what a peer would send, right or wrong. */
#ifndef TESTS_DICOM_MAKE_H
#define TESTS_DICOM_MAKE_H

#include "wardtap/bytes.h"

#define DM_MAX (4u << 20)

/* Bytes being made. Zero it before use; it lives as long as the test. */
struct dm {
	uint8_t *at;
	size_t len;
};

void dm_free(struct dm *m);
struct wt_slice dm_slice(const struct dm *m);

void dm_u8(struct dm *m, unsigned value);
void dm_u16(struct dm *m, unsigned value); /* big endian */
void dm_u32(struct dm *m, uint32_t value); /* big endian */
void dm_u16le(struct dm *m, unsigned value);
void dm_u32le(struct dm *m, uint32_t value);
void dm_text(struct dm *m, const char *text);
void dm_fill(struct dm *m, uint8_t byte, size_t len);
void dm_bytes(struct dm *m, struct wt_slice bytes);

/* A PDU or item whose length is filled in by its end. They give what the end needs. */
size_t dm_pdu(struct dm *m, uint8_t type);
void dm_pdu_end(struct dm *m, size_t at);
size_t dm_item(struct dm *m, uint8_t type);
void dm_item_end(struct dm *m, size_t at);
void dm_item_text(struct dm *m, uint8_t type, const char *text);

/* The fixed part of a request or answer (after dm_pdu): version 1 and the titles. */
void dm_titles(struct dm *m, const char *called, const char *calling);

/* A whole request: application context, `n` contexts (ids 1, 3, ...) for this SOP class
 * and transfer syntax, user information with `max` as the longest PDU. */
void dm_request(struct dm *m, const char *sop, const char *transfer, unsigned n, uint32_t max);
/* The answer that accepts them all. */
void dm_accept(struct dm *m, const char *transfer, unsigned n, uint32_t max);
/* Reject, release, abort: four octets. */
void dm_short(struct dm *m, uint8_t type, unsigned a, unsigned b, unsigned c);

/* P-DATA-TF with one PDV. bits: 1 command, 2 last. */
void dm_p_data(struct dm *m, uint8_t id, uint8_t bits, struct wt_slice bytes);

/* Elements of a command set (group 0) or of an implicit data set. */
void dm_implicit(struct dm *m, uint32_t tag, const char *text);
void dm_implicit_u16(struct dm *m, uint32_t tag, unsigned value);
/* The same in explicit encoding; `vr` is two letters. */
void dm_explicit(struct dm *m, bool is_big, uint32_t tag, const char *vr, const char *text);

/* A whole command set as one PDV, with the group length in front: command, message
 * id (or the one responded to), SOP class and instance (NULL: none), data set or not,
 * status (negative: none). */
struct dm_command {
	unsigned code;
	unsigned message_id;
	const char *sop_class;
	const char *sop_instance;
	const char *move_destination;
	bool has_dataset;
	int status;
};
void dm_command(struct dm *m, uint8_t id, const struct dm_command *c);

/* A whole association between MODALITY and ARCHIVE: one C-STORE of a CT image in two
 * data fragments, and one C-ECHO, accepted and released. Both sides at once. */
void dm_association(struct dm *client, struct dm *server);

#endif
