/* Promises of decode/: one row per kind of header, every cut of every row, the short
 * way against the long way, checksums, and all captures at hand. */
#define _DEFAULT_SOURCE /* libpcap needs u_char */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "decode/decode.h"
#include "decode/layer.h"
#include "decode_captures.h"
#include "decode_packets.h"

/* Pieces of packets, in hex. Addresses: 10.0.0.1 to 10.0.0.2, fd00::1 to fd00::2. */
#define ETH(type) "020000000002 020000000001" type
#define IP4(len, proto) "4500" len "00010000 40" proto "0000 0a000001 0a000002"
#define IP6(len, next) "60000000" len next "40" \
	"fd000000000000000000000000000001 fd000000000000000000000000000002"
#define TCP "c0000a28 00000001 00000002 5018 1000 0000 0000"
#define UDP(port, len) "c000" port len "0000"
#define DNS UDP("0035", "000c") "61626364"
#define INNER IP4("0020", "11") DNS           /* 32 octets */
#define INNER6 IP6("000c", "11") DNS          /* 52 octets */
#define FRAME ETH("0800") INNER               /* 46 octets */

struct row {
	const char *name;
	const char *hex;
	uint16_t link;
	uint8_t disposition, proto;
	uint16_t source, destination; /* ports */
	uint8_t n_vlans, n_tunnels, tunnel; /* the last one */
	uint16_t ether_type;
	uint32_t payload_len;
};

#define FLOW WT_DISP_FLOW
#define ETHER WT_DISP_ETHER
#define BAD WT_DISP_MALFORMED
#define UDPFLOW FLOW, 17, 49152, 53
#define AS(name) WT_TUNNEL_##name

