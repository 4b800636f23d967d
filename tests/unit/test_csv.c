#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/buf.h"
#include "base/csv.h"
#include "base/limits.h"
#include "check.h"

/* What a reading gave: "line:column text|line:column text\n" for each record, and how it ended. */
struct seen {
	struct buf log;
	struct error error;
	int result;
};

static int note(void *cookie, const struct csv_field *fields, size_t count, struct error *e)
{
	struct seen *seen = cookie;
	size_t i;

	(void)e;
	for (i = 0; i < count; i++)
		buf_printf(&seen->log, "%s%d:%d %.*s", i > 0 ? "|" : "", (int)fields[i].line, (int)fields[i].column,
			   STR_ARG(fields[i].text));
	buf_putc(&seen->log, '\n');
	return 0;
}

/* Reads text in pieces of so many bytes, each in a block of its own size for checking tools. */
static char read_in(struct seen *seen, struct str text, size_t size)
{
	struct csv *c;
	char separator;

	buf_init(&seen->log, 1 << 20);
	error_init(&seen->error);
	seen->result = 0;
	c = csv_new("f.csv", note, seen, &seen->error);
	if (!CHECK(c != NULL))
		return 0;
	while (text.len > 0 && seen->result == 0) {
		size_t n = size < text.len ? size : text.len;
		char *piece = malloc(n);

		memcpy(piece, text.ptr, n);
		seen->result = csv_feed(c, piece, n, &seen->error);
		free(piece);
		text = str_sub(text, n, text.len);
	}
	if (seen->result == 0)
		seen->result = csv_end(c, &seen->error);
	separator = csv_separator(c);
	csv_free(c);
	return separator;
}

static const struct row {
	const char *text;
	char separator;
	const char *records;	/* as note() writes them */
	const char *error;	/* NULL: none */
} rows[] = {
	{ "", '\0', "", NULL },
	{ "a", ',', "1:1 a\n", NULL },
	{ "a,b\n1,2\n", ',', "1:1 a|1:3 b\n2:1 1|2:3 2\n", NULL },
	{ "a,b\r\n1,2\r\n", ',', "1:1 a|1:3 b\n2:1 1|2:3 2\n", NULL },
	{ "a,b\r1,2\r", ',', "1:1 a|1:3 b\n2:1 1|2:3 2\n", NULL },
	{ "a,b\n1,2", ',', "1:1 a|1:3 b\n2:1 1|2:3 2\n", NULL },
	{ "\xef\xbb\xbf" "a,b\n1,2", ',', "1:1 a|1:3 b\n2:1 1|2:3 2\n", NULL },
	/* separators */
	{ "a;b\n1,2;3", ';', "1:1 a|1:3 b\n2:1 1,2|2:5 3\n", NULL },
	{ "a\tb\n1;2\t3", '\t', "1:1 a|1:3 b\n2:1 1;2|2:5 3\n", NULL },
	{ "\"a,b,c\";d\n1;2", ';', "1:2 a,b,c|1:9 d\n2:1 1|2:3 2\n", NULL },
	{ "a,b;c;d\n1;2;3", ';', "1:1 a,b|1:5 c|1:7 d\n2:1 1|2:3 2|2:5 3\n", NULL },
	{ "sep=;\r\na,b\r\n1;2", ';', "2:1 a,b\n3:1 1|3:3 2\n", NULL },
	{ "\xef\xbb\xbfSEP=|\na|b", '|', "2:1 a|2:3 b\n", NULL },
	/* nothing there */
	{ "\n\r\n\ra;b\n\n1;2\n\r\n", ';', "4:1 a|4:3 b\n6:1 1|6:3 2\n", NULL },
	{ "a,b\n,\n,,\n", ',', "1:1 a|1:3 b\n2:1 |2:2 \n3:1 |3:2 |3:3 \n", NULL },
	{ "a,b\n1,", ',', "1:1 a|1:3 b\n2:1 1|2:3 \n", NULL },
	{ "a\n\"\"\n", ',', "1:1 a\n2:2 \n", NULL },
	{ "\xef\xbb\xbf", '\0', "", NULL },
	/* quotes */
	{ "\"a\",\"b\"\n\"1\"\"2\",\"\"\"\"", ',', "1:2 a|1:6 b\n2:2 1\"2|2:9 \"\n", NULL },
	{ "a,b\n\"1\n2\r\n3\",4\n5,6", ',', "1:1 a|1:3 b\n2:2 1\n2\r\n3|4:4 4\n5:1 5|5:3 6\n", NULL },
	{ "\"a\nb\";c\n1;2", ';', "1:2 a\nb|2:4 c\n3:1 1|3:3 2\n", NULL },
	{ "a,b\n\"x,y\",\"\"\r\n", ',', "1:1 a|1:3 b\n2:2 x,y|2:8 \n", NULL },
	{ "a\n\"", ',', "1:1 a\n", "f.csv:2:1: the quotes that begin here do not end: the file is cut off" },
	{ "a,b\n1,\"2\n3,4\n", ',', "1:1 a|1:3 b\n", "f.csv:2:3: the quotes that begin here do not end" },
	{ "\"a,b\n1,2\n", ',', "", "f.csv:1:1: the quotes that begin here" },
	{ "a,b\n1,2\"3\"\n", ',', "1:1 a|1:3 b\n", "f.csv:2:4: a quote within a text that has no quotes around it" },
	{ "a,b\n\"1\"2,3\n", ',', "1:1 a|1:3 b\n", "f.csv:2:4: after closing quotes only" },
	{ "a,b\n\"1\" ,3\n", ',', "1:1 a|1:3 b\n", "f.csv:2:4: after closing quotes only" },
	/* characters */
	{ "n\xc3\xa4m,b\n\xe2\x82\xac,\xf0\x9f\x99\x82x,\xc3\xa9", ',',
	  "1:1 n\xc3\xa4m|1:5 b\n2:1 \xe2\x82\xac|2:3 \xf0\x9f\x99\x82x|2:6 \xc3\xa9\n", NULL },
	{ "a,b\n1,M\xfcller\n", ',', "1:1 a|1:3 b\n", "f.csv:2:4: this is not UTF-8; save the file as" },
	{ "a,b\n\"x\ny\xed\xa0\x80\",2\n", ',', "1:1 a|1:3 b\n", "f.csv:3:2: this is not UTF-8" },
	{ "a,b\n1,x\xc3\n", ',', "1:1 a|1:3 b\n", "f.csv:2:4: this is not UTF-8" },
	{ "\xff\xfe" "a\n", '\0', "", "f.csv:1:1: the file is UTF-16" },
};

