/* Numbers and flags of the packet itself.
 * Source: Suricata 7 user guide, "Header Keywords". Trust: hostile text.
 * Memory: the set's lists. */
#include "match/parse.h"

/* dsize, ttl, itype, icode, ...: key to number. */
void wt_parse_number(struct wt_parse *p)
{
	static const struct {
		const char *key;
		enum wt_packet_what what;
		int64_t most;
	} rows[] = {
		{ "dsize", WT_PACKET_DSIZE, 65535 },
		{ "ttl", WT_PACKET_TTL, 255 },
		{ "itype", WT_PACKET_ITYPE, 255 },
		{ "icode", WT_PACKET_ICODE, 255 },
		{ "icmp_id", WT_PACKET_ICMP_ID, 65535 },
		{ "icmp_seq", WT_PACKET_ICMP_SEQ, 65535 },
		{ "ip_proto", WT_PACKET_IP_PROTO, 255 },
		{ "id", WT_PACKET_ID, 65535 },
		{ "tcp.seq", WT_PACKET_SEQ, UINT32_MAX },
		{ "seq", WT_PACKET_SEQ, UINT32_MAX },
		{ "tcp.ack", WT_PACKET_ACK, UINT32_MAX },
		{ "ack", WT_PACKET_ACK, UINT32_MAX },
		{ "tcp.window", WT_PACKET_WINDOW, 65535 },
		{ "icmpv6.mtu", WT_PACKET_ICMPV6_MTU, UINT32_MAX },
		{ "tos", WT_PACKET_TOS, 255 },
		{ "window", WT_PACKET_WINDOW, 65535 },
	};
	static const struct {
		const char *name;
		int64_t number;
	} protocols[] = { { "tcp", 6 },  { "udp", 17 },   { "icmp", 1 }, { "gre", 47 },
			  { "esp", 50 }, { "sctp", 132 }, { "igmp", 2 }, { "ipv6-icmp", 58 } };
	struct wt_packet_test *t = WT_LIST_ADD(p->set->packet_test);
	unsigned i, row = 0;

	/* the table of keywords sends no other key here */
	while (row < sizeof(rows) / sizeof(rows[0]) - 1 && !wt_is_word(p->key, rows[row].key))
		row++;
	t->what = (uint8_t)rows[row].what;
	for (i = 0; i < sizeof(protocols) / sizeof(protocols[0]); i++)
		if (t->what == WT_PACKET_IP_PROTO && wt_is_word(p->value, protocols[i].name)) {
			t->compare = WT_IS_EQUAL;
			t->low = protocols[i].number;
			return;
		}
	if (!wt_take_size(p->value, &t->compare, &t->low, &t->high) || t->low < -1 ||
	    t->low > rows[row].most || t->high > rows[row].most + 1)
		wt_blame(p, p->value, "found %s:%s; write N, >N, <N, !N or A<>B with 0 to %lld",
			 wt_show(p->key), wt_show(p->value), (long long)rows[row].most);
}

/* [modifier]FLAGS[,ignored FLAGS]: S A F R P U C E 1 2 0 */
static bool take_flags(struct wt_slice s, uint8_t *flags)
{
	static const struct {
		char letter;
		uint8_t bit;
	} rows[] = { { 'F', 1 },   { 'S', 2 },  { 'R', 4 },  { 'P', 8 },
		     { 'A', 16 },  { 'U', 32 }, { 'E', 64 }, { 'C', 128 },
		     { '1', 128 }, { '2', 64 }, { '0', 0 } };
	size_t i, k;

	*flags = 0;
	for (i = 0; i < s.len; i++) {
		for (k = 0; k < sizeof(rows) / sizeof(rows[0]); k++)
			if (rows[k].letter == (char)s.ptr[i])
				break;
		if (k == sizeof(rows) / sizeof(rows[0]))
			return false;
		*flags |= rows[k].bit;
	}
	return s.len > 0;
}

