/* What runs leave in the state database, and what history and status make of it. */
#include <stdio.h>
#include <string.h>

#include "sandbox/e2e.h"
#include "store/db.h"

#define DATABASE "var/rollcall.db"

struct step {
	const char *args[E2E_ARGS];
	int code;
	const char *says[3];		/* what standard output and error together must hold */
	const char *never;		/* what they must not hold; NULL: anything goes */
};

/* One line of steps in one folder. */
struct line {
	const char *name;
	struct { const char *name, *value; } option;	/* of the account */
	struct step steps[6];
	const char *check;		/* SQL that must give 1 in the end; NULL: there must be no database */
	int changes;			/* 1: what is recorded as done must be what the account was asked */
};

#define RUN { "run", "ldap", "timecamp" }
#define STATUS { "status", "--quiet" }
#define HISTORY { "history", "--quiet" }

static const struct line lines[] = {
	{ "a good run", { NULL, NULL }, {
	  { RUN, 0, { "failed 0" }, NULL },
	  { HISTORY, 0, { "    1  ", "  done      run ldap timecamp: ", "changes\n" }, "failed" },
	  { { "history", "1" }, 0, { "  group.create      ", "  user.create       ", " \xe2\x86\x92 " }, "FAILED" },
	  { { "history", "--json" }, 0, { "\"target\": \"timecamp\"", "\"exit\": 0", "\"people\":40" }, "audit" },
	  { { "history", "1", "--json" }, 0, { "\"audit\": [", "\"result\": \"done\"", "\"before\": null" }, NULL },
	  { STATUS, 0, { "LDAP / Active Directory: last good run 1, ", "TimeCamp: last good run 1, " }, "TOO OLD" } },
	  "SELECT (SELECT count(*) FROM runs WHERE command = 'run' AND source = 'ldap' AND target = 'timecamp'"
	  " AND end >= start AND exit = 0 AND fetched BETWEEN start AND synced AND synced <= end) = 1", 1 },
	{ "dry runs and reading record nothing", { NULL, NULL }, {
	  { { "run", "ldap", "timecamp", "--dry-run" }, 0, { NULL }, NULL },
	  { { "sync", "--dry-run" }, 0, { NULL }, NULL },
	  { { "tree" }, 0, { NULL }, NULL },
	  { { "history" }, 1, { "no run is recorded yet" }, NULL },
	  { STATUS, 1, { "LDAP / Active Directory: no good run yet\n", "TimeCamp: no good run yet\n",
	    "too long without a good run: ldap, timecamp" }, NULL } }, NULL, 0 },
	{ "words that make no sense record nothing", { NULL, NULL }, {
	  { { "fetch", "ldpa" }, 2, { NULL }, NULL },
	  { { "sync", "timecmap" }, 2, { NULL }, NULL } }, NULL, 0 },
	{ "some changes fail", { "fail_on", "POST user" }, {
	  { RUN, 3, { NULL }, NULL },
	  { HISTORY, 0, { "  partly    run ldap timecamp: ", " failed\n" }, NULL },
	  { { "history", "1" }, 0, { ": FAILED: POST http", "answered 500" }, "a-secret-key" },
	  { STATUS, 1, { "Directory: last good run 1", "TimeCamp: no good run yet; 1 failed, the last with exit code 3" },
	    NULL },
	  { { "status", "--json" }, 1, { "\"ok\": true", "\"ok\": false", "\"exit\": 3" }, NULL } },
	  "SELECT (SELECT count(*) FROM audit WHERE result <> 'done') > 0 AND (SELECT exit FROM runs) = 3"
	  " AND (SELECT synced IS NULL AND fetched > 0 FROM runs)", 0 },
	{ "the account refuses the key", { "require_key", "another" }, {
	  { RUN, 7, { NULL }, NULL },
	  { { "prepare" }, 0, { NULL }, NULL },
	  { HISTORY, 0, { "  denied    run ldap timecamp\n", "  done      prepare\n" }, NULL },
	  { { "history", "1" }, 0, { "denied" }, NULL },
	  { { "history", "3" }, 1, { "there is no run 3" }, NULL },
	  { { "history", "x" }, 2, { "\"x\" is no run" }, NULL } },
	  "SELECT (SELECT count(*) FROM audit) = 0 AND (SELECT count(*) FROM runs) = 2", 0 },
	{ "leave days are a run of their own", { NULL, NULL }, {
	  { RUN, 0, { NULL }, NULL },
	  { { "timeoff", "sync", "--dry-run" }, 0, { "5 days to post, from 2 of 2 entries\n" }, NULL },
	  { { "timeoff", "sync" }, 0, { "posted 5 days, failed 0, skipped 0 of 2 entries" }, NULL },
	  { { "timeoff", "sync" }, 0, { "posted 0 days, failed 0, skipped 0 of 2 entries" }, NULL },
	  { { "history", "2" }, 0, { "timeoff timecamp", "  leave.day         ", "OMAR@fernhill.example" }, "FAILED" },
	  { STATUS, 0, { "TimeCamp: last good run 1, " }, "failed" } },
	  "SELECT (SELECT count(*) FROM runs WHERE command = 'timeoff' AND target = 'timecamp' AND end >= start AND exit = 0"
	  " AND synced IS NULL AND instr(counts, 'posted') > 0) = 2 AND (SELECT count(*) FROM runs) = 3"
	  " AND (SELECT count(*) FROM audit WHERE run = 2 AND kind = 'leave.day' AND result = 'done') = 5"
	  " AND (SELECT count(*) FROM audit WHERE run = 3) = 0 AND (SELECT count(*) FROM leave_days) = 5", 0 },
	{ "ages", { NULL, NULL }, {
	  { RUN, 0, { NULL }, NULL },
	  { { "status", "--max-age", "1h" }, 0, { NULL }, NULL },
	  { { "status", "--max-age=2d" }, 0, { NULL }, NULL },
	  { { "status", "--max-age", "soon" }, 2, { "--max-age is \"soon\"" }, NULL },
	  { { "status", "--max-age", "0" }, 2, { "--max-age is \"0\"" }, NULL },
	  { { "status", "--max-age", "99999999999999999d" }, 2, { "--max-age" }, NULL } },
	  "SELECT count(*) = 1 FROM runs", 1 },
};

