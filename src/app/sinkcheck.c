/* Checks of sinks (sinkcheck.h). Trust: the operator. Memory: on the stack. */
#define _GNU_SOURCE /* explicit_bzero */
#include "app/sinkcheck.h"
#include "base/secret.h"
#include "base/sinks.h"
#include "export/net.h"

#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define SYSLOG (1u << WT_SINK_SYSLOG)
#define HEC (1u << WT_SINK_HEC)
#define ELASTIC (1u << WT_SINK_ELASTIC)
#define FILES (1u << WT_SINK_FILE)

/* Rows that not every type uses. */
static const struct {
	enum wt_conf_id id;
	unsigned types;
} uses[] = {
	{ WT_CONF_SINK_FORMAT, SYSLOG | FILES },
	{ WT_CONF_SINK_TIMEOUT, SYSLOG | HEC | ELASTIC },
	{ WT_CONF_SINK_ADDRESS, SYSLOG },
	{ WT_CONF_SINK_TRANSPORT, SYSLOG },
	{ WT_CONF_SINK_SYNTAX, SYSLOG },
	{ WT_CONF_SINK_FRAMING, SYSLOG },
	{ WT_CONF_SINK_FACILITY, SYSLOG },
	{ WT_CONF_SINK_LEN_MAX, SYSLOG },
	{ WT_CONF_SINK_RESEND, SYSLOG },
	{ WT_CONF_SINK_TLS_CA_FILE, SYSLOG | HEC | ELASTIC },
	{ WT_CONF_SINK_TLS_CERT_FILE, SYSLOG | HEC | ELASTIC },
	{ WT_CONF_SINK_TLS_KEY_FILE, SYSLOG | HEC | ELASTIC },
	{ WT_CONF_SINK_TLS_NAME, SYSLOG },
	{ WT_CONF_SINK_TLS_FINGERPRINT, SYSLOG },
	{ WT_CONF_SINK_URL, HEC | ELASTIC },
	{ WT_CONF_SINK_PROXY, HEC | ELASTIC },
	{ WT_CONF_SINK_TOKEN_FILE, HEC },
	{ WT_CONF_SINK_USER, ELASTIC },
	{ WT_CONF_SINK_PASSWORD_FILE, ELASTIC },
	{ WT_CONF_SINK_API_KEY_FILE, ELASTIC },
	{ WT_CONF_SINK_ACK, HEC },
	{ WT_CONF_SINK_INDEX, HEC },
	{ WT_CONF_SINK_SOURCE, HEC },
	{ WT_CONF_SINK_SOURCETYPE, HEC },
	{ WT_CONF_SINK_GZIP, HEC | ELASTIC },
	{ WT_CONF_SINK_DATA_STREAM, ELASTIC },
	{ WT_CONF_SINK_PATH, FILES },
	{ WT_CONF_SINK_ROTATE_SIZE, FILES },
	{ WT_CONF_SINK_ROTATE_KEEP, FILES },
	{ WT_CONF_SINK_CEF_IPV6, SYSLOG },
	{ WT_CONF_SINK_LEEF_DELIMITER, SYSLOG },
};

static bool has(const struct wt_conf *sink, enum wt_conf_id id)
{
	return wt_conf_has(sink, id);
}

static bool is_given(const struct wt_conf *sink, enum wt_conf_id id)
{
	return wt_conf_is_given(sink, id) && wt_conf_has(sink, id);
}

static void check_uses(struct wt_conf *sink, enum wt_sink_type type)
{
	size_t i;

	for (i = 0; i < sizeof(uses) / sizeof(uses[0]); i++)
		if (!(uses[i].types >> type & 1u) && is_given(sink, uses[i].id))
			wt_conf_blame(sink, uses[i].id, 0, "found an option that sinks of type %s "
				      "do not use; leave it out",
				      wt_conf_text(sink, WT_CONF_SINK_TYPE));
}

