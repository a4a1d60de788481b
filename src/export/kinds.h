/* The kinds of sinks that sink_list.c lists; one file each. */
#ifndef EXPORT_KINDS_H
#define EXPORT_KINDS_H

#include "export/sink.h"

extern const struct wt_sink_kind wt_sink_elastic; /* elastic_sink.c */
extern const struct wt_sink_kind wt_sink_file;    /* file_sink.c */
extern const struct wt_sink_kind wt_sink_hec;     /* hec_sink.c */
extern const struct wt_sink_kind wt_sink_syslog;  /* syslog_sink.c */

#endif
