/* Promises of the dissectors of addresses, time, logs and logins: DHCP, DHCPv6, NTP,
 * syslog and RADIUS. Each runs through the real dissection stage; the bytes stand beside
 * the clause that they are about. */
#define _GNU_SOURCE /* strdup */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WT_NO_POISON
#include "harness/flow_case.h"
#include "harness/hex.h"
#include "wardtap/dissector.h"

extern const struct wt_dissector wt_dhcp_dissector, wt_dhcpv6_dissector, wt_ntp_dissector,
	wt_syslog_dissector, wt_radius_dissector;

/* One case per dissector: reserving its memory takes long. */
static struct wt_case *case_of(const char *name, bool is_udp)
{
	static struct wt_case *cases[8];
	static const char *names[8];
	unsigned i;

	for (i = 0; names[i] && strcmp(names[i], name) != 0; i++)
		;
	if (!names[i]) {
		names[i] = name;
		cases[i] = wt_case_new(name, false, is_udp);
	}
	wt_case_restart(cases[i], false, is_udp);
	return cases[i];
}

static const char *datagram(const char *name, const char *hex)
{
	struct wt_case *f = case_of(name, true);
	uint8_t room[HEX_MAX];

	wt_case_datagram(f, WT_TO_SERVER, hex_of(hex, room), false);
	return wt_case_text(f);
}

static enum wt_verdict probe(const struct wt_dissector *d, const char *hex)
{
	uint8_t room[HEX_MAX];

	return d->probe(hex_of(hex, room));
}

static void has(const char *text, const char *word)
{
	ck_assert_msg(strstr(text, word), "no \"%s\" in\n%s", word, text);
}

static void lacks(const char *text, const char *word)
{
	ck_assert_msg(!strstr(text, word), "\"%s\" in\n%s", word, text);
}

/* --- DHCP --- */

/* A header (RFC 2131 2) with this server name and file, each in hex and padded. */
static const char *bootp(const char *sname, const char *file, const char *options)
{
	static char text[HEX_MAX * 2];
	uint8_t room[HEX_MAX];
	size_t len, pad;

	len = (size_t)snprintf(text, sizeof(text),
			       "01 01 06 00 12345678 0000 8000 00000000 00000000 00000000 "
			       "00000000 025754000030 00000000000000000000 %s",
			       sname);
	for (pad = hex_of(sname, room).len; pad < 64; pad++)
		len += (size_t)snprintf(text + len, sizeof(text) - len, "00");
	len += (size_t)snprintf(text + len, sizeof(text) - len, " %s", file);
	for (pad = hex_of(file, room).len; pad < 128; pad++)
		len += (size_t)snprintf(text + len, sizeof(text) - len, "00");
	(void)snprintf(text + len, sizeof(text) - len, " %s", options);
	return text;
}

static const char *dhcp(const char *options)
{
	char text[HEX_MAX];

	(void)snprintf(text, sizeof(text), "63825363 350101 %s", options);
	return datagram("dhcp", bootp("", "", text));
}

START_TEST(dhcp_tells_who_asks_for_what)
{
	const char *text =
		dhcp("0c06'MON204' 3705 010306 0f78 3c08'MSFT 5.0' 3204 0a4d0063 ff");

	has(text, "dhcp op=request transaction_id=12345678 ");
	has(text, "is_broadcast=true client_mac=02:57:54:00:00:30 message_type=discover");
	has(text, "host.name=MON204 params=1,3,6,15,120");
	has(text, "vendor_class=MSFT\\x205.0 requested_ip=10.77.0.99");
	has(text, "options=53,12,55,60,50\n");
}
END_TEST

START_TEST(dhcp_identifiers_that_are_text_are_told_apart)
{
	/* RFC 2132 9.14: a type, then the identifier; not all keep to it */
	has(dhcp("3d07 01 025754000030 ff"), "client_id=01:02:57:54:00:00:30");
	has(dhcp("3d07 00 'bed-17' ff"), "client_name=bed-17");
	has(dhcp("3d06 'Marias' ff"), "client_name=Marias");
	lacks(dhcp("3d06 'Marias' ff"), "client_id");
}
END_TEST

