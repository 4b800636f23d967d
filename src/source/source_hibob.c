#include "source/source.h"

#include <string.h>

#include "base/json_slice.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/unicode.h"
#include "source/source_rules.h"
#include "source/source_web.h"
#include "source/source_work.h"

#define DEFAULT_URL "https://api.hibob.com"
#define MANAGERS_AT_ONCE 200	/* asked for in one request */
#define FIELDS_MOST 400		/* that Bob takes in one request */
#define WINDOW_S 60		/* its rate limit is by the minute; a later end is not meant */

const struct setting hibob_settings[] = {
	{ "HIBOB_SERVICE_USER_ID", SETTING_TEXT, NULL, 0, "id of the service user" },
	{ "HIBOB_SERVICE_USER_TOKEN", SETTING_TEXT, NULL, SETTING_SECRET, "its token" },
	{ "HIBOB_API_URL", SETTING_TEXT, DEFAULT_URL, SETTING_RARE, "address of the service" },
	{ "HIBOB_EXCLUDE_FILTER", SETTING_TEXT, NULL, SETTING_RARE,
	  "only people who pass this filter, as Bob's JSON: "
	  "{\"fieldPath\":\"root.email\",\"operator\":\"equals\",\"values\":[...]}" },
	{ "HIBOB_EXCLUDED_DEPARTMENTS", SETTING_LIST, NULL, 0,
	  "departments to leave out, separated by commas" },
	{ "HIBOB_SUPERVISOR_RULE", SETTING_TEXT, NULL, 0,
	  "field:value, such as work.isManager:true; who has that value is a supervisor" },
	{ "HIBOB_CUSTOM_FIELDS", SETTING_LIST, NULL, SETTING_RARE,
	  "ids of more fields to ask for, separated by commas; they are kept in raw_data" },
	{ NULL, SETTING_TEXT, NULL, 0, NULL }
};

/* What is asked for of everybody. */
static const char *const fields[] = {
	"root.id", "root.firstName", "root.surname", "root.fullName", "root.displayName", "root.email",
	"work.department", "work.title", "work.reportsTo", "work.isManager", "work.startDate", "work.site",
	"work.employeeIdInCompany", "internal.status", "internal.lifecycleStatus",
};
#define FIELD_COUNT (sizeof(fields) / sizeof(fields[0]))

static const char *const paths[] = { "employees[*]", NULL };

struct hibob {
	struct web web;
	struct people *people;
	struct supervisor_rule rule;
	struct str excluded;		/* departments */
	struct str filter;		/* JSON; ptr NULL: none */
	char today[11];
	struct json_write body;		/* of the present request */
	struct arena arena;		/* of the present record */
	int no_memory;			/* ... when it ran out */
	int managers;			/* the present answer is of missing managers */
	uint64_t rows, with_email, with_work, with_state;	/* of the list: records, and what they have */
};

/* ---- records ------------------------------------------------------------------------------------------- */

/* Text of a value; empty for what a program takes for nothing. */
static struct str text_of(struct hibob *h, struct str value)
{
	struct str text = json_slice_is_empty(value) ? STR("") : json_slice_scalar(value, &h->arena);

	h->no_memory |= !text.ptr;
	return text;
}

static struct str text_at(struct hibob *h, struct str record, const char *path)
{
	return text_of(h, rules_at_path(record, str_from(path)));
}

/* The first of two places that has something. */
static struct str either(struct hibob *h, struct str record, const char *path, const char *other)
{
	struct str text = text_at(h, record, path);

	return text.len > 0 ? text : text_at(h, record, other);
}

static struct str department_of(struct hibob *h, struct str record)
{
	return either(h, record, "humanReadable.work.department", "work.department");
}

static struct str name_of(struct hibob *h, struct str record)
{
	struct str name = either(h, record, "fullName", "displayName");

	if (name.len > 0)
		return name;
	name = arena_printf(&h->arena, "%.*s %.*s", STR_ARG(text_at(h, record, "firstName")),
			    STR_ARG(text_at(h, record, "surname")));
	h->no_memory |= !name.ptr;
	return unicode_trim(name);
}

static int is_supervisor(struct hibob *h, struct str record, struct error *e)
{
	if (h->rule.field.len == 0 || h->rule.value.len == 0)
		return !json_slice_is_empty(rules_at_path(record, STR("work.isManager")));
	return supervisor_rule_fits(&h->rule, rules_at_path(record, h->rule.field), &h->arena, e);
}

