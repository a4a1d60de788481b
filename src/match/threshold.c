/* threshold.config: rates and suppressions that the operator lays over rules.
 *   suppress gen_id G, sig_id S[, track by_src|by_dst|by_either, ip ADDRESSES]
 *   threshold|event_filter gen_id G, sig_id S, type T, track T, count N, seconds N
 * Source: Suricata 7 user guide, "Global-Thresholds"; sig_id 0 with gen_id 0 is all rules.
 * Trust: the operator's file. Memory: the set's arena. */
#include "match/parse.h"

#include <stdio.h>
#include <stdlib.h>

/* One line under construction. */
struct line {
	int64_t gid, sid;
	struct wt_threshold threshold;
	struct wt_suppression suppression;
	bool has_gid, has_sid, has_ip, has_track;
};

static bool take_item(struct wt_rules *set, struct line *l, struct wt_slice key,
		      struct wt_slice value, char *why, size_t size)
{
	static const char *const kinds[] = { "", "limit", "threshold", "both" };
	static const char *const tracks[] = { "by_src", "by_dst", "by_rule", "by_both",
					      "by_flow" };
	int64_t n = 0;
	unsigned i;

	if (wt_is_word(key, "gen_id"))
		return l->has_gid = wt_take_i64(value, &l->gid);
	if (wt_is_word(key, "sig_id"))
		return l->has_sid = wt_take_i64(value, &l->sid);
	if (wt_is_word(key, "count") && wt_take_i64(value, &n) && n > 0 && n <= UINT32_MAX) {
		l->threshold.count = (uint32_t)n;
		return true;
	}
	if (wt_is_word(key, "seconds") && wt_take_i64(value, &n) && n > 0 && n <= UINT32_MAX) {
		l->threshold.seconds = (uint32_t)n;
		return true;
	}
	if (wt_is_word(key, "ip"))
		return l->has_ip = wt_parse_nets(set, value, &l->suppression.nets, why, size);
	for (i = WT_LIMIT; wt_is_word(key, "type") && i <= WT_BOTH; i++)
		if (wt_is_word(value, kinds[i])) {
			l->threshold.kind = (uint8_t)i;
			return true;
		}
	l->suppression.is_either = wt_is_word(key, "track") && wt_is_word(value, "by_either");
	for (i = 0; wt_is_word(key, "track") && i < 5; i++)
		if (wt_is_word(value, tracks[i])) {
			l->threshold.track = l->suppression.track = (uint8_t)i;
			l->has_track = true;
			return true;
		}
	return l->suppression.is_either;
}

/* Applies a line to the rules it names; how many there were. */
static unsigned apply(struct wt_rules *set, const struct line *l, bool is_suppress)
{
	unsigned i, n = 0;

	for (i = 0; i < set->rule.n; i++) {
		struct wt_rule *r = &set->rule.at[i];
		struct wt_suppression *s;

		if (!(l->gid == 0 && l->sid == 0) &&
		    (r->gid != (uint64_t)l->gid || (l->sid && r->sid != (uint64_t)l->sid)))
			continue;
		n++;
		if (!is_suppress) {
			r->threshold = l->threshold;
			continue;
		}
		s = wt_rules_take(set, sizeof(*s));
		*s = l->suppression;
		s->is_all = !l->has_ip;
		s->next = r->suppression;
		r->suppression = s;
	}
	return n;
}

/* A line that waits for its end with a backslash is not supported: rules are short. */
static void take_line(struct wt_rules *set, const char *name, unsigned number,
		      struct wt_slice text)
{
	char why[200] = "";
	struct line l = { .gid = 0 };
	bool is_suppress = wt_slice_starts(text, WT_LIT("suppress "));
	bool is_rate = wt_slice_starts(text, WT_LIT("threshold ")) ||
		       wt_slice_starts(text, WT_LIT("event_filter "));
	struct wt_slice rest = text;
	bool is_good = is_suppress || is_rate;

	(void)wt_take_word(&rest, ' ');
	while (is_good && rest.len) {
		struct wt_slice item, key;
		size_t comma = wt_slice_find(rest, ','), open = wt_slice_find(rest, '[');

		if (open < comma) { /* a list of addresses holds commas */
			size_t close = wt_slice_find(rest, ']');

			comma = close + wt_slice_find(wt_slice_tail(rest, close), ',');
		}
		item = wt_trim(wt_slice_head(rest, comma));
		rest = wt_slice_tail(rest, comma + 1);
		key = wt_take_word(&item, ' ');
		is_good = take_item(set, &l, key, wt_trim(item), why, sizeof(why));
	}
	if (is_good && (!l.has_gid || !l.has_sid ||
			(is_rate && (!l.threshold.kind || !l.has_track || !l.threshold.count ||
				     !l.threshold.seconds))))
		is_good = false;
	if (!is_good) {
		wt_rules_problem_add(set, name, number, 0, 0, true,
				     *why ? why
					  : "found no threshold; write: suppress gen_id 1, "
					    "sig_id N[, track by_src, ip "
					    "ADDRESS], or: threshold gen_id 1, sig_id N, type "
					    "limit, track by_src, "
					    "count N, seconds N");
	} else if (!apply(set, &l, is_suppress)) {
		char text_out[128];

		(void)snprintf(text_out, sizeof(text_out), "no rule %lld:%lld is loaded",
			       (long long)l.gid, (long long)l.sid);
		wt_rules_problem_add(set, name, number, 0, (uint32_t)l.sid, false, text_out);
	}
}

void wt_rules_load_thresholds(struct wt_rules *set, const char *name, struct wt_slice text)
{
	const char *file = wt_rules_text(set, wt_slice_of(name, strlen(name)));
	unsigned number = 0;

	while (text.len) {
		struct wt_slice line = wt_take_word(&text, '\n');

		number++;
		if (line.len && line.ptr[0] != '#')
			take_line(set, file, number, line);
	}
}

bool wt_rule_is_suppressed(const struct wt_rule *r, const struct wt_event_head *head)
{
	const struct wt_suppression *s;
	const struct wt_addr *src = &head->key.end[head->sender].addr;
	const struct wt_addr *dst = &head->key.end[head->sender ^ 1].addr;
	uint8_t version = head->key.ip_version;

	for (s = r->suppression; s; s = s->next)
		if (s->is_all ||
		    ((s->is_either || s->track == WT_TRACK_SRC) &&
		     wt_nets_have(&s->nets, src, version)) ||
		    ((s->is_either || s->track == WT_TRACK_DST) &&
		     wt_nets_have(&s->nets, dst, version)))
			return true;
	return false;
}
