/*
 * A sync case: an account, an input and settings; then the calls made, the account after, a dry run that must change
 * nothing and a second run that must find nothing left. See tests/golden/README.md for the files and the rules.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "golden/golden.h"
#include "golden/golden_canon.h"
#include "harness.h"
#include "sandbox/tcsim.h"

#define TOKENS_MAX ((size_t)1 << 21)
#define TEXTS_MAX ((size_t)1 << 28)
#define DOCS_MAX 48		/* documents of one case */
#define ALTERNATIVES_MAX 4
#define ARGS_MAX 8
#define NEW_USER "new:"

enum want { WANT_0, WANT_NOT_0, WANT_ANY };
enum mode { MODE_WHOLE, MODE_NO_CALLS, MODE_PARTIAL };

/* One result that is right. */
struct alternative {
	const char *tag;
	enum want exit;
	enum mode mode;
	struct json state, calls, second;
	struct json pending;			/* none: not compared */
};

struct sync_case {
	const struct golden *g;
	const char *dir;
	char work[HARNESS_PATH];
	struct arena arena;
	struct json_doc *docs[DOCS_MAX];	/* owned */
	size_t doc_count;
	struct json meta, state, source, before;
	struct alternative alts[ALTERNATIVES_MAX];
	size_t alt_count;
	struct texts names;			/* "new:address US name": what new users may be called at once */
	struct buf *problems;
	struct error *e;
};

/* What a run left. */
struct result {
	struct canon canon;
	struct texts ops;
	struct canon_state state;
	struct texts pending;
	int code;
};

/* ---- documents ---------------------------------------------------------------------------------- */

/* Parses text that is copied first. None when it is no JSON. */
static struct json parse(struct sync_case *c, struct str text)
{
	struct json root = { NULL, 0 };
	struct json_doc *doc;

	if (c->doc_count == DOCS_MAX)
		return root;
	doc = c->docs[c->doc_count++] = json_doc_new(TOKENS_MAX, c->e);
	text = arena_str(&c->arena, text);
	if (!doc || !text.ptr || json_parse(doc, text, 0, &root, NULL))
		root.doc = NULL;
	return root;
}

static struct json load_json(struct sync_case *c, const char *dir, const char *name)
{
	struct json root = { NULL, 0 };
	char path[HARNESS_PATH];
	struct buf text;

	harness_path(path, dir, name);
	buf_init(&text, HARNESS_FILE_MAX);
	if (!harness_load(path, &text))
		root = parse(c, buf_str(&text));
	buf_release(&text);
	return root;
}

/* A file of one JSON value a line, as a list. None when there is no such file. */
static struct json load_lines(struct sync_case *c, const char *name)
{
	struct json root = { NULL, 0 };
	char path[HARNESS_PATH];
	struct buf text, list;
	struct str rest, line;

	harness_path(path, c->dir, name);
	buf_init(&text, HARNESS_FILE_MAX);
	buf_init(&list, HARNESS_FILE_MAX);
	if (!harness_load(path, &text)) {
		rest = buf_str(&text);
		buf_putc(&list, '[');
		while (rest.len && str_next(&rest, '\n', &line)) {
			if (!str_trim(line).len)
				continue;
			if (list.len > 1)
				buf_putc(&list, ',');
			buf_put_str(&list, line);
		}
		buf_putc(&list, ']');
		root = parse(c, buf_str(&list));
	}
	buf_release(&list);
	buf_release(&text);
	return root;
}

static int has_file(const struct sync_case *c, const char *name)
{
	char path[HARNESS_PATH];

	harness_path(path, c->dir, name);
	return harness_exists(path);
}

static int is_true(struct json v)
{
	return json_type(v) == JSON_TRUE;
}

static enum want want_of(struct json v, enum want otherwise)
{
	struct str text;
	struct arena a;
	enum want w = WANT_NOT_0;

	if (json_type(v) == JSON_NONE || json_type(v) == JSON_NULL)
		return otherwise;
	arena_init(&a, 1 << 16);
	text = canon_text(v, &a);
	if (str_eqz(text, "0"))
		w = WANT_0;
	else if (str_eqz(text, "any"))
		w = WANT_ANY;
	arena_release(&a);
	return w;
}

