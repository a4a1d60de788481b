/* Multicast DNS and DNS service discovery: who is on the link and what it offers.
 * The message is that of DNS (dns_wire.h). What a responder says of itself: PTR and SRV
 * name services and instances, A and AAAA its host name, TXT its model and maker.
 * Source: RFC 6762, RFC 6763; keys of TXT records as observed in pcaps/mdns and as the
 * Bonjour printing specification 1.2 and AirPlay receivers use them.
 * Trust: every byte is hostile. PHI: instance names that tell a person are quasi.
 * Memory: no state. */
#include "dns_fields.h"

#define MDNS_OWN_FIELDS(F)                                                                     \
	F(SERVICE, STR, MANY, NONE, ASIS, 80, "", "mdns.service", "RFC 6763 4.1.2",            \
	  "Services offered, e.g. _ipp._tcp.")                                                 \
	F(INSTANCE, STR, MANY, DEVICE, ASIS, 63, "", "mdns.instance", "RFC 6763 4.1.1",        \
	  "Names of service instances that tell no person.")                                   \
	F(PERSONAL_INSTANCE, STR, MANY, QUASI, ASIS, 63, "", "mdns.personal_instance",         \
	  "RFC 6763 4.1.1", "Names of service instances that tell whose machine it is.")       \
	F(IS_PROBE, BOOL, ONE, NONE, ASIS, 1, "", "mdns.is_probe", "RFC 6762 8.1",             \
	  "A host asks whether the name it wants is free; absent when not.")                   \
	F(IS_GOODBYE, BOOL, ONE, NONE, ASIS, 1, "", "mdns.is_goodbye", "RFC 6762 10.1",        \
	  "Records are taken back (time to live 0); absent when not.")

enum { DNS_FIELDS(WT_FIELD_ENUM, "mdns.") MDNS_OWN_FIELDS(WT_FIELD_ENUM) F_COUNT_ };
static const struct wt_field fields[] = { DNS_FIELDS(WT_FIELD_ROW, "mdns.")
						  MDNS_OWN_FIELDS(WT_FIELD_ROW) };
MDNS_OWN_FIELDS(WT_FIELD_SETTER)

static const struct wt_event_type events[] = {
	{ "mdns", "A multicast DNS message: questions or announcements of the link." },
};

#define SEEN_MAX 32u
#define LOCAL ".local"
#define LOCAL_LEN 6u

struct mdns_call {
	struct dns_call c; /* first: the parser gives it back */
	uint64_t seen[SEEN_MAX];
	unsigned n_seen;
};

static bool is_link_name(struct wt_slice name)
{
	return wt_dns_ends(name, LOCAL) || wt_dns_ends(name, ".254.169.in-addr.arpa") ||
	       wt_dns_ends(name, ".ip6.arpa");
}

static enum wt_verdict probe(struct wt_slice head)
{
	struct dns_look look;
	enum wt_verdict verdict = wt_dns_look(head, 65535, &look);

	if (verdict != WT_OK || dns_opcode(&look.header) != DNS_OP_QUERY)
		return verdict == WT_OK ? WT_FOREIGN : verdict;
	if (is_link_name(dns_text(&look.name)))
		return WT_OK;
	/* another domain, but the id and the class of multicast */
	return look.header.id == 0 && ((look.class & DNS_CLASS_TOP) ||
				       (look.header.flags == (DNS_QR | DNS_AA) &&
					look.header.n[0] == 0))
		       ? WT_OK
		       : WT_FOREIGN;
}

/* Was this text put before? Remembers it. */
static bool is_repeated(struct mdns_call *m, unsigned field, struct wt_slice s)
{
	uint64_t sum = wt_out_hash(m->c.out, s) + field;
	unsigned i;

	for (i = 0; i < m->n_seen; i++)
		if (m->seen[i] == sum)
			return true;
	if (m->n_seen < SEEN_MAX)
		m->seen[m->n_seen++] = sum;
	return false;
}

static struct wt_slice without_local(struct wt_slice name)
{
	return wt_dns_ends(name, LOCAL) ? wt_slice_head(name, name.len - LOCAL_LEN) : name;
}

static bool is_service(struct wt_slice name)
{
	return name.len > 5 && name.ptr[0] == '_' &&
	       (wt_dns_ends(name, "._tcp") || wt_dns_ends(name, "._udp"));
}

