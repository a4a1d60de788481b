/* Addresses, ports and variables of rule headers.
 * Source: Suricata 7 user guide, "Rules format": any, [lists], !negation, $VARIABLES,
 * CIDR, ranges. Presets of the variables: suricata.yaml's names, hospital's values.
 * Trust: hostile text; nesting and the number of members are bounded.
 * Memory: the set's arena. */
#include "match/parse.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>

#define MEMBERS_MAX 4096u

static const struct wt_rule_variable presets[] = {
	{ "HOME_NET", "[10.0.0.0/8,172.16.0.0/12,192.168.0.0/16,fc00::/7,fe80::/10]" },
	{ "EXTERNAL_NET", "!$HOME_NET" },
	{ "HTTP_SERVERS", "$HOME_NET" },
	{ "SMTP_SERVERS", "$HOME_NET" },
	{ "SQL_SERVERS", "$HOME_NET" },
	{ "DNS_SERVERS", "$HOME_NET" },
	{ "TELNET_SERVERS", "$HOME_NET" },
	{ "AIM_SERVERS", "$EXTERNAL_NET" },
	{ "DC_SERVERS", "$HOME_NET" },
	{ "DNP3_SERVER", "$HOME_NET" },
	{ "DNP3_CLIENT", "$HOME_NET" },
	{ "MODBUS_CLIENT", "$HOME_NET" },
	{ "MODBUS_SERVER", "$HOME_NET" },
	{ "ENIP_CLIENT", "$HOME_NET" },
	{ "ENIP_SERVER", "$HOME_NET" },
	{ "SNMP_SERVERS", "$HOME_NET" },
	{ "SSH_SERVERS", "$HOME_NET" },
	{ "FTP_SERVERS", "$HOME_NET" },
	{ "SIP_SERVERS", "$HOME_NET" },
	{ "DICOM_SERVERS", "$HOME_NET" },
	{ "HL7_SERVERS", "$HOME_NET" },
	{ "HTTP_PORTS", "[80,8000,8008,8080,8081,8088,8888]" },
	{ "SHELLCODE_PORTS", "!80" },
	{ "ORACLE_PORTS", "1521" },
	{ "SSH_PORTS", "22" },
	{ "DNP3_PORTS", "20000" },
	{ "MODBUS_PORTS", "502" },
	{ "FILE_DATA_PORTS", "[$HTTP_PORTS,110,143]" },
	{ "FTP_PORTS", "21" },
	{ "GENEVE_PORTS", "6081" },
	{ "VXLAN_PORTS", "4789" },
	{ "TEREDO_PORTS", "3544" },
	{ "SIP_PORTS", "[5060,5061]" },
	{ "DICOM_PORTS", "[104,2761,2762,4242,11112]" },
	{ "HL7_PORTS", "[2575,6661]" },
};

const char *wt_variable_value(const struct wt_rules *set, struct wt_slice name)
{
	unsigned i;

	for (i = 0; i < set->variable.n; i++)
		if (wt_is_word(name, set->variable.at[i].name))
			return set->variable.at[i].value;
	for (i = 0; i < sizeof(presets) / sizeof(presets[0]); i++)
		if (wt_is_word(name, presets[i].name))
			return presets[i].value;
	return NULL;
}

/* One list under construction; members are addresses or port ranges. */
struct gather {
	const struct wt_rules *set;
	char *why;
	size_t size;
	bool is_ports, is_any;
	WT_LIST(wt_net) net;
	WT_LIST(wt_port_range) range;
};

static bool refuse(struct gather *g, const char *found, const char *write)
{
	(void)snprintf(g->why, g->size, "found '%s'; write %s", found, write);
	return false;
}

/* First and last address of a CIDR block. */
static void spread(struct wt_net *net, unsigned prefix_len)
{
	unsigned bits = net->ip_version == 4 ? 32 : 128, i;

	memcpy(net->high, net->low, sizeof(net->high));
	for (i = prefix_len; i < bits; i++) {
		net->low[i / 8] &= (uint8_t) ~(0x80u >> i % 8);
		net->high[i / 8] |= (uint8_t)(0x80u >> i % 8);
	}
}

static bool take_ip(struct wt_slice text, uint8_t into[16], uint8_t *version)
{
	char room[INET6_ADDRSTRLEN + 1];

	text = wt_trim(text);
	if (!text.len || text.len >= sizeof(room))
		return false;
	memcpy(room, text.ptr, text.len);
	room[text.len] = '\0';
	memset(into, 0, 16);
	*version = wt_slice_find(text, ':') < text.len ? 6 : 4;
	return inet_pton(*version == 6 ? AF_INET6 : AF_INET, room, into) == 1;
}

