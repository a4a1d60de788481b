/* Fields of BACnet, and what its parts share.
 * Source: ANSI/ASHRAE 135-2020 clauses 6, 20, 21, Annex J. Trust: values are hostile
 * bytes. Memory: none. */
#ifndef BACNET_FIELDS_H
#define BACNET_FIELDS_H

#include "wardtap/dissector.h"

#define BACNET_FIELDS(F)                                                                       \
	F(BVLC, STR, ONE, NONE, ASIS, 32, "", "bacnet.bvlc_function", "135 J.2",               \
	  "Function of the link layer: original_unicast, register_foreign_device, ...")        \
	F(RESULT, U64, ONE, NONE, ASIS, 8, "", "bacnet.bvlc_result", "135 J.2.1",              \
	  "Result of a link layer function, 0 for good.")                                      \
	F(FOREIGN_TTL, U64, ONE, NONE, ASIS, 8, "s", "bacnet.foreign_ttl_s", "135 J.2.6",      \
	  "How long a foreign device wants to hear the broadcasts of this network.")           \
	F(FORWARDED_FROM, STR, ONE, DEVICE, ASIS, 48, "", "bacnet.forwarded_from",             \
	  "135 J.2.5", "Address and port that a forwarded message came from.")                 \
	F(NETWORK_MESSAGE, STR, ONE, NONE, ASIS, 40, "", "bacnet.network_message", "135 6.4",  \
	  "Message between routers: who_is_router, i_am_router, ..., or a number.")            \
	F(DNET, U64, ONE, NONE, ASIS, 8, "", "bacnet.destination_network", "135 6.2.2",        \
	  "Network behind a router that the message is for, 65535 for all.")                   \
	F(SNET, U64, ONE, DEVICE, ASIS, 8, "", "bacnet.source_network", "135 6.2.2",           \
	  "Network behind a router that the message comes from.")                              \
	F(SADR, STR, ONE, DEVICE, ASIS, 36, "", "bacnet.source_address", "135 6.2.2",          \
	  "Address on that network, in hex: the device is behind the sender.")                 \
	F(PDU, STR, ONE, NONE, ASIS, 24, "", "bacnet.pdu_type", "135 20.1",                    \
	  "confirmed_request, unconfirmed_request, simple_ack, complex_ack, segment_ack, "     \
	  "error, reject or abort.")                                                           \
	F(SERVICE, STR, ONE, NONE, ASIS, 40, "", "bacnet.service", "135 21",                   \
	  "What is asked or answered: who_is, i_am, read_property, ..., or a number.")         \
	F(INVOKE_ID, U64, ONE, NONE, ASIS, 8, "", "bacnet.invoke_id", "135 20.1.2.6",          \
	  "Number that pairs request and answer.")                                             \
	F(IS_SEGMENT, BOOL, ONE, NONE, ASIS, 1, "", "bacnet.is_segment", "135 5.2",            \
	  "Part of a longer message, of which the first alone is read; absent when not.")      \
	F(OBJECT, STR, MANY, DEVICE, ASIS, 24, "", "bacnet.object", "135 12",                  \
	  "Objects read, written or told of, as type:instance.")                               \
	F(PROPERTY, U64, MANY, NONE, ASIS, 8, "", "bacnet.property", "135 21",                 \
	  "Properties read, written or told of, by number; 77 is the name.")                   \
	F(OBJECT_NAME, STR, MANY, DEVICE, ASIS, 64, "", "bacnet.object_name", "135 12",        \
	  "Names of objects asked for or told of.")                                            \
	F(DEVICE_INSTANCE, U64, ONE, DEVICE, ASIS, 8, "", "bacnet.device_instance",            \
	  "135 12.11", "Number of the device that tells of itself.")                           \
	F(VENDOR_ID, U64, ONE, DEVICE, ASIS, 8, "", "bacnet.vendor_id", "135 12.11.5",         \
	  "Number of the maker as ASHRAE assigns it.")                                         \
	F(MAX_APDU, U64, ONE, DEVICE, ASIS, 8, "bytes", "bacnet.max_apdu_bytes",               \
	  "135 12.11.18", "Longest message that the device takes.")                            \
	F(SEGMENTATION, U64, ONE, DEVICE, ASIS, 8, "", "bacnet.segmentation", "135 12.11.19",  \
	  "0 both ways, 1 sends, 2 receives, 3 no segments.")                                  \
	F(RANGE_LOW, U64, ONE, NONE, ASIS, 8, "", "bacnet.range_low", "135 16.10",             \
	  "First device that is asked to answer; absent for all.")                             \
	F(RANGE_HIGH, U64, ONE, NONE, ASIS, 8, "", "bacnet.range_high", "135 16.10",           \
	  "Last device that is asked to answer; absent for all.")                              \
	F(LOCATION, STR, ONE, DEVICE, ASIS, 64, "", "bacnet.location", "135 12.11.10",         \
	  "Where the device is.")                                                              \
	F(DESCRIPTION, STR, ONE, DEVICE, ASIS, 64, "", "bacnet.description", "135 12.11.11",   \
	  "What the device is for.")                                                           \
	F(ERROR_CLASS, U64, ONE, NONE, ASIS, 8, "", "bacnet.error_class", "135 18",            \
	  "Class of an error.")                                                                \
	F(ERROR_CODE, U64, ONE, NONE, ASIS, 8, "", "bacnet.error_code", "135 18",              \
	  "Code of an error; 32 is an unknown property.")                                      \
	F(REASON, U64, ONE, NONE, ASIS, 8, "", "bacnet.reason", "135 18.9",                    \
	  "Why a request was rejected or aborted.")                                            \
	F(IS_WRITE, BOOL, ONE, NONE, ASIS, 1, "", "bacnet.is_write", "135 15.9",               \
	  "Properties, objects or files are being changed; absent when not.")                  \
	F(IS_CONTROL, BOOL, ONE, NONE, ASIS, 1, "", "bacnet.is_control", "135 16",             \
	  "The device itself is being silenced, restarted or set to a time; absent when not.") \
	F(PRIORITY, U64, ONE, NONE, ASIS, 8, "", "bacnet.priority", "135 19.2",                \
	  "Priority of a write, 1 (life safety) to 16.")                                       \
	F(CONTROL_STATE, U64, ONE, NONE, ASIS, 8, "", "bacnet.control_state", "135 16.1",      \
	  "What a control request wants: 1 disables communication or starts warm.")             \
	F(VMAC, U64, ONE, DEVICE, ASIS, 8, "", "bacnet.virtual_address", "135 H.7.2, U.2",     \
	  "Virtual address of who speaks over IPv6: the instance of its device below 4194304.")\
	F(TARGET_VMAC, U64, ONE, DEVICE, ASIS, 8, "", "bacnet.target_virtual_address",         \
	  "135 U.2", "Virtual address that is spoken to, or searched for, over IPv6.")

