/* DCE/RPC protocol data units (msrpc.h).
 *
 *   05 minor type flags drep[4] frag_len u16 auth_len u16 call_id u32
 *   bind, alter context: max_xmit u16, max_recv u16, assoc u32, n u8, 0, 0, 0,
 *     n * (id u16, n_syntaxes u8, 0, interface uuid, version u32, syntaxes 20 each)
 * Source: C706 (1997) 12.6.3, 12.6.4, appendix L; MS-RPCE 2.2.2.11; interface UUIDs from
 * the MS-* documents that the names belong to.
 * Trust: every byte is hostile. Memory: none. */
#include "wardtap/msrpc.h"
#include "wardtap/names.h"

#define FLOORS_MAX 8u
#define DREP_LITTLE 0x10u

enum wt_verdict wt_msrpc_head(struct wt_reader *r, struct wt_msrpc *pdu)
{
	uint8_t version = wt_rd_u8(r), minor = wt_rd_u8(r), drep;

	*pdu = (struct wt_msrpc){ .type = wt_rd_u8(r) };
	pdu->flags = wt_rd_u8(r);
	drep = wt_rd_u8(r);
	wt_rd_skip(r, 3);
	if (r->err != WT_OK)
		return r->err;
	pdu->is_le = (drep & 0xf0) == DREP_LITTLE;
	if (version != 5 || minor > 1 || (drep & 0xf0 && !pdu->is_le) ||
	    !*wt_msrpc_type_name(pdu->type))
		return WT_MALFORMED;
	pdu->frag_len = wt_msrpc_u16(r, pdu);
	pdu->auth_len = wt_msrpc_u16(r, pdu);
	pdu->call_id = wt_msrpc_u32(r, pdu);
	if (r->err != WT_OK)
		return r->err;
	return pdu->frag_len < WT_MSRPC_HEAD_LEN ||
			       (pdu->auth_len &&
				pdu->auth_len + 8u + WT_MSRPC_HEAD_LEN > pdu->frag_len)
		       ? WT_MALFORMED
		       : WT_OK;
}

uint16_t wt_msrpc_u16(struct wt_reader *r, const struct wt_msrpc *pdu)
{
	return pdu->is_le ? wt_rd_u16le(r) : wt_rd_u16be(r);
}

uint32_t wt_msrpc_u32(struct wt_reader *r, const struct wt_msrpc *pdu)
{
	return pdu->is_le ? wt_rd_u32le(r) : wt_rd_u32be(r);
}

void wt_msrpc_uuid(struct wt_reader *r, const struct wt_msrpc *pdu, struct wt_msrpc_uuid *uuid)
{
	struct wt_builder b = wt_builder_of(uuid->octet, sizeof(uuid->octet));
	struct wt_slice raw = wt_rd_bytes(r, 16);
	static const uint8_t order[16] = {
		3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15
	};
	size_t i;

	*uuid = (struct wt_msrpc_uuid){ { 0 } };
	for (i = 0; i < raw.len; i++)
		wt_bld_u8(&b, raw.ptr[pdu->is_le ? order[i] : i]);
}

unsigned wt_msrpc_n_contexts(struct wt_reader *r, const struct wt_msrpc *pdu)
{
	unsigned n;

	(void)pdu;
	wt_rd_skip(r, 2 + 2 + 4);
	n = wt_rd_u8(r);
	wt_rd_skip(r, 3);
	return r->err == WT_OK ? n : 0;
}

bool wt_msrpc_next_context(struct wt_reader *r, const struct wt_msrpc *pdu,
			   struct wt_msrpc_context *context)
{
	size_t n_syntaxes;

	context->id = wt_msrpc_u16(r, pdu);
	n_syntaxes = wt_rd_u8(r);
	wt_rd_skip(r, 1);
	wt_msrpc_uuid(r, pdu, &context->iface);
	context->major = wt_msrpc_u16(r, pdu);
	context->minor = wt_msrpc_u16(r, pdu);
	if (r->err != WT_OK)
		return false;
	/* the syntaxes of the last one may be cut off */
	wt_rd_skip(r, n_syntaxes * 20 < wt_rd_left(r) ? n_syntaxes * 20 : wt_rd_left(r));
	return true;
}

