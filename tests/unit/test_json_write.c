#include <stdlib.h>
#include <string.h>
#include "base/json_read.h"
#include "base/json_write.h"
#include "check.h"

/* One document with everything in it. */
static void write_all(struct json_write *w)
{
	json_begin_object(w);
	json_put_member(w, "text", STR("a\"b\\c/\n\r\t\b\f\x01\x1f\x7f"));
	json_put_keyz(w, "int");
	json_put_int(w, -42);
	json_put_keyz(w, "list");
	json_begin_array(w);
	json_put_bool(w, 1);
	json_put_bool(w, 0);
	json_put_null(w);
	json_begin_array(w);
	json_end_array(w);
	json_begin_object(w);
	json_end_object(w);
	json_end_array(w);
	json_put_member_raw(w, "raw", STR("[1, 2]"));
	json_put_key(w, STR("k\"\xc5\xbc"));
	json_put_text(w, STR("\xf0\x9d\x84\x9e"));
	json_put_member(w, "", str_from(NULL));
	json_put_keyz(w, "big");
	json_put_int(w, INT64_MIN);
	json_end_object(w);
}

static void test_shapes(void)
{
	static const struct { int indent; const char *text; } rows[] = {
		{ 0,
		  "{\"text\":\"a\\\"b\\\\c/\\n\\r\\t\\b\\f\\u0001\\u001f\x7f\",\"int\":-42,"
		  "\"list\":[true,false,null,[],{}],"
		  "\"raw\":[1, 2],\"k\\\"\xc5\xbc\":\"\xf0\x9d\x84\x9e\",\"\":\"\","
		  "\"big\":-9223372036854775808}" },
		{ 2,
		  "{\n  \"text\": \"a\\\"b\\\\c/\\n\\r\\t\\b\\f\\u0001\\u001f\x7f\",\n  \"int\": -42,\n"
		  "  \"list\": [\n    true,\n    false,\n"
		  "    null,\n    [],\n    {}\n  ],\n  \"raw\": [1, 2],\n"
		  "  \"k\\\"\xc5\xbc\": \"\xf0\x9d\x84\x9e\",\n"
		     "  \"\": \"\",\n  \"big\": -9223372036854775808\n}" }
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct json_write w;
		struct error e;

		json_write_init(&w, rows[i].indent, NULL, NULL, 10000);
		write_all(&w);
		CHECK_INT(json_write_finish(&w, &e), 0);
		CHECK_STR(buf_text(&w.out), rows[i].text);
		json_write_release(&w);
	}
}

static int gather(void *cookie, const char *data, size_t len, struct error *e)
{
	(void)e;
	buf_put(cookie, data, len);
	return 0;
}

/* Streamed or not, large or small pieces: the same bytes. */
static void test_streams(void)
{
	struct json_write whole, streamed;
	struct buf got, large;
	struct error e;
	int i, k;

	buf_init(&got, 1 << 24);
	buf_init(&large, 1 << 20);
	for (i = 0; i < 100000; i++)
		buf_putc(&large, i % 1000 == 0 ? '"' : 'x');
	json_write_init(&whole, 0, NULL, NULL, 1 << 24);
	json_write_init(&streamed, 0, gather, &got, 0);
	for (k = 0; k < 2; k++) {
		struct json_write *w = k == 0 ? &whole : &streamed;

		json_begin_array(w);
		for (i = 0; i < 2000; i++) {
			json_put_text(w, str_of(large.data, (size_t)i * 3 % large.len));
			json_put_int(w, i);
			if (i % 500 == 0)
				json_put_raw(w, STR("[]"));
		}
		json_put_raw(w, STR("0"));
		json_put_text(w, buf_str(&large));
		json_end_array(w);
	}
	CHECK_INT(json_write_finish(&whole, &e), 0);
	CHECK_INT(json_write_finish(&streamed, &e), 0);
	CHECK_INT(got.len > 6000000, 1);
	CHECK(str_eq(buf_str(&got), buf_str(&whole.out)));
	json_write_release(&whole);
	json_write_release(&streamed);
	buf_release(&got);
	buf_release(&large);
}

