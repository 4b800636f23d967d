#include <stdlib.h>
#include <string.h>
#include "base/json_scan.h"
#include "base/json_slice.h"
#include "base/limits.h"
#include "prepare/tree_int.h"
#include "store/store.h"

#define CHUNK 65536		/* bytes read at once */
#define WORK_CACHE 4096		/* KiB; sorting takes as much again */
#define FLUSH 65536		/* bytes collected before they are handed on */

enum column { ID, USER_NAME, EMAIL, REAL_EMAIL, BREADCRUMB, ROLE, STATUS, COLUMNS };

static const struct str keys[COLUMNS] = {
	{ "timecamp_external_id", 20 }, { "timecamp_user_name", 18 }, { "timecamp_email", 14 },
	{ "timecamp_real_email", 19 }, { "timecamp_groups_breadcrumb", 26 }, { "timecamp_role", 13 },
	{ "timecamp_status", 15 }
};

static const char schema[] =
	"CREATE TABLE account(seq INTEGER PRIMARY KEY, id TEXT NOT NULL, name TEXT NOT NULL, "
	"mail TEXT NOT NULL, real_mail TEXT NOT NULL, path TEXT NOT NULL, role TEXT NOT NULL, "
	"status TEXT NOT NULL);"
	"CREATE TABLE node(id INTEGER PRIMARY KEY, parent INTEGER NOT NULL, name TEXT NOT NULL, "
	"people INTEGER NOT NULL DEFAULT 0, total INTEGER NOT NULL DEFAULT 0, path TEXT);"
	"CREATE UNIQUE INDEX node_place ON node(parent, name);"
	"CREATE INDEX node_child ON node(parent)";

struct loader {
	struct db_stmt *insert;		/* owned */
	struct arena arena;		/* owned: one record */
	int64_t seq;
};

/* ---- reading ------------------------------------------------------------------------------------------ */

/* The members of an account, found in one walk. */
static void find_columns(struct str record, struct str value[COLUMNS])
{
	struct json_walk w;
	int i;

	memset(value, 0, COLUMNS * sizeof *value);
	json_walk_init(&w, record);
	while (json_walk_next(&w)) {
		for (i = 0; i < COLUMNS; i++) {
			if (json_key_is(w.key, keys[i])) {
				value[i] = w.value;
				break;
			}
		}
	}
}

static int on_account(void *cookie, const struct json_match *match, struct str record, struct error *e)
{
	struct loader *l = cookie;
	struct str value[COLUMNS], text;
	int i;

	(void)match;
	arena_reset(&l->arena);
	l->seq++;
	if (json_slice_type(record) != JSON_OBJECT)
		return error_set(e, ERROR_FAILED, "account %lld is %s, should be an object",
				 (long long)l->seq, json_slice_type_name(record));
	find_columns(record, value);
	db_bind_int(l->insert, 1, l->seq);
	for (i = 0; i < COLUMNS; i++) {
		text = json_slice_text(value[i], &l->arena);
		if (text.ptr == NULL)
			return error_memory(e);
		if (json_slice_type(value[i]) != JSON_STRING &&
		    !(i == REAL_EMAIL && json_slice_is_empty(value[i])))
			return error_set(e, ERROR_FAILED, "account %lld: \"%s\" is %s, should be text",
					 (long long)l->seq, keys[i].ptr, json_slice_type_name(value[i]));
		if (i == BREADCRUMB && str_eqz(text, TREE_ROOT))
			return error_set(e, ERROR_FAILED, "account %lld: a group is called \"" TREE_ROOT
					 "\", which stands for the root group", (long long)l->seq);
		db_bind_text(l->insert, i + 2, text);
	}
	return db_run(l->insert, e);
}

static int scan(struct json_scan *scan, struct store_in *in, struct error *e)
{
	char *chunk = malloc(CHUNK);
	long n;

	if (chunk == NULL)
		return error_memory(e);
	while ((n = store_read(in, chunk, CHUNK, e)) > 0) {
		if (json_scan_feed(scan, chunk, (size_t)n, e) != 0)
			break;
	}
	free(chunk);
	if (n != 0 || json_scan_end(scan, e) != 0)
		return -1;
	if (json_scan_saw(scan, 0) == 0)
		return error_set(e, ERROR_FAILED, "there is no list of accounts");
	return 0;
}

