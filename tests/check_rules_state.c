/* What rules carry from one buffer to another and from one event to the next: variables of
 * byte_extract and byte_math, and values for sets that rules fill. Clauses: Suricata 7 user
 * guide, "Payload Keywords", "Datasets"; wardtap-rules(5). */
#define _POSIX_C_SOURCE 200809L
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "harness/rule_case.h"
#include "match/parse.h"

#define HTTP "alert http any any -> any any (msg:\"t\"; "

/* A rule that reads a variable of one buffer in another: the field comes first, the payload
 * when its message is over. */
static const struct {
	const char *options, *agent, *payload;
	bool fires;
} carried[] = {
	{ "http.user_agent; byte_extract:1,0,n; pkt_data; content:\"ab\"; offset:n; depth:2;",
	  "\x02", "xxab", true },
	{ "http.user_agent; byte_extract:1,0,n; pkt_data; content:\"ab\"; offset:n; depth:2;",
	  "\x03", "xxab", false },
	{ "http.user_agent; byte_math:bytes 1, offset 0, oper +, rvalue 1, result n; pkt_data; "
	  "byte_test:1,=,n,0;",
	  "A", "B", true },
	{ "http.user_agent; byte_math:bytes 1, offset 0, oper +, rvalue 1, result n; pkt_data; "
	  "byte_test:1,=,n,0;",
	  "A", "A", false },
	/* the payload is mentioned first, and asked last all the same */
	{ "content:\"B\"; http.user_agent; byte_extract:1,0,n; pkt_data; byte_test:1,=,n,1;",
	  "C", "BC", true },
	{ "content:\"B\"; http.user_agent; byte_extract:1,0,n; pkt_data; byte_test:1,=,n,1;",
	  "C", "B\x01", false },
	/* nothing to carry */
	{ "http.user_agent; content:\"C\"; pkt_data; content:\"B\";", "C", "B", true },
};

START_TEST(variables_outlast_the_event)
{
	char rule[512];
	const char *problem;
	struct rule_case *c;
	unsigned i;

	(void)snprintf(rule, sizeof(rule), HTTP "%s sid:1;)\n", carried[_i].options);
	c = rule_case_new(rule, &problem);
	ck_assert_msg(!problem, "%s", problem);
	for (i = 0; i < 2; i++) { /* a second message begins anew */
		rule_case_restart(c);
		rule_case_speak(c, "http");
		rule_case_event(c, "http.user_agent",
				wt_slice_of(carried[_i].agent, strlen(carried[_i].agent)), 0);
		rule_case_say(c, WT_TO_SERVER,
			      wt_slice_of(carried[_i].payload, strlen(carried[_i].payload)));
		rule_case_close(c);
		ck_assert_str_eq(rule_case_alerts(c), carried[_i].fires ? "1" : "");
	}
	rule_case_free(c);
}
END_TEST

/* The last word of a message counts, and no other flow's. */
START_TEST(variables_are_of_their_flow)
{
	const char *problem;
	struct rule_case *c =
		rule_case_new(HTTP "http.user_agent; byte_extract:1,0,n; pkt_data; "
				   "content:\"ab\"; offset:n; depth:2; sid:1;)\n",
			      &problem);

	rule_case_speak(c, "http");
	rule_case_event(c, "http.user_agent", WT_LIT("\x01"), 0);
	rule_case_event(c, "http.user_agent", WT_LIT("\x02"), 0);
	rule_case_say(c, WT_TO_SERVER, WT_LIT("xab"));
	rule_case_close(c);
	ck_assert_str_eq(rule_case_alerts(c), "");
	rule_case_restart(c);
	rule_case_speak(c, "http");
	rule_case_say(c, WT_TO_SERVER, WT_LIT("ab"));
	rule_case_close(c); /* nothing read n: 0 is no value of it */
	ck_assert_str_eq(rule_case_alerts(c), "");
	rule_case_free(c);
}
END_TEST

