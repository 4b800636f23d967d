#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/http.h"
#include "net/http_server.h"
#include "net/net.h"
#include "port.h"

#define HELD 32

/* A server and a client on one loop, and what the server has seen. */
struct fixture {
	struct net *net;
	struct http_server *server;
	struct http *http;
	struct net_options net_options;
	struct http_options options;
	struct error e;
	char url[64];			/* "http://127.0.0.1:12345" */
	int requests, times;		/* seen; how many of them go wrong */
	int status;			/* how */
	int in_hand, most;		/* requests being answered now, and the most there were */
	struct http_exchange *held[HELD];
	int n_held;
	unsigned long connection;
	struct buf seen;		/* "METHOD target body\n" of each request */
	struct buf fields;		/* a header field of the last one */
	int64_t stream_left;
};

static int give_stream(void *cookie, struct buf *out)
{
	struct fixture *f = cookie;
	int i;

	for (i = 0; i < 4096 && f->stream_left > 0; i++, f->stream_left -= 8)
		buf_puts(out, "01234567");
	return f->stream_left > 0;
}

static int break_stream(void *cookie, struct buf *out)
{
	struct fixture *f = cookie;

	buf_puts(out, "part");
	return f->times-- > 0 ? -1 : 0;
}

static int drip_stream(void *cookie, struct buf *out)
{
	(void)cookie;
	port_sleep_ms(5);
	buf_puts(out, "x");
	return 1;
}

static void answer(struct http_exchange *x, int status, const char *body)
{
	http_answer(x, status, "text/plain", "", str_from(body), 0);
}

/* What each path does. */
static void handle(void *cookie, struct http_exchange *x, const struct http_request_view *r)
{
	struct fixture *f = cookie;

	f->requests++;
	f->connection = r->connection;
	buf_printf(&f->seen, "%.*s %.*s %.*s\n", STR_ARG(r->method), STR_ARG(r->target), STR_ARG(r->body));
	buf_reset(&f->fields);
	buf_put_str(&f->fields, http_header_value(r->head, "x-key", 0));
	if (str_eqz(r->path, "/ok"))
		answer(x, 200, "fine");
	else if (str_eqz(r->path, "/status"))
		answer(x, f->times-- > 0 ? f->status : 200, "text of the server");
	else if (str_eqz(r->path, "/drop"))
		f->times-- > 0 ? http_drop(x) : answer(x, 200, "fine");
	else if (str_eqz(r->path, "/stream"))
		http_answer_stream(x, 200, "text/plain", give_stream, NULL, f, 0);
	else if (str_eqz(r->path, "/broken"))
		http_answer_stream(x, 200, "text/plain", break_stream, NULL, f, 0);
	else if (str_eqz(r->path, "/drip"))
		http_answer_stream(x, 200, "text/plain", drip_stream, NULL, f, 0);
	else if (str_eqz(r->path, "/moved"))
		http_answer(x, 302, NULL, "Location: https://u:p@elsewhere.example/x\r\n", STR(""), 0);
	else if (str_eqz(r->path, "/gzip"))
		http_answer(x, 200, NULL, "Content-Encoding: gzip\r\n", STR("\x1f\x8b"), 0);
	else if (str_eqz(r->path, "/none"))
		http_answer(x, 204, NULL, "Link: <next>\r\n", STR(""), 0);
	else if (str_eqz(r->path, "/hold") && f->n_held < HELD)
		f->held[f->n_held++] = x;
	else
		answer(x, 404, "no such\n\tpath");
}

