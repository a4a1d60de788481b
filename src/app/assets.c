/* The inventory as the commands use it (assets.h).
 * Trust: texts are hostile and escaped before they are shown; tables are the
 * operator's. Memory: a line; 16 bytes a device for the summary. */
#include "app/assets.h"
#include "app/app.h"
#include "app/output.h"
#include "app/receipt.h"
#include "base/digest.h"
#include "base/json.h"

#include <stdlib.h>
#include <string.h>

#define LINES_MAX 60u
#define WIDTH 80u

static bool is_zone_name(const char *text, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		if (!((text[i] >= 'a' && text[i] <= 'z') || (text[i] >= 'A' && text[i] <= 'Z') ||
		      (text[i] >= '0' && text[i] <= '9') || strchr("._-", text[i])))
			return false;
	return len > 0 && len <= WT_ZONE_NAME_MAX;
}

/* False, with errors kept in the configuration, when one is wrong. */
static bool take_zones(struct wt_conf *conf, struct wt_zone *zone, unsigned *n_zones)
{
	unsigned n = wt_conf_count(conf, WT_CONF_INVENTORY_ZONES), i;
	bool is_good = true;

	*n_zones = 0;
	for (i = 0; i < n; i++) {
		const char *text = wt_conf_item_text(conf, WT_CONF_INVENTORY_ZONES, i);
		const char *equals = strchr(text, '=');
		size_t len = equals ? (size_t)(equals - text) : 0;
		struct wt_cidr cidr;
		char advice[80] = "";

		if (i == WT_INVENTORY_ZONES_MAX) {
			wt_conf_blame(conf, WT_CONF_INVENTORY_ZONES, i,
				      "found %u rows; write at most %u", n,
				      WT_INVENTORY_ZONES_MAX);
			return false;
		}
		if (!equals || !is_zone_name(text, len)) {
			wt_conf_blame(conf, WT_CONF_INVENTORY_ZONES, i,
				      "found '%.60s'; write NAME=NETWORK with a name of up to %u "
				      "letters, digits, '.', '-' and '_', such as icu=10.1.2.0/24",
				      text, WT_ZONE_NAME_MAX);
			is_good = false;
			continue;
		}
		if (!wt_cidr_parse(wt_slice_of(equals + 1, strlen(equals + 1)), &cidr, advice,
				   sizeof(advice))) {
			wt_conf_blame(conf, WT_CONF_INVENTORY_ZONES, i,
				      "found the network '%.60s'; write %s", equals + 1,
				      *advice ? advice : "one such as 10.1.2.0/24 or fd00:1::/64");
			is_good = false;
			continue;
		}
		memcpy(zone[*n_zones].name, text, len);
		zone[*n_zones].name[len] = '\0';
		zone[(*n_zones)++].network = cidr;
	}
	return is_good;
}

struct wt_inventory *wt_assets_new(struct wt_conf *conf, struct wt_counters *counters)
{
	struct wt_network network[WT_INVENTORY_NETWORKS_MAX];
	struct wt_zone zone[WT_INVENTORY_ZONES_MAX];
	struct wt_inventory_options options = {
		.limits = wt_app_limits(conf),
		.counters = counters,
		.tables = wt_conf_text(conf, WT_CONF_INVENTORY_TABLES),
	};
	unsigned n = wt_conf_count(conf, WT_CONF_INVENTORY_NETWORKS), i;
	struct wt_inventory *inv;

	for (i = 0; i < n && i < WT_INVENTORY_NETWORKS_MAX; i++) {
		const struct wt_cidr *cidr =
			wt_conf_item_cidr(conf, WT_CONF_INVENTORY_NETWORKS, i);

		network[i] = (struct wt_network){ .addr = cidr->addr,
						  .ip_version = cidr->ip_version,
						  .prefix_len = cidr->prefix_len };
	}
	if (n) {
		options.network = network;
		options.n_networks = i;
	}
	if (!take_zones(conf, zone, &options.n_zones))
		return NULL;
	options.zone = zone;
	wt_random(&options.seed, sizeof(options.seed));
	inv = wt_inventory_new(&options);
	n = wt_inventory_n_table_errors(inv);
	for (i = 0; i < n; i++)
		wt_conf_blame(conf, WT_CONF_INVENTORY_TABLES, 0, "%s",
			      wt_inventory_table_error(inv, i));
	if (!n)
		return inv;
	wt_inventory_free(inv);
	return NULL;
}

static void write_piece(void *self, struct wt_slice piece)
{
	wt_output_write(self, piece);
}

bool wt_assets_write(struct wt_inventory *inv, const char *folder,
		     struct wt_receipt_output *output)
{
	struct wt_output_file *f = wt_output_open(folder, "inventory.json");

	if (!f)
		return false;
	wt_inventory_json(inv, wt_app_hint_name, write_piece, f);
	output->name = "inventory.json";
	return wt_output_close(f, output->digest, &output->len);
}

/* Appends text, escaped, as far as `cap` columns of the line reach. */
static void put(struct wt_builder *line, struct wt_slice text, size_t cap)
{
	uint8_t room[6 * 64];
	struct wt_builder escaped = wt_builder_of(room, sizeof(room));
	size_t left = cap > line->len ? cap - line->len : 0;

	wt_bld_escaped(&escaped, wt_slice_head(text, 64));
	text = wt_slice_head(wt_bld_slice(&escaped), left);
	while (text.len && text.len == left && (text.ptr[text.len - 1] & 0xc0) == 0x80)
		text.len--; /* no half characters at the edge */
	wt_bld_bytes(line, text);
}

static void pad(struct wt_builder *line, size_t column)
{
	do
		wt_bld_char(line, ' ');
	while (line->len < column);
}

