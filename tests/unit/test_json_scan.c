#include <stdlib.h>
#include <string.h>
#include "base/json_scan.h"
#include "base/limits.h"
#include "check.h"

/* What a scan delivered, one value a line, and how it ended. */
struct seen {
	struct buf log;
	struct error error;
	int result;
	uint64_t fault;
};

static int note(void *cookie, const struct json_match *m, struct str raw, struct error *e)
{
	struct seen *seen = cookie;
	int i;

	(void)e;
	buf_printf(&seen->log, "%d", m->path);
	for (i = 0; i < m->keys; i++)
		buf_printf(&seen->log, " %.*s", STR_ARG(m->key[i]));
	buf_printf(&seen->log, " @%d", (int)m->offset);
	if (m->round > 1)
		buf_printf(&seen->log, " round %d", m->round);
	buf_printf(&seen->log, ": %.*s\n", STR_ARG(raw));
	return 0;
}

static void seen_init(struct seen *seen)
{
	buf_init(&seen->log, 1 << 20);
	error_init(&seen->error);
	seen->result = 0;
}

/* Scans text in pieces: the first `first` bytes, then `step` at a time. */
static void scan(struct seen *seen, struct json_scan *s, struct str text, size_t first, size_t step)
{
	size_t at = 0, n = first;

	seen_init(seen);
	json_scan_reset(s);
	while (at < text.len && seen->result == 0) {
		/* a copy of just that size, so that reading past its end is noticed by checking tools */
		char *piece;

		if (n > text.len - at)
			n = text.len - at;
		piece = malloc(n > 0 ? n : 1);
		memcpy(piece, text.ptr + at, n);
		seen->result = json_scan_feed(s, piece, n, &seen->error);
		free(piece);
		at += n;
		n = step;
	}
	if (seen->result == 0)
		seen->result = json_scan_end(s, &seen->error);
	seen->fault = json_scan_fault(s);
}

static int check_only(struct str text, struct seen *seen)
{
	static const char *const no_paths[] = { NULL };
	struct json_scan *s = json_scan_new(no_paths, MAX_RECORD, note, seen, NULL);
	int result;

	scan(seen, s, text, text.len, text.len);
	result = seen->result;
	json_scan_free(s);
	return result;
}

/* ---- the grammar --------------------------------------------------------------------------------------- */

#define TEXT(literal) { literal, sizeof(literal) - 1 }

static const struct str accepted[] = {
	TEXT("0"), TEXT("-0"), TEXT("7"), TEXT("-12"), TEXT("0.5"), TEXT("1.50"), TEXT("-0.0"), TEXT("1e5"),
	TEXT("1E+5"),
	TEXT("1e-5"), TEXT("0e0"), TEXT("12.34e56"), TEXT("1e400"), TEXT("123456789012345678901234567890"),
	TEXT("true"), TEXT("false"), TEXT("null"), TEXT("\"\""), TEXT("\"a\""), TEXT("[]"), TEXT("{}"),
	TEXT("[ ]"),
	TEXT("{ }"), TEXT(" \t\r\n1 \t\r\n"), TEXT("[1]"), TEXT("[1,2]"), TEXT("[ 1 , 2 ]"),
	TEXT("[[],[[]],{}]"),
	TEXT("{\"a\":1}"), TEXT("{\"a\":1,\"a\":2}"), TEXT("{ \"a\" : { \"\" : [ ] } , \"b\" : null }"),
	TEXT("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\""), TEXT("\"\\u0000\\u00e9\\uD834\\udd1e\\uABCD\""),
	TEXT("\"\\ud800\""), TEXT("\"\\udc00\\ud800\""), TEXT("\"\x7f\""), TEXT("\"/\""),
	TEXT("\"\xc2\x80\xdf\xbf\""), TEXT("\"\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80\xef\xbf\xbf\""),
	TEXT("\"\xf0\x90\x80\x80\xf4\x8f\xbf\xbf\""), TEXT("\"\xef\xbb\xbf\""), TEXT("\"{[,]}:\""),
	TEXT("[true,false,null,0,-1,\"x\",{},[]]"), TEXT("\"12345678\\n12345678\""), TEXT("{\"\\u0061\":0}")
};

