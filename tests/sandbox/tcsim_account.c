#include "sandbox/tcsim_int.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/unicode.h"

#define TEXTS_MAX ((size_t)1 << 31)	/* bytes of all texts of an account */
#define SCRATCH_MAX ((size_t)1 << 26)	/* bytes of texts of one request or record */

#define DAY_TYPE(id, slug, name, off, by_default, color) \
	"{\"id\": " id ", \"slug\": \"" slug "\", \"name\": \"" name "\", \"isDayOff\": " off ", \"isDefault\": " by_default \
	", \"isActive\": true, \"options\": {\"color\": \"" color "\"}}"
#define DAY_TYPES "[" DAY_TYPE("1", "normal", "Working Day", "false", "true", "eeeeee") ", " \
	DAY_TYPE("2", "vacation", "Vacation", "false", "false", "88cc88") ", " \
	DAY_TYPE("3", "sick", "Sick Leave", "true", "false", "cc8888") "]"

/* ---- maps ------------------------------------------------------------------------------------ */

static size_t hash(struct str key)
{
	uint64_t h = 14695981039346656037u;	/* FNV-1a */
	size_t i;

	for (i = 0; i < key.len; i++)
		h = (h ^ (unsigned char)key.ptr[i]) * 1099511628211u;
	return (size_t)(h ^ h >> 32);
}

/* Where the key is, or the free place where it would be. cap is a power of two and never full. */
static size_t slot(const struct tcsim_map *m, struct str key)
{
	size_t i = hash(key) & (m->cap - 1);

	while (m->entries[i].key.ptr && !str_eq(m->entries[i].key, key))
		i = (i + 1) & (m->cap - 1);
	return i;
}

size_t tcsim_map_get(const struct tcsim_map *m, struct str key)
{
	size_t i;

	if (!m->cap)
		return TCSIM_NONE;
	i = slot(m, key);
	return m->entries[i].key.ptr ? m->entries[i].value : TCSIM_NONE;
}

static int grow(struct tcsim_map *m)
{
	struct tcsim_map larger = { NULL, m->cap ? m->cap * 2 : 64, m->used };
	size_t i;

	larger.entries = calloc(larger.cap, sizeof(*larger.entries));
	if (!larger.entries)
		return -1;
	for (i = 0; i < m->cap; i++)
		if (m->entries[i].key.ptr)
			larger.entries[slot(&larger, m->entries[i].key)] = m->entries[i];
	free(m->entries);
	*m = larger;
	return 0;
}

int tcsim_map_put(struct tcsim_map *m, struct str key, size_t value)
{
	size_t i;

	if (m->used * 2 >= m->cap && grow(m))
		return -1;
	i = slot(m, key);
	m->used += !m->entries[i].key.ptr;
	m->entries[i].key = key;
	m->entries[i].value = value;
	return 0;
}

void tcsim_map_release(struct tcsim_map *m)
{
	free(m->entries);
	memset(m, 0, sizeof(*m));
}

/* ---- life ------------------------------------------------------------------------------------ */

struct tcsim *tcsim_new(struct error *e)
{
	struct tcsim *s = calloc(1, sizeof(*s));

	if (!s) {
		error_memory(e);
		return NULL;
	}
	arena_init(&s->texts, TEXTS_MAX);
	arena_init(&s->scratch, SCRATCH_MAX);
	buf_init(&s->notes, SCRATCH_MAX);
	s->body_doc = json_doc_new(MAX_JSON_TOKENS, e);
	if (!s->body_doc) {
		free(s);
		return NULL;
	}
	tcsim_reset(s);
	return s;
}

void tcsim_clear(struct tcsim *s)
{
	free(s->calls);
	s->calls = NULL;
	s->call_count = 0;
	s->stuck = 0;
	s->requests = s->reads = s->max_in_flight = 0;
	tcsim_map_release(&s->connections);
	free(s->window);
	s->window = NULL;
	s->window_at = 0;
	s->forbidden_left = tcsim_number(s, OPT_FORBID_GROUP_CREATES);
}

