/* Marks (mark.h). A slot is a sector of its own page: magic, turn, facts, CRC. */
#include "journal/mark.h"
#include "journal/segment.h"

#define MAGIC UINT64_C(0x316b72616d7477)
#define SLOT_GAP 4096u
#define WORDS 7u

static bool read_slot(const struct wt_mark *mark, unsigned slot, uint64_t word[WORDS])
{
	uint64_t crc;

	if (mark->io->read(mark->io->self, mark->file, slot * SLOT_GAP, word, 8 * WORDS) !=
	    8 * WORDS)
		return false;
	crc = wt_crc64(0, wt_slice_of(word, 8 * (WORDS - 1)));
	return word[0] == MAGIC && word[WORDS - 1] == crc && word[1] % 2 == slot;
}

void wt_mark_read(struct wt_mark *mark)
{
	uint64_t word[WORDS];
	unsigned slot;

	if (mark->file < 0)
		return;
	for (slot = 0; slot < 2; slot++)
		if (read_slot(mark, slot, word) && word[1] >= mark->turn) {
			mark->turn = word[1];
			mark->facts =
				(struct wt_mark_facts){ word[2], word[3], word[4], word[5] };
		}
}

bool wt_mark_open(struct wt_mark *mark, const struct wt_io *io, const char *name, bool creates)
{
	memset(mark, 0, sizeof(*mark));
	mark->io = io;
	mark->file = io->open(io->self, name, false);
	if (mark->file < 0 && creates) {
		mark->file = io->open(io->self, name, true);
		if (mark->file >= 0)
			(void)io->sync_folder(io->self);
	}
	wt_mark_read(mark);
	return mark->file >= 0;
}

void wt_mark_close(struct wt_mark *mark)
{
	if (mark->file >= 0)
		mark->io->close(mark->io->self, mark->file);
	mark->file = -1;
}

bool wt_mark_write(struct wt_mark *mark, bool syncs)
{
	uint64_t word[WORDS] = { MAGIC,
				 mark->turn + 1,
				 mark->facts.seq,
				 mark->facts.time_ns,
				 mark->facts.flags,
				 mark->facts.count };

	word[WORDS - 1] = wt_crc64(0, wt_slice_of(word, 8 * (WORDS - 1)));
	if (mark->io->write(mark->io->self, mark->file, word[1] % 2 * SLOT_GAP, word,
			    sizeof(word)) != sizeof(word))
		return false;
	mark->turn++;
	return !syncs || mark->io->sync(mark->io->self, mark->file) == 0;
}
