/* One HL7 v2 message: its header, acknowledgement, errors, query, and which patient
 * data is there. Values of patient segments are put as direct fields only.
 * Source: HL7 v2.6 2.14 (MSH, MSA, ERR), 3.4 (PID, PV1), 5.5.4 (QPD); IHE PCD TF-2 3.
 * Trust: every value is hostile. Memory: struct hl7_message. */
#include "hl7_parts.h"

/* IHE PCD transactions by profile, MSH-21: OID, or the name used without one. */
static const struct {
	const char *oid;
	const char *name;
	uint8_t transaction;
} profiles[] = {
	{ "1.3.6.1.4.1.19376.1.6.1.1.1", "IHE_PCD_001", 1 },
	{ "1.3.6.1.4.1.19376.1.6.1.1.1", "PCD_DEC_001", 1 },
	{ "1.3.6.1.4.1.19376.1.6.1.3.1", "IHE_PCD_003", 3 },
	{ "1.3.6.1.4.1.19376.1.6.1.3.2", "IHE_PCD_PIV_001", 3 },
	{ "1.3.6.1.4.1.19376.1.6.1.4.1", "IHE_PCD_004", 4 },
	{ "1.3.6.1.4.1.19376.1.6.4.4.1", "IHE_PCD_ACM_001", 4 },
	{ "1.3.6.1.4.1.19376.1.6.1.5.1", "IHE_PCD_005", 5 },
	{ "1.3.6.1.4.1.19376.1.6.4.10", "IHE_PCD_010", 10 },
};

/* Codes of MSH-9.1 that ask for data, HL7 table 0076. */
static const char *const queries[] = { "QBP", "QRY", "QSB", "QVR", "QCK", "QSX", "VXQ",
				       "RQQ", "SPQ", "VQQ", "EQQ", "TBR", "NMQ", "OSQ" };

static uint8_t transaction_of(struct wt_slice name, struct wt_slice oid)
{
	unsigned i;

	for (i = 0; i < sizeof(profiles) / sizeof(profiles[0]); i++)
		if (wt_hl7_is_word(oid, profiles[i].oid) ||
		    (!oid.len && wt_hl7_is_word(name, profiles[i].name)))
			return profiles[i].transaction;
	return 0;
}

static void note_segment(struct hl7_call *c, const uint8_t *name)
{
	struct hl7_message *m = c->m;
	unsigned i;

	m->n_segments++;
	for (i = 0; i < m->n_names; i++)
		if (m->name[i][0] == name[0] && m->name[i][1] == name[1] &&
		    m->name[i][2] == name[2])
			return;
	if (m->n_names == HL7_NAMES_MAX)
		return;
	for (i = 0; i < 3; i++)
		m->name[m->n_names][i] = name[i];
	m->n_names++;
	put_SEGMENTS(c->out, m->event, wt_slice_of(name, 3));
}

unsigned wt_hl7_event(struct hl7_call *c, enum hl7_event_type type)
{
	unsigned event = wt_event_begin(c->out, type);

	put_CONTROL_ID(c->out, event, wt_slice_of(c->m->control, c->m->control_len));
	return event;
}

/* --- time --- */

/* `n` digits at `at`, or -1. */
static int digits(struct wt_slice s, size_t at, size_t n)
{
	uint64_t value;

	return wt_slice_to_u64(wt_slice_head(wt_slice_tail(s, at), n), &value) &&
			       at + n <= s.len
		       ? (int)value
		       : -1;
}

/* Days since 1970-01-01 of a date of the Gregorian calendar. */
static int64_t days_of(int year, int month, int day)
{
	int y = month <= 2 ? year - 1 : year;
	int shifted = month <= 2 ? month + 9 : month - 3;

	return (int64_t)365 * y + y / 4 - y / 100 + y / 400 + (153 * shifted + 2) / 5 + day -
	       1 - 719468;
}

