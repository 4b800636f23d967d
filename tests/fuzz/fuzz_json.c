#include "fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>
#include "base/arena.h"
#include "base/buf.h"
#include "base/json_read.h"
#include "base/json_scan.h"
#include "base/json_write.h"
#include "base/limits.h"

static int note(void *cookie, const struct json_match *m, struct str raw, struct error *e)
{
	struct buf *out = cookie;
	int i;

	(void)e;
	buf_printf(out, "%d %lu", m->path, (unsigned long)m->offset);
	for (i = 0; i < m->keys; i++)
		buf_put_str(out, m->key[i]);
	buf_put_str(out, raw);
	return 0;
}

/* Scans the text in pieces of that size; 0 when it is well-formed. */
static int scan(struct str text, size_t step, struct buf *out)
{
	static const char *const paths[] = { "[*]", "users[*]", "groups.*.users.*", "@odata.nextLink", "", NULL };
	struct error e;
	struct json_scan *s;
	size_t at;
	int result = 0;

	error_init(&e);
	s = json_scan_new(text.len % 2 == 0 ? paths : paths + 4, MAX_RECORD, note, out, &e);
	if (s == NULL)
		return -1;
	for (at = 0; at < text.len && result == 0; at += step) {
		struct str piece = str_sub(text, at, step);

		result = json_scan_feed(s, piece.ptr, piece.len, &e);
	}
	if (result == 0)
		result = json_scan_end(s, &e);
	FUZZ_CHECK((result == 0) == (e.kind == ERROR_NONE));
	json_scan_free(s);
	return result;
}

/* Writes a value again, through every kind of access. */
static void copy(struct json_write *w, struct json v, struct arena *a)
{
	int64_t n;
	struct json child;
	int object = json_type(v) == JSON_OBJECT;

	switch (json_type(v)) {
	case JSON_OBJECT:
	case JSON_ARRAY:
		object ? json_begin_object(w) : json_begin_array(w);
		for (child = json_first(v); json_type(child) != JSON_NONE; child = json_next(v, child)) {
			if (object) {
				json_put_key(w, json_key(child, a));
				FUZZ_CHECK(json_type(json_get_str(v, json_key(child, a))) != JSON_NONE);
			}
			copy(w, child, a);
		}
		object ? json_end_object(w) : json_end_array(w);
		break;
	case JSON_STRING:
		json_put_text(w, json_text(v, a));
		break;
	case JSON_NUMBER:
		if (json_int(v, &n) == 0)
			json_put_int(w, n);
		else
			json_put_raw(w, json_raw(v));
		break;
	case JSON_TRUE:
	case JSON_FALSE:
		json_put_bool(w, json_type(v) == JSON_TRUE);
		break;
	default:
		json_put_null(w);
	}
}

/* What was read and written is JSON again, if all its texts can be written. */
static void read_and_write(struct str text)
{
	struct error e;
	struct json_doc *d;
	struct json root;
	struct json_write w;
	struct arena a;

	error_init(&e);
	d = json_doc_new(MAX_JSON_TOKENS, &e);
	arena_init(&a, MAX_RECORD);
	json_write_init(&w, text.len % 3 == 0 ? 2 : 0, NULL, NULL, 16 * MAX_RECORD);
	if (d != NULL && json_parse(d, text, 0, &root, &e) == 0) {
		copy(&w, root, &a);
		if (json_surrogate_free(text) && json_write_finish(&w, &e) == 0)
			FUZZ_CHECK(json_parse(d, buf_str(&w.out), 0, &root, &e) == 0);
	}
	json_write_release(&w);
	arena_release(&a);
	json_doc_free(d);
}

/* However the text is cut, the scanner finds the same; the reader agrees with it on what is well-formed. */
void fuzz_json(struct str input)
{
	size_t step = fuzz_choice(&input) % 16 + 1;
	struct buf whole, pieces;
	int result;

	buf_init(&whole, 4 * MAX_RECORD);
	buf_init(&pieces, 4 * MAX_RECORD);
	result = scan(input, input.len + 1, &whole);
	FUZZ_CHECK(scan(input, step, &pieces) == result);
	FUZZ_CHECK(str_eq(buf_str(&whole), buf_str(&pieces)));
	buf_release(&whole);
	buf_release(&pieces);
	if (result == 0)
		read_and_write(input);
}
