/* The stage of a DICOM test (dicom_case.h). */
#include "harness/dicom_case.h"

struct wt_bench *bench;
struct dm client, server, set;

void dicom_begin(void)
{
	bench = wt_bench_new("dicom", false);
}

void dicom_end(void)
{
	dm_free(&client);
	dm_free(&server);
	dm_free(&set);
	wt_bench_free(bench);
}

void to_server(void)
{
	wt_bench_feed(bench, WT_TO_SERVER, dm_slice(&client));
	client.len = 0;
}

void to_client(void)
{
	wt_bench_feed(bench, WT_TO_CLIENT, dm_slice(&server));
	server.len = 0;
}

void associate(const char *sop, const char *transfer)
{
	dm_request(&client, sop, transfer, 1, 16384);
	dm_accept(&server, transfer, 1, 16384);
	to_server();
	to_client();
}

unsigned count(const char *needle)
{
	const char *at = wt_bench_text(bench);
	unsigned n = 0;

	while ((at = strstr(at, needle)) != NULL) {
		at += strlen(needle);
		n++;
	}
	return n;
}

void message(unsigned code, const char *sop)
{
	struct dm_command c = { .code = code,
				.message_id = 1,
				.sop_class = sop,
				.has_dataset = true,
				.status = -1 };

	dm_command(&client, 1, &c);
	dm_p_data(&client, 1, 2, dm_slice(&set));
	to_server();
}

void add_claim(uint32_t tag, uint32_t length)
{
	dm_u16le(&set, tag >> 16);
	dm_u16le(&set, tag & 0xffff);
	dm_u32le(&set, length);
}

int dicom_run(const char *name, const TTest *const *tests, size_t n)
{
	Suite *suite = suite_create(name);
	TCase *c = tcase_create(name);
	SRunner *runner;
	int n_failed;
	size_t i;

	tcase_add_checked_fixture(c, dicom_begin, dicom_end);
	tcase_set_timeout(c, 120);
	for (i = 0; i < n; i++)
		tcase_add_test(c, tests[i]);
	suite_add_tcase(suite, c);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	n_failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return n_failed != 0;
}
