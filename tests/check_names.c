/* Promises of the dissectors of names and device inventories: dns, mdns, llmnr, nbns,
 * ssdp, wsd, snmp, bacnet, modbus. Messages are written out in hex beside their clause
 * and fed through the real dissection stage. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WT_NO_POISON
#include "harness/flow_case.h"
#include "wardtap/dissector.h"

#define MESSAGE_MAX 2048u

struct message {
	uint8_t bytes[MESSAGE_MAX];
	size_t len;
};

/* Hex digits become bytes, 'quoted text' itself; blanks part them. */
static struct message hex(const char *text)
{
	struct message m = { .len = 0 };

	while (*text) {
		unsigned value;

		if (*text == '\'') {
			for (text++; *text != '\''; text++)
				m.bytes[m.len++] = (uint8_t)*text;
			text++;
		} else if (*text == ' ') {
			text++;
		} else {
			ck_assert_int_eq(sscanf(text, "%2x", &value), 1);
			m.bytes[m.len++] = (uint8_t)value;
			text += 2;
		}
		ck_assert_uint_lt(m.len, MESSAGE_MAX);
	}
	return m;
}

static struct wt_slice slice(const struct message *m)
{
	return wt_slice_of(m->bytes, m->len);
}

static char told[65536]; /* events of the last message */

/* The events of one datagram. */
static const char *datagram(const char *protocol, const char *text)
{
	struct wt_case *f = wt_case_new(protocol, false, true);
	struct message m = hex(text);

	wt_case_datagram(f, WT_TO_SERVER, slice(&m), false);
	(void)snprintf(told, sizeof(told), "%s", wt_case_text(f));
	wt_case_free(f);
	return told;
}

/* The events of one direction of a stream. */
static const char *stream(const char *protocol, bool is_midstream, enum wt_direction dir,
			  const char *text)
{
	struct wt_case *f = wt_case_new(protocol, is_midstream, false);
	struct message m = hex(text);

	wt_case_feed(f, dir, slice(&m));
	wt_case_close(f);
	(void)snprintf(told, sizeof(told), "%s", wt_case_text(f));
	wt_case_free(f);
	return told;
}

#define HAS(text, word)                                                                        \
	ck_assert_msg(strstr((text), (word)), "no \"%s\" in\n%s", (word), (text))
#define HAS_NOT(text, word)                                                                    \
	ck_assert_msg(!strstr((text), (word)), "\"%s\" in\n%s", (word), (text))

static enum wt_verdict probe(const struct wt_dissector *d, const char *text)
{
	struct message m = hex(text);

	return d->probe(slice(&m));
}

extern const struct wt_dissector wt_dns_dissector, wt_mdns_dissector, wt_llmnr_dissector,
	wt_nbns_dissector, wt_ssdp_dissector, wt_wsd_dissector, wt_snmp_dissector,
	wt_bacnet_dissector, wt_modbus_dissector;

/* --- DNS (RFC 1035 4.1) --- */

#define QUESTION_A "03 'ct1' 04 'ward' 00 0001 0001"
#define ANSWER_A(name) name " 0001 0001 00000258 0004 0a4d0033"

START_TEST(dns_answer_is_told_with_its_values)
{
	const char *text =
		datagram("dns", "1234 8580 0001 0001 0000 0000 " QUESTION_A ANSWER_A("c00c"));

	HAS(text, "dns type=response id=4660 opcode=query flags=34176 is_authoritative=true");
	HAS(text, "query=ct1.ward rrname=ct1.ward rrtype=A");
	HAS(text, "record_type=A record_name=ct1.ward a=10.77.0.51 ttl_s=600 rcode=NOERROR");
}
END_TEST

START_TEST(dns_pointers_that_do_not_go_back_are_broken)
{
	/* to itself, forward, and two that point at each other (RFC 1035 4.1.4) */
	static const char *const names[] = { "c01a", "c0ff", "c01c c01a", "c004" };
	size_t i;

	for (i = 0; i < 4; i++) {
		char message[256];
		const char *text;

		(void)snprintf(message, sizeof(message),
			       "1234 8180 0001 0001 0000 0000 " QUESTION_A " %s 0001 0001"
			       " 00000258 0004 0a4d0033",
			       names[i]);
		text = datagram("dns", message);
		HAS(text, "glitch broken_record");
		HAS(text, "rrname=ct1.ward");
		HAS(text, "is_incomplete=true");
		HAS_NOT(text, " a=");
	}
}
END_TEST