/* More rules wait than there is room for: those forgotten do not match by halves. */
START_TEST(forgotten_rules_do_not_match)
{
	const char *problem;
	char rules[4096] = "", alerts[64] = "";
	struct rule_case *c;
	unsigned i;

	for (i = 1; i <= 6; i++) /* the case has room for four */
		(void)snprintf(rules + strlen(rules), sizeof(rules) - strlen(rules),
			       HTTP "http.user_agent; byte_extract:1,0,n; pkt_data; "
				    "byte_test:1,=,n,0; sid:%u;)\n",
			       i);
	c = rule_case_new(rules, &problem);
	ck_assert_msg(!problem, "%s", problem);
	rule_case_speak(c, "http");
	rule_case_event(c, "http.user_agent", WT_LIT("A"), 0);
	rule_case_say(c, WT_TO_SERVER, WT_LIT("A"));
	rule_case_close(c);
	(void)snprintf(alerts, sizeof(alerts), "%s", rule_case_alerts(c));
	ck_assert_str_eq(alerts, "3 4 5 6");
	rule_case_free(c);
}
END_TEST

/* --- what does not load, and why --- */

#define LIST "check-state.lst" /* in a folder of its own, see main */

static const struct {
	const char *options, *reason; /* NULL: it loads */
} loads[] = {
	{ "http.user_agent; byte_test:1,=,n,0; byte_extract:1,0,n;", "byte_extract before it" },
	{ "http.uri; byte_extract:1,0,n; http.user_agent; byte_extract:1,n,m; http.uri; "
	  "byte_test:1,=,m,0;",
	  "need from each other" },
	{ "content:\"a\"; byte_extract:1,0,n; http.uri; content:\"b\"; offset:n;",
	  "message is over before" },
	{ "rpc:100003,3,6,1;", "write nothing there" },
	{ "tls_cert_notafter:>9999-01-01;", "YYYY-MM-DD" }, /* fuzz_rules: no nanoseconds */
	{ "tls_cert_notafter:>0000-01;", "YYYY-MM-DD" },
	{ "http.user_agent; dataset:set,agents;", NULL },
	{ "http.user_agent; dataset:set,agents,type string,memcap 64kb,hashsize 100;", NULL },
	{ "http.user_agent; to_md5; dataset:set,agents,type md5,save agents.lst;", NULL },
	{ "http.user_agent; dataset:set,agents,memcap 3 apples;", "memcap" },
	{ "http.user_agent; dataset:set,agents,type fish;", "type string" },
	{ "http.user_agent; dataset:set,agents,save ../..;", "letters" },
	{ "http.user_agent; dataset:set,agents,save a/b.lst;", NULL },
	{ "http.user_agent; dataset:toggle,agents;", "write set, unset, isset" },
	{ "http.user_agent; dataset:isset,agents;", "no loaded rule sets" },
	{ "http.uri; dataset:set,uris;", "of class direct" },
	{ "http.uri; to_md5; dataset:set,uris,type md5;", "of class direct" },
	{ "user.secret; dataset:set,words;", "of class secret" },
	{ "content:\"a\"; dataset:set,words;", "without a buffer" },
	{ "base64_decode; base64_data; dataset:set,words;", "speak of patients" },
	{ "http.user_agent; dataset:set,agents; flowbits:set,seen;", "write xbits:set" },
	{ "http.user_agent; dataset:set,agents; flowint:n,+,1;", "write xbits:set" },
	{ "http.user_agent; dataset:set,agents; xbits:set,seen,track ip_src;", NULL },
	{ "http.user_agent; dataset:set,a; to_lowercase; dataset:set,b;", "transform" },
	{ "http.user_agent; dataset:set,a; http.user_agent; to_lowercase; dataset:set,b;",
	  "two forms" },
	{ "http.user_agent; dataset:set,a; http.method; dataset:set,b; http.user_agent; "
	  "to_lowercase; dataset:set,c;",
	  "two forms" },
	{ "http.user_agent; dataset:isset,a,type string,load " LIST ";", NULL },
	{ "ip.src; dataset:isset,a,type ip,load " LIST ";", "line 1" },
	{ "http.user_agent; datarep:a,>,10,type string,load " LIST ";", "score" },
	{ "http.user_agent; datarep:a,~,10,load " LIST ";", "SCORE" },
	{ "http.user_agent; datarep:a,>,70000,load " LIST ";", "SCORE" },
	{ "http.user_agent; dataset:isset,a,load /nonexistent.lst;", "cannot be read" },
};

