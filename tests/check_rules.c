/* The rule language and its matching: what each keyword promises, with a payload that it
 * matches and one that it must not. Clauses: Suricata 7 user guide, chapter "Rules". */
#define _GNU_SOURCE /* mkstemp */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "harness/rule_case.h"
#include "match/parse.h"
#include "match/program.h"

#define HEAD "alert tcp any any -> any any (msg:\"t\"; flow:established,to_server; "

/* Options of a rule, a payload that fires it, one that does not. */
static const struct {
	const char *options, *hit, *miss;
} vectors[] = {
	{ "content:\"abc\";", "xxabcxx", "xxabxcx" },
	{ "content:\"abc\"; nocase;", "xxAbCxx", "xxAxCxx" },
	{ "content:\"a|20 0d|b\";", "xa \rbx", "xa \nbx" },
	{ "content:\"a\\;b\\\"c\\\\d\";", "a;b\"c\\d", "a;b\"c/d" },
	{ "content:!\"evil\"; content:\"good\";", "good", "good evil" },
	{ "content:\"abc\"; depth:3;", "abcdef", "xabcdef" },
	{ "content:\"abc\"; offset:2;", "xxabc", "xabc" },
	{ "content:\"abc\"; offset:1; depth:4;", "xxabc", "xxxabc" },
	{ "content:\"abc\"; startswith;", "abcx", "xabc" },
	{ "content:\"abc\"; endswith;", "xabc", "abcx" },
	{ "content:\"ab\"; content:\"cd\"; distance:1;", "ab-cd", "abcd" },
	{ "content:\"ab\"; content:\"cd\"; distance:0; within:2;", "abcd", "ab-cd" },
	{ "content:\"ab\"; content:\"cd\"; distance:1; within:3;", "ab--cd", "ab---cd" },
	/* the first "ab" fails, the second one fits: other places must be tried */
	{ "content:\"ab\"; content:\"cd\"; distance:0; within:2;", "ab-abcd", "ab-ab-cd" },
	{ "content:\"ab\"; content:\"xx\"; distance:-4; within:2;", "xxab", "abxx" },
	{ "content:\"ab\"; content:!\"cd\"; within:4;", "abx", "abcd" },
	{ "pcre:\"/a[0-9]+b/\";", "xa123bx", "xabx" },
	{ "pcre:\"/A[0-9]b/i\";", "a1B", "a1c" },
	{ "pcre:!\"/evil/\"; content:\"good\";", "good", "evil good" },
	{ "content:\"id=\"; pcre:\"/^[a-f]{4}/R\";", "id=abcd", "id=xabcd" },
	{ "content:\"ab\"; pcre:\"/.c/sR\";", "ab\nc", "cc" },
	{ "content:\"L\"; byte_test:2,>,100,0,relative;", "L\x01\x01", "L\x01" },
	{ "byte_test:1,=,0x41,1;", "xA", "xB" },
	{ "byte_test:2,=,513,0,little;", "\x01\x02", "\x02\x01" },
	{ "byte_test:4,=,1234,0,string,dec;", "1234", "1235" },
	{ "byte_test:2,=,255,0,string,hex;", "ff", "fe" },
	{ "byte_test:1,&,4,0;", "\x07", "\x03" },
	{ "byte_test:1,!&,4,0;", "\x03", "\x07" },
	{ "byte_test:2,=,3,0,bitmask 0x0ff0;", "\x70\x3f", "\x70\x4f" },
	{ "byte_jump:1,0; content:\"abc\"; distance:0; within:3;", "\x02xxabc", "\x01xxabc" },
	{ "content:\"L\"; byte_jump:1,0,relative,multiplier 2; content:\"Z\"; within:1;",
	  "L\x01xxZ", "L\x01xZ" },
	{ "byte_jump:1,0,from_beginning; content:\"Z\"; distance:0; within:1;", "\x03xxZ",
	  "\x03xxxZ" },
	{ "byte_jump:1,0,align; content:\"Z\"; distance:0; within:1;", "\x01xxxxZ", "\x01xZ" },
	{ "byte_jump:1,0,post_offset -1; content:\"Z\"; distance:0; within:1;", "\x02xZ",
	  "\x02xxZ" },
	{ "byte_extract:1,0,n; content:\"abc\"; offset:n;", "\x03xxabc", "\x09xxabc" },
	{ "byte_extract:1,0,n; byte_test:1,=,n,1;", "AA", "AB" },
	{ "byte_extract:1,0,n; content:\"ab\"; content:\"cd\"; distance:n; within:2;",
	  "\x01"
	  "ab-cd",
	  "\x02"
	  "ab-cd" },
	{ "byte_math:bytes 1, offset 0, oper +, rvalue 2, result n; content:\"abc\"; offset:n;",
	  "\x01xxabc", "\x02xxabc" },
	{ "byte_math:bytes 1, offset 0, oper <<, rvalue 1, result n; byte_test:1,=,n,1;",
	  "\x02\x04", "\x02\x02" },
	{ "byte_math:bytes 2, offset 0, oper -, rvalue 1, result n, string dec; "
	  "byte_test:2,=,n,2,string,dec;",
	  "1211", "1212" },
	{ "byte_test:0,>,4000,0,string,dec;", "4001", "399" },
	/* as Suricata 7.0.10 answers: N bytes follow a match; else byte N is there */
	{ "content:\"ab\"; isdataat:2,relative;", "abxx", "abx" },
	{ "content:\"ab\"; isdataat:!1,relative;", "ab", "abx" },
	{ "isdataat:3;", "abcd", "abc" },
	{ "isdataat:!3;", "abc", "abcd" },
	{ "content:\"abc\"; stream_size:client,=,3;", "abc", "abcd" },
	{ "content:\"L\"; byte_extract:1,0,n,relative; isdataat:n,relative;", "L\x02xx",
	  "L\x02x" },
	{ "content:\"L\"; byte_extract:1,0,n,relative; isdataat:!n,relative;", "L\x02x",
	  "L\x02xx" },
	{ "content:\"L\"; byte_math:bytes 1, offset 1, oper +, rvalue 2, result n; "
	  "isdataat:!n;",
	  "L\x02xx", "L\x02xxx" },
	{ "content:\"L\"; byte_math:bytes 1, offset 0, oper +, rvalue 1, result n, relative; "
	  "isdataat:!n,relative;",
	  "L\x01x", "L\x01xx" },
	/* less than nothing is a great deal, and so is what eight bytes can say */
	{ "byte_math:bytes 1, offset 0, oper -, rvalue 3, result n; isdataat:!n,relative;",
	  "\x02xxx", "\x04xxx" },
	{ "byte_extract:8,0,n; isdataat:!n,relative;", "\x7f\xff\xff\xff\xff\xff\xff\xff",
	  "\x7f\xff\xff\xff\xff\xff\xff" },
	{ "byte_extract:8,0,n; content:!\"ab\"; distance:n; within:n;",
	  "\x7f\xff\xff\xff\xff\xff\xff\xff"
	  "ab",
	  "\x7f\xff\xff\xff" },
	{ "content:\"x=\"; base64_decode:relative; base64_data; content:\"secret\";",
	  "x=c2VjcmV0", "x=c2VjcmVS" },
	{ "base64_decode:bytes 8, offset 2; base64_data; content:\"secret\";", "--c2VjcmV0",
	  "-c2VjcmV0" },
	{ "ip.src; content:\"|0a 00 00 02|\"; pkt_data; content:\"ab\";", "ab", "ba" },
	{ "ip.dst; content:!\"|0a 00 00 02|\"; pkt_data; content:\"ab\";", "ab", "ba" },
	{ "byte_jump:0,0,post_offset 2; content:\"ab\"; within:2;", "xxab", "xab" },
	{ "content:\"abcdefgh\"; fast_pattern:2,4;", "abcdefgh", "cdef" },
	{ "content:\"aaaa\"; content:\"bbbb\"; fast_pattern;", "bbbbaaaa", "bbbb" },
};

