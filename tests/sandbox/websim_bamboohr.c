/*
 * BambooHR's employee dataset: POST api/gateway.php/{company}/v1/datasets/employee, pages by number, look-ups by
 * employee number. A subset: the filters are those of the program.
 */
#include "sandbox/websim_int.h"

#include <stdio.h>

#include "net/http.h"

#define PAGE_DEFAULT 500
#define PAGE_MAX 1000
#define CREDENTIALS "MGIxYzJkM2U0ZjVhNjc4OTBhYmNkZWYxMjM0NTY3ODk6eA=="	/* the key, ":x" */

static void put_record(const struct websim_person *p, struct buf *out)
{
	buf_printf(out, "{\"employeeNumber\":\"%ld\",\"name\":\"%s %s\",\"email\":\"%s\",", p->number + 1, p->first, p->last,
		   p->email);
	buf_printf(out, "\"jobInformationDepartment\":\"%s\",\"jobInformationDivision\":", p->department);
	if (p->division)
		buf_printf(out, "\"%s\",\"jobInformationJobTitle\":", p->division);
	else
		buf_puts(out, "null,\"jobInformationJobTitle\":");
	json_quote(out, str_from(p->title));
	buf_printf(out, ",\"isSupervisor\":\"%s\",\"supervisorId\":", p->is_manager ? "Yes" : "No");
	if (p->manager >= 0)
		buf_printf(out, "\"%ld\",\"supervisorEid\":\"%ld\"", p->manager + 1, p->manager + 100001);
	else
		buf_puts(out, "null,\"supervisorEid\":null");
	buf_printf(out, ",\"employmentStatus\":\"Full-Time\",\"hireDate\":\"%s\",\"status\":\"Active\"", p->hired);
	websim_put_filler(p, out);
	buf_putc(out, '}');
}

/* The people whose numbers are asked for, each number in a filter of its own. Their count, or -1. */
static long find_chosen(const struct websim *s, const struct websim_request *r, struct json filters, long **out)
{
	long *chosen = arena_array(r->arena, json_count(filters) + 1, sizeof(long)), count = 0;
	struct json f;
	int64_t number;

	for (f = json_first(filters); chosen && json_type(f) != JSON_NONE; f = json_next(filters, f)) {
		if (!str_eqz(json_text(json_get(f, "field"), r->arena), "employeeNumber") ||
		    !str_eqz(json_text(json_get(f, "operator"), r->arena), "equal"))
			return -1;
		if (!json_int(json_get(f, "value"), &number) && number >= 1 && number <= websim_everybody(&s->company))
			chosen[count++] = (long)number - 1;
	}
	*out = chosen;
	return chosen ? count : -1;
}

/* The page that is asked for: in the query or in the body. */
static long page_of(const struct websim_request *r, struct json body)
{
	int64_t page;

	if (!json_int(json_get(body, "page"), &page) && page >= 1)
		return (long)page;
	return websim_number(websim_value(&r->query, "page"), 1, 1000000);
}

static void put_page(struct websim *s, const struct websim_request *r, struct json body, struct websim_list *list, long total,
		     struct websim_answer *a)
{
	long most = s->company.page_max ? s->company.page_max : PAGE_MAX, page = page_of(r, body), pages, shown;
	long size = websim_number(websim_value(&r->query, "page_size"), s->company.page_max ? most : PAGE_DEFAULT, most);
	char next[80] = "null", *close;

	pages = total ? (total - 1) / size + 1 : 1;
	if (page > pages)
		page = pages;	/* as the service does */
	if (a->counter == &s->counts.pages)
		a->page = (int)page;
	shown = websim_shown(s, a, page);
	list->from = (shown - 1) * size;
	list->to = list->from + size < total ? list->from + size : total;
	if (page < pages)
		snprintf(next, sizeof(next), "\"%.40s/next?page=%ld\"", s->base, page + 1);
	if (websim_has_fault(s, WEBSIM_LOOP, a->page))
		page--;
	close = arena_text(r->arena, arena_printf(r->arena, "],\"aggregations\":[],\"pagination\":{\"total_records\":%ld,"
		"\"current_page\":%ld,\"total_pages\":%ld,\"next_page\":%s,\"prev_page\":null}}", total, page, pages, next));
	list->open = "{\"data\":[";
	list->close = close;
	list->record = put_record;
	websim_put_list(s, a, list);
}

static void serve(struct websim *s, const struct websim_request *r, struct websim_answer *a)
{
	struct websim_list list = { NULL, NULL, NULL, 0, 0, NULL };
	long total = s->company.people, *chosen = NULL;
	struct json body, filters;

	if (!str_eqz(http_header_value(r->head, "Authorization", 0), "Basic " CREDENTIALS)) {
		websim_refuse(a, 401, "%s", "");
		return;
	}
	if (!str_eqz(r->method, "POST") || !websim_path_is(r, "api/gateway.php/acme/v1/datasets/employee")) {
		websim_refuse(a, 404, "%s", "");
		return;
	}
	if (json_parse(s->doc, r->body, 0, &body, NULL) || json_type(json_get(body, "fields")) != JSON_ARRAY) {
		websim_refuse(a, 400, "%s", "");
		websim_header(a, "X-BambooHR-Error-Message", "the body is not understood");
		return;
	}
	filters = json_get(body, "filters");
	websim_count_as(s, a, &s->counts.pages);
	if (str_eqz(json_text(json_get(filters, "match"), r->arena), "any")) {
		websim_count_as(s, a, &s->counts.lookups);
		total = find_chosen(s, r, json_get(filters, "filters"), &chosen);
		list.chosen = chosen;
	}
	if (total < 0)
		websim_refuse(a, 400, "%s", "");
	else
		put_page(s, r, body, &list, total, a);
}

static void limits(struct websim *s, struct websim_answer *a, int limited)
{
	(void)s;
	if (limited)
		websim_header(a, "Retry-After", "1");
}

const struct websim_vendor websim_bamboohr = {
	"bamboohr", serve, limits,
	"BAMBOOHR_API_URL={BASE}\n"
	"BAMBOOHR_SUBDOMAIN=acme\n"
	"BAMBOOHR_API_KEY=0b1c2d3e4f5a67890abcdef123456789\n",
	{ "0b1c2d3e4f5a67890abcdef123456789", CREDENTIALS, NULL }
};
