/* A dissector whose stream says what it shall do: every verdict, skips, commits in
 * parts, glitches, MORE with need and scanned, puts that are undone. It checks the
 * engine's promises as it goes. Its results do not depend on how a stream is cut.
 *
 *   'W' 'T'      begins a stream; units follow, each led by a letter
 *   e len body   event with a field, committed      b        event begun, left open
 *   p len body   put to the open event              c        commit
 *   d            drop                               s len    skip 16 * len bytes
 *   u byte       skip until that byte               m        malformed
 *   f            foreign                            g        glitch
 *   n text ;     read with scanned                  x len    needs 1024 * len bytes
 *   k len body   while the body is short, changes everything and wants more
 *   o            consumes nothing, skips one        W        as any other: malformed */
#ifndef FUZZ_GUEST_H
#define FUZZ_GUEST_H

#define WT_NO_POISON
#include "wardtap/dissector.h"

#define GUEST_FIELDS(F) \
	F(TEXT, STR, ONE, NONE, ASIS, 32, "", "guest.text", "none", "Text.") \
	F(PART, STR, MANY, DIRECT, ASIS, 16, "", "guest.part", "none", "Parts.") \
	F(COUNT, U64, ONE, NONE, ASIS, 8, "", "guest.count", "none", "Units so far.")
WT_DECLARE_FIELDS(GUEST_FIELDS)

struct guest_state {
	uint64_t canary;
	uint64_t expect[2]; /* bytes that will have been skipped */
	uint64_t n_units[2];
	bool is_done[2];
};

#define GUEST_CANARY UINT64_C(0x7ea5e7ea5e7ea5e7)

static const struct wt_event_type guest_events[] = { { "guest", "One." }, { "part", "Two." } };

static enum wt_verdict guest_probe(struct wt_slice head)
{
	if (head.len == 0 || head.ptr[0] != 'W')
		return head.len ? WT_FOREIGN : WT_MORE;
	return head.len == 1 ? WT_MORE : head.ptr[1] == 'T' ? WT_OK : WT_FOREIGN;
}

static size_t guest_resync(struct wt_slice rest)
{
	return wt_slice_find(rest, 'W');
}

/* Text up to ';', remembering how far it was searched. */
static enum wt_verdict guest_text(struct wt_reader *r, struct wt_out *out, struct wt_slice all)
{
	size_t from = wt_out_scanned(out), at;

	if (from > all.len || wt_slice_find(wt_slice_head(wt_slice_tail(all, 1), from ? from - 1 : 0),
					    ';') != (from ? from - 1 : 0))
		__builtin_trap(); /* scanned is not about these bytes */
	at = wt_slice_find(wt_slice_tail(all, from ? from : 1), ';') + (from ? from : 1);
	if (at >= all.len) {
		wt_out_set_scanned(out, all.len);
		return WT_MORE;
	}
	wt_rd_skip(r, at);
	return WT_OK;
}

static void guest_event(struct guest_state *s, enum wt_direction dir, struct wt_out *out,
			unsigned type, struct wt_slice body)
{
	unsigned e = wt_event_begin(out, type);

	put_TEXT(out, e, body);
	put_COUNT(out, e, s->n_units[dir]);
	put_COUNT(out, e, 99); /* ignored */
}

static enum wt_verdict guest_unit(struct guest_state *s, enum wt_direction dir,
				  struct wt_reader *r, struct wt_out *out)
{
	struct wt_slice all = wt_rd_peek(r), body;
	uint8_t code = wt_rd_u8(r), len;

	switch (code) {
	case 'W':
		if (wt_rd_u8(r) != 'T')
			return r->err != WT_OK ? r->err : WT_MALFORMED;
		return WT_OK;
	case 'b':
		guest_event(s, dir, out, 1, WT_LIT("open"));
		return WT_OK;
	case 'c':
		wt_out_commit(out);
		return WT_OK;
	case 'd':
		wt_out_drop(out);
		return WT_OK;
	case 'm':
		return WT_MALFORMED;
	case 'f':
		return WT_FOREIGN;
	case 'g':
		wt_out_glitch(out, "guest_glitch");
		return WT_OK;
	case 'n':
		return guest_text(r, out, all);
	case 'o':
		r->ptr = all.ptr;
		r->left = all.len;
		wt_out_skip(out, 1);
		return WT_OK;
	}
	len = wt_rd_u8(r);
	if (r->err != WT_OK)
		return r->err;
	switch (code) {
	case 's':
		wt_out_skip(out, 16u * len);
		s->expect[dir] = 16u * len;
		return WT_OK;
	case 'u':
		wt_out_skip_until(out, wt_slice_of(&len, 1));
		return WT_OK;
	case 'x':
		if (all.len < 1024u * len) {
			wt_out_need(out, 1024u * len);
			return WT_MORE;
		}
		wt_rd_skip(r, len ? 1024u * len - 2 : 0);
		return r->err;
	}
	if (code == 'k' && wt_rd_left(r) < len) {
		wt_out_drop(out);
		guest_event(s, dir, out, 0, WT_LIT("undone"));
		put_PART(out, 0, WT_LIT("undone"));
		wt_out_glitch(out, "undone");
		wt_out_skip(out, 5);
	}
	body = wt_rd_bytes(r, len);
	if (r->err != WT_OK)
		return r->err;
	if (code == 'e') {
		guest_event(s, dir, out, 0, body);
		wt_out_commit(out);
	} else if (code == 'p') {
		put_PART(out, 0, body);
	} else if (code != 'k') {
		return WT_MALFORMED;
	}
	return WT_OK;
}

static enum wt_verdict guest_message(void *state, enum wt_direction dir, struct wt_reader *r,
				     struct wt_out *out)
{
	struct guest_state *s = state, before = *s;
	enum wt_verdict verdict;

	if (s->canary != 0 && s->canary != GUEST_CANARY)
		__builtin_trap();
	s->canary = GUEST_CANARY;
	if (wt_rd_left(r) == 0) {
		/* The end: open events go to gap. It may come inside a skip, no later. */
		if (s->expect[dir] && wt_out_skipped(out) > s->expect[dir] &&
		    !wt_out_is_resumed(out))
			__builtin_trap();
		return WT_OK;
	}
	if (s->expect[dir] && !wt_out_is_resumed(out) && wt_out_skipped(out) != s->expect[dir])
		__builtin_trap();
	verdict = guest_unit(s, dir, r, out);
	if (verdict == WT_MORE) {
		*s = before;
		return verdict;
	}
	if (before.expect[dir] == s->expect[dir])
		s->expect[dir] = 0;
	s->n_units[dir]++;
	return verdict;
}

static void guest_gap(void *state, enum wt_direction dir, uint64_t lost, struct wt_out *out)
{
	struct guest_state *s = state;

	s->expect[dir] = 0;
	if (lost & 1)
		wt_out_commit(out);
	if (lost & 2)
		wt_out_drop(out);
	put_PART(out, 0, WT_LIT("gap"));
}

static void guest_close(void *state, struct wt_out *out)
{
	struct guest_state *s = state;

	guest_event(s, WT_TO_SERVER, out, 1, WT_LIT("close"));
}

static const struct wt_dissector guest_dissector = {
	.name = "guest", .title = "Guest", .source = "none",
	.carriage = WT_OVER_TCP | WT_OVER_UDP, .ports = { 7 }, .probe = guest_probe,
	.message = guest_message, .gap = guest_gap, .close = guest_close,
	.resync = guest_resync, .state_size = sizeof(struct guest_state),
	.buffer_max = 8192, WT_DISSECTOR_TABLES(guest_events),
};

#endif