static void put_service(struct mdns_call *m, struct wt_slice name)
{
	name = without_local(name);
	if (is_service(name) && !is_repeated(m, F_SERVICE, name))
		put_SERVICE(m->c.out, m->c.event, name);
}

/* Services of equipment; what others call themselves is their owner's choice ("Anna",
 * "anna@mac"), whatever it looks like. */
static bool is_equipment(struct wt_slice service)
{
	static const char *const names[] = {
		"_ipp",     "_ipps",     "_printer",    "_pdl-datastream", "_fax-ipp",
		"_scanner", "_uscan",    "_uscans",     "_privet",         "_ptp",
		"_http",    "_https",    "_ssh",        "_sftp-ssh",       "_telnet",
		"_ftp",     "_tftp",     "_nfs",        "_webdav",         "_smb",
		"_dicom",   "_acr-nema", "_hl7",        "_workstation",    "_ntp",
		"_snmp",    "_domain",   "_axis-video", "_rtsp",           "_mqtt",
		"_coap",    "_nut",      "_bacnet",     "_modbus",         "_opcua-tcp",
		"_sip",     "_ldap",     "_kerberos",   "_udisks-ssh",     "_device-info",
	};
	size_t i, len = wt_slice_find(service, '.');

	service = wt_slice_head(service, len);
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (service.len == wt_slice_text(names[i]).len &&
		    wt_dns_ends(service, names[i]))
			return true;
	return false;
}

static bool is_personal(const struct dns_name *name)
{
	struct wt_slice instance = wt_slice_of(name->text, name->first);
	struct wt_slice service = wt_slice_tail(dns_text(name), name->first + 1u);

	if (wt_host_name_is_personal(instance))
		return true;
	return instance.len && instance.ptr[0] != '_' && is_service(without_local(service)) &&
	       (!is_equipment(service) || wt_slice_find(instance, '@') < instance.len);
}

/* "Instance._ipp._tcp.local": the first label may itself hold dots. */
static void put_instance(struct mdns_call *m, const struct dns_name *name)
{
	struct wt_slice instance = wt_slice_of(name->text, name->first);
	struct wt_slice service = wt_slice_tail(dns_text(name), name->first + 1u);

	if (!instance.len || instance.ptr[0] == '_' || !is_service(without_local(service)))
		return;
	put_service(m, service);
	if (is_repeated(m, F_INSTANCE, instance))
		return;
	if (is_personal(name))
		put_PERSONAL_INSTANCE(m->c.out, m->c.event, instance);
	else
		put_INSTANCE(m->c.out, m->c.event, instance);
}

static void put_host(struct mdns_call *m, struct wt_slice name)
{
	if (!wt_dns_ends(name, LOCAL))
		return;
	name = without_local(name);
	if (!is_repeated(m, F_RECORD_NAME, name))
		wt_put_host_name(m->c.out, m->c.event, name);
}

/* --- what TXT records say of the equipment --- */

enum fact { FACT_VENDOR, FACT_MODEL, FACT_SERIAL, FACT_SOFTWARE, FACT_ID };

static bool is_key(struct wt_slice key, const char *name)
{
	return key.len == wt_slice_text(name).len && wt_dns_ends(key, name);
}

static void put_fact(struct mdns_call *m, enum fact fact, struct wt_slice value)
{
	struct wt_out *out = m->c.out;
	unsigned event = m->c.event;

	if (value.len > 2 && value.ptr[0] == '(' && value.ptr[value.len - 1] == ')')
		value = wt_slice_of(value.ptr + 1, value.len - 2);
	switch (fact) {
	case FACT_VENDOR:
		wt_put_DEVICE_VENDOR(out, event, value);
		break;
	case FACT_MODEL:
		wt_put_DEVICE_MODEL(out, event, value);
		break;
	case FACT_SERIAL:
		wt_put_DEVICE_SERIAL(out, event, value);
		break;
	case FACT_SOFTWARE:
		if (!is_repeated(m, FACT_SOFTWARE + 1000u, value))
			wt_put_DEVICE_SOFTWARE(out, event, value);
		break;
	case FACT_ID:
		wt_put_DEVICE_ID(out, event, value);
		break;
	}
}

