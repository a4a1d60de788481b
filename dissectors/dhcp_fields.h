/* Fields of the DHCPv4 dissector, and its parts. The table itself lives in dhcp.c. */
#ifndef DHCP_FIELDS_H
#define DHCP_FIELDS_H

#include "wardtap/dissector.h"
#include "wardtap/text.h"

/* clang-format off */
#define DHCP_FIELDS(F) \
F(OP, STR, ONE, NONE, ASIS, 8, "", "dhcp.op", "RFC 2131 2", "request (from a client) or reply (from a server).") \
F(MESSAGE_TYPE, STR, ONE, NONE, ASIS, 20, "", "dhcp.message_type", "RFC 2132 9.6", "discover, offer, request, decline, ack, nak, release, inform, ... ; bootp where option 53 is absent.") \
F(TRANSACTION_ID, STR, ONE, NONE, ASIS, 8, "", "dhcp.transaction_id", "RFC 2131 2 xid", "Transaction id, 8 hex digits; request and answer share it.") \
F(HOPS, U64, ONE, NONE, ASIS, 8, "", "dhcp.hops", "RFC 2131 2 hops", "Relays on the way; absent when 0.") \
F(ELAPSED, U64, ONE, NONE, ASIS, 8, "s", "dhcp.elapsed_s", "RFC 2131 2 secs", "Time since the client began; absent when 0.") \
F(IS_BROADCAST, BOOL, ONE, NONE, ASIS, 1, "", "dhcp.is_broadcast", "RFC 2131 2 flags", "The client asks for answers by broadcast.") \
F(HARDWARE_TYPE, U64, ONE, NONE, ASIS, 8, "", "dhcp.hardware_type", "RFC 2131 2 htype", "Hardware type, when it is not Ethernet's 1.") \
F(CLIENT_MAC, STR, ONE, DEVICE, ASIS, 47, "", "dhcp.client_mac", "RFC 2131 2 chaddr", "Hardware address of the client.") \
F(CLIENT_IP, STR, ONE, DEVICE, ASIS, 15, "", "dhcp.client_ip", "RFC 2131 2 ciaddr", "Address that the client has.") \
F(ASSIGNED_IP, STR, ONE, DEVICE, ASIS, 15, "", "dhcp.assigned_ip", "RFC 2131 2 yiaddr", "Address that the server gives.") \
F(NEXT_SERVER_IP, STR, ONE, DEVICE, ASIS, 15, "", "dhcp.next_server_ip", "RFC 2131 2 siaddr", "Server of the boot file.") \
F(RELAY_IP, STR, ONE, DEVICE, ASIS, 15, "", "dhcp.relay_ip", "RFC 2131 2 giaddr", "Relay agent of the client's network.") \
F(SERVER_NAME, STR, ONE, DEVICE, ASIS, 255, "", "dhcp.server_name", "RFC 2131 2 sname, RFC 2132 9.4", "Name of the boot server.") \
F(BOOT_FILE, STR, ONE, DEVICE, ASIS, 255, "", "dhcp.boot_file", "RFC 2131 2 file, RFC 2132 9.5", "Name of the boot file: firmware or settings that the client will load.") \
F(REQUESTED_IP, STR, ONE, DEVICE, ASIS, 15, "", "dhcp.requested_ip", "RFC 2132 9.1", "Address that the client asks for.") \
F(SERVER_ID, STR, ONE, DEVICE, ASIS, 15, "", "dhcp.server_id", "RFC 2132 9.7", "Server that answers or is meant.") \
F(LEASE, U64, ONE, NONE, ASIS, 8, "s", "dhcp.lease_s", "RFC 2132 9.2", "Lease time asked for or given; 4294967295 is for ever.") \
F(RENEWAL, U64, ONE, NONE, ASIS, 8, "s", "dhcp.renewal_s", "RFC 2132 9.11", "When the client shall renew (T1).") \
F(REBINDING, U64, ONE, NONE, ASIS, 8, "s", "dhcp.rebinding_s", "RFC 2132 9.12", "When the client shall ask any server (T2).") \
F(PARAMS, STR, ONE, DEVICE, ASIS, 1024, "", "dhcp.params", "RFC 2132 9.8", "Options that the client asks for, in its order: 1,3,6,15; tells its system.") \
F(OPTIONS, STR, ONE, DEVICE, ASIS, 1024, "", "dhcp.options", "RFC 2132", "Options that are there, in their order; tells the sender's system too.") \
F(VENDOR_CLASS, STR, MANY, DEVICE, ASIS, 255, "", "dhcp.vendor_class", "RFC 2132 9.13, RFC 3925 3", "What the client says it is: MSFT 5.0, dhcpcd-9.4.1:Linux-6.1.0:...") \
F(USER_CLASS, STR, MANY, DEVICE, ASIS, 255, "", "dhcp.user_class", "RFC 3004", "Classes that the client was put into.") \
F(ENTERPRISE, U64, MANY, DEVICE, ASIS, 8, "", "dhcp.enterprise", "RFC 3925", "Enterprise numbers of vendor options.") \
F(CLIENT_ID, STR, ONE, DEVICE, ASIS, 255, "", "dhcp.client_id", "RFC 2132 9.14, RFC 4361", "Client identifier, its octets; 01 is a hardware address, ff a DUID.") \
F(CLIENT_NAME, STR, ONE, QUASI, ASIS, 255, "", "dhcp.client_name", "RFC 2132 9.14", "Client identifier of type 0 or without a type, which may be any text.") \
F(CLIENT_ARCH, STR, ONE, DEVICE, ASIS, 64, "", "dhcp.client_arch", "RFC 4578 2.1", "Processor architectures of a boot client: 0 x86 BIOS, 7 x86-64 EFI, 11 ARM 64 EFI.") \
F(CLIENT_UUID, STR, ONE, DEVICE, ASIS, 64, "", "dhcp.client_uuid", "RFC 4578 2.3", "Machine identifier of a boot client, its octets.") \
F(FQDN_FLAGS, U64, ONE, NONE, ASIS, 8, "", "dhcp.fqdn_flags", "RFC 4702 2.1", "Flags of the client's full name: 1 the server updates DNS, 2 override, 4 encoded, 8 no update.") \
F(SUBNET_MASK, STR, ONE, NONE, ASIS, 15, "", "dhcp.subnet_mask", "RFC 2132 3.3", "Subnet mask.") \
F(ROUTER, STR, MANY, DEVICE, ASIS, 15, "", "dhcp.router", "RFC 2132 3.5", "Routers.") \
F(DNS_SERVER, STR, MANY, DEVICE, ASIS, 15, "", "dhcp.dns_server", "RFC 2132 3.8", "Name servers.") \
F(NTP_SERVER, STR, MANY, DEVICE, ASIS, 15, "", "dhcp.ntp_server", "RFC 2132 8.3", "Time servers.") \
F(LOG_SERVER, STR, MANY, DEVICE, ASIS, 15, "", "dhcp.log_server", "RFC 2132 3.9", "Syslog servers.") \
F(NBNS_SERVER, STR, MANY, DEVICE, ASIS, 15, "", "dhcp.nbns_server", "RFC 2132 8.5", "NetBIOS name servers.") \
F(TFTP_SERVER, STR, MANY, DEVICE, ASIS, 255, "", "dhcp.tftp_server", "RFC 2132 9.4, RFC 5859", "TFTP servers, from which devices load firmware and settings.") \
F(DOMAIN_SEARCH, STR, MANY, DEVICE, ASIS, 255, "", "dhcp.domain_search", "RFC 3397", "Domains to search.") \
F(STATIC_ROUTE, STR, MANY, DEVICE, ASIS, 40, "", "dhcp.static_route", "RFC 3442", "Routes given to the client, as network and router: they steer its traffic.") \
F(WPAD_URL, STR, ONE, DIRECT, PRESENT, 255, "", "dhcp.wpad_url", "draft-ietf-wrec-wpad-01", "Address of a proxy script.") \
F(CAPTIVE_PORTAL, STR, ONE, DIRECT, PRESENT, 255, "", "dhcp.captive_portal", "RFC 8910 2.1", "URI of a captive portal.") \
F(MUD_URL, STR, ONE, DEVICE, ASIS, 512, "", "dhcp.mud_url", "RFC 8520 10.1", "Where the manufacturer describes what the device needs.") \
F(CIRCUIT_ID, STR, ONE, DEVICE, ASIS, 255, "", "dhcp.circuit_id", "RFC 3046 3.1", "Port of the switch or relay at which the client is.") \
F(REMOTE_ID, STR, ONE, DEVICE, ASIS, 255, "", "dhcp.remote_id", "RFC 3046 3.2", "Switch or relay that says so.") \
F(SUBSCRIBER_ID, STR, ONE, QUASI, ASIS, 255, "", "dhcp.subscriber_id", "RFC 3993", "Name that the relay gives the port.") \
F(MAX_SIZE, U64, ONE, NONE, ASIS, 8, "bytes", "dhcp.max_size_bytes", "RFC 2132 9.10", "Longest message that the sender takes.") \
F(OVERLOAD, U64, ONE, NONE, ASIS, 8, "", "dhcp.overload", "RFC 2132 9.3", "Options go on in: 1 the file name, 2 the server name, 3 both.") \
F(MESSAGE, STR, ONE, DIRECT, PRESENT, 255, "", "dhcp.message", "RFC 2132 9.9", "Reason of a refusal in words.") \
F(HAS_AUTHENTICATION, BOOL, ONE, NONE, ASIS, 1, "", "dhcp.has_authentication", "RFC 3118", "The message is authenticated.") \
F(HAS_RAPID_COMMIT, BOOL, ONE, NONE, ASIS, 1, "", "dhcp.has_rapid_commit", "RFC 4039", "Two messages shall do.")
/* clang-format on */

enum { DHCP_FIELDS(WT_FIELD_ENUM) DHCP_N_FIELDS };

#define DHCP_SETTER(id, type, mult, phi, declass, cap, unit, name, clause, doc)                \
	static inline void put_##id(struct wt_out *out, unsigned event, WT_CTYPE_##type value) \
	{                                                                                      \
		WT_PUT_##type(out, event, WT_FIELD_BASE + (unsigned)F_##id, value);            \
	}
DHCP_FIELDS(DHCP_SETTER)
#undef DHCP_SETTER

/* dhcp_option.c: one option, its parts put together (RFC 3396). */
void wt_dhcp_option(unsigned code, struct wt_slice value, struct wt_out *out, unsigned event);

#endif