static void test_cap(void)
{
	struct json_write w;
	struct error e;
	int max;

	for (max = 8; max <= 9; max++) {
		json_write_init(&w, 0, NULL, NULL, (size_t)max);
		json_begin_array(&w);
		json_put_text(&w, STR("abcde"));
		json_end_array(&w);
		CHECK_INT(json_write_finish(&w, &e), max == 9 ? 0 : -1);
		json_write_release(&w);
	}
}

static void test_large_pieces(void)
{
	static const size_t sizes[] = { 1, 32767, 32768, 32769, 40000, 100000 };
	struct buf got, text, want;
	struct error e;
	size_t i, k;

	buf_init(&got, 1 << 22);
	buf_init(&want, 1 << 22);
	buf_init(&text, 1 << 20);
	for (i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		struct json_write w;

		json_write_init(&w, 0, gather, &got, 0);
		json_begin_array(&w);
		buf_puts(&want, "[");
		for (k = 0; k < 3; k++) {
			buf_reset(&text);
			while (text.len < sizes[i])
				buf_putc(&text, 'a' + (int)(text.len % 26));
			json_put_text(&w, buf_str(&text));
			buf_printf(&want, "%s\"%s\"", k > 0 ? "," : "", buf_text(&text));
		}
		json_end_array(&w);
		buf_puts(&want, "]");
		CHECK_INT(json_write_finish(&w, &e), 0);
		CHECK_MEM(got.data, got.len, want.data, want.len);
		json_write_release(&w);
		buf_reset(&got);
		buf_reset(&want);
	}
	buf_release(&got);
	buf_release(&want);
	buf_release(&text);
}

/* Fails at the n-th call. */
static int fail_at(void *cookie, const char *data, size_t len, struct error *e)
{
	int *left = cookie;

	(void)data;
	(void)len;
	*left -= 1;
	return *left > 0 ? 0 : error_set(e, ERROR_FAILED, *left == 0 ? "disk full" : "called again");
}

static void test_sticks(void)
{
	int n, i;

	for (n = 1; n < 5; n++) {
		int left = n;
		struct json_write w;
		struct error e;

		json_write_init(&w, 0, fail_at, &left, 0);
		json_begin_array(&w);
		for (i = 0; i < 40000; i++)
			json_put_int(&w, i);
		json_end_array(&w);
		CHECK_INT(json_write_finish(&w, &e), -1);
		CHECK_STR(e.text, "disk full");
		CHECK_INT(left, 0);
		json_write_release(&w);
	}
}

