/* The numbers of a heartbeat (health.h). Trust: records are redacted, counters ours.
 * Memory: the caller's. */
#include "app/health.h"
#include "base/values.h"

const struct wt_health_row wt_health_rows[WT_N_HEALTH] = {
#define H(id, type_, name_, unit_, doc_)                                                       \
	[WT_H_##id] = { .name = name_, .unit = unit_, .doc = doc_, .type = WT_TYPE_##type_ },
#include "wardtap/health.def"
#undef H
};

void wt_health_add_flow(struct wt_health_sums *sums, const struct wt_record *record)
{
	struct wt_slice rest = wt_slice_of(record->values, record->values_len), bytes;
	struct wt_value value;

	sums->flows++;
	while (wt_values_take(&rest, &value, &bytes)) {
		switch (value.field) {
		case WT_F_FLOW_ONE_WAY:
			sums->one_way++;
			break;
		case WT_F_FLOW_REASON:
			sums->n_evicted += wt_slice_equal(bytes, WT_LIT("evicted"));
			break;
		case WT_F_FLOW_GAP_TOSERVER:
		case WT_F_FLOW_GAP_TOCLIENT:
			sums->gap += wt_value_number(bytes);
			sums->span += wt_value_number(bytes);
			break;
		case WT_F_FLOW_DELIVERED_TOSERVER:
		case WT_F_FLOW_DELIVERED_TOCLIENT:
		case WT_F_FLOW_SKIPPED_TOSERVER:
		case WT_F_FLOW_SKIPPED_TOCLIENT:
		case WT_F_FLOW_CLIPPED_TOSERVER:
		case WT_F_FLOW_CLIPPED_TOCLIENT:
		case WT_F_FLOW_ABANDONED_TOSERVER:
		case WT_F_FLOW_ABANDONED_TOCLIENT:
			sums->span += wt_value_number(bytes);
			break;
		default:
			break;
		}
	}
}

struct wt_health_sums wt_health_sums_of(const struct wt_counters *counters)
{
	const uint64_t *v = counters->value;

	return (struct wt_health_sums){
		.received = v[WT_C_PACKETS_READ] + v[WT_C_CAPTURE_KERNEL_DROPPED],
		.kernel_dropped = v[WT_C_CAPTURE_KERNEL_DROPPED],
		.span = v[WT_C_STREAM_SPAN],
		.gap = v[WT_C_STREAM_GAP],
		.flows = v[WT_C_FLOWS_CLOSED] + v[WT_C_FLOWS_TIMEOUT] + v[WT_C_FLOWS_EVICTED] +
			 v[WT_C_FLOWS_END],
		.one_way = v[WT_C_FLOWS_ONE_WAY],
		.n_evicted = v[WT_C_FLOWS_EVICTED],
		.emitted = v[WT_C_EVENTS_EMITTED],
		.shed = v[WT_C_EVENTS_SHED],
	};
}

/* Percent, rounded to the nearest, but 0 and 100 only where it is so. */
static uint64_t share_of(uint64_t part, uint64_t whole)
{
	double share;

	if (!part || !whole)
		return 0;
	if (part >= whole)
		return 100;
	share = 100.0 * (double)part / (double)whole + 0.5;
	return share < 1 ? 1 : share > 99 ? 99 : (uint64_t)share;
}

static uint64_t since(uint64_t before, uint64_t now)
{
	return now > before ? now - before : 0;
}

void wt_health_judge(struct wt_health *h, const struct wt_health_sums *before,
		     const struct wt_health_sums *now)
{
	uint64_t one_way = share_of(since(before->one_way, now->one_way),
				    since(before->flows, now->flows));
	const struct {
		const char *what;
		uint64_t share;
	} losses[] = {
		{ "kernel drops", share_of(since(before->kernel_dropped, now->kernel_dropped),
					   since(before->received, now->received)) },
		{ "gaps",
		  share_of(since(before->gap, now->gap), since(before->span, now->span)) },
		{ "shed events", share_of(since(before->shed, now->shed),
					  since(before->emitted, now->emitted)) },
		{ "one-way flows", one_way },
	};
	unsigned i, worst = 0;

	for (i = 1; i < sizeof(losses) / sizeof(losses[0]); i++)
		if (losses[i].share > losses[worst].share)
			worst = i;
	wt_health_set(h, WT_H_GAP, now->gap);
	wt_health_set(h, WT_H_ONE_WAY, one_way);
	wt_health_set(h, WT_H_QUALITY, 100 - losses[worst].share);
	h->text[WT_H_WORST] = losses[worst].share ? losses[worst].what : NULL;
}

uint64_t wt_health_evicted(const struct wt_counters *counters)
{
	static const enum wt_counter evictions[] = {
		WT_C_INVENTORY_EVICTED,      WT_C_INVENTORY_PEERS_EVICTED,
		WT_C_CONTEXT_EVICTED,        WT_C_AGGREGATES_EVICTED,
		WT_C_MATCH_FLOWS_EVICTED,    WT_C_MATCH_WINDOWS_EVICTED,
		WT_C_DISSECT_BUFFER_EVICTED, WT_C_STREAM_EVICTED,
		WT_C_FRAG_EVICTED,
	};
	uint64_t sum = 0;
	unsigned i;

	for (i = 0; i < sizeof(evictions) / sizeof(evictions[0]); i++)
		sum += counters->value[evictions[i]];
	return sum;
}
