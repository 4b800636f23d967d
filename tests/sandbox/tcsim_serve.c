#include "sandbox/tcsim_int.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/codec.h"
#include "net/http.h"
#include "port.h"

#define API_PATH "/third_party/api/"
#define ADMIN_PATH "/_sim/"
#define JSON_TYPE "application/json; charset=utf-8"
#define BODY_MAX ((size_t)1 << 28)	/* bytes of a request, of a new account above all */
#define CHUNK 1000			/* bytes of a piece of a chunked answer */
#define SLOW_PIECES 40			/* pieces of a slow one */
#define WHOLE_MAX ((size_t)32 << 20)	/* bytes of an answer that goes out as a whole */
#define LARGE_PIECE ((size_t)65536)	/* bytes of a piece of a larger one */

enum { STATUS_DROP = 0, STATUS_DROP_APPLIED = -1 };

/* One request on its way through the simulator. */
struct tcsim_delayed {
	struct tcsim_delayed *next;
	struct http_exchange *exchange;
	struct http_request_view view;
	struct str path;		/* below the API's base, still encoded */
	uint64_t number, flying;	/* which request it is, how many were in flight with it */
	size_t call;			/* its place in the list of changing requests, or TCSIM_NONE */
	int64_t due;
};

/* ---- texts ----------------------------------------------------------------------------------- */

static struct str decoded(struct tcsim *s, struct str text)
{
	struct buf out;
	struct str copy;

	buf_init(&out, MAX_URL);
	if (percent_decode(&out, text)) {
		buf_reset(&out);
		buf_put_str(&out, text);
	}
	copy = arena_str(&s->scratch, str_of(buf_text(&out), out.len));
	buf_release(&out);
	return copy;
}

/* 1 for "name", "name[]" and "name[0]". */
static int is_name(struct str key, const char *name)
{
	size_t len = strlen(name);

	if (!str_starts(key, str_from(name)))
		return 0;
	return key.len == len || (key.ptr[len] == '[' && key.ptr[key.len - 1] == ']');
}

struct str tcsim_query(struct tcsim *s, struct str query, const char *name, size_t n)
{
	struct str rest = query, part;

	while (rest.len && str_next(&rest, '&', &part)) {
		size_t equals = str_find_char(part, 0, '=');

		if (equals < part.len && is_name(decoded(s, str_sub(part, 0, equals)), name) && n-- == 0)
			return decoded(s, str_sub(part, equals + 1, part.len));
	}
	return str_of(NULL, 0);
}

/* ---- answers --------------------------------------------------------------------------------- */

void tcsim_refuse(struct tcsim_request *r, int status, const char *fmt, ...)
{
	char message[512];
	va_list args;

	json_write_release(&r->out);
	json_write_init(&r->out, 0, NULL, NULL, TCSIM_ANSWER_MAX);
	r->status = status;
	if (!fmt) {
		json_put_raw(&r->out, STR("[]"));
		return;
	}
	va_start(args, fmt);
	vsnprintf(message, sizeof(message), fmt, args);
	va_end(args);
	json_begin_object(&r->out);
	json_put_member(&r->out, "message", str_from(message));
	json_end_object(&r->out);
}

/* A body that goes out piece by piece. */
struct pieces {
	size_t len, at, step;
	int cut;		/* the connection is cut after half of it */
	char data[];
};

static int next_piece(void *cookie, struct buf *out)
{
	struct pieces *p = cookie;
	size_t n = p->len - p->at < p->step ? p->len - p->at : p->step;

	if (p->cut && p->at >= p->len / 2)
		return -1;
	buf_put(out, p->data + p->at, n);
	p->at += n;
	return p->at < p->len;
}

static void send_pieces(struct http_exchange *x, int status, struct str body, size_t step, int cut)
{
	struct pieces *p = malloc(sizeof(*p) + body.len);

	if (!p) {
		http_drop(x);
		return;
	}
	p->len = body.len;
	p->at = 0;
	p->step = step ? step : 1;
	p->cut = cut;
	if (body.len)
		memcpy(p->data, body.ptr, body.len);
	http_answer_stream(x, status, JSON_TYPE, next_piece, free, p, 0);
}

static struct str operation(struct tcsim *s, const struct tcsim_delayed *d)
{
	return arena_printf(&s->scratch, "%.*s %.*s", STR_ARG(d->view.method), STR_ARG(d->path));
}

