#include <stdarg.h>
#include <string.h>
#include "base/json_slice.h"
#include "base/json_write.h"
#include "base/unicode.h"
#include "prepare/prepare_int.h"

#define DETAIL_MAX 4000		/* bytes of the details of one step */
#define CONFIG "TIMECAMP_PREPARE_TRANSFORM_CONFIG"
#define EXCLUDE "TIMECAMP_EXCLUDE_REGEX"
#define BY_FIELD "TIMECAMP_USE_IS_SUPERVISOR_ROLE"
#define DOMAIN_SETTING "TIMECAMP_REPLACE_EMAIL_DOMAIN"
#define BY_MANAGERS "TIMECAMP_USE_SUPERVISOR_GROUPS"
#define MODES "TIMECAMP_USE_SUPERVISOR_GROUPS, TIMECAMP_USE_DEPARTMENT_GROUPS"

static const struct {
	const char *rule, *setting, *field, *why;
	const char *leaves;		/* so the person gets no account; NULL: gets one all the same */
} points[TRACE_POINTS] = {
	[TRACE_CONDITION] = { "transform", CONFIG, "", "the exclude condition holds",
		"the exclude condition of " CONFIG " holds" },
	[TRACE_FILTER] = { "transform", CONFIG, "", "the filter does not hold, so no rule is applied", NULL },
	[TRACE_RULE] = { "transform", CONFIG, "", "", NULL },
	[TRACE_MAIL_CASE] = { "e-mail", "", "email", "addresses are in lower case", NULL },
	[TRACE_EXCLUDED] = { "exclude", EXCLUDE, "", "the expression matches", EXCLUDE " matches" },
	[TRACE_EXCLUDED_NOBODY] = { "exclude", EXCLUDE, "",
		"the expression matches, but leaves out nobody who has no e-mail", NULL },
	[TRACE_WITHOUT_ID] = { "external id", "", "", "there is none", "there is no external_id" },
	[TRACE_NAME] = { "name", "", "name", "", NULL },
	[TRACE_PATH_CLEAN] = { "path", "", "department", "parts are trimmed, empty ones dropped", NULL },
	[TRACE_PATH_SKIP] = { "path", "TIMECAMP_SKIP_DEPARTMENTS", "department",
		"the first entry that the path begins with is taken away", NULL },
	[TRACE_HIDDEN] = { "hierarchy", "", "", "hierarchy_only is true",
		"is there only to complete the hierarchy (hierarchy_only)" },
	[TRACE_STATUS] = { "status", "", "status",
		"\"active\" in any letter case is active, all else is not", NULL },
	[TRACE_ADDRESS_SAME] = { "real e-mail", "", "real_email", "is the same as the e-mail", NULL },
	[TRACE_ADDRESS_DOMAIN] = { "real e-mail", DOMAIN_SETTING, "real_email", "the domain is replaced",
		NULL },
	[TRACE_MAIL_DOMAIN] = { "e-mail", DOMAIN_SETTING, "email", "the domain is replaced", NULL },
	[TRACE_EXCLUDED_TWIN] = { "exclude", EXCLUDE, "",
		"the expression matches another record with this e-mail",
		EXCLUDE " matches another record with this e-mail" },
	[TRACE_MERGED] = { "same person", "", "",
		"another record with the same external_id or e-mail is listed later",
		"another record with the same external_id or e-mail takes the place" },
	[TRACE_REPLACED] = { "same person", "", "", "another record with the same e-mail is listed later",
		"another record with the same e-mail takes the place" },
	[TRACE_DEPARTMENT] = { "group", BY_MANAGERS, "group", "is off: the group is the department", NULL },
	[TRACE_CHAIN_NONE] = { "group", MODES, "group",
		"groups are chains of managers; without supervisor and reports it is the root group", NULL },
	[TRACE_CHAIN] = { "group", MODES, "group",
		"groups are chains of managers: the group of the supervisor", NULL },
	[TRACE_CHAIN_OWN] = { "group", MODES, "group",
		"groups are chains of managers, and a manager sits in the own one", NULL },
	[TRACE_CHAIN_ONLY] = { "group", MODES, "group",
		"department and manager; as there is no department, the chain of managers", NULL },
	[TRACE_HYBRID_NONE] = { "group", MODES, "group",
		"department and manager; as there is no supervisor, the department alone", NULL },
	[TRACE_HYBRID] = { "group", MODES, "group", "department, and in it the group of the supervisor",
		NULL },
	[TRACE_HYBRID_OWN] = { "group", MODES, "group", "department, and in it the manager's own group",
		NULL },
	[TRACE_GROUP_HIDDEN] = { "group", BY_MANAGERS, "group",
		"the manager is only there to complete the hierarchy (hierarchy_only): no group", NULL },
	[TRACE_GROUP_UNKNOWN] = { "group", BY_MANAGERS, "group",
		"the supervisor is not among the users, so the group stays the department as it is", NULL },
	[TRACE_GROUP_ADMIN] = { "group", "", "group",
		"administrators by force_global_admin_role sit in the root group", NULL },
	[TRACE_GROUP_RULE] = { "group rule", "TIMECAMP_CHANGE_GROUPS_REGEX", "group", "", NULL },
	[TRACE_ROLE_FORCED_ADMIN] = { "role", "", "role", "force_global_admin_role is true", NULL },
	[TRACE_ROLE_FORCED_SUPERVISOR] = { "role", "", "role", "force_supervisor_role is true", NULL },
	[TRACE_ROLE_OTHERS_FORCED] = { "role", "", "role",
		"somebody has force_supervisor_role, so everybody without it is a user", NULL },
	[TRACE_ROLE_IS_SUPERVISOR] = { "role", BY_FIELD, "role", "is_supervisor says yes", NULL },
	[TRACE_ROLE_NO_SUPERVISOR] = { "role", BY_FIELD, "role", "is_supervisor does not say yes", NULL },
	[TRACE_ROLE_ID] = { "role", "", "role", "role_id says so", NULL },
	[TRACE_ROLE_MANAGER] = { "role", BY_MANAGERS, "role", "a manager without another role_id", NULL },
	[TRACE_ROLE_PLAIN] = { "role", "", "role", "nothing asks for another one", NULL },
};

