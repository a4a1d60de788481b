/* `wardtap inventory compare`: the network against the hospital's own list of equipment
 * (a CMMS export): what is on the wire and not on the list, on the list and not on the
 * wire, and what differs.
 *
 * A row and a device belong together by the first of these that both have: hardware
 * address, serial number, asset tag, AE title, host name, address.
 * Trust: the operator's file, hostile values of the wire; both escaped where shown.
 * Memory: the file, and 48 bytes for each value that can be matched. */
#include <stdlib.h>

#include "app/app.h"
#include "app/csv.h"
#include "app/inventory.h"
#include "app/text.h"
#include "base/json.h"

enum column { MAC, SERIAL, TAG, AE_TITLE, HOST, ADDR, VENDOR, MODEL, SOFTWARE, N_COLUMNS };
#define N_KEYS VENDOR /* those before it make a match */

static const struct {
	const char *name;
	enum wt_attribute attribute;
	/* headers of exports, in small letters, letters and digits only */
	const char *headers[14];
} columns[N_COLUMNS] = {
	[MAC] = { "mac",
		  WT_A_MAC,
		  { "mac", "macaddress", "macaddr", "hardwareaddress", "ethernetaddress",
		    "physicaladdress", "wiredmac", "networkmac", NULL } },
	[SERIAL] = { "serial",
		     WT_A_SERIAL,
		     { "serial", "serialnumber", "serialno", "serialnr", "sn", "deviceserial",
		       "mfgserial", "manufacturerserialnumber", "seriennummer", NULL } },
	[TAG] = { "asset_tag",
		  WT_A_ASSET_TAG,
		  { "assettag", "asset", "assetnumber", "assetno", "assetid", "tag",
		    "tagnumber", "equipmentid", "equipmentnumber", "controlnumber",
		    "inventorynumber", "cmmsid", "inventarnummer", NULL } },
	[AE_TITLE] = { "ae_title",
		       WT_A_AE_TITLE,
		       { "aetitle", "aet", "dicomaetitle", "dicomae", NULL } },
	[HOST] = { "host_name",
		   WT_A_HOST_NAME,
		   { "hostname", "computername", "devicename", "systemname", "networkname",
		     "name", "dnsname", "nodename", NULL } },
	[ADDR] = { "ip",
		   WT_A_IP,
		   { "ip", "ipaddress", "ipaddr", "ipv4", "ipv4address", "networkaddress",
		     "ipadresse", NULL } },
	[VENDOR] = { "vendor",
		     WT_A_VENDOR,
		     { "vendor", "manufacturer", "make", "mfr", "mfg", "oem",
		       "manufacturername", "brand", "hersteller", NULL } },
	[MODEL] = { "model",
		    WT_A_MODEL,
		    { "model", "modelnumber", "modelname", "modelno", "devicemodel", "product",
		      "productname", "modell", NULL } },
	[SOFTWARE] = { "software",
		       WT_A_SOFTWARE,
		       { "software", "softwareversion", "firmware", "firmwareversion",
			 "swversion", "fwversion", "version", NULL } },
};

struct key {
	char text[40];
	uint32_t device; /* index into the comparison's list */
	uint8_t column;
};

struct comparison {
	const struct wt_inventory_request *r;
	struct wt_csv_file *file;
	struct wt_device_list list;
	struct wt_dossier *d;
	int at[N_COLUMNS]; /* column of the file, -1: none */
	struct key *key;
	size_t n_keys, room;
	uint32_t *row_of; /* of each device: row of the file, 0: none */
	size_t n_unseen, n_unlisted, n_differing, n_matched;
	struct wt_json j;
	uint8_t room_json[65536];
};

/* ---- keys: the same thing, however it is written ---- */

/* Small letters and digits. */
static void squeeze(struct wt_slice text, char *into, size_t size, const char *stop)
{
	size_t i, n = 0;

	for (i = 0; i < text.len && n < size - 1; i++) {
		char c = (char)text.ptr[i];

		if (*stop && strchr(stop, c))
			break;
		if (c >= 'A' && c <= 'Z')
			c = (char)(c + 32);
		if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (c & 0x80))
			into[n++] = c;
	}
	into[n] = 0;
}

/* False when the value can identify nothing ("", "N/A", "unknown", "0"). */
static bool make_key(enum column column, struct wt_slice value, struct key *key)
{
	static const char *const empty[] = { "na",           "none", "unknown",
					     "tbd",          "0",    "00",
					     "null",         "unk",  "000000000000",
					     "notavailable", NULL };
	unsigned i;

	memset(key, 0, sizeof(*key));
	key->column = (uint8_t)column;
	if (column == ADDR) {
		if (!value.len || value.len >= sizeof(key->text))
			return false;
		memcpy(key->text, value.ptr, value.len);
	} else {
		squeeze(value, key->text, sizeof(key->text), column == HOST ? "." : "");
	}
	if (column == MAC && strlen(key->text) != 12)
		return false;
	for (i = 0; empty[i]; i++)
		if (!strcmp(key->text, empty[i]))
			return false;
	return key->text[0] != 0;
}

