/* `wardtap fields` and `wardtap protocols`: the dictionary as text, as JSON Schema and
 * as the body of wardtap-events(7). All come from the tables that the code itself
 * uses, so they cannot drift from what is emitted.
 * Trust: tables are ours. Memory: none. */
#include "app/app.h"
#include "app/health.h"
#include "app/siempage.h"
#include "observe/inventory.h"
#include "wardtap/registry.h"
#define WT_NO_POISON
#include "wardtap/dissector.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

static const char *const type_name[] = {
	[WT_TYPE_BOOL] = "boolean", [WT_TYPE_U64] = "integer", [WT_TYPE_I64] = "integer",
	[WT_TYPE_DEC] = "number", [WT_TYPE_STR] = "string", [WT_TYPE_TIME] = "time",
};

static const char *const phi_name[] = {
	[WT_PHI_NONE] = "none", [WT_PHI_DEVICE] = "device", [WT_PHI_QUASI] = "quasi",
	[WT_PHI_DIRECT] = "direct", [WT_PHI_SECRET] = "secret",
};

/* What a reader of the output finds for a field. */
static const char *output_of(const struct wt_field *f)
{
	switch (f->phi) {
	case WT_PHI_NONE:
	case WT_PHI_DEVICE:
		return "value";
	case WT_PHI_QUASI:
		return "pseudonym";
	case WT_PHI_DIRECT:
	case WT_PHI_SECRET:
		break;
	}
	return f->declass == WT_DECLASS_PRESENT ? "presence" : "nothing";
}

static void table(unsigned owner, const struct wt_field **fields, unsigned *n)
{
	const struct wt_dissector *d = wt_registry_dissector(owner);

	*fields = d ? d->fields : wt_shared_fields;
	*n = d ? d->n_fields : WT_N_SHARED_FIELDS;
}

static void print_text(void)
{
	unsigned owner, i, n;
	const struct wt_field *f;

	printf("%-34s %-8s %-4s %-7s %-9s %s\n", "field", "type", "many", "class", "output",
	       "meaning");
	for (owner = 0; owner <= wt_registry_count(); owner++) {
		table(owner, &f, &n);
		for (i = 0; i < n; i++)
			printf("%-34s %-8s %-4s %-7s %-9s %s%s%s%s (%s)\n", f[i].name,
			       type_name[f[i].type], f[i].mult == WT_MULT_MANY ? "yes" : "",
			       phi_name[f[i].phi], output_of(&f[i]), f[i].doc,
			       *f[i].unit ? " [" : "", f[i].unit, *f[i].unit ? "]" : "",
			       f[i].clause);
	}
}

/* Text in a JSON string or an mdoc line: our own literals, kept free of specials by a
 * test; backslash and quote are escaped all the same. */
static void print_quoted(const char *text)
{
	putchar('"');
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			putchar('\\');
		putchar(*text);
	}
	putchar('"');
}

static void print_schema_type(const struct wt_field *f)
{
	const char *type = f->phi == WT_PHI_QUASI ? "string" : type_name[f->type];
	const char *limit = f->phi == WT_PHI_QUASI ? ",\"pattern\":\"^p:[0-9a-f]{20}$\"" :
			    f->type == WT_TYPE_U64 ? ",\"minimum\":0" :
			    f->type == WT_TYPE_TIME ? ",\"format\":\"date-time\"" : "";

	if (f->type == WT_TYPE_TIME)
		type = "string";
	if (f->mult == WT_MULT_MANY)
		printf("{\"type\":\"array\",\"items\":{\"type\":\"%s\"%s}", type, limit);
	else
		printf("{\"type\":\"%s\"%s", type, limit);
}

