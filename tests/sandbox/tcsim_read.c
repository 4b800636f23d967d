#include "sandbox/tcsim_int.h"

#include <string.h>

/* ---- what answers are made of ---------------------------------------------------------------- */

/* An id as text or, if the option says "int", as a number. */
static void put_id(struct tcsim *s, struct json_write *w, const char *key, struct str id, enum tcsim_option type)
{
	json_put_keyz(w, key);
	if (!id.ptr)
		json_put_null(w);
	else if (tcsim_is(s, type, "int"))
		json_put_raw(w, id);
	else
		json_put_text(w, id);
}

static void put_name(struct json_write *w, const char *key, struct str name)
{
	json_put_keyz(w, key);
	if (name.ptr)
		json_put_text(w, name);
	else
		json_put_null(w);
}

/* The members of a user's row, without the braces. */
static void put_user(struct tcsim *s, struct json_write *w, const struct tcsim_user *u)
{
	put_id(s, w, "group_id", u->group, OPT_GROUP_ID_TYPE);
	put_id(s, w, "user_id", u->id, OPT_USER_ID_TYPE);
	json_put_member(w, "email", u->email);
	json_put_member(w, "login_count", STR("0"));
	json_put_member(w, "login_time", STR("1970-01-01 01:00:00"));
	put_name(w, "display_name", u->name);
	json_put_member(w, "synch_time", STR("1970-01-01 01:00:00"));
}

/* "-12" or "0", as json would write it. */
static int is_whole_number(struct str v)
{
	int64_t n;

	return v.len > 0 && !str_to_i64(v, &n) && (v.ptr[0] != '0' || v.len == 1) &&
	       !(v.len > 1 && v.ptr[0] == '-' && v.ptr[1] == '0' && v.len > 2);
}

static void put_value(struct tcsim *s, struct json_write *w, struct str value)
{
	json_put_keyz(w, "value");
	if (!value.ptr)
		json_put_null(w);
	else if (tcsim_is(s, OPT_SETTING_VALUE_TYPE, "int") && is_whole_number(value))
		json_put_raw(w, value);
	else
		json_put_text(w, value);
}

/* ---- endpoints ------------------------------------------------------------------------------- */

void tcsim_get_users(struct tcsim *s, struct tcsim_request *r)
{
	size_t i;

	json_begin_array(&r->out);
	for (i = 0; i < s->user_count; i++) {
		if (s->users[i].hidden > 0) {
			s->users[i].hidden--;
			continue;
		}
		json_begin_object(&r->out);
		put_user(s, &r->out, &s->users[i]);
		json_end_object(&r->out);
	}
	json_end_array(&r->out);
}

static void put_group(struct tcsim *s, struct json_write *w, const struct tcsim_group *g)
{
	put_id(s, w, "group_id", g->id, OPT_GROUP_ID_TYPE);
	json_put_member(w, "name", g->name);
	put_id(s, w, "parent_id", g->parent, OPT_GROUP_ID_TYPE);
}

void tcsim_get_groups(struct tcsim *s, struct tcsim_request *r)
{
	size_t i;

	json_begin_array(&r->out);
	for (i = 0; i < s->group_count; i++) {
		if (s->groups[i].gone)
			continue;
		json_begin_object(&r->out);
		put_group(s, &r->out, &s->groups[i]);
		json_end_object(&r->out);
	}
	json_end_array(&r->out);
}

void tcsim_get_group_users(struct tcsim *s, struct tcsim_request *r)
{
	size_t at = tcsim_find_group(s, r->parts[1]), i;

	if (at == TCSIM_NONE) {
		tcsim_refuse(r, 404, NULL);
		return;
	}
	json_begin_array(&r->out);
	for (i = s->groups[at].first; i != TCSIM_NONE; i = s->users[i].next) {
		if (s->users[i].hidden > 0)
			continue;
		json_begin_object(&r->out);
		put_user(s, &r->out, &s->users[i]);
		json_put_member(&r->out, "role_id", s->users[i].role);
		json_put_member(&r->out, "activated", STR("1"));
		json_end_object(&r->out);
	}
	json_end_array(&r->out);
}

/* The rows of one user's settings: one more part of a list, or, if there are any, his member of a map. */
static void put_settings(struct tcsim *s, struct tcsim_request *r, const struct tcsim_user *u, int in_map)
{
	struct str name, value;
	size_t n, rows = 0;

	for (n = 0; (name = tcsim_query(s, r->query, "name", n)).ptr; n++) {
		value = tcsim_setting(u, name);
		if (!value.ptr && tcsim_on(s, OPT_OMIT_UNSET))
			continue;
		if (rows++ == 0 && in_map) {
			json_put_key(&r->out, u->id);
			json_begin_array(&r->out);
		}
		json_begin_object(&r->out);
		if (in_map)
			json_put_member(&r->out, "userId", u->id);
		else
			put_id(s, &r->out, "userId", u->id, OPT_USER_ID_TYPE);
		json_put_member(&r->out, "name", name);
		put_value(s, &r->out, value);
		json_end_object(&r->out);
	}
	if (rows && in_map)
		json_end_array(&r->out);
}

/* Calls fn for each known user of a comma list of ids; the number of those, or -1 when an id is no number. */
static int each_user(struct tcsim *s, struct tcsim_request *r, void (*fn)(struct tcsim *, struct tcsim_request *, size_t))
{
	struct str rest = r->parts[1], id;
	int64_t number;
	int known = 0;
	size_t at;

	while (str_next(&rest, ',', &id)) {
		id = str_trim(id);
		if (!id.len)
			continue;
		if (str_to_i64(id, &number))
			return -1;
		at = tcsim_find_user(s, id);
		if (at == TCSIM_NONE)
			continue;
		known++;
		if (fn)
			fn(s, r, at);
	}
	return known;
}

