/* NTLMSSP messages, which SMB, HTTP, LDAP, DCE/RPC, RDP and mail carry in their sign-on:
 * who the two hosts say they are, and whose account it is. Hashes are passed over.
 * Source: MS-NLMP 2.2.1 (rev. 36); RFC 4178 (SPNEGO); RFC 2743 3.1. */
#ifndef WARDTAP_NTLM_H
#define WARDTAP_NTLM_H

#include "wardtap/dissector.h"
#include "wardtap/utf.h"

enum wt_ntlm_type {
	WT_NTLM_NEGOTIATE = 1,
	WT_NTLM_CHALLENGE = 2,
	WT_NTLM_AUTHENTICATE = 3,
};

#define WT_NTLM_FLAG_UNICODE 0x00000001u
#define WT_NTLM_FLAG_ANONYMOUS 0x00000800u
#define WT_NTLM_FLAG_VERSION 0x02000000u

/* Text slices are as on the wire; wt_ntlm_text makes UTF-8 of them. */
struct wt_ntlm {
	enum wt_ntlm_type type;
	uint32_t flags;
	bool is_unicode;
	bool is_v1;        /* AUTHENTICATE: answer of NTLM version 1, 24 octets */
	bool is_anonymous; /* AUTHENTICATE: no user, no answer */
	bool has_version;
	uint8_t major, minor;
	uint16_t build;
	struct wt_slice target;      /* CHALLENGE: the server's realm; else the domain */
	struct wt_slice user;        /* AUTHENTICATE */
	struct wt_slice workstation; /* NEGOTIATE, AUTHENTICATE: the client's name */
	/* CHALLENGE: AV pairs, always UTF-16LE (2.2.2.1) */
	struct wt_slice nb_computer, nb_domain, dns_computer, dns_domain, dns_forest;
};

/* Reads a message that begins with "NTLMSSP\0". Offsets that lead outside leave their
 * slice empty; false when not even the fixed part is there. */
bool wt_ntlm_parse(struct wt_slice token, struct wt_ntlm *ntlm);

/* The first NTLMSSP message inside a GSS-API or SPNEGO token; empty when there is none. */
struct wt_slice wt_ntlm_find(struct wt_slice token);

/* One of the text slices as UTF-8 in `room`. */
struct wt_slice wt_ntlm_text(const struct wt_ntlm *ntlm, struct wt_slice raw, uint8_t *room,
			     size_t cap);

/* "NEGOTIATE", "CHALLENGE", "AUTHENTICATE". */
const char *wt_ntlm_type_name(const struct wt_ntlm *ntlm);

/* Mechanisms that a SPNEGO token names (RFC 4178 4.2), as bits. */
enum {
	WT_GSS_NTLM = 1 << 0,
	WT_GSS_KERBEROS = 1 << 1,
	WT_GSS_NEGOEX = 1 << 2,
	WT_GSS_OTHER = 1 << 3,
};
unsigned wt_gss_mechanisms(struct wt_slice token);

/* The word for a single bit of them. */
const char *wt_gss_name(unsigned mechanism);

/* What the message says of its sender, into the shared fields of an event. */
static inline void wt_put_ntlm(struct wt_out *out, unsigned event, const struct wt_ntlm *n)
{
	uint8_t room[384];
	struct wt_builder version = wt_builder_of(room, sizeof(room));

	if (n->has_version && n->major) {
		wt_bld_u64(&version, n->major);
		wt_bld_char(&version, '.');
		wt_bld_u64(&version, n->minor);
		wt_bld_char(&version, '.');
		wt_bld_u64(&version, n->build);
		wt_put_HOST_OS_VERSION(out, event, wt_bld_slice(&version));
	}
	wt_put_host_name(out, event, wt_utf16le(n->dns_computer, room, sizeof(room)));
	wt_put_host_name(out, event, wt_utf16le(n->nb_computer, room, sizeof(room)));
	wt_put_host_name(out, event, wt_ntlm_text(n, n->workstation, room, sizeof(room)));
	wt_put_HOST_DOMAIN(out, event, wt_utf16le(n->dns_domain, room, sizeof(room)));
	wt_put_HOST_DOMAIN(out, event, wt_utf16le(n->nb_domain, room, sizeof(room)));
	wt_put_USER_NAME(out, event, wt_ntlm_text(n, n->user, room, sizeof(room)));
}

#endif
