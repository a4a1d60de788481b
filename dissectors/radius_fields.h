/* Fields of the RADIUS dissector, and its parts. The table itself lives in radius.c. */
#ifndef RADIUS_FIELDS_H
#define RADIUS_FIELDS_H

#include "wardtap/dissector.h"
#include "wardtap/text.h"

/* clang-format off */
#define RADIUS_FIELDS(F) \
F(CODE, STR, ONE, NONE, ASIS, 24, "", "radius.code", "RFC 2865 3", "access_request, access_accept, access_reject, access_challenge, accounting_request, coa_request, ...") \
F(ID, U64, ONE, NONE, ASIS, 8, "", "radius.id", "RFC 2865 3", "Identifier; request and answer share it.") \
F(AUTHENTICATION, STR, MANY, NONE, ASIS, 24, "", "radius.authentication", "RFC 2865 5.2, 5.3, RFC 3579", "How the user proves who it is: pap, chap, ms_chap, eap.") \
F(NAS_IP, STR, ONE, DEVICE, ASIS, 39, "", "radius.nas_ip", "RFC 2865 5.4, RFC 3162 2.1", "Address of the access server (switch, access point) that asks.") \
F(NAS_IDENTIFIER, STR, ONE, DEVICE, ASIS, 253, "", "radius.nas_identifier", "RFC 2865 5.32", "Name of the access server.") \
F(NAS_PORT, U64, ONE, NONE, ASIS, 8, "", "radius.nas_port", "RFC 2865 5.5", "Its port.") \
F(NAS_PORT_TYPE, STR, ONE, NONE, ASIS, 24, "", "radius.nas_port_type", "RFC 2865 5.41", "ethernet, wireless_802_11, virtual, ... or the number.") \
F(NAS_PORT_ID, STR, ONE, DEVICE, ASIS, 253, "", "radius.nas_port_id", "RFC 2869 5.17", "Its port by name.") \
F(CALLED_STATION, STR, ONE, DEVICE, ASIS, 253, "", "radius.called_station", "RFC 2865 5.30", "Access point or switch port: its hardware address, and the network's name.") \
F(CALLING_STATION, STR, ONE, DEVICE, ASIS, 64, "", "radius.calling_station", "RFC 2865 5.31", "The client's hardware or IP address.") \
F(CALLING_NUMBER, STR, ONE, QUASI, ASIS, 253, "", "radius.calling_number", "RFC 2865 5.31", "The client, when it is stated as something else, e.g. a telephone number.") \
F(FRAMED_IP, STR, ONE, DEVICE, ASIS, 39, "", "radius.framed_ip", "RFC 2865 5.8", "Address of the client.") \
F(FRAMED_PREFIX, STR, MANY, DEVICE, ASIS, 43, "", "radius.framed_prefix", "RFC 3162 2.3", "IPv6 prefixes of the client.") \
F(FRAMED_MTU, U64, ONE, NONE, ASIS, 8, "bytes", "radius.framed_mtu", "RFC 2865 5.12", "Longest frame of the client's link.") \
F(SERVICE_TYPE, STR, ONE, NONE, ASIS, 24, "", "radius.service_type", "RFC 2865 5.6", "login, framed, administrative, call_check (by hardware address), authenticate_only, ... or the number.") \
F(FILTER_ID, STR, MANY, DEVICE, ASIS, 253, "", "radius.filter_id", "RFC 2865 5.11", "Filter list that is applied to the client.") \
F(VLAN, STR, ONE, NONE, ASIS, 253, "", "radius.vlan", "RFC 2868 3.6, RFC 3580 3.31", "VLAN that the client is put into, by number or name.") \
F(SESSION_TIMEOUT, U64, ONE, NONE, ASIS, 8, "s", "radius.session_timeout_s", "RFC 2865 5.27", "After which the client must log in again.") \
F(CLASS, STR, MANY, SECRET, PRESENT, 253, "", "radius.class", "RFC 2865 5.25", "What the server wants to be told again; some put the user in.") \
F(REPLY_MESSAGE, STR, MANY, DIRECT, PRESENT, 253, "", "radius.reply_message", "RFC 2865 5.18", "Words to the user.") \
F(ACCT_STATUS, STR, ONE, NONE, ASIS, 16, "", "radius.acct_status", "RFC 2866 5.1", "start, stop, interim_update, accounting_on, accounting_off, or the number.") \
F(ACCT_SESSION_ID, STR, ONE, QUASI, ASIS, 253, "", "radius.acct_session_id", "RFC 2866 5.5", "Identifier of the session; some access servers put the user's name in.") \
F(ACCT_SESSION_TIME, U64, ONE, NONE, ASIS, 8, "s", "radius.acct_session_s", "RFC 2866 5.7", "How long the session has lasted.") \
F(ACCT_INPUT, U64, ONE, NONE, ASIS, 8, "bytes", "radius.acct_input_bytes", "RFC 2866 5.3", "Octets from the client, modulo 2^32.") \
F(ACCT_OUTPUT, U64, ONE, NONE, ASIS, 8, "bytes", "radius.acct_output_bytes", "RFC 2866 5.4", "Octets to the client, modulo 2^32.") \
F(TERMINATE_CAUSE, U64, ONE, NONE, ASIS, 8, "", "radius.terminate_cause", "RFC 2866 5.10", "Why the session ended: 1 user, 4 idle, 5 timeout, 6 administrator, ...") \
F(EVENT_TIME, TIME, ONE, NONE, ASIS, 8, "", "radius.event_time", "RFC 2869 5.3", "Time of the event by the access server's clock.") \
F(EAP_CODE, STR, ONE, NONE, ASIS, 8, "", "radius.eap_code", "RFC 3748 4", "request, response, success or failure.") \
F(EAP_TYPE, STR, ONE, NONE, ASIS, 24, "", "radius.eap_type", "RFC 3748 5", "identity, nak, md5, tls, ttls, peap, mschapv2, ... or the number.") \
F(HAS_MESSAGE_AUTHENTICATOR, BOOL, ONE, NONE, ASIS, 1, "", "radius.has_message_authenticator", "RFC 3579 3.2", "The packet is signed; where it is not, answers can be forged (CVE-2024-3596).") \
F(ERROR_CAUSE, U64, ONE, NONE, ASIS, 8, "", "radius.error_cause", "RFC 5176 3.5", "Why a change of authorization was refused.") \
F(VENDOR_ATTRIBUTE, STR, MANY, NONE, ASIS, 24, "", "radius.vendor_attribute", "RFC 2865 5.26", "Vendors' attributes, as enterprise number and type: 14823.5; the number alone where the vendor has another form.") \
F(OTHER_ATTRIBUTE, U64, MANY, NONE, ASIS, 8, "", "radius.other_attribute", "RFC 2865 5", "Types of attributes that are none of these.")
/* clang-format on */

enum { RADIUS_FIELDS(WT_FIELD_ENUM) RADIUS_N_FIELDS };

#define RADIUS_SETTER(id, type, mult, phi, declass, cap, unit, name, clause, doc)              \
	static inline void put_##id(struct wt_out *out, unsigned event, WT_CTYPE_##type value) \
	{                                                                                      \
		WT_PUT_##type(out, event, WT_FIELD_BASE + (unsigned)F_##id, value);            \
	}
RADIUS_FIELDS(RADIUS_SETTER)
#undef RADIUS_SETTER

/* radius_attribute.c: one attribute. */
void wt_radius_attribute(unsigned type, struct wt_slice value, struct wt_out *out,
			 unsigned event);

#endif
