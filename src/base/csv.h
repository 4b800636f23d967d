/*
 * Comma-separated values (RFC 4180), in UTF-8 with or without a byte order mark. Pure and incremental: input
 * may come one byte at a time. The separator is found in the first line: comma, semicolon or tab, whichever
 * is there most often outside quotes; a line "sep=;" before it, as spreadsheets write it, says it outright.
 * Records end with CR LF, LF or CR; lines without anything are passed over. Quotes stand around a whole field
 * or nowhere.
 */
#ifndef BASE_CSV_H
#define BASE_CSV_H

#include <stddef.h>
#include <stdint.h>
#include "base/error.h"
#include "base/str.h"

struct csv_field {
	struct str text;		/* without the quotes around it; dies with the call */
	uint64_t line, column;		/* where that begins, from 1; columns are characters */
};

/* Gets one record, the first line too. -1 stops the reading. */
typedef int csv_record_fn(void *cookie, const struct csv_field *fields, size_t count, struct error *e);

struct csv;	/* opaque: the present record, at most MAX_RECORD bytes and MAX_CSV_FIELDS fields */

/* name: of the file, for messages; borrowed. NULL when out of memory. */
struct csv *csv_new(const char *name, csv_record_fn *fn, void *cookie, struct error *e);
void csv_free(struct csv *c);
/* ERROR_FAILED "NAME:LINE:COLUMN: what is wrong"; nothing may be fed after it. */
int csv_feed(struct csv *c, const char *data, size_t len, struct error *e);
/* The input ends: the last line needs no line end. */
int csv_end(struct csv *c, struct error *e);
/* 0 as long as it is not known. */
char csv_separator(const struct csv *c);

#endif
