/* Which variables tell what a device is.
 * Source: RFC 3418 (system), RFC 2863 (ifTable), RFC 2790 (hrDeviceTable), RFC 1628
 * (upsIdent), RFC 3805 (prtGeneralSerialNumber), RFC 6933 (entPhysicalTable), RFC 3418
 * (snmpTrapOID). Trust: identifiers are hostile bytes. Memory: none. */
#include "snmp_fields.h"

/* Identifiers as encoded, without the index. All begin with 1.3.6.1. */
static const struct row {
	enum snmp_meaning meaning;
	uint8_t len;
	char oid[12];
} rows[] = {
	{ SNMP_SYS_DESCR, 7, "\x2b\x06\x01\x02\x01\x01\x01" },
	{ SNMP_SYS_OBJECT_ID, 7, "\x2b\x06\x01\x02\x01\x01\x02" },
	{ SNMP_SYS_CONTACT, 7, "\x2b\x06\x01\x02\x01\x01\x04" },
	{ SNMP_SYS_NAME, 7, "\x2b\x06\x01\x02\x01\x01\x05" },
	{ SNMP_SYS_LOCATION, 7, "\x2b\x06\x01\x02\x01\x01\x06" },
	{ SNMP_IF_MAC, 9, "\x2b\x06\x01\x02\x01\x02\x02\x01\x06" },
	{ SNMP_HR_DEVICE, 10, "\x2b\x06\x01\x02\x01\x19\x03\x02\x01\x03" },
	{ SNMP_VENDOR, 9, "\x2b\x06\x01\x02\x01\x21\x01\x01\x01" },
	{ SNMP_MODEL, 9, "\x2b\x06\x01\x02\x01\x21\x01\x01\x02" },
	{ SNMP_SOFTWARE, 9, "\x2b\x06\x01\x02\x01\x21\x01\x01\x03" },
	{ SNMP_SERIAL, 10, "\x2b\x06\x01\x02\x01\x2b\x05\x01\x01\x11" },
	{ SNMP_ENTITY_HARDWARE, 11, "\x2b\x06\x01\x02\x01\x2f\x01\x01\x01\x01\x08" },
	{ SNMP_ENTITY_SOFTWARE, 11, "\x2b\x06\x01\x02\x01\x2f\x01\x01\x01\x01\x09" },
	{ SNMP_ENTITY_SOFTWARE, 11, "\x2b\x06\x01\x02\x01\x2f\x01\x01\x01\x01\x0a" },
	{ SNMP_ENTITY_SERIAL, 11, "\x2b\x06\x01\x02\x01\x2f\x01\x01\x01\x01\x0b" },
	{ SNMP_ENTITY_VENDOR, 11, "\x2b\x06\x01\x02\x01\x2f\x01\x01\x01\x01\x0c" },
	{ SNMP_ENTITY_MODEL, 11, "\x2b\x06\x01\x02\x01\x2f\x01\x01\x01\x01\x0d" },
	{ SNMP_TRAP_OID, 9, "\x2b\x06\x01\x06\x03\x01\x01\x04\x01" },
};

enum snmp_meaning wt_snmp_meaning(struct wt_slice oid, bool *is_chassis)
{
	size_t i;

	*is_chassis = false;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct row *row = &rows[i];

		if (oid.len <= row->len ||
		    !wt_slice_starts(oid, wt_slice_of(row->oid, row->len)))
			continue;
		*is_chassis = oid.len == row->len + 1u && oid.ptr[row->len] == 1;
		return row->meaning;
	}
	return SNMP_NOTHING;
}
