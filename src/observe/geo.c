/* Places of addresses: see geo.h. The only user of libmaxminddb.
 * Source: MaxMind DB file format 2.0; the record layouts named in `paths`.
 * Trust: a database may be cut off, damaged or made to do harm. Each is tried out in a
 * process of its own first, because the library is not proof against all of them.
 * Memory: mapped files. */
#define _GNU_SOURCE /* asprintf */
#include "observe/geo.h"

#include <arpa/inet.h>
#include <errno.h>
#include <maxminddb.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

/* Longest time and most memory that trying out a database may take. */
#define TRIAL_SECONDS 5u
#define TRIAL_BYTES (UINT64_C(1) << 31)
/* AddressSanitizer takes far more address space than that. */
#if defined(__SANITIZE_ADDRESS__)
#define IS_SHADOWED true
#elif defined(__has_feature)
#define IS_SHADOWED __has_feature(address_sanitizer)
#else
#define IS_SHADOWED false
#endif

enum want { COUNTRY, ASN, NETWORK, N_WANTS };

/* Where records keep it, by database: the first that is there counts. */
static const struct {
	enum want want;
	const char *path[4];
} paths[] = {
	{ COUNTRY, { "country", "iso_code", NULL } }, /* GeoIP2, GeoLite2, DB-IP */
	{ COUNTRY, { "country_code", NULL } },        /* iptoasn, IPinfo */
	{ COUNTRY, { "country", NULL } },             /* IPinfo, older */
	{ COUNTRY, { "registered_country", "iso_code", NULL } },
	{ ASN, { "autonomous_system_number", NULL } }, /* GeoLite2-ASN, ISP, DB-IP */
	{ ASN, { "traits", "autonomous_system_number", NULL } },
	{ ASN, { "asn", NULL } }, /* IPinfo: "AS13335" */
	{ ASN, { "as_number", NULL } },
	{ NETWORK, { "autonomous_system_organization", NULL } },
	{ NETWORK, { "traits", "autonomous_system_organization", NULL } },
	{ NETWORK, { "as_name", NULL } },
	{ NETWORK, { "as_org", NULL } },
};

struct file {
	MMDB_s db;
	char *path;  /* owned */
	char *title; /* owned */
	bool is_good;
};

struct wt_geo {
	struct file file[WT_GEO_FILES_MAX];
	unsigned n;
	FILE *errors;
};

static void complain(struct wt_geo *geo, const char *path, const char *what)
{
	fprintf(geo->errors, "wardtap: %s: %s; places from this database are left out\n", path,
		what);
}

/* ---- one value of a record ---- */

static void take_country(const MMDB_entry_data_s *d, struct wt_place *place)
{
	if (d->type != MMDB_DATA_TYPE_UTF8_STRING || d->data_size != 2)
		return;
	if (d->utf8_string[0] < 'A' || d->utf8_string[0] > 'Z' || d->utf8_string[1] < 'A' ||
	    d->utf8_string[1] > 'Z')
		return;
	memcpy(place->country, d->utf8_string, 2);
	place->country[2] = 0;
}

static void take_asn(const MMDB_entry_data_s *d, struct wt_place *place)
{
	struct wt_slice text;
	uint64_t number = 0;

	if (d->type == MMDB_DATA_TYPE_UINT16)
		number = d->uint16;
	if (d->type == MMDB_DATA_TYPE_UINT32)
		number = d->uint32;
	if (d->type == MMDB_DATA_TYPE_UINT64)
		number = d->uint64;
	if (d->type == MMDB_DATA_TYPE_UTF8_STRING) {
		text = wt_slice_of(d->utf8_string, d->data_size);
		if (wt_slice_starts(text, WT_LIT("AS")))
			text = wt_slice_tail(text, 2);
		if (!wt_slice_to_u64(text, &number))
			return;
	}
	if (number <= UINT32_MAX)
		place->asn = (uint32_t)number;
}

static void take_network(const MMDB_entry_data_s *d, struct wt_place *place)
{
	size_t len = d->data_size;

	if (d->type != MMDB_DATA_TYPE_UTF8_STRING || !len)
		return;
	len = len > WT_GEO_NAME_MAX ? WT_GEO_NAME_MAX : len;
	memcpy(place->network, d->utf8_string, len);
	place->network[len] = 0;
}

