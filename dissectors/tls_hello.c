/* Hello messages of TLS and their fingerprints: see tls_hello.h.
 *
 *   client: version(2) random(32) session(1+n) ciphers(2+n) compression(1+n) [ext(2+n)]
 *   server: version(2) random(32) session(1+n) cipher(2) compression(1) [ext(2+n)]
 *
 * Source, trust, memory: see tls_hello.h. */
#include "tls_hello.h"
#include "wardtap/crypto.h"

#define EXT_SNI 0u
#define EXT_GROUPS 10u
#define EXT_FORMATS 11u
#define EXT_ALGORITHMS 13u
#define EXT_ALPN 16u
#define EXT_VERSIONS 43u
#define EXT_ECH 0xfe0du

bool tls_is_grease(uint16_t value)
{
	return (value & 0x0f0f) == 0x0a0a && value >> 8 == (value & 0xff);
}

bool tls_next(struct wt_slice *list, uint16_t *value)
{
	if (list->len < 2)
		return false;
	*value = (uint16_t)((uint16_t)list->ptr[0] << 8 | list->ptr[1]);
	*list = wt_slice_tail(*list, 2);
	return true;
}

bool tls_next_protocol(struct wt_slice *list, struct wt_slice *name)
{
	size_t len;

	if (!list->len)
		return false;
	len = list->ptr[0];
	if (len >= list->len)
		return false;
	*name = wt_slice_head(wt_slice_tail(*list, 1), len);
	*list = wt_slice_tail(*list, 1 + len);
	return true;
}

const char *tls_version_name(uint16_t version)
{
	switch (version) {
	case 0x0002:
		return "SSL 2.0";
	case 0x0300:
		return "SSL 3.0";
	case 0x0301:
		return "TLS 1.0";
	case 0x0302:
		return "TLS 1.1";
	case 0x0303:
		return "TLS 1.2";
	case 0x0304:
		return "TLS 1.3";
	default:
		return version >> 8 == 0x7f ? "TLS 1.3" : NULL; /* drafts */
	}
}

/* --- reading --- */

static struct wt_slice list_in(struct wt_slice body, unsigned len_octets)
{
	struct wt_reader r = wt_reader_of(body, WT_MALFORMED);
	size_t len = len_octets == 1 ? wt_rd_u8(&r) : wt_rd_u16be(&r);

	return wt_rd_bytes(&r, len);
}

/* ServerNameList: the first host_name. */
static struct wt_slice name_in(struct wt_slice body)
{
	struct wt_slice list = list_in(body, 2);
	struct wt_reader r = wt_reader_of(list, WT_MALFORMED);

	if (wt_rd_u8(&r) != 0)
		return wt_slice_of(NULL, 0);
	return wt_rd_bytes(&r, wt_rd_u16be(&r));
}

static void take_extension(struct tls_hello *hello, uint16_t type, struct wt_slice body)
{
	switch (type) {
	case EXT_SNI:
		hello->has_sni = true;
		hello->sni = name_in(body);
		return;
	case EXT_GROUPS:
		hello->groups = list_in(body, 2);
		return;
	case EXT_FORMATS:
		hello->formats = list_in(body, 1);
		return;
	case EXT_ALGORITHMS:
		hello->algorithms = list_in(body, 2);
		return;
	case EXT_ALPN:
		hello->alpn = list_in(body, 2);
		return;
	case EXT_VERSIONS:
		hello->versions = list_in(body, 1);
		if (body.len == 2)
			(void)tls_next(&body, &hello->chosen);
		return;
	case EXT_ECH:
		hello->has_ech = true;
		return;
	default:
		return;
	}
}

/* Next extension of the list. */
static bool next_extension(struct wt_slice *list, uint16_t *type, struct wt_slice *body)
{
	struct wt_reader r = wt_reader_of(*list, WT_MALFORMED);

	*type = wt_rd_u16be(&r);
	*body = wt_rd_bytes(&r, wt_rd_u16be(&r));
	if (r.err != WT_OK)
		return false;
	*list = wt_rd_rest(&r);
	return true;
}

static void take_extensions(struct tls_hello *hello, struct wt_reader *r)
{
	struct wt_slice rest, body;
	uint16_t type;

	if (!wt_rd_left(r))
		return;
	hello->extensions = wt_slice_head(wt_rd_peek(r), wt_rd_left(r));
	hello->extensions = list_in(hello->extensions, 2);
	rest = hello->extensions;
	while (rest.len && next_extension(&rest, &type, &body))
		take_extension(hello, type, body);
}

