/* Reads the configuration file: a strict part of YAML 1.1, walked as libyaml's
 * events against the rows of options.def. The only user of libyaml.
 * Source: YAML 1.1; libyaml 0.2.5 (events, marks).
 * Trust: the operator's file, which may be damaged or made by another hand: its
 * size, depth, values and errors are bounded.
 * Memory: the file (1 MiB at most) and libyaml's own, freed when it is read. */
#define _POSIX_C_SOURCE 200809L /* strdup, O_CLOEXEC */
#include "base/conf_inner.h"
#include "base/read.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <yaml.h>

#define KEY_MAX 256      /* bytes of a dotted key; longer ones are unknown */
#define GROUPS_MAX 256   /* groups remembered to find doubled ones */

struct seen_group {
	char key[KEY_MAX];
	size_t line;
};

struct walk {
	struct wt_conf *conf;
	struct wt_conf *at; /* what has the values: conf, or the section at hand */
	yaml_parser_t parser;
	yaml_event_t event; /* the current one */
	struct wt_slice text;
	unsigned depth;
	unsigned n_groups;
	bool is_over; /* nothing more may be read */
	struct seen_group group[GROUPS_MAX];
};

static struct wt_conf_place place_of(const struct walk *w, const yaml_mark_t *mark)
{
	return (struct wt_conf_place){ .file = w->conf->file, .line = mark->line + 1,
				       .column = mark->column + 1 };
}

static struct wt_conf_place here(const struct walk *w)
{
	return place_of(w, &w->event.start_mark);
}

static void complain_over(struct walk *w, const struct wt_conf_place *place, const char *what)
{
	if (!w->is_over)
		(void)wt_conf_complain(w->conf, place, "%s", what);
	w->is_over = true;
}

/* libyaml's reader gives an offset and no mark when the encoding is wrong. */
static struct wt_conf_place place_of_problem(const struct walk *w)
{
	struct wt_conf_place place = place_of(w, &w->parser.problem_mark);
	size_t i, offset = w->parser.problem_offset;

	if (w->parser.error != YAML_READER_ERROR)
		return place;
	place.line = 1;
	place.column = 1;
	for (i = 0; i < offset && i < w->text.len; i++) {
		if (w->text.ptr[i] == '\n') {
			place.line++;
			place.column = 1;
		} else if ((w->text.ptr[i] & 0xc0) != 0x80) {
			place.column++;
		}
	}
	return place;
}

static void complain_syntax(struct walk *w)
{
	struct wt_conf_place place = place_of_problem(w);
	const char *problem = w->parser.problem ? w->parser.problem : "no reason given";
	char text[256];

	if (w->parser.error == YAML_MEMORY_ERROR)
		snprintf(text, sizeof(text), "out of memory");
	else if (w->parser.context)
		snprintf(text, sizeof(text), "found what is not YAML: %s, %s; the rest is not "
			 "looked at", w->parser.context, problem);
	else
		snprintf(text, sizeof(text), "found what is not YAML: %s; the rest is not "
			 "looked at", problem);
	complain_over(w, &place, text);
}

/* What YAML allows and this file does not. */
static void refuse_extras(struct walk *w)
{
	struct wt_conf_place place = here(w);
	const yaml_char_t *anchor = NULL, *tag = NULL;

	switch (w->event.type) {
	case YAML_ALIAS_EVENT:
		(void)wt_conf_complain(w->conf, &place, "found an alias (*name); write the value "
				       "out");
		break;
	case YAML_SCALAR_EVENT:
		anchor = w->event.data.scalar.anchor;
		tag = w->event.data.scalar.tag;
		break;
	case YAML_MAPPING_START_EVENT:
		anchor = w->event.data.mapping_start.anchor;
		tag = w->event.data.mapping_start.tag;
		break;
	case YAML_SEQUENCE_START_EVENT:
		anchor = w->event.data.sequence_start.anchor;
		tag = w->event.data.sequence_start.tag;
		break;
	case YAML_DOCUMENT_START_EVENT:
		if (w->event.data.document_start.version_directive ||
		    w->event.data.document_start.tag_directives.start !=
		    w->event.data.document_start.tag_directives.end)
			(void)wt_conf_complain(w->conf, &place, "found a %% directive; write the "
					       "file without any");
		break;
	default:
		break;
	}
	if (anchor)
		(void)wt_conf_complain(w->conf, &place, "found an anchor (&name); write each "
				       "value out where it belongs");
	if (tag)
		(void)wt_conf_complain(w->conf, &place, "found a tag (!name); write the value "
				       "without it");
}

