/* Promises of hint.h: a label depends on the payloads of its own flow alone, and the
 * pool is bounded. The flows of all captures beside the repository (and of pcaps/) are
 * labelled in several orders and by several instances; every label must agree. */
#define _GNU_SOURCE
#include <check.h>
#include <ftw.h>
#include <pcap/pcap.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "dissect/hint.h"

#define SHOWN_MAX 8u /* payloads per flow: more than the engine shows */
#define FLOWS_MAX 400000u
#define BUCKETS 65536u

struct shown {
	const uint8_t *bytes;
	uint32_t len;
	uint32_t flow;
	uint64_t ts_ns;
	uint8_t sender;
};

struct flow {
	struct wt_flow_key key;
	uint32_t next; /* in its bucket, + 1 */
	uint32_t file;
	uint32_t n_shown;
	uint32_t shown[SHOWN_MAX];
};

static struct flow *flows;
static struct shown *shown;
static size_t n_flows, n_shown, shown_room;
static uint32_t buckets[BUCKETS];
static uint32_t n_files;

static uint16_t be16(const uint8_t *at)
{
	return (uint16_t)(at[0] << 8 | at[1]);
}

static struct flow *flow_of(const struct wt_flow_key *key)
{
	const uint8_t *bytes = (const uint8_t *)key;
	uint32_t hash = 2166136261u ^ n_files, at;
	size_t i;

	for (i = 0; i < sizeof(*key); i++)
		hash = (hash ^ bytes[i]) * 16777619u;
	hash %= BUCKETS;
	for (at = buckets[hash]; at; at = flows[at - 1].next)
		if (flows[at - 1].file == n_files &&
		    memcmp(&flows[at - 1].key, key, sizeof(*key)) == 0)
			return &flows[at - 1];
	if (n_flows == FLOWS_MAX)
		return NULL;
	flows[n_flows].key = *key;
	flows[n_flows].file = n_files;
	flows[n_flows].next = buckets[hash];
	buckets[hash] = (uint32_t)++n_flows;
	return &flows[n_flows - 1];
}

static void add_payload(struct wt_flow_key key, struct wt_slice payload, uint64_t ts_ns)
{
	uint8_t sender = wt_flow_key_order(&key);
	struct flow *f = payload.len ? flow_of(&key) : NULL;
	uint8_t *copy;

	if (!f || f->n_shown == SHOWN_MAX)
		return;
	if (n_shown == shown_room) {
		shown_room = shown_room ? 2 * shown_room : 4096;
		shown = realloc(shown, shown_room * sizeof(*shown));
		ck_assert_ptr_nonnull(shown);
	}
	copy = malloc(payload.len);
	ck_assert_ptr_nonnull(copy);
	memcpy(copy, payload.ptr, payload.len);
	shown[n_shown] = (struct shown){ .bytes = copy, .len = (uint32_t)payload.len,
		.flow = (uint32_t)(f - flows), .ts_ns = ts_ns, .sender = sender };
	f->shown[f->n_shown++] = (uint32_t)n_shown++;
}

/* Enough of a decoder for a test: no tunnels, no fragments, no IPv6 extensions. */
static void add_ip(struct wt_slice ip, uint64_t ts_ns)
{
	struct wt_flow_key key = { 0 };
	size_t at, end = 0, hdr;

	if (ip.len >= 20 && ip.ptr[0] >> 4 == 4) {
		at = (size_t)(ip.ptr[0] & 15) * 4;
		end = be16(ip.ptr + 2);
		if (at < 20 || be16(ip.ptr + 6) & 0x3fff)
			return;
		key.ip_version = 4;
		key.proto = ip.ptr[9];
		memcpy(key.end[0].addr.octet, ip.ptr + 12, 4);
		memcpy(key.end[1].addr.octet, ip.ptr + 16, 4);
	} else if (ip.len >= 40 && ip.ptr[0] >> 4 == 6) {
		at = 40;
		end = 40u + be16(ip.ptr + 4);
		key.ip_version = 6;
		key.proto = ip.ptr[6];
		memcpy(key.end[0].addr.octet, ip.ptr + 8, 16);
		memcpy(key.end[1].addr.octet, ip.ptr + 24, 16);
	} else {
		return;
	}
	if (end > ip.len || end == 0)
		end = ip.len;
	if ((key.proto != 6 && key.proto != 17) || at + (key.proto == 6 ? 20 : 8) > end)
		return;
	key.end[0].port = be16(ip.ptr + at);
	key.end[1].port = be16(ip.ptr + at + 2);
	hdr = key.proto == 6 ? (size_t)(ip.ptr[at + 12] >> 4) * 4 : 8;
	if (at + hdr <= end)
		add_payload(key, wt_slice_of(ip.ptr + at + hdr, end - at - hdr), ts_ns);
}