bool tls_client_hello(struct wt_slice body, struct tls_hello *hello)
{
	struct wt_reader r = wt_reader_of(body, WT_MALFORMED);

	*hello = (struct tls_hello){ .version = wt_rd_u16be(&r) };
	hello->random = wt_rd_bytes(&r, 32);
	wt_rd_skip(&r, wt_rd_u8(&r));
	hello->ciphers = wt_rd_bytes(&r, wt_rd_u16be(&r));
	wt_rd_skip(&r, wt_rd_u8(&r));
	if (r.err != WT_OK || hello->version >> 8 != 3)
		return false;
	take_extensions(hello, &r);
	return true;
}

/* RFC 8446 4.1.3: SHA-256 of "HelloRetryRequest". */
static const uint8_t retry_random[32] = {
	0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c,
	0x02, 0x1e, 0x65, 0xb8, 0x91, 0xc2, 0xa2, 0x11, 0x16, 0x7a, 0xbb,
	0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c,
};

bool tls_server_hello(struct wt_slice body, struct tls_hello *hello)
{
	struct wt_reader r = wt_reader_of(body, WT_MALFORMED);

	*hello = (struct tls_hello){ .version = wt_rd_u16be(&r) };
	hello->random = wt_rd_bytes(&r, 32);
	if (hello->version >> 8 != 0x7f) /* drafts of 1.3 left the session out */
		wt_rd_skip(&r, wt_rd_u8(&r));
	hello->cipher = wt_rd_u16be(&r);
	if (hello->version >> 8 != 0x7f)
		wt_rd_skip(&r, 1);
	hello->chosen = hello->version;
	if (r.err != WT_OK || (hello->version >> 8 != 3 && hello->version >> 8 != 0x7f))
		return false;
	hello->is_retry = wt_slice_equal(hello->random, wt_slice_of(retry_random, 32));
	take_extensions(hello, &r);
	return true;
}

uint16_t tls_highest_version(const struct tls_hello *hello)
{
	struct wt_slice list = hello->versions;
	uint16_t version, highest = 0;

	while (tls_next(&list, &version))
		if (!tls_is_grease(version) && version > highest)
			highest = version;
	return highest ? highest : hello->version;
}

/* --- fingerprints --- */

void tls_hex(struct wt_slice bytes, char between, struct wt_builder *text)
{
	static const char digits[] = "0123456789abcdef";
	size_t i;

	for (i = 0; i < bytes.len; i++) {
		if (between && i)
			wt_bld_char(text, between);
		wt_bld_char(text, digits[bytes.ptr[i] >> 4]);
		wt_bld_char(text, digits[bytes.ptr[i] & 15]);
	}
}

void tls_md5_hex(struct wt_slice bytes, uint8_t text[32])
{
	uint8_t digest[WT_MD5_LEN];
	struct wt_builder b = wt_builder_of(text, 32);

	wt_md5(bytes, digest);
	tls_hex(wt_slice_of(digest, sizeof(digest)), 0, &b);
}

static void put_list(struct wt_slice list, struct wt_builder *text)
{
	bool is_first = true;
	uint16_t value;

	while (tls_next(&list, &value)) {
		if (tls_is_grease(value))
			continue;
		if (!is_first)
			wt_bld_char(text, '-');
		is_first = false;
		wt_bld_u64(text, value);
	}
}

static void put_types(struct wt_slice list, bool has_grease, struct wt_builder *text)
{
	bool is_first = true;
	struct wt_slice body;
	uint16_t type;

	while (list.len && next_extension(&list, &type, &body)) {
		if (tls_is_grease(type) && !has_grease)
			continue;
		if (!is_first)
			wt_bld_char(text, '-');
		is_first = false;
		wt_bld_u64(text, type);
	}
}

void tls_ja3(const struct tls_hello *hello, struct wt_builder *text)
{
	size_t i;

	wt_bld_u64(text, hello->version);
	wt_bld_char(text, ',');
	put_list(hello->ciphers, text);
	wt_bld_char(text, ',');
	put_types(hello->extensions, false, text);
	wt_bld_char(text, ',');
	put_list(hello->groups, text);
	wt_bld_char(text, ',');
	for (i = 0; i < hello->formats.len; i++) {
		if (i)
			wt_bld_char(text, '-');
		wt_bld_u64(text, hello->formats.ptr[i]);
	}
}

void tls_ja3s(const struct tls_hello *hello, struct wt_builder *text)
{
	wt_bld_u64(text, hello->version);
	wt_bld_char(text, ',');
	wt_bld_u64(text, hello->cipher);
	wt_bld_char(text, ',');
	put_types(hello->extensions, true, text);
}