enum { BACNET_FIELDS(WT_FIELD_ENUM) BACNET_N_FIELDS };

#define BACNET_SETTER(id, type, mult, phi, declass, cap, unit, name, clause, doc)              \
	static inline void put_##id(struct wt_out *out, unsigned event, WT_CTYPE_##type value) \
	{                                                                                      \
		WT_PUT_##type(out, event, WT_FIELD_BASE + (unsigned)F_##id, value);            \
	}
BACNET_FIELDS(BACNET_SETTER)
#undef BACNET_SETTER

/* What is behind the service choice: parameters of requests, results of answers. */
enum bacnet_service {
	BACNET_I_AM = 0,
	BACNET_I_HAVE = 1,
	BACNET_WHO_HAS = 7,
	BACNET_WHO_IS = 8,
	BACNET_READ = 12,
	BACNET_READ_MULTIPLE = 14,
	BACNET_WRITE = 15,
	BACNET_WRITE_MULTIPLE = 16,
	BACNET_COMMUNICATION = 17,
	BACNET_REINITIALIZE = 20,
};

void wt_bacnet_unconfirmed(struct wt_reader *r, unsigned service, struct wt_out *out,
			   unsigned event);
void wt_bacnet_confirmed(struct wt_reader *r, unsigned service, bool is_ack, struct wt_out *out,
			 unsigned event);
void wt_bacnet_error(struct wt_reader *r, struct wt_out *out, unsigned event);

#endif
