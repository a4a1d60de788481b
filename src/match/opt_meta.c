/* What a rule says about itself.
 * Source: Suricata 7 user guide, "Meta Keywords"; priorities of classes as in its
 * classification.config. Trust: hostile text. Memory: the set's arena. */
#include "match/parse.h"

#include <ctype.h>
#include <stdio.h>

/* Classes that are known without a file: names and priorities of Suricata's. */
static const struct wt_class presets[] = {
	{ "not-suspicious", 3 },
	{ "unknown", 3 },
	{ "bad-unknown", 2 },
	{ "attempted-recon", 2 },
	{ "successful-recon-limited", 2 },
	{ "successful-recon-largescale", 2 },
	{ "attempted-dos", 2 },
	{ "successful-dos", 2 },
	{ "attempted-user", 1 },
	{ "unsuccessful-user", 1 },
	{ "successful-user", 1 },
	{ "attempted-admin", 1 },
	{ "successful-admin", 1 },
	{ "rpc-portmap-decode", 2 },
	{ "shellcode-detect", 1 },
	{ "string-detect", 3 },
	{ "suspicious-filename-detect", 2 },
	{ "suspicious-login", 2 },
	{ "system-call-detect", 2 },
	{ "tcp-connection", 4 },
	{ "trojan-activity", 1 },
	{ "unusual-client-port-connection", 2 },
	{ "network-scan", 3 },
	{ "denial-of-service", 2 },
	{ "non-standard-protocol", 2 },
	{ "protocol-command-decode", 3 },
	{ "web-application-activity", 2 },
	{ "web-application-attack", 1 },
	{ "misc-activity", 3 },
	{ "misc-attack", 2 },
	{ "icmp-event", 3 },
	{ "inappropriate-content", 1 },
	{ "policy-violation", 1 },
	{ "default-login-attempt", 2 },
	{ "targeted-activity", 1 },
	{ "exploit-kit", 1 },
	{ "external-ip-check", 2 },
	{ "domain-c2", 1 },
	{ "pup-activity", 2 },
	{ "credential-theft", 1 },
	{ "social-engineering", 2 },
	{ "coin-mining", 2 },
	{ "command-and-control", 1 },
	{ "patient-safety", 1 },
	{ "device-compromise", 1 },
	{ "clinical-integrity", 1 },
	{ "phi-exposure", 2 },
	{ "device-policy", 2 },
};

static const struct wt_class *class_of(const struct wt_rules *set, struct wt_slice name)
{
	unsigned i;

	for (i = 0; i < set->class.n; i++)
		if (wt_is_word(name, set->class.at[i].name))
			return &set->class.at[i];
	for (i = 0; i < sizeof(presets) / sizeof(presets[0]); i++)
		if (wt_is_word(name, presets[i].name))
			return &presets[i];
	return NULL;
}

/* "config classification: name,description,priority", one a line. */
static bool take_class(struct wt_rules *set, struct wt_slice line)
{
	struct wt_slice rest = line, name;
	struct wt_class *class;
	int64_t priority;

	if (!wt_is_word(wt_take_word(&rest, ' '), "config"))
		return false;
	rest = wt_trim(rest);
	if (!wt_is_word(wt_take_word(&rest, ':'), "classification"))
		return false;
	name = wt_take_word(&rest, ',');
	(void)wt_take_word(&rest, ',');
	if (!name.len || !wt_take_i64(rest, &priority) || priority < 1 || priority > 255)
		return false;
	class = WT_LIST_ADD(set->class);
	class->name = wt_rules_text(set, name);
	class->priority = (uint8_t)priority;
	return true;
}

void wt_rules_load_classes(struct wt_rules *set, const char *name, struct wt_slice text)
{
	unsigned number = 0;

	while (text.len) {
		struct wt_slice line = wt_take_word(&text, '\n');

		number++;
		if (line.len && line.ptr[0] != '#' && !take_class(set, line))
			wt_rules_problem_add(
				set, name, number, 0, 0, true,
				"found no classification; write: config classification: "
				"name,description,priority");
	}
}

