/* Text in UTF-16, as Windows protocols write it, into the UTF-8 of events. */
#ifndef WARDTAP_UTF_H
#define WARDTAP_UTF_H

#include "wardtap/bytes.h"

/* UTF-16LE up to the first NUL or the end, as UTF-8; a lone surrogate becomes U+FFFD, an
 * odd last octet is left out. What does not fit is left out, at a character's border. */
void wt_bld_utf16le(struct wt_builder *b, struct wt_slice text);

/* The same into `room`. */
static inline struct wt_slice wt_utf16le(struct wt_slice text, uint8_t *room, size_t cap)
{
	struct wt_builder b = wt_builder_of(room, cap);

	wt_bld_utf16le(&b, text);
	return wt_bld_slice(&b);
}

/* What follows the last dot of a path, as lower case in `room` (8 bytes), where it is the
 * word for a known kind of file; else empty: "scan.meier" ends with a name. */
struct wt_slice wt_path_extension(struct wt_slice path, uint8_t *room);

/* Of a NetBIOS name, first-level encoded (RFC 1001 14.1): 15 letters without padding in
 * `room` (16 bytes); the 16th octet, its kind, in *kind. Empty where it is none. */
struct wt_slice wt_netbios_name(struct wt_slice encoded, uint8_t *room, uint8_t *kind);

#endif
