/* Keywords of single protocols that come down to fields of the dictionary: modbus, rpc,
 * flags of mqtt, validity of certificates; and uricontent.
 * Source: Suricata 7 user guide, "Modbus Keyword", "Payload Keywords" (rpc), "MQTT Keywords",
 * "SSL/TLS Keywords". Trust: hostile text. Memory: the set's arena and lists. */
#include "match/parse.h"

#include <ctype.h>

static bool add_number(struct wt_parse *p, const char *field, uint8_t compare, int64_t low,
		       int64_t high)
{
	struct wt_field_test *t = wt_add_field_test(p, field);

	if (!t)
		return false;
	t->compare = compare;
	t->low = low;
	t->high = high;
	return true;
}

static void add_size(struct wt_parse *p, const char *field, struct wt_slice text)
{
	int64_t low, high;
	uint8_t compare;

	if (wt_take_size(text, &compare, &low, &high))
		(void)add_number(p, field, compare, low, high);
	else
		wt_blame(p, text, "found '%s' in %s; write N, >N, <N, !N or A<>B",
			 wt_show(text), wt_show(p->key));
}

/* --- modbus --- */

/* Functions by what they do to which kind of data, as modbus.function_name has them. */
static const struct {
	const char *access, *kind, *names; /* kind NULL: any */
} functions[] = {
	{ "read", NULL, "^read_(?:coils|discrete_inputs|(?:holding|input|write)_registers)$" },
	{ "read", "coils", "^read_coils$" },
	{ "read", "discretes", "^read_discrete_inputs$" },
	{ "read", "input", "^read_input_registers$" },
	{ "read", "holding", "^read_(?:holding|write)_registers$" },
	{ "write", NULL,
	  "^(?:write_(?:single|multiple)_(?:coil|register)s?|"
	  "mask_write_register|read_write_registers)$" },
	{ "write", "coils", "^write_(?:single_coil|multiple_coils)$" },
	{ "write", "holding",
	  "^(?:write_(?:single|multiple)_registers?|mask_write_register|"
	  "read_write_registers)$" },
};

static void modbus_access(struct wt_parse *p, struct wt_slice text)
{
	struct wt_slice kind = text, access = wt_take_word(&kind, ' ');
	struct wt_test *t;
	unsigned i;

	kind = wt_trim(kind);
	for (i = 0; i < sizeof(functions) / sizeof(functions[0]); i++) {
		if (!wt_is_word(access, functions[i].access) ||
		    (functions[i].kind ? !wt_is_word(kind, functions[i].kind) : kind.len > 0))
			continue;
		t = wt_add_test_beside(p, "modbus.function_name", WT_TEST_PCRE);
		if (t)
			t->as.regex.text = functions[i].names;
		return;
	}
	wt_blame(p, text,
		 "found 'access %s'; write read [coils|discretes|input|holding] or write "
		 "[coils|holding]",
		 wt_show(text));
}

static void modbus_item(struct wt_parse *p, struct wt_slice item)
{
	struct wt_slice rest = item, key = wt_take_word(&rest, ' ');

	rest = wt_trim(rest);
	if (wt_is_word(key, "function") && rest.len && isdigit(rest.ptr[0]))
		add_size(p, "modbus.function", rest);
	else if (wt_is_word(key, "subfunction"))
		add_size(p, "modbus.subfunction", rest);
	else if (wt_is_word(key, "unit"))
		add_size(p, "modbus.unit", rest);
	else if (wt_is_word(key, "access"))
		modbus_access(p, rest);
	else if (wt_is_word(key, "function"))
		wt_blame(
			p, item,
			"found '%s'; write numbers of functions, such as modbus.function:65-72 "
			"for those that users define",
			wt_show(item));
	else
		wt_blame(
			p, item,
			"found '%s' in modbus; write function N, subfunction N, unit N, access "
			"read|write [coils|discretes|input|holding], and addresses and values "
			"as "
			"modbus.address, modbus.quantity and modbus.value",
			wt_show(item));
}

