/* Fields and state of the SMTP dissector.
 * Source: RFC 5321, 5322, 2045 to 2049, 2183, 3030, 3207, 4954, 2920.
 * Trust: values are hostile bytes. PHI: addresses name persons (quasi); subjects, file
 * names, texts are direct; what program writes and relays is not. */
#ifndef SMTP_FIELDS_H
#define SMTP_FIELDS_H

#include "wardtap/line.h"

#define SMTP_FIELDS(F)                                                                         \
	F(STEP, STR, ONE, NONE, ASIS, 12, "", "smtp.step", "wardtap",                          \
	  "greeting, hello, auth, starttls, probe (VRFY, EXPN), mail, attachment, reply.")     \
	F(HELO, STR, ONE, DEVICE, ASIS, 255, "", "smtp.helo", "RFC 5321 4.1.1.1",              \
	  "Name that the client gives, as far as it is no person's.")                          \
	F(CODE, U64, ONE, NONE, ASIS, 8, "", "smtp.code", "RFC 5321 4.2",                      \
	  "Code of the reply.")                                                                \
	F(COMMAND, STR, ONE, NONE, ASIS, 10, "", "smtp.command", "RFC 5321 4.1",               \
	  "Command that the reply answers.")                                                   \
	F(MECHANISM, STR, ONE, NONE, ASIS, 16, "", "smtp.auth_mechanism", "RFC 4954 4",        \
	  "SASL mechanism: PLAIN, LOGIN, CRAM-MD5, ..., or other.")                            \
	F(OFFERS_TLS, BOOL, ONE, NONE, ASIS, 1, "", "smtp.offers_starttls", "RFC 3207 4",      \
	  "The server offers STARTTLS.")                                                       \
	F(MAIL_FROM, STR, ONE, QUASI, ASIS, 255, "", "smtp.mail_from", "RFC 5321 4.1.1.2",     \
	  "Sender of the envelope.")                                                           \
	F(RCPT_TO, STR, MANY, QUASI, ASIS, 255, "", "smtp.rcpt_to", "RFC 5321 4.1.1.3",        \
	  "Recipients of the envelope, 32 at most.")                                           \
	F(N_RCPTS, U64, ONE, NONE, ASIS, 8, "", "smtp.n_rcpts", "RFC 5321 4.1.1.3",            \
	  "How many recipients there are.")                                                    \
	F(DATA_BYTES, U64, ONE, NONE, ASIS, 8, "bytes", "smtp.data_bytes", "RFC 5321 4.1.1.4", \
	  "Length of the message.")                                                            \
	F(N_ATTACHMENTS, U64, ONE, NONE, ASIS, 8, "", "smtp.n_attachments", "RFC 2183",        \
	  "Parts of the message that have a file name.")                                       \
	F(USER_AGENT, STR, ONE, DEVICE, ASIS, 128, "", "smtp.user_agent", "RFC 5322 3.6.8",    \
	  "X-Mailer or User-Agent header.")                                                    \
	F(RECEIVED_SOFTWARE, STR, MANY, DEVICE, ASIS, 64, "", "smtp.received_software",        \
	  "RFC 5321 4.4", "Programs of the relays, from Received headers.")                    \
	F(FROM, STR, ONE, QUASI, ASIS, 255, "", "smtp.header_from", "RFC 5322 3.6.2",          \
	  "From header.")                                                                      \
	F(SUBJECT, STR, ONE, DIRECT, ASIS, 998, "", "smtp.subject", "RFC 5322 3.6.5",          \
	  "Subject header.")                                                                   \
	F(CONTENT_TYPE, STR, ONE, NONE, ASIS, 40, "", "smtp.content_type", "RFC 2045 5",       \
	  "Media type of the message, or of the attachment.")                                  \
	F(RAW_HELO, STR, ONE, DIRECT, ASIS, 512, "", "smtp.helo_raw", "RFC 5321 4.1.1.1",      \
	  "Argument of HELO or EHLO, for rules.")                                              \
	F(RAW_REPLY, STR, ONE, DIRECT, ASIS, 512, "", "smtp.reply", "RFC 5321 4.2",            \
	  "Text of the reply's first line.")

