/*
 * Okta: users by status, by id or login, by search; groups by name and their members. Pages by Link headers.
 */
#include "sandbox/websim_int.h"

#include <stdio.h>
#include <string.h>

#include "base/codec.h"
#include "net/http.h"

#define TOKEN "00sImUlAtEdToKeNoFtHeCoMpAnY0123456789ab"
#define PAGE_MAX 200
#define ID_FORMAT "00u%017ld"
#define ID_PREFIX "00u"
#define LEADS 10		/* every so manieth is in the second group */

static const char *const groups[] = { "Everyone at work", "Team leads & Co" };

static void put_record(const struct websim_person *p, struct buf *out)
{
	buf_printf(out, "{\"id\":\"" ID_FORMAT "\",\"status\":\"ACTIVE\",\"created\":\"%sT08:00:00.000Z\",\"lastLogin\":null,"
		   "\"type\":{\"id\":\"oty1\"},\"profile\":{\"login\":\"%s\",\"email\":\"%s\",", p->number, p->hired, p->email,
		   p->email);
	buf_printf(out, "\"firstName\":\"%s\",\"lastName\":\"%s\",\"displayName\":\"%s %s\",\"secondEmail\":null,", p->first,
		   p->last, p->first, p->last);
	buf_printf(out, "\"department\":\"%s\",\"title\":", p->department);
	json_quote(out, str_from(p->title));
	buf_printf(out, ",\"employeeNumber\":\"%ld\"", p->number + 1);
	if (p->manager >= 0)
		buf_printf(out, ",\"managerId\":\"" ID_FORMAT "\"", p->manager);
	websim_put_filler(p, out);
	buf_printf(out, "},\"credentials\":{\"provider\":{\"type\":\"OKTA\",\"name\":\"OKTA\"}},"
		   "\"_links\":{\"self\":{\"href\":\"https://example.okta.com/api/v1/users/" ID_FORMAT "\"}}}", p->number);
}

static void refuse(struct websim_answer *a, int status, const char *code, const char *summary)
{
	websim_refuse(a, status, "{\"errorCode\":\"%s\",\"errorSummary\":\"%s\",\"errorLink\":\"%s\",\"errorId\":\"oae1\","
		      "\"errorCauses\":[]}", code, summary, code);
}

/* The number of a person by id or login; -1: none. */
static long find_person(const struct websim *s, struct str key)
{
	int64_t number = -1;
	size_t at = str_find_char(key, 0, '@');

	if (str_starts(key, STR(ID_PREFIX)))
		str_to_i64(str_sub(key, sizeof(ID_PREFIX) - 1, key.len), &number);
	else if (str_starts(key, STR("p")) && str_eqz(str_sub(key, at, key.len), "@example.com"))
		str_to_i64(str_sub(key, 1, at - 1), &number);
	return number >= 0 && number < websim_everybody(&s->company) ? (long)number : -1;
}

/* Link headers: the address itself, and that from which to go on, if there is one (not negative). */
static void put_links(struct websim *s, const struct websim_request *r, long size, long next, struct websim_answer *a)
{
	struct str filter = websim_value(&r->query, "filter");
	int elsewhere = websim_has_fault(s, WEBSIM_ELSEWHERE, a->page), empty = websim_has_fault(s, WEBSIM_EMPTY, a->page);
	struct buf query;

	buf_init(&query, WEBSIM_BODY_MAX);
	buf_printf(&query, "limit=%ld", size);
	if (filter.len) {
		buf_puts(&query, "&filter=");
		percent_encode(&query, filter, NULL);
	}
	websim_header(a, "Link", "<%s%.*s?%s>; rel=\"self\"", s->base, STR_ARG(r->path), buf_text(&query));
	if (next >= 0)
		websim_header(a, "Link", "<%s%.*s?after=%ld&%s%s>; rel=\"next\"", elsewhere ? s->faults.other : s->base,
			      STR_ARG(r->path), next, buf_text(&query), empty ? "&seen=1" : "");
	buf_release(&query);
}

/* A page of `total` people, the members of a group or everybody. */
static void put_page(struct websim *s, const struct websim_request *r, struct websim_list *list, long total,
		     struct websim_answer *a)
{
	long most = s->company.page_max ? s->company.page_max : PAGE_MAX;
	long size = websim_number(websim_value(&r->query, "limit"), most, most), page, next;
	long from = websim_number(websim_value(&r->query, "after"), 0, total);