static void check_needs(struct wt_conf *sink, enum wt_sink_type type)
{
	static const struct {
		enum wt_sink_type type;
		enum wt_conf_id id;
		const char *write;
	} needs[] = {
		{ WT_SINK_SYSLOG, WT_CONF_SINK_ADDRESS, "HOST:PORT of the collector" },
		{ WT_SINK_HEC, WT_CONF_SINK_URL, "[https://HOST:8088]" },
		{ WT_SINK_HEC, WT_CONF_SINK_TOKEN_FILE, "the file with the token" },
		{ WT_SINK_ELASTIC, WT_CONF_SINK_URL, "[https://HOST:9200]" },
		{ WT_SINK_FILE, WT_CONF_SINK_PATH, "the file that lines go to" },
	};
	size_t i;

	for (i = 0; i < sizeof(needs) / sizeof(needs[0]); i++)
		if (needs[i].type == type && !has(sink, needs[i].id) &&
		    !wt_conf_is_given(sink, needs[i].id)) /* a bad one was told */
			wt_conf_blame(sink, needs[i].id, 0, "found nothing, and sinks of type %s "
				      "need it; write %s", wt_conf_text(sink, WT_CONF_SINK_TYPE),
				      needs[i].write);
}

/* The rows of one that make no sense without another. */
static void check_pair(struct wt_conf *sink, enum wt_conf_id id, enum wt_conf_id with)
{
	char key[WT_CONF_KEY_MAX];

	if (has(sink, id) && !has(sink, with))
		wt_conf_blame(sink, id, 0, "found it without %s; write both",
			      wt_conf_key(sink, with, key));
}

static void refuse_row(struct wt_conf *sink, enum wt_conf_id id, const char *why)
{
	if (is_given(sink, id))
		wt_conf_blame(sink, id, 0, "found it %s; leave it out", why);
}

static void check_fingerprint(struct wt_conf *sink)
{
	const char *text = wt_conf_text(sink, WT_CONF_SINK_TLS_FINGERPRINT);
	uint8_t digest[32];

	if (text && !wt_net_fingerprint(text, digest))
		wt_conf_blame(sink, WT_CONF_SINK_TLS_FINGERPRINT, 0, "found %.80s; expected "
			      "sha256: and 64 hexadecimal digits, as openssl x509 -noout "
			      "-fingerprint -sha256 prints them", text);
	if (text)
		refuse_row(sink, WT_CONF_SINK_TLS_NAME, "beside tls.fingerprint, which decides "
			   "alone");
	if (text)
		refuse_row(sink, WT_CONF_SINK_TLS_CA_FILE, "beside tls.fingerprint, which decides "
			   "alone");
}

static void check_syslog(struct wt_conf *sink)
{
	const char *address = wt_conf_text(sink, WT_CONF_SINK_ADDRESS);
	uint64_t transport = wt_conf_u64(sink, WT_CONF_SINK_TRANSPORT);
	uint64_t format = wt_conf_u64(sink, WT_CONF_SINK_FORMAT);
	char host[WT_NET_HOST_MAX], port[WT_NET_PORT_MAX];

	if (address && !wt_net_split(address, host, port))
		wt_conf_blame(sink, WT_CONF_SINK_ADDRESS, 0, "found %.80s; expected HOST:PORT or "
			      "[IPV6]:PORT, such as siem.example.org:6514", address);
	if (format == WT_FORMAT_ECS)
		wt_conf_blame(sink, WT_CONF_SINK_FORMAT, 0, "found ecs; expected cef, leef or json "
			      "for syslog");
	if (format != WT_FORMAT_AUTO && format != WT_FORMAT_CEF)
		refuse_row(sink, WT_CONF_SINK_CEF_IPV6, "with a format other than cef");
	if (format != WT_FORMAT_LEEF)
		refuse_row(sink, WT_CONF_SINK_LEEF_DELIMITER, "with a format other than leef");
	if (transport == WT_TRANSPORT_UDP) {
		refuse_row(sink, WT_CONF_SINK_FRAMING, "over udp, where each datagram is one "
			   "message");
		refuse_row(sink, WT_CONF_SINK_RESEND, "over udp, where no connection can break");
	}
	if (transport != WT_TRANSPORT_TLS) {
		refuse_row(sink, WT_CONF_SINK_TLS_CA_FILE, "without transport: tls");
		refuse_row(sink, WT_CONF_SINK_TLS_CERT_FILE, "without transport: tls");
		refuse_row(sink, WT_CONF_SINK_TLS_KEY_FILE, "without transport: tls");
		refuse_row(sink, WT_CONF_SINK_TLS_NAME, "without transport: tls");
		refuse_row(sink, WT_CONF_SINK_TLS_FINGERPRINT, "without transport: tls");
	}
	check_fingerprint(sink);
}

