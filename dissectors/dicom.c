/* DICOM upper layer and DIMSE: headers of protocol data units, and the declaration.
 *
 *   type u8, 00, length u32be, body
 *
 *   01 A-ASSOCIATE-RQ   04 P-DATA-TF       07 A-ABORT
 *   02 A-ASSOCIATE-AC   05 A-RELEASE-RQ
 *   03 A-ASSOCIATE-RJ   06 A-RELEASE-RP
 *
 * One unit is a PDU header, an item of an association PDU, the header of a PDV or some
 * of its bytes, so no PDU is ever buffered. Both directions are read on their own;
 * what one of them negotiated helps the other where it was seen. After a loss the next
 * PDU is found by its shape (dicom_shape.c), without events for false starts.
 * Source: DICOM PS3.8 (2024) 9.3; PS3.7; PS3.5.
 * Trust: every byte is hostile; lengths are checked against what holds them.
 * Memory: struct dicom_state per flow, 1 KiB of unconsumed bytes per direction. */
#include "dicom_state.h"

static const struct wt_field fields[] = { DICOM_FIELDS(WT_FIELD_ROW) };

static const struct wt_event_type event_types[] = {
	{ "dicom", "An association PDU or a DIMSE message." },
};

enum { EVENT_DICOM };

static const char *pdu_name(enum dicom_pdu pdu)
{
	switch (pdu) {
	case DICOM_ASSOCIATE_RQ:
		return "A-ASSOCIATE-RQ";
	case DICOM_ASSOCIATE_AC:
		return "A-ASSOCIATE-AC";
	case DICOM_ASSOCIATE_RJ:
		return "A-ASSOCIATE-RJ";
	case DICOM_P_DATA:
		return "P-DATA-TF";
	case DICOM_RELEASE_RQ:
		return "A-RELEASE-RQ";
	case DICOM_RELEASE_RP:
		return "A-RELEASE-RP";
	case DICOM_ABORT:
		return "A-ABORT";
	}
	return "";
}

struct wt_slice dicom_uid_of(struct dicom_dir *d, struct wt_out *out, struct wt_slice raw)
{
	struct wt_slice uid = dicom_trim_end(raw);

	if (dicom_has_traversal(uid))
		put_HAS_PATH_TRAVERSAL(out, d->event, true);
	if (!dicom_uid_is_valid(uid))
		put_HAS_INVALID_UID(out, d->event, true);
	return uid;
}

struct wt_slice dicom_title_of(struct dicom_dir *d, struct wt_out *out, struct wt_slice raw)
{
	struct wt_slice title = dicom_trim_title(raw);

	if (dicom_has_traversal(title))
		put_HAS_PATH_TRAVERSAL(out, d->event, true);
	return title;
}

void dicom_event_begin(struct dicom_state *s, struct dicom_dir *d, struct wt_out *out,
		       enum dicom_pdu pdu)
{
	d->event = (uint8_t)wt_event_begin(out, EVENT_DICOM);
	d->is_open = true;
	d->is_message = false;
	put_PDU(out, d->event, dicom_text(pdu_name(pdu)));
	put_CALLING_AE(out, d->event,
		       dicom_title_of(d, out, wt_slice_of(s->calling.text, s->calling.len)));
	put_CALLED_AE(out, d->event,
		      dicom_title_of(d, out, wt_slice_of(s->called.text, s->called.len)));
}

void dicom_event_end(struct dicom_dir *d)
{
	d->is_open = false;
	d->must_commit = true;
}

void dicom_event_cut(struct dicom_dir *d, struct wt_out *out)
{
	if (!d->is_open)
		return;
	put_IS_INCOMPLETE(out, d->event, true);
	if (d->is_message)
		dicom_message_totals(d, out);
	else
		dicom_assoc_totals(d, out);
	dicom_event_end(d);
}

void dicom_say_once(struct dicom_dir *d, struct wt_out *out, uint8_t which, const char *reason)
{
	if (d->said & which)
		return;
	d->said |= which;
	wt_out_glitch(out, reason);
}

/* Nothing of what was being read goes on. */
static void lose_place(struct dicom_dir *d)
{
	d->is_hunting = true;
	d->phase = DICOM_AT_HEAD;
	d->pdu_left = d->pdv_left = 0;
	d->orphan_bytes = 0;
	d->n_orphans = 0;
}