START_TEST(dns_question_beyond_the_end_is_malformed)
{
	ck_assert_str_eq(datagram("dns", "1234 0100 0001 0000 0000 0000 3f 'abc'"),
			 "glitch malformed offset=0\n");
}
END_TEST

START_TEST(dns_name_of_255_bytes_is_the_longest)
{
	char message[1024] = "1234 0100 0001 0000 0000 0000";
	unsigned i, k;

	for (i = 0; i < 4; i++) {
		(void)strcat(message, i < 3 ? " 3f '" : " 3d '");
		for (k = 0; k < (i < 3 ? 63u : 61u); k++)
			(void)strcat(message, "a");
		(void)strcat(message, "'");
	}
	(void)strcat(message, " 00 0001 0001");
	HAS(datagram("dns", message), "longest_label_bytes=63 longest_name_bytes=253");
	*strstr(message, " 3d '") = '\0';
	(void)strcat(message,
		     " 3f 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'"
		     " 00 0001 0001");
	HAS(datagram("dns", message), "glitch malformed");
}
END_TEST

START_TEST(dns_personal_names_are_apart)
{
	const char *text = datagram("dns", "0001 0100 0001 0000 0000 0000 "
					   "0d 'Marias-iPhone' 04 'ward' 00 0001 0001");

	HAS(text, "personal_name=Marias-iPhone.ward");
	HAS_NOT(text, "rrname=");
}
END_TEST

START_TEST(dns_deletions_of_an_update_are_counted)
{
	/* RFC 2136 2.5.2: class ANY; 2.5.4: class NONE */
	const char *text =
		datagram("dns", "0001 2800 0001 0000 0003 0000 04 'ward' 00 0006 0001 "
				"02 'p1' c00c 0001 00ff 00000000 0000 "
				"02 'p2' c00c 0001 00fe 00000000 0004 0a4d0001 "
				"02 'p3' c00c 0001 0001 0000003c 0004 0a4d0002");

	HAS(text, "opcode=update");
	HAS(text, "deletions=2");
}
END_TEST

START_TEST(dns_over_tcp_is_found_again_after_junk)
{
	const char *text = stream("dns", true, WT_TO_SERVER,
				  "ffff00ff 001a 1234 0100 0001 0000 0000 0000 " QUESTION_A
				  "001a 1235 0100 0001 0000 0000 0000 " QUESTION_A);

	HAS(text, "id=4660");
	HAS(text, "id=4661");
}
END_TEST

START_TEST(dns_ipv6_addresses_are_short)
{
	/* RFC 5952 4.2: the longest run of zeros, and no run of one */
	const char *text = datagram(
		"dns", "0001 8180 0001 0003 0000 0000 " QUESTION_A
		       "c00c 001c 0001 00000001 0010 20010db8000000000001000000000001"
		       "c00c 001c 0001 00000001 0010 00000000000000000000000000000000"
		       "c00c 001c 0001 00000001 0010 fe800000000000000257540000010002");

	HAS(text, " aaaa=2001:db8::1:0:0:1 ");
	HAS(text, " aaaa=:: ");
	HAS(text, " aaaa=fe80::257:5400:1:2 ");
}
END_TEST

