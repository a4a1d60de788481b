/* Fields of WS-Discovery, and what its parts share.
 * Source: WS-Discovery 1.1 and 2005/04; IEEE 11073-20701 (scopes). Trust: values are
 * hostile bytes. PHI: scopes and addresses are URIs and stay inside but for their parts
 * that say where a device is and what for; an operator's context is only told to be
 * there. Memory: none. */
#ifndef WSD_FIELDS_H
#define WSD_FIELDS_H

#include "wardtap/dissector.h"

#define WSD_FIELDS(F)                                                                          \
	F(ACTION, STR, ONE, NONE, ASIS, 24, "", "wsd.action", "WS-Discovery 1.1 4",            \
	  "Hello, Bye, Probe, ProbeMatches, Resolve or ResolveMatches.")                       \
	F(VERSION, STR, ONE, NONE, ASIS, 8, "", "wsd.version", "WS-Discovery 1.1 1.7",         \
	  "Edition of the protocol: 2009/01 or 2005/04 (Windows).")                            \
	F(MESSAGE_ID, STR, ONE, NONE, ASIS, 64, "", "wsd.message_id", "WS-Addressing 3.1",     \
	  "Name of the message.")                                                              \
	F(RELATES_TO, STR, ONE, NONE, ASIS, 64, "", "wsd.relates_to", "WS-Addressing 3.1",     \
	  "Name of the message that this one answers.")                                        \
	F(ENDPOINT, STR, MANY, DEVICE, ASIS, 128, "", "wsd.endpoint", "WS-Discovery 1.1 4.1",  \
	  "Devices by their lasting address, mostly urn:uuid.")                                \
	F(TYPE, STR, MANY, DEVICE, ASIS, 64, "", "wsd.type", "WS-Discovery 1.1 4.1",           \
	  "Types announced or asked for, without prefix, e.g. MedicalDevice, Computer.")       \
	F(IS_MEDICAL, BOOL, ONE, DEVICE, ASIS, 1, "", "wsd.is_medical_device",                 \
	  "IEEE 11073-20702 9.2", "A type or scope of IEEE 11073 SDC; absent when not.")       \
	F(SCOPE, STR, MANY, DIRECT, ASIS, 512, "", "wsd.scope", "WS-Discovery 1.1 5.1",        \
	  "Scopes as they stand; for rules.")                                                  \
	F(XADDR, STR, MANY, DIRECT, ASIS, 255, "", "wsd.xaddr", "WS-Discovery 1.1 4.1",        \
	  "Addresses at which the device's services are.")                                     \
	F(XADDR_HOST, STR, MANY, DEVICE, ASIS, 64, "", "wsd.xaddr_host",                       \
	  "WS-Discovery 1.1 4.1", "Hosts and ports of those addresses.")                       \
	F(IS_CLEARTEXT, BOOL, ONE, NONE, ASIS, 1, "", "wsd.is_cleartext",                      \
	  "IEEE 11073-20701 9", "An address is http, without TLS; absent when not.")           \
	F(METADATA_VERSION, U64, ONE, NONE, ASIS, 8, "", "wsd.metadata_version",               \
	  "WS-Discovery 1.1 4.1", "Counts changes of what the device says.")                   \
	F(CONTEXT, STR, MANY, NONE, ASIS, 8, "", "wsd.context", "IEEE 11073-20701 9.4",        \
	  "Contexts that scopes tell: loc, opr, ens, wfl, mns, pat.")                          \
	F(FACILITY, STR, ONE, DEVICE, ASIS, 64, "", "wsd.location_facility",                   \
	  "IEEE 11073-20701 9.4", "Facility of the device.")                                   \
	F(BUILDING, STR, ONE, DEVICE, ASIS, 64, "", "wsd.location_building",                   \
	  "IEEE 11073-20701 9.4", "Building of the device.")                                   \
	F(FLOOR, STR, ONE, DEVICE, ASIS, 64, "", "wsd.location_floor", "IEEE 11073-20701 9.4", \
	  "Floor of the device.")                                                              \
	F(POC, STR, ONE, DEVICE, ASIS, 64, "", "wsd.location_point_of_care",                   \
	  "IEEE 11073-20701 9.4", "Ward or unit of the device.")                               \
	F(ROOM, STR, ONE, DEVICE, ASIS, 64, "", "wsd.location_room", "IEEE 11073-20701 9.4",   \
	  "Room of the device.")                                                               \
	F(BED, STR, ONE, DEVICE, ASIS, 64, "", "wsd.location_bed", "IEEE 11073-20701 9.4",     \
	  "Bed that the device stands at.")                                                    \
	F(LOCATION, STR, ONE, DEVICE, ASIS, 64, "", "wsd.location", "ONVIF Core 7.3.2.2",      \
	  "Location of a camera as stated.")                                                   \
	F(KEY_PURPOSE, STR, MANY, NONE, ASIS, 64, "", "wsd.key_purpose",                       \
	  "IEEE 11073-20701 9.3", "Roles that an SDC participant claims, by OID.")

enum { WSD_FIELDS(WT_FIELD_ENUM) WSD_N_FIELDS };

#define WSD_SETTER(id, type, mult, phi, declass, cap, unit, name, clause, doc)                 \
	static inline void put_##id(struct wt_out *out, unsigned event, WT_CTYPE_##type value) \
	{                                                                                      \
		WT_PUT_##type(out, event, WT_FIELD_BASE + (unsigned)F_##id, value);            \
	}
WSD_FIELDS(WSD_SETTER)
#undef WSD_SETTER

/* Takes a word (parted by blanks) off *rest; empty at the end. */
struct wt_slice wt_wsd_word(struct wt_slice *rest);

/* One scope, still with XML entities. */
void wt_wsd_scope(struct wt_out *out, unsigned event, struct wt_slice scope);

#endif