static const struct row rows[] = {
	/* RFC 791 3.1, RFC 9293 3.1, RFC 768 */
	{ "tcp", ETH("0800") IP4("002c", "06") TCP "61626364", 1,
	  FLOW, 6, 49152, 2600, 0, 0, 0, 0x0800, 4 },
	{ "udp, padded frame", FRAME "00000000000000000000", 1,
	  UDPFLOW, 0, 0, 0, 0x0800, 4 },
	{ "udp over ipv6", ETH("86dd") INNER6, 1, UDPFLOW, 0, 0, 0, 0x86dd, 4 },
	{ "tcp over ipv6", ETH("86dd") IP6("0018", "06") TCP "61626364", 1,
	  FLOW, 6, 49152, 2600, 0, 0, 0, 0x86dd, 4 },
	/* 802.1Q 9.6 */
	{ "vlan 5", ETH("8100 0005 0800") INNER, 1, UDPFLOW, 1, 0, 0, 0x0800, 4 },
	{ "vlan 5, ipv6", ETH("8100 0005 86dd") INNER6, 1, UDPFLOW, 1, 0, 0, 0x86dd, 4 },
	{ "priority tag", ETH("8100 e000 0800") INNER, 1, UDPFLOW, 0, 0, 0, 0x0800, 4 },
	{ "QinQ", ETH("88a8 0064 8100 00c8 0800") INNER, 1, UDPFLOW, 2, 0, 0, 0x0800, 4 },
	{ "old QinQ", ETH("9100 0064 9200 00c8 0800") INNER, 1,
	  UDPFLOW, 2, 0, 0, 0x0800, 4 },
	{ "five tags", ETH("8100 0001 8100 0002 8100 0003 8100 0004 8100 0005 0800") INNER,
	  1, UDPFLOW, 4, 0, 0, 0x0800, 4 },
	/* 802.1BR 7.4, and its forerunner */
	{ "vn-tag", ETH("8926 80000001 8100 0005 0800") INNER, 1, UDPFLOW, 1, 0, 0, 0x0800, 4 },
	{ "e-tag", ETH("893f 000000010000 0800") INNER, 1, UDPFLOW, 0, 0, 0, 0x0800, 4 },
	/* 802.2, RFC 1042 */
	{ "snap ip", ETH("0028") "aaaa03000000 0800" INNER, 1, UDPFLOW, 0, 0, 0, 0x0800, 4 },
	{ "llc ip", ETH("0023") "060603" INNER, 1, UDPFLOW, 0, 0, 0, 0x0800, 4 },
	{ "spanning tree", ETH("0007") "424203 00000000 0000", 1,
	  ETHER, 0, 0, 0, 0, 0, 0, 0, 7 },
	{ "cdp", ETH("000a") "aaaa0300000c 2000 0101", 1, ETHER, 0, 0, 0, 0, 0, 0, 0, 10 },
	{ "arp", ETH("0806") "0001080006040001 020000000001 0a000001 000000000000 0a000002",
	  1, ETHER, 0, 0, 0, 0, 0, 0, 0x0806, 28 },
	{ "lldp in a vlan", ETH("8100 0005 88cc") "0207040200000000010000", 1,
	  ETHER, 0, 0, 0, 1, 0, 0, 0x88cc, 11 },
	/* RFC 3032 2.1, RFC 4448 4.6 */
	{ "mpls", ETH("8847") "00020040 00010140" INNER, 1,
	  UDPFLOW, 0, 1, AS(MPLS), 0x8847, 4 },
	{ "mpls ipv6", ETH("8847") "00010140" INNER6, 1, UDPFLOW, 0, 1, AS(MPLS), 0x8847, 4 },
	{ "pseudowire", ETH("8847") "00010140 00000000" FRAME, 1,
	  UDPFLOW, 0, 1, AS(MPLS), 0x0800, 4 },
	{ "pseudowire, no control word", ETH("8848") "00010140" FRAME, 1,
	  UDPFLOW, 0, 1, AS(MPLS), 0x0800, 4 },
	{ "mpls, unknown inside", ETH("8847") "00010140 10000000 ffffffff", 1,
	  ETHER, 0, 0, 0, 0, 0, 0, 0x8847, 12 },
	/* RFC 2516 4, RFC 1661 2 */
	{ "pppoe", ETH("8864") "11000001 0022 0021" INNER "0000", 1,
	  UDPFLOW, 0, 1, AS(PPPOE), 0x8864, 4 },
	{ "pppoe ipv6", ETH("8864") "11000001 0036 0057" INNER6, 1,
	  UDPFLOW, 0, 1, AS(PPPOE), 0x8864, 4 },
	{ "pppoe lcp", ETH("8864") "11000001 0006 c021 01010004", 1,
	  ETHER, 0, 0, 0, 0, 0, 0, 0x8864, 12 },
	{ "pppoe discovery", ETH("8863") "11090000 0004 01010000", 1,
	  ETHER, 0, 0, 0, 0, 0, 0, 0x8863, 10 },
	/* 802.1Q 9.7 */
	{ "pbb", ETH("88a8 0064 88e7") "00000001" FRAME, 1, UDPFLOW, 1, 1, AS(PBB), 0x0800, 4 },
	/* RFC 2784 2, RFC 2890 2, RFC 1701, RFC 2637 4.1 */
	{ "gre", ETH("0800") IP4("0038", "2f") "00000800" INNER, 1,
	  UDPFLOW, 0, 1, AS(GRE), 0x0800, 4 },
	{ "gre, checksum, key, sequence",
	  ETH("0800") IP4("0044", "2f") "b0000800 00000000 00000001 00000002" INNER, 1,
	  UDPFLOW, 0, 1, AS(GRE), 0x0800, 4 },
	{ "gre, routes", ETH("0800") IP4("0048", "2f")
	  "40000800 00000000 08000004 0a000009 00000000" INNER, 1,
	  UDPFLOW, 0, 1, AS(GRE), 0x0800, 4 },
	{ "gre ethernet", ETH("0800") IP4("0046", "2f") "00006558" FRAME, 1,
	  UDPFLOW, 0, 1, AS(GRE), 0x0800, 4 },
	{ "gre mpls", ETH("0800") IP4("003c", "2f") "00008847 00010140" INNER, 1,
	  UDPFLOW, 0, 2, AS(MPLS), 0x0800, 4 },
	{ "gre ipv6", ETH("0800") IP4("004c", "2f") "000086dd" INNER6, 1,
	  UDPFLOW, 0, 1, AS(GRE), 0x0800, 4 },
	{ "pptp", ETH("0800") IP4("0048", "2f")
	  "3081880b 00240001 00000001 00000001 ff030021" INNER, 1,
	  UDPFLOW, 0, 1, AS(GRE), 0x0800, 4 },
	{ "gre keepalive", ETH("0800") IP4("0018", "2f") "00000000", 1,
	  FLOW, 47, 0, 0, 0, 0, 0, 0x0800, 4 },
	/* draft-foschiano-erspan-03 4 */
	{ "erspan I", ETH("0800") IP4("0046", "2f") "000088be" FRAME, 1,
	  UDPFLOW, 0, 1, AS(ERSPAN), 0x0800, 4 },
	{ "erspan II", ETH("0800") IP4("0052", "2f")
	  "100088be 00000001 1001000000000000" FRAME, 1,
	  UDPFLOW, 0, 1, AS(ERSPAN), 0x0800, 4 },
	{ "erspan III", ETH("0800") IP4("005e", "2f") "100022eb 00000001"
	  "200100000000000000000001 0000000000000000" FRAME, 1,
	  UDPFLOW, 0, 1, AS(ERSPAN), 0x0800, 4 },
	/* RFC 7348 5, draft-ietf-nvo3-vxlan-gpe-12 3, RFC 8926 3.4 */
	{ "vxlan", ETH("0800") IP4("0052", "11") UDP("12b5", "003e") "0800000000000100" FRAME,
	  1, UDPFLOW, 0, 1, AS(VXLAN), 0x0800, 4 },
	{ "vxlan on linux's port", ETH("0800") IP4("0052", "11") UDP("2118", "003e")
	  "0800000000000100" FRAME, 1, UDPFLOW, 0, 1, AS(VXLAN), 0x0800, 4 },
	{ "vxlan, reserved bit", ETH("0800") IP4("0052", "11") UDP("12b5", "003e")
	  "0800000000000101" FRAME, 1, FLOW, 17, 49152, 4789, 0, 0, 0, 0x0800, 54 },
	{ "vxlan-gpe", ETH("0800") IP4("0044", "11") UDP("12b6", "0030")
	  "0c00000100000100" INNER, 1, UDPFLOW, 0, 1, AS(VXLAN), 0x0800, 4 },
	{ "vxlan arp", ETH("0800") IP4("004e", "11") UDP("12b5", "003a") "0800000000000100"
	  ETH("0806") "0001080006040001 020000000001 0a000001 000000000000 0a000002", 1,
	  ETHER, 0, 0, 0, 0, 1, AS(VXLAN), 0x0806, 28 },
	{ "vxlan-gpe ipv6", ETH("0800") IP4("0058", "11") UDP("12b6", "0044")
	  "0c00000200000100" INNER6, 1, UDPFLOW, 0, 1, AS(VXLAN), 0x0800, 4 },
	{ "geneve ipv6", ETH("0800") IP4("0058", "11") UDP("17c1", "0044")
	  "000086dd00000100" INNER6, 1, UDPFLOW, 0, 1, AS(GENEVE), 0x0800, 4 },
	{ "geneve", ETH("0800") IP4("0056", "11") UDP("17c1", "0042")
	  "0100655800000100 01020300" FRAME, 1, UDPFLOW, 0, 1, AS(GENEVE), 0x0800, 4 },
	{ "geneve, oam", ETH("0800") IP4("0056", "11") UDP("17c1", "0042")
	  "0180655800000100 01020300" FRAME, 1, FLOW, 17, 49152, 6081, 0, 0, 0, 0x0800, 58 },
	/* RFC 2003 3, RFC 4213 3 */
	{ "4 in 4", ETH("0800") IP4("0034", "04") INNER, 1, UDPFLOW, 0, 1, AS(IPIP), 0x0800, 4 },
	{ "6 in 4", ETH("0800") IP4("0048", "29") INNER6, 1,
	  UDPFLOW, 0, 1, AS(6IN4), 0x0800, 4 },
	{ "4 in 6", ETH("86dd") IP6("0020", "04") INNER, 1, UDPFLOW, 0, 1, AS(IPIP), 0x86dd, 4 },
	{ "6 in 6", ETH("86dd") IP6("0034", "29") INNER6, 1,
	  UDPFLOW, 0, 1, AS(6IN4), 0x86dd, 4 },
	{ "4 in 4, inner total below its header", ETH("0800") IP4("0034", "04")
	  IP4("0013", "11") DNS, 1, BAD, 0, 0, 0, 0, 1, AS(IPIP), 0x0800, 0 },
	/* RFC 8200 4: hop-by-hop, destination, routing, atomic fragment */
	{ "ipv6 chain", ETH("86dd") IP6("002c", "00") "3c00010400000000 2b00010400000000"
	  "2c00000000000000 1100000000000001" DNS, 1, UDPFLOW, 0, 0, 0, 0x86dd, 4 },
	{ "ipv6 ah", ETH("86dd") IP6("0024", "33") "1104000000000000 0000000000000000"
	  "0000000000000000" DNS, 1, UDPFLOW, 0, 0, 0, 0x86dd, 4 },
	{ "ipv6 no next header", ETH("86dd") IP6("0000", "3b") "000000000000", 1,
	  FLOW, 59, 0, 0, 0, 0, 0, 0x86dd, 0 },
	{ "ipv6 mobility", ETH("86dd") IP6("0008", "87") "3b00000000000000", 1,
	  FLOW, 135, 0, 0, 0, 0, 0, 0x86dd, 8 },
	{ "ipv6 late hop-by-hop", ETH("86dd") IP6("001c", "3c") "0000010400000000"
	  "1100010400000000" DNS, 1, BAD, 0, 0, 0, 0, 0, 0, 0x86dd, 0 },
	/* RFC 4302 2, RFC 4303 2 */
	{ "ah", ETH("0800") IP4("0038", "33") "1104000000000000 0000000000000000"
	  "0000000000000000" DNS, 1, UDPFLOW, 0, 0, 0, 0x0800, 4 },
	{ "esp", ETH("0800") IP4("001c", "32") "0000000100000001", 1,
	  FLOW, 50, 0, 0, 0, 0, 0, 0x0800, 8 },
	{ "options", ETH("0800") "4600 0024 0001000040110000 0a0000010a000002 07040400" DNS, 1,
	  UDPFLOW, 0, 0, 0, 0x0800, 4 },
	{ "option too short", ETH("0800") "4600 0024 0001000040110000 0a0000010a000002"
	  "07010000" DNS, 1, BAD, 0, 0, 0, 0, 0, 0, 0x0800, 0 },
	{ "option too long", ETH("0800") "4600 0024 0001000040110000 0a0000010a000002"
	  "07050400" DNS, 1, BAD, 0, 0, 0, 0, 0, 0, 0x0800, 0 },
	{ "total length 0", ETH("0800") IP4("0000", "06") TCP "61626364", 1,
	  FLOW, 6, 49152, 2600, 0, 0, 0, 0x0800, 4 },
	{ "total below header", ETH("0800") IP4("0013", "11") DNS, 1,
	  BAD, 0, 0, 0, 0, 0, 0, 0x0800, 0 },
	{ "total beyond frame", ETH("0800") IP4("0021", "11") DNS, 1,
	  BAD, 0, 0, 0, 0, 0, 0, 0x0800, 0 },
	{ "header below 20", ETH("0800") "4400 0020 0001000040110000 0a0000010a000002" DNS, 1,
	  BAD, 0, 0, 0, 0, 0, 0, 0x0800, 0 },
	{ "ipv4 type, version 6", ETH("0800") INNER6, 1, BAD, 0, 0, 0, 0, 0, 0, 0x0800, 0 },
	{ "ipv6 length beyond frame", ETH("86dd") IP6("000d", "11") DNS, 1,
	  BAD, 0, 0, 0, 0, 0, 0, 0x86dd, 0 },
	{ "jumbo length that is none", ETH("86dd") IP6("0000", "00") "1100c20400000014" DNS, 1,
	  BAD, 0, 0, 0, 0, 0, 0, 0x86dd, 0 },
	/* RFC 9293 3.1, RFC 768 */
	{ "tcp offset 4", ETH("0800") IP4("0028", "06") "c0000a28 00000001 00000002 4018"
	  "1000 0000 0000", 1, BAD, 6, 0, 0, 0, 0, 0, 0x0800, 0 },
	{ "tcp offset beyond segment", ETH("0800") IP4("0028", "06") "c0000a28 00000001"
	  "00000002 6018 1000 0000 0000", 1, BAD, 6, 0, 0, 0, 0, 0, 0x0800, 0 },
	{ "udp length 7", ETH("0800") IP4("0020", "11") UDP("0035", "0007") "61626364", 1,
	  BAD, 17, 0, 0, 0, 0, 0, 0x0800, 0 },
	{ "udp length beyond datagram", ETH("0800") IP4("0020", "11") UDP("0035", "000d")
	  "61626364", 1, BAD, 17, 0, 0, 0, 0, 0, 0x0800, 0 },
	{ "udp length below datagram", ETH("0800") IP4("0020", "11") UDP("0035", "000a")
	  "61626364", 1, UDPFLOW, 0, 0, 0, 0x0800, 2 },
	/* RFC 792; ports as in Community ID 1 */
	{ "echo", ETH("0800") IP4("001e", "01") "0800 0000 0001 0001 6162", 1,
	  FLOW, 1, 8, 0, 0, 0, 0, 0x0800, 2 },
	{ "echo reply", ETH("0800") IP4("001e", "01") "0000 0000 0001 0001 6162", 1,
	  FLOW, 1, 0, 8, 0, 0, 0, 0x0800, 2 },
	{ "timestamp", ETH("0800") IP4("0028", "01") "0d00 0000 0001 0001"
	  "000000000000000000000000", 1, FLOW, 1, 13, 14, 0, 0, 0, 0x0800, 12 },
	{ "mask reply", ETH("0800") IP4("0020", "01") "1200 0000 0001 0001 ffffff00", 1,
	  FLOW, 1, 18, 17, 0, 0, 0, 0x0800, 4 },
	{ "port unreachable", ETH("0800") IP4("003c", "01") "0303 0000 00000000" INNER, 1,
	  FLOW, 1, 3, 3, 0, 0, 0, 0x0800, 32 },
	{ "neighbor solicitation", ETH("86dd") IP6("0018", "3a") "8700 0000 00000000"
	  "fd000000000000000000000000000002", 1, FLOW, 58, 135, 136, 0, 0, 0, 0x86dd, 16 },
	{ "icmp too short", ETH("0800") IP4("001b", "01") "0800 0000 000100", 1,
	  BAD, 1, 0, 0, 0, 0, 0, 0x0800, 0 },
	/* RFC 9260 3.1 */
	{ "sctp", ETH("0800") IP4("0024", "84") "c0000035 00000001 00000000 00000000", 1,
	  FLOW, 132, 49152, 53, 0, 0, 0, 0x0800, 4 },
	/* fragments: RFC 791 3.2, RFC 8200 4.5 */
	{ "fragment", ETH("0800") "4500 001c 0001 2001 40 11 0000 0a000001 0a000002"
	  "6162636465666768", 1, WT_DISP_FRAGMENT, 17, 0, 0, 0, 0, 0, 0x0800, 8 },
	{ "ipv6 fragment", ETH("86dd") IP6("0010", "2c") "0600000900000007 6162636465666768", 1,
	  WT_DISP_FRAGMENT, 6, 0, 0, 0, 0, 0, 0x86dd, 8 },
	/* link types of tcpdump.org */
	{ "null, little-endian", "02000000" INNER, 0, UDPFLOW, 0, 0, 0, 0x0800, 4 },
	{ "null, big-endian, Darwin", "0000001e" INNER6, 0, UDPFLOW, 0, 0, 0, 0x86dd, 4 },
	{ "null, other family", "07000000 0102", 0, ETHER, 0, 0, 0, 0, 0, 0, 0, 2 },
	{ "loop", "00000018" INNER6, 108, UDPFLOW, 0, 0, 0, 0x86dd, 4 },
	{ "raw", INNER, 101, UDPFLOW, 0, 0, 0, 0x0800, 4 },
	{ "raw 12", INNER6, 12, UDPFLOW, 0, 0, 0, 0x86dd, 4 },
	{ "raw, neither", "00000000", 101, BAD, 0, 0, 0, 0, 0, 0, 0, 0 },
	{ "ipv4", INNER, 228, UDPFLOW, 0, 0, 0, 0x0800, 4 },
	{ "ipv6", INNER6, 229, UDPFLOW, 0, 0, 0, 0x86dd, 4 },
	{ "sll", "0000 0001 0006 0200000000010000 0800" INNER, 113,
	  UDPFLOW, 0, 0, 0, 0x0800, 4 },
	{ "sll, llc", "0000 0001 0006 0200000000010000 0004 424203 00000000", 113,
	  ETHER, 0, 0, 0, 0, 0, 0, 0, 7 },
	/* RFC 1547 4.3.1 */
	{ "hdlc", "0f00 0800" INNER, 104, UDPFLOW, 0, 0, 0, 0x0800, 4 },
	{ "hdlc, cdp", "8f00 2000 01b4 0000 00010005 41", 104,
	  ETHER, 0, 0, 0, 0, 0, 0, 0x2000, 9 },
	{ "hdlc, slarp", "8f00 8035 00000002 00000001 00000001 ffff", 104,
	  ETHER, 0, 0, 0, 0, 0, 0, 0, 14 },
	{ "hdlc, cut", "0f00 08", 104, BAD, 0, 0, 0, 0, 0, 0, 0, 0 },
	{ "sll2", "8100 0000 00000001 0001 00 06 0200000000010000 0005 0800" INNER, 276,
	  UDPFLOW, 1, 0, 0, 0x0800, 4 },
	{ "unknown link", INNER, 147, WT_DISP_UNKNOWN_LINK, 0, 0, 0, 0, 0, 0, 0, 0 },
	{ "eight deep", ETH("8847") "00010140" IP4("00ac", "04") IP4("0098", "04")
	  IP4("0084", "04") IP4("0070", "04") IP4("005c", "04") IP4("0048", "04")
	  IP4("0034", "04") INNER, 1, UDPFLOW, 0, 8, AS(IPIP), 0x8847, 4 },
	{ "nine deep", ETH("8847") "00010140" IP4("00c0", "04") IP4("00ac", "04")
	  IP4("0098", "04") IP4("0084", "04") IP4("0070", "04") IP4("005c", "04")
	  IP4("0048", "04") IP4("0034", "04") INNER, 1,
	  WT_DISP_TOO_DEEP, 4, 0, 0, 0, 8, AS(IPIP), 0x8847, 0 },
};