static const char *say(struct rule_case *c, const char *text)
{
	rule_case_restart(c);
	rule_case_say(c, WT_TO_SERVER, wt_slice_of(text, strlen(text)));
	rule_case_close(c);
	return rule_case_alerts(c);
}

START_TEST(keyword_keeps_its_promise)
{
	char rule[1024];
	const char *problem;
	struct rule_case *c;

	(void)snprintf(rule, sizeof(rule), HEAD "%s sid:1;)\n", vectors[_i].options);
	c = rule_case_new(rule, &problem);
	ck_assert_msg(!problem, "%s: %s", vectors[_i].options, problem);
	ck_assert_msg(strcmp(say(c, vectors[_i].hit), "1") == 0, "%s does not match its hit",
		      vectors[_i].options);
	ck_assert_msg(strcmp(say(c, vectors[_i].miss), "") == 0, "%s matches its miss",
		      vectors[_i].options);
	rule_case_free(c);
}
END_TEST

/* Rules that must not load, and a part of the reason. */
static const struct {
	const char *rule, *reason;
} refused[] = {
	{ "alert tcp any any -> any any msg:\"x\"; sid:1;", "found no '('" },
	{ "alert tcp any any -> any any (msg:\"x\"; sid:1;", "found no ')'" },
	{ "alert tcp any any -> any (msg:\"x\"; sid:1;)", "found 6 words" },
	{ "alert tcp any any >> any any (sid:1;)", "found the direction" },
	{ "alarm tcp any any -> any any (sid:1;)", "found the action 'alarm'" },
	{ "alert tpc any any -> any any (sid:1;)", "found the protocol 'tpc'" },
	{ "alert tcp 10.0.0.0/33 any -> any any (sid:1;)", "prefix" },
	{ "alert tcp 10.0.0.999 any -> any any (sid:1;)", "an address" },
	{ "alert tcp $NOWHERE any -> any any (sid:1;)", "variable" },
	{ "alert tcp any 70000 -> any any (sid:1;)", "65535" },
	{ "alert tcp any 9:1 -> any any (sid:1;)", "the lower one first" },
	{ "alert tcp !any any -> any any (sid:1;)", "something that can match" },
	{ "alert tcp [[[[[[[[[[any]]]]]]]]]] any -> any any (sid:1;)", "lists in each other" },
	{ "alert tcp any any -> any any (content:\"\"; sid:1;)", "empty content" },
	{ "alert tcp any any -> any any (content:abc; sid:1;)", "between quotes" },
	{ "alert tcp any any -> any any (content:\"|0g|\"; sid:1;)", "hex bytes" },
	{ "alert tcp any any -> any any (content:\"a\\b\"; sid:1;)", "backslash" },
	{ "alert tcp any any -> any any (depth:3; sid:1;)", "without a content" },
	{ "alert tcp any any -> any any (content:\"abcd\"; depth:3; sid:1;)", "cannot match" },
	{ "alert tcp any any -> any any (content:\"ab\"; offset:x; sid:1;)", "found 'x'" },
	{ "alert tcp any any -> any any (pcre:\"/a(/\"; sid:1;)", "expression" },
	{ "alert tcp any any -> any any (pcre:\"abc\"; sid:1;)", "/expression/flags" },
	{ "alert tcp any any -> any any (pcre:\"/a;b/\"; sid:1;)", "a ; inside as \\x3b" },
	{ "alert tcp any any -> any any (content:\"abc\" sid:1;)", "write a ; between" },
	{ "alert tcp any any -> any any (content:\"a;b\"; sid:1;)", "a ; inside as |3b|" },
	{ "alert tcp any any -> any any (content:\"a|b\"; sid:1;)", "a bar itself as |7c|" },
	{ "alert tcp any any -> any any (content:\"abc\"; depth 3; sid:1;)",
	  "write depth:3;" },
	{ "alert hl7 any any -> any any (hl7.pump_rate > 999; sid:1;)",
	  "write hl7.pump_rate:> 999;" },
	{ "alert tcp any any -> any any (content:\"abc\"; wardtap_severity:9; sid:1;)",
	  "write metadata:wardtap_severity 9;" },
	{ "alert tcp any any -> any any (content:\"abc\"; device.class:server,dst; sid:1;)",
	  "write device.class:dst,server" },
	{ "alert tcp any any -> any any (pcre:\"/a/q\"; sid:1;)", "flag" },
	{ "alert tcp any any -> any any (byte_test:9,=,1,0; sid:1;)", "9 bytes" },
	{ "alert tcp any any -> any any (byte_test:1,~,1,0; sid:1;)", "operator" },
	{ "alert tcp any any -> any any (bsize:3; sid:1;)", "without a buffer" },
	{ "alert tcp any any -> any any (hl7.message_typ; content:\"x\"; sid:1;)",
	  "did you mean 'hl7.message_type'" },
	{ "alert tcp any any -> any any (hl7.message_type:\"x\"; sid:1;)", "content" },
	{ "alert tcp any any -> any any (hl7.message_bytes:abc; sid:1;)", "write N" },
	{ "alert tcp any any -> any any (lua:x.lua; sid:1;)", "not supported" },
	{ "alert tcp any any -> any any (flow:to_server,to_client; sid:1;)",
	  "both directions" },
	{ "alert tcp any any -> any any (flowbits:sett,x; sid:1;)", "flowbits" },
	{ "alert tcp any any -> any any (threshold:type limit, track by_src, count 1; sid:1;)",
	  "without seconds" },
	{ "alert tcp any any -> any any (msg:\"x\";)", "found no sid" },
	{ "alert tcp any any -> any any (sid:0;)", "sid:0" },
	{ "alert tcp any any -> any any (msg:\"x\"; sid:1", "" },
	{ "alert tcp any any -> any any (flowint:a; sid:1;)", "flowint" },
	{ "alert tcp any any -> any any (flowint:a,+; sid:1;)", "flowint" },
	{ "alert tcp any any -> any any (flowint:a,*,1; sid:1;)", "flowint" },
	{ "alert tcp any any -> any any (hostbits:set; sid:1;)", "hostbits" },
	{ "alert tcp any any -> any any (hostbits:set,a,up; sid:1;)", "src, dst" },
	{ "alert ip any any -> any any (device.class; sid:1;)", "without a value" },
	{ "alert ip any any -> any any (device.class:src,; sid:1;)", "without a value" },
	{ "alert ip any any -> any any (device.class:a||b; sid:1;)", "empty word" },
	{ "alert ip any any -> any any (device.clas:a; sid:1;)",
	  "did you mean 'device.class'" },
	{ "pass ip any any -> any any (device.class:a; sid:1;)", "pass rule" },
	{ "alert ip any any -> any any (device.class:a; flowbits:set,x; sid:1;)", "xbits" },
	{ "alert ip any any -> any any (device.class:a; device.class:a; device.class:a; "
	  "device.class:a; device.class:a; sid:1;)",
	  "more than 4 tests of devices" },
	{ "alert ip any any -> any any (device.zone:icu; sid:1;)", "not in inventory.zones" },
	{ "alert ip any any -> any any (device.zone; sid:1;)", "without a name" },
};

