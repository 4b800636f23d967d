/*
 * Whether operations fit the target: before a saved plan is done, that each subject still is as it was when
 * the plan was made; after doing a plan, that the target shows what was done.
 */
#include "base/limits.h"
#include "plan/plan_int.h"

/* What a user has to show before and after an operation; a is the user as listed now, o the operation. */
static const struct { enum op_kind kind; const char *before, *after; } user_facts[] = {
	{ OP_USER_ENABLE, "a.disabled", "NOT a.disabled" },
	{ OP_USER_DISABLE, "NOT a.disabled", "a.disabled" },
	{ OP_USER_RENAME, "a.name IS o.was", "a.name IS o.value" },
	{ OP_USER_EMAIL, "a.email IS o.was", "a.email IS o.value" },
	{ OP_USER_ROLE, "a.role IS o.was AND coalesce(a.grp, o.place) IS o.place",
	  "a.role IS NULL OR a.role = o.value" },
	{ OP_USER_MOVE, "a.grp IS o.place",
	  "a.grp IS coalesce((SELECT id FROM made WHERE name = o.value), o.value)" },
	{ OP_USER_ADDRESS, "a.address IS o.was", "a.address IS o.value" },
	{ OP_USER_EXTERNAL_ID, "a.ext IS o.was", "a.ext IS o.value" },
	{ OP_USER_MARK, "1", "NOT a.manual" },
};

#define USER_FACTS (sizeof(user_facts) / sizeof(user_facts[0]))

/* The subjects of a part, as s. */
#define OF_PART(name) " FROM part JOIN subject s ON s.n >= base AND s.n < base + (1 << 40)" \
	" WHERE part.name = '" name "'"

static const char *const before_rules[] = {
	"INSERT OR IGNORE INTO misfit SELECT n, 'is no longer in the account' FROM subject"
	" WHERE id IS NOT NULL AND id NOT IN (SELECT id FROM actual) AND id NOT IN (SELECT id FROM"
	" listed_group)",
	"INSERT OR IGNORE INTO misfit SELECT s.n, 'is in the account by now'" OF_PART("user.create")
	" AND s.key IN (SELECT key FROM actual)",
	"INSERT OR IGNORE INTO misfit SELECT s.n, 'is in the account by now'" OF_PART("group.create")
	" AND EXISTS (SELECT 1 FROM op o JOIN listed_group g ON g.up = o.place AND g.name = o.value"
	"  WHERE o.subject = s.n)",
	"INSERT OR IGNORE INTO misfit SELECT s.n, 'is not empty any more'" OF_PART("group.delete")
	" AND EXISTS (SELECT 1 FROM actual a WHERE a.grp = s.id AND a.id NOT IN (SELECT t.id FROM subject t"
	"  JOIN op m ON m.subject = t.n JOIN kind USING(step) WHERE kind.name = 'user.move' AND t.id IS"
	" NOT NULL))",
	"INSERT OR IGNORE INTO misfit SELECT subject, 'names a group that is no longer in the account'"
	" FROM op"
	" WHERE substr(place, 1, 7) <> '{group:' AND place NOT IN (SELECT id FROM listed_group)",
};

static const char *const after_rules[] = {
	"INSERT OR IGNORE INTO misfit SELECT n, 'is not in the account' FROM subject"
	" WHERE state = 2 AND id IS NOT NULL AND id NOT IN (SELECT id FROM actual)"
	"  AND n < (SELECT base FROM part WHERE name = 'group.delete')",
	"INSERT OR IGNORE INTO misfit SELECT s.n, 'is not in the account'" OF_PART("group.create")
	" AND s.state = 2 AND NOT EXISTS (SELECT 1 FROM made JOIN listed_group USING(id)"
	"  WHERE made.name = '{group:' || s.label || '}')",
	"INSERT OR IGNORE INTO misfit SELECT s.n, 'is still in the account'" OF_PART("group.delete")
	" AND s.state = 2 AND s.id IN (SELECT id FROM listed_group)",
};

