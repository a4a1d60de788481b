/* Gathering what is known of a device (dossier.h). Trust: values are hostile.
 * Memory: the caller's. */
#include "app/dossier.h"

#include <stdio.h>

/* Attributes that are claims about what an advisory speaks of. */
static const struct {
	enum wt_attribute attribute;
	enum wt_claim_kind kind;
} claims_of[] = {
	{ WT_A_VENDOR, WT_CLAIM_MAKER },
	{ WT_A_MODEL, WT_CLAIM_MODEL },
	{ WT_A_DESCRIPTION, WT_CLAIM_MODEL },
	{ WT_A_SOFTWARE, WT_CLAIM_VERSION },
	{ WT_A_SOFTWARE, WT_CLAIM_SOFTWARE },
	{ WT_A_PROGRAM, WT_CLAIM_SOFTWARE },
	{ WT_A_USER_AGENT, WT_CLAIM_SOFTWARE },
	{ WT_A_DESCRIPTION, WT_CLAIM_SOFTWARE },
	{ WT_A_OS, WT_CLAIM_OS },
};

/* What a device is called, in this order. */
static const enum wt_attribute names[] = {
	WT_A_HOST_NAME, WT_A_AE_TITLE, WT_A_STATION, WT_A_HL7_APP, WT_A_ASSET_TAG, WT_A_MODEL,
	WT_A_IP,        WT_A_MAC,      WT_A_EUI64,   WT_A_UUID,    WT_A_DEVICE_ID,
};

const struct wt_fact_view *wt_dossier_fact(const struct wt_dossier *d,
					   enum wt_attribute attribute, unsigned n)
{
	unsigned i;

	for (i = 0; i < d->n_facts; i++)
		if (d->fact[i].attribute == attribute && n-- == 0)
			return &d->fact[i];
	return NULL;
}

struct wt_slice wt_dossier_best(const struct wt_dossier *d, enum wt_attribute attribute)
{
	const struct wt_fact_view *f = wt_dossier_fact(d, attribute, 0);

	return f ? f->value : wt_slice_of(NULL, 0);
}

static void take_name(struct wt_dossier *d)
{
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		d->name = wt_dossier_best(d, names[i]);
		if (d->name.len)
			return;
	}
	snprintf(d->name_room, sizeof(d->name_room), "device %u", d->device.id);
	d->name = wt_slice_of(d->name_room, strlen(d->name_room));
}

static bool is_hex(uint8_t c, uint8_t *digit)
{
	*digit = c >= '0' && c <= '9'   ? (uint8_t)(c - '0')
		 : c >= 'a' && c <= 'f' ? (uint8_t)(c - 'a' + 10)
		 : c >= 'A' && c <= 'F' ? (uint8_t)(c - 'A' + 10)
					: 0xff;
	return *digit != 0xff;
}

static bool parse_mac(struct wt_slice text, struct wt_mac *mac)
{
	unsigned n = 0;
	uint8_t digit;
	size_t i;

	memset(mac, 0, sizeof(*mac));
	for (i = 0; i < text.len; i++) {
		if (!is_hex(text.ptr[i], &digit))
			continue;
		if (n == 12)
			return false;
		mac->octet[n / 2] = (uint8_t)(mac->octet[n / 2] << 4 | digit);
		n++;
	}
	return n == 12;
}

static void take_card_maker(const struct wt_archive *a, struct wt_dossier *d)
{
	const struct wt_fact_view *f;
	struct wt_mac mac;
	unsigned i;

	d->card_maker = NULL;
	for (i = 0; a->vendors && !d->card_maker; i++) {
		f = wt_dossier_fact(d, WT_A_MAC, i);
		if (!f)
			return;
		if (parse_mac(f->value, &mac))
			d->card_maker = wt_vendor_of_mac(a->vendors, &mac);
	}
}

/* A maker that nothing but the network card's address speaks for. */
static bool is_hint(const struct wt_fact_view *f)
{
	unsigned i;

	for (i = 0; i < f->n_sources; i++)
		if (f->source[i].name && strcmp(f->source[i].name, "ieee oui") != 0)
			return false;
	return f->n_sources != 0;
}

