#include "app/app.h"
#include "base/log.h"
#include "prepare/prepare.h"

int app_prepare(const char *input, const char *output, struct run_record *record, struct error *e)
{
	struct prepare_counts n = { 0 };
	int failed;

	input = input != NULL ? input : PATH_USERS;
	output = output != NULL ? output : PATH_PREPARED;
	events_step(record->events, STEP_BEGIN, "prepare", 0, 0);
	failed = prepare_run(input, output, &n, e) != 0;
	events_step(record->events, STEP_END, "prepare", n.read, 0);
	if (failed)
		return error_add(e, "prepare");
	log_info("prepared %llu of %llu users (%llu without external_id, %llu only for the hierarchy, "
		 "%llu excluded)", (unsigned long long)n.written, (unsigned long long)n.read,
		 (unsigned long long)n.without_id, (unsigned long long)n.hidden,
		 (unsigned long long)n.excluded);
	record_count(record, "prepared", n.written);
	return 0;
}

static int run(const struct cli *c, struct error *e)
{
	if (record_begin(c->record, "prepare", NULL, NULL, e) != 0)
		return -1;
	return app_prepare(cli_value(c, "input"), cli_value(c, "output"), c->record, e);
}

static const struct cli_option options[] = {
	{ "input", "FILE", "users of a source (" PATH_USERS ")" },
	{ "output", "FILE", "where the accounts go (" PATH_PREPARED ")" },
	{ NULL, NULL, NULL }
};

const struct command cmd_prepare = {
	"prepare", "", 0, 0, options, "turn users into accounts: names, groups, roles",
	"Reads what fetch wrote and applies the settings to it. Nothing is sent anywhere; look at the\n"
	"result with \"rollcall tree\". On any error the accounts of the last good run stay as they are.",
	COMMAND_LOCKS, run
};
