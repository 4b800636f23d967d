#include <string.h>
#include "base/limits.h"
#include "check.h"
#include "prepare/prepare_int.h"

#define RECORD "{\"department\":\"IT/Core\",\"n\":5,\"f\":2.0,\"on\":true,\"tags\":[\"x\"],\"none\":null}"
#define SET "\"transform\":[{\"property\":\"d\",\"action\":\"replace_all\",\"value\":1}]"

/* What becomes of RECORD: 1 changed, 0 excluded, 2 left as it is, -1 error. */
static int outcome(const char *config)
{
	struct str record = STR(RECORD), result;
	struct transform *t;
	struct error e;
	int got;

	error_init(&e);
	t = transform_new(config, &e);
	if (t == NULL)
		return e.kind == ERROR_USAGE ? -1 : -2;
	got = transform_apply(t, record, &result, &e);
	if (got == 1 && result.ptr == record.ptr)
		got = 2;
	transform_free(t);
	return got;
}

static void test_conditions(void)
{
	static const struct { const char *filter; int want; } rows[] = {
		{ "{}", 1 }, { "null", 1 }, { "{\"and\":[]}", 1 }, { "{\"or\":[]}", 2 },
		{ "{\"not\":[]}", 1 }, { "{\"not\":{}}", 2 },
		{ "{\"property\":\"department\",\"string\":{\"equals\":\"IT/Core\"}}", 1 },
		{ "{\"property\":\"department\",\"string\":{\"equals\":\"it/core\"}}", 2 },
		{ "{\"property\":\"department\",\"string\":{\"starts_with\":\"IT\"}}", 1 },
		{ "{\"property\":\"department\",\"string\":{\"ends_with\":\"Core\"}}", 1 },
		{ "{\"property\":\"department\",\"string\":{\"contains\":\"/\"}}", 1 },
		{ "{\"property\":\"department\",\"string\":{\"contains\":\"\"}}", 1 },
		{ "{\"property\":\"department\",\"string\":{\"contains\":\"IT\",\"equals\":\"IT\"}}", 2 },
		{ "{\"property\":\"department\",\"string\":{\"begins\":\"IT\"}}", 2 },
		{ "{\"property\":\"n\",\"string\":{\"equals\":5}}", 1 },
		{ "{\"property\":\"n\",\"string\":{\"equals\":\"5\"}}", 1 },
		{ "{\"property\":\"f\",\"string\":{\"equals\":\"2.0\"}}", 1 },
		{ "{\"property\":\"on\",\"string\":{\"equals\":true}}", 1 },
		{ "{\"property\":\"none\",\"string\":{\"equals\":null}}", 2 },
		{ "{\"property\":\"tags.0\",\"string\":{\"equals\":\"x\"}}", 1 },
		{ "{\"property\":\"tags\",\"string\":{\"equals\":\"x\"}}", -1 },
		{ "{\"property\":\"absent\",\"string\":{\"equals\":\"x\"}}", 2 },
		{ "{\"not\":{\"property\":\"absent\",\"string\":{\"equals\":\"x\"}}}", 1 },
		{ "{\"or\":[{\"or\":[]},{}]}", 1 }, { "{\"and\":[{},{\"or\":[]}]}", 2 },
		{ "{\"and\":[\"text\"]}", 2 },
		{ "{\"property\":\"n\"}", 2 }, { "{\"string\":{\"equals\":\"x\"}}", 2 },
		{ "{\"property\":5,\"string\":{\"equals\":\"x\"}}", -1 },
		{ "{\"property\":\"n\",\"string\":{\"equals\":[5]}}", -1 },
		{ "{\"property\":\"n\",\"string\":{\"equals\":6},\"or\":[{}]}", 1 }
	};
	struct buf config;
	size_t i;

	buf_init(&config, 1000);
	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		check_row(rows[i].filter);
		buf_reset(&config);
		buf_printf(&config, "{\"filter\":%s," SET "}", rows[i].filter);
		CHECK_INT(outcome(buf_text(&config)), rows[i].want);
	}
	buf_release(&config);
}

