/* Every cap of wardtap: value per memory profile, unit, reason. Nothing on the
 * packet path allocates beyond these; start-up prints the table and its sum. */
#ifndef WARDTAP_LIMITS_H
#define WARDTAP_LIMITS_H

#include "wardtap/types.h"

/* L(id, small, ward, campus, "unit", "reason") */
#define WT_LIMITS(L) \
	L(flows, 6144, 32768, 131072, "flows/shard", \
	  "256 bytes each; a scan fills one shard and evicts its own kind first") \
	L(early_chunks, 352, 1536, 6144, "2 KiB chunks/shard", \
	  "TCP segments beyond a hole; the longest waiting flow gives up first") \
	L(message_chunks, 512, 2048, 8192, "2 KiB chunks/shard", \
	  "unfinished messages and events; the longest waiting flow lets go first") \
	L(dissections, 2048, 8192, 32768, "flows/shard", \
	  "flows being identified or dissected at once") \
	L(state_bytes, 1048576, 4194304, 16777216, "bytes/shard", \
	  "dissector state, in equal shares for the size classes that dissectors use") \
	L(fragment_bytes, 262144, 524288, 1048576, "bytes/shard", \
	  "fragments of incomplete datagrams, 64 KiB each at most") \
	L(fragment_datagrams, 64, 256, 1024, "datagrams/shard", \
	  "incomplete datagrams at once; oldest is evicted") \
	L(retained_bytes, 131072, 262144, 524288, "bytes/shard", \
	  "inspected bytes kept to compare retransmissions with") \
	L(hint_flows, 64, 128, 256, "flows/shard", \
	  "undecided flows shown to the hint library") \
	L(match_flows, 256, 1024, 2048, "flows/shard", \
	  "marks that rules set on flows; the longest unused is forgotten") \
	L(match_windows, 32, 128, 256, "windows/shard", \
	  "4 KiB of an open unit of a stream; the longest resting is inspected early") \
	L(match_waits, 32, 128, 256, "rules/shard", \
	  "numbers and values of a rule that waits for a further event; the oldest goes") \
	L(contexts, 32768, 65536, 262144, "entries", \
	  "counts and marks of rules per address; the longest unused is forgotten") \
	L(set_values, 32768, 131072, 524288, "values", \
	  "pseudonyms in the sets that rules fill; when full, none is added") \
	L(aggregates, 4096, 32768, 131072, "alerts", \
	  "alerts whose repeats are counted; the longest quiet is closed early") \
	L(journal_queue, 1048576, 8388608, 16777216, "bytes", \
	  "alerts on their way to the disk, and room to encode as many") \
	L(record_ring, 4194304, 8388608, 16777216, "bytes/worker", \
	  "records on their way to the keeper") \
	L(devices, 2000, 10000, 50000, "devices", \
	  "devices of the inventory; the oldest unproven goes first") \
	L(device_facts, 64000, 320000, 1600000, "values", \
	  "values of attributes with their evidence, 32 a device") \
	L(device_texts, 8192, 40960, 204800, "texts", \
	  "values longer than 52 bytes") \
	L(device_peers, 131072, 1000000, 5000000, "rows", \
	  "partners and services of all devices, 65 to 100 a device") \
	L(expectations, 1024, 4096, 16384, "flows", \
	  "announced flows (FTP data, C-MOVE, commitments) that have not come yet")

enum wt_profile { WT_PROFILE_SMALL, WT_PROFILE_WARD, WT_PROFILE_CAMPUS };

struct wt_limits {
#define WT_LIMIT_MEMBER(id, small, ward, campus, unit, reason) uint32_t id;
	WT_LIMITS(WT_LIMIT_MEMBER)
#undef WT_LIMIT_MEMBER
};

/* The caps of a profile. */
struct wt_limits wt_limits_of(enum wt_profile profile);

/* Times, all in packet time (ns) */
#define WT_TICK_NS (100 * WT_NS_PER_MS)            /* expiry is looked at this often */
#define WT_IDLE_TCP_NEW_NS (60 * WT_NS_PER_S)      /* handshake never completed */
#define WT_IDLE_TCP_NS (3600 * WT_NS_PER_S)        /* as long as common firewalls keep it */
#define WT_IDLE_CLINICAL_NS (7 * 86400 * WT_NS_PER_S) /* a link may rest for days */
#define WT_IDLE_CLOSED_NS (10 * WT_NS_PER_S)       /* late retransmissions after FIN */
#define WT_IDLE_UDP_NS (120 * WT_NS_PER_S)         /* RFC 4787 REQ-5 */
#define WT_IDLE_OTHER_NS (30 * WT_NS_PER_S)
#define WT_FRAGMENT_NS (30 * WT_NS_PER_S)          /* RFC 791: 15 s at least; Linux 30 */
#define WT_DUPLICATE_NS (5 * WT_NS_PER_MS)         /* second copy of a mirrored packet */
#define WT_SIGHT_NS (600 * WT_NS_PER_S)            /* a sender is told of again after this */
#define WT_GAP_PATIENCE_NS (2 * WT_NS_PER_S)       /* a hole is given up after this */

/* Per flow */
#define WT_EARLY_BYTES_MAX 262144u   /* early segments per direction before a hole is given up */
#define WT_TCP_WINDOW_MAX (1u << 30) /* RFC 7323: largest window; beyond is not ours */
#define WT_GLITCH_EVENTS_MAX 16u     /* glitch events per flow; further ones are counted */
#define WT_PROBE_SEGMENTS_MAX 8u     /* segments shown to probes where the start was missed */
#define WT_FOREIGN_BYTES_MAX 16384u  /* of a refused direction, until the other one's turn is over */
#define WT_CALLS_PER_SEGMENT 8192u   /* units dissected per segment */
#define WT_HINT_PACKETS_MAX 1u       /* payloads per unknown flow shown to the hint library: 93 % of
				      * the labels that 4 bring, and no place is held between two */

#endif