START_TEST(what_is_wrong_is_told_and_not_loaded)
{
	const char *problem;
	struct rule_case *c = rule_case_new(refused[_i].rule, &problem);

	ck_assert_msg(rule_case_n_loaded(c) == 0, "loaded: %s", refused[_i].rule);
	ck_assert_msg(problem != NULL, "no problem told: %s", refused[_i].rule);
	ck_assert_msg(strstr(problem, refused[_i].reason), "%s: told '%s', wanted '%s'",
		      refused[_i].rule, problem, refused[_i].reason);
	rule_case_free(c);
}
END_TEST

START_TEST(a_failed_rule_leaves_its_neighbours_alone)
{
	const char *problem;
	struct rule_case *c =
		rule_case_new(HEAD "content:\"one\"; sid:1;)\n" HEAD
				   "content:\"two\"; content:\"|zz|\"; sid:2;)\n"
				   "# a comment\n\n" HEAD "content:\"three\"; \\\n   sid:3;)\n",
			      &problem);

	ck_assert_uint_eq(rule_case_n_loaded(c), 2);
	ck_assert_str_eq(say(c, "one two three"), "1 3");
	rule_case_free(c);
}
END_TEST

START_TEST(however_cut_a_stream_gives_the_same_alerts)
{
	static const char text[] = "GET /one HTTP/1.1\r\nHost: two.example\r\n\r\nthree four";
	const char *problem;
	struct rule_case *c = rule_case_new(
		HEAD "content:\"/one\"; content:\"two\"; distance:0; sid:1;)\n" HEAD
		     "content:\"three four\"; endswith; sid:2;)\n" HEAD
		     "content:\"two\"; content:!\"three\"; sid:3;)\n" HEAD
		     "pcre:\"/o.e.*f/s\"; sid:4;)\n",
		&problem);
	size_t cut, len = sizeof(text) - 1;

	for (cut = 0; cut < len; cut++) {
		rule_case_restart(c);
		rule_case_say(c, WT_TO_SERVER, wt_slice_of(text, cut));
		rule_case_say(c, WT_TO_SERVER, wt_slice_of(text + cut, len - cut));
		rule_case_close(c);
		ck_assert_str_eq(rule_case_alerts(c), "1 2 4");
	}
	rule_case_free(c);
}
END_TEST