static enum mode mode_of(struct json v)
{
	if (json_type(v) != JSON_STRING)
		return MODE_WHOLE;
	return str_eqz(json_raw(v), "\"no_calls\"") ? MODE_NO_CALLS : MODE_PARTIAL;
}

/* ---- what is right ------------------------------------------------------------------------------ */

static struct alternative *add_alternative(struct sync_case *c, const char *tag, enum want exit, enum mode mode)
{
	struct alternative *a = &c->alts[c->alt_count++];

	memset(a, 0, sizeof(*a));
	a->tag = tag;
	a->exit = exit;
	a->mode = mode;
	return a;
}

static void load_alternatives(struct sync_case *c)
{
	struct alternative *a;

	if (has_file(c, "expected_state.json")) {
		a = add_alternative(c, "reference", want_of(json_get(c->meta, "exit"), WANT_0),
				    mode_of(json_get(c->meta, "error_mode")));
		a->state = load_json(c, c->dir, "expected_state.json");
		a->calls = load_lines(c, "expected_calls.jsonl");
		a->second = load_lines(c, "expected_second_run_calls.jsonl");
		a->pending = load_json(c, c->dir, "pending_after.json");
	}
	if (has_file(c, "expected_fixed_state.json")) {
		a = add_alternative(c, "fixed", want_of(json_get(c->meta, "fixed_exit"), WANT_0),
				    mode_of(json_get(c->meta, "fixed_error_mode")));
		a->state = load_json(c, c->dir, "expected_fixed_state.json");
		a->calls = load_lines(c, "expected_fixed_calls.jsonl");
		a->second = load_lines(c, "expected_fixed_second_run_calls.jsonl");
		a->pending = load_json(c, c->dir, "pending_after_fixed.json");
	}
	if (is_true(json_get(c->meta, "ambiguous")) && c->alt_count) {	/* such people may be left alone, if said */
		a = add_alternative(c, "held", WANT_NOT_0, MODE_PARTIAL);
		a->state = c->alts[0].state;
	}
	if (is_true(json_get(c->meta, "may_refuse")))
		add_alternative(c, "refused", WANT_NOT_0, MODE_NO_CALLS);
}

/* What the entries call their people. */
static void load_names(struct sync_case *c)
{
	struct json v, email, name;

	texts_init(&c->names, &c->arena);
	if (json_type(c->source) != JSON_ARRAY)
		return;
	for (v = json_first(c->source); json_type(v) != JSON_NONE; v = json_next(c->source, v)) {
		email = json_get(v, "timecamp_email");
		name = json_get(v, "timecamp_user_name");
		if (json_type(email) != JSON_STRING || json_type(name) == JSON_NONE)
			continue;
		texts_add(&c->names,
			  arena_printf(&c->arena, NEW_USER "%.*s\x1f%.*s",
				       STR_ARG(canon_lower(json_text(email, &c->arena), &c->arena)),
				       STR_ARG(canon_text(name, &c->arena))));
	}
}

static int may_be_called(struct sync_case *c, struct str user, struct str name)
{
	return texts_has(&c->names, arena_printf(&c->arena, "%.*s\x1f%.*s", STR_ARG(user), STR_ARG(name)));
}

/* ---- comparisons; each appends problems and returns how many ------------------------------------ */

static size_t ops_differ(struct sync_case *c, const struct texts *want, const struct texts *got, int subset,
			 struct buf *out)
{
	size_t i, n = 0;

	for (i = 0; i < got->count; i++) {
		struct str op = got->items[i];

		if (texts_has(want, op) || (str_eqz(op_field(op, 0), "user-name") &&
					    may_be_called(c, op_field(op, 1), op_field(op, 2))))
			continue;
		buf_printf(out, "unexpected call %.*s\n", STR_ARG(op_print(op, &c->arena)));
		n++;
	}
	for (i = 0; i < want->count && !subset; i++) {
		if (texts_has(got, want->items[i]))
			continue;
		buf_printf(out, "missing call %.*s\n", STR_ARG(op_print(want->items[i], &c->arena)));
		n++;
	}
	return n;
}

static size_t user_differs(struct sync_case *c, const struct canon_state *want, const struct canon_state *got,
			   struct str user, struct buf *out)
{
	int wanted = texts_has(&want->users, user), found = texts_has(&got->users, user);
	size_t i, n = 0;

