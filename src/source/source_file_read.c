#include "source/source_file_int.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/json_scan.h"
#include "base/limits.h"
#include "port.h"
#include "store/store.h"

#define CHUNK 65536		/* bytes read at once */

int file_reader_init(struct file_reader *r, const char *path, struct error *e)
{
	memset(r, 0, sizeof(*r));
	r->path = path;
	arena_init(&r->arena, 8 * MAX_RECORD);
	buf_init(&r->raw, 8 * MAX_RECORD);
	return file_map_init(&r->map, e);
}

void file_reader_release(struct file_reader *r)
{
	file_map_release(&r->map);
	arena_release(&r->arena);
	buf_release(&r->raw);
}

/* ---- pieces of a file ---------------------------------------------------------------------------------- */

int file_each_chunk(const char *path, file_chunk_fn *fn, void *cookie, struct error *e)
{
	struct store_in *in = store_open(path, NULL, e);
	char *data = malloc(CHUNK);
	int rc = in == NULL ? -1 : data == NULL ? error_memory(e) : 0;
	long n = 1;

	while (rc == 0 && (n = store_read(in, data, CHUNK, e)) > 0) {
		rc = fn(cookie, data, (size_t)n, e);
		if (rc == 0 && port_interrupted())
			rc = error_set(e, ERROR_CANCELLED, "interrupted");
	}
	free(data);
	store_close(in);
	return rc < 0 || n < 0 ? -1 : 0;
}

struct str file_join(struct file_reader *r, enum file_field field, struct str text, struct str part)
{
	if (text.len == 0 || part.len == 0)
		return part.len > 0 ? part : text;
	return arena_printf(&r->arena, "%.*s%s%.*s", STR_ARG(text), field == FILE_DEPARTMENT ? "/" : " ",
			    STR_ARG(part));
}

/* ---- where something is -------------------------------------------------------------------------------- */

struct search {
	uint64_t left;			/* bytes before the place */
	uint64_t line, column;
	int begun;
};

static int count_lines(void *cookie, const char *data, size_t len, struct error *e)
{
	struct search *s = cookie;
	size_t i = s->begun ? 0 : file_mark_length(data, len);

	(void)e;
	s->begun = 1;
	s->left -= i < s->left ? i : s->left;
	for (; i < len && s->left > 0; i++, s->left--) {
		if (data[i] == '\n') {
			s->line++;
			s->column = 1;
		} else {
			s->column += ((unsigned char)data[i] & 0xc0) != 0x80;
		}
	}
	return s->left == 0;
}

/* Line and column of an offset: the file is read once more. */
static void find_place(const struct file_reader *r, uint64_t offset, struct search *s)
{
	s->left = offset;
	s->line = s->column = 1;
	s->begun = 0;
	file_each_chunk(r->path, count_lines, s, NULL);
}

uint64_t file_line(const struct file_reader *r, uint64_t place)
{
	struct search s;

	if (!r->is_json)
		return place;
	find_place(r, place, &s);
	return s.line;
}

/* "PATH:LINE:COLUMN: " before the text, once. */
static int tell(struct file_reader *r, uint64_t line, uint64_t column, const char *text, struct error *e)
{
	r->told = 1;
	return error_set(e, ERROR_FAILED, "%s:%llu:%llu: %s", r->path, (unsigned long long)line,
			 (unsigned long long)column, text);
}

int file_refuse_at(struct file_reader *r, uint64_t offset, const char *text, struct error *e)
{
	struct search s;

	find_place(r, offset, &s);
	return tell(r, s.line, s.column, text, e);
}

int file_refuse_row(struct file_reader *r, struct error *e, const char *fmt, ...)
{
	struct buf text;
	va_list args;

	buf_init(&text, MAX_RECORD);
	va_start(args, fmt);
	buf_vprintf(&text, fmt, args);
	va_end(args);
	if (r->is_json)
		file_refuse_at(r, r->offset, buf_text(&text), e);
	else
		tell(r, r->fields->line, r->fields->column, buf_text(&text), e);
	buf_release(&text);
	return -1;
}

