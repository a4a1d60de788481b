/* Promises of the dissectors of text and file transfer: ftp, telnet, smtp, sip, tftp,
 * vnc, mqtt, file. Conversations of our own, fed through the real dissection stage. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WT_NO_POISON
#include "harness/flow_case.h"
#include "wardtap/dissector.h"

extern const struct wt_dissector wt_ftp_dissector, wt_smtp_dissector, wt_sip_dissector,
	wt_telnet_dissector, wt_vnc_dissector, wt_mqtt_dissector;

/* What one side says: 'c' client, 's' server, 'u' and 'v' the same as datagrams. */
struct say {
	char side;
	const char *text;
	size_t len;
};

#define C(text) { 'c', text, sizeof(text) - 1 }
#define S(text) { 's', text, sizeof(text) - 1 }
#define U(text) { 'u', text, sizeof(text) - 1 }
#define V(text) { 'v', text, sizeof(text) - 1 }

static struct wt_case *converse(const char *name, const struct say *says, size_t n, size_t step)
{
	struct wt_case *f = wt_case_new(name, false, says[0].side > 's');
	size_t i, at;

	for (i = 0; i < n; i++) {
		struct wt_slice s = wt_slice_of(says[i].text, says[i].len);

		if (says[i].side > 's') {
			wt_case_datagram(f, says[i].side == 'u' ? WT_TO_SERVER : WT_TO_CLIENT, s,
					 false);
			continue;
		}
		for (at = 0; at < s.len; at += step)
			wt_case_feed(f, says[i].side == 'c' ? WT_TO_SERVER : WT_TO_CLIENT,
				     wt_slice_head(wt_slice_tail(s, at), step));
	}
	wt_case_close(f);
	return f;
}

/* The words are in the events in this order, and "!word" nowhere; whatever the cut. */
static void expect(const char *name, const struct say *says, size_t n,
		   const char *const *words)
{
	struct wt_case *whole = converse(name, says, n, SIZE_MAX / 2);
	struct wt_case *bytes = converse(name, says, n, 1);
	const char *text = wt_case_text(whole), *at = text;

	ck_assert_msg(strcmp(text, wt_case_text(bytes)) == 0, "%s: byte by byte:\n%s\nwhole:\n%s",
		      name, wt_case_text(bytes), text);
	for (; *words; words++) {
		const char *hit;

		if (**words == '!') {
			ck_assert_msg(!strstr(text, *words + 1), "%s: \"%s\" in\n%s", name,
				      *words + 1, text);
			continue;
		}
		hit = strstr(at, *words);
		ck_assert_msg(hit, "%s: no \"%s\" in\n%s\nwhole:\n%s", name, *words, at, text);
		at = hit + strlen(*words);
	}
	wt_case_free(whole);
	wt_case_free(bytes);
}

#define EXPECT(name, says, ...) \
	expect(name, says, sizeof(says) / sizeof((says)[0]), \
	       (const char *const[]){ __VA_ARGS__, NULL })

/* --- FTP --- */

START_TEST(ftp_reply_names_the_command_that_it_answers)
{
	static const struct say says[] = {
		S("220 (vsFTPd 3.0.3)\r\n"), C("USER bob\r\nPASS secret\r\nSYST\r\n"),
		S("331 x\r\n230 ok\r\n215 UNIX Type: L8\r\n"),
	};

	EXPECT("ftp", says, "host.software=vsFTPd", "command=USER", "user.name=bob",
	       "command=PASS", "command=USER", "completion_code=331", "command=PASS",
	       "completion_code=230", "login=accepted", "host.os=UNIX");
}
END_TEST

/* RFC 959 4.2: inside a reply of many lines only its own code and a blank end it. */
START_TEST(ftp_reply_of_many_lines_is_one_event)
{
	static const struct say says[] = {
		S("220-welcome\r\n221 not the end\r\n220 FTP\r\n"),
		S("230-a\r\n 230 b\r\n230 c\r\n"),
	};

	EXPECT("ftp", says, "completion_code=220", "n_reply_lines=3", "completion_code=230",
	       "n_reply_lines=3", "!completion_code=221");
}
END_TEST

