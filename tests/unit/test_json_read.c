#include <stdlib.h>
#include <string.h>
#include "base/json_read.h"
#include "base/buf.h"
#include "base/limits.h"
#include "base/unicode.h"
#include "check.h"

static struct json_doc *doc;
static struct arena arena;
static struct error error;

static void begin(void)
{
	error_init(&error);
	doc = json_doc_new(MAX_JSON_TOKENS, &error);
	arena_init(&arena, 1 << 20);
}

static void finish(void)
{
	json_doc_free(doc);
	arena_release(&arena);
}

static struct json parse(const char *text)
{
	struct json root;

	CHECK_INT(json_parse(doc, str_from(text), 0, &root, &error), 0);
	return root;
}

#define CHECK_SLICE(got, want) check_slice(__FILE__, __LINE__, #got, got, want)

static void check_slice(const char *file, int line, const char *expr, struct str got, const char *want)
{
	check_mem(file, line, expr, got.ptr, got.len, want, strlen(want));
}

static void test_types(void)
{
	static const struct {
		const char *text;
		enum json_type type;
		const char *name;
		size_t count;
	} rows[] = {
		{ "null", JSON_NULL, "null", 0 }, { " false", JSON_FALSE, "true or false", 0 },
		{ "true ", JSON_TRUE, "true or false", 0 }, { "-1.5e3", JSON_NUMBER, "number", 0 },
		{ "7", JSON_NUMBER, "number", 0 }, { "\"null\"", JSON_STRING, "text", 0 },
		{ "\"\"", JSON_STRING, "text", 0 },
		{ "[]", JSON_ARRAY, "list", 0 }, { "[1,[2,3],{\"a\":4}]", JSON_ARRAY, "list", 3 },
		{ "{}", JSON_OBJECT, "object", 0 },
		{ "{\"a\":[1,2],\"b\":{},\"a\":0}", JSON_OBJECT, "object", 3 }
	};
	struct json nothing = { NULL, 0 };
	size_t i;

	begin();
	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct json v = parse(rows[i].text);

		check_row(rows[i].text);
		CHECK_INT(json_type(v), rows[i].type);
		CHECK_STR(json_type_name(v), rows[i].name);
		CHECK_INT(json_count(v), rows[i].count);
		CHECK_MEM(json_raw(v).ptr, json_raw(v).len, str_trim(str_from(rows[i].text)).ptr,
			  str_trim(str_from(rows[i].text)).len);
	}
	check_row(NULL);
	CHECK_INT(json_type(nothing), JSON_NONE);
	CHECK_STR(json_type_name(nothing), "nothing");
	CHECK_INT(json_count(nothing), 0);
	CHECK(json_raw(nothing).ptr == NULL);
	CHECK(json_get(nothing, "a").doc == NULL);
	CHECK(json_at(nothing, 0).doc == NULL);
	CHECK(json_first(nothing).doc == NULL);
	CHECK(json_next(nothing, nothing).doc == NULL);
	CHECK_SLICE(json_text(nothing, &arena), "");
	CHECK_SLICE(json_key(nothing, &arena), "");
	finish();
}

static void test_get(void)
{
	static const struct { const char *key, *raw; } rows[] = {
		{ "a", "3" }, { "b", "[1,{\"x\":2}]" }, { "c", "{\"a\":9}" }, { "", "5" }, { "d", NULL },
		{ "x", NULL },
		{ "\xc5\xbc", "6" }, { "a\nb", "7" }, { "a\\nb", NULL }, { "q\"", "8" },
		{ "\xf0\x9d\x84\x9e", "10" },
		{ "/", "11" }, { "ab", NULL }, { "z", "\"last\"" }
	};
	struct json v;
	size_t i;

	begin();
	v = parse("{\"a\":1,\"b\":[1,{\"x\":2}],\"c\":{\"a\":9},\"\\u0061\":3,\"\":5,\"\\u017c\":6,"
		  "\"a\\nb\":7,\"q\\\"\":8,\"\\uD834\\udd1E\":10,\"\\/\":11,\"z\":\"last\"}");
	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct json got = json_get(v, rows[i].key);

		check_row(rows[i].key);
		if (rows[i].raw != NULL)
			CHECK_SLICE(json_raw(got), rows[i].raw);
		else
			CHECK(got.doc == NULL);
	}
	check_row(NULL);
	CHECK_SLICE(json_raw(json_get(json_get(v, "c"), "a")), "9");
	CHECK(json_get(json_get(v, "b"), "x").doc == NULL);
	CHECK(json_get(json_get(v, "a"), "x").doc == NULL);
	CHECK_SLICE(json_raw(json_get(json_at(json_get(v, "b"), 1), "x")), "2");
	finish();
}

