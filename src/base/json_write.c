#include "base/json_write.h"

#include <stdio.h>
#include <string.h>
#include "base/unicode.h"

#define BAD_TEXT "a text is not UTF-8 (or has half a surrogate pair) at its byte %lu: \"%.*s\""
#define OUT_CHUNK 32768		/* bytes gathered before they are handed on */

void json_write_init(struct json_write *w, int indent, json_out_fn *fn, void *cookie, size_t max)
{
	memset(w, 0, sizeof(*w));
	buf_init(&w->out, fn != NULL ? OUT_CHUNK : max);
	w->fn = fn;
	w->cookie = cookie;
	w->indent = indent;
}

void json_write_release(struct json_write *w)
{
	buf_release(&w->out);
}

/* ---- bytes --------------------------------------------------------------------------------------------- */

static int failed(const struct json_write *w)
{
	return w->error.kind != ERROR_NONE;
}

static void hand_on(struct json_write *w, const char *data, size_t len)
{
	if (len > 0 && w->fn(w->cookie, data, len, &w->error) != 0 && !failed(w))
		error_set(&w->error, ERROR_FAILED, "cannot write");
}

static void put(struct json_write *w, const char *data, size_t len)
{
	if (failed(w))
		return;
	if (w->fn != NULL && len > OUT_CHUNK - w->out.len) {
		hand_on(w, w->out.data, w->out.len);
		buf_reset(&w->out);
		if (len > OUT_CHUNK) {
			hand_on(w, data, len);
			return;
		}
	}
	buf_put(&w->out, data, len);
	if (w->out.failed)
		buf_check(&w->out, "the JSON text", &w->error);
}

static void put_char(struct json_write *w, char c)
{
	put(w, &c, 1);
}

/* ---- texts --------------------------------------------------------------------------------------------- */

/* How a byte that cannot stand for itself is written, into out. Returns the length. */
static size_t escape(char out[8], unsigned char c)
{
	static const char special[] = "\"\\\b\f\n\r\t", letters[] = "\"\\bfnrt";
	const char *found = c != '\0' ? strchr(special, c) : NULL;

	if (found == NULL)
		return (size_t)snprintf(out, 8, "\\u%04x", (unsigned)c);
	out[0] = '\\';
	out[1] = letters[found - special];
	return 2;
}

static int is_plain(unsigned char c)
{
	return c >= 0x20 && c != '"' && c != '\\' && c < 0x80;
}

/*
 * The next piece of s at *pos that can be written as it is, in *piece (may be empty). Returns 0 when that was
 * the rest of s; else 1 with the byte that ended it in *stop: one to be escaped, or (>= 0x80) one that is not
 * UTF-8. *pos is then past that byte.
 */
static int next_piece(struct str s, size_t *pos, struct str *piece, unsigned char *stop)
{
	size_t from = *pos, at = from;

	while (at < s.len) {
		size_t start;

		while (at < s.len && is_plain((unsigned char)s.ptr[at]))
			at++;
		if (at == s.len)
			break;
		start = at;
		if ((unsigned char)s.ptr[at] >= 0x80 && utf8_next(s, &at) >= 0)
			continue;
		*piece = str_of(s.ptr + from, start - from);
		*stop = (unsigned char)s.ptr[start];
		*pos = start + 1;
		return 1;
	}
	*piece = str_sub(s, from, at - from);
	*pos = at;
	return 0;
}

static void put_quoted(struct json_write *w, struct str s)
{
	struct str piece;
	size_t pos = 0;
	unsigned char stop;
	char out[8];

	put_char(w, '"');
	while (next_piece(s, &pos, &piece, &stop)) {
		put(w, piece.ptr, piece.len);
		if (stop >= 0x80 && !failed(w))
			error_set(&w->error, ERROR_FAILED, BAD_TEXT, (unsigned long)pos - 1,
				  (int)(pos - 1 < 200 ? pos - 1 : 200), s.ptr);
		put(w, out, escape(out, stop));
	}
	put(w, piece.ptr, piece.len);
	put_char(w, '"');
}

