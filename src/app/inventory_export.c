/* `wardtap inventory export`: JSON, CSV, Splunk, NetBox.
 * Source: Splunk Enterprise Security, "Format an asset or identity list as a lookup"
 * (4.5 to 7.1: headers, 975 characters a value, several values in one of the key fields
 * only); NetBox, bulk import of devices, device types, manufacturers and roles
 * (column names of its import pages, 3.6 and later).
 * Trust: values are hostile; csv.h escapes them. Memory: one dossier. */
#include <stdlib.h>

#include "app/app.h"
#include "app/csv.h"
#include "app/inventory.h"
#include "app/text.h"
#include "base/json.h"

#define JOINED_MAX 4096u

static void put_joined(struct wt_csv *csv, const struct wt_dossier *d,
		       enum wt_attribute attribute, const char *mark, unsigned most)
{
	static char room[JOINED_MAX];
	struct wt_builder b = wt_builder_of(room, sizeof(room));

	wt_dossier_join(d, attribute, mark, most, &b);
	wt_csv_cell(csv, wt_bld_slice(&b));
}

static void put_time(struct wt_csv *csv, uint64_t ns)
{
	uint8_t text[WT_TIME_LEN];
	struct wt_builder b = wt_builder_of(text, sizeof(text));

	wt_bld_time(&b, ns);
	wt_csv_cell(csv, wt_bld_slice(&b));
}

static void put_header(struct wt_csv *csv, const char *const *column)
{
	for (; *column; column++)
		wt_csv_text(csv, *column);
	wt_csv_end(csv);
}

/* ---- CSV for people ---- */

static const char *const csv_header[] = {
	"id",         "name",
	"class",      "class_confidence",
	"vendor",     "vendor_is_guess",
	"model",      "serial",
	"software",   "hardware",
	"os",         "os_support",
	"mac",        "ip",
	"vlan",       "host_name",
	"ae_title",   "hl7_app",
	"station",    "department",
	"location",   "asset_tag",
	"udi",        "first_seen",
	"last_seen",  "known_through",
	"advisories", "contradictions",
	"zones",      NULL,
};

static void put_advisories(struct wt_csv *csv, const struct wt_dossier *d)
{
	static char room[JOINED_MAX];
	struct wt_builder b = wt_builder_of(room, sizeof(room));
	unsigned i;

	for (i = 0; i < d->n_advisories && b.cap - b.len > 80; i++) {
		wt_bld_text(&b, i ? "; " : "");
		wt_bld_text(&b, d->advisory[i].advisory);
		wt_bld_char(&b, ' ');
		wt_bld_text(&b, wt_grade_name(d->advisory[i].grade));
	}
	wt_csv_cell(csv, wt_bld_slice(&b));
}

static void put_via(const struct wt_archive *a, struct wt_csv *csv, const struct wt_dossier *d)
{
	static char room[JOINED_MAX];
	struct wt_builder b = wt_builder_of(room, sizeof(room));
	struct wt_device_view other;
	unsigned i;

	for (i = 0; i < d->n_via; i++) {
		if (!d->via[i].is_speaker ||
		    !wt_inventory_device(a->inv, d->via[i].node, &other))
			continue;
		wt_bld_text(&b, b.len ? "; " : "");
		wt_bld_u64(&b, other.id);
	}
	wt_csv_cell(csv, wt_bld_slice(&b));
}

static void put_zones(const struct wt_archive *a, struct wt_csv *csv, const struct wt_dossier *d)
{
	char room[WT_DEVICE_ZONES_MAX * (WT_ZONE_NAME_MAX + 2)];
	struct wt_builder b = wt_builder_of(room, sizeof(room));
	const char *zone[WT_DEVICE_ZONES_MAX];
	unsigned n = wt_inventory_zones(a->inv, d->device.node, zone), i;

	for (i = 0; i < n; i++) {
		wt_bld_text(&b, i ? "; " : "");
		wt_bld_text(&b, zone[i]);
	}
	wt_csv_cell(csv, wt_bld_slice(&b));
}

