/*
 * Commands: what a command is, what it gets, and what all of them share (options, lock, summary, progress).
 * Only app/ and serve/ print; only main exits.
 */
#ifndef APP_APP_H
#define APP_APP_H

#include <stddef.h>
#include <stdint.h>
#include "app/app_record.h"
#include "base/error.h"
#include "base/limits.h"
#include "base/settings.h"
#include "base/str.h"

/* One option of a command: "--output FILE". */
struct cli_option {
	const char *name;	/* without dashes: "output" */
	const char *value;	/* placeholder in help, "FILE"; NULL: a switch */
	const char *help;	/* one line */
};

struct cli;			/* the parsed command line, below */

enum {
	COMMAND_NO_SETTINGS = 1,	/* works without loading settings (version) */
	COMMAND_LOCKS = 2,		/* writes below var/: holds PATH_LOCK, tells events (--json) */
	COMMAND_LEAVES = 4,		/* its SOURCE is one with leave days */
	COMMAND_OFFLINE = 8		/* never needs the network */
};

/* One command: a row in main.c, the descriptor at the end of its own file (cmd_NAME.c). */
struct command {
	const char *name;
	const char *words;		/* positional words for help: "SOURCE", "[TARGET]", or "" */
	int min_words, max_words;
	const struct cli_option *options;	/* ends with name NULL; NULL: none */
	const char *help;		/* one line */
	const char *more;		/* paragraphs for --help, or NULL */
	int flags;			/* COMMAND_... */
	/* 0, or -1 with the kind that becomes the exit code. */
	int (*run)(const struct cli *c, struct error *e);
};

/* The global options. */
struct cli_global {
	const char *env_path;	/* --env, or NULL */
	const char *program;	/* how the program was called */
	const char *dir;	/* --dir, or NULL */
	int debug, quiet, json, no_color;
	int help, version;
};

#define CLI_MAX_WORDS 4
#define CLI_MAX_OPTIONS 16

/* The parsed command line. All texts are borrowed from argv. Use the functions below. */
struct cli {
	const struct command *command;	/* NULL: none was named */
	struct cli_global global;
	const char *words[CLI_MAX_WORDS];
	int word_count;
	struct { const struct cli_option *option; const char *value; } given[CLI_MAX_OPTIONS];
	int given_count;
	struct run_record *record;	/* set by app_run(), for commands that lock */
};

/*
 * Reads argv[1...]: global options anywhere, the command (of the NULL-terminated table), its options and
 * words. ERROR_USAGE with a did-you-mean for what is unknown. Words are only counted when help was not asked
 * for.
 */
int cli_read(struct cli *c, const struct command *const *commands, int argc, char **argv, struct error *e);
/* Help on standard output, or the other stream: of the command, else of the program. */
void cli_help(const struct cli *c, const struct command *const *commands, int stream);
/* Value of an option, NULL when it was not given ("" for a switch that was). */
const char *cli_value(const struct cli *c, const char *name);
/* 1 when the option was given. */
int cli_given(const struct cli *c, const char *name);
/* Positional word i, or NULL. */
const char *cli_word(const struct cli *c, int i);
const struct cli_global *cli_global(const struct cli *c);
/* 1 when colours may be used on this standard stream (terminal, no NO_COLOR, no --no-color). */
int cli_colour(const struct cli *c, int stream);

/* Loads settings, opens the log, takes the lock, runs the command. The kind in *e is the exit code. */
int app_run(const struct cli *c, struct error *e);

/* After the settings are read: gives up what the command does not need (port_restrict()). -1: the system
 * refuses that. */
int app_restrict(const struct cli *c, struct error *e);

/* Data for standard output; a failure (full disk, closed pipe) is remembered and gives exit 1 at the end. */
void out_text(const char *text);
void out_printf(const char *fmt, ...) PRINTF_LIKE(1, 2);
/* A line (without line end) for people on standard error, not in the log; nothing with --quiet. */
void say(const char *fmt, ...) PRINTF_LIKE(1, 2);
/* How a command failed, on standard error; nothing when e has no text. */
void print_error(const struct error *e);

