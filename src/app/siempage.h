/* The generated part of wardtap-siem(7). */
#ifndef APP_SIEMPAGE_H
#define APP_SIEMPAGE_H

#include <stdio.h>

/* Every key of every format with its meaning, bound and label, and the order in which
 * keys are left out, as mdoc. */
void wt_siempage_print(FILE *to);

#endif
