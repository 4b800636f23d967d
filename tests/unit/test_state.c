#include <stdio.h>
#include <string.h>
#include "port.h"
#include "store/db.h"
#include "store/state.h"
#include "check.h"

static struct error e;

/* A path whose file is not there. */
static const char *fresh(const char *name)
{
	const char *path = check_file(name);

	port_remove(path, NULL);
	error_init(&e);
	return path;
}

/* The only number that a query gives, as another program sees it now. */
static int64_t number(const char *path, const char *sql)
{
	struct db *d = db_open(path, &e);
	struct db_stmt *s = db_prepare(d, sql, &e);
	int64_t n = -1;

	if (s != NULL && db_step(s, &e) == 1)
		n = db_int(s, 0);
	db_finish(s);
	db_close(d);
	return n;
}

static void test_run(void)
{
	const char *path = fresh("db");
	struct state_change change = { { "ann@example.com", 15 }, { "user.rename", 11 }, { "Ann", 3 }, { "Anna", 4 },
				       { "done", 4 } };
	struct state *s = state_open(path, &e);
	int i;

	if (!CHECK(s != NULL))
		return;
	CHECK_INT(state_run_begin(s, "run", "ldap", "timecamp", &e), 0);
	CHECK_INT(state_run_id(s), 1);
	CHECK_INT(number(path, "SELECT count(*) FROM runs WHERE id = 1 AND command = 'run' AND source = 'ldap'"
			 " AND target = 'timecamp' AND start > 0 AND end IS NULL AND exit IS NULL"), 1);
	for (i = 0; i < 100; i++)
		CHECK_INT(state_audit(s, &change, &e), 0);
	CHECK_INT(number(path, "SELECT count(*) FROM audit") <= 100, 1);
	CHECK_INT(state_flush(s, &e), 0);
	CHECK_INT(number(path, "SELECT count(*) FROM audit WHERE run = 1 AND subject = 'ann@example.com' AND"
			 " kind = 'user.rename' AND before = 'Ann' AND after = 'Anna' AND result = 'done'"
			 " AND time > 0"), 100);
	change.before = str_from(NULL);
	CHECK_INT(state_audit(s, &change, &e), 0);
	CHECK_INT(state_run_end(s, 3, STR("{\"done\":101}"), &e), 0);
	CHECK_INT(number(path, "SELECT count(*) FROM audit WHERE before IS NULL"), 1);
	CHECK_INT(number(path, "SELECT count(*) FROM runs WHERE end >= start AND exit = 3 AND"
			 " counts = '{\"done\":101}'"), 1);
	CHECK_INT(state_run_begin(s, "fetch", "ldap", NULL, &e), 0);
	CHECK_INT(state_run_id(s), 2);
	CHECK_INT(state_run_end(s, 0, str_from(NULL), &e), 0);
	CHECK_INT(number(path, "SELECT count(*) FROM runs WHERE target IS NULL AND counts IS NULL AND exit = 0"), 1);
	state_close(s);
	state_close(NULL);
}

/* A full batch goes to disk without being asked. */
static void test_batch(void)
{
	const char *path = fresh("db");
	struct state_change change = { { "s", 1 }, { "k", 1 }, { NULL, 0 }, { "x", 1 }, { "done", 4 } };
	struct state *s = state_open(path, &e);
	int i;

	CHECK_INT(state_run_begin(s, "sync", NULL, "timecamp", &e), 0);
	for (i = 0; i < 1100; i++)
		CHECK_INT(state_audit(s, &change, &e), 0);
	CHECK_INT(number(path, "SELECT count(*) >= 1000 FROM audit"), 1);
	state_close(s);
	CHECK_INT(number(path, "SELECT count(*) FROM audit"), 1100);
	CHECK_INT(number(path, "SELECT count(*) FROM runs WHERE end IS NULL"), 1);
	s = state_open(path, &e);
	CHECK(s != NULL);
	CHECK_INT(state_run_begin(s, "sync", NULL, "timecamp", &e), 0);
	CHECK_INT(state_run_id(s), 2);
	state_close(s);
}

static void test_newer(void)
{
	const char *path = fresh("db");
	struct state *s = state_open(path, &e);
	struct db *d;

	state_close(s);
	d = db_open(path, &e);
	CHECK_INT(db_exec(d, "PRAGMA user_version = 2", &e), 0);
	db_close(d);
	CHECK(state_open(path, &e) == NULL);
	CHECK(strstr(e.text, "was made by a newer version of rollcall") != NULL);
	CHECK_INT(number(path, "PRAGMA user_version"), 2);
}

CHECK_SUITE(state, CHECK_TEST(run), CHECK_TEST(batch), CHECK_TEST(newer));
