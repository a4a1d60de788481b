/* What the inventory promises (observe/inventory.h), one promise per test. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/address.h"
#include "base/values.h"
#include "observe/inner.h"
#include "wardtap/registry.h"

#define S WT_NS_PER_S
#define T0 (UINT64_C(1700000000) * WT_NS_PER_S)

static struct wt_inventory *inv;
static struct wt_counters counters;
static uint64_t now, n_records;

static struct wt_inventory *make(uint64_t seed)
{
	struct wt_inventory_options options = {
		.limits = wt_limits_of(WT_PROFILE_SMALL),
		.seed = seed,
		.counters = &counters,
	};

	memset(&counters, 0, sizeof(counters));
	now = T0;
	n_records = 0;
	return wt_inventory_new(&options);
}

static void setup(void)
{
	inv = make(1);
	ck_assert_uint_eq(wt_inventory_n_table_errors(inv), 0);
}

static void teardown(void)
{
	wt_inventory_free(inv);
}

/* ---- records ---- */

static uint8_t room[65536];
static struct wt_record *record;
static struct wt_builder values;

static unsigned owner_of(const char *name)
{
	unsigned owner;

	for (owner = 1; owner <= wt_registry_count(); owner++)
		if (!strcmp(wt_registry_name(owner), name))
			return owner;
	return 0;
}

static struct wt_endpoint end_of(const char *addr, uint16_t port, uint8_t *version)
{
	struct wt_endpoint end = { .port = port };

	*version = wt_addr_parse(wt_slice_of(addr, strlen(addr)), &end.addr);
	ck_assert_uint_ne(*version, 0);
	return end;
}

/* A record of `owner` from one end to the other. `mac`: source, NULL when unknown. */
static void begin(const char *owner, unsigned type, const char *from, const char *to,
		  const char *mac)
{
	memset(room, 0, sizeof(room));
	record = (struct wt_record *)room;
	record->head.owner = (uint16_t)(owner ? owner_of(owner) : 0);
	record->head.app = record->head.owner;
	record->head.type = (uint16_t)type;
	record->head.ts_ns = now;
	record->head.number = ++n_records;
	record->head.flow_id = 77;
	if (from) {
		uint8_t version;

		record->head.key.end[0] = end_of(from, 40000, &record->head.key.ip_version);
		record->head.key.end[1] = end_of(to, 80, &version);
		record->head.key.proto = 6;
	}
	if (mac) {
		record->head.has_mac = 1;
		ck_assert(wt_mac_parse(wt_slice_of(mac, strlen(mac)), record->head.mac + 6));
		ck_assert(wt_mac_parse(WT_LIT("02:00:00:00:ff:01"), record->head.mac));
	}
	values = wt_builder_of(record->values, 32768);
}

static void put_text(const char *field, const char *text)
{
	const struct wt_field *row;
	unsigned i;

	for (i = 0; i < WT_N_SHARED_FIELDS; i++)
		if (!strcmp(wt_shared_fields[i].name, field))
			break;
	if (i == WT_N_SHARED_FIELDS)
		for (i = WT_FIELD_OWN; (row = wt_registry_field(record->head.owner, i)) != NULL;
		     i++)
			if (!strcmp(row->name, field))
				break;
	ck_assert_ptr_nonnull(wt_registry_field(record->head.owner, i));
	ck_assert(wt_values_put(&values, (uint16_t)i, 0, WT_FORM_PLAIN,
				wt_slice_of(text, strlen(text))));
}

static void put_number(const char *field, uint64_t number)
{
	const struct wt_field *row;
	unsigned i;

	for (i = 0; i < WT_N_SHARED_FIELDS; i++)
		if (!strcmp(wt_shared_fields[i].name, field))
			break;
	if (i == WT_N_SHARED_FIELDS)
		for (i = WT_FIELD_OWN; (row = wt_registry_field(record->head.owner, i)) != NULL;
		     i++)
			if (!strcmp(row->name, field))
				break;
	ck_assert(wt_values_put_number(&values, (uint16_t)i, 0, number));
}

static void take(void)
{
	record->values_len = (uint32_t)values.len;
	record->size = (uint32_t)((sizeof(*record) + values.len + 7) & ~(size_t)7);
	wt_inventory_take(inv, record);
	now += S;
}

static void sight(const char *addr, const char *mac, uint64_t ttl)
{
	begin(NULL, WT_EVENT_SIGHTING, addr, "10.9.9.9", mac);
	if (record->head.key.ip_version == 6)
		record->head.key.end[1] =
			end_of("2001:db8::9", 80, &record->head.key.ip_version);
	put_number("host.ttl", ttl);
	take();
}

static void flow(const char *from, const char *to, bool is_one_way)
{
	begin(NULL, WT_EVENT_FLOW, from, to, NULL);
	put_number("flow.bytes_toserver", 100);
	put_number("flow.bytes_toclient", is_one_way ? 0 : 200);
	put_number("flow.end", now);
	if (is_one_way)
		put_number("flow.is_one_way", 1);
	take();
}

static void bind(const char *mac, const char *addr, bool is_lease)
{
	struct proof proof = { now, ++n_records };
	struct wt_addr a;
	uint8_t m[6], version = wt_addr_parse(wt_slice_of(addr, strlen(addr)), &a);

	ck_assert(wt_mac_parse(wt_slice_of(mac, strlen(mac)), m));
	wt_inv_identity_bind(inv, 0, m, version, &a, is_lease,
			     is_lease ? WORDS_DHCP : WORDS_ARP, &proof);
	now += S;
}

/* ---- questions ---- */

static uint32_t by_addr(const char *addr)
{
	struct wt_addr a;
	uint8_t version = wt_addr_parse(wt_slice_of(addr, strlen(addr)), &a);

	return wt_inventory_by_addr(inv, 0, version, &a);
}

static uint32_t by_mac(const char *mac)
{
	uint8_t m[6];

	ck_assert(wt_mac_parse(wt_slice_of(mac, strlen(mac)), m));
	return wt_inventory_by_mac(inv, 0, m);
}

static bool has(uint32_t node, enum wt_attribute attribute, const char *value)
{
	static struct wt_fact_view view[WT_DEVICE_FACTS_MAX];
	unsigned n = wt_inventory_facts(inv, node, view, WT_DEVICE_FACTS_MAX), i;

	for (i = 0; i < n; i++)
		if (view[i].attribute == attribute &&
		    wt_slice_equal(view[i].value, wt_slice_of(value, strlen(value))))
			return true;
	return false;
}

