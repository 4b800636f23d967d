/*
 * A prepare case: case.env as .env, users.json in, expected.json out. See tests/golden/README.md.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "golden/golden.h"
#include "harness.h"

#define TOKENS_MAX ((size_t)1 << 21)
#define TEXTS_MAX ((size_t)1 << 28)
#define OLD_OUTPUT "an older output file, to stay as it is\n"

/* Files of a case that are not given to the program. */
static int is_own(const char *name)
{
	return !strncmp(name, "expected", 8) || !strcmp(name, "NOTE.md") || !strcmp(name, "case.env");
}

/* The case's files in a fresh folder, with an older output file. */
static int lay_out(const char *dir, const char *work, struct error *e)
{
	char from[HARNESS_PATH], to[HARNESS_PATH], **names;
	size_t n = 0, i;
	int rc = 0;

	if (harness_fresh(work, e))
		return -1;
	names = harness_names(dir, &n, e);
	if (!names)
		return -1;
	for (i = 0; i < n && !rc; i++) {
		harness_path(from, dir, names[i]);
		harness_path(to, work, names[i]);
		if (!is_own(names[i]))
			rc = harness_copy(from, to, e);
	}
	free(names);
	harness_path(from, dir, "case.env");
	harness_path(to, work, ".env");
	if (!rc)
		rc = harness_copy(from, to, e);
	harness_path(to, work, "out.json");
	return rc ? -1 : harness_save(to, STR(OLD_OUTPUT), e);
}

static int may_refuse(const char *dir)
{
	char path[HARNESS_PATH];
	struct buf note;
	int rc;

	harness_path(path, dir, "NOTE.md");
	buf_init(&note, HARNESS_FILE_MAX);
	rc = !harness_load(path, &note) && strstr(buf_text(&note), "Class: safer to reject") != NULL;
	buf_release(&note);
	return rc;
}

/* Compares the output with one expectation. 1 and a problem when it is another. */
static int output_differs(const char *expected, struct str output, struct buf *problem)
{
	struct error e;
	struct json_doc *want_doc = json_doc_new(TOKENS_MAX, &e), *got_doc = json_doc_new(TOKENS_MAX, &e);
	struct json want, got;
	struct arena arena;
	struct buf text;
	int rc = 1;

	arena_init(&arena, TEXTS_MAX);
	buf_init(&text, HARNESS_FILE_MAX);
	if (!want_doc || !got_doc || harness_load(expected, &text))
		buf_printf(problem, "cannot read %s\n", expected);
	else if (json_parse(want_doc, buf_str(&text), 0, &want, &e))
		buf_printf(problem, "%s: %s\n", expected, e.text);
	else if (json_parse(got_doc, output, 0, &got, &e))
		buf_printf(problem, "the output: %s\n", e.text);
	else
		rc = golden_differs(want, got, problem, &arena);
	buf_release(&text);
	arena_release(&arena);
	json_doc_free(want_doc);
	json_doc_free(got_doc);
	return rc;
}

/* The last line of what was printed to standard error. */
static struct str last_words(const struct harness_run *r)
{
	struct str rest = str_trim(buf_str(&r->err)), line, last = rest;

	while (rest.len && str_next(&rest, '\n', &line))
		last = line;
	return str_sub(last, 0, 300);
}

static void judge(const struct harness_run *r, const char *dir, struct str output, struct buf *problems)
{
	int kept = str_eqz(output, OLD_OUTPUT), refused = r->code != 0 && kept;
	char path[HARNESS_PATH];
	struct buf unused;

	harness_path(path, dir, "expected_error.txt");
	if (harness_run_crashed(r)) {
		buf_printf(problems, "%s: %.*s\n", harness_run_crashed(r), STR_ARG(last_words(r)));
		return;
	}
	if (harness_exists(path) || (refused && may_refuse(dir))) {
		if (!refused)
			buf_printf(problems, "%s instead of failing\n", r->code ? "wrote an output file" : "succeeded");
		return;
	}
	if (r->code) {
		buf_printf(problems, "exit code %d: %.*s\n", r->code, STR_ARG(last_words(r)));
		return;
	}
	buf_init(&unused, HARNESS_FILE_MAX);
	harness_path(path, dir, "expected_alt.json");
	if (!harness_exists(path) || output_differs(path, output, &unused)) {
		harness_path(path, dir, "expected.json");
		output_differs(path, output, problems);
	}
	buf_release(&unused);
}

int golden_prepare(const struct golden *g, const char *dir, struct buf *problems, struct error *e)
{
	char work[HARNESS_PATH], path[HARNESS_PATH];
	struct harness_run r;
	struct buf output;
	int rc = -1;

	harness_path(work, g->scratch, "prepare");
	buf_init(&output, HARNESS_FILE_MAX);
	harness_run_init(&r, g->program, work);
	harness_run_args(&r, "prepare", "--input", "users.json", "--output", "out.json", NULL);
	if (lay_out(dir, work, e) || harness_run(&r, e))
		goto out;
	harness_path(path, work, "out.json");
	harness_load(path, &output);
	judge(&r, dir, buf_str(&output), problems);
	rc = 0;
out:
	harness_run_release(&r);
	buf_release(&output);
	return rc;
}

/* ---- the tree ----------------------------------------------------------------------------------- */

/* The first line in which two texts differ. */
static void lines_differ(struct str want, struct str got, struct buf *problems)
{
	struct str w, x;
	int more_w, more_x, line = 0;

	do {
		more_w = want.len && str_next(&want, '\n', &w);
		more_x = got.len && str_next(&got, '\n', &x);
		line++;
	} while (more_w && more_x && str_eq(w, x));
	buf_printf(problems, "line %d: wanted \"%.*s\", found \"%.*s\"\n", line, more_w ? (int)w.len : 5,
		   more_w ? w.ptr : "(end)", more_x ? (int)x.len : 5, more_x ? x.ptr : "(end)");
}

int golden_tree(const struct golden *g, const char *dir, struct buf *problems, struct error *e)
{
	char work[HARNESS_PATH], from[HARNESS_PATH], to[HARNESS_PATH];
	struct harness_run r;
	struct buf want;
	int rc = -1;

	harness_path(work, g->scratch, "tree");
	buf_init(&want, HARNESS_FILE_MAX);
	harness_run_init(&r, g->program, work);
	harness_run_args(&r, "tree", "--detailed", "--file", "prepared.json", NULL);
	if (lay_out(dir, work, e))
		goto out;
	harness_path(from, dir, "expected.json");
	harness_path(to, work, "prepared.json");
	if (harness_copy(from, to, e))
		goto out;
	harness_path(from, dir, "expected_tree.txt");
	if (harness_run(&r, e) || harness_load(from, &want))
		goto out;
	rc = 0;
	if (harness_run_crashed(&r))
		buf_printf(problems, "%s: %.*s\n", harness_run_crashed(&r), STR_ARG(last_words(&r)));
	else if (r.code && may_refuse(dir))
		goto out;
	else if (!str_eq(buf_str(&want), buf_str(&r.out)))
		lines_differ(buf_str(&want), buf_str(&r.out), problems);
out:
	harness_run_release(&r);
	buf_release(&want);
	return rc;
}