static int set_up(struct fixture *f, int connections)
{
	memset(f, 0, sizeof *f);
	error_init(&f->e);
	buf_init(&f->seen, 1 << 20);
	buf_init(&f->fields, 1 << 16);
	f->net_options.timeout_ms = f->options.timeout_ms = 5000;
	f->options.retries = 3;
	f->options.max_connections = connections;
	f->options.user_agent = "test/1";
	f->net = f->options.net = net_new(&f->net_options, &f->e);
	f->server = http_server_new_on(f->net, "127.0.0.1", 0, 100000, handle, f, &f->e);
	f->http = http_new(&f->options, &f->e);
	if (!CHECK_STR(f->e.text, ""))
		return -1;
	snprintf(f->url, sizeof f->url, "http://127.0.0.1:%u", http_server_port(f->server));
	return 0;
}

static void tear_down(struct fixture *f)
{
	http_free(f->http);
	http_server_free(f->server);
	net_free(f->net);
	buf_release(&f->seen);
	buf_release(&f->fields);
}

/* A request without a body. */
static int call(struct fixture *f, const char *method, const char *path, int flags, struct http_resp *resp)
{
	struct http_req req = { 0 };
	char url[256];

	snprintf(url, sizeof url, "%s%s", f->url, path);
	req.method = method;
	req.url = url;
	req.flags = flags;
	error_init(&f->e);
	return http_call(f->http, &req, resp, &f->e);
}

static void test_keep_alive(void)
{
	struct fixture f;
	struct http_resp resp;
	struct http_stats stats;
	int i;

	if (set_up(&f, 4) < 0)
		return;
	for (i = 0; i < 5; i++) {
		CHECK_INT(call(&f, "GET", "/ok", 0, &resp), 0);
		CHECK_INT(resp.cls, HTTP_DONE);
		CHECK_INT(resp.status, 200);
		CHECK(str_eqz(resp.body, "fine"));
		CHECK(str_eqz(resp.content_type, "text/plain"));
		CHECK_INT(f.connection, 1);
	}
	http_get_stats(f.http, &stats);
	CHECK_INT(stats.requests, 5);
	CHECK_INT(stats.connections, 1);
	CHECK_INT(http_pending(f.http), 0);
	tear_down(&f);
}

/* What goes out. */
static void test_request(void)
{
	static const struct http_header headers[] = { { "X-Key", "secret" }, { NULL, NULL } };
	static const struct http_header bad[] = { { "X-Key", "a\r\nB: c" }, { NULL, NULL } };
	struct fixture f;
	struct http_resp resp;
	struct http_req req = { 0 };
	char url[128];

	if (set_up(&f, 1) < 0)
		return;
	snprintf(url, sizeof url, "%s/ok?a=b#c", f.url);
	req.url = url;
	req.method = "POST";
	req.body = STR("{}");
	req.content_type = "application/json";
	req.headers = headers;
	CHECK_INT(http_call(f.http, &req, &resp, &f.e), 0);
	CHECK_STR(buf_text(&f.fields), "secret");
	req.method = "DELETE";
	CHECK_INT(http_call(f.http, &req, &resp, &f.e), 0);
	req.method = "HEAD";
	req.body = STR("");
	CHECK_INT(http_call(f.http, &req, &resp, &f.e), 0);
	CHECK_INT(resp.body.len, 0);
	req.method = "PUT";
	CHECK_INT(http_call(f.http, &req, &resp, &f.e), 0);
	snprintf(url, sizeof url, "%s#c/d", f.url);
	CHECK_INT(http_call(f.http, &req, &resp, &f.e), 0);
	req.headers = bad;
	CHECK_INT(http_call(f.http, &req, &resp, &f.e), -1);
	CHECK_INT(f.e.kind, ERROR_USAGE);
	req.headers = NULL;
	req.url = "http://user:word@127.0.0.1/";
	CHECK_INT(http_call(f.http, &req, &resp, &f.e), -1);
	CHECK(strstr(f.e.text, "word") == NULL);
	CHECK_STR(buf_text(&f.seen), "POST /ok?a=b {}\nDELETE /ok?a=b {}\nHEAD /ok?a=b \nPUT /ok?a=b \nPUT / \n");
	CHECK_INT(call(&f, "GET", "/none", 0, &resp), 0);
	CHECK_INT(resp.cls, HTTP_DONE);
	CHECK(str_eqz(resp.link, "<next>"));
	tear_down(&f);
}

