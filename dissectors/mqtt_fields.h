/* Fields and state of the MQTT dissector.
 * Source: MQTT 3.1 (IBM/Eurotech), MQTT 3.1.1 and MQTT 5.0 (OASIS).
 * Trust: values are hostile bytes. PHI: topics and client ids are made by people: they
 * hold beds, patients, phones, so they leave as pseudonyms only; messages never leave. */
#ifndef MQTT_FIELDS_H
#define MQTT_FIELDS_H

#include "wardtap/line.h"

#define MQTT_STRING 2048u /* kept of a string or message, bytes */

#define MQTT_FIELDS(F)                                                                         \
	F(PACKET, STR, ONE, NONE, ASIS, 12, "", "mqtt.packet", "MQTT 5.0 2.1.2",               \
	  "connect, connack, publish, subscribe, suback, unsubscribe, disconnect, auth; "      \
	  "totals at the end of the flow.")                                                    \
	F(VERSION, U64, ONE, NONE, ASIS, 8, "", "mqtt.protocol_version", "MQTT 5.0 3.1.2.2",   \
	  "3 (3.1), 4 (3.1.1) or 5.")                                                          \
	F(CLIENT_ID, STR, ONE, QUASI, ASIS, 256, "", "mqtt.client_id", "MQTT 5.0 3.1.3.1",     \
	  "Client identifier, or the one that the server assigned.")                           \
	F(KEEP_ALIVE, U64, ONE, NONE, ASIS, 8, "s", "mqtt.keep_alive_s", "MQTT 5.0 3.1.2.10",  \
	  "Longest silence that the client promises.")                                         \
	F(IS_CLEAN, BOOL, ONE, NONE, ASIS, 1, "", "mqtt.is_clean_start", "MQTT 5.0 3.1.2.4",   \
	  "The client wants a new session.")                                                   \
	F(HAS_PASSWORD, BOOL, ONE, NONE, ASIS, 1, "", "mqtt.has_password", "MQTT 5.0 3.1.2.9", \
	  "The client sends a password.")                                                      \
	F(IS_ANONYMOUS, BOOL, ONE, NONE, ASIS, 1, "", "mqtt.is_anonymous", "MQTT 5.0 3.1.2.8", \
	  "The client sends neither user name nor password.")                                  \
	F(HAS_WILL, BOOL, ONE, NONE, ASIS, 1, "", "mqtt.has_will", "MQTT 5.0 3.1.2.5",         \
	  "The server is to publish a message when the client is gone.")                       \
	F(REASON_CODE, U64, ONE, NONE, ASIS, 8, "", "mqtt.reason_code", "MQTT 5.0 2.4",        \
	  "Return or reason code; 0: accepted.")                                               \
	F(SESSION_PRESENT, BOOL, ONE, NONE, ASIS, 1, "", "mqtt.session_present",               \
	  "MQTT 5.0 3.2.2.1", "The server goes on with an older session.")                     \
	F(TOPIC, STR, MANY, QUASI, ASIS, 256, "", "mqtt.topic", "MQTT 5.0 4.7",                \
	  "Topic, or topic filters.")                                                          \
	F(WILL_TOPIC, STR, ONE, QUASI, ASIS, 256, "", "mqtt.will_topic", "MQTT 5.0 3.1.3.3",   \
	  "Topic that the server publishes when the client is gone.")                          \
	F(TOPIC_ALIAS, U64, ONE, NONE, ASIS, 8, "", "mqtt.topic_alias", "MQTT 5.0 3.3.2.3.4",  \
	  "Number that stands for the topic on this connection.")                              \
	F(N_TOPICS, U64, ONE, NONE, ASIS, 8, "", "mqtt.n_topics", "MQTT 5.0 3.8.3",            \
	  "Topic filters in the packet.")                                                      \
	F(IS_WILDCARD, BOOL, ONE, NONE, ASIS, 1, "", "mqtt.wants_everything",                  \
	  "MQTT 5.0 4.7.1.2", "A filter is '#' or '+/#': all that is published.")              \
	F(IS_SYS, BOOL, ONE, NONE, ASIS, 1, "", "mqtt.wants_sys", "MQTT 5.0 4.7.2",            \
	  "A filter asks for the server's own $SYS topics.")                                   \
	F(QOS, U64, ONE, NONE, ASIS, 8, "", "mqtt.qos", "MQTT 5.0 4.3",                        \
	  "Quality of service: 0, 1 or 2; of filters the highest.")                            \
	F(IS_RETAINED, BOOL, ONE, NONE, ASIS, 1, "", "mqtt.is_retained", "MQTT 5.0 3.3.1.3",   \
	  "The message is kept for later subscribers, or was.")                                \
	F(IS_DUP, BOOL, ONE, NONE, ASIS, 1, "", "mqtt.is_dup", "MQTT 5.0 3.3.1.1",             \
	  "The message is sent again.")                                                        \
	F(MESSAGE_BYTES, U64, ONE, NONE, ASIS, 8, "bytes", "mqtt.message_bytes",               \
	  "MQTT 5.0 3.3.3", "Length of the message.")                                          \
	F(MESSAGE_KIND, STR, ONE, NONE, ASIS, 16, "", "mqtt.message_kind", "wardtap",          \
	  "Kind of file that the message begins like, or json.")                               \
	F(N_USER_PROPERTIES, U64, ONE, NONE, ASIS, 8, "", "mqtt.n_user_properties",            \
	  "MQTT 5.0 2.2.2.2", "User properties in the packet.")                                \
	F(CONTENT_TYPE, STR, ONE, NONE, ASIS, 64, "", "mqtt.content_type",                     \
	  "MQTT 5.0 3.3.2.3.9", "Content type of the message as stated.")                      \
	F(AUTH_METHOD, STR, ONE, NONE, ASIS, 64, "", "mqtt.auth_method",                       \
	  "MQTT 5.0 3.1.2.11.9", "Method of an extended authentication.")                      \
	F(PACKETS_TOSERVER, U64, ONE, NONE, ASIS, 8, "packets", "mqtt.packets_toserver",       \
	  "wardtap", "Packets of the client, all kinds.")                                      \
	F(PACKETS_TOCLIENT, U64, ONE, NONE, ASIS, 8, "packets", "mqtt.packets_toclient",       \
	  "wardtap", "Packets of the server, all kinds.")                                      \
	F(PUBLISHED_TOSERVER, U64, ONE, NONE, ASIS, 8, "packets", "mqtt.published_toserver",   \
	  "wardtap", "Messages that the client published.")                                    \
	F(PUBLISHED_TOCLIENT, U64, ONE, NONE, ASIS, 8, "packets", "mqtt.published_toclient",   \
	  "wardtap", "Messages that the client was sent.")                                     \
	F(RAW_CLIENT_ID, STR, ONE, DIRECT, ASIS, 2048, "", "mqtt.connect_clientid",            \
	  "MQTT 5.0 3.1.3.1", "Client identifier, for rules.")                                 \
	F(RAW_USER, STR, ONE, DIRECT, ASIS, 2048, "", "mqtt.connect_username",                 \
	  "MQTT 5.0 3.1.3.5", "User name, for rules.")                                         \
	F(RAW_WILL_TOPIC, STR, ONE, DIRECT, ASIS, 2048, "", "mqtt.connect_willtopic",          \
	  "MQTT 5.0 3.1.3.3", "Topic of the will, for rules.")                                 \
	F(RAW_WILL_MESSAGE, STR, ONE, DIRECT, ASIS, 2048, "", "mqtt.connect_willmessage",      \
	  "MQTT 5.0 3.1.3.4", "First bytes of the will, for rules.")                           \
	F(RAW_TOPIC, STR, ONE, DIRECT, ASIS, 2048, "", "mqtt.publish_topic",                   \
	  "MQTT 5.0 3.3.2.1", "Topic of the message, for rules.")                              \
	F(RAW_MESSAGE, STR, ONE, DIRECT, ASIS, 2048, "", "mqtt.publish_message",               \
	  "MQTT 5.0 3.3.3", "First bytes of the message, for rules.")                          \
	F(RAW_FILTER, STR, MANY, DIRECT, ASIS, 2048, "", "mqtt.subscribe_topic",               \
	  "MQTT 5.0 3.8.3", "Topic filters subscribed to, for rules.")                         \
	F(RAW_UNFILTER, STR, MANY, DIRECT, ASIS, 2048, "", "mqtt.unsubscribe_topic",           \
	  "MQTT 5.0 3.10.3", "Topic filters given up, for rules.")                             \
	F(RAW_REASON, STR, ONE, DIRECT, ASIS, 256, "", "mqtt.reason_string",                   \
	  "MQTT 5.0 3.2.2.3.9", "Reason as text.")

