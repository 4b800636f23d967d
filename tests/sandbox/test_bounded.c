/*
 * test_bounded PROGRAM CHILD DIR [PEOPLE]: what must not grow. Each command with many people in little address space,
 * where the shell can limit that and the program runs in so little at all (not with checking tools); and no memory or
 * open file for each request, over thousands of them in one process.
 */
#include <stdio.h>
#include <string.h>

#include "harness.h"
#include "port.h"
#include "sandbox/ldapsim.h"
#include "sandbox/tcsim.h"
#include "sandbox/websim.h"

#define PEOPLE 20000
#define TEAMS 7
#define MEMORY "28672"		/* KiB of address space: the program, its stack and buffers, and 24 MiB at most */
#define ARGS 6
#define FEW_REQUESTS "1000"
#define MANY_REQUESTS "10000"
#define GROWTH_MAX_KIB 512	/* 58 bytes a request; pages of the program itself come and go */

/* In this order, each with what the ones before have left. */
static const char *const commands[][ARGS] = {
	{ "fetch", "file" }, { "prepare" }, { "tree" }, { "tree", "--detailed" }, { "tree", "--html", "tree.html" },
	{ "tree", "--csv", "tree.csv" }, { "explain", "p7@example.com" }, { "sync", "timecamp", "--dry-run", "--plan", "the.plan" },
	{ "sync", "--apply", "the.plan" }, { "sync", "timecamp" }, { "run", "file", "timecamp" }, { "history" },
	{ "history", "2" }, { "check", "timecamp" }, { "settings" }, { "fetch", "ldap", "--accept-shrink" },
	{ "fetch", "bamboohr", "--accept-shrink" }, { "status" },
};

struct bounded {
	const char *program, *child, *dir;
	char absolute[2 * HARNESS_PATH];	/* the program, from any folder */
	long people;
	struct tcsim *account;
	struct ldapsim *directory;
	struct websim *web;
	int passed, failed;
};

static void report(struct bounded *b, const char *name, const char *problem, const char *detail)
{
	if (problem)
		printf("FAIL %s: %s: %.800s\n", name, problem, detail);
	fflush(stdout);
	*(problem ? &b->failed : &b->passed) += 1;
}

/* ---- the stage ---------------------------------------------------------------------------------- */

static int write_to(const struct bounded *b, const char *name, const struct buf *text, struct error *e)
{
	char path[HARNESS_PATH];

	harness_path(path, b->dir, name);
	return harness_save(path, buf_str(text), e);
}

static int write_people(const struct bounded *b, struct error *e)
{
	struct buf text;
	long i;
	int rc;

	buf_init(&text, HARNESS_FILE_MAX);
	buf_puts(&text, "external_id,name,email,department\n");
	for (i = 0; i < b->people; i++)
		buf_printf(&text, "%ld,Person %ld,p%ld@example.com,Team %ld\n", i, i, i, i % TEAMS);
	rc = write_to(b, "people.csv", &text, e);
	buf_release(&text);
	return rc;
}

/* The same people, but that one in a hundred has another name. */
static int load_account(const struct bounded *b, struct error *e)
{
	struct buf text;
	long i;
	int rc;

	buf_init(&text, HARNESS_FILE_MAX);
	buf_printf(&text, "{\"root_group_id\": \"100\", \"next_group_id\": 200, \"next_user_id\": %ld, \"groups\": ["
		   "{\"group_id\": \"100\", \"name\": \"Company\", \"parent_id\": \"0\"}", 1000 + b->people);
	for (i = 0; i < TEAMS; i++)
		buf_printf(&text, ", {\"group_id\": \"%ld\", \"name\": \"Team %ld\", \"parent_id\": \"100\"}", 101 + i, i);
	buf_puts(&text, "], \"users\": [");
	for (i = 0; i < b->people; i++)
		buf_printf(&text, "%s{\"user_id\": \"%ld\", \"email\": \"p%ld@example.com\", \"display_name\": \"%s %ld\","
			   " \"group_id\": \"%ld\", \"role_id\": \"3\", \"settings\": {\"added_manually\": \"0\"}}", i ? ",\n" : "",
			   1000 + i, i, i % 100 ? "Person" : "Nobody", i, 101 + i % TEAMS);
	buf_puts(&text, "]}");
	rc = tcsim_load(b->account, buf_str(&text), e);
	buf_release(&text);
	return rc;
}

static int write_settings(const struct bounded *b, struct error *e)
{
	struct buf text;
	int rc;

	buf_init(&text, HARNESS_FILE_MAX);
	buf_printf(&text, "FILE_PATH=people.csv\nLDAP_HOST=127.0.0.1:%u\nLDAP_DN=dc=example\nLDAP_USERNAME=reader\n"
		   "LDAP_DOMAIN=example.com\nLDAP_PASSWORD=right\nTIMECAMP_DOMAIN=http://127.0.0.1:%u\nTIMECAMP_API_KEY=key\n"
		   "TIMECAMP_ROOT_GROUP_ID=100\n", ldapsim_port(b->directory), tcsim_port(b->account));
	websim_put_settings(b->web, &text);
	rc = write_to(b, ".env", &text, e);
	buf_release(&text);
	return rc;
}