START_TEST(dns_probe_knows_its_neighbours)
{
	ck_assert_int_eq(probe(&wt_dns_dissector, "1234 0100 0001 0000 0000 0000 " QUESTION_A),
			 WT_OK);
	ck_assert_int_eq(
		probe(&wt_dns_dissector, "001a 1234 0100 0001 0000 0000 0000 " QUESTION_A),
		WT_OK);
	ck_assert_int_eq(probe(&wt_dns_dissector, "001a 12"), WT_MORE);
	/* RFC 2136 2.2: an update has no flags; this one is EtherNet/IP's */
	ck_assert_int_eq(
		probe(&wt_dns_dissector, "6f00 2f00 0001 0211 0000 0000 01 61 00 0006 0001"),
		WT_FOREIGN);
	ck_assert_int_eq(probe(&wt_dns_dissector, "'GET / HTTP/1.1'"), WT_FOREIGN);
	ck_assert_int_eq(probe(&wt_dns_dissector, "'SSH-2.0-'"), WT_FOREIGN);
	/* a NetBIOS name (RFC 1001 14.1) */
	ck_assert_int_eq(probe(&wt_dns_dissector,
			       "0d6b 0110 0001 0000 0000 0000 20 "
			       "'FAEBEDFDDADBCACACACACACACACACAAA' 00 0020 0001"),
			 WT_FOREIGN);
	/* mDNS: no id, .local */
	ck_assert_int_eq(probe(&wt_dns_dissector, "0000 0000 0001 0000 0000 0000 03 'ct1' 05 "
						  "'local' 00 0001 0001"),
			 WT_FOREIGN);
	ck_assert_int_eq(probe(&wt_mdns_dissector, "0000 0000 0001 0000 0000 0000 03 'ct1' 05 "
						   "'local' 00 0001 0001"),
			 WT_OK);
	ck_assert_int_eq(probe(&wt_llmnr_dissector, "1234 0000 0001 0000 0000 0000 03 'ct1' 00 "
						    "0001 0001"),
			 WT_OK);
	ck_assert_int_eq(probe(&wt_llmnr_dissector, "1234 0100 0001 0000 0000 0000 03 'ct1' 00 "
						    "0001 0001"),
			 WT_FOREIGN);
}
END_TEST

/* --- mDNS, LLMNR --- */

START_TEST(mdns_instance_with_a_dot_keeps_its_service)
{
	const char *text = datagram(
		"mdns",
		"0000 8400 0000 0001 0000 0000 "
		"0d 'Dr. Roe#s Mac' 08 '_airplay' 04 '_tcp' 05 'local' 00 0021 8001 00000078 "
		"000c 0000 0000 1b58 03 'mac' c028");

	HAS(text, "service=_airplay._tcp personal_instance=Dr.\\x20Roe#s\\x20Mac");
	HAS(text, "host.name=mac");
}
END_TEST

START_TEST(mdns_facts_come_from_responses_alone)
{
#define TXT_RECORD                                                                             \
	"02 'hp' 04 '_ipp' 04 '_tcp' 05 'local' 00 0010 8001 00000000 "                        \
	"000e 09 'usb_MFG=H' 03 'fw='"
	const char *text = datagram("mdns", "0000 8400 0000 0001 0000 0000 " TXT_RECORD);

	HAS(text, "device.vendor=H");
	HAS(text, "is_goodbye=true");
	HAS_NOT(text, "device.software");
	text = datagram("mdns", "0000 0000 0000 0001 0000 0000 " TXT_RECORD);
	HAS_NOT(text, "device.vendor");
}
END_TEST

START_TEST(llmnr_flags_have_their_own_meaning)
{
	const char *text = datagram("llmnr", "1234 8500 0001 0001 0000 0000 03 'ct1' 00 0001 "
					     "0001 " ANSWER_A("c00c"));

	HAS(text, "host.name=ct1");
	HAS(text, "is_conflict=true is_tentative=true");
}
END_TEST

/* --- NetBIOS (RFC 1002 4.2) --- */

#define PACS01 "20 'FAEBEDFDDADBCACACACACACACACACAAA' 00"

START_TEST(nbns_node_status_tells_names_and_mac)
{
	/* RFC 1002 4.2.18 */
	const char *text = datagram(
		"nbns",
		"0001 8400 0000 0001 0000 0000 "
		"20 'CKAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA' 00 0021 0001 00000000 0041 03 "
		"'PACS01         ' 00 0400 'WARD3          ' 00 8400 'NURSE          ' 03 0400 "
		"025754000010 0000 0000 0000");

	HAS(text, "host.name=PACS01");
	HAS(text, "host.domain=WARD3");
	HAS(text, "personal_name=NURSE");
	HAS(text, "mac=02:57:54:00:00:10");
}
END_TEST

