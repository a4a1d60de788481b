/* What every dissector inherits: its declaration is complete, the same stream gives
 * the same events however it is cut, damage never breaks the books, and its probe
 * refuses other protocols. Streams come from pcaps/<name>/, other protocols from there
 * and from ../shared/pcaps where that folder is at hand. */
#define WT_NO_POISON
#include <check.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

#include "harness/replay_stream.h"
#include "wardtap/dissector.h"
#include "wardtap/registry.h"

#define CUTS_MAX 96      /* sampled cuts of a long stream */
#define PREFIXES_MAX 48  /* sampled prefixes of a long stream */
#define SHORT_STREAM 4096u
#define LONG_STREAM 65536u
/* Sanitizers cost some times the time and find what they find in fewer ways. */
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SLOW 8
#endif
#endif
#ifndef SLOW
#define SLOW 1
#endif
#define RANDOM_WAYS (200u / SLOW)
#define DAMAGES (40u / SLOW)

#define FRAMES (unsigned)(WT_OVER_ETHER | WT_OVER_LLC | WT_OVER_ICMP6)

static void check_field(const char *owner, const struct wt_field *f)
{
	const char *at;

	ck_assert_msg(f->name && f->unit && f->clause && f->doc, "%s: field without text", owner);
	ck_assert_msg(strchr(f->name, '.'), "%s: %s names no object", owner, f->name);
	for (at = f->name; *at; at++)
		ck_assert_msg(islower((unsigned char)*at) || isdigit((unsigned char)*at) ||
			      *at == '_' || *at == '.', "%s: name %s", owner, f->name);
	ck_assert_msg(*f->clause && *f->doc, "%s: %s has no clause or doc", owner, f->name);
	ck_assert_msg(f->doc[strlen(f->doc) - 1] == '.', "%s: %s: doc is no sentence", owner,
		      f->name);
	ck_assert_msg(f->type <= WT_TYPE_TIME && f->mult <= WT_MULT_MANY &&
		      f->phi <= WT_PHI_SECRET && f->declass <= WT_DECLASS_PRESENT,
		      "%s: %s: enum", owner, f->name);
	ck_assert_msg(f->cap > 0 && f->cap <= 4096, "%s: %s: cap %u", owner, f->name, f->cap);
	ck_assert_msg(f->declass == WT_DECLASS_ASIS || f->phi >= WT_PHI_QUASI,
		      "%s: %s: a declassifier of a field that passes anyway", owner, f->name);
}

/* Objects lie together: eve.c opens each once. The shared ones come before. */
static void check_objects(const char *owner, const struct wt_field *fields, unsigned n)
{
	unsigned i, k;

	for (i = 0; i < n; i++) {
		size_t len = strcspn(fields[i].name, ".") + 1;
		bool is_same = i && strncmp(fields[i].name, fields[i - 1].name, len) == 0;

		for (k = 0; k < i; k++) {
			ck_assert_msg(strcmp(fields[i].name, fields[k].name) != 0,
				      "%s: %s is there twice", owner, fields[i].name);
			ck_assert_msg(is_same || strncmp(fields[i].name, fields[k].name, len) != 0,
				      "%s: object of %s is parted", owner, fields[i].name);
		}
		for (k = 0; fields != wt_shared_fields && k < WT_N_SHARED_FIELDS; k++)
			ck_assert_msg(strncmp(fields[i].name, wt_shared_fields[k].name, len) != 0,
				      "%s: %s adds to a shared object", owner, fields[i].name);
	}
}

START_TEST(every_field_is_declared_in_full)
{
	unsigned owner, i;

	for (i = 0; i < WT_N_SHARED_FIELDS; i++)
		check_field("shared", &wt_shared_fields[i]);
	check_objects("shared", wt_shared_fields, WT_N_SHARED_FIELDS);
	for (owner = 1; owner <= wt_registry_count(); owner++) {
		const struct wt_dissector *d = wt_registry_dissector(owner);

		ck_assert_msg(d->n_fields > 0 && d->n_fields <= 256, "%s: fields", d->name);
		for (i = 0; i < d->n_fields; i++)
			check_field(d->name, &d->fields[i]);
		check_objects(d->name, d->fields, d->n_fields);
	}
}
END_TEST