/* Seconds since 1970 of YYYYMMDDHHMM[SS[.S]]+ZZZZ; false without a zone. */
static bool read_time(struct wt_slice s, int64_t *seconds)
{
	int year = digits(s, 0, 4), month = digits(s, 4, 2), day = digits(s, 6, 2);
	int hour = digits(s, 8, 2), minute = digits(s, 10, 2), second = digits(s, 12, 2);
	size_t at = 0;
	int zone;

	while (at < s.len && s.ptr[at] != '+' && s.ptr[at] != '-')
		at++;
	zone = digits(s, at + 1, 4);
	if (year < 1970 || month < 1 || month > 12 || day < 1 || day > 31 || hour < 0 ||
	    hour > 23 || minute < 0 || minute > 59 || zone < 0 || at < 12)
		return false;
	zone = (zone / 100 * 60 + zone % 100) * 60;
	*seconds = days_of(year, month, day) * 86400 + hour * 3600 + minute * 60 +
		   (second < 0 ? 0 : second) - (s.ptr[at] == '-' ? -zone : zone);
	return true;
}

/* --- pairing of acknowledgements --- */

static void expect_answer(struct hl7_call *c, uint64_t hash, uint64_t now)
{
	struct hl7_pairs *pairs = &c->state->pairs[c->dir];
	unsigned i;

	for (i = 0; i < HL7_PAIRS_MAX; i++)
		if (pairs->pair[i].hash == hash && pairs->pair[i].at_ns)
			break;
	if (i == HL7_PAIRS_MAX) {
		i = pairs->next;
		pairs->next = (uint8_t)((pairs->next + 1) % HL7_PAIRS_MAX);
	}
	pairs->pair[i] = (struct hl7_pair){ .hash = hash, .at_ns = now };
}

static void pair_answer(struct hl7_call *c, struct wt_slice id)
{
	const struct hl7_pairs *pairs = &c->state->pairs[wt_opposite(c->dir)];
	uint64_t hash = wt_out_hash(c->out, id), now = wt_out_time_ns(c->out);
	unsigned i;

	for (i = 0; i < HL7_PAIRS_MAX; i++)
		if (pairs->pair[i].hash == hash && pairs->pair[i].at_ns &&
		    pairs->pair[i].at_ns <= now)
			put_ACK_TIME(c->out, c->m->event,
				     (now - pairs->pair[i].at_ns) / WT_NS_PER_MS);
}

/* --- MSH --- */

static void read_type(struct hl7_call *c, const struct hl7_segment *seg)
{
	struct wt_slice code = wt_hl7_part(seg, 9, 1), trigger = wt_hl7_part(seg, 9, 2);
	uint8_t room[32];
	struct wt_builder b = wt_builder_of(room, sizeof(room));
	unsigned i;

	wt_bld_bytes(&b, wt_slice_head(code, 15));
	if (trigger.len) {
		wt_bld_u8(&b, '^');
		wt_bld_bytes(&b, wt_slice_head(trigger, 15));
	}
	put_MESSAGE_TYPE(c->out, c->m->event, wt_bld_slice(&b));
	put_MESSAGE_STRUCTURE(c->out, c->m->event, wt_hl7_part(seg, 9, 3));
	if (wt_hl7_is_word(code, "ACK"))
		return;
	if (wt_hl7_is_word(code, "RGV") || wt_hl7_is_word(code, "RRG"))
		c->m->kind = HL7_KIND_RGV;
	else if (wt_hl7_is_word(trigger, "R40"))
		c->m->kind = HL7_KIND_ALARM;
	else if (wt_hl7_is_word(trigger, "R42"))
		c->m->kind = HL7_KIND_EVENT;
	else if (wt_hl7_is_word(trigger, "R41"))
		c->m->transaction = 5;
	for (i = 0; i < sizeof(queries) / sizeof(queries[0]); i++)
		if (wt_hl7_is_word(code, queries[i]))
			c->m->kind = HL7_KIND_QUERY;
}