static char *json_text;
static size_t json_len;

static void keep_piece(void *self, struct wt_slice piece)
{
	(void)self;
	json_text = realloc(json_text, json_len + piece.len + 1);
	ck_assert_ptr_nonnull(json_text);
	memcpy(json_text + json_len, piece.ptr, piece.len);
	json_len += piece.len;
	json_text[json_len] = '\0';
}

static char *json_of(struct wt_inventory *which)
{
	json_text = NULL;
	json_len = 0;
	wt_inventory_json(which, NULL, keep_piece, NULL);
	return json_text;
}

/* Says where they part: the texts are too long for Check. */
static void compare(const char *one, const char *two)
{
	size_t i = 0;

	while (one[i] && one[i] == two[i])
		i++;
	if (one[i] || two[i])
		ck_abort_msg("at %zu: '%.200s' and '%.200s'", i, one + (i > 60 ? i - 60 : 0),
			     two + (i > 60 ? i - 60 : 0));
}

/* ---- identity ---- */

START_TEST(arp_joins_what_was_seen_apart)
{
	uint32_t id;
	struct wt_device_view view;

	sight("10.0.0.5", NULL, 64);
	ck_assert_uint_ne(by_addr("10.0.0.5"), 0);
	ck_assert(wt_inventory_device(inv, by_addr("10.0.0.5"), &view));
	id = view.id;
	bind("02:00:00:00:00:05", "10.0.0.5", false);
	ck_assert_uint_eq(by_addr("10.0.0.5"), by_mac("02:00:00:00:00:05"));
	ck_assert(wt_inventory_device(inv, by_addr("10.0.0.5"), &view));
	ck_assert_uint_eq(view.id, id); /* the older id stays */
	ck_assert_uint_eq(view.n_parts, 0);
	ck_assert_uint_eq(wt_inventory_count(inv), 1);
}
END_TEST

START_TEST(a_lone_address_is_presumed_to_be_its_hardware_address)
{
	struct wt_device_view view;

	sight("10.0.0.5", "02:00:00:00:00:05", 128);
	ck_assert_uint_eq(wt_inventory_count(inv), 1);
	ck_assert_uint_eq(by_addr("10.0.0.5"), by_mac("02:00:00:00:00:05"));
	ck_assert(wt_inventory_device(inv, by_addr("10.0.0.5"), &view));
	ck_assert_uint_eq(view.n_parts, 1);
	ck_assert(has(view.node, WT_A_IP, "10.0.0.5"));
	ck_assert(has(view.node, WT_A_MAC, "02:00:00:00:00:05"));
}
END_TEST

START_TEST(a_second_address_takes_the_presumption_back)
{
	sight("10.0.0.5", "02:00:00:00:00:01", 128);
	sight("10.0.7.6", "02:00:00:00:00:01", 128);
	ck_assert_uint_eq(wt_inventory_count(inv), 3);
	ck_assert_uint_ne(by_addr("10.0.0.5"), by_mac("02:00:00:00:00:01"));
	ck_assert_uint_ne(by_addr("10.0.7.6"), by_mac("02:00:00:00:00:01"));
	ck_assert_uint_ne(by_addr("10.0.7.6"), by_addr("10.0.0.5"));
	ck_assert_str_eq(wt_inventory_class(inv, by_mac("02:00:00:00:00:01")).value,
			 "network_gear");
	/* and it does not come again */
	sight("10.0.0.5", "02:00:00:00:00:01", 128);
	ck_assert_uint_eq(wt_inventory_count(inv), 3);
}
END_TEST

START_TEST(a_router_is_not_what_lies_behind_it)
{
	bind("02:00:00:00:00:01", "10.0.0.1", false);
	sight("10.5.0.9", "02:00:00:00:00:01", 63);
	sight("10.5.0.9", "02:00:00:00:00:01", 64); /* it has an address of its own */
	ck_assert_uint_ne(by_addr("10.5.0.9"), by_addr("10.0.0.1"));
	sight("192.0.2.1", "02:00:00:00:00:01", 50);
	ck_assert_uint_eq(by_addr("192.0.2.1"), 0); /* external: a peer */
	ck_assert_uint_eq(by_addr("10.0.0.1"), by_mac("02:00:00:00:00:01"));
}
END_TEST

START_TEST(a_hop_limit_that_was_lowered_proves_distance)
{
	sight("10.5.0.9", "02:00:00:00:00:01", 63);
	ck_assert_uint_ne(by_addr("10.5.0.9"), by_mac("02:00:00:00:00:01"));
}
END_TEST

START_TEST(addresses_of_both_versions_are_one_host)
{
	sight("10.0.0.5", "02:00:00:00:00:05", 64);
	sight("fe80::5", "02:00:00:00:00:05", 255); /* proof: routers do not pass it on */
	sight("fd00::5", "02:00:00:00:00:05", 64);
	sight("fd00::77:5", "02:00:00:00:00:05", 64); /* another of the same network */
	ck_assert_uint_eq(wt_inventory_count(inv), 1);
	ck_assert_uint_eq(by_addr("fd00::77:5"), by_addr("10.0.0.5"));
}
END_TEST

/* A flow is told of when it is over, which may be days after its last packet. */
START_TEST(the_end_of_a_flow_was_seen_with_its_last_packet)
{
	struct wt_device_view view;
	uint64_t seen = now + 5 * S;

	sight("10.0.0.5", NULL, 64);
	begin(NULL, WT_EVENT_FLOW, "10.0.0.5", "10.0.0.6", NULL);
	record->head.ts_ns = now + 3600 * S;
	put_number("flow.end", seen);
	take();
	ck_assert(wt_inventory_device(inv, by_addr("10.0.0.5"), &view));
	ck_assert_uint_eq(view.last_ns, seen);
}
END_TEST

/* The list of changes goes through the nodes themselves: one that is given back while it
 * is listed would make it endless, and nothing behind it would ever be stored. */
