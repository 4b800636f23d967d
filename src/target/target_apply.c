/* Sends a plan: parts in order, what does not depend on each other side by side. */
#include "base/limits.h"
#include "base/log.h"
#include "port.h"
#include "target/target_lanes.h"

#define NEW_USER_LOOKS 3		/* times that the listing is read for new users */
#define NEW_USER_WAIT_MS 60000		/* between these */

/* Of the parts from first to last. */
static uint64_t sum(const uint64_t *counts, enum plan_part first, enum plan_part last)
{
	uint64_t n = 0;
	int i;

	for (i = (int)first; i <= (int)last; i++)
		n += counts[i];
	return n;
}

static void begin_report(struct apply *a, enum plan_part part, uint64_t total)
{
	struct target_report *r = &a->run->report;

	a->steps = 0;
	if (r->begin != NULL)
		r->begin(r->cookie, part_table[part].doing, total);
}

static void end_report(struct apply *a)
{
	struct target_report *r = &a->run->report;

	lanes_flush(a);
	if (r->end != NULL)
		r->end(r->cookie);
}

/* The subjects of a part, of groups level by level. */
static int run_part(struct apply *a, enum plan_part part, enum plan_state from, uint64_t total,
		    struct error *e)
{
	int failed;

	if (total == 0 || a->stop)
		return 0;
	begin_report(a, part, total);
	do {
		failed = lanes_open(a, &a->walk, part, part, from, e) < 0 || lanes_run(a, e) < 0;
	} while (!failed && a->walk.begun > 0 && from == PLAN_OPEN && !a->stop);
	end_report(a);
	return failed ? -1 : 0;
}

/* Lists the users while the lanes go on. */
static int list_beside(struct apply *a, struct error *e)
{
	struct target_run *run = a->run;
	int failed;

	run->meanwhile = lanes_step;
	run->meanwhile_cookie = a;
	failed = run->target->list_users(run, e);
	run->meanwhile = NULL;
	return failed;
}

/* Changes users. Beside that new ones, who are invited by now, are listed and then finished. */
static int change_and_finish(struct apply *a, const uint64_t *count, struct error *e)
{
	uint64_t missing;
	int failed;

	if (plan_missing_users(a->run->plan, PART_USER_CREATE, &missing, e) < 0 ||
	    lanes_open(a, &a->walk, PART_USER_ENABLE, PART_USER_RETIRE, PLAN_OPEN, e) < 0)
		return -1;
	lanes_fill(a);
	failed = missing > 0 && !a->stop && list_beside(a, e) < 0;
	if (!failed && count[PART_USER_CREATE] > 0)
		failed = lanes_open(a, &a->finish, PART_USER_CREATE, PART_USER_CREATE, PLAN_STARTED, e) < 0;
	return lanes_run(a, e) < 0 || failed ? -1 : 0;
}

static int run_users(struct apply *a, const uint64_t *count, struct error *e)
{
	uint64_t total = sum(count, PART_USER_CREATE, PART_USER_RETIRE), twice = count[PART_USER_CREATE];
	int failed;

	if (total == 0 || a->stop)
		return 0;
	if (a->run->batch > 1)
		twice = 0;
	begin_report(a, count[PART_USER_CREATE] == total ? PART_USER_CREATE : PART_USER_CHANGE,
		     total + twice);
	failed = lanes_open(a, &a->walk, PART_USER_CREATE, PART_USER_CREATE, PLAN_OPEN, e) < 0 ||
		lanes_run(a, e) < 0 || change_and_finish(a, count, e) < 0;
	end_report(a);
	return failed ? -1 : 0;
}

static void wait_ms(double ms)
{
	int64_t end = port_mono_ms() + (int64_t)ms;

	while (port_mono_ms() < end && !port_interrupted())
		port_sleep_ms(100);
}

/* Lists the users, and sends what those who are there now still need. */
static int look_for_users(struct apply *a, enum plan_part part, uint64_t *missing, struct error *e)
{
	uint64_t before = *missing;

	if (before == 0 || a->stop)
		return 0;
	if (a->run->target->list_users(a->run, e) < 0 ||
	    plan_missing_users(a->run->plan, part, missing, e) < 0)
		return -1;
	return run_part(a, part, PLAN_STARTED, before - *missing, e);
}

