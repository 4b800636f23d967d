#include <stddef.h>
#include "app/app.h"
#include "base/buf.h"
#include "base/log.h"
#include "base/settings.h"
#include "base/version.h"
#include "port.h"

static const struct command *const commands[] = {
	&cmd_run, &cmd_fetch, &cmd_prepare, &cmd_tree, &cmd_sync, &cmd_prune, &cmd_timeoff, &cmd_check,
	&cmd_explain, &cmd_history, &cmd_status, &cmd_settings, &cmd_version,
	NULL
};

static int run(int argc, char **argv, struct error *e)
{
	struct cli cli;

	if (cli_read(&cli, commands, argc, argv, e) != 0)
		return -1;
	if (cli.global.version) {
		out_printf("rollcall %s\n", ROLLCALL_VERSION);
		return 0;
	}
	if (cli.global.help || !cli.command) {
		cli_help(&cli, commands, cli.global.help ? 1 : 2);
		return cli.global.help ? 0 : error_set(e, ERROR_USAGE, "no command given");
	}
	return app_run(&cli, e);
}

int main(int argc, char **argv)
{
	struct error e;
	int failed;

	error_init(&e);
	failed = port_init(&argc, &argv, &e) != 0;
	if (!failed) {
		port_catch_interrupts();
		failed = run(argc, argv, &e) != 0;
	}
	if (failed && e.kind == ERROR_NONE)
		e.kind = ERROR_FAILED;
	if (!failed && port_print(1, "", 0) != 0)
		error_set(&e, ERROR_FAILED, "cannot write to standard output: full disk, closed pipe or "
			  "no memory");
	print_error(&e);
	settings_release();
	log_close();
	return error_exit_code(failed || e.kind != ERROR_NONE ? e.kind : ERROR_NONE);
}
