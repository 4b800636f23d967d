/*
 * The comparison. Each statement is one rule; together they read as the specification of what a sync does.
 * They run in the order in which they stand here. Tables: plan_tables.c.
 */
#include "plan/plan_int.h"

static const char *const group_rules[] = {
	/* The groups that hang on a top one; a circle of parents is never reached. */
	"CREATE INDEX listed_group_up ON listed_group(up, name)",
	"WITH RECURSIVE t(id, n, path, level) AS ("
	"  SELECT id, n, name, 1 FROM listed_group"
	"  WHERE up IS NULL OR up NOT IN (SELECT id FROM listed_group)"
	" UNION ALL"
	"  SELECT g.id, g.n, t.path || '/' || g.name, t.level + 1 FROM t JOIN listed_group g ON g.up = t.id)"
	" INSERT INTO tree SELECT id, n, path, level, path FROM t",
	"CREATE INDEX tree_path ON tree(path, n)",

	/* Those below the root group; people know them by their path from there. */
	"WITH RECURSIVE b(id, up, level) AS ("
	"  SELECT g.id, g.up, 1 FROM rule JOIN listed_group g ON g.up = root WHERE g.id <> root"
	" UNION"
	"  SELECT g.id, g.up, b.level + 1 FROM rule, b JOIN listed_group g ON g.up = b.id WHERE g.id <> root)"
	" INSERT OR IGNORE INTO below SELECT id, up, level FROM b",
	"UPDATE tree SET shown = substr(path, 2 + (SELECT length(path) FROM tree WHERE id = root)) FROM rule"
	" WHERE id IN (SELECT id FROM below)",

	/* A needed path is that of a listed group, of twins the later, counted from the very top ... */
	"UPDATE path SET listed ="
	"  (SELECT t.id FROM tree t WHERE t.path = path.path ORDER BY t.n DESC LIMIT 1)"
	" WHERE n > 0",
	/* ... else its parts are followed from the root group. Then those above it mean these groups too. */
	"CREATE INDEX path_up ON path(up)",
	"WITH RECURSIVE u(n, id) AS ("
	"  SELECT 0, root FROM rule"
	" UNION ALL"
	"  SELECT p.n, (SELECT g.id FROM listed_group g WHERE g.up = u.id AND g.name = p.name"
	"               ORDER BY g.n DESC LIMIT 1)"
	"  FROM u JOIN path p ON p.up = u.n WHERE u.id IS NOT NULL)"
	" INSERT INTO under SELECT n, id FROM u WHERE id IS NOT NULL",
	"WITH RECURSIVE w(n) AS ("
	"  SELECT n FROM path WHERE n > 0 AND listed IS NULL"
	" UNION"
	"  SELECT p.up FROM w JOIN path p ON p.n = w.n WHERE p.up > 0)"
	" UPDATE path SET walked = 1 WHERE n IN (SELECT n FROM w)",
	"UPDATE path SET under = (SELECT id FROM under WHERE under.n = path.n) WHERE walked",

	/* What is found in neither way is made, or else the root group stands in for it. */
	"UPDATE path SET ref = CASE"
	"  WHEN n = 0 THEN root"
	"  WHEN NOT walked THEN listed"
	"  WHEN under IS NOT NULL THEN under"
	"  WHEN create_groups THEN '{group:' || path || '}'"
	"  ELSE coalesce(listed, root) END"
	" FROM rule",
	"UPDATE path SET shown = CASE"
	"  WHEN ref = root THEN (SELECT t.shown FROM tree t WHERE t.id = root)"
	"  ELSE path END"
	" FROM rule",
	"INSERT INTO subject(n, level, label)"
	" SELECT base + p.n, p.depth, p.path FROM rule, part, path p"
	" WHERE part.name = 'group.create' AND create_groups AND p.walked AND p.under IS NULL",
	"INSERT INTO op(subject, step, place, value)"
	" SELECT s.n, step, above.ref, p.name"
	" FROM part JOIN kind USING(name) JOIN subject s ON s.n >= base JOIN path p ON p.n = s.n - base"
	" JOIN path above ON above.n = p.up"
	" WHERE part.name = 'group.create'",
};

