/* Keeps the credential that a sink sends out of texts for people: a receiver may repeat it
 * in an error, as it was sent or taken apart.
 * Trust: texts are hostile, the credential is the operator's.
 * Memory: one block, wiped when freed. */
#ifndef EXPORT_HIDE_H
#define EXPORT_HIDE_H

#include "wardtap/bytes.h"

struct wt_hide;

/* `authorization`: the value of that header, "SCHEME CREDENTIAL". What is hidden is the
 * credential and, where it is base64 of NAME:SECRET, that pair, the name and the secret.
 * NULL: memory is out. */
WT_MUST_USE struct wt_hide *wt_hide_new(const char *authorization);
void wt_hide_free(struct wt_hide *hide);

/* `text` as printable ASCII, other bytes as '?', cut at the end; "***" in place of what is
 * to be hidden, also where JSON escapes stand in it. hide may be NULL: nothing is. */
void wt_hide_quote(const struct wt_hide *hide, struct wt_slice text, char *into, size_t size);

#endif