START_TEST(what_was_joined_is_no_longer_in_the_list_of_changes)
{
	unsigned n = 0;

	sight("fe80::5", NULL, 64);
	sight("10.0.0.6", "02:00:00:00:00:05", 64);
	sight("fe80::5", "02:00:00:00:00:05", 255); /* the older node swallows the card */
	sight("10.0.0.7", NULL, 64);                /* takes the place that became free */
	while (wt_inventory_changed(inv))
		ck_assert_uint_le(++n, 8);
	ck_assert_uint_ge(n, 2);
	ck_assert_uint_eq(wt_bug_count(), 0);
}
END_TEST

START_TEST(a_lease_moves_an_address_and_leaves_its_history)
{
	bind("02:00:00:00:00:05", "10.0.0.5", true);
	bind("02:00:00:00:00:06", "10.0.0.5", true);
	ck_assert_uint_eq(by_addr("10.0.0.5"), by_mac("02:00:00:00:00:06"));
	ck_assert(has(by_mac("02:00:00:00:00:05"), WT_A_IP, "10.0.0.5"));
	ck_assert_uint_eq(counters.value[WT_C_INVENTORY_CONFLICTS], 0);
}
END_TEST

START_TEST(two_hardware_addresses_for_one_address_are_a_conflict)
{
	struct wt_conflict_view view[4];

	bind("02:00:00:00:00:05", "10.0.0.5", false);
	bind("02:00:00:00:00:66", "10.0.0.5", false);
	ck_assert_uint_eq(by_addr("10.0.0.5"), by_mac("02:00:00:00:00:05"));
	ck_assert_uint_eq(wt_inventory_conflicts(inv, 0, view, 4), 1);
	ck_assert(wt_slice_equal(view[0].about, WT_LIT("10.0.0.5")));
	ck_assert_uint_eq(view[0].holder, by_mac("02:00:00:00:00:05"));
	ck_assert_uint_eq(view[0].claimant, by_mac("02:00:00:00:00:66"));
	/* a claim after a long rest is a new card */
	now += 3600 * S;
	bind("02:00:00:00:00:66", "10.0.0.5", false);
	ck_assert_uint_eq(by_addr("10.0.0.5"), by_mac("02:00:00:00:00:66"));
}
END_TEST

START_TEST(a_claim_on_an_address_heard_elsewhere_joins_nobody)
{
	sight("10.0.0.5", "02:00:00:00:00:05", 64);
	bind("02:00:00:00:00:66", "10.0.0.5", false);
	ck_assert_uint_eq(by_addr("10.0.0.5"), by_mac("02:00:00:00:00:05"));
	ck_assert_uint_ne(by_addr("10.0.0.5"), by_mac("02:00:00:00:00:66"));
	ck_assert_uint_eq(counters.value[WT_C_INVENTORY_CONFLICTS], 1);
}
END_TEST

START_TEST(groups_and_nothing_are_no_devices)
{
	sight("224.0.0.5", "02:00:00:00:00:05", 1);
	sight("255.255.255.255", NULL, 64);
	sight("0.0.0.0", NULL, 64);
	sight("ff02::1", NULL, 64);
	sight("10.0.0.7", "01:00:5e:00:00:05", 64); /* no station sends from a group */
	ck_assert_uint_eq(by_mac("01:00:5e:00:00:05"), 0);
	ck_assert_uint_eq(wt_inventory_count(inv), 2); /* one station, one address */
}
END_TEST

START_TEST(a_name_of_two_devices_is_a_conflict_or_one_device)
{
	struct proof proof = { now, 1 };
	uint32_t a, b;

	sight("10.0.0.5", NULL, 64);
	sight("fd00::5", NULL, 64);
	sight("10.0.0.6", NULL, 64);
	a = by_addr("10.0.0.5");
	b = by_addr("fd00::5");
	wt_inv_identity_named(inv, &a, WT_LIT("uuid-1"), &proof);
	wt_inv_identity_named(inv, &b, WT_LIT("uuid-1"), &proof);
	ck_assert_uint_eq(by_addr("10.0.0.5"), by_addr("fd00::5"));
	b = by_addr("10.0.0.6"); /* two addresses of one version, both in use */
	wt_inv_identity_named(inv, &b, WT_LIT("uuid-1"), &proof);
	ck_assert_uint_ne(by_addr("10.0.0.5"), by_addr("10.0.0.6"));
	ck_assert_uint_eq(counters.value[WT_C_INVENTORY_CONFLICTS], 1);
}
END_TEST

/* ---- statements ---- */

static void store_image(const char *from, const char *serial)
{
	begin("dicom", 0, from, "10.0.0.99", NULL);
	put_text("dicom.command", "C-STORE-RQ");
	put_text("dicom.calling_ae", "CT1");
	put_text("dicom.called_ae", "PACS");
	put_text("dicom.modality", "CT");
	put_text("device.vendor", "Maker");
	put_text("device.model", "Scan 64");
	put_text("device.serial", serial);
	take();
}

START_TEST(a_modality_speaks_for_itself_until_it_speaks_of_another)
{
	uint32_t ct;

	store_image("10.0.0.5", "SN-100");
	ct = by_addr("10.0.0.5");
	ck_assert(has(ct, WT_A_SERIAL, "SN-100"));
	ck_assert(has(ct, WT_A_AE_TITLE, "CT1"));
	ck_assert_str_eq(wt_inventory_class(inv, ct).value, "imaging_modality");
	ck_assert_uint_eq(wt_inventory_count(inv), 2); /* and the archive */
	store_image("10.0.0.5", "SN-200");
	ck_assert(!has(by_addr("10.0.0.5"), WT_A_SERIAL, "SN-100"));
	ck_assert(!has(by_addr("10.0.0.5"), WT_A_SERIAL, "SN-200"));
	ck_assert_uint_eq(wt_inventory_count(inv), 4);
}
END_TEST

START_TEST(what_is_passed_on_stays_with_its_maker)
{
	store_image("10.0.0.5", "SN-100");
	store_image("10.0.0.70", "SN-100"); /* a router of images */
	ck_assert(has(by_addr("10.0.0.5"), WT_A_SERIAL, "SN-100"));
	ck_assert(!has(by_addr("10.0.0.70"), WT_A_SERIAL, "SN-100"));
}
END_TEST

