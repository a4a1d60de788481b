/* Addresses as text, both ways. */
#ifndef BASE_ADDRESS_H
#define BASE_ADDRESS_H

#include "wardtap/bytes.h"

/* "10.77.0.10", or "fd77::10" (RFC 5952). */
void wt_bld_addr(struct wt_builder *b, const struct wt_addr *addr, uint8_t ip_version);
/* "02:57:54:00:00:0a" */
void wt_bld_mac(struct wt_builder *b, const uint8_t mac[6]);
/* "TCP", as EVE writes protocols; numbers where it has no name. */
void wt_bld_proto(struct wt_builder *b, uint8_t proto);

/* The whole text as an address: 4 or 6, or 0 when it is none. A zone ("%eth0") is left
 * out. Also takes 4 octets that are no text. */
uint8_t wt_addr_parse(struct wt_slice text, struct wt_addr *addr);

/* 12 hexadecimal digits, in pairs parted by ':' or '-', in fours parted by '.', or
 * together; or 6 octets. */
bool wt_mac_parse(struct wt_slice text, uint8_t mac[6]);

#endif