static unsigned n_contradictions(const struct wt_dossier *d)
{
	unsigned i, n = d->n_conflicts;

	for (i = 0; i < WT_N_ATTRIBUTES; i++)
		n += wt_dossier_n_contradicted(d, (enum wt_attribute)i);
	return n;
}

static const char *support_of(const struct wt_dossier *d)
{
	return d->os.is_legacy                     ? "ended"
	       : d->os.support == WT_SUPPORT_YES   ? "supported"
	       : d->os.support == WT_SUPPORT_ENDED ? "ended"
						   : "";
}

static void put_csv(const struct wt_inventory_request *r, struct wt_csv *csv,
		    const struct wt_dossier *d)
{
	static const enum wt_attribute several[] = {
		WT_A_MAC, WT_A_IP, WT_A_VLAN, WT_A_HOST_NAME, WT_A_AE_TITLE, WT_A_HL7_APP
	};
	static const enum wt_attribute one[] = { WT_A_STATION, WT_A_DEPARTMENT, WT_A_LOCATION,
						 WT_A_ASSET_TAG, WT_A_UDI };
	bool is_guess;
	struct wt_slice maker = wt_dossier_maker(&r->archive, d, &is_guess);
	size_t i;

	wt_csv_number(csv, d->device.id);
	wt_csv_cell(csv, d->name);
	wt_csv_text(csv, d->class.value);
	wt_csv_number(csv, d->class.confidence);
	wt_csv_cell(csv, maker);
	wt_csv_text(csv, is_guess ? "true" : "false");
	wt_csv_cell(csv, wt_dossier_best(d, WT_A_MODEL));
	wt_csv_cell(csv, wt_dossier_best(d, WT_A_SERIAL));
	put_joined(csv, d, WT_A_SOFTWARE, "; ", 0);
	wt_csv_cell(csv, wt_dossier_best(d, WT_A_HARDWARE));
	wt_csv_text(csv, d->os.name.value);
	wt_csv_text(csv, support_of(d));
	for (i = 0; i < sizeof(several) / sizeof(several[0]); i++)
		put_joined(csv, d, several[i], "; ", 0);
	for (i = 0; i < sizeof(one) / sizeof(one[0]); i++)
		wt_csv_cell(csv, wt_dossier_best(d, one[i]));
	put_time(csv, d->device.first_ns);
	put_time(csv, d->device.last_ns);
	put_via(&r->archive, csv, d);
	put_advisories(csv, d);
	wt_csv_number(csv, n_contradictions(d));
	put_zones(&r->archive, csv, d);
	wt_csv_end(csv);
}

/* ---- Splunk Enterprise Security ---- */

static const char *const splunk_header[] = {
	"ip",
	"mac",
	"nt_host",
	"dns",
	"owner",
	"priority",
	"lat",
	"long",
	"city",
	"country",
	"bunit",
	"category",
	"pci_domain",
	"is_expected",
	"should_timesync",
	"should_update",
	"requires_av",
	NULL,
};

static bool is_dns(struct wt_slice name)
{
	return wt_slice_find(name, '.') < name.len;
}

static struct wt_slice host_name(const struct wt_dossier *d, bool wants_dns)
{
	const struct wt_fact_view *f;
	unsigned i;

	for (i = 0; (f = wt_dossier_fact(d, WT_A_HOST_NAME, i)) != NULL; i++)
		if (is_dns(f->value) == wants_dns)
			return f->value;
	return wt_slice_of(NULL, 0);
}