static void test_rows(void)
{
	struct seen seen;
	size_t i, size;

	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		check_row(rows[i].text);
		for (size = 1; size < 12; size++) {
			char separator = read_in(&seen, str_from(rows[i].text), size);

			CHECK_INT(separator, rows[i].separator);
			CHECK_STR(buf_text(&seen.log), rows[i].records);
			CHECK_INT(seen.result, rows[i].error != NULL ? -1 : 0);
			if (rows[i].error != NULL)
				CHECK_MEM(seen.error.text, strlen(rows[i].error), rows[i].error, strlen(rows[i].error));
			buf_release(&seen.log);
		}
	}
}

static void test_nul(void)
{
	static const char text[] = "a,b\n1,\0" "2\n", wide[] = "a\0,\0b\0\n\0";
	struct seen seen;

	read_in(&seen, str_of(text, sizeof text - 1), 3);
	CHECK_STR(seen.error.text, "f.csv:2:3: a NUL byte; if the file is UTF-16, save it as \"CSV UTF-8\"");
	buf_release(&seen.log);
	read_in(&seen, str_of(wide, sizeof wide - 1), 100);
	CHECK_STR(seen.error.text, "f.csv:1:2: a NUL byte; if the file is UTF-16, save it as \"CSV UTF-8\"");
	buf_release(&seen.log);
}

/* A header, then one record of so many bytes in its two fields together. */
static int read_large(struct buf *text, size_t bytes, const char *quote, const char *end, struct seen *seen)
{
	size_t i;

	buf_reset(text);
	buf_printf(text, "a,b\n%s", quote);
	for (i = 0; i < bytes - 1; i++)
		buf_putc(text, 'x');
	buf_printf(text, "%s", end);
	read_in(seen, buf_str(text), 65536);
	buf_release(&seen->log);
	return seen->result;
}

static void test_limits(void)
{
	struct seen seen;
	struct buf text;
	int i;

	buf_init(&text, 4 * MAX_RECORD);
	CHECK_INT(read_large(&text, MAX_RECORD, "", ",y\n", &seen), 0);
	CHECK_INT(read_large(&text, MAX_RECORD + 1, "", ",y\n", &seen), -1);
	CHECK_STR(seen.error.text, "f.csv:2:1: the record that begins here is larger than 1048576 bytes");
	CHECK_INT(read_large(&text, MAX_RECORD, "\"", "\",y", &seen), 0);
	CHECK_INT(read_large(&text, MAX_RECORD + 2, "\"", "\n1,2", &seen), -1);
	CHECK_STR(seen.error.text, "f.csv:2:1: the quotes that begin here do not end within the largest record");
	buf_reset(&text);
	for (i = 1; i < MAX_CSV_FIELDS; i++)
		buf_putc(&text, ',');
	read_in(&seen, buf_str(&text), 1000);
	CHECK_INT(seen.result, 0);
	buf_release(&seen.log);
	buf_putc(&text, ',');
	read_in(&seen, buf_str(&text), 1000);
	CHECK_STR(seen.error.text, "f.csv:1:4097: too many fields in one record");
	buf_release(&seen.log);
	buf_reset(&text);
	for (i = 0; i <= MAX_RECORD; i++)
		buf_putc(&text, 'x');
	read_in(&seen, buf_str(&text), 65536);
	CHECK_INT(seen.result, -1);
	buf_release(&seen.log);
	buf_release(&text);
}

static int stop(void *cookie, const struct csv_field *fields, size_t count, struct error *e)
{
	(void)fields;
	(void)count;
	return ++*(int *)cookie == 2 ? error_set(e, ERROR_LIMIT, "enough") : 0;
}

/* The caller's error stays, and nothing is delivered after it. */
static void test_stop(void)
{
	int records = 0;
	struct error e;
	struct csv *c = csv_new("f.csv", stop, &records, &e);

	CHECK_INT(csv_feed(c, "a\n1\n2\n", 6, &e), -1);
	CHECK_STR(e.text, "enough");
	CHECK_INT(csv_feed(c, "3\n", 2, &e), -1);
	CHECK_INT(csv_end(c, &e), -1);
	CHECK_INT(records, 2);
	csv_free(c);
	csv_free(NULL);
}

CHECK_SUITE(csv, CHECK_TEST(rows), CHECK_TEST(nul), CHECK_TEST(limits), CHECK_TEST(stop));