static bool add_net(struct gather *g, struct wt_slice text, bool is_negated)
{
	size_t slash = wt_slice_find(text, '/'), dash = wt_slice_find(text, '-');
	struct wt_net net = { .is_negated = is_negated };
	struct wt_net *at;
	uint8_t version;
	int64_t prefix;

	if (!take_ip(wt_slice_head(text, slash < dash ? slash : dash), net.low,
		     &net.ip_version))
		return refuse(g, wt_show(text),
			      "an address, address/prefix, first-last, "
			      "$VARIABLE, [list] or any");
	spread(&net, net.ip_version == 4 ? 32 : 128);
	if (slash < text.len) {
		if (!wt_take_i64(wt_slice_tail(text, slash + 1), &prefix) || prefix < 0 ||
		    prefix > (net.ip_version == 4 ? 32 : 128))
			return refuse(g, wt_show(text), "a prefix of 0 to 32 (IPv6: 128) bits");
		spread(&net, (unsigned)prefix);
	} else if (dash < text.len) {
		if (!take_ip(wt_slice_tail(text, dash + 1), net.high, &version) ||
		    version != net.ip_version || memcmp(net.low, net.high, 16) > 0)
			return refuse(g, wt_show(text),
				      "a range whose first address comes first");
	}
	at = WT_LIST_ADD(g->net);
	*at = net;
	return true;
}

static bool add_ports(struct gather *g, struct wt_slice text, bool is_negated)
{
	size_t colon = wt_slice_find(text, ':');
	int64_t low = 0, high = 65535;
	struct wt_slice first = wt_trim(wt_slice_head(text, colon));
	struct wt_slice last = wt_trim(wt_slice_tail(text, colon + 1));
	struct wt_port_range *at;

	if ((first.len && !wt_take_i64(first, &low)) ||
	    (last.len && !wt_take_i64(last, &high)) || (!first.len && !last.len))
		return refuse(g, wt_show(text), "a port, first:last, $VARIABLE, [list] or any");
	if (colon == text.len)
		high = low;
	if (low < 0 || high > 65535 || low > high)
		return refuse(g, wt_show(text), "ports from 0 to 65535, the lower one first");
	at = WT_LIST_ADD(g->range);
	*at = (struct wt_port_range){ (uint16_t)low, (uint16_t)high, is_negated };
	return true;
}

static bool gather(struct gather *g, struct wt_slice text, bool is_negated, unsigned depth);

/* The members between brackets, parted by commas outside inner brackets. */
static bool gather_list(struct gather *g, struct wt_slice text, bool is_negated, unsigned depth)
{
	size_t i, from = 0;
	unsigned level = 0;

	for (i = 0; i <= text.len; i++) {
		uint8_t c = i < text.len ? text.ptr[i] : ',';

		if (c == '[')
			level++;
		else if (c == ']' && level)
			level--;
		if (c != ',' || level)
			continue;
		if (!gather(g, wt_slice_of(text.ptr + from, i - from), is_negated, depth + 1))
			return false;
		from = i + 1;
	}
	return true;
}

/* Nesting is bounded by WT_RULE_NESTING_MAX. */
static bool gather(struct gather *g, struct wt_slice text, bool is_negated, unsigned depth)
{
	text = wt_trim(text);
	while (text.len && text.ptr[0] == '!') {
		is_negated = !is_negated;
		text = wt_trim(wt_slice_tail(text, 1));
	}
	if (!text.len)
		return refuse(g, "nothing", g->is_ports ? "ports or any" : "addresses or any");
	if (depth > WT_RULE_NESTING_MAX || g->net.n + g->range.n > MEMBERS_MAX)
		return refuse(g, wt_show(text),
			      "at most 8 lists in each other and 4096 members");
	if (text.ptr[0] == '$') {
		const char *value = wt_variable_value(g->set, wt_slice_tail(text, 1));

		if (!value)
			return refuse(g, wt_show(text),
				      "a variable that is set (rules.variables)");
		return gather(g, wt_slice_of(value, strlen(value)), is_negated, depth + 1);
	}
	if (text.ptr[0] == '[') {
		if (text.ptr[text.len - 1] != ']')
			return refuse(g, wt_show(text), "']' at the end of the list");
		return gather_list(g, wt_slice_of(text.ptr + 1, text.len - 2), is_negated,
				   depth);
	}
	if (wt_is_word(text, "any")) {
		if (is_negated)
			return refuse(g, "!any", "something that can match");
		g->is_any = true;
		return true;
	}
	return g->is_ports ? add_ports(g, text, is_negated) : add_net(g, text, is_negated);
}

static int plain_first(const void *a, const void *b)
{
	const struct wt_net *x = a, *y = b;

	if (x->is_negated != y->is_negated)
		return x->is_negated ? 1 : -1;
	if (x->ip_version != y->ip_version)
		return x->ip_version < y->ip_version ? -1 : 1;
	return memcmp(x->low, y->low, sizeof(x->low));
}

