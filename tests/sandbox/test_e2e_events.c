/* What runs tell programs (--json): every line is an object, in the right order, and the numbers agree. */
#include <stdio.h>
#include <string.h>

#include "base/json_read.h"
#include "base/limits.h"
#include "sandbox/e2e.h"

#define RUN "run", "ldap", "timecamp", "--json"

/* Events of one run, counted. */
struct heard {
	struct buf shape;		/* their names in order, repeated ones once, without "step" */
	int steps_open, steps;
	int64_t operations, planned;	/* seen, and what "plan" says */
	int64_t done, failed;		/* results */
	int64_t limits;
	int64_t exit;
	int64_t sum_failed, sum_created, sum_seats, plan_create;
	int recorded;			/* "begin" has the number of a run */
	struct buf error, command;
};

static const struct telling {
	const char *name;
	const char *args[E2E_ARGS];
	struct { const char *name, *value; } option;	/* of the account */
	const char *settings;		/* "NAME=value", or NULL */
	int code;
	const char *shape;
	int recorded;
	const char *error;		/* what the error must hold; NULL: there is none */
	enum { ALL, SOME, NONE } results;
} tellings[] = {
	{ "events: a whole run", { RUN }, { NULL, NULL }, NULL, 0, "begin operation plan result summary end", 1, NULL, ALL },
	{ "events: quiet", { RUN, "--quiet" }, { NULL, NULL }, NULL, 0, "begin operation plan result summary end", 1, NULL,
	  ALL },
	{ "events: a dry run", { RUN, "--dry-run" }, { NULL, NULL }, NULL, 0, "begin operation plan summary end", 0, NULL,
	  NONE },
	{ "events: pending changes", { RUN, "--dry-run", "--detailed-exitcode" }, { NULL, NULL }, NULL, 10,
	  "begin operation plan summary end", 0, "pending", NONE },
	{ "events: several new users a request", { RUN }, { NULL, NULL }, "TIMECAMP_INVITE_BATCH=10", 0,
	  "begin operation plan result summary end", 1, NULL, ALL },
	{ "events: changes fail", { RUN }, { "fail_on", "POST user" }, NULL, 3, "begin operation plan result summary end", 1,
	  "planned changes failed", SOME },
	{ "events: over a limit", { RUN }, { NULL, NULL }, "SYNC_MAX_NEW_USERS=1", 4,
	  "begin operation plan limit summary end", 1, "over a limit", NONE },
	{ "events: over a limit, dry run", { RUN, "--dry-run" }, { NULL, NULL }, "SYNC_MAX_NEW_USERS=1", 4,
	  "begin operation plan limit summary end", 0, "over a limit", NONE },
	{ "events: denied", { RUN }, { "require_key", "another" }, NULL, 7, "begin summary end", 1, "TIMECAMP_API_KEY", NONE },
	{ "events: a word that makes no sense", { "fetch", "ldpa", "--json" }, { NULL, NULL }, NULL, 2, "begin end", 0,
	  "ldap", NONE },
	{ "events: a setting that makes no sense", { RUN }, { NULL, NULL }, "LOG_FORMAT=loud", 2, "begin end", 0,
	  "LOG_FORMAT", NONE },
	{ "events: fetch", { "fetch", "ldap", "--json" }, { NULL, NULL }, NULL, 0, "begin summary end", 1, NULL, NONE },
	{ "events: prepare", { "prepare", "--input", "one.json", "--json" }, { NULL, NULL }, NULL, 0, "begin summary end", 1,
	  NULL, NONE },
	{ "events: prune", { "prune", "--json" }, { NULL, NULL }, NULL, 0, "begin plan summary end", 1, NULL,
	  ALL },
	{ "events: leave days, dry run", { "timeoff", "sync", "--dry-run", "--json" }, { NULL, NULL }, NULL, 0,
	  "begin operation summary end", 0, NULL, NONE },
	{ "events: leave days", { "timeoff", "sync", "--json" }, { NULL, NULL }, NULL, 0,
	  "begin operation result summary end", 1, NULL, ALL },
};

/* ---- hearing ------------------------------------------------------------------------------------ */

static int64_t number_of(struct json object, const char *key)
{
	int64_t n = -1;

	return json_int(json_get(object, key), &n) ? -1 : n;
}

static void keep(struct buf *out, struct json value, struct arena *a)
{
	buf_reset(out);
	buf_put_str(out, json_text(value, a));
}

static void hear_step(struct heard *h, struct json event, struct arena *a)
{
	struct str stage = json_text(json_get(event, "stage"), a);

	h->steps += str_eqz(stage, "begin");
	h->steps_open += str_eqz(stage, "begin") - str_eqz(stage, "end");
}