	page = from / size + 1;
	next = from + size < total ? from + size : -1;
	if (a->counter == &s->counts.pages)
		a->page = (int)page;
	list->from = (websim_shown(s, a, page) - 1) * size;
	list->to = list->from + size < total ? list->from + size : total;
	if (websim_has_fault(s, WEBSIM_EMPTY, a->page) && !websim_value(&r->query, "seen").ptr) {
		list->to = list->from;
		next = from;
	}
	if (websim_has_fault(s, WEBSIM_LOOP, a->page))
		next = from;
	put_links(s, r, size, next, a);
	websim_put_list(s, a, list);
}

static void get_users(struct websim *s, const struct websim_request *r, struct websim_answer *a)
{
	struct websim_list list = { "[", "]", put_record, 0, 0, NULL };
	struct str filter = websim_value(&r->query, "filter"), search = websim_value(&r->query, "search"), quoted;
	size_t quote;
	long number;

	if (search.ptr) {
		quote = str_find_char(search, 0, '"');
		quoted = str_sub(search, quote + 1, search.len);
		number = find_person(s, str_sub(quoted, 0, str_find_char(quoted, 0, '"')));
		websim_count_as(s, a, &s->counts.lookups);
		list.chosen = &number;
		list.to = number >= 0;
		websim_put_list(s, a, &list);
		return;
	}
	websim_count_as(s, a, &s->counts.pages);
	put_page(s, r, &list, str_eqz(filter, "status eq \"ACTIVE\"") || !filter.ptr ? s->company.people : 0, a);
}

static void get_user(struct websim *s, const struct websim_request *r, struct websim_answer *a)
{
	struct websim_list list = { "", "", put_record, 0, 1, NULL };
	long number = find_person(s, r->parts[3]);

	if (number < 0) {
		refuse(a, 404, "E0000007", "Not found: Resource not found (User)");
		return;
	}
	websim_count_as(s, a, &s->counts.lookups);
	list.chosen = &number;
	websim_put_list(s, a, &list);
}

static void get_groups(struct websim *s, const struct websim_request *r, struct websim_answer *a)
{
	struct str name = websim_value(&r->query, "q");
	size_t i, n = 0;

	websim_count_as(s, a, &s->counts.groups);
	websim_header(a, "Content-Type", "application/json");
	buf_putc(&a->body, '[');
	for (i = 0; i < sizeof(groups) / sizeof(*groups); i++) {
		if (!str_starts(str_from(groups[i]), name))
			continue;
		buf_printf(&a->body, "%s{\"id\":\"00g%017lu\",\"type\":\"OKTA_GROUP\",\"profile\":{\"name\":\"%s\"}}", n++ ? "," : "",
			   (unsigned long)i, groups[i]);
	}
	buf_putc(&a->body, ']');
}

static void get_members(struct websim *s, const struct websim_request *r, struct websim_answer *a)
{
	struct websim_list list = { "[", "]", put_record, 0, 0, NULL };
	long total = s->company.people;
	int64_t group;

	if (!str_starts(r->parts[3], STR("00g")) || str_to_i64(str_sub(r->parts[3], 3, 20), &group) || group > 1) {
		refuse(a, 404, "E0000007", "Not found: Resource not found (UserGroup)");
		return;
	}
	websim_count_as(s, a, &s->counts.groups);
	put_page(s, r, &list, group ? total / LEADS : total, a);
}

static void serve(struct websim *s, const struct websim_request *r, struct websim_answer *a)
{
	if (!str_eqz(http_header_value(r->head, "Authorization", 0), "SSWS " TOKEN))
		refuse(a, 401, "E0000011", "Invalid token provided");
	else if (websim_path_is(r, "api/v1/users"))
		get_users(s, r, a);
	else if (websim_path_is(r, "api/v1/users/*"))
		get_user(s, r, a);
	else if (websim_path_is(r, "api/v1/groups"))
		get_groups(s, r, a);
	else if (websim_path_is(r, "api/v1/groups/*/users"))
		get_members(s, r, a);
	else
		refuse(a, 404, "E0000022", "The endpoint does not support the provided HTTP method");
}

static void limits(struct websim *s, struct websim_answer *a, int limited)
{
	websim_header(a, "X-Rate-Limit-Limit", "600");
	websim_header(a, "X-Rate-Limit-Remaining", "%lu", limited ? 0 : 599 - s->counts.requests % 600);
	websim_header(a, "X-Rate-Limit-Reset", "%lld", (long long)(port_wall_ms() / 1000 + 2));
}

const struct websim_vendor websim_okta = {
	"okta", serve, limits,
	"OKTA_ORG_URL={BASE}\n"
	"OKTA_API_TOKEN=" TOKEN "\n",
	{ TOKEN, NULL }
};
