/* Fields of the DHCPv6 dissector, and its parts. The table itself lives in dhcpv6.c. */
#ifndef DHCPV6_FIELDS_H
#define DHCPV6_FIELDS_H

#include "wardtap/dissector.h"
#include "wardtap/text.h"

/* clang-format off */
#define DHCPV6_FIELDS(F) \
F(MESSAGE_TYPE, STR, ONE, NONE, ASIS, 24, "", "dhcpv6.message_type", "RFC 8415 7.3", "solicit, advertise, request, confirm, renew, rebind, reply, release, decline, reconfigure, information_request, ... ; what a relay passes on, where that can be read.") \
F(TRANSACTION_ID, STR, ONE, NONE, ASIS, 6, "", "dhcpv6.transaction_id", "RFC 8415 8", "Transaction id, 6 hex digits; request and answer share it.") \
F(RELAY_TYPE, STR, ONE, NONE, ASIS, 16, "", "dhcpv6.relay_type", "RFC 8415 9", "relay_forward or relay_reply: the message came by a relay.") \
F(HOPS, U64, ONE, NONE, ASIS, 8, "", "dhcpv6.hops", "RFC 8415 9.1", "Hop count of the outermost relay message.") \
F(LINK_IP, STR, MANY, DEVICE, ASIS, 39, "", "dhcpv6.link_ip", "RFC 8415 9.1", "Per relay, outermost first: address of the client's link; :: where it states none.") \
F(PEER_IP, STR, MANY, DEVICE, ASIS, 39, "", "dhcpv6.peer_ip", "RFC 8415 9.1", "Per relay, outermost first: client or relay from which it has the message.") \
F(INTERFACE_ID, STR, MANY, DEVICE, ASIS, 255, "", "dhcpv6.interface_id", "RFC 8415 21.18", "Interface of the relay at which the client is.") \
F(REMOTE_ID, STR, MANY, DEVICE, ASIS, 255, "", "dhcpv6.remote_id", "RFC 4649 3", "Switch or relay at which the client is.") \
F(CLIENT_MAC, STR, ONE, DEVICE, ASIS, 47, "", "dhcpv6.client_mac", "RFC 6939 4, RFC 8415 11.2", "Hardware address of the client, by its DUID or the relay.") \
F(CLIENT_DUID, STR, ONE, DEVICE, ASIS, 255, "", "dhcpv6.client_duid", "RFC 8415 21.2", "Identifier of the client, its octets.") \
F(CLIENT_DUID_TYPE, STR, ONE, NONE, ASIS, 8, "", "dhcpv6.client_duid_type", "RFC 8415 11", "llt (address and time), en (enterprise), ll (address), uuid, or the number.") \
F(SERVER_DUID, STR, ONE, DEVICE, ASIS, 255, "", "dhcpv6.server_duid", "RFC 8415 21.3", "Identifier of the server, its octets.") \
F(SERVER_MAC, STR, ONE, DEVICE, ASIS, 47, "", "dhcpv6.server_mac", "RFC 8415 11.2", "Hardware address in the server's DUID.") \
F(ENTERPRISE, U64, MANY, DEVICE, ASIS, 8, "", "dhcpv6.enterprise", "RFC 8415 11.3, 21.16", "Enterprise numbers: of DUIDs, vendor classes and vendor options.") \
F(ADDRESS, STR, MANY, DEVICE, ASIS, 39, "", "dhcpv6.address", "RFC 8415 21.6", "Addresses asked for or given.") \
F(PREFIX, STR, MANY, DEVICE, ASIS, 43, "", "dhcpv6.prefix", "RFC 8415 21.22", "Prefixes asked for or given.") \
F(VALID, U64, MANY, NONE, ASIS, 8, "s", "dhcpv6.valid_s", "RFC 8415 21.6", "Per address and prefix, in the order of the message: valid lifetime.") \
F(PREFERRED, U64, MANY, NONE, ASIS, 8, "s", "dhcpv6.preferred_s", "RFC 8415 21.6", "Per address and prefix: preferred lifetime.") \
F(IAID, STR, MANY, NONE, ASIS, 8, "", "dhcpv6.iaid", "RFC 8415 21.4", "Identity associations, 8 hex digits each.") \
F(STATUS, STR, MANY, NONE, ASIS, 24, "", "dhcpv6.status", "RFC 8415 21.13", "success, unspec_fail, no_addrs_avail, no_binding, not_on_link, use_multicast, no_prefix_avail, or the number.") \
F(STATUS_MESSAGE, STR, MANY, DIRECT, PRESENT, 255, "", "dhcpv6.status_message", "RFC 8415 21.13", "The same in words.") \
F(PARAMS, STR, ONE, DEVICE, ASIS, 1024, "", "dhcpv6.params", "RFC 8415 21.7", "Options that the client asks for, in its order: 23,24; tells its system.") \
F(OPTIONS, STR, ONE, DEVICE, ASIS, 1024, "", "dhcpv6.options", "RFC 8415 21.1", "Options of the innermost message, in their order; tells the sender's system too.") \
F(VENDOR_CLASS, STR, MANY, DEVICE, ASIS, 255, "", "dhcpv6.vendor_class", "RFC 8415 21.16", "What the client says it is.") \
F(USER_CLASS, STR, MANY, DEVICE, ASIS, 255, "", "dhcpv6.user_class", "RFC 8415 21.15", "Classes that the client was put into.") \
F(FQDN_FLAGS, U64, ONE, NONE, ASIS, 8, "", "dhcpv6.fqdn_flags", "RFC 4704 4.1", "Flags of the client's full name: 1 the server updates DNS, 2 override, 4 no update.") \
F(ELAPSED, U64, ONE, NONE, ASIS, 8, "ms", "dhcpv6.elapsed_ms", "RFC 8415 21.9", "Time since the client began.") \
F(PREFERENCE, U64, ONE, NONE, ASIS, 8, "", "dhcpv6.preference", "RFC 8415 21.8", "Preference of the server; 255 ends the client's search.") \
F(DNS_SERVER, STR, MANY, DEVICE, ASIS, 39, "", "dhcpv6.dns_server", "RFC 3646 3", "Name servers.") \
F(DOMAIN_SEARCH, STR, MANY, DEVICE, ASIS, 255, "", "dhcpv6.domain_search", "RFC 3646 4", "Domains to search.") \
F(NTP_SERVER, STR, MANY, DEVICE, ASIS, 255, "", "dhcpv6.ntp_server", "RFC 5908, RFC 4075", "Time servers.") \
F(BOOT_FILE_URL, STR, ONE, DIRECT, PRESENT, 255, "", "dhcpv6.boot_file_url", "RFC 5970 3.1", "URL of the boot file.") \
F(CLIENT_ARCH, STR, ONE, DEVICE, ASIS, 64, "", "dhcpv6.client_arch", "RFC 5970 3.3", "Processor architectures of a boot client.") \
F(CAPTIVE_PORTAL, STR, ONE, DIRECT, PRESENT, 255, "", "dhcpv6.captive_portal", "RFC 8910 2.2", "URI of a captive portal.") \
F(MUD_URL, STR, ONE, DEVICE, ASIS, 255, "", "dhcpv6.mud_url", "RFC 8520 10.2", "Where the manufacturer describes what the device needs.") \
F(HAS_AUTHENTICATION, BOOL, ONE, NONE, ASIS, 1, "", "dhcpv6.has_authentication", "RFC 8415 21.11", "The message is authenticated.") \
F(HAS_RAPID_COMMIT, BOOL, ONE, NONE, ASIS, 1, "", "dhcpv6.has_rapid_commit", "RFC 8415 21.14", "Two messages shall do.")
/* clang-format on */