/* NULL, or what is wrong with an event. */
static const char *hear(struct heard *h, struct json event, struct arena *a)
{
	struct str name = json_text(json_get(event, "event"), a), shape = buf_str(&h->shape);
	struct json counts = json_get(event, "counts");

	if (str_eqz(name, "step")) {
		hear_step(h, event, a);
		return shape.len > 0 ? NULL : "a step before the begin";
	}
	if (json_text(json_get(event, "time"), a).len != 24)
		return "an event without time";
	if (shape.len < name.len || !str_eq(str_sub(shape, shape.len - name.len, name.len), name))
		buf_printf(&h->shape, "%s%.*s", shape.len > 0 ? " " : "", STR_ARG(name));
	if (str_eqz(name, "begin"))
		h->recorded = number_of(event, "run") > 0;
	h->operations += str_eqz(name, "operation");
	if (str_eqz(name, "operation") && json_text(json_get(event, "kind"), a).len == 0)
		return "an operation without kind";
	if (str_eqz(name, "plan")) {
		h->planned = number_of(event, "operations");
		h->plan_create = number_of(event, "create");
	}
	if (str_eqz(name, "result")) {
		int done = str_eqz(json_text(json_get(event, "result"), a), "done");

		h->done += done;
		h->failed += !done;
		if (done != (json_text(json_get(event, "error"), a).len == 0))
			return "a result without error, or the other way round";
	}
	if (str_eqz(name, "limit")) {
		h->limits++;
		keep(&h->command, json_get(event, "command"), a);
		if (number_of(event, "planned") <= number_of(event, "most"))
			return "a limit that is not exceeded";
	}
	if (str_eqz(name, "summary")) {
		h->sum_failed = number_of(counts, "failed");
		h->sum_created = number_of(counts, "created");
		h->sum_seats = number_of(counts, "seats_added");
	}
	if (str_eqz(name, "end")) {
		h->exit = number_of(event, "exit");
		keep(&h->error, json_get(event, "error"), a);
	}
	return NULL;
}

static void heard_init(struct heard *h)
{
	memset(h, 0, sizeof(*h));
	h->planned = h->exit = h->sum_failed = h->sum_created = h->sum_seats = -1;
	buf_init(&h->shape, ERROR_TEXT_MAX);
	buf_init(&h->error, 2 * ERROR_TEXT_MAX);
	buf_init(&h->command, 2 * ERROR_TEXT_MAX);
}

static void heard_release(struct heard *h)
{
	buf_release(&h->shape);
	buf_release(&h->error);
	buf_release(&h->command);
}

/* Each line must be a JSON object, and nothing else may be there. */
static const char *hear_all(struct heard *h, struct str out)
{
	struct json_doc *doc = json_doc_new(MAX_JSON_TOKENS, NULL);
	const char *problem = doc ? NULL : "no memory";
	struct arena a;
	struct json event;
	struct error e;
	size_t at = 0, end;

	arena_init(&a, MAX_RECORD);
	for (error_init(&e); !problem && at < out.len; at = end + 1) {
		end = str_find_char(out, at, '\n');
		arena_reset(&a);
		if (end == out.len)
			problem = "the last line has no end";
		else if (json_parse(doc, str_sub(out, at, end - at), 0, &event, &e) || json_type(event) != JSON_OBJECT)
			problem = "a line is no JSON object";
		else
			problem = hear(h, event, &a);
	}
	arena_release(&a);
	json_doc_free(doc);
	return problem;
}

/* ---- runs --------------------------------------------------------------------------------------- */

/* NULL, or what does not agree. */
static const char *judge(const struct telling *t, const struct heard *h)
{
	int64_t results = h->done + h->failed;

	if (strcmp(buf_text(&h->shape), t->shape))
		return "the events are not those, or not in that order";
	if (h->exit != t->code)
		return "\"end\" has another exit code";
	if (t->error ? !strstr(buf_text(&h->error), t->error) : h->error.len > 0)
		return "\"end\" has another error";
	if (h->steps_open)
		return "a step without end";
	if (h->recorded != t->recorded)
		return "the number of the run is not right";
	if (h->planned >= 0 && h->planned != h->operations)
		return "the plan has another number of operations";
	if ((t->results == NONE && results) || (t->results == ALL && (h->failed || h->done != h->operations)) ||
	    (t->results == SOME && (!h->failed || !h->done)))
		return "the results are not those of the operations";
	if (t->results == ALL && h->planned >= 0 && (h->sum_created != h->plan_create || h->sum_seats != h->plan_create))
		return "the summary does not say what was created";
	if (t->results != NONE && (h->sum_failed > 0) != (h->failed > 0))
		return "the summary does not say what failed";
	if ((h->limits > 0) != (strstr(t->shape, "limit") != NULL) ||
	    (h->limits && !strstr(buf_text(&h->command), " --apply var/held_plan.jsonl --approve")))
		return "the limit does not say how to approve it";
	return NULL;
}

