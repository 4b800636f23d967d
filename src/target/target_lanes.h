/*
 * Subjects of a plan side by side, each in a lane: its requests one after the other, recorded and judged.
 * Which subjects when: target_apply.c.
 */
#ifndef TARGET_TARGET_LANES_H
#define TARGET_TARGET_LANES_H

#include "target/target_int.h"

/* Subjects that are to be done, in order. */
struct walk {
	struct plan_cursor *cursor;	/* owned; NULL: none left */
	enum plan_state from;		/* what they are when they are begun */
	int64_t begun;			/* how many were */
};

/* One subject that is being worked on. */
struct lane;

struct apply {
	struct target_run *run;		/* borrowed */
	struct target_result *result;	/* borrowed */
	struct lane *lane;		/* owned; window.max of them */
	struct walk finish, walk;	/* the first is done first */
	int failed;			/* a step failed, as below */
	struct error error;
	uint64_t steps;			/* subjects done of the part, for progress */
	uint64_t tried, bad;		/* operations that ended, and that failed */
	int bad_in_a_row;
	int stop;			/* nothing new is begun */
	struct error unrecorded;	/* why the audit could not be written; kind ERROR_NONE: it was */
};

/* run and result are set. Released also after a failure. */
int lanes_init(struct apply *a, struct error *e);
void lanes_release(struct apply *a);
/* The subjects of the parts from first to last, one level of them, that are in that state. */
int lanes_open(struct apply *a, struct walk *w, enum plan_part first, enum plan_part last,
	       enum plan_state from, struct error *e);
/* Begins subjects of the walks in the lanes that may be busy. */
void lanes_fill(struct apply *a);
/* Takes the answers that have come (struct apply *) and sends what comes next. */
void lanes_step(void *apply);
/* Does all that is left in the walks. */
int lanes_run(struct apply *a, struct error *e);
/* Writes down what was done; before what may take long. */
void lanes_flush(struct apply *a);

#endif