/* modbus:function 8, subfunction 4; modbus:access write coils; modbus:unit 10. Requests. */
void wt_parse_modbus(struct wt_parse *p)
{
	struct wt_slice rest = p->value;

	if (!rest.len)
		wt_blame(p, p->key, "found modbus without a value; write modbus:function N");
	while (rest.len && !p->is_failed)
		modbus_item(p, wt_take_word(&rest, ','));
	if (!p->is_failed)
		wt_add_words(p, "modbus.type", WT_LIT("request"));
}

/* --- rpc --- */

/* rpc:PROGRAM[,VERSION|*][,PROCEDURE|*] */
void wt_parse_rpc(struct wt_parse *p)
{
	static const char *const fields[] = { "rpc.program", "rpc.version", "rpc.procedure" };
	struct wt_slice rest = p->value;
	unsigned i;

	for (i = 0; i < 3 && (rest.len || !i); i++) {
		struct wt_slice word = wt_take_word(&rest, ',');
		int64_t n;

		if (i && wt_is_word(word, "*"))
			continue;
		if (!wt_take_i64(word, &n) || n < 0 || n > UINT32_MAX) {
			wt_blame(p, p->value,
				 "found rpc:%s; write PROGRAM[,VERSION|*][,PROCEDURE|*]",
				 wt_show(p->value));
			return;
		}
		(void)add_number(p, fields[i], WT_IS_EQUAL, n, 0);
	}
	if (rest.len)
		wt_blame(p, rest,
			 "found '%s' behind the procedure of rpc:%s; write nothing there",
			 wt_show(rest), wt_show(p->value));
}

/* --- mqtt --- */

/* A flag that is not set may be no value of the message, which is then asked for by its
 * type. */
static void ask_for_packet(struct wt_parse *p)
{
	struct wt_test *t;

	if (wt_is_word(p->key, "mqtt.connect.flags")) {
		wt_add_words(p, "mqtt.packet", WT_LIT("connect"));
		return;
	}
	t = wt_add_test_beside(p, "mqtt.packet", WT_TEST_CONTENT);
	if (!t)
		return;
	t->as.content.pattern = WT_LIT("totals"); /* of all packets at the flow's end */
	t->flags = WT_TEST_NEGATED | WT_TEST_STARTS | WT_TEST_ENDS;
}

/* mqtt.flags:dup,!retain; mqtt.connect.flags:clean_session,!password */
void wt_parse_mqtt_flags(struct wt_parse *p)
{
	static const struct {
		const char *key, *word, *field;
	} rows[] = {
		{ "mqtt.flags", "dup", "mqtt.is_dup" },
		{ "mqtt.flags", "retain", "mqtt.is_retained" },
		{ "mqtt.connect.flags", "password", "mqtt.has_password" },
		{ "mqtt.connect.flags", "will", "mqtt.has_will" },
		{ "mqtt.connect.flags", "clean_session", "mqtt.is_clean_start" },
	};
	struct wt_slice rest = p->value;
	bool is_any_negated = false;
	unsigned i;

	do {
		struct wt_slice word = wt_take_word(&rest, ','), name = word;
		bool is_negated = word.len && word.ptr[0] == '!';

		is_any_negated |= is_negated;
		name = wt_trim(wt_slice_tail(name, is_negated));
		for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
			if (wt_is_word(p->key, rows[i].key) && wt_is_word(name, rows[i].word))
				break;
		if (i == sizeof(rows) / sizeof(rows[0]))
			wt_blame(
				p, word,
				"found '%s' in %s; write dup or retain (mqtt.flags), password, "
				"will or clean_session (mqtt.connect.flags)",
				wt_show(word), wt_show(p->key));
		else
			(void)add_number(p, rows[i].field, WT_IS_EQUAL, !is_negated, 0);
	} while (rest.len && !p->is_failed);
	if (is_any_negated && !p->is_failed)
		ask_for_packet(p);
}

/* --- validity of certificates --- */

