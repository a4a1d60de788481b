/* Between the files of this room that load rules: the set under construction, the rule
 * being read, and the parts of its parser. */
#ifndef MATCH_PARSE_H
#define MATCH_PARSE_H

#include "base/zones.h"
#include "match/rule.h"
#include "match/valueset.h"

/* A growing array of one type. */
#define WT_LIST(type)                                                                          \
	struct {                                                                               \
		struct type *at;                                                               \
		unsigned n, room;                                                              \
	}

struct wt_arena_block {
	struct wt_arena_block *next;
	size_t len, cap;
	uint8_t bytes[];
};

struct wt_class {
	const char *name;
	uint8_t priority;
};

struct wt_name {
	const char *text;
	bool is_set, is_read; /* flowbits: by some rule */
	unsigned line;
	const char *file;
};

struct wt_name_list {
	struct wt_name *at;
	unsigned n, room;
};

struct wt_reputation {
	struct wt_net net;
	uint8_t category, score;
};

enum wt_dataset_type { WT_DATASET_STRING, WT_DATASET_MD5, WT_DATASET_SHA256, WT_DATASET_IP };

struct wt_dataset {
	const char *name;
	const char *kept_as; /* file of save or state; NULL: nowhere */
	uint64_t memcap;     /* bytes; 0: not said */
	enum wt_dataset_type type;
	bool has_file, has_scores, is_broken;
	bool is_filled; /* by a rule that is loaded; known at the end */
	struct wt_value_set values; /* with scores: two bytes behind each */
};

struct wt_rules {
	struct wt_arena_block *arena;
	WT_LIST(wt_rule) rule;
	WT_LIST(wt_inspection) inspection;
	WT_LIST(wt_test) test;
	WT_LIST(wt_field_test) field_test;
	WT_LIST(wt_flowbit) flowbit;
	WT_LIST(wt_flowint) flowint;
	WT_LIST(wt_packet_test) packet_test;
	WT_LIST(wt_xbit) xbit;
	WT_LIST(wt_device_test) device_test;
	WT_LIST(wt_zone) zone;
	WT_LIST(wt_rule_problem) problem;
	WT_LIST(wt_class) class;
	struct wt_name_list bit_name; /* flowbits */
	struct wt_name_list xbit_name;
	struct wt_name_list int_name; /* flowint */
	WT_LIST(wt_rule_variable) variable;
	WT_LIST(wt_reputation) reputation;
	WT_LIST(wt_dataset) dataset;
	size_t dataset_bytes;
	const struct wt_rules *followed;      /* the set before this one; NULL: none */
	uint16_t *bit_after, *int_after;      /* by its numbers: ours, UINT16_MAX none */
	const char *category[256];            /* of reputations, by number */
	unsigned n_read, n_problems;          /* also those beyond WT_PROBLEMS_MAX */
	const struct wt_buffer *buffer[1024]; /* resolved names, hashed (buffer.c) */
};

/* A test and the inspection that it belongs to: put in order when the rule ends. */
struct wt_loose_test {
	struct wt_test test;
	unsigned inspection;
};

#define WT_DATASETS_BYTES_MAX (512u << 20) /* of their files together */
#define WT_RULE_INSPECTIONS_MAX 32u /* as bits of a word */

/* The rule being read. Everything it adds to the set lies at the ends of its lists, so
 * a rule that fails is taken back by their lengths. */
struct wt_parse {
	struct wt_rules *set;
	struct wt_rule rule;
	const char *file;
	struct wt_slice text;     /* of the whole rule, lines joined */
	const unsigned *line_of;  /* line of each joined line */
	const unsigned *start_of; /* offset in text where it begins */
	unsigned n_lines;
	struct wt_slice key, value; /* option at hand */
	const char *variable[WT_RULE_VARIABLES_MAX];
	unsigned n_variables;
	const struct wt_buffer *buffer; /* sticky; NULL: payload */
	uint8_t transform[WT_TRANSFORMS_MAX];
	uint8_t n_transforms;
	struct wt_slice buffer_at; /* where the rule names it */
	bool is_unused;            /* no test followed yet */
	bool has_base64, has_priority;
	struct wt_inspection inspection[WT_RULE_INSPECTIONS_MAX];
	unsigned n_inspections;
	WT_LIST(wt_loose_test) test;
	bool is_failed;
	unsigned n_options;
	WT_LIST(wt_rule_meta) meta;
	WT_LIST(wt_rule_meta) reference;
};

