/* flow, flowbits, xbits, thresholds, sizes of streams, the protocol of the flow.
 * Source: Suricata 7 user guide, "Flow Keywords", "Thresholding Keywords", "Xbits".
 * Trust: hostile text. Memory: the set's lists. */
#include "match/parse.h"
#include "wardtap/registry.h"

#include <stdio.h>

void wt_parse_flow(struct wt_parse *p)
{
	static const struct {
		const char *word;
		uint8_t flag;
	} rows[] = {
		{ "established", WT_FLOW_NEEDS_ESTABLISHED },
		{ "not_established", WT_FLOW_NOT_ESTABLISHED },
		{ "to_server", WT_FLOW_TO_SERVER },
		{ "from_client", WT_FLOW_TO_SERVER },
		{ "to_client", WT_FLOW_TO_CLIENT },
		{ "from_server", WT_FLOW_TO_CLIENT },
		{ "only_stream", WT_FLOW_ONLY_STREAM },
		{ "no_stream", WT_FLOW_NO_STREAM },
		{ "stateless", WT_FLOW_STATELESS },
		{ "only_frag", 0 },
		{ "no_frag", 0 },
	};
	struct wt_slice rest = p->value;

	while (rest.len && !p->is_failed) {
		struct wt_slice word = wt_take_word(&rest, ',');
		bool is_known = false;
		unsigned i;

		for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
			if (wt_is_word(word, rows[i].word)) {
				p->rule.flow |= rows[i].flag;
				is_known = true;
			}
		if (!is_known)
			wt_blame(p, word,
				 "found flow:%s; write established, to_server, to_client, "
				 "stateless, not_established, only_stream or no_stream",
				 wt_show(word));
	}
	if ((p->rule.flow & WT_FLOW_TO_SERVER) && (p->rule.flow & WT_FLOW_TO_CLIENT))
		wt_blame(p, p->value, "found both directions in flow; write one");
}

uint16_t wt_name_number(struct wt_parse *p, struct wt_slice name, struct wt_name_list *list)
{
	unsigned i, n = list->n,
		    most = list == &p->set->bit_name ? WT_RULE_BITS_MAX : WT_RULE_NAMES_MAX;
	struct wt_name *at;

	for (i = 0; i < n; i++) {
		at = &list->at[i];
		if (strlen(at->text) == name.len && memcmp(at->text, name.ptr, name.len) == 0)
			return (uint16_t)i;
	}
	if (n == most) {
		wt_blame(p, name,
			 "found more than %u names of %s in the rules; write fewer, or load "
			 "fewer "
			 "files",
			 most, wt_show(p->key));
		return 0;
	}
	at = WT_LIST_ADD(*list);
	at->text = wt_rules_text(p->set, name);
	at->file = p->file;
	at->line = p->rule.line;
	return (uint16_t)n;
}

bool wt_take_bit_what(struct wt_slice word, uint8_t *what)
{
	static const char *const words[] = { "set", "unset", "toggle", "isset", "isnotset" };
	unsigned i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (wt_is_word(word, words[i])) {
			*what = (uint8_t)i; /* enum wt_bit_what */
			return true;
		}
	return false;
}

void wt_parse_flowbits(struct wt_parse *p)
{
	struct wt_slice rest = p->value, word = wt_take_word(&rest, ',');
	struct wt_flowbit bit = { .n = 0 };

	if (wt_is_word(word, "noalert")) {
		p->rule.is_noalert = true;
		return;
	}
	if (!wt_take_bit_what(word, &bit.what) || !wt_trim(rest).len) {
		wt_blame(p, p->value,
			 "found flowbits:%s; write set, unset, toggle, isset or "
			 "isnotset and a name behind a comma, or noalert",
			 wt_show(p->value));
		return;
	}
	while (rest.len && !p->is_failed) {
		struct wt_slice name = wt_take_word(&rest, '|');
		struct wt_name *at;

		if (!name.len || bit.n == sizeof(bit.name) / sizeof(bit.name[0])) {
			wt_blame(p, name, "found %s in flowbits; write one to eight names",
				 name.len ? "more than eight names" : "an empty name");
			return;
		}
		bit.name[bit.n++] = wt_name_number(p, name, &p->set->bit_name);
		at = &p->set->bit_name.at[bit.name[bit.n - 1]];
		at->is_set |= bit.what == WT_BIT_SET || bit.what == WT_BIT_TOGGLE;
		at->is_read |= bit.what == WT_BIT_ISSET;
	}
	*WT_LIST_ADD(p->set->flowbit) = bit;
}

