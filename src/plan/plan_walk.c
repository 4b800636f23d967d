/* Reading a plan's operations, and noting what doing them reveals. */
#include <stdlib.h>
#include <string.h>
#include "plan/plan_int.h"

int plan_count(struct plan *p, uint64_t count[PLAN_PARTS], struct error *e)
{
	struct db_stmt *s = db_prepare(p->db, "SELECT count(*) FROM subject WHERE n >= ?1 AND n < ?2", e);
	int i, failed = s == NULL;

	for (i = 0; !failed && i < PLAN_PARTS; i++) {
		db_bind_int(s, 1, plan_base((enum plan_part)i));
		db_bind_int(s, 2, plan_base((enum plan_part)(i + 1)));
		failed = db_step(s, e) < 0;
		count[i] = failed ? 0 : (uint64_t)db_int(s, 0);
		db_reset(s);
	}
	db_finish(s);
	return failed ? -1 : 0;
}

int plan_number(struct plan *p, const char *sql, uint64_t *number, struct error *e)
{
	struct db_stmt *s = db_prepare(p->db, sql, e);
	int got;

	if (s == NULL)
		return -1;
	got = db_step(s, e);
	*number = got == 1 ? (uint64_t)db_int(s, 0) : 0;
	db_finish(s);
	return got == 1 ? 0 : -1;
}

int plan_unchanged(struct plan *p, uint64_t *count, struct error *e)
{
	return plan_number(p, "SELECT (SELECT count(*) FROM pair) - (SELECT count(*) FROM change)", count, e);
}

int plan_ambiguous(struct plan *p, uint64_t *count, struct error *e)
{
	return plan_number(p, "SELECT count(DISTINCT w) FROM held JOIN reach USING(a)", count, e);
}

struct plan_cursor {
	struct db_stmt *stmt;	/* owned */
};

#define SUBJECTS "SELECT n, level, label, id, why, state FROM subject WHERE n >= ?1 AND n < ?2"

/* Subjects of the parts from first to last. */
static struct plan_cursor *walk(struct plan *p, enum plan_part first, enum plan_part last, const char *sql,
				struct error *e)
{
	struct plan_cursor *c = calloc(1, sizeof(*c));

	if (c == NULL) {
		error_memory(e);
		return NULL;
	}
	c->stmt = db_prepare(p->db, sql, e);
	if (c->stmt == NULL) {
		free(c);
		return NULL;
	}
	db_bind_int(c->stmt, 1, plan_base(first));
	db_bind_int(c->stmt, 2, plan_base((enum plan_part)(last + 1)));
	return c;
}

struct plan_cursor *plan_walk(struct plan *p, enum plan_part part, struct error *e)
{
	/* Only groups have levels, and they are few beside people. */
	int levels = part == PART_GROUP_CREATE || part == PART_GROUP_DELETE;

	return walk(p, part, part, levels ? SUBJECTS " ORDER BY level, n" : SUBJECTS " ORDER BY n", e);
}

struct plan_cursor *plan_walk_by_place(struct plan *p, enum plan_part part, struct error *e)
{
	return walk(p, part, part, "SELECT n, level, label, id, why, state FROM subject"
		    " JOIN op ON subject = n AND step = (SELECT step FROM kind WHERE name = 'user.create')"
		    " WHERE n >= ?1 AND n < ?2 AND state = 0 ORDER BY place, n", e);
}

struct plan_cursor *plan_walk_level(struct plan *p, enum plan_part first, enum plan_part last,
				    enum plan_state state, struct error *e)
{
	static const char sql[] = SUBJECTS " AND state = ?3 AND level ="
		" (SELECT min(level) FROM subject WHERE n >= ?1 AND n < ?2 AND state = ?3) ORDER BY n";
	struct plan_cursor *c = walk(p, first, last, sql, e);

	if (c != NULL)
		db_bind_int(c->stmt, 3, state);
	return c;
}

struct plan_cursor *plan_walk_user(struct plan *p, struct str id, struct str key, struct error *e)
{
	/* Ids of groups may look the same. */
	static const char sql[] = SUBJECTS " AND (n < ?3 OR n >= ?4) AND (id = ?5 OR key = ?6) ORDER BY n";
	struct plan_cursor *c = walk(p, PART_USER_CREATE, (enum plan_part)(PLAN_PARTS - 1), sql, e);