static int by_key(const void *a, const void *b)
{
	const struct key *x = a, *y = b;
	int order = x->column != y->column ? (x->column < y->column ? -1 : 1)
					   : strcmp(x->text, y->text);

	return order ? order : x->device < y->device ? -1 : x->device > y->device;
}

static void add_keys(struct comparison *c, uint32_t device)
{
	const struct wt_fact_view *f;
	unsigned column, i;

	for (column = 0; column < N_KEYS; column++) {
		for (i = 0; (f = wt_dossier_fact(c->d, columns[column].attribute, i)); i++) {
			if (c->n_keys == c->room) {
				c->room = c->room ? c->room * 2 : 1024;
				c->key = realloc(c->key, c->room * sizeof(*c->key));
				if (!c->key)
					abort();
			}
			if (!make_key((enum column)column, f->value, &c->key[c->n_keys]))
				continue;
			c->key[c->n_keys++].device = device;
		}
	}
}

/* First key of this column and text, or NULL. */
static const struct key *find_key(const struct comparison *c, const struct key *wanted)
{
	size_t low = 0, high = c->n_keys;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		const struct key *k = &c->key[mid];
		int order = k->column != wanted->column ? (k->column < wanted->column ? -1 : 1)
							: strcmp(k->text, wanted->text);

		if (order < 0)
			low = mid + 1;
		else
			high = mid;
	}
	if (low == c->n_keys || c->key[low].column != wanted->column ||
	    strcmp(c->key[low].text, wanted->text) != 0)
		return NULL;
	return &c->key[low];
}

/* ---- the file ---- */

static void find_columns(struct comparison *c)
{
	unsigned n = wt_csv_n_cells(c->file, 0), i, k, h;
	char name[40];

	for (k = 0; k < N_COLUMNS; k++)
		c->at[k] = -1;
	for (i = 0; i < n; i++) {
		squeeze(wt_csv_at(c->file, 0, i), name, sizeof(name), "");
		for (k = 0; k < N_COLUMNS; k++)
			for (h = 0; columns[k].headers[h]; h++)
				if (c->at[k] < 0 && !strcmp(columns[k].headers[h], name))
					c->at[k] = (int)i;
	}
}

static struct wt_slice cell(const struct comparison *c, size_t row, enum column column)
{
	return c->at[column] < 0 ? wt_slice_of(NULL, 0)
				 : wt_csv_at(c->file, row, (unsigned)c->at[column]);
}

/* The device of a row, UINT32_MAX when there is none; by what it was found. */
static uint32_t match_row(const struct comparison *c, size_t row, enum column *by)
{
	unsigned column;
	struct key wanted;
	const struct key *k;

	for (column = 0; column < N_KEYS; column++) {
		if (!make_key((enum column)column, cell(c, row, (enum column)column), &wanted))
			continue;
		k = find_key(c, &wanted);
		if (!k)
			continue;
		*by = (enum column)column;
		return k->device;
	}
	return UINT32_MAX;
}

/* ---- showing ---- */

static void put_row_text(const struct comparison *c, FILE *out, size_t row)
{
	unsigned column, n = 0;

	fprintf(out, "  line %-5zu", wt_csv_line(c->file, row));
	for (column = 0; column < N_COLUMNS && n < 4; column++) {
		struct wt_slice value = cell(c, row, (enum column)column);

		if (!value.len)
			continue;
		fprintf(out, "%s%s ", n++ ? ", " : " ", columns[column].name);
		wt_text_put(out, value, 20);
	}
	fputc('\n', out);
}

static void json_row(struct comparison *c, size_t row)
{
	unsigned column;

	wt_json_key(&c->j, "line");
	wt_json_u64(&c->j, wt_csv_line(c->file, row));
	wt_json_key(&c->j, "listed");
	wt_json_open(&c->j, '{');
	for (column = 0; column < N_COLUMNS; column++) {
		struct wt_slice value = cell(c, row, (enum column)column);

		if (!value.len)
			continue;
		wt_json_key(&c->j, columns[column].name);
		wt_json_string(&c->j, wt_slice_head(value, 255));
	}
	wt_json_close(&c->j, '}');
}

static void json_flush(struct comparison *c)
{
	(void)fwrite(c->j.out.ptr, 1, c->j.out.len, c->r->out);
	c->j.out.len = 0;
}

