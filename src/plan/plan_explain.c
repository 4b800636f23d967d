#include <string.h>
#include "base/limits.h"
#include "plan/plan_explain.h"
#include "plan/plan_int.h"

/* A question about one person. */
struct asking {
	struct plan *plan;			/* borrowed */
	const struct plan_policy *policy;	/* borrowed */
	int64_t user, entry;			/* numbers in actual and wanted; 0: none */
	struct str key;				/* e-mail in lower case */
	struct arena arena;			/* owned; emptied with each case */
	struct plan_case now;
};

/* Why nothing, or something else, happens: each query gives the sentence if it is so. */
struct reason {
	const char *verdict;
	const char *sql;	/* ?1: the user, ?2: the entry */
	int setting;		/* enum plan_switch, or PLAN_SWITCHES */
};

#define GROUP_OF_USER "coalesce((SELECT shown FROM tree WHERE id = a.grp), a.grp, '')"
#define ROOT_OR(path) "coalesce(nullif(" path ", ''), 'the root group')"

/* Of a user of the target whom nothing is planned for. */
static const struct reason user_reasons[] = {
	{ "left alone", "SELECT 'it is not clear who is who: in the prepared file '"
	  " || (SELECT group_concat(w.email || ' by ' || how, ', ')"
	  "  FROM reach JOIN wanted w ON w.n = reach.w WHERE reach.a = ?1) || '; in the target '"
	  " || (SELECT group_concat(x.email || ' (' || x.id || ')', ', ') FROM actual x WHERE x.n IN"
	  "  (SELECT a FROM reach WHERE w IN (SELECT w FROM reach WHERE a = ?1)))"
	  " FROM held WHERE a = ?1", PLAN_SWITCHES },
	{ "left alone", "SELECT 'is protected by \"' || p.key || '\"' FROM actual a"
	  " JOIN protect p ON a.key = p.key OR (substr(p.key, 1, 2) = '*@'"
	  "  AND substr(a.key, -length(p.key) + 1) = substr(p.key, 2)) WHERE a.n = ?1 LIMIT 1",
	  PLAN_PROTECT },
	{ "left alone", "SELECT 'was added by hand' FROM rule, actual"
	  " WHERE n = ?1 AND spare_manual AND manual", PLAN_SPARE_MANUAL },
	{ "left alone", "SELECT 'would be disabled, as ' || why FROM spared WHERE a = ?1",
	  PLAN_DISABLE_USERS },
	{ "left alone", "SELECT 'has no e-mail, so that nobody can tell who it is' FROM actual"
	  " WHERE n = ?1 AND coalesce(key, '') = ''", PLAN_SWITCHES },
	{ "nothing", "SELECT 'is disabled, and nobody active in the prepared file is this user' FROM actual"
	  " WHERE n = ?1 AND disabled AND n NOT IN (SELECT a FROM reach)", PLAN_SWITCHES },
};

/* Differences of a user and an entry that stay. */
#define KEPT(what, condition) \
	"SELECT " what " FROM rule, pair JOIN actual a ON a.n = pair.a JOIN wanted w ON w.n = pair.w" \
	" JOIN path p ON p.n = w.path WHERE pair.a = ?1 AND " condition

static const struct reason pair_reasons[] = {
	{ "kept", KEPT("'the group stays ' || " ROOT_OR(GROUP_OF_USER)
		       " || ', the prepared file has ' || " ROOT_OR("p.shown"),
		       "NOT move_users AND p.ref IS NOT a.grp"), PLAN_MOVE_USERS },
	{ "kept", KEPT("'the role stays ' || coalesce(a.role, 'none')"
		       " || ', the prepared file has ' || w.role",
		       "NOT change_roles AND w.role IS NOT a.role"), PLAN_CHANGE_ROLES },
	{ "kept", KEPT("'the e-mail stays ' || a.email || ', the prepared file has ' || w.email",
		       "how = 'external id' AND w.key IS NOT a.key AND NOT rule.email"), PLAN_EMAIL },
	{ "kept", KEPT("'the additional e-mail stays ' || coalesce(a.address, 'none')"
		       " || ', the prepared file has ' || w.address",
		       "NOT rule.address AND w.address IS NOT NULL AND w.address IS NOT a.address"),
	  PLAN_SYNC_ADDRESS },
	{ "kept", KEPT("'the external id stays ' || coalesce(a.ext, 'none')"
		       " || ', the prepared file has ' || w.ext",
		       "NOT rule.external_id AND w.ext IS NOT NULL AND w.ext IS NOT a.ext"),
	  PLAN_SYNC_EXTERNAL_ID },
};

