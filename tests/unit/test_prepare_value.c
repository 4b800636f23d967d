#include <string.h>
#include "check.h"
#include "prepare/prepare_int.h"

static void test_print(void)
{
	static const char *const rows[][2] = {
		{ "\"a\\n\"", "a\n" }, { "true", "True" }, { "false", "False" }, { "null", "None" },
		{ "5", "5" },
		{ "-0", "0" }, { "-0.0", "-0.0" }, { "0", "0" }, { "100", "100" }, { "2.0", "2.0" },
		{ "1.50", "1.5" },
		{ "15e-1", "1.5" }, { "1e3", "1000.0" }, { "0.0001", "0.0001" }, { "0.00001", "1e-05" },
		{ "1E16", "1e+16" },
		{ "1e15", "1000000000000000.0" }, { "12345678901234567890123", "12345678901234567890123" },
		{ "-1.25e-7", "-1.25e-07" }, { "0.1e1", "1.0" }, { "1e100", "1e+100" }, { "120.0", "120.0" }
	};
	struct arena a;
	struct buf out;
	size_t i;

	arena_init(&a, 1000);
	buf_init(&out, 1000);
	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		check_row(rows[i][0]);
		buf_reset(&out);
		CHECK_INT(value_print(str_from(rows[i][0]), &a, &out), 0);
		CHECK_STR(buf_text(&out), rows[i][1]);
	}
	CHECK_INT(value_print(STR("[]"), &a, &out), -1);
	CHECK_INT(value_print(STR("{}"), &a, &out), -1);
	buf_release(&out);
	arena_release(&a);
}

static void test_equal(void)
{
	static const struct { const char *a, *b; int equal; } rows[] = {
		{ "1", "1.0", 1 }, { "1", "true", 1 }, { "0", "false", 1 }, { "10e-1", "1", 1 },
		{ "-0", "0.0", 1 },
		{ "1", "\"1\"", 0 }, { "1", "-1", 0 }, { "100", "1e2", 1 }, { "0.1", "0.10", 1 },
		{ "1", "2", 0 },
		{ "null", "null", 1 }, { "null", "false", 0 }, { "\"a\"", "\"\\u0061\"", 1 },
		{ "\"a\"", "\"b\"", 0 },
		{ "[1,2]", "[1, 2.0]", 1 }, { "[1,2]", "[2,1]", 0 }, { "[1]", "[1,2]", 0 },
		{ "[1,2]", "[1]", 0 },
		{ "{\"a\":1,\"b\":[]}", "{\"b\":[],\"a\":true}", 1 }, { "{\"a\":1}", "{\"a\":1,\"b\":2}", 0 },
		{ "{\"a\":1,\"b\":2}", "{\"a\":1}", 0 }, { "{\"a\":2,\"a\":1}", "{\"a\":1}", 1 },
		{ "{}", "[]", 0 }
	};
	struct arena a;
	size_t i;

	arena_init(&a, 10000);
	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		check_row(rows[i].a);
		CHECK_INT(value_equal(str_from(rows[i].a), str_from(rows[i].b), &a), rows[i].equal);
	}
	arena_release(&a);
}

static void test_set(void)
{
	static const struct { const char *record, *path, *want; } rows[] = {
		{ "{}", "a", "{\"a\":7}" }, { "{\"a\":1}", "a", "{\"a\":7}" },
		{ "{\"a\":1 }", "b", "{\"a\":1 ,\"b\":7}" },
		{ "{\"a\":1}", "a.b", "{\"a\":{\"b\":7}}" },
		{ "{\"a\":null}", "a.b.c", "{\"a\":{\"b\":{\"c\":7}}}" },
		{ "{\"a\":{\"x\":1}}", "a.b.c", "{\"a\":{\"x\":1,\"b\":{\"c\":7}}}" },
		{ "{\"a\":[1,2]}", "a.1", "{\"a\":[1,7]}" }, { "{\"a\":[1,2]}", "a.2", "" },
		{ "{\"a\":[1,2]}", "a.x", "" }, { "{\"a\":[1,2]}", "a.-1", "" },
		{ "{\"a\":[{}]}", "a.0.b", "{\"a\":[{\"b\":7}]}" },
		{ "{\"a\":[1]}", "a.0.b", "{\"a\":[{\"b\":7}]}" },
		{ "{\"a\":1,\"a\":2}", "a", "{\"a\":1,\"a\":7}" },
		{ "{}", "0.\"", "{\"0\":{\"\\\"\":7}}" }, { "{\"a\":1}", "..a.", "{\"a\":7}" },
		{ "{\"a\":1}", "...", "" }
	};
	struct value_path path;
	struct arena a;
	struct buf out;
	size_t i;

	arena_init(&a, 10000);
	buf_init(&out, 1000);
	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		check_row(rows[i].record);
		buf_reset(&out);
		CHECK_INT(value_path_parse(&path, str_from(rows[i].path), &a), 0);
		CHECK_INT(value_set(str_from(rows[i].record), &path, STR("7"), &out),
			  rows[i].want[0] != '\0');
		CHECK_STR(buf_text(&out), rows[i].want);
	}
	buf_release(&out);
	arena_release(&a);
}

static void test_get(void)
{
	static const struct { const char *path, *want; } rows[] = {
		{ "a.b.1.c", "5" }, { "a.b.2", NULL }, { "a.b.x", NULL }, { "d", "null" }, { "d.e", NULL },
		{ "z", NULL },
		{ "a.b.00", "1" }, { ".", "{\"a\":{\"b\":[1,{\"c\":5}]},\"d\":null}" }
	};
	struct value_path path;
	struct arena a;
	struct str got;
	size_t i;

	arena_init(&a, 10000);
	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		check_row(rows[i].path);
		value_path_parse(&path, str_from(rows[i].path), &a);
		got = value_get(STR("{\"a\":{\"b\":[1,{\"c\":5}]},\"d\":null}"), &path);
		if (rows[i].want == NULL)
			CHECK(got.ptr == NULL);
		else
			CHECK_MEM(got.ptr, got.len, rows[i].want, strlen(rows[i].want));
	}
	arena_release(&a);
}

static void test_depth(void)
{
	CHECK_INT(value_depth(STR("\"[\"")), 0);
	CHECK_INT(value_depth(STR("[]")), 1);
	CHECK_INT(value_depth(STR("{\"\\\"[[\":[1,[\"]]\"],{}]}")), 3);
}

CHECK_SUITE(prepare_value, CHECK_TEST(print), CHECK_TEST(equal), CHECK_TEST(set), CHECK_TEST(get),
	    CHECK_TEST(depth));