	if (!wanted && !found)
		return 0;
	if (!wanted || !found) {
		buf_printf(out, "user %.*s: %s\n", STR_ARG(user), wanted ? "missing" : "unexpected");
		return 1;
	}
	for (i = 0; i < CANON_USER_FIELDS; i++) {
		const char *field = canon_user_fields[i];
		struct str x = canon_user_field(want, user, field), y = canon_user_field(got, user, field);

		if (str_eq(x, y) || (!strcmp(field, "display_name") && str_starts(user, STR(NEW_USER)) &&
				     may_be_called(c, user, y)))
			continue;
		buf_printf(out, "user %.*s %s: wanted %.*s, found %.*s\n", STR_ARG(user), field, STR_ARG(x), STR_ARG(y));
		n++;
	}
	return n;
}

static size_t groups_differ(struct sync_case *c, const struct texts *want, const struct texts *got, struct buf *out)
{
	size_t i, n = 0;

	for (i = 0; i < want->count; i++) {
		struct str g = want->items[i];

		if (texts_count(want, g) == texts_count(got, g))
			continue;
		buf_printf(out, "group %.*s: wanted %lu, found %lu\n", STR_ARG(op_print(g, &c->arena)),
			   (unsigned long)texts_count(want, g), (unsigned long)texts_count(got, g));
		n++;
	}
	for (i = 0; i < got->count; i++) {
		if (texts_has(want, got->items[i]))
			continue;
		buf_printf(out, "unexpected group %.*s\n", STR_ARG(op_print(got->items[i], &c->arena)));
		n++;
	}
	return n;
}

static size_t attendance_differs(const struct canon_state *want, const struct canon_state *got, struct buf *out)
{
	if (texts_same(&want->attendance, &got->attendance))
		return 0;
	buf_printf(out, "attendance: %lu days wanted, %lu found, or others\n", (unsigned long)want->attendance.count,
		   (unsigned long)got->attendance.count);
	return 1;
}

static size_t states_differ(struct sync_case *c, const struct canon_state *want, const struct canon_state *got,
			    struct buf *out)
{
	size_t i, n = groups_differ(c, &want->groups, &got->groups, out);

	for (i = 0; i < want->users.count; i++)
		n += user_differs(c, want, got, want->users.items[i], out);
	for (i = 0; i < got->users.count; i++)
		if (!texts_has(&want->users, got->users.items[i]))
			n += user_differs(c, want, got, got->users.items[i], out);
	return n + attendance_differs(want, got, out);
}

static size_t tell_all(const struct texts *lines, struct buf *out)
{
	size_t i;

	for (i = 0; i < lines->count; i++)
		buf_printf(out, "%.*s\n", STR_ARG(lines->items[i]));
	return lines->count;
}

static size_t pending_differs(const struct texts *want, const struct texts *got, struct buf *out)
{
	if (texts_same(want, got))
		return 0;
	buf_printf(out, "queue files: wanted %lu lines:\n", (unsigned long)want->count);
	tell_all(want, out);
	buf_printf(out, "found %lu lines:\n", (unsigned long)got->count);
	tell_all(got, out);
	return 1;
}

/* ---- expectations in canonical form ------------------------------------------------------------- */

struct expectation {
	struct texts ops, second, pending;
	struct canon_state state;
};

static void pending_lines(struct canon *canon, struct json doc, struct texts *out)
{
	canon_pending(canon, json_get(doc, "user_settings"), json_get(doc, "new_users"), out);
}

static void expect(struct sync_case *c, const struct alternative *a, struct expectation *x)
{
	struct canon canon;

	texts_init(&x->ops, &c->arena);
	texts_init(&x->second, &c->arena);
	texts_init(&x->pending, &c->arena);
	canon_init(&canon, &c->arena, c->state);
	canon_ops(&canon, a->calls, &x->ops);
	texts_unique(&x->ops);
	canon_state(&canon, a->state, &x->state);
	pending_lines(&canon, a->pending, &x->pending);
	canon_ops(&canon, a->second, &x->second);
	canon_release(&canon);
}

static void expectation_release(struct expectation *x)
{
	texts_release(&x->ops);
	texts_release(&x->second);
	texts_release(&x->pending);
	canon_state_release(&x->state);
}

static void append(struct texts *to, const struct texts *from)
{
	size_t i;

	for (i = 0; i < from->count; i++)
		texts_add(to, from->items[i]);
}