/* Of an entry that no user of the target belongs to. */
static const struct reason entry_reasons[] = {
	{ "nothing", "SELECT 'is inactive in the prepared file, and nobody inactive is created' FROM wanted"
	  " WHERE n = ?2 AND NOT active", PLAN_SWITCHES },
	{ "left alone", "SELECT 'would be created' FROM rule, wanted WHERE n = ?2 AND active"
	  " AND NOT create_users AND n NOT IN (SELECT w FROM reach)", PLAN_CREATE_USERS },
};

/* Of the group of an entry. */
static const struct reason group_reasons[] = {
	{ "group", "SELECT 'the group ' || p.path || ' is not there yet and is made first' FROM wanted w"
	  " JOIN path p ON p.n = w.path WHERE w.n = ?2 AND substr(p.ref, 1, 7) = '{group:'", PLAN_SWITCHES },
	{ "group", "SELECT 'the service refuses groups as deep as ' || p.path FROM rule"
	  " JOIN tree t ON t.id = root JOIN wanted w ON w.n = ?2 JOIN path p ON p.n = w.path"
	  " WHERE substr(p.ref, 1, 7) = '{group:' AND max_levels > 0 AND t.level + p.depth > max_levels",
	  PLAN_SWITCHES },
	{ "group", "SELECT 'the group ' || p.path || ' is not there, and none is made: '"
	  " || " ROOT_OR("p.shown") " || ' stands in for it' FROM rule, wanted w JOIN path p ON p.n = w.path"
	  " WHERE w.n = ?2 AND p.walked AND p.under IS NULL AND NOT create_groups", PLAN_CREATE_GROUPS },
};

/* What is planned for a subject of a part, in a word, and why. NULL: it goes with another part. */
static const struct { const char *verdict, *why; } part_words[PLAN_PARTS] = {
	[PART_USER_CREATE] = { "created", "nobody in the target has this e-mail or external id" },
	[PART_USER_ENABLE] = { "enabled", "is disabled, and active in the prepared file" },
	[PART_USER_CHANGE] = { "changed", "differs from the prepared file" },
	[PART_USER_DISABLE] = { "disabled", "" },
	[PART_USER_RETIRE] = { "moved", "" },
	[PART_USER_FINISH] = { "finished", "an earlier run created this user, who was not listed then" },
	[PART_USER_LEFT] = { "finished", "an earlier run left this" },
};

/* Why an operation is done; "": its part says it all. */
static const char *const op_words[OP_KINDS] = {
	[OP_USER_CREATE] = "is in the prepared file and not in the target",
	[OP_USER_ENABLE] = "is active in the prepared file and disabled in the target",
	[OP_USER_DISABLE] = "is no active person of the prepared file",
	[OP_USER_RENAME] = "the prepared file has another name",
	[OP_USER_EMAIL] = "was found by external id, and the prepared file has another e-mail",
	[OP_USER_ROLE] = "the prepared file has another role",
	[OP_USER_MOVE] = "the prepared file has another group",
	[OP_USER_ADDRESS] = "the prepared file has another additional e-mail",
	[OP_USER_EXTERNAL_ID] = "the prepared file has another external id",
	[OP_USER_MARK] = "who is changed is marked as kept by this program",
};

struct str plan_why(const struct plan_subject *s, const struct op *op)
{
	if (op->kind != OP_USER_MARK && s->part != PART_USER_CHANGE && s->why.len > 0)
		return s->why;
	if (s->part == PART_USER_CREATE && op->kind != OP_USER_CREATE && op->kind != OP_USER_MARK)
		return STR("a new user gets what the prepared file says");
	return str_from(op_words[op->kind]);
}

/* ---- one case ----------------------------------------------------------------------------------------- */

static void add_note(struct asking *q, const char *verdict, struct str why, int setting)
{
	const char *const *names = q->policy->settings;
	struct plan_note *n;

	if (q->now.note_count == PLAN_CASE_NOTES)
		return;
	n = &q->now.notes[q->now.note_count++];
	n->verdict = verdict;
	n->why = why;
	n->setting = setting < PLAN_SWITCHES && names != NULL && names[setting] != NULL ? names[setting] : "";
}

/* The text of a column, kept for this case; ptr NULL stays. */
static struct str keep(struct asking *q, struct db_stmt *s, int column, int *failed)
{
	struct str t = db_text(s, column);

	if (t.ptr == NULL)
		return t;
	t = arena_str(&q->arena, t);
	*failed |= t.ptr == NULL;
	return t;
}

