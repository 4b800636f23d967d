#include <string.h>
#include "base/buf.h"
#include "base/limits.h"
#include "base/settings.h"
#include "base/unicode.h"

struct reader {
	struct str text;	/* line ends are line feeds only */
	size_t pos;
	size_t counted;		/* up to here ... */
	int line;		/* ... lines were counted; from 1 */
	const struct dotenv_sink *sink;
	struct buf value;	/* the value being read */
	struct buf filled;	/* the same with ${NAME} filled in */
};

static int at_end(const struct reader *r)
{
	return r->pos >= r->text.len;
}

/* The byte at the cursor; a line feed at the end. */
static char peek(const struct reader *r)
{
	return at_end(r) ? '\n' : r->text.ptr[r->pos];
}

static int line_of(struct reader *r, size_t pos)
{
	for (; r->counted < pos; r->counted++)
		if (r->text.ptr[r->counted] == '\n')
			r->line++;
	return r->line;
}

/* Length in bytes of the white space at pos, line feeds only when `lines`; 0 when there is none. */
static size_t blank_at(const struct reader *r, size_t pos, int lines)
{
	size_t next = pos;
	int32_t code;

	if (pos >= r->text.len)
		return 0;
	code = utf8_next(r->text, &next);
	if (code < 0 || (code == '\n' && !lines) || !unicode_is_space((uint32_t)code))
		return 0;
	return next - pos;
}

/* Steps over white space; returns how many bytes that was. */
static size_t skip_blanks(struct reader *r, int lines)
{
	size_t start = r->pos, n;

	while ((n = blank_at(r, r->pos, lines)) > 0)
		r->pos += n;
	return r->pos - start;
}

static void skip_line(struct reader *r)
{
	r->pos = str_find_char(r->text, r->pos, '\n');
}

static void skip_export(struct reader *r)
{
	size_t start = r->pos;

	if (!str_eqz(str_sub(r->text, start, 6), "export"))
		return;
	r->pos += 6;
	if (skip_blanks(r, 0) == 0)
		r->pos = start;
}

/* NAME or 'NAME'; -1 when there is none. */
static int read_name(struct reader *r, struct str *name)
{
	size_t start = r->pos, end;

	if (peek(r) == '\'') {
		end = str_find_char(r->text, start + 1, '\'');
		if (end == r->text.len || end == start + 1)
			return -1;
		*name = str_sub(r->text, start + 1, end - start - 1);
		r->pos = end + 1;
		return 0;
	}
	while (!at_end(r) && peek(r) != '=' && peek(r) != '#' && blank_at(r, r->pos, 1) == 0)
		r->pos++;
	*name = str_sub(r->text, start, r->pos - start);
	return name->len > 0 ? 0 : -1;
}

/*
 * Offset of the quote that closes a value which begins at `from`, or text.len. A quote behind a backslash
 * does not close; but where no other quote follows, the last of these does.
 */
static size_t closing_quote(struct str text, size_t from, char quote)
{
	size_t last = text.len, i;

	for (i = from; i < text.len; i++) {
		if (text.ptr[i] == quote)
			return i;
		if (text.ptr[i] == '\\' && i + 1 < text.len && text.ptr[i + 1] == quote)
			last = ++i;
	}
	return last;
}

static void put_unescaped(struct buf *out, struct str s, char quote)
{
	static const char from[] = "\\'\"abfnrtv", to[] = "\\'\"\a\b\f\n\r\t\v";
	size_t i;

	for (i = 0; i < s.len; i++) {
		char next = i + 1 < s.len ? s.ptr[i + 1] : '\0';
		const char *known = next != '\0' ? strchr(from, next) : NULL;

		if (s.ptr[i] != '\\' || !known || (quote == '\'' && known - from > 1)) {
			buf_putc(out, s.ptr[i]);
			continue;
		}
		buf_putc(out, to[known - from]);
		i++;
	}
}

static int read_quoted(struct reader *r, char quote)
{
	size_t start = r->pos + 1, end = closing_quote(r->text, start, quote);

	if (end == r->text.len)
		return -1;
	put_unescaped(&r->value, str_sub(r->text, start, end - start), quote);
	r->pos = end + 1;
	return 0;
}

/* Up to the end of the line or white space before a hash. */
static void read_plain(struct reader *r, int blank_before)
{
	size_t start = r->pos, end;

	if (blank_before && peek(r) == '#')
		return;
	skip_line(r);
	for (end = start; end < r->pos; end++) {
		size_t blank = blank_at(r, end, 0);

		if (blank == 0)
			continue;
		while (blank_at(r, end + blank, 0) > 0)
			blank += blank_at(r, end + blank, 0);
		if (end + blank < r->pos && r->text.ptr[end + blank] == '#')
			break;
		end += blank - 1;
	}
	buf_put_str(&r->value, unicode_trim(str_sub(r->text, start, end - start)));
}

/* What follows a name: "= value", or nothing (*given is 0 then). -1: a quote is not closed. */
static int read_value(struct reader *r, int *given)
{
	int blank;

	skip_blanks(r, 0);
	*given = !at_end(r) && peek(r) == '=';
	if (!*given)
		return 0;
	r->pos++;
	blank = skip_blanks(r, 0) > 0;
	if (peek(r) == '\'' || peek(r) == '"')
		return read_quoted(r, peek(r));
	read_plain(r, blank);
	return 0;
}

