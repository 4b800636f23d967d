#include "check.h"

#include <stdio.h>
#include <string.h>

#include "net/http.h"
#include "net/http_msg.h"

/* What came out of the parser for one input, as text: "HEAD 200 [body] END" or "BAD". */
struct outcome {
	struct buf body;
	int head, ended, bad, status, keep_alive;
	size_t left;
	struct error e;
};

static void run(struct outcome *o, struct http_msg *m, struct str input, size_t step, int close)
{
	struct str in, piece;
	enum http_event ev = HTTP_MORE;
	size_t at = 0, n;

	buf_init(&o->body, 1 << 20);
	o->head = o->ended = o->bad = o->status = o->keep_alive = 0;
	error_init(&o->e);
	while (ev != HTTP_BAD && ev != HTTP_END) {
		n = input.len - at < step ? input.len - at : step;
		in = str_sub(input, at, n);
		ev = http_msg_next(m, &in, &piece, &o->e);
		at += n - in.len;
		if (ev == HTTP_HEAD) {
			o->head++;
			o->status = m->head.status;
			o->keep_alive = m->keep_alive;
		}
		if (ev == HTTP_DATA)
			buf_put_str(&o->body, piece);
		if (ev == HTTP_MORE && at == input.len)
			break;
	}
	if (close && ev == HTTP_MORE)
		ev = http_msg_close(m, &o->e);
	o->ended = ev == HTTP_END;
	o->bad = ev == HTTP_BAD;
	o->left = input.len - at;
}