void trace_init(struct trace *t, struct explain *x, struct str query, json_out_fn *fn, void *cookie)
{
	memset(t, 0, sizeof *t);
	t->explain = x;
	t->query = query;
	t->fn = fn;
	t->cookie = cookie;
	error_init(&t->error);
	arena_init(&t->arena, 8 * MAX_RECORD);
	buf_init(&t->lower, 3 * MAX_RECORD);
	buf_init(&t->tests, DETAIL_MAX);
}

void trace_release(struct trace *t)
{
	arena_release(&t->arena);
	buf_release(&t->lower);
	buf_release(&t->tests);
}

/* ---- steps -------------------------------------------------------------------------------------------- */

/* A copy that is cut when it is long. ptr NULL stays, and comes when there is no more room. */
static struct str keep(struct trace *t, struct str text, size_t max)
{
	struct arena *a = &t->explain->arena;

	if (text.ptr == NULL)
		return text;
	if (text.len <= max)
		return arena_str(a, text);
	while (max > 0 && ((unsigned char)text.ptr[max] & 0xc0) == 0x80)
		max--;
	return arena_printf(a, "%.*s...", (int)max, text.ptr);
}

static void add(struct trace *t, enum trace_point point, struct str field, struct str before,
		struct str after)
{
	struct explain_person *who = t->now;
	struct explain_step *s = arena_alloc(&t->explain->arena, sizeof *s);

	t->told = s != NULL;
	if (points[point].leaves != NULL && who->outcome == EXPLAIN_OPEN) {
		who->outcome = EXPLAIN_LEFT_OUT;
		who->why = str_from(points[point].leaves);
	}
	if (s == NULL) {
		who->more_steps++;
		return;
	}
	s->rule = points[point].rule;
	s->setting = str_from(points[point].setting);
	s->field = field;
	s->before = keep(t, before, EXPLAIN_VALUE);
	s->after = keep(t, after, EXPLAIN_VALUE);
	s->why = str_from(points[point].why);
	if (who->last != NULL)
		who->last->next = s;
	else
		who->steps = s;
	who->last = s;
}

