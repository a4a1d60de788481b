/* Forwarding to one sink (forward.h).
 *
 * The cursor moves over a record when the sink is done with it: it arrived, or it lies in
 * the dead letter file, synced. A record that is refused while that file cannot be written
 * is not done with. So a crash at any point repeats records, and loses none.
 * Trust: records have a CRC and are decoded with bounds; reasons of a receiver are escaped.
 * Memory: one batch, allocated at the start. */
#define _POSIX_C_SOURCE 200809L
#include "app/forward.h"
#include "app/intake.h"
#include "base/digest.h"
#include "base/json.h"
#include "base/sinks.h"
#include "export/encode.h"
#include "export/net.h"
#include "export/sink.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define SLICE_MS 20u
#define IDLE_MS 100u        /* between looks for new records */
#define STOPPED_TIMES 10u   /* of retry.max, where only an operator can help */
#define RETRY_AFTER_MAX_MS 3600000u
#define ONCE_ATTEMPTS 5u    /* without progress, with --once */
#define REFUSED_MAX 8u      /* in a row; a receiver that refuses more, and all, is down */
#define GIVE_WAY_SHIFT_MAX 4u /* 16 records an attempt */
#define REFUSAL_MAX 160u    /* bytes of a reason */
#define SKIP_MAX 4096u      /* records left out in one go before the cursor moves */

struct wt_forward {
	struct wt_forward_options options;
	struct wt_sink_options sink_options;
	const struct wt_sink_kind *kind;
	void *sink;
	struct wt_cursor *cursor;
	struct wt_deadletter *dead;
	struct wt_intake in;
	bool is_stuck;         /* on a record that can neither be read nor kept aside */
	bool is_unwell;        /* told that the journal cannot be read, or was made anew */
	unsigned n_max;
	bool *is_refused; /* items of the batch */
	char (*refusal)[REFUSAL_MAX]; /* why */
	unsigned n_refused_row;  /* records kept aside since one arrived */
	uint64_t n_refused; /* since the start */
	bool refuses_all;        /* that is what its trouble is */
	unsigned n_attempts;     /* without progress */
	pthread_t thread;
	bool is_started;
	_Atomic bool is_reopening;
	pthread_mutex_t lock;
	struct wt_forward_stats stats;
};

static bool is_stopping(const struct wt_forward *f)
{
	return atomic_load_explicit(f->options.is_stopping, memory_order_relaxed);
}

static void pause_ms(unsigned ms)
{
	const struct timespec pause = { .tv_sec = ms / 1000,
					.tv_nsec = (long)(ms % 1000) * 1000000 };

	(void)nanosleep(&pause, NULL);
}

static void tell(const struct wt_forward *f, const char *text)
{
	char room[1024];
	struct wt_builder b = wt_builder_of(room, sizeof(room));

	wt_bld_escaped(&b, wt_slice_of(text, strnlen(text, 160)));
	(void)fprintf(stderr, "wardtap: sink %s: %.*s\n", f->options.name, (int)b.len, room);
}

static uint64_t wall_s(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_REALTIME, &now);
	return (uint64_t)now.tv_sec;
}

static void refresh_backlog(struct wt_forward *f)
{
	uint64_t end = wt_intake_journal_end(&f->in), cursor = wt_cursor_seq(f->cursor);

	(void)pthread_mutex_lock(&f->lock);
	f->stats.cursor = cursor;
	f->stats.backlog = end > cursor ? end - cursor : 0;
	f->stats.filtered = f->in.filtered;
	f->stats.missing = f->in.missing;
	f->stats.refused = f->n_refused + f->in.undecodable;
	(void)pthread_mutex_unlock(&f->lock);
}

/* Once for what was found in a row. */
static void tell_missing(struct wt_forward *f)
{
	struct wt_hole hole = wt_intake_untold(&f->in);
	char text[160];

	if (!hole.n)
		return;
	(void)snprintf(text, sizeof(text), "the journal lacks %llu records from %llu to %llu: it "
		       "was full, or its writer was killed", (unsigned long long)hole.n,
		       (unsigned long long)hole.from, (unsigned long long)hole.to);
	tell(f, text);
}

