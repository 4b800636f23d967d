#include "net/http_msg.h"

#include <string.h>
#include "net/http.h"

/* A chunk's size and end cost five bytes or more, so a body in chunks of one byte is still below this. */
#define FRAMING_FREE 65536
#define FRAMING_PER_BODY 8
#define SIZE_DIGITS 16

enum {
	IN_HEAD,
	HEAD_DONE,		/* a body follows */
	IN_LENGTH,		/* `left` bytes to come */
	IN_CLOSE,		/* up to the end of the connection */
	IN_SIZE,		/* chunk size */
	IN_EXTENSION,
	IN_SIZE_LF,
	IN_CHUNK,
	IN_CHUNK_CR,
	IN_CHUNK_LF,
	IN_TRAILER,
	IN_TRAILER_LF,
	IS_DONE,
	IS_BAD
};

void http_msg_init(struct http_msg *m, enum http_kind kind)
{
	memset(m, 0, sizeof *m);
	m->kind = kind;
	buf_init(&m->head.text, MAX_HTTP_HEADER);
}

static void start_head(struct http_msg *m)
{
	buf_reset(&m->head.text);
	m->line = 0;
	m->fields = 0;
	m->state = IN_HEAD;
}

void http_msg_reset(struct http_msg *m)
{
	struct buf text = m->head.text;
	enum http_kind kind = m->kind;

	memset(m, 0, sizeof *m);
	m->kind = kind;
	m->head.text = text;
	start_head(m);
}

void http_msg_release(struct http_msg *m)
{
	buf_release(&m->head.text);
}

int http_msg_untouched(const struct http_msg *m)
{
	return m->state == IN_HEAD && m->head.text.len == 0 && m->interim == 0;
}

static enum http_event bad(struct http_msg *m, struct error *e, const char *what)
{
	m->state = IS_BAD;
	error_set(e, ERROR_UPSTREAM, "malformed HTTP %s: %s", m->kind == HTTP_REQUEST ? "request" : "answer",
		  what);
	return HTTP_BAD;
}

/* ---- fields ---------------------------------------------------------------------------------- */

static int is_token_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       (c != '\0' && strchr("!#$%&'*+-.^_`|~", c));
}

static int is_token(struct str s)
{
	size_t i;

	for (i = 0; i < s.len; i++)
		if (!is_token_char(s.ptr[i]))
			return 0;
	return s.len > 0;
}

/* Blanks, tabs, and all that prints; also bytes of other character sets. */
static int is_text(struct str s)
{
	size_t i;

	for (i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.ptr[i];

		if ((c < ' ' && c != '\t') || c == 127)
			return 0;
	}
	return 1;
}

/* The line at *at without its end; *at moves on. 0 at the empty line that ends the head. */
static int next_line(const struct http_head *h, size_t *at, struct str *line)
{
	const char *end;

	if (*at >= h->text.len)
		return 0;
	end = memchr(h->text.data + *at, '\n', h->text.len - *at);
	if (!end)
		return 0;
	*line = str_of(h->text.data + *at, (size_t)(end - h->text.data) - *at - 1);
	*at += line->len + 2;
	return line->len > 0;
}

struct str http_header_value(const struct http_head *h, const char *name, int n)
{
	struct str line, none = { NULL, 0 };
	size_t at, len = strlen(name);

	if (!h)
		return none;
	for (at = h->fields; next_line(h, &at, &line);)
		if (line.len > len && line.ptr[len] == ':' && str_case_eqz(str_sub(line, 0, len), name) &&
		    n-- == 0)
			return str_trim(str_sub(line, len + 1, line.len));
	return none;
}

/* 1 when there is an n-th field of that name, even an empty one. */
static int has_field(const struct http_head *h, const char *name, int n)
{
	return http_header_value(h, name, n).ptr != NULL;
}

int http_header_has(const struct http_head *h, const char *name, const char *word)
{
	struct str list, part;
	int n;

	for (n = 0; has_field(h, name, n); n++) {
		list = http_header_value(h, name, n);
		while (str_next(&list, ',', &part))
			if (str_case_eqz(str_trim(part), word))
				return 1;
	}
	return 0;
}

/* ---- the head -------------------------------------------------------------------------------- */

static int read_version(struct http_head *h, struct str s)
{
	if (s.len != 8 || !str_starts(s, STR("HTTP/1.")) || s.ptr[7] < '0' || s.ptr[7] > '9')
		return -1;
	h->minor = s.ptr[7] - '0';
	return 0;
}

