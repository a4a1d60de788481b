/* Promises of the encoders of records: what a record looks like in each format to the
 * byte, which keys go first, and that a table is what the manual page can say of it.
 * Hostile texts and independent parsers are in encode.py. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "export/siem.h"
#include "wardtap/counter.h"
#include "wardtap/registry.h"

static uint8_t list_room[8192], out_room[WT_ALERT_JSON_MAX];

static wt_encode_fn *const encoders[] = { wt_encode_cef, wt_encode_leef, wt_encode_json,
					  wt_encode_ecs, wt_encode_hec };
static const struct wt_siem_table *const tables[] = { &wt_siem_cef, &wt_siem_leef, &wt_siem_eve,
						      &wt_siem_ecs, &wt_siem_hec };
#define N_FORMATS (sizeof(encoders) / sizeof(*encoders))

static void put_field(struct wt_builder *b, const char *name, const char *text)
{
	struct wt_alert_field field = { .name = wt_slice_of(name, strlen(name)),
					.type = WT_TYPE_STR,
					.bytes = wt_slice_of(text, strlen(text)) };

	ck_assert(wt_alert_put_field(b, &field));
}

/* An order for a pump from a host that has no business there. */
static struct wt_alert sample(void)
{
	struct wt_builder b = wt_builder_of(list_room, sizeof(list_room));
	struct wt_alert a = {
		.seq = 1,
		.kind = WT_ALERT_RULE,
		.severity = 9,
		.confidence = 90,
		.first_ns = UINT64_C(1764140400123456789),
		.last_ns = UINT64_C(1764140460000000000),
		.made_ns = UINT64_C(1764140460500000000),
		.n = 7,
		.number = 12,
		.flow_id = 1234567,
		.gid = 1,
		.sid = 9100001,
		.rev = 3,
		.key = { .end = { { .addr = { { 10, 77, 0, 21 } }, .port = 2575 },
				  { .addr = { { 10, 77, 0, 66 } }, .port = 40001 } },
			 .proto = 6,
			 .ip_version = 4 },
		.sender = 1,
		.n_vlans = 1,
		.vlan = { 77 },
		.has_mac = 1,
		.mac = { 0, 0x0d, 0x60, 0xaf, 0x1b, 0x61, 2, 0x57, 0x54, 0, 0, 0x66 },
	};

	memset(a.id, 0xa5, sizeof(a.id));
	a.text[WT_ALERT_SENSOR] = WT_LIT("ward 7");
	a.text[WT_ALERT_INTERFACE] = WT_LIT("eth1");
	a.text[WT_ALERT_APP] = WT_LIT("hl7");
	a.text[WT_ALERT_SIGNATURE] = WT_LIT("Pump order | from an unexpected host");
	a.text[WT_ALERT_CATEGORY] = WT_LIT("policy-violation");
	a.text[WT_ALERT_SENTENCE] = WT_LIT("A host = no gateway\nsent an order.");
	a.text[WT_ALERT_SRC_CLASS] = WT_LIT("workstation");
	a.text[WT_ALERT_DST_DEVICE] = WT_LIT("d-17");
	a.text[WT_ALERT_DST_NAME] = WT_LIT("pump-17");
	a.text[WT_ALERT_DST_CLASS] = WT_LIT("infusion_pump");
	a.text[WT_ALERT_DST_VENDOR] = WT_LIT("ACME");
	a.text[WT_ALERT_DST_MODEL] = WT_LIT("P 1");
	put_field(&b, "alert.action", "allowed");
	put_field(&b, "alert.buffer", "hl7.message_type");
	put_field(&b, "alert.reference", "url example.org/1");
	put_field(&b, "alert.metadata", "attack_id T0855");
	put_field(&b, "alert.metadata", "attack_id T1565.002");
	put_field(&b, "alert.metadata", "wardtap_severity 9");
	a.fields = wt_bld_slice(&b);
	return a;
}

