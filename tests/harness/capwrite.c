/* See capwrite.h. */
#define _GNU_SOURCE
#include "harness/capwrite.h"

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[64];
static pid_t folder_owner;

static void must(bool is_fine, const char *what)
{
	if (is_fine)
		return;
	perror(what);
	abort();
}

void cap_put(struct cap_bytes *f, const void *bytes, size_t len)
{
	if (f->len + len > f->room) {
		f->room = (f->len + len) * 2;
		f->ptr = realloc(f->ptr, f->room);
		must(f->ptr, "realloc");
	}
	if (len)
		memcpy(f->ptr + f->len, bytes, len);
	f->len += len;
}

static void put_number(struct cap_bytes *f, uint32_t value, unsigned len)
{
	unsigned i;

	for (i = 0; i < len; i++) {
		uint8_t byte = (uint8_t)(value >> 8 * (f->is_be ? len - 1 - i : i));

		cap_put(f, &byte, 1);
	}
}

void cap_u16(struct cap_bytes *f, unsigned value)
{
	put_number(f, value, 2);
}

void cap_u32(struct cap_bytes *f, uint32_t value)
{
	put_number(f, value, 4);
}

void cap_fill(struct cap_bytes *f, uint8_t byte, size_t len)
{
	while (len--)
		cap_put(f, &byte, 1);
}

void cap_pcap(struct cap_bytes *f, uint32_t magic, unsigned minor, uint32_t link)
{
	cap_u32(f, magic);
	cap_u16(f, 2);
	cap_u16(f, minor);
	cap_fill(f, 0, 8);
	cap_u32(f, 65535);
	cap_u32(f, link);
}

void cap_record(struct cap_bytes *f, unsigned head_len, uint32_t seconds, uint32_t fraction,
		uint32_t wire_len, struct wt_slice bytes)
{
	cap_u32(f, seconds);
	cap_u32(f, fraction);
	cap_u32(f, (uint32_t)bytes.len);
	cap_u32(f, wire_len);
	cap_fill(f, 0x55, head_len - 16);
	cap_put(f, bytes.ptr, bytes.len);
}

void cap_block(struct cap_bytes *f, uint32_t type, struct wt_slice body)
{
	size_t pad = (4 - body.len % 4) % 4;
	uint32_t len = (uint32_t)(12 + body.len + pad);

	cap_u32(f, type);
	cap_u32(f, len);
	cap_put(f, body.ptr, body.len);
	cap_fill(f, 0, pad);
	cap_u32(f, len);
}

static void end_block(struct cap_bytes *f, uint32_t type, struct cap_bytes *body)
{
	cap_block(f, type, wt_slice_of(body->ptr, body->len));
	free(body->ptr);
}

void cap_section(struct cap_bytes *f)
{
	struct cap_bytes body = { .is_be = f->is_be };

	cap_u32(&body, 0x1a2b3c4d);
	cap_u16(&body, 1);
	cap_u16(&body, 0);
	cap_fill(&body, 0xff, 8);
	end_block(f, 0x0a0d0d0a, &body);
}

void cap_interface(struct cap_bytes *f, unsigned link, uint32_t snap_len, const char *name,
		   int resolution, int64_t offset_s)
{
	struct cap_bytes body = { .is_be = f->is_be };
	size_t len = name ? strlen(name) : 0;

	cap_u16(&body, link);
	cap_u16(&body, 0);
	cap_u32(&body, snap_len);
	if (name) {
		cap_u16(&body, 2);
		cap_u16(&body, (unsigned)len);
		cap_put(&body, name, len);
		cap_fill(&body, 0, (4 - len % 4) % 4);
	}
	if (resolution >= 0) {
		cap_u16(&body, 9);
		cap_u16(&body, 1);
		cap_fill(&body, (uint8_t)resolution, 1);
		cap_fill(&body, 0, 3);
	}
	if (offset_s) {
		uint64_t value = (uint64_t)offset_s;

		cap_u16(&body, 14);
		cap_u16(&body, 8);
		cap_u32(&body, (uint32_t)(f->is_be ? value >> 32 : value));
		cap_u32(&body, (uint32_t)(f->is_be ? value : value >> 32));
	}
	cap_u32(&body, 0);
	end_block(f, 1, &body);
}

void cap_packet(struct cap_bytes *f, uint32_t interface, uint64_t ticks, uint32_t wire_len,
		struct wt_slice bytes)
{
	struct cap_bytes body = { .is_be = f->is_be };

