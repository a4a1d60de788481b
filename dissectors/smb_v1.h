/* What the rooms of SMB 1 share. */
#ifndef WARDTAP_SMB_V1_H
#define WARDTAP_SMB_V1_H

#include "smb_state.h"

#define SMB_V1_TEXT 1024u

/* A command of the chain: its words and bytes. */
struct smb_block {
	struct wt_reader words, bytes;
	uint8_t n_words;
	uint8_t command;
};

/* The next NUL-terminated text of the bytes, in `room` (SMB_V1_TEXT): Unicode at an even
 * place, or OEM. */
struct wt_slice smb_v1_text(const struct smb_unit *u, struct smb_block *b, uint8_t *room,
			    bool is_unicode);

void smb_v1_negotiate_request(struct smb_unit *u, struct smb_block *b);
void smb_v1_negotiate_answer(struct smb_unit *u, struct smb_block *b, bool is_extended);
void smb_v1_session_request(struct smb_unit *u, struct smb_block *b);
void smb_v1_session_answer(struct smb_unit *u, struct smb_block *b);

#endif
