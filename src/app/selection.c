/* The selection of event types (selection.h). The list is short and read per record:
 * no state to keep in step with the configuration. */
#include "app/selection.h"
#include "wardtap/registry.h"

#include <string.h>

bool wt_selection_has(const struct wt_conf *conf, const struct wt_event_head *head)
{
	unsigned n = wt_conf_count(conf, WT_CONF_OUTPUT_EVENTS), i;
	const struct wt_event_type *type;

	if (n == 0) /* sightings are for the inventory */
		return head->owner != 0 || head->type != WT_EVENT_SIGHTING;
	type = wt_registry_event(head->owner, head->type);
	for (i = 0; type && i < n; i++)
		if (!strcmp(type->name, wt_conf_item_text(conf, WT_CONF_OUTPUT_EVENTS, i)))
			return true;
	return false;
}

static bool is_known(const char *name)
{
	unsigned owner, type;

	for (owner = 0; owner <= wt_registry_count(); owner++)
		for (type = 0; type < wt_registry_n_events(owner); type++)
			if (!strcmp(name, wt_registry_event(owner, type)->name))
				return true;
	return false;
}

void wt_selection_check(struct wt_conf *conf)
{
	unsigned n = wt_conf_count(conf, WT_CONF_OUTPUT_EVENTS), i;

	for (i = 0; i < n; i++)
		if (!is_known(wt_conf_item_text(conf, WT_CONF_OUTPUT_EVENTS, i)))
			wt_conf_blame(conf, WT_CONF_OUTPUT_EVENTS, i,
				      "found an event type that does not exist; write one of those "
				      "that wardtap-events(7) lists (flow, glitch, hl7, dicom, ...)");
}
