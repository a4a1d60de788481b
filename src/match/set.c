/* The set of rules: memory, names, problems, files, and what is checked over all rules.
 * Trust: rule files are hostile; their size is bounded before they are read.
 * Memory: one arena and a few lists, freed together. */
#define _POSIX_C_SOURCE 200809L
#include "match/parse.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define ARENA_BLOCK 262144u

void *wt_rules_take(struct wt_rules *set, size_t len)
{
	struct wt_arena_block *block = set->arena;
	void *at;

	len = (len + 15) & ~(size_t)15;
	if (!block || block->cap - block->len < len) {
		size_t cap = len > ARENA_BLOCK ? len : ARENA_BLOCK;

		block = calloc(1, sizeof(*block) + cap);
		if (!block)
			abort();
		block->cap = cap;
		block->next = set->arena;
		set->arena = block;
	}
	at = block->bytes + block->len;
	block->len += len;
	return at;
}

const char *wt_rules_text(struct wt_rules *set, struct wt_slice text)
{
	char *copy = wt_rules_take(set, text.len + 1);

	if (text.len)
		memcpy(copy, text.ptr, text.len);
	return copy;
}

void *wt_list_room(void *at, unsigned n, unsigned *room, size_t size)
{
	if (n < *room)
		return at;
	*room = *room * 2 + 64;
	at = realloc(at, *room * size);
	if (!at)
		abort();
	return at;
}

void wt_rules_problem_add(struct wt_rules *set, const char *file, unsigned line,
			  unsigned column, uint32_t sid, bool is_error, const char *text)
{
	struct wt_rule_problem *problem;

	set->n_problems++;
	if (set->problem.n == WT_PROBLEMS_MAX)
		return;
	problem = WT_LIST_ADD(set->problem);
	*problem = (struct wt_rule_problem){
		.file = wt_rules_text(set, wt_slice_of(file, strlen(file))),
		.line = line,
		.column = column,
		.sid = sid,
		.is_error = is_error,
		.text = wt_rules_text(set, wt_slice_of(text, strlen(text))),
	};
}

struct wt_rules *wt_rules_new(void)
{
	struct wt_rules *set = calloc(1, sizeof(*set));

	if (!set)
		abort();
	return set;
}

void wt_rules_free(struct wt_rules *set)
{
	if (!set)
		return;
	while (set->arena) {
		struct wt_arena_block *next = set->arena->next;

		free(set->arena);
		set->arena = next;
	}
	free(set->rule.at);
	free(set->inspection.at);
	free(set->test.at);
	free(set->field_test.at);
	free(set->flowbit.at);
	free(set->packet_test.at);
	free(set->xbit.at);
	free(set->flowint.at);
	free(set->int_name.at);
	free(set->device_test.at);
	free(set->zone.at);
	free(set->problem.at);
	free(set->class.at);
	free(set->bit_name.at);
	free(set->xbit_name.at);
	free(set->variable.at);
	free(set->reputation.at);
	while (set->dataset.n)
		wt_set_free(&set->dataset.at[--set->dataset.n].values);
	free(set->dataset.at);
	free(set);
}

/* The whole file, or NULL with the reason. The caller frees it. */
static uint8_t *read_open_file(int fd, size_t *len, char *why, size_t size)
{
	uint8_t *bytes;
	struct stat st;

	*len = 0;
	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
		(void)snprintf(why, size,
			       "found no regular file; write the name of a rule file");
		return NULL;
	}
	if ((uint64_t)st.st_size > WT_RULE_FILE_MAX) {
		(void)snprintf(why, size, "found %lld bytes; expected at most %u",
			       (long long)st.st_size, WT_RULE_FILE_MAX);
		return NULL;
	}
	bytes = malloc((size_t)st.st_size + 1);
	if (!bytes)
		abort();
	while (*len < (size_t)st.st_size) {
		ssize_t n = read(fd, bytes + *len, (size_t)st.st_size - *len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			(void)snprintf(why, size, "cannot be read to its end: %s",
				       n < 0 ? strerror(errno) : "it became shorter");
			free(bytes);
			return NULL;
		}
		*len += (size_t)n;
	}
	return bytes;
}

