/* Names and records of DNS messages, and whether bytes begin one.
 * Source: RFC 1035 4.1, RFC 3597, RFC 6895; IANA DNS parameters. Trust: bytes are
 * hostile. Memory: none. */
#include "dns_wire.h"

struct dns_header wt_dns_header(struct wt_reader *r)
{
	struct dns_header h = { .id = wt_rd_u16be(r), .flags = wt_rd_u16be(r) };
	unsigned i;

	for (i = 0; i < 4; i++)
		h.n[i] = wt_rd_u16be(r);
	return h;
}

static void add_label(struct dns_name *name, struct wt_slice label)
{
	size_t i;

	if (name->n_labels)
		name->text[name->len++] = '.';
	else
		name->first = (uint8_t)label.len;
	for (i = 0; i < label.len; i++)
		name->text[name->len++] = label.ptr[i];
	if (label.len > name->longest)
		name->longest = (uint8_t)label.len;
	if (wt_host_name_is_personal(label))
		name->is_personal = true;
	name->n_labels++;
}

bool wt_dns_name(struct wt_slice message, size_t *at, struct dns_name *name)
{
	size_t pos = *at, end = 0, limit = *at;

	name->len = name->n_labels = name->longest = name->first = 0;
	name->is_personal = false;
	while (pos < message.len) {
		size_t len = message.ptr[pos];

		if (len == 0) {
			if (!name->n_labels)
				name->text[name->len++] = '.';
			*at = end ? end : pos + 1;
			return true;
		}
		if (len >= 0xc0) {
			size_t target;

			if (message.len - pos < 2)
				return false;
			target = (len & 0x3f) << 8 | message.ptr[pos + 1];
			if (target >= limit || target < DNS_HEADER_LEN)
				return false;
			if (!end)
				end = pos + 2;
			pos = limit = target;
			continue;
		}
		/* one byte of length or dot per label: 253 of text at most */
		if (len > 63 || len >= message.len - pos || name->len + len + 1u > 254)
			return false;
		add_label(name, wt_slice_of(message.ptr + pos + 1, len));
		pos += 1 + len;
	}
	return false;
}

bool wt_dns_pass_name(struct wt_slice message, size_t *at)
{
	size_t pos = *at;

	while (pos < message.len) {
		size_t len = message.ptr[pos];

		if (len >= 0xc0 || len == 0) {
			pos += len ? 2 : 1;
			if (pos > message.len)
				return false;
			*at = pos;
			return true;
		}
		if (len > 63)
			return false;
		pos += 1 + len;
	}
	return false;
}

bool wt_dns_record(struct wt_slice message, size_t *at, bool with_name,
		   struct dns_record *record)
{
	struct wt_reader r;
	size_t len;

	if (with_name ? !wt_dns_name(message, at, &record->name)
		      : !wt_dns_pass_name(message, at))
		return false;
	r = wt_reader_of(wt_slice_tail(message, *at), WT_MALFORMED);
	record->type = wt_rd_u16be(&r);
	record->class = wt_rd_u16be(&r);
	record->ttl = wt_rd_u32be(&r);
	len = wt_rd_u16be(&r);
	record->at = message.len - r.left;
	record->data = wt_rd_bytes(&r, len);
	if (r.err != WT_OK)
		return false;
	*at = message.len - r.left;
	return true;
}

bool wt_dns_ends(struct wt_slice name, const char *tail)
{
	struct wt_slice t = wt_slice_text(tail);
	size_t i;

	if (name.len < t.len)
		return false;
	for (i = 0; i < t.len; i++) {
		uint8_t c = name.ptr[name.len - t.len + i];

		if ((c >= 'A' && c <= 'Z' ? c + 32 : c) != t.ptr[i])
			return false;
	}
	return true;
}

struct wt_slice wt_dns_type_name(unsigned type)
{
	static const struct {
		uint16_t type;
		const char *name;
	} rows[] = {
		{ 1, "A" },           { 2, "NS" },      { 5, "CNAME" },       { 6, "SOA" },
		{ 10, "NULL" },       { 11, "WKS" },    { 12, "PTR" },        { 13, "HINFO" },
		{ 15, "MX" },         { 16, "TXT" },    { 17, "RP" },         { 18, "AFSDB" },
		{ 24, "SIG" },        { 25, "KEY" },    { 28, "AAAA" },       { 29, "LOC" },
		{ 32, "NB" },         { 33, "SRV" },    { 35, "NAPTR" },      { 37, "CERT" },
		{ 39, "DNAME" },      { 41, "OPT" },    { 42, "APL" },        { 43, "DS" },
		{ 44, "SSHFP" },      { 46, "RRSIG" },  { 47, "NSEC" },       { 48, "DNSKEY" },
		{ 49, "DHCID" },      { 50, "NSEC3" },  { 51, "NSEC3PARAM" }, { 52, "TLSA" },
		{ 53, "SMIMEA" },     { 55, "HIP" },    { 59, "CDS" },        { 60, "CDNSKEY" },
		{ 61, "OPENPGPKEY" }, { 62, "CSYNC" },  { 63, "ZONEMD" },     { 64, "SVCB" },
		{ 65, "HTTPS" },      { 99, "SPF" },    { 108, "EUI48" },     { 109, "EUI64" },
		{ 249, "TKEY" },      { 250, "TSIG" },  { 251, "IXFR" },      { 252, "AXFR" },
		{ 253, "MAILB" },     { 255, "ANY" },   { 256, "URI" },       { 257, "CAA" },
		{ 32768, "TA" },      { 32769, "DLV" },
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].type == type)
			return wt_slice_text(rows[i].name);
	return wt_slice_of(NULL, 0);
}

