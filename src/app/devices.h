/* What rules may ask of the devices at the ends of an alert's traffic (wardtap-rules(5),
 * device.*), answered from the inventory as it is at that record. */
#ifndef APP_DEVICES_H
#define APP_DEVICES_H

#include "detect/context.h"
#include "observe/inventory.h"

struct wt_devices;

/* The inventory is borrowed. */
struct wt_devices *wt_devices_new(struct wt_inventory *inv);
void wt_devices_free(struct wt_devices *d);

/* For wt_context_set_devices; borrowed. */
const struct wt_device_source *wt_devices_source(const struct wt_devices *d);

#endif