/* The first of these that is known. */
static struct wt_slice first_of(const struct wt_inventory *inv, uint32_t node,
				const enum wt_attribute *list, unsigned n)
{
	struct wt_slice text = { 0 };
	unsigned i;

	for (i = 0; i < n && !text.len; i++)
		text = wt_inventory_best(inv, node, list[i]);
	return text;
}

/* What people know a device by: its IPv4 address, else its hardware address. */
static void put_address(struct wt_builder *line, const struct wt_inventory *inv, uint32_t node)
{
	static const enum wt_attribute others[] = { WT_A_MAC, WT_A_IP };
	static struct wt_fact_view fact[WT_DEVICE_FACTS_MAX];
	unsigned n = wt_inventory_facts(inv, node, fact, WT_DEVICE_FACTS_MAX), i;

	for (i = 0; i < n; i++)
		if (fact[i].attribute == WT_A_IP &&
		    wt_slice_find(fact[i].value, ':') == fact[i].value.len) {
			put(line, fact[i].value, 34);
			return;
		}
	put(line, first_of(inv, node, others, 2), 34);
}

static void put_where(struct wt_builder *line, const struct wt_inventory *inv, uint32_t node)
{
	struct wt_device_view device;
	struct wt_via_view via;

	if (wt_inventory_device(inv, node, &device) && device.is_stated &&
	    wt_inventory_via(inv, node, &via, 1)) {
		wt_bld_text(line, "via ");
		node = via.node;
	}
	put_address(line, inv, node);
}

static void print_device(struct wt_inventory *inv, uint32_t node, FILE *to)
{
	static const enum wt_attribute what[] = { WT_A_VENDOR,   WT_A_MODEL,   WT_A_SERIAL,
						  WT_A_AE_TITLE, WT_A_HL7_APP, WT_A_HOST_NAME };
	struct wt_conclusion class = wt_inventory_class(inv, node);
	struct wt_os_view os = wt_inventory_os(inv, node);
	char text[WIDTH + 1] = "";
	struct wt_builder line = wt_builder_of(text, WIDTH);
	bool is_first = true;
	unsigned i;

	wt_bld_text(&line, "  ");
	put_where(&line, inv, node);
	pad(&line, 24);
	put(&line, wt_slice_of(class.value, strlen(class.value)), 56);
	pad(&line, 44);
	for (i = 0; i < sizeof(what) / sizeof(what[0]); i++) {
		struct wt_slice value = wt_inventory_best(inv, node, what[i]);

		if (!value.len || line.len + 3 >= WIDTH)
			continue;
		if (!is_first)
			put(&line, WT_LIT(", "), WIDTH);
		put(&line, value, WIDTH);
		is_first = false;
	}
	if (*os.name.value && line.len + 3 < WIDTH) {
		put(&line, is_first ? WT_LIT("") : WT_LIT(", "), WIDTH);
		put(&line, wt_slice_of(os.name.value, strlen(os.name.value)), WIDTH);
		put(&line, os.is_legacy ? WT_LIT(" (no support)") : WT_LIT(""), WIDTH);
	}
	while (line.len && text[line.len - 1] == ' ')
		line.len--;
	fprintf(to, "%.*s\n", (int)line.len, text);
}

struct ranked {
	uint32_t node, place;
	size_t rank;
};

/* First who may harm patients, in the order of priorities.tsv, then the others that are
 * known, then those of which no more than an address is. */
static size_t rank_of(const struct wt_archive *a, struct wt_dossier *d, uint32_t node)
{
	size_t n = a->priorities ? wt_table_n_rows(a->priorities) : 0, i;
	bool is_medical;

	if (!wt_dossier_glance(a, node, d))
		return 3 * n + 1;
	(void)wt_dossier_priority(a, d, &is_medical);
	for (i = 0; i < n; i++)
		if (!strcmp(wt_table_cell(a->priorities, i, 0), d->class.value))
			return is_medical ? i : n + i;
	return wt_inventory_best(a->inv, node, WT_A_VENDOR).len ||
			       wt_inventory_best(a->inv, node, WT_A_HOST_NAME).len
		       ? 2 * n
		       : 3 * n;
}

static int by_rank(const void *a, const void *b)
{
	const struct ranked *x = a, *y = b;

	if (x->rank != y->rank)
		return x->rank < y->rank ? -1 : 1;
	return x->place < y->place ? -1 : x->place > y->place;
}

void wt_assets_print(const struct wt_archive *archive, FILE *to)
{
	uint32_t n = wt_inventory_count(archive->inv), node = 0, i = 0, n_advised = 0;
	struct ranked *list = calloc(n + 1u, sizeof(*list));
	struct wt_dossier *d = malloc(sizeof(*d));

	if (!list || !d)
		abort();
	while (i < n && (node = wt_inventory_next(archive->inv, node)) != 0) {
		list[i] = (struct ranked){ node, i, rank_of(archive, d, node) };
		i++;
	}
	qsort(list, i, sizeof(*list), by_rank);
	fprintf(to, "\ndevices found: %u\n", (unsigned)n);
	for (n = 0; n < i; n++) {
		if (n < LINES_MAX)
			print_device(archive->inv, list[n].node, to);
		if (wt_dossier_read(archive, list[n].node, d) && d->n_advisories)
			n_advised++;
	}
	if (n > LINES_MAX)
		fprintf(to, "  ... and %u more; -o FOLDER writes inventory.json\n",
			(unsigned)(n - LINES_MAX));
	if (n_advised)
		fprintf(to, "  %u of them may be concerned by advisories of CISA: with -o FOLDER, "
			    "wardtap inventory\n  show -s FOLDER tells which and why\n",
			(unsigned)n_advised);
	free(d);
	free(list);
}
