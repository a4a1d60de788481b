/* Encodes records for encode.py, which knows what went in and parses what comes out.
 * Standard input: frames of a byte cef_ipv6, a byte leef_delimiter, a 32-bit little-endian
 * len_max and a 32-bit length, then an encoded alert. Standard output: for every frame and
 * every format (cef, leef, eve, ecs, hec) a byte (1: it fits) and a 32-bit length, then
 * the text. */
#include <stdio.h>
#include <stdlib.h>

#include "export/encode.h"

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

int main(void)
{
	static wt_encode_fn *const formats[] = { wt_encode_cef, wt_encode_leef, wt_encode_json,
						 wt_encode_ecs, wt_encode_hec };
	static uint8_t bytes[WT_ALERT_BYTES_MAX], text[WT_ALERT_JSON_MAX];
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
		for (i = 0; i < sizeof(formats) / sizeof(*formats); i++) {
			struct wt_builder b = wt_builder_of(text, sizeof(text));
			bool fits = formats[i](&b, &item, &options);

			put(&b, fits);
		}
	}
	return fflush(stdout) == 0 ? 0 : 1;
}
