/* Addresses as text (address.h).
 * Source: RFC 5952, RFC 4291 2.2, IEEE 802.
 * Trust: texts are hostile. Memory: the caller's. */
#include "base/address.h"

static void put_hex(struct wt_builder *b, uint8_t byte)
{
	static const char hex[] = "0123456789abcdef";

	wt_bld_char(b, hex[byte >> 4]);
	wt_bld_char(b, hex[byte & 15]);
}

static void put_ipv6(struct wt_builder *b, const uint8_t *octet)
{
	static const char hex[] = "0123456789abcdef";
	unsigned i, best = 8, best_len = 1, run;

	for (i = 0; i < 8; i += run ? run : 1) { /* RFC 5952 4.2: longest run of zeros */
		for (run = 0;
		     i + run < 8 && !octet[2 * (i + run)] && !octet[2 * (i + run) + 1];)
			run++;
		if (run > best_len) {
			best = i;
			best_len = run;
		}
	}
	for (i = 0; i < 8; i++) {
		unsigned word = (unsigned)octet[2 * i] << 8 | octet[2 * i + 1];
		int shift = 12;

		if (i == best) {
			wt_bld_text(b, i == 0 ? "::" : ":");
			i += best_len - 1;
			continue;
		}
		while (shift && !(word >> shift))
			shift -= 4;
		for (; shift >= 0; shift -= 4)
			wt_bld_char(b, hex[word >> shift & 15]);
		if (i < 7)
			wt_bld_char(b, ':');
	}
}

void wt_bld_addr(struct wt_builder *b, const struct wt_addr *addr, uint8_t ip_version)
{
	unsigned i;

	if (ip_version != 4) {
		put_ipv6(b, addr->octet);
		return;
	}
	for (i = 0; i < 4; i++) {
		if (i)
			wt_bld_char(b, '.');
		wt_bld_u64(b, addr->octet[i]);
	}
}

void wt_bld_mac(struct wt_builder *b, const uint8_t mac[6])
{
	unsigned i;

	for (i = 0; i < 6; i++) {
		if (i)
			wt_bld_char(b, ':');
		put_hex(b, mac[i]);
	}
}

void wt_bld_proto(struct wt_builder *b, uint8_t proto)
{
	switch (proto) { /* IANA protocol numbers, as EVE writes them */
	case 1:
		wt_bld_text(b, "ICMP");
		break;
	case 6:
		wt_bld_text(b, "TCP");
		break;
	case 17:
		wt_bld_text(b, "UDP");
		break;
	case 47:
		wt_bld_text(b, "GRE");
		break;
	case 50:
		wt_bld_text(b, "ESP");
		break;
	case 58:
		wt_bld_text(b, "IPv6-ICMP");
		break;
	case 132:
		wt_bld_text(b, "SCTP");
		break;
	default:
		wt_bld_u64(b, proto);
		break;
	}
}

static bool parse_ipv4(struct wt_slice text, uint8_t *octet)
{
	unsigned part = 0, n_digits = 0, n_parts = 0;
	size_t i;

	for (i = 0; i <= text.len; i++) {
		uint8_t c = i < text.len ? text.ptr[i] : '.';

		if (c == '.') {
			if (n_digits == 0 || part > 255 || n_parts == 4)
				return false;
			octet[n_parts++] = (uint8_t)part;
			part = n_digits = 0;
		} else if (c >= '0' && c <= '9' && n_digits < 3) {
			part = part * 10 + (unsigned)(c - '0');
			n_digits++;
		} else {
			return false;
		}
	}
	return n_parts == 4;
}

static int hex_digit(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if ((c | 32) >= 'a' && (c | 32) <= 'f')
		return (c | 32) - 'a' + 10;
	return -1;
}

/* The words of one side of "::", at most 8. Gives their number, or 9 on error. */
static unsigned parse_words(struct wt_slice text, uint8_t *octet)
{
	unsigned n = 0;

	while (text.len) {
		size_t len = wt_slice_find(text, ':'), i;
		unsigned word = 0;

		if (n < 7 && len == text.len && wt_slice_find(text, '.') < text.len)
			return parse_ipv4(text, octet + 2 * n) ? n + 2 : 9;
		if (len == 0 || len > 4 || n == 8)
			return 9;
		for (i = 0; i < len; i++) {
			int digit = hex_digit(text.ptr[i]);

			if (digit < 0)
				return 9;
			word = word << 4 | (unsigned)digit;
		}
		octet[2 * n] = (uint8_t)(word >> 8);
		octet[2 * n + 1] = (uint8_t)word;
		n++;
		if (len + 1 == text.len)
			return 9; /* ends in a colon */
		text = wt_slice_tail(text, len + 1);
	}
	return n;
}

static bool parse_ipv6(struct wt_slice text, uint8_t *octet)
{
	size_t gap = wt_slice_search(text, WT_LIT("::"));
	uint8_t tail[16] = { 0 };
	unsigned n, n_tail;

	text = wt_slice_head(text, wt_slice_find(text, '%'));
	if (gap >= text.len)
		return parse_words(text, octet) == 8;
	n = parse_words(wt_slice_head(text, gap), octet);
	n_tail = parse_words(wt_slice_tail(text, gap + 2), tail);
	if (n > 8 || n_tail > 8 || n + n_tail > 7)
		return false;
	memcpy(octet + 16 - 2 * n_tail, tail, 2 * n_tail);
	return true;
}

uint8_t wt_addr_parse(struct wt_slice text, struct wt_addr *addr)
{
	memset(addr, 0, sizeof(*addr));
	if (text.len == 4 && wt_slice_find(text, '.') == 4 && wt_slice_find(text, ':') == 4) {
		memcpy(addr->octet, text.ptr, 4);
		return 4;
	}
	if (text.len >= 7 && text.len <= 15 && parse_ipv4(text, addr->octet))
		return 4;
	memset(addr, 0, sizeof(*addr));
	return text.len >= 2 && text.len <= 64 && parse_ipv6(text, addr->octet) ? 6 : 0;
}

bool wt_mac_parse(struct wt_slice text, uint8_t mac[6])
{
	unsigned n = 0;
	size_t i;

	if (text.len == 6) {
		memcpy(mac, text.ptr, 6);
		return true;
	}
	memset(mac, 0, 6);
	for (i = 0; i < text.len; i++) {
		uint8_t c = text.ptr[i];
		int digit = hex_digit(c);

		if (digit < 0) {
			if ((c != ':' && c != '-' && c != '.') || n % 2 || n == 0 || n == 12)
				return false;
			continue;
		}
		if (n == 12)
			return false;
		mac[n / 2] = (uint8_t)(mac[n / 2] << 4 | digit);
		n++;
	}
	return n == 12;
}
