/* One scalar of the configuration against its row: the value, or an error that
 * says what was found and what to write.
 * Trust: the operator's own words; lengths are bounded here.
 * Memory: a copy of each text, at start-up only. */
#define _POSIX_C_SOURCE 200809L /* strndup */
#include "base/conf_inner.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>

static const struct {
	const char *suffix;
	uint64_t ns;
} time_units[] = {
	{ "d", 86400 * WT_NS_PER_S }, { "h", 3600 * WT_NS_PER_S }, { "m", 60 * WT_NS_PER_S },
	{ "s", WT_NS_PER_S }, { "ms", WT_NS_PER_MS },
};

const char *wt_conf_show(struct wt_slice text, char shown[WT_CONF_SHOWN])
{
	const size_t room = WT_CONF_SHOWN - 6;
	size_t i, n = text.len < room ? text.len : room, out = 0;

	if (text.len == 0)
		return memcpy(shown, "nothing", sizeof("nothing"));
	for (i = 0; i < n; i++) {
		uint8_t c = text.ptr[i];

		shown[out++] = c >= 0x20 && c != 0x7f ? (char)c : '?';
	}
	if (text.len > room) {
		/* Not inside a UTF-8 sequence. */
		while (out > 0 && ((uint8_t)shown[out - 1] & 0xc0) == 0x80)
			out--;
		if (out > 0 && ((uint8_t)shown[out - 1] & 0x80) != 0)
			out--;
		memcpy(shown + out, "...", 3);
		out += 3;
	}
	shown[out] = 0;
	return shown;
}

static void size_text(uint64_t value, char *text, size_t size)
{
	static const char suffix[] = "GMK";
	unsigned i;

	for (i = 0; i < 3; i++) {
		unsigned shift = 30 - 10 * i;

		if (value != 0 && (value & ((UINT64_C(1) << shift) - 1)) == 0) {
			snprintf(text, size, "%llu%c", (unsigned long long)(value >> shift),
				 suffix[i]);
			return;
		}
	}
	snprintf(text, size, "%llu", (unsigned long long)value);
}

static void time_text(uint64_t ns, char *text, size_t size)
{
	size_t i, n = sizeof(time_units) / sizeof(time_units[0]);

	for (i = 0; i + 1 < n && (ns == 0 || ns % time_units[i].ns != 0); i++)
		;
	snprintf(text, size, "%llu%s", (unsigned long long)(ns / time_units[i].ns),
		 time_units[i].suffix);
}

static void choices_text(const char *choices, char *text, size_t size)
{
	struct wt_slice rest = wt_slice_of(choices, strlen(choices)), part;
	const char *glue = "one of ";
	size_t len = 0;

	*text = 0;
	while (len < size && wt_conf_next_part(&rest, '|', &part)) {
		int n = snprintf(text + len, size - len, "%s%.*s", glue, (int)part.len,
				 (const char *)part.ptr);

		len += n > 0 ? (size_t)n : 0;
		glue = ", ";
	}
}

void wt_conf_expected(const struct wt_conf_row *row, char *text, size_t size)
{
	char low[32], high[32];

	switch (row->type) {
	case WT_CONF_TYPE_BOOL:
		snprintf(text, size, "true or false");
		return;
	case WT_CONF_TYPE_INT:
		snprintf(text, size, "an integer from %llu to %llu",
			 (unsigned long long)row->min, (unsigned long long)row->max);
		return;
	case WT_CONF_TYPE_SIZE:
		size_text(row->min, low, sizeof(low));
		size_text(row->max, high, sizeof(high));
		snprintf(text, size, "a size from %s to %s", low, high);
		return;
	case WT_CONF_TYPE_TIME:
		time_text(row->min, low, sizeof(low));
		time_text(row->max, high, sizeof(high));
		snprintf(text, size, "a duration (ms, s, m, h or d) from %s to %s", low, high);
		return;
	case WT_CONF_TYPE_STR:
		snprintf(text, size, "a text of %llu to %llu bytes",
			 (unsigned long long)row->min, (unsigned long long)row->max);
		return;
	case WT_CONF_TYPE_ENUM:
		choices_text(row->choices, text, size);
		return;
	case WT_CONF_TYPE_PATH:
		snprintf(text, size, "a path of at most %llu bytes",
			 (unsigned long long)row->max);
		return;
	case WT_CONF_TYPE_CIDR:
		snprintf(text, size, "a network such as 10.20.0.0/16 or fd00:1::/64");
		return;
	}
}

