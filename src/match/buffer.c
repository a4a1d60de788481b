/* Buffers and numbers of rules: names to the fields of the dictionary that fill them.
 * Every STR field is a sticky buffer of its own name, every number and flag a comparison;
 * names that Suricata spells otherwise are listed here. A name without a producer gives
 * no buffer, so its rule is not loaded.
 * Source: Suricata 7 user guide, chapters on HTTP, DNS, TLS, ... keywords.
 * Trust: names come from rule files. Memory: the set's arena. */
#include "base/hash.h"
#include "match/parse.h"
#include "wardtap/registry.h"
#define WT_NO_POISON
#include "wardtap/dissector.h"

static const struct wt_buffer payload = { .name = "payload", .is_payload = true };
static const struct wt_buffer base64 = { .name = "base64_data", .is_base64 = true };

const struct wt_buffer *wt_buffer_payload(void)
{
	return &payload;
}

const struct wt_buffer *wt_buffer_base64(void)
{
	return &base64;
}

/* A rule's name and the fields behind it, best first. */
static const struct {
	const char *name, *field[6];
} aliases[] = {
	{ "http.start", { "http.request_line", "http.response_line", "http.header_raw" } },
	{ "tls.cert_serial", { "tls.cert_serial" } },
	{ "http.request_header", { "http.header" } },
	{ "http.response_header", { "http.header" } },
	{ "sip.request_line", { "sip.start_line" } },
	{ "sip.response_line", { "sip.start_line" } },
	{ "mqtt.connect.password", { "mqtt:user.secret" } },
	{ "dcerpc.any_iface", { "dcerpc.iface", "smb.dcerpc_iface" } },
	{ "dcerpc.opnum", { "dcerpc.opnum", "smb.dcerpc_opnum" } },
	{ "dce_opnum", { "dcerpc.opnum", "smb.dcerpc_opnum" } },
	{ "dcerpc.stub_data", { "dcerpc.stub_data", "smb.dcerpc_stub" } },
	{ "http.uri.raw", { "http.uri_raw" } },
	{ "http.host", { "http.host", "http.personal_host" } },
	{ "http.host.raw", { "http.host", "http.personal_host" } },
	{ "http.header.raw", { "http.header_raw" } },
	{ "http_uri", { "http.uri" } },
	{ "http_raw_uri", { "http.uri_raw" } },
	{ "http_method", { "http.method" } },
	{ "http_header", { "http.header" } },
	{ "http_raw_header", { "http.header_raw" } },
	{ "http_cookie", { "http.cookie" } },
	{ "http_user_agent", { "http.user_agent" } },
	{ "http_host", { "http.host", "http.personal_host" } },
	{ "http_raw_host", { "http.host", "http.personal_host" } },
	{ "http_client_body", { "http.request_body" } },
	{ "http_referer", { "http.referer" } },
	{ "http_server_body", { "http.response_body" } },
	{ "http_accept", { "http.accept" } },
	{ "http_stat_code", { "http.stat_code" } },
	{ "http_stat_msg", { "http.stat_msg" } },
	{ "http_request_line", { "http.request_line" } },
	{ "http_protocol", { "http.protocol" } },
	{ "http_response_line", { "http.response_line" } },
	{ "http_start", { "http.request_line", "http.response_line", "http.header_raw" } },
	{ "http_header_names", { "http.header_names" } },
	{ "http_server", { "http.server" } },
	{ "http.content_type", { "http.content_type_raw" } },
	{ "http_content_type", { "http.content_type_raw" } },
	{ "http_location", { "http.location" } },
	{ "http_content_len", { "http.content_len" } },
	{ "http_connection", { "http.connection" } },
	{ "http_accept_enc", { "http.accept_enc" } },
	{ "http_accept_lang", { "http.accept_lang" } },
	{ "file.data", { "file.data", "http.response_body", "smtp.body" } },
	{ "file_data", { "file.data", "http.response_body", "smtp.body" } },
	{ "file.name", { "file.name", "smb.filename" } },
	{ "dns_query", { "dns.query" } },
	{ "dns.query", { "dns.query", "mdns.query", "llmnr.query" } },
	{ "dns.queries.rrname", { "dns.query", "mdns.query", "llmnr.query" } },
	{ "dns.answers.rrname", { "dns.record_name" } },
	{ "tls_sni", { "tls.sni", "quic.sni", "tls.personal_name", "quic.personal_sni" } },
	{ "tls.sni", { "tls.sni", "quic.sni", "tls.personal_name", "quic.personal_sni" } },
	{ "tls_cert_subject", { "tls.cert_subject" } },
	{ "tls.subject", { "tls.cert_subject" } },
	{ "tls_cert_issuer", { "tls.cert_issuer" } },
	{ "tls.issuerdn", { "tls.cert_issuer" } },
	{ "tls_cert_serial", { "tls.cert_serial" } },
	{ "tls_cert_fingerprint", { "tls.cert_fingerprint" } },
	{ "ja3.hash", { "tls.ja3_hash", "quic.ja3_hash" } },
	{ "ja3_hash", { "tls.ja3_hash", "quic.ja3_hash" } },
	{ "ja3.string", { "tls.ja3_string", "quic.ja3_string" } },
	{ "ja3_string", { "tls.ja3_string", "quic.ja3_string" } },
	{ "ja3s.hash", { "tls.ja3s_hash", "quic.ja3s_hash" } },
	{ "ja3s.string", { "tls.ja3s_string", "quic.ja3s_string" } },
	{ "ja4.hash", { "tls.ja4", "quic.ja4" } },
	{ "ssh_proto", { "ssh.proto_version" } },
	{ "ssh.proto", { "ssh.proto_version" } },
	{ "ssh.hassh.server.string", { "ssh.hassh_server_string" } },
	{ "ssh_software", { "ssh.software" } },
	{ "ssh.hassh", { "ssh.hassh" } },
	{ "ssh.hassh.server", { "ssh.hassh_server" } },
	{ "ssh.hassh.string", { "ssh.hassh_string" } },
	{ "mqtt.connect.clientid", { "mqtt.connect_clientid" } },
	{ "mqtt.connect.username", { "mqtt.connect_username" } },
	{ "mqtt.connect.willtopic", { "mqtt.connect_willtopic" } },
	{ "mqtt.publish.topic", { "mqtt.publish_topic" } },
	{ "mqtt.publish.message", { "mqtt.publish_message" } },
	{ "mqtt.subscribe.topic", { "mqtt.subscribe_topic" } },
	{ "mqtt.unsubscribe.topic", { "mqtt.unsubscribe_topic" } },
	{ "smb.ntlmssp_user", { "smb.ntlmssp_user" } },
	{ "smb_named_pipe", { "smb.named_pipe" } },
	{ "smb_share", { "smb.share" } },
	{ "dcerpc_stub_data", { "dcerpc.stub_data", "smb.dcerpc_stub" } },
	{ "dce_stub_data", { "dcerpc.stub_data", "smb.dcerpc_stub" } },
	{ "krb5_cname", { "kerberos.cname" } },
	{ "krb5.cname", { "kerberos.cname" } },
	{ "krb5_sname", { "kerberos.sname" } },
	{ "krb5.sname", { "kerberos.sname" } },
	{ "snmp.community", { "snmp.community" } },
	{ "rfb.name", { "vnc.desktop_name" } },
	{ "rfb.sectype", { "vnc.security_type" } },
	{ "rfb.secresult", { "vnc.security_result" } },
	{ "krb5_err_code", { "kerberos.error_code" } },
	{ "krb5_msg_type", { "kerberos.msg_type_code" } },
	{ "llmnr.queries.rrname", { "llmnr.query" } },
	{ "mdns.queries.rrname", { "mdns.query" } },
	{ "tls.cert_chain_len", { "tls.cert_count" } },
	{ "sip.stat_code", { "sip.code" } },
	{ "sip.stat_msg", { "sip.reason" } },
	{ "dhcp.leasetime", { "dhcp.lease_s" } },
	{ "dhcp.renewal_time", { "dhcp.renewal_s" } },
	{ "dhcp.rebinding_time", { "dhcp.rebinding_s" } },
	{ "mqtt.connack.session_present", { "mqtt.session_present" } },
	{ "krb5.ticket_encryption", { "kerberos.ticket_etype" } },
	{ "nfs_procedure", { "rpc.procedure" } },
	{ "tls.subjectaltname", { "tls.cert_san" } },
	{ "tls.fingerprint", { "tls.cert_fingerprint" } },
	{ "mqtt.connect.willmessage", { "mqtt.connect_willmessage" } },
	{ "mqtt.connect.protocol_string", { "mqtt.protocol" } },
	{ "smtp.helo", { "smtp.helo_raw" } },
	{ "ftp.dynamic_port", { "ftp.data_port" } },
	{ "filesize", { "file.size_bytes" } },
	{ "filemagic", { "file.kind" } },
	{ "file.magic", { "file.kind" } },
	{ "smtp.mail_from", { "smtp.mail_from" } },
	{ "smtp.rcpt_to", { "smtp.rcpt_to" } },
};

