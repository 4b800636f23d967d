/*
 * What a run leaves for its end, or an earlier one left for the next: enabling, disabling and marking of
 * users, which are written down before the first request, and new users who are not listed yet.
 */
#include "plan/plan_int.h"

/* Steps of the operations that wait. */
#define ON_OFF "(SELECT step FROM kind WHERE name IN ('user.enable', 'user.disable'))"
#define AT_END "(SELECT step FROM kind WHERE name IN ('user.enable', 'user.disable', 'user.mark'))"

/* The operations of one kind for new users of earlier runs to whom it applies. */
#define FINISH(kind_name, columns, values, applies) \
	"INSERT INTO op(subject, step, " columns ")" \
	" SELECT base + u.n, step, " values " FROM part, kind, unfinished u" \
	" WHERE part.name = 'user.finish' AND kind.name = '" kind_name "' AND " applies

static const char *const later_rules[] = {
	"DELETE FROM later WHERE id IN (SELECT id FROM ignored WHERE guarded)",
	/*
	 * A disabling or enabling from earlier is dropped when an active entry reaches the user, who is
	 * enabled, when he is disabled already, or must not be disabled any more. The rest stays.
	 */
	"DELETE FROM later WHERE step IN " ON_OFF " AND id IN ("
	"  SELECT a.id FROM rule, actual a WHERE a.n IN (SELECT a FROM reach) AND NOT a.disabled"
	"   AND a.id NOT IN (SELECT id FROM ignored) AND NOT (spare_manual AND a.manual)"
	" UNION ALL"
	"  SELECT a.id FROM actual a WHERE a.disabled AND a.n NOT IN (SELECT a FROM change WHERE enable)"
	"   AND a.id NOT IN (SELECT id FROM ignored)"
	" UNION ALL"
	"  SELECT a.id FROM spared s JOIN actual a ON a.n = s.a)",
	"INSERT INTO later_user(id, email, part) SELECT id, max(email), 'user.left' FROM later GROUP BY id",

	/* What this run does to existing users joins it. */
	"INSERT OR REPLACE INTO later_user(id, email, part)"
	" SELECT s.id, s.label, 'user.later' FROM part, subject s"
	" WHERE part.name = 'group.delete' AND s.n < part.base AND s.id IS NOT NULL",
	"DELETE FROM later WHERE step IN " ON_OFF
	" AND id IN (SELECT s.id FROM op JOIN subject s ON s.n = op.subject WHERE op.step IN " ON_OFF ")",
	"INSERT OR IGNORE INTO later(id, step)"
	" SELECT s.id, step FROM op JOIN subject s ON s.n = op.subject"
	" WHERE step IN " AT_END " AND s.id IS NOT NULL",
	"DELETE FROM op WHERE step IN " AT_END " AND subject IN (SELECT n FROM subject WHERE id IS NOT NULL)",
	"INSERT INTO subject(n, label, id)"
	" SELECT base + u.n, u.email, u.id FROM later_user u JOIN part ON name = u.part",
	"INSERT INTO op(subject, step) SELECT base + u.n, l.step"
	" FROM later l JOIN later_user u ON u.id = l.id JOIN part ON part.name = u.part",

	/*
	 * Those who were not listed; who is now has an id. The name stays beside the invitation, which is
	 * over.
	 */
	"INSERT INTO subject(n, label, key, id, state)"
	" SELECT base + u.n, u.email, u.key, (SELECT a.id FROM actual a WHERE a.key = u.key), 1"
	" FROM part, unfinished u WHERE part.name = 'user.finish'",
	FINISH("user.create", "place, value, was, becomes",
	       "grp, email, u.name, coalesce((SELECT shown FROM tree WHERE id = grp), grp)", "1"),
	FINISH("user.role", "place, value", "grp, role", "role <> 'user'"),
	FINISH("user.address", "value", "address", "address <> ''"),
	FINISH("user.external_id", "value", "ext", "ext <> ''"),
	FINISH("user.mark", "value", "NULL", "1"),
};

/* Users who were changed and not marked, unless this run changes them anyway. */
static const char *const unmarked_rules[] = {
	"INSERT OR IGNORE INTO later(id, step, email) SELECT a.id, step, a.email FROM kind, actual a"
	" WHERE EXISTS (SELECT 1 FROM unmarked) AND kind.name = 'user.mark'"
	"  AND a.id NOT IN (SELECT id FROM ignored)"
	"  AND a.id NOT IN (SELECT id FROM subject WHERE id IS NOT NULL)"
	"  AND ('user:' || a.id IN (SELECT name FROM unmarked) OR 'new:' || a.key IN (SELECT name FROM"
	" unmarked))",
};

