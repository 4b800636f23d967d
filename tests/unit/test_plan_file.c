/* Plans as files: out and in again, what is refused, what no longer fits the target. */
#include "base/limits.h"
#include "plan_data.h"
#include "store/store.h"

/* Prints a plan whole. */
static void print(struct plan *p, struct buf *out)
{
	struct error e;

	error_init(&e);
	CHECK_INT(plan_print(p, 1, plan_data_line, out, &e), 0);
}

/* The plan of 8 users of whom one leaves, the others change, and a new one comes, in a file. */
static const char *write_plan(struct buf *shown, struct error *e)
{
	static char path[256];
	struct plan *p = plan_data(8, 1, 9, "A/New", " x", e);
	struct plan_policy y;

	plan_data_policy(&y);
	snprintf(path, sizeof(path), "%s", check_file("plan.jsonl"));
	if (p == NULL)
		return NULL;
	print(p, shown);
	CHECK_INT(plan_write(p, path, "timecamp", &y, 0, e), 0);
	plan_free(p);
	return path;
}

static void test_round_trip(void)
{
	struct buf before, after;
	struct plan_policy y;
	struct error e;
	struct plan *p;
	const char *path;
	uint64_t misfits = 9;

	error_init(&e);
	buf_init(&before, 1 << 20);
	buf_init(&after, 1 << 20);
	plan_data_policy(&y);
	path = write_plan(&before, &e);
	p = plan_new(&e);
	if (path != NULL && CHECK(p != NULL) && CHECK_INT(plan_data_account(p, 8, &e), 0)) {
		CHECK_INT(plan_read(p, path, "timecamp", &y, &e), 0);
		print(p, &after);
		CHECK_STR(buf_text(&after), buf_text(&before));
		buf_reset(&after);
		CHECK_INT(plan_check_before(p, plan_data_line, &after, &misfits, &e), 0);
		CHECK_INT(misfits, 0);
		CHECK_STR(buf_text(&after), "");
	}
	CHECK_STR(e.kind == ERROR_NONE ? "" : e.text, "");
	plan_free(p);
	buf_release(&before);
	buf_release(&after);
}

/* How many subjects of a part are refused. */
static int count_refused(struct plan *p, enum plan_part part)
{
	struct plan_cursor *c = plan_walk(p, part, NULL);
	struct plan_subject s;
	struct arena arena;
	int n = 0;

	arena_init(&arena, 1 << 20);
	while (CHECK(c != NULL) && plan_next(c, &s, &arena, NULL) == 1)
		n += s.state == PLAN_FAILED;
	plan_walk_end(c);
	arena_release(&arena);
	return n;
}

/*
 * Who is disabled at the end of the run counts in a plan that was read as well, so that limits hold for it, and is
 * refused whole.
 */
static void test_later(void)
{
	struct actual_user gone = { STR("1005"), STR("u5@x.org"), STR("u5@x.org"), STR("101") };
	struct actual_details disabled = { { NULL, 0 }, { NULL, 0 }, 0, 1 };
	const char *path = check_file("later.jsonl");
	struct plan *p = plan_new(NULL), *q = plan_new(NULL);
	uint64_t counts[PLAN_PARTS], misfits = 0;
	struct plan_policy y;
	struct buf out;
	struct error e;
	int64_t n;

	error_init(&e);
	buf_init(&out, 1 << 20);
	plan_data_policy(&y);
	y.later = 1;
	if (CHECK(p != NULL && q != NULL) && CHECK_INT(plan_data_account(p, 9, &e), 0) &&
	    CHECK_INT(plan_data_wanted(p, 0, 2, "A", "", &e), 0) && CHECK_INT(plan_diff(p, &y, &e), 0) &&
	    CHECK_INT(plan_write(p, path, "timecamp", &y, 0, &e), 0) &&
	    CHECK_INT(plan_data_account(q, 9, &e), 0) && CHECK_INT(plan_add_user(q, &gone, &n, &e), 0) &&
	    CHECK_INT(plan_set_details(q, n, &disabled, &e), 0) &&
	    CHECK_INT(plan_read(q, path, "timecamp", &y, &e), 0) && CHECK_INT(plan_count(q, counts, &e), 0)) {
		CHECK_INT(counts[PART_USER_DISABLE], 7);
		CHECK_INT(counts[PART_USER_LATER], 7);
		CHECK_INT(plan_check_before(q, plan_data_line, &out, &misfits, &e), 0);
		CHECK_STR(buf_text(&out), "  u5@x.org  state is not as when the plan was made\n");
		CHECK_INT(count_refused(q, PART_USER_DISABLE), 1);
		CHECK_INT(count_refused(q, PART_USER_LATER), 1);
	}
	CHECK_STR(e.kind == ERROR_NONE ? "" : e.text, "");
	plan_free(p);
	plan_free(q);
	buf_release(&out);
}