void wt_parse_flags(struct wt_parse *p)
{
	struct wt_packet_test *t = WT_LIST_ADD(p->set->packet_test);
	struct wt_slice rest = p->value, first = wt_take_word(&rest, ',');
	uint8_t ignored = 0;

	t->what = WT_PACKET_TCP_FLAGS;
	t->mode = '=';
	if (first.len && strchr("+*!", first.ptr[0])) {
		t->mode = first.ptr[0];
		first = wt_slice_tail(first, 1);
	} else if (first.len > 1 && strchr("+*!", first.ptr[first.len - 1])) {
		t->mode = first.ptr[--first.len];
	}
	if (!take_flags(first, &t->flags) || (rest.len && !take_flags(wt_trim(rest), &ignored)))
		wt_blame(p, p->value,
			 "found flags:%s; write letters of FSRPAUEC, perhaps behind + * "
			 "or !, and a comma with those to ignore",
			 wt_show(p->value));
	t->mask = (uint8_t)~ignored;
}

void wt_parse_sameip(struct wt_parse *p)
{
	WT_LIST_ADD(p->set->packet_test)->what = WT_PACKET_SAMEIP;
}

/* fragbits:[+*!]MDR: more fragments (of a datagram that was rebuilt), don't fragment, the
 * reserved bit. */
void wt_parse_fragbits(struct wt_parse *p)
{
	struct wt_packet_test *t = WT_LIST_ADD(p->set->packet_test);
	struct wt_slice s = p->value;
	bool is_good = s.len > 0;
	size_t i;

	t->what = WT_PACKET_FRAGBITS;
	t->mode = '=';
	t->mask = WT_FRAGBIT_MORE | WT_FRAGBIT_DONT | WT_FRAGBIT_RESERVED;
	for (i = 0; i < s.len; i++) {
		switch (s.ptr[i]) {
		case 'M':
			t->flags |= WT_FRAGBIT_MORE;
			break;
		case 'D':
			t->flags |= WT_FRAGBIT_DONT;
			break;
		case 'R':
			t->flags |= WT_FRAGBIT_RESERVED;
			break;
		case '+':
		case '*':
		case '!':
			t->mode = (uint8_t)s.ptr[i];
			break;
		default:
			is_good = s.ptr[i] == '-' && is_good;
		}
	}
	if (!is_good)
		wt_blame(p, p->value,
			 "found fragbits:%s; write letters of M, D and R, perhaps behind +, * "
			 "or !",
			 wt_show(p->value));
}

/* fragoffset:0, !0 or >0: rules see datagrams, not their pieces. */
void wt_parse_fragoffset(struct wt_parse *p)
{
	struct wt_packet_test *t = WT_LIST_ADD(p->set->packet_test);

	t->what = WT_PACKET_FRAGOFFSET;
	if (!wt_take_size(p->value, &t->compare, &t->low, &t->high) || t->low != 0 ||
	    (t->compare != WT_IS_EQUAL && t->compare != WT_IS_NOT_EQUAL &&
	     t->compare != WT_IS_GREATER))
		wt_blame(p, p->value,
			 "found fragoffset:%s; write 0 or >0: datagrams are rebuilt before "
			 "rules see them",
			 wt_show(p->value));
}

/* l3_proto:ipv4 or ipv6 */
void wt_parse_l3_proto(struct wt_parse *p)
{
	struct wt_packet_test *t = WT_LIST_ADD(p->set->packet_test);
	bool is_v4 = wt_is_word(p->value, "ipv4") || wt_is_word(p->value, "ip4");

	t->what = WT_PACKET_L3_PROTO;
	t->compare = WT_IS_EQUAL;
	t->low = is_v4 ? 4 : 6;
	if (!is_v4 && !wt_is_word(p->value, "ipv6") && !wt_is_word(p->value, "ip6"))
		wt_blame(p, p->value, "found l3_proto:%s; write ipv4 or ipv6",
			 wt_show(p->value));
}
