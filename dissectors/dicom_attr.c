/* DICOM data sets: the attributes that name equipment, mark a query, or belong to a
 * patient. All else is walked over.
 *
 * Equipment facts are taken from what a modality or archive creates or changes
 * (C-STORE, N-CREATE, N-SET requests): they describe the equipment that made the
 * object. A sender that merely forwards says so by dicom.move_originator_ae.
 * Source: DICOM PS3.3 (2024) C.7; PS3.4 C.2.2.2, K.6.1; PS3.5 7.
 * Trust: all of it is hostile. Memory: the direction's walk. */
#include "dicom_state.h"

#define TAG_UDI_SEQUENCE DICOM_TAG(0x0018, 0x100a)
#define TAG_STEP_SEQUENCE DICOM_TAG(0x0040, 0x0100)
#define TAG_DOCUMENT DICOM_TAG(0x0042, 0x0011)
#define PROGRAM_MIN 64u /* an ELF header; shorter values hold no program */

enum attr {
	ATTR_NONE,
	ATTR_DATE,
	ATTR_UID,
	ATTR_ACCESSION,
	ATTR_QUERY_LEVEL,
	ATTR_MODALITY,
	ATTR_VENDOR,
	ATTR_INSTITUTION,
	ATTR_STATION,
	ATTR_DEPARTMENT,
	ATTR_MODEL,
	ATTR_PATIENT_NAME,
	ATTR_PATIENT_ID,
	ATTR_BIRTH_DATE,
	ATTR_SERIAL,
	ATTR_DEVICE_UID,
	ATTR_UDI,
	ATTR_SOFTWARE,
	ATTR_CALIBRATION,
	ATTR_STUDY_UID,
	ATTR_SERIES_UID,
	ATTR_PERFORMED_AE,
	ATTR_SCHEDULED_AE,
	ATTR_TRANSACTION,
};

static enum attr attr_of_top(uint32_t tag)
{
	switch (tag) {
	case DICOM_TAG(0x0008, 0x0018):
		return ATTR_UID;
	case DICOM_TAG(0x0008, 0x0020):
		return ATTR_DATE;
	case DICOM_TAG(0x0008, 0x0050):
		return ATTR_ACCESSION;
	case DICOM_TAG(0x0008, 0x0052):
		return ATTR_QUERY_LEVEL;
	case DICOM_TAG(0x0008, 0x0060):
		return ATTR_MODALITY;
	case DICOM_TAG(0x0008, 0x0070):
		return ATTR_VENDOR;
	case DICOM_TAG(0x0008, 0x0080):
		return ATTR_INSTITUTION;
	case DICOM_TAG(0x0008, 0x1010):
		return ATTR_STATION;
	case DICOM_TAG(0x0008, 0x1040):
		return ATTR_DEPARTMENT;
	case DICOM_TAG(0x0008, 0x1090):
		return ATTR_MODEL;
	case DICOM_TAG(0x0008, 0x1195):
		return ATTR_TRANSACTION;
	case DICOM_TAG(0x0010, 0x0010):
		return ATTR_PATIENT_NAME;
	case DICOM_TAG(0x0010, 0x0020):
		return ATTR_PATIENT_ID;
	case DICOM_TAG(0x0010, 0x0030):
		return ATTR_BIRTH_DATE;
	case DICOM_TAG(0x0018, 0x1000):
		return ATTR_SERIAL;
	case DICOM_TAG(0x0018, 0x1002):
		return ATTR_DEVICE_UID;
	case DICOM_TAG(0x0018, 0x1009):
		return ATTR_UDI;
	case DICOM_TAG(0x0018, 0x1020):
		return ATTR_SOFTWARE;
	case DICOM_TAG(0x0018, 0x1200):
		return ATTR_CALIBRATION;
	case DICOM_TAG(0x0020, 0x000d):
		return ATTR_STUDY_UID;
	case DICOM_TAG(0x0020, 0x000e):
		return ATTR_SERIES_UID;
	case DICOM_TAG(0x0040, 0x0241):
		return ATTR_PERFORMED_AE;
	default:
		return ATTR_NONE;
	}
}