struct counted {
	struct fixture *f;
	uint64_t bytes;
	int begun, fail;
	int nested;			/* make a call from inside */
};

static int count_begin(void *cookie, struct error *e)
{
	struct counted *c = cookie;

	c->begun++;
	c->bytes = 0;
	return c->fail == 2 ? error_set(e, ERROR_FAILED, "the sink is shut") : 0;
}

static int count_data(void *cookie, const char *data, size_t len, struct error *e)
{
	struct counted *c = cookie;
	struct http_resp resp;

	CHECK(len > 0 && data != NULL);
	c->bytes += len;
	if (c->nested-- > 0) {
		CHECK_INT(call(c->f, "GET", "/ok", 0, &resp), 0);
		CHECK_INT(resp.cls, HTTP_DONE);
	}
	return c->fail ? error_set(e, ERROR_FAILED, "the sink is full") : 0;
}

static int call_counted(struct counted *c, const char *path, struct http_resp *resp)
{
	struct http_req req = { 0 };
	char url[128];

	snprintf(url, sizeof url, "%s%s", c->f->url, path);
	req.method = "GET";
	req.url = url;
	req.sink.begin = count_begin;
	req.sink.data = count_data;
	req.sink.cookie = c;
	error_init(&c->f->e);
	return http_call(c->f->http, &req, resp, &c->f->e);
}

static void test_stream(void)
{
	struct fixture f;
	struct http_resp resp;
	struct counted c = { 0 };

	if (set_up(&f, 2) < 0)
		return;
	c.f = &f;
	c.nested = 3;
	f.stream_left = 8 << 20;
	CHECK_INT(call_counted(&c, "/stream", &resp), 0);
	CHECK_INT(resp.cls, HTTP_DONE);
	CHECK_INT(c.bytes, 8 << 20);
	CHECK_INT(c.begun, 1);
	CHECK_INT(resp.body.len, 0);
	/* the body of an error is kept, not streamed */
	CHECK_INT(call_counted(&c, "/nowhere", &resp), 0);
	CHECK_INT(c.bytes, 0);
	CHECK(str_eqz(resp.body, "no such\n\tpath"));
	/* a broken answer is void, its repetition counts */
	f.times = 2;
	CHECK_INT(call_counted(&c, "/broken", &resp), 0);
	CHECK_INT(c.bytes, 4);
	CHECK_INT(c.begun, 5);
	CHECK_INT(resp.tries, 3);
	/* the sink's own failure ends it at once */
	c.fail = 1;
	f.requests = 0;
	CHECK_INT(call_counted(&c, "/ok", &resp), -1);
	CHECK_INT(resp.cls, HTTP_CANCELLED);
	CHECK_STR(f.e.text, "the sink is full");
	CHECK_INT(f.requests, 1);
	c.fail = 2;
	CHECK_INT(call_counted(&c, "/ok", &resp), -1);
	CHECK_STR(f.e.text, "the sink is shut");
	CHECK_INT(f.requests, 1);
	tear_down(&f);
}

static void test_kept_body(void)
{
	struct fixture f;
	struct http_resp resp;
	struct http_req req = { 0 };
	char url[128];

	if (set_up(&f, 1) < 0)
		return;
	snprintf(url, sizeof url, "%s/stream", f.url);
	req.method = "GET";
	req.url = url;
	req.body_max = 80000;
	f.stream_left = 80000;
	CHECK_INT(http_call(f.http, &req, &resp, &f.e), 0);
	CHECK_INT(resp.body.len, 80000);
	f.stream_left = 80008;
	CHECK_INT(http_call(f.http, &req, &resp, &f.e), -1);
	CHECK(strstr(f.e.text, "larger than 80000 bytes") != NULL);
	req.body_max = 0;
	f.stream_left = MAX_HTTP_ERROR_BODY;
	CHECK_INT(http_call(f.http, &req, &resp, &f.e), 0);
	f.stream_left = MAX_HTTP_ERROR_BODY + 8;
	CHECK_INT(http_call(f.http, &req, &resp, &f.e), -1);
	CHECK_INT(call(&f, "GET", "/gzip", 0, &resp), -1);
	CHECK(strstr(f.e.text, "compressed (gzip)") != NULL);
	tear_down(&f);
}

