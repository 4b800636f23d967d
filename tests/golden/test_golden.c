/*
 * build/test_golden [--program PATH] [--cases DIR] [--step N] [KIND/NAME...]
 *
 * Runs the golden cases below tests/golden: prepare, tree, fetch, sync, loops; or only those named. The cases listed in later.txt
 * are run too, and must fail: one that passes has to be taken off the list. Without names the work is shared by two
 * processes. The last line is "N passed, N failed".
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "golden/golden.h"
#include "harness.h"
#include "port.h"

#define PARTS 2			/* processes that share the cases */
#define NAME_BYTES 256		/* longest KIND/NAME, with its NUL */
#define PROBLEM_LINES 12	/* printed of one case */

static const struct kind {
	const char *name, *folder;	/* of the cases below the folder of cases */
	const char *needs;		/* only cases with this file */
	golden_fn *run;
	const char *const *only;	/* these alone, ends with NULL; NULL: all */
} kinds[] = {
	{ "prepare", "prepare", "case.env", golden_prepare, NULL },
	{ "tree", "prepare", "expected_tree.txt", golden_tree, NULL },
	{ "fetch", "fetch", "exchanges.json", golden_fetch, NULL },
	{ "sync", "sync", "case.json", golden_sync, NULL },
	{ "loops", "sync", "case.json", golden_loops, golden_loop_cases },
};

struct runner {
	struct golden g;
	const char *cases;		/* folder */
	char **names;			/* of cases; NULL: all */
	int name_count;
	unsigned part, parts;
	struct buf later;		/* the list of cases not expected to pass */
	struct buf again;		/* the list of cases with something left after a run */
	unsigned seen, passed, failed, waiting;
};

/* ---- lists of cases ----------------------------------------------------------------------------- */

/* What stands behind the name in the list, after a blank; ptr NULL when it is not in there. */
static struct str listed(struct buf *list, const char *name)
{
	struct str rest = buf_str(list), line;
	size_t len = strlen(name);

	while (rest.len && str_next(&rest, '\n', &line))
		if (line.len > len && !memcmp(line.ptr, name, len) && line.ptr[len] == ' ')
			return str_sub(line, len + 1, line.len);
	return str_of(NULL, 0);
}

static enum golden_again again_of(struct runner *r, const char *name)
{
	struct str how = listed(&r->again, name);

	if (!how.ptr)
		return GOLDEN_AT_REST;
	return str_starts(how, STR("once ")) ? GOLDEN_ONCE : GOLDEN_ALWAYS;
}

static int is_case(const struct runner *r, struct str name)
{
	char path[HARNESS_PATH];
	int found = 0;
	size_t i;

	for (i = 0; i < sizeof(kinds) / sizeof(*kinds) && !found; i++) {
		size_t len = strlen(kinds[i].name);

		if (!str_starts(name, str_from(kinds[i].name)) || name.len < len + 2 || name.ptr[len] != '/')
			continue;
		snprintf(path, sizeof(path), "%s/%s/%.*s/%s", r->cases, kinds[i].folder,
			 STR_ARG(str_sub(name, len + 1, name.len)), kinds[i].needs);
		found = harness_exists(path);
	}
	return found;
}

/* Entries for which there is no case are mistakes. */
static void check_list(struct runner *r, struct buf *list, const char *file)
{
	struct str rest = buf_str(list), line, name;

	while (rest.len && str_next(&rest, '\n', &line)) {
		if (!line.len || line.ptr[0] == '#')
			continue;
		name = str_sub(line, 0, str_find_char(line, 0, ' '));
		if (is_case(r, name))
			continue;
		printf("FAIL %s: there is no case %.*s\n", file, STR_ARG(name));
		r->failed++;
	}
}

/* ---- running ------------------------------------------------------------------------------------ */

