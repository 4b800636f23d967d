#include "source/source_okta_int.h"

#include <string.h>

#include "base/codec.h"
#include "base/json_slice.h"
#include "base/log.h"

#define PAGE 200		/* people asked for at a time: as many as Okta gives */
#define GROUPS_MOST 200		/* groups that a search by beginning gives at most */
#define HITS_MOST 10		/* people asked for with one match value; more than one is an error */
#define RESERVE 10		/* of a rate limit one in so many requests is left to others */
#define WINDOW_S 300		/* no limit of Okta's lasts longer; a later end is not meant */

static const char *const list_paths[] = { "[*]", NULL };
static const char *const whole_path[] = { "", NULL };

/* ---- pace ---------------------------------------------------------------------------------------------- */

int64_t okta_pace(const struct http_head *head, int64_t now)
{
	int64_t s = http_wait_field(head, "x-rate-limit-reset", now);
	uint64_t limit, left;

	if (s <= 0 || s > WINDOW_S ||
	    str_to_u64(http_header_value(head, "x-rate-limit-limit", 0), &limit) != 0 ||
	    str_to_u64(http_header_value(head, "x-rate-limit-remaining", 0), &left) != 0 ||
	    left > limit / RESERVE)
		return 0;
	/* what is left, spread over what is left of the window */
	return s * 1000 / (int64_t)(left + 1);
}

/* ---- one request --------------------------------------------------------------------------------------- */

/* What a token lacks that may not do something. */
static void add_permission(struct str path, struct error *e)
{
	int groups = str_find(path, 0, STR("/api/v1/groups")) < path.len;

	error_add(e, "%s may not be read: give the token's administrator the role Read-Only Administrator, "
		  "or a custom one that may view %s; an OAuth app needs the scope %s and such a role",
		  groups ? "groups" : "users",
		  groups ? "groups and their members" : "users and their details",
		  groups ? "okta.groups.read" : "okta.users.read");
}

/* Asks for the path in api->path, or the address of a next page. */
static int get(struct okta_api *api, struct web_request *r, struct web_answer *answer, struct error *e)
{
	if (buf_check(&api->path, "the address of a request", e) != 0)
		return -1;
	r->method = "GET";
	r->url = buf_str(&api->path);
	if (web_call(&api->web, r, answer, e) != 0) {
		if (answer->status == 403)
			add_permission(r->url, e);
		return -1;
	}
	if (r->paths == list_paths && answer->status != r->allowed && answer->saw[0] == 0)
		return error_set(e, ERROR_UPSTREAM, "Okta: the answer to GET %.*s is no list",
				 STR_ARG(str_sub(r->url, 0, 200)));
	return 0;
}

static void set_path(struct okta_api *api, const char *text)
{
	buf_reset(&api->path);
	buf_puts(&api->path, text);
}

/* A value in quotes, as Okta's filters have them, within a query. */
static void put_quoted(struct okta_api *api, struct str value)
{
	size_t i;

	buf_puts(&api->path, "%22");
	for (i = 0; i < value.len; i++) {
		if (value.ptr[i] == '"' || value.ptr[i] == '\\')
			percent_encode(&api->path, STR("\\"), NULL);
		percent_encode(&api->path, str_sub(value, i, 1), NULL);
	}
	buf_puts(&api->path, "%22");
}

/* ---- listings ------------------------------------------------------------------------------------------ */

/* A list of users. */
struct listing {
	struct okta_api *api;
	enum okta_take take;
};

static int begin_answer(void *cookie, struct error *e)
{
	struct listing *l = cookie;

	return okta_work_begin(&l->api->work, e);
}

static int take_user(void *cookie, const struct json_match *m, struct str raw, struct error *e)
{
	struct listing *l = cookie;
	struct okta_person p;

	(void)m;
	if (okta_person_read(&l->api->reader, raw, &p, e) != 0)
		return -1;
	if (l->take == OKTA_TAKE_LEADERS)
		p.person.raw_data = STR("");
	return okta_work_stage(&l->api->work, &p, e);
}