#define N_ROWS ((int)(sizeof(rows) / sizeof(rows[0])))

START_TEST(every_header_kind_decodes_as_its_clause_says)
{
	const struct row *row = &rows[_i];
	struct wt_packet p = packet_of_hex(row->link, row->hex);

	wt_decode(&p);
	ck_assert_msg(p.disposition == row->disposition, "%s: disposition %d", row->name,
		      p.disposition);
	ck_assert_msg(p.key.proto == row->proto, "%s: proto %d", row->name, p.key.proto);
	ck_assert_msg(p.key.end[p.sender].port == row->source &&
		      p.key.end[!p.sender].port == row->destination, "%s: ports %u %u",
		      row->name, p.key.end[p.sender].port, p.key.end[!p.sender].port);
	ck_assert_msg(p.n_vlans == row->n_vlans, "%s: vlans %d", row->name, p.n_vlans);
	ck_assert_msg(p.n_tunnels == row->n_tunnels, "%s: tunnels %d", row->name, p.n_tunnels);
	ck_assert_msg(!row->n_tunnels || p.tunnel[row->n_tunnels - 1] == row->tunnel,
		      "%s: tunnel %d", row->name, p.tunnel[0]);
	ck_assert_msg(p.ether_type == row->ether_type, "%s: type %04x", row->name,
		      p.ether_type);
	ck_assert_msg(p.payload_len == row->payload_len && p.payload_wire_len == p.payload_len,
		      "%s: payload %u", row->name, p.payload_len);
	ck_assert_msg(packet_is_consistent(&p), "%s: view", row->name);
	packet_free(&p);
}
END_TEST

