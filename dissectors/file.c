/* A bare file in a TCP stream: FTP data connections, netcat, droppers.
 *
 * Claimed only for strong signatures in the first bytes (two bytes such as "MZ" do not
 * suffice: the header behind must agree), after all other dissectors. One event when the
 * first FILE_HEAD bytes are there, one with the size when the stream ends; everything
 * between is passed over. A DICOM file has its mark at 128 behind a preamble of any
 * content; it is waited for where the first bytes are zero, as is usual, or those of
 * another file, which is an attack (CVE-2019-11687).
 * Source: PS3.10 7.1; System V ABI (ELF); Microsoft PE format; PKWARE APPNOTE 4.3;
 * RFC 1952; ISO 32000-1 7.5.2; the formats' own specifications.
 * Trust: every byte is hostile. Memory: struct file_state per flow, FILE_HEAD bytes per
 * direction. */
#include "wardtap/line.h"

#define FILE_FIELDS(F)                                                                         \
	F(STEP, STR, ONE, NONE, ASIS, 8, "", "file_transfer.step", "wardtap",                  \
	  "begin: the first bytes are there; end: the stream ended.")

WT_DECLARE_FIELDS(FILE_FIELDS)

enum { EVENT_FILE };

static const struct wt_event_type events[] = {
	[EVENT_FILE] = { "fileinfo", "A file that fills a TCP stream by itself." },
};

#define FILE_HEAD 4096u     /* bytes that are looked at */
#define DICOM_MARK 132u     /* preamble and "DICM" */
#define PE_HEADER_MAX 4000u /* furthest e_lfanew that a probe waits for */

_Static_assert(FILE_HEAD <= WT_PROBE_MAX, "the probe must be able to agree");
#define ALL (UINT64_C(1) << 62)

enum { PHASE_HEAD, PHASE_BODY, PHASE_PAST, PHASE_OTHER };

struct file_state {
	uint8_t phase[2];
	uint8_t event[2];
	const char *kind[2]; /* a literal */
};

/* --- signatures --- */

struct magic {
	uint8_t len;
	char bytes[9];
};