/* Everything that any part of the work may do. */
static void allowed_ops(struct sync_case *c, struct texts *allowed)
{
	struct alternative whole;
	struct expectation x;
	size_t i;

	texts_init(allowed, &c->arena);
	for (i = 0; i < c->alt_count; i++) {
		expect(c, &c->alts[i], &x);
		append(allowed, &x.ops);
		expectation_release(&x);
	}
	memset(&whole, 0, sizeof(whole));
	whole.calls = load_lines(c, "allowed_calls.jsonl");
	expect(c, &whole, &x);
	append(allowed, &x.ops);
	expectation_release(&x);
}

/* ---- judging ------------------------------------------------------------------------------------ */

static int in_exit_also(const struct sync_case *c, int code)
{
	struct json also = json_get(c->meta, "exit_also"), v;
	int64_t n;

	for (v = json_first(also); json_type(v) != JSON_NONE; v = json_next(also, v))
		if (!json_int(v, &n) && n == code)
			return 1;
	return 0;
}

static int exit_is(enum want want, int code)
{
	return code >= 0 && (want == WANT_ANY || (want == WANT_0) == (code == 0));
}

static size_t judge_one(struct sync_case *c, const struct alternative *a, const struct result *r, struct buf *out)
{
	struct expectation x;
	struct texts allowed;
	size_t n = 0;

	expect(c, a, &x);
	if (!exit_is(a->exit, r->code) && !(a->exit == WANT_0 && in_exit_also(c, r->code))) {
		buf_printf(out, "exit code %d, wanted %s\n", r->code, a->exit == WANT_0 ? "0" : "another than 0");
		n++;
	}
	if (a->mode == MODE_NO_CALLS && r->ops.count) {
		buf_printf(out, "changes although none was expected: %.*s\n",
			   STR_ARG(op_print(r->ops.items[0], &c->arena)));
		n++;
	} else if (a->mode == MODE_PARTIAL) {
		allowed_ops(c, &allowed);
		n += ops_differ(c, &allowed, &r->ops, 1, out);
		texts_release(&allowed);
	} else if (a->mode == MODE_WHOLE) {
		n += ops_differ(c, &x.ops, &r->ops, 0, out);
		n += states_differ(c, &x.state, &r->state, out);
		n += tell_all(&r->canon.violations, out);
		if (json_type(a->pending) != JSON_NONE)
			n += pending_differs(&x.pending, &r->pending, out);
	}
	expectation_release(&x);
	return n;
}

static void ops_of(struct sync_case *c, const struct texts *all, struct str subject, struct texts *out)
{
	size_t i;

	texts_init(out, &c->arena);
	for (i = 0; i < all->count; i++)
		if (str_eq(op_subject(all->items[i], &c->arena), subject))
			texts_add(out, all->items[i]);
}

/* The operations on one user or group must be as in one of the expectations. */
static size_t subject_mixed(struct sync_case *c, const struct expectation *x, size_t n, const struct result *r,
			    struct str subject, struct buf *out)
{
	struct texts want, got;
	struct buf first, unused;
	size_t i, wrong = 1, count = 0;

	buf_init(&first, HARNESS_FILE_MAX);
	buf_init(&unused, HARNESS_FILE_MAX);
	ops_of(c, &r->ops, subject, &got);
	for (i = 0; i < n && wrong; i++) {
		ops_of(c, &x[i].ops, subject, &want);
		wrong = ops_differ(c, &want, &got, 0, i ? &unused : &first);
		count = i ? count : wrong;
		texts_release(&want);
	}
	if (wrong)
		buf_put_str(out, buf_str(&first));
	texts_release(&got);
	buf_release(&first);
	buf_release(&unused);
	return wrong ? count : 0;
}

static size_t user_mixed(struct sync_case *c, const struct expectation *x, size_t n, const struct result *r,
			 struct str user, struct buf *out)
{
	struct buf first, unused;
	size_t i, wrong = 1, count = 0;

	buf_init(&first, HARNESS_FILE_MAX);
	buf_init(&unused, HARNESS_FILE_MAX);
	for (i = 0; i < n && wrong; i++) {
		wrong = user_differs(c, &x[i].state, &r->state, user, i ? &unused : &first);
		count = i ? count : wrong;
	}
	if (wrong)
		buf_put_str(out, buf_str(&first));
	buf_release(&first);
	buf_release(&unused);
	return wrong ? count : 0;
}