START_TEST(dhcp_options_in_parts_are_one)
{
	/* RFC 3396 7: in the order in which they come, over all areas */
	has(dhcp("0c03'MON' 3501 02 0c03'204' ff"), "host.name=MON204");
	has(datagram("dhcp",
		     bootp("0c03'204' ff", "0c03'MON' ff", "63825363 350101 340103 ff")),
	    "host.name=MON204");
	/* without overload the same octets are names */
	has(datagram("dhcp", bootp("'srv'", "'boot.img'", "63825363 350101 ff")),
	    "server_name=srv boot_file=boot.img");
}
END_TEST

START_TEST(dhcp_lengths_that_lie_are_told)
{
	const char *text = dhcp("0c04'CT01' 3dc8 01");

	has(text, "glitch option_too_long");
	has(text, "host.name=CT01"); /* what came before stays */
	has(dhcp("3303 000000 ff"), "glitch odd_option_length");
	has(dhcp("7902 2105 ff"), "glitch odd_route");
}
END_TEST

START_TEST(dhcp_names_that_lead_in_circles_end)
{
	/* RFC 1035 4.1.4: a pointer leads back; here to itself, and onward */
	has(dhcp("7702 c000 ff"), "glitch odd_name");
	has(dhcp("7709 04'ward'c007 00c000 ff"), "glitch odd_name");
	has(dhcp("770f 04'ward'00 03'icu'c000 c006 ff"), "domain_search=icu.ward");
}
END_TEST

START_TEST(dhcp_routes_are_told)
{
	/* RFC 3442: 10.0.0.0/8 by way of 10.77.0.1, and the default route */
	const char *text = dhcp("790b 080a 0a4d0001 00 0a4d0001 ff");

	has(text, "static_route=10.0.0.0/8\\x2010.77.0.1");
	has(text, "static_route=0.0.0.0/0\\x2010.77.0.1");
}
END_TEST

START_TEST(bootp_is_known_by_its_header)
{
	char text[600];

	(void)snprintf(text, sizeof(text), "00000000 %0120d", 0);
	ck_assert_int_eq(probe(&wt_dhcp_dissector, bootp("", "'x'", text)), WT_OK);
	(void)snprintf(text, sizeof(text), "01020304 %0120d", 0);
	ck_assert_int_eq(probe(&wt_dhcp_dissector, bootp("", "'x'", text)), WT_FOREIGN);
	ck_assert_int_eq(probe(&wt_dhcp_dissector, "03"), WT_FOREIGN);
}
END_TEST

/* --- DHCPv6 --- */

#define SOLICIT "01 000001 0001 000a 0003 0001 025754000030 0008 0002 0064 "
#define RELAY(hops)                                                                            \
	"0c" hops "fd770000000000000000000000000001 fe800000000000000000000000000021 "

START_TEST(dhcpv6_tells_the_innermost_message)
{
	const char *text = datagram(
		"dhcpv6", RELAY("01") "0012 0003 'ge1' 0009 003e" RELAY(
				  "00") "0009 0018 01 000001 0001 000a 0003 0001 025754000030 "
					"0006 0002 0017");

	has(text, "relay_type=relay_forward hops=1 link_ip=fd77::1 peer_ip=fe80::21");
	has(text, "interface_id=ge1");
	has(text, "message_type=solicit transaction_id=000001");
	has(text, "client_duid_type=ll client_mac=02:57:54:00:00:30");
	has(text, "params=23");
	ck_assert_uint_eq(wt_case_count(case_of("dhcpv6", true), "dhcpv6"), 0);
}
END_TEST

START_TEST(dhcpv6_relays_in_relays_end)
{
	static char text[HEX_MAX * 2], inner[HEX_MAX * 2];
	uint8_t room[HEX_MAX];
	unsigned i;

	(void)snprintf(text, sizeof(text), SOLICIT);
	for (i = 0; i < 12; i++) {
		memcpy(inner, text, sizeof(inner));
		(void)snprintf(text, sizeof(text), RELAY("00") "0009 %04x %.12000s",
			       (unsigned)hex_of(inner, room).len, inner);
	}
	has(datagram("dhcpv6", text), "glitch too_many_relays");
	has(datagram("dhcpv6", text), "dhcpv6 relay_type=relay_forward");
}
END_TEST

