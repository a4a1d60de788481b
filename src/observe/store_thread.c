/* The store from outside: opening and closing, and the thread that writes what the
 * keeper hands over. See store.h.
 *
 * Two batches go round: the keeper fills one while the thread writes the other, and
 * does without where both are taken; what changed then stays marked in the inventory.
 * A failed transaction is tried again until it works, so a full disk loses nothing.
 * Trust: the operator's folder. Memory: two batches, and 20 bytes a node. */
#define _GNU_SOURCE /* asprintf */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "base/memory.h"
#include "observe/store_inner.h"

#define GIVE_UP_AFTER 3u /* failed attempts, when closing */

struct wt_store {
	char *path, *final_path, *lock_path; /* owned */
	enum wt_store_mode mode;
	FILE *errors;
	int lock;
	struct wt_store_db *db;
	char profile[WT_STORE_PROFILE_MAX];
	bool keeps_hints; /* labels stored are those of our library */
	uint64_t interval_ns, next_ns;
	struct wt_store_keeper keeper;
	pthread_t thread;
	bool has_thread;
	pthread_mutex_t mutex; /* for what follows */
	pthread_cond_t changed;
	bool is_ending, full[2];
	struct wt_store_batch batch[2];
	unsigned filling, writing; /* batch of the keeper, of the thread */
	atomic_bool must_rebuild, is_hopeless;
	_Atomic uint64_t n_batches, n_rows, n_failures;
};

static uint64_t monotonic_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * WT_NS_PER_S + (uint64_t)now.tv_nsec;
}

/* ---- the thread that writes ---- */

/* False when the store is being closed. */
static bool pause_a_second(struct wt_store *s)
{
	struct timespec until;
	bool is_ending;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec++;
	pthread_mutex_lock(&s->mutex);
	if (!s->is_ending)
		(void)pthread_cond_timedwait(&s->changed, &s->mutex, &until);
	is_ending = s->is_ending;
	pthread_mutex_unlock(&s->mutex);
	return !is_ending;
}

/* Until it is written, or there is no hope. */
static void write_surely(struct wt_store *s, const struct wt_store_batch *b)
{
	unsigned n_tries = 0;
	enum wt_store_result result;

	while ((result = wt_store_db_write(s->db, b)) != WT_STORE_GOOD) {
		atomic_fetch_add(&s->n_failures, 1);
		if (result == WT_STORE_DAMAGED && wt_store_db_rebuild(s->db)) {
			atomic_store(&s->must_rebuild, true);
			return;
		}
		if (n_tries++ == 0)
			fprintf(s->errors, "wardtap: writing %s: %s; trying again\n", s->path,
				wt_store_db_error(s->db));
		if (s->mode == WT_STORE_RESULT ||
		    (!pause_a_second(s) && n_tries >= GIVE_UP_AFTER)) {
			atomic_store(&s->is_hopeless, true);
			return;
		}
	}
	atomic_fetch_add(&s->n_batches, 1);
	atomic_fetch_add(&s->n_rows, b->n_rows);
}

static void *write_all(void *self)
{
	struct wt_store *s = self;

	pthread_mutex_lock(&s->mutex);
	for (;;) {
		while (!s->full[s->writing] && !s->is_ending)
			pthread_cond_wait(&s->changed, &s->mutex);
		if (!s->full[s->writing])
			break;
		pthread_mutex_unlock(&s->mutex);
		if (!atomic_load(&s->is_hopeless))
			write_surely(s, &s->batch[s->writing]);
		pthread_mutex_lock(&s->mutex);
		s->full[s->writing] = false;
		s->writing ^= 1;
		pthread_cond_broadcast(&s->changed);
	}
	pthread_mutex_unlock(&s->mutex);
	return NULL;
}

/* ---- the keeper's side ---- */

static bool has_free_batch(struct wt_store *s)
{
	bool is_free;

	pthread_mutex_lock(&s->mutex);
	is_free = !s->full[s->filling];
	pthread_mutex_unlock(&s->mutex);
	return is_free;
}

static void wait_for_thread(struct wt_store *s, bool for_both)
{
	pthread_mutex_lock(&s->mutex);
	while (s->full[s->filling] || (for_both && s->full[s->filling ^ 1]))
		pthread_cond_wait(&s->changed, &s->mutex);
	pthread_mutex_unlock(&s->mutex);
}

static void hand_over(struct wt_store *s)
{
	pthread_mutex_lock(&s->mutex);
	s->full[s->filling] = true;
	s->filling ^= 1;
	pthread_cond_broadcast(&s->changed);
	pthread_mutex_unlock(&s->mutex);
}

/* After a damaged database was replaced: everything is written again. */
static void begin_again(struct wt_store *s, struct wt_inventory *inv)
{
	if (!atomic_exchange(&s->must_rebuild, false))
		return;
	memset(s->keeper.slot, 0, (s->keeper.nodes_max + 1) * sizeof(*s->keeper.slot));
	s->keeper.is_started = false;
	s->keeper.conflicts.n = s->keeper.links.n = 0;
	wt_inventory_mark_changed(inv);
	s->keeper.sweep_left = UINT32_MAX;
}

