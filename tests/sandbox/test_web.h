/*
 * What the files of test_web share: one run of the program against a simulated service, and what it left.
 */
#ifndef SANDBOX_TEST_WEB_H
#define SANDBOX_TEST_WEB_H

#include "harness.h"
#include "sandbox/websim.h"

#define WEB_OLD_USERS "{\"users\":[{\"external_id\":\"old\"}]}\n"

struct web_tests {
	const char *program, *meter, *dir;	/* paths */
	int passed, failed;
};

struct web_run {
	const char *source;
	struct websim_company company;
	struct websim_faults faults;
	const char *env[4];		/* "NAME=value", end with NULL */
	int is_large;			/* users.json is only looked through, nothing is logged that grows */
	/* results */
	int code;			/* exit code */
	struct buf err;			/* what it said, owned */
	struct buf users;			/* users.json, owned; empty when it is large */
	unsigned long count;		/* people in it */
	long peak_kib;			/* 0: unknown */
	struct websim_counts counts;
	struct buf problems;		/* a line each: crashes, secrets that were seen, requests that are none; owned */
};

void web_run_init(struct web_run *r, const char *source);
void web_run_release(struct web_run *r);
/* Runs "fetch SOURCE" in DIR/SOURCE over an older users.json. -1: it could not be run. */
int web_run(const struct web_tests *t, struct web_run *r, struct error *e);
/* Counts a test; problem NULL: it passed. */
void web_judge(struct web_tests *t, const struct web_run *r, const char *name, const char *problem);

/* How much memory it takes to read so many people, and how many requests (test_web_large.c). */
void web_large(struct web_tests *t, const char *source, long people);

#endif