static void take_pair(struct mdns_call *m, struct wt_slice text)
{
	static const struct {
		const char *key;
		enum fact fact;
	} rows[] = {
		{ "usb_mfg", FACT_VENDOR },
		{ "mfg", FACT_VENDOR },
		{ "manufacturer", FACT_VENDOR },
		{ "vendor", FACT_VENDOR },
		{ "ty", FACT_MODEL },
		{ "usb_mdl", FACT_MODEL },
		{ "md", FACT_MODEL },
		{ "model", FACT_MODEL },
		{ "am", FACT_MODEL },
		{ "product", FACT_MODEL },
		{ "serial", FACT_SERIAL },
		{ "serialnumber", FACT_SERIAL },
		{ "sn", FACT_SERIAL },
		{ "fw", FACT_SOFTWARE },
		{ "fv", FACT_SOFTWARE },
		{ "firmware", FACT_SOFTWARE },
		{ "fwversion", FACT_SOFTWARE },
		{ "srcvers", FACT_SOFTWARE },
		{ "swversion", FACT_SOFTWARE },
		{ "deviceid", FACT_ID },
	};
	size_t at = wt_slice_find(text, '='), i;
	struct wt_slice key = wt_slice_head(text, at), value = wt_slice_tail(text, at + 1);

	for (i = 0; value.len && i < sizeof(rows) / sizeof(rows[0]); i++)
		if (is_key(key, rows[i].key))
			put_fact(m, rows[i].fact, value);
}

static void take_texts(struct mdns_call *m, const struct dns_record *rr)
{
	struct wt_reader r = wt_reader_of(rr->data, WT_MALFORMED);

	put_instance(m, &rr->name);
	while (wt_rd_left(&r))
		take_pair(m, wt_rd_bytes(&r, wt_rd_u8(&r)));
}

static void take_hinfo(struct mdns_call *m, const struct dns_record *rr)
{
	struct wt_reader r = wt_reader_of(rr->data, WT_MALFORMED);
	struct wt_slice cpu = wt_rd_bytes(&r, wt_rd_u8(&r));
	struct wt_slice os = wt_rd_bytes(&r, wt_rd_u8(&r));

	wt_put_DEVICE_HARDWARE(m->c.out, m->c.event, cpu);
	wt_put_HOST_OS(m->c.out, m->c.event, os);
}

/* The name of PTR or SRV data is in c->name, read for the shared fields. */
static void take_pointer(struct mdns_call *m, const struct dns_record *rr)
{
	struct wt_slice owner = dns_text(&rr->name);
	bool is_list = wt_dns_ends(owner, "_services._dns-sd._udp" LOCAL);

	if (!is_list)
		put_service(m, owner);
	if (is_list)
		put_service(m, dns_text(&m->c.name));
	else if (is_service(without_local(owner)))
		put_instance(m, &m->c.name);
}

static void more(struct dns_call *c, const struct dns_record *rr)
{
	struct mdns_call *m = (struct mdns_call *)c;

	if (!rr || rr->type == DNS_TYPE_OPT)
		return;
	if (!(c->header.flags & DNS_QR)) {
		if (c->section == 2)
			put_IS_PROBE(c->out, c->event, true);
		return;
	}
	if (c->section == 1 && rr->ttl == 0)
		put_IS_GOODBYE(c->out, c->event, true);
	switch (rr->type) {
	case DNS_TYPE_PTR:
		take_pointer(m, rr);
		break;
	case DNS_TYPE_SRV:
		put_instance(m, &rr->name);
		if (c->name.len)
			put_host(m, dns_text(&c->name));
		break;
	case DNS_TYPE_A:
	case DNS_TYPE_AAAA:
		put_host(m, dns_text(&rr->name));
		break;
	case DNS_TYPE_TXT:
		take_texts(m, rr);
		break;
	case DNS_TYPE_HINFO:
		take_hinfo(m, rr);
		break;
	default:
		break;
	}
}

static enum wt_verdict message(void *state, enum wt_direction dir, struct wt_reader *r,
			       struct wt_out *out)
{
	bool is_clipped = r->on_short == WT_CLIPPED;
	struct mdns_call m = { .c = { .out = out, .more = more, .is_personal = is_personal } };

	(void)state;
	(void)dir;
	m.c.message = wt_rd_rest(r);
	m.c.event = wt_event_begin(out, 0);
	if (!wt_dns_message(&m.c, is_clipped))
		return is_clipped ? WT_CLIPPED : WT_MALFORMED;
	return WT_OK;
}

const struct wt_dissector wt_mdns_dissector = {
	.name = "mdns",
	.title = "mDNS",
	.source = "RFC 6762, RFC 6763",
	.carriage = WT_OVER_UDP,
	.ports = { 5353 },
	.probe = probe,
	.message = message,
	WT_DISSECTOR_TABLES(events),
};
