/* `wardtap inventory show`: one device on a page that a biomedical engineer reads: what
 * it is, what is known and how, what does not fit together, whom it talks to, which
 * advisories may concern it.
 * Trust: values are hostile and escaped where shown. Memory: one dossier. */
#include <stdlib.h>

#include "app/app.h"
#include "app/inventory.h"
#include "app/text.h"
#include "base/address.h"
#include "wardtap/registry.h"

#define WIDTH 80u
#define PEERS_SHOWN 40u

static struct wt_slice text_of(const char *text)
{
	return wt_slice_of(text, strlen(text));
}

static void heading(FILE *out, const char *text)
{
	fprintf(out, "\n%s\n", text);
}

/* ---- what it is ---- */

static void print_kind(FILE *out, const struct wt_dossier *d)
{
	char class[64];
	unsigned i;

	fprintf(out, "Device %u: ", d->device.id);
	wt_text_put(out, d->name, 60);
	fputc('\n', out);
	if (!*d->class.value) {
		fputs("  Kind            not clear from what was seen\n", out);
		return;
	}
	wt_text_word(d->class.value, class, sizeof(class));
	fprintf(out, "  Kind            %s (%u %% sure)\n", class, d->class.confidence);
	for (i = 0; i < d->class.n_reasons && i < WT_REASONS_MAX; i++) {
		if (i && !strcmp(d->class.reason[i], d->class.reason[i - 1]))
			continue;
		fputs("                  ", out);
		wt_text_wrap(out, d->class.reason[i], 18, 18, WIDTH);
	}
	if (*d->class.runner_up) {
		wt_text_word(d->class.runner_up, class, sizeof(class));
		fprintf(out, "                  or else %s (%u %%)\n", class,
			d->class.runner_up_confidence);
	}
}

static void print_known(FILE *out, const struct wt_dossier *d, const char *label,
			enum wt_attribute attribute, unsigned most)
{
	const struct wt_fact_view *f;
	unsigned i;

	for (i = 0; i < most && (f = wt_dossier_fact(d, attribute, i)) != NULL; i++) {
		fprintf(out, "  %-15s ", i ? "" : label);
		wt_text_put(out, f->value, WIDTH - 18);
		fputc('\n', out);
	}
}

static void print_os(FILE *out, const struct wt_dossier *d)
{
	char end[WT_TEXT_TIME];

	if (!*d->os.name.value)
		return;
	fprintf(out, "  System          %s (%u %% sure)\n", d->os.name.value,
		d->os.name.confidence);
	if (d->os.support_end_ns)
		wt_text_time(d->os.support_end_ns, end);
	if (d->os.is_legacy && d->os.support_end_ns)
		fprintf(out, "                  LEGACY: the maker's support ended on %.10s\n",
			end);
	else if (d->os.is_legacy)
		fputs("                  LEGACY: the maker's support has ended\n", out);
	else if (d->os.support_end_ns)
		fprintf(out, "                  supported by its maker until %.10s\n", end);
}

static void print_seen(FILE *out, const struct wt_dossier *d)
{
	char first[WT_TEXT_TIME], last[WT_TEXT_TIME];

	fprintf(out, "  Seen            %s to %s UTC\n",
		wt_text_time(d->device.first_ns, first), wt_text_time(d->device.last_ns, last));
	if (d->device.is_stated)
		fputs("                  never by itself: others speak of it\n", out);
	else if (!d->device.is_answered)
		fputs("                  one-sided: nobody was seen answering it, nor it "
		      "anybody\n",
		      out);
}

static void print_zones(const struct wt_archive *a, FILE *out, const struct wt_dossier *d)
{
	const char *zone[WT_DEVICE_ZONES_MAX];
	unsigned n = wt_inventory_zones(a->inv, d->device.node, zone), i;

	for (i = 0; i < n; i++)
		fprintf(out, "  %-15s %s\n", i ? "" : "Zone", zone[i]);
}

static void print_summary(const struct wt_archive *a, FILE *out, const struct wt_dossier *d)
{
	bool is_guess;
	struct wt_slice maker = wt_dossier_maker(a, d, &is_guess);

	print_kind(out, d);
	if (maker.len) {
		fputs("  Maker           ", out);
		wt_text_put(out, maker, 40);
		fputs(is_guess ? " (by its network card)\n" : "\n", out);
	}
	print_known(out, d, "Model", WT_A_MODEL, 1);
	print_known(out, d, "Serial", WT_A_SERIAL, 1);
	print_known(out, d, "Software", WT_A_SOFTWARE, 4);
	print_known(out, d, "Asset tag", WT_A_ASSET_TAG, 1);
	print_known(out, d, "UDI", WT_A_UDI, 1);
	print_os(out, d);
	print_known(out, d, "Place", WT_A_LOCATION, 1);
	print_known(out, d, "Department", WT_A_DEPARTMENT, 1);
	print_known(out, d, "Station", WT_A_STATION, 1);
	print_known(out, d, "Host name", WT_A_HOST_NAME, 3);
	print_known(out, d, "Address", WT_A_IP, 6);
	print_zones(a, out, d);
	print_known(out, d, "MAC", WT_A_MAC, 4);
	print_known(out, d, "AE title", WT_A_AE_TITLE, 3);
	print_seen(out, d);
}