/* An address of the web, without a user, a password, a query or blanks. */
static void check_url(struct wt_conf *sink, enum wt_conf_id id, unsigned i, bool *is_https)
{
	const char *url = wt_conf_item_text(sink, id, i);
	size_t skip = strncmp(url, "https://", 8) == 0 ? 8 : strncmp(url, "http://", 7) == 0 ? 7 : 0;
	size_t host = strcspn(url + skip, "/?#");

	*is_https |= skip == 8;
	if (memchr(url + skip, '@', host))
		wt_conf_blame(sink, id, i, "found a user or password in the address; write the "
			      "address without them%s", id == WT_CONF_SINK_PROXY ? "" :
			      ", and user with password_file, api_key_file or token_file");
	else if (!skip || host == 0 || strpbrk(url, "?# \\\"<>"))
		wt_conf_blame(sink, id, i, "found %.80s; expected https://HOST:PORT, or http:// "
			      "where nobody can listen", url);
}

static void check_web(struct wt_conf *sink, enum wt_sink_type type)
{
	unsigned i, n = wt_conf_count(sink, WT_CONF_SINK_URL);
	bool is_https = false, ignored = false;

	for (i = 0; i < n; i++)
		check_url(sink, WT_CONF_SINK_URL, i, &is_https);
	if (has(sink, WT_CONF_SINK_PROXY))
		check_url(sink, WT_CONF_SINK_PROXY, 0, &ignored);
	if (n && !is_https) {
		refuse_row(sink, WT_CONF_SINK_TLS_CA_FILE, "without an address of https");
		refuse_row(sink, WT_CONF_SINK_TLS_CERT_FILE, "without an address of https");
		refuse_row(sink, WT_CONF_SINK_TLS_KEY_FILE, "without an address of https");
	}
	if (type != WT_SINK_ELASTIC)
		return;
	check_pair(sink, WT_CONF_SINK_USER, WT_CONF_SINK_PASSWORD_FILE);
	check_pair(sink, WT_CONF_SINK_PASSWORD_FILE, WT_CONF_SINK_USER);
	if (has(sink, WT_CONF_SINK_API_KEY_FILE))
		refuse_row(sink, WT_CONF_SINK_USER, "beside api_key_file; one of them is enough");
}

/* Whether a file lies in the folder itself, as far as the words tell. */
static bool is_in(const char *path, const char *folder)
{
	const char *slash = strrchr(path, '/');
	size_t len = strlen(folder), head = slash ? (size_t)(slash - path) : 0;

	while (len && folder[len - 1] == '/')
		len--;
	while (head && path[head - 1] == '/')
		head--;
	return slash && len && head == len && memcmp(path, folder, len) == 0;
}

static void check_files(struct wt_conf *conf, struct wt_conf *sink)
{
	const char *journal = wt_conf_text(conf, WT_CONF_JOURNAL_DIR);
	const char *path = wt_conf_text(sink, WT_CONF_SINK_PATH), *other;
	uint64_t format = wt_conf_u64(sink, WT_CONF_SINK_FORMAT);
	unsigned i;

	if (format == WT_FORMAT_CEF || format == WT_FORMAT_LEEF)
		wt_conf_blame(sink, WT_CONF_SINK_FORMAT, 0, "found %s; expected json or ecs for "
			      "file", wt_conf_text(sink, WT_CONF_SINK_FORMAT));
	if (path && journal && is_in(path, journal))
		wt_conf_blame(sink, WT_CONF_SINK_PATH, 0, "found a file in journal.dir, which is the "
			      "journal's own; write another folder");
	for (i = 0; path && wt_conf_section(conf, i) != sink; i++) {
		other = wt_conf_text(wt_conf_section(conf, i), WT_CONF_SINK_PATH);
		if (other && strcmp(path, other) == 0)
			wt_conf_blame(sink, WT_CONF_SINK_PATH, 0, "found the file of sink %s; "
				      "write another", wt_conf_section_name(conf, i));
	}
}