START_TEST(nbns_claims_alone_name_the_sender)
{
	const char *text =
		datagram("nbns", "0d6b 2910 0001 0000 0000 0001 " PACS01
				 " 0020 0001 c00c 0020 0001 00000000 0006 0000 0a4d000a");

	HAS(text, "opcode=registration");
	HAS(text, "host.name=PACS01");
	text = datagram("nbns", "0d6b 0110 0001 0000 0000 0000 " PACS01 " 0020 0001");
	HAS(text, "name=PACS01");
	HAS_NOT(text, "host.name");
}
END_TEST

START_TEST(nbns_broken_announcement_is_survived)
{
	const char *text = datagram(
		"nbns",
		"110a 0d9c 0a4d000a 008a 00bb 0000 " PACS01 " " PACS01
		" ff 'SMB' 25 00000000 00 0000 0000 00000000000000000000 0000 0000 0000 0000 11"
		" 0000 ffff 0000 0000 00 00 0000 00000000 0000 0000 0000 ffff ffff 03 00"
		" 0100 0100 0200 ffff '\\MAILSLOT\\BROWSE' 00 01");

	HAS(text, "mailslot=\\x5cMAILSLOT\\x5cBROWSE");
	HAS(text, "source_name=PACS01");
}
END_TEST

/* --- SSDP, WS-Discovery --- */

START_TEST(ssdp_answer_needs_a_target)
{
	ck_assert_int_eq(
		probe(&wt_ssdp_dissector, "'HTTP/1.1 200 OK' 0d0a 'SERVER: x' 0d0a 0d0a"),
		WT_FOREIGN);
	ck_assert_int_eq(probe(&wt_ssdp_dissector, "'HTTP/1.1 200 OK' 0a 'st: ssdp:all' 0a"),
			 WT_OK);
	ck_assert_int_eq(probe(&wt_ssdp_dissector, "'NOTIFY sip:x SIP/2.0' 0d0a"), WT_FOREIGN);
}
END_TEST

START_TEST(ssdp_headers_are_found_whatever_their_case)
{
	const char *text = datagram(
		"ssdp", "'NOTIFY * HTTP/1.1' 0a 'Server : A/1 UPnP/1.0' 0a "
			"'LOCATION:http://10.77.0.10:80/d.xml' 0a 'nts: ssdp:alive' 0a "
			"'cache-control: a, max-age = 60' 0a 0a 'NT: late'");

	HAS(text, "server=A/1\\x20UPnP/1.0");
	HAS(text, "location_host=10.77.0.10:80");
	HAS(text, "event=alive max_age_s=60");
	HAS_NOT(text, "late");
}
END_TEST

#define ENVELOPE                                                                               \
	"'<?xml version=\"1.0\"?><s:Envelope xmlns:d=\"http://docs.oasis-open.org/ws-dd/ns/"   \
	"discovery/2009/01\"><s:Header><a:Action>http://docs.oasis-open.org/ws-dd/ns/"         \
	"discovery/2009/01/Hello</a:Action>"

START_TEST(wsd_location_is_decoded)
{
	const char *text = datagram(
		"wsd", ENVELOPE "</s:Header><d:Hello x=\"a>b\"><!-- <d:Types>No"
				"</d:Types> --><d:Scopes "
				"M=\"\">sdc.ctxt.loc:/r/x?fac=A%26B&amp;poc=ICU+1&amp;bed=4%"
				" sdc.ctxt.opr:/x/Roe</d:Scopes></d:Hello></s:Envelope>'");

	HAS(text, "version=2009/01 action=Hello");
	HAS(text, "location_facility=A&B location_point_of_care=ICU\\x201 location_bed=4%");
	HAS(text, "context=opr");
	HAS_NOT(text, "type=No");
	HAS_NOT(text, "glitch");
}
END_TEST

START_TEST(wsd_addresses_of_others_are_no_endpoints)
{
	const char *text = datagram(
		"wsd", ENVELOPE
		"<a:ReplyTo><a:Address>urn:x</a:Address>"
		"</a:ReplyTo></s:Header><a:EndpointReference><a:Address>urn:uuid:1</a:Address>"
		"</a:EndpointReference></s:Envelope>'");

	HAS(text, "endpoint=urn:uuid:1");
	HAS_NOT(text, "urn:x");
}
END_TEST

