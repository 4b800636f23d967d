/* One operation, one request: method, path and body, also while ids are names. */
#include <stdio.h>
#include <string.h>
#include "base/limits.h"
#include "check.h"
#include "port.h"
#include "target/timecamp_int.h"

struct row {
	const char *name;
	enum op_kind kind;
	const char *id, *place, *value;
	const char *request;
	int flags;
};

#define OFF ",\"tt_global_admin\":\"0\",\"tt_can_create_level_1_tasks\":\"0\",\"can_view_rates\":\"0\"" \
	",\"add_to_all_projects\":\"0\",\"send_email\":\"0\",\"force_change_password\":\"0\"}"

static const struct row rows[] = {
	{ "group", OP_GROUP_CREATE, "", "100", "Sales", "PUT group {\"name\":\"Sales\",\"parent_id\":\"100\"}",
	  HTTP_RETRY_403 },
	{ "group below a new one", OP_GROUP_CREATE, "", "{group:A}", "B \"b\"",
	  "PUT group {\"name\":\"B \\\"b\\\"\",\"parent_id\":\"{group:A}\"}", HTTP_RETRY_403 },
	{ "invitation", OP_USER_CREATE, "", "101", "Ada@x.org",
	  "POST group/101/user {\"email\":[\"Ada@x.org\"]" OFF, 0 },
	{ "enable", OP_USER_ENABLE, "7", "", "", "PUT user/7/setting {\"name\":\"disabled_user\",\"value\":\"0\"}",
	  HTTP_RETRY_LOST },
	{ "disable", OP_USER_DISABLE, "7", "", "", "PUT user/7/setting {\"name\":\"disabled_user\",\"value\":\"1\"}",
	  HTTP_RETRY_LOST },
	{ "name", OP_USER_RENAME, "7", "", "Zo\xc3\xab", "POST user {\"user_id\":\"7\",\"display_name\":\"Zo\xc3\xab\"}",
	  HTTP_RETRY_LOST },
	{ "e-mail", OP_USER_EMAIL, "7", "", "a@x.org", "POST user {\"user_id\":\"7\",\"email\":\"a@x.org\"}",
	  HTTP_RETRY_LOST },
	{ "administrator", OP_USER_ROLE, "7", "101", "administrator",
	  "PUT group/101/user {\"user_id\":\"7\",\"role_id\":\"1\"}", HTTP_RETRY_LOST },
	{ "guest", OP_USER_ROLE, "7", "101", "guest", "PUT group/101/user {\"user_id\":\"7\",\"role_id\":\"5\"}",
	  HTTP_RETRY_LOST },
	{ "move", OP_USER_MOVE, "7", "101", "102", "PUT group/101/user {\"user_id\":\"7\",\"group_id\":\"102\"}",
	  HTTP_RETRY_LOST },
	{ "move from nowhere", OP_USER_MOVE, "7", "", "102",
	  "PUT group/102/user {\"user_id\":\"7\",\"group_id\":\"102\"}", HTTP_RETRY_LOST },
	{ "address", OP_USER_ADDRESS, "7", "", "", "PUT user/7/setting {\"name\":\"additional_email\",\"value\":\"\"}",
	  HTTP_RETRY_LOST },
	{ "external id", OP_USER_EXTERNAL_ID, "7", "", "E-1",
	  "PUT user/7/setting {\"name\":\"external_id\",\"value\":\"E-1\"}", HTTP_RETRY_LOST },
	{ "mark", OP_USER_MARK, "7", "", "", "PUT user/7/setting {\"name\":\"added_manually\",\"value\":\"0\"}",
	  HTTP_RETRY_LOST },
	{ "removal", OP_GROUP_DELETE, "101", "", "", "DELETE group {\"group_id\":\"101\"}", HTTP_RETRY_LOST },
};

static void test_requests(void)
{
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct op op = { rows[i].kind, { NULL, 0 }, { NULL, 0 }, { NULL, 0 }, { NULL, 0 }, { NULL, 0 }, { NULL, 0 } };
		struct target_request r = { 0 };
		struct error e;
		struct buf line;

		check_row(rows[i].name);
		error_init(&e);
		op.id = str_from(rows[i].id);
		op.place = str_from(rows[i].place);
		op.value = str_from(rows[i].value);
		buf_init(&r.path, MAX_URL);
		buf_init(&r.body, MAX_RECORD);
		buf_init(&line, MAX_RECORD);
		CHECK_INT(timecamp_request(&op, &r, &e), 0);
		buf_printf(&line, "%s %s %s", r.method, buf_text(&r.path), buf_text(&r.body));
		CHECK_STR(buf_text(&line), rows[i].request);
		CHECK_INT(r.flags, rows[i].flags);
		buf_release(&line);
		buf_release(&r.path);
		buf_release(&r.body);
	}
	check_row(NULL);
}