bool wt_msrpc_auth(struct wt_slice whole, const struct wt_msrpc *pdu,
		   struct wt_msrpc_auth *auth)
{
	struct wt_reader r = wt_reader_of(whole, WT_MALFORMED);

	if (!pdu->auth_len || whole.len < pdu->frag_len)
		return false;
	wt_rd_skip(&r, pdu->frag_len - 8u - pdu->auth_len);
	auth->type = wt_rd_u8(&r);
	auth->level = wt_rd_u8(&r);
	wt_rd_skip(&r, 6);
	auth->token = wt_rd_bytes(&r, pdu->auth_len);
	return r.err == WT_OK;
}

/* One floor: protocol identifier and what belongs to it; its address. */
static void read_floor(unsigned i, struct wt_slice left, struct wt_slice right,
		       struct wt_msrpc_tower *tower)
{
	struct wt_reader l = wt_reader_of(left, WT_MALFORMED);
	struct wt_reader r = wt_reader_of(right, WT_MALFORMED);
	static const struct wt_msrpc little = { .is_le = true };
	uint8_t id = wt_rd_u8(&l);

	if (i == 0 && id == 0x0d) {
		wt_msrpc_uuid(&l, &little, &tower->iface);
		tower->major = wt_rd_u16le(&l);
	} else if ((id == 0x07 || id == 0x08 || id == 0x1f) && right.len == 2) {
		tower->protocol = id;
		tower->port = wt_rd_u16be(&r);
		tower->has_port = true;
	} else if (id == 0x09 && right.len == 4) {
		struct wt_builder b = wt_builder_of(tower->address, sizeof(tower->address));

		wt_bld_bytes(&b, right);
		tower->has_address = true;
	} else if (id == 0x0f) {
		tower->protocol = id;
		tower->pipe = wt_slice_head(right, wt_slice_find(right, 0));
	}
}

bool wt_msrpc_tower(struct wt_slice bytes, struct wt_msrpc_tower *tower)
{
	struct wt_reader r = wt_reader_of(bytes, WT_MALFORMED);
	unsigned n = wt_rd_u16le(&r), i;

	*tower = (struct wt_msrpc_tower){ .protocol = 0 };
	if (n < 2 || n > FLOORS_MAX)
		return false;
	for (i = 0; i < n; i++) {
		struct wt_slice left = wt_rd_bytes(&r, wt_rd_u16le(&r));
		struct wt_slice right = wt_rd_bytes(&r, wt_rd_u16le(&r));

		if (r.err != WT_OK)
			return i > 2;
		read_floor(i, left, right, tower);
	}
	return true;
}

struct wt_slice wt_msrpc_uuid_text(const struct wt_msrpc_uuid *uuid, uint8_t *room)
{
	static const char digits[] = "0123456789abcdef";
	struct wt_builder b = wt_builder_of(room, 36);
	size_t i;

	for (i = 0; i < sizeof(uuid->octet); i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			wt_bld_char(&b, '-');
		wt_bld_char(&b, digits[uuid->octet[i] >> 4]);
		wt_bld_char(&b, digits[uuid->octet[i] & 15]);
	}
	return wt_bld_slice(&b);
}

struct iface {
	const char *uuid;
	const char *name;
};