START_TEST(every_dissector_is_declared_in_full)
{
	unsigned owner, other, i, k;

	for (owner = 1; owner <= wt_registry_count(); owner++) {
		const struct wt_dissector *d = wt_registry_dissector(owner);

		ck_assert_msg(d->name && *d->name && d->title && *d->title && d->source &&
			      *d->source, "owner %u: texts", owner);
		ck_assert_msg(d->carriage && d->probe && d->message, "%s: calls", d->name);
		ck_assert_msg(!(d->carriage & WT_OVER_TCP) || d->resync,
			      "%s: a stream needs resync", d->name);
		ck_assert_msg(d->state_size <= WT_STATE_MAX, "%s: state_size", d->name);
		ck_assert_msg(!(d->carriage & FRAMES) ||
			      (!(d->carriage & ~FRAMES) && d->state_size == 0),
			      "%s: frames have no flow and no state", d->name);
		ck_assert_msg(d->buffer_max <= WT_BUFFER_MAX, "%s: buffer_max", d->name);
		ck_assert_msg(d->n_event_types > 0 && d->n_event_types <= 255, "%s", d->name);
		for (i = 0; i < d->n_event_types; i++)
			ck_assert_msg(d->event_types[i].name && *d->event_types[i].name &&
				      d->event_types[i].doc && *d->event_types[i].doc,
				      "%s: event type %u", d->name, i);
		for (other = 0; other <= wt_registry_count(); other++)
			for (i = 0; i < d->n_event_types; i++)
				for (k = 0; k < wt_registry_n_events(other); k++)
					ck_assert_msg((other == owner && k == i) ||
						strcmp(d->event_types[i].name,
						       wt_registry_event(other, k)->name) != 0,
						"event type %s is there twice",
						d->event_types[i].name);
		for (other = 1; other < owner; other++)
			ck_assert_str_ne(d->name, wt_registry_name(other));
	}
}
END_TEST

/* --- streams of a dissector's own captures --- */

struct streams {
	struct conversation **c;
	size_t n, room;
};

static void add_streams(struct streams *s, const char *path)
{
	struct bench *b = bench_load(path, 0);
	char name[256];
	size_t i;

	ck_assert_msg(b, "%s cannot be read", path);
	for (i = 0; i < b->n_flows; i++) {
		struct conversation *c;

		if (b->flow[i].key.proto != 6 || !b->flow[i].n_bytes)
			continue;
		(void)snprintf(name, sizeof(name), "%s flow %zu", path, i);
		c = conversation_of(&b->flow[i], name);
		if (s->n == s->room) {
			s->room = s->room * 2 + 32;
			s->c = realloc(s->c, s->room * sizeof(*s->c));
			ck_assert_ptr_nonnull(s->c);
		}
		s->c[s->n++] = c;
	}
	bench_free(b);
}

static struct streams streams_of(unsigned owner)
{
	struct streams s = { .c = NULL };
	char folder[128];
	char **paths;
	size_t n, i;

	(void)snprintf(folder, sizeof(folder), "pcaps/%s", wt_registry_name(owner));
	paths = bench_paths(folder, ".pcap", &n);
	ck_assert_msg(n, "%s holds no capture; run from the top of the tree", folder);
	for (i = 0; i < n; i++) /* datagrams: check_contract_datagram.c */
		if (wt_registry_dissector(owner)->carriage & WT_OVER_TCP)
			add_streams(&s, paths[i]);
	bench_paths_free(paths, n);
	return s;
}

static void streams_free(struct streams *s)
{
	size_t i;

	for (i = 0; i < s->n; i++)
		conversation_free(s->c[i]);
	free(s->c);
}

static char *keep(const struct bench_text *t)
{
	char *copy = malloc(t->len + 1);

	ck_assert_ptr_nonnull(copy);
	memcpy(copy, t->len ? t->ptr : "", t->len);
	copy[t->len] = '\0';
	return copy;
}

