/* Prints the events of a capture as the engine holds them, before redaction: one JSON
 * object a line, for the comparison with tshark (protocols.py). Bytes of strings are
 * written as the characters U+0000 to U+00FF, so that none is lost.
 *   event_dump CAPTURE
 *   {"n":FRAME,"p":PROTOCOL,"t":EVENT_TYPE,"f":{"FIELD":[VALUE,...],...}}
 *   {"t":"duplicate","n":FRAME}      a mirror's second copy
 *   {"t":"end","n":PACKETS}          the last line
 *   {"t":"flow","p":PROTOCOL,"proto":6,"a":"IP","ap":PORT,"b":"IP","bp":PORT}   a: client
 * Exit: 0, 1 the capture is damaged or the books do not balance, 2 usage. */
#define _POSIX_C_SOURCE 200809L
#include "app/worker.h"
#include "capture/file.h"
#include "wardtap/registry.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>

static void put_string(struct wt_slice s)
{
	size_t i;

	putchar('"');
	for (i = 0; i < s.len; i++) {
		uint8_t c = s.ptr[i];

		if (c >= 0x20 && c < 0x7f && c != '"' && c != '\\')
			putchar(c);
		else
			printf("\\u%04x", c);
	}
	putchar('"');
}

static void put_value(const struct wt_field *row, struct wt_slice bytes)
{
	uint64_t number = row->type == WT_TYPE_STR ? 0 : wt_value_number(bytes);

	switch (row->type) {
	case WT_TYPE_STR:
		put_string(bytes);
		break;
	case WT_TYPE_BOOL:
		fputs(number ? "true" : "false", stdout);
		break;
	case WT_TYPE_I64:
		printf("%lld", (long long)number);
		break;
	case WT_TYPE_DEC:
		printf("%.6f", (double)(int64_t)number / 1e6);
		break;
	default:
		printf("%llu", (unsigned long long)number);
	}
}

/* Values of one field lie anywhere in the list: each field is printed at its first. */
static void put_fields(const struct wt_event *event)
{
	struct wt_slice rest = event->values, bytes;
	bool done[2][256] = { { false } };
	struct wt_value value;
	bool is_first = true;

	while (wt_value_next(&rest, &value, &bytes)) {
		const struct wt_field *row = wt_registry_field(event->head.owner, value.field);
		bool *mark = &done[value.field >= WT_FIELD_OWN][value.field & 0xff];
		struct wt_slice again = event->values, other;
		struct wt_value v;
		const char *comma = "";

		if (value.event != event->handle || !row || *mark)
			continue;
		*mark = true;
		printf("%s\"%s\":[", is_first ? "" : ",", row->name);
		is_first = false;
		while (wt_value_next(&again, &v, &other)) {
			if (v.event != event->handle || v.field != value.field)
				continue;
			fputs(comma, stdout);
			comma = ",";
			put_value(row, other);
		}
		putchar(']');
	}
}

static void put_flow(const struct wt_event_head *h)
{
	int family = h->key.ip_version == 6 ? AF_INET6 : AF_INET;
	const struct wt_endpoint *a = &h->key.end[h->client], *b = &h->key.end[h->client ^ 1];
	char from[INET6_ADDRSTRLEN] = "", to[INET6_ADDRSTRLEN] = "";

	(void)inet_ntop(family, a->addr.octet, from, sizeof(from));
	(void)inet_ntop(family, b->addr.octet, to, sizeof(to));
	printf("{\"t\":\"flow\",\"p\":\"%s\",\"proto\":%u,\"a\":\"%s\",\"ap\":%u,\"b\":\"%s\","
	       "\"bp\":%u}\n", wt_registry_name(h->app), h->key.proto, from, a->port, to, b->port);
}

static void take_event(void *self, const struct wt_event *event)
{
	const struct wt_event_head *h = &event->head;

	(void)self;
	if (h->owner == 0 && h->type == WT_EVENT_FLOW) {
		put_flow(h);
		return;
	}
	printf("{\"n\":%llu,\"p\":\"%s\",\"t\":\"%s\",\"f\":{", (unsigned long long)h->number,
	       wt_registry_name(h->app), wt_registry_event(h->owner, h->type)->name);
	put_fields(event);
	fputs("}}\n", stdout);
}

int main(int argc, char **argv)
{
	struct wt_worker_options options = {
		.n_workers = 1, .limits = wt_limits_of(WT_PROFILE_SMALL),
		.key = WT_LIT("no record leaves this program"),
	};
	struct wt_event_sink sink = { .take = take_event };
	struct wt_capture_list *list;
	struct wt_capture *capture;
	struct wt_worker *worker;
	struct wt_batch batch;
	uint64_t last = 0;
	size_t n_damages;
	unsigned i;

	if (argc != 2)
		return 2;
	list = wt_capture_list_new(argv + 1, 1);
	capture = list && list->n_files ? wt_capture_open(list, NULL) : NULL;
	if (!capture)
		return 1;
	worker = wt_worker_new(&options);
	for (i = 0; i < WT_SHARDS; i++) { /* in the place of the redactor */
		worker->shard[i].events = sink;
		worker->dissect[i].events = sink;
	}
	while (wt_capture_next(capture, &batch)) {
		wt_worker_batch(worker, &batch);
		for (i = 0; i < batch.n; i++) {
			last = batch.packet[i].number;
			if (batch.packet[i].disposition == WT_DISP_DUPLICATE)
				printf("{\"t\":\"duplicate\",\"n\":%llu}\n", (unsigned long long)last);
		}
	}
	wt_worker_finish(worker);
	printf("{\"t\":\"end\",\"n\":%llu}\n", (unsigned long long)last);
	(void)wt_capture_damages(capture, &n_damages);
	wt_capture_close(capture);
	wt_capture_list_free(list);
	wt_worker_free(worker);
	return fflush(stdout) != 0 || n_damages;
}
