#include "sandbox/tcsim_int.h"

#include <string.h>

#include "base/date.h"

#define MAX_DAYS 100	/* between the first and the last of one attendance call */

/* ---- parts of a body ------------------------------------------------------------------------- */

/* An id from a body or a path, as its number is written; ptr NULL when it is none. */
static struct str id_of(struct tcsim *s, struct str text)
{
	int64_t n;

	if (str_to_i64(str_trim(text), &n))
		return str_of(NULL, 0);
	return arena_printf(&s->scratch, "%lld", (long long)n);
}

static struct str id_in(struct tcsim *s, struct json v)
{
	if (json_type(v) != JSON_STRING && json_type(v) != JSON_NUMBER)
		return str_of(NULL, 0);
	return id_of(s, json_scalar(v, &s->scratch));
}

/* The group or user of an id, or TCSIM_NONE with the answer set. */
static size_t need_group(struct tcsim *s, struct tcsim_request *r, struct str id)
{
	size_t at;

	if (!id.ptr) {
		tcsim_refuse(r, 400, "bad group id");
		return TCSIM_NONE;
	}
	at = tcsim_find_group(s, id);
	if (at == TCSIM_NONE)
		tcsim_refuse(r, 404, "Group %.*s not found", STR_ARG(id));
	return at;
}

static size_t need_user(struct tcsim *s, struct tcsim_request *r, struct str id)
{
	size_t at = id.ptr ? tcsim_find_user(s, id) : TCSIM_NONE;

	if (!id.ptr)
		tcsim_refuse(r, 400, "bad user id");
	else if (at == TCSIM_NONE)
		tcsim_refuse(r, 404, "User with specified ID wasn't found");
	return at;
}

static int is_text(struct json v)
{
	return json_type(v) == JSON_STRING;
}

/* ---- groups ---------------------------------------------------------------------------------- */

/* Levels from the top to this group, itself included. */
static int64_t depth_of(const struct tcsim *s, struct str id)
{
	int64_t depth = 1;
	size_t at = tcsim_find_group(s, id);

	while (at != TCSIM_NONE && s->groups[at].parent.ptr && depth < 1000) {
		at = tcsim_find_group(s, s->groups[at].parent);
		depth += at != TCSIM_NONE;
	}
	return depth;
}

static void answer_group(struct tcsim *s, struct tcsim_request *r, const struct tcsim_group *g)
{
	r->created = arena_printf(&s->texts, "[\"%.*s\"]", STR_ARG(g->id));
	json_begin_object(&r->out);
	json_put_keyz(&r->out, "group_id");
	if (tcsim_is(s, OPT_CREATED_ID_TYPE, "int"))
		json_put_raw(&r->out, g->id);
	else
		json_put_text(&r->out, g->id);
	json_put_member(&r->out, "name", g->name);
	json_put_member(&r->out, "admin_id", STR("0"));
	json_put_member(&r->out, "parent_id", g->parent);
	json_put_member(&r->out, "root_group_id", s->root);
	json_end_object(&r->out);
}

void tcsim_create_group(struct tcsim *s, struct tcsim_request *r)
{
	struct json name = json_get(r->body, "name"), parent_id = json_get(r->body, "parent_id");
	struct str parent = json_type(parent_id) == JSON_NONE ? STR("0") : id_in(s, parent_id);
	int64_t max_depth = tcsim_number(s, OPT_MAX_DEPTH);
	size_t at;

	if (s->forbidden_left > 0) {
		s->forbidden_left--;
		tcsim_refuse(r, 403, "You can not change this group");
	} else if (!is_text(name) || !json_text(name, &s->scratch).len) {
		tcsim_refuse(r, 400, "name missing");
	} else if (!parent.ptr) {
		tcsim_refuse(r, 400, "bad parent id");
	} else if (str_eqz(parent, "0")) {
		tcsim_refuse(r, 403, "You can not change this group");
	} else if (need_group(s, r, parent) == TCSIM_NONE) {
		return;
	} else if (max_depth && depth_of(s, parent) + 1 > max_depth) {
		tcsim_refuse(r, 404, "You can create groups only up to level %lld", (long long)max_depth);
	} else {
		at = tcsim_add_group(s, tcsim_keep_number(s, s->next_group++), json_text(name, &s->scratch), parent);
		if (at == TCSIM_NONE)
			tcsim_refuse(r, 500, "out of memory");
		else
			answer_group(s, r, &s->groups[at]);
	}
}

