/*
 * What the two files of sync cases share: the case, what a run left, how they are judged.
 */
#ifndef GOLDEN_SYNC_INT_H
#define GOLDEN_SYNC_INT_H

#include "golden/golden.h"
#include "golden/golden_canon.h"
#include "harness.h"

struct tlsrelay;

#define SYNC_DOCS 48		/* documents of one case */
#define SYNC_ALTERNATIVES 4

enum sync_want { WANT_0, WANT_NOT_0, WANT_ANY };
enum sync_mode { MODE_WHOLE, MODE_NO_CALLS, MODE_PARTIAL };

/* One result that is right. */
struct sync_alternative {
	const char *tag;
	enum sync_want exit;
	enum sync_mode mode;
	struct json state, calls, second;
	struct json pending;			/* none: not compared */
};

struct sync_case {
	const struct golden *g;
	const char *dir;
	char work[HARNESS_PATH];
	struct arena arena;
	struct tlsrelay *relay;			/* TLS before the service, while there is one */
	struct json_doc *docs[SYNC_DOCS];	/* owned */
	size_t doc_count;
	struct json meta, state, source, before;
	struct sync_alternative alts[SYNC_ALTERNATIVES];
	size_t alt_count;
	struct texts names;			/* "new:address US name": what new users may be called at once */
	struct buf *problems;
	struct error *e;
};

/* What a run left. */
struct sync_result {
	struct canon canon;
	struct texts ops;
	struct canon_state state;
	struct texts pending;
	int code;
};

/* A file of the case, or of another folder, parsed. None when there is none or it is no JSON. */
struct json sync_load_json(struct sync_case *c, const char *dir, const char *name);
/* A file of the case with one JSON value a line, as a list. */
struct json sync_load_lines(struct sync_case *c, const char *name);

int sync_is_true(struct json v);
/* An exit code as case.json has it; missing or null: otherwise. */
enum sync_want sync_want_of(struct json v, enum sync_want otherwise);
int sync_exit_is(enum sync_want want, int code);
/* 1 when case.json allows this exit code too. */
int sync_exit_also(const struct sync_case *c, int code);
/* Fills in alts and names from the files of the case. */
void sync_load_expectations(struct sync_case *c);
/* 1 when the result is one of those that are right; else the problems are told. *again: a second run makes sense. */
int sync_judge(struct sync_case *c, const struct sync_result *r, int *again);
/* The operations that a second run may do. */
void sync_second_ops(struct sync_case *c, struct texts *out);

#endif