static void test_retry(void)
{
	static const struct {
		const char *name, *method, *path;
		int flags, times, status;
		int requests, cls, result;
	} rows[] = {
		{ "503 passes", "GET", "/status", 0, 2, 503, 3, HTTP_DONE, 0 },
		{ "503 stays", "GET", "/status", 0, 9, 503, 4, HTTP_BUSY, 0 },
		{ "429 to a POST", "POST", "/status", 0, 2, 429, 3, HTTP_DONE, 0 },
		{ "500 to a POST", "POST", "/status", 0, 1, 500, 1, HTTP_LOST, 0 },
		{ "500 to a GET", "GET", "/status", 0, 1, 500, 2, HTTP_DONE, 0 },
		{ "500, repeatable", "POST", "/status", HTTP_RETRY_LOST, 1, 500, 2, HTTP_DONE, 0 },
		{ "404", "GET", "/status", 0, 9, 404, 1, HTTP_REFUSED, 0 },
		{ "403", "PUT", "/status", 0, 9, 403, 1, HTTP_REFUSED, 0 },
		{ "403 passes", "PUT", "/status", HTTP_RETRY_403, 7, 403, 8, HTTP_DONE, 0 },
		{ "403 stays", "PUT", "/status", HTTP_RETRY_403, 99, 403, 10, HTTP_REFUSED, 0 },
		{ "no retry", "GET", "/status", HTTP_NO_RETRY, 1, 503, 1, HTTP_BUSY, 0 },
		{ "dropped GET", "GET", "/drop", 0, 2, 0, 3, HTTP_DONE, 0 },
		{ "dropped GET, always", "GET", "/drop", 0, 9, 0, 4, HTTP_LOST, -1 },
		{ "dropped POST", "POST", "/drop", 0, 1, 0, 1, HTTP_LOST, -1 },
		{ "dropped, repeatable", "POST", "/drop", HTTP_RETRY_LOST, 1, 0, 2, HTTP_DONE, 0 },
	};
	struct fixture f;
	struct http_resp resp;
	size_t i;

	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		check_row(rows[i].name);
		if (set_up(&f, 2) < 0)
			return;
		f.times = rows[i].times;
		f.status = rows[i].status;
		CHECK_INT(call(&f, rows[i].method, rows[i].path, rows[i].flags, &resp), rows[i].result);
		CHECK_INT(f.requests, rows[i].requests);
		CHECK_INT(resp.tries, rows[i].requests);
		CHECK_INT(resp.cls, rows[i].cls);
		CHECK_INT(resp.limited, rows[i].status == 429 ? rows[i].times : 0);
		if (rows[i].result < 0)
			CHECK(strstr(f.e.text, "/drop: ") != NULL);
		tear_down(&f);
	}
	check_row(NULL);
}

/* A connection that was kept is cut when it is used again. */
static void test_stale(void)
{
	struct fixture f;
	struct http_resp resp;

	if (set_up(&f, 1) < 0)
		return;
	CHECK_INT(call(&f, "GET", "/ok", 0, &resp), 0);
	f.times = 1;
	CHECK_INT(call(&f, "GET", "/drop", 0, &resp), 0);
	CHECK_INT(resp.tries, 2);
	CHECK_INT(f.connection, 2);
	f.times = 1;
	CHECK_INT(call(&f, "POST", "/drop", 0, &resp), -1);
	CHECK_INT(resp.cls, HTTP_LOST);
	CHECK_INT(resp.tries, 1);
	tear_down(&f);
}

