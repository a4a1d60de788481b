/* Alerts about the journal itself (own.h): loss is never silent.
 * Trust: numbers are ours. Memory: on the stack. */
#include "journal/own.h"
#include "base/digest.h"
#include "wardtap/crypto.h"

#define GID 10u /* group of what the sensor says of itself */

static void make_id(const struct wt_own_alert *own, uint8_t id[WT_ALERT_ID_LEN])
{
	uint64_t words[4] = { own->kind, own->seq, own->to_ns, own->n };
	uint8_t digest[WT_SHA256_LEN];
	struct wt_sha256 *sha = wt_sha256_new();

	wt_sha256_add(sha, WT_LIT("wardtap own 1"));
	wt_sha256_add(sha, wt_slice_of(own->sensor, strlen(own->sensor)));
	wt_sha256_add(sha, wt_slice_of(words, sizeof(words)));
	if (own->sink)
		wt_sha256_add(sha, wt_slice_of(own->sink, strlen(own->sink)));
	wt_sha256_end(sha, digest);
	memcpy(id, digest, WT_ALERT_ID_LEN);
}

static void put_number(struct wt_builder *b, const char *name, uint64_t number)
{
	struct wt_alert_field field = { .name = wt_slice_of(name, strlen(name)),
					.type = WT_TYPE_U64,
					.number = number };

	(void)WT_BUG_ON(!wt_alert_put_field(b, &field));
}

static void put_text(struct wt_builder *b, const char *name, const char *text)
{
	struct wt_alert_field field = { .name = wt_slice_of(name, strlen(name)),
					.type = WT_TYPE_STR,
					.bytes = wt_slice_of(text, strlen(text)) };

	(void)WT_BUG_ON(!wt_alert_put_field(b, &field));
}

static const char *signature_of(const struct wt_own_alert *own)
{
	switch (own->kind) {
	case WT_ALERT_GAP:
		return own->is_clean ? "Sensor was not watching: it had been stopped"
				     : "Sensor was not watching: it had ended unexpectedly";
	case WT_ALERT_EVICTED:
		return "Journal is full: older alerts were dropped";
	case WT_ALERT_MISSING:
		return "Alerts are missing here: the journal was full, or the sensor ended unexpectedly";
	default:
		return "Journal is damaged: some alerts cannot be read";
	}
}

void wt_own_encode(const struct wt_own_alert *own, struct wt_builder *b)
{
	uint8_t room[512];
	struct wt_builder fields = wt_builder_of(room, sizeof(room));
	const char *signature = signature_of(own);
	struct wt_alert alert = {
		.kind = (uint8_t)own->kind,
		.severity = own->is_clean ? 5 : 8,
		.confidence = 100,
		.is_closed = true,
		.first_ns = own->from_ns,
		.last_ns = own->to_ns,
		.made_ns = own->to_ns,
		.n = own->n,
		.gid = GID,
		.sid = own->kind,
		.rev = 1,
	};

	if (own->kind == WT_ALERT_EVICTED) {
		put_number(&fields, "journal.records", own->n);
		put_number(&fields, "journal.band", own->band);
		put_number(&fields, "journal.first_seq", own->from_seq);
		put_number(&fields, "journal.last_seq", own->to_seq);
		put_number(&fields, "journal.records_total", own->total);
	} else if (own->kind == WT_ALERT_MISSING) {
		put_number(&fields, "journal.records", own->n);
		put_number(&fields, "journal.first_seq", own->from_seq);
		put_number(&fields, "journal.last_seq", own->to_seq);
		put_text(&fields, "journal.sink", own->sink);
	} else if (own->kind == WT_ALERT_DAMAGE) {
		put_number(&fields, "journal.unreadable_bytes", own->n);
	}
	make_id(own, alert.id);
	alert.text[WT_ALERT_SENSOR] = wt_slice_of(own->sensor, strlen(own->sensor));
	alert.text[WT_ALERT_SIGNATURE] = wt_slice_of(signature, strlen(signature));
	alert.text[WT_ALERT_CATEGORY] = WT_LIT("sensor");
	alert.fields = wt_bld_slice(&fields);
	(void)WT_BUG_ON(!wt_alert_encode(&alert, b));
}