static struct str field_of(const struct trace *t, enum trace_point point)
{
	/* In supervisor mode it is the finished path that is cleaned, not the department. */
	if (t->finishing && (point == TRACE_PATH_CLEAN || point == TRACE_PATH_SKIP))
		return STR("group");
	return str_from(points[point].field);
}

void trace_step(struct trace *t, enum trace_point point)
{
	if (t == NULL)
		return;
	t->told = 0;
	if (t->now != NULL)
		add(t, point, field_of(t, point), str_of(NULL, 0), str_of(NULL, 0));
}

void trace_changed(struct trace *t, enum trace_point point, struct str before, struct str after)
{
	if (t == NULL)
		return;
	t->told = 0;
	if (t->now != NULL && !str_eq(before, after))
		add(t, point, field_of(t, point), before, after);
}

void trace_say(struct trace *t, const char *fmt, ...)
{
	struct explain_step *s;
	struct buf text;
	va_list args;

	if (t == NULL || !t->told)
		return;
	s = t->now->last;
	buf_init(&text, MAX_RECORD);
	buf_put_str(&text, s->detail);
	buf_puts(&text, s->detail.len > 0 ? ", " : "");
	va_start(args, fmt);
	buf_vprintf(&text, fmt, args);
	va_end(args);
	s->detail = keep(t, buf_str(&text), DETAIL_MAX);
	if (s->detail.ptr == NULL)
		s->detail = STR("");
	buf_release(&text);
}

/* ---- the transform configuration ---------------------------------------------------------------------- */

void trace_test(struct trace *t, struct str property, const char *operator, struct str text,
		struct str found, int holds)
{
	if (t == NULL || t->now == NULL)
		return;
	buf_printf(&t->tests, "%s%.*s %s \"%.*s\" %s", t->tests.len > 0 ? "; " : "", STR_ARG(property),
		   operator, STR_ARG(text), holds > 0 ? "holds" : "does not hold");
	if (found.ptr == NULL)
		buf_puts(&t->tests, " (there is none)");
	else if (!str_eq(found, text))
		buf_printf(&t->tests, " (it is \"%.*s\")", STR_ARG(str_sub(found, 0, EXPLAIN_VALUE)));
}

void trace_condition(struct trace *t, enum trace_point point)
{
	if (t == NULL || t->now == NULL)
		return;
	if (point != TRACE_POINTS) {
		trace_step(t, point);
		trace_say(t, "%s%s", buf_text(&t->tests), t->finishing ? ", in the finished account" : "");
	}
	buf_reset(&t->tests);
}

/* A text without its quotes; other values as they are written. */
static struct str value_text(struct trace *t, struct str value)
{
	return json_slice_type(value) == JSON_STRING ? json_slice_text(value, &t->arena) : value;
}

void trace_rule(struct trace *t, struct str property, int number, struct str before, struct str after)
{
	if (t == NULL)
		return;
	t->told = 0;
	if (t->now == NULL)
		return;
	add(t, TRACE_RULE, keep(t, property, EXPLAIN_VALUE), value_text(t, before), value_text(t, after));
	trace_say(t, "rule %d%s", number, t->finishing ? ", on the finished account" : "");
}

/* ---- names, records of one person, groups, roles ------------------------------------------------------- */

void trace_name(struct prepare *p, struct str name, const struct member *m)
{
	const struct rules *r = &p->rules;
	struct trace *t = p->trace;
	int title, id;

	trace_changed(t, TRACE_NAME, name, m->name);
	if (t == NULL || !t->told)
		return;
	title = r->titles_in_users && m->title.len > 0;
	id = r->show_id;
	t->now->last->setting = title && id ?
		STR("TIMECAMP_USE_JOB_TITLE_NAME_USERS, TIMECAMP_SHOW_EXTERNAL_ID") :
		title ? STR("TIMECAMP_USE_JOB_TITLE_NAME_USERS") :
		id ? STR("TIMECAMP_SHOW_EXTERNAL_ID") : STR("");
	if (!title && !id)
		t->now->last->why = STR("blanks at the ends and ( ) { } ` \xc2\xb4 _ are removed");
}