static void add_frame(int link, struct wt_slice frame, uint64_t ts_ns)
{
	size_t at = link == DLT_EN10MB ? 12 : link == DLT_LINUX_SLL ? 14 : 0;

	if (link == DLT_RAW || link == 101 || link == 12)
		add_ip(frame, ts_ns);
	else if (link == DLT_NULL || link == DLT_LOOP)
		add_ip(wt_slice_tail(frame, 4), ts_ns);
	if (at == 0)
		return;
	while (at + 6 <= frame.len && (be16(frame.ptr + at) == 0x8100 ||
				       be16(frame.ptr + at) == 0x88a8))
		at += 4;
	if (at + 2 <= frame.len && (be16(frame.ptr + at) == 0x0800 ||
				    be16(frame.ptr + at) == 0x86dd))
		add_ip(wt_slice_tail(frame, at + 2), ts_ns);
}

static int add_file(const char *path, const struct stat *st, int type, struct FTW *where)
{
	char error[PCAP_ERRBUF_SIZE];
	struct pcap_pkthdr *head;
	const u_char *bytes;
	pcap_t *pcap;

	(void)st;
	(void)where;
	if (type != FTW_F || (!strstr(path, ".pcap") && !strstr(path, ".cap")))
		return 0;
	pcap = pcap_open_offline(path, error);
	if (!pcap)
		return 0;
	while (pcap_next_ex(pcap, &head, &bytes) == 1)
		add_frame(pcap_datalink(pcap), wt_slice_of(bytes, head->caplen),
			  (uint64_t)head->ts.tv_sec * WT_NS_PER_S +
			  (uint64_t)head->ts.tv_usec * 1000);
	pcap_close(pcap);
	n_files++;
	return 0;
}

static uint32_t open_for(struct wt_hint *hint, unsigned shard, const struct wt_flow_key *key)
{
	bool is_evicting;
	uint32_t slot = wt_hint_open(hint, shard, key, &is_evicting);

	ck_assert(!is_evicting);
	return slot;
}

/* Every payload in the order of capture, all flows interleaved, into one instance
 * that has a place for each. */
static void label_interleaved(uint16_t *labels)
{
	struct wt_hint *hint = wt_hint_new(1 + (unsigned)(n_flows / 4096), 4096);
	uint32_t *slot = calloc(n_flows, sizeof(*slot));
	size_t i;

	ck_assert_ptr_nonnull(hint);
	for (i = 0; i < n_shown; i++) {
		const struct shown *s = &shown[i];
		uint32_t f = s->flow;

		if (!slot[f])
			slot[f] = open_for(hint, f / 4096, &flows[f].key);
		ck_assert_uint_ne(slot[f], 0);
		if (!labels[f])
			labels[f] = wt_hint_payload(hint, slot[f], &flows[f].key, s->sender,
						    wt_slice_of(s->bytes, s->len), s->ts_ns);
	}
	for (i = 0; i < n_flows; i++)
		wt_hint_close(hint, slot[i], &flows[i].key);
	ck_assert_uint_eq(wt_hint_stats(hint).open, 0);
	ck_assert_uint_eq(wt_hint_stats(hint).overflow_bytes, 0);
	free(slot);
	wt_hint_free(hint);
}

static uint16_t label_one(struct wt_hint *hint, unsigned shard, const struct flow *f)
{
	uint32_t slot = open_for(hint, shard, &f->key);
	uint16_t label = WT_HINT_NONE;
	uint32_t i;

	for (i = 0; i < f->n_shown && !label; i++) {
		const struct shown *s = &shown[f->shown[i]];

		label = wt_hint_payload(hint, slot, &f->key, s->sender,
					wt_slice_of(s->bytes, s->len), s->ts_ns);
	}
	wt_hint_close(hint, slot, &f->key);
	return label;
}

/* Whole flows one after another, `n_groups` instances by shard, in the order of
 * capture, backwards, or with a stride. */
