/* Captures from files: the buffer, the walk over the list, what all formats share.
 *
 * Reads of 256 KiB into one huge page, packets used where they lie: measured at
 * or below a libpcap loop that only counts, and no more memory for a larger file.
 *
 * Source: none; the formats are in pcap.c and pcapng.c.
 * Trust: every byte of a file. Memory: see file.h. */
#define _GNU_SOURCE /* madvise */
#include "capture/file.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "capture/reader.h"

#define READ_LEN 262144u
#define BUFFER_LEN ((size_t)2 << 20) /* one huge page, aligned to itself */

_Static_assert(BUFFER_LEN >= WT_CAPTURE_BLOCK_MAX + READ_LEN, "a block must fit");
_Static_assert(WT_CAPTURE_BLOCK_MAX >= WT_CAPTURE_PACKET_MAX + 64, "a packet must fit");

struct wt_capture *wt_capture_open(const struct wt_capture_list *list,
				   const struct wt_capture_options *options)
{
	struct wt_capture *c = calloc(1, sizeof(*c));
	size_t i;

	if (!c)
		return NULL;
	c->list = list;
	c->counters = options ? options->counters : NULL;
	c->result = calloc(list->n_files ? list->n_files : 1, sizeof(*c->result));
	c->interfaces = calloc(WT_CAPTURE_INTERFACES_MAX, sizeof(*c->interfaces));
	c->interface_sums = calloc(WT_CAPTURE_INTERFACES_MAX, sizeof(*c->interface_sums));
	c->source = wt_source_new(options && options->is_hashed);
	c->buffer = aligned_alloc(BUFFER_LEN, BUFFER_LEN);
	if (!c->result || !c->interfaces || !c->interface_sums || !c->source || !c->buffer) {
		wt_capture_close(c);
		return NULL;
	}
	/* Only advice: fewer page faults and TLB misses where the kernel has one. */
	(void)madvise(c->buffer, BUFFER_LEN, MADV_HUGEPAGE);
	for (i = 0; c->counters && i < list->n_notes; i++)
		if (list->note[i].is_damage)
			wt_count(c->counters, WT_C_CAPTURE_FILES_DAMAGED);
	return c;
}

void wt_capture_close(struct wt_capture *c)
{
	if (!c)
		return;
	wt_source_free(c->source);
	free(c->buffer);
	free(c->result);
	free(c->interfaces);
	free(c->interface_sums);
	free(c->section);
	free(c->damage);
	free(c);
}

/* A free place in the list of damages, or NULL when memory is out. */
static struct wt_capture_damage *damage_add(struct wt_capture *c)
{
	if (c->n_damages == c->damage_room) {
		size_t room = c->damage_room ? c->damage_room * 2 : 8;
		struct wt_capture_damage *more = realloc(c->damage, room * sizeof(*more));

		if (!more)
			return NULL;
		c->damage = more;
		c->damage_room = room;
	}
	return &c->damage[c->n_damages++];
}

void wt_capture_damaged(struct wt_capture *c, uint64_t offset, const char *format, ...)
{
	struct wt_capture_result *result = &c->result[c->file];
	struct wt_capture_damage *d;
	va_list args;
	int len;

	result->n_damages++;
	if (result->n_damages == 1 && c->counters)
		wt_count(c->counters, WT_C_CAPTURE_FILES_DAMAGED);
	if (result->n_damages > WT_CAPTURE_DAMAGES_MAX)
		return;
	d = damage_add(c);
	if (!d)
		return; /* still counted */
	d->file = c->file;
	d->offset = offset;
	if (result->n_damages == WT_CAPTURE_DAMAGES_MAX) {
		(void)snprintf(d->why, sizeof(d->why),
			       "there is more damage from offset %llu on, it is only counted",
			       (unsigned long long)offset);
		return;
	}
	va_start(args, format);
	len = vsnprintf(d->why, sizeof(d->why), format, args);
	va_end(args);
	if (len > 0 && (size_t)len < sizeof(d->why) && wt_source_is_packed(c->source))
		(void)snprintf(d->why + len, sizeof(d->why) - (size_t)len,
			       " (offsets of the unpacked data)");
}

