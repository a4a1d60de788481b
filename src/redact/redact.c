/* Redaction (redact.h): the privacy boundary of the engine.
 * Trust: values are hostile bytes and patient data. Memory: the caller's room. */
#include "redact/redact.h"
#include "base/digest.h"
#include "base/values.h"
#include "wardtap/registry.h"

#include <stdlib.h>

struct wt_redactor {
	struct wt_hmac *mac;
	struct wt_counters *counters;
};

struct wt_redactor *wt_redactor_new(struct wt_slice key, struct wt_counters *counters)
{
	struct wt_redactor *redactor = malloc(sizeof(*redactor));

	if (!redactor)
		abort();
	redactor->mac = wt_hmac_new(key);
	redactor->counters = counters;
	return redactor;
}

void wt_redactor_free(struct wt_redactor *redactor)
{
	if (!redactor)
		return;
	wt_hmac_free(redactor->mac);
	free(redactor);
}

static bool put_pseudonym(struct wt_redactor *redactor, struct wt_builder *b, uint16_t field,
			  struct wt_slice bytes)
{
	static const char hex[] = "0123456789abcdef";
	uint8_t digest[WT_SHA256_LEN];
	char text[WT_PSEUDONYM_LEN] = "p:";
	unsigned i;

	wt_hmac(redactor->mac, bytes, digest);
	for (i = 0; i < 10; i++) {
		text[2 + 2 * i] = hex[digest[i] >> 4];
		text[3 + 2 * i] = hex[digest[i] & 15];
	}
	wt_count(redactor->counters, WT_C_REDACT_PSEUDONYMS);
	return wt_values_put(b, field, 0, WT_FORM_PSEUDONYM, wt_slice_of(text, sizeof(text)));
}

static bool put_presence(struct wt_builder *b, uint16_t field)
{
	const uint64_t yes = 1;

	return wt_values_put(b, field, 0, WT_FORM_PRESENT, wt_slice_of(&yes, sizeof(yes)));
}

/* One field of the event. False when the record has no room for it. */
static bool put_field(struct wt_redactor *redactor, struct wt_builder *b,
		      const struct wt_field *row, uint16_t field, struct wt_slice bytes)
{
	switch (row->phi) {
	case WT_PHI_NONE:
	case WT_PHI_DEVICE:
		return wt_values_put(b, field, 0, WT_FORM_PLAIN, bytes);
	case WT_PHI_QUASI:
		return put_pseudonym(redactor, b, field, bytes);
	case WT_PHI_DIRECT:
	case WT_PHI_SECRET:
		break;
	}
	wt_count(redactor->counters, WT_C_REDACT_DROPPED);
	return row->declass != WT_DECLASS_PRESENT || put_presence(b, field);
}

const struct wt_record *wt_redact(struct wt_redactor *redactor, const struct wt_event *event,
				  void *room)
{
	struct wt_record *record = room;
	struct wt_builder b = wt_builder_of(record->values, WT_EVENT_BYTES_MAX * 2u);
	struct wt_slice rest = event->values, bytes;
	struct wt_value value;

	record->head = event->head;
	while (wt_value_next(&rest, &value, &bytes)) {
		const struct wt_field *row;

		if (value.event != event->handle)
			continue;
		row = wt_registry_field(event->head.owner, value.field);
		if (WT_BUG_ON(!row))
			continue;
		if (!put_field(redactor, &b, row, value.field, bytes))
			record->head.is_truncated = 1;
	}
	if (record->head.is_truncated)
		wt_count(redactor->counters, WT_C_EVENTS_TRUNCATED);
	record->values_len = (uint32_t)b.len;
	record->size = (uint32_t)((sizeof(*record) + b.len + 7) & ~(size_t)7);
	return record;
}
