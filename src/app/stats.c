/* Totals (stats.h). Trust: numbers are ours. Memory: none of its own. */
#include "app/stats.h"

void wt_counters_add(struct wt_counters *sum, const struct wt_counters *part)
{
	unsigned i;

	for (i = 0; i < WT_N_COUNTERS; i++)
		sum->value[i] += part->value[i];
}

static uint64_t sum_dispositions(const struct wt_counters *c)
{
	uint64_t sum = 0;
	unsigned i;

	for (i = 0; i < WT_N_DISPOSITIONS; i++)
		sum += c->value[WT_C_DISP_FLOW + i];
	return sum;
}

bool wt_identities(const struct wt_counters *c, struct wt_identity rows[WT_N_IDENTITIES])
{
	const uint64_t *v = c->value;
	bool holds = true;
	unsigned i;

	rows[0] = (struct wt_identity){ "packets.read = sum of packets.dispositions",
		v[WT_C_PACKETS_READ], sum_dispositions(c) };
	rows[1] = (struct wt_identity){
		"streams.span = delivered + skipped + gap + clipped + abandoned",
		v[WT_C_STREAM_SPAN],
		v[WT_C_STREAM_DELIVERED] + v[WT_C_STREAM_SKIPPED] + v[WT_C_STREAM_GAP] +
			v[WT_C_STREAM_CLIPPED] + v[WT_C_STREAM_ABANDONED] };
	rows[2] = (struct wt_identity){ "events.emitted = observed + shed",
		v[WT_C_EVENTS_EMITTED], v[WT_C_EVENTS_OBSERVED] + v[WT_C_EVENTS_SHED] };
	rows[3] = (struct wt_identity){
		"flows.new = closed + timeout + evicted + at_end", v[WT_C_FLOWS_NEW],
		v[WT_C_FLOWS_CLOSED] + v[WT_C_FLOWS_TIMEOUT] + v[WT_C_FLOWS_EVICTED] +
			v[WT_C_FLOWS_END] };
	rows[4] = (struct wt_identity){ /* in replay there is no kernel to ask */
		"capture.kernel_received = packets.read + capture.kernel_dropped",
		v[WT_C_CAPTURE_KERNEL_RECEIVED],
		v[WT_C_CAPTURE_KERNEL_RECEIVED] || v[WT_C_CAPTURE_KERNEL_DROPPED] ?
			v[WT_C_PACKETS_READ] + v[WT_C_CAPTURE_KERNEL_DROPPED] : 0 };
	rows[5] = (struct wt_identity){ "alerts.raised = told + suppressed",
		v[WT_C_ALERTS_RAISED], v[WT_C_ALERTS_TOLD] + v[WT_C_ALERTS_SUPPRESSED] };
	rows[6] = (struct wt_identity){ /* what was shed never reached the keeper */
		"match.alerts = alerts.raised", v[WT_C_MATCH_ALERTS],
		v[WT_C_EVENTS_SHED] ? v[WT_C_MATCH_ALERTS] : v[WT_C_ALERTS_RAISED] };
	rows[7] = (struct wt_identity){ "alerts.raised = leading + merged + suppressed",
		v[WT_C_ALERTS_RAISED],
		v[WT_C_ALERTS_LEADING] + v[WT_C_ALERTS_MERGED] + v[WT_C_ALERTS_SUPPRESSED] };
	rows[8] = (struct wt_identity){ "journal.given = committed + refused",
		v[WT_C_JOURNAL_GIVEN], v[WT_C_JOURNAL_COMMITTED] + v[WT_C_JOURNAL_REFUSED] };
	rows[9] = (struct wt_identity){ "journal.found + committed + own = stored + evicted",
		v[WT_C_JOURNAL_FOUND] + v[WT_C_JOURNAL_COMMITTED] + v[WT_C_JOURNAL_OWN],
		v[WT_C_JOURNAL_STORED] + v[WT_C_JOURNAL_EVICTED] };
	for (i = 0; i < WT_N_IDENTITIES; i++)
		holds &= rows[i].left == rows[i].right;
	return holds;
}

/* Length of the first `n` dotted parts of a name. */
static size_t parts_len(const char *name, unsigned n)
{
	const char *at = name;

	for (; n; n--) {
		at = strchr(at, '.');
		if (!at)
			return strlen(name) + 1;
		at++;
	}
	return (size_t)(at - name);
}

/* Number of leading parts that two names share, not counting the last of either. */
static unsigned shared_parts(const char *a, const char *b)
{
	unsigned n = 0;

	for (;; n++) {
		size_t len_a = parts_len(a, n + 1), len_b = parts_len(b, n + 1);

		if (len_a > strlen(a) || len_b > strlen(b) || len_a != len_b ||
		    strncmp(a, b, len_a) != 0)
			return n;
	}
}

static unsigned count_parts(const char *name)
{
	unsigned n = 1;

	while ((name = strchr(name, '.')) != NULL) {
		name++;
		n++;
	}
	return n;
}

static void put_part(struct wt_json *j, const char *name, unsigned part)
{
	size_t from = parts_len(name, part), to = parts_len(name, part + 1);
	char key[64];
	struct wt_builder b = wt_builder_of(key, sizeof(key) - 1);

	wt_bld_bytes(&b, wt_slice_of(name + from, to - from - 1));
	key[b.len] = '\0';
	wt_json_key(j, key);
}

static void put_counters(struct wt_json *j, const struct wt_counters *c)
{
	const char *before = "";
	unsigned depth = 0, i;

	for (i = 0; i < WT_N_COUNTERS; i++) {
		const char *name = wt_counter_rows[i].name;
		unsigned keep = shared_parts(before, name), last = count_parts(name) - 1;

		for (; depth > keep; depth--)
			wt_json_close(j, '}');
		for (; depth < last; depth++) {
			put_part(j, name, depth);
			wt_json_open(j, '{');
		}
		put_part(j, name, last);
		wt_json_u64(j, c->value[i]);
		before = name;
	}
	for (; depth > 0; depth--)
		wt_json_close(j, '}');
}

void wt_stats_json(struct wt_json *j, const struct wt_counters *c,
		   const struct wt_unknown_link *links, unsigned n_links)
{
	struct wt_identity rows[WT_N_IDENTITIES];
	unsigned i;

	(void)wt_identities(c, rows);
	wt_json_open(j, '{');
	put_counters(j, c);
	wt_json_key(j, "unknown_link_types");
	wt_json_open(j, '[');
	for (i = 0; i < n_links; i++) {
		wt_json_open(j, '{');
		wt_json_key(j, "link_type");
		wt_json_u64(j, links[i].type);
		wt_json_key(j, "packets");
		wt_json_u64(j, links[i].n);
		wt_json_close(j, '}');
	}
	wt_json_close(j, ']');
	wt_json_key(j, "identities");
	wt_json_open(j, '[');
	for (i = 0; i < WT_N_IDENTITIES; i++) {
		wt_json_open(j, '{');
		wt_json_key(j, "equation");
		wt_json_text(j, rows[i].name);
		wt_json_key(j, "left");
		wt_json_u64(j, rows[i].left);
		wt_json_key(j, "right");
		wt_json_u64(j, rows[i].right);
		wt_json_key(j, "holds");
		wt_json_bool(j, rows[i].left == rows[i].right);
		wt_json_close(j, '}');
	}
	wt_json_close(j, ']');
	wt_json_close(j, '}');
	wt_bld_char(&j->out, '\n');
}
