/* An alert event: what the rule says of itself and where it matched. It names no bytes of
 * the traffic: the place is enough for whoever holds the capture.
 * Trust: texts are the rule's. Memory: on the stack. */
#include "match/inner.h"
#include "base/values.h"
#include "wardtap/registry.h"

#include <stdio.h>

#define METAS_MAX 24u

static void put_text(struct wt_builder *b, uint16_t field, const char *text)
{
	size_t cap = wt_shared_fields[field].cap;

	if (text && *text)
		(void)wt_values_put(b, field, 0, WT_FORM_PLAIN,
				    wt_slice_head(wt_slice_of(text, strlen(text)), cap));
}

/* Lists as "key value". */
static void put_metas(struct wt_builder *b, uint16_t field, const struct wt_rule_meta *meta,
		      unsigned n)
{
	char text[256];
	unsigned i;

	for (i = 0; i < n && i < METAS_MAX; i++) {
		(void)snprintf(text, sizeof(text), "%s %s", meta[i].key, meta[i].value);
		put_text(b, field, text);
	}
}

/* For the sets that rules fill: which buffer, and its value, which redaction hides. */
static void put_kept(struct wt_builder *b, const struct wt_matcher *m, const struct wt_rule *r,
		     const struct wt_match *match)
{
	const struct wt_kept *kept = &m->scratch->kept[match->first_kept];
	unsigned i;

	for (i = 0; i < match->n_kept; i++) {
		const struct wt_inspection *in =
			wt_rules_inspection(m->rules, r->first_inspection + kept[i].inspection);

		put_text(b, WT_F_ALERT_SET_BUFFER, in->buffer->name);
		(void)wt_values_put(b, WT_F_ALERT_SET_VALUE, 0, WT_FORM_PLAIN,
				    wt_slice_of(kept[i].bytes, kept[i].len));
	}
}

void wt_match_emit(struct wt_matcher *m, const struct wt_rule *r,
		   const struct wt_subject *subject, const struct wt_match *match)
{
	wt_match_emit_hit(m, r, subject, match, wt_slice_of(NULL, 0));
}

void wt_match_emit_hit(struct wt_matcher *m, const struct wt_rule *r,
		       const struct wt_subject *subject, const struct wt_match *match,
		       struct wt_slice indicator)
{
	uint8_t room[12288];
	struct wt_builder b = wt_builder_of(room, sizeof(room));
	struct wt_event event = { .head = subject->head };

	wt_count(m->counters, WT_C_MATCH_ALERTS);
	event.head.owner = 0;
	event.head.type = WT_EVENT_ALERT;
	event.head.is_truncated = 0;
	event.head.index = (*m->event_index)++;
	put_text(&b, WT_F_ALERT_ACTION,
		 match->is_suppressed ? WT_ALERT_ACTION_SUPPRESSED : "allowed");
	(void)wt_values_put_number(&b, WT_F_ALERT_GID, 0, r->gid);
	(void)wt_values_put_number(&b, WT_F_ALERT_SIGNATURE_ID, 0, r->sid);
	(void)wt_values_put_number(&b, WT_F_ALERT_REV, 0, r->rev);
	put_text(&b, WT_F_ALERT_SIGNATURE, r->msg);
	put_text(&b, WT_F_ALERT_CATEGORY, r->classtype);
	(void)wt_values_put_number(&b, WT_F_ALERT_SEVERITY, 0, r->priority);
	if (r->severity)
		(void)wt_values_put_number(&b, WT_F_ALERT_RISK, 0, r->severity);
	put_text(&b, WT_F_ALERT_BUFFER, match->buffer);
	if (match->buffer)
		(void)wt_values_put_number(&b, WT_F_ALERT_OFFSET, 0, match->at);
	if (indicator.len)
		(void)wt_values_put(&b, WT_F_ALERT_INDICATOR, 0, WT_FORM_PLAIN,
				    wt_slice_head(indicator, 255));
	if (match->n_kept)
		put_kept(&b, m, r, match);
	put_metas(&b, WT_F_ALERT_REFERENCE, r->reference, r->n_references);
	put_metas(&b, WT_F_ALERT_METADATA, r->meta, r->n_metas);
	event.values = wt_bld_slice(&b);
	m->events.take(m->events.self, &event);
}
