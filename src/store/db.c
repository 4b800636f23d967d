#include "store/db.h"

#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include "base/unicode.h"
#include "port.h"
#include "store/store_int.h"

#define WORK_CACHE_KIB 4096	/* what sorting takes besides is bound by the same number */
#define BUSY_MS 5000

struct db {
	sqlite3 *sqlite;	/* owned */
	char *name;		/* owned; for messages */
};

struct db_stmt {
	sqlite3_stmt *sqlite;	/* owned */
	struct db *db;
	int bind_error;		/* the first SQLite code of a bind that failed */
};

static int fail(const struct db *d, int code, struct error *e)
{
	if (code == SQLITE_NOMEM)
		return error_memory(e);
	if (code == SQLITE_FULL)
		return error_set(e, ERROR_FAILED, "no space left for %s; make room and run again", d->name);
	if (code == SQLITE_BUSY)
		return error_set(e, ERROR_LOCKED, "%s is in use by another program", d->name);
	return error_set(e, ERROR_FAILED, "%s: %s", d->name, sqlite3_errmsg(d->sqlite));
}

/* ---- opening ------------------------------------------------------------------------------------------- */

/* SQL: lower_py(text). */
static void lower_py(sqlite3_context *context, int count, sqlite3_value **args)
{
	const char *text = (const char *)sqlite3_value_text(args[0]);
	int len = sqlite3_value_bytes(args[0]);
	struct buf out;

	(void)count;
	if (text == NULL)
		return;
	buf_init(&out, (size_t)len * 4 + 16);
	unicode_lower(&out, str_of(text, (size_t)len));
	if (out.failed)
		sqlite3_result_error_nomem(context);
	else
		sqlite3_result_text(context, buf_text(&out), (int)out.len, SQLITE_TRANSIENT);
	buf_release(&out);
}

/* path "": a temporary database. */
static struct db *open_path(const char *path, const char *name, struct error *e)
{
	struct db *d = calloc(1, sizeof(*d));
	int code;

	if (d == NULL || (d->name = malloc(strlen(name) + 1)) == NULL) {
		free(d);
		error_memory(e);
		return NULL;
	}
	memcpy(d->name, name, strlen(name) + 1);
	code = sqlite3_open_v2(path, &d->sqlite, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL);
	if (code == SQLITE_OK)
		code = sqlite3_create_function(d->sqlite, "lower_py", 1, SQLITE_UTF8 | SQLITE_DETERMINISTIC,
					       NULL,
					       lower_py, NULL, NULL);
	if (code != SQLITE_OK) {
		fail(d, code, e);
		db_close(d);
		return NULL;
	}
	return d;
}

/* Makes a file that only we can read, and SQLite's journal takes its mode. One that is there is not touched:
 * closing it would end the locks that another connection of this process has on it (POSIX). */
static int make_private(const char *path, struct error *e)
{
	struct port_file *f;
	struct port_stat st;

	if (port_stat(path, &st, NULL) == 0)
		return 0;
	if (file_make_folder(path, e) != 0)
		return -1;
	f = port_open(path, PORT_APPEND, e);
	return f == NULL ? -1 : port_close(f, e);
}

struct db *db_open(const char *path, struct error *e)
{
	struct db *d;

	if (make_private(path, e) != 0)
		return NULL;
	d = open_path(path, path, e);
	if (d == NULL)
		return NULL;
	sqlite3_busy_timeout(d->sqlite, BUSY_MS);
	if (db_exec(d, "PRAGMA journal_mode = DELETE; PRAGMA synchronous = FULL; PRAGMA cache_size = -1024;"
		    "PRAGMA foreign_keys = ON", e) == 0)
		return d;
	db_close(d);
	return NULL;
}

/* SQLite looks for its temporary files' folder here. */
static int use_temp_dir(const char *dir, struct error *e)
{
	if (sqlite3_temp_directory != NULL && strcmp(sqlite3_temp_directory, dir) == 0)
		return 0;
	sqlite3_free(sqlite3_temp_directory);
	sqlite3_temp_directory = sqlite3_mprintf("%s", dir);
	return sqlite3_temp_directory == NULL ? error_memory(e) : 0;
}

struct db *db_open_work(const char *dir, int cache_kib, struct error *e)
{
	struct buf text;
	struct db *d;
	int r;

