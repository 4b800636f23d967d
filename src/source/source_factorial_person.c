#include "source/source_factorial_int.h"

#include <string.h>

#include "base/json_slice.h"
#include "base/unicode.h"

static const char schema[] =
	"CREATE TABLE team (id TEXT PRIMARY KEY, name TEXT, wanted INTEGER) WITHOUT ROWID;"
	"CREATE TABLE member (employee TEXT, team TEXT, PRIMARY KEY (employee, team)) WITHOUT ROWID;"
	"CREATE TABLE location (id TEXT PRIMARY KEY, name TEXT) WITHOUT ROWID;"
	"CREATE TABLE title (employee TEXT PRIMARY KEY, title TEXT, node TEXT, since TEXT) WITHOUT ROWID;"
	"CREATE TABLE node (uuid TEXT PRIMARY KEY, title TEXT) WITHOUT ROWID;"
	"CREATE TABLE mail (employee TEXT PRIMARY KEY, email TEXT) WITHOUT ROWID;";

static const char *const queries[FACTORIAL_QUERIES] = {
	[ADD_TEAM] = "INSERT OR REPLACE INTO team VALUES (?1, ?2, 0)",
	[ADD_MEMBER] = "INSERT OR IGNORE INTO member VALUES (?1, ?2)",
	[HAS_MEMBERS] = "SELECT EXISTS (SELECT 1 FROM member) OR NOT EXISTS (SELECT 1 FROM team)",
	[WANT_TEAM] = "UPDATE team SET wanted = 1 WHERE name = ?1 OR id = ?1",
	[TEAMS_OF] = "SELECT team.id, name, wanted FROM member JOIN team ON team.id = member.team"
		" WHERE employee = ?1 ORDER BY length(team.id), team.id",
	[ADD_LOCATION] = "INSERT OR REPLACE INTO location VALUES (?1, ?2)",
	[LOCATION_OF] = "SELECT name FROM location WHERE id = ?1",
	[ADD_TITLE] = "INSERT INTO title VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO UPDATE SET"
		" title = excluded.title, node = excluded.node, since = excluded.since"
		" WHERE excluded.since >= title.since",
	[NEEDS_NODES] = "SELECT EXISTS (SELECT 1 FROM title WHERE title = '' AND node <> '')",
	[ADD_NODE] = "INSERT OR REPLACE INTO node VALUES (?1, ?2)",
	[TITLE_OF] = "SELECT CASE WHEN t.title <> '' THEN t.title ELSE ifnull(node.title, '') END"
		" FROM title AS t LEFT JOIN node ON node.uuid = t.node WHERE employee = ?1",
	[ADD_MAIL] = "INSERT OR REPLACE INTO mail VALUES (?1, ?2)",
	[MAIL_OF] = "SELECT email FROM mail WHERE employee = ?1",
};

/* ---- the work set -------------------------------------------------------------------------------------- */

struct db_stmt *factorial_statement(struct factorial *f, enum factorial_query q, struct error *e)
{
	if (!f->stmt[q])
		f->stmt[q] = db_prepare(people_db(f->people), queries[q], e);
	return f->stmt[q];
}

int factorial_make_tables(struct factorial *f, struct error *e)
{
	return db_exec(people_db(f->people), schema, e);
}

/* Runs a statement with these texts; the row is none without the first. */
static int store(struct factorial *f, enum factorial_query q, const struct str *texts, int n, struct error *e)
{
	struct db_stmt *s = factorial_statement(f, q, e);
	int i;

	if (!s)
		return -1;
	if (f->no_memory)
		return error_memory(e);
	if (texts[0].len == 0)
		return 0;
	for (i = 0; i < n; i++)
		db_bind_text(s, i + 1, texts[i]);
	return db_run(s, e);
}

/* The text that a statement finds for a key, copied; empty when it finds none. -1 on failure. */
static int find_text(struct factorial *f, enum factorial_query q, struct str key, struct str *text,
		     struct error *e)
{
	struct db_stmt *s = factorial_statement(f, q, e);
	int row;

	*text = STR("");
	if (!s)
		return -1;
	db_bind_text(s, 1, key);
	row = db_step(s, e);
	if (row != 1)
		return row;
	if (!db_is_null(s, 0))
		*text = arena_str(&f->arena, db_text(s, 0));
	db_reset(s);
	return text->ptr ? 0 : error_memory(e);
}

/* What a statement without parameters says, yes or no; -1. */
static int find_out(struct factorial *f, enum factorial_query q, struct error *e)
{
	struct db_stmt *s = factorial_statement(f, q, e);
	int yes;

	if (!s || db_step(s, e) != 1)
		return -1;
	yes = db_int(s, 0) != 0;
	db_reset(s);
	return yes;
}

/* ---- teams and locations ------------------------------------------------------------------------------- */

static int take_team(struct factorial *f, struct str row, struct error *e)
{
	struct str team[2], member[2];
	struct json_walk w;

	team[0] = member[1] = factorial_text(f, row, "id");
	team[1] = factorial_text(f, row, "name");
	if (store(f, ADD_TEAM, team, 2, e) != 0)
		return -1;
	json_walk_init(&w, json_slice_member(row, STR("employee_ids")));
	while (!w.object && json_walk_next(&w)) {
		member[0] = json_slice_scalar(w.value, &f->arena);
		if (store(f, ADD_MEMBER, member, 2, e) != 0)
			return -1;
	}
	return 0;
}

