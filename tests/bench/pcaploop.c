/* The yardstick of `make bench`: a bare libpcap loop that counts packets and bytes. */
#define _GNU_SOURCE
#include <pcap/pcap.h>
#include <stdio.h>

static unsigned long long n_packets, n_bytes;

static void count(u_char *self, const struct pcap_pkthdr *head, const u_char *bytes)
{
	(void)self;
	(void)bytes;
	n_packets++;
	n_bytes += head->caplen;
}

int main(int argc, char **argv)
{
	char error[PCAP_ERRBUF_SIZE];
	pcap_t *pcap = argc == 2 ? pcap_open_offline(argv[1], error) : NULL;

	if (!pcap) {
		fprintf(stderr, "pcaploop: %s\n", argc == 2 ? error : "usage: pcaploop FILE");
		return 2;
	}
	if (pcap_loop(pcap, -1, count, NULL) != 0) {
		fprintf(stderr, "pcaploop: %s\n", pcap_geterr(pcap));
		return 1;
	}
	printf("%llu packets, %llu bytes\n", n_packets, n_bytes);
	pcap_close(pcap);
	return 0;
}
