/* The steps of a sync: read, compare, check against limits, print, do, verify. */
#include <string.h>
#include "app/app.h"
#include "base/buf.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/settings.h"
#include "plan/plan.h"
#include "port.h"
#include "store/store.h"
#include "target/target.h"

/* ---- progress of a target's work, drawn by the app ---- */

static void report_begin(void *cookie, const char *what, uint64_t total)
{
	struct shown *s = cookie;

	s->progress = progress_begin(s->events, what, total);
}

static void report_step(void *cookie, uint64_t done)
{
	struct shown *s = cookie;

	progress_step(s->progress, done);
}

static void report_end(void *cookie)
{
	struct shown *s = cookie;

	progress_end(s->progress);
	s->progress = NULL;
}

static void report_change(void *cookie, const struct state_change *change)
{
	struct shown *s = cookie;

	events_change(s->events, change, STR(""));
}

void app_report(struct target_report *r, struct shown *s, struct events *events)
{
	s->progress = NULL;
	s->events = events;
	r->begin = report_begin;
	r->step = report_step;
	r->end = report_end;
	r->change = events != NULL ? report_change : NULL;
	r->cookie = s;
}

/* ---- the steps ---- */

static int read_input(struct plan *plan, const struct sync_request *r, struct error *e)
{
	const char *path = r->input != NULL ? r->input : PATH_PREPARED;
	uint64_t count;

	if (plan_read_wanted(plan, path, &count, e) < 0)
		return -1;
	log_info("%s: %lu people", path, (unsigned long)count);
	if (count == 0 && !r->allow_empty)
		return error_set(e, ERROR_LIMIT, "%s names nobody: everybody would be disabled; if that is"
				 " meant, add --allow-empty", path);
	return 0;
}

static void print_line(void *cookie, const char *line)
{
	const struct sync_request *r = cookie;
	int bold = r->colour && line[0] != ' ' && line[0] != '\0';
	struct buf clean;

	if (!r->dry_run || r->record->events != NULL) {
		say("%s", line);
		return;
	}
	buf_init(&clean, 4 * MAX_LOG_LINE);
	log_clean(&clean, str_from(line));
	out_printf("%s%s%s\n", bold ? "\033[1m" : "", buf_text(&clean), bold ? "\033[0m" : "");
	buf_release(&clean);
}

/* A sync on its way. */
struct sync {
	const struct sync_request *request;	/* borrowed */
	struct target_run run;
	struct plan_policy policy;
	struct target_result result;
	uint64_t count[PLAN_PARTS];		/* subjects planned */
	uint64_t unchanged, ambiguous;		/* people */
	uint64_t refused;			/* subjects of a saved plan that are not as they were */
	uint64_t unverified;
	uint64_t left;				/* subjects not come to */
	int resumed;				/* an earlier run has begun the saved plan */
	struct buf file_name;			/* owned; of a saved plan, see plan_file_name() */
	int over;				/* a limit is exceeded */
	int64_t start_ms;
};

static unsigned long sum(const uint64_t *counts)
{
	unsigned long n = 0;
	int i;

	/* What is left for the end of the run is counted where it belongs. */
	for (i = 0; i < PLAN_PARTS; i++)
		n += i == PART_USER_LATER ? 0 : (unsigned long)counts[i];
	return n;
}

static int add_unmarked(void *cookie, struct str name, struct error *e)
{
	return plan_add_unmarked(cookie, name, e);
}

/* Users whom an earlier run changed and did not come to mark; a dry run has no record of its own. */
static int read_unmarked(struct sync *s, struct error *e)
{
	struct state *state = s->run.state;
	int failed;

	if (state == NULL && store_exists(PATH_STATE))
		state = state_open(PATH_STATE, e);
	else if (state == NULL)
		return 0;
	failed = state == NULL ? -1 : state_unmarked_each(state, s->run.target->name, add_unmarked,
							  s->run.plan, e);
	if (state != s->run.state)
		state_close(state);
	return failed;
}