static void begin_section(struct comparison *c, const char *title, const char *key)
{
	if (c->r->is_json) {
		wt_json_key(&c->j, key);
		wt_json_open(&c->j, '[');
	} else {
		fprintf(c->r->out, "\n%s\n", title);
	}
}

static void end_section(struct comparison *c, size_t n)
{
	if (c->r->is_json) {
		wt_json_close(&c->j, ']');
		json_flush(c);
	} else if (!n) {
		fputs("  none\n", c->r->out);
	}
}

static void tell_unlisted(struct comparison *c)
{
	char class[64];
	size_t i;

	begin_section(c, "Seen, but not listed", "seen_not_listed");
	for (i = 0; i < c->list.n; i++) {
		if (c->row_of[i] || !wt_dossier_glance(&c->r->archive, c->list.node[i], c->d))
			continue;
		c->n_unlisted++;
		if (c->r->is_json) {
			wt_json_open(&c->j, '{');
			wt_json_key(&c->j, "device");
			wt_json_u64(&c->j, c->d->device.id);
			wt_json_key(&c->j, "name");
			wt_json_string(&c->j, c->d->name);
			wt_json_key(&c->j, "class");
			wt_json_text(&c->j, c->d->class.value);
			wt_json_close(&c->j, '}');
			json_flush(c);
			continue;
		}
		wt_text_word(*c->d->class.value ? c->d->class.value : "-", class,
			     sizeof(class));
		fprintf(c->r->out, "  device %-5u ", c->d->device.id);
		wt_text_column(c->r->out, c->d->name, 24);
		fprintf(c->r->out, " %-18s ", class);
		wt_text_put(c->r->out, wt_dossier_best(c->d, WT_A_IP), 20);
		fputc('\n', c->r->out);
	}
	end_section(c, c->n_unlisted);
}

static void tell_unseen(struct comparison *c)
{
	enum column by;
	size_t row;

	begin_section(c, "Listed, but not seen", "listed_not_seen");
	for (row = 1; row < wt_csv_n_rows(c->file); row++) {
		if (match_row(c, row, &by) != UINT32_MAX)
			continue;
		c->n_unseen++;
		if (c->r->is_json) {
			wt_json_open(&c->j, '{');
			json_row(c, row);
			wt_json_close(&c->j, '}');
			json_flush(c);
		} else {
			put_row_text(c, c->r->out, row);
		}
	}
	end_section(c, c->n_unseen);
}

/* ---- differences ---- */

/* Whether the one text says what the other says, perhaps with more words. */
static bool is_same(enum column column, struct wt_slice seen, struct wt_slice listed)
{
	char a[128], b[128];

	squeeze(seen, a, sizeof(a), column == HOST ? "." : "");
	squeeze(listed, b, sizeof(b), column == HOST ? "." : "");
	if (column == VENDOR || column == MODEL)
		return strstr(a, b) || strstr(b, a);
	return !strcmp(a, b);
}

/* Seen values differ from the listed one: then `seen` is the best of them. */
static bool differs(struct comparison *c, enum column column, struct wt_slice listed,
		    struct wt_slice *seen)
{
	const struct wt_fact_view *f;
	const char *name;
	unsigned i;
	struct key key;

	if (!listed.len || !make_key(column == ADDR ? ADDR : SERIAL, listed, &key))
		return false;
	for (i = 0; (f = wt_dossier_fact(c->d, columns[column].attribute, i)) != NULL; i++) {
		if (is_same(column, f->value, listed))
			return false;
		name = column == VENDOR && c->r->archive.vendors
			       ? wt_vendor_name(c->r->archive.vendors, f->value)
			       : NULL;
		if (name && name == wt_vendor_name(c->r->archive.vendors, listed))
			return false;
	}
	*seen = wt_dossier_best(c->d, columns[column].attribute);
	return i != 0;
}

static void tell_difference(struct comparison *c, size_t row, enum column column,
			    enum column by, struct wt_slice seen, bool is_first)
{
	struct wt_slice listed = cell(c, row, column);

	if (c->r->is_json) {
		wt_json_open(&c->j, '{');
		wt_json_key(&c->j, "device");
		wt_json_u64(&c->j, c->d->device.id);
		wt_json_key(&c->j, "line");
		wt_json_u64(&c->j, wt_csv_line(c->file, row));
		wt_json_key(&c->j, "matched_by");
		wt_json_text(&c->j, columns[by].name);
		wt_json_key(&c->j, "attribute");
		wt_json_text(&c->j, columns[column].name);
		wt_json_key(&c->j, "seen");
		wt_json_string(&c->j, seen);
		wt_json_key(&c->j, "listed");
		wt_json_string(&c->j, wt_slice_head(listed, 255));
		wt_json_close(&c->j, '}');
		json_flush(c);
		return;
	}
	if (is_first) {
		fprintf(c->r->out, "  device %u ", c->d->device.id);
		wt_text_put(c->r->out, c->d->name, 30);
		fprintf(c->r->out, ", line %zu (by %s)\n", wt_csv_line(c->file, row),
			columns[by].name);
	}
	fprintf(c->r->out, "    %-10s seen ", columns[column].name);
	wt_text_column(c->r->out, seen, 26);
	fputs(" listed ", c->r->out);
	wt_text_put(c->r->out, listed, 26);
	fputc('\n', c->r->out);
}

