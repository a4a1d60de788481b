/* Prints what decode/ understood of every packet of one capture, for comparison with
 * another program: a line of names, then one line per packet, separated by tabs. What a
 * packet does not have is empty.
 *
 * Usage: decode_dump FILE
 * Datagrams are rebuilt from fragments without expiry, so that the age of a fragment
 * decides nothing. The packet that completes a datagram shows its own innermost IP header
 * and the transport of the datagram.
 * Header fields that struct wt_packet does not keep are read at its offsets, so that the
 * comparison proves the offsets too.
 *
 * Source: RFC 791 3.1, RFC 8200 3, RFC 9293 3.1, RFC 768, RFC 792, RFC 4443 2.1, RFC 9260
 * 3.1, RFC 826.
 * Trust: every byte of the capture. Memory: one capture and one table of fragments. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "capture/file.h"
#include "decode/decode.h"
#include "decode/fragment.h"
#include "wardtap/limits.h"

enum {
	PROTO_ICMP = 1,
	PROTO_TCP = 6,
	PROTO_UDP = 17,
	PROTO_ICMPV6 = 58,
	PROTO_SCTP = 132,
	TYPE_ARP = 0x0806,
	TYPE_RARP = 0x8035, /* same layout, RFC 903 */
};

static const char *const tunnel_names[WT_N_TUNNELS] = {
	[WT_TUNNEL_MPLS] = "mpls",   [WT_TUNNEL_PPPOE] = "pppoe",
	[WT_TUNNEL_GRE] = "gre",     [WT_TUNNEL_ERSPAN] = "erspan",
	[WT_TUNNEL_VXLAN] = "vxlan", [WT_TUNNEL_GENEVE] = "geneve",
	[WT_TUNNEL_IPIP] = "ipip",   [WT_TUNNEL_6IN4] = "6in4",
	[WT_TUNNEL_PBB] = "pbb",
};

static const char *const disposition_names[WT_N_DISPOSITIONS] = {
#define NAME(id, name, doc) [WT_DISP_##id] = #name,
	WT_DISPOSITIONS(NAME)
#undef NAME
};

/* Every column, in the order of printing. */
static const char *const columns[] = {
	"number", "time_ns", "cap_len", "wire_len", "link_type", "disposition", "rebuilt",
	"tunnels", "vlans", "mac_dst", "mac_src", "ether_type", "llc", "arp_opcode",
	"arp_sender", "arp_target", "ip_version", "ip_src", "ip_dst", "ip_proto", "ip_ttl",
	"ip_id", "frag_off", "frag_more", "ip_tos", "ip_header_len", "ip_total_len", "ip_df",
	"ip_sum", "ip_sum_bad", "ip6_flow", "ip6_payload_len", "tcp_srcport", "tcp_dstport",
	"tcp_seq", "tcp_ack", "tcp_flags", "tcp_window", "tcp_header_len", "tcp_payload_len",
	"tcp_urgent", "tcp_sum", "tcp_sum_bad", "udp_srcport", "udp_dstport", "udp_length",
	"udp_sum", "udp_sum_bad", "icmp_type", "icmp_code", "icmp_sum", "icmp_sum_bad",
	"icmp_ident", "icmp_seq", "sctp_srcport", "sctp_dstport", "sctp_tag", "flags",
};

static unsigned column;

static void empty(unsigned n)
{
	for (; n; n--)
		if (column++)
			putchar('\t');
}

static void number(uint64_t value)
{
	empty(1);
	printf("%" PRIu64, value);
}

static void text(const char *value)
{
	empty(1);
	fputs(value, stdout);
}

static void hex(struct wt_slice s)
{
	size_t i;

	empty(1);
	for (i = 0; i < s.len; i++)
		printf("%02x", s.ptr[i]);
}

static struct wt_reader at(const struct wt_packet *p, uint32_t off)
{
	struct wt_slice all = wt_slice_of(p->bytes, p->cap_len);

	return wt_reader_of(wt_slice_tail(all, off), WT_CLIPPED);
}