static void state_pump(const char *from, const char *eui64, const char *id)
{
	begin("hl7", 1, from, "10.0.0.99", NULL);
	put_text("hl7.device_source", "OBX-18");
	put_text("device.type", "MDC_DEV_PUMP_INFUS_LVP_MDS");
	if (eui64)
		put_text("device.eui64", eui64);
	if (id)
		put_text("device.id", id);
	take();
}

START_TEST(equipment_behind_a_gateway_is_a_device_of_its_own)
{
	struct wt_device_view view;
	struct wt_via_view via[4];
	uint32_t node = 0, n_stated = 0;

	state_pump("10.0.0.5", "00-12-21-00-00-00-00-01", NULL);
	state_pump("10.0.0.5", "00-12-21-00-00-00-00-02", NULL);
	state_pump("10.0.0.5", NULL, "PUMP7");
	state_pump("10.0.0.5", "00-12-21-00-00-00-00-01", NULL);
	ck_assert_uint_eq(wt_inventory_count(inv), 5);
	while ((node = wt_inventory_next(inv, node)) != 0) {
		ck_assert(wt_inventory_device(inv, node, &view));
		if (!view.is_stated)
			continue;
		n_stated++;
		ck_assert_str_eq(wt_inventory_class(inv, node).value, "infusion_pump");
		ck_assert_uint_eq(wt_inventory_via(inv, node, via, 4), 1);
		ck_assert(via[0].is_speaker);
		ck_assert_uint_eq(via[0].node, by_addr("10.0.0.5"));
	}
	ck_assert_uint_eq(n_stated, 3);
	ck_assert_uint_eq(wt_inventory_via(inv, by_addr("10.0.0.5"), via, 4), 3);
	ck_assert_str_ne(wt_inventory_class(inv, by_addr("10.0.0.5")).value, "infusion_pump");
}
END_TEST

START_TEST(who_states_its_own_identity_is_that_device)
{
	begin("hl7", 0, "10.0.0.5", "10.0.0.99", NULL);
	put_text("hl7.message_type", "ORU^R01");
	put_text("device.eui64", "00-12-21-00-00-00-00-01");
	take();
	state_pump("10.0.0.5", "00-12-21-00-00-00-00-01", NULL);
	ck_assert_uint_eq(wt_inventory_count(inv), 2);
	ck_assert_str_eq(wt_inventory_class(inv, by_addr("10.0.0.5")).value, "infusion_pump");
}
END_TEST

START_TEST(values_are_fused_and_contradictions_kept)
{
	struct wt_fact_view view[WT_DEVICE_FACTS_MAX];
	struct source weak = { .field = WT_FIELD_NONE, .confidence = 50, .words = WORDS_ARP };
	struct source strong = { .field = WT_FIELD_NONE, .confidence = 70, .words = WORDS_ND };
	struct proof proof = { now, 7 };
	uint32_t node;
	unsigned n, i;

	sight("10.0.0.5", NULL, 64);
	node = by_addr("10.0.0.5");
	wt_inv_fact_add(inv, node, WT_A_MODEL, WT_LIT("A"), WT_FORM_PLAIN, weak, &proof);
	proof.number = 9;
	wt_inv_fact_add(inv, node, WT_A_MODEL, WT_LIT("B"), WT_FORM_PLAIN, strong, &proof);
	wt_inv_fact_add(inv, node, WT_A_MODEL, WT_LIT("A"), WT_FORM_PLAIN, strong, &proof);
	n = wt_inventory_facts(inv, node, view, WT_DEVICE_FACTS_MAX);
	for (i = 0; i < n && view[i].attribute != WT_A_MODEL;)
		i++;
	ck_assert_uint_le(i + 2, n);
	ck_assert(wt_slice_equal(view[i].value, WT_LIT("A")) && view[i].is_best);
	ck_assert_uint_eq(view[i].confidence, 85); /* 1 - 0.5 * 0.3 */
	ck_assert_uint_eq(view[i].n_sources, 2);
	ck_assert_uint_eq(view[i].source[0].confidence, 70);
	ck_assert_uint_eq(view[i].evidence.number, 7);
	ck_assert_uint_eq(view[i].evidence.count, 2);
	ck_assert(wt_slice_equal(view[i + 1].value, WT_LIT("B")) && !view[i + 1].is_best);
}
END_TEST

/* ---- peers and links ---- */

START_TEST(unanswered_attempts_share_a_row)
{
	struct wt_peer_view peer;
	uint64_t cursor = 0;
	unsigned n = 0, port;

	sight("10.0.0.5", NULL, 64);
	for (port = 1; port <= 1000; port++) {
		begin(NULL, WT_EVENT_FLOW, "10.0.0.5", "10.0.0.6", NULL);
		record->head.key.end[1].port = (uint16_t)port;
		put_number("flow.is_one_way", 1);
		take();
	}
	flow("10.0.0.5", "198.51.100.7", false);
	while (wt_inventory_peer(inv, by_addr("10.0.0.5"), &cursor, &peer))
		n++;
	ck_assert_uint_eq(n, 2);
	cursor = 0;
	ck_assert(wt_inventory_peer(inv, by_addr("10.0.0.5"), &cursor, &peer));
	ck_assert(peer.is_external && peer.is_answered && peer.is_client);
	ck_assert_uint_eq(peer.bytes_out, 100);
	ck_assert_uint_eq(peer.bytes_in, 200);
	ck_assert_uint_eq(by_addr("198.51.100.7"), 0);
}
END_TEST

START_TEST(a_move_is_linked_to_the_association_it_causes)
{
	struct wt_link_view link[2];

	begin("dicom", 0, "10.0.0.5", "10.0.0.99", NULL);
	put_text("dicom.command", "C-MOVE-RQ");
	put_text("dicom.calling_ae", "VIEWER");
	put_text("dicom.called_ae", "PACS");
	put_number("dicom.message_id", 3);
	take();
	begin("dicom", 0, "10.0.0.99", "10.0.0.6", NULL);
	record->head.flow_id = 78;
	put_text("dicom.command", "C-STORE-RQ");
	put_text("dicom.move_originator_ae", "VIEWER");
	put_number("dicom.move_originator_id", 3);
	take();
	ck_assert_uint_eq(wt_inventory_links(inv, 0, link, 2), 1);
	ck_assert_str_eq(link[0].kind, "dicom move");
	ck_assert_uint_eq(link[0].asker, by_addr("10.0.0.5"));
	ck_assert_uint_eq(link[0].doer, by_addr("10.0.0.99"));
	ck_assert_uint_eq(link[0].flow_id[1], 78);
}
END_TEST

