/* Locks, disks that are full, runs that are ended in the middle. */
#include <stdio.h>
#include <string.h>

#include "base/json_read.h"
#include "port.h"
#include "sandbox/e2e.h"

#define KILLS 50		/* runs that are ended at some moment */
#define KILL_SEED 20260131u
#define KILL_MARGIN_MS 10	/* moments go so far beyond the usual length of a run */
#define PEOPLE 40		/* in the company */
#define TOKENS_MAX ((size_t)1 << 20)
#define CROWD 2000		/* people whose files are larger than LIMIT, as the record of runs is not */
#define LIMIT "100"		/* blocks of 512 or 1024 bytes, as the shell likes */
#define FULL "/dev/full"

void e2e_locked(struct scene *s)
{
	static const struct story t = {
		"another run holds the lock", { "run", "ldap", "timecamp" }, { { NULL, NULL } }, { NULL }, 5, "lock",
		NOTHING
	};
	char path[HARNESS_PATH];
	const char *problem = NULL;
	struct port_lock *lock = NULL;
	struct harness_run r;
	struct error e;

	error_init(&e);
	scene_run_init(s, &r);
	harness_run_args(&r, "run", "ldap", "timecamp", NULL);
	harness_path(path, s->dir, "var/rollcall.lock");
	if (scene_lay_out(s, &e) || !(lock = port_lock(path, "4711 since now", &e)) || harness_run(&r, &e))
		problem = "cannot be run";
	if (!problem)
		problem = scene_judge(s, &t, &r);
	if (!problem && !scene_is_old(s))
		problem = "the older file was touched";
	port_unlock(lock);
	scene_report(s, t.name, problem, buf_text(&r.err));
	harness_run_release(&r);
}

/* var/ cannot be made: there is a file of that name. */
void e2e_without_var(struct scene *s)
{
	char path[HARNESS_PATH];
	const char *problem = NULL;
	struct harness_run r;
	struct error e;

	error_init(&e);
	scene_run_init(s, &r);
	harness_run_args(&r, "--dir", "below", "run", "ldap", "timecamp", NULL);
	harness_path(path, s->dir, "below");
	if (scene_lay_out(s, &e) || harness_fresh(path, &e) || scene_write(s, "below/var", "a file", &e) ||
	    harness_run(&r, &e))
		problem = "cannot be run";
	else if (harness_run_crashed(&r) || r.code != 1)
		problem = "another exit code";
	else if (!strstr(buf_text(&r.err), "must be able to write"))
		problem = "does not say what to do";
	else if (scene_changed(s) || !scene_holds(s, "below/var", "a file"))
		problem = "something was changed";
	scene_report(s, "var/ cannot be written", problem, buf_text(&r.err));
	harness_run_release(&r);
}

/* ---- full disks --------------------------------------------------------------------------------- */

/* The program by way of a shell, which sets the limits of the story. "$0" in the script is the program. */
static void run_limited(struct scene *s, const char *name, const char *script, const char *says)
{
	static const struct ldapsim_options crowd = { .people = CROWD };
	char program[2 * HARNESS_PATH], host[64];
	const char *const env[] = { host, "LDAP_DN=dc=example", NULL };
	const char *problem = NULL;
	struct harness_run r;
	struct error e;

	error_init(&e);
	scene_run_init(s, &r);
	r.program = HARNESS_SHELL;
	r.env = env;
	r.ldap = ldapsim_new(&crowd, &e);
	if (!r.ldap || scene_program(s, program, &e) || scene_lay_out(s, &e))
		problem = "cannot be laid out";
	snprintf(host, sizeof(host), "LDAP_HOST=127.0.0.1:%u", r.ldap ? ldapsim_port(r.ldap) : 0);
	harness_run_args(&r, "-c", script, program, NULL);
	if (!problem && harness_run(&r, &e))
		problem = "cannot be run";
	else if (!problem && (harness_run_crashed(&r) || r.code != 1))
		problem = "another exit code";
	else if (!problem && !strstr(buf_text(&r.err), says))
		problem = "does not say what it should";
	else if (!problem && (!scene_is_old(s) || !scene_holds(s, "var/users.json", "{\"users\": []}")))
		problem = "an older file was touched";
	else if (!problem && scene_has_temporary(s))
		problem = "temporary files are left";
	else if (!problem && scene_changed(s))
		problem = "changing requests were sent";
	scene_report(s, name, problem, buf_text(&r.err));
	ldapsim_free(r.ldap);
	harness_run_release(&r);
}

