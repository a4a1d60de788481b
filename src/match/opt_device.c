/* device.*: who is at the ends of the traffic. What the inventory knows is asked by the
 * keeper (context.h); zones are networks and decided here.
 * Source: ours. Trust: hostile text. Memory: the set's arena and lists. */
#include "match/parse.h"

#include <stdio.h>

static const char *const names[WT_N_DEVICE_WHATS] = {
#define D(id, name, doc) [WT_DEVICE_##id] = "device." name,
#include "wardtap/device.def"
#undef D
};

/* "src," "dst," "both," or "any," in front of the words, and "!" before those. */
static struct wt_slice take_side(struct wt_slice text, uint8_t *side, bool *is_negated)
{
	static const char *const sides[] = { "any", "src", "dst", "both" };
	struct wt_slice rest = text, first = wt_take_word(&rest, ',');
	unsigned i;

	*side = WT_SIDE_ANY;
	for (i = 0; i < sizeof(sides) / sizeof(sides[0]); i++)
		if (wt_is_word(first, sides[i])) {
			*side = (uint8_t)i;
			text = wt_trim(rest);
		}
	*is_negated = text.len && text.ptr[0] == '!';
	return wt_trim(wt_slice_tail(text, *is_negated));
}

/* The keeper decides these; what workers would do before it does would be half a match. */
static bool is_apt(struct wt_parse *p)
{
	if (p->rule.is_pass) {
		wt_blame(p, p->key,
			 "found '%s' in a pass rule, which is decided before devices are "
			 "asked; write suppress in threshold.config",
			 wt_show(p->key));
		return false;
	}
	if (p->set->device_test.n - p->rule.first_device_test == WT_CONTEXT_DEVICES_MAX) {
		wt_blame(p, p->key, "found more than %u tests of devices in a rule",
			 WT_CONTEXT_DEVICES_MAX);
		return false;
	}
	return true;
}

static bool is_side(struct wt_slice word)
{
	return wt_is_word(word, "any") || wt_is_word(word, "src") || wt_is_word(word, "dst") ||
	       wt_is_word(word, "both");
}

static void take_words(struct wt_parse *p, struct wt_device_test *t, struct wt_slice text)
{
	const char **words = wt_rules_take(p->set, WT_DEVICE_WORDS_MAX * sizeof(*words));

	t->word = words;
	while (text.len && !p->is_failed) {
		struct wt_slice word = wt_unquoted(wt_take_word(&text, '|'));
		size_t comma = wt_slice_find(word, ',');

		if (comma < word.len && is_side(wt_trim(wt_slice_tail(word, comma + 1)))) {
			wt_blame(p, p->value, "found '%s' behind a word; write %s:%s,%s",
				 wt_show(wt_slice_tail(word, comma)), wt_show(p->key),
				 wt_show(wt_trim(wt_slice_tail(word, comma + 1))),
				 wt_show(wt_slice_head(word, comma)));
			return;
		}
		if (!word.len || t->n == WT_DEVICE_WORDS_MAX)
			wt_blame(p, p->value,
				 "found %s in '%s'; write one to %u words, '|' "
				 "between them",
				 word.len ? "more words" : "an empty word", wt_show(p->key),
				 WT_DEVICE_WORDS_MAX);
		else
			words[t->n++] = wt_rules_text(p->set, word);
	}
}

/* device.class:[any|src|dst|both,][!]WORD[|WORD...] */
void wt_parse_device(struct wt_parse *p)
{
	struct wt_device_test t = { .n = 0 };
	struct wt_slice text = take_side(p->value, &t.side, &t.is_negated);
	const struct wt_buffer *buffer = p->value.len ? NULL : wt_buffer_find(p, p->key);

	if (buffer) { /* what a message says of a device */
		wt_use_buffer(p, buffer);
		return;
	}
	if (!text.len) {
		wt_blame(p, p->value,
			 "found '%s' without a value; write %s:[src|dst|both,][!]WORD",
			 wt_show(p->key), wt_show(p->key));
		return;
	}
	if (!is_apt(p))
		return;
	while (t.what < WT_N_DEVICE_WHATS - 1 && !wt_is_word(p->key, names[t.what]))
		t.what++; /* the table of keywords sends no other key here */
	take_words(p, &t, text);
	*WT_LIST_ADD(p->set->device_test) = t;
}

/* --- zones --- */

bool wt_rules_set_zone(struct wt_rules *set, const char *name, const char *value, char *why,
		       size_t size)
{
	struct wt_zone zone;
	char advice[80] = "";

	if (!*name || strlen(name) > WT_ZONE_NAME_MAX || strpbrk(name, ",!|;:\" ")) {
		(void)snprintf(why, size,
			       "found the zone '%.48s'; write a name of up to %u "
			       "letters, digits, dots, - and _",
			       name, WT_ZONE_NAME_MAX);
		return false;
	}
	if (set->zone.n == UINT16_MAX) {
		(void)snprintf(why, size, "found more than 65535 zones");
		return false;
	}
	(void)snprintf(zone.name, sizeof(zone.name), "%s", name);
	if (!wt_cidr_parse(wt_slice_of(value, strlen(value)), &zone.network, advice,
			   sizeof(advice))) {
		(void)snprintf(why, size, "found the network '%.60s'; write %s", value,
			       *advice ? advice : "one such as 10.1.2.0/24 or fd00:1::/64");
		return false;
	}
	(void)WT_LIST_ADD(set->zone);
	wt_zones_insert(set->zone.at, set->zone.n - 1, &zone);
	return true;
}

/* Rows of one name are one zone, known by its first row; all zones are there before the
 * first rule is read. */
bool wt_zone_has(const struct wt_rules *set, unsigned zone, const struct wt_addr *addr,
		 uint8_t ip_version)
{
	const struct wt_zone *found;

	if (zone >= set->zone.n || !ip_version)
		return false;
	found = wt_zones_find(set->zone.at, set->zone.n, ip_version, addr);
	return found && wt_is_word(wt_slice_of(found->name, strlen(found->name)),
				   set->zone.at[zone].name);
}

/* device.zone:[any|src|dst|both,][!]NAME */
void wt_parse_zone(struct wt_parse *p)
{
	struct wt_packet_test *t = WT_LIST_ADD(p->set->packet_test);
	struct wt_slice name = wt_unquoted(take_side(p->value, &t->side, &t->is_negated));
	unsigned i = 0;

	while (i < p->set->zone.n && !wt_is_word(name, p->set->zone.at[i].name))
		i++;
	t->what = WT_PACKET_ZONE;
	t->category = (uint16_t)i;
	if (!name.len)
		wt_blame(p, p->value,
			 "found device.zone without a name; write device.zone:"
			 "[src|dst|both,][!]NAME with a name of inventory.zones");
	else if (i == p->set->zone.n)
		wt_blame(p, p->value,
			 "found the zone '%s', which is not in inventory.zones; write its "
			 "network there as %s=10.1.2.0/24",
			 wt_show(name), wt_show(name));
}
