#include <stdio.h>
#include <string.h>
#include "port.h"
#include "store/db.h"
#include "check.h"

static struct error e;

/* The rows of a query as text: columns joined by |, rows by a new line; NULL as (null). */
static const char *rows(struct db *d, const char *sql)
{
	static char out[4096];
	struct db_stmt *s = db_prepare(d, sql, &e);
	size_t len = 0;
	int r, i;

	out[0] = '\0';
	if (!CHECK(s != NULL))
		return out;
	while ((r = db_step(s, &e)) == 1) {
		for (i = 0; i < 3; i++) {
			struct str text = db_is_null(s, i) ? STR("(null)") : db_text(s, i);

			len += (size_t)snprintf(out + len, sizeof(out) - len, "%s%.*s", i > 0 ? "|" : "",
						STR_ARG(text));
		}
		len += (size_t)snprintf(out + len, sizeof(out) - len, "\n");
	}
	CHECK_INT(r, 0);
	db_finish(s);
	return out;
}

static void test_values(void)
{
	struct db *d = db_open_work(NULL, 0, &e);
	struct db_stmt *s;
	char text[] = "copied";

	if (!CHECK(d != NULL))
		return;
	CHECK_INT(db_exec(d, "CREATE TABLE t(a, b TEXT, c); CREATE INDEX i ON t(b)", &e), 0);
	s = db_prepare(d, "INSERT INTO t VALUES(?, ?, ?)", &e);
	db_bind_int(s, 1, INT64_MIN);
	db_bind_text(s, 2, str_from(text));
	db_bind_null(s, 3);
	memset(text, 'x', sizeof(text) - 1);
	CHECK_INT(db_run(s, &e), 0);
	CHECK_INT(db_last_id(d), 1);
	CHECK_INT(db_changes(d), 1);
	db_bind_text(s, 2, STR(""));		/* the others are empty again */
	CHECK_INT(db_run(s, &e), 0);
	db_bind_text(s, 2, str_from(NULL));
	db_bind_blob(s, 3, STR("a\0b"));
	CHECK_INT(db_run(s, &e), 0);
	db_bind_text(s, 2, STR("a\0c"));
	db_bind_blob(s, 3, str_from(NULL));
	CHECK_INT(db_run(s, &e), 0);
	db_finish(s);
	db_finish(NULL);
	CHECK_STR(rows(d, "SELECT a, b, c FROM t WHERE rowid <= 2 ORDER BY rowid"),
		  "-9223372036854775808|copied|(null)\n(null)||(null)\n");
	s = db_prepare(d, "SELECT b, c, length(CAST(b AS BLOB)), a FROM t WHERE rowid > 2 ORDER BY rowid",
		       &e);
	CHECK_INT(db_step(s, &e), 1);
	CHECK(db_text(s, 0).ptr == NULL);
	CHECK_MEM(db_text(s, 1).ptr, db_text(s, 1).len, "a\0b", 3);
	CHECK_INT(db_step(s, &e), 1);
	CHECK_MEM(db_text(s, 0).ptr, db_text(s, 0).len, "a\0c", 3);
	CHECK_INT(db_int(s, 2), 3);
	CHECK_INT(db_int(s, 3), 0);
	CHECK_INT(db_is_null(s, 3), 1);
	CHECK_INT(db_step(s, &e), 0);
	CHECK_INT(db_step(s, &e), 1);		/* from the start again */
	db_finish(s);
	db_close(d);
	db_close(NULL);
}

static void test_order_and_lower(void)
{
	struct db *d = db_open_work(NULL, 0, &e);

	CHECK_INT(db_exec(d,
			  "CREATE TABLE t(a TEXT); INSERT INTO t VALUES('b'), ('B'), ('\xc5\xbc'),"
			  "('a'), ('ab'), ('z'), ('\xf0\x90\x80\x80'), ('\xef\xbf\xbd'), ('')", &e), 0);
	CHECK_STR(rows(d, "SELECT a, '', '' FROM t ORDER BY a"),
		  "||\nB||\na||\nab||\nb||\nz||\n\xc5\xbc||\n\xef\xbf\xbd||\n\xf0\x90\x80\x80||\n");
	CHECK_STR(rows(d, "SELECT lower_py('\xc4\xb0Z'), lower_py(NULL), lower_py('')"),
		  "i\xcc\x87z|(null)|\n");
	db_close(d);
}

static void test_errors(void)
{
	struct db *d = db_open_work(NULL, 0, &e);
	struct db_stmt *s;

	CHECK(db_prepare(d, "SELECT a FROM nowhere", &e) == NULL);
	CHECK_INT(e.kind, ERROR_FAILED);
	CHECK(strncmp(e.text, "the work files in \"", 19) == 0);
	CHECK_STR(strstr(e.text, "\": "), "\": no such table: nowhere");
	CHECK_INT(db_exec(d, "CREATE TABLE t(a TEXT NOT NULL UNIQUE)", &e), 0);
	s = db_prepare(d, "INSERT INTO t VALUES(?1)", &e);
	CHECK_INT(db_run(s, &e), -1);
	CHECK(strstr(e.text, "NOT NULL constraint failed: t.a") != NULL);
	db_bind_text(s, 1, STR("x"));
	CHECK_INT(db_run(s, &e), 0);		/* works after a failure */
	db_bind_text(s, 1, STR("x"));
	CHECK_INT(db_run(s, &e), -1);
	CHECK(strstr(e.text, "UNIQUE constraint failed: t.a") != NULL);
	db_bind_text(s, 1, STR("y"));
	db_bind_text(s, 2, STR("no such parameter"));
	CHECK_INT(db_run(s, &e), -1);
	CHECK_STR(rows(d, "SELECT a, '', '' FROM t"), "x||\n");
	db_finish(s);
	db_close(d);
}

