/* An alert of the journal as one JSON line: EVE's names where it has them. */
#ifndef EXPORT_ALERT_JSON_H
#define EXPORT_ALERT_JSON_H

#include "base/json.h"
#include "wardtap/alert.h"

#define WT_ALERT_JSON_MAX (8 * WT_ALERT_BYTES_MAX) /* with every byte escaped */

/* `journal_seq` 0: not from a journal. */
void wt_alert_json(struct wt_json *j, const struct wt_alert *alert, uint64_t journal_seq);

#endif
