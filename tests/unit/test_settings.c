#include <stdio.h>
#include <string.h>
#include "base/buf.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/settings.h"
#include "check.h"
#include "port.h"

static const struct setting first_rows[] = {
	{ "ROLLTEST_HOST", SETTING_TEXT, NULL, 0, "host name" },
	{ "ROLLTEST_PORT", SETTING_INT, "389", 0, "port" },
	{ "ROLLTEST_GROUP", SETTING_INT, "0", SETTING_NOT_EMPTY, "group" },
	{ "ROLLTEST_IDS", SETTING_NUMBERS, NULL, 0, "ids" },
	{ "ROLLTEST_FACTOR", SETTING_FACTOR, "1", 0, "factor" },
	{ "ROLLTEST_AMOUNT", SETTING_AMOUNT, "20%", 0, "amount" },
	{ "ROLLTEST_ON", SETTING_SWITCH, "true", 0, "switch" },
	{ "ROLLTEST_VERIFY", SETTING_GUARD, "true", 0, "guard" },
	{ NULL, SETTING_TEXT, NULL, 0, NULL }
};
static const struct setting second_rows[] = {
	{ "ROLLTEST_PASSWORD", SETTING_TEXT, NULL, SETTING_SECRET | SETTING_RAW, "password" },
	{ "ROLLTEST_WAIT", SETTING_SECONDS, "30", 0, "wait" },
	{ "ROLLTEST_RULES", SETTING_TEXT, "a|||b", SETTING_RARE, "rules" },
	{ NULL, SETTING_TEXT, NULL, 0, NULL }
};
static const struct setting_group groups[] = {
	{ "First", first_rows }, { "Second", second_rows }, { NULL, NULL }
};

/* Writes a scratch file and returns its path. */
static const char *file_with(const char *name, const char *text)
{
	const char *path = check_file(name);
	struct port_file *f = port_open(path, PORT_TRUNCATE, NULL);

	if (CHECK(f != NULL)) {
		CHECK_INT(port_write(f, text, strlen(text), NULL), 0);
		port_close(f, NULL);
	}
	return path;
}

/* Warnings are not what these tests are about. */
static int load(const char *env, struct error *e)
{
	struct log_options silent = { LOG_ERROR, NULL, 0, 1 };

	log_open(&silent, NULL);
	error_init(e);
	return settings_load(groups, file_with("env", env), e);
}

static void test_factors(void)
{
	static const struct { const char *text; int ok, thousandths; } rows[] = {
		{ "", 1, 1000 }, { "0", 1, 0 }, { "0.05", 1, 50 }, { "' 2.5 '", 1, 2500 },
		{ "1000", 1, 1000000 }, { "1001", 0, 0 }, { "1.", 0, 0 }, { ".5", 0, 0 }, { "-1", 0, 0 },
		{ "1,5", 0, 0 }, { "1e3", 0, 0 }, { "1.1234567890", 0, 0 },
	};
	char env[64];
	struct error e;
	size_t i;

	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		check_row(rows[i].text);
		snprintf(env, sizeof env, "ROLLTEST_FACTOR=%s\n", rows[i].text);
		CHECK_INT(load(env, &e), rows[i].ok ? 0 : -1);
		if (rows[i].ok)
			CHECK_INT(settings_factor("ROLLTEST_FACTOR") * 1000 + 0.5, rows[i].thousandths);
	}
	settings_release();
}

/* Of 250. Empty is none, which the caller asks for first. */
static void test_amounts(void)
{
	static const struct { const char *text; int ok; uint64_t amount; } rows[] = {
		{ "", 1, 0 }, { "0", 1, 0 }, { "7", 1, 7 }, { "' 7 '", 1, 7 }, { "0%", 1, 0 }, { "1%", 1, 2 },
		{ "20%", 1, 50 }, { "20 %", 1, 50 }, { "99%", 1, 247 }, { "100%", 1, 250 }, { "1000", 1, 1000 },
		{ "101%", 0, 0 }, { "%", 0, 0 }, { "-1", 0, 0 }, { "ten", 0, 0 }, { "5%x", 0, 0 },
		{ "1.5%", 0, 0 }, { "99999999999999999999", 0, 0 },
	};
	char env[64];
	struct error e;
	size_t i;

	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		check_row(rows[i].text);
		snprintf(env, sizeof env, "ROLLTEST_AMOUNT=%s\n", rows[i].text);
		CHECK_INT(load(env, &e), rows[i].ok ? 0 : -1);
		if (rows[i].ok)
			CHECK_INT(settings_amount("ROLLTEST_AMOUNT", 250), rows[i].amount);
		else
			CHECK_INT(e.kind, ERROR_USAGE);
	}
	check_row(NULL);
	CHECK_INT(load("ROLLTEST_AMOUNT=3%\n", &e), 0);
	CHECK(settings_amount("ROLLTEST_AMOUNT", UINT64_MAX) == UINT64_MAX / 100 * 3);
	settings_release();
}