static void write_list(const char *text, size_t len)
{
	FILE *f = fopen(LIST, "w");

	ck_assert_ptr_nonnull(f);
	ck_assert_uint_eq(fwrite(text, 1, len, f), len);
	ck_assert_int_eq(fclose(f), 0);
}

START_TEST(what_cannot_be_kept_is_refused)
{
	const char *problem;
	struct rule_case *c;
	char rule[512];

	write_list("QUNL\nT1JV\n", 10);
	(void)snprintf(rule, sizeof(rule), HTTP "%s sid:1;)\n", loads[_i].options);
	c = rule_case_new(rule, &problem);
	if (loads[_i].reason) {
		ck_assert_ptr_nonnull(problem);
		ck_assert_msg(strstr(problem, loads[_i].reason) != NULL, "%s", problem);
		ck_assert_uint_eq(rule_case_n_loaded(c), 0);
	} else {
		ck_assert_msg(!problem, "%s", problem);
	}
	rule_case_free(c);
	remove(LIST);
}
END_TEST

/* An address with more behind a NUL is no address. */
/* Text that is no base64 would make a set that holds nothing of what was meant. */
START_TEST(lists_of_plain_text_are_refused)
{
	static const char *const bad[] = { "QUNL\ncurl/7.88.1\n", "QUNL\nQ\n", "QUNL\nQUN=L\n",
					   "QUNL\nQUNLQ===\n" };
	const char *problem;
	struct rule_case *c;

	write_list(bad[_i], strlen(bad[_i]));
	c = rule_case_new(HTTP "http.user_agent; dataset:isset,a,type string,load " LIST
			       "; sid:1;)\n",
			  &problem);
	ck_assert_ptr_nonnull(problem);
	ck_assert_msg(strstr(problem, "line 2") && strstr(problem, "base64"), "%s", problem);
	rule_case_free(c);
	remove(LIST);
}
END_TEST

START_TEST(lists_hold_no_nul)
{
	const char *problem;
	struct rule_case *c;

	write_list("10.0.0.2\0junk\n", 14);
	c = rule_case_new(HTTP "ip.src; dataset:isset,a,type ip,load " LIST "; sid:1;)\n",
			  &problem);
	ck_assert_ptr_nonnull(problem);
	ck_assert_msg(strstr(problem, "line 1") != NULL, "%s", problem);
	rule_case_free(c);
	write_list("::ffff:10.0.0.2\n", 16); /* as Suricata writes IPv4 in type ip */
	c = rule_case_new(
		"alert ip any any -> any any (ip.src; dataset:isset,a,type ip,load " LIST
		"; pkt_data; content:\"x\"; sid:1;)\n",
		&problem);
	ck_assert_msg(!problem, "%s", problem);
	rule_case_say(c, WT_TO_SERVER, WT_LIT("x"));
	rule_case_close(c);
	ck_assert_str_eq(rule_case_alerts(c), "1");
	rule_case_free(c);
	remove(LIST);
}
END_TEST

