/* The inventory's database (state.h). Trust: the operator's folder. Memory: the
 * store's. */
#include "app/state.h"

#include "app/app.h"
#include "dissect/hint.h"

static struct wt_store_options options_of(const struct wt_conf *conf, const char *folder,
					  enum wt_store_mode mode)
{
	return (struct wt_store_options){
		.folder = folder,
		.mode = mode,
		.profile = wt_conf_text(conf, WT_CONF_MEMORY_PROFILE),
		.nodes_max = wt_inventory_nodes_max(wt_app_limits(conf).devices),
		.hint_library = wt_hint_library(),
		.errors = stderr,
	};
}

bool wt_state_open(const struct wt_conf *conf, struct wt_inventory *inv,
		   struct wt_store **store)
{
	const char *folder = wt_conf_text(conf, WT_CONF_STATE_DIR);
	struct wt_store_options options;

	*store = NULL;
	if (!folder)
		return true;
	options = options_of(conf, folder, WT_STORE_STATE);
	*store = wt_store_open(&options);
	if (!*store)
		return false;
	(void)wt_store_load(*store, inv);
	return true;
}

bool wt_state_write(const struct wt_conf *conf, struct wt_inventory *inv, const char *folder)
{
	struct wt_store_options options = options_of(conf, folder, WT_STORE_RESULT);
	struct wt_store *store = wt_store_open(&options);

	if (!store)
		return false;
	wt_inventory_mark_changed(inv);
	return wt_store_close(store, inv);
}
