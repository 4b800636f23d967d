#include "golden/golden_canon.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/unicode.h"

#define US '\x1f'	/* stands between the fields of a line */
#define LINE_MAX_BYTES ((size_t)1 << 22)

/* ---- lists of texts ----------------------------------------------------------------------------- */

void texts_init(struct texts *t, struct arena *a)
{
	memset(t, 0, sizeof(*t));
	t->arena = a;
}

void texts_release(struct texts *t)
{
	free(t->items);
	texts_init(t, t->arena);
}

void texts_add(struct texts *t, struct str s)
{
	if (t->count == t->cap) {
		size_t cap = t->cap ? t->cap * 2 : 16;
		struct str *items = realloc(t->items, cap * sizeof(*items));

		if (!items)
			return;
		t->items = items;
		t->cap = cap;
	}
	t->items[t->count++] = arena_str(t->arena, s);
}

size_t texts_count(const struct texts *t, struct str s)
{
	size_t i, n = 0;

	for (i = 0; i < t->count; i++)
		n += str_eq(t->items[i], s);
	return n;
}

int texts_has(const struct texts *t, struct str s)
{
	return texts_count(t, s) > 0;
}

static int compare(const void *a, const void *b)
{
	return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

void texts_sort(struct texts *t)
{
	if (t->count)
		qsort(t->items, t->count, sizeof(*t->items), compare);
}

void texts_unique(struct texts *t)
{
	size_t i, n = 0;

	texts_sort(t);
	for (i = 0; i < t->count; i++)
		if (n == 0 || !str_eq(t->items[n - 1], t->items[i]))
			t->items[n++] = t->items[i];
	t->count = n;
}

int texts_same(const struct texts *a, const struct texts *b)
{
	size_t i;

	for (i = 0; i < a->count && i < b->count; i++)
		if (!str_eq(a->items[i], b->items[i]))
			return 0;
	return a->count == b->count;
}

/* ---- values and lines --------------------------------------------------------------------------- */

struct str canon_text(struct json v, struct arena *a)
{
	return json_type(v) == JSON_STRING ? json_text(v, a) : json_raw(v);
}

struct str canon_lower(struct str s, struct arena *a)
{
	struct buf low;
	struct str copy;

	buf_init(&low, LINE_MAX_BYTES);
	unicode_lower(&low, s);
	copy = arena_str(a, str_of(buf_text(&low), low.len));
	buf_release(&low);
	return copy;
}

static struct str member(struct json object, const char *key, struct arena *a)
{
	return canon_text(json_get(object, key), a);
}

/* Adds a line of n fields. */
static void add_line(struct texts *out, const struct str *fields, size_t n)
{
	struct buf line;
	size_t i;

	buf_init(&line, LINE_MAX_BYTES);
	for (i = 0; i < n; i++) {
		if (i)
			buf_putc(&line, US);
		buf_put_str(&line, fields[i]);
	}
	texts_add(out, str_of(buf_text(&line), line.len));
	buf_release(&line);
}

struct str op_field(struct str op, size_t n)
{
	struct str rest = op, part = STR("");
	size_t i;

	for (i = 0; i <= n; i++)
		if (!str_next(&rest, US, &part))
			return STR("");
	return part;
}

struct str op_subject(struct str op, struct arena *a)
{
	struct str whose = op_field(op, 1);

	if (!str_eqz(op_field(op, 0), "user-create"))
		return whose;
	return arena_printf(a, "new:%.*s", STR_ARG(canon_lower(whose, a)));
}

struct str op_print(struct str op, struct arena *a)
{
	struct str copy = arena_str(a, op);
	char *c = (char *)copy.ptr;
	size_t i;

	for (i = 0; i < copy.len; i++)
		if (c[i] == US)
			c[i] = ' ';
	return copy;
}

/* The members of an object, sorted by key: "key=value, ", but for one key. */
static struct str sorted_members(struct json object, const char *but, struct arena *a)
{
	struct texts lines;
	struct buf all;
	struct str copy;
	struct json v;
	size_t i;

	texts_init(&lines, a);
	for (v = json_first(object); json_type(v) != JSON_NONE; v = json_next(object, v)) {
		struct str key = json_key(v, a);

		if (!but || !str_eqz(key, but))
			texts_add(&lines, arena_printf(a, "%.*s=%.*s, ", STR_ARG(key), STR_ARG(canon_text(v, a))));
	}
	texts_unique(&lines);
	buf_init(&all, LINE_MAX_BYTES);
	for (i = 0; i < lines.count; i++)
		buf_put_str(&all, lines.items[i]);
	copy = arena_str(a, str_of(buf_text(&all), all.len));
	buf_release(&all);
	texts_release(&lines);
	return copy;
}

/* ---- names -------------------------------------------------------------------------------------- */

static struct canon_pair *find(const struct canon_map *m, struct str key)
{
	size_t i;

	for (i = 0; i < m->count; i++)
		if (str_eq(m->pairs[i].key, key))
			return &m->pairs[i];
	return NULL;
}

static void put(struct canon *c, struct canon_map *m, struct str key, struct str value)
{
	struct canon_pair *p = find(m, key);

	if (!p && m->count == m->cap) {
		size_t cap = m->cap ? m->cap * 2 : 64;
		struct canon_pair *pairs = realloc(m->pairs, cap * sizeof(*pairs));

		if (!pairs)
			return;
		m->pairs = pairs;
		m->cap = cap;
	}
	if (!p) {
		p = &m->pairs[m->count++];
		p->key = arena_str(c->arena, key);
	}
	p->value = arena_str(c->arena, value);
}

static struct str name_of(struct canon *c, const struct canon_map *m, struct str id)
{
	const struct canon_pair *p = find(m, id);

	return p ? p->value : arena_printf(c->arena, "?%.*s", STR_ARG(id));
}

static struct str group(struct canon *c, struct str id)
{
	return name_of(c, &c->group_key, id);
}

static struct str user(struct canon *c, struct str id)
{
	return name_of(c, &c->user_key, id);
}

static void add_been(struct canon *c, struct str user_id, struct str group_id)
{
	struct str fields[2];

	fields[0] = user_id;
	fields[1] = group_id;
	add_line(&c->been, fields, 2);
}

static int was_in(const struct canon *c, struct str user_id, struct str group_id)
{
	return texts_has(&c->been, arena_printf(c->arena, "%.*s%c%.*s", STR_ARG(user_id), US, STR_ARG(group_id)));
}

void canon_init(struct canon *c, struct arena *a, struct json state)
{
	struct json groups = json_get(state, "groups"), users = json_get(state, "users"), v;

	memset(c, 0, sizeof(*c));
	c->arena = a;
	texts_init(&c->been, a);
	texts_init(&c->violations, a);
	for (v = json_first(groups); json_type(v) != JSON_NONE; v = json_next(groups, v)) {
		struct str id = member(v, "group_id", a);

		put(c, &c->group_key, id, arena_printf(a, "#%.*s", STR_ARG(id)));
		put(c, &c->parent, id, member(v, "parent_id", a));
	}
	for (v = json_first(users); json_type(v) != JSON_NONE; v = json_next(users, v)) {
		struct str id = member(v, "user_id", a);

		put(c, &c->user_key, id, arena_printf(a, "#%.*s", STR_ARG(id)));
		add_been(c, id, member(v, "group_id", a));
	}
}

void canon_release(struct canon *c)
{
	free(c->group_key.pairs);
	free(c->user_key.pairs);
	free(c->parent.pairs);
	texts_release(&c->been);
	texts_release(&c->violations);
	memset(c, 0, sizeof(*c));
}

/* ---- operations --------------------------------------------------------------------------------- */

static void add_op(struct texts *ops, const char *kind, struct str a, struct str b, struct str d)
{
	struct str fields[4];

	fields[0] = str_from(kind);
	fields[1] = a;
	fields[2] = b;
	fields[3] = d;
	add_line(ops, fields, d.ptr ? 4 : b.ptr ? 3 : 2);
}

/* One call taken apart. */
struct call {
	struct str method, path, part[3];
	int parts;
	struct json body, created;
};

static const struct str none = { NULL, 0 };

static void group_created(struct canon *c, const struct call *k, struct texts *ops)
{
	struct json made = json_first(k->created), parent_id = json_get(k->body, "parent_id");
	struct str parent = json_type(parent_id) == JSON_NONE ? STR("0") : canon_text(parent_id, c->arena);
	struct str key = arena_printf(c->arena, "%.*s/%.*s", STR_ARG(group(c, parent)),
				      STR_ARG(member(k->body, "name", c->arena)));

	if (json_type(made) != JSON_NONE) {
		put(c, &c->group_key, canon_text(made, c->arena), key);
		put(c, &c->parent, canon_text(made, c->arena), parent);
	}
	add_op(ops, "group-create", key, none, none);
}

static void group_deleted(struct canon *c, const struct call *k, struct texts *ops)
{
	struct str id = member(k->body, "group_id", c->arena);
	size_t i;

	for (i = 0; i < c->parent.count; i++)
		if (str_eq(c->parent.pairs[i].value, id))
			texts_add(&c->violations, arena_printf(c->arena, "group %.*s deleted while its child %.*s exists",
							       STR_ARG(group(c, id)),
							       STR_ARG(group(c, c->parent.pairs[i].key))));
	put(c, &c->parent, id, STR("(deleted)"));
	add_op(ops, "group-delete", group(c, id), none, none);
}

static void user_changed(struct canon *c, const struct call *k, struct texts *ops)
{
	struct str who = user(c, member(k->body, "user_id", c->arena));
	struct json email = json_get(k->body, "email"), name = json_get(k->body, "display_name");

	if (json_type(email) != JSON_NONE)
		add_op(ops, "user-email", who, canon_text(email, c->arena), none);
	if (json_type(name) != JSON_NONE)
		add_op(ops, "user-name", who, canon_text(name, c->arena), none);
}

static void user_created(struct canon *c, const struct call *k, struct json email, struct json made, struct texts *ops)
{
	struct str address = canon_text(email, c->arena), id = canon_text(made, c->arena);

	if (json_type(made) == JSON_STRING) {
		put(c, &c->user_key, id,
		    arena_printf(c->arena, "new:%.*s", STR_ARG(canon_lower(address, c->arena))));
		add_been(c, id, k->part[1]);
	}
	add_op(ops, "user-create", address, group(c, k->part[1]), sorted_members(k->body, "email", c->arena));
}

static void users_created(struct canon *c, const struct call *k, struct texts *ops)
{
	struct json emails = json_get(k->body, "email"), email, made = json_first(k->created);

	if (json_type(emails) != JSON_ARRAY) {
		user_created(c, k, emails, made, ops);
		return;
	}
	for (email = json_first(emails); json_type(email) != JSON_NONE; email = json_next(emails, email)) {
		user_created(c, k, email, made, ops);
		if (json_type(made) != JSON_NONE)
			made = json_next(k->created, made);
	}
}

static void member_changed(struct canon *c, const struct call *k, struct json id, struct texts *ops)
{
	struct json to = json_get(k->body, "group_id"), role = json_get(k->body, "role_id");
	struct str uid = canon_text(id, c->arena);

	if (!was_in(c, uid, k->part[1]))
		texts_add(&c->violations, arena_printf(c->arena, "user %.*s changed through group %.*s, where he never was",
						       STR_ARG(user(c, uid)), STR_ARG(group(c, k->part[1]))));
	if (json_type(to) != JSON_NONE) {
		add_been(c, uid, canon_text(to, c->arena));
		add_op(ops, "user-move", user(c, uid), group(c, canon_text(to, c->arena)), none);
	}
	if (json_type(role) != JSON_NONE)
		add_op(ops, "user-role", user(c, uid), canon_text(role, c->arena), none);
}

static void members_changed(struct canon *c, const struct call *k, struct texts *ops)
{
	struct json ids = json_get(k->body, "user_id"), id;

	if (json_type(ids) != JSON_ARRAY) {
		member_changed(c, k, ids, ops);
		return;
	}
	for (id = json_first(ids); json_type(id) != JSON_NONE; id = json_next(ids, id))
		member_changed(c, k, id, ops);
}

static void setting_changed(struct canon *c, const struct call *k, struct texts *ops)
{
	struct json value = json_get(k->body, "value");
	struct str text = json_type(value) == JSON_NULL ? STR("") : canon_text(value, c->arena);

	add_op(ops, "setting", user(c, k->part[1]), member(k->body, "name", c->arena), text.ptr ? text : STR(""));
}

static struct str day_line(struct json row, struct arena *a)
{
	return arena_printf(a, "%.*s/%.*s/%.*s", STR_ARG(member(row, "dayTypeId", a)),
			    STR_ARG(json_raw(json_get(row, "shouldBe"))), STR_ARG(json_raw(json_get(row, "vacationTime"))));
}

static void attendance_changed(struct canon *c, const struct call *k, struct texts *ops)
{
	struct json row;

	for (row = json_first(k->body); json_type(row) != JSON_NONE; row = json_next(k->body, row))
		add_op(ops, "attendance", user(c, k->part[1]), member(row, "day", c->arena), day_line(row, c->arena));
}

static void other(struct canon *c, const struct call *k, struct texts *ops)
{
	add_op(ops, "other", arena_printf(c->arena, "%.*s %.*s", STR_ARG(k->method), STR_ARG(k->path)),
	       json_raw(k->body), none);
}

/* Which call is which; NULL: any. */
static const struct {
	const char *method;
	int parts;
	const char *first, *last;
	void (*read)(struct canon *, const struct call *, struct texts *);
} calls_known[] = {
	{ "PUT", 1, "group", NULL, group_created },
	{ "DELETE", 1, "group", NULL, group_deleted },
	{ "POST", 1, "user", NULL, user_changed },
	{ "POST", 3, "group", "user", users_created },
	{ "PUT", 3, "group", "user", members_changed },
	{ NULL, 3, "user", "setting", setting_changed },
	{ NULL, 3, "attendance", NULL, attendance_changed },
	{ NULL, 0, NULL, NULL, other },
};

static void read_call(struct canon *c, struct json v, struct texts *ops)
{
	struct str rest, part;
	struct call k;
	size_t i;

	memset(&k, 0, sizeof(k));
	k.method = member(v, "method", c->arena);
	k.path = rest = member(v, "path", c->arena);
	while (rest.len && str_next(&rest, '/', &part)) {
		if (k.parts < 3)
			k.part[k.parts] = part;
		k.parts++;
	}
	k.body = json_get(v, "body");
	k.created = json_get(v, "created");
	for (i = 0; calls_known[i].read != other; i++) {
		if ((!calls_known[i].method || str_eqz(k.method, calls_known[i].method)) && k.parts == calls_known[i].parts &&
		    str_eqz(k.part[0], calls_known[i].first) &&
		    (!calls_known[i].last || str_eqz(k.part[2], calls_known[i].last)))
			break;
	}
	calls_known[i].read(c, &k, ops);
}

void canon_ops(struct canon *c, struct json calls, struct texts *ops)
{
	struct json v;
	int64_t status;

	for (v = json_first(calls); json_type(v) != JSON_NONE; v = json_next(calls, v))
		if (!json_int(json_get(v, "status"), &status) && status == 200)
			read_call(c, v, ops);
}

/* ---- accounts ----------------------------------------------------------------------------------- */

const char *const canon_user_fields[CANON_USER_FIELDS] = { "email", "display_name", "group", "role_id", "settings" };

static void add_user(struct canon *c, struct json v, struct canon_state *out)
{
	struct str key = user(c, member(v, "user_id", c->arena)), fields[3];
	size_t i;

	texts_add(&out->users, key);
	fields[0] = key;
	for (i = 0; i < CANON_USER_FIELDS; i++) {
		const char *name = canon_user_fields[i];

		fields[1] = str_from(name);
		if (!strcmp(name, "group"))
			fields[2] = group(c, member(v, "group_id", c->arena));
		else if (!strcmp(name, "settings"))
			fields[2] = sorted_members(json_get(v, "settings"), NULL, c->arena);
		else
			fields[2] = member(v, name, c->arena);
		add_line(&out->fields, fields, 3);
	}
}

static void add_group(struct canon *c, struct json v, struct canon_state *out)
{
	struct json parent = json_get(v, "parent_id");
	struct str fields[3];

	fields[0] = group(c, member(v, "group_id", c->arena));
	fields[1] = member(v, "name", c->arena);
	fields[2] = json_type(parent) == JSON_NULL ? STR("-") : group(c, canon_text(parent, c->arena));
	add_line(&out->groups, fields, 3);
}

static void add_attendance(struct canon *c, struct json days, struct canon_state *out)
{
	struct str fields[3];
	struct json day;

	fields[0] = user(c, json_key(days, c->arena));
	for (day = json_first(days); json_type(day) != JSON_NONE; day = json_next(days, day)) {
		fields[1] = json_key(day, c->arena);
		fields[2] = day_line(day, c->arena);
		add_line(&out->attendance, fields, 3);
	}
}

void canon_state(struct canon *c, struct json state, struct canon_state *out)
{
	struct json groups = json_get(state, "groups"), users = json_get(state, "users");
	struct json attendance = json_get(state, "attendance"), v;

	texts_init(&out->groups, c->arena);
	texts_init(&out->users, c->arena);
	texts_init(&out->fields, c->arena);
	texts_init(&out->attendance, c->arena);
	for (v = json_first(groups); json_type(v) != JSON_NONE; v = json_next(groups, v))
		add_group(c, v, out);
	for (v = json_first(users); json_type(v) != JSON_NONE; v = json_next(users, v))
		add_user(c, v, out);
	for (v = json_first(attendance); json_type(v) != JSON_NONE; v = json_next(attendance, v))
		add_attendance(c, v, out);
	texts_sort(&out->groups);
	texts_unique(&out->users);
	texts_sort(&out->attendance);
}

void canon_state_release(struct canon_state *s)
{
	texts_release(&s->groups);
	texts_release(&s->users);
	texts_release(&s->fields);
	texts_release(&s->attendance);
}

struct str canon_user_field(const struct canon_state *s, struct str name, const char *field)
{
	size_t i;

	for (i = 0; i < s->fields.count; i++)
		if (str_eq(op_field(s->fields.items[i], 0), name) && str_eqz(op_field(s->fields.items[i], 1), field))
			return op_field(s->fields.items[i], 2);
	return STR("");
}

/* ---- queue files -------------------------------------------------------------------------------- */

/* "none" for what is missing, null or empty. */
static struct str optional(struct json v, struct arena *a)
{
	struct str text = canon_text(v, a);

	return json_type(v) == JSON_NONE || json_type(v) == JSON_NULL || !text.len ? STR("none") : text;
}

void canon_pending(struct canon *c, struct json user_settings, struct json new_users, struct texts *out)
{
	struct json v;

	for (v = json_first(user_settings); json_type(v) != JSON_NONE; v = json_next(user_settings, v))
		texts_add(out, arena_printf(c->arena, "settings of %.*s, %.*s: %.*s", STR_ARG(user(c, json_key(v, c->arena))),
					    STR_ARG(canon_lower(member(v, "email", c->arena), c->arena)),
					    STR_ARG(sorted_members(json_get(v, "settings"), NULL, c->arena))));
	for (v = json_first(new_users); json_type(v) != JSON_NONE; v = json_next(new_users, v))
		texts_add(out, arena_printf(c->arena, "new user %.*s, %.*s in %.*s, %.*s, role %.*s, id %.*s",
					    STR_ARG(member(v, "email", c->arena)), STR_ARG(member(v, "name", c->arena)),
					    STR_ARG(group(c, member(v, "group_id", c->arena))),
					    STR_ARG(optional(json_get(v, "real_email"), c->arena)),
					    STR_ARG(member(v, "role", c->arena)),
					    STR_ARG(optional(json_get(v, "external_id"), c->arena))));
	texts_sort(out);
}