static struct wt_slice encode(unsigned format, const struct wt_alert *a, size_t len_max)
{
	struct wt_encode_options options = { .host = "sensor1", .len_max = len_max };
	struct wt_encode_item item = { .alert = a, .journal_seq = 5 };
	struct wt_builder b = wt_builder_of(out_room, sizeof(out_room));
	bool fits = encoders[format](&b, &item, &options);

	ck_assert(fits == (b.len > 0) && (!len_max || b.len <= len_max));
	ck_assert(fits == !b.is_short);
	return wt_bld_slice(&b);
}

static void expect(unsigned format, const struct wt_alert *a, const char *wanted)
{
	struct wt_slice got = encode(format, a, 0);

	ck_assert_msg(wt_slice_equal(got, wt_slice_of(wanted, strlen(wanted))),
		      "found\n%.*s\nwanted\n%s", (int)got.len, (const char *)got.ptr, wanted);
}

START_TEST(an_alert_in_each_format)
{
	struct wt_alert a = sample();

#include "encode_samples.h"
}
END_TEST

START_TEST(an_external_id_has_40_bytes_at_most)
{
	struct wt_alert a = sample();
	static const struct {
		uint32_t seq;
		const char *id;
	} rows[] = { { 0, "externalId=a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5-0 " },
		     { 9999999, "externalId=a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5-9999999 " },
		     { 10000000, "externalId=a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a500989680 " },
		     { UINT32_MAX, "externalId=a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5FFFFFFFF " } };
	unsigned i;

	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct wt_slice got, id = wt_slice_of(rows[i].id, strlen(rows[i].id));

		a.seq = rows[i].seq;
		got = encode(0, &a, 0);
		ck_assert_msg(wt_slice_search(got, id) < got.len, "%s", rows[i].id);
	}
}
END_TEST

/* Whether the JSON or the pairs have the row's key: good enough for keys that are in no
 * value of the sample. */
static bool has_key(unsigned format, struct wt_slice text, const struct wt_siem_row *row)
{
	char key[64];
	int n = snprintf(key, sizeof(key), format < 2 ? "%s=" : "\"%s\":", row->name);
	struct wt_slice needle = wt_slice_of(key, (size_t)n);

	return wt_slice_search(text, needle) < text.len;
}

/* A last part of a key that other rows have too cannot be looked for. */
static bool is_alone(const struct wt_siem_table *t, const struct wt_siem_row *row)
{
	unsigned i, n = 0;

	for (i = 0; i < t->n_rows; i++) {
		const char *name = t->row[i].name;
		size_t len = strlen(name), row_len = strlen(row->name);

		n += len >= row_len && !strcmp(name + len - row_len, row->name);
	}
	return n == 1 && row->value != WT_SIEM_FIELDS;
}

/* At every bound: what was left out goes before what is there. */
START_TEST(keys_are_dropped_in_the_order_of_the_table)
{
	const struct wt_siem_table *t = tables[_i];
	static char full[8192], part[8192];
	struct wt_alert a = sample();
	struct wt_slice got = encode((unsigned)_i, &a, 0), all;
	size_t max;
	unsigned n_shorter = 0, n_none = 0;

	memcpy(full, got.ptr, got.len);
	all = wt_slice_of(full, got.len);
	for (max = 1; max <= all.len; max++) {
		unsigned gone = 0, kept = UINT32_MAX, i;
		struct wt_slice left;

		got = encode((unsigned)_i, &a, max);
		n_none += !got.len;
		if (!got.len)
			continue;
		memcpy(part, got.ptr, got.len);
		left = wt_slice_of(part, got.len);
		n_shorter += left.len < all.len;
		for (i = 0; i < t->n_rows; i++) {
			const struct wt_siem_row *row = &t->row[i];

			if (!is_alone(t, row) || !has_key((unsigned)_i, all, row))
				continue;
			if (has_key((unsigned)_i, left, row)) {
				if (row->drop && row->drop < kept)
					kept = row->drop;
			} else {
				ck_assert_msg(row->drop, "%s must stay", row->name);
				if (row->drop > gone)
					gone = row->drop;
			}
		}
		ck_assert_msg(gone < kept, "%zu bytes: %u is gone, %u is there", max, gone,
			      kept);
	}
	ck_assert(n_shorter > 100 && n_none > 100);
	ck_assert_msg(n_none < 700, "%u bytes are too few", n_none); /* 900 are enough */
}
END_TEST

