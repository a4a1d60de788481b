/* The hospital mix: large DICOM transfers, HL7 links, and the small talk of devices.
 * Source: conversations recorded in pcaps/dicom and pcaps/hl7, replayed between some
 * 2,000 devices and a few servers. Data sets of recorded C-STORE requests are made as
 * large as real images by further P-DATA-TF PDUs (PS3.8 9.3.5 and Annex E: only the
 * last fragment carries the last-flag), and the pixel element's length (PS3.5 7.1) is
 * made to agree, so that a dissector that follows lengths stays in step. */
#include "mkbench.h"

#include <stdlib.h>
#include <string.h>

#define N_DEVICES 2000u
#define N_MODALITIES 80u
#define N_PACS 4u
#define N_GATEWAYS 6u
#define N_SERVERS (N_PACS + N_GATEWAYS + 2u)
#define DICOM_AT_ONCE 24u
#define HL7_AT_ONCE 300u
#define MQTT_AT_ONCE 100u
#define IMAGE_BYTES (512u * 1024u) /* a CT slice: 512 x 512 x 2 */
#define LARGE_TURNS_MAX 64u        /* enlarged turns held in memory */

/* Shares of the bytes, per mille; they give a mean packet near 860 bytes. */
static const unsigned shares[3] = { 944, 46, 10 };

struct hosp {
	struct out *out;
	uint64_t rng;
	struct host device[N_DEVICES], server[N_SERVERS];
	struct talk *large, *short_dicom, *hl7;
	size_t n_large, n_short, n_hl7;
	struct talk mqtt;
	struct wire dicom_wire[DICOM_AT_ONCE], hl7_wire[HL7_AT_ONCE], mqtt_wire[MQTT_AT_ONCE];
	uint16_t next_port[N_DEVICES];
	uint64_t n_flows, n_large_flows;
};

static const uint8_t *find(const uint8_t *in, size_t len, const void *what, size_t what_len)
{
	size_t i;

	for (i = 0; i + what_len <= len; i++)
		if (!memcmp(in + i, what, what_len))
			return in + i;
	return NULL;
}

/* Where the pixel element keeps its length in a turn: little-endian, defined. */
static uint8_t *pixel_length(struct turn *t)
{
	const uint8_t *tag = find(t->bytes, t->len, "\xe0\x7f\x10\x00", 4);
	size_t at = tag ? (size_t)(tag - t->bytes) + 4 : t->len;

	if (at + 8 <= t->len && t->bytes[at] == 'O' && t->bytes[at + 2] == 0)
		at += 4; /* explicit VR: OB or OW and two zeroes */
	if (at + 4 > t->len || !memcmp(t->bytes + at, "\xff\xff\xff\xff", 4))
		return NULL;
	return t->bytes + at;
}

/* Offset of the flags byte of the turn's last fragment, when the turn is a row of
 * P-DATA-TF PDUs that ends with the last fragment of a data set; 0 otherwise. */
static size_t last_flags(const struct turn *t, size_t *longest, uint8_t *context)
{
	size_t at = 0, flags = 0;

	*longest = 0;
	while (at + 12 <= t->len) {
		size_t len = get32(t->bytes + at + 2), pdv = 6;

		if (t->bytes[at] != 4 || len > t->len - at - 6)
			return 0;
		while (pdv + 6 <= len + 6) {
			flags = at + pdv + 5;
			*context = t->bytes[at + pdv + 4];
			pdv += 4 + get32(t->bytes + at + pdv);
		}
		*longest = len > *longest ? len : *longest;
		at += 6 + len;
	}
	return at == t->len && flags && t->bytes[flags] == 2 ? flags : 0;
}

