/* Marks of abuse in HL7 v2 text: escape sequences that break frames or run on, text
 * that aims at the program behind the receiver, programs in embedded documents. Facts
 * of one message; what to make of them is for rules.
 * Source: HL7 v2.6 2.7 (escape sequences), 2A.24 (ED).
 * Trust: everything is hostile. Memory: bits in struct hl7_message. */
#include "hl7_parts.h"

#define HEX_MAX 512u   /* digits of \X...\ beyond which it is not text any more */
#define SPACE_MAX 255u /* blank lines or columns that a report needs */

enum { UNTERMINATED, BAD_HEX, FRAMING_BYTES, LONG_HEX, LARGE_SPACE };
static const char *const escape_words[] = { "unterminated", "bad_hex", "framing_bytes",
					    "long_hex", "large_space" };
static const char *const escape_glitches[] = { "escape_unterminated", "escape_bad_hex",
					       "escape_framing_bytes", "escape_long_hex",
					       "escape_large_space" };
enum { SCRIPT, JNDI, DOCTYPE, SQL, UNC };
static const char *const injection_words[] = { "script", "jndi", "doctype", "sql", "unc_path" };

static struct wt_slice literal(const char *text)
{
	return wt_slice_of(text, wt_hl7_literal_len(text));
}

static void tell_escape(struct hl7_call *c, unsigned what)
{
	uint8_t bit = (uint8_t)(1u << what);

	if (c->m->escape_abuse & bit)
		return;
	c->m->escape_abuse |= bit;
	put_ESCAPE_ABUSE(c->out, c->m->event, literal(escape_words[what]));
	wt_out_glitch(c->out, escape_glitches[what]);
}

static void tell_injection(struct hl7_call *c, unsigned what)
{
	uint8_t bit = (uint8_t)(1u << what);

	if (c->m->injection & bit)
		return;
	c->m->injection |= bit;
	put_INJECTION(c->out, c->m->event, literal(injection_words[what]));
}

static bool is_hex(uint8_t byte)
{
	return (byte >= '0' && byte <= '9') || (byte >= 'A' && byte <= 'F') ||
	       (byte >= 'a' && byte <= 'f');
}

/* \Xhh..\ : bytes that would end a segment or frame once a receiver decodes them. */
static void check_hex(struct hl7_call *c, struct wt_slice hex)
{
	size_t i;

	if (hex.len % 2 || !hex.len)
		tell_escape(c, BAD_HEX);
	if (hex.len > HEX_MAX)
		tell_escape(c, LONG_HEX);
	for (i = 0; i < hex.len; i++)
		if (!is_hex(hex.ptr[i])) {
			tell_escape(c, BAD_HEX);
			return;
		}
	for (i = 0; i + 1 < hex.len; i += 2) {
		uint8_t low = hex.ptr[i + 1] | 0x20;

		if ((hex.ptr[i] == '0' && (low == 'd' || low == 'b' || low == 'a')) ||
		    (hex.ptr[i] == '1' && low == 'c'))
			tell_escape(c, FRAMING_BYTES);
	}
}

/* \.sp9999\ */
static void check_format(struct hl7_call *c, struct wt_slice code)
{
	struct wt_slice number = wt_slice_tail(code, 3);
	uint64_t value;

	if (number.len && (number.ptr[0] == '+' || number.ptr[0] == '-'))
		number = wt_slice_tail(number, 1);
	if (number.len > 6 || (wt_slice_to_u64(number, &value) && value > SPACE_MAX))
		tell_escape(c, LARGE_SPACE);
}

/* Is this the code of an escape sequence, and not text between two backslashes? */
static bool is_code(struct wt_slice code)
{
	if (code.len == 1)
		return wt_slice_find(WT_LIT("FSTREPHN"), code.ptr[0]) < 8;
	return code.len > 1 && wt_slice_find(WT_LIT("XCMZ."), code.ptr[0]) < 5;
}

/* A host name of two characters or more, then what ends it in a path. */
static bool is_host(struct wt_slice s, uint8_t escape)
{
	size_t i;

	for (i = 0; i < s.len; i++) {
		uint8_t byte = s.ptr[i], low = byte | 0x20;

		if ((byte >= '0' && byte <= '9') || (low >= 'a' && low <= 'z'))
			continue;
		if (i == 0 || (byte != '.' && byte != '-'))
			break;
	}
	return i >= 2 && i < s.len && (s.ptr[i] == escape || s.ptr[i] == '/');
}

