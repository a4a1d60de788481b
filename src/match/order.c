/* In which order the inspections of a rule are asked: as the rule mentions their buffers
 * first, but one that reads a variable (byte_extract, byte_math) behind the one that sets it,
 * and base64_data behind the buffer that was decoded.
 * Source: Suricata 7.0.10, which takes a variable in any buffer behind its byte_extract.
 * Trust: hostile text, bounded by WT_RULE_INSPECTIONS_MAX. Memory: none. */
#include "match/parse.h"

#define NOBODY UINT8_MAX

/* What is known of each inspection. */
struct order {
	uint32_t needs[WT_RULE_INSPECTIONS_MAX]; /* others, by bit */
	uint8_t writer[WT_RULE_VARIABLES_MAX];   /* of a variable, so far */
	uint8_t decoder;                         /* of base64, so far */
};

static uint8_t bit_of(const struct wt_rule_number *n)
{
	return n->variable ? (uint8_t)(1u << (n->variable - 1)) : 0;
}

static uint8_t read_by(const struct wt_test *t)
{
	const struct wt_content *c = &t->as.content;
	const struct wt_bytes_test *b = &t->as.bytes;

	switch ((enum wt_test_kind)t->kind) {
	case WT_TEST_CONTENT:
		return bit_of(&c->offset) | bit_of(&c->depth) | bit_of(&c->distance) |
		       bit_of(&c->within);
	case WT_TEST_BYTE_TEST:
	case WT_TEST_BYTE_JUMP:
	case WT_TEST_BYTE_EXTRACT:
	case WT_TEST_BYTE_MATH:
		return bit_of(&b->operand) | bit_of(&b->offset) | bit_of(&b->post_offset);
	case WT_TEST_ISDATAAT:
		return bit_of(&t->as.isdataat);
	default:
		return 0;
	}
}

/* A stream's bytes are inspected when their message is over, so behind its fields. */
static bool is_too_late(const struct wt_parse *p, unsigned writer, unsigned reader)
{
	const struct wt_buffer *from = p->inspection[writer].buffer;
	const struct wt_buffer *to = p->inspection[reader].buffer;

	return (from->is_payload || from->is_base64) && !to->is_payload && !to->is_base64 &&
	       p->rule.proto != WT_RULE_UDP;
}

static void note_reads(struct wt_parse *p, struct order *o, unsigned own,
		       const struct wt_test *t)
{
	uint8_t reads = read_by(t);
	unsigned v;

	for (v = 0; v < WT_RULE_VARIABLES_MAX; v++) {
		uint8_t writer = o->writer[v];

		if (!(reads >> v & 1) || writer == own || writer == NOBODY)
			continue;
		o->needs[own] |= 1u << writer;
		p->inspection[own].reads |= (uint8_t)(1u << v);
		if (is_too_late(p, writer, own))
			wt_blame(
				p, wt_slice_of(p->text.ptr + t->column - 1, 0),
				"found '%s' of the payload in %s, whose message is over before "
				"the payload is asked; write the byte_extract behind %s, or "
				"udp as the protocol",
				p->variable[v], p->inspection[own].buffer->name,
				p->inspection[own].buffer->name);
	}
}

static void note_test(struct wt_parse *p, struct order *o, unsigned own,
		      const struct wt_test *t)
{
	note_reads(p, o, own, t);
	if (t->kind == WT_TEST_BYTE_EXTRACT || t->kind == WT_TEST_BYTE_MATH) {
		unsigned v = t->as.bytes.variable - 1u;

		o->writer[v] = (uint8_t)own;
		p->inspection[own].writes |= (uint8_t)(1u << v);
	}
	if (t->kind == WT_TEST_BASE64)
		o->decoder = (uint8_t)own;
	else if (p->inspection[own].buffer->is_base64 && o->decoder != NOBODY &&
		 o->decoder != own)
		o->needs[own] |= 1u << o->decoder;
}

bool wt_order_inspections(struct wt_parse *p, uint8_t order[WT_RULE_INSPECTIONS_MAX])
{
	struct order o = { .decoder = NOBODY };
	uint32_t placed = 0;
	unsigned i, n;

	memset(o.writer, NOBODY, sizeof(o.writer));
	for (i = 0; i < p->test.n; i++)
		note_test(p, &o, p->test.at[i].inspection, &p->test.at[i].test);
	for (n = 0; n < p->n_inspections && !p->is_failed; n++) {
		for (i = 0; i < p->n_inspections; i++)
			if (!(placed >> i & 1) && !(o.needs[i] & ~placed))
				break;
		if (i == p->n_inspections) {
			wt_blame(
				p, wt_slice_head(p->text, 0),
				"found numbers of byte_extract that two buffers need from each "
				"other; write the tests of each buffer in one row");
			return false;
		}
		order[n] = (uint8_t)i;
		placed |= 1u << i;
	}
	return !p->is_failed;
}
