/* Reload of rules (reload.h): the keeper's side. One thread loads; the rest is the keeper's.
 * Trust: rule files are hostile text, as at the start.
 * Memory: both sets of rules until the last worker has changed over. */
#include "app/reload.h"
#include "app/setfile.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

enum phase { IDLE, LOADING, LOADED, BROKEN, CHANGING };

struct wt_reload {
	struct wt_conf *conf;
	struct wt_ruleset *rules, fresh;
	struct wt_context *context;
	struct wt_slice key; /* of the pseudonyms */
	struct wt_worker *const *worker;
	unsigned n_workers;
	pthread_t thread;
	_Atomic int phase; /* enum phase */
};

struct wt_reload *wt_reload_new(struct wt_conf *conf, struct wt_ruleset *rules,
				struct wt_context *context, struct wt_slice key,
				struct wt_worker *const *workers, unsigned n_workers)
{
	struct wt_reload *r = calloc(1, sizeof(*r));

	if (!r)
		abort();
	r->conf = conf;
	r->rules = rules;
	r->context = context;
	r->key = key;
	r->worker = workers;
	r->n_workers = n_workers;
	return r;
}

static void *load(void *self)
{
	struct wt_reload *r = self;
	bool is_good = wt_ruleset_load(&r->fresh, r->conf, WT_PROBLEMS_TOLD) && r->fresh.program;
	unsigned i;

	if (is_good)
		wt_rules_follow(r->fresh.rules, r->rules->rules);
	for (i = 0; i < r->n_workers && is_good; i++)
		r->worker[i]->next_match =
			wt_match_scratch_new(r->fresh.program, r->worker[i]->options.seed);
	atomic_store(&r->phase, is_good ? LOADED : BROKEN);
	return NULL;
}

static void begin(struct wt_reload *r)
{
	if (!r->rules->program) {
		fputs("wardtap: rules are not reloaded: found none at the start; name them in "
		      "rules.paths and start again\n",
		      stderr);
		return;
	}
	atomic_store(&r->phase, LOADING);
	if (pthread_create(&r->thread, NULL, load, r) == 0)
		return;
	atomic_store(&r->phase, IDLE);
	fputs("wardtap: rules are not reloaded: cannot start a thread\n", stderr);
}

static bool have_all_changed(const struct wt_reload *r)
{
	unsigned i;

	for (i = 0; i < r->n_workers; i++)
		if (atomic_load(&r->worker[i]->program_in_use) != r->fresh.program)
			return false;
	return true;
}

static void end(struct wt_reload *r)
{
	unsigned i;

	for (i = 0; i < r->n_workers; i++) {
		wt_match_scratch_free(r->worker[i]->old_match);
		r->worker[i]->old_match = NULL;
	}
	(void)wt_setfiles_save(r->context, r->conf, r->key); /* a failure is told */
	wt_context_reload(r->context, &r->fresh.context);
	wt_ruleset_free(r->rules);
	*r->rules = r->fresh;
	wt_setfiles_load(r->context, r->conf, r->key);
	r->fresh = (struct wt_ruleset){ .rules = NULL };
	atomic_store(&r->phase, IDLE);
	fprintf(stderr, "wardtap: %u rules reloaded\n", wt_rules_count(r->rules->rules));
}

void wt_reload_step(struct wt_reload *r, bool is_wanted)
{
	unsigned i;

	switch ((enum phase)atomic_load(&r->phase)) {
	case IDLE:
		if (is_wanted)
			begin(r);
		return;
	case LOADING:
		break;
	case LOADED:
		pthread_join(r->thread, NULL);
		for (i = 0; i < r->n_workers; i++)
			atomic_store(&r->worker[i]->next_program, r->fresh.program);
		atomic_store(&r->phase, CHANGING);
		break;
	case BROKEN:
		pthread_join(r->thread, NULL);
		wt_ruleset_free(&r->fresh);
		atomic_store(&r->phase, IDLE);
		fputs("wardtap: rules are not reloaded, the old ones stay\n", stderr);
		break;
	case CHANGING:
		if (have_all_changed(r))
			end(r);
		break;
	}
	if (is_wanted)
		fputs("wardtap: rules are being reloaded already\n", stderr);
}

/* Workers have ended. A set that waits for them is in use by some and not by others. */
void wt_reload_free(struct wt_reload *r)
{
	unsigned i;

	if (!r)
		return;
	if (atomic_load(&r->phase) == LOADING || atomic_load(&r->phase) == LOADED ||
	    atomic_load(&r->phase) == BROKEN)
		pthread_join(r->thread, NULL);
	for (i = 0; i < r->n_workers; i++) {
		wt_match_scratch_free(r->worker[i]->next_match);
		wt_match_scratch_free(r->worker[i]->old_match);
		r->worker[i]->next_match = r->worker[i]->old_match = NULL;
	}
	wt_ruleset_free(&r->fresh);
	free(r);
}
