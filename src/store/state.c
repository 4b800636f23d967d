#include "store/state_int.h"

#include <stdio.h>
#include <stdlib.h>
#include "port.h"

#define FLUSH_MS 1000		/* longest wait of a recorded change, when others follow it */
#define FLUSH_CHANGES 2000	/* most changes waiting; they stay well within the page cache */

/* Times are milliseconds since 1970-01-01 UTC. */
static const char schema[] =
	"CREATE TABLE runs(id INTEGER PRIMARY KEY AUTOINCREMENT, command TEXT NOT NULL, source TEXT,"
	" target TEXT, start INTEGER NOT NULL, fetched INTEGER, synced INTEGER,"
	" end INTEGER, exit INTEGER, counts TEXT, told INTEGER);"
	"CREATE TABLE audit(id INTEGER PRIMARY KEY, run INTEGER NOT NULL REFERENCES runs(id),"
	" time INTEGER NOT NULL, subject TEXT, kind TEXT NOT NULL, before TEXT, after TEXT, result TEXT);"
	"CREATE INDEX audit_run ON audit(run);"
	"PRAGMA user_version = 1";

/* Came later; older versions of the program do not mind it. */
static const char later_schema[] =
	"CREATE TABLE IF NOT EXISTS unmarked(target TEXT, name TEXT, PRIMARY KEY(target, name)) WITHOUT"
	" ROWID;"
	"CREATE TABLE IF NOT EXISTS leave_days(user TEXT, day TEXT, data TEXT, PRIMARY KEY(user, day))"
	" WITHOUT ROWID;"
	"CREATE TABLE IF NOT EXISTS tokens(name TEXT PRIMARY KEY, token TEXT, expires INTEGER) WITHOUT ROWID";

int state_version(struct db *d, int64_t *out, struct error *e)
{
	struct db_stmt *s = db_prepare(d, "PRAGMA user_version", e);
	int r = s == NULL ? -1 : db_step(s, e);

	if (r == 1)
		*out = db_int(s, 0);
	db_finish(s);
	return r == 1 ? 0 : -1;
}

int state_newer(const char *path, struct error *e)
{
	return error_set(e, ERROR_FAILED, "\"%s\" was made by a newer version of rollcall; use that one",
			 path);
}

/* Makes the tables in a new file. In one transaction, so that two programs at once make them once. */
static int prepare_tables(struct db *d, const char *path, struct error *e)
{
	int64_t found = 0;
	int r;

	if (db_begin(d, e) != 0)
		return -1;
	r = state_version(d, &found, e);
	if (r == 0 && found == 0)
		r = db_exec(d, schema, e);
	if (r == 0 && found <= STATE_VERSION)
		r = db_exec(d, later_schema, e);
	if (r == 0 && found > STATE_VERSION)
		r = state_newer(path, e);
	if (r == 0)
		r = db_commit(d, e);
	if (r != 0)
		db_rollback(d);
	return r;
}

struct state *state_open(const char *path, struct error *e)
{
	struct state *s = calloc(1, sizeof(*s));

	if (s == NULL) {
		error_memory(e);
		return NULL;
	}
	s->db = db_open(path, e);
	if (s->db != NULL && prepare_tables(s->db, path, e) == 0) {
		s->insert = db_prepare(s->db,
				       "INSERT INTO audit(run, time, subject, kind, before, after, result)"
				       " VALUES(?, ?, ?, ?, ?, ?, ?)", e);
		if (s->insert != NULL)
			return s;
	}
	state_close(s);
	return NULL;
}

void state_close(struct state *s)
{
	if (s == NULL)
		return;
	state_flush(s, NULL);
	db_finish(s->insert);
	db_close(s->db);
	free(s);
}

int state_run_begin(struct state *s, const char *command, const char *source, const char *target,
		    struct error *e)
{
	struct db_stmt *insert = db_prepare(s->db, "INSERT INTO runs(command, source, target, start)"
					    " VALUES(?, ?, ?, ?)", e);
	int r;

	if (insert == NULL)
		return -1;
	db_bind_text(insert, 1, str_from(command));
	db_bind_text(insert, 2, str_from(source));
	db_bind_text(insert, 3, str_from(target));
	db_bind_int(insert, 4, port_wall_ms());
	r = db_run(insert, e);
	if (r == 0)
		s->run = db_last_id(s->db);
	db_finish(insert);
	return r;
}

int64_t state_run_id(const struct state *s)
{
	return s->run;
}

