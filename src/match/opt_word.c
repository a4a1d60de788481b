/* Keywords that say in their own words or numbers what a field of the dictionary says in
 * others: versions, kinds of message, interfaces.
 * Source: Suricata 7 user guide. Trust: hostile text. Memory: the set's arena. */
#include "match/parse.h"

#include <ctype.h>

struct word {
	const char *theirs, *ours;
};

static const struct word tls_versions[] = {
	{ "1.0", "TLS 1.0" }, { "1.1", "TLS 1.1" },    { "1.2", "TLS 1.2" },
	{ "1.3", "TLS 1.3" }, { "0x0304", "TLS 1.3" }, { NULL, NULL },
};
static const struct word ssl_versions[] = {
	{ "sslv2", "SSL 2.0" },  { "sslv3", "SSL 3.0" },  { "tls1.0", "TLS 1.0" },
	{ "tls1.1", "TLS 1.1" }, { "tls1.2", "TLS 1.2" }, { "tls1.3", "TLS 1.3" },
	{ NULL, NULL },
};
static const struct word opcodes[] = {
	{ "0", "query" },  { "1", "iquery" }, { "2", "status" }, { "4", "notify" },
	{ "5", "update" }, { "6", "dso" },    { NULL, NULL },
};
static const struct word rcodes[] = {
	{ "0", "NOERROR" }, { "1", "FORMERR" }, { "2", "SERVFAIL" }, { "3", "NXDOMAIN" },
	{ "4", "NOTIMP" },  { "5", "REFUSED" }, { "6", "YXDOMAIN" }, { "7", "YXRRSET" },
	{ "8", "NXRRSET" }, { "9", "NOTAUTH" }, { "10", "NOTZONE" }, { "16", "BADVERS" },
	{ "17", "BADKEY" }, { NULL, NULL },
};
static const struct word snmp_versions[] = {
	{ "1", "1" },
	{ "2", "2c" },
	{ "3", "3" },
	{ NULL, NULL },
};
static const struct word snmp_kinds[] = {
	{ "get_request", "get" },
	{ "get_next_request", "get_next" },
	{ "set_request", "set" },
	{ "get_bulk_request", "get_bulk" },
	{ "inform_request", "inform" },
	{ "trap_v2", "trap" },
	{ NULL, NULL },
};

static const struct word ssh_versions[] = {
	{ "2", "2.0" }, { "2.0", "2.0" }, { "1.99", "1.99" }, { "1.5", "1.5" }, { NULL, NULL },
};

/* A keyword and the field behind it. `is_part`: the value may stand anywhere in it. */
static const struct {
	const char *key, *field;
	const struct word *words; /* NULL: the same words */
	bool is_part;
} rows[] = {
	{ "tls.version", "tls.version", tls_versions, false },
	{ "ssl_version", "tls.version", ssl_versions, false },
	{ "dns.opcode", "dns.opcode", opcodes, false },
	{ "dns.rcode", "dns.rcode", rcodes, false },
	{ "snmp.version", "snmp.version", snmp_versions, false },
	{ "snmp.pdu_type", "snmp.pdu_type", snmp_kinds, false },
	{ "mqtt.type", "mqtt.packet", NULL, false },
	{ "dcerpc.iface", "dcerpc.any_iface", NULL, false },
	{ "dce_iface", "dcerpc.any_iface", NULL, false },
	{ "fileext", "file.extension", NULL, false },
	{ "filename", "file.name", NULL, true },
	{ "ssh.protoversion", "ssh.proto_version", ssh_versions, false },
	{ "ssh.softwareversion", "ssh.software", NULL, true },
};

static struct wt_slice lower_copy(struct wt_parse *p, struct wt_slice s)
{
	uint8_t *copy = wt_rules_take(p->set, s.len + 1);
	size_t i;

	for (i = 0; i < s.len; i++)
		copy[i] = (uint8_t)tolower(s.ptr[i]);
	return wt_slice_of(copy, s.len);
}

struct wt_test *wt_add_test_beside(struct wt_parse *p, const char *field,
				   enum wt_test_kind kind)
{
	const struct wt_buffer *buffer = wt_buffer_find(p, wt_slice_of(field, strlen(field))),
			       *was = p->buffer;
	uint8_t n_transforms = p->n_transforms;
	bool is_unused = p->is_unused;
	struct wt_test *t;

	if (!buffer) {
		wt_blame(p, p->key, "found '%s', and no dissector fills '%s'", wt_show(p->key),
			 field);
		return NULL;
	}
	p->buffer = buffer;
	p->n_transforms = 0;
	t = wt_add_test(p, kind);
	p->buffer = was;
	p->n_transforms = n_transforms;
	p->is_unused = is_unused;
	return t;
}

