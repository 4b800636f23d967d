/*
 * What a sync would do, without doing it: all that is prepared compared with a target. For `explain`.
 */
#ifndef APP_APP_COMPARE_H
#define APP_APP_COMPARE_H

#include "base/buf.h"
#include "base/error.h"
#include "target/target.h"

enum compare_state { COMPARE_OFF, COMPARE_NOT_SET_UP, COMPARE_FAILED, COMPARE_DONE };

struct comparison {
	enum compare_state state;
	struct error error;		/* of COMPARE_FAILED */
	struct target_run run;
	struct plan_policy policy;
	struct plan_wanted *wanted;	/* owned */
	struct buf limits;		/* owned: what speaks against the plan as a whole, a line each */
	int over, skip;			/* a limit is exceeded; only what exceeds it is left out */
};

/* off: nobody wants to know; named: also a target without settings. Released in any case. */
void compare_begin(struct comparison *k, const struct target *target, int off, int named);
/* A part of the prepared file, while the state is COMPARE_DONE; has the shape of json_out_fn. What a sync
 * would refuse of it fails the comparison, not this call. */
int compare_feed(void *cookie, const char *data, size_t len, struct error *e);
/* After all of that: reads the target and compares. */
void compare_end(struct comparison *k);
void compare_release(struct comparison *k);

#endif
