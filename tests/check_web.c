/* Promises of the HTTP, TLS, SSH and QUIC dissectors, on bytes written here, fed through
 * the real dissection stage. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WT_NO_POISON
#include "../dissectors/http_parts.h"
#include "../dissectors/quic_packet.h"
#include "../dissectors/tls_hello.h"
#include "harness/flow_case.h"

extern const struct wt_dissector wt_http_dissector;

static void expect(struct wt_case *f, const char *part)
{
	ck_assert_msg(strstr(wt_case_text(f), part) != NULL, "no '%s' in\n%.2000s", part,
		      wt_case_text(f));
}

static void expect_not(struct wt_case *f, const char *part)
{
	ck_assert_msg(strstr(wt_case_text(f), part) == NULL, "'%s' in\n%.2000s", part,
		      wt_case_text(f));
}

#define UP(f, text) wt_case_feed(f, WT_TO_SERVER, WT_LIT(text))
#define DOWN(f, text) wt_case_feed(f, WT_TO_CLIENT, WT_LIT(text))

/* --- HTTP --- */

START_TEST(a_response_to_head_has_no_body)
{
	struct wt_case *f = wt_case_new("http", false, false);

	UP(f, "HEAD /a HTTP/1.1\r\nHost: x\r\n\r\nGET /b HTTP/1.1\r\nHost: x\r\n\r\n");
	DOWN(f, "HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n"
		"HTTP/1.1 404 Not Found\r\nServer: s/2\r\nContent-Length: 0\r\n\r\n");
	expect(f, "request_method=HEAD");
	expect(f, "status=404");
	expect(f, "server=s/2");
	ck_assert_uint_eq(wt_case_count(f, "glitch"), 0);
	wt_case_free(f);
}
END_TEST

/* Half a mirror: what follows the header tells. */
START_TEST(without_its_request_a_response_may_have_no_body)
{
	struct wt_case *f = wt_case_new("http", false, false);

	DOWN(f, "HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n"
		"HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\nhi"
		"HTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n");
	expect(f, "status=404");
	expect(f, "status=302");
	wt_case_free(f);
}
END_TEST

/* RFC 9112 6.3: Transfer-Encoding overrides Content-Length. */
START_TEST(length_and_chunks_at_once_are_told)
{
	struct wt_case *f = wt_case_new("http", false, false);

	UP(f, "POST /p HTTP/1.1\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n"
	      "1\r\nZ\r\n0\r\n\r\nGET /next HTTP/1.1\r\n\r\n");
	expect(f, "glitch length_and_chunked");
	expect(f, "request_body=Z\n");
	expect(f, "uri=/next");
	ck_assert_uint_eq(wt_case_count(f, "http"), 2);
	wt_case_free(f);
}
END_TEST

START_TEST(two_lengths_are_told)
{
	struct wt_case *f = wt_case_new("http", false, false);

	UP(f, "POST /p HTTP/1.1\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n");
	expect(f, "glitch bad_content_length");
	wt_case_free(f);
}
END_TEST

START_TEST(a_header_beyond_the_window_still_ends_the_body)
{
	struct wt_case *f = wt_case_new("http", false, false);
	char *line = malloc(30000);

	memset(line, 'a', 30000);
	UP(f, "POST /long HTTP/1.1\r\nX: ");
	wt_case_feed(f, WT_TO_SERVER, wt_slice_of(line, 30000));
	UP(f,
	   "\r\nContent-Length: 3\r\nUser-Agent: late/1\r\n\r\nabcGET /after HTTP/1.1\r\n\r\n");
	expect(f, "is_long_header=true");
	expect(f, "user_agent=late/1");
	expect(f, "request_body=abc");
	expect(f, "uri=/after");
	ck_assert_uint_le(wt_case_rest_max(f), wt_http_dissector.buffer_max);
	free(line);
	wt_case_free(f);
}
END_TEST

