/*
 * test_fault FAULTY DIR [--every [PLAY...]]: small runs of build/rollcall_fault, in which the n-th request for memory, write,
 * open or call to the network fails, once or from then on. Whatever n is, the program does not crash or leak; what it
 * writes is the old or the new file and no temporary one stays; it says "done" only when it is; and the next run completes.
 * n goes through all numbers up to DENSE, then in growing steps, for plays that are like others in few; with --every,
 * through all, of the plays that are named or all.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness.h"
#include "port.h"
#include "sandbox/ldapsim.h"
#include "sandbox/tcsim.h"
#include "sandbox/websim.h"

#define DENSE 40		/* numbers of calls that are all tried ... */
#define STRIDE 12		/* ... before each step is a twelfth of the way gone so far */
#define CALLS_MAX 1000000	/* no run makes more */
#define PROBLEMS_MAX 3		/* told of one command and fault */
#define INPUTS 3
#define ARGS 5
#define VENDORS 5

/* The last is the third as it is sent: base64 of it, ":" and a password that does not matter. */
#define TIMECAMP_KEY "a-key-to-keep"
#define LDAP_SECRET "a-word-to-keep"
#define BAMBOOHR_SECRET "0b1c2d3e4f5a67890abcdef123456789"
#define BAMBOOHR_SENT "MGIxYzJkM2U0ZjVhNjc4OTBhYmNkZWYxMjM0NTY3ODk6"

static const char *const vendors[VENDORS] = { "bamboohr", "entra", "okta", "hibob", "factorial" };
static const char *const kinds[] = { "memory", "disk", "open", "network", NULL };

/* A command: what it needs, what it writes. */
struct play {
	const char *name;
	const char *args[ARGS];
	const char *inputs[INPUTS];	/* below var/, from an undisturbed run */
	const char *output;		/* the file it writes; NULL: it prints, or changes the account */
	const char *old;		/* what stands there before */
	int account, directory;		/* what it talks to */
	const char *vendor;		/* the same; NULL: none */
	int few;			/* n is doubled each time */
};

#define OLD_PREPARED "[{\"timecamp_email\": \"old\"}]\n"
#define OLD_USERS "{\"users\":[{\"external_id\":\"old\",\"name\":\"Old\",\"email\":\"old@example.com\"}]}\n"

/* The first four make what the others begin with. */
static const struct play plays[] = {
	{ "fetch file", { "fetch", "file" }, { NULL }, "var/users.json", OLD_USERS, 0, 0, NULL, 0 },
	{ "prepare", { "prepare" }, { "users.json" }, "var/timecamp_users.json", OLD_PREPARED, 0, 0, NULL, 0 },
	{ "tree page", { "tree", "--html", "tree.html" }, { "users.json", "timecamp_users.json" }, "tree.html", "old\n", 0, 0,
	  NULL, 0 },
	{ "sync", { "sync", "timecamp" }, { "timecamp_users.json" }, NULL, NULL, 1, 0, NULL, 0 },
	{ "history", { "history" }, { "rollcall.db" }, NULL, NULL, 0, 0, NULL, 0 },
	{ "fetch ldap", { "fetch", "ldap" }, { NULL }, "var/users.json", OLD_USERS, 0, 1, NULL, 0 },
	{ "fetch bamboohr", { "fetch", "bamboohr" }, { NULL }, "var/users.json", OLD_USERS, 0, 0, "bamboohr", 0 },
	{ "fetch entra", { "fetch", "entra" }, { NULL }, "var/users.json", OLD_USERS, 0, 0, "entra", 1 },
	{ "fetch okta", { "fetch", "okta" }, { NULL }, "var/users.json", OLD_USERS, 0, 0, "okta", 1 },
	{ "fetch hibob", { "fetch", "hibob" }, { NULL }, "var/users.json", OLD_USERS, 0, 0, "hibob", 1 },
	{ "fetch factorial", { "fetch", "factorial" }, { NULL }, "var/users.json", OLD_USERS, 0, 0, "factorial", 1 },
	{ "timeoff fetch", { "timeoff", "fetch", "factorial" }, { NULL }, "vacation.json", "{}\n", 0, 0, "factorial", 1 },
	{ "tree", { "tree", "--detailed" }, { "timecamp_users.json" }, NULL, NULL, 0, 0, NULL, 1 },
	{ "tree table", { "tree", "--csv", "tree.csv" }, { "timecamp_users.json" }, "tree.csv", "old\n", 0, 0, NULL, 1 },
	{ "plan", { "sync", "--dry-run", "--plan", "the.plan" }, { "timecamp_users.json" }, NULL, NULL, 1, 0, NULL, 1 },
	{ "run", { "run", "file" }, { NULL }, NULL, NULL, 1, 0, NULL, 1 },
	{ "prune", { "prune" }, { NULL }, NULL, NULL, 1, 0, NULL, 1 },
	{ "check", { "check", "timecamp" }, { NULL }, NULL, NULL, 1, 0, NULL, 1 },
	{ "explain", { "explain", "ada@example.com" }, { "users.json", "timecamp_users.json" }, NULL, NULL, 1, 0, NULL, 1 },
	{ "settings", { "settings", "--all" }, { NULL }, NULL, NULL, 0, 0, NULL, 1 },
};