/* Moves on to the next event; false when there is none. */
static bool next_event(struct walk *w)
{
	yaml_event_delete(&w->event);
	memset(&w->event, 0, sizeof(w->event));
	if (w->conf->n_errors > WT_CONF_ERRORS_MAX)
		w->is_over = true;
	if (w->is_over)
		return false;
	if (!yaml_parser_parse(&w->parser, &w->event)) {
		memset(&w->event, 0, sizeof(w->event));
		complain_syntax(w);
		return false;
	}
	refuse_extras(w);
	if (w->event.type == YAML_MAPPING_START_EVENT ||
	    w->event.type == YAML_SEQUENCE_START_EVENT) {
		if (++w->depth > WT_CONF_DEPTH_MAX) {
			struct wt_conf_place place = here(w);

			complain_over(w, &place, "found more than 16 levels; write fewer. The "
				      "rest is not looked at");
			return false;
		}
	} else if (w->event.type == YAML_MAPPING_END_EVENT ||
		   w->event.type == YAML_SEQUENCE_END_EVENT) {
		w->depth--;
	}
	return true;
}

/* Passes over the node that the current event begins, up to its last event. */
static void skip_node(struct walk *w)
{
	unsigned level = w->depth;

	if (w->event.type != YAML_MAPPING_START_EVENT &&
	    w->event.type != YAML_SEQUENCE_START_EVENT)
		return;
	while (w->depth >= level && next_event(w))
		;
}

static struct wt_slice scalar_text(const struct walk *w)
{
	return wt_slice_of(w->event.data.scalar.value, w->event.data.scalar.length);
}

static bool is_quoted(const struct walk *w)
{
	return w->event.data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
}

static const char *kind_of(const struct walk *w)
{
	switch (w->event.type) {
	case YAML_SCALAR_EVENT:
		return "a single value";
	case YAML_MAPPING_START_EVENT:
		return "nested keys";
	case YAML_SEQUENCE_START_EVENT:
		return "a list";
	default:
		return "something else";
	}
}

static void append_scalar(struct walk *w, enum wt_conf_id id)
{
	struct wt_conf_scalar scalar = { .text = scalar_text(w), .is_quoted = is_quoted(w),
					 .place = here(w) };

	(void)wt_conf_append(w->at, id, &scalar);
}

static void complain_kind(struct walk *w, enum wt_conf_id id, const char *form)
{
	struct wt_conf_place place = here(w);
	char expected[256], key[WT_CONF_KEY_MAX];

	if (w->event.type == YAML_ALIAS_EVENT)
		return; /* told already */
	wt_conf_expected(&wt_conf_rows[id], expected, sizeof(expected));
	(void)wt_conf_complain(w->conf, &place, "%s: found %s; expected %s%s",
			       wt_conf_key(w->at, id, key), kind_of(w), form, expected);
}

static void walk_list(struct walk *w, enum wt_conf_id id)
{
	while (next_event(w) && w->event.type != YAML_SEQUENCE_END_EVENT) {
		if (w->event.type == YAML_SCALAR_EVENT) {
			append_scalar(w, id);
		} else {
			complain_kind(w, id, "");
			skip_node(w);
		}
	}
}

/* The value of a known key. */
static void walk_value(struct walk *w, enum wt_conf_id id)
{
	const bool is_list = wt_conf_rows[id].is_list;

	if (!next_event(w))
		return;
	if (is_list && w->event.type == YAML_SEQUENCE_START_EVENT) {
		walk_list(w, id);
	} else if (!is_list && w->event.type == YAML_SCALAR_EVENT) {
		append_scalar(w, id);
	} else {
		complain_kind(w, id, is_list ? "a list ([a, b]), each item " : "");
		skip_node(w);
	}
}