/* The screen ends with the summary, also when something failed. */
static const char *judge_screen(const struct heard *h, struct str err)
{
	size_t at = 0, next;

	if (h->done + h->failed == 0 || h->sum_created < 0 || err.len < 2)
		return NULL;
	while ((next = str_find_char(err, at, '\n')) + 1 < err.len)
		at = next + 1;
	err = str_sub(err, at, err.len);
	if (str_find(err, 0, STR("created ")) == err.len || str_find(err, 0, STR("seats added ")) == err.len ||
	    !str_ends(err, STR(" s\n")))
		return "the summary is not the last thing on the screen";
	return NULL;
}

static void tell(struct scene *s, const struct telling *t)
{
	const char *problem = NULL, *env[2] = { NULL, NULL };
	struct harness_run r;
	struct heard h;
	struct error e;
	size_t i;

	error_init(&e);
	heard_init(&h);
	scene_run_init(s, &r);
	env[0] = t->settings;
	r.env = env;
	for (i = 0; i < E2E_ARGS && t->args[i]; i++)
		harness_run_args(&r, t->args[i], NULL);
	if (scene_lay_out(s, &e) || (t->option.name && tcsim_set_option(s->account, t->option.name, t->option.value, &e)))
		problem = "cannot lay it out";
	if (!problem && harness_run(&r, &e))
		problem = "cannot be run";
	if (!problem)
		problem = harness_run_crashed(&r);
	if (!problem && r.code != t->code)
		problem = "another exit code";
	if (!problem)
		problem = hear_all(&h, buf_str(&r.out));
	if (!problem)
		problem = judge(t, &h);
	if (!problem && !strstr(t->name, "quiet"))
		problem = judge_screen(&h, buf_str(&r.err));
	if (!problem && (strstr(buf_text(&r.out), "a-secret-key") || strstr(buf_text(&r.out), "a-secret-password")))
		problem = "a secret was told";
	buf_printf(&h.shape, "\n%.*s\n%.*s", STR_ARG(buf_str(&r.out)), STR_ARG(buf_str(&r.err)));
	scene_report(s, t->name, problem, buf_text(&h.shape));
	heard_release(&h);
	harness_run_release(&r);
}

/* Ctrl-C after the first result: what is in flight is told, then the summary and how it ended. */
static void interrupted(struct scene *s)
{
	static const char script[] = "\"$0\" run ldap timecamp --json >events & p=$!;"
		" until grep -q '\"event\":\"result\"' events; do :; done; kill -TERM $p; wait $p; c=$?; cat events; exit $c";
	static const struct telling t = { "events: interrupted", { NULL }, { NULL, NULL }, NULL, 1,
		"begin operation plan result summary end", 1, "interrupted", SOME };
	static const char *const env[] = { "SYNC_JOBS=1", NULL };
	char program[2 * HARNESS_PATH];
	const char *problem = NULL;
	struct harness_run r;
	struct heard h;
	struct error e;

	if (!harness_has_shell())
		return;
	error_init(&e);
	heard_init(&h);
	scene_run_init(s, &r);
	r.program = HARNESS_SHELL;
	r.env = env;
	if (scene_program(s, program, &e) || scene_lay_out(s, &e) ||
	    tcsim_set_option(s->account, "latency_ms", "40", &e))
		problem = "cannot lay it out";
	harness_run_args(&r, "-c", script, program, NULL);
	if (!problem && harness_run(&r, &e))
		problem = "cannot be run";
	if (!problem)
		problem = harness_run_crashed(&r);
	if (!problem)
		problem = hear_all(&h, buf_str(&r.out));
	h.failed++;		/* what was not come to has no result */
	if (!problem && h.done >= h.operations)
		problem = "it was not interrupted";
	h.sum_failed++;
	if (!problem)
		problem = judge(&t, &h);
	buf_printf(&h.shape, "\n%.*s", STR_ARG(buf_str(&r.err)));
	scene_report(s, t.name, problem, buf_text(&h.shape));
	heard_release(&h);
	harness_run_release(&r);
}

void e2e_told(struct scene *s)
{
	size_t i;

	for (i = 0; i < sizeof(tellings) / sizeof(tellings[0]); i++)
		tell(s, &tellings[i]);
	interrupted(s);
}
