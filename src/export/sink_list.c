/* Every kind of sink (sink.h): a new one is a line here and one in kinds.h. */
#include "export/kinds.h"

#include <stddef.h>
#include <string.h>

static const struct wt_sink_kind *const kinds[] = {
	&wt_sink_elastic,
	&wt_sink_file,
	&wt_sink_hec,
	&wt_sink_syslog,
};

const struct wt_sink_kind *wt_sink_kind_of(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strcmp(kinds[i]->name, name) == 0)
			return kinds[i];
	return NULL;
}
