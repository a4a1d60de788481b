/* What every probe of a stream promises: what it says of some bytes holds for more of
 * them. Segments bring the first bytes of a stream bit by bit, so a probe that goes back
 * on its word makes the events depend on how the stream was cut.
 *
 * Heads come from pcaps/<name>/ and, damaged, from there: a wire says anything. */
#define WT_NO_POISON
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "harness/replay_stream.h"
#include "wardtap/dissector.h"
#include "wardtap/registry.h"

#define DAMAGED_HEADS 6000u /* of one dissector, in all */
#define HEADS_MAX 64u
#define HEAD_LEN 400u /* probes decide within a few hundred bytes */

struct heads {
	uint8_t bytes[HEADS_MAX][HEAD_LEN];
	size_t len[HEADS_MAX];
	unsigned n;
};

static uint32_t next_random(uint32_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 17;
	*state ^= *state << 5;
	return *state;
}

static void add_heads(struct heads *h, const char *path)
{
	struct bench *b = bench_load(path, 2 * HEAD_LEN);
	unsigned dir;
	size_t i, k;

	ck_assert_msg(b, "%s cannot be read", path);
	for (i = 0; i < b->n_flows; i++)
		for (dir = 0; dir < 2 && h->n < HEADS_MAX; dir++) {
			const struct bench_flow *f = &b->flow[i];
			uint8_t *room = h->bytes[h->n];
			size_t len = 0;

			for (k = 0; k < f->n; k++) {
				const struct bench_chunk *c = &f->chunk[k];
				size_t n = HEAD_LEN - len < c->len ? HEAD_LEN - len : c->len;

				if ((unsigned)c->dir != dir)
					continue;
				if (c->kind == BENCH_GAP || (c->kind == BENCH_DATAGRAM && len))
					break;
				memcpy(room + len, c->bytes, n);
				len += n;
			}
			if (len)
				h->len[h->n++] = len;
		}
	bench_free(b);
}

/* 0, or the length at which the probe went back on its word. */
static size_t went_back(const struct wt_dissector *d, const uint8_t *bytes, size_t len,
			enum wt_verdict *said, size_t *said_at, enum wt_verdict *says)
{
	size_t n;

	*said = WT_MORE;
	for (n = 1; n <= len; n++) {
		*says = d->probe(wt_slice_of(bytes, n));
		if (*says == *said)
			continue;
		if (*said != WT_MORE)
			return n;
		*said = *says;
		*said_at = n;
	}
	return 0;
}

static void must_hold(const struct wt_dissector *d, const uint8_t *bytes, size_t len)
{
	static const char *const words[] = {
		[WT_OK] = "OK", [WT_MORE] = "MORE", [WT_FOREIGN] = "FOREIGN"
	};
	enum wt_verdict said, says;
	size_t said_at = 0, at = went_back(d, bytes, len, &said, &said_at, &says), i;

	if (!at)
		return;
	printf("  probe of %s: %s of %zu bytes, %s of %zu:", d->name, words[said], said_at,
	       words[says], at);
	for (i = 0; i < at; i++)
		printf(" %02x", bytes[i]);
	printf("\n");
	ck_abort_msg("the probe of %s went back on its word", d->name);
}

/* A few bytes, the more likely the nearer to the start, become others. */
static void damage(uint8_t *bytes, size_t len, uint32_t *random)
{
	static const uint8_t odd[] = { 0, 1, 2, 4, 5, 10, 13, 32, 0x7f, 0x80, 0xfe, 0xff };
	unsigned n = 1 + next_random(random) % 4;

	while (n--) {
		size_t reach = next_random(random) % 3 ? (len < 32 ? len : 32) : len;
		size_t at = next_random(random) % reach;

		bytes[at] = next_random(random) & 1 ? odd[next_random(random) % sizeof(odd)]
						    : (uint8_t)next_random(random);
	}
}

START_TEST(what_a_probe_says_holds_for_more_bytes)
{
	const struct wt_dissector *d = wt_registry_dissector((unsigned)_i + 1);
	struct heads *h;
	uint32_t random = 2463534242u;
	char folder[128];
	unsigned i, k, times;
	char **paths;
	size_t n, p;

	if (!(d->carriage & WT_OVER_TCP))
		return;
	h = calloc(1, sizeof(*h));
	ck_assert_ptr_nonnull(h);
	(void)snprintf(folder, sizeof(folder), "pcaps/%s", d->name);
	paths = bench_paths(folder, ".pcap", &n);
	for (p = 0; p < n; p++)
		add_heads(h, paths[p]);
	bench_paths_free(paths, n);
	ck_assert_uint_gt(h->n, 0);
	times = DAMAGED_HEADS / h->n;
	for (i = 0; i < h->n; i++) {
		must_hold(d, h->bytes[i], h->len[i]);
		for (k = 0; k < times; k++) {
			uint8_t copy[HEAD_LEN];

			memcpy(copy, h->bytes[i], h->len[i]);
			damage(copy, h->len[i], &random);
			must_hold(d, copy, h->len[i]);
		}
	}
	free(h);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("probes");
	TCase *c = tcase_create("every dissector of streams");
	SRunner *runner;
	int n_failed;

	setvbuf(stdout, NULL, _IOLBF, 0);
	tcase_set_timeout(c, 300);
	tcase_add_loop_test(c, what_a_probe_says_holds_for_more_bytes, 0,
			    (int)wt_registry_count());
	suite_add_tcase(suite, c);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	n_failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return n_failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
