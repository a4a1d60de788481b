/* Fields of SNMP, and what its parts share.
 * Source: RFC 1157, 1901, 3411, 3414, 3416, 3418, 6933, 3805, 1628.
 * Trust: values are hostile bytes. PHI: communities are secrets, contacts and users
 * persons. Memory: none. */
#ifndef SNMP_FIELDS_H
#define SNMP_FIELDS_H

#include "snmp_ber.h"

#define SNMP_FIELDS(F)                                                                         \
	F(VERSION, STR, ONE, NONE, ASIS, 4, "", "snmp.version", "RFC 3412 6.1", "1, 2c or 3.") \
	F(COMMUNITY, STR, ONE, SECRET, PRESENT, 255, "", "snmp.community", "RFC 1157 4",       \
	  "Community string, which is a password in clear.")                                   \
	F(IS_DEFAULT_COMMUNITY, BOOL, ONE, NONE, ASIS, 1, "", "snmp.is_default_community",     \
	  "RFC 1157 4", "The community is public or private: nobody changed it.")              \
	F(PDU, STR, ONE, NONE, ASIS, 12, "", "snmp.pdu_type", "RFC 3416 3",                    \
	  "get, get_next, get_bulk, set, response, trap, trap_v1, inform or report.")          \
	F(REQUEST_ID, I64, ONE, NONE, ASIS, 8, "", "snmp.request_id", "RFC 3416 3",            \
	  "Number that pairs request and response.")                                           \
	F(ERROR, U64, ONE, NONE, ASIS, 8, "", "snmp.error_status", "RFC 3416 3",               \
	  "What went wrong, 0 for nothing.")                                                   \
	F(ERROR_INDEX, U64, ONE, NONE, ASIS, 8, "", "snmp.error_index", "RFC 3416 3",          \
	  "Which variable is to blame, from 1; absent without error.")                         \
	F(MAX_REPETITIONS, U64, ONE, NONE, ASIS, 8, "", "snmp.max_repetitions",                \
	  "RFC 3416 4.2.3", "How many rows a bulk request wants; large ones amplify.")         \
	F(N_VARIABLES, U64, ONE, NONE, ASIS, 8, "", "snmp.variables", "RFC 3416 3",            \
	  "Variables named by the message.")                                                   \
	F(OID, STR, MANY, NONE, ASIS, SNMP_OID_TEXT_MAX, "", "snmp.oid", "RFC 3416 3",         \
	  "Names of the first variables.")                                                     \
	F(IS_WRITE, BOOL, ONE, NONE, ASIS, 1, "", "snmp.is_write", "RFC 3416 4.2.5",           \
	  "The message sets variables: the device is being configured; absent when not.")      \
	F(TRAP_OID, STR, ONE, NONE, ASIS, SNMP_OID_TEXT_MAX, "", "snmp.trap_oid",              \
	  "RFC 3416 4.2.6", "Kind of the notification.")                                       \
	F(ENTERPRISE_OID, STR, ONE, DEVICE, ASIS, SNMP_OID_TEXT_MAX, "",                       \
	  "snmp.enterprise_oid", "RFC 1157 4.1.6", "Kind of the device that sent a trap.")     \
	F(AGENT, STR, ONE, DEVICE, ASIS, 15, "", "snmp.agent_address", "RFC 1157 4.1.6",       \
	  "Address of the device that sent a trap, as stated.")                                \
	F(GENERIC_TRAP, U64, ONE, NONE, ASIS, 8, "", "snmp.generic_trap", "RFC 1157 4.1.6",    \
	  "0 cold start, 2 link down, 4 wrong community, 6 enterprise's own.")                 \
	F(SPECIFIC_TRAP, U64, ONE, NONE, ASIS, 8, "", "snmp.specific_trap", "RFC 1157 4.1.6",  \
	  "Number of the enterprise's own trap.")                                              \
	F(MESSAGE_ID, U64, ONE, NONE, ASIS, 8, "", "snmp.message_id", "RFC 3412 6.2",          \
	  "Number that pairs messages of version 3.")                                          \
	F(SECURITY_LEVEL, STR, ONE, NONE, ASIS, 12, "", "snmp.security_level", "RFC 3412 6.4", \
	  "noAuthNoPriv, authNoPriv or authPriv.")                                             \
	F(ENGINE_ID, STR, ONE, DEVICE, ASIS, 64, "", "snmp.engine_id", "RFC 3411 5",           \
	  "Engine that is authoritative for the message, in hex.")                             \
	F(ENGINE_ENTERPRISE, U64, ONE, DEVICE, ASIS, 8, "", "snmp.engine_enterprise",          \
	  "RFC 3411 5", "Private enterprise number of the engine's maker.")                    \
	F(ENGINE_MAC, STR, ONE, DEVICE, ASIS, 17, "", "snmp.engine_mac", "RFC 3411 5",         \
	  "MAC address in the engine id.")                                                     \
	F(ENGINE_BOOTS, U64, ONE, NONE, ASIS, 8, "", "snmp.engine_boots", "RFC 3414 2.2",      \
	  "How often the engine started.")                                                     \
	F(SYS_DESCR, STR, ONE, DEVICE, ASIS, 255, "", "snmp.sys_descr", "RFC 3418 sysDescr",   \
	  "Hardware, operating system and versions as the device describes itself.")           \
	F(SYS_OBJECT_ID, STR, ONE, DEVICE, ASIS, SNMP_OID_TEXT_MAX, "", "snmp.sys_object_id",  \
	  "RFC 3418 sysObjectID", "What kind of device the maker says it is.")                 \
	F(SYS_LOCATION, STR, ONE, DEVICE, ASIS, 128, "", "snmp.sys_location",                  \
	  "RFC 3418 sysLocation", "Where the device stands.")                                  \
	F(SYS_CONTACT, STR, ONE, QUASI, ASIS, 128, "", "snmp.sys_contact",                     \
	  "RFC 3418 sysContact", "Who looks after the device.")                                \
	F(COMPONENT_MODEL, STR, MANY, DEVICE, ASIS, 64, "", "snmp.component_model",            \
	  "RFC 6933 entPhysicalModelName", "Models of modules inside of the device.")          \
	F(COMPONENT_SERIAL, STR, MANY, DEVICE, ASIS, 64, "", "snmp.component_serial",          \
	  "RFC 6933 entPhysicalSerialNum", "Serial numbers of modules inside of the device.")  \
	F(HOST_DEVICE, STR, MANY, DEVICE, ASIS, 64, "", "snmp.host_device",                    \
	  "RFC 2790 hrDeviceDescr", "Processors, printers and the like of the host.")          \
	F(IF_MAC, STR, MANY, DEVICE, ASIS, 17, "", "snmp.interface_mac",                       \
	  "RFC 2863 ifPhysAddress", "MAC addresses of the device's interfaces.")

enum { SNMP_FIELDS(WT_FIELD_ENUM) SNMP_N_FIELDS };

/* What the value of a variable means, in order of the tree. */
enum snmp_meaning {
	SNMP_NOTHING,
	SNMP_SYS_DESCR,
	SNMP_SYS_OBJECT_ID,
	SNMP_SYS_CONTACT,
	SNMP_SYS_NAME,
	SNMP_SYS_LOCATION,
	SNMP_IF_MAC,
	SNMP_HR_DEVICE,
	SNMP_VENDOR,
	SNMP_MODEL,
	SNMP_SOFTWARE,
	SNMP_HARDWARE,
	SNMP_SERIAL,
	SNMP_ENTITY_MODEL, /* of the device itself when the index is 1, else a part's */
	SNMP_ENTITY_SERIAL,
	SNMP_ENTITY_VENDOR,
	SNMP_ENTITY_SOFTWARE,
	SNMP_ENTITY_HARDWARE,
	SNMP_TRAP_OID,
};

/* *is_chassis: the index after the column is 1. */
enum snmp_meaning wt_snmp_meaning(struct wt_slice oid, bool *is_chassis);

#endif