void tcsim_delete_group(struct tcsim *s, struct tcsim_request *r)
{
	size_t at = need_group(s, r, id_in(s, json_get(r->body, "group_id"))), i;
	struct tcsim_group *g;

	if (at == TCSIM_NONE)
		return;
	g = &s->groups[at];
	if (str_eq(g->id, s->root) || !g->parent.ptr || str_eqz(g->parent, "0") ||
	    tcsim_lists(s, OPT_REFUSE_DELETE, g->id, 0)) {
		tcsim_refuse(r, 403, "You can not remove this group");
		return;
	}
	for (i = 0; i < s->group_count; i++)
		if (s->groups[i].parent.ptr && str_eq(s->groups[i].parent, g->id))
			s->groups[i].parent = s->root;
	while (g->first != TCSIM_NONE)
		tcsim_move(s, g->first, s->root);
	g->gone = 1;
	tcsim_map_put(&s->group_by_id, g->id, TCSIM_NONE);
	r->empty = 1;
}

/* ---- users ----------------------------------------------------------------------------------- */

static struct str first_name(const struct tcsim *s, struct str email)
{
	if (tcsim_is(s, OPT_NEW_USER_NAME, "email"))
		return email;
	if (tcsim_is(s, OPT_NEW_USER_NAME, "null"))
		return str_of(NULL, 0);
	if (tcsim_is(s, OPT_NEW_USER_NAME, "empty"))
		return STR("");
	return str_sub(email, 0, str_find_char(email, 0, '@'));
}

/* The new user's place, or TCSIM_NONE. */
static size_t create_user(struct tcsim *s, struct str group, struct str email)
{
	size_t at = tcsim_add_user(s, tcsim_keep_number(s, s->next_user), email, first_name(s, email), STR("3"));

	if (at == TCSIM_NONE)
		return at;
	s->next_user++;
	tcsim_move(s, at, group);
	tcsim_set(s, at, STR("added_manually"), STR("1"));
	s->users[at].hidden = tcsim_number(s, OPT_USER_VISIBLE_DELAY);
	return at;
}

/* 0, or -1 with the answer set, when an address is none or is taken. */
static int check_emails(struct tcsim *s, struct tcsim_request *r, struct json emails)
{
	struct json one;
	int n = 0;

	for (one = json_first(emails); json_type(one) != JSON_NONE; one = json_next(emails, one), n++) {
		struct str email = json_text(one, &s->scratch);

		if (!is_text(one) || !str_trim(email).len)
			n = -1;
		if (n < 0)
			break;
	}
	if (n <= 0) {
		tcsim_refuse(r, 400, "invalid email ");
		return -1;
	}
	if (!tcsim_is(s, OPT_DUPLICATE_EMAIL, "refuse"))
		return 0;
	for (one = json_first(emails); json_type(one) != JSON_NONE; one = json_next(emails, one)) {
		struct str email = json_text(one, &s->scratch);

		if (tcsim_find_email(s, email) != TCSIM_NONE) {
			tcsim_refuse(r, 400, "User %.*s already exists", STR_ARG(email));
			return -1;
		}
	}
	return 0;
}

/* Invites one address: adds its number, or null, to the list of what was created, and its status to the answer. */
static void invite(struct tcsim *s, struct tcsim_request *r, struct str group, struct str email, struct buf *created)
{
	const char *status = "Add to group";
	size_t at = TCSIM_NONE;

	if (tcsim_find_email(s, email) != TCSIM_NONE)
		status = "Already in account";
	else if (tcsim_lists(s, OPT_IGNORED_CREATES, email, 1))
		status = "Invite";
	else
		at = create_user(s, group, email);
	if (created->len > 1)
		buf_putc(created, ',');
	if (at == TCSIM_NONE)
		buf_puts(created, "null");
	else
		json_quote(created, s->users[at].id);
	json_put_key(&r->out, email);
	json_begin_object(&r->out);
	json_put_member(&r->out, "status", str_from(status));
	json_end_object(&r->out);
}

static void answer_one_user(struct tcsim *s, struct tcsim_request *r, struct str email)
{
	size_t at = tcsim_find_email(s, email);

	json_write_release(&r->out);
	json_write_init(&r->out, 0, NULL, NULL, TCSIM_ANSWER_MAX);
	json_begin_object(&r->out);
	json_put_keyz(&r->out, "user_id");
	if (at == TCSIM_NONE)
		json_put_null(&r->out);
	else if (tcsim_is(s, OPT_USER_ID_TYPE, "int"))
		json_put_raw(&r->out, s->users[at].id);
	else
		json_put_text(&r->out, s->users[at].id);
	json_put_member(&r->out, "email", email);
	json_end_object(&r->out);
}

