/* TLS: what the first certificate of a chain says, read as DER without recursion.
 *
 *   Certificate: SEQ { tbs SEQ { [0] version, serial INT, alg SEQ, issuer SEQ, validity
 *     SEQ { time, time }, subject SEQ, key SEQ { SEQ { OID, params }, BITS },
 *     [1], [2], [3] SEQ OF extension }, alg, signature }
 *
 * Source: RFC 5280 4.1, 4.2.1.6; X.690 8.1, 10.1; RFC 5246 7.4.2; RFC 3279 2.3, RFC 5480,
 * RFC 8410.
 * Trust: hostile bytes; every length is held to its parent. Memory: scratch on the stack. */
#include "tls_fields.h"
#include "tls_hello.h"
#include "wardtap/crypto.h"

#define CERTS_SHOWN 4u   /* of a chain, to rules */
#define CERT_SHOWN 4096u /* bytes of each */
#define NAME_MAX 512u
#define PARTS_MAX 32u /* attributes of a name */
#define NAMES_MAX 32u /* alternative names shown */

enum {
	DER_INTEGER = 0x02,
	DER_BITS = 0x03,
	DER_OID = 0x06,
	DER_UTC_TIME = 0x17,
	DER_TIME = 0x18,
	DER_BMP = 0x1e,
	DER_SEQUENCE = 0x30,
	DER_SET = 0x31,
	DER_OCTETS = 0x04,
};

/* The next element; its tag, or -1 at the end or where lengths lie. `whole` is with its
 * header. */
static int take_element(struct wt_slice *rest, struct wt_slice *body, struct wt_slice *whole)
{
	struct wt_reader r = wt_reader_of(*rest, WT_MALFORMED);
	uint8_t tag = wt_rd_u8(&r), octet = wt_rd_u8(&r);
	uint64_t len = octet;
	unsigned n;

	if (octet & 0x80) {
		n = octet & 0x7f;
		if (!n || n > 4)
			return -1;
		for (len = 0; n; n--)
			len = len << 8 | wt_rd_u8(&r);
	}
	if (r.err != WT_OK || len > r.left)
		return -1;
	*body = wt_rd_bytes(&r, (size_t)len);
	*whole = wt_slice_head(*rest, rest->len - r.left);
	*rest = wt_slice_of(r.ptr, r.left);
	return tag;
}

/* The next element, which has to have this tag. */
static bool expect(struct wt_slice *rest, int tag, struct wt_slice *body)
{
	struct wt_slice whole;

	return take_element(rest, body, &whole) == tag;
}

/* --- names --- */

static const struct {
	uint8_t type; /* last octet of 2.5.4.x */
	const char *word;
} attributes[] = {
	{ 3, "CN" }, { 5, "serialNumber" }, { 6, "C" },   { 7, "L" },
	{ 8, "ST" }, { 10, "O" },           { 11, "OU" },
};

static const char *attribute_word(struct wt_slice oid)
{
	size_t i;

	if (wt_slice_equal(oid, WT_LIT("\x09\x92\x26\x89\x93\xf2\x2c\x64\x01\x19")))
		return "DC";
	if (oid.len != 3 || !wt_slice_starts(oid, WT_LIT("\x55\x04")))
		return NULL;
	for (i = 0; i < sizeof(attributes) / sizeof(attributes[0]); i++)
		if (attributes[i].type == oid.ptr[2])
			return attributes[i].word;
	return NULL;
}

static void put_value(int tag, struct wt_slice value, struct wt_builder *text)
{
	size_t i;

	value = wt_slice_head(value, 128);
	if (tag != DER_BMP) {
		wt_bld_bytes(text, value);
		return;
	}
	for (i = 0; i + 1 < value.len; i += 2) /* UCS-2, the Latin part of it */
		wt_bld_u8(text, value.ptr[i] ? '?' : value.ptr[i + 1]);
}

/* "C=US, O=Example, CN=pump-7"; the last common name goes to *cn. Attributes of persons
 * (mail, surname, given name, user id) and unknown ones only when `is_whole`. */
static void read_name(struct wt_slice name, bool is_whole, struct wt_builder *text,
		      struct wt_slice *cn)
{
	struct wt_slice set, pair, oid, value, whole;
	unsigned n = 0;
	int tag;