/* A saved plan. When an earlier run has begun it, what that has done is left out. */
static int read_plan(struct sync *s, struct error *e)
{
	const struct sync_request *r = s->request;
	struct plan *plan = s->run.plan;
	uint64_t done;

	if (plan_read(plan, r->apply, s->run.target->name, &s->policy, e) < 0)
		return -1;
	plan_file_name(plan, &s->file_name);
	if (plan_was_unmarked(plan, buf_str(&s->file_name))) {
		if (plan_resume(plan, &done, e) < 0)
			return -1;
		s->resumed = 1;
		log_info("an earlier run has begun this plan; %lu of its users and groups are done already",
			 (unsigned long)done);
	}
	if (plan_check_before(plan, print_line, (void *)r, &s->refused, e) < 0)
		return -1;
	if (s->refused > 0)
		log_warning("%lu of the plan's users and groups are not as they were when it was made;"
			    " they are left"
			    " alone", (unsigned long)s->refused);
	return 0;
}

static int make_plan(struct sync *s, struct error *e)
{
	const struct sync_request *r = s->request;
	const struct target *target = s->run.target;

	if (r->apply == NULL && !r->only_groups && read_input(s->run.plan, r, e) < 0)
		return -1;
	if (target->load(&s->run, r->only_groups, e) < 0)
		return -1;
	if (read_unmarked(s, e) < 0)
		return -1;
	return r->apply != NULL ? read_plan(s, e) : plan_diff(s->run.plan, &s->policy, e);
}

/* How the plan in that file can be approved. */
static int tell_how(struct sync *s, const char *path, int skip, struct error *e)
{
	const struct sync_request *r = s->request;
	struct events_limit told = { 0 };
	struct buf line;
	size_t i;
	int failed = 0;

	buf_init(&line, 2 * APP_AGAIN_MAX);
	buf_puts(&line, r->again);
	if (r->only_groups)
		buf_puts(&line, " prune --apply ");
	else
		buf_printf(&line, " sync %s --apply ", r->target);
	app_put_argument(&line, path);
	buf_puts(&line, " --approve");
	say("The plan is in %s. To approve it once:", path);
	say("%s", buf_text(&line));
	told.skipped = skip;
	told.plan = path;
	told.command = buf_text(&line);
	for (i = 0; !failed && i < PLAN_LIMITS && r->record->events != NULL; i++) {
		struct plan_limit limit;

		failed = plan_limit(s->run.plan, i, &limit, e) < 0;
		told.setting = limit.setting;
		told.what = limit.what;
		told.planned = limit.planned;
		told.most = limit.most;
		if (!failed && limit.over)
			events_limit(r->record->events, &told);
	}
	buf_release(&line);
	return failed ? -1 : 0;
}

/* Over a limit the plan is kept, so that somebody can look at it and approve it. */
static int check_limits(struct sync *s, struct error *e)
{
	const struct sync_request *r = s->request;
	const char *path = r->apply != NULL ? r->apply : r->plan != NULL ? r->plan : PATH_HELD;
	int skip;

	if (r->plan != NULL && plan_write(s->run.plan, r->plan, r->target, &s->policy, 0, e) < 0)
		return -1;
	if (plan_on_limit_skip(&skip, e) < 0)
		return -1;
	if (r->approve)
		return 0;
	if (plan_limits(s->run.plan, print_line, (void *)r, &s->over, e) < 0)
		return -1;
	if (!s->over)
		return 0;
	if (r->apply == NULL && r->plan == NULL &&
	    plan_write(s->run.plan, PATH_HELD, r->target, &s->policy, skip, e) < 0)
		return -1;
	if (tell_how(s, path, skip, e) < 0)
		return -1;
	return skip ? 0 : error_set(e, ERROR_LIMIT, "over a limit, nothing was changed");
}

