/* The TCP payload of a small capture, in the order of its packets, for tests that run
 * a dissector without the stages before it. Classic pcap of Ethernet with IPv4 or IPv6
 * and untagged or 802.1Q frames; no reassembly beyond dropping what was sent before. */
#ifndef HARNESS_PCAP_TCP_H
#define HARNESS_PCAP_TCP_H

#include "wardtap/bytes.h"
#include "wardtap/types.h"

struct wt_pcap_part {
	unsigned flow;         /* 0, 1, ... in order of appearance */
	enum wt_direction dir; /* the client is who sent first */
	uint64_t ts_ns;
	struct wt_slice bytes;
};

struct wt_pcap {
	uint8_t *file;
	struct wt_pcap_part *part;
	size_t n_parts;
	unsigned n_flows;
};

/* False when the file is not there or is no such capture. Freed by wt_pcap_free. */
bool wt_pcap_read(struct wt_pcap *pcap, const char *path);
void wt_pcap_free(struct wt_pcap *pcap);

#endif
