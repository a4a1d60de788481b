/* SSH: what both sides say before they encrypt.
 *
 *   SSH-2.0-OpenSSH_9.2p1 Debian-2 CR LF
 *   length(4) padding(1) 20 cookie(16) ten name lists (4 + n each) 0/1 0(4) padding
 *
 * Per direction: BANNER -(line)-> PACKETS -(new keys)-> OPAQUE. The event of a side is
 * begun with its banner and committed with its KEXINIT, or when that does not come.
 *
 * Source: RFC 4253 (4.2, 6, 7.1), RFC 8308, SSH 1.5 by its banner; HASSH (Salesforce,
 * BSD-3).
 * Trust: every byte is hostile. Memory: struct ssh_state per flow, one packet buffered. */
#include "wardtap/crypto.h"
#include "wardtap/dissector.h"

#define SSH_LINE_MAX 512u     /* RFC 4253 4.2 says 255 */
#define SSH_PACKET_MAX 35000u /* RFC 4253 6.1 */
#define SSH_LINES_MAX 64u     /* before the banner */
#define SSH_KEXINIT 20u
#define SSH_NEWKEYS 21u
#define FOREVER (UINT64_MAX >> 2)

enum {
	SSH_KEX,
	SSH_HOST_KEY,
	SSH_CIPHER_TO_SERVER,
	SSH_CIPHER_TO_CLIENT,
	SSH_MAC_TO_SERVER,
	SSH_MAC_TO_CLIENT,
	SSH_COMPRESSION_TO_SERVER,
	SSH_COMPRESSION_TO_CLIENT,
	SSH_N_LISTS,
};

#define SSH_FIELDS(F)                                                                          \
	F(SIDE, STR, ONE, NONE, ASIS, 8, "", "ssh.side", "RFC 4253 4", "client or server.")    \
	F(BANNER, STR, ONE, DIRECT, ASIS, 255, "", "ssh.banner", "RFC 4253 4.2",               \
	  "Identification line as sent, for rules.")                                           \
	F(VERSION, STR, ONE, NONE, ASIS, 8, "", "ssh.proto_version", "RFC 4253 4.2",           \
	  "Version of the protocol: 2.0, 1.99 (both) or 1.x.")                                 \
	F(SOFTWARE, STR, ONE, DEVICE, ASIS, 255, "", "ssh.software", "RFC 4253 4.2",           \
	  "Program and its version, without the comment.")                                     \
	F(COMMENT, STR, ONE, DEVICE, ASIS, 255, "", "ssh.comment", "RFC 4253 4.2",             \
	  "What follows it, where it is a distribution's version, e.g. Debian-2+deb12u3.")     \
	F(KEX, STR, ONE, NONE, ASIS, 1024, "", "ssh.kex_algorithms", "RFC 4253 7.1",           \
	  "Key exchange algorithms offered, best first.")                                      \
	F(HOST_KEY, STR, ONE, NONE, ASIS, 1024, "", "ssh.host_key_algorithms", "RFC 4253 7.1", \
	  "Host key algorithms offered.")                                                      \
	F(CIPHERS, STR, ONE, NONE, ASIS, 1024, "", "ssh.ciphers", "RFC 4253 7.1",              \
	  "Ciphers offered for what this side sends.")                                         \
	F(MACS, STR, ONE, NONE, ASIS, 1024, "", "ssh.macs", "RFC 4253 7.1",                    \
	  "Message authentication offered for what this side sends.")                          \
	F(COMPRESSION, STR, ONE, NONE, ASIS, 255, "", "ssh.compression", "RFC 4253 7.1",       \
	  "Compression offered for what this side sends.")                                     \
	F(HASSH, STR, ONE, NONE, ASIS, 32, "", "ssh.hassh", "HASSH",                           \
	  "MD5 fingerprint of a client's algorithms.")                                         \
	F(HASSH_STRING, STR, ONE, DIRECT, ASIS, 4096, "", "ssh.hassh_string", "HASSH",         \
	  "What the fingerprint is made of, for rules.")                                       \
	F(HASSH_SERVER, STR, ONE, NONE, ASIS, 32, "", "ssh.hassh_server", "HASSH",             \
	  "MD5 fingerprint of a server's algorithms.")                                         \
	F(HASSH_SERVER_STRING, STR, ONE, DIRECT, ASIS, 4096, "", "ssh.hassh_server_string",    \
	  "HASSH", "What the fingerprint is made of, for rules.")

WT_DECLARE_FIELDS(SSH_FIELDS)

static const struct wt_event_type events[] = {
	{ "ssh", "A side introduced itself: its banner and the algorithms it offers." },
};

enum ssh_phase { SSH_AT_BANNER, SSH_AT_PACKET, SSH_OPAQUE };

struct ssh_dir {
	uint8_t phase;
	uint8_t n_lines;
	uint8_t event;
	bool is_open;
};

struct ssh_state {
	struct ssh_dir dir[2];
};

struct call {
	struct ssh_dir *q;
	struct wt_out *out;
	enum wt_direction dir;
};

/* --- probe --- */