/* JSON: rows of an object follow each other, else it would be there twice. */
START_TEST(a_table_opens_each_object_once)
{
	unsigned f, i, k;

	for (f = 0; f < N_FORMATS; f++)
		for (i = 1; i < tables[f]->n_rows; i++) {
			const struct wt_siem_row *row = tables[f]->row;
			size_t at;

			ck_assert_uint_eq(row[i].path_len, strlen(row[i].path));
			ck_assert_uint_eq(row[i].name_len, strlen(row[i].name));
			for (k = 0; k < i; k++)
				ck_assert_msg(strcmp(row[k].path, row[i].path) != 0 ||
						      strcmp(row[k].name, row[i].name) != 0,
					      "%s%s is there twice", row[i].path, row[i].name);
			for (at = 0; row[i].path[at]; at++)
				for (k = 0; row[i].path[at] == '.' && k + 1 < i &&
					    strncmp(row[i - 1].path, row[i].path, at + 1) != 0;
				     k++)
					ck_assert_msg(
						strncmp(row[k].path, row[i].path, at + 1) != 0,
						"%s%s is apart from its object", row[i].path,
						row[i].name);
		}
}
END_TEST

/* Names of the dictionary and of counters, as records may have them. */
static unsigned all_names(const char **names, unsigned most)
{
	unsigned owner, i, n = 0;
	const struct wt_field *row;

	for (i = 0; i < WT_N_COUNTERS; i++)
		names[n++] = wt_counter_rows[i].name;
	for (i = 0; i < WT_N_SHARED_FIELDS; i++)
		names[n++] = wt_shared_fields[i].name;
	for (owner = 1; owner <= wt_registry_count(); owner++)
		for (i = WT_FIELD_OWN; (row = wt_registry_field(owner, i)) != NULL && n < most;
		     i++)
			names[n++] = row->name;
	return n;
}