static void test_walk(void)
{
	static const char *const keys[] = { "one", "t\tw", "one" },
	*const raws[] = { "[[],{\"k\":[]}]", "{}", "null" };
	struct json v, child;
	int n = 0;

	begin();
	v = parse("{\"one\":[[],{\"k\":[]}],\"t\\tw\":{},\"one\":null}");
	for (child = json_first(v); child.doc != NULL && n < 3; child = json_next(v, child), n++) {
		CHECK_SLICE(json_key(child, &arena), keys[n]);
		CHECK_SLICE(json_raw(child), raws[n]);
	}
	CHECK_INT(n, 3);
	CHECK(child.doc == NULL);
	v = parse("[1,[2,[3]],{\"a\":4},\"x\"]");
	CHECK_SLICE(json_raw(json_at(v, 0)), "1");
	CHECK_SLICE(json_raw(json_at(v, 1)), "[2,[3]]");
	CHECK_SLICE(json_raw(json_at(v, 2)), "{\"a\":4}");
	CHECK_SLICE(json_raw(json_at(v, 3)), "\"x\"");
	CHECK(json_at(v, 4).doc == NULL);
	CHECK(json_first(parse("[]")).doc == NULL);
	CHECK(json_first(parse("{}")).doc == NULL);
	CHECK(json_first(parse("1")).doc == NULL);
	CHECK(json_at(parse("{\"a\":1}"), 0).doc == NULL);
	finish();
}

static void test_text(void)
{
	static const struct { const char *raw, *text; int valid; } rows[] = {
		{ "\"\"", "", 1 }, { "\"plain\"", "plain", 1 },
		{ "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\/\b\f\n\r\t", 1 },
		{ "\"\\u0041\\u00e9\\u20AC\"", "A\xc3\xa9\xe2\x82\xac", 1 },
		{ "\"\\ud834\\uDD1E!\"", "\xf0\x9d\x84\x9e!", 1 },
		{ "\"\\ud800\"", "\xed\xa0\x80", 0 }, { "\"\\ud800x\"", "\xed\xa0\x80x", 0 },
		{ "\"\\ud800\\u0041\"", "\xed\xa0\x80""A", 0 },
		{ "\"\\ud800\\ud800\\udc00\"", "\xed\xa0\x80\xf0\x90\x80\x80", 0 },
		{ "\"\\udc00\\ud800\"", "\xed\xb0\x80\xed\xa0\x80", 0 },
		{ "\"\\ud800\\n\"", "\xed\xa0\x80\n", 0 },
		{ "\"a\\nb\\nc\"", "a\nb\nc", 1 }, { "\"\\\\ud800\"", "\\ud800", 1 },
		{ "\"\\\\\\ud800\"", "\\\xed\xa0\x80", 0 },
		{ "\"\\uffff\"", "\xef\xbf\xbf", 1 }, { "\"\\udbff\\udfff\"", "\xf4\x8f\xbf\xbf", 1 }
	};
	size_t i;
	struct buf b;

	begin();
	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct json v = parse(rows[i].raw);

		check_row(rows[i].raw);
		CHECK_SLICE(json_text(v, &arena), rows[i].text);
		CHECK_SLICE(json_scalar(v, &arena), rows[i].text);
		CHECK_INT(json_surrogate_free(json_raw(v)), rows[i].valid);
		CHECK_INT(utf8_valid(json_text(v, &arena)), rows[i].valid);
		buf_init(&b, 100);
		json_unescape(&b, json_raw(v));
		CHECK_STR(buf_text(&b), rows[i].text);
		buf_release(&b);
	}
	check_row(NULL);
	CHECK_MEM(json_text(parse("\"a\\u0000b\""), &arena).ptr, 3, "a\0b", 3);
	CHECK_SLICE(json_scalar(parse("-1.50e2"), &arena), "-1.50e2");
	CHECK_SLICE(json_scalar(parse("true"), &arena), "true");
	CHECK_SLICE(json_scalar(parse("null"), &arena), "");
	CHECK_SLICE(json_scalar(parse("[1]"), &arena), "");
	CHECK_SLICE(json_text(parse("5"), &arena), "");
	CHECK_INT(json_surrogate_free(STR("{\"a\":[\"\\ud834\\udd1e\",\"\\udd1e\"]}")), 0);
	CHECK_INT(json_surrogate_free(STR("{\"a\":[\"\\ud834\\udd1e\",\"\\n\"]}")), 1);
	CHECK_INT(json_surrogate_free(STR("{\"\\ud834\":\"\\udd1e\"}")), 0);
	arena_release(&arena);
	arena_init(&arena, 2);
	CHECK(json_text(parse("\"\\n\\n\\n\""), &arena).ptr == NULL);
	CHECK(json_key(json_first(parse("{\"\\n\\n\\n\":1}")), &arena).ptr == NULL);
	finish();
}

