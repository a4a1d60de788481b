/* Private fields of LDAP: rows, ids and setters for all rooms of the dissector. The table
 * itself lives in ldap.c. */
#ifndef WARDTAP_LDAP_FIELDS_H
#define WARDTAP_LDAP_FIELDS_H

#include "wardtap/dissector.h"

/* clang-format off */
#define LDAP_FIELDS(F) \
F(OPERATION, STR, ONE, NONE, ASIS, 24, "", "ldap.operation", "RFC 4511 4.2 - 4.13", "What is asked or answered: bind_request, search_request, search_result_done, ...") \
F(OPERATION_CODE, U64, ONE, NONE, ASIS, 8, "", "ldap.operation_code", "RFC 4511 4.2 - 4.13", "Number of the operation (its application tag).") \
F(MESSAGE_ID, U64, ONE, NONE, ASIS, 8, "", "ldap.message_id", "RFC 4511 4.1.1.1", "Number that request and answers share.") \
F(VERSION, U64, ONE, NONE, ASIS, 8, "", "ldap.version", "RFC 4511 4.2", "Protocol version of a bind.") \
F(BIND_TYPE, STR, ONE, NONE, ASIS, 16, "", "ldap.bind_type", "RFC 4513 5.1, 5.2", "anonymous, unauthenticated (a name without a password), simple, sasl.") \
F(BIND_DN, STR, ONE, QUASI, ASIS, 255, "", "ldap.bind_dn", "RFC 4511 4.2", "Name of who signs on.") \
F(SASL_MECHANISM, STR, ONE, NONE, ASIS, 20, "", "ldap.sasl_mechanism", "RFC 4422 3.1", "Mechanism of a SASL bind.") \
F(AUTH_MECHS, STR, MANY, NONE, ASIS, 16, "", "ldap.auth_mechs", "RFC 4178 4.2", "Mechanisms named in a SPNEGO token.") \
F(NTLMSSP_TYPE, STR, ONE, NONE, ASIS, 16, "", "ldap.ntlmssp_type", "MS-NLMP 2.2.1", "NEGOTIATE, CHALLENGE or AUTHENTICATE.") \
F(IS_NTLMV1, BOOL, ONE, NONE, ASIS, 1, "", "ldap.is_ntlmv1", "MS-NLMP 3.3.1", "The answer to the challenge is of NTLM version 1, which is broken.") \
F(RESULT_CODE, U64, ONE, NONE, ASIS, 8, "", "ldap.result_code", "RFC 4511 4.1.9", "Outcome; 0 success.") \
F(RESULT, STR, ONE, NONE, ASIS, 32, "", "ldap.result", "RFC 4511 4.1.9, appendix A", "The outcome in words, where it is a frequent one.") \
F(DIAGNOSTIC, STR, ONE, DIRECT, PRESENT, 255, "", "ldap.diagnostic", "RFC 4511 4.1.9", "Free text of the server.") \
F(DN, STR, ONE, DIRECT, ASIS, 512, "", "ldap.dn", "RFC 4511 4.1.3", "Entry that is searched from, changed, added, deleted or compared, for rules.") \
F(SCOPE, STR, ONE, NONE, ASIS, 16, "", "ldap.scope", "RFC 4511 4.5.1.2", "base, one, sub, children.") \
F(FILTER, STR, ONE, DIRECT, ASIS, 1024, "", "ldap.filter", "RFC 4511 4.5.1.7, RFC 4515", "What is searched for, in text, for rules.") \
F(ATTRIBUTES, STR, MANY, DEVICE, ASIS, 40, "", "ldap.attributes", "RFC 4511 4.5.1.8", "Attributes asked for; the first 16.") \
F(IS_ROOT_DSE, BOOL, ONE, NONE, ASIS, 1, "", "ldap.is_root_dse", "RFC 4512 5.1", "The server is asked, or tells, what it is.") \
F(ENTRIES, U64, ONE, NONE, ASIS, 8, "", "ldap.entries", "RFC 4511 4.5.2", "Entries that came before the end of a search.") \
F(EXTENDED_OID, STR, ONE, NONE, ASIS, 48, "", "ldap.extended_oid", "RFC 4511 4.12", "Kind of an extended operation.") \
F(IS_STARTTLS, BOOL, ONE, NONE, ASIS, 1, "", "ldap.is_starttls", "RFC 4511 4.14", "TLS is asked for or begins.") \
F(IS_WRAPPED, BOOL, ONE, NONE, ASIS, 1, "", "ldap.is_wrapped", "RFC 4422 3.7", "What follows in this direction is inside a security layer of SASL; said once.") \
F(NAMING_CONTEXT, STR, MANY, DEVICE, ASIS, 255, "", "ldap.naming_context", "RFC 4512 5.1", "Trees that the server holds.") \
F(SASL_OFFERED, STR, MANY, NONE, ASIS, 20, "", "ldap.sasl_offered", "RFC 4512 5.1", "SASL mechanisms that the server offers.") \
F(SITE, STR, ONE, DEVICE, ASIS, 64, "", "ldap.site", "MS-ADTS 6.3.1.9", "Site of the domain controller.") \
F(FOREST, STR, ONE, DEVICE, ASIS, 255, "", "ldap.forest", "MS-ADTS 6.3.1.9", "Forest of the domain controller.")
/* clang-format on */

enum ldap_field { LDAP_FIELDS(WT_FIELD_ENUM) LDAP_N_FIELDS };

/* Several rooms share the setters, and none uses all. */
#define LDAP_FIELD_SETTER(id, type, mult, phi, declass, cap, unit, name, clause, doc)          \
	static inline void put_##id(struct wt_out *out, unsigned event, WT_CTYPE_##type value) \
	{                                                                                      \
		WT_PUT_##type(out, event, WT_FIELD_BASE + (unsigned)F_##id, value);            \
	}
LDAP_FIELDS(LDAP_FIELD_SETTER)

/* ldap_search.c: body of a search request, and of an entry that tells of the server. */
void ldap_search_request(struct wt_out *out, unsigned event, struct wt_slice body);
void ldap_server_entry(struct wt_out *out, unsigned event, struct wt_slice attributes);

#endif
