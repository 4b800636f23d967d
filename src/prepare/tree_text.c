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

/* A line for each group; all levels above it tell by a bar that they go on below. */
static void put_node(struct tree_out *o, const struct tree_walk *w)
{
	const char *last = w->last.data;
	size_t i, depth = w->last.len;

	for (i = 0; i + 1 < depth; i++)
		buf_puts(&o->text, last[i] ? "    " : "│   ");
	buf_puts(&o->text, last[i] ? "└── " : "├── ");
	buf_put_str(&o->text, buf_str(&w->name));
	buf_putc(&o->text, '\n');
}

static int put_tree(struct tree *t, struct tree_out *o, struct error *e)
{
	struct tree_walk w;
	int n, got = -1;

	if (tree_walk_init(&w, t, e) == 0) {
		for (n = 0; (got = tree_walk_next(&w, e)) == 1 && tree_out_flush(o, 0) == 0; n++)
			put_node(o, &w);
		if (n == 0 && got == 0)
			buf_puts(&o->text, "   (No group structure found - all users in root)\n");
	}
	tree_walk_release(&w);
	return got;
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
