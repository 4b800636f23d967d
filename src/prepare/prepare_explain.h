/*
 * Why somebody gets, or does not get, an account with that name, group and role: prepare runs as usual, is
 * observed while it works on this one person, and writes nothing.
 */
#ifndef PREPARE_PREPARE_EXPLAIN_H
#define PREPARE_PREPARE_EXPLAIN_H

#include <stdint.h>
#include "base/arena.h"
#include "base/buf.h"
#include "base/error.h"
#include "base/json_write.h"
#include "base/limits.h"
#include "base/str.h"

#define EXPLAIN_NEAR 5		/* people who may be meant when nobody is found */
#define EXPLAIN_VALUE 1000	/* bytes kept of a value; what is longer ends in three dots */

/* Something that happened. Texts are in the arena of struct explain, or constants. */
struct explain_step {
	struct explain_step *next;
	const char *rule;		/* in one word: "transform", "group" */
	struct str setting;		/* names of the settings that ask for it; empty: it is always so */
	struct str field;		/* what was changed; empty: nothing, then before and after are too */
	struct str before, after;	/* ptr NULL: there was none */
	struct str why;			/* in general; may be empty */
	struct str detail;		/* of this person; may be empty */
};

/* EXPLAIN_OPEN: it did not come to an end, prepare failed. */
enum explain_outcome { EXPLAIN_OPEN, EXPLAIN_LEFT_OUT, EXPLAIN_PREPARED };

struct explain_person {
	uint64_t number;		/* which user of the input */
	uint64_t offset;		/* where in the input */
	struct buf source;		/* owned: the record as JSON */
	struct explain_step *steps;	/* in the order in which they happened */
	struct explain_step *last;
	uint64_t more_steps;		/* for which there was no room */
	enum explain_outcome outcome;
	struct str why;			/* of EXPLAIN_LEFT_OUT */
	struct buf account;		/* owned: the prepared record as JSON, without raw_data; or empty */
	struct buf mail;		/* owned: the address that targets know, in lower case; or empty */
	struct buf id;			/* owned: external_id; or empty */
	int stored;			/* it went on after the source's record was read */
};

struct explain {
	struct explain_person people[MAX_EXPLAINED];
	int count;
	int more;			/* there are others, for whom there was no room */
	struct buf near[EXPLAIN_NEAR];	/* owned: "Name <address>" of people who may be meant */
	int near_count;
	struct arena arena;		/* owned */
};

/* Empty; to be released. */
void explain_init(struct explain *x);
void explain_release(struct explain *x);
/*
 * Explains everybody who has that e-mail, in the source or prepared, or that external_id; letter case does
 * not count. Nobody is no error. fn, unless NULL, gets what prepare would write. After a failure of prepare
 * (as in prepare_run()) x tells how far it came.
 */
int explain_run(struct explain *x, const char *query, const char *input, json_out_fn *fn, void *cookie,
		struct error *e);
/* A prepared record as struct explain_person has it, for comparing. */
void explain_account(struct buf *out, struct str account);

#endif
