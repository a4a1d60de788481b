/* NetBIOS datagrams: a host writes to a mailslot of its neighbours, mostly to announce
 * itself to the browser service.
 *
 *   type8 flags8 id16 address32 port16 len16 offset16  source name  destination name
 *   ff 'SMB' 25 ... "\MAILSLOT\BROWSE" 00  command8 ...
 *
 * Source: RFC 1002 4.4; MS-MAIL 2.2.1, MS-CIFS 2.2.4.33 (SMB_COM_TRANSACTION), MS-BRWS
 * 2.2. Trust: every byte is hostile. Memory: none. */
#include "nbns_fields.h"

enum { HEAD_LEN = 14, DIRECT_UNIQUE = 0x10, DIRECT_BROADCAST = 0x12, ERROR = 0x13 };
enum { SMB_HEAD_LEN = 32, SMB_TRANSACTION = 0x25 };
enum {
	BROWSER_HOST = 0x01,
	BROWSER_REQUEST = 0x02,
	BROWSER_ELECTION = 0x08,
	BROWSER_DOMAIN = 0x0c,
	BROWSER_MASTER = 0x0f,
};

bool wt_nbns_is_datagram(struct wt_slice head)
{
	struct wt_reader r = wt_reader_of(head, WT_MALFORMED);
	uint8_t type = wt_rd_u8(&r), flags = wt_rd_u8(&r);

	if (r.err != WT_OK || type < DIRECT_UNIQUE || type > 0x16 || flags & 0xf0)
		return false;
	wt_rd_skip(&r, 8);
	if (type <= DIRECT_BROADCAST)
		wt_rd_skip(&r, 4);
	else if (type == ERROR)
		return false; /* no name to know it by */
	return wt_rd_left(&r) > NBNS_ENCODED_LEN && wt_nbns_is_name(wt_rd_peek(&r));
}

static void put_serves(struct wt_out *out, unsigned event, uint32_t bits)
{
	static const char *const names[32] = {
		"workstation",
		"server",
		"sql_server",
		"domain_controller",
		"backup_controller",
		"time_server",
		"apple",
		"novell",
		"domain_member",
		"print_queue",
		"dialin",
		"xenix",
		"nt_workstation",
		"windows_for_workgroups",
		"netware",
		"nt_server",
		"potential_browser",
		"backup_browser",
		"master_browser",
		"domain_master",
		[22] = "windows_95",
		[23] = "dfs",
		[24] = "cluster",
		[25] = "terminal_server",
	};
	unsigned i;

	put_SERVER_TYPE(out, event, bits);
	for (i = 0; i < 32; i++)
		if (bits >> i & 1)
			put_SERVES(out, event, wt_slice_text(names[i]));
}

/* Samba's own comment names its version: "srv server (Samba 4.17.12-Debian)". */
static void put_comment(struct wt_out *out, unsigned event, struct wt_slice comment)
{
	size_t at = wt_slice_search(comment, WT_LIT("Samba "));
	struct wt_slice samba = wt_slice_tail(comment, at);

	put_COMMENT(out, event, comment);
	samba = wt_slice_head(samba, wt_slice_find(samba, ')'));
	if (samba.len > 6 && samba.ptr[6] >= '0' && samba.ptr[6] <= '9')
		wt_put_HOST_SOFTWARE(out, event, samba);
}

/* count8 period32 name[16] major8 minor8 type32 browser16 signature16 comment */
static bool take_announcement(struct wt_reader *r, struct wt_out *out, unsigned event,
			      bool is_domain)
{
	struct wt_slice name, comment;
	uint8_t major, minor, room[8];
	struct wt_builder b = wt_builder_of(room, sizeof(room));
	uint32_t type;

	wt_rd_skip(r, 5);
	name = wt_nbns_trim(wt_rd_bytes(r, 16));
	major = wt_rd_u8(r);
	minor = wt_rd_u8(r);
	type = wt_rd_u32le(r);
	wt_rd_skip(r, 4);
	if (r->err != WT_OK)
		return false;
	comment = wt_slice_head(wt_rd_peek(r), wt_slice_find(wt_rd_peek(r), 0));
	put_serves(out, event, type);
	if (is_domain) { /* the comment is the name of the local master */
		wt_put_HOST_DOMAIN(out, event, name);
		wt_put_host_name(out, event, comment);
		return true;
	}
	wt_put_host_name(out, event, name);
	wt_bld_u64(&b, major);
	wt_bld_char(&b, '.');
	wt_bld_u64(&b, minor);
	wt_put_HOST_OS_VERSION(out, event, wt_bld_slice(&b));
	put_comment(out, event, comment);
	return true;
}