static void label_in_groups(uint16_t *labels, unsigned n_groups, size_t stride)
{
	unsigned group;
	size_t i;

	for (group = 0; group < n_groups; group++) {
		struct wt_hint *hint = wt_hint_new(WT_SHARDS, 2);

		ck_assert_ptr_nonnull(hint);
		for (i = 0; i < n_flows; i++) {
			size_t at = stride ? i * stride % n_flows : n_flows - 1 - i;
			uint8_t shard = wt_shard_of(&flows[at].key);

			if (shard % n_groups == group)
				labels[at] = label_one(hint, shard, &flows[at]);
		}
		wt_hint_free(hint);
	}
}

static void compare(const uint16_t *want, const uint16_t *got, const char *how)
{
	size_t i, n_wrong = 0;

	for (i = 0; i < n_flows; i++)
		if (want[i] != got[i] && n_wrong++ < 10)
			fprintf(stderr, "%s: flow %zu of file %u, ports %u %u: %s, then %s\n", how,
				i, flows[i].file, flows[i].key.end[0].port, flows[i].key.end[1].port,
				want[i] ? wt_hint_name(want[i]) : "-",
				got[i] ? wt_hint_name(got[i]) : "-");
	ck_assert_msg(n_wrong == 0, "%s: %zu labels differ", how, n_wrong);
}

static bool load(void)
{
	struct wt_hint *hint = wt_hint_new(1, 1);

	if (!hint) {
		fprintf(stderr, "check_hint: SKIPPED, built without a hint library\n");
		return false;
	}
	wt_hint_free(hint);
	if (flows)
		return true;
	flows = calloc(FLOWS_MAX, sizeof(*flows));
	ck_assert_ptr_nonnull(flows);
	(void)nftw("pcaps", add_file, 16, FTW_PHYS);
	if (access("../shared/pcaps", R_OK) == 0)
		(void)nftw("../shared/pcaps", add_file, 16, FTW_PHYS);
	else
		fprintf(stderr, "check_hint: ../shared/pcaps is ABSENT, few flows are tried\n");
	return n_flows != 0;
}

START_TEST(label_depends_on_its_own_flow_alone)
{
	static const struct {
		unsigned n_groups;
		size_t stride;
		const char *how;
	} rows[] = {
		{ 1, 1, "one instance, flow by flow" }, { 1, 0, "one instance, backwards" },
		{ 2, 7919, "2 instances, shuffled" }, { 3, 0, "3 instances, backwards" },
		{ 64, 104729, "64 instances, shuffled" },
	};
	uint16_t *want, *got;
	size_t i, n_labels = 0;

	if (!load())
		return;
	want = calloc(n_flows, sizeof(*want));
	got = calloc(n_flows, sizeof(*got));
	label_interleaved(want);
	for (i = 0; i < n_flows; i++)
		n_labels += want[i] != WT_HINT_NONE;
	printf("hint: %u files, %zu flows, %zu payloads, %zu labels\n", n_files, n_flows, n_shown,
	       n_labels);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		memset(got, 0, n_flows * sizeof(*got));
		label_in_groups(got, rows[i].n_groups, rows[i].stride);
		compare(want, got, rows[i].how);
	}
	free(want);
	free(got);
}
END_TEST

static void *label_in_thread(void *labels)
{
	label_in_groups(labels, 1, 7919);
	return NULL;
}

START_TEST(instances_of_two_threads_do_not_meet)
{
	pthread_t thread[2];
	uint16_t *labels[2];
	unsigned i;

	if (!load())
		return;
	for (i = 0; i < 2; i++) {
		labels[i] = calloc(n_flows, sizeof(*labels[i]));
		ck_assert_int_eq(pthread_create(&thread[i], NULL, label_in_thread, labels[i]), 0);
	}
	for (i = 0; i < 2; i++)
		ck_assert_int_eq(pthread_join(thread[i], NULL), 0);
	compare(labels[0], labels[1], "two threads");
	free(labels[0]);
	free(labels[1]);
}
END_TEST

/* A DICOM A-ASSOCIATE-RQ (PS3.8 9.3.2) looks like Cassandra to nDPI 4.2. */
START_TEST(dicom_is_never_called_cassandra)
{
	static const uint8_t request[206] = { 0x01, 0x00, 0x00, 0x00, 0x00, 0xc8, 0x00, 0x01 };
	struct wt_flow_key key = { .proto = 6, .ip_version = 4 };
	struct wt_hint *hint = wt_hint_new(1, 1);
	uint16_t label;
	uint32_t slot;

	if (!hint)
		return;
	for (label = 0; label < WT_HINT_LABELS; label++)
		ck_assert(!wt_hint_name(label) || strcmp(wt_hint_name(label), "cassandra") != 0);
	key.end[0].port = 40000;
	key.end[1].port = 104;
	slot = open_for(hint, 0, &key);
	ck_assert_uint_eq(wt_hint_payload(hint, slot, &key, 0,
					  wt_slice_of(request, sizeof(request)), 1), WT_HINT_NONE);
	wt_hint_close(hint, slot, &key);
	wt_hint_free(hint);
}
END_TEST

