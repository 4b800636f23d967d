/*
 * The work set: its tables, how they are filled with what the target holds, and how the operations are read.
 */
#include <stdlib.h>
#include "base/unicode.h"
#include "base/limits.h"
#include "plan/plan_int.h"

static const char tables[] =
	/*
	 * The prepared file as the target shall have it: of several entries with one e-mail the first. plain:
	 * the role needs no call for a new user.
	 */
	"CREATE TABLE wanted(n INTEGER PRIMARY KEY, active INT, email TEXT, key TEXT, name TEXT, role TEXT,"
	" plain INT, address TEXT, address_key TEXT, ext TEXT, path INT);"
	"CREATE UNIQUE INDEX wanted_key ON wanted(key, active);"
	/* Paths that active people need, with all above them; 0 is the root group. */
	"CREATE TABLE path(n INTEGER PRIMARY KEY, path TEXT NOT NULL UNIQUE, up INT, name TEXT, depth INT,"
	" listed TEXT, under TEXT, walked INT NOT NULL DEFAULT 0, ref TEXT, shown TEXT);"
	"INSERT INTO path(n, path, depth) VALUES (0, '', 0);"
	/* The target as it is. */
	"CREATE TABLE listed_group(n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, up TEXT, name TEXT);"
	"CREATE TABLE actual(n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, email TEXT, key TEXT, name TEXT,"
	" grp TEXT, role TEXT, address TEXT, address_key TEXT, ext TEXT, manual INT NOT NULL DEFAULT 0,"
	" disabled INT NOT NULL DEFAULT 0);"
	/* Who is left alone: ids; e-mails and "*@domain". */
	"CREATE TABLE ignored(id TEXT PRIMARY KEY) WITHOUT ROWID;"
	"CREATE TABLE protect(key TEXT PRIMARY KEY) WITHOUT ROWID;"
	/* What an earlier run left. */
	"CREATE TABLE later(id TEXT, step INT, email TEXT, PRIMARY KEY(id, step)) WITHOUT ROWID;"
	"CREATE TABLE unfinished(n INTEGER PRIMARY KEY, email TEXT, key TEXT UNIQUE, name TEXT, grp TEXT,"
	" role TEXT, address TEXT, ext TEXT);"
	/* What is to be done. place, value may name a group still to be made; was, becomes are for people. */
	"CREATE TABLE kind(name TEXT PRIMARY KEY, step INT) WITHOUT ROWID;"
	"CREATE TABLE part(name TEXT PRIMARY KEY, base INT) WITHOUT ROWID;"
	"CREATE TABLE subject(n INTEGER PRIMARY KEY, level INT NOT NULL DEFAULT 0, label TEXT, key TEXT,"
	" id TEXT, why TEXT, state INT NOT NULL DEFAULT 0, above INT);"
	"CREATE INDEX subject_key ON subject(key) WHERE key IS NOT NULL;"
	"CREATE TABLE op(subject INT, step INT, place TEXT, value TEXT, was TEXT, becomes TEXT,"
	" PRIMARY KEY(subject, step)) WITHOUT ROWID;"
	"CREATE TABLE made(name TEXT PRIMARY KEY, id TEXT) WITHOUT ROWID;";

static const char *const statements[PLAN_STATEMENTS] = {
	"INSERT OR IGNORE INTO wanted VALUES (NULL, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
	"SELECT n FROM path WHERE path = ?1",
	"INSERT INTO path(path, up, name, depth) VALUES (?1, ?2, ?3, ?4)",
	"INSERT OR REPLACE INTO listed_group VALUES (NULL, ?1, ?2, ?3)",
	"INSERT OR REPLACE INTO actual(id, email, key, name, grp) VALUES (?1, ?2, ?3, ?4, ?5)",
	"UPDATE actual SET address = ?2, address_key = ?3, ext = ?4, manual = ?5, disabled = ?6 WHERE n = ?1",
	"UPDATE actual SET role = ?3 WHERE id = ?1 AND grp = ?2",
	"SELECT n, id FROM actual WHERE n >= ?1 ORDER BY n LIMIT ?2",
	"SELECT step, place, value, was, becomes FROM op WHERE subject = ?1 ORDER BY step",
	"INSERT OR REPLACE INTO made VALUES (?1, ?2)",
	"SELECT id FROM made WHERE name = ?1",
	"UPDATE subject SET id = ?2 WHERE key = ?1 AND id IS NULL AND state = 1",
	"UPDATE subject SET state = ?2 WHERE n = ?1",
	/* A group that stays keeps those above it. */
	"WITH RECURSIVE up(n) AS (SELECT above FROM subject WHERE n = ?1 UNION"
	" SELECT s.above FROM up JOIN subject s ON s.n = up.n)"
	" UPDATE subject SET state = ?2 WHERE n IN (SELECT n FROM up)",
	"INSERT OR IGNORE INTO ignored VALUES (?1)",
	"INSERT OR REPLACE INTO later VALUES (?1, ?3, ?2)",
	"INSERT OR IGNORE INTO unfinished VALUES (NULL, ?1, ?2, ?3, ?4, ?5, ?6, ?7)",
};

