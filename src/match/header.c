/* The header of a rule: action, protocol, ends, direction.
 * Source: Suricata 7 user guide, "Rules format". drop and reject load as alert: this
 * sensor blocks nothing. Trust: hostile text. Memory: the set's. */
#include "match/parse.h"
#include "wardtap/registry.h"

#include <ctype.h>

/* The next word; brackets hold blanks together. */
static struct wt_slice take_token(struct wt_slice *rest)
{
	unsigned level = 0;
	struct wt_slice word;
	size_t i;

	*rest = wt_trim(*rest);
	for (i = 0; i < rest->len && (level || !isspace(rest->ptr[i])); i++) {
		if (rest->ptr[i] == '[')
			level++;
		else if (rest->ptr[i] == ']' && level)
			level--;
	}
	word = wt_slice_head(*rest, i);
	*rest = wt_slice_of(rest->ptr + i, rest->len - i);
	return word;
}

static void take_action(struct wt_parse *p, struct wt_slice word)
{
	static const char *const alerts[] = { "alert",     "drop",      "reject",
					      "rejectsrc", "rejectdst", "rejectboth" };
	unsigned i;

	for (i = 0; i < sizeof(alerts) / sizeof(alerts[0]); i++)
		if (wt_is_word(word, alerts[i]))
			return;
	if (wt_is_word(word, "pass"))
		p->rule.is_pass = true;
	else
		wt_blame(p, word,
			 "found the action '%s'; write alert (drop and reject load as "
			 "alert) or pass",
			 wt_show(word));
}

/* Names that stand for several of our protocols, or are spelt otherwise. */
static const struct {
	const char *name, *app[4];
} groups[] = {
	{ "http1", { "http" } },
	{ "http2", { "http" } },
	{ "dns", { "dns", "mdns", "llmnr" } },
	{ "smb", { "smb", "nbns" } },
	{ "krb5", { "kerberos" } },
	{ "nfs", { "rpc" } },
	{ "rfb", { "vnc" } },
	{ "bacnet", { "bacnet" } },
	{ "dcerpc", { "dcerpc", "smb" } },
	{ "ftp-data", { "file" } },
	{ "dhcp", { "dhcp", "dhcpv6" } },
	{ "ssl", { "tls" } },
};

static uint16_t owner_of(struct wt_slice name)
{
	unsigned owner;

	for (owner = 1; owner <= wt_registry_count(); owner++)
		if (wt_is_word(name, wt_registry_name(owner)))
			return (uint16_t)owner;
	return 0;
}

static void add_app(struct wt_rule *r, uint16_t owner)
{
	if (owner && r->n_apps < sizeof(r->apps) / sizeof(r->apps[0]))
		r->apps[r->n_apps++] = owner;
}

static void take_app(struct wt_parse *p, struct wt_slice word)
{
	unsigned i, k;

	p->rule.proto = WT_RULE_APP;
	for (i = 0; i < sizeof(groups) / sizeof(groups[0]); i++)
		for (k = 0; wt_is_word(word, groups[i].name) && k < 4 && groups[i].app[k]; k++)
			add_app(&p->rule, owner_of(wt_slice_of(groups[i].app[k],
							       strlen(groups[i].app[k]))));
	if (!p->rule.n_apps)
		add_app(&p->rule, owner_of(word));
	if (!p->rule.n_apps)
		wt_blame(p, word,
			 "found the protocol '%s'; write ip, tcp, udp, icmp, device or a "
			 "name that 'wardtap protocols' lists",
			 wt_show(word));
}

static void take_protocol(struct wt_parse *p, struct wt_slice word)
{
	static const struct {
		const char *name;
		enum wt_rule_proto proto;
		uint8_t ip_version;
	} rows[] = {
		{ "ip", WT_RULE_IP, 0 },
		{ "any", WT_RULE_IP, 0 },
		{ "ipv4", WT_RULE_IP, 4 },
		{ "ipv6", WT_RULE_IP, 6 },
		{ "ip4", WT_RULE_IP, 4 },
		{ "ip6", WT_RULE_IP, 6 },
		{ "tcp", WT_RULE_TCP, 0 },
		{ "udp", WT_RULE_UDP, 0 },
		{ "icmp", WT_RULE_ICMP, 0 },
		{ "icmpv4", WT_RULE_ICMP, 4 },
		{ "icmpv6", WT_RULE_ICMP, 6 },
		{ "sctp", WT_RULE_SCTP, 0 },
		{ "tcp-pkt", WT_RULE_TCP_PACKET, 0 },
		{ "tcp-stream", WT_RULE_TCP_STREAM, 0 },
		{ "device", WT_RULE_DEVICE, 0 },
	};
	unsigned i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (wt_is_word(word, rows[i].name)) {
			p->rule.proto = (uint8_t)rows[i].proto;
			p->rule.ip_version = rows[i].ip_version;
			return;
		}
	take_app(p, word);
}

void wt_parse_header(struct wt_parse *p, struct wt_slice header)
{
	struct wt_slice word[7], rest = header;
	char why[160];
	unsigned i;

	for (i = 0; i < 7; i++) {
		word[i] = take_token(&rest);
		if (!word[i].len) {
			wt_blame(p, rest,
				 "found %u words before '('; write: action protocol source "
				 "port -> destination port",
				 i);
			return;
		}
	}
	if (wt_trim(rest).len) {
		wt_blame(p, wt_trim(rest),
			 "found '%s' behind the destination port; write '(' there",
			 wt_show(wt_trim(rest)));
		return;
	}
	take_action(p, word[0]);
	take_protocol(p, word[1]);
	if (!wt_parse_nets(p->set, word[2], &p->rule.src, why, sizeof(why)))
		wt_blame(p, word[2], "%s", why);
	if (!wt_parse_ports(p->set, word[3], &p->rule.src_port, why, sizeof(why)))
		wt_blame(p, word[3], "%s", why);
	if (!wt_is_word(word[4], "->") && !wt_is_word(word[4], "<>"))
		wt_blame(p, word[4], "found the direction '%s'; write -> or <>",
			 wt_show(word[4]));
	p->rule.is_both_ways = wt_is_word(word[4], "<>");
	if (!wt_parse_nets(p->set, word[5], &p->rule.dst, why, sizeof(why)))
		wt_blame(p, word[5], "%s", why);
	if (!wt_parse_ports(p->set, word[6], &p->rule.dst_port, why, sizeof(why)))
		wt_blame(p, word[6], "%s", why);
}