static void print_link(const struct wt_packet *p)
{
	struct wt_reader rd = at(p, p->mac_off);
	unsigned i;

	empty(1);
	for (i = 0; i < p->n_tunnels; i++)
		printf("%s%s", i ? "," : "", tunnel_names[p->tunnel[i]]);
	empty(1);
	for (i = 0; i < p->n_vlans; i++)
		printf("%s%u", i ? "," : "", p->vlan[i]);
	if (p->flags & WT_PKT_HAS_MAC) {
		hex(wt_rd_bytes(&rd, 6));
		hex(wt_rd_bytes(&rd, 6));
	} else {
		empty(2);
	}
	if (p->ether_type)
		number(p->ether_type);
	else
		empty(1);
	number(!!(p->flags & WT_PKT_LLC));
}

/* hardware 2, protocol 2, lengths 1 and 1, operation 2, sender, target. RFC 826. */
static void print_arp(const struct wt_packet *p)
{
	struct wt_reader rd = wt_reader_of(wt_packet_payload(p), WT_CLIPPED);
	struct wt_slice sender, target;
	uint16_t opcode;
	uint8_t hardware_len;

	if (p->disposition != WT_DISP_ETHER ||
	    (p->ether_type != TYPE_ARP && p->ether_type != TYPE_RARP)) {
		empty(3);
		return;
	}
	wt_rd_skip(&rd, 2);
	if (wt_rd_u16be(&rd) != 0x0800)
		wt_rd_fail(&rd, WT_FOREIGN); /* not for IPv4 */
	hardware_len = wt_rd_u8(&rd);
	if (wt_rd_u8(&rd) != 4)
		wt_rd_fail(&rd, WT_FOREIGN);
	opcode = wt_rd_u16be(&rd);
	wt_rd_skip(&rd, hardware_len);
	sender = wt_rd_bytes(&rd, 4);
	wt_rd_skip(&rd, hardware_len);
	target = wt_rd_bytes(&rd, 4);
	if (rd.err != WT_OK) {
		empty(3);
		return;
	}
	number(opcode);
	hex(sender);
	hex(target);
}

/* ip_tos to ip6_payload_len, from the header itself. */
static void print_ip_header(const struct wt_packet *p)
{
	struct wt_reader rd = at(p, p->ip_off);
	uint32_t first = wt_rd_u32be(&rd);
	uint32_t second = wt_rd_u32be(&rd);
	uint32_t third = wt_rd_u32be(&rd);

	if (p->key.ip_version == 4) {
		number(first >> 16 & 0xff);
		number((first >> 24 & 15) * 4);
		number(first & 0xffff);
		number(second >> 14 & 1);
		number(third & 0xffff);
		number(!!(p->flags & WT_PKT_BAD_IP_SUM));
		empty(2);
		return;
	}
	number(first >> 20 & 0xff);
	empty(5);
	number(first & 0xfffff);
	number(second >> 16);
}

/* `shown` has the innermost header that was on the wire; `p` says what it carries. */
static void print_ip(const struct wt_packet *shown, const struct wt_packet *p)
{
	const struct wt_flow_key *key = &shown->key;
	uint8_t sender = p->sender;
	size_t len = key->ip_version == 4 ? 4 : 16;

	if (key->ip_version == 0 || p->disposition == WT_DISP_ETHER) {
		empty(16);
		return;
	}
	number(key->ip_version);
	hex(wt_slice_of(p->key.end[sender].addr.octet, len));
	hex(wt_slice_of(p->key.end[!sender].addr.octet, len));
	number(p->key.proto);
	number(shown->ttl);
	if (key->ip_version == 4 || shown->disposition == WT_DISP_FRAGMENT)
		number(shown->ip_id);
	else
		empty(1);
	number(shown->frag_off);
	number(shown->frag_more);
	print_ip_header(shown);
}

/* tcp_srcport to tcp_sum_bad */
static void print_tcp(const struct wt_packet *p)
{
	struct wt_reader rd = at(p, p->l4_off);
	uint16_t word;

	if (p->key.proto != PROTO_TCP) {
		empty(11);
		return;
	}
	number(wt_rd_u16be(&rd));
	number(wt_rd_u16be(&rd));
	number(p->tcp_seq);
	number(p->tcp_ack);
	wt_rd_skip(&rd, 8);
	word = wt_rd_u16be(&rd);
	number(p->tcp_flags);
	number(p->tcp_window);
	number((uint32_t)word >> 12 << 2);
	number(p->payload_wire_len);
	wt_rd_skip(&rd, 4);
	number(wt_rd_u16be(&rd));
	number(p->l4_sum);
	number(!!(p->flags & WT_PKT_BAD_L4_SUM));
}

