#include <string.h>
#include "app/app.h"
#include "check.h"

static const struct cli_option first_options[] = {
	{ "output", "FILE", "where to" }, { "dry-run", NULL, "only look" }, { "env", NULL, "a switch here" },
	{ NULL, NULL, NULL }
};
static const struct command first = { "fetch", "SOURCE [TARGET]", 1, 2, first_options, "help", NULL, 0,
				      NULL };
static const struct command second = { "sync", "", 0, 0, NULL, "help", NULL, 0, NULL };
static const struct command *const commands[] = { &first, &second, NULL };

/* Splits a line at blanks, in place, and reads it as a command line. */
static int read_line(struct cli *c, char *line, struct error *e)
{
	static char program[] = "rollcall";
	char *argv[20];
	int argc = 1;

	argv[0] = program;
	while (*line && argc < 20) {
		argv[argc++] = line;
		line += strcspn(line, " ");
		if (*line)
			*line++ = '\0';
	}
	error_init(e);
	return cli_read(c, commands, argc, argv, e);
}

static void test_good(void)
{
	static const struct { const char *line, *output, *word, *env, *dir; int dry_run, flags; } rows[] = {
		{ "fetch ldap", NULL, "ldap", NULL, NULL, 0, 0 },
		{ "fetch ldap --output x.json", "x.json", "ldap", NULL, NULL, 0, 0 },
		{ "fetch --output=x=y ldap --dry-run", "x=y", "ldap", NULL, NULL, 1, 0 },
		{ "fetch --output= ldap", "", "ldap", NULL, NULL, 0, 0 },
		{ "fetch ldap --output a --output b", "b", "ldap", NULL, NULL, 0, 0 },
		{ "--env my.env fetch ldap --dir=/srv --debug", NULL, "ldap", "my.env", "/srv", 0, 1 },
		{ "fetch ldap --env --env=my.env", NULL, "ldap", "my.env", NULL, 0, 8 },
		{ "--quiet fetch --no-color ldap --json", NULL, "ldap", NULL, NULL, 0, 2 + 4 },
		{ "fetch -- --output", NULL, "--output", NULL, NULL, 0, 0 },
		{ "fetch -", NULL, "-", NULL, NULL, 0, 0 },
		{ "fetch --output --dry-run ldap", "--dry-run", "ldap", NULL, NULL, 0, 0 },
	};
	struct error e;
	struct cli c;
	char line[100];
	size_t i;

	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		check_row(rows[i].line);
		memcpy(line, rows[i].line, strlen(rows[i].line) + 1);
		if (!CHECK_INT(read_line(&c, line, &e), 0))
			continue;
		CHECK(c.command == &first);
		CHECK_STR(cli_value(&c, "output"), rows[i].output);
		CHECK_STR(cli_word(&c, 0), rows[i].word);
		CHECK(cli_word(&c, 1) == NULL);
		CHECK_INT(cli_given(&c, "dry-run"), rows[i].dry_run);
		CHECK_STR(cli_global(&c)->env_path, rows[i].env);
		CHECK_STR(cli_global(&c)->dir, rows[i].dir);
		CHECK_INT(cli_global(&c)->debug, rows[i].flags & 1);
		CHECK_INT(cli_global(&c)->quiet && cli_global(&c)->no_color, (rows[i].flags & 2) != 0);
		CHECK_INT(cli_global(&c)->json, (rows[i].flags & 4) != 0);
		CHECK_INT(cli_given(&c, "env"), (rows[i].flags & 8) != 0);
	}
}

static void test_bad(void)
{
	static const struct { const char *line, *text; } rows[] = {
		{ "fecth ldap", "\"fecth\" is no command; did you mean fetch?" },
		{ "zebra", "\"zebra\" is no command; \"rollcall --help\" lists them" },
		{ "fetch ldap --ouput x", "unknown option \"--ouput\"; did you mean --output?" },
		{ "fetch ldap --dry", "unknown option \"--dry\"; did you mean --dry-run?" },
		{ "fetch ldap --debgu", "unknown option \"--debgu\"; did you mean --debug?" },
		{ "sync --zebra", "unknown option \"--zebra\"; \"rollcall sync --help\" lists them" },
		{ "--zebra", "unknown option \"--zebra\"; \"rollcall --help\" lists them" },
		{ "fetch ldap --output", "option --output needs a value: --output FILE" },
		{ "fetch ldap --dry-run=yes", "option --dry-run takes no value" },
		{ "fetch ldap --debug=yes", "option --debug takes no value" },
		{ "fetch ldap -x", "unknown option \"-x\"; options have two dashes" },
		{ "fetch", "usage: rollcall fetch SOURCE [TARGET]" },
		{ "fetch a b c", "unexpected \"c\"; usage: rollcall fetch SOURCE [TARGET]" },
		{ "sync now", "unexpected \"now\"; usage: rollcall sync " },
	};
	struct error e;
	struct cli c;
	char line[100];
	size_t i;

	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		check_row(rows[i].line);
		memcpy(line, rows[i].line, strlen(rows[i].line) + 1);
		CHECK_INT(read_line(&c, line, &e), -1);
		CHECK_INT(e.kind, ERROR_USAGE);
		CHECK_STR(e.text, rows[i].text);
	}
}

static void test_help(void)
{
	static const struct { const char *line; int command; } rows[] = {
		{ "--help", 0 }, { "-h", 0 }, { "fetch --help", 1 }, { "--help fetch", 1 },
		{ "fetch ldap -h", 1 },
	};
	struct error e;
	struct cli c;
	char line[100];
	size_t i;

	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		check_row(rows[i].line);
		memcpy(line, rows[i].line, strlen(rows[i].line) + 1);
		CHECK_INT(read_line(&c, line, &e), 0);
		CHECK_INT(c.global.help, 1);
		CHECK_INT(c.command != NULL, rows[i].command);
	}
	memcpy(line, "--version", 10);
	CHECK_INT(read_line(&c, line, &e), 0);
	CHECK(c.global.version && !c.command);
}

CHECK_SUITE(app_cli, CHECK_TEST(good), CHECK_TEST(bad), CHECK_TEST(help));