static void become(struct wt_forward *f, enum wt_forward_state state, const char *why)
{
	char text[400];
	bool is_new;

	(void)pthread_mutex_lock(&f->lock);
	is_new = f->stats.state != state;
	f->stats.state = state;
	f->stats.failures += state != WT_FORWARD_GOOD;
	if (why)
		(void)snprintf(f->stats.why, sizeof(f->stats.why), "%s", why);
	(void)pthread_mutex_unlock(&f->lock);
	if (!is_new)
		return;
	if (state == WT_FORWARD_GOOD)
		(void)snprintf(text, sizeof(text), "works again");
	else
		(void)snprintf(text, sizeof(text), "%.120s; %s", why,
			       state == WT_FORWARD_STOPPED ? "somebody must mend this" :
			       "trying again");
	tell(f, text);
}

/* The journal itself is in the way; nothing is lost by that, and nothing is sent. */
static void be_unwell(struct wt_forward *f, enum wt_forward_state state, const char *why)
{
	f->is_unwell = true;
	become(f, state, why);
}

static void be_well(struct wt_forward *f)
{
	if (f->is_unwell)
		become(f, WT_FORWARD_GOOD, NULL);
	f->is_unwell = false;
}

/* Takes in what there is, up to a whole batch. */
static void fill(struct wt_forward *f)
{
	uint64_t linger_ms = wt_conf_u64(f->options.sink, WT_CONF_SINK_BATCH_LINGER) /
			     WT_NS_PER_MS;
	uint64_t since = 0;
	unsigned n_looks = 0;

	while (!is_stopping(f) && f->in.n < f->n_max && n_looks < SKIP_MAX + f->in.n) {
		enum wt_intake_result result = wt_intake_take(&f->in);

		f->is_stuck = result == WT_INTAKE_STUCK;
		n_looks++;
		if (f->in.n && !since)
			since = wt_net_now_ms();
		if (result == WT_INTAKE_TAKEN) {
			be_well(f);
			continue;
		}
		if (f->is_stuck)
			be_unwell(f, WT_FORWARD_RETRYING, f->in.why);
		if (!f->in.n || f->is_stuck || f->options.is_once || wt_intake_is_full(&f->in) ||
		    wt_net_now_ms() - since >= linger_ms)
			break;
		pause_ms(SLICE_MS);
	}
	wt_intake_end(&f->in);
}

/* A batch. False: there is nothing to send. */
static bool gather(struct wt_forward *f)
{
	wt_intake_begin(&f->in);
	memset(f->is_refused, 0, f->n_max * sizeof(*f->is_refused));
	fill(f);
	return f->in.n > 0 && !is_stopping(f);
}

/* Noted for now: whether the receiver is at fault or the record shows when the call is
 * over (settle). */
static void on_refuse(void *to, const struct wt_sink_item *item, const char *why)
{
	struct wt_forward *f = to;
	unsigned i;

	for (i = 0; i < f->in.n && f->in.item[i].journal_seq != item->journal_seq; i++)
		;
	if (WT_BUG_ON(i == f->in.n) || f->is_refused[i])
		return;
	f->is_refused[i] = true;
	(void)snprintf(f->refusal[i], sizeof(f->refusal[i]), "%s", why);
}

/* The cursor moves to behind the items before `upto`, `n` of them new; behind all that
 * was looked at where these are all of them. False: the position cannot be kept. */
static bool acknowledge(struct wt_forward *f, unsigned upto, unsigned n)
{
	uint64_t seq = upto == f->in.n ? f->in.scanned : f->in.item[upto - 1].journal_seq;

	if (wt_cursor_acknowledge(f->cursor, seq, n))
		return true;
	tell(f, "the position in the journal cannot be written; records will come twice");
	return false;
}

