/* The account as a JSON document, in and out. */
#include "sandbox/tcsim_int.h"

#include <stdlib.h>
#include <string.h>

#include "base/json_scan.h"
#include "port.h"

/* ---- in -------------------------------------------------------------------------------------- */

enum { AT_GROUP, AT_USER, AT_OPTIONS, AT_ROOT, AT_NEXT_GROUP, AT_NEXT_USER, AT_DAY_TYPES, AT_ATTENDANCE };

static const char *const paths[] = {
	"groups[*]", "users[*]", "options", "root_group_id", "next_group_id", "next_user_id", "day_types", "attendance", NULL
};

struct loading {
	struct tcsim *s;
	struct json_doc *doc;
};

static struct str member(struct tcsim *s, struct json object, const char *key)
{
	struct json v = json_get(object, key);

	return json_type(v) == JSON_NULL ? str_of(NULL, 0) : json_scalar(v, &s->scratch);
}

static int load_group(struct tcsim *s, struct json v, struct error *e)
{
	struct str parent = member(s, v, "parent_id");

	if (json_type(json_get(v, "parent_id")) == JSON_NONE)
		parent = STR("0");
	if (tcsim_add_group(s, member(s, v, "group_id"), member(s, v, "name"), parent) == TCSIM_NONE)
		return error_memory(e);
	return 0;
}

static int load_user(struct tcsim *s, struct json v, struct error *e)
{
	struct json settings = json_get(v, "settings"), one;
	struct str role = member(s, v, "role_id"), group = member(s, v, "group_id");
	size_t at = tcsim_add_user(s, member(s, v, "user_id"), member(s, v, "email"), member(s, v, "display_name"),
				   role.len ? role : STR("3"));

	if (at == TCSIM_NONE)
		return error_memory(e);
	json_int(json_get(v, "hidden_polls"), &s->users[at].hidden);
	for (one = json_first(settings); json_type(one) != JSON_NONE; one = json_next(settings, one))
		if (json_type(one) != JSON_NULL)
			tcsim_set(s, at, json_key(one, &s->scratch), json_scalar(one, &s->scratch));
	s->users[at].group = tcsim_keep(s, group);	/* placed when all groups are known */
	return 0;
}

static int load_attendance(struct tcsim *s, struct json all, struct error *e)
{
	struct json user, day;
	struct tcsim_day d;

	for (user = json_first(all); json_type(user) != JSON_NONE; user = json_next(all, user)) {
		for (day = json_first(user); json_type(day) != JSON_NONE; day = json_next(user, day)) {
			d.user = json_key(user, &s->scratch);
			d.day = json_key(day, &s->scratch);
			d.type = member(s, day, "dayTypeId");
			d.should_be = json_raw(json_get(day, "shouldBe"));
			d.vacation = json_raw(json_get(day, "vacationTime"));
			if (tcsim_put_day(s, &d))
				return error_memory(e);
		}
	}
	return 0;
}

static int load_value(void *cookie, const struct json_match *m, struct str raw, struct error *e)
{
	struct loading *l = cookie;
	struct tcsim *s = l->s;
	struct json v;

	arena_reset(&s->scratch);
	if (json_parse(l->doc, raw, 1, &v, e))
		return -1;
	switch (m->path) {
	case AT_GROUP:
		return load_group(s, v, e);
	case AT_USER:
		return load_user(s, v, e);
	case AT_OPTIONS:
		return tcsim_options_load(s, v, e);
	case AT_ROOT:
		s->root = tcsim_keep(s, json_scalar(v, &s->scratch));
		return 0;
	case AT_NEXT_GROUP:
		return json_int(v, &s->next_group) ? error_set(e, ERROR_FAILED, "next_group_id is no number") : 0;
	case AT_NEXT_USER:
		return json_int(v, &s->next_user) ? error_set(e, ERROR_FAILED, "next_user_id is no number") : 0;
	case AT_DAY_TYPES:
		s->day_types = tcsim_keep(s, raw);
		return 0;
	default:
		return load_attendance(s, v, e);
	}
}