/* As cut by the snap length: whatever is missing, never MALFORMED. As sent short: any
 * disposition but TRUNCATED. Exact-size copies let a sanitizer see one byte too many. */
START_TEST(every_cut_of_every_row_is_survived_and_told_apart)
{
	const struct row *row = &rows[_i];
	struct wt_packet whole = packet_of_hex(row->link, row->hex);
	uint32_t len;

	wt_decode(&whole);
	for (len = 0; len <= whole.cap_len; len++) {
		struct wt_packet p = packet_copy(&whole, len);

		p.wire_len = whole.wire_len;
		wt_decode(&p);
		wt_decode_verify(&p);
		ck_assert_msg(packet_is_consistent(&p), "%s cut at %u", row->name, len);
		ck_assert_msg(p.disposition != WT_DISP_MALFORMED ||
			      whole.disposition == WT_DISP_MALFORMED,
			      "%s cut at %u: malformed", row->name, len);
		p.wire_len = len;
		wt_decode(&p);
		ck_assert_msg(packet_is_consistent(&p), "%s short at %u", row->name, len);
		ck_assert_msg(p.disposition != WT_DISP_TRUNCATED, "%s short at %u: truncated",
			      row->name, len);
		packet_free(&p);
	}
	packet_free(&whole);
}
END_TEST