/* The byte at which each of these stops being JSON. */
static const struct { struct str text; int offset; } refused[] = {
	{ TEXT(""), 0 }, { TEXT(" "), 1 }, { TEXT("\n\t"), 2 }, { TEXT("+1"), 0 }, { TEXT("01"), 1 },
	{ TEXT("-01"), 2 },
	{ TEXT("-"), 1 }, { TEXT("--1"), 1 }, { TEXT("1."), 2 }, { TEXT(".5"), 0 }, { TEXT("1.e5"), 2 },
	{ TEXT("1e"), 2 },
	{ TEXT("1e+"), 3 }, { TEXT("1e5.5"), 3 }, { TEXT("1.2.3"), 3 }, { TEXT("0x10"), 1 },
	{ TEXT("1a"), 1 },
	{ TEXT("1 2"), 2 }, { TEXT("007"), 1 }, { TEXT("NaN"), 0 }, { TEXT("Infinity"), 0 },
	{ TEXT("-Infinity"), 1 },
	{ TEXT("nan"), 1 }, { TEXT("[NaN]"), 1 }, { TEXT("tru"), 3 }, { TEXT("True"), 0 },
	{ TEXT("truE"), 3 },
	{ TEXT("truefalse"), 4 }, { TEXT("nul"), 3 }, { TEXT("nulll"), 4 }, { TEXT("undefined"), 0 },
	{ TEXT("'a'"), 0 }, { TEXT("\"a"), 2 }, { TEXT("\"a\\"), 3 }, { TEXT("\"\\u12"), 5 },
	{ TEXT("\"\\u12G4\""), 5 },
	{ TEXT("\"\\x41\""), 2 }, { TEXT("\"\\a\""), 2 }, { TEXT("\"\\\0\""), 2 }, { TEXT("\"\\U0041\""), 2 },
	{ TEXT("\"a\nb\""), 2 }, { TEXT("\"\t\""), 1 }, { TEXT("\"a\0b\""), 2 }, { TEXT("\"\x1f\""), 1 },
	{ TEXT("[1,]"), 3 }, { TEXT("[,1]"), 1 }, { TEXT("[1,,2]"), 3 }, { TEXT("[1 2]"), 3 },
	{ TEXT("[1"), 2 },
	{ TEXT("["), 1 }, { TEXT("]"), 0 }, { TEXT("[1}"), 2 }, { TEXT("[1]]"), 3 }, { TEXT("[1:2]"), 2 },
	{ TEXT("{"), 1 }, { TEXT("{a:1}"), 1 }, { TEXT("{'a':1}"), 1 }, { TEXT("{\"a\"}"), 4 },
	{ TEXT("{\"a\":}"), 5 },
	{ TEXT("{\"a\" 1}"), 5 }, { TEXT("{\"a\":1,}"), 7 }, { TEXT("{,}"), 1 },
	{ TEXT("{\"a\":1 \"b\":2}"), 7 },
	{ TEXT("{\"a\":1]"), 6 }, { TEXT("{\"a\":1,,\"b\":2}"), 7 }, { TEXT("{1:2}"), 1 },
	{ TEXT("{\"a\"::1}"), 5 },
	{ TEXT("{}{}"), 2 }, { TEXT("{} x"), 3 }, { TEXT("1,"), 1 }, { TEXT("[] // no"), 3 },
	{ TEXT("/**/1"), 0 },
	{ TEXT("\xef\xbb\xbf{}"), 0 }, { TEXT("\xff"), 0 }, { TEXT("\"\x80\""), 1 },
	{ TEXT("\"\xc0\x80\""), 1 },
	{ TEXT("\"\xc1\xbf\""), 1 }, { TEXT("\"\xc2\""), 2 }, { TEXT("\"\xe0\x80\x80\""), 2 },
	{ TEXT("\"\xe0\x9f\xbf\""), 2 }, { TEXT("\"\xed\xa0\x80\""), 2 }, { TEXT("\"\xe2\x82\""), 3 },
	{ TEXT("\"\xf0\x8f\xbf\xbf\""), 2 }, { TEXT("\"\xf4\x90\x80\x80\""), 2 },
	{ TEXT("\"\xf5\x80\x80\x80\""), 1 },
	{ TEXT("\"\xf0\x90\x80"), 4 }, { TEXT("\"\xfe\""), 1 }, { TEXT("[\x0c""1]"), 1 },
	{ TEXT("[1\xc2\xa0]"), 2 },
	{ TEXT("{\"\xff\":1}"), 2 }, { TEXT("\0"), 0 }, { TEXT("[1]\0"), 3 }
};