#define OURS "'new:' || a.key IN (SELECT name FROM unmarked)"

static const char *const match_rules[] = {
	/* Whom an earlier run invited and did not come to mark was not added by hand, whatever he says. */
	"UPDATE actual AS a SET manual = 0 WHERE manual AND " OURS,

	/* Whom the settings protect. */
	"INSERT OR REPLACE INTO ignored"
	" SELECT id, 1 FROM protect p CROSS JOIN actual a"
	" WHERE a.key = p.key OR (substr(p.key, 1, 2) = '*@'"
	"  AND substr(a.key, -length(p.key) + 1) = substr(p.key, 2))",

	/*
	 * Who is who: an active entry reaches a user by e-mail, by the user's additional e-mail, or by
	 * external id; letter case does not count in addresses.
	 */
	"CREATE INDEX actual_key ON actual(key)",
	"CREATE INDEX actual_address ON actual(address_key) WHERE address_key <> ''",
	"CREATE INDEX actual_ext ON actual(ext) WHERE ext <> ''",
	"INSERT INTO reach SELECT w.n, a.n, 'e-mail' FROM wanted w CROSS JOIN actual a ON a.key = w.key"
	" WHERE w.active",
	"INSERT OR IGNORE INTO reach SELECT w.n, a.n, 'additional e-mail'"
	" FROM wanted w CROSS JOIN actual a ON a.address_key = w.key AND a.address_key <> ''"
	" WHERE w.active",
	"INSERT OR IGNORE INTO reach SELECT w.n, a.n, 'external id'"
	" FROM rule, wanted w CROSS JOIN actual a ON a.ext = w.ext AND a.ext <> ''"
	" WHERE w.active AND rule.external_id",

	/* Two entries for one user, or two users for one entry: nobody of them is touched. */
	"INSERT INTO held SELECT a FROM reach GROUP BY a HAVING count(*) > 1",
	"INSERT OR IGNORE INTO held"
	" SELECT a FROM reach WHERE w IN (SELECT w FROM reach GROUP BY w HAVING count(*) > 1)",
	"INSERT INTO pair SELECT a, w, how FROM reach WHERE a NOT IN (SELECT a FROM held)",
};

/* The operations of one kind for the pairs in which something differs. */
#define CHANGE(kind_name, columns, values, differs) \
	"INSERT INTO op(subject, step, " columns ")" \
	" SELECT c.subject, step, " values \
	" FROM kind, change c JOIN actual a ON a.n = c.a JOIN wanted w ON w.n = c.w" \
	" JOIN path p ON p.n = w.path" \
	" WHERE kind.name = '" kind_name "' AND c." differs

#define GROUP_OF_USER "coalesce((SELECT shown FROM tree WHERE id = a.grp), a.grp)"
/* Two groups of one path, of which one lies outside the root or is a twin, are told apart by their ids. */
#define TOLD_APART(shown, other, id) \
	shown " || CASE WHEN " shown " IS " other " THEN ' (' || " id " || ')' ELSE '' END"