/* Sorted by UUID. */
static const struct iface ifaces[] = {
	{ "00000131-0000-0000-c000-000000000046", "iremunknown" },
	{ "00000143-0000-0000-c000-000000000046", "iremunknown2" },
	{ "000001a0-0000-0000-c000-000000000046", "isystemactivator" },
	{ "0a74ef1c-41a4-4e06-83ae-dc74fb1cdd53", "idletask" },
	{ "0b1c2170-5732-4e0e-8cd3-d9b16f3b84d7", "authzr" },
	{ "11220835-5b26-4d94-ae86-c3e475a809de", "icryptprotect" },
	{ "12345678-1234-abcd-ef00-0123456789ab", "spoolss" },
	{ "12345678-1234-abcd-ef00-01234567cffb", "netlogon" },
	{ "12345778-1234-abcd-ef00-0123456789ab", "lsarpc" },
	{ "12345778-1234-abcd-ef00-0123456789ac", "samr" },
	{ "1ff70682-0a51-30e8-076d-740be8cee98b", "atsvc" },
	{ "2f5f6520-ca46-1067-b319-00dd010662da", "tapsrv" },
	{ "2f5f6521-ca46-1067-b319-00dd010662da", "tapsrv" },
	{ "300f3532-38cc-11d0-a3f0-0020af6b0add", "trkwks" },
	{ "338cd001-2244-31f1-aaaa-900038001003", "winreg" },
	{ "342cfd40-3c6c-11ce-a893-08002b2e9c6d", "llsrpc" },
	{ "367abb81-9844-35f1-ad32-98f038001003", "svcctl" },
	{ "378e52b0-c0a9-11cf-822d-00aa0051e40f", "sasec" },
	{ "3919286a-b10c-11d0-9ba8-00c04fd92ef5", "dssetup" },
	{ "3dde7c30-165d-11d1-ab8f-00805f14db40", "backupkey" },
	{ "3faf4738-3a21-4307-b46c-fdda9bb8c0d5", "audiosrv" },
	{ "44e265dd-7daf-42cd-8560-3cdb6e7a2729", "tsproxy" },
	{ "45f52c28-7f9f-101a-b52b-08002b2efabe", "winsif" },
	{ "484809d6-4239-471b-b5bc-61df8c23ac48", "tssession" },
	{ "497d95a6-2d27-4bf5-9bbd-a6046957133c", "tslistener" },
	{ "4b112204-0e19-11d3-b42b-0000f81feb9f", "ssdpsrv" },
	{ "4b324fc8-1670-01d3-1278-5a47bf6ee188", "srvsvc" },
	{ "4d9f4ab8-7d1c-11cf-861e-0020af6e7c57", "iactivation" },
	{ "4fc742e0-4a10-11cf-8273-00aa004ae673", "netdfs" },
	{ "50abc2a4-574d-40b3-9d66-ee4fd5fba076", "dnsserver" },
	{ "5a7b91f8-ff00-11d0-a9b2-00c04fb6e6fc", "messenger" },
	{ "5ca4a760-ebb1-11cf-8611-00a0245420ed", "ctxwinstation" },
	{ "621dff68-3c39-4c6c-aae3-e68e2c6503ad", "winszc" },
	{ "629b9f66-556c-11d1-8dd2-00aa004abd5e", "sens" },
	{ "63fbe424-2029-11d1-8db8-00aa004abd5e", "sens" },
	{ "65a93890-fab9-43a3-b2a5-1e330ac28f11", "dnsrslvr" },
	{ "68b58241-c259-4f03-a2e5-a2651dcbc930", "cryptsvc" },
	{ "6bffd098-a112-3610-9833-012892020162", "browser" },
	{ "6bffd098-a112-3610-9833-46c3f874532d", "dhcpcsvc" },
	{ "6bffd098-a112-3610-9833-46c3f87e345a", "wkssvc" },
	{ "76f03f96-cdfd-44fc-a22c-64950a001209", "iremotewinspool" },
	{ "82273fdc-e32a-18c3-3f78-827929dc23ea", "eventlog" },
	{ "83da7c00-e84f-11d2-9807-00c04f8ec850", "sfcapi" },
	{ "86d35949-83c9-4044-b424-db363231fd0c", "itaskscheduler" },
	{ "88143fd0-c28d-4b2b-8fef-8d882f6a9390", "tsenum" },
	{ "897e2e5f-93f3-4376-9c9c-fd2277495c27", "frstrans" },
	{ "8d0ffe72-d252-11d0-bf8f-00c04fd9126b", "ikeysvc" },
	{ "8d9f4e40-a03d-11ce-8f69-08003e30051b", "pnp" },
	{ "8fb6d884-2388-11d0-8c35-00c04fda2795", "w32time" },
	{ "93149ca2-973b-11d1-8c39-00c04fb984f9", "scesrv" },
	{ "9556dc99-828c-11cf-a37e-00aa003240c7", "iwbemservices" },
	{ "99fcfec4-5260-101b-bbcb-00aa0021347a", "ioxidresolver" },
	{ "a002b3a0-c9b7-11d1-ae88-0080c75e4ec1", "wlnotify" },
	{ "a4f1db00-ca47-1067-b31f-00dd010662da", "emsmdb" },
	{ "a8e0653c-2744-4389-a61d-7373df8b2292", "fileservervssagent" },
	{ "afa8bd80-7d8a-11c9-bef4-08002b102989", "mgmt" },
	{ "c681d488-d850-11d0-8c52-00c04fd90f7e", "efsrpc" },
	{ "c8cb7687-e6d3-11d2-a958-00c04f682e16", "webclnt" },
	{ "c9378ff1-16f7-11d0-a0b2-00aa0061426a", "pstorec" },
	{ "d049b186-814f-11d1-9a3c-00c04fc9b232", "ntfrsapi" },
	{ "d95afe70-a6d5-4259-822e-2c84da1ddb0d", "wininit" },
	{ "df1941c5-fe89-4e79-bf10-463657acf44d", "efsrpc" },
	{ "e1af8308-5d1f-11c9-91a4-08002b14a0fa", "epmapper" },
	{ "e3514235-4b06-11d1-ab04-00c04fc2dcd2", "drsuapi" },
	{ "ea0a3165-4834-11d2-a6f8-00c04fa346cc", "faxclient" },
	{ "ecec0d70-a603-11d0-96b1-00a0c91ece30", "ntdsbsrv" },
	{ "f309ad18-d86a-11d0-a075-00c04fb68820", "iwbemlevel1login" },
	{ "f50aac00-c7f3-428e-a022-a6b71bfb9d43", "cryptsvc" },
	{ "f5cc59b4-4264-101a-8c59-08002b2f8426", "frsrpc" },
	{ "f5cc5a18-4264-101a-8c59-08002b2f8426", "nspi" },
	{ "f6beaff7-1e19-4fbb-9f8f-b89e2018337c", "even6" },
	{ "fdb3a030-065f-11d1-bb9b-00a024ea5525", "qmcomm" },
};

