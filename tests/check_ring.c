/* Promises of capture/ring.h that need no privilege. The rest is in live.sh. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "capture/ring.h"

static struct wt_addr v4(unsigned i)
{
	return (struct wt_addr){ .octet = { 10, (uint8_t)(i >> 16), (uint8_t)(i >> 8),
					    (uint8_t)i } };
}

START_TEST(steer_is_symmetric_and_spreads)
{
	const struct wt_addr gateway = v4(1);
	unsigned n[2] = { 0, 0 }, i;

	for (i = 0; i < 1000; i++) {
		const struct wt_addr device = v4(i + 2);
		uint32_t steer = wt_ring_steer(&device, &gateway, 4);

		ck_assert_uint_eq(steer, wt_ring_steer(&gateway, &device, 4));
		ck_assert_uint_lt(steer, 64);
		n[steer % 2]++;
	}
	ck_assert_msg(n[0] > 400 && n[1] > 400, "%u and %u of 1000", n[0], n[1]);
}
END_TEST

START_TEST(ipv6_steer_takes_every_word)
{
	struct wt_addr a = v4(1), b = v4(2);
	unsigned i, n_changed = 0;

	for (i = 0; i < 16; i++) {
		struct wt_addr other = b;

		other.octet[i] = (uint8_t)(other.octet[i] ^ 0x55);
		n_changed += wt_ring_steer(&a, &other, 6) != wt_ring_steer(&a, &b, 6);
		ck_assert_uint_eq(wt_ring_steer(&a, &other, 6), wt_ring_steer(&other, &a, 6));
	}
	ck_assert_uint_ge(n_changed, 12);
}
END_TEST

START_TEST(the_program_fits_and_ends_on_every_path)
{
	struct sock_filter program[WT_RING_STEER_MAX];
	unsigned n = WT_RING_STEER_MAX, i;

	wt_ring_steer_program(program, &n);
	ck_assert_uint_le(n, WT_RING_STEER_MAX);
	ck_assert_uint_eq(program[n - 1].code, BPF_RET | BPF_A);
	for (i = 0; i < n; i++)
		if (BPF_CLASS(program[i].code) == BPF_JMP)
			ck_assert_uint_lt(i + 1 + (program[i].jt > program[i].jf ?
						   program[i].jt : program[i].jf), n);
}
END_TEST

static const struct sock_filter nothing;

START_TEST(impossible_options_are_told)
{
	static const struct {
		struct wt_ring_options options;
		const char *error;
	} rows[] = {
		{ { .interface = "" }, "impossible length" },
		{ { .interface = "sixteen-bytes-xx" }, "impossible length" },
		{ { .interface = "lo", .block_size = 524289 }, "block size" },
		{ { .interface = "lo", .block_size = 262144 }, "block size" },
		{ { .interface = "lo", .n_blocks = 3 }, "number of blocks" },
		{ { .interface = "lo", .block_size = 1u << 30, .n_blocks = 65536 },
		  "number of blocks" },
		{ { .interface = "lo", .filter = &nothing, .n_filter = 0 },
		  "empty or too long" },
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char error[256] = "";

		ck_assert_ptr_null(wt_ring_open(&rows[i].options, error, sizeof(error)));
		ck_assert_msg(strstr(error, rows[i].error) != NULL, "row %zu: %s", i, error);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("ring");
	TCase *c = tcase_create("ring");
	SRunner *runner;
	int n_failed;

	tcase_add_test(c, steer_is_symmetric_and_spreads);
	tcase_add_test(c, ipv6_steer_takes_every_word);
	tcase_add_test(c, the_program_fits_and_ends_on_every_path);
	tcase_add_test(c, impossible_options_are_told);
	suite_add_tcase(suite, c);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	n_failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return n_failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
