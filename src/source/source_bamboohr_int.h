/*
 * What the files of the BambooHR source share: a read in progress, and how a row of an answer becomes a
 * person.
 */
#ifndef SOURCE_SOURCE_BAMBOOHR_INT_H
#define SOURCE_SOURCE_BAMBOOHR_INT_H

#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/json_write.h"
#include "source/source_rules.h"
#include "source/source_web.h"
#include "source/source_work.h"

/* What is asked for of everybody, in the words of bamboohr_fields[]. */
enum field {
	NUMBER, NAME, EMAIL, DEPARTMENT, DIVISION, TITLE, IS_SUPERVISOR, SUPERVISOR, EMPLOYMENT, HIRED,
	STATUS, SUPERVISOR_EID,
	FIELD_COUNT
};

extern const char *const bamboohr_fields[FIELD_COUNT];

/* The paging of one answer. */
struct page {
	uint64_t rows;
	int more;			/* there is a next page */
	int64_t number, pages, total;	/* as the answer says; -1: it does not */
};

struct bamboohr {
	struct web web;
	struct people *people;
	struct supervisor_rule rule;
	struct str excluded;		/* departments */
	struct str filter;		/* JSON; ptr NULL: none */
	char today[11];
	struct json_write head;		/* the body of a request but for the page */
	struct buf path;		/* of the address */
	struct buf body, url;		/* of the present request */
	struct arena arena;		/* of the present row */
	int no_memory;			/* ... when it ran out */
	int managers;			/* the present answer is of missing managers */
	struct page page;
	uint64_t rows, with_email;	/* of the list */
	int has[FIELD_COUNT];		/* for the check: a row had it */
};

/* The values of a row (JSON; ptr NULL: the row does not have it). */
void bamboohr_read_fields(struct str row, struct str values[FIELD_COUNT]);
/* Takes a row of the list, or when b->managers a manager who was asked for. -1: the row came before, or
 * cannot be read. */
int bamboohr_take_row(struct bamboohr *b, struct str row, struct error *e);

#endif
