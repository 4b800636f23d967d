/*
 * Microsoft's login service and Graph: tokens, users with their managers, groups by name and their members.
 */
#include "sandbox/websim_int.h"

#include <stdio.h>

#include "net/http.h"

#define TENANT "35f98c1e-2222-4222-8333-444455556666"
#define CLIENT "0f8fad5b-aaaa-469f-a165-70867728950e"
#define SECRET "kv~8Q~s1mulated.secret-&plus+/="
#define PAGE_DEFAULT 100
#define PAGE_MAX 999
#define PAGE_EXPANDED 100	/* with $expand */
#define ID_FORMAT "%08lx-7777-4777-8777-%012lx"
#define ID_ARGS(n) (unsigned long)((n) & 0xffff), (unsigned long)(n)
#define LEADS 10		/* every so manieth is in the second group */

static const char *const groups[] = { "Everyone at work", "Team leads & Co" };

/* ---- records ------------------------------------------------------------------------------------ */

static void put_user(const struct websim_person *p, struct buf *out)
{
	buf_printf(out, "{\"id\":\"" ID_FORMAT "\",\"displayName\":\"%s %s\",\"mail\":\"%s\",\"userPrincipalName\":\"%s\",",
		   ID_ARGS(p->number), p->first, p->last, p->email, p->email);
	buf_printf(out, "\"givenName\":\"%s\",\"surname\":\"%s\",\"mobilePhone\":null,\"businessPhones\":[],\"department\":\"%s\",",
		   p->first, p->last, p->department);
	buf_puts(out, "\"streetAddress\":null,\"postalCode\":null,\"accountEnabled\":true,\"userType\":\"Member\",\"jobTitle\":");
	json_quote(out, str_from(p->title));
	if (p->manager >= 0)
		buf_printf(out, ",\"manager\":{\"@odata.type\":\"#microsoft.graph.user\",\"id\":\"" ID_FORMAT "\"}",
			   ID_ARGS(p->manager));
	websim_put_filler(p, out);
	buf_putc(out, '}');
}

/* Among members there are such as are no people. */
static void put_member(const struct websim_person *p, struct buf *out)
{
	if (p->number % 7 == 6)
		buf_printf(out, "{\"@odata.type\":\"#microsoft.graph.device\",\"id\":\"device-%ld\"},", p->number);
	buf_printf(out, "{\"@odata.type\":\"#microsoft.graph.user\",\"id\":\"" ID_FORMAT "\"}", ID_ARGS(p->number));
}

static void refuse(struct websim_answer *a, int status, const char *code, const char *message)
{
	websim_refuse(a, status, "{\"error\":{\"code\":\"%s\",\"message\":\"%s\",\"innerError\":{\"request-id\":\"r-1\"}}}", code,
		      message);
}

/* ---- what can be asked -------------------------------------------------------------------------- */

static void post_token(struct websim *s, const struct websim_request *r, struct websim_answer *a)
{
	struct websim_pairs form = websim_pairs(r->arena, r->body);

	if (!str_eqz(websim_value(&form, "client_id"), CLIENT) || !str_eqz(websim_value(&form, "client_secret"), SECRET) ||
	    !str_eqz(websim_value(&form, "grant_type"), "client_credentials") || !websim_value(&form, "scope").len) {
		websim_refuse(a, 401, "{\"error\":\"invalid_client\",\"error_description\":\"AADSTS7000215: Invalid client secret "
			      "provided.\",\"error_codes\":[7000215]}");
		return;
	}
	websim_count_as(s, a, &s->counts.tokens);
	snprintf(s->token, sizeof(s->token), "eyJ0eXAi.simulated-t0ken-number-%lu", s->counts.tokens + 1);
	websim_header(a, "Content-Type", "application/json");
	buf_printf(&a->body, "{\"token_type\":\"Bearer\",\"expires_in\":3599,\"ext_expires_in\":3599,\"access_token\":\"%s\"}",
		   s->token);
}

static void put_page(struct websim *s, const struct websim_request *r, long total, websim_record_fn *record,
		     struct websim_answer *a)
{
	long most = websim_value(&r->query, "$expand").ptr ? PAGE_EXPANDED : PAGE_MAX, size, from, page, next;
	struct websim_list list = { NULL, "]}", record, 0, 0, NULL };
	struct str token = websim_value(&r->query, "$skiptoken");
	struct buf open;

