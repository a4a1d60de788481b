/* TLS and SSL over TCP: hellos, certificates and alerts, as far as they are in clear.
 *
 *   record: type(1) version(2) length(2) payload     type: 20 change cipher spec, 21 alert,
 *   handshake in it: type(1) length(3) body          22 handshake, 23 data, 24 heartbeat
 *
 * Handshake messages may be cut into records and records hold several of them; a message
 * is put together from the records at hand, TLS_MESSAGE_MAX bytes of it at most, the rest
 * passed over. After a direction changed its cipher only record headers are read, and the
 * payloads skipped. Each side gives its own event, so that half a mirror still tells
 * something: `tls` for a ClientHello; `tls_server` for a ServerHello together with the
 * certificate that follows it (up to TLS 1.2); `tls_certificate` for a client's.
 *
 * Source: RFC 8446 (4, 5, 6), RFC 5246 (6, 7), RFC 6101 (SSL 3.0 and 2.0 hellos, E).
 * Trust: every byte is hostile, lengths of records and messages contradict each other.
 * Memory: struct tls_state per flow, TLS_WINDOW buffered per direction. */
#include "tls_fields.h"
#include "tls_hello.h"
#include "tls_shape.h"

#define TLS_MESSAGE_MAX 16384u
#define TLS_WINDOW 20480u   /* raw bytes, record headers included, for one message */
#define TLS_PIECES_MAX 512u /* records that one message may be cut into */
#define SNI_MAX 255u
#define FOREVER (UINT64_MAX >> 2)

struct tls_dir {
	uint32_t record_left; /* of a handshake record's payload */
	uint32_t skip_left;   /* of a handshake message that is passed over */
	bool is_encrypted;
	bool is_open;  /* a server event waits for its certificate */
	bool is_ssl2;  /* nothing more is understood */
	bool is_begun; /* records were seen: no SSL 2.0 hello any more */
	uint8_t event;
};

struct tls_state {
	struct tls_dir dir[2];
	uint8_t sni[SNI_MAX];
	uint8_t sni_len;
	bool is_13; /* 1.3 was chosen: a second ClientHello may follow */
};

struct call {
	struct tls_state *state;
	struct tls_dir *q;
	struct wt_out *out;
	enum wt_direction dir;
	bool is_cut; /* of the message only the beginning is there: no fingerprints */
};

static const struct wt_field fields[] = { TLS_FIELDS(WT_FIELD_ROW) };

static const struct wt_event_type events[] = {
	[TLS_EVENT_CLIENT] = { "tls", "A ClientHello: what the client offers and asks for." },
	[TLS_EVENT_SERVER] = { "tls_server", "A ServerHello, with the certificate after it." },
	[TLS_EVENT_CERTIFICATE] = { "tls_certificate", "A certificate without its hello." },
	[TLS_EVENT_ALERT] = { "tls_alert", "A fatal alert in clear." },
};

/* --- probe --- */

static enum wt_verdict probe(struct wt_slice head)
{
	enum wt_verdict verdict = tls_see_record(head);

	if (verdict == WT_FOREIGN) {
		verdict = tls_see_ssl2(head);
		return verdict != WT_FOREIGN ? verdict : tls_see_ssl2_server(head);
	}
	if (verdict != WT_OK)
		return verdict;
	if (head.ptr[0] == REC_HANDSHAKE) {
		verdict = tls_see_hello(head);
		if (verdict != WT_FOREIGN)
			return verdict;
	}
	/* The middle of a connection: nothing but a record's head to go by. Whether another
	 * follows cannot be asked here, since a probe must not take back what it said. */
	return WT_OK;
}

static size_t resync(struct wt_slice rest)
{
	size_t i;

	for (i = 0; i < rest.len; i++)
		if (tls_see_record(wt_slice_tail(rest, i)) != WT_FOREIGN)
			return i;
	return rest.len;
}

/* --- events --- */