enum mqtt_type {
	MQTT_CONNECT = 1,
	MQTT_CONNACK,
	MQTT_PUBLISH,
	MQTT_PUBACK,
	MQTT_PUBREC,
	MQTT_PUBREL,
	MQTT_PUBCOMP,
	MQTT_SUBSCRIBE,
	MQTT_SUBACK,
	MQTT_UNSUBSCRIBE,
	MQTT_UNSUBACK,
	MQTT_PINGREQ,
	MQTT_PINGRESP,
	MQTT_DISCONNECT,
	MQTT_AUTH,
};

/* What comes next in the packet. */
enum mqtt_at {
	MQTT_AT_HEAD,       /* fixed header */
	MQTT_AT_VARIABLE,   /* first part of the variable header */
	MQTT_AT_ID,         /* packet identifier */
	MQTT_AT_PROPERTIES, /* length of the properties */
	MQTT_AT_PROPERTY,
	MQTT_AT_CLIENT_ID,
	MQTT_AT_WILL_PROPERTIES,
	MQTT_AT_WILL_TOPIC,
	MQTT_AT_WILL_MESSAGE,
	MQTT_AT_USER,
	MQTT_AT_PASSWORD,
	MQTT_AT_MESSAGE,
	MQTT_AT_FILTER,
	MQTT_AT_CODES,
	MQTT_AT_REST, /* passed over */
};

