/* A loaded set of rules: Suricata's language, a strict documented part of it, with
 * buffers and comparisons from the field dictionary. Immutable once finished, so workers
 * share it and a reload swaps one pointer.
 *
 * A rule is split in two. The match part (header, content, pcre, flow, flowbits, fields)
 * is decided by the worker on one event or payload; the context part (thresholds, xbits,
 * device.*, datasets that are written) by the keeper, in order. A rule that names what
 * nobody produces, or says what is not understood, is not loaded at all and listed with
 * its place: never half matched.
 *
 * Source: Suricata 7 user guide, chapter "Rules". Trust: rule files are written by
 * strangers; lengths, counts and nesting are bounded (below), regular expressions get
 * limits. Memory: allocated while loading, given back by wt_rules_free. */
#ifndef MATCH_RULE_H
#define MATCH_RULE_H

#include "wardtap/bytes.h"
#include "wardtap/context.h"
#include "wardtap/event.h"
#include "wardtap/types.h"

#define WT_RULE_FILE_MAX (128u << 20) /* bytes of one rule file */
#define WT_RULE_LEN_MAX 65536u        /* bytes of one rule */
#define WT_RULE_OPTIONS_MAX 256u      /* options of one rule */
#define WT_RULE_VARIABLES_MAX 8u      /* byte_extract results of one rule */
#define WT_RULE_NESTING_MAX 8u        /* [a,[b,[c]]] and variables in variables */
#define WT_RULE_BITS_MAX 1024u        /* names of flowbits in a set of rules */
#define WT_RULE_NAMES_MAX 4096u       /* of xbits, of flowint and of datasets */
#define WT_PATTERN_MAX 2048u          /* bytes of one content */
#define WT_TRANSFORMS_MAX 4u          /* of one buffer */
#define WT_PROBLEMS_MAX 65536u        /* kept; further ones are counted */

/* A number of a rule: a literal, or what a byte_extract before it found. */
struct wt_rule_number {
	int64_t value;
	uint8_t variable; /* 0: literal; else 1 + index of the variable */
};

/* --- header --- */

struct wt_net {
	uint8_t low[16], high[16]; /* first and last address, IPv4 in the first 4 octets */
	uint8_t ip_version;
	bool is_negated;
};

/* Addresses: any of the plain ones (all, when there are none) and none of the negated. The
 * plain ones come first, sorted and without overlaps. */
struct wt_nets {
	const struct wt_net *net;
	unsigned n, n_plain;
	bool is_any;
};

struct wt_port_range {
	uint16_t low, high;
	bool is_negated;
};

struct wt_ports {
	const struct wt_port_range *range;
	unsigned n;
	bool is_any;
};

bool wt_nets_have(const struct wt_nets *nets, const struct wt_addr *addr, uint8_t ip_version);
bool wt_ports_have(const struct wt_ports *ports, uint16_t port);

/* --- tests --- */

enum wt_test_kind {
	WT_TEST_CONTENT,
	WT_TEST_PCRE,
	WT_TEST_BYTE_TEST,
	WT_TEST_BYTE_JUMP,
	WT_TEST_BYTE_EXTRACT,
	WT_TEST_BYTE_MATH,
	WT_TEST_ISDATAAT,
	WT_TEST_SIZE,    /* length of the buffer (bsize, urilen, dsize) */
	WT_TEST_BASE64,  /* base64_decode: makes the buffer base64_data */
	WT_TEST_DATASET, /* is it in a set; datarep: with which score */
};

/* Flags of wt_test.flags */
enum {
	WT_TEST_NEGATED = 1 << 0,
	WT_TEST_RELATIVE = 1 << 1, /* from the end of the last match */
	WT_TEST_NOCASE = 1 << 2,
	WT_TEST_STARTS = 1 << 3, /* only at the buffer's first byte */
	WT_TEST_ENDS = 1 << 4,   /* only up to its last byte */
	WT_TEST_FAST = 1 << 5,   /* fast_pattern: the author's choice for the prefilter */
	WT_TEST_FAST_ONLY = 1 << 6,
	WT_TEST_RAW = 1 << 7, /* rawbytes, or pcre's B: no normalisation */
	WT_TEST_HAS_OFFSET = 1 << 8,
	WT_TEST_HAS_DEPTH = 1 << 9,
	WT_TEST_HAS_DISTANCE = 1 << 10,
	WT_TEST_HAS_WITHIN = 1 << 11,
	WT_TEST_STRING = 1 << 12, /* bytes are digits in text */
	WT_TEST_LITTLE = 1 << 13, /* little endian */
	WT_TEST_ALIGN = 1 << 14,
	WT_TEST_FROM_BEGIN = 1 << 15,
	WT_TEST_FROM_END = 1 << 16,
};