static void commitment(const char *command, const char *from, const char *to, uint64_t flow_id,
		       const char *uid)
{
	begin("dicom", 0, from, to, NULL);
	record->head.flow_id = flow_id;
	put_text("dicom.command", command);
	put_text("dicom.sop_class", "1.2.840.10008.1.20.1");
	if (uid)
		put_text("dicom.transaction_uid", uid);
	take();
}

START_TEST(a_commitment_is_linked_by_its_transaction)
{
	struct wt_link_view link[4];

	commitment("N-ACTION-RQ", "10.0.0.5", "10.0.0.99", 1, "p:aaaa");
	commitment("N-ACTION-RQ", "10.0.0.5", "10.0.0.99", 2, "p:bbbb");
	/* another node of the archive answers, the first request first */
	commitment("N-EVENT-REPORT-RQ", "10.0.0.98", "10.0.0.5", 3, "p:aaaa");
	commitment("N-EVENT-REPORT-RQ", "10.0.0.98", "10.0.0.5", 4, "p:cccc");
	commitment("N-EVENT-REPORT-RQ", "10.0.0.99", "10.0.0.5", 5, NULL);
	ck_assert_uint_eq(wt_inventory_links(inv, 0, link, 4), 2);
	ck_assert_uint_eq(link[0].flow_id[0], 1);
	ck_assert_uint_eq(link[0].flow_id[1], 3);
	ck_assert_uint_eq(link[0].doer, by_addr("10.0.0.98"));
	ck_assert_uint_eq(link[1].flow_id[0], 2); /* by the pair: the latest request */
	ck_assert_uint_eq(link[1].flow_id[1], 5);
}
END_TEST

/* ---- hostile ---- */

START_TEST(a_flood_of_forged_senders_stays_in_the_cap)
{
	struct wt_limits limits = wt_limits_of(WT_PROFILE_SMALL);
	char mac[24], addr[24];
	uint32_t i;

	for (i = 0; i < 100; i++) {
		snprintf(addr, sizeof(addr), "10.0.1.%u", i);
		snprintf(mac, sizeof(mac), "02:00:00:01:00:%02x", i);
		bind(mac, addr, false);
		flow(addr, "10.0.2.1", false);
	}
	begin(NULL, WT_EVENT_SIGHTING, "172.16.0.0", "10.9.9.9", "06:00:00:00:00:00");
	put_number("host.ttl", 64);
	record->values_len = (uint32_t)values.len;
	record->size = (uint32_t)((sizeof(*record) + values.len + 7) & ~(size_t)7);
	for (i = 0; i < 1000000; i++) {
		uint8_t *octet = record->head.key.end[0].addr.octet;

		record->head.mac[7] = octet[1] = (uint8_t)(i >> 16);
		record->head.mac[8] = octet[2] = (uint8_t)(i >> 8);
		record->head.mac[9] = octet[3] = (uint8_t)i;
		octet[1] = (uint8_t)(octet[1] + 16);
		wt_inventory_take(inv, record);
	}
	ck_assert_uint_le(inv->nodes.n_used, limits.devices * NODES_PER_DEVICE);
	ck_assert_uint_gt(counters.value[WT_C_INVENTORY_EVICTED], 900000);
	for (i = 0; i < 100; i++) { /* what was answered is still there */
		snprintf(addr, sizeof(addr), "10.0.1.%u", i);
		snprintf(mac, sizeof(mac), "02:00:00:01:00:%02x", i);
		ck_assert_uint_ne(by_addr(addr), 0);
		ck_assert_uint_eq(by_addr(addr), by_mac(mac));
	}
	ck_assert(wt_inventory_lost_track(inv));
}
END_TEST

START_TEST(one_hardware_address_cannot_claim_a_network)
{
	char addr[24];
	uint32_t i;

	for (i = 1; i < 200; i++) {
		snprintf(addr, sizeof(addr), "10.0.1.%u", i);
		sight(addr, NULL, 64);
		bind("02:00:00:00:00:66", addr, false);
	}
	ck_assert_uint_gt(wt_inventory_count(inv), 180);
	ck_assert_uint_gt(counters.value[WT_C_INVENTORY_CONFLICTS], 180);
}
END_TEST

/* Names without end push out names, never what the device's traffic is known by. */
START_TEST(one_device_of_many_names_stays_one)
{
	struct proof proof = { now, 1 };
	char name[24];
	uint32_t near, far;
	unsigned i;

	sight("10.0.0.5", "00:11:22:00:00:05", 64);
	bind("00:11:22:00:00:05", "10.0.0.5", false);
	sight("10.0.0.6", NULL, 62); /* behind a router */
	near = by_addr("10.0.0.5");
	far = by_addr("10.0.0.6");
	for (i = 0; i < 200; i++, proof.ts_ns += S) {
		int len = snprintf(name, sizeof(name), "near %u", i);
		struct wt_slice text = wt_slice_of(name, (size_t)len);

		wt_inv_identity_named(inv, &near, text, &proof);
		memcpy(name, "away", 4);
		wt_inv_identity_named(inv, &far, text, &proof);
	}
	ck_assert_uint_gt(counters.value[WT_C_INVENTORY_KEYS_DROPPED], 200);
	sight("10.0.0.5", "00:11:22:00:00:05", 64);
	sight("10.0.0.6", NULL, 62);
	ck_assert_uint_eq(by_mac("00:11:22:00:00:05"), near);
	ck_assert_uint_eq(by_addr("10.0.0.5"), near);
	ck_assert_uint_eq(by_addr("10.0.0.6"), far);
	ck_assert_uint_eq(wt_inventory_count(inv), 2);
}
END_TEST

START_TEST(hostile_names_are_cut_and_escaped)
{
	static char name[32000];
	char *text;
	unsigned i;

	memset(name, 'x', sizeof(name) - 1);
	for (i = 0; i < 64; i++) {
		begin("hl7", 0, "10.0.0.5", "10.0.0.99", NULL);
		snprintf(name, 12, "\x1b[2J\"\\\n%02x", i);
		name[11] = 'y';
		put_text("hl7.sending_app", name);
		take();
	}
	ck_assert_uint_eq(counters.value[WT_C_INVENTORY_FACTS_DROPPED],
			  64 - wt_attribute_rows[WT_A_HL7_APP].most);
	text = json_of(inv);
	for (i = 0; text[i]; i++)
		ck_assert(text[i] >= ' ' || text[i] == '\n');
	ck_assert_ptr_null(strstr(text, "\x1b"));
	free(text);
}
END_TEST