struct numbers {
	uint16_t value[TLS_LIST_MAX];
	unsigned n;
	bool is_over;
};

static void add_number(struct numbers *list, uint16_t value)
{
	unsigned i;

	if (list->n == TLS_LIST_MAX) {
		list->is_over = true;
		return;
	}
	for (i = list->n++; i && list->value[i - 1] > value; i--)
		list->value[i] = list->value[i - 1];
	list->value[i] = value;
}

static void put_four(uint16_t value, struct wt_builder *text)
{
	uint8_t octets[2] = { (uint8_t)(value >> 8), (uint8_t)value };

	tls_hex(wt_slice_of(octets, 2), 0, text);
}

static void put_numbers(const struct numbers *list, struct wt_builder *text)
{
	unsigned i;

	for (i = 0; i < list->n; i++) {
		if (i)
			wt_bld_char(text, ',');
		put_four(list->value[i], text);
	}
}

/* First 12 digits of the SHA-256; zeros for an empty list. */
static void put_short_hash(struct wt_slice bytes, bool is_empty, struct wt_builder *text)
{
	uint8_t digest[WT_SHA256_LEN] = { 0 };

	if (!is_empty)
		wt_sha256(bytes, digest);
	tls_hex(wt_slice_of(digest, 6), 0, text);
}

static void put_two(unsigned n, struct wt_builder *text)
{
	n = n > 99 ? 99 : n;
	wt_bld_char(text, (char)('0' + n / 10));
	wt_bld_char(text, (char)('0' + n % 10));
}

static bool is_alnum(uint8_t byte)
{
	return (byte >= '0' && byte <= '9') || ((byte | 0x20) >= 'a' && (byte | 0x20) <= 'z');
}

/* First and last character of the first protocol, or their hex digits. */
static void put_alpn_ends(struct wt_slice list, struct wt_builder *text)
{
	static const char digits[] = "0123456789abcdef";
	struct wt_slice name;
	uint8_t first, last;

	if (!tls_next_protocol(&list, &name) || !name.len) {
		wt_bld_bytes(text, WT_LIT("00"));
		return;
	}
	first = name.ptr[0];
	last = name.ptr[name.len - 1];
	if (is_alnum(first) && is_alnum(last)) {
		wt_bld_u8(text, first);
		wt_bld_u8(text, last);
	} else {
		wt_bld_char(text, digits[first >> 4]);
		wt_bld_char(text, digits[last & 15]);
	}
}

static const char *ja4_version(uint16_t version)
{
	switch (version) {
	case 0x0304:
		return "13";
	case 0x0303:
		return "12";
	case 0x0302:
		return "11";
	case 0x0301:
		return "10";
	case 0x0300:
		return "s3";
	case 0x0002:
		return "s2";
	default:
		return "00";
	}
}

void tls_ja4(const struct tls_hello *hello, char carriage, struct wt_builder *text)
{
	uint8_t room[2 * 5 * TLS_LIST_MAX + 8];
	struct wt_builder b = wt_builder_of(room, sizeof(room));
	struct numbers ciphers = { .n = 0 }, types = { .n = 0 };
	struct wt_slice list = hello->ciphers, body;
	unsigned n_types = 0;
	uint16_t value;

	while (tls_next(&list, &value))
		if (!tls_is_grease(value))
			add_number(&ciphers, value);
	list = hello->extensions;
	while (list.len && next_extension(&list, &value, &body)) {
		if (tls_is_grease(value))
			continue;
		n_types++;
		if (value != EXT_SNI && value != EXT_ALPN)
			add_number(&types, value);
	}
	if (ciphers.is_over || types.is_over || hello->algorithms.len > 2 * TLS_LIST_MAX)
		return;
	wt_bld_char(text, carriage);
	wt_bld_text(text, ja4_version(tls_highest_version(hello)));
	wt_bld_char(text, hello->has_sni ? 'd' : 'i');
	put_two(ciphers.n, text);
	put_two(n_types, text);
	put_alpn_ends(hello->alpn, text);
	wt_bld_char(text, '_');
	put_numbers(&ciphers, &b);
	put_short_hash(wt_bld_slice(&b), !ciphers.n, text);
	wt_bld_char(text, '_');
	b.len = 0;
	put_numbers(&types, &b);
	list = hello->algorithms;
	for (n_types = 0; tls_next(&list, &value); n_types++) {
		wt_bld_char(&b, n_types ? ',' : '_');
		put_four(value, &b);
	}
	put_short_hash(wt_bld_slice(&b), !types.n && !n_types, text);
}
