/* Every call to the system that writing a file makes fails once: the old file must stay, the temporary must
 * go. */
#include "port.h"

static int fault(struct error *e);
static struct port_file *faulty_open(const char *path, enum port_open_mode mode, struct error *e);
static int faulty_write(struct port_file *f, const void *data, size_t len, struct error *e);
static int faulty_sync(struct port_file *f, struct error *e);
static int faulty_close(struct port_file *f, struct error *e);
static int faulty_replace(const char *from, const char *to, struct error *e);

#define port_open faulty_open
#define port_write faulty_write
#define port_sync faulty_sync
#define port_close faulty_close
#define port_replace faulty_replace
#include "../../src/store/store_file.c"
#undef port_open
#undef port_write
#undef port_sync
#undef port_close
#undef port_replace

#include "check.h"

static int calls_left;	/* until the call that fails; 0: none does */

static int fault(struct error *e)
{
	if (calls_left == 0 || --calls_left > 0)
		return 0;
	return error_set(e, ERROR_FAILED, "no space left on device");
}

static struct port_file *faulty_open(const char *path, enum port_open_mode mode, struct error *e)
{
	return fault(e) != 0 ? NULL : port_open(path, mode, e);
}

static int faulty_write(struct port_file *f, const void *data, size_t len, struct error *e)
{
	if (fault(e) == 0)
		return port_write(f, data, len, e);
	port_write(f, data, len / 2, NULL);	/* as much as there was room for */
	return -1;
}

static int faulty_sync(struct port_file *f, struct error *e)
{
	return fault(e) != 0 ? -1 : port_sync(f, e);
}

static int faulty_close(struct port_file *f, struct error *e)
{
	int r = fault(e);

	return port_close(f, e) != 0 ? -1 : r;
}

static int faulty_replace(const char *from, const char *to, struct error *e)
{
	return fault(e) != 0 ? -1 : port_replace(from, to, e);
}

static int count_name(void *cookie, const char *name)
{
	(void)name;
	*(int *)cookie += 1;
	return 0;
}

static int files_in(const char *dir)
{
	int n = 0;

	port_list(dir, count_name, &n, NULL);
	return n;
}

static void check_content(const char *path, struct str want)
{
	char data[200000];
	struct port_file *f = port_open(path, PORT_READ, NULL);
	size_t len = 0;
	long n;

	if (!CHECK(f != NULL))
		return;
	while ((n = port_read(f, data + len, sizeof(data) - len, NULL)) > 0)
		len += (size_t)n;
	port_close(f, NULL);
	CHECK_MEM(data, len, want.ptr, want.len);
}

/* 70,000 bytes in pieces, so that the buffer is flushed in between. */
static int write_new(const char *path, struct str text, struct error *e)
{
	struct file_out *out = file_create(path, e);
	size_t at, n;

	if (out == NULL)
		return -1;
	for (at = 0; at < text.len; at += n) {
		n = text.len - at < 999 ? text.len - at : 999;
		if (file_write(out, text.ptr + at, n, e) != 0) {
			file_abort(out);
			return -1;
		}
	}
	return file_commit(out, e);
}

static void fill(char *text, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		text[i] = (char)('a' + i % 26);
}

static void clean_scratch(const char *dir, const char *path)
{
	port_remove(path, NULL);
	port_remove(dir, NULL);
}

static void test_faults(void)
{
	static char text[70000];
	struct str data = { text, sizeof(text) };
	char dir[512], path[540];
	struct error e;
	int n, r = -1;

	snprintf(dir, sizeof(dir), "%s", check_file("dir"));
	snprintf(path, sizeof(path), "%s/users.json", dir);
	fill(text, sizeof(text));
	clean_scratch(dir, path);
	calls_left = 0;
	CHECK_INT(write_new(path, STR("old"), &e), 0);
	for (n = 1; n < 20 && r != 0; n++) {
		error_init(&e);
		calls_left = n;
		r = write_new(path, data, &e);
		CHECK_INT(files_in(dir), 1);
		if (r == 0)
			break;
		CHECK_STR(e.text, "no space left on device");
		check_content(path, STR("old"));
	}
	CHECK_INT(n, 7);	/* open, two writes, sync, close, rename */
	calls_left = 0;
	check_content(path, data);
}