/* ---- the same again ---- */

static void story(void)
{
	char addr[24], mac[24];
	unsigned i;

	for (i = 0; i < 3000; i++) { /* more than fit */
		snprintf(addr, sizeof(addr), "10.1.%u.%u", i >> 8, i & 255);
		snprintf(mac, sizeof(mac), "02:00:00:02:%02x:%02x", i >> 8, i & 255);
		sight(addr, mac, i % 3 ? 64 : 128);
		if (i % 5 == 0)
			bind(mac, addr, i % 2);
		if (i % 7 == 0)
			flow(addr, "10.1.0.0", i % 14 == 0);
		if (i % 11 == 0)
			store_image(addr, "SN-1");
		if (i % 13 == 0)
			state_pump(addr, NULL, "P1");
	}
}

START_TEST(no_result_depends_on_the_seed)
{
	char *one, *two;

	story();
	one = json_of(inv);
	wt_inventory_free(inv);
	inv = make(0xfeedfacecafe);
	story();
	two = json_of(inv);
	compare(one, two);
	free(one);
	free(two);
}
END_TEST

static void put_back(struct wt_inventory *from, struct wt_inventory *to)
{
	static uint32_t place[100000];
	struct wt_node_view node;
	uint32_t at;

	for (at = 1; at <= from->nodes.n_fresh; at++)
		if (wt_inventory_node(from, at, &node))
			place[at] = wt_inventory_restore_node(to, &node);
	for (at = 1; at <= from->nodes.n_fresh; at++) {
		struct wt_fact_view fact[WT_NODE_FACTS_MAX];
		struct wt_identity_view identity[64];
		struct wt_via_view via[16];
		struct wt_peer_view peer;
		uint64_t cursor = 0;
		unsigned n, i;

		if (!wt_inventory_node(from, at, &node))
			continue;
		ck_assert_uint_ne(place[at], 0);
		n = wt_inventory_node_facts(from, at, false, fact, WT_NODE_FACTS_MAX);
		for (i = 0; i < n; i++) {
			fact[i].evidence.capture = "a.pcap";
			ck_assert(wt_inventory_restore_fact(to, place[at], &fact[i]));
		}
		n = wt_inventory_identities(from, at, identity, 64);
		for (i = n; i; i--)
			ck_assert(
				wt_inventory_restore_identity(to, place[at], &identity[i - 1]));
		while (wt_inventory_node_peer(from, at, &cursor, &peer))
			ck_assert(wt_inventory_restore_peer(to, place[at], &peer));
		n = wt_inventory_node_via(from, at, via, 16);
		for (i = n; i; i--) {
			if (!via[i - 1].is_speaker)
				continue;
			via[i - 1].node = place[via[i - 1].node];
			ck_assert(wt_inventory_restore_via(to, place[at], &via[i - 1]));
		}
	}
	for (at = from->nodes.n_fresh; at; at--)
		if (wt_inventory_node(from, at, &node) && node.part_of)
			ck_assert(
				wt_inventory_restore_part(to, place[at], place[node.part_of]));
}

static const char *one_capture(void *self, uint64_t number)
{
	(void)self;
	(void)number;
	return "a.pcap";
}

START_TEST(what_is_put_back_is_what_was)
{
	struct wt_inventory *again, *first = inv;
	uint32_t id, into;
	char *one, *two;

	sight("10.0.0.5", "02:00:00:00:00:05", 64);
	sight("fd00::5", "02:00:00:00:00:05", 64);
	bind("02:00:00:00:00:07", "10.0.0.7", false);
	sight("10.3.0.5", "02:00:00:00:00:08", 64);
	sight("10.4.0.5", "02:00:00:00:00:08", 64);
	store_image("10.0.0.5", "SN-100");
	state_pump("10.0.0.7", NULL, "PUMP7");
	flow("10.0.0.5", "10.0.0.7", false);
	flow("10.0.0.5", "198.51.100.7", false);
	wt_inventory_set_captures(inv, one_capture, NULL);
	one = json_of(inv);
	again = make(99);
	put_back(first, again);
	two = json_of(again);
	compare(one, two);
	ck_assert_uint_eq(wt_inventory_changed(again), 0);
	ck_assert(!wt_inventory_gone(again, &id, &into));
	inv = again;
	ck_assert_uint_eq(by_addr("10.0.0.5"), by_mac("02:00:00:00:00:05"));
	sight("10.6.0.5", "02:00:00:00:00:05", 64); /* presumptions are still taken back */
	ck_assert_uint_ne(by_addr("10.0.0.5"), by_mac("02:00:00:00:00:05"));
	wt_inventory_free(first);
	free(one);
	free(two);
}
END_TEST

START_TEST(changes_are_told_once)
{
	struct wt_fact_view fact[WT_NODE_FACTS_MAX];
	uint32_t id, into, node;
	unsigned n = 0;

	sight("10.0.0.5", NULL, 64);
	node = wt_inventory_changed(inv);
	ck_assert_uint_eq(node, by_addr("10.0.0.5"));
	ck_assert_uint_eq(wt_inventory_changed(inv), 0);
	ck_assert_uint_eq(wt_inventory_node_facts(inv, node, true, fact, WT_NODE_FACTS_MAX), 1);
	ck_assert_uint_eq(wt_inventory_node_facts(inv, node, true, fact, WT_NODE_FACTS_MAX), 0);
	sight("10.0.0.5", NULL, 64);
	ck_assert_uint_eq(wt_inventory_changed(inv), node); /* its last packet */
	ck_assert_uint_eq(wt_inventory_node_facts(inv, node, true, fact, WT_NODE_FACTS_MAX), 0);
	bind("02:00:00:00:00:05", "10.0.0.5", false);
	while (wt_inventory_changed(inv))
		n++;
	ck_assert_uint_eq(n, 1);
	ck_assert(wt_inventory_gone(inv, &id, &into));
	ck_assert_uint_eq(into, 1);
}
END_TEST