static void put_settings_in_list(struct tcsim *s, struct tcsim_request *r, size_t at)
{
	put_settings(s, r, &s->users[at], 0);
}

static void put_settings_in_map(struct tcsim *s, struct tcsim_request *r, size_t at)
{
	put_settings(s, r, &s->users[at], 1);
}

void tcsim_get_settings(struct tcsim *s, struct tcsim_request *r)
{
	int known = each_user(s, r, NULL);

	if (known < 0) {
		tcsim_refuse(r, 400, "bad user id");
	} else if (known == 0) {
		tcsim_refuse(r, 404, NULL);
	} else if (tcsim_is(s, OPT_SETTINGS_SHAPE, "list")) {
		json_begin_array(&r->out);
		each_user(s, r, put_settings_in_list);
		json_end_array(&r->out);
	} else {
		json_begin_object(&r->out);
		each_user(s, r, put_settings_in_map);
		json_end_object(&r->out);
		if (str_eqz(buf_str(&r->out.out), "{}"))	/* an empty map is an empty list here */
			tcsim_refuse(r, 200, NULL);
	}
}

static int is_in_picker(const struct tcsim *s, const struct tcsim_user *u)
{
	return u->hidden <= 0 &&
	       !(tcsim_on(s, OPT_PICKER_OMITS_DISABLED) && str_eqz(tcsim_setting(u, STR("disabled_user")), "1"));
}

static void put_picker_group(struct tcsim *s, struct json_write *w, const struct tcsim_group *g)
{
	int users = 0;
	size_t i;

	json_put_key(w, g->id);
	json_begin_object(w);
	put_group(s, w, g);
	for (i = g->first; i != TCSIM_NONE; i = s->users[i].next) {
		const struct tcsim_user *u = &s->users[i];

		if (!is_in_picker(s, u))
			continue;
		if (users++ == 0) {
			json_put_keyz(w, "users");
			json_begin_object(w);
		}
		json_put_key(w, u->id);
		json_begin_object(w);
		put_id(s, w, "user_id", u->id, OPT_USER_ID_TYPE);
		put_name(w, "name", u->name);
		put_id(s, w, "role_id", u->role, OPT_ROLE_ID_TYPE);
		json_end_object(w);
	}
	if (users)
		json_end_object(w);
	else if (!tcsim_is(s, OPT_EMPTY_USERS, "omit"))
		json_put_member_raw(w, "users", tcsim_is(s, OPT_EMPTY_USERS, "list") ? STR("[]") : STR("{}"));
	json_end_object(w);
}

void tcsim_get_people_picker(struct tcsim *s, struct tcsim_request *r)
{
	size_t i, n = 0;

	for (i = 0; i < s->group_count; i++)
		n += !s->groups[i].gone;
	json_begin_object(&r->out);
	json_put_keyz(&r->out, "groups");
	if (n == 0 && tcsim_is(s, OPT_PICKER_EMPTY_GROUPS, "list")) {
		json_put_raw(&r->out, STR("[]"));
	} else {
		json_begin_object(&r->out);
		for (i = 0; i < s->group_count; i++)
			if (!s->groups[i].gone)
				put_picker_group(s, &r->out, &s->groups[i]);
		json_end_object(&r->out);
	}
	json_end_object(&r->out);
}

void tcsim_get_me(struct tcsim *s, struct tcsim_request *r)
{
	struct tcsim_user owner;
	size_t at = tcsim_find_user(s, str_from(s->option[OPT_ME]));

	memset(&owner, 0, sizeof(owner));
	owner.id = STR("0");
	owner.email = STR("api.key.owner@example.com");
	owner.name = STR("Key owner");
	owner.group = s->root;
	if (at != TCSIM_NONE)
		owner = s->users[at];
	json_begin_object(&r->out);
	put_user(s, &r->out, &owner);
	json_put_member(&r->out, "root_group_id", s->root);
	json_put_member_raw(&r->out, "primary_group_id", owner.group.ptr ? owner.group : STR("null"));
	json_end_object(&r->out);
}

/* A day type as the document has it, but for the type of its id. */
static void put_day_type(struct tcsim *s, struct json_write *w, struct json row)
{
	struct json v;

	json_begin_object(w);
	put_id(s, w, "id", json_scalar(json_get(row, "id"), &s->scratch), OPT_DAY_TYPE_ID_TYPE);
	for (v = json_first(row); json_type(v) != JSON_NONE; v = json_next(row, v)) {
		struct str key = json_key(v, &s->scratch);

		if (str_eqz(key, "id"))
			continue;
		json_put_key(w, key);
		json_put_raw(w, json_raw(v));
	}
	json_end_object(w);
}

void tcsim_get_day_types(struct tcsim *s, struct tcsim_request *r)
{
	int list = tcsim_is(s, OPT_DAY_TYPES_SHAPE, "list");
	struct json rows, row;

	if (json_parse(s->body_doc, s->day_types, 0, &rows, NULL)) {
		tcsim_refuse(r, 500, "the day types of the account are no JSON");
		return;
	}
	json_begin_object(&r->out);
	json_put_keyz(&r->out, "data");
	if (list)
		json_begin_array(&r->out);
	else
		json_begin_object(&r->out);
	for (row = json_first(rows); json_type(row) != JSON_NONE; row = json_next(rows, row)) {
		if (!list)
			json_put_key(&r->out, json_scalar(json_get(row, "id"), &s->scratch));
		put_day_type(s, &r->out, row);
	}
	if (list)
		json_end_array(&r->out);
	else
		json_end_object(&r->out);
	json_end_object(&r->out);
}
