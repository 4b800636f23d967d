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

/* What cannot be written is counted, not forgotten. */
static void test_lost(void)
{
	const char *path = fresh("db");
	struct state_change change = { { "s", 1 }, { "k", 1 }, { NULL, 0 }, { "x", 1 }, { "done", 4 } };
	struct state *s = state_open(path, &e);
	struct db *other = db_open(path, &e);

	if (!CHECK(s != NULL) || !CHECK(other != NULL))
		return;
	CHECK_INT(state_run_begin(s, "sync", NULL, "timecamp", &e), 0);
	CHECK_INT(state_lost(s), 0);
	CHECK_INT(db_exec(other, "ALTER TABLE audit RENAME TO elsewhere", &e), 0);
	CHECK_INT(state_audit(s, &change, &e), -1);
	CHECK_INT(state_audit(s, &change, &e), -1);
	CHECK_INT(state_lost(s), 2);
	CHECK_INT(state_due_ms(s), -1);
	CHECK_INT(db_exec(other, "ALTER TABLE elsewhere RENAME TO audit", &e), 0);
	CHECK_INT(state_audit(s, &change, &e), 0);
	CHECK_INT(state_flush(s, &e), 0);
	CHECK_INT(state_lost(s), 2);
	CHECK_INT(number(path, "SELECT count(*) FROM audit"), 1);
	CHECK_INT(state_lost(NULL), 0);
	db_close(other);
	state_close(s);
}

/* A full batch goes to disk without being asked. */
static void test_batch(void)
{
	const char *path = fresh("db");
	struct state_change change = { { "s", 1 }, { "k", 1 }, { NULL, 0 }, { "x", 1 }, { "done", 4 } };
	struct state *s = state_open(path, &e);
	int i;

	CHECK_INT(state_run_begin(s, "sync", NULL, "timecamp", &e), 0);
	for (i = 0; i < 2100; i++)
		CHECK_INT(state_audit(s, &change, &e), 0);
	CHECK_INT(number(path, "SELECT count(*) >= 2000 FROM audit"), 1);
	state_close(s);
	CHECK_INT(number(path, "SELECT count(*) FROM audit"), 2100);
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
	CHECK(state_open_read(path, &e) == NULL && strstr(e.text, "a newer version") != NULL);
	CHECK(state_open(path, &e) == NULL);
	CHECK(strstr(e.text, "was made by a newer version of rollcall") != NULL);
	CHECK_INT(number(path, "PRAGMA user_version"), 2);
}

/* What was walked, as one text. */
struct notes {
	char text[2000];
	int stop;	/* fail at the first */
};

static int note_run(void *cookie, const struct state_run *run, struct error *why)
{
	struct notes *n = cookie;
	size_t len = strlen(n->text);

	snprintf(n->text + len, sizeof(n->text) - len, "%d %.*s %.*s>%.*s %s%d %.*s %d/%d;", (int)run->id,
		 STR_ARG(run->command), STR_ARG(run->source), STR_ARG(run->target), run->ended ? "exit " : "no end ",
		 run->exit_code, STR_ARG(run->counts), (int)run->failed, (int)run->changes);
	return n->stop ? error_set(why, ERROR_LIMIT, "stopped") : 0;
}

static int note_change(void *cookie, int64_t time, const struct state_change *c, struct error *why)
{
	struct notes *n = cookie;
	size_t len = strlen(n->text);

	CHECK(time > 0);
	snprintf(n->text + len, sizeof(n->text) - len, "%.*s %.*s %s%.*s>%.*s %.*s;", STR_ARG(c->subject),
		 STR_ARG(c->kind), c->before.ptr ? "" : "NULL", STR_ARG(c->before), STR_ARG(c->after),
		 STR_ARG(c->result));
	return n->stop ? error_set(why, ERROR_LIMIT, "stopped") : 0;
}

/* Runs: one good, one that failed after fetching, one of another kind, one without end. */
static struct state *fill(const char *path)
{
	static const struct state_change changes[] = {
		{ { "ann", 3 }, { "user.rename", 11 }, { "Ann", 3 }, { "Anna", 4 }, { "done", 4 } },
		{ { "bob", 3 }, { "user.create", 11 }, { NULL, 0 }, { "Sales", 5 }, { "no", 2 } }
	};
	struct state *s = state_open(path, &e);

	CHECK_INT(state_run_begin(s, "run", "ldap", "timecamp", &e), 0);
	CHECK_INT(state_run_reached(s, STATE_FETCHED, &e), 0);
	CHECK_INT(state_run_reached(s, STATE_SYNCED, &e), 0);
	CHECK_INT(state_run_end(s, 0, STR("{}"), &e), 0);
	CHECK_INT(state_run_begin(s, "run", "ldap", "timecamp", &e), 0);
	CHECK_INT(state_audit(s, &changes[0], &e), 0);
	CHECK_INT(state_audit(s, &changes[1], &e), 0);
	CHECK_INT(state_run_reached(s, STATE_FETCHED, &e), 0);
	CHECK_INT(state_run_end(s, 3, str_from(NULL), &e), 0);
	CHECK_INT(state_run_begin(s, "prepare", NULL, NULL, &e), 0);
	CHECK_INT(state_run_end(s, 1, str_from(NULL), &e), 0);
	CHECK_INT(state_run_begin(s, "sync", NULL, "timecamp", &e), 0);
	return s;
}