/* Reads again what was changed and compares it with what was asked. */
static int verify(struct sync *s, struct error *e)
{
	unsigned long done = sum(s->result.done);

	if (done == 0 || s->result.stopped || !settings_on("SYNC_VERIFY"))
		return 0;
	if (plan_forget_actual(s->run.plan, e) < 0 ||
	    s->run.target->load(&s->run, s->request->only_groups, e) < 0 ||
	    plan_check_after(s->run.plan, print_line, (void *)s->request, &s->unverified, e) < 0) {
		e->kind = ERROR_FAILED;
		return error_add(e, "what was done could not be verified");
	}
	log_info("asked %lu, done %lu, verified %lu", sum(s->count), done,
		 done - (unsigned long)s->unverified);
	return 0;
}

static void summary(const struct sync *s)
{
	const uint64_t *done = s->result.done;
	long ms = (long)(port_mono_ms() - s->start_ms);
	struct buf line;

	buf_init(&line, MAX_LOG_LINE);
	buf_printf(&line, "created %lu, changed %lu, disabled %lu, unchanged %lu, failed %lu; ",
		   (unsigned long)done[PART_USER_CREATE],
		   (unsigned long)(done[PART_USER_ENABLE] + done[PART_USER_CHANGE] + done[PART_USER_RETIRE]),
		   (unsigned long)done[PART_USER_DISABLE], (unsigned long)s->unchanged,
		   sum(s->result.failed));
	buf_printf(&line, "groups made %lu, removed %lu; seats added %lu; %ld.%ld s",
		   (unsigned long)done[PART_GROUP_CREATE], (unsigned long)done[PART_GROUP_DELETE],
		   (unsigned long)done[PART_USER_CREATE], ms / 1000, ms % 1000 / 100);
	record_summary(s->request->record, buf_str(&line));
	buf_release(&line);
}

/* What a run would do. */
static void summary_of_plan(const struct sync *s)
{
	const uint64_t *n = s->count;
	struct buf line;

	buf_init(&line, MAX_LOG_LINE);
	buf_printf(&line, "would create %lu, change %lu, disable %lu, leave %lu unchanged; ",
		   (unsigned long)n[PART_USER_CREATE],
		   (unsigned long)(n[PART_USER_ENABLE] + n[PART_USER_CHANGE] + n[PART_USER_RETIRE]),
		   (unsigned long)n[PART_USER_DISABLE], (unsigned long)s->unchanged);
	buf_printf(&line, "make %lu groups, remove %lu; add %lu seats; nothing was changed",
		   (unsigned long)n[PART_GROUP_CREATE], (unsigned long)n[PART_GROUP_DELETE],
		   (unsigned long)n[PART_USER_CREATE]);
	record_summary(s->request->record, buf_str(&line));
	buf_release(&line);
}

/* The summary's figures, for the record of the run. */
static void count_result(const struct sync *s)
{
	const uint64_t *done = s->result.done;
	struct run_record *record = s->request->record;
	struct http_stats net;

	record_count(record, "created", done[PART_USER_CREATE]);
	record_count(record, "changed",
		     done[PART_USER_ENABLE] + done[PART_USER_CHANGE] + done[PART_USER_RETIRE]);
	record_count(record, "disabled", done[PART_USER_DISABLE]);
	record_count(record, "unchanged", s->unchanged);
	record_count(record, "failed", sum(s->result.failed));
	record_count(record, "groups_made", done[PART_GROUP_CREATE]);
	record_count(record, "groups_removed", done[PART_GROUP_DELETE]);
	record_count(record, "seats_added", done[PART_USER_CREATE]);
	http_get_stats(s->run.http, &net);
	record_count(record, "requests", net.requests);
}