	while (n < PARTS_MAX && expect(&name, DER_SET, &set)) {
		while (n < PARTS_MAX && expect(&set, DER_SEQUENCE, &pair)) {
			const char *word;

			if (!expect(&pair, DER_OID, &oid))
				break;
			tag = take_element(&pair, &value, &whole);
			if (tag < 0)
				break;
			word = attribute_word(oid);
			n++;
			if (!word && !is_whole)
				continue;
			word = word ? word : "?";
			if (text->len)
				wt_bld_text(text, ", ");
			wt_bld_text(text, word);
			wt_bld_char(text, '=');
			put_value(tag, value, text);
			if (word[0] == 'C' && word[1] == 'N' && tag != DER_BMP)
				*cn = value;
		}
	}
}

/* --- validity --- */

static bool two_digits(struct wt_slice *s, unsigned *value)
{
	uint64_t number;

	if (s->len < 2 || !wt_slice_to_u64(wt_slice_head(*s, 2), &number))
		return false;
	*value = (unsigned)number;
	*s = wt_slice_tail(*s, 2);
	return true;
}

/* Days from 1970-01-01; the year begins in March so that the leap day comes last. */
static int64_t days_of(unsigned year, unsigned month, unsigned day)
{
	unsigned y = month <= 2 ? year - 1 : year, m = (month + 9) % 12;

	return (int64_t)y * 365 + y / 4 - y / 100 + y / 400 + (m * 306 + 5) / 10 + day - 1 -
	       719468;
}

/* RFC 5280 4.1.2.5: YYMMDDHHMMSSZ or YYYYMMDDHHMMSSZ. 0: no such time. */
static uint64_t time_of(int tag, struct wt_slice s)
{
	unsigned century = 19, year, month, day, hour, minute, second;
	int64_t seconds;

	if (tag != DER_TIME && tag != DER_UTC_TIME)
		return 0;
	if (tag == DER_TIME && !two_digits(&s, &century))
		return 0;
	if (!two_digits(&s, &year) || !two_digits(&s, &month) || !two_digits(&s, &day) ||
	    !two_digits(&s, &hour) || !two_digits(&s, &minute) || !two_digits(&s, &second))
		return 0;
	if (tag == DER_UTC_TIME && year < 50)
		century = 20;
	year += century * 100;
	if (year < 1970 || month < 1 || month > 12 || day < 1 || day > 31 || hour > 24)
		return 0;
	seconds =
		days_of(year, month, day) * 86400 + (int64_t)hour * 3600 + minute * 60 + second;
	if ((uint64_t)seconds > UINT64_MAX / WT_NS_PER_S)
		return UINT64_MAX / WT_NS_PER_S * WT_NS_PER_S; /* later than we can count */
	return (uint64_t)seconds * WT_NS_PER_S;
}

static void put_validity(struct wt_slice validity, unsigned event, struct wt_out *out)
{
	uint64_t now = wt_out_time_ns(out), from, until;
	struct wt_slice body, whole;
	int tag;

	tag = take_element(&validity, &body, &whole);
	from = time_of(tag, body);
	if (tag < 0)
		return;
	tag = take_element(&validity, &body, &whole);
	until = tag < 0 ? 0 : time_of(tag, body);
	if (from)
		put_NOT_BEFORE(out, event, from);
	if (until)
		put_NOT_AFTER(out, event, until);
	if (until && now > until)
		put_IS_EXPIRED(out, event, true);
	if (from && now < from)
		put_IS_EARLY(out, event, true);
}

/* --- key --- */

static uint64_t bits_of(struct wt_slice number)
{
	uint64_t bits;
	uint8_t first;

	while (number.len && !number.ptr[0])
		number = wt_slice_tail(number, 1);
	if (!number.len)
		return 0;
	bits = (uint64_t)number.len * 8;
	for (first = number.ptr[0]; !(first & 0x80); first = (uint8_t)(first << 1))
		bits--;
	return bits;
}

static const struct {
	const char *oid;
	uint8_t len;
	uint16_t bits; /* 0: as the key itself says */
	const char *type;
} keys[] = {
	{ "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01", 9, 0, "rsa" },
	{ "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0a", 9, 0, "rsa" }, /* PSS */
	{ "\x2a\x86\x48\xce\x3d\x02\x01", 7, 0, "ec" },
	{ "\x2a\x86\x48\xce\x38\x04\x01", 7, 0, "dsa" },
	{ "\x2b\x65\x70", 3, 256, "ed25519" },
	{ "\x2b\x65\x71", 3, 456, "ed448" },
};

