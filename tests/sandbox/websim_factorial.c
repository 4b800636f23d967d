/*
 * Factorial: employees, teams, contracts and leaves, each list by cursor, 100 at most.
 */
#include "sandbox/websim_int.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/codec.h"
#include "net/http.h"

#define KEY "fa_live_s1mulated-key-of-the-company"
#define PAGE_MAX 100
#define TEAMS 10
#define LEAVE_EVERY 10		/* every so manieth takes a leave */
#define API "api/2026-04-01/resources/"

/* ---- records ------------------------------------------------------------------------------------ */

static void put_employee(const struct websim_person *p, struct buf *out)
{
	buf_printf(out, "{\"id\":\"%ld\",\"access_id\":\"%ld\",\"first_name\":\"%s\",\"last_name\":\"%s\",", p->number + 1,
		   p->number + 900001, p->first, p->last);
	buf_printf(out, "\"full_name\":\"%s %s\",\"preferred_name\":null,\"email\":\"%s\",\"login_email\":\"%s\",", p->first, p->last,
		   p->email, p->email);
	if (p->manager >= 0)
		buf_printf(out, "\"manager_id\":\"%ld\",", p->manager + 1);
	else
		buf_puts(out, "\"manager_id\":null,");
	buf_printf(out, "\"company_id\":\"1\",\"legal_entity_id\":\"5\",\"location_id\":\"%d\",\"company_identifier\":\"E%ld\","
		   "\"active\":true,\"is_terminating\":false,\"terminated_on\":null,\"bank_number\":\"PRIVATE-%ld\"",
		   (int)p->department[0], p->number, p->number);
	websim_put_filler(p, out);
	buf_putc(out, '}');
}

static void put_membership(const struct websim_person *p, struct buf *out)
{
	buf_printf(out, "{\"id\":\"%ld\",\"employee_id\":\"%ld\",\"team_id\":\"%ld\",\"lead\":false,\"company_id\":\"1\"}",
		   p->number + 1, p->number + 1, p->number % TEAMS + 1);
}

static void put_contract(const struct websim_person *p, struct buf *out)
{
	buf_printf(out, "{\"id\":\"%ld\",\"employee_id\":\"%ld\",\"job_title\":", p->number + 1, p->number + 1);
	json_quote(out, str_from(p->title));
	buf_printf(out, ",\"effective_on\":\"%s\",\"starts_on\":\"%s\",\"ends_on\":null,\"is_reference\":true,"
		   "\"job_catalog_tree_node_uuid\":null}", p->hired, p->hired);
}

static void put_leave(const struct websim_person *p, struct buf *out)
{
	buf_printf(out, "{\"id\":\"%ld\",\"employee_id\":\"%ld\",\"start_on\":\"2026-11-%02ld\",\"finish_on\":\"2026-11-28\","
		   "\"half_day\":null,\"leave_type_id\":\"1\",\"leave_type_name\":\"Holidays\",\"approved\":true,\"deleted_at\":null}",
		   p->number + 1, p->number * LEAVE_EVERY + 1, p->number % 27 + 1);
}

/* A team; its people are asked for as memberships. */
static void put_team(const struct websim_person *p, struct buf *out)
{
	buf_printf(out, "{\"id\":\"%ld\",\"name\":\"Team %ld\",\"description\":null,\"employee_ids\":[],\"lead_ids\":[],"
		   "\"company_id\":\"1\"}", p->number + 1, p->number + 1);
}

/* ---- lists -------------------------------------------------------------------------------------- */

/* The page after the cursor "c:N" in base64. */
static void put_page(struct websim *s, const struct websim_request *r, long total, struct websim_list *list,
		     struct websim_answer *a)
{
	long most = s->company.page_max ? s->company.page_max : PAGE_MAX, page, end;
	long size = websim_number(websim_value(&r->query, "limit"), most, most), from;
	struct str after = websim_value(&r->query, "after_id");
	struct buf cursor, close;
	char text[32];

