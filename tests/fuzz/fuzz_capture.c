/* Capture files of any content: reads the input as one file and holds every promise
 * of capture/file.h that needs no knowledge of the content. */
#define _GNU_SOURCE /* memfd_create */
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "capture/file.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

#define MUST(condition) do { if (!(condition)) abort(); } while (0)

/* Reads all of it; the sum depends on every packet and its bytes. */
static uint64_t read_all(const struct wt_capture_list *list, bool is_hashed)
{
	static struct wt_batch batch;
	struct wt_counters counters = { { 0 } };
	struct wt_capture_options options = { &counters, is_hashed };
	struct wt_capture *c = wt_capture_open(list, &options);
	uint64_t sum = 0, number = 0, total = 0;
	unsigned i, n_interfaces;
	size_t n_damages;

	MUST(c);
	while (wt_capture_next(c, &batch)) {
		MUST(batch.n >= 1 && batch.n <= WT_BATCH);
		(void)wt_capture_interfaces(c, &n_interfaces);
		for (i = 0; i < batch.n; i++) {
			const struct wt_packet *p = &batch.packet[i];
			uint32_t k;

			MUST(p->number == ++number && p->wire_len >= p->cap_len);
			MUST(p->cap_len <= WT_CAPTURE_PACKET_MAX && p->bytes);
			MUST(p->ts_ns <= INT64_MAX && p->interface < n_interfaces);
			MUST(p->disposition == 0 && p->payload_len == 0);
			for (k = 0; k < p->cap_len; k++)
				sum = sum * 31 + p->bytes[k];
			sum = sum * 31 + p->ts_ns + p->link_type;
		}
	}
	(void)wt_capture_damages(c, &n_damages);
	for (i = 0; i < list->n_files; i++)
		total += wt_capture_result(c, i)->packets;
	MUST(total == number && counters.value[WT_C_PACKETS_READ] == number);
	MUST((n_damages > 0) == (counters.value[WT_C_CAPTURE_FILES_DAMAGED] > 0));
	MUST(n_damages <= WT_CAPTURE_DAMAGES_MAX);
	MUST(wt_capture_progress(c).file == list->n_files);
	wt_capture_close(c);
	return sum;
}

/* Clearing a huge page per buffer would take most of the time. */
int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	MUST(prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0) == 0);
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	int fd = memfd_create("capture", MFD_CLOEXEC);
	char path[64], *paths[1] = { path };
	struct wt_capture_list *list;

	MUST(fd >= 0 && write(fd, bytes, len) == (ssize_t)len);
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	list = wt_capture_list_new(paths, 1);
	MUST(list && list->n_files + list->n_notes == 1);
	if (list->n_files)
		MUST(read_all(list, false) == read_all(list, true));
	wt_capture_list_free(list);
	(void)close(fd);
	return 0;
}