/* One property of an object, when the output can hold the field at all. */
static void print_property(const struct wt_field *f, size_t prefix, bool *is_first)
{
	const char *output = output_of(f);
	bool is_presence = !strcmp(output, "presence");

	if (!strcmp(output, "nothing"))
		return;
	printf("%s\n      \"%s%s\":", *is_first ? "" : ",", f->name + prefix + 1,
	       is_presence ? "_present" : "");
	*is_first = false;
	if (is_presence)
		printf("{\"const\":true");
	else
		print_schema_type(f);
	printf(",\"description\":");
	print_quoted(f->doc);
	printf("}");
}

static size_t prefix_of(const char *name)
{
	const char *dot = strchr(name, '.');

	return dot ? (size_t)(dot - name) : strlen(name);
}

/* Each object once: all fields of all tables that share its prefix. */
static void print_objects(void)
{
	unsigned owner, i, n, other, k, m;
	const struct wt_field *f, *g;

	for (owner = 0; owner <= wt_registry_count(); owner++) {
		table(owner, &f, &n);
		for (i = 0; i < n; i++) {
			size_t prefix = prefix_of(f[i].name);
			bool is_first = true;

			if (i && prefix_of(f[i - 1].name) == prefix &&
			    !strncmp(f[i - 1].name, f[i].name, prefix))
				continue;
			printf(",\n    \"%.*s\":{\"type\":\"object\",\"additionalProperties\":false,"
			       "\"properties\":{", (int)prefix, f[i].name);
			for (other = owner; other <= wt_registry_count(); other++) {
				table(other, &g, &m);
				for (k = 0; k < m; k++)
					if (prefix_of(g[k].name) == prefix &&
					    !strncmp(g[k].name, f[i].name, prefix))
						print_property(&g[k], prefix, &is_first);
			}
			printf("}}");
		}
	}
}

static void print_event_names(const char *before, const char *between)
{
	unsigned owner, type;
	bool is_first = true;

	for (owner = 0; owner <= wt_registry_count(); owner++)
		for (type = 0; type < wt_registry_n_events(owner); type++) {
			printf("%s%s%s", is_first ? "" : between, before,
			       wt_registry_event(owner, type)->name);
			if (*before)
				printf("\"");
			is_first = false;
		}
}

static void print_schema(void)
{
	printf("{\n  \"$schema\":\"https://json-schema.org/draft/2020-12/schema\",\n"
	       "  \"title\":\"wardtap event\",\n  \"type\":\"object\",\n"
	       "  \"additionalProperties\":false,\n"
	       "  \"required\":[\"timestamp\",\"flow_id\",\"event_type\"],\n"
	       "  \"properties\":{\n"
	       "    \"timestamp\":{\"type\":\"string\",\"pattern\":"
	       "\"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}[.][0-9]{6}[+]0000$\"},\n"
	       "    \"flow_id\":{\"type\":\"integer\",\"minimum\":0,\"maximum\":9007199254740991},\n"
	       "    \"in_iface\":{\"type\":\"string\"},\n"
	       "    \"pcap_cnt\":{\"type\":\"integer\",\"minimum\":1},\n"
	       "    \"event_type\":{\"enum\":[");
	print_event_names("\"", ",");
	printf("]},\n"
	       "    \"vlan\":{\"type\":\"array\",\"maxItems\":4,\"items\":"
	       "{\"type\":\"integer\",\"minimum\":0,\"maximum\":4095}},\n"
	       "    \"src_ip\":{\"type\":\"string\"},\n    \"dest_ip\":{\"type\":\"string\"},\n"
	       "    \"src_port\":{\"type\":\"integer\",\"minimum\":0,\"maximum\":65535},\n"
	       "    \"dest_port\":{\"type\":\"integer\",\"minimum\":0,\"maximum\":65535},\n"
	       "    \"proto\":{\"type\":\"string\"},\n    \"app_proto\":{\"type\":\"string\"},\n"
	       "    \"ether\":{\"type\":\"object\",\"additionalProperties\":false,\"properties\":{"
	       "\"src_mac\":{\"type\":\"string\"},\"dest_mac\":{\"type\":\"string\"}}},\n"
	       "    \"community_id\":{\"type\":\"string\",\"pattern\":\"^1:[A-Za-z0-9+/]{27}=$\"},\n"
	       "    \"truncated\":{\"const\":true}");
	print_objects();
	printf("\n  }\n}\n");
}