/* What the document leaves open. */
static void complete(struct tcsim *s)
{
	int64_t id, most_group = 0, most_user = 0;
	size_t i;

	for (i = 0; i < s->group_count; i++) {
		const struct tcsim_group *g = &s->groups[i];

		if (str_eqz(s->root, "0") && (!g->parent.ptr || str_eqz(g->parent, "0")))
			s->root = g->id;
		if (!str_to_i64(g->id, &id) && id > most_group)
			most_group = id;
	}
	for (i = 0; i < s->user_count; i++) {
		struct str group = s->users[i].group;

		s->users[i].group = str_of(NULL, 0);
		if (group.ptr)
			tcsim_move(s, i, group);
		if (!str_to_i64(s->users[i].id, &id) && id > most_user)
			most_user = id;
	}
	if (!s->next_group)
		s->next_group = most_group + 1001;
	if (!s->next_user)
		s->next_user = most_user + 100001;
	tcsim_clear(s);
}

/* A source of the document's bytes: the length read, 0 at the end, -1. */
typedef long read_fn(void *cookie, const char **data, struct error *e);

static int load_from(struct tcsim *s, read_fn *read, void *cookie, struct error *e)
{
	struct loading l = { s, json_doc_new(MAX_JSON_TOKENS, e) };
	struct json_scan *scan = l.doc ? json_scan_new(paths, MAX_RECORD, load_value, &l, e) : NULL;
	const char *data;
	long n = -1;
	int rc = -1;

	tcsim_reset(s);
	if (!scan)
		goto out;
	while ((n = read(cookie, &data, e)) > 0)
		if (json_scan_feed(scan, data, (size_t)n, e))
			goto out;
	rc = n < 0 ? -1 : json_scan_end(scan, e);
out:
	if (rc)
		tcsim_reset(s);
	else
		complete(s);
	json_scan_free(scan);
	json_doc_free(l.doc);
	return rc;
}

static long read_text(void *cookie, const char **data, struct error *e)
{
	struct str *text = cookie;
	long n = (long)text->len;

	(void)e;
	*data = text->ptr;
	text->len = 0;
	return n;
}

struct file_source {
	struct port_file *file;
	char data[65536];
};

static long read_file(void *cookie, const char **data, struct error *e)
{
	struct file_source *f = cookie;

	*data = f->data;
	return port_read(f->file, f->data, sizeof(f->data), e);
}

int tcsim_load(struct tcsim *s, struct str json, struct error *e)
{
	return load_from(s, read_text, &json, e);
}

int tcsim_load_file(struct tcsim *s, const char *path, struct error *e)
{
	struct file_source *f = malloc(sizeof(*f));
	int rc = -1;

	if (!f)
		return error_memory(e);
	f->file = port_open(path, PORT_READ, e);
	if (f->file) {
		rc = load_from(s, read_file, f, e);
		port_close(f->file, NULL);
		if (rc)
			error_add(e, "%s", path);
	}
	free(f);
	return rc;
}

/* ---- out ------------------------------------------------------------------------------------- */

static void put_member(struct json_write *w, const char *key, struct str text)
{
	json_put_keyz(w, key);
	if (text.ptr)
		json_put_text(w, text);
	else
		json_put_null(w);
}

static int by_number(struct str a, struct str b)
{
	int64_t x = 0, y = 0;

	str_to_i64(a, &x);
	str_to_i64(b, &y);
	return x < y ? -1 : x > y;
}

static int compare_groups(const void *a, const void *b)
{
	return by_number((*(const struct tcsim_group *const *)a)->id, (*(const struct tcsim_group *const *)b)->id);
}

static int compare_users(const void *a, const void *b)
{
	return by_number((*(const struct tcsim_user *const *)a)->id, (*(const struct tcsim_user *const *)b)->id);
}

static int compare_settings(const void *a, const void *b)
{
	return str_cmp((*(const struct tcsim_setting *const *)a)->name, (*(const struct tcsim_setting *const *)b)->name);
}

