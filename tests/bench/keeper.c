/* How many records the inventory takes per second, with few devices and with many.
 *   keeper [RECORDS [DEVICES]]
 * Half of the records end flows, a quarter are HL7 messages, a quarter C-STOREs; each
 * device talks to four servers by three protocols. Prints one line per number of devices
 * and ends with status 1 when the slowest is below the gate of DESIGN's keeper, or costs
 * more than SPREAD times the fastest. Single-threaded, as the keeper is. */
#define _POSIX_C_SOURCE 200809L
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/values.h"
#include "observe/inventory.h"
#include "wardtap/registry.h"

#define GATE 300000.0 /* records/s */
#define SPREAD 2.2    /* all of it misses of the caches: README.md */
#define RECORDS_KEPT 120000u
#define RECORD_ROOM 1024u

static uint64_t dice = 1;

static uint32_t roll(uint32_t n)
{
	dice = dice * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (uint32_t)((dice >> 33) % n);
}

static uint16_t owner_of(const char *name)
{
	unsigned owner;

	for (owner = 1; owner <= wt_registry_count(); owner++)
		if (!strcmp(wt_registry_name(owner), name))
			return (uint16_t)owner;
	abort();
}

static uint16_t field_of(uint16_t owner, const char *name)
{
	const struct wt_field *row;
	unsigned i;

	for (i = 0; i < WT_N_SHARED_FIELDS; i++)
		if (!strcmp(wt_shared_fields[i].name, name))
			return (uint16_t)i;
	for (i = WT_FIELD_OWN; (row = wt_registry_field(owner, i)) != NULL; i++)
		if (!strcmp(row->name, name))
			return (uint16_t)i;
	abort();
}

static struct wt_builder begin(struct wt_record *r, uint32_t device, uint32_t server,
			       uint16_t owner, uint16_t type)
{
	const uint8_t from[4] = { 10, (uint8_t)(device >> 16), (uint8_t)(device >> 8),
				  (uint8_t)device };
	const uint8_t to[4] = { 10, 255, 0, (uint8_t)server };

	memset(r, 0, sizeof(*r));
	memcpy(r->head.key.end[0].addr.octet, from, 4);
	memcpy(r->head.key.end[1].addr.octet, to, 4);
	r->head.key.end[0].port = 40000;
	r->head.key.end[1].port =
		owner ? (uint16_t)(owner * 100) : (uint16_t)(443 + server % 3);
	r->head.key.ip_version = 4;
	r->head.key.proto = 6;
	r->head.owner = r->head.app = owner;
	r->head.type = type;
	r->head.ts_ns = UINT64_C(1700000000) * WT_NS_PER_S;
	r->head.number = 1;
	r->head.flow_id = device;
	return wt_builder_of(r->values, RECORD_ROOM - sizeof(*r));
}

static void text(struct wt_builder *b, uint16_t owner, const char *field, const char *value)
{
	(void)wt_values_put(b, field_of(owner, field), 0, WT_FORM_PLAIN,
			    wt_slice_of(value, strlen(value)));
}

static void end(struct wt_record *r, const struct wt_builder *b)
{
	r->values_len = (uint32_t)b->len;
	r->size = (uint32_t)((sizeof(*r) + b->len + 7) & ~(size_t)7);
}

static void make_flow(struct wt_record *r, uint32_t device)
{
	struct wt_builder b = begin(r, device, roll(4), 0, WT_EVENT_FLOW);

	(void)wt_values_put_number(&b, WT_F_FLOW_BYTES_TOSERVER, 0, 1000);
	(void)wt_values_put_number(&b, WT_F_FLOW_BYTES_TOCLIENT, 0, 2000);
	(void)wt_values_put_number(&b, WT_F_FLOW_END, 0, r->head.ts_ns);
	(void)wt_values_put_number(&b, WT_F_FLOW_DURATION, 0, 10);
	text(&b, 0, "flow.state", "closed");
	end(r, &b);
}

static void make_hl7(struct wt_record *r, uint32_t device)
{
	uint16_t hl7 = owner_of("hl7");
	struct wt_builder b = begin(r, device, roll(4), hl7, 0);
	char id[16];

	snprintf(id, sizeof(id), "M%08u", roll(100000000));
	text(&b, hl7, "hl7.message_type", "ORU^R01");
	text(&b, hl7, "hl7.message_structure", "ORU_R01");
	text(&b, hl7, "hl7.sending_app", "MONITOR_APP");
	text(&b, hl7, "hl7.sending_facility", "WARD 3");
	text(&b, hl7, "hl7.receiving_app", "ENGINE");
	text(&b, hl7, "hl7.receiving_facility", "HOSPITAL");
	text(&b, hl7, "hl7.control_id", id);
	text(&b, hl7, "hl7.version", "2.6");
	text(&b, hl7, "hl7.segments", "MSH");
	text(&b, hl7, "hl7.segments", "PID");
	text(&b, hl7, "hl7.segments", "OBX");
	end(r, &b);
}