/* datarep:NAME,OP,SCORE: what is not in the file has no score. */
START_TEST(scores_are_compared)
{
	const char *problem;
	struct rule_case *c;

	write_list("QUNL,20\nT1JV,300\n", 17); /* ACK, ORU */
	c = rule_case_new("alert hl7 any any -> any any (hl7.message_type; "
			  "datarep:r,>,100,type string,load " LIST "; sid:1;)\n"
			  "alert hl7 any any -> any any (hl7.message_type; "
			  "datarep:r,<,100; sid:2;)\n"
			  "alert hl7 any any -> any any (hl7.message_type; "
			  "datarep:r,==,300; sid:3;)\n",
			  &problem);
	ck_assert_msg(!problem, "%s", problem);
	rule_case_event(c, "hl7.message_type", WT_LIT("ACK"), 0);
	rule_case_event(c, "hl7.message_type", WT_LIT("ORU"), 0);
	rule_case_event(c, "hl7.message_type", WT_LIT("ADT"), 0);
	ck_assert_str_eq(rule_case_alerts(c), "2 1 3");
	rule_case_free(c);
	remove(LIST);
}
END_TEST

/* --- reload --- */

#define TCP "alert tcp any any -> any any (msg:\"t\"; "

START_TEST(marks_of_flows_outlast_a_reload)
{
	const char *problem;
	struct rule_case *c = rule_case_new(
		TCP
		"content:\"one\"; flowbits:set,gone; flowbits:set,stays; noalert; sid:1;)\n" TCP
		"content:\"one\"; flowint:lost,=,7; flowint:kept,=,7; noalert; sid:2;)\n",
		&problem);

	ck_assert_msg(!problem, "%s", problem);
	rule_case_say(c, WT_TO_SERVER, WT_LIT("one"));
	rule_case_say(c, WT_TO_CLIENT, WT_LIT("yes"));
	rule_case_reload(
		c,
		TCP "content:\"never\"; flowbits:set,fresh; flowbits:set,stays; sid:9;)\n" TCP
		    "content:\"two\"; flowbits:isset,stays; sid:1;)\n" TCP
		    "content:\"two\"; flowbits:isset,fresh; sid:2;)\n" TCP
		    "content:\"two\"; flowint:other,isset; sid:3;)\n" TCP
		    "content:\"two\"; flowint:kept,==,7; sid:4;)\n",
		&problem);
	ck_assert_msg(!problem, "%s", problem);
	rule_case_say(c, WT_TO_SERVER, WT_LIT("two"));
	rule_case_close(c);
	ck_assert_str_eq(rule_case_alerts(c), "1 4");
	rule_case_free(c);
}
END_TEST

/* --- bounds --- */

/* Bits beyond those that a flow holds would be others' bits. */
START_TEST(names_are_bounded)
{
	char *rules = calloc(1, 200 * 1100);
	const char *problem;
	struct rule_case *c;
	size_t len = 0;
	unsigned i;

	ck_assert_ptr_nonnull(rules);
	for (i = 0; i <= WT_RULE_BITS_MAX; i++)
		len += (size_t)sprintf(rules + len,
				       TCP "content:\"x\"; flowbits:set,b%u; sid:%u;)\n", i,
				       i + 1);
	c = rule_case_new(rules, &problem);
	ck_assert_ptr_nonnull(problem);
	ck_assert_msg(strstr(problem, "more than 1024 names of flowbits") != NULL, "%s",
		      problem);
	ck_assert_uint_eq(rule_case_n_loaded(c), WT_RULE_BITS_MAX);
	rule_case_free(c);
	free(rules);
}
END_TEST

/* Each of these tries an expression at each byte: together they would take minutes. The rule
 * behind them matches all the same. */
START_TEST(rules_share_a_bounded_cost)
{
	static uint8_t bytes[1400];
	char *rules = calloc(1, 200 * 400);
	const char *problem;
	struct rule_case *c;
	size_t len = 0;
	unsigned i;

	ck_assert_ptr_nonnull(rules);
	for (i = 0; i < 300; i++)
		len += (size_t)sprintf(rules + len,
				       TCP "content:\"aaaa\"; pcre:\"/^(a|aa)+[^a%u]/R\"; "
					   "sid:%u;)\n",
				       i, i + 1);
	(void)sprintf(rules + len, TCP "content:\"aaaa\"; pcre:\"/a+$/\"; sid:999;)\n");
	c = rule_case_new(rules, &problem);
	ck_assert_msg(!problem, "%s", problem);
	memset(bytes, 'a', sizeof(bytes));
	for (i = 0; i < 20; i++) {
		rule_case_restart(c);
		rule_case_say(c, WT_TO_SERVER, wt_slice_of(bytes, sizeof(bytes)));
		rule_case_close(c);
		ck_assert_str_eq(rule_case_alerts(c), "999");
	}
	ck_assert_uint_gt(rule_case_n_cut(c), 20 * 100);
	rule_case_free(c);
	free(rules);
}
END_TEST

