/*
 * What the files of the Factorial source share: a read in progress, its lists page by page, employees as
 * people, and leave days. Of what the service says of an employee only what is named here is kept or written.
 */
#ifndef SOURCE_SOURCE_FACTORIAL_INT_H
#define SOURCE_SOURCE_FACTORIAL_INT_H

#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/json_write.h"
#include "source/source_rules.h"
#include "source/source_web.h"
#include "source/source_work.h"

#define EMPLOYEES "employees/employees"
#define ACTIVE_QUERY "only_active=true&only_managers=false"	/* both must be said */

/* Statements on the work set (source_factorial_person.c, source_factorial_leaves.c). */
enum factorial_query {
	ADD_TEAM, ADD_MEMBER, HAS_MEMBERS, WANT_TEAM, TEAMS_OF, ADD_LOCATION, LOCATION_OF, ADD_TITLE,
	NEEDS_NODES, ADD_NODE, TITLE_OF, ADD_MAIL, MAIL_OF,
	FACTORIAL_QUERIES
};

enum factorial_department { FROM_TEAM, FROM_LOCATION, FROM_NOTHING };

struct factorial;
/* Takes a row of a list. */
typedef int factorial_row_fn(struct factorial *f, struct str row, struct error *e);

/* The list that is being read. */
struct factorial_list {
	const char *resource;		/* "teams/teams" */
	factorial_row_fn *row;
	uint64_t rows, page_rows;	/* of the pages before; of the present answer */
	int more;			/* there is a next page */
	int64_t total;			/* as the answer says; -1: it does not */
	struct buf cursor;		/* owned; where the next page begins */
};

struct factorial {
	struct source_run *run;		/* borrowed */
	struct web web;
	struct people *people;		/* owned; NULL in a check */
	struct db_stmt *stmt[FACTORIAL_QUERIES];	/* prepared when first used */
	struct factorial_list list;
	struct arena arena;		/* of the present row */
	int no_memory;			/* ... when it ran out */
	struct buf url, query, lower;
	struct json_write json;
	char today[11];
	const char *email_field;
	enum factorial_department department;
	struct str excluded, teams;	/* departments to leave out; teams to keep, empty: all */
	int filtered;			/* FACTORIAL_FILTER_TEAMS names some */
	struct supervisor_rule rule;
	int managers;			/* the present answer is of missing managers */
	struct str types;		/* LeaveTypeMap */
	struct str states;		/* of leaves to write */
	uint64_t unknown;		/* leaves of nobody */
};

/* ---- requests (source_factorial_list.c) ---------------------------------------------------------------- */

/* All pages of a list. query: "a=b&c=d", or "". ERROR_UPSTREAM also when pages repeat or another number of
 * rows came than was announced. */
int factorial_read_list(struct factorial *f, const char *resource, const char *query, factorial_row_fn *row,
			struct error *e);
/* One page alone. */
int factorial_read_page(struct factorial *f, const char *resource, const char *query, factorial_row_fn *row,
			struct error *e);
/* Text of a row's member, trimmed; ids may be numbers. Empty for null and what is missing. Sets f->no_memory
 * on failure. Lives until the next row. */
struct str factorial_text(struct factorial *f, struct str row, const char *member);
/* A statement of the work set; NULL on failure. */
struct db_stmt *factorial_statement(struct factorial *f, enum factorial_query q, struct error *e);

/* ---- employees (source_factorial_person.c) ------------------------------------------------------------- */

/* The tables for all that follows. */
int factorial_make_tables(struct factorial *f, struct error *e);
/* Teams or locations, as the settings need them. */
int factorial_read_departments(struct factorial *f, struct error *e);
/* An employee becomes a person, but for the job title. */
factorial_row_fn factorial_take_employee;
/* Job titles. */
int factorial_read_titles(struct factorial *f, struct error *e);
/* Writes everybody. */
int factorial_emit(struct factorial *f, struct error *e);

/* ---- leaves (source_factorial_leaves.c) ---------------------------------------------------------------- */

/* The settings LeaveTypeMap and FACTORIAL_LEAVE_STATES. */
int factorial_leave_settings(struct factorial *f, struct error *e);
/* Reads employees and leaves, and writes the leaves. */
int factorial_read_leaves(struct factorial *f, struct error *e);

#endif
