/* Fields and state of the FTP dissector.
 * Source: RFC 959, 2228, 2389, 2428, 3659, 4217.
 * Trust: values are hostile bytes. PHI: arguments and replies hold paths, which hold
 * names; what program answers and where the data flows does not. */
#ifndef FTP_FIELDS_H
#define FTP_FIELDS_H

#include "wardtap/line.h"

#define FTP_FIELDS(F)                                                                          \
	F(COMMAND, STR, ONE, NONE, ASIS, 8, "", "ftp.command", "RFC 959 4.1",                  \
	  "Verb of the command, or of the one that a reply answers; OTHER when it is none "    \
	  "of the standards'.")                                                                \
	F(COMMAND_DATA, STR, ONE, DIRECT, ASIS, 4096, "", "ftp.command_data", "RFC 959 4.1",   \
	  "Argument of the command.")                                                          \
	F(CODE, U64, ONE, NONE, ASIS, 8, "", "ftp.completion_code", "RFC 959 4.2",             \
	  "Code of the reply.")                                                                \
	F(REPLY, STR, ONE, DIRECT, ASIS, 1024, "", "ftp.reply", "RFC 959 4.2",                 \
	  "Text of the reply's first line.")                                                   \
	F(REPLY_LINES, U64, ONE, NONE, ASIS, 8, "", "ftp.n_reply_lines", "RFC 959 4.2",        \
	  "Lines of a reply of more than one.")                                                \
	F(MODE, STR, ONE, NONE, ASIS, 8, "", "ftp.mode", "RFC 959 3.3",                        \
	  "active: the server opens the data connection; passive: the client does.")           \
	F(DATA_IP, STR, ONE, DEVICE, ASIS, 46, "", "ftp.data_ip", "RFC 959 4.1.2, RFC 2428",   \
	  "Address that the data connection goes to, as stated.")                              \
	F(DATA_PORT, U64, ONE, NONE, ASIS, 8, "", "ftp.data_port", "RFC 959 4.1.2, RFC 2428",  \
	  "Port that the data connection goes to.")                                            \
	F(AUTH, STR, ONE, NONE, ASIS, 8, "", "ftp.auth", "RFC 2228 3, RFC 4217 4",             \
	  "Security mechanism that AUTH asks for: TLS, SSL, GSSAPI or other.")                 \
	F(LOGIN, STR, ONE, NONE, ASIS, 8, "", "ftp.login", "RFC 959 5.4",                      \
	  "accepted or refused, in the reply that says so.")                                   \
	F(IS_ANONYMOUS, BOOL, ONE, NONE, ASIS, 1, "", "ftp.is_anonymous", "RFC 1635",          \
	  "The login is one that needs no password.")                                          \
	F(IS_TRAVERSAL, BOOL, ONE, NONE, ASIS, 1, "", "ftp.has_path_traversal", "wardtap",     \
	  "The path climbs with '..'.")

enum ftp_verb {
	FTP_NONE, /* no command known that the reply answers */
	FTP_OTHER,
	FTP_USER,
	FTP_PASS,
	FTP_ACCT,
	FTP_CWD,
	FTP_CDUP,
	FTP_SMNT,
	FTP_QUIT,
	FTP_REIN,
	FTP_PORT,
	FTP_PASV,
	FTP_TYPE,
	FTP_STRU,
	FTP_MODE,
	FTP_RETR,
	FTP_STOR,
	FTP_STOU,
	FTP_APPE,
	FTP_ALLO,
	FTP_REST,
	FTP_RNFR,
	FTP_RNTO,
	FTP_ABOR,
	FTP_DELE,
	FTP_RMD,
	FTP_MKD,
	FTP_PWD,
	FTP_LIST,
	FTP_NLST,
	FTP_SITE,
	FTP_SYST,
	FTP_STAT,
	FTP_HELP,
	FTP_NOOP,
	FTP_AUTH,
	FTP_ADAT,
	FTP_PROT,
	FTP_PBSZ,
	FTP_CCC,
	FTP_FEAT,
	FTP_OPTS,
	FTP_EPRT,
	FTP_EPSV,
	FTP_MDTM,
	FTP_SIZE,
	FTP_MLST,
	FTP_MLSD,
	FTP_MFMT,
	FTP_CLNT,
	FTP_XCWD,
	FTP_XMKD,
	FTP_XRMD,
	FTP_XPWD,
	FTP_XCUP,
	FTP_HOST,
	FTP_LANG,
	FTP_N_VERBS
};

#define FTP_LINE 2048u /* kept of a line, bytes */

struct ftp_state {
	struct wt_pending pending;
	bool is_cut[2]; /* the rest of a long line is being passed over */
	bool has_greeting;
	bool is_anonymous;
	bool asks_tls;
	uint8_t event; /* of the reply that is open */
	bool is_open;
	uint16_t code; /* of the open reply */
	uint32_t n_lines;
	uint8_t user_len;
	uint8_t user[64];
};

/* ftp_probe.c */
enum wt_verdict ftp_probe(struct wt_slice head);
size_t ftp_resync(struct wt_slice rest);

/* A verb's name ("OTHER" where it is none of the standards'), and back. */
struct wt_slice ftp_verb_name(enum ftp_verb verb);
enum ftp_verb ftp_verb_of(struct wt_slice word);

/* Has the line the shape of a command, of a reply? The code of a reply. */
bool ftp_is_command(struct wt_slice line);
bool ftp_is_code(struct wt_slice line);
unsigned ftp_code_of(struct wt_slice line);

#endif