/* The steps that `run` shares with the single commands; the caller has begun the record, or not. Paths NULL:
 * the usual ones below var/. */
struct fetch_request {
	const char *source;	/* "ldap" */
	const char *output;	/* NULL: var/users.json */
	int accept_shrink;	/* go on although many people are missing */
	const char *again;	/* the command that would do that, for advice */
	struct run_record *record;
};
int app_fetch(const struct fetch_request *r, struct error *e);
int app_prepare(const char *input, const char *output, struct run_record *record, struct error *e);
struct sync_request {
	const char *target;	/* "timecamp" */
	const char *input;	/* NULL: var/timecamp_users.json */
	int dry_run;		/* print the plan, change nothing */
	int all;		/* print the whole plan */
	int allow_empty;	/* go on although the prepared file names nobody */
	int colour;		/* the plan of a dry run may have colours */
	int only_groups;	/* no file is read, nobody is touched, only empty groups are removed */
	const char *plan;	/* write the plan to this file; NULL: no */
	const char *apply;	/* do the plan in this file; NULL: make one */
	int approve;		/* the plan in the file may exceed limits */
	const char *again;	/* how this program is called, for advice: "rollcall --env FILE" */
	int detailed_exitcode;	/* a dry run with changes ends with ERROR_PENDING */
	struct run_record *record;
};
int app_sync(const struct sync_request *r, struct error *e);
/* How the program was called, with the options that another call needs to work with the same files. */
struct buf;
void app_again(struct buf *out, const struct cli *c);
/* An argument as it is, or in those quotes that the most shells understand. */
void app_put_argument(struct buf *out, const char *text);
#define APP_AGAIN_MAX (16 * MAX_PATH_TEXT)	/* bytes of either text */
/* This very command line, with one more switch. */
void app_again_with(struct buf *out, const struct cli *c, const char *option);
/* `tree`: the organisation from a prepared file. */
struct tree_request {
	const char *file;	/* NULL: var/timecamp_users.json */
	int detailed;
	const char *csv;	/* write this file instead of printing; NULL: none */
	const char *html;	/* the same for a page */
};
int app_tree(const struct tree_request *r, struct error *e);

#define PATH_USERS "var/users.json"
#define PATH_GROUPS "var/groups.json"
#define PATH_PREPARED "var/timecamp_users.json"
#define PATH_LOCK "var/rollcall.lock"
#define PATH_HELD "var/held_plan.jsonl"
#define PATH_STATE "var/rollcall.db"

extern const struct command cmd_run, cmd_fetch, cmd_prepare, cmd_tree, cmd_sync, cmd_prune, cmd_timeoff,
	cmd_check, cmd_explain, cmd_history, cmd_status, cmd_settings, cmd_version;

/* All settings, gathered from the modules (app_settings.c). Ends with title NULL. */
extern const struct setting_group app_setting_groups[];
/* 1 when somebody has set one of the rows: this source or target is used. */
int app_is_set_up(const struct setting *row);

/* A progress bar on a terminal, with rate and time left; a line every 10 s elsewhere. On standard error, not
 * with --quiet; and to programs, events NULL: to none. total 0: unknown. what must live until the end. NULL
 * (which all calls take) when there is nobody to show it to, or no memory. */
struct progress;
struct progress *progress_begin(struct events *events, const char *what, uint64_t total);
/* So much is done now. Cheap: may be called for each record. */
void progress_step(struct progress *p, uint64_t done);
/* Takes the bar away and frees p. */
void progress_end(struct progress *p);
/* What a target does is shown as progress, and told to programs (events, or NULL). Both must live as long as
 * the target is used. */
struct target_report;
struct shown {
	struct progress *progress;
	struct events *events;
};
void app_report(struct target_report *r, struct shown *s, struct events *events);
/* "12 s", "3 min 20 s", "1 h 02 min", "3 d 02 h". */
void put_duration(struct buf *out, uint64_t seconds);

#endif
