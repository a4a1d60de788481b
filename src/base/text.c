/* The parts of wardtap/text.h.
 * Source: RFC 5952 (IPv6 addresses). Trust: octets are hostile. Memory: the caller's. */
#include "wardtap/text.h"

static struct wt_builder begin(struct wt_text *t)
{
	return wt_builder_of(t->room, sizeof(t->room));
}

static struct wt_slice end(struct wt_text *t, const struct wt_builder *b)
{
	t->len = b->len;
	return wt_bld_slice(b);
}

static const char digits[] = "0123456789abcdef";

struct wt_slice wt_text_hex(struct wt_text *t, struct wt_slice octets, char parting)
{
	struct wt_builder b = begin(t);
	size_t i;

	for (i = 0; i < octets.len && b.cap - b.len >= 3; i++) {
		if (i && parting)
			wt_bld_char(&b, parting);
		wt_bld_char(&b, digits[octets.ptr[i] >> 4]);
		wt_bld_char(&b, digits[octets.ptr[i] & 15]);
	}
	return end(t, &b);
}

static void put_ipv4(struct wt_builder *b, const uint8_t *octet)
{
	unsigned i;

	for (i = 0; i < 4; i++) {
		if (i)
			wt_bld_char(b, '.');
		wt_bld_u64(b, octet[i]);
	}
}

static unsigned group_of(const uint8_t *octet, unsigned i)
{
	return (unsigned)octet[2 * i] << 8 | octet[2 * i + 1];
}

static void put_group(struct wt_builder *b, unsigned group)
{
	int shift = 12;

	while (shift && !(group >> shift))
		shift -= 4;
	for (; shift >= 0; shift -= 4)
		wt_bld_char(b, digits[group >> shift & 15]);
}

/* The longest run of two or more zero groups; the first of equals (RFC 5952 4.2). */
static unsigned find_zeros(const uint8_t *octet, unsigned *len)
{
	unsigned best = 8, at = 0, n;

	for (*len = 1; at < 8; at += n ? n : 1) {
		for (n = 0; at + n < 8 && !group_of(octet, at + n); n++)
			;
		if (n > *len) {
			*len = n;
			best = at;
		}
	}
	return best;
}

static void put_ipv6(struct wt_builder *b, const uint8_t *octet)
{
	unsigned len, zeros = find_zeros(octet, &len), i = 0;

	while (i < 8) {
		if (i == zeros) {
			wt_bld_text(b, "::");
			i += len;
			continue;
		}
		if (i && i != zeros + len)
			wt_bld_char(b, ':');
		put_group(b, group_of(octet, i));
		i++;
	}
}

static void put_ip(struct wt_builder *b, struct wt_slice octets)
{
	if (octets.len == 4)
		put_ipv4(b, octets.ptr);
	else if (octets.len == 16)
		put_ipv6(b, octets.ptr);
}

struct wt_slice wt_text_ip(struct wt_text *t, struct wt_slice octets)
{
	struct wt_builder b = begin(t);

	put_ip(&b, octets);
	return end(t, &b);
}

struct wt_slice wt_text_prefix(struct wt_text *t, struct wt_slice octets, unsigned bits)
{
	struct wt_builder b = begin(t);

	put_ip(&b, octets);
	if (b.len) {
		wt_bld_char(&b, '/');
		wt_bld_u64(&b, bits);
	}
	return end(t, &b);
}

bool wt_text_is_plain(struct wt_slice bytes)
{
	size_t i;

	for (i = 0; i < bytes.len; i++)
		if (bytes.ptr[i] < ' ' || bytes.ptr[i] > '~')
			return false;
	return bytes.len > 0;
}

struct wt_slice wt_text_id(struct wt_text *t, struct wt_slice bytes)
{
	struct wt_slice trimmed = wt_text_trim_end(bytes);

	return wt_text_is_plain(trimmed) ? trimmed : wt_text_hex(t, bytes, ':');
}

struct wt_slice wt_text_name(struct wt_text *t, const char *const *names, size_t n_names,
			     uint64_t code)
{
	struct wt_builder b = begin(t);

	if (code < n_names && names[code])
		wt_bld_text(&b, names[code]);
	else
		wt_bld_u64(&b, code);
	return end(t, &b);
}

struct wt_slice wt_text_trim_end(struct wt_slice bytes)
{
	while (bytes.len &&
	       (bytes.ptr[bytes.len - 1] == 0 || bytes.ptr[bytes.len - 1] == ' ' ||
		bytes.ptr[bytes.len - 1] == '\r' || bytes.ptr[bytes.len - 1] == '\n'))
		bytes.len--;
	return bytes;
}

struct wt_slice wt_text_line(struct wt_slice bytes)
{
	size_t len;

	for (len = 0; len < bytes.len; len++)
		if (bytes.ptr[len] == '\r' || bytes.ptr[len] == '\n' || bytes.ptr[len] == 0)
			break;
	return wt_slice_head(bytes, len);
}

bool wt_text_is_zero(struct wt_slice octets)
{
	size_t i;

	for (i = 0; i < octets.len; i++)
		if (octets.ptr[i])
			return false;
	return true;
}
