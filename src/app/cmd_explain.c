/* explain: why somebody gets, or does not get, what. */
#include "app/app.h"
#include "app/app_compare.h"
#include "app/app_explain.h"
#include "base/json_scan.h"
#include "base/json_slice.h"
#include "base/log.h"
#include "base/unicode.h"
#include "store/store.h"
#include "target/target.h"

/* ---- the prepared file as it is ----------------------------------------------------------------------- */

struct search {
	struct str mail;	/* borrowed: lower case */
	struct arena arena;	/* owned; emptied after each record */
	struct buf lower;	/* owned */
	struct buf account;	/* owned: what was found, without raw_data */
};

static int on_account(void *cookie, const struct json_match *match, struct str raw, struct error *e)
{
	struct search *s = cookie;
	struct str mail;

	(void)match;
	(void)e;
	arena_reset(&s->arena);
	mail = json_slice_text(json_slice_member(raw, STR("timecamp_email")), &s->arena);
	buf_reset(&s->lower);
	unicode_lower(&s->lower, mail);
	if (str_eq(buf_str(&s->lower), s->mail))
		explain_account(&s->account, raw);
	return 0;
}

/* How the prepared file fits an account, which is empty for somebody who has none. */
static enum saved_state compare_saved(struct str mail, struct str account)
{
	static const char *const paths[] = { "[*]", NULL };
	enum saved_state state = SAVED_NO_FILE;
	struct json_scan *scan;
	struct search s;
	struct error e;

	if (!store_exists(PATH_PREPARED))
		return state;
	s.mail = mail;
	arena_init(&s.arena, MAX_RECORD);
	buf_init(&s.lower, 3 * MAX_RECORD);
	buf_init(&s.account, 8 * MAX_RECORD);
	error_init(&e);
	scan = json_scan_new(paths, 8 * MAX_RECORD, on_account, &s, &e);
	state = SAVED_DIFFERS;
	if (scan == NULL || store_scan(PATH_PREPARED, NULL, scan, &e) != 0)
		log_warning("%s", e.text);
	else if (s.account.len == 0)
		state = SAVED_MISSING;
	else if (str_eq(buf_str(&s.account), account))
		state = SAVED_SAME;
	json_scan_free(scan);
	arena_release(&s.arena);
	buf_release(&s.lower);
	buf_release(&s.account);
	return state;
}

/* ---- the command -------------------------------------------------------------------------------------- */

struct request {
	const char *query, *input;
	int json, colour;
	struct explain x;		/* owned */
	struct comparison target;	/* owned */
};

static int print_json(void *cookie, const char *data, size_t len, struct error *e)
{
	(void)cookie;
	(void)len;
	(void)e;
	out_text(data);
	return 0;
}

/* Whether the target has told about somebody's address already. */
static int is_told(const struct explain *x, int n)
{
	int i;

	for (i = 0; i < n; i++)
		if (str_eq(buf_str(&x->people[i].mail), buf_str(&x->people[n].mail)))
			return 1;
	return 0;
}

/* The cases of person n; of -1 those of the query itself. *count: how many. */
static int each_case(struct request *r, int n, plan_case_fn *fn, void *cookie, int *count, struct error *e)
{
	struct comparison *k = &r->target;
	const struct explain_person *who = n >= 0 ? &r->x.people[n] : NULL;
	struct str query = unicode_trim(str_from(r->query));

	*count = 0;
	if (k->state != COMPARE_DONE || (n >= 0 && is_told(&r->x, n)))
		return 0;
	return plan_explain(k->run.plan, &k->policy, who != NULL ? buf_str(&who->mail) : query,
			    who != NULL ? buf_str(&who->id) : query, fn, cookie, count, e);
}

static enum saved_state saved_state(const struct explain_person *who)
{
	return compare_saved(buf_str(&who->mail), buf_str(&who->account));
}

/* ---- as JSON ---- */

static int write_case(void *cookie, const struct plan_case *c, struct error *e)
{
	(void)e;
	explain_case_json(cookie, c);
	return 0;
}

