/* Captures from files: the walk over the list and what all formats share.
 *
 * Blocks of 256 KiB in huge pages (share.c), packets used where they lie: measured at
 * or below a libpcap loop that only counts, and no more memory for a larger file.
 *
 * Source: none; the formats are in pcap.c and pcapng.c.
 * Trust: every byte of a file. Memory: see file.h. */
#include "capture/file.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "capture/reader.h"

/* Between files. */
static const struct wt_share_block no_block = { .is_end = true };

/* The share is the capture's own if it `is_alone`. It is given up on failure. */
static struct wt_capture *open_reader(const struct wt_capture_list *list,
				      struct wt_counters *counters,
				      struct wt_capture_share *share, unsigned reader,
				      bool is_alone)
{
	struct wt_capture *c = calloc(1, sizeof(*c));
	size_t i;

	if (!c) {
		wt_capture_share_quit(share, reader);
		if (is_alone)
			wt_capture_share_free(share);
		return NULL;
	}
	c->list = list;
	c->counters = counters;
	c->share = share;
	c->reader = reader;
	c->is_alone = is_alone;
	c->block = &no_block;
	c->result = calloc(list->n_files ? list->n_files : 1, sizeof(*c->result));
	c->interfaces = calloc(WT_CAPTURE_INTERFACES_MAX, sizeof(*c->interfaces));
	c->interface_sums = calloc(WT_CAPTURE_INTERFACES_MAX, sizeof(*c->interface_sums));
	if (!c->result || !c->interfaces || !c->interface_sums) {
		wt_capture_close(c);
		return NULL;
	}
	for (i = 0; c->counters && i < list->n_notes; i++)
		if (list->note[i].is_damage)
			wt_count(c->counters, WT_C_CAPTURE_FILES_DAMAGED);
	return c;
}

struct wt_capture *wt_capture_open(const struct wt_capture_list *list,
				   const struct wt_capture_options *options)
{
	struct wt_capture_share *share =
		wt_capture_share_new(list, 1, options && options->is_hashed);

	if (!share)
		return NULL;
	return open_reader(list, options ? options->counters : NULL, share, 0, true);
}

struct wt_capture *wt_capture_open_shared(const struct wt_capture_list *list,
					  struct wt_counters *counters,
					  struct wt_capture_share *share, unsigned reader)
{
	return open_reader(list, counters, share, reader, false);
}

void wt_capture_close(struct wt_capture *c)
{
	if (!c)
		return;
	wt_capture_share_quit(c->share, c->reader);
	if (c->is_alone)
		wt_capture_share_free(c->share);
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
	if (len > 0 && (size_t)len < sizeof(d->why) && c->block->is_packed)
		(void)snprintf(d->why + len, sizeof(d->why) - (size_t)len,
			       " (offsets of the unpacked data)");
}

/* The source's own damage, with an offset of the file itself. */
static void source_damaged(struct wt_capture *c)
{
	size_t n = c->n_damages;

	wt_capture_damaged(c, c->block->offset, "%s", c->block->why);
	if (c->n_damages > n) /* no remark on unpacked offsets */
		(void)snprintf(c->damage[n].why, sizeof(c->damage[n].why), "%s",
			       c->block->why);
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

/* Makes `need` bytes available in the window, going on to further blocks.
 * False: the file ends before. */
static bool fill(struct wt_capture *c, size_t need)
{
	if (WT_BUG_ON(need > WT_CAPTURE_BLOCK_MAX))
		return false;
	while (c->window.len < need) {
		const struct wt_share_block *b;

		if (c->block->is_end)
			return false;
		b = wt_capture_share_next(c->share, c->reader, c->window);
		c->block = b;
		if (WT_BUG_ON(!b->bytes))
			return false;
		c->window = wt_slice_of(b->bytes - b->rest_len, b->rest_len + b->len);
		c->n_plain += b->len;
	}
	return true;
}

/* Goes to the start of a file and finds out what it holds. `why` is set when it is
 * no capture or cannot be read; damage of a capture's header is recorded. */
static enum wt_capture_kind begin_file(struct wt_capture *c,
				       const struct wt_capture_file *file, char *why)
{
	struct wt_slice head;

	c->block = wt_capture_share_begin(c->share, c->reader, file);
	c->window = wt_slice_of(c->block->bytes, c->block->len);
	c->n_plain = c->block->len;
	c->is_done = false;
	if (!c->block->is_open) {
		(void)snprintf(why, WT_CAPTURE_WHY_MAX, "%s", c->block->why);
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
	if (c->block->why[0]) {
		(void)snprintf(why, WT_CAPTURE_WHY_MAX, "%s", c->block->why);
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

	result->is_hashed = wt_capture_share_leave(c->share, c->reader, result->hash);
	c->block = &no_block;
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
			if (c->block->why[0])
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
		p.bytes_done += c->block->offset;
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
	(void)wt_capture_share_leave(c->share, c->reader, c->result[0].hash);
	c->block = &no_block;
	c->is_open = false;
	free(batch);
	return kind;
}
