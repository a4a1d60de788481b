/* `wardtap inventory list`, and finding devices.
 * Trust: values are hostile and escaped where shown. Memory: 16 bytes a device. */
#include <stdlib.h>

#include "app/app.h"
#include "app/inventory.h"
#include "app/text.h"

static uint8_t lower(uint8_t c)
{
	return c >= 'A' && c <= 'Z' ? (uint8_t)(c + 32) : c;
}

static bool contains(struct wt_slice text, const char *wanted)
{
	size_t len = strlen(wanted), at, i;

	for (at = 0; len <= text.len && at <= text.len - len; at++) {
		for (i = 0; i < len && lower(text.ptr[at + i]) == lower((uint8_t)wanted[i]);
		     i++)
			;
		if (i == len)
			return true;
	}
	return false;
}

static bool equals(struct wt_slice text, const char *wanted)
{
	return text.len == strlen(wanted) && contains(text, wanted);
}

/* "infusion pump" and "infusion_pump" name the same class. */
static bool is_class(const char *value, const char *wanted)
{
	size_t i;

	for (i = 0; value[i] && wanted[i]; i++)
		if (lower((uint8_t)value[i]) != lower((uint8_t)wanted[i]) &&
		    !(value[i] == '_' && (wanted[i] == ' ' || wanted[i] == '-')))
			return false;
	return value[i] == wanted[i];
}

static bool is_in_zone(const struct wt_inventory_request *r, const struct wt_dossier *d)
{
	const char *zone[WT_DEVICE_ZONES_MAX];
	unsigned n = wt_inventory_zones(r->archive.inv, d->device.node, zone), i;

	for (i = 0; i < n; i++)
		if (equals(wt_slice_of(zone[i], strlen(zone[i])), r->zone))
			return true;
	return false;
}

static bool is_wanted(const struct wt_inventory_request *r, const struct wt_dossier *d)
{
	const char *class = *d->class.value ? d->class.value : "unknown";
	bool is_guess;
	unsigned i;

	if (r->class && !is_class(class, r->class))
		return false;
	if (r->vendor && !contains(wt_dossier_maker(&r->archive, d, &is_guess), r->vendor) &&
	    !contains(wt_dossier_best(d, WT_A_VENDOR), r->vendor))
		return false;
	if (r->zone && !is_in_zone(r, d))
		return false;
	if (!r->search || contains(d->name, r->search))
		return true;
	for (i = 0; i < d->n_facts; i++)
		if (contains(d->fact[i].value, r->search))
			return true;
	return false;
}

struct entry {
	const char *class;
	uint8_t name[24];
	uint32_t node, id;
};

/* Unknown classes last. */
static int by_class(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;
	int order;

	if (!*x->class != !*y->class)
		return *x->class ? -1 : 1;
	order = strcmp(x->class, y->class);
	if (!order)
		order = memcmp(x->name, y->name, sizeof(x->name));
	return order ? order : x->id < y->id ? -1 : x->id > y->id;
}

struct wt_device_list wt_inventory_select(const struct wt_inventory_request *r)
{
	size_t room = wt_inventory_count(r->archive.inv), n = 0, i;
	struct wt_device_list list = { .node = calloc(room + 1, sizeof(*list.node)) };
	struct entry *entry = calloc(room + 1, sizeof(*entry));
	struct wt_dossier *d = malloc(sizeof(*d));
	uint32_t node = 0;

	if (!list.node || !entry || !d)
		abort();
	while ((node = wt_inventory_next(r->archive.inv, node)) != 0 && n < room) {
		if (!wt_dossier_glance(&r->archive, node, d) || !is_wanted(r, d))
			continue;
		entry[n] = (struct entry){ .class = d->class.value,
					   .node = node,
					   .id = d->device.id };
		for (i = 0; i < sizeof(entry->name) && i < d->name.len; i++)
			entry[n].name[i] = lower(d->name.ptr[i]);
		n++;
	}
	qsort(entry, n, sizeof(*entry), by_class);
	for (i = 0; i < n; i++)
		list.node[i] = entry[i].node;
	list.n = n;
	free(entry);
	free(d);
	return list;
}

/* ---- which device is meant ---- */

static bool is_mac_digit(uint8_t c)
{
	return (c >= '0' && c <= '9') || (lower(c) >= 'a' && lower(c) <= 'f');
}

/* The same hardware address, however it is written. */
static bool is_same_mac(struct wt_slice text, const char *wanted)
{
	size_t i = 0, n = 0;

	for (; *wanted; wanted++) {
		if (!is_mac_digit((uint8_t)*wanted)) {
			if (!strchr(":-.", *wanted))
				return false;
			continue;
		}
		while (i < text.len && !is_mac_digit(text.ptr[i]))
			i++;
		if (i == text.len || lower(text.ptr[i++]) != lower((uint8_t)*wanted))
			return false;
		n++;
	}
	return n == 12;
}

static bool is_meant(const struct wt_dossier *d, const char *meant)
{
	static const enum wt_attribute attributes[] = {
		WT_A_IP,      WT_A_HOST_NAME, WT_A_SERIAL, WT_A_AE_TITLE,  WT_A_ASSET_TAG,
		WT_A_HL7_APP, WT_A_EUI64,     WT_A_UUID,   WT_A_DEVICE_ID, WT_A_STATION,
	};
	unsigned i;
	size_t k;

	for (i = 0; i < d->n_facts; i++) {
		if (d->fact[i].attribute == WT_A_MAC && is_same_mac(d->fact[i].value, meant))
			return true;
		for (k = 0; k < sizeof(attributes) / sizeof(attributes[0]); k++)
			if (d->fact[i].attribute == attributes[k] &&
			    equals(d->fact[i].value, meant))
				return true;
	}
	return false;
}