enum wt_compare {
	WT_IS_EQUAL,
	WT_IS_NOT_EQUAL,
	WT_IS_LESS,
	WT_IS_GREATER,
	WT_IS_AT_MOST,
	WT_IS_AT_LEAST,
	WT_IS_BETWEEN, /* both ends excluded, as Suricata's <> */
	WT_IS_MASKED,  /* value & operand is not 0 */
	WT_IS_MASKED_XOR,
};

/* offset/depth count from the start of the buffer, distance/within from the end of the
 * last match. Numbers of bytes unless said otherwise. */
struct wt_content {
	struct wt_slice pattern; /* lower case when WT_TEST_NOCASE */
	struct wt_rule_number offset, depth, distance, within;
	uint16_t fast_at, fast_len; /* fast_pattern:at,len; len 0: all of it */
};

struct wt_regex {
	void *code; /* compiled by confirm.c, NULL until then */
	const char *text;
	uint32_t options; /* the letters after the closing slash, as bits 'a'..'z' */
	uint32_t options_upper;
};

struct wt_bytes_test {
	uint8_t n_bytes;  /* taken from the buffer, 1..8; as text up to 23 */
	uint8_t base;     /* 8, 10, 16 when text */
	uint8_t compare;  /* enum wt_compare, BYTE_TEST */
	uint8_t variable; /* BYTE_EXTRACT, BYTE_MATH: where the result goes, 1 + index */
	char math;        /* BYTE_MATH: + - * / < (shift left) > (right) */
	uint8_t align;    /* BYTE_EXTRACT: 2 or 4 */
	struct wt_rule_number operand, offset, post_offset;
	uint32_t multiplier;
	uint64_t mask; /* 0: none */
};

struct wt_size_test {
	uint8_t compare;
	int64_t low, high;
};

struct wt_base64 {
	uint32_t n_bytes, offset; /* n_bytes 0: all */
};

/* In sets that no rule fills, the worker looks; else the value goes to the keeper. */
struct wt_dataset_test {
	uint16_t set;     /* number of the set of values */
	uint8_t what;     /* enum wt_bit_what; TOGGLE: the value's score is compared */
	uint8_t compare;  /* enum wt_compare */
	uint16_t score;
};

struct wt_test {
	uint8_t kind; /* enum wt_test_kind */
	uint32_t flags;
	uint32_t column; /* where the rule says so */
	union {
		struct wt_content content;
		struct wt_regex regex;
		struct wt_bytes_test bytes;
		struct wt_rule_number isdataat;
		struct wt_size_test size;
		struct wt_base64 base64;
		struct wt_dataset_test dataset;
	} as;
};

/* --- what is inspected --- */

enum wt_transform {
	WT_NO_TRANSFORM,
	WT_DOTPREFIX,
	WT_TO_LOWERCASE,
	WT_TO_UPPERCASE,
	WT_STRIP_WHITESPACE,
	WT_COMPRESS_WHITESPACE,
	WT_URL_DECODE,
	WT_TO_SHA1,
	WT_TO_SHA256,
	WT_HOST_NAME, /* lower case, without a port */
	WT_TO_MD5,
	WT_STRIP_PSEUDO_HEADERS,
};

/* A place in the dictionary that fills a buffer. */
struct wt_producer {
	uint16_t owner; /* as in the registry; 0: the shared dictionary, any owner */
	uint16_t field;
};

#define WT_PRODUCERS_MAX 12u