static void test_made(void)
{
	static const struct { const char *name, *body, *id; int got; } answers[] = {
		{ "text", "{\"group_id\":\"5001\",\"name\":\"A\"}", "5001", 0 },
		{ "number", "{\"group_id\":5001}", "5001", 0 },
		{ "empty", "", "", 0 },
		{ "blank", " \r\n", "", 0 },
		{ "list", "[]", "", 0 },
		{ "no JSON", "<html>", "", -1 },
	};
	struct op op = { OP_GROUP_CREATE, { NULL, 0 }, { NULL, 0 }, { NULL, 0 }, { NULL, 0 }, { NULL, 0 }, { NULL, 0 } };
	size_t i;

	for (i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
		struct error e;
		struct buf id;

		check_row(answers[i].name);
		error_init(&e);
		buf_init(&id, 64);
		CHECK_INT(timecamp_made(&op, str_from(answers[i].body), &id, &e), answers[i].got);
		CHECK_STR(buf_text(&id), answers[i].id);
		buf_release(&id);
	}
	check_row(NULL);
}

static void test_window(void)
{
	struct target_window w;
	int i;

	target_window_init(&w, 8);
	target_window_note(&w, 1);
	CHECK_INT(w.now, 4);
	target_window_note(&w, 2);
	target_window_note(&w, 1);
	target_window_note(&w, 1);
	CHECK_INT(w.now, 1);
	/* each refusal makes it wait twice as long with one more */
	for (i = 0; i < 16 * WINDOW_GROW_AFTER - 1; i++)
		target_window_note(&w, 0);
	CHECK_INT(w.now, 1);
	target_window_note(&w, 0);
	CHECK_INT(w.now, 2);
	for (i = 0; i < 20; i++)
		target_window_note(&w, 1);
	for (i = 0; i < 7 * WINDOW_GROW_AFTER_MOST - 1; i++)
		target_window_note(&w, 0);
	CHECK_INT(w.now, 7);
	target_window_note(&w, 0);
	CHECK_INT(w.now, 8);
}

/* Settings that say how much goes side by side: at their limits and one past them. */
static void test_open(void)
{
	static const struct { const char *line; int value, opens; } rows_of_settings[] = {
		{ "SYNC_JOBS", 0, 0 }, { "SYNC_JOBS", 1, 1 }, { "SYNC_JOBS", MAX_SYNC_JOBS, 1 },
		{ "SYNC_JOBS", MAX_SYNC_JOBS + 1, 0 }, { "TIMECAMP_INVITE_BATCH", 0, 0 },
		{ "TIMECAMP_INVITE_BATCH", MAX_INVITE_BATCH, 1 }, { "TIMECAMP_INVITE_BATCH", MAX_INVITE_BATCH + 1, 0 },
	};
	static const struct setting_group groups[] = {
		{ "Network", net_settings }, { "Targets", target_settings }, { "TimeCamp", timecamp_settings },
		{ NULL, NULL }
	};
	size_t i;

	for (i = 0; i < sizeof(rows_of_settings) / sizeof(rows_of_settings[0]); i++) {
		const char *path = check_file("env");
		struct target_run run = { 0 };
		struct error e;
		char text[256];
		struct port_file *f = port_open(path, PORT_TRUNCATE, &e);

		check_row(rows_of_settings[i].line);
		error_init(&e);
		snprintf(text, sizeof(text), "TIMECAMP_API_KEY=key\nTIMECAMP_ROOT_GROUP_ID=100\n%s=%d\n",
			 rows_of_settings[i].line, rows_of_settings[i].value);
		if (!CHECK(f != NULL))
			return;
		CHECK_INT(port_write(f, text, strlen(text), &e), 0);
		CHECK_INT(port_close(f, &e), 0);
		settings_release();
		CHECK_INT(settings_load(groups, path, &e), 0);
		CHECK_INT(target_open(&run, target_find("timecamp"), &e), rows_of_settings[i].opens ? 0 : -1);
		CHECK_INT(e.kind, rows_of_settings[i].opens ? ERROR_NONE : ERROR_USAGE);
		target_close(&run);
	}
	check_row(NULL);
	settings_release();
}

CHECK_SUITE(timecamp_requests, CHECK_TEST(open), CHECK_TEST(requests), CHECK_TEST(made), CHECK_TEST(window));
