/*
 * The record of one run: in the state database stands who asked for what, how it ended and how much it did;
 * `history`, `status`, the metrics file and notifications tell it. A dry run, and a command that only reads,
 * records nothing: its record is never begun, and then the other calls only tell programs (--json).
 */
#ifndef APP_APP_RECORD_H
#define APP_APP_RECORD_H

#include <stdint.h>
#include "app/app_events.h"
#include "base/error.h"
#include "base/json_write.h"
#include "base/settings.h"
#include "store/state.h"

struct run_record {
	struct state *state;		/* owned; NULL: not begun */
	const char *command;		/* these three are borrowed until the end; NULL: none */
	const char *source, *target;
	struct json_write counts;	/* owned */
	struct events *events;		/* borrowed; NULL: nobody listens */
	struct buf summary;		/* owned; see record_summary() */
};

/* The rows METRICS_FILE and NOTIFY_URL. */
extern const struct setting record_settings[];

/* Before app_run() calls a command. Allocates nothing. events: what the run tells programs, or NULL. */
void record_init(struct run_record *r, struct events *events);
/* After record_end(). */
void record_release(struct run_record *r);
/*
 * Begins the record; before anything is read or sent. Names of the source and the target, NULL for none; a
 * name that there is not is left to the command to refuse, and nothing is recorded. -1 when the state
 * database cannot be written; the error says what to do.
 */
int record_begin(struct run_record *r, const char *command, const char *source, const char *target,
		 struct error *e);
/* The database, for the audit. NULL when nothing is recorded. */
struct state *record_state(const struct run_record *r);
/* A figure of the run's summary ("created"), of a dry run for programs only. Each name once. */
void record_count(struct run_record *r, const char *name, uint64_t count);
/* The line that shall be the last one on the screen. The text is copied. */
void record_summary(struct run_record *r, struct str line);
/* The source was read completely. */
int record_fetched(struct run_record *r, uint64_t people, struct error *e);
/* The target is as the prepared file says. */
int record_synced(struct run_record *r, struct error *e);
/*
 * Ends the record, writes the metrics and notifies as the settings want it. failed and *e: what the command
 * came to, which is returned and stays, except that a run which succeeded and cannot be recorded has failed.
 */
int record_end(struct run_record *r, int failed, struct error *e);

#endif