enum smtp_verb {
	SMTP_NONE,
	SMTP_OTHER,
	SMTP_EHLO,
	SMTP_HELO,
	SMTP_MAIL,
	SMTP_RCPT,
	SMTP_DATA,
	SMTP_BDAT,
	SMTP_RSET,
	SMTP_QUIT,
	SMTP_NOOP,
	SMTP_VRFY,
	SMTP_EXPN,
	SMTP_HELP,
	SMTP_AUTH,
	SMTP_STARTTLS,
	SMTP_LHLO,
	SMTP_N_VERBS
};

enum smtp_phase {
	SMTP_AT_COMMAND,
	SMTP_AT_AUTH,      /* responses of an authentication */
	SMTP_AT_DATA_WAIT, /* DATA was sent: mail, unless it was refused */
	SMTP_AT_HEADERS,   /* of the message or of a part */
	SMTP_AT_BODY,
	SMTP_AT_BOUNDARY, /* behind a line that may part the message */
};

enum smtp_header {
	SMTP_H_NONE,
	SMTP_H_SUBJECT,
	SMTP_H_FROM,
	SMTP_H_MAILER,
	SMTP_H_RECEIVED,
	SMTP_H_TYPE,
	SMTP_H_DISPOSITION,
	SMTP_H_ENCODING,
};

#define SMTP_LINE 2048u    /* kept of a line, bytes; RFC 5321 allows 1000 */
#define SMTP_RCPTS_MAX 32u /* told of one message */
#define SMTP_FILES_MAX 24u /* attachments told of one message */
#define SMTP_HEAD 256u     /* decoded bytes of an attachment that are looked at */
#define SMTP_NAME 255u

struct smtp_state {
	bool is_cut[2];
	uint8_t phase;
	struct wt_pending pending;
	bool has_greeting, is_data_refused, is_data_granted;
	/* authentication */
	uint8_t mechanism, auth_left, auth_event;
	/* reply that is open */
	bool is_reply_open;
	uint8_t reply_event, reply_verb;
	uint16_t reply_code;
	/* message */
	bool is_mail_open, is_mail_due, is_chunked, is_last_chunk, is_first_part, has_received;
	uint8_t mail_event, n_files;
	uint8_t header;
	uint32_t n_rcpts;
	uint64_t data_bytes, chunk_left;
	/* part of the message */
	bool is_part_base64, has_name, is_head_done;
	uint8_t name_len, type_len;
	uint16_t head_len;
	uint8_t quad_len, quad[4];
	uint8_t name[SMTP_NAME];
	uint8_t type[40];
	uint8_t head[SMTP_HEAD];
};

/* smtp_mail.c: a line of the message. */
void smtp_mail_begin(struct smtp_state *s);
void smtp_mail_line(struct smtp_state *s, struct wt_slice line, struct wt_out *out);
void smtp_mail_end(struct smtp_state *s, struct wt_out *out);

/* Decodes base64 into `b`, in quads that may be parted by anything; *quad_len and quad
 * carry over. */
void smtp_base64(struct wt_slice text, uint8_t quad[4], uint8_t *quad_len,
		 struct wt_builder *b);

/* smtp_probe.c */
enum wt_verdict smtp_probe(struct wt_slice head);
size_t smtp_resync(struct wt_slice rest);

/* Name of an enum smtp_verb; the verb that a line begins with. */
struct wt_slice smtp_verb_name(unsigned verb);
enum smtp_verb smtp_verb_of(struct wt_slice line);

/* Has the line the shape of a reply? Its code. Is it this word, whatever the case? */
bool smtp_is_code(struct wt_slice line);
unsigned smtp_code_of(struct wt_slice line);
bool smtp_is_word(struct wt_slice s, const char *word);

#endif