static void test_accepts(void)
{
	size_t i, split;
	struct seen seen;

	for (i = 0; i < sizeof(accepted) / sizeof(*accepted); i++) {
		static const char *const all[] = { "", NULL };
		struct json_scan *s = json_scan_new(all, MAX_RECORD, note, &seen, NULL);

		check_row(accepted[i].ptr);
		for (split = 0; split <= accepted[i].len; split++) {
			scan(&seen, s, accepted[i], split, accepted[i].len);
			CHECK_STR(seen.error.text, "");
			CHECK_INT(seen.result, 0);
			buf_release(&seen.log);
		}
		scan(&seen, s, accepted[i], 1, 1);
		CHECK_INT(seen.result, 0);
		CHECK_INT(json_scan_saw(s, 0), 1);
		buf_release(&seen.log);
		json_scan_free(s);
	}
}

static void test_refuses(void)
{
	static const char *const all[] = { "", NULL };
	size_t i, split;
	struct seen seen;
	char want[64];

	for (i = 0; i < sizeof(refused) / sizeof(*refused); i++) {
		struct str text = refused[i].text;
		struct json_scan *s = json_scan_new(all, MAX_RECORD, note, &seen, NULL);
		struct buf first;

		check_row(text.ptr);
		buf_init(&first, 1000);
		for (split = 1; split <= text.len + 1; split++) {
			scan(&seen, s, text, split, split == 1 ? 1 : text.len);
			CHECK_INT(seen.result, -1);
			CHECK_INT(seen.error.kind, ERROR_FAILED);
			CHECK_INT(seen.fault, refused[i].offset);
			if (split == 1)
				buf_puts(&first, seen.error.text);
			CHECK_STR(seen.error.text, buf_text(&first));
			buf_release(&seen.log);
		}
		buf_reset(&first);
		buf_printf(&first, "malformed JSON at byte %d:", refused[i].offset);
		memcpy(want, seen.error.text, first.len < sizeof(want) ? first.len : sizeof(want));
		CHECK_MEM(want, first.len, buf_text(&first), first.len);
		buf_release(&first);
		json_scan_free(s);
	}
}

