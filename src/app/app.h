/* Subcommands and what they share. */
#ifndef APP_APP_H
#define APP_APP_H

#include "base/conf.h"
#include "wardtap/limits.h"

/* Exit status, wardtap(8) */
enum {
	WT_EXIT_GOOD = 0,
	WT_EXIT_DAMAGED = 1, /* some input damaged or unreadable, or output incomplete */
	WT_EXIT_USAGE = 2,   /* usage or configuration */
};

int wt_app_replay(int argc, char **argv);
int wt_app_run(int argc, char **argv);
int wt_app_check(int argc, char **argv);
int wt_app_inventory(int argc, char **argv);
int wt_app_rules(int argc, char **argv);
int wt_app_alerts(int argc, char **argv);
int wt_app_courier(int argc, char **argv);
int wt_app_export(int argc, char **argv);
int wt_app_fields(int argc, char **argv);
int wt_app_protocols(int argc, char **argv);

/* What a label of the hint library is called; for eve.h and summary.h. */
const char *wt_app_hint_name(unsigned label);

/* Tells all errors of the configuration on standard error; the exit status. */
int wt_app_conf_errors(const struct wt_conf *conf);

static inline struct wt_limits wt_app_limits(const struct wt_conf *conf)
{
	return wt_limits_of((enum wt_profile)wt_conf_u64(conf, WT_CONF_MEMORY_PROFILE));
}

#endif