/* Plain ones that overlap become one. */
static void sort_nets(struct wt_nets *nets, struct wt_net *net, unsigned n)
{
	unsigned i, k = 0;

	if (n)
		qsort(net, n, sizeof(*net), plain_first);
	for (i = 0; i < n; i++) {
		struct wt_net *last = k ? &net[k - 1] : NULL;

		if (last && !net[i].is_negated && last->ip_version == net[i].ip_version &&
		    memcmp(net[i].low, last->high, sizeof(last->high)) <= 0) {
			if (memcmp(net[i].high, last->high, sizeof(last->high)) > 0)
				memcpy(last->high, net[i].high, sizeof(last->high));
			continue;
		}
		net[k++] = net[i];
		nets->n_plain += !net[i].is_negated;
	}
	nets->net = net;
	nets->n = k;
}

bool wt_parse_nets(struct wt_rules *set, struct wt_slice text, struct wt_nets *nets, char *why,
		   size_t size)
{
	struct gather g = { .set = set, .why = why, .size = size };
	bool is_good = gather(&g, text, false, 0);
	struct wt_net *copy = wt_rules_take(set, g.net.n * sizeof(*copy));

	if (g.net.n)
		memcpy(copy, g.net.at, g.net.n * sizeof(*copy));
	*nets = (struct wt_nets){ .is_any = g.is_any && !g.net.n };
	sort_nets(nets, copy, g.net.n);
	free(g.net.at);
	return is_good;
}

bool wt_parse_ports(struct wt_rules *set, struct wt_slice text, struct wt_ports *ports,
		    char *why, size_t size)
{
	struct gather g = { .set = set, .why = why, .size = size, .is_ports = true };
	bool is_good = gather(&g, text, false, 0);
	struct wt_port_range *copy = wt_rules_take(set, g.range.n * sizeof(*copy));

	if (g.range.n)
		memcpy(copy, g.range.at, g.range.n * sizeof(*copy));
	*ports = (struct wt_ports){ .range = copy,
				    .n = g.range.n,
				    .is_any = g.is_any && !g.range.n };
	free(g.range.at);
	return is_good;
}

bool wt_rules_set_variable(struct wt_rules *set, const char *name, const char *value, char *why,
			   size_t size)
{
	struct wt_slice text = wt_slice_of(value, strlen(value));
	struct wt_rule_variable *at;
	struct wt_nets nets;
	struct wt_ports ports;
	bool is_port = strlen(name) > 5 && strcmp(name + strlen(name) - 5, "PORTS") == 0;

	if (is_port ? !wt_parse_ports(set, text, &ports, why, size)
		    : !wt_parse_nets(set, text, &nets, why, size))
		return false;
	at = WT_LIST_ADD(set->variable);
	at->name = wt_rules_text(set, wt_slice_of(name, strlen(name)));
	at->value = wt_rules_text(set, text);
	return true;
}

static bool is_in_net(const struct wt_net *net, const uint8_t *octet, uint8_t ip_version)
{
	size_t len = ip_version == 4 ? 4 : 16;

	return net->ip_version == ip_version && memcmp(net->low, octet, len) <= 0 &&
	       memcmp(octet, net->high, len) <= 0;
}

bool wt_nets_have(const struct wt_nets *nets, const struct wt_addr *addr, uint8_t ip_version)
{
	unsigned i, low = 0, high = nets->n_plain;

	if (nets->is_any)
		return true;
	for (i = nets->n_plain; i < nets->n; i++)
		if (is_in_net(&nets->net[i], addr->octet, ip_version))
			return false;
	if (!nets->n_plain)
		return true;
	while (low < high) { /* the last one that begins at or before the address */
		unsigned mid = low + (high - low) / 2;
		const struct wt_net *net = &nets->net[mid];
		size_t len = net->ip_version == 4 ? 4 : 16;

		if (net->ip_version < ip_version ||
		    (net->ip_version == ip_version && memcmp(net->low, addr->octet, len) <= 0))
			low = mid + 1;
		else
			high = mid;
	}
	return low && is_in_net(&nets->net[low - 1], addr->octet, ip_version);
}

bool wt_ports_have(const struct wt_ports *ports, uint16_t port)
{
	bool is_in = true, has_plain = false;
	unsigned i;

	if (ports->is_any)
		return true;
	for (i = 0; i < ports->n; i++) {
		const struct wt_port_range *range = &ports->range[i];

		if (!range->is_negated && !has_plain) {
			has_plain = true;
			is_in = false;
		}
		if (port < range->low || port > range->high)
			continue;
		if (range->is_negated)
			return false;
		is_in = true;
	}
	return is_in;
}