static enum attr attr_of(const struct dicom_walk *w)
{
	if (w->depth == 0)
		return attr_of_top(w->tag);
	if (w->depth != 1)
		return ATTR_NONE;
	if (dicom_walk_parent(w) == TAG_UDI_SEQUENCE && w->tag == DICOM_TAG(0x0018, 0x1009))
		return ATTR_UDI;
	if (dicom_walk_parent(w) != TAG_STEP_SEQUENCE)
		return ATTR_NONE;
	switch (w->tag) {
	case DICOM_TAG(0x0008, 0x0060):
		return ATTR_MODALITY;
	case DICOM_TAG(0x0040, 0x0001):
		return ATTR_SCHEDULED_AE;
	case DICOM_TAG(0x0040, 0x0002):
		return ATTR_DATE;
	default:
		return ATTR_NONE;
	}
}

/* Could the value be a program? Documents, private and binary values are looked at. */
static bool may_be_program(const struct dicom_walk *w)
{
	if (w->tag == TAG_DOCUMENT)
		return true;
	if (w->length < PROGRAM_MIN || w->length == DICOM_UNDEFINED)
		return false;
	return (w->tag >> 16) % 2 || w->vr == DICOM_VR('O', 'B') || w->vr == DICOM_VR('U', 'N');
}

static bool is_equipment_told(const struct dicom_message *m)
{
	return m->command == DICOM_C_STORE_RQ || m->command == DICOM_N_CREATE_RQ ||
	       m->command == DICOM_N_SET_RQ;
}

static bool is_query(const struct dicom_message *m)
{
	return m->command == DICOM_C_FIND_RQ || m->command == DICOM_C_MOVE_RQ ||
	       m->command == DICOM_C_GET_RQ;
}

/* PS3.4 C.2.2.2: an empty key and one of '*' match everything. */
static bool is_narrow(struct wt_slice value)
{
	size_t i;

	for (i = 0; i < value.len; i++)
		if (value.ptr[i] != '*' && value.ptr[i] != '?' && value.ptr[i] != ' ')
			return true;
	return false;
}

/* First of the values that backslashes separate. */
static struct wt_slice first_value(struct wt_slice value)
{
	return wt_slice_trim(wt_slice_head(value, wt_slice_find(value, '\\')), ' ');
}

static void put_software(struct dicom_dir *d, struct wt_slice value, struct wt_out *out)
{
	unsigned n;

	for (n = 0; n < 4 && value.len; n++) {
		size_t at = wt_slice_find(value, '\\');

		wt_put_DEVICE_SOFTWARE(out, d->event,
				       wt_slice_trim(wt_slice_head(value, at), ' '));
		value = wt_slice_tail(value, at + 1);
	}
}

/* A UDI in its human-readable form: issuer and device identifier. 21 CFR 830; forms
 * as in IHE PCD TF-2 B.10.2. */
static void put_udi(struct dicom_dir *d, struct wt_slice udi, struct wt_out *out)
{
	const struct wt_slice gs1 = WT_LIT("(01)");

	if (wt_slice_starts(udi, gs1)) {
		wt_put_DEVICE_UDI_ISSUER(out, d->event, WT_LIT("GS1"));
		wt_put_DEVICE_UDI_DI(out, d->event,
				     wt_slice_head(wt_slice_tail(udi, gs1.len), 14));
	} else if (wt_slice_starts(udi, WT_LIT("+"))) {
		wt_put_DEVICE_UDI_ISSUER(out, d->event, WT_LIT("HIBCC"));
		wt_put_DEVICE_UDI_DI(out, d->event,
				     wt_slice_head(udi, wt_slice_find(udi, '/')));
	} else if (wt_slice_starts(udi, WT_LIT("=")) || wt_slice_starts(udi, WT_LIT("&"))) {
		wt_put_DEVICE_UDI_ISSUER(out, d->event, WT_LIT("ICCBBA"));
	}
}

