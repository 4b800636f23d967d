#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "app/app.h"
#include "base/buf.h"
#include "base/log.h"
#include "port.h"
#include "source/source.h"

#define MAX_NAMES 64		/* names that a did-you-mean looks at */
#define MAX_OUTPUT 65536	/* bytes of one call that prints */
#define HELP_COLUMN 26		/* where the help of an option begins */

enum {
	GLOBAL_ENV, GLOBAL_DIR, GLOBAL_DEBUG, GLOBAL_QUIET,
	GLOBAL_JSON, GLOBAL_NO_COLOR, GLOBAL_HELP, GLOBAL_VERSION
};

/* In the order of the enum. */
static const struct cli_option global_options[] = {
	{ "env", "FILE", "settings file (default .env)" },
	{ "dir", "DIR", "work in this folder; other paths are relative to it" },
	{ "debug", NULL, "log every step" },
	{ "quiet", NULL, "only warnings and errors on standard error" },
	{ "json", NULL, "output for programs; of a run: events, one JSON object a line" },
	{ "no-color", NULL, "no colours (also: the variable NO_COLOR)" },
	{ "help", NULL, "this help (also: -h)" },
	{ "version", NULL, "the version" },
	{ NULL, NULL, NULL }
};

/* ---- looking up names ---- */

static const struct cli_option *find_option(const struct cli_option *options, struct str name)
{
	for (; options && options->name; options++)
		if (str_eqz(name, options->name))
			return options;
	return NULL;
}

static const struct command *find_command(const struct command *const *commands, const char *name)
{
	for (; *commands; commands++)
		if (strcmp((*commands)->name, name) == 0)
			return *commands;
	return NULL;
}

static size_t add_names(const char **names, size_t n, const struct cli_option *options)
{
	for (; options && options->name && n < MAX_NAMES; options++)
		names[n++] = options->name;
	return n;
}

/* A name that begins with s, else the nearest one. */
static const char *suggest(struct str s, const char *const *names, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (s.len > 0 && str_starts(str_from(names[i]), s))
			return names[i];
	return str_nearest(s, names, n);
}

static int unknown_option(const struct cli *c, struct str name, struct error *e)
{
	const char *names[MAX_NAMES], *near;
	size_t n = add_names(names, 0, global_options);

	if (c->command)
		n = add_names(names, n, c->command->options);
	near = suggest(name, names, n);
	error_set(e, ERROR_USAGE, "unknown option \"--%.*s\"", STR_ARG(str_sub(name, 0, 80)));
	if (near)
		return error_set(e, ERROR_USAGE, "%s; did you mean --%s?", e->text, near);
	return error_set(e, ERROR_USAGE, "%s; \"rollcall %s%s--help\" lists them", e->text,
			 c->command ? c->command->name : "", c->command ? " " : "");
}

static int unknown_command(const struct command *const *commands, const char *name, struct error *e)
{
	const char *names[MAX_NAMES], *near;
	size_t n;

	for (n = 0; n < MAX_NAMES && commands[n]; n++)
		names[n] = commands[n]->name;
	near = suggest(str_from(name), names, n);
	if (near)
		return error_set(e, ERROR_USAGE, "\"%.80s\" is no command; did you mean %s?", name, near);
	return error_set(e, ERROR_USAGE, "\"%.80s\" is no command; \"rollcall --help\" lists them", name);
}

/* ---- reading the command line ---- */

static void set_global(struct cli_global *g, size_t which, const char *value)
{
	switch (which) {
	case GLOBAL_ENV:
		g->env_path = value;
		break;
	case GLOBAL_DIR:
		g->dir = value;
		break;
	case GLOBAL_DEBUG:
		g->debug = 1;
		break;
	case GLOBAL_QUIET:
		g->quiet = 1;
		break;
	case GLOBAL_JSON:
		g->json = 1;
		break;
	case GLOBAL_NO_COLOR:
		g->no_color = 1;
		break;
	case GLOBAL_HELP:
		g->help = 1;
		break;
	case GLOBAL_VERSION:
		g->version = 1;
		break;
	}
}

