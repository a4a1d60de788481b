/* Does a buffer pass all tests of an inspection? Decided test by test, with the other
 * places of a content tried where a relative test behind it fails. */
#ifndef MATCH_CONFIRM_H
#define MATCH_CONFIRM_H

#include "match/rule.h"

#define WT_CONFIRM_STEPS 4096u /* tests tried on one buffer; beyond, it does not match */
#define WT_CONFIRM_REGEX 8u    /* steps that a regular expression counts for */
#define WT_CONFIRM_ALL 32768u  /* steps of all rules on one event, unit or packet; beyond, */
#define WT_CONFIRM_REST 64u    /* each buffer still has these */
#define WT_BASE64_MAX 4096u    /* bytes decoded */

/* A value on its way to the keeper, for sets that rules fill. */
struct wt_kept {
	uint8_t inspection; /* of the rule, from 0 */
	uint8_t len;
	uint8_t bytes[WT_SET_VALUE_MAX];
};

/* Memory of one worker. */
struct wt_confirm;
struct wt_confirm *wt_confirm_new(void);
void wt_confirm_free(struct wt_confirm *c);

/* Compiles a regular expression; NULL with the reason. Freed with wt_regex_free. */
void *wt_regex_new(const struct wt_regex *regex, char *why, size_t size);
void wt_regex_free(void *code);
/* Does it compile? The reason otherwise. */
bool wt_regex_check(const struct wt_regex *regex, char *why, size_t size);

/* Begins an event, unit or packet, with all of its steps. */
void wt_confirm_start(struct wt_confirm *c);
/* How many buffers were given up because of the steps, since the last call. */
unsigned wt_confirm_take_cut(struct wt_confirm *c);

/* Begins a rule: variables of byte_extract and base64 data are forgotten. So many bytes of
 * the unit were before the payload: offset, depth and startswith count from its start. */
void wt_confirm_begin(struct wt_confirm *c, uint64_t payload_at);

/* True when `bytes` pass. *at becomes the offset of the last match, for people. */
bool wt_confirm_inspect(struct wt_confirm *c, const struct wt_rules *rules,
			const struct wt_inspection *inspection, struct wt_slice bytes,
			size_t *at);

/* The value that passed last, where the inspection keeps; `inspection` is not set. Borrowed
 * until the next one. */
const struct wt_kept *wt_confirm_kept(const struct wt_confirm *c);

/* Results of byte_extract and byte_math, WT_RULE_VARIABLES_MAX of them; to save and to put
 * back after wt_confirm_begin where a rule waits for a further event. */
int64_t *wt_confirm_variables(struct wt_confirm *c);

/* What base64_decode made of the rule's buffers so far. */
struct wt_slice wt_confirm_base64(const struct wt_confirm *c);

bool wt_compare_number(uint8_t compare, int64_t value, int64_t low, int64_t high);

#endif