void tcsim_add_users(struct tcsim *s, struct tcsim_request *r)
{
	struct str group = id_of(s, r->parts[1]), email = STR("");
	struct json emails = json_get(r->body, "email"), one;
	struct buf created;

	if (need_group(s, r, group) == TCSIM_NONE)
		return;
	if (is_text(emails))	/* one address alone: a list of one */
		json_parse(s->body_doc, arena_printf(&s->scratch, "[%.*s]", STR_ARG(json_raw(emails))), 0, &emails, NULL);
	if (json_type(emails) != JSON_ARRAY) {
		tcsim_refuse(r, 400, "invalid email ");
		return;
	}
	if (check_emails(s, r, emails))
		return;
	buf_init(&created, 1 << 20);
	buf_putc(&created, '[');
	json_begin_object(&r->out);
	json_put_keyz(&r->out, "statuses");
	json_begin_object(&r->out);
	for (one = json_first(emails); json_type(one) != JSON_NONE; one = json_next(emails, one)) {
		email = json_text(one, &s->scratch);
		invite(s, r, group, email, &created);
	}
	json_end_object(&r->out);
	json_end_object(&r->out);
	buf_putc(&created, ']');
	r->created = arena_str(&s->texts, buf_str(&created));
	buf_release(&created);
	if (tcsim_is(s, OPT_ADD_USER_SHAPE, "user"))
		answer_one_user(s, r, email);
}

void tcsim_update_user(struct tcsim *s, struct tcsim_request *r)
{
	struct json id = json_get(r->body, "user_id"), email = json_get(r->body, "email");
	struct json name = json_get(r->body, "display_name");
	struct str address = json_text(email, &s->scratch), text;
	size_t at, owner;

	if (json_type(id) == JSON_NONE) {
		tcsim_refuse(r, 403, "You can not change this user");
		return;
	}
	at = need_user(s, r, id_in(s, id));
	if (at == TCSIM_NONE)
		return;
	if (json_type(email) != JSON_NONE) {
		owner = tcsim_find_email(s, address);
		if (!is_text(email) || !str_trim(address).len) {
			tcsim_refuse(r, 400, "invalid email ");
			return;
		}
		if (owner != TCSIM_NONE && owner != at) {
			tcsim_refuse(r, 403, "E-mail %.*s is already in use", STR_ARG(address));
			return;
		}
		tcsim_rename_email(s, at, address);
	} else if (json_type(name) == JSON_NONE) {
		tcsim_refuse(r, 400, "You must send valid fields to change");
		return;
	}
	if (json_type(name) != JSON_NONE) {
		text = json_scalar(name, &s->scratch);
		s->users[at].name = tcsim_keep(s, json_type(name) == JSON_NULL ? str_of(NULL, 0) : text);
	}
	r->empty = 1;
}

/* One user moved or given a role, or with neither only looked up. 0, or -1 with the answer set. */
static int change_member(struct tcsim *s, struct tcsim_request *r, struct json id, struct str group, struct str role)
{
	size_t at = need_user(s, r, id_in(s, id));

	if (at == TCSIM_NONE)
		return -1;
	if (group.ptr)
		tcsim_move(s, at, group);
	if (role.ptr)
		s->users[at].role = tcsim_keep(s, role);
	return 0;
}

/* The same for one id or a list of them. */
static int change_members(struct tcsim *s, struct tcsim_request *r, struct json ids, struct str group, struct str role)
{
	struct json one;

	if (json_type(ids) != JSON_ARRAY)
		return change_member(s, r, ids, group, role);
	for (one = json_first(ids); json_type(one) != JSON_NONE; one = json_next(ids, one))
		if (change_member(s, r, one, group, role))
			return -1;
	return 0;
}

static void put_user_ids(struct tcsim *s, struct json_write *w, struct json ids)
{
	struct json one;

	json_put_keyz(w, "user_id");
	json_begin_array(w);
	if (json_type(ids) != JSON_ARRAY)
		json_put_raw(w, id_in(s, ids));
	for (one = json_first(ids); json_type(ids) == JSON_ARRAY && json_type(one) != JSON_NONE; one = json_next(ids, one))
		json_put_raw(w, id_in(s, one));
	json_end_array(w);
}