static bool take_track(struct wt_slice word, uint8_t *track)
{
	static const struct {
		const char *word;
		enum wt_track track;
	} rows[] = {
		{ "by_src", WT_TRACK_SRC },   { "by_dst", WT_TRACK_DST },
		{ "by_rule", WT_TRACK_RULE }, { "by_both", WT_TRACK_BOTH },
		{ "by_flow", WT_TRACK_FLOW }, { "ip_src", WT_TRACK_SRC },
		{ "ip_dst", WT_TRACK_DST },   { "ip_pair", WT_TRACK_PAIR },
	};
	unsigned i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (wt_is_word(word, rows[i].word)) {
			*track = (uint8_t)rows[i].track;
			return true;
		}
	return false;
}

#define HOSTBIT_S 300u /* unless the rule says so */

static void add_xbit(struct wt_parse *p, const struct wt_xbit *bit)
{
	if (p->set->xbit.n - p->rule.first_xbit == WT_CONTEXT_XBITS_MAX)
		wt_blame(p, p->key, "found more than %u xbits or hostbits in a rule",
			 WT_CONTEXT_XBITS_MAX);
	*WT_LIST_ADD(p->set->xbit) = *bit;
}

/* xbits:set,NAME,track ip_src,expire 3600 */
void wt_parse_xbits(struct wt_parse *p)
{
	struct wt_slice rest = p->value, word = wt_take_word(&rest, ','), name;
	struct wt_xbit bit = { .expire_s = 30 };
	bool has_track = false;

	name = wt_take_word(&rest, ',');
	if (!wt_take_bit_what(word, &bit.what) || !name.len) {
		wt_blame(p, p->value,
			 "found xbits:%s; write set, unset, toggle, isset or isnotset, "
			 "a name, track ip_src|ip_dst|ip_pair[,expire SECONDS]",
			 wt_show(p->value));
		return;
	}
	bit.name = wt_name_number(p, name, &p->set->xbit_name);
	while (rest.len && !p->is_failed) {
		struct wt_slice item = wt_take_word(&rest, ','), key = wt_take_word(&item, ' ');
		int64_t value;

		item = wt_trim(item);
		if (wt_is_word(key, "track") && take_track(item, &bit.track))
			has_track = true;
		else if (wt_is_word(key, "expire") && wt_take_i64(item, &value) && value > 0 &&
			 value <= UINT32_MAX)
			bit.expire_s = (uint32_t)value;
		else
			wt_blame(p, key,
				 "found '%s %s' in xbits; write track ip_src, ip_dst or "
				 "ip_pair, or expire SECONDS",
				 wt_show(key), wt_show(item));
	}
	if (!has_track)
		wt_blame(p, p->value,
			 "found xbits without track; write track ip_src, ip_dst or "
			 "ip_pair");
	add_xbit(p, &bit);
}

/* hostbits:set,NAME[,src|dst|both][,SECONDS] are marks of one address. */
void wt_parse_hostbits(struct wt_parse *p)
{
	struct wt_slice rest = p->value, word = wt_take_word(&rest, ','), item;
	struct wt_slice name = wt_take_word(&rest, ',');
	struct wt_xbit bit = { .expire_s = HOSTBIT_S, .track = WT_TRACK_SRC };
	int64_t value;

	if (!wt_take_bit_what(word, &bit.what) || !name.len) {
		wt_blame(p, p->value,
			 "found hostbits:%s; write set, unset, toggle, isset or isnotset, a "
			 "name[,src|dst][,SECONDS]",
			 wt_show(p->value));
		return;
	}
	bit.name = wt_name_number(p, name, &p->set->xbit_name);
	while (rest.len) {
		item = wt_take_word(&rest, ',');
		if (wt_is_word(item, "dst"))
			bit.track = WT_TRACK_DST;
		else if (wt_take_i64(item, &value) && value > 0 && value <= UINT32_MAX)
			bit.expire_s = (uint32_t)value;
		else if (!wt_is_word(item, "src"))
			wt_blame(p, item, "found '%s' in hostbits; write src, dst or seconds",
				 wt_show(item));
	}
	add_xbit(p, &bit);
}

