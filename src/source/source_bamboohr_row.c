#include "source/source_bamboohr_int.h"

#include <string.h>

#include "base/json_slice.h"
#include "base/log.h"
#include "base/unicode.h"

const char *const bamboohr_fields[FIELD_COUNT] = {
	"employeeNumber", "name", "email", "jobInformationDepartment", "jobInformationDivision",
	"jobInformationJobTitle", "isSupervisor", "supervisorId", "employmentStatus", "hireDate", "status",
	"supervisorEid",
};

void bamboohr_read_fields(struct str row, struct str values[FIELD_COUNT])
{
	struct json_walk w;
	int i;

	memset(values, 0, FIELD_COUNT * sizeof(values[0]));
	json_walk_init(&w, row);
	while (json_walk_next(&w))
		for (i = 0; i < FIELD_COUNT; i++)
			if (json_key_is(w.key, str_from(bamboohr_fields[i])))
				values[i] = w.value;
}

/* Text of any value that has one; empty for null and what is missing. */
static struct str text_of(struct bamboohr *b, struct str value)
{
	struct str text = json_slice_scalar(value, &b->arena);

	b->no_memory |= !text.ptr;
	return text;
}

/* The same, but null for null and what is missing. */
static struct str text_or_null(struct bamboohr *b, struct str value)
{
	struct str text = text_of(b, value);

	return text.len > 0 || json_slice_type(value) == JSON_STRING ? text : person_null;
}

static struct str department_of(struct bamboohr *b, struct str division, struct str department)
{
	struct str both;

	if (division.len == 0 || department.len == 0)
		return department.len > 0 ? department : division;
	both = arena_printf(&b->arena, "%.*s/%.*s", STR_ARG(division), STR_ARG(department));
	b->no_memory |= !both.ptr;
	return both;
}

static int is_supervisor(struct bamboohr *b, struct str row, struct error *e)
{
	if (b->rule.field.len == 0 || b->rule.value.len == 0)
		return 0;
	return supervisor_rule_fits(&b->rule, json_slice_member(row, b->rule.field), &b->arena, e);
}

/* Why an employee of the list becomes no user, or NULL. */
static const char *left_out(struct bamboohr *b, const struct str values[FIELD_COUNT])
{
	if (str_eqz(text_of(b, values[EMPLOYMENT]), "Terminated"))
		return "terminated";
	if (rules_is_future(text_of(b, values[HIRED]), b->today))
		return "not hired yet";
	if (text_of(b, values[EMAIL]).len == 0)
		return "without e-mail";
	if (rules_list_has(b->excluded, text_of(b, values[DEPARTMENT])))
		return "in excluded departments";
	return NULL;
}

static int add_person(struct bamboohr *b, struct str row, const struct str values[FIELD_COUNT],
		      struct error *e)
{
	struct str number = text_of(b, values[NUMBER]), manager = text_of(b, values[SUPERVISOR]);
	struct person p;
	int taken = people_has(b->people, number, e);

	memset(&p, 0, sizeof(p));
	p.external_id = text_or_null(b, values[NUMBER]);
	p.name = unicode_trim(text_of(b, values[NAME]));
	p.email = text_of(b, values[EMAIL]);
	p.department = department_of(b, text_of(b, values[DIVISION]), text_of(b, values[DEPARTMENT]));
	p.job_title = text_or_null(b, values[TITLE]);
	p.status = b->managers ? STR("inactive") : STR("active");
	p.supervisor_id = values[SUPERVISOR].ptr ? text_or_null(b, values[SUPERVISOR]) : STR("");
	p.is_supervisor = is_supervisor(b, row, e);
	p.raw_data = row;
	if (b->no_memory)
		return error_memory(e);
	if (taken < 0 || p.is_supervisor < 0)
		return -1;
	if (taken)
		log_warning("several people have the employee number \"%.*s\"; one of them becomes a user",
			    STR_ARG(number));
	return people_add(b->people, taken ? STR("") : number, manager, &p, e);
}

/* A row that comes on two pages is refused; what tells it from others is its number and address. */
static int take_employee(struct bamboohr *b, struct str row, const struct str values[FIELD_COUNT],
			 struct error *e)
{
	const char *why = left_out(b, values);
	struct str number = text_of(b, values[NUMBER]), email = text_of(b, values[EMAIL]), both;

	both = arena_printf(&b->arena, "%.*s %.*s", STR_ARG(number), STR_ARG(email));
	if (b->no_memory || !both.ptr)
		return error_memory(e);
	b->rows++;
	b->with_email += email.len > 0;
	if (number.len + email.len > 0 && people_seen(b->people, both, e) != 0)
		return -1;
	if (!why)
		return add_person(b, row, values, e);
	people_leave_out(b->people, why);
	return 0;
}

/* Only those who were asked for, each once. */
static int take_manager(struct bamboohr *b, struct str row, const struct str values[FIELD_COUNT],
			struct error *e)
{
	struct str number = text_of(b, values[NUMBER]);
	int wanted;

	if (b->no_memory)
		return error_memory(e);
	wanted = people_is_missing(b->people, number, e);
	return wanted == 1 ? add_person(b, row, values, e) : wanted;
}

int bamboohr_take_row(struct bamboohr *b, struct str row, struct error *e)
{
	struct str values[FIELD_COUNT];

	b->page.rows++;
	arena_reset(&b->arena);
	if (json_slice_type(row) != JSON_OBJECT)
		return error_set(e, ERROR_UPSTREAM, "row %llu of the answer is no object but %s",
				 (unsigned long long)b->page.rows, json_slice_type_name(row));
	bamboohr_read_fields(row, values);
	if (json_slice_broken_pair(row))
		return error_set(e, ERROR_UPSTREAM, "the record %.*s has half of a surrogate pair in a text",
				 STR_ARG(values[NUMBER]));
	return b->managers ? take_manager(b, row, values, e) : take_employee(b, row, values, e);
}