static const char people[] = "external_id,name,email,department,supervisor_id\n"
	"1,Ada Ash,ada@example.com,Sales,\n"
	"2,Ben Birch,ben@example.com,Sales,1\n"
	"3,Cleo Cedar,cleo@example.com,Service/North,1\n";

/* Ben is new, Ada gets another name, Cleo another group, Dan left. */
static const char account[] = "{\"root_group_id\": \"100\", \"next_group_id\": 200, \"next_user_id\": 1000,"
	"\"groups\": [{\"group_id\": \"100\", \"name\": \"Company\", \"parent_id\": \"0\"},"
	" {\"group_id\": \"101\", \"name\": \"Sales\", \"parent_id\": \"100\"}],"
	"\"users\": ["
	"{\"user_id\": \"1\", \"email\": \"ada@example.com\", \"display_name\": \"Ada\", \"group_id\": \"101\","
	" \"role_id\": \"3\", \"settings\": {\"added_manually\": \"0\"}},"
	"{\"user_id\": \"3\", \"email\": \"cleo@example.com\", \"display_name\": \"Cleo Cedar\", \"group_id\": \"101\","
	" \"role_id\": \"3\", \"settings\": {\"added_manually\": \"0\"}},"
	"{\"user_id\": \"4\", \"email\": \"dan@example.com\", \"display_name\": \"Dan\", \"group_id\": \"101\","
	" \"role_id\": \"3\", \"settings\": {\"added_manually\": \"0\"}}]}";

static const char company[] =
	"dn: cn=Ada,ou=Eng,dc=example\nobjectGUID: 0123456789abcdea\nsAMAccountName: ada\nmail: ada@example.com\n"
	"displayName: Ada Ash\ndepartment: Eng\nmanager: cn=Zoe,ou=Gone,dc=example\n\n"
	"dn: cn=Bo,ou=Eng,dc=example\nobjectGUID: 0123456789abcdeb\nsAMAccountName: bo\nmail: bo@example.com\n"
	"displayName: Bo Birch\nmanager: cn=ada,ou=eng,dc=example\n\n"
	"dn: cn=Zoe,ou=Gone,dc=example\nhidden: yes\nobjectGUID: 0123456789abcdez\nsAMAccountName: zoe\n"
	"displayName: Zoe Z\n\n";

struct faults {
	const char *program;
	char kept[HARNESS_PATH], work[HARNESS_PATH];	/* folders */
	struct tcsim *account;
	struct ldapsim *directory;
	struct websim *web[VENDORS];
	const struct play *play;
	struct buf goal, found, said;	/* what is wanted of the play, what came out, what a run said */
	int every, passed, failed;
};