START_TEST(short_way_and_long_way_agree)
{
	const struct row *row = &rows[_i];
	struct wt_packet whole = packet_of_hex(row->link, row->hex);
	uint32_t len, at;

	for (len = 0; len <= whole.cap_len; len++) {
		struct wt_packet p = packet_copy(&whole, len);

		p.wire_len = whole.wire_len;
		ck_assert_msg(ways_agree(&p), "%s cut at %u", row->name, len);
		packet_free(&p);
	}
	for (at = 0; at < whole.cap_len * 8; at++) {
		struct wt_packet p = packet_copy(&whole, whole.cap_len);

		packet_bytes(&p)[at / 8] ^= (uint8_t)(1 << at % 8);
		ck_assert_msg(ways_agree(&p), "%s, bit %u flipped", row->name, at);
		wt_decode(&p);
		ck_assert_msg(packet_is_consistent(&p), "%s, bit %u flipped", row->name, at);
		packet_free(&p);
	}
	packet_free(&whole);
}
END_TEST

START_TEST(both_directions_share_key_and_shard)
{
	struct wt_packet a = packet_of_hex(1, ETH("0800") IP4("001c", "01") "0800000000010001");
	struct wt_packet b = packet_of_hex(1, ETH("0800")
		"4500001c000100004001 0000 0a000002 0a000001 0000000000010001");

	wt_decode(&a);
	wt_decode(&b);
	ck_assert_int_eq(memcmp(&a.key, &b.key, sizeof(a.key)), 0);
	ck_assert_uint_eq(a.shard, b.shard);
	ck_assert_uint_ne(a.sender, b.sender);
	packet_free(&a);
	packet_free(&b);
}
END_TEST

