/* BPF filters: the only user of libpcap for packets from files.
 *
 * Source: pcap-filter(7), pcap-linktype(7).
 * Trust: see filter.h. Memory: see filter.h. */
#define _DEFAULT_SOURCE /* u_int and friends in pcap.h */
#include "capture/filter.h"

#include <pcap/pcap.h>
#include <stdio.h>
#include <stdlib.h>

#define SNAP_LEN 262144

struct program {
	uint16_t link_type;
	bool is_refused;
	struct bpf_program code;    /* unless refused */
	char why[PCAP_ERRBUF_SIZE]; /* when refused */
};

struct wt_filter {
	char *expression;
	struct program **program;
	size_t n_programs;
	size_t last; /* index of the one used last */
};

/* Values that differ between files and libpcap's own DLT_* numbers. */
static int dlt_of(uint16_t link_type)
{
	switch (link_type) {
	case 100:
		return DLT_ATM_RFC1483;
	case 101:
		return DLT_RAW;
	case 102:
		return DLT_SLIP_BSDOS;
	case 103:
		return DLT_PPP_BSDOS;
	case 106:
		return DLT_ATM_CLIP;
	default:
		return link_type;
	}
}

static struct program *compile(const char *expression, uint16_t link_type)
{
	struct program *p = calloc(1, sizeof(*p));
	pcap_t *dead;

	if (!p)
		return NULL;
	p->link_type = link_type;
	dead = pcap_open_dead(dlt_of(link_type), SNAP_LEN);
	if (!dead) {
		free(p);
		return NULL;
	}
	if (pcap_compile(dead, &p->code, expression, 1, PCAP_NETMASK_UNKNOWN) != 0) {
		p->is_refused = true;
		(void)snprintf(p->why, sizeof(p->why), "%s", pcap_geterr(dead));
	}
	pcap_close(dead);
	return p;
}

static void program_free(struct program *p)
{
	if (p && !p->is_refused)
		pcap_freecode(&p->code);
	free(p);
}

/* An expression may make sense for one kind of link only ("wlan type mgt"), so it is
 * wrong when it is wrong for all of these. The message is that of the first. */
static bool is_valid(const char *expression, char *why, size_t why_len)
{
	static const uint16_t links[] = { DLT_EN10MB, DLT_IEEE802_11_RADIO, DLT_LINUX_SLL,
					  101, DLT_PPP, DLT_SUNATM, DLT_MTP2, DLT_PFLOG };
	size_t i;

	for (i = 0; i < sizeof(links) / sizeof(links[0]); i++) {
		struct program *p = compile(expression, links[i]);
		bool is_refused = !p || p->is_refused;

		if (i == 0 && is_refused)
			(void)snprintf(why, why_len, "%s", p ? p->why : "out of memory");
		program_free(p);
		if (!is_refused)
			return true;
	}
	return false;
}

struct wt_filter *wt_filter_new(const char *expression, char *why, size_t why_len)
{
	struct wt_filter *f;

	if (!is_valid(expression, why, why_len))
		return NULL;
	f = calloc(1, sizeof(*f));
	if (f)
		f->expression = strdup(expression);
	if (!f || !f->expression) {
		free(f);
		(void)snprintf(why, why_len, "out of memory");
		return NULL;
	}
	return f;
}

void wt_filter_free(struct wt_filter *f)
{
	size_t i;

	if (!f)
		return;
	for (i = 0; i < f->n_programs; i++)
		program_free(f->program[i]);
	free(f->program);
	free(f->expression);
	free(f);
}

/* The program for a link type, compiled when it is new; NULL: out of memory. */
static const struct program *program_of(struct wt_filter *f, uint16_t link_type)
{
	struct program **more;
	size_t i;

	for (i = 0; i < f->n_programs; i++) {
		if (f->program[i]->link_type == link_type) {
			f->last = i;
			return f->program[i];
		}
	}
	more = realloc(f->program, (f->n_programs + 1) * sizeof(struct program *));
	if (!more)
		return NULL;
	f->program = more;
	f->program[f->n_programs] = compile(f->expression, link_type);
	if (!f->program[f->n_programs])
		return NULL;
	f->last = f->n_programs++;
	return f->program[f->last];
}

bool wt_filter_match(struct wt_filter *f, const struct wt_packet *packet)
{
	const struct program *p = f->n_programs ? f->program[f->last] : NULL;
	struct pcap_pkthdr header = { .caplen = packet->cap_len, .len = packet->wire_len };

	if (!p || p->link_type != packet->link_type)
		p = program_of(f, packet->link_type);
	return p && !p->is_refused && pcap_offline_filter(&p->code, &header, packet->bytes) != 0;
}

bool wt_filter_refused(const struct wt_filter *f, size_t index, uint16_t *link_type,
		       const char **why)
{
	size_t i;

	for (i = 0; i < f->n_programs; i++) {
		if (!f->program[i]->is_refused || index-- != 0)
			continue;
		*link_type = f->program[i]->link_type;
		*why = f->program[i]->why;
		return true;
	}
	return false;
}
