/* Bytes of tests, written as people read them: pairs of hex digits, blanks between them
 * and text in single quotes as it is. */
#ifndef TESTS_HEX_H
#define TESTS_HEX_H

#include <stdlib.h>

#include "wardtap/bytes.h"

#define HEX_MAX 8192u

static inline int hex_digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The bytes lie in `room`. Ends the program where the text is no such. */
static inline struct wt_slice hex_of(const char *text, uint8_t room[HEX_MAX])
{
	size_t len = 0;

	while (*text) {
		if (*text == ' ') {
			text++;
		} else if (*text == '\'') {
			for (text++; *text && *text != '\'' && len < HEX_MAX; text++)
				room[len++] = (uint8_t)*text;
			text += *text == '\'';
		} else if (hex_digit(text[0]) < 0 || hex_digit(text[1]) < 0 || len == HEX_MAX) {
			abort();
		} else {
			room[len++] = (uint8_t)(hex_digit(text[0]) * 16 + hex_digit(text[1]));
			text += 2;
		}
	}
	return wt_slice_of(room, len);
}

#endif
