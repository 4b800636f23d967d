#include "base/unicode.h"
#include "prepare/tree_int.h"

#define LINE "================================================================================\n"
#define GROUP_WIDTH 40		/* code points of the column of groups */

/* Rows of the statement, each through fn. */
static int each_row(struct tree *t, struct tree_out *o, const char *sql,
		    void (*fn)(struct tree_out *o, struct db_stmt *s), struct error *e)
{
	struct db_stmt *s = db_prepare(t->work, sql, e);
	int got = -1;

	while (s != NULL && (got = db_step(s, e)) == 1) {
		fn(o, s);
		if (tree_out_flush(o, 0) != 0) {
			got = -1;
			break;
		}
	}
	db_finish(s);
	return got;
}

static void heading(struct tree_out *o, const char *text)
{
	buf_printf(&o->text, LINE "%s\n" LINE, text);
}

static void put_statistics(struct tree_out *o, struct db_stmt *s)
{
	buf_puts(&o->text, "\n📊 STATISTICS:\n");
	buf_printf(&o->text, "   • Total Active Users: %lld\n", (long long)db_int(s, 0));
	buf_printf(&o->text, "   • Supervisors: %lld\n", (long long)db_int(s, 1));
	buf_printf(&o->text, "   • Regular Users: %lld\n", (long long)db_int(s, 2));
	buf_printf(&o->text, "   • Total Groups: %lld\n", (long long)db_int(s, 3));
}

/* ---- the tree ----------------------------------------------------------------------------------------- */

struct walk {
	struct db_stmt *next;		/* owned: the child of a node after another one */
	struct db_stmt *node;		/* owned */
	struct buf indent;		/* owned: what stands before the lines of this level */
};

/* The first child of parent behind node `after`: 1, 0 when there is none. */
static int next_child(struct walk *w, int64_t parent, int64_t after, int64_t *id, struct error *e)
{
	int got;

	db_bind_int(w->next, 1, parent);
	db_bind_int(w->next, 2, after);
	got = db_step(w->next, e);
	if (got == 1) {
		*id = db_int(w->next, 0);
		db_reset(w->next);
	}
	return got;
}

static int get_node(struct walk *w, int64_t id, int64_t *parent, struct buf *line, struct error *e)
{
	int got;

	db_bind_int(w->node, 1, id);
	got = db_step(w->node, e);
	if (got != 1)
		return -1;
	*parent = db_int(w->node, 0);
	if (line != NULL)
		buf_put_str(line, db_text(w->node, 1));
	db_reset(w->node);
	return 0;
}

/* One line; then *id is the next node in the order of the tree, or 0. A level is four columns of the
 * indentation. */
static int put_node(struct walk *w, struct tree_out *o, int64_t *id, struct error *e)
{
	static const char bar[] = "│   ", gap[] = "    ";
	int64_t parent, sibling, down;
	int more, got;

	buf_put_str(&o->text, buf_str(&w->indent));
	if (get_node(w, *id, &parent, NULL, e) != 0 || (more = next_child(w, parent, *id, &sibling, e)) < 0)
		return -1;
	buf_puts(&o->text, more ? "├── " : "└── ");
	if (get_node(w, *id, &parent, &o->text, e) != 0)
		return -1;
	buf_putc(&o->text, '\n');
	if ((got = next_child(w, *id, 0, &down, e)) < 0)
		return -1;
	if (got == 1) {
		buf_puts(&w->indent, more ? bar : gap);
		*id = down;
		return buf_check(&w->indent, "the depth of the tree", e);
	}
	while (!more && parent != 0) {
		down = parent;
		if (get_node(w, down, &parent, NULL, e) != 0 ||
		    (more = next_child(w, parent, down, &sibling, e)) < 0)
			return -1;
		buf_truncate(&w->indent, w->indent.len - (more ? sizeof bar : sizeof gap) + 1);
	}
	*id = more ? sibling : 0;
	return 0;
}

static int put_tree(struct tree *t, struct tree_out *o, struct error *e)
{
	struct walk w;
	int64_t id = 0;
	int result = -1;

	buf_init(&w.indent, 65536);
	w.next = db_prepare(t->work, "SELECT id FROM node WHERE parent = ?1 AND id > ?2 ORDER BY id LIMIT 1",
			    e);
	w.node = db_prepare(t->work, "SELECT parent, name FROM node WHERE id = ?1", e);
	if (w.next == NULL || w.node == NULL || (result = next_child(&w, 0, 0, &id, e)) < 0)
		goto out;
	if (result == 0)
		buf_puts(&o->text, "   (No group structure found - all users in root)\n");
	result = 0;
	while (id != 0 && result == 0)
		result = put_node(&w, o, &id, e) != 0 || tree_out_flush(o, 0) != 0 ? -1 : 0;
out:
	db_finish(w.next);
	db_finish(w.node);
	buf_release(&w.indent);
	return result;
}