static void close_event(struct call *c)
{
	if (!c->q->is_open)
		return;
	c->q->is_open = false;
	wt_out_commit(c->out);
}

static void put_alpn(struct call *c, unsigned event, struct wt_slice list)
{
	struct wt_slice name;
	unsigned n = 0;

	while (n++ < 16 && tls_next_protocol(&list, &name))
		put_ALPN(c->out, event, name);
}

static void put_weak(struct call *c, unsigned event, struct wt_slice list)
{
	const char *said[8] = { NULL };
	unsigned n = 0, i;
	uint16_t cipher;

	while (tls_next(&list, &cipher)) {
		const char *kind = tls_weakness(cipher);

		for (i = 0; kind && i < n; i++)
			if (said[i] == kind || said[i][0] == kind[0])
				kind = NULL;
		if (!kind || n == 8)
			continue;
		said[n++] = kind;
		put_WEAK(c->out, event, wt_slice_text(kind));
	}
}

static void put_fingerprints(struct call *c, unsigned event, const struct tls_hello *hello)
{
	uint8_t room[TLS_JA3_MAX], hash[32], ja4[TLS_JA4_LEN + 4];
	struct wt_builder b = wt_builder_of(room, sizeof(room));
	struct wt_builder four = wt_builder_of(ja4, sizeof(ja4));

	tls_ja3(hello, &b);
	if (!b.is_short) {
		tls_md5_hex(wt_bld_slice(&b), hash);
		put_JA3(c->out, event, wt_slice_of(hash, sizeof(hash)));
		put_JA3_STRING(c->out, event, wt_bld_slice(&b));
	}
	tls_ja4(hello, 't', &four);
	put_JA4(c->out, event, wt_bld_slice(&four));
}

static void put_sni(struct call *c, unsigned event, struct wt_slice name)
{
	if (wt_host_name_is_personal(name))
		put_PERSONAL_NAME(c->out, event, name);
	else
		put_SNI(c->out, event, name);
}

static void put_version(struct call *c, unsigned event, uint16_t version)
{
	put_VERSION(c->out, event, wt_slice_text(tls_version_name(version)));
}

static void client_hello(struct call *c, struct wt_slice body)
{
	struct wt_slice list;
	struct tls_hello hello;
	unsigned event, n = 0;
	uint16_t version;

	if (!tls_client_hello(body, &hello)) {
		wt_out_glitch(c->out, "bad_hello");
		return;
	}
	event = wt_event_begin(c->out, TLS_EVENT_CLIENT);
	put_version(c, event, tls_highest_version(&hello));
	put_HELLO_VERSION(c->out, event, wt_slice_text(tls_version_name(hello.version)));
	list = hello.versions;
	while (n++ < 16 && tls_next(&list, &version))
		put_VERSIONS(c->out, event, wt_slice_text(tls_version_name(version)));
	put_sni(c, event, hello.sni);
	if (hello.has_ech)
		put_HAS_ECH(c->out, event, true);
	put_alpn(c, event, hello.alpn);
	put_N_CIPHERS(c->out, event, hello.ciphers.len / 2);
	put_weak(c, event, hello.ciphers);
	if (!c->is_cut)
		put_fingerprints(c, event, &hello);
	c->state->sni_len = 0;
	if (hello.sni.len && hello.sni.len <= SNI_MAX) {
		struct wt_builder keep = wt_builder_of(c->state->sni, SNI_MAX);

		wt_bld_bytes(&keep, hello.sni);
		c->state->sni_len = (uint8_t)keep.len;
	}
	wt_out_commit(c->out);
}

static void put_cipher(struct call *c, unsigned event, uint16_t cipher)
{
	uint8_t octets[2] = { (uint8_t)(cipher >> 8), (uint8_t)cipher }, room[6];
	struct wt_builder b = wt_builder_of(room, sizeof(room));

	wt_bld_bytes(&b, WT_LIT("0x"));
	tls_hex(wt_slice_of(octets, 2), 0, &b);
	put_CIPHER(c->out, event, wt_bld_slice(&b));
	put_weak(c, event, wt_slice_of(octets, 2));
}