/* The first line in which two texts differ. */
static void tell_difference(const char *what, const char *name, const char *want,
			    const struct bench_text *got)
{
	const char *b = got->len ? got->ptr : "";
	size_t at = 0, line = 0;

	while (want[at] && want[at] == b[at]) {
		if (want[at] == '\n')
			line = at + 1;
		at++;
	}
	ck_abort_msg("%s, %s: events differ\n  want %.*s\n  got  %.*s", name, what,
		     (int)strcspn(want + line, "\n"), want + line,
		     (int)strcspn(b + line, "\n"), b + line);
}

static void expect(struct bench *b, const struct conversation *c, struct way way,
		   const char *what, const char *want)
{
	char text[96];
	const char *wrong = conversation_send(b, c, &way);

	(void)snprintf(text, sizeof(text), "%s at %zu", what, way.at);
	ck_assert_msg(!wrong, "%s, %s: %s", c->name, text, wrong);
	if (strcmp(want, b->events.len ? b->events.ptr : "") != 0)
		tell_difference(text, c->name, want, &b->events);
}

static char *reference(struct bench *b, const struct conversation *c)
{
	struct way way = { .cut = CUT_RECORDED };
	const char *wrong = conversation_send(b, c, &way);

	ck_assert_msg(!wrong, "%s, as recorded: %s", c->name, wrong);
	return keep(&b->events);
}

/* Where bytes are lost before the protocol is known, segment borders are all that a
 * probe has to go by: such a stream may be understood in one way and not in another. */
static bool depends_on_segments(struct bench *b, const struct conversation *c)
{
	struct way way = { .cut = CUT_TURNS, .stays_open = true };
	bool is_known;
	size_t i;

	for (i = 0; i < c->n && !c->turn[i].lost; i++)
		way.stop += c->turn[i].len;
	if (i == c->n)
		return false;
	if (!way.stop)
		return true;
	(void)conversation_send(b, c, &way);
	is_known = b->shard.n_used == 1 && b->shard.flow[b->shard.n_fresh - 1].app;
	(void)bench_finish(b);
	return !is_known;
}

/* Damage to the first bytes, so that no direction begins like the protocol any more: the
 * flow is found later, at some segment's start, and which one depends on the cut. */
static bool begins_foreign(unsigned owner, const struct conversation *c)
{
	const struct wt_dissector *d = wt_registry_dissector(owner);
	unsigned dir;
	size_t i;

	for (dir = 0; dir < 2; dir++) {
		uint8_t head[WT_PROBE_MAX];
		struct wt_builder room = wt_builder_of(head, sizeof(head));

		for (i = 0; i < c->n && room.len < sizeof(head); i++)
			if (c->turn[i].dir == (enum wt_direction)dir)
				wt_bld_bytes(&room, wt_slice_head(wt_slice_of(c->turn[i].bytes,
					     c->turn[i].len), sizeof(head) - room.len));
		if (room.len && d->probe(wt_bld_slice(&room)) == WT_FOREIGN)
			return true;
	}
	return false;
}

static void every_cut(struct bench *b, const struct conversation *c, const char *want)
{
	struct bench_random random = { 1 };
	size_t i, at;

	if (c->n_bytes <= SHORT_STREAM) {
		for (at = 1; at < c->n_bytes; at++)
			expect(b, c, (struct way){ .cut = CUT_AT, .at = at }, "cut", want);
		return;
	}
	for (i = 0; i < CUTS_MAX; i++) {
		at = i < CUTS_MAX / 2 && c->n_bytes > 1024 ? 1 + bench_below(&random, 1023) :
		     1 + bench_below(&random, (uint32_t)c->n_bytes - 1);
		expect(b, c, (struct way){ .cut = CUT_AT, .at = at }, "cut", want);
	}
}