#define N_ALIASES (sizeof(aliases) / sizeof(aliases[0]))

/* Names that see the fields otherwise than they are. */
static const struct {
	const char *name;
	enum wt_transform form;
	bool is_joined, is_lines;
	uint8_t side; /* where answers repeat what was asked, only one of them counts */
} forms[] = {
	{ "http.host", WT_HOST_NAME, false, false, 0 },
	{ "http_host", WT_HOST_NAME, false, false, 0 },
	{ "http.start", WT_NO_TRANSFORM, true, false, 0 },
	{ "http_start", WT_NO_TRANSFORM, true, false, 0 },
	{ "tls.cert_serial", WT_TO_UPPERCASE, false, false, 0 },
	{ "tls_cert_serial", WT_TO_UPPERCASE, false, false, 0 },
	{ "dns.query", WT_NO_TRANSFORM, false, false, WT_FLOW_TO_SERVER },
	{ "dns_query", WT_NO_TRANSFORM, false, false, WT_FLOW_TO_SERVER },
	{ "krb5.cname", WT_NO_TRANSFORM, false, false, WT_FLOW_TO_CLIENT },
	{ "krb5_cname", WT_NO_TRANSFORM, false, false, WT_FLOW_TO_CLIENT },
	{ "krb5.sname", WT_NO_TRANSFORM, false, false, WT_FLOW_TO_CLIENT },
	{ "krb5_sname", WT_NO_TRANSFORM, false, false, WT_FLOW_TO_CLIENT },
	{ "http.request_header", WT_NO_TRANSFORM, false, true, WT_FLOW_TO_SERVER },
	{ "http.response_header", WT_NO_TRANSFORM, false, true, WT_FLOW_TO_CLIENT },
	{ "sip.request_line", WT_NO_TRANSFORM, false, false, WT_FLOW_TO_SERVER },
	{ "sip.response_line", WT_NO_TRANSFORM, false, false, WT_FLOW_TO_CLIENT },
};