/* All fragments of UDP, as only the first shows the port. */
START_TEST(fragments_that_may_hold_a_packet_are_marked)
{
	static const struct { const char *proto; bool is_marked; } kinds[] = {
		{ "06", false }, { "01", false }, { "32", false }, { "11", true },
		{ "04", true }, { "29", true }, { "2f", true },
	};
	size_t i;

	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		char hex[160];
		struct wt_packet p;

		snprintf(hex, sizeof(hex), ETH("0800") "4500001c00012001 40%s0000"
			 "0a0000010a000002 6162636465666768", kinds[i].proto);
		p = packet_of_hex(1, hex);
		wt_decode(&p);
		ck_assert(!(p.flags & WT_PKT_TUNNEL_FRAGMENT) == !kinds[i].is_marked);
		packet_free(&p);
	}
}
END_TEST

/* RFC 1071; sums worked out by an independent tool and taken over. */
START_TEST(checksums_are_judged)
{
	static const struct { const char *hex; unsigned bad; } sums[] = {
		/* UDP over IPv4, good; then IP, UDP and both wrong */
		{ ETH("0800") "45000020000100004011 66ca 0a0000010a000002"
		  "c0000035000c 66d7 61626364", 0 },
		{ ETH("0800") "45000020000100004011 66cb 0a0000010a000002"
		  "c0000035000c 66d7 61626364", WT_PKT_BAD_IP_SUM },
		{ ETH("0800") "45000020000100004011 66ca 0a0000010a000002"
		  "c0000035000c 66d8 61626364", WT_PKT_BAD_L4_SUM },
		/* without a UDP checksum: RFC 768 */
		{ ETH("0800") "45000020000100004011 66ca 0a0000010a000002"
		  "c0000035000c 0000 61626364", 0 },
		/* odd length: the last octet counts as the first of a word */
		{ ETH("0800") "4500001f000100004011 66cb 0a0000010a000002"
		  "c0000035000b 673d 616263", 0 },
		{ ETH("86dd") IP6("000c", "11") "c0000035000c 80d5 61626364", 0 },
		{ ETH("86dd") IP6("000c", "11") "c0000035000c 0000 61626364",
		  WT_PKT_BAD_L4_SUM },
		{ ETH("0800") "4500001e000100004001 66dc 0a0000010a000002"
		  "0800 969b 0001 0001 6162", 0 },
		/* a source route: the pseudo-header has another destination */
		{ ETH("0800") "4700 0028 000100004011 d4b0 0a0000010a000002"
		  "8307040a 00000900 c0000035000c 1234 61626364", 0 },
	};
	size_t i;

	for (i = 0; i < sizeof(sums) / sizeof(sums[0]); i++) {
		struct wt_packet p = packet_of_hex(1, sums[i].hex);

		wt_decode(&p);
		wt_decode_verify(&p);
		ck_assert_msg((p.flags & (WT_PKT_BAD_IP_SUM | WT_PKT_BAD_L4_SUM)) ==
			      sums[i].bad, "sum %zu: %x", i, p.flags);
		packet_free(&p);
	}
}
END_TEST

