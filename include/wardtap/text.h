/* Addresses and identifiers as people write them, in room that the caller owns, for
 * dissectors whose protocols carry them as octets. */
#ifndef WARDTAP_TEXT_H
#define WARDTAP_TEXT_H

#include "wardtap/bytes.h"

/* Room of one text. The slices given below lie in it until it is used again. */
struct wt_text {
	uint8_t room[256];
	size_t len;
};

/* Hexadecimal pairs, parted by `parting` unless that is 0; what does not fit is left
 * out. */
struct wt_slice wt_text_hex(struct wt_text *t, struct wt_slice octets, char parting);

/* "02:57:54:00:00:0a": a hardware address of any length. */
static inline struct wt_slice wt_text_mac(struct wt_text *t, struct wt_slice octets)
{
	return wt_text_hex(t, octets, ':');
}

/* "10.77.0.10", or "fd77::10" (RFC 5952); empty unless there are 4 or 16 octets. */
struct wt_slice wt_text_ip(struct wt_text *t, struct wt_slice octets);

/* The same, a slash and a number of bits: "fd77::/64". */
struct wt_slice wt_text_prefix(struct wt_text *t, struct wt_slice octets, unsigned bits);

/* Printable ASCII only, and some of it. */
bool wt_text_is_plain(struct wt_slice bytes);

/* An identifier that may be text or octets: itself, or its hexadecimal pairs. */
struct wt_slice wt_text_id(struct wt_text *t, struct wt_slice bytes);

/* The name of `code` in a list of names that begins with code 0 (NULL where there is
 * none), or its decimal digits. */
struct wt_slice wt_text_name(struct wt_text *t, const char *const *names, size_t n_names,
			     uint64_t code);

/* Without NUL, blanks and line ends behind it. */
struct wt_slice wt_text_trim_end(struct wt_slice bytes);

/* Up to the first line end or NUL. */
struct wt_slice wt_text_line(struct wt_slice bytes);

/* Is every octet zero? */
bool wt_text_is_zero(struct wt_slice octets);

#endif