/*
 * Users in whom an operation's fact does not hold. Of those whom an earlier run left nothing is known before.
 */
static int check_fact(struct plan *p, size_t which, int after, struct error *e)
{
	const char *field = op_table[user_facts[which].kind].field;
	struct buf sql;
	int failed;

	buf_init(&sql, 4096);
	buf_printf(&sql, "INSERT OR IGNORE INTO misfit SELECT s.n, '%s is not as %s' FROM op o"
		   " JOIN subject s ON s.n = o.subject JOIN actual a ON a.id = s.id WHERE o.step = %d AND"
		   " NOT (%s) AND ",
		   field != NULL && field[0] != '\0' ? field : "state",
			   after ? "asked" : "when the plan was made",
		   (int)user_facts[which].kind, after ? user_facts[which].after : user_facts[which].before);
	if (after)
		buf_puts(&sql, "s.state = 2");
	else
		buf_puts(&sql, "s.n NOT IN (SELECT s.n" OF_PART("user.finish")
			 " UNION ALL SELECT s.n" OF_PART("user.left") ")");
	failed = buf_check(&sql, "statement", e) < 0 || db_exec(p->db, buf_text(&sql), e) < 0;
	buf_release(&sql);
	return failed ? -1 : 0;
}

static int find_misfits(struct plan *p, int after, struct error *e)
{
	size_t i;

	if (db_exec(p->db, "DELETE FROM misfit", e) < 0)
		return -1;
	if ((after ? plan_run(p, after_rules, sizeof(after_rules) / sizeof(after_rules[0]), e) :
	     plan_run(p, before_rules, sizeof(before_rules) / sizeof(before_rules[0]), e)) < 0)
		return -1;
	for (i = 0; i < USER_FACTS; i++)
		if (check_fact(p, i, after, e) < 0)
			return -1;
	return 0;
}

/* One line for each misfit, at most PLAN_LINES, and how many there are. */
static int put_misfits(struct plan *p, plan_line_fn *line, void *cookie, uint64_t *count, struct error *e)
{
	struct db_stmt *s;
	struct buf text;
	uint64_t shown = 0;
	int got = 1;

	if (plan_number(p, "SELECT count(*) FROM misfit", count, e) < 0)
		return -1;
	s = db_prepare(p->db, "SELECT label, what FROM misfit JOIN subject USING(n) ORDER BY n", e);
	if (s == NULL)
		return -1;
	buf_init(&text, 4 * MAX_RECORD);
	while (shown < PLAN_LINES && (got = db_step(s, e)) == 1) {
		struct str label = db_text(s, 0), what = db_text(s, 1);

		buf_reset(&text);
		buf_printf(&text, "  %.*s  %.*s", STR_ARG(label), STR_ARG(what));
		line(cookie, buf_text(&text));
		shown++;
	}
	db_finish(s);
	buf_release(&text);
	return got < 0 ? -1 : 0;
}

int plan_check_before(struct plan *p, plan_line_fn *line, void *cookie, uint64_t *misfits, struct error *e)
{
	if (find_misfits(p, 0, e) < 0 || put_misfits(p, line, cookie, misfits, e) < 0)
		return -1;
	return db_exec(p->db, "UPDATE subject SET state = 3 WHERE n IN (SELECT n FROM misfit)", e);
}

int plan_check_after(struct plan *p, plan_line_fn *line, void *cookie, uint64_t *misfits, struct error *e)
{
	return find_misfits(p, 1, e) < 0 || put_misfits(p, line, cookie, misfits, e) < 0 ? -1 : 0;
}

int plan_forget_actual(struct plan *p, struct error *e)
{
	p->only_subjects = 1;
	return db_exec(p->db, "DELETE FROM actual; DELETE FROM listed_group;"
		       "CREATE INDEX IF NOT EXISTS subject_id ON subject(id) WHERE id IS NOT NULL", e);
}