static void send_answer(struct tcsim *s, const struct tcsim_delayed *d, struct tcsim_request *r)
{
	struct str body = r->empty ? STR("") : buf_str(&r->out.out), what = operation(s, d);
	char headers[128] = "";

	if (tcsim_lists(s, OPT_NOT_JSON_ON, what, 0))
		body = STR("<html><body>Please log in</body></html>");
	if (tcsim_lists(s, OPT_CUT_JSON_ON, what, 0))
		body.len /= 2;
	if (r->status == 429)
		snprintf(headers, sizeof(headers), "Retry-After: %.32s\r\n", s->option[OPT_RETRY_AFTER]);
	if (tcsim_on(s, OPT_CLOSE))
		snprintf(headers + strlen(headers), sizeof(headers) - strlen(headers), "Connection: close\r\n");
	if (tcsim_lists(s, OPT_CUT_BODY_ON, what, 0))
		send_pieces(d->exchange, r->status, body, body.len / 4, 1);
	else if (tcsim_on(s, OPT_CHUNKED))
		send_pieces(d->exchange, r->status, body, CHUNK, 0);
	else if (tcsim_on(s, OPT_SLOW_BODY))
		send_pieces(d->exchange, r->status, body, body.len / SLOW_PIECES, 0);
	else if (body.len > WHOLE_MAX)
		send_pieces(d->exchange, r->status, body, LARGE_PIECE, 0);
	else
		http_answer(d->exchange, r->status, JSON_TYPE, headers, body, 0);
}

/* ---- faults ---------------------------------------------------------------------------------- */

static int every(const struct tcsim *s, enum tcsim_option o, uint64_t number)
{
	uint64_t n = (uint64_t)tcsim_number(s, o);

	return n && number % n == 0;
}

/* 1 when there were as many requests within the last second as are allowed; else this one is counted. */
static int is_too_fast(struct tcsim *s)
{
	size_t limit = (size_t)tcsim_number(s, OPT_RATE_LIMIT);
	int64_t now = port_mono_ms();

	if (!limit)
		return 0;
	if (!s->window)
		s->window = calloc(limit, sizeof(*s->window));
	if (!s->window || (s->window[s->window_at] && now - s->window[s->window_at] < 1000))
		return 1;
	s->window[s->window_at] = now;
	s->window_at = (s->window_at + 1) % limit;
	return 0;
}

/* The fault that this changing request meets; "": none. */
static const char *fault_of(const struct tcsim *s, const struct tcsim_delayed *d)
{
	int64_t at = tcsim_number(s, OPT_FAULT_AT);

	return at > 0 && d->call == (size_t)at - 1 ? s->option[OPT_FAULT] : "";
}

/* 1 when the request is not let through: the answer is set. */
static int is_refused(struct tcsim *s, const struct tcsim_delayed *d, struct tcsim_request *r)
{
	struct str key = str_from(s->option[OPT_REQUIRE_KEY]), given = http_header_value(d->view.head, "Authorization", 0);
	uint64_t first = (uint64_t)tcsim_number(s, OPT_LIMIT_FIRST), from = (uint64_t)tcsim_number(s, OPT_FAIL_FROM);
	uint64_t most = (uint64_t)tcsim_number(s, OPT_MAX_CONCURRENT);

	if (key.len && !given.len)
		tcsim_refuse(r, 401, "Unauthorized");
	else if (key.len && !(str_starts(given, STR("Bearer ")) && str_eq(str_sub(given, 7, given.len), key)))
		tcsim_refuse(r, 403, "Invalid API token");
	else if (is_too_fast(s) || every(s, OPT_LIMIT_EVERY, d->number) || d->number <= first || (most && d->flying > most))
		tcsim_refuse(r, 429, "You cannot process multiple request at once. Try again later.");
	else if (!strcmp(fault_of(s, d), "429"))
		tcsim_refuse(r, 429, "You cannot process multiple request at once. Try again later.");
	else if (!strcmp(fault_of(s, d), "500"))
		tcsim_refuse(r, 500, "Internal Server Error");
	else if (every(s, OPT_FAIL_EVERY, d->number) || (from && d->number >= from))
		tcsim_refuse(r, 503, "Service Unavailable");
	else if (tcsim_lists(s, OPT_FAIL_ON, operation(s, d), 0))
		tcsim_refuse(r, 500, "Internal Server Error");
	else
		return 0;
	return 1;
}

/* ---- requests -------------------------------------------------------------------------------- */

static const struct {
	const char *method, *path;	/* "*": any one part */
	tcsim_endpoint *endpoint;
} routes[] = {
	{ "GET", "users", tcsim_get_users },
	{ "GET", "group", tcsim_get_groups },
	{ "GET", "group/*/user", tcsim_get_group_users },
	{ "GET", "user/*/setting", tcsim_get_settings },
	{ "GET", "people_picker", tcsim_get_people_picker },
	{ "GET", "me", tcsim_get_me },
	{ "GET", "user", tcsim_get_me },
	{ "GET", "attendance/day_types", tcsim_get_day_types },
	{ "PUT", "group", tcsim_create_group },
	{ "DELETE", "group", tcsim_delete_group },
	{ "POST", "user", tcsim_update_user },
	{ "POST", "group/*/user", tcsim_add_users },
	{ "PUT", "group/*/user", tcsim_put_group_user },
	{ "PUT", "user/*/setting", tcsim_put_setting },
	{ "POST", "attendance/*/user", tcsim_post_attendance },
};