/* A greeting that does not say FTP waits for a word that does. */
START_TEST(ftp_greeting_without_a_name_is_kept)
{
	static const struct say says[] = {
		S("220 Welcome\r\n"), C("USER bob\r\n"), S("331 Password please\r\n"),
	};
	static const struct say mail[] = { S("220 Welcome\r\n"), C("EHLO a.b\r\n") };

	EXPECT("ftp", says, "completion_code=220", "user.name=bob", "completion_code=331");
	EXPECT("smtp", mail, "step=greeting", "step=hello", "helo=a.b");
}
END_TEST

/* RFC 2428 2: the first byte is the delimiter; RFC 959: numbers up to 255. */
START_TEST(ftp_data_addresses_are_checked)
{
	static const struct say says[] = {
		C("SYST\r\nPORT 10,0,0,1,4,1\r\nPORT 10,0,0,1,4,256\r\nEPRT |2|::1|99|\r\n"),
		S("220 FTP\r\n229 x (!!!70000!)\r\n227 x 10,0,0,2,1,1\r\n"),
	};

	EXPECT("ftp", says, "data_ip=10.0.0.1", "data_port=1025", "glitch malformed_address",
	       "data_ip=::1", "data_port=99", "malformed_address", "data_ip=10.0.0.2",
	       "data_port=257", "!data_port=70000");
}
END_TEST

/* RFC 959 4.1.3: Telnet's IP and Synch may stand before ABOR. */
START_TEST(ftp_long_lines_and_telnet_commands_are_passed)
{
	static char text[9000];
	struct say says[] = { { 'c', text, 0 } };

	says[0].len = (size_t)snprintf(text, sizeof(text), "SYST\r\nRETR %05000d\r\n"
				       "\xff\xf4\xff\xf2" "ABOR\r\nQUIT\r\n", 7);
	EXPECT("ftp", says, "command=SYST", "command=RETR", "command=ABOR", "command=QUIT");
}
END_TEST

START_TEST(ftp_tls_ends_what_is_ours)
{
	static const struct say says[] = {
		S("220 FTP\r\n"), C("AUTH TLS\r\n"), S("234 go\r\n"), C("USER \x16\x03\x01\r\n"),
	};

	EXPECT("ftp", says, "auth=TLS", "completion_code=234", "!user.name");
}
END_TEST

