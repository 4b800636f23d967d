/* Reads the account: the listings of groups and users, and again where something was made. */
#include <stdlib.h>
#include <string.h>
#include "base/json_read.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/unicode.h"
#include "port.h"
#include "target/timecamp_int.h"

#define LISTING_SLICE_MS 5	/* how often it is looked whom a listing has brought so far */

/* A listing that is being read record by record. */
struct listing {
	struct target_run *run;		/* borrowed */
	struct target_reading reading;	/* owned */
	int busy, failed;
	struct error error;		/* when it failed */
	struct json_doc *doc;		/* owned */
	struct arena arena;		/* owned; emptied after each record */
	uint64_t count;
	int64_t last;			/* number of the user added last */
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
	if (plan_add_user(l->run->plan, &u, &n, e) < 0)
		return -1;
	if (n > 0)
		l->last = n;
	return 0;
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

enum { GROUPS, USERS, OWNER, LISTINGS };

/* The account on its way. */
struct loading {
	struct target_run *run;		/* borrowed */
	struct listing list[LISTINGS];
	struct details *details;	/* owned; NULL: only groups matter */
};

static int listings_busy(const struct loading *g)
{
	return g->list[GROUPS].busy + g->list[USERS].busy + g->list[OWNER].busy;
}

static int listing_failed(const struct loading *g)
{
	return g->list[GROUPS].failed || g->list[USERS].failed;
}

/* Begins what may be begun. 1 while anything is in flight, 0 when all has ended or failed, -1. */
static int go_on(struct loading *g, struct error *e)
{
	struct listing *users = &g->list[USERS];
	int listings = listings_busy(g), complete = !users->busy, busy = 0;

	if (listing_failed(g))
		return 0;
	if (g->details != NULL) {
		if (complete)
			timecamp_details_report(g->details, users->count);
		busy = timecamp_details_go_on(g->details, users->last, complete, listings, e);
	}
	return busy < 0 ? -1 : listings + busy > 0;
}

/* The failure that counts; without knowing the key's owner it goes on. */
static int judge_account(const struct loading *g, struct error *e)
{
	if (listing_failed(g)) {
		*e = g->list[g->list[GROUPS].failed ? GROUPS : USERS].error;
		return -1;
	}
	if (g->list[OWNER].failed)
		log_warning("it is not known whose key is used, so he is not protected: %s",
			    g->list[OWNER].error.text);
	return g->details != NULL ? timecamp_details_failed(g->details, e) : 0;
}

/* Groups, users and the key's owner side by side, and what belongs to the users as soon as they are known. */
static int read_account(struct loading *g, struct error *e)
{
	int more;

	do {
		more = go_on(g, e);
		if (more == 1 &&
		    http_run_for(g->run->http, g->list[USERS].busy ? LISTING_SLICE_MS : -1, e) < 0)
			more = -1;
		else if (port_interrupted())
			more = error_set(e, ERROR_CANCELLED, "interrupted");
	} while (more == 1);
	if (more == 0)
		more = judge_account(g, e);
	if (more < 0)
		http_cancel(g->run->http, 0);
	return more;
}

int timecamp_load(struct target_run *run, int only_groups, struct error *e)
{
	struct loading g;
	int i, failed;

	memset(&g, 0, sizeof(g));
	g.run = run;
	if (!only_groups && timecamp_read_pending(run, e) < 0)
		return -1;
	if (!only_groups && (g.details = timecamp_details_new(run, e)) == NULL)
		return -1;
	begin_listing(&g.list[GROUPS], run, "group", "[*]", on_group);
	begin_listing(&g.list[USERS], run, "users", "[*]", on_user);
	if (!only_groups)
		begin_listing(&g.list[OWNER], run, "me", "", on_owner);
	failed = read_account(&g, e);
	timecamp_details_free(g.details);
	for (i = 0; i < (only_groups ? OWNER : LISTINGS); i++)
		end_listing(&g.list[i]);
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