/* Lengths on both sides of where wider registers take over; RFC 1071 word by word. */
START_TEST(checksums_of_any_length_equal_the_plain_sum)
{
	static uint8_t room[14 + 20 + 900];
	size_t len, i;

	for (len = 8; len <= 900; len += len < 600 ? 1 : 37) {
		struct wt_packet head = packet_of_hex(
			1, ETH("0800") "45000000000100004001 0000 0a0000010a000002");
		struct wt_packet p = { .bytes = room, .link_type = 1 };
		uint8_t *icmp = room + head.cap_len;
		uint32_t sum = 0;
		unsigned damage;

		memcpy(room, head.bytes, head.cap_len);
		packet_free(&head);
		room[16] = (uint8_t)((20 + len) >> 8);
		room[17] = (uint8_t)(20 + len);
		for (i = 0; i < len; i++)
			icmp[i] = (uint8_t)(len % 7 ? i * i * 31 + len : 0xff);
		icmp[0] = 8;
		icmp[1] = icmp[2] = icmp[3] = 0;
		for (i = 0; i < len; i++)
			sum += i % 2 ? icmp[i] : (uint32_t)icmp[i] << 8;
		sum = (sum & 0xffff) + (sum >> 16);
		sum = ~((sum & 0xffff) + (sum >> 16)) & 0xffff;
		icmp[2] = (uint8_t)(sum >> 8);
		icmp[3] = (uint8_t)sum;
		for (damage = 0; damage < 2; damage++) {
			struct wt_packet copy;

			icmp[len - 1] ^= (uint8_t)damage;
			copy = packet_copy(&p, (uint32_t)(14 + 20 + len));
			wt_decode(&copy);
			wt_decode_verify(&copy);
			ck_assert_msg(!(copy.flags & WT_PKT_BAD_L4_SUM) == !damage,
				      "length %zu, damage %u", len, damage);
			packet_free(&copy);
		}
	}
}
END_TEST

/* RFC 2675: a UDP datagram of 65,600 octets, its own length field 0. */
START_TEST(jumbogram_is_read_to_its_end)
{
	static uint8_t room[14 + 40 + 65600 + 8];
	struct wt_packet head = packet_of_hex(1, ETH("86dd") IP6("0000", "00")
					      "1100c20400010048" "c000003500000000");
	struct wt_packet p = { .bytes = room, .link_type = 1 };

	memcpy(room, head.bytes, head.cap_len);
	packet_free(&head);
	p = packet_copy(&p, sizeof(room));
	wt_decode(&p);
	ck_assert_int_eq(p.disposition, FLOW);
	ck_assert_uint_eq(p.payload_len, 65600 - 8);
	packet_free(&p);
}
END_TEST

