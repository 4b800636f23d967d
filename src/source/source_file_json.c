#include "source/source_file_int.h"

#include <string.h>

#include "base/json_scan.h"
#include "base/json_slice.h"
#include "base/limits.h"
#include "base/unicode.h"

/* ---- a record ------------------------------------------------------------------------------------------ */

/* Follows a path from its second part on. */
static struct str descend(struct str value, const struct file_column *c)
{
	size_t i;

	for (i = 1; i < c->part_count && value.ptr != NULL; i++) {
		uint64_t n;

		if (json_slice_type(value) != JSON_ARRAY)
			value = json_slice_member(value, c->parts[i]);
		else if (str_to_u64(c->parts[i], &n) == 0 && n < value.len)
			value = json_slice_element(value, (size_t)n);
		else
			value = str_of(NULL, 0);
	}
	return value;
}

/* A member of a record gives a column its value: one of that very name, else what the path leads to, else
 * (where FILE_MAP does not name the field) one whose name fits. The last of equals counts. */
static void offer(struct file_column *c, enum file_field field, int given, const struct json_walk *w)
{
	struct str name = str_sub(w->key, 1, w->key.len - 2), value = w->value;
	int rank = 0;

	if (json_key_is(w->key, c->name))
		rank = 3;
	else if (c->part_count > 1 && json_key_is(w->key, c->parts[0]) &&
		 (value = descend(value, c)).ptr != NULL)
		rank = 2;
	else if (!given && file_name_fits(name, field))
		rank = 1;
	if (rank > 0 && rank >= c->rank) {
		c->rank = rank;
		c->value = value;
		c->seen = 1;
	}
}

static void find_values(struct file_reader *r, struct str record)
{
	struct json_walk w;
	size_t j;
	int i;

	for (i = 0; i < FILE_FIELDS; i++) {
		for (j = 0; j < r->map.field[i].count; j++) {
			r->map.field[i].columns[j].value = str_of(NULL, 0);
			r->map.field[i].columns[j].rank = 0;
		}
	}
	json_walk_init(&w, record);
	while (json_walk_next(&w))
		for (i = 0; i < FILE_FIELDS; i++)
			for (j = 0; j < r->map.field[i].count; j++)
				offer(&r->map.field[i].columns[j], i, r->map.field[i].given, &w);
}

static int value_text(struct file_reader *r, int field, struct str value, struct str *text, struct error *e)
{
	*text = STR("");
	switch (json_slice_type(value)) {
	case JSON_STRING:
		*text = json_slice_text(value, &r->arena);
		if (text->ptr == NULL)
			return error_memory(e);
		*text = unicode_trim(*text);
		if (text->len > 0 && memchr(text->ptr, '\0', text->len) != NULL)
			return file_refuse(r, field, e, "the character U+0000 is in it");
		return 0;
	case JSON_NUMBER:
	case JSON_TRUE:
	case JSON_FALSE:
		*text = value;
		return 0;
	case JSON_ARRAY:
	case JSON_OBJECT:
		return file_refuse(r, field, e, "this is %s, should be text; FILE_MAP can name a part of it,"
				   " such as \"%s.%s\"", json_slice_type_name(value),
				   file_field_names[field],
				   json_slice_type(value) == JSON_ARRAY ? "0" : "name");
	default:
		return 0;
	}
}

static int field_text(struct file_reader *r, int field, struct str *text, struct error *e)
{
	struct file_map_field *f = &r->map.field[field];
	struct str part;
	size_t i;

	*text = STR("");
	for (i = 0; i < f->count; i++) {
		if (value_text(r, field, f->columns[i].value, &part, e) != 0)
			return -1;
		*text = file_join(r, field, *text, part);
		if (text->ptr == NULL)
			return error_memory(e);
	}
	return 0;
}

/* The record without blanks and line ends between its parts. */
static void put_raw(struct buf *out, struct str record)
{
	size_t i, from = 0;
	int quoted = 0;

	buf_reset(out);
	for (i = 0; i < record.len; i++) {
		char c = record.ptr[i];

		if (quoted && c == '\\') {
			i++;
		} else if (c == '"') {
			quoted = !quoted;
		} else if (!quoted && (c == ' ' || c == '\n' || c == '\r' || c == '\t')) {
			buf_put(out, record.ptr + from, i - from);
			from = i + 1;
		}
	}
	buf_put(out, record.ptr + from, record.len - from);
}

static int take_record(struct file_reader *r, struct str record, struct error *e)
{
	struct file_row row;
	int i;

	arena_reset(&r->arena);
	r->rows++;
	if (json_slice_type(record) != JSON_OBJECT)
		return file_refuse_row(r, e, "a person is %s, should be an object",
				       json_slice_type_name(record));
	if (json_slice_broken_pair(record))
		return file_refuse_row(r, e, "a text has half of a character (\\ud800 to \\udfff alone),"
				       " which cannot be written");
	find_values(r, record);
	for (i = 0; i < FILE_FIELDS; i++)
		if (field_text(r, i, &row.value[i], e) != 0)
			return -1;
	put_raw(&r->raw, record);
	if (buf_check(&r->raw, "a record", e) != 0)
		return -1;
	row.raw = buf_str(&r->raw);
	row.place = r->offset;
	return r->take(r->cookie, &row, e);
}

