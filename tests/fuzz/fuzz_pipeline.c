/* The whole way of replay, in one worker: capture bytes, decode, flow, dissect, redact,
 * then each record as a line of JSON. Checked: packets read are the sum of their
 * dispositions, the stream and flow identities, every line is one JSON object of valid
 * text, and two workers give the lines that one gives. */
#define _GNU_SOURCE /* memfd_create */
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "app/worker.h"
#include "base/hash.h"
#include "capture/file.h"
#include "export/eve.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

#define MUST(condition) do { if (!(condition)) abort(); } while (0)

struct lines {
	struct wt_eve *eve;
	uint64_t digest, n;
};

/* One JSON value at *at, depth at most 8. A reader of its own, as strict as RFC 8259. */
static bool is_value(const uint8_t **at, const uint8_t *end, unsigned depth);

static bool is_string(const uint8_t **at, const uint8_t *end)
{
	const uint8_t *p = *at;

	if (p == end || *p++ != '"')
		return false;
	while (p < end && *p != '"') {
		if (*p < 0x20 || *p == 0x7f)
			return false;
		if (*p == '\\' && (++p == end || !strchr("\"\\/bfnrtu", *p)))
			return false;
		p++;
	}
	*at = p + 1;
	return p < end;
}

static bool is_list(const uint8_t **at, const uint8_t *end, uint8_t close, unsigned depth)
{
	(*at)++;
	if (*at < end && **at == close) {
		(*at)++;
		return true;
	}
	while (*at < end) {
		if (close == '}' && (!is_string(at, end) || *at == end || *(*at)++ != ':'))
			return false;
		if (!is_value(at, end, depth + 1) || *at == end)
			return false;
		if (**at == close) {
			(*at)++;
			return true;
		}
		if (*(*at)++ != ',')
			return false;
	}
	return false;
}

static bool is_value(const uint8_t **at, const uint8_t *end, unsigned depth)
{
	const uint8_t *start = *at;

	if (start == end || depth > 8)
		return false;
	if (*start == '{')
		return is_list(at, end, '}', depth);
	if (*start == '[')
		return is_list(at, end, ']', depth);
	if (*start == '"')
		return is_string(at, end);
	while (*at < end && strchr("+-.0123456789aeflnrstu", **at) && **at)
		(*at)++;
	return *at > start;
}

static void take_record(void *self, const struct wt_record *record)
{
	static uint8_t room[WT_EVE_LINE_MAX];
	struct lines *lines = self;
	struct wt_slice line = wt_eve_line(lines->eve, record, room);
	const uint8_t *at = line.ptr;

	MUST(line.len > 2 && line.ptr[line.len - 1] == '\n' && line.ptr[0] == '{');
	MUST(is_value(&at, line.ptr + line.len - 1, 0) && at == line.ptr + line.len - 1);
	lines->digest = wt_hash(lines->digest, line);
	lines->n++;
}

static void idle(void *self)
{
	(void)self;
}

static void run_worker(struct wt_worker *w, const struct wt_capture_list *list,
		       uint64_t *n_read)
{
	static struct wt_batch batch;
	struct wt_counters counters = { { 0 } };
	struct wt_capture_options options = { &counters, false };
	struct wt_capture *c = wt_capture_open(list, &options);

	MUST(c);
	while (wt_capture_next(c, &batch))
		wt_worker_batch(w, &batch);
	wt_worker_finish(w);
	wt_capture_close(c);
	*n_read = counters.value[WT_C_PACKETS_READ];
}

static uint64_t run(const struct wt_capture_list *list, unsigned n_workers, uint64_t seed)
{
	struct lines lines = { .eve = wt_eve_new() };
	struct wt_record_sink sink = { .take = take_record, .self = &lines };
	struct wt_worker *w[2];
	struct wt_handoff *handoff[2];
	struct wt_counters sum = { { 0 } };
	uint64_t n_read = 0, n_ended = 0;
	const uint64_t *v = sum.value;
	unsigned i, k;

	for (i = 0; i < n_workers; i++) {
		struct wt_worker_options options = {
			.index = i, .n_workers = n_workers, .seed = seed,
			.key = WT_LIT("0123456789abcdef0123456789abcdef"),
			.limits = wt_limits_of(WT_PROFILE_SMALL),
		};

		w[i] = wt_worker_new(&options);
		run_worker(w[i], list, &n_read);
		handoff[i] = w[i]->handoff;
		for (k = 0; k < WT_N_COUNTERS; k++)
			sum.value[k] += w[i]->counters.value[k];
	}
	wt_handoff_merge(handoff, n_workers, &sink, idle, NULL);
	for (i = 0; i < n_workers; i++)
		wt_worker_free(w[i]);
	for (i = 0; i < WT_N_DISPOSITIONS; i++)
		n_ended += v[WT_C_DISP_FLOW + i];
	MUST(n_ended == n_read);
	MUST(v[WT_C_STREAM_SPAN] == v[WT_C_STREAM_DELIVERED] + v[WT_C_STREAM_SKIPPED] +
				    v[WT_C_STREAM_GAP] + v[WT_C_STREAM_CLIPPED] +
				    v[WT_C_STREAM_ABANDONED]);
	MUST(v[WT_C_FLOWS_NEW] == v[WT_C_FLOWS_CLOSED] + v[WT_C_FLOWS_TIMEOUT] +
				  v[WT_C_FLOWS_EVICTED] + v[WT_C_FLOWS_END]);
	MUST(v[WT_C_EVENTS_EMITTED] == lines.n && v[WT_C_BUGS] == 0);
	wt_eve_free(lines.eve);
	return lines.digest;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	char name[64];
	char *paths[1] = { name };
	struct wt_capture_list *list;
	int file = memfd_create("capture", MFD_CLOEXEC);

	MUST(file >= 0 && write(file, bytes, len) == (ssize_t)len);
	(void)snprintf(name, sizeof(name), "/proc/self/fd/%d", file);
	list = wt_capture_list_new(paths, 1);
	MUST(list);
	MUST(run(list, 1, 1) == run(list, 2, 77));
	wt_capture_list_free(list);
	close(file);
	return 0;
}