/* "type limit, track by_src, count 1, seconds 60" in any order. */
static void take_threshold(struct wt_parse *p, struct wt_threshold *t, bool needs_type)
{
	static const char *const kinds[] = { "", "limit", "threshold", "both" };
	struct wt_slice rest = p->value;
	bool has_track = false;

	while (rest.len && !p->is_failed) {
		struct wt_slice item = wt_take_word(&rest, ','), key = wt_take_word(&item, ' ');
		int64_t value = 0;
		unsigned i;

		item = wt_trim(item);
		if (wt_is_word(key, "track") && take_track(item, &t->track)) {
			has_track = true;
		} else if (wt_is_word(key, "count") && wt_take_i64(item, &value) && value > 0 &&
			   value <= UINT32_MAX) {
			t->count = (uint32_t)value;
		} else if (wt_is_word(key, "seconds") && wt_take_i64(item, &value) &&
			   value > 0 && value <= UINT32_MAX) {
			t->seconds = (uint32_t)value;
		} else if (wt_is_word(key, "type") && needs_type) {
			for (i = WT_LIMIT; i <= WT_BOTH; i++)
				if (wt_is_word(item, kinds[i]))
					t->kind = (uint8_t)i;
		} else {
			wt_blame(p, key,
				 "found '%s %s' in %s; write %strack by_src|by_dst|by_rule|"
				 "by_both, count N, seconds N",
				 wt_show(key), wt_show(item), wt_show(p->key),
				 needs_type ? "type limit|threshold|both, " : "");
		}
	}
	if (!p->is_failed && (!t->kind || !has_track || !t->count || !t->seconds))
		wt_blame(p, p->value,
			 "found %s without %s; write all of %strack, count, seconds",
			 wt_show(p->key),
			 !t->kind     ? "type"
			 : !has_track ? "track"
			 : !t->count  ? "count"
				      : "seconds",
			 needs_type ? "type, " : "");
}

void wt_parse_threshold(struct wt_parse *p)
{
	take_threshold(p, &p->rule.threshold, true);
}

void wt_parse_detection_filter(struct wt_parse *p)
{
	p->rule.detection_filter.kind = WT_DETECTION_FILTER;
	take_threshold(p, &p->rule.detection_filter, false);
}

/* stream_size:server,<,5 */
void wt_parse_stream_size(struct wt_parse *p)
{
	static const char *const sides[] = { "server", "client", "both", "either" };
	struct wt_slice rest = p->value, side = wt_take_word(&rest, ',');
	struct wt_slice sign = wt_take_word(&rest, ',');
	struct wt_packet_test *t = WT_LIST_ADD(p->set->packet_test);
	char text[40];
	unsigned i;

	t->what = WT_PACKET_STREAM_SIZE;
	for (i = 0; i < 4 && !wt_is_word(side, sides[i]); i++)
		continue;
	t->side = (uint8_t)i;
	(void)snprintf(text, sizeof(text), "%.*s%.*s", (int)(sign.len < 3 ? sign.len : 3),
		       (const char *)sign.ptr, (int)(rest.len < 20 ? wt_trim(rest).len : 20),
		       (const char *)wt_trim(rest).ptr);
	if (i == 4 ||
	    !wt_take_size(wt_slice_of(text, strlen(text)), &t->compare, &t->low, &t->high))
		wt_blame(p, p->value,
			 "found stream_size:%s; write server|client|both|either,"
			 "operator,bytes",
			 wt_show(p->value));
}

/* app-layer-protocol:[!]name */
void wt_parse_app_layer_protocol(struct wt_parse *p)
{
	struct wt_packet_test *t = WT_LIST_ADD(p->set->packet_test);
	struct wt_slice name = p->value;
	unsigned owner;

	t->what = WT_PACKET_APP;
	if (name.len && name.ptr[0] == '!') {
		t->is_negated = true;
		name = wt_trim(wt_slice_tail(name, 1));
	}
	for (owner = 1; owner <= wt_registry_count(); owner++)
		if (wt_is_word(name, wt_registry_name(owner)))
			t->low = owner;
	if (!t->low && !wt_is_word(name, "failed"))
		wt_blame(p, p->value,
			 "found the protocol '%s'; write a name that 'wardtap "
			 "protocols' lists, or failed",
			 wt_show(name));
}