START_TEST(a_turn_ends_a_unit)
{
	const char *problem;
	struct rule_case *c = rule_case_new(HEAD "content:\"abc\"; sid:1;)\n", &problem);

	rule_case_say(c, WT_TO_SERVER, WT_LIT("xxabc"));
	ck_assert_str_eq(rule_case_alerts(c), "");
	rule_case_say(c, WT_TO_CLIENT, WT_LIT("y"));
	ck_assert_str_eq(rule_case_alerts(c), "1");
	rule_case_say(c, WT_TO_SERVER, WT_LIT("abc"));
	rule_case_close(c);
	ck_assert_str_eq(rule_case_alerts(c), "1 1");
	rule_case_free(c);
}
END_TEST

START_TEST(long_streams_are_seen_over_window_borders)
{
	static uint8_t bytes[3 * WT_WINDOW];
	const char *problem;
	struct rule_case *c = rule_case_new(HEAD "content:\"needle\"; content:\"eye\"; "
						 "distance:0; within:100; sid:1;)\n",
					    &problem);
	size_t at;

	for (at = WT_WINDOW - 200; at < WT_WINDOW + 50; at += 7) {
		memset(bytes, 'x', sizeof(bytes));
		memcpy(bytes + at, "needle", 6);
		memcpy(bytes + at + 90, "eye", 3);
		rule_case_restart(c);
		rule_case_say(c, WT_TO_SERVER, wt_slice_of(bytes, 1000));
		rule_case_say(c, WT_TO_SERVER, wt_slice_of(bytes + 1000, sizeof(bytes) - 1000));
		rule_case_close(c);
		ck_assert_msg(strcmp(rule_case_alerts(c), "1") == 0, "needle at %zu: '%s'", at,
			      rule_case_alerts(c));
	}
	rule_case_free(c);
}
END_TEST