static void read_profiles(struct hl7_call *c, const struct hl7_segment *seg)
{
	struct wt_slice rest = wt_hl7_column(seg, 21), repeat;
	unsigned n;

	for (n = 0; n < HL7_LIST_MAX && wt_hl7_repeat(&rest, seg->delims, &repeat); n++) {
		struct wt_slice name = wt_hl7_component(repeat, seg->delims, 1);
		struct wt_slice oid =
			wt_slice_trim(wt_hl7_component(repeat, seg->delims, 3), ' ');
		uint8_t transaction = transaction_of(wt_slice_trim(name, ' '), oid);

		put_PROFILE_ID(c->out, c->m->event, oid.len ? oid : wt_slice_trim(name, ' '));
		if (transaction)
			c->m->transaction = transaction;
	}
}

static void read_times_and_ids(struct hl7_call *c, const struct hl7_segment *seg)
{
	struct wt_slice id = wt_hl7_part(seg, 10, 1), stated = wt_hl7_part(seg, 7, 1);
	struct wt_builder b = wt_builder_of(c->m->control, sizeof(c->m->control));
	int64_t seconds;

	put_MESSAGE_TIME(c->out, c->m->event, stated);
	if (read_time(stated, &seconds))
		put_CLOCK_OFFSET(c->out, c->m->event,
				 seconds - (int64_t)(wt_out_time_ns(c->out) / WT_NS_PER_S));
	wt_bld_bytes(&b, wt_slice_head(id, sizeof(c->m->control)));
	c->m->control_len = (uint8_t)b.len;
	put_CONTROL_ID(c->out, c->m->event, id);
	if (!id.len)
		return;
	c->m->control_hash = wt_out_hash(c->out, id);
	expect_answer(c, c->m->control_hash, wt_out_time_ns(c->out));
}

static void read_sender(struct hl7_call *c, const struct hl7_segment *seg)
{
	unsigned event = c->m->event;
	struct wt_slice id = wt_hl7_part(seg, 3, 2);
	uint8_t room[16];

	put_SENDING_APP(c->out, event, wt_hl7_column(seg, 3));
	put_SENDING_FACILITY(c->out, event, wt_hl7_column(seg, 4));
	put_RECEIVING_APP(c->out, event, wt_hl7_column(seg, 5));
	put_RECEIVING_FACILITY(c->out, event, wt_hl7_column(seg, 6));
	if (wt_hl7_is_word(wt_hl7_part(seg, 3, 3), "EUI-64"))
		wt_put_DEVICE_EUI64(c->out, event, wt_hl7_eui64(id, room));
}

/* MSH-1 and MSH-2 as they stand. */
static void read_delimiters(struct hl7_call *c, struct wt_slice raw, bool is_odd)
{
	struct wt_slice codes = wt_slice_tail(raw, 4);
	size_t len = wt_slice_find(codes, c->q->delims.field);

	put_DELIMITERS(c->out, c->m->event, wt_slice_head(wt_slice_tail(raw, 3), 1 + len));
	if (is_odd) {
		c->m->flags |= HL7_IS_ODD;
		wt_out_glitch(c->out, "odd_delimiters");
	}
}

void wt_hl7_message_begin(struct hl7_call *c, const struct hl7_segment *seg,
			  struct wt_slice raw, bool is_odd)
{
	unsigned event = wt_event_begin(c->out, HL7_EVENT_MESSAGE);

	c->m->event = (uint8_t)event;
	read_type(c, seg);
	read_sender(c, seg);
	read_times_and_ids(c, seg);
	put_PROCESSING_ID(c->out, event, wt_hl7_part(seg, 11, 1));
	put_VERSION(c->out, event, wt_hl7_part(seg, 12, 1));
	put_ACCEPT_ACK(c->out, event, wt_hl7_part(seg, 15, 1));
	put_APPLICATION_ACK(c->out, event, wt_hl7_part(seg, 16, 1));
	put_CHARSET(c->out, event, wt_hl7_column(seg, 18));
	read_profiles(c, seg);
	read_delimiters(c, raw, is_odd);
	note_segment(c, seg->name);
}

