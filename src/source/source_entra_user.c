/* Users of Microsoft Graph: from record to person. */
#include "source/source_entra_int.h"

#include "base/json_slice.h"
#include "base/limits.h"
#include "base/unicode.h"

/* Text of a property; null and other types are empty. */
static struct str text_of(struct entra *x, struct str value)
{
	struct str text = json_slice_text(value, &x->arena);

	x->lost |= !text.ptr;
	return text.ptr ? text : STR("");
}

/* manager expanded is an object; in a delta it is a list of what came and went. */
static struct str manager_of(struct entra *x, struct str value)
{
	return text_of(x, json_slice_member(value, STR("id")));
}

static struct str manager_of_delta(struct entra *x, struct str list)
{
	struct json_walk w;
	struct str id = STR("");

	json_walk_init(&w, list);
	while (json_walk_next(&w))
		if (!json_slice_member(w.value, STR("@removed")).ptr)
			id = manager_of(x, w.value);
	return id;
}

static void read_member(struct entra *x, struct entra_user *u, struct str key, struct str value)
{
	struct { const char *name; struct str *to; } texts[] = {
		{ "id", &u->id }, { "displayName", &u->name }, { "mail", &u->mail },
		{ "userPrincipalName", &u->upn }, { "department", &u->department }, { "jobTitle", &u->title }
	};
	size_t i;

	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		if (json_key_is(key, str_from(texts[i].name))) {
			*texts[i].to = text_of(x, value);
			return;
		}
	}
	if (json_key_is(key, STR("manager")))
		u->manager = manager_of(x, value);
	else if (json_key_is(key, STR("manager@delta")))
		u->manager = manager_of_delta(x, value);
	else if (json_key_is(key, STR("accountEnabled")) && json_slice_type(value) != JSON_NULL)
		u->enabled = json_slice_type(value) != JSON_FALSE;
	else if (json_key_is(key, STR("@removed")))
		u->removed = 1;
}

int entra_user_read(struct entra *x, struct str raw, struct entra_user *u, struct error *e)
{
	static const struct entra_user nobody;
	struct json_walk w;

	arena_reset(&x->arena);
	*u = nobody;
	u->enabled = -1;
	x->lost = 0;
	json_walk_init(&w, raw);
	while (json_walk_next(&w))
		read_member(x, u, w.key, w.value);
	if (x->lost)
		return error_memory(e);
	if (u->id.len == 0)
		return error_set(e, ERROR_UPSTREAM, "a user has no id");
	if (json_slice_broken_pair(raw))
		return error_set(e, ERROR_UPSTREAM, "the user \"%.*s\" has a text with half a character in "
				 "it (a lone surrogate); correct it there", STR_ARG(u->id));
	return 0;
}

/* ---- persons ------------------------------------------------------------------------------------------- */

/* What groups the user is in, as bits. -1 on failure. */
static int membership(struct entra *x, struct str id, struct error *e)
{
	int bits = 0, row;

	if (!x->filtered && !x->supervisors)
		return 0;
	db_bind_text(x->find_member, 1, id);
	while ((row = db_step(x->find_member, e)) == 1)
		bits |= (int)db_int(x->find_member, 0);
	return row < 0 ? -1 : bits;
}

static struct str lower(struct buf *out, struct str text)
{
	buf_reset(out);
	unicode_lower(out, text);
	return out->len > 0 ? buf_str(out) : STR("");
}

static struct str address(const struct entra *x, const struct entra_user *u)
{
	return x->prefer_mail && u->mail.len > 0 ? u->mail : u->upn;
}

static struct str given(struct str text)
{
	return text.ptr ? text : STR("");
}

int entra_person(struct entra *x, const struct entra_user *u, struct person *p, struct error *e)
{
	static const struct person nobody;
	struct str more = x->extra == EXTRA_MAIL ? u->mail : x->extra == EXTRA_UPN ? u->upn : STR("");
	int groups = membership(x, u->id, e);

	if (groups < 0)
		return -1;
	if (x->filtered && !(groups & FILTER_MEMBER)) {
		x->left_out++;
		return 0;
	}
	*p = nobody;
	p->external_id = u->id;
	p->name = unicode_trim(given(u->name));
	p->email = lower(&x->lower, address(x, u));
	if (more.len > 0)
		p->real_email = lower(&x->lower_extra, more);
	p->department = given(u->department);
	p->job_title = given(u->title);
	p->status = u->enabled == 0 ? STR("inactive") : STR("active");
	p->supervisor_id = given(u->manager);
	p->is_supervisor = -1;
	if (groups & SUPERVISOR_MEMBER)
		p->role_id = STR("2");
	if (buf_check(&x->lower, "an e-mail address", e) != 0)
		return -1;
	return buf_check(&x->lower_extra, "an e-mail address", e) != 0 ? -1 : 1;
}

/* ---- the list ------------------------------------------------------------------------------------------ */

static int take_user(void *cookie, const struct json_match *m, struct str raw, struct error *e)
{
	struct entra *x = cookie;
	struct entra_user u;
	struct person p;
	int wanted;

	(void)m;
	if (entra_user_read(x, raw, &u, e) != 0)
		return -1;
	wanted = entra_person(x, &u, &p, e);
	if (wanted <= 0)
		return wanted;
	return people_add(x->people, u.id, p.supervisor_id, &p, e);
}

int entra_list(struct entra *x, struct error *e)
{
	struct buf url;
	int failed;

	buf_init(&url, MAX_URL);
	buf_put_str(&url, buf_str(&x->users_url));
	buf_printf(&url, "%c$select=" ENTRA_SELECT "&$expand=manager($select=id)&$top=%d",
		   str_find_char(buf_str(&x->users_url), 0, '?') < x->users_url.len ? '&' : '?',
		   x->page_size);
	failed = buf_check(&url, "AZURE_SCIM_ENDPOINT", e) != 0 ||
		 entra_pages(x, x->users, buf_str(&url), NULL, take_user, NULL, e) != 0;
	buf_release(&url);
	return failed ? -1 : people_emit(x->people, e);
}