/* A good answer: all ways to cut it give the same. */
static const struct {
	const char *name, *text;
	int status;
	const char *body;
	int close;			/* ends with the connection */
	int keep_alive;
	size_t left;			/* bytes that belong to the next message */
} good[] = {
	{ "length", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", 200, "hello", 0, 1, 0 },
	{ "next", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nabHTTP/1.1", 200, "ab", 0, 1, 8 },
	{ "empty", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 200, "", 0, 1, 0 },
	{ "no reason", "HTTP/1.1 200\r\nContent-Length: 1\r\n\r\nx", 200, "x", 0, 1, 0 },
	{ "close", "HTTP/1.1 200 OK\r\n\r\nall of it", 200, "all of it", 1, 0, 0 },
	{ "close, empty", "HTTP/1.1 200 OK\r\n\r\n", 200, "", 1, 0, 0 },
	{ "old", "HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\nx", 200, "x", 0, 0, 0 },
	{ "old, kept", "HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\nContent-Length: 1\r\n\r\nx", 200, "x", 0,
	  1, 0 },
	{ "not kept", "HTTP/1.1 200 OK\r\nConnection: a, Close\r\nContent-Length: 1\r\n\r\nx", 200, "x", 0, 0,
	  0 },
	{ "blanks", "HTTP/1.1 200 OK\r\ncontent-length:\t  7 \t\r\n\r\nseven77", 200, "seven77", 0, 1, 0 },
	{ "zeros", "HTTP/1.1 200 OK\r\nContent-Length: 0003\r\n\r\nabc", 200, "abc", 0, 1, 0 },
	{ "same twice", "HTTP/1.1 200 OK\r\nContent-Length: 3, 3\r\nContent-Length: 3\r\n\r\nabc", 200, "abc",
	  0, 1, 0 },
	{ "folded", "HTTP/1.1 200 OK\r\nX: a\r\n  b\r\n\tc\r\nContent-Length: 1\r\n\r\nx", 200, "x", 0, 1,
	  0 },
	{ "chunked",
	  "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0A\r\n0123456789\r\n0\r\n\r\n",
	  200, "abc0123456789", 0, 1, 0 },
	{ "chunked, next", "HTTP/1.1 200 OK\r\nTransfer-Encoding: CHUNKED\r\n\r\n1\r\nx\r\n0\r\n\r\nNEXT",
	  200, "x", 0, 1, 4 },
	{ "extension",
	  "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;a=\"b;c\"\r\nx\r\n0 ;z\r\n\r\n", 200, "x",
	  0, 1, 0 },
	{ "trailers",
	  "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\nA: b\r\nContent-Length: 9\r\n\r\n",
	  200, "x", 0, 1, 0 },
	{ "204", "HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n", 204, "", 0, 1, 0 },
	{ "304", "HTTP/1.1 304 Not Modified\r\nTransfer-Encoding: chunked\r\n\r\n", 304, "", 0, 1, 0 },
	{ "interim",
	  "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Hints\r\nLink: </x>\r\nContent-Length: 7\r\n\r\n"
	  "HTTP/1.1 201 Created\r\nContent-Length: 1\r\n\r\nx",
	  201, "x", 0, 1, 0 },
	{ "UTF-8", "HTTP/1.1 200 \xc3\xa9\r\nX: \xc3\xa9\xff\r\nContent-Length: 1\r\n\r\nx", 200, "x", 0, 1,
	  0 },
};

static void test_good(void)
{
	struct http_msg m;
	struct outcome o;
	size_t i, step;

	http_msg_init(&m, HTTP_RESPONSE);
	for (i = 0; i < sizeof good / sizeof good[0]; i++) {
		check_row(good[i].name);
		for (step = 1; step <= strlen(good[i].text); step++) {
			http_msg_reset(&m);
			run(&o, &m, str_from(good[i].text), step, good[i].close);
			if (!CHECK_STR(o.e.text, "") || !CHECK_INT(o.ended, 1))
				step = strlen(good[i].text);
			CHECK_INT(o.head, 1);
			CHECK_INT(o.status, good[i].status);
			CHECK_INT(o.keep_alive, good[i].keep_alive);
			CHECK_STR(buf_text(&o.body), good[i].body);
			CHECK_INT(o.left, good[i].left);
			buf_release(&o.body);
		}
	}
	check_row(NULL);
	http_msg_release(&m);
}

static const struct {
	const char *text, *error;
} bad[] = {
	{ "<html>", "no status line" },
	{ "SSH-2.0-x\r\n", "no status line" },
	{ "\r\nHTTP/1.1 200 OK\r\n\r\n", "no status line" },
	{ "HTTP/2 200\r\n\r\n", "no status line" },
	{ "HTTP/2.0 200 OK\r\n\r\n", "no status line" },
	{ "HTTP/1.1 20 OK\r\n\r\n", "no status line" },
	{ "HTTP/1.1 2000 OK\r\n\r\n", "no status line" },
	{ "HTTP/1.1 abc OK\r\n\r\n", "no status line" },
	{ "HTTP/1.1 099 OK\r\n\r\n", "no status line" },
	{ "HTTP/1.1  200 OK\r\n\r\n", "no status line" },
	{ "HTTP/1.1 200 O\001K\r\n\r\n", "no status line" },
	{ "HTTP/1.1 200 OK\nA: b\n\n", "CR LF" },
	{ "HTTP/1.1 200 OK\r\nA: b\n\r\n", "CR LF" },
	{ "HTTP/1.1 200 OK\r\nno colon\r\n\r\n", "without a colon" },
	{ "HTTP/1.1 200 OK\r\nA : b\r\n\r\n", "malformed name" },
	{ "HTTP/1.1 200 OK\r\n: b\r\n\r\n", "malformed name" },
	{ "HTTP/1.1 200 OK\r\nA\303\251: b\r\n\r\n", "malformed name" },
	{ "HTTP/1.1 200 OK\r\nA: b\001\r\n\r\n", "control characters" },
	{ "HTTP/1.1 200 OK\r\nA: b\rc\r\n\r\n", "control characters" },
	{ "HTTP/1.1 200 OK\r\n folded: b\r\n\r\n", "begins with a blank" },
	{ "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n", "Content-Length" },
	{ "HTTP/1.1 200 OK\r\nContent-Length:\r\n\r\n", "Content-Length" },
	{ "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", "Content-Length" },
	{ "HTTP/1.1 200 OK\r\nContent-Length: +1\r\n\r\n", "Content-Length" },
	{ "HTTP/1.1 200 OK\r\nContent-Length: 0x1\r\n\r\n", "Content-Length" },
	{ "HTTP/1.1 200 OK\r\nContent-Length: 1 2\r\n\r\n", "Content-Length" },
	{ "HTTP/1.1 200 OK\r\nContent-Length: 1,\r\n\r\n", "Content-Length" },
	{ "HTTP/1.1 200 OK\r\nContent-Length: 1, 2\r\n\r\n", "Content-Length" },
	{ "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", "Content-Length" },
	{ "HTTP/1.1 200 OK\r\nContent-Length: 18446744073709551616\r\n\r\n", "Content-Length" },
	{ "HTTP/1.1 200 OK\r\nContent-Length: 1073741825\r\n\r\n", "1 GiB" },
	{ "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n", "Transfer-Encoding" },
	{ "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", "Transfer-Encoding" },
	{ "HTTP/1.1 200 OK\r\nTransfer-Encoding: identity\r\n\r\n", "Transfer-Encoding" },
	{ "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
	  "Transfer-Encoding" },
	{ "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "Transfer-Encoding" },
	{ "HTTP/1.1 101 Switching Protocols\r\n\r\n", "another protocol" },
	{ "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "no number" },
	{ "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\r\n", "no number" },
	{ "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n;a\r\n", "no number" },
	{ "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-5\r\n", "no number" },
	{ "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\nx\r\n", "malformed extension" },
	{ "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1x\r\n", "malformed extension" },
	{ "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;\nx", "malformed extension" },
	{ "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\rx", "no CR LF after" },
	{ "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nxy\r\n", "longer than its size" },
	{ "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\ry", "longer than its size" },
	{ "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n10000000000000001\r\n", "too large" },
	{ "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nA: b\n\r\n", "control characters" },
	{ "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\rx", "trailer line" },
	/* cut off */
	{ "", "without an answer" },
	{ "HTTP/1.1 200 OK\r\nCont", "in the middle of the head" },
	{ "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell", "in the middle of the body" },
	{ "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", "in the middle of the body" },
	{ "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
	  "in the middle of the body" },
	{ "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n",
	  "in the middle of the body" },
};

static void test_bad(void)
{
	struct http_msg m;
	struct outcome o;
	size_t i, step;

	http_msg_init(&m, HTTP_RESPONSE);
	for (i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		check_row(bad[i].text);
		for (step = 1; step <= strlen(bad[i].text) + 1; step += step < 4 ? 1 : strlen(bad[i].text)) {
			http_msg_reset(&m);
			run(&o, &m, str_from(bad[i].text), step, 1);
			CHECK_INT(o.bad, 1);
			CHECK_INT(o.ended, 0);
			if (!CHECK(strstr(o.e.text, bad[i].error) != NULL))
				CHECK_STR(o.e.text, bad[i].error);
			buf_release(&o.body);
		}
	}
	check_row(NULL);
	http_msg_release(&m);
}

static void test_nul(void)
{
	static const char text[] = "HTTP/1.1 200 OK\r\nA: b\0c\r\n\r\n";
	struct http_msg m;
	struct outcome o;

	http_msg_init(&m, HTTP_RESPONSE);
	run(&o, &m, str_of(text, sizeof text - 1), 100, 0);
	CHECK_INT(o.bad, 1);
	buf_release(&o.body);
	http_msg_release(&m);
}

/* A text made of a start, n times a middle, and an end. */
static void repeat(struct buf *out, const char *start, const char *middle, size_t n, const char *end)
{
	buf_init(out, 16 << 20);
	buf_puts(out, start);
	while (n-- > 0)
		buf_puts(out, middle);
	buf_puts(out, end);
}

#define CHUNKED "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"

/* Each limit, and one past it. */
static void test_limits(void)
{
	static const struct {
		const char *name, *start, *middle;
		size_t n;		/* still good */
		const char *end, *error;
	} rows[] = {
		{ "MAX_HTTP_HEADER", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nX: ", "x",
		  MAX_HTTP_HEADER - 17 - 19 - 3 - 4, "\r\n\r\n", "64 KiB" },
		{ "MAX_HTTP_FIELDS", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n", "A: b\r\n",
		  MAX_HTTP_FIELDS - 1, "\r\n", "256 header fields" },
		{ "MAX_HTTP_INTERIM", "", "HTTP/1.1 100 Continue\r\n\r\n", MAX_HTTP_INTERIM,
		  "HTTP/1.1 204 No\r\n\r\n", "1xx" },
		{ "MAX_HTTP_CHUNK_LINE", CHUNKED "1;", "x", MAX_HTTP_CHUNK_LINE - 3, "\r\nx\r\n0\r\n\r\n",
		  "4 KiB" },
		{ "trailers", CHUNKED "1\r\nx\r\n0\r\nA: ", "x", 65000, "\r\n\r\n", NULL },
		{ "trailers too long", CHUNKED "1\r\nx\r\n0\r\nA: ", "x", 66000, "\r\n\r\n", "" },
		{ "one byte chunks", CHUNKED, "1\r\nx\r\n", 100000, "0\r\n\r\n", NULL },
		{ "bloated chunks", CHUNKED, "1;0123456789012345678901234567890123456789\r\nx\r\n", 10000,
		  "0\r\n\r\n", "" },
	};
	struct http_msg m;
	struct outcome o;
	struct buf text;
	size_t i;

	http_msg_init(&m, HTTP_RESPONSE);
	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		check_row(rows[i].name);
		if (!rows[i].error || *rows[i].error) {
			repeat(&text, rows[i].start, rows[i].middle, rows[i].n, rows[i].end);
			http_msg_reset(&m);
			run(&o, &m, buf_str(&text), 1000, 0);
			CHECK_STR(o.e.text, "");
			CHECK_INT(o.ended, 1);
			buf_release(&o.body);
			buf_release(&text);
		}
		if (rows[i].error) {
			repeat(&text, rows[i].start, rows[i].middle, rows[i].n + 1, rows[i].end);
			http_msg_reset(&m);
			run(&o, &m, buf_str(&text), 1000, 0);
			CHECK_INT(o.bad, 1);
			CHECK(strstr(o.e.text, rows[i].error) != NULL);
			buf_release(&o.body);
			buf_release(&text);
		}
	}
	check_row(NULL);
	http_msg_release(&m);
}

/* A body without a length that never ends is cut at MAX_HTTP_BODY. */
static void test_body_limit(void)
{
	static const char block[65536];
	struct http_msg m;
	struct str in = STR("HTTP/1.1 200 OK\r\n\r\n"), piece;
	struct error e;
	enum http_event ev;
	unsigned long n = 0;

	http_msg_init(&m, HTTP_RESPONSE);
	CHECK_INT(http_msg_next(&m, &in, &piece, &e), HTTP_HEAD);
	do {
		in = str_of(block, sizeof block);
		ev = http_msg_next(&m, &in, &piece, &e);
		n += ev == HTTP_DATA;
	} while (ev == HTTP_DATA);
	CHECK_INT(ev, HTTP_BAD);
	CHECK_INT(n, MAX_HTTP_BODY / sizeof block);
	http_msg_release(&m);
}

static void test_no_body(void)
{
	struct http_msg m;
	struct outcome o;

	http_msg_init(&m, HTTP_RESPONSE);
	m.no_body = 1;
	run(&o, &m, str_from("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"), 100, 0);
	CHECK_INT(o.ended, 1);
	CHECK_INT(o.keep_alive, 1);
	buf_release(&o.body);
	http_msg_release(&m);
}

static void test_request(void)
{
	static const struct {
		const char *text;
		const char *method, *target, *body;	/* method NULL: malformed */
	} rows[] = {
		{ "GET / HTTP/1.1\r\nHost: a\r\n\r\n", "GET", "/", "" },
		{ "\r\n\r\nGET /a?b=c HTTP/1.1\r\n\r\n", "GET", "/a?b=c", "" },
		{ "PUT /x HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}", "PUT", "/x", "{}" },
		{ "DELETE /x HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n", "DELETE",
		  "/x", "{}" },
		{ "GET http://a/b HTTP/1.0\r\n\r\n", "GET", "http://a/b", "" },
		{ "GET  / HTTP/1.1\r\n\r\n", NULL, NULL, NULL },
		{ "GET / HTTP/1.1 \r\n\r\n", NULL, NULL, NULL },
		{ "GET /\r\n\r\n", NULL, NULL, NULL },
		{ "GET /\303\251 HTTP/1.1\r\n\r\n", NULL, NULL, NULL },
		{ "G(T / HTTP/1.1\r\n\r\n", NULL, NULL, NULL },
		{ " / HTTP/1.1\r\n\r\n", NULL, NULL, NULL },
		{ "GET / HTTP/1.1\r\nA: b\r\n c\r\n\r\n", NULL, NULL, NULL },
		{ "GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nContent-Length: 0\r\n\r\n", NULL, NULL,
		  NULL },
		{ "GET / HTTP/1.1\nHost: a\n\n", NULL, NULL, NULL },
	};
	struct http_msg m;
	struct outcome o;
	size_t i;

	http_msg_init(&m, HTTP_REQUEST);
	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		check_row(rows[i].text);
		http_msg_reset(&m);
		run(&o, &m, str_from(rows[i].text), 3, 0);
		CHECK_INT(o.bad, rows[i].method == NULL);
		if (rows[i].method) {
			CHECK_INT(o.ended, 1);
			CHECK(str_eqz(m.head.method, rows[i].method));
			CHECK(str_eqz(m.head.target, rows[i].target));
			CHECK_STR(buf_text(&o.body), rows[i].body);
		}
		buf_release(&o.body);
	}
	check_row(NULL);
	http_msg_release(&m);
}

static void test_fields(void)
{
	static const char text[] =
		"HTTP/1.1 200 OK\r\nA: one\r\nLong-Name:two\r\na:\t three \r\nEmpty:\r\nFold: x\r\n  y\r\n"
		"List: a, B ,c\r\nContent-Length: 0\r\n\r\n";
	static const struct {
		const char *name;
		int n;
		const char *value;
	} rows[] = {
		{ "a", 0, "one" }, { "A", 1, "three" }, { "a", 2, "" },		 { "long-name", 0, "two" },
		{ "Long", 0, "" }, { "empty", 0, "" },	{ "fold", 0, "x    y" }, { "content-length", 0, "0" },
		{ "x", 0, "" },
	};
	struct http_msg m;
	struct outcome o;
	size_t i;

	http_msg_init(&m, HTTP_RESPONSE);
	run(&o, &m, str_of(text, sizeof text - 1), 7, 0);
	CHECK_INT(o.ended, 1);
	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		check_row(rows[i].name);
		CHECK(str_eqz(http_header_value(&m.head, rows[i].name, rows[i].n), rows[i].value));
	}
	check_row(NULL);
	CHECK_INT(http_header_has(&m.head, "list", "b"), 1);
	CHECK_INT(http_header_has(&m.head, "list", "d"), 0);
	CHECK_INT(http_header_has(&m.head, "none", ""), 0);
	CHECK_INT(http_header_value(NULL, "a", 0).len, 0);
	buf_release(&o.body);
	http_msg_release(&m);
}

CHECK_SUITE(http_msg, CHECK_TEST(good), CHECK_TEST(bad), CHECK_TEST(nul), CHECK_TEST(limits),
	    CHECK_TEST(body_limit), CHECK_TEST(no_body), CHECK_TEST(request), CHECK_TEST(fields));