static const char *const change_rules[] = {
	/*
	 * What differs in each pair. Who differs in nothing, is protected or is not ours is not in the table.
	 */
	"INSERT INTO change SELECT a.n, w.n,"
	"  a.n + (SELECT base FROM part"
	"   WHERE name = CASE WHEN a.disabled THEN 'user.enable' ELSE 'user.change' END),"
	"  a.disabled,"
	"  w.name IS NOT a.name,"
	"  rule.email AND how = 'external id' AND w.key IS NOT a.key,"
	"  (change_roles OR " OURS ") AND w.role IS NOT a.role,"
	"  move_users AND p.ref IS NOT a.grp,"
	/*
	 * An address equal to the first one is left out; one that made the match is kept if nothing else
	 * does.
	 */
	"  rule.address AND w.address IS NOT NULL AND w.address IS NOT a.address"
	"   AND w.address_key IS NOT CASE WHEN rule.email AND how = 'external id' THEN w.key ELSE a.key END"
	"   AND NOT (how = 'additional e-mail' AND (w.ext IS NULL OR NOT rule.external_id)),"
	"  rule.external_id AND w.ext IS NOT NULL AND w.ext IS NOT a.ext"
	" FROM rule, pair JOIN actual a ON a.n = pair.a JOIN wanted w ON w.n = pair.w"
	" JOIN path p ON p.n = w.path"
	" WHERE (a.disabled OR w.name IS NOT a.name OR w.role IS NOT a.role OR p.ref IS NOT a.grp"
	"   OR w.key IS NOT a.key OR w.address IS NOT a.address OR w.ext IS NOT a.ext)"
	"  AND a.id NOT IN (SELECT id FROM ignored) AND NOT (spare_manual AND a.manual)",
	"DELETE FROM change WHERE NOT (enable OR name OR email OR role OR moves OR address OR ext)",
	"INSERT INTO subject(n, label, id)"
	" SELECT c.subject, a.email, a.id FROM change c JOIN actual a ON a.n = c.a",
	CHANGE("user.enable", "value", "NULL", "enable"),
	CHANGE("user.rename", "value, was", "w.name, a.name", "name"),
	CHANGE("user.email", "value, was", "w.email, a.email", "email"),
	/* The role of who is in no group goes through the one that he gets. */
	CHANGE("user.role", "place, value, was", "coalesce(a.grp, p.ref), w.role, a.role", "role"),
	CHANGE("user.move", "place, value, was, becomes",
	       "a.grp, p.ref, " TOLD_APART(GROUP_OF_USER, "p.shown", "a.grp") ", "
	       TOLD_APART("p.shown", GROUP_OF_USER,
			  "CASE substr(p.ref, 1, 1) WHEN '{' THEN 'new' ELSE p.ref END"),
	       "moves"),
	CHANGE("user.address", "value, was", "w.address, a.address", "address"),
	CHANGE("user.external_id", "value, was", "w.ext, a.ext", "ext"),
};

/* The operations of one kind for the new users to whom it applies. */
#define JOIN(kind_name, columns, values, applies) \
	"INSERT INTO op(subject, step, " columns ")" \
	" SELECT base + w.n, step, " values \
	" FROM rule, part, kind, joiner j JOIN wanted w ON w.n = j.w JOIN path p ON p.n = w.path" \
	" WHERE part.name = 'user.create' AND kind.name = '" kind_name "' AND " applies

static const char *const new_rules[] = {
	/* Active people who reach nobody. */
	"INSERT INTO joiner SELECT n FROM rule, wanted"
	" WHERE create_users AND active AND n NOT IN (SELECT w FROM reach)",
	"INSERT INTO subject(n, label, key)"
	" SELECT base + w.n, w.email, w.key FROM part, joiner j JOIN wanted w ON w.n = j.w"
	" WHERE part.name = 'user.create'",
	JOIN("user.create", "place, value, becomes", "p.ref, w.email, p.shown", "1"),
	JOIN("user.rename", "value", "w.name", "1"),
	JOIN("user.role", "place, value", "p.ref, w.role", "NOT w.plain"),
	JOIN("user.address", "value", "w.address", "rule.address AND w.address_key NOT IN ('', w.key)"),
	JOIN("user.external_id", "value", "w.ext", "rule.external_id AND w.ext IS NOT NULL"),
};

/* Those of a table of users, and their move to the group for disabled users. */
#define LEAVE(part_name, table) \
	"INSERT INTO subject(n, label, id, why)" \
	" SELECT base + a.n, a.email, a.id, l.why FROM part, " table " l JOIN actual a ON a.n = l.a" \
	" WHERE part.name = '" part_name "'", \
	"INSERT INTO op(subject, step, place, value, was, becomes)" \
	" SELECT base + a.n, step, a.grp, leavers, " GROUP_OF_USER ", t.shown" \
	" FROM rule JOIN tree t ON t.id = leavers, part, kind, " table " l JOIN actual a ON a.n = l.a" \
	" WHERE part.name = '" part_name "' AND kind.name = 'user.move' AND a.grp IS NOT leavers"

