/* One TCP flow through the real dissection stage, its events as text: for tests and
 * fuzzers of dissectors. Events read "dir type name=value ...", one per line, with
 * strings in quotes, other bytes as \xHH, and '~' at the end when something was cut;
 * glitches read "dir glitch reason @offset". */
#ifndef TESTS_BENCH_H
#define TESTS_BENCH_H

#include "wardtap/bytes.h"
#include "wardtap/types.h"

struct wt_bench;

/* A bench for the dissector of this name. With `is_probed` the flow is identified by
 * its content, among all dissectors; else it belongs to the dissector from its first
 * byte on. Ends the program when there is no such dissector. */
struct wt_bench *wt_bench_new(const char *name, bool is_probed);
void wt_bench_free(struct wt_bench *b);

/* Forgets flow and events and begins a new flow, joined mid-stream or not. */
void wt_bench_restart(struct wt_bench *b, bool is_midstream);

/* The next bytes of a direction, bytes that were lost, its end; the flow's end. */
void wt_bench_feed(struct wt_bench *b, enum wt_direction dir, struct wt_slice bytes);
void wt_bench_lose(struct wt_bench *b, enum wt_direction dir, uint64_t lost);
void wt_bench_end(struct wt_bench *b, enum wt_direction dir);
void wt_bench_close(struct wt_bench *b);

/* All events so far, NUL-terminated. Borrowed until the next call. */
const char *wt_bench_text(const struct wt_bench *b);

/* Instead of all this: the events that this dissector and the engine's glitches make
 * of a capture file, through decode/ and flow/. False when it cannot be read. */
bool wt_bench_replay(struct wt_bench *b, const char *path);

/* Most bytes that the engine ever kept back for this flow. */
size_t wt_bench_peak(const struct wt_bench *b);

/* Stream bytes of a direction, by fate. */
uint64_t wt_bench_delivered(const struct wt_bench *b, enum wt_direction dir);
uint64_t wt_bench_skipped(const struct wt_bench *b, enum wt_direction dir);

/* Was the flow found to be of this protocol? */
bool wt_bench_is_identified(const struct wt_bench *b);

#endif
