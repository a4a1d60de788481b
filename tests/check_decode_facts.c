/* Decoding against facts that an independent decoder stated of the captures in
 * ../shared/pcaps (FACTS.jsonl): packets per IPv4 source and per TCP and UDP
 * destination port. Compared where both speak of the same headers: files without
 * tunnels, fragments, ICMP errors (which quote packets) and hostile content. */
#define _DEFAULT_SOURCE /* libpcap needs u_char */
#include <arpa/inet.h>
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "decode_captures.h"
#include "decode_packets.h"

enum { SOURCES_MAX = 65536 };

/* What decode/ found in one file. */
struct found {
	bool is_comparable;
	uint32_t n_tcp[65536], n_udp[65536];
	uint32_t source[SOURCES_MAX]; /* IPv4, of each packet */
	unsigned n_sources;
};

static bool is_icmp_error(const struct wt_packet *p)
{
	return (p->key.proto == 1 && (p->icmp_type == 3 || p->icmp_type == 5 ||
				      p->icmp_type == 11 || p->icmp_type == 12)) ||
	       (p->key.proto == 58 && p->icmp_type < 128) ||
	       (p->key.proto == 58 && p->icmp_type == 137);
}

/* The other decoder enters GTP, CAPWAP and more, which wardtap leaves as UDP. */
static bool has_same_view(const char *path)
{
	return !strstr(path, "/hostile/") && !strstr(path, "/tunnels-vlan/") &&
	       !strstr(path, "capwap");
}

static void take(const struct wt_packet *wire, void *self)
{
	struct found *found = self;
	struct wt_packet p = *wire;
	uint16_t port;

	wt_decode(&p);
	if (p.n_tunnels || (p.disposition != WT_DISP_FLOW && p.disposition != WT_DISP_ETHER) ||
	    is_icmp_error(&p))
		found->is_comparable = false;
	port = p.key.end[!p.sender].port;
	if (p.key.proto == 6)
		found->n_tcp[port]++;
	if (p.key.proto == 17)
		found->n_udp[port]++;
	if (p.key.ip_version == 4 && found->n_sources < SOURCES_MAX)
		memcpy(&found->source[found->n_sources++], p.key.end[p.sender].addr.octet, 4);
}

/* What follows `key` in a line of JSON, or NULL. */
static const char *after(const char *line, const char *key)
{
	const char *at = strstr(line, key);

	return at ? at + strlen(key) : NULL;
}

/* Walks `{"name": count, ...}`: the next pair, or false at the end. */
static bool next_pair(const char **at, char *name, size_t size, unsigned long *count)
{
	const char *open = strpbrk(*at, "\"}"), *close;

	if (!open || *open == '}')
		return false;
	close = strchr(open + 1, '"');
	if (!close || (size_t)(close - open) > size)
		return false;
	memcpy(name, open + 1, (size_t)(close - open - 1));
	name[close - open - 1] = '\0';
	*count = strtoul(close + 2, (char **)(uintptr_t)at, 10);
	return true;
}

static unsigned compare_ports(const char *line, const char *key, const uint32_t *n_of,
			      const char *path)
{
	const char *at = after(line, key);
	char name[64];
	unsigned long count;
	unsigned n = 0;

	while (at && next_pair(&at, name, sizeof(name), &count)) {
		ck_assert_msg(n_of[strtoul(name, NULL, 10) & 0xffff] == count,
			      "%s: port %s: %u, not %lu", path, name,
			      n_of[strtoul(name, NULL, 10) & 0xffff], count);
		n++;
	}
	return n;
}

static unsigned compare_sources(const char *line, const struct found *found, const char *path)
{
	const char *at = after(line, "\"ip_src\": {");
	char name[64];
	unsigned long count;
	unsigned n = 0;

	while (at && next_pair(&at, name, sizeof(name), &count)) {
		unsigned long mine = 0;
		uint32_t address;
		unsigned i;

		if (inet_pton(AF_INET, name, &address) != 1)
			continue;
		for (i = 0; i < found->n_sources; i++)
			mine += found->source[i] == address;
		ck_assert_msg(mine == count, "%s: source %s: %lu, not %lu", path, name, mine,
			      count);
		n++;
	}
	return n;
}

START_TEST(ports_and_sources_agree_with_stated_facts)
{
	static struct found found;
	FILE *facts = fopen(CAPTURES_DIR "/FACTS.jsonl", "r");
	char *line = NULL;
	size_t size = 0;
	unsigned n_files = 0, n_facts = 0;

	if (!facts) {
		fprintf(stderr, "check_decode_facts: NO " CAPTURES_DIR "/FACTS.jsonl, NOT TESTED\n");
		return;
	}
	while (getline(&line, &size, facts) > 0) {
		const char *name = after(line, "\"path\": \"");
		char path[512];

		ck_assert_ptr_nonnull(name);
		snprintf(path, sizeof(path), CAPTURES_DIR "/%.*s", (int)strcspn(name, "\""), name);
		memset(&found, 0, sizeof(found));
		found.is_comparable = has_same_view(path);
		if (!found.is_comparable || capture_walk(path, take, &found) == 0 ||
		    !found.is_comparable)
			continue;
		n_files++;
		n_facts += compare_ports(line, "\"tcp_dport\": {", found.n_tcp, path);
		n_facts += compare_ports(line, "\"udp_dport\": {", found.n_udp, path);
		n_facts += compare_sources(line, &found, path);
	}
	free(line);
	fclose(facts);
	ck_assert_uint_gt(n_files, 300);
	ck_assert_uint_gt(n_facts, 2000);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("decode facts");
	TCase *c = tcase_create("captures");
	SRunner *runner;
	int n_failed;

	tcase_set_timeout(c, 120);
	tcase_add_test(c, ports_and_sources_agree_with_stated_facts);
	suite_add_tcase(suite, c);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	n_failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return n_failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
