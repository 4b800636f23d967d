/* timeoff: leave days into TimeCamp. */
#include <string.h>
#include "app/app.h"
#include "base/log.h"
#include "port.h"
#include "store/store.h"
#include "target/timecamp_timeoff.h"

#define PATH_LEAVES "vacation.json"

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

static int verdict(const struct timeoff_result *t, int dry_run, struct run_record *record, struct error *e)
{
	if (dry_run) {
		out_printf("%lu days to post, from %lu of %lu entries\n", (unsigned long)t->days,
			   (unsigned long)(t->entries - t->skipped), (unsigned long)t->entries);
	} else {
		log_info("posted %lu days, failed %lu, skipped %lu of %lu entries", (unsigned long)t->posted,
			 (unsigned long)t->failed, (unsigned long)t->skipped, (unsigned long)t->entries);
		record_count(record, "posted", t->posted);
		record_count(record, "failed", t->failed);
		record_count(record, "skipped", t->skipped);
	}
	if (port_interrupted())
		return error_set(e, ERROR_CANCELLED, "interrupted; the next run does the rest");
	if (t->failed > 0)
		return error_set(e, ERROR_PARTIAL, "%lu days could not be posted, see above",
				 (unsigned long)t->failed);
	if (t->skipped > 0)
		return error_set(e, ERROR_PARTIAL, "%lu entries were skipped, see above",
				 (unsigned long)t->skipped);
	return 0;
}

static int run_timeoff(const struct cli *c, struct error *e)
{
	const char *path = cli_value(c, "input") != NULL ? cli_value(c, "input") : PATH_LEAVES;
	int dry_run = cli_given(c, "dry-run"), failed = -1;
	struct progress *progress = NULL;
	struct state *state = NULL;
	struct timeoff_result result;
	struct target_run run;

	if (strcmp(cli_word(c, 0), "sync") != 0)
		return error_set(e, ERROR_USAGE, "\"timeoff %.80s\" is unknown; there is: timeoff sync",
				 cli_word(c, 0));
	memset(&run, 0, sizeof(run));
	run.report.begin = report_begin;
	run.report.step = report_step;
	run.report.end = report_end;
	run.report.cookie = &progress;
	if (!dry_run && record_begin(c->record, "timeoff", NULL, "timecamp", e) != 0)
		return -1;
	run.state = record_state(c->record);
	/* What is posted already is to be seen in a dry run too. */
	if (dry_run && store_exists(PATH_STATE))
		run.state = state = state_open(PATH_STATE, e);
	if (target_open(&run, target_find("timecamp"), e) == 0 &&
	    timecamp_timeoff(&run, path, dry_run, &result, e) == 0)
		failed = verdict(&result, dry_run, c->record, e);
	target_close(&run);
	state_close(state);
	return failed;
}

static const struct cli_option options[] = {
	{ "input", "FILE", "the leave file (default: " PATH_LEAVES ")" },
	{ "dry-run", NULL, "count what would be posted, change nothing" },
	{ NULL, NULL, NULL }
};

const struct command cmd_timeoff = {
	.name = "timeoff",
	.words = "sync",
	.min_words = 1,
	.max_words = 1,
	.options = options,
	.help = "leave days into TimeCamp",
	.more = "Posts every day of every leave in the file, with the day type of that name. Days that were\n"
		"posted by an earlier run as they are now are left out.",
	.flags = COMMAND_LOCKS,
	.run = run_timeoff,
};
