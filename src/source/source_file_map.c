#include "source/source_file_int.h"

#include <string.h>

#include "base/json_read.h"
#include "base/limits.h"
#include "base/settings.h"
#include "base/unicode.h"

const char *const file_field_names[FILE_FIELDS] = {
	"external_id", "name", "email", "real_email", "department", "job_title", "status", "supervisor_id",
	"role_id", "is_supervisor", "force_supervisor_role", "force_global_admin_role", "hierarchy_only"
};

/* The next character of a name that counts, in lower case; 0 at the end. */
static int next_letter(struct str name, size_t *pos)
{
	while (*pos < name.len) {
		int c = (unsigned char)name.ptr[(*pos)++];

		if (c == ' ' || c == '-' || c == '_')
			continue;
		return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c;
	}
	return 0;
}

int file_name_fits(struct str name, enum file_field field)
{
	struct str wanted = str_from(file_field_names[field]);
	size_t i = 0, j = 0;
	int a, b;

	do {
		a = next_letter(name, &i);
		b = next_letter(wanted, &j);
	} while (a == b && a != 0);
	return a == b;
}

/* A column from its name; text stays in the arena. */
static int set_column(struct file_map *m, struct file_column *c, struct str name, struct error *e)
{
	struct str rest, part;
	size_t n = 1, i;

	memset(c, 0, sizeof(*c));
	c->index = SIZE_MAX;
	c->name = arena_str(&m->arena, unicode_trim(name));
	for (i = 0; i < c->name.len; i++)
		n += c->name.ptr[i] == '.';
	c->parts = arena_array(&m->arena, n, sizeof(*c->parts));
	if (c->name.ptr == NULL || c->parts == NULL)
		return error_memory(e);
	rest = c->name;
	while (str_next(&rest, '.', &part))
		c->parts[c->part_count++] = part;
	return 0;
}

/* One column, or several whose texts are joined; none for "". */
static int set_field(struct file_map *m, struct file_map_field *f, struct json value, struct error *e)
{
	int is_list = json_type(value) == JSON_ARRAY;
	size_t most = is_list ? json_count(value) : 1;
	struct json item = is_list ? json_first(value) : value;
	struct str name;

	f->given = 1;
	f->count = 0;
	f->columns = arena_array(&m->arena, most + 1, sizeof(*f->columns));
	if (f->columns == NULL)
		return error_memory(e);
	for (; most > 0; most--) {
		name = json_text(item, &m->arena);
		if (json_type(item) != JSON_STRING)
			return error_set(e, ERROR_USAGE, "FILE_MAP: \"%s\" is %s, should be the name of a"
					 " column or a list of them", file_field_names[f - m->field],
					 json_type_name(item));
		if (name.ptr == NULL)
			return error_memory(e);
		if (unicode_trim(name).len > 0 && set_column(m, &f->columns[f->count++], name, e) != 0)
			return -1;
		if (most > 1)
			item = json_next(value, item);
	}
	return 0;
}

static int unknown_field(struct str name, struct error *e)
{
	const char *near = str_nearest(name, file_field_names, FILE_FIELDS);

	error_set(e, ERROR_USAGE, "FILE_MAP: \"%.*s\" is none of our fields", STR_ARG(str_sub(name, 0, 80)));
	if (near != NULL)
		return error_set(e, ERROR_USAGE, "%s; did you mean \"%s\"?", e->text, near);
	return error_set(e, ERROR_USAGE, "%s; it is {\"our field\":\"column of the file\"}, as in "
			 "{\"email\":\"Work e-mail\"}", e->text);
}

static int read_map(struct file_map *m, struct json root, struct error *e)
{
	struct json value;
	struct str key;
	int i;

	if (json_type(root) != JSON_OBJECT)
		return error_set(e, ERROR_USAGE, "FILE_MAP is %s, should be an object such as "
				 "{\"email\":\"Work e-mail\"}", json_type_name(root));
	for (value = json_first(root); json_type(value) != JSON_NONE; value = json_next(root, value)) {
		key = json_key(value, &m->arena);
		if (key.ptr == NULL)
			return error_memory(e);
		for (i = 0; i < FILE_FIELDS && !str_eqz(key, file_field_names[i]); i++)
			;
		if (i == FILE_FIELDS)
			return unknown_field(key, e);
		if (m->field[i].given)
			return error_set(e, ERROR_USAGE, "FILE_MAP: \"%s\" is there twice",
					 file_field_names[i]);
		if (set_field(m, &m->field[i], value, e) != 0)
			return -1;
	}
	return 0;
}

static int read_setting(struct file_map *m, struct str text, struct error *e)
{
	struct json_doc *doc = json_doc_new(MAX_JSON_TOKENS, e);
	struct json root;
	int failed = doc == NULL;

	if (!failed && json_parse(doc, text, 0, &root, e) != 0)
		failed = error_set(e, ERROR_USAGE, "FILE_MAP: %s", e->text);
	if (!failed)
		failed = read_map(m, root, e);
	json_doc_free(doc);
	return failed ? -1 : 0;
}

int file_map_init(struct file_map *m, struct error *e)
{
	struct str text = str_from(settings_text("FILE_MAP"));
	int i;

	memset(m, 0, sizeof(*m));
	arena_init(&m->arena, 8 * MAX_RECORD);
	if (text.len > 0 && read_setting(m, text, e) != 0)
		return -1;
	for (i = 0; i < FILE_FIELDS; i++) {
		struct file_map_field *f = &m->field[i];

		if (f->given)
			continue;
		f->columns = arena_alloc(&m->arena, sizeof(*f->columns));
		if (f->columns == NULL)
			return error_memory(e);
		if (set_column(m, f->columns, str_from(file_field_names[i]), e) != 0)
			return -1;
		f->count = 1;
	}
	return 0;
}

void file_map_release(struct file_map *m)
{
	arena_release(&m->arena);
}
