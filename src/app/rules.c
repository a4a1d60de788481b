/* wardtap rules list|keywords|explain|check: what is loaded, and why something is not.
 * Trust: the operator; rule files are hostile text. Memory: the set, freed at the end. */
#define _GNU_SOURCE /* getopt_long */
#include "app/app.h"
#include "app/rulefiles.h"
#include "match/parse.h"
#include "wardtap/registry.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

static const char usage[] =
	"usage: wardtap rules check PATH...          load rules, tell every problem\n"
	"       wardtap rules list PATH...           one line per loaded rule\n"
	"       wardtap rules explain SID PATH...    what a rule matches on\n"
	"       wardtap rules profile PATH CAPTURE...  what each rule costs in a replay\n"
	"       wardtap rules keywords               the language: keywords and buffers\n"
	"\n"
	"PATH is a rule file, or a folder whose *.rules files are read in the order of\n"
	"their names; *.config files there hold classifications.\n"
	"  -h, --help    this text\n"
	"\n"
	"Exit status: 0 all loaded, 1 some did not, 2 usage.  See wardtap-rules(5).\n";

static void print_problems(const struct wt_rules *set, FILE *to)
{
	unsigned i;

	for (i = 0; i < wt_rules_n_problems(set); i++) {
		const struct wt_rule_problem *problem = wt_rules_problem(set, i);

		fprintf(to, "%s:%u", problem->file, problem->line);
		if (problem->column)
			fprintf(to, ":%u", problem->column);
		fprintf(to, ": %s", problem->is_error ? "" : "note: ");
		if (problem->sid)
			fprintf(to, "sid %u: ", problem->sid);
		fprintf(to, "%s\n", problem->text);
	}
}

static unsigned n_errors(const struct wt_rules *set)
{
	unsigned i, n = 0;

	for (i = 0; i < wt_rules_n_problems(set); i++)
		n += wt_rules_problem(set, i)->is_error;
	return n;
}

static int run_check(const struct wt_rules *set)
{
	unsigned n = n_errors(set), read = wt_rules_n_read(set), loaded = wt_rules_count(set);

	print_problems(set, stdout);
	printf("%u rules read, %u loaded (%.1f %%), %u not\n", read, loaded,
	       read ? 100.0 * loaded / read : 100.0, read - loaded);
	return n ? WT_EXIT_DAMAGED : WT_EXIT_GOOD;
}

static const char *proto_name(const struct wt_rule *r)
{
	static const char *const names[] = { "ip",      "tcp",        "udp", "icmp",  "sctp",
					     "tcp-pkt", "tcp-stream", "",    "device" };

	return r->proto == WT_RULE_APP ? wt_registry_name(r->apps[0]) : names[r->proto];
}

static int run_list(const struct wt_rules *set)
{
	unsigned i;

	printf("%10s %4s %4s %-8s %s\n", "sid", "rev", "prio", "protocol", "message");
	for (i = 0; i < wt_rules_count(set); i++) {
		const struct wt_rule *r = wt_rules_at(set, i);

		printf("%10u %4u %4u %-8s %s%s\n", r->sid, r->rev, r->priority, proto_name(r),
		       r->msg,
		       r->is_noalert ? " (no alert)"
		       : r->is_pass  ? " (pass)"
				     : "");
	}
	return n_errors(set) ? WT_EXIT_DAMAGED : WT_EXIT_GOOD;
}

/* A pattern as rules write it. */
static void print_pattern(struct wt_slice s)
{
	bool in_hex = false;
	size_t i;

	putchar('"');
	for (i = 0; i < s.len; i++) {
		bool is_plain =
			s.ptr[i] >= 0x20 && s.ptr[i] < 0x7f && !strchr("\"\\;:|", s.ptr[i]);

		if (is_plain == in_hex)
			putchar('|');
		else if (in_hex)
			putchar(' ');
		in_hex = !is_plain;
		if (is_plain)
			putchar(s.ptr[i]);
		else
			printf("%02x", s.ptr[i]);
	}
	printf("%s\"", in_hex ? "|" : "");
}

static void print_number(const char *what, const struct wt_rule_number *n)
{
	if (n->variable)
		printf(", %s variable %u", what, n->variable);
	else
		printf(", %s %lld", what, (long long)n->value);
}

static void explain_content(const struct wt_test *t)
{
	const struct wt_content *c = &t->as.content;

	printf("%s ", t->flags & WT_TEST_NEGATED ? "must not hold" : "holds");
	print_pattern(c->pattern);
	if (t->flags & WT_TEST_NOCASE)
		printf(", any case");
	if (t->flags & WT_TEST_STARTS)
		printf(", at the start");
	if (t->flags & WT_TEST_ENDS)
		printf(", at the end");
	if (t->flags & WT_TEST_HAS_OFFSET)
		print_number("offset", &c->offset);
	if (t->flags & WT_TEST_HAS_DEPTH)
		print_number("depth", &c->depth);
	if (t->flags & WT_TEST_HAS_DISTANCE)
		print_number("distance", &c->distance);
	if (t->flags & WT_TEST_HAS_WITHIN)
		print_number("within", &c->within);
	if (t->flags & WT_TEST_FAST)
		printf(" [prefilter]");
}