static int set_option(struct cli *c, const struct cli_option *option, const char *value, struct error *e)
{
	int i;

	for (i = 0; i < c->given_count && c->given[i].option != option; i++)
		;
	if (i == CLI_MAX_OPTIONS)
		return error_set(e, ERROR_USAGE, "too many options");
	c->given[i].option = option;
	c->given[i].value = value;
	if (i == c->given_count)
		c->given_count++;
	return 0;
}

/* "--name", "--name=value", "--name value". *used is how many arguments that took. */
static int read_option(struct cli *c, char **args, int left, int *used, struct error *e)
{
	struct str text = str_from(args[0] + 2), name = str_sub(text, 0, str_find_char(text, 0, '='));
	const struct cli_option *global = find_option(global_options, name), *option = NULL;
	const char *value = name.len < text.len ? text.ptr + name.len + 1 : NULL;

	*used = 1;
	if (c->command)
		option = find_option(c->command->options, name);
	/* "settings --env" is a switch of that command, --env=FILE the global option all the same */
	if (option && global && (option->value != NULL) == (value != NULL))
		global = NULL;
	if (global)
		option = global;
	if (!option)
		return unknown_option(c, name, e);
	if (!option->value && value)
		return error_set(e, ERROR_USAGE, "option --%s takes no value", option->name);
	if (option->value && !value) {
		if (left < 2)
			return error_set(e, ERROR_USAGE, "option --%s needs a value: --%s %s", option->name,
					 option->name, option->value);
		value = args[1];
		*used = 2;
	}
	if (!global)
		return set_option(c, option, value ? value : "", e);
	set_global(&c->global, (size_t)(global - global_options), value);
	return 0;
}

static int read_word(struct cli *c, const struct command *const *commands, const char *word, struct error *e)
{
	if (!c->command) {
		c->command = find_command(commands, word);
		return c->command ? 0 : unknown_command(commands, word, e);
	}
	if (c->word_count == c->command->max_words || c->word_count == CLI_MAX_WORDS)
		return error_set(e, ERROR_USAGE, "unexpected \"%.80s\"; usage: rollcall %s %s", word,
				 c->command->name, c->command->words);
	c->words[c->word_count++] = word;
	return 0;
}

int cli_read(struct cli *c, const struct command *const *commands, int argc, char **argv, struct error *e)
{
	int i, used, only_words = 0;

	memset(c, 0, sizeof *c);
	c->global.program = argc > 0 ? argv[0] : NULL;
	for (i = 1; i < argc; i += used) {
		const char *arg = argv[i];

		used = 1;
		if (only_words || arg[0] != '-' || arg[1] == '\0') {
			if (read_word(c, commands, arg, e) != 0)
				return -1;
		} else if (strcmp(arg, "--") == 0) {
			only_words = 1;
		} else if (strcmp(arg, "-h") == 0) {
			c->global.help = 1;
		} else if (arg[1] != '-') {
			return error_set(e, ERROR_USAGE, "unknown option \"%.80s\"; options have two dashes",
					 arg);
		} else if (read_option(c, argv + i, argc - i, &used, e) != 0) {
			return -1;
		}
	}
	if (c->command && !c->global.help && c->word_count < c->command->min_words)
		return error_set(e, ERROR_USAGE, "usage: rollcall %s %s", c->command->name,
				 c->command->words);
	return 0;
}

const char *cli_value(const struct cli *c, const char *name)
{
	int i;

	for (i = 0; i < c->given_count; i++)
		if (strcmp(c->given[i].option->name, name) == 0)
			return c->given[i].value;
	return NULL;
}

int cli_given(const struct cli *c, const char *name)
{
	return cli_value(c, name) != NULL;
}

const char *cli_word(const struct cli *c, int i)
{
	return i < c->word_count ? c->words[i] : NULL;
}

const struct cli_global *cli_global(const struct cli *c)
{
	return &c->global;
}

int cli_colour(const struct cli *c, int stream)
{
	const char *none = port_getenv("NO_COLOR"), *term = port_getenv("TERM");

	if (c->global.no_color || (none && none[0] != '\0') || (term && strcmp(term, "dumb") == 0))
		return 0;
	return port_is_terminal(stream);
}