/* --- other segments --- */

static void read_msa(struct hl7_call *c, const struct hl7_segment *seg)
{
	struct wt_slice id = wt_hl7_part(seg, 2, 1);

	put_ACK_CODE(c->out, c->m->event, wt_hl7_part(seg, 1, 1));
	put_ACK_FOR(c->out, c->m->event, id);
	if (id.len)
		pair_answer(c, id);
	put_ERROR_CODE(c->out, c->m->event, wt_hl7_token(wt_hl7_part(seg, 6, 1)));
}

static void read_err(struct hl7_call *c, const struct hl7_segment *seg)
{
	struct wt_slice code = wt_hl7_part(seg, 3, 1);
	uint8_t room[HL7_TEXT_MAX];

	put_ERROR_SEVERITY(c->out, c->m->event, wt_hl7_part(seg, 4, 1));
	if (!code.len) /* until 2.4 in the fourth component of ERR-1 */
		code = wt_hl7_text(wt_hl7_part(seg, 1, 4), seg->delims, false, room);
	if (c->m->n_errors++ < HL7_LIST_MAX)
		put_ERROR_CODE(c->out, c->m->event, wt_hl7_token(code));
	else
		c->m->n_errors = HL7_LIST_MAX;
}

static void read_query(struct hl7_call *c, const struct hl7_segment *seg)
{
	bool is_old = seg->name[1] == 'R';
	struct wt_slice name = wt_hl7_part(seg, is_old ? 9 : 1, 2);

	if (!name.len)
		name = wt_hl7_part(seg, is_old ? 9 : 1, 1);
	put_QUERY_NAME(c->out, c->m->event, name);
	put_QUERY_SUBJECT(c->out, c->m->event, wt_hl7_column(seg, is_old ? 8 : 3));
}

static void read_patient(struct hl7_call *c, const struct hl7_segment *seg)
{
	put_PATIENT_ID(c->out, c->m->event, wt_hl7_column(seg, 3));
	put_PATIENT_NAME(c->out, c->m->event, wt_hl7_column(seg, 5));
	put_BIRTH_DATE(c->out, c->m->event, wt_hl7_part(seg, 7, 1));
}

static void read_order_numbers(struct hl7_call *c, const struct hl7_segment *seg)
{
	put_ORDER_NUMBER(c->out, c->m->event, wt_hl7_column(seg, 2));
	put_ORDER_NUMBER(c->out, c->m->event, wt_hl7_column(seg, 3));
}

#define NAME(a, b, c) ((uint32_t)(a) << 16 | (uint32_t)(b) << 8 | (uint32_t)(c))

static void read_segment(struct hl7_call *c, const struct hl7_segment *seg)
{
	switch (NAME(seg->name[0], seg->name[1], seg->name[2])) {
	case NAME('M', 'S', 'A'):
		read_msa(c, seg);
		break;
	case NAME('E', 'R', 'R'):
		read_err(c, seg);
		break;
	case NAME('Q', 'P', 'D'):
	case NAME('Q', 'R', 'D'):
		read_query(c, seg);
		break;
	case NAME('P', 'I', 'D'):
		read_patient(c, seg);
		break;
	case NAME('P', 'V', '1'):
		put_PATIENT_LOCATION(c->out, c->m->event, wt_hl7_column(seg, 3));
		break;
	case NAME('O', 'B', 'R'):
		read_order_numbers(c, seg);
		c->m->alarm = 0; /* each alarm has its own OBR */
		break;
	case NAME('O', 'B', 'X'):
		wt_hl7_observation(c, seg);
		break;
	case NAME('S', 'F', 'T'):
		wt_hl7_software(c, seg);
		break;
	case NAME('P', 'R', 'T'):
		wt_hl7_participation(c, seg);
		break;
	case NAME('E', 'Q', 'U'):
		wt_hl7_equipment(c, seg);
		break;
	case NAME('O', 'R', 'C'):
		read_order_numbers(c, seg);
		wt_hl7_order(c, seg);
		break;
	case NAME('R', 'X', 'G'):
	case NAME('R', 'X', 'R'):
	case NAME('T', 'Q', '1'):
		wt_hl7_order(c, seg);
		break;
	default:
		break;
	}
}

