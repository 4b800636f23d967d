/* The tables of the work set, as an array of statements. What fills them: see each. */
#include "plan/plan_int.h"

static const char *const tables[] = {
	/*
	 * The prepared file as the target shall have it (plan_wanted.c): of several entries with one e-mail
	 * the first. key: e-mail in lower case, address: additional e-mail, plain: the role needs no call for
	 * a new user.
	 */
	"CREATE TABLE wanted(n INTEGER PRIMARY KEY, active INT, email TEXT, key TEXT, name TEXT, role TEXT,"
	" plain INT, address TEXT, address_key TEXT, ext TEXT, path INT)",
	"CREATE UNIQUE INDEX wanted_key ON wanted(key, active)",
	/* Group paths that active people need, with all above them; 0 is the root group. */
	"CREATE TABLE path(n INTEGER PRIMARY KEY, path TEXT NOT NULL UNIQUE, up INT, name TEXT, depth INT,"
	" listed TEXT, under TEXT, walked INT NOT NULL DEFAULT 0, ref TEXT, shown TEXT)",
	"INSERT INTO path(n, path, depth) VALUES (0, '', 0)",

	/* The target as it is (plan_set.c). */
	"CREATE TABLE listed_group(n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, up TEXT, name TEXT)",
	"CREATE TABLE actual(n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, email TEXT, key TEXT, name TEXT,"
	" grp TEXT, role TEXT, address TEXT, address_key TEXT, ext TEXT, manual INT NOT NULL DEFAULT 0,"
	" disabled INT NOT NULL DEFAULT 0)",

	/*
	 * The policy, one row; who is left alone: ids, and e-mails or "*@domain". guarded: also by what an
	 * earlier run left to be done.
	 */
	"CREATE TABLE rule(root, leavers, create_groups, create_users, move_users, change_roles,"
	" disable_users,"
	" address, external_id, email, spare_manual, max_levels)",
	"CREATE TABLE ignored(id TEXT PRIMARY KEY, guarded INT) WITHOUT ROWID",
	"CREATE TABLE protect(key TEXT PRIMARY KEY) WITHOUT ROWID",

	/* Steps of the comparison (plan_diff.c). tree: groups with full paths; shown: as people know them. */
	"CREATE TABLE tree(id TEXT PRIMARY KEY, n INT, path TEXT, level INT, shown TEXT) WITHOUT ROWID",
	"CREATE TABLE below(id TEXT PRIMARY KEY, above TEXT, level INT) WITHOUT ROWID",
	"CREATE TABLE under(n INTEGER PRIMARY KEY, id TEXT)",
	"CREATE TABLE reach(w INT, a INT, how TEXT, PRIMARY KEY(w, a)) WITHOUT ROWID",
	"CREATE TABLE held(a INTEGER PRIMARY KEY)",
	"CREATE TABLE pair(a INTEGER PRIMARY KEY, w INT, how TEXT)",
	"CREATE TABLE change(a INTEGER PRIMARY KEY, w INT, subject INT, enable INT, name INT, email INT,"
	" role INT, moves INT, address INT, ext INT)",
	"CREATE TABLE joiner(w INTEGER PRIMARY KEY)",
	"CREATE TABLE leaver(a INTEGER PRIMARY KEY, why TEXT)",
	"CREATE TABLE spared(a INTEGER PRIMARY KEY, why TEXT)",
	"CREATE TABLE retired(a INTEGER PRIMARY KEY, why TEXT)",
	"CREATE TABLE kept(id TEXT PRIMARY KEY) WITHOUT ROWID",

	/* What an earlier run left (plan_later.c). unmarked: "user:ID", "new:E-MAIL". */
	"CREATE TABLE unmarked(name TEXT PRIMARY KEY) WITHOUT ROWID",
	"CREATE TABLE later(id TEXT, step INT, email TEXT, PRIMARY KEY(id, step)) WITHOUT ROWID",
	"CREATE TABLE later_user(n INTEGER PRIMARY KEY, id TEXT UNIQUE, email TEXT, part TEXT)",
	"CREATE TABLE unfinished(n INTEGER PRIMARY KEY, email TEXT, key TEXT UNIQUE, name TEXT, grp TEXT,"
	" role TEXT, address TEXT, ext TEXT)",

	/*
	 * The plan. A subject's number is its part's base plus the number of what it is made from. place and
	 * value may name a group that is still to be made (made); was and becomes are for people.
	 */
	"CREATE TABLE kind(name TEXT PRIMARY KEY, step INT) WITHOUT ROWID",
	"CREATE TABLE part(name TEXT PRIMARY KEY, base INT) WITHOUT ROWID",
	"CREATE TABLE subject(n INTEGER PRIMARY KEY, level INT NOT NULL DEFAULT 0, label TEXT, key TEXT,"
	" id TEXT, why TEXT, state INT NOT NULL DEFAULT 0, above INT)",
	"CREATE INDEX subject_key ON subject(key) WHERE key IS NOT NULL",
	"CREATE TABLE op(subject INT, step INT, place TEXT, value TEXT, was TEXT, becomes TEXT,"
	" PRIMARY KEY(subject, step)) WITHOUT ROWID",
	"CREATE TABLE made(name TEXT PRIMARY KEY, id TEXT) WITHOUT ROWID",

	/* Subjects that do not fit the target (plan_check.c). */
	"CREATE TABLE misfit(n INTEGER PRIMARY KEY, what TEXT)",

	/* What of a saved plan an earlier run has done (plan_check.c). */
	"CREATE TABLE done_op(subject INT, step INT, PRIMARY KEY(subject, step)) WITHOUT ROWID",
	"CREATE TABLE done_subject(n INTEGER PRIMARY KEY)",
};

int plan_create_tables(struct plan *p, struct error *e)
{
	return plan_run(p, tables, sizeof(tables) / sizeof(tables[0]), e);
}

int plan_run(struct plan *p, const char *const *sql, size_t count, struct error *e)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (db_exec(p->db, sql[i], e) < 0)
			return -1;
	return 0;
}
