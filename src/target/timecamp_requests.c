/* One operation as one request to TimeCamp, and how to see whether a creation was done. */
#include "base/json_read.h"
#include "base/json_write.h"
#include "base/limits.h"
#include "target/timecamp_int.h"

/* "PUT user/1001/setting" with one name and value. */
static void setting(struct target_request *out, struct json_write *w, const struct op *op, const char *name,
		    struct str value)
{
	buf_printf(&out->path, "user/%.*s/setting", STR_ARG(op->id));
	json_put_member(w, "name", str_from(name));
	json_put_member(w, "value", value);
}

/* "POST user" with one field of the user. */
static void user_field(struct target_request *out, struct json_write *w, const struct op *op,
		       const char *field)
{
	out->method = "POST";
	buf_puts(&out->path, "user");
	json_put_member(w, "user_id", op->id);
	json_put_member(w, field, op->value);
}

/* "PUT group/101/user" with one field of the membership. */
static void membership(struct target_request *out, struct json_write *w, const struct op *op,
		       const char *field,
		       struct str value)
{
	buf_printf(&out->path, "group/%.*s/user", STR_ARG(op->place.len > 0 ? op->place : value));
	json_put_member(w, "user_id", op->id);
	json_put_member(w, field, value);
}

/* The invitation: no mail to the person, no rights beyond those of a user. */
static void put_invitation(struct target_request *out, struct json_write *w, const struct op *ops, int count)
{
	static const char *const off[] = { "tt_global_admin", "tt_can_create_level_1_tasks", "can_view_rates",
					   "add_to_all_projects", "send_email", "force_change_password" };
	size_t i;
	int k;

	out->method = "POST";
	out->flags = 0;
	buf_printf(&out->path, "group/%.*s/user", STR_ARG(ops[0].place));
	json_put_keyz(w, "email");
	json_begin_array(w);
	for (k = 0; k < count; k++)
		json_put_text(w, ops[k].value);
	json_end_array(w);
	for (i = 0; i < sizeof(off) / sizeof(off[0]); i++)
		json_put_member(w, off[i], STR("0"));
}

static void put_operation(struct target_request *out, struct json_write *w, const struct op *op)
{
	switch (op->kind) {
	case OP_GROUP_CREATE:
		out->flags = HTTP_RETRY_403;
		buf_puts(&out->path, "group");
		json_put_member(w, "name", op->value);
		json_put_member(w, "parent_id", op->place);
		break;
	case OP_GROUP_DELETE:
		out->method = "DELETE";
		buf_puts(&out->path, "group");
		json_put_member(w, "group_id", op->id);
		break;
	case OP_USER_CREATE:
		put_invitation(out, w, op, 1);
		break;
	case OP_USER_RENAME:
		user_field(out, w, op, "display_name");
		break;
	case OP_USER_EMAIL:
		user_field(out, w, op, "email");
		break;
	case OP_USER_ROLE:
		membership(out, w, op, "role_id", str_from(timecamp_role_id(op->value)));
		break;
	case OP_USER_MOVE:
		membership(out, w, op, "group_id", op->value);
		break;
	case OP_USER_ENABLE:
		setting(out, w, op, "disabled_user", STR("0"));
		break;
	case OP_USER_DISABLE:
		setting(out, w, op, "disabled_user", STR("1"));
		break;
	case OP_USER_ADDRESS:
		setting(out, w, op, "additional_email", op->value);
		break;
	case OP_USER_EXTERNAL_ID:
		setting(out, w, op, "external_id", op->value);
		break;
	case OP_USER_MARK:
		setting(out, w, op, "added_manually", STR("0"));
		break;
	case OP_KINDS:
		break;
	}
}

/* An empty request, and a writer for its body. */
static void begin_request(struct target_request *out, struct json_write *w)
{
	buf_reset(&out->path);
	buf_reset(&out->body);
	out->method = "PUT";
	out->flags = HTTP_RETRY_LOST;
	json_write_init(w, 0, NULL, NULL, MAX_RECORD);
	json_begin_object(w);
}

static int end_request(struct target_request *out, struct json_write *w, struct error *e)
{
	int failed;

	json_end_object(w);
	failed = json_write_finish(w, e);
	if (!failed)
		buf_put_str(&out->body, buf_str(&w->out));
	json_write_release(w);
	if (failed || buf_check(&out->path, "request path", e) < 0)
		return -1;
	return buf_check(&out->body, "request body", e);
}

int timecamp_request(const struct op *op, struct target_request *out, struct error *e)
{
	struct json_write w;

	begin_request(out, &w);
	put_operation(out, &w, op);
	return end_request(out, &w, e);
}

int timecamp_invite(const struct op *ops, int count, struct target_request *out, struct error *e)
{
	struct json_write w;

	begin_request(out, &w);
	put_invitation(out, &w, ops, count);
	return end_request(out, &w, e);
}

int timecamp_invited(const struct op *op, struct str body, struct error *e)
{
	struct json_doc *doc;
	struct json root, statuses;
	int got;

	if (str_trim(body).len == 0)
		return 1;
	doc = json_doc_new(MAX_JSON_TOKENS, e);
	if (doc == NULL)
		return -1;
	got = json_parse(doc, body, 0, &root, e);
	if (got == 0) {
		/* Another shape of answer says nothing about a single one. */
		statuses = json_get(root, "statuses");
		got = json_type(statuses) != JSON_OBJECT ||
			json_type(json_get_str(statuses, op->value)) != JSON_NONE;
	}
	json_doc_free(doc);
	return got;
}

int timecamp_made(const struct op *op, struct str body, struct buf *id, struct error *e)
{
	struct json_doc *doc;
	struct json root;
	struct arena arena;
	int failed = 0;

	/* Only a new group's answer has an id, and it may be empty too. */
	if (op->kind != OP_GROUP_CREATE || str_trim(body).len == 0)
		return 0;
	doc = json_doc_new(MAX_JSON_TOKENS, e);
	if (doc == NULL)
		return -1;
	arena_init(&arena, MAX_RECORD);
	if (json_parse(doc, body, 0, &root, e) < 0)
		failed = error_add(e, "answer to the creation of a group");
	else
		buf_put_str(id, json_scalar(json_get(root, "group_id"), &arena));
	arena_release(&arena);
	json_doc_free(doc);
	return failed;
}