static void test_messages(void)
{
	static const struct { struct str text; const char *message; } rows[] = {
		{ TEXT("[1,]"), "malformed JSON at byte 3: unexpected \"]\", should be a value" },
		{ TEXT("[1;]"), "malformed JSON at byte 2: unexpected \";\", should be \",\" or \"]\"" },
		{ TEXT("{\"a\":1;"), "malformed JSON at byte 6: unexpected \";\", should be \",\" or \"}\"" },
		{ TEXT("{\"a\";"), "malformed JSON at byte 4: unexpected \";\", should be \":\"" },
		{ TEXT("{1"), "malformed JSON at byte 1: unexpected \"1\", should be a key or \"}\"" },
		{ TEXT("{} x"),
		  "malformed JSON at byte 3: unexpected \"x\", should be nothing after the document" },
		{ TEXT("nuts"), "malformed JSON at byte 2: unexpected \"t\", should be true, false or null" },
		{ TEXT("-x"),
		  "malformed JSON at byte 1: unexpected \"x\", should be a number as JSON writes it" },
		{ TEXT("[\x01"),
		  "malformed JSON at byte 1: unexpected byte 0x01, should be a value or \"]\"" },
		{ TEXT("\xef\xbb\xbf[]"),
		  "malformed JSON at byte 0: a byte order mark, save the text without it" },
		{ TEXT("[\"\x80\"]"), "malformed JSON at byte 2: text that is not UTF-8" },
		{ TEXT("[\"a"), "malformed JSON at byte 3: the text ends too early" },
		{ TEXT(""), "malformed JSON at byte 0: there is no text at all" }
	};
	size_t i;
	struct seen seen;

	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		CHECK_INT(check_only(rows[i].text, &seen), -1);
		CHECK_STR(seen.error.text, rows[i].message);
		buf_release(&seen.log);
	}
}

/* ---- paths --------------------------------------------------------------------------------------------- */

static const struct {
	const char *paths[4];
	const char *text, *log;
} cuts[] = {
	{ { "" }, " [1, 2] ", "0 @1: [1, 2]\n" },
	{ { "" }, "12", "0 @0: 12\n" },
	{ { "[*]" }, "[1,\"a\" ,{\"b\":[2]},[3]]", "0 @1: 1\n0 @3: \"a\"\n0 @8: {\"b\":[2]}\n0 @18: [3]\n" },
	{ { "[*]" }, "[]", "" },
	{ { "[*]" }, "{\"a\":1}", "" },
	{ { "users[*]" }, "{\"x\":[9],\"users\":[{\"a\":1},2],\"users2\":[3],\"user\":[4]}",
	  "0 @18: {\"a\":1}\n0 @26: 2\n" },
	{ { "users[*]" }, "{\"users\":{\"a\":1}}", "" },
	{ { "users[*]" }, "{\"a\":{\"users\":[1]},\"users\":[]}", "" },
	{ { "users[*]" }, "[{\"users\":[1]}]", "" },
	{ { "users[*]" }, "{\"users\":[1],\"users\":[2,3]}",
	  "0 @10: 1\n0 @22 round 2: 2\n0 @24 round 2: 3\n" },
	{ { "users[*]" }, "{\"\\u0075\\u0073ers\":[1]}", "0 @20: 1\n" },
	{ { "a.b" }, "{\"a\":{\"b\":1,\"c\":2,\"b\":3},\"b\":4}", "0 @10: 1\n0 @22: 3\n" },
	{ { "a.b.c[*]" }, "{\"a\":{\"b\":{\"c\":[[1]]}}}", "0 @16: [1]\n" },
	{ { "*" }, "{\"a\":1,\"b\":{\"c\":2}}", "0 a @5: 1\n0 b @11: {\"c\":2}\n" },
	{ { "groups.*.users.*" },
	  "{\"groups\":{\"g1\":{\"users\":{\"7\":{},\"8\":1},\"x\":{\"y\":1}},\"g2\":{\"users\":{\"9\":2}}}}",
	  "0 g1 7 @30: {}\n0 g1 8 @37: 1\n0 g2 9 @72 round 2: 2\n" },
	{ { "[*].*[*]" }, "[{\"a\":[1,2],\"b\":3},[4],{\"c\":[5]}]",
	  "0 a @7: 1\n0 a @9: 2\n0 c @29 round 2: 5\n" },
	{ { "*.a", "x.*" }, "{\"x\":{\"a\":1,\"b\":2},\"y\":{\"a\":3}}",
	  "0 x @10: 1\n1 b @16: 2\n0 y @28 round 2: 3\n" },
	{ { "value[*]", "@odata.nextLink", "error.code" },
	  "{\"@odata.context\":\"x\",\"value\":[1],\"@odata.nextLink\":\"u\",\"error\":{\"code\":5}}",
	  "0 @31: 1\n1 @52: \"u\"\n2 @72: 5\n" },
	{ { "a", "a.b" }, "{\"a\":{\"b\":1}}", "0 @5: {\"b\":1}\n" },
	{ { "[*][*]" }, "[[1],2,[3,[4]]]", "0 @2: 1\n0 @8 round 2: 3\n0 @10 round 2: [4]\n" },
	{ { "\xc5\xbc" }, "{\"\xc5\xbc\":1,\"\\u017c\":2}", "0 @6: 1\n0 @17: 2\n" },
	{ { "*" }, "{\"a\\nb\":true}", "0 a\nb @8: true\n" },
	{ { "" }, "\"a\\u0041\"", "0 @0: \"a\\u0041\"\n" }
};