bool wt_rules_load_file(struct wt_rules *set, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	uint8_t *bytes = NULL;
	char why[256];
	size_t len;

	if (fd < 0) {
		(void)snprintf(why, sizeof(why), "cannot be read: %s", strerror(errno));
	} else {
		bytes = read_open_file(fd, &len, why, sizeof(why));
		close(fd);
	}
	if (!bytes) {
		wt_rules_problem_add(set, path, 0, 0, 0, true, why);
		return false;
	}
	wt_rules_load_text(set, path, wt_slice_of(bytes, len));
	free(bytes);
	return true;
}

/* --- over all rules --- */

static int by_sid(const void *a, const void *b)
{
	const struct wt_rule *x = a, *y = b;

	if (x->gid != y->gid)
		return x->gid < y->gid ? -1 : 1;
	if (x->sid != y->sid)
		return x->sid < y->sid ? -1 : 1;
	if (x->rev != y->rev)
		return x->rev > y->rev ? -1 : 1;
	return x->line < y->line ? -1 : x->line > y->line;
}

/* Sorted by sid; of doubled ones the highest rev stays, as suricata-update has it. */
static void drop_doubles(struct wt_rules *set)
{
	unsigned i, n = 0;

	if (set->rule.n)
		qsort(set->rule.at, set->rule.n, sizeof(*set->rule.at), by_sid);
	for (i = 0; i < set->rule.n; i++) {
		struct wt_rule *r = &set->rule.at[i];
		const struct wt_rule *kept = n ? &set->rule.at[n - 1] : NULL;
		char text[160];

		if (!kept || kept->sid != r->sid || kept->gid != r->gid) {
			set->rule.at[n++] = *r;
			continue;
		}
		(void)snprintf(text, sizeof(text),
			       "found sid %u again (rev %u); the one in line %u "
			       "(rev %u) is used",
			       r->sid, r->rev, kept->line, kept->rev);
		wt_rules_problem_add(set, r->file, r->line, 0, r->sid, true, text);
	}
	set->rule.n = n;
}

void wt_rules_finish(struct wt_rules *set)
{
	unsigned i;

	drop_doubles(set);
	wt_datasets_finish(set);
	wt_reputation_sort(set);
	for (i = 0; i < set->bit_name.n; i++) {
		const struct wt_name *name = &set->bit_name.at[i];
		char text[256];

		if (name->is_set || !name->is_read)
			continue;
		(void)snprintf(text, sizeof(text),
			       "flowbit '%.100s' is asked for and no loaded "
			       "rule sets it: the rule cannot match",
			       name->text);
		wt_rules_problem_add(set, name->file, name->line, 0, 0, false, text);
	}
}

unsigned wt_rules_count(const struct wt_rules *set)
{
	return set->rule.n;
}

const struct wt_rule *wt_rules_at(const struct wt_rules *set, unsigned i)
{
	return i < set->rule.n ? &set->rule.at[i] : NULL;
}

const struct wt_rule *wt_rules_find(const struct wt_rules *set, uint32_t gid, uint32_t sid)
{
	unsigned low = 0, high = set->rule.n;

	while (low < high) {
		unsigned mid = low + (high - low) / 2;
		const struct wt_rule *r = &set->rule.at[mid];

		if (r->gid == gid && r->sid == sid)
			return r;
		if (r->gid < gid || (r->gid == gid && r->sid < sid))
			low = mid + 1;
		else
			high = mid;
	}
	return NULL;
}

#define AT(name, type)                                                                         \
	const struct type *wt_rules_##name(const struct wt_rules *set, unsigned i)             \
	{                                                                                      \
		return i < set->name.n ? &set->name.at[i] : NULL;                              \
	}
AT(inspection, wt_inspection)
AT(test, wt_test)
AT(field_test, wt_field_test)
AT(flowbit, wt_flowbit)
AT(packet_test, wt_packet_test)
AT(xbit, wt_xbit)
AT(flowint, wt_flowint)
AT(problem, wt_rule_problem)
#undef AT

unsigned wt_rules_n_flowbit_names(const struct wt_rules *set)
{
	return set->bit_name.n;
}

unsigned wt_rules_n_problems(const struct wt_rules *set)
{
	return set->problem.n;
}

unsigned wt_rules_n_read(const struct wt_rules *set)
{
	return set->n_read;
}
