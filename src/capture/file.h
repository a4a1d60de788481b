/* Captures read from files, as batches of packets in place.
 *
 * Formats: pcap (microseconds, nanoseconds, Kuznetzov's variant, both byte orders)
 * and pcapng (several sections, interfaces and byte orders), plain or packed with
 * gzip or Zstandard, told apart by content.
 *
 * Every worker has its own wt_capture over the same list and sees the same packets,
 * numbers, interfaces and damages. The bytes of the files can be shared (share.h), so
 * that they are read, unpacked and hashed once for all workers.
 *
 * Damage never stops a run: what is readable is kept, the damage is recorded with
 * its place and reason, and reading goes on behind the block (pcapng, where the
 * block's own lengths agree) or with the next file. A packet of which not all bytes
 * are there is never delivered.
 *
 * Trust: every byte of a file. Memory: that of a share of its own or the common one
 * (share.h) whatever the files hold, plus results and damages (bounded per file). */
#ifndef WT_CAPTURE_FILE_H
#define WT_CAPTURE_FILE_H

#include "base/fasthash.h"
#include "capture/list.h"
#include "wardtap/counter.h"
#include "wardtap/packet.h"

#define WT_CAPTURE_PACKET_MAX 262144u /* captured bytes of one packet; more is damage */
#define WT_CAPTURE_BLOCK_MAX 524288u  /* pcapng block that must be understood */
#define WT_CAPTURE_DAMAGES_MAX 8u     /* recorded per file, the last says there are more */
#define WT_CAPTURE_INTERFACES_MAX 1024u /* distinct over a run; further ones share the last */
#define WT_CAPTURE_SECTION_INTERFACES_MAX 4096u /* described in one pcapng section */
#define WT_CAPTURE_NAME_MAX 64        /* interface name with its NUL; longer is cut */

struct wt_capture;
struct wt_capture_share;

struct wt_capture_options {
	/* Counts capture.* (but kernel_*) and packets.read as batches are handed out.
	 * NULL in all workers but one, or everything is counted twice. */
	struct wt_counters *counters;
	bool is_hashed; /* XXH3-128 of each file as it lies on disk */
};

/* Per file of the list, complete once the file was left. */
struct wt_capture_result {
	uint64_t packets;
	uint64_t blocks_passed; /* pcapng blocks that hold no packets, known or not */
	unsigned n_damages;     /* all of them, recorded or not */
	bool is_hashed;         /* false: not asked for, or not readable to the end */
	uint8_t hash[WT_FASTHASH_LEN];
};

/* Where a file is not as it should be. */
struct wt_capture_damage {
	size_t file;     /* index in the list */
	uint64_t offset; /* byte in the file, or in its unpacked bytes where the
			  * sentence says so */
	char why[WT_CAPTURE_WHY_MAX]; /* one sentence without a full stop */
};

/* wt_packet.interface is an index of these: distinct pairs of name and link type in
 * the order of their first appearance. All pcap files of a link type are one
 * interface (they name none), so a capture split over files stays on it. */
struct wt_capture_interface {
	char name[WT_CAPTURE_NAME_MAX]; /* printable ASCII, others as '?'; "" in pcap */
	uint16_t link_type;
};

struct wt_capture_progress {
	size_t file; /* index of the file being read; n_files at the end */
	size_t n_files;
	uint64_t bytes_done; /* as on disk */
	uint64_t bytes_total;
};

/* A capture at its start. The list and the counters are borrowed until close.
 * options may be NULL. NULL: out of memory. */
WT_MUST_USE struct wt_capture *wt_capture_open(const struct wt_capture_list *list,
					       const struct wt_capture_options *options);

/* The same as one of the readers of a share (its list must be this one), to which it
 * leaves the hashing too: all readers' results have the hashes. `reader`: 0 up, each
 * once, each read by one thread. The share is borrowed until close. NULL: out of
 * memory; the reader holds up nobody then. */
WT_MUST_USE struct wt_capture *wt_capture_open_shared(const struct wt_capture_list *list,
						      struct wt_counters *counters,
						      struct wt_capture_share *share,
						      unsigned reader);

/* The next 1 to WT_BATCH packets in the order of the list and of each file; false at
 * the end of all files (batch->n is 0). The bytes of all packets of a batch stay
 * valid until the next call. Batches end where the buffer or a file ends, so short
 * ones say nothing. Of each packet the first part is set:
 *   bytes      never NULL, also when cap_len is 0
 *   ts_ns      at most INT64_MAX (year 2262); simple packet blocks have no time and
 *              get that of the packet before them
 *   wire_len   raised to cap_len where the file says less
 *   link_type  the LINKTYPE_* value as in the file (raw IP is 101, not DLT_RAW)
 * and all of the second part, which belongs to decode/, is zero. */
WT_MUST_USE bool wt_capture_next(struct wt_capture *c, struct wt_batch *batch);

/* Early too: other readers of the share then no longer wait for this one. */
void wt_capture_close(struct wt_capture *c);

/* Results of file `file` (< n_files). Borrowed until close. */
const struct wt_capture_result *wt_capture_result(const struct wt_capture *c, size_t file);

/* All damages so far in the order of reading. Borrowed until the next call of next. */
const struct wt_capture_damage *wt_capture_damages(const struct wt_capture *c, size_t *n);

/* All interfaces so far. Borrowed until close. */
const struct wt_capture_interface *wt_capture_interfaces(const struct wt_capture *c,
							 unsigned *n);

/* How far reading is; by the thread that calls next. */
struct wt_capture_progress wt_capture_progress(const struct wt_capture *c);

enum wt_capture_kind {
	WT_CAPTURE_IS,      /* a capture, damaged or not */
	WT_CAPTURE_IS_NOT,  /* readable, but no capture */
	WT_CAPTURE_UNKNOWN, /* not readable */
};

/* What `file` is, and the time of its first packet. `why` (WT_CAPTURE_WHY_MAX bytes)
 * tells what hinders, unless it is a capture. For the list; c is used up. */
enum wt_capture_kind wt_capture_probe(struct wt_capture *c, const struct wt_capture_file *file,
				      uint64_t *first_ns, char *why);

#endif
