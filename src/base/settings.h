/*
 * Settings: one table of rows per module, gathered by app/app_settings.c. The same row drives reading, checking, help,
 * documentation and masking. Value order: command line, environment, .env file, default. The loaded values are global,
 * read-only after settings_load().
 */
#ifndef BASE_SETTINGS_H
#define BASE_SETTINGS_H

#include <stddef.h>
#include <stdint.h>
#include "base/error.h"
#include "base/str.h"

enum setting_type {
	SETTING_TEXT,		/* trimmed at both ends (Unicode blanks) unless SETTING_RAW is set */
	SETTING_SWITCH,		/* on only for "true" in any letter case, untrimmed; anything else is off */
	SETTING_INT,		/* whole number; empty means unset (default) unless SETTING_NOT_EMPTY */
	SETTING_SECONDS,	/* whole seconds */
	SETTING_LIST,		/* comma list; read with settings_text() and split by the user */
	SETTING_LIMIT		/* a number, or a percentage "10%" */
};

enum {
	SETTING_SECRET = 1,	/* masked everywhere; NAME_FILE=path is read too */
	SETTING_RAW = 2,	/* not trimmed */
	SETTING_NOT_EMPTY = 4,	/* present but empty is an error */
	SETTING_RARE = 8	/* only shown by `settings --all` */
};

struct setting {
	const char *name;	/* "LDAP_HOST" */
	enum setting_type type;
	const char *def;	/* default as text; NULL: none */
	int flags;
	const char *help;	/* one line */
};

/* A group of rows with a heading, ending with name NULL. */
struct setting_group {
	const char *title;	/* "LDAP / Active Directory" */
	const struct setting *rows;
};

enum setting_origin { ORIGIN_DEFAULT, ORIGIN_FILE, ORIGIN_ENVIRONMENT, ORIGIN_COMMAND, ORIGIN_SECRET_FILE };

/*
 * Reads .env (env_path; a missing default file is no error) and the environment, checks every row's value. Unknown
 * names in the .env file that look like ours get a warning with a did-you-mean. groups (ends with title NULL) must
 * live as long as the program. Secrets are registered with the log. ERROR_USAGE on a bad value, naming it.
 */
int settings_load(const struct setting_group *groups, const char *env_path, struct error *e);
/* Overrides a value from the command line; before settings_load(). */
int settings_override(const char *name, const char *value, struct error *e);
void settings_release(void);

/* Value of a known name (asking for an unknown one is a bug: aborts in tests). Text "" when unset. Lives until release. */
const char *settings_text(const char *name);
int settings_on(const char *name);
int64_t settings_int(const char *name);
/* 1 when given anywhere (even empty), not just by default. */
int settings_given(const char *name);
enum setting_origin settings_origin(const char *name);
/* As settings_text(), but ERROR_USAGE naming the setting and what to do when empty. NULL then. */
const char *settings_required(const char *name, struct error *e);
const struct setting_group *settings_groups(void);

/*
 * Parser of .env text (rules of python-dotenv: comments, export, quotes, inline comments, ${NAME}, ${NAME:-default});
 * exposed for tests. Calls set() for every assignment in order; look() gives the value that a ${NAME} has now or NULL.
 */
struct dotenv_sink {
	int (*set)(void *cookie, struct str name, struct str value, int line, struct error *e);
	const char *(*look)(void *cookie, struct str name);
	void *cookie;
};
int dotenv_parse(const char *text, size_t len, const struct dotenv_sink *sink, struct error *e);

#endif