static bool parse_size(struct wt_slice text, uint64_t *value)
{
	unsigned shift = 0;

	if (text.len) {
		switch (text.ptr[text.len - 1]) {
		case 'K': shift = 10; break;
		case 'M': shift = 20; break;
		case 'G': shift = 30; break;
		default: break;
		}
	}
	if (!wt_slice_to_u64(wt_slice_head(text, text.len - (shift != 0)), value) ||
	    *value > UINT64_MAX >> shift)
		return false;
	*value <<= shift;
	return true;
}

static bool parse_time(struct wt_slice text, uint64_t *ns)
{
	size_t n_digits = 0, i;
	struct wt_slice suffix;

	while (n_digits < text.len && text.ptr[n_digits] >= '0' && text.ptr[n_digits] <= '9')
		n_digits++;
	suffix = wt_slice_tail(text, n_digits);
	for (i = 0; i < sizeof(time_units) / sizeof(time_units[0]); i++) {
		const char *name = time_units[i].suffix;

		if (!wt_slice_equal(suffix, wt_slice_of(name, strlen(name))))
			continue;
		if (!wt_slice_to_u64(wt_slice_head(text, n_digits), ns) ||
		    *ns > UINT64_MAX / time_units[i].ns)
			return false;
		*ns *= time_units[i].ns;
		return true;
	}
	return false;
}

static bool parse_choice(const char *choices, struct wt_slice text, uint64_t *index)
{
	struct wt_slice rest = wt_slice_of(choices, strlen(choices)), part;
	uint64_t i;

	for (i = 0; wt_conf_next_part(&rest, '|', &part); i++) {
		if (wt_slice_equal(part, text)) {
			*index = i;
			return true;
		}
	}
	return false;
}

/* Clears the bits behind the prefix; true when there were none. */
static bool mask_host_bits(struct wt_cidr *cidr)
{
	unsigned bit, n_bits = cidr->ip_version == 4 ? 32 : 128;
	bool is_clean = true;

	for (bit = cidr->prefix_len; bit < n_bits; bit++) {
		uint8_t mask = (uint8_t)(0x80u >> bit % 8);

		if (cidr->addr.octet[bit / 8] & mask) {
			cidr->addr.octet[bit / 8] = (uint8_t)(cidr->addr.octet[bit / 8] & ~mask);
			is_clean = false;
		}
	}
	return is_clean;
}

/* `advice` becomes the corrected network when only host bits were wrong. */
static bool parse_cidr(struct wt_slice text, struct wt_cidr *cidr, char *advice, size_t size)
{
	size_t slash = wt_slice_find(text, '/');
	char name[INET6_ADDRSTRLEN];
	uint64_t prefix_len;
	int family;

	memset(cidr, 0, sizeof(*cidr));
	if (slash == 0 || slash >= sizeof(name) || memchr(text.ptr, 0, slash))
		return false;
	memcpy(name, text.ptr, slash);
	name[slash] = 0;
	cidr->ip_version = strchr(name, ':') ? 6 : 4;
	family = cidr->ip_version == 6 ? AF_INET6 : AF_INET;
	if (inet_pton(family, name, cidr->addr.octet) != 1)
		return false;
	prefix_len = cidr->ip_version == 6 ? 128 : 32;
	if (slash < text.len) {
		uint64_t most = prefix_len;

		if (!wt_slice_to_u64(wt_slice_tail(text, slash + 1), &prefix_len) ||
		    prefix_len > most)
			return false;
	}
	cidr->prefix_len = (uint8_t)prefix_len;
	if (mask_host_bits(cidr))
		return true;
	if (inet_ntop(family, cidr->addr.octet, name, sizeof(name)))
		snprintf(advice, size, "%s/%u", name, cidr->prefix_len);
	return false;
}

