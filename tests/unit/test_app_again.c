/* Advice that can be copied: the command line as shells take it. */
#include <string.h>
#include "app/app.h"
#include "base/buf.h"
#include "check.h"

static const struct row {
	const char *argv[10];
	const char *text;		/* with --accept-shrink */
} rows[] = {
	{ { "rollcall", "fetch", "ldap" }, "rollcall fetch ldap --accept-shrink" },
	{ { "rollcall", "fetch", "ldap", "--accept-shrink" }, "rollcall fetch ldap --accept-shrink" },
	{ { "./rollcall", "--dir=/srv/rollcall", "fetch", "--output", "a.json", "file", "--env", "x.env" },
	  "./rollcall --dir /srv/rollcall --env x.env fetch file --output a.json --accept-shrink" },
	{ { "rollcall", "run", "ldap", "timecamp", "--dry-run", "--all" },
	  "rollcall run ldap timecamp --dry-run --all --accept-shrink" },
	{ { "rollcall", "fetch", "ldap", "--output", "" }, "rollcall fetch ldap --output \"\" --accept-shrink" },
	{ { "rollcall", "fetch", "ldap", "--output", "it's here" },
	  "rollcall fetch ldap --output \"it's here\" --accept-shrink" },
	{ { "rollcall", "fetch", "ldap", "--output", "$it's" },
	  "rollcall fetch ldap --output '$it'\\''s' --accept-shrink" },
	{ { "C:\\Program Files\\rollcall.exe", "fetch", "ldap", "--output", "x\\" },
	  "\"C:\\Program Files\\rollcall.exe\" fetch ldap --output 'x\\' --accept-shrink" },
};

static void test_rows(void)
{
	static const struct command *const commands[] = { &cmd_run, &cmd_fetch, NULL };
	struct error e;
	struct buf text;
	struct cli cli;
	size_t i;
	int n;

	buf_init(&text, APP_AGAIN_MAX);
	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		check_row(rows[i].text);
		for (n = 0; rows[i].argv[n] != NULL; n++)
			;
		CHECK_INT(cli_read(&cli, commands, n, (char **)rows[i].argv, &e), 0);
		buf_reset(&text);
		app_again_with(&text, &cli, "accept-shrink");
		CHECK_STR(buf_text(&text), rows[i].text);
	}
	check_row(NULL);
	buf_release(&text);
}

CHECK_SUITE(app_again, CHECK_TEST(rows));