/* Only where there is a shell that can set limits. A file that must not grow fails as one on a full disk does. */
void e2e_disk_full(struct scene *s)
{
	if (!harness_has_shell() || !harness_exists(FULL))
		return;
	run_limited(s, "disk full before anything",
		    "cp one.json var/users.json; trap '' XFSZ; ulimit -f 1; exec \"$0\" run ldap timecamp",
		    "must be able to write \"var/rollcall.db\"");
	run_limited(s, "disk full while fetching",
		    "cp one.json var/users.json; trap '' XFSZ; ulimit -f " LIMIT "; exec \"$0\" fetch ldap",
		    "users.json");
	run_limited(s, "disk full in the middle of a run",
		    "cp one.json var/users.json; trap '' XFSZ; ulimit -f " LIMIT "; exec \"$0\" run ldap timecamp",
		    "users.json");
	run_limited(s, "disk full while preparing",
		    "cp one.json var/users.json; \"$0\" --quiet fetch ldap --output all.json; trap '' XFSZ;"
		    " ulimit -f " LIMIT "; exec \"$0\" prepare --input all.json", "timecamp_users.json");
	run_limited(s, "disk full below standard output",
		    "cp one.json var/users.json; exec \"$0\" tree --file empty.json >" FULL, "standard output");
}

/* ---- ended at any moment ------------------------------------------------------------------------ */

/* 1 when a file is there and holds no JSON, or not all the people. list: key of the list in it, NULL: it is the list. */
static int is_broken(const struct scene *s, const char *name, const char *list)
{
	struct json_doc *doc = json_doc_new(TOKENS_MAX, NULL);
	char path[HARNESS_PATH];
	struct json root;
	struct buf text;
	int broken = 0;

	harness_path(path, s->dir, name);
	buf_init(&text, HARNESS_FILE_MAX);
	if (!harness_load(path, &text))
		broken = json_parse(doc, buf_str(&text), 0, &root, NULL) ||
			 json_count(list ? json_get(root, list) : root) != PEOPLE;
	buf_release(&text);
	json_doc_free(doc);
	return broken;
}

/* Ends a run after so many milliseconds, then lets one go to its end. NULL, or what is wrong. */
static const char *kill_one(struct scene *s, int after_ms, unsigned *killed, struct error *e)
{
	const char *problem = NULL;
	struct harness_run r;

	scene_run_init(s, &r);
	harness_run_args(&r, "run", "ldap", "timecamp", NULL);
	r.kill_ms = after_ms;
	if (scene_lay_out(s, e) || harness_run(&r, e))
		problem = "cannot be run";
	*killed += r.code != 0;
	harness_run_release(&r);
	if (!problem && is_broken(s, "var/users.json", "users"))
		problem = "users.json is not whole";
	if (!problem && !scene_is_old(s) && is_broken(s, "var/timecamp_users.json", NULL))
		problem = "timecamp_users.json is not whole";
	scene_run_init(s, &r);
	harness_run_args(&r, "run", "ldap", "timecamp", NULL);
	if (!problem && (harness_run(&r, e) || r.code != 0))
		problem = "the next run fails";
	if (!problem && !scene_is_goal(s))
		problem = "after the next run the account is not as it should be";
	if (!problem && scene_has_temporary(s))
		problem = "temporary files are left after the next run";
	if (problem && r.code)
		error_set(e, ERROR_FAILED, "%.900s", buf_text(&r.err));
	harness_run_release(&r);
	return problem;
}

void e2e_killed(struct scene *s)
{
	const char *problem = NULL;
	struct harness_run r;
	struct error e;
	char name[64];
	unsigned random = KILL_SEED, killed = 0, i;
	int64_t length = port_mono_ms();

	error_init(&e);
	scene_run_init(s, &r);
	harness_run_args(&r, "run", "ldap", "timecamp", NULL);
	r.kill_ms = r.timeout_ms;	/* looked after as often as those that will be ended */
	if (scene_lay_out(s, &e) || harness_run(&r, &e) || r.code)
		problem = "cannot be run";
	harness_run_release(&r);
	length = port_mono_ms() - length + KILL_MARGIN_MS;
	for (i = 0; i < KILLS && !problem; i++) {
		unsigned before = killed;

		random = random * 1664525u + 1013904223u;
		problem = kill_one(s, 1 + (int)((random >> 8) % (unsigned)length), &killed, &e);
		/* The run that was measured may have been a slow one. */
		if (killed == before && length > KILL_MARGIN_MS)
			length -= length / 8;
	}
	if (!problem && killed < KILLS / 2)
		problem = "too few of the runs were ended before they were done";
	snprintf(name, sizeof(name), "%u runs ended at some moment", i);
	scene_report(s, name, problem, e.text);
}