/* New users may be listed after a while only; what they still need is sent as soon as they are. */
static int wait_for_users(struct apply *a, struct error *e)
{
	uint64_t missing;
	int look;

	if (plan_missing_users(a->run->plan, PART_USER_CREATE, &missing, e) < 0)
		return -1;
	for (look = 1; look < NEW_USER_LOOKS && missing > 0 && !a->stop; look++) {
		log_info("%lu new users are not listed yet, looking again in a minute",
			 (unsigned long)missing);
		wait_ms(NEW_USER_WAIT_MS * a->run->wait_scale);
		if (look_for_users(a, PART_USER_CREATE, &missing, e) < 0)
			return -1;
	}
	return 0;
}

/* The end of a run that keeps what it could not finish: one more look, and what was left for the end. */
static int finish_left(struct apply *a, const uint64_t *count, struct error *e)
{
	uint64_t missing, old;

	if (plan_missing_users(a->run->plan, PART_USER_CREATE, &missing, e) < 0 ||
	    plan_missing_users(a->run->plan, PART_USER_FINISH, &old, e) < 0)
		return -1;
	if (a->run->looks_again && look_for_users(a, PART_USER_CREATE, &missing, e) < 0)
		return -1;
	if (old > 0 && a->run->target->list_users(a->run, e) < 0)
		return -1;
	if (run_part(a, PART_USER_FINISH, PLAN_STARTED, count[PART_USER_FINISH], e) < 0 ||
	    run_part(a, PART_USER_LEFT, PLAN_OPEN, count[PART_USER_LEFT], e) < 0 ||
	    run_part(a, PART_USER_LATER, PLAN_OPEN, count[PART_USER_LATER], e) < 0)
		return -1;
	if (missing > 0)
		log_warning("%lu new users were invited but are not listed yet; the next run does the rest",
			    (unsigned long)missing);
	a->result->failed[PART_USER_CREATE] += missing;
	return 0;
}

/* A user who could not be moved may sit in a group that was to be empty by now. */
static int remove_groups(struct apply *a, uint64_t count, struct error *e)
{
	if (count > 0 && sum(a->result->failed, PART_USER_ENABLE, PART_USER_RETIRE) > 0) {
		log_warning("no group is removed, because some users could not be changed");
		return 0;
	}
	return run_part(a, PART_GROUP_DELETE, PLAN_OPEN, count, e);
}

static int run_all(struct apply *a, struct error *e)
{
	uint64_t count[PLAN_PARTS];

	if (plan_count(a->run->plan, count, e) < 0 ||
	    run_part(a, PART_GROUP_CREATE, PLAN_OPEN, count[PART_GROUP_CREATE], e) < 0)
		return -1;
	if (a->run->batch > 1 && count[PART_USER_CREATE] > 0 && !a->stop &&
	    target_invite(a->run, count[PART_USER_CREATE], e) < 0)
		return -1;
	if (run_users(a, count, e) < 0 || wait_for_users(a, e) < 0 ||
	    remove_groups(a, count[PART_GROUP_DELETE], e) < 0)
		return -1;
	return finish_left(a, count, e);
}

static int keep_mark(void *cookie, struct str name, struct error *e)
{
	struct target_run *run = cookie;

	return state_unmarked_add(run->state, run->target->name, name, e);
}

/* What must not get lost is written down before anything is sent, and again when less is left. */
static int run_and_keep(struct apply *a, struct error *e)
{
	struct error why;
	int failed;

	if (plan_each_mark(a->run->plan, keep_mark, a->run, e) < 0 || state_flush(a->run->state, e) < 0 ||
	    (a->run->target->keep != NULL && a->run->target->keep(a->run, e) < 0))
		return error_add(e, "nothing was changed");
	if (a->run->target->keep == NULL)
		return run_all(a, e);
	failed = run_all(a, e);
	error_init(&why);
	if (a->run->target->keep(a->run, failed ? &why : e) < 0)
		failed = -1;
	return failed;
}

int target_unrecorded(const struct target_run *run, const struct error *why, struct error *e)
{
	*e = *why;
	return error_add(e, "stopped, because %lu changes that were made could not be recorded",
			 (unsigned long)state_lost(run->state));
}

int target_apply(struct target_run *run, struct target_result *result, struct error *e)
{
	struct apply a = { 0 };
	int failed;

	a.run = run;
	a.result = result;
	failed = lanes_init(&a, e) < 0 || run_and_keep(&a, e) < 0;
	if (a.unrecorded.kind != ERROR_NONE) {
		if (failed)
			log_error("%s", e->text);
		failed = target_unrecorded(run, &a.unrecorded, e);
	}
	if (failed)
		http_cancel(run->http, 0);
	lanes_release(&a);
	return failed ? -1 : 0;
}
