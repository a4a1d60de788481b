/* The rules that the configuration names, loaded and made ready to match. */
#ifndef APP_RULESET_H
#define APP_RULESET_H

#include "base/conf.h"
#include "match/program.h"

struct wt_ruleset {
	struct wt_rules *rules; /* NULL: none are configured */
	struct wt_program *program;
	struct wt_intel *intel;                /* NULL: none */
	struct wt_context_part context; /* what the keeper decides */
};

#define WT_PROBLEMS_TOLD 10u /* where they are not what was asked for */

/* Loads. Problems of rules are told on standard error, `most` of them, and are no failure;
 * false when a variable is wrong, a path cannot be read, or nothing can be compiled. */
WT_MUST_USE bool wt_ruleset_load(struct wt_ruleset *set, struct wt_conf *conf, unsigned most);
void wt_ruleset_free(struct wt_ruleset *set);

#endif