static void server_hello(struct call *c, struct wt_slice body)
{
	uint8_t room[TLS_JA3_MAX], hash[32];
	struct wt_builder b = wt_builder_of(room, sizeof(room));
	struct tls_hello hello;
	unsigned event;

	if (!tls_server_hello(body, &hello)) {
		wt_out_glitch(c->out, "bad_hello");
		return;
	}
	event = wt_event_begin(c->out, TLS_EVENT_SERVER);
	put_version(c, event, hello.chosen);
	put_HELLO_VERSION(c->out, event, wt_slice_text(tls_version_name(hello.version)));
	put_cipher(c, event, hello.cipher);
	put_alpn(c, event, hello.alpn);
	put_sni(c, event, wt_slice_of(c->state->sni, c->state->sni_len));
	if (hello.is_retry)
		put_IS_RETRY(c->out, event, true);
	tls_ja3s(&hello, &b);
	if (!b.is_short && !c->is_cut) {
		tls_md5_hex(wt_bld_slice(&b), hash);
		put_JA3S(c->out, event, wt_slice_of(hash, sizeof(hash)));
		put_JA3S_STRING(c->out, event, wt_bld_slice(&b));
	}
	c->q->is_open = true;
	c->q->event = (uint8_t)event;
	c->state->is_13 = hello.chosen >= 0x0304;
	if (c->state->is_13)
		close_event(c);
}

static void certificate(struct call *c, struct wt_slice body)
{
	/* whoever gave no ServerHello may be a client, and a client's may name a person */
	bool is_client = !c->q->is_open;
	unsigned event = c->q->event;

	if (!c->q->is_open)
		event = wt_event_begin(c->out, TLS_EVENT_CERTIFICATE);
	if (is_client && c->dir == WT_TO_SERVER)
		put_IS_CLIENT_CERT(c->out, event, true);
	tls_certificates(body, is_client, event, c->out);
	c->q->is_open = false;
	wt_out_commit(c->out);
}

/* --- handshake messages --- */

struct gather {
	struct wt_reader r; /* a copy: nothing is consumed until the message is there */
	struct wt_builder b;
	size_t at_record; /* payload bytes left of the present record */
	unsigned n_records;
	bool is_broken; /* another record, or none, stands in between */
	bool is_over;   /* the window is used up */
};

/* Until `want` bytes are together. WT_MORE: they are not at hand. */
static enum wt_verdict gather(struct gather *g, size_t want, size_t window)
{
	while (g->b.len < want) {
		struct wt_slice rest = wt_rd_peek(&g->r);
		size_t n = want - g->b.len;

		if (!g->at_record) {
			enum wt_verdict seen = tls_see_record(rest);

			if (seen == WT_MORE)
				return WT_MORE;
			if (seen != WT_OK || rest.ptr[0] != REC_HANDSHAKE) {
				g->is_broken = true;
				return WT_OK;
			}
			g->at_record = (size_t)rest.ptr[3] << 8 | rest.ptr[4];
			wt_rd_skip(&g->r, TLS_HEAD_LEN);
			if (window - wt_rd_left(&g->r) > TLS_WINDOW - TLS_HEAD_LEN ||
			    ++g->n_records > TLS_PIECES_MAX) {
				g->is_over = true;
				return WT_OK;
			}
			continue;
		}
		n = n < g->at_record ? n : g->at_record;
		if (!rest.len)
			return WT_MORE;
		n = n < rest.len ? n : rest.len;
		wt_bld_bytes(&g->b, wt_rd_bytes(&g->r, n));
		g->at_record -= n;
	}
	return WT_OK;
}

static bool is_message_type(uint8_t type)
{
	return type <= 24 || type == 67 || type == 203 || type == 254;
}