/* "infusion_pump|medical|legacy_os|zone_icu" */
static void put_category(const struct wt_archive *a, struct wt_csv *csv,
			 const struct wt_dossier *d, bool is_medical)
{
	char room[640];
	struct wt_builder b = wt_builder_of(room, sizeof(room));
	const char *zone[WT_DEVICE_ZONES_MAX];
	unsigned n = wt_inventory_zones(a->inv, d->device.node, zone), i;

	wt_bld_text(&b, *d->class.value ? d->class.value : "unknown");
	wt_bld_text(&b, is_medical ? "|medical" : "");
	wt_bld_text(&b, d->os.is_legacy ? "|legacy_os" : "");
	wt_bld_text(&b, d->n_advisories ? "|advisory" : "");
	for (i = 0; i < n; i++) {
		wt_bld_text(&b, "|zone_");
		wt_bld_text(&b, zone[i]);
	}
	wt_csv_cell(csv, wt_bld_slice(&b));
}

static void put_splunk(const struct wt_inventory_request *r, struct wt_csv *csv,
		       const struct wt_dossier *d)
{
	struct wt_slice nt = host_name(d, false), dns = host_name(d, true);
	bool has_addrs = wt_dossier_fact(d, WT_A_IP, 1) != NULL;
	bool is_medical;
	const char *priority = wt_dossier_priority(&r->archive, d, &is_medical);
	unsigned i;

	/* An asset needs one of these four, and only one may hold several values. */
	if (!wt_dossier_fact(d, WT_A_IP, 0) && !wt_dossier_fact(d, WT_A_MAC, 0) && !nt.len &&
	    !dns.len)
		return;
	put_joined(csv, d, WT_A_IP, "|", 24);
	put_joined(csv, d, WT_A_MAC, "|", has_addrs ? 1 : 16);
	wt_csv_cell(csv, nt);
	wt_csv_cell(csv, dns);
	wt_csv_text(csv, "");
	wt_csv_text(csv, priority);
	for (i = 0; i < 4; i++)
		wt_csv_text(csv, "");
	wt_csv_cell(csv, wt_dossier_best(d, WT_A_DEPARTMENT));
	put_category(&r->archive, csv, d, is_medical);
	wt_csv_text(csv, "");
	wt_csv_text(csv, "true");
	for (i = 0; i < 3; i++)
		wt_csv_text(csv, "");
	wt_csv_end(csv);
}

/* ---- NetBox ---- */

static const char *const netbox_header[] = { "name",        "role",   "manufacturer",
					     "device_type", "serial", "asset_tag",
					     "status",      "site",   "description",
					     "comments",    NULL };

/* Texts of the database have bounds (characters). */
static void put_cut(struct wt_csv *csv, struct wt_slice text, size_t most)
{
	while (text.len > most ||
	       (text.len == most && most && (text.ptr[most - 1] & 0xc0) == 0xc0))
		text = wt_slice_head(text, text.len - 1);
	wt_csv_cell(csv, text);
}

struct netbox_names {
	char role[64], maker[101], model[101];
};

static void copy_cut(char *into, size_t size, struct wt_slice text, const char *otherwise)
{
	uint8_t room[6 * 101];
	struct wt_builder b = wt_builder_of(room, sizeof(room));
	size_t len;

	wt_bld_escaped(&b, wt_slice_head(text, size));
	if (!text.len)
		wt_bld_text(&b, otherwise);
	len = b.len < size ? b.len : size - 1;
	while (len && len < b.len && (room[len] & 0xc0) == 0x80)
		len--; /* no half characters */
	memcpy(into, room, len);
	into[len] = 0;
}

static struct netbox_names netbox_names(const struct wt_inventory_request *r,
					const struct wt_dossier *d)
{
	struct netbox_names n;
	char word[64];
	bool is_guess;

	wt_text_word(*d->class.value ? d->class.value : "unknown", word, sizeof(word));
	snprintf(n.role, sizeof(n.role), "%s", word);
	copy_cut(n.maker, sizeof(n.maker), wt_dossier_maker(&r->archive, d, &is_guess),
		 "Unknown");
	copy_cut(n.model, sizeof(n.model), wt_dossier_best(d, WT_A_MODEL), "Unknown");
	return n;
}

/* Names are unique within a site: the device's number makes them so. Zones are comments:
 * tags and custom fields must exist in NetBox before a file may name them. */