struct plan *plan_new(struct error *e)
{
	struct plan *p = calloc(1, sizeof(*p));

	if (p == NULL) {
		error_memory(e);
		return NULL;
	}
	buf_init(&p->scratch, MAX_RECORD);
	buf_init(&p->key, MAX_RECORD);
	buf_init(&p->last_path, MAX_RECORD);
	p->db = db_open_work(NULL, 0, e);
	/* One transaction for the life of the work set: it is thrown away in the end. */
	if (p->db == NULL || db_begin(p->db, e) < 0 || db_exec(p->db, tables, e) < 0 ||
	    plan_add_kinds(p, e) < 0) {
		plan_free(p);
		return NULL;
	}
	return p;
}

void plan_free(struct plan *p)
{
	int i;

	if (p == NULL)
		return;
	for (i = 0; i < PLAN_STATEMENTS; i++)
		db_finish(p->stmt[i]);
	db_close(p->db);
	buf_release(&p->scratch);
	buf_release(&p->key);
	buf_release(&p->last_path);
	free(p);
}

struct db_stmt *plan_stmt(struct plan *p, enum plan_sql which, struct error *e)
{
	if (p->stmt[which] == NULL)
		p->stmt[which] = db_prepare(p->db, statements[which], e);
	return p->stmt[which];
}

struct str plan_lower(struct buf *scratch, struct str s)
{
	buf_reset(scratch);
	if (s.ptr == NULL)
		return s;
	unicode_lower(scratch, s);
	return str_of(buf_text(scratch), scratch->len);
}

int plan_add_group(struct plan *p, struct str id, struct str parent, struct str name, struct error *e)
{
	struct db_stmt *s = plan_stmt(p, SQL_ADD_GROUP, e);

	if (s == NULL)
		return -1;
	db_bind_text(s, 1, id);
	db_bind_text(s, 2, parent.len > 0 ? parent : str_of(NULL, 0));
	db_bind_text(s, 3, name.ptr != NULL ? unicode_trim(name) : STR(""));
	return db_run(s, e);
}

int plan_add_user(struct plan *p, const struct actual_user *u, int64_t *n, struct error *e)
{
	struct db_stmt *s = plan_stmt(p, SQL_ADD_USER, e);

	if (s == NULL)
		return -1;
	db_bind_text(s, 1, u->id);
	db_bind_text(s, 2, u->email);
	db_bind_text(s, 3, plan_lower(&p->key, u->email));
	db_bind_text(s, 4, u->name);
	db_bind_text(s, 5, u->group);
	if (buf_check(&p->key, "e-mail", e) < 0 || db_run(s, e) < 0)
		return -1;
	*n = db_last_id(p->db);
	return 0;
}

int plan_set_details(struct plan *p, int64_t n, const struct actual_details *d, struct error *e)
{
	struct db_stmt *s = plan_stmt(p, SQL_SET_DETAILS, e);

	if (s == NULL)
		return -1;
	db_bind_int(s, 1, n);
	db_bind_text(s, 2, d->address);
	db_bind_text(s, 3, plan_lower(&p->key, d->address));
	db_bind_text(s, 4, d->external_id);
	db_bind_int(s, 5, d->manual);
	db_bind_int(s, 6, d->disabled);
	return buf_check(&p->key, "additional e-mail", e) < 0 ? -1 : db_run(s, e);
}

int plan_set_role(struct plan *p, struct str id, struct str group, struct str role, struct error *e)
{
	struct db_stmt *s = plan_stmt(p, SQL_SET_ROLE, e);

	if (s == NULL)
		return -1;
	db_bind_text(s, 1, id);
	db_bind_text(s, 2, group);
	db_bind_text(s, 3, role);
	return db_run(s, e);
}

int plan_user_ids(struct plan *p, int64_t from, int max, struct str *ids, int64_t *numbers, struct arena *a,
		  struct error *e)
{
	struct db_stmt *s = plan_stmt(p, SQL_USER_IDS, e);
	int count = 0, got;

	if (s == NULL)
		return -1;
	db_bind_int(s, 1, from);
	db_bind_int(s, 2, max);
	while ((got = db_step(s, e)) == 1) {
		numbers[count] = db_int(s, 0);
		ids[count] = arena_str(a, db_text(s, 1));
		if (ids[count++].ptr == NULL) {
			db_reset(s);
			return error_memory(e);
		}
	}
	return got < 0 ? -1 : count;
}

int plan_ignore(struct plan *p, struct str id, struct error *e)
{
	struct db_stmt *s = plan_stmt(p, SQL_IGNORE, e);

	if (s == NULL)
		return -1;
	db_bind_text(s, 1, id);
	return db_run(s, e);
}
