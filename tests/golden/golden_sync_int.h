/*
 * What the files of sync cases share: the case, what a run left, how they are judged.
 */
#ifndef GOLDEN_SYNC_INT_H
#define GOLDEN_SYNC_INT_H

#include "golden/golden.h"
#include "golden/golden_canon.h"
#include "harness.h"

struct tcsim;
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
	struct tcsim *sim;			/* owned; the service, between sync_start() and sync_stop() */
	struct tlsrelay *relay;			/* owned; TLS before it, or NULL */
	char base[64];				/* its address */
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

/* The case in a folder. NULL with the error. */
struct sync_case *sync_open(const struct golden *g, const char *dir, struct buf *problems, struct error *e);
void sync_close(struct sync_case *c);
/* Frees the documents beyond the first so many. */
void sync_forget(struct sync_case *c, size_t docs);

/* A file of the case, or of another folder, parsed. None when there is none or it is no JSON. */
struct json sync_load_json(struct sync_case *c, const char *dir, const char *name);
/* A file of the case with one JSON value a line, as a list. */
struct json sync_load_lines(struct sync_case *c, const char *name);

/* The service with the account of the case. -1 with the case's error. */
int sync_start(struct sync_case *c);
void sync_stop(struct sync_case *c);
/* The account as it was at first. */
int sync_reset_account(struct sync_case *c);
/* A fresh folder with settings, inputs and queue files. */
int sync_lay_out(struct sync_case *c);

/* One run of the case's command. */
struct sync_run {
	const char *program;			/* a path; NULL: the usual one */
	const char *const *env;			/* "NAME=value" besides the case's; ends with NULL; NULL: none */
	int dry, kill_stuck;			/* see harness.h */
	int apply;				/* does the plan that a dry run has saved */
	/* results */
	int code, killed;
	char said[1200];			/* the end of its messages */
};

/* The plan that a dry run saves. */
#define SYNC_PLAN "the.plan"

/* -1: it could not be started, or it crashed, which is a problem told. */
int sync_run(struct sync_case *c, struct sync_run *run);

/* What a function puts about the service, as JSON; the changing requests. */
struct json sync_service(struct sync_case *c, void (*put)(struct tcsim *, struct buf *));
struct json sync_calls(struct sync_case *c);
/* The queue files of the last run. */
extern const char *const sync_queue_keys[];
void sync_read_queues(struct sync_case *c, struct canon *canon, struct texts *out);

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