START_TEST(same_events_however_the_stream_is_cut)
{
	struct bench_random random = { 2 };
	unsigned owner = (unsigned)_i + 1, way;
	struct streams s = streams_of(owner);
	struct bench *b = bench_new(NULL);
	size_t i, n_events = 0, n_ways = 0, n_skipped = 0;

	for (i = 0; i < s.n; i++) {
		const struct conversation *c = s.c[i];
		unsigned n = c->n_bytes > LONG_STREAM ? RANDOM_WAYS / 20 : RANDOM_WAYS;
		char *want;

		if (depends_on_segments(b, c)) {
			n_skipped++;
			continue;
		}
		want = reference(b, c);
		n_events += strlen(want) != 0;
		every_cut(b, c, want);
		expect(b, c, (struct way){ .cut = CUT_TURNS }, "whole turns", want);
		expect(b, c, (struct way){ .cut = CUT_MSS }, "1460 bytes", want);
		if (c->n_bytes <= 4 * LONG_STREAM)
			expect(b, c, (struct way){ .cut = CUT_BYTES }, "single bytes", want);
		for (way = 0; way < n; way++) {
			struct way w = { .cut = way % 8 == 7 ? CUT_MSS : CUT_RANDOM, .random = random,
					 .is_reordered = way & 1, .is_repeated = way >> 1 & 1 };

			(void)bench_random(&random);
			expect(b, c, w, w.is_reordered ? "random, reordered" : "random", want);
		}
		n_ways += n;
		free(want);
	}
	printf("  %s: %zu streams, %zu of them with events, %zu random ways, %zu left out: "
	       "bytes lost before the protocol was known\n",
	       wt_registry_name(owner), s.n, n_events, n_ways, n_skipped);
	ck_assert_msg(n_events > 0 || !(wt_registry_dissector(owner)->carriage & WT_OVER_TCP),
		      "%s: no capture gave an event", wt_registry_name(owner));
	streams_free(&s);
	bench_free(b);
}
END_TEST

/* What a prefix made known stays known: the events of a prefix begin those of the
 * whole; and a stream that ends anywhere leaves the books in order. */
START_TEST(every_prefix_gives_the_first_events)
{
	unsigned owner = (unsigned)_i + 1;
	struct streams s = streams_of(owner);
	struct bench_random random = { 3 };
	struct bench *b = bench_new(NULL);
	size_t i, stop;

	for (i = 0; i < s.n; i++) {
		const struct conversation *c = s.c[i];
		bool is_short = c->n_bytes <= SHORT_STREAM;
		size_t n = is_short ? c->n_bytes : PREFIXES_MAX, k;
		char *want = reference(b, c);

		for (k = 1; k < n; k++) {
			struct way way = { .cut = CUT_TURNS, .stays_open = true };
			const char *wrong;

			stop = is_short ? k : 1 + bench_below(&random, (uint32_t)c->n_bytes - 1);
			way.stop = stop;
			wrong = conversation_send(b, c, &way);
			ck_assert_msg(!wrong, "%s, first %zu bytes: %s", c->name, stop, wrong);
			if (b->events.len && strncmp(want, b->events.ptr, b->events.len) != 0)
				tell_difference("prefix", c->name, want, &b->events);
			wrong = bench_finish(b);
			ck_assert_msg(!wrong, "%s, first %zu bytes, ended: %s", c->name, stop,
				      wrong);
		}
		free(want);
	}
	streams_free(&s);
	bench_free(b);
}
END_TEST

static void damage(struct conversation *c, struct bench_random *random)
{
	unsigned n = 1 + bench_below(random, 6);

	while (n-- && c->n) {
		struct turn *t = &c->turn[bench_below(random, (uint32_t)c->n)];
		/* headers are at the start of turns: half of the damage goes there */
		size_t reach = bench_below(random, 2) && t->len > 256 ? 256 : t->len;
		size_t at = bench_below(random, (uint32_t)reach);

		switch (bench_below(random, 4)) {
		case 0:
			t->bytes[at] ^= (uint8_t)(1u << bench_below(random, 8));
			break;
		case 1:
			t->bytes[at] = (uint8_t)bench_random(random);
			break;
		case 2:
			memset(t->bytes + at, (int)bench_below(random, 256),
			       t->len - at < 9 ? t->len - at : 9);
			break;
		default:
			t->bytes[at] = bench_below(random, 2) ? 0xff : 0;
			break;
		}
	}
}

