/* DICOM P-DATA-TF: presentation data values, command sets, and the life of a message.
 *
 *   04 00 len u32 | { len u32, context id u8, bits u8 (1 command, 2 last), bytes } ...
 *
 * A message is a command set and, if that says so, a data set, each in one or more
 * fragments over any number of PDUs. Its event is begun with the command's first byte
 * and ended with the last fragment; data beyond the attributes of interest are passed
 * over by wt_out_skip. What ends early is told as incomplete.
 * Source: DICOM PS3.8 (2024) 9.3.5, Annex E; PS3.7 6.3, Annexes C and E.
 * Trust: all of it is hostile. Memory: struct dicom_message and one walk per direction. */
#include "dicom_state.h"

#define PDV_HEAD_LEN 6u
#define NO_DATASET 0x0101 /* PS3.7 E.1 (0000,0800) */

struct code {
	uint16_t code;
	const char *text;
};

/* PS3.7 E.1 (0000,0100); responses have bit 15 set */
static const struct code commands[] = {
	{ 0x0001, "C-STORE" },  { 0x0010, "C-GET" },    { 0x0020, "C-FIND" },
	{ 0x0021, "C-MOVE" },   { 0x0030, "C-ECHO" },   { 0x0100, "N-EVENT-REPORT" },
	{ 0x0110, "N-GET" },    { 0x0120, "N-SET" },    { 0x0130, "N-ACTION" },
	{ 0x0140, "N-CREATE" }, { 0x0150, "N-DELETE" }, { 0x0fff, "C-CANCEL" },
};

/* PS3.7 Annex C; PS3.4 B.2.3, C.4 */
static const struct code statuses[] = {
	{ 0x0001, "optional attributes not supported" },
	{ 0x0105, "no such attribute" },
	{ 0x0106, "invalid attribute value" },
	{ 0x0107, "attribute list error" },
	{ 0x0110, "processing failure" },
	{ 0x0111, "duplicate SOP instance" },
	{ 0x0112, "no such SOP instance" },
	{ 0x0113, "no such event type" },
	{ 0x0114, "no such argument" },
	{ 0x0115, "invalid argument value" },
	{ 0x0116, "attribute value out of range" },
	{ 0x0117, "invalid SOP instance" },
	{ 0x0118, "no such SOP class" },
	{ 0x0119, "class-instance conflict" },
	{ 0x0120, "missing attribute" },
	{ 0x0121, "missing attribute value" },
	{ 0x0122, "SOP class not supported" },
	{ 0x0123, "no such action type" },
	{ 0x0124, "not authorized" },
	{ 0x0210, "duplicate invocation" },
	{ 0x0211, "unrecognized operation" },
	{ 0x0212, "mistyped argument" },
	{ 0x0213, "resource limitation" },
	{ 0xa701, "out of resources: number of matches" },
	{ 0xa702, "out of resources: sub-operations" },
	{ 0xa801, "move destination unknown" },
	{ 0xb000, "warning: coercion or failed sub-operations" },
	{ 0xb006, "warning: elements discarded" },
	{ 0xb007, "warning: data set does not match SOP class" },
};

#define N_ROWS(rows) (sizeof(rows) / sizeof((rows)[0]))

static const char *text_of(const struct code *rows, size_t n, uint16_t code)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (rows[i].code == code)
			return rows[i].text;
	return NULL;
}

static void build_hex(struct wt_builder *b, uint16_t code)
{
	static const char digits[] = "0123456789ABCDEF";
	unsigned shift;

	wt_bld_text(b, "0x");
	for (shift = 16; shift; shift -= 4)
		wt_bld_char(b, digits[code >> (shift - 4) & 15]);
}

static void put_command(struct dicom_dir *d, struct wt_out *out)
{
	uint16_t code = d->message.command;
	const char *name = text_of(commands, N_ROWS(commands), code & 0x7fff);
	uint8_t room[32];
	struct wt_builder b = wt_builder_of(room, sizeof(room));

	if (!d->message.has_command)
		return;
	if (name) {
		wt_bld_text(&b, name);
		wt_bld_text(&b, code & 0x8000 ? "-RSP" : "-RQ");
	} else {
		build_hex(&b, code);
	}
	put_COMMAND(out, d->event, wt_bld_slice(&b));
}