static void count_done(struct wt_forward *f, unsigned from, unsigned n,
		       const struct wt_sink_result *result)
{
	unsigned i, n_refused = 0;

	for (i = from; i < from + n; i++)
		n_refused += f->is_refused[i];
	f->n_refused += n_refused;
	(void)pthread_mutex_lock(&f->lock);
	f->stats.sent += n - n_refused;
	f->stats.acknowledged += f->kind->is_confirmed ? n - n_refused : 0;
	f->stats.again += result->n_again < n ? result->n_again : n;
	f->stats.last_good_s = wall_s();
	(void)pthread_mutex_unlock(&f->lock);
}

/* How long to wait: a random part of a bound that doubles (full jitter), so that sensors
 * whose receiver comes back do not all come at once. */
static uint64_t wait_of(struct wt_forward *f, const struct wt_sink_result *result)
{
	const struct wt_conf *conf = f->options.sink;
	uint64_t least = wt_conf_u64(conf, WT_CONF_SINK_RETRY_MIN) / WT_NS_PER_MS;
	uint64_t most = wt_conf_u64(conf, WT_CONF_SINK_RETRY_MAX) / WT_NS_PER_MS;
	unsigned shift = f->n_attempts < 20 ? f->n_attempts : 20;
	uint64_t bound = least << shift, chance, named = result->retry_ms;

	if (result->verdict == WT_SINK_STOP)
		return most * STOPPED_TIMES;
	bound = bound < most ? bound : most;
	wt_random(&chance, sizeof(chance));
	if (named > RETRY_AFTER_MAX_MS)
		named = RETRY_AFTER_MAX_MS;
	return named + chance % (bound + 1);
}

static void reopen_if_asked(struct wt_forward *f)
{
	if (atomic_exchange(&f->is_reopening, false) && f->kind->reopen)
		f->kind->reopen(f->sink);
}

/* Ends early when somebody mended something (SIGHUP), or everything ends. */
static void wait_before_retry(struct wt_forward *f, uint64_t ms)
{
	uint64_t until = wt_net_now_ms() + ms, looked = 0;

	while (!is_stopping(f) && !atomic_load(&f->is_reopening) && wt_net_now_ms() < until) {
		pause_ms(SLICE_MS);
		if (++looked % 50 == 0)
			refresh_backlog(f);
	}
}

/* Keeps the refused ones of `n` items aside. How many items are then done with. */
static unsigned bury(struct wt_forward *f, unsigned first, unsigned n,
		     struct wt_sink_result *result)
{
	unsigned i;

	for (i = first; i < first + n; i++) {
		char id[WT_RECORD_ID_MAX];
		struct wt_dead_record dead = { .journal_seq = f->in.item[i].journal_seq,
					       .bytes = f->in.record[i],
					       .id = id,
					       .why = f->refusal[i] };

		if (!f->is_refused[i])
			continue;
		wt_record_id_text(f->in.item[i].alert, id);
		if (wt_deadletter_add(f->dead, &dead))
			continue;
		result->verdict = WT_SINK_RETRY;
		(void)snprintf(result->why, sizeof(result->why), "the file of refused records "
			       "cannot be written: %s", strerror(errno));
		return i - first;
	}
	return n;
}

/* A full batch of refused records lets none of those behind it be asked about: the first of
 * it give way, more with each attempt, few enough that a receiver at fault empties no
 * journal. How many did. */
static unsigned give_way(struct wt_forward *f, unsigned first, unsigned n,
			 struct wt_sink_result *result)
{
	unsigned most = 1u << (f->n_attempts < GIVE_WAY_SHIFT_MAX ? f->n_attempts :
								    GIVE_WAY_SHIFT_MAX);

	if (f->options.is_once || (f->in.n < f->n_max && !wt_intake_is_full(&f->in)))
		return 0;
	return bury(f, first, n < most ? n : most, result);
}

/* Decides about what was refused. A receiver that takes some records and not others means
 * what it says: those are kept aside. One that refused the last REFUSED_MAX, and now all of
 * the batch again, refuses because of itself (a limit of some proxy, a mapping that fits
 * nothing): it is down, and the journal keeps its records. How many items are done with. */
