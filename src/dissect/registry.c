/* The list of dissectors and the dictionary behind owner and field ids. */
#include "wardtap/registry.h"
#define WT_NO_POISON
#include "wardtap/dissector.h"

#define D(name) extern const struct wt_dissector wt_##name##_dissector;
#include "../../dissectors/list.def"
#undef D

static const struct wt_dissector *const dissectors[] = {
#define D(name) &wt_##name##_dissector,
#include "../../dissectors/list.def"
#undef D
};

static const struct wt_event_type engine_events[WT_N_ENGINE_EVENTS] = {
	[WT_EVENT_FLOW] = { "flow", "A flow ended: who, how much, and how well it was seen." },
	[WT_EVENT_GLITCH] = { "glitch", "Bytes that break the rules of their protocol." },
	[WT_EVENT_ALERT] = { "alert", "A rule matched." },
	[WT_EVENT_SIGHTING] = { "sighting", "First packet of a sender: hardware address, address and VLAN. Written only where output.events names it." },
};

#define N_LISTED ((unsigned)(sizeof(dissectors) / sizeof(dissectors[0])))

#ifdef WT_STRICT
const struct wt_dissector *wt_registry_guest;
#define GUEST wt_registry_guest
#else
#define GUEST ((const struct wt_dissector *)NULL)
#endif

unsigned wt_registry_count(void)
{
	return N_LISTED + (GUEST ? 1 : 0);
}

const struct wt_dissector *wt_registry_dissector(unsigned owner)
{
	if (owner == N_LISTED + 1)
		return GUEST;
	return owner >= 1 && owner <= N_LISTED ? dissectors[owner - 1] : NULL;
}

const char *wt_registry_name(unsigned owner)
{
	const struct wt_dissector *d = wt_registry_dissector(owner);

	return d ? d->name : "";
}

bool wt_registry_is_long_lived(unsigned owner)
{
	const struct wt_dissector *d = wt_registry_dissector(owner);

	return d && d->is_long_lived;
}

unsigned wt_registry_n_events(unsigned owner)
{
	const struct wt_dissector *d = wt_registry_dissector(owner);

	return d ? d->n_event_types : owner == 0 ? WT_N_ENGINE_EVENTS : 0;
}

const struct wt_event_type *wt_registry_event(unsigned owner, unsigned type)
{
	const struct wt_dissector *d = wt_registry_dissector(owner);

	if (type >= wt_registry_n_events(owner))
		return NULL;
	return d ? &d->event_types[type] : &engine_events[type];
}

const struct wt_field *wt_registry_field(unsigned owner, unsigned field)
{
	const struct wt_dissector *d = wt_registry_dissector(owner);

	if (field < WT_N_SHARED_FIELDS)
		return &wt_shared_fields[field];
	if (!d || field < WT_FIELD_OWN || field - WT_FIELD_OWN >= d->n_fields)
		return NULL;
	return &d->fields[field - WT_FIELD_OWN];
}