/* Bytes of the packet itself, and addresses of the flow as they stand in packets. */
enum wt_part {
	WT_PART_NONE,
	WT_PART_IP_SRC,
	WT_PART_IP_DST,
	WT_PART_IPV4, /* from here on headers: only of the packet at hand */
	WT_PART_IPV6,
	WT_PART_TCP,
	WT_PART_UDP,
	WT_PART_ICMPV4,
	WT_PART_ICMPV6,
};

/* The buffer of an inspection. */
struct wt_buffer {
	const char *name; /* as the rule writes it, canonical */
	bool is_payload;  /* the stream or datagram itself */
	bool is_base64;   /* what base64_decode made */
	uint8_t part;     /* enum wt_part */
	bool is_joined;   /* its fields, each behind the last and a line's end */
	bool is_lines;    /* each line of its field is a value */
	uint8_t form;     /* enum wt_transform: how rules see the field */
	uint8_t side; /* WT_FLOW_TO_SERVER, WT_FLOW_TO_CLIENT: in messages that way; 0: any */
	uint8_t n_producers;
	struct wt_producer producer[WT_PRODUCERS_MAX];
};

/* Tests on one buffer, in the rule's order. A buffer with several values (a list) passes
 * when one of its values passes all tests. */
struct wt_inspection {
	const struct wt_buffer *buffer;
	uint8_t transform[WT_TRANSFORMS_MAX]; /* enum wt_transform */
	uint8_t n_transforms;
	uint8_t reads, writes; /* variables of byte_extract and byte_math, by bit */
	bool keeps;            /* what passes goes to the keeper, for sets that rules fill */
	unsigned first, n;     /* tests of the set */
};

/* A comparison of a number or flag of the dictionary. */
struct wt_field_test {
	const struct wt_buffer *buffer;
	enum wt_field_type type;
	uint8_t compare;
	bool is_negated;
	int64_t low, high; /* DEC: millionths */
};

struct wt_flowbit {
	uint8_t what;     /* enum wt_bit_what */
	uint8_t n;        /* isset: any of these names */
	uint16_t name[8]; /* numbers of the set's flowbit names */
};

enum wt_flowint_what {
	WT_INT_ADD, /* these after the rule matched */
	WT_INT_SUBTRACT,
	WT_INT_SET,
	WT_INT_ISSET, /* these are conditions */
	WT_INT_ISNOTSET,
	WT_INT_COMPARE,
};

/* A number kept with the flow. */
struct wt_flowint {
	uint8_t what;     /* enum wt_flowint_what */
	uint8_t compare;  /* enum wt_compare */
	bool has_operand; /* the operand is a name, not a value */
	uint16_t name, operand;
	uint32_t value;
};

/* Numbers of the packet itself. */
enum wt_packet_what {
	WT_PACKET_DSIZE,
	WT_PACKET_TTL,
	WT_PACKET_ITYPE,
	WT_PACKET_ICODE,
	WT_PACKET_ICMP_ID,
	WT_PACKET_ICMP_SEQ,
	WT_PACKET_IP_PROTO,
	WT_PACKET_ID,
	WT_PACKET_SEQ,
	WT_PACKET_ACK,
	WT_PACKET_WINDOW,
	WT_PACKET_TCP_FLAGS,
	WT_PACKET_SAMEIP,
	WT_PACKET_STREAM_SIZE,
	WT_PACKET_APP,
	WT_PACKET_IPREP,
	WT_PACKET_TCP_MSS, /* from here on: traits.h */
	WT_PACKET_TCP_OPTION,
	WT_PACKET_URGENT_POINTER,
	WT_PACKET_URGENT_PAST,
	WT_PACKET_IP_OPTION,
	WT_PACKET_ROUTING_TYPE,
	WT_PACKET_TUNNEL,
	WT_PACKET_FRAGMENT,
	WT_PACKET_FRAGBITS, /* flags, mode: bits of FRAGBITS_* */
	WT_PACKET_FRAGOFFSET,
	WT_PACKET_TOS,
	WT_PACKET_L3_PROTO,
	WT_PACKET_ICMPV6_MTU,
	WT_PACKET_ZONE, /* category: number of the zone */
	WT_PACKET_FLOW_AGE, /* seconds */
	WT_PACKET_FLOW_PKTS_TO_SERVER,
	WT_PACKET_FLOW_PKTS_TO_CLIENT,
	WT_PACKET_FLOW_BYTES_TO_SERVER,
	WT_PACKET_FLOW_BYTES_TO_CLIENT,
};

