/* `wardtap courier`: forwards the journal to every configured sink, each in a thread of its
 * own (forward.h). Reads the journal while a sensor writes it, writes only the sinks'
 * positions, the refused records and its numbers. Gives up root before it opens a sink, so
 * what it reads at the start it can read again at SIGHUP.
 * Trust: the operator; receivers are the sinks' business. Memory: a batch per sink. */
#define _GNU_SOURCE /* flock, O_CLOEXEC */
#include "app/alerting.h"
#include "app/app.h"
#include "app/couriermetrics.h"
#include "app/forward.h"
#include "app/options.h"
#include "app/privileges.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define PATH_ROOM 4200u
#define TURN_MS 100
#define NEWS_TURNS 10u /* between two looks for a sink that has changed its state */

static const char usage[] =
	"usage: wardtap courier [-c FILE] [--once] [--journal DIR] [--set KEY=VALUE]...\n"
	"       wardtap courier --status [-c FILE] [--journal DIR] [--set KEY=VALUE]...\n"
	"  Sends the alerts of the journal to the sinks of the configuration, until SIGTERM.\n"
	"  SIGHUP opens files anew and reads secrets and certificates again.\n"
	"  --once    ends when everything was sent: 0; otherwise 1, with what is left or missing\n"
	"  --status  the numbers of the courier that is running\n"
	"Sinks are described in wardtap.conf(5).\n";

struct courier {
	struct wt_conf *conf;
	struct wt_io *io;
	int lock;
	unsigned n;
	bool is_once, is_replaced;
	struct wt_forward *forward[WT_CONF_SECTIONS_MAX];
	struct wt_courier_row row[WT_CONF_SECTIONS_MAX];
	char dead_folder[PATH_ROOM], metrics[PATH_ROOM], host[256];
};

static _Atomic bool is_stopping, is_reopen_wanted;

static void on_signal(int number)
{
	atomic_store(number == SIGHUP ? &is_reopen_wanted : &is_stopping, true);
}

/* A path of the configuration, or `name` in the folder of the journal. */
static void path_of(const struct courier *c, enum wt_conf_id id, const char *name,
		    char path[PATH_ROOM])
{
	const char *given = wt_conf_text(c->conf, id);

	if (given)
		(void)snprintf(path, PATH_ROOM, "%s", given);
	else
		(void)snprintf(path, PATH_ROOM, "%s/%s", wt_conf_text(c->conf, WT_CONF_JOURNAL_DIR),
			       name);
}

static void lock_path(const struct courier *c, char path[PATH_ROOM])
{
	(void)snprintf(path, PATH_ROOM, "%s/courier.lock",
		       wt_conf_text(c->conf, WT_CONF_JOURNAL_DIR));
}

