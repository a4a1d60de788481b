/* Promises of the dissectors of frames and ICMPv6 messages: ARP, neighbour discovery,
 * LLDP and CDP. Each runs through the real dissection stage; the bytes stand beside the
 * clause that they are about. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WT_NO_POISON
#include "harness/flow_case.h"
#include "harness/hex.h"
#include "wardtap/dissector.h"
#include "wardtap/text.h"

enum { LLC = 0, ARP = 0x0806, RARP = 0x8035, LLDP = 0x88cc };

/* One case per dissector: reserving its memory takes long. */
static struct wt_case *case_of(const char *name)
{
	static struct wt_case *cases[4];
	static const char *names[4];
	unsigned i;

	for (i = 0; names[i] && strcmp(names[i], name) != 0; i++)
		;
	if (!names[i]) {
		names[i] = name;
		cases[i] = wt_case_new(name, false, true);
	}
	wt_case_restart(cases[i], false, true);
	return cases[i];
}

static const char *frame(const char *name, uint16_t type, const char *hex)
{
	struct wt_case *f = case_of(name);
	uint8_t room[HEX_MAX];

	wt_case_frame(f, type, hex_of(hex, room), false);
	return wt_case_text(f);
}

static const char *icmp6(const char *hex)
{
	struct wt_case *f = case_of("nd");
	uint8_t room[HEX_MAX];

	wt_case_icmp6(f, hex_of(hex, room), false);
	return wt_case_text(f);
}

static void has(const char *text, const char *word)
{
	ck_assert_msg(strstr(text, word), "no \"%s\" in\n%s", word, text);
}

static void lacks(const char *text, const char *word)
{
	ck_assert_msg(!strstr(text, word), "\"%s\" in\n%s", word, text);
}

/* --- addresses as text --- */

START_TEST(addresses_are_written_as_rfc_5952_says)
{
	static const struct {
		const char *octets, *text;
	} rows[] = {
		{ "00000000000000000000000000000000", "::" },
		{ "00000000000000000000000000000001", "::1" },
		{ "fd770000000000000000000000000010", "fd77::10" },
		{ "20010db8000000010001000100010001", "2001:db8:0:1:1:1:1:1" }, /* 4.2.2 */
		{ "20010db8000000000001000000000001", "2001:db8::1:0:0:1" },    /* 4.2.3 */
		{ "20010db8000000000000000000000000", "2001:db8::" },
		{ "00010000000000000000000000000000", "1::" },
		{ "0a4d000a", "10.77.0.10" },
		{ "0a4d00", "" },
	};
	struct wt_text t;
	uint8_t room[HEX_MAX];
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct wt_slice got = wt_text_ip(&t, hex_of(rows[i].octets, room));

		ck_assert_msg(wt_slice_equal(got, wt_slice_text(rows[i].text)), "%s: %.*s",
			      rows[i].text, (int)got.len, (const char *)got.ptr);
	}
}
END_TEST

START_TEST(texts_of_any_length_stay_in_their_room)
{
	uint8_t octets[600];
	struct wt_text t;

	memset(octets, 0xab, sizeof(octets));
	ck_assert_uint_le(wt_text_hex(&t, wt_slice_of(octets, sizeof(octets)), ':').len, 256);
	ck_assert_uint_eq(wt_text_hex(&t, wt_slice_of(octets, 2), 0).len, 4);
	ck_assert(!wt_text_is_plain(wt_slice_of(octets, 0)));
	ck_assert_uint_eq(wt_text_trim_end(WT_LIT("ab \r\n")).len, 2);
	ck_assert_uint_eq(wt_text_trim_end(WT_LIT(" \r\n")).len, 0);
	ck_assert_uint_eq(wt_text_line(WT_LIT("one\ntwo")).len, 3);
}
END_TEST

/* --- ARP --- */

#define ARP_IP "0001 0800 06 04 "
#define ME "025754000030 "

