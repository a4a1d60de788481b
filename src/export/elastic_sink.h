/* A connection to Elasticsearch or OpenSearch as its sink has it, for setting it up. */
#ifndef EXPORT_ELASTIC_SINK_H
#define EXPORT_ELASTIC_SINK_H

#include "export/web.h"

/* Reads the section and its credentials. `web` is zeroed before. False with the reason;
 * wt_web_close in both cases. Does not connect. */
WT_MUST_USE bool wt_elastic_open(struct wt_web *web, const struct wt_sink_options *options,
				 char *why, size_t why_size);

#endif
