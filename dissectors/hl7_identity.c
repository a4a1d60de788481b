/* Devices that HL7 v2 messages name: OBX-18, attributes of IEEE 11073, SFT, PRT, EQU.
 * Each becomes one event per message.
 *
 * OBX-18 is written in four ways (all in one revision of the IHE framework):
 *   EUI64^^EUI64^EUI-64            serial^model^vendor-dns^DNS
 *   ^^pumpId^vendorName            bare GUID or serial
 * and repeats from the lowest level (channel) to the highest (whole device).
 *
 * Source: HL7 v2.6 2.14.12 (SFT), 7.4.2.18 (OBX-18), 7.4.4 (PRT), 13.4.1 (EQU); IHE
 * PCD TF-2 rev 8 B.8, B.10; IEEE 11073-10101.
 * Trust: hostile text. Memory: hl7_message.device. */
#include "hl7_parts.h"

#define OID_UDI "2.16.840.1.113883.3.3719"

struct wt_slice wt_hl7_eui64(struct wt_slice s, uint8_t *room)
{
	struct wt_builder b = wt_builder_of(room, 16);
	size_t i;

	for (i = 0; i < s.len; i++) {
		uint8_t byte = s.ptr[i];

		if (byte == '-' || byte == ':')
			continue;
		if (byte >= 'a' && byte <= 'f')
			byte = (uint8_t)(byte - 0x20);
		if (!((byte >= '0' && byte <= '9') || (byte >= 'A' && byte <= 'F')))
			return wt_slice_of(NULL, 0);
		wt_bld_u8(&b, byte);
	}
	return b.len == 16 && !b.is_short ? wt_bld_slice(&b) : wt_slice_of(NULL, 0);
}

/* --- devices of the message --- */

static struct hl7_device *find_place(struct hl7_message *m, uint32_t mds, uint32_t vmd)
{
	unsigned i;

	for (i = m->n_devices; mds && i-- > 0;)
		if (m->device[i].mds == mds && m->device[i].vmd == vmd)
			return &m->device[i];
	return NULL;
}

/* The device with this identity or, where a place is given, at this place; begun when
 * there is none. NULL when the message has too many. */
static struct hl7_device *get_device(struct hl7_call *c, uint64_t hash, uint32_t mds,
				     uint32_t vmd, struct wt_slice source)
{
	struct hl7_device *device = find_place(c->m, mds, vmd);
	unsigned i;

	for (i = 0; hash && i < c->m->n_devices; i++)
		if (c->m->device[i].hash == hash)
			return &c->m->device[i];
	if (device && (!hash || !device->hash)) {
		device->hash = hash;
		return device;
	}
	if (device) /* another device now stands at this place */
		device->mds = device->vmd = 0;
	if (c->m->n_devices == HL7_DEVICES_MAX) {
		c->m->flags |= HL7_IS_OVER_CAP;
		return NULL;
	}
	device = &c->m->device[c->m->n_devices++];
	*device = (struct hl7_device){ .hash = hash, .mds = mds, .vmd = vmd };
	device->event = (uint8_t)wt_hl7_event(c, HL7_EVENT_DEVICE);
	put_DEVICE_SOURCE(c->out, device->event, source);
	return device;
}

static uint64_t hash_of(struct hl7_call *c, struct wt_slice s)
{
	uint64_t hash = wt_out_hash(c->out, s);

	return hash ? hash : 1;
}

static void keep_id(struct hl7_device *device, enum hl7_id_kind kind, struct wt_slice id)
{
	struct wt_builder b = wt_builder_of(device->id, sizeof(device->id));

	if (device->id_kind != HL7_ID_NONE || !id.len)
		return;
	wt_bld_bytes(&b, wt_slice_head(id, sizeof(device->id)));
	device->id_len = (uint8_t)b.len;
	device->id_kind = (uint8_t)kind;
}

static void put_serial(struct hl7_call *c, struct hl7_device *device, struct wt_slice serial)
{
	if (c->m->flags & HL7_IS_PERSONAL) {
		put_PERSONAL_SERIAL(c->out, device->event, serial);
		return;
	}
	wt_put_DEVICE_SERIAL(c->out, device->event, serial);
	keep_id(device, HL7_ID_SERIAL, serial);
}

static void put_eui64(struct hl7_call *c, struct hl7_device *device, struct wt_slice eui64)
{
	wt_put_DEVICE_EUI64(c->out, device->event, eui64);
	keep_id(device, HL7_ID_EUI64, eui64);
}