static void check_secrets(struct wt_conf *sink)
{
	static const enum wt_conf_id texts[] = { WT_CONF_SINK_TOKEN_FILE, WT_CONF_SINK_PASSWORD_FILE,
						 WT_CONF_SINK_API_KEY_FILE };
	char text[WT_SECRET_MAX], why[256];
	size_t i;
	int fd;

	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (has(sink, texts[i]) &&
		    !wt_secret_read(wt_conf_text(sink, texts[i]), text, why, sizeof(why)))
			wt_conf_blame(sink, texts[i], 0, "%s", why);
	explicit_bzero(text, sizeof(text));
	if (!has(sink, WT_CONF_SINK_TLS_KEY_FILE))
		return;
	fd = wt_secret_open(wt_conf_text(sink, WT_CONF_SINK_TLS_KEY_FILE), "a private key in PEM",
			    why, sizeof(why));
	if (fd < 0)
		wt_conf_blame(sink, WT_CONF_SINK_TLS_KEY_FILE, 0, "%s", why);
	else
		(void)close(fd);
}

static void check_sink(struct wt_conf *conf, struct wt_conf *sink, bool reads_secrets)
{
	enum wt_sink_type type;

	if (!has(sink, WT_CONF_SINK_TYPE)) {
		if (!wt_conf_is_given(sink, WT_CONF_SINK_TYPE)) /* a bad one was told */
			wt_conf_blame(sink, WT_CONF_SINK_TYPE, 0, "found nothing; write type: and "
				      "one of syslog, hec, elastic, file");
		return;
	}
	type = (enum wt_sink_type)wt_conf_u64(sink, WT_CONF_SINK_TYPE);
	check_uses(sink, type);
	check_needs(sink, type);
	check_pair(sink, WT_CONF_SINK_TLS_CERT_FILE, WT_CONF_SINK_TLS_KEY_FILE);
	check_pair(sink, WT_CONF_SINK_TLS_KEY_FILE, WT_CONF_SINK_TLS_CERT_FILE);
	if (has(sink, WT_CONF_SINK_RETRY_MIN) && has(sink, WT_CONF_SINK_RETRY_MAX) &&
	    wt_conf_u64(sink, WT_CONF_SINK_RETRY_MIN) > wt_conf_u64(sink, WT_CONF_SINK_RETRY_MAX))
		wt_conf_blame(sink, WT_CONF_SINK_RETRY_MIN, 0, "found %s, more than retry.max (%s); "
			      "write less", wt_conf_written(sink, WT_CONF_SINK_RETRY_MIN),
			      wt_conf_written(sink, WT_CONF_SINK_RETRY_MAX));
	if (type == WT_SINK_SYSLOG)
		check_syslog(sink);
	else if (type == WT_SINK_FILE)
		check_files(conf, sink);
	else
		check_web(sink, type);
	if (reads_secrets)
		check_secrets(sink);
}

void wt_sinks_check(struct wt_conf *conf, bool reads_secrets)
{
	const char *user = wt_conf_text(conf, WT_CONF_CAPTURE_USER);
	const struct passwd *who = geteuid() == 0 && user ? getpwnam(user) : NULL;
	unsigned i, n = wt_conf_n_sections(conf);

	if (n && !has(conf, WT_CONF_JOURNAL_DIR) && !wt_conf_is_given(conf, WT_CONF_JOURNAL_DIR))
		wt_conf_blame(conf, WT_CONF_JOURNAL_DIR, 0, "found nothing, and sinks are fed from "
			      "the journal; write its folder");
	wt_secret_trust(who ? who->pw_uid : 0);
	for (i = 0; i < n; i++)
		check_sink(conf, wt_conf_section(conf, i), reads_secrets);
}