static struct wt_slice command_name(unsigned command)
{
	static const char *const names[] = {
		[BROWSER_HOST] = "host_announcement",
		[BROWSER_REQUEST] = "announcement_request",
		[BROWSER_ELECTION] = "election",
		[0x09] = "get_backup_list",
		[0x0a] = "backup_list",
		[0x0b] = "become_backup",
		[BROWSER_DOMAIN] = "domain_announcement",
		[0x0d] = "master_announcement",
		[0x0e] = "reset_state",
		[BROWSER_MASTER] = "local_master",
	};

	return wt_slice_text(command < sizeof(names) / sizeof(names[0]) ? names[command]
									: NULL);
}

/* False when nothing in it told the host's name. */
static bool take_browser(struct wt_slice frame, struct wt_out *out, unsigned event)
{
	struct wt_reader r = wt_reader_of(frame, WT_MALFORMED);
	uint8_t command = wt_rd_u8(&r);

	put_BROWSER(out, event, command_name(command));
	if (command == BROWSER_HOST || command == BROWSER_MASTER || command == BROWSER_DOMAIN)
		return take_announcement(&r, out, event, command == BROWSER_DOMAIN);
	return false;
}

/* SMB_COM_TRANSACTION: where its data lie, and the mailslot's name. */
static bool take_smb(struct wt_slice smb, struct wt_out *out, unsigned event)
{
	struct wt_reader r = wt_reader_of(smb, WT_MALFORMED);
	size_t data_len, data_at;
	struct wt_slice name, rest;
	unsigned n_setup;

	if (!wt_slice_starts(smb, WT_LIT("\xffSMB\x25")))
		return false;
	wt_rd_skip(&r, SMB_HEAD_LEN + 1 + 22);
	data_len = wt_rd_u16le(&r);
	data_at = wt_rd_u16le(&r);
	n_setup = wt_rd_u8(&r);
	wt_rd_skip(&r, 1 + 2 * n_setup + 2);
	rest = wt_rd_peek(&r);
	name = wt_slice_head(rest, wt_slice_find(rest, 0));
	if (r.err != WT_OK || !wt_slice_starts(name, WT_LIT("\\MAILSLOT\\")))
		return false;
	put_MAILSLOT(out, event, name);
	if (!wt_slice_equal(name, WT_LIT("\\MAILSLOT\\BROWSE")))
		return false;
	return take_browser(wt_slice_head(wt_slice_tail(smb, data_at), data_len), out, event);
}

static void put_ends(struct wt_out *out, unsigned event, const struct nbns_name *from,
		     const struct nbns_name *to)
{
	if (wt_nbns_is_personal(from))
		put_PERSONAL_NAME(out, event, nbns_text(from));
	else
		put_SOURCE_NAME(out, event, nbns_text(from));
	if (wt_nbns_is_personal(to))
		put_PERSONAL_NAME(out, event, nbns_text(to));
	else
		put_DESTINATION(out, event, nbns_text(to));
	put_SUFFIX(out, event, from->suffix);
	put_SUFFIX(out, event, to->suffix);
}

bool wt_nbns_datagram(struct wt_reader *r, struct wt_out *out)
{
	static const char *const types[] = { "unique", "group",    "broadcast", "error",
					     "query",  "positive", "negative" };
	unsigned event = wt_event_begin(out, NBNS_EVENT_DATAGRAM), type, id;
	struct nbns_name from = { 0 }, to = { 0 };
	struct wt_slice address;
	uint8_t room[16];

	type = wt_rd_u8(r);
	wt_rd_skip(r, 1);
	id = wt_rd_u16be(r);
	address = wt_rd_bytes(r, 4);
	wt_rd_skip(r, 2);
	if (r->err != WT_OK || type < DIRECT_UNIQUE ||
	    type - DIRECT_UNIQUE >= sizeof(types) / sizeof(types[0]))
		return false;
	put_ID(out, event, id);
	put_DATAGRAM(out, event, wt_slice_text(types[type - DIRECT_UNIQUE]));
	put_SOURCE_ADDRESS(out, event, wt_nbns_address(address, room));
	if (type > DIRECT_BROADCAST)
		return true;
	wt_rd_skip(r, 4);
	if (!wt_nbns_name(r, false, &from) || !wt_nbns_name(r, false, &to))
		return false;
	put_ends(out, event, &from, &to);
	if (!take_smb(wt_rd_peek(r), out, event) &&
	    (from.suffix == 0x00 || from.suffix == 0x20))
		wt_put_host_name(out, event, nbns_text(&from));
	if (to.suffix == 0x1b || to.suffix == 0x1d || to.suffix == 0x1e)
		wt_put_HOST_DOMAIN(out, event, nbns_text(&to));
	return true;
}