/* Rows of an owner's table: 0 the shared dictionary. */
static const struct wt_field *table_of(unsigned owner, unsigned *n)
{
	const struct wt_dissector *d = wt_registry_dissector(owner);

	*n = d ? d->n_fields : owner == 0 ? (unsigned)WT_N_SHARED_FIELDS : 0;
	return d ? d->fields : wt_shared_fields;
}

/* Number of a dissector; 0: none is called so. */
static unsigned owner_of(struct wt_slice name)
{
	unsigned owner;

	for (owner = wt_registry_count(); owner; owner--)
		if (wt_is_word(name, wt_registry_name(owner)))
			break;
	return owner;
}

/* "mqtt:user.secret": a shared field in the events of one dissector. */
static const struct wt_field *add_shared(struct wt_buffer *b, struct wt_slice dissector,
					 struct wt_slice name)
{
	unsigned owner = owner_of(dissector), i;

	for (i = 0; owner && i < WT_N_SHARED_FIELDS; i++)
		if (wt_is_word(name, wt_shared_fields[i].name)) {
			b->producer[b->n_producers++] =
				(struct wt_producer){ (uint16_t)owner, (uint16_t)i };
			return &wt_shared_fields[i];
		}
	return NULL;
}

/* Adds the producers of a dictionary name; its row, or NULL. */
static const struct wt_field *add_producers(struct wt_buffer *b, struct wt_slice name)
{
	const struct wt_field *found = NULL;
	unsigned owner, i, n;

	for (owner = 0; owner <= wt_registry_count(); owner++) {
		const struct wt_field *rows = table_of(owner, &n);

		for (i = 0; i < n; i++) {
			if (strlen(rows[i].name) != name.len ||
			    b->n_producers == WT_PRODUCERS_MAX ||
			    memcmp(rows[i].name, name.ptr, name.len) != 0)
				continue;
			found = &rows[i];
			b->producer[b->n_producers++] = (struct wt_producer){
				(uint16_t)owner, (uint16_t)(owner ? WT_FIELD_OWN + i : i)
			};
		}
	}
	return found;
}