static size_t groups_mixed(struct sync_case *c, const struct expectation *x, size_t n, const struct result *r,
			   struct buf *out)
{
	size_t i, k, wrong = 0;

	for (i = 0; i < r->state.groups.count; i++) {
		struct str g = r->state.groups.items[i];

		for (k = 0; k < n && texts_count(&x[k].state.groups, g) != texts_count(&r->state.groups, g); k++)
			;
		if (k < n)
			continue;
		buf_printf(out, "unexpected group %.*s\n", STR_ARG(op_print(g, &c->arena)));
		wrong++;
	}
	for (i = 0; i < x[0].state.groups.count; i++) {
		struct str g = x[0].state.groups.items[i];

		for (k = 0; k < n && texts_has(&x[k].state.groups, g); k++)
			;
		if (k < n || texts_has(&r->state.groups, g))
			continue;
		buf_printf(out, "missing group %.*s\n", STR_ARG(op_print(g, &c->arena)));
		wrong++;
	}
	return wrong;
}

/* Each user and each group as in one of the expectations, not all in the same one. */
static size_t compare_mixed(struct sync_case *c, const struct expectation *x, size_t n, const struct result *r,
			    struct buf *out)
{
	struct texts subjects, users;
	struct buf unused;
	size_t i, k, wrong;

	texts_init(&subjects, &c->arena);
	texts_init(&users, &c->arena);
	append(&users, &r->state.users);
	for (i = 0; i < r->ops.count; i++)
		texts_add(&subjects, op_subject(r->ops.items[i], &c->arena));
	for (k = 0; k < n; k++) {
		append(&users, &x[k].state.users);
		for (i = 0; i < x[k].ops.count; i++)
			texts_add(&subjects, op_subject(x[k].ops.items[i], &c->arena));
	}
	texts_unique(&subjects);
	texts_unique(&users);
	wrong = groups_mixed(c, x, n, r, out) + tell_all(&r->canon.violations, out);
	for (i = 0; i < subjects.count; i++)
		wrong += subject_mixed(c, x, n, r, subjects.items[i], out);
	for (i = 0; i < users.count; i++)
		wrong += user_mixed(c, x, n, r, users.items[i], out);
	texts_release(&subjects);
	texts_release(&users);
	buf_init(&unused, HARNESS_FILE_MAX);
	for (k = 0; k < n && attendance_differs(&x[k].state, &r->state, &unused); k++)
		;
	buf_release(&unused);
	return wrong + (k == n ? attendance_differs(&x[0].state, &r->state, out) : 0);
}

/* The queue files as in one of the expectations, where all have them. */
static size_t pending_mixed(const struct expectation *x, size_t n, const struct result *r, struct buf *out)
{
	size_t k;

	for (k = 0; k < n; k++)
		if (texts_same(&x[k].pending, &r->pending))
			return 0;
	return pending_differs(&x[0].pending, &r->pending, out);
}

static size_t judge_mixed(struct sync_case *c, const struct result *r, struct buf *out)
{
	struct expectation x[ALTERNATIVES_MAX];
	size_t i, n = 0, wrong = 1;
	int all_pending = 1;

	for (i = 0; i < c->alt_count; i++) {
		if (c->alts[i].mode != MODE_WHOLE || c->alts[i].exit != WANT_0)
			continue;
		all_pending &= json_type(c->alts[i].pending) != JSON_NONE;
		expect(c, &c->alts[i], &x[n++]);
	}
	if (n > 1 && (r->code == 0 || in_exit_also(c, r->code))) {
		wrong = compare_mixed(c, x, n, r, out);
		if (all_pending)
			wrong += pending_mixed(x, n, r, out);
	}
	for (i = 0; i < n; i++)
		expectation_release(&x[i]);
	return wrong;
}

