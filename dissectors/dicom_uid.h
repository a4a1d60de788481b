/* Known DICOM identifiers: SOP classes, transfer syntaxes, makers of toolkits.
 * All tables are static; results point into them and live for ever. */
#ifndef WARDTAP_DICOM_UID_H
#define WARDTAP_DICOM_UID_H

#include "wardtap/bytes.h"

/* How the elements of a data set are laid out, PS3.5 Annex A. */
enum dicom_encoding {
	DICOM_ENC_UNKNOWN, /* not negotiated in sight: look at the bytes */
	DICOM_ENC_IMPLICIT_LITTLE,
	DICOM_ENC_EXPLICIT_LITTLE,
	DICOM_ENC_EXPLICIT_BIG,
	DICOM_ENC_DEFLATED, /* not walked */
};

/* One row of a table: the UID (without "1.2.840.10008." for SOP classes and transfer
 * syntaxes), the name, and for transfer syntaxes an enum dicom_encoding. */
struct dicom_uid_row {
	const char *uid;
	const char *name;
	uint8_t encoding;
};

#define DICOM_UID_MAX 64u    /* PS3.5 9: longest UID, bytes */
#define DICOM_UID_NONE 0xffu /* no such row */

extern const struct dicom_uid_row dicom_sop_rows[];
extern const struct dicom_uid_row dicom_transfer_rows[];
extern const struct dicom_uid_row dicom_impl_rows[];
extern const unsigned dicom_n_sop_rows;
extern const unsigned dicom_n_transfer_rows; /* < 64: they are kept as bits */
extern const unsigned dicom_n_impl_rows;

/* Name of a SOP class; empty when the standard's table does not hold it. */
struct wt_slice dicom_sop_name(struct wt_slice uid);

/* 1 + index into dicom_sop_rows, or 0. */
uint16_t dicom_sop_find(struct wt_slice uid);

/* "1.2.840.10008." and a row's rest, written to `room` (DICOM_UID_MAX bytes). */
struct wt_slice dicom_uid_full(const struct dicom_uid_row *row, uint8_t *room);

/* A static text as a slice. */
struct wt_slice dicom_text(const char *text);

/* Index into dicom_transfer_rows, or DICOM_UID_NONE. */
uint8_t dicom_transfer_find(struct wt_slice uid);

/* Likely maker of the toolkit behind an implementation class UID, by the longest
 * root that matches whole components; empty when none does. */
struct wt_slice dicom_impl_name(struct wt_slice uid);

/* PS3.5 9.1: digits and dots, no empty component, 64 bytes at most, not empty. A
 * leading zero in a component is let pass: equipment in the field sends it. */
bool dicom_uid_is_valid(struct wt_slice uid);

/* Path traversal as in CVE-2022-2119 and its kin: '/', '\' or "..". */
bool dicom_has_traversal(struct wt_slice s);

/* Without the padding that may follow: NULs and spaces. */
struct wt_slice dicom_trim_end(struct wt_slice s);

/* An AE title without spaces around it; some senders end it with a NUL. */
struct wt_slice dicom_trim_title(struct wt_slice s);

#endif