static int read_status_line(struct http_head *h, struct str line)
{
	uint64_t status;

	if (read_version(h, str_sub(line, 0, 8)) < 0 || line.len < 12 || line.ptr[8] != ' ' ||
	    (line.len > 12 && line.ptr[12] != ' ') || str_to_u64(str_sub(line, 9, 3), &status) < 0 ||
	    status < 100 || !is_text(line))
		return -1;
	h->status = (int)status;
	return 0;
}

static int read_request_line(struct http_head *h, struct str line)
{
	size_t a = str_find_char(line, 0, ' '), b = str_find_char(line, a + 1, ' '), i;

	if (b >= line.len || read_version(h, str_sub(line, b + 1, line.len)) < 0)
		return -1;
	h->method = str_sub(line, 0, a);
	h->target = str_sub(line, a + 1, b - a - 1);
	for (i = 0; i < h->target.len; i++)
		if (h->target.ptr[i] <= ' ' || h->target.ptr[i] > '~')
			return -1;
	return is_token(h->method) && h->target.len > 0 ? 0 : -1;
}

static enum http_event check_fields(struct http_msg *m, struct error *e)
{
	struct str line;
	size_t at = m->head.fields, colon;

	while (next_line(&m->head, &at, &line)) {
		colon = str_find_char(line, 0, ':');
		if (colon == line.len)
			return bad(m, e, "a header line without a colon");
		if (!is_token(str_sub(line, 0, colon)))
			return bad(m, e, "a header field with a malformed name");
		if (!is_text(str_sub(line, colon + 1, line.len)))
			return bad(m, e, "a header field with control characters");
	}
	return HTTP_HEAD;
}

/* All values of Content-Length must agree (RFC 9112, 6.3). 1: there is one; 0: none; -1: malformed. */
static int content_length(const struct http_head *h, uint64_t *length)
{
	struct str list, part;
	uint64_t v;
	int n, found = 0;

	for (n = 0; has_field(h, "content-length", n); n++) {
		list = http_header_value(h, "content-length", n);
		if (list.len == 0)
			return -1;
		while (str_next(&list, ',', &part)) {
			if (str_to_u64(str_trim(part), &v) < 0 || (found && v != *length))
				return -1;
			*length = v;
			found = 1;
		}
	}
	return found;
}

static enum http_event choose_framing(struct http_msg *m, struct error *e)
{
	const struct http_head *h = &m->head;
	int given = content_length(h, &m->left);
	int coded = has_field(h, "transfer-encoding", 0);

	m->keep_alive = !http_header_has(h, "connection", "close") &&
			(h->minor > 0 || http_header_has(h, "connection", "keep-alive"));
	if (given < 0)
		return bad(m, e, "the Content-Length is no number, or there are different ones");
	m->has_body = 0;
	m->state = HEAD_DONE;
	if (m->kind == HTTP_RESPONSE && (m->no_body || h->status == 204 || h->status == 304))
		return HTTP_HEAD;
	if (coded) {
		if (given || h->minor == 0 || has_field(h, "transfer-encoding", 1) ||
		    !str_case_eqz(http_header_value(h, "transfer-encoding", 0), "chunked"))
			return bad(
				m, e,
				"a Transfer-Encoding that is not just \"chunked\", or with a Content-Length");
		m->has_body = IN_SIZE;
	} else if (given) {
		if (m->left > MAX_HTTP_BODY)
			return bad(m, e, "the announced body is larger than 1 GiB");
		m->has_body = IN_LENGTH;
	} else if (m->kind == HTTP_RESPONSE) {
		m->has_body = IN_CLOSE;
		m->keep_alive = 0;
	}
	return HTTP_HEAD;
}

static enum http_event head_complete(struct http_msg *m, struct error *e)
{
	struct http_head *h = &m->head;
	struct str line = { NULL, 0 };
	size_t at = 0;

	next_line(h, &at, &line);
	h->fields = at;
	if ((m->kind == HTTP_REQUEST ? read_request_line(h, line) : read_status_line(h, line)) < 0)
		return bad(m, e, m->kind == HTTP_REQUEST ? "no request line" : "no status line of HTTP/1.1");
	if (check_fields(m, e) == HTTP_BAD)
		return HTTP_BAD;
	if (m->kind == HTTP_REQUEST || h->status >= 200)
		return choose_framing(m, e);
	if (h->status == 101)
		return bad(m, e, "it switches to another protocol, which nobody asked for");
	if (++m->interim > MAX_HTTP_INTERIM)
		return bad(m, e, "too many 1xx answers");
	start_head(m);
	return HTTP_MORE;
}