static void forget_account(struct tcsim *s)
{
	tcsim_map_release(&s->group_by_id);
	tcsim_map_release(&s->user_by_id);
	tcsim_map_release(&s->user_by_email);
	tcsim_map_release(&s->day_by_key);
	free(s->groups);
	free(s->users);
	free(s->days);
	s->groups = NULL;
	s->users = NULL;
	s->days = NULL;
	s->group_count = s->user_count = s->day_count = 0;
	s->root = STR("0");
	s->day_types = STR(DAY_TYPES);
	s->next_group = s->next_user = 0;
	arena_release(&s->texts);
}

void tcsim_reset(struct tcsim *s)
{
	tcsim_options_default(s);
	tcsim_clear(s);
	buf_reset(&s->notes);
	forget_account(s);
}

struct str tcsim_notes(const struct tcsim *s)
{
	return buf_str(&s->notes);
}

void tcsim_free(struct tcsim *s)
{
	size_t i;

	if (!s)
		return;
	http_server_free(s->server);
	tcsim_clear(s);
	forget_account(s);
	for (i = 0; i < TCSIM_OPTIONS; i++)
		free(s->option[i]);
	arena_release(&s->scratch);
	buf_release(&s->notes);
	json_doc_free(s->body_doc);
	free(s);
}

struct str tcsim_keep(struct tcsim *s, struct str text)
{
	if (!text.ptr)
		return text;
	text = arena_str(&s->texts, text);
	return text.ptr ? text : STR("");
}

struct str tcsim_keep_number(struct tcsim *s, int64_t n)
{
	return arena_printf(&s->texts, "%lld", (long long)n);
}

/* ---- groups and users ------------------------------------------------------------------------ */

size_t tcsim_find_group(const struct tcsim *s, struct str id)
{
	return tcsim_map_get(&s->group_by_id, id);
}

size_t tcsim_find_user(const struct tcsim *s, struct str id)
{
	return tcsim_map_get(&s->user_by_id, id);
}

static struct str lower(struct arena *a, struct str text)
{
	struct buf low;
	struct str copy;

	buf_init(&low, 1 << 20);
	unicode_lower(&low, text);
	copy = arena_str(a, str_of(buf_text(&low), low.len));
	buf_release(&low);
	return copy;
}

size_t tcsim_find_email(struct tcsim *s, struct str email)
{
	return tcsim_map_get(&s->user_by_email, lower(&s->scratch, email));
}

/* Room for one more element; the array grows by doubling at powers of two. NULL when out of memory. */
static void *room(void *array, size_t count, size_t size)
{
	if (count & (count - 1) || (count == 0 && array))
		return array;
	return realloc(array, (count ? count * 2 : 1) * size);
}

size_t tcsim_add_group(struct tcsim *s, struct str id, struct str name, struct str parent)
{
	struct tcsim_group *groups = room(s->groups, s->group_count, sizeof(*groups)), *g;

	if (!groups)
		return TCSIM_NONE;
	s->groups = groups;
	g = &groups[s->group_count];
	memset(g, 0, sizeof(*g));
	g->id = tcsim_keep(s, id);
	g->name = tcsim_keep(s, name);
	g->parent = tcsim_keep(s, parent);
	g->first = g->last = TCSIM_NONE;
	if (tcsim_map_put(&s->group_by_id, g->id, s->group_count))
		return TCSIM_NONE;
	return s->group_count++;
}

