/*
 * Delta queries of Microsoft Graph: the users as they were at the last run are kept in a database beside
 * users.json, with the link that asks what has changed since. Losing that file costs one full read.
 */
#include "source/source_entra_int.h"

#include <string.h>

#include "base/limits.h"
#include "base/log.h"

#define FILE_NAME "entra_delta.db"
#define SELECT_DELTA ENTRA_SELECT ",manager"

static const char schema[] =
	"CREATE TABLE IF NOT EXISTS place (url TEXT, link TEXT);"
	"CREATE TABLE IF NOT EXISTS user (id TEXT PRIMARY KEY, name TEXT, mail TEXT, upn TEXT,"
	" department TEXT, title TEXT, manager TEXT, enabled INTEGER)";

/* What was not sent has not changed. */
static const char merge[] =
	"INSERT INTO user VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT (id) DO UPDATE SET"
	" name = coalesce(?2, name), mail = coalesce(?3, mail), upn = coalesce(?4, upn),"
	" department = coalesce(?5, department), title = coalesce(?6, title),"
	" manager = coalesce(?7, manager), enabled = coalesce(?8, enabled)";

struct delta {
	struct entra *x;
	struct db *db;
	struct db_stmt *merge, *remove;
	struct buf link;
	uint64_t changes;
};

/* ---- what is kept -------------------------------------------------------------------------------------- */

static int open_file(struct delta *d, struct error *e)
{
	struct buf path;

	buf_init(&path, MAX_PATH_TEXT);
	buf_printf(&path, "%s/" FILE_NAME, source_dir(d->x->run));
	if (buf_check(&path, "the path of " FILE_NAME, e) == 0)
		d->db = db_open(buf_text(&path), e);
	buf_release(&path);
	if (!d->db || db_exec(d->db, schema, e) != 0 || db_begin(d->db, e) != 0)
		return -1;
	d->merge = db_prepare(d->db, merge, e);
	d->remove = db_prepare(d->db, "DELETE FROM user WHERE id = ?1", e);
	return d->merge && d->remove ? 0 : -1;
}

static void close_file(struct delta *d)
{
	db_finish(d->merge);
	db_finish(d->remove);
	if (d->db)
		db_close(d->db);
	buf_release(&d->link);
}

/* The saved link, if it is for this list of users; else empty. */
static int load_link(struct delta *d, struct error *e)
{
	struct db_stmt *s = db_prepare(d->db, "SELECT link FROM place WHERE url = ?1", e);
	int row;

	if (!s)
		return -1;
	db_bind_text(s, 1, buf_str(&d->x->users_url));
	row = db_step(s, e);
	if (row == 1)
		buf_put_str(&d->link, db_text(s, 0));
	db_finish(s);
	return row < 0 ? -1 : buf_check(&d->link, "the saved link", e);
}

static int save_link(struct delta *d, struct error *e)
{
	struct db_stmt *s;
	int failed;

	if (db_exec(d->db, "DELETE FROM place", e) != 0)
		return -1;
	s = db_prepare(d->db, "INSERT INTO place VALUES (?1, ?2)", e);
	if (!s)
		return -1;
	db_bind_text(s, 1, buf_str(&d->x->users_url));
	db_bind_text(s, 2, buf_str(&d->link));
	failed = db_run(s, e);
	db_finish(s);
	return failed != 0 ? -1 : db_commit(d->db, e);
}

/* ---- what comes ---------------------------------------------------------------------------------------- */

/* An answer that breaks off and comes anew says the same again: that needs no care. */
static int take_change(void *cookie, const struct json_match *m, struct str raw, struct error *e)
{
	struct delta *d = ((struct entra *)cookie)->delta;
	struct entra_user u;

	(void)m;
	if (entra_user_read(d->x, raw, &u, e) != 0)
		return -1;
	d->changes++;
	if (u.removed) {
		db_bind_text(d->remove, 1, u.id);
		return db_run(d->remove, e);
	}
	db_bind_text(d->merge, 1, u.id);
	db_bind_text(d->merge, 2, u.name);
	db_bind_text(d->merge, 3, u.mail);
	db_bind_text(d->merge, 4, u.upn);
	db_bind_text(d->merge, 5, u.department);
	db_bind_text(d->merge, 6, u.title);
	db_bind_text(d->merge, 7, u.manager);
	if (u.enabled >= 0)
		db_bind_int(d->merge, 8, u.enabled);
	return db_run(d->merge, e);
}