static void put_id(struct hl7_call *c, struct hl7_device *device, struct wt_slice id,
		   struct wt_slice namespace)
{
	if (c->m->flags & HL7_IS_PERSONAL) {
		put_PERSONAL_SERIAL(c->out, device->event, id);
		return;
	}
	wt_put_DEVICE_ID(c->out, device->event, id);
	put_DEVICE_NAMESPACE(c->out, device->event, namespace);
	keep_id(device, HL7_ID_OTHER, id);
}

static bool is_eui64_type(struct wt_slice type)
{
	return wt_hl7_is_word(type, "EUI-64") || wt_hl7_is_word(type, "EUI64");
}

/* One entity identifier. */
static void read_ei(struct hl7_call *c, struct hl7_device *device, struct wt_slice ei)
{
	const struct hl7_delims *d = &c->q->delims;
	uint8_t room[4][HL7_TEXT_MAX], eui_room[16];
	struct wt_slice part[4], eui64;
	unsigned i;

	for (i = 0; i < 4; i++)
		part[i] = wt_hl7_text(wt_hl7_component(ei, d, i + 1), d, i == 0, room[i]);
	if (wt_hl7_is_word(part[2], OID_UDI)) {
		wt_hl7_udi(c, device->event, part[0]);
		return;
	}
	if (is_eui64_type(part[3])) {
		eui64 = wt_hl7_eui64(part[2].len ? part[2] : part[0], eui_room);
		put_eui64(c, device, eui64);
		if (!eui64.len || (part[2].len && !wt_slice_equal(part[0], part[2])))
			put_id(c, device, part[0], part[1]);
		return;
	}
	if (wt_hl7_is_word(part[3], "DNS")) {
		put_serial(c, device, part[0]);
		wt_put_DEVICE_MODEL(c->out, device->event, part[1]);
		wt_put_DEVICE_VENDOR(c->out, device->event, part[2]);
		return;
	}
	if (!part[0].len && !part[1].len && part[2].len) {
		put_id(c, device, part[2], wt_slice_of(NULL, 0));
		wt_put_DEVICE_VENDOR(c->out, device->event, part[3]);
		return;
	}
	put_id(c, device, part[0], part[1].len ? part[1] : part[2]);
}

/* A row that stands for a whole device or for a part with an own identity. */
static void describe(struct hl7_call *c, struct hl7_device *device, struct wt_slice type)
{
	c->m->last_device = (uint8_t)(device - c->m->device + 1);
	wt_put_DEVICE_TYPE(c->out, device->event, type);
	if (type.len)
		wt_hl7_put_containment(c, device->event, &c->m->path);
}

void wt_hl7_obx_device(struct hl7_call *c, const struct hl7_segment *seg, struct wt_slice type)
{
	const struct hl7_path *path = &c->m->path;
	struct wt_slice rest = wt_hl7_column(seg, 18), repeat;
	bool has_place = type.len && path->mds && !path->chan && path->is_device;
	struct hl7_device *device;
	unsigned n;

	if (wt_hl7_has_prefix(type, "MDC_DEV_SPEC_PROFILE_"))
		c->m->flags |= HL7_IS_PERSONAL;
	c->m->last_device = 0;
	for (n = 0; n < HL7_REPEATS_MAX && wt_hl7_repeat(&rest, seg->delims, &repeat); n++) {
		bool is_here = has_place && n == 0;

		if (!repeat.len)
			continue;
		device = get_device(c, hash_of(c, repeat), is_here ? path->mds : 0,
				    is_here ? path->vmd : 0, WT_LIT("OBX-18"));
		if (!device)
			return;
		read_ei(c, device, repeat);
		if (n == 0)
			describe(c, device, type);
	}
	if (rest.ptr)
		c->m->flags |= HL7_IS_OVER_CAP;
	if (c->m->last_device || !has_place || path->vmd)
		return;
	device = get_device(c, 0, path->mds, 0, WT_LIT("MDS"));
	if (device)
		describe(c, device, type);
}

void wt_hl7_link_device(struct hl7_call *c, unsigned event, uint32_t mds, uint32_t vmd)
{
	const struct hl7_device *device = find_place(c->m, mds, vmd);
	struct wt_slice id;

	if (!device || device->id_kind == HL7_ID_NONE)
		device = find_place(c->m, mds, 0);
	if (!device && c->m->last_device)
		device = &c->m->device[c->m->last_device - 1];
	if (!device)
		return;
	id = wt_slice_of(device->id, device->id_len);
	if (device->id_kind == HL7_ID_EUI64)
		wt_put_DEVICE_EUI64(c->out, event, id);
	else if (device->id_kind == HL7_ID_SERIAL)
		wt_put_DEVICE_SERIAL(c->out, event, id);
	else if (device->id_kind == HL7_ID_OTHER)
		wt_put_DEVICE_ID(c->out, event, id);
}

/* --- attributes --- */