static const char *const leave_rules[] = {
	/*
	 * Enabled users whom no active entry reaches leave, and it is said whether the file names them as
	 * inactive. Who has no e-mail is nobody we can know about.
	 */
	"INSERT INTO leaver SELECT a.n, CASE"
	"  WHEN EXISTS (SELECT 1 FROM wanted w WHERE w.key IN (a.key, a.address_key))"
	"   THEN 'inactive in the file'"
	"  ELSE 'not in the file' END"
	" FROM rule, actual a WHERE a.n NOT IN (SELECT a FROM reach) AND NOT a.disabled AND a.key <> ''"
	"  AND a.id NOT IN (SELECT id FROM ignored) AND NOT (spare_manual AND a.manual)",

	/* Into the group for disabled users goes also who is disabled already ... */
	"INSERT INTO retired SELECT a.n, 'is disabled' FROM rule CROSS JOIN actual a"
	" WHERE leavers IS NOT NULL AND a.disabled AND a.grp IS NOT leavers"
	"  AND a.n NOT IN (SELECT a FROM change WHERE enable) AND a.n NOT IN (SELECT a FROM held)"
	"  AND a.id NOT IN (SELECT id FROM ignored)",
	/* ... and who would be, were that allowed. */
	"INSERT INTO retired SELECT a.n, l.why FROM rule, leaver l JOIN actual a ON a.n = l.a"
	" WHERE leavers IS NOT NULL AND NOT disable_users AND a.grp IS NOT leavers",
	"INSERT INTO spared SELECT a, why FROM rule, leaver WHERE NOT disable_users",
	"DELETE FROM leaver WHERE NOT (SELECT disable_users FROM rule)",
	LEAVE("user.disable", "leaver"),
	LEAVE("user.retire", "retired"),
	"INSERT INTO op(subject, step) SELECT base + l.a, step FROM part JOIN kind USING(name), leaver l"
	" WHERE part.name = 'user.disable'",

	/* Whoever is changed is kept by us from now on. */
	"INSERT INTO op(subject, step) SELECT s.n, step"
	" FROM part first, part last, kind, subject s ON s.n >= first.base AND s.n < last.base"
	" WHERE first.name = 'user.create' AND last.name = 'group.delete' AND kind.name = 'user.mark'",
};

/* Groups below the root that are empty once the plan is done and that nothing else keeps, deepest first. */
static const char *const removal_rules[] = {
	"INSERT OR IGNORE INTO kept SELECT coalesce(moved.value, a.grp) FROM actual a LEFT JOIN ("
	"  SELECT c.a, o.value FROM change c JOIN op o ON o.subject = c.subject JOIN kind USING(step)"
	"   WHERE kind.name = 'user.move'"
	" UNION ALL SELECT l.a, leavers FROM rule, leaver l"
	" UNION ALL SELECT r.a, leavers FROM rule, retired r) moved ON moved.a = a.n"
	" WHERE a.grp IS NOT NULL",
	"INSERT OR IGNORE INTO kept SELECT ref FROM path",
	"INSERT OR IGNORE INTO kept SELECT leavers FROM rule WHERE leavers IS NOT NULL",
	"WITH RECURSIVE k(id) AS ("
	"  SELECT id FROM kept"
	" UNION"
	"  SELECT g.up FROM k JOIN listed_group g ON g.id = k.id WHERE g.up IS NOT NULL)"
	" INSERT OR IGNORE INTO kept SELECT id FROM k",
	"INSERT INTO subject(n, level, label, id, above)"
	" SELECT base + t.n, -b.level, t.shown, t.id, base + above.n"
	" FROM part, below b JOIN tree t ON t.id = b.id JOIN listed_group above ON above.id = b.above"
	" WHERE part.name = 'group.delete' AND b.id NOT IN (SELECT id FROM kept)",
	"INSERT INTO op(subject, step)"
	" SELECT s.n, step FROM part JOIN kind USING(name) JOIN subject s ON s.n >= base"
	" WHERE part.name = 'group.delete'",
};