START_TEST(zones_are_of_the_longest_prefix)
{
	static const struct wt_addr in = { .octet = { 10, 1, 2, 3 } },
				    out = { .octet = { 10, 9, 9, 9 } };
	struct wt_rules *set = wt_rules_new();
	char why[200];
	unsigned i, n_icu = 0, n_site = 0;

	ck_assert(wt_rules_set_zone(set, "site", "10.0.0.0/8", why, sizeof(why)));
	ck_assert(wt_rules_set_zone(set, "icu", "10.1.2.0/24", why, sizeof(why)));
	ck_assert(wt_rules_set_zone(set, "icu", "fd00::/8", why, sizeof(why)));
	ck_assert(!wt_rules_set_zone(set, "lab", "10.0.0.0/33", why, sizeof(why)));
	for (i = 0; i < 3; i++) {
		bool is_icu = strcmp(set->zone.at[i].name, "icu") == 0;

		ck_assert_int_eq(wt_zone_has(set, i, &in, 4), is_icu);
		ck_assert_int_eq(wt_zone_has(set, i, &out, 4), !is_icu);
		n_icu += is_icu;
		n_site += !is_icu;
	}
	ck_assert_uint_eq(n_icu, 2);
	ck_assert_uint_eq(n_site, 1);
	wt_rules_free(set);
}
END_TEST

/* --- keywords of single protocols --- */

static const struct {
	const char *rule, *field, *text;
	uint64_t number;
	bool fires;
} words[] = {
	{ "alert http any any -> any any (http.request_header; content:\"X-Id: 7\"; "
	  "startswith; "
	  "endswith; sid:1;)",
	  "http.header", "Host: a\r\nX-Id: 7\r\nAccept: b\r\n", 0, true },
	{ "alert http any any -> any any (http.request_header; content:\"X-Id: 7\"; "
	  "startswith; "
	  "endswith; sid:1;)",
	  "http.header", "Host: a\r\nX-Id: 77\r\nAccept: b\r\n", 0, false },
	{ "alert http any any -> any any (http.response_header; content:\"X-Id: 7\"; sid:1;)",
	  "http.header", "X-Id: 7\r\n", 0, false }, /* the client says it */
	{ "alert tls any any -> any any (tls_cert_notbefore:>2020-01-01; sid:1;)",
	  "tls.cert_not_before", NULL, UINT64_C(1577836800000000000), true },
	{ "alert tls any any -> any any (tls_cert_notbefore:>2020-01-01T00:00:01; sid:1;)",
	  "tls.cert_not_before", NULL, UINT64_C(1577836800000000000), false },
	{ "alert tls any any -> any any (tls_cert_notafter:2019-12<>2021-02-28; sid:1;)",
	  "tls.cert_not_after", NULL, UINT64_C(1577836800000000000), true },
	{ "alert tls any any -> any any (tls_cert_notafter:<951782400; sid:1;)",
	  "tls.cert_not_after", NULL, UINT64_C(951782400000000000), true }, /* 2000-02-29 */
	{ "alert tls any any -> any any (tls_cert_notafter:2000-02-29; sid:1;)",
	  "tls.cert_not_after", NULL, UINT64_C(951782400000000000), true },
	{ "alert tcp any any -> any any (rpc:100003,*,6; sid:1;)", "rpc.program", NULL, 100003,
	  false }, /* no procedure in this event */
	{ "alert tcp any any -> any any (rpc:100003; sid:1;)", "rpc.program", NULL, 100003,
	  true },
	{ "alert mqtt any any -> any any (mqtt.flags:retain; sid:1;)", "mqtt.is_retained", NULL,
	  1, true },
	{ "alert mqtt any any -> any any (mqtt.flags:!retain; sid:1;)", "mqtt.is_retained",
	  NULL, 1, false },
	{ "alert mqtt any any -> any any (mqtt.flags:!dup,!retain; sid:1;)", "mqtt.packet",
	  "publish", 0, true }, /* flags that are not set are not said */
	{ "alert mqtt any any -> any any (mqtt.is_dup:false; mqtt.keep_alive_s:>5; sid:1;)",
	  "mqtt.keep_alive_s", NULL, 6, true },
	{ "alert mqtt any any -> any any (mqtt.flags:!dup; sid:1;)", "mqtt.packet", "totals", 0,
	  false },
	{ "alert mqtt any any -> any any (mqtt.connect.flags:!will; sid:1;)", "mqtt.packet",
	  "connect", 0, true },
	{ "alert mqtt any any -> any any (mqtt.connect.flags:!will; sid:1;)", "mqtt.packet",
	  "publish", 0, false },
	{ "alert ssh any any -> any any (ssh.protoversion:2; sid:1;)", "ssh.proto_version",
	  "2.0", 0, true },
	{ "alert ssh any any -> any any (ssh.softwareversion:\"openssh\"; sid:1;)",
	  "ssh.software", "OpenSSH_9.2", 0, true },
	{ "alert http any any -> any any (uricontent:\"/a/\"; nocase; sid:1;)", "http.uri",
	  "/x/A/b", 0, true },
	{ "alert http any any -> any any (noalert; alert; uricontent:\"/a/\"; sid:1;)",
	  "http.uri", "/x/a/b", 0, true },
};