/* The source's own damage, with an offset of the file itself. */
static void source_damaged(struct wt_capture *c)
{
	size_t n = c->n_damages;

	wt_capture_damaged(c, wt_source_offset(c->source), "%s", wt_source_why(c->source));
	if (c->n_damages > n) /* no remark on unpacked offsets */
		(void)snprintf(c->damage[n].why, sizeof(c->damage[n].why), "%s",
			       wt_source_why(c->source));
}

static uint32_t sum_of(struct wt_slice name, uint16_t link_type)
{
	uint32_t sum = 2166136261u ^ link_type; /* FNV-1a */
	size_t i;

	for (i = 0; i < name.len; i++)
		sum = (sum ^ name.ptr[i]) * 16777619u;
	return sum;
}

uint16_t wt_capture_interface_of(struct wt_capture *c, struct wt_slice name,
				 uint16_t link_type)
{
	char text[WT_CAPTURE_NAME_MAX] = "";
	uint32_t sum;
	unsigned i;

	name = wt_slice_head(name, sizeof(text) - 1);
	for (i = 0; i < name.len; i++)
		text[i] = name.ptr[i] >= 0x20 && name.ptr[i] < 0x7f ? (char)name.ptr[i] : '?';
	sum = sum_of(wt_slice_of(text, name.len), link_type);
	for (i = 0; i < c->n_interfaces; i++)
		if (c->interface_sums[i] == sum && c->interfaces[i].link_type == link_type &&
		    strcmp(c->interfaces[i].name, text) == 0)
			return (uint16_t)i;
	if (c->n_interfaces == WT_CAPTURE_INTERFACES_MAX)
		return WT_CAPTURE_INTERFACES_MAX - 1;
	memcpy(c->interfaces[i].name, text, sizeof(text));
	c->interfaces[i].link_type = link_type;
	c->interface_sums[i] = sum;
	c->n_interfaces++;
	return (uint16_t)i;
}

/* Makes `need` bytes available in the window, moving it to the front of the buffer.
 * False: the file ends before. */
static bool fill(struct wt_capture *c, size_t need)
{
	if (WT_BUG_ON(need > BUFFER_LEN - READ_LEN))
		return false;
	if (c->window.len && c->window.ptr != c->buffer)
		memmove(c->buffer, c->window.ptr, c->window.len);
	c->window = wt_slice_of(c->buffer, c->window.len);
	while (c->window.len < need) {
		size_t got = wt_source_read(c->source, c->buffer + c->window.len, READ_LEN);

		if (got == 0)
			return false;
		c->window.len += got;
		c->n_plain += got;
	}
	return true;
}

/* Goes to the start of a file and finds out what it holds. `why` is set when it is
 * no capture or cannot be read; damage of a capture's header is recorded. */
static enum wt_capture_kind begin_file(struct wt_capture *c,
				       const struct wt_capture_file *file, char *why)
{
	struct wt_slice head;

	c->window = wt_slice_of(c->buffer, 0);
	c->n_plain = 0;
	c->is_done = false;
	if (!wt_source_open(c->source, file)) {
		(void)snprintf(why, WT_CAPTURE_WHY_MAX, "%s", wt_source_why(c->source));
		return WT_CAPTURE_UNKNOWN;
	}
	c->is_open = true;
	(void)fill(c, WT_PCAP_HEADER);
	head = c->window;
	if (wt_pcapng_is(head)) {
		wt_pcapng_begin(c);
		return WT_CAPTURE_IS;
	}
	if (wt_pcap_is(head)) {
		c->is_done = !wt_pcap_begin(c);
		return WT_CAPTURE_IS;
	}
	if (wt_source_why(c->source)) {
		(void)snprintf(why, WT_CAPTURE_WHY_MAX, "%s", wt_source_why(c->source));
		return WT_CAPTURE_UNKNOWN;
	}
	(void)snprintf(why, WT_CAPTURE_WHY_MAX, "%s", head.len ?
		       "no capture: neither pcap nor pcapng, also not when unpacked" :
		       "no capture: the file is empty");
	return WT_CAPTURE_IS_NOT;
}

static void end_file(struct wt_capture *c)
{
	struct wt_capture_result *result = &c->result[c->file];

	result->is_hashed = wt_source_hash(c->source, result->hash);
	wt_source_close(c->source);
	c->is_open = false;
	c->bytes_before += c->list->file[c->file].size;
	c->file++;
}

