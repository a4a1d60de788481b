/* Encodes records for encode.py, which knows what went in and parses what comes out.
 * `encode DIR` writes every record of a journal in every format, a line each; the status is
 * 1 when there was none.
 * Otherwise, standard input: frames of a byte cef_ipv6, a byte leef_delimiter, a 32-bit
 * little-endian len_max and a 32-bit length, then an encoded alert. Standard output: for every
 * frame and every format (cef, leef, eve, ecs, hec) a byte (1: it fits) and a 32-bit length,
 * then the text. */
#include <stdio.h>
#include <stdlib.h>

#include "export/encode.h"
#include "journal/reader.h"

static wt_encode_fn *const formats[] = { wt_encode_cef, wt_encode_leef, wt_encode_json,
					 wt_encode_ecs, wt_encode_hec };
#define N_FORMATS (sizeof(formats) / sizeof(*formats))
static uint8_t text[WT_ALERT_JSON_MAX];

static uint32_t le32(const uint8_t *at)
{
	return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 |
	       (uint32_t)at[3] << 24;
}

static void put(const struct wt_builder *b, bool fits)
{
	const uint8_t head[5] = { fits, (uint8_t)b->len, (uint8_t)(b->len >> 8),
				  (uint8_t)(b->len >> 16), (uint8_t)(b->len >> 24) };

	if (fwrite(head, 1, sizeof(head), stdout) != sizeof(head) ||
	    fwrite(b->ptr, 1, b->len, stdout) != b->len)
		exit(1);
}

static int encode_journal(const char *dir)
{
	const struct wt_encode_options options = { .host = "sensor.example" };
	struct wt_journal_reader *r;
	struct wt_reading reading;
	char why[256] = "";
	struct wt_io *io = wt_io_folder(dir, false, why, sizeof(why));
	unsigned i, n = 0;

	if (!io) {
		fprintf(stderr, "encode: %s\n", why);
		return 1;
	}
	r = wt_journal_reader_new(io, false);
	while (wt_journal_read(r, &reading)) {
		struct wt_alert alert;
		struct wt_encode_item item = { .alert = &alert, .journal_seq = reading.seq };

		if (!wt_alert_decode(reading.bytes, &alert))
			return 1;
		for (i = 0; i < N_FORMATS; i++) {
			struct wt_builder b = wt_builder_of(text, sizeof(text));

			if (!formats[i](&b, &item, &options))
				return 1;
			wt_bld_char(&b, '\n');
			if (fwrite(b.ptr, 1, b.len, stdout) != b.len)
				return 1;
		}
		n++;
	}
	wt_journal_reader_free(r);
	wt_io_folder_free(io);
	return fflush(stdout) != 0 || n == 0;
}

static int encode_frames(void)
{
	static uint8_t bytes[WT_ALERT_BYTES_MAX];
	uint8_t head[10];
	unsigned i;

	while (fread(head, 1, sizeof(head), stdin) == sizeof(head)) {
		struct wt_encode_options options = { .host = "sensor.example",
						     .cef_ipv6 = (enum wt_cef_ipv6)head[0],
						     .leef_delimiter = (char)head[1],
						     .len_max = le32(head + 2) };
		uint32_t len = le32(head + 6);
		struct wt_alert alert;
		struct wt_encode_item item = { .alert = &alert, .journal_seq = 77 };

		if (len > sizeof(bytes) || fread(bytes, 1, len, stdin) != len ||
		    !wt_alert_decode(wt_slice_of(bytes, len), &alert)) {
			fprintf(stderr, "encode: no alert\n");
			return 1;
		}
		for (i = 0; i < N_FORMATS; i++) {
			struct wt_builder b = wt_builder_of(text, sizeof(text));
			bool fits = formats[i](&b, &item, &options);

			put(&b, fits);
		}
	}
	return fflush(stdout) != 0;
}

int main(int argc, char **argv)
{
	return argc > 1 ? encode_journal(argv[1]) : encode_frames();
}
