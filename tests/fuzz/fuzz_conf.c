/* The configuration reader against any bytes: no crash, bounded errors, and every
 * typed read of the outcome works. A first byte '!' makes the rest a --set. */
#include <stdlib.h>

#include "base/conf.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void read_all(const struct wt_conf *conf)
{
	unsigned i, k;

	for (i = 0; i < WT_N_CONF; i++) {
		enum wt_conf_id id = (enum wt_conf_id)i;

		for (k = 0; k < wt_conf_count(conf, id); k++) {
			const struct wt_cidr *cidr;
			const char *text;

			switch (wt_conf_rows[i].type) {
			case WT_CONF_TYPE_BOOL:
				(void)wt_conf_bool(conf, id);
				break;
			case WT_CONF_TYPE_INT:
			case WT_CONF_TYPE_SIZE:
			case WT_CONF_TYPE_TIME:
				if (wt_conf_item_u64(conf, id, k) < wt_conf_rows[i].min ||
				    wt_conf_item_u64(conf, id, k) > wt_conf_rows[i].max)
					abort();
				break;
			case WT_CONF_TYPE_STR:
			case WT_CONF_TYPE_PATH:
			case WT_CONF_TYPE_ENUM:
				text = wt_conf_item_text(conf, id, k);
				if (!text || strlen(text) > WT_CONF_TEXT_MAX)
					abort();
				break;
			case WT_CONF_TYPE_CIDR:
				cidr = wt_conf_item_cidr(conf, id, k);
				if (!cidr || (cidr->ip_version != 4 && cidr->ip_version != 6))
					abort();
				break;
			}
		}
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct wt_conf *conf = wt_conf_new();
	unsigned i;
	bool is_good;

	if (!conf)
		abort();
	if (len && bytes[0] == '!') {
		char *text = malloc(len);

		if (!text)
			abort();
		memcpy(text, bytes + 1, len - 1);
		text[len - 1] = 0;
		is_good = wt_conf_set(conf, text);
		free(text);
	} else {
		is_good = wt_conf_load_text(conf, "fuzz", wt_slice_of(bytes, len));
	}
	if (is_good != (wt_conf_n_errors(conf) == 0) ||
	    wt_conf_n_errors(conf) > WT_CONF_ERRORS_MAX + 1)
		abort();
	for (i = 0; i < wt_conf_n_errors(conf); i++)
		if (wt_conf_error(conf, i)[0] == 0)
			abort();
	read_all(conf);
	wt_conf_free(conf);
	return 0;
}