static void test_int(void)
{
	static const struct { const char *text; int result; long long n; } rows[] = {
		{ "0", 0, 0 }, { "-7", 0, -7 }, { "9223372036854775807", 0, 9223372036854775807LL },
		{ "9223372036854775808", -1, 0 }, { "\"42\"", 0, 42 }, { "\"-1\"", 0, -1 }, { "\"\"", -1, 0 },
		{ "\" 1\"", -1, 0 }, { "1.0", -1, 0 }, { "1e3", -1, 0 }, { "\"x\"", -1, 0 },
		{ "true", -1, 0 },
		{ "null", -1, 0 }, { "[1]", -1, 0 }, { "\"\\u0031\"", -1, 0 }
	};
	size_t i;

	begin();
	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		int64_t n = 0;

		check_row(rows[i].text);
		CHECK_INT(json_int(parse(rows[i].text), &n), rows[i].result);
		CHECK_INT(n, rows[i].n);
	}
	finish();
}

static void test_malformed(void)
{
	static const struct { const char *text, *message; } rows[] = {
		{ "", "malformed JSON at byte 0: there is no text at all" },
		{ "{\"a\":1,}",
		  "malformed JSON at byte 7: unexpected \"}\", should be a key in double quotes" },
		{ "[1] 2",
		  "malformed JSON at byte 4: unexpected \"2\", should be nothing after the document" },
		{ "[1", "malformed JSON at byte 2: the text ends too early" }
	};
	struct json root;
	size_t i;

	begin();
	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		CHECK_INT(json_parse(doc, str_from(rows[i].text), 0, &root, &error), -1);
		CHECK_STR(error.text, rows[i].message);
		CHECK(root.doc == NULL);
	}
	CHECK_INT(json_parse(doc, str_from(NULL), 0, &root, &error), -1);
	CHECK_INT(json_count(parse("[1,2]")), 2);	/* and goes on */
	finish();
}

static void test_token_limit(void)
{
	struct json_doc *small = json_doc_new(5, &error);
	struct json root;
	struct buf b;
	int i, over;

	CHECK_INT(json_parse(small, STR("[1,2,3,4]"), 0, &root, &error), 0);
	CHECK_INT(json_parse(small, STR("[1,2,3,4,5]"), 0, &root, &error), -1);
	CHECK_STR(error.text, "the JSON record has more than 5 parts");
	CHECK_INT(json_parse(small, STR("{\"a\":1,\"b\":2}"), 1, &root, &error), 0);
	CHECK_INT(json_parse(small, STR("{\"a\":1,\"b\":[]}"), 1, &root, &error), 0);
	CHECK_INT(json_parse(small, STR("{\"a\":1,\"b\":[0]}"), 1, &root, &error), -1);
	json_doc_free(small);
	begin();
	for (over = 0; over <= 1; over++) {
		buf_init(&b, MAX_RECORD);
		buf_puts(&b, "[0");
		for (i = 2; i < MAX_JSON_TOKENS + over; i++)
			buf_puts(&b, i % 100 == 0 ? ",\"\"" : ",1");
		buf_puts(&b, "]");
		CHECK_INT(json_parse(doc, buf_str(&b), 0, &root, &error), -over);
		if (!over) {
			CHECK_INT(json_count(root), MAX_JSON_TOKENS - 1);
			CHECK_SLICE(json_raw(json_at(root, MAX_JSON_TOKENS - 2)), "1");
			CHECK_SLICE(json_raw(json_at(root, 99)), "\"\"");
		}
		buf_release(&b);
	}
	finish();
	json_doc_free(NULL);
}

static void test_deep(void)
{
	struct buf b;
	struct json v;
	int i;

	begin();
	buf_init(&b, 10000);
	for (i = 0; i < MAX_JSON_DEPTH / 2; i++)
		buf_puts(&b, "{\"x\":0,\"a\":[7,");
	buf_puts(&b, "1");
	for (i = 0; i < MAX_JSON_DEPTH / 2; i++)
		buf_puts(&b, "],\"z\":2}");
	v = parse(buf_text(&b));
	for (i = 0; i < MAX_JSON_DEPTH / 2; i++) {
		CHECK_SLICE(json_raw(json_get(v, "z")), "2");
		v = json_at(json_get(v, "a"), 1);
	}
	CHECK_SLICE(json_raw(v), "1");
	buf_release(&b);
	finish();
}

CHECK_SUITE(json_read, CHECK_TEST(types), CHECK_TEST(get), CHECK_TEST(walk), CHECK_TEST(text),
	    CHECK_TEST(int),
	    CHECK_TEST(malformed), CHECK_TEST(token_limit), CHECK_TEST(deep));
