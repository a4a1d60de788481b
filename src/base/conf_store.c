/* Rows, values, errors and typed access of the configuration.
 * Trust: the operator's own words; still bounded, as files get damaged.
 * Memory: allocated at start-up, never on the packet path. */
#include "base/conf_inner.h"

#include <stdio.h>
#include <stdlib.h>

#define IS_LIST_ONE false
#define IS_LIST_MANY true

const struct wt_conf_row wt_conf_rows[WT_N_CONF] = {
#define O(id, key_, type_, mult_, preset_, min_, max_, choices_, unit_, effect_, doc_) \
	[WT_CONF_##id] = { .key = key_, .preset = preset_, .choices = choices_, \
			   .unit = unit_, .effect = effect_, .doc = doc_, .min = min_, \
			   .max = max_, .type = WT_CONF_TYPE_##type_, \
			   .is_list = IS_LIST_##mult_ },
#include "base/options.def"
#undef O
};

enum wt_conf_id wt_conf_find(const char *key)
{
	unsigned i;

	for (i = 0; i < WT_N_CONF; i++)
		if (strcmp(wt_conf_rows[i].key, key) == 0)
			return (enum wt_conf_id)i;
	return WT_N_CONF;
}

bool wt_conf_is_group(const char *key)
{
	size_t len = strlen(key);
	unsigned i;

	for (i = 0; i < WT_N_CONF; i++)
		if (strncmp(wt_conf_rows[i].key, key, len) == 0 &&
		    wt_conf_rows[i].key[len] == '.')
			return true;
	return false;
}

bool wt_conf_has_sections(const char *key)
{
	size_t len = strlen(key);
	unsigned i;

	for (i = 0; i < WT_N_CONF; i++)
		if (strncmp(wt_conf_rows[i].key, key, len) == 0 &&
		    strncmp(wt_conf_rows[i].key + len, ".*.", 3) == 0)
			return true;
	return false;
}

const char *wt_conf_named(const struct wt_conf *conf, const char *key,
			  char text[WT_CONF_KEY_MAX])
{
	const char *star = strstr(key, ".*");

	if (!star)
		snprintf(text, WT_CONF_KEY_MAX, "%s", key);
	else
		snprintf(text, WT_CONF_KEY_MAX, "%.*s.%s%s", (int)(star - key), key,
			 conf && conf->parent ? conf->name : "NAME", star + 2);
	return text;
}

const char *wt_conf_key(const struct wt_conf *conf, enum wt_conf_id id,
			char text[WT_CONF_KEY_MAX])
{
	return wt_conf_named(conf, wt_conf_rows[id].key, text);
}

bool wt_conf_vcomplain(struct wt_conf *conf, const struct wt_conf_place *place,
		       const char *prefix, const char *format, va_list args)
{
	char where[512], what[1024], *line;
	size_t len;

	conf = conf->parent ? conf->parent : conf;
	if (conf->n_errors > WT_CONF_ERRORS_MAX)
		return false;
	if (place->file == NULL)
		snprintf(where, sizeof(where), "command line");
	else if (place->line == 0)
		snprintf(where, sizeof(where), "%s", place->file);
	else
		snprintf(where, sizeof(where), "%.400s:%zu:%zu", place->file, place->line,
			 place->column);
	if (conf->n_errors == WT_CONF_ERRORS_MAX)
		snprintf(what, sizeof(what), "found more than %u errors; the rest is not told",
			 WT_CONF_ERRORS_MAX);
	else
		vsnprintf(what, sizeof(what), format, args);
	len = strlen(where) + strlen(prefix) + strlen(what) + 5;
	line = malloc(len);
	if (line)
		snprintf(line, len, "%s: %s%s%s", where, prefix, *prefix ? ": " : "", what);
	conf->error[conf->n_errors++] = line;
	return conf->n_errors <= WT_CONF_ERRORS_MAX;
}

bool wt_conf_complain(struct wt_conf *conf, const struct wt_conf_place *place,
		      const char *format, ...)
{
	va_list args;
	bool is_kept;

	va_start(args, format);
	is_kept = wt_conf_vcomplain(conf, place, "", format, args);
	va_end(args);
	return is_kept;
}

void wt_conf_blame(struct wt_conf *conf, enum wt_conf_id id, unsigned item,
		   const char *format, ...)
{
	const struct wt_conf_value *value = &conf->value[id];
	struct wt_conf_place place = conf->parent ? conf->place :
				     (struct wt_conf_place){ .file = conf->file };
	char key[WT_CONF_KEY_MAX];
	va_list args;

	if (item < value->n && wt_conf_is_given(conf, id))
		place = value->item[item].place;
	va_start(args, format);
	(void)wt_conf_vcomplain(conf, &place, wt_conf_key(conf, id, key), format, args);
	va_end(args);
}

unsigned wt_conf_n_errors(const struct wt_conf *conf)
{
	return conf->n_errors;
}

const char *wt_conf_error(const struct wt_conf *conf, unsigned i)
{
	const char *text;

	if (WT_BUG_ON(i >= conf->n_errors))
		return "";
	text = conf->error[i];
	return text ? text : "out of memory while an error was written down";
}

void wt_conf_clear(struct wt_conf_value *value)
{
	unsigned i;

	for (i = 0; i < value->n; i++)
		free(value->item[i].text);
	free(value->item);
	value->item = NULL;
	value->n = 0;
}

static bool is_there_already(const struct wt_conf_value *value, const char *text)
{
	unsigned i;

	for (i = 0; i < value->n; i++)
		if (strcmp(value->item[i].text, text) == 0)
			return true;
	return false;
}

bool wt_conf_append(struct wt_conf *conf, enum wt_conf_id id,
		    const struct wt_conf_scalar *scalar)
{
	const struct wt_conf_row *row = &wt_conf_rows[id];
	struct wt_conf_value *value = &conf->value[id];
	struct wt_conf_item item = { .text = NULL }, *grown;
	char key[WT_CONF_KEY_MAX];

	if (value->n >= (row->is_list ? WT_CONF_LIST_MAX : 1)) {
		(void)wt_conf_complain(conf, &scalar->place, "%s: found more than %u items; "
				       "write fewer", wt_conf_key(conf, id, key),
				       WT_CONF_LIST_MAX);
		return false;
	}
	if (!wt_conf_parse(conf, row, scalar, &item))
		return false;
	if (is_there_already(value, item.text)) {
		(void)wt_conf_complain(conf, &scalar->place, "%s: found the item %s twice; "
				       "write it once", wt_conf_key(conf, id, key), item.text);
		free(item.text);
		return false;
	}
	grown = realloc(value->item, (value->n + 1) * sizeof(*grown));
	if (!grown) {
		free(item.text);
		(void)wt_conf_complain(conf, &scalar->place, "out of memory");
		return false;
	}
	value->item = grown;
	value->item[value->n++] = item;
	return true;
}

/* The text of --set or of a preset: one scalar, or items parted by commas. */
static bool take_text(struct wt_conf *conf, enum wt_conf_id id, const char *text,
		      struct wt_conf_place place)
{
	struct wt_conf_scalar scalar = { .text = wt_slice_of(text, strlen(text)),
					 .place = place };
	struct wt_slice rest = scalar.text;
	bool is_good = true;

	if (!wt_conf_rows[id].is_list)
		return wt_conf_append(conf, id, &scalar);
	while (wt_conf_next_part(&rest, ',', &scalar.text))
		is_good = wt_conf_append(conf, id, &scalar) && is_good;
	return is_good;
}

static struct wt_conf *new_conf(struct wt_conf *parent)
{
	struct wt_conf *conf = calloc(1, sizeof(*conf));
	unsigned i;

	if (!conf)
		return NULL;
	conf->parent = parent;
	for (i = 0; i < WT_N_CONF; i++) {
		struct wt_conf_place place = { .file = "built-in defaults" };

		if (*wt_conf_rows[i].preset &&
		    (strstr(wt_conf_rows[i].key, ".*.") != NULL) == (parent != NULL))
			(void)take_text(conf, (enum wt_conf_id)i, wt_conf_rows[i].preset, place);
	}
	return conf;
}

struct wt_conf *wt_conf_new(void)
{
	struct wt_conf *conf = new_conf(NULL);

	if (!conf)
		return NULL;
	if (WT_BUG_ON(conf->n_errors != 0)) {
		wt_conf_free(conf);
		return NULL;
	}
	return conf;
}

void wt_conf_free(struct wt_conf *conf)
{
	unsigned i;

	if (!conf)
		return;
	for (i = 0; i < WT_N_CONF; i++)
		wt_conf_clear(&conf->value[i]);
	for (i = 0; i < conf->n_errors; i++)
		free(conf->error[i]);
	for (i = 0; i < conf->n_sections; i++)
		wt_conf_free(conf->section[i]);
	free(conf->file);
	free(conf);
}

static bool is_section_name(struct wt_slice name)
{
	size_t i;

	for (i = 0; i < name.len; i++) {
		uint8_t c = name.ptr[i];

		if (!(c >= '0' && c <= '9') && !(c >= 'a' && c <= 'z') &&
		    !(c >= 'A' && c <= 'Z') && c != '-' && c != '_')
			return false;
	}
	return name.len > 0 && name.len <= WT_CONF_NAME_MAX;
}

struct wt_conf *wt_conf_enter(struct wt_conf *conf, const char *group, struct wt_slice name,
			      const struct wt_conf_place *place)
{
	char shown[WT_CONF_SHOWN];
	struct wt_conf *section;
	unsigned i;

	if (!is_section_name(name)) {
		wt_conf_show(name, shown);
		(void)wt_conf_complain(conf, place, "%s: found the name %s; expected 1 to %u "
				       "letters, digits, - and _", group, shown,
				       WT_CONF_NAME_MAX);
		return NULL;
	}
	for (i = 0; i < conf->n_sections; i++)
		if (strlen(conf->section[i]->name) == name.len &&
		    memcmp(conf->section[i]->name, name.ptr, name.len) == 0)
			return conf->section[i];
	if (conf->n_sections == WT_CONF_SECTIONS_MAX) {
		(void)wt_conf_complain(conf, place, "%s: found more than %u of them; write fewer",
				       group, WT_CONF_SECTIONS_MAX);
		return NULL;
	}
	section = new_conf(conf);
	if (!section) {
		(void)wt_conf_complain(conf, place, "out of memory");
		return NULL;
	}
	memcpy(section->name, name.ptr, name.len);
	section->place = *place;
	conf->section[conf->n_sections++] = section;
	return section;
}

unsigned wt_conf_n_sections(const struct wt_conf *conf)
{
	return conf->n_sections;
}

struct wt_conf *wt_conf_section(const struct wt_conf *conf, unsigned i)
{
	return i < conf->n_sections ? conf->section[i] : NULL;
}

const char *wt_conf_section_name(const struct wt_conf *conf, unsigned i)
{
	return i < conf->n_sections ? conf->section[i]->name : "";
}

/* "sinks.siem1.type" -> the section siem1, and "sinks.*.type" as the key. NULL: a name
 * that cannot be one, complained about; otherwise what has the row. */
static struct wt_conf *enter_key(struct wt_conf *conf, char key[WT_CONF_KEY_MAX])
{
	const struct wt_conf_place place = { .file = NULL };
	char rest[WT_CONF_KEY_MAX], *point = strchr(key, '.'), *end;
	struct wt_conf *section;

	if (!point)
		return conf;
	*point = 0;
	end = strchr(point + 1, '.');
	if (!wt_conf_has_sections(key) || !end) {
		*point = '.';
		return conf;
	}
	section = wt_conf_enter(conf, key, wt_slice_of(point + 1, (size_t)(end - point - 1)),
				&place);
	snprintf(rest, sizeof(rest), "%s", end);
	snprintf(point, WT_CONF_KEY_MAX - (size_t)(point - key), ".*%s", rest);
	return section;
}

bool wt_conf_set(struct wt_conf *conf, const char *assignment)
{
	const struct wt_conf_place place = { .file = NULL };
	const char *equal = strchr(assignment, '='), *near;
	char key[WT_CONF_KEY_MAX], found[128], name[WT_CONF_KEY_MAX], shown[WT_CONF_SHOWN];
	enum wt_conf_id id;

	if (!equal || (size_t)(equal - assignment) >= sizeof(key)) {
		wt_conf_show(wt_slice_of(assignment, strlen(assignment)), shown);
		(void)wt_conf_complain(conf, &place, "found --set %s; expected key=value", shown);
		return false;
	}
	snprintf(key, sizeof(key), "%.*s", (int)(equal - assignment), assignment);
	conf = enter_key(conf, key);
	if (!conf)
		return false;
	id = wt_conf_find(key);
	wt_conf_named(conf, key, name);
	if (id == WT_N_CONF) {
		near = wt_conf_near_key(conf, key, found, sizeof(found));
		wt_conf_show(wt_slice_of(name, strlen(name)), shown);
		(void)wt_conf_complain(conf, &place, "found the unknown key %s; expected a key "
				       "of wardtap.conf(5)%s%s%s", shown,
				       near ? " (did you mean " : "", near ? near : "",
				       near ? "?)" : "");
		return false;
	}
	if (conf->value[id].is_set) {
		(void)wt_conf_complain(conf, &place, "found --set %s twice; write it once", name);
		return false;
	}
	wt_conf_clear(&conf->value[id]);
	conf->value[id].is_set = true;
	return take_text(conf, id, equal + 1, place);
}

bool wt_conf_has(const struct wt_conf *conf, enum wt_conf_id id)
{
	return conf->value[id].n > 0;
}

bool wt_conf_is_given(const struct wt_conf *conf, enum wt_conf_id id)
{
	return conf->value[id].is_in_file || conf->value[id].is_set;
}

static const struct wt_conf_item *item_of(const struct wt_conf *conf, enum wt_conf_id id,
					  unsigned types, unsigned i)
{
	if (WT_BUG_ON((1u << wt_conf_rows[id].type & types) == 0))
		return NULL;
	return i < conf->value[id].n ? &conf->value[id].item[i] : NULL;
}

#define NUMBERS (1u << WT_CONF_TYPE_INT | 1u << WT_CONF_TYPE_SIZE | \
		 1u << WT_CONF_TYPE_TIME | 1u << WT_CONF_TYPE_ENUM)