/* An earlier run has done a part of the plan: that is left out, what is half done goes on, and nothing is refused. */
static void test_resume(void)
{
	struct actual_user came = { STR("2000"), STR("U8@x.org"), STR("u8"), STR("300") };
	struct actual_user half = { STR("1001"), STR("u1@x.org"), STR("u1@x.org x"), STR("101") };
	struct actual_user bare = { STR("1003"), STR("u3@x.org"), STR("u3@x.org x"), STR("300") };	/* not marked */
	struct actual_user whole = { STR("1002"), STR("u2@x.org"), STR("u2@x.org x"), STR("300") };
	uint64_t done = 0, misfits = 9, before[PLAN_PARTS], after[PLAN_PARTS];
	struct buf shown, out;
	struct plan_policy y;
	struct error e;
	struct plan *p;
	const char *path;
	int64_t n;

	error_init(&e);
	buf_init(&shown, 1 << 20);
	buf_init(&out, 1 << 20);
	plan_data_policy(&y);
	path = write_plan(&shown, &e);
	p = plan_new(&e);
	if (path != NULL && CHECK(p != NULL) && CHECK_INT(plan_data_account(p, 8, &e), 0) &&
	    CHECK_INT(plan_add_user(p, &came, &n, &e), 0) && CHECK_INT(plan_add_user(p, &half, &n, &e), 0) &&
	    CHECK_INT(plan_add_user(p, &whole, &n, &e), 0) && CHECK_INT(plan_add_user(p, &bare, &n, &e), 0) &&
	    CHECK_INT(plan_set_role(p, bare.id, bare.group, STR("user"), &e), 0) &&
	    CHECK_INT(plan_add_unmarked(p, STR("user:1003"), &e), 0) &&
	    CHECK_INT(plan_set_role(p, whole.id, whole.group, STR("user"), &e), 0) &&
	    CHECK_INT(plan_set_role(p, half.id, half.group, STR("user"), &e), 0) &&
	    CHECK_INT(plan_add_group(p, STR("300"), STR("101"), STR("New"), &e), 0)) {
		CHECK_INT(plan_read(p, path, "timecamp", &y, &e), 0);
		CHECK_INT(plan_count(p, before, &e), 0);
		CHECK_INT(plan_resume(p, &done, &e), 0);
		CHECK_INT(done, 2);
		CHECK_INT(plan_check_before(p, plan_data_line, &out, &misfits, &e), 0);
		CHECK_STR(buf_text(&out), "");
		CHECK_INT(plan_count(p, after, &e), 0);
		CHECK_INT(after[PART_GROUP_CREATE], before[PART_GROUP_CREATE] - 1);
		CHECK_INT(after[PART_USER_CHANGE], before[PART_USER_CHANGE] - 1);
		CHECK_INT(after[PART_USER_CREATE], 1);
		CHECK_INT(plan_print(p, 1, plan_data_line, &out, &e), 0);
		CHECK(strstr(buf_text(&out), "  u1@x.org  group: A \xe2\x86\x92 A/New\n") != NULL);
	}
	CHECK_STR(e.kind == ERROR_NONE ? "" : e.text, "");
	plan_free(p);
	buf_release(&shown);
	buf_release(&out);
}

/* The target has moved on since: who is concerned is named, and only they. */
static void test_misfits(void)
{
	struct buf shown, out;
	struct plan_policy y;
	struct error e;
	struct plan *p;
	const char *path;
	uint64_t misfits = 0;
	int64_t n;
	struct actual_user late = { STR("2000"), STR("U8@x.org"), STR("u8"), STR("101") };
	struct actual_user renamed = { STR("1001"), STR("u1@x.org"), STR("By hand"), STR("101") };

	error_init(&e);
	buf_init(&shown, 1 << 20);
	buf_init(&out, 1 << 20);
	plan_data_policy(&y);
	path = write_plan(&shown, &e);
	p = plan_new(&e);
	if (path != NULL && CHECK(p != NULL) && CHECK_INT(plan_data_account(p, 7, &e), 0) &&
	    CHECK_INT(plan_add_user(p, &late, &n, &e), 0) && CHECK_INT(plan_add_user(p, &renamed, &n, &e), 0) &&
	    CHECK_INT(plan_add_group(p, STR("300"), STR("101"), STR("New"), &e), 0)) {
		CHECK_INT(plan_read(p, path, "timecamp", &y, &e), 0);
		CHECK_INT(plan_check_before(p, plan_data_line, &out, &misfits, &e), 0);
		CHECK_INT(misfits, 4);
		CHECK_STR(buf_text(&out),
			  "  A/New  is in the account by now\n"
			  "  u8@x.org  is in the account by now\n"
			  "  u1@x.org  name is not as when the plan was made\n"
			  "  u7@x.org  is no longer in the account\n");
	}
	plan_free(p);
	buf_release(&shown);
	buf_release(&out);
}

static void test_refused(void)
{
	struct buf shown;
	struct plan_policy y;
	struct error e;
	struct plan *p;
	const char *path;

	error_init(&e);
	buf_init(&shown, 1 << 20);
	path = write_plan(&shown, &e);
	p = plan_new(&e);
	if (path != NULL && CHECK(p != NULL)) {
		plan_data_policy(&y);
		CHECK_INT(plan_read(p, path, "elsewhere", &y, &e), -1);
		CHECK(strstr(e.text, "another target") != NULL);
		y.disable_users = 0;
		CHECK_INT(plan_read(p, path, "timecamp", &y, &e), -1);
		CHECK(strstr(e.text, "make it anew") != NULL);
		CHECK_INT(e.kind, ERROR_USAGE);
	}
	plan_free(p);
	buf_release(&shown);
}