enum wt_verdict dicom_broken(struct dicom_dir *d, struct wt_reader *r, struct wt_reader start,
			     struct wt_out *out, const char *reason)
{
	bool was_open = d->is_open;

	*r = start;
	wt_rd_skip(r, 1);
	wt_out_glitch(out, reason);
	lose_place(d);
	if (!was_open)
		return WT_MALFORMED;
	/* WT_MALFORMED would drop the event */
	dicom_event_cut(d, out);
	return WT_OK;
}

/* Is a PDU of this kind and length possible at all? */
static bool is_length_sane(enum dicom_pdu pdu, uint32_t len)
{
	switch (pdu) {
	case DICOM_ASSOCIATE_RQ:
	case DICOM_ASSOCIATE_AC:
		return len >= DICOM_FIXED_LEN - DICOM_HEAD_LEN && len <= DICOM_ASSOC_MAX;
	case DICOM_P_DATA:
		return len >= 6 && len <= DICOM_P_DATA_MAX;
	default:
		return len >= 4 && len <= DICOM_ASSOC_MAX;
	}
}

/* P-DATA-TF where none may be, or longer than the receiver takes. */
static void check_p_data(struct dicom_state *s, enum wt_direction dir, struct wt_out *out)
{
	struct dicom_dir *d = &s->dir[dir];
	uint32_t max = s->max_pdu[wt_opposite(dir)];

	if (s->has_max_pdu[wt_opposite(dir)] && max && d->pdu_left > max)
		dicom_say_once(d, out, DICOM_SAID_TOO_LONG, "pdu_exceeds_maximum");
	if (s->has_reject)
		dicom_say_once(d, out, DICOM_SAID_LATE, "p_data_after_reject");
	else if (s->is_done[dir])
		dicom_say_once(d, out, DICOM_SAID_LATE, "p_data_after_end");
	else if (s->has_request && !s->has_accept)
		s->is_early = true;
}

/* What is left of the PDU begins here: its kind decides. */
static enum wt_verdict enter_pdu(struct dicom_state *s, enum wt_direction dir,
				 struct wt_reader *r, struct wt_out *out)
{
	struct dicom_dir *d = &s->dir[dir];

	if (d->pdu == DICOM_P_DATA) {
		check_p_data(s, dir, out);
		d->phase = DICOM_AT_PDV;
		return WT_OK;
	}
	dicom_event_cut(d, out);
	if (d->pdu == DICOM_ASSOCIATE_RQ || d->pdu == DICOM_ASSOCIATE_AC)
		return dicom_assoc_begin(s, dir, r, out);
	return dicom_assoc_end(s, dir, r, out);
}

static enum wt_verdict read_head(struct dicom_state *s, enum wt_direction dir,
				 struct wt_reader *r, struct wt_out *out)
{
	struct dicom_dir *d = &s->dir[dir];
	struct wt_reader start = *r;
	uint8_t pdu = wt_rd_u8(r), reserved = wt_rd_u8(r);
	uint32_t len = wt_rd_u32be(r);
	size_t fixed = 4;

	if (start.left && (pdu < DICOM_ASSOCIATE_RQ || pdu > DICOM_ABORT))
		return dicom_broken(d, r, start, out, "unknown_pdu");
	if (r->err != WT_OK)
		return r->err;
	if (!is_length_sane((enum dicom_pdu)pdu, len))
		return dicom_broken(d, r, start, out, "malformed_length");
	if (pdu == DICOM_P_DATA)
		fixed = 0;
	else if (pdu == DICOM_ASSOCIATE_RQ || pdu == DICOM_ASSOCIATE_AC)
		fixed = DICOM_FIXED_LEN - DICOM_HEAD_LEN;
	if (wt_rd_left(r) < fixed) {
		wt_out_need(out, DICOM_HEAD_LEN + fixed);
		return r->on_short;
	}
	d->is_hunting = false;
	d->pdu = pdu;
	d->pdu_left = len;
	if (reserved != 0)
		dicom_say_once(d, out, DICOM_SAID_RESERVED, "reserved_octet");
	if (fixed == 4 && len != 4)
		wt_out_glitch(out, "pdu_length");
	return enter_pdu(s, dir, r, out);
}

