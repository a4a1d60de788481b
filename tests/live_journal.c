/* Writes alerts into a journal as fast as it takes them, and says which are durable: one
 * line per progress with the number of the last. For tests/journal.sh and
 * tests/courier.sh, which kill it, or let it end in order after N alerts.
 * Usage: live_journal DIR FIRST [N [SIZE [PAUSE]]]: the journal holds SIZE bytes (preset
 * 256 MiB); PAUSE microseconds between two flushes of 64 alerts. */
#define _POSIX_C_SOURCE 200809L
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "journal/journal.h"

int main(int argc, char **argv)
{
	char why[256];
	struct wt_io *io = argc >= 3 && argc <= 6 ? wt_io_folder(argv[1], true, why, sizeof(why)) : NULL;
	struct wt_journal_options options = { .io = io,
					      .size_max = argc > 4 ? strtoull(argv[4], NULL, 10) : 1 << 28,
					      .queue_bytes = 1 << 20,
					      .sensor = "killed",
					      .is_live = true };
	struct wt_journal *j = io ? wt_journal_open(&options) : NULL;
	uint32_t first = argc >= 3 ? (uint32_t)strtoul(argv[2], NULL, 10) : 0, n = 0;
	const struct timespec pause = { .tv_nsec = argc > 5 ? strtol(argv[5], NULL, 10) * 1000 : 0 };
	uint32_t n_most = argc >= 4 ? (uint32_t)strtoul(argv[3], NULL, 10) : 1000000;
	uint64_t told = 0;
	bool is_whole;

	if (!j)
		return 2;
	while (n < n_most) {
		struct wt_alert a = { .kind = WT_ALERT_RULE,
				      .n = 1,
				      .confidence = 1,
				      .gid = 1,
				      .severity = (uint8_t)(1 + n % 10),
				      .sid = first + n };
		struct timespec now;
		uint64_t durable;

		(void)clock_gettime(CLOCK_REALTIME, &now);
		a.made_ns = (uint64_t)now.tv_sec * WT_NS_PER_S + (uint64_t)now.tv_nsec;
		a.first_ns = a.last_ns = a.made_ns;
		memcpy(a.id, &a.sid, sizeof(a.sid));
		if (wt_journal_append(j, &a))
			n++;
		if (n % 64 == 0 && !wt_journal_flush(j, 5000))
			return 1;
		if (n % 64 == 0 && pause.tv_nsec)
			(void)nanosleep(&pause, NULL);
		durable = wt_journal_n_durable(j);
		if (durable == told)
			continue;
		told = durable;
		printf("%llu\n", (unsigned long long)durable);
		if (fflush(stdout) != 0)
			return 1;
	}
	is_whole = wt_journal_close(j, NULL);
	wt_io_folder_free(io);
	return is_whole ? 0 : 1;
}
