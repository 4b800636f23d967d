/*
 * Errors travel in one struct: a kind, which decides the exit code, and a text for people.
 *
 * A function that can fail returns 0 or -1 (or a pointer or NULL) and takes `struct error *e` last. The first
 * place that notices calls error_set(); a caller may say once what it was doing with error_add(). Text begins
 * with the failure, lower case, names in double quotes, no full stop at the end, and says what to do where
 * that helps.
 */
#ifndef BASE_ERROR_H
#define BASE_ERROR_H

#include <stddef.h>

#define ERROR_TEXT_MAX 1024	/* longest text kept, in bytes; what is longer is cut */

#if defined(__GNUC__)
#define PRINTF_LIKE(fmt, args) __attribute__((format(printf, fmt, args)))
#else
#define PRINTF_LIKE(fmt, args)
#endif

enum error_kind {
	ERROR_NONE,
	ERROR_FAILED,		/* exit 1: anything without a kind of its own */
	ERROR_USAGE,		/* exit 2: wrong command line or settings */
	ERROR_PARTIAL,		/* exit 3: finished, but some operations failed */
	ERROR_LIMIT,		/* exit 4: refused by a safety limit */
	ERROR_LOCKED,		/* exit 5: another run holds the lock */
	ERROR_UPSTREAM,		/* exit 6: no or no whole answer of a server; nothing was changed */
	ERROR_DENIED,		/* exit 7: access denied */
	ERROR_MEMORY,		/* exit 1: no memory, or a buffer reached its cap */
	ERROR_CANCELLED,	/* exit 1: Ctrl-C or SIGTERM */
	ERROR_PENDING		/* exit 10: a dry run asked by --detailed-exitcode found changes */
};

struct error {
	enum error_kind kind;
	char text[ERROR_TEXT_MAX];
};

/* Clears e. */
void error_init(struct error *e);

/* Sets kind and text (printf format). Returns -1 always, so that callers can `return error_set(...)`. e may
 * be NULL. */
int error_set(struct error *e, enum error_kind kind, const char *fmt, ...) PRINTF_LIKE(3, 4);

/* Puts "what: " before the present text (printf format). Keeps the kind. Returns -1 always. e may be NULL. */
int error_add(struct error *e, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* The usual error for failed allocation. Returns -1. */
int error_memory(struct error *e);

/* The program's exit code for a kind (see the enum). ERROR_NONE gives 0. */
int error_exit_code(enum error_kind kind);

#endif
