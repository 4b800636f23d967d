/* explain: why somebody gets, or does not get, what. */
#include "app/app.h"
#include "app/app_explain.h"
#include "base/json_scan.h"
#include "base/json_slice.h"
#include "base/log.h"
#include "base/unicode.h"
#include "store/store.h"

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

static int print_json(void *cookie, const char *data, size_t len, struct error *e)
{
	(void)cookie;
	(void)len;
	(void)e;
	out_text(data);
	return 0;
}

struct request {
	const char *query, *input;
	int json, colour;
};

static int show_json(const struct request *r, const struct explain *x, struct error *e)
{
	struct json_write w;
	int i, failed;

	json_write_init(&w, 1, print_json, NULL, 0);
	json_begin_object(&w);
	json_put_member(&w, "query", str_from(r->query));
	json_put_member(&w, "input", str_from(r->input));
	json_put_keyz(&w, "people");
	json_begin_array(&w);
	for (i = 0; i < x->count; i++) {
		const struct explain_person *who = &x->people[i];

		json_begin_object(&w);
		explain_person_json(&w, who, compare_saved(buf_str(&who->mail), buf_str(&who->account)));
		json_end_object(&w);
	}
	json_end_array(&w);
	json_put_keyz(&w, "more");
	json_put_bool(&w, x->more);
	json_put_keyz(&w, "near");
	json_begin_array(&w);
	for (i = 0; i < x->near_count && x->count == 0; i++)
		json_put_text(&w, buf_str(&x->near[i]));
	json_end_array(&w);
	json_end_object(&w);
	failed = json_write_finish(&w, e);
	json_write_release(&w);
	out_text("\n");
	return failed;
}

static void show_text(const struct request *r, const struct explain *x)
{
	struct explain_text t;
	int i;

	explain_text_init(&t, r->colour);
	for (i = 0; i < x->count; i++) {
		const struct explain_person *who = &x->people[i];

		explain_person_text(&t, who, r->input,
				    compare_saved(buf_str(&who->mail), buf_str(&who->account)));
	}
	if (x->more)
		explain_heading(&t, "There are others with that e-mail or external_id; these are %d",
				x->count);
	explain_text_release(&t);
}

static int nobody(const struct request *r, const struct explain *x, struct error *e)
{
	struct buf near;
	int i;

	buf_init(&near, ERROR_TEXT_MAX);
	for (i = 0; i < x->near_count; i++)
		buf_printf(&near, "%s%s", i > 0 ? ", " : "; did you mean ", buf_text(&x->near[i]));
	error_set(e, ERROR_FAILED, "nobody in %s has the e-mail or external_id \"%.100s\"%s%s", r->input,
		  r->query, buf_text(&near), near.len > 0 ? "?" : "");
	buf_release(&near);
	return -1;
}

static int run(const struct cli *c, struct error *e)
{
	struct request r;
	struct explain x;
	int failed;

	r.query = cli_word(c, 0);
	r.input = cli_value(c, "input") != NULL ? cli_value(c, "input") : PATH_USERS;
	r.json = cli_global(c)->json;
	r.colour = cli_colour(c, 1);
	explain_init(&x);
	failed = explain_run(&x, r.query, r.input, NULL, NULL, e);
	if (failed)
		error_add(e, "prepare");
	if (r.json && (!failed || x.count > 0))
		failed = show_json(&r, &x, e) || failed;
	else if (!r.json)
		show_text(&r, &x);
	if (!failed && x.count == 0)
		failed = nobody(&r, &x, e);
	explain_release(&x);
	return failed ? -1 : 0;
}

static const struct cli_option options[] = {
	{ "input", "FILE", "users of a source (" PATH_USERS ")" },
	{ NULL, NULL, NULL }
};

const struct command cmd_explain = {
	.name = "explain",
	.words = "EMAIL",
	.min_words = 1,
	.max_words = 1,
	.options = options,
	.help = "why somebody gets, or does not get, which account, group and role",
	.more = "EMAIL is an address of the source or of the prepared file, or an external_id. Shows the\n"
		"source's record, each rule that changed something with its setting, and what comes out.\n"
		"Nothing is changed. --json gives one object.",
	.run = run,
};