static void handle(struct call *c, uint8_t type, struct wt_slice body)
{
	if (type != HS_CERTIFICATE && type != HS_STATUS)
		close_event(c);
	if (type == HS_CLIENT_HELLO)
		client_hello(c, body);
	else if (type == HS_SERVER_HELLO)
		server_hello(c, body);
	else if (type == HS_CERTIFICATE)
		certificate(c, body);
}

/* The next message, or what can be had of it. */
static enum wt_verdict handshake(struct call *c, struct wt_reader *r)
{
	uint8_t room[TLS_MESSAGE_MAX];
	struct gather g = { .r = *r,
			    .b = wt_builder_of(room, sizeof(room)),
			    .at_record = c->q->record_left };
	size_t window = wt_rd_left(r), want = 4, len = 0;
	bool is_wanted;

	if (gather(&g, want, window) == WT_MORE)
		return WT_MORE;
	if (g.b.len >= 4) {
		len = (size_t)room[1] << 16 | (size_t)room[2] << 8 | room[3];
		if (!is_message_type(room[0])) { /* cipher text: the change was not seen */
			c->q->is_encrypted = true;
			close_event(c);
			wt_out_skip(c->out, c->q->record_left);
			c->q->record_left = 0;
			return WT_OK;
		}
		is_wanted = room[0] == HS_CLIENT_HELLO || room[0] == HS_SERVER_HELLO ||
			    room[0] == HS_CERTIFICATE;
		want = is_wanted ? 4 + len : 4;
		want = want < TLS_MESSAGE_MAX ? want : TLS_MESSAGE_MAX;
		if (gather(&g, want, window) == WT_MORE) {
			size_t n = want - g.b.len < g.at_record ? want - g.b.len : g.at_record;

			/* not beyond this record: the next may tell that the message broke off
			 */
			if (n)
				wt_out_need(c->out, window + n);
			return WT_MORE;
		}
	}
	if (g.is_broken && wt_rd_left(&g.r) == window)
		return WT_MALFORMED;
	wt_rd_skip(r, window - wt_rd_left(&g.r));
	c->q->record_left = (uint32_t)g.at_record;
	c->q->skip_left = g.is_broken || g.b.len < 4 ? 0 : (uint32_t)(4 + len - g.b.len);
	if (g.is_broken)
		wt_out_glitch(c->out, "broken_handshake_message");
	if (g.is_over)
		wt_out_glitch(c->out, "message_in_too_many_records");
	c->is_cut = g.b.len < 4 + len;
	if (g.b.len >= 4)
		handle(c, room[0], wt_slice_tail(wt_bld_slice(&g.b), 4));
	return WT_OK;
}

/* Part of a message that is passed over. */
static enum wt_verdict pass_message(struct call *c, struct wt_reader *r)
{
	uint32_t n = c->q->skip_left < c->q->record_left ? c->q->skip_left : c->q->record_left;
	size_t here = n < wt_rd_left(r) ? n : wt_rd_left(r);

	wt_rd_skip(r, here);
	wt_out_skip(c->out, n - here);
	c->q->skip_left -= n;
	c->q->record_left -= n;
	return WT_OK;
}

/* --- records --- */

static void alert(struct call *c, struct wt_slice body)
{
	unsigned event;

	if (body.ptr[0] != 2)
		return;
	event = wt_event_begin(c->out, TLS_EVENT_ALERT);
	put_ALERT(c->out, event, wt_slice_text(tls_alert_name(body.ptr[1])));
	put_ALERT_CODE(c->out, event, body.ptr[1]);
	put_sni(c, event, wt_slice_of(c->state->sni, c->state->sni_len));
	wt_out_commit(c->out);
}

/* RFC 6520 4: a request that claims more payload than its record holds (Heartbleed). */
static void heartbeat(struct call *c, struct wt_slice head, size_t len)
{
	size_t stated = (size_t)head.ptr[1] << 8 | head.ptr[2];

	if (head.ptr[0] == 1 && stated + 3 > len)
		wt_out_glitch(c->out, "heartbeat_longer_than_record");
}