static bool enlarge(struct turn *t)
{
	size_t longest, extra = 0, at, len, flags;
	uint8_t context = 0, *length = pixel_length(t);
	uint64_t rng = t->len;

	flags = last_flags(t, &longest, &context);
	if (!flags || !length || longest < 1024)
		return false;
	len = longest < 16384 ? longest : 16384;
	t->bytes[flags] = 0;
	at = t->len;
	t->bytes = realloc(t->bytes, t->len + IMAGE_BYTES + IMAGE_BYTES / 64 + 2 * 16384);
	if (!t->bytes)
		die("no memory");
	while (extra < IMAGE_BYTES) {
		size_t i;

		t->bytes[at] = 4;
		t->bytes[at + 1] = 0;
		put32(t->bytes + at + 2, (uint32_t)len);
		put32(t->bytes + at + 6, (uint32_t)len - 4);
		t->bytes[at + 10] = context;
		t->bytes[at + 11] = extra + len - 6 >= IMAGE_BYTES ? 2 : 0;
		for (i = 12; i < 6 + len; i++)
			t->bytes[at + i] = (uint8_t)(draw(&rng) & (i & 1 ? 0x0f : 0xff));
		at += 6 + len;
		extra += len - 6;
	}
	t->len = at;
	length = pixel_length(t);
	at = length[0] | (size_t)length[1] << 8 | (size_t)length[2] << 16 | (size_t)length[3] << 24;
	at += extra;
	length[0] = (uint8_t)at;
	length[1] = (uint8_t)(at >> 8);
	length[2] = (uint8_t)(at >> 16);
	length[3] = (uint8_t)(at >> 24);
	return true;
}

/* Sorts DICOM conversations into those that store images, enlarged, and the rest. */
static void take_dicom(struct hosp *h, struct talk *t)
{
	static unsigned n_enlarged;
	size_t i, n = 0;

	if (t->turns[0].bytes[0] != 1 || t->turns[1].bytes[0] != 2)
		return; /* no association, or refused */
	t->first = t->last = t->n_turns; /* never reached: said once */
	for (i = 2; i < t->n_turns; i++) {
		if (t->turns[i].bytes[0] != 4)
			continue;
		if (t->turns[i].dir == 0 && t->first == t->n_turns)
			t->first = i;
		if (t->turns[i].dir == 1)
			t->last = i;
	}
	if (t->first < t->last && t->last < t->n_turns && n_enlarged < LARGE_TURNS_MAX)
		for (i = t->first; i <= t->last && n < 4; i++)
			n += t->turns[i].dir == 0 && enlarge(&t->turns[i]);
	n_enlarged += (unsigned)n;
	if (n)
		h->large[h->n_large++] = *t;
	else
		h->short_dicom[h->n_short++] = *t;
}

static struct talk *load(const char *pcaps, const char *name, size_t *n)
{
	struct capture *captures;
	struct talk *talks = NULL;
	size_t i, n_skipped, n_captures;
	char path[4096];

	if ((size_t)snprintf(path, sizeof(path), "%s/%s", pcaps, name) >= sizeof(path))
		die("path too long");
	n_captures = read_captures(path, 0, &captures, &n_skipped);
	*n = 0;
	for (i = 0; i < n_captures; i++)
		*n = read_talks(&captures[i], &talks, *n);
	if (*n == 0)
		die("no complete conversation in the captures of %s", path);
	return talks;
}

static void take_templates(struct hosp *h, const char *pcaps)
{
	size_t n, i;
	struct talk *talks = load(pcaps, "dicom", &n);

	h->large = need(n * sizeof(*h->large));
	h->short_dicom = need(n * sizeof(*h->short_dicom));
	for (i = 0; i < n; i++)
		take_dicom(h, &talks[i]);
	if (h->n_large == 0 || h->n_short == 0)
		die("%s/dicom holds no C-STORE that can be enlarged, or nothing else", pcaps);
	h->hl7 = load(pcaps, "hl7", &h->n_hl7);
	for (i = 0; i < h->n_hl7; i++)
		h->hl7[i].last = h->hl7[i].n_turns - 1;
	fprintf(stderr, "mkbench: %zu image transfers, %zu short associations, %zu HL7 links "
		"as templates\n", h->n_large, h->n_short, h->n_hl7);
}

