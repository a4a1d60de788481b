/* The configuration: a strict file (a small part of YAML 1.1), --set, and typed
 * access by row. The rows are in options.def; an option is a row, never code.
 *
 * Strict means: an unknown or doubled key, a wrong type, a value out of range, an
 * anchor, alias, tag, directive or second document is an error that says where it
 * is, what was found and what to write. All errors of a file are told in one run;
 * only a breach of YAML's own syntax ends the reading. Presets (the defaults) go
 * through the same parser, so a typed read never has to cope with a bad value.
 *
 * Named sections: rows whose key has a part "*" are values of every mapping that the
 * operator names in that place (sinks.siem1.type is row "sinks.*.type" of the section
 * siem1). A section is a configuration of its own whose errors go to its parent's. */
#ifndef BASE_CONF_H
#define BASE_CONF_H

#include "wardtap/bytes.h"
#include "wardtap/types.h"

#define WT_CONF_FILE_MAX 1048576u /* bytes of a file */
#define WT_CONF_DEPTH_MAX 16u     /* nested mappings and lists */
#define WT_CONF_LIST_MAX 256u     /* items of a list */
#define WT_CONF_ERRORS_MAX 100u   /* errors told; reading ends there */
#define WT_CONF_TEXT_MAX 4096u    /* bytes of a single value */
#define WT_CONF_SECTIONS_MAX 16u  /* named sections */
#define WT_CONF_NAME_MAX 32u      /* bytes of a section's name */
#define WT_CONF_KEY_MAX 128u      /* bytes of a dotted key with such a name, and its NUL */

enum wt_conf_id {
#define O(id, key, type, mult, preset, min, max, choices, unit, effect, doc) WT_CONF_##id,
#include "base/options.def"
#undef O
	WT_N_CONF
};

enum wt_conf_type {
	WT_CONF_TYPE_BOOL,
	WT_CONF_TYPE_INT,
	WT_CONF_TYPE_SIZE, /* bytes */
	WT_CONF_TYPE_TIME, /* ns */
	WT_CONF_TYPE_STR,
	WT_CONF_TYPE_ENUM, /* number: index into choices, from 0 */
	WT_CONF_TYPE_PATH,
	WT_CONF_TYPE_CIDR,
};

struct wt_conf_row {
	const char *key;     /* dotted; a part "*" stands for the name of a section */
	const char *preset;  /* default as text, see options.def */
	const char *choices; /* ENUM: "a|b|c" */
	const char *unit;
	const char *effect;
	const char *doc;
	uint64_t min; /* INT, SIZE, TIME: the value; STR, PATH: its length */
	uint64_t max;
	enum wt_conf_type type;
	bool is_list;
};

extern const struct wt_conf_row wt_conf_rows[WT_N_CONF];

struct wt_cidr {
	struct wt_addr addr;
	uint8_t ip_version; /* 4 or 6 */
	uint8_t prefix_len; /* bits, 0..32 or 0..128 */
};

struct wt_conf;

/* A configuration that holds the presets. NULL when memory is out. */
WT_MUST_USE struct wt_conf *wt_conf_new(void);
void wt_conf_free(struct wt_conf *conf);

/* Reads a file (at most once per conf). True when it brought no error. Errors are
 * kept, see wt_conf_error; the file's other values are taken all the same. */
WT_MUST_USE bool wt_conf_load_file(struct wt_conf *conf, const char *path);

/* The same from memory; `name` is what errors call it. */
WT_MUST_USE bool wt_conf_load_text(struct wt_conf *conf, const char *name, struct wt_slice text);

/* Takes one "key=value" of the command line, which wins over the file. Items of a
 * list are parted by commas. */
WT_MUST_USE bool wt_conf_set(struct wt_conf *conf, const char *assignment);

/* Adds an error about item `item` (0 unless a list) of a row's value, at the place
 * where it was given: for checks that the table cannot express. `format` should
 * read "found ...; write ...". */
void wt_conf_blame(struct wt_conf *conf, enum wt_conf_id id, unsigned item,
		   const char *format, ...) __attribute__((format(printf, 4, 5)));

/* Errors so far, in the order found: complete lines without a newline, such as
 * "site.conf:3:12: engine.workers: found 99; expected an integer from 1 to 64".
 * Borrowed until wt_conf_free. */
unsigned wt_conf_n_errors(const struct wt_conf *conf);
const char *wt_conf_error(const struct wt_conf *conf, unsigned i);

/* The named sections, in the order in which they were first named. Everything below works
 * on one as on the whole, with the rows of its place; borrowed until wt_conf_free of the
 * whole. NULL and "" beyond the last. */
unsigned wt_conf_n_sections(const struct wt_conf *conf);
struct wt_conf *wt_conf_section(const struct wt_conf *conf, unsigned i);
const char *wt_conf_section_name(const struct wt_conf *conf, unsigned i);

/* The key of a row as the operator writes it: "sinks.siem1.type" in the section siem1,
 * "sinks.NAME.type" where conf is no section or NULL. Gives `text` back. */
const char *wt_conf_key(const struct wt_conf *conf, enum wt_conf_id id,
			char text[WT_CONF_KEY_MAX]);

/* Whether the row has a value: given, or a preset that is not "". */
bool wt_conf_has(const struct wt_conf *conf, enum wt_conf_id id);
/* Whether the file or the command line gave it. */
bool wt_conf_is_given(const struct wt_conf *conf, enum wt_conf_id id);

/* The value of a row of that type; a row of another type is a defect of ours and
 * reads as false, 0 or NULL. Text is borrowed until wt_conf_free, and NULL when the
 * row has no value. */
bool wt_conf_bool(const struct wt_conf *conf, enum wt_conf_id id);
uint64_t wt_conf_u64(const struct wt_conf *conf, enum wt_conf_id id); /* INT SIZE TIME ENUM */
const char *wt_conf_text(const struct wt_conf *conf, enum wt_conf_id id); /* STR PATH ENUM */

/* Lists: number of items, and item `i` of them. */
unsigned wt_conf_count(const struct wt_conf *conf, enum wt_conf_id id);
uint64_t wt_conf_item_u64(const struct wt_conf *conf, enum wt_conf_id id, unsigned i);
const char *wt_conf_item_text(const struct wt_conf *conf, enum wt_conf_id id, unsigned i);
const struct wt_cidr *wt_conf_item_cidr(const struct wt_conf *conf, enum wt_conf_id id,
					unsigned i);

/* The value as it was written, whatever its type ("10s"); NULL when there is none. */
const char *wt_conf_written(const struct wt_conf *conf, enum wt_conf_id id);

/* What a row takes, in words: "an integer from 1 to 64". For errors and pages. */
void wt_conf_expected(const struct wt_conf_row *row, char *text, size_t size);

#endif
