/* receipt.json and the derived key (receipt.h). Trust: file names are escaped.
 * Memory: one buffer of 1 MiB while it works. */
#define _POSIX_C_SOURCE 200809L
#include "app/receipt.h"
#include "app/output.h"
#include "base/json.h"
#include "wardtap/registry.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define PIECE_BYTES 1048576u

static bool add_piece(struct wt_sha256 *sha, int fd, uint64_t at, uint8_t *buffer)
{
	size_t held = 0;

	while (held < PIECE_BYTES) {
		ssize_t n = pread(fd, buffer + held, PIECE_BYTES - held, (off_t)(at + held));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return false;
		if (n == 0)
			break;
		held += (size_t)n;
	}
	wt_sha256_add(sha, wt_slice_of(buffer, held));
	return true;
}

static void add_file(struct wt_sha256 *sha, const struct wt_capture_file *file, uint8_t *buffer)
{
	int fd = open(file->path, O_RDONLY | O_CLOEXEC);
	uint8_t size[8];
	unsigned i;

	for (i = 0; i < 8; i++)
		size[i] = (uint8_t)(file->size >> (56 - 8 * i));
	wt_sha256_add(sha, wt_slice_of(size, sizeof(size)));
	if (fd < 0)
		return; /* the capture reader will name the damage */
	(void)add_piece(sha, fd, 0, buffer);
	if (file->size > PIECE_BYTES)
		(void)add_piece(sha, fd, file->size - PIECE_BYTES, buffer);
	close(fd);
}

bool wt_receipt_key(const struct wt_capture_list *list, uint8_t key[WT_SHA256_LEN])
{
	struct wt_sha256 *sha = wt_sha256_new();
	uint8_t *buffer = malloc(PIECE_BYTES);
	size_t i;

	if (!buffer)
		abort();
	wt_sha256_add(sha, WT_LIT("wardtap replay pseudonym key 1"));
	for (i = 0; i < list->n_files; i++)
		add_file(sha, &list->file[i], buffer);
	wt_sha256_end(sha, key);
	free(buffer);
	return true;
}

/* SHA-256 of a whole file; false when it cannot be read. */
static bool hash_file(const char *path, uint8_t digest[WT_SHA256_LEN])
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct wt_sha256 *sha = wt_sha256_new();
	uint8_t *buffer = malloc(PIECE_BYTES);
	ssize_t n = fd < 0 ? -1 : 1;

	if (!buffer)
		abort();
	while (n > 0 || (n < 0 && fd >= 0 && errno == EINTR)) {
		n = read(fd, buffer, PIECE_BYTES);
		if (n > 0)
			wt_sha256_add(sha, wt_slice_of(buffer, (size_t)n));
	}
	wt_sha256_end(sha, digest);
	free(buffer);
	if (fd >= 0)
		close(fd);
	return n == 0;
}

static void put_hex(struct wt_json *j, const char *key, const uint8_t *digest, size_t len)
{
	static const char hex[] = "0123456789abcdef";
	char text[2 * WT_SHA256_LEN];
	size_t i;

	for (i = 0; i < len; i++) {
		text[2 * i] = hex[digest[i] >> 4];
		text[2 * i + 1] = hex[digest[i] & 15];
	}
	wt_json_key(j, key);
	wt_json_string(j, wt_slice_of(text, 2 * len));
}

static void put_damages(struct wt_json *j, const struct wt_receipt *r, size_t file)
{
	size_t n, i;
	const struct wt_capture_damage *damage = wt_capture_damages(r->capture, &n);

	for (i = 0; i < n; i++) {
		if (damage[i].file != file)
			continue;
		wt_json_open(j, '{');
		wt_json_key(j, "offset");
		wt_json_u64(j, damage[i].offset);
		wt_json_key(j, "why");
		wt_json_text(j, damage[i].why);
		wt_json_close(j, '}');
	}
}

static void put_input(struct wt_json *j, const struct wt_receipt *r, size_t file)
{
	const struct wt_capture_result *result = wt_capture_result(r->capture, file);
	uint8_t digest[WT_SHA256_LEN];

	wt_json_open(j, '{');
	wt_json_key(j, "path");
	wt_json_text(j, r->list->file[file].path);
	wt_json_key(j, "bytes");
	wt_json_u64(j, r->list->file[file].size);
	wt_json_key(j, "packets");
	wt_json_u64(j, result->packets);
	if (result->is_hashed)
		put_hex(j, "xxh3_128", result->hash, WT_FASTHASH_LEN);
	if (r->has_sha256 && hash_file(r->list->file[file].path, digest))
		put_hex(j, "sha256", digest, WT_SHA256_LEN);
	if (result->n_damages) {
		wt_json_key(j, "damages");
		wt_json_open(j, '[');
		put_damages(j, r, file);
		wt_json_close(j, ']');
	}
	wt_json_close(j, '}');
}

static void put_text(struct wt_json *j, const char *key, const char *value)
{
	if (!value)
		return;
	wt_json_key(j, key);
	wt_json_text(j, value);
}

static void put_settings(struct wt_json *j, const struct wt_receipt *r)
{
	unsigned owner;

	put_text(j, "wardtap", WT_VERSION);
	put_text(j, "memory_profile", r->profile);
	put_text(j, "filter", r->filter);
	put_text(j, "pseudonym_key", r->key_source);
	put_text(j, "hint_library", r->hint_library);
	put_text(j, "advisories", r->advisories);
	wt_json_key(j, "card_maker_blocks");
	wt_json_u64(j, r->n_card_makers);
	wt_json_key(j, "protocols");
	wt_json_open(j, '[');
	for (owner = 1; owner <= wt_registry_count(); owner++)
		wt_json_text(j, wt_registry_name(owner));
	wt_json_close(j, ']');
}

/* Hands over what the encoder holds, so that any number of inputs fits. */
static void spill(struct wt_json *j, struct wt_output_file *f)
{
	wt_output_write(f, wt_bld_slice(&j->out));
	j->out.len = 0;
}

bool wt_receipt_write(const struct wt_receipt *r, const char *folder)
{
	struct wt_output_file *f = wt_output_open(folder, "receipt.json");
	const size_t cap = 262144;
	uint8_t digest[WT_SHA256_LEN];
	struct wt_json j;
	uint64_t len;
	unsigned k;
	size_t i;
	void *room;

	if (!f)
		return false;
	room = malloc(cap);
	if (!room)
		abort();
	j = wt_json_of(room, cap);
	wt_json_open(&j, '{');
	put_settings(&j, r);
	wt_json_key(&j, "inputs");
	wt_json_open(&j, '[');
	for (i = 0; i < r->list->n_files; i++) {
		put_input(&j, r, i);
		spill(&j, f);
	}
	wt_json_close(&j, ']');
	wt_json_key(&j, "outputs");
	wt_json_open(&j, '[');
	for (k = 0; k < r->n_outputs; k++) {
		wt_json_open(&j, '{');
		put_text(&j, "name", r->output[k].name);
		wt_json_key(&j, "bytes");
		wt_json_u64(&j, r->output[k].len);
		put_hex(&j, "sha256", r->output[k].digest, WT_SHA256_LEN);
		wt_json_close(&j, '}');
	}
	wt_json_close(&j, ']');
	wt_json_close(&j, '}');
	wt_bld_char(&j.out, '\n');
	spill(&j, f);
	free(room);
	return wt_output_close(f, digest, &len);
}
