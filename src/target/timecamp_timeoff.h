/*
 * Time off into TimeCamp: the days of a leave file, posted as days of attendance.
 */
#ifndef TARGET_TIMECAMP_TIMEOFF_H
#define TARGET_TIMECAMP_TIMEOFF_H

#include "target/target.h"

/* What became of a leave file. */
struct timeoff_result {
	uint64_t entries, skipped;	/* of the file */
	uint64_t days;			/* to be posted: new, or other than what was posted before */
	uint64_t posted, failed;	/* days */
};

/*
 * Reads path (vacation.json: {"vacation": [{email, start_on, finish_on, tc_leave_type}]}), and posts every
 * day of every entry, except those that the state database knows to be posted. An entry that names nobody, no
 * day type or no real range gets a warning and is skipped. dry_run: posts nothing. -1 only for what stops
 * everything.
 */
int timecamp_timeoff(struct target_run *run, const char *path, int dry_run, struct timeoff_result *result,
		     struct error *e);

#endif