static int read_accounts(struct tree *t, const char *path, struct error *e)
{
	static const char *const paths[] = { "[*]", NULL };
	struct loader l;
	struct json_scan *s = NULL;
	struct store_in *in = store_open(path, "run prepare first", e);
	int result = -1;

	memset(&l, 0, sizeof l);
	arena_init(&l.arena, 4 * MAX_RECORD);
	if (in == NULL)
		goto out;
	s = json_scan_new(paths, 8 * MAX_RECORD, on_account, &l, e);
	l.insert = db_prepare(t->work, "INSERT INTO account VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)", e);
	if (s == NULL || l.insert == NULL)
		goto out;
	result = scan(s, in, e);
	if (result != 0)
		error_add(e, "%s", path);
out:
	db_finish(l.insert);
	json_scan_free(s);
	store_close(in);
	arena_release(&l.arena);
	return result;
}

/* ---- groups ------------------------------------------------------------------------------------------- */

struct grower {
	struct db *db;
	struct db_stmt *paths, *find, *add, *count;	/* owned */
};

/* The node of that name below parent, made if it is not there. -1 on failure. */
static int64_t child(struct grower *g, int64_t parent, struct str name, struct error *e)
{
	int64_t id;

	db_bind_int(g->find, 1, parent);
	db_bind_text(g->find, 2, name);
	switch (db_step(g->find, e)) {
	case 1:
		id = db_int(g->find, 0);
		db_reset(g->find);
		return id;
	case 0:
		db_bind_int(g->add, 1, parent);
		db_bind_text(g->add, 2, name);
		return db_run(g->add, e) == 0 ? db_last_id(g->db) : -1;
	default:
		return -1;
	}
}

/* The nodes of a path that n people are in. */
static int grow(struct grower *g, struct str path, int64_t n, struct error *e)
{
	struct str rest = path, part;
	int64_t at = 0;

	while (str_next(&rest, '/', &part)) {
		at = child(g, at, part, e);
		if (at < 0)
			return -1;
		db_bind_int(g->count, 1, at);
		db_bind_int(g->count, 2, n);
		db_bind_int(g->count, 3, rest.ptr == NULL ? n : 0);
		db_bind_text(g->count, 4, rest.ptr == NULL ? path : rest);
		if (db_run(g->count, e) != 0)
			return -1;
	}
	return 0;
}

static int make_nodes(struct tree *t, struct error *e)
{
	struct grower g;
	int got = -1;

	g.db = t->work;
	g.paths = db_prepare(t->work, "SELECT path, count(*) FROM account "
			     "WHERE status = 'active' AND path <> '' GROUP BY path ORDER BY path", e);
	g.find = db_prepare(t->work, "SELECT id FROM node WHERE parent = ?1 AND name = ?2", e);
	g.add = db_prepare(t->work, "INSERT INTO node(parent, name) VALUES(?1, ?2)", e);
	g.count = db_prepare(t->work, "UPDATE node SET total = total + ?2, people = people + ?3, "
			     "path = CASE WHEN ?3 > 0 THEN ?4 ELSE path END WHERE id = ?1", e);
	if (g.paths == NULL || g.find == NULL || g.add == NULL || g.count == NULL)
		goto out;
	while ((got = db_step(g.paths, e)) == 1) {
		if (grow(&g, db_text(g.paths, 0), db_int(g.paths, 1), e) != 0) {
			got = -1;
			break;
		}
	}
out:
	db_finish(g.paths);
	db_finish(g.find);
	db_finish(g.add);
	db_finish(g.count);
	return got;
}

struct tree *tree_load(const char *path, struct error *e)
{
	struct tree *t = calloc(1, sizeof *t);

	if (t == NULL) {
		error_memory(e);
		return NULL;
	}
	t->work = db_open_work(NULL, WORK_CACHE, e);
	if (t->work == NULL || db_exec(t->work, schema, e) != 0 || db_begin(t->work, e) != 0 ||
	    read_accounts(t, path, e) != 0 || make_nodes(t, e) != 0 || db_commit(t->work, e) != 0) {
		tree_free(t);
		return NULL;
	}
	return t;
}

void tree_free(struct tree *t)
{
	if (t == NULL)
		return;
	db_close(t->work);
	free(t);
}

/* ---- output ------------------------------------------------------------------------------------------- */

void tree_out_init(struct tree_out *o, json_out_fn *fn, void *cookie, struct error *e)
{
	buf_init(&o->text, FLUSH + 16 * MAX_RECORD);
	o->fn = fn;
	o->cookie = cookie;
	o->e = e;
	o->failed = 0;
}

int tree_out_flush(struct tree_out *o, int at_end)
{
	if (!o->failed && buf_check(&o->text, "a line of the output", o->e) != 0)
		o->failed = 1;
	if (!o->failed && o->text.len > (at_end ? 0 : FLUSH)) {
		o->failed = o->fn(o->cookie, o->text.data, o->text.len, o->e) != 0;
		buf_reset(&o->text);
	}
	return o->failed ? -1 : 0;
}

void tree_out_release(struct tree_out *o)
{
	buf_release(&o->text);
}