static void put_equipment(struct dicom_dir *d, enum attr attr, struct wt_slice value,
			  struct wt_out *out)
{
	unsigned event = d->event;

	switch (attr) {
	case ATTR_VENDOR:
		wt_put_DEVICE_VENDOR(out, event, value);
		break;
	case ATTR_INSTITUTION:
		put_INSTITUTION(out, event, value);
		break;
	case ATTR_STATION:
		wt_put_DEVICE_STATION(out, event, value);
		break;
	case ATTR_DEPARTMENT:
		wt_put_DEVICE_DEPARTMENT(out, event, value);
		break;
	case ATTR_MODEL:
		wt_put_DEVICE_MODEL(out, event, value);
		break;
	case ATTR_SERIAL:
		wt_put_DEVICE_SERIAL(out, event, value);
		break;
	case ATTR_DEVICE_UID:
		put_DEVICE_UID(out, event, dicom_uid_of(d, out, value));
		break;
	case ATTR_UDI:
		put_udi(d, value, out);
		break;
	case ATTR_SOFTWARE:
		put_software(d, value, out);
		break;
	case ATTR_CALIBRATION:
		put_CALIBRATION_DATE(out, event, first_value(value));
		break;
	case ATTR_PERFORMED_AE:
		put_PERFORMED_AE(out, event, dicom_title_of(d, out, first_value(value)));
		break;
	default:
		break;
	}
}

/* Receivers name files after these UIDs (CVE-2022-2119). A backslash separates values
 * in a query and is suspicious in an object. */
static void check_uid(struct dicom_dir *d, struct wt_slice uid, struct wt_out *out)
{
	if (dicom_has_traversal(is_equipment_told(&d->message) ? uid : first_value(uid)))
		put_HAS_PATH_TRAVERSAL(out, d->event, true);
}

static void put_patient(struct dicom_dir *d, enum attr attr, struct wt_slice value,
			struct wt_out *out)
{
	unsigned event = d->event;

	if (attr == ATTR_UID || attr == ATTR_STUDY_UID || attr == ATTR_SERIES_UID)
		check_uid(d, value, out);
	switch (attr) {
	case ATTR_PATIENT_NAME:
		put_PATIENT_NAME(out, event, value);
		break;
	case ATTR_PATIENT_ID:
		put_PATIENT_ID(out, event, value);
		break;
	case ATTR_BIRTH_DATE:
		put_BIRTH_DATE(out, event, value);
		break;
	case ATTR_ACCESSION:
		put_ACCESSION(out, event, value);
		break;
	case ATTR_STUDY_UID:
		put_STUDY_UID(out, event, first_value(value));
		break;
	case ATTR_SERIES_UID:
		put_SERIES_UID(out, event, first_value(value));
		break;
	case ATTR_TRANSACTION:
		put_TRANSACTION_UID(out, event, first_value(value));
		break;
	default:
		break;
	}
}

static void note_key(struct dicom_message *m, enum attr attr, struct wt_slice value)
{
	if (!is_narrow(value))
		return;
	switch (attr) {
	case ATTR_DATE:
		m->keys |= DICOM_KEY_DATE;
		break;
	case ATTR_PATIENT_NAME:
	case ATTR_PATIENT_ID:
	case ATTR_ACCESSION:
	case ATTR_UID:
	case ATTR_STUDY_UID:
	case ATTR_SERIES_UID:
	case ATTR_SCHEDULED_AE:
		m->keys |= DICOM_KEY_NARROW;
		break;
	default:
		break;
	}
}

/* What kind of program begins like this; empty for none. A PE file is known by its
 * DOS header and where that says the PE header is, so that two letters in pixels do
 * not count. */
static struct wt_slice program_of(struct wt_slice value)
{
	struct wt_reader r = wt_reader_of(value, WT_MALFORMED);
	uint32_t pe_at;

