/* The encoders by the name that the configuration has for them. */
#ifndef EXPORT_FORMAT_H
#define EXPORT_FORMAT_H

#include "base/sinks.h"
#include "export/encode.h"

/* NULL: no format of a single record. AUTO is none. */
wt_encode_fn *wt_format_encoder(enum wt_sink_format format);

#endif
