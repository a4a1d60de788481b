/* The ring of blocks (share.h).
 *
 * Blocks are numbered through all files; block n lies in place n % n_blocks. At most
 * one reader at a time fills, without the lock: it then owns the source and the place
 * of block n_filled. A reader needs all blocks from its `at` on.
 *
 * Who fills: the reader that needs the next block, and on its way any reader that
 * finds fewer than AHEAD blocks ready before it. Without the second, readers of equal
 * speed would meet at every block, one filling and the others waiting for it.
 *
 * Nobody waits in a circle: blocks that are filled can be taken without waiting, so
 * the slowest reader always gets on, up to n_filled; there the place is free, since
 * nobody is slower, and whoever fills waits for nobody.
 *
 * Source: none. Trust: every byte of the files. Memory: see share.h. */
#define _GNU_SOURCE /* madvise */
#include "capture/share.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "capture/file.h"
#include "capture/inflate.h"

#define N_BLOCKS 8u /* for several readers */
#define AHEAD 3u
#define READ_LEN 262144u
#define STRIDE ((size_t)WT_CAPTURE_BLOCK_MAX + READ_LEN)
#define HUGE_PAGE ((size_t)2 << 20)

_Static_assert(WT_CAPTURE_BLOCK_MAX >= WT_CAPTURE_PACKET_MAX + 64, "a packet must fit");
_Static_assert(AHEAD < N_BLOCKS, "what is held is not filled");

struct place {
	uint64_t at;   /* first block still needed; held while a file is begun */
	uint64_t file; /* of the reader, like wt_share_block.file */
	bool is_gone;
};

struct wt_capture_share {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct wt_source *source; /* of the reader that fills */
	uint8_t *memory;
	struct wt_share_block block[N_BLOCKS];
	unsigned n_blocks;
	uint64_t n_filled;
	uint64_t file;   /* being filled: all before are left */
	bool is_begun;   /* it has a block */
	bool is_ended;   /* its last block is filled */
	bool is_filling; /* by one of the readers */
	struct wt_capture_result *result; /* per file: the hash; NULL: not hashed */
	unsigned n_readers;
	struct place reader[];
};

/* What a reader gets that went another way than the others: an end. */
static const struct wt_share_block astray = {
	.is_end = true, .why = "the readers of this run do not agree; please report this",
};

struct wt_capture_share *wt_capture_share_new(const struct wt_capture_list *list,
					      unsigned n_readers, bool is_hashed)
{
	struct wt_capture_share *s = calloc(1, sizeof(*s) + n_readers * sizeof(s->reader[0]));
	size_t len;
	unsigned i;

	if (!s)
		return NULL;
	pthread_mutex_init(&s->lock, NULL);
	pthread_cond_init(&s->changed, NULL);
	s->n_readers = n_readers;
	s->n_blocks = n_readers > 1 ? N_BLOCKS : 1;
	s->source = wt_source_new(is_hashed);
	if (is_hashed)
		s->result = calloc(list->n_files ? list->n_files : 1, sizeof(*s->result));
	len = (s->n_blocks * STRIDE + HUGE_PAGE - 1) / HUGE_PAGE * HUGE_PAGE;
	s->memory = aligned_alloc(HUGE_PAGE, len);
	if (!s->source || !s->memory || (is_hashed && !s->result)) {
		wt_capture_share_free(s);
		return NULL;
	}
	/* Only advice: fewer page faults and TLB misses where the kernel has one. */
	(void)madvise(s->memory, len, MADV_HUGEPAGE);
	for (i = 0; i < s->n_blocks; i++)
		s->block[i].bytes = s->memory + i * STRIDE + WT_CAPTURE_BLOCK_MAX;
	return s;
}

void wt_capture_share_free(struct wt_capture_share *s)
{
	if (!s)
		return;
	wt_source_free(s->source);
	free(s->memory);
	free(s->result);
	pthread_cond_destroy(&s->changed);
	pthread_mutex_destroy(&s->lock);
	free(s);
}

static struct wt_share_block *block_of(struct wt_capture_share *s, uint64_t number)
{
	return &s->block[number % s->n_blocks];
}

/* Whether nobody needs what lies in the place of block n_filled. */
static bool is_free(const struct wt_capture_share *s)
{
	unsigned i;

	if (s->n_blocks == 1)
		return true; /* the only reader asks, its rest is moved already */
	for (i = 0; i < s->n_readers; i++)
		if (!s->reader[i].is_gone && s->reader[i].at + s->n_blocks <= s->n_filled)
			return false;
	return true;
}

/* Puts the rest in front of the block, unless another did: then it must be the same. */
static bool put_rest(struct wt_share_block *b, struct wt_slice rest)
{
	if (WT_BUG_ON(rest.len > WT_CAPTURE_BLOCK_MAX))
		return false;
	if (!b->has_rest && rest.len)
		memmove(b->bytes - rest.len, rest.ptr, rest.len); /* with one block: itself */
	if (!b->has_rest)
		b->rest_len = rest.len;
	b->has_rest = true;
	return !WT_BUG_ON(b->rest_len != rest.len);
}