static void put_status(struct dicom_dir *d, uint16_t status, struct wt_out *out)
{
	const char *name = text_of(statuses, N_ROWS(statuses), status);
	uint8_t room[64];
	struct wt_builder b = wt_builder_of(room, sizeof(room));

	put_STATUS(out, d->event, status);
	if (status == 0x0000) {
		wt_bld_text(&b, "success");
	} else if (status == 0xff00 || status == 0xff01) {
		wt_bld_text(&b, "pending");
	} else if (status == 0xfe00) {
		wt_bld_text(&b, "cancelled");
	} else {
		if (!name && status >> 8 == 0xa7)
			name = "out of resources";
		if (!name && status >> 8 == 0xa9)
			name = "data set does not match SOP class";
		if (!name && status >> 12 == 0xc)
			name = "cannot process";
		if (!name && status >> 12 == 0xb)
			name = "warning";
		build_hex(&b, status);
		if (name) {
			wt_bld_char(&b, ' ');
			wt_bld_text(&b, name);
		}
	}
	put_STATUS_TEXT(out, d->event, wt_bld_slice(&b));
}

static void put_sop_class(struct dicom_dir *d, struct wt_slice uid, struct wt_out *out)
{
	if (d->message.has_sop_class || !uid.len)
		return;
	d->message.has_sop_class = true;
	put_SOP_CLASS(out, d->event, uid);
	put_SOP_CLASS_NAME(out, d->event, dicom_sop_name(uid));
}

/* Elements whose value is text. */
static void text_element(struct dicom_dir *d, uint32_t tag, struct wt_slice value,
			 struct wt_out *out)
{
	switch (tag) {
	case DICOM_TAG(0, 0x0002): /* affected, requested SOP class */
	case DICOM_TAG(0, 0x0003):
		put_sop_class(d, dicom_uid_of(d, out, value), out);
		break;
	case DICOM_TAG(0, 0x0600):
		put_MOVE_DESTINATION(out, d->event, dicom_title_of(d, out, value));
		break;
	case DICOM_TAG(0, 0x0902):
		put_ERROR_COMMENT(out, d->event, dicom_trim_end(value));
		break;
	case DICOM_TAG(0, 0x1000): /* affected, requested SOP instance */
	case DICOM_TAG(0, 0x1001):
		put_SOP_INSTANCE(out, d->event, dicom_uid_of(d, out, value));
		break;
	case DICOM_TAG(0, 0x1030):
		put_MOVE_ORIGINATOR_AE(out, d->event, dicom_title_of(d, out, value));
		break;
	default:
		break;
	}
}

/* Elements of VR US. False for all others. */
static bool number_element(struct dicom_dir *d, uint32_t tag, uint16_t number,
			   struct wt_out *out)
{
	struct dicom_message *m = &d->message;

	switch (tag) {
	case DICOM_TAG(0, 0x0100):
		m->command = number;
		m->has_command = true;
		return true;
	case DICOM_TAG(0, 0x0110):
		put_MESSAGE_ID(out, d->event, number);
		return true;
	case DICOM_TAG(0, 0x0120):
		put_RESPONDED_TO(out, d->event, number);
		return true;
	case DICOM_TAG(0, 0x0700):
		put_PRIORITY(out, d->event, number);
		return true;
	case DICOM_TAG(0, 0x0800):
		m->has_dataset = number != NO_DATASET;
		return true;
	case DICOM_TAG(0, 0x0900):
		put_status(d, number, out);
		return true;
	case DICOM_TAG(0, 0x1002):
		put_EVENT_TYPE_ID(out, d->event, number);
		return true;
	case DICOM_TAG(0, 0x1008):
		put_ACTION_TYPE_ID(out, d->event, number);
		return true;
	case DICOM_TAG(0, 0x1020):
		put_REMAINING(out, d->event, number);
		return true;
	case DICOM_TAG(0, 0x1021):
		put_COMPLETED(out, d->event, number);
		return true;
	case DICOM_TAG(0, 0x1022):
		put_FAILED(out, d->event, number);
		return true;
	case DICOM_TAG(0, 0x1023):
		put_WARNING(out, d->event, number);
		return true;
	case DICOM_TAG(0, 0x1031):
		put_MOVE_ORIGINATOR_ID(out, d->event, number);
		return true;
	default:
		return false;
	}
}

static void command_element(struct dicom_dir *d, struct wt_out *out)
{
	struct dicom_walk *w = &d->walk;
	struct wt_slice value = wt_slice_of(w->value, w->value_len);
	struct wt_reader r = wt_reader_of(value, WT_MALFORMED);
	uint16_t number = wt_rd_u16le(&r);

	if (w->length == 2 && number_element(d, w->tag, number, out))
		return;
	text_element(d, w->tag, value, out);
}