/* udp_srcport to udp_sum_bad */
static void print_udp(const struct wt_packet *p)
{
	struct wt_reader rd = at(p, p->l4_off);

	if (p->key.proto != PROTO_UDP) {
		empty(5);
		return;
	}
	number(wt_rd_u16be(&rd));
	number(wt_rd_u16be(&rd));
	number(p->payload_wire_len + 8u);
	number(p->l4_sum);
	number(!!(p->flags & WT_PKT_BAD_L4_SUM));
}

/* icmp_type to icmp_seq; the last two of echoes only. */
static void print_icmp(const struct wt_packet *p)
{
	bool is_v6 = p->key.proto == PROTO_ICMPV6 && p->key.ip_version == 6;
	bool is_v4 = p->key.proto == PROTO_ICMP && p->key.ip_version == 4;
	bool is_echo = is_v6 ? p->icmp_type == 128 || p->icmp_type == 129 :
			       p->icmp_type == 0 || p->icmp_type == 8;
	struct wt_reader rd = at(p, p->l4_off);

	if (!is_v4 && !is_v6) {
		empty(6);
		return;
	}
	number(p->icmp_type);
	number(p->icmp_code);
	number(p->l4_sum);
	number(!!(p->flags & WT_PKT_BAD_L4_SUM));
	wt_rd_skip(&rd, 4);
	if (!is_echo || wt_rd_left(&rd) < 4) {
		empty(2);
		return;
	}
	number(wt_rd_u16be(&rd));
	number(wt_rd_u16be(&rd));
}

static void print_sctp(const struct wt_packet *p)
{
	struct wt_reader rd = at(p, p->l4_off);

	if (p->key.proto != PROTO_SCTP) {
		empty(3);
		return;
	}
	number(wt_rd_u16be(&rd));
	number(wt_rd_u16be(&rd));
	number(wt_rd_u32be(&rd));
}

static void print_packet(const struct wt_packet *p, const struct wt_packet *shown,
			 const struct wt_packet *whole)
{
	column = 0;
	number(p->number);
	number(p->ts_ns);
	number(p->cap_len);
	number(p->wire_len);
	number(p->link_type);
	text(disposition_names[p->disposition]);
	if (whole != p)
		text(disposition_names[whole->disposition]);
	else
		empty(1);
	print_link(whole);
	print_arp(whole);
	print_ip(shown, whole);
	if (whole->disposition == WT_DISP_FLOW) {
		print_tcp(whole);
		print_udp(whole);
		print_icmp(whole);
		print_sctp(whole);
	} else {
		empty(25);
	}
	number(whole->flags);
	putchar('\n');
}

static void take(struct wt_packet *p, struct wt_fragments *fragments,
		 struct wt_counters *counters)
{
	struct wt_packet shown, whole;

	wt_decode(p);
	wt_decode_verify(p);
	shown = whole = *p;
	while (whole.disposition == WT_DISP_FRAGMENT) {
		struct wt_packet part = whole;

		if (!wt_fragments_push(fragments, &part, part.ts_ns, counters, &whole)) {
			whole = part;
			break;
		}
		wt_decode_verify(&whole);
		if (whole.ip_off != part.ip_off)
			shown = whole;
	}
	print_packet(p, &shown, whole.bytes == p->bytes ? p : &whole);
}

int main(int argc, char **argv)
{
	struct wt_limits limits = wt_limits_of(WT_PROFILE_CAMPUS);
	struct wt_counters counters = { { 0 } };
	struct wt_capture_list *list;
	struct wt_capture *capture;
	struct wt_fragments *fragments;
	struct wt_batch batch;
	unsigned i;
	size_t n;

	if (argc != 2) {
		fputs("usage: decode_dump FILE\n", stderr);
		return 2;
	}
	list = wt_capture_list_new(argv + 1, 1);
	capture = list ? wt_capture_open(list, NULL) : NULL;
	fragments = wt_fragments_new(&limits, 0);
	if (!capture || !fragments)
		abort();
	for (i = 0; i < sizeof(columns) / sizeof(columns[0]); i++)
		text(columns[i]);
	putchar('\n');
	while (wt_capture_next(capture, &batch))
		for (i = 0; i < batch.n; i++)
			take(&batch.packet[i], fragments, &counters);
	(void)wt_capture_damages(capture, &n);
	n += list->n_notes;
	wt_fragments_free(fragments);
	wt_capture_close(capture);
	wt_capture_list_free(list);
	return n ? 1 : 0;
}