static void test_cuts(void)
{
	size_t i, split;
	struct seen seen;

	for (i = 0; i < sizeof(cuts) / sizeof(*cuts); i++) {
		struct str text = str_from(cuts[i].text);
		struct json_scan *s = json_scan_new(cuts[i].paths, MAX_RECORD, note, &seen, NULL);

		check_row(cuts[i].text);
		if (!CHECK(s != NULL))
			continue;
		for (split = 0; split <= text.len; split++) {
			scan(&seen, s, text, split, split == 0 ? 1 : text.len);
			CHECK_STR(seen.error.text, "");
			CHECK_STR(buf_text(&seen.log), cuts[i].log);
			buf_release(&seen.log);
		}
		json_scan_free(s);
	}
}

static void test_saw(void)
{
	static const struct { const char *path, *text; int saw; } rows[] = {
		{ "users[*]", "{\"users\":[]}", 1 }, { "users[*]", "{\"users\":[1,2]}", 1 },
		{ "users[*]", "{}", 0 },
		{ "users[*]", "{\"users\":null}", 0 }, { "users[*]", "{\"users\":{}}", 0 },
		{ "users[*]", "{\"users\":\"\"}", 0 },
		{ "users[*]", "[]", 0 }, { "users[*]", "{\"users\":[1],\"users\":[]}", 2 },
		{ "users[*]", "{\"users\":[1],\"users\":null}", 0 },
		{ "users[*]", "{\"users\":0,\"users\":[1]}", 1 },
		{ "[*]", "[]", 1 }, { "[*]", "{}", 0 }, { "[*]", "1", 0 }, { "a", "{\"b\":1}", 1 },
		{ "a", "[1]", 0 },
		{ "*.b[*]", "{\"x\":{\"b\":[1]},\"y\":{\"b\":null}}", 1 }, { "", "5", 1 }
	};
	size_t i;
	struct seen seen;

	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		const char *paths[2] = { NULL, NULL };
		struct json_scan *s;

		paths[0] = rows[i].path;
		s = json_scan_new(paths, 100, note, &seen, NULL);
		check_row(rows[i].text);
		scan(&seen, s, str_from(rows[i].text), 1, 1);
		CHECK_INT(seen.result, 0);
		CHECK_INT(json_scan_saw(s, 0), rows[i].saw);
		CHECK_INT(json_scan_null(s, 0), strstr(rows[i].text, "null") != NULL);
		buf_release(&seen.log);
		json_scan_free(s);
	}
}

static void test_bad_paths(void)
{
	static const char *const deep[] = { "a.b.c.d.e.f.g.h.i", NULL }, *const odd[] = { "a[0]", NULL };
	static const char *const most[] = { "a.b.c.d.e.f.g.h", "b", "c", "d", "e", "f", "g", "h", NULL };
	static const char *const many[] = { "a", "b", "c", "d", "e", "f", "g", "h", "i", NULL };
	struct error e;

	CHECK(json_scan_new(deep, 1, note, NULL, &e) == NULL);
	CHECK_STR(e.text, "JSON path \"a.b.c.d.e.f.g.h.i\" has more than 8 parts");
	CHECK(json_scan_new(odd, 1, note, NULL, &e) == NULL);
	CHECK(json_scan_new(many, 1, note, NULL, &e) == NULL);
	CHECK_STR(e.text, "more than 8 JSON paths");
	json_scan_free(json_scan_new(most, 1, note, NULL, &e));
	json_scan_free(NULL);
}

