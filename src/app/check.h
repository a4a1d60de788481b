/* wardtap check: is the configuration good, and what memory will it take? */
#ifndef APP_CHECK_H
#define APP_CHECK_H

/* argv[0] is the subcommand's name. Exit status: 0 good, 2 errors or usage. */
int wt_app_check(int argc, char **argv);

#endif