START_TEST(flowbits_pass_from_rule_to_rule)
{
	const char *problem;
	struct rule_case *c = rule_case_new(
		HEAD "content:\"bbb\"; flowbits:isset,seen; sid:1;)\n" HEAD
		     "content:\"aaa\"; flowbits:set,seen; flowbits:noalert; sid:2;)\n" HEAD
		     "content:\"ccc\"; flowbits:isnotset,seen; sid:3;)\n",
		&problem);

	rule_case_say(c, WT_TO_SERVER, WT_LIT("bbb ccc"));
	rule_case_say(c, WT_TO_CLIENT, WT_LIT("."));
	ck_assert_str_eq(rule_case_alerts(c), "3");
	rule_case_say(c, WT_TO_SERVER, WT_LIT("aaa"));
	rule_case_say(c, WT_TO_CLIENT, WT_LIT("."));
	rule_case_say(c, WT_TO_SERVER, WT_LIT("bbb ccc"));
	rule_case_close(c);
	ck_assert_str_eq(rule_case_alerts(c), "3 1");
	rule_case_free(c);
}
END_TEST

START_TEST(flows_keep_numbers)
{
	const char *problem;
	struct rule_case *c = rule_case_new(
		HEAD "content:\"login\"; flowint:tries,+,1; flowbits:noalert; sid:1;)\n" HEAD
		     "content:\"login\"; flowint:tries,>=,3; sid:2;)\n" HEAD
		     "content:\"limit\"; flowint:most,=,2; noalert; sid:3;)\n" HEAD
		     "content:\"login\"; flowint:tries,>,most; sid:4;)\n" HEAD
		     "content:\"login\"; flowint:most,isnotset; sid:5;)\n" HEAD
		     "content:\"undo\"; flowint:tries,-,1; noalert; sid:6;)\n",
		&problem);
	static const char *const words[] = { "login", "limit", "login", "undo",
					     "login", "login", "login" };
	unsigned i;

	ck_assert_msg(!problem, "%s", problem);
	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		rule_case_say(c, WT_TO_SERVER, wt_slice_of(words[i], 5 - (i == 3)));
		rule_case_say(c, WT_TO_CLIENT, WT_LIT("no"));
	}
	/* tries: 1, 2, 1, 2, 3, 4 */
	ck_assert_str_eq(rule_case_alerts(c), "5 2 4 2 4");
	rule_case_restart(c);
	rule_case_say(c, WT_TO_SERVER, WT_LIT("login"));
	rule_case_close(c);
	ck_assert_str_eq(rule_case_alerts(c), "5");
	rule_case_free(c);
}
END_TEST