	if (c == NULL)
		return NULL;
	db_bind_int(c->stmt, 3, plan_base(PART_GROUP_DELETE));
	db_bind_int(c->stmt, 4, plan_base((enum plan_part)(PART_GROUP_DELETE + 1)));
	db_bind_text(c->stmt, 5, id);
	db_bind_text(c->stmt, 6, key);
	return c;
}

/* A copy that lives in the arena; NULL stays ptr NULL. */
static struct str column(struct db_stmt *s, int col, struct arena *a, int *failed)
{
	struct str t = db_text(s, col);

	if (t.ptr == NULL)
		return t;
	t = arena_str(a, t);
	if (t.ptr == NULL)
		*failed = 1;
	return t;
}

int plan_next(struct plan_cursor *c, struct plan_subject *s, struct arena *a, struct error *e)
{
	int got = db_step(c->stmt, e), failed = 0;

	if (got != 1)
		return got;
	s->n = db_int(c->stmt, 0);
	s->part = plan_part_of(s->n);
	s->level = (int)db_int(c->stmt, 1);
	s->label = column(c->stmt, 2, a, &failed);
	s->id = column(c->stmt, 3, a, &failed);
	s->why = column(c->stmt, 4, a, &failed);
	s->state = (enum plan_state)db_int(c->stmt, 5);
	return failed ? error_memory(e) : 1;
}

void plan_walk_end(struct plan_cursor *c)
{
	if (c == NULL)
		return;
	db_finish(c->stmt);
	free(c);
}

int plan_ops(struct plan *p, const struct plan_subject *subject, struct op ops[OP_KINDS], struct arena *a,
	     struct error *e)
{
	struct db_stmt *s = plan_stmt(p, SQL_OPS, e);
	int count = 0, got, failed = 0;

	if (s == NULL)
		return -1;
	db_bind_int(s, 1, subject->n);
	while ((got = db_step(s, e)) == 1) {
		struct op *op = &ops[count++];

		op->kind = (enum op_kind)db_int(s, 0);
		op->id = subject->id;
		op->label = subject->label;
		op->place = column(s, 1, a, &failed);
		op->value = column(s, 2, a, &failed);
		op->before = column(s, 3, a, &failed);
		op->after = column(s, 4, a, &failed);
		if (op->after.ptr == NULL)
			op->after = op->value;
	}
	if (failed)
		return error_memory(e);
	return got < 0 ? -1 : count;
}

int plan_made_group(struct plan *p, struct str path, struct str id, struct error *e)
{
	struct db_stmt *s = plan_stmt(p, SQL_MADE, e);

	if (s == NULL)
		return -1;
	buf_reset(&p->scratch);
	buf_printf(&p->scratch, "{group:%.*s}", STR_ARG(path));
	db_bind_text(s, 1, buf_str(&p->scratch));
	db_bind_text(s, 2, id);
	return buf_check(&p->scratch, "group path", e) < 0 ? -1 : db_run(s, e);
}

int plan_found_user(struct plan *p, struct str email, struct str id, struct error *e)
{
	struct db_stmt *s = plan_stmt(p, SQL_FOUND_USER, e);

	if (s == NULL || email.ptr == NULL)
		return s == NULL ? -1 : 0;
	db_bind_text(s, 1, plan_lower(&p->key, email));
	db_bind_text(s, 2, id);
	return buf_check(&p->key, "e-mail", e) < 0 ? -1 : db_run(s, e);
}

static int resolve(struct plan *p, struct str *name, struct arena *a, struct error *e)
{
	struct db_stmt *s;
	int got, failed = 0;

	if (!str_starts(*name, STR("{group:")))
		return 0;
	s = plan_stmt(p, SQL_FIND_MADE, e);
	if (s == NULL)
		return -1;
	db_bind_text(s, 1, *name);
	got = db_step(s, e);
	if (got == 0)
		return error_set(e, ERROR_FAILED, "the group \"%.*s\" was not made",
				 (int)(name->len - strlen("{group:}")), name->ptr + strlen("{group:"));
	if (got == 1) {
		*name = column(s, 0, a, &failed);
		db_reset(s);
	}
	if (failed)
		return error_memory(e);
	return got < 0 ? -1 : 0;
}

