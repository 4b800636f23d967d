#include <stdio.h>
#include <string.h>
#include "base/buf.h"
#include "base/json_scan.h"
#include "base/json_write.h"
#include "base/log.h"
#include "port.h"
#include "store/store.h"
#include "check.h"

/* Each load and save is logged, which would only be noise here. */
static void quiet(void)
{
	static const struct log_options errors_only = { LOG_ERROR, NULL, 0, 1 };

	CHECK_INT(log_open(&errors_only, NULL), 0);
}

static void test_save_and_load(void)
{
	static const struct { const char *text; size_t max; int result; } rows[] = {
		{ "", 100, 0 }, { "hello", 100, 0 }, { "hello", 5, 0 }, { "hello", 4, -1 },
		{ "again", 100, 0 }
	};
	const char *path = check_file("file");
	struct error e;
	struct buf b;
	size_t i;

	quiet();
	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		CHECK_INT(store_save(path, str_from(rows[i].text), &e), 0);
		CHECK_INT(store_exists(path), 1);
		buf_init(&b, rows[i].max);
		CHECK_INT(store_load(path, &b, &e), rows[i].result);
		if (rows[i].result == 0)
			CHECK_STR(buf_text(&b), rows[i].text);
		buf_release(&b);
	}
}

static void test_missing(void)
{
	struct error e;
	struct buf b;
	char want[600];

	quiet();
	CHECK_INT(store_exists(check_file("nothing")), 0);
	CHECK(store_open(check_file("nothing"), "run \"rollcall fetch\" first", &e) == NULL);
	CHECK_INT(e.kind, ERROR_FAILED);
	snprintf(want, sizeof(want), "cannot open \"%s\": ", check_file("nothing"));
	CHECK_MEM(e.text, strlen(want), want, strlen(want));
	CHECK_STR(strstr(e.text, "; run"), "; run \"rollcall fetch\" first");
	CHECK(store_open(check_file("nothing"), NULL, &e) == NULL);
	CHECK(strstr(e.text, "; run") == NULL);
	buf_init(&b, 100);
	CHECK_INT(store_load(check_file("nothing"), &b, &e), -1);
	buf_release(&b);
}

/* What is not committed never was. */
static void test_abort(void)
{
	const char *path = check_file("file");
	struct store_out *out;
	struct error e;
	struct buf b;

	quiet();
	CHECK_INT(store_save(path, STR("old"), &e), 0);
	out = store_create(path, &e);
	CHECK_INT(store_write(out, "new", 3, &e), 0);
	store_abort(out);
	store_abort(NULL);
	buf_init(&b, 100);
	CHECK_INT(store_load(path, &b, &e), 0);
	CHECK_STR(buf_text(&b), "old");
	buf_release(&b);
}

static int count(void *cookie, const struct json_match *m, struct str raw, struct error *e)
{
	(void)m;
	(void)raw;
	(void)e;
	*(int *)cookie += 1;
	return 0;
}

/* The loop that every reader has, over a file that the JSON writer made. */
static void test_json_through(void)
{
	static const char *const paths[] = { "users[*]", NULL };
	const char *path = check_file("users.json");
	static char data[65536];
	struct json_scan *scan;
	struct store_out *out;
	struct store_in *in;
	struct json_write w;
	struct error e;
	int i, n = 0;
	long got;

	quiet();
	out = store_create(path, &e);
	json_write_init(&w, 0, store_write_fn, out, 0);
	json_begin_object(&w);
	json_put_keyz(&w, "users");
	json_begin_array(&w);
	for (i = 0; i < 20000; i++) {
		json_begin_object(&w);
		json_put_member(&w, "name", STR("somebody"));
		json_end_object(&w);
	}
	json_end_array(&w);
	json_end_object(&w);
	CHECK_INT(json_write_finish(&w, &e), 0);
	json_write_release(&w);
	CHECK_INT(store_commit(out, &e), 0);
	in = store_open(path, NULL, &e);
	scan = json_scan_new(paths, 1000, count, &n, &e);
	while ((got = store_read(in, data, sizeof(data), &e)) > 0)
		CHECK_INT(json_scan_feed(scan, data, (size_t)got, &e), 0);
	CHECK_INT(got, 0);
	CHECK_INT(json_scan_end(scan, &e), 0);
	CHECK_INT(n, 20000);
	json_scan_free(scan);
	store_close(in);
	store_close(NULL);
}

/* What is no file stays what it is; nothing is begun, so that a broken check does no harm to the machine. */
static void test_not_a_file(void)
{
	const char *folder = check_file("no-file");
	struct port_stat st;
	struct error e;

	error_init(&e);
	CHECK_INT(port_make_dirs(folder, &e), 0);
	CHECK(store_create(folder, &e) == NULL);
	CHECK(strstr(e.text, "no-file") != NULL && strstr(e.text, "is a folder") != NULL);
	if (port_stat("/dev/null", &st, NULL) == 0) {
		struct store_out *out = store_create("/dev/null", &e);

		CHECK(out == NULL);
		CHECK(strstr(e.text, "is a device or pipe") != NULL);
		store_abort(out);
	}
}

/* A new version that becomes another file; the one it was begun for stays. */
static void test_commit_as(void)
{
	char path[400], other[400];
	struct store_out *out;
	struct error e;
	struct buf b;

	quiet();
	snprintf(path, sizeof(path), "%s", check_file("file"));
	snprintf(other, sizeof(other), "%s", check_file("other"));
	CHECK_INT(store_save(path, STR("old"), &e), 0);
	CHECK_INT(store_remove(other, &e), 0);
	CHECK_INT(store_remove(other, &e), 0);
	out = store_create(path, &e);
	if (!CHECK(out != NULL))
		return;
	store_write(out, "new", 3, &e);
	CHECK_INT(store_commit_as(out, other, &e), 0);
	buf_init(&b, 100);
	CHECK_INT(store_load(path, &b, &e), 0);
	CHECK_STR(buf_text(&b), "old");
	buf_reset(&b);
	CHECK_INT(store_load(other, &b, &e), 0);
	CHECK_STR(buf_text(&b), "new");
	buf_release(&b);
	CHECK_INT(store_remove(other, &e), 0);
	CHECK_INT(store_exists(other), 0);
}

CHECK_SUITE(store, CHECK_TEST(save_and_load), CHECK_TEST(missing), CHECK_TEST(abort), CHECK_TEST(not_a_file),
	    CHECK_TEST(json_through), CHECK_TEST(commit_as));
