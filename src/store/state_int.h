/*
 * What writing and reading of the state database share.
 */
#ifndef STORE_STATE_INT_H
#define STORE_STATE_INT_H

#include "store/db.h"
#include "store/state.h"

#define STATE_VERSION 1		/* of the tables, kept in the file */
#define SQL_MAX 400		/* bytes of a statement that is put together */

struct state {
	struct db *db;			/* owned */
	struct db_stmt *insert;		/* owned; of an audit row */
	int64_t run;
	int64_t since;			/* port_mono_ms() of the oldest change waiting */
	int waiting;			/* changes; a transaction is open when there are any */
	uint64_t audited, lost;		/* those of them for the audit; of these what could not be kept */
};

/* Where a goal stands: the column with its time, and the one that says whose goal it is. */
struct state_goal_columns { const char *time, *name; };
/* By enum state_goal. */
extern const struct state_goal_columns state_goals[];

/* The version of the tables: 0 in a file just made. */
int state_version(struct db *d, int64_t *out, struct error *e);
/* The error for a file of a later version. */
int state_newer(const char *path, struct error *e);

#endif