void json_quote(struct buf *out, struct str s)
{
	struct str piece;
	size_t pos = 0;
	unsigned char stop;
	char escaped[8];

	buf_putc(out, '"');
	while (next_piece(s, &pos, &piece, &stop)) {
		buf_put_str(out, piece);
		if (stop >= 0x80)
			buf_puts(out, "\xef\xbf\xbd");
		else
			buf_put(out, escaped, escape(escaped, stop));
	}
	buf_put_str(out, piece);
	buf_putc(out, '"');
}

/* ---- structure ----------------------------------------------------------------------------------------- */

static void new_line(struct json_write *w)
{
	static const char blanks[] = "                ";
	size_t left = (size_t)w->indent * (size_t)w->depth, n;

	if (w->indent == 0)
		return;
	put_char(w, '\n');
	for (; left > 0; left -= n) {
		n = left < sizeof(blanks) - 1 ? left : sizeof(blanks) - 1;
		put(w, blanks, n);
	}
}

/* What stands before a value or key: a comma and a new line, unless it follows its key. */
static void before(struct json_write *w)
{
	if (w->after_key) {
		w->after_key = 0;
		return;
	}
	if (w->depth == 0)
		return;
	if (w->members[w->depth - 1])
		put_char(w, ',');
	w->members[w->depth - 1] = 1;
	new_line(w);
}

static void begin(struct json_write *w, char c)
{
	before(w);
	if (w->depth == MAX_JSON_DEPTH) {
		if (!failed(w))
			error_set(&w->error, ERROR_FAILED, "JSON nested more than %d levels deep",
				  MAX_JSON_DEPTH);
		return;
	}
	put_char(w, c);
	w->members[w->depth++] = 0;
}

static void end(struct json_write *w, char c)
{
	if (failed(w) || w->depth == 0)
		return;
	if (w->members[--w->depth])
		new_line(w);
	put_char(w, c);
}

void json_begin_object(struct json_write *w)
{
	begin(w, '{');
}

void json_end_object(struct json_write *w)
{
	end(w, '}');
}

void json_begin_array(struct json_write *w)
{
	begin(w, '[');
}

void json_end_array(struct json_write *w)
{
	end(w, ']');
}

void json_put_key(struct json_write *w, struct str key)
{
	before(w);
	put_quoted(w, key);
	put(w, ": ", w->indent > 0 ? 2 : 1);
	w->after_key = 1;
}

void json_put_keyz(struct json_write *w, const char *key)
{
	json_put_key(w, str_from(key));
}

void json_put_text(struct json_write *w, struct str s)
{
	before(w);
	put_quoted(w, s);
}

void json_put_raw(struct json_write *w, struct str raw)
{
	before(w);
	put(w, raw.ptr, raw.len);
}

void json_put_int(struct json_write *w, int64_t n)
{
	char text[32];

	json_put_raw(w, str_of(text, (size_t)snprintf(text, sizeof(text), "%lld", (long long)n)));
}

void json_put_bool(struct json_write *w, int on)
{
	json_put_raw(w, on ? STR("true") : STR("false"));
}

void json_put_null(struct json_write *w)
{
	json_put_raw(w, STR("null"));
}

void json_put_member(struct json_write *w, const char *key, struct str text)
{
	json_put_keyz(w, key);
	json_put_text(w, text);
}

void json_put_member_raw(struct json_write *w, const char *key, struct str raw)
{
	json_put_keyz(w, key);
	json_put_raw(w, raw);
}

int json_write_finish(struct json_write *w, struct error *e)
{
	if (!failed(w) && w->fn != NULL) {
		hand_on(w, w->out.data, w->out.len);
		buf_reset(&w->out);
	}
	if (!failed(w))
		return 0;
	*e = w->error;
	return -1;
}