/* Runs a query; a failure is kept. 1 with a row. */
static int look(struct trace *t, struct db_stmt *s)
{
	int got = s == NULL || t->failed ? -1 : db_step(s, &t->error);

	if (got < 0)
		t->failed = 1;
	return got == 1;
}

static void check_linked(struct prepare *p, struct explain_person *who)
{
	struct trace *t = p->trace;
	struct db_stmt *s = db_prepare(p->work, "SELECT bits FROM person WHERE offset = ?1", &t->error);

	if (s != NULL)
		db_bind_int(s, 1, (int64_t)who->offset);
	if (!look(t, s))
		trace_step(t, TRACE_MERGED);
	else if (db_int(s, 0) & BIT_EXCLUDED)
		trace_step(t, TRACE_EXCLUDED_TWIN);
	db_finish(s);
}

void trace_linked(struct prepare *p)
{
	struct trace *t = p->trace;
	int i;

	if (t == NULL || t->locating)
		return;
	for (i = 0; i < t->explain->count; i++) {
		t->now = &t->explain->people[i];
		if (t->now->stored && t->now->outcome == EXPLAIN_OPEN)
			check_linked(p, t->now);
	}
	t->now = NULL;
}

void trace_replaced(struct prepare *p, const struct member *m)
{
	struct trace *t = p->trace;
	struct db_stmt *s;

	trace_step(t, TRACE_REPLACED);
	if (t == NULL || !t->told)
		return;
	s = db_prepare(p->work, "SELECT id FROM person WHERE mail = ?1 AND bits & ?2 = 0 "
		       "ORDER BY seq DESC LIMIT 1", &t->error);
	if (s != NULL) {
		db_bind_text(s, 1, m->mail);
		db_bind_int(s, 2, BIT_HIDDEN | BIT_EXCLUDED);
	}
	if (look(t, s))
		trace_say(t, "external_id \"%.*s\"", STR_ARG(db_text(s, 0)));
	db_finish(s);
}

/* Who manages m. */
static void say_manager(struct prepare *p, struct str id)
{
	struct db_stmt *s = db_prepare(p->work, "SELECT name, mail FROM person WHERE id = ?1",
				       &p->trace->error);
	struct str name, mail;

	if (s != NULL)
		db_bind_text(s, 1, id);
	if (look(p->trace, s)) {
		name = db_text(s, 0);
		mail = db_text(s, 1);
		trace_say(p->trace, "supervisor_id \"%.*s\" is %.*s <%.*s>", STR_ARG(id), STR_ARG(name),
			  STR_ARG(mail));
	} else {
		trace_say(p->trace, "supervisor_id is \"%.*s\"", STR_ARG(id));
	}
	db_finish(s);
}

/* How many m manages. */
static void say_reports(struct prepare *p, struct str id)
{
	static const char sql[] = "SELECT (SELECT count(*) FROM person WHERE supervisor = ?1) + "
		"(SELECT count(*) FROM link WHERE supervisor = ?1)";
	struct db_stmt *s = db_prepare(p->work, sql, &p->trace->error);
	long n;

	if (s != NULL)
		db_bind_text(s, 1, id);
	if (look(p->trace, s)) {
		n = (long)db_int(s, 0);
		trace_say(p->trace, "supervisor of %ld %s", n, n == 1 ? "person" : "people");
	}
	db_finish(s);
}

void trace_group(struct prepare *p, enum trace_point point, const struct member *m, struct str group)
{
	struct trace *t = p->trace;

	if (t == NULL || t->now == NULL)
		return;
	add(t, point, str_from(points[point].field), m->department, group);
	if (point == TRACE_DEPARTMENT)
		return;
	if (m->bits & BIT_OWN_GROUP)
		say_reports(p, m->id);
	else if (m->supervisor.len > 0)
		say_manager(p, m->supervisor);
}

void trace_role(struct prepare *p, enum trace_point point, const struct member *m, const char *role)
{
	struct trace *t = p->trace;
	unsigned id = m->bits / BIT_ROLE;

	if (t == NULL || t->now == NULL)
		return;
	add(t, point, str_from(points[point].field), str_of(NULL, 0), str_from(role));
	if (id != 0)
		trace_say(t, "role_id is %u", id);
	if (point == TRACE_ROLE_MANAGER)
		say_reports(p, m->id);
}
