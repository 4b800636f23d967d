/*
 * Golden cases: recorded inputs and what must come out. One function runs one case of a kind; the runner
 * (test_golden.c) finds them and counts.
 */
#ifndef GOLDEN_H
#define GOLDEN_H

#include "base/buf.h"
#include "base/error.h"
#include "base/json_read.h"

/* What a run finds to do that follows a good one. */
enum golden_again { GOLDEN_AT_REST, GOLDEN_ONCE, GOLDEN_ALWAYS };

struct golden {
	const char *program;	/* a path */
	const char *faulty;	/* a path: the program whose disk gets full; NULL: there is none */
	const char *scratch;	/* a folder for this process alone */
	enum golden_again again;	/* of the case */
	unsigned step;		/* of the places where a run is broken off each such one is tried; 1: all */
};

/*
 * Runs the case in folder dir. Appends what is wrong, a line each, to problems: nothing when it passed. -1 when the
 * case itself cannot be run.
 */
typedef int golden_fn(const struct golden *g, const char *dir, struct buf *problems, struct error *e);

golden_fn golden_prepare, golden_tree, golden_fetch, golden_sync, golden_loops;
/* The cases that golden_loops() is for, as long as running them again and again takes; ends with NULL. */
extern const char *const golden_loop_cases[];

/*
 * Compares two values: order of elements counts, order of members does not; types count; numbers by value, whole ones
 * exactly. Appends "PATH: what differs" for the first difference and returns 1; 0 when they are the same.
 */
int golden_differs(struct json want, struct json got, struct buf *problem, struct arena *a);

#endif