START_TEST(counters_follow_the_view)
{
	const struct row *row = &rows[_i];
	struct wt_counters c = { { 0 } };
	struct wt_packet p = packet_of_hex(row->link, row->hex);
	bool is_flow = row->disposition == FLOW;
	bool is_icmp = row->proto == 1 || row->proto == 58;

	wt_decode(&p);
	wt_decode_count(&p, &c);
	ck_assert_uint_eq(c.value[WT_C_DECODE_TCP], is_flow && row->proto == 6);
	ck_assert_uint_eq(c.value[WT_C_DECODE_UDP], is_flow && row->proto == 17);
	ck_assert_uint_eq(c.value[WT_C_DECODE_ICMP], is_flow && is_icmp);
	ck_assert_uint_eq(c.value[WT_C_DECODE_OTHER_IP],
			  is_flow && !is_icmp && row->proto != 6 && row->proto != 17);
	ck_assert_uint_eq(c.value[WT_C_DECODE_ARP], row->ether_type == 0x0806);
	ck_assert_uint_eq(c.value[WT_C_DECODE_VLAN], row->n_vlans > 0);
	ck_assert_uint_eq(c.value[WT_C_DECODE_VLAN_TOO_MANY], !strcmp(row->name, "five tags"));
	ck_assert_uint_eq(c.value[WT_C_DECODE_VXLAN], row->tunnel == WT_TUNNEL_VXLAN);
	ck_assert_uint_eq(c.value[WT_C_DECODE_ERSPAN], row->tunnel == WT_TUNNEL_ERSPAN);
	ck_assert_uint_eq(c.value[WT_C_DECODE_PBB], row->tunnel == WT_TUNNEL_PBB);
	packet_free(&p);
}
END_TEST

START_TEST(a_packet_counts_once_per_kind)
{
	struct wt_counters c = { { 0 } };
	struct wt_packet p = packet_of_hex(1, ETH("8100 0005 0800") IP4("0048", "04")
					   IP4("0034", "04") INNER);

	wt_decode(&p);
	wt_decode_count(&p, &c);
	ck_assert_uint_eq(c.value[WT_C_DECODE_VLAN], 1);
	ck_assert_uint_eq(c.value[WT_C_DECODE_IPIP], 1);
	ck_assert_uint_eq(c.value[WT_C_DECODE_IPV4], 1);
	ck_assert_uint_eq(c.value[WT_C_DECODE_UDP], 1);
	packet_free(&p);
}
END_TEST

/* Every packet of every capture: in exact-size memory, one disposition, a view that
 * holds together, both ways equal, also when cut to 60 octets. */
static void capture_packet(const struct wt_packet *wire, void *unused)
{
	struct wt_packet p = packet_copy(wire, wire->cap_len);

	(void)unused;
	ck_assert(ways_agree(&p));
	wt_decode(&p);
	wt_decode_verify(&p);
	ck_assert(packet_is_consistent(&p));
	packet_free(&p);
	p = packet_copy(wire, wire->cap_len < 60 ? wire->cap_len : 60);
	p.wire_len = wire->wire_len;
	ck_assert(ways_agree(&p));
	wt_decode(&p);
	ck_assert(packet_is_consistent(&p));
	packet_free(&p);
}

START_TEST(all_captures_decode_within_their_bytes)
{
	unsigned n_files = 0;
	unsigned long n = captures_walk(capture_packet, NULL, &n_files);

	if (n_files == 0)
		fprintf(stderr, "check_decode: NO CAPTURES in ../shared/pcaps, NOT TESTED\n");
	else
		ck_assert_uint_gt(n, 100000);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("decode");
	TCase *c = tcase_create("headers");
	SRunner *runner;
	int n_failed;

	tcase_set_timeout(c, 120);
	tcase_add_loop_test(c, every_header_kind_decodes_as_its_clause_says, 0, N_ROWS);
	tcase_add_loop_test(c, every_cut_of_every_row_is_survived_and_told_apart, 0, N_ROWS);
	tcase_add_loop_test(c, short_way_and_long_way_agree, 0, N_ROWS);
	tcase_add_test(c, both_directions_share_key_and_shard);
	tcase_add_test(c, fragments_that_may_hold_a_packet_are_marked);
	tcase_add_test(c, checksums_are_judged);
	tcase_add_test(c, checksums_of_any_length_equal_the_plain_sum);
	tcase_add_test(c, jumbogram_is_read_to_its_end);
	tcase_add_loop_test(c, counters_follow_the_view, 0, N_ROWS);
	tcase_add_test(c, a_packet_counts_once_per_kind);
	tcase_add_test(c, all_captures_decode_within_their_bytes);
	suite_add_tcase(suite, c);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	n_failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return n_failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
