/* What Elasticsearch and OpenSearch are told before they take records: life cycle, ingest
 * pipeline, templates. The files lie in contrib/, compiled in by contrib/embed.sh. */
#ifndef APP_SETUP_H
#define APP_SETUP_H

#include "wardtap/bytes.h"

struct wt_setup_step {
	const char *product; /* "elastic", "opensearch"; NULL ends the list */
	const char *path;
	const uint8_t *text; /* JSON */
	size_t len;
};

extern const struct wt_setup_step wt_setup_steps[];

#endif