START_TEST(full_shard_gives_the_oldest_place_to_the_newcomer)
{
	struct wt_flow_key key[4] = { 0 };
	struct wt_hint *hint = wt_hint_new(2, 2);
	uint32_t slot[4];
	bool is_evicting;
	unsigned i;

	if (!hint)
		return;
	for (i = 0; i < 4; i++)
		key[i] = (struct wt_flow_key){ .proto = 17, .ip_version = 4,
					       .end[0].port = (uint16_t)i };
	slot[0] = open_for(hint, 0, &key[0]);
	slot[1] = open_for(hint, 0, &key[1]);
	slot[2] = open_for(hint, 1, &key[2]);
	slot[3] = wt_hint_open(hint, 0, &key[3], &is_evicting);
	ck_assert(is_evicting);
	ck_assert_uint_eq(slot[3], slot[0]);
	wt_hint_close(hint, slot[0], &key[0]); /* lost: must not take it from key[3] */
	ck_assert_uint_eq(wt_hint_stats(hint).open, 3);
	wt_hint_close(hint, slot[1], &key[1]);
	wt_hint_close(hint, slot[3], &key[3]);
	ck_assert_uint_eq(wt_hint_stats(hint).n_evicted, 1);
	ck_assert_uint_eq(wt_hint_stats(hint).open, 1);
	ck_assert_uint_ne(open_for(hint, 0, &key[0]), 0);
	wt_hint_free(hint);
}
END_TEST

START_TEST(other_transports_take_no_place)
{
	struct wt_flow_key key = { .proto = 1, .ip_version = 4 };
	struct wt_hint *hint = wt_hint_new(1, 1);

	ck_assert_uint_eq(open_for(hint, 0, &key), 0);
	wt_hint_free(hint);
}
END_TEST

START_TEST(text_protocol_gets_its_name_from_content)
{
	struct wt_flow_key key = { .proto = 6, .ip_version = 6 };
	struct wt_hint *hint = wt_hint_new(1, 1);
	uint16_t label;
	uint32_t slot;

	if (!hint)
		return;
	key.end[0].port = 40000;
	key.end[1].port = 7777;
	slot = open_for(hint, 0, &key);
	label = wt_hint_payload(hint, slot, &key, 0, WT_LIT("SSH-2.0-OpenSSH_9.2p1\r\n"), 1);
	if (!label)
		label = wt_hint_payload(hint, slot, &key, 1, WT_LIT("SSH-2.0-dropbear\r\n"), 2);
	ck_assert_uint_ne(label, WT_HINT_NONE);
	ck_assert_str_eq(wt_hint_name(label), "ssh");
	wt_hint_close(hint, slot, &key);
	wt_hint_free(hint);
}
END_TEST

START_TEST(absent_instance_means_no_hint)
{
	struct wt_flow_key key = { .proto = 6, .ip_version = 4 };

	ck_assert_uint_eq(open_for(NULL, 0, &key), 0);
	ck_assert_uint_eq(wt_hint_payload(NULL, 0, &key, 0, WT_LIT("x"), 0), WT_HINT_NONE);
	wt_hint_close(NULL, 0, &key);
	wt_hint_free(NULL);
	ck_assert_ptr_null(wt_hint_name(WT_HINT_NONE));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("hint");
	TCase *c = tcase_create("hint library");
	SRunner *runner;
	int n_failed;

	tcase_set_timeout(c, 300);
	tcase_add_test(c, absent_instance_means_no_hint);
	tcase_add_test(c, dicom_is_never_called_cassandra);
	tcase_add_test(c, full_shard_gives_the_oldest_place_to_the_newcomer);
	tcase_add_test(c, other_transports_take_no_place);
	tcase_add_test(c, text_protocol_gets_its_name_from_content);
	tcase_add_test(c, label_depends_on_its_own_flow_alone);
	tcase_add_test(c, instances_of_two_threads_do_not_meet);
	suite_add_tcase(suite, c);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	n_failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return n_failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