static unsigned n_news(uint64_t at_ns, bool is_end, struct wt_news *last)
{
	unsigned n = 0;

	while (wt_inventory_news(inv, at_ns, is_end, last))
		n++;
	return n;
}

START_TEST(a_device_is_told_when_it_has_settled_and_again_after_a_rest)
{
	struct wt_news news;

	wt_inventory_watch(inv);
	sight("10.0.0.1", "00:11:22:00:00:01", 64);
	ck_assert_uint_eq(n_news(now, false, &news), 0);
	ck_assert_uint_eq(n_news(now + 10 * S, false, &news), 1);
	ck_assert(news.is_new);
	now += 20 * S;
	begin("lldp", 0, NULL, NULL, "00:11:22:00:00:01");
	put_text("device.vendor", "Infusions Ltd");
	take(); /* a change while it rests */
	ck_assert_uint_eq(n_news(now + 500 * S, false, &news), 0);
	ck_assert_uint_eq(n_news(now + 601 * S, false, &news), 1);
	ck_assert(!news.is_new);
	now += 602 * S;
	sight("10.0.0.1", "00:11:22:00:00:01", 64); /* the same again is no news */
	ck_assert_uint_eq(n_news(now + 5000 * S, true, &news), 0);
}
END_TEST

START_TEST(what_was_there_is_no_news_and_what_went_is_never_told)
{
	struct wt_news news;
	unsigned i;

	sight("10.0.0.1", "00:11:22:00:00:01", 64);
	wt_inventory_watch(inv);
	ck_assert_uint_eq(n_news(now + 3600 * S, true, &news), 0);
	for (i = 0; i < 20000; i++) { /* far more than there is room for, all forged */
		char mac[18];

		snprintf(mac, sizeof(mac), "02:00:5e:%02x:%02x:01", i >> 8 & 0xff, i & 0xff);
		sight("203.0.113.9", mac, 64);
		now -= S - WT_NS_PER_MS;
	}
	/* 64 in the second that is now, the others in those that follow */
	ck_assert_uint_eq(n_news(now + 30 * S, false, &news), 64);
	ck_assert_uint_eq(n_news(now + 30 * S, false, &news), 0);
	ck_assert_uint_eq(n_news(now + 31 * S, false, &news), 64);
	i = n_news(now + 32 * S, true, &news);
	ck_assert_uint_gt(i, 1000);
	ck_assert_uint_le(i, wt_inventory_count(inv));
}
END_TEST

/* Packets from hardware addresses that nobody has, one of each, 1,000 in a second. */
static void forge(unsigned n)
{
	static uint64_t dice = 1;
	unsigned i, k;

	begin(NULL, WT_EVENT_SIGHTING, "203.0.113.9", "10.9.9.9", "02:00:00:00:00:01");
	put_number("host.ttl", 64);
	record->values_len = (uint32_t)values.len;
	record->size = (uint32_t)((sizeof(*record) + values.len + 7) & ~(size_t)7);
	for (i = 0; i < n; i++) {
		dice = dice * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
		for (k = 0; k < 5; k++)
			record->head.mac[7 + k] = (uint8_t)(dice >> (24 + 8 * k));
		record->head.ts_ns = now;
		record->head.number = ++n_records;
		wt_inventory_take(inv, record);
		now += WT_NS_PER_MS;
	}
}

/* A monitor that is seen, speaks and is answered; its number is in its address. */
static void work(unsigned number)
{
	char addr[16], mac[18];

	snprintf(addr, sizeof(addr), "10.0.0.%u", number);
	snprintf(mac, sizeof(mac), "00:09:fb:00:00:%02x", number);
	sight(addr, mac, 64);
	begin("intellivue", 0, addr, "10.0.0.200", mac);
	put_text("device.vendor", "Philips");
	put_text("device.model", "IntelliVue MX800");
	take();
	flow(addr, "10.0.0.200", false);
}

/* Which of the monitors it is; 0: none of them. */
static unsigned monitor_of(uint32_t node)
{
	unsigned i;
	char addr[16];

	for (i = 1; i <= 20; i++) {
		snprintf(addr, sizeof(addr), "10.0.0.%u", i);
		if (by_addr(addr) == node)
			return i;
	}
	return 0;
}

/* Of 2,000 devices' room: far more forged than fit. WARDTAP_FORGED: how many. */
static unsigned n_forged(void)
{
	const char *text = getenv("WARDTAP_FORGED");

	return text ? (unsigned)strtoul(text, NULL, 10) : 20000;
}

START_TEST(real_devices_are_told_before_forged_ones_at_the_end)
{
	unsigned n = 0, n_monitors = 0, i;
	struct wt_news news;

	wt_inventory_watch(inv);
	for (i = 1; i <= 20; i++) {
		forge(n_forged() / 20);
		work(i);
	}
	forge(n_forged() / 20);
	while (wt_inventory_news(inv, now, true, &news)) {
		if (n < 20)
			ck_assert_uint_ne(monitor_of(news.node), 0);
		n_monitors += monitor_of(news.node) != 0;
		n++;
	}
	ck_assert_uint_eq(n_monitors, 20);
	ck_assert_uint_ge(n, 1024); /* the unproven have their share, and no more */
	ck_assert_uint_le(n, 1024 + 40);
	ck_assert_uint_gt(counters.value[WT_C_INVENTORY_NEWS_LEFT_OUT], 1000);
}
END_TEST

START_TEST(forged_devices_delay_no_real_one)
{
	uint64_t done_ns[21] = { 0 };
	unsigned n_told = 0, second, i;
	struct wt_news news;

	wt_inventory_watch(inv);
	for (second = 0; second < n_forged() / 1000 || second < 60; second++) {
		if (second >= 20 && second < 40) {
			work(second - 19);
			done_ns[second - 19] = now;
			now -= 3 * S;
		}
		forge(1000);
		while (wt_inventory_news(inv, now, false, &news)) {
			i = monitor_of(news.node);
			if (!i)
				continue;
			ck_assert_uint_le(now, done_ns[i] + 14 * S);
			n_told++;
		}
	}
	ck_assert_uint_eq(n_told, 20);
}
END_TEST

