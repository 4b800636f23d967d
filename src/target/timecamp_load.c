/* Reads the account: groups, users, roles, and each user's settings. */
#include <stdlib.h>
#include <string.h>
#include "base/json_read.h"
#include "base/limits.h"
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

/* Text or number as text; ptr NULL when absent, null or something else. */
static struct str text_of(struct json v, struct arena *a)
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
	id = text_of(json_get(root, "group_id"), &l->arena);
	parent = text_of(json_get(root, "parent_id"), &l->arena);
	name = text_of(json_get(root, "name"), &l->arena);
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
	u.id = text_of(json_get(root, "user_id"), &l->arena);
	u.email = text_of(json_get(root, "email"), &l->arena);
	u.name = text_of(json_get(root, "display_name"), &l->arena);
	u.group = text_of(json_get(root, "group_id"), &l->arena);
	if (u.id.len == 0)
		return error_set(e, ERROR_UPSTREAM, "a user of the listing has no user_id");
	l->count++;
	return plan_add_user(l->run->plan, &u, &n, e);
}

static int on_role(void *cookie, const struct json_match *m, struct str raw, struct error *e)
{
	struct listing *l = cookie;
	struct json root;
	struct str role;

	if (record(l, raw, &root, e) < 0)
		return -1;
	role = text_of(json_get(root, "role_id"), &l->arena);
	if (role.len == 0)
		return 0;
	return plan_set_role(l->run->plan, m->key[1], m->key[0], timecamp_role_word(role), e);
}

/* ---- settings: many users a request, several requests at once ---- */

struct batch {
	struct settings_read *all;	/* borrowed */
	int busy;
	int count;			/* users asked for */
	struct str id[SETTINGS_PER_CALL];
	int64_t n[SETTINGS_PER_CALL];
	struct actual_details details[SETTINGS_PER_CALL];
	int at;				/* where the user of the last row stands */
	struct arena ids, values;	/* owned; values is emptied when an answer starts over */
	struct json_doc *doc;		/* owned */
	struct json_scan *scan;		/* owned */
	struct buf url;			/* owned */
};

struct settings_read {
	struct target_run *run;		/* borrowed */
	struct batch *batch;		/* owned; window.max of them */
	int64_t next;			/* user number to go on with */
	int ended;			/* all users are asked for */
	uint64_t done;
	int failed;
	struct error error;		/* of the first failure */
};

/*
 * The user whose settings come; answers keep the order of the question as a rule. NULL: nobody we asked for.
 */
static struct actual_details *details_of(struct batch *b, struct str id)
{
	int i;

	for (i = 0; i < b->count; i++) {
		int at = (b->at + i) % b->count;

		if (str_eq(b->id[at], id)) {
			b->at = at;
			return &b->details[at];
		}
	}
	return NULL;
}

static int take_row(struct batch *b, struct str id, struct json row, struct error *e)
{
	struct str name = text_of(json_get(row, "name"), &b->values);
	struct str value = text_of(json_get(row, "value"), &b->values);
	struct actual_details *d = details_of(b, id);
	struct str *kept = NULL;

	if (d == NULL || name.ptr == NULL || value.ptr == NULL)
		return 0;
	if (str_eqz(name, "disabled_user"))
		d->disabled = str_eqz(value, "1");
	else if (str_eqz(name, "added_manually"))
		d->manual = str_eqz(value, "1");
	else if (str_eqz(name, "additional_email"))
		kept = &d->address;
	else if (str_eqz(name, "external_id"))
		kept = &d->external_id;
	if (kept == NULL)
		return 0;
	*kept = arena_str(&b->values, value);
	return kept->ptr == NULL ? error_memory(e) : 0;
}

/* A map gives each user's rows below his id; a list gives rows that name their user. */
static int on_settings(void *cookie, const struct json_match *m, struct str raw, struct error *e)
{
	struct batch *b = cookie;
	struct json root, row;

	if (json_parse(b->doc, raw, 1, &root, e) < 0)
		return -1;
	if (m->path == 1)
		return take_row(b, text_of(json_get(root, "userId"), &b->values), root, e);
	for (row = json_first(root); json_type(row) != JSON_NONE; row = json_next(root, row))
		if (take_row(b, m->key[0], row, e) < 0)
			return -1;
	return 0;
}

static int settings_begin(void *cookie, struct error *e)
{
	struct batch *b = cookie;

	(void)e;
	json_scan_reset(b->scan);
	arena_reset(&b->values);
	memset(b->details, 0, sizeof(b->details));
	b->at = 0;
	return 0;
}

static int settings_data(void *cookie, const char *data, size_t len, struct error *e)
{
	return json_scan_feed(((struct batch *)cookie)->scan, data, len, e);
}

static int keep_details(struct batch *b, struct error *e)
{
	int i;

	for (i = 0; i < b->count; i++)
		if (plan_set_details(b->all->run->plan, b->n[i], &b->details[i], e) < 0)
			return -1;
	return 0;
}

static void settings_done(void *cookie, const struct http_resp *resp, const struct error *e)
{
	struct batch *b = cookie;
	struct settings_read *all = b->all;
	struct http_req req = { 0 };
	int failed = 0;

	b->busy = 0;
	target_window_note(&all->run->window, resp->limited);
	if (all->failed)
		return;
	req.method = "GET";
	req.url = buf_text(&b->url);
	if (resp->status == 404) {
		/* Nobody of these has any of the settings. */
	} else if (resp->cls == HTTP_REFUSED || resp->cls == HTTP_BUSY) {
		failed = http_status_error(&req, resp, &all->error);
	} else if (resp->cls != HTTP_DONE) {
		all->error = *e;
		failed = -1;
	} else {
		failed = json_scan_end(b->scan, &all->error);
		if (failed)
			all->error.kind = ERROR_UPSTREAM;
		else
			failed = keep_details(b, &all->error);
	}
	all->failed = failed != 0;
	all->done += (uint64_t)b->count;
	if (all->run->report.step != NULL)
		all->run->report.step(all->run->report.cookie, all->done);
}