static bool is_in_range(const struct wt_conf_row *row, uint64_t value)
{
	return value >= row->min && value <= row->max;
}

/* The meaning of the text; `advice` may be filled with what was probably meant. */
static bool read_value(const struct wt_conf_row *row, struct wt_slice text,
		       struct wt_conf_item *item, char *advice, size_t size)
{
	switch (row->type) {
	case WT_CONF_TYPE_BOOL:
		item->number = wt_slice_equal(text, WT_LIT("true"));
		return item->number || wt_slice_equal(text, WT_LIT("false"));
	case WT_CONF_TYPE_INT:
		return wt_slice_to_u64(text, &item->number) && is_in_range(row, item->number);
	case WT_CONF_TYPE_SIZE:
		return parse_size(text, &item->number) && is_in_range(row, item->number);
	case WT_CONF_TYPE_TIME:
		return parse_time(text, &item->number) && is_in_range(row, item->number);
	case WT_CONF_TYPE_STR:
	case WT_CONF_TYPE_PATH:
		return is_in_range(row, text.len);
	case WT_CONF_TYPE_ENUM:
		if (parse_choice(row->choices, text, &item->number))
			return true;
		(void)wt_conf_near_choice(row->choices, text, advice, size);
		return false;
	case WT_CONF_TYPE_CIDR:
		return parse_cidr(text, &item->cidr, advice, size);
	}
	return false;
}

static bool has_control_bytes(struct wt_slice text)
{
	size_t i;

	for (i = 0; i < text.len; i++)
		if (text.ptr[i] < 0x20 || text.ptr[i] == 0x7f)
			return true;
	return false;
}

static bool is_texty(const struct wt_conf_row *row)
{
	return row->type == WT_CONF_TYPE_STR || row->type == WT_CONF_TYPE_PATH ||
	       row->type == WT_CONF_TYPE_CIDR || row->type == WT_CONF_TYPE_ENUM;
}

bool wt_conf_parse(struct wt_conf *conf, const struct wt_conf_row *row,
		   const struct wt_conf_scalar *scalar, struct wt_conf_item *item)
{
	char shown[WT_CONF_SHOWN], expected[256], advice[64] = "";
	const char *how = scalar->is_quoted ? "the quoted text " : "";
	char key[WT_CONF_KEY_MAX];

	wt_conf_named(conf, row->key, key);
	wt_conf_expected(row, expected, sizeof(expected));
	wt_conf_show(scalar->text, shown);
	if (scalar->text.len > WT_CONF_TEXT_MAX || has_control_bytes(scalar->text)) {
		(void)wt_conf_complain(conf, &scalar->place, "%s: found %s, which is %s; "
				       "expected %s", key, shown,
				       scalar->text.len > WT_CONF_TEXT_MAX ?
				       "too long" : "not on one line of printable text", expected);
		return false;
	}
	if (scalar->is_quoted && !is_texty(row)) {
		(void)wt_conf_complain(conf, &scalar->place, "%s: found %s%s; expected %s, "
				       "without quotes", key, how, shown, expected);
		return false;
	}
	if (!read_value(row, scalar->text, item, advice, sizeof(advice))) {
		(void)wt_conf_complain(conf, &scalar->place, "%s: found %s%s; expected %s%s%s%s",
				       key, how, shown, expected,
				       *advice ? " (did you mean " : "", advice,
				       *advice ? "?)" : "");
		return false;
	}
	item->place = scalar->place;
	item->text = strndup(scalar->text.len ? (const char *)scalar->text.ptr : "",
			     scalar->text.len);
	if (!item->text)
		(void)wt_conf_complain(conf, &scalar->place, "out of memory");
	return item->text != NULL;
}
