#include <string.h>
#include "base/json_slice.h"
#include "check.h"

static void test_walk(void)
{
	static const char text[] = " { \"a\" : 1 ,\n\"b\":{\"x\":[\"}\\\"\"]}, \"c\":\"\\\\\",\"a\":[ ] ,"
		"\"d\":true}";
	static const char *const want[][2] = {
		{ "\"a\"", "1" }, { "\"b\"", "{\"x\":[\"}\\\"\"]}" }, { "\"c\"", "\"\\\\\"" },
		{ "\"a\"", "[ ]" },
		{ "\"d\"", "true" }
	};
	struct json_walk w;
	size_t i;

	json_walk_init(&w, str_from(text + 1));
	for (i = 0; i < 5 && CHECK_INT(json_walk_next(&w), 1); i++) {
		CHECK_MEM(w.key.ptr, w.key.len, want[i][0], strlen(want[i][0]));
		CHECK_MEM(w.value.ptr, w.value.len, want[i][1], strlen(want[i][1]));
	}
	CHECK_INT(json_walk_next(&w), 0);
	CHECK_INT(json_walk_next(&w), 0);
	json_walk_init(&w, STR("\"text\""));
	CHECK_INT(json_walk_next(&w), 0);
	json_walk_init(&w, STR("[]"));
	CHECK_INT(json_walk_next(&w), 0);
}

static void test_look_up(void)
{
	struct str object = STR("{\"k\":1,\"\\u006b\":2,\"kk\":3}"), list = STR("[10, [11], {\"a\":12}]");
	struct str found = json_slice_member(object, STR("k"));

	CHECK_MEM(found.ptr, found.len, "2", 1);
	CHECK(json_slice_member(object, STR("j")).ptr == NULL);
	CHECK(json_slice_member(list, STR("k")).ptr == NULL);
	found = json_slice_element(list, 2);
	CHECK_MEM(found.ptr, found.len, "{\"a\":12}", 8);
	CHECK(json_slice_element(list, 3).ptr == NULL);
	CHECK(json_slice_element(object, 0).ptr == NULL);
	CHECK(json_key_is(STR("\"na\\u006de\""), STR("name")));
	CHECK(!json_key_is(STR("\"na\\u006dee\""), STR("name")));
	CHECK(!json_key_is(STR("\"nam\""), STR("name")));
}

static void test_types(void)
{
	static const struct { const char *text, *name; int empty; } rows[] = {
		{ "", "nothing", 1 }, { "null", "null", 1 }, { "false", "true or false", 1 },
		{ "true", "true or false", 0 }, { "0", "number", 1 }, { "-0.00e5", "number", 1 },
		{ "0.01", "number", 0 }, { "-7", "number", 0 }, { "\"\"", "text", 1 }, { "\" \"", "text", 0 },
		{ "\"0\"", "text", 0 }, { "[ ]", "list", 1 }, { "[0]", "list", 0 }, { "{}", "object", 1 },
		{ "{\"a\":0}", "object", 0 }
	};
	size_t i;

	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		check_row(rows[i].text);
		CHECK_STR(json_slice_type_name(str_from(rows[i].text)), rows[i].name);
		CHECK_INT(json_slice_is_empty(str_from(rows[i].text)), rows[i].empty);
	}
}

static void test_text(void)
{
	struct arena a;
	struct str t;

	arena_init(&a, 1000);
	t = json_slice_text(STR("\"plain\""), &a);
	CHECK_MEM(t.ptr, t.len, "plain", 5);
	CHECK_INT(a.used, 0);
	t = json_slice_text(STR("\"a\\u0000\\ud83d\\ude80\\n\""), &a);
	CHECK_MEM(t.ptr, t.len, "a\0\xf0\x9f\x9a\x80\n", 7);
	t = json_slice_text(STR("7"), &a);
	CHECK(t.ptr != NULL);
	CHECK_INT(t.len, 0);
	arena_release(&a);
}

static void test_broken_pair(void)
{
	static const struct { const char *text; int broken; } rows[] = {
		{ "\"\\ud83d\\ude80\"", 0 }, { "\"\\ud83d\"", 1 }, { "\"\\ude80\"", 1 },
		{ "\"\\ude80\\ud83d\"", 1 },
		{ "\"\\\\ud83d\"", 0 }, { "\"\\ud83dx\\ude80\"", 1 }, { "\"\\uD83D\\uDE80\\uDC00\"", 1 },
		{ "\"\\u00e9\\\\\"", 0 }, { "{\"\\udfff\":1}", 1 }, { "\"\\ud83d\\ud83d\\ude80\"", 1 },
		{ "1", 0 }
	};
	size_t i;

	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		check_row(rows[i].text);
		CHECK_INT(json_slice_broken_pair(str_from(rows[i].text)), rows[i].broken);
	}
}

CHECK_SUITE(json_slice, CHECK_TEST(walk), CHECK_TEST(look_up), CHECK_TEST(types), CHECK_TEST(text),
	    CHECK_TEST(broken_pair));