static void print_via(const struct wt_archive *a, FILE *out, const struct wt_dossier *d)
{
	struct wt_dossier *other;
	unsigned i;

	if (!d->n_via)
		return;
	other = malloc(sizeof(*other));
	if (!other)
		abort();
	for (i = 0; i < d->n_via; i++) {
		if (!wt_dossier_glance(a, d->via[i].node, other))
			continue;
		fprintf(out, "  %-15s device %u, ",
			d->via[i].is_speaker ? "Known through" : "Speaks for",
			other->device.id);
		wt_text_put(out, other->name, 40);
		fputc('\n', out);
	}
	free(other);
}

/* ---- what is known, and how ---- */

/* "device.model of hl7, dicom.station_name, 3 times". */
static void print_sources(FILE *out, const struct wt_fact_view *f)
{
	char text[WT_FACT_SOURCES * 100 + 40];
	size_t len = 0;
	unsigned i;

	for (i = 0; i < f->n_sources && i < WT_FACT_SOURCES; i++) {
		const char *name = f->source[i].name ? f->source[i].name : "";
		const char *owner = f->source[i].field == WT_FIELD_NONE
					    ? ""
					    : wt_registry_name(f->source[i].owner);
		size_t n = strlen(owner);
		bool is_own = !n || (!strncmp(name, owner, n) && name[n] == '.');

		len += (size_t)snprintf(text + len, sizeof(text) - len, "%.60s%s%s, ", name,
					is_own ? "" : " of ", is_own ? "" : owner);
	}
	(void)snprintf(text + len, sizeof(text) - len, "%u time%s", f->evidence.count,
		       f->evidence.count == 1 ? "" : "s");
	wt_text_wrap(out, text, 16, 16, WIDTH);
}

/* "2026-11-21 09:26:46 to 09:49:05, packet 7 of a.pcap", with the second date only
 * where it is another. */
static void print_proof(FILE *out, const struct wt_evidence *e)
{
	char first[WT_TEXT_TIME], last[WT_TEXT_TIME], text[96];
	const char *base;
	int len;

	wt_text_time(e->first_ns, first);
	wt_text_time(e->last_ns, last);
	len = snprintf(text, sizeof(text), "%s", first);
	if (strcmp(first, last) != 0)
		len += snprintf(text + len, sizeof(text) - (size_t)len, " to %s",
				strncmp(first, last, 11) ? last : last + 11);
	if (e->number)
		len += snprintf(text + len, sizeof(text) - (size_t)len, ", packet %llu",
				(unsigned long long)e->number);
	fprintf(out, "                %s", text);
	if (e->number && e->capture && *e->capture) {
		bool is_long = len > (int)WIDTH - 16 - 4 - 24;

		base = strrchr(e->capture, '/');
		base = base ? base + 1 : e->capture;
		fprintf(out, is_long ? "\n                of " : " of ");
		wt_text_put(out, text_of(base),
			    is_long ? WIDTH - 19 : WIDTH - 20 - (unsigned)len);
	}
	fputc('\n', out);
}

static void print_fact(FILE *out, const struct wt_dossier *d, const struct wt_fact_view *f,
		       bool is_next)
{
	const char *name = wt_attribute_rows[f->attribute].name;
	bool is_contradiction =
		is_next && !f->is_pseudonym && wt_dossier_n_contradicted(d, f->attribute);

	fprintf(out, "  %-13s ", is_next ? "" : name);
	wt_text_column(out, f->value, 36);
	fprintf(out, " %2u %%%s%s%s\n                ", f->confidence,
		is_contradiction ? "  CONTRADICTS" : "", f->is_pseudonym ? "  pseudonym" : "",
		f->is_presumed ? "  presumed" : "");
	print_sources(out, f);
	print_proof(out, &f->evidence);
}

static void print_facts(FILE *out, const struct wt_dossier *d)
{
	unsigned i;

	heading(out, "What is known, and how");
	for (i = 0; i < d->n_facts; i++)
		print_fact(out, d, &d->fact[i],
			   i && d->fact[i - 1].attribute == d->fact[i].attribute);
	if (d->device.n_lost_facts)
		fprintf(out, "  %u further values had no room\n", d->device.n_lost_facts);
}

static void print_conflicts(FILE *out, const struct wt_dossier *d)
{
	char when[WT_TEXT_TIME];
	unsigned i;

	if (!d->n_conflicts)
		return;
	heading(out, "What cannot both be true");
	for (i = 0; i < d->n_conflicts; i++) {
		const struct wt_conflict_view *c = &d->conflict[i];

		fprintf(out, "  %s: ", c->kind);
		wt_text_put(out, c->about, 40);
		fputs("\n                ", out);
		wt_text_put(out, c->holder_key, 24);
		fputs(" and ", out);
		wt_text_put(out, c->claimant_key, 24);
		fprintf(out, "\n                %u time%s, first %s\n", c->evidence.count,
			c->evidence.count == 1 ? "" : "s",
			wt_text_time(c->evidence.first_ns, when));
	}
}

