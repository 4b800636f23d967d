/*
 * What a run does, for programs (--json): one JSON object a line on standard output, each written at once.
 * Which events there are and what they hold stands in docs/events.md. Every function takes NULL for "nobody
 * listens".
 */
#ifndef APP_APP_EVENTS_H
#define APP_APP_EVENTS_H

#include <stdint.h>
#include "base/error.h"
#include "base/str.h"
#include "plan/plan.h"
#include "store/state.h"

struct events {
	const char *command;		/* these are borrowed; NULL: none */
	const char *source, *target;
	int64_t run;			/* its number in the state database; 0: it is not recorded */
	int dry_run;
	int begun;			/* the first event is written */
	int64_t start_ms;
};

/* Nothing is written yet. */
void events_init(struct events *v, const char *command);
/* What the run is about, before anything else: names as given, NULL for none. Borrowed. */
void events_about(struct events *v, const char *source, const char *target, int dry_run);
/* The run is recorded under this number. Writes "begin"; without a number the first other event does. */
void events_recorded(struct events *v, int64_t run);
/* "step": something that may take a while has begun, is on its way, has ended. total 0: unknown. */
enum events_stage { STEP_BEGIN, STEP_PROGRESS, STEP_END };
void events_step(struct events *v, enum events_stage stage, const char *what, uint64_t done, uint64_t total);
/* "operation", which is planned, where the change has no result; else its "result". why: empty for none. */
void events_change(struct events *v, const struct state_change *c, struct str why);
/* "operation" of each that the plan holds, in its order, and "plan" with how many subjects these are. */
int events_plan(struct events *v, struct plan *p, struct error *e);
/* "limit": planned is more than most, for what the setting limits. */
struct events_limit {
	const char *setting, *what;
	uint64_t planned, most;
	int skipped;		/* this is left out and the rest done; 0: nothing is done */
	const char *plan;	/* file of what is held back; NULL: none */
	const char *command;	/* that would approve it */
};
void events_limit(struct events *v, const struct events_limit *l);
/* "summary": the figures of the run, a JSON object. */
void events_summary(struct events *v, struct str counts);
/* "end": the last one. failed and e: what the command came to. */
void events_end(struct events *v, int failed, const struct error *e);

#endif
