/* Rules about the headers of one packet: for each keyword a packet that it matches and one
 * that it must not, as hex from the first octet of the IP header. Layouts: RFC 791 3.1 (IPv4
 * options), RFC 8200 4.4 (routing header), RFC 9293 3.1 (TCP), RFC 2003 (IP in IP), RFC 792. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "harness/hex.h"
#include "harness/rule_case.h"

static const struct {
	const char *options, *hit, *miss;
} vectors[] = {
	{ "tcp.mss:<500;",
	  "4500002c00014000400626c90a0000010a0000029c4000500000000100000000"
	  "6002faf0f225000002040030",
	  "4500002c00014000400626c90a0000010a0000029c4000500000000100000000"
	  "6002faf0f0610000020401f4" },
	{ "tcp.mss:1460;",
	  "4500003000014000400626c50a0000010a0000029c4000500000000100000000"
	  "7002faf0da9b000001010101020405b4",
	  "4500003000014000400626c50a0000010a0000029c4000500000000100000000"
	  "7002faf0db9a0000020605b400000101" },
	{ "flags:S; tcp.option_len:29,<4;",
	  "4500002c00014000400626c90a0000010a0000029c4000500000000100000000"
	  "6002faf0d65600001d030100",
	  "4500002c00014000400626c90a0000010a0000029c4000500000000100000000"
	  "6002faf0d65500001d040100" },
	{ "tcp.option_len:3,2;",
	  "4500003000014000400626c50a0000010a0000029c4000500000000100000000"
	  "7002faf0d89b0000020405b403020100",
	  "4500003000014000400626c50a0000010a0000029c4000500000000100000000"
	  "7002faf0d8930000020405b401030307" },
	{ "tcp.option_len:2,!4;",
	  "4500003000014000400626c50a0000010a0000029c4000500000000100000000"
	  "7002faf0db9a0000020605b400000101",
	  "4500003000014000400626c50a0000010a0000029c4000500000000100000000"
	  "7002faf0de4e00000002060500000000" },
	{ "tcp.option_len:8,10;",
	  "4500003400014000400626c10a0000010a0000029c4000500000000100000000"
	  "8002faf0cb4600000101080a0000000000000000",
	  "4500003400014000400626c10a0000010a0000029c4000500000000100000000"
	  "8002faf0c74600000501080a0000000000000000" },
	{ "flags:U+; tcp.urgent_pointer:0;",
	  "4500002b00014000400626ca0a0000010a0000029c4000500000000100000000"
	  "5030faf03fca0000616263",
	  "4500002b00014000400626ca0a0000010a0000029c4000500000000100000000"
	  "5030faf03fc90001616263" },
	{ "tcp.urgent_pointer:0;",
	  "4500002800014000400626cd0a0000010a0000029c4000500000000100000000"
	  "5030faf004300000",
	  "4500002800014000400626cd0a0000010a0000029c4000500000000100000000"
	  "5010faf004500000" },
	{ "tcp.urgent_past:>1;",
	  "4500002b00014000400626ca0a0000010a0000029c4000500000000100000000"
	  "5030faf03fc50005616263",
	  "4500002b00014000400626ca0a0000010a0000029c4000500000000100000000"
	  "5030faf03fc60004616263" },
	{ "ipopts:lsrr;",
	  "47000030000140004006123d0a0000010a000002018307040a0000019c400050"
	  "00000001000000005002faf0045e0000",
	  "4700003000014000400696b30a0000010a0000028907040a000001009c400050"
	  "00000001000000005002faf0045e0000" },
	{ "ipopts:ssrr;",
	  "4700003000014000400696b30a0000010a0000028907040a000001009c400050"
	  "00000001000000005002faf0045e0000",
	  "4700003000014000400613370a0000010a000002008907040a0000019c400050"
	  "00000001000000005002faf0045e0000" },
	{ "ipopts:any;",
	  "4600002c00014000400623c80a0000010a000002010101009c40005000000001"
	  "000000005002faf0045e0000",
	  "4500002800014000400626cd0a0000010a0000029c4000500000000100000000"
	  "5002faf0045e0000" },
	{ "ipopts:!rr;",
	  "4600002c00014000400623c80a0000010a000002010101009c40005000000001"
	  "000000005002faf0045e0000",
	  "4700003000014000400619be0a0000010a00000207070400000000009c400050"
	  "00000001000000005002faf0045e0000" },
	{ "ipv6.routing_type:0;",
	  "6000000000102b40fd000000000000000000000000000001fd00000000000000"
	  "000000000000000211000000000000000001270f00081234",
	  "6000000000102b40fd000000000000000000000000000001fd00000000000000"
	  "000000000000000211000200000000000001270f00081234" },
	{ "ipv6.routing_type:0;",
	  "6000000000180040fd000000000000000000000000000001fd00000000000000"
	  "00000000000000022b0001040000000011000000000000000001270f00081234",
	  "6000000000100040fd000000000000000000000000000001fd00000000000000"
	  "000000000000000211000104000000000001270f00081234" },
	{ "tunnel:ipip;",
	  "4500003000014000400426c70a0000010a0000024500001c00014000401126ce"
	  "0a0000010a0000020001270f00080000",
	  "4500001c00014000401126ce0a0000010a0000020001270f00080000" },
	{ "tunnel:6in4;",
	  "45000044000140004029268e0a0000010a0000026000000000081140fd000000"
	  "000000000000000000000001fd0000000000000000000000000000020001270f"
	  "00081234",
	  "4500003000014000400426c70a0000010a0000024500001c00014000401126ce"
	  "0a0000010a0000020001270f00080000" },
	{ "itype:8; icode:65;", "4500001c00014000400126de0a0000010a0000020841000000000000",
	  "4500001c00014000400126de0a0000010a0000020800000000000000" },
	{ "itype:13; dsize:<12;",
	  "4500002400014000400126d60a0000010a0000020d0000000000000000000000"
	  "00000000",
	  "4500002800014000400126d20a0000010a0000020d0000000000000000000000"
	  "0000000000000000" },
};

static void show(struct rule_case *c, const char *hex)
{
	static uint8_t room[HEX_MAX];

	rule_case_restart(c);
	rule_case_packet(c, hex_of(hex, room));
}

START_TEST(keyword_keeps_its_promise)
{
	char rule[256];
	const char *problem;
	struct rule_case *c;

	(void)snprintf(rule, sizeof(rule), "alert ip any any -> any any (%s sid:1;)\n",
		       vectors[_i].options);
	c = rule_case_new(rule, &problem);
	ck_assert_msg(!problem, "%s: %s", vectors[_i].options, problem);
	show(c, vectors[_i].hit);
	ck_assert_msg(strcmp(rule_case_alerts(c), "1") == 0, "%s does not match its hit",
		      vectors[_i].options);
	show(c, vectors[_i].miss);
	ck_assert_msg(strcmp(rule_case_alerts(c), "") == 0, "%s matches its miss",
		      vectors[_i].options);
	rule_case_free(c);
}
END_TEST

/* Options that end in the middle of themselves are passed over, never read beyond. */
START_TEST(cut_options_are_no_match)
{
	/* NOP, NOP, NOP, and the kind of an option without its length */
	static const char packet[] = "4500002c00014000400600000a0000010a0000029c400050000000010"
				     "00000006002000000000000"
				     "01010102";
	const char *problem;
	struct rule_case *c =
		rule_case_new("alert ip any any -> any any (tcp.option_len:2,>0; sid:1;)\n"
			      "alert ip any any -> any any (tcp.mss:>0; sid:2;)\n",
			      &problem);

	ck_assert_msg(!problem, "%s", problem);
	show(c, packet);
	ck_assert_str_eq(rule_case_alerts(c), "");
	rule_case_free(c);
}
END_TEST