static void write_target(struct json_write *w, const struct comparison *k)
{
	static const char *const states[] = { "offline", "not set up", "failed", "compared" };
	struct str rest = buf_str(&k->limits), line;

	json_put_keyz(w, "target");
	json_begin_object(w);
	json_put_member(w, "name", str_from(k->run.target->name));
	json_put_member(w, "state", str_from(states[k->state]));
	if (k->state == COMPARE_FAILED)
		json_put_member(w, "error", str_from(k->error.text));
	json_put_keyz(w, "limits");
	json_begin_array(w);
	while (rest.ptr != NULL && rest.len > 0 && str_next(&rest, '\n', &line))
		json_put_text(w, line);
	json_end_array(w);
	json_put_keyz(w, "held");
	json_put_bool(w, k->over && !k->skip);
	json_end_object(w);
}

static int write_cases(struct request *r, struct json_write *w, int n, int *count, struct error *e)
{
	int failed;

	json_put_keyz(w, "target_users");
	json_begin_array(w);
	failed = each_case(r, n, write_case, w, count, e);
	json_end_array(w);
	return failed;
}

static int show_json(struct request *r, int *found, struct error *e)
{
	const struct explain *x = &r->x;
	struct json_write w;
	int i, failed = 0, count;

	json_write_init(&w, 1, print_json, NULL, 0);
	json_begin_object(&w);
	json_put_member(&w, "query", str_from(r->query));
	json_put_member(&w, "input", str_from(r->input));
	json_put_keyz(&w, "people");
	json_begin_array(&w);
	for (i = 0; i < x->count && !failed; i++) {
		json_begin_object(&w);
		explain_person_json(&w, &x->people[i], saved_state(&x->people[i]));
		failed = write_cases(r, &w, i, &count, e);
		json_end_object(&w);
	}
	json_end_array(&w);
	json_put_keyz(&w, "more");
	json_put_bool(&w, x->more);
	write_target(&w, &r->target);
	if (x->count == 0)
		failed = write_cases(r, &w, -1, found, e);
	json_put_keyz(&w, "near");
	json_begin_array(&w);
	for (i = 0; i < x->near_count && x->count == 0 && !*found; i++)
		json_put_text(&w, buf_str(&x->near[i]));
	json_end_array(&w);
	json_end_object(&w);
	failed = failed || json_write_finish(&w, e) != 0;
	json_write_release(&w);
	out_text("\n");
	return failed ? -1 : 0;
}

/* ---- as text ---- */

struct case_text {
	struct explain_text *text;
	const struct request *request;
};

/* Before the first thing that is said of somebody whom the source does not know. */
static void put_no_source(struct explain_text *t, const struct request *r)
{
	if (!t->begun)
		explain_heading(t, "Source: nobody in %s has that e-mail or external_id", r->input);
}

static int put_case(void *cookie, const struct plan_case *c, struct error *e)
{
	struct case_text *t = cookie;

	(void)e;
	put_no_source(t->text, t->request);
	explain_case_text(t->text, c, t->request->target.run.target->title);
	return 0;
}

static int put_cases(struct request *r, struct explain_text *t, int n, int *count, struct error *e)
{
	struct case_text c = { NULL, NULL };

	c.text = t;
	c.request = r;
	if (each_case(r, n, put_case, &c, count, e) != 0)
		return -1;
	if (n >= 0 && *count == 0 && r->target.state == COMPARE_DONE && !is_told(&r->x, n))
		explain_heading(t, "%s: nobody has this e-mail or external id, and nothing is to be done",
				r->target.run.target->title);
	return 0;
}

static void put_target(struct explain_text *t, const struct comparison *k)
{
	const char *title = k->run.target->title;
	struct str rest = buf_str(&k->limits), line;

	if (k->state == COMPARE_NOT_SET_UP)
		explain_heading(t, "%s: is not set up", title);
	else if (k->state == COMPARE_FAILED)
		explain_heading(t, "%s: could not be compared: %s", title, k->error.text);
	if (rest.len == 0)
		return;
	explain_heading(t, "%s: limits", title);
	while (rest.len > 0 && str_next(&rest, '\n', &line))
		explain_line(t, line);
	if (k->over && !k->skip)
		explain_line(t, STR("nothing at all is done until the plan is approved (SYNC_ON_LIMIT)"));
}