/* A query about the user and the entry. 1 with a row; the statement is to be finished in any case. */
static int ask(struct asking *q, const char *sql, struct db_stmt **s, struct error *e)
{
	*s = db_prepare(q->plan->db, sql, e);
	if (*s == NULL)
		return -1;
	if (strstr(sql, "?1") != NULL)
		db_bind_int(*s, 1, q->user);
	if (strstr(sql, "?2") != NULL)
		db_bind_int(*s, 2, q->entry);
	return db_step(*s, e);
}

/* Notes the reasons that hold: all, or only the first. */
static int add_reasons(struct asking *q, const struct reason *r, size_t n, int only_first, struct error *e)
{
	int got = 0, failed = 0;
	struct db_stmt *s;
	size_t i;

	for (i = 0; i < n && got >= 0 && !failed && !(only_first && got == 1); i++) {
		got = ask(q, r[i].sql, &s, e);
		if (got == 1)
			add_note(q, r[i].verdict, keep(q, s, 0, &failed), r[i].setting);
		db_finish(s);
	}
	if (failed)
		return error_memory(e);
	return got < 0 ? -1 : 0;
}

#define ADD_REASONS(q, table, only_first, e) \
	add_reasons(q, table, sizeof(table) / sizeof((table)[0]), only_first, e)

static int is_listed(const char *list, struct str id)
{
	struct str rest = str_from(list), entry;

	while (rest.ptr != NULL && rest.len > 0 && str_next(&rest, ',', &entry))
		if (str_case_eq(str_trim(entry), id))
			return 1;
	return 0;
}

/* Whom the settings, or the target itself, leave alone by id. */
static int add_ignored(struct asking *q, struct error *e)
{
	struct db_stmt *s;
	int got = ask(q, "SELECT 1 FROM actual JOIN ignored USING(id) WHERE n = ?1", &s, e);

	db_finish(s);
	if (got != 1)
		return got;
	if (is_listed(q->policy->ignored, q->now.id))
		add_note(q, "left alone", STR("the settings list this id"), PLAN_IGNORED);
	else
		add_note(q, "left alone", STR("the API key belongs to this user, or the target protects it"),
			 PLAN_SWITCHES);
	return 0;
}

static int read_user(struct asking *q, struct error *e)
{
	static const char sql[] = "SELECT a.id, a.email, a.name, " GROUP_OF_USER ", a.role, a.address, a.ext,"
		" a.manual, a.disabled, (SELECT how FROM reach WHERE reach.a = a.n AND reach.w = ?2)"
		" FROM actual a WHERE a.n = ?1";
	struct plan_case *c = &q->now;
	struct str *const texts[] = {
		&c->id, &c->email, &c->name, &c->group, &c->role, &c->address, &c->external_id
	};
	int got, i, failed = 0;
	struct db_stmt *s;

	got = ask(q, sql, &s, e);
	for (i = 0; i < 7 && got == 1; i++)
		*texts[i] = keep(q, s, i, &failed);
	if (got == 1) {
		c->exists = 1;
		c->manual = (int)db_int(s, 7);
		c->disabled = (int)db_int(s, 8);
		c->found_by = keep(q, s, 9, &failed);
	}
	db_finish(s);
	return failed ? error_memory(e) : got < 0 ? -1 : 0;
}

static int read_subjects(struct asking *q, struct error *e)
{
	struct plan_case *c = &q->now;
	struct str none = { NULL, 0 };
	struct plan_cursor *walk = plan_walk_user(q->plan, c->exists ? c->id : none,
						  c->exists ? none : q->key, e);
	int got = walk == NULL ? -1 : 1, n;

	while (got == 1 && c->subject_count < PLAN_CASE_SUBJECTS) {
		n = c->subject_count;
		got = plan_next(walk, &c->subjects[n], &q->arena, e);
		if (got != 1)
			break;
		c->op_count[n] = plan_ops(q->plan, &c->subjects[n], c->ops[n], &q->arena, e);
		if (c->op_count[n] < 0)
			got = -1;
		c->subject_count++;
	}
	plan_walk_end(walk);
	return got < 0 ? -1 : 0;
}

static void note_subjects(struct asking *q)
{
	struct plan_case *c = &q->now;
	int i;

	for (i = 0; i < c->subject_count; i++) {
		const struct plan_subject *s = &c->subjects[i];
		const char *verdict = part_words[s->part].verdict;

		if (verdict != NULL)
			add_note(q, verdict, s->why.len > 0 ? s->why : str_from(part_words[s->part].why),
				 PLAN_SWITCHES);
		if (verdict != NULL && s->state == PLAN_HELD)
			add_note(q, "held", STR("a limit is exceeded"), PLAN_SWITCHES);
	}
}