static int add_person(struct hibob *h, struct str record, struct error *e)
{
	struct str id = text_at(h, record, "id");
	struct person p;

	memset(&p, 0, sizeof(p));
	p.external_id = json_slice_type(json_slice_member(record, STR("id"))) == JSON_NULL ? person_null : id;
	p.name = name_of(h, record);
	p.email = text_at(h, record, "email");
	p.department = department_of(h, record);
	p.job_title = either(h, record, "humanReadable.work.title", "work.title");
	p.status = h->managers ? STR("inactive") : STR("active");
	p.supervisor_id = text_at(h, record, "work.reportsTo.id");
	p.is_supervisor = is_supervisor(h, record, e);
	p.raw_data = record;
	if (h->no_memory)
		return error_memory(e);
	return p.is_supervisor < 0 ? -1 : people_add(h->people, id, p.supervisor_id, &p, e);
}

/* Why somebody of the list becomes no user, or NULL. */
static const char *left_out(struct hibob *h, struct str record)
{
	if (text_at(h, record, "email").len == 0)
		return "without e-mail";
	if (rules_is_future(text_at(h, record, "work.startDate"), h->today))
		return "not started yet";
	if (rules_list_has(h->excluded, department_of(h, record)))
		return "in excluded departments";
	if (str_eqz(text_at(h, record, "internal.lifecycleStatus"), "terminated"))
		return "terminated";
	return NULL;
}

static int take_employee(struct hibob *h, struct str record, struct error *e)
{
	const char *why = left_out(h, record);

	h->rows++;
	h->with_email += text_at(h, record, "email").len > 0;
	if (!why)
		return add_person(h, record, e);
	people_leave_out(h->people, why);
	return h->no_memory ? error_memory(e) : 0;
}

/* Only those who were asked for, each once. */
static int take_manager(struct hibob *h, struct str record, struct error *e)
{
	struct str id = text_at(h, record, "id");
	int wanted = h->no_memory ? error_memory(e) : people_is_missing(h->people, id, e);

	return wanted == 1 ? add_person(h, record, e) : wanted;
}

static int check_record(const struct json_match *m, struct str record, struct error *e)
{
	if (m->round > 1)
		return error_set(e, ERROR_UPSTREAM, "the answer has the list \"employees\" twice");
	if (json_slice_type(record) != JSON_OBJECT)
		return error_set(e, ERROR_UPSTREAM, "an employee is no object but %s",
				 json_slice_type_name(record));
	if (json_slice_broken_pair(record))
		return error_set(e, ERROR_UPSTREAM, "the record %.*s has half of a surrogate pair in a text",
				 STR_ARG(json_slice_member(record, STR("id"))));
	return 0;
}

static int take_record(void *cookie, const struct json_match *m, struct str record, struct error *e)
{
	struct hibob *h = cookie;

	arena_reset(&h->arena);
	if (check_record(m, record, e) != 0)
		return -1;
	return h->managers ? take_manager(h, record, e) : take_employee(h, record, e);
}

static int begin_answer(void *cookie, struct error *e)
{
	struct hibob *h = cookie;

	h->rows = h->with_email = h->with_work = h->with_state = 0;
	return h->people ? people_begin(h->people, e) : 0;
}

/* ---- requests ------------------------------------------------------------------------------------------ */

static void put_extra(struct json_write *w, struct str field)
{
	size_t i;

	for (i = 0; i < FIELD_COUNT; i++)
		if (str_eqz(field, fields[i]))
			return;
	json_put_text(w, field);
}

static void put_fields(struct hibob *h)
{
	struct str rest = str_from(settings_text("HIBOB_CUSTOM_FIELDS")), field;
	size_t i;

	json_put_keyz(&h->body, "fields");
	json_begin_array(&h->body);
	for (i = 0; i < FIELD_COUNT; i++)
		json_put_text(&h->body, str_from(fields[i]));
	if (h->rule.field.len > 0)
		put_extra(&h->body, h->rule.field);
	while (rules_next_name(&rest, &field))
		put_extra(&h->body, field);
	json_end_array(&h->body);
}

static void begin_request(struct hibob *h)
{
	buf_reset(&h->body.out);
	json_begin_object(&h->body);
	put_fields(h);
	json_put_keyz(&h->body, "showInactive");
	json_put_bool(&h->body, h->managers);
	json_put_member(&h->body, "humanReadable", STR("APPEND"));
}