int plan_resolve(struct plan *p, struct op *op, struct arena *a, struct error *e)
{
	if (op->place.ptr != NULL && resolve(p, &op->place, a, e) < 0)
		return -1;
	return op->kind == OP_USER_MOVE ? resolve(p, &op->value, a, e) : 0;
}

int plan_missing_users(struct plan *p, enum plan_part part, uint64_t *count, struct error *e)
{
	struct db_stmt *s = db_prepare(p->db, "SELECT count(*) FROM subject WHERE n >= ?1 AND n < ?2"
				       " AND state = ?3 AND id IS NULL", e);
	int got;

	if (s == NULL)
		return -1;
	db_bind_int(s, 1, plan_base(part));
	db_bind_int(s, 2, plan_base((enum plan_part)(part + 1)));
	db_bind_int(s, 3, PLAN_STARTED);
	got = db_step(s, e);
	*count = got == 1 ? (uint64_t)db_int(s, 0) : 0;
	db_finish(s);
	return got == 1 ? 0 : -1;
}

int plan_set_state(struct plan *p, const struct plan_subject *subject, enum plan_state state, struct error *e)
{
	/* A group that stays keeps those above it. */
	int spread = subject->part == PART_GROUP_DELETE && state == PLAN_FAILED;
	struct db_stmt *s = plan_stmt(p, SQL_SET_STATE, e);
	struct db_stmt *block = spread ? plan_stmt(p, SQL_BLOCK, e) : NULL;

	if (s == NULL || (spread && block == NULL))
		return -1;
	db_bind_int(s, 1, subject->n);
	db_bind_int(s, 2, state);
	if (db_run(s, e) < 0)
		return -1;
	if (!spread)
		return 0;
	db_bind_int(block, 1, subject->n);
	db_bind_int(block, 2, state);
	return db_run(block, e);
}

#define HOLD "UPDATE subject SET state = 4 WHERE state = 0 AND "
#define HELD_USERS \
	"FROM subject WHERE state = 4 AND n >= " PLAN_BASE("user.create") \
	" AND n < " PLAN_BASE("group.delete")

int plan_count_left(struct plan *p, uint64_t *count, struct error *e)
{
	return plan_number(p, "SELECT count(*) FROM subject WHERE state < 2"
			   " AND (n < " PLAN_BASE("user.finish") " OR n >= " PLAN_BASE("user.left") ")",
			   count, e);
}

/* Who was to go into a group that is not made. */
static const char hold_movers[] =
	HOLD "n >= " PLAN_BASE("user.create") " AND n IN (SELECT o.subject FROM op o JOIN kind USING(step)"
	"  WHERE (kind.name = 'user.create' AND substr(o.place, 1, 7) = '{group:')"
	"   OR (kind.name = 'user.move' AND substr(o.value, 1, 7) = '{group:'))";

static const char *const hold_followers[] = {
	HOLD "n >= " PLAN_BASE("user.later") " AND id IN (SELECT id " HELD_USERS ")",
	HOLD "n >= " PLAN_BASE("group.delete") " AND n < " PLAN_BASE("user.finish")
	" AND EXISTS (SELECT 1 " HELD_USERS ")",
};

int plan_hold(struct plan *p, enum plan_part part, struct error *e)
{
	struct db_stmt *s = db_prepare(p->db, HOLD "n >= ?1 AND n < ?2", e);
	int failed;

	if (s == NULL)
		return -1;
	db_bind_int(s, 1, plan_base(part));
	db_bind_int(s, 2, plan_base((enum plan_part)(part + 1)));
	failed = db_run(s, e);
	db_finish(s);
	if (failed || (part == PART_GROUP_CREATE && db_exec(p->db, hold_movers, e) < 0))
		return -1;
	return plan_run(p, hold_followers, sizeof(hold_followers) / sizeof(hold_followers[0]), e);
}
