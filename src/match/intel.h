/* Indicators from threat intelligence: addresses, networks, domains, URLs, hashes,
 * certificates and TLS fingerprints, from files of many makers, looked up at flat cost.
 *
 * Formats, told apart by their content:
 *   plain lists         one indicator a line ('#' comments); its kind is seen by its shape
 *   Zeek intel          "#fields<TAB>indicator<TAB>indicator_type..." (Zeek 6 manual)
 *   Suricata iprep      "ip,category,score" lines
 *   Suricata datasets   one value a line: base64 text, or hex of a hash (by file ending
 *                       .lst/.dataset; load them under a kind)
 *   STIX 2.1            a bundle; equality patterns of indicators alone (OASIS STIX 2.1 9)
 *   MISP CSV            columns "type" and "value" of an export (MISP core format)
 * What cannot be used is counted per file and told with its line.
 *
 * Memory: at most 128 bytes an indicator on average, 128 MiB for a million: 16 bytes in an
 * open table at most 3/4 full, and the text. Trust: files come from strangers; lines,
 * counts and nesting are bounded. A set is immutable once made; a reload makes another. */
#ifndef MATCH_INTEL_H
#define MATCH_INTEL_H

#include "wardtap/bytes.h"
#include "wardtap/types.h"

#define WT_INTEL_FILE_MAX (512u << 20) /* bytes of one file */
#define WT_INTEL_TEXT_MAX 1024u        /* bytes of one indicator */
#define WT_INTEL_FILES_MAX 1024u

enum wt_intel_kind {
	WT_INTEL_ADDRESS,
	WT_INTEL_DOMAIN,
	WT_INTEL_URL,
	WT_INTEL_MD5,
	WT_INTEL_SHA1,
	WT_INTEL_SHA256,
	WT_INTEL_CERT_SHA1,
	WT_INTEL_JA3,
	WT_INTEL_JA4,
	WT_INTEL_EMAIL,
	WT_INTEL_N_KINDS,
};

struct wt_intel;

/* What was found. Text is borrowed from the set. */
struct wt_intel_hit {
	enum wt_intel_kind kind;
	struct wt_slice indicator; /* as the feed has it */
	const char *feed;          /* name of the file, without folder */
};

struct wt_intel *wt_intel_new(uint64_t seed);
void wt_intel_free(struct wt_intel *intel);

/* Reads a file, or all regular files of a folder in the order of their names. Problems
 * are kept as complete lines. False when something could not be read at all. */
WT_MUST_USE bool wt_intel_load(struct wt_intel *intel, const char *path);
/* The same from memory. */
void wt_intel_load_text(struct wt_intel *intel, const char *name, struct wt_slice text);
/* Ends loading: sorts networks. */
void wt_intel_finish(struct wt_intel *intel);

unsigned wt_intel_n_problems(const struct wt_intel *intel);
const char *wt_intel_problem(const struct wt_intel *intel, unsigned i);
uint64_t wt_intel_count(const struct wt_intel *intel); /* indicators held */
uint64_t wt_intel_bytes(const struct wt_intel *intel); /* memory held */
const char *wt_intel_kind_name(enum wt_intel_kind kind);

/* Lookups. Domains match themselves and every name below them; text in any case. */
bool wt_intel_text(const struct wt_intel *intel, enum wt_intel_kind kind, struct wt_slice text,
		   struct wt_intel_hit *hit);
bool wt_intel_domain(const struct wt_intel *intel, struct wt_slice name,
		     struct wt_intel_hit *hit);
bool wt_intel_address(const struct wt_intel *intel, const struct wt_addr *addr,
		      uint8_t ip_version, struct wt_intel_hit *hit);

#endif
