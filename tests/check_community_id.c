/* Community ID v1 against the published baseline of the specification.
 * Source: corelight/community-id-spec, baseline/baseline_deflt.json (seed 0) and
 * baseline/baseline_seed1.json (seed 1); the values, not the code. For ICMP the
 * "ports" are type and counterpart, or type and code where none exists. */
#define _POSIX_C_SOURCE 200809L
#include <arpa/inet.h>
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "decode/decode.h"
#include "export/community_id.h"
#include "harness/stream_engine.h"

static const struct row {
	uint8_t proto;
	const char *from, *to;
	uint16_t from_port, to_port;
	const char *seed0, *seed1;
} rows[] = {
	{ 58, "fe80::200:86ff:fe05:80da", "fe80::260:97ff:fe07:69ea", 135, 136,
	  "1:dGHyGvjMfljg6Bppwm3bg0LO8TY=", "1:kHa1FhMYIT6Ym2Vm2AOtoOARDzY=" },
	{ 58, "fe80::260:97ff:fe07:69ea", "fe80::200:86ff:fe05:80da", 136, 135,
	  "1:dGHyGvjMfljg6Bppwm3bg0LO8TY=", "1:kHa1FhMYIT6Ym2Vm2AOtoOARDzY=" },
	{ 58, "fe80::260:97ff:fe07:69ea", "fe80::200:86ff:fe05:80da", 135, 136,
	  "1:zavyT/cezQr1fmImYCwYnMXbgck=", "1:2hSqmsDZ2kdcY9kbiUzOEBic0iM=" },
	{ 58, "fe80::200:86ff:fe05:80da", "fe80::260:97ff:fe07:69ea", 136, 135,
	  "1:zavyT/cezQr1fmImYCwYnMXbgck=", "1:2hSqmsDZ2kdcY9kbiUzOEBic0iM=" },
	{ 58, "3ffe:501:1800:2345::2", "3ffe:507:0:1:200:86ff:fe05:80da", 3, 0,
	  "1:2ObVBgIn28oZvibYZhZMBgh7WdQ=", "1:lVEtCZpYu84Xqaa++3lXFyuu2n4=" },
	{ 58, "3ffe:501:410:0:2c0:dfff:fe47:33e", "3ffe:507:0:1:200:86ff:fe05:80da", 1, 4,
	  "1:hLZd0XGWojozrvxqE0dWB1iM6R0=", "1:W8MHwXpWzpoSTD+cGcaJr4u0ys8=" },
	{ 58, "3ffe:507:0:1:200:86ff:fe05:80da", "3ffe:501:0:1001::2", 128, 129,
	  "1:+TW+HtLHvV1xnGhV1lv7XoJrqQg=", "1:GfZxjAkDk2MkegpBYHV6tadtFXQ=" },
	{ 58, "3ffe:501:0:1001::2", "3ffe:507:0:1:200:86ff:fe05:80da", 129, 128,
	  "1:+TW+HtLHvV1xnGhV1lv7XoJrqQg=", "1:GfZxjAkDk2MkegpBYHV6tadtFXQ=" },
	{ 58, "fe80::200:86ff:fe05:80da", "ff02::2", 133, 134,
	  "1:hO+sN4H+MG5MY/8hIrXPqc4ZQz0=", "1:L7Ka0ZMYu+J3bL4ulW2PrqyXNo8=" },
	{ 58, "fe80::260:97ff:fe07:69ea", "ff02::1", 134, 133,
	  "1:pkvHqCL88/tg1k4cPigmZXUtL00=", "1:K/ee5UCqAMAQXDorP5nSa2CGLjc=" },
	{ 1, "192.168.0.89", "192.168.0.1", 8, 0,
	  "1:X0snYXpgwiv9TZtqg64sgzUn6Dk=", "1:03g6IloqVBdcZlPyX8r0hgoE7kA=" },
	{ 1, "192.168.0.1", "192.168.0.89", 0, 8,
	  "1:X0snYXpgwiv9TZtqg64sgzUn6Dk=", "1:03g6IloqVBdcZlPyX8r0hgoE7kA=" },
	{ 1, "10.0.0.1", "10.0.0.2", 11, 0,
	  "1:YHxtAirCG//0OzkcVAukqKQN9xM=", "1:XjUibYHaafLQ3pxQeiMI8g25q20=" },
	{ 6, "2001:470:e5bf:dead:4957:2174:e82c:4887", "2607:f8b0:400c:c03::1a", 63943, 25,
	  "1:/qFaeAR+gFe1KYjMzVDsMv+wgU4=", "1:eJYTW6AOzFLlSUoESovMjnu7rMw=" },
	{ 6, "2607:f8b0:400c:c03::1a", "2001:470:e5bf:dead:4957:2174:e82c:4887", 25, 63943,
	  "1:/qFaeAR+gFe1KYjMzVDsMv+wgU4=", "1:eJYTW6AOzFLlSUoESovMjnu7rMw=" },
	{ 132, "192.168.170.8", "192.168.170.56", 7, 7,
	  "1:MP2EtRCAUIZvTw6MxJHLV7N7JDs=", "1:5w3ZRjeKBzqT3zsaEECDGjUbYeg=" },
	{ 132, "192.168.170.56", "192.168.170.8", 7, 7,
	  "1:MP2EtRCAUIZvTw6MxJHLV7N7JDs=", "1:5w3ZRjeKBzqT3zsaEECDGjUbYeg=" },
	{ 6, "128.232.110.120", "66.35.250.204", 34855, 80,
	  "1:LQU9qZlK+B5F3KDmev6m5PMibrg=", "1:3V71V58M3Ksw/yuFALMcW0LAHvc=" },
	{ 6, "66.35.250.204", "128.232.110.120", 80, 34855,
	  "1:LQU9qZlK+B5F3KDmev6m5PMibrg=", "1:3V71V58M3Ksw/yuFALMcW0LAHvc=" },
	{ 17, "192.168.1.52", "8.8.8.8", 54585, 53,
	  "1:d/FP5EW3wiY1vCndhwleRRKHowQ=", "1:Q9We8WO3piVF8yEQBNJF4uiSVrI=" },
	{ 17, "8.8.8.8", "192.168.1.52", 53, 54585,
	  "1:d/FP5EW3wiY1vCndhwleRRKHowQ=", "1:Q9We8WO3piVF8yEQBNJF4uiSVrI=" },
	{ 46, "10.1.12.1", "10.1.12.2", 0, 0,
	  "1:KHlLkgoJW7ifUTyTSgyVfkFHzKw=", "1:rYir8gphR31noO9iDRQmF/BteEI=" },
	{ 46, "10.1.12.2", "10.1.12.1", 0, 0,
	  "1:KHlLkgoJW7ifUTyTSgyVfkFHzKw=", "1:rYir8gphR31noO9iDRQmF/BteEI=" },
};