/* ---- the stage ---------------------------------------------------------------------------------- */

static int write_to(const char *dir, const char *name, struct str text, struct error *e)
{
	char path[HARNESS_PATH];

	harness_path(path, dir, name);
	return harness_save(path, text, e);
}

static int write_settings(const struct faults *f, const char *dir, struct error *e)
{
	struct buf text;
	int i, rc;

	buf_init(&text, HARNESS_FILE_MAX);
	buf_printf(&text, "FILE_PATH=people.csv\nLDAP_HOST=127.0.0.1:%u\nLDAP_DOMAIN=example.com\nLDAP_DN=dc=example\n"
		   "LDAP_USERNAME=reader\nLDAP_PASSWORD=" LDAP_SECRET "\n"
		   "TIMECAMP_DOMAIN=http://127.0.0.1:%u\nTIMECAMP_API_KEY=" TIMECAMP_KEY "\n"
		   "TIMECAMP_ROOT_GROUP_ID=100\n", ldapsim_port(f->directory), tcsim_port(f->account));
	for (i = 0; i < VENDORS; i++)
		websim_put_settings(f->web[i], &text);
	rc = write_to(dir, ".env", buf_str(&text), e) || write_to(dir, "people.csv", str_from(people), e) ? -1 : 0;
	buf_release(&text);
	return rc;
}

static int fresh(const struct faults *f, const char *dir, struct error *e)
{
	char var[HARNESS_PATH];

	harness_path(var, dir, "var");
	if (harness_fresh(dir, e) || harness_fresh(var, e) || write_settings(f, dir, e))
		return -1;
	return tcsim_load(f->account, str_from(account), e);
}

/* The folder before the play. */
static int lay_out(const struct faults *f, struct error *e)
{
	char name[HARNESS_PATH], from[HARNESS_PATH], to[HARNESS_PATH];
	int i;

	if (fresh(f, f->work, e))
		return -1;
	for (i = 0; i < INPUTS && f->play->inputs[i]; i++) {
		harness_path(name, "var", f->play->inputs[i]);
		harness_path(from, f->kept, name);
		harness_path(to, f->work, name);
		if (harness_copy(from, to, e))
			return -1;
	}
	return f->play->output ? write_to(f->work, f->play->output, str_from(f->play->old), e) : 0;
}

/* ---- one run ------------------------------------------------------------------------------------ */

/* What came of it: the file, the account's people, or what was printed. */
static void take(struct faults *f, const struct harness_run *r)
{
	char path[HARNESS_PATH];

	buf_reset(&f->found);
	if (f->play->account) {
		tcsim_put_people(f->account, &f->found);
	} else if (f->play->output) {
		harness_path(path, r->dir, f->play->output);
		harness_load(path, &f->found);
	} else {
		buf_put_str(&f->found, buf_str(&r->out));
	}
}

/* Runs the play in a folder. Its exit code; -1 with e set; a text in *crash when it crashed. */
static int run(struct faults *f, const char *dir, const char *const *env, const char **crash, struct error *e)
{
	struct harness_run r;
	int i, code = -1;

	harness_run_init(&r, f->program, dir);
	for (i = 0; f->play->vendor && i < VENDORS; i++)
		if (!strcmp(vendors[i], f->play->vendor))
			r.web = f->web[i];
	for (i = 0; i < ARGS && f->play->args[i]; i++)
		harness_run_args(&r, f->play->args[i], NULL);
	r.env = env;
	r.sim = f->play->account ? f->account : NULL;
	r.ldap = f->play->directory ? f->directory : NULL;
	if (!harness_run(&r, e)) {
		*crash = harness_run_crashed(&r);
		code = r.code < 0 ? 0 : r.code;
		take(f, &r);
		buf_reset(&f->said);
		buf_put_str(&f->said, buf_str(&r.err));
	}
	harness_run_release(&r);
	return code;
}

