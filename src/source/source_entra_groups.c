/* Groups of Microsoft Graph: names to members. */
#include "source/source_entra_int.h"

#include "base/codec.h"
#include "base/json_slice.h"
#include "base/limits.h"
#include "base/log.h"
#include "source/source_rules.h"

#define GROUPS_AT_ONCE 999	/* members a page; the most that the service gives */

static const char schema[] =
	"CREATE TABLE member (id TEXT, kind INTEGER, PRIMARY KEY (id, kind)) WITHOUT ROWID";

/* A group being read. */
struct group {
	struct entra *x;
	struct buf id;
};

/* ---- a name to an id ----------------------------------------------------------------------------------- */

/* Display names are not unique: the first counts. */
static int take_group(void *cookie, const struct json_match *m, struct str raw, struct error *e)
{
	struct group *g = cookie;
	struct str id = json_slice_member(raw, STR("id"));

	(void)e;
	if (m->path == ENTRA_RECORD && g->id.len == 0 && json_slice_type(id) == JSON_STRING)
		json_unescape(&g->id, id);
	return 0;
}

static int begin_group(void *cookie, struct error *e)
{
	struct group *g = cookie;

	(void)e;
	buf_reset(&g->id);
	return 0;
}

/* In OData a quote within a text is written twice. */
static void put_filter(struct buf *url, struct str name)
{
	struct buf text;
	size_t i;

	buf_init(&text, MAX_URL);
	buf_puts(&text, "displayName eq '");
	for (i = 0; i < name.len; i++) {
		if (name.ptr[i] == '\'')
			buf_putc(&text, '\'');
		buf_putc(&text, name.ptr[i]);
	}
	buf_putc(&text, '\'');
	buf_puts(url, "/v1.0/groups?$filter=");
	percent_encode(url, buf_str(&text), NULL);
	url->failed = url->failed || text.failed;
	buf_release(&text);
}

static int find_group(struct group *g, struct str name, struct error *e)
{
	struct web_request r = { 0 };
	struct web_answer answer;
	struct buf url;
	int failed;

	buf_init(&url, MAX_URL);
	put_filter(&url, name);
	buf_puts(&url, "&$select=id,displayName");
	r.method = "GET";
	r.url = buf_str(&url);
	r.paths = entra_page_paths;
	r.value = take_group;
	r.begin = begin_group;
	r.cookie = g;
	failed = buf_check(&url, "the name of a group", e) != 0 ||
		 web_call(&g->x->graph, &r, &answer, e) != 0;
	buf_release(&url);
	return failed ? -1 : buf_check(&g->id, "the id of a group", e);
}

/* ---- members ------------------------------------------------------------------------------------------- */

static int add_member(struct entra *x, struct str id, int kind, struct error *e)
{
	if (!(x->member_of & kind))
		return 0;
	db_bind_text(x->add_member, 1, id);
	db_bind_int(x->add_member, 2, kind);
	return db_run(x->add_member, e);
}

/* What comes twice is the same member, so an answer that breaks off needs no care. */
static int take_member(void *cookie, const struct json_match *m, struct str raw, struct error *e)
{
	struct entra *x = cookie;
	struct str type, id;

	(void)m;
	arena_reset(&x->arena);
	type = json_slice_text(json_slice_member(raw, STR("@odata.type")), &x->arena);
	id = json_slice_text(json_slice_member(raw, STR("id")), &x->arena);
	if (!type.ptr || !id.ptr)
		return error_memory(e);
	if (id.len == 0 || !str_eqz(type, "#microsoft.graph.user"))
		return 0;
	if (add_member(x, id, FILTER_MEMBER, e) != 0)
		return -1;
	return add_member(x, id, SUPERVISOR_MEMBER, e);
}

static int read_members(struct group *g, struct error *e)
{
	struct entra *x = g->x;
	struct buf url;
	int failed;

	buf_init(&url, MAX_URL);
	buf_put_str(&url, buf_str(&x->graph.base));
	buf_puts(&url, "/v1.0/groups/");
	percent_encode(&url, buf_str(&g->id), NULL);
	buf_printf(&url, "/%s?$select=id&$top=%d",
		   settings_on("AZURE_TRANSITIVE_GROUPS") ? "transitiveMembers" : "members", GROUPS_AT_ONCE);
	failed = buf_check(&url, "the address of a group", e) != 0 ||
		 entra_pages(x, &x->graph, buf_str(&url), NULL, take_member, NULL, e) != 0;
	buf_release(&url);
	return failed ? -1 : 0;
}

/* A filter group that is not there would shut everybody in it out; of supervisors it costs a role. */
static int missing_group(int filter, struct str name, struct error *e)
{
	if (filter)
		return error_set(e, ERROR_USAGE, "AZURE_FILTER_GROUPS: there is no group \"%.*s\" in the"
				 " tenant", STR_ARG(name));
	log_warning("AZURE_SUPERVISOR_GROUPS: there is no group \"%.*s\" in the tenant", STR_ARG(name));
	return 0;
}

static int read_group(struct entra *x, struct str name, int member_of, struct error *e)
{
	struct group g;
	int result;

	g.x = x;
	x->member_of = member_of;
	buf_init(&g.id, MAX_URL);
	result = find_group(&g, name, e);
	if (result == 0 && g.id.len == 0)
		result = missing_group(member_of & FILTER_MEMBER, name, e);
	else if (result == 0)
		result = read_members(&g, e);
	buf_release(&g.id);
	return result;
}

static int prepare_tables(struct entra *x, struct error *e)
{
	struct db *db = people_db(x->people);

	if (db_exec(db, schema, e) != 0)
		return -1;
	x->add_member = db_prepare(db, "INSERT OR IGNORE INTO member VALUES (?1, ?2)", e);
	x->find_member = db_prepare(db, "SELECT kind FROM member WHERE id = ?1", e);
	return x->add_member && x->find_member ? 0 : -1;
}

/* A group that both settings name is read once. */
int entra_groups(struct entra *x, struct error *e)
{
	struct str filter = str_from(settings_text("AZURE_FILTER_GROUPS"));
	struct str leads = str_from(settings_text("AZURE_SUPERVISOR_GROUPS"));
	struct str rest, name;

	rest = filter;
	x->filtered = rules_next_name(&rest, &name);
	rest = leads;
	x->supervisors = rules_next_name(&rest, &name);
	if (!x->filtered && !x->supervisors)
		return 0;
	if (prepare_tables(x, e) != 0)
		return -1;
	for (rest = filter; rules_next_name(&rest, &name);)
		if (read_group(x, name, FILTER_MEMBER | (rules_list_has(leads, name) ? SUPERVISOR_MEMBER : 0),
			       e) != 0)
			return -1;
	for (rest = leads; rules_next_name(&rest, &name);)
		if (!rules_list_has(filter, name) && read_group(x, name, SUPERVISOR_MEMBER, e) != 0)
			return -1;
	return 0;
}