static void put_netbox(const struct wt_inventory_request *r, struct wt_csv *csv,
		       const struct wt_dossier *d)
{
	struct netbox_names n = netbox_names(r, d);
	static const struct {
		const char *label;
		enum wt_attribute attribute;
	} commented[] = { { "MAC ", WT_A_MAC },
			  { "address ", WT_A_IP },
			  { "software ", WT_A_SOFTWARE },
			  { "AE title ", WT_A_AE_TITLE } };
	static char room[JOINED_MAX];
	struct wt_builder b = wt_builder_of(room, 64);
	const char *zone[WT_DEVICE_ZONES_MAX];
	unsigned n_zones;
	size_t i;

	wt_bld_bytes(&b, wt_slice_head(d->name, 50));
	wt_bld_text(&b, " (");
	wt_bld_u64(&b, d->device.id);
	wt_bld_char(&b, ')');
	put_cut(csv, wt_bld_slice(&b), 64);
	wt_csv_text(csv, n.role);
	wt_csv_text(csv, n.maker);
	wt_csv_text(csv, n.model);
	put_cut(csv, wt_dossier_best(d, WT_A_SERIAL), 50);
	put_cut(csv, wt_dossier_best(d, WT_A_ASSET_TAG), 50);
	wt_csv_text(csv, "active");
	wt_csv_text(csv, r->site ? r->site : "wardtap");
	b = wt_builder_of(room, sizeof(room));
	wt_dossier_join(d, WT_A_LOCATION, "; ", 2, &b);
	put_cut(csv, wt_bld_slice(&b), 200);
	b = wt_builder_of(room, sizeof(room));
	for (i = 0; i < sizeof(commented) / sizeof(commented[0]); i++) {
		if (!wt_dossier_fact(d, commented[i].attribute, 0))
			continue;
		wt_bld_text(&b, b.len ? "; " : "");
		wt_bld_text(&b, commented[i].label);
		wt_dossier_join(d, commented[i].attribute, " ", 6, &b);
	}
	n_zones = wt_inventory_zones(r->archive.inv, d->device.node, zone);
	for (i = 0; i < n_zones; i++) {
		wt_bld_text(&b, b.len ? "; zone " : "zone ");
		wt_bld_text(&b, zone[i]);
	}
	wt_csv_cell(csv, wt_bld_slice(&b));
	wt_csv_end(csv);
}

/* NetBox's short names: letters, digits and '-'. */
static void put_slug(struct wt_csv *csv, const char *a, const char *b)
{
	char slug[101] = "";
	size_t n = 0, i;
	const char *parts[2] = { a, b };

	for (i = 0; i < 2; i++) {
		const char *at = parts[i];

		for (; *at && n < sizeof(slug) - 1; at++) {
			bool is_plain =
				(*at >= 'a' && *at <= 'z') || (*at >= '0' && *at <= '9');
			bool is_big = *at >= 'A' && *at <= 'Z';

			if (is_plain || is_big)
				slug[n++] = is_big ? (char)(*at + 32) : *at;
			else if (n && slug[n - 1] != '-')
				slug[n++] = '-';
		}
		if (i == 0 && *b && n && n < sizeof(slug) - 1 && slug[n - 1] != '-')
			slug[n++] = '-';
	}
	while (n && slug[n - 1] == '-')
		n--;
	slug[n] = 0;
	wt_csv_text(csv, n ? slug : "unknown");
}

/* What must exist before the devices: one line for each, the first time it is met. */
struct met {
	char (*text)[202];
	size_t n;
};

static bool is_first(struct met *met, const char *a, const char *b)
{
	char key[202];
	size_t i;

	snprintf(key, sizeof(key), "%.100s\t%.100s", a, b);
	for (i = 0; i < met->n; i++)
		if (!strcmp(met->text[i], key))
			return false;
	memcpy(met->text[met->n++], key, sizeof(key));
	return true;
}