/* How CEF writes the name, see siem_pairs.c. */
static void squeeze(const char *name, char *into)
{
	bool is_upper = true;

	for (; *name; name++) {
		if (*name == '.' || *name == '_') {
			is_upper = true;
			continue;
		}
		*into++ = is_upper && *name >= 'a' ? (char)(*name - 32) : *name;
		is_upper = false;
	}
	*into = '\0';
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

START_TEST(names_of_fields_stay_apart)
{
	static const char *names[8192];
	static char squeezed[8192][100];
	static char *sorted[8192];
	unsigned n = all_names(names, 8192), i;

	ck_assert(n > 500 && n < 8192);
	qsort(names, n, sizeof(*names), by_text);
	for (i = 0; i < n; i++) {
		squeeze(names[i], squeezed[i]);
		sorted[i] = squeezed[i];
	}
	for (i = 1; i < n; i++) { /* ECS: an object cannot be a value too */
		size_t len = strlen(names[i - 1]);

		ck_assert_msg(strncmp(names[i], names[i - 1], len) != 0 || names[i][len] != '.',
			      "%s and %s", names[i - 1], names[i]);
	}
	qsort(sorted, n, sizeof(*sorted), by_text);
	for (i = 1; i < n; i++)
		ck_assert_msg(strcmp(sorted[i], sorted[i - 1]) != 0,
			      "%s is the key of two names", sorted[i]);
}
END_TEST

/* A heartbeat may have some hundred counters. */
START_TEST(a_heartbeat_loses_counters_and_not_itself)
{
	struct wt_builder b = wt_builder_of(list_room, sizeof(list_room));
	struct wt_alert a = { .kind = WT_ALERT_HEALTH, .severity = 1, .confidence = 100 };
	struct wt_slice first = WT_LIT("Counter000"), last = WT_LIT("Counter199");
	struct wt_slice first_name = WT_LIT("x.counter000"), last_name = WT_LIT("x.counter199");
	unsigned i;

	for (i = 0; i < 200; i++) {
		char name[32];
		struct wt_alert_field field = { .type = WT_TYPE_U64, .number = UINT64_MAX - i };

		(void)snprintf(name, sizeof(name), "x.counter%03u", i);
		field.name = wt_slice_of(name, strlen(name));
		ck_assert(wt_alert_put_field(&b, &field));
	}
	a.fields = wt_bld_slice(&b);
	a.text[WT_ALERT_SENSOR] = WT_LIT("ward 7");
	for (i = 0; i < N_FORMATS; i++) {
		struct wt_slice one = i < 2 ? first : first_name,
				other = i < 2 ? last : last_name;
		struct wt_slice got = encode(i, &a, 0);

		ck_assert(wt_slice_search(got, one) < got.len);
		ck_assert(wt_slice_search(got, other) < got.len);
		got = encode(i, &a, 2048);
		ck_assert(got.len > 900);
		ck_assert(wt_slice_search(got, one) < got.len);
		ck_assert(wt_slice_search(got, other) == got.len);
	}
}
END_TEST

/* Texts of control characters only, IPv6, the longest numbers. */
START_TEST(a_bound_of_1200_bytes_is_always_kept)
{
	static uint8_t bad[WT_ALERT_TEXT_MAX];
	struct wt_alert a = sample();
	unsigned kind, format, i;

	memset(bad, 1, sizeof(bad));
	for (i = 0; i < WT_N_ALERT_TEXTS; i++)
		a.text[i] = wt_slice_of(bad, sizeof(bad));
	memset(a.key.end, 0xfd, sizeof(a.key.end));
	a.key.ip_version = 6;
	a.seq = a.gid = a.sid = a.rev = UINT32_MAX;
	a.first_ns = a.last_ns = a.made_ns = a.n = a.number = a.flow_id = UINT64_MAX;
	for (kind = 0; kind < WT_N_ALERT_KINDS; kind++)
		for (format = 0; format < N_FORMATS; format++) {
			struct wt_encode_options options = { .cef_ipv6 = WT_CEF_BOTH,
							     .len_max = 1200 };
			struct wt_encode_item item = { .alert = &a, .journal_seq = UINT64_MAX };
			struct wt_builder b = wt_builder_of(out_room, sizeof(out_room));

			a.kind = (uint8_t)kind;
			ck_assert_msg(encoders[format](&b, &item, &options),
				      "kind %u, format %u", kind, format);
			ck_assert(b.len > 0 && b.len <= 1200);
		}
}
END_TEST

START_TEST(what_cannot_fit_leaves_no_trace)
{
	unsigned i;

	for (i = 0; i < N_FORMATS; i++) {
		struct wt_alert a = sample();
		struct wt_encode_options options = { .len_max = 60 };
		struct wt_encode_item item = { .alert = &a };
		struct wt_builder b = wt_builder_of(out_room, sizeof(out_room));

		wt_bld_text(&b, "before");
		ck_assert(!encoders[i](&b, &item, &options));
		ck_assert_uint_eq(b.len, 6);
	}
}
END_TEST

int main(void)
{
	Suite *s = suite_create("encode");
	TCase *t = tcase_create("records");
	SRunner *r;
	int failed;

	tcase_set_timeout(t, 120);
	tcase_add_test(t, an_alert_in_each_format);
	tcase_add_test(t, an_external_id_has_40_bytes_at_most);
	tcase_add_loop_test(t, keys_are_dropped_in_the_order_of_the_table, 0, (int)N_FORMATS);
	tcase_add_test(t, a_table_opens_each_object_once);
	tcase_add_test(t, names_of_fields_stay_apart);
	tcase_add_test(t, a_heartbeat_loses_counters_and_not_itself);
	tcase_add_test(t, a_bound_of_1200_bytes_is_always_kept);
	tcase_add_test(t, what_cannot_fit_leaves_no_trace);
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
