/* Packets of QUIC: see quic_packet.h.
 * Source: RFC 9000 (15, 16, 17.2), RFC 9001 (5.2, 5.3, 5.4; salts of drafts 23, 29), RFC
 * 9369 3, RFC 5869, RFC 8446 7.1. Trust, memory: see quic_packet.h. */
#include "quic_packet.h"

#define VERSION_1 0x00000001u
#define VERSION_2 0x6b3343cfu

struct salt {
	uint32_t first, last; /* versions */
	uint8_t bytes[20];
};

static const struct salt salts[] = {
	{ VERSION_1,
	  VERSION_1,
	  { 0x38, 0x76, 0x2c, 0xf7, 0xf5, 0x59, 0x34, 0xb3, 0x4d, 0x17,
	    0x9a, 0xe6, 0xa4, 0xc8, 0x0c, 0xad, 0xcc, 0xbb, 0x7f, 0x0a } },
	{ VERSION_2,
	  VERSION_2,
	  { 0x0d, 0xed, 0xe3, 0xde, 0xf7, 0x00, 0xa6, 0xdb, 0x81, 0x93,
	    0x81, 0xbe, 0x6e, 0x26, 0x9d, 0xcb, 0xf9, 0xbd, 0x2e, 0xd9 } },
	{ 0xff000021,
	  0xff000022, /* drafts 33 and 34 */
	  { 0x38, 0x76, 0x2c, 0xf7, 0xf5, 0x59, 0x34, 0xb3, 0x4d, 0x17,
	    0x9a, 0xe6, 0xa4, 0xc8, 0x0c, 0xad, 0xcc, 0xbb, 0x7f, 0x0a } },
	{ 0xff00001d,
	  0xff000020, /* 29 to 32 */
	  { 0xaf, 0xbf, 0xec, 0x28, 0x99, 0x93, 0xd2, 0x4c, 0x9e, 0x97,
	    0x86, 0xf1, 0x9c, 0x61, 0x11, 0xe0, 0x43, 0x90, 0xa8, 0x99 } },
	{ 0xff000017,
	  0xff00001c, /* 23 to 28 */
	  { 0xc3, 0xee, 0xf7, 0x12, 0xc7, 0x2e, 0xbb, 0x5a, 0x11, 0xa7,
	    0xd2, 0x43, 0x2b, 0xb4, 0x63, 0x65, 0xbe, 0xf9, 0xf5, 0x02 } },
	{ 0xfaceb002,
	  0xfaceb002, /* mvfst, as draft 27 */
	  { 0xc3, 0xee, 0xf7, 0x12, 0xc7, 0x2e, 0xbb, 0x5a, 0x11, 0xa7,
	    0xd2, 0x43, 0x2b, 0xb4, 0x63, 0x65, 0xbe, 0xf9, 0xf5, 0x02 } },
};

static const struct salt *salt_of(uint32_t version)
{
	size_t i;

	for (i = 0; i < sizeof(salts) / sizeof(salts[0]); i++)
		if (version >= salts[i].first && version <= salts[i].last)
			return &salts[i];
	return NULL;
}

uint64_t quic_varint(struct wt_reader *r)
{
	uint8_t first = wt_rd_u8(r);
	unsigned n = (1u << (first >> 6)) - 1;
	uint64_t value = first & 0x3f;

	for (; n; n--)
		value = value << 8 | wt_rd_u8(r);
	return value;
}

static enum quic_kind kind_of(uint32_t version, uint8_t first)
{
	static const uint8_t kinds[4] = { QUIC_INITIAL, QUIC_ZERO_RTT, QUIC_HANDSHAKE,
					  QUIC_RETRY };
	unsigned type = first >> 4 & 3;

	if (version == 0)
		return QUIC_NEGOTIATION;
	if (version == VERSION_2) /* RFC 9369 3.2: moved on by one */
		type = (type + 3) & 3;
	return (enum quic_kind)kinds[type];
}

static struct wt_slice take_id(struct wt_reader *r)
{
	uint8_t len = wt_rd_u8(r);

	if (len > QUIC_ID_MAX) {
		wt_rd_fail(r, WT_MALFORMED);
		return wt_slice_of(NULL, 0);
	}
	return wt_rd_bytes(r, len);
}

bool quic_read(struct wt_reader *r, struct quic_packet *p)
{
	struct wt_slice whole = wt_rd_peek(r);
	uint8_t first = wt_rd_u8(r);
	uint64_t len;

	if (r->err != WT_OK || !(first & 0x80))
		return false;
	p->version = wt_rd_u32be(r);
	if (r->err != WT_OK || (p->version && !salt_of(p->version)))
		return false;
	p->kind = kind_of(p->version, first);
	p->is_fixed = first & 0x40;
	p->dcid = take_id(r);
	p->scid = take_id(r);
	if (p->kind == QUIC_NEGOTIATION || p->kind == QUIC_RETRY) {
		p->payload = wt_rd_rest(r);
		return r->err == WT_OK;
	}
	if (p->kind == QUIC_INITIAL) {
		len = quic_varint(r);
		if (len > wt_rd_left(r))
			len = wt_rd_left(r) + 1;
		wt_rd_skip(r, (size_t)len);
	}
	len = quic_varint(r);
	if (r->err != WT_OK)
		return false;
	p->head = wt_slice_head(whole, whole.len - wt_rd_left(r));
	if (len > wt_rd_left(r))
		len = wt_rd_left(r) + 1;
	p->payload = wt_rd_bytes(r, (size_t)len);
	return r->err == WT_OK;
}