/* 1 when the result is right; *exit_0 tells whether a second run makes sense. */
static int judge(struct sync_case *c, const struct result *r, int *exit_0)
{
	size_t i, n, best_n = (size_t)-1;
	const char *best_tag = "";
	struct buf best, one;

	buf_init(&best, HARNESS_FILE_MAX);
	for (i = 0; i <= c->alt_count && best_n; i++) {
		buf_init(&one, HARNESS_FILE_MAX);
		n = i < c->alt_count ? judge_one(c, &c->alts[i], r, &one) : judge_mixed(c, r, &one);
		if (n < best_n && (i < c->alt_count || one.len || n == 0)) {
			best_n = n;
			best_tag = i < c->alt_count ? c->alts[i].tag : "mixed";
			*exit_0 = i < c->alt_count ? c->alts[i].exit == WANT_0 : 1;
			buf_release(&best);
			best = one;
		} else {
			buf_release(&one);
		}
	}
	if (best_n)
		buf_printf(c->problems, "[%s]\n%s", best_tag, buf_text(&best));
	buf_release(&best);
	return best_n == 0;
}

/* ---- running ------------------------------------------------------------------------------------ */

static const char *const queue_files[] = { "pending_user_settings.json", "pending_new_users.json" };
static const char *const queue_keys[] = { "user_settings", "new_users" };

/* Text with {BASE} replaced by the simulator's address. */
static void put_with_base(struct buf *out, struct str text, const char *base)
{
	size_t at = 0, found;

	while ((found = str_find(text, at, STR("{BASE}"))) < text.len) {
		buf_put(out, text.ptr + at, found - at);
		buf_puts(out, base);
		at = found + 6;
	}
	buf_put_str(out, str_sub(text, at, text.len));
}

static int lay_out_queues(struct sync_case *c, const char *var)
{
	char path[HARNESS_PATH], raw_key[64];
	size_t i;

	for (i = 0; i < 2; i++) {
		struct json doc = json_get(c->before, queue_keys[i]), raw;
		struct str text = json_raw(doc);

		snprintf(raw_key, sizeof(raw_key), "%s_raw", queue_keys[i]);
		raw = json_get(c->before, raw_key);
		if (json_type(raw) == JSON_STRING)
			text = json_text(raw, &c->arena);
		else if (json_type(doc) == JSON_NONE || json_type(doc) == JSON_NULL)
			continue;
		harness_path(path, var, queue_files[i]);
		if (harness_save(path, text, c->e))
			return -1;
	}
	return 0;
}

static int lay_out(struct sync_case *c, const char *base)
{
	static const char *const inputs[] = { "timecamp_users.json", "vacation.json" };
	char from[HARNESS_PATH], to[HARNESS_PATH];
	struct buf text, env;
	size_t i;
	int rc;

	harness_path(to, c->work, "var");
	if (harness_fresh(c->work, c->e) || harness_fresh(to, c->e) || lay_out_queues(c, to))
		return -1;
	for (i = 0; i < 2; i++) {
		harness_path(from, c->dir, inputs[i]);
		harness_path(to, c->work, inputs[i]);
		if (harness_exists(from) && harness_copy(from, to, c->e))
			return -1;
	}
	buf_init(&text, HARNESS_FILE_MAX);
	buf_init(&env, HARNESS_FILE_MAX);
	harness_path(from, c->dir, "case.env");
	harness_path(to, c->work, ".env");
	harness_load(from, &text);
	put_with_base(&env, buf_str(&text), base);
	rc = harness_save(to, str_of(buf_text(&env), env.len), c->e);
	buf_release(&env);
	buf_release(&text);
	return rc;
}

/* The case's own environment, "NAME=value" with {BASE} filled in. */
static void case_env(struct sync_case *c, const char *base, const char **env, size_t max)
{
	struct json all = json_get(c->meta, "env"), v;
	size_t n = 0;
	struct buf entry;

	env[n++] = "SYNC_MAX_DEACTIVATIONS=100%";
	for (v = json_first(all); json_type(v) != JSON_NONE && n + 1 < max; v = json_next(all, v)) {
		buf_init(&entry, HARNESS_FILE_MAX);
		buf_put_str(&entry, json_key(v, &c->arena));
		buf_putc(&entry, '=');
		put_with_base(&entry, json_text(v, &c->arena), base);
		env[n++] = arena_text(&c->arena, buf_str(&entry));
		buf_release(&entry);
	}
	env[n] = NULL;
}

static void case_args(struct sync_case *c, struct harness_run *r, int dry)
{
	struct json words = json_get(c->meta, "command"), v;

	if (json_type(words) == JSON_NONE)
		harness_run_args(r, "sync", "--input", "timecamp_users.json", NULL);
	for (v = json_first(words); json_type(v) != JSON_NONE; v = json_next(words, v))
		harness_run_args(r, arena_text(&c->arena, json_text(v, &c->arena)), NULL);
	if (is_true(json_get(c->meta, "allow_empty")))
		harness_run_args(r, "--allow-empty", NULL);
	if (dry)
		harness_run_args(r, "--dry-run", NULL);
}

