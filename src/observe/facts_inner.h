/* facts.def made ready for records: what facts_table.c makes and facts.c uses. */
#ifndef OBSERVE_FACTS_INNER_H
#define OBSERVE_FACTS_INNER_H

#include "observe/inner.h"

enum whom { SENDER, RECEIVER, CLIENT, SERVER, TOLD_ABOUT, STATED_BY, N_WHOM };
#define WHOM_SENDER SENDER
#define WHOM_RECEIVER RECEIVER
#define WHOM_CLIENT CLIENT
#define WHOM_SERVER SERVER
#define WHOM_TOLD TOLD_ABOUT
#define WHOM_STATED STATED_BY

#define SLOTS_MAX 24u
#define BINDS_MAX 4u
#define NAMES_MAX 4u
#define RESOLVED_MAX 4u
#define NOTES_MAX 48u
#define NO_SLOT 0xffu
#define PRESENTED 0xfeu /* slot of "": the frame's source, the sender */

struct fact_row {
	const char *owner, *field, *label;
	uint8_t attribute, whom, confidence;
};

/* What a field means: rows first..first+n of rules, and where its value is kept. */
struct column {
	const char *only_values; /* NULL: always; else when the field in only_slot is one */
	const char *cut;         /* NULL, or what ends the part of the value that counts */
	uint16_t first, n;
	uint8_t slot, only_slot;
};

struct bind {
	uint8_t mac, ip, condition;
	const char *values;
	enum words why;
};

struct owner_table {
	struct column *column;
	unsigned n_columns, n_slots, n_binds, n_names;
	struct bind bind[BINDS_MAX];
	struct {
		uint16_t column;
		uint8_t slot, whom;
	} name[NAMES_MAX];
	struct {
		uint16_t field; /* the evidence */
		uint8_t name, addr, count;
	} resolved[RESOLVED_MAX];
	unsigned n_resolved;
	uint8_t told, self_condition;
	const char *self_values;
	bool is_stated, is_used;
	uint8_t eui64, serial, personal_serial, vendor, model, id, station;
};

struct facts_table {
	struct owner_table *owner;
	unsigned n_owners;
	uint16_t *rule; /* indices of fact_rows */
	unsigned n_rules;
};

/* Row of facts.def. */
const struct fact_row *wt_inv_fact_row(uint16_t rule);

#endif
