/* Fields of the SIP dissector.
 * Source: RFC 3261, 3581, 4566 (SDP), 8866.
 * Trust: values are hostile bytes. PHI: addresses are those of persons and beds (quasi),
 * URIs and reasons are direct; programs and media addresses are not. */
#ifndef SIP_FIELDS_H
#define SIP_FIELDS_H

#include "wardtap/line.h"

#define SIP_FIELDS(F)                                                                          \
	F(METHOD, STR, ONE, NONE, ASIS, 16, "", "sip.method", "RFC 3261 7.1",                  \
	  "Method of the request, or of the one answered (from CSeq); other when unknown.")    \
	F(CODE, U64, ONE, NONE, ASIS, 8, "", "sip.code", "RFC 3261 7.2",                       \
	  "Status code of the response.")                                                      \
	F(CSEQ, U64, ONE, NONE, ASIS, 8, "", "sip.cseq", "RFC 3261 8.1.1.5",                   \
	  "Sequence number of the request.")                                                   \
	F(FROM, STR, ONE, QUASI, ASIS, 255, "", "sip.from", "RFC 3261 8.1.1.3",                \
	  "Address of the From header, without display name and tag.")                         \
	F(TO, STR, ONE, QUASI, ASIS, 255, "", "sip.to", "RFC 3261 8.1.1.2",                    \
	  "Address of the To header, without display name and tag.")                           \
	F(CALL_ID, STR, ONE, QUASI, ASIS, 255, "", "sip.call_id", "RFC 3261 8.1.1.4",          \
	  "Call-ID: messages of one call share it.")                                           \
	F(CONTACT, STR, ONE, QUASI, ASIS, 255, "", "sip.contact", "RFC 3261 8.1.1.8",          \
	  "Address of the first Contact.")                                                     \
	F(CONTACT_HOST, STR, ONE, DEVICE, ASIS, 64, "", "sip.contact_host", "RFC 3261 19.1.1", \
	  "Host and port of the first Contact, where it is an address.")                       \
	F(VIA_HOST, STR, ONE, DEVICE, ASIS, 64, "", "sip.via_host", "RFC 3261 20.42",          \
	  "Host and port of the last hop, where it is an address.")                            \
	F(N_VIAS, U64, ONE, NONE, ASIS, 8, "", "sip.n_vias", "RFC 3261 20.42", "Hops so far.") \
	F(EXPIRES, U64, ONE, NONE, ASIS, 8, "s", "sip.expires_s", "RFC 3261 20.19",            \
	  "How long a registration is to last; 0 ends it.")                                    \
	F(CONTACT_EXPIRES, U64, ONE, NONE, ASIS, 8, "s", "sip.contact_expires_s",              \
	  "RFC 3261 20.10", "The same for the first Contact alone.")                           \
	F(REALM, STR, ONE, DEVICE, ASIS, 128, "", "sip.realm", "RFC 3261 22.4",                \
	  "Realm of a challenge or of its answer.")                                            \
	F(CONTENT_TYPE, STR, ONE, NONE, ASIS, 40, "", "sip.content_type", "RFC 3261 20.15",    \
	  "Media type of the body.")                                                           \
	F(BODY_BYTES, U64, ONE, NONE, ASIS, 8, "bytes", "sip.body_bytes", "RFC 3261 20.14",    \
	  "Length of the body as stated.")                                                     \
	F(MEDIA, STR, MANY, NONE, ASIS, 16, "", "sip.media_type", "RFC 8866 5.14",             \
	  "Media of the session: audio, video, image, ...; as many as ports.")                 \
	F(MEDIA_PORT, U64, MANY, NONE, ASIS, 8, "", "sip.media_port", "RFC 8866 5.14",         \
	  "Ports that the media are to be sent to; 0: refused.")                               \
	F(MEDIA_IP, STR, MANY, DEVICE, ASIS, 46, "", "sip.media_ip", "RFC 8866 5.7",           \
	  "Addresses that the media are to be sent to.")                                       \
	F(RAW_URI, STR, ONE, DIRECT, ASIS, 1024, "", "sip.uri", "RFC 3261 7.1",                \
	  "Request-URI.")                                                                      \
	F(REASON, STR, ONE, DIRECT, ASIS, 128, "", "sip.reason", "RFC 3261 7.2",               \
	  "Reason phrase of the response.")                                                    \
	F(RAW_LINE, STR, ONE, DIRECT, ASIS, 1024, "", "sip.start_line", "RFC 3261 7.1",        \
	  "Request line or status line, for rules.")                                           \
	F(RAW_UA, STR, ONE, DIRECT, ASIS, 512, "", "sip.ua", "RFC 3261 20.41",                 \
	  "User-Agent, for rules.")                                                            \
	F(RAW_SERVER, STR, ONE, DIRECT, ASIS, 512, "", "sip.server", "RFC 3261 20.35",         \
	  "Server, for rules.")

#endif