/* Opens the file at hand; a failure is that file's damage. */
static void open_file(struct wt_capture *c)
{
	char why[WT_CAPTURE_WHY_MAX];

	if (c->counters)
		wt_count(c->counters, WT_C_CAPTURE_FILES);
	if (begin_file(c, &c->list->file[c->file], why) == WT_CAPTURE_IS)
		return;
	wt_capture_damaged(c, 0, "%s", why);
	end_file(c);
}

/* Numbers the batch and counts it. */
static void hand_out(struct wt_capture *c, struct wt_batch *batch)
{
	uint64_t bytes = 0, wire = 0, clipped = 0, back = 0;
	uint64_t number = c->number, last_ns = c->last_ns;
	unsigned i;

	for (i = 0; i < batch->n; i++) {
		struct wt_packet *p = &batch->packet[i];

		p->number = ++number;
		bytes += p->cap_len;
		wire += p->wire_len;
		clipped += p->cap_len < p->wire_len;
		back += p->ts_ns < last_ns;
		last_ns = p->ts_ns;
	}
	c->number = number;
	c->last_ns = last_ns;
	c->result[c->file].packets += batch->n;
	if (!c->counters)
		return;
	wt_count_n(c->counters, WT_C_PACKETS_READ, batch->n);
	wt_count_n(c->counters, WT_C_CAPTURE_BYTES, bytes);
	wt_count_n(c->counters, WT_C_CAPTURE_BYTES_WIRE, wire);
	wt_count_n(c->counters, WT_C_CAPTURE_CLIPPED, clipped);
	wt_count_n(c->counters, WT_C_CAPTURE_TIME_BACK, back);
}

/* Fills the batch from the open file. False: the file is at its end. */
static bool next_in_file(struct wt_capture *c, struct wt_batch *batch)
{
	while (!c->is_done) {
		size_t need = c->read(c, batch);

		c->is_done = need == WT_READ_DONE;
		if (batch->n)
			return true;
		if (!c->is_done && !fill(c, need)) {
			if (wt_source_why(c->source))
				source_damaged(c);
			else
				c->end(c);
			c->is_done = true;
		}
	}
	return false;
}

bool wt_capture_next(struct wt_capture *c, struct wt_batch *batch)
{
	batch->n = 0;
	while (c->file < c->list->n_files) {
		if (!c->is_open) {
			open_file(c);
		} else if (next_in_file(c, batch)) {
			hand_out(c, batch);
			return true;
		} else {
			end_file(c);
		}
	}
	return false;
}

const struct wt_capture_result *wt_capture_result(const struct wt_capture *c, size_t file)
{
	return &c->result[file];
}

const struct wt_capture_damage *wt_capture_damages(const struct wt_capture *c, size_t *n)
{
	*n = c->n_damages;
	return c->damage;
}

const struct wt_capture_interface *wt_capture_interfaces(const struct wt_capture *c,
							 unsigned *n)
{
	*n = c->n_interfaces;
	return c->interfaces;
}

struct wt_capture_progress wt_capture_progress(const struct wt_capture *c)
{
	struct wt_capture_progress p = { .file = c->file, .n_files = c->list->n_files,
					 .bytes_total = c->list->total_bytes,
					 .bytes_done = c->bytes_before };

	if (c->is_open)
		p.bytes_done += wt_source_offset(c->source);
	return p;
}

enum wt_capture_kind wt_capture_probe(struct wt_capture *c, const struct wt_capture_file *file,
				      uint64_t *first_ns, char *why)
{
	struct wt_batch *batch = calloc(1, sizeof(*batch));
	enum wt_capture_kind kind = WT_CAPTURE_UNKNOWN;

	*first_ns = UINT64_MAX;
	(void)snprintf(why, WT_CAPTURE_WHY_MAX, "no memory to look into it");
	if (!batch)
		return kind;
	kind = begin_file(c, file, why);
	if (kind == WT_CAPTURE_IS && next_in_file(c, batch))
		*first_ns = batch->packet[0].ts_ns;
	wt_source_close(c->source);
	c->is_open = false;
	free(batch);
	return kind;
}