static void take_form(struct wt_buffer *b, struct wt_slice name)
{
	unsigned i;

	for (i = 0; i < sizeof(forms) / sizeof(forms[0]); i++)
		if (wt_is_word(name, forms[i].name)) {
			b->form = (uint8_t)forms[i].form;
			b->is_joined = forms[i].is_joined;
			b->is_lines = forms[i].is_lines;
			b->side = forms[i].side;
		}
}

/* All fields behind a rule's name. The row tells the type; NULL: no producer. */
static const struct wt_field *resolve(struct wt_buffer *b, struct wt_slice name)
{
	const struct wt_field *found = NULL;
	unsigned i, k;

	for (i = 0; i < N_ALIASES; i++) {
		if (!wt_is_word(name, aliases[i].name))
			continue;
		for (k = 0; k < 6 && aliases[i].field[k]; k++) {
			const char *field = aliases[i].field[k];
			struct wt_slice all = wt_slice_text(field);
			size_t colon = wt_slice_find(all, ':');
			const struct wt_field *row =
				colon < all.len ? add_shared(b, wt_slice_head(all, colon),
							     wt_slice_tail(all, colon + 1))
						: add_producers(b, all);

			found = found ? found : row;
		}
		take_form(b, name);
		return found;
	}
	return add_producers(b, name);
}

static unsigned slot_of(const struct wt_rules *set, struct wt_slice name)
{
	unsigned at = (unsigned)wt_hash(7, name) & 1023, tries;

	for (tries = 0; tries < 1024 && set->buffer[at]; tries++, at = (at + 1) & 1023)
		if (strlen(set->buffer[at]->name) == name.len &&
		    memcmp(set->buffer[at]->name, name.ptr, name.len) == 0)
			break;
	return at;
}

/* Known names come from the cache; `row` of a cached one is looked up by its producer. */
static const struct wt_buffer *look_up(struct wt_parse *p, struct wt_slice name,
				       const struct wt_field **row)
{
	struct wt_rules *set = p->set;
	unsigned at = slot_of(set, name);
	const struct wt_buffer *known = set->buffer[at];
	struct wt_buffer fresh = { .n_producers = 0 }, *copy;

	if (known && strlen(known->name) == name.len &&
	    memcmp(known->name, name.ptr, name.len) == 0) {
		*row = wt_registry_field(known->producer[0].owner, known->producer[0].field);
		return known;
	}
	*row = resolve(&fresh, name);
	if (!*row)
		return NULL;
	copy = wt_rules_take(set, sizeof(*copy));
	*copy = fresh;
	copy->name = wt_rules_text(set, name);
	if (!known)
		set->buffer[at] = copy;
	return copy;
}

const struct wt_buffer *wt_buffer_find(struct wt_parse *p, struct wt_slice name)
{
	const struct wt_field *row;
	const struct wt_buffer *buffer = look_up(p, name, &row);

	return buffer && row->type == WT_TYPE_STR ? buffer : NULL;
}