tcsim_endpoint *tcsim_route(struct str method, const struct tcsim_request *r)
{
	size_t i;

	for (i = 0; i < sizeof(routes) / sizeof(*routes); i++) {
		struct str rest = str_from(routes[i].path), part;
		int n = 0, same = str_eqz(method, routes[i].method);

		while (same && rest.len && str_next(&rest, '/', &part)) {
			same = n < r->part_count && (str_eqz(part, "*") || str_eq(part, r->parts[n]));
			n++;
		}
		if (same && n == r->part_count)
			return routes[i].endpoint;
	}
	return NULL;
}

/* Splits the path; one of too many parts gets one too many and so finds no endpoint. */
static void split_path(struct tcsim *s, struct str path, struct tcsim_request *r)
{
	struct str rest = path, part;

	while (rest.len && str_next(&rest, '/', &part)) {
		if (!part.len)
			continue;
		if (r->part_count < TCSIM_PARTS)
			r->parts[r->part_count] = decoded(s, part);
		r->part_count++;
	}
}

static int is_changing(struct str method)
{
	return str_eqz(method, "POST") || str_eqz(method, "PUT") || str_eqz(method, "DELETE") || str_eqz(method, "PATCH");
}

static void run_endpoint(struct tcsim *s, const struct tcsim_delayed *d, struct tcsim_request *r)
{
	tcsim_endpoint *endpoint;

	split_path(s, d->path, r);
	r->query = d->view.query;
	if (is_changing(d->view.method) && json_parse(s->body_doc, d->view.body, 0, &r->body, NULL)) {
		tcsim_refuse(r, 400, "body is not JSON");
		return;
	}
	endpoint = tcsim_route(d->view.method, r);
	if (endpoint)
		endpoint(s, r);
	else
		tcsim_refuse(r, 404, "No such endpoint");
}

static void note_result(struct tcsim *s, const struct tcsim_delayed *d, const struct tcsim_request *r, int status)
{
	if (d->call == TCSIM_NONE || d->call >= s->call_count)
		return;
	s->calls[d->call].status = status;
	if (r->status == 200)
		s->calls[d->call].created = r->created;
}

static void serve(struct tcsim *s, const struct tcsim_delayed *d)
{
	const char *fault = fault_of(s, d);
	int after = !strcmp(fault, "drop_after") || !strcmp(fault, "stop_after");
	int drop = !strcmp(fault, "drop") || !strcmp(fault, "drop_after");
	struct tcsim_request r;

	if (every(s, OPT_DROP_EVERY, d->number)) {
		drop = 1;
		after = tcsim_on(s, OPT_DROP_AFTER);
	}
	s->stuck |= !strncmp(fault, "stop", 4);
	arena_reset(&s->scratch);
	memset(&r, 0, sizeof(r));
	r.status = 200;
	json_write_init(&r.out, 0, NULL, NULL, TCSIM_ANSWER_MAX);
	if (is_refused(s, d, &r))
		drop = 0;
	else if (!(drop || s->stuck) || after)
		run_endpoint(s, d, &r);
	json_write_finish(&r.out, NULL);
	s->in_flight--;
	if (drop || s->stuck) {
		note_result(s, d, &r, after && r.status == 200 ? 200 : 0);
		if (drop)
			http_drop(d->exchange);
	} else {
		note_result(s, d, &r, r.status);
		send_answer(s, d, &r);
	}
	json_write_release(&r.out);
}

/* Writes down a changing request. Its place in the list, or TCSIM_NONE. */
static size_t note_call(struct tcsim *s, const struct tcsim_delayed *d)
{
	size_t n = s->call_count;
	struct tcsim_call *calls = s->calls, *c;
	struct json root;
	struct buf quoted;

	if (!(n & (n - 1)))
		calls = realloc(calls, (n ? n * 2 : 1) * sizeof(*calls));
	if (!calls)
		return TCSIM_NONE;
	s->calls = calls;
	c = &calls[n];
	memset(c, 0, sizeof(*c));
	c->method = tcsim_keep(s, d->view.method);
	c->path = tcsim_keep(s, decoded(s, d->path));
	if (!json_parse(s->body_doc, d->view.body, 0, &root, NULL)) {
		c->body = tcsim_keep(s, d->view.body);
	} else if (!d->view.body.len) {
		c->body = STR("null");
	} else {
		buf_init(&quoted, TCSIM_ANSWER_MAX);
		json_quote(&quoted, d->view.body);
		c->body = tcsim_keep(s, buf_str(&quoted));
		buf_release(&quoted);
	}
	return s->call_count++;
}