/* The next users into the batch; as many as fit into an address that every server takes. */
static int fill_batch(struct batch *b, struct error *e)
{
	struct settings_read *all = b->all;
	size_t room = SETTINGS_URL;
	int i, got;

	arena_reset(&b->ids);
	got = plan_user_ids(all->run->plan, all->next, SETTINGS_PER_CALL, b->id, b->n, &b->ids, e);
	if (got < 0)
		return -1;
	buf_reset(&b->url);
	buf_put_str(&b->url, buf_str(&all->run->base));
	buf_puts(&b->url, "user/");
	for (i = 0; i < got && b->id[i].len < room; i++) {
		if (i > 0)
			buf_putc(&b->url, ',');
		buf_put_str(&b->url, b->id[i]);
		room -= b->id[i].len + 1;
	}
	buf_puts(&b->url,
		 "/setting?name%5B%5D=additional_email&name%5B%5D=external_id&name%5B%5D=added_manually"
		 "&name%5B%5D=disabled_user");
	b->count = i;
	all->ended = i == 0;
	if (i > 0)
		all->next = b->n[i - 1] + 1;
	return buf_check(&b->url, "request address", e);
}

static int submit_batch(struct batch *b, struct error *e)
{
	struct http_req req = { 0 };

	if (fill_batch(b, e) < 0)
		return -1;
	if (b->count == 0)
		return 0;
	req.method = "GET";
	req.url = buf_text(&b->url);
	req.headers = b->all->run->headers;
	req.flags = b->all->run->http_flags;
	req.sink.begin = settings_begin;
	req.sink.data = settings_data;
	req.sink.cookie = b;
	b->busy = 1;
	return http_submit(b->all->run->http, &req, settings_done, b, e);
}

static int start_batches(struct settings_read *all, struct error *e)
{
	static const char *const paths[] = { "*", "[*]", NULL };
	int i;

	all->batch = calloc((size_t)all->run->window.max, sizeof(all->batch[0]));
	if (all->batch == NULL)
		return error_memory(e);
	for (i = 0; i < all->run->window.max; i++) {
		struct batch *b = &all->batch[i];

		b->all = all;
		arena_init(&b->ids, MAX_RECORD);
		arena_init(&b->values, 8 * MAX_RECORD);
		buf_init(&b->url, MAX_URL);
		b->doc = json_doc_new(MAX_JSON_TOKENS, e);
		b->scan = json_scan_new(paths, MAX_RECORD, on_settings, b, e);
		if (b->doc == NULL || b->scan == NULL)
			return -1;
	}
	return 0;
}

static void end_batches(struct settings_read *all)
{
	int i;

	for (i = 0; all->batch != NULL && i < all->run->window.max; i++) {
		struct batch *b = &all->batch[i];

		if (b->all == NULL)
			break;
		json_scan_free(b->scan);
		json_doc_free(b->doc);
		arena_release(&b->ids);
		arena_release(&b->values);
		buf_release(&b->url);
	}
	free(all->batch);
}

static int busy_batches(const struct settings_read *all)
{
	int i, busy = 0;

	for (i = 0; i < all->run->window.max; i++)
		busy += all->batch[i].busy;
	return busy;
}

static int read_settings(struct target_run *run, struct error *e)
{
	struct settings_read all = { 0 };
	int i, failed = -1;

	all.run = run;
	all.next = 1;
	if (start_batches(&all, e) < 0)
		goto out;
	for (;;) {
		for (i = 0; i < run->window.max && !all.ended && !all.failed; i++) {
			if (all.batch[i].busy || busy_batches(&all) >= run->window.now)
				continue;
			if (submit_batch(&all.batch[i], e) < 0)
				goto out;
		}
		if (busy_batches(&all) == 0)
			break;
		if (http_run_once(run->http, e) < 0)
			goto out;
	}
	failed = all.failed;
	if (failed) {
		*e = all.error;
		failed = -1;
	}
out:
	if (failed)
		http_cancel(run->http, 0);
	end_batches(&all);
	return failed;
}

int timecamp_load(struct target_run *run, struct error *e)
{
	struct listing l = { 0 };
	struct target_report *r = &run->report;
	int failed;

	l.run = run;
	if (timecamp_read_pending(run, e) < 0 || list(&l, "group", "[*]", on_group, e) < 0 ||
	    list(&l, "users", "[*]", on_user, e) < 0)
		return -1;
	if (l.count == 0)
		return 0;
	if (r->begin != NULL)
		r->begin(r->cookie, "reading the account", l.count);
	failed = list(&l, "people_picker?context=admin", "groups.*.users.*", on_role, e) < 0 ||
		read_settings(run, e) < 0;
	if (r->end != NULL)
		r->end(r->cookie);
	return failed ? -1 : 0;
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
	id = text_of(json_get(root, "user_id"), &l->arena);
	email = text_of(json_get(root, "email"), &l->arena);
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
	name = text_of(json_get(root, group ? "name" : "email"), &l->arena);
	parent = text_of(json_get(root, "parent_id"), &l->arena);
	if (group ? !str_eq(unicode_trim(name), l->op->value) || !str_eq(parent, l->op->place) :
	    !str_case_eq(name, l->op->value))
		return 0;
	buf_reset(l->found);
	buf_put_str(l->found, text_of(json_get(root, group ? "group_id" : "user_id"), &l->arena));
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
