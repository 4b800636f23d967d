#include "source/source_okta_int.h"

#include <string.h>

#include "base/json_slice.h"
#include "base/limits.h"
#include "base/unicode.h"

static const struct str empty = { "", 0 };

void okta_reader_init(struct okta_reader *r, const struct okta_rules *rules)
{
	r->rules = rules;
	arena_init(&r->arena, 8 * MAX_RECORD);
	buf_init(&r->scratch, 4 * MAX_RECORD);
}

void okta_reader_release(struct okta_reader *r)
{
	arena_release(&r->arena);
	buf_release(&r->scratch);
}

/* ---- values as text ------------------------------------------------------------------------------------ */

/* Text and numbers; true and false; of other values their JSON. Null and nothing are empty. */
static struct str plain_text(struct str value, struct arena *a)
{
	switch (json_slice_type(value)) {
	case JSON_NONE:
	case JSON_NULL:
		return empty;
	case JSON_STRING:
		return json_slice_text(value, a);
	default:
		return value;
	}
}

/* The elements of a list, but for nulls, with commas between them. */
static struct str list_text(struct okta_reader *r, struct str list)
{
	struct json_walk walk;
	struct str text;

	buf_reset(&r->scratch);
	json_walk_init(&walk, list);
	while (json_walk_next(&walk)) {
		text = plain_text(walk.value, &r->arena);
		if (!text.ptr)
			return text;
		if (r->scratch.len > 0 && text.len > 0)
			buf_puts(&r->scratch, ", ");
		buf_put_str(&r->scratch, text);
	}
	return r->scratch.failed ? str_of(NULL, 0) : arena_str(&r->arena, buf_str(&r->scratch));
}

static struct str any_text(struct okta_reader *r, struct str value)
{
	if (json_slice_type(value) == JSON_ARRAY)
		return list_text(r, value);
	return plain_text(value, &r->arena);
}

/* Text of a value; empty for what a program takes for nothing. */
static struct str given_text(struct okta_reader *r, struct str value)
{
	return json_slice_is_empty(value) ? empty : any_text(r, value);
}

static struct str trimmed_text(struct okta_reader *r, struct str value)
{
	struct str text = given_text(r, value);

	return text.ptr ? unicode_trim(text) : text;
}

/* An object stands for its id. */
static struct str id_value(struct str value)
{
	return json_slice_type(value) == JSON_OBJECT ? json_slice_member(value, STR("id")) : value;
}

/* 0 is an id like any other. */
static struct str id_text(struct okta_reader *r, struct str value)
{
	struct str text = any_text(r, id_value(value));

	return text.ptr ? unicode_trim(text) : text;
}

/* 0 names nobody. */
static struct str reference_text(struct okta_reader *r, struct str value)
{
	return trimmed_text(r, id_value(value));
}

static struct str changed(struct okta_reader *r, struct str text, void (*change)(struct buf *, struct str))
{
	buf_reset(&r->scratch);
	change(&r->scratch, text);
	return r->scratch.failed ? str_of(NULL, 0) : arena_str(&r->arena, buf_str(&r->scratch));
}

/* ---- fields -------------------------------------------------------------------------------------------- */

static struct str member_of(struct str record, const char *object, const char *member)
{
	return json_slice_member(json_slice_member(record, str_from(object)), str_from(member));
}

/* A null at the end of a path with dots is nothing, as one on the way is. */
static struct str field_value(struct str record, struct str field)
{
	struct str value;

	if (str_eqz(field, "id"))
		return json_slice_member(record, field);
	if (str_find_char(field, 0, '.') == field.len)
		return json_slice_member(json_slice_member(record, STR("profile")), field);
	value = rules_at_path(record, field);
	return json_slice_type(value) == JSON_NULL ? str_of(NULL, 0) : value;
}

struct str okta_text_in(struct str record, const char *object, const char *member, struct arena *a)
{
	return plain_text(member_of(record, object, member), a);
}

/* Null stays null. */
static struct str kept_text(struct okta_reader *r, struct str record, struct str field)
{
	struct str value = field_value(record, field);

	return json_slice_type(value) == JSON_NULL ? person_null : any_text(r, value);
}

/* First and last name, as they are written. */
static struct str full_name(struct okta_reader *r, struct str record)
{
	struct str first = given_text(r, member_of(record, "profile", "firstName"));
	struct str last = given_text(r, member_of(record, "profile", "lastName")), name;

	if (!first.ptr || !last.ptr)
		return str_of(NULL, 0);
	name = arena_printf(&r->arena, "%.*s %.*s", STR_ARG(first), STR_ARG(last));
	return name.ptr ? unicode_trim(name) : name;
}