START_TEST(arp_tells_probes_and_announcements)
{
	/* RFC 5227 1.1: sender address 0 */
	has(frame("arp", ARP, ARP_IP "0001" ME "00000000 000000000000 0a4d000a"),
	    "arp operation=request sender_mac=02:57:54:00:00:30 target_ip=10.77.0.10 "
	    "is_probe=true\n");
	/* RFC 5227 3: sender and target address are the same, in either operation */
	has(frame("arp", ARP, ARP_IP "0001" ME "0a4d001e 000000000000 0a4d001e"),
	    "is_gratuitous=true");
	has(frame("arp", ARP, ARP_IP "0002" ME "0a4d001e ffffffffffff 0a4d001e"),
	    "target_mac=ff:ff:ff:ff:ff:ff target_ip=10.77.0.30 is_gratuitous=true");
	/* RFC 903: who asks for the own address is none of these */
	lacks(frame("arp", RARP, ARP_IP "0003" ME "00000000" ME "00000000"), "is_");
}
END_TEST

START_TEST(arp_of_other_lengths_and_types_is_read_and_told)
{
	has(frame("arp", ARP, "0006 0800 06 04 0001" ME "0a4d001e 000000000000 0a4d000a"),
	    "hardware_type=6");
	has(frame("arp", ARP,
		  "0001 0800 08 04 0001" ME "0000 0a4d001e 0000000000000000 0a4d000a"),
	    "glitch odd_hardware_length");
	has(frame("arp", ARP, ARP_IP "0000" ME "0a4d001e 000000000000 0a4d000a"),
	    "glitch odd_operation");
	has(frame("arp", ARP, ARP_IP "0001 ffffffffffff 0a4d001e 000000000000 0a4d000a"),
	    "glitch sender_mac_is_group");
	/* lengths that lead out of the frame */
	ck_assert_str_eq(frame("arp", ARP, "0001 0800 ff ff 0001" ME),
			 "glitch malformed offset=0\n");
	ck_assert_str_eq(frame("arp", ARP, "0001"), "glitch malformed offset=0\n");
}
END_TEST

START_TEST(a_frame_that_the_capture_cut_is_no_malformed_one)
{
	struct wt_case *f = case_of("arp");
	uint8_t room[HEX_MAX];

	wt_case_frame(f, ARP, hex_of(ARP_IP "0001" ME, room), true);
	ck_assert_str_eq(wt_case_text(f), "");
}
END_TEST

START_TEST(a_flood_of_broken_frames_is_no_flood_of_events)
{
	struct wt_case *f = case_of("arp");
	uint8_t room[HEX_MAX];
	unsigned i;

	for (i = 0; i < 1000; i++)
		wt_case_frame(f, ARP, hex_of("0001", room), false);
	ck_assert_uint_le(wt_case_count(f, "glitch"), 16);
	wt_case_set_time(f, 1700000001 * WT_NS_PER_S);
	wt_case_frame(f, ARP, hex_of("0001", room), false);
	ck_assert_uint_gt(wt_case_count(f, "glitch"), 16);
}
END_TEST

/* --- neighbour discovery --- */

#define TARGET "fd770000000000000000000000000010 "

START_TEST(nd_tells_both_addresses)
{
	has(icmp6("87 00 0000 00000000" TARGET "01 01 025754000030"),
	    "nd type=neighbor_solicit target_ip=fd77::10 source_mac=02:57:54:00:00:30\n");
	has(icmp6("88 00 0000 60000000" TARGET "02 01 025754000010"),
	    "is_router=false is_solicited=true is_override=true target_mac=02:57:54:00:00:10");
	has(icmp6("89 00 0000 00000000 fe800000000000000000000000000001" TARGET),
	    "nd type=redirect target_ip=fe80::1 destination_ip=fd77::10\n");
}
END_TEST

START_TEST(nd_router_tells_prefixes_and_servers)
{
	const char *text = icmp6("86 00 0000 40 c8 0708 00007530 000003e8"
				 "03 04 40 c0 00015180 00003840 00000000"
				 "fd770000000000000000000000000000"
				 "05 01 0000 000005c8"
				 "19 03 0000 00000384" TARGET
				 "1f 03 0000 00000384 04 'ward' 07 'example' 00 0000"
				 "26 02 0708 0064ff9b 00000000 00000000");

	has(text, "hop_limit=64 is_managed=true is_other=true preference=high lifetime_s=1800");
	has(text, "reachable_time_ms=30000 retrans_timer_ms=1000");
	has(text,
	    "prefix=fd77::/64 prefix_flags=LA prefix_valid_s=86400 prefix_preferred_s=14400");
	has(text, "mtu=1480");
	has(text, "dns_server=fd77::10");
	has(text, "dns_domain=ward.example");
	has(text, "nat64_prefix=64:ff9b::/96");
}
END_TEST