const char *wt_msrpc_iface_name(const struct wt_msrpc_uuid *uuid)
{
	uint8_t room[36];
	struct wt_slice text = wt_msrpc_uuid_text(uuid, room);
	size_t i;

	for (i = 0; i < sizeof(ifaces) / sizeof(ifaces[0]); i++)
		if (wt_slice_equal(text, wt_slice_of(ifaces[i].uuid, sizeof(room))))
			return ifaces[i].name;
	return NULL;
}

const char *wt_msrpc_pipe_name(struct wt_slice name)
{
	static const char *const pipes[] = {
		"atsvc",
		"browser",
		"epmapper",
		"efsrpc",
		"eventlog",
		"initshutdown",
		"lsarpc",
		"lsass",
		"llsrpc",
		"mdssvc",
		"netdfs",
		"netlogon",
		"ntsvcs",
		"plugplay",
		"protected_storage",
		"psexesvc",
		"remcom_communicaton",
		"router",
		"rpcecho",
		"samr",
		"scerpc",
		"spoolss",
		"srvsvc",
		"svcctl",
		"tapsrv",
		"trkwks",
		"w32time",
		"winreg",
		"witness",
		"wkssvc",
	};
	uint8_t lower[24];
	struct wt_builder b = wt_builder_of(lower, sizeof(lower));
	size_t i;

	for (i = 0; i < name.len && !b.is_short; i++)
		wt_bld_u8(&b,
			  (uint8_t)(name.ptr[i] >= 'A' && name.ptr[i] <= 'Z' ? name.ptr[i] + 32
									     : name.ptr[i]));
	if (b.is_short)
		return NULL;
	for (i = 0; i < sizeof(pipes) / sizeof(pipes[0]); i++)
		if (wt_slice_equal(wt_bld_slice(&b), wt_slice_text(pipes[i])))
			return pipes[i];
	return NULL;
}

const char *wt_msrpc_type_name(uint8_t type)
{
	switch (type) {
	case WT_MSRPC_REQUEST:
		return "request";
	case WT_MSRPC_RESPONSE:
		return "response";
	case WT_MSRPC_FAULT:
		return "fault";
	case WT_MSRPC_BIND:
		return "bind";
	case WT_MSRPC_BIND_ACK:
		return "bind_ack";
	case WT_MSRPC_BIND_NAK:
		return "bind_nak";
	case WT_MSRPC_ALTER:
		return "alter_context";
	case WT_MSRPC_ALTER_RESP:
		return "alter_context_resp";
	case WT_MSRPC_AUTH3:
		return "auth3";
	case WT_MSRPC_SHUTDOWN:
		return "shutdown";
	case WT_MSRPC_CANCEL:
		return "co_cancel";
	case WT_MSRPC_ORPHANED:
		return "orphaned";
	default:
		return "";
	}
}