/* The words are compared in any case. */
static void add_words(struct wt_parse *p, const char *field, struct wt_slice text, bool is_part,
		      bool is_negated)
{
	struct wt_test *t = wt_add_test_beside(p, field, WT_TEST_CONTENT);

	if (!t)
		return;
	t->as.content.pattern = lower_copy(p, text);
	t->flags = WT_TEST_NOCASE | (is_part ? 0 : WT_TEST_STARTS | WT_TEST_ENDS) |
		   (is_negated ? WT_TEST_NEGATED : 0);
}

void wt_add_words(struct wt_parse *p, const char *field, struct wt_slice text)
{
	add_words(p, field, text, false, false);
}

static const char *translate(const struct word *words, struct wt_slice value)
{
	for (; words->theirs; words++)
		if (wt_is_word(value, words->theirs) || wt_is_word(value, words->ours))
			return words->ours;
	return NULL;
}

static unsigned row_of(struct wt_slice key)
{
	unsigned i = 0;

	while (i < sizeof(rows) / sizeof(rows[0]) - 1 && !wt_is_word(key, rows[i].key))
		i++;
	return i;
}

void wt_parse_worded(struct wt_parse *p)
{
	unsigned row = row_of(p->key);
	const char *field = rows[row].field;
	const struct wt_buffer *buffer = wt_buffer_find(p, wt_slice_of(field, strlen(field)));
	struct wt_slice rest = p->value, value;
	bool is_negated = rest.len && rest.ptr[0] == '!';
	const char *ours;

	if (!buffer) {
		wt_blame(p, p->key, "found '%s', and no dissector fills '%s'", wt_show(p->key),
			 field);
		return;
	}
	if (!rest.len) {
		wt_use_buffer(p, buffer);
		return;
	}
	if (is_negated)
		rest = wt_slice_tail(rest, 1);
	value = wt_trim(wt_unquoted(wt_take_word(&rest, ',')));
	if (wt_trim(rest).len && !strstr(rows[row].key, "iface")) {
		wt_blame(p, rest, "found a list behind '%s'; write one word", wt_show(p->key));
		return;
	}
	if (rows[row].words) {
		ours = translate(rows[row].words, value);
		if (!ours) {
			wt_blame(p, p->value, "found %s:%s, which is not one of its words",
				 wt_show(p->key), wt_show(value));
			return;
		}
		value = wt_slice_of(ours, strlen(ours));
	}
	if (!value.len) {
		wt_blame(p, p->value, "found no word behind '%s'", wt_show(p->key));
		return;
	}
	add_words(p, field, value, rows[row].is_part, is_negated);
}

/* A test that holds where the field is there. */
static bool add_presence(struct wt_parse *p, const char *field)
{
	struct wt_test *t = wt_add_test_beside(p, field, WT_TEST_SIZE);

	if (!t)
		return false;
	t->as.size = (struct wt_size_test){ .compare = WT_IS_GREATER };
	return true;
}

struct wt_field_test *wt_add_field_test(struct wt_parse *p, const char *field)
{
	const struct wt_buffer *buffer;
	enum wt_field_type type;
	struct wt_field_test *t;

	if (!wt_field_find(p, wt_slice_of(field, strlen(field)), &buffer, &type)) {
		wt_blame(p, p->key, "found '%s', and no dissector fills '%s'", wt_show(p->key),
			 field);
		return NULL;
	}
	t = WT_LIST_ADD(p->set->field_test);
	*t = (struct wt_field_test){ .buffer = buffer, .type = type, .compare = WT_IS_EQUAL };
	return t;
}

static void add_flag(struct wt_parse *p, const char *field, bool wanted)
{
	struct wt_field_test *t = wt_add_field_test(p, field);

	if (t)
		t->low = wanted;
}

void wt_parse_certificate(struct wt_parse *p)
{
	bool is_expired = wt_is_word(p->key, "tls_cert_expired");

	if (!add_presence(p, "tls.cert_fingerprint"))
		return;
	add_flag(p, "tls.cert_is_expired", is_expired);
	if (!is_expired)
		add_flag(p, "tls.cert_is_not_yet_valid", false);
}

void wt_parse_ssl_state(struct wt_parse *p)
{
	if (wt_is_word(p->value, "client_hello"))
		(void)add_presence(p, "tls.hello_version");
	else if (wt_is_word(p->value, "server_hello"))
		(void)add_presence(p, "tls.cipher");
	else
		wt_blame(p, p->value,
			 "found ssl_state:%s; write client_hello or server_hello: others are "
			 "not told apart",
			 wt_show(p->value));
}