static bool is_digit(uint8_t byte)
{
	return byte >= '0' && byte <= '9';
}

static enum wt_verdict probe(struct wt_slice head)
{
	static const char shape[] = "SSH-#.#";
	size_t i;

	for (i = 0; shape[i]; i++) {
		if (i == head.len)
			return WT_MORE;
		if (shape[i] == '#' ? !is_digit(head.ptr[i]) : head.ptr[i] != (uint8_t)shape[i])
			return WT_FOREIGN;
	}
	return WT_OK;
}

static size_t resync(struct wt_slice rest)
{
	size_t i;

	for (i = 0; i < rest.len; i++)
		if (rest.ptr[i] == 'S' && probe(wt_slice_tail(rest, i)) != WT_FOREIGN)
			return i;
	return rest.len;
}

/* --- banner --- */

static void close_event(struct call *c)
{
	if (!c->q->is_open)
		return;
	c->q->is_open = false;
	wt_out_commit(c->out);
}

static enum wt_verdict go_opaque(struct call *c)
{
	close_event(c);
	c->q->phase = SSH_OPAQUE;
	wt_out_skip(c->out, FOREVER);
	return WT_OK;
}

/* "Debian-2+deb12u3", "FreeBSD-20240806": other comments are anybody's free text. */
static bool is_distribution(struct wt_slice s)
{
	static const char *const names[] = { "Debian", "Ubuntu", "Raspbian", "FreeBSD",
					     "NetBSD" };
	struct wt_slice rest = wt_slice_of(NULL, 0);
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (wt_slice_starts(s, wt_slice_text(names[i])))
			rest = wt_slice_tail(s, wt_slice_text(names[i]).len);
	if (rest.len < 2 || rest.len > 32 || (rest.ptr[0] != '-' && rest.ptr[0] != '_'))
		return false;
	if (wt_slice_starts(rest, WT_LIT("_Secure_Shell-")))
		rest = wt_slice_tail(rest, 13);
	if (!is_digit(rest.ptr[1]))
		return false;
	for (i = 1; i < rest.len; i++)
		if (!is_digit(rest.ptr[i]) && rest.ptr[i] != '+' && rest.ptr[i] != '.' &&
		    rest.ptr[i] != '~' && !(rest.ptr[i] >= 'a' && rest.ptr[i] <= 'z'))
			return false;
	return true;
}

/* SSH-protoversion-softwareversion SP comments */
static void take_banner(struct call *c, struct wt_slice line)
{
	struct wt_slice rest = wt_slice_tail(line, 4), version, software, comment;
	unsigned event = wt_event_begin(c->out, 0);

	version = wt_slice_head(rest, wt_slice_find(rest, '-'));
	rest = wt_slice_tail(rest, version.len + 1);
	software = wt_slice_head(rest, wt_slice_find(rest, ' '));
	put_SIDE(c->out, event, c->dir == WT_TO_SERVER ? WT_LIT("client") : WT_LIT("server"));
	put_BANNER(c->out, event, line);
	put_VERSION(c->out, event, version);
	put_SOFTWARE(c->out, event, software);
	comment = wt_slice_tail(rest, software.len + 1);
	if (is_distribution(comment))
		put_COMMENT(c->out, event, comment);
	wt_put_HOST_SOFTWARE(c->out, event, is_distribution(comment) ? rest : software);
	c->q->event = (uint8_t)event;
	c->q->is_open = true;
	c->q->phase = SSH_AT_PACKET;
	if (version.len && version.ptr[0] == '1' && !wt_slice_equal(version, WT_LIT("1.99")))
		(void)go_opaque(c); /* SSH 1: other packets */
}

static enum wt_verdict banner(struct call *c, struct wt_reader *r)
{
	struct wt_slice rest = wt_slice_head(wt_rd_peek(r), SSH_LINE_MAX), line;
	size_t end = wt_slice_find(rest, '\n');

	if (end == rest.len)
		return rest.len == SSH_LINE_MAX ? WT_MALFORMED : WT_MORE;
	line = wt_slice_head(rest, end);
	if (line.len && line.ptr[line.len - 1] == '\r')
		line.len--;
	wt_rd_skip(r, end + 1);
	if (probe(line) == WT_OK)
		take_banner(c, line);
	else if (++c->q->n_lines == SSH_LINES_MAX) /* RFC 4253 4.2: lines before it */
		return go_opaque(c);
	return WT_OK;
}

/* --- packets --- */