/* Numbers that no plan has. */
static void test_numbers(void)
{
	static const char *const wrong[] = {
		"\"n\":-1", "\"n\":4398046511104", "\"n\":1,\"above\":-1", "\"n\":1,\"above\":9223372036854775807",
		"\"n\":1,\"above\":{}", "\"n\":null",
	};
	struct buf shown, text;
	struct plan_policy y;
	struct error e;
	struct plan *p;
	const char *path;
	size_t i, len;

	error_init(&e);
	buf_init(&shown, 1 << 20);
	buf_init(&text, 1 << 20);
	plan_data_policy(&y);
	path = write_plan(&shown, &e);
	if (path != NULL && CHECK_INT(store_load(path, &text, &e), 0)) {
		len = text.len;
		for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
			buf_truncate(&text, len);
			buf_printf(&text, "{\"part\":\"group.delete\",\"kind\":\"group.delete\",\"subject\":\"A\","
				   "\"level\":0,%s}\n", wrong[i]);
			p = plan_new(&e);
			CHECK_INT(store_save(path, buf_str(&text), &e), 0);
			CHECK_INT(plan_read(p, path, "timecamp", &y, &e), -1);
			CHECK(strstr(e.text, "it is no operation") != NULL);
			plan_free(p);
		}
	}
	buf_release(&shown);
	buf_release(&text);
}

/* A file that is cut off anywhere is refused; but for the ends of lines, where nothing shows that more was meant. */
static void test_cut_off(void)
{
	static const char *const bad[] = {
		"", "\n", "{\"plan\":1", "{\"plan\":2}\n", "[]\n", "{\"plan\":1,\"target\":\"timecamp\"}\n{}\n", "x\n",
	};
	struct plan_policy y;
	struct error e;
	size_t i;

	plan_data_policy(&y);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		const char *path = check_file("bad.jsonl");
		struct port_file *f = port_open(path, PORT_TRUNCATE, &e);
		struct plan *p = plan_new(&e);

		check_row(bad[i]);
		if (CHECK(f != NULL && p != NULL)) {
			CHECK_INT(port_write(f, bad[i], strlen(bad[i]), &e), 0);
			CHECK_INT(port_close(f, &e), 0);
			error_init(&e);
			CHECK_INT(plan_read(p, path, "timecamp", &y, &e), -1);
			CHECK(strstr(e.text, path) != NULL);
		}
		plan_free(p);
	}
	check_row(NULL);
}

/* At most PLAN_LINES of a part are shown, unless all are asked for. */
static void test_lines(void)
{
	struct error e;
	struct plan *p;
	struct buf out;

	error_init(&e);
	buf_init(&out, 1 << 20);
	p = plan_data(PLAN_LINES + 1, 0, PLAN_LINES + 1, "A", " x", &e);
	if (p != NULL) {
		CHECK_INT(plan_print(p, 0, plan_data_line, &out, &e), 0);
		CHECK(strstr(buf_text(&out), "u49@x.org  name:") != NULL);
		CHECK(strstr(buf_text(&out), "u50@x.org  name:") == NULL);
		CHECK(strstr(buf_text(&out), "  ... and 1 more (--all shows them)\n") != NULL);
		buf_reset(&out);
		print(p, &out);
		CHECK(strstr(buf_text(&out), "u50@x.org  name:") != NULL);
		CHECK(strstr(buf_text(&out), "more (--all") == NULL);
	}
	plan_free(p);
	buf_release(&out);
}

static void test_depth(void)
{
	struct error e;
	struct plan *p;
	char path[2 * MAX_GROUP_DEPTH + 2];
	int i;

	error_init(&e);
	for (i = 0; i <= MAX_GROUP_DEPTH; i++) {
		path[2 * i] = 'g';
		path[2 * i + 1] = '/';
	}
	path[2 * MAX_GROUP_DEPTH - 1] = '\0';
	p = plan_new(&e);
	if (CHECK(p != NULL)) {
		CHECK_INT(plan_data_wanted(p, 0, 1, path, "", &e), 0);
		path[2 * MAX_GROUP_DEPTH - 1] = '/';
		path[2 * MAX_GROUP_DEPTH + 1] = '\0';
		CHECK_INT(plan_data_wanted(p, 1, 2, path, "", &e), -1);
		CHECK(strstr(e.text, "levels") != NULL);
	}
	plan_free(p);
}

CHECK_SUITE(plan_file, CHECK_TEST(round_trip), CHECK_TEST(later), CHECK_TEST(resume), CHECK_TEST(misfits),
	    CHECK_TEST(refused), CHECK_TEST(numbers), CHECK_TEST(cut_off), CHECK_TEST(lines), CHECK_TEST(depth));
