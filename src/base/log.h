/*
 * The log: standard error and a file of lines "2026-01-31 08:15:00,123 - INFO - text" (or JSON,
 * LOG_FORMAT=json). One log for the program. Registered secrets are masked in everything that is logged;
 * still, do not log them.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stddef.h>
#include "base/error.h"
#include "base/str.h"

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARNING, LOG_ERROR };

struct log_options {
	enum log_level level;		/* least level for standard error */
	const char *path;		/* log file; NULL: none. Rotated at 10 MB, five old ones */
	int json;			/* lines as JSON objects */
	int quiet;			/* only warnings and errors on standard error */
};

/* Opens the log. Failing to open the file is an error that the caller may report and go on. */
int log_open(const struct log_options *o, struct error *e);
void log_close(void);
void log_debug(const char *fmt, ...) PRINTF_LIKE(1, 2);
void log_info(const char *fmt, ...) PRINTF_LIKE(1, 2);
void log_warning(const char *fmt, ...) PRINTF_LIKE(1, 2);
void log_error(const char *fmt, ...) PRINTF_LIKE(1, 2);
/* For the file like log_info(), for standard error like log_debug(): what matters later, not now. */
void log_detail(const char *fmt, ...) PRINTF_LIKE(1, 2);
/* 1 when debug lines are written anywhere (to skip costly preparation). */
int log_debugging(void);
/* 1 when only warnings and errors go to standard error. */
int log_quiet(void);
/* From now on s (4 bytes or longer) appears as "***" in every line. The text is copied. */
void log_secret(struct str s);
/* Puts s into out with the registered secrets masked and control characters made visible. */
struct buf;
void log_clean(struct buf *out, struct str s);
/* A line for people: to standard error only, without time and level; nothing when the log is quiet. */
void log_say(struct str line);
/* A line for the file only: of what standard error shows in another way. */
void log_note(enum log_level level, struct str line);
/* A progress bar is on the terminal: clear(cookie) is called before, redraw(cookie) after each line on
 * standard error. */
void log_set_progress(void (*clear)(void *), void (*redraw)(void *), void *cookie);

#endif
