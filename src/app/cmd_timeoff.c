/* timeoff: leave days from a source, and into TimeCamp. */
#include <string.h>
#include "app/app.h"
#include "base/log.h"
#include "port.h"
#include "source/source.h"
#include "store/store.h"
#include "target/timecamp_timeoff.h"

#define PATH_LEAVES "vacation.json"

static int verdict(const struct timeoff_result *t, int dry_run, struct run_record *record, struct error *e)
{
	if (dry_run && record->events != NULL) {
		say("%lu days to post, from %lu of %lu entries", (unsigned long)t->days,
		    (unsigned long)(t->entries - t->skipped), (unsigned long)t->entries);
	} else if (dry_run) {
		out_printf("%lu days to post, from %lu of %lu entries\n", (unsigned long)t->days,
			   (unsigned long)(t->entries - t->skipped), (unsigned long)t->entries);
	} else {
		log_info("posted %lu days, failed %lu, skipped %lu of %lu entries", (unsigned long)t->posted,
			 (unsigned long)t->failed, (unsigned long)t->skipped, (unsigned long)t->entries);
	}
	record_count(record, "posted", t->posted);
	record_count(record, "failed", t->failed);
	record_count(record, "skipped", t->skipped);
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

/* ---- fetch --------------------------------------------------------------------------------------------- */

static void show_progress(void *cookie, uint64_t leaves)
{
	progress_step(cookie, leaves);
}

/* ERROR_USAGE with the sources that have leaves. */
static int no_leaves(const char *name, struct error *e)
{
	struct buf list;
	size_t i;

	buf_init(&list, MAX_LOG_LINE);
	for (i = 0; source_table[i]; i++)
		if (source_table[i]->leaves)
			buf_printf(&list, "%s%s", list.len ? ", " : "", source_table[i]->name);
	error_set(e, ERROR_USAGE, "\"%.80s\" is no source of leave days; there is: %s", name,
		  buf_text(&list));
	buf_release(&list);
	return -1;
}

static int fetch_leaves(const struct cli *c, struct error *e)
{
	const char *name = cli_word(c, 1), *path = cli_value(c, "output");
	const struct source *s = name ? source_find(name) : NULL;
	struct source_watch watch = { 0 };
	uint64_t count = 0;
	int rc;

	if (!name || cli_given(c, "input") || cli_given(c, "dry-run"))
		return error_set(e, ERROR_USAGE, "it is: timeoff fetch SOURCE [--output FILE]");
	if (!s || !s->leaves)
		return no_leaves(name, e);
	events_about(c->record->events, name, NULL, 0);
	if (record_begin(c->record, "timeoff", name, NULL, e) != 0)
		return -1;
	watch.progress = show_progress;
	watch.cookie = progress_begin(c->record->events, "leaves", 0);
	rc = source_fetch_leaves(s, path ? path : PATH_LEAVES, &watch, &count, e);
	progress_step(watch.cookie, count);
	progress_end(watch.cookie);
	if (rc != 0)
		return error_add(e, "timeoff fetch %s", s->name);
	log_info("fetched %llu leaves from %s", (unsigned long long)count, s->title);
	record_count(c->record, "leaves", count);
	return 0;
}

/* ---- sync ---------------------------------------------------------------------------------------------- */

static int sync_leaves(const struct cli *c, struct error *e)
{
	const char *path = cli_value(c, "input") != NULL ? cli_value(c, "input") : PATH_LEAVES;
	int dry_run = cli_given(c, "dry-run"), failed = -1;
	struct shown shown;
	struct state *state = NULL;
	struct timeoff_result result;
	struct target_run run;

	if (cli_word(c, 1) || cli_given(c, "output"))
		return error_set(e, ERROR_USAGE, "it is: timeoff sync [--input FILE] [--dry-run]");
	memset(&run, 0, sizeof(run));
	app_report(&run.report, &shown, c->record->events);
	events_about(c->record->events, NULL, "timecamp", dry_run);
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

static int run_timeoff(const struct cli *c, struct error *e)
{
	if (strcmp(cli_word(c, 0), "fetch") == 0)
		return fetch_leaves(c, e);
	if (strcmp(cli_word(c, 0), "sync") == 0)
		return sync_leaves(c, e);
	return error_set(e, ERROR_USAGE, "\"timeoff %.80s\" is unknown; there is: timeoff fetch, "
			 "timeoff sync", cli_word(c, 0));
}

static const struct cli_option options[] = {
	{ "output", "FILE", "fetch: where the leaves go (default: " PATH_LEAVES ")" },
	{ "input", "FILE", "sync: the leave file (default: " PATH_LEAVES ")" },
	{ "dry-run", NULL, "sync: count what would be posted, change nothing" },
	{ NULL, NULL, NULL }
};

const struct command cmd_timeoff = {
	.name = "timeoff",
	.words = "fetch SOURCE | sync",
	.min_words = 1,
	.max_words = 2,
	.options = options,
	.help = "leave days from a source, and into TimeCamp",
	.more = "fetch reads the leaves of a source into the leave file, or leaves the file alone.\n"
		"sync posts every day of every leave in that file, with the day type of that name. Days\n"
		"that were posted by an earlier run as they are now are left out.",
	.flags = COMMAND_LOCKS | COMMAND_LEAVES,
	.run = run_timeoff,
};