START_TEST(dhcpv6_probe_wants_options_to_the_end)
{
	ck_assert_int_eq(probe(&wt_dhcpv6_dissector, SOLICIT), WT_OK);
	ck_assert_int_eq(probe(&wt_dhcpv6_dissector, SOLICIT "00"), WT_FOREIGN);
	ck_assert_int_eq(probe(&wt_dhcpv6_dissector, "01 000001 0102 0000 0000"), WT_FOREIGN);
	ck_assert_int_eq(probe(&wt_dhcpv6_dissector, "2f 000001"), WT_FOREIGN);
	ck_assert_str_eq(datagram("dhcpv6", SOLICIT "0010 00ff 00"),
			 "glitch malformed offset=0\n");
}
END_TEST

/* --- NTP --- */

/* 2023-11-14 22:13:20 UTC, the clock of the case, in seconds since 1900 */
#define NOW "e8fe6f80 00000000 "
#define REST "00000100 00000200 0a4d000a " NOW "0000000000000000 0000000000000000 "

#define ANSWER "00000100 00000200 0a4d000a " NOW "0000000000000000 " NOW

START_TEST(ntp_tells_the_offset_of_a_server)
{
	const char *text = datagram("ntp", "24 02 06 ec" REST "e8fe6f81 80000000");

	has(text, "ntp version=4 mode=server leap=none stratum=2 poll=6 precision=-20");
	has(text, "root_delay_s=0.003906 root_dispersion_s=0.007812 reference_id=10.77.0.10");
	has(text, "offset_ms=1500\n");
	has(datagram("ntp", "24 02 06 ec" REST "e8fe6f7f 80000000"), "offset_ms=-500\n");
	/* clients may send anything (RFC 9769): no offset of theirs */
	lacks(datagram("ntp", "23 00 06 20" REST "12345678 80000000"), "offset_ms");
}
END_TEST

START_TEST(ntp_knows_the_next_era)
{
	struct wt_case *f = case_of("ntp", true);
	uint8_t room[HEX_MAX];

	/* RFC 5905 6: era 1 begins 2036-02-07 06:28:16 UTC */
	wt_case_set_time(f, (UINT64_C(2085978496) + 10) * WT_NS_PER_S);
	wt_case_datagram(f, WT_TO_CLIENT, hex_of("24 02 06 ec" REST "0000000b 00000000", room),
			 false);
	has(wt_case_text(f), "offset_ms=1000\n");
	wt_case_clear_text(f);
	wt_case_datagram(f, WT_TO_CLIENT, hex_of("24 02 06 ec" REST "fffffffe 00000000", room),
			 false);
	has(wt_case_text(f), "offset_ms=-12000\n");
}
END_TEST

START_TEST(ntp_queries_are_told)
{
	const char *text = datagram("ntp", "16 82 0001 0615 0000 0000 002e 'version=\"ntpd "
					   "4.2.8p15\", system=\"Linux/5.4\"\r\n'"
					   "0000");

	has(text, "mode=control is_response=true operation=read_variables");
	has(text, "host.software=ntpd\\x204.2.8p15");
	has(text, "host.os=Linux/5.4");
	has(datagram("ntp", "16 08 0001 0000 0000 0000 0004 'ttl0'"), "is_change=true");
	has(datagram("ntp", "17 00 03 2a 00000000"),
	    "mode=private is_response=false operation=monlist_1 is_monlist=true");
	has(datagram("ntp", "16 02 0001 0000 0000 0000 00ff 'x'"), "glitch malformed");
}
END_TEST

START_TEST(ntp_probe_wants_a_plausible_clock)
{
	ck_assert_int_eq(probe(&wt_ntp_dissector, "24 02 06 ec" ANSWER "e8fe6f81 80000000"),
			 WT_OK);
	ck_assert_int_eq(probe(&wt_ntp_dissector, "24 02 06 ec" REST "50000000 80000000"),
			 WT_FOREIGN);
	ck_assert_int_eq(probe(&wt_ntp_dissector, "24 22 06 ec" REST "e8fe6f81 80000000"),
			 WT_FOREIGN);
	ck_assert_int_eq(probe(&wt_ntp_dissector, "2c 02 06 ec" REST "e8fe6f81 80000000"),
			 WT_FOREIGN); /* version 5 */
	ck_assert_int_eq(probe(&wt_ntp_dissector, "17 00 09 2a 00000000"), WT_FOREIGN);
}
END_TEST

