/* What the simulated services of the tests take for the request that they wait for. */
#include <string.h>

#include "base/limits.h"
#include "check.h"
#include "harness.h"
#include "sandbox/websim_int.h"

struct row {
	const char *name;
	const char *exchange;		/* after "method" and "path", which are GET and /a/b c */
	const char *request;		/* target, header lines, empty line, body */
	int fits;
};

#define TARGET "GET /a/b%20c HTTP/1.1\r\n"

static const struct row rows[] = {
	{ "path", "", TARGET "\r\n", 1 },
	{ "other path", "", "GET /a/b HTTP/1.1\r\n\r\n", 0 },
	{ "longer path", "", "GET /a/b%20c/d HTTP/1.1\r\n\r\n", 0 },
	{ "slash at the end", "", "GET /a/b%20c/ HTTP/1.1\r\n\r\n", 0 },
	{ "encoded slash", "", "GET /a%2Fb%20c HTTP/1.1\r\n\r\n", 0 },
	{ "method", "", "PUT /a/b%20c HTTP/1.1\r\n\r\n", 0 },
	{ "any query", "", "GET /a/b%20c?x=1 HTTP/1.1\r\n\r\n", 1 },
	{ "no query", ", \"query\": {}", "GET /a/b%20c?x=1 HTTP/1.1\r\n\r\n", 0 },
	{ "query", ", \"query\": {\"x y\": \"1 2\", \"z\": \"\"}", "GET /a/b%20c?z=&x+y=1%202 HTTP/1.1\r\n\r\n", 1 },
	{ "query of another value", ", \"query\": {\"x\": \"1\"}", "GET /a/b%20c?x=2 HTTP/1.1\r\n\r\n", 0 },
	{ "query lacks", ", \"query\": {\"x\": \"1\", \"y\": \"2\"}", "GET /a/b%20c?x=1 HTTP/1.1\r\n\r\n", 0 },
	{ "query twice", ", \"query\": {\"x\": \"1\"}", "GET /a/b%20c?x=1&x=1 HTTP/1.1\r\n\r\n", 0 },
	{ "query of several", ", \"query\": {\"x\": [\"1\", \"2\", \"2\"]}", "GET /a/b%20c?x=2&x=1&x=2 HTTP/1.1\r\n\r\n", 1 },
	{ "query of other several", ", \"query\": {\"x\": [\"1\", \"2\", \"2\"]}", "GET /a/b%20c?x=2&x=1&x=1 HTTP/1.1\r\n\r\n", 0 },
	{ "anything", ", \"query\": {\"x\": \"{ANY}\"}", "GET /a/b%20c?x=7 HTTP/1.1\r\n\r\n", 1 },
	{ "anything is something", ", \"query\": {\"x\": \"{ANY}\"}", "GET /a/b%20c HTTP/1.1\r\n\r\n", 0 },
	{ "optional", ", \"query\": {}, \"query_optional\": [\"x\"]", "GET /a/b%20c?x=7 HTTP/1.1\r\n\r\n", 1 },
	{ "not optional", ", \"query\": {}, \"query_optional\": [\"x\"]", "GET /a/b%20c?y=7 HTTP/1.1\r\n\r\n", 0 },
	{ "header", ", \"request_headers\": {\"x-a\": \"b\"}", TARGET "X-A:  b \r\n\r\n", 1 },
	{ "header of another value", ", \"request_headers\": {\"x-a\": \"b\"}", TARGET "X-A: B\r\n\r\n", 0 },
	{ "header lacks", ", \"request_headers\": {\"x-a\": \"{ANY}\"}", TARGET "\r\n", 0 },
	{ "any header", ", \"request_headers\": {\"x-a\": \"{ANY}\"}", TARGET "X-A: q\r\n\r\n", 1 },
	{ "JSON", ", \"request_json\": {\"a\": [1, {\"b\": null}], \"c\": true}",
	  TARGET "Content-Length: 36\r\n\r\n{\"c\":true, \"a\" : [{\"b\":null}, 1.0 ]}", 1 },
	{ "JSON with more", ", \"request_json\": {\"a\": 1}", TARGET "Content-Length: 13\r\n\r\n{\"a\":1,\"b\":2}", 0 },
	{ "JSON with less", ", \"request_json\": {\"a\": 1, \"b\": 2}", TARGET "Content-Length: 7\r\n\r\n{\"a\":1}", 0 },
	{ "JSON of another type", ", \"request_json\": {\"a\": 1}", TARGET "Content-Length: 9\r\n\r\n{\"a\":\"1\"}", 0 },
	{ "longer list", ", \"request_json\": [1, 2]", TARGET "Content-Length: 7\r\n\r\n[2,1,1]", 0 },
	{ "list with twins", ", \"request_json\": [1, 1, 2]", TARGET "Content-Length: 7\r\n\r\n[2,1,2]", 0 },
	{ "more fields", ", \"request_json\": {\"fields\": [\"a\"]}", TARGET "Content-Length: 20\r\n\r\n{\"fields\":[\"b\",\"a\"]}", 1 },
	{ "fewer fields", ", \"request_json\": {\"fields\": [\"a\",\"b\"]}", TARGET "Content-Length: 16\r\n\r\n{\"fields\":[\"b\"]}", 0 },
	{ "page 1 left out", ", \"request_json\": {\"page\": 1}", TARGET "Content-Length: 2\r\n\r\n{}", 1 },
	{ "page 1 added", ", \"request_json\": {\"a\": 2}", TARGET "Content-Length: 16\r\n\r\n{\"page\":1,\"a\":2}", 1 },
	{ "page 2 left out", ", \"request_json\": {\"page\": 2}", TARGET "Content-Length: 2\r\n\r\n{}", 0 },
	{ "no JSON", ", \"request_json\": {}", TARGET "Content-Length: 1\r\n\r\n{", 0 },
	{ "form", ", \"request_form\": {\"a\": \"x&y\", \"b\": \"{ANY}\"}", TARGET "Content-Length: 11\r\n\r\nb=1&a=x%26y", 1 },
	{ "form with more", ", \"request_form\": {\"a\": \"1\"}", TARGET "Content-Length: 7\r\n\r\na=1&b=2", 0 }
};