/* MQTT 3.1.1: CONNECT, CONNACK, then PUBLISH with QoS 1 and PUBACK. */
static void script_mqtt(struct talk *t)
{
	static uint8_t bytes[5][64] = {
		"\x10\x13\0\4MQTT\4\2\0\x3c\0\7pump-17", "\x20\2\0\0",
		"\x32\x28\0\x0cward/7/state\0\1{\"rate\":12.5,\"alarm\":0}", "\x40\2\0\1", "\xe0",
	};
	static struct turn turns[] = {
		{ 0, bytes[0], 21 }, { 1, bytes[1], 4 }, { 0, bytes[2], 42 }, { 1, bytes[3], 4 },
		{ 0, bytes[4], 2 },
	};

	*t = (struct talk){ .turns = turns, .n_turns = 5, .first = 2, .last = 3, .port = 1883 };
}

static void place_hosts(struct hosp *h)
{
	unsigned i;

	for (i = 0; i < N_DEVICES + N_SERVERS; i++) {
		struct host *at = i < N_DEVICES ? &h->device[i] : &h->server[i - N_DEVICES];
		unsigned low = i < N_DEVICES ? i % 250 + 2 : i - N_DEVICES + 2;

		memcpy(at->mac, "\x02\x5e\x10\0", 4);
		put16(at->mac + 4, i);
		at->ip[0] = 10;
		at->ip[1] = 20;
		at->ip[2] = (uint8_t)(i < N_DEVICES ? i / 250 : 200);
		at->ip[3] = (uint8_t)low;
	}
	for (i = 0; i < N_DEVICES; i++)
		h->next_port[i] = (uint16_t)(32768 + draw_below(&h->rng, 28000));
}

static uint16_t new_port(struct hosp *h, size_t device)
{
	if (++h->next_port[device] >= 60999)
		h->next_port[device] = 32768;
	h->n_flows++;
	return h->next_port[device];
}

static void start_dicom(struct hosp *h, struct wire *w)
{
	size_t device = draw_below(&h->rng, N_MODALITIES);
	bool is_large = draw_below(&h->rng, 100) < 40;
	const struct talk *t = is_large ? &h->large[draw_below(&h->rng, h->n_large)] :
		&h->short_dicom[draw_below(&h->rng, h->n_short)];
	unsigned repeats = is_large ? 2 + (unsigned)draw_below(&h->rng, 12) : 1;

	h->n_large_flows += is_large;
	wire_start(w, t, &h->device[device], &h->server[device % N_PACS], new_port(h, device),
		   repeats, &h->rng);
}

static void start_hl7(struct hosp *h, struct wire *w)
{
	size_t device = N_MODALITIES + draw_below(&h->rng, 1300);
	const struct talk *t = &h->hl7[draw_below(&h->rng, h->n_hl7)];
	unsigned repeats = t->n_turns > 20 || t->turns[0].len > 20000 ? 1 :
		4 + (unsigned)draw_below(&h->rng, 30);

	wire_start(w, t, &h->device[device], &h->server[N_PACS + device % N_GATEWAYS],
		   new_port(h, device), repeats, &h->rng);
}

static void start_mqtt(struct hosp *h, struct wire *w)
{
	size_t device = draw_below(&h->rng, N_DEVICES);

	wire_start(w, &h->mqtt, &h->device[device], &h->server[N_SERVERS - 1], new_port(h, device),
		   20 + (unsigned)draw_below(&h->rng, 200), &h->rng);
}

/* DNS (RFC 1035 4.1), SNMP v1 get and response (RFC 1157 4.1), NTP (RFC 5905 7.3), and
 * datagrams of a monitor on port 24105. */