/* Bits of fragbits. */
#define WT_FRAGBIT_MORE 1u
#define WT_FRAGBIT_DONT 2u
#define WT_FRAGBIT_RESERVED 4u

struct wt_packet_test {
	uint8_t what; /* enum wt_packet_what */
	uint8_t compare;
	bool is_negated;
	uint8_t side;      /* stream_size: 0 server 1 client 2 both 3 either; iprep: 0 any
			    * 1 src 2 dst 3 both */
	uint16_t category; /* iprep; tcp.option_len: the kind */
	uint8_t flags, mask, mode; /* TCP flags; mode '=' exact, '+', '*', '!' */
	int64_t low, high;
};

enum {
	WT_FLOW_NEEDS_ESTABLISHED = 1 << 0,
	WT_FLOW_NOT_ESTABLISHED = 1 << 1,
	WT_FLOW_TO_SERVER = 1 << 2,
	WT_FLOW_TO_CLIENT = 1 << 3,
	WT_FLOW_ONLY_STREAM = 1 << 4,
	WT_FLOW_NO_STREAM = 1 << 5,
	WT_FLOW_STATELESS = 1 << 6,
};

/* Which traffic the header's protocol admits. */
enum wt_rule_proto {
	WT_RULE_IP,
	WT_RULE_TCP,
	WT_RULE_UDP,
	WT_RULE_ICMP,
	WT_RULE_SCTP,
	WT_RULE_TCP_PACKET,
	WT_RULE_TCP_STREAM,
	WT_RULE_APP,
	WT_RULE_DEVICE,
};

struct wt_rule_meta {
	const char *key, *value;
};

/* Addresses of which the operator wants no alert of a rule. */
struct wt_suppression {
	const struct wt_suppression *next;
	struct wt_nets nets;
	uint8_t track;  /* SRC or DST */
	bool is_either; /* both */
	bool is_all;    /* whatever the addresses */
};

struct wt_rule {
	uint32_t sid, gid, rev;
	uint8_t priority; /* 1 (highest) .. 255, as Suricata's */
	uint8_t severity; /* 1..10 for the SIEM; from metadata or the class */
	uint8_t proto;    /* enum wt_rule_proto */
	bool is_pass, is_noalert, is_both_ways, is_enabled;
	bool keeps;      /* one of its inspections does */
	bool is_carried; /* numbers or values must outlast the event that gave them */
	uint8_t ip_version; /* 0: any */
	uint16_t app;    /* WT_RULE_APP: registry owner */
	uint16_t n_apps; /* some names stand for several */
	uint16_t apps[4];
	uint8_t flow; /* WT_FLOW_* above */
	struct wt_nets src, dst;
	struct wt_ports src_port, dst_port;
	unsigned first_inspection, n_inspections;
	unsigned first_field_test, n_field_tests;
	unsigned first_flowbit, n_flowbits;
	unsigned first_flowint, n_flowints;
	unsigned first_xbit, n_xbits;
	unsigned first_packet_test, n_packet_tests;
	unsigned first_device_test, n_device_tests;
	struct wt_threshold threshold, detection_filter;
	const struct wt_suppression *suppression;
	const char *msg, *classtype, *file;
	const struct wt_rule_meta *meta, *reference;
	unsigned n_metas, n_references;
	unsigned line;
	const char *text; /* the rule as written, one line */
};

/* --- the set --- */

struct wt_rules;

/* What a set is made with. Text is borrowed during loading. */
struct wt_rule_variable {
	const char *name; /* without $ */
	const char *value;
};

struct wt_rules *wt_rules_new(void);
void wt_rules_free(struct wt_rules *rules);

/* Sets an address or port variable ($HOME_NET, $HTTP_PORTS). False, with the reason in
 * `why`, when the value cannot be read. The presets are in variable.c. */
WT_MUST_USE bool wt_rules_set_variable(struct wt_rules *rules, const char *name,
				       const char *value, char *why, size_t size);

/* Names a network for device.zone, before any rule is read; one name may be given several
 * times. An address is in the zone of the longest prefix (base/zones.h). */