	if (wt_slice_starts(value, WT_LIT("\x7f"
					  "ELF")))
		return WT_LIT("elf");
	if (wt_slice_starts(value, WT_LIT("#!/")))
		return WT_LIT("script");
	if (wt_slice_starts(value, WT_LIT("PK\x03\x04")))
		return WT_LIT("zip");
	if (!wt_slice_starts(value, WT_LIT("MZ")))
		return wt_slice_of(NULL, 0);
	wt_rd_skip(&r, 0x3c);
	pe_at = wt_rd_u32le(&r);
	return r.err == WT_OK && pe_at >= 0x40 && pe_at < 0x1000 && pe_at % 8 == 0
		       ? WT_LIT("pe")
		       : wt_slice_of(NULL, 0);
}

static void take_value(struct dicom_dir *d, struct wt_out *out)
{
	struct dicom_walk *w = &d->walk;
	struct wt_slice raw = wt_slice_of(w->value, w->value_len);
	struct wt_slice value = wt_slice_trim(dicom_trim_end(raw), ' ');
	enum attr attr = attr_of(w);

	if (attr == ATTR_NONE) {
		put_EXECUTABLE(out, d->event, program_of(raw));
		return;
	}
	if (is_query(&d->message))
		note_key(&d->message, attr, value);
	if (attr == ATTR_MODALITY)
		put_MODALITY(out, d->event, first_value(value));
	else if (attr == ATTR_QUERY_LEVEL)
		put_QUERY_LEVEL(out, d->event, value);
	else if (attr == ATTR_SCHEDULED_AE)
		put_SCHEDULED_AE(out, d->event, dicom_title_of(d, out, first_value(value)));
	else if (is_equipment_told(&d->message))
		put_equipment(d, attr, value, out);
	put_patient(d, attr, value, out);
}

void dicom_attr_begin(struct dicom_state *s, struct dicom_dir *d, struct wt_out *out)
{
	uint8_t transfer =
		d->message.context_id % 2 ? s->context[d->message.context_id / 2].transfer : 0;
	enum dicom_encoding encoding = DICOM_ENC_UNKNOWN;
	uint8_t room[DICOM_UID_MAX];

	if (transfer) {
		const struct dicom_uid_row *row = &dicom_transfer_rows[transfer - 1];

		encoding = (enum dicom_encoding)row->encoding;
		put_TRANSFER_SYNTAX(out, d->event, dicom_uid_full(row, room));
	}
	d->message.is_walking = true;
	dicom_walk_begin(&d->walk, encoding, DICOM_LAST_GROUP);
}

void dicom_attr_bytes(struct dicom_dir *d, struct wt_reader *r, struct wt_out *out)
{
	struct dicom_walk *w = &d->walk;

	for (;;) {
		switch (dicom_walk_next(w, r)) {
		case DICOM_STEP_ELEMENT:
			w->is_kept = attr_of(w) != ATTR_NONE || may_be_program(w);
			w->is_entered =
				w->depth == 0 &&
				(w->tag == TAG_UDI_SEQUENCE || w->tag == TAG_STEP_SEQUENCE) &&
				(w->vr == 0 || w->vr == DICOM_VR('S', 'Q'));
			break;
		case DICOM_STEP_VALUE:
			take_value(d, out);
			break;
		case DICOM_STEP_MORE:
		case DICOM_STEP_STOPPED:
			return;
		}
	}
}

void dicom_attr_end(struct dicom_dir *d, struct wt_out *out)
{
	struct wt_reader none = wt_reader_of(wt_slice_of(NULL, 0), WT_MORE);
	bool is_whole;

	dicom_attr_bytes(d, &none, out);
	is_whole = dicom_walk_is_whole(&d->walk);
	if (d->walk.stop == DICOM_STOP_NONE && !is_whole)
		put_DEFECT(out, d->event, WT_LIT("dataset_cut"));
	else
		put_DEFECT(out, d->event, dicom_stop_text((enum dicom_stop)d->walk.stop));
	if (!is_whole || !is_query(&d->message))
		return;
	put_IS_BROAD_QUERY(out, d->event, !(d->message.keys & DICOM_KEY_NARROW));
	if (d->message.keys & DICOM_KEY_DATE)
		put_HAS_QUERY_DATE(out, d->event, true);
}
