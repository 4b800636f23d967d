/*
 * The state database, var/rollcall.db: every run, and every change that a run made in a target. It answers
 * who changed what and when, and when something last went well; no run needs it to find out what is to be
 * done. Other programs may read it (SQLite).
 */
#ifndef STORE_STATE_H
#define STORE_STATE_H

#include <stdint.h>
#include "base/buf.h"
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
/* What a run reaches: its source is read completely; its target is as the prepared file says. */
enum state_goal { STATE_FETCHED, STATE_SYNCED };
/* Records that the present run has reached a goal now, however it goes on. */
int state_run_reached(struct state *s, enum state_goal goal, struct error *e);
/*
 * What people were told last about runs of the same command, source and target as the present one: a number
 * of the caller's that is not negative, 0 when it is the first time.
 */
int state_told(struct state *s, int *what, struct error *e);
/* Records that they were told this. */
int state_tell(struct state *s, int what, struct error *e);
/* Records how the run ended, with all its changes: exit code, counts (a JSON object; ptr NULL: none). */
int state_run_end(struct state *s, int exit_code, struct str counts, struct error *e);
/*
 * Records one change of the present run. Changes reach the disk together, with the first one that comes a
 * second after the oldest, and with the calls below, state_run_end() and state_close(): each for itself would
 * cost more than the request it records. A killed run may so miss its last second here; the log file has it.
 * Here and below s may be NULL: nothing is recorded.
 */
int state_audit(struct state *s, const struct state_change *change, struct error *e);
/* How many changes given to state_audit() are not on disk and never will be, because writing them failed. */
uint64_t state_lost(const struct state *s);
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
 * Leave days that were posted: per user and day ("2026-01-31") what was posted, as one text. 1 when exactly
 * this is recorded, 0 when not, -1. s NULL: 0.
 */
int state_day_known(struct state *s, struct str user, struct str day, struct str data, struct error *e);
/* Records a posted day, and as a change of the present run. */
int state_day_posted(struct state *s, struct str user, struct str day, struct str data, struct error *e);
/*
 * An access token of a source, under a name that tells what it is for; expires: epoch seconds. s NULL: there
 * is none, nothing is kept. The file is private (0600). 1 with the token appended to out, 0: none, -1.
 */
int state_token(struct state *s, const char *name, struct buf *out, int64_t *expires, struct error *e);
int state_token_keep(struct state *s, const char *name, struct str token, int64_t expires, struct error *e);
/* Puts on disk what is recorded so far. Before pauses: while changes wait, other programs cannot write. */
int state_flush(struct state *s, struct error *e);

/* ---- reading ---- */

/* Opens the database to read what is in it, also while a run goes on. NULL on failure, and when there is
 * none. */
struct state *state_open_read(const char *path, struct error *e);

/* One run. Texts die with the call that they are given to; ptr NULL: none. Times in milliseconds since
 * 1970-01-01 UTC. */
struct state_run {
	int64_t id;
	struct str command, source, target;
	int64_t start, end;
	int ended;			/* 0: it is going on, or was killed; end and exit_code mean nothing */
	int exit_code;
	struct str counts;		/* as given to state_run_end() */
	int64_t changes, failed;	/* in the audit: all, and those that went wrong */
};
/* -1 with the error ends the walk. */
typedef int state_run_fn(void *cookie, const struct state_run *run, struct error *e);
/* The last so many runs (-1: all), oldest first. */
int state_each_run(struct state *s, int64_t last, state_run_fn *fn, void *cookie, struct error *e);
/* Of each command, source and target the last run that has ended. */
int state_each_kind(struct state *s, state_run_fn *fn, void *cookie, struct error *e);
/* The run of that number, if there is one. */
int state_find_run(struct state *s, int64_t id, state_run_fn *fn, void *cookie, struct error *e);
/* The changes of a run, in order. */
typedef int state_change_fn(void *cookie, int64_t time, const struct state_change *change, struct error *e);
int state_each_change(struct state *s, int64_t run, state_change_fn *fn, void *cookie, struct error *e);

/* How a source or a target has fared. */
struct state_health {
	int64_t run, time;		/* the last run that reached its goal, and when; run 0: none did */
	int64_t failures;		/* runs since then that ended without reaching it */
	int last_exit;			/* exit code of the last of these */
};
/* Of the source (STATE_FETCHED) or target (STATE_SYNCED) with that name. */
int state_health(struct state *s, enum state_goal goal, const char *name, struct state_health *out,
		 struct error *e);

#endif
