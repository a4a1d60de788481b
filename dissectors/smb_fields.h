/* Private fields of SMB: rows, ids and setters for all rooms of the dissector. The
 * table itself lives in smb.c. */
#ifndef WARDTAP_SMB_FIELDS_H
#define WARDTAP_SMB_FIELDS_H

#include "wardtap/dissector.h"

/* clang-format off */
#define SMB_FIELDS(F) \
F(VERSION, STR, ONE, NONE, ASIS, 8, "", "smb.version", "MS-SMB2 1.3, MS-CIFS 2.2.3", "Family of the message: SMB1, SMB2 (3.x included), NBSS.") \
F(COMMAND, STR, ONE, NONE, ASIS, 24, "", "smb.command", "MS-SMB2 2.2.1, MS-CIFS 2.2.2.1", "What is asked or answered, e.g. negotiate, session_setup, create, write.") \
F(COMMAND_CODE, U64, ONE, NONE, ASIS, 8, "", "smb.command_code", "MS-SMB2 2.2.1, MS-CIFS 2.2.2.1", "Number of the command.") \
F(ANDX_CODE, U64, MANY, NONE, ASIS, 8, "", "smb.andx_code", "MS-CIFS 2.2.3.4", "Commands chained behind the first one.") \
F(SUBCOMMAND, U64, ONE, NONE, ASIS, 8, "", "smb.subcommand", "MS-CIFS 2.2.5, 2.2.6", "Function of a transaction.") \
F(IS_RESPONSE, BOOL, ONE, NONE, ASIS, 1, "", "smb.is_response", "MS-SMB2 2.2.1", "Sent by the server.") \
F(STATUS, STR, ONE, NONE, ASIS, 40, "", "smb.status", "MS-ERREF 2.3", "Outcome in words where it is one of the frequent ones; absent in requests.") \
F(STATUS_CODE, U64, ONE, NONE, ASIS, 8, "", "smb.status_code", "MS-ERREF 2.3", "NT status of an answer, 0 success; absent in requests.") \
F(MESSAGE_ID, U64, ONE, NONE, ASIS, 8, "", "smb.message_id", "MS-SMB2 2.2.1", "Number that request and answer share.") \
F(TREE_ID, U64, ONE, NONE, ASIS, 8, "", "smb.tree_id", "MS-SMB2 2.2.1", "Number of the connection to a share.") \
F(IS_COMPOUND, BOOL, ONE, NONE, ASIS, 1, "", "smb.is_compound", "MS-SMB2 3.3.4.1.3", "One of several messages in one frame.") \
F(IS_SIGNED, BOOL, ONE, NONE, ASIS, 1, "", "smb.is_signed", "MS-SMB2 2.2.1", "The message carries a signature.") \
F(IS_ENCRYPTED, BOOL, ONE, NONE, ASIS, 1, "", "smb.is_encrypted", "MS-SMB2 2.2.41", "What follows in this direction is encrypted; said once.") \
F(IS_COMPRESSED, BOOL, ONE, NONE, ASIS, 1, "", "smb.is_compressed", "MS-SMB2 2.2.42", "The body is compressed and passed over.") \
F(IS_SMB1, BOOL, ONE, NONE, ASIS, 1, "", "smb.is_smb1", "MS-CIFS 2.2.3.1", "The message is of SMB1, which Microsoft gave up in 2014 for its weaknesses.") \
F(OFFERS_SMB1, BOOL, ONE, NONE, ASIS, 1, "", "smb.offers_smb1", "MS-CIFS 2.2.4.52", "The client offers a dialect of SMB1.") \
F(DIALECTS, STR, MANY, DEVICE, ASIS, 32, "", "smb.dialects", "MS-SMB2 2.2.3, MS-CIFS 2.2.4.52", "Dialects that the client offers.") \
F(DIALECT, STR, ONE, DEVICE, ASIS, 32, "", "smb.dialect", "MS-SMB2 2.2.4", "Dialect that the server chose.") \
F(DIALECT_CODE, U64, ONE, NONE, ASIS, 8, "", "smb.dialect_code", "MS-SMB2 2.2.4", "The same as a number.") \
F(DIALECT_INDEX, U64, ONE, NONE, ASIS, 8, "", "smb.dialect_index", "MS-CIFS 2.2.4.52.2", "SMB1: which of the offered dialects the server chose; 65535 none.") \
F(SIGNING, STR, ONE, NONE, ASIS, 16, "", "smb.signing", "MS-SMB2 2.2.3, MS-CIFS 2.2.4.52.2", "What the sender says of signatures: required, enabled, none.") \
F(CAPABILITIES, U64, ONE, NONE, ASIS, 8, "", "smb.capabilities", "MS-SMB2 2.2.3", "Capability bits of the sender.") \
F(CIPHERS, STR, MANY, NONE, ASIS, 16, "", "smb.ciphers", "MS-SMB2 2.2.3.1.2", "Ciphers offered or chosen.") \
F(CLIENT_GUID, STR, ONE, DEVICE, ASIS, 36, "", "smb.client_guid", "MS-SMB2 2.2.3", "Identifier of the client.") \
F(SERVER_GUID, STR, ONE, DEVICE, ASIS, 36, "", "smb.server_guid", "MS-SMB2 2.2.4", "Identifier of the server.") \
F(BOOT_TIME, TIME, ONE, NONE, ASIS, 8, "", "smb.boot_time", "MS-SMB2 2.2.4", "When the server was started; absent where it does not tell.") \
F(SERVER_TIME, TIME, ONE, NONE, ASIS, 8, "", "smb.server_time", "MS-SMB2 2.2.4", "The server's clock.") \
F(NETNAME, STR, ONE, DEVICE, ASIS, 255, "", "smb.netname", "MS-SMB2 2.2.3.1.4", "Name by which the client calls the server.") \
F(NATIVE_OS, STR, ONE, DEVICE, ASIS, 128, "", "smb.native_os", "MS-CIFS 2.2.4.53", "Operating system as the sender of an SMB1 sign-on states it.") \
F(NATIVE_LM, STR, ONE, DEVICE, ASIS, 128, "", "smb.native_lm", "MS-CIFS 2.2.4.53", "LAN manager of the sender of an SMB1 sign-on.") \
F(AUTH_MECHS, STR, MANY, NONE, ASIS, 16, "", "smb.auth_mechs", "RFC 4178 4.2", "Sign-on mechanisms named: ntlm, kerberos, negoex, other.") \
F(NTLMSSP_TYPE, STR, ONE, NONE, ASIS, 16, "", "smb.ntlmssp_type", "MS-NLMP 2.2.1", "NEGOTIATE, CHALLENGE or AUTHENTICATE.") \
F(NTLMSSP_USER, STR, ONE, DIRECT, ASIS, 256, "", "smb.ntlmssp_user", "MS-NLMP 2.2.1.3", "Account, for rules.") \
F(NTLMSSP_DOMAIN, STR, ONE, DIRECT, ASIS, 256, "", "smb.ntlmssp_domain", "MS-NLMP 2.2.1.3", "Domain of the account, for rules.") \
F(IS_NTLMV1, BOOL, ONE, NONE, ASIS, 1, "", "smb.is_ntlmv1", "MS-NLMP 3.3.1", "The answer to the challenge is of NTLM version 1, which is broken.") \
F(IS_ANONYMOUS, BOOL, ONE, NONE, ASIS, 1, "", "smb.is_anonymous", "MS-NLMP 3.2.5.1.2", "Sign-on without an account: a null session.") \
F(IS_GUEST, BOOL, ONE, NONE, ASIS, 1, "", "smb.is_guest", "MS-SMB2 2.2.6", "The server took the client as a guest.") \
F(SHARE, STR, ONE, DIRECT, ASIS, 1024, "", "smb.share", "MS-SMB2 2.2.9", "Path of the share, for rules.") \
F(ADMIN_SHARE, STR, ONE, NONE, ASIS, 8, "", "smb.admin_share", "MS-SMB2 2.2.9", "The share is one that Windows makes for administration: ADMIN$, IPC$, drive$.") \
F(SHARE_TYPE, STR, ONE, NONE, ASIS, 16, "", "smb.share_type", "MS-SMB2 2.2.10", "disk, pipe or printer.") \
F(NAMED_PIPE, STR, ONE, DIRECT, ASIS, 256, "", "smb.named_pipe", "MS-SMB2 2.2.13", "Name of the pipe, for rules.") \
F(PIPE, STR, ONE, NONE, ASIS, 24, "", "smb.pipe", "MS-SMB2 2.2.13", "The pipe, where it is one of the known services: svcctl, samr, srvsvc, ...") \
F(FILENAME, STR, ONE, DIRECT, ASIS, 1024, "", "smb.filename", "MS-SMB2 2.2.13", "Path within the share, for rules.") \
F(RENAME_TO, STR, ONE, DIRECT, ASIS, 1024, "", "smb.rename_to", "MS-FSCC 2.4.42", "New path of a renamed file, for rules.") \
F(ACCESS_MASK, U64, ONE, NONE, ASIS, 8, "", "smb.access_mask", "MS-SMB2 2.2.13.1", "Rights asked for.") \
F(IS_WRITE_ACCESS, BOOL, ONE, NONE, ASIS, 1, "", "smb.is_write_access", "MS-SMB2 2.2.13.1", "Rights to write, append, delete or change permissions are asked for.") \
F(DISPOSITION, STR, ONE, NONE, ASIS, 16, "", "smb.disposition", "MS-SMB2 2.2.13", "What to do where the file is there or not: supersede, open, create, open_if, overwrite, overwrite_if.") \
F(IS_DELETE, BOOL, ONE, NONE, ASIS, 1, "", "smb.is_delete", "MS-SMB2 2.2.13, MS-FSCC 2.4.11", "The file is to be deleted.") \
F(CREATE_ACTION, STR, ONE, NONE, ASIS, 16, "", "smb.create_action", "MS-SMB2 2.2.14", "What the server did: superseded, opened, created, overwritten.") \
F(INFO_TYPE, U64, ONE, NONE, ASIS, 8, "", "smb.info_type", "MS-SMB2 2.2.37, 2.2.39", "Information asked for or set: 1 file, 2 file system, 3 security, 4 quota.") \
F(INFO_CLASS, U64, ONE, NONE, ASIS, 8, "", "smb.info_class", "MS-FSCC 2.4", "Class of the information, or of a directory listing.") \
F(SEARCH_PATTERN, STR, ONE, DIRECT, ASIS, 512, "", "smb.search_pattern", "MS-SMB2 2.2.33", "Names that a listing asks for, for rules.") \
F(FSCTL, STR, ONE, NONE, ASIS, 40, "", "smb.fsctl", "MS-FSCC 2.3", "Control function, in words where it is a frequent one.") \
F(FSCTL_CODE, U64, ONE, NONE, ASIS, 8, "", "smb.fsctl_code", "MS-FSCC 2.3", "Number of the control function.") \
F(IO_OFFSET, U64, ONE, NONE, ASIS, 8, "bytes", "smb.io_offset_bytes", "MS-SMB2 2.2.19, 2.2.21", "Where in the file a first read or write begins.") \
F(IO_LENGTH, U64, ONE, NONE, ASIS, 8, "bytes", "smb.io_length_bytes", "MS-SMB2 2.2.19, 2.2.21", "Length of that read or write.") \
F(READ_BYTES, U64, ONE, NONE, ASIS, 8, "bytes", "smb.read_bytes", "wardtap", "At a close: bytes read from the file over this opening.") \
F(WRITTEN_BYTES, U64, ONE, NONE, ASIS, 8, "bytes", "smb.written_bytes", "wardtap", "At a close: bytes written to the file over this opening.") \
F(DCERPC_TYPE, STR, ONE, NONE, ASIS, 24, "", "smb.dcerpc_type", "C706 12.6", "First remote procedure call unit inside the message.") \
F(DCERPC_IFACE, STR, MANY, DEVICE, ASIS, 36, "", "smb.dcerpc_iface", "C706 12.6.4", "Interfaces bound, or the one that is called.") \
F(DCERPC_IFACE_NAME, STR, MANY, NONE, ASIS, 24, "", "smb.dcerpc_iface_name", "C706 12.6.4", "The same in words, where known.") \
F(DCERPC_OPNUM, U64, ONE, NONE, ASIS, 8, "", "smb.dcerpc_opnum", "C706 12.6.4.9", "Procedure that is called.") \
F(DCERPC_STUB, STR, ONE, DIRECT, ASIS, 4096, "", "smb.dcerpc_stub", "C706 12.6.4.9", "Arguments of the call, for rules.") \
F(CALLED_NAME, STR, ONE, DEVICE, ASIS, 16, "", "smb.called_name", "RFC 1002 4.3.2", "NetBIOS name of the server that the session is asked from.") \
F(NBSS_TYPE, STR, ONE, NONE, ASIS, 24, "", "smb.nbss_type", "RFC 1002 4.3.1", "session_request, positive_response, negative_response, retarget.") \
F(NBSS_ERROR, U64, ONE, NONE, ASIS, 8, "", "smb.nbss_error", "RFC 1002 4.3.4", "Why a session was refused.")
/* clang-format on */

enum smb_field { SMB_FIELDS(WT_FIELD_ENUM) SMB_N_FIELDS };

/* Several rooms share the setters, and none uses all. */
#define SMB_FIELD_SETTER(id, type, mult, phi, declass, cap, unit, name, clause, doc)           \
	static inline void put_##id(struct wt_out *out, unsigned event, WT_CTYPE_##type value) \
	{                                                                                      \
		WT_PUT_##type(out, event, WT_FIELD_BASE + (unsigned)F_##id, value);            \
	}
SMB_FIELDS(SMB_FIELD_SETTER)

#endif