static void check_id(const struct row *row, const struct wt_flow_key *key, uint8_t sender,
		     const char *how)
{
	char text[WT_COMMUNITY_ID_LEN + 1] = "";

	wt_community_id(key, sender, 0, text);
	ck_assert_msg(strcmp(text, row->seed0) == 0, "%s %u %s %u -> %s %u: %s, not %s", how,
		      row->proto, row->from, row->from_port, row->to, row->to_port, text,
		      row->seed0);
	wt_community_id(key, sender, 1, text);
	ck_assert_msg(strcmp(text, row->seed1) == 0, "%s %u %s, seed 1: %s, not %s", how,
		      row->proto, row->from, text, row->seed1);
}

static uint8_t octets_of(const char *text, uint8_t octet[16])
{
	memset(octet, 0, 16);
	if (strchr(text, ':')) {
		ck_assert_int_eq(inet_pton(AF_INET6, text, octet), 1);
		return 6;
	}
	ck_assert_int_eq(inet_pton(AF_INET, text, octet), 1);
	return 4;
}

START_TEST(baseline_of_the_specification)
{
	const struct row *row = &rows[_i];
	struct wt_flow_key key;
	uint8_t sender;

	memset(&key, 0, sizeof(key));
	key.proto = row->proto;
	key.ip_version = octets_of(row->from, key.end[0].addr.octet);
	(void)octets_of(row->to, key.end[1].addr.octet);
	key.end[0].port = row->from_port;
	key.end[1].port = row->to_port;
	sender = wt_flow_key_order(&key);
	check_id(row, &key, sender, "key");
}
END_TEST

static void put16(uint8_t *at, unsigned value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

/* The same through the decoder: a raw IP packet whose transport begins with the ports,
 * or with type and code, which must give the same key. */
START_TEST(baseline_through_the_decoder)
{
	const struct row *row = &rows[_i];
	uint8_t bytes[96] = { 0 }, octet[16];
	struct wt_packet p = { .bytes = bytes, .link_type = 101 };
	bool is_icmp = row->proto == 1 || row->proto == 58;
	uint8_t version = octets_of(row->from, octet);
	size_t head = version == 4 ? 20 : 40, len = version == 4 ? 4 : 16, body = 32;
	uint8_t *l4 = bytes + head;

	bytes[0] = version == 4 ? 0x45 : 0x60;
	put16(bytes + (version == 4 ? 2 : 4), (unsigned)(version == 4 ? head + body : body));
	bytes[version == 4 ? 9 : 6] = row->proto;
	bytes[version == 4 ? 8 : 7] = 64;
	memcpy(bytes + (version == 4 ? 12 : 8), octet, len);
	(void)octets_of(row->to, octet);
	memcpy(bytes + (version == 4 ? 16 : 24), octet, len);
	put16(l4, row->from_port);
	put16(l4 + 2, row->to_port);
	if (is_icmp) {
		l4[0] = (uint8_t)row->from_port;
		/* one-way messages have a code in the baseline's second place */
		l4[1] = row->proto == 58 && row->from_port < 128 ? (uint8_t)row->to_port : 0;
		l4[2] = l4[3] = 0;
	}
	if (row->proto == 6)
		l4[12] = 0x50;
	if (row->proto == 17)
		put16(l4 + 4, (unsigned)body);
	p.cap_len = p.wire_len = (uint32_t)(head + body);
	wt_decode(&p);
	ck_assert_int_eq(p.disposition, WT_DISP_FLOW);
	check_id(row, &p.key, p.sender, "packet");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("community_id");
	TCase *c = tcase_create("baseline");
	int n = (int)(sizeof(rows) / sizeof(rows[0])), n_failed;
	SRunner *runner;

	tcase_add_loop_test(c, baseline_of_the_specification, 0, n);
	tcase_add_loop_test(c, baseline_through_the_decoder, 0, n);
	suite_add_tcase(suite, c);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	n_failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return n_failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