static void test_no_space(void)
{
	struct db *d = db_open_work(NULL, 0, &e);
	struct db_stmt *s;
	int i, r = 0;

	CHECK_INT(db_exec(d, "PRAGMA max_page_count = 10; CREATE TABLE t(a TEXT)", &e), 0);
	s = db_prepare(d, "INSERT INTO t VALUES(hex(zeroblob(1000)))", &e);
	for (i = 0; i < 100 && r == 0; i++)
		r = db_run(s, &e);
	CHECK_INT(r, -1);
	CHECK_INT(e.kind, ERROR_FAILED);
	CHECK(strstr(e.text, "no space left for the work files in \"") == e.text);
	db_finish(s);
	db_close(d);
}

static int count_name(void *cookie, const char *name)
{
	(void)name;
	*(int *)cookie += 1;
	return 0;
}

/* Far more than the cache holds, sorted; nothing is left in the folder. */
static void test_large_work_set(void)
{
	char dir[512];
	struct db *d;
	struct db_stmt *s;
	int64_t i, last = -1;
	int files = 0, r;

	snprintf(dir, sizeof(dir), "%s", check_file("dir"));
	CHECK_INT(port_make_dirs(dir, &e), 0);
	d = db_open_work(dir, 256, &e);
	CHECK_INT(db_exec(d, "CREATE TABLE t(n INTEGER, filler TEXT)", &e), 0);
	CHECK_INT(db_begin(d, &e), 0);
	s = db_prepare(d, "INSERT INTO t VALUES(?, hex(zeroblob(200)))", &e);
	for (i = 0; i < 20000; i++) {
		db_bind_int(s, 1, i * 7919 % 20000);
		if (!CHECK_INT(db_run(s, &e), 0))
			break;
	}
	db_finish(s);
	CHECK_INT(db_commit(d, &e), 0);
	s = db_prepare(d, "SELECT n, filler FROM t ORDER BY n", &e);
	for (i = 0; (r = db_step(s, &e)) == 1; i++) {
		if (db_int(s, 0) != last + 1 || db_text(s, 1).len != 400)
			break;
		last = db_int(s, 0);
	}
	CHECK_INT(r, 0);
	CHECK_INT(i, 20000);
	db_finish(s);
	db_close(d);
	port_list(dir, count_name, &files, &e);
	CHECK_INT(files, 0);
}

static void test_file(void)
{
	char path[540], journal[560];
	struct db *d, *second;
	struct port_stat st;

	snprintf(path, sizeof(path), "%s/sub/state.db", check_file("dir"));
	snprintf(journal, sizeof(journal), "%s-journal", path);
	port_remove(path, NULL);
	d = db_open(path, &e);
	if (!CHECK(d != NULL))
		return;
	CHECK_INT(db_exec(d, "CREATE TABLE t(a)", &e), 0);
	CHECK_INT(port_stat(path, &st, &e), 0);
	CHECK_INT(st.others_can_read, 0);
	CHECK_INT(db_begin(d, &e), 0);
	CHECK_INT(db_exec(d, "INSERT INTO t VALUES(1)", &e), 0);
	CHECK_INT(port_stat(journal, &st, &e), 0);
	CHECK_INT(st.others_can_read, 0);
	db_rollback(d);
	CHECK_INT(db_begin(d, &e), 0);
	CHECK_INT(db_exec(d, "INSERT INTO t VALUES(2)", &e), 0);
	second = db_open(path, &e);
	CHECK_INT(db_exec(second, "PRAGMA busy_timeout = 0", &e), 0);
	CHECK_INT(db_begin(second, &e), -1);
	CHECK_INT(e.kind, ERROR_LOCKED);
	CHECK(strstr(e.text, "is in use by another program") != NULL);
	CHECK_INT(db_commit(d, &e), 0);
	CHECK_STR(rows(second, "SELECT a, '', '' FROM t"), "2||\n");
	db_close(second);
	db_close(d);
	d = db_open(path, &e);
	CHECK_STR(rows(d, "SELECT a, '', '' FROM t"), "2||\n");
	db_close(d);
}

static void test_not_a_database(void)
{
	const char *path = check_file("text");
	struct port_file *f = port_open(path, PORT_TRUNCATE, &e);
	struct db *d;
	int i;

	for (i = 0; i < 200; i++)
		port_write(f, "this is no database\n", 20, &e);
	port_close(f, &e);
	d = db_open(path, &e);
	CHECK(d == NULL || db_exec(d, "CREATE TABLE t(a)", &e) != 0);
	CHECK(strstr(e.text, "file is not a database") != NULL);
	db_close(d);
	CHECK(db_open("", &e) == NULL);
}

CHECK_SUITE(db, CHECK_TEST(values), CHECK_TEST(order_and_lower), CHECK_TEST(errors), CHECK_TEST(no_space),
	    CHECK_TEST(large_work_set),
	    CHECK_TEST(file), CHECK_TEST(not_a_database));
