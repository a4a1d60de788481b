/* What the files of the configuration share among themselves: conf.c (YAML),
 * conf_store.c (rows, values, errors), conf_value.c (one scalar), conf_near.c (the
 * nearest known word). Nobody else includes this. */
#ifndef BASE_CONF_INNER_H
#define BASE_CONF_INNER_H

#include <stdarg.h>

#include "base/conf.h"

/* Where something was written; both counted from 1. `file` NULL: command line. */
struct wt_conf_place {
	const char *file;
	size_t line; /* 0: the file as a whole */
	size_t column;
};

/* One value as text. Not NUL-terminated where it came from a list of --set. */
struct wt_conf_scalar {
	struct wt_slice text;
	bool is_quoted;
	struct wt_conf_place place;
};

struct wt_conf_item {
	uint64_t number;
	char *text; /* owned; as it was written */
	struct wt_cidr cidr;
	struct wt_conf_place place;
};

struct wt_conf_value {
	struct wt_conf_item *item; /* owned */
	unsigned n;
	bool is_in_file;
	bool is_set; /* by --set */
	struct wt_conf_place place; /* of the key */
};

struct wt_conf {
	struct wt_conf_value value[WT_N_CONF];
	struct wt_conf *parent; /* of a section; its file and errors are used */
	struct wt_conf *section[WT_CONF_SECTIONS_MAX]; /* owned */
	unsigned n_sections;
	char name[WT_CONF_NAME_MAX + 1];    /* of a section */
	struct wt_conf_place place;         /* where it was first named */
	char *file; /* owned; what places point to */
	char *error[WT_CONF_ERRORS_MAX + 1]; /* owned */
	unsigned n_errors;
};

/* Keeps an error. False once WT_CONF_ERRORS_MAX are kept (the last says so). */
bool wt_conf_complain(struct wt_conf *conf, const struct wt_conf_place *place,
		      const char *format, ...) __attribute__((format(printf, 3, 4)));
bool wt_conf_vcomplain(struct wt_conf *conf, const struct wt_conf_place *place,
		       const char *prefix, const char *format, va_list args)
	__attribute__((format(printf, 4, 0)));

/* Row of a full key, or WT_N_CONF. Names of sections stand as "*". */
enum wt_conf_id wt_conf_find(const char *key);
/* Whether some row's key begins with `key` and a point. */
bool wt_conf_is_group(const char *key);

/* Whether names of sections follow behind `key`. */
bool wt_conf_has_sections(const char *key);

/* The section of that name, made where it is missing. NULL: complained about. */
struct wt_conf *wt_conf_enter(struct wt_conf *conf, const char *group, struct wt_slice name,
			      const struct wt_conf_place *place);

/* `key` with the section's name for "*"; gives `text` back. */
const char *wt_conf_named(const struct wt_conf *conf, const char *key,
			  char text[WT_CONF_KEY_MAX]);

/* Checks one scalar against its row and fills the item, or complains. */
bool wt_conf_parse(struct wt_conf *conf, const struct wt_conf_row *row,
		   const struct wt_conf_scalar *scalar, struct wt_conf_item *item);

/* Parses and appends to the value; complains when it is bad, doubled or too many. */
bool wt_conf_append(struct wt_conf *conf, enum wt_conf_id id,
		    const struct wt_conf_scalar *scalar);
void wt_conf_clear(struct wt_conf_value *value);

/* Printable and short rendering of what was found, for errors. */
#define WT_CONF_SHOWN 64
const char *wt_conf_show(struct wt_slice text, char shown[WT_CONF_SHOWN]);

/* The key or group of keys (of the section's where conf is one) most like `key`, or the choice most like `word`, copied
 * to `found` and given back; NULL when nothing is near. */
const char *wt_conf_near_key(const struct wt_conf *conf, const char *key, char *found,
			     size_t size);
const char *wt_conf_near_choice(const char *choices, struct wt_slice word, char *found,
				size_t size);

/* Next of "a|b|c" or "a,b,c"; false at the end. */
bool wt_conf_next_part(struct wt_slice *rest, uint8_t mark, struct wt_slice *part);

#endif