struct mqtt_dir {
	uint32_t left;       /* bytes of the packet not consumed */
	uint32_t props_left; /* of its properties */
	uint32_t n_packets, n_published;
	uint32_t n_user_properties;
	uint32_t n_topics;
	uint8_t at, then; /* enum mqtt_at; `then` follows the properties */
	uint8_t type, flags, connect_flags;
	uint8_t event;
	uint8_t qos;
	bool is_open;
	bool is_value_due; /* of a user property */
};

struct mqtt_state {
	struct mqtt_dir dir[2];
	uint8_t version; /* 0: not seen */
};

/* A string's beginning, of which the rest is passed over. */
struct mqtt_text {
	struct wt_slice text;
	uint32_t len; /* with its length prefix */
};

/* mqtt_probe.c */
enum wt_verdict mqtt_probe(struct wt_slice head);
size_t mqtt_resync(struct wt_slice rest);

/* Are the low four bits of a first byte those that its type demands? */
bool mqtt_are_flags_right(uint8_t first);

/* A length of 1 to 4 bytes, and how many those were. WT_MALFORMED: it has more. */
enum wt_verdict mqtt_read_varint(struct wt_reader *r, uint32_t *value, uint32_t *len);

/* A string: as much of it as is looked at; the rest will be passed over. `room` is what
 * the packet has left for it. Nothing is consumed on WT_MORE. */
enum wt_verdict mqtt_read_string(struct wt_reader *r, struct wt_out *out, uint32_t room,
				 struct mqtt_text *t);

/* Name of a packet type that makes an event; NULL of one that is only counted. */
const char *mqtt_name_of(uint8_t type);
char mqtt_property_kind(uint8_t id);

#endif