static unsigned settle(struct wt_forward *f, unsigned first, unsigned n,
		       struct wt_sink_result *result)
{
	unsigned i, n_row = f->n_refused_row, n_refused = 0;

	for (i = first; i < first + n; i++) {
		n_refused += f->is_refused[i];
		n_row = f->is_refused[i] ? n_row + 1 : 0;
	}
	if (n && n_refused == n && n_row > REFUSED_MAX) {
		if (result->verdict != WT_SINK_DONE)
			return 0; /* the others may still arrive */
		result->verdict = WT_SINK_STOP;
		(void)snprintf(result->why, sizeof(result->why), "it refuses every record, the last "
			       "%u in a row, so the journal keeps them: %.128s", n_row,
			       f->refusal[first]);
		f->refuses_all = true;
		return give_way(f, first, n, result);
	}
	n = bury(f, first, n, result);
	for (i = first; i < first + n; i++)
		f->n_refused_row = f->is_refused[i] ? f->n_refused_row + 1 : 0;
	if (n)
		f->refuses_all = false;
	return n;
}

/* One attempt over the items from `first` on. The number of those that are done with. */
static unsigned attempt(struct wt_forward *f, unsigned first, struct wt_sink_result *result)
{
	unsigned n, n_done;

	if (f->refuses_all) {
		/* with whatever came meanwhile: one that it takes is enough */
		fill(f);
		memset(f->is_refused + first, 0, (f->in.n - first) * sizeof(*f->is_refused));
	}
	n = f->in.n - first;
	*result = (struct wt_sink_result){ .verdict = WT_SINK_RETRY, .refuse = on_refuse,
					   .refuse_to = f, .asks_again = f->refuses_all };
	f->kind->send(f->sink, f->in.item + first, n, result);
	result->why[sizeof(result->why) - 1] = 0;
	n_done = result->verdict == WT_SINK_DONE ? n : result->n_done;
	if (WT_BUG_ON(n_done > n))
		n_done = n;
	return settle(f, first, n_done, result);
}

/* Until the batch is done with. False: it is not, and the thread is to end. */
static bool deliver(struct wt_forward *f)
{
	struct wt_sink_result result;
	unsigned first = 0;

	while (first < f->in.n && !is_stopping(f)) {
		unsigned n_done;

		reopen_if_asked(f);
		n_done = attempt(f, first, &result);
		if (n_done) {
			(void)acknowledge(f, first + n_done, n_done);
			count_done(f, first, n_done, &result);
			first += n_done;
			if (result.verdict != WT_SINK_STOP)
				f->n_attempts = 0;
		}
		refresh_backlog(f);
		if (first == f->in.n) {
			become(f, WT_FORWARD_GOOD, NULL);
			if (result.why[0])
				tell(f, result.why);
			return true;
		}
		if (is_stopping(f))
			break;
		become(f, result.verdict == WT_SINK_STOP ? WT_FORWARD_STOPPED :
		       WT_FORWARD_RETRYING, result.why);
		if (f->options.is_once &&
		    (result.verdict == WT_SINK_STOP || f->n_attempts + 1 >= ONCE_ATTEMPTS))
			return false;
		wait_before_retry(f, wait_of(f, &result));
		f->n_attempts++;
	}
	return first == f->in.n;
}

/* A journal that was made anew numbers from 1, and all of it would count as sent. */
static void check_position(struct wt_forward *f, uint64_t end)
{
	if (end >= f->in.scanned)
		be_well(f);
	else if (!f->is_unwell)
		be_unwell(f, WT_FORWARD_STOPPED, "its position lies behind the end of the "
			  "journal; if that was made anew, remove its .cursor file");
}

/* Nothing to send: what was left out moves the cursor too. */
static bool rest(struct wt_forward *f)
{
	uint64_t end = wt_intake_journal_end(&f->in);
	bool is_behind = end > f->in.scanned;

	if (!f->is_stuck)
		check_position(f, end);
	tell_missing(f);
	if (f->in.scanned > wt_cursor_seq(f->cursor) && !is_stopping(f))
		(void)acknowledge(f, f->in.n, 0);
	refresh_backlog(f);
	if (f->options.is_once && (!is_behind || f->is_stuck))
		return false;
	if (f->is_stuck)
		wait_before_retry(f, 1000);
	else if (!is_behind)
		pause_ms(IDLE_MS);
	f->is_stuck = false;
	return true;
}