/* Digits at the start of *s, `min` to `max` of them. */
static bool take_digits(struct wt_slice *s, size_t min, size_t max, int64_t *value)
{
	size_t n = 0;

	for (*value = 0; n < s->len && n < max && isdigit(s->ptr[n]); n++)
		*value = *value * 10 + (s->ptr[n] - '0');
	*s = wt_slice_tail(*s, n);
	return n >= min;
}

/* Days from 1970-01-01 in the proleptic Gregorian calendar; months and days from 1. */
static int64_t days_of(int64_t year, int64_t month, int64_t day)
{
	int64_t era, of_era, of_year;

	year -= month <= 2; /* years begin with March, so that leap days end them */
	era = (year >= 0 ? year : year - 399) / 400;
	of_era = year - era * 400;
	of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
	return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

/* YYYY-MM[-DD[THH[:MM[:SS]]]] in UTC, or seconds since 1970. */
static bool take_time(struct wt_slice s, int64_t *seconds)
{
	static const uint8_t before[] = { '-', '-', 'T', ':', ':' };
	static const int64_t low[] = { 1970, 1, 1, 0, 0, 0 },
			     high[] = { 2261, 12, 31, 23, 59, 60 };
	int64_t part[6] = { 0, 1, 1, 0, 0, 0 };
	unsigned i;

	s = wt_trim(s);
	if (wt_take_i64(s, seconds))
		return *seconds >= 0 && *seconds < INT64_C(1) << 33;
	for (i = 0; i < 6 && (s.len || !i); i++) {
		if (i && s.ptr[0] != before[i - 1] && !(i == 3 && s.ptr[0] == ' '))
			return false;
		s = wt_slice_tail(s, i != 0);
		if (!take_digits(&s, i ? 2 : 4, i ? 2 : 4, &part[i]) || part[i] < low[i] ||
		    part[i] > high[i])
			return false;
	}
	*seconds = days_of(part[0], part[1], part[2]) * 86400 + part[3] * 3600 + part[4] * 60 +
		   part[5];
	return !s.len;
}

/* tls_cert_notbefore:[<|>]TIME or TIME<>TIME, ends included */
void wt_parse_validity(struct wt_parse *p)
{
	const char *field = wt_is_word(p->key, "tls_cert_notbefore") ? "tls.cert_not_before"
								     : "tls.cert_not_after";
	struct wt_slice s = wt_trim(wt_unquoted(p->value));
	size_t at = wt_slice_search(s, WT_LIT("<>"));
	uint8_t compare = WT_IS_EQUAL;
	int64_t low = 0, high = 0;
	bool is_good;

	if (at && at < s.len) {
		compare = WT_IS_BETWEEN;
		is_good = take_time(wt_slice_head(s, at), &low) &&
			  take_time(wt_slice_tail(s, at + 2), &high) && low <= high;
		low--;
		high++;
	} else {
		if (s.len && (s.ptr[0] == '<' || s.ptr[0] == '>'))
			compare = s.ptr[0] == '<' ? WT_IS_AT_MOST : WT_IS_AT_LEAST;
		is_good = take_time(wt_slice_tail(s, compare != WT_IS_EQUAL), &low);
	}
	if (!is_good)
		wt_blame(
			p, p->value,
			"found %s:%s; write [<|>]YYYY-MM-DD[THH:MM:SS], or two such times with "
			"<> between them",
			wt_show(p->key), wt_show(p->value));
	else
		(void)add_number(p, field, compare, low * (int64_t)WT_NS_PER_S,
				 high * (int64_t)WT_NS_PER_S);
}

/* --- old style --- */

/* uricontent:"..." is a content of http.uri; the buffer at hand stays. */
void wt_parse_uricontent(struct wt_parse *p)
{
	const struct wt_buffer *was = p->buffer;
	uint8_t n_transforms = p->n_transforms;

	p->buffer = wt_buffer_find(p, WT_LIT("http.uri"));
	p->n_transforms = 0;
	if (p->buffer)
		wt_parse_content(p);
	p->buffer = was;
	p->n_transforms = n_transforms;
}

/* `alert` takes a noalert before it back. */
void wt_parse_alert(struct wt_parse *p)
{
	p->rule.is_noalert = false;
}