static void test_time_limits(void)
{
	struct fixture f;
	struct http_resp resp;
	struct counted c = { 0 };

	if (set_up(&f, 1) < 0)
		return;
	http_free(f.http);
	f.options.timeout_ms = 40;
	f.options.retries = 1;
	f.http = http_new(&f.options, &f.e);
	CHECK_INT(call(&f, "GET", "/hold", 0, &resp), -1);
	CHECK_INT(resp.cls, HTTP_LOST);
	CHECK_INT(f.requests, 2);
	CHECK(strstr(f.e.text, "no answer for 0.04 s") != NULL);
	CHECK_INT(f.e.kind, ERROR_UPSTREAM);
	while (f.n_held > 0)
		answer(f.held[--f.n_held], 200, "late");
	http_free(f.http);
	f.options.timeout_ms = 5000;
	f.options.total_ms = 500;	/* time for a first byte on a busy machine */
	f.options.retries = 0;
	f.http = http_new(&f.options, &f.e);
	c.f = &f;
	CHECK_INT(call_counted(&c, "/drip", &resp), -1);
	CHECK(strstr(f.e.text, "not complete after 0.5 s") != NULL);
	CHECK(c.bytes > 0);
	tear_down(&f);
}

static void test_unreached(void)
{
	struct fixture f;
	struct http_resp resp;
	unsigned port;
	struct http_server *gone;

	if (set_up(&f, 1) < 0)
		return;
	gone = http_server_new_on(f.net, "127.0.0.1", 0, 1, handle, &f, &f.e);
	port = http_server_port(gone);
	http_server_free(gone);
	snprintf(f.url, sizeof f.url, "http://127.0.0.1:%u", port);
	CHECK_INT(call(&f, "POST", "/ok", 0, &resp), -1);
	CHECK_INT(resp.cls, HTTP_UNREACHED);
	CHECK_INT(resp.tries, 4);
	CHECK(strstr(f.e.text, "cannot connect to 127.0.0.1:") != NULL);
	CHECK_INT(f.e.kind, ERROR_UPSTREAM);
	CHECK_INT(f.requests, 0);
	tear_down(&f);
}

static void test_status_error(void)
{
	static const struct {
		const char *path;
		int status;
		int kind;
		const char *text;
	} rows[] = {
		{ "/nowhere?key=secret", 0, ERROR_UPSTREAM,
		  "/nowhere answered 404 (not found): no such path" },
		{ "/status", 401, ERROR_DENIED,
		  "answered 401 (not authorised; is the key or token right?): text of" },
		{ "/status", 403, ERROR_DENIED, "answered 403 (access denied): text of the server" },
		{ "/status", 418, ERROR_UPSTREAM, "answered 418 (refused): text of the server" },
		{ "/status", 599, ERROR_UPSTREAM, "answered 599 (failure of the server): text" },
		{ "/moved", 0, ERROR_UPSTREAM,
		  "answered 302 (moved) to elsewhere.example; redirects are not followed" },
	};
	struct fixture f;
	struct http_resp resp;
	struct http_req req = { 0 };
	size_t i;

	if (set_up(&f, 1) < 0)
		return;
	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		check_row(rows[i].text);
		f.times = 99;
		f.status = rows[i].status;
		CHECK_INT(call(&f, "GET", rows[i].path, HTTP_NO_RETRY, &resp), 0);
		req.method = "GET";
		req.url = rows[i].path;
		CHECK_INT(http_status_error(&req, &resp, &f.e), -1);
		CHECK_INT(f.e.kind, rows[i].kind);
		if (!CHECK(strstr(f.e.text, rows[i].text) != NULL))
			CHECK_STR(f.e.text, rows[i].text);
		CHECK(strstr(f.e.text, "secret") == NULL);
	}
	check_row(NULL);
	tear_down(&f);
}

/* ---- many at once ---------------------------------------------------------------------------- */