START_TEST(nd_option_without_length_ends_it)
{
	/* RFC 4861 4.6: such a packet is discarded */
	ck_assert_str_eq(icmp6("88 00 0000 20000000" TARGET "00 00 025754000030"),
			 "glitch malformed offset=0\n");
	ck_assert_str_eq(icmp6("88 00 0000 20000000" TARGET "02 02 025754000030"),
			 "glitch malformed offset=0\n");
	ck_assert_str_eq(icmp6("88 00 0000 20000000 fd77"), "glitch malformed offset=0\n");
	/* an echo request is nobody's */
	ck_assert_str_eq(icmp6("80 00 0000 00000000"), "");
}
END_TEST

START_TEST(nd_options_are_bounded)
{
	static char text[HEX_MAX * 2];
	size_t len;
	unsigned i;

	len = (size_t)snprintf(text, sizeof(text), "88 00 0000 20000000" TARGET);
	for (i = 0; i < 600; i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len, "c801000000000000");
	has(icmp6(text), "glitch too_many_options");
	has(icmp6(text), "nd type=neighbor_advert");
}
END_TEST

/* --- LLDP --- */

#define SNAP "aaaa03 00000c 2000 "

#define CHASSIS "0207 04 025754000030 "
#define PORT "0404 05 'ge1' "
#define TTL "0602 0078 "
#define END "0000"

START_TEST(lldp_needs_its_first_three_in_order)
{
	has(frame("lldp", LLDP, CHASSIS PORT TTL END),
	    "lldp chassis_type=mac chassis_id=02:57:54:00:00:30 port_type=interface_name "
	    "port_id=ge1 ttl_s=120\n");
	ck_assert_str_eq(frame("lldp", LLDP, PORT CHASSIS TTL END),
			 "glitch malformed offset=0\n");
	ck_assert_str_eq(frame("lldp", LLDP, CHASSIS PORT), "glitch malformed offset=0\n");
	ck_assert_str_eq(frame("lldp", LLDP, CHASSIS PORT TTL "0bff 61"),
			 "glitch malformed offset=0\n");
	/* 8.5.4: lifetime 0 takes everything back */
	has(frame("lldp", LLDP, CHASSIS PORT "0602 0000" END), "is_shutdown=true");
	has(frame("lldp", LLDP, CHASSIS PORT TTL TTL END), "glitch repeated_tlv");
}
END_TEST

START_TEST(lldp_med_inventory_is_the_device)
{
	const char *text = frame("lldp", LLDP,
				 CHASSIS PORT TTL "fe08 0012bb 05 'HW-C'"
						  "fe07 0012bb 06 '4.2'"
						  "fe07 0012bb 07 '7.1'"
						  "fe09 0012bb 08 'SN-17'"
						  "fe08 0012bb 09 'Acme'"
						  "fe0a 0012bb 0a 'IG-200'"
						  "fe08 0012bb 0b '0417'"
						  "fe07 0012bb 01 0033 02" END);

	has(text, "device.hardware=HW-C");
	has(text, "device.software=4.2");
	has(text, "device.software=7.1");
	has(text, "device.serial=SN-17");
	has(text, "device.vendor=Acme");
	has(text, "device.model=IG-200");
	has(text, "device.asset_tag=0417");
	has(text, "med_class=endpoint_2");
}
END_TEST

START_TEST(lldp_parts_of_organisations_are_told)
{
	const char *text = frame("lldp", LLDP,
				 CHASSIS PORT TTL "fe06 0080c2 01 0032"
						  "fe0b 0080c2 03 0032 04 'WARD'"
						  "fe08 0012bb 02 01 40640b"
						  "fe06 000ecf 02 0001"
						  "fe09 00120f 01 03 6c01 001e" END);

	has(text, "port_vlan=50");
	has(text, "vlan_id=50 vlan_name=WARD");
	has(text, "med_policy=voice\\x20vlan\\x2050\\x20priority\\x200\\x20dscp\\x2011");
	has(text, "other_tlv=00-0e-cf.2");
	has(text, "autoneg=enabled mau_type=30");
	has(frame("lldp", LLDP, CHASSIS PORT TTL "fe03 0012bb" END), "glitch tlv_too_short");
}
END_TEST

