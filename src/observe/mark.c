/* Everything counts as changed again: for a store that begins anew.
 * Trust: none needed. Memory: none. */
#include "observe/inner.h"

void wt_inventory_mark_changed(struct wt_inventory *inv)
{
	uint32_t node;

	for (node = 1; node <= inv->nodes.n_fresh; node++)
		if (node_at(inv, node)->id)
			wt_inv_node_change(inv, node);
}