size_t tcsim_add_user(struct tcsim *s, struct str id, struct str email, struct str name, struct str role)
{
	struct tcsim_user *users = room(s->users, s->user_count, sizeof(*users)), *u;

	if (!users)
		return TCSIM_NONE;
	s->users = users;
	u = &users[s->user_count];
	memset(u, 0, sizeof(*u));
	u->id = tcsim_keep(s, id);
	u->email = tcsim_keep(s, email);
	u->name = tcsim_keep(s, name);
	u->role = tcsim_keep(s, role);
	u->next = u->previous = TCSIM_NONE;
	if (tcsim_map_put(&s->user_by_id, u->id, s->user_count) ||
	    tcsim_map_put(&s->user_by_email, lower(&s->texts, email), s->user_count))
		return TCSIM_NONE;
	return s->user_count++;
}

static void leave(struct tcsim *s, size_t user)
{
	struct tcsim_user *u = &s->users[user];
	size_t at = u->group.ptr ? tcsim_find_group(s, u->group) : TCSIM_NONE;

	if (at != TCSIM_NONE) {
		if (u->previous != TCSIM_NONE)
			s->users[u->previous].next = u->next;
		else if (s->groups[at].first == user)
			s->groups[at].first = u->next;
		if (u->next != TCSIM_NONE)
			s->users[u->next].previous = u->previous;
		else if (s->groups[at].last == user)
			s->groups[at].last = u->previous;
	}
	u->next = u->previous = TCSIM_NONE;
}

void tcsim_move(struct tcsim *s, size_t user, struct str group)
{
	struct tcsim_user *u = &s->users[user];
	size_t at = tcsim_find_group(s, group);

	leave(s, user);
	u->group = at == TCSIM_NONE ? tcsim_keep(s, group) : s->groups[at].id;
	if (at == TCSIM_NONE)
		return;
	u->previous = s->groups[at].last;
	if (u->previous != TCSIM_NONE)
		s->users[u->previous].next = user;
	else
		s->groups[at].first = user;
	s->groups[at].last = user;
}

void tcsim_rename_email(struct tcsim *s, size_t user, struct str email)
{
	struct tcsim_user *u = &s->users[user];

	tcsim_map_put(&s->user_by_email, lower(&s->texts, u->email), TCSIM_NONE);
	u->email = tcsim_keep(s, email);
	tcsim_map_put(&s->user_by_email, lower(&s->texts, email), user);
}

/* ---- settings and attendance ----------------------------------------------------------------- */

struct str tcsim_setting(const struct tcsim_user *u, struct str name)
{
	const struct tcsim_setting *v;

	for (v = u->settings; v; v = v->next)
		if (str_eq(v->name, name))
			return v->value;
	return str_of(NULL, 0);
}

void tcsim_set(struct tcsim *s, size_t user, struct str name, struct str value)
{
	struct tcsim_setting **at = &s->users[user].settings;

	while (*at && !str_eq((*at)->name, name))
		at = &(*at)->next;
	if (!*at) {
		*at = arena_alloc(&s->texts, sizeof(**at));
		if (!*at)
			return;
		(*at)->name = tcsim_keep(s, name);
	}
	(*at)->value = tcsim_keep(s, value);
}

int tcsim_put_day(struct tcsim *s, const struct tcsim_day *day)
{
	struct str key = arena_printf(&s->texts, "%.*s %.*s", STR_ARG(day->user), STR_ARG(day->day));
	size_t at = key.ptr ? tcsim_map_get(&s->day_by_key, key) : TCSIM_NONE;
	struct tcsim_day *days;

	if (!key.ptr)
		return -1;
	if (at == TCSIM_NONE) {
		days = room(s->days, s->day_count, sizeof(*days));
		if (!days || tcsim_map_put(&s->day_by_key, key, s->day_count))
			return -1;
		s->days = days;
		at = s->day_count++;
	}
	s->days[at].user = tcsim_keep(s, day->user);
	s->days[at].day = tcsim_keep(s, day->day);
	s->days[at].type = tcsim_keep(s, day->type);
	s->days[at].should_be = tcsim_keep(s, day->should_be);
	s->days[at].vacation = tcsim_keep(s, day->vacation);
	return 0;
}
