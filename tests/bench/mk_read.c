/* Captures as templates (mkbench.h). Source: libpcap reads the files; link types of
 * the pcap registry; RFC 791, 8200, 9293. */
#define _GNU_SOURCE
#include "mkbench.h"

#include <ftw.h>
#include <pcap/pcap.h>
#include <stdlib.h>
#include <string.h>

#define PATHS_MAX 4096
#define FLOW_SLOTS 65536u /* per file; captures with more flows lose the limit */

static char *paths[PATHS_MAX];
static size_t n_paths;

static int note_path(const char *path, const struct stat *st, int type, struct FTW *where)
{
	const char *name = path + where->base;
	const char *dot = strchr(name, '.');

	(void)st;
	/* "x.gap.pcap" is a damaged variant of x.pcap */
	if (type == FTW_F && dot && n_paths < PATHS_MAX &&
	    (!strncmp(dot, ".pcap", 5) || !strcmp(dot, ".cap")))
		paths[n_paths++] = strdup(path);
	return 0;
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Offset of the network header and its EtherType; 0 when there is none we keep. */
static size_t network_of(int link, const uint8_t *at, size_t len, uint16_t *type)
{
	size_t off = link == DLT_NULL || link == DLT_LOOP ? 4 : link == DLT_LINUX_SLL ? 16 : 0;

	if (link == DLT_EN10MB)
		return 0;
	if (link != DLT_RAW && link != 12 && link != 101 && link != 228 && link != 229 && off == 0)
		return SIZE_MAX;
	if (off >= len)
		return SIZE_MAX;
	*type = at[off] >> 4 == 4 ? 0x0800 : at[off] >> 4 == 6 ? 0x86dd : 0;
	return *type ? off : SIZE_MAX;
}

static uint32_t find_ip(const uint8_t *frame, size_t len)
{
	size_t at = 12;

	while (at + 6 <= len && (get16(frame + at) == 0x8100 || get16(frame + at) == 0x88a8))
		at += 4;
	if (at + 22 > len)
		return 0;
	if (get16(frame + at) == 0x0800 && frame[at + 2] >> 4 == 4 &&
	    (frame[at + 2] & 15) >= 5 && at + 2u + (frame[at + 2] & 15u) * 4 <= len)
		return (uint32_t)at + 2;
	return get16(frame + at) == 0x86dd && frame[at + 2] >> 4 == 6 && at + 42 <= len ?
		(uint32_t)at + 2 : 0;
}

/* A number for the flow, the same in both directions. */
static uint32_t flow_slot(const struct frame *f)
{
	const uint8_t *ip = f->bytes + f->ip_off;
	bool is_v4 = ip[0] >> 4 == 4;
	size_t off = is_v4 ? (size_t)(ip[0] & 15) * 4 : 40, i;
	uint8_t proto = is_v4 ? ip[9] : ip[6];
	uint64_t hash = proto;

	for (i = 0; i < (is_v4 ? 4u : 16u); i += 4)
		hash += (uint64_t)get32(ip + (is_v4 ? 12 : 8) + i) * 0x9e3779b1u +
			(uint64_t)get32(ip + (is_v4 ? 16 : 24) + i) * 0x9e3779b1u;
	if ((proto == 6 || proto == 17) && f->ip_off + off + 4 <= f->len)
		hash += (uint64_t)get16(ip + off) * 0x85ebca6bu +
			(uint64_t)get16(ip + off + 2) * 0x85ebca6bu;
	return (uint32_t)((hash ^ hash >> 29) % FLOW_SLOTS);
}

static bool keep_frame(struct frame *f, int link, const uint8_t *bytes, size_t len)
{
	uint16_t type = 0;
	size_t off = network_of(link, bytes, len, &type), shift = off ? 14 : 0;

	if (off == SIZE_MAX || len < 14 || len - off + shift > 16384)
		return false;
	f->len = (uint32_t)(len - off + shift);
	f->bytes = need(f->len);
	if (shift) {
		memcpy(f->bytes, "\x02\0\0\0\0\x01\x02\0\0\0\0\x02", 12);
		put16(f->bytes + 12, type);
	}
	memcpy(f->bytes + shift, bytes + off, len - off);
	f->ip_off = find_ip(f->bytes, f->len);
	if (f->ip_off)
		fix_sums(f->bytes + f->ip_off, f->len - f->ip_off);
	return true;
}

static bool read_capture(const char *path, unsigned per_flow, struct capture *c)
{
	static uint16_t seen[FLOW_SLOTS];
	char error[PCAP_ERRBUF_SIZE];
	pcap_t *pcap = pcap_open_offline(path, error);
	struct pcap_pkthdr *head;
	const u_char *bytes;
	size_t room = 0;

	memset(seen, 0, sizeof(seen));
	memset(c, 0, sizeof(*c));
	if (!pcap)
		return false;
	while (pcap_next_ex(pcap, &head, &bytes) == 1) {
		struct frame f;

		if (!keep_frame(&f, pcap_datalink(pcap), bytes, head->caplen))
			continue;
		if (per_flow && f.ip_off && seen[flow_slot(&f)]++ >= per_flow) {
			free(f.bytes);
			continue;
		}
		if (c->n_frames == room) {
			room = room ? 2 * room : 64;
			c->frames = realloc(c->frames, room * sizeof(*c->frames));
			if (!c->frames)
				die("no memory");
		}
		c->frames[c->n_frames++] = f;
		c->n_bytes += f.len;
	}
	pcap_close(pcap);
	return c->n_frames != 0;
}

size_t read_captures(const char *folder, unsigned per_flow, struct capture **captures,
		     size_t *n_skipped)
{
	size_t i, n = 0;

	n_paths = 0;
	*n_skipped = 0;
	*captures = NULL;
	if (nftw(folder, note_path, 16, FTW_PHYS) != 0)
		return 0;
	qsort(paths, n_paths, sizeof(paths[0]), by_text);
	*captures = need(n_paths * sizeof(**captures));
	for (i = 0; i < n_paths; i++) {
		if (read_capture(paths[i], per_flow, &(*captures)[n]))
			n++;
		else
			(*n_skipped)++;
		free(paths[i]);
	}
	return n;
}

/* Whether a frame is an IPv4 TCP segment; says where its parts are. */
static bool is_segment(const struct frame *f, const uint8_t **ip, const uint8_t **tcp,
		       const uint8_t **payload, size_t *len)
{
	size_t header, total, offset;

	*ip = f->bytes + f->ip_off;
	if (!f->ip_off || (*ip)[0] >> 4 != 4 || (*ip)[9] != 6 || get16(*ip + 6) & 0x3fff)
		return false;
	header = (size_t)((*ip)[0] & 15) * 4;
	total = get16(*ip + 2);
	if (f->ip_off + total > f->len || total < header + 20)
		return false;
	*tcp = *ip + header;
	offset = (size_t)((*tcp)[12] >> 4) * 4;
	if (offset < 20 || header + offset > total)
		return false;
	*payload = *tcp + offset;
	*len = total - header - offset;
	return true;
}

static void say(struct talk *t, uint8_t dir, const uint8_t *bytes, size_t len)
{
	struct turn *last = t->n_turns ? &t->turns[t->n_turns - 1] : NULL;

	if (!last || last->dir != dir) {
		t->turns = realloc(t->turns, (t->n_turns + 1) * sizeof(*t->turns));
		if (!t->turns)
			die("no memory");
		last = &t->turns[t->n_turns++];
		*last = (struct turn){ .dir = dir };
	}
	last->bytes = realloc(last->bytes, last->len + len);
	if (!last->bytes)
		die("no memory");
	memcpy(last->bytes + last->len, bytes, len);
	last->len += len;
}

/* The conversation that the SYN in frame `at` begins. False: a hole, or too little. */
static bool read_talk(const struct capture *c, size_t at, struct talk *t)
{
	const uint8_t *ip, *tcp, *payload, *ip0, *tcp0;
	uint32_t next[2];
	bool has_next[2] = { true, false };
	size_t len, i;

	if (!is_segment(&c->frames[at], &ip0, &tcp0, &payload, &len))
		return false;
	memset(t, 0, sizeof(*t));
	t->port = get16(tcp0 + 2);
	next[0] = get32(tcp0 + 4) + 1;
	for (i = at + 1; i < c->n_frames; i++) {
		uint8_t dir;
		uint32_t seq, ahead;

		if (!is_segment(&c->frames[i], &ip, &tcp, &payload, &len))
			continue;
		if (!memcmp(ip + 12, ip0 + 12, 8) && !memcmp(tcp, tcp0, 4))
			dir = 0;
		else if (!memcmp(ip + 12, ip0 + 16, 4) && !memcmp(ip + 16, ip0 + 12, 4) &&
			 get16(tcp) == t->port && get16(tcp + 2) == get16(tcp0))
			dir = 1;
		else
			continue;
		seq = get32(tcp + 4);
		if (tcp[13] & 2) {
			if (dir == 0)
				break; /* the ports are used again */
			next[1] = seq + 1;
			has_next[1] = true;
			continue;
		}
		if (!has_next[dir])
			return false;
		ahead = next[dir] - seq; /* bytes of it that were said before */
		if (len == 0 || (ahead < 0x80000000u && ahead >= len))
			continue;
		if (ahead >= 0x80000000u)
			return false;
		say(t, dir, payload + ahead, len - ahead);
		next[dir] += (uint32_t)(len - ahead);
	}
	return t->n_turns >= 2 && t->turns[0].dir == 0;
}

size_t read_talks(const struct capture *c, struct talk **talks, size_t n_talks)
{
	const uint8_t *ip, *tcp, *payload;
	size_t i, len;

	for (i = 0; i < c->n_frames; i++) {
		struct talk t;

		if (!is_segment(&c->frames[i], &ip, &tcp, &payload, &len) ||
		    (tcp[13] & 0x12) != 2 || !read_talk(c, i, &t))
			continue;
		*talks = realloc(*talks, (n_talks + 1) * sizeof(**talks));
		if (!*talks)
			die("no memory");
		(*talks)[n_talks++] = t;
	}
	return n_talks;
}
