/* Fields of the NTP dissector, and its parts. The table itself lives in ntp.c. */
#ifndef NTP_FIELDS_H
#define NTP_FIELDS_H

#include "wardtap/dissector.h"
#include "wardtap/text.h"

/* clang-format off */
#define NTP_FIELDS(F) \
F(VERSION, U64, ONE, NONE, ASIS, 8, "", "ntp.version", "RFC 5905 7.3", "Version of the protocol.") \
F(MODE, STR, ONE, NONE, ASIS, 20, "", "ntp.mode", "RFC 5905 7.3", "client, server, broadcast, symmetric_active, symmetric_passive, control or private.") \
F(LEAP, STR, ONE, NONE, ASIS, 16, "", "ntp.leap", "RFC 5905 7.3", "none, add_second, delete_second or unsynchronized.") \
F(STRATUM, U64, ONE, NONE, ASIS, 8, "", "ntp.stratum", "RFC 5905 7.3", "Distance from the reference clock: 1 at it, 16 unsynchronized, 0 unspecified.") \
F(POLL, I64, ONE, NONE, ASIS, 8, "", "ntp.poll", "RFC 5905 7.3", "Interval between messages, as power of two of seconds.") \
F(PRECISION, I64, ONE, NONE, ASIS, 8, "", "ntp.precision", "RFC 5905 7.3", "Precision of the clock, as power of two of seconds.") \
F(ROOT_DELAY, DEC, ONE, NONE, ASIS, 8, "s", "ntp.root_delay_s", "RFC 5905 7.3", "Delay to the reference clock and back.") \
F(ROOT_DISPERSION, DEC, ONE, NONE, ASIS, 8, "s", "ntp.root_dispersion_s", "RFC 5905 7.3", "Error against the reference clock.") \
F(REFERENCE_ID, STR, ONE, DEVICE, ASIS, 15, "", "ntp.reference_id", "RFC 5905 7.3", "The sender's source: kind of clock (GPS, PPS, LOCL), or address of the server (a hash where that is IPv6).") \
F(KISS_CODE, STR, ONE, NONE, ASIS, 4, "", "ntp.kiss_code", "RFC 5905 7.4", "Refusal: RATE, DENY, RSTR, ...") \
F(REFERENCE_TIME, TIME, ONE, NONE, ASIS, 8, "", "ntp.reference_time", "RFC 5905 7.3", "When the sender's clock was last set.") \
F(TRANSMIT_TIME, TIME, ONE, NONE, ASIS, 8, "", "ntp.transmit_time", "RFC 5905 7.3", "When the message was sent, by the sender's clock; random in many clients.") \
F(OFFSET, I64, ONE, NONE, ASIS, 8, "ms", "ntp.offset_ms", "wardtap", "Sender's clock minus packet time, not of clients: a server that is wrong shifts its clients.") \
F(KEY_ID, U64, ONE, NONE, ASIS, 8, "", "ntp.key_id", "RFC 5905 7.3", "Key of the message's authentication.") \
F(EXTENSION, U64, MANY, NONE, ASIS, 8, "", "ntp.extension", "RFC 7822", "Types of extension fields.") \
F(HAS_NTS, BOOL, ONE, NONE, ASIS, 1, "", "ntp.has_nts", "RFC 8915 5", "Network Time Security is used.") \
F(IS_RESPONSE, BOOL, ONE, NONE, ASIS, 1, "", "ntp.is_response", "RFC 9327 2", "Control and private: an answer.") \
F(IS_ERROR, BOOL, ONE, NONE, ASIS, 1, "", "ntp.is_error", "RFC 9327 2", "Control and private: an answer that refuses.") \
F(OPERATION, STR, ONE, NONE, ASIS, 24, "", "ntp.operation", "RFC 9327 2", "Control: read_status, read_variables, write_variables, configure, read_mru, ... ; private: monlist, peer_list, ... ; or the number.") \
F(IS_CHANGE, BOOL, ONE, NONE, ASIS, 1, "", "ntp.is_change", "RFC 9327 3", "Control: a request that changes the server.") \
F(ASSOCIATION, U64, ONE, NONE, ASIS, 8, "", "ntp.association", "RFC 9327 2", "Control: association meant, 0 is the system.") \
F(IS_MONLIST, BOOL, ONE, NONE, ASIS, 1, "", "ntp.is_monlist", "CVE-2013-5211", "Private: the list of clients, asked for or given, as floods do.") \
F(IMPLEMENTATION, U64, ONE, NONE, ASIS, 8, "", "ntp.implementation", "ntp 4.2.8 ntp_request.h", "Private: implementation number, 2 old, 3 new ntpd.") \
F(ITEM_COUNT, U64, ONE, NONE, ASIS, 8, "", "ntp.item_count", "ntp 4.2.8 ntp_request.h", "Private: items that the message holds.") \
F(PROCESSOR, STR, ONE, DEVICE, ASIS, 64, "", "ntp.processor", "RFC 9327 4", "Control: the server's processor as stated.")
/* clang-format on */

enum { NTP_FIELDS(WT_FIELD_ENUM) NTP_N_FIELDS };

#define NTP_SETTER(id, type, mult, phi, declass, cap, unit, name, clause, doc)                 \
	static inline void put_##id(struct wt_out *out, unsigned event, WT_CTYPE_##type value) \
	{                                                                                      \
		WT_PUT_##type(out, event, WT_FIELD_BASE + (unsigned)F_##id, value);            \
	}
NTP_FIELDS(NTP_SETTER)
#undef NTP_SETTER

/* ntp_control.c: modes 6 and 7. */
enum wt_verdict wt_ntp_probe_control(struct wt_slice head, unsigned mode);
enum wt_verdict wt_ntp_control(struct wt_reader *r, struct wt_out *out, unsigned event);
enum wt_verdict wt_ntp_private(struct wt_reader *r, struct wt_out *out, unsigned event);

#endif
