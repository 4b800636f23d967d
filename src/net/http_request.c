#include <string.h>

#include "base/codec.h"
#include "net/http_int.h"

#define EXCERPT 300		/* bytes of an error's body that a message shows */

static int is_visible(struct str s)
{
	size_t i;

	for (i = 0; i < s.len; i++)
		if (s.ptr[i] <= ' ' || s.ptr[i] > '~')
			return 0;
	return 1;
}

int http_read_place(struct http_place *place, const struct http_req *req, struct error *e)
{
	struct str text = str_from(req->url);
	struct url u;

	if (text.len > MAX_URL)
		return error_set(e, ERROR_USAGE, "a URL is longer than %d bytes", MAX_URL);
	if (url_parse(&u, text, e) < 0)
		return -1;
	place->tls = str_case_eqz(u.scheme, "https");
	if (!place->tls && !str_case_eqz(u.scheme, "http"))
		return error_set(e, ERROR_USAGE, "a URL must begin with https:// or http://");
	if (u.user.len > 0)
		return error_set(e, ERROR_USAGE, "a URL must not hold a user name");
	if (!is_visible(u.host) || !is_visible(u.path) || u.host.len == 0)
		return error_set(e, ERROR_USAGE, "a URL holds characters that must be percent-encoded");
	place->host = u.host;
	place->target = u.path;
	place->port = u.port;
	place->no_verify = (req->flags & HTTP_NO_VERIFY) != 0;
	return 0;
}

static void put_host(struct buf *out, const struct http_place *p)
{
	int v6 = str_find_char(p->host, 0, ':') < p->host.len;

	buf_printf(out, "%s%.*s%s", v6 ? "[" : "", STR_ARG(p->host), v6 ? "]" : "");
	if (p->port != (p->tls ? 443u : 80u))
		buf_printf(out, ":%u", p->port);
}

static int put_headers(struct buf *out, const struct http_header *h, struct error *e)
{
	for (; h && h->name; h++) {
		if (strpbrk(h->name, "\r\n: ") || strpbrk(h->value, "\r\n"))
			return error_set(e, ERROR_USAGE,
					 "the value for the header \"%s\" has a line end in it", h->name);
		buf_printf(out, "%s: %s\r\n", h->name, h->value);
	}
	return 0;
}

int http_write_request(struct buf *wire, const struct http_place *place, const struct http_req *req,
		       const char *user_agent, const struct proxy *proxy, struct error *e)
{
	int bodyless = strcmp(req->method, "GET") == 0 || strcmp(req->method, "HEAD") == 0 ||
		       strcmp(req->method, "DELETE") == 0;

	buf_printf(wire, "%s ", req->method);
	if (proxy) {
		buf_puts(wire, "http://");
		put_host(wire, place);
	}
	buf_printf(wire, "%s%.*s HTTP/1.1\r\nHost: ", place->target.len ? "" : "/", STR_ARG(place->target));
	put_host(wire, place);
	buf_printf(wire, "\r\nUser-Agent: %s\r\nAccept-Encoding: identity\r\n", user_agent);
	if (proxy && proxy->auth.len > 0)
		buf_printf(wire, "Proxy-Authorization: %s\r\n", buf_text(&proxy->auth));
	if (put_headers(wire, req->headers, e) < 0)
		return -1;
	if (req->body.len > 0 && req->content_type)
		buf_printf(wire, "Content-Type: %s\r\n", req->content_type);
	if (req->body.len > 0 || !bodyless)
		buf_printf(wire, "Content-Length: %lu\r\n", (unsigned long)req->body.len);
	buf_puts(wire, "\r\n");
	buf_put_str(wire, req->body);
	return buf_check(wire, "the request", e);
}

void http_put_title(struct buf *out, const char *method, const char *url)
{
	buf_printf(out, "%s %.*s", method, (int)strcspn(url, "?#"), url);
}

/* ---- answers as messages --------------------------------------------------------------------- */

static const struct {
	int status;
	const char *text;
} status_texts[] = {
	{ 301, "moved" },
	{ 302, "moved" },
	{ 303, "see elsewhere" },
	{ 304, "not changed" },
	{ 307, "moved" },
	{ 308, "moved" },
	{ 400, "bad request" },
	{ 401, "not authorised; is the key or token right?" },
	{ 403, "access denied" },
	{ 404, "not found" },
	{ 405, "method not allowed" },
	{ 407, "the proxy wants user and password" },
	{ 408, "took too long" },
	{ 409, "conflict" },
	{ 413, "too large" },
	{ 415, "wrong type of data" },
	{ 422, "not accepted" },
	{ 429, "too many requests" },
	{ 500, "failure inside the server" },
	{ 502, "bad gateway" },
	{ 503, "not available now" },
	{ 504, "gateway waited in vain" },
};

static const char *status_text(int status)
{
	size_t i;

	for (i = 0; i < sizeof status_texts / sizeof status_texts[0]; i++)
		if (status_texts[i].status == status)
			return status_texts[i].text;
	return status < 400 ? "redirect" : status < 500 ? "refused" : "failure of the server";
}

/* The body on one line: runs of blanks and control characters become one blank. */
static void put_excerpt(struct buf *out, struct str body)
{
	size_t i, shown = 0;
	int blank = 0;

	body = str_trim(body);
	for (i = 0; i < body.len && shown < EXCERPT; i++) {
		if ((unsigned char)body.ptr[i] <= ' ' || body.ptr[i] == 127) {
			blank = 1;
			continue;
		}
		if (blank)
			buf_putc(out, ' ');
		buf_putc(out, body.ptr[i]);
		shown += 1 + (size_t)blank;
		blank = 0;
	}
	/* not in the middle of a UTF-8 sequence */
	if (i < body.len)
		while (out->len > 0 && ((unsigned char)out->data[out->len - 1] & 0x80))
			buf_truncate(out, out->len - 1);
	if (i < body.len)
		buf_puts(out, "...");
}

static void put_location(struct buf *out, const struct http_resp *resp)
{
	struct str where = http_header_value(resp->head, "location", 0);
	struct url u;

	if (where.len == 0)
		return;
	if (url_parse(&u, where, NULL) == 0)
		buf_printf(out, " to %.*s", STR_ARG(u.host));
	else
		buf_puts(out, " to another path");
	buf_puts(out, "; redirects are not followed, set the right address");
}

int http_answer_error(const char *title, const struct http_resp *resp, struct error *e)
{
	struct buf text;
	int denied = resp->status == 401 || resp->status == 403 || resp->status == 407;

	buf_init(&text, ERROR_TEXT_MAX);
	buf_printf(&text, "%s answered %d (%s)", title, resp->status, status_text(resp->status));
	if (resp->status >= 300 && resp->status < 400) {
		put_location(&text, resp);
	} else if (str_trim(resp->body).len > 0) {
		buf_puts(&text, ": ");
		put_excerpt(&text, resp->body);
	}
	error_set(e, denied ? ERROR_DENIED : ERROR_UPSTREAM, "%s", buf_text(&text));
	buf_release(&text);
	return -1;
}

int http_status_error(const struct http_req *req, const struct http_resp *resp, struct error *e)
{
	struct buf title;

	buf_init(&title, MAX_URL + 64);
	http_put_title(&title, req->method, req->url);
	http_answer_error(buf_text(&title), resp, e);
	buf_release(&title);
	return -1;
}