static void print_problems(const char *name, struct str problems)
{
	struct str rest = problems, line;
	int n = 0;

	printf("FAIL %s\n", name);
	while (rest.len && str_next(&rest, '\n', &line))
		if (line.len && n++ < PROBLEM_LINES)
			printf("     %.*s\n", STR_ARG(line));
	if (n > PROBLEM_LINES)
		printf("     ... and %d more\n", n - PROBLEM_LINES);
}

static void run_case(struct runner *r, const struct kind *k, const char *name, const char *dir)
{
	int later = listed(&r->later, name).ptr != NULL;
	struct buf problems;
	struct error e;

	r->g.again = again_of(r, name);
	buf_init(&problems, HARNESS_FILE_MAX);
	error_init(&e);
	if (k->run(&r->g, dir, &problems, &e))
		buf_printf(&problems, "cannot be run: %s\n", e.text);
	if (problems.len && later) {
		r->waiting++;
	} else if (problems.len) {
		print_problems(name, buf_str(&problems));
		r->failed++;
	} else if (later) {
		print_problems(name, STR("passes: take it off the list tests/golden/later.txt"));
		r->failed++;
	} else {
		r->passed++;
	}
	fflush(stdout);
	buf_release(&problems);
}

/* name: KIND/NAME */
static int is_wanted(struct runner *r, const struct kind *k, const char *name)
{
	const char *const *only = k->only;
	int i;

	while (only && *only && strcmp(*only, name + strlen(k->name) + 1))
		only++;
	if (only && !*only)
		return 0;
	if (!r->name_count)
		return r->seen++ % r->parts == r->part;
	for (i = 0; i < r->name_count; i++)
		if (!strcmp(r->names[i], name))
			return 1;
	return 0;
}

static int run_kind(struct runner *r, const struct kind *k, struct error *e)
{
	char folder[HARNESS_PATH], dir[2 * HARNESS_PATH], file[HARNESS_PATH], name[NAME_BYTES + 16], **names;
	size_t n, i;

	harness_path(folder, r->cases, k->folder);
	names = harness_names(folder, &n, e);
	if (!names)
		return -1;
	for (i = 0; i < n; i++) {
		snprintf(dir, sizeof(dir), "%s/%s", folder, names[i]);
		snprintf(name, sizeof(name), "%s/%s", k->name, names[i]);
		harness_path(file, dir, k->needs);
		if (harness_exists(file) && is_wanted(r, k, name))
			run_case(r, k, name, dir);
	}
	free(names);
	return 0;
}

