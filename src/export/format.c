/* Formats (format.h). */
#include "export/format.h"

#include <stddef.h>

wt_encode_fn *wt_format_encoder(enum wt_sink_format format)
{
	switch (format) {
	case WT_FORMAT_CEF:
		return wt_encode_cef;
	case WT_FORMAT_LEEF:
		return wt_encode_leef;
	case WT_FORMAT_JSON:
		return wt_encode_json;
	case WT_FORMAT_ECS:
		return wt_encode_ecs;
	case WT_FORMAT_AUTO:
		break;
	}
	return NULL;
}