void wt_hl7_message_segment(struct hl7_call *c, const struct hl7_segment *seg)
{
	if (seg->first == 1) {
		note_segment(c, seg->name);
		if (seg->name[0] == 'O' && seg->name[1] == 'B' && seg->name[2] == 'X')
			c->m->n_obx++;
	}
	if (seg->is_over)
		c->m->flags |= HL7_IS_OVER_CAP;
	read_segment(c, seg);
}

/* --- end --- */

static void put_transaction(struct hl7_call *c)
{
	uint8_t room[8];
	struct wt_builder b = wt_builder_of(room, sizeof(room));
	const struct hl7_message *m = c->m;
	unsigned number = m->transaction;

	if (m->kind == HL7_KIND_QUERY) {
		put_TRANSACTION(c->out, m->event, WT_LIT("QRY"));
		return;
	}
	if (!number && m->kind == HL7_KIND_ALARM)
		number = 4;
	if (!number && m->kind == HL7_KIND_EVENT)
		number = 10;
	if (!number && m->kind == HL7_KIND_RGV && (m->flags & HL7_HAS_PUMP))
		number = 3;
	if (!number && m->kind == HL7_KIND_OTHER && (m->flags & HL7_HAS_MDC_DEVICE))
		number = 1;
	if (!number)
		return;
	wt_bld_text(&b, number < 10 ? "PCD-0" : "PCD-");
	wt_bld_u64(&b, number);
	put_TRANSACTION(c->out, m->event, wt_bld_slice(&b));
}

static void put_flags(struct hl7_call *c)
{
	unsigned event = c->m->event, flags = c->m->flags;

	if (c->q->batch.is_open || c->q->file.is_open)
		put_IS_BATCH(c->out, event, true);
	if (flags & HL7_IS_OVER_CAP)
		put_IS_OVER_CAP(c->out, event, true);
	if (flags & HL7_IS_MISSING_CR)
		put_HAS_MISSING_CR(c->out, event, true);
	if (flags & HL7_IS_NESTED)
		put_HAS_NESTED_SB(c->out, event, true);
	if (flags & HL7_IS_LF)
		put_HAS_LF(c->out, event, true);
	if (flags & HL7_IS_LONG)
		put_HAS_LONG_FIELD(c->out, event, true);
	if (flags & HL7_IS_ODD)
		put_HAS_ODD_DELIMITERS(c->out, event, true);
	if (flags & HL7_IS_BAD_SEGMENT)
		put_HAS_BAD_SEGMENT(c->out, event, true);
}

void wt_hl7_message_end(struct hl7_call *c, uint64_t len, bool is_truncated)
{
	static const char *const framing[] = { "none", "mllp1", "hllp" };
	const char *frame = framing[c->q->frame];
	struct hl7_pairs *pairs = &c->state->pairs[c->dir];
	unsigned event = c->m->event;

	put_transaction(c);
	put_FRAMING(c->out, event, wt_slice_of(frame, wt_hl7_literal_len(frame)));
	if (!is_truncated)
		put_MESSAGE_BYTES(c->out, event, len);
	put_SEGMENT_COUNT(c->out, event, c->m->n_segments);
	if (c->m->n_obx)
		put_OBSERVATION_COUNT(c->out, event, c->m->n_obx);
	put_flags(c);
	if (is_truncated)
		put_IS_TRUNCATED(c->out, event, true);
	pairs->last_ns = wt_out_time_ns(c->out);
	if (c->m->control_len)
		expect_answer(c, c->m->control_hash, pairs->last_ns);
}
