#include "sandbox/websim_int.h"

#include <stdlib.h>
#include <string.h>

#include "golden/golden.h"
#include "net/http.h"

static int is_any(struct json v, struct arena *a)
{
	return json_type(v) == JSON_STRING && str_eqz(json_text(v, a), "{ANY}");
}

/* ---- names and values: the query, a form --------------------------------------------------------- */

static size_t count_named(const struct websim_pairs *p, struct str name)
{
	size_t i, n = 0;

	for (i = 0; i < p->count; i++)
		n += str_eq(p->items[i].name, name);
	return n;
}

static size_t count_pairs(const struct websim_pairs *p, struct str name, struct str value)
{
	size_t i, n = 0;

	for (i = 0; i < p->count; i++)
		n += str_eq(p->items[i].name, name) && str_eq(p->items[i].value, value);
	return n;
}

static size_t count_texts(struct json list, struct str text, struct arena *a)
{
	struct json v;
	size_t n = 0;

	for (v = json_first(list); json_type(v) != JSON_NONE; v = json_next(list, v))
		n += str_eq(json_scalar(v, a), text);
	return n;
}

/* The values of one name: a text, a list of texts in any order, or anything. */
static int same_values(struct json want, const struct websim_pairs *got, struct str name, struct arena *a)
{
	size_t n = count_named(got, name);
	struct json v;

	if (n == 0 || is_any(want, a))
		return n > 0;
	if (json_type(want) != JSON_ARRAY)
		return n == 1 && count_pairs(got, name, json_scalar(want, a)) == 1;
	for (v = json_first(want); json_type(v) != JSON_NONE; v = json_next(want, v)) {
		struct str text = json_scalar(v, a);

		if (count_pairs(got, name, text) != count_texts(want, text, a))
			return 0;
	}
	return n == json_count(want);
}

/* optional: a list of names, or none. */
static int same_pairs(struct json want, const struct websim_pairs *got, struct json optional, struct arena *a)
{
	struct json v;
	size_t i;

	for (v = json_first(want); json_type(v) != JSON_NONE; v = json_next(want, v))
		if (!same_values(v, got, json_key(v, a), a))
			return 0;
	for (i = 0; i < got->count; i++) {
		struct str name = got->items[i].name;

		if (json_type(json_get_str(want, name)) == JSON_NONE && !count_texts(optional, name, a))
			return 0;
	}
	return 1;
}

/* ---- JSON ---------------------------------------------------------------------------------------- */

static int same_json(struct json want, struct json got, struct arena *a);

static int is_first_page(struct json object)
{
	int64_t page;

	return !json_int(json_get(object, "page"), &page) && page == 1;
}

/* Members but for a page 1 that the other leaves out. */
static int same_objects(struct json want, struct json got, struct arena *a)
{
	size_t wanted = json_count(want), found = json_count(got);
	struct json v, other;

	if (is_first_page(want) && json_type(json_get(got, "page")) == JSON_NONE)
		found++;
	if (is_first_page(got) && json_type(json_get(want, "page")) == JSON_NONE)
		wanted++;
	if (wanted != found)
		return 0;
	for (v = json_first(want); json_type(v) != JSON_NONE; v = json_next(want, v)) {
		struct str key = json_key(v, a);

		other = json_get_str(got, key);
		if (json_type(other) == JSON_NONE && str_eqz(key, "page") && is_first_page(want))
			continue;
		if (str_eqz(key, "fields") && json_type(v) == JSON_ARRAY && json_type(other) == JSON_ARRAY) {
			struct json field;

			for (field = json_first(v); json_type(field) != JSON_NONE; field = json_next(v, field))
				if (!count_texts(other, json_scalar(field, a), a))
					return 0;
			continue;
		}
		if (!same_json(v, other, a))
			return 0;
	}
	return 1;
}

/* Elements in any order: each takes the first other one that is the same and not taken yet. */
static int same_arrays(struct json want, struct json got, struct arena *a)
{
	size_t count = json_count(got), i;
	char *taken = arena_alloc(a, count + 1);
	struct json v, other;

	if (!taken || json_count(want) != count)
		return 0;
	for (v = json_first(want); json_type(v) != JSON_NONE; v = json_next(want, v)) {
		other = json_first(got);
		for (i = 0; i < count && (taken[i] || !same_json(v, other, a)); i++)
			other = json_next(got, other);
		if (i == count)
			return 0;
		taken[i] = 1;
	}
	return 1;
}

static int same_json(struct json want, struct json got, struct arena *a)
{
	struct buf unused;
	int same;

	if (is_any(want, a))
		return json_type(got) != JSON_NONE;
	if (json_type(want) != json_type(got))
		return 0;
	if (json_type(want) == JSON_OBJECT)
		return same_objects(want, got, a);
	if (json_type(want) == JSON_ARRAY)
		return same_arrays(want, got, a);
	buf_init(&unused, WEBSIM_BODY_MAX);
	same = !golden_differs(want, got, &unused, a);
	buf_release(&unused);
	return same;
}

/* ---- requests ------------------------------------------------------------------------------------ */

/* Part by part, so that an encoded slash is no slash. */
static int same_path(struct str want, const struct websim_request *r)
{
	struct str rest = str_sub(want, 1, want.len), part;
	size_t n = 0;

	while (rest.len && str_next(&rest, '/', &part)) {
		if (n == r->part_count || !str_eq(websim_decoded(r->arena, part, 0), r->parts[n]))
			return 0;
		n++;
	}
	return n == r->part_count && str_ends(want, STR("/")) == str_ends(r->path, STR("/"));
}

static int same_headers(struct json want, const struct websim_request *r)
{
	struct json v;

	for (v = json_first(want); json_type(v) != JSON_NONE; v = json_next(want, v)) {
		struct str got = http_header_value(r->head, arena_text(r->arena, json_key(v, r->arena)), 0);

		if (!got.ptr || (!is_any(v, r->arena) && !str_eq(str_trim(got), json_scalar(v, r->arena))))
			return 0;
	}
	return 1;
}

int websim_fits(struct json exchange, const struct websim_request *r, struct json_doc *doc)
{
	struct json want, got, none = { NULL, 0 };
	struct websim_pairs form;

	if (!str_case_eq(json_text(json_get(exchange, "method"), r->arena), r->method) ||
	    !same_path(json_text(json_get(exchange, "path"), r->arena), r) ||
	    !same_headers(json_get(exchange, "request_headers"), r))
		return 0;
	want = json_get(exchange, "query");
	if (json_type(want) == JSON_OBJECT &&
	    !same_pairs(want, &r->query, json_get(exchange, "query_optional"), r->arena))
		return 0;
	want = json_get(exchange, "request_json");
	if (json_type(want) != JSON_NONE &&
	    (json_parse(doc, r->body, 0, &got, NULL) || !same_json(want, got, r->arena)))
		return 0;
	want = json_get(exchange, "request_form");
	if (json_type(want) == JSON_NONE)
		return 1;
	form = websim_pairs(r->arena, r->body);
	return same_pairs(want, &form, none, r->arena);
}