#define RUN_1 "1 run ldap>timecamp exit 0 {} 0/0;"
#define RUN_2 "2 run ldap>timecamp exit 3  1/2;"
#define RUN_3 "3 prepare > exit 1  0/0;"
#define RUN_4 "4 sync >timecamp no end 0  0/0;"

static void test_read(void)
{
	const char *path = fresh("db");
	struct state *writer, *s;
	struct notes n;

	CHECK(state_open_read(path, &e) == NULL);
	CHECK(strstr(e.text, "no run is recorded yet") != NULL);
	writer = fill(path);
	s = state_open_read(path, &e);
	if (!CHECK(s != NULL))
		return;
	memset(&n, 0, sizeof(n));
	CHECK_INT(state_each_run(s, -1, note_run, &n, &e), 0);
	CHECK_STR(n.text, RUN_1 RUN_2 RUN_3 RUN_4);
	memset(&n, 0, sizeof(n));
	CHECK_INT(state_each_run(s, 2, note_run, &n, &e), 0);
	CHECK_STR(n.text, RUN_3 RUN_4);
	memset(&n, 0, sizeof(n));
	CHECK_INT(state_find_run(s, 2, note_run, &n, &e), 0);
	CHECK_INT(state_find_run(s, 5, note_run, &n, &e), 0);
	CHECK_STR(n.text, RUN_2);
	memset(&n, 0, sizeof(n));
	CHECK_INT(state_each_change(s, 1, note_change, &n, &e), 0);
	CHECK_INT(state_each_change(s, 2, note_change, &n, &e), 0);
	CHECK_STR(n.text, "ann user.rename Ann>Anna done;bob user.create NULL>Sales no;");
	memset(&n, 0, sizeof(n));
	n.stop = 1;
	CHECK_INT(state_each_run(s, -1, note_run, &n, &e), -1);
	CHECK_INT(state_each_change(s, 2, note_change, &n, &e), -1);
	CHECK_STR(n.text, RUN_1 "ann user.rename Ann>Anna done;");
	CHECK_INT(e.kind, ERROR_LIMIT);
	state_close(s);
	state_close(writer);
}

static void test_health(void)
{
	static const struct { enum state_goal goal; const char *name; int run, failures, last_exit; } rows[] = {
		{ STATE_FETCHED, "ldap", 2, 0, 0 },
		{ STATE_SYNCED, "timecamp", 1, 1, 3 },
		{ STATE_SYNCED, "swit", 0, 0, 0 },
		{ STATE_FETCHED, "timecamp", 0, 0, 0 },
	};
	const char *path = fresh("db");
	struct state *s = fill(path);
	struct state_health h;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		check_row(rows[i].name);
		CHECK_INT(state_health(s, rows[i].goal, rows[i].name, &h, &e), 0);
		CHECK_INT(h.run, rows[i].run);
		CHECK_INT(h.time > 0, rows[i].run > 0);
		CHECK_INT(h.failures, rows[i].failures);
		CHECK_INT(h.last_exit, rows[i].last_exit);
	}
	check_row(NULL);
	state_close(s);
}

/* What waits for the disk says so; without a database nothing does. */
static void test_due(void)
{
	const char *path = fresh("db");
	struct state_change change = { { "s", 1 }, { "k", 1 }, { NULL, 0 }, { "x", 1 }, { "done", 4 } };
	struct state *s = state_open(path, &e);

	CHECK_INT(state_run_begin(s, "sync", NULL, "timecamp", &e), 0);
	CHECK_INT(state_due_ms(s), -1);
	CHECK_INT(state_audit(s, &change, &e), 0);
	CHECK(state_due_ms(s) >= 0 && state_due_ms(s) <= 1000);
	CHECK_INT(state_flush(s, &e), 0);
	CHECK_INT(state_due_ms(s), -1);
	CHECK_INT(number(path, "SELECT count(*) FROM audit"), 1);
	state_close(s);
	CHECK_INT(state_audit(NULL, &change, &e), 0);
	CHECK_INT(state_due_ms(NULL), -1);
	CHECK_INT(state_flush(NULL, &e), 0);
}

CHECK_SUITE(state, CHECK_TEST(run), CHECK_TEST(lost), CHECK_TEST(batch), CHECK_TEST(newer), CHECK_TEST(read), CHECK_TEST(health),
	    CHECK_TEST(due));