static bool is_known(const struct wt_place *place, enum want want)
{
	return want == COUNTRY ? place->country[0] != 0
	       : want == ASN   ? place->asn != 0
			       : place->network[0] != 0;
}

/* Fills what the place lacks; an error of the library, or MMDB_SUCCESS. */
static int take_record(MMDB_entry_s *entry, struct wt_place *place)
{
	MMDB_entry_data_s d;
	size_t i;
	int error;

	for (i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		if (is_known(place, paths[i].want))
			continue;
		error = MMDB_aget_value(entry, &d, paths[i].path);
		if (error == MMDB_LOOKUP_PATH_DOES_NOT_MATCH_DATA_ERROR ||
		    error == MMDB_INVALID_LOOKUP_PATH_ERROR)
			continue;
		if (error != MMDB_SUCCESS)
			return error;
		if (!d.has_data)
			continue;
		if (paths[i].want == COUNTRY)
			take_country(&d, place);
		else if (paths[i].want == ASN)
			take_asn(&d, place);
		else
			take_network(&d, place);
	}
	return MMDB_SUCCESS;
}

/* An IPv6 address in a database of IPv4 is no error, only unknown. */
static int find_in(const MMDB_s *db, uint8_t ip_version, const struct wt_addr *addr,
		   struct wt_place *place)
{
	struct sockaddr_in v4 = { .sin_family = AF_INET };
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6 };
	const struct sockaddr *at = (const struct sockaddr *)(const void *)&v4;
	MMDB_lookup_result_s result;
	int error = MMDB_SUCCESS;

	if (ip_version == 6 && db->metadata.ip_version == 4)
		return MMDB_SUCCESS;
	if (ip_version == 6) {
		memcpy(&v6.sin6_addr, addr->octet, 16);
		at = (const struct sockaddr *)(const void *)&v6;
	} else {
		memcpy(&v4.sin_addr, addr->octet, 4);
	}
	result = MMDB_lookup_sockaddr(db, at, &error);
	if (error != MMDB_SUCCESS || !result.found_entry)
		return error;
	return take_record(&result.entry, place);
}

/* ---- opening ---- */

/* Addresses from all over, so that a damaged database is found out at once. */
static int probe_all(const MMDB_s *db)
{
	static const uint8_t v6[][2] = {
		{ 0x20, 0x01 }, { 0x24, 0 }, { 0x26, 0 }, { 0x28, 0 },
		{ 0x2a, 0 },    { 0x2c, 0 }, { 0xfc, 0 }, { 0xff, 2 }
	};
	struct wt_place place;
	unsigned i;
	int error = MMDB_SUCCESS;

	for (i = 0; i < 1024 && error == MMDB_SUCCESS; i++) {
		struct wt_addr addr = { .octet = { (uint8_t)(i >> 2), (uint8_t)(i << 6 | 1),
						   (uint8_t)(i * 7), 1 } };

		memset(&place, 0, sizeof(place));
		error = find_in(db, 4, &addr, &place);
	}
	for (i = 0; i < sizeof(v6) / sizeof(v6[0]) && error == MMDB_SUCCESS; i++) {
		struct wt_addr addr = { .octet = { v6[i][0], v6[i][1], 0x02, 0x18 } };

		memset(&place, 0, sizeof(place));
		error = find_in(db, 6, &addr, &place);
	}
	return error;
}

static int open_and_probe(const char *path, MMDB_s *db)
{
	int error = MMDB_open(path, MMDB_MODE_MMAP, db);

	if (error != MMDB_SUCCESS)
		return error;
	error = probe_all(db);
	if (error != MMDB_SUCCESS)
		MMDB_close(db);
	return error;
}