#define TEXTS (1u << WT_CONF_TYPE_STR | 1u << WT_CONF_TYPE_PATH | 1u << WT_CONF_TYPE_ENUM)

bool wt_conf_bool(const struct wt_conf *conf, enum wt_conf_id id)
{
	const struct wt_conf_item *item = item_of(conf, id, 1u << WT_CONF_TYPE_BOOL, 0);

	return item && item->number != 0;
}

uint64_t wt_conf_item_u64(const struct wt_conf *conf, enum wt_conf_id id, unsigned i)
{
	const struct wt_conf_item *item = item_of(conf, id, NUMBERS, i);

	return item ? item->number : 0;
}

const char *wt_conf_item_text(const struct wt_conf *conf, enum wt_conf_id id, unsigned i)
{
	const struct wt_conf_item *item = item_of(conf, id, TEXTS, i);

	return item ? item->text : NULL;
}

const struct wt_cidr *wt_conf_item_cidr(const struct wt_conf *conf, enum wt_conf_id id,
					unsigned i)
{
	const struct wt_conf_item *item = item_of(conf, id, 1u << WT_CONF_TYPE_CIDR, i);

	return item ? &item->cidr : NULL;
}

uint64_t wt_conf_u64(const struct wt_conf *conf, enum wt_conf_id id)
{
	return wt_conf_item_u64(conf, id, 0);
}

const char *wt_conf_text(const struct wt_conf *conf, enum wt_conf_id id)
{
	return wt_conf_item_text(conf, id, 0);
}

unsigned wt_conf_count(const struct wt_conf *conf, enum wt_conf_id id)
{
	return conf->value[id].n;
}

const char *wt_conf_written(const struct wt_conf *conf, enum wt_conf_id id)
{
	return conf->value[id].n ? conf->value[id].item[0].text : NULL;
}