static int send_request(struct hibob *h, json_value_fn *value, struct error *e)
{
	struct web_request r = { 0 };
	struct web_answer answer;

	json_end_object(&h->body);
	if (json_write_finish(&h->body, e) != 0)
		return -1;
	r.method = "POST";
	r.url = STR("/v1/people/search");
	r.body = buf_str(&h->body.out);
	r.paths = paths;
	r.value = value;
	r.begin = begin_answer;
	r.cookie = h;
	if (web_call(&h->web, &r, &answer, e) != 0)
		return -1;
	return answer.saw[0] ? 0 :
	       error_set(e, ERROR_UPSTREAM, "HiBob: the answer has no list \"employees\"");
}

/* Bob has no paging: one answer has everybody. */
static int ask_employees(struct hibob *h, struct error *e)
{
	begin_request(h);
	if (h->filter.ptr) {
		json_put_keyz(&h->body, "filters");
		json_begin_array(&h->body);
		json_put_raw(&h->body, h->filter);
		json_end_array(&h->body);
	}
	return people_page(h->people, str_from(NULL), e) != 0 ? -1 : send_request(h, take_record, e);
}

static int ask_managers(void *cookie, uint64_t n, struct error *e)
{
	struct hibob *h = cookie;
	struct str id;

	h->managers = 1;
	begin_request(h);
	json_put_keyz(&h->body, "filters");
	json_begin_array(&h->body);
	json_begin_object(&h->body);
	json_put_member(&h->body, "fieldPath", STR("root.id"));
	json_put_member(&h->body, "operator", STR("equals"));
	json_put_keyz(&h->body, "values");
	json_begin_array(&h->body);
	while (n-- > 0) {
		if (people_next_missing(h->people, &id, e) != 1)
			return -1;
		json_put_text(&h->body, id);
	}
	json_end_array(&h->body);
	json_end_object(&h->body);
	json_end_array(&h->body);
	return people_page(h->people, str_from(NULL), e) != 0 ? -1 : send_request(h, take_record, e);
}

/* ---- fetch --------------------------------------------------------------------------------------------- */

/* 50 requests a minute: nothing is sent when none is left until there are new ones. */
static int64_t pace(const struct http_head *head, int64_t now)
{
	int64_t s = http_wait_field(head, "x-ratelimit-reset", now);

	if (s <= 0 || s > WINDOW_S || !str_eqz(http_header_value(head, "x-ratelimit-remaining", 0), "0"))
		return 0;
	return s * 1000;
}

static const struct web_kind kind = {
	.title = "HiBob",
	.record_id = "id",
	.denied = "check HIBOB_SERVICE_USER_ID and HIBOB_SERVICE_USER_TOKEN",
	.forbidden = "the service user must be in a permission group that may view the fields, with access "
		     "data for everybody",
	.pace = pace,
};

/* Bob takes one filter, and only such as compare for equality. */
static void load_filter(struct hibob *h)
{
	struct str filter = rules_json_object("HIBOB_EXCLUDE_FILTER"), values;
	const char *fault = NULL;

	h->filter = str_from(NULL);
	if (!filter.ptr)
		return;
	values = json_slice_member(filter, STR("values"));
	if (!str_eqz(text_at(h, filter, "operator"), "equals"))
		fault = "its operator must be \"equals\"";
	else if (text_at(h, filter, "fieldPath").len == 0)
		fault = "it needs a \"fieldPath\"";
	else if (json_slice_type(values) != JSON_ARRAY || json_slice_is_empty(values))
		fault = "it needs a list of \"values\"";
	if (fault)
		log_warning("HIBOB_EXCLUDE_FILTER is ignored: %s", fault);
	else
		h->filter = filter;
}

static int check_fields(const struct hibob *h, struct error *e)
{
	struct str rest = str_from(settings_text("HIBOB_CUSTOM_FIELDS")), field;
	size_t n = FIELD_COUNT + (h->rule.field.len > 0);

	while (rules_next_name(&rest, &field))
		n++;
	if (n > FIELDS_MOST)
		return error_set(e, ERROR_USAGE, "HIBOB_CUSTOM_FIELDS names too many fields: Bob takes %d",
				 FIELDS_MOST);
	return 0;
}