/* Whether a process of its own lives through opening and asking the database. */
static bool survives(const char *path)
{
	const struct rlimit bytes = { TRIAL_BYTES, TRIAL_BYTES }, no_core = { 0, 0 };
	int status = 0;
	pid_t child = fork();
	MMDB_s db;

	if (child < 0)
		return true;
	if (child == 0) {
		(void)signal(SIGALRM, SIG_DFL);
		(void)signal(SIGSEGV, SIG_DFL);
		(void)signal(SIGBUS, SIG_DFL);
		(void)signal(SIGABRT, SIG_DFL);
		(void)setrlimit(RLIMIT_CORE, &no_core);
		if (!IS_SHADOWED)
			(void)setrlimit(RLIMIT_AS, &bytes);
		(void)alarm(TRIAL_SECONDS);
		if (open_and_probe(path, &db) == MMDB_SUCCESS)
			MMDB_close(&db);
		_exit(0);
	}
	while (waitpid(child, &status, 0) < 0)
		if (errno != EINTR)
			return true;
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/* Days since 1970 as a date of the Gregorian calendar, by whole 400-year cycles. */
static void put_date(char *text, size_t size, uint64_t seconds)
{
	uint64_t z, era, day, year, month;

	if (seconds > UINT64_C(100000000000)) {
		snprintf(text, size, "an unknown date");
		return;
	}
	z = seconds / 86400 + 719468;
	era = z / 146097;
	day = z % 146097;
	year = (day - day / 1460 + day / 36524 - day / 146096) / 365;
	day -= 365 * year + year / 4 - year / 100;
	month = (5 * day + 2) / 153;
	snprintf(text, size, "%04llu-%02llu-%02llu",
		 (unsigned long long)year + (unsigned long long)era * 400 + (month >= 10),
		 month < 10 ? (unsigned long long)month + 3 : (unsigned long long)month - 9,
		 (unsigned long long)day - (153 * (unsigned long long)month + 2) / 5 + 1);
}

static bool open_file(struct wt_geo *geo, const char *path)
{
	struct file *f = &geo->file[geo->n];
	char why[256], date[40];
	int error;

	if (!survives(path)) {
		complain(geo, path, "damaged: the library does not survive reading it");
		return false;
	}
	error = open_and_probe(path, &f->db);
	if (error != MMDB_SUCCESS) {
		snprintf(why, sizeof(why), "%s%s",
			 error == MMDB_FILE_OPEN_ERROR ? "" : "damaged, or no database: ",
			 error == MMDB_FILE_OPEN_ERROR ? strerror(errno)
						       : MMDB_strerror(error));
		complain(geo, path, why);
		return false;
	}
	put_date(date, sizeof(date), f->db.metadata.build_epoch);
	f->path = strdup(path);
	if (asprintf(&f->title, "%.80s of %s", f->db.metadata.database_type, date) < 0)
		f->title = NULL;
	f->is_good = true;
	geo->n++;
	return true;
}

struct wt_geo *wt_geo_open(const char *const *path, unsigned n_paths, FILE *errors)
{
	struct wt_geo *geo = calloc(1, sizeof(*geo));
	unsigned i;

	if (!geo)
		return NULL;
	geo->errors = errors;
	for (i = 0; i < n_paths; i++) {
		if (geo->n == WT_GEO_FILES_MAX) {
			complain(geo, path[i], "more than 8 databases");
			break;
		}
		(void)open_file(geo, path[i]);
	}
	return geo;
}

void wt_geo_free(struct wt_geo *geo)
{
	unsigned i;

	if (!geo)
		return;
	for (i = 0; i < geo->n; i++) {
		MMDB_close(&geo->file[i].db);
		free(geo->file[i].path);
		free(geo->file[i].title);
	}
	free(geo);
}

unsigned wt_geo_n_files(const struct wt_geo *geo)
{
	unsigned i, n = 0;

	for (i = 0; i < geo->n; i++)
		n += geo->file[i].is_good;
	return n;
}

const char *wt_geo_file_title(const struct wt_geo *geo, unsigned i)
{
	return i < geo->n && geo->file[i].title ? geo->file[i].title : "";
}

bool wt_geo_find(struct wt_geo *geo, uint8_t ip_version, const struct wt_addr *addr,
		 struct wt_place *place)
{
	unsigned i;
	int error;

	memset(place, 0, sizeof(*place));
	for (i = 0; i < geo->n; i++) {
		struct file *f = &geo->file[i];

		if (!f->is_good)
			continue;
		error = find_in(&f->db, ip_version, addr, place);
		if (error == MMDB_SUCCESS)
			continue;
		f->is_good = false;
		complain(geo, f->path ? f->path : "", MMDB_strerror(error));
	}
	return place->country[0] || place->asn || place->network[0];
}