static const struct {
	const char *options, *reason;
} refused[] = {
	{ "ipopts:lssr;", "lsrr" },          { "tunnel:gree;", "gre" },
	{ "tcp.option_len:29;", "write N" }, { "tcp.option_len:1,4;", "kind" },
	{ "tcp.mss:x;", "write N" },         { "ipv6.routing_type:256;", "255" },
};

START_TEST(what_is_wrong_is_told)
{
	char rule[256];
	const char *problem;
	struct rule_case *c;

	(void)snprintf(rule, sizeof(rule), "alert ip any any -> any any (%s sid:1;)\n",
		       refused[_i].options);
	c = rule_case_new(rule, &problem);
	ck_assert_uint_eq(rule_case_n_loaded(c), 0);
	ck_assert_msg(problem && strstr(problem, refused[_i].reason), "%s: told '%s'",
		      refused[_i].options, problem ? problem : "nothing");
	rule_case_free(c);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("rules_headers");
	TCase *c = tcase_create("all");
	SRunner *runner;
	int n_failed;

	tcase_add_loop_test(c, keyword_keeps_its_promise, 0,
			    sizeof(vectors) / sizeof(vectors[0]));
	tcase_add_loop_test(c, what_is_wrong_is_told, 0, sizeof(refused) / sizeof(refused[0]));
	tcase_add_test(c, cut_options_are_no_match);
	suite_add_tcase(suite, c);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	n_failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return n_failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