/* A whole line has been added to the head. */
static enum http_event head_line(struct http_msg *m, struct error *e)
{
	struct buf *t = &m->head.text;
	size_t len = t->len - m->line;
	char first = t->data[m->line];

	if (len < 2 || t->data[t->len - 2] != '\r')
		return bad(m, e, "a line that does not end with CR LF");
	if (len == 2 && m->line == 0 && m->kind == HTTP_REQUEST && ++m->interim <= MAX_HTTP_INTERIM) {
		buf_reset(t);
		return HTTP_MORE;
	}
	if (len == 2)
		return head_complete(m, e);
	if (first == ' ' || first == '\t') {
		if (m->kind == HTTP_REQUEST || m->fields < 2)
			return bad(m, e, "a header line that begins with a blank");
		t->data[m->line - 2] = t->data[m->line - 1] = ' ';
	} else if (++m->fields > MAX_HTTP_FIELDS + 1) {
		return bad(m, e, "more than 256 header fields");
	}
	m->line = t->len;
	return HTTP_MORE;
}

static enum http_event take_head(struct http_msg *m, struct str *in, struct error *e)
{
	enum http_event ev = HTTP_MORE;

	while (in->len > 0 && ev == HTTP_MORE && m->state == IN_HEAD) {
		const char *end = memchr(in->ptr, '\n', in->len);
		size_t n = end ? (size_t)(end - in->ptr) + 1 : in->len;

		if (m->head.text.len == 0 && m->kind == HTTP_RESPONSE && in->ptr[0] != 'H')
			return bad(m, e, "no status line of HTTP/1.1");
		if (n > MAX_HTTP_HEADER - m->head.text.len)
			return bad(m, e, "a head larger than 64 KiB");
		buf_put(&m->head.text, in->ptr, n);
		if (m->head.text.failed) {
			m->state = IS_BAD;
			error_memory(e);
			return HTTP_BAD;
		}
		*in = str_sub(*in, n, in->len);
		if (end)
			ev = head_line(m, e);
	}
	return ev;
}

/* ---- the body -------------------------------------------------------------------------------- */

static enum http_event take_bytes(struct http_msg *m, struct str *in, struct str *piece, uint64_t most,
				  struct error *e)
{
	size_t n = in->len < most ? in->len : (size_t)most;

	if (n > MAX_HTTP_BODY - m->body)
		return bad(m, e, "a body larger than 1 GiB");
	*piece = str_sub(*in, 0, n);
	*in = str_sub(*in, n, in->len);
	m->body += n;
	return HTTP_DATA;
}

static int hex_value(char c)
{
	static const char digits[] = "0123456789abcdefABCDEF";
	const char *p = c ? strchr(digits, c) : NULL;
	int v = p ? (int)(p - digits) : -1;

	return v > 15 ? v - 6 : v;
}

/* One byte of a chunk's size line. */
static enum http_event size_byte(struct http_msg *m, char c, struct error *e)
{
	int v = hex_value(c);

	if (m->state == IN_SIZE && v >= 0) {
		if (m->left >> 60)
			return bad(m, e, "a chunk size that is too large");
		m->left = m->left << 4 | (uint64_t)v;
		m->digits++;
		return HTTP_MORE;
	}
	if (m->digits == 0)
		return bad(m, e, "a chunk size that is no number");
	if (c == '\r')
		m->state = IN_SIZE_LF;
	else if (m->state == IN_SIZE && (c == ';' || c == ' ' || c == '\t'))
		m->state = IN_EXTENSION;
	else if (m->state == IN_SIZE || !is_text(str_of(&c, 1)))
		return bad(m, e, "a chunk size line with a malformed extension");
	return HTTP_MORE;
}

static enum http_event trailer_byte(struct http_msg *m, char c, struct error *e)
{
	if (m->state == IN_TRAILER_LF) {
		if (c != '\n')
			return bad(m, e, "a trailer line that does not end with CR LF");
		m->state = m->digits ? IN_TRAILER : IS_DONE;
		m->digits = 0;
		return m->state == IS_DONE ? HTTP_END : HTTP_MORE;
	}
	if (++m->line > MAX_HTTP_HEADER)
		return bad(m, e, "trailer fields larger than 64 KiB");
	if (c == '\r')
		m->state = IN_TRAILER_LF;
	else if (!is_text(str_of(&c, 1)))
		return bad(m, e, "a trailer field with control characters");
	else
		m->digits = 1;
	return HTTP_MORE;
}