static int take_membership(struct factorial *f, struct str row, struct error *e)
{
	struct str member[2];

	member[0] = factorial_text(f, row, "employee_id");
	member[1] = factorial_text(f, row, "team_id");
	return store(f, ADD_MEMBER, member, 2, e);
}

static int take_location(struct factorial *f, struct str row, struct error *e)
{
	struct str location[2];

	location[0] = factorial_text(f, row, "id");
	location[1] = factorial_text(f, row, "name");
	return store(f, ADD_LOCATION, location, 2, e);
}

/* A team that there is not would leave everybody out. */
static int want_teams(struct factorial *f, struct error *e)
{
	struct str rest = f->teams, name;

	while (rules_next_name(&rest, &name)) {
		if (store(f, WANT_TEAM, &name, 1, e) != 0)
			return -1;
		if (db_changes(people_db(f->people)) == 0)
			return error_set(e, ERROR_FAILED, "FACTORIAL_FILTER_TEAMS: there is no team "
					 "\"%.*s\"", STR_ARG(name));
	}
	return 0;
}

static int read_teams(struct factorial *f, struct error *e)
{
	int known;

	if (factorial_read_list(f, "teams/teams", "", take_team, e) != 0)
		return -1;
	known = find_out(f, HAS_MEMBERS, e);
	if (known < 0)
		return -1;
	/* not every token sees the members in the teams */
	if (!known && factorial_read_list(f, "teams/memberships", "", take_membership, e) != 0)
		return -1;
	return want_teams(f, e);
}

int factorial_read_departments(struct factorial *f, struct error *e)
{
	if ((f->department == FROM_TEAM || f->filtered) && read_teams(f, e) != 0)
		return -1;
	if (f->department != FROM_LOCATION)
		return 0;
	return factorial_read_list(f, "locations/locations", "", take_location, e);
}

/* ---- employees ----------------------------------------------------------------------------------------- */

/* An employee on the way to a person. */
struct employee {
	struct str row, id, manager;
	struct str department;
	int wanted;			/* in one of the teams to keep */
};

/* Fills in what the teams say, and begins raw_data. */
static int join_teams(struct factorial *f, struct employee *p, struct error *e)
{
	struct db_stmt *s = factorial_statement(f, TEAMS_OF, e);
	int row, first = 1;

	json_put_keyz(&f->json, "team_ids");
	json_begin_array(&f->json);
	if (!s)
		return -1;
	db_bind_text(s, 1, p->id);
	while ((row = db_step(s, e)) == 1) {
		json_put_text(&f->json, db_text(s, 0));
		p->wanted |= db_int(s, 2) != 0;
		if (first && f->department == FROM_TEAM) {
			p->department = arena_str(&f->arena, db_text(s, 1));
			f->no_memory |= !p->department.ptr;
		}
		first = 0;
	}
	json_end_array(&f->json);
	return row;
}

/* No more than this: everything else that the service says is nobody's business. */
static int make_raw(struct factorial *f, struct employee *p, struct error *e)
{
	static const char *const kept[] = { "id", "company_identifier", "manager_id", "location_id",
					    "legal_entity_id" };
	struct str value;
	size_t i;

	buf_reset(&f->json.out);
	json_begin_object(&f->json);
	for (i = 0; i < sizeof(kept) / sizeof(kept[0]); i++) {
		value = json_slice_member(p->row, str_from(kept[i]));
		if (value.ptr)
			json_put_member_raw(&f->json, kept[i], value);
	}
	if ((f->department == FROM_TEAM || f->filtered) && join_teams(f, p, e) != 0)
		return -1;
	json_end_object(&f->json);
	return json_write_finish(&f->json, e);
}

static struct str email_of(struct factorial *f, struct str row)
{
	struct str email = factorial_text(f, row, f->email_field);

	if (email.len == 0)
		email = factorial_text(f, row, "login_email");
	buf_reset(&f->lower);
	unicode_lower(&f->lower, email);
	f->no_memory |= f->lower.failed;
	return buf_str(&f->lower);
}

static struct str name_of(struct factorial *f, struct str row)
{
	struct str name = factorial_text(f, row, "full_name");

	if (name.len > 0)
		return name;
	name = arena_printf(&f->arena, "%.*s %.*s", STR_ARG(factorial_text(f, row, "first_name")),
			    STR_ARG(factorial_text(f, row, "last_name")));
	f->no_memory |= !name.ptr;
	return unicode_trim(name);
}

static int is_active(struct factorial *f, struct str row)
{
	struct str active = json_slice_member(row, STR("active")), end;

	if (json_slice_type(active) == JSON_TRUE)
		return 1;
	if (json_slice_type(active) == JSON_FALSE)
		return 0;
	end = factorial_text(f, row, "terminated_on");
	return end.len == 0 || rules_is_future(end, f->today);
}