/* At an escape character. How many bytes are dealt with. */
static size_t check_escape(struct hl7_call *c, struct wt_slice s, bool *was_backslash)
{
	const struct hl7_delims *d = &c->q->delims;
	struct wt_slice rest = wt_slice_tail(s, 1), code;
	size_t end = wt_slice_find(rest, d->field);
	size_t close = wt_slice_find(wt_slice_head(rest, end), d->escape);
	bool is_backslash;

	if (close == end || close >= rest.len) {
		tell_escape(c, UNTERMINATED);
		return 1;
	}
	code = wt_slice_head(rest, close);
	is_backslash = code.len == 0 || wt_slice_equal(code, WT_LIT("E"));
	if (is_backslash && (*was_backslash || code.len == 0) &&
	    is_host(wt_slice_tail(rest, close + 1), d->escape))
		tell_injection(c, UNC);
	*was_backslash = is_backslash;
	if (!is_code(code))
		return close + 2; /* local, or text between two backslashes */
	if (code.ptr[0] == 'X')
		check_hex(c, wt_slice_tail(code, 1));
	else if (code.ptr[0] == '.')
		check_format(c, code);
	return close + 2;
}

static void check_text(struct hl7_call *c, struct wt_slice s)
{
	switch (s.ptr[0]) {
	case '<':
		if (wt_hl7_has_prefix(s, "<script"))
			tell_injection(c, SCRIPT);
		else if (wt_hl7_has_prefix(s, "<!doctype") || wt_hl7_has_prefix(s, "<!entity"))
			tell_injection(c, DOCTYPE);
		break;
	case '$':
		if (wt_hl7_has_prefix(s, "${jndi:") || wt_hl7_has_prefix(s, "${${"))
			tell_injection(c, JNDI);
		break;
	default:
		if (wt_hl7_has_prefix(s, "' or ") || wt_hl7_has_prefix(s, "' union ") ||
		    wt_hl7_has_prefix(s, "'; drop ") || wt_hl7_has_prefix(s, "';drop "))
			tell_injection(c, SQL);
		break;
	}
}

void wt_hl7_abuse_scan(struct hl7_call *c, struct wt_slice raw)
{
	/* with ISO 2022 charsets a backslash may be half a character */
	bool is_shifted = wt_slice_find(raw, 0x1b) < raw.len;
	uint8_t escape = is_shifted ? 0 : c->q->delims.escape;
	const uint8_t marks[4] = { escape ? escape : '<', '<', '$', '\'' };
	bool was_backslash = false;

	while (raw.len) {
		size_t n = wt_slice_find_any(raw, marks);

		was_backslash = was_backslash && n == 0;
		raw = wt_slice_tail(raw, n);
		if (!raw.len)
			return;
		if (raw.ptr[0] == escape && escape) {
			raw = wt_slice_tail(raw, check_escape(c, raw, &was_backslash));
			continue;
		}
		was_backslash = false;
		check_text(c, raw);
		raw = wt_slice_tail(raw, 1);
	}
}

void wt_hl7_abuse_document(struct hl7_call *c, const struct hl7_segment *seg)
{
	/* the first bytes of known files, as they are and in base64 */
	static const struct {
		const char *plain, *base64, *word;
	} magic[] = {
		{ "MZ", "TV", "pe" },
		{ "\x7f"
		  "ELF",
		  "f0VM", "elf" },
		{ "PK\x03\x04", "UEsDB", "zip" },
		{ "%PDF", "JVBER", "pdf" },
		{ "\xd0\xcf\x11\xe0", "0M8R4", "ole" },
		{ "#!/", "IyEv", "script" },
	};
	struct wt_slice type = wt_hl7_part(seg, 2, 1);
	bool is_base64 = wt_hl7_is_word(wt_hl7_part(seg, 5, 4), "Base64");
	struct wt_slice value = wt_hl7_part(seg, 5, 5);
	unsigned i;

	if (!wt_hl7_is_word(type, "ED") || !value.len)
		return;
	for (i = 0; i < sizeof(magic) / sizeof(magic[0]); i++) {
		struct wt_slice begin = literal(is_base64 ? magic[i].base64 : magic[i].plain);

		if (!wt_slice_starts(value, begin) || (c->m->embedded & 1u << i))
			continue;
		c->m->embedded |= (uint8_t)(1u << i);
		put_EMBEDDED(c->out, c->m->event, literal(magic[i].word));
	}
}
