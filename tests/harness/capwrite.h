/* Writes capture files byte by byte, right and wrong ones, and reads them back.
 * All in memory that the test never frees but by ending. */
#ifndef TESTS_CAPWRITE_H
#define TESTS_CAPWRITE_H

#include "capture/file.h"

struct cap_bytes {
	uint8_t *ptr;
	size_t len;
	size_t room;
	bool is_be; /* byte order of what is put next */
};

void cap_put(struct cap_bytes *f, const void *bytes, size_t len);
void cap_u16(struct cap_bytes *f, unsigned value);
void cap_u32(struct cap_bytes *f, uint32_t value);
void cap_fill(struct cap_bytes *f, uint8_t byte, size_t len);

/* pcap: 24 bytes of header; a record whose header is head_len (16 or 24) bytes. */
void cap_pcap(struct cap_bytes *f, uint32_t magic, unsigned minor, uint32_t link);
void cap_record(struct cap_bytes *f, unsigned head_len, uint32_t seconds, uint32_t fraction,
		uint32_t wire_len, struct wt_slice bytes);

/* pcapng: a block with both lengths and padding, and the usual bodies. */
void cap_block(struct cap_bytes *f, uint32_t type, struct wt_slice body);
void cap_section(struct cap_bytes *f);
/* resolution < 0: no such option; name NULL: none; offset_s 0: none */
void cap_interface(struct cap_bytes *f, unsigned link, uint32_t snap_len, const char *name,
		   int resolution, int64_t offset_s);
void cap_packet(struct cap_bytes *f, uint32_t interface, uint64_t ticks, uint32_t wire_len,
		struct wt_slice bytes);
void cap_packet_obsolete(struct cap_bytes *f, unsigned interface, uint64_t ticks,
			 uint32_t wire_len, struct wt_slice bytes);
void cap_packet_simple(struct cap_bytes *f, uint32_t wire_len, struct wt_slice bytes);

/* A folder of its own for this test, removed at the end of the process that made it. */
const char *cap_folder(void);
/* Writes a file into it (name may contain folders that exist); its path. */
char *cap_save(const char *name, struct wt_slice bytes);

/* What a run over paths gave: packets with copies of their bytes. */
struct cap_seen {
	struct wt_capture_list *list;
	struct wt_capture *capture; /* at its end, for results and damages */
	struct wt_packet *packet;
	size_t n;
	struct wt_counters counters;
};

struct cap_seen cap_read(char *const paths[], size_t n_paths, bool is_hashed);
struct cap_seen cap_read_one(char *path);
void cap_forget(struct cap_seen *seen);
/* Damage `i` as text, "" when there is none. */
const char *cap_why(const struct cap_seen *seen, size_t i);
bool cap_same_packet(const struct wt_packet *a, const struct wt_packet *b);

#endif
