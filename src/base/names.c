/* Host names and file kinds (names.h).
 * Source: file signatures as in the formats' own specifications; PS3.10 7.1.
 * Trust: names and bytes are hostile. Memory: none. */
#include "wardtap/names.h"

static char lower(uint8_t c)
{
	return (char)(c >= 'A' && c <= 'Z' ? c + 32 : c);
}

/* Does the name begin with `word` (lower case), ignoring case? Its length, or 0. */
static size_t word_len(struct wt_slice name, const char *word)
{
	size_t i;

	for (i = 0; word[i]; i++)
		if (i == name.len || lower(name.ptr[i]) != word[i])
			return 0;
	return i;
}

static bool is_letter(uint8_t c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c >= 0x80;
}

/* "Bob's", "Bob\u2019s", and "Bobs-" before a private machine's word. */
static bool has_possessive(struct wt_slice name)
{
	size_t i;

	for (i = 1; i + 1 < name.len; i++) {
		if (name.ptr[i] == '\'' && lower(name.ptr[i + 1]) == 's')
			return true;
		if (i + 3 < name.len && name.ptr[i] == 0xe2 && name.ptr[i + 1] == 0x80 &&
		    name.ptr[i + 2] == 0x99 && lower(name.ptr[i + 3]) == 's')
			return true;
	}
	return false;
}

/* Length of the word for a private machine that the name begins with, or 0. */
static size_t machine_len(struct wt_slice name)
{
	static const char *const machines[] = {
		"iphone",      "ipad",      "macbook",  "imac",       "mac-mini",
		"mbp",         "galaxy",    "pixel",    "android-of", "airpods",
		"apple-watch", "laptop-of", "phone-of",
	};
	size_t i, len;

	for (i = 0; i < sizeof(machines) / sizeof(machines[0]); i++) {
		len = word_len(name, machines[i]);
		if (len)
			return len;
	}
	return 0;
}

bool wt_host_name_is_personal(struct wt_slice name)
{
	size_t n_letters = 0, at, len;

	name = wt_slice_head(name, 255);
	if (has_possessive(name))
		return true;
	for (at = 0; at < name.len; at++)
		n_letters += is_letter(name.ptr[at]);
	for (at = 0; at < name.len; at++) {
		if (wt_slice_find(WT_LIT("impgal"), (uint8_t)lower(name.ptr[at])) == 6)
			continue; /* none of the words begins so */
		len = machine_len(wt_slice_tail(name, at));
		/* the word alone, or with a model's number, names nobody */
		if (len && n_letters >= len + 3 - (memchr(name.ptr + at, '-', len) != NULL))
			return true;
	}
	return false;
}

struct signature {
	const char *kind;
	uint8_t at;
	uint8_t len;
	char bytes[9];
};

static const struct signature signatures[] = {
	{ "elf", 0, 4,
	  "\x7f"
	  "ELF" },
	{ "pe", 0, 2, "MZ" },
	{ "script", 0, 2, "#!" },
	{ "macho", 0, 4, "\xcf\xfa\xed\xfe" },
	{ "macho", 0, 4, "\xca\xfe\xba\xbe" },
	{ "zip", 0, 4, "PK\x03\x04" },
	{ "gzip", 0, 3, "\x1f\x8b\x08" },
	{ "rar", 0, 6, "Rar!\x1a\x07" },
	{ "7z", 0, 6, "7z\xbc\xaf\x27\x1c" },
	{ "xz", 0, 6,
	  "\xfd"
	  "7zXZ" },
	{ "cab", 0, 4, "MSCF" },
	{ "ole", 0, 8, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" },
	{ "lnk", 0, 8, "L\0\0\0\x01\x14\x02" },
	{ "pdf", 0, 5, "%PDF-" },
	{ "rtf", 0, 5, "{\\rtf" },
	{ "png", 0, 4, "\x89PNG" },
	{ "jpeg", 0, 3, "\xff\xd8\xff" },
	{ "gif", 0, 4, "GIF8" },
	{ "tiff", 0, 4, "II*\0" },
	{ "tiff", 0, 4, "MM\0*" },
	{ "bmp", 0, 2, "BM" },
	{ "swf", 0, 3, "CWS" },
	{ "swf", 0, 3, "FWS" },
	{ "mp4", 4, 4, "ftyp" },
	{ "ogg", 0, 4, "OggS" },
	{ "sqlite", 0, 8, "SQLite f" },
	{ "xml", 0, 5, "<?xml" },
	{ "pcap", 0, 4, "\xd4\xc3\xb2\xa1" },
	{ "class", 0, 4, "\xca\xfe\xd0\x0d" },
};

static const char *kind_of(struct wt_slice head)
{
	size_t i;

	for (i = 0; i < sizeof(signatures) / sizeof(signatures[0]); i++) {
		const struct signature *s = &signatures[i];

		if (wt_slice_starts(wt_slice_tail(head, s->at), wt_slice_of(s->bytes, s->len)))
			return s->kind;
	}
	return NULL;
}

static bool is_dicom(struct wt_slice head)
{
	return wt_slice_starts(wt_slice_tail(head, 128), WT_LIT("DICM"));
}

const char *wt_file_kind(struct wt_slice head)
{
	return is_dicom(head) ? "dicom" : kind_of(head);
}

const char *wt_file_preamble_kind(struct wt_slice head)
{
	return is_dicom(head) ? kind_of(head) : NULL;
}