/* Is the record a hello in clear although the cipher was changed? (1.3 after a retry) */
static enum wt_verdict is_clear(const struct call *c, struct wt_slice rest)
{
	size_t len = (size_t)rest.ptr[3] << 8 | rest.ptr[4];

	if (!c->q->is_encrypted)
		return WT_OK;
	if (len < 42)
		return WT_FOREIGN;
	return tls_see_hello(rest);
}

static enum wt_verdict skip_record(struct call *c, struct wt_reader *r, size_t len)
{
	size_t here;

	wt_rd_skip(r, TLS_HEAD_LEN);
	here = len < wt_rd_left(r) ? len : wt_rd_left(r);
	wt_rd_skip(r, here);
	if (len > here)
		wt_out_skip(c->out, len - here);
	return WT_OK;
}

/* Short records in clear whose content says something. */
static enum wt_verdict small_record(struct call *c, struct wt_reader *r, size_t len)
{
	struct wt_slice body = wt_slice_tail(wt_rd_peek(r), TLS_HEAD_LEN);
	bool is_alert = wt_rd_peek(r).ptr[0] == REC_ALERT;
	size_t want = is_alert ? 2 : 3;

	if (c->q->is_encrypted || (is_alert ? len != 2 : len < 3))
		return skip_record(c, r, len);
	if (body.len < want)
		return WT_MORE;
	close_event(c);
	if (is_alert)
		alert(c, body);
	else
		heartbeat(c, body, len);
	return skip_record(c, r, len);
}

static enum wt_verdict record(struct call *c, struct wt_reader *r)
{
	struct wt_slice rest = wt_rd_peek(r);
	enum wt_verdict verdict = tls_see_record(rest);
	size_t len;

	if (verdict != WT_OK)
		return verdict == WT_MORE ? WT_MORE : WT_MALFORMED;
	len = (size_t)rest.ptr[3] << 8 | rest.ptr[4];
	switch (rest.ptr[0]) {
	case REC_HANDSHAKE:
		verdict = is_clear(c, rest);
		if (verdict == WT_MORE)
			return WT_MORE;
		if (verdict == WT_FOREIGN)
			break;
		wt_rd_skip(r, TLS_HEAD_LEN);
		c->q->is_encrypted = false;
		c->q->record_left = (uint32_t)len;
		c->q->is_begun = true;
		return WT_OK;
	case REC_ALERT:
	case REC_HEARTBEAT:
		c->q->is_begun = true;
		return small_record(c, r, len);
	default:
		c->q->is_encrypted = true;
		break;
	}
	c->q->is_begun = true;
	c->q->skip_left = 0;
	close_event(c);
	return skip_record(c, r, len);
}

/* --- SSL 2.0 --- */

static enum wt_verdict ssl2(struct call *c, struct wt_reader *r)
{
	struct wt_slice rest = wt_rd_peek(r);
	enum wt_verdict client = tls_see_ssl2(rest), server = tls_see_ssl2_server(rest);
	bool is_client = client == WT_OK;
	unsigned event;
	size_t len;

	if (client == WT_FOREIGN && server == WT_FOREIGN)
		return WT_FOREIGN;
	if (client == WT_MORE || (client == WT_FOREIGN && server == WT_MORE))
		return WT_MORE;
	len = 2 + ((size_t)(rest.ptr[0] & 0x7f) << 8 | rest.ptr[1]);
	event = wt_event_begin(c->out, is_client ? TLS_EVENT_CLIENT : TLS_EVENT_SERVER);
	put_version(c, event, is_client ? (uint16_t)(rest.ptr[3] << 8 | rest.ptr[4]) : 2);
	put_HELLO_VERSION(c->out, event, WT_LIT("SSL 2.0"));
	if (is_client)
		put_N_CIPHERS(c->out, event, ((uint64_t)rest.ptr[5] << 8 | rest.ptr[6]) / 3);
	wt_out_commit(c->out);
	c->q->is_begun = true;
	/* the compatible hello leads to ordinary records, the true one to nothing of ours */
	c->q->is_ssl2 = !is_client || rest.ptr[3] == 0;
	wt_rd_skip(r, len < rest.len ? len : rest.len);
	if (c->q->is_ssl2)
		wt_out_skip(c->out, FOREVER);
	else if (len > rest.len)
		wt_out_skip(c->out, len - rest.len);
	return WT_OK;
}

