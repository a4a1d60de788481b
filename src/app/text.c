/* Text for people (text.h). Trust: texts are hostile until they are escaped.
 * Memory: on the stack. */
#include "app/text.h"

#include "base/json.h"

/* Longest text that is shown; what lies behind is cut. */
#define SHOWN_MAX 1024u

struct shown {
	uint8_t bytes[SHOWN_MAX * 6];
	size_t len;
};

static void escape(struct shown *s, struct wt_slice text)
{
	struct wt_builder b = wt_builder_of(s->bytes, sizeof(s->bytes));

	wt_bld_escaped(&b, wt_slice_head(text, SHOWN_MAX));
	s->len = b.len;
}

/* Bytes of the character at `at`, and the columns it takes. The text is valid UTF-8.
 * Source: East Asian Width W and F of Unicode, by blocks. */
static size_t take(const struct shown *s, size_t at, unsigned *columns)
{
	uint8_t first = s->bytes[at];
	size_t len = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4, i;
	uint32_t code = first & (len == 1 ? 0x7f : 0x7fu >> len);

	for (i = 1; i < len && at + i < s->len; i++)
		code = code << 6 | (s->bytes[at + i] & 0x3f);
	*columns = (code >= 0x1100 && code <= 0x115f) || (code >= 0x2e80 && code <= 0xa4cf) ||
				   (code >= 0xac00 && code <= 0xd7a3) ||
				   (code >= 0xf900 && code <= 0xfaff) ||
				   (code >= 0xfe30 && code <= 0xfe6f) ||
				   (code >= 0xff00 && code <= 0xff60) ||
				   (code >= 0x1f300 && code <= 0x1faff) ||
				   (code >= 0x20000 && code <= 0x3fffd)
			   ? 2
			   : 1;
	if (code >= 0x300 && code <= 0x36f)
		*columns = 0;
	return len;
}

static unsigned width_of(const struct shown *s)
{
	unsigned width = 0, columns;
	size_t at = 0;

	while (at < s->len) {
		at += take(s, at, &columns);
		width += columns;
	}
	return width;
}

unsigned wt_text_width(struct wt_slice text)
{
	struct shown s;

	escape(&s, text);
	return width_of(&s);
}

static unsigned put(FILE *out, struct wt_slice text, unsigned most)
{
	struct shown s;
	unsigned width = 0, columns;
	size_t at = 0, next;
	bool is_cut;

	escape(&s, text);
	is_cut = width_of(&s) > most;
	while (at < s.len) {
		next = at + take(&s, at, &columns);
		if (is_cut && width + columns > most - 1)
			break;
		width += columns;
		at = next;
	}
	(void)fwrite(s.bytes, 1, at, out);
	if (is_cut && most) {
		fputc('~', out);
		width++;
	}
	return width;
}

void wt_text_put(FILE *out, struct wt_slice text, unsigned most)
{
	(void)put(out, text, most);
}

void wt_text_column(FILE *out, struct wt_slice text, unsigned width)
{
	fprintf(out, "%*s", (int)(width - put(out, text, width)), "");
}

void wt_text_wrap(FILE *out, const char *text, unsigned indent, unsigned at, unsigned width)
{
	bool is_first = true;

	while (*text) {
		size_t len = strcspn(text, " ");

		if (!is_first && at + 1 + len > width) {
			fprintf(out, "\n%*s", (int)indent, "");
			at = indent;
			is_first = true;
		}
		if (!is_first) {
			fputc(' ', out);
			at++;
		}
		(void)fwrite(text, 1, len, out);
		at += (unsigned)len;
		is_first = false;
		text += len;
		while (*text == ' ')
			text++;
	}
	fputc('\n', out);
}

const char *wt_text_time(uint64_t ns, char text[WT_TEXT_TIME])
{
	uint8_t iso[WT_TIME_LEN];
	struct wt_builder b = wt_builder_of(iso, sizeof(iso));

	wt_bld_time(&b, ns);
	memcpy(text, iso, WT_TEXT_TIME - 1);
	text[10] = ' ';
	text[WT_TEXT_TIME - 1] = 0;
	return text;
}

const char *wt_text_bytes(uint64_t bytes, char text[WT_TEXT_BYTES])
{
	static const char *const units[] = { "B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB" };
	unsigned unit = 0;
	uint64_t whole = bytes, rest = 0;

	while (whole >= 1024) {
		rest = whole % 1024;
		whole /= 1024;
		unit++;
	}
	if (unit && whole < 10)
		snprintf(text, WT_TEXT_BYTES, "%u.%u %s", (unsigned)whole,
			 (unsigned)(rest * 10 / 1024), units[unit]);
	else
		snprintf(text, WT_TEXT_BYTES, "%u %s", (unsigned)whole, units[unit]);
	return text;
}

const char *wt_text_word(const char *word, char *text, size_t size)
{
	size_t i;

	snprintf(text, size, "%s", word);
	for (i = 0; text[i]; i++)
		if (text[i] == '_')
			text[i] = ' ';
	return text;
}