	if (s->company.page_max)
		most = s->company.page_max;
	size = websim_number(websim_value(&r->query, "$top"), PAGE_DEFAULT < most ? PAGE_DEFAULT : most, most);
	from = websim_number(token, 0, total);
	page = from / size + 1;
	next = from + size < total ? from + size : -1;
	if (a->counter == &s->counts.pages)
		a->page = (int)page;
	list.from = (websim_shown(s, a, page) - 1) * size;
	list.to = list.from + size < total ? list.from + size : total;
	if (websim_has_fault(s, WEBSIM_EMPTY, a->page) && !websim_value(&r->query, "seen").ptr) {
		list.to = list.from;
		next = from;
	}
	if (websim_has_fault(s, WEBSIM_LOOP, a->page))
		next = from;
	buf_init(&open, WEBSIM_BODY_MAX);
	buf_puts(&open, "{\"@odata.context\":\"https://graph.microsoft.com/v1.0/$metadata#users\",");
	if (next >= 0)
		buf_printf(&open, "\"@odata.nextLink\":\"%s%.*s?%s%%24top=%ld&%s%%24skiptoken=%ld\",",
			   websim_has_fault(s, WEBSIM_ELSEWHERE, a->page) ? s->faults.other : s->base, STR_ARG(r->path),
			   websim_value(&r->query, "$expand").ptr ? "$expand=manager&" : "", size,
			   websim_has_fault(s, WEBSIM_EMPTY, a->page) ? "seen=1&" : "", next);
	buf_puts(&open, "\"value\":[");
	list.open = buf_text(&open);
	websim_put_list(s, a, &list);
	buf_release(&open);
}

static void get_groups(struct websim *s, const struct websim_request *r, struct websim_answer *a)
{
	struct str filter = websim_value(&r->query, "$filter"), name = str_sub(filter, 16, filter.len);
	size_t i;

	websim_count_as(s, a, &s->counts.groups);
	websim_header(a, "Content-Type", "application/json");
	buf_puts(&a->body, "{\"value\":[");
	for (i = 0; i < sizeof(groups) / sizeof(*groups); i++)
		if (str_starts(filter, STR("displayName eq '")) && str_case_eqz(str_sub(name, 0, name.len - 1), groups[i]))
			buf_printf(&a->body, "{\"id\":\"%08lx-0000-4777-8777-000000000000\",\"displayName\":\"%s\"}",
				   (unsigned long)i, groups[i]);
	buf_puts(&a->body, "]}");
}

static void get_members(struct websim *s, const struct websim_request *r, struct websim_answer *a)
{
	int group = str_starts(r->parts[2], STR("00000001-0000-"));

	if (!group && !str_starts(r->parts[2], STR("00000000-0000-"))) {
		refuse(a, 404, "Request_ResourceNotFound", "no such group");
		return;
	}
	websim_count_as(s, a, &s->counts.groups);
	put_page(s, r, group ? s->company.people / LEADS : s->company.people, put_member, a);
}

static void serve(struct websim *s, const struct websim_request *r, struct websim_answer *a)
{
	struct str bearer = http_header_value(r->head, "Authorization", 0);

	if (websim_path_is(r, TENANT "/oauth2/v2.0/token") && str_eqz(r->method, "POST")) {
		post_token(s, r, a);
	} else if (!str_starts(bearer, STR("Bearer ")) || !*s->token || !str_eqz(str_sub(bearer, 7, bearer.len), s->token)) {
		refuse(a, 401, "InvalidAuthenticationToken", "Access token has expired or is not yet valid.");
	} else if (websim_path_is(r, "v1.0/users")) {
		websim_count_as(s, a, &s->counts.pages);
		put_page(s, r, s->company.people, put_user, a);
	} else if (websim_path_is(r, "v1.0/groups")) {
		get_groups(s, r, a);
	} else if (websim_path_is(r, "v1.0/groups/*/members") || websim_path_is(r, "v1.0/groups/*/transitiveMembers")) {
		get_members(s, r, a);
	} else {
		refuse(a, 404, "Request_ResourceNotFound", "no such resource");
	}
}

static void limits(struct websim *s, struct websim_answer *a, int limited)
{
	websim_header(a, "x-ms-resource-unit", "2");
	if (s->counts.requests % 10 == 0)
		websim_header(a, "x-ms-throttle-limit-percentage", "0.9");
	if (limited)
		websim_header(a, "Retry-After", "1");
}

const struct websim_vendor websim_entra = {
	"entra", serve, limits,
	"AZURE_TENANT_ID=" TENANT "\n"
	"AZURE_CLIENT_ID=" CLIENT "\n"
	"AZURE_CLIENT_SECRET=" SECRET "\n"
	"AZURE_LOGIN_URL={BASE}\n"
	"AZURE_GRAPH_URL={BASE}\n"
	"AZURE_SCIM_ENDPOINT={BASE}/v1.0/users\n",
	{ SECRET, NULL }
};
