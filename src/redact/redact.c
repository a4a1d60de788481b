/* Redaction (redact.h): the privacy boundary of the engine.
 * Trust: values are hostile bytes and patient data. Memory: the caller's room, and the
 * latest pseudonyms. */
#include "redact/redact.h"
#include "base/digest.h"
#include "base/hash.h"
#include "base/values.h"
#include "wardtap/registry.h"

#include <stdlib.h>

/* What becomes of a field. */
enum fate {
	FATE_NO_FIELD, /* of no dictionary: a bug, dropped */
	FATE_PASS,
	FATE_PSEUDONYM,
	FATE_PRESENT,
	FATE_DROP,
};

#define KNOWN_SLOTS 1024u
#define KNOWN_LEN 38u /* most names and serials are shorter */

/* A pseudonym made before: devices say the same names again and again. Never leaves. */
struct known {
	uint8_t len; /* 0: none */
	uint8_t value[KNOWN_LEN];
	char text[WT_PSEUDONYM_LEN];
};

/* The fates of an owner's fields, by wt_field_index. */
struct fates {
	uint8_t *fate;
	unsigned n;
};

struct wt_redactor {
	struct wt_hmac *mac;
	struct wt_counters *counters;
	struct fates *owner;
	unsigned n_owners;
	struct known known[KNOWN_SLOTS];
};

static enum fate fate_of(const struct wt_field *row)
{
	if (!row)
		return FATE_NO_FIELD;
	switch (row->phi) {
	case WT_PHI_NONE:
	case WT_PHI_DEVICE:
		return FATE_PASS;
	case WT_PHI_QUASI:
		return FATE_PSEUDONYM;
	case WT_PHI_DIRECT:
	case WT_PHI_SECRET:
		break;
	}
	return row->declass == WT_DECLASS_PRESENT ? FATE_PRESENT : FATE_DROP;
}

static void *reserve(size_t n, size_t size)
{
	void *room = calloc(n, size);

	if (!room)
		abort();
	return room;
}

static struct fates fates_of(unsigned owner)
{
	struct fates f = { .n = WT_N_SHARED_FIELDS };
	unsigned i;

	while (wt_registry_field(owner, WT_FIELD_OWN + f.n - WT_N_SHARED_FIELDS))
		f.n++;
	f.fate = reserve(f.n, sizeof(*f.fate));
	for (i = 0; i < f.n; i++) {
		unsigned own = i < WT_N_SHARED_FIELDS ? 0 : WT_FIELD_OWN - WT_N_SHARED_FIELDS;

		f.fate[i] = (uint8_t)fate_of(wt_registry_field(owner, own + i));
	}
	return f;
}

struct wt_redactor *wt_redactor_new(struct wt_slice key, struct wt_counters *counters)
{
	struct wt_redactor *redactor = reserve(1, sizeof(*redactor));
	unsigned owner;

	redactor->n_owners = wt_registry_count() + 1;
	redactor->owner = reserve(redactor->n_owners, sizeof(*redactor->owner));
	for (owner = 0; owner < redactor->n_owners; owner++)
		redactor->owner[owner] = fates_of(owner);
	redactor->mac = wt_hmac_new(key);
	redactor->counters = counters;
	return redactor;
}

void wt_redactor_free(struct wt_redactor *redactor)
{
	unsigned owner;

	if (!redactor)
		return;
	for (owner = 0; owner < redactor->n_owners; owner++)
		free(redactor->owner[owner].fate);
	free(redactor->owner);
	wt_hmac_free(redactor->mac);
	free(redactor);
}

static bool put_pseudonym(struct wt_redactor *redactor, struct wt_builder *b, uint16_t field,
			  struct wt_slice bytes)
{
	struct known *known = &redactor->known[wt_hash(0, bytes) % KNOWN_SLOTS];
	char text[WT_PSEUDONYM_LEN];
	bool is_kept = bytes.len && bytes.len <= KNOWN_LEN;