/* The number that a query gives in the scene's database; -1: none. */
static int64_t number(const struct scene *s, const char *sql)
{
	char path[HARNESS_PATH];
	struct db_stmt *q;
	struct db *d;
	int64_t n = -1;

	harness_path(path, s->dir, DATABASE);
	d = harness_exists(path) ? db_open(path, NULL) : NULL;
	q = d ? db_prepare(d, sql, NULL) : NULL;
	if (q && db_step(q, NULL) == 1)
		n = db_int(q, 0);
	db_finish(q);
	db_close(d);
	return n;
}

/* How many changing requests the account was sent. */
static int64_t count_changes(struct scene *s)
{
	static const char key[] = "\"mutating\":";
	struct buf calls;
	const char *at;
	int64_t n = 0;

	buf_init(&calls, HARNESS_FILE_MAX);
	tcsim_put_calls(s->account, &calls);
	at = strstr(buf_text(&calls), key);
	for (at = at ? at + sizeof(key) - 1 : ""; *at >= '0' && *at <= '9'; at++)
		n = n * 10 + (*at - '0');
	buf_release(&calls);
	return n;
}

/* NULL, or what is wrong. detail gets what was printed. */
static const char *run_step(struct scene *s, const struct step *t, struct buf *detail, struct error *e)
{
	const char *problem = NULL;
	struct harness_run r;
	size_t i;

	scene_run_init(s, &r);
	for (i = 0; i < E2E_ARGS && t->args[i]; i++)
		harness_run_args(&r, t->args[i], NULL);
	if (harness_run(&r, e))
		problem = "cannot be run";
	buf_reset(detail);
	buf_printf(detail, "%s: exit code %d\n", t->args[0], r.code);
	buf_put_str(detail, buf_str(&r.out));
	buf_put_str(detail, buf_str(&r.err));
	if (!problem)
		problem = harness_run_crashed(&r);
	if (!problem && r.code != t->code)
		problem = "another exit code";
	for (i = 0; i < 3 && t->says[i] && !problem; i++)
		if (!strstr(buf_text(detail), t->says[i]))
			problem = t->says[i];
	if (!problem && t->never && strstr(buf_text(detail), t->never))
		problem = "says what it must not say";
	harness_run_release(&r);
	return problem;
}