struct wt_slice wt_dns_rcode_name(unsigned rcode)
{
	static const char *const names[] = {
		[0] = "NOERROR",  [1] = "FORMERR", [2] = "SERVFAIL",  [3] = "NXDOMAIN",
		[4] = "NOTIMP",   [5] = "REFUSED", [6] = "YXDOMAIN",  [7] = "YXRRSET",
		[8] = "NXRRSET",  [9] = "NOTAUTH", [10] = "NOTZONE",  [11] = "DSOTYPENI",
		[16] = "BADVERS", [17] = "BADKEY", [18] = "BADTIME",  [19] = "BADMODE",
		[20] = "BADNAME", [21] = "BADALG", [22] = "BADTRUNC", [23] = "BADCOOKIE",
	};

	return wt_slice_text(rcode < sizeof(names) / sizeof(names[0]) ? names[rcode] : NULL);
}

/* --- probe --- */

static bool is_header_plausible(const struct dns_header *h)
{
	unsigned opcode = dns_opcode(h);
	bool is_response = h->flags & DNS_QR;

	if (opcode != DNS_OP_QUERY && opcode != DNS_OP_NOTIFY && opcode != DNS_OP_UPDATE)
		return false;
	if ((h->flags & DNS_Z) || h->n[0] > 64 || !(h->n[0] || h->n[1]))
		return false;
	if (h->n[1] > 4096 || h->n[2] > 4096 || h->n[3] > 4096)
		return false;
	if (is_response)
		return (h->flags & 15) <= 11;
	if (opcode == DNS_OP_UPDATE) /* RFC 2136 2.2, 2.3: one zone, and no other flags */
		return h->n[0] == 1 && !(h->flags & 0x07ffu);
	return h->n[0] && !(h->flags & 15) && !(h->flags & DNS_RA);
}

/* As far as the bytes go: what is certainly no header is refused after four. */
static bool may_be_header(struct wt_slice head)
{
	unsigned opcode, high, low;

	if (head.len < 3)
		return true;
	high = head.ptr[2];
	opcode = high >> 3 & 15u;
	if (opcode != DNS_OP_QUERY && opcode != DNS_OP_NOTIFY && opcode != DNS_OP_UPDATE)
		return false;
	if (head.len < 4)
		return true;
	low = head.ptr[3];
	if ((low & DNS_Z) || (!(high & 0x80) && (low & 0x8f)))
		return false;
	if (head.len >= 5 && head.ptr[4])
		return false;
	return head.len < 6 || head.ptr[5] <= 64;
}

static bool is_printable(const struct dns_name *name)
{
	size_t i;

	for (i = 0; i < name->len; i++)
		if (name->text[i] < 0x20 || name->text[i] == 0x7f)
			return false;
	return true;
}

/* NetBIOS names (RFC 1001 14.1) come in the same format: 32 letters A to P. */
static bool is_netbios(const struct dns_look *look)
{
	size_t i;

	if (look->name.first != 32 || (look->type != DNS_TYPE_NB && look->type != DNS_TYPE_SRV))
		return false;
	for (i = 0; i < 32; i++)
		if (look->name.text[i] < 'A' || look->name.text[i] > 'P')
			return false;
	return true;
}

static bool is_type_plausible(const struct dns_look *look)
{
	unsigned class = look->class & ~(unsigned)DNS_CLASS_TOP;

	return look->type &&
	       (look->type <= 262 || look->type == 32768 || look->type == 32769 ||
		look->type >= 0xff00) &&
	       (class == DNS_CLASS_IN || class == 3 || class == 4 || class == DNS_CLASS_NONE ||
		class == DNS_CLASS_ANY);
}

/* Labels as far as they go; the first name of a message cannot hold a pointer. */
static enum wt_verdict see_name(struct wt_slice head, size_t len)
{
	size_t pos = DNS_HEADER_LEN;

	while (pos < head.len) {
		size_t label = head.ptr[pos];

		if (label > 63 || pos + 1 + label > DNS_HEADER_LEN + DNS_NAME_MAX ||
		    pos + 1 + label > len)
			return WT_FOREIGN;
		if (label == 0 && pos + 5 > len)
			return WT_FOREIGN;
		if (label == 0)
			return pos + 5 <= head.len ? WT_OK : WT_MORE;
		pos += 1 + label;
	}
	return pos >= len ? WT_FOREIGN : WT_MORE;
}

enum wt_verdict wt_dns_look(struct wt_slice head, size_t len, struct dns_look *look)
{
	struct wt_reader r = wt_reader_of(head, WT_MORE);
	size_t at = DNS_HEADER_LEN;
	enum wt_verdict verdict;

	head = wt_slice_head(head, len);
	if (len < DNS_HEADER_LEN + 5 || !may_be_header(head))
		return WT_FOREIGN;
	look->header = wt_dns_header(&r);
	if (r.err != WT_OK)
		return WT_MORE;
	if (!is_header_plausible(&look->header))
		return WT_FOREIGN;
	verdict = see_name(head, len);
	if (verdict != WT_OK)
		return verdict;
	if (!wt_dns_name(head, &at, &look->name))
		return WT_FOREIGN;
	r = wt_reader_of(wt_slice_tail(head, at), WT_FOREIGN);
	look->type = wt_rd_u16be(&r);
	look->class = wt_rd_u16be(&r);
	if (r.err != WT_OK || !is_type_plausible(look) || is_netbios(look))
		return WT_FOREIGN;
	/* odd bytes in a name (a tunnel) must not hide an ordinary question */
	if (!is_printable(&look->name) &&
	    (look->class != DNS_CLASS_IN || !wt_dns_type_name(look->type).len))
		return WT_FOREIGN;
	return WT_OK;
}