struct tally {
	struct fixture *f;
	int done, refused, cancelled, other;
	int resubmit;
};

static void tally_done(void *cookie, const struct http_resp *resp, const struct error *e);

static void submit(struct tally *t, const char *method, const char *path)
{
	struct http_req req = { 0 };
	char url[128];

	snprintf(url, sizeof url, "%s%s", t->f->url, path);
	req.method = method;
	req.url = url;
	CHECK_INT(http_submit(t->f->http, &req, tally_done, t, &t->f->e), 0);
}

static void tally_done(void *cookie, const struct http_resp *resp, const struct error *e)
{
	struct tally *t = cookie;

	if (resp->cls == HTTP_DONE)
		t->done++;
	else if (resp->cls == HTTP_REFUSED)
		t->refused++;
	else if (resp->cls == HTTP_CANCELLED)
		t->cancelled++;
	else
		t->other++;
	CHECK(e->text[0] != ' ');
	CHECK((e->kind != ERROR_NONE) == (resp->cls == HTTP_CANCELLED || resp->cls == HTTP_LOST));
	if (t->resubmit-- > 0)
		submit(t, "GET", "/ok");
}

/* Nothing begins, and nobody is told anything, before the loop runs. */
static void test_begins_in_loop(void)
{
	struct fixture f;
	struct tally t = { 0 };
	struct http_stats stats;
	int i;

	if (set_up(&f, 2) < 0)
		return;
	t.f = &f;
	for (i = 0; i < 3; i++) {
		submit(&t, "GET", "/ok");
		http_get_stats(f.http, &stats);
		CHECK_INT(stats.connections, i == 0 ? 0 : 1);
		CHECK_INT(stats.requests, i);
		submit(&t, "GET", "/ok");
		http_cancel(f.http, 1);
		CHECK_INT(t.cancelled, 2 * i + 2);
		submit(&t, "GET", "/ok");
		while (http_pending(f.http) > 0)
			CHECK_INT(http_run_once(f.http, &f.e), 0);
	}
	CHECK_INT(t.done, 3);
	CHECK_INT(f.requests, 3);
	tear_down(&f);
}

static void test_many(void)
{
	struct fixture f;
	struct tally t = { 0 };
	struct http_stats stats;
	int i;

	if (set_up(&f, 4) < 0)
		return;
	t.f = &f;
	t.resubmit = 10;
	for (i = 0; i < 50; i++)
		submit(&t, "POST", i % 10 == 9 ? "/nowhere" : "/ok");
	CHECK_INT(http_pending(f.http), 50);
	while (http_pending(f.http) > 0)
		CHECK_INT(http_run_once(f.http, &f.e), 0);
	CHECK_INT(t.done, 55);
	CHECK_INT(t.refused, 5);
	CHECK_INT(f.requests, 60);
	http_get_stats(f.http, &stats);
	CHECK_INT(stats.connections, 4);
	CHECK_INT(http_run_once(f.http, &f.e), 0);
	tear_down(&f);
}

/* No more in flight than allowed; the answers come in another order. */
static void test_concurrency(void)
{
	struct fixture f;
	struct tally t = { 0 };
	int i;

	if (set_up(&f, 3) < 0)
		return;
	t.f = &f;
	for (i = 0; i < 9; i++)
		submit(&t, "GET", "/hold");
	while (t.done < 9) {
		for (i = 0; i < 4; i++)
			net_run(f.net, 2, &f.e);
		if (!CHECK_INT(f.n_held, 3))
			break;
		while (f.n_held > 0)
			answer(f.held[--f.n_held], 200, "");
		net_run(f.net, 100, &f.e);
		net_run(f.net, 100, &f.e);
	}
	CHECK_INT(t.done, 9);
	tear_down(&f);
}

