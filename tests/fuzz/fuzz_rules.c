/* Rules from strangers against bytes from strangers: the parser, the confirming tests and
 * the windows. Input: rules up to the first NUL, then segments, each led by a byte: bit 7
 * the direction, bit 6 a datagram, the rest times 8 its length. Checked: no fault, and
 * that streams cut otherwise give the same alerts. */
#define _POSIX_C_SOURCE 200809L
#include <stdint.h>
#include <stdlib.h>

#include "harness/rule_case.h"

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size);

static void play(struct rule_case *c, struct wt_slice script, bool cuts)
{
	while (script.len) {
		uint8_t op = script.ptr[0];
		struct wt_slice bytes = wt_slice_head(wt_slice_tail(script, 1), (op & 63u) * 8);
		enum wt_direction dir = op & 128 ? WT_TO_CLIENT : WT_TO_SERVER;

		script = wt_slice_tail(script, 1 + bytes.len);
		if (op & 64) {
			rule_case_datagram(c, dir, bytes);
			continue;
		}
		if (cuts && bytes.len > 1) {
			rule_case_say(c, dir, wt_slice_head(bytes, bytes.len / 3));
			bytes = wt_slice_tail(bytes, bytes.len / 3);
		}
		rule_case_say(c, dir, bytes);
	}
	rule_case_close(c);
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size)
{
	struct wt_slice all = wt_slice_of(input, size);
	size_t end = wt_slice_find(all, 0);
	char *text = malloc(end + 1);
	const char *problem;
	struct rule_case *c;
	char *first;

	if (!text)
		abort();
	if (end)
		memcpy(text, input, end);
	text[end] = '\0';
	c = rule_case_new(text, &problem);
	rule_case_restart(c);
	play(c, wt_slice_tail(all, end + 1), false);
	first = strdup(rule_case_alerts(c));
	rule_case_restart(c);
	play(c, wt_slice_tail(all, end + 1), true);
	/* rules about packets see the cut; the harness has none */
	if (strcmp(first, rule_case_alerts(c)) != 0)
		__builtin_trap();
	free(first);
	free(text);
	rule_case_free(c);
	return 0;
}