/* Passes over what is no PDU. WT_OK: something was; WT_FOREIGN: a PDU is here. */
static enum wt_verdict hunt(struct dicom_dir *d, struct wt_reader *r)
{
	struct wt_slice rest = wt_rd_peek(r);

	switch (dicom_shape(rest)) {
	case WT_MORE:
		return WT_MORE;
	case WT_OK:
		return WT_FOREIGN;
	default:
		d->is_hunting = true;
		wt_rd_skip(r, 1 + dicom_shape_search(wt_slice_tail(rest, 1)));
		return WT_OK;
	}
}

static enum wt_verdict read_unit(struct dicom_state *s, enum wt_direction dir,
				 struct wt_reader *r, struct wt_out *out)
{
	switch ((enum dicom_phase)s->dir[dir].phase) {
	case DICOM_AT_HEAD:
		break;
	case DICOM_AT_ITEM:
		return dicom_assoc_item(s, dir, r, out);
	case DICOM_AT_SECOND:
		return dicom_assoc_second(s, dir, r, out);
	case DICOM_AT_PDV:
		return dicom_pdv_head(s, dir, r, out);
	case DICOM_AT_FRAGMENT:
		return dicom_pdv_bytes(s, dir, r, out);
	}
	return read_head(s, dir, r, out);
}

static void commit(struct dicom_dir *d, struct wt_out *out)
{
	/* A commit takes all events of the direction: wait for the open one. */
	if (!d->must_commit || d->is_open)
		return;
	d->must_commit = false;
	wt_out_commit(out);
}

static enum wt_verdict dicom_message(void *state, enum wt_direction dir, struct wt_reader *r,
				     struct wt_out *out)
{
	struct dicom_state *s = state;
	struct dicom_dir *d = &s->dir[dir];
	bool is_lost = wt_out_is_resumed(out) && !d->is_hunting;
	enum wt_verdict verdict;

	if (wt_rd_left(r) == 0) {
		if (!wt_out_is_end(out) || !d->is_open)
			return WT_MORE;
		dicom_event_cut(d, out);
		commit(d, out);
		return WT_OK;
	}
	if (is_lost || d->is_hunting) {
		verdict = hunt(d, r);
		if (verdict == WT_MORE)
			return WT_MORE;
		if (is_lost) {
			/* the engine had to let go of bytes, and of open events */
			d->is_open = d->must_commit = false;
			lose_place(d);
		}
		if (verdict == WT_OK)
			return WT_OK;
	}
	verdict = read_unit(s, dir, r, out);
	if (verdict == WT_OK && d->phase == DICOM_AT_HEAD)
		wt_out_message_end(out);
	if (verdict == WT_OK)
		commit(d, out);
	return verdict;
}

static void dicom_gap(void *state, enum wt_direction dir, uint64_t lost, struct wt_out *out)
{
	struct dicom_state *s = state;
	struct dicom_dir *d = &s->dir[dir];

	(void)lost;
	dicom_event_cut(d, out);
	lose_place(d);
	commit(d, out);
}

/* As dicom_shape; the four octet bodies say little, so they must be all there is. */
static enum wt_verdict dicom_probe(struct wt_slice head)
{
	enum wt_verdict verdict = dicom_shape(head);
	bool is_short = head.len && head.ptr[0] != DICOM_ASSOCIATE_RQ &&
			head.ptr[0] != DICOM_ASSOCIATE_AC && head.ptr[0] != DICOM_P_DATA;

	if (verdict == WT_OK && is_short && head.len != DICOM_HEAD_LEN + 4)
		return WT_FOREIGN;
	return verdict;
}

static size_t dicom_resync(struct wt_slice rest)
{
	return dicom_shape_search(rest);
}

const struct wt_dissector wt_dicom_dissector = {
	.name = "dicom",
	.title = "DICOM",
	.source = "DICOM PS3.5, PS3.7, PS3.8 (2024)",
	.carriage = WT_OVER_TCP,
	.ports = { 104, 11112, 4242, 2761, 2762 },
	.probe = dicom_probe,
	.message = dicom_message,
	.gap = dicom_gap,
	.resync = dicom_resync,
	.is_long_lived = true,
	.state_size = sizeof(struct dicom_state),
	.is_framed = true,
	.buffer_max = 1024,
	WT_DISSECTOR_TABLES(event_types),
};