void wt_parse_msg(struct wt_parse *p)
{
	struct wt_slice text = wt_unquoted(p->value);
	char *copy = wt_rules_take(p->set, text.len + 1);
	size_t i, n = 0;

	for (i = 0; i < text.len; i++) {
		if (text.ptr[i] == '\\' && i + 1 < text.len)
			i++;
		copy[n++] =
			(char)(text.ptr[i] < 0x20 || text.ptr[i] == 0x7f ? '?' : text.ptr[i]);
	}
	p->rule.msg = copy;
	if (!text.len)
		wt_blame(p, p->value, "found an empty msg; write what the alert shall say");
}

static bool take_u32(struct wt_parse *p, int64_t low, uint32_t *into)
{
	int64_t value;

	if (!wt_take_i64(p->value, &value) || value < low || value > UINT32_MAX) {
		wt_blame(p, p->value, "found %s:%s; write a number from %lld to 4294967295",
			 wt_show(p->key), wt_show(p->value), (long long)low);
		return false;
	}
	*into = (uint32_t)value;
	return true;
}

void wt_parse_sid(struct wt_parse *p)
{
	(void)take_u32(p, 1, &p->rule.sid);
}

void wt_parse_rev(struct wt_parse *p)
{
	(void)take_u32(p, 0, &p->rule.rev);
}

void wt_parse_gid(struct wt_parse *p)
{
	(void)take_u32(p, 0, &p->rule.gid);
}

void wt_parse_priority(struct wt_parse *p)
{
	uint32_t value = 0;

	if (!take_u32(p, 1, &value))
		return;
	if (value > 255)
		wt_blame(p, p->value, "found priority:%u; write 1 (highest) to 255", value);
	p->rule.priority = (uint8_t)value;
	p->has_priority = true;
}

void wt_parse_classtype(struct wt_parse *p)
{
	const struct wt_class *class = class_of(p->set, p->value);

	p->rule.classtype = wt_rules_text(p->set, p->value);
	if (!class)
		wt_remark(p, p->value,
			  "found the class '%s', which is in no classification file; "
			  "its priority is taken as 3",
			  wt_show(p->value));
	else if (!p->has_priority)
		p->rule.priority = class->priority;
}

void wt_parse_reference(struct wt_parse *p)
{
	struct wt_slice rest = p->value, kind = wt_take_word(&rest, ',');
	struct wt_rule_meta *meta;

	if (!kind.len || !wt_trim(rest).len) {
		wt_blame(p, p->value,
			 "found reference:%s; write reference:type,id (such as "
			 "cve,2021-27395)",
			 wt_show(p->value));
		return;
	}
	meta = WT_LIST_ADD(p->reference);
	meta->key = wt_rules_text(p->set, kind);
	meta->value = wt_rules_text(p->set, wt_trim(rest));
}

/* Key and value parted by the first blank; items by commas. */
void wt_parse_metadata(struct wt_parse *p)
{
	struct wt_slice rest = p->value;

	while (rest.len) {
		struct wt_slice item = wt_take_word(&rest, ','), key = wt_take_word(&item, ' ');
		struct wt_rule_meta *meta;
		int64_t value;

		if (!key.len)
			continue;
		meta = WT_LIST_ADD(p->meta);
		meta->key = wt_rules_text(p->set, key);
		meta->value = wt_rules_text(p->set, wt_trim(item));
		if (!wt_is_word(key, "wardtap_severity"))
			continue;
		if (!wt_take_i64(item, &value) || value < 1 || value > 10)
			wt_blame(p, key, "found wardtap_severity %s; write 1 to 10",
				 wt_show(item));
		p->rule.severity = (uint8_t)value;
	}
}

void wt_parse_noalert(struct wt_parse *p)
{
	p->rule.is_noalert = true;
}

/* Read and kept in the rule's text, without effect on matching: target, tag, ... */
void wt_parse_ignored(struct wt_parse *p)
{
	(void)p;
}