	if (dir == NULL)
		dir = port_temp_dir();
	if (use_temp_dir(dir, e) != 0)
		return NULL;
	buf_init(&text, 4096);
	buf_printf(&text, "the work files in \"%s\"", dir);
	d = open_path("", buf_text(&text), e);
	if (d == NULL)
		goto out;
	buf_reset(&text);
	buf_printf(&text,
		   "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA locking_mode = EXCLUSIVE;"
		   "PRAGMA temp_store = FILE; PRAGMA cache_size = -%d",
		   cache_kib > 0 ? cache_kib : WORK_CACHE_KIB);
	r = buf_check(&text, "the name of the temporary folder", e);
	if (r != 0 || db_exec(d, buf_text(&text), e) != 0) {
		db_close(d);
		d = NULL;
	}
out:
	buf_release(&text);
	return d;
}

void db_close(struct db *d)
{
	if (d == NULL)
		return;
	sqlite3_close_v2(d->sqlite);
	free(d->name);
	free(d);
}

/* ---- statements ---------------------------------------------------------------------------------------- */

int db_exec(struct db *d, const char *sql, struct error *e)
{
	int code = sqlite3_exec(d->sqlite, sql, NULL, NULL, NULL);

	return code == SQLITE_OK ? 0 : fail(d, code, e);
}

int db_begin(struct db *d, struct error *e)
{
	return db_exec(d, "BEGIN IMMEDIATE", e);
}

int db_commit(struct db *d, struct error *e)
{
	return db_exec(d, "COMMIT", e);
}

void db_rollback(struct db *d)
{
	db_exec(d, "ROLLBACK", NULL);
}

int64_t db_last_id(const struct db *d)
{
	return sqlite3_last_insert_rowid(d->sqlite);
}

int64_t db_changes(const struct db *d)
{
	return sqlite3_changes(d->sqlite);
}

struct db_stmt *db_prepare(struct db *d, const char *sql, struct error *e)
{
	struct db_stmt *s = calloc(1, sizeof(*s));
	int code;

	if (s == NULL) {
		error_memory(e);
		return NULL;
	}
	s->db = d;
	code = sqlite3_prepare_v2(d->sqlite, sql, -1, &s->sqlite, NULL);
	if (code == SQLITE_OK && s->sqlite != NULL)
		return s;
	fail(d, code, e);
	free(s);
	return NULL;
}

void db_finish(struct db_stmt *s)
{
	if (s == NULL)
		return;
	sqlite3_finalize(s->sqlite);
	free(s);
}

static void bound(struct db_stmt *s, int code)
{
	if (s->bind_error == SQLITE_OK)
		s->bind_error = code;
}

void db_bind_text(struct db_stmt *s, int i, struct str text)
{
	if (text.ptr == NULL)
		db_bind_null(s, i);
	else
		bound(s, sqlite3_bind_text64(s->sqlite, i, text.ptr, text.len, SQLITE_TRANSIENT,
					     SQLITE_UTF8));
}

void db_bind_int(struct db_stmt *s, int i, int64_t n)
{
	bound(s, sqlite3_bind_int64(s->sqlite, i, n));
}

void db_bind_null(struct db_stmt *s, int i)
{
	bound(s, sqlite3_bind_null(s->sqlite, i));
}

void db_bind_blob(struct db_stmt *s, int i, struct str bytes)
{
	if (bytes.ptr == NULL)
		db_bind_null(s, i);
	else
		bound(s, sqlite3_bind_blob64(s->sqlite, i, bytes.ptr, bytes.len, SQLITE_TRANSIENT));
}

void db_reset(struct db_stmt *s)
{
	sqlite3_reset(s->sqlite);
	sqlite3_clear_bindings(s->sqlite);
	s->bind_error = SQLITE_OK;
}

int db_step(struct db_stmt *s, struct error *e)
{
	int code = s->bind_error;

	if (code == SQLITE_OK)
		code = sqlite3_step(s->sqlite);
	if (code == SQLITE_ROW)
		return 1;
	if (code != SQLITE_DONE)
		fail(s->db, code, e);
	db_reset(s);
	return code == SQLITE_DONE ? 0 : -1;
}

int db_run(struct db_stmt *s, struct error *e)
{
	int r = db_step(s, e);

	if (r == 1)
		db_reset(s);
	return r < 0 ? -1 : 0;
}

struct str db_text(struct db_stmt *s, int col)
{
	const char *text = (const char *)sqlite3_column_text(s->sqlite, col);

	return str_of(text, (size_t)sqlite3_column_bytes(s->sqlite, col));
}

int64_t db_int(struct db_stmt *s, int col)
{
	return sqlite3_column_int64(s->sqlite, col);
}

int db_is_null(struct db_stmt *s, int col)
{
	return sqlite3_column_type(s->sqlite, col) == SQLITE_NULL;
}