/* "SERIAL SYN-1", "SW^9.1", "HW: C": a word, then the value. */
static void read_prod_spec(struct hl7_call *c, struct hl7_device *device, struct wt_slice s)
{
	size_t at = 0;
	struct wt_slice word, value;

	while (at < s.len && s.ptr[at] != ' ' && s.ptr[at] != ':' && s.ptr[at] != '=' &&
	       s.ptr[at] != c->q->delims.component)
		at++;
	word = wt_slice_head(s, at);
	value = wt_slice_tail(s, at);
	while (value.len && (value.ptr[0] == ' ' || value.ptr[0] == ':' ||
			     value.ptr[0] == '=' || value.ptr[0] == c->q->delims.component))
		value = wt_slice_tail(value, 1);
	if (wt_hl7_has_prefix(word, "SER") || wt_hl7_is_word(word, "SN"))
		put_serial(c, device, value);
	else if (wt_hl7_has_prefix(word, "SW") || wt_hl7_has_prefix(word, "SOFTW") ||
		 wt_hl7_has_prefix(word, "FW") || wt_hl7_has_prefix(word, "FIRMW"))
		wt_put_DEVICE_SOFTWARE(c->out, device->event, value);
	else if (wt_hl7_has_prefix(word, "HW") || wt_hl7_has_prefix(word, "HARDW"))
		wt_put_DEVICE_HARDWARE(c->out, device->event, value);
}

static void put_sys_id(struct hl7_call *c, struct hl7_device *device, struct wt_slice s)
{
	uint8_t room[16];
	struct wt_slice eui64 = wt_hl7_eui64(s, room);

	if (eui64.len)
		put_eui64(c, device, eui64);
	else
		put_id(c, device, s, wt_slice_of(NULL, 0));
}

/* One repetition of an attribute's value. */
static void read_attribute(struct hl7_call *c, struct hl7_device *device, unsigned role,
			   struct wt_slice repeat)
{
	const struct hl7_delims *d = &c->q->delims;
	uint8_t room[HL7_TEXT_MAX], room2[HL7_TEXT_MAX];
	struct wt_slice text = wt_hl7_text(wt_hl7_component(repeat, d, 1), d, true, room);
	struct wt_slice second = wt_hl7_text(wt_hl7_component(repeat, d, 2), d, true, room2);
	unsigned event = device->event;

	switch (role) {
	case HL7_ROLE_MODEL:
		wt_put_DEVICE_MODEL(c->out, event, second.len ? second : text);
		if (second.len)
			wt_put_DEVICE_VENDOR(c->out, event, text);
		break;
	case HL7_ROLE_MODEL_NUMBER:
		wt_put_DEVICE_MODEL(c->out, event, text);
		break;
	case HL7_ROLE_VENDOR:
		wt_put_DEVICE_VENDOR(c->out, event, second.len ? second : text);
		break;
	case HL7_ROLE_SYS_ID:
		put_sys_id(c, device, text);
		break;
	case HL7_ROLE_SYS_TYPE:
		wt_put_DEVICE_TYPE(c->out, event, wt_hl7_mdc_text(repeat, d));
		break;
	case HL7_ROLE_PROD_SPEC:
		read_prod_spec(c, device, wt_hl7_decode(repeat, d, room));
		break;
	case HL7_ROLE_ASSET_TAG:
		wt_put_DEVICE_ASSET_TAG(c->out, event, text);
		break;
	case HL7_ROLE_BED:
		put_BED_LABEL(c->out, event, text);
		break;
	case HL7_ROLE_MDS_STATUS:
		put_DEVICE_STATUS(c->out, event, wt_hl7_token(wt_hl7_mdc_text(repeat, d)));
		break;
	case HL7_ROLE_SERIAL:
		put_serial(c, device, text);
		break;
	case HL7_ROLE_PERSONAL_SERIAL:
		put_PERSONAL_SERIAL(c->out, event, text);
		break;
	case HL7_ROLE_HARDWARE:
		wt_put_DEVICE_HARDWARE(c->out, event, text);
		break;
	default:
		wt_put_DEVICE_SOFTWARE(c->out, event, text);
		break;
	}
}

void wt_hl7_attribute(struct hl7_call *c, const struct hl7_segment *seg, unsigned role)
{
	const struct hl7_path *path = &c->m->path;
	struct hl7_device *device = find_place(c->m, path->mds, path->vmd);
	struct wt_slice rest = wt_hl7_column(seg, 5), repeat;
	unsigned n;

	if (!device)
		device = find_place(c->m, path->mds, 0);
	if (!device && !path->mds && c->m->n_devices)
		device = &c->m->device[c->m->n_devices - 1];
	if (!device)
		device = get_device(c, 0, path->mds, 0, WT_LIT("MDS"));
	for (n = 0; device && n < HL7_LIST_MAX && wt_hl7_repeat(&rest, seg->delims, &repeat);
	     n++)
		read_attribute(c, device, role, repeat);
}

