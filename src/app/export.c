/* `wardtap export`: prepares the receivers of records.
 *   setup          sends life cycle, pipeline and templates to every sink of type elastic
 *   setup --print  shows them, as the consoles of Kibana and OpenSearch take them
 * Doing it again changes nothing; what an operator added beside it is left alone.
 * Trust: the operator; answers are hostile: bounded, walked over, quoted.
 * Memory: one answer. */
#define _GNU_SOURCE /* fnmatch */
#include "app/app.h"
#include "app/options.h"
#include "app/setup.h"
#include "base/sinks.h"
#include "base/walk.h"
#include "export/elastic_sink.h"

#include <fnmatch.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#define PATTERN "logs-wardtap.*-*" /* index_patterns of the templates */
#define QUOTE_MAX 200u
#define ISM "/_plugins/_ism/"

static const char usage[] =
	"usage: wardtap export setup [-c FILE] [--set KEY=VALUE]...\n"
	"       wardtap export setup --print elastic|opensearch\n"
	"  Sends what a data stream of wardtap needs (life cycle, pipeline, templates) to "
	"every\n"
	"  sink of type elastic. Its credential needs the privileges to do so.\n"
	"  --print  shows it instead, to be pasted into the console of Kibana or OpenSearch\n";

/* Who the server is, from the answer to GET /. */
struct server {
	const char *product; /* of wt_setup_steps */
	char name[64];       /* for people */
};

static void print_steps(const char *product)
{
	const struct wt_setup_step *step;

	for (step = wt_setup_steps; step->product; step++)
		if (!strcmp(step->product, product))
			printf("PUT %s\n%.*s\n", step->path, (int)step->len,
			       (const char *)step->text);
}

static bool is_text(struct wt_slice s, const char *text)
{
	return wt_slice_equal(s, wt_slice_of(text, strlen(text)));
}

/* {"version":{"number":"2.19.0","distribution":"opensearch"}}; Elasticsearch names no
 * distribution. */
static bool read_server(const struct wt_http *http, struct wt_slice body, struct server *server)
{
	struct wt_slice key, number = { NULL, 0 }, distribution = { NULL, 0 };
	struct wt_walk w = wt_walk_of(body);
	bool is_good = wt_walk_object(&w);
	char text[32];

	while (is_good && wt_walk_member(&w, &key)) {
		if (!is_text(key, "version") || wt_walk_peek(&w) != '{') {
			wt_walk_skip(&w);
			continue;
		}
		is_good = wt_walk_object(&w);
		while (is_good && wt_walk_member(&w, &key)) {
			if (is_text(key, "number") && wt_walk_peek(&w) == '"')
				is_good = wt_walk_string(&w, &number);
			else if (is_text(key, "distribution") && wt_walk_peek(&w) == '"')
				is_good = wt_walk_string(&w, &distribution);
			else
				wt_walk_skip(&w);
		}
	}
	if (!wt_walk_end(&w) || !number.len)
		return false;
	wt_http_quote(http, number, text, sizeof(text));
	server->product = is_text(distribution, "opensearch") ? "opensearch" : "elastic";
	snprintf(server->name, sizeof(server->name), "%s %s",
		 distribution.len ? "OpenSearch" : "Elasticsearch", text);
	return true;
}

static bool greet(struct wt_http *http, const char *name, struct server *server)
{
	struct wt_http_request q = { .method = "GET", .path = "/", .url = WT_HTTP_ANY_URL };
	struct wt_http_answer answer;

	wt_http_send(http, &q, &answer);
	if (answer.fate != WT_HTTP_ANSWERED) {
		fprintf(stderr, "wardtap: sink %s: %s\n", name, answer.why);
	} else if (answer.status != 200) {
		fprintf(stderr, "wardtap: sink %s: %s answered %u%s\n", name,
			wt_http_place(http, answer.url), answer.status,
			answer.status == 401 || answer.status == 403
				? "; look at its credential"
				: "");
	} else if (!read_server(http, answer.body, server)) {
		fprintf(stderr,
			"wardtap: sink %s: %s is neither Elasticsearch nor OpenSearch; look at "
			"url\n",
			name, wt_http_place(http, answer.url));
	} else {
		return true;
	}
	return false;
}

