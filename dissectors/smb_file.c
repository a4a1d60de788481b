/* SMB: shares, files and pipes that are open, and what is told of them.
 * Source: MS-SMB2 2.2.9 - 2.2.22, 2.2.13.1; MS-CIFS 2.2.4.64.
 * Trust: names and numbers are hostile; tables are fixed and the oldest row gives way.
 * Memory: the tables of struct smb_state. */
#include "smb_state.h"
#include "wardtap/names.h"
#include "wardtap/utf.h"

/* FILE_WRITE_DATA, APPEND_DATA, WRITE_EA, DELETE_CHILD, WRITE_ATTRIBUTES; DELETE,
 * WRITE_DAC, WRITE_OWNER; GENERIC_WRITE, GENERIC_ALL, MAXIMUM_ALLOWED is none of them. */
#define WRITE_RIGHTS                                                                           \
	(0x0002u | 0x0004u | 0x0010u | 0x0040u | 0x0100u | 0x00010000u | 0x00040000u |         \
	 0x00080000u | 0x40000000u | 0x10000000u)

/* --- requests that wait for their answer --- */

struct smb_pending *smb_pending_of(struct smb_state *s, uint64_t message, uint16_t command)
{
	unsigned i;

	for (i = 0; i < SMB_PENDING; i++) {
		struct smb_pending *p = &s->pending[i];

		if (p->is_used && p->message == message && p->command == command)
			return p;
	}
	return NULL;
}

void smb_pending_add(struct smb_unit *u, struct smb_open *file, uint64_t offset)
{
	struct smb_state *s = u->s;
	struct smb_pending *p = smb_pending_of(s, u->message, u->command);
	unsigned i;

	for (i = 0; i < SMB_PENDING && !p; i++)
		if (!s->pending[i].is_used)
			p = &s->pending[i];
	for (i = 0; i < SMB_PENDING && (!p || p->is_used); i++)
		if (!p || s->pending[i].age < p->age)
			p = &s->pending[i];
	*p = (struct smb_pending){
		.message = u->message,
		.offset = offset,
		.age = ++s->clock,
		.command = (uint8_t)u->command,
		.is_used = true,
		.file = file ? (uint8_t)(file - s->file + 1) : 0,
	};
}

struct smb_open *smb_pending_open(struct smb_state *s, const struct smb_pending *p)
{
	struct smb_open *file = p && p->file ? &s->file[p->file - 1] : NULL;

	return file && file->is_used ? file : NULL;
}

void smb_pending_done(struct smb_pending *p)
{
	if (p)
		p->is_used = false;
}

/* --- shares --- */

/* A number that no answer told is that of the last request: half of a mirror is seen. */
bool smb_tree_is_ipc(struct smb_state *s, uint32_t id)
{
	struct smb_tree *waiting = NULL;
	unsigned i;

	for (i = 0; i < SMB_TREES; i++) {
		struct smb_tree *t = &s->tree[i];

		if (t->is_used && t->has_id && t->id == id)
			return t->is_ipc;
		if (t->is_used && !t->has_id && (!waiting || t->age > waiting->age))
			waiting = t;
	}
	if (!waiting)
		return false;
	waiting->id = id;
	waiting->has_id = true;
	return waiting->is_ipc;
}

static bool is_word(struct wt_slice text, const char *word)
{
	struct wt_slice w = wt_slice_text(word);
	size_t i;

	if (text.len != w.len)
		return false;
	for (i = 0; i < w.len; i++)
		if ((text.ptr[i] >= 'a' && text.ptr[i] <= 'z' ? text.ptr[i] - 32
							      : text.ptr[i]) != w.ptr[i])
			return false;
	return true;
}

/* The last part of a path. */
static struct wt_slice last_part(struct wt_slice path)
{
	size_t at = path.len;

	while (at && path.ptr[at - 1] != '\\' && path.ptr[at - 1] != '/')
		at--;
	return wt_slice_tail(path, at);
}

void smb_put_share(struct smb_unit *u, struct wt_slice path)
{
	struct wt_slice name = last_part(path);

	put_SHARE(u->out, u->event, path);
	if (is_word(name, "ADMIN$"))
		put_ADMIN_SHARE(u->out, u->event, WT_LIT("ADMIN$"));
	else if (is_word(name, "IPC$"))
		put_ADMIN_SHARE(u->out, u->event, WT_LIT("IPC$"));
	else if (name.len == 2 && name.ptr[1] == '$')
		put_ADMIN_SHARE(u->out, u->event, WT_LIT("drive$"));
}

void smb_tree_request(struct smb_unit *u, struct wt_slice path)
{
	struct smb_state *s = u->s;
	struct smb_tree *t = &s->tree[0];
	unsigned i;

	for (i = 0; i < SMB_TREES && t->is_used; i++)
		if (!s->tree[i].is_used || s->tree[i].age < t->age)
			t = &s->tree[i];
	*t = (struct smb_tree){
		.message = u->message,
		.age = ++s->clock,
		.is_used = true,
		.is_ipc = is_word(last_part(path), "IPC$"),
	};
	smb_put_share(u, path);
}

void smb_tree_answer(struct smb_unit *u, uint8_t type)
{
	struct smb_state *s = u->s;
	unsigned i;

	for (i = 0; i < SMB_TREES; i++) {
		struct smb_tree *t = &s->tree[i];

		if (!t->is_used || t->has_id || t->message != u->message)
			continue;
		t->id = u->tree;
		t->has_id = u->status == 0;
		t->is_used = t->has_id;
		t->is_ipc = t->is_ipc || type == 2;
		return;
	}
}

/* --- files --- */

