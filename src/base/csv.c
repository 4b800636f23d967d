#include "base/csv.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/buf.h"
#include "base/limits.h"
#include "base/unicode.h"

enum state {
	START,		/* of a field */
	PLAIN,		/* in a field without quotes */
	QUOTED,		/* in one with quotes */
	QUOTE,		/* after a quote in it: the last, or the first of two */
	BROKEN
};

struct csv {
	const char *name;
	csv_record_fn *fn;
	void *cookie;
	char separator;			/* 0: the first line is being gathered */
	struct buf first;		/* that line */
	int first_quoted;		/* quotes are open in it */
	enum state state;
	int after_cr;			/* a LF belongs to the CR before it */
	uint64_t line, column;		/* of the next character */
	struct buf text;		/* of all fields of the record */
	struct csv_field *fields;	/* owned; ptr is set when the record is complete */
	size_t count, room;
	size_t from;			/* where in text the present field begins */
};

struct csv *csv_new(const char *name, csv_record_fn *fn, void *cookie, struct error *e)
{
	struct csv *c = calloc(1, sizeof(*c));

	if (c == NULL) {
		error_memory(e);
		return NULL;
	}
	c->name = name;
	c->fn = fn;
	c->cookie = cookie;
	c->line = c->column = 1;
	buf_init(&c->first, MAX_RECORD);
	buf_init(&c->text, MAX_RECORD);
	return c;
}

void csv_free(struct csv *c)
{
	if (c == NULL)
		return;
	buf_release(&c->first);
	buf_release(&c->text);
	free(c->fields);
	free(c);
}

char csv_separator(const struct csv *c)
{
	return c->separator;
}

static int refuse(struct csv *c, uint64_t line, uint64_t column, const char *what, struct error *e)
{
	c->state = BROKEN;
	return error_set(e, ERROR_FAILED, "%s:%llu:%llu: %s", c->name, (unsigned long long)line,
			 (unsigned long long)column, what);
}

static int refuse_here(struct csv *c, const char *what, struct error *e)
{
	return refuse(c, c->line, c->column, what, e);
}

/* ---- fields and records -------------------------------------------------------------------------------- */

/* A field begins at the next character. */
static int begin_field(struct csv *c, struct error *e)
{
	struct csv_field *f;

	if (c->count == MAX_CSV_FIELDS)
		return refuse_here(c, "too many fields in one record", e);
	if (c->count == c->room) {
		size_t room = c->room > 0 ? 2 * c->room : 32;

		f = realloc(c->fields, room * sizeof(*f));
		if (f == NULL)
			return error_memory(e);
		c->fields = f;
		c->room = room;
	}
	f = &c->fields[c->count++];
	f->line = c->line;
	f->column = c->column;
	c->from = c->text.len;
	return 0;
}

static void end_field(struct csv *c)
{
	c->fields[c->count - 1].text.len = c->text.len - c->from;
	c->state = START;
}

/* Finds the byte that is no UTF-8. */
static int refuse_text(struct csv *c, const struct csv_field *f, struct error *e)
{
	uint64_t line = f->line, column = f->column;
	size_t pos = 0;
	int32_t code;

	while ((code = utf8_next(f->text, &pos)) >= 0) {
		column++;
		if (code == '\n') {
			line++;
			column = 1;
		}
	}
	return refuse(c, line, column, "this is not UTF-8; save the file as \"CSV UTF-8\"", e);
}

/* What there was no room for is an error. */
static int check_size(struct csv *c, struct error *e)
{
	const struct csv_field *f;
	char what[128];

	if (!c->text.failed)
		return 0;
	f = c->fields + c->count - 1;
	if (c->state == QUOTED)
		return refuse(c, f->line, f->column - 1, "the quotes that begin here do not end within the"
			      " largest record", e);
	snprintf(what, sizeof(what), "the record that begins here is larger than %d bytes", MAX_RECORD);
	return refuse(c, c->fields->line, c->fields->column, what, e);
}

