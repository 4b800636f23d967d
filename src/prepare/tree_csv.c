#include <string.h>
#include "base/unicode.h"
#include "prepare/tree_int.h"

/* RFC 4180: quotes where they are needed, and doubled inside. */
static void put_cell(struct buf *out, struct str text, int safe)
{
	int quote = 0;
	size_t i;

	for (i = 0; i < text.len; i++)
		quote |= memchr(",\"\r\n", text.ptr[i], 4) != NULL;
	buf_puts(out, quote ? "\"" : "");
	if (safe && text.len > 0 && memchr("=+-@\t\r", text.ptr[0], 6) != NULL)
		buf_putc(out, '\'');
	for (i = 0; i < text.len; i++) {
		if (text.ptr[i] == '"')
			buf_putc(out, '"');
		buf_putc(out, text.ptr[i]);
	}
	buf_puts(out, quote ? "\"" : "");
}

/* "title [name]": what stands before the first [, and between it and the first ]. */
static void split_title(struct str *name, struct str *title)
{
	size_t open = str_find_char(*name, 0, '['), close = str_find_char(*name, 0, ']');

	*title = STR("");
	if (open == 0 || open >= close || close == name->len)
		return;
	*title = unicode_trim(str_sub(*name, 0, open));
	*name = unicode_trim(str_sub(*name, open + 1, close - open - 1));
}

static void put_row(struct tree_out *o, struct db_stmt *s, int safe)
{
	struct str name = db_text(s, 1), title;
	struct str cells[7];
	int i;

	split_title(&name, &title);
	cells[0] = db_text(s, 0);
	cells[1] = name;
	cells[2] = title;
	cells[3] = db_text(s, 2);
	cells[4] = db_text(s, 3);
	cells[5] = STR("");		/* supervisor_id: not known here */
	cells[6] = db_text(s, 4);
	for (i = 0; i < 7; i++) {
		buf_puts(&o->text, i > 0 ? "," : "");
		put_cell(&o->text, cells[i], safe);
	}
	buf_puts(&o->text, "\r\n");
}

int tree_csv_rows(struct tree *t, struct tree_out *o, int safe, struct error *e)
{
	struct db_stmt *s = db_prepare(t->work, "SELECT id, name, path, status, role FROM account "
				       "ORDER BY seq", e);
	int got = -1;

	buf_puts(&o->text, "external_id,name,job_title,department,status,supervisor_id,role\r\n");
	while (s != NULL && (got = db_step(s, e)) == 1) {
		put_row(o, s, safe);
		if (tree_out_flush(o, 0) != 0) {
			got = -1;
			break;
		}
	}
	db_finish(s);
	return got;
}

int tree_csv(struct tree *t, json_out_fn *fn, void *cookie, struct error *e)
{
	struct tree_out o;
	int result;

	tree_out_init(&o, fn, cookie, e);
	result = tree_csv_rows(t, &o, 1, e) != 0 || tree_out_flush(&o, 1) != 0 ? -1 : 0;
	tree_out_release(&o);
	return result;
}