static const char *const left_rules[] = {
	"INSERT INTO later_user(id, email, part) SELECT id, email, 'user.left' FROM later",
	"INSERT INTO subject(n, label, id)"
	" SELECT base + u.n, u.email, u.id FROM later_user u JOIN part ON name = u.part",
	"INSERT INTO op(subject, step) SELECT base + u.n, l.step"
	" FROM later l JOIN later_user u ON u.id = l.id JOIN part ON part.name = u.part",
};

int plan_unmarked(struct plan *p, int later, struct error *e)
{
	/* What an earlier run left for its end counts only then. */
	if (!later && db_exec(p->db, "DELETE FROM later", e) < 0)
		return -1;
	if (plan_run(p, unmarked_rules, sizeof(unmarked_rules) / sizeof(unmarked_rules[0]), e) < 0)
		return -1;
	return later ? 0 : plan_run(p, left_rules, sizeof(left_rules) / sizeof(left_rules[0]), e);
}

int plan_later(struct plan *p, struct error *e)
{
	return plan_run(p, later_rules, sizeof(later_rules) / sizeof(later_rules[0]), e);
}

int plan_add_left(struct plan *p, struct str id, struct str email, enum op_kind kind, struct error *e)
{
	struct db_stmt *s = plan_stmt(p, SQL_ADD_LEFT, e);

	if (s == NULL)
		return -1;
	db_bind_text(s, 1, id);
	db_bind_text(s, 2, email);
	db_bind_int(s, 3, kind);
	return db_run(s, e);
}

int plan_add_unfinished(struct plan *p, const struct unfinished_user *u, struct error *e)
{
	struct db_stmt *s = plan_stmt(p, SQL_ADD_UNFINISHED, e);

	if (s == NULL)
		return -1;
	db_bind_text(s, 1, u->email);
	db_bind_text(s, 2, plan_lower(&p->key, u->email));
	db_bind_text(s, 3, u->name);
	db_bind_text(s, 4, u->group);
	db_bind_text(s, 5, u->role);
	db_bind_text(s, 6, u->address);
	db_bind_text(s, 7, u->external_id);
	return buf_check(&p->key, "e-mail", e) < 0 ? -1 : db_run(s, e);
}

int plan_add_unmarked(struct plan *p, struct str name, struct error *e)
{
	struct db_stmt *s = plan_stmt(p, SQL_ADD_UNMARKED, e);

	if (s == NULL)
		return -1;
	db_bind_text(s, 1, name);
	return db_run(s, e);
}

int plan_was_unmarked(struct plan *p, struct str name)
{
	struct db_stmt *s = plan_stmt(p, SQL_WAS_UNMARKED, NULL);
	int found = 0;

	if (s != NULL) {
		db_bind_text(s, 1, name);
		found = db_step(s, NULL) == 1;
		db_reset(s);
	}
	return found;
}

void plan_mark_name(struct plan *p, const struct plan_subject *s, struct buf *name)
{
	buf_reset(name);
	if (s->part == PART_USER_CREATE || s->part == PART_USER_FINISH)
		buf_printf(name, "new:%.*s", STR_ARG(plan_lower(&p->key, s->label)));
	else if (s->part != PART_GROUP_CREATE && s->part != PART_GROUP_DELETE)
		buf_printf(name, "user:%.*s", STR_ARG(s->id));
}

int plan_each_mark(struct plan *p, int (*fn)(void *cookie, struct str name, struct error *e), void *cookie,
		   struct error *e)
{
	struct db_stmt *s = db_prepare(p->db, "SELECT coalesce('new:' || s.key, 'user:' || s.id)"
				       " FROM kind JOIN op USING(step) JOIN subject s ON s.n = op.subject"
				       " WHERE kind.name = 'user.mark' AND s.state < 2", e);
	int got = s == NULL ? -1 : 1;

	while (got == 1 && (got = db_step(s, e)) == 1)
		if (fn(cookie, db_text(s, 0), e) < 0)
			got = -1;
	db_finish(s);
	return got;
}
