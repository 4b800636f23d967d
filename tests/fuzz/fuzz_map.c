#include "fuzz/fuzz.h"

#include "source/source_file_map.c"

/* The parts of a column's path are its name, cut at the dots. */
static void check_column(const struct file_column *c)
{
	size_t i, len = 0;

	FUZZ_CHECK(c->name.len > 0 && c->part_count > 0 && c->index == SIZE_MAX);
	for (i = 0; i < c->part_count; i++) {
		FUZZ_CHECK(str_find_char(c->parts[i], 0, '.') == c->parts[i].len);
		len += c->parts[i].len + (i > 0);
	}
	FUZZ_CHECK(len == c->name.len || len + 1 == c->name.len);
}

/* FILE_MAP */
void fuzz_map(struct str input)
{
	struct file_map m;
	struct error e;
	size_t i, j;

	memset(&m, 0, sizeof(m));
	arena_init(&m.arena, 8 * MAX_RECORD);
	error_init(&e);
	if (read_setting(&m, input, &e) == 0) {
		for (i = 0; i < FILE_FIELDS; i++) {
			FUZZ_CHECK(m.field[i].given || m.field[i].count == 0);
			for (j = 0; j < m.field[i].count; j++)
				check_column(&m.field[i].columns[j]);
		}
	} else {
		FUZZ_CHECK(e.kind == ERROR_USAGE && strncmp(e.text, "FILE_MAP", 8) == 0);
	}
	for (i = 0; i < FILE_FIELDS; i++)
		FUZZ_CHECK(file_name_fits(str_from(file_field_names[i]), (enum file_field)i));
	arena_release(&m.arena);
}