START_TEST(names_of_persons_are_told_apart)
{
	has(frame("lldp", LLDP, CHASSIS PORT TTL "0a06 'MON204'" END), "host.name=MON204");
	has(frame("lldp", LLDP, CHASSIS PORT TTL "0a0c 'Marias-iPad1'" END),
	    "host.personal_name=Marias-iPad1");
	lacks(frame("lldp", LLDP, "020d 07 'Marias-iPad1' " PORT TTL END), "chassis_id");
	lacks(frame("cdp", LLC, SNAP "02 b4 0000 0001 0010 'Marias-iPad1'"), " device_id=");
}
END_TEST

/* --- CDP --- */

START_TEST(cdp_tells_name_platform_and_software)
{
	const char *text = frame("cdp", LLC,
				 SNAP "02 b4 0000"
				      "0001 0006 'S1'"
				      "0005 000a 'IOS 15'"
				      "0006 000a 'WS-C35'"
				      "000a 0006 0032"
				      "0016 0011 00000001 01 01 cc 0004 0a4d000a");

	has(text, "cdp version=2 ttl_s=180 device_id=S1 host.name=S1");
	has(text, "software=IOS\\x2015 host.software=IOS\\x2015");
	has(text, "platform=WS-C35 device.model=WS-C35");
	has(text, "native_vlan=50 mgmt_address=10.77.0.10");
}
END_TEST

START_TEST(cdp_lengths_that_lie_are_malformed)
{
	ck_assert_str_eq(frame("cdp", LLC, SNAP "02 b4 0000 0001 0003 53"),
			 "glitch malformed offset=0\n");
	ck_assert_str_eq(frame("cdp", LLC, SNAP "02 b4 0000 0001 00ff 53"),
			 "glitch malformed offset=0\n");
	ck_assert_str_eq(frame("cdp", LLC, SNAP "02 b4"), "glitch malformed offset=0\n");
	/* an address list that promises more than there is: what is there is told */
	has(frame("cdp", LLC, SNAP "02 b4 0000 0002 0011 ffffffff 01 01 cc 0004 0a4d000a"),
	    "address=10.77.0.10");
}
END_TEST

START_TEST(llc_frames_of_others_are_nobodys)
{
	ck_assert_str_eq(frame("cdp", LLC, "424203 0000 00 00 00"), "");               /* STP */
	ck_assert_str_eq(frame("cdp", LLC, "aaaa03 00000c 2004 01 0001 0005 00"), ""); /* DTP */
	ck_assert_str_eq(
		frame("cdp", 0x2000, "02 b4 0000 0001 0006 'S1'"),
		"cdp version=2 ttl_s=180 device_id=S1 host.name=S1\n"); /* Cisco HDLC */
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("link");
	TCase *c = tcase_create("frames");
	SRunner *runner;
	int n_failed;

	tcase_add_test(c, addresses_are_written_as_rfc_5952_says);
	tcase_add_test(c, texts_of_any_length_stay_in_their_room);
	tcase_add_test(c, arp_tells_probes_and_announcements);
	tcase_add_test(c, arp_of_other_lengths_and_types_is_read_and_told);
	tcase_add_test(c, a_frame_that_the_capture_cut_is_no_malformed_one);
	tcase_add_test(c, a_flood_of_broken_frames_is_no_flood_of_events);
	tcase_add_test(c, nd_tells_both_addresses);
	tcase_add_test(c, nd_router_tells_prefixes_and_servers);
	tcase_add_test(c, nd_option_without_length_ends_it);
	tcase_add_test(c, nd_options_are_bounded);
	tcase_add_test(c, lldp_needs_its_first_three_in_order);
	tcase_add_test(c, lldp_med_inventory_is_the_device);
	tcase_add_test(c, lldp_parts_of_organisations_are_told);
	tcase_add_test(c, names_of_persons_are_told_apart);
	tcase_add_test(c, cdp_tells_name_platform_and_software);
	tcase_add_test(c, cdp_lengths_that_lie_are_malformed);
	tcase_add_test(c, llc_frames_of_others_are_nobodys);
	suite_add_tcase(suite, c);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	n_failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return n_failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
