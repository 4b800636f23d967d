/*
 * The two files of work that a run leaves to the next one (TIMECAMP_SYNC_PERSISTENT_SETTINGS): settings of
 * users, written down before anything is sent, and new users who were not listed in the end. Both are read as
 * earlier programs wrote them.
 */
#include <string.h>
#include "base/json_read.h"
#include "base/json_write.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/settings.h"
#include "store/store.h"
#include "target/timecamp_int.h"

#define PATH_PENDING_SETTINGS "var/pending_user_settings.json"
#define PATH_PENDING_USERS "var/pending_new_users.json"

/* What is written to the file, and the operation that it is. */
static const struct { enum op_kind kind; const char *name, *value; } pending_settings[] = {
	{ OP_USER_ENABLE, "disabled_user", "0" },
	{ OP_USER_DISABLE, "disabled_user", "1" },
	{ OP_USER_MARK, "added_manually", "0" },
};

#define PENDING_SETTINGS (sizeof(pending_settings) / sizeof(pending_settings[0]))

struct reader {
	struct plan *plan;		/* borrowed */
	struct json_doc *doc;		/* owned */
	struct arena arena;		/* owned; emptied after each record */
};

static int add_setting(struct reader *r, struct str id, struct str email, struct str name, struct str value,
		       struct error *e)
{
	size_t i;

	for (i = 0; i < PENDING_SETTINGS; i++)
		if (str_eqz(name, pending_settings[i].name) && str_eqz(value, pending_settings[i].value))
			return plan_add_left(r->plan, id, email, pending_settings[i].kind, e);
	log_warning(PATH_PENDING_SETTINGS ": \"%.*s\" of user %.*s is dropped, it is nothing that waits",
		    STR_ARG(name), STR_ARG(id));
	return 0;
}

static int on_settings(void *cookie, const struct json_match *m, struct str raw, struct error *e)
{
	struct reader *r = cookie;
	struct json root, all, v;
	struct str email;

	arena_reset(&r->arena);
	if (json_parse(r->doc, raw, 1, &root, e) < 0)
		return -1;
	all = json_get(root, "settings");
	email = json_scalar(json_get(root, "email"), &r->arena);
	for (v = json_first(all); json_type(v) != JSON_NONE; v = json_next(all, v))
		if (add_setting(r, m->key[0], email, json_key(v, &r->arena),
				json_scalar(v, &r->arena), e) < 0)
			return -1;
	return 0;
}

static int on_new_user(void *cookie, const struct json_match *m, struct str raw, struct error *e)
{
	struct reader *r = cookie;
	struct json root;
	struct unfinished_user u;

	(void)m;
	arena_reset(&r->arena);
	if (json_parse(r->doc, raw, 1, &root, e) < 0)
		return -1;
	u.email = json_scalar(json_get(root, "email"), &r->arena);
	u.name = json_scalar(json_get(root, "name"), &r->arena);
	u.group = json_scalar(json_get(root, "group_id"), &r->arena);
	u.role = json_scalar(json_get(root, "role"), &r->arena);
	u.address = json_scalar(json_get(root, "real_email"), &r->arena);
	u.external_id = json_scalar(json_get(root, "external_id"), &r->arena);
	if (u.role.len == 0)
		u.role = STR("user");
	return u.email.len == 0 ? 0 : plan_add_unfinished(r->plan, &u, e);
}

static int skip(void *cookie, const struct json_match *m, struct str raw, struct error *e)
{
	(void)cookie;
	(void)m;
	(void)raw;
	(void)e;
	return 0;
}

static int scan(const char *path, const char *json_path, json_value_fn *fn, void *cookie, struct error *e)
{
	const char *paths[2] = { json_path, NULL };
	struct json_scan *s = json_scan_new(paths, MAX_RECORD, fn, cookie, e);
	int failed = s == NULL ? -1 : store_scan(path, NULL, s, e);

	json_scan_free(s);
	return failed;
}

/* A file that is no JSON counts as empty; so it is checked whole before anything of it is taken. */
static int read_file(struct reader *r, const char *path, const char *json_path, json_value_fn *fn,
		     struct error *e)
{
	struct error bad;

	error_init(&bad);
	if (!store_exists(path))
		return 0;
	if (scan(path, json_path, skip, NULL, &bad) < 0) {
		log_warning("%s; it counts as empty", bad.text);
		return 0;
	}
	return scan(path, json_path, fn, r, e);
}

int timecamp_read_pending(struct target_run *run, struct error *e)
{
	struct reader r;
	int failed = -1;

	if (!settings_on("TIMECAMP_SYNC_PERSISTENT_SETTINGS"))
		return 0;
	memset(&r, 0, sizeof(r));
	r.plan = run->plan;
	arena_init(&r.arena, MAX_RECORD);
	r.doc = json_doc_new(MAX_JSON_TOKENS, e);
	if (r.doc != NULL)
		failed = read_file(&r, PATH_PENDING_SETTINGS, "*", on_settings, e) < 0 ||
			read_file(&r, PATH_PENDING_USERS, "[*]", on_new_user, e) < 0;
	json_doc_free(r.doc);
	arena_release(&r.arena);
	return failed ? -1 : 0;
}

/* ---- writing ---- */

struct writer {
	struct target_run *run;		/* borrowed */
	const char *path;
	struct store_out *out;		/* owned; made with the first record */
	struct json_write json;		/* owned */
	struct arena arena;		/* owned; emptied after each record */
};