/* Refuses more than one at once; a timer of the server's ends each. */
static void handle_one_only(void *cookie, struct http_exchange *x, const struct http_request_view *r)
{
	struct fixture *f = cookie;

	(void)r;
	f->requests++;
	if (f->requests <= 8)
		answer(x, 429, "one at a time");
	else
		http_answer(x, 200, NULL, "", STR("ok"), 1);
}

static void test_adaptive(void)
{
	struct fixture f;
	struct tally t = { 0 };
	struct http_stats stats;
	int i;

	if (set_up(&f, 8) < 0)
		return;
	http_server_free(f.server);
	f.server = http_server_new_on(f.net, "127.0.0.1", 0, 1000, handle_one_only, &f, &f.e);
	snprintf(f.url, sizeof f.url, "http://127.0.0.1:%u", http_server_port(f.server));
	t.f = &f;
	for (i = 0; i < 30; i++)
		submit(&t, "POST", "/");
	while (http_pending(f.http) > 0)
		http_run_once(f.http, &f.e);
	CHECK_INT(t.done, 30);
	CHECK_INT(f.requests, 38);
	http_get_stats(f.http, &stats);
	CHECK_INT(stats.limited, 8);
	CHECK_INT(stats.retries, 8);
	tear_down(&f);
}

/* Refuses whoever comes while it has one in hand, and asks for a longer wait than anybody grants. */
static void handle_side_by_side(void *cookie, struct http_exchange *x, const struct http_request_view *r)
{
	struct fixture *f = cookie;

	(void)r;
	f->requests++;
	if (f->n_held > 0)
		http_answer(x, 429, NULL, "Retry-After: 400\r\n", STR("one at a time"), 0);
	else
		f->held[f->n_held++] = x;
}

/* Who was one too many comes again without waiting, and that is seldom tried in vain. */
static void test_side_by_side(void)
{
	struct fixture f;
	struct tally t = { 0 };
	struct http_stats stats;
	int i;

	if (set_up(&f, 8) < 0)
		return;
	http_free(f.http);
	f.options.wait_scale = 1;
	f.http = http_new(&f.options, &f.e);
	http_server_free(f.server);
	f.server = http_server_new_on(f.net, "127.0.0.1", 0, 1000, handle_side_by_side, &f, &f.e);
	snprintf(f.url, sizeof f.url, "http://127.0.0.1:%u", http_server_port(f.server));
	t.f = &f;
	for (i = 0; i < 100; i++)
		submit(&t, "POST", "/");
	while (http_pending(f.http) > 0) {
		for (i = 0; i < 4; i++)
			net_run(f.net, 1, &f.e);
		if (f.n_held > 0)
			answer(f.held[--f.n_held], 200, "");
	}
	CHECK_INT(t.done, 100);
	http_get_stats(f.http, &stats);
	CHECK(stats.limited > 0 && stats.limited < 20);
	CHECK_INT(f.requests, 100 + (int)stats.limited);
	/* refused alone, it is another matter */
	f.n_held = 1;
	submit(&t, "POST", "/");
	while (http_pending(f.http) > 0)
		http_run_once(f.http, &f.e);
	CHECK_INT(t.done, 100);
	CHECK_INT(t.other, 1);
	f.n_held = 0;
	tear_down(&f);
}

static void test_cancel(void)
{
	struct fixture f;
	struct tally t = { 0 };
	int i;

	if (set_up(&f, 2) < 0)
		return;
	t.f = &f;
	for (i = 0; i < 6; i++)
		submit(&t, "GET", "/hold");
	while (f.n_held < 2)
		net_run(f.net, 100, &f.e);
	http_cancel(f.http, 1);
	CHECK_INT(t.cancelled, 4);
	CHECK_INT(http_pending(f.http), 2);
	answer(f.held[0], 200, "");
	http_drop(f.held[1]);
	while (http_pending(f.http) > 0 && t.other == 0)
		net_run(f.net, 100, &f.e);
	f.n_held = 0;
	http_cancel(f.http, 0);
	CHECK_INT(t.done, 1);
	CHECK_INT(t.done + t.other + t.cancelled, 6);
	for (i = 0; i < 3; i++)
		submit(&t, "GET", "/hold");
	http_cancel(f.http, 0);
	CHECK_INT(http_pending(f.http), 0);
	/* and everything still works */
	submit(&t, "GET", "/ok");
	while (http_pending(f.http) > 0)
		http_run_once(f.http, &f.e);
	CHECK_INT(t.done, 2);
	submit(&t, "GET", "/hold");
	tear_down(&f);
}

