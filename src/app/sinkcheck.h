/* What of a sink's section the table of options cannot check: which options its type
 * uses, and whether they make sense together. */
#ifndef APP_SINKCHECK_H
#define APP_SINKCHECK_H

#include "base/conf.h"

/* Complains in the configuration. reads_secrets: files of secrets are opened too. */
void wt_sinks_check(struct wt_conf *conf, bool reads_secrets);

#endif