/* The policy as a table of one row, so that the statements can name its fields. */
static int add_rule(struct plan *p, const struct plan_policy *y, struct error *e)
{
	const int field[] = {
		y->create_groups, y->create_users, y->move_users, y->change_roles, y->disable_users,
		y->sync_address, y->sync_external_id, y->email_by_external_id, y->spare_manual, y->max_levels,
	};
	struct db_stmt *s;
	int i, failed;

	s = db_prepare(p->db, "INSERT INTO rule VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
		       e);
	if (s == NULL)
		return -1;
	db_bind_text(s, 1, str_from(y->root));
	db_bind_text(s, 2, y->leavers[0] != '\0' ? str_from(y->leavers) : str_of(NULL, 0));
	for (i = 0; i < (int)(sizeof(field) / sizeof(field[0])); i++)
		db_bind_int(s, i + 3, field[i]);
	failed = db_run(s, e);
	db_finish(s);
	return failed;
}

/* The entries of a comma list, in lower case, into a table of one column. */
static int add_list(struct plan *p, const char *insert, const char *list, struct error *e)
{
	struct db_stmt *s = db_prepare(p->db, insert, e);
	struct str rest = str_from(list), entry;
	int failed = s == NULL ? -1 : 0;

	while (!failed && str_next(&rest, ',', &entry)) {
		entry = str_trim(entry);
		if (entry.len == 0)
			continue;
		db_bind_text(s, 1, plan_lower(&p->key, entry));
		failed = buf_check(&p->key, "list of users", e) < 0 ? -1 : db_run(s, e);
	}
	db_finish(s);
	return failed;
}

/* The groups that the settings name must be there. */
static int check_group(struct plan *p, const char *id, const char *what, struct error *e)
{
	struct db_stmt *s;
	int got;

	if (id[0] == '\0')
		return 0;
	s = db_prepare(p->db, "SELECT 1 FROM listed_group WHERE id = ?1", e);
	if (s == NULL)
		return -1;
	db_bind_text(s, 1, str_from(id));
	got = db_step(s, e);
	db_finish(s);
	if (got == 0)
		return error_set(e, ERROR_USAGE, "%s %s is not in the account; look up its id there", what,
				 id);
	return got < 0 ? -1 : 0;
}

#define RUN_ALL(plan, rules, e) plan_run(plan, rules, sizeof(rules) / sizeof((rules)[0]), e)

int plan_diff(struct plan *p, const struct plan_policy *policy, struct error *e)
{
	if (check_group(p, policy->root, "the root group", e) < 0 ||
	    check_group(p, policy->leavers, "the group for disabled users", e) < 0)
		return -1;
	if (add_rule(p, policy, e) < 0 ||
	    add_list(p, "INSERT OR IGNORE INTO ignored VALUES (?1, 0)", policy->ignored, e) < 0 ||
	    add_list(p, "INSERT OR IGNORE INTO protect VALUES (?1)", policy->protect, e) < 0)
		return -1;
	if (policy->only_groups &&
	    db_exec(p->db, "INSERT OR IGNORE INTO ignored SELECT id, 0 FROM actual", e) < 0)
		return -1;
	if (RUN_ALL(p, group_rules, e) < 0 || RUN_ALL(p, match_rules, e) < 0 ||
	    RUN_ALL(p, change_rules, e) < 0 || RUN_ALL(p, new_rules, e) < 0 || RUN_ALL(p, leave_rules, e) < 0)
		return -1;
	if (policy->remove_empty_groups && RUN_ALL(p, removal_rules, e) < 0)
		return -1;
	if (plan_unmarked(p, policy->later, e) < 0)
		return -1;
	return policy->later ? plan_later(p, e) : 0;
}