void tcsim_put_group_user(struct tcsim *s, struct tcsim_request *r)
{
	struct json ids = json_get(r->body, "user_id"), group_id = json_get(r->body, "group_id");
	struct json role_id = json_get(r->body, "role_id");
	struct str none = str_of(NULL, 0), group = none, role = none, through = id_of(s, r->parts[1]);
	int64_t number;

	if (need_group(s, r, through) == TCSIM_NONE || change_members(s, r, ids, none, none))
		return;
	if ((json_type(group_id) != JSON_NONE) == (json_type(role_id) != JSON_NONE)) {
		/* Both at once is not documented to work, so it is refused here. */
		tcsim_refuse(r, 400, "send either group_id or role_id");
		return;
	}
	if (json_type(group_id) != JSON_NONE) {
		group = id_in(s, group_id);
		if (need_group(s, r, group) == TCSIM_NONE)
			return;
	} else {
		role = json_scalar(role_id, &s->scratch);
		if (str_to_i64(role, &number) || role.len != 1 || !strchr("1235", role.ptr[0])) {
			tcsim_refuse(r, 400, "bad role");
			return;
		}
	}
	change_members(s, r, ids, group, role);
	json_begin_object(&r->out);
	put_user_ids(s, &r->out, ids);
	json_put_member_raw(&r->out, "role_id", role.ptr ? role : STR("0"));
	json_put_member_raw(&r->out, "group_id", group.ptr ? group : through);
	json_end_object(&r->out);
}

void tcsim_put_setting(struct tcsim *s, struct tcsim_request *r)
{
	struct json name = json_get(r->body, "name");
	struct str text = json_text(name, &s->scratch);
	struct str value = json_scalar(json_get(r->body, "value"), &s->scratch);
	size_t at = need_user(s, r, id_of(s, r->parts[1]));

	if (at == TCSIM_NONE)
		return;
	if (!is_text(name) || !text.len) {
		tcsim_refuse(r, 403, "Setting cannot be changed");
		return;
	}
	tcsim_set(s, at, text, value.ptr ? value : STR(""));
	json_begin_object(&r->out);
	json_put_member(&r->out, "userId", s->users[at].id);
	json_put_member(&r->out, "name", text);
	json_put_member(&r->out, "value", value);
	json_end_object(&r->out);
}

/* ---- attendance ------------------------------------------------------------------------------ */

static int is_day_type(struct tcsim *s, struct str id)
{
	struct json_doc *doc = json_doc_new(MAX_JSON_TOKENS, NULL);
	struct json rows, row;
	int found = 0;

	if (doc && !json_parse(doc, s->day_types, 0, &rows, NULL))
		for (row = json_first(rows); json_type(row) != JSON_NONE && !found; row = json_next(rows, row))
			found = str_eq(json_scalar(json_get(row, "id"), &s->scratch), id);
	json_doc_free(doc);
	return found;
}

/* 0 when every row is good and all lie near enough to each other. */
static int check_days(struct tcsim *s, struct json body)
{
	int64_t day, first = INT64_MAX, last = INT64_MIN;
	struct json row;

	if (json_type(body) != JSON_ARRAY || json_count(body) == 0)
		return -1;
	for (row = json_first(body); json_type(row) != JSON_NONE; row = json_next(body, row)) {
		if (date_parse(json_scalar(json_get(row, "day"), &s->scratch), &day) ||
		    !is_day_type(s, json_scalar(json_get(row, "dayTypeId"), &s->scratch)))
			return -1;
		first = day < first ? day : first;
		last = day > last ? day : last;
	}
	return last - first > MAX_DAYS ? -1 : 0;
}

void tcsim_post_attendance(struct tcsim *s, struct tcsim_request *r)
{
	size_t at = need_user(s, r, id_of(s, r->parts[1]));
	struct tcsim_day d;
	struct json row;

	if (at == TCSIM_NONE)
		return;
	if (check_days(s, r->body)) {
		tcsim_refuse(r, 400, "Invalid payload.");
		return;
	}
	for (row = json_first(r->body); json_type(row) != JSON_NONE; row = json_next(r->body, row)) {
		d.user = s->users[at].id;
		d.day = json_scalar(json_get(row, "day"), &s->scratch);
		d.type = json_scalar(json_get(row, "dayTypeId"), &s->scratch);
		d.should_be = json_raw(json_get(row, "shouldBe"));
		d.vacation = json_raw(json_get(row, "vacationTime"));
		tcsim_put_day(s, &d);
	}
	tcsim_refuse(r, 200, "Attendance was updated successfully.");
}
