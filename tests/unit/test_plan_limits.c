/* Limits on a plan: at the limit and one over, of every kind, absolute and percent. */
#include "base/limits.h"
#include "base/settings.h"
#include "plan_data.h"

/* 60 users in the account; the file has those from..to, so that so many are disabled, created, changed. */
static const struct row {
	const char *name, *setting, *value;
	int from, to;
	const char *group, *more;
	int over;
} rows[] = {
	{ "10% of 60 disabled", NULL, NULL, 6, 60, "A", "", 0 },
	{ "one more", NULL, NULL, 7, 60, "A", "", 1 },
	{ "so many disabled", "SYNC_MAX_DEACTIVATIONS", "8", 8, 60, "A", "", 0 },
	{ "one more of a number", "SYNC_MAX_DEACTIVATIONS", "8", 9, 60, "A", "", 1 },
	{ "five always", "SYNC_MAX_DEACTIVATIONS", "1", 5, 60, "A", "", 0 },
	{ "six not always", "SYNC_MAX_DEACTIVATIONS", "1", 6, 60, "A", "", 1 },
	{ "no limit", "SYNC_MAX_DEACTIVATIONS", "", 60, 120, "A", "", 0 },
	{ "new users in percent", "SYNC_MAX_NEW_USERS", "15%", 0, 69, "A", "", 0 },
	{ "one new user more", "SYNC_MAX_NEW_USERS", "15%", 0, 70, "A", "", 1 },
	{ "new users", "SYNC_MAX_NEW_USERS", "7", 0, 67, "A", "", 0 },
	{ "new users, one more", "SYNC_MAX_NEW_USERS", "7", 0, 68, "A", "", 1 },
	{ "changes", "SYNC_MAX_UPDATES", "60", 0, 60, "A", " x", 0 },
	{ "changes, one over", "SYNC_MAX_UPDATES", "59", 0, 60, "A", " x", 1 },
	{ "changes in percent", "SYNC_MAX_UPDATES", "99%", 0, 60, "A", " x", 1 },
	{ "groups", "SYNC_MAX_GROUP_CHANGES", "6", 0, 60, "A/1/2/3/4/5/6", "", 0 },
	{ "groups, one over", "SYNC_MAX_GROUP_CHANGES", "6", 0, 60, "A/1/2/3/4/5/6/7", "", 1 },
};

/* Reads one setting, from a file. */
static int read_settings(const char *name, const char *value, struct error *e)
{
	static const struct setting_group groups[] = { { "Limits", plan_settings }, { NULL, NULL } };
	const char *path = check_file("env");
	struct port_file *f;
	char line[256];

	settings_release();
	error_init(e);
	snprintf(line, sizeof(line), "%s=%s\n", name != NULL ? name : "SYNC_ON_LIMIT", name != NULL ? value : "hold");
	f = port_open(path, PORT_TRUNCATE, e);
	if (!CHECK(f != NULL))
		return -1;
	CHECK_INT(port_write(f, line, strlen(line), e), 0);
	CHECK_INT(port_close(f, e), 0);
	return settings_load(groups, path, e);
}

static void load_settings(const char *name, const char *value)
{
	struct error e;

	CHECK_INT(read_settings(name, value, &e), 0);
}

static void test_rows(void)
{
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct error e;
		struct plan *p;
		struct buf out;
		int over = -1;

		check_row(rows[i].name);
		error_init(&e);
		load_settings(rows[i].setting, rows[i].value);
		buf_init(&out, 1 << 20);
		p = plan_data(60, rows[i].from, rows[i].to, rows[i].group, rows[i].more, &e);
		if (p != NULL) {
			CHECK_INT(plan_limits(p, plan_data_line, &out, &over, &e), 0);
			CHECK_INT(over, rows[i].over);
			CHECK((out.len > 0) == rows[i].over);
		}
		plan_free(p);
		buf_release(&out);
	}
	check_row(NULL);
	settings_release();
}

/* What is over a limit is named, LIMIT_NAMES at most, and is left out of the work. */
static void test_names_and_hold(void)
{
	struct plan_cursor *c;
	struct plan_subject s;
	struct arena arena;
	struct error e;
	struct plan *p;
	struct buf out;
	int over;

	error_init(&e);
	load_settings("SYNC_MAX_UPDATES", "5");
	buf_init(&out, 1 << 20);
	arena_init(&arena, 1 << 20);
	p = plan_data(60, 0, LIMIT_NAMES + 2, "A", " x", &e);
	if (p != NULL && CHECK_INT(plan_limits(p, plan_data_line, &out, &over, &e), 0)) {
		CHECK(strstr(buf_text(&out), "22 users would be changed, at most 5 may be (SYNC_MAX_UPDATES=5;") != NULL);
		CHECK(strstr(buf_text(&out), "\n  u19@x.org\n  ... and 2 more\n") != NULL);
		c = plan_walk_level(p, PART_USER_CREATE, PART_USER_CHANGE, PLAN_OPEN, &e);
		CHECK_INT(plan_next(c, &s, &arena, &e), 0);
		plan_walk_end(c);
		c = plan_walk_level(p, PART_USER_CHANGE, PART_USER_CHANGE, PLAN_HELD, &e);
		CHECK_INT(plan_next(c, &s, &arena, &e), 1);
		plan_walk_end(c);
	}
	plan_free(p);
	arena_release(&arena);
	buf_release(&out);
	settings_release();
}

static void test_bad_settings(void)
{
	static const char *const bad[] = { "101%", "-1", "ten", "5 %x", "%" };
	struct error e;
	size_t i;
	int skip;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		check_row(bad[i]);
		CHECK_INT(read_settings("SYNC_MAX_NEW_USERS", bad[i], &e), -1);
		CHECK_INT(e.kind, ERROR_USAGE);
	}
	check_row(NULL);
	load_settings("SYNC_ON_LIMIT", "maybe");
	CHECK_INT(plan_on_limit_skip(&skip, &e), -1);
	load_settings("SYNC_ON_LIMIT", "skip");
	CHECK_INT(plan_on_limit_skip(&skip, &e), 0);
	CHECK_INT(skip, 1);
	settings_release();
}

CHECK_SUITE(plan_limits, CHECK_TEST(rows), CHECK_TEST(names_and_hold), CHECK_TEST(bad_settings));
