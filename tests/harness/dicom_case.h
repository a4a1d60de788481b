/* The stage of a DICOM test: a bench, a client, a server, a data set, and what the
 * events say. Fixtures dicom_begin and dicom_end. */
#ifndef TESTS_DICOM_CASE_H
#define TESTS_DICOM_CASE_H

#include <check.h>
#include <string.h>

#include "harness/bench.h"
#include "harness/dicom_make.h"

#define CT "1.2.840.10008.5.1.4.1.1.2"
#define FIND "1.2.840.10008.5.1.4.1.2.2.1"
#define IMPLICIT "1.2.840.10008.1.2"
#define EXPLICIT "1.2.840.10008.1.2.1"
#define BIG "1.2.840.10008.1.2.2"

extern struct wt_bench *bench;
extern struct dm client, server, set;

void dicom_begin(void);
void dicom_end(void);

/* Send what the client or server has made, and begin anew. */
void to_server(void);
void to_client(void);

/* A request for one context and its acceptance. */
void associate(const char *sop, const char *transfer);

/* A command and the data set `set`, in one fragment each. */
void message(unsigned code, const char *sop);

/* Implicit header of an element in `set`. */
void add_claim(uint32_t tag, uint32_t length);

/* How often the events say so. */
unsigned count(const char *needle);

#define SAYS(needle)                                                                           \
	ck_assert_msg(count(needle) == 1, "%s: %u times in\n%s", needle, count(needle),        \
		      wt_bench_text(bench))
#define SILENT(needle)                                                                         \
	ck_assert_msg(count(needle) == 0, "%s in\n%s", needle, wt_bench_text(bench))

/* Runs the tests as one suite; the exit status. */
int dicom_run(const char *name, const TTest *const *tests, size_t n);

#endif