static void put_settings(struct writer *w, const struct plan_subject *s, const struct op *ops, int count)
{
	int64_t number;
	int i;
	size_t k;

	json_put_key(&w->json, s->id);
	json_begin_object(&w->json);
	json_put_keyz(&w->json, "user_id");
	if (str_to_i64(s->id, &number) == 0)
		json_put_int(&w->json, number);
	else
		json_put_text(&w->json, s->id);
	json_put_member(&w->json, "email", s->label);
	json_put_keyz(&w->json, "settings");
	json_begin_object(&w->json);
	for (i = 0; i < count; i++)
		for (k = 0; k < PENDING_SETTINGS; k++)
			if (ops[i].kind == pending_settings[k].kind)
				json_put_member(&w->json, pending_settings[k].name,
						str_from(pending_settings[k].value));
	json_end_object(&w->json);
	json_end_object(&w->json);
}

static struct str value_of(const struct op *ops, int count, enum op_kind kind, const char *otherwise)
{
	int i;

	for (i = 0; i < count; i++)
		if (ops[i].kind == kind)
			return ops[i].value;
	return str_from(otherwise);
}

static void put_text_or_null(struct json_write *w, const char *key, struct str s)
{
	json_put_keyz(w, key);
	if (s.len > 0)
		json_put_text(w, s);
	else
		json_put_null(w);
}

static void put_user(struct writer *w, const struct plan_subject *s, const struct op *ops, int count)
{
	/* The name stands in an operation of its own, or beside the invitation of an earlier run. */
	struct str name = value_of(ops, count, OP_USER_RENAME, NULL);

	json_begin_object(&w->json);
	json_put_member(&w->json, "email", s->label);
	json_put_member(&w->json, "name", name.len > 0 ? name : ops[0].before);
	json_put_member(&w->json, "group_id", ops[0].place);
	put_text_or_null(&w->json, "real_email", value_of(ops, count, OP_USER_ADDRESS, NULL));
	put_text_or_null(&w->json, "external_id", value_of(ops, count, OP_USER_EXTERNAL_ID, NULL));
	json_put_member(&w->json, "role", value_of(ops, count, OP_USER_ROLE, "user"));
	json_end_object(&w->json);
}

/*
 * Of new users of this run only those who were invited and are not listed; of the others all that is not
 * done.
 */
static int still_waits(const struct plan_subject *s)
{
	if (s->part == PART_USER_CREATE)
		return s->state == PLAN_STARTED && s->id.len == 0;
	return s->state != PLAN_DONE && s->state != PLAN_HELD;
}

static int begin_file(struct writer *w, int list, struct error *e)
{
	w->out = store_create(w->path, e);
	if (w->out == NULL)
		return -1;
	json_write_init(&w->json, 2, store_write_fn, w->out, MAX_RECORD);
	if (list)
		json_begin_array(&w->json);
	else
		json_begin_object(&w->json);
	return 0;
}

static int write_part(struct writer *w, enum plan_part part, int list, struct error *e)
{
	struct plan_cursor *c = plan_walk(w->run->plan, part, e);
	struct plan_subject s;
	struct op ops[OP_KINDS];
	int got = c == NULL ? -1 : 1, count;

	while (got == 1 && (got = plan_next(c, &s, &w->arena, e)) == 1) {
		if (!still_waits(&s))
			continue;
		count = plan_ops(w->run->plan, &s, ops, &w->arena, e);
		if (count < 0 || (w->out == NULL && begin_file(w, list, e) < 0) ||
		    (list && plan_resolve(w->run->plan, &ops[0], &w->arena, e) < 0)) {
			got = -1;
			break;
		}
		if (list)
			put_user(w, &s, ops, count);
		else
			put_settings(w, &s, ops, count);
		arena_reset(&w->arena);
	}
	plan_walk_end(c);
	return got;
}

/* Writes what waits; no file is begun for nothing, but one that is there is emptied. */
static int write_file(struct target_run *run, const char *path, enum plan_part first, enum plan_part second,
		      int list, struct error *e)
{
	struct writer w;
	int failed;

	memset(&w, 0, sizeof(w));
	w.run = run;
	w.path = path;
	arena_init(&w.arena, 4 * MAX_RECORD);
	failed = write_part(&w, first, list, e) < 0 || write_part(&w, second, list, e) < 0;
	if (!failed && w.out == NULL && store_exists(path))
		failed = begin_file(&w, list, e) < 0;
	if (w.out != NULL) {
		if (list)
			json_end_array(&w.json);
		else
			json_end_object(&w.json);
		failed = failed || json_write_finish(&w.json, e) < 0;
		json_write_release(&w.json);
		if (failed)
			store_abort(w.out);
		else
			failed = store_commit(w.out, e) < 0;
	}
	arena_release(&w.arena);
	return failed ? -1 : 0;
}

int timecamp_keep(struct target_run *run, struct error *e)
{
	if (!settings_on("TIMECAMP_SYNC_PERSISTENT_SETTINGS"))
		return 0;
	if (write_file(run, PATH_PENDING_SETTINGS, PART_USER_LEFT, PART_USER_LATER, 0, e) < 0)
		return -1;
	return write_file(run, PATH_PENDING_USERS, PART_USER_FINISH, PART_USER_CREATE, 1, e);
}
