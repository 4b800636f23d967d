/*
 * Where people come from. A source turns its upstream into users.json; it knows no target. To add one: its file
 * source_NAME.c, one row in source.c, its page and its cases.
 */
#ifndef SOURCE_SOURCE_H
#define SOURCE_SOURCE_H

#include "base/error.h"
#include "base/settings.h"
#include "model/model.h"

/* A read in progress: the new users.json, counts, the work set. Opaque to sources but for the calls below. */
struct source_run;

struct source {
	const char *name;		/* "ldap" */
	const char *alias;		/* older word for it, or NULL */
	const char *title;		/* "LDAP / Active Directory" */
	const struct setting *settings;	/* rows, end with name NULL */
	/* Reads everything and calls source_emit() for each person. -1: incomplete, nothing is kept. */
	int (*fetch)(struct source_run *run, struct error *e);
	/* Tells whether settings and connection work: one or more lines through source_note(). */
	int (*check)(struct source_run *run, struct error *e);
};

/* The table, and the row of a name or alias (NULL: unknown; the caller suggests). */
extern const struct source *const source_table[];
const struct source *source_find(const char *name);

/* Appends a person to the new users.json. */
int source_emit(struct source_run *run, const struct person *p, struct error *e);
/* A line for people while checking ("bind as ... ok"). */
void source_note(struct source_run *run, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* Reads the source into path (users.json): whole, or not at all. Says how many on success in *count. */
int source_fetch(const struct source *s, const char *path, uint64_t *count, struct error *e);
/* note() gets each line. */
int source_check(const struct source *s, void (*note)(void *cookie, const char *line), void *cookie, struct error *e);

#endif
