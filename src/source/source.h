/*
 * Where people come from. A source turns its upstream into users.json; it knows no target. To add one: its
 * file source_NAME.c, one row in source.c, its page and its cases.
 */
#ifndef SOURCE_SOURCE_H
#define SOURCE_SOURCE_H

#include "base/error.h"
#include "base/settings.h"
#include "model/model.h"
#include "store/state.h"

/* A read in progress: the new users.json and the counts. Opaque to sources but for the calls below. */
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
	/* Reads leave days: one object {email, start_on, finish_on, tc_leave_type} each through
	 * source_emit_text(). NULL: the source has none. */
	int (*leaves)(struct source_run *run, struct error *e);
};

/* The table; ends with NULL. */
extern const struct source *const source_table[];
/* The row of a name or alias. NULL: unknown; the caller suggests. */
const struct source *source_find(const char *name);

/* Rows of all sources together, and of each. */
extern const struct setting source_settings[];
extern const struct setting ldap_settings[], entra_settings[], okta_settings[], bamboohr_settings[],
	hibob_settings[], factorial_settings[], file_settings[];

/* ---- for sources --------------------------------------------------------------------------------------- */

/* Appends a person to the new users.json. */
int source_emit(struct source_run *run, const struct person *p, struct error *e);
/* The same for a person that is one JSON object already, as person_write() makes it. */
int source_emit_text(struct source_run *run, struct str json, struct error *e);
/* Tells the watcher how many people were read so far. */
void source_progress(struct source_run *run, uint64_t people);
/* A line for people while checking ("bind as ... ok"). */
void source_note(struct source_run *run, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* The state database, for tokens and links that a later run uses; NULL: nothing is kept. */
struct state *source_state(const struct source_run *run);
/* The folder of the new users.json, for work sets. */
const char *source_dir(const struct source_run *run);

/* ---- for commands -------------------------------------------------------------------------------------- */

/* Who wants to hear how it goes, and more that commands lend. Any may be NULL. */
struct source_watch {
	void (*progress)(void *cookie, uint64_t people);	/* so many so far */
	void (*note)(void *cookie, const char *line);		/* lines of a check */
	void (*missing)(void *cookie, const char *line);	/* lines about who is missing */
	void *cookie;
	struct state *state;	/* what sources keep for later runs; NULL: nothing */
};

/* One read: what is asked of it, and what came of it. */
struct source_read {
	const char *path;		/* users.json */
	int accept_shrink;		/* go on although people are missing */
	uint64_t count;			/* people; set by source_fetch(), as what follows */
	int shrunk;			/* it was refused because people are missing: */
	uint64_t missing, most;		/* so many active ones, and how many may be */
};

/*
 * Reads the source into a file: whole, or not at all; an older one stays on any failure. Where so many fewer
 * active people were found than the older file has that FETCH_MAX_SHRINK forbids it, the new one becomes
 * "PATH.refused", missing() gets who that is, and the error is an ERROR_LIMIT. A good read removes
 * "PATH.refused". watch may be NULL.
 */
int source_fetch(const struct source *s, struct source_read *read, const struct source_watch *watch,
		 struct error *e);
/* Reads leave days into path (vacation.json): whole, or not at all. Says how many. The source must have
 * leaves(). */
int source_fetch_leaves(const struct source *s, const char *path, const struct source_watch *watch,
			uint64_t *count, struct error *e);
/* Tries settings and connection; watch->note() gets each line. Changes nothing. */
int source_check(const struct source *s, const struct source_watch *watch, struct error *e);

#endif
