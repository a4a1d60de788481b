/* Records as EVE's JSON (alert_json.h), within a bound.
 * What goes first when there is no room: the fields, then what is known of the devices,
 * the sentence, the category; then the signature is cut.
 * Trust: texts are hostile and escaped by json.c. Memory: the caller's. */
#include "export/alert_json.h"
#include "export/encode.h"

#define SIGNATURE_LEAST 64u /* bytes, before escaping */

/* Takes away what is least needed; false when there is nothing more to take. */
static bool shorten(struct wt_alert *alert, unsigned step)
{
	unsigned i;

	alert->is_truncated = true;
	switch (step) {
	case 0:
		alert->fields = wt_slice_of(NULL, 0);
		return true;
	case 1:
		for (i = WT_ALERT_SRC_DEVICE; i <= WT_ALERT_DST_MODEL; i++)
			alert->text[i] = wt_slice_of(NULL, 0);
		return true;
	case 2:
		alert->text[WT_ALERT_SENTENCE] = wt_slice_of(NULL, 0);
		return true;
	case 3:
		alert->text[WT_ALERT_CATEGORY] = wt_slice_of(NULL, 0);
		return true;
	case 4:
		alert->text[WT_ALERT_SIGNATURE] =
			wt_slice_head(alert->text[WT_ALERT_SIGNATURE], SIGNATURE_LEAST);
		return true;
	default:
		return false;
	}
}

bool wt_encode_json(struct wt_builder *b, const struct wt_encode_item *item,
		    const struct wt_encode_options *options)
{
	struct wt_alert alert = *item->alert;
	size_t room = b->cap - b->len, before = b->len;
	unsigned step = 0;

	if (options->len_max && room > options->len_max + 1) /* the newline goes again */
		room = options->len_max + 1;
	for (;;) {
		struct wt_json j = wt_json_of(b->ptr + before, room);

		wt_alert_json(&j, &alert, item->journal_seq);
		if (!j.out.is_short) {
			b->len = before + j.out.len - 1;
			return true;
		}
		if (!shorten(&alert, step++))
			return false;
	}
}

void wt_record_id_text(const struct wt_alert *alert, char text[WT_RECORD_ID_MAX])
{
	struct wt_builder b;

	wt_alert_id_text(alert->id, text);
	b = wt_builder_of(text + 32, WT_RECORD_ID_MAX - 33);
	wt_bld_char(&b, '-');
	wt_bld_u64(&b, alert->seq);
	text[32 + b.len] = '\0';
}
