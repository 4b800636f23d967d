/* Reads the account: the listings of groups and users, and again where something was made. */
#include <stdlib.h>
#include <string.h>
#include "base/json_read.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/unicode.h"
#include "target/timecamp_int.h"

/* A listing that is being read record by record. */
struct listing {
	struct target_run *run;		/* borrowed */
	struct json_doc *doc;		/* owned */
	struct arena arena;		/* owned; emptied after each record */
	uint64_t count;
	const struct op *op;		/* of a look: what is looked for */
	struct buf *found;
	int hit;
};

static int list(struct listing *l, const char *path, const char *json_path, json_value_fn *fn,
		struct error *e)
{
	const char *paths[2] = { json_path, NULL };
	int failed = -1;

	l->doc = json_doc_new(MAX_JSON_TOKENS, e);
	arena_init(&l->arena, 2 * MAX_RECORD);
	if (l->doc != NULL)
		failed = target_read(l->run, path, paths, fn, l, e);
	json_doc_free(l->doc);
	arena_release(&l->arena);
	return failed;
}

/* Parses a record; -1 unless it is an object. */
static int record(struct listing *l, struct str raw, struct json *root, struct error *e)
{
	arena_reset(&l->arena);
	if (json_parse(l->doc, raw, 1, root, e) < 0)
		return -1;
	if (json_type(*root) != JSON_OBJECT)
		return error_set(e, ERROR_UPSTREAM, "a record of the listing is %s", json_type_name(*root));
	return 0;
}

struct str timecamp_text(struct json v, struct arena *a)
{
	enum json_type t = json_type(v);

	return t == JSON_STRING || t == JSON_NUMBER ? json_scalar(v, a) : str_of(NULL, 0);
}

static int on_group(void *cookie, const struct json_match *m, struct str raw, struct error *e)
{
	struct listing *l = cookie;
	struct json root;
	struct str id, parent, name;

	(void)m;
	if (record(l, raw, &root, e) < 0)
		return -1;
	id = timecamp_text(json_get(root, "group_id"), &l->arena);
	parent = timecamp_text(json_get(root, "parent_id"), &l->arena);
	name = timecamp_text(json_get(root, "name"), &l->arena);
	if (id.len == 0)
		return error_set(e, ERROR_UPSTREAM, "a group of the listing has no group_id");
	if (str_eqz(parent, "0"))
		parent = STR("");
	return plan_add_group(l->run->plan, id, parent, name, e);
}

static int on_user(void *cookie, const struct json_match *m, struct str raw, struct error *e)
{
	struct listing *l = cookie;
	struct json root;
	struct actual_user u;
	int64_t n;

	(void)m;
	if (record(l, raw, &root, e) < 0)
		return -1;
	u.id = timecamp_text(json_get(root, "user_id"), &l->arena);
	u.email = timecamp_text(json_get(root, "email"), &l->arena);
	u.name = timecamp_text(json_get(root, "display_name"), &l->arena);
	u.group = timecamp_text(json_get(root, "group_id"), &l->arena);
	if (u.id.len == 0)
		return error_set(e, ERROR_UPSTREAM, "a user of the listing has no user_id");
	l->count++;
	return plan_add_user(l->run->plan, &u, &n, e);
}

/* The owner of the key is left alone: without him nobody could put things right. */
static int on_owner(void *cookie, const struct json_match *m, struct str raw, struct error *e)
{
	struct listing *l = cookie;
	struct json root;
	struct str id;

	(void)m;
	if (record(l, raw, &root, e) < 0)
		return -1;
	id = timecamp_text(json_get(root, "user_id"), &l->arena);
	return id.len == 0 ? 0 : plan_ignore(l->run->plan, id, e);
}

static void protect_owner(struct listing *l)
{
	struct error why;

	error_init(&why);
	if (list(l, "me", "", on_owner, &why) < 0)
		log_warning("it is not known whose key is used, so he is not protected: %s", why.text);
}

int timecamp_load(struct target_run *run, int only_groups, struct error *e)
{
	struct listing l = { 0 };
	struct target_report *r = &run->report;
	int failed;

	l.run = run;
	if (list(&l, "group", "[*]", on_group, e) < 0 || list(&l, "users", "[*]", on_user, e) < 0)
		return -1;
	if (only_groups)
		return 0;
	protect_owner(&l);
	if (timecamp_read_pending(run, e) < 0)
		return -1;
	if (l.count == 0)
		return 0;
	if (r->begin != NULL)
		r->begin(r->cookie, "reading the account", l.count);
	failed = timecamp_load_details(run, e);
	if (r->end != NULL)
		r->end(r->cookie);
	return failed;
}

/* ---- reading again ---- */

static int on_user_again(void *cookie, const struct json_match *m, struct str raw, struct error *e)
{
	struct listing *l = cookie;
	struct json root;
	struct str id, email;

	(void)m;
	if (record(l, raw, &root, e) < 0)
		return -1;
	id = timecamp_text(json_get(root, "user_id"), &l->arena);
	email = timecamp_text(json_get(root, "email"), &l->arena);
	return id.len == 0 ? 0 : plan_found_user(l->run->plan, email, id, e);
}

int timecamp_list_users(struct target_run *run, struct error *e)
{
	struct listing l = { 0 };

	l.run = run;
	return list(&l, "users", "[*]", on_user_again, e);
}

/* A group of that name below that parent (of twins the later), or a user with that e-mail. */
static int on_look(void *cookie, const struct json_match *m, struct str raw, struct error *e)
{
	struct listing *l = cookie;
	int group = l->op->kind == OP_GROUP_CREATE;
	struct json root;
	struct str name, parent;

	(void)m;
	if (record(l, raw, &root, e) < 0)
		return -1;
	name = timecamp_text(json_get(root, group ? "name" : "email"), &l->arena);
	parent = timecamp_text(json_get(root, "parent_id"), &l->arena);
	if (group ? !str_eq(unicode_trim(name), l->op->value) || !str_eq(parent, l->op->place) :
	    !str_case_eq(name, l->op->value))
		return 0;
	buf_reset(l->found);
	buf_put_str(l->found, timecamp_text(json_get(root, group ? "group_id" : "user_id"), &l->arena));
	l->hit = 1;
	return 0;
}

int timecamp_look(struct target_run *run, const struct op *op, struct buf *id, struct error *e)
{
	struct listing l = { 0 };

	l.run = run;
	l.op = op;
	l.found = id;
	return list(&l, op->kind == OP_GROUP_CREATE ? "group" : "users", "[*]", on_look, e) < 0 ? -1 : l.hit;
}
