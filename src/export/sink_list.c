/* The kinds of sinks; a new kind is a file and two lines here.
 * Trust: the name is the operator's. Memory: none. */
#include "export/sink.h"

extern const struct wt_sink_kind wt_sink_elastic;
extern const struct wt_sink_kind wt_sink_hec;

static const struct wt_sink_kind *const kinds[] = {
	&wt_sink_elastic,
	&wt_sink_hec,
};

const struct wt_sink_kind *wt_sink_kind_of(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (!strcmp(name, kinds[i]->name))
			return kinds[i];
	return NULL;
}