static int tell(struct asking *q, plan_case_fn *fn, void *cookie, struct error *e)
{
	const struct plan_case *c = &q->now;

	arena_reset(&q->arena);
	memset(&q->now, 0, sizeof(q->now));
	if ((q->user != 0 && read_user(q, e) < 0) || read_subjects(q, e) < 0)
		return -1;
	note_subjects(q);
	if (c->exists && c->note_count == 0 &&
	    (ADD_REASONS(q, user_reasons, 1, e) < 0 || (c->note_count == 0 && add_ignored(q, e) < 0)))
		return -1;
	if (!c->exists && c->note_count == 0 && ADD_REASONS(q, entry_reasons, 1, e) < 0)
		return -1;
	if (c->exists && c->note_count == 0 && c->found_by.len > 0)
		add_note(q, "unchanged", STR("is as the prepared file says"), PLAN_SWITCHES);
	if (c->note_count == 0)
		add_note(q, "nothing", STR("there is nothing to do"), PLAN_SWITCHES);
	if (strcmp(c->notes[0].verdict, "left alone") != 0 &&
	    ((c->exists && ADD_REASONS(q, pair_reasons, 0, e) < 0) ||
	     ADD_REASONS(q, group_reasons, 0, e) < 0))
		return -1;
	return fn(cookie, c, e);
}

/* ---- all of them -------------------------------------------------------------------------------------- */

/* The entry of that e-mail, an active one if there is one. */
static int find_entry(struct asking *q, struct error *e)
{
	struct db_stmt *s = db_prepare(q->plan->db, "SELECT n FROM wanted WHERE key = ?1"
				       " ORDER BY active DESC LIMIT 1", e);
	int got;

	if (s == NULL)
		return -1;
	db_bind_text(s, 1, q->key);
	got = db_step(s, e);
	q->entry = got == 1 ? db_int(s, 0) : 0;
	db_finish(s);
	return got < 0 ? -1 : 0;
}

/* The users of the target it may be about. Their number, or -1. */
static int find_users(struct asking *q, struct str external_id, int64_t users[PLAN_CASES], struct error *e)
{
	static const char sql[] = "SELECT n FROM actual WHERE key = ?1 OR address_key = ?1"
		" OR (ext = ?2 AND ext <> '') OR n IN (SELECT a FROM reach WHERE w = ?3)"
		" ORDER BY key = ?1 DESC, n LIMIT ?4";
	struct db_stmt *s = db_prepare(q->plan->db, sql, e);
	int got = s == NULL ? -1 : 1, count = 0;

	if (s == NULL)
		return -1;
	db_bind_text(s, 1, q->key.len > 0 ? q->key : str_of(NULL, 0));
	db_bind_text(s, 2, external_id);
	db_bind_int(s, 3, q->entry);
	db_bind_int(s, 4, PLAN_CASES);
	while (got == 1 && (got = db_step(s, e)) == 1)
		users[count++] = db_int(s, 0);
	db_finish(s);
	return got < 0 ? -1 : count;
}

/* 1 when the entry reaches somebody. */
static int is_reached(struct asking *q, struct error *e)
{
	struct db_stmt *s;
	int got = ask(q, "SELECT 1 FROM reach WHERE w = ?2", &s, e);

	db_finish(s);
	return got;
}

int plan_explain(struct plan *p, const struct plan_policy *policy, struct str email, struct str external_id,
		 plan_case_fn *fn, void *cookie, int *count, struct error *e)
{
	int64_t users[PLAN_CASES];
	struct asking q;
	struct buf key;
	int i, n, reached, failed = -1;

	memset(&q, 0, sizeof(q));
	*count = 0;
	q.plan = p;
	q.policy = policy;
	arena_init(&q.arena, 16 * MAX_RECORD);
	buf_init(&key, MAX_RECORD);
	q.key = plan_lower(&key, email);
	if (find_entry(&q, e) < 0 || (n = find_users(&q, external_id, users, e)) < 0)
		goto out;
	for (i = 0; i < n; i++, ++*count) {
		q.user = users[i];
		if (tell(&q, fn, cookie, e) < 0)
			goto out;
	}
	q.user = 0;
	reached = q.entry != 0 ? is_reached(&q, e) : 1;
	if (reached < 0 || (!reached && tell(&q, fn, cookie, e) < 0))
		goto out;
	*count += !reached;
	failed = 0;
out:
	arena_release(&q.arena);
	buf_release(&key);
	return failed;
}
