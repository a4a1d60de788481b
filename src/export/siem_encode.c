/* A record within its bound (siem.h): written in full, and with less where that is too
 * long. Trust: see the writers. Memory: the caller's builder, a view on the stack. */
#include "export/siem.h"

struct wt_slice wt_siem_head(struct wt_slice text, size_t max)
{
	unsigned back = 0;

	if (text.len <= max)
		return text;
	while (back < 3 && back < max && (text.ptr[max - back] & 0xc0) == 0x80)
		back++;
	return wt_slice_head(text, (text.ptr[max - back] & 0xc0) == 0x80 ? max : max - back);
}

static void set_level(struct wt_siem_view *v, unsigned level, unsigned n_drops)
{
	static const unsigned fields[] = { WT_SIEM_FIELDS_MAX, 32, 8, 0 };
	unsigned cuts =
		level > WT_SIEM_SHRINKS + n_drops ? level - WT_SIEM_SHRINKS - n_drops : 0;

	v->level = level;
	v->fields_max = fields[level < WT_SIEM_SHRINKS ? level : WT_SIEM_SHRINKS];
	v->text_max = cuts == 0 ? SIZE_MAX : cuts == 1 ? 128 : 32;
}

/* The length at a level; 0: it does not fit. Leaves the builder's own length alone. */
static size_t try_level(const struct wt_builder *b, struct wt_siem_view *v, unsigned level,
			unsigned n_drops, wt_siem_write_fn *write)
{
	size_t len_max = v->options->len_max ? v->options->len_max : WT_ALERT_JSON_MAX;
	struct wt_builder part = wt_builder_of(b->ptr + b->len, b->cap - b->len);

	if (part.cap > len_max)
		part.cap = len_max;
	set_level(v, level, n_drops);
	write(&part, v);
	return part.is_short ? 0 : part.len;
}

bool wt_siem_encode(struct wt_builder *b, const struct wt_encode_item *item,
		    const struct wt_encode_options *options, const struct wt_siem_table *table,
		    wt_siem_write_fn *write)
{
	struct wt_siem_view view;
	unsigned n_drops = 0, low = 1, high, i;
	size_t len;

	wt_siem_view_of(&view, item, options, table);
	len = try_level(b, &view, 0, 0, write);
	if (len) {
		b->len += len;
		return true;
	}
	for (i = 0; i < table->n_rows; i++)
		if (table->row[i].drop > n_drops)
			n_drops = table->row[i].drop;
	high = WT_SIEM_SHRINKS + n_drops + WT_SIEM_CUTS;
	if (!try_level(b, &view, high, n_drops, write)) {
		b->is_short = true;
		return false;
	}
	while (low < high) { /* the mildest level: a milder one is never shorter */
		unsigned middle = (low + high) / 2;

		if (try_level(b, &view, middle, n_drops, write))
			high = middle;
		else
			low = middle + 1;
	}
	b->len += try_level(b, &view, high, n_drops, write);
	return true;
}