START_TEST(fields_are_buffers_and_numbers)
{
	const char *problem;
	struct rule_case *c = rule_case_new(
		"alert hl7 any any -> any any (hl7.message_type; content:\"ADT\"; startswith; "
		"sid:1;)\n"
		"alert hl7 any any -> any any (hl7.message_type; bsize:3; sid:2;)\n"
		"alert hl7 any any -> any any (hl7.message_bytes:>1000; sid:3;)\n"
		"alert hl7 any any -> any any (hl7.message_bytes:10-20; sid:4;)\n"
		"alert dicom any any -> any any (dicom.called_ae; content:\"PACS\"; sid:5;)\n"
		"alert dicom any any -> any any (hl7.message_type; content:\"ADT\"; sid:6;)\n",
		&problem);

	ck_assert_msg(!problem, "%s", problem);
	rule_case_event(c, "hl7.message_type", WT_LIT("ADT^A01"), 0);
	ck_assert_str_eq(rule_case_alerts(c), "1");
	rule_case_restart(c);
	rule_case_event(c, "hl7.message_type", WT_LIT("ACK"), 0);
	ck_assert_str_eq(rule_case_alerts(c), "2");
	rule_case_restart(c);
	rule_case_event(c, "hl7.message_bytes", wt_slice_of(NULL, 0), 1001);
	rule_case_event(c, "hl7.message_bytes", wt_slice_of(NULL, 0), 1000);
	rule_case_event(c, "hl7.message_bytes", wt_slice_of(NULL, 0), 20);
	rule_case_event(c, "hl7.message_bytes", wt_slice_of(NULL, 0), 21);
	ck_assert_str_eq(rule_case_alerts(c), "3 4");
	rule_case_restart(c);
	rule_case_event(c, "dicom.called_ae", WT_LIT("MAINPACS"), 0);
	ck_assert_str_eq(rule_case_alerts(c), "5");
	rule_case_free(c);
}
END_TEST

START_TEST(headers_choose)
{
	const char *problem;
	struct rule_case *c = rule_case_new(
		"alert tcp 10.0.0.2 any -> 10.0.0.1 80 (content:\"abcd\"; sid:1;)\n"
		"alert tcp 10.0.0.1 any -> any any (content:\"abcd\"; sid:2;)\n"
		"alert tcp any any -> any !80 (content:\"abcd\"; sid:3;)\n"
		"alert tcp 10.0.0.1 any <> 10.0.0.2 any (content:\"abcd\"; sid:4;)\n"
		"alert tcp [10.0.0.0/24,!10.0.0.2] any -> any any (content:\"abcd\"; sid:5;)\n"
		"alert udp any any -> any any (content:\"abcd\"; sid:6;)\n"
		"alert tcp any any -> any [79:81,!81] (content:\"abcd\"; sid:7;)\n"
		"alert tcp any any -> any any (flow:to_client; content:\"abcd\"; sid:8;)\n"
		"pass tcp any any -> any any (content:\"pass me\"; sid:9;)\n",
		&problem);

	ck_assert_msg(!problem, "%s", problem);
	ck_assert_str_eq(say(c, "abcd"), "1 4 7");
	ck_assert_str_eq(say(c, "abcd pass me"), "");
	rule_case_restart(c);
	rule_case_datagram(c, WT_TO_SERVER, WT_LIT("xxabcd"));
	ck_assert_str_eq(rule_case_alerts(c), "6");
	rule_case_free(c);
}
END_TEST