const struct state_goal_columns state_goals[] = { { "fetched", "source" }, { "synced", "target" } };

int state_run_reached(struct state *s, enum state_goal goal, struct error *e)
{
	char sql[SQL_MAX];
	struct db_stmt *update;
	int r;

	if (state_flush(s, e) != 0)
		return -1;
	snprintf(sql, sizeof(sql), "UPDATE runs SET %s = ? WHERE id = ?", state_goals[goal].time);
	update = db_prepare(s->db, sql, e);
	if (update == NULL)
		return -1;
	db_bind_int(update, 1, port_wall_ms());
	db_bind_int(update, 2, s->run);
	r = db_run(update, e);
	db_finish(update);
	return r;
}

int state_told(struct state *s, int *what, struct error *e)
{
	struct db_stmt *q = db_prepare(s->db, "SELECT r.told FROM runs r JOIN runs me ON me.id = ?"
				       " AND r.command = me.command AND r.source IS me.source"
				       " AND r.target IS me.target WHERE r.told IS NOT NULL"
				       " ORDER BY r.id DESC LIMIT 1", e);
	int r;

	if (q == NULL)
		return -1;
	db_bind_int(q, 1, s->run);
	r = db_step(q, e);
	*what = r == 1 ? (int)db_int(q, 0) : 0;
	db_finish(q);
	return r < 0 ? -1 : 0;
}

int state_tell(struct state *s, int what, struct error *e)
{
	struct db_stmt *update = db_prepare(s->db, "UPDATE runs SET told = ? WHERE id = ?", e);
	int r;

	if (update == NULL)
		return -1;
	db_bind_int(update, 1, what);
	db_bind_int(update, 2, s->run);
	r = db_run(update, e);
	db_finish(update);
	return r;
}

int state_run_end(struct state *s, int exit_code, struct str counts, struct error *e)
{
	struct db_stmt *update;
	int r;

	if (state_flush(s, e) != 0)
		return -1;
	update = db_prepare(s->db, "UPDATE runs SET end = ?, exit = ?, counts = ? WHERE id = ?", e);
	if (update == NULL)
		return -1;
	db_bind_int(update, 1, port_wall_ms());
	db_bind_int(update, 2, exit_code);
	db_bind_text(update, 3, counts);
	db_bind_int(update, 4, s->run);
	r = db_run(update, e);
	db_finish(update);
	return r;
}

/* One more change goes into the open transaction. */
static int wait_more(struct state *s, struct error *e)
{
	if (s->waiting == 0) {
		if (db_begin(s->db, e) != 0)
			return -1;
		s->since = port_mono_ms();
	}
	s->waiting++;
	return 0;
}

/* What waits cannot be kept. Returns -1. */
static int lose(struct state *s)
{
	db_rollback(s->db);
	s->lost += s->audited;
	s->waiting = 0;
	s->audited = 0;
	return -1;
}

uint64_t state_lost(const struct state *s)
{
	return s == NULL ? 0 : s->lost;
}

int state_audit(struct state *s, const struct state_change *change, struct error *e)
{
	const struct str *texts[] = { &change->subject, &change->kind, &change->before, &change->after,
				      &change->result };
	int i;

	if (s == NULL)
		return 0;
	if (wait_more(s, e) != 0) {
		s->lost++;
		return -1;
	}
	db_bind_int(s->insert, 1, s->run);
	db_bind_int(s->insert, 2, port_wall_ms());
	for (i = 0; i < 5; i++)
		db_bind_text(s->insert, 3 + i, *texts[i]);
	s->audited++;
	if (db_run(s->insert, e) != 0)
		return lose(s);
	if (s->waiting < FLUSH_CHANGES && state_due_ms(s) > 0)
		return 0;
	return state_flush(s, e);
}

int state_due_ms(const struct state *s)
{
	int64_t age;

	if (s == NULL || s->waiting == 0)
		return -1;
	age = port_mono_ms() - s->since;
	return age < FLUSH_MS ? (int)(FLUSH_MS - age) : 0;
}

int state_flush(struct state *s, struct error *e)
{
	if (s == NULL || s->waiting == 0)
		return 0;
	if (db_commit(s->db, e) != 0)
		return lose(s);
	s->waiting = 0;
	s->audited = 0;
	return 0;
}

static int change_unmarked(struct state *s, const char *sql, const char *target, struct str name,
			   struct error *e)
{
	struct db_stmt *stmt;
	int r;