static int end_record(struct csv *c, struct error *e)
{
	size_t i, at = 0;

	if (check_size(c, e) != 0)
		return -1;
	for (i = 0; i < c->count; i++) {
		c->fields[i].text.ptr = buf_text(&c->text) + at;
		at += c->fields[i].text.len;
		if (!utf8_valid(c->fields[i].text))
			return refuse_text(c, &c->fields[i], e);
	}
	if (c->fn(c->cookie, c->fields, c->count, e) != 0) {
		c->state = BROKEN;
		return -1;
	}
	buf_reset(&c->text);
	c->count = 0;
	return 0;
}

/* ---- characters ---------------------------------------------------------------------------------------- */

/* Past a character that is no line end. */
static void move(struct csv *c, char byte)
{
	c->column += ((unsigned char)byte & 0xc0) != 0x80;
	c->after_cr = 0;
}

static void next_line(struct csv *c, char byte)
{
	if (byte == '\r' || !c->after_cr)
		c->line++;
	c->column = 1;
	c->after_cr = byte == '\r';
}

static int is_line_end(char byte)
{
	return byte == '\r' || byte == '\n';
}

/* As many bytes as may stand in such a field and mean nothing. */
static size_t take_plain(struct csv *c, const char *data, size_t len)
{
	size_t n;

	for (n = 0; n < len; n++) {
		char byte = data[n];

		if (byte == '"' || byte == '\0' || is_line_end(byte) ||
		    (c->state == PLAIN && byte == c->separator))
			break;
		move(c, byte);
	}
	buf_put(&c->text, data, n);
	return n;
}

static int end_line(struct csv *c, char byte, struct error *e)
{
	next_line(c, byte);
	return end_record(c, e);
}

/* Where a field may begin. A record that ends with a separator has an empty field behind it. */
static int in_start(struct csv *c, char byte, struct error *e)
{
	if (is_line_end(byte) && c->count == 0) {
		next_line(c, byte);
		return 0;
	}
	if (begin_field(c, e) != 0)
		return -1;
	if (byte == c->separator || is_line_end(byte)) {
		end_field(c);
		if (byte != c->separator)
			return end_line(c, byte, e);
	} else if (byte == '"') {
		c->fields[c->count - 1].column++;
		c->state = QUOTED;
	} else {
		buf_putc(&c->text, byte);
		c->state = PLAIN;
	}
	move(c, byte);
	return 0;
}

static int in_plain(struct csv *c, char byte, struct error *e)
{
	if (byte == '"')
		return refuse_here(c, "a quote within a text that has no quotes around it; there they would"
				   " be doubled", e);
	end_field(c);
	if (byte != c->separator)
		return end_line(c, byte, e);
	move(c, byte);
	return 0;
}

static int in_quoted(struct csv *c, char byte)
{
	if (byte == '"') {
		c->state = QUOTE;
		move(c, byte);
	} else {
		buf_putc(&c->text, byte);
		next_line(c, byte);
	}
	return 0;
}

static int in_quote(struct csv *c, char byte, struct error *e)
{
	if (byte == '"') {
		buf_putc(&c->text, byte);
		c->state = QUOTED;
		move(c, byte);
		return 0;
	}
	if (byte != c->separator && !is_line_end(byte))
		return refuse_here(c, "after closing quotes only a separator or the end of the line may"
				   " follow; quotes within a text are doubled", e);
	return in_plain(c, byte, e);
}

static int take_byte(struct csv *c, char byte, struct error *e)
{
	if (byte == '\0')
		return refuse_here(c, "a NUL byte; if the file is UTF-16, save it as \"CSV UTF-8\"", e);
	switch (c->state) {
	case START:
		return in_start(c, byte, e);
	case PLAIN:
		return in_plain(c, byte, e);
	case QUOTED:
		return in_quoted(c, byte);
	case QUOTE:
		return in_quote(c, byte, e);
	default:
		return refuse_here(c, "refused before", e);
	}
}