START_TEST(wsd_declarations_and_depth_are_bounded)
{
	char deep[2000] = ENVELOPE;
	unsigned i;

	HAS(datagram("wsd",
		     ENVELOPE "<!DOCTYPE x [<!ENTITY a \"b\">]></s:Header></s:Envelope>'"),
	    "glitch declaration_in_message");
	for (i = 0; i < 200; i++)
		(void)strcat(deep, "<a:b>");
	(void)strcat(deep, "'");
	HAS(datagram("wsd", deep), "glitch unfinished_xml");
}
END_TEST

/* --- SNMP --- */

START_TEST(snmp_community_is_a_secret)
{
	/* RFC 1157 4.1: get-request of sysDescr.0 */
	const char *text =
		datagram("snmp", "3026 020100 0406 'public' a019 020101 020100 020100 "
				 "300e 300c 0608 2b06010201010100 0500");

	HAS(text,
	    "snmp version=1 community=public user.secret=public is_default_community=true");
	HAS(text, "pdu_type=get request_id=1 oid=1.3.6.1.2.1.1.1.0 variables=1");
}
END_TEST

START_TEST(snmp_facts_come_from_answers_alone)
{
#define SET_NAME(tag)                                                                          \
	"302a 020101 0406 'public' " tag "1d 020101 020100 020100 "                            \
	"3012 3010 0608 2b06010201010500 0404 'ct-1'"
	HAS(datagram("snmp", SET_NAME("a2")), "host.name=ct-1");
	HAS(datagram("snmp", SET_NAME("a3")), "is_write=true");
	HAS_NOT(told, "host.name");
}
END_TEST

START_TEST(snmp_engine_tells_maker_and_mac)
{
	/* RFC 3411 5: enterprise 9, format 3 */
	const char *text = datagram(
		"snmp",
		"303b 020103 300d 020101 020205dc 040103 020103 "
		"041f 301d 040b 80000009 03 025754000010 020105 020110 0405 'nurse' 0400 0400 "
		"0404 01020304 00");

	HAS(text, "security_level=authPriv engine_id=8000000903025754000010");
	HAS(text, "engine_enterprise=9 engine_mac=02:57:54:00:00:10 engine_boots=5");
	HAS(text, "user.name=nurse");
}
END_TEST

START_TEST(snmp_lengths_that_lie_are_malformed)
{
	/* the outer one, an inner one, an indefinite one, one of nine bytes */
	HAS(datagram("snmp", "3030 020100 0406 'public' a000"), "glitch malformed");
	HAS(datagram("snmp", "300d 020100 0406 'public' a07f"), "glitch malformed");
	HAS(datagram("snmp", "3080 020100 0406 'public' a000"), "glitch malformed");
	HAS(datagram("snmp", "3089 000000000000000001 020100"), "glitch malformed");
}
END_TEST

START_TEST(snmp_messages_follow_each_other_in_a_stream)
{
#define GET(id)                                                                                \
	"3026 020101 0406 'public' a019 0201" id " 020100 020100 "                             \
	"300e 300c 0608 2b06010201010100 0500 "
	const char *text = stream("snmp", false, WT_TO_SERVER, GET("01") GET("02") GET("03")); /* RFC 3430 2.1 */

	HAS(text, "request_id=1");
	HAS(text, "request_id=2");
	HAS(text, "request_id=3");
	HAS_NOT(text, "glitch");
	text = stream("snmp", false, WT_TO_SERVER, GET("01") "00ff" GET("02"));
	HAS(text, "request_id=2");
	ck_assert_int_eq(probe(&wt_snmp_dissector, "30"), WT_MORE);
	ck_assert_int_eq(probe(&wt_snmp_dissector, "3026 020101 04"), WT_MORE);
	ck_assert_int_eq(probe(&wt_snmp_dissector, "3026 020101 60"), WT_FOREIGN); /* LDAP */
	ck_assert_int_eq(probe(&wt_snmp_dissector, "3026 020102 04"), WT_FOREIGN);
	ck_assert_int_eq(probe(&wt_snmp_dissector, "3084 00ffffff 0201"), WT_FOREIGN);
}
END_TEST