static void walk_command(struct dicom_dir *d, struct wt_reader *r, struct wt_out *out)
{
	struct dicom_walk *w = &d->walk;

	for (;;) {
		switch (dicom_walk_next(w, r)) {
		case DICOM_STEP_ELEMENT:
			if (w->length == DICOM_UNDEFINED)
				dicom_walk_stop(w, DICOM_STOP_LENGTH);
			else if (w->n_elements > DICOM_COMMAND_ELEMENTS_MAX ||
				 (uint64_t)w->offset + w->length > DICOM_COMMAND_MAX)
				dicom_walk_stop(w, DICOM_STOP_SIZE);
			w->is_kept = true;
			break;
		case DICOM_STEP_VALUE:
			command_element(d, out);
			break;
		case DICOM_STEP_MORE:
		case DICOM_STEP_STOPPED:
			return;
		}
	}
}

static void message_begin(struct dicom_state *s, struct dicom_dir *d, struct wt_out *out)
{
	d->message = (struct dicom_message){ .context_id = d->pdv_id, .n_pdvs = 1 };
	dicom_event_begin(s, d, out, DICOM_P_DATA);
	d->is_message = true;
	put_CONTEXT_ID(out, d->event, d->pdv_id);
	dicom_walk_begin(&d->walk, DICOM_ENC_IMPLICIT_LITTLE, 0);
}

void dicom_message_totals(struct dicom_dir *d, struct wt_out *out)
{
	if (!d->message.is_in_dataset)
		put_command(d, out);
	else if (d->message.has_dataset)
		put_DATASET_BYTES(out, d->event, d->message.dataset_bytes);
	put_PDV_COUNT(out, d->event, d->message.n_pdvs);
}

/* The SOP class behind the context, for commands that do not name it (C-CANCEL). */
static void fall_back_on_context(const struct dicom_state *s, struct dicom_dir *d,
				 struct wt_out *out)
{
	uint16_t sop = s->context[d->message.context_id / 2].sop;
	uint8_t room[DICOM_UID_MAX];

	if (sop && d->message.context_id % 2)
		put_sop_class(d, dicom_uid_full(&dicom_sop_rows[sop - 1], room), out);
}

static void command_end(struct dicom_state *s, struct dicom_dir *d, struct wt_out *out)
{
	struct dicom_message *m = &d->message;
	struct wt_reader none = wt_reader_of(wt_slice_of(NULL, 0), WT_MORE);

	walk_command(d, &none, out);
	if (d->walk.stop == DICOM_STOP_DONE)
		d->walk.stop = DICOM_STOP_GROUP;
	if (d->walk.stop)
		put_DEFECT(out, d->event, dicom_stop_text((enum dicom_stop)d->walk.stop));
	else if (!dicom_walk_is_whole(&d->walk))
		put_DEFECT(out, d->event, WT_LIT("command_cut"));
	if (!m->has_command)
		put_DEFECT(out, d->event, WT_LIT("no_command"));
	put_command(d, out);
	put_DATASET(out, d->event, m->has_dataset);
	fall_back_on_context(s, d, out);
	m->is_in_dataset = true;
	if (m->has_dataset)
		return;
	dicom_message_totals(d, out);
	dicom_event_end(d);
}

static void dataset_end(struct dicom_dir *d, struct wt_out *out)
{
	if (d->message.is_walking)
		dicom_attr_end(d, out);
	dicom_message_totals(d, out);
	dicom_event_end(d);
}

/* The last of data whose command was not seen. */
static void orphan_end(struct dicom_state *s, struct dicom_dir *d, struct wt_out *out)
{
	dicom_event_begin(s, d, out, DICOM_P_DATA);
	put_CONTEXT_ID(out, d->event, d->pdv_id);
	put_DATASET_BYTES(out, d->event, d->orphan_bytes);
	put_PDV_COUNT(out, d->event, d->n_orphans);
	put_IS_INCOMPLETE(out, d->event, true);
	dicom_event_end(d);
	d->orphan_bytes = 0;
	d->n_orphans = 0;
}

static bool is_command(const struct dicom_dir *d)
{
	return d->pdv_bits & 1;
}

static void pdv_end(struct dicom_state *s, struct dicom_dir *d, struct wt_out *out)
{
	d->phase = d->pdu_left ? DICOM_AT_PDV : DICOM_AT_HEAD;
	if (!(d->pdv_bits & 2))
		return;
	if (is_command(d)) {
		if (d->is_open)
			command_end(s, d, out);
	} else if (d->is_open) {
		dataset_end(d, out);
	} else {
		orphan_end(s, d, out);
	}
}