int file_refuse(struct file_reader *r, enum file_field field, struct error *e, const char *fmt, ...)
{
	const struct file_column *c = r->map.field[field].columns;
	struct buf text;
	va_list args;

	buf_init(&text, MAX_RECORD);
	buf_printf(&text, "%s\"%.*s\": ", r->is_json ? "" : "column ", STR_ARG(c->name));
	va_start(args, fmt);
	buf_vprintf(&text, fmt, args);
	va_end(args);
	if (r->is_json || c->index == SIZE_MAX)
		file_refuse_row(r, e, "%s", buf_text(&text));
	else
		tell(r, r->fields[c->index].line, r->fields[c->index].column, buf_text(&text), e);
	buf_release(&text);
	return -1;
}

/* ---- what it is ---------------------------------------------------------------------------------------- */

/* The first character that is no blank. */
struct look {
	uint64_t offset;
	int first;
};

static int look_at(void *cookie, const char *data, size_t len, struct error *e)
{
	struct look *l = cookie;
	size_t i = l->offset == 0 ? file_mark_length(data, len) : 0;

	(void)e;
	for (; i < len && l->first == 0; i++)
		if (memchr(" \t\r\n", data[i], 4) == NULL)
			l->first = (unsigned char)data[i];
	l->offset += len;
	return l->first != 0;
}

/* Whether the first line alone is an object, and not one with a list of users. */
struct first_line {
	struct json_scan *scan;
	uint64_t offset;
	int begun;
};

static int feed_line(void *cookie, const char *data, size_t len, struct error *e)
{
	struct first_line *f = cookie;
	struct str rest = str_of(data, len), part;
	size_t mark = f->offset == 0 ? file_mark_length(data, len) : 0;

	f->offset += len;
	rest = str_sub(rest, mark, len);
	while (rest.len > 0) {
		part = str_sub(rest, 0, str_find_char(rest, 0, '\n'));
		if (json_scan_feed(f->scan, part.ptr, part.len, e) != 0)
			return -1;
		f->begun |= str_trim(part).len > 0;
		if (json_scan_saw(f->scan, 0) > 0 || (f->begun && part.len < rest.len))
			return 1;
		rest = str_sub(rest, part.len + 1, rest.len);
	}
	return 0;
}

static int ignore_value(void *cookie, const struct json_match *m, struct str raw, struct error *e)
{
	(void)cookie;
	(void)m;
	(void)raw;
	(void)e;
	return 0;
}

/* A file that begins with an object: 1 for one object a line, 0 for one document. */
static int has_lines(const char *path)
{
	static const char *const paths[] = { "users[*]", NULL };
	struct first_line f = { NULL, 0, 0 };
	int is;

	f.scan = json_scan_new(paths, MAX_RECORD, ignore_value, NULL, NULL);
	is = f.scan != NULL && file_each_chunk(path, feed_line, &f, NULL) == 0 &&
	     json_scan_saw(f.scan, 0) == 0 && json_scan_end(f.scan, NULL) == 0;
	json_scan_free(f.scan);
	return is;
}

size_t file_mark_length(const char *data, size_t len)
{
	return len >= 3 && memcmp(data, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
}

static int check_path(const char *path, struct error *e)
{
	struct port_stat st;

	if (port_stat(path, &st, e) != 0)
		return error_add(e, "FILE_PATH");
	if (!st.is_file)
		return error_set(e, ERROR_FAILED, "FILE_PATH: \"%s\" is %s, should be a file", path,
				 st.is_dir ? "a folder" : "a device or pipe");
	return 0;
}

int file_read(struct file_reader *r, const char **format, struct error *e)
{
	struct look l = { 0, 0 };

	if (check_path(r->path, e) != 0 || file_each_chunk(r->path, look_at, &l, e) != 0)
		return -1;
	if (l.first == 0)
		return error_set(e, ERROR_FAILED, "%s: the file is empty; without anybody it would still have"
				 " a first line with the names of its columns, or be []", r->path);
	r->is_json = l.first == '[' || l.first == '{';
	*format = !r->is_json ? "CSV" : l.first == '{' && has_lines(r->path) ? "JSON Lines" : "JSON";
	if (!r->is_json)
		return file_read_csv(r, e);
	return strcmp(*format, "JSON") == 0 ? file_read_document(r, e) : file_read_lines(r, e);
}