static int find_temporary(void *cookie, const char *name)
{
	if (strstr(name, ".tmp"))
		*(int *)cookie = 1;
	return 0;
}

static int has_temporary(const struct faults *f)
{
	char path[HARNESS_PATH];
	int found = 0;

	harness_path(path, f->work, "var");
	port_list(path, find_temporary, &found, NULL);
	port_list(f->work, find_temporary, &found, NULL);
	return found;
}

static int is_goal(const struct faults *f)
{
	return str_eq(buf_str(&f->found), buf_str(&f->goal));
}

/* NULL, or what is wrong with a disturbed run and the undisturbed one after it. *met: something did fail. */
static const char *disturbed(struct faults *f, const char *const *env, int *met, struct error *e)
{
	const char *crash = NULL;
	char sign[HARNESS_PATH];
	int code;

	harness_path(sign, f->work, "fault.met");
	if (lay_out(f, e) || (code = run(f, f->work, env, &crash, e)) < 0)
		return e->text;
	*met = harness_exists(sign);
	if (crash)
		return crash;
	if (code == 99)
		return "leaks";
	if (code == 0 && !is_goal(f))
		return "says to be done and is not";
	if (code != 0 && !strstr(buf_text(&f->said), "rollcall: "))
		return "does not say why it failed";
	if (code != 0 && f->play->output && !is_goal(f) && !str_eqz(buf_str(&f->found), f->play->old))
		return "the file is neither the old nor the new one";
	if (has_temporary(f))
		return "a temporary file is left";
	if (code == 0)
		return NULL;
	code = run(f, f->work, NULL, &crash, e);
	if (code < 0)
		return e->text;
	if (code != 0 || crash || !is_goal(f))
		return "the next run does not complete";
	return NULL;
}

/* ---- all of them -------------------------------------------------------------------------------- */

static void report(struct faults *f, const char *kind, const char *times, long n, const char *problem)
{
	if (!problem) {
		f->passed++;
		return;
	}
	f->failed++;
	printf("FAIL %s: %s fails at call %ld%s: %s\n     it said: %.600s\n", f->play->name, kind, n,
	       *times ? " only" : " and later", problem, buf_text(&f->said));
	fflush(stdout);
}

static long step(const struct faults *f, long n)
{
	if (f->every)
		return 1;
	return f->play->few ? n : n < DENSE ? 1 : n / STRIDE;
}

/* Every n that a run reaches, or some of them. */
static void one_kind(struct faults *f, const char *kind, const char *times)
{
	char what[32], at[32], often[32];
	const char *const env[] = { what, at, often, NULL };
	int met = 1, bad = 0;
	struct error e;
	long n;

	snprintf(what, sizeof(what), "FAULT_WHAT=%s", kind);
	snprintf(often, sizeof(often), "FAULT_TIMES=%s", *times ? times : "0");
	for (n = 1; met && n < CALLS_MAX && bad < PROBLEMS_MAX; n += step(f, n)) {
		const char *problem;

		error_init(&e);
		snprintf(at, sizeof(at), "FAULT_AT=%ld", n);
		problem = disturbed(f, env, &met, &e);
		bad += problem != NULL;
		report(f, kind, times, n, problem);
	}
}

/* The secrets of the settings, also as they are sent, are in no memory that the play gives back. */
static void without_secrets(struct faults *f)
{
	static const char *const texts[] = {
		"FAULT_SECRET=" TIMECAMP_KEY, "FAULT_SECRET=" LDAP_SECRET, "FAULT_SECRET=" BAMBOOHR_SECRET,
		"FAULT_SECRET=" BAMBOOHR_SENT
	};
	const char *crash = NULL;
	struct error e;
	size_t i;

	error_init(&e);
	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		const char *const env[] = { texts[i], NULL };
		int code = lay_out(f, &e) ? -1 : run(f, f->work, env, &crash, &e);

		if (code == 0) {
			f->passed++;
			continue;
		}
		f->failed++;
		printf("FAIL %s with %s: ends with %d: %.600s%s\n", f->play->name, texts[i], code, buf_text(&f->said), e.text);
	}
}