static void run_line(struct scene *s, const struct line *t)
{
	const char *problem = NULL;
	struct buf detail;
	struct error e;
	size_t i;

	error_init(&e);
	buf_init(&detail, HARNESS_FILE_MAX);
	if (scene_lay_out(s, &e))
		problem = "cannot lay it out";
	if (!problem && t->option.name && tcsim_set_option(s->account, t->option.name, t->option.value, &e))
		problem = "no such option";
	for (i = 0; i < sizeof(t->steps) / sizeof(t->steps[0]) && t->steps[i].args[0] && !problem; i++)
		problem = run_step(s, &t->steps[i], &detail, &e);
	if (!problem && number(s, t->check ? t->check : "SELECT 1") != (t->check ? 1 : -1))
		problem = "the record is not right";
	if (!problem && t->changes && number(s, "SELECT count(*) FROM audit WHERE result = 'done'") != count_changes(s))
		problem = "the changes recorded are not those that were made";
	scene_report(s, t->name, problem, buf_text(&detail));
	buf_release(&detail);
}

/* A database that cannot be opened stops a run before anything is read or sent. */
static void run_unusable(struct scene *s)
{
	static const struct step steps[] = {
		{ RUN, 1, { "the run was not begun", "must be able to write \"var/rollcall.db\"" }, NULL },
		{ { "fetch", "ldap" }, 1, { "the run was not begun" }, NULL },
		{ { "prepare" }, 1, { "the run was not begun" }, NULL },
		{ { "run", "ldap", "--dry-run" }, 1, { "var/rollcall.db" }, NULL },
		{ { "tree" }, 0, { NULL }, NULL }
	};
	static const char damaged[] = "This is what a broken disk has left of the record of all runs.\n";
	const char *problem = NULL;
	struct buf detail;
	struct error e;
	size_t i;

	error_init(&e);
	buf_init(&detail, HARNESS_FILE_MAX);
	if (scene_lay_out(s, &e) || scene_write(s, DATABASE, damaged, &e))
		problem = "cannot lay it out";
	for (i = 0; i < sizeof(steps) / sizeof(steps[0]) && !problem; i++)
		problem = run_step(s, &steps[i], &detail, &e);
	if (!problem && (scene_changed(s) || !scene_holds(s, DATABASE, damaged)))
		problem = "the file was touched, or changing requests were sent";
	scene_report(s, "a record that cannot be written", problem, buf_text(&detail));
	buf_release(&detail);
}

/* A day and a half later, after a run that was killed and one that failed. */
static void run_later(struct scene *s)
{
	static const struct step first = { RUN, 0, { NULL }, NULL };
	static const struct step later[] = {
		{ STATUS, 1, { "Directory: last good run 1, ", "1 d 12 h ago: TOO OLD; since then 1 failed, the last with"
		  " exit code 6", "too long without a good run: ldap, timecamp" }, NULL },
		{ { "status", "--max-age", "2d" }, 0, { NULL }, NULL },
		{ HISTORY, 0, { "  no end    run ldap timecamp\n", "  upstream  run ldap timecamp\n" }, NULL },
		{ { "history", "--json" }, 0, { "\"run\": 2", "\"exit\": 6" }, NULL }
	};
	const char *problem;
	struct buf detail;
	struct error e;
	size_t i;

	error_init(&e);
	buf_init(&detail, HARNESS_FILE_MAX);
	problem = scene_lay_out(s, &e) ? "cannot lay it out" : run_step(s, &first, &detail, &e);
	number(s, "UPDATE runs SET start = start - 129600000, fetched = fetched - 129600000, synced = synced -"
	       " 129600000, end = end - 129600000");
	number(s, "INSERT INTO runs(command, source, target, start) SELECT command, source, target, start FROM runs");
	number(s, "INSERT INTO runs(command, source, target, start, end, exit) SELECT command, source, target, start,"
	       " start, 6 FROM runs WHERE id = 1");
	for (i = 0; i < sizeof(later) / sizeof(later[0]) && !problem; i++)
		problem = run_step(s, &later[i], &detail, &e);
	scene_report(s, "a day and a half later", problem, buf_text(&detail));
	buf_release(&detail);
}

void e2e_recorded(struct scene *s)
{
	size_t i;

	for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		run_line(s, &lines[i]);
	run_unusable(s);
	run_later(s);
}