/* --- syslog --- */

static const char *stream(const char *text, size_t step)
{
	struct wt_case *f = case_of("syslog", false);
	struct wt_slice all = wt_slice_of(text, strlen(text));
	size_t at;

	for (at = 0; at < all.len; at += step)
		wt_case_feed(f, WT_TO_SERVER, wt_slice_head(wt_slice_tail(all, at), step));
	wt_case_close(f);
	return wt_case_text(f);
}

START_TEST(syslog_formats_are_told_apart)
{
	/* RFC 5424 6.5, example 3 */
	const char *text = datagram(
		"syslog",
		"'<165>1 2003-10-11T22:14:15.003Z mymachine.example.com evntslog - ID47 "
		"[exampleSDID@32473 iut=\"3\" eventSource=\"A\\\\]\"] '"
		"efbbbf 'An event'");

	has(text,
	    "format=rfc5424 time=2003-10-11T22:14:15.003Z host.name=mymachine.example.com");
	has(text, "app_name=evntslog msg_id=ID47 sd_id=exampleSDID@32473");
	has(text, " message=An\\x20event");
	/* RFC 3164 5.4, example 1 */
	text = datagram("syslog", "'<34>Oct 11 22:14:15 mymachine su: failed'");
	has(text, "facility=auth severity=crit format=rfc3164 time=Oct\\x2011\\x2022:14:15 "
		  "host.name=mymachine app_name=su message=failed");
	text = datagram("syslog",
			"'<189>45: *Mar  1 00:01:02.345: %SYS-5-CONFIG_I: Configured'");
	has(text, "format=other msg_id=SYS-5-CONFIG_I");
	lacks(text, "app_name");
}
END_TEST

START_TEST(syslog_frames_are_followed_however_they_are_cut)
{
	static const char text[] = "31 <13>Oct 11 22:14:15 a b: counted"
				   "<14>Oct 11 22:14:16 a c: line\n\n<15>last";
	char *whole = strdup(stream(text, sizeof(text)));
	size_t step;

	has(whole, "framing=octets");
	has(whole, "framing=lines");
	ck_assert_uint_eq(wt_case_count(case_of("syslog", false), "syslog"), 0);
	for (step = 1; step < 20; step++)
		ck_assert_str_eq(whole, stream(text, step));
	free(whole);
}
END_TEST

START_TEST(syslog_long_messages_are_passed_over)
{
	static char text[200000];
	size_t len = (size_t)snprintf(text, sizeof(text), "150000 <13>long ");
	char *whole;

	memset(text + len, 'x', 150007 - len);
	(void)snprintf(text + 150007, sizeof(text) - 150007, "<14>line %030000d\n<15>end\n", 7);
	whole = strdup(stream(text, 1460));
	has(whole, "length_bytes=150000");
	has(whole, "message=end");
	ck_assert_str_eq(whole, stream(text, sizeof(text)));
	free(whole);
}
END_TEST

START_TEST(syslog_priorities_beyond_191_are_none)
{
	ck_assert_int_eq(probe(&wt_syslog_dissector, "'<191>text'"), WT_OK);
	ck_assert_int_eq(probe(&wt_syslog_dissector, "'<192>text'"), WT_FOREIGN);
	ck_assert_int_eq(probe(&wt_syslog_dissector, "'<013>text'"), WT_FOREIGN);
	ck_assert_int_eq(probe(&wt_syslog_dissector, "'<html>'"), WT_FOREIGN);
	ck_assert_int_eq(probe(&wt_syslog_dissector, "'<13'"), WT_MORE);
	ck_assert_int_eq(probe(&wt_syslog_dissector, "'<13>' 00 01 02 03"), WT_FOREIGN);
}
END_TEST