/* Everybody, as the beginning of a new round. */
static int read_all(struct delta *d, struct error *e)
{
	struct http_header size[2] = { { "Prefer", NULL }, { NULL, NULL } };
	struct buf url, prefer;
	int failed;

	buf_init(&url, MAX_URL);
	buf_init(&prefer, 64);
	buf_printf(&url, "%s/delta?$select=" SELECT_DELTA, buf_text(&d->x->users_url));
	buf_printf(&prefer, "odata.maxpagesize=%d", d->x->page_size);
	size[0].value = buf_text(&prefer);
	failed = db_exec(d->db, "DELETE FROM user", e) != 0 ||
		 buf_check(&url, "AZURE_SCIM_ENDPOINT", e) != 0 ||
		 entra_pages(d->x, d->x->users, buf_str(&url), size, take_change, &d->link, e) != 0;
	buf_release(&url);
	buf_release(&prefer);
	return failed ? -1 : 0;
}

static int read_changes(struct delta *d, struct error *e)
{
	struct buf from;
	int result;

	if (load_link(d, e) != 0)
		return -1;
	if (d->link.len == 0)
		return read_all(d, e);
	buf_init(&from, MAX_URL);
	buf_put_str(&from, buf_str(&d->link));
	result = entra_pages(d->x, d->x->users, buf_str(&from), NULL, take_change, &d->link, e);
	buf_release(&from);
	if (result != 1)
		return result;
	log_info("the saved link has expired: everybody is read");
	return read_all(d, e);
}

/* ---- everybody ----------------------------------------------------------------------------------------- */

static struct str column(struct db_stmt *s, int col)
{
	struct str text = db_text(s, col);

	return text.ptr ? text : STR("");
}

static int hand_out(struct delta *d, struct error *e)
{
	struct db_stmt *s = db_prepare(d->db, "SELECT id, name, mail, upn, department, title, manager,"
				       " enabled FROM user ORDER BY rowid", e);
	struct entra_user u;
	struct person p;
	int row = -1, wanted = 0;

	memset(&u, 0, sizeof(u));
	while (s && wanted >= 0 && (row = db_step(s, e)) == 1) {
		u.id = column(s, 0);
		u.name = column(s, 1);
		u.mail = column(s, 2);
		u.upn = column(s, 3);
		u.department = column(s, 4);
		u.title = column(s, 5);
		u.manager = column(s, 6);
		u.enabled = db_is_null(s, 7) ? -1 : (int)db_int(s, 7);
		wanted = entra_person(d->x, &u, &p, e);
		if (wanted == 1 && source_emit(d->x->run, &p, e) != 0)
			wanted = -1;
	}
	db_finish(s);
	return row < 0 || wanted < 0 ? -1 : 0;
}

int entra_delta(struct entra *x, struct error *e)
{
	struct delta d;
	int failed;

	if (str_find_char(buf_str(&x->users_url), 0, '?') < x->users_url.len)
		return error_set(e, ERROR_USAGE, "AZURE_DELTA needs an AZURE_SCIM_ENDPOINT without a query");
	memset(&d, 0, sizeof(d));
	d.x = x;
	x->delta = &d;
	buf_init(&d.link, MAX_URL);
	failed = open_file(&d, e) != 0 || read_changes(&d, e) != 0 || save_link(&d, e) != 0 ||
		 hand_out(&d, e) != 0;
	if (!failed)
		log_info("the service told %llu changes since the last run", (unsigned long long)d.changes);
	close_file(&d);
	x->delta = NULL;
	return failed ? -1 : 0;
}
