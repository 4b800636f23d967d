/* Lists of Microsoft Graph: pages that name the next one. */
#include "source/source_entra_int.h"

#include "base/json_slice.h"
#include "base/limits.h"

#define GONE 410		/* a delta link has expired */

const char *const entra_page_paths[] = { "value[*]", "@odata.nextLink", "@odata.deltaLink", NULL };

/* One list under way. */
struct pages {
	struct entra *x;
	json_value_fn *value;
	struct buf url, next, delta;
};

static void keep_link(struct buf *to, struct str raw)
{
	buf_reset(to);
	if (json_slice_type(raw) == JSON_STRING)
		json_unescape(to, raw);
}

static int take_value(void *cookie, const struct json_match *m, struct str raw, struct error *e)
{
	struct pages *p = cookie;

	if (m->path == ENTRA_NEXT)
		keep_link(&p->next, raw);
	else if (m->path == ENTRA_DELTA)
		keep_link(&p->delta, raw);
	else
		return p->value(p->x, m, raw, e);
	return 0;
}

static int begin_page(void *cookie, struct error *e)
{
	struct pages *p = cookie;

	buf_reset(&p->next);
	buf_reset(&p->delta);
	return people_begin(p->x->people, e);
}

static int read_page(struct pages *p, struct web *w, const struct http_header *headers, int may_be_gone,
		     struct error *e)
{
	struct web_request r = { 0 };
	struct web_answer answer;

	r.method = "GET";
	r.url = buf_str(&p->url);
	r.headers = headers;
	r.paths = entra_page_paths;
	r.value = take_value;
	r.begin = begin_page;
	r.cookie = p;
	r.allowed = may_be_gone ? GONE : 0;
	if (people_page(p->x->people, r.url, e) != 0 || web_call(w, &r, &answer, e) != 0)
		return -1;
	if (answer.status == GONE)
		return 1;
	if (answer.saw[ENTRA_RECORD] == 0)
		return error_set(e, ERROR_UPSTREAM, "%s: the answer holds no list \"value\"", w->kind->title);
	return buf_check(&p->next, "the address of the next page", e);
}

int entra_pages(struct entra *x, struct web *w, struct str url, const struct http_header *headers,
		json_value_fn *value, struct buf *delta, struct error *e)
{
	struct pages p;
	int result;

	p.x = x;
	p.value = value;
	buf_init(&p.url, MAX_URL);
	buf_init(&p.next, MAX_URL);
	buf_init(&p.delta, MAX_URL);
	buf_put_str(&p.url, url);
	while ((result = read_page(&p, w, headers, delta != NULL, e)) == 0 && p.next.len > 0) {
		buf_reset(&p.url);
		buf_put_str(&p.url, buf_str(&p.next));
	}
	if (result == 0 && delta) {
		if (p.delta.len == 0)
			result = error_set(e, ERROR_UPSTREAM, "%s: the last page has no @odata.deltaLink",
					   w->kind->title);
		buf_reset(delta);
		buf_put_str(delta, buf_str(&p.delta));
	}
	buf_release(&p.url);
	buf_release(&p.next);
	buf_release(&p.delta);
	return result;
}