/* ---- limits -------------------------------------------------------------------------------------------- */

/* depth brackets of a kind round a number. */
static void nest(struct buf *b, int depth, const char *open, const char *close)
{
	int i;

	buf_init(b, 100000);
	for (i = 0; i < depth; i++)
		buf_puts(b, open);
	buf_puts(b, "1");
	for (i = 0; i < depth; i++)
		buf_puts(b, close);
}

static void test_depth(void)
{
	static const struct { int depth; const char *open, *close; int result; } rows[] = {
		{ MAX_JSON_DEPTH, "[", "]", 0 }, { MAX_JSON_DEPTH + 1, "[", "]", -1 },
		{ MAX_JSON_DEPTH, "{\"a\":", "}", 0 },
		{ MAX_JSON_DEPTH + 1, "{\"a\":", "}", -1 }, { MAX_JSON_DEPTH / 2, "[{\"a\":", "}]", 0 },
		{ 5000, "[", "]", -1 }
	};
	size_t i;
	struct buf b;
	struct seen seen;

	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		nest(&b, rows[i].depth, rows[i].open, rows[i].close);
		CHECK_INT(check_only(buf_str(&b), &seen), rows[i].result);
		if (rows[i].result != 0)
			CHECK(strstr(seen.error.text, "nested too deeply") != NULL);
		buf_release(&b);
		buf_release(&seen.log);
	}
}

static void fill(struct buf *b, const char *before, size_t n, int c, const char *after)
{
	char *room;

	buf_init(b, n + 100);
	buf_puts(b, before);
	room = buf_room(b, n);
	memset(room, c, n);
	buf_grew(b, n);
	buf_puts(b, after);
}

static void test_record_size(void)
{
	static const char *const paths[] = { "a[*]", NULL };
	struct json_scan *s;
	struct seen seen;
	struct buf b;
	int over;

	for (over = 0; over <= 1; over++) {
		static const size_t steps[] = { MAX_RECORD * 2, 1000 };
		size_t i;

		fill(&b, "{\"b\":\"x\",\"a\":[\"", MAX_RECORD - 2 + (size_t)over, 'x', "\"]}");
		s = json_scan_new(paths, MAX_RECORD, note, &seen, NULL);
		for (i = 0; i < 2; i++) {
			scan(&seen, s, buf_str(&b), steps[i], steps[i]);
			CHECK_INT(seen.result, over ? -1 : 0);
			CHECK_STR(seen.error.text,
				  over ? "the JSON value at byte 14 is larger than 1048576 bytes" : "");
			CHECK_INT(seen.log.failed, !over);	/* delivered, and too large for the log */
			buf_release(&seen.log);
		}
		json_scan_free(s);
		buf_release(&b);
	}
}

static void test_key_size(void)
{
	static const char *const paths[] = { "*", NULL };
	size_t over, step;
	struct seen seen;
	struct buf b;
	struct json_scan *s = json_scan_new(paths, 100, note, &seen, NULL);

	for (over = 0; over <= 1; over++) {
		for (step = 1; step < 2000; step += 1900) {
			fill(&b, "{\"", MAX_JSON_KEY + over, 'k', "\":1,\"z\":2}");
			scan(&seen, s, buf_str(&b), step, step);
			CHECK_INT(seen.result, 0);
			CHECK_INT(seen.log.len, strlen("0 z @266: 2\n") +
				  (over ? 0 : MAX_JSON_KEY + strlen("0  @260: 1\n")));
			buf_release(&seen.log);
			buf_release(&b);
		}
	}
	/* escapes do not count */
	buf_init(&b, 10000);
	buf_puts(&b, "{\"");
	for (over = 0; over < MAX_JSON_KEY; over++)
		buf_puts(&b, "\\u0041");
	buf_puts(&b, "\":1}");
	for (step = 1; step < 2000; step += 1900) {
		scan(&seen, s, buf_str(&b), step, step);
		CHECK_INT(seen.log.len, MAX_JSON_KEY + sizeof("0  @1540: 1\n") - 1);
		buf_release(&seen.log);
	}
	buf_release(&b);
	json_scan_free(s);
}

