#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/http.h"
#include "net/http_msg.h"
#include "net/http_server.h"
#include "net/net_int.h"

#define MAX_ANSWER (256 * 1024 * 1024)	/* bytes of an answer, or of a piece of a streamed one */
#define STREAM_UNSENT 65536 /* a streamed answer is asked for more when less than this is unsent */
#define CHUNK_LINE 10			/* eight digits, CR LF */
#define CLIENT_TIMEOUT_MS 120000	/* a request must go on within this time */

/* One connection and the request that is being answered on it. A client has one request at a time. */
struct http_exchange {
	struct http_exchange *next;
	struct http_server *server;
	struct conn *conn;		/* owned; NULL: gone, waits for its handler's answer */
	unsigned long number;
	struct http_msg msg;
	struct buf body;		/* of the request */
	int answering;			/* the request is with the handler, or its answer is on the way */
	int answered;			/* the handler is done with it */
	int too_large;			/* the body is passed over; answered 413 */
	int closing;			/* the connection ends with this answer */
	struct timer delay;		/* until the answer is sent */
	struct timer again;		/* more to do: the next piece, or a request that has come already */
	struct buf out;			/* the answer's head, and its body when it is not streamed */
	int (*next_piece)(void *cookie, struct buf *out);
	void (*end_stream)(void *cookie);
	void *cookie;
};

struct http_server {
	struct net *net;		/* owned unless borrowed */
	int borrowed;
	struct watch listener;
	unsigned port;
	size_t max_body;
	http_handler_fn *handler;
	void *cookie;
	struct http_exchange *all;
	unsigned long connections;
};

static void exchange_changed(void *cookie);

/* ---- life ------------------------------------------------------------------------------------ */

static void end_stream(struct http_exchange *x)
{
	if (x->end_stream)
		x->end_stream(x->cookie);
	x->end_stream = NULL;
	x->next_piece = NULL;
}

static void free_exchange(struct http_exchange *x)
{
	struct http_exchange **at = &x->server->all;

	while (*at != x)
		at = &(*at)->next;
	*at = x->next;
	loop_stop_timer(&x->server->net->loop, &x->delay);
	loop_stop_timer(&x->server->net->loop, &x->again);
	end_stream(x);
	conn_close(x->conn);
	http_msg_release(&x->msg);
	buf_release(&x->body);
	buf_release(&x->out);
	free(x);
}

/* The client has gone. While the handler holds the exchange it stays, without a connection, until it is
 * answered. */
static void client_gone(struct http_exchange *x)
{
	if (!x->answering || x->answered) {
		free_exchange(x);
		return;
	}
	conn_close(x->conn);
	x->conn = NULL;
}

static void send_answer(void *cookie);

static void accept_one(struct http_server *s, port_sock sock)
{
	struct http_exchange *x = calloc(1, sizeof *x);

	if (!x) {
		port_sock_close(sock);
		return;
	}
	x->conn = conn_accepted(s->net, sock, exchange_changed, x, NULL);
	if (!x->conn) {
		port_sock_close(sock);
		free(x);
		return;
	}
	conn_set_timeout(x->conn, CLIENT_TIMEOUT_MS);
	x->server = s;
	x->number = ++s->connections;
	http_msg_init(&x->msg, HTTP_REQUEST);
	buf_init(&x->body, s->max_body);
	buf_init(&x->out, MAX_ANSWER);
	x->delay.fire = send_answer;
	x->again.fire = exchange_changed;
	x->delay.cookie = x->again.cookie = x;
	x->next = s->all;
	s->all = x;
}

static void on_listener(void *cookie, int got)
{
	struct http_server *s = cookie;
	port_sock sock;

	(void)got;
	while ((sock = port_accept(s->listener.sock)) != PORT_NO_SOCK)
		accept_one(s, sock);
}

struct http_server *http_server_new_on(struct net *n, const char *address, unsigned port, size_t max_body,
				       http_handler_fn *fn, void *cookie, struct error *e)
{
	struct net_options o = { 0 };
	struct http_server *s = calloc(1, sizeof *s);

	if (!s) {
		error_memory(e);
		return NULL;
	}
	o.timeout_ms = CLIENT_TIMEOUT_MS;
	s->borrowed = n != NULL;
	s->net = n ? n : net_new(&o, e);
	s->max_body = max_body;
	s->handler = fn;
	s->cookie = cookie;
	s->listener.sock = s->net ? port_listen(address, port, &s->port, e) : PORT_NO_SOCK;
	if (s->listener.sock == PORT_NO_SOCK) {
		if (!s->borrowed)
			net_free(s->net);
		free(s);
		return NULL;
	}
	s->listener.want = PORT_WANT_READ;
	s->listener.ready = on_listener;
	s->listener.cookie = s;
	loop_watch(&s->net->loop, &s->listener);
	return s;
}