/* Everybody behind api->path, page by page. 1; 0 when the first answer is 404; -1. */
static int read_listing(struct okta_api *api, enum okta_take take, struct error *e)
{
	struct web_request r = { 0 };
	struct web_answer answer;
	struct listing l;
	int more;

	l.api = api;
	l.take = take;
	r.paths = list_paths;
	r.value = take_user;
	r.begin = begin_answer;
	r.cookie = &l;
	r.allowed = 404;
	okta_work_listing(&api->work);
	do {
		if (okta_work_page(&api->work, buf_str(&api->path), e) != 0 || get(api, &r, &answer, e) != 0)
			return error_add(e, "the list of users");
		if (answer.status == 404)
			return 0;
		r.allowed = 0;
		buf_reset(&api->next);
		more = web_next_link(&answer, &api->next, e);
		if (more < 0 || okta_work_take(&api->work, take, e) != 0)
			return error_add(e, "the list of users");
		buf_reset(&api->path);
		buf_put_str(&api->path, buf_str(&api->next));
	} while (more);
	return 1;
}

int okta_read_status(struct okta_api *api, struct str status, struct error *e)
{
	int rc;

	buf_reset(&api->path);
	buf_printf(&api->path, "/api/v1/users?limit=%d&filter=status%%20eq%%20", PAGE);
	put_quoted(api, status);
	rc = read_listing(api, OKTA_TAKE_FIRST, e);
	if (rc == 0)
		return error_set(e, ERROR_UPSTREAM, "Okta: there are no users at this address (404); check "
				 "OKTA_ORG_URL");
	return rc < 0 ? -1 : 0;
}

int okta_read_group(struct okta_api *api, struct str id, enum okta_take take, struct error *e)
{
	int rc;

	set_path(api, "/api/v1/groups/");
	percent_encode(&api->path, id, NULL);
	buf_printf(&api->path, "/users?limit=%d", PAGE);
	rc = read_listing(api, take, e);
	if (rc == 0)
		return error_set(e, ERROR_FAILED, "Okta has no group with the id \"%.*s\"; check the "
				 "settings of groups", STR_ARG(str_sub(id, 0, 80)));
	return rc < 0 ? -1 : 0;
}

/* ---- groups by name ------------------------------------------------------------------------------------ */

/* A search for a group. */
struct group_search {
	struct okta_api *api;
	struct str name;
	struct buf *id;
	uint64_t groups, hits;
};

static int begin_groups(void *cookie, struct error *e)
{
	struct group_search *s = cookie;

	(void)e;
	s->groups = s->hits = 0;
	buf_reset(s->id);
	return 0;
}

static int take_group(void *cookie, const struct json_match *m, struct str raw, struct error *e)
{
	struct group_search *s = cookie;
	struct arena *arena = &s->api->reader.arena;
	struct str name, id;

	(void)m;
	arena_reset(arena);
	s->groups++;
	name = okta_text_in(raw, "profile", "name", arena);
	if (!name.ptr)
		return error_memory(e);
	if (!str_eq(name, s->name))
		return 0;
	id = json_slice_text(json_slice_member(raw, STR("id")), arena);
	if (!id.ptr)
		return error_memory(e);
	if (id.len == 0)
		return error_set(e, ERROR_UPSTREAM, "the group has no id");
	if (s->hits++ == 0)
		buf_put_str(s->id, id);
	return 0;
}

/* Sends the search in api->path. *full: there may be more groups than it gave. */
static int search_group(struct group_search *s, int *full, struct error *e)
{
	struct okta_api *api = s->api;
	struct web_request r = { 0 };
	struct web_answer answer;
	int more;

	r.paths = list_paths;
	r.value = take_group;
	r.begin = begin_groups;
	r.cookie = s;
	buf_reset(&api->next);
	if (get(api, &r, &answer, e) != 0 || (more = web_next_link(&answer, &api->next, e)) < 0 ||
	    buf_check(s->id, "the id of a group", e) != 0)
		return error_add(e, "the group \"%.*s\"", STR_ARG(str_sub(s->name, 0, 80)));
	*full = more || s->groups >= GROUPS_MOST;
	return 0;
}

int okta_find_group(struct okta_api *api, struct str name, struct buf *id, struct error *e)
{
	struct group_search s = { 0 };
	int full;

	s.api = api;
	s.name = name;
	s.id = id;
	buf_reset(&api->path);
	buf_printf(&api->path, "/api/v1/groups?limit=%d&q=", GROUPS_MOST);
	percent_encode(&api->path, name, NULL);
	if (search_group(&s, &full, e) != 0)
		return -1;
	if (s.hits == 0 && full) {
		/* so many begin like that that the one was not among them; q has no further pages */
		buf_reset(&api->path);
		buf_printf(&api->path, "/api/v1/groups?limit=%d&search=profile.name%%20eq%%20",
			   GROUPS_MOST);
		put_quoted(api, name);
		if (search_group(&s, &full, e) != 0)
			return -1;
	}
	if (s.hits > 1)
		log_warning("Okta has %llu groups named \"%.*s\"; the first is taken, %s. To choose, name "
			    "groups by id", (unsigned long long)s.hits, STR_ARG(name), buf_text(id));
	return s.hits > 0;
}