static void put_key(struct wt_slice key, unsigned event, struct wt_out *out)
{
	struct wt_slice algorithm, oid, bits, inner, number;
	const char *type = "other";
	uint64_t n_bits = 0;
	size_t i;

	if (!expect(&key, DER_SEQUENCE, &algorithm) || !expect(&algorithm, DER_OID, &oid) ||
	    !expect(&key, DER_BITS, &bits))
		return;
	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (wt_slice_equal(oid, wt_slice_of(keys[i].oid, keys[i].len))) {
			type = keys[i].type;
			n_bits = keys[i].bits;
		}
	bits = wt_slice_tail(bits, 1);
	if (type[0] == 'r' && expect(&bits, DER_SEQUENCE, &inner) &&
	    expect(&inner, DER_INTEGER, &number))
		n_bits = bits_of(number);
	if (type[0] == 'e' && type[1] == 'c' && bits.len > 1 && bits.ptr[0] == 4)
		n_bits = bits.len / 2 == 66 ? 521 : bits.len / 2 * 8; /* 04 X Y */
	put_KEY_TYPE(out, event, wt_slice_text(type));
	if (n_bits)
		put_KEY_BITS(out, event, n_bits);
}

/* --- extensions --- */

static void put_address(struct wt_slice octets, unsigned event, struct wt_out *out)
{
	uint8_t room[40];
	struct wt_builder b = wt_builder_of(room, sizeof(room));
	size_t i;

	if (octets.len == 4) {
		for (i = 0; i < 4; i++) {
			if (i)
				wt_bld_char(&b, '.');
			wt_bld_u64(&b, octets.ptr[i]);
		}
	} else if (octets.len == 16) {
		for (i = 0; i < 16; i += 2) {
			if (i)
				wt_bld_char(&b, ':');
			tls_hex(wt_slice_head(wt_slice_tail(octets, i), 2), 0, &b);
		}
	}
	put_SAN(out, event, wt_bld_slice(&b));
}

/* GeneralNames: dNSName [2], uniformResourceIdentifier [6], iPAddress [7]; not mail. */
static void put_alternatives(struct wt_slice octets, unsigned event, struct wt_out *out)
{
	struct wt_slice list, body, whole;
	unsigned n;
	int tag;

	if (!expect(&octets, DER_SEQUENCE, &list))
		return;
	for (n = 0; n < NAMES_MAX && (tag = take_element(&list, &body, &whole)) >= 0; n++) {
		if (tag != 0x82 && tag != 0x86 && tag != 0x87)
			continue;
		if (tag != 0x87 && wt_host_name_is_personal(body))
			put_PERSONAL_NAME(out, event, body);
		else if (tag != 0x87)
			put_SAN(out, event, body);
		else
			put_address(body, event, out);
	}
}

static void put_extensions(struct wt_slice rest, unsigned event, struct wt_out *out)
{
	struct wt_slice list, one, oid, body, whole;
	int tag;

	/* [1] and [2] are unique ids; [3] holds the extensions */
	while ((tag = take_element(&rest, &body, &whole)) >= 0)
		if (tag == 0xa3)
			break;
	if (tag < 0 || !expect(&body, DER_SEQUENCE, &list))
		return;
	while (expect(&list, DER_SEQUENCE, &one)) {
		if (!expect(&one, DER_OID, &oid) ||
		    !wt_slice_equal(oid, WT_LIT("\x55\x1d\x11")))
			continue;
		while ((tag = take_element(&one, &body, &whole)) >=
		       0) /* critical may stand first */
			if (tag == DER_OCTETS)
				put_alternatives(body, event, out);
	}
}

/* --- the certificate --- */

static void put_prints(struct wt_slice der, unsigned event, struct wt_out *out)
{
	uint8_t digest[WT_SHA256_LEN], room[2 * WT_SHA256_LEN];
	struct wt_builder b = wt_builder_of(room, sizeof(room));

	wt_sha1(der, digest);
	tls_hex(wt_slice_of(digest, WT_SHA1_LEN), ':', &b);
	put_SHA1(out, event, wt_bld_slice(&b));
	b.len = 0;
	wt_sha256(der, digest);
	tls_hex(wt_slice_of(digest, WT_SHA256_LEN), 0, &b);
	put_SHA256(out, event, wt_bld_slice(&b));
}

/* It stands for the person or the device that shows it. */
static void put_client_print(struct wt_slice der, unsigned event, struct wt_out *out)
{
	uint8_t digest[WT_SHA256_LEN], room[2 * WT_SHA256_LEN];
	struct wt_builder b = wt_builder_of(room, sizeof(room));

	wt_sha256(der, digest);
	tls_hex(wt_slice_of(digest, WT_SHA256_LEN), 0, &b);
	put_CLIENT_SHA256(out, event, wt_bld_slice(&b));
}

