/* What a person wants to see after a replay: who spoke HL7 and DICOM with whom, what
 * else there was, and how well the capture shows it. Built from records alone. */
#ifndef APP_SUMMARY_H
#define APP_SUMMARY_H

#include <stdio.h>

#include "wardtap/counter.h"
#include "wardtap/event.h"

struct wt_summary;

struct wt_summary *wt_summary_new(const char *(*hint_name)(unsigned));
void wt_summary_free(struct wt_summary *s);

/* Counts one record. */
void wt_summary_take(struct wt_summary *s, const struct wt_record *record);

/* Prints it, 80 to 120 columns. */
struct wt_archive; /* see dossier.h */
void wt_summary_print(const struct wt_summary *s, const struct wt_archive *archive,
		      const struct wt_counters *c,
		      uint64_t first_ns, uint64_t last_ns, FILE *to);

#endif