/* The play as it should be, and then in all the ways that it should not. */
static int perform(struct faults *f, struct error *e)
{
	const char *crash = NULL;
	int i;

	if (lay_out(f, e))
		return -1;
	if (run(f, f->work, NULL, &crash, e) != 0)
		return error_set(e, ERROR_FAILED, "an undisturbed run fails: %.600s", buf_text(&f->said));
	buf_reset(&f->goal);
	buf_put_str(&f->goal, buf_str(&f->found));
	without_secrets(f);
	for (i = 0; kinds[i]; i++) {
		one_kind(f, kinds[i], "1");
		one_kind(f, kinds[i], "");
	}
	return 0;
}

/* The files that the plays begin with: the whole way, undisturbed. */
static int keep_files(struct faults *f, struct error *e)
{
	const char *crash = NULL;
	size_t i;

	if (fresh(f, f->kept, e))
		return -1;
	for (i = 0; i < 4; i++) {
		f->play = &plays[i];
		if (run(f, f->kept, NULL, &crash, e) != 0)
			return error_set(e, ERROR_FAILED, "cannot begin: %.600s", buf_text(&f->said));
	}
	return 0;
}

static int start(struct faults *f, char **argv, struct error *e)
{
	static const struct ldapsim_options options = { .ldif = company, .password = LDAP_SECRET };
	static const struct websim_company few = { .seed = 1, .people = 5, .outside = 1, .page_max = 3 };
	int i;

	f->program = argv[1];
	snprintf(f->kept, sizeof(f->kept), "%s/kept", argv[2]);
	snprintf(f->work, sizeof(f->work), "%s/work", argv[2]);
	buf_init(&f->goal, HARNESS_FILE_MAX);
	buf_init(&f->found, HARNESS_FILE_MAX);
	buf_init(&f->said, HARNESS_FILE_MAX);
	f->account = tcsim_new(e);
	f->directory = ldapsim_new(&options, e);
	for (i = 0; i < VENDORS; i++)
		if (!(f->web[i] = websim_new_company(vendors[i], &few, e)))
			return -1;
	if (!f->account || !f->directory || tcsim_listen(f->account, 0, e) || harness_fresh(argv[2], e))
		return -1;
	return keep_files(f, e);
}

/* 1 when no play is named, or this one. */
static int is_named(const struct play *play, char **names)
{
	int i;

	for (i = 0; names[i] && strcmp(names[i], play->name); i++)
		;
	return names[i] || i == 0;
}

int main(int argc, char **argv)
{
	struct faults f;
	struct error e;
	size_t i;

	error_init(&e);
	memset(&f, 0, sizeof(f));
	if (port_init(&argc, &argv, &e) || argc < 3) {
		printf("test_fault FAULTY DIR [--every [PLAY...]] %s\n", e.text);
		return 2;
	}
	f.every = argc > 3 && !strcmp(argv[3], "--every");
	if (start(&f, argv, &e)) {
		printf("FAIL %s\n", e.text);
		f.failed++;
	} else {
		for (i = 0; i < sizeof(plays) / sizeof(plays[0]); i++) {
			f.play = &plays[i];
			if ((!f.every || is_named(f.play, argv + 4)) && perform(&f, &e)) {
				printf("FAIL %s: %s\n", f.play->name, e.text);
				f.failed++;
			}
		}
	}
	tcsim_free(f.account);
	ldapsim_free(f.directory);
	for (i = 0; i < VENDORS; i++)
		websim_free(f.web[i]);
	buf_release(&f.goal);
	buf_release(&f.found);
	buf_release(&f.said);
	printf("%d passed, %d failed\n", f.passed, f.failed);
	return f.failed > 0;
}