static void explain_test(const struct wt_test *t)
{
	static const char *const names[] = { "content",   "pcre",         "byte_test",
					     "byte_jump", "byte_extract", "isdataat",
					     "byte_math", "length",       "base64_decode",
					     "dataset" };

	printf("      ");
	if (t->kind == WT_TEST_CONTENT)
		explain_content(t);
	else if (t->kind == WT_TEST_PCRE)
		printf("%s /%s/%s", t->flags & WT_TEST_NEGATED ? "must not match" : "matches",
		       t->as.regex.text,
		       t->flags & WT_TEST_RELATIVE ? ", behind the last match" : "");
	else
		printf("%s (column %u)", names[t->kind], t->column);
	printf("\n");
}

static int run_explain(const struct wt_rules *set, const char *text)
{
	int64_t sid;
	const struct wt_rule *r;
	unsigned i, k;

	if (!wt_take_i64(wt_slice_of(text, strlen(text)), &sid) || sid < 1 ||
	    sid > UINT32_MAX) {
		fprintf(stderr,
			"wardtap rules explain: found '%s'; write the number of a rule\n",
			text);
		return WT_EXIT_USAGE;
	}
	r = wt_rules_find(set, 1, (uint32_t)sid);
	for (i = 0; i < wt_rules_n_problems(set); i++) {
		const struct wt_rule_problem *problem = wt_rules_problem(set, i);

		if (problem->sid == (uint32_t)sid)
			printf("%s:%u:%u: %s%s\n", problem->file, problem->line,
			       problem->column,
			       problem->is_error ? "not loaded: " : "note: ", problem->text);
	}
	if (!r) {
		fprintf(stderr, "wardtap rules explain: no rule %lld is loaded\n",
			(long long)sid);
		return WT_EXIT_DAMAGED;
	}
	printf("%s:%u: rule %u, revision %u, priority %u\n  %s\n  protocol %s\n", r->file,
	       r->line, r->sid, r->rev, r->priority, r->msg, proto_name(r));
	for (i = 0; i < r->n_inspections; i++) {
		const struct wt_inspection *in =
			wt_rules_inspection(set, r->first_inspection + i);

		printf("  %s%s\n", in->buffer->name, in->n_transforms ? " (transformed)" : "");
		for (k = 0; k < in->n; k++)
			explain_test(wt_rules_test(set, in->first + k));
	}
	for (i = 0; i < r->n_field_tests; i++)
		printf("  compares %s\n",
		       wt_rules_field_test(set, r->first_field_test + i)->buffer->name);
	for (i = 0; i < r->n_references; i++)
		printf("  see %s %s\n", r->reference[i].key, r->reference[i].value);
	return WT_EXIT_GOOD;
}

static void print_fields(void)
{
	static const char *const types[] = { "flag",   "number", "number",
					     "number", "buffer", "number" };
	unsigned owner, i;

	for (owner = 0; owner <= wt_registry_count(); owner++)
		for (i = 0;; i++) {
			const struct wt_field *f =
				wt_registry_field(owner, owner ? WT_FIELD_OWN + i : i);

			if (!f)
				break;
			printf("%-32s %-9s %s\n", f->name, types[f->type], f->doc);
		}
}

static int run_keywords(void)
{
	static const char *const kinds[] = { "meta",   "modifier",  "payload",
					     "buffer", "transform", "flow",
					     "packet", "context",   "refused" };
	const struct wt_keyword *keyword;
	unsigned i;

	for (i = 0; (keyword = wt_keyword_at(i)) != NULL; i++)
		printf("%-32s %-9s %s\n", keyword->name, kinds[keyword->kind], keyword->doc);
	print_fields();
	return fflush(stdout) == 0 ? WT_EXIT_GOOD : WT_EXIT_DAMAGED;
}

/* A replay with a profile. */
static int run_profile(int argc, char **argv)
{
	static char replay[] = "replay", rules[] = "--rules", set[] = "--set",
		    profile[] = "rules.profile=true";
	char **words = calloc((size_t)argc + 8, sizeof(*words));
	int i, n = 0, status;

	if (!words)
		abort();
	words[n++] = replay;
	words[n++] = rules;
	words[n++] = argv[2];
	words[n++] = set;
	words[n++] = profile;
	for (i = 3; i < argc; i++)
		words[n++] = argv[i];
	status = wt_app_replay(n, words);
	free(words);
	return status;
}

static int fail(void)
{
	fputs(usage, stderr);
	return WT_EXIT_USAGE;
}

int wt_app_rules(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";
	int first = strcmp(what, "explain") == 0 ? 3 : 2, i, status;
	struct wt_rules *set;

	if (!strcmp(what, "--help") || !strcmp(what, "-h")) {
		fputs(usage, stdout);
		return WT_EXIT_GOOD;
	}
	if (!strcmp(what, "profile"))
		return argc > 3 ? run_profile(argc, argv) : fail();
	if (!strcmp(what, "keywords"))
		return argc == 2 ? run_keywords() : fail();
	if ((strcmp(what, "check") != 0 && strcmp(what, "list") != 0 &&
	     strcmp(what, "explain") != 0) ||
	    argc <= first)
		return fail();
	set = wt_rules_new();
	for (i = first; i < argc; i++)
		wt_app_rules_load(set, argv[i]);
	wt_rules_finish(set);
	if (what[0] != 'c' && what[0] != 'e')
		print_problems(set, stderr);
	status = what[0] == 'c'   ? run_check(set)
		 : what[0] == 'l' ? run_list(set)
				  : run_explain(set, argv[2]);
	wt_rules_free(set);
	return fflush(stdout) == 0 ? status : WT_EXIT_DAMAGED;
}