struct http_server *http_server_new(const char *address, unsigned port, size_t max_body, http_handler_fn *fn,
				    void *cookie, struct error *e)
{
	return http_server_new_on(NULL, address, port, max_body, fn, cookie, e);
}

void http_server_free(struct http_server *s)
{
	if (!s)
		return;
	while (s->all)
		free_exchange(s->all);
	loop_unwatch(&s->net->loop, &s->listener);
	port_sock_close(s->listener.sock);
	if (!s->borrowed)
		net_free(s->net);
	free(s);
}

unsigned http_server_port(const struct http_server *s)
{
	return s->port;
}

int http_server_run(struct http_server *s, int ms, struct error *e)
{
	return net_run(s->net, ms, e);
}

/* ---- requests -------------------------------------------------------------------------------- */

static void hand_over(struct http_exchange *x)
{
	struct http_request_view r;
	struct str target = x->msg.head.target;
	size_t query = str_find_char(target, 0, '?');

	x->answering = 1;
	x->closing = !x->msg.keep_alive;
	conn_expect(x->conn, 0);
	if (x->too_large) {
		http_answer(x, 413, "text/plain", "", STR("the request is too large\n"), 0);
		return;
	}
	r.method = x->msg.head.method;
	r.target = target;
	r.path = str_sub(target, 0, query);
	r.query = query < target.len ? str_sub(target, query + 1, target.len) : str_of("", 0);
	r.body = buf_str(&x->body);
	r.head = &x->msg.head;
	r.connection = x->number;
	x->server->handler(x->server->cookie, x, &r);
}

static void next_request(struct http_exchange *x)
{
	http_msg_reset(&x->msg);
	buf_reset(&x->body);
	buf_reset(&x->out);
	x->answering = x->answered = x->too_large = 0;
}

static void take_piece(struct http_exchange *x, struct str piece)
{
	if (piece.len > x->server->max_body - x->body.len)
		x->too_large = 1;
	if (!x->too_large)
		buf_put_str(&x->body, piece);
	x->too_large |= x->body.failed;
}

static void refuse(struct http_exchange *x)
{
	x->answering = 1;
	x->msg.keep_alive = 0;
	x->closing = 1;
	http_answer(x, 400, "text/plain", "", STR("malformed request\n"), 0);
}

static void ask_for_body(struct http_exchange *x)
{
	if (http_header_has(&x->msg.head, "expect", "100-continue"))
		conn_write(x->conn, "HTTP/1.1 100 Continue\r\n\r\n", 25);
}

static void read_requests(struct http_exchange *x)
{
	struct str in, piece;
	enum http_event ev = HTTP_MORE;
	size_t all;

	while (!x->answering && (in = conn_peek(x->conn)).len > 0) {
		if (http_msg_untouched(&x->msg))
			conn_expect(x->conn, 1);
		all = in.len;
		do {
			ev = http_msg_next(&x->msg, &in, &piece, NULL);
			if (ev == HTTP_HEAD)
				ask_for_body(x);
			if (ev == HTTP_DATA)
				take_piece(x, piece);
		} while (ev == HTTP_HEAD || ev == HTTP_DATA || (ev == HTTP_MORE && in.len > 0));
		conn_consume(x->conn, all - in.len);
		if (ev == HTTP_END) {
			hand_over(x);
			return;
		}
		if (ev == HTTP_BAD) {
			refuse(x);
			return;
		}
	}
}

/* ---- answers --------------------------------------------------------------------------------- */

static const char *reason(int status)
{
	static const struct {
		int status;
		const char *text;
	} reasons[] = {
		{ 200, "OK" },
		{ 201, "Created" },
		{ 204, "No Content" },
		{ 302, "Found" },
		{ 304, "Not Modified" },
		{ 400, "Bad Request" },
		{ 401, "Unauthorized" },
		{ 403, "Forbidden" },
		{ 404, "Not Found" },
		{ 405, "Method Not Allowed" },
		{ 409, "Conflict" },
		{ 413, "Content Too Large" },
		{ 429, "Too Many Requests" },
		{ 500, "Internal Server Error" },
		{ 503, "Service Unavailable" },
	};
	size_t i;

	for (i = 0; i < sizeof reasons / sizeof reasons[0]; i++)
		if (reasons[i].status == status)
			return reasons[i].text;
	return "Answer";
}

static int is_bodyless(const struct http_exchange *x, int status)
{
	return status == 204 || status == 304 || str_eqz(x->msg.head.method, "HEAD");
}