START_TEST(damage_breaks_no_book_and_is_cut_the_same)
{
	unsigned owner = (unsigned)_i + 1, n;
	struct streams s = streams_of(owner);
	struct bench_random random = { 4 };
	struct bench *b = bench_new(NULL);
	size_t i;

	for (i = 0; i < s.n; i++) {
		bool is_compared = !depends_on_segments(b, s.c[i]);
		unsigned times = s.c[i]->n_bytes > LONG_STREAM ? DAMAGES / 8 : DAMAGES;

		for (n = 0; n < times; n++) {
			struct conversation *c = conversation_copy(s.c[i]);
			char *want;

			(void)snprintf(c->name + strlen(c->name), sizeof(c->name) -
				       strlen(c->name), " damage %u", n);
			damage(c, &random);
			want = reference(b, c);
			if (!is_compared || depends_on_segments(b, c) ||
			    begins_foreign(owner, c)) {
				free(want);
				conversation_free(c);
				continue;
			}
			expect(b, c, (struct way){ .cut = CUT_TURNS }, "whole turns", want);
			expect(b, c, (struct way){ .cut = CUT_RANDOM, .random = random },
			       "random", want);
			expect(b, c, (struct way){ .cut = CUT_RANDOM, .random = random,
			       .is_reordered = true, .is_repeated = true }, "reordered", want);
			if (c->n_bytes <= LONG_STREAM && n % 4 == 0)
				expect(b, c, (struct way){ .cut = CUT_BYTES }, "bytes", want);
			free(want);
			conversation_free(c);
		}
	}
	streams_free(&s);
	bench_free(b);
}
END_TEST

/* --- probes --- */

/* First bytes of a direction, as probes would see them at once. */
static struct wt_slice head_of(const struct bench_flow *f, enum wt_direction dir,
			       uint8_t room[WT_PROBE_MAX])
{
	size_t len = 0, i;

	for (i = 0; i < f->n; i++) {
		const struct bench_chunk *c = &f->chunk[i];
		size_t n = WT_PROBE_MAX - len < c->len ? WT_PROBE_MAX - len : c->len;

		if (c->dir != dir)
			continue;
		if (c->kind == BENCH_GAP || (c->kind == BENCH_DATAGRAM && len))
			break;
		memcpy(room + len, c->bytes, n);
		len += n;
	}
	return wt_slice_of(room, len);
}

static unsigned claimed(const struct bench *b, unsigned owner, const char *path)
{
	const struct wt_dissector *d = wt_registry_dissector(owner);
	uint8_t room[WT_PROBE_MAX];
	unsigned n = 0, dir;
	size_t i;

	for (i = 0; i < b->n_flows; i++)
		for (dir = 0; dir < 2; dir++) {
			const struct bench_flow *f = &b->flow[i];
			struct wt_slice head = head_of(f, (enum wt_direction)dir, room);
			unsigned over = f->key.proto == 6 ? WT_OVER_TCP :
					f->key.proto == 17 ? WT_OVER_UDP : 0;

			if (!head.len || !(d->carriage & over) || d->probe(head) != WT_OK)
				continue;
			printf("  probe of %s claims %s port %u/%u, %zu bytes: %.*s\n", d->name, path,
			       f->key.end[f->client].port, f->key.end[f->client ^ 1].port, head.len,
			       (int)(head.len < 24 ? head.len : 24), (const char *)head.ptr);
			n++;
		}
	return n;
}

/* pcaps/<folder>/also names, parted by blanks, what else its captures hold: real
 * programs speak more than one protocol. */
static bool is_also_in(const char *folder, const char *protocol)
{
	char path[160], word[64];
	bool is_there = false;
	FILE *f;

	(void)snprintf(path, sizeof(path), "pcaps/%s/also", folder);
	f = fopen(path, "r");
	while (f && fscanf(f, "%63s", word) == 1)
		is_there |= strcmp(word, protocol) == 0;
	if (f)
		fclose(f);
	return is_there;
}