static int compare_days(const void *a, const void *b)
{
	const struct tcsim_day *x = *(const struct tcsim_day *const *)a, *y = *(const struct tcsim_day *const *)b;
	int rc = str_cmp(x->user, y->user);

	return rc ? rc : str_cmp(x->day, y->day);
}

static void put_groups(struct tcsim *s, struct json_write *w)
{
	const struct tcsim_group **list = arena_array(&s->scratch, s->group_count + 1, sizeof(*list));
	size_t i, n = 0;

	for (i = 0; list && i < s->group_count; i++)
		if (!s->groups[i].gone)
			list[n++] = &s->groups[i];
	if (n)
		qsort(list, n, sizeof(*list), compare_groups);
	json_put_keyz(w, "groups");
	json_begin_array(w);
	for (i = 0; i < n; i++) {
		json_begin_object(w);
		put_member(w, "group_id", list[i]->id);
		put_member(w, "name", list[i]->name);
		put_member(w, "parent_id", list[i]->parent);
		json_end_object(w);
	}
	json_end_array(w);
}

static void put_settings(struct tcsim *s, const struct tcsim_user *u, struct json_write *w)
{
	const struct tcsim_setting **list, *v;
	size_t i, n = 0;

	for (v = u->settings; v; v = v->next)
		n++;
	list = arena_array(&s->scratch, n + 1, sizeof(*list));
	n = 0;
	for (v = u->settings; list && v; v = v->next)
		list[n++] = v;
	if (n)
		qsort(list, n, sizeof(*list), compare_settings);
	json_put_keyz(w, "settings");
	json_begin_object(w);
	for (i = 0; i < n; i++) {
		json_put_key(w, list[i]->name);
		json_put_text(w, list[i]->value);
	}
	json_end_object(w);
}

static void put_users(struct tcsim *s, struct json_write *w)
{
	const struct tcsim_user **list = arena_array(&s->scratch, s->user_count + 1, sizeof(*list));
	size_t i, n = list ? s->user_count : 0;

	for (i = 0; i < n; i++)
		list[i] = &s->users[i];
	if (n)
		qsort(list, n, sizeof(*list), compare_users);
	json_put_keyz(w, "users");
	json_begin_array(w);
	for (i = 0; i < n; i++) {
		json_begin_object(w);
		put_member(w, "user_id", list[i]->id);
		put_member(w, "email", list[i]->email);
		put_member(w, "display_name", list[i]->name);
		put_member(w, "group_id", list[i]->group);
		put_member(w, "role_id", list[i]->role);
		put_settings(s, list[i], w);
		json_end_object(w);
	}
	json_end_array(w);
}

static void put_attendance(struct tcsim *s, struct json_write *w)
{
	const struct tcsim_day **list = arena_array(&s->scratch, s->day_count + 1, sizeof(*list));
	size_t i, n = list ? s->day_count : 0;

	for (i = 0; i < n; i++)
		list[i] = &s->days[i];
	if (n)
		qsort(list, n, sizeof(*list), compare_days);
	json_put_keyz(w, "attendance");
	json_begin_object(w);
	for (i = 0; i < n; i++) {
		if (i == 0 || !str_eq(list[i]->user, list[i - 1]->user)) {
			json_put_key(w, list[i]->user);
			json_begin_object(w);
		}
		json_put_key(w, list[i]->day);
		json_begin_object(w);
		put_member(w, "dayTypeId", list[i]->type);
		json_put_member_raw(w, "shouldBe", list[i]->should_be.len ? list[i]->should_be : STR("null"));
		json_put_member_raw(w, "vacationTime", list[i]->vacation.len ? list[i]->vacation : STR("null"));
		json_end_object(w);
		if (i + 1 == n || !str_eq(list[i]->user, list[i + 1]->user))
			json_end_object(w);
	}
	json_end_object(w);
}

