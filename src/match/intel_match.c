/* Indicators against what events and flows say. Fields are found by name when the program
 * is made; those whose dissector is absent are passed over.
 * Trust: values are hostile bytes. Memory: a few hundred bytes. */
#include "match/inner.h"
#include "base/values.h"
#include "wardtap/registry.h"

#include <stdio.h>
#include <stdlib.h>

#define INTEL_GID 4u /* numbers of indicator alerts; sid is the kind + 1 */

static const struct {
	const char *field;
	enum wt_intel_kind kind;
} sources[] = {
	{ "dns.query", WT_INTEL_DOMAIN },
	{ "dns.answer_name", WT_INTEL_DOMAIN },
	{ "tls.sni", WT_INTEL_DOMAIN },
	{ "quic.sni", WT_INTEL_DOMAIN },
	{ "http.host", WT_INTEL_DOMAIN },
	{ "tls.cert_fingerprint", WT_INTEL_CERT_SHA1 },
	{ "tls.cert_sha1", WT_INTEL_CERT_SHA1 },
	{ "tls.ja3", WT_INTEL_JA3 },
	{ "tls.ja4", WT_INTEL_JA4 },
	{ "quic.ja4", WT_INTEL_JA4 },
	{ "smtp.mail_from", WT_INTEL_EMAIL },
};

struct wt_intel_sources {
	const struct wt_intel *intel;
	struct {
		uint16_t owner, field;
		enum wt_intel_kind kind;
	} row[32];
	unsigned n;
	uint16_t http, http_host, http_uri; /* owner and fields; 0: none */
};

static void find_source(struct wt_intel_sources *s, unsigned owner, unsigned field,
			const char *name)
{
	unsigned i;

	for (i = 0; i < sizeof(sources) / sizeof(sources[0]); i++) {
		if (strcmp(sources[i].field, name) != 0 || s->n == 32)
			continue;
		s->row[s->n].owner = (uint16_t)owner;
		s->row[s->n].field = (uint16_t)field;
		s->row[s->n++].kind = sources[i].kind;
	}
	if (strcmp(name, "http.host") == 0)
		s->http_host = (uint16_t)field;
	if (strcmp(name, "http.uri") == 0) {
		s->http = (uint16_t)owner;
		s->http_uri = (uint16_t)field;
	}
}

struct wt_intel_sources *wt_intel_sources_new(const struct wt_intel *intel)
{
	struct wt_intel_sources *s = calloc(1, sizeof(*s));
	unsigned owner, i;

	if (!s)
		abort();
	s->intel = intel;
	for (owner = 1; owner <= wt_registry_count(); owner++)
		for (i = 0;; i++) {
			const struct wt_field *row = wt_registry_field(owner, WT_FIELD_OWN + i);

			if (!row)
				break;
			find_source(s, owner, WT_FIELD_OWN + i, row->name);
		}
	return s;
}

void wt_intel_sources_free(struct wt_intel_sources *s)
{
	free(s);
}

static void emit(struct wt_matcher *m, const struct wt_event_head *head, const char *buffer,
		 const struct wt_intel_hit *hit)
{
	char text[160];
	struct wt_rule rule = {
		.gid = INTEL_GID,
		.sid = (uint32_t)hit->kind + 1,
		.rev = 1,
		.priority = 1,
		.severity = 8,
		.classtype = "command-and-control",
		.msg = text,
	};
	struct wt_subject subject = { .head = *head };
	struct wt_match match = { .buffer = buffer };

	(void)snprintf(text, sizeof(text), "Indicator (%s) of %.100s",
		       wt_intel_kind_name(hit->kind), hit->feed);
	wt_match_emit_hit(m, &rule, &subject, &match, hit->indicator);
}

static struct wt_slice first_value(const struct wt_event *event, uint16_t field)
{
	struct wt_slice rest = event->values, bytes;
	struct wt_value value;

	while (wt_values_take(&rest, &value, &bytes))
		if (value.event == event->handle && value.field == field)
			return bytes;
	return wt_slice_of(NULL, 0);
}

/* host and path, as feeds write URLs; with and without what follows '?'. */
static void match_url(struct wt_matcher *m, const struct wt_intel_sources *s,
		      const struct wt_event *event)
{
	struct wt_slice host = first_value(event, s->http_host);
	struct wt_slice uri = first_value(event, s->http_uri), url;
	uint8_t room[WT_INTEL_TEXT_MAX];
	struct wt_builder b = wt_builder_of(room, sizeof(room));
	struct wt_intel_hit hit;

	if (!host.len || !uri.len)
		return;
	wt_bld_bytes(&b, host);
	wt_bld_bytes(&b, uri);
	if (b.is_short)
		return;
	url = wt_bld_slice(&b);
	if (wt_intel_text(s->intel, WT_INTEL_URL, url, &hit) ||
	    wt_intel_text(s->intel, WT_INTEL_URL, wt_slice_head(url, wt_slice_find(url, '?')),
			  &hit))
		emit(m, &event->head, "http.uri", &hit);
}

void wt_intel_event(struct wt_matcher *m, const struct wt_intel_sources *s,
		    const struct wt_event *event)
{
	struct wt_slice rest = event->values, bytes;
	struct wt_intel_hit hit;
	struct wt_value value;
	unsigned i;

	if (s->http && event->head.owner == s->http)
		match_url(m, s, event);
	for (i = 0; i < s->n; i++) {
		if (s->row[i].owner != event->head.owner)
			continue;
		rest = event->values;
		while (wt_values_take(&rest, &value, &bytes)) {
			bool found;

			if (value.event != event->handle || value.field != s->row[i].field)
				continue;
			if (s->row[i].kind == WT_INTEL_DOMAIN) /* a port may follow a host */
				bytes = wt_slice_head(bytes, wt_slice_find(bytes, ':'));
			found = s->row[i].kind == WT_INTEL_DOMAIN
					? wt_intel_domain(s->intel, bytes, &hit)
					: wt_intel_text(s->intel, s->row[i].kind, bytes, &hit);
			if (found)
				emit(m, &event->head,
				     wt_registry_field(value.field >= WT_FIELD_OWN
							       ? event->head.owner
							       : 0,
						       value.field)
					     ->name,
				     &hit);
		}
	}
}

void wt_intel_flow(struct wt_matcher *m, const struct wt_intel_sources *s,
		   const struct wt_event_head *head)
{
	struct wt_intel_hit hit;
	unsigned i;

	for (i = 0; i < 2; i++)
		if (wt_intel_address(s->intel, &head->key.end[i].addr, head->key.ip_version,
				     &hit))
			emit(m, head, i == head->sender ? "src_ip" : "dest_ip", &hit);
}
