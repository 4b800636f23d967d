/*
 * What reading and posting of leave days share: the work set.
 */
#ifndef TARGET_TIMECAMP_TIMEOFF_INT_H
#define TARGET_TIMECAMP_TIMEOFF_INT_H

#include "base/arena.h"
#include "base/json_read.h"
#include "store/db.h"
#include "target/timecamp_timeoff.h"

/* Leave days on their way from the file to the account. */
struct timeoff {
	struct target_run *run;		/* borrowed */
	struct timeoff_result *result;	/* borrowed */
	struct db *db;			/* owned: the work set */
	struct db_stmt *add_leave, *add_type, *add_user;	/* owned */
	struct json_doc *doc;		/* owned */
	struct arena arena;		/* owned; emptied after each record */
	struct buf key;			/* owned */
};

/* "2026-01-31". days: since 1970-01-01. */
void timeoff_put_date(struct buf *out, int64_t days);
/* What is posted of a day, as the state database keeps it. */
void timeoff_put_data(struct buf *out, struct str type, int64_t minutes, int64_t vacation);
/*
 * Tells of a day that is planned (result.ptr NULL), or what became of it. s: a row of n, day, type, minutes,
 * free, email.
 */
void timeoff_tell_day(const struct target_report *r, struct db_stmt *s, struct str result);
/*
 * Posts the days of the work set, users side by side, one user's requests in order; counts them in the
 * result.
 */
int timeoff_post(struct timeoff *t, struct error *e);

#endif