void wt_store_tick(struct wt_store *s, struct wt_inventory *inv)
{
	uint64_t now = monotonic_ns();

	begin_again(s, inv);
	if (now >= s->next_ns) {
		s->next_ns = now + s->interval_ns;
		s->keeper.sweep_left = s->keeper.nodes_max;
	} else if (!s->keeper.sweep_left) {
		return;
	}
	if (has_free_batch(s) && wt_store_fill(&s->keeper, inv, &s->batch[s->filling],
					       (uint32_t)(now / WT_NS_PER_S)))
		hand_over(s);
}

static void write_everything(struct wt_store *s, struct wt_inventory *inv, uint32_t now_s)
{
	do {
		begin_again(s, inv);
		s->keeper.sweep_left = UINT32_MAX;
		wait_for_thread(s, false);
		while (!atomic_load(&s->is_hopeless) &&
		       wt_store_fill(&s->keeper, inv, &s->batch[s->filling], now_s)) {
			hand_over(s);
			wait_for_thread(s, false);
		}
		/* Only when both are written can nothing turn out damaged any more. */
		wait_for_thread(s, true);
	} while (atomic_load(&s->must_rebuild));
}

/* Damage that no transaction came across (a disk that forgets) is looked for at the
 * end, while the memory still knows everything. */
static void write_rest(struct wt_store *s, struct wt_inventory *inv)
{
	uint32_t now_s = (uint32_t)(monotonic_ns() / WT_NS_PER_S);

	s->keeper.is_all = true;
	write_everything(s, inv, now_s);
	if (s->mode != WT_STORE_STATE || atomic_load(&s->is_hopeless) ||
	    wt_store_db_is_sound(s->db) || !wt_store_db_rebuild(s->db))
		return;
	atomic_store(&s->must_rebuild, true);
	write_everything(s, inv, now_s);
}

/* ---- opening, loading, closing ---- */