START_TEST(reputations_and_datasets)
{
	struct wt_addr bad = { .octet = { 203, 0, 113, 9 } },
		       good = { .octet = { 203, 0, 114, 9 } };
	struct wt_rules *set = wt_rules_new();
	char path[] = "/tmp/wardtap-check-rules-XXXXXX", text[512];
	int fd = mkstemp(path);
	FILE *f = fd < 0 ? NULL : fdopen(fd, "w");
	const char *problem;
	struct rule_case *c;

	ck_assert_ptr_nonnull(f);
	fputs("# one value a line, base64\nQUNL\nT1JVXlIwMQ==\n", f);
	fclose(f);
	(void)snprintf(text, sizeof(text),
		       "alert hl7 any any -> any any (hl7.message_type; dataset:isset,known,type "
		       "string,load %s; sid:1;)\n"
		       "alert hl7 any any -> any any (hl7.message_type; dataset:isnotset,known; "
		       "sid:2;)\n", path);
	c = rule_case_new(text, &problem);
	ck_assert_msg(!problem, "%s", problem);
	rule_case_event(c, "hl7.message_type", WT_LIT("ACK"), 0);
	rule_case_event(c, "hl7.message_type", WT_LIT("ADT^A01"), 0);
	rule_case_event(c, "hl7.message_type", WT_LIT("ORU^R01"), 0);
	ck_assert_str_eq(rule_case_alerts(c), "1 2 1");
	rule_case_free(c);
	remove(path);

	wt_rules_load_categories(set, "categories", WT_LIT("1,CnC,control\n2,Scan,scanners\n"));
	wt_rules_load_reputation(set, "list",
				 WT_LIT("203.0.113.0/24,1,90\n203.0.113.9,2,30\n"));
	wt_rules_load_text(set, "r",
			   WT_LIT("alert ip any any -> any any (iprep:any,CnC,>,50; sid:1;)\n"
				  "alert ip any any -> any any (iprep:any,Nix,>,50; sid:2;)"));
	wt_rules_finish(set);
	ck_assert_uint_eq(wt_rules_count(set), 1);
	ck_assert_uint_eq(wt_reputation_of(set, &bad, 4, 1), 90);
	ck_assert_uint_eq(wt_reputation_of(set, &bad, 4, 2), 30);
	ck_assert_uint_eq(wt_reputation_of(set, &good, 4, 1), 0);
	wt_rules_free(set);
}
END_TEST

/* The work on one buffer is bounded: this would take 2^n steps without a bound. */
START_TEST(pathological_rules_end)
{
	static uint8_t bytes[WT_WINDOW];
	char rule[2048] = HEAD "content:\"a\"; ";
	const char *problem;
	struct rule_case *c;
	unsigned i;

	for (i = 0; i < 30; i++)
		strcat(rule, "content:\"a\"; distance:0; ");
	strcat(rule, "content:\"b\"; distance:0; sid:1;)\n");
	strcat(rule, HEAD "pcre:\"/(a+)+c/\"; sid:2;)\n");
	c = rule_case_new(rule, &problem);
	ck_assert_msg(!problem, "%s", problem);
	memset(bytes, 'a', sizeof(bytes));
	rule_case_say(c, WT_TO_SERVER, wt_slice_of(bytes, sizeof(bytes) - 1));
	rule_case_close(c);
	ck_assert_str_eq(rule_case_alerts(c), "");
	rule_case_free(c);
}
END_TEST

static void note_rule(void *self, unsigned rule)
{
	char *found = self;
	size_t len = strlen(found);

	found[len] = (char)('0' + rule);
	found[len + 1] = '\0';
}

/* A window in the middle of a unit is no beginning: offset, depth and startswith count from
 * the unit's first byte. */
