/*
 * Simulated web services for tests, in plain HTTP on a free port of the loopback: one that replays scripted
 * exchanges (tests/golden/README.md has their format), or the API of one vendor with a large invented company. Either
 * can be made to misbehave. Runs in the process of the test, which calls websim_run() while the program runs.
 */
#ifndef SANDBOX_WEBSIM_H
#define SANDBOX_WEBSIM_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/str.h"

struct websim;

/* Answers are numbered, to say with which of them something goes wrong: those with listed people as pages from 1 in the
 * order in which they belong, Factorial's leaves as such pages too; those about managers that are looked up, and about
 * groups, as they come. In a script each request has the next number. */
#define WEBSIM_LEAVES 1000000	/* added to the number of a page of leaves, */
#define WEBSIM_LOOKUPS 2000000	/* to that of a look-up, */
#define WEBSIM_GROUPS 3000000	/* of an answer about groups */

/* What goes wrong with an answer, here called the page. */
enum websim_fault {
	WEBSIM_GOOD,
	WEBSIM_THROTTLE,	/* every second request is answered 429, with what the vendor says about waiting */
	WEBSIM_BUSY,		/* a request for the page is answered 503 with Retry-After */
	WEBSIM_FAIL,		/* a request for the page is answered 500 */
	WEBSIM_EXPIRE,		/* ... is answered 401; tokens that were given out are good no more */
	WEBSIM_DENY,		/* ... is answered 403 */
	WEBSIM_CUT,		/* the connection ends after `at` bytes of the page */
	WEBSIM_REPEAT,		/* after the page comes the same page again */
	WEBSIM_LOOP,		/* the page's link or cursor leads to the page itself */
	WEBSIM_ELSEWHERE,	/* the page's next link leads to `other` */
	WEBSIM_MALFORM,		/* byte `at` of the page is one that no JSON has */
	WEBSIM_BROKEN_UTF8,	/* the first name on the page is no UTF-8 */
	WEBSIM_NULLS,		/* all that a person on the page has is null */
	WEBSIM_EMPTY,		/* the page is empty, and others follow */
	WEBSIM_HTML		/* a login page comes in place of the page, with status 200 */
};

/* All borrowed; must live as long as the service. */
struct websim_faults {
	enum websim_fault fault;
	int page;		/* which; 0: the first */
	int times;		/* how often; 0: always */
	size_t at;		/* bytes */
	const char *other;	/* "http://host:port" */
};

/* An invented company. The same seed gives the same people. */
struct websim_company {
	uint64_t seed;
	long people;		/* in listings */
	long outside;		/* managers that no listing has, found by look-ups only */
	int levels;		/* of them above one another; 0: 1 */
	long page_max;		/* most people on a page; 0: what the vendor allows */
	size_t large;		/* about so many bytes of the record of the second person */
};

/* Replays the exchanges of a JSON text in which {BASE}, {NOW+N} and {TODAY+N} are replaced. NULL on failure. */
struct websim *websim_new_script(struct str exchanges, struct error *e);
/* The vendor "entra", "okta", "bamboohr", "hibob" or "factorial". Both options are copied. NULL on failure. */
struct websim *websim_new_company(const char *vendor, const struct websim_company *c, struct error *e);
/* NULL allowed. */
void websim_free(struct websim *s);
void websim_set_faults(struct websim *s, const struct websim_faults *f);
/* "http://127.0.0.1:PORT"; lives as long as the service. */
const char *websim_base(const struct websim *s);
/* Serves for at most ms milliseconds, but returns after each event. */
int websim_run(struct websim *s, int ms, struct error *e);

/* Replaces the placeholders in a text; TODAY is in UTC. base may be NULL if {BASE} does not occur. */
void websim_fill(struct buf *out, struct str text, const char *base);
/* The settings with which the program reads the company, lines NAME=value, for .env. */
void websim_put_settings(const struct websim *s, struct buf *out);
/* The i-th secret of those settings and of what the service gave out, from 0. NULL: no more. */
const char *websim_secret(const struct websim *s, size_t i);

struct websim_counts {
	unsigned long requests;		/* all */
	unsigned long spoilt;		/* of them with the fault in the answer */
	unsigned long pages;		/* answers with listed people */
	unsigned long lookups;		/* answers about managers */
	unsigned long groups;		/* answers about groups and their members */
	unsigned long tokens;		/* given out */
	unsigned long others;		/* answers about anything else */
	unsigned long mistakes;		/* requests that the service does not take: 4xx but for faults */
};
void websim_count(const struct websim *s, struct websim_counts *out);
/* Appends a line for each request that was a mistake or fitted no exchange, and each exchange that was used too
 * seldom; with `all` each request too. */
void websim_complain(const struct websim *s, int all, struct buf *out);

#endif