	if (is_kept && known->len == bytes.len &&
	    memcmp(known->value, bytes.ptr, bytes.len) == 0) {
		memcpy(text, known->text, sizeof(text));
	} else {
		wt_pseudonym(redactor->mac, bytes, text);
		if (is_kept) {
			memcpy(known->value, bytes.ptr, bytes.len);
			memcpy(known->text, text, sizeof(text));
			known->len = (uint8_t)bytes.len;
		}
	}
	wt_count(redactor->counters, WT_C_REDACT_PSEUDONYMS);
	return wt_values_put(b, field, 0, WT_FORM_PSEUDONYM, wt_slice_of(text, sizeof(text)));
}

static bool put_presence(struct wt_builder *b, uint16_t field)
{
	const uint64_t yes = 1;

	return wt_values_put(b, field, 0, WT_FORM_PRESENT, wt_slice_of(&yes, sizeof(yes)));
}

/* One field of the event that does not pass. False when the record has no room. */
static bool put_field(struct wt_redactor *redactor, struct wt_builder *b, enum fate fate,
		      uint16_t field, struct wt_slice bytes)
{
	if (fate == FATE_PSEUDONYM)
		return put_pseudonym(redactor, b, field, bytes);
	wt_count(redactor->counters, WT_C_REDACT_DROPPED);
	return fate != FATE_PRESENT || put_presence(b, field);
}

/* A run of values that pass, as they lie in the event. One copy where they belong to
 * handle 0 (most events); else, and where room gets short, value by value. */
static bool put_run(struct wt_builder *b, struct wt_slice run, bool is_verbatim)
{
	struct wt_slice bytes;
	struct wt_value value;
	bool is_whole = true;

	if (is_verbatim && run.len <= b->cap - b->len) {
		wt_bld_bytes(b, run);
		return true;
	}
	while (wt_values_take(&run, &value, &bytes))
		is_whole &= wt_values_put(b, value.field, 0, WT_FORM_PLAIN, bytes);
	return is_whole;
}

/* The values of the event, redacted. False when some had no room. */
static bool put_values(struct wt_redactor *redactor, struct wt_builder *b,
		       const struct wt_event *event)
{
	unsigned owner = event->head.owner < redactor->n_owners ? event->head.owner : 0;
	const struct fates *fates = &redactor->owner[owner];
	struct wt_slice rest = event->values, bytes, run = wt_slice_of(rest.ptr, 0);
	bool is_verbatim = true, is_whole = true;
	struct wt_value value;

	while (wt_values_take(&rest, &value, &bytes)) {
		unsigned at = wt_field_index(value.field);
		enum fate fate = at < fates->n ? (enum fate)fates->fate[at] : FATE_NO_FIELD;
		bool is_ours = value.event == event->handle;

		if (is_ours && fate == FATE_PASS) {
			run.len += sizeof(value) + value.len;
			is_verbatim &= (value.event | value.form) == 0;
			continue;
		}
		if (run.len)
			is_whole &= put_run(b, run, is_verbatim);
		if (is_ours && !WT_BUG_ON(fate == FATE_NO_FIELD))
			is_whole &= put_field(redactor, b, fate, value.field, bytes);
		run = wt_slice_of(rest.ptr, 0);
		is_verbatim = true;
	}
	if (run.len)
		is_whole &= put_run(b, run, is_verbatim);
	return is_whole;
}

const struct wt_record *wt_redact(struct wt_redactor *redactor, const struct wt_event *event,
				  void *room)
{
	struct wt_record *record = room;
	struct wt_builder b = wt_builder_of(record->values, WT_EVENT_BYTES_MAX * 2u);

	record->head = event->head;
	if (!put_values(redactor, &b, event))
		record->head.is_truncated = 1;
	if (record->head.is_truncated)
		wt_count(redactor->counters, WT_C_EVENTS_TRUNCATED);
	record->values_len = (uint32_t)b.len;
	record->size = (uint32_t)((sizeof(*record) + b.len + 7) & ~(size_t)7);
	return record;
}