static void complain_unknown(struct walk *w, const char *key)
{
	struct wt_conf_place place = here(w);
	char shown[WT_CONF_SHOWN], part[WT_CONF_SHOWN], found[KEY_MAX], name[WT_CONF_KEY_MAX];
	const char *near = wt_conf_near_key(w->at, key, found, sizeof(found));

	wt_conf_named(w->at, key, name);
	wt_conf_show(wt_slice_of(name, strlen(name)), shown);
	wt_conf_show(scalar_text(w), part);
	if (memchr(w->event.data.scalar.value, '.', w->event.data.scalar.length))
		(void)wt_conf_complain(w->conf, &place, "found the key %s with a point; expected "
				       "one name per level, the next level indented below it",
				       part);
	else
		(void)wt_conf_complain(w->conf, &place, "found the unknown key %s; expected a key "
				       "of wardtap.conf(5)%s%s%s", shown,
				       near ? " (did you mean " : "", near ? near : "",
				       near ? "?)" : "");
}

/* Whether this key was there before; complains, and remembers it. */
static bool is_doubled(struct walk *w, const char *key, enum wt_conf_id id)
{
	struct wt_conf_place place = here(w);
	char name[WT_CONF_KEY_MAX];
	size_t first = 0;
	unsigned i;

	wt_conf_named(w->at, key, name);

	if (id != WT_N_CONF) {
		struct wt_conf_value *value = &w->at->value[id];

		if (value->is_in_file) {
			first = value->place.line;
		} else {
			wt_conf_clear(value);
			value->is_in_file = true;
			value->place = place;
		}
	} else {
		for (i = 0; i < w->n_groups && first == 0; i++)
			if (strcmp(w->group[i].key, name) == 0)
				first = w->group[i].line;
		if (first == 0 && !WT_BUG_ON(w->n_groups == GROUPS_MAX)) {
			snprintf(w->group[w->n_groups].key, KEY_MAX, "%s", name);
			w->group[w->n_groups++].line = place.line;
		}
	}
	if (first)
		(void)wt_conf_complain(w->conf, &place, "found the key %s again; expected it once "
				       "(first on line %zu)", name, first);
	return first != 0;
}

static void walk_mapping(struct walk *w, const char *group);

/* A key that is the beginning of rows' keys: nested keys, or nothing yet. */
static void walk_group(struct walk *w, const char *key)
{
	char name[WT_CONF_KEY_MAX];
	struct wt_conf_place place;

	if (!next_event(w))
		return;
	if (w->event.type == YAML_MAPPING_START_EVENT) {
		walk_mapping(w, key);
		return;
	}
	if ((w->event.type == YAML_SCALAR_EVENT && scalar_text(w).len == 0 && !is_quoted(w)) ||
	    w->event.type == YAML_ALIAS_EVENT)
		return;
	place = here(w);
	(void)wt_conf_complain(w->conf, &place, "%s: found %s; expected nested keys, indented "
			       "below it", wt_conf_named(w->at, key, name), kind_of(w));
	skip_node(w);
}

static void skip_value(struct walk *w)
{
	if (next_event(w))
		skip_node(w);
}

/* A name that the operator gave, and its mapping; the current event is the name. */
static void walk_section(struct walk *w, const char *group)
{
	struct wt_conf_place place = here(w);
	struct wt_conf *section = wt_conf_enter(w->conf, group, scalar_text(w), &place);
	char key[KEY_MAX];

	snprintf(key, sizeof(key), "%s.*", group);
	if (section)
		w->at = section;
	if (!section || is_doubled(w, key, WT_N_CONF))
		skip_value(w);
	else
		walk_group(w, key);
	w->at = w->conf;
}

/* One key and its value; the current event is the key. */
static void walk_pair(struct walk *w, const char *group)
{
	struct wt_conf_place place = here(w);
	enum wt_conf_id id;
	char key[KEY_MAX];
	struct wt_slice name;
	int len;

	if (w->event.type != YAML_SCALAR_EVENT) {
		if (w->event.type != YAML_ALIAS_EVENT)
			(void)wt_conf_complain(w->conf, &place, "found %s as a key; expected a "
					       "name", kind_of(w));
		skip_node(w);
		skip_value(w);
		return;
	}
	if (wt_conf_has_sections(group)) {
		walk_section(w, group);
		return;
	}
	name = scalar_text(w);
	len = snprintf(key, sizeof(key), "%s%s%.*s", group, *group ? "." : "",
		       name.len < KEY_MAX ? (int)name.len : KEY_MAX, (const char *)name.ptr);
	id = wt_conf_find(key);
	if ((id == WT_N_CONF && !wt_conf_is_group(key)) || len >= KEY_MAX ||
	    wt_slice_find(name, 0) != name.len || wt_slice_find(name, '.') != name.len) {
		complain_unknown(w, key);
		skip_value(w);
	} else if (is_doubled(w, key, id)) {
		skip_value(w);
	} else if (id != WT_N_CONF) {
		walk_value(w, id);
	} else {
		walk_group(w, key);
	}
}

