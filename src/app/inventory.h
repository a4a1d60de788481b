/* The commands of `wardtap inventory`: what they share. */
#ifndef APP_INVENTORY_H
#define APP_INVENTORY_H

#include "app/dossier.h"

struct wt_inventory_request {
	struct wt_archive archive;
	const char *class, *vendor, *zone, *search; /* NULL: all */
	const char *format;
	const char *site; /* of an export for NetBox */
	bool is_json;
	FILE *out;
};

/* Devices that the request asks for, in the order of list: by class, then by name. */
struct wt_device_list {
	uint32_t *node; /* owned: free() */
	size_t n;
};
struct wt_device_list wt_inventory_select(const struct wt_inventory_request *request);

/* The device that a person means: its number, MAC, address, name, serial, AE title.
 * 0 with a line on standard error when there is none, or several. */
uint32_t wt_inventory_pick(const struct wt_inventory_request *request, const char *meant);

/* Each gives the exit status. */
int wt_inventory_list(const struct wt_inventory_request *request);
int wt_inventory_show(const struct wt_inventory_request *request, const char *meant);
int wt_inventory_export(const struct wt_inventory_request *request);
int wt_inventory_compare(const struct wt_inventory_request *request, const char *path);

/* Devices as `{"devices":[...]}`. */
int wt_inventory_print_json(const struct wt_inventory_request *request);
void wt_inventory_cyclonedx(const struct wt_inventory_request *request,
			    const struct wt_device_list *list);

#endif