	if (s == NULL)
		return 0;
	if (wait_more(s, e) != 0)
		return -1;
	stmt = db_prepare(s->db, sql, e);
	if (stmt == NULL)
		return -1;
	db_bind_text(stmt, 1, str_from(target));
	db_bind_text(stmt, 2, name);
	r = db_run(stmt, e);
	db_finish(stmt);
	return r == 0 ? 0 : lose(s);
}

int state_unmarked_add(struct state *s, const char *target, struct str name, struct error *e)
{
	return change_unmarked(s, "INSERT OR IGNORE INTO unmarked VALUES (?1, ?2)", target, name, e);
}

int state_unmarked_remove(struct state *s, const char *target, struct str name, struct error *e)
{
	return change_unmarked(s, "DELETE FROM unmarked WHERE target = ?1 AND name = ?2", target, name, e);
}

int state_unmarked_each(struct state *s, const char *target,
			int (*fn)(void *cookie, struct str name, struct error *e), void *cookie,
				struct error *e)
{
	struct db_stmt *stmt;
	int got;

	if (s == NULL)
		return 0;
	stmt = db_prepare(s->db, "SELECT name FROM unmarked WHERE target = ?1 ORDER BY name", e);
	if (stmt == NULL)
		return -1;
	db_bind_text(stmt, 1, str_from(target));
	while ((got = db_step(stmt, e)) == 1)
		if (fn(cookie, db_text(stmt, 0), e) < 0) {
			got = -1;
			break;
		}
	db_finish(stmt);
	return got;
}

static struct db_stmt *day_statement(struct state *s, const char *sql, struct str user, struct str day,
				     struct str data, struct error *e)
{
	struct db_stmt *stmt = db_prepare(s->db, sql, e);

	if (stmt == NULL)
		return NULL;
	db_bind_text(stmt, 1, user);
	db_bind_text(stmt, 2, day);
	db_bind_text(stmt, 3, data);
	return stmt;
}

int state_day_known(struct state *s, struct str user, struct str day, struct str data, struct error *e)
{
	static const char sql[] = "SELECT 1 FROM leave_days WHERE user = ?1 AND day = ?2 AND data = ?3";
	struct db_stmt *stmt;
	int got;

	if (s == NULL)
		return 0;
	stmt = day_statement(s, sql, user, day, data, e);
	got = stmt == NULL ? -1 : db_step(stmt, e);
	db_finish(stmt);
	return got;
}

int state_day_posted(struct state *s, struct str user, struct str day, struct str data, struct error *e)
{
	static const char sql[] = "INSERT OR REPLACE INTO leave_days VALUES (?1, ?2, ?3)";
	struct state_change change = { { NULL, 0 }, { NULL, 0 }, { NULL, 0 }, { NULL, 0 }, { NULL, 0 } };
	struct db_stmt *stmt;
	int r;

	if (s == NULL)
		return 0;
	change.subject = user;
	change.kind = STR("leave.day");
	change.before = day;
	change.after = data;
	change.result = STR("done");
	/* The change first: it begins what both reach the disk with. */
	if (state_audit(s, &change, e) != 0)
		return -1;
	stmt = day_statement(s, sql, user, day, data, e);
	r = stmt == NULL ? -1 : db_run(stmt, e);
	db_finish(stmt);
	return r == 0 ? 0 : lose(s);
}

/* ---- access tokens ------------------------------------------------------------------------------------- */

int state_token(struct state *s, const char *name, struct buf *out, int64_t *expires, struct error *e)
{
	struct db_stmt *find;
	int r;

	if (s == NULL)
		return 0;
	find = db_prepare(s->db, "SELECT token, expires FROM tokens WHERE name = ?", e);
	if (find == NULL)
		return -1;
	db_bind_text(find, 1, str_from(name));
	r = db_step(find, e);
	if (r == 1) {
		buf_put_str(out, db_text(find, 0));
		*expires = db_int(find, 1);
	}
	db_finish(find);
	return r;
}

int state_token_keep(struct state *s, const char *name, struct str token, int64_t expires, struct error *e)
{
	struct db_stmt *put;
	int r;

	if (s == NULL)
		return 0;
	put = db_prepare(s->db, "INSERT OR REPLACE INTO tokens VALUES(?, ?, ?)", e);
	if (put == NULL)
		return -1;
	db_bind_text(put, 1, str_from(name));
	db_bind_text(put, 2, token);
	db_bind_int(put, 3, expires);
	r = db_run(put, e);
	db_finish(put);
	return r;
}