/* One sentence per line, as mdoc wants it. */
static void print_sentences(const char *text)
{
	for (; *text; text++) {
		putchar(*text);
		if (*text == '.' && text[1] == ' ') {
			putchar('\n');
			text++;
		}
	}
	putchar('\n');
}

/* The part of wardtap-events(7) that lists events and fields. */
static void print_man(void)
{
	unsigned owner, i, n, type;
	const struct wt_field *f;

	printf(".Sh EVENT TYPES\n.Bl -tag -width Ds\n");
	for (owner = 0; owner <= wt_registry_count(); owner++)
		for (type = 0; type < wt_registry_n_events(owner); type++) {
			printf(".It Sy %s\n", wt_registry_event(owner, type)->name);
			print_sentences(wt_registry_event(owner, type)->doc);
		}
	printf(".El\n.Sh FIELDS\n");
	for (owner = 0; owner <= wt_registry_count(); owner++) {
		const struct wt_dissector *d = wt_registry_dissector(owner);

		table(owner, &f, &n);
		printf(".Ss %s\n", d ? d->title : "Shared by several protocols");
		if (d)
			printf("Source: %s.\n", d->source);
		printf(".Bl -tag -width Ds\n");
		for (i = 0; i < n; i++) {
			printf(".It Sy %s Pq %s%s%s%s\n", f[i].name, type_name[f[i].type],
			       f[i].mult == WT_MULT_MANY ? ", list" : "", *f[i].unit ? ", " : "",
			       f[i].unit);
			print_sentences(f[i].doc);
			printf("Class %s; output: %s.\nSource: %s.\n", phi_name[f[i].phi],
			       output_of(&f[i]), f[i].clause);
		}
		printf(".El\n");
	}
}

/* What records of the journal hold that are no alerts. */
static void print_records(void)
{
	unsigned i;

	printf(".Sh RECORDS OF THE SENSOR\nWith a journal, every\n.Cm journal.heartbeat\n"
	       "a record of the kind\n.Ql sensor_health\nsays:\n.Bl -tag -width Ds\n");
	for (i = 0; i < WT_N_HEALTH; i++) {
		const struct wt_health_row *row = &wt_health_rows[i];

		printf(".It Sy %s Pq %s%s%s\n", row->name, type_name[row->type],
		       *row->unit ? ", " : "", row->unit);
		print_sentences(row->doc);
	}
	printf(".El\n.Pp\nA record of the kind\n.Ql device\ntells of a device that is new or "
	       "has changed, with the device as its source and:\n.Bl -tag -width Ds\n"
	       ".It Sy device.state Pq string\nnew or changed.\n"
	       ".It Sy device.first_seen , device.last_seen Pq time\n"
	       "When its packets came.\n"
	       ".It Sy device.class Pq string\nWhat it is, as the tables conclude.\n"
	       ".It Sy device.class_confidence Pq integer, %%\nHow sure that is.\n"
	       ".It Sy device.os_name , device.os_support Pq string\n"
	       "Operating system as the tables conclude; supported or ended.\n"
	       ".It Sy device.zone Pq string, list\n"
	       "Zones of its addresses, as inventory.zones names them.\n");
	for (i = 0; i < WT_N_ATTRIBUTES; i++) {
		const struct wt_attribute_row *row = &wt_attribute_rows[i];

		if (!wt_attribute_is_identity((enum wt_attribute)i))
			continue;
		printf(".It Sy device.%s Pq string, list\n", row->name);
		print_sentences(row->doc);
	}
	printf(".El\n");
}

