/*
 * Whether operations fit the target: before a saved plan is done, that each subject still is as it was when
 * the plan was made, or, when it was begun before, what of it is done; after doing a plan, that the target
 * shows what was done.
 */
#include "base/limits.h"
#include "plan/plan_int.h"

#define STATEMENT_MAX 4096	/* bytes of a statement that is put together */

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
	" AND s.state = 0 AND s.key IN (SELECT key FROM actual)",
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
	"  AND n < " PLAN_BASE("group.delete"),
	"INSERT OR IGNORE INTO misfit SELECT s.n, 'is not in the account'" OF_PART("group.create")
	" AND s.state = 2 AND NOT EXISTS (SELECT 1 FROM made JOIN listed_group USING(id)"
	"  WHERE made.name = '{group:' || s.label || '}')",
	"INSERT OR IGNORE INTO misfit SELECT s.n, 'is still in the account'" OF_PART("group.delete")
	" AND s.state = 2 AND s.id IN (SELECT id FROM listed_group)",
};

/* Runs a statement that was put together, and releases it. */
static int run_text(struct plan *p, struct buf *sql, struct error *e)
{
	int failed = buf_check(sql, "statement", e) < 0 || db_exec(p->db, buf_text(sql), e) < 0;

	buf_release(sql);
	return failed ? -1 : 0;
}

/*
 * Users in whom an operation's fact does not hold. Of those whom an earlier run left or created nothing is
 * known before.
 */
static int check_fact(struct plan *p, size_t which, int after, struct error *e)
{
	const char *field = op_table[user_facts[which].kind].field;
	struct buf sql;

	buf_init(&sql, STATEMENT_MAX);
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
			 " UNION ALL SELECT s.n" OF_PART("user.create")
			 " UNION ALL SELECT s.n" OF_PART("user.left") ")");
	return run_text(p, &sql, e);
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

/* What of a plan an earlier run has done, but for the operations on users. */
static const char *const resume_rules[] = {
	/* Groups that are there by now, level by level. */
	"WITH RECURSIVE c(label, place, value) AS (SELECT s.label, o.place, o.value FROM part"
	"  JOIN subject s ON s.n >= base AND s.n < base + (1 << 40) JOIN op o ON o.subject = s.n"
	"  WHERE part.name = 'group.create'),"
	" m(name, id, n) AS ("
	"  SELECT '{group:' || c.label || '}', g.id, g.n FROM c"
	"   JOIN listed_group g ON g.up = c.place AND g.name = c.value"
	" UNION ALL"
	"  SELECT '{group:' || c.label || '}', g.id, g.n FROM m JOIN c ON c.place = m.name"
	"   JOIN listed_group g ON g.up = m.id AND g.name = c.value)"
	" INSERT OR REPLACE INTO made SELECT name, id FROM m ORDER BY n",
	"INSERT INTO done_subject SELECT s.n" OF_PART("group.create")
	" AND '{group:' || s.label || '}' IN (SELECT name FROM made)",
	"INSERT INTO done_subject SELECT s.n" OF_PART("group.delete")
	" AND s.id NOT IN (SELECT id FROM listed_group)",

	/* New users who are there by now are as those who were invited and found. */
	"CREATE INDEX IF NOT EXISTS actual_key ON actual(key)",
	"UPDATE subject SET state = 1, id = (SELECT a.id FROM actual a WHERE a.key = subject.key)"
	" WHERE n IN (SELECT s.n" OF_PART("user.create") ") AND key IN (SELECT key FROM actual)",
	"INSERT INTO done_op SELECT s.n, step FROM kind, subject s WHERE kind.name = 'user.create'"
	" AND s.state = 1 AND s.n IN (SELECT s.n" OF_PART("user.create") ")",
};