/* How the sync ends: what did not go well decides. */
static int verdict(const struct sync *s, struct error *e)
{
	unsigned long failed = sum(s->result.failed) + (unsigned long)s->result.failed[PART_USER_LATER];

	if (port_interrupted())
		return error_set(e, ERROR_CANCELLED, "interrupted; the next run does the rest");
	if (failed > 0)
		return error_set(e, ERROR_PARTIAL, "%lu of the planned changes failed, see above%s; the"
						   " next run"
				 " tries again", failed, s->result.stopped ? "; the rest was left" : "");
	if (s->left > 0)
		return error_set(e, ERROR_PARTIAL, "%lu of the planned changes were not come to; the next run"
				 " does them", (unsigned long)s->left);
	if (s->over)
		return error_set(e, ERROR_LIMIT, "what is over a limit was left out");
	if (s->refused > 0)
		return error_set(e, ERROR_PARTIAL, "%lu of the plan's users and groups were left alone"
						   " because they"
				 " changed since; make a new plan", (unsigned long)s->refused);
	if (s->unverified > 0)
		return error_set(e, ERROR_PARTIAL, "%lu users or groups do not show what was done, see above",
				 (unsigned long)s->unverified);
	if (s->ambiguous > 0)
		return error_set(e, ERROR_PARTIAL, "%lu people were left alone because it is not clear"
						   " which user"
				 " each is; correct the file or the account", (unsigned long)s->ambiguous);
	if (s->request->dry_run && s->request->detailed_exitcode && sum(s->count) > 0)
		return error_set(e, ERROR_PENDING, "changes are pending");
	return 0;
}

/*
 * Sends the plan and verifies it. That a saved one is begun is written down with the rest, before the first
 * request, and stays until nothing of it is left to be done.
 */
static int apply(struct sync *s, struct error *e)
{
	struct state *state = s->run.state;
	const char *target = s->run.target->name;
	struct str name = buf_str(&s->file_name);

	if (name.len > 0 && state_unmarked_add(state, target, name, e) < 0)
		return error_add(e, "nothing was changed");
	if (target_apply(&s->run, &s->result, e) < 0 || plan_count_left(s->run.plan, &s->left, e) < 0 ||
	    verify(s, e) < 0)
		return -1;
	if (name.len > 0 && s->left == 0 && !s->result.stopped && sum(s->result.failed) == 0)
		return state_unmarked_remove(state, target, name, e);
	return 0;
}

static int do_plan(struct sync *s, struct error *e)
{
	int failed = 0;

	if (plan_print(s->run.plan, s->request->all, print_line, (void *)s->request, e) < 0 ||
	    plan_count(s->run.plan, s->count, e) < 0 || plan_unchanged(s->run.plan, &s->unchanged, e) < 0 ||
	    plan_ambiguous(s->run.plan, &s->ambiguous, e) < 0)
		return -1;
	if (s->request->dry_run)
		summary_of_plan(s);
	if (events_plan(s->request->record->events, s->run.plan, e) < 0 || check_limits(s, e) < 0)
		return -1;
	if (s->request->dry_run) {
		count_result(s);
		return verdict(s, e);
	}
	if (sum(s->count) > 0 || s->resumed)
		failed = apply(s, e) < 0;
	summary(s);
	count_result(s);
	/* Something may have been changed by now, whatever the kind says. */
	if (failed && e->kind == ERROR_UPSTREAM && s->result.requests > 0)
		e->kind = ERROR_FAILED;
	if (failed || verdict(s, e) < 0)
		return -1;
	if (!s->request->only_groups && record_synced(s->request->record, e) < 0)
		return error_add(e, "all is done, but that cannot be recorded");
	return 0;
}

int app_sync(const struct sync_request *r, struct error *e)
{
	const struct target *target = target_find(r->target);
	struct shown shown;
	struct sync s;
	int failed = -1;

	if (target == NULL)
		return error_set(e, ERROR_USAGE, "\"%s\" is no target; there is: timecamp", r->target);
	memset(&s, 0, sizeof(s));
	s.request = r;
	s.start_ms = port_mono_ms();
	buf_init(&s.file_name, 256);
	s.run.state = record_state(r->record);
	app_report(&s.run.report, &shown, r->record->events);
	target->policy(&s.policy);
	if (r->only_groups) {
		s.policy.only_groups = s.policy.remove_empty_groups = 1;
		s.policy.later = 0;
	}
	s.run.plan = plan_new(e);
	if (s.run.plan != NULL && target_open(&s.run, target, e) == 0 && make_plan(&s, e) == 0)
		failed = do_plan(&s, e);
	target_close(&s.run);
	plan_free(s.run.plan);
	buf_release(&s.file_name);
	return failed;
}