/* --- BACnet --- */

START_TEST(bacnet_i_am_and_control)
{
	const char *text =
		datagram("bacnet", "810b0019 0120ffff00ff 1000 c402012cca 2205c4 9103 "
				   "2203e7");

	HAS(text, "service=i_am object=device:77002 device_instance=77002 max_apdu_bytes=1476 "
		  "segmentation=3 vendor_id=999");
	/* 135 16.4: [0] coldstart, [1] password */
	text = datagram("bacnet", "810a0014 0104 000501 14 0900 1d06 00 'abcde'");
	HAS(text, "is_control=true control_state=0 user.secret=abcde");
}
END_TEST

START_TEST(bacnet_tags_that_never_close_are_bounded)
{
	const char *text =
		datagram("bacnet", "810a0018 0100 30010e 0c02012cca 1e 2e 2e 2e 2e 2e "
				   "2e 2e 2e 2e 2e");

	HAS(text, "glitch unbalanced_tags");
	text = datagram("bacnet", "810a000d 0100 30010c 0c02012c");
	HAS(text, "glitch broken_tag");
}
END_TEST

START_TEST(bacnet_over_ipv6_tells_virtual_addresses)
{
	/* 135 U.2.3: original broadcast with I-Am; U.2.9: forwarded; U.2.1: result */
	HAS(datagram("bacnet", "8202001c 012cca 0120ffff00ff 1000 c402012cca 2205c4 9103 2203e7"),
	    "bvlc_function=original_broadcast");
	HAS(told, "virtual_address=77002");
	HAS(told, "service=i_am object=device:77002");
	HAS(datagram("bacnet", "82080023 012cca fd770000000000000000000000000010 bac0 "
			       "0100 1008 0a0001 1a0002"),
	    "forwarded_from=[fd77::10]:47808");
	HAS(told, "service=who_is");
	HAS(datagram("bacnet", "82000009 012cca 0090"), "bvlc_result=144");
	HAS(datagram("bacnet", "8203000a 012cca 000005"), "target_virtual_address=5");
	HAS(datagram("bacnet", "82080010 012cca fd7700000000000000"), "glitch malformed");
	HAS(datagram("bacnet", "820d0007 012cca"), "glitch malformed");
	ck_assert_int_eq(probe(&wt_bacnet_dissector, "82060007 012cca"), WT_OK);
	ck_assert_int_eq(probe(&wt_bacnet_dissector, "82060008 012cca"), WT_FOREIGN);
	ck_assert_int_eq(probe(&wt_bacnet_dissector, "820b0007 012cca"), WT_FOREIGN);
	ck_assert_int_eq(probe(&wt_bacnet_dissector, "8202000c 012cca 0200 1008"), WT_FOREIGN);
}
END_TEST

START_TEST(bacnet_length_must_hold)
{
	HAS(datagram("bacnet", "810a0030 0104 0005010c"), "glitch malformed");
	ck_assert_int_eq(probe(&wt_bacnet_dissector, "810a0009 0104 000501"), WT_OK);
	ck_assert_int_eq(probe(&wt_bacnet_dissector, "810a0004 0104 000501"), WT_FOREIGN);
	ck_assert_int_eq(probe(&wt_bacnet_dissector, "810a0009 0204 000501"), WT_FOREIGN);
}
END_TEST

/* --- Modbus --- */

START_TEST(modbus_frames_in_one_segment_are_all_told)
{
	const char *text =
		stream("modbus", false, WT_TO_SERVER,
		       "0001 0000 0006 01 03 0010 0002 0002 0000 0006 01 05 0003 ff00");

	HAS(text, "transaction_id=1 unit=1 function=3 function_name=read_holding_registers "
		  "address=16 quantity=2");
	HAS(text, "transaction_id=2 unit=1 function=5 function_name=write_single_coil "
		  "is_write=true address=3 value=65280");
}
END_TEST

START_TEST(modbus_identification_becomes_device_facts)
{
	/* 1.1b3 6.21 */
	const char *text = stream("modbus", false, WT_TO_CLIENT,
				  "0001 0000 0018 01 2b 0e 01 01 00 00 03 00 02 'AB' 01 03 "
				  "'X-1' 02 04 '2.14' ff");

	HAS(text, "device.vendor=AB product_code=X-1 device.software=2.14 device.model=X-1");
}
END_TEST