static void put_serial(struct wt_slice number, unsigned event, struct wt_out *out)
{
	uint8_t room[80];
	struct wt_builder b = wt_builder_of(room, sizeof(room));

	tls_hex(wt_slice_head(number, 24), ':', &b);
	put_SERIAL(out, event, wt_bld_slice(&b));
}

/* A private machine's own certificate tells whose it is. */
static void put_subject(struct wt_out *out, unsigned event, struct wt_slice subject,
			struct wt_slice cn)
{
	if (wt_host_name_is_personal(cn)) {
		put_PERSONAL_NAME(out, event, cn);
		return;
	}
	put_SUBJECT(out, event, subject);
	put_CN(out, event, cn);
}

static void put_names(struct wt_slice issuer, struct wt_slice subject, bool is_client,
		      unsigned event, struct wt_out *out)
{
	uint8_t room[NAME_MAX];
	struct wt_builder b = wt_builder_of(room, sizeof(room));
	struct wt_slice cn = { .ptr = NULL }, unused = { .ptr = NULL };

	read_name(subject, is_client, &b, &cn);
	if (is_client) {
		put_CLIENT_SUBJECT(out, event, wt_bld_slice(&b));
	} else {
		put_subject(out, event, wt_bld_slice(&b), cn);
	}
	b = wt_builder_of(room, sizeof(room));
	read_name(issuer, false, &b, &unused);
	/* the issuer of one's own certificate is oneself */
	if (!wt_slice_equal(issuer, subject) || (!is_client && !wt_host_name_is_personal(cn)))
		put_ISSUER(out, event, wt_bld_slice(&b));
	if (wt_slice_equal(issuer, subject))
		put_IS_SELF_SIGNED(out, event, true);
}

static void put_certificate(struct wt_slice der, bool is_client, unsigned event,
			    struct wt_out *out)
{
	struct wt_slice rest = der, tbs, body, whole, issuer, validity, subject;
	int tag;

	if (!expect(&rest, DER_SEQUENCE, &body) || !expect(&body, DER_SEQUENCE, &tbs)) {
		wt_out_glitch(out, "bad_certificate");
		return;
	}
	tag = take_element(&tbs, &body, &whole);
	if (tag == 0xa0)
		tag = take_element(&tbs, &body, &whole);
	if (tag != DER_INTEGER) {
		wt_out_glitch(out, "bad_certificate");
		return;
	}
	if (!is_client)
		put_serial(body, event, out);
	if (!expect(&tbs, DER_SEQUENCE, &body) || !expect(&tbs, DER_SEQUENCE, &issuer) ||
	    !expect(&tbs, DER_SEQUENCE, &validity) || !expect(&tbs, DER_SEQUENCE, &subject)) {
		wt_out_glitch(out, "bad_certificate");
		return;
	}
	put_names(issuer, subject, is_client, event, out);
	put_validity(validity, event, out);
	if (is_client)
		put_client_print(der, event, out);
	else
		put_prints(der, event, out);
	if (take_element(&tbs, &body, &whole) == DER_SEQUENCE)
		put_key(body, event, out);
	if (!is_client)
		put_extensions(tbs, event, out);
}

static struct wt_slice take_cert(struct wt_slice *rest)
{
	struct wt_reader r = wt_reader_of(*rest, WT_MALFORMED);
	size_t len = (size_t)wt_rd_u8(&r) << 16;
	struct wt_slice der;

	len |= wt_rd_u16be(&r);
	der = wt_rd_bytes(&r, len);
	*rest = r.err == WT_OK ? wt_slice_of(r.ptr, r.left) : wt_slice_of(NULL, 0);
	return der;
}

void tls_certificates(struct wt_slice body, bool is_client, unsigned event, struct wt_out *out)
{
	struct wt_slice rest = wt_slice_tail(body, 3), der = take_cert(&rest);
	struct wt_slice next = der;
	uint64_t n = 0;

	for (; next.len; next = rest.len ? take_cert(&rest) : wt_slice_of(NULL, 0))
		if (n++ < CERTS_SHOWN)
			put_CERTS(out, event, wt_slice_head(next, CERT_SHOWN));
	put_N_CERTS(out, event, n);
	if (der.len)
		put_certificate(der, is_client, event, out);
}
