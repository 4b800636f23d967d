#include "model/model.h"

static const char null_text[] = "null";
const struct str person_null = { null_text, sizeof(null_text) - 1 };

static void put_text(struct json_write *w, const char *key, struct str text)
{
	if (text.ptr == null_text)
		json_put_member_raw(w, key, text);
	else if (text.ptr != NULL)
		json_put_member(w, key, text);
}

/* Said only when it is so. */
static void put_mark(struct json_write *w, const char *key, int on)
{
	if (on)
		json_put_member_raw(w, key, STR("true"));
}

void person_write(struct json_write *w, const struct person *p)
{
	json_begin_object(w);
	put_text(w, "external_id", p->external_id);
	put_text(w, "name", p->name);
	put_text(w, "email", p->email);
	put_text(w, "real_email", p->real_email);
	put_text(w, "department", p->department);
	put_text(w, "job_title", p->job_title);
	put_text(w, "status", p->status);
	put_text(w, "supervisor_id", p->supervisor_id);
	put_text(w, "role_id", p->role_id);
	if (p->is_supervisor >= 0)
		json_put_member_raw(w, "is_supervisor", p->is_supervisor ? STR("true") : STR("false"));
	put_mark(w, "force_supervisor_role", p->force_supervisor_role);
	put_mark(w, "force_global_admin_role", p->force_global_admin_role);
	put_mark(w, "hierarchy_only", p->hierarchy_only);
	if (p->raw_data.ptr != NULL)
		json_put_member_raw(w, "raw_data", p->raw_data);
	json_end_object(w);
}