static void *forward(void *self)
{
	struct wt_forward *f = self;
	bool goes_on = true;

	while (goes_on && !is_stopping(f)) {
		reopen_if_asked(f);
		goes_on = gather(f) ? deliver(f) : rest(f);
	}
	tell_missing(f);
	(void)pthread_mutex_lock(&f->lock);
	f->stats.is_over = true;
	(void)pthread_mutex_unlock(&f->lock);
	return NULL;
}

static bool open_sink(struct wt_forward *f)
{
	const char *type = wt_conf_text(f->options.sink, WT_CONF_SINK_TYPE);
	char why[WT_SINK_WHY_MAX] = "";

	f->kind = type ? wt_sink_kind_of(type) : NULL;
	if (!f->kind) {
		tell(f, "this build has no sinks of its type");
		return false;
	}
	f->sink_options = (struct wt_sink_options){
		.name = f->options.name, .conf = f->options.sink, .sensor = f->options.sensor,
		.host = f->options.host, .is_stopping = f->options.is_stopping };
	f->sink = f->kind->open(&f->sink_options, why, sizeof(why));
	if (!f->sink)
		tell(f, why);
	return f->sink != NULL;
}

static void open_intake(struct wt_forward *f)
{
	const struct wt_intake_options options = { .io = f->options.io,
						   .sink = f->options.sink,
						   .name = f->options.name,
						   .sensor = f->options.sensor,
						   .dead = f->dead };

	wt_intake_open(&f->in, &options, f->cursor ? wt_cursor_seq(f->cursor) : 0);
}

struct wt_forward *wt_forward_new(const struct wt_forward_options *options)
{
	struct wt_forward *f = calloc(1, sizeof(*f));

	if (!f)
		abort();
	f->options = *options;
	(void)pthread_mutex_init(&f->lock, NULL);
	f->n_max = (unsigned)wt_conf_u64(options->sink, WT_CONF_SINK_BATCH_RECORDS);
	f->is_refused = calloc(f->n_max, sizeof(*f->is_refused));
	f->refusal = calloc(f->n_max, sizeof(*f->refusal));
	if (!f->is_refused || !f->refusal)
		abort();
	f->dead = wt_deadletter_new(options->dead_folder, options->name, options->dead_size);
	f->cursor = wt_cursor_open(options->io, options->name);
	if (!f->cursor)
		tell(f, "its position in the folder of the journal cannot be written");
	open_intake(f);
	if (!f->cursor || !open_sink(f)) {
		wt_forward_free(f);
		return NULL;
	}
	f->stats.is_confirmed = f->kind->is_confirmed;
	refresh_backlog(f);
	return f;
}

bool wt_forward_start(struct wt_forward *f)
{
	f->is_started = pthread_create(&f->thread, NULL, forward, f) == 0;
	return f->is_started;
}

void wt_forward_reopen(struct wt_forward *f)
{
	atomic_store(&f->is_reopening, true);
}

void wt_forward_stats(struct wt_forward *f, struct wt_forward_stats *stats)
{
	(void)pthread_mutex_lock(&f->lock);
	*stats = f->stats;
	(void)pthread_mutex_unlock(&f->lock);
}

void wt_forward_free(struct wt_forward *f)
{
	if (!f)
		return;
	if (f->is_started)
		(void)pthread_join(f->thread, NULL);
	if (f->kind && f->sink)
		f->kind->close(f->sink);
	wt_cursor_free(f->cursor);
	wt_intake_close(&f->in);
	wt_deadletter_free(f->dead);
	free(f->is_refused);
	free(f->refusal);
	(void)pthread_mutex_destroy(&f->lock);
	free(f);
}