bool quic_is_version_list(struct wt_slice list)
{
	struct wt_reader r = wt_reader_of(list, WT_MALFORMED);
	bool has_known = false;

	if (list.len < 4 || list.len % 4 || list.len > 256)
		return false;
	while (wt_rd_left(&r)) {
		uint32_t version = wt_rd_u32be(&r);
		bool is_reserved = (version & 0x0f0f0f0f) == 0x0a0a0a0a;
		bool is_known = salt_of(version) != NULL || version >> 8 == 0xff0000;

		/* Q043 to Q050, T051: Google's own, before the standard */
		if (!is_known && !is_reserved && version >> 16 != 0x5130 &&
		    version >> 16 != 0x5430 && version >> 16 != 0xface)
			return false;
		has_known = has_known || is_known;
	}
	return has_known;
}

void quic_version_text(uint32_t version, struct wt_builder *text)
{
	static const char digits[] = "0123456789abcdef";
	int shift;

	if (version == VERSION_1) {
		wt_bld_char(text, '1');
	} else if (version == VERSION_2) {
		wt_bld_char(text, '2');
	} else if (version >> 8 == 0xff0000) {
		wt_bld_text(text, "draft-");
		wt_bld_u64(text, version & 0xff);
	} else {
		wt_bld_text(text, "0x");
		for (shift = 28; shift >= 0; shift -= 4)
			wt_bld_char(text, digits[version >> shift & 15]);
	}
}

/* --- keys --- */

/* HKDF-Expand-Label with an empty context; 32 bytes at most, so one round. */
static void expand(const uint8_t secret[WT_SHA256_LEN], const char *label, uint8_t *key,
		   uint8_t len)
{
	uint8_t room[64], digest[WT_SHA256_LEN];
	struct wt_builder b = wt_builder_of(room, sizeof(room)), out = wt_builder_of(key, len);
	struct wt_slice name = wt_slice_text(label);

	wt_bld_u8(&b, 0);
	wt_bld_u8(&b, len);
	wt_bld_u8(&b, (uint8_t)(6 + name.len));
	wt_bld_bytes(&b, WT_LIT("tls13 "));
	wt_bld_bytes(&b, name);
	wt_bld_u8(&b, 0);
	wt_bld_u8(&b, 1);
	wt_hmac_sha256(wt_slice_of(secret, WT_SHA256_LEN), wt_bld_slice(&b), digest);
	wt_bld_bytes(&out, wt_slice_of(digest, len));
}

bool quic_derive(uint32_t version, struct wt_slice dcid, struct quic_keys keys[2])
{
	const struct salt *salt = salt_of(version);
	uint8_t initial[WT_SHA256_LEN], secret[WT_SHA256_LEN];
	bool is_2 = version == VERSION_2;
	unsigned side;

	if (!salt)
		return false;
	wt_hmac_sha256(wt_slice_of(salt->bytes, sizeof(salt->bytes)), dcid, initial);
	for (side = 0; side < 2; side++) {
		struct quic_keys *k = &keys[side];

		k->version = version;
		expand(initial, side ? "server in" : "client in", secret, sizeof(secret));
		expand(secret, is_2 ? "quicv2 key" : "quic key", k->key, sizeof(k->key));
		expand(secret, is_2 ? "quicv2 iv" : "quic iv", k->iv, sizeof(k->iv));
		expand(secret, is_2 ? "quicv2 hp" : "quic hp", k->hp, sizeof(k->hp));
	}
	return true;
}

/* RFC 9001 5.4.2: the sample stands four bytes behind the packet number's start. */
bool quic_open(const struct quic_packet *p, const struct quic_keys *keys,
	       struct wt_builder *plain)
{
	uint8_t head[QUIC_HEAD_MAX + 4], nonce[WT_GCM_NONCE_LEN], mask[WT_AES128_LEN];
	struct wt_builder h = wt_builder_of(head, sizeof(head));
	size_t n_octets, i;

	if (!p->head.len || p->head.len > QUIC_HEAD_MAX || p->payload.len < 4 + WT_AES128_LEN ||
	    p->payload.len > QUIC_PLAIN_MAX || plain->cap < QUIC_PLAIN_MAX)
		return false;
	wt_aes128_block(keys->hp, wt_slice_tail(p->payload, 4).ptr, mask);
	wt_bld_bytes(&h, p->head);
	head[0] = (uint8_t)(head[0] ^ (mask[0] & 0x0f));
	n_octets = (size_t)(head[0] & 3) + 1;
	for (i = 0; i < sizeof(nonce); i++)
		nonce[i] = keys->iv[i];
	for (i = 0; i < n_octets; i++) {
		uint8_t octet = p->payload.ptr[i] ^ mask[1 + i];

		wt_bld_u8(&h, octet);
		nonce[sizeof(nonce) - n_octets + i] ^= octet;
	}
	if (!wt_aes128_gcm_open(keys->key, nonce, wt_bld_slice(&h),
				wt_slice_tail(p->payload, n_octets), plain->ptr))
		return false;
	plain->len = p->payload.len - n_octets - WT_GCM_TAG_LEN;
	return true;
}