/* ---- help ---- */

/* The help of what was put from start on, in its column. */
static void put_help(struct buf *out, size_t start, const char *help)
{
	size_t width = out->len - start;

	buf_printf(out, "%*s  %s\n", (int)(width < HELP_COLUMN ? HELP_COLUMN - width : 0), "", help);
}

static void put_options(struct buf *out, const struct cli_option *options)
{
	for (; options && options->name; options++) {
		size_t start = out->len;

		buf_printf(out, "  --%s%s%s", options->name, options->value ? " " : "",
			   options->value ? options->value : "");
		put_help(out, start, options->help);
	}
}

static void put_program_help(struct buf *out, const struct command *const *commands)
{
	buf_puts(out, "rollcall keeps the people and teams of an application equal to a directory's.\n\n"
		 "usage: rollcall COMMAND [OPTIONS]\n\n");
	for (; *commands; commands++) {
		size_t start = out->len;

		buf_printf(out, "  %s %s", (*commands)->name, (*commands)->words);
		put_help(out, start, (*commands)->help);
	}
	buf_puts(out, "\nEvery command has --help. Options of all commands:\n");
	put_options(out, global_options);
}

/* All of them, or only those with leave days. */
static void put_sources(struct buf *out, int with_leaves)
{
	size_t i;

	buf_puts(out, "\nSOURCE is one of:\n");
	for (i = 0; source_table[i]; i++) {
		size_t start = out->len;

		if (with_leaves && !source_table[i]->leaves)
			continue;
		buf_printf(out, "  %s", source_table[i]->name);
		put_help(out, start, source_table[i]->title);
	}
}

static void put_command_help(struct buf *out, const struct command *command)
{
	buf_printf(out, "%s\n\nusage: rollcall %s %s%s[OPTIONS]\n", command->help, command->name,
		   command->words, command->words[0] ? " " : "");
	if (command->options && command->options->name) {
		buf_puts(out, "\n");
		put_options(out, command->options);
	}
	if (command->more)
		buf_printf(out, "\n%s\n", command->more);
	if (strstr(command->words, "SOURCE") != NULL)
		put_sources(out, command->flags & COMMAND_LEAVES);
	buf_puts(out, "\nOptions of all commands:\n");
	put_options(out, global_options);
}

void cli_help(const struct cli *c, const struct command *const *commands, int stream)
{
	struct buf out;

	buf_init(&out, MAX_OUTPUT);
	if (c->command)
		put_command_help(&out, c->command);
	else
		put_program_help(&out, commands);
	port_print(stream, buf_text(&out), out.len);
	buf_release(&out);
}

/* ---- printing ---- */

void out_text(const char *text)
{
	port_print(1, text, strlen(text));
}

void out_printf(const char *fmt, ...)
{
	struct buf out;
	va_list args;

	buf_init(&out, MAX_OUTPUT);
	va_start(args, fmt);
	buf_vprintf(&out, fmt, args);
	va_end(args);
	port_print(1, out.failed ? NULL : buf_text(&out), out.len);
	buf_release(&out);
}

/* Without memory for the text, that is what there is to say. */
void print_error(const struct error *e)
{
	static const char no_memory[] = "rollcall: out of memory\n";
	struct buf line;

	if (e->text[0] == '\0')
		return;
	buf_init(&line, 4 * ERROR_TEXT_MAX + 20);
	buf_puts(&line, "rollcall: ");
	log_clean(&line, str_from(e->text));
	buf_putc(&line, '\n');
	if (line.failed)
		port_print(2, no_memory, strlen(no_memory));
	else
		port_print(2, buf_text(&line), line.len);
	buf_release(&line);
}

void say(const char *fmt, ...)
{
	struct buf line;
	va_list args;

	buf_init(&line, MAX_OUTPUT);
	va_start(args, fmt);
	buf_vprintf(&line, fmt, args);
	va_end(args);
	log_say(buf_str(&line));
	buf_release(&line);
}