/* --- SFT, PRT, EQU --- */

void wt_hl7_software(struct hl7_call *c, const struct hl7_segment *seg)
{
	struct wt_slice binary = wt_hl7_part(seg, 4, 1), version = wt_hl7_part(seg, 2, 1);
	struct hl7_device *device = get_device(c, 0, 0, 0, WT_LIT("SFT"));

	if (!device)
		return;
	device->hash = 1; /* no identity to find it by */
	wt_put_DEVICE_VENDOR(c->out, device->event, wt_hl7_part(seg, 1, 1));
	wt_put_DEVICE_MODEL(c->out, device->event, wt_hl7_part(seg, 3, 1));
	wt_put_DEVICE_SOFTWARE(c->out, device->event, version);
	if (!wt_slice_equal(binary, version))
		wt_put_DEVICE_SOFTWARE(c->out, device->event, binary);
	put_INSTALLED(c->out, device->event, wt_hl7_part(seg, 6, 1));
}

static struct wt_slice issuer_of(struct wt_slice root, struct wt_slice namespace)
{
	if (wt_hl7_is_word(root, "2.51.1.1"))
		return WT_LIT("GS1");
	if (wt_hl7_is_word(root, "1.0.15961.10.816"))
		return WT_LIT("HIBCC");
	if (wt_hl7_has_prefix(root, "2.16.840.1.113883.6.18.1."))
		return WT_LIT("ICCBBA");
	if (wt_hl7_is_word(namespace, "GS1") || wt_hl7_is_word(namespace, "HIBCC") ||
	    wt_hl7_is_word(namespace, "ICCBBA"))
		return namespace;
	return wt_slice_of(NULL, 0);
}

/* PRT-16: a device identifier; some write the model there. */
static void read_udi_di(struct hl7_call *c, unsigned event, const struct hl7_segment *seg)
{
	uint8_t room[HL7_TEXT_MAX];
	struct wt_slice di = wt_hl7_text(wt_hl7_part(seg, 16, 1), seg->delims, true, room);

	if (wt_slice_find(di, ' ') < di.len) {
		wt_put_DEVICE_MODEL(c->out, event, di);
		return;
	}
	wt_put_DEVICE_UDI_DI(c->out, event, di);
	wt_put_DEVICE_UDI_ISSUER(c->out, event,
				 issuer_of(wt_hl7_part(seg, 16, 3), wt_hl7_part(seg, 16, 2)));
}

void wt_hl7_participation(struct hl7_call *c, const struct hl7_segment *seg)
{
	struct wt_slice rest = wt_hl7_column(seg, 10), repeat = wt_slice_of(NULL, 0), key;
	uint8_t room[HL7_TEXT_MAX];
	struct hl7_device *device;

	(void)wt_hl7_repeat(&rest, seg->delims, &repeat);
	key = repeat.len ? repeat : wt_hl7_column(seg, 20);
	if (!key.len)
		key = wt_hl7_column(seg, 16);
	device = key.len ? get_device(c, hash_of(c, key), 0, 0, WT_LIT("PRT")) : NULL;
	if (!device)
		return;
	read_udi_di(c, device->event, seg);
	wt_put_DEVICE_MADE(c->out, device->event, wt_hl7_part(seg, 17, 1));
	wt_put_DEVICE_EXPIRY(c->out, device->event, wt_hl7_part(seg, 18, 1));
	wt_put_DEVICE_LOT(c->out, device->event, wt_hl7_part(seg, 19, 1));
	put_serial(c, device, wt_hl7_part(seg, 20, 1));
	if (wt_hl7_is_word(wt_hl7_component(repeat, seg->delims, 3), OID_UDI) ||
	    wt_slice_find(WT_LIT("(+=&"), repeat.len ? repeat.ptr[0] : 0) < 4)
		wt_hl7_udi(c, device->event,
			   wt_hl7_text(wt_hl7_component(repeat, seg->delims, 1), seg->delims,
				       true, room));
	else if (repeat.len)
		read_ei(c, device, repeat);
}

void wt_hl7_equipment(struct hl7_call *c, const struct hl7_segment *seg)
{
	struct wt_slice id = wt_hl7_first_repeat(wt_hl7_column(seg, 1), seg->delims);
	struct hl7_device *device;

	device = id.len ? get_device(c, hash_of(c, id), 0, 0, WT_LIT("EQU")) : NULL;
	if (!device)
		return;
	read_ei(c, device, id);
	put_DEVICE_STATUS(c->out, device->event, wt_hl7_token(wt_hl7_part(seg, 3, 1)));
}
