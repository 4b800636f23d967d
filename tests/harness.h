/*
 * What the tests that run the program as a whole share: scratch folders, a clean environment, the simulated service
 * served while the program runs.
 */
#ifndef HARNESS_H
#define HARNESS_H

#include <stddef.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/str.h"

struct ldapsim;
struct tcsim;
struct tlsrelay;
struct websim;

#define HARNESS_SHELL "/bin/sh"
#define HARNESS_ARGS 16		/* most arguments of a run */
#define HARNESS_PATH 1024	/* longest path, with its NUL */
#define HARNESS_FILE_MAX ((size_t)1 << 26)	/* bytes of a file that is read whole */

/* ---- files -------------------------------------------------------------------------------------- */

/* "DIR/NAME" in a buffer of HARNESS_PATH bytes. */
void harness_path(char *out, const char *dir, const char *name);
int harness_exists(const char *path);
/* Is there a shell, HARNESS_SHELL, whose end can be waited for? An emulator may show one that it only can start. */
int harness_has_shell(void);
/* Replaces out by the file's bytes. -1 when it is missing. out should have HARNESS_FILE_MAX as its cap. */
int harness_load(const char *path, struct buf *out);
int harness_save(const char *path, struct str text, struct error *e);
/* A file, or a folder with all that is in it. */
int harness_copy(const char *from, const char *to, struct error *e);
/* An empty folder, whatever was there; missing parents are made. */
int harness_fresh(const char *dir, struct error *e);
/* Removes files and folders below a folder, not the folder; what is open on Windows stays. */
void harness_empty(const char *dir);
/* The sorted names in a folder that begin with no dot, owned by the caller: one block, freed with free(). */
char **harness_names(const char *dir, size_t *count, struct error *e);

/* ---- one run of the program --------------------------------------------------------------------- */

struct harness_run {
	const char *program;			/* a path */
	const char *args[HARNESS_ARGS + 1];	/* after it; ends with NULL */
	const char *dir;			/* where it runs; what it prints goes to DIR.out and DIR.err */
	const char *const *env;			/* "NAME=value" before the usual ones, ends with NULL; NULL: none */
	struct tcsim *sim;			/* served meanwhile; NULL: none */
	struct ldapsim *ldap;			/* served too; NULL: none */
	struct websim *web;			/* the same */
	struct tlsrelay *relay;			/* before one of them; NULL: none */
	const char *meter;			/* the path of test_child, which measures it; NULL: it does not */
	int show;				/* it prints to where we print; out and err stay empty */
	int timeout_ms;
	int kill_ms;				/* ended hard after so many milliseconds; 0: not */
	int kill_stuck;				/* ended hard when the service no longer answers, tcsim_stuck() */
	/* results */
	int code;				/* exit code; 256 and more: ended by a signal; -1: ran out of time */
	long peak_kib;				/* most memory; 0: not measured */
	struct buf out, err;			/* what it printed; owned, released by harness_run_release() */
};

void harness_run_init(struct harness_run *r, const char *program, const char *dir);
/* Appends arguments, the last one NULL. */
void harness_run_args(struct harness_run *r, ...);
/* -1 only when it could not be started. */
int harness_run(struct harness_run *r, struct error *e);
void harness_run_release(struct harness_run *r);
/* NULL, or what is wrong with a run that must never happen: out of time, killed, a sanitizer's report. */
const char *harness_run_crashed(const struct harness_run *r);

#endif