START_TEST(bodies_of_5_MB_run_in_constant_memory)
{
	struct wt_case *f = wt_case_new("http", false, false);
	uint8_t part[1460];
	unsigned i;

	memset(part, 'H', sizeof(part));
	UP(f, "GET /big HTTP/1.1\r\n\r\n");
	DOWN(f, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n500000\r\n");
	for (i = 0; i < 0x500000 / sizeof(part); i++)
		wt_case_feed(f, WT_TO_CLIENT, wt_slice_of(part, sizeof(part)));
	wt_case_feed(f, WT_TO_CLIENT, wt_slice_of(part, 0x500000 % sizeof(part)));
	DOWN(f, "\r\n0\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n");
	expect(f, "status=204");
	ck_assert_uint_le(wt_case_rest_max(f), wt_http_dissector.buffer_max);
	ck_assert_uint_lt(wt_case_units(f), 4000);
	wt_case_free(f);
}
END_TEST

/* RFC 7617, RFC 7616: user and secret; RFC 6750: the token. */
START_TEST(credentials_go_to_their_fields)
{
	struct wt_case *f = wt_case_new("http", false, false);

	UP(f, "GET / HTTP/1.1\r\nAuthorization: Basic bnVyc2U6cHc6MQ==\r\n\r\n"
	      "GET / HTTP/1.1\r\nAuthorization: Digest username=\"bo\\b\", realm=\"R 1\", "
	      "response=\"6629\"\r\n\r\n"
	      "GET / HTTP/1.1\r\nAuthorization: Bearer abc.def\r\n\r\n");
	expect(f, "auth_scheme=Basic is_basic_auth=true user.name=nurse user.secret=pw:1");
	expect(f, "realm=R\\x201");
	expect(f, "user.secret=6629");
	expect(f, "user.secret=abc.def");
	wt_case_free(f);
}
END_TEST

/* RFC 3986 3.2.1; RFC 2183 2.3. */
START_TEST(secrets_and_names_stay_out_of_what_is_shown)
{
	struct wt_case *f = wt_case_new("http", false, false);

	UP(f, "GET http://nurse:pw1@pacs:80/x HTTP/1.1\r\nHost: other\r\n"
	      "Content-Type: application/pdf; name=\"DOE.pdf\"\r\n\r\n");
	expect(f, "user.name=nurse user.secret=pw1 host=pacs:80");
	expect(f, "content_type=application/pdf file.name=DOE.pdf");
	wt_case_free(f);
}
END_TEST

START_TEST(a_loss_in_the_body_keeps_the_request)
{
	struct wt_case *f = wt_case_new("http", false, false);

	UP(f, "POST /cut HTTP/1.1\r\nContent-Length: 3000\r\n\r\nabc");
	wt_case_gap(f, WT_TO_SERVER, 2997);
	UP(f, "GET /after HTTP/1.1\r\nHost: x\r\n\r\n");
	expect(f, "uri=/cut");
	expect(f, "is_cut=true");
	expect(f, "uri=/after");
	wt_case_free(f);
}
END_TEST

START_TEST(what_a_proxy_lets_through_is_another_protocol)
{
	struct wt_case *f = wt_case_new("http", false, false);

	UP(f, "CONNECT pacs:2762 HTTP/1.1\r\n\r\n");
	DOWN(f, "HTTP/1.1 200 Connection established\r\n\r\n");
	DOWN(f, "SSH-2.0-inner_1\r\n");
	wt_case_close(f);
	expect(f, "request_method=CONNECT");
	ck_assert_uint_eq(wt_case_count(f, "ssh"), 1);
	expect_not(f, "glitch");
	wt_case_free(f);
}
END_TEST

/* PS3.10 7.1: 128 bytes, then DICM. */
START_TEST(an_executable_preamble_is_seen)
{
	struct wt_case *f = wt_case_new("http", false, false);
	uint8_t file[200] = "MZ";

	memcpy(file + 128, "DICM", 4);
	UP(f, "GET /x HTTP/1.1\r\n\r\n");
	DOWN(f, "HTTP/1.1 200 OK\r\nContent-Length: 200\r\n"
		"Content-Disposition: attachment; filename=\"DOE_J.DCM\"\r\n\r\n");
	wt_case_feed(f, WT_TO_CLIENT, wt_slice_of(file, sizeof(file)));
	expect(f, "file.name=DOE_J.DCM file.extension=dcm");
	expect(f, "file.kind=dicom file.preamble=pe");
	expect(f, "file.size_bytes=200");
	wt_case_free(f);
}
END_TEST

/* RFC 8010 3.1.4: tag, length of name, name, length of value, value. */
START_TEST(a_printer_tells_its_model)
{
	struct wt_case *f = wt_case_new("http", false, false);

	UP(f,
	   "POST /ipp HTTP/1.1\r\nContent-Type: application/ipp\r\nContent-Length: 38\r\n\r\n"
	   "\x42\x00\x14requesting-user-name\x00\x05"
	   "nurse\x42\x00\x00\x00\x00\x00\x00\x00");
	DOWN(f, "HTTP/1.1 200 OK\r\nContent-Type: application/ipp\r\nContent-Length: 36\r\n\r\n"
		"\x41\x00\x16printer-make-and-model\x00\x09Label 300");
	expect(f, "user.name=nurse");
	expect(f, "device.model=Label\\x20300");
	expect(f, "service=ipp");
	wt_case_free(f);
}
END_TEST

START_TEST(paths_are_normalised_and_queries_are_not)
{
	static const char *const pairs[][2] = {
		{ "/a/../b/./c", "/b/c" },
		{ "//a//b/%2e%2e/%63", "/a/c" },
		{ "/../../etc/passwd", "/etc/passwd" },
		{ "/a%2", "/a%2" },
		{ "/x?y=%41/../z", "/x?y=%41/../z" },
		{ "http://h:80/p/.", "/p/" },
		{ "http://h", "/" },
		{ "*", "*" },
	};
	size_t i;

	for (i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		uint8_t room[64];
		struct wt_builder b = wt_builder_of(room, sizeof(room));

		http_normalise(wt_slice_text(pairs[i][0]), &b);
		ck_assert_msg(wt_slice_equal(wt_bld_slice(&b), wt_slice_text(pairs[i][1])),
			      "%s gives %.*s", pairs[i][0], (int)b.len, (const char *)room);
	}
}
END_TEST

START_TEST(probes_refuse_relatives)
{
	static const char *const others[] = {
		"OPTIONS sip:a@b SIP/2.0\r\n",
		"DESCRIBE rtsp://a/b RTSP/1.0\r\n",
		"EHLO a\r\n",
		"USER /x\r\n",
		"GET key\r\n",
		"HELP\r\n",
		"SSH-2.0-x\r\n",
		"RTSP/1.0 200 OK\r\n",
		"GET /x SIP/2.0\r\n",
	};
	size_t i;

	for (i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		ck_assert_msg(wt_http_dissector.probe(wt_slice_text(others[i])) == WT_FOREIGN,
			      "%s", others[i]);
}
END_TEST

/* --- TLS --- */

/* The hello of FoxIO's JA4 description: its fingerprint is printed there. */
static size_t ja4_hello(uint8_t *into, size_t cap)
{
	static const uint16_t ciphers[] = { 0x1301, 0x1302, 0x1303, 0xc02b, 0xc02f,
					    0xc02c, 0xc030, 0xcca9, 0xcca8, 0xc013,
					    0xc014, 0x009c, 0x009d, 0x002f, 0x0035 };
	static const uint16_t plain[] = { 0x0005, 0x000a, 0x000b, 0x0012, 0x0015, 0x0017,
					  0x001b, 0x0023, 0x002d, 0x0033, 0x4469, 0xff01 };
	static const uint8_t named[] =
		"\x00\x00\x00\x06\x00\x04\x00\x00\x01h" /* RFC 6066 3 */
		"\x00\x10\x00\x05\x00\x03\x02h2"        /* RFC 7301 3.1 */
		"\x00\x0d\x00\x12\x00\x10\x04\x03\x08\x04\x04\x01\x05\x03\x08\x05\x05\x01\x08"
		"\x06\x06\x01"
		"\x00\x2b\x00\x07\x06\x2a\x2a\x03\x04\x03\x03"; /* RFC 8446 4.2.1, GREASE first
								 */
	struct wt_builder b = wt_builder_of(into, cap);
	size_t i, n_ext = sizeof(named) - 1 + sizeof(plain) * 2 + 4, len;

	len = 2 + 32 + 1 + 2 + 2 + sizeof(ciphers) + 2 + 2 + n_ext;
	for (i = 0; i < 4; i++)
		wt_bld_u8(&b, i == 0 ? 1 : (uint8_t)(len >> (8 * (3 - i))));
	wt_bld_bytes(&b, WT_LIT("\x03\x03"));
	for (i = 0; i < 33; i++)
		wt_bld_u8(&b, 0);
	wt_bld_u8(&b, 0);
	wt_bld_u8(&b, sizeof(ciphers) + 2);
	wt_bld_bytes(&b, WT_LIT("\x1a\x1a"));
	for (i = 0; i < sizeof(ciphers) / 2; i++) {
		wt_bld_u8(&b, (uint8_t)(ciphers[i] >> 8));
		wt_bld_u8(&b, (uint8_t)ciphers[i]);
	}
	wt_bld_bytes(&b, WT_LIT("\x01\x00"));
	wt_bld_u8(&b, (uint8_t)(n_ext >> 8));
	wt_bld_u8(&b, (uint8_t)n_ext);
	wt_bld_bytes(&b, WT_LIT("\x3a\x3a\x00\x00"));
	for (i = 0; i < sizeof(plain) / 2; i++) {
		wt_bld_u8(&b, (uint8_t)(plain[i] >> 8));
		wt_bld_u8(&b, (uint8_t)plain[i]);
		wt_bld_bytes(&b, WT_LIT("\x00\x00"));
	}
	wt_bld_bytes(&b, wt_slice_of(named, sizeof(named) - 1));
	ck_assert(!b.is_short && b.len == len + 4);
	return b.len;
}

START_TEST(ja4_is_what_its_authors_print)
{
	uint8_t hello[512], text[64];
	size_t len = ja4_hello(hello, sizeof(hello));
	struct wt_builder b = wt_builder_of(text, sizeof(text));
	struct tls_hello h;

	ck_assert(tls_client_hello(wt_slice_of(hello + 4, len - 4), &h));
	tls_ja4(&h, 't', &b);
	ck_assert_msg(wt_slice_equal(wt_bld_slice(&b),
				     WT_LIT("t13d1516h2_8daaf6152771_e5627efa2ab1")),
		      "%.*s", (int)b.len, (const char *)text);
}
END_TEST

/* RFC 8446 5.1: messages may be cut into records at any byte. */
START_TEST(a_hello_in_records_of_one_byte_is_read)
{
	uint8_t hello[512], record[6] = { 22, 3, 1, 0, 1, 0 };
	size_t len = ja4_hello(hello, sizeof(hello)), i;
	struct wt_case *f = wt_case_new("tls", false, false);

	/* the first record is long enough to be known */
	wt_case_feed(f, WT_TO_SERVER, WT_LIT("\x16\x03\x01\x00\x06"));
	wt_case_feed(f, WT_TO_SERVER, wt_slice_of(hello, 6));
	for (i = 6; i < len; i++) {
		record[5] = hello[i];
		wt_case_feed(f, WT_TO_SERVER, wt_slice_of(record, sizeof(record)));
	}
	expect(f, "ja4=t13d1516h2_8daaf6152771_e5627efa2ab1");
	expect(f, "sni=h");
	wt_case_free(f);
}
END_TEST

START_TEST(certificates_that_lie_are_survived)
{
	static const char *const bad[] = {
		/* lengths beyond their parents: X.690 8.1.3 */
		"\x16\x03\x03\x00\x11\x0b\x00\x00\x0d\x00\x00\x0a\x00\x00\x07\x30\x84\xff\xff"
		"\xff\xff\x30",
		"\x16\x03\x03\x00\x11\x0b\x00\x00\x0d\x00\x00\x0a\x00\x00\x07\x30\x05\x30\x03"
		"\x02\x7f\x01",
	};
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		uint8_t hello[600] = { 22, 3, 1 };
		size_t len = ja4_hello(hello + 5, sizeof(hello) - 5);
		struct wt_case *f = wt_case_new("tls", false, false);

		hello[3] = (uint8_t)(len >> 8);
		hello[4] = (uint8_t)len;
		wt_case_feed(f, WT_TO_SERVER, wt_slice_of(hello, len + 5));
		wt_case_feed(f, WT_TO_CLIENT, wt_slice_of(bad[i], 22));
		ck_assert_uint_eq(wt_case_count(f, "tls"), 1);
		expect(f, "glitch bad_certificate");
		wt_case_free(f);
	}
}
END_TEST

/* SSL 2.0: 80 2e, hello, version, 15 octets of ciphers, no session, 16 of challenge. */
START_TEST(hellos_of_ssl_2_are_told)
{
	struct wt_case *f = wt_case_new("tls", false, false);

	wt_case_feed(f, WT_TO_SERVER,
		     WT_LIT("\x80\x28\x01\x00\x02\x00\x0f\x00\x00\x00\x10"
			    "\x01\x00\x80\x02\x00\x80\x03\x00\x80\x04\x00\x80\x05\x00\x80"
			    "0123456789abcdef"));
	expect(f, "version=SSL\\x202.0");
	expect(f, "cipher_count=5");
	wt_case_free(f);
}
END_TEST

/* RFC 6520 4: a payload longer than its record. */
START_TEST(heartbleed_is_told)
{
	struct wt_case *f = wt_case_new("tls", false, false);
	uint8_t hello[600] = { 22, 3, 1 };
	size_t len = ja4_hello(hello + 5, sizeof(hello) - 5);

	hello[3] = (uint8_t)(len >> 8);
	hello[4] = (uint8_t)len;
	wt_case_feed(f, WT_TO_SERVER, wt_slice_of(hello, len + 5));
	wt_case_feed(f, WT_TO_SERVER, WT_LIT("\x18\x03\x02\x00\x03\x01\x40\x00"));
	expect(f, "glitch heartbeat_longer_than_record");
	wt_case_free(f);
}
END_TEST

/* --- SSH --- */

/* RFC 4253 4.2: other lines may come first; SSH 1.5 has other packets. */
START_TEST(ssh_banners_of_all_ages_are_read)
{
	struct wt_case *f = wt_case_new("ssh", false, false);

	UP(f, "SSH-2.0-client_1 a comment\r\n");
	DOWN(f, "Welcome to the ward\r\nSSH-1.5-old_2\n\x00\x00\x01\x0b");
	expect_not(f, "glitch");
	expect(f, "side=server banner=SSH-1.5-old_2 proto_version=1.5 software=old_2");
	wt_case_close(f);
	expect(f, "side=client banner=SSH-2.0-client_1\\x20a\\x20comment");
	expect(f, "comment=a\\x20comment");
	wt_case_free(f);
}
END_TEST

START_TEST(algorithm_lists_that_lie_are_told)
{
	struct wt_case *f = wt_case_new("ssh", false, false);

	UP(f, "SSH-2.0-x\r\n\x00\x00\x00\x1c\x04\x14"
	      "0123456789abcdef"
	      "\xff\xff\xff\xff"
	      "zz1234");
	expect(f, "glitch bad_kexinit");
	expect(f, "banner=SSH-2.0-x");
	wt_case_free(f);
}
END_TEST

/* --- QUIC --- */

static void expect_bytes(const uint8_t *bytes, struct wt_slice want)
{
	ck_assert(wt_slice_equal(wt_slice_of(bytes, want.len), want));
}

/* RFC 9001 A.1 and RFC 9369 A.1: the id 8394c8f03e515708. */
START_TEST(quic_keys_are_those_of_the_standards)
{
	struct wt_slice id = WT_LIT("\x83\x94\xc8\xf0\x3e\x51\x57\x08");
	struct quic_keys k[2];

	ck_assert(quic_derive(1, id, k));
	expect_bytes(
		k[0].key,
		WT_LIT("\x1f\x36\x96\x13\xdd\x76\xd5\x46\x77\x30\xef\xcb\xe3\xb1\xa2\x2d"));
	expect_bytes(k[0].iv, WT_LIT("\xfa\x04\x4b\x2f\x42\xa3\xfd\x3b\x46\xfb\x25\x5c"));
	expect_bytes(
		k[0].hp,
		WT_LIT("\x9f\x50\x44\x9e\x04\xa0\xe8\x10\x28\x3a\x1e\x99\x33\xad\xed\xd2"));
	expect_bytes(
		k[1].key,
		WT_LIT("\xcf\x3a\x53\x31\x65\x3c\x36\x4c\x88\xf0\xf3\x79\xb6\x06\x7e\x37"));
	ck_assert(quic_derive(0x6b3343cf, id, k));
	expect_bytes(
		k[0].key,
		WT_LIT("\x8b\x1a\x0b\xc1\x21\x28\x42\x90\xa2\x9e\x09\x71\xb5\xcd\x04\x5d"));
	ck_assert(!quic_derive(0x12345678, id, k));
}
END_TEST

START_TEST(quic_lengths_that_lie_are_refused)
{
	static const char *const bad[] = {
		"\xc0\x00\x00\x00\x01\x15", /* id of 21 bytes */
		"\xc0\x00\x00\x00\x01\x01"
		"a\x01"
		"b\x7f\xff", /* token beyond the packet */
		"\xc0\x00\x00\x00\x01\x01"
		"a\x01"
		"b\x00\xff\xff\xff\xff\xff\xff\xff\xff",
	};
	static const uint8_t len[] = { 6, 11, 18 };
	size_t i;

	for (i = 0; i < 3; i++) {
		struct wt_reader r = wt_reader_of(wt_slice_of(bad[i], len[i]), WT_MALFORMED);
		struct quic_packet p;

		ck_assert(!quic_read(&r, &p));
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("web");
	TCase *c = tcase_create("promises");
	SRunner *runner = srunner_create(suite);
	int n_failed;

	tcase_set_timeout(c, 120);
	tcase_add_test(c, a_response_to_head_has_no_body);
	tcase_add_test(c, without_its_request_a_response_may_have_no_body);
	tcase_add_test(c, length_and_chunks_at_once_are_told);
	tcase_add_test(c, two_lengths_are_told);
	tcase_add_test(c, a_header_beyond_the_window_still_ends_the_body);
	tcase_add_test(c, bodies_of_5_MB_run_in_constant_memory);
	tcase_add_test(c, credentials_go_to_their_fields);
	tcase_add_test(c, secrets_and_names_stay_out_of_what_is_shown);
	tcase_add_test(c, a_loss_in_the_body_keeps_the_request);
	tcase_add_test(c, what_a_proxy_lets_through_is_another_protocol);
	tcase_add_test(c, an_executable_preamble_is_seen);
	tcase_add_test(c, a_printer_tells_its_model);
	tcase_add_test(c, paths_are_normalised_and_queries_are_not);
	tcase_add_test(c, probes_refuse_relatives);
	tcase_add_test(c, ja4_is_what_its_authors_print);
	tcase_add_test(c, a_hello_in_records_of_one_byte_is_read);
	tcase_add_test(c, certificates_that_lie_are_survived);
	tcase_add_test(c, hellos_of_ssl_2_are_told);
	tcase_add_test(c, heartbleed_is_told);
	tcase_add_test(c, ssh_banners_of_all_ages_are_read);
	tcase_add_test(c, algorithm_lists_that_lie_are_told);
	tcase_add_test(c, quic_keys_are_those_of_the_standards);
	tcase_add_test(c, quic_lengths_that_lie_are_refused);
	suite_add_tcase(suite, c);
	srunner_run_all(runner, CK_NORMAL);
	n_failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return n_failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