/* set.c */
void *wt_rules_take(struct wt_rules *set, size_t len); /* zeroed, from the arena */
const char *wt_rules_text(struct wt_rules *set, struct wt_slice text); /* copy with NUL */
void *wt_list_room(void *at, unsigned n, unsigned *room, size_t size);
#define WT_LIST_ADD(list)                                                                      \
	((list).at = wt_list_room((list).at, (list).n, &(list).room, sizeof(*(list).at)),      \
	 memset(&(list).at[(list).n], 0, sizeof(*(list).at)), &(list).at[(list).n++])
void wt_rules_problem_add(struct wt_rules *set, const char *file, unsigned line,
			  unsigned column, uint32_t sid, bool is_error, const char *text);

/* lex.c: a rule that cannot be loaded; the place is where `at` points into the text.
 * Only the first reason of a rule is told. `format` reads "found ...; write ...". */
void wt_blame(struct wt_parse *p, struct wt_slice at, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* The rule loads, but something about it is odd. */
void wt_remark(struct wt_parse *p, struct wt_slice at, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* A slice of the rule's text without blanks around it. */
struct wt_slice wt_trim(struct wt_slice s);
/* Takes what stands before the next `separator` (or all) off *rest, trimmed. */
struct wt_slice wt_take_word(struct wt_slice *rest, char separator);
bool wt_is_word(struct wt_slice s, const char *word); /* ignoring case */
/* For messages: the first bytes of s, printable, NUL-terminated; four at a time. */
const char *wt_show(struct wt_slice s);
bool wt_take_i64(struct wt_slice s, int64_t *value); /* decimal or 0x..., signed */
/* Text between quotes, or as it stands. */
struct wt_slice wt_unquoted(struct wt_slice s);

/* header.c, address.c, variable.c */
void wt_parse_header(struct wt_parse *p, struct wt_slice header);
bool wt_parse_nets(struct wt_rules *set, struct wt_slice text, struct wt_nets *nets, char *why,
		   size_t size);
bool wt_parse_ports(struct wt_rules *set, struct wt_slice text, struct wt_ports *ports,
		    char *why, size_t size);
const char *wt_variable_value(const struct wt_rules *set, struct wt_slice name);

/* reputation.c */
void wt_reputation_sort(struct wt_rules *set);

/* filled.c */
void wt_datasets_finish(struct wt_rules *set);

/* order.c: numbers of the inspections in the order in which they are asked. False: there is
 * none, and the rule is blamed. Notes what they read and write. */
bool wt_order_inspections(struct wt_parse *p, uint8_t order[WT_RULE_INSPECTIONS_MAX]);

/* option.c: the sticky buffer of the tests that follow; NULL: the payload. */
void wt_use_buffer(struct wt_parse *p, const struct wt_buffer *buffer);
void wt_parse_option(struct wt_parse *p);
void wt_parse_end(struct wt_parse *p);

/* buffer.c */
const struct wt_buffer *wt_buffer_find(struct wt_parse *p, struct wt_slice name);
const struct wt_buffer *wt_buffer_payload(void);
const struct wt_buffer *wt_buffer_base64(void);
/* A number or flag of the dictionary. */
bool wt_field_find(struct wt_parse *p, struct wt_slice name, const struct wt_buffer **buffer,
		   enum wt_field_type *type);
/* Is it one of Suricata's buffers that nobody fills here? */
bool wt_buffer_is_foreseen(struct wt_slice name);
/* The closest name in the dictionary or among keywords, or NULL. */
const char *wt_name_near(struct wt_slice name);

/* keyword.c */
enum wt_keyword_kind {
	WT_KEYWORD_META,
	WT_KEYWORD_MODIFIER,
	WT_KEYWORD_PAYLOAD,
	WT_KEYWORD_BUFFER,
	WT_KEYWORD_TRANSFORM,
	WT_KEYWORD_FLOW,
	WT_KEYWORD_PACKET,
	WT_KEYWORD_CONTEXT,
	WT_KEYWORD_REFUSED,
};
struct wt_keyword {
	const char *name;
	enum wt_keyword_kind kind;
	void (*parse)(struct wt_parse *p); /* NULL: refused, `doc` says why */
	const char *doc;
};
const struct wt_keyword *wt_keyword_find(struct wt_slice name);
const struct wt_keyword *wt_keyword_at(unsigned i); /* NULL behind the last */

/* The inspection of a buffer with the transforms at hand, new or there already. */
unsigned wt_inspection_of(struct wt_parse *p, const struct wt_buffer *buffer);
/* A new test in the inspection that is open for the current buffer. Valid until the next
 * call. */
struct wt_test *wt_add_test(struct wt_parse *p, enum wt_test_kind kind);
/* The same on a field's buffer, while the buffer at hand stays; NULL with blame. */
struct wt_test *wt_add_test_beside(struct wt_parse *p, const char *field,
				   enum wt_test_kind kind);
/* The field is this text, in any case. */
void wt_add_words(struct wt_parse *p, const char *field, struct wt_slice text);
/* A comparison of a number or flag, with 0 as it comes; NULL with blame. */
struct wt_field_test *wt_add_field_test(struct wt_parse *p, const char *field);
/* The last content of the rule, which modifiers change. NULL with blame. */
struct wt_test *wt_last_content(struct wt_parse *p);
bool wt_take_number(struct wt_parse *p, struct wt_slice s, struct wt_rule_number *number);
/* "N", ">N", "<N", ">=N", "<=N", "!N", "A<>B", "A-B". */
bool wt_take_size(struct wt_slice s, uint8_t *compare, int64_t *low, int64_t *high);

/* Number of a name in a list of them, new or known. */
uint16_t wt_name_number(struct wt_parse *p, struct wt_slice name, struct wt_name_list *list);
/* set, unset, toggle, isset, isnotset */
bool wt_take_bit_what(struct wt_slice word, uint8_t *what);

/* One parser per keyword, by file. */
#define P(name) void wt_parse_##name(struct wt_parse *p)
P(content);
P(nocase);
P(depth);
P(offset);
P(distance);
P(within);
P(fast_pattern);
P(startswith);
P(endswith);
P(rawbytes);
P(worded); /* opt_word.c */
P(certificate);
P(ssl_state);
P(modbus);
P(rpc);
P(mqtt_flags);
P(validity);
P(uricontent);
P(alert); /* opt_proto.c */
P(legacy_buffer);
P(pcre); /* opt_content.c */
P(byte_test);
P(byte_jump);
P(byte_extract);
P(byte_math);
P(isdataat);
P(bsize);
P(urilen);
P(base64_decode);
P(base64_data); /* opt_bytes.c */
P(msg);
P(sid);
P(rev);
P(gid);
P(classtype);
P(priority);
P(reference);
P(metadata);
P(ignored);
P(noalert); /* opt_meta.c */
P(flow);
P(flowbits);
P(xbits);
P(threshold);
P(detection_filter);
P(stream_size);
P(app_layer_protocol); /* opt_flow.c */
P(number);
P(flags);
P(sameip); /* opt_packet.c */
P(header_number);
P(tcp_option);
P(ipopts);
P(tunnel);
P(fragmented); /* opt_header.c */
P(fragbits);
P(fragoffset);
P(l3_proto); /* opt_packet.c */
P(flowint);
P(hostbits);
P(flow_number); /* opt_state.c */
P(part); /* part.c */
P(device);
P(zone); /* opt_device.c */
P(transform);
P(pkt_data); /* buffer.c */
P(iprep); /* reputation.c */
P(dataset);
P(datarep); /* dataset.c */
#undef P

#endif
