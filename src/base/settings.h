/*
 * Settings: one table of rows per module, gathered by app/app_settings.c. The same row drives reading,
 * checking, help, documentation and masking. Value order: environment, .env file, default; options of
 * commands stand above all three. The loaded values are global, read-only after settings_load().
 */
#ifndef BASE_SETTINGS_H
#define BASE_SETTINGS_H

#include <stddef.h>
#include <stdint.h>
#include "base/error.h"
#include "base/str.h"

enum setting_type {
	SETTING_TEXT,		/* trimmed at both ends (Unicode blanks) unless SETTING_RAW is set */
	SETTING_SWITCH,		/* on only for "true" in any letter case, untrimmed; else off */
	SETTING_GUARD,		/* a switch that protects: anything but true or false is refused */
	SETTING_INT,		/* whole number; empty means unset (default) unless SETTING_NOT_EMPTY */
	SETTING_SECONDS,	/* whole seconds */
	SETTING_LIST,		/* comma list; read with settings_text() and split by the user */
	SETTING_NUMBERS,	/* comma list of whole numbers; empty entries are allowed */
	SETTING_FACTOR,		/* 0 to 1000, with a decimal point if need be */
	SETTING_AMOUNT		/* a number, or a percentage of something: 20, 10%; empty: none */
};

enum {
	SETTING_SECRET = 1,	/* masked everywhere; NAME_FILE=path is read too */
	SETTING_RAW = 2,	/* not trimmed */
	SETTING_NOT_EMPTY = 4,	/* present but empty is an error */
	SETTING_RARE = 8,	/* only shown by `settings --all` */
	SETTING_FILE = 16	/* names a file that is read, or may do so (app/app_restrict.c) */
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

/* In rising order of who wins; a secret file is as good as where its name stands. */
enum setting_origin { ORIGIN_DEFAULT, ORIGIN_FILE, ORIGIN_ENVIRONMENT, ORIGIN_SECRET_FILE };

/*
 * Reads the .env file (env_path NULL: ".env" if there is one) and the environment, checks every row's value.
 * Unknown names in the .env file that look like ours get a warning with a did-you-mean. groups (ends with
 * title NULL) must live as long as the program. Secrets are registered with the log. ERROR_USAGE on a bad
 * value, naming it.
 */
int settings_load(const struct setting_group *groups, const char *env_path, struct error *e);
void settings_release(void);

/* Value of a known name (asking for an unknown one is a bug: aborts in tests). Text "" when unset. Lives
 * until release. */
const char *settings_text(const char *name);
int settings_on(const char *name);
int64_t settings_int(const char *name);
/* Of a SETTING_FACTOR. */
double settings_factor(const char *name);
/* Of a SETTING_AMOUNT that is not empty: how many that are of a whole. Percentages are rounded down. */
uint64_t settings_amount(const char *name, uint64_t whole);
/* 1 when given anywhere (even empty), not just by default. */
int settings_given(const char *name);
enum setting_origin settings_origin(const char *name);
/* The same for people: ".env:12", "environment", "file of NAME_FILE", "default". */
struct buf;
void settings_where(const char *name, struct buf *out);
/* As settings_text(), but ERROR_USAGE naming the setting and what to do when empty. NULL then. */
const char *settings_required(const char *name, struct error *e);
const struct setting_group *settings_groups(void);

/* The number that a SETTING_FACTOR is: digits, a point, up to nine more. 0, or -1 when it is none. */
int setting_factor(struct str text, double *factor);
/* How many a SETTING_AMOUNT is of a whole: digits, or digits up to 100 and %. 0, or -1 when it is none. */
int setting_amount(struct str text, uint64_t whole, uint64_t *amount);
/* What is wrong with a value for this row ("a whole number is needed"), or NULL. */
const char *setting_fault(const struct setting *row, struct str text);
/* A whole number as settings spell it: blanks outside, sign, leading zeros. 0 or -1. */
int setting_number(struct str text, int64_t *number);

/*
 * Parser of .env text, as python-dotenv reads it: comments, export, 'single' and "double" quotes over several
 * lines, blank and hash for a comment, ${NAME} and ${NAME:-default} in every value. Where that library drops
 * a malformed line with a warning, or takes "# remark" after an empty value for the value, this one refuses
 * and reads it as empty.
 */
struct dotenv_sink {
	const char *file;	/* its name in messages */
	/* Every assignment in order; value.ptr NULL for a name without an equals sign (which takes an earlier
	 * value away). */
	int (*set)(void *cookie, struct str name, struct str value, int line, struct error *e);
	/* The value that a ${NAME} has now, or NULL. */
	const char *(*look)(void *cookie, struct str name);
	/* A ${NAME} without value and default was replaced by nothing; may be NULL. */
	void (*unknown)(void *cookie, struct str name, int line);
	void *cookie;
};
/* ERROR_USAGE "FILE:LINE: what is wrong" at the first malformed line. */
int dotenv_parse(const char *text, size_t len, const struct dotenv_sink *sink, struct error *e);

#endif
