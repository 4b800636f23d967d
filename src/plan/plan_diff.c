/*
 * The comparison. Each statement is one rule; together they read as the specification of what a sync does. They run
 * in the order in which they stand here.
 */
#include "plan/plan_int.h"

/* The policy as a table of one row, so that the statements can name its fields. */
static int add_rule(struct plan *p, const struct plan_policy *y, struct error *e)
{
	const int field[] = {
		y->create_groups, y->create_users, y->move_users, y->change_roles, y->disable_users,
		y->remove_empty_groups, y->sync_address, y->sync_external_id, y->email_by_external_id, y->spare_manual,
		y->max_levels,
	};
	struct db_stmt *s;
	int i, failed;

	if (db_exec(p->db, "CREATE TABLE rule(root, leavers, create_groups, create_users, move_users, change_roles,"
		    " disable_users, remove_groups, address, external_id, email, spare_manual, max_levels)", e) < 0)
		return -1;
	s = db_prepare(p->db, "INSERT INTO rule VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)", e);
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

static int add_ignored(struct plan *p, const char *list, struct error *e)
{
	struct str rest = str_from(list), id;
	struct db_stmt *s;
	int failed = 0;

	if (db_exec(p->db, "CREATE TABLE ignored(id TEXT PRIMARY KEY) WITHOUT ROWID", e) < 0)
		return -1;
	s = db_prepare(p->db, "INSERT OR IGNORE INTO ignored VALUES (?1)", e);
	if (s == NULL)
		return -1;
	while (!failed && str_next(&rest, ',', &id)) {
		id = str_trim(id);
		if (id.len == 0)
			continue;
		db_bind_text(s, 1, id);
		failed = db_run(s, e);
	}
	db_finish(s);
	return failed;
}

static const char *const group_rules[] = {
	/* The groups that hang on a top; a circle of parents is never reached. shown: relative to the root group. */
	"CREATE INDEX listed_group_up ON listed_group(up, name)",
	"CREATE TABLE tree(id TEXT PRIMARY KEY, n INT, path TEXT, level INT, shown TEXT) WITHOUT ROWID",
	"WITH RECURSIVE t(id, n, path, level) AS ("
	" SELECT id, n, name, 1 FROM listed_group WHERE up IS NULL OR up NOT IN (SELECT id FROM listed_group)"
	" UNION ALL"
	" SELECT g.id, g.n, t.path || '/' || g.name, t.level + 1 FROM t JOIN listed_group g ON g.up = t.id)"
	" INSERT INTO tree SELECT id, n, path, level, path FROM t",
	"CREATE INDEX tree_path ON tree(path, n)",
	"CREATE TABLE below(id TEXT PRIMARY KEY, above TEXT, level INT) WITHOUT ROWID",
	"WITH RECURSIVE b(id, up, level) AS ("
	" SELECT g.id, g.up, 1 FROM rule JOIN listed_group g ON g.up = rule.root WHERE g.id <> rule.root UNION"
	" SELECT g.id, g.up, b.level + 1 FROM b JOIN listed_group g ON g.up = b.id WHERE g.id <> (SELECT root FROM rule))"
	" INSERT OR IGNORE INTO below SELECT id, up, level FROM b",
	"UPDATE tree SET shown = substr(path, 2 + (SELECT length(t.path) FROM tree t JOIN rule ON t.id = root))"
	" WHERE id IN (SELECT id FROM below)",

	/* A needed path is that of a listed group (of twins the later one), counted from the very top ... */
	"UPDATE path SET listed = (SELECT id FROM tree t WHERE t.path = path.path ORDER BY t.n DESC LIMIT 1) WHERE n > 0",
	/* ... or else its parts are followed from the root group; then those above it mean these groups as well. */
	"CREATE INDEX path_up ON path(up)",
	"CREATE TABLE under(n INTEGER PRIMARY KEY, id TEXT)",
	"WITH RECURSIVE u(n, id) AS (SELECT 0, root FROM rule UNION ALL"
	" SELECT p.n, (SELECT g.id FROM listed_group g WHERE g.up = u.id AND g.name = p.name ORDER BY g.n DESC LIMIT 1)"
	" FROM u JOIN path p ON p.up = u.n WHERE u.id IS NOT NULL)"
	" INSERT INTO under SELECT n, id FROM u WHERE id IS NOT NULL",
	"WITH RECURSIVE w(n) AS (SELECT n FROM path WHERE n > 0 AND listed IS NULL UNION"
	" SELECT p.up FROM w JOIN path p ON p.n = w.n WHERE p.up > 0)"
	" UPDATE path SET walked = 1 WHERE n IN (SELECT n FROM w)",
	"UPDATE path SET under = (SELECT id FROM under WHERE under.n = path.n) WHERE walked",
	/* What is in neither way there is made, or else the root group stands in for it. */
	"UPDATE path SET ref = CASE"
	" WHEN n = 0 THEN (SELECT root FROM rule)"
	" WHEN NOT walked THEN listed"
	" WHEN under IS NOT NULL THEN under"
	" WHEN (SELECT create_groups FROM rule) THEN '{group:' || path || '}'"
	" ELSE coalesce(listed, (SELECT root FROM rule)) END",
	"UPDATE path SET shown = CASE WHEN ref = root THEN (SELECT t.shown FROM tree t WHERE t.id = root) ELSE path END"
	" FROM rule",
	"INSERT INTO subject(n, level, label)"
	" SELECT base + p.n, p.depth, p.path FROM rule, part, path p"
	" WHERE part.name = 'group.create' AND rule.create_groups AND p.walked AND p.under IS NULL",
	"INSERT INTO op(subject, step, place, value)"
	" SELECT s.n, k.step, above.ref, p.name FROM part JOIN kind k USING(name) JOIN subject s JOIN path p JOIN path above"
	" WHERE part.name = 'group.create' AND p.n = s.n - base AND above.n = p.up",
};

static const char *const match_rules[] = {
	/*
	 * Who is who: by e-mail, else by another user's additional e-mail, else by external id; letter case does not count
	 * in addresses. Of several users with the same one the later in the listing counts.
	 */
	"CREATE INDEX actual_key ON actual(key)",
	"CREATE TABLE found(w INTEGER PRIMARY KEY, a INT, how TEXT)",
	"INSERT INTO found SELECT w.n, max(a.n), 'e-mail' FROM wanted w CROSS JOIN actual a ON a.key = w.key"
	" WHERE w.active GROUP BY w.n",
	"CREATE INDEX actual_address ON actual(address_key) WHERE address_key <> ''",
	"INSERT INTO found SELECT w.n, max(a.n), 'additional e-mail' FROM wanted w"
	" CROSS JOIN actual a ON a.address_key = w.key AND a.address_key <> ''"
	" WHERE w.active AND w.n NOT IN (SELECT w FROM found) GROUP BY w.n",
	"CREATE INDEX actual_ext ON actual(ext) WHERE ext <> ''",
	"INSERT INTO found SELECT w.n, max(a.n), 'external id' FROM rule, wanted w"
	" CROSS JOIN actual a ON a.ext = w.ext AND a.ext <> ''"
	" WHERE rule.external_id AND w.active AND w.n NOT IN (SELECT w FROM found) GROUP BY w.n",
	/* The first entry to reach a user wins; a later one is left out. */
	"CREATE TABLE pair(a INTEGER PRIMARY KEY, w INT, how TEXT)",
	"INSERT OR IGNORE INTO pair SELECT a, w, how FROM found ORDER BY w",
};

static const char *const change_rules[] = {
	/* What differs in each pair; who differs in nothing is not in the table. */
	"CREATE TABLE change(a INTEGER PRIMARY KEY, w INT, subject INT, enable INT, name INT, email INT, role INT,"
	" moves INT, address INT, ext INT)",
	"INSERT INTO change SELECT a.n, w.n,"
	" (SELECT base FROM part WHERE part.name = CASE WHEN a.disabled THEN 'user.enable' ELSE 'user.change' END) + a.n,"
	" a.disabled,"
	" w.name IS NOT a.name,"
	" rule.email AND how = 'external id' AND w.key IS NOT a.key,"
	" rule.change_roles AND w.role IS NOT a.role,"
	" rule.move_users AND p.ref IS NOT a.grp,"
	/* The address that made the match is kept when nothing else would find the user again. */
	" rule.address AND w.address IS NOT NULL AND w.address IS NOT a.address"
	" AND w.address_key IS NOT (CASE WHEN rule.email AND how = 'external id' THEN w.key ELSE a.key END)"
	" AND NOT (how = 'additional e-mail' AND (w.ext IS NULL OR NOT rule.external_id)),"
	" rule.external_id AND w.ext IS NOT NULL AND w.ext IS NOT a.ext"
	" FROM rule, pair m JOIN actual a ON a.n = m.a JOIN wanted w ON w.n = m.w JOIN path p ON p.n = w.path"
	" WHERE (a.disabled OR w.name IS NOT a.name OR w.role IS NOT a.role OR p.ref IS NOT a.grp"
	" OR w.key IS NOT a.key OR w.address IS NOT a.address OR w.ext IS NOT a.ext)"
	" AND a.id NOT IN (SELECT id FROM ignored) AND NOT (rule.spare_manual AND a.manual)",
	"DELETE FROM change WHERE NOT (enable OR name OR email OR role OR moves OR address OR ext)",
	"INSERT INTO subject(n, label, id) SELECT c.subject, a.email, a.id FROM change c JOIN actual a ON a.n = c.a",
	"INSERT INTO op(subject, step) SELECT c.subject, k.step FROM kind k, change c"
	" WHERE k.name = 'user.enable' AND c.enable",
	"INSERT INTO op(subject, step, value, was) SELECT c.subject, k.step, w.name, a.name"
	" FROM kind k, change c JOIN actual a ON a.n = c.a JOIN wanted w ON w.n = c.w"
	" WHERE k.name = 'user.rename' AND c.name",
	"INSERT INTO op(subject, step, value, was) SELECT c.subject, k.step, w.email, a.email"
	" FROM kind k, change c JOIN actual a ON a.n = c.a JOIN wanted w ON w.n = c.w"
	" WHERE k.name = 'user.email' AND c.email",
	"INSERT INTO op(subject, step, place, value, was) SELECT c.subject, k.step, a.grp, w.role, a.role"
	" FROM kind k, change c JOIN actual a ON a.n = c.a JOIN wanted w ON w.n = c.w"
	" WHERE k.name = 'user.role' AND c.role",
	"INSERT INTO op(subject, step, place, value, was, becomes)"
	" SELECT c.subject, k.step, a.grp, p.ref,"
	" coalesce((SELECT shown FROM tree WHERE id = a.grp), a.grp), p.shown"
	" FROM kind k, change c JOIN actual a ON a.n = c.a JOIN wanted w ON w.n = c.w JOIN path p ON p.n = w.path"
	" WHERE k.name = 'user.move' AND c.moves",
	"INSERT INTO op(subject, step, value, was) SELECT c.subject, k.step, w.address, a.address"
	" FROM kind k, change c JOIN actual a ON a.n = c.a JOIN wanted w ON w.n = c.w"
	" WHERE k.name = 'user.address' AND c.address",
	"INSERT INTO op(subject, step, value, was) SELECT c.subject, k.step, w.ext, a.ext"
	" FROM kind k, change c JOIN actual a ON a.n = c.a JOIN wanted w ON w.n = c.w"
	" WHERE k.name = 'user.external_id' AND c.ext",
};

static const char *const new_rules[] = {
	/* Active people whom nobody matches; of several entries with one e-mail the first counts. */
	"CREATE TABLE joiner(w INTEGER PRIMARY KEY)",
	"INSERT INTO joiner SELECT min(n) FROM wanted"
	" WHERE active AND (SELECT create_users FROM rule) AND n NOT IN (SELECT w FROM found) GROUP BY key",
	"INSERT INTO subject(n, label, key) SELECT base + w.n, w.email, w.key"
	" FROM part, joiner j JOIN wanted w ON w.n = j.w WHERE part.name = 'user.create'",
	"INSERT INTO op(subject, step, place, value, becomes) SELECT base + w.n, k.step, p.ref, w.email, p.shown"
	" FROM part JOIN kind k USING(name), joiner j JOIN wanted w ON w.n = j.w JOIN path p ON p.n = w.path"
	" WHERE part.name = 'user.create'",
	"INSERT INTO op(subject, step, value) SELECT base + w.n, k.step, w.name"
	" FROM part, kind k, joiner j JOIN wanted w ON w.n = j.w"
	" WHERE part.name = 'user.create' AND k.name = 'user.rename'",
	"INSERT INTO op(subject, step, place, value) SELECT base + w.n, k.step, p.ref, w.role"
	" FROM part, kind k, joiner j JOIN wanted w ON w.n = j.w JOIN path p ON p.n = w.path"
	" WHERE part.name = 'user.create' AND k.name = 'user.role' AND NOT w.plain",
	"INSERT INTO op(subject, step, value) SELECT base + w.n, k.step, w.address"
	" FROM rule, part, kind k, joiner j JOIN wanted w ON w.n = j.w"
	" WHERE part.name = 'user.create' AND k.name = 'user.address'"
	" AND rule.address AND w.address_key <> '' AND w.address_key <> w.key",
	"INSERT INTO op(subject, step, value) SELECT base + w.n, k.step, w.ext"
	" FROM rule, part, kind k, joiner j JOIN wanted w ON w.n = j.w"
	" WHERE part.name = 'user.create' AND k.name = 'user.external_id' AND rule.external_id AND w.ext IS NOT NULL",
};

static const char *const leave_rules[] = {
	/*
	 * Enabled users whom no active entry reaches leave: their e-mail is in the file as inactive, or neither it nor
	 * their additional e-mail belongs to anybody there who is active. Who has no e-mail is nobody we can know about.
	 */
	"CREATE INDEX wanted_key ON wanted(key, active)",
	"CREATE TABLE leaver(a INTEGER PRIMARY KEY, why TEXT)",
	"INSERT INTO leaver SELECT a.n, CASE"
	" WHEN EXISTS (SELECT 1 FROM wanted w WHERE w.key = a.key AND NOT w.active) THEN 'inactive in the file'"
	" WHEN EXISTS (SELECT 1 FROM wanted w WHERE w.key = a.key) THEN NULL"
	" WHEN EXISTS (SELECT 1 FROM wanted w WHERE w.key = a.address_key AND w.active) THEN NULL"
	" WHEN EXISTS (SELECT 1 FROM wanted w WHERE w.key = a.address_key) THEN 'inactive in the file'"
	" ELSE 'not in the file' END"
	" FROM rule, actual a WHERE a.n NOT IN (SELECT a FROM pair) AND NOT a.disabled AND a.key <> ''"
	" AND a.id NOT IN (SELECT id FROM ignored) AND NOT (rule.spare_manual AND a.manual)",
	"DELETE FROM leaver WHERE why IS NULL",
	"INSERT INTO subject(n, label, id, why) SELECT base + a.n, a.email, a.id, l.why"
	" FROM rule, part, leaver l JOIN actual a ON a.n = l.a WHERE part.name = 'user.disable' AND rule.disable_users",
	"INSERT INTO op(subject, step) SELECT base + l.a, k.step FROM rule, part JOIN kind k USING(name), leaver l"
	" WHERE part.name = 'user.disable' AND rule.disable_users",
	"INSERT INTO op(subject, step, place, value, was, becomes)"
	" SELECT base + a.n, k.step, a.grp, rule.leavers,"
	" coalesce((SELECT shown FROM tree WHERE id = a.grp), a.grp), t.shown"
	" FROM rule JOIN tree t ON t.id = rule.leavers, part, kind k, leaver l JOIN actual a ON a.n = l.a"
	" WHERE part.name = 'user.disable' AND k.name = 'user.move' AND rule.disable_users AND a.grp IS NOT rule.leavers",
	/* Into the group for disabled users goes also who is disabled already, or would be were that allowed. */
	"CREATE TABLE retired(a INTEGER PRIMARY KEY, why TEXT)",
	"INSERT INTO retired SELECT a.n, 'is disabled' FROM rule, actual a"
	" WHERE rule.leavers IS NOT NULL AND a.disabled AND a.grp IS NOT rule.leavers"
	" AND a.n NOT IN (SELECT a FROM change WHERE enable) AND a.id NOT IN (SELECT id FROM ignored)",
	"INSERT INTO retired SELECT a.n, l.why FROM rule, leaver l JOIN actual a ON a.n = l.a"
	" WHERE rule.leavers IS NOT NULL AND NOT rule.disable_users AND a.grp IS NOT rule.leavers",
	"INSERT INTO subject(n, label, id, why) SELECT base + a.n, a.email, a.id, r.why"
	" FROM part, retired r JOIN actual a ON a.n = r.a WHERE part.name = 'user.retire'",
	"INSERT INTO op(subject, step, place, value, was, becomes)"
	" SELECT base + a.n, k.step, a.grp, rule.leavers,"
	" coalesce((SELECT shown FROM tree WHERE id = a.grp), a.grp), t.shown"
	" FROM rule JOIN tree t ON t.id = rule.leavers, part, kind k, retired r JOIN actual a ON a.n = r.a"
	" WHERE part.name = 'user.retire' AND k.name = 'user.move'",
};

static const char *const last_rules[] = {
	/* Whoever was changed is kept by us from now on. */
	"INSERT INTO op(subject, step) SELECT s.n, k.step FROM part low, kind k, part high, subject s"
	" WHERE low.name = 'user.create' AND high.name = 'group.delete' AND k.name = 'user.mark'"
	" AND s.n >= low.base AND s.n < high.base",
};

/* Groups below the root that are empty once the plan is done and that nothing else keeps, deepest first. */
static const char *const removal_rules[] = {
	"CREATE TABLE kept(id TEXT PRIMARY KEY) WITHOUT ROWID",
	"INSERT OR IGNORE INTO kept SELECT coalesce(o.value, a.grp) FROM actual a"
	" LEFT JOIN (SELECT c.a, o.value FROM change c JOIN op o ON o.subject = c.subject JOIN kind k USING(step)"
	"  WHERE k.name = 'user.move' UNION ALL"
	"  SELECT l.a, rule.leavers FROM rule, leaver l WHERE rule.leavers IS NOT NULL UNION ALL"
	"  SELECT r.a, rule.leavers FROM rule, retired r) o ON o.a = a.n"
	" WHERE a.grp IS NOT NULL",
	"INSERT OR IGNORE INTO kept SELECT ref FROM path",
	"INSERT OR IGNORE INTO kept SELECT leavers FROM rule WHERE leavers IS NOT NULL",
	"WITH RECURSIVE up(id) AS (SELECT id FROM kept UNION SELECT g.up FROM up JOIN listed_group g ON g.id = up.id"
	" WHERE g.up IS NOT NULL) INSERT OR IGNORE INTO kept SELECT id FROM up",
	"INSERT INTO subject(n, level, label, id, above) SELECT base + t.n, -b.level, t.shown, t.id, base + above.n"
	" FROM part, below b JOIN tree t ON t.id = b.id JOIN listed_group above ON above.id = b.above"
	" WHERE part.name = 'group.delete' AND b.id NOT IN (SELECT id FROM kept)",
	"INSERT INTO op(subject, step) SELECT s.n, k.step FROM part JOIN kind k USING(name) JOIN subject s ON s.n >= base"
	" WHERE part.name = 'group.delete'",
};

#define RUN_ALL(plan, rules, e) run_all(plan, rules, sizeof(rules) / sizeof((rules)[0]), e)

static int run_all(struct plan *p, const char *const *rules, size_t count, struct error *e)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (db_exec(p->db, rules[i], e) < 0)
			return -1;
	return 0;
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
		return error_set(e, ERROR_USAGE, "%s %s is not in the account; look up its id there", what, id);
	return got < 0 ? -1 : 0;
}

int plan_diff(struct plan *p, const struct plan_policy *policy, struct error *e)
{
	if (check_group(p, policy->root, "the root group", e) < 0 ||
	    check_group(p, policy->leavers, "the group for disabled users", e) < 0)
		return -1;
	if (add_rule(p, policy, e) < 0 || add_ignored(p, policy->ignored, e) < 0 ||
	    RUN_ALL(p, group_rules, e) < 0 || RUN_ALL(p, match_rules, e) < 0 || RUN_ALL(p, change_rules, e) < 0 ||
	    RUN_ALL(p, new_rules, e) < 0 || RUN_ALL(p, leave_rules, e) < 0 || RUN_ALL(p, last_rules, e) < 0)
		return -1;
	return policy->remove_empty_groups ? RUN_ALL(p, removal_rules, e) : 0;
}