static void test_numbers(void)
{
	static const struct { const char *text; int ok; int64_t value; } rows[] = {
		{ "", 1, 389 }, { "1", 1, 1 }, { "' +10 '", 1, 10 }, { "007", 1, 7 }, { "-0", 1, 0 },
		{ "-5", 1, -5 }, { "'  '", 0, 0 }, { "x", 0, 0 }, { "1.0", 0, 0 }, { "1_000", 0, 0 },
		{ "+-1", 0, 0 }, { "--1", 0, 0 }, { "99999999999999999999", 0, 0 }, { "0x10", 0, 0 },
		{ "+", 0, 0 },
	};
	struct error e;
	size_t i;

	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		char text[100] = "ROLLTEST_PORT=";

		check_row(rows[i].text);
		memcpy(text + strlen(text), rows[i].text, strlen(rows[i].text) + 1);
		CHECK_INT(load(text, &e), rows[i].ok ? 0 : -1);
		if (rows[i].ok)
			CHECK_INT(settings_int("ROLLTEST_PORT"), rows[i].value);
		else
			CHECK(e.kind == ERROR_USAGE && strncmp(e.text, "ROLLTEST_PORT ", 14) == 0 &&
			      strstr(e.text, "env:1") != NULL);
	}
	settings_release();
}

static void test_checks(void)
{
	static const struct { const char *text; int ok; } rows[] = {
		{ "ROLLTEST_GROUP=1", 1 }, { "ROLLTEST_GROUP=", 0 }, { "ROLLTEST_GROUP", 1 },
		{ "ROLLTEST_IDS=1, 2,,-3 ,", 1 }, { "ROLLTEST_IDS=12,owner", 0 }, { "ROLLTEST_IDS=", 1 },
		{ "ROLLTEST_WAIT=0", 1 }, { "ROLLTEST_WAIT=-1", 0 }, { "ROLLTEST_WAIT=5s", 0 },
		{ "ROLLTEST_VERIFY=False", 1 }, { "ROLLTEST_VERIFY=' true '", 1 }, { "ROLLTEST_VERIFY=0", 0 },
		{ "ROLLTEST_VERIFY=flase", 0 }, { "ROLLTEST_VERIFY=", 1 }, { "ROLLTEST_ON=anything", 1 },
	};
	struct error e;
	size_t i;

	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		check_row(rows[i].text);
		CHECK_INT(load(rows[i].text, &e), rows[i].ok ? 0 : -1);
	}
	settings_release();
}

static void test_switches(void)
{
	static const struct { const char *text; int on, verify; } rows[] = {
		{ "", 1, 1 }, { "ROLLTEST_ON=tRuE", 1, 1 }, { "ROLLTEST_ON=", 0, 1 },
		{ "ROLLTEST_ON=1", 0, 1 }, { "ROLLTEST_ON=' true'", 0, 1 },
		{ "ROLLTEST_ON=yes\nROLLTEST_VERIFY=FALSE", 0, 0 }, { "ROLLTEST_VERIFY=", 1, 1 },
	};
	struct error e;
	size_t i;

	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		check_row(rows[i].text);
		CHECK_INT(load(rows[i].text, &e), 0);
		CHECK_INT(settings_on("ROLLTEST_ON"), rows[i].on);
		CHECK_INT(settings_on("ROLLTEST_VERIFY"), rows[i].verify);
	}
	settings_release();
}

static void test_order(void)
{
	struct error e;

	CHECK_INT(load("ROLLTEST_HOST= first\nROLLTEST_HOST=' second '\nROLLTEST_RULES=\n", &e), 0);
	CHECK_STR(settings_text("ROLLTEST_HOST"), "second");
	CHECK_INT(settings_origin("ROLLTEST_HOST"), ORIGIN_FILE);
	CHECK_STR(settings_text("ROLLTEST_RULES"), "");
	CHECK(settings_given("ROLLTEST_RULES") && !settings_given("ROLLTEST_PORT"));
	CHECK_INT(settings_origin("ROLLTEST_PORT"), ORIGIN_DEFAULT);
	CHECK_STR(settings_text("ROLLTEST_PASSWORD"), "");
	port_setenv("ROLLTEST_HOST", " outside ");
	CHECK_INT(load("ROLLTEST_HOST=inside\nROLLTEST_RULES=${ROLLTEST_HOST}", &e), 0);
	CHECK_STR(settings_text("ROLLTEST_HOST"), "outside");
	CHECK_INT(settings_origin("ROLLTEST_HOST"), ORIGIN_ENVIRONMENT);
	CHECK_STR(settings_text("ROLLTEST_RULES"), "outside");
	port_setenv("ROLLTEST_HOST", "");
	CHECK_INT(load("ROLLTEST_HOST=inside", &e), 0);
	CHECK_STR(settings_text("ROLLTEST_HOST"), "");
	port_setenv("ROLLTEST_HOST", NULL);
	CHECK_INT(load("ROLLTEST_HOST=a\nROLLTEST_HOST\n", &e), 0);
	CHECK(!settings_given("ROLLTEST_HOST"));
	CHECK(settings_required("ROLLTEST_HOST", &e) == NULL);
	CHECK_INT(e.kind, ERROR_USAGE);
	CHECK(strstr(e.text, "ROLLTEST_HOST is not set (host name)") != NULL);
	CHECK_STR(settings_required("ROLLTEST_RULES", &e), "a|||b");
	CHECK(settings_groups() == groups);
	settings_release();
}

