/* The IP header of a datagram that is rebuilt from fragments. */
#ifndef WARDTAP_DECODE_REBUILD_H
#define WARDTAP_DECODE_REBUILD_H

#include "wardtap/packet.h"

/* Bytes from the innermost IP header of the fragment `p` to its data, the fragment
 * header of IPv6 left out: 20..60, or 40 and more. */
uint32_t wt_rebuild_header_len(const struct wt_packet *p);

/* Writes these bytes of the first fragment `p` to `header`, changed as the whole
 * datagram will have them, but for its length. */
void wt_rebuild_header(uint8_t *header, const struct wt_packet *p);

/* Sets the length in such a header of `header_len` bytes before `total` bytes of data;
 * together at most what the length field can say. */
void wt_rebuild_length(uint8_t *header, uint8_t ip_version, uint32_t header_len,
		       uint32_t total);

#endif