/* -1: it cannot be opened; -2: another process holds it. */
static int take_lock(const struct courier *c, bool creates)
{
	char path[PATH_ROOM];
	int fd;

	lock_path(c, path);
	fd = open(path, (creates ? O_RDWR | O_CREAT : O_RDONLY) | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return -1;
	if (flock(fd, LOCK_EX | LOCK_NB) == 0)
		return fd;
	(void)close(fd);
	return -2;
}

static int status(struct courier *c)
{
	int fd = take_lock(c, false);

	if (fd == -1 && errno != ENOENT)
		fprintf(stderr, "wardtap: courier.lock: %s\n", strerror(errno));
	else if (fd != -2)
		printf("no courier is running; ");
	if (fd >= 0)
		(void)close(fd);
	path_of(c, WT_CONF_COURIER_METRICS_FILE, "courier.prom", c->metrics);
	return wt_couriermetrics_print(c->metrics, stdout) && fflush(stdout) == 0 && fd == -2 ?
		WT_EXIT_GOOD : WT_EXIT_DAMAGED;
}

static bool make_sinks(struct courier *c)
{
	const struct wt_conf *conf = c->conf;
	unsigned i;

	for (i = 0; i < wt_conf_n_sections(conf); i++) {
		struct wt_forward_options options = {
			.sink = wt_conf_section(conf, i),
			.name = wt_conf_section_name(conf, i),
			.sensor = wt_conf_text(conf, WT_CONF_SENSOR_NAME),
			.host = c->host,
			.io = c->io,
			.dead_folder = c->dead_folder,
			.dead_size = wt_conf_u64(conf, WT_CONF_COURIER_DEAD_LETTER_SIZE),
			.is_once = c->is_once,
			.is_stopping = &is_stopping,
		};

		c->forward[i] = wt_forward_new(&options);
		if (!c->forward[i])
			return false;
		c->row[i].name = options.name;
		c->n = i + 1;
	}
	return true;
}

/* A service never stays root. Who empties the journal of a replay by hand, once, and as
 * root, has files there that nobody else can read. */
static bool become_user(const struct courier *c, const char *folder)
{
	struct stat journal;
	char why[256];

	if (c->is_once && !wt_conf_is_given(c->conf, WT_CONF_CAPTURE_USER) &&
	    stat(folder, &journal) == 0 && journal.st_uid == 0 && geteuid() == 0) {
		fprintf(stderr, "wardtap: the journal is root's: staying root, with --once\n");
		return true;
	}
	if (wt_privileges_drop(wt_conf_text(c->conf, WT_CONF_CAPTURE_USER),
			       !wt_conf_is_given(c->conf, WT_CONF_CAPTURE_USER), why,
			       sizeof(why)))
		return true;
	fprintf(stderr, "wardtap: %s\n", why);
	return false;
}

/* Everything that can be wrong is found before the first thread starts. */
static bool prepare(struct courier *c)
{
	const char *folder = wt_conf_text(c->conf, WT_CONF_JOURNAL_DIR);
	char why[256];

	if (!wt_alerting_folder(c->conf) || !become_user(c, folder))
		return false;
	c->lock = take_lock(c, true);
	if (c->lock < 0) {
		fprintf(stderr, "wardtap: journal %s: %s\n", folder, c->lock == -2 ?
			"another courier serves it; stop that one first" : strerror(errno));
		return false;
	}
	c->io = wt_io_folder(folder, false, why, sizeof(why));
	if (!c->io) {
		fprintf(stderr, "wardtap: %s\n", why);
		return false;
	}
	if (gethostname(c->host, sizeof(c->host) - 1) != 0)
		c->host[0] = 0;
	path_of(c, WT_CONF_COURIER_DEAD_LETTER_DIR, "dead-letters", c->dead_folder);
	path_of(c, WT_CONF_COURIER_METRICS_FILE, "courier.prom", c->metrics);
	return make_sinks(c);
}

static void write_numbers(struct courier *c)
{
	static bool is_told;
	unsigned i;

	for (i = 0; i < c->n; i++)
		wt_forward_stats(c->forward[i], &c->row[i].stats);
	if (wt_couriermetrics_write(c->metrics, c->row, c->n)) {
		is_told = false;
	} else if (!is_told) {
		fprintf(stderr, "wardtap: %s: %s\n", c->metrics, strerror(errno));
		is_told = true;
	}
}

static bool is_over(const struct courier *c)
{
	struct wt_forward_stats stats;
	unsigned i;

	for (i = 0; i < c->n; i++) {
		wt_forward_stats(c->forward[i], &stats);
		if (!stats.is_over)
			return false;
	}
	return true;
}

/* Whether the journal is no longer the one that was opened. Somebody who moves or removes
 * its folder leaves us one that nobody writes to; only a start finds the new one. */
static bool is_replaced(const struct courier *c)
{
	char path[PATH_ROOM];
	struct stat ours, there;

	lock_path(c, path);
	return fstat(c->lock, &ours) == 0 &&
	       (stat(path, &there) != 0 ? errno == ENOENT :
		ours.st_ino != there.st_ino || ours.st_dev != there.st_dev);
}

/* Ends in good order, as at SIGTERM, but not as if all were well. */
static void watch_journal(struct courier *c)
{
	if (c->is_replaced || !is_replaced(c))
		return;
	fputs("wardtap: the journal's folder was removed or replaced: ending; a start takes the "
	      "new one\n", stderr);
	c->is_replaced = true;
	atomic_store(&is_stopping, true);
}

/* Whether a sink is in another state than the file of numbers tells. */
static bool is_news(const struct courier *c)
{
	struct wt_forward_stats stats;
	unsigned i;

	for (i = 0; i < c->n; i++) {
		wt_forward_stats(c->forward[i], &stats);
		if (stats.state != c->row[i].stats.state)
			return true;
	}
	return false;
}

static void serve(struct courier *c)
{
	const struct timespec pause = { .tv_nsec = TURN_MS * 1000000L };
	unsigned turn = 0, i;

	while (!is_over(c)) {
		if (turn++ % (WT_COURIER_EVERY_S * 1000 / TURN_MS) == 0) {
			write_numbers(c);
			watch_journal(c);
		} else if (turn % NEWS_TURNS == 0 && is_news(c)) {
			write_numbers(c);
		}
		if (atomic_exchange(&is_reopen_wanted, false))
			for (i = 0; i < c->n; i++)
				wt_forward_reopen(c->forward[i]);
		(void)nanosleep(&pause, NULL);
	}
	write_numbers(c);
}

static int report(const struct courier *c)
{
	int code = WT_EXIT_GOOD;
	unsigned i;

	for (i = 0; i < c->n; i++) {
		const struct wt_forward_stats *s = &c->row[i].stats;

		bool is_left = s->backlog || s->state != WT_FORWARD_GOOD;
		const char *why = is_left ? s->why : s->missing ?
			"the journal lacked records before they could be sent" : s->refused ?
			"the receiver refused records, which are kept aside" : "";

		fprintf(stderr, "wardtap: sink %s: sent %llu, refused %llu, missing %llu, "
			"left %llu%s%s\n", c->row[i].name, (unsigned long long)s->sent,
			(unsigned long long)s->refused, (unsigned long long)s->missing,
			(unsigned long long)s->backlog, why[0] ? ": " : "", why);
		if (is_left || s->refused || s->missing)
			code = WT_EXIT_DAMAGED;
	}
	return c->is_replaced ? WT_EXIT_DAMAGED : c->is_once ? code : WT_EXIT_GOOD;
}

/* Before anything else: a SIGHUP that comes while the configuration is read must not end us. */
static void take_signals(void)
{
	struct sigaction action = { .sa_handler = on_signal };

	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGHUP, &action, NULL);
	signal(SIGPIPE, SIG_IGN);
}