static void put_hassh(struct call *c, const struct wt_slice *list)
{
	uint8_t room[4096], digest[WT_MD5_LEN], hex[2 * WT_MD5_LEN];
	bool is_client = c->dir == WT_TO_SERVER;
	unsigned side = is_client ? 0 : 1, i;
	struct wt_builder b = wt_builder_of(room, sizeof(room));
	struct wt_builder h = wt_builder_of(hex, sizeof(hex));

	wt_bld_bytes(&b, list[SSH_KEX]);
	wt_bld_char(&b, ';');
	wt_bld_bytes(&b, list[SSH_CIPHER_TO_SERVER + side]);
	wt_bld_char(&b, ';');
	wt_bld_bytes(&b, list[SSH_MAC_TO_SERVER + side]);
	wt_bld_char(&b, ';');
	wt_bld_bytes(&b, list[SSH_COMPRESSION_TO_SERVER + side]);
	if (b.is_short)
		return;
	wt_md5(wt_bld_slice(&b), digest);
	for (i = 0; i < sizeof(digest); i++) {
		wt_bld_char(&h, "0123456789abcdef"[digest[i] >> 4]);
		wt_bld_char(&h, "0123456789abcdef"[digest[i] & 15]);
	}
	if (is_client) {
		put_HASSH(c->out, c->q->event, wt_bld_slice(&h));
		put_HASSH_STRING(c->out, c->q->event, wt_bld_slice(&b));
	} else {
		put_HASSH_SERVER(c->out, c->q->event, wt_bld_slice(&h));
		put_HASSH_SERVER_STRING(c->out, c->q->event, wt_bld_slice(&b));
	}
}

/* RFC 4253 7.1, from the cookie on. */
static void take_kexinit(struct call *c, struct wt_slice body)
{
	struct wt_reader r = wt_reader_of(body, WT_MALFORMED);
	unsigned side = c->dir == WT_TO_SERVER ? 0 : 1, i;
	struct wt_slice list[SSH_N_LISTS];

	wt_rd_skip(&r, 16);
	for (i = 0; i < SSH_N_LISTS; i++)
		list[i] = wt_rd_bytes(&r, wt_rd_u32be(&r));
	if (r.err != WT_OK) {
		wt_out_glitch(c->out, "bad_kexinit");
		return;
	}
	put_KEX(c->out, c->q->event, list[SSH_KEX]);
	put_HOST_KEY(c->out, c->q->event, list[SSH_HOST_KEY]);
	put_CIPHERS(c->out, c->q->event, list[SSH_CIPHER_TO_SERVER + side]);
	put_MACS(c->out, c->q->event, list[SSH_MAC_TO_SERVER + side]);
	put_COMPRESSION(c->out, c->q->event, list[SSH_COMPRESSION_TO_SERVER + side]);
	put_hassh(c, list);
}

static enum wt_verdict packet(struct call *c, struct wt_reader *r)
{
	struct wt_reader peek = *r;
	uint32_t len = wt_rd_u32be(&peek);
	uint8_t padding = wt_rd_u8(&peek), type = wt_rd_u8(&peek);
	size_t here;

	if (peek.err != WT_OK)
		return WT_MORE;
	if (len > SSH_PACKET_MAX || len < 8 || padding > len - 2 || !type) {
		wt_rd_skip(r, wt_rd_left(r));
		return go_opaque(c); /* SSH 1 after 1.99, or nothing we know */
	}
	if (type == SSH_KEXINIT && c->q->is_open) {
		if (wt_rd_left(r) < 4 + (size_t)len) {
			wt_out_need(c->out, 4 + (size_t)len);
			return WT_MORE;
		}
		take_kexinit(c, wt_slice_head(wt_rd_peek(&peek), len - 2 - padding));
		close_event(c);
	}
	here = 4 + (size_t)len < wt_rd_left(r) ? 4 + (size_t)len : wt_rd_left(r);
	wt_rd_skip(r, here);
	if (type == SSH_NEWKEYS)
		return go_opaque(c);
	wt_out_skip(c->out, 4 + (uint64_t)len - here);
	return WT_OK;
}

/* --- calls of the engine --- */

static enum wt_verdict message(void *state, enum wt_direction dir, struct wt_reader *r,
			       struct wt_out *out)
{
	struct ssh_state *s = state;
	struct call c = { .q = &s->dir[dir], .out = out, .dir = dir };

	if (!wt_rd_left(r)) { /* the end, and the banner's event is open */
		close_event(&c);
		return WT_OK;
	}
	if (wt_out_is_resumed(out)) { /* resync found a banner */
		c.q->is_open = false;
		if (c.q->phase != SSH_OPAQUE)
			c.q->phase = SSH_AT_BANNER;
	}
	switch ((enum ssh_phase)c.q->phase) {
	case SSH_AT_BANNER:
		return banner(&c, r);
	case SSH_AT_PACKET:
		return packet(&c, r);
	case SSH_OPAQUE:
		break;
	}
	wt_rd_skip(r, wt_rd_left(r));
	wt_out_skip(out, FOREVER);
	return WT_OK;
}

static void gap(void *state, enum wt_direction dir, uint64_t lost, struct wt_out *out)
{
	struct ssh_state *s = state;
	struct call c = { .q = &s->dir[dir], .out = out, .dir = dir };

	(void)lost;
	close_event(&c);
}

const struct wt_dissector wt_ssh_dissector = {
	.name = "ssh",
	.title = "SSH",
	.source = "RFC 4253; HASSH",
	.carriage = WT_OVER_TCP,
	.ports = { 22, 2222 },
	.probe = probe,
	.message = message,
	.gap = gap,
	.resync = resync,
	.state_size = sizeof(struct ssh_state),
	.buffer_max = SSH_PACKET_MAX + 8,
	WT_DISSECTOR_TABLES(events),
};
