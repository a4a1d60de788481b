/* Fields and event types of the HTTP dissector.
 * Source: RFC 9110, RFC 9112, RFC 7617, RFC 7616, RFC 6750.
 * Trust: values are hostile bytes. PHI: URIs, cookies, referrers, bodies and whole header
 * blocks may hold patients' names and are direct; what names programs and hosts is not.
 * Memory: none. */
#ifndef HTTP_FIELDS_H
#define HTTP_FIELDS_H

#include "wardtap/dissector.h"

enum http_event_type {
	HTTP_EVENT_REQUEST,
	HTTP_EVENT_RESPONSE,
};

#define HTTP_MAIN_FIELDS(F)                                                                    \
	F(METHOD, STR, ONE, NONE, ASIS, 32, "", "http.method", "RFC 9110 9", "Method.")        \
	F(VERSION, STR, ONE, NONE, ASIS, 4, "", "http.version", "RFC 9112 2.3",                \
	  "Version of the message, e.g. 1.1; 0.9 for a bare line, 2 for the preface.")         \
	F(HOST, STR, ONE, DEVICE, ASIS, 255, "", "http.host", "RFC 9110 7.2",                  \
	  "Host header with its port as stated, or the authority of an absolute target.")      \
	F(USER_AGENT, STR, ONE, DEVICE, ASIS, 512, "", "http.user_agent", "RFC 9110 10.1.5",   \
	  "Program of the client as stated.")                                                  \
	F(STATUS, U64, ONE, NONE, ASIS, 8, "", "http.status", "RFC 9110 15", "Status code.")   \
	F(REQUEST_METHOD, STR, ONE, NONE, ASIS, 8, "", "http.request_method", "RFC 9110 9",    \
	  "In a response: the method it answers, where that matters (HEAD, CONNECT).")         \
	F(SERVER, STR, ONE, DEVICE, ASIS, 255, "", "http.server", "RFC 9110 10.2.4",           \
	  "Program of the server as stated.")                                                  \
	F(POWERED_BY, STR, ONE, DEVICE, ASIS, 255, "", "http.powered_by", "wardtap",           \
	  "X-Powered-By as stated.")                                                           \
	F(CONTENT_TYPE, STR, ONE, NONE, ASIS, 255, "", "http.content_type", "RFC 9110 8.3",    \
	  "Media type of the body, with those parameters that name nothing.")                  \
	F(PERSONAL_HOST, STR, ONE, QUASI, ASIS, 255, "", "http.personal_host",                 \
	  "RFC 9110 7.2", "The Host header, where its name tells whose machine it is.")        \
	F(CONTENT_LENGTH, U64, ONE, NONE, ASIS, 8, "bytes", "http.content_length_bytes",       \
	  "RFC 9110 8.6", "Length of the body as stated.")                                     \
	F(ENCODING, STR, ONE, NONE, ASIS, 64, "", "http.content_encoding", "RFC 9110 8.4",     \
	  "Coding of the body, e.g. gzip.")                                                    \
	F(IS_CHUNKED, BOOL, ONE, NONE, ASIS, 1, "", "http.is_chunked", "RFC 9112 7.1",         \
	  "The body comes in chunks.")                                                         \
	F(UPGRADE, STR, ONE, NONE, ASIS, 64, "", "http.upgrade", "RFC 9110 7.8",               \
	  "Protocol asked for or changed to.")                                                 \
	F(SERVICE, STR, ONE, NONE, ASIS, 24, "", "http.service", "wardtap",                    \
	  "What is spoken inside, in fixed words: dicomweb-qido, dicomweb-wado, fhir, soap, "  \
	  "ihe-pcd, sdc, onvif, upnp, ipp, webdav, websocket, ...")                            \
	F(RESOURCE, STR, ONE, NONE, ASIS, 32, "", "http.resource", "wardtap",                  \
	  "Kind of resource that a FHIR or DICOMweb path names, in the standard's words.")     \
	F(SOAP_ACTION, STR, ONE, DEVICE, ASIS, 255, "", "http.soap_action", "SOAP 1.2-2 6.5",  \
	  "Action of a SOAP message.")                                                         \
	F(AUTH_SCHEME, STR, ONE, NONE, ASIS, 24, "", "http.auth_scheme", "RFC 9110 11.1",      \
	  "Scheme of the credentials sent or asked for.")                                      \
	F(IS_BASIC_AUTH, BOOL, ONE, NONE, ASIS, 1, "", "http.is_basic_auth", "RFC 7617",       \
	  "A password was sent that everybody on the wire can read.")                          \
	F(REALM, STR, ONE, DEVICE, ASIS, 128, "", "http.realm", "RFC 9110 11.5",               \
	  "Realm that a server asks a password for; often the product's name.")                \
	F(IS_CUT, BOOL, ONE, NONE, ASIS, 1, "", "http.is_cut", "wardtap",                      \
	  "The stream ended, or bytes were lost, inside the header or the body's start.")      \
	F(IS_LONG_HEADER, BOOL, ONE, NONE, ASIS, 1, "", "http.is_long_header", "wardtap",      \
	  "The header is so long that buffers hold its beginning only.")