/* ---- managers ------------------------------------------------------------------------------------------ */

/* A search for a manager. */
struct manager_search {
	struct okta_api *api;
	struct str key;
	uint64_t people, hits;		/* who came, and who has that match value */
};

static int begin_manager(void *cookie, struct error *e)
{
	struct manager_search *s = cookie;

	s->people = s->hits = 0;
	return okta_work_begin(&s->api->work, e);
}

static int take_manager(void *cookie, const struct json_match *m, struct str raw, struct error *e)
{
	struct manager_search *s = cookie;
	struct okta_person p;

	(void)m;
	s->people++;
	if (okta_person_read(&s->api->reader, raw, &p, e) != 0)
		return -1;
	if (!str_eq(p.match, s->key) || s->hits++ > 0)
		return 0;
	if (okta_person_demote(&s->api->reader, &p, e) != 0)
		return -1;
	return okta_work_stage(&s->api->work, &p, e);
}

/* 1 when one is fetched by id or login, which is a path of its own; a login with a slash cannot be. */
static int is_direct(const struct okta_rules *rules, struct str reference)
{
	if (str_eqz(rules->match, "id"))
		return 1;
	return (str_eqz(rules->match, "login") || str_eqz(rules->match, "profile.login")) &&
	       str_find_char(reference, 0, '/') == reference.len;
}

static void put_manager_path(struct okta_api *api, struct str reference)
{
	struct str field = api->rules.match;

	if (is_direct(&api->rules, reference)) {
		set_path(api, "/api/v1/users/");
		percent_encode(&api->path, reference, NULL);
		return;
	}
	buf_reset(&api->path);
	buf_printf(&api->path, "/api/v1/users?limit=%d&search=", HITS_MOST);
	if (str_find_char(field, 0, '.') == field.len)
		buf_puts(&api->path, "profile.");
	percent_encode(&api->path, field, NULL);
	buf_puts(&api->path, "%20eq%20");
	put_quoted(api, reference);
}

/* What is wrong with the answer to a search, or NULL. */
static const char *judge_search(const struct manager_search *s, int status, int more)
{
	if (status == 404 || s->people == 0)
		return "Okta has no such user";
	if (s->hits > 1 || (more && s->hits > 0))
		return "several users of Okta have this value";
	if (s->hits == 0)
		return "Okta found a user whose value is another";
	return NULL;
}

int okta_read_manager(struct okta_api *api, struct str reference, struct str key, struct error *e)
{
	struct manager_search s = { 0 };
	struct web_request r = { 0 };
	struct web_answer answer;
	const char *fault;
	int more;

	s.api = api;
	s.key = key;
	put_manager_path(api, reference);
	r.paths = is_direct(&api->rules, reference) ? whole_path : list_paths;
	r.value = take_manager;
	r.begin = begin_manager;
	r.cookie = &s;
	r.allowed = 404;
	buf_reset(&api->next);
	api->lookups++;
	okta_work_listing(&api->work);
	if (get(api, &r, &answer, e) != 0 || (more = web_next_link(&answer, &api->next, e)) < 0)
		return error_add(e, "the manager \"%.*s\"", STR_ARG(str_sub(reference, 0, 80)));
	fault = judge_search(&s, answer.status, more);
	if (fault)
		return okta_work_not_found(&api->work, key, fault, e);
	return okta_work_take(&api->work, OKTA_TAKE_MANAGER, e);
}

/* ---- check --------------------------------------------------------------------------------------------- */

static int count_value(void *cookie, const struct json_match *m, struct str raw, struct error *e)
{
	(void)m;
	(void)raw;
	(void)e;
	*(int *)cookie = 1;
	return 0;
}

int okta_probe(struct okta_api *api, const char *path, int *found, struct error *e)
{
	struct web_request r = { 0 };
	struct web_answer answer;

	*found = 0;
	set_path(api, path);
	r.paths = list_paths;
	r.value = count_value;
	r.cookie = found;
	return get(api, &r, &answer, e);
}
