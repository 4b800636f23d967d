#include "app/app_metrics.h"
#include "app/app_notify.h"
#include "base/buf.h"
#include "base/log.h"
#include "port.h"
#include "check.h"

static void test_text(void)
{
	static const struct { int code; enum notice notice; const char *text; } rows[] = {
		{ 0, NOTICE_GOOD, "rollcall: run a b works again (run 12)" },
		{ 1, NOTICE_FAILED, "rollcall: run a b failed (run 12, exit code 1): no *** here?" },
		{ 3, NOTICE_FAILED, "rollcall: run a b failed (run 12, exit code 3): no *** here?" },
		{ 4, NOTICE_HELD, "rollcall: run a b waits for a decision (run 12, exit code 4): no *** here?" },
		{ 6, NOTICE_FAILED, "rollcall: run a b failed (run 12, exit code 6): no *** here?" },
	};
	struct buf out;
	size_t i;

	log_secret(STR("notify-unit-secret"));
	buf_init(&out, 1000);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		check_row(rows[i].text);
		buf_reset(&out);
		notice_put(&out, "run a b", 12, rows[i].code, "no notify-unit-secret here?");
		CHECK_INT(notice_of(rows[i].code), rows[i].notice);
		CHECK_STR(buf_text(&out), rows[i].text);
	}
	check_row(NULL);
	buf_release(&out);
}

/* Runs before, of other kinds and untold ones do not matter; what was told last does. */
static void test_told(void)
{
	struct error e;
	const char *path = check_file("db");
	struct state *s;
	int told = -1;

	error_init(&e);
	port_remove(path, NULL);
	s = state_open(path, &e);
	if (!CHECK(s != NULL))
		return;
	CHECK_INT(state_run_begin(s, "run", "ldap", "timecamp", &e), 0);
	CHECK_INT(state_told(s, &told, &e), 0);
	CHECK_INT(told, 0);
	CHECK_INT(state_tell(s, NOTICE_FAILED, &e), 0);
	CHECK_INT(state_run_begin(s, "run", "ldap", "timecamp", &e), 0);
	CHECK_INT(state_run_begin(s, "fetch", "ldap", NULL, &e), 0);
	CHECK_INT(state_told(s, &told, &e), 0);
	CHECK_INT(told, NOTICE_GOOD);
	CHECK_INT(state_tell(s, NOTICE_HELD, &e), 0);
	CHECK_INT(state_run_begin(s, "run", "ldap", "timecamp", &e), 0);
	CHECK_INT(state_told(s, &told, &e), 0);
	CHECK_INT(told, NOTICE_FAILED);
	CHECK_INT(state_run_begin(s, "fetch", "ldap", NULL, &e), 0);
	CHECK_INT(state_told(s, &told, &e), 0);
	CHECK_INT(told, NOTICE_HELD);
	state_close(s);
}

/* Without a run there are no figures, and counts that are no JSON are an error. */
static void test_metrics(void)
{
	static const char heads[] =
		"# HELP rollcall_last_success_timestamp_seconds When a source was last read completely, and a target last"
		" equal to it.\n"
		"# TYPE rollcall_last_success_timestamp_seconds gauge\n"
		"# HELP rollcall_last_run_timestamp_seconds When the last run ended.\n"
		"# TYPE rollcall_last_run_timestamp_seconds gauge\n"
		"# HELP rollcall_last_run_exit_code How it ended; 0 is good.\n"
		"# TYPE rollcall_last_run_exit_code gauge\n"
		"# HELP rollcall_last_run_duration_seconds How long it took.\n"
		"# TYPE rollcall_last_run_duration_seconds gauge\n"
		"# HELP rollcall_last_run_count How much it did.\n"
		"# TYPE rollcall_last_run_count gauge\n";
	struct error e;
	const char *path = check_file("db");
	struct state *s;
	struct buf out;

	error_init(&e);
	buf_init(&out, 100000);
	port_remove(path, NULL);
	s = state_open(path, &e);
	if (!CHECK(s != NULL))
		return;
	CHECK_INT(state_run_begin(s, "sync", NULL, "timecamp", &e), 0);
	CHECK_INT(metrics_put(s, &out, &e), 0);
	CHECK_STR(buf_text(&out), heads);
	CHECK_INT(state_run_end(s, 0, STR("{\"a\":"), &e), 0);
	CHECK_INT(metrics_put(s, &out, &e), -1);
	buf_release(&out);
	state_close(s);
}

CHECK_SUITE(app_notify, CHECK_TEST(text), CHECK_TEST(told), CHECK_TEST(metrics));