/* Four bytes or more that no text protocol begins with, besides those judged below. */
static const struct magic magics[] = {
	{ 6, "Rar!\x1a\x07" },
	{ 6, "7z\xbc\xaf\x27\x1c" },
	{ 6, "\xfd"
	     "7zXZ" },
	{ 8, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" },
	{ 8, "L\0\0\0\x01\x14\x02\0" },
	{ 8, "\x89PNG\r\n\x1a\n" },
	{ 8, "MSCF\0\0\0\0" },
	{ 6, "GIF87a" },
	{ 6, "GIF89a" },
	{ 5, "{\\rtf" },
	{ 9, "SQLite fo" },
	{ 4, "\xcf\xfa\xed\xfe" },
	{ 4, "\xd4\xc3\xb2\xa1" },
};

static enum wt_verdict see_prefix(struct wt_slice head, struct wt_slice magic)
{
	if (!wt_slice_equal(wt_slice_head(head, magic.len), wt_slice_head(magic, head.len)))
		return WT_FOREIGN;
	return head.len >= magic.len ? WT_OK : WT_MORE;
}

/* "MZ", and at e_lfanew "PE\0\0". */
static enum wt_verdict see_pe(struct wt_slice head)
{
	struct wt_reader r = wt_reader_of(head, WT_MORE);
	uint32_t at;

	if (see_prefix(head, WT_LIT("MZ")) != WT_OK)
		return see_prefix(head, WT_LIT("MZ"));
	wt_rd_skip(&r, 60);
	at = wt_rd_u32le(&r);
	if (r.err != WT_OK)
		return WT_MORE;
	if (at < 64 || at > PE_HEADER_MAX)
		return WT_FOREIGN;
	return see_prefix(wt_slice_tail(head, at), WT_LIT("PE\0\0"));
}

/* Class, byte order and version agree (e_ident). */
static enum wt_verdict see_elf(struct wt_slice head)
{
	enum wt_verdict verdict = see_prefix(head, WT_LIT("\x7f"
							  "ELF"));

	if (verdict != WT_OK)
		return verdict;
	if (head.len < 7)
		return WT_MORE;
	return (head.ptr[4] == 1 || head.ptr[4] == 2) &&
			       (head.ptr[5] == 1 || head.ptr[5] == 2) && head.ptr[6] == 1
		       ? WT_OK
		       : WT_FOREIGN;
}

/* Local file header: version needed up to 6.3, a known method. */
static enum wt_verdict see_zip(struct wt_slice head)
{
	enum wt_verdict verdict = see_prefix(head, WT_LIT("PK\x03\x04"));
	uint8_t method;

	if (verdict != WT_OK)
		return verdict;
	if (head.len < 10)
		return WT_MORE;
	method = head.ptr[8];
	return head.ptr[4] <= 63 && head.ptr[9] == 0 && (method <= 20 || method >= 93)
		       ? WT_OK
		       : WT_FOREIGN;
}

/* Deflate, no reserved flag, a known operating system. */
static enum wt_verdict see_gzip(struct wt_slice head)
{
	enum wt_verdict verdict = see_prefix(head, WT_LIT("\x1f\x8b\x08"));

	if (verdict != WT_OK)
		return verdict;
	if (head.len < 10)
		return WT_MORE;
	return !(head.ptr[3] & 0xe0) && (head.ptr[9] <= 13 || head.ptr[9] == 255) ? WT_OK
										  : WT_FOREIGN;
}

/* "%PDF-1.4" */
static enum wt_verdict see_pdf(struct wt_slice head)
{
	enum wt_verdict verdict = see_prefix(head, WT_LIT("%PDF-"));

	if (verdict != WT_OK)
		return verdict;
	if (head.len < 8)
		return WT_MORE;
	return wt_line_is_digit(head.ptr[5]) && head.ptr[6] == '.' &&
			       wt_line_is_digit(head.ptr[7])
		       ? WT_OK
		       : WT_FOREIGN;
}

/* Start of image, then APP0, APP1 or a quantisation table of a sane length. */
static enum wt_verdict see_jpeg(struct wt_slice head)
{
	enum wt_verdict verdict = see_prefix(head, WT_LIT("\xff\xd8\xff"));

	if (verdict != WT_OK)
		return verdict;
	if (head.len < 11)
		return WT_MORE;
	if (head.ptr[3] == 0xdb)
		return head.ptr[4] == 0 ? WT_OK : WT_FOREIGN;
	return (head.ptr[3] == 0xe0 || head.ptr[3] == 0xe1) &&
			       (wt_slice_equal(wt_slice_of(head.ptr + 6, 4), WT_LIT("JFIF")) ||
				wt_slice_equal(wt_slice_of(head.ptr + 6, 4), WT_LIT("Exif")))
		       ? WT_OK
		       : WT_FOREIGN;
}

/* Interpreter line of a script. */
static enum wt_verdict see_script(struct wt_slice head)
{
	enum wt_verdict verdict = see_prefix(head, WT_LIT("#!/"));
	size_t at;

	if (verdict != WT_OK)
		return verdict;
	at = wt_slice_find(wt_slice_head(head, 64), '\n');
	if (at == head.len)
		return WT_MORE;
	return at < 64 && wt_line_has(wt_slice_head(head, at), WT_LIT("bin")) ? WT_OK
									      : WT_FOREIGN;
}

/* Might the bytes lead a DICOM file? Zeros, or the beginning of another kind. */
static bool is_preamble(struct wt_slice head)
{
	static const struct magic kinds[] = {
		{ 4, "II*\0" },
		{ 4, "MM\0*" },
		{ 4, "MZ" },
		{ 4, "\x7f"
		     "ELF" },
	};
	size_t i;

	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (see_prefix(head, wt_slice_of(kinds[i].bytes, i == 2 ? 2 : 4)) != WT_FOREIGN)
			return true;
	for (i = 0; i < head.len && i < DICOM_MARK - 4; i++)
		if (head.ptr[i])
			return false;
	return true;
}

/* A preamble of 128 bytes, then "DICM". */
static enum wt_verdict see_dicom(struct wt_slice head)
{
	if (!is_preamble(head))
		return WT_FOREIGN;
	if (head.len < DICOM_MARK - 4)
		return WT_MORE;
	return see_prefix(wt_slice_tail(head, DICOM_MARK - 4), WT_LIT("DICM"));
}

static enum wt_verdict probe(struct wt_slice head)
{
	static enum wt_verdict (*const seers[])(struct wt_slice) = {
		see_dicom, see_pe, see_elf, see_zip, see_gzip, see_pdf, see_jpeg, see_script,
	};
	enum wt_verdict best = WT_FOREIGN;
	size_t i;

	for (i = 0; i < sizeof(seers) / sizeof(seers[0]) && best != WT_OK; i++) {
		enum wt_verdict verdict = seers[i](head);

		if (verdict != WT_FOREIGN)
			best = verdict;
	}
	for (i = 0; i < sizeof(magics) / sizeof(magics[0]) && best != WT_OK; i++) {
		enum wt_verdict verdict =
			see_prefix(head, wt_slice_of(magics[i].bytes, magics[i].len));

		if (verdict != WT_FOREIGN)
			best = verdict;
	}
	return best;
}

/* A file begins with its stream: what is found here later is refused by `message`. */
static size_t resync(struct wt_slice rest)
{
	return probe(rest) == WT_OK ? 0 : rest.len;
}

/* --- units --- */

static enum wt_verdict read_head(struct file_state *s, enum wt_direction dir,
				 struct wt_reader *r, struct wt_out *out)
{
	struct wt_slice head = wt_slice_head(wt_rd_peek(r), FILE_HEAD);
	unsigned event;

	if (head.len < FILE_HEAD && !wt_out_is_end(out)) {
		wt_out_need(out, FILE_HEAD);
		return WT_MORE;
	}
	if (wt_out_offset(out) || probe(head) != WT_OK) {
		s->phase[dir] = PHASE_OTHER; /* the other side's, or what a loss left */
		wt_rd_skip(r, head.len);
		wt_out_skip(out, ALL);
		return WT_OK;
	}
	event = wt_event_begin(out, EVENT_FILE);
	s->kind[dir] = wt_file_kind(head);
	put_STEP(out, event, WT_LIT("begin"));
	wt_put_FILE_KIND(out, event, wt_slice_text(s->kind[dir]));
	wt_put_FILE_PREAMBLE(out, event, wt_slice_text(wt_file_preamble_kind(head)));
	wt_put_FILE_DATA(out, event, head);
	wt_out_commit(out);
	s->phase[dir] = PHASE_BODY;
	wt_rd_skip(r, 1); /* the next call begins the event of the end */
	return WT_OK;
}

static enum wt_verdict read_body(struct file_state *s, enum wt_direction dir,
				 struct wt_reader *r, struct wt_out *out)
{
	s->event[dir] = (uint8_t)wt_event_begin(out, EVENT_FILE);
	put_STEP(out, s->event[dir], WT_LIT("end"));
	wt_put_FILE_KIND(out, s->event[dir], wt_slice_text(s->kind[dir]));
	s->phase[dir] = PHASE_PAST;
	wt_rd_skip(r, 1);
	wt_out_skip(out, ALL);
	return WT_OK;
}

static void finish(struct file_state *s, enum wt_direction dir, struct wt_out *out)
{
	wt_put_FILE_SIZE(out, s->event[dir], wt_out_offset(out));
	s->phase[dir] = PHASE_OTHER;
	wt_out_commit(out);
}

static enum wt_verdict message(void *state, enum wt_direction dir, struct wt_reader *r,
			       struct wt_out *out)
{
	struct file_state *s = state;

	if (!wt_rd_left(r)) {
		if (s->phase[dir] != PHASE_PAST || !wt_out_is_end(out))
			return WT_MORE;
		finish(s, dir, out);
		return WT_OK;
	}
	if (s->phase[dir] == PHASE_HEAD && wt_out_is_resumed(out))
		return WT_FOREIGN;
	if (s->phase[dir] == PHASE_HEAD)
		return read_head(s, dir, r, out);
	if (s->phase[dir] == PHASE_BODY)
		return read_body(s, dir, r, out);
	(void)wt_rd_rest(r);
	wt_out_skip(out, ALL);
	return WT_OK;
}

const struct wt_dissector wt_file_dissector = {
	.name = "file",
	.title = "Bare file",
	.source = "DICOM PS3.10 7.1; ELF; PE; PKWARE APPNOTE; RFC 1952; ISO 32000-1",
	.carriage = WT_OVER_TCP,
	.ports = { 20 },
	.probe = probe,
	.message = message,
	.resync = resync,
	.state_size = sizeof(struct file_state),
	.buffer_max = FILE_HEAD,
	WT_DISSECTOR_TABLES(events),
};