uint32_t wt_inventory_pick(const struct wt_inventory_request *r, const char *meant)
{
	struct wt_dossier *d = malloc(sizeof(*d));
	uint32_t node = 0, found = 0, n = 0;
	uint64_t id = 0;
	bool is_number = wt_slice_to_u64(wt_slice_of(meant, strlen(meant)), &id);

	if (!d)
		abort();
	while ((node = wt_inventory_next(r->archive.inv, node)) != 0) {
		if (!wt_dossier_glance(&r->archive, node, d))
			continue;
		if (is_number && d->device.id == id) {
			found = node;
			n = 1;
			break;
		}
		if (is_meant(d, meant)) {
			if (n++ == 1)
				fprintf(stderr,
					"wardtap: several devices are '%s'; name one by its "
					"number:\n",
					meant);
			found = node;
		}
	}
	node = 0;
	while (n > 1 && (node = wt_inventory_next(r->archive.inv, node)) != 0) {
		if (!wt_dossier_glance(&r->archive, node, d) || !is_meant(d, meant))
			continue;
		fprintf(stderr, "  %u  ", d->device.id);
		wt_text_put(stderr, d->name, 60);
		fputc('\n', stderr);
	}
	if (n == 0)
		fprintf(stderr,
			"wardtap: no device is '%s'; `wardtap inventory list --search TEXT` "
			"finds one\n",
			meant);
	free(d);
	return n == 1 ? found : 0;
}

/* ---- the list ---- */

enum { WIDE_ID = 5, WIDE_ADDR = 17 };

/* 80 columns, with zones where there are any. */
struct widths {
	int name, class, maker, zone;
};
static const struct widths without_zones = { 18, 15, 21, 0 }, with_zones = { 17, 13, 14, 9 };

static struct wt_slice first_zone(const struct wt_inventory_request *r,
				  const struct wt_dossier *d)
{
	const char *zone[WT_DEVICE_ZONES_MAX];

	return wt_inventory_zones(r->archive.inv, d->device.node, zone)
		       ? wt_slice_of(zone[0], strlen(zone[0]))
		       : WT_LIT("-");
}

static bool has_zones(const struct wt_inventory_request *r, const struct wt_device_list *list)
{
	const char *zone[WT_DEVICE_ZONES_MAX];
	size_t i;

	for (i = 0; i < list->n; i++)
		if (wt_inventory_zones(r->archive.inv, list->node[i], zone))
			return true;
	return false;
}

static void print_line(const struct wt_inventory_request *r, const struct wt_dossier *d,
		       const struct widths *wide)
{
	char class[64], maker[128];
	struct wt_builder b = wt_builder_of(maker, sizeof(maker));
	bool is_guess;
	struct wt_slice name = wt_dossier_maker(&r->archive, d, &is_guess);
	struct wt_slice model = wt_dossier_best(d, WT_A_MODEL);
	struct wt_slice addr = wt_dossier_best(d, WT_A_IP);

	wt_bld_bytes(&b, wt_slice_head(name, 40));
	if (is_guess)
		wt_bld_char(&b, '?');
	if (model.len && name.len)
		wt_bld_char(&b, ' ');
	wt_bld_bytes(&b, wt_slice_head(model, 60));
	wt_text_word(*d->class.value ? d->class.value : "-", class, sizeof(class));
	fprintf(r->out, "%*u%c ", WIDE_ID - 1, d->device.id,
		wt_dossier_is_notable(d) ? '!' : ' ');
	wt_text_column(r->out, d->name, (unsigned)wide->name);
	fputc(' ', r->out);
	wt_text_column(r->out, wt_slice_of(class, strlen(class)), (unsigned)wide->class);
	fputc(' ', r->out);
	wt_text_column(r->out, wt_bld_slice(&b), (unsigned)wide->maker);
	fputc(' ', r->out);
	if (wide->zone) {
		wt_text_column(r->out, first_zone(r, d), (unsigned)wide->zone);
		fputc(' ', r->out);
	}
	wt_text_put(r->out, addr.len ? addr : wt_dossier_best(d, WT_A_MAC), WIDE_ADDR);
	fputc('\n', r->out);
}

int wt_inventory_list(const struct wt_inventory_request *r)
{
	const struct widths *wide;
	struct wt_device_list list;
	struct wt_dossier *d;
	bool is_notable = false;
	size_t i;

	if (r->is_json)
		return wt_inventory_print_json(r);
	d = malloc(sizeof(*d));
	if (!d)
		abort();
	list = wt_inventory_select(r);
	wide = has_zones(r, &list) ? &with_zones : &without_zones;
	if (list.n)
		fprintf(r->out, "%*s  %-*s %-*s %-*s %-*s%sADDRESS\n", WIDE_ID - 1, "ID",
			wide->name, "NAME", wide->class, "CLASS", wide->maker, "MAKER, MODEL",
			wide->zone, wide->zone ? "ZONE" : "", wide->zone ? " " : "");
	for (i = 0; i < list.n; i++) {
		if (!wt_dossier_read(&r->archive, list.node[i], d))
			continue;
		print_line(r, d, wide);
		is_notable |= wt_dossier_is_notable(d);
	}
	fprintf(r->out, "%s%zu of %u devices", list.n ? "\n" : "", list.n,
		wt_inventory_count(r->archive.inv));
	fputs(is_notable ? "; ! contradictions, advisories or an unsupported system: see\n"
			   "`wardtap inventory show ID`\n"
			 : "\n",
	      r->out);
	free(list.node);
	free(d);
	return WT_EXIT_GOOD;
}