/* Reads a request and asks the exchange. */
static int fits(struct json exchange, const char *text, struct arena *a, struct json_doc *doc)
{
	struct str in = str_from(text), piece, rest, part;
	struct websim_request r;
	struct http_msg m;
	struct buf body;
	enum http_event event;
	int result;

	memset(&r, 0, sizeof(r));
	buf_init(&body, HARNESS_FILE_MAX);
	http_msg_init(&m, HTTP_REQUEST);
	do {
		event = http_msg_next(&m, &in, &piece, NULL);
		if (event == HTTP_DATA)
			buf_put_str(&body, piece);
	} while (event == HTTP_HEAD || event == HTTP_DATA);
	CHECK_INT(event, HTTP_END);
	r.arena = a;
	r.head = &m.head;
	r.method = m.head.method;
	r.target = m.head.target;
	r.path = str_sub(r.target, 0, str_find_char(r.target, 0, '?'));
	r.query = websim_pairs(a, str_sub(r.target, r.path.len + 1, r.target.len));
	r.body = buf_str(&body);
	rest = str_sub(r.path, 1, r.path.len);
	while (rest.len && str_next(&rest, '/', &part))
		r.parts[r.part_count++] = websim_decoded(a, part, 0);
	result = websim_fits(exchange, &r, doc);
	buf_release(&body);
	http_msg_release(&m);
	return result;
}

static void test_fits(void)
{
	struct json_doc *doc = json_doc_new(MAX_JSON_TOKENS, NULL), *body_doc = json_doc_new(MAX_JSON_TOKENS, NULL);
	struct json exchange;
	struct arena a;
	size_t i;

	arena_init(&a, HARNESS_FILE_MAX);
	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct str text;

		check_row(rows[i].name);
		arena_reset(&a);
		text = arena_printf(&a, "{\"method\": \"GET\", \"path\": \"/a/b%%20c\"%s}", rows[i].exchange);
		if (CHECK_INT(json_parse(doc, text, 0, &exchange, NULL), 0))
			CHECK_INT(fits(exchange, rows[i].request, &a, body_doc), rows[i].fits);
	}
	arena_release(&a);
	json_doc_free(doc);
	json_doc_free(body_doc);
}

static void test_fill(void)
{
	struct buf out;
	int64_t now = port_wall_ms() / 1000, filled;

	buf_init(&out, HARNESS_FILE_MAX);
	websim_fill(&out, STR("{BASE}/x {ANY} {NOW} {TODAY+x} {"), "http://h");
	CHECK_STR(buf_text(&out), "http://h/x {ANY} {NOW} {TODAY+x} {");
	buf_reset(&out);
	websim_fill(&out, STR("{NOW-60}"), NULL);
	CHECK_INT(str_to_i64(buf_str(&out), &filled), 0);
	CHECK(filled >= now - 60 && filled <= now - 58);
	buf_reset(&out);
	websim_fill(&out, STR("{TODAY+0}"), NULL);
	CHECK_INT(out.len, 10);
	buf_release(&out);
}

/* The same seed, the same people; who is outside has a manager a level up. */
static void test_company(void)
{
	struct websim_company c = { 3, 100, 6, 2, 0, 0 };
	struct websim_person p, again;

	websim_person_make(&c, 17, &p);
	websim_person_make(&c, 17, &again);
	CHECK_STR(p.hired, again.hired);
	CHECK_STR(p.email, "p17@example.com");
	CHECK_INT(p.manager, 2);
	websim_person_make(&c, 6, &p);
	CHECK_INT(p.manager, 100);
	websim_person_make(&c, 101, &p);
	CHECK_INT(p.manager, 104);
	websim_person_make(&c, 104, &p);
	CHECK_INT(p.manager, -1);
}

CHECK_SUITE(websim, CHECK_TEST(fits), CHECK_TEST(fill), CHECK_TEST(company));
