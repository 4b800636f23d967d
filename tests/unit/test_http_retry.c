#include "check.h"

#include <stdio.h>
#include <string.h>

#include "net/http_int.h"

#define NOW 1700000000		/* 2023-11-14T22:13:20Z */

/* An answer with a status and header lines. */
static void read_answer(struct http_msg *m, int status, const char *headers)
{
	struct buf text;
	struct str in, piece;
	struct error e;

	buf_init(&text, 4096);
	buf_printf(&text, "HTTP/1.1 %d X\r\n%sContent-Length: 0\r\n\r\n", status, headers);
	in = buf_str(&text);
	http_msg_reset(m);
	CHECK_INT(http_msg_next(m, &in, &piece, &e), HTTP_HEAD);
	buf_release(&text);
}

static const struct {
	const char *name;
	enum try_end end;
	int status;
	const char *headers, *body;
	int safe, flags, tries;
	enum http_class cls;
	int again;
	long wait_ms;		/* least */
} rows[] = {
	{ "200", TRY_ANSWERED, 200, "", "", 0, 0, 1, HTTP_DONE, 0, 0 },
	{ "204", TRY_ANSWERED, 204, "", "", 0, 0, 1, HTTP_DONE, 0, 0 },
	{ "301", TRY_ANSWERED, 301, "", "", 1, 0, 1, HTTP_REFUSED, 0, 0 },
	{ "400", TRY_ANSWERED, 400, "", "", 1, 0, 1, HTTP_REFUSED, 0, 0 },
	{ "401", TRY_ANSWERED, 401, "", "", 1, 0, 1, HTTP_REFUSED, 0, 0 },
	{ "404", TRY_ANSWERED, 404, "Retry-After: 1\r\n", "", 1, 0, 1, HTTP_REFUSED, 0, 0 },
	{ "501", TRY_ANSWERED, 501, "", "", 1, 0, 1, HTTP_REFUSED, 0, 0 },
	/* limits: any request, 5, 10, 15, 20, 20 seconds */
	{ "429", TRY_ANSWERED, 429, "", "", 0, 0, 1, HTTP_BUSY, 1, 5000 },
	{ "429, second", TRY_ANSWERED, 429, "", "", 0, 0, 2, HTTP_BUSY, 1, 10000 },
	{ "429, fourth", TRY_ANSWERED, 429, "", "", 0, 0, 4, HTTP_BUSY, 1, 20000 },
	{ "429, fifth", TRY_ANSWERED, 429, "", "", 0, 0, 5, HTTP_BUSY, 1, 20000 },
	{ "429, last", TRY_ANSWERED, 429, "", "", 0, 0, 6, HTTP_BUSY, 0, 0 },
	{ "429, once only", TRY_ANSWERED, 429, "", "", 0, HTTP_NO_RETRY, 1, HTTP_BUSY, 0, 0 },
	{ "seconds", TRY_ANSWERED, 429, "Retry-After: 7\r\n", "", 0, 0, 1, HTTP_BUSY, 1, 7000 },
	{ "zero", TRY_ANSWERED, 429, "Retry-After: 0\r\n", "", 0, 0, 1, HTTP_BUSY, 1, 0 },
	{ "fraction", TRY_ANSWERED, 429, "Retry-After: 0.5\r\n", "", 0, 0, 1, HTTP_BUSY, 1, 1000 },
	{ "date", TRY_ANSWERED, 429, "Retry-After: Tue, 14 Nov 2023 22:13:29 GMT\r\n", "", 0, 0, 1, HTTP_BUSY,
	  1, 9000 },
	{ "past", TRY_ANSWERED, 429, "Retry-After: Sun, 06 Nov 1994 08:49:37 GMT\r\n", "", 0, 0, 1, HTTP_BUSY,
	  1, 0 },
	{ "word", TRY_ANSWERED, 429, "Retry-After: soon\r\n", "", 0, 0, 1, HTTP_BUSY, 1, 5000 },
	{ "negative", TRY_ANSWERED, 429, "Retry-After: -5\r\n", "", 0, 0, 1, HTTP_BUSY, 1, 5000 },
	{ "long", TRY_ANSWERED, 429, "Retry-After: 3600\r\n", "", 0, 0, 1, HTTP_BUSY, 0, 0 },
	{ "absurd", TRY_ANSWERED, 429, "Retry-After: 99999999999\r\n", "", 0, 0, 1, HTTP_BUSY, 1, 5000 },
	{ "reset", TRY_ANSWERED, 429, "X-Rate-Limit-Reset: 1700000012\r\n", "", 0, 0, 1, HTTP_BUSY, 1,
	  12000 },
	{ "reset, now", TRY_ANSWERED, 429, "X-Rate-Limit-Reset: 1700000000\r\n", "", 0, 0, 1, HTTP_BUSY, 1, 1000 },
	{ "reset, their clock is an hour ahead", TRY_ANSWERED, 429,
	  "Date: Tue, 14 Nov 2023 23:13:20 GMT\r\nX-Rate-Limit-Reset: 1700003612\r\n", "", 0, 0, 1, HTTP_BUSY, 1,
	  12000 },
	{ "reset, their clock is a day behind", TRY_ANSWERED, 429,
	  "X-RateLimit-Reset: 1699913612\r\nDate: Mon, 13 Nov 2023 22:13:20 GMT\r\n", "", 0, 0, 1, HTTP_BUSY, 1,
	  12000 },
	{ "reset, unreadable Date", TRY_ANSWERED, 429, "Date: today\r\nX-Rate-Limit-Reset: 1700000012\r\n", "",
	  0, 0, 1, HTTP_BUSY, 1, 12000 },
	{ "date by their clock", TRY_ANSWERED, 429,
	  "Date: Tue, 14 Nov 2023 23:13:20 GMT\r\nRetry-After: Tue, 14 Nov 2023 23:13:29 GMT\r\n", "", 0, 0, 1,
	  HTTP_BUSY, 1, 9000 },
	{ "reset, delta", TRY_ANSWERED, 429, "RateLimit-Reset: 3\r\n", "", 0, 0, 1, HTTP_BUSY, 1, 3000 },
	{ "reset of no limit", TRY_ANSWERED, 503, "RateLimit-Reset: 60\r\n", "", 0, 0, 1, HTTP_BUSY, 1,
	  1000 },
	{ "403 limit", TRY_ANSWERED, 403, "", "API Rate Limit exceeded", 0, 0, 1, HTTP_BUSY, 1, 5000 },
	{ "403 limit, field", TRY_ANSWERED, 403, "X-RateLimit-Remaining: 0\r\n", "", 0, 0, 1, HTTP_BUSY, 1,
	  5000 },
	{ "403", TRY_ANSWERED, 403, "", "no", 1, 0, 1, HTTP_REFUSED, 0, 0 },
	{ "403 may pass", TRY_ANSWERED, 403, "", "", 0, HTTP_RETRY_403, 1, HTTP_REFUSED, 1, 15000 },
	{ "403 may pass, ninth", TRY_ANSWERED, 403, "", "", 0, HTTP_RETRY_403, 9, HTTP_REFUSED, 1, 135000 },
	{ "403 may pass, tenth", TRY_ANSWERED, 403, "", "", 0, HTTP_RETRY_403, 10, HTTP_REFUSED, 0, 0 },
	/* failures of the server */
	{ "503", TRY_ANSWERED, 503, "", "", 0, 0, 1, HTTP_BUSY, 1, 1000 },
	{ "503, third", TRY_ANSWERED, 503, "", "", 0, 0, 3, HTTP_BUSY, 1, 4000 },
	{ "503, asked", TRY_ANSWERED, 503, "Retry-After: 2\r\n", "", 0, 0, 1, HTTP_BUSY, 1, 2000 },
	{ "500 GET", TRY_ANSWERED, 500, "", "", 1, 0, 1, HTTP_BUSY, 1, 1000 },
	{ "500 POST", TRY_ANSWERED, 500, "", "", 0, 0, 1, HTTP_LOST, 0, 0 },
	{ "502 POST", TRY_ANSWERED, 502, "", "", 0, 0, 1, HTTP_LOST, 0, 0 },
	{ "504 POST", TRY_ANSWERED, 504, "", "", 0, 0, 1, HTTP_LOST, 0, 0 },
	{ "500 repeatable", TRY_ANSWERED, 500, "", "", 0, HTTP_RETRY_LOST, 1, HTTP_LOST, 1, 1000 },
	/* connections */
	{ "unreached", TRY_UNREACHED, 0, "", "", 0, 0, 1, HTTP_UNREACHED, 1, 1000 },
	{ "unreached, last", TRY_UNREACHED, 0, "", "", 0, 0, 6, HTTP_UNREACHED, 0, 0 },
	{ "hopeless", TRY_HOPELESS, 0, "", "", 1, 0, 1, HTTP_UNREACHED, 0, 0 },
	{ "lost GET", TRY_LOST, 0, "", "", 1, 0, 1, HTTP_LOST, 1, 1000 },
	{ "lost POST", TRY_LOST, 0, "", "", 0, 0, 1, HTTP_LOST, 0, 0 },
	{ "lost, repeatable", TRY_LOST, 0, "", "", 0, HTTP_RETRY_LOST, 2, HTTP_LOST, 1, 2000 },
	{ "stale GET", TRY_STALE, 0, "", "", 1, 0, 1, HTTP_LOST, 1, 0 },
	{ "stale POST", TRY_STALE, 0, "", "", 0, 0, 1, HTTP_LOST, 0, 0 },
	{ "malformed", TRY_MALFORMED, 0, "", "", 1, 0, 1, HTTP_LOST, 0, 0 },
	{ "stopped", TRY_STOPPED, 0, "", "", 1, 0, 1, HTTP_CANCELLED, 0, 0 },
};