static bool take_lock(struct wt_store *s)
{
	s->lock = open(s->lock_path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (s->lock < 0) {
		fprintf(s->errors, "wardtap: %s: %s\n", s->lock_path, strerror(errno));
		return false;
	}
	if (flock(s->lock, LOCK_EX | LOCK_NB) == 0)
		return true;
	fprintf(s->errors, "wardtap: %s: another wardtap keeps its inventory here\n", s->path);
	return false;
}

static bool take_paths(struct wt_store *s, const char *folder)
{
	const char *end = s->mode == WT_STORE_RESULT ? ".new" : "";

	if (asprintf(&s->final_path, "%s/%s", folder, WT_STORE_NAME) < 0)
		s->final_path = NULL;
	if (asprintf(&s->path, "%s/%s%s", folder, WT_STORE_NAME, end) < 0)
		s->path = NULL;
	if (asprintf(&s->lock_path, "%s/%s.lock", folder, WT_STORE_NAME) < 0)
		s->lock_path = NULL;
	return s->path && s->lock_path && s->final_path;
}

static void free_store(struct wt_store *s)
{
	unsigned i;

	if (s->db)
		wt_store_db_close(s->db);
	for (i = 0; i < 2; i++) {
		if (!s->batch[i].row)
			continue;
		wt_memory_release(s->batch[i].row, WT_BATCH_ROWS * sizeof(struct wt_store_row));
		wt_memory_release(s->batch[i].bytes, WT_BATCH_BYTES);
	}
	if (s->keeper.slot)
		wt_memory_release(s->keeper.slot,
				  (s->keeper.nodes_max + 1) * sizeof(*s->keeper.slot));
	if (s->lock >= 0)
		(void)close(s->lock);
	pthread_mutex_destroy(&s->mutex);
	pthread_cond_destroy(&s->changed);
	free(s->path);
	free(s->final_path);
	free(s->lock_path);
	free(s);
}

static bool start_thread(struct wt_store *s)
{
	unsigned i;

	for (i = 0; i < 2; i++) {
		s->batch[i].row =
			wt_memory_reserve(WT_BATCH_ROWS * sizeof(struct wt_store_row));
		s->batch[i].bytes = wt_memory_reserve(WT_BATCH_BYTES);
	}
	s->keeper.slot = wt_memory_reserve((s->keeper.nodes_max + 1) * sizeof(*s->keeper.slot));
	s->has_thread = pthread_create(&s->thread, NULL, write_all, s) == 0;
	if (!s->has_thread)
		fprintf(s->errors, "wardtap: cannot start a thread\n");
	return s->has_thread;
}

/* So that others may not read it; SQLite gives its log the same permissions. */
static bool make_file(struct wt_store *s)
{
	int fd = open(s->path, O_RDWR | O_CREAT | O_CLOEXEC, 0640);

	if (fd < 0) {
		fprintf(s->errors, "wardtap: %s: %s\n", s->path, strerror(errno));
		return false;
	}
	(void)close(fd);
	return true;
}

static bool ready(struct wt_store *s, const char *folder)
{
	char library[sizeof(s->keeper.hint_library)];

	if (!take_paths(s, folder) || (s->mode == WT_STORE_STATE && !take_lock(s)))
		return false;
	if (s->mode == WT_STORE_RESULT)
		(void)unlink(s->path);
	if (s->mode != WT_STORE_READ && !make_file(s))
		return false;
	s->db = wt_store_db_open(s->path, s->mode, s->errors);
	if (!s->db)
		return false;
	wt_store_db_meta(s->db, "profile", s->profile, sizeof(s->profile));
	wt_store_db_meta(s->db, "hint_library", library, sizeof(library));
	s->keeps_hints = !strcmp(library, s->keeper.hint_library);
	return s->mode == WT_STORE_READ || start_thread(s);
}

struct wt_store *wt_store_open(const struct wt_store_options *o)
{
	struct wt_store *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->mode = o->mode;
	s->errors = o->errors;
	s->lock = -1;
	s->interval_ns = (o->interval_ms ? o->interval_ms : 5000) * WT_NS_PER_MS;
	s->keeper.refresh_s = o->refresh_s ? o->refresh_s : 1800;
	s->keeper.nodes_max = o->nodes_max;
	s->keeper.lost_from = UINT32_MAX;
	snprintf(s->keeper.profile, sizeof(s->keeper.profile), "%s",
		 o->profile ? o->profile : "");
	snprintf(s->keeper.hint_library, sizeof(s->keeper.hint_library), "%s",
		 o->hint_library ? o->hint_library : "");
	pthread_mutex_init(&s->mutex, NULL);
	pthread_cond_init(&s->changed, NULL);
	if (ready(s, o->folder))
		return s;
	free_store(s);
	return NULL;
}

const char *wt_store_profile(const struct wt_store *s)
{
	return s->profile;
}

/* What is on disk is known to be so. */
static void note_nodes(struct wt_store *s, struct wt_inventory *inv)
{
	uint32_t i, now_s = (uint32_t)(monotonic_ns() / WT_NS_PER_S);
	struct wt_node_view v;

	for (i = 1; s->keeper.slot && i <= s->keeper.nodes_max; i++)
		if (wt_inventory_node(inv, i, &v))
			s->keeper.slot[i] = (struct wt_store_slot){
				.id = v.device.id,
				.saved_s = now_s ? now_s : 1,
				.peers_s = (uint32_t)(v.device.last_ns / WT_NS_PER_S),
			};
}

bool wt_store_load(struct wt_store *s, struct wt_inventory *inv)
{
	struct wt_store_loader *loader = wt_store_loader_new(inv, s->keeps_hints);
	enum wt_store_result result = WT_STORE_GOOD;
	uint64_t n_left_out;
	unsigned table;

	if (!loader)
		return false;
	for (table = WT_GET_NODES; table < WT_N_READS && result == WT_STORE_GOOD; table++)
		result = wt_store_db_read(s->db, (enum wt_store_read)table, loader);
	n_left_out = wt_store_loader_free(loader);
	if (n_left_out)
		fprintf(s->errors,
			"wardtap: %s: %llu values are damaged or have no room, and are "
			"left out\n",
			s->path, (unsigned long long)n_left_out);
	if (result == WT_STORE_GOOD) {
		note_nodes(s, inv);
		return true;
	}
	if (result == WT_STORE_DAMAGED && wt_store_db_rebuild(s->db))
		atomic_store(&s->must_rebuild, true);
	else
		fprintf(s->errors, "wardtap: %s: %s\n", s->path, wt_store_db_error(s->db));
	return false;
}

/* In place under its name, on disk. */
static bool settle_result(struct wt_store *s)
{
	int fd = open(s->path, O_RDONLY | O_CLOEXEC);
	bool is_good = fd >= 0 && fsync(fd) == 0;

	if (fd >= 0)
		(void)close(fd);
	is_good = is_good && rename(s->path, s->final_path) == 0;
	if (!is_good)
		fprintf(s->errors, "wardtap: writing %s: %s\n", s->final_path, strerror(errno));
	return is_good;
}

bool wt_store_close(struct wt_store *s, struct wt_inventory *inv)
{
	bool is_good = true;

	if (s->has_thread) {
		if (inv)
			write_rest(s, inv);
		pthread_mutex_lock(&s->mutex);
		s->is_ending = true;
		pthread_cond_broadcast(&s->changed);
		pthread_mutex_unlock(&s->mutex);
		pthread_join(s->thread, NULL);
		is_good = !atomic_load(&s->is_hopeless);
	}
	wt_store_db_close(s->db);
	s->db = NULL;
	if (!is_good)
		fprintf(s->errors, "wardtap: %s: not everything could be written\n", s->path);
	else if (s->mode == WT_STORE_RESULT)
		is_good = settle_result(s);
	free_store(s);
	return is_good;
}

struct wt_store_counts wt_store_counts(const struct wt_store *s)
{
	return (struct wt_store_counts){
		.n_batches = atomic_load(&s->n_batches),
		.n_rows = atomic_load(&s->n_rows),
		.n_failures = atomic_load(&s->n_failures),
		.n_rebuilt = wt_store_db_n_rebuilt(s->db),
		.n_peers_left_out = s->keeper.n_peers_left_out,
	};
}