static int show_text(struct request *r, int *found, struct error *e)
{
	const struct explain *x = &r->x;
	struct explain_text t;
	int i, failed = 0, count;

	explain_text_init(&t, r->colour);
	for (i = 0; i < x->count && !failed; i++) {
		explain_person_text(&t, &x->people[i], r->input, saved_state(&x->people[i]));
		failed = put_cases(r, &t, i, &count, e);
	}
	if (x->more)
		explain_heading(&t, "There are others with that e-mail or external_id; these are %d",
				x->count);
	if (x->count == 0)
		failed = put_cases(r, &t, -1, found, e);
	if (r->target.state == COMPARE_FAILED)
		put_no_source(&t, r);
	if (!failed && t.begun)
		put_target(&t, &r->target);
	explain_text_release(&t);
	return failed;
}

/* ---- both ---- */

static int nobody(const struct request *r, struct error *e)
{
	const struct explain *x = &r->x;
	struct buf near;
	int i;

	buf_init(&near, ERROR_TEXT_MAX);
	for (i = 0; i < x->near_count; i++)
		buf_printf(&near, "%s%s", i > 0 ? ", " : "; did you mean ", buf_text(&x->near[i]));
	error_set(e, ERROR_FAILED, "nobody in %s%s%s has the e-mail or external_id \"%.100s\"%s%s", r->input,
		  r->target.state == COMPARE_DONE ? " or in " : "",
		  r->target.state == COMPARE_DONE ? r->target.run.target->title : "", r->query,
		  buf_text(&near), near.len > 0 ? "?" : "");
	buf_release(&near);
	return -1;
}

/* Prints what there is; then what failed decides how it ends. */
static int show(struct request *r, int prepare_failed, struct error *e)
{
	struct error first = *e;
	int found = 0;

	error_init(e);
	if ((!prepare_failed || r->x.count > 0) &&
	    (r->json ? show_json(r, &found, e) : show_text(r, &found, e)) != 0)
		return -1;
	if (prepare_failed) {
		*e = first;
		return error_add(e, "prepare");
	}
	if (r->target.state == COMPARE_FAILED) {
		*e = r->target.error;
		return error_add(e, "%s", r->target.run.target->title);
	}
	return r->x.count == 0 && !found ? nobody(r, e) : 0;
}

static int find_target(const struct cli *c, const struct target **target, struct error *e)
{
	const char *name = cli_word(c, 1);

	*target = target_find(name != NULL ? name : "timecamp");
	if (*target == NULL)
		return error_set(e, ERROR_USAGE, "\"%.80s\" is no target; there is: timecamp", name);
	return 0;
}

static int run(const struct cli *c, struct error *e)
{
	const struct target *target;
	struct request r;
	int failed;

	if (find_target(c, &target, e) != 0)
		return -1;
	r.query = cli_word(c, 0);
	r.input = cli_value(c, "input") != NULL ? cli_value(c, "input") : PATH_USERS;
	r.json = cli_global(c)->json;
	r.colour = cli_colour(c, 1);
	explain_init(&r.x);
	compare_begin(&r.target, target, cli_given(c, "offline"), cli_word(c, 1) != NULL);
	failed = explain_run(&r.x, r.query, r.input, r.target.state == COMPARE_DONE ? compare_feed : NULL,
			     &r.target, e);
	if (failed && r.target.state == COMPARE_DONE)
		r.target.state = COMPARE_OFF;
	compare_end(&r.target);
	failed = show(&r, failed, e);
	compare_release(&r.target);
	explain_release(&r.x);
	return failed;
}

static const struct cli_option options[] = {
	{ "input", "FILE", "users of a source (" PATH_USERS ")" },
	{ "offline", NULL, "leave the target out" },
	{ NULL, NULL, NULL }
};

const struct command cmd_explain = {
	.name = "explain",
	.words = "EMAIL [TARGET]",
	.min_words = 1,
	.max_words = 2,
	.options = options,
	.help = "why somebody gets, or does not get, which account, group and role",
	.more = "EMAIL is an address of the source, of the prepared file or of the target, or an\n"
		"external_id. Shows the source's record, each rule that changed something with its\n"
		"setting, what comes out, and, if the target is set up, its user and what a sync would\n"
		"do. Nothing is changed. --json gives one object. TARGET: timecamp (default).",
	.run = run,
};