/* The pairs of a mapping whose start is the current event. Its depth is bounded by
 * the rows' own, as unknown groups are passed over. */
static void walk_mapping(struct walk *w, const char *group)
{
	while (next_event(w) && w->event.type != YAML_MAPPING_END_EVENT)
		walk_pair(w, group);
}

static void walk_document(struct walk *w)
{
	struct wt_conf_place place;

	if (!next_event(w))
		return;
	place = here(w);
	if (w->event.type == YAML_MAPPING_START_EVENT) {
		walk_mapping(w, "");
	} else if (w->event.type == YAML_SCALAR_EVENT && scalar_text(w).len == 0 &&
		   !is_quoted(w)) {
		/* "---" and nothing behind it */
	} else if (w->event.type != YAML_ALIAS_EVENT) {
		(void)wt_conf_complain(w->conf, &place, "found %s; expected keys of "
				       "wardtap.conf(5), each as \"key: value\"", kind_of(w));
		skip_node(w);
	}
}

static void walk_stream(struct walk *w)
{
	unsigned n_documents = 0;

	while (next_event(w) && w->event.type != YAML_STREAM_END_EVENT) {
		if (w->event.type != YAML_DOCUMENT_START_EVENT)
			continue;
		if (++n_documents > 1) {
			struct wt_conf_place place = here(w);

			complain_over(w, &place, "found a second document; write one without "
				      "\"---\" between. The rest is not looked at");
			return;
		}
		walk_document(w);
	}
}

static bool name_file(struct wt_conf *conf, const char *name)
{
	struct wt_conf_place place = { .file = NULL };

	if (WT_BUG_ON(conf->file != NULL))
		return false;
	conf->file = strdup(name);
	if (!conf->file)
		(void)wt_conf_complain(conf, &place, "out of memory");
	return conf->file != NULL;
}

static bool parse_text(struct wt_conf *conf, struct wt_slice text)
{
	struct wt_conf_place place = { .file = conf->file };
	struct walk *w;
	unsigned n_before = conf->n_errors;

	if (text.len > WT_CONF_FILE_MAX) {
		(void)wt_conf_complain(conf, &place, "found more than %u bytes; expected a "
				       "configuration file", WT_CONF_FILE_MAX);
		return false;
	}
	w = calloc(1, sizeof(*w));
	if (!w || !yaml_parser_initialize(&w->parser)) {
		(void)wt_conf_complain(conf, &place, "out of memory");
		free(w);
		return false;
	}
	w->conf = w->at = conf;
	w->text = text;
	yaml_parser_set_encoding(&w->parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&w->parser,
				     text.len ? text.ptr : (const uint8_t *)"", text.len);
	walk_stream(w);
	yaml_event_delete(&w->event);
	yaml_parser_delete(&w->parser);
	free(w);
	return conf->n_errors == n_before;
}

bool wt_conf_load_text(struct wt_conf *conf, const char *name, struct wt_slice text)
{
	return name_file(conf, name) && parse_text(conf, text);
}

bool wt_conf_load_file(struct wt_conf *conf, const char *path)
{
	struct wt_conf_place place;
	uint8_t *room;
	ssize_t len = -1;
	bool is_good = false;
	int fd;

	if (!name_file(conf, path))
		return false;
	place = (struct wt_conf_place){ .file = conf->file };
	room = malloc(WT_CONF_FILE_MAX + 1);
	if (!room) {
		(void)wt_conf_complain(conf, &place, "out of memory");
		return false;
	}
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0) {
		len = wt_read_all(fd, room, WT_CONF_FILE_MAX + 1);
	}
	if (fd < 0 || len < 0)
		(void)wt_conf_complain(conf, &place, "cannot be read: %s", strerror(errno));
	else
		is_good = parse_text(conf, wt_slice_of(room, (size_t)len));
	if (fd >= 0)
		close(fd);
	free(room);
	return is_good;
}
