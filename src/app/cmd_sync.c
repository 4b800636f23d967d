/* sync: the prepared file into a target. */
#include <string.h>
#include "app/app.h"
#include "base/buf.h"
#include "base/limits.h"
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
		return error_set(e, ERROR_LIMIT, "%s names nobody: everybody would be disabled; if that is"
				 " meant, add --allow-empty", path);
	return 0;
}

static void print_line(void *cookie, const char *line)
{
	const struct sync_request *r = cookie;
	int bold = r->colour && line[0] != ' ' && line[0] != '\0';
	struct buf clean;

	if (!r->dry_run) {
		say("%s", line);
		return;
	}
	buf_init(&clean, 4 * MAX_LOG_LINE);
	log_clean(&clean, str_from(line));
	out_printf("%s%s%s\n", bold ? "\033[1m" : "", buf_text(&clean), bold ? "\033[0m" : "");
	buf_release(&clean);
}

/* What a sync came to. */
struct outcome {
	struct target_result result;
	uint64_t count[PLAN_PARTS];	/* planned */
	uint64_t unchanged, ambiguous;	/* people */
	int64_t start_ms;
};

static unsigned long sum(const uint64_t *counts, int from, int to)
{
	unsigned long n = 0;

	for (; from <= to; from++)
		n += (unsigned long)counts[from];
	return n;
}

/* The summary's figures, for the record of the run. */
static void count_outcome(const struct outcome *o, struct run_record *record)
{
	const uint64_t *done = o->result.done;

	record_count(record, "created", done[PART_USER_CREATE]);
	record_count(record, "changed",
		     done[PART_USER_ENABLE] + done[PART_USER_CHANGE] + done[PART_USER_RETIRE]);
	record_count(record, "disabled", done[PART_USER_DISABLE]);
	record_count(record, "unchanged", o->unchanged);
	record_count(record, "failed", sum(o->result.failed, 0, PLAN_PARTS - 1));
	record_count(record, "groups_made", done[PART_GROUP_CREATE]);
	record_count(record, "groups_removed", done[PART_GROUP_DELETE]);
}

static void summary(const struct outcome *o)
{
	const uint64_t *done = o->result.done;
	long ms = (long)(port_mono_ms() - o->start_ms);

	log_info("created %lu, changed %lu, disabled %lu, unchanged %lu, failed %lu; groups made %lu,"
		 " removed %lu; seats added %lu; %ld.%ld s", (unsigned long)done[PART_USER_CREATE],
		 (unsigned long)(done[PART_USER_ENABLE] + done[PART_USER_CHANGE] + done[PART_USER_RETIRE]),
		 (unsigned long)done[PART_USER_DISABLE], (unsigned long)o->unchanged,
		 sum(o->result.failed, 0, PLAN_PARTS - 1), (unsigned long)done[PART_GROUP_CREATE],
		 (unsigned long)done[PART_GROUP_DELETE], (unsigned long)done[PART_USER_CREATE], ms / 1000,
		 ms % 1000 / 100);
}

/* How the sync ends: what did not go well decides. */
static int verdict(const struct sync_request *r, const struct outcome *o, struct error *e)
{
	unsigned long failed = sum(o->result.failed, 0, PLAN_PARTS - 1);

	if (port_interrupted())
		return error_set(e, ERROR_CANCELLED, "interrupted; the next run does the rest");
	if (failed > 0)
		return error_set(e, ERROR_PARTIAL, "%lu of the planned changes failed, see above%s; the next"
				 " run tries again", failed, o->result.stopped ? "; the rest was left" : "");
	if (o->ambiguous > 0)
		return error_set(e, ERROR_PARTIAL, "%lu people were left alone because it is not clear which"
				 " user each is; correct the file or the account",
				 (unsigned long)o->ambiguous);
	if (r->dry_run && r->detailed_exitcode && sum(o->count, 0, PLAN_PARTS - 1) > 0)
		return error_set(e, ERROR_PENDING, "changes are pending");
	return 0;
}

static int do_plan(struct target_run *run, const struct sync_request *r, struct error *e)
{
	struct outcome o;
	int failed = 0;

	memset(&o, 0, sizeof(o));
	o.start_ms = port_mono_ms();
	if (plan_print(run->plan, r->all, print_line, (void *)r, e) < 0 ||
	    plan_count(run->plan, o.count, e) < 0 || plan_unchanged(run->plan, &o.unchanged, e) < 0 ||
	    plan_ambiguous(run->plan, &o.ambiguous, e) < 0)
		return -1;
	if (!r->dry_run && sum(o.count, 0, PLAN_PARTS - 1) > 0)
		failed = target_apply(run, &o.result, e);
	if (!r->dry_run) {
		summary(&o);
		count_outcome(&o, r->record);
	}
	/* Something may have been changed by now, whatever the kind says. */
	if (failed && e->kind == ERROR_UPSTREAM && o.result.requests > 0)
		e->kind = ERROR_FAILED;
	return failed ? -1 : verdict(r, &o, e);
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
	run.state = record_state(r->record);
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
	r.colour = cli_colour(c, 1);
	r.record = c->record;
	if (!r.dry_run && record_begin(c->record, "sync", NULL, r.target, e) != 0)
		return -1;
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
	.more = "Reads the prepared file and the account, prints what is to be changed, and does it. With\n"
		"--dry-run it stops after the plan. TARGET: timecamp (default).",
	.flags = COMMAND_LOCKS,
	.run = run_sync,
};