/* POP3 and IRC say USER as well, SMTP and NNTP have codes, MPEG audio begins FF FB. */
START_TEST(probes_do_not_claim_what_is_alike)
{
	static const struct {
		const struct wt_dissector *dissector;
		const char *head;
		enum wt_verdict verdict;
	} rows[] = {
		{ &wt_ftp_dissector, "USER bob\r\nPASS x\r\n", WT_MORE },
		{ &wt_ftp_dissector, "USER bob\r\nPASS x\r\nSTAT\r\n", WT_FOREIGN },
		{ &wt_ftp_dissector, "USER bob\r\nPASS x\r\nSYST\r\n", WT_OK },
		{ &wt_ftp_dissector, "USER a b c :d\r\n", WT_FOREIGN },
		{ &wt_ftp_dissector, "vent-7 login: ", WT_FOREIGN },
		{ &wt_ftp_dissector, "CWD /a", WT_MORE },
		{ &wt_ftp_dissector, "+OK ready\r\n", WT_FOREIGN },
		{ &wt_ftp_dissector, "220 a.b ESMTP\r\n", WT_FOREIGN },
		{ &wt_ftp_dissector, "220 Welcome\r\n", WT_MORE },
		{ &wt_ftp_dissector, "220 Welcome\r\n250 a.b\r\n", WT_FOREIGN },
		{ &wt_ftp_dissector, "215 list follows\r\n", WT_FOREIGN },
		{ &wt_ftp_dissector, "HTTP/1.1 220 FTP\r\n", WT_FOREIGN },
		{ &wt_smtp_dissector, "220 (vsFTPd 3.0.3)\r\n", WT_FOREIGN },
		{ &wt_smtp_dissector, "220 Welcome\r\n", WT_MORE },
		{ &wt_smtp_dissector, "220 Welcome\r\n250 a.b\r\n", WT_OK },
		{ &wt_smtp_dissector, "220 a.b ESMTP\r\n", WT_OK },
		{ &wt_smtp_dissector, "GET", WT_FOREIGN },
		{ &wt_sip_dissector, "OPTIONS rtsp://a/b RTSP/1.0\r\n", WT_FOREIGN },
		{ &wt_sip_dissector, "OPTIONS sip:a SIP/2.0\r\n", WT_OK },
		{ &wt_sip_dissector, "SIP/2.0 2", WT_MORE },
		{ &wt_telnet_dissector, "\xff\xfb\x90\x64", WT_FOREIGN },
		{ &wt_telnet_dissector, "\xff\xfb\x18\xff", WT_MORE },
		{ &wt_telnet_dissector, "\xff\xfb\x18\xff\xfd\x1f", WT_OK },
		{ &wt_telnet_dissector, "\xff\xfb\x18\r\nhi", WT_OK },
		{ &wt_telnet_dissector, "Login: bob  Name: Bob\r\n", WT_FOREIGN },
		{ &wt_telnet_dissector, "GET /login: ", WT_FOREIGN },
		{ &wt_telnet_dissector, "\r\nct7 login: ", WT_OK },
		{ &wt_vnc_dissector, "RFB 003.x", WT_FOREIGN },
		{ &wt_mqtt_dissector, "0 text", WT_FOREIGN },
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		ck_assert_msg(rows[i].dissector->probe(wt_slice_of(rows[i].head,
				      strlen(rows[i].head))) == rows[i].verdict,
			      "%s: %s", rows[i].dissector->name, rows[i].head);
}
END_TEST

/* --- Telnet --- */

START_TEST(telnet_login_is_told_without_what_is_typed)
{
	static const struct say says[] = {
		S("\xff\xfd\x18\xff\xfd\x1f" "BusyBox v1.36\r\nct7 login: "),
		C("\xff\xfa\x18\0XTERM\xff\xf0\xff\xfa\x1f\0\x50\0\x18\xff\xf0"),
		C("service\r\0"), S("service\r\nPassword: "), C("geheim\r\0"),
		S("\r\nLast login: today\r\n$ "), C("cat patients\r\0"), S("Muster Erika\r\n"),
	};

	EXPECT("telnet", says, "host.software=BusyBox", "host.name=ct7", "terminal=XTERM",
	       "columns=80", "rows=24", "step=login", "user.name=service", "step=accepted",
	       "!cat", "!Muster", "!login: today");
}
END_TEST

/* RFC 855: a subnegotiation that is never closed; the command inside it counts. */
START_TEST(telnet_open_subnegotiation_is_survived)
{
	static const struct say says[] = {
		S("\xff\xfa\x18\0AAAA\xff\xfd\x18\r\nlogin: "), C("a\r\n"), S("Password: "),
		C("b\r\n"), S("Login incorrect\r\n"),
	};

	EXPECT("telnet", says, "step=login", "user.name=a", "step=refused");
}
END_TEST

/* --- SMTP --- */

START_TEST(smtp_message_and_attachment)
{
	static const struct say says[] = {
		S("220 mx.a.b ESMTP Postfix (Debian)\r\n"), C("EHLO ct1.a.b\r\n"),
		S("250-mx.a.b\r\n250 STARTTLS\r\n"),
		C("MAIL FROM:<x@a.b> SIZE=9\r\nRCPT TO:<y@c.d>\r\nRCPT TO:<z@c.d>\r\nDATA\r\n"),
		S("250 ok\r\n250 ok\r\n250 ok\r\n354 go\r\n"),
		C("Received: from q by r (Exim 4.96) with ESMTP\r\nUser-Agent: Mail 1\r\n"
		  "Subject: s\r\nContent-Type: multipart/mixed;\r\n boundary=b\r\n\r\n"
		  "--b\r\nContent-Disposition: attachment;\r\n filename=\"Muster Erika.PDF\"\r\n"
		  "Content-Transfer-Encoding: base64\r\n\r\nTVqQAAMA\r\n"
		  "--not a boundary\r\nAAAA\r\n..\r\n--b--\r\n.\r\nQUIT\r\n"),
	};

	EXPECT("smtp", says, "step=greeting", "host.name=mx.a.b", "host.software=Postfix",
	       "helo=ct1.a.b", "offers_starttls", "step=mail", "mail_from=x@a.b",
	       "rcpt_to=y@c.d", "rcpt_to=z@c.d", "received_software=Exim",
	       "user_agent=Mail", "n_rcpts=2", "step=attachment", "file.extension=pdf",
	       "file.kind=pe", "!host.software=Mail");
}
END_TEST

/* RFC 5321 3.3: after a refused DATA commands go on, mail does not. */
START_TEST(smtp_refused_data_is_no_mail)
{
	static const struct say says[] = {
		S("220 a.b SMTP\r\n"), C("HELO c\r\n"), S("250 a\r\n"),
		C("MAIL FROM:<a@b>\r\n"), S("250 a\r\n"), C("DATA\r\n"), S("503 no\r\n"),
		C("MAIL FROM:<c@d>\r\n"), S("250 a\r\n"), C("VRFY root\r\n"), S("252 x\r\n"),
		C("QUIT\r\n"),
	};

	EXPECT("smtp", says, "step=reply code=503 command=DATA", "mail_from=a@b",
	       "step=reply code=252 command=VRFY", "mail_from=c@d", "step=probe", "!step=attachment");
}
END_TEST

/* RFC 3030 2: a chunk is so many bytes, whatever stands in them. */
START_TEST(smtp_chunks_hide_no_commands)
{
	static const struct say says[] = {
		C("EHLO a\r\nMAIL FROM:<a@b>\r\nBDAT 17\r\nSubject: x\r\n\r\n.\r\n"
		  "BDAT 6 LAST\r\nQUIT\r\nAUTH PLAIN AGJvYgBwdw==\r\n"),
	};

	EXPECT("smtp", says, "step=mail", "subject=x", "data_bytes=23",
	       "auth_mechanism=PLAIN", "user.name=bob");
}
END_TEST

START_TEST(smtp_login_takes_two_answers)
{
	static const struct say says[] = {
		C("EHLO a\r\n"), C("AUTH LOGIN\r\n"), C("Ym9i\r\n"), C("cHc=\r\n"), C("NOOP\r\n"),
	};
	static const struct say off[] = { C("EHLO a\r\nAUTH LOGIN\r\n*\r\nVRFY bob\r\n") };

	EXPECT("smtp", says, "auth_mechanism=LOGIN", "user.name=bob", "user.secret=");
	EXPECT("smtp", off, "auth_mechanism=LOGIN", "step=probe", "!user.");
}
END_TEST

/* --- SIP --- */

/* RFC 3261 7.3.3 compact names, 7.3.1 folding and lists. */
START_TEST(sip_compact_and_folded_headers)
{
	static const struct say says[] = {
		U("INVITE sip:bed3@10.0.0.9 SIP/2.0\r\nv: SIP/2.0/UDP 10.0.0.2:5062;branch=z,\r\n"
		  " SIP/2.0/UDP 10.0.0.3\r\nf:\r\n \"Ward 3\" <sip:w3@x>;tag=1\r\nt: sip:bed3@x;a=b\r\n"
		  "i: 77@x\r\nCSeq: 4 INVITE\r\nm: <sip:w3@10.0.0.2:5062>\r\nUser-Agent: Phone 1\r\n"
		  "c: application/sdp\r\nl: 41\r\n\r\nc=IN IP4 10.0.0.2\r\nm=audio 4000 RTP/AVP 0\r\n"),
	};

	EXPECT("sip", says, "method=INVITE", "via_host=10.0.0.2:5062", "from=sip:w3@x",
	       "to=sip:bed3@x", "contact_host=10.0.0.2:5062", "ua=Phone", "n_vias=2",
	       "media_ip=10.0.0.2", "media_type=audio", "media_port=4000", "!host.software");
}
END_TEST

/* RFC 3261 18.3: on a stream Content-Length parts messages; blank lines keep alive. */
START_TEST(sip_stream_of_messages)
{
	static const struct say says[] = {
		C("\r\n\r\nMESSAGE sip:a@b SIP/2.0\r\nCSeq: 1 MESSAGE\r\nContent-Type: text/plain\r\n"
		  "Content-Length: 26\r\n\r\nBYE sip:x@y SIP/2.0\r\n\r\nxyz\r\n\r\n"
		  "REGISTER sip:b SIP/2.0\r\nl: 0\r\nExpires: 60\r\n\r\n"),
		S("SIP/2.0 200 OK\r\nCSeq: 1 MESSAGE\r\nServer: PBX 2\r\nl: 0\r\n\r\n"),
	};

	EXPECT("sip", says, "method=MESSAGE", "method=REGISTER", "expires_s=60", "code=200",
	       "host.software=PBX", "!method=BYE");
}
END_TEST

/* --- TFTP --- */

START_TEST(tftp_request_and_transfer)
{
	static const struct say says[] = {
		U("\0\1../boot.ELF\0octet\0blksize\0008\0tsize\0000\0"),
		V("\0\6blksize\0008\0tsize\00012\0"), U("\0\4\0\0"), V("\0\3\0\1\x7f" "ELF\2\1\1\0"),
		U("\0\4\0\1"), V("\0\3\0\2abcd"), V("\0\3\0\2abcd"), U("\0\4\0\2"),
	};

	EXPECT("tftp", says, "packet=read", "file.extension=elf", "has_path_traversal",
	       "packet=oack block_bytes=8", "packet=ack", "packet=data", "file.kind=elf",
	       "packet=end", "file.size_bytes=12");
}
END_TEST

/* --- VNC --- */

/* RFC 6143 7.1.2, 7.1.3: refused at once, with a reason; 3.3 knows no choice. */
START_TEST(vnc_refusals_have_reasons)
{
	static const struct say says[] = {
		S("RFB 003.008\n"), C("RFB 003.008\n"), S("\0\0\0\0\7too bad"),
	};
	static const struct say old[] = {
		S("RFB 003.003\n"), C("RFB 003.003\n"), S("\0\0\0\1"), C("\0"),
		S("\0\x10\0\x20" "0123456789abcdef" "\0\0\0\6ct1:0 "),
	};
	static const struct say apple[] = {
		S("RFB 003.889\n"), C("RFB 003.008\n"), S("\2\x1e\x21"), C("\x1e"),
	};

	EXPECT("vnc", apple, "server_version=003.889", "security_offered=30",
	       "security_offered=33", "step=chosen");
	EXPECT("vnc", says, "step=security", "failure_reason=too");
	EXPECT("vnc", old, "security_offered=1", "needs_no_password", "step=session",
	       "width_px=16", "height_px=32", "host.name=ct1");
}
END_TEST

/* --- MQTT --- */

/* MQTT 5.0 3.1: properties, will, user, password in this order. */
START_TEST(mqtt_connect_in_full)
{
	static const struct say says[] = {
		C("\x10\x2f\0\4MQTT\5\xc6\0\x3c\5\x11\0\0\0\x09\0\3cid\3\x18\0\0\0"
		  "\0\1t\0\1w\0\3bob\0\2pw" /* will properties promise 3 of 5 bytes */
		  "\0\0\0\0\0"),
	};
	static const struct say good[] = {
		C("\x10\x2a\0\4MQTT\5\xc6\0\x3c\5\x11\0\0\0\x09\0\3cid\5\x18\0\0\0\1\0\1t\0\1w"
		  "\0\3bob\0\2pw\xc0\0\x82\x0b\0\1\0\0\5$SYS/\1"
		  "\x82\x07\0\2\0\0\1#\2\xe0\0"),
	};

	EXPECT("mqtt", says, "glitch malformed", "!user.name");
	EXPECT("mqtt", good, "packet=connect", "protocol_version=5", "keep_alive_s=60",
	       "client_id=cid", "will_topic=t", "user.name=bob", "user.secret=pw",
	       "packet=subscribe", "wants_sys", "packet=subscribe", "topic=#",
	       "wants_everything", "qos=2", "packet=disconnect", "packets_toserver=5");
}
END_TEST

/* A packet of 268 MB is passed over; what follows is read. */
START_TEST(mqtt_long_message_needs_no_memory)
{
	static char text[40000] = "\x30\x80\x80\x02\0\5a/b/c";
	struct say says[] = {
		C("\x10\x0f\0\4MQTT\4\2\0\x3c\0\3cid"), { 'c', text, 3 + 1 + 32768 }, C("\xe0\0"),
	};

	EXPECT("mqtt", says, "packet=connect", "packet=publish", "message_bytes=32761",
	       "packet=disconnect");
}
END_TEST

/* --- bare files --- */

/* PS3.10 7.1 and CVE-2019-11687: an executable that is a DICOM file too. */
START_TEST(file_polyglot_is_told)
{
	static char text[5000] = "MZ";
	struct say says[] = { { 's', text, sizeof(text) } };

	memcpy(text + 60, "\0\3\0\0", 4); /* e_lfanew 768 */
	memcpy(text + 128, "DICM", 4);
	memcpy(text + 768, "PE\0\0", 4);
	EXPECT("file", says, "step=begin", "kind=dicom", "preamble=pe", "step=end",
	       "size_bytes=5000");
}
END_TEST

START_TEST(file_needs_more_than_two_bytes)
{
	static const struct say says[] = {
		S("MZ is how this text begins, and it is longer than sixty-four bytes are.\r\n"),
	};
	static const struct say text[] = { S("#!/not an interpreter\r\n") };

	EXPECT("file", says, "!file");
	EXPECT("file", text, "!file");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("text protocols");
	TCase *c = tcase_create("conversations");
	SRunner *runner;
	int n_failed;

	tcase_set_timeout(c, 60);
	tcase_add_test(c, ftp_reply_names_the_command_that_it_answers);
	tcase_add_test(c, ftp_reply_of_many_lines_is_one_event);
	tcase_add_test(c, ftp_greeting_without_a_name_is_kept);
	tcase_add_test(c, ftp_data_addresses_are_checked);
	tcase_add_test(c, ftp_long_lines_and_telnet_commands_are_passed);
	tcase_add_test(c, ftp_tls_ends_what_is_ours);
	tcase_add_test(c, probes_do_not_claim_what_is_alike);
	tcase_add_test(c, telnet_login_is_told_without_what_is_typed);
	tcase_add_test(c, telnet_open_subnegotiation_is_survived);
	tcase_add_test(c, smtp_message_and_attachment);
	tcase_add_test(c, smtp_refused_data_is_no_mail);
	tcase_add_test(c, smtp_chunks_hide_no_commands);
	tcase_add_test(c, smtp_login_takes_two_answers);
	tcase_add_test(c, sip_compact_and_folded_headers);
	tcase_add_test(c, sip_stream_of_messages);
	tcase_add_test(c, tftp_request_and_transfer);
	tcase_add_test(c, vnc_refusals_have_reasons);
	tcase_add_test(c, mqtt_connect_in_full);
	tcase_add_test(c, mqtt_long_message_needs_no_memory);
	tcase_add_test(c, file_polyglot_is_told);
	tcase_add_test(c, file_needs_more_than_two_bytes);
	suite_add_tcase(suite, c);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	n_failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return n_failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
