/*
 * The source `file`: a CSV file, a JSON list or JSON Lines. Parts: the map from columns to our fields
 * (FILE_MAP), the reader, which gives one row after the other with the texts of our fields, what becomes of
 * a row, and the people that were read, among whom nobody may be twice.
 */
#ifndef SOURCE_SOURCE_FILE_INT_H
#define SOURCE_SOURCE_FILE_INT_H

#include <stddef.h>
#include <stdint.h>
#include "base/arena.h"
#include "base/buf.h"
#include "base/csv.h"
#include "base/error.h"
#include "base/str.h"
#include "model/model.h"
#include "source/source.h"

enum file_field {
	FILE_EXTERNAL_ID, FILE_NAME, FILE_EMAIL, FILE_REAL_EMAIL, FILE_DEPARTMENT, FILE_JOB_TITLE,
	FILE_STATUS, FILE_SUPERVISOR_ID, FILE_ROLE_ID, FILE_IS_SUPERVISOR, FILE_FORCE_SUPERVISOR,
	FILE_FORCE_ADMIN, FILE_HIERARCHY_ONLY,
	FILE_FIELDS
};

/* "external_id" ..., as in users.json. */
extern const char *const file_field_names[FILE_FIELDS];

/* ---- which column becomes which field (source_file_map.c) ---- */

/* Where a field, or a part of it, stands. */
struct file_column {
	struct str name;		/* of the column, or the path of a member */
	struct str *parts;		/* the path, cut at its dots */
	size_t part_count;
	size_t index;			/* in a CSV file, SIZE_MAX: not there */
	struct str value;		/* in a JSON file: of the present record, ptr NULL: not there */
	int rank;			/* how well the member fits that gave it, 0: none did */
	int seen;			/* some record has it */
};

struct file_map_field {
	struct file_column *columns;	/* none: the field is left empty */
	size_t count;
	int given;			/* in FILE_MAP; else a column of the field's name, spelt in any way */
};

struct file_map {
	struct arena arena;		/* of all texts */
	struct file_map_field field[FILE_FIELDS];
};

/* Reads the setting FILE_MAP. ERROR_USAGE names what is wrong. Release it also after a failure. */
int file_map_init(struct file_map *m, struct error *e);
void file_map_release(struct file_map *m);
/* 1 when a name is the field's but for letter case, blanks, - and _. */
int file_name_fits(struct str name, enum file_field field);

/* ---- the rows of the file (source_file_read.c, _csv.c, _json.c) ---- */

/* One person as the file has it. */
struct file_row {
	struct str value[FILE_FIELDS];	/* trimmed; empty: none. Die with the call */
	struct str raw;			/* the whole record as JSON */
	uint64_t place;			/* for file_line() */
};

struct file_reader {
	const char *path;		/* borrowed */
	struct file_map map;
	int (*take)(void *cookie, const struct file_row *row, struct error *e);
	void *cookie;			/* borrowed */
	uint64_t rows;			/* read so far */
	struct arena arena;		/* of the present row */
	struct buf raw;
	int is_json;
	int told;			/* the error that stopped the reading is not the scanner's */
	/* CSV */
	struct str *header;		/* in map.arena, as JSON texts; ptr NULL: a column without a name */
	size_t columns;
	const struct csv_field *fields;	/* of the present row */
	/* JSON */
	uint64_t base;			/* offset of what the scanner began with: a line, or the file */
	uint64_t offset;		/* of the present row, in the file */
};

/* path: of the file. ERROR_USAGE for a bad FILE_MAP. */
int file_reader_init(struct file_reader *r, const char *path, struct error *e);
void file_reader_release(struct file_reader *r);
/* Reads all; *format says what it was ("CSV", ...), for people. */
int file_read(struct file_reader *r, const char **format, struct error *e);
/* "PATH:LINE:COLUMN: column "X": what is wrong" about a field of the present row. Always -1. */
int file_refuse(struct file_reader *r, enum file_field field, struct error *e, const char *fmt, ...)
	PRINTF_LIKE(4, 5);
/* The same about the whole row. */
int file_refuse_row(struct file_reader *r, struct error *e, const char *fmt, ...) PRINTF_LIKE(3, 4);
/* The line of a place in the file. */
uint64_t file_line(const struct file_reader *r, uint64_t place);

/* For the readers themselves: pieces of a file until fn returns 1, which is enough, or -1. */
typedef int file_chunk_fn(void *cookie, const char *data, size_t len, struct error *e);
int file_each_chunk(const char *path, file_chunk_fn *fn, void *cookie, struct error *e);
/* Bytes of a byte order mark at the beginning: 3 or 0. */
size_t file_mark_length(const char *data, size_t len);
/* "PATH:LINE:COLUMN: text" about an offset. Always -1. */
int file_refuse_at(struct file_reader *r, uint64_t offset, const char *text, struct error *e);
/* A field's text so far with one more part: groups are joined by a slash, all else by a blank. ptr NULL: no
 * memory. */
struct str file_join(struct file_reader *r, enum file_field field, struct str text, struct str part);
int file_read_csv(struct file_reader *r, struct error *e);
/* The two shapes of JSON: an object a line, and one list. */
int file_read_lines(struct file_reader *r, struct error *e);
int file_read_document(struct file_reader *r, struct error *e);

/* ---- what becomes of a row (source_file_person.c) ---- */

/* Texts are the row's, or in the reader's arena; supervisor_id is as the file has it. */
int file_person(struct file_reader *r, const struct file_row *row, struct person *p, struct error *e);

/* ---- the people (source_file_work.c) ---- */

struct file_work;

/* The work set stands in the folder of the new users.json. NULL on failure. */
struct file_work *file_work_open(struct source_run *run, struct file_reader *r, struct error *e);
void file_work_close(struct file_work *w);
/* Somebody whose external_id or e-mail is there already is refused. */
int file_work_add(struct file_work *w, const struct person *p, uint64_t place, struct error *e);
/* Hands everybody on, in the order of the file; supervisors who are named by e-mail get their external_id. */
int file_work_emit(struct file_work *w, struct error *e);

#endif