#define HTTP_BUFFER_FIELDS(F)                                                                  \
	F(CONTENT_TYPE_RAW, STR, ONE, DIRECT, ASIS, 255, "", "http.content_type_raw",          \
	  "RFC 9110 8.3", "Content-Type as sent, for rules.")                                  \
	F(URI, STR, ONE, DIRECT, ASIS, 4096, "", "http.uri", "RFC 3986 6.2.2",                 \
	  "Target: path decoded, dot segments and double slashes removed; query as sent.")     \
	F(URI_RAW, STR, ONE, DIRECT, ASIS, 4096, "", "http.uri_raw", "RFC 9112 3.2",           \
	  "Target as sent.")                                                                   \
	F(REQUEST_LINE, STR, ONE, DIRECT, ASIS, 4096, "", "http.request_line", "RFC 9112 3",   \
	  "Request line as sent.")                                                             \
	F(RESPONSE_LINE, STR, ONE, DIRECT, ASIS, 1024, "", "http.response_line", "RFC 9112 4", \
	  "Status line as sent.")                                                              \
	F(PROTOCOL, STR, ONE, DIRECT, ASIS, 16, "", "http.protocol", "RFC 9112 2.3",           \
	  "Protocol word as sent, e.g. HTTP/1.1.")                                             \
	F(STAT_CODE, STR, ONE, DIRECT, ASIS, 8, "", "http.stat_code", "RFC 9112 4",            \
	  "Status code as sent.")                                                              \
	F(STAT_MSG, STR, ONE, DIRECT, ASIS, 255, "", "http.stat_msg", "RFC 9112 4",            \
	  "Reason phrase as sent.")                                                            \
	F(HEADER, STR, ONE, DIRECT, ASIS, 4096, "", "http.header", "RFC 9112 5",               \
	  "All headers but cookies, lines unfolded and ended by CR LF.")                       \
	F(HEADER_RAW, STR, ONE, DIRECT, ASIS, 4096, "", "http.header_raw", "RFC 9112 5",       \
	  "All headers as sent.")                                                              \
	F(HEADER_NAMES, STR, ONE, DIRECT, ASIS, 1024, "", "http.header_names", "RFC 9112 5",   \
	  "Names of the headers in order, CR LF before, between and twice after them.")        \
	F(COOKIE, STR, ONE, DIRECT, PRESENT, 1024, "", "http.cookie", "RFC 6265 4",            \
	  "First cookie header.")                                                              \
	F(REFERER, STR, ONE, DIRECT, ASIS, 1024, "", "http.referer", "RFC 9110 10.1.3",        \
	  "Where the client came from.")                                                       \
	F(ACCEPT, STR, ONE, DIRECT, ASIS, 512, "", "http.accept", "RFC 9110 12.5.1",           \
	  "Media types wanted.")                                                               \
	F(ACCEPT_LANG, STR, ONE, DIRECT, ASIS, 255, "", "http.accept_lang", "RFC 9110 12.5.4", \
	  "Languages wanted.")                                                                 \
	F(ACCEPT_ENC, STR, ONE, DIRECT, ASIS, 255, "", "http.accept_enc", "RFC 9110 12.5.3",   \
	  "Codings wanted.")                                                                   \
	F(CONTENT_LEN, STR, ONE, DIRECT, ASIS, 64, "", "http.content_len", "RFC 9110 8.6",     \
	  "Content-Length as sent.")                                                           \
	F(CONNECTION, STR, ONE, DIRECT, ASIS, 128, "", "http.connection", "RFC 9110 7.6.1",    \
	  "Connection header as sent.")                                                        \
	F(LOCATION, STR, ONE, DIRECT, ASIS, 1024, "", "http.location", "RFC 9110 10.2.2",      \
	  "Where the server sends the client.")                                                \
	F(FORWARDED, STR, ONE, DIRECT, ASIS, 255, "", "http.forwarded_for", "RFC 7239",        \
	  "X-Forwarded-For as sent.")                                                          \
	F(REQUEST_BODY, STR, ONE, DIRECT, PRESENT, 4096, "", "http.request_body",              \
	  "RFC 9112 6", "First bytes of the body, without chunk headers.")                     \
	F(RESPONSE_BODY, STR, ONE, DIRECT, PRESENT, 4096, "", "http.response_body",            \
	  "RFC 9112 6", "First bytes of the body, without chunk headers.")

#define HTTP_FIELDS(F) HTTP_MAIN_FIELDS(F) HTTP_BUFFER_FIELDS(F)

enum { HTTP_FIELDS(WT_FIELD_ENUM) HTTP_N_FIELDS };

/* Inline, since the files of this dissector share them. */
#define HTTP_SETTER(id, type, mult, phi, declass, cap, unit, name, clause, doc)                \
	static inline void put_##id(struct wt_out *out, unsigned event, WT_CTYPE_##type value) \
	{                                                                                      \
		WT_PUT_##type(out, event, WT_FIELD_BASE + (unsigned)F_##id, value);            \
	}
HTTP_FIELDS(HTTP_SETTER)
#undef HTTP_SETTER

#endif
