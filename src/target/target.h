/*
 * What we write to. A target loads its present state into a plan's work set, says what its settings allow,
 * and maps one operation to the request that does it. Comparing, printing, sending and recording are written
 * once for all of them. To add one: its file target_NAME.c, one row in target.c, its page and its cases.
 */
#ifndef TARGET_TARGET_H
#define TARGET_TARGET_H

#include <stdint.h>
#include "base/buf.h"
#include "base/error.h"
#include "base/settings.h"
#include "net/http.h"
#include "net/http_json.h"
#include "plan/plan.h"
#include "store/state.h"

/* How a run tells how far it is. */
struct target_report {
	void (*begin)(void *cookie, const char *what, uint64_t total);
	void (*step)(void *cookie, uint64_t done);
	void (*end)(void *cookie);
	/* A change that is planned (result.ptr NULL), or what became of it. */
	void (*change)(void *cookie, const struct state_change *change);
	void *cookie;
};

/*
 * How many requests may be in flight: halved when the service refuses requests side by side, growing slowly,
 * and more slowly each time that was in vain.
 */
struct target_window { int now, max, good, patience; };
void target_window_init(struct target_window *w, int max);
/* One request ended; limited: how many of its tries were answered 429. */
void target_window_note(struct target_window *w, int limited);

struct target;

/* A target in use. Zeroed but for plan and report, then target_open(). */
struct target_run {
	const struct target *target;
	struct plan *plan;			/* borrowed */
	struct state *state;			/* borrowed; gets the audit; NULL: nothing is recorded */
	struct target_report report;		/* functions may be NULL */
	struct http *http;			/* owned */
	struct target_window window;
	struct buf base;			/* owned; what request paths are appended to */
	struct buf secret;			/* owned; value of a header that must not be logged */
	struct http_header headers[4];		/* borrowed texts; ends with name NULL */
	int http_flags;				/* for every request */
	int batch;				/* new users whom one request may invite; 0, 1: one */
	int stop_after;				/* failures in a row (SYNC_STOP_AFTER) */
	double wait_scale;			/* every wait is multiplied by it (NET_WAIT_SCALE) */
	int looks_again;			/* for new users, once more at the end */
	/* What goes on while target_read() waits; NULL: nothing. It may read itself. */
	void (*meanwhile)(void *cookie);
	void *meanwhile_cookie;
};

/* One request, as a path below the base. */
struct target_request {
	const char *method;
	struct buf path, body;			/* owned; body is JSON or empty */
	int flags;				/* HTTP_... */
};

struct target {
	const char *name;			/* "timecamp" */
	const char *title;			/* "TimeCamp" */
	const struct setting *settings;		/* rows, end with name NULL */
	const char *denied;			/* what to do when the service refuses us */
	/* Checks the settings; sets base, headers and flags of the run. */
	int (*open)(struct target_run *run, struct error *e);
	void (*policy)(struct plan_policy *policy);
	/* Reads groups and users into the plan; only_groups: of users no more than where they are. */
	int (*load)(struct target_run *run, int only_groups, struct error *e);
	/*
	 * The request that does an operation. Pure: the same operation gives the same request; an id that
	 * does not exist yet may stand as a name.
	 */
	int (*request)(const struct op *op, struct target_request *out, struct error *e);
	/* The same for several new users of one group; needed when run->batch is above 1. */
	int (*invite)(const struct op *ops, int count, struct target_request *out, struct error *e);
	/* 1 when the answer to that says that this one is invited, 0, -1. */
	int (*invited)(const struct op *op, struct str body, struct error *e);
	/* The id of what an operation made, from the answer's body; stays empty when it is not in there. */
	int (*made)(const struct op *op, struct str body, struct buf *id, struct error *e);
	/*
	 * Looks whether an operation that makes something was done, its answer being lost. 1 with the id
	 * (which may stay empty), 0 not done, -1.
	 */
	int (*look)(struct target_run *run, const struct op *op, struct buf *id, struct error *e);
	/* Lists the users again and calls plan_found_user() for each. */
	int (*list_users)(struct target_run *run, struct error *e);
	/*
	 * Writes down what a run that ends early must leave to the next; called before the first request and
	 * at the end. NULL: there is no such thing.
	 */
	int (*keep)(struct target_run *run, struct error *e);
	/* Tells in one line what it found when settings and connection work. Changes nothing. */
	int (*check)(struct target_run *run, struct buf *note, struct error *e);
};

/* The table, ending with NULL, and the row of a name (NULL: unknown). */
extern const struct target *const target_table[];
const struct target *target_find(const char *name);
/* The rows that all targets share (SYNC_JOBS). */
extern const struct setting target_settings[];
/* The rows of each target, for the list of all settings. */
extern const struct setting timecamp_settings[];

/* Settings and connections of a target. */
int target_open(struct target_run *run, const struct target *target, struct error *e);
void target_close(struct target_run *run);
/* An answer that is read record by record. Zeroed by target_reading_init(). */
struct target_reading {
	struct target_run *run;		/* borrowed */
	struct http_json json;		/* owned; json.begin may be set after init */
	struct buf url;			/* owned; target_reading_address(), then appended to */
};

/* fn gets the values at the paths, see json_scan_new(). Released also after a failure. */
int target_reading_init(struct target_reading *r, struct target_run *run, const char *const *paths,
			json_value_fn *fn, void *cookie, struct error *e);
/* Frees the contents. */
void target_reading_release(struct target_reading *r);
/* The address, from a path below the run's base. */
void target_reading_address(struct target_reading *r, const char *path);
/* Sends it; done() calls target_reading_end(). */
int target_reading_submit(struct target_reading *r, http_done_fn *done, void *cookie, struct error *e);
/* 0 when the whole answer came and was good; else -1 with the error. why: what done() was told. */
int target_reading_end(struct target_reading *r, const struct http_resp *resp, const struct error *why,
		       struct error *e);
/* All of that for one answer alone. */
int target_read(struct target_run *run, const char *path, const char *const *paths, json_value_fn *fn,
		void *cookie, struct error *e);

/* What applying a plan came to. */
struct target_result {
	uint64_t done[PLAN_PARTS], failed[PLAN_PARTS];	/* subjects */
	uint64_t requests;				/* operations done */
	int stopped;			/* the rest was left: interrupted, or groups could not be made */
};

/*
 * Does a plan: parts in order, subjects side by side, one subject's requests in order; a failure ends that
 * subject only. Failures are logged and counted. -1 only for what stops everything (e).
 */
int target_apply(struct target_run *run, struct target_result *result, struct error *e);

#endif
