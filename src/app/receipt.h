/* receipt.json: what went into a replay and what came out, so that anyone who holds
 * the captures can repeat it and compare. Holds no time of day and no number of
 * workers: the same run gives the same receipt. */
#ifndef APP_RECEIPT_H
#define APP_RECEIPT_H

#include "base/digest.h"
#include "capture/file.h"

struct wt_receipt_output {
	const char *name;
	uint64_t len;
	uint8_t digest[WT_SHA256_LEN];
};

struct wt_receipt {
	const struct wt_capture_list *list;
	const struct wt_capture *capture; /* at its end */
	bool has_sha256; /* of the inputs, which are then read once more */
	const char *profile, *filter, *key_source, *hint_library;
	const char *advisories; /* edition of the table */
	size_t n_card_makers; /* address blocks of the IEEE's lists that were there */
	const struct wt_receipt_output *output;
	unsigned n_outputs;
};

/* Writes receipt.json into the folder. */
WT_MUST_USE bool wt_receipt_write(const struct wt_receipt *receipt, const char *folder);

/* The pseudonym key of a replay without a configured one: SHA-256 over a label and,
 * for each capture in order, its size, first and last MiB. Whoever holds the captures
 * can derive it again; others cannot guess it. False with a message when a file cannot
 * be read. */
WT_MUST_USE bool wt_receipt_key(const struct wt_capture_list *list,
				uint8_t key[WT_SHA256_LEN]);

#endif