static void test_bad_text(void)
{
	static const struct { struct str text; unsigned long at; const char *quoted; } rows[] = {
		{ { "ab\xff", 3 }, 2, "\"ab\xef\xbf\xbd\"" },
		{ { "\xed\xa0\x80", 3 }, 0, "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"" },
		{ { "\xc3", 1 }, 0, "\"\xef\xbf\xbd\"" },
		{ { "\"\xc0\x80", 3 }, 1, "\"\\\"\xef\xbf\xbd\xef\xbf\xbd\"" },
		{ { "\xc5\xbc\x80x", 4 }, 2, "\"\xc5\xbc\xef\xbf\xbdx\"" }
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct json_write w;
		struct error e;
		struct buf b, want;

		json_write_init(&w, 0, NULL, NULL, 1000);
		json_put_text(&w, rows[i].text);
		CHECK_INT(json_write_finish(&w, &e), -1);
		buf_init(&want, 1000);
		buf_printf(&want, "a text is not UTF-8 (or has half a surrogate pair) at its byte %lu: ",
			   rows[i].at);
		CHECK_MEM(e.text, want.len, want.data, want.len);
		json_write_release(&w);
		buf_init(&b, 1000);
		json_quote(&b, rows[i].text);
		CHECK_STR(buf_text(&b), rows[i].quoted);
		buf_release(&b);
		buf_release(&want);
	}
}

static void test_depth(void)
{
	int over, i;

	for (over = 0; over <= 1; over++) {
		struct json_write w;
		struct error e;

		json_write_init(&w, 0, NULL, NULL, 10000);
		for (i = 0; i < MAX_JSON_DEPTH + over; i++)
			json_begin_array(&w);
		for (i = 0; i < MAX_JSON_DEPTH + over; i++)
			json_end_array(&w);
		CHECK_INT(json_write_finish(&w, &e), -over);
		json_write_release(&w);
	}
}

/* Random documents: what was written reads back, and writes again to the same bytes. */
struct dice { unsigned long state; };

static unsigned roll(struct dice *d, unsigned n)
{
	d->state = (d->state * 1103515245UL + 12345UL) & 0x7fffffffUL;
	return (unsigned)(d->state >> 8) % n;
}

static struct str random_text(struct dice *d, char *out)
{
	static const char *const bits[] = { "a", "\"", "\\", "\n", "\x01", "\xc5\xbc", "\xe2\x82\xac",
					    "\xf0\x9d\x84\x9e", "/", "zzzz",
					    "\x7f", " " };
	size_t n = roll(d, 12), len = 0;

	while (n-- > 0) {
		const char *bit = bits[roll(d, sizeof(bits) / sizeof(*bits))];

		memcpy(out + len, bit, strlen(bit));
		len += strlen(bit);
	}
	if (roll(d, 10) == 0)
		out[len++] = '\0';
	return str_of(out, len);
}

static void write_random(struct json_write *w, struct dice *d, int depth)
{
	char text[100];
	unsigned n = roll(d, 5), kind = roll(d, depth < 5 ? 7 : 5);

	switch (kind) {
	case 0:
		json_put_null(w);
		break;
	case 1:
		json_put_bool(w, (int)roll(d, 2));
		break;
	case 2:
		json_put_int(w, (int64_t)roll(d, 1000000) - 500000);
		break;
	case 3:
	case 4:
		json_put_text(w, random_text(d, text));
		break;
	case 5:
		json_begin_array(w);
		while (n-- > 0)
			write_random(w, d, depth + 1);
		json_end_array(w);
		break;
	default:
		json_begin_object(w);
		while (n-- > 0) {
			json_put_key(w, random_text(d, text));
			write_random(w, d, depth + 1);
		}
		json_end_object(w);
	}
}

static void copy(struct json_write *w, struct json v, struct arena *a)
{
	struct json child;
	int64_t n;

	switch (json_type(v)) {
	case JSON_OBJECT:
	case JSON_ARRAY:
		(json_type(v) == JSON_OBJECT ? json_begin_object : json_begin_array)(w);
		for (child = json_first(v); child.doc != NULL; child = json_next(v, child)) {
			if (json_type(v) == JSON_OBJECT)
				json_put_key(w, json_key(child, a));
			copy(w, child, a);
		}
		(json_type(v) == JSON_OBJECT ? json_end_object : json_end_array)(w);
		break;
	case JSON_STRING:
		json_put_text(w, json_text(v, a));
		break;
	case JSON_NUMBER:
		json_int(v, &n);
		json_put_int(w, n);
		break;
	default:
		json_put_raw(w, json_raw(v));
	}
}

static void test_round_trip(void)
{
	struct json_doc *doc = json_doc_new(100000, NULL);
	struct arena arena;
	int i;

	arena_init(&arena, 1 << 20);
	for (i = 0; i < 2000; i++) {
		struct dice d = { (unsigned long)i };
		struct json_write w, again;
		struct json root;
		struct error e;

		error_init(&e);
		json_write_init(&w, i % 3, NULL, NULL, 1 << 20);
		json_write_init(&again, i % 3, NULL, NULL, 1 << 20);
		json_begin_array(&w);
		write_random(&w, &d, 0);
		write_random(&w, &d, 0);
		json_end_array(&w);
		CHECK_INT(json_parse(doc, buf_str(&w.out), 0, &root, &e), 0);
		CHECK_STR(e.text, "");
		copy(&again, root, &arena);
		CHECK_MEM(again.out.data, again.out.len, w.out.data, w.out.len);
		json_write_release(&w);
		json_write_release(&again);
		arena_reset(&arena);
	}
	arena_release(&arena);
	json_doc_free(doc);
}

CHECK_SUITE(json_write, CHECK_TEST(shapes), CHECK_TEST(streams), CHECK_TEST(cap), CHECK_TEST(large_pieces),
	    CHECK_TEST(sticks),
	    CHECK_TEST(bad_text), CHECK_TEST(depth), CHECK_TEST(round_trip));
