#include "source/source_factorial_int.h"

#include <string.h>

#include "base/codec.h"
#include "base/json_slice.h"
#include "base/unicode.h"

enum { PATH_ROW, PATH_META };
static const char *const paths[] = { "data[*]", "meta", NULL };

struct str factorial_text(struct factorial *f, struct str row, const char *member)
{
	struct str text = json_slice_scalar(json_slice_member(row, str_from(member)), &f->arena);

	f->no_memory |= !text.ptr;
	return unicode_trim(text);
}

/* ---- answers ------------------------------------------------------------------------------------------- */

static void forget_page(struct factorial_list *l)
{
	l->page_rows = 0;
	l->more = 0;
	l->total = -1;
	buf_reset(&l->cursor);
}

static int begin_answer(void *cookie, struct error *e)
{
	struct factorial *f = cookie;

	forget_page(&f->list);
	return f->people ? people_begin(f->people, e) : 0;
}

/* A row that came on an earlier page is refused. Managers are asked for by their ids, some of them perhaps
 * again. */
static int is_new(struct factorial *f, struct str row, struct error *e)
{
	struct str id = factorial_text(f, row, "id"), name;

	if (!f->people || f->managers || id.len == 0)
		return 0;
	name = arena_printf(&f->arena, "%s %.*s", f->list.resource, STR_ARG(id));
	return name.ptr ? people_seen(f->people, name, e) : error_memory(e);
}

static int take_row(struct factorial *f, struct str row, struct error *e)
{
	arena_reset(&f->arena);
	f->list.page_rows++;
	if (json_slice_type(row) != JSON_OBJECT)
		return error_set(e, ERROR_UPSTREAM, "row %llu of the answer is no object but %s",
				 (unsigned long long)f->list.page_rows, json_slice_type_name(row));
	if (json_slice_broken_pair(row))
		return error_set(e, ERROR_UPSTREAM, "the record %.*s has half of a surrogate pair in a text",
				 STR_ARG(json_slice_member(row, STR("id"))));
	if (is_new(f, row, e) != 0 || f->list.row(f, row, e) != 0)
		return -1;
	return f->no_memory ? error_memory(e) : 0;
}

static int take_meta(struct factorial *f, struct str meta, struct error *e)
{
	struct str total = json_slice_member(meta, STR("total"));

	arena_reset(&f->arena);
	f->list.more = json_slice_type(json_slice_member(meta, STR("has_next_page"))) == JSON_TRUE;
	buf_reset(&f->list.cursor);
	buf_put_str(&f->list.cursor, factorial_text(f, meta, "end_cursor"));
	if (!total.ptr || str_to_i64(total, &f->list.total) != 0)
		f->list.total = -1;
	return f->no_memory ? error_memory(e) : buf_check(&f->list.cursor, "a cursor", e);
}

static int take_value(void *cookie, const struct json_match *m, struct str raw, struct error *e)
{
	if (m->round > 1)
		return error_set(e, ERROR_UPSTREAM, "the answer has a member twice");
	return m->path == PATH_ROW ? take_row(cookie, raw, e) : take_meta(cookie, raw, e);
}

/* ---- requests ------------------------------------------------------------------------------------------ */

/* after: the cursor of the page before; empty: the first page. */
static int make_url(struct factorial *f, const char *resource, const char *query, struct str after,
		    struct error *e)
{
	buf_reset(&f->url);
	buf_printf(&f->url, "/resources/%s%s%s", resource, query[0] ? "?" : "", query);
	if (after.len > 0) {
		buf_puts(&f->url, query[0] ? "&after_id=" : "?after_id=");
		percent_encode(&f->url, after, NULL);
	}
	return buf_check(&f->url, "the address of a page", e);
}

static int ask(struct factorial *f, struct error *e)
{
	struct web_request r = { 0 };
	struct web_answer answer;

	forget_page(&f->list);
	if (f->people && people_page(f->people, buf_str(&f->url), e) != 0)
		return error_add(e, "Factorial, %s", f->list.resource);
	r.method = "GET";
	r.url = buf_str(&f->url);
	r.paths = paths;
	r.value = take_value;
	r.begin = begin_answer;
	r.cookie = f;
	if (web_call(&f->web, &r, &answer, e) != 0)
		return -1;
	if (!answer.saw[PATH_ROW])
		return error_set(e, ERROR_UPSTREAM, "Factorial, %s: the answer has no list \"data\"",
				 f->list.resource);
	f->list.rows += f->list.page_rows;
	return 0;
}

static void begin_list(struct factorial *f, const char *resource, factorial_row_fn *row)
{
	f->list.resource = resource;
	f->list.row = row;
	f->list.rows = 0;
	forget_page(&f->list);
}

int factorial_read_page(struct factorial *f, const char *resource, const char *query, factorial_row_fn *row,
			struct error *e)
{
	begin_list(f, resource, row);
	return make_url(f, resource, query, STR(""), e) != 0 ? -1 : ask(f, e);
}

int factorial_read_list(struct factorial *f, const char *resource, const char *query, factorial_row_fn *row,
			struct error *e)
{
	struct factorial_list *l = &f->list;

	begin_list(f, resource, row);
	do {
		if (make_url(f, resource, query, buf_str(&l->cursor), e) != 0 || ask(f, e) != 0)
			return -1;
		if (l->more && l->cursor.len == 0)
			return error_set(e, ERROR_UPSTREAM, "Factorial, %s: there is a next page, but no "
					 "cursor for it", resource);
	} while (l->more);
	if (l->total >= 0 && (uint64_t)l->total != l->rows)
		return error_set(e, ERROR_UPSTREAM, "Factorial, %s: %llu records came, %lld were announced: "
				 "the list has changed while it was read; try again", resource,
				 (unsigned long long)l->rows, (long long)l->total);
	return 0;
}