/* ---- groups and people -------------------------------------------------------------------------------- */

static int is_root(struct str group)
{
	return str_eqz(group, TREE_ROOT);
}

static void put_size(struct tree_out *o, struct db_stmt *s)
{
	struct str group = is_root(db_text(s, 0)) ? STR("(root group)") : db_text(s, 0);
	long long n = db_int(s, 1);
	size_t width;

	buf_puts(&o->text, "   • ");
	buf_put_str(&o->text, group);
	for (width = utf8_length(group); width < GROUP_WIDTH; width++)
		buf_putc(&o->text, ' ');
	buf_printf(&o->text, " %3lld user%s\n", n, n == 1 ? "" : "s");
}

/* A group comes as a row without name in front of its people. */
static void put_person(struct tree_out *o, struct db_stmt *s)
{
	struct str group = db_text(s, 0), mail = db_text(s, 3), real_mail = db_text(s, 4);

	if (db_is_null(s, 2)) {
		buf_puts(&o->text, "\n📁 ");
		unicode_upper(&o->text, is_root(group) ? STR("root group") : group);
		buf_printf(&o->text, " (%lld users):\n", (long long)db_int(s, 1));
		return;
	}
	buf_puts(&o->text, str_eqz(db_text(s, 5), "supervisor") ? "   👑 " : "   👤 ");
	buf_put_str(&o->text, db_text(s, 2));
	buf_puts(&o->text, " <");
	buf_put_str(&o->text, mail);
	buf_puts(&o->text, ">");
	if (real_mail.len > 0 && !str_eq(real_mail, mail)) {
		buf_puts(&o->text, " [real: ");
		buf_put_str(&o->text, real_mail);
		buf_puts(&o->text, "]");
	}
	buf_puts(&o->text, "\n");
}

/* ---- all of it ---------------------------------------------------------------------------------------- */

#define GROUP "CASE path WHEN '' THEN '" TREE_ROOT "' ELSE path END"

static const char statistics[] =
	"SELECT count(*), coalesce(sum(role = 'supervisor'), 0), coalesce(sum(role = 'user'), 0), "
	"count(DISTINCT nullif(path, '')) FROM account WHERE status = 'active'";
static const char sizes[] =
	"SELECT " GROUP " AS label, count(*) FROM account WHERE status = 'active' "
	"GROUP BY label ORDER BY label";
static const char people[] =
	"SELECT " GROUP " AS label, count(*), NULL AS name, NULL, NULL, NULL, 0 AS place FROM account "
	"WHERE status = 'active' GROUP BY label UNION ALL "
	"SELECT " GROUP ", 0, name, mail, real_mail, role, seq FROM account WHERE status = 'active' "
	"ORDER BY label, name, place";

int tree_text(struct tree *t, int detailed, json_out_fn *fn, void *cookie, struct error *e)
{
	struct tree_out o;
	int result = -1;

	tree_out_init(&o, fn, cookie, e);
	heading(&o, "TIMECAMP GROUP STRUCTURE");
	if (each_row(t, &o, statistics, put_statistics, e) != 0)
		goto out;
	buf_puts(&o.text, "\n🌳 GROUP HIERARCHY:\n");
	if (put_tree(t, &o, e) != 0)
		goto out;
	buf_puts(&o.text, "\n👥 USER DISTRIBUTION:\n");
	if (each_row(t, &o, sizes, put_size, e) != 0)
		goto out;
	if (detailed) {
		buf_putc(&o.text, '\n');
		heading(&o, "DETAILED USER BREAKDOWN");
		if (each_row(t, &o, people, put_person, e) != 0)
			goto out;
		buf_putc(&o.text, '\n');
		heading(&o, "CSV OUTPUT (ALL USERS)");
		if (tree_csv_rows(t, &o, 0, e) != 0)
			goto out;
		buf_putc(&o.text, '\n');
	}
	result = tree_out_flush(&o, 1);
out:
	tree_out_release(&o);
	return result;
}
