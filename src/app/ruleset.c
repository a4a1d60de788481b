/* Loading of the configured rules (ruleset.h). Trust: the operator names the files, strangers
 * write them. Memory: the set, for as long as it is used. */
#include "app/ruleset.h"
#include "app/rulefiles.h"
#include "base/digest.h"

#include <stdio.h>
#include <stdlib.h>


typedef bool (*take_pair)(struct wt_rules *rules, const char *name, const char *value,
			  char *why, size_t size);

/* Settings of the form NAME=value. */
static bool take_pairs(struct wt_rules *rules, struct wt_conf *conf, enum wt_conf_id id,
		       take_pair take)
{
	unsigned i, n = wt_conf_count(conf, id);
	bool is_good = true;

	for (i = 0; i < n; i++) {
		const char *text = wt_conf_item_text(conf, id, i);
		const char *equals = strchr(text, '=');
		char name[64] = "", why[200];
		size_t len = equals ? (size_t)(equals - text) : 0;

		if (!len || len >= sizeof(name)) {
			wt_conf_blame(conf, id, i, "found '%.60s'; write NAME=value", text);
			is_good = false;
			continue;
		}
		memcpy(name, text, len);
		if (take(rules, name[0] == '$' ? name + 1 : name, equals + 1, why,
			 sizeof(why)))
			continue;
		wt_conf_blame(conf, id, i, "%s: %s", name, why);
		is_good = false;
	}
	return is_good;
}

static bool tell_problems(const struct wt_rules *rules, unsigned most)
{
	unsigned i, n = 0;
	bool is_good = true;

	for (i = 0; i < wt_rules_n_problems(rules); i++) {
		const struct wt_rule_problem *problem = wt_rules_problem(rules, i);

		if (!problem->is_error)
			continue;
		is_good &= problem->line != 0; /* 0: the file itself */
		if (++n > most)
			continue;
		if (problem->line)
			fprintf(stderr, "wardtap: %s:%u:%u: %s\n", problem->file, problem->line,
				problem->column, problem->text);
		else
			fprintf(stderr, "wardtap: %s: %s\n", problem->file, problem->text);
	}
	if (n > most)
		fprintf(stderr,
			"wardtap: %u further rules were not loaded; 'wardtap check' tells why\n",
			n - most);
	return is_good;
}

/* Indicators: what cannot be used is told and passed over. */
static bool load_intel(struct wt_ruleset *set, const struct wt_conf *conf, unsigned most)
{
	unsigned i, n = wt_conf_count(conf, WT_CONF_INTEL_PATHS);
	bool is_good = true;
	uint64_t seed;

	if (!n)
		return true;
	wt_random(&seed, sizeof(seed));
	set->intel = wt_intel_new(seed);
	for (i = 0; i < n; i++)
		is_good &= wt_intel_load(set->intel,
					 wt_conf_item_text(conf, WT_CONF_INTEL_PATHS, i));
	wt_intel_finish(set->intel);
	for (i = 0; i < wt_intel_n_problems(set->intel) && i < most; i++)
		fprintf(stderr, "wardtap: %s\n", wt_intel_problem(set->intel, i));
	if (i < wt_intel_n_problems(set->intel))
		fprintf(stderr, "wardtap: further indicators could not be used\n");
	wt_program_set_intel(set->program, set->intel);
	return is_good;
}

bool wt_ruleset_load(struct wt_ruleset *set, struct wt_conf *conf, unsigned most)
{
	unsigned i, n = wt_conf_count(conf, WT_CONF_RULES_PATHS);
	char why[256];

	*set = (struct wt_ruleset){ .rules = NULL };
	if (!n && !wt_conf_count(conf, WT_CONF_INTEL_PATHS))
		return true;
	set->rules = wt_rules_new();
	if (!take_pairs(set->rules, conf, WT_CONF_RULES_VARIABLES, wt_rules_set_variable) ||
	    !take_pairs(set->rules, conf, WT_CONF_INVENTORY_ZONES, wt_rules_set_zone))
		return false;
	if (wt_conf_has(conf, WT_CONF_RULES_IPREP_CATEGORIES))
		wt_app_rules_read(set->rules,
				  wt_conf_text(conf, WT_CONF_RULES_IPREP_CATEGORIES),
				  wt_rules_load_categories);
	for (i = 0; i < wt_conf_count(conf, WT_CONF_RULES_IPREP_FILES); i++)
		wt_app_rules_read(set->rules,
				  wt_conf_item_text(conf, WT_CONF_RULES_IPREP_FILES, i),
				  wt_rules_load_reputation);
	for (i = 0; i < n; i++)
		wt_app_rules_load(set->rules, wt_conf_item_text(conf, WT_CONF_RULES_PATHS, i));
	wt_rules_finish(set->rules);
	if (!tell_problems(set->rules, most))
		return false;
	set->program = wt_program_new(set->rules, wt_conf_text(conf, WT_CONF_RULES_CACHE_DIR), why, sizeof(why));
	if (!set->program)
		fprintf(stderr, "wardtap: rules: %s\n", why);
	if (set->program && !load_intel(set, conf, most))
		return false;
	wt_rules_context(set->rules, &set->context);
	return set->program != NULL;
}

void wt_ruleset_free(struct wt_ruleset *set)
{
	wt_program_free(set->program);
	wt_rules_free(set->rules);
	wt_intel_free(set->intel);
	*set = (struct wt_ruleset){ .rules = NULL };
}