static void test_configurations(void)
{
	static const struct { const char *config; int want; } rows[] = {
		{ "{}", 2 }, { "[]", 2 }, { "[1]", -1 }, { "{\"exclude\":{}}", 2 },
		{ "{\"exclude\":{\"and\":[]}}", 0 },
		{ "{\"exclude\":{\"not\":[]}," SET "}", 0 }, { "{\"transform\":null}", -1 },
		{ "{\"transform\":{}}", -1 },
		{ "{\"transform\":[]}", 2 }, { "{\"transform\":[5,\"x\",null,{}]}", 2 },
		{ "{" SET ",\"unknown\":1}", 1 },
		{ "{\"transform\":[{\"property\":\"n\",\"action\":\"replace_all\",\"value\":5.0}]}", 2 },
		{ "{\"transform\":[{\"property\":\"none\",\"action\":\"replace_all\"}]}", 2 },
		{ "{\"transform\":[{\"property\":\"absent.x\",\"action\":\"replace_all\"}]}", 2 },
		{ "{\"transform\":[{\"property\":\"n\",\"action\":\"replace\",\"value\":1}]}", 2 },
		{ "{\"transform\":[{\"property\":\".\",\"action\":\"replace_all\",\"value\":1}]}", 2 },
		{ "{\"transform\":[{\"property\":1,\"action\":\"replace_all\",\"value\":1}]}", -1 },
		{ "{\"transform\":[{\"property\":\"n\",\"action\":\"replace_all\",\"value\":\"\\ud800\"}]}",
		  -1 },
		{ "{\"filter\":", -1 }, { "{,}", -1 }, { "no/such/file.json", -1 }
	};
	size_t i;

	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		check_row(rows[i].config);
		CHECK_INT(outcome(rows[i].config), rows[i].want);
	}
}

/* A rule makes nothing that the next reader would refuse. */
static void test_depth(void)
{
	struct buf config;
	int parts, i;

	buf_init(&config, 2000);
	for (parts = MAX_JSON_DEPTH - 4; parts < MAX_JSON_DEPTH; parts++) {
		buf_reset(&config);
		buf_puts(&config, "{\"transform\":[{\"property\":\"d");
		for (i = 1; i < parts; i++)
			buf_puts(&config, ".d");
		buf_puts(&config, "\",\"action\":\"replace_all\",\"value\":[\"\\\"[\"]}]}");
		CHECK_INT(outcome(buf_text(&config)), parts + 1 <= MAX_JSON_DEPTH - 2 ? 1 : -1);
	}
	buf_release(&config);
}

static void test_messages(void)
{
	struct error e;

	error_init(&e);
	CHECK(transform_new("{\n \"transform\": [{\"property\": 7}]}", &e) == NULL);
	CHECK_STR(e.text, "TIMECAMP_PREPARE_TRANSFORM_CONFIG, line 2, column 29: "
		  "\"property\" should be text");
	CHECK(transform_new("{\"filter\": {]}", &e) == NULL);
	CHECK_INT(e.kind, ERROR_USAGE);
	CHECK(strstr(e.text, "at byte 12") != NULL);
}

/* Later rules see what earlier ones did. */
static void test_rules(void)
{
	struct str result;
	struct error e;
	struct transform *t = transform_new(
		"{\"transform\":[{\"property\":\"a.b\",\"action\":\"replace_all\",\"value\":{\"c\":[1]}},"
		"{\"property\":\"a.b.c.0\",\"action\":\"replace_all\",\"value\":\"x\"},"
		"{\"property\":\"z\",\"action\":\"replace_all\",\"value\":\"y\"}]}", &e);
	static const char want[] = "{\"a\":{\"b\":{\"c\":[\"x\"]}},\"z\":\"y\"}";

	if (!CHECK(t != NULL))
		return;
	CHECK_INT(transform_apply(t, STR("{\"a\":1}"), &result, &e), 1);
	CHECK_MEM(result.ptr, result.len, want, sizeof want - 1);
	CHECK_INT(transform_sets(t, "a"), 1);
	CHECK_INT(transform_sets(t, "b"), 0);
	transform_free(t);
}

CHECK_SUITE(prepare_transform, CHECK_TEST(conditions), CHECK_TEST(configurations), CHECK_TEST(messages), CHECK_TEST(depth),
	    CHECK_TEST(rules));
