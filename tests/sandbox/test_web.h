/*
 * What the files of test_web share: one run of the program against a simulated service, and what it left.
 */
#ifndef SANDBOX_TEST_WEB_H
#define SANDBOX_TEST_WEB_H

#include "harness.h"
#include "sandbox/websim.h"

#define WEB_ENV 8		/* settings of a run besides the service's */
#define WEB_OLD_USERS "{\"users\":[{\"external_id\":\"old\"}]}\n"

struct tlsrelay;

struct web_tests {
	const char *program, *meter, *dir;	/* paths */
	int measures;			/* what the meter says is the program's own */
	int passed, failed;
};

struct web_run {
	const char *source;
	struct websim_company company;
	struct websim_faults faults;
	const char *env[WEB_ENV];	/* "NAME=value", end with NULL */
	const char *args[3];		/* of the program; none: "fetch SOURCE" */
	const char *output;		/* what it writes, below DIR/SOURCE; NULL: var/users.json */
	struct websim *sim;		/* what it asks, borrowed; NULL: a service for the company */
	const char *settings;		/* of .env in place of the service's own, with {BASE}; NULL: none */
	struct tlsrelay *relay;		/* before the service, borrowed; NULL: none */
	int keep;			/* the folder stays as the run before left it */
	int is_large;			/* what it writes is only looked through, and less is logged */
	/* results */
	int code;			/* exit code */
	struct buf out, err;		/* what it said, owned */
	struct buf users;		/* what it wrote, owned; empty when it is large */
	unsigned long count;		/* people in it */
	long peak_kib;			/* 0: unknown */
	struct websim_counts counts;
	struct buf problems;		/* a line each: crashes, secrets that were seen, requests that are none; owned */
};

void web_run_init(struct web_run *r, const char *source);
void web_run_release(struct web_run *r);
/* Runs the program in DIR/SOURCE, where its output of an earlier run stands. -1: it could not be run. */
int web_run(const struct web_tests *t, struct web_run *r, struct error *e);
/* Counts a test; problem NULL: it passed. */
void web_judge(struct web_tests *t, const struct web_run *r, const char *name, const char *problem);

/* 1 when the program does not take much memory when it does nothing. */
int web_can_measure(const struct web_tests *t);
/* How much memory it takes to read so many people, and how many requests (test_web_large.c). groups: two settings, the
 * first names a group of everybody, the second one of every tenth; NULL: none. */
void web_large(struct web_tests *t, const char *source, const char *const *groups, long people);
/* What "check" says of each thing that can be wrong (test_web_check.c). */
void web_check(struct web_tests *t, const char *source);
/* Runs against scripts: what a company cannot show (test_web_script.c). */
void web_scripts(struct web_tests *t);
/* Leave days: settings, and the record of the run (test_web_leaves.c). */
void web_leaves(struct web_tests *t);

#endif
