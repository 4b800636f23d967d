#include "source/source_file_int.h"

#include <string.h>

#include "base/json_write.h"
#include "base/unicode.h"

#define LIST_MAX 400		/* bytes of a list of columns in a message */

/* ---- the first line ------------------------------------------------------------------------------------ */

static struct str name_of(const struct csv_field *f)
{
	return unicode_trim(f->text);
}

/* The names of the columns, for messages. */
static void put_names(struct buf *out, const struct csv_field *fields, size_t count)
{
	size_t i;

	for (i = 0; i < count && out->len < LIST_MAX; i++)
		buf_printf(out, "%s\"%.*s\"", i > 0 ? ", " : "",
			   STR_ARG(str_sub(name_of(&fields[i]), 0, 60)));
	buf_puts(out, i < count ? ", ..." : "");
}

static int no_such_column(struct file_reader *r, int field, struct str name, struct error *e)
{
	struct buf names;

	buf_init(&names, 2 * LIST_MAX);
	put_names(&names, r->fields, r->columns);
	file_refuse_row(r, e, "there is no column \"%.*s\" (FILE_MAP: %s); there are %s",
			STR_ARG(str_sub(name, 0, 80)), file_field_names[field], buf_text(&names));
	buf_release(&names);
	return -1;
}

/* The column of that very name, else for a field that FILE_MAP does not name the one whose name fits. */
static int find_column(struct file_reader *r, int field, struct file_column *c, struct error *e)
{
	size_t i, fits = SIZE_MAX;

	for (i = 0; i < r->columns; i++) {
		if (str_eq(name_of(&r->fields[i]), c->name)) {
			c->index = i;
			return 0;
		}
		if (r->map.field[field].given || !file_name_fits(name_of(&r->fields[i]), field))
			continue;
		if (fits != SIZE_MAX)
			return file_refuse_row(r, e, "\"%.*s\" and \"%.*s\" could both be %s; say which in"
					       " FILE_MAP",
					       STR_ARG(name_of(&r->fields[fits])),
					       STR_ARG(name_of(&r->fields[i])), file_field_names[field]);
		fits = i;
	}
	if (fits == SIZE_MAX)
		return r->map.field[field].given ? no_such_column(r, field, c->name, e) : 0;
	c->index = fits;
	c->name = arena_str(&r->map.arena, name_of(&r->fields[fits]));
	return c->name.ptr == NULL ? error_memory(e) : 0;
}

static int has_column(const struct file_reader *r, enum file_field field)
{
	return r->map.field[field].count > 0 && r->map.field[field].columns->index != SIZE_MAX;
}

static int find_columns(struct file_reader *r, struct error *e)
{
	struct buf names;
	size_t i, j;

	for (i = 0; i < FILE_FIELDS; i++)
		for (j = 0; j < r->map.field[i].count; j++)
			if (find_column(r, (int)i, &r->map.field[i].columns[j], e) != 0)
				return -1;
	if (has_column(r, FILE_EXTERNAL_ID) || has_column(r, FILE_EMAIL))
		return 0;
	buf_init(&names, 2 * LIST_MAX);
	put_names(&names, r->fields, r->columns);
	file_refuse_row(r, e, "no column is external_id or email; say which in FILE_MAP, as in "
			"{\"email\":\"Work e-mail\"}; there are %s", buf_text(&names));
	buf_release(&names);
	return -1;
}

/* Keeps the names as JSON texts. Two columns of one name could not be told apart. */
static int take_header(struct file_reader *r, struct error *e)
{
	struct buf text;
	size_t i, j;

	r->header = arena_array(&r->map.arena, r->columns, sizeof(*r->header));
	if (r->header == NULL)
		return error_memory(e);
	for (i = 0; i < r->columns; i++) {
		struct str name = name_of(&r->fields[i]);

		for (j = 0; name.len > 0 && j < i; j++)
			if (str_eq(name, name_of(&r->fields[j])))
				return file_refuse_row(r, e, "two columns are called \"%.*s\"",
						       STR_ARG(str_sub(name, 0, 80)));
		buf_init(&text, 8 * name.len + 2);
		json_quote(&text, name);
		if (name.len > 0 && !text.failed)
			r->header[i] = arena_str(&r->map.arena, buf_str(&text));
		buf_release(&text);
		if (name.len > 0 && r->header[i].ptr == NULL)
			return error_memory(e);
	}
	return find_columns(r, e);
}

/* ---- rows ---------------------------------------------------------------------------------------------- */

/* The texts of a field's columns, joined: groups by a slash, all else by a blank. */
static struct str field_text(struct file_reader *r, int field)
{
	const struct file_map_field *f = &r->map.field[field];
	struct str text = STR(""), part;
	size_t i;

	for (i = 0; i < f->count && text.ptr != NULL; i++) {
		if (f->columns[i].index == SIZE_MAX)
			continue;
		part = unicode_trim(r->fields[f->columns[i].index].text);
		text = file_join(r, field, text, part);
	}
	return text;
}

static int is_blank(const struct csv_field *fields, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (unicode_trim(fields[i].text).len > 0)
			return 0;
	return 1;
}

/* {"column":"text", ...} */
static void put_raw(struct file_reader *r)
{
	size_t i;

	buf_reset(&r->raw);
	for (i = 0; i < r->columns; i++) {
		if (r->header[i].ptr == NULL)
			continue;
		buf_putc(&r->raw, r->raw.len == 0 ? '{' : ',');
		buf_put_str(&r->raw, r->header[i]);
		buf_putc(&r->raw, ':');
		json_quote(&r->raw, r->fields[i].text);
	}
	buf_putc(&r->raw, '}');
}

static int take_row(struct file_reader *r, struct error *e)
{
	struct file_row row;
	int i;

	arena_reset(&r->arena);
	for (i = 0; i < FILE_FIELDS; i++) {
		row.value[i] = field_text(r, i);
		if (row.value[i].ptr == NULL)
			return error_memory(e);
	}
	put_raw(r);
	if (buf_check(&r->raw, "a record", e) != 0)
		return -1;
	row.raw = buf_str(&r->raw);
	row.place = r->fields->line;
	r->rows++;
	return r->take(r->cookie, &row, e);
}

static int on_record(void *cookie, const struct csv_field *fields, size_t count, struct error *e)
{
	struct file_reader *r = cookie;

	r->fields = fields;
	if (r->header == NULL) {
		r->columns = count;
		return take_header(r, e);
	}
	if (is_blank(fields, count))
		return 0;
	if (count != r->columns)
		return file_refuse_row(r, e, "this record has %lu fields, but there are %lu columns; the file"
				       " is cut off, or a text with a separator lacks its quotes",
				       (unsigned long)count, (unsigned long)r->columns);
	return take_row(r, e);
}

static int feed(void *cookie, const char *data, size_t len, struct error *e)
{
	return csv_feed(cookie, data, len, e);
}

int file_read_csv(struct file_reader *r, struct error *e)
{
	struct csv *c = csv_new(r->path, on_record, r, e);
	int failed = c == NULL || file_each_chunk(r->path, feed, c, e) != 0 || csv_end(c, e) != 0;

	csv_free(c);
	if (!failed && r->header == NULL)
		failed = error_set(e, ERROR_FAILED, "%s: there is no line with the names of the columns",
				   r->path);
	return failed ? -1 : 0;
}