static void tell_differing(struct comparison *c)
{
	struct wt_slice seen;
	enum column by;
	unsigned column, n;
	size_t row;

	begin_section(c, "Differing", "differing");
	for (row = 1; row < wt_csv_n_rows(c->file); row++) {
		uint32_t device = match_row(c, row, &by);

		if (device == UINT32_MAX ||
		    !wt_dossier_glance(&c->r->archive, c->list.node[device], c->d))
			continue;
		for (column = n = 0; column < N_COLUMNS; column++)
			if (column != (unsigned)by &&
			    differs(c, (enum column)column, cell(c, row, (enum column)column),
				    &seen))
				tell_difference(c, row, (enum column)column, by, seen,
						n++ == 0);
		c->n_differing += n != 0;
	}
	end_section(c, c->n_differing);
}

/* ---- the whole ---- */

static void match_all(struct comparison *c)
{
	enum column by;
	size_t i;

	for (i = 0; i < c->list.n; i++)
		if (wt_dossier_glance(&c->r->archive, c->list.node[i], c->d))
			add_keys(c, (uint32_t)i);
	if (c->n_keys)
		qsort(c->key, c->n_keys, sizeof(*c->key), by_key);
	for (i = 1; i < wt_csv_n_rows(c->file); i++) {
		uint32_t device = match_row(c, i, &by);

		if (device != UINT32_MAX && !c->row_of[device]) {
			c->row_of[device] = (uint32_t)i;
			c->n_matched++;
		}
	}
}

static bool tell_head(struct comparison *c, const char *path)
{
	unsigned column, n = 0;

	for (column = 0; column < N_KEYS; column++)
		n += c->at[column] >= 0;
	if (!n) {
		fprintf(stderr,
			"wardtap: %s: no column to match by; found none of MAC address, "
			"serial number,\nasset tag, AE title, host name, IP address in the "
			"first line\n",
			path);
		return false;
	}
	if (c->r->is_json) {
		wt_json_open(&c->j, '{');
		return true;
	}
	fprintf(c->r->out, "%zu devices seen, %zu lines in ", c->list.n,
		wt_csv_n_rows(c->file) - 1);
	wt_text_put(c->r->out, wt_slice_of(path, strlen(path)), 50);
	fputs("\ncolumns used:", c->r->out);
	for (column = n = 0; column < N_COLUMNS; column++)
		if (c->at[column] >= 0)
			fprintf(c->r->out, "%s %s", n++ ? "," : "", columns[column].name);
	fputc('\n', c->r->out);
	return true;
}

static void tell_tail(struct comparison *c)
{
	if (!c->r->is_json) {
		fprintf(c->r->out,
			"\n%zu matched, %zu of them differing; %zu seen only, %zu listed "
			"only\n",
			c->n_matched, c->n_differing, c->n_unlisted, c->n_unseen);
		return;
	}
	wt_json_close(&c->j, '}');
	json_flush(c);
	fputc('\n', c->r->out);
}

int wt_inventory_compare(const struct wt_inventory_request *r, const char *path)
{
	struct comparison *c = calloc(1, sizeof(*c));
	int status = WT_EXIT_DAMAGED;
	char why[128];

	if (!c)
		abort();
	c->r = r;
	c->j = wt_json_of(c->room_json, sizeof(c->room_json));
	c->d = malloc(sizeof(*c->d));
	c->list = wt_inventory_select(r);
	c->row_of = calloc(c->list.n + 1, sizeof(*c->row_of));
	c->file = wt_csv_open(path, why, sizeof(why));
	if (!c->d || !c->row_of)
		abort();
	if (!c->file) {
		fprintf(stderr, "wardtap: %s: %s\n", path, why);
	} else {
		find_columns(c);
		match_all(c);
		if (tell_head(c, path)) {
			tell_unlisted(c);
			tell_unseen(c);
			tell_differing(c);
			tell_tail(c);
			status = WT_EXIT_GOOD;
		}
	}
	wt_csv_close(c->file);
	free(c->list.node);
	free(c->row_of);
	free(c->key);
	free(c->d);
	free(c);
	return status;
}