/* --- calls of the engine --- */

/* Where bytes were lost a header alone is no proof: a hello, or the next record. */
static enum wt_verdict settle(struct call *c, struct wt_slice rest)
{
	enum wt_verdict verdict = tls_see_record(rest);
	size_t len;

	if (verdict != WT_OK)
		return verdict;
	if (rest.ptr[0] == REC_HANDSHAKE) {
		verdict = tls_see_hello(rest);
		if (verdict != WT_FOREIGN)
			return verdict;
	}
	len = TLS_HEAD_LEN + ((size_t)rest.ptr[3] << 8 | rest.ptr[4]);
	verdict = tls_see_record(wt_slice_tail(rest, len));
	if (verdict != WT_MORE)
		return verdict;
	if (wt_out_is_end(c->out))
		return WT_OK;
	wt_out_need(c->out, len + 1);
	return WT_MORE;
}

static enum wt_verdict message(void *state, enum wt_direction dir, struct wt_reader *r,
			       struct wt_out *out)
{
	struct tls_state *s = state;
	struct call c = { .state = s, .q = &s->dir[dir], .out = out, .dir = dir };
	enum wt_verdict verdict;

	if (!wt_rd_left(r)) { /* the end, and a server event is open */
		close_event(&c);
		return WT_OK;
	}
	if (wt_out_is_resumed(out)) {
		bool is_hello = c.q->is_begun;

		*c.q = (struct tls_dir){ .is_begun = is_hello, .is_ssl2 = c.q->is_ssl2 };
		verdict = c.q->is_ssl2 ? WT_OK : settle(&c, wt_rd_peek(r));
		if (verdict != WT_OK)
			return verdict == WT_MORE ? WT_MORE : WT_MALFORMED;
	}
	if (c.q->is_ssl2) {
		wt_rd_skip(r, wt_rd_left(r));
		wt_out_skip(out, FOREVER);
		return WT_OK;
	}
	if (!c.q->is_begun && wt_rd_peek(r).ptr[0] & 0x80) {
		verdict = ssl2(&c, r);
		if (verdict != WT_FOREIGN)
			return verdict;
	}
	if (!c.q->record_left)
		return record(&c, r);
	return c.q->skip_left ? pass_message(&c, r) : handshake(&c, r);
}

static void gap(void *state, enum wt_direction dir, uint64_t lost, struct wt_out *out)
{
	struct tls_state *s = state;
	struct call c = { .state = s, .q = &s->dir[dir], .out = out, .dir = dir };

	(void)lost;
	close_event(&c);
	c.q->record_left = c.q->skip_left = 0;
}

const struct wt_dissector wt_tls_dissector = {
	.name = "tls",
	.title = "TLS",
	.source = "RFC 8446, RFC 5246, RFC 6101, RFC 5280; JA3, JA4",
	.carriage = WT_OVER_TCP,
	.ports = { 443, 2762, 8443, 636, 993, 995, 3389, 8883 },
	.probe = probe,
	.message = message,
	.gap = gap,
	.resync = resync,
	.state_size = sizeof(struct tls_state),
	.buffer_max = TLS_WINDOW + 2048,
	WT_DISSECTOR_TABLES(events),
};

_Static_assert(sizeof(struct tls_state) <= WT_STATE_MAX, "state of a flow");
_Static_assert(TLS_N_FIELDS <= 256, "own fields");
_Static_assert(TLS_RECORD_MAX + 2 * TLS_HEAD_LEN <= TLS_WINDOW + 2048, "settle sees a record");
