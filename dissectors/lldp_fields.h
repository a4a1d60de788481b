/* Fields of the LLDP dissector, and its parts. The table itself lives in lldp.c. */
#ifndef LLDP_FIELDS_H
#define LLDP_FIELDS_H

#include "wardtap/dissector.h"
#include "wardtap/text.h"

/* clang-format off */
#define LLDP_FIELDS(F) \
F(CHASSIS_TYPE, STR, ONE, NONE, ASIS, 16, "", "lldp.chassis_type", "802.1AB 8.5.2", "What the chassis id is: mac, network_address, interface_name, local, ...") \
F(CHASSIS_ID, STR, ONE, DEVICE, ASIS, 255, "", "lldp.chassis_id", "802.1AB 8.5.2", "Identifier of the chassis.") \
F(PORT_TYPE, STR, ONE, NONE, ASIS, 16, "", "lldp.port_type", "802.1AB 8.5.3", "What the port id is: mac, interface_name, local, ...") \
F(PORT_ID, STR, ONE, DEVICE, ASIS, 255, "", "lldp.port_id", "802.1AB 8.5.3", "Identifier of the port.") \
F(TTL, U64, ONE, NONE, ASIS, 8, "s", "lldp.ttl_s", "802.1AB 8.5.4", "How long what is said holds.") \
F(IS_SHUTDOWN, BOOL, ONE, NONE, ASIS, 1, "", "lldp.is_shutdown", "802.1AB 8.5.4", "The neighbour leaves (lifetime 0).") \
F(PORT_DESC, STR, ONE, DIRECT, PRESENT, 255, "", "lldp.port_desc", "802.1AB 8.5.5", "Description of the port: free text, often of who sits there.") \
F(SYSTEM_DESC, STR, ONE, DEVICE, ASIS, 255, "", "lldp.system_desc", "802.1AB 8.5.7", "Description of the system: often hardware, operating system and versions.") \
F(CAPABILITY, STR, MANY, NONE, ASIS, 16, "", "lldp.capability", "802.1AB 8.5.8", "What the system can do: bridge, router, telephone, station, ...") \
F(ENABLED, STR, MANY, NONE, ASIS, 16, "", "lldp.enabled", "802.1AB 8.5.8", "Which of them it does.") \
F(MGMT_ADDRESS, STR, MANY, DEVICE, ASIS, 96, "", "lldp.mgmt_address", "802.1AB 8.5.9", "Management addresses.") \
F(MGMT_INTERFACE, U64, MANY, NONE, ASIS, 8, "", "lldp.mgmt_interface", "802.1AB 8.5.9", "Interface numbers of the management addresses.") \
F(PORT_VLAN, U64, ONE, NONE, ASIS, 8, "", "lldp.port_vlan", "802.1Q D.2.1", "VLAN of untagged frames; 0: not supported.") \
F(PROTOCOL_VLAN, U64, MANY, NONE, ASIS, 8, "", "lldp.protocol_vlan", "802.1Q D.2.2", "Port and protocol VLANs.") \
F(VLAN_ID, U64, MANY, NONE, ASIS, 8, "", "lldp.vlan_id", "802.1Q D.2.3", "VLANs of the port that have a name.") \
F(VLAN_NAME, STR, MANY, DEVICE, ASIS, 32, "", "lldp.vlan_name", "802.1Q D.2.3", "Their names.") \
F(PROTOCOL_ID, STR, MANY, NONE, ASIS, 64, "", "lldp.protocol_id", "802.1Q D.2.4", "Protocols of the port by their first octets.") \
F(AUTONEG, STR, ONE, NONE, ASIS, 16, "", "lldp.autoneg", "802.3 79.3.1", "Autonegotiation: none, supported or enabled.") \
F(MAU_TYPE, U64, ONE, NONE, ASIS, 8, "", "lldp.mau_type", "802.3 79.3.1", "Operational MAU type (RFC 4836): speed, duplex and medium of the link.") \
F(POWER, STR, ONE, NONE, ASIS, 24, "", "lldp.power", "802.3 79.3.2", "Power over Ethernet: source (pse) or device (pd), and its class.") \
F(POWER_REQUESTED, U64, ONE, NONE, ASIS, 8, "mW", "lldp.power_requested_mw", "802.3 79.3.2, TIA-1057 10.2.5", "Power that the device asks for.") \
F(POWER_ALLOCATED, U64, ONE, NONE, ASIS, 8, "mW", "lldp.power_allocated_mw", "802.3 79.3.2", "Power that the source grants.") \
F(AGGREGATION_PORT, U64, ONE, NONE, ASIS, 8, "", "lldp.aggregation_port", "802.3 79.3.3", "Aggregated port that this one belongs to; absent when none.") \
F(MAX_FRAME, U64, ONE, NONE, ASIS, 8, "bytes", "lldp.max_frame_bytes", "802.3 79.3.4", "Longest frame.") \
F(MED_CLASS, STR, ONE, NONE, ASIS, 24, "", "lldp.med_class", "TIA-1057 10.2.2", "LLDP-MED: endpoint_1, endpoint_2 (media), endpoint_3 (communication) or connectivity.") \
F(MED_CAPABILITIES, U64, ONE, NONE, ASIS, 8, "", "lldp.med_capabilities", "TIA-1057 10.2.2", "LLDP-MED capabilities, a bit each.") \
F(MED_POLICY, STR, MANY, NONE, ASIS, 64, "", "lldp.med_policy", "TIA-1057 10.2.3", "Network policies: application, VLAN, priority and DSCP.") \
F(MED_LOCATION, STR, MANY, DEVICE, ASIS, 255, "", "lldp.med_location", "TIA-1057 10.2.4", "Where the port is: the parts of a civic address, or the octets of coordinates.") \
F(MED_ELIN, STR, ONE, QUASI, ASIS, 25, "", "lldp.med_elin", "TIA-1057 10.2.4", "Number that an emergency call from the port shows.") \
F(OTHER_TLV, STR, MANY, NONE, ASIS, 16, "", "lldp.other_tlv", "802.1AB 8.6", "Other organisations' parts, as organisation and subtype: 00-0e-cf.2.") \
F(RESERVED_TLV, U64, MANY, NONE, ASIS, 8, "", "lldp.reserved_tlv", "802.1AB 8.4.1", "Types that the standard reserves.")
/* clang-format on */

enum { LLDP_FIELDS(WT_FIELD_ENUM) LLDP_N_FIELDS };

#define LLDP_SETTER(id, type, mult, phi, declass, cap, unit, name, clause, doc)                \
	static inline void put_##id(struct wt_out *out, unsigned event, WT_CTYPE_##type value) \
	{                                                                                      \
		WT_PUT_##type(out, event, WT_FIELD_BASE + (unsigned)F_##id, value);            \
	}
LLDP_FIELDS(LLDP_SETTER)
#undef LLDP_SETTER

/* lldp_org.c: what an organisation defined; the reader begins at its code. */
void wt_lldp_organisation(struct wt_reader *v, struct wt_out *out, unsigned event);

#endif