static void put_head(struct http_exchange *x, int status, const char *content_type, const char *headers)
{
	x->answered = 1;
	buf_reset(&x->out);
	buf_printf(&x->out, "HTTP/1.1 %d %s\r\n%s", status, reason(status), headers);
	if (content_type && *content_type)
		buf_printf(&x->out, "Content-Type: %s\r\n", content_type);
	if (x->closing)
		buf_puts(&x->out, "Connection: close\r\n");
}

static void send_later(struct http_exchange *x, int delay_ms)
{
	if (!x->conn || x->out.failed)
		free_exchange(x);
	else if (delay_ms > 0)
		loop_set_timer(&x->server->net->loop, &x->delay, delay_ms);
	else
		send_answer(x);
}

void http_answer(struct http_exchange *x, int status, const char *content_type, const char *headers,
		 struct str body, int delay_ms)
{
	put_head(x, status, content_type, headers);
	if (status != 204 && status != 304)
		buf_printf(&x->out, "Content-Length: %lu\r\n", (unsigned long)body.len);
	buf_puts(&x->out, "\r\n");
	if (!is_bodyless(x, status))
		buf_put_str(&x->out, body);
	send_later(x, delay_ms);
}

void http_answer_stream(struct http_exchange *x, int status, const char *content_type,
			int (*next)(void *cookie, struct buf *out), void (*end)(void *cookie), void *cookie,
			int delay_ms)
{
	put_head(x, status, content_type, "Transfer-Encoding: chunked\r\n");
	buf_puts(&x->out, "\r\n");
	x->next_piece = next;
	x->end_stream = end;
	x->cookie = cookie;
	if (is_bodyless(x, status))
		end_stream(x);
	send_later(x, delay_ms);
}

void http_drop(struct http_exchange *x)
{
	if (x->conn)
		conn_abort(x->conn);
	x->conn = NULL;
	free_exchange(x);
}

/* The next piece with its size before it. 0; -1: the exchange is gone. */
static int write_chunk(struct http_exchange *x)
{
	char line[32];
	int more;

	buf_reset(&x->out);
	buf_puts(&x->out, "00000000\r\n");
	more = x->next_piece(x->cookie, &x->out);
	if (more < 0 || x->out.failed) {
		http_drop(x);
		return -1;
	}
	if (x->out.len > CHUNK_LINE) {
		snprintf(line, sizeof line, "%08lx\r\n", (unsigned long)(x->out.len - CHUNK_LINE));
		memcpy(x->out.data, line, CHUNK_LINE);
		buf_puts(&x->out, "\r\n");
	} else {
		buf_reset(&x->out);
	}
	if (!more) {
		buf_puts(&x->out, "0\r\n\r\n");
		end_stream(x);
	}
	conn_write(x->conn, x->out.data, x->out.len);
	return 0;
}

/* One more piece, then the others on the loop have their turn. 0; -1: the exchange is gone. */
static int go_on_streaming(struct http_exchange *x)
{
	if (conn_unsent(x->conn) >= STREAM_UNSENT)
		return 0;
	if (write_chunk(x) < 0)
		return -1;
	if (x->next_piece && conn_unsent(x->conn) < STREAM_UNSENT)
		loop_set_timer(&x->server->net->loop, &x->again, 0);
	return 0;
}

/* Sends what can be sent; when all is out, the connection waits for its next request or ends. */
static void go_on(struct http_exchange *x)
{
	if (x->next_piece && conn_state(x->conn) != CONN_FAILED && go_on_streaming(x) < 0)
		return;
	if (conn_state(x->conn) == CONN_FAILED) {
		free_exchange(x);
	} else if (!x->next_piece && conn_unsent(x->conn) == 0) {
		if (x->closing || conn_state(x->conn) != CONN_OPEN) {
			free_exchange(x);
			return;
		}
		next_request(x);
		if (conn_peek(x->conn).len > 0)
			loop_set_timer(&x->server->net->loop, &x->again, 0);
	}
}

static void send_answer(void *cookie)
{
	struct http_exchange *x = cookie;

	conn_write(x->conn, x->out.data, x->out.len);
	go_on(x);
}

static void exchange_changed(void *cookie)
{
	struct http_exchange *x = cookie;
	enum conn_state state = conn_state(x->conn);

	if (state == CONN_FAILED || (state == CONN_ENDED && conn_peek(x->conn).len == 0 && !x->answering))
		client_gone(x);
	else if (!x->answering)
		read_requests(x);
	else if (x->answered && x->delay.at == 0)
		go_on(x);
}