/* One part, or what was named, in this process. */
static int run_part(struct runner *r, struct error *e)
{
	char scratch[HARNESS_PATH];
	size_t i;

	snprintf(scratch, sizeof(scratch), "%s.%u", r->g.scratch, r->part);
	if (harness_fresh(scratch, e))
		return -1;
	r->g.scratch = scratch;
	for (i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		if (run_kind(r, &kinds[i], e))
			return -1;
	if (r->parts == 1 && r->waiting)
		printf("%u more are not expected to pass yet, see tests/golden/later.txt\n", r->waiting);
	printf("%u passed, %u failed, %u waiting\n", r->passed, r->failed, r->waiting);
	return 0;
}

/* ---- two processes ------------------------------------------------------------------------------ */

/* Prints what a part printed but for its last line, which is counted. -1 when it did not get so far. */
static int take_part(struct runner *r, const char *out)
{
	unsigned passed, failed, waiting;
	struct buf text;
	struct str all;
	size_t last;
	int rc = -1;

	buf_init(&text, HARNESS_FILE_MAX);
	harness_load(out, &text);
	all = str_trim(buf_str(&text));
	for (last = all.len; last > 0 && all.ptr[last - 1] != '\n'; last--)
		;
	fwrite(all.ptr, 1, last, stdout);
	if (all.len && sscanf(all.ptr + last, "%u passed, %u failed, %u waiting", &passed, &failed, &waiting) == 3) {
		r->passed += passed;
		r->failed += failed;
		r->waiting += waiting;
		rc = 0;
	}
	buf_release(&text);
	return rc;
}

static struct port_child *start_part(const struct runner *r, const char *self, unsigned i, const char *out, struct error *e)
{
	char part[16];
	char step[16];
	const char *argv[] = { self, "--program", r->g.program, "--cases", r->cases, "--step", step, "--part", part, NULL };

	snprintf(part, sizeof(part), "%u", i);
	snprintf(step, sizeof(step), "%u", r->g.step);
	return port_spawn(argv, NULL, NULL, out, NULL, e);
}

static int run_parts(struct runner *r, const char *self, struct error *e)
{
	char out[PARTS][HARNESS_PATH];
	struct port_child *child[PARTS];
	int rc = 0, code;
	unsigned i;

	for (i = 0; i < PARTS; i++) {
		snprintf(out[i], sizeof(out[i]), "%s.%u.out", r->g.scratch, i);
		child[i] = start_part(r, self, i, out[i], e);
		if (!child[i])
			rc = -1;
	}
	for (i = 0; i < PARTS; i++) {
		if (!child[i])
			continue;
		if (port_wait(child[i], -1, &code, e) < 0)
			rc = -1;
		else if (take_part(r, out[i]))
			rc = error_set(e, ERROR_FAILED, "part %u of the cases ended with code %d", i, code);
		port_child_free(child[i]);
	}
	if (r->waiting)
		printf("%u more are not expected to pass yet, see tests/golden/later.txt\n", r->waiting);
	printf("%u passed, %u failed\n", r->passed, r->failed);
	return rc;
}

/* ---- start -------------------------------------------------------------------------------------- */

/* A path below the folder of this program. */
static void beside(const char *self, const char *name, char out[HARNESS_PATH])
{
	size_t n = strlen(self);

	while (n > 0 && self[n - 1] != '/' && self[n - 1] != '\\')
		n--;
	snprintf(out, HARNESS_PATH, "%.*s%s", (int)n, self, name);
}

static int run(struct runner *r, const char *self, struct error *e)
{
	char path[HARNESS_PATH];

	harness_path(path, r->cases, "later.txt");
	harness_load(path, &r->later);
	harness_path(path, r->cases, "again.txt");
	harness_load(path, &r->again);
	if (r->name_count || r->parts == PARTS)
		return run_part(r, e);
	check_list(r, &r->later, "later.txt");
	check_list(r, &r->again, "again.txt");
	return run_parts(r, self, e);
}

int main(int argc, char **argv)
{
	char scratch[HARNESS_PATH], faulty[HARNESS_PATH];
	struct runner r;
	struct error e;
	uint64_t number;
	int i, rc;

	memset(&r, 0, sizeof(r));
	if (port_init(&argc, &argv, &e))
		goto failed;
	buf_init(&r.later, HARNESS_FILE_MAX);
	buf_init(&r.again, HARNESS_FILE_MAX);
	beside(argv[0], "tmp/golden", scratch);
	beside(argv[0], "rollcall_fault", faulty);
	r.g.faulty = harness_exists(faulty) ? faulty : NULL;
	r.g.program = "./rollcall";
	r.g.scratch = scratch;
	r.cases = "tests/golden";
	r.parts = 1;
	r.g.step = 1;
	for (i = 1; i + 1 < argc && !strncmp(argv[i], "--", 2); i += 2) {
		if (!strcmp(argv[i], "--program"))
			r.g.program = argv[i + 1];
		else if (!strcmp(argv[i], "--cases"))
			r.cases = argv[i + 1];
		else if (str_to_u64(str_from(argv[i + 1]), &number))
			break;
		else if (!strcmp(argv[i], "--step") && number > 0)
			r.g.step = (unsigned)number;
		else if (!strcmp(argv[i], "--part"))
			r.part = (unsigned)number, r.parts = PARTS;
	}
	r.names = argv + i;
	r.name_count = argc - i;
	rc = run(&r, argv[0], &e);
	buf_release(&r.later);
	buf_release(&r.again);
	if (!rc)
		return r.failed > 0;
failed:
	printf("FAIL %s\n0 passed, 1 failed\n", e.text);
	return 1;
}