START_TEST(who_turns_out_to_be_real_need_not_wait)
{
	struct wt_news news;

	wt_inventory_watch(inv);
	sight("10.0.0.1", "00:09:fb:00:00:01", 64);
	now -= S;
	forge(2000);
	now += 60 * S;
	ck_assert(wt_inventory_news(inv, now, false, &news)); /* all are due, one is told */
	ck_assert_uint_eq(monitor_of(news.node), 1);          /* it came first */
	sight("10.0.0.2", "00:09:fb:00:00:02", 64);
	forge(1);
	ck_assert_uint_eq(n_news(now + 10 * S, false, &news), 64);
	ck_assert_uint_eq(monitor_of(news.node), 0);
	flow("10.0.0.2", "10.0.0.200", false);
	ck_assert(wt_inventory_news(inv, now + 11 * S, false, &news));
	ck_assert_uint_eq(monitor_of(news.node), 2);
}
END_TEST

/* Whoever waits for its turn is judged by what it is then, not while it changes. */
START_TEST(waiting_does_not_keep_an_old_class)
{
	struct source said = { .field = WT_FIELD_NONE, .confidence = 80, .words = WORDS_ND };
	const char *mac = "02:00:00:00:00:05";
	struct proof proof = { now, 7 };
	struct wt_news news;

	wt_inventory_watch(inv);
	forge(100);
	sight("10.0.0.5", mac, 64);
	now += 60 * S;
	ck_assert_uint_eq(n_news(now, false, &news), 64); /* the others wait */
	wt_inv_fact_add(inv, node_at(inv, by_mac(mac))->first_part, WT_A_MODEL,
			WT_LIT("IntelliVue MX800"), WT_FORM_PLAIN, said, &proof);
	ck_assert_str_eq(wt_inventory_class(inv, by_mac(mac)).value, "patient_monitor");
	sight("10.0.7.6", mac, 64); /* so it is nobody's own address */
	ck_assert_uint_ne(by_addr("10.0.0.5"), by_mac(mac));
	ck_assert_str_ne(wt_inventory_class(inv, by_mac(mac)).value, "patient_monitor");
}
END_TEST

START_TEST(each_profile_reserves_what_its_rows_say)
{
	struct wt_limits small = wt_limits_of(WT_PROFILE_SMALL);
	struct wt_limits campus = wt_limits_of(WT_PROFILE_CAMPUS);

	/* the products of app/memory.c */
	ck_assert_uint_le(wt_inventory_bytes(&small),
			  small.devices * 1344ull + small.device_facts * 136ull +
				  small.device_texts * 256ull + small.device_peers * 80ull +
				  small.expectations * 128ull);
	ck_assert_uint_le(wt_inventory_bytes(&campus),
			  campus.devices * 1344ull + campus.device_facts * 136ull +
				  campus.device_texts * 256ull + campus.device_peers * 80ull +
				  campus.expectations * 128ull);
}
END_TEST

START_TEST(fields_of_the_table_exist)
{
	const char *name[512];
	unsigned n = wt_inv_facts_missing(name, 512), i;

	for (i = 0; i < n; i++)
		printf("facts.def: no dissector has %s\n", name[i]);
	ck_assert_uint_eq(n, 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("inventory");
	TCase *tests = tcase_create("promises");
	SRunner *runner = srunner_create(suite);
	int n_failed;

	tcase_set_timeout(tests, 60);
	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_add_test(tests, arp_joins_what_was_seen_apart);
	tcase_add_test(tests, a_lone_address_is_presumed_to_be_its_hardware_address);
	tcase_add_test(tests, a_second_address_takes_the_presumption_back);
	tcase_add_test(tests, a_router_is_not_what_lies_behind_it);
	tcase_add_test(tests, a_hop_limit_that_was_lowered_proves_distance);
	tcase_add_test(tests, addresses_of_both_versions_are_one_host);
	tcase_add_test(tests, the_end_of_a_flow_was_seen_with_its_last_packet);
	tcase_add_test(tests, what_was_joined_is_no_longer_in_the_list_of_changes);
	tcase_add_test(tests, a_lease_moves_an_address_and_leaves_its_history);
	tcase_add_test(tests, two_hardware_addresses_for_one_address_are_a_conflict);
	tcase_add_test(tests, a_claim_on_an_address_heard_elsewhere_joins_nobody);
	tcase_add_test(tests, groups_and_nothing_are_no_devices);
	tcase_add_test(tests, a_name_of_two_devices_is_a_conflict_or_one_device);
	tcase_add_test(tests, a_modality_speaks_for_itself_until_it_speaks_of_another);
	tcase_add_test(tests, what_is_passed_on_stays_with_its_maker);
	tcase_add_test(tests, equipment_behind_a_gateway_is_a_device_of_its_own);
	tcase_add_test(tests, who_states_its_own_identity_is_that_device);
	tcase_add_test(tests, values_are_fused_and_contradictions_kept);
	tcase_add_test(tests, unanswered_attempts_share_a_row);
	tcase_add_test(tests, a_move_is_linked_to_the_association_it_causes);
	tcase_add_test(tests, a_commitment_is_linked_by_its_transaction);
	tcase_add_test(tests, a_flood_of_forged_senders_stays_in_the_cap);
	tcase_add_test(tests, one_hardware_address_cannot_claim_a_network);
	tcase_add_test(tests, one_device_of_many_names_stays_one);
	tcase_add_test(tests, hostile_names_are_cut_and_escaped);
	tcase_add_test(tests, no_result_depends_on_the_seed);
	tcase_add_test(tests, what_is_put_back_is_what_was);
	tcase_add_test(tests, changes_are_told_once);
	tcase_add_test(tests, a_device_is_told_when_it_has_settled_and_again_after_a_rest);
	tcase_add_test(tests, what_was_there_is_no_news_and_what_went_is_never_told);
	tcase_add_test(tests, real_devices_are_told_before_forged_ones_at_the_end);
	tcase_add_test(tests, forged_devices_delay_no_real_one);
	tcase_add_test(tests, who_turns_out_to_be_real_need_not_wait);
	tcase_add_test(tests, waiting_does_not_keep_an_old_class);
	tcase_add_test(tests, each_profile_reserves_what_its_rows_say);
	tcase_add_test(tests, fields_of_the_table_exist);
	suite_add_tcase(suite, tests);
	srunner_run_all(runner, CK_NORMAL);
	n_failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return n_failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
