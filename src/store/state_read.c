/* What stands in the state database. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "store/state_int.h"
#include "store/store.h"

struct state *state_open_read(const char *path, struct error *e)
{
	struct state *s;
	int64_t found = 0;

	if (!store_exists(path)) {
		error_set(e, ERROR_FAILED, "no run is recorded yet: there is no \"%s\" (--dir names another "
			  "folder)", path);
		return NULL;
	}
	s = calloc(1, sizeof(*s));
	if (s == NULL) {
		error_memory(e);
		return NULL;
	}
	s->db = db_open(path, e);
	if (s->db != NULL && state_version(s->db, &found, e) == 0) {
		if (found == STATE_VERSION)
			return s;
		if (found > STATE_VERSION)
			state_newer(path, e);
		else
			error_set(e, ERROR_FAILED, "no run is recorded yet in \"%s\"", path);
	}
	state_close(s);
	return NULL;
}

#define RUN_COLUMNS "id, command, source, target, start, end, exit, counts," \
	" (SELECT count(*) FROM audit WHERE run = runs.id)," \
	" (SELECT count(*) FROM audit WHERE run = runs.id AND result <> 'done')"

/* Hands on the rows of a statement with these columns and ends it; q NULL: it could not be prepared. */
static int give_runs(struct db_stmt *q, state_run_fn *fn, void *cookie, struct error *e)
{
	struct state_run run;
	int r = q == NULL ? -1 : 0;

	while (r == 0 && (r = db_step(q, e)) == 1) {
		run.id = db_int(q, 0);
		run.command = db_text(q, 1);
		run.source = db_text(q, 2);
		run.target = db_text(q, 3);
		run.start = db_int(q, 4);
		run.ended = !db_is_null(q, 5);
		run.end = db_int(q, 5);
		run.exit_code = (int)db_int(q, 6);
		run.counts = db_text(q, 7);
		run.changes = db_int(q, 8);
		run.failed = db_int(q, 9);
		r = fn(cookie, &run, e);
	}
	db_finish(q);
	return r;
}

int state_each_run(struct state *s, int64_t last, state_run_fn *fn, void *cookie, struct error *e)
{
	struct db_stmt *q = db_prepare(s->db, "SELECT " RUN_COLUMNS " FROM runs WHERE id IN"
				       " (SELECT id FROM runs ORDER BY id DESC LIMIT ?) ORDER BY id", e);

	if (q != NULL)
		db_bind_int(q, 1, last);
	return give_runs(q, fn, cookie, e);
}

int state_each_kind(struct state *s, state_run_fn *fn, void *cookie, struct error *e)
{
	struct db_stmt *q = db_prepare(s->db, "SELECT " RUN_COLUMNS " FROM runs WHERE id IN"
				       " (SELECT max(id) FROM runs WHERE end IS NOT NULL"
				       " GROUP BY command, source, target) ORDER BY id", e);

	return give_runs(q, fn, cookie, e);
}

int state_find_run(struct state *s, int64_t id, state_run_fn *fn, void *cookie, struct error *e)
{
	struct db_stmt *q = db_prepare(s->db, "SELECT " RUN_COLUMNS " FROM runs WHERE id = ?", e);

	if (q != NULL)
		db_bind_int(q, 1, id);
	return give_runs(q, fn, cookie, e);
}

int state_each_change(struct state *s, int64_t run, state_change_fn *fn, void *cookie, struct error *e)
{
	struct db_stmt *q = db_prepare(s->db, "SELECT time, subject, kind, before, after, result FROM audit"
				       " WHERE run = ? ORDER BY id", e);
	struct state_change c;
	int r = q == NULL ? -1 : 0;

	if (q != NULL)
		db_bind_int(q, 1, run);
	while (r == 0 && (r = db_step(q, e)) == 1) {
		c.subject = db_text(q, 1);
		c.kind = db_text(q, 2);
		c.before = db_text(q, 3);
		c.after = db_text(q, 4);
		c.result = db_text(q, 5);
		r = fn(cookie, db_int(q, 0), &c, e);
	}
	db_finish(q);
	return r;
}

int state_health(struct state *s, enum state_goal goal, const char *name, struct state_health *out,
		 struct error *e)
{
	char sql[SQL_MAX];
	struct db_stmt *q;
	int r;

	memset(out, 0, sizeof(*out));
	/* An exit code stands beside the greatest number, that of the last of them. */
	snprintf(sql, sizeof(sql), "WITH mine AS (SELECT id, exit, %s AS at FROM runs WHERE %s = ?1),"
		 " good AS (SELECT max(id) AS id, at FROM mine WHERE at IS NOT NULL)"
		 " SELECT good.id, good.at, count(bad.id), bad.exit, max(bad.id) FROM good LEFT JOIN mine bad"
		 " ON bad.id > ifnull(good.id, 0) AND bad.exit <> 0", state_goals[goal].time,
		 state_goals[goal].name);
	q = db_prepare(s->db, sql, e);
	if (q == NULL)
		return -1;
	db_bind_text(q, 1, str_from(name));
	r = db_step(q, e);
	if (r == 1) {
		out->run = db_int(q, 0);
		out->time = db_int(q, 1);
		out->failures = db_int(q, 2);
		out->last_exit = (int)db_int(q, 3);
	}
	db_finish(q);
	return r < 0 ? -1 : 0;
}