static void test_plain_proxy(void)
{
	struct fixture f;
	struct http_resp resp;
	char proxy[64];

	if (set_up(&f, 1) < 0)
		return;
	http_free(f.http);
	f.options.net = NULL;
	snprintf(proxy, sizeof proxy, "http://u:p@127.0.0.1:%u", http_server_port(f.server));
	net_free(NULL);
	f.net_options.http_proxy = proxy;
	f.options.net = net_new(&f.net_options, &f.e);
	http_server_free(f.server);
	net_free(f.net);
	f.net = f.options.net;
	f.server = http_server_new_on(f.net, "127.0.0.1", 0, 1000, handle, &f, &f.e);
	snprintf(proxy, sizeof proxy, "http://u:p@127.0.0.1:%u", http_server_port(f.server));
	f.http = http_new(&f.options, &f.e);
	snprintf(f.url, sizeof f.url, "http://target.invalid:81");
	CHECK_INT(call(&f, "GET", "/ok", 0, &resp), 0);
	CHECK_INT(resp.status, 404);
	CHECK_STR(buf_text(&f.seen), "GET http://target.invalid:81/ok \n");
	tear_down(&f);
}

/* A proxy that is not there is named as what cannot be reached, whatever it is for. */
static void test_no_proxy_there(void)
{
	static const struct { const char *url, *proxy, *text; } rows[] = {
		{ "http://target.invalid:81", "127.0.0.1:1", "proxy 127.0.0.1:1 for target.invalid:81: " },
		{ "https://target.invalid", "127.0.0.1:1", "proxy 127.0.0.1:1 for target.invalid:443: " },
		{ "http://target.invalid", "nowhere.invalid:2", "proxy nowhere.invalid:2 for target.invalid:80: " },
		{ "https://target.invalid", "nowhere.invalid:2", "proxy nowhere.invalid:2 for target.invalid:443: " },
	};
	struct fixture f;
	struct http_resp resp;
	size_t i;

	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		if (set_up(&f, 1) < 0)
			return;
		check_row(rows[i].text);
		http_free(f.http);
		http_server_free(f.server);
		net_free(f.net);
		f.server = NULL;
		f.net_options.http_proxy = f.net_options.https_proxy = rows[i].proxy;
		f.net = f.options.net = net_new(&f.net_options, &f.e);
		f.options.retries = 0;
		f.http = http_new(&f.options, &f.e);
		snprintf(f.url, sizeof f.url, "%s", rows[i].url);
		CHECK_INT(call(&f, "GET", "/", 0, &resp), -1);
		if (!CHECK(strstr(f.e.text, rows[i].text) != NULL))
			CHECK_STR(f.e.text, rows[i].text);
		check_row(NULL);
		tear_down(&f);
	}
}

CHECK_SUITE(http_client, CHECK_TEST(keep_alive), CHECK_TEST(request), CHECK_TEST(stream),
	    CHECK_TEST(kept_body), CHECK_TEST(retry), CHECK_TEST(stale), CHECK_TEST(time_limits),
	    CHECK_TEST(unreached), CHECK_TEST(status_error), CHECK_TEST(many), CHECK_TEST(concurrency),
	    CHECK_TEST(adaptive), CHECK_TEST(side_by_side), CHECK_TEST(cancel), CHECK_TEST(plain_proxy),
	    CHECK_TEST(no_proxy_there), CHECK_TEST(begins_in_loop));