static void talk_small(struct hosp *h)
{
	static const uint8_t snmp[] = "\x30\x26\x02\x01\x00\x04\x06public\xa0\x19\x02\x01\x07\x02\x01"
		"\x00\x02\x01\x00\x30\x0e\x30\x0c\x06\x08\x2b\x06\x01\x02\x01\x01\x01\x00\x05";
	static const uint8_t query[] = "\0\7\1\0\0\1\0\0\0\0\0\0\4pacs\4ward\7example\0\0\1\0";
	const struct host *infra = &h->server[N_SERVERS - 2];
	size_t at = draw_below(&h->rng, N_DEVICES), kind = draw_below(&h->rng, 100);
	const struct host *device = &h->device[at];
	uint8_t bytes[400];

	memset(bytes, 0, sizeof(bytes));
	if (kind < 45) {
		size_t len = 40 + draw_below(&h->rng, 200);

		put16(bytes, 0xe100);
		put16(bytes + 8, (uint32_t)len - 10);
		send_udp(h->out, device, infra, 24105, 24105, bytes, len);
	} else if (kind < 65) {
		uint16_t port = new_port(h, at);

		memcpy(bytes, query, sizeof(query));
		bytes[sizeof(query) - 1] = 0;
		bytes[sizeof(query)] = 1;
		put16(bytes, port);
		send_udp(h->out, device, infra, port, 53, bytes, sizeof(query));
		put16(bytes + 2, 0x8580);
		bytes[7] = 1;
		memcpy(bytes + sizeof(query), "\xc0\x0c\0\1\0\1\0\0\0\x3c\0\4\x0a\x14\xc8\2", 16);
		send_udp(h->out, infra, device, 53, port, bytes, sizeof(query) + 16);
	} else if (kind < 80) {
		uint16_t port = new_port(h, at);

		memcpy(bytes, snmp, sizeof(snmp));
		send_udp(h->out, infra, device, port, 161, bytes, sizeof(snmp));
		bytes[13] = 0xa2;
		send_udp(h->out, device, infra, 161, port, bytes, sizeof(snmp));
	} else if (kind < 86) {
		bytes[0] = 0x23;
		send_udp(h->out, device, infra, 123, 123, bytes, 48);
		bytes[0] = 0x24;
		send_udp(h->out, infra, device, 123, 123, bytes, 48);
	} else {
		struct wire *w = &h->mqtt_wire[draw_below(&h->rng, MQTT_AT_ONCE)];

		if (!wire_step(w, h->out))
			start_mqtt(h, w);
	}
}

/* The class that is furthest behind its share speaks next; image transfers do so in
 * short bursts, as cards and switches make them. */
static void speak(struct hosp *h, uint64_t said[3])
{
	uint64_t before = h->out->n_bytes;
	int64_t worst = INT64_MIN;
	unsigned class = 0, i, n;

	for (i = 0; i < 3; i++) {
		int64_t behind = (int64_t)(before * shares[i] / 1000) - (int64_t)said[i];

		if (behind > worst) {
			worst = behind;
			class = i;
		}
	}
	if (class == 2) {
		talk_small(h);
	} else if (class == 1) {
		struct wire *w = &h->hl7_wire[draw_below(&h->rng, HL7_AT_ONCE)];

		if (!wire_step(w, h->out))
			start_hl7(h, w);
	} else {
		struct wire *w = &h->dicom_wire[draw_below(&h->rng, DICOM_AT_ONCE)];

		for (n = 1 + (unsigned)draw_below(&h->rng, 12); n; n--)
			if (!wire_step(w, h->out)) {
				start_dicom(h, w);
				break;
			}
	}
	said[class] += h->out->n_bytes - before;
}

void make_hosp(struct out *out, uint64_t size, uint64_t seed, const char *pcaps)
{
	struct hosp *h = need(sizeof(*h));
	uint64_t said[3] = { 0 };
	unsigned i;

	h->out = out;
	h->rng = seed;
	take_templates(h, pcaps);
	place_hosts(h);
	script_mqtt(&h->mqtt);
	for (i = 0; i < DICOM_AT_ONCE; i++)
		start_dicom(h, &h->dicom_wire[i]);
	for (i = 0; i < HL7_AT_ONCE; i++)
		start_hl7(h, &h->hl7_wire[i]);
	for (i = 0; i < MQTT_AT_ONCE; i++)
		start_mqtt(h, &h->mqtt_wire[i]);
	while (out->n_bytes < size)
		speak(h, said);
	printf("hosp: %u devices, %llu flows (%llu image transfers); bytes: dicom %.1f %%, hl7 "
	       "%.1f %%, small %.1f %%\n", N_DEVICES, (unsigned long long)h->n_flows,
	       (unsigned long long)h->n_large_flows, (double)said[0] * 100 / (double)out->n_bytes,
	       (double)said[1] * 100 / (double)out->n_bytes,
	       (double)said[2] * 100 / (double)out->n_bytes);
}