/* ---- the file ------------------------------------------------------------------------------------------ */

struct json_file {
	struct file_reader *r;
	struct json_scan *scan;
	uint64_t offset;		/* of what comes next */
	int begun;			/* the present line has more than blanks */
};

static int on_value(void *cookie, const struct json_match *m, struct str raw, struct error *e)
{
	struct file_reader *r = cookie;

	r->offset = r->base + m->offset;
	if (m->round > 1)
		file_refuse_row(r, e, "a second list of people");
	else if (take_record(r, raw, e) == 0)
		return 0;
	r->told = 1;
	return -1;
}

/* What the scanner refuses gets its place in the file. */
static int refuse(struct json_file *f, const struct error *why, struct error *e)
{
	if (!f->r->told)
		return file_refuse_at(f->r, f->r->base + json_scan_fault(f->scan), why->text, e);
	*e = *why;
	return -1;
}

static int feed(struct json_file *f, struct str data, struct error *e)
{
	struct error why;

	error_init(&why);
	return json_scan_feed(f->scan, data.ptr, data.len, &why) == 0 ? 0 : refuse(f, &why, e);
}

static int end(struct json_file *f, struct error *e)
{
	struct error why;

	error_init(&why);
	return json_scan_end(f->scan, &why) == 0 ? 0 : refuse(f, &why, e);
}

static int on_chunk(void *cookie, const char *data, size_t len, struct error *e)
{
	struct json_file *f = cookie;
	struct str text = str_of(data, len);

	if (f->offset == 0)
		f->r->base = file_mark_length(data, len);
	text = str_sub(text, f->offset == 0 ? (size_t)f->r->base : 0, len);
	f->offset += len;
	return feed(f, text, e);
}

/* A line that has nothing is passed over. */
static int end_line(struct json_file *f, uint64_t next, struct error *e)
{
	if (f->begun && end(f, e) != 0)
		return -1;
	f->begun = 0;
	f->r->base = next;
	json_scan_reset(f->scan);
	return 0;
}

static int on_lines(void *cookie, const char *data, size_t len, struct error *e)
{
	struct json_file *f = cookie;
	struct str rest = str_of(data, len), part;
	size_t mark = f->offset == 0 ? file_mark_length(data, len) : 0;

	rest = str_sub(rest, mark, len);
	if (mark > 0)
		f->r->base = f->offset = mark;
	while (rest.len > 0) {
		part = str_sub(rest, 0, str_find_char(rest, 0, '\n'));
		f->begun |= str_trim(part).len > 0;
		if (f->begun && feed(f, part, e) != 0)
			return -1;
		f->offset += part.len;
		if (part.len < rest.len && end_line(f, ++f->offset, e) != 0)
			return -1;
		rest = str_sub(rest, part.len + 1, rest.len);
	}
	return 0;
}

/* A path of FILE_MAP that leads nowhere in all of the file is most likely a wrong one. */
static int check_seen(const struct file_reader *r, struct error *e)
{
	size_t i, j;

	for (i = 0; r->rows > 0 && i < FILE_FIELDS; i++) {
		const struct file_map_field *f = &r->map.field[i];

		for (j = 0; f->given && j < f->count; j++)
			if (!f->columns[j].seen)
				return error_set(e, ERROR_FAILED, "%s: nobody has \"%.*s\" (FILE_MAP: %s)",
						 r->path, STR_ARG(f->columns[j].name), file_field_names[i]);
	}
	return 0;
}

int file_read_lines(struct file_reader *r, struct error *e)
{
	static const char *const paths[] = { "", NULL };
	struct json_file f = { r, NULL, 0, 0 };
	int failed;

	f.scan = json_scan_new(paths, MAX_RECORD, on_value, r, e);
	failed = f.scan == NULL || file_each_chunk(r->path, on_lines, &f, e) != 0 ||
		 end_line(&f, f.offset, e) != 0;
	json_scan_free(f.scan);
	return failed || check_seen(r, e) != 0 ? -1 : 0;
}

int file_read_document(struct file_reader *r, struct error *e)
{
	static const char *const paths[] = { "[*]", "users[*]", NULL };
	struct json_file f = { r, NULL, 0, 0 };
	int failed;

	f.scan = json_scan_new(paths, MAX_RECORD, on_value, r, e);
	failed = f.scan == NULL || file_each_chunk(r->path, on_chunk, &f, e) != 0 || end(&f, e) != 0;
	if (!failed && json_scan_saw(f.scan, 0) == 0 && json_scan_saw(f.scan, 1) == 0)
		failed = error_set(e, ERROR_FAILED, "%s: this is neither a list of people nor an object with"
				   " a list \"users\"", r->path);
	json_scan_free(f.scan);
	return failed || check_seen(r, e) != 0 ? -1 : 0;
}
