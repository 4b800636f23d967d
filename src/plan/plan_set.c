/* The work set: how it is filled with what the target holds, and the statements that are used often. */
#include <stdlib.h>
#include "base/unicode.h"
#include "base/limits.h"
#include "plan/plan_int.h"

static const char *const statements[PLAN_STATEMENTS] = {
	"INSERT OR IGNORE INTO wanted VALUES (NULL, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
	"SELECT n FROM path WHERE path = ?1",
	"INSERT INTO path(path, up, name, depth) VALUES (?1, ?2, ?3, ?4)",
	"INSERT OR REPLACE INTO listed_group VALUES (NULL, ?1, ?2, ?3)",
	"INSERT OR REPLACE INTO actual(id, email, key, name, grp) VALUES (?1, ?2, ?3, ?4, ?5)",
	"INSERT OR REPLACE INTO actual(id, email, key, name, grp) SELECT ?1, ?2, ?3, ?4, ?5"
	" WHERE EXISTS (SELECT 1 FROM subject WHERE id = ?1)",
	"UPDATE actual SET address = ?2, address_key = ?3, ext = ?4, manual = ?5, disabled = ?6 WHERE n = ?1",
	"UPDATE actual SET role = ?3 WHERE id = ?1 AND grp = ?2",
	"SELECT n, id FROM actual WHERE n >= ?1 ORDER BY n LIMIT ?2",
	"SELECT step, place, value, was, becomes FROM op WHERE subject = ?1 ORDER BY step",
	"INSERT OR REPLACE INTO made VALUES (?1, ?2)",
	"SELECT id FROM made WHERE name = ?1",
	"UPDATE subject SET id = ?2, state = 1 WHERE key = ?1 AND id IS NULL AND state < 2",
	"UPDATE subject SET state = ?2 WHERE n = ?1",
	/* A group that stays keeps those above it. */
	"WITH RECURSIVE up(n) AS (SELECT above FROM subject WHERE n = ?1 UNION"
	" SELECT s.above FROM up JOIN subject s ON s.n = up.n)"
	" UPDATE subject SET state = ?2 WHERE n IN (SELECT n FROM up)",
	"INSERT OR IGNORE INTO ignored VALUES (?1, 1)",
	"INSERT OR REPLACE INTO later VALUES (?1, ?3, ?2)",
	"INSERT OR IGNORE INTO unfinished VALUES (NULL, ?1, ?2, ?3, ?4, ?5, ?6, ?7)",
	"INSERT OR IGNORE INTO unmarked VALUES (?1)",
	"SELECT 1 FROM unmarked WHERE name = ?1",
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
	if (p->db == NULL || db_begin(p->db, e) < 0 || plan_create_tables(p, e) < 0 ||
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
	struct db_stmt *s = plan_stmt(p, p->only_subjects ? SQL_ADD_SUBJECTS_USER : SQL_ADD_USER, e);

	if (s == NULL)
		return -1;
	db_bind_text(s, 1, u->id);
	db_bind_text(s, 2, u->email);
	db_bind_text(s, 3, plan_lower(&p->key, u->email));
	db_bind_text(s, 4, u->name);
	db_bind_text(s, 5, u->group);
	if (buf_check(&p->key, "e-mail", e) < 0 || db_run(s, e) < 0)
		return -1;
	*n = db_changes(p->db) > 0 ? db_last_id(p->db) : 0;
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
