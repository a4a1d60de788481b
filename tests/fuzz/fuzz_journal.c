/* Fuzzes what reads the journal: an alert's bytes, and a folder whose segment and mark
 * hold any bytes. First byte: which. */
#include <stdlib.h>

#include "export/alert_json.h"
#include "harness/disk.h"
#include "journal/reader.h"
#include "journal/spool.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void decode(struct wt_slice s)
{
	static char json[WT_ALERT_JSON_MAX];
	static uint8_t again[WT_ALERT_BYTES_MAX];
	struct wt_builder b = wt_builder_of(again, sizeof(again));
	struct wt_json j = wt_json_of(json, sizeof(json));
	struct wt_alert alert;

	if (!wt_alert_decode(s, &alert))
		return;
	wt_alert_json(&j, &alert, 1);
	if (j.out.is_short)
		abort();
	/* what is read is written the same */
	if (!wt_alert_encode(&alert, &b) || !wt_slice_equal(wt_bld_slice(&b), s))
		abort();
}

static void put_file(struct disk *d, const char *name, struct wt_slice s)
{
	int file = d->io.open(d, name, true);

	if (file < 0 || (s.len && d->io.write(d, file, 0, s.ptr, s.len) < 0) ||
	    d->io.sync(d, file) || d->io.sync_folder(d))
		abort();
}

/* Valid records around the bytes: the fuzzer cannot guess a CRC. */
static void read_folder(struct wt_slice s, bool frames)
{
	static uint8_t room[1 << 17];
	struct wt_builder b = wt_builder_of(room, sizeof(room));
	struct wt_spool_options options = {
		.size_max = 1 << 20, .batch_max = 4096, .sensor = "fuzz", .tells_gap = true
	};
	struct disk *d = disk_new(1 << 22);
	struct wt_journal_reader *r;
	struct wt_reading reading;
	struct wt_spool *store;
	uint64_t seq = 0;

	wt_bld_bytes(&b, wt_slice_of(room, WT_SEGMENT_HEAD));
	if (frames)
		wt_record_put(&b, 1, 5, 5, wt_slice_head(s, 1000));
	wt_bld_bytes(&b, wt_slice_head(s, 60000));
	if (frames)
		wt_record_put(&b, 1, 7, 7, wt_slice_head(s, 1000));
	put_file(d, "0000000000000001-0.seg", wt_bld_slice(&b));
	put_file(d, "committed", wt_slice_head(s, 8192));
	store = wt_spool_open(&d->io, &options);
	if (!store)
		abort();
	r = wt_journal_reader_new(&d->io, false);
	while (wt_journal_read(r, &reading)) {
		if (reading.seq <= seq)
			abort();
		seq = reading.seq;
		decode(reading.bytes);
	}
	wt_journal_reader_free(r);
	wt_spool_close(store, true);
	disk_free(d);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct wt_slice s = wt_slice_of(bytes, len);

	if (!len)
		return 0;
	if (bytes[0] & 1)
		read_folder(wt_slice_tail(s, 1), bytes[0] & 2);
	else
		decode(wt_slice_tail(s, 1));
	return 0;
}