bool wt_field_find(struct wt_parse *p, struct wt_slice name, const struct wt_buffer **buffer,
		   enum wt_field_type *type)
{
	const struct wt_field *row;

	*buffer = look_up(p, name, &row);
	if (!*buffer || row->type == WT_TYPE_STR)
		return false;
	*type = row->type;
	return true;
}

/* Is the name one of Suricata's buffers that nobody produces here? */
bool wt_buffer_is_foreseen(struct wt_slice name)
{
	unsigned i;

	for (i = 0; i < N_ALIASES; i++)
		if (wt_is_word(name, aliases[i].name))
			return true;
	return false;
}

/* Edits (insert, delete, change) between two names of at most 47 bytes. */
static unsigned distance(struct wt_slice a, struct wt_slice b)
{
	unsigned row[49], i, k;

	if (a.len > 47 || b.len > 47)
		return 99;
	for (k = 0; k <= b.len; k++)
		row[k] = k;
	for (i = 1; i <= a.len; i++) {
		unsigned diagonal = row[0];

		row[0] = i;
		for (k = 1; k <= b.len; k++) {
			unsigned best = diagonal + (a.ptr[i - 1] != b.ptr[k - 1]);

			if (row[k] + 1 < best)
				best = row[k] + 1;
			if (row[k - 1] + 1 < best)
				best = row[k - 1] + 1;
			diagonal = row[k];
			row[k] = best;
		}
	}
	return row[b.len];
}

const char *wt_name_near(struct wt_slice name)
{
	unsigned best = name.len < 6 ? 2 : 3, owner, i, n;
	const struct wt_keyword *keyword;
	const char *near = NULL;

	for (i = 0; (keyword = wt_keyword_at(i)) != NULL; i++) {
		unsigned d = distance(name, wt_slice_of(keyword->name, strlen(keyword->name)));

		if (d < best) {
			best = d;
			near = keyword->name;
		}
	}
	for (owner = 0; owner <= wt_registry_count(); owner++) {
		const struct wt_field *rows = table_of(owner, &n);

		for (i = 0; i < n; i++) {
			unsigned d =
				distance(name, wt_slice_of(rows[i].name, strlen(rows[i].name)));

			if (d < best) {
				best = d;
				near = rows[i].name;
			}
		}
	}
	return near;
}

void wt_parse_pkt_data(struct wt_parse *p)
{
	wt_use_buffer(p, NULL);
}

void wt_parse_transform(struct wt_parse *p)
{
	static const struct {
		const char *name;
		enum wt_transform transform;
	} rows[] = {
		{ "dotprefix", WT_DOTPREFIX },
		{ "to_lowercase", WT_TO_LOWERCASE },
		{ "to_uppercase", WT_TO_UPPERCASE },
		{ "strip_whitespace", WT_STRIP_WHITESPACE },
		{ "compress_whitespace", WT_COMPRESS_WHITESPACE },
		{ "url_decode", WT_URL_DECODE },
		{ "to_sha1", WT_TO_SHA1 },
		{ "to_sha256", WT_TO_SHA256 },
		{ "header_lowercase", WT_TO_LOWERCASE },
		{ "to_md5", WT_TO_MD5 },
		{ "strip_pseudo_headers", WT_STRIP_PSEUDO_HEADERS },
	};
	unsigned i;

	if (!p->buffer || !p->is_unused) {
		wt_blame(p, p->key,
			 "found the transform '%s' without a buffer before it; write it "
			 "behind a buffer such as dns.query and before its first content",
			 wt_show(p->key));
		return;
	}
	if (p->n_transforms == WT_TRANSFORMS_MAX) {
		wt_blame(p, p->key, "found more than %u transforms of one buffer",
			 WT_TRANSFORMS_MAX);
		return;
	}
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (wt_is_word(p->key, rows[i].name))
			p->transform[p->n_transforms++] = (uint8_t)rows[i].transform;
}