static void judge_row(size_t i, struct http_msg *m, const struct http_options *o, unsigned random,
		      struct http_verdict *v)
{
	struct http_try t = { 0 };

	t.end = rows[i].end;
	t.safe = rows[i].safe;
	t.flags = rows[i].flags;
	t.tries = t.limited = t.forbidden = rows[i].tries;
	t.body = str_from(rows[i].body);
	if (t.end == TRY_ANSWERED) {
		read_answer(m, rows[i].status, rows[i].headers);
		t.head = &m->head;
	}
	http_judge(v, &t, o, random, NOW);
}

/* A creation that is answered 403 for a while and 429 between has as many tries of each as if it were alone. */
static void test_both(void)
{
	static const struct { int status, tries, limited, forbidden, again; } both[] = {
		{ 429, 12, 3, 9, 1 }, { 429, 15, 6, 9, 0 }, { 403, 14, 5, 9, 1 }, { 403, 15, 5, 10, 0 },
	};
	struct http_options o = { 0 };
	struct http_verdict v;
	struct http_msg m;
	size_t i;

	o.retries = 5;
	http_msg_init(&m, HTTP_RESPONSE);
	for (i = 0; i < sizeof(both) / sizeof(both[0]); i++) {
		struct http_try t = { 0 };

		t.end = TRY_ANSWERED;
		t.flags = HTTP_RETRY_403;
		t.tries = both[i].tries;
		t.limited = both[i].limited;
		t.forbidden = both[i].forbidden;
		read_answer(&m, both[i].status, "");
		t.head = &m.head;
		http_judge(&v, &t, &o, 0, NOW);
		CHECK_INT(v.again, both[i].again);
	}
	http_msg_release(&m);
}

