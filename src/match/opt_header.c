/* Options of IP and TCP headers, tunnels and fragments.
 * Source: Suricata 7 user guide, "Header Keywords" (ipopts, tcp.mss); the others are ours.
 * Trust: hostile text. Memory: the set's lists. */
#include "match/parse.h"
#include "match/traits.h"

static void take_number(struct wt_parse *p, struct wt_packet_test *t, struct wt_slice text,
			int64_t most)
{
	if (!wt_take_size(text, &t->compare, &t->low, &t->high) || t->low < -1 ||
	    t->low > most || t->high > most + 1)
		wt_blame(p, p->value, "found %s:%s; write N, >N, <N, !N or A<>B with 0 to %lld",
			 wt_show(p->key), wt_show(p->value), (long long)most);
}

void wt_parse_header_number(struct wt_parse *p)
{
	static const struct {
		const char *key;
		enum wt_packet_what what;
		int64_t most;
	} rows[] = {
		{ "tcp.mss", WT_PACKET_TCP_MSS, 65535 },
		{ "tcp.urgent_pointer", WT_PACKET_URGENT_POINTER, 65535 },
		{ "tcp.urgent_past", WT_PACKET_URGENT_PAST, 65535 },
		{ "ipv6.routing_type", WT_PACKET_ROUTING_TYPE, 255 },
	};
	struct wt_packet_test *t = WT_LIST_ADD(p->set->packet_test);
	unsigned row = 0;

	/* the table of keywords sends no other key here */
	while (row < sizeof(rows) / sizeof(rows[0]) - 1 && !wt_is_word(p->key, rows[row].key))
		row++;
	t->what = (uint8_t)rows[row].what;
	take_number(p, t, p->value, rows[row].most);
}

/* KIND,LENGTH */
void wt_parse_tcp_option(struct wt_parse *p)
{
	struct wt_packet_test *t = WT_LIST_ADD(p->set->packet_test);
	struct wt_slice rest = p->value, kind = wt_take_word(&rest, ',');
	int64_t number = 0;

	t->what = WT_PACKET_TCP_OPTION;
	if (!wt_take_i64(kind, &number) || number < 2 || number > 255)
		wt_blame(p, p->value,
			 "found tcp.option_len:%s; write the option's kind (2 to 255), a comma "
			 "and its length as N, >N, <N or !N",
			 wt_show(p->value));
	t->category = (uint16_t)number;
	take_number(p, t, wt_trim(rest), 255);
}

static struct wt_slice take_negation(struct wt_packet_test *t, struct wt_slice text)
{
	t->is_negated = text.len && text.ptr[0] == '!';
	return wt_trim(wt_slice_tail(text, t->is_negated));
}

void wt_parse_ipopts(struct wt_parse *p)
{
	struct wt_packet_test *t = WT_LIST_ADD(p->set->packet_test);
	int type = wt_ip_option_of(take_negation(t, p->value));

	t->what = WT_PACKET_IP_OPTION;
	t->low = type;
	if (type < 0)
		wt_blame(p, p->value,
			 "found ipopts:%s; write rr, eol, nop, ts, sec, esec, lsrr, lsrre, "
			 "ssrr, satid, cipso or any",
			 wt_show(p->value));
}

void wt_parse_tunnel(struct wt_parse *p)
{
	static const char *const names[WT_N_TUNNELS] = {
		[WT_TUNNEL_NONE] = "",         [WT_TUNNEL_MPLS] = "mpls",
		[WT_TUNNEL_PPPOE] = "pppoe",   [WT_TUNNEL_GRE] = "gre",
		[WT_TUNNEL_ERSPAN] = "erspan", [WT_TUNNEL_VXLAN] = "vxlan",
		[WT_TUNNEL_GENEVE] = "geneve", [WT_TUNNEL_IPIP] = "ipip",
		[WT_TUNNEL_6IN4] = "6in4",     [WT_TUNNEL_PBB] = "pbb",
	};
	struct wt_packet_test *t = WT_LIST_ADD(p->set->packet_test);
	struct wt_slice name = take_negation(t, p->value);
	unsigned i = 1;

	while (i < WT_N_TUNNELS && !wt_is_word(name, names[i]))
		i++;
	t->what = WT_PACKET_TUNNEL;
	t->low = i;
	if (i == WT_N_TUNNELS)
		wt_blame(
			p, p->value,
			"found tunnel:%s; write mpls, pppoe, gre, erspan, vxlan, geneve, ipip, "
			"6in4 or pbb",
			wt_show(p->value));
}

void wt_parse_fragmented(struct wt_parse *p)
{
	WT_LIST_ADD(p->set->packet_test)->what = WT_PACKET_FRAGMENT;
}
