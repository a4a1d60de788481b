/* Numbers of flows: those that rules keep (flowint) and those that flow/ keeps.
 * Source: Suricata 7 user guide, "Flow Keywords", "Flowint". Trust: hostile text.
 * Memory: the set's lists. */
#include "match/parse.h"

static bool take_modifier(struct wt_slice word, struct wt_flowint *t)
{
	static const struct {
		const char *word;
		uint8_t what, compare;
	} rows[] = {
		{ "+", WT_INT_ADD, 0 },
		{ "-", WT_INT_SUBTRACT, 0 },
		{ "=", WT_INT_SET, 0 },
		{ "isset", WT_INT_ISSET, 0 },
		{ "isnotset", WT_INT_ISNOTSET, 0 },
		{ "notset", WT_INT_ISNOTSET, 0 },
		{ "==", WT_INT_COMPARE, WT_IS_EQUAL },
		{ "!=", WT_INT_COMPARE, WT_IS_NOT_EQUAL },
		{ "<", WT_INT_COMPARE, WT_IS_LESS },
		{ "<=", WT_INT_COMPARE, WT_IS_AT_MOST },
		{ ">", WT_INT_COMPARE, WT_IS_GREATER },
		{ ">=", WT_INT_COMPARE, WT_IS_AT_LEAST },
	};
	unsigned i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (wt_is_word(word, rows[i].word)) {
			t->what = rows[i].what;
			t->compare = rows[i].compare;
			return true;
		}
	return false;
}

/* flowint:NAME,MODIFIER[,VALUE or NAME] */
void wt_parse_flowint(struct wt_parse *p)
{
	struct wt_slice rest = p->value, name = wt_take_word(&rest, ',');
	struct wt_slice modifier = wt_take_word(&rest, ','), operand = wt_trim(rest);
	struct wt_flowint t = { .value = 0 };
	bool is_good = name.len && take_modifier(modifier, &t);
	int64_t value = 0;

	if (is_good && t.what != WT_INT_ISSET && t.what != WT_INT_ISNOTSET) {
		is_good = operand.len > 0;
		if (wt_take_i64(operand, &value))
			is_good = value >= 0 && value <= UINT32_MAX;
		else
			t.has_operand = true;
	}
	if (!is_good) {
		wt_blame(p, p->value,
			 "found flowint:%s; write a name, one of + - = == != < <= > >= and a "
			 "number (or name), or isset or isnotset",
			 wt_show(p->value));
		return;
	}
	t.name = wt_name_number(p, name, &p->set->int_name);
	t.value = (uint32_t)value;
	if (t.has_operand)
		t.operand = wt_name_number(p, operand, &p->set->int_name);
	*WT_LIST_ADD(p->set->flowint) = t;
}

/* flow.age, in seconds; packets and bytes so far, by direction. */
void wt_parse_flow_number(struct wt_parse *p)
{
	static const struct {
		const char *key;
		enum wt_packet_what what;
	} rows[] = {
		{ "flow.age", WT_PACKET_FLOW_AGE },
		{ "flow.pkts_toserver", WT_PACKET_FLOW_PKTS_TO_SERVER },
		{ "flow.pkts_toclient", WT_PACKET_FLOW_PKTS_TO_CLIENT },
		{ "flow.bytes_toserver", WT_PACKET_FLOW_BYTES_TO_SERVER },
		{ "flow.bytes_toclient", WT_PACKET_FLOW_BYTES_TO_CLIENT },
	};
	struct wt_packet_test *t = WT_LIST_ADD(p->set->packet_test);
	unsigned row = 0;

	/* the table of keywords sends no other key here */
	while (row < sizeof(rows) / sizeof(rows[0]) - 1 && !wt_is_word(p->key, rows[row].key))
		row++;
	t->what = (uint8_t)rows[row].what;
	if (!wt_take_size(p->value, &t->compare, &t->low, &t->high))
		wt_blame(p, p->value, "found %s:%s; write N, >N, <N, >=N, <=N, !N or A-B",
			 wt_show(p->key), wt_show(p->value));
}