/* One run of the program. -1: it could not be started, or it crashed, which is a problem told. */
static int run_program(struct sync_case *c, struct tcsim *sim, const char *base, int dry, int *code)
{
	const char *env[16];
	struct harness_run r;
	const char *crashed;
	int rc = -1;

	harness_run_init(&r, c->g->program, c->work);
	case_args(c, &r, dry);
	case_env(c, base, env, sizeof(env) / sizeof(*env));
	r.env = env;
	r.sim = sim;
	if (harness_run(&r, c->e)) {
		buf_printf(c->problems, "cannot run: %s\n", c->e->text);
		goto out;
	}
	crashed = harness_run_crashed(&r);
	if (crashed)
		buf_printf(c->problems, "%s: %.1500s\n", crashed, buf_text(&r.err));
	*code = r.code;
	rc = crashed ? -1 : 0;
out:
	harness_run_release(&r);
	return rc;
}

static struct tcsim *start_service(struct sync_case *c, char base[64])
{
	char path[HARNESS_PATH];
	struct tcsim *sim = tcsim_new(c->e);

	harness_path(path, c->dir, "state.json");
	if (!sim || tcsim_load_file(sim, path, c->e) || tcsim_listen(sim, 0, c->e)) {
		tcsim_free(sim);
		return NULL;
	}
	snprintf(base, 64, "http://127.0.0.1:%u", tcsim_port(sim));
	return sim;
}

static void read_queues(struct sync_case *c, struct canon *canon, struct texts *out)
{
	char var[HARNESS_PATH];
	struct json settings, users;

	texts_init(out, &c->arena);
	harness_path(var, c->work, "var");
	settings = load_json(c, var, queue_files[0]);
	users = load_json(c, var, queue_files[1]);
	canon_pending(canon, settings, users, out);
}

static struct json service_json(struct sync_case *c, struct tcsim *sim, void (*put)(struct tcsim *, struct buf *))
{
	struct json v;
	struct buf text;

	buf_init(&text, HARNESS_FILE_MAX);
	put(sim, &text);
	v = parse(c, buf_str(&text));
	buf_release(&text);
	return v;
}

static struct json service_calls(struct sync_case *c, struct tcsim *sim)
{
	return json_get(service_json(c, sim, tcsim_put_calls), "calls");
}

/* ---- the three runs ----------------------------------------------------------------------------- */

/* The queue files after a dry run are as before, or as recorded. */
static void judge_dry_queues(struct sync_case *c)
{
	struct json allowed = load_json(c, c->dir, "expected_dry_run_pending.json");
	struct texts before, after, other;
	struct canon canon;

	canon_init(&canon, &c->arena, c->state);
	texts_init(&before, &c->arena);
	texts_init(&other, &c->arena);
	pending_lines(&canon, c->before, &before);
	pending_lines(&canon, allowed, &other);
	read_queues(c, &canon, &after);
	if (!texts_same(&before, &after) && !(json_type(allowed) != JSON_NONE && texts_same(&other, &after)))
		buf_puts(c->problems, "dry run: queue files changed\n");
	texts_release(&before);
	texts_release(&after);
	texts_release(&other);
	canon_release(&canon);
}

static int dry_run(struct sync_case *c)
{
	int strict = want_of(json_get(c->meta, "exit"), WANT_0) == WANT_0 && !is_true(json_get(c->meta, "ambiguous")) &&
		     !is_true(json_get(c->meta, "may_refuse"));
	struct buf start, end;
	struct json calls;
	struct tcsim *sim;
	char base[64];
	int code = -1;

	sim = start_service(c, base);
	if (!sim || lay_out(c, base)) {
		tcsim_free(sim);
		return -1;
	}
	buf_init(&start, HARNESS_FILE_MAX);
	buf_init(&end, HARNESS_FILE_MAX);
	tcsim_put_state(sim, &start);
	if (run_program(c, sim, base, 1, &code))
		goto out;
	tcsim_put_state(sim, &end);
	if (strict && code != 0 && !in_exit_also(c, code))
		buf_printf(c->problems, "dry run: exit code %d\n", code);
	calls = service_calls(c, sim);
	if (json_count(calls))
		buf_printf(c->problems, "dry run: %lu changing requests, the first %.*s\n",
			   (unsigned long)json_count(calls), STR_ARG(json_raw(json_first(calls))));
	if (!str_eq(buf_str(&start), buf_str(&end)))
		buf_puts(c->problems, "dry run: the account changed\n");
	judge_dry_queues(c);
out:
	buf_release(&start);
	buf_release(&end);
	tcsim_free(sim);
	return 0;
}