static void test_digits(void)
{
	static const struct { const char *before; size_t digits; const char *after; int result; } rows[] = {
		{ "[", MAX_JSON_DIGITS, "]", 0 }, { "[", MAX_JSON_DIGITS + 1, "]", -1 },
		{ "[-", MAX_JSON_DIGITS, "]", 0 },
		{ "[-", MAX_JSON_DIGITS + 1, "]", -1 }, { "", MAX_JSON_DIGITS, "", 0 },
		{ "", MAX_JSON_DIGITS + 1, "", -1 },
		{ "[", MAX_JSON_DIGITS + 1, ".5]", 0 }, { "[0.", MAX_JSON_DIGITS + 1, "]", 0 },
		{ "[", 3 * MAX_JSON_DIGITS, "]", -1 }
	};
	size_t i;
	struct buf b;
	struct seen seen;

	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		fill(&b, rows[i].before, rows[i].digits, '7', rows[i].after);
		CHECK_INT(check_only(buf_str(&b), &seen), rows[i].result);
		buf_release(&b);
		buf_release(&seen.log);
	}
}

/* ---- the rest ------------------------------------------------------------------------------------------ */

static int stop_at_two(void *cookie, const struct json_match *m, struct str raw, struct error *e)
{
	(void)m;
	*(int *)cookie += 1;
	return str_eqz(raw, "2") ? error_set(e, ERROR_LIMIT, "no twos") : 0;
}

static void test_callback_stops(void)
{
	static const char *const paths[] = { "[*]", NULL };
	int calls = 0;
	struct json_scan *s = json_scan_new(paths, 100, stop_at_two, &calls, NULL);
	struct error e;

	error_init(&e);
	CHECK_INT(json_scan_feed(s, "[1,2,3]", 7, &e), -1);
	CHECK_INT(e.kind, ERROR_LIMIT);
	CHECK_INT(calls, 2);
	CHECK_INT(json_scan_feed(s, ",4", 2, &e), -1);
	CHECK_INT(json_scan_end(s, &e), -1);
	CHECK_INT(calls, 2);
	json_scan_reset(s);
	CHECK_INT(json_scan_feed(s, "[5]", 3, &e), 0);
	CHECK_INT(json_scan_end(s, &e), 0);
	CHECK_INT(calls, 3);
	json_scan_free(s);
}

static void test_no_end_in_the_middle(void)
{
	static const char *const paths[] = { "[*]", NULL };
	int calls = 0;
	struct json_scan *s = json_scan_new(paths, 100, stop_at_two, &calls, NULL);
	struct error e;

	CHECK_INT(json_scan_feed(s, "[1, {\"a\":", 9, &e), 0);
	CHECK_INT(json_scan_end(s, &e), -1);
	CHECK_STR(e.text, "malformed JSON at byte 9: the text ends too early");
	CHECK_INT(calls, 1);
	json_scan_free(s);
}

CHECK_SUITE(json_scan, CHECK_TEST(accepts), CHECK_TEST(refuses), CHECK_TEST(messages), CHECK_TEST(cuts),
	    CHECK_TEST(saw),
	    CHECK_TEST(bad_paths), CHECK_TEST(depth), CHECK_TEST(record_size), CHECK_TEST(key_size),
	    CHECK_TEST(digits),
	    CHECK_TEST(callback_stops), CHECK_TEST(no_end_in_the_middle));