START_TEST(places_count_from_the_beginning_of_the_unit)
{
	const char *problem;
	struct rule_case *c =
		rule_case_new(HEAD "content:\"late\"; depth:8; sid:1;)\n" HEAD
				   "content:\"late\"; startswith; sid:2;)\n" HEAD
				   "content:\"late\"; offset:3072; depth:8; sid:3;)\n",
			      &problem);
	uint8_t bytes[6000];

	ck_assert_msg(!problem, "%s", problem);
	memset(bytes, 'x', sizeof(bytes));
	memcpy(bytes + 3072, "late", 4); /* where the second window begins */
	rule_case_say(c, WT_TO_SERVER, wt_slice_of(bytes, sizeof(bytes)));
	rule_case_close(c);
	ck_assert_str_eq(rule_case_alerts(c), "3");
	rule_case_free(c);
}
END_TEST

/* Lists of addresses are found by the address; ranges may lie in each other. */
START_TEST(lists_of_addresses_are_found)
{
	struct wt_netindex *x = wt_netindex_new();
	struct wt_rules *set = wt_rules_new();
	struct wt_addr addr = { .octet = { 10, 1, 2, 3 } };
	struct wt_nets nets;
	char why[160], found[64] = "";
	static const char *const lists[] = { "[10.0.0.0/8,192.0.2.1]", "10.1.2.0/24",
					     "[10.1.2.4,10.1.2.2]", "0.0.0.0/0" };
	unsigned i;

	for (i = 0; i < 4; i++) {
		ck_assert(wt_parse_nets(set, wt_slice_of(lists[i], strlen(lists[i])), &nets,
					why, sizeof(why)));
		ck_assert(wt_netindex_add(x, &nets, i));
	}
	ck_assert(
		wt_parse_nets(set, wt_slice_of("2001:db8::/32", 13), &nets, why, sizeof(why)));
	ck_assert(!wt_netindex_add(x, &nets, 9));
	wt_netindex_finish(x);
	wt_netindex_find(x, &addr, note_rule, found);
	ck_assert_str_eq(found, "103");
	wt_netindex_free(x);
	wt_rules_free(set);
}
END_TEST

START_TEST(doubled_sids_keep_the_higher_revision)
{
	const char *problem;
	struct rule_case *c = rule_case_new(HEAD "content:\"old\"; sid:1; rev:1;)\n" HEAD
						 "content:\"new\"; sid:1; rev:2;)\n",
					    &problem);

	ck_assert_uint_eq(rule_case_n_loaded(c), 1);
	ck_assert_ptr_nonnull(strstr(problem, "sid 1 again"));
	ck_assert_str_eq(say(c, "new"), "1");
	ck_assert_str_eq(say(c, "old"), "");
	rule_case_free(c);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("rules");
	TCase *c = tcase_create("all");
	SRunner *runner;
	int n_failed;

	tcase_set_timeout(c, 60);
	tcase_add_loop_test(c, keyword_keeps_its_promise, 0,
			    sizeof(vectors) / sizeof(vectors[0]));
	tcase_add_loop_test(c, what_is_wrong_is_told_and_not_loaded, 0,
			    sizeof(refused) / sizeof(refused[0]));
	tcase_add_test(c, a_failed_rule_leaves_its_neighbours_alone);
	tcase_add_test(c, however_cut_a_stream_gives_the_same_alerts);
	tcase_add_test(c, a_turn_ends_a_unit);
	tcase_add_test(c, long_streams_are_seen_over_window_borders);
	tcase_add_test(c, flowbits_pass_from_rule_to_rule);
	tcase_add_test(c, flows_keep_numbers);
	tcase_add_test(c, fields_are_buffers_and_numbers);
	tcase_add_test(c, headers_choose);
	tcase_add_test(c, reputations_and_datasets);
	tcase_add_test(c, pathological_rules_end);
	tcase_add_test(c, places_count_from_the_beginning_of_the_unit);
	tcase_add_test(c, lists_of_addresses_are_found);
	tcase_add_test(c, doubled_sids_keep_the_higher_revision);
	suite_add_tcase(suite, c);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	n_failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return n_failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