/* May do what the recorded second runs do, or less. */
static void second_run(struct sync_case *c, struct tcsim *sim, const char *base, struct result *r)
{
	struct texts ops, allowed;
	struct expectation x;
	int code = -1;
	size_t i;

	tcsim_clear(sim);
	if (run_program(c, sim, base, 0, &code))
		return;
	if (!exit_is(want_of(json_get(c->meta, "second_exit"), WANT_0), code) && !in_exit_also(c, code))
		buf_printf(c->problems, "second run: exit code %d\n", code);
	texts_init(&ops, &c->arena);
	texts_init(&allowed, &c->arena);
	for (i = 0; i < c->alt_count; i++) {
		expect(c, &c->alts[i], &x);
		append(&allowed, &x.second);
		expectation_release(&x);
	}
	canon_ops(&r->canon, service_calls(c, sim), &ops);
	texts_unique(&ops);
	for (i = 0; i < ops.count; i++)
		if (!texts_has(&allowed, ops.items[i]))
			buf_printf(c->problems, "second run: unexpected call %.*s\n",
				   STR_ARG(op_print(ops.items[i], &c->arena)));
	texts_release(&ops);
	texts_release(&allowed);
}

static int real_runs(struct sync_case *c)
{
	struct json again = json_get(c->meta, "second_run");
	struct result r;
	struct tcsim *sim;
	char base[64];
	int exit_0 = 0;

	sim = start_service(c, base);
	if (!sim || lay_out(c, base)) {
		tcsim_free(sim);
		return -1;
	}
	memset(&r, 0, sizeof(r));
	if (run_program(c, sim, base, 0, &r.code)) {
		tcsim_free(sim);
		return 0;
	}
	canon_init(&r.canon, &c->arena, c->state);
	texts_init(&r.ops, &c->arena);
	canon_ops(&r.canon, service_calls(c, sim), &r.ops);
	texts_unique(&r.ops);
	canon_state(&r.canon, service_json(c, sim, tcsim_put_state), &r.state);
	read_queues(c, &r.canon, &r.pending);
	if (judge(c, &r, &exit_0) && exit_0 && json_type(again) != JSON_FALSE)
		second_run(c, sim, base, &r);
	texts_release(&r.ops);
	texts_release(&r.pending);
	canon_state_release(&r.state);
	canon_release(&r.canon);
	tcsim_free(sim);
	return 0;
}

int golden_sync(const struct golden *g, const char *dir, struct buf *problems, struct error *e)
{
	struct sync_case *c = calloc(1, sizeof(*c));
	int rc = -1;
	size_t i;

	if (!c)
		return error_memory(e);
	c->g = g;
	c->dir = dir;
	c->problems = problems;
	c->e = e;
	harness_path(c->work, g->scratch, "sync");
	arena_init(&c->arena, TEXTS_MAX);
	c->meta = load_json(c, dir, "case.json");
	c->state = load_json(c, dir, "state.json");
	c->source = load_json(c, dir, "timecamp_users.json");
	c->before = load_json(c, dir, "pending_before.json");
	load_alternatives(c);
	load_names(c);
	if (json_type(c->meta) != JSON_OBJECT || json_type(c->state) != JSON_OBJECT)
		error_set(e, ERROR_FAILED, "%s: case.json or state.json cannot be read", dir);
	else if (is_true(json_get(c->meta, "tls")))
		error_set(e, ERROR_FAILED, "%s: the simulated service speaks no TLS", dir);
	else
		rc = json_type(json_get(c->meta, "dry_run")) == JSON_FALSE || !dry_run(c) ? real_runs(c) : -1;
	texts_release(&c->names);
	arena_release(&c->arena);
	for (i = 0; i < c->doc_count; i++)
		json_doc_free(c->docs[i]);
	free(c);
	return rc;
}
