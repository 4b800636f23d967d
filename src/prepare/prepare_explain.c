#include <string.h>
#include "base/json_slice.h"
#include "base/unicode.h"
#include "prepare/prepare_int.h"

#define STEPS_MEMORY (2 * 1024 * 1024)	/* bytes of all steps */
#define NEAR_MAX 160			/* bytes of somebody who may be meant */
#define LETTERS_MIN 3			/* of a part of a name that somebody is looked for by */

void explain_init(struct explain *x)
{
	int i;

	memset(x, 0, sizeof *x);
	arena_init(&x->arena, STEPS_MEMORY);
	for (i = 0; i < MAX_EXPLAINED; i++) {
		buf_init(&x->people[i].source, MAX_RECORD);
		buf_init(&x->people[i].account, 8 * MAX_RECORD);
		buf_init(&x->people[i].mail, 3 * MAX_RECORD);
		buf_init(&x->people[i].id, MAX_RECORD);
	}
	for (i = 0; i < EXPLAIN_NEAR; i++)
		buf_init(&x->near[i], NEAR_MAX);
}

void explain_release(struct explain *x)
{
	int i;

	arena_release(&x->arena);
	for (i = 0; i < MAX_EXPLAINED; i++) {
		buf_release(&x->people[i].source);
		buf_release(&x->people[i].account);
		buf_release(&x->people[i].mail);
		buf_release(&x->people[i].id);
	}
	for (i = 0; i < EXPLAIN_NEAR; i++)
		buf_release(&x->near[i]);
}

/* ---- who is meant -------------------------------------------------------------------------------------- */

static struct str lower(struct trace *t, struct str text)
{
	buf_reset(&t->lower);
	unicode_lower(&t->lower, unicode_trim(text));
	return buf_str(&t->lower);
}

static int is_meant(struct trace *t, struct str text)
{
	return text.len > 0 && str_eq(lower(t, text), t->query);
}

void trace_take(struct trace *t, uint64_t offset)
{
	struct explain *x = t->explain;
	int i;

	for (i = 0; i < x->count; i++)
		if (x->people[i].offset == offset)
			return;
	if (x->count == MAX_EXPLAINED)
		x->more = 1;
	else
		x->people[x->count++].offset = offset;
}

/* The fields of a record that tell who it is; ptr NULL or "": none. */
struct names {
	struct str id, email, real_email, name;
};

static void read_names(struct trace *t, struct str record, struct names *n)
{
	static const struct str keys[] = {
		{ "external_id", 11 }, { "email", 5 }, { "real_email", 10 }, { "name", 4 }
	};
	struct str *const fields[] = { &n->id, &n->email, &n->real_email, &n->name };
	struct json_walk w;
	size_t i;

	memset(n, 0, sizeof *n);
	json_walk_init(&w, record);
	while (json_walk_next(&w))
		for (i = 0; i < sizeof keys / sizeof keys[0]; i++)
			if (json_key_is(w.key, keys[i]))
				*fields[i] = json_slice_text(w.value, &t->arena);
}

/* Whether somebody is a likely guess for what was asked: contains it, or is spelt nearly so. */
static void guess(struct trace *t, const struct names *n)
{
	struct explain *x = t->explain;
	const char *mail;
	struct buf *out;
	int holds = 0;

	if (x->near_count == EXPLAIN_NEAR)
		return;
	if (t->query.len >= LETTERS_MIN) {
		lower(t, n->name);
		holds = str_find(buf_str(&t->lower), 0, t->query) < t->lower.len;
	}
	lower(t, n->email);
	mail = buf_text(&t->lower);
	if (t->query.len >= LETTERS_MIN && !holds)
		holds = str_find(buf_str(&t->lower), 0, t->query) < t->lower.len;
	if (!holds && str_nearest(t->query, &mail, 1) == NULL)
		return;
	out = &x->near[x->near_count];
	buf_reset(out);
	buf_printf(out, "%.*s <%.*s>", STR_ARG(n->name), STR_ARG(n->email));
	x->near_count += !out->failed;
}

/* ---- following them ----------------------------------------------------------------------------------- */

static void forget(struct explain_person *who)
{
	who->steps = who->last = NULL;
	who->more_steps = 0;
	who->outcome = EXPLAIN_OPEN;
	who->stored = 0;
	buf_reset(&who->account);
}

void trace_begin(struct trace *t)
{
	struct explain *x;
	int i;

	if (t == NULL)
		return;
	x = t->explain;
	t->now = NULL;
	t->told = t->finishing = 0;
	if (t->locating) {
		x->count = x->near_count = x->more = 0;
		return;
	}
	arena_reset(&x->arena);
	for (i = 0; i < x->count; i++)
		forget(&x->people[i]);
}

static void set_names(struct trace *t, struct explain_person *who, struct str id, struct str mail)
{
	buf_reset(&who->id);
	buf_put_str(&who->id, id);
	buf_reset(&who->mail);
	buf_put_str(&who->mail, lower(t, mail));
}

