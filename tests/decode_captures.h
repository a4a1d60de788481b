/* The captures in ../shared/pcaps (from the repository's root) for the tests of
 * decode/, read with libpcap where it can. */
#ifndef TESTS_DECODE_CAPTURES_H
#define TESTS_DECODE_CAPTURES_H

#include <dirent.h>
#include <pcap/pcap.h>
#include <stdio.h>
#include <string.h>

#include "wardtap/packet.h"

#define CAPTURES_DIR "../shared/pcaps"

/* Calls `take` for each packet of the file at `path`; the packet is borrowed. */
static inline unsigned long capture_walk(const char *path,
					 void (*take)(const struct wt_packet *, void *),
					 void *self)
{
	char error[PCAP_ERRBUF_SIZE];
	pcap_t *file = pcap_open_offline_with_tstamp_precision(
		path, PCAP_TSTAMP_PRECISION_NANO, error);
	struct pcap_pkthdr *head;
	const u_char *bytes;
	unsigned long n = 0;

	if (!file)
		return 0;
	while (pcap_next_ex(file, &head, &bytes) == 1) {
		struct wt_packet p = {
			.bytes = bytes,
			.ts_ns = (uint64_t)head->ts.tv_sec * WT_NS_PER_S +
				 (uint64_t)head->ts.tv_usec,
			.number = ++n,
			.cap_len = head->caplen,
			.wire_len = head->len < head->caplen ? head->caplen : head->len,
			.link_type = (uint16_t)pcap_datalink(file),
		};

		take(&p, self);
	}
	pcap_close(file);
	return n;
}

/* The same for every file of every topic; how many were read in `n_files`. */
static inline unsigned long captures_walk(void (*take)(const struct wt_packet *, void *),
					  void *self, unsigned *n_files)
{
	DIR *topics = opendir(CAPTURES_DIR);
	struct dirent *topic, *entry;
	unsigned long n = 0;

	*n_files = 0;
	while (topics && (topic = readdir(topics))) {
		char folder[512], path[1024];
		DIR *files;

		snprintf(folder, sizeof(folder), "%s/%s", CAPTURES_DIR, topic->d_name);
		files = topic->d_name[0] == '.' ? NULL : opendir(folder);
		while (files && (entry = readdir(files))) {
			unsigned long n_packets;

			snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
			n_packets = capture_walk(path, take, self);
			n += n_packets;
			*n_files += n_packets > 0;
		}
		if (files)
			closedir(files);
	}
	if (topics)
		closedir(topics);
	return n;
}

#endif