static struct str make_name(struct okta_reader *r, struct str record)
{
	struct str name = trimmed_text(r, field_value(record, r->rules->name));

	if (name.ptr && name.len == 0)
		name = full_name(r, record);
	if (name.ptr && name.len == 0)
		name = trimmed_text(r, member_of(record, "profile", "email"));
	if (name.ptr && name.len == 0)
		name = trimmed_text(r, member_of(record, "profile", "login"));
	return name;
}

static struct str make_email(struct okta_reader *r, struct str value)
{
	struct str text = trimmed_text(r, value);

	return text.ptr ? changed(r, text, unicode_lower) : text;
}

int okta_folds(const struct okta_rules *rules)
{
	struct str rest = rules->match, last = rest;

	while (str_next(&rest, '.', &last))
		;
	return str_case_eqz(last, "email") || str_case_eqz(last, "login");
}

struct str okta_fold(struct okta_reader *r, struct str reference)
{
	return okta_folds(r->rules) ? changed(r, reference, unicode_casefold) : reference;
}

static struct str folded(struct okta_reader *r, struct str id)
{
	return id.ptr ? okta_fold(r, id) : id;
}

/* ---- the record ---------------------------------------------------------------------------------------- */

static int is_active(const struct okta_person *p)
{
	return str_case_eqz(p->status, "ACTIVE");
}

/* Letter case counts for departments, not for the words of Okta's own. */
static enum okta_left judge(const struct okta_rules *rules, const struct okta_person *p)
{
	struct str list = rules->statuses, status;
	int wanted = 0;

	while (rules_next_name(&list, &status))
		wanted |= str_case_eq(status, p->status);
	if (!wanted)
		return OKTA_OTHER_STATUS;
	if (p->person.department.ptr != person_null.ptr &&
	    rules_list_has(rules->excluded, p->person.department))
		return OKTA_EXCLUDED;
	if (!is_active(p) && (p->person.external_id.len == 0 || p->person.email.len == 0))
		return OKTA_INCOMPLETE;
	return OKTA_TAKEN;
}

static int read_person(struct okta_reader *r, struct str record, struct okta_person *p, struct error *e)
{
	const struct okta_rules *rules = r->rules;
	struct person *person = &p->person;

	p->login = trimmed_text(r, member_of(record, "profile", "login"));
	p->status = trimmed_text(r, json_slice_member(record, STR("status")));
	person->external_id = id_text(r, field_value(record, rules->external_id));
	person->name = make_name(r, record);
	person->email = make_email(r, field_value(record, rules->email));
	person->department = kept_text(r, record, rules->department);
	person->job_title = kept_text(r, record, rules->title);
	person->status = is_active(p) ? STR("active") : STR("inactive");
	person->raw_data = record;
	p->match = folded(r, id_text(r, field_value(record, rules->match)));
	p->manager = reference_text(r, field_value(record, rules->manager));
	p->manager_key = folded(r, p->manager);
	if (rules->supervisor.field.len > 0)
		person->is_supervisor = supervisor_rule_fits(
			&rules->supervisor, field_value(record, rules->supervisor.field), &r->arena, e);
	if (!p->login.ptr || !p->status.ptr || !person->external_id.ptr || !person->name.ptr ||
	    !person->email.ptr || !person->department.ptr || !person->job_title.ptr || !p->match.ptr ||
	    !p->manager_key.ptr)
		return error_memory(e);
	return person->is_supervisor < 0 ? -1 : 0;
}

int okta_person_read(struct okta_reader *r, struct str record, struct okta_person *out, struct error *e)
{
	arena_reset(&r->arena);
	memset(out, 0, sizeof(*out));
	out->id = id_text(r, json_slice_member(record, STR("id")));
	if (!out->id.ptr)
		return error_memory(e);
	if (out->id.len == 0)
		return error_set(e, ERROR_UPSTREAM, "a record has no id");
	if (json_slice_broken_pair(record))
		return error_set(e, ERROR_UPSTREAM, "the user %.*s has half a character (\\ud800 to \\udfff) "
				 "in a field; correct it in Okta", STR_ARG(str_sub(out->id, 0, 80)));
	if (read_person(r, record, out, e) != 0)
		return error_add(e, "the user %.*s", STR_ARG(str_sub(out->id, 0, 80)));
	out->left = judge(r->rules, out);
	return 0;
}

int okta_person_demote(struct okta_reader *r, struct okta_person *p, struct error *e)
{
	p->left = OKTA_TAKEN;
	p->person.status = STR("inactive");
	p->person.hierarchy_only = 1;
	if (p->person.email.len == 0)
		p->person.email = changed(r, p->login, unicode_lower);
	return p->person.email.ptr ? 0 : error_memory(e);
}