static const char *const done_rules[] = {
	/* Of whom all is done. */
	"INSERT INTO done_subject SELECT s.n FROM subject s JOIN actual a ON a.id = s.id"
	" WHERE s.n NOT IN (SELECT s.n" OF_PART("user.finish")
	"   UNION ALL SELECT s.n" OF_PART("user.left")
	"   UNION ALL SELECT s.n" OF_PART("group.delete") ")"
	"  AND EXISTS (SELECT 1 FROM op o WHERE o.subject = s.n)"
	"  AND NOT EXISTS (SELECT 1 FROM op o WHERE o.subject = s.n"
	"   AND NOT EXISTS (SELECT 1 FROM done_op d WHERE d.subject = s.n AND d.step = o.step))",
	/* For whom all waits for the end of the run: when that is done. */
	"INSERT INTO done_subject SELECT s.n FROM subject s"
	" WHERE NOT EXISTS (SELECT 1 FROM op o WHERE o.subject = s.n) AND s.id NOT IN ("
	"  SELECT s.id" OF_PART("user.later") " AND s.n NOT IN (SELECT n FROM done_subject))",
};

/* They are left out; who is done in part keeps the rest, and a new user what names his group. */
static const char *const skip_rules[] = {
	"DELETE FROM op WHERE (subject, step) IN (SELECT subject, step FROM done_op)"
	" AND step <> (SELECT step FROM kind WHERE name = 'user.mark')"
	" AND subject NOT IN (SELECT s.n" OF_PART("user.create") ")",
	"DELETE FROM op WHERE subject IN (SELECT n FROM done_subject)",
	"DELETE FROM subject WHERE n IN (SELECT n FROM done_subject)",
};

/* The operations on users of one kind that are done, as far as that is certain. */
static int find_done(struct plan *p, size_t which, struct error *e)
{
	const char *more = "";
	struct buf sql;

	if (user_facts[which].kind == OP_USER_ROLE)
		more = " AND a.role IS NOT NULL";
	else if (user_facts[which].kind == OP_USER_MARK)
		more = " AND coalesce('new:' || s.key, 'user:' || s.id) NOT IN (SELECT name FROM unmarked)";
	buf_init(&sql, STATEMENT_MAX);
	buf_printf(&sql, "INSERT OR IGNORE INTO done_op SELECT o.subject, o.step FROM op o JOIN subject s"
		   " ON s.n = o.subject JOIN actual a ON a.id = s.id WHERE o.step = %d AND (%s)%s",
		   (int)user_facts[which].kind, user_facts[which].after, more);
	return run_text(p, &sql, e);
}

int plan_resume(struct plan *p, uint64_t *done, struct error *e)
{
	size_t i;

	if (plan_run(p, resume_rules, sizeof(resume_rules) / sizeof(resume_rules[0]), e) < 0)
		return -1;
	for (i = 0; i < USER_FACTS; i++)
		if (find_done(p, i, e) < 0)
			return -1;
	if (plan_run(p, done_rules, sizeof(done_rules) / sizeof(done_rules[0]), e) < 0 ||
	    plan_number(p, "SELECT count(*) FROM done_subject", done, e) < 0)
		return -1;
	return plan_run(p, skip_rules, sizeof(skip_rules) / sizeof(skip_rules[0]), e);
}

#define IS_USER(n) \
	n " >= " PLAN_BASE("user.create") \
	" AND (" n " < " PLAN_BASE("group.delete") " OR " n " >= " PLAN_BASE("user.finish") ")"

/* Who is refused is refused whole, also what of him waits for the end of the run. */
static const char refuse[] =
	"UPDATE subject SET state = 3 WHERE n IN (SELECT n FROM misfit) OR (" IS_USER("n") " AND id IN"
	" (SELECT m.id FROM misfit JOIN subject m USING(n) WHERE " IS_USER("m.n") "))";

int plan_check_before(struct plan *p, plan_line_fn *line, void *cookie, uint64_t *misfits, struct error *e)
{
	if (find_misfits(p, 0, e) < 0 || put_misfits(p, line, cookie, misfits, e) < 0)
		return -1;
	return db_exec(p->db, refuse, e);
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