static void test_judge(void)
{
	struct http_options o = { 0 };
	struct http_verdict v;
	struct http_msg m;
	size_t i;

	http_msg_init(&m, HTTP_RESPONSE);
	o.retries = 5;
	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		check_row(rows[i].name);
		o.wait_scale = 1;
		judge_row(i, &m, &o, 0, &v);
		CHECK_INT(v.cls, rows[i].cls);
		CHECK_INT(v.again, rows[i].again);
		CHECK_INT(v.wait_ms, rows[i].wait_ms);
		/* at most a quarter more, and nothing at all with scale 0 */
		judge_row(i, &m, &o, 250, &v);
		CHECK(v.wait_ms <= rows[i].wait_ms + rows[i].wait_ms / 4);
		o.wait_scale = 0;
		judge_row(i, &m, &o, 250, &v);
		CHECK_INT(v.wait_ms, 0);
		CHECK_INT(v.again, rows[i].again);
	}
	check_row(NULL);
	http_msg_release(&m);
}

/* The longest wait between two tries that is not asked for. */
static void test_growth(void)
{
	struct http_options o = { 0 };
	struct http_verdict v;
	struct http_try t = { 0 };

	o.retries = 100;
	o.wait_scale = 1;
	t.end = TRY_UNREACHED;
	for (t.tries = 1; t.tries < 100; t.tries++) {
		http_judge(&v, &t, &o, 0, NOW);
		CHECK(v.again && v.wait_ms >= 1000 && v.wait_ms <= 30000);
	}
	CHECK_INT(v.wait_ms, 30000);
}

CHECK_SUITE(http_retry, CHECK_TEST(judge), CHECK_TEST(both), CHECK_TEST(growth));