void tcsim_put_state(struct tcsim *s, struct buf *out)
{
	struct json_write w;

	arena_reset(&s->scratch);
	json_write_init(&w, 0, NULL, NULL, TCSIM_ANSWER_MAX);
	json_begin_object(&w);
	json_put_member(&w, "root_group_id", s->root);
	json_put_keyz(&w, "next_group_id");
	json_put_int(&w, s->next_group);
	json_put_keyz(&w, "next_user_id");
	json_put_int(&w, s->next_user);
	put_groups(s, &w);
	put_users(s, &w);
	put_attendance(s, &w);
	json_end_object(&w);
	json_write_finish(&w, NULL);
	buf_put_str(out, buf_str(&w.out));
	json_write_release(&w);
}

static struct str group_path(struct tcsim *s, struct str id)
{
	struct str path = STR(""), name;
	size_t at = tcsim_find_group(s, id);
	int depth = 0;

	for (; at != TCSIM_NONE && !str_eq(s->groups[at].id, s->root) && depth < 100; depth++) {
		name = s->groups[at].name;
		path = path.len ? arena_printf(&s->scratch, "%.*s/%.*s", STR_ARG(name), STR_ARG(path)) : name;
		at = s->groups[at].parent.ptr ? tcsim_find_group(s, s->groups[at].parent) : TCSIM_NONE;
	}
	return path;
}

static const char *role_word(struct str role)
{
	static const char *const words[] = { "", "administrator", "supervisor", "user", "", "guest" };

	return role.len == 1 && role.ptr[0] >= '0' && role.ptr[0] <= '5' ? words[role.ptr[0] - '0'] : "";
}

static int compare_lines(const void *a, const void *b)
{
	return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

void tcsim_put_people(struct tcsim *s, struct buf *out)
{
	struct str *lines;
	size_t i, n;

	arena_reset(&s->scratch);
	lines = arena_array(&s->scratch, s->user_count + 1, sizeof(*lines));
	n = lines ? s->user_count : 0;
	for (i = 0; i < n; i++) {
		const struct tcsim_user *u = &s->users[i];
		int disabled = str_eqz(tcsim_setting(u, STR("disabled_user")), "1");

		lines[i] = arena_printf(&s->scratch, "%.*s\t%.*s\t%.*s\t%s\t%s\n", STR_ARG(group_path(s, u->group)),
					STR_ARG(u->email), STR_ARG(u->name), role_word(u->role),
					disabled ? "disabled" : "active");
	}
	if (n)
		qsort(lines, n, sizeof(*lines), compare_lines);
	for (i = 0; i < n; i++)
		buf_put_str(out, lines[i]);
}

static void put_number(struct json_write *w, const char *key, uint64_t n)
{
	json_put_keyz(w, key);
	json_put_int(w, (int64_t)n);
}

void tcsim_put_calls(struct tcsim *s, struct buf *out)
{
	struct json_write w;
	size_t i;

	json_write_init(&w, 0, NULL, NULL, TCSIM_ANSWER_MAX);
	json_begin_object(&w);
	json_put_keyz(&w, "calls");
	json_begin_array(&w);
	for (i = 0; i < s->call_count; i++) {
		const struct tcsim_call *c = &s->calls[i];

		json_begin_object(&w);
		json_put_member(&w, "method", c->method);
		json_put_member(&w, "path", c->path);
		json_put_member_raw(&w, "body", c->body);
		put_number(&w, "status", (uint64_t)c->status);
		if (c->created.ptr)
			json_put_member_raw(&w, "created", c->created);
		json_end_object(&w);
	}
	json_end_array(&w);
	put_number(&w, "mutating", s->call_count);
	put_number(&w, "reads", s->reads);
	put_number(&w, "requests", s->requests);
	put_number(&w, "connections", s->connections.used);
	put_number(&w, "max_in_flight", s->max_in_flight);
	json_end_object(&w);
	json_write_finish(&w, NULL);
	buf_put_str(out, buf_str(&w.out));
	json_write_release(&w);
}
