#include "fuzz/fuzz.h"

#include <string.h>
#include "base/buf.h"
#include "base/csv.h"
#include "base/limits.h"
#include "base/unicode.h"

/* The records as one text. */
static int note(void *cookie, const struct csv_field *fields, size_t count, struct error *e)
{
	uint64_t line = 1;
	size_t i;

	(void)e;
	FUZZ_CHECK(count > 0 && count <= MAX_CSV_FIELDS);
	for (i = 0; i < count; i++) {
		FUZZ_CHECK(fields[i].line >= line && fields[i].column >= 1);
		FUZZ_CHECK(utf8_valid(fields[i].text));
		FUZZ_CHECK(fields[i].text.len == 0 || memchr(fields[i].text.ptr, '\0', fields[i].text.len) == NULL);
		line = fields[i].line;
		buf_printf(cookie, "%u:%u ", (unsigned)fields[i].line, (unsigned)fields[i].column);
		buf_put_str(cookie, fields[i].text);
		buf_putc(cookie, '|');
	}
	buf_putc(cookie, '\n');
	return 0;
}

/* Reads it in pieces of at most so many bytes. */
static int read_in(struct str input, size_t most, struct buf *log, struct error *e)
{
	struct csv *c;
	int failed = 0;

	error_init(e);
	c = csv_new("f", note, log, e);
	FUZZ_CHECK(c != NULL);
	while (!failed && input.len > 0) {
		size_t n = most < input.len ? most : input.len;

		failed = csv_feed(c, input.ptr, n, e);
		input = str_sub(input, n, input.len);
	}
	if (!failed)
		failed = csv_end(c, e);
	FUZZ_CHECK(!failed || (e->kind == ERROR_FAILED && strncmp(e->text, "f:", 2) == 0));
	csv_free(c);
	return failed;
}

/* However the input is cut, it says the same. */
void fuzz_csv(struct str input)
{
	size_t most = 1 + fuzz_choice(&input) % 16;
	struct error e, other;
	struct buf log, pieces;
	int failed;

	buf_init(&log, 1 << 24);
	buf_init(&pieces, 1 << 24);
	failed = read_in(input, input.len > 0 ? input.len : 1, &log, &e);
	FUZZ_CHECK(read_in(input, most, &pieces, &other) == failed);
	FUZZ_CHECK(str_eq(buf_str(&log), buf_str(&pieces)));
	FUZZ_CHECK(strcmp(e.text, other.text) == 0);
	buf_release(&log);
	buf_release(&pieces);
}