/* The person at that offset, if it is about one of them. */
static void find(struct trace *t, uint64_t offset)
{
	int i;

	t->told = 0;
	t->now = NULL;
	for (i = 0; i < t->explain->count && !t->locating; i++)
		if (t->explain->people[i].offset == offset)
			t->now = &t->explain->people[i];
	buf_reset(&t->tests);
}

void trace_record(struct trace *t, struct str record, uint64_t offset, uint64_t n)
{
	struct names names;

	if (t == NULL)
		return;
	arena_reset(&t->arena);
	t->offset = offset;
	t->number = n;
	find(t, offset);
	if (!t->locating && t->now == NULL)
		return;
	read_names(t, record, &names);
	if (t->locating) {
		if (is_meant(t, names.email) || is_meant(t, names.real_email) || is_meant(t, names.id))
			trace_take(t, offset);
		else
			guess(t, &names);
		return;
	}
	t->now->number = n;
	buf_reset(&t->now->source);
	buf_put_str(&t->now->source, record);
	set_names(t, t->now, names.id, names.email);
}

void trace_member(struct trace *t, const struct member *m, struct str mail)
{
	if (t == NULL)
		return;
	if (t->locating) {
		if (is_meant(t, mail) || is_meant(t, m->mail) || is_meant(t, m->id))
			trace_take(t, t->offset);
		return;
	}
	if (t->now == NULL)
		return;
	trace_changed(t, TRACE_MAIL_DOMAIN, m->mail, mail);
	set_names(t, t->now, m->id, mail);
	t->now->stored = 1;
}

void trace_person(struct trace *t, const struct member *m)
{
	if (t == NULL)
		return;
	arena_reset(&t->arena);
	t->finishing = 1;
	t->offset = m->offset;
	find(t, m->offset);
}

void explain_account(struct buf *out, struct str account)
{
	struct json_walk w;

	buf_reset(out);
	json_walk_init(&w, account);
	while (json_walk_next(&w)) {
		if (json_key_is(w.key, STR("raw_data")))
			continue;
		buf_puts(out, out->len > 0 ? ", " : "{");
		buf_put_str(out, w.key);
		buf_puts(out, ": ");
		buf_put_str(out, w.value);
	}
	buf_puts(out, out->len > 0 ? "}" : "{}");
}

void trace_account(struct trace *t, const struct member *m, struct str account)
{
	struct str mail, id, real;

	if (t == NULL || (!t->locating && t->now == NULL))
		return;
	mail = json_slice_text(json_slice_member(account, STR("timecamp_email")), &t->arena);
	id = json_slice_text(json_slice_member(account, STR("timecamp_external_id")), &t->arena);
	real = json_slice_text(json_slice_member(account, STR("timecamp_real_email")), &t->arena);
	if (t->locating) {
		if (is_meant(t, mail) || is_meant(t, id) || is_meant(t, real))
			trace_take(t, m->offset);
		return;
	}
	t->now->outcome = EXPLAIN_PREPARED;
	set_names(t, t->now, id, mail);
	explain_account(&t->now->account, account);
}

int trace_output(struct trace *t, const char *data, size_t len, struct error *e)
{
	return t->locating || t->fn == NULL ? 0 : t->fn(t->cookie, data, len, e);
}

/* ---- both passes --------------------------------------------------------------------------------------- */

/* Those who are meant are known only at the end of a pass, so that a second one can follow them. */
static int run_passes(struct explain *x, struct trace *t, const char *input, struct error *e)
{
	struct prepare_counts counts;
	struct prepare p;
	int result = prepare_init(&p, &counts, e);

	if (result != 0)
		goto out;
	p.trace = t;
	if (p.rules.transform != NULL)
		transform_watch(p.rules.transform, t);
	t->locating = 1;
	trace_begin(t);
	result = prepare_pass(&p, input, NULL, e);
	t->locating = 0;
	if (x->count == 0 && (result != 0 || t->fn == NULL))
		goto out;
	trace_begin(t);
	if (result == 0 || e->kind != ERROR_CANCELLED)
		result = prepare_pass(&p, input, NULL, e);
	if (result == 0 && t->failed) {
		*e = t->error;
		result = -1;
	}
out:
	prepare_release(&p);
	return result;
}

int explain_run(struct explain *x, const char *query, const char *input, json_out_fn *fn, void *cookie,
		struct error *e)
{
	struct trace t;
	struct buf wanted;
	int result;

	buf_init(&wanted, MAX_RECORD);
	unicode_lower(&wanted, unicode_trim(str_from(query)));
	trace_init(&t, x, buf_str(&wanted), fn, cookie);
	result = run_passes(x, &t, input, e);
	trace_release(&t);
	buf_release(&wanted);
	return result;
}