static int take(struct csv *c, const char *data, size_t len, struct error *e)
{
	size_t n;

	while (len > 0) {
		n = c->state == PLAIN || c->state == QUOTED ? take_plain(c, data, len) : 0;
		if (check_size(c, e) != 0 || (n < len && take_byte(c, data[n++], e) != 0))
			return -1;
		data += n;
		len -= n;
	}
	return 0;
}

/* ---- the first line ------------------------------------------------------------------------------------ */

/* How often a byte is there outside quotes. */
static size_t count_of(struct str line, char byte)
{
	size_t i, n = 0;
	int quoted = 0;

	for (i = 0; i < line.len; i++) {
		quoted ^= line.ptr[i] == '"';
		n += !quoted && line.ptr[i] == byte;
	}
	return n;
}

static char find_separator(struct str line)
{
	size_t commas = count_of(line, ','), semicolons = count_of(line, ';'), tabs = count_of(line, '\t');

	return tabs > commas && tabs > semicolons ? '\t' : semicolons > commas ? ';' : ',';
}

/* A line is there that may be the first; those without anything are passed over. */
static int take_first(struct csv *c, struct error *e)
{
	static const struct str mark = { "\xef\xbb\xbf", 3 };
	struct str line = buf_str(&c->first), text;
	int r = 0;

	if (str_starts(line, STR("\xff\xfe")) || str_starts(line, STR("\xfe\xff")))
		return refuse_here(c, "the file is UTF-16; save it as UTF-8 (in Excel \"CSV UTF-8\")", e);
	if (str_starts(line, mark))
		line = str_sub(line, mark.len, line.len);
	text = str_trim(line);
	if (text.len == 0) {
		next_line(c, line.len > 0 ? line.ptr[line.len - 1] : '\n');
		buf_reset(&c->first);
		return 0;
	}
	if (text.len == 5 && str_case_eq(str_sub(text, 0, 4), STR("sep=")) && text.ptr[4] != '"') {
		c->separator = text.ptr[4];
		next_line(c, line.ptr[line.len - 1]);
	} else {
		c->separator = find_separator(line);
		r = take(c, line.ptr, line.len, e);
	}
	buf_release(&c->first);
	return r;
}

/* Gathers the first line; how many bytes of the input that took. */
static size_t gather(struct csv *c, const char *data, size_t len)
{
	size_t n = 0;
	int ended = 0;

	for (; n < len && !ended; n++) {
		c->first_quoted ^= data[n] == '"';
		ended = !c->first_quoted && is_line_end(data[n]);
	}
	buf_put(&c->first, data, n);
	return n;
}

/* ---- the outside --------------------------------------------------------------------------------------- */

int csv_feed(struct csv *c, const char *data, size_t len, struct error *e)
{
	size_t n;

	for (; c->separator == '\0' && len > 0; data += n, len -= n) {
		n = gather(c, data, len);
		if (c->first.failed)
			return refuse_here(c, c->first_quoted ? "quotes in the first line do not end within"
					   " the largest record" : "the first line is larger than a record "
					   "may be", e);
		if (c->first_quoted || !is_line_end(c->first.data[c->first.len - 1]))
			return 0;
		if (take_first(c, e) != 0)
			return -1;
	}
	return take(c, data, len, e);
}

int csv_end(struct csv *c, struct error *e)
{
	const struct csv_field *f;

	if (c->separator == '\0' && c->first.len > 0 && take_first(c, e) != 0)
		return -1;
	if (c->state == QUOTED) {
		f = &c->fields[c->count - 1];
		return refuse(c, f->line, f->column - 1, "the quotes that begin here do not end: the file is "
			      "cut off, or a quote is missing", e);
	}
	if (c->state == BROKEN)
		return refuse_here(c, "refused before", e);
	if (c->state == START && c->count == 0)
		return 0;
	if (c->state == START && begin_field(c, e) != 0)
		return -1;
	end_field(c);
	return end_record(c, e);
}