static int start(struct bounded *b, struct error *e)
{
	static struct ldapsim_options options;
	static struct websim_company company;

	options.people = (int)b->people;
	company.seed = 1;
	company.people = b->people;
	b->account = tcsim_new(e);
	b->directory = ldapsim_new(&options, e);
	b->web = websim_new_company("bamboohr", &company, e);
	if (!b->account || !b->directory || !b->web || tcsim_listen(b->account, 0, e) || harness_fresh(b->dir, e))
		return -1;
	return load_account(b, e) || write_people(b, e) || write_settings(b, e) ? -1 : 0;
}

/* ---- memory ------------------------------------------------------------------------------------- */

/* A line of shell in which "$@" is the program and the words. Its exit code, or -1. */
static int run_shell(struct bounded *b, struct harness_run *r, const char *line, const char *const *words, struct error *e)
{
	int i;

	harness_run_init(r, HARNESS_SHELL, b->dir);
	harness_run_args(r, "-c", line, "sh", b->absolute, NULL);
	for (i = 0; i < ARGS && words[i]; i++)
		harness_run_args(r, words[i], NULL);
	r->sim = b->account;
	r->ldap = !strcmp(words[0], "fetch") && !strcmp(words[1], "ldap") ? b->directory : NULL;
	r->web = b->web;
	r->timeout_ms = 600000;
	return harness_run(r, e) ? -1 : r->code;
}

/* What only a shell can tell: the program's path from any folder. -1 also where memory cannot be limited. */
static int can_limit(struct bounded *b, struct error *e)
{
	static const char *const version[] = { "version", NULL }, *const where[] = { "", NULL };
	struct harness_run r;
	int rc;

	if (!harness_has_shell())
		return 0;
	snprintf(b->absolute, sizeof(b->absolute), "%s", b->program);
	if (*b->program != '/') {
		rc = run_shell(b, &r, "while [ ! -e \"$1\" ] && [ \"$PWD\" != / ]; do cd ..; done; pwd", where, e);
		snprintf(b->absolute, sizeof(b->absolute), "%.*s/%s", STR_ARG(str_trim(buf_str(&r.out))), b->program);
		harness_run_release(&r);
		if (rc)
			return 0;
	}
	rc = run_shell(b, &r, "ulimit -v " MEMORY " && exec \"$@\"", version, e);
	harness_run_release(&r);
	return rc == 0;
}

static void all_commands(struct bounded *b, struct error *e)
{
	struct harness_run r;
	size_t i;
	int code;

	for (i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		char name[128];

		snprintf(name, sizeof(name), "%s %s %s, %ld people", commands[i][0], commands[i][1] ? commands[i][1] : "",
			 commands[i][2] ? commands[i][2] : "", b->people);
		code = run_shell(b, &r, "ulimit -v " MEMORY "; exec \"$@\"", commands[i], e);
		report(b, name, code ? "fails in " MEMORY " KiB" : NULL, code < 0 ? e->text : buf_text(&r.err));
		harness_run_release(&r);
	}
}

/* ---- requests ----------------------------------------------------------------------------------- */

/* Peak memory, KiB; -1: it failed, which is told. */
static long measure_requests(struct bounded *b, const char *count)
{
	struct harness_run r;
	struct error e;
	long kib = -1;

	error_init(&e);
	harness_run_init(&r, b->child, b->dir);
	harness_run_args(&r, "requests", count, NULL);
	r.meter = b->child;
	if (harness_run(&r, &e) || r.code)
		report(b, "requests in one process", "fails", e.text[0] ? e.text : buf_text(&r.out));
	else
		kib = r.peak_kib;
	harness_run_release(&r);
	return kib;
}

static void requests(struct bounded *b)
{
	long few = measure_requests(b, FEW_REQUESTS), many = measure_requests(b, MANY_REQUESTS);
	char words[80];

	if (few < 0 || many < 0)
		return;
	if (few == 0 || many == 0) {
		printf("memory cannot be measured here\n");
		return;
	}
	snprintf(words, sizeof(words), "%ld KiB for " FEW_REQUESTS " requests, %ld for " MANY_REQUESTS, few, many);
	report(b, "memory of requests", many > few + GROWTH_MAX_KIB && !port_getenv("ASAN_OPTIONS") ? "grows" : NULL, words);
}

int main(int argc, char **argv)
{
	struct bounded b;
	struct error e;
	int64_t people = PEOPLE;

	error_init(&e);
	memset(&b, 0, sizeof(b));
	if (port_init(&argc, &argv, &e) || argc < 4 || (argc > 4 && str_to_i64(str_from(argv[4]), &people))) {
		printf("test_bounded PROGRAM CHILD DIR [PEOPLE] %s\n", e.text);
		return 2;
	}
	b.program = argv[1];
	b.child = argv[2];
	b.dir = argv[3];
	b.people = (long)people;
	if (start(&b, &e)) {
		report(&b, "bounded", "cannot begin", e.text);
	} else {
		requests(&b);
		if (can_limit(&b, &e))
			all_commands(&b, &e);
		else
			printf("memory cannot be limited here\n");
	}
	tcsim_free(b.account);
	ldapsim_free(b.directory);
	websim_free(b.web);
	printf("%d passed, %d failed\n", b.passed, b.failed);
	return b.failed > 0;
}
