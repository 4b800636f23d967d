/*
 * A fetch case: settings, a scripted service, and the users.json (or, for Factorial's leaves, vacation.json) that must
 * come of it. See tests/golden/README.md.
 */
#include <stdio.h>
#include <string.h>

#include "golden/golden.h"
#include "harness.h"
#include "sandbox/websim.h"

#define TOKENS_MAX ((size_t)1 << 21)
#define TEXTS_MAX ((size_t)1 << 28)
#define OLD_OUTPUT "{\"users\": [{\"external_id\": \"left-from-the-previous-run\"}]}\n"
#define LOGGED_MAX 400		/* bytes shown of what the program said */
#define SECRET_MIN 6		/* bytes of a secret: shorter ones are words, too */

struct fetch_case {
	const char *dir;
	char work[HARNESS_PATH];
	const char *expected, *output;	/* names of files */
	int must_fail, time_off;
	struct websim *sim;
	struct buf *problems;
};

static int has_file(const char *dir, const char *name)
{
	char path[HARNESS_PATH];

	harness_path(path, dir, name);
	return harness_exists(path);
}

/* Replaces out by a file of a folder. */
static int load(const char *dir, const char *name, struct buf *out)
{
	char path[HARNESS_PATH];

	harness_path(path, dir, name);
	return harness_load(path, out);
}

/* A file of the case with the placeholders replaced. */
static int load_filled(const struct fetch_case *c, const char *name, struct buf *out)
{
	struct buf text;
	int rc;

	buf_init(&text, HARNESS_FILE_MAX);
	rc = load(c->dir, name, &text);
	buf_reset(out);
	websim_fill(out, buf_str(&text), websim_base(c->sim));
	buf_release(&text);
	return rc;
}

static int start_service(struct fetch_case *c, struct error *e)
{
	struct buf text;

	buf_init(&text, HARNESS_FILE_MAX);
	if (load(c->dir, "exchanges.json", &text))
		error_set(e, ERROR_FAILED, "exchanges.json cannot be read");
	else
		c->sim = websim_new_script(buf_str(&text), e);
	buf_release(&text);
	return c->sim ? 0 : -1;
}

/* The settings in a fresh folder, with an older output file where that is to stay. */
static int lay_out(struct fetch_case *c, struct error *e)
{
	char path[HARNESS_PATH];
	struct buf text;
	int rc;

	if (harness_fresh(c->work, e))
		return -1;
	buf_init(&text, HARNESS_FILE_MAX);
	load_filled(c, "case.env", &text);
	harness_path(path, c->work, ".env");
	rc = harness_save(path, str_of(buf_text(&text), text.len), e);
	harness_path(path, c->work, c->output);
	if (!rc && c->must_fail)
		rc = harness_save(path, STR(OLD_OUTPUT), e);
	buf_release(&text);
	return rc;
}

/* The word before the first "-" of the case's name. */
static struct str source_of(const char *dir)
{
	const char *name = strrchr(dir, '/');

	name = name ? name + 1 : dir;
	return str_sub(str_from(name), 0, str_find_char(str_from(name), 0, '-'));
}

static int run_program(const struct golden *g, struct fetch_case *c, struct harness_run *r, struct error *e)
{
	char source[32];

	snprintf(source, sizeof(source), "%.*s", STR_ARG(source_of(c->dir)));
	harness_run_init(r, g->program, c->work);
	r->web = c->sim;
	if (c->time_off)
		harness_run_args(r, "timeoff", "fetch", "factorial", "--debug", (const char *)NULL);
	else
		harness_run_args(r, "fetch", source, "--output", c->output, "--debug", (const char *)NULL);
	return harness_run(r, e);
}

/* Where the marker "twice" is, a first run must go well; the second one is judged. */
static int run_first(const struct golden *g, struct fetch_case *c, struct error *e)
{
	struct harness_run r;
	int rc;

	if (!has_file(c->dir, "twice"))
		return 0;
	rc = run_program(g, c, &r, e);
	if (!rc && (r.code != 0 || harness_run_crashed(&r)))
		buf_puts(c->problems, "the first run failed\n");
	harness_run_release(&r);
	return rc;
}

/* 1 for the name of a setting that holds a secret. */
static int is_secret(struct str name)
{
	static const char *const endings[] = { "_KEY", "_TOKEN", "_SECRET" };
	size_t i;

	for (i = 0; i < sizeof(endings) / sizeof(*endings); i++)
		if (str_ends(name, str_from(endings[i])))
			return 1;
	return 0;
}