static enum http_event expect_byte(struct http_msg *m, char c, char wanted, int state, struct error *e)
{
	if (c != wanted)
		return bad(m, e, "a chunk that is longer than its size, or no CR LF after its size");
	m->state = state;
	return HTTP_MORE;
}

static void start_size(struct http_msg *m)
{
	m->left = 0;
	m->digits = 0;
	m->line = 0;
	m->state = IN_SIZE;
}

static enum http_event framing_byte(struct http_msg *m, char c, struct error *e)
{
	enum http_event ev;

	if (++m->framing > FRAMING_FREE + FRAMING_PER_BODY * m->body)
		return bad(m, e, "far more chunk framing than data");
	switch (m->state) {
	case IN_SIZE:
	case IN_EXTENSION:
		if (++m->line > MAX_HTTP_CHUNK_LINE)
			return bad(m, e, "a chunk size line longer than 4 KiB");
		return size_byte(m, c, e);
	case IN_SIZE_LF:
		ev = expect_byte(m, c, '\n', m->left ? IN_CHUNK : IN_TRAILER, e);
		m->line = 0;
		m->digits = 0;
		return ev;
	case IN_CHUNK_CR:
		return expect_byte(m, c, '\r', IN_CHUNK_LF, e);
	case IN_CHUNK_LF:
		ev = expect_byte(m, c, '\n', IN_SIZE, e);
		if (ev == HTTP_MORE)
			start_size(m);
		return ev;
	default:
		return trailer_byte(m, c, e);
	}
}

static enum http_event take_chunked(struct http_msg *m, struct str *in, struct str *piece, struct error *e)
{
	enum http_event ev = HTTP_MORE;

	while (in->len > 0 && ev == HTTP_MORE) {
		if (m->state == IN_CHUNK) {
			ev = take_bytes(m, in, piece, m->left, e);
			m->left -= piece->len;
			if (m->left == 0 && ev == HTTP_DATA)
				m->state = IN_CHUNK_CR;
		} else {
			ev = framing_byte(m, in->ptr[0], e);
			*in = str_sub(*in, 1, in->len);
		}
	}
	return ev;
}

static enum http_event start_body(struct http_msg *m)
{
	if (m->has_body == IN_SIZE)
		start_size(m);
	else
		m->state = m->has_body ? m->has_body : IS_DONE;
	if (m->state == IN_LENGTH && m->left == 0)
		m->state = IS_DONE;
	return m->state == IS_DONE ? HTTP_END : HTTP_MORE;
}

enum http_event http_msg_next(struct http_msg *m, struct str *in, struct str *piece, struct error *e)
{
	enum http_event ev;

	*piece = str_of(NULL, 0);
	if (m->state == IN_HEAD)
		return take_head(m, in, e);
	if (m->state == HEAD_DONE && start_body(m) == HTTP_END)
		return HTTP_END;
	if (m->state == IS_DONE)
		return HTTP_END;
	if (m->state == IS_BAD)
		return bad(m, e, "it was refused before");
	if (in->len == 0)
		return HTTP_MORE;
	if (m->state == IN_CLOSE)
		return take_bytes(m, in, piece, in->len, e);
	if (m->state != IN_LENGTH)
		return take_chunked(m, in, piece, e);
	ev = take_bytes(m, in, piece, m->left, e);
	m->left -= piece->len;
	if (m->left == 0)
		m->state = IS_DONE;
	return ev;
}

enum http_event http_msg_close(struct http_msg *m, struct error *e)
{
	struct str none = { NULL, 0 }, piece;

	if (m->state == HEAD_DONE && http_msg_next(m, &none, &piece, e) == HTTP_END)
		return HTTP_END;
	if (m->state == IS_DONE || m->state == IN_CLOSE)
		return HTTP_END;
	if (m->state == IS_BAD)
		return bad(m, e, "it was refused before");
	m->state = IS_BAD;
	error_set(e, ERROR_UPSTREAM, "the connection was closed %s",
		  m->body > 0 || m->has_body ? "in the middle of the body" :
		  m->head.text.len > 0 ? "in the middle of the head" : "without an answer");
	return HTTP_BAD;
}