START_TEST(keywords_are_fields)
{
	const char *problem, *text = words[_i].text;
	struct rule_case *c = rule_case_new(words[_i].rule, &problem);

	ck_assert_msg(!problem, "%s", problem);
	rule_case_event(c, words[_i].field, wt_slice_of(text, text ? strlen(text) : 0),
			words[_i].number);
	ck_assert_str_eq(rule_case_alerts(c), words[_i].fires ? "1" : "");
	rule_case_free(c);
}
END_TEST

int main(void)
{
	char dir[] = "/tmp/wardtap-rules-state-XXXXXX";
	Suite *suite = suite_create("rules_state");
	TCase *c = tcase_create("all");
	SRunner *runner;
	int n_failed;

	tcase_add_loop_test(c, variables_outlast_the_event, 0,
			    sizeof(carried) / sizeof(carried[0]));
	tcase_add_test(c, variables_are_of_their_flow);
	tcase_add_test(c, forgotten_rules_do_not_match);
	tcase_add_loop_test(c, what_cannot_be_kept_is_refused, 0,
			    sizeof(loads) / sizeof(loads[0]));
	tcase_add_loop_test(c, lists_of_plain_text_are_refused, 0, 4);
	tcase_add_test(c, lists_hold_no_nul);
	tcase_add_test(c, scores_are_compared);
	tcase_add_test(c, marks_of_flows_outlast_a_reload);
	tcase_set_timeout(c, 60);
	tcase_add_test(c, names_are_bounded);
	tcase_add_test(c, rules_share_a_bounded_cost);
	tcase_add_test(c, zones_are_of_the_longest_prefix);
	tcase_add_loop_test(c, keywords_are_fields, 0, sizeof(words) / sizeof(words[0]));
	suite_add_tcase(suite, c);
	if (!mkdtemp(dir) || chdir(dir) != 0) {
		perror(dir);
		return EXIT_FAILURE;
	}
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	n_failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	if (chdir("/") != 0 || rmdir(dir) != 0) /* tests leave nothing there */
		n_failed++;
	return n_failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
