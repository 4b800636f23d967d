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
	struct target_reading reading;	/* owned */
	int busy, failed;
	struct error error;		/* when it failed */
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

static void listing_done(void *cookie, const struct http_resp *resp, const struct error *e)
{
	struct listing *l = cookie;

	l->busy = 0;
	l->failed = target_reading_end(&l->reading, resp, e, &l->error) < 0;
}

static void begin_listing(struct listing *l, struct target_run *run, const char *path, const char *json_path,
			  json_value_fn *fn)
{
	const char *paths[2] = { json_path, NULL };

	memset(l, 0, sizeof(*l));
	l->run = run;
	error_init(&l->error);
	arena_init(&l->arena, 2 * MAX_RECORD);
	l->doc = json_doc_new(MAX_JSON_TOKENS, &l->error);
	l->failed = target_reading_init(&l->reading, run, paths, fn, l, &l->error) < 0 || l->doc == NULL;
	if (l->failed)
		return;
	target_reading_address(&l->reading, path);
	l->failed = target_reading_submit(&l->reading, listing_done, l, &l->error) < 0;
	l->busy = !l->failed;
}

static void end_listing(struct listing *l)
{
	target_reading_release(&l->reading);
	json_doc_free(l->doc);
	arena_release(&l->arena);
}

/* Groups, users and the key's owner side by side. */
static int read_listings(struct target_run *run, int with_owner, uint64_t *users, struct error *e)
{
	struct listing l[3];
	int i, n = with_owner ? 3 : 2, failed = 0;

	begin_listing(&l[0], run, "group", "[*]", on_group);
	begin_listing(&l[1], run, "users", "[*]", on_user);
	if (with_owner)
		begin_listing(&l[2], run, "me", "", on_owner);
	while (!failed && (l[0].busy || l[1].busy || (with_owner && l[2].busy)))
		failed = http_run_once(run->http, e);
	if (failed)
		http_cancel(run->http, 0);
	for (i = 0; i < 2 && !failed; i++)
		if (l[i].failed) {
			*e = l[i].error;
			failed = -1;
		}
	if (!failed && with_owner && l[2].failed)
		log_warning("it is not known whose key is used, so he is not protected: %s", l[2].error.text);
	*users = l[1].count;
	for (i = 0; i < n; i++)
		end_listing(&l[i]);
	return failed;
}

int timecamp_load(struct target_run *run, int only_groups, struct error *e)
{
	struct target_report *r = &run->report;
	uint64_t users;
	int failed;

	if (read_listings(run, !only_groups, &users, e) < 0)
		return -1;
	if (only_groups)
		return 0;
	if (timecamp_read_pending(run, e) < 0)
		return -1;
	if (users == 0)
		return 0;
	if (r->begin != NULL)
		r->begin(r->cookie, "reading the account", users);
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