/* Each capture is loaded once and shown to all others' probes. */
START_TEST(probe_refuses_captures_of_other_dissectors)
{
	unsigned home = (unsigned)_i + 1, owner, n_claimed = 0;
	char folder[128];
	char **paths;
	size_t n, i;

	(void)snprintf(folder, sizeof(folder), "pcaps/%s", wt_registry_name(home));
	paths = bench_paths(folder, ".pcap", &n);
	for (i = 0; i < n; i++) {
		struct bench *b = bench_load(paths[i], 2 * WT_PROBE_MAX);

		for (owner = 1; b && owner <= wt_registry_count(); owner++)
			if (owner != home &&
			    !is_also_in(wt_registry_name(home), wt_registry_name(owner)))
				n_claimed += claimed(b, owner, paths[i]);
		bench_free(b);
	}
	bench_paths_free(paths, n);
	ck_assert_uint_eq(n_claimed, 0);
}
END_TEST

/* Does the folder or name say that the capture holds this protocol? The names are
 * those of ../shared/pcaps/MANIFEST.tsv; TRUTH.md says what is in them. */
static bool is_expected(const char *path, const char *protocol)
{
	static const struct { const char *protocol, *path; } rows[] = {
		{ "dicom", "/dicom/" }, { "dicom", "/lab-dicom/" }, { "dicom", "/mix/" },
		{ "hl7", "/hl7/" }, { "hl7", "/lab-hl7/" }, { "hl7", "/mix/" },
		{ "hl7", "/hl7-synthetic/" },
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (strcmp(rows[i].protocol, protocol) == 0 && strstr(path, rows[i].path))
			return true;
	return false;
}

START_TEST(probe_refuses_the_rest_of_the_world)
{
	unsigned owner = (unsigned)_i + 1, n_claimed = 0, n_files = 0, n_flows = 0, n_own = 0;
	size_t n, i;
	char **paths;

	/* the captures' names tell of clinical protocols alone; tests/diff compares the
	 * claims of the others with tshark's, flow by flow */
	if (!wt_registry_is_long_lived(owner))
		return;
	paths = bench_paths("../shared/pcaps", NULL, &n);
	if (!n)
		printf("  NOT TESTED: ../shared/pcaps is absent, so no probe met a foreign "
		       "protocol\n");
	for (i = 0; i < n; i++) {
		struct bench *b;

		if (!strstr(paths[i], ".pcap") && !strstr(paths[i], ".cap"))
			continue;
		b = bench_load(paths[i], 2 * WT_PROBE_MAX);
		if (!b)
			continue;
		n_files++;
		n_flows += (unsigned)b->n_flows;
		if (is_expected(paths[i], wt_registry_name(owner)))
			n_own++;
		else
			n_claimed += claimed(b, owner, paths[i]);
		bench_free(b);
	}
	bench_paths_free(paths, n);
	printf("  %s: %u foreign captures of %u, %u flows in all, %u claims\n",
	       wt_registry_name(owner), n_files - n_own, n_files, n_flows, n_claimed);
	ck_assert_uint_eq(n_claimed, 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("contract");
	TCase *c = tcase_create("every dissector");
	int n = (int)wt_registry_count(), n_failed;
	SRunner *runner;

	setvbuf(stdout, NULL, _IOLBF, 0);
	tcase_set_timeout(c, 600);
	tcase_add_test(c, every_field_is_declared_in_full);
	tcase_add_test(c, every_dissector_is_declared_in_full);
	tcase_add_loop_test(c, same_events_however_the_stream_is_cut, 0, n);
	tcase_add_loop_test(c, every_prefix_gives_the_first_events, 0, n);
	tcase_add_loop_test(c, damage_breaks_no_book_and_is_cut_the_same, 0, n);
	tcase_add_loop_test(c, probe_refuses_captures_of_other_dissectors, 0, n);
	tcase_add_loop_test(c, probe_refuses_the_rest_of_the_world, 0, n);
	suite_add_tcase(suite, c);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	n_failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return n_failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