static void test_large_and_empty(void)
{
	static char text[150000];
	static const size_t sizes[] = { 0, 1, OUT_BUFFER - 1, OUT_BUFFER, OUT_BUFFER + 1, 150000 };
	const char *path = check_file("out");
	struct file_out *out;
	struct error e;
	size_t i;

	calls_left = 0;
	fill(text, sizeof(text));
	for (i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		out = file_create(path, &e);
		if (!CHECK(out != NULL))
			return;
		CHECK_INT(file_write(out, text, sizes[i], &e), 0);
		CHECK_INT(file_commit(out, &e), 0);
		check_content(path, str_of(text, sizes[i]));
		out = file_create(path, &e);
		CHECK_INT(file_write(out, "ab", 2, &e), 0);
		CHECK_INT(file_write(out, text, sizes[i], &e), 0);
		CHECK_INT(file_write(out, "", 0, &e), 0);
		file_abort(out);
		check_content(path, str_of(text, sizes[i]));
	}
}

static void test_private(void)
{
	struct port_stat st;
	struct error e;
	const char *path = check_file("secret");

	calls_left = 0;
	CHECK_INT(write_new(path, STR("x"), &e), 0);
	CHECK_INT(port_stat(path, &st, &e), 0);
	CHECK_INT(st.others_can_read, 0);
	CHECK_INT(st.size, 1);
}

static void test_folders(void)
{
	char path[540];
	struct error e;

	calls_left = 0;
	snprintf(path, sizeof(path), "%s/a/b/c.json", check_file("deep"));
	CHECK_INT(write_new(path, STR("x"), &e), 0);
	check_content(path, STR("x"));
	/* a file where a folder should be */
	snprintf(path, sizeof(path), "%s/a/b/c.json/d.json", check_file("deep"));
	error_init(&e);
	CHECK_INT(write_new(path, STR("x"), &e), -1);
	CHECK(e.kind == ERROR_FAILED && strstr(e.text, "cannot make the folder") != NULL);
	/* a folder where the file should be */
	snprintf(path, sizeof(path), "%s/a/b", check_file("deep"));
	CHECK_INT(write_new(path, STR("x"), &e), -1);
	snprintf(path, sizeof(path), "%s/a", check_file("deep"));
	CHECK_INT(files_in(path), 1);
}

static void test_temp_names(void)
{
	static const struct { const char *name; int is; } rows[] = {
		{ ".users.json.123.tmp", 1 }, { ".x.1.tmp", 1 }, { "users.json.123.tmp", 0 },
		{ ".users.json.tmp", 0 },
		{ ".users.json.12a.tmp", 0 }, { ".123.tmp", 0 }, { "..5.tmp", 0 }, { ".tmp", 0 }, { "", 0 },
		{ ".env", 0 },
		{ ".users.json.123.tmp2", 0 }, { ".a..9.tmp", 1 }
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		check_row(rows[i].name);
		CHECK_INT(is_temp_name(str_from(rows[i].name)), rows[i].is);
	}
}

static void put(const char *dir, const char *name)
{
	char path[600];
	struct port_file *f;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = port_open(path, PORT_TRUNCATE, NULL);
	if (CHECK(f != NULL))
		port_close(f, NULL);
}

static void test_lock(void)
{
	static const struct log_options errors_only = { LOG_ERROR, NULL, 0, 1 };
	char dir[512], path[540];
	struct store_lock *l, *second;
	struct error e;

	calls_left = 0;
	log_open(&errors_only, NULL);
	error_init(&e);
	snprintf(dir, sizeof(dir), "%s", check_file("var"));
	snprintf(path, sizeof(path), "%s/rollcall.lock", dir);
	port_make_dirs(dir, &e);
	put(dir, ".users.json.4711.tmp");
	put(dir, "users.json");
	l = store_lock(path, &e);
	CHECK_STR(e.text, "");
	if (!CHECK(l != NULL))
		return;
	CHECK_INT(files_in(dir), 2);	/* the lock and users.json */
	second = store_lock(path, &e);
	CHECK(second == NULL);
	CHECK_INT(e.kind, ERROR_LOCKED);
	CHECK(strstr(e.text, "another run is going on: \"") == e.text);
	CHECK(strstr(e.text, "wait until it ends") != NULL);
	store_unlock(l);
	l = store_lock(path, &e);
	CHECK(l != NULL);
	store_unlock(l);
	store_unlock(NULL);
}

CHECK_SUITE(store_file, CHECK_TEST(faults), CHECK_TEST(large_and_empty), CHECK_TEST(private),
	    CHECK_TEST(folders),
	    CHECK_TEST(temp_names), CHECK_TEST(lock));