int wt_app_fields(int argc, char **argv)
{
	static const struct option options[] = {
		{ "schema", no_argument, NULL, 's' }, { "man", no_argument, NULL, 'm' },
		{ "siem", no_argument, NULL, 'e' },
		{ "help", no_argument, NULL, 'h' }, { NULL, 0, NULL, 0 },
	};
	static const char usage[] =
		"usage: wardtap fields [--schema | --man | --siem]\n"
		"  Prints every field: type, whether it is a list, PHI class, what the output\n"
		"  holds of it, meaning, source. --schema: JSON Schema of events.jsonl;\n"
		"  --man: the generated part of wardtap-events(7); --siem: the keys of CEF, LEEF,\n"
		"  EVE, ECS and HEC, the generated part of wardtap-siem(7).\n";
	int option = getopt_long(argc, argv, "h", options, NULL);

	if (option == 'h') {
		fputs(usage, stdout);
		return WT_EXIT_GOOD;
	}
	if (option == '?' || optind < argc) {
		fputs(usage, stderr);
		return WT_EXIT_USAGE;
	}
	if (option == 's')
		print_schema();
	else if (option == 'm')
		print_man(), print_records();
	else if (option == 'e')
		wt_siempage_print(stdout);
	else
		print_text();
	return fflush(stdout) == 0 ? WT_EXIT_GOOD : WT_EXIT_DAMAGED;
}

/* What ports[] holds depends on the carriage: of frames and ICMPv6 it decides. */
static void print_ports(const struct wt_dissector *d)
{
	bool is_ether = d->carriage & (WT_OVER_ETHER | WT_OVER_LLC);
	unsigned i;

	printf("; %s:", is_ether ? "EtherTypes" : d->carriage & WT_OVER_ICMP6 ?
	       "message types" : "usual ports (hints only)");
	for (i = 0; i < WT_PORTS_MAX && d->ports[i]; i++)
		printf(is_ether ? " %04x" : " %u", d->ports[i]);
	printf("%s", d->carriage & WT_OVER_LLC ? ", and by content behind LLC" : "");
}

static void print_protocol(const struct wt_dissector *d)
{
	unsigned i;

	printf("%-8s %s\n", d->name, d->title);
	printf("%-8s source: %s\n", "", d->source);
	printf("%-8s over:%s%s%s%s%s", "", d->carriage & WT_OVER_TCP ? " TCP" : "",
	       d->carriage & WT_OVER_UDP ? " UDP" : "",
	       d->carriage & (WT_OVER_ETHER | WT_OVER_LLC) ? " Ethernet" : "",
	       d->carriage & WT_OVER_ICMP6 ? " ICMPv6" : "",
	       d->carriage & WT_OVER_INNER ? " other protocols" : "");
	print_ports(d);
	printf("\n%-8s events:", "");
	for (i = 0; i < d->n_event_types; i++)
		printf(" %s", d->event_types[i].name);
	if (d->carriage & (WT_OVER_ETHER | WT_OVER_LLC | WT_OVER_ICMP6)) {
		printf("; %u fields\n", d->n_fields);
		return;
	}
	printf("; %u fields; at most %u bytes of state per flow and %u bytes kept per\n"
	       "%-8s direction\n", d->n_fields, d->state_size, d->buffer_max, "");
}

int wt_app_protocols(int argc, char **argv)
{
	unsigned owner;

	(void)argv;
	if (argc > 1) {
		fputs("usage: wardtap protocols\n  Prints the protocols that are taken apart.\n",
		      strcmp(argv[1], "--help") ? stderr : stdout);
		return strcmp(argv[1], "--help") ? WT_EXIT_USAGE : WT_EXIT_GOOD;
	}
	for (owner = 1; owner <= wt_registry_count(); owner++)
		print_protocol(wt_registry_dissector(owner));
	return fflush(stdout) == 0 ? WT_EXIT_GOOD : WT_EXIT_DAMAGED;
}
