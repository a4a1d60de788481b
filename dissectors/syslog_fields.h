/* Fields of the syslog dissector, and its parts. The table itself lives in syslog.c. */
#ifndef SYSLOG_FIELDS_H
#define SYSLOG_FIELDS_H

#include "wardtap/dissector.h"
#include "wardtap/text.h"

/* clang-format off */
#define SYSLOG_FIELDS(F) \
F(FORMAT, STR, ONE, NONE, ASIS, 8, "", "syslog.format", "RFC 5424, RFC 3164", "rfc5424, rfc3164 (a time as that describes it), or other.") \
F(FRAMING, STR, ONE, NONE, ASIS, 12, "", "syslog.framing", "RFC 6587 3.4", "In streams: octets (counted) or lines.") \
F(FACILITY, STR, ONE, NONE, ASIS, 12, "", "syslog.facility", "RFC 5424 6.2.1", "kern, user, mail, daemon, auth, syslog, lpr, news, uucp, cron, authpriv, ftp, ntp, audit, alert, clock, local0 to local7.") \
F(SEVERITY, STR, ONE, NONE, ASIS, 8, "", "syslog.severity", "RFC 5424 6.2.1", "emerg, alert, crit, err, warning, notice, info or debug.") \
F(TIME, STR, ONE, NONE, ASIS, 40, "", "syslog.time", "RFC 5424 6.2.3, RFC 3164 4.1.2", "Time as stated.") \
F(APP_NAME, STR, ONE, DEVICE, ASIS, 48, "", "syslog.app_name", "RFC 5424 6.2.5, RFC 3164 4.1.3", "Program that logs.") \
F(PROC_ID, STR, ONE, DEVICE, ASIS, 128, "", "syslog.proc_id", "RFC 5424 6.2.6, RFC 3164 5.3", "Its process.") \
F(MSG_ID, STR, ONE, DEVICE, ASIS, 48, "", "syslog.msg_id", "RFC 5424 6.2.7", "Kind of message; of Cisco equipment its mnemonic, e.g. SYS-5-CONFIG_I.") \
F(SD_ID, STR, MANY, DEVICE, ASIS, 32, "", "syslog.sd_id", "RFC 5424 6.3.2", "Names of structured data.") \
F(STRUCTURED_DATA, STR, ONE, DIRECT, PRESENT, 1024, "", "syslog.structured_data", "RFC 5424 6.3", "The structured data.") \
F(MESSAGE, STR, ONE, DIRECT, PRESENT, 1024, "", "syslog.message", "RFC 5424 6.4, RFC 3164 4.1.3", "The text, which may hold anything.") \
F(LENGTH, U64, ONE, NONE, ASIS, 8, "bytes", "syslog.length_bytes", "RFC 6587 3.4.1", "Length of the message, where it is counted or a datagram.")
/* clang-format on */

enum { SYSLOG_FIELDS(WT_FIELD_ENUM) SYSLOG_N_FIELDS };

#define SYSLOG_SETTER(id, type, mult, phi, declass, cap, unit, name, clause, doc)              \
	static inline void put_##id(struct wt_out *out, unsigned event, WT_CTYPE_##type value) \
	{                                                                                      \
		WT_PUT_##type(out, event, WT_FIELD_BASE + (unsigned)F_##id, value);            \
	}
SYSLOG_FIELDS(SYSLOG_SETTER)
#undef SYSLOG_SETTER

/* syslog_message.c: a message from its '<' on, into an event. */
void wt_syslog_message(struct wt_slice text, struct wt_out *out, unsigned event);

#endif