/* Is the context one that may carry data? Told once per association. */
static void check_context(const struct dicom_state *s, struct dicom_dir *d, struct wt_out *out)
{
	if (d->pdv_id % 2 == 0)
		dicom_say_once(d, out, DICOM_SAID_EVEN_ID, "even_context_id");
	else if (s->has_answers && !(s->context[d->pdv_id / 2].flags & DICOM_CONTEXT_ACCEPTED))
		dicom_say_once(d, out, DICOM_SAID_UNACCEPTED, "unaccepted_context");
	if (d->pdv_bits & ~3u)
		dicom_say_once(d, out, DICOM_SAID_BITS, "pdv_header_bits");
	if (d->is_open && d->pdv_id != d->message.context_id)
		dicom_say_once(d, out, DICOM_SAID_SWITCH, "context_switched");
}

enum wt_verdict dicom_pdv_head(struct dicom_state *s, enum wt_direction dir,
			       struct wt_reader *r, struct wt_out *out)
{
	struct dicom_dir *d = &s->dir[dir];
	struct wt_reader start = *r;
	uint32_t len = wt_rd_u32be(r);
	uint8_t id = wt_rd_u8(r), bits = wt_rd_u8(r);

	if (d->pdu_left < PDV_HEAD_LEN)
		return dicom_broken(d, r, start, out, "malformed_length");
	if (r->err != WT_OK)
		return r->err;
	if (len < 2 || len > d->pdu_left - 4)
		return dicom_broken(d, r, start, out, "malformed_length");
	d->pdu_left -= 4 + len;
	d->pdv_left = len - 2;
	d->pdv_id = id;
	d->pdv_bits = bits;
	check_context(s, d, out);
	if (is_command(d) != !(d->is_open && d->message.is_in_dataset))
		/* a command within a data set, or data within a command */
		dicom_event_cut(d, out);
	if (d->is_open)
		d->message.n_pdvs++;
	if (!is_command(d) && d->is_open) {
		d->message.dataset_bytes += d->pdv_left;
	} else if (!is_command(d)) {
		d->orphan_bytes += d->pdv_left;
		d->n_orphans++;
	} else {
		d->orphan_bytes = 0;
		d->n_orphans = 0;
	}
	d->phase = DICOM_AT_FRAGMENT;
	if (d->pdv_left == 0)
		pdv_end(s, d, out);
	return WT_OK;
}

/* Passes over the next bytes of the fragment. */
static void pass(struct dicom_dir *d, uint64_t len, struct wt_out *out)
{
	if (len > d->pdv_left)
		len = d->pdv_left;
	if (len)
		wt_out_skip(out, len);
	if (len && !is_command(d) && d->is_open) {
		if (d->message.has_passed)
			wt_out_skip_goes_on(out);
		d->message.has_passed = true;
	}
	d->pdv_left -= (uint32_t)len;
}

/* Bytes of a command, or of a data set that is walked. */
static void walk(struct dicom_state *s, struct dicom_dir *d, struct wt_reader *part,
		 struct wt_out *out)
{
	if (is_command(d) && !d->is_open)
		message_begin(s, d, out);
	if (is_command(d)) {
		walk_command(d, part, out);
		return;
	}
	if (!d->message.is_walking)
		dicom_attr_begin(s, d, out);
	dicom_attr_bytes(d, part, out);
}

enum wt_verdict dicom_pdv_bytes(struct dicom_state *s, enum wt_direction dir,
				struct wt_reader *r, struct wt_out *out)
{
	struct dicom_dir *d = &s->dir[dir];
	struct wt_slice bytes = wt_slice_head(wt_rd_peek(r), d->pdv_left);
	struct wt_reader part = wt_reader_of(bytes, WT_MORE);
	uint64_t idle = UINT64_MAX;

	if (is_command(d) || d->is_open) {
		walk(s, d, &part, out);
		wt_rd_skip(r, bytes.len - wt_rd_left(&part));
		d->pdv_left -= (uint32_t)(bytes.len - wt_rd_left(&part));
		idle = dicom_walk_idle(&d->walk);
		idle = idle < d->pdv_left ? idle : d->pdv_left;
		if (idle)
			dicom_walk_passed(&d->walk, idle);
	}
	pass(d, idle, out);
	if (d->pdv_left == 0)
		pdv_end(s, d, out);
	return WT_OK;
}