static void test_secret_files(void)
{
	struct error e;
	struct buf env;
	const char *secret;

	buf_init(&env, 2000);
	secret = file_with("secret", " geheim\r\n\n");
	buf_printf(&env, "ROLLTEST_PASSWORD=\nROLLTEST_PASSWORD_FILE=%s\n", secret);
	CHECK_INT(load(buf_text(&env), &e), 0);
	CHECK_STR(settings_text("ROLLTEST_PASSWORD"), " geheim");
	CHECK_INT(settings_origin("ROLLTEST_PASSWORD"), ORIGIN_SECRET_FILE);
	buf_puts(&env, "ROLLTEST_PASSWORD=other\n");
	CHECK_INT(load(buf_text(&env), &e), -1);
	CHECK(strstr(e.text, "keep one") != NULL && strstr(e.text, "other") == NULL);
	/* the environment wins over the file, in either spelling */
	port_setenv("ROLLTEST_PASSWORD", "outside");
	CHECK_INT(load(buf_text(&env), &e), 0);
	CHECK_STR(settings_text("ROLLTEST_PASSWORD"), "outside");
	port_setenv("ROLLTEST_PASSWORD", NULL);
	port_setenv("ROLLTEST_PASSWORD_FILE", file_with("secret", "geheim"));
	CHECK_INT(load("ROLLTEST_PASSWORD=other\n", &e), 0);
	CHECK_STR(settings_text("ROLLTEST_PASSWORD"), "geheim");
	port_setenv("ROLLTEST_PASSWORD_FILE", "");
	CHECK_INT(load("ROLLTEST_PASSWORD=other\n", &e), 0);
	CHECK_STR(settings_text("ROLLTEST_PASSWORD"), "other");
	port_setenv("ROLLTEST_PASSWORD_FILE", NULL);
	CHECK_INT(load("ROLLTEST_PASSWORD_FILE=/no/such/file\n", &e), -1);
	CHECK(e.kind == ERROR_USAGE && strstr(e.text, "ROLLTEST_PASSWORD_FILE") != NULL);
	/* only secrets come from files */
	CHECK_INT(load("ROLLTEST_HOST_FILE=/no/such/file\n", &e), 0);
	CHECK_STR(settings_text("ROLLTEST_HOST"), "");
	settings_release();
	buf_release(&env);
}

static void test_secret_sizes(void)
{
	struct error e;
	struct buf env, secret;

	buf_init(&env, 2000);
	buf_init(&secret, MAX_SECRET_FILE + 10);
	while (secret.len < MAX_SECRET_FILE)
		buf_putc(&secret, 'x');
	buf_printf(&env, "ROLLTEST_PASSWORD_FILE=%s\n", file_with("secret", buf_text(&secret)));
	CHECK_INT(load(buf_text(&env), &e), 0);
	CHECK_INT(strlen(settings_text("ROLLTEST_PASSWORD")), MAX_SECRET_FILE);
	buf_putc(&secret, 'x');
	file_with("secret", buf_text(&secret));
	CHECK_INT(load(buf_text(&env), &e), -1);
	settings_release();
	buf_release(&env);
	buf_release(&secret);
}

static void test_files(void)
{
	struct error e;

	error_init(&e);
	CHECK_INT(settings_load(groups, "/no/such/file.env", &e), -1);
	CHECK_INT(e.kind, ERROR_USAGE);
	CHECK(strstr(e.text, "/no/such/file.env") != NULL);
	CHECK_INT(load("A='x", &e), -1);
	CHECK(strstr(e.text, "env:1: ") != NULL);
	CHECK_INT(load("ROLLTEST_PASSWORD='se\ncret'\nROLLTEST_PORT=se", &e), -1);
	CHECK(strstr(e.text, "env:3") != NULL);
	settings_release();
}

CHECK_SUITE(settings, CHECK_TEST(numbers), CHECK_TEST(factors),
	CHECK_TEST(amounts), CHECK_TEST(checks), CHECK_TEST(switches), CHECK_TEST(order),
	    CHECK_TEST(secret_files), CHECK_TEST(secret_sizes), CHECK_TEST(files));
