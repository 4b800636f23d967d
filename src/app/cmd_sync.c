/* sync: the prepared file into a target; prune: empty groups out of it. */
#include "app/app.h"
#include "base/buf.h"

static int check_options(const struct sync_request *r, struct error *e)
{
	if (r->apply != NULL && (r->input != NULL || r->plan != NULL))
		return error_set(e, ERROR_USAGE, "--apply does a plan that is made already; --input and"
						 " --plan make one");
	if (r->approve && r->apply == NULL)
		return error_set(e, ERROR_USAGE, "--approve goes with --apply: it approves the plan in"
						 " that file");
	return 0;
}

static int run_sync(const struct cli *c, struct error *e)
{
	struct sync_request r = { 0 };
	struct buf again;
	int failed;

	buf_init(&again, APP_AGAIN_MAX);
	app_again(&again, c);
	r.again = buf_text(&again);
	r.target = cli_word(c, 0) != NULL ? cli_word(c, 0) : "timecamp";
	r.input = cli_value(c, "input");
	r.plan = cli_value(c, "plan");
	r.apply = cli_value(c, "apply");
	r.approve = cli_given(c, "approve");
	r.dry_run = cli_given(c, "dry-run");
	r.all = cli_given(c, "all");
	r.allow_empty = cli_given(c, "allow-empty");
	r.detailed_exitcode = cli_given(c, "detailed-exitcode");
	r.colour = cli_colour(c, 1);
	r.record = c->record;
	events_about(c->record->events, NULL, r.target, r.dry_run);
	failed = check_options(&r, e) < 0 ||
		(!r.dry_run && record_begin(c->record, "sync", NULL, r.target, e) != 0) ||
		app_sync(&r, e) < 0;
	buf_release(&again);
	return failed ? -1 : 0;
}

static const struct cli_option sync_options[] = {
	{ "input", "FILE", "the prepared file (default: " PATH_PREPARED ")" },
	{ "dry-run", NULL, "print the plan, change nothing" },
	{ "plan", "FILE", "write the plan to this file" },
	{ "apply", "FILE", "do the plan in this file, as far as nothing has changed since" },
	{ "approve", NULL, "with --apply: also what is over a limit" },
	{ "all", NULL, "print the whole plan, however long" },
	{ "allow-empty", NULL, "disable everybody when the prepared file is empty" },
	{ "detailed-exitcode", NULL, "with --dry-run: exit 10 when something is to be changed" },
	{ NULL, NULL, NULL }
};

const struct command cmd_sync = {
	.name = "sync",
	.words = "[TARGET]",
	.max_words = 1,
	.options = sync_options,
	.help = "make a target's groups and users equal to the prepared file",
	.more = "Reads the prepared file and the account, prints what is to be changed, and does it. With\n"
		"--dry-run it stops after the plan. TARGET: timecamp (default).",
	.flags = COMMAND_LOCKS,
	.run = run_sync,
};

static int run_prune(const struct cli *c, struct error *e)
{
	struct sync_request r = { 0 };
	struct buf again;
	int failed;

	buf_init(&again, APP_AGAIN_MAX);
	app_again(&again, c);
	r.again = buf_text(&again);
	r.target = "timecamp";
	r.only_groups = 1;
	r.apply = cli_value(c, "apply");
	r.approve = cli_given(c, "approve");
	r.dry_run = cli_given(c, "dry-run");
	r.all = cli_given(c, "all");
	r.colour = cli_colour(c, 1);
	r.record = c->record;
	events_about(c->record->events, NULL, r.target, r.dry_run);
	failed = check_options(&r, e) < 0 ||
		(!r.dry_run && record_begin(c->record, "prune", NULL, r.target, e) != 0) ||
		app_sync(&r, e) < 0;
	buf_release(&again);
	return failed ? -1 : 0;
}

static const struct cli_option prune_options[] = {
	{ "dry-run", NULL, "print what would be removed, change nothing" },
	{ "apply", "FILE", "do the plan in this file, which an earlier one held back" },
	{ "approve", NULL, "with --apply: also what is over a limit" },
	{ "all", NULL, "print all groups, however many" },
	{ NULL, NULL, NULL }
};

const struct command cmd_prune = {
	.name = "prune",
	.words = "",
	.options = prune_options,
	.help = "remove empty groups of TimeCamp",
	.more = "Groups below the root group without users, also disabled ones, and without groups below"
		" them that\n"
		"stay. The group for disabled users is kept.",
	.flags = COMMAND_LOCKS,
	.run = run_prune,
};
