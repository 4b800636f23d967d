#include "source/source_rules.h"

#include <stdio.h>
#include <string.h>

#include "base/settings.h"
#include "check.h"
#include "port.h"

static void test_lists(void)
{
	static const char list[] = " Sales,IT Operations ,,\xc2\xa0HR\xe3\x80\x80, ";
	static const struct { const char *name; int listed; } rows[] = {
		{ "Sales", 1 }, { "IT Operations", 1 }, { "HR", 1 }, { "sales", 0 }, { " Sales", 0 }, { "", 0 },
		{ "IT", 0 },
	};
	struct str rest = str_from(list), name;
	size_t i;
	int n = 0;

	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		CHECK_INT(rules_list_has(str_from(list), str_from(rows[i].name)), rows[i].listed);
	CHECK_INT(rules_list_has(str_from(""), str_from("")), 0);
	while (rules_next_name(&rest, &name))
		n++;
	CHECK_INT(n, 3);
}

static void test_paths(void)
{
	struct str record = STR("{\"a\":{\"b\":{\"c\":7},\"n\":null,\"t\":\"x\"},\"a.b\":1}");
	static const struct { const char *path, *value; } rows[] = {
		{ "a.b.c", "7" }, { "a.n", "null" }, { "a.n.x", NULL }, { "a.t.x", NULL }, { "b", NULL },
		{ "a.b", "{\"c\":7}" }, { "a..b", NULL },
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct str got = rules_at_path(record, str_from(rows[i].path));

		if (!rows[i].value)
			CHECK(got.ptr == NULL);
		else
			CHECK_MEM(got.ptr, got.len, rows[i].value, strlen(rows[i].value));
	}
}

static void test_fits(void)
{
	static const struct { const char *value, *wanted; int fits; } rows[] = {
		{ "\"Team Lead\"", "Team Lead", 1 }, { "\" Team Lead\\t\\u00a0\"", "Team Lead", 1 },
		{ "\"team lead\"", "Team Lead", 0 }, { "\"\"", "", 1 }, { "", "", 1 }, { "", "None", 0 },
		{ "null", "None", 1 }, { "null", "null", 0 }, { "null", "", 0 }, { "\"None\"", "None", 1 },
		{ "true", "True", 1 }, { "true", "true", 1 }, { "true", "TRUE", 0 }, { "true", "1", 0 },
		{ "false", "False", 1 }, { "false", "false", 1 }, { "false", "true", 0 },
		{ "\"true\"", "true", 1 }, { "\"true\"", "True", 0 }, { "\"True\"", "True", 1 },
		{ "2", "2", 1 }, { "2.0", "2", 1 }, { "2", "2.0", 1 }, { "2", "20", 0 }, { "20", "2", 0 },
		{ "0.5", "5e-1", 1 }, { "120", "1.2E+2", 1 }, { "0", "-0.00", 1 }, { "0", "0e99", 1 },
		{ "-1", "1", 0 }, { "1", "", 0 }, { "1", "one", 0 }, { "7", "007", 0 }, { "1.5", "1", 0 },
		{ "1", "1.5", 0 }, { "1e400", "1", 0 }, { "0.1", "0.10000000000000001", 0 },
		{ "12345678901234567890123", "12345678901234567890123", 1 },
		{ "12345678901234567890123", "12345678901234567890124", 0 },
		{ "1e10", "10000000000", 1 }, { "1", "1e", 0 }, { "1", "1.", 0 }, { "1", "1x", 0 }, { "1", "-", 0 },
		{ "1", "1e99999999999999999999", 0 }, { "\"2\"", "2.0", 0 },
		{ "[]", "[]", 0 }, { "{}", "", 0 },
	};
	struct arena a;
	struct error e;
	size_t i;

	arena_init(&a, 1000);
	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct supervisor_rule rule = { { "f", 1 }, { NULL, 0 } };

		rule.value = str_from(rows[i].wanted);
		check_row(rows[i].value);
		CHECK_INT(supervisor_rule_fits(&rule, str_from(rows[i].value), &a, &e), rows[i].fits);
	}
	check_row(NULL);
	arena_release(&a);
}

static void load_settings(const char *value)
{
	static const struct setting rows[] = { { "THE_RULE", SETTING_TEXT, NULL, 0, "field:value" },
					       { NULL, SETTING_TEXT, NULL, 0, NULL } };
	static const struct setting_group groups[] = { { "Test", rows }, { NULL, NULL } };
	const char *path = check_file("env");
	struct port_file *f;
	struct error e;
	char line[256];

	settings_release();
	error_init(&e);
	snprintf(line, sizeof(line), "THE_RULE=%s\n", value);
	f = port_open(path, PORT_TRUNCATE, &e);
	if (!CHECK(f != NULL))
		return;
	CHECK_INT(port_write(f, line, strlen(line), &e), 0);
	CHECK_INT(port_close(f, &e), 0);
	CHECK_INT(settings_load(groups, path, &e), 0);
}

static void test_load(void)
{
	static const struct { const char *text, *field, *value; } rows[] = {
		{ "customField492 : Grade: Lead", "customField492", "Grade: Lead" },
		{ "work.isManager:true", "work.isManager", "true" }, { "field:", "field", "" },
		{ ":value", "", "value" }, { "no colon", "", "" }, { "", "", "" },
		{ "a\xc2\xa0:\xe3\x80\x80" "b", "a", "b" },
	};
	struct supervisor_rule rule;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		check_row(rows[i].text);
		load_settings(rows[i].text);
		supervisor_rule_load(&rule, "THE_RULE");
		CHECK_MEM(rule.field.ptr, rule.field.len, rows[i].field, strlen(rows[i].field));
		CHECK_MEM(rule.value.ptr, rule.value.len, rows[i].value, strlen(rows[i].value));
	}
	check_row(NULL);
	settings_release();
}

CHECK_SUITE(source_rules, CHECK_TEST(load), CHECK_TEST(lists), CHECK_TEST(paths), CHECK_TEST(fits));