static int hibob_open(struct hibob *h, struct error *e)
{
	const char *user = settings_required("HIBOB_SERVICE_USER_ID", e), *token;
	const char *base = settings_text("HIBOB_API_URL");

	if (!user || !(token = settings_required("HIBOB_SERVICE_USER_TOKEN", e)))
		return -1;
	supervisor_rule_load(&h->rule, "HIBOB_SUPERVISOR_RULE");
	h->excluded = str_from(settings_text("HIBOB_EXCLUDED_DEPARTMENTS"));
	load_filter(h);
	rules_today(h->today);
	if (check_fields(h, e) != 0 ||
	    web_open(&h->web, &kind, h, "HIBOB_API_URL", base[0] ? base : DEFAULT_URL, e) != 0)
		return -1;
	return web_authorize_basic(&h->web, user, token, e);
}

static void hibob_init(struct hibob *h)
{
	memset(h, 0, sizeof(*h));
	arena_init(&h->arena, 8 * MAX_RECORD);
	json_write_init(&h->body, 0, NULL, NULL, MAX_RECORD);
}

static void hibob_release(struct hibob *h)
{
	web_close(&h->web);
	people_close(h->people);
	arena_release(&h->arena);
	json_write_release(&h->body);
}

static int read_people(struct hibob *h, struct error *e)
{
	if (ask_employees(h, e) != 0)
		return -1;
	if (h->rows > 0 && h->with_email == 0)
		log_warning("nobody has an e-mail; may the service user view that field?");
	return people_find_managers(h->people, MANAGERS_AT_ONCE, ask_managers, h, e) != 0 ? -1 :
	       people_emit(h->people, e);
}

static int hibob_fetch(struct source_run *run, struct error *e)
{
	struct hibob h;
	int rc = -1;

	hibob_init(&h);
	if (hibob_open(&h, e) == 0 && (h.people = people_open(run, e)) != NULL)
		rc = read_people(&h, e);
	hibob_release(&h);
	return rc;
}

/* ---- check --------------------------------------------------------------------------------------------- */

static int check_value(void *cookie, const struct json_match *m, struct str record, struct error *e)
{
	struct hibob *h = cookie;

	(void)m;
	(void)e;
	arena_reset(&h->arena);
	h->rows++;
	h->with_email += text_at(h, record, "email").len > 0;
	h->with_work += rules_at_path(record, STR("work.startDate")).ptr != NULL;
	h->with_state += rules_at_path(record, STR("internal.lifecycleStatus")).ptr != NULL;
	return 0;
}

/* What the service user may not view is left out without a word. */
static void note_permissions(struct source_run *run, const struct hibob *h)
{
	const struct { uint64_t seen; const char *what; } parts[] = {
		{ h->with_email, "root (Basic info: e-mail, name)" }, { h->with_work, "work (Work)" },
		{ h->with_state, "internal (Employment, Lifecycle)" },
	};
	size_t i;

	for (i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		if (parts[i].seen == 0)
			source_note(run, "warning: no permission to view the category %s; add it to the "
				    "service user's permission group", parts[i].what);
}

/* One request with few fields; Bob cannot be asked for a few people. */
static int check_steps(struct source_run *run, struct hibob *h, struct error *e)
{
	static const char *const needed[] = { "root.email", "work.startDate", "internal.lifecycleStatus" };
	size_t i;

	if (hibob_open(h, e) != 0)
		return -1;
	source_note(run, "settings: ok");
	json_begin_object(&h->body);
	json_put_keyz(&h->body, "fields");
	json_begin_array(&h->body);
	for (i = 0; i < sizeof(needed) / sizeof(needed[0]); i++)
		json_put_text(&h->body, str_from(needed[i]));
	json_end_array(&h->body);
	if (send_request(h, check_value, e) != 0)
		return -1;
	source_note(run, "connection and token: ok");
	if (h->rows == 0)
		return error_set(e, ERROR_FAILED, "the service user sees nobody: its permission group needs "
				 "access data for everybody");
	source_note(run, "people: %llu, with e-mail: %llu", (unsigned long long)h->rows,
		    (unsigned long long)h->with_email);
	note_permissions(run, h);
	return 0;
}

static int hibob_check(struct source_run *run, struct error *e)
{
	struct hibob h;
	int rc;

	hibob_init(&h);
	rc = check_steps(run, &h, e);
	hibob_release(&h);
	return rc;
}

const struct source source_hibob = {
	.name = "hibob",
	.title = "HiBob",
	.settings = hibob_settings,
	.fetch = hibob_fetch,
	.check = hibob_check,
};