/* ---- whom it talks to ---- */

static void print_place(const struct wt_archive *a, FILE *out, const struct wt_peer_view *p)
{
	struct wt_place place;

	if (!p->is_external)
		return;
	fputs("\n                external", out);
	if (!a->geo || !wt_geo_find(a->geo, p->ip_version, &p->addr, &place))
		return;
	fprintf(out, ", %s", *place.country ? place.country : "country unknown");
	if (place.asn)
		fprintf(out, ", AS%u ", place.asn);
	wt_text_put(out, text_of(place.network), 40);
}

static void print_peer(const struct wt_archive *a, FILE *out, const struct wt_peer_view *p)
{
	char addr[64], service[64], bytes_out[WT_TEXT_BYTES], bytes_in[WT_TEXT_BYTES];
	char when[WT_TEXT_TIME];
	struct wt_builder b = wt_builder_of(addr, sizeof(addr));
	const char *app = p->app ? wt_registry_name(p->app) : wt_app_hint_name(p->hint);

	wt_bld_addr(&b, &p->addr, p->ip_version);
	fprintf(out, "  %-11s ", p->is_client ? "asks" : "answers");
	wt_text_column(out, wt_bld_slice(&b), 17);
	snprintf(service, sizeof(service), "%s%s%s/%u", app, *app ? " " : "",
		 p->proto == 6    ? "tcp"
		 : p->proto == 17 ? "udp"
				  : "ip",
		 p->port);
	fputc(' ', out);
	wt_text_column(out, text_of(service), 17);
	fprintf(out, " %8s %8s %.10s", wt_text_bytes(p->bytes_out, bytes_out),
		wt_text_bytes(p->bytes_in, bytes_in), wt_text_time(p->last_ns, when));
	if (*p->zone)
		fprintf(out, "\n                in %s", p->zone);
	if (!p->is_answered)
		fputs("\n                unanswered", out);
	print_place(a, out, p);
	fputc('\n', out);
}

static void print_peers(const struct wt_archive *a, FILE *out, const struct wt_dossier *d)
{
	struct wt_peer_view p;
	uint64_t cursor = 0, n = 0;

	while (wt_inventory_peer(a->inv, d->device.node, &cursor, &p)) {
		if (n == 0) {
			heading(out, "Whom it talks to");
			fprintf(out, "  %-11s %-17s %-17s %8s %8s %s\n", "", "PEER", "SERVICE",
				"SENT", "RECEIVED", "LAST");
		}
		if (n++ < PEERS_SHOWN)
			print_peer(a, out, &p);
	}
	if (n > PEERS_SHOWN)
		fprintf(out, "  and %llu older conversations (list --json has all)\n",
			(unsigned long long)(n - PEERS_SHOWN));
	if (d->device.n_lost_peers)
		fprintf(out, "  %u conversations had no room\n", d->device.n_lost_peers);
}

static void print_links(FILE *out, const struct wt_dossier *d)
{
	char when[WT_TEXT_TIME];
	unsigned i;

	if (d->n_links)
		heading(out, "Conversations that belong together");
	for (i = 0; i < d->n_links; i++)
		fprintf(out, "  %s, %u time%s, first %s\n", d->link[i].kind,
			d->link[i].evidence.count, d->link[i].evidence.count == 1 ? "" : "s",
			wt_text_time(d->link[i].evidence.first_ns, when));
}

/* ---- advisories ---- */

static void print_advisories(const struct wt_archive *a, FILE *out, const struct wt_dossier *d)
{
	unsigned i;

	if (!d->n_advisories)
		return;
	heading(out, "Advisories that may concern it");
	for (i = 0; i < d->n_advisories; i++) {
		const struct wt_advisory_match *m = &d->advisory[i];

		fprintf(out, "  %-18s %-10s", m->advisory, wt_grade_name(m->grade));
		if (*m->cvss)
			fprintf(out, " CVSS %s", m->cvss);
		fputs("\n    ", out);
		wt_text_wrap(out, m->title, 4, 4, WIDTH);
		fputs("    because of ", out);
		wt_text_wrap(out, m->reason, 4, 15, WIDTH);
	}
	fprintf(out,
		"  By the table of %s; https://www.cisa.gov/ics-medical-advisories has them.\n",
		wt_advisories_edition(a->advisories));
}

int wt_inventory_show(const struct wt_inventory_request *r, const char *meant)
{
	uint32_t node = wt_inventory_pick(r, meant);
	struct wt_dossier *d;

	if (!node)
		return WT_EXIT_USAGE;
	d = malloc(sizeof(*d));
	if (!d)
		abort();
	if (wt_dossier_read(&r->archive, node, d)) {
		print_summary(&r->archive, r->out, d);
		print_via(&r->archive, r->out, d);
		print_conflicts(r->out, d);
		print_advisories(&r->archive, r->out, d);
		print_facts(r->out, d);
		print_peers(&r->archive, r->out, d);
		print_links(r->out, d);
	}
	free(d);
	return WT_EXIT_GOOD;
}