/* No secret of the settings is in what was said or written. */
static void search_secrets(struct fetch_case *c, const struct harness_run *r, struct str output)
{
	struct str places[3], rest, line, value;
	struct buf text;
	size_t equals, i;

	places[0] = buf_str(&r->out);
	places[1] = buf_str(&r->err);
	places[2] = output;
	buf_init(&text, HARNESS_FILE_MAX);
	load_filled(c, "case.env", &text);
	rest = buf_str(&text);
	while (rest.len && str_next(&rest, '\n', &line)) {
		equals = str_find_char(line, 0, '=');
		value = str_trim(str_sub(line, equals + 1, line.len));
		if (value.len > 1 && (value.ptr[0] == '\'' || value.ptr[0] == '"'))
			value = str_sub(value, 1, str_find_char(value, 1, value.ptr[0]) - 1);
		for (i = 0; i < 3 && value.len >= SECRET_MIN && is_secret(str_trim(str_sub(line, 0, equals))); i++)
			if (str_find(places[i], 0, value) < places[i].len)
				buf_printf(c->problems, "the secret of %.*s is seen\n", STR_ARG(str_sub(line, 0, equals)));
	}
	buf_release(&text);
}

static void compare(struct fetch_case *c, struct str output)
{
	struct error e;
	struct json_doc *want_doc = json_doc_new(TOKENS_MAX, &e), *got_doc = json_doc_new(TOKENS_MAX, &e);
	struct json want, got;
	struct arena arena;
	struct buf text;

	arena_init(&arena, TEXTS_MAX);
	buf_init(&text, HARNESS_FILE_MAX);
	if (!want_doc || !got_doc || load_filled(c, c->expected, &text))
		buf_printf(c->problems, "cannot read %s\n", c->expected);
	else if (json_parse(want_doc, buf_str(&text), 0, &want, &e))
		buf_printf(c->problems, "%s: %s\n", c->expected, e.text);
	else if (json_parse(got_doc, output, 0, &got, &e))
		buf_printf(c->problems, "the output: %s\n", e.text);
	else
		golden_differs(want, got, c->problems, &arena);
	buf_release(&text);
	arena_release(&arena);
	json_doc_free(want_doc);
	json_doc_free(got_doc);
}

static void judge(struct fetch_case *c, const struct harness_run *r)
{
	struct buf output;
	int written;

	buf_init(&output, HARNESS_FILE_MAX);
	written = !load(c->work, c->output, &output);
	if (harness_run_crashed(r))
		buf_printf(c->problems, "%s\n", harness_run_crashed(r));
	else if (c->must_fail && r->code == 0)
		buf_puts(c->problems, "exit code 0, but the run must fail\n");
	else if (c->must_fail && !str_eq(buf_str(&output), STR(OLD_OUTPUT)))
		buf_puts(c->problems, "a failed run changed the output file\n");
	else if (!c->must_fail && r->code != 0)
		buf_printf(c->problems, "exit code %d\n", r->code);
	else if (!c->must_fail && !written)
		buf_puts(c->problems, "nothing was written to the output file\n");
	else if (!c->must_fail)
		compare(c, buf_str(&output));
	websim_complain(c->sim, 0, c->problems);
	search_secrets(c, r, buf_str(&output));
	if (c->problems->len && r->err.len) {
		struct str said = str_trim(buf_str(&r->err));

		if (said.len > LOGGED_MAX)
			said = str_sub(said, said.len - LOGGED_MAX, LOGGED_MAX);
		buf_printf(c->problems, "it said: %.*s\n", STR_ARG(said));
	}
	buf_release(&output);
}

int golden_fetch(const struct golden *g, const char *dir, struct buf *problems, struct error *e)
{
	struct harness_run r;
	struct fetch_case c;
	int rc = -1;

	memset(&c, 0, sizeof(c));
	c.dir = dir;
	c.problems = problems;
	c.expected = has_file(dir, "expected_vacation.json") ? "expected_vacation.json" : "expected_users.json";
	c.must_fail = has_file(dir, "expected_error.txt");
	c.time_off = has_file(dir, "expected_vacation.json") || has_file(dir, "time_off");
	c.output = c.time_off ? "vacation.json" : "out.json";
	harness_path(c.work, g->scratch, "fetch");
	if (c.must_fail == has_file(dir, c.expected))
		return error_set(e, ERROR_FAILED, "one of expected_*.json and expected_error.txt is needed");
	if (start_service(&c, e))
		return -1;
	if (!lay_out(&c, e) && !run_first(g, &c, e)) {
		rc = run_program(g, &c, &r, e);
		if (!rc)
			judge(&c, &r);
		harness_run_release(&r);
	}
	websim_free(c.sim);
	return rc;
}
