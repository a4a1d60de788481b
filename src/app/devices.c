/* Devices for rules (devices.h). Pseudonyms are no values: a rule cannot name them.
 * Trust: values are hostile text, compared and nothing else. Memory: one device's facts. */
#include "app/devices.h"

#include <stdlib.h>

struct wt_devices {
	struct wt_inventory *inv;
	struct wt_device_source source;
	uint8_t attribute[WT_N_DEVICE_WHATS]; /* enum wt_attribute; of CLASS not used */
	struct wt_fact_view fact[WT_DEVICE_FACTS_MAX];
};

static unsigned class_of(struct wt_devices *d, uint32_t node, struct wt_slice *value)
{
	const char *class = wt_inventory_class(d->inv, node).value;

	*value = *class ? wt_slice_of(class, strlen(class)) : WT_LIT("unknown");
	return 1;
}

static unsigned values(void *self, const struct wt_event_head *head, bool is_sender,
		       enum wt_device_what what, struct wt_slice *value, unsigned max)
{
	struct wt_devices *d = self;
	uint32_t node = is_sender ? wt_inventory_sender(d->inv, head)
				  : wt_inventory_receiver(d->inv, head);
	unsigned i, n, n_values = 0;

	if (!node || !max)
		return 0;
	if (what == WT_DEVICE_CLASS)
		return class_of(d, node, value);
	n = wt_inventory_facts(d->inv, node, d->fact, WT_DEVICE_FACTS_MAX);
	for (i = 0; i < n && n_values < max; i++)
		if (d->fact[i].attribute == (enum wt_attribute)d->attribute[what] &&
		    !d->fact[i].is_pseudonym)
			value[n_values++] = d->fact[i].value;
	return n_values;
}

static uint8_t attribute_of(const char *name)
{
	unsigned i = 0;

	while (i < WT_N_ATTRIBUTES - 1 && strcmp(wt_attribute_rows[i].name, name) != 0)
		i++;
	return (uint8_t)i;
}

struct wt_devices *wt_devices_new(struct wt_inventory *inv)
{
	static const char *const names[WT_N_DEVICE_WHATS] = {
#define D(id, name, doc) [WT_DEVICE_##id] = name,
#include "wardtap/device.def"
#undef D
	};
	struct wt_devices *d = calloc(1, sizeof(*d));
	unsigned i;

	if (!d)
		abort();
	d->inv = inv;
	d->source = (struct wt_device_source){ .self = d, .values = values };
	for (i = 0; i < WT_N_DEVICE_WHATS; i++)
		d->attribute[i] = attribute_of(names[i]);
	return d;
}

void wt_devices_free(struct wt_devices *d)
{
	free(d);
}

const struct wt_device_source *wt_devices_source(const struct wt_devices *d)
{
	return &d->source;
}
