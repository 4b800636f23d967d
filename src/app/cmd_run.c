#include "app/app.h"
#include "base/buf.h"

/* fetch, prepare, sync: each step works on the file that the one before has finished. */
static int run_all(const struct cli *c, struct error *e)
{
	struct sync_request r = { 0 };
	struct fetch_request f = { 0 };
	struct buf again, accept;
	int failed;

	buf_init(&again, APP_AGAIN_MAX);
	buf_init(&accept, APP_AGAIN_MAX);
	app_again(&again, c);
	app_again_with(&accept, c, "accept-shrink");
	f.source = cli_word(c, 0);
	f.accept_shrink = cli_given(c, "accept-shrink");
	f.again = buf_text(&accept);
	f.record = c->record;
	r.again = buf_text(&again);
	r.target = cli_word(c, 1) ? cli_word(c, 1) : "timecamp";
	r.dry_run = cli_given(c, "dry-run");
	r.all = cli_given(c, "all");
	r.allow_empty = cli_given(c, "allow-empty");
	r.detailed_exitcode = cli_given(c, "detailed-exitcode");
	r.colour = cli_colour(c, 1);
	r.record = c->record;
	events_about(c->record->events, cli_word(c, 0), r.target, r.dry_run);
	failed = !r.dry_run && record_begin(c->record, "run", cli_word(c, 0), r.target, e) != 0;
	failed = failed || app_fetch(&f, e) != 0 ||
		app_prepare(NULL, NULL, c->record, e) != 0 || app_sync(&r, e) != 0;
	buf_release(&again);
	buf_release(&accept);
	return failed ? -1 : 0;
}

static const struct cli_option options[] = {
	{ "dry-run", NULL, "print the plan, change nothing in the target" },
	{ "all", NULL, "print every operation, however many there are" },
	{ "accept-shrink", NULL, "go on although the source has many people fewer, this once" },
	{ "allow-empty", NULL, "go on although the source has nobody" },
	{ "detailed-exitcode", NULL, "with --dry-run: exit 10 when there is something to do" },
	{ NULL, NULL, NULL }
};

const struct command cmd_run = {
	"run", "SOURCE [TARGET]", 1, 2, options, "fetch, prepare and sync under one lock",
	"TARGET is timecamp (default). A step that fails ends the run: what comes after it is not begun,\n"
	"and the files of the last good run stay as they were.",
	COMMAND_LOCKS, run_all
};
