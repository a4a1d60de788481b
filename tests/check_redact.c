/* Promises of src/redact: of every field that any dissector can put, only what its class
 * allows is in the record; pseudonyms are keyed and repeatable; nothing else changes. */
#include <check.h>
#include <stdlib.h>

#include "base/digest.h"
#include "base/values.h"
#include "harness/stream_engine.h"
#include "redact/redact.h"
#include "wardtap/registry.h"
#define WT_NO_POISON
#include "wardtap/dissector.h"

static union {
	uint64_t align;
	uint8_t bytes[WT_RECORD_SIZE_MAX];
} room;

static struct wt_counters counters;

static const struct wt_record *redact_with(const char *key, const struct wt_event *event)
{
	struct wt_redactor *redactor = wt_redactor_new(wt_slice_of(key, strlen(key)), &counters);
	const struct wt_record *record;

	memset(&room, 0xa5, sizeof(room));
	record = wt_redact(redactor, event, &room);
	wt_redactor_free(redactor);
	return record;
}

/* An event of `owner` with one field. */
static struct wt_event one_field(struct wt_builder *b, unsigned owner, unsigned field,
				 struct wt_slice value)
{
	struct wt_event event = { .handle = 3 };

	b->len = 0;
	event.head.owner = (uint16_t)owner;
	ck_assert(wt_values_put(b, (uint16_t)field, 3, WT_FORM_PLAIN, value));
	/* of another event of the same message: must not slip in */
	ck_assert(wt_values_put(b, (uint16_t)field, 4, WT_FORM_PLAIN, WT_LIT("NEIGHBOUR")));
	event.values = wt_bld_slice(b);
	return event;
}

static bool holds(const struct wt_record *record, struct wt_slice needle)
{
	struct wt_slice all = wt_slice_of(record, record->size);

	return wt_slice_search(all, needle) < all.len;
}

static void check_field(unsigned owner, unsigned id, const struct wt_field *row)
{
	const struct wt_slice canary = WT_LIT("QZXJVKWY");
	uint8_t values[256];
	struct wt_builder b = wt_builder_of(values, sizeof(values));
	struct wt_event event = one_field(&b, owner, id, canary);
	const struct wt_record *record = redact_with("a key", &event);
	struct wt_slice rest = wt_slice_of(record->values, record->values_len), bytes;
	struct wt_value value;
	bool is_there = wt_value_next(&rest, &value, &bytes);

	ck_assert_msg(!holds(record, WT_LIT("NEIGHBOUR")), "%s: another event's value", row->name);
	ck_assert_msg(rest.len == 0, "%s: more than one value", row->name);
	ck_assert_uint_eq(record->size % 8, 0);
	ck_assert_msg(holds(record, canary) == (row->phi <= WT_PHI_DEVICE),
		      "%s: class and record disagree", row->name);
	switch (row->phi) {
	case WT_PHI_NONE:
	case WT_PHI_DEVICE:
		ck_assert_msg(is_there && value.form == WT_FORM_PLAIN && value.field == id &&
			      wt_slice_equal(bytes, canary), "%s", row->name);
		break;
	case WT_PHI_QUASI:
		ck_assert_msg(is_there && value.form == WT_FORM_PSEUDONYM &&
			      bytes.len == WT_PSEUDONYM_LEN && memcmp(bytes.ptr, "p:", 2) == 0,
			      "%s", row->name);
		break;
	case WT_PHI_DIRECT:
	case WT_PHI_SECRET:
		ck_assert_msg(is_there == (row->declass == WT_DECLASS_PRESENT), "%s", row->name);
		ck_assert_msg(!is_there || (value.form == WT_FORM_PRESENT && bytes.len == 8 &&
			      wt_value_number(bytes) == 1), "%s", row->name);
		break;
	}
}

START_TEST(every_field_leaves_as_its_class_says)
{
	unsigned owner, i;

	for (i = 0; i < WT_N_SHARED_FIELDS; i++)
		check_field(0, i, &wt_shared_fields[i]);
	for (owner = 1; owner <= wt_registry_count(); owner++) {
		const struct wt_dissector *d = wt_registry_dissector(owner);

		for (i = 0; i < d->n_fields; i++)
			check_field(owner, WT_FIELD_OWN + i, &d->fields[i]);
	}
}
END_TEST

