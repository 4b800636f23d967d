/*
 * HiBob's people search: POST v1/people/search, one answer for everybody, look-ups by root.id.
 */
#include "sandbox/websim_int.h"

#include "net/http.h"

#define CREDENTIALS "U0VSVklDRS03NzpzM3J2aWNlLXQwa2VuLW9mLXRoZS1jb21wYW55"	/* "SERVICE-77:s3rvice-..." */
#define ID_BASE INT64_C(3000000000000000000)	/* ids are beyond what a double holds */

static void put_record(const struct websim_person *p, struct buf *out)
{
	buf_printf(out, "{\"id\":\"%lld\",\"fullName\":\"%s %s\",", (long long)(ID_BASE + p->number), p->first, p->last);
	buf_printf(out, "\"displayName\":\"%s %s\",\"firstName\":\"%s\",\"surname\":\"%s\",\"email\":\"%s\",", p->first, p->last,
		   p->first, p->last, p->email);
	buf_printf(out, "\"work\":{\"department\":\"2091%02d\",\"title\":\"77\",\"isManager\":%s,\"startDate\":\"%s\",",
		   (int)p->department[0], p->is_manager ? "true" : "false", p->hired);
	if (p->manager >= 0)
		buf_printf(out, "\"reportsTo\":{\"id\":\"%lld\",\"email\":\"p%ld@example.com\"},",
			   (long long)(ID_BASE + p->manager), p->manager);
	else
		buf_puts(out, "\"reportsTo\":null,");
	buf_printf(out, "\"site\":\"Main\",\"employeeIdInCompany\":%ld,\"yearsOfService\":5.417},", p->number + 1);
	buf_printf(out, "\"/work/department\":{\"value\":\"2091%02d\"},", (int)p->department[0]);
	buf_printf(out, "\"internal\":{\"status\":\"Active\",\"lifecycleStatus\":\"employed\"},"
		   "\"humanReadable\":{\"work\":{\"department\":\"%s\",\"title\":", p->department);
	json_quote(out, str_from(p->title));
	buf_puts(out, ",\"isManager\":\"Yes\"}}");
	websim_put_filler(p, out);
	buf_putc(out, '}');
}

/* The people whose ids are asked for. Their count, or -1 for a filter that is not taken. */
static long find_chosen(const struct websim *s, const struct websim_request *r, struct json filters, long **out)
{
	struct json filter = json_first(filters), values = json_get(filter, "values"), v;
	long *chosen = arena_array(r->arena, json_count(values) + 1, sizeof(long)), count = 0;
	int64_t id;

	if (!chosen || json_count(filters) != 1 || !str_eqz(json_text(json_get(filter, "fieldPath"), r->arena), "root.id") ||
	    !str_eqz(json_text(json_get(filter, "operator"), r->arena), "equals"))
		return -1;
	for (v = json_first(values); json_type(v) != JSON_NONE; v = json_next(values, v))
		if (!str_to_i64(json_text(v, r->arena), &id) && id >= ID_BASE && id < ID_BASE + websim_everybody(&s->company))
			chosen[count++] = (long)(id - ID_BASE);
	*out = chosen;
	return count;
}

static void serve(struct websim *s, const struct websim_request *r, struct websim_answer *a)
{
	struct websim_list list = { "{\"employees\":[", "]}", put_record, 0, 0, NULL };
	struct json body, filters;
	long *chosen = NULL;

	if (!str_eqz(http_header_value(r->head, "Authorization", 0), "Basic " CREDENTIALS)) {
		websim_refuse(a, 401, "Unauthorized");
		return;
	}
	if (!str_eqz(r->method, "POST") || !websim_path_is(r, "v1/people/search")) {
		websim_refuse(a, 404, "Not found");
		return;
	}
	if (json_parse(s->doc, r->body, 0, &body, NULL) || json_type(json_get(body, "fields")) != JSON_ARRAY) {
		websim_refuse(a, 400, "{\"error\":\"the body is not understood\"}");
		return;
	}
	filters = json_get(body, "filters");
	list.to = s->company.people;
	if (json_type(filters) == JSON_NONE) {
		websim_count_as(s, a, &s->counts.pages);
		a->page = 1;
	} else {
		websim_count_as(s, a, &s->counts.lookups);
		list.to = find_chosen(s, r, filters, &chosen);
		list.chosen = chosen;
	}
	if (list.to < 0)
		websim_refuse(a, 400, "{\"error\":\"invalid filter\"}");
	else
		websim_put_list(s, a, &list);
}

/* 50 requests a minute. */
static void limits(struct websim *s, struct websim_answer *a, int limited)
{
	websim_header(a, "X-RateLimit-Limit", "50");
	websim_header(a, "X-RateLimit-Remaining", "%lu", limited ? 0 : 49 - s->counts.requests % 49);
	websim_header(a, "X-RateLimit-Reset", "%lld", (long long)(port_wall_ms() / 1000 + 2));
}

const struct websim_vendor websim_hibob = {
	"hibob", serve, limits,
	"HIBOB_API_URL={BASE}\n"
	"HIBOB_SERVICE_USER_ID=SERVICE-77\n"
	"HIBOB_SERVICE_USER_TOKEN=s3rvice-t0ken-of-the-company\n",
	{ "s3rvice-t0ken-of-the-company", CREDENTIALS, NULL }
};
