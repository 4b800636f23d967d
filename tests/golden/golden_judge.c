/* How a sync case is judged: the files that say what is right, and the comparison. */
#include <string.h>

#include "golden/golden_sync_int.h"

#define NEW_USER "new:"

/* ---- values of case.json ------------------------------------------------------------------------ */

int sync_is_true(struct json v)
{
	return json_type(v) == JSON_TRUE;
}

enum sync_want sync_want_of(struct json v, enum sync_want otherwise)
{
	struct str text;
	struct arena a;
	enum sync_want w = WANT_NOT_0;

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

static enum sync_mode mode_of(struct json v)
{
	if (json_type(v) != JSON_STRING)
		return MODE_WHOLE;
	return str_eqz(json_raw(v), "\"no_calls\"") ? MODE_NO_CALLS : MODE_PARTIAL;
}

/* ---- what is right ------------------------------------------------------------------------------ */

static int has_file(const struct sync_case *c, const char *name)
{
	char path[HARNESS_PATH];

	harness_path(path, c->dir, name);
	return harness_exists(path);
}

static struct sync_alternative *add_alternative(struct sync_case *c, const char *tag, enum sync_want exit, enum sync_mode mode)
{
	struct sync_alternative *a = &c->alts[c->alt_count++];

	memset(a, 0, sizeof(*a));
	a->tag = tag;
	a->exit = exit;
	a->mode = mode;
	return a;
}

static void load_alternatives(struct sync_case *c)
{
	struct sync_alternative *a;

	if (has_file(c, "expected_state.json")) {
		a = add_alternative(c, "reference", sync_want_of(json_get(c->meta, "exit"), WANT_0),
				    mode_of(json_get(c->meta, "error_mode")));
		a->state = sync_load_json(c, c->dir, "expected_state.json");
		a->calls = sync_load_lines(c, "expected_calls.jsonl");
		a->second = sync_load_lines(c, "expected_second_run_calls.jsonl");
		a->pending = sync_load_json(c, c->dir, "pending_after.json");
	}
	if (has_file(c, "expected_fixed_state.json")) {
		a = add_alternative(c, "fixed", sync_want_of(json_get(c->meta, "fixed_exit"), WANT_0),
				    mode_of(json_get(c->meta, "fixed_error_mode")));
		a->state = sync_load_json(c, c->dir, "expected_fixed_state.json");
		a->calls = sync_load_lines(c, "expected_fixed_calls.jsonl");
		a->second = sync_load_lines(c, "expected_fixed_second_run_calls.jsonl");
		a->pending = sync_load_json(c, c->dir, "pending_after_fixed.json");
	}
	if (sync_is_true(json_get(c->meta, "ambiguous")) && c->alt_count) {	/* such people may be left alone, if said */
		a = add_alternative(c, "held", WANT_NOT_0, MODE_PARTIAL);
		a->state = c->alts[0].state;
	}
	if (sync_is_true(json_get(c->meta, "may_refuse")))
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

void sync_load_expectations(struct sync_case *c)
{
	load_alternatives(c);
	load_names(c);
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

static void expect(struct sync_case *c, const struct sync_alternative *a, struct expectation *x)
{
	struct canon canon;

	texts_init(&x->ops, &c->arena);
	texts_init(&x->second, &c->arena);
	texts_init(&x->pending, &c->arena);
	canon_init(&canon, &c->arena, c->state);
	canon_ops(&canon, a->calls, &x->ops);
	texts_unique(&x->ops);
	canon_state(&canon, a->state, &x->state);
	canon_pending(&canon, json_get(a->pending, "user_settings"), json_get(a->pending, "new_users"), &x->pending);
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
	struct sync_alternative whole;
	struct expectation x;
	size_t i;

	texts_init(allowed, &c->arena);
	for (i = 0; i < c->alt_count; i++) {
		expect(c, &c->alts[i], &x);
		append(allowed, &x.ops);
		expectation_release(&x);
	}
	memset(&whole, 0, sizeof(whole));
	whole.calls = sync_load_lines(c, "allowed_calls.jsonl");
	expect(c, &whole, &x);
	append(allowed, &x.ops);
	expectation_release(&x);
}

/* ---- judging ------------------------------------------------------------------------------------ */

int sync_exit_also(const struct sync_case *c, int code)
{
	struct json also = json_get(c->meta, "exit_also"), v;
	int64_t n;

	for (v = json_first(also); json_type(v) != JSON_NONE; v = json_next(also, v))
		if (!json_int(v, &n) && n == code)
			return 1;
	return 0;
}

int sync_exit_is(enum sync_want want, int code)
{
	return code >= 0 && (want == WANT_ANY || (want == WANT_0) == (code == 0));
}

static size_t judge_one(struct sync_case *c, const struct sync_alternative *a, const struct sync_result *r, struct buf *out)
{
	struct expectation x;
	struct texts allowed;
	size_t n = 0;

	expect(c, a, &x);
	if (!sync_exit_is(a->exit, r->code) && !(a->exit == WANT_0 && sync_exit_also(c, r->code))) {
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
static size_t subject_mixed(struct sync_case *c, const struct expectation *x, size_t n, const struct sync_result *r,
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

static size_t user_mixed(struct sync_case *c, const struct expectation *x, size_t n, const struct sync_result *r,
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

static size_t groups_mixed(struct sync_case *c, const struct expectation *x, size_t n, const struct sync_result *r,
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
static size_t compare_mixed(struct sync_case *c, const struct expectation *x, size_t n, const struct sync_result *r,
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
static size_t pending_mixed(const struct expectation *x, size_t n, const struct sync_result *r, struct buf *out)
{
	size_t k;

	for (k = 0; k < n; k++)
		if (texts_same(&x[k].pending, &r->pending))
			return 0;
	return pending_differs(&x[0].pending, &r->pending, out);
}

static size_t judge_mixed(struct sync_case *c, const struct sync_result *r, struct buf *out)
{
	struct expectation x[SYNC_ALTERNATIVES];
	size_t i, n = 0, wrong = 1;
	int all_pending = 1;

	for (i = 0; i < c->alt_count; i++) {
		if (c->alts[i].mode != MODE_WHOLE || c->alts[i].exit != WANT_0)
			continue;
		all_pending &= json_type(c->alts[i].pending) != JSON_NONE;
		expect(c, &c->alts[i], &x[n++]);
	}
	if (n > 1 && (r->code == 0 || sync_exit_also(c, r->code))) {
		wrong = compare_mixed(c, x, n, r, out);
		if (all_pending)
			wrong += pending_mixed(x, n, r, out);
	}
	for (i = 0; i < n; i++)
		expectation_release(&x[i]);
	return wrong;
}

/* 1 when the result is right; *again tells whether a second run makes sense. */
int sync_judge(struct sync_case *c, const struct sync_result *r, int *again)
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
			*again = i < c->alt_count ? c->alts[i].exit == WANT_0 : 1;
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

void sync_second_ops(struct sync_case *c, struct texts *out)
{
	struct expectation x;
	size_t i;

	texts_init(out, &c->arena);
	for (i = 0; i < c->alt_count; i++) {
		expect(c, &c->alts[i], &x);
		append(out, &x.second);
		expectation_release(&x);
	}
}
