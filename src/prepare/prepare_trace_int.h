/*
 * The observer: what prepare tells about one person while it works, so that the explanation is the decision
 * itself and not a second copy of the rules. All calls take a NULL trace (nobody is explained) and then do
 * nothing; all but one fail only later, when the trace is asked. Texts are copied.
 */
#ifndef PREPARE_PREPARE_TRACE_INT_H
#define PREPARE_PREPARE_TRACE_INT_H

#include <stdint.h>
#include "prepare/prepare_explain.h"

/* What can happen to a person; the texts are in prepare_trace.c. */
enum trace_point {
	TRACE_CONDITION, TRACE_FILTER, TRACE_RULE,
	TRACE_MAIL_CASE, TRACE_EXCLUDED, TRACE_EXCLUDED_NOBODY, TRACE_WITHOUT_ID,
	TRACE_NAME, TRACE_PATH_CLEAN, TRACE_PATH_SKIP, TRACE_HIDDEN, TRACE_STATUS,
	TRACE_ADDRESS_SAME, TRACE_ADDRESS_DOMAIN, TRACE_MAIL_DOMAIN,
	TRACE_EXCLUDED_TWIN, TRACE_MERGED, TRACE_REPLACED,
	TRACE_DEPARTMENT, TRACE_CHAIN_NONE, TRACE_CHAIN, TRACE_CHAIN_OWN, TRACE_CHAIN_ONLY,
	TRACE_HYBRID_NONE, TRACE_HYBRID, TRACE_HYBRID_OWN, TRACE_GROUP_HIDDEN, TRACE_GROUP_UNKNOWN,
	TRACE_GROUP_ADMIN, TRACE_GROUP_RULE,
	TRACE_ROLE_FORCED_ADMIN, TRACE_ROLE_FORCED_SUPERVISOR, TRACE_ROLE_OTHERS_FORCED,
	TRACE_ROLE_IS_SUPERVISOR, TRACE_ROLE_NO_SUPERVISOR, TRACE_ROLE_ID, TRACE_ROLE_MANAGER,
	TRACE_ROLE_PLAIN,
	TRACE_POINTS
};

struct trace {
	struct explain *explain;	/* borrowed: what is told goes there */
	struct str query;		/* borrowed; lower case */
	int locating;			/* who is meant is still to be found out; nothing else is noted */
	uint64_t offset, number;	/* of the present record of the source */
	struct explain_person *now;	/* whom it is about; NULL: nobody of those */
	int told;			/* the last call told something */
	int finishing;			/* records are accounts by now */
	struct arena arena;		/* owned; emptied with each record */
	struct buf lower;		/* owned */
	struct buf tests;		/* owned: of the transform configuration, as text */
	json_out_fn *fn;		/* gets the output; may be NULL */
	void *cookie;
	int failed;
	struct error error;		/* the first failure */
};

struct prepare;
struct member;

/* To be released. query: as in explain_run(), in lower case. */
void trace_init(struct trace *t, struct explain *x, struct str query, json_out_fn *fn, void *cookie);
void trace_release(struct trace *t);
/* Takes the person at that offset into the list, if there is room. */
void trace_take(struct trace *t, uint64_t offset);

/* ---- who it is about */

/* The list of users begins, or begins anew: nothing is known of anybody. */
void trace_begin(struct trace *t);
/* From now on it is about user number n, whose record in the source begins at offset. */
void trace_record(struct trace *t, struct str record, uint64_t offset, uint64_t n);
/* What became of that record; mail: the address that the person will have. */
void trace_member(struct trace *t, const struct member *m, struct str mail);
/* From now on it is about m, on the way to the output. */
void trace_person(struct trace *t, const struct member *m);
/* The account that m gets. */
void trace_account(struct trace *t, const struct member *m, struct str account);
/* A part of the output, which is written nowhere else. */
int trace_output(struct trace *t, const char *data, size_t len, struct error *e);

/* ---- what happens */

/* Something happens that changes no value. */
void trace_step(struct trace *t, enum trace_point point);
/* A value becomes another one; nothing happens when it stays the same. */
void trace_changed(struct trace *t, enum trace_point point, struct str before, struct str after);
/* More about what the call before this one told, if it told something. */
void trace_say(struct trace *t, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* A test of the transform configuration: property, operator and text, the record's own text, 1 when it holds.
 * */
void trace_test(struct trace *t, struct str property, const char *operator, struct str text,
		struct str found, int holds);
/* The tests so far decided this; TRACE_POINTS: nothing. */
void trace_condition(struct trace *t, enum trace_point point);
/* A rule of the transform configuration; values as JSON, ptr NULL: none. */
void trace_rule(struct trace *t, struct str property, int number, struct str before, struct str after);
/* The name that m got, from this one. */
void trace_name(struct prepare *p, struct str name, const struct member *m);
/* Records of one person are merged: who is gone, and who is left out with somebody else. */
void trace_linked(struct prepare *p);
/* Somebody else has m's address and takes the place. */
void trace_replaced(struct prepare *p, const struct member *m);
/* The group of m before group rules. */
void trace_group(struct prepare *p, enum trace_point point, const struct member *m, struct str group);
void trace_role(struct prepare *p, enum trace_point point, const struct member *m, const char *role);

#endif