/* --- RADIUS --- */

#define AUTH "000102030405060708090a0b0c0d0e0f "

START_TEST(radius_keeps_secrets_and_tells_the_rest)
{
	const char *text =
		datagram("radius", "01 07 0052" AUTH "0107 'nurse' 0206 'abcd' 0406 0a4d001e "
				   "0506 00000007 1f13 '02-57-54-00-00-21' 5012" AUTH);

	has(text, "radius code=access_request id=7 user.name=nurse user.secret=abcd "
		  "authentication=pap nas_ip=10.77.0.30 nas_port=7");
	has(text, "calling_station=02-57-54-00-00-21 has_message_authenticator=true");
	has(datagram("radius", "01 07 0023" AUTH "1f0f '+493012345678'"),
	    "calling_number=+493012345678");
	/* RFC 2868 3.6: a tag before the VLAN */
	has(datagram("radius", "02 07 0019" AUTH "5105 01 '50'"), "vlan=50\n");
}
END_TEST

START_TEST(radius_lengths_that_lie_are_malformed)
{
	ck_assert_str_eq(datagram("radius", "01 07 0019" AUTH "0107 'nurs'"),
			 "glitch malformed offset=0\n");
	ck_assert_str_eq(datagram("radius", "01 07 0016" AUTH "0101"),
			 "glitch malformed offset=0\n");
	ck_assert_str_eq(datagram("radius", "01 07 00ff" AUTH), "glitch malformed offset=0\n");
	has(datagram("radius", "02 07 0014" AUTH "00"), "glitch octets_behind_packet");
	has(datagram("radius", "01 07 0018" AUTH "0504 0007"), "glitch odd_attribute_length");
}
END_TEST

START_TEST(radius_probe_wants_attributes_to_the_end)
{
	ck_assert_int_eq(probe(&wt_radius_dissector, "01 07 001a" AUTH "0106 'bill'"), WT_OK);
	ck_assert_int_eq(probe(&wt_radius_dissector, "01 07 001a" AUTH "0107 'bill'"),
			 WT_FOREIGN);
	ck_assert_int_eq(probe(&wt_radius_dissector, "01 07 0014" AUTH), WT_FOREIGN);
	ck_assert_int_eq(probe(&wt_radius_dissector, "02 07 0014" AUTH), WT_OK);
	ck_assert_int_eq(probe(&wt_radius_dissector, "06 07 0014" AUTH), WT_FOREIGN);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("services");
	TCase *c = tcase_create("datagrams and logs");
	SRunner *runner;
	int n_failed;

	tcase_add_test(c, dhcp_tells_who_asks_for_what);
	tcase_add_test(c, dhcp_identifiers_that_are_text_are_told_apart);
	tcase_add_test(c, dhcp_options_in_parts_are_one);
	tcase_add_test(c, dhcp_lengths_that_lie_are_told);
	tcase_add_test(c, dhcp_names_that_lead_in_circles_end);
	tcase_add_test(c, dhcp_routes_are_told);
	tcase_add_test(c, bootp_is_known_by_its_header);
	tcase_add_test(c, dhcpv6_tells_the_innermost_message);
	tcase_add_test(c, dhcpv6_relays_in_relays_end);
	tcase_add_test(c, dhcpv6_probe_wants_options_to_the_end);
	tcase_add_test(c, ntp_tells_the_offset_of_a_server);
	tcase_add_test(c, ntp_knows_the_next_era);
	tcase_add_test(c, ntp_queries_are_told);
	tcase_add_test(c, ntp_probe_wants_a_plausible_clock);
	tcase_add_test(c, syslog_formats_are_told_apart);
	tcase_add_test(c, syslog_frames_are_followed_however_they_are_cut);
	tcase_add_test(c, syslog_long_messages_are_passed_over);
	tcase_add_test(c, syslog_priorities_beyond_191_are_none);
	tcase_add_test(c, radius_keeps_secrets_and_tells_the_rest);
	tcase_add_test(c, radius_lengths_that_lie_are_malformed);
	tcase_add_test(c, radius_probe_wants_attributes_to_the_end);
	suite_add_tcase(suite, c);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	n_failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return n_failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