struct smb_open *smb_open_find(struct smb_state *s, uint64_t first, uint64_t second)
{
	unsigned i;

	for (i = 0; i < SMB_OPENS; i++) {
		struct smb_open *o = &s->file[i];

		if (o->is_used && o->has_id && o->id[0] == first && o->id[1] == second)
			return o;
	}
	return NULL;
}

static struct smb_open *open_new(struct smb_state *s)
{
	struct smb_open *o = &s->file[0];
	unsigned i;

	for (i = 0; i < SMB_OPENS && o->is_used; i++)
		if (!s->file[i].is_used || s->file[i].age < o->age)
			o = &s->file[i];
	for (i = 0; i < SMB_PENDING; i++)
		if (s->pending[i].file == o - s->file + 1)
			s->pending[i].file = 0;
	for (i = 0; i < 2; i++)
		if (s->dir[i].file == o - s->file + 1)
			s->dir[i].file = 0;
	*o = (struct smb_open){ .is_used = true, .age = ++s->clock };
	return o;
}

void smb_put_path(struct smb_unit *u, struct wt_slice path, bool is_pipe)
{
	uint8_t room[8];

	if (is_pipe) {
		put_NAMED_PIPE(u->out, u->event, path);
		put_PIPE(u->out, u->event, wt_slice_text(wt_msrpc_pipe_name(last_part(path))));
		return;
	}
	put_FILENAME(u->out, u->event, path);
	wt_put_FILE_NAME(u->out, u->event, last_part(path));
	wt_put_FILE_EXTENSION(u->out, u->event, wt_path_extension(last_part(path), room));
}

void smb_put_name(struct smb_unit *u, const struct smb_open *file)
{
	if (file)
		smb_put_path(u, wt_slice_of(file->name, file->name_len), file->is_pipe);
}

/* Of a long path the end is kept: it tells the file. */
struct smb_open *smb_open_request(struct smb_unit *u, struct wt_slice path)
{
	struct smb_open *o = open_new(u->s);
	struct wt_builder b = wt_builder_of(o->name, sizeof(o->name));

	o->is_pipe = smb_tree_is_ipc(u->s, u->tree);
	if (path.len > SMB_NAME_MAX)
		path = wt_slice_tail(path, path.len - SMB_NAME_MAX);
	wt_bld_bytes(&b, path);
	o->name_len = (uint8_t)b.len;
	smb_pending_add(u, o, 0);
	u->d->file = (uint8_t)(o - u->s->file + 1);
	return o;
}

void smb_open_bind(struct smb_unit *u, struct smb_open *file, uint64_t first, uint64_t second)
{
	struct smb_open *old = smb_open_find(u->s, first, second);
	bool is_guess = !file;

	unsigned i;

	if (old && old != file)
		old->is_used = false;
	for (i = 0; i < SMB_OPENS && is_guess; i++) {
		struct smb_open *o = &u->s->file[i];

		if (o->is_used && !o->has_id && (!file || o->age > file->age))
			file = o;
	}
	if (!file)
		file = open_new(u->s);
	file->is_guessed = is_guess;
	file->id[0] = first;
	file->id[1] = second;
	file->has_id = true;
}

void smb_open_close(struct smb_unit *u, struct smb_open *file)
{
	if (!file)
		return;
	smb_put_name(u, file);
	if (file->n_read)
		put_READ_BYTES(u->out, u->event, file->n_read);
	if (file->n_written)
		put_WRITTEN_BYTES(u->out, u->event, file->n_written);
	file->is_used = false;
}

bool smb_is_first(const struct smb_open *file, bool is_write, uint64_t offset)
{
	if (is_write)
		return !file->said_write || (offset == 0 && !file->said_write_start);
	return !file->said_read || (offset == 0 && !file->said_read_start);
}

/* A first read or write: `bytes` begin the data, as many as are at hand. */
void smb_file_data(struct smb_unit *u, struct smb_open *file, bool is_write, uint64_t offset,
		   uint64_t len, struct wt_slice bytes)
{
	if (is_write)
		file->said_write = true;
	else
		file->said_read = true;
	if (is_write && offset == 0)
		file->said_write_start = true;
	if (!is_write && offset == 0)
		file->said_read_start = true;
	smb_put_name(u, file);
	put_IO_OFFSET(u->out, u->event, offset);
	put_IO_LENGTH(u->out, u->event, len);
	wt_put_FILE_DATA(u->out, u->event, wt_slice_head(bytes, SMB_DATA));
	if (offset != 0)
		return;
	wt_put_FILE_KIND(u->out, u->event, wt_slice_text(wt_file_kind(bytes)));
	wt_put_FILE_PREAMBLE(u->out, u->event, wt_slice_text(wt_file_preamble_kind(bytes)));
}

void smb_put_disposition(struct smb_unit *u, uint32_t disposition)
{
	static const char *const words[] = {
		"supersede", "open", "create", "open_if", "overwrite", "overwrite_if",
	};

	if (disposition < sizeof(words) / sizeof(words[0]))
		put_DISPOSITION(u->out, u->event, wt_slice_text(words[disposition]));
}

void smb_put_action(struct smb_unit *u, uint32_t action)
{
	static const char *const words[] = { "superseded", "opened", "created", "overwritten" };

	if (action < sizeof(words) / sizeof(words[0]))
		put_CREATE_ACTION(u->out, u->event, wt_slice_text(words[action]));
}

void smb_put_access(struct smb_unit *u, uint32_t mask)
{
	put_ACCESS_MASK(u->out, u->event, mask);
	if (mask & WRITE_RIGHTS)
		put_IS_WRITE_ACCESS(u->out, u->event, true);
}
