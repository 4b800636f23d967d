/* The plan as people read it. */
#include "base/limits.h"
#include "plan/plan_int.h"

struct printer {
	struct plan *plan;		/* borrowed */
	struct arena arena;		/* owned; emptied after each line */
	struct buf line;		/* owned */
	plan_line_fn *fn;
	void *cookie;
};

static int put_line(struct printer *r, struct error *e)
{
	if (buf_check(&r->line, "line of the plan", e) < 0)
		return -1;
	r->fn(r->cookie, buf_text(&r->line));
	buf_reset(&r->line);
	return 0;
}

/* A value as it is shown; control characters would disturb the terminal. */
static void put_value(struct buf *out, struct str s)
{
	size_t i;

	if (s.len == 0)
		buf_puts(out, "(none)");
	for (i = 0; i < s.len; i++)
		buf_putc(out, (unsigned char)s.ptr[i] < ' ' || s.ptr[i] == 127 ? '?' : s.ptr[i]);
}

/* "group: Sales → Sales/EMEA", or "group: Sales" for a new user. */
static void put_change(struct buf *out, const struct op *op, int is_new)
{
	buf_printf(out, "%s: ", op_table[op->kind].field);
	if (!is_new) {
		put_value(out, op->before);
		buf_puts(out, " \xe2\x86\x92 ");
	}
	if (!is_new && op->before.len == 0 && op->after.len == 0)
		buf_puts(out, "(empty)");
	else
		put_value(out, op->after);
}

static int put_subject(struct printer *r, const struct plan_subject *s, struct error *e)
{
	struct op ops[OP_KINDS];
	const char *sep = "  ";
	int i, count = plan_ops(r->plan, s, ops, &r->arena, e);

	if (count < 0)
		return -1;
	buf_puts(&r->line, "  ");
	put_value(&r->line, s->label);
	if (s->why.len > 0) {
		buf_printf(&r->line, "  %.*s", STR_ARG(s->why));
		sep = "; ";
	}
	for (i = 0; i < count; i++) {
		const char *field = ops[i].kind == OP_USER_CREATE ? "group" : op_table[ops[i].kind].field;

		if (field == NULL || field[0] == '\0')
			continue;
		buf_puts(&r->line, sep);
		if (ops[i].kind == OP_USER_CREATE)
			ops[i].kind = OP_USER_MOVE;
		put_change(&r->line, &ops[i], s->part == PART_USER_CREATE || s->part == PART_USER_FINISH);
		sep = ", ";
	}
	return put_line(r, e);
}

static int put_more(struct printer *r, uint64_t left, struct error *e)
{
	if (left == 0)
		return 0;
	buf_printf(&r->line, "  ... and %lu more (--all shows them)", (unsigned long)left);
	return put_line(r, e);
}

static int put_part(struct printer *r, enum plan_part part, uint64_t count, int all, struct error *e)
{
	struct plan_cursor *c;
	struct plan_subject s;
	uint64_t done = 0;
	int got = 0;

	if (count == 0 || part_table[part].title == NULL)
		return 0;
	buf_printf(&r->line, "%s: %lu", part_table[part].title, (unsigned long)count);
	if (part == PART_USER_CREATE)
		buf_printf(&r->line, " (%lu seat%s more)", (unsigned long)count, count == 1 ? "" : "s");
	if (put_line(r, e) < 0)
		return -1;
	c = plan_walk(r->plan, part, e);
	if (c == NULL)
		return -1;
	while ((all || done < PLAN_LINES) && (got = plan_next(c, &s, &r->arena, e)) == 1) {
		got = put_subject(r, &s, e);
		arena_reset(&r->arena);
		done++;
		if (got < 0)
			break;
	}
	plan_walk_end(c);
	if (got < 0)
		return -1;
	return put_more(r, count - done, e);
}

/* Who is left alone because an entry and a user do not belong together one to one. */
static int put_ambiguous(struct printer *r, int all, struct error *e)
{
	struct db_stmt *s;
	uint64_t count, done = 0;
	int got = 0;

	if (plan_ambiguous(r->plan, &count, e) < 0 || count == 0)
		return count == 0 ? 0 : -1;
	buf_printf(&r->line, "Left alone, because it is not clear who is who: %lu", (unsigned long)count);
	if (put_line(r, e) < 0)
		return -1;
	s = db_prepare(r->plan->db, "SELECT w.email, group_concat(a.email || ' (' || how || ')', ', ')"
		       " FROM reach JOIN wanted w ON w.n = reach.w JOIN actual a ON a.n = reach.a"
		       " WHERE reach.w IN (SELECT w FROM held JOIN reach USING(a)) GROUP BY w.n", e);
	while (s != NULL && (all || done < PLAN_LINES) && (got = db_step(s, e)) == 1) {
		done++;
		buf_puts(&r->line, "  ");
		put_value(&r->line, db_text(s, 0));
		buf_puts(&r->line, "  in the account: ");
		put_value(&r->line, db_text(s, 1));
		if (put_line(r, e) < 0) {
			got = -1;
			break;
		}
	}
	db_finish(s);
	if (s == NULL || got < 0)
		return -1;
	return put_more(r, count - done, e);
}

/* New groups that lie deeper than the service allows. */
static int put_too_deep(struct printer *r, struct error *e)
{
	struct db_stmt *s = db_prepare(r->plan->db,
		"SELECT s.label FROM rule JOIN tree t ON t.id = root JOIN subject s ON s.n >= ?1 AND s.n < ?2"
		" WHERE max_levels > 0 AND t.level + s.level > max_levels ORDER BY s.n LIMIT 20", e);
	int got;

	if (s == NULL)
		return -1;
	db_bind_int(s, 1, plan_base(PART_GROUP_CREATE));
	db_bind_int(s, 2, plan_base(PART_USER_CREATE));
	while ((got = db_step(s, e)) == 1) {
		buf_puts(&r->line, "Warning: the service refuses groups as deep as ");
		put_value(&r->line, db_text(s, 0));
		if (put_line(r, e) < 0)
			got = -1;
		if (got < 0)
			break;
	}
	db_finish(s);
	return got;
}

int plan_print(struct plan *p, int all, plan_line_fn *line, void *cookie, struct error *e)
{
	uint64_t count[PLAN_PARTS], total = 0;
	struct printer r = { 0 };
	int i, failed = -1;

	r.plan = p;
	r.fn = line;
	r.cookie = cookie;
	arena_init(&r.arena, 4 * MAX_RECORD);
	buf_init(&r.line, 4 * MAX_RECORD);
	if (plan_count(p, count, e) < 0)
		goto out;
	for (i = 0; i < PLAN_PARTS; i++) {
		if (put_part(&r, (enum plan_part)i, count[i], all, e) < 0)
			goto out;
		total += count[i];
	}
	if (put_ambiguous(&r, all, e) < 0 || put_too_deep(&r, e) < 0)
		goto out;
	if (total == 0) {
		buf_puts(&r.line, "Nothing to do: everybody is as the file says.");
		if (put_line(&r, e) < 0)
			goto out;
	}
	failed = 0;
out:
	arena_release(&r.arena);
	buf_release(&r.line);
	return failed;
}
