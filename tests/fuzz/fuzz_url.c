#include "fuzz/fuzz.h"

#include <string.h>
#include "base/buf.h"
#include "base/codec.h"
#include "net/http_int.h"

static int is_within(struct str part, struct str text)
{
	return part.len == 0 || (part.ptr >= text.ptr && part.ptr + part.len <= text.ptr + text.len);
}

/* The parts, put together again, are the parts. */
static void check_parts(const struct url *u)
{
	int v6 = str_find_char(u->host, 0, ':') < u->host.len;
	struct buf text;
	struct url again;
	struct error e;

	buf_init(&text, 4 * MAX_URL);
	buf_printf(&text, "%.*s://%s%.*s%s:%u%.*s", STR_ARG(u->scheme), v6 ? "[" : "", STR_ARG(u->host), v6 ? "]" : "",
		   u->port, STR_ARG(u->path));
	error_init(&e);
	FUZZ_CHECK(url_parse(&again, buf_str(&text), &e) == 0);
	FUZZ_CHECK(str_eq(again.host, u->host) && str_eq(again.path, u->path) && again.port == u->port);
	buf_release(&text);
}

/* What is sent is one request, whatever the address. */
static void check_request(const char *url, struct buf *wire)
{
	struct http_req req;
	struct str in, piece;
	struct http_place place;
	struct http_msg m;
	struct error e;

	error_init(&e);
	memset(&req, 0, sizeof(req));
	req.method = "GET";
	req.url = url;
	if (http_read_place(&place, &req, &e) < 0 ||
	    http_write_request(wire, &place, &req, "fuzz", NULL, &e) < 0) {
		FUZZ_CHECK(e.kind == ERROR_USAGE);
		return;
	}
	in = buf_str(wire);
	http_msg_init(&m, HTTP_REQUEST);
	FUZZ_CHECK(http_msg_next(&m, &in, &piece, &e) == HTTP_HEAD);
	FUZZ_CHECK(str_eqz(m.head.method, "GET") && m.head.target.len > 0 && m.head.target.ptr[0] == '/');
	FUZZ_CHECK(http_msg_next(&m, &in, &piece, &e) == HTTP_END && in.len == 0);
	http_msg_release(&m);
}

void fuzz_url(struct str input)
{
	struct buf text, wire;
	struct error e;
	struct url u;

	buf_init(&text, 2 * MAX_URL);
	buf_init(&wire, 8 * MAX_URL);
	buf_put_str(&text, str_sub(input, 0, MAX_URL + 1));
	input = str_from(buf_text(&text));
	error_init(&e);
	if (url_parse(&u, input, &e) == 0) {
		FUZZ_CHECK(u.port >= 1 && u.port <= 65535 && u.host.len > 0);
		FUZZ_CHECK(is_within(u.host, input) && is_within(u.user, input) && is_within(u.password, input));
		check_parts(&u);
		check_request(buf_text(&text), &wire);
	} else {
		FUZZ_CHECK(e.kind == ERROR_USAGE);
	}
	buf_release(&text);
	buf_release(&wire);
}