/*
 * The parts of "${name}" or "${name:-default}" at pos. Returns its length, 0 when there is none. def->ptr is
 * NULL without a default.
 */
static size_t variable_at(struct str s, size_t pos, struct str *name, struct str *def)
{
	size_t start = pos + 2, end, close;

	*def = str_of(NULL, 0);
	if (!str_starts(str_sub(s, pos, 2), STR("${")))
		return 0;
	for (end = start; end < s.len && s.ptr[end] != '}' && s.ptr[end] != ':'; end++)
		;
	*name = str_sub(s, start, end - start);
	close = str_find_char(s, end, '}');
	if (close == s.len || (close > end && !str_starts(str_sub(s, end, 2), STR(":-"))))
		return 0;
	if (close > end)
		*def = str_sub(s, end + 2, close - end - 2);
	return close + 1 - pos;
}

static void fill_in(struct reader *r, int line)
{
	struct str s = buf_str(&r->value), name, def;
	const struct dotenv_sink *sink = r->sink;
	size_t i = 0, n;

	while (i < s.len) {
		const char *value;

		n = variable_at(s, i, &name, &def);
		if (n == 0) {
			buf_putc(&r->filled, s.ptr[i++]);
			continue;
		}
		i += n;
		value = sink->look(sink->cookie, name);
		if (value)
			buf_puts(&r->filled, value);
		else if (def.ptr)
			buf_put_str(&r->filled, def);
		else if (sink->unknown)
			sink->unknown(sink->cookie, name, line);
	}
}

/* One assignment, comment or name alone. *why says what is wrong when it returns -1. */
static int read_entry(struct reader *r, int line, const char **why, struct error *e)
{
	struct str name;
	int given;

	buf_reset(&r->value);
	buf_reset(&r->filled);
	skip_export(r);
	if (peek(r) == '#') {
		skip_line(r);
		return 0;
	}
	*why = "a name and an equals sign are expected";
	if (read_name(r, &name) != 0)
		return -1;
	if (read_value(r, &given) != 0) {
		*why = "the quote at the start of the value is never closed";
		return -1;
	}
	skip_blanks(r, 0);
	if (peek(r) == '#')
		skip_line(r);
	if (peek(r) != '\n') {
		*why = given ? "there is text after the closing quote" : "a name must not contain blanks";
		return -1;
	}
	*why = NULL;
	if (!given)
		return r->sink->set(r->sink->cookie, name, str_of(NULL, 0), line, e);
	fill_in(r, line);
	if (buf_check(&r->value, "a value", e) != 0 ||
	    buf_check(&r->filled, "a value with ${...} filled in", e) != 0)
		return error_add(e, "%s:%d", r->sink->file, line);
	return r->sink->set(r->sink->cookie, name, buf_str(&r->filled), line, e);
}

static int read_entries(struct reader *r, struct error *e)
{
	const char *why = NULL;

	for (;;) {
		int line;

		skip_blanks(r, 1);
		if (at_end(r))
			return 0;
		line = line_of(r, r->pos);
		if (read_entry(r, line, &why, e) == 0)
			continue;
		if (why)
			error_set(e, ERROR_USAGE, "%s:%d: %s", r->sink->file, line, why);
		return -1;
	}
}

/* Drops a byte order mark, turns every kind of line end into a line feed. */
static void normalise(struct buf *out, struct str text)
{
	size_t i;

	if (str_starts(text, STR("\xef\xbb\xbf")))
		text = str_sub(text, 3, text.len);
	for (i = 0; i < text.len; i++) {
		if (text.ptr[i] != '\r')
			buf_putc(out, text.ptr[i]);
		else if (i + 1 == text.len || text.ptr[i + 1] != '\n')
			buf_putc(out, '\n');
	}
}

/* 0 when it is UTF-8 without NUL. */
static int check_text(struct str text, const char *file, struct error *e)
{
	static const char not_utf8[] = "this is not UTF-8 text; save the file as UTF-8";
	size_t pos = 0;
	int line = 1;

	while (pos < text.len) {
		int32_t code = utf8_next(text, &pos);

		if (code <= 0)
			return error_set(e, ERROR_USAGE, "%s:%d: %s", file, line,
					 code < 0 ? not_utf8 : "this contains a NUL character");
		line += code == '\n';
	}
	return 0;
}

int dotenv_parse(const char *text, size_t len, const struct dotenv_sink *sink, struct error *e)
{
	struct reader r;
	struct buf clean;
	int result = -1;

	memset(&r, 0, sizeof r);
	r.line = 1;
	r.sink = sink;
	buf_init(&clean, MAX_ENV_FILE);
	buf_init(&r.value, MAX_ENV_FILE);
	buf_init(&r.filled, MAX_ENV_FILE);
	normalise(&clean, str_of(text, len));
	r.text = buf_str(&clean);
	if (buf_check(&clean, "the settings file", e) == 0 && check_text(r.text, sink->file, e) == 0)
		result = read_entries(&r, e);
	buf_wipe(&clean);
	buf_wipe(&r.value);
	buf_wipe(&r.filled);
	return result;
}