WT_MUST_USE bool wt_rules_set_zone(struct wt_rules *rules, const char *name, const char *value,
				   char *why, size_t size);
bool wt_zone_has(const struct wt_rules *rules, unsigned zone, const struct wt_addr *addr,
		 uint8_t ip_version);

/* Reads classification.config (`config classification: name,description,priority`). */
void wt_rules_load_classes(struct wt_rules *rules, const char *name, struct wt_slice text);

/* Reads one file of rules; every rule that cannot be loaded becomes a problem. False
 * when the file itself cannot be read (a problem too). */
bool wt_rules_load_file(struct wt_rules *rules, const char *path);

/* The same from memory; `name` is what problems call it. */
void wt_rules_load_text(struct wt_rules *rules, const char *name, struct wt_slice text);

/* Reads threshold.config over the rules loaded so far. */
void wt_rules_load_thresholds(struct wt_rules *rules, const char *name, struct wt_slice text);

/* Categories and reputations of iprep, before the rules that use them. */
void wt_rules_load_categories(struct wt_rules *rules, const char *name, struct wt_slice text);
void wt_rules_load_reputation(struct wt_rules *rules, const char *name, struct wt_slice text);
unsigned wt_reputation_of(const struct wt_rules *rules, const struct wt_addr *addr,
			  uint8_t ip_version, unsigned category);

/* Is a set of values filled by rules, so that the keeper holds it? */
bool wt_dataset_is_filled(const struct wt_rules *rules, unsigned i);
/* Has the value the length that the set wants? */
bool wt_dataset_takes(const struct wt_rules *rules, unsigned i, struct wt_slice value);
/* Does it pass the test of a set that no rule fills? */
bool wt_dataset_passes(const struct wt_rules *rules, const struct wt_dataset_test *test,
		       struct wt_slice value);

/* Does the operator want no alert of this rule about these addresses? */
bool wt_rule_is_suppressed(const struct wt_rule *r, const struct wt_event_head *head);

/* The context parts of a finished set, for as long as it lives. */
void wt_rules_context(struct wt_rules *rules, struct wt_context_part *part);

/* Ends loading: looks for doubled sids (the higher rev stays), sets of values that nobody
 * fills or that rules fill from what must not be kept, and flowbits that nobody sets. */
void wt_rules_finish(struct wt_rules *rules);

/* This finished set comes after the old one: flows keep the flowbits and numbers that go by
 * the same names (follow.c). Before it is matched with; the old one outlives the change. */
void wt_rules_follow(struct wt_rules *rules, const struct wt_rules *old);

unsigned wt_rules_count(const struct wt_rules *rules);
const struct wt_rule *wt_rules_at(const struct wt_rules *rules, unsigned i);
const struct wt_rule *wt_rules_find(const struct wt_rules *rules, uint32_t gid, uint32_t sid);
const struct wt_inspection *wt_rules_inspection(const struct wt_rules *rules, unsigned i);
const struct wt_test *wt_rules_test(const struct wt_rules *rules, unsigned i);
const struct wt_field_test *wt_rules_field_test(const struct wt_rules *rules, unsigned i);
const struct wt_flowbit *wt_rules_flowbit(const struct wt_rules *rules, unsigned i);
const struct wt_flowint *wt_rules_flowint(const struct wt_rules *rules, unsigned i);
const struct wt_packet_test *wt_rules_packet_test(const struct wt_rules *rules, unsigned i);
const struct wt_xbit *wt_rules_xbit(const struct wt_rules *rules, unsigned i);
unsigned wt_rules_n_flowbit_names(const struct wt_rules *rules);

/* Why a rule was not loaded (or, not is_error, what is odd about one that was). */
struct wt_rule_problem {
	const char *file;
	unsigned line, column; /* from 1; column 0: the whole rule */
	uint32_t sid;          /* 0: not known */
	bool is_error;
	const char *text; /* "found ...; write ..." */
};

unsigned wt_rules_n_problems(const struct wt_rules *rules);
const struct wt_rule_problem *wt_rules_problem(const struct wt_rules *rules, unsigned i);

/* Rules that were read, whether or not they loaded. */
unsigned wt_rules_n_read(const struct wt_rules *rules);

#endif