static void count(struct tcsim *s, struct tcsim_delayed *d)
{
	struct str connection = tcsim_keep_number(s, (int64_t)d->view.connection);

	tcsim_map_put(&s->connections, connection, 1);
	d->number = ++s->requests;
	s->reads += str_eqz(d->view.method, "GET");
	d->flying = ++s->in_flight;
	if (s->in_flight > s->max_in_flight)
		s->max_in_flight = s->in_flight;
	d->call = is_changing(d->view.method) ? note_call(s, d) : TCSIM_NONE;
}

static void delay(struct tcsim *s, const struct tcsim_delayed *d, int64_t ms)
{
	struct tcsim_delayed *copy = malloc(sizeof(*copy));

	if (!copy) {
		s->in_flight--;
		http_drop(d->exchange);
		return;
	}
	*copy = *d;
	copy->next = NULL;
	copy->due = port_mono_ms() + ms;
	if (s->delayed_last)
		s->delayed_last->next = copy;
	else
		s->delayed = copy;
	s->delayed_last = copy;
}

void tcsim_serve_due(struct tcsim *s)
{
	while (s->delayed && (s->stuck || s->delayed->due <= port_mono_ms())) {
		struct tcsim_delayed *d = s->delayed;

		s->delayed = d->next;
		if (!s->delayed)
			s->delayed_last = NULL;
		if (!s->stuck)
			serve(s, d);
		free(d);
	}
}

int tcsim_next_due(const struct tcsim *s)
{
	int64_t left;

	if (!s->delayed)
		return -1;
	left = s->delayed->due - port_mono_ms();
	return left > 0 ? (int)left : 0;
}

/* ---- the simulator's own endpoints ----------------------------------------------------------- */

static void admin(struct tcsim *s, struct http_exchange *x, const struct http_request_view *view)
{
	struct str what = str_sub(view->path, sizeof(ADMIN_PATH) - 1, view->path.len);
	int status = 200;
	struct buf out;
	struct error e;

	buf_init(&out, TCSIM_ANSWER_MAX);
	if (str_eqz(what, "state")) {
		tcsim_put_state(s, &out);
	} else if (str_eqz(what, "calls")) {
		tcsim_put_calls(s, &out);
	} else if (str_eqz(what, "reset")) {
		status = tcsim_load(s, view->body, &e) ? 400 : 200;
		if (status != 200)
			json_quote(&out, str_from(e.text));
	} else if (str_eqz(what, "clear")) {
		tcsim_clear(s);
	} else if (str_starts(what, STR("note/"))) {
		buf_put_str(&s->notes, view->body);
		buf_putc(&s->notes, '\n');
	} else if (str_eqz(what, "stop")) {
		s->stopped = 1;
	} else {
		status = 404;
	}
	if (!out.len)
		buf_puts(&out, status == 200 ? "{\"ok\": true}" : "{\"ok\": false}");
	http_answer(x, status, JSON_TYPE, "", buf_str(&out), 0);
	buf_release(&out);
}

void tcsim_handle(void *cookie, struct http_exchange *x, const struct http_request_view *view)
{
	struct tcsim *s = cookie;
	struct tcsim_delayed d;
	int64_t latency;

	if (str_starts(view->path, STR(ADMIN_PATH))) {
		admin(s, x, view);
		return;
	}
	if (s->stuck)
		return;
	arena_reset(&s->scratch);
	memset(&d, 0, sizeof(d));
	d.exchange = x;
	d.view = *view;
	d.path = view->path;
	if (str_starts(d.path, STR(API_PATH)))
		d.path = str_sub(d.path, sizeof(API_PATH) - 1, d.path.len);
	else if (str_starts(d.path, STR("/")))
		d.path = str_sub(d.path, 1, d.path.len);
	count(s, &d);
	latency = tcsim_number(s, OPT_LATENCY_MS);
	if (latency > 0)
		delay(s, &d, latency);
	else
		serve(s, &d);
}

int tcsim_listen(struct tcsim *s, unsigned port, struct error *e)
{
	s->server = http_server_new("127.0.0.1", port, BODY_MAX, tcsim_handle, s, e);
	return s->server ? 0 : -1;
}

unsigned tcsim_port(const struct tcsim *s)
{
	return http_server_port(s->server);
}

int tcsim_run(struct tcsim *s, int ms, struct error *e)
{
	int due = tcsim_next_due(s);

	if (http_server_run(s->server, due >= 0 && due < ms ? due : ms, e))
		return -1;
	tcsim_serve_due(s);
	return 0;
}

int tcsim_stopped(const struct tcsim *s)
{
	return s->stopped;
}

int tcsim_stuck(const struct tcsim *s)
{
	return s->stuck;
}