static struct wt_slice pseudonym(const char *key, struct wt_slice name, char text[32])
{
	uint8_t values[1024];
	struct wt_builder b = wt_builder_of(values, sizeof(values));
	struct wt_event event = one_field(&b, 0, WT_F_USER_NAME, name);
	const struct wt_record *record = redact_with(key, &event);
	struct wt_slice rest = wt_slice_of(record->values, record->values_len), bytes;
	struct wt_value value;

	ck_assert(wt_value_next(&rest, &value, &bytes));
	ck_assert_uint_eq(bytes.len, WT_PSEUDONYM_LEN);
	memcpy(text, bytes.ptr, bytes.len);
	return wt_slice_of(text, bytes.len);
}

/* HMAC-SHA-256 of "Hi There" under 20 bytes 0b begins b0344c61d8db38535ca8 (RFC 4231,
 * test case 1): the construction is the published one. */
START_TEST(pseudonyms_are_the_published_construction)
{
	char text[32];
	struct wt_slice got = pseudonym("\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b"
					"\x0b\x0b\x0b\x0b\x0b\x0b", WT_LIT("Hi There"), text);

	ck_assert(wt_slice_equal(got, WT_LIT("p:b0344c61d8db38535ca8")));
}
END_TEST

START_TEST(pseudonyms_are_repeatable_and_keyed)
{
	char a[32], b[32];

	ck_assert(wt_slice_equal(pseudonym("key 1", WT_LIT("nurse"), a),
				 pseudonym("key 1", WT_LIT("nurse"), b)));
	ck_assert(!wt_slice_equal(pseudonym("key 1", WT_LIT("nurse"), a),
				  pseudonym("key 2", WT_LIT("nurse"), b)));
	ck_assert(!wt_slice_equal(pseudonym("key 1", WT_LIT("nurse"), a),
				  pseudonym("key 1", WT_LIT("nurse "), b)));
}
END_TEST

START_TEST(numbers_of_patients_do_not_leave)
{
	const uint64_t canary = UINT64_C(0x5a7a6b7c5d7e4f71);
	unsigned owner, i, n = 0;

	for (owner = 1; owner <= wt_registry_count(); owner++) {
		const struct wt_dissector *d = wt_registry_dissector(owner);

		for (i = 0; i < d->n_fields; i++) {
			uint8_t values[256];
			struct wt_builder b = wt_builder_of(values, sizeof(values));
			struct wt_event event;

			if (d->fields[i].type == WT_TYPE_STR || d->fields[i].phi < WT_PHI_QUASI)
				continue;
			n++;
			event = one_field(&b, owner, WT_FIELD_OWN + i,
					  wt_slice_of(&canary, sizeof(canary)));
			ck_assert_msg(!holds(redact_with("k", &event),
					     wt_slice_of(&canary, sizeof(canary))),
				      "%s", d->fields[i].name);
		}
	}
	ck_assert_uint_gt(n, 0);
}
END_TEST

START_TEST(a_full_event_never_overflows_its_record)
{
	static uint8_t values[WT_EVENT_BYTES_MAX];
	struct wt_builder b = wt_builder_of(values, sizeof(values));
	struct wt_event event = { .handle = 0 };
	unsigned n = 0;
	const struct wt_record *record;

	/* pseudonyms are longer than what they stand for: the worst that can happen */
	while (wt_values_put(&b, WT_F_USER_NAME, 0, WT_FORM_PLAIN, WT_LIT("x")))
		n++;
	event.values = wt_bld_slice(&b);
	record = redact_with("k", &event);
	ck_assert_uint_le(record->size, WT_RECORD_SIZE_MAX);
	ck_assert_uint_gt(n, 3000);
	ck_assert(record->head.is_truncated);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("redact");
	TCase *c = tcase_create("privacy boundary");
	SRunner *runner;
	int n_failed;

	tcase_add_test(c, every_field_leaves_as_its_class_says);
	tcase_add_test(c, pseudonyms_are_the_published_construction);
	tcase_add_test(c, pseudonyms_are_repeatable_and_keyed);
	tcase_add_test(c, numbers_of_patients_do_not_leave);
	tcase_add_test(c, a_full_event_never_overflows_its_record);
	suite_add_tcase(suite, c);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	n_failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return n_failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