/* -1: the setting has no rule, and who is named as a manager is one. -2 on failure. */
static int is_supervisor(struct factorial *f, struct str row, struct error *e)
{
	int fits;

	if (f->rule.field.len == 0 || f->rule.value.len == 0)
		return -1;
	fits = supervisor_rule_fits(&f->rule, rules_at_path(row, f->rule.field), &f->arena, e);
	return fits < 0 ? -2 : fits;
}

static int add_person(struct factorial *f, const struct employee *p, struct str email, struct error *e)
{
	struct person person;

	memset(&person, 0, sizeof(person));
	person.external_id = p->id;
	person.name = name_of(f, p->row);
	person.email = email.ptr ? email : STR("");
	person.department = p->department;
	person.status = !f->managers && is_active(f, p->row) ? STR("active") : STR("inactive");
	person.supervisor_id = p->manager;
	person.is_supervisor = is_supervisor(f, p->row, e);
	person.raw_data = buf_str(&f->json.out);
	if (f->no_memory)
		return error_memory(e);
	return person.is_supervisor == -2 ? -1 : people_add(f->people, p->id, p->manager, &person, e);
}

int factorial_take_employee(struct factorial *f, struct str row, struct error *e)
{
	struct employee p = { { NULL, 0 }, { NULL, 0 }, { NULL, 0 }, { "", 0 }, 0 };
	const char *why = NULL;
	struct str email;
	int wanted = 1;

	p.row = row;
	p.id = factorial_text(f, row, "id");
	p.manager = factorial_text(f, row, "manager_id");
	if (p.id.len == 0)
		return error_set(e, ERROR_UPSTREAM, "an employee has no id");
	if (f->managers)
		wanted = people_is_missing(f->people, p.id, e);
	if (wanted != 1)
		return wanted;
	if (make_raw(f, &p, e) != 0 || (f->department == FROM_LOCATION &&
	    find_text(f, LOCATION_OF, factorial_text(f, row, "location_id"), &p.department, e) != 0))
		return -1;
	email = email_of(f, row);
	if (email.len == 0)
		why = "without e-mail";
	else if (f->filtered && !p.wanted)
		why = "in none of the teams";
	else if (rules_list_has(f->excluded, p.department))
		why = "in excluded departments";
	if (f->managers || !why)
		return add_person(f, &p, email, e);
	people_leave_out(f->people, why);
	return 0;
}

/* ---- job titles ---------------------------------------------------------------------------------------- */

static int take_contract(struct factorial *f, struct str row, struct error *e)
{
	struct str title[4];

	title[0] = factorial_text(f, row, "employee_id");
	title[1] = factorial_text(f, row, "job_title");
	title[2] = factorial_text(f, row, "job_catalog_tree_node_uuid");
	title[3] = factorial_text(f, row, "effective_on");
	return store(f, ADD_TITLE, title, 4, e);
}

static int take_node(struct factorial *f, struct str row, struct error *e)
{
	struct str node[2];

	node[0] = factorial_text(f, row, "uuid");
	node[1] = factorial_text(f, row, "job_catalog_title");
	if (node[1].len == 0)
		node[1] = factorial_text(f, row, "name");
	return store(f, ADD_NODE, node, 2, e);
}

int factorial_read_titles(struct factorial *f, struct error *e)
{
	int needed;

	if (factorial_read_list(f, "contracts/reference_contracts", "", take_contract, e) != 0)
		return -1;
	needed = find_out(f, NEEDS_NODES, e);
	if (needed != 1)
		return needed;
	return factorial_read_list(f, "job_catalog/tree_nodes", "", take_node, e);
}

/* ---- the end ------------------------------------------------------------------------------------------- */

/* What was kept of a person, the job title, and whether somebody reports to him or her. */
static int emit(void *cookie, struct str json, int is_manager, struct error *e)
{
	struct factorial *f = cookie;
	struct str rule = json_slice_member(json, STR("is_supervisor"));
	struct person p;

	arena_reset(&f->arena);
	memset(&p, 0, sizeof(p));
	p.external_id = json_slice_text(json_slice_member(json, STR("external_id")), &f->arena);
	p.name = json_slice_text(json_slice_member(json, STR("name")), &f->arena);
	p.email = json_slice_text(json_slice_member(json, STR("email")), &f->arena);
	p.department = json_slice_text(json_slice_member(json, STR("department")), &f->arena);
	p.status = json_slice_text(json_slice_member(json, STR("status")), &f->arena);
	p.supervisor_id = json_slice_text(json_slice_member(json, STR("supervisor_id")), &f->arena);
	p.is_supervisor = rule.ptr ? json_slice_type(rule) == JSON_TRUE : is_manager;
	p.raw_data = json_slice_member(json, STR("raw_data"));
	if (!p.external_id.ptr || !p.name.ptr || !p.email.ptr || !p.department.ptr || !p.supervisor_id.ptr)
		return error_memory(e);
	return find_text(f, TITLE_OF, p.external_id, &p.job_title, e) != 0 ? -1 : source_emit(f->run, &p, e);
}

int factorial_emit(struct factorial *f, struct error *e)
{
	return people_each(f->people, emit, f, e);
}
