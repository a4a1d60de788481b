/* Judgements that several dissectors share: is a host name one that a person gave, and
 * what kind of file do these bytes begin? */
#ifndef WARDTAP_NAMES_H
#define WARDTAP_NAMES_H

#include "wardtap/bytes.h"

/* Does the name tell whose machine it is ("Marias-iPhone", "Bob's MacBook")? True for
 * possessives and for private phones and computers that carry more than their model's
 * name. Names of fixed equipment ("CT01", "WS-RAD-3", "DESKTOP-4F2K1Q") are not. */
bool wt_host_name_is_personal(struct wt_slice name);

/* Kind of a file by its first bytes, a literal of fixed words ("dicom", "pe", "elf",
 * "zip", "pdf", ...), or NULL when they say nothing. 256 bytes are enough. */
const char *wt_file_kind(struct wt_slice head);

/* For a DICOM file (PS3.10 7.1): what its 128-byte preamble pretends to be ("pe",
 * "elf", ...), or NULL. An executable there is CVE-2019-11687; TIFF is legitimate. */
const char *wt_file_preamble_kind(struct wt_slice head);

/* The literal as a slice. */
static inline struct wt_slice wt_slice_text(const char *text)
{
	size_t len = 0;

	while (text && text[len])
		len++;
	return wt_slice_of(text, len);
}

#endif
