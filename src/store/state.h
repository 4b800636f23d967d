/*
 * The state database, var/rollcall.db: every run, and every change that a run made in a target. It answers
 * who changed what and when, and when something last went well; no run needs it to find out what is to be
 * done. Other programs may read it (SQLite).
 */
#ifndef STORE_STATE_H
#define STORE_STATE_H

#include <stdint.h>
#include "base/error.h"
#include "base/str.h"

struct state;

/* One change, for the audit. Texts are borrowed; ptr NULL is stored as NULL. */
struct state_change {
	struct str subject;	/* whose: "ann@example.com", "Acme/Sales" */
	struct str kind;	/* "user.rename" */
	struct str before;	/* the value in the target before; NULL: there was none */
	struct str after;
	struct str result;	/* "done", or what went wrong */
};

/* Opens the database, made when missing (0600, and its folder). NULL on failure, also when a newer version of
 * the program made it. */
struct state *state_open(const char *path, struct error *e);
/* Keeps what is recorded; a run that was not ended stays without end. NULL allowed. */
void state_close(struct state *s);

/* Records that a run begins, on disk when this returns. source and target: NULL where there is none. */
int state_run_begin(struct state *s, const char *command, const char *source, const char *target,
		    struct error *e);
/* The number of the run that state_run_begin() began. */
int64_t state_run_id(const struct state *s);
/* Records that the run has read its source completely, however it goes on. */
int state_run_fetched(struct state *s, struct error *e);
/* Records how the run ended, with all its changes: exit code, counts (a JSON object; ptr NULL: none). */
int state_run_end(struct state *s, int exit_code, struct str counts, struct error *e);
/*
 * Records one change of the present run. Changes reach the disk together, with the first one that comes a
 * second after the oldest, and with the calls below, state_run_end() and state_close(): each for itself would
 * cost more than the request it records. A killed run may so miss its last second here; the log file has it.
 * Here and below s may be NULL: nothing is recorded.
 */
int state_audit(struct state *s, const struct state_change *change, struct error *e);
/* In how many milliseconds state_flush() is due; -1: no change waits. Never more than a second. */
int state_due_ms(const struct state *s);
/*
 * Users whom a run has begun to change and not marked as changed yet. Only here can the next run see it.
 * name: how the target calls the user. They are on disk after state_flush(). s NULL: nothing is kept.
 */
int state_unmarked_add(struct state *s, const char *target, struct str name, struct error *e);
int state_unmarked_remove(struct state *s, const char *target, struct str name, struct error *e);
/* Calls fn for each; it must not use the database. */
int state_unmarked_each(struct state *s, const char *target,
			int (*fn)(void *cookie, struct str name, struct error *e), void *cookie,
				struct error *e);
/*
 * Leave days that were posted: per user and day ("2026-01-31") what was posted,
	 as one text. 1 when exactly this is
 * recorded, 0 when not, -1. s NULL: 0.
 */
int state_day_known(struct state *s, struct str user, struct str day, struct str data, struct error *e);
/* Records a posted day, and as a change of the present run. */
int state_day_posted(struct state *s, struct str user, struct str day, struct str data, struct error *e);
/* Puts on disk what is recorded so far. Before pauses: while changes wait, other programs cannot write. */
int state_flush(struct state *s, struct error *e);

#endif