enum { DHCPV6_FIELDS(WT_FIELD_ENUM) DHCPV6_N_FIELDS };

#define DHCPV6_SETTER(id, type, mult, phi, declass, cap, unit, name, clause, doc)              \
	static inline void put_##id(struct wt_out *out, unsigned event, WT_CTYPE_##type value) \
	{                                                                                      \
		WT_PUT_##type(out, event, WT_FIELD_BASE + (unsigned)F_##id, value);            \
	}
DHCPV6_FIELDS(DHCPV6_SETTER)
#undef DHCPV6_SETTER

enum dhcpv6_option {
	OPT_CLIENT_ID = 1,
	OPT_SERVER_ID = 2,
	OPT_IA_NA = 3,
	OPT_IA_TA = 4,
	OPT_IA_ADDRESS = 5,
	OPT_REQUEST = 6,
	OPT_PREFERENCE = 7,
	OPT_ELAPSED = 8,
	OPT_RELAY_MESSAGE = 9,
	OPT_AUTHENTICATION = 11,
	OPT_STATUS = 13,
	OPT_RAPID_COMMIT = 14,
	OPT_USER_CLASS = 15,
	OPT_VENDOR_CLASS = 16,
	OPT_VENDOR_OPTIONS = 17,
	OPT_INTERFACE_ID = 18,
	OPT_DNS = 23,
	OPT_SEARCH = 24,
	OPT_IA_PD = 25,
	OPT_IA_PREFIX = 26,
	OPT_SNTP = 31,
	OPT_REMOTE_ID = 37,
	OPT_FQDN = 39,
	OPT_NTP = 56,
	OPT_BOOT_FILE_URL = 59,
	OPT_CLIENT_ARCH = 61,
	OPT_LINK_ADDRESS = 79,
	OPT_CAPTIVE_PORTAL = 103,
	OPT_MUD = 112,
};

/* dhcpv6_option.c: one option. */
void wt_dhcpv6_option(unsigned code, struct wt_slice value, struct wt_out *out, unsigned event);

#endif