	cap_u32(&body, interface);
	cap_u32(&body, (uint32_t)(ticks >> 32));
	cap_u32(&body, (uint32_t)ticks);
	cap_u32(&body, (uint32_t)bytes.len);
	cap_u32(&body, wire_len);
	cap_put(&body, bytes.ptr, bytes.len);
	end_block(f, 6, &body);
}

void cap_packet_obsolete(struct cap_bytes *f, unsigned interface, uint64_t ticks,
			 uint32_t wire_len, struct wt_slice bytes)
{
	struct cap_bytes body = { .is_be = f->is_be };

	cap_u16(&body, interface);
	cap_u16(&body, 7);
	cap_u32(&body, (uint32_t)(ticks >> 32));
	cap_u32(&body, (uint32_t)ticks);
	cap_u32(&body, (uint32_t)bytes.len);
	cap_u32(&body, wire_len);
	cap_put(&body, bytes.ptr, bytes.len);
	end_block(f, 2, &body);
}

void cap_packet_simple(struct cap_bytes *f, uint32_t wire_len, struct wt_slice bytes)
{
	struct cap_bytes body = { .is_be = f->is_be };

	cap_u32(&body, wire_len);
	cap_put(&body, bytes.ptr, bytes.len);
	end_block(f, 3, &body);
}

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st;
	(void)type;
	(void)at;
	return remove(path);
}

static void remove_folder(void)
{
	if (getpid() == folder_owner)
		(void)nftw(folder, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

const char *cap_folder(void)
{
	const char *tmp = getenv("TMPDIR");

	if (folder_owner != getpid()) {
		(void)snprintf(folder, sizeof(folder), "%.40s/wardtap-XXXXXX", tmp ? tmp : "/tmp");
		must(mkdtemp(folder), folder);
		folder_owner = getpid();
		must(atexit(remove_folder) == 0, "atexit");
	}
	return folder;
}

char *cap_save(const char *name, struct wt_slice bytes)
{
	char *path;
	FILE *file;

	must(asprintf(&path, "%s/%s", cap_folder(), name) > 0, name);
	(void)remove(path); /* some file systems flush when an old file is cut to nothing */
	file = fopen(path, "wb");
	must(file, path);
	must(bytes.len == 0 || fwrite(bytes.ptr, bytes.len, 1, file) == 1, path);
	must(fclose(file) == 0, path);
	return path;
}

struct cap_seen cap_read(char *const paths[], size_t n_paths, bool is_hashed)
{
	struct cap_seen seen = { 0 };
	struct wt_capture_options options = { &seen.counters, is_hashed };
	static struct wt_batch batch;
	size_t room = 0;
	unsigned i;

	seen.list = wt_capture_list_new(paths, n_paths);
	must(seen.list, "list");
	seen.capture = wt_capture_open(seen.list, &options);
	must(seen.capture, "open");
	while (wt_capture_next(seen.capture, &batch)) {
		if (seen.n + batch.n > room) {
			room = (seen.n + batch.n) * 2;
			seen.packet = realloc(seen.packet, room * sizeof(*seen.packet));
			must(seen.packet, "realloc");
		}
		for (i = 0; i < batch.n; i++) {
			struct wt_packet *p = &seen.packet[seen.n++];
			uint8_t *copy = malloc(batch.packet[i].cap_len + 1);

			must(copy, "malloc");
			*p = batch.packet[i];
			memcpy(copy, p->bytes, p->cap_len);
			p->bytes = copy;
		}
	}
	seen.counters.value[WT_C_BUGS] = wt_bug_count();
	return seen;
}

struct cap_seen cap_read_one(char *path)
{
	return cap_read(&path, 1, false);
}

void cap_forget(struct cap_seen *seen)
{
	size_t i;

	for (i = 0; i < seen->n; i++) {
		const uint8_t *bytes = seen->packet[i].bytes;
		void *owned;

		memcpy(&owned, &bytes, sizeof(owned)); /* ours, though const to readers */
		free(owned);
	}
	free(seen->packet);
	wt_capture_close(seen->capture);
	wt_capture_list_free(seen->list);
}

const char *cap_why(const struct cap_seen *seen, size_t i)
{
	size_t n;
	const struct wt_capture_damage *damage = wt_capture_damages(seen->capture, &n);

	return i < n ? damage[i].why : "";
}

bool cap_same_packet(const struct wt_packet *a, const struct wt_packet *b)
{
	return a->ts_ns == b->ts_ns && a->wire_len == b->wire_len &&
	       a->link_type == b->link_type &&
	       wt_slice_equal(wt_slice_of(a->bytes, a->cap_len),
			      wt_slice_of(b->bytes, b->cap_len));
}