static int forward_all(struct courier *c)
{
	bool is_good = true;
	unsigned i;

	if (wt_conf_n_sections(c->conf) == 0) {
		fputs("wardtap: found no sinks in the configuration; write at least one "
		      "(wardtap.conf(5), SINKS)\n", stderr);
		return WT_EXIT_USAGE;
	}
	if (!prepare(c))
		return WT_EXIT_USAGE;
	for (i = 0; i < c->n && is_good; i++)
		is_good = wt_forward_start(c->forward[i]);
	if (!is_good) {
		fputs("wardtap: cannot start a thread\n", stderr);
		atomic_store(&is_stopping, true);
		return WT_EXIT_DAMAGED;
	}
	serve(c);
	return report(c);
}

/* Takes a word out of the command line; whether it was there. */
static bool take_word(int *argc, char **argv, const char *word)
{
	bool is_there = false;
	int i, n = 0;

	for (i = 0; i < *argc; i++) {
		if (strcmp(argv[i], word) == 0)
			is_there = true;
		else
			argv[n++] = argv[i];
	}
	*argc = n;
	argv[n] = NULL;
	return is_there;
}

int wt_app_courier(int argc, char **argv)
{
	struct wt_settings settings = { .reads_secrets = true };
	struct courier *c = calloc(1, sizeof(*c));
	bool is_status;
	unsigned i;
	int code;

	if (!c)
		abort();
	c->lock = -1;
	c->is_once = take_word(&argc, argv, "--once");
	is_status = take_word(&argc, argv, "--status");
	settings.reads_secrets = !is_status;
	if (!is_status)
		take_signals();
	code = wt_options_parse(&settings, argc, argv, "c:h", usage);
	if (code < 0 && (optind < argc || (is_status && c->is_once))) {
		fputs(usage, stderr);
		code = WT_EXIT_USAGE;
	}
	if (code < 0) {
		c->conf = wt_settings_load(&settings, stderr);
		code = !c->conf ? WT_EXIT_USAGE : -1;
	}
	if (code < 0 && !wt_conf_has(c->conf, WT_CONF_JOURNAL_DIR)) {
		fputs("wardtap: journal.dir: found nothing; write the folder of the journal\n", stderr);
		code = WT_EXIT_USAGE;
	}
	if (code < 0)
		code = is_status ? status(c) : forward_all(c);
	for (i = 0; i < WT_CONF_SECTIONS_MAX; i++)
		wt_forward_free(c->forward[i]);
	wt_io_folder_free(c->io);
	if (c->lock >= 0)
		(void)close(c->lock);
	wt_conf_free(c->conf);
	free(c);
	return code;
}