/* Reads the next block of the file, which is opened first if that is due. */
static void read_block(struct wt_capture_share *s, struct wt_share_block *b,
		       const struct wt_capture_file *file)
{
	const char *why;

	b->file = s->file;
	b->is_open = s->is_begun || wt_source_open(s->source, file);
	b->len = b->is_open ? wt_source_read(s->source, b->bytes, READ_LEN) : 0;
	b->is_end = b->len < READ_LEN;
	b->is_packed = wt_source_is_packed(s->source);
	b->offset = wt_source_offset(s->source);
	why = wt_source_why(s->source);
	b->why[0] = '\0';
	if (why)
		(void)snprintf(b->why, sizeof(b->why), "%s", why);
}

/* Fills block n_filled, whose place is free; the lock is let go meanwhile. */
static void fill(struct wt_capture_share *s, const struct wt_capture_file *file)
{
	struct wt_share_block *b = block_of(s, s->n_filled);

	s->is_filling = true;
	pthread_mutex_unlock(&s->lock);
	read_block(s, b, file);
	pthread_mutex_lock(&s->lock);
	s->is_filling = false;
	s->is_begun = true;
	s->is_ended = b->is_end;
	s->n_filled++;
	pthread_cond_broadcast(&s->changed);
}

/* Waits for block `number` or fills it; with the lock. False: this file has none. */
static bool wait_for(struct wt_capture_share *s, const struct place *p, uint64_t number,
		     const struct wt_capture_file *file, struct wt_slice rest)
{
	while (s->n_filled <= number) {
		if (s->is_filling || !is_free(s)) {
			pthread_cond_wait(&s->changed, &s->lock);
			continue;
		}
		if (WT_BUG_ON(s->file != p->file || s->is_begun != !file || s->is_ended))
			return false;
		block_of(s, number)->has_rest = false;
		if (!put_rest(block_of(s, number), rest))
			return false;
		fill(s, file);
	}
	return true;
}

/* Fills one block in advance if few are ready and it can be done at once. */
static void fill_ahead(struct wt_capture_share *s, const struct place *p)
{
	if (s->n_blocks == 1 || s->is_filling || s->file != p->file || !s->is_begun ||
	    s->is_ended || s->n_filled > p->at + AHEAD || !is_free(s))
		return;
	block_of(s, s->n_filled)->has_rest = false;
	fill(s, NULL);
}

static const struct wt_share_block *take(struct wt_capture_share *s, unsigned reader,
					 uint64_t number, const struct wt_capture_file *file,
					 struct wt_slice rest)
{
	struct place *p = &s->reader[reader];
	struct wt_share_block *b;

	pthread_mutex_lock(&s->lock);
	b = block_of(s, number);
	if (!wait_for(s, p, number, file, rest) || WT_BUG_ON(b->file != p->file) ||
	    !put_rest(b, rest)) {
		pthread_mutex_unlock(&s->lock);
		return &astray;
	}
	if (p->at != number) {
		p->at = number;
		pthread_cond_broadcast(&s->changed);
	}
	fill_ahead(s, p);
	pthread_mutex_unlock(&s->lock);
	return b;
}

const struct wt_share_block *wt_capture_share_begin(struct wt_capture_share *s,
						    unsigned reader,
						    const struct wt_capture_file *file)
{
	return take(s, reader, s->reader[reader].at, file, wt_slice_of(NULL, 0));
}

const struct wt_share_block *wt_capture_share_next(struct wt_capture_share *s,
						   unsigned reader, struct wt_slice rest)
{
	return take(s, reader, s->reader[reader].at + 1, NULL, rest);
}

/* Closes the file at hand: the first reader that leaves it does; with the lock. */
static void close_file(struct wt_capture_share *s)
{
	struct wt_capture_result *result = s->result ? &s->result[s->file] : NULL;

	s->is_filling = true;
	pthread_mutex_unlock(&s->lock);
	if (result)
		result->is_hashed = wt_source_hash(s->source, result->hash);
	wt_source_close(s->source);
	pthread_mutex_lock(&s->lock);
	s->is_filling = false;
	s->is_begun = false;
	s->is_ended = false;
	s->file++;
	pthread_cond_broadcast(&s->changed);
}

bool wt_capture_share_leave(struct wt_capture_share *s, unsigned reader,
			    uint8_t hash[WT_FASTHASH_LEN])
{
	struct place *p = &s->reader[reader];
	bool is_hashed;

	pthread_mutex_lock(&s->lock);
	while (s->file == p->file && s->is_filling)
		pthread_cond_wait(&s->changed, &s->lock);
	if (s->file == p->file)
		close_file(s);
	is_hashed = s->result && s->result[p->file].is_hashed;
	if (is_hashed)
		memcpy(hash, s->result[p->file].hash, WT_FASTHASH_LEN);
	/* also past what was filled in advance in vain */
	while (p->at < s->n_filled && block_of(s, p->at)->file == p->file)
		p->at++;
	p->file++;
	pthread_cond_broadcast(&s->changed);
	pthread_mutex_unlock(&s->lock);
	return is_hashed;
}

void wt_capture_share_quit(struct wt_capture_share *s, unsigned reader)
{
	pthread_mutex_lock(&s->lock);
	s->reader[reader].is_gone = true;
	pthread_cond_broadcast(&s->changed);
	pthread_mutex_unlock(&s->lock);
}