static void print_netbox_needs(const struct wt_inventory_request *r,
			       const struct wt_device_list *list, char what)
{
	static const char *const types[] = { "manufacturer", "model", "slug", NULL };
	static const char *const named[] = { "name", "slug", NULL };
	static const char *const roles[] = { "name", "slug", "color", NULL };
	struct wt_csv csv = { .out = r->out };
	struct met met = { .text = calloc(list->n + 1, sizeof(*met.text)) };
	struct wt_dossier *d = malloc(sizeof(*d));
	size_t i;

	if (!met.text || !d)
		abort();
	put_header(&csv, what == 't' ? types : what == 'm' ? named : roles);
	for (i = 0; i < list->n; i++) {
		struct netbox_names n;

		if (!wt_dossier_glance(&r->archive, list->node[i], d))
			continue;
		n = netbox_names(r, d);
		if (!is_first(&met, what == 'r' ? n.role : n.maker, what == 't' ? n.model : ""))
			continue;
		wt_csv_text(&csv, what == 'r' ? n.role : n.maker);
		if (what == 't')
			wt_csv_text(&csv, n.model);
		put_slug(&csv, what == 'r' ? n.role : n.maker, what == 't' ? n.model : "");
		if (what == 'r')
			wt_csv_text(&csv, "9e9e9e");
		wt_csv_end(&csv);
	}
	free(met.text);
	free(d);
}

/* ---- which ---- */

static void print_csv(const struct wt_inventory_request *r, const struct wt_device_list *list,
		      const char *const *header,
		      void (*put)(const struct wt_inventory_request *r, struct wt_csv *csv,
				  const struct wt_dossier *d))
{
	struct wt_csv csv = { .out = r->out };
	struct wt_dossier *d = malloc(sizeof(*d));
	size_t i;

	if (!d)
		abort();
	put_header(&csv, header);
	for (i = 0; i < list->n; i++)
		if (wt_dossier_read(&r->archive, list->node[i], d))
			put(r, &csv, d);
	free(d);
}

static void write_piece(void *self, struct wt_slice piece)
{
	(void)fwrite(piece.ptr, 1, piece.len, (FILE *)self);
}

int wt_inventory_print_json(const struct wt_inventory_request *r)
{
	struct wt_device_list list = wt_inventory_select(r);
	size_t i;

	fputs("{\"devices\":[", r->out);
	for (i = 0; i < list.n; i++) {
		fputs(i ? ",\n" : "\n", r->out);
		wt_inventory_device_json(r->archive.inv, list.node[i], wt_app_hint_name,
					 write_piece, r->out);
	}
	fputs("\n]}\n", r->out);
	free(list.node);
	return WT_EXIT_GOOD;
}

int wt_inventory_export(const struct wt_inventory_request *r)
{
	struct wt_device_list list;
	int status = WT_EXIT_GOOD;

	if (!strcmp(r->format, "json"))
		return wt_inventory_print_json(r);
	list = wt_inventory_select(r);
	if (!strcmp(r->format, "csv"))
		print_csv(r, &list, csv_header, put_csv);
	else if (!strcmp(r->format, "splunk"))
		print_csv(r, &list, splunk_header, put_splunk);
	else if (!strcmp(r->format, "netbox"))
		print_csv(r, &list, netbox_header, put_netbox);
	else if (!strcmp(r->format, "netbox-types"))
		print_netbox_needs(r, &list, 't');
	else if (!strcmp(r->format, "netbox-manufacturers"))
		print_netbox_needs(r, &list, 'm');
	else if (!strcmp(r->format, "netbox-roles"))
		print_netbox_needs(r, &list, 'r');
	else if (!strcmp(r->format, "cyclonedx"))
		wt_inventory_cyclonedx(r, &list);
	else {
		fprintf(stderr,
			"wardtap: no format '%s'; write json, csv, splunk, netbox,\n"
			"netbox-types, netbox-manufacturers, netbox-roles or cyclonedx\n",
			r->format);
		status = WT_EXIT_USAGE;
	}
	free(list.node);
	return status;
}