/* A policy of OpenSearch cannot be put over itself, and belongs to a plugin. */
static bool is_ism_settled(const struct wt_setup_step *step,
			   const struct wt_http_answer *answer)
{
	if (strncmp(step->path, ISM, strlen(ISM)) != 0)
		return false;
	if (answer->status == 409) {
		printf("  %s: there is one already, which stays\n", step->path);
		return true;
	}
	if (answer->status != 400 && answer->status != 404 && answer->status != 405)
		return false;
	printf("  %s: this server has no index management; indices are kept until somebody "
	       "deletes them\n",
	       step->path);
	return true;
}

static bool put(struct wt_http *http, const char *name, const struct wt_setup_step *step)
{
	struct wt_http_request q = { .method = "PUT",
				     .path = step->path,
				     .type = "application/json",
				     .body = wt_slice_of(step->text, step->len),
				     .url = WT_HTTP_ANY_URL };
	struct wt_http_answer answer;
	char quoted[QUOTE_MAX];

	wt_http_send(http, &q, &answer);
	if (answer.fate != WT_HTTP_ANSWERED) {
		fprintf(stderr, "wardtap: sink %s: %s\n", name, answer.why);
		return false;
	}
	if (answer.status / 100 == 2) {
		printf("  %s: done\n", step->path);
		return true;
	}
	if (is_ism_settled(step, &answer))
		return true;
	wt_http_quote(http, answer.body, quoted, sizeof(quoted));
	fprintf(stderr, "wardtap: sink %s: %s: answered %u%s: %s\n", name, step->path,
		answer.status,
		answer.status == 401 || answer.status == 403
			? "; take a credential that may manage templates"
			: "",
		quoted);
	return false;
}

static bool setup(const struct wt_conf *section, const char *name)
{
	struct wt_sink_options options = { .name = name, .conf = section };
	const char *stream = wt_conf_text(section, WT_CONF_SINK_DATA_STREAM);
	struct wt_web web = { .n = 0 };
	char why[WT_SINK_WHY_MAX] = "";
	const struct wt_setup_step *step;
	struct server server;
	bool is_good = wt_elastic_open(&web, &options, why, sizeof(why));

	if (!is_good)
		fprintf(stderr, "wardtap: sink %s: %s\n", name, why);
	is_good = is_good && greet(web.http, name, &server);
	if (is_good)
		printf("%s: %s\n", name, server.name);
	for (step = wt_setup_steps; is_good && step->product; step++)
		if (!strcmp(step->product, server.product))
			is_good = put(web.http, name, step);
	if (is_good && fnmatch(PATTERN, stream, 0) != 0)
		printf("  the data stream %s is not one of " PATTERN
		       ", which these are for: copy "
		       "the template for it\n",
		       stream);
	wt_web_close(&web);
	return is_good;
}

static int setup_all(const struct wt_conf *conf)
{
	unsigned i, n = 0, n_bad = 0;

	signal(SIGPIPE, SIG_IGN);
	for (i = 0; i < wt_conf_n_sections(conf); i++) {
		const struct wt_conf *section = wt_conf_section(conf, i);

		if (wt_conf_u64(section, WT_CONF_SINK_TYPE) != WT_SINK_ELASTIC)
			continue;
		n++;
		n_bad += !setup(section, wt_conf_section_name(conf, i));
	}
	if (n == 0) {
		fputs("wardtap: found no sink of type elastic; write one (wardtap.conf(5), "
		      "SINKS), or "
		      "take --print\n",
		      stderr);
		return WT_EXIT_USAGE;
	}
	return n_bad ? WT_EXIT_DAMAGED : WT_EXIT_GOOD;
}

int wt_app_export(int argc, char **argv)
{
	struct wt_settings settings = { .reads_secrets = true };
	struct wt_conf *conf;
	int code;

	if (argc > 1 && (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h"))) {
		fputs(usage, stdout);
		return WT_EXIT_GOOD;
	}
	if (argc < 2 || strcmp(argv[1], "setup") != 0) {
		fputs(usage, stderr);
		return WT_EXIT_USAGE;
	}
	if (argc == 4 && !strcmp(argv[2], "--print") &&
	    (!strcmp(argv[3], "elastic") || !strcmp(argv[3], "opensearch"))) {
		print_steps(argv[3]);
		return WT_EXIT_GOOD;
	}
	code = wt_options_parse(&settings, argc - 1, argv + 1, "c:h", usage);
	if (code >= 0)
		return code;
	if (optind < argc - 1) {
		fputs(usage, stderr);
		return WT_EXIT_USAGE;
	}
	conf = wt_settings_load(&settings, stderr);
	if (!conf)
		return WT_EXIT_USAGE;
	code = setup_all(conf);
	wt_conf_free(conf);
	return code;
}