static void take_advisories(const struct wt_archive *a, struct wt_dossier *d)
{
	struct wt_claim claim[WT_CLAIMS_MAX];
	unsigned n = 0, i;
	size_t k;

	d->n_advisories = 0;
	if (!a->advisories)
		return;
	for (k = 0; k < sizeof(claims_of) / sizeof(claims_of[0]); k++) {
		for (i = 0; i < d->n_facts && n < WT_CLAIMS_MAX - 1; i++) {
			if (d->fact[i].attribute != claims_of[k].attribute ||
			    d->fact[i].is_pseudonym)
				continue;
			claim[n].kind = claims_of[k].kind;
			if (claim[n].kind == WT_CLAIM_MAKER && is_hint(&d->fact[i]))
				claim[n].kind = WT_CLAIM_MAKER_HINT;
			claim[n++].text = d->fact[i].value;
		}
	}
	if (d->card_maker)
		claim[n++] = (struct wt_claim){
			.kind = WT_CLAIM_MAKER_HINT,
			.text = wt_slice_of(d->card_maker, strlen(d->card_maker)),
		};
	d->n_advisories = wt_advisories_match(a->advisories, claim, n, d->advisory);
}

bool wt_dossier_glance(const struct wt_archive *a, uint32_t node, struct wt_dossier *d)
{
	d->n_facts = d->n_conflicts = d->n_via = d->n_links = d->n_advisories = 0;
	if (!wt_inventory_device(a->inv, node, &d->device))
		return false;
	d->n_facts = wt_inventory_facts(a->inv, node, d->fact, WT_DEVICE_FACTS_MAX);
	d->class = wt_inventory_class(a->inv, node);
	d->os = wt_inventory_os(a->inv, node);
	take_card_maker(a, d);
	take_name(d);
	return true;
}

bool wt_dossier_read(const struct wt_archive *a, uint32_t node, struct wt_dossier *d)
{
	if (!wt_dossier_glance(a, node, d))
		return false;
	d->n_conflicts = wt_inventory_conflicts(a->inv, node, d->conflict, WT_DOSSIER_LISTED);
	d->n_via = wt_inventory_via(a->inv, node, d->via, WT_DOSSIER_LISTED);
	d->n_links = wt_inventory_links(a->inv, node, d->link, WT_DOSSIER_LISTED);
	take_advisories(a, d);
	return true;
}

struct wt_slice wt_dossier_maker(const struct wt_archive *a, const struct wt_dossier *d,
				 bool *is_guess)
{
	struct wt_slice stated = wt_dossier_best(d, WT_A_VENDOR);
	const char *name = NULL;

	*is_guess = false;
	if (stated.len) {
		name = a->vendors ? wt_vendor_name(a->vendors, stated) : NULL;
		return name ? wt_slice_of(name, strlen(name)) : stated;
	}
	*is_guess = d->card_maker != NULL;
	return d->card_maker ? wt_slice_of(d->card_maker, strlen(d->card_maker))
			     : wt_slice_of("", 0);
}

void wt_dossier_join(const struct wt_dossier *d, enum wt_attribute attribute, const char *mark,
		     unsigned most, struct wt_builder *b)
{
	const struct wt_fact_view *f;
	unsigned i;

	for (i = 0; !most || i < most; i++) {
		f = wt_dossier_fact(d, attribute, i);
		if (!f || b->cap - b->len < f->value.len + strlen(mark))
			return;
		if (i)
			wt_bld_text(b, mark);
		wt_bld_bytes(b, f->value);
	}
}

unsigned wt_dossier_n_contradicted(const struct wt_dossier *d, enum wt_attribute attribute)
{
	const struct wt_fact_view *f;
	unsigned n = 0, i;

	if (wt_attribute_rows[attribute].mult != WT_MULT_ONE)
		return 0;
	for (i = 0; (f = wt_dossier_fact(d, attribute, i)) != NULL; i++)
		n += !f->is_pseudonym; /* which may stand for the same value */
	return n ? n - 1 : 0;
}

const char *wt_dossier_priority(const struct wt_archive *a, const struct wt_dossier *d,
				bool *is_medical)
{
	size_t i, n = a->priorities ? wt_table_n_rows(a->priorities) : 0;

	*is_medical = false;
	for (i = 0; i < n; i++) {
		if (strcmp(wt_table_cell(a->priorities, i, 0), d->class.value) != 0)
			continue;
		*is_medical = !strcmp(wt_table_cell(a->priorities, i, 2), "yes");
		return wt_table_cell(a->priorities, i, 1);
	}
	return *d->class.value ? "medium" : "unknown";
}

bool wt_dossier_is_notable(const struct wt_dossier *d)
{
	unsigned i;

	if (d->n_conflicts || d->n_advisories || d->os.is_legacy)
		return true;
	for (i = 0; i < WT_N_ATTRIBUTES; i++)
		if (wt_dossier_n_contradicted(d, (enum wt_attribute)i))
			return true;
	return false;
}
