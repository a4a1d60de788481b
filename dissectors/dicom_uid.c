/* Look-ups in the tables of known DICOM identifiers.
 * Source: DICOM PS3.5 9 (UIDs), PS3.6 Table A-1.
 * Trust: the identifier asked for is hostile. Memory: static tables. */
#include "wardtap/dissector.h"

#include "dicom_uid.h"

const struct dicom_uid_row dicom_sop_rows[] = {
#define S(uid_, name_) { .uid = uid_, .name = name_ },
#include "dicom_sop.tab.h"
#undef S
};
const unsigned dicom_n_sop_rows = sizeof(dicom_sop_rows) / sizeof(dicom_sop_rows[0]);

const struct dicom_uid_row dicom_transfer_rows[] = {
#define T(uid_, encoding_, name_)                                                              \
	{ .uid = uid_, .name = name_, .encoding = DICOM_ENC_##encoding_ },
#include "dicom_transfer.tab.h"
#undef T
};
const unsigned dicom_n_transfer_rows =
	sizeof(dicom_transfer_rows) / sizeof(dicom_transfer_rows[0]);
_Static_assert(sizeof(dicom_transfer_rows) / sizeof(dicom_transfer_rows[0]) < 64,
	       "seen transfer syntaxes are bits of 64");

const struct dicom_uid_row dicom_impl_rows[] = {
#define I(uid_, name_) { .uid = uid_, .name = name_ },
#include "dicom_impl.tab.h"
#undef I
};
const unsigned dicom_n_impl_rows = sizeof(dicom_impl_rows) / sizeof(dicom_impl_rows[0]);

struct wt_slice dicom_text(const char *text)
{
	size_t len = 0;

	while (text[len])
		len++;
	return wt_slice_of(text, len);
}

/* Order of the tables: by bytes, a prefix before what it begins. */
static int order(struct wt_slice a, struct wt_slice b)
{
	size_t shared = a.len < b.len ? a.len : b.len;
	int way = shared ? memcmp(a.ptr, b.ptr, shared) : 0;

	if (way != 0 || a.len == b.len)
		return way;
	return a.len < b.len ? -1 : 1;
}

static const struct dicom_uid_row *find(const struct dicom_uid_row *rows, unsigned n,
					struct wt_slice uid)
{
	unsigned low = 0, high = n;

	while (low < high) {
		unsigned middle = low + (high - low) / 2;
		int way = order(dicom_text(rows[middle].uid), uid);

		if (way == 0)
			return &rows[middle];
		if (way < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

/* Cuts off the root of the standard's own UIDs; empty for all others. */
static struct wt_slice after_root(struct wt_slice uid)
{
	const struct wt_slice root = WT_LIT("1.2.840.10008.");

	return wt_slice_starts(uid, root) ? wt_slice_tail(uid, root.len) : wt_slice_of(NULL, 0);
}

struct wt_slice dicom_sop_name(struct wt_slice uid)
{
	const struct dicom_uid_row *row =
		find(dicom_sop_rows, dicom_n_sop_rows, after_root(uid));

	return row ? dicom_text(row->name) : wt_slice_of(NULL, 0);
}

uint16_t dicom_sop_find(struct wt_slice uid)
{
	const struct dicom_uid_row *row =
		find(dicom_sop_rows, dicom_n_sop_rows, after_root(uid));

	return row ? (uint16_t)(row - dicom_sop_rows + 1) : 0;
}

struct wt_slice dicom_uid_full(const struct dicom_uid_row *row, uint8_t *room)
{
	struct wt_builder b = wt_builder_of(room, DICOM_UID_MAX);

	wt_bld_text(&b, "1.2.840.10008.");
	wt_bld_text(&b, row->uid);
	return wt_bld_slice(&b);
}

uint8_t dicom_transfer_find(struct wt_slice uid)
{
	const struct dicom_uid_row *row =
		find(dicom_transfer_rows, dicom_n_transfer_rows, after_root(uid));

	return row ? (uint8_t)(row - dicom_transfer_rows) : (uint8_t)DICOM_UID_NONE;
}

struct wt_slice dicom_impl_name(struct wt_slice uid)
{
	const struct dicom_uid_row *row;

	uid = wt_slice_head(uid, DICOM_UID_MAX);
	while (uid.len) {
		row = find(dicom_impl_rows, dicom_n_impl_rows, uid);
		if (row)
			return dicom_text(row->name);
		while (uid.len && uid.ptr[uid.len - 1] != '.')
			uid.len--;
		if (uid.len)
			uid.len--;
	}
	return wt_slice_of(NULL, 0);
}

bool dicom_uid_is_valid(struct wt_slice uid)
{
	bool was_dot = true;
	size_t i;

	if (uid.len == 0 || uid.len > DICOM_UID_MAX)
		return false;
	for (i = 0; i < uid.len; i++) {
		bool is_dot = uid.ptr[i] == '.';

		if (!is_dot && (uid.ptr[i] < '0' || uid.ptr[i] > '9'))
			return false;
		if (is_dot && was_dot)
			return false;
		was_dot = is_dot;
	}
	return !was_dot;
}

bool dicom_has_traversal(struct wt_slice s)
{
	return wt_slice_find(s, '/') != s.len || wt_slice_find(s, '\\') != s.len ||
	       wt_slice_search(s, WT_LIT("..")) != s.len;
}

struct wt_slice dicom_trim_end(struct wt_slice s)
{
	while (s.len && (s.ptr[s.len - 1] == 0 || s.ptr[s.len - 1] == ' '))
		s.len--;
	return s;
}

struct wt_slice dicom_trim_title(struct wt_slice s)
{
	return wt_slice_trim(wt_slice_head(s, wt_slice_find(s, 0)), ' ');
}