static void make_dicom(struct wt_record *r, uint32_t device)
{
	uint16_t dicom = owner_of("dicom");
	struct wt_builder b = begin(r, device, roll(4), dicom, 0);
	char serial[16];

	snprintf(serial, sizeof(serial), "SN%06u", device);
	text(&b, 0, "device.vendor", "Maker of Scanners");
	text(&b, 0, "device.model", "Scanner 64");
	text(&b, 0, "device.serial", serial);
	text(&b, dicom, "dicom.pdu", "P-DATA-TF");
	text(&b, dicom, "dicom.calling_ae", serial);
	text(&b, dicom, "dicom.called_ae", "ARCHIVE");
	text(&b, dicom, "dicom.command", "C-STORE-RQ");
	text(&b, dicom, "dicom.sop_class_name", "CT Image Storage");
	text(&b, dicom, "dicom.modality", "CT");
	end(r, &b);
}

static struct wt_record *record_at(uint8_t *room, uint32_t i)
{
	return (struct wt_record *)(void *)(room + (size_t)i * RECORD_ROOM);
}

static void make_records(uint8_t *room, uint32_t n_devices)
{
	uint32_t i;

	for (i = 0; i < RECORDS_KEPT; i++) {
		struct wt_record *r = record_at(room, i);
		uint32_t device = roll(n_devices);

		if (roll(2))
			make_flow(r, device);
		else if (roll(2))
			make_hl7(r, device);
		else
			make_dicom(r, device);
	}
}

/* All devices are there before the clock starts: flows speak of who was sighted. */
static void sight_all(struct wt_inventory *inv, struct wt_record *r, uint32_t n_devices)
{
	uint32_t i;

	for (i = 0; i < n_devices + 4; i++) {
		struct wt_builder b =
			begin(r, i < n_devices ? i : 0, i % 4, 0, WT_EVENT_SIGHTING);

		r->head.sender = i >= n_devices;
		(void)wt_values_put_number(&b, WT_F_HOST_TTL, 0, 64);
		end(r, &b);
		wt_inventory_take(inv, r);
	}
}

static double measure(uint8_t *room, uint32_t n_devices, uint32_t n_records)
{
	static struct wt_counters counters;
	struct wt_inventory_options options = {
		.limits = wt_limits_of(WT_PROFILE_CAMPUS),
		.seed = 1,
		.counters = &counters,
	};
	struct wt_inventory *inv = wt_inventory_new(&options);
	struct timespec from, to;
	double took;
	uint32_t i;

	sight_all(inv, record_at(room, 0), n_devices);
	make_records(room, n_devices);
	for (i = 0; i < RECORDS_KEPT; i++)
		wt_inventory_take(inv, record_at(room, i));
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &from);
	for (i = 0; i < n_records; i++) {
		wt_inventory_ahead(inv, record_at(room, (i + WT_INVENTORY_AHEAD) % RECORDS_KEPT));
		wt_inventory_take(inv, record_at(room, i % RECORDS_KEPT));
	}
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &to);
	took = (double)(to.tv_sec - from.tv_sec) + (double)(to.tv_nsec - from.tv_nsec) / 1e9;
	wt_inventory_free(inv);
	return n_records / took;
}

int main(int argc, char **argv)
{
	static const uint32_t sizes[] = { 100, 1000, 10000, 50000 };
	uint32_t n_records = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 10) : 2000000;
	uint8_t *room = calloc(RECORDS_KEPT, RECORD_ROOM);
	double rate, best = 0, worst = 1e18;
	unsigned i;

	if (!room)
		return 2;
	if (argc > 2) { /* one size alone, for a profiler */
		uint32_t n_devices = (uint32_t)strtoul(argv[2], NULL, 10);

		printf("keeper: %6u devices: %9.0f records/s\n", (unsigned)n_devices,
		       measure(room, n_devices ? n_devices : 1, n_records));
		free(room);
		return 0;
	}
	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		rate = measure(room, sizes[i], n_records);
		printf("keeper: %6u devices: %9.0f records/s\n", (unsigned)sizes[i], rate);
		best = rate > best ? rate : best;
		worst = rate < worst ? rate : worst;
	}
	free(room);
	printf("keeper: gates: %.0f records/s %s, spread %.1f %s\n", GATE,
	       worst >= GATE ? "held" : "MISSED", best / worst,
	       best / worst <= SPREAD ? "held" : "MISSED");
	return worst >= GATE && best / worst <= SPREAD ? 0 : 1;
}
