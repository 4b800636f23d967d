/* sync: the prepared file into a target. */
#include <string.h>
#include "app/app.h"
#include "base/log.h"
#include "plan/plan.h"
#include "port.h"
#include "target/target.h"

/* ---- progress of a target's work, drawn by the app ---- */

static void report_begin(void *cookie, const char *what, uint64_t total)
{
	*(struct progress **)cookie = progress_begin(what, total);
}

static void report_step(void *cookie, uint64_t done)
{
	progress_step(*(struct progress **)cookie, done);
}

static void report_end(void *cookie)
{
	progress_end(*(struct progress **)cookie);
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
		return error_set(e, ERROR_LIMIT, "%s names nobody: everybody would be disabled; if that is meant, add"
				 " --allow-empty", path);
	return 0;
}

static void print_line(void *cookie, const char *line)
{
	const struct sync_request *r = cookie;

	if (r->dry_run)
		out_printf("%s\n", line);
	else
		say("%s", line);
}

static uint64_t sum(const uint64_t *counts, int from, int to)
{
	uint64_t n = 0;

	for (; from <= to; from++)
		n += counts[from];
	return n;
}

static int summary(const struct target_result *t, int64_t ms, struct error *e)
{
	unsigned long failed = (unsigned long)sum(t->failed, 0, PLAN_PARTS - 1);

	log_info("groups made %lu, removed %lu; users created %lu, enabled %lu, changed %lu, disabled %lu; failed %lu;"
		 " %ld.%ld s",
		 (unsigned long)t->done[PART_GROUP_CREATE], (unsigned long)t->done[PART_GROUP_DELETE],
		 (unsigned long)t->done[PART_USER_CREATE], (unsigned long)t->done[PART_USER_ENABLE],
		 (unsigned long)(t->done[PART_USER_CHANGE] + t->done[PART_USER_RETIRE]),
		 (unsigned long)t->done[PART_USER_DISABLE], failed, (long)(ms / 1000), (long)(ms % 1000 / 100));
	if (port_interrupted())
		return error_set(e, ERROR_CANCELLED, "interrupted; the next run does the rest");
	if (failed > 0)
		return error_set(e, ERROR_PARTIAL, "%lu of the planned changes failed, see above%s; the next run tries"
				 " again", failed, t->stopped ? "; the rest was left" : "");
	return 0;
}

static int do_plan(struct target_run *run, const struct sync_request *r, struct error *e)
{
	struct target_result result = { { 0 }, { 0 }, 0, 0 };
	uint64_t count[PLAN_PARTS];
	int64_t start = port_mono_ms();

	if (plan_print(run->plan, r->all, print_line, (void *)r, e) < 0 || plan_count(run->plan, count, e) < 0)
		return -1;
	if (sum(count, 0, PLAN_PARTS - 1) == 0)
		return 0;
	if (r->dry_run)
		return r->detailed_exitcode ? error_set(e, ERROR_PENDING, "changes are pending") : 0;
	if (target_apply(run, &result, e) < 0) {
		summary(&result, port_mono_ms() - start, NULL);
		/* Something may have been changed by now, whatever the kind says. */
		if (e->kind == ERROR_UPSTREAM && result.requests > 0)
			e->kind = ERROR_FAILED;
		return -1;
	}
	return summary(&result, port_mono_ms() - start, e);
}

int app_sync(const struct sync_request *r, struct error *e)
{
	const struct target *target = target_find(r->target);
	struct progress *progress = NULL;
	struct target_run run;
	struct plan_policy policy;
	int failed = -1;

	if (target == NULL)
		return error_set(e, ERROR_USAGE, "\"%s\" is no target; there is: timecamp", r->target);
	memset(&run, 0, sizeof(run));
	run.report.begin = report_begin;
	run.report.step = report_step;
	run.report.end = report_end;
	run.report.cookie = &progress;
	run.plan = plan_new(e);
	if (run.plan == NULL || target_open(&run, target, e) < 0 || read_input(run.plan, r, e) < 0)
		goto out;
	if (target->load(&run, e) < 0)
		goto out;
	target->policy(&policy);
	if (plan_diff(run.plan, &policy, e) < 0)
		goto out;
	failed = do_plan(&run, r, e);
out:
	target_close(&run);
	plan_free(run.plan);
	return failed;
}

static int run_sync(const struct cli *c, struct error *e)
{
	struct sync_request r = { 0 };

	r.target = cli_word(c, 0) != NULL ? cli_word(c, 0) : "timecamp";
	r.input = cli_value(c, "input");
	r.dry_run = cli_given(c, "dry-run");
	r.all = cli_given(c, "all");
	r.allow_empty = cli_given(c, "allow-empty");
	r.detailed_exitcode = cli_given(c, "detailed-exitcode");
	return app_sync(&r, e);
}

static const struct cli_option options[] = {
	{ "input", "FILE", "the prepared file (default: " PATH_PREPARED ")" },
	{ "dry-run", NULL, "print the plan, change nothing" },
	{ "all", NULL, "print the whole plan, however long" },
	{ "allow-empty", NULL, "disable everybody when the prepared file is empty" },
	{ "detailed-exitcode", NULL, "with --dry-run: exit 10 when something is to be changed" },
	{ NULL, NULL, NULL }
};

const struct command cmd_sync = {
	.name = "sync",
	.words = "[TARGET]",
	.max_words = 1,
	.options = options,
	.help = "make a target's groups and users equal to the prepared file",
	.more = "Reads the prepared file and the account, prints what is to be changed, and does it. With --dry-run it\n"
		"stops after the plan. TARGET: timecamp (default).",
	.flags = COMMAND_LOCKS,
	.run = run_sync,
};