START_TEST(modbus_is_found_again_and_damage_is_told)
{
	const char *text = stream(
		"modbus", false, WT_TO_SERVER,
		"0001 0000 0006 01 03 0010 0002 ffffffffff 0002 0000 0006 01 03 0003 0001");

	HAS(text, "glitch malformed offset=12");
	HAS(text, "transaction_id=2");
	text = stream("modbus", false, WT_TO_CLIENT,
		      "0001 0000 0003 01 83 02 0002 0000 0002 01 83");
	HAS(text, "exception=2");
	HAS(text, "glitch short_frame");
}
END_TEST

START_TEST(modbus_refuses_what_looks_like_it)
{
	/* PS3.8 9.3.4 */
	ck_assert_int_eq(probe(&wt_modbus_dissector, "0300 0000 0004 00 01 01 07"), WT_FOREIGN);
	ck_assert_int_eq(probe(&wt_modbus_dissector, "0001 00"), WT_MORE);
	ck_assert_int_eq(probe(&wt_modbus_dissector, "0001 01"), WT_FOREIGN);
	/* 1.1b3 6.8: but for echoes, diagnostics have one word of data */
	ck_assert_int_eq(probe(&wt_modbus_dissector, "0001 0000 0008 00 08 0001 0000 0000"),
			 WT_FOREIGN);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("names");
	TCase *c = tcase_create("names");
	SRunner *runner;
	int n_failed;

	tcase_set_timeout(c, 120);
	tcase_add_test(c, dns_answer_is_told_with_its_values);
	tcase_add_test(c, dns_pointers_that_do_not_go_back_are_broken);
	tcase_add_test(c, dns_question_beyond_the_end_is_malformed);
	tcase_add_test(c, dns_name_of_255_bytes_is_the_longest);
	tcase_add_test(c, dns_personal_names_are_apart);
	tcase_add_test(c, dns_deletions_of_an_update_are_counted);
	tcase_add_test(c, dns_over_tcp_is_found_again_after_junk);
	tcase_add_test(c, dns_ipv6_addresses_are_short);
	tcase_add_test(c, dns_probe_knows_its_neighbours);
	tcase_add_test(c, mdns_instance_with_a_dot_keeps_its_service);
	tcase_add_test(c, mdns_facts_come_from_responses_alone);
	tcase_add_test(c, llmnr_flags_have_their_own_meaning);
	tcase_add_test(c, nbns_node_status_tells_names_and_mac);
	tcase_add_test(c, nbns_claims_alone_name_the_sender);
	tcase_add_test(c, nbns_broken_announcement_is_survived);
	tcase_add_test(c, ssdp_answer_needs_a_target);
	tcase_add_test(c, ssdp_headers_are_found_whatever_their_case);
	tcase_add_test(c, wsd_location_is_decoded);
	tcase_add_test(c, wsd_addresses_of_others_are_no_endpoints);
	tcase_add_test(c, wsd_declarations_and_depth_are_bounded);
	tcase_add_test(c, snmp_community_is_a_secret);
	tcase_add_test(c, snmp_facts_come_from_answers_alone);
	tcase_add_test(c, snmp_engine_tells_maker_and_mac);
	tcase_add_test(c, snmp_lengths_that_lie_are_malformed);
	tcase_add_test(c, snmp_messages_follow_each_other_in_a_stream);
	tcase_add_test(c, bacnet_i_am_and_control);
	tcase_add_test(c, bacnet_tags_that_never_close_are_bounded);
	tcase_add_test(c, bacnet_length_must_hold);
	tcase_add_test(c, bacnet_over_ipv6_tells_virtual_addresses);
	tcase_add_test(c, modbus_frames_in_one_segment_are_all_told);
	tcase_add_test(c, modbus_identification_becomes_device_facts);
	tcase_add_test(c, modbus_is_found_again_and_damage_is_told);
	tcase_add_test(c, modbus_refuses_what_looks_like_it);
	suite_add_tcase(suite, c);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	n_failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return n_failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
