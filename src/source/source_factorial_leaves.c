#include "source/source_factorial_int.h"

#include "base/json_slice.h"
#include "base/log.h"
#include "base/settings.h"

#define LEAVES_QUERY "include_leave_type=true&include_duration=true&include_deleted_leaves=false"

/* What may stand in FACTORIAL_LEAVE_STATES. */
#define APPROVED STR("approved")
#define PENDING STR("pending")
#define REJECTED STR("rejected")

/* ---- settings ------------------------------------------------------------------------------------------ */

static int check_types(const struct factorial *f, struct error *e)
{
	struct json_walk w;

	if (!f->types.ptr)
		return error_set(e, ERROR_USAGE, "LeaveTypeMap must be a JSON object: {\"name in Factorial\":"
				 " \"name of the day type in TimeCamp\", \"Default\": ...}");
	json_walk_init(&w, f->types);
	while (json_walk_next(&w))
		if (json_slice_broken_pair(w.value) || (json_slice_type(w.value) != JSON_STRING &&
		    json_slice_type(w.value) != JSON_NULL))
			return error_set(e, ERROR_USAGE, "LeaveTypeMap: the value of %.*s must be text or "
					 "null", STR_ARG(w.key));
	return 0;
}

int factorial_leave_settings(struct factorial *f, struct error *e)
{
	struct str rest, name;
	int n = 0;

	if (!settings_required("LeaveTypeMap", e))
		return -1;
	f->types = rules_json_object("LeaveTypeMap");
	f->states = rest = str_from(settings_text("FACTORIAL_LEAVE_STATES"));
	while (rules_next_name(&rest, &name)) {
		n++;
		if (!str_eq(name, APPROVED) && !str_eq(name, PENDING) && !str_eq(name, REJECTED))
			return error_set(e, ERROR_USAGE, "FACTORIAL_LEAVE_STATES: \"%.*s\" is none of "
					 "approved, pending, rejected", STR_ARG(name));
	}
	if (n == 0)
		f->states = APPROVED;
	return check_types(f, e);
}

/* ---- whose --------------------------------------------------------------------------------------------- */

/* An address as it is written, NULL for null and what is missing. */
static struct str written(struct factorial *f, struct str row, const char *member)
{
	struct str value = json_slice_member(row, str_from(member));
	struct str none = { NULL, 0 };

	if (json_slice_type(value) != JSON_STRING)
		return none;
	value = json_slice_text(value, &f->arena);
	f->no_memory |= !value.ptr;
	return value;
}

static int take_mail(struct factorial *f, struct str row, struct error *e)
{
	struct str id = factorial_text(f, row, "id"), email = written(f, row, f->email_field);
	struct db_stmt *s = factorial_statement(f, ADD_MAIL, e);

	if (!email.ptr)
		email = written(f, row, "login_email");
	if (!s)
		return -1;
	if (f->no_memory)
		return error_memory(e);
	db_bind_text(s, 1, id);
	db_bind_text(s, 2, email);
	return db_run(s, e);
}

static int put_email(struct factorial *f, struct str employee, struct error *e)
{
	struct db_stmt *s = factorial_statement(f, MAIL_OF, e);
	int row;

	if (!s)
		return -1;
	db_bind_text(s, 1, employee);
	row = db_step(s, e);
	if (row < 0)
		return -1;
	json_put_keyz(&f->json, "email");
	if (row == 1 && !db_is_null(s, 0)) {
		json_put_text(&f->json, db_text(s, 0));
	} else {
		json_put_null(&f->json);
		f->unknown++;
	}
	if (row == 1)
		db_reset(s);
	return 0;
}

/* ---- leaves -------------------------------------------------------------------------------------------- */

/* Why a leave is not written, or NULL. A service that does not say counts as approved. */
static const char *left_out(const struct factorial *f, struct str row)
{
	struct str state = APPROVED;

	if (!json_slice_is_empty(json_slice_member(row, STR("deleted_at"))))
		return "deleted";
	switch (json_slice_type(json_slice_member(row, STR("approved")))) {
	case JSON_NULL:
		state = PENDING;
		break;
	case JSON_FALSE:
		state = REJECTED;
		break;
	default:
		break;
	}
	return rules_list_has(f->states, state) ? NULL : state.ptr;
}

static void put_date(struct factorial *f, struct str row, const char *member)
{
	struct str date = json_slice_member(row, str_from(member));

	json_put_keyz(&f->json, member);
	if (json_slice_type(date) == JSON_STRING)
		json_put_raw(&f->json, date);
	else
		json_put_null(&f->json);
}

static void put_type(struct factorial *f, struct str row)
{
	struct str name = json_slice_member(row, STR("leave_type_name")), type = { NULL, 0 };

	if (json_slice_type(name) == JSON_STRING) {
		name = json_slice_text(name, &f->arena);
		f->no_memory |= !name.ptr;
		type = json_slice_member(f->types, name);
	}
	if (!type.ptr)
		type = json_slice_member(f->types, STR("Default"));
	json_put_member_raw(&f->json, "tc_leave_type", type.ptr ? type : STR("null"));
}

static int take_leave(struct factorial *f, struct str row, struct error *e)
{
	const char *why = left_out(f, row);

	if (why) {
		people_leave_out(f->people, why);
		return 0;
	}
	buf_reset(&f->json.out);
	json_begin_object(&f->json);
	if (put_email(f, factorial_text(f, row, "employee_id"), e) != 0)
		return -1;
	put_date(f, row, "start_on");
	put_date(f, row, "finish_on");
	put_type(f, row);
	json_end_object(&f->json);
	if (json_write_finish(&f->json, e) != 0)
		return -1;
	return people_add_text(f->people, STR(""), STR(""), buf_str(&f->json.out), e);
}

int factorial_read_leaves(struct factorial *f, struct error *e)
{
	const char *query = rules_list_has(f->states, PENDING) ? LEAVES_QUERY "&include_pending=true" :
			    LEAVES_QUERY;

	if (factorial_read_list(f, EMPLOYEES, ACTIVE_QUERY, take_mail, e) != 0 ||
	    factorial_read_list(f, "timeoff/leaves", query, take_leave, e) != 0)
		return -1;
	if (f->unknown > 0)
		log_warning("%llu leaves are of people who are not among the active employees; they stay "
			    "without e-mail", (unsigned long long)f->unknown);
	return people_emit(f->people, e);
}