	buf_init(&cursor, WEBSIM_BODY_MAX);
	buf_init(&close, WEBSIM_BODY_MAX);
	base64_decode(&cursor, after);
	from = websim_number(str_sub(buf_str(&cursor), 2, cursor.len), 0, total);
	page = from / size + 1;
	if (a->counter == &s->counts.pages || list->record == put_leave)
		a->page = (int)page + (list->record == put_leave ? WEBSIM_LEAVES : 0);
	list->from = (websim_shown(s, a, page) - 1) * size;
	list->to = list->from + size < total ? list->from + size : total;
	end = websim_has_fault(s, WEBSIM_LOOP, a->page) ? from : from + size;
	snprintf(text, sizeof(text), "c:%ld", end);
	buf_printf(&close, "],\"meta\":{\"has_next_page\":%s,\"has_previous_page\":%s,\"start_cursor\":null,\"end_cursor\":\"",
		   from + size < total ? "true" : "false", from ? "true" : "false");
	base64_encode(&close, text, str_from(text).len);
	buf_printf(&close, "\",\"total\":%ld,\"limit\":null}}", total);
	list->open = "{\"data\":[";
	list->close = buf_text(&close);
	websim_put_list(s, a, list);
	buf_release(&cursor);
	buf_release(&close);
}

static void get_employees(struct websim *s, const struct websim_request *r, struct websim_answer *a)
{
	struct websim_list list = { NULL, NULL, put_employee, 0, 0, NULL };
	long *chosen = arena_array(r->arena, r->query.count + 1, sizeof(long)), count = 0;
	int64_t id;
	size_t i;

	for (i = 0; chosen && i < r->query.count; i++)
		if (str_eqz(r->query.items[i].name, "ids[]") && !str_to_i64(r->query.items[i].value, &id) && id >= 1 &&
		    id <= websim_everybody(&s->company))
			chosen[count++] = (long)id - 1;
	if (!websim_value(&r->query, "only_active").ptr || !websim_value(&r->query, "only_managers").ptr) {
		websim_refuse(a, 422, "{\"errors\":[\"only_active and only_managers are required\"]}");
		return;
	}
	websim_count_as(s, a, count ? &s->counts.lookups : &s->counts.pages);
	list.chosen = count ? chosen : NULL;
	put_page(s, r, count ? count : s->company.people, &list, a);
}

static void serve(struct websim *s, const struct websim_request *r, struct websim_answer *a)
{
	static const struct { const char *path; websim_record_fn *record; long part, most; } lists[] = {
		{ API "teams/teams", put_team, 1, TEAMS },
		{ API "teams/memberships", put_membership, 1, 0 },
		{ API "contracts/reference_contracts", put_contract, 1, 0 },
		{ API "contracts/contract_versions", put_contract, 1, 0 },
		{ API "job_catalog/tree_nodes", put_team, 1, 1 },
		{ API "locations/locations", put_team, 1, TEAMS },
		{ API "timeoff/leaves", put_leave, LEAVE_EVERY, 0 }
	};
	struct websim_list list = { NULL, NULL, NULL, 0, 0, NULL };
	size_t i;

	if (!str_eqz(http_header_value(r->head, "x-api-key", 0), KEY)) {
		websim_refuse(a, 401, "{\"error\":\"Unauthorized\"}");
		return;
	}
	if (websim_path_is(r, API "employees/employees")) {
		get_employees(s, r, a);
		return;
	}
	for (i = 0; i < sizeof(lists) / sizeof(*lists); i++) {
		long total = s->company.people / lists[i].part;

		if (!websim_path_is(r, lists[i].path))
			continue;
		if (lists[i].most && total > lists[i].most)
			total = lists[i].most;
		websim_count_as(s, a, &s->counts.others);
		list.record = lists[i].record;
		put_page(s, r, total, &list, a);
		return;
	}
	websim_refuse(a, 404, "{\"error\":\"Not found\"}");
}

static void limits(struct websim *s, struct websim_answer *a, int limited)
{
	(void)s;
	if (limited)
		websim_header(a, "Retry-After", "1");
}

const struct websim_vendor websim_factorial = {
	"factorial", serve, limits,
	"FACTORIAL_API_URL={BASE}/api/2026-04-01\n"
	"FACTORIAL_API_KEY=" KEY "\n"
	"LeaveTypeMap='{\"Default\": \"Vacation\"}'\n",
	{ KEY, "PRIVATE-", NULL }	/* what is personal must not be seen anywhere either */
};
