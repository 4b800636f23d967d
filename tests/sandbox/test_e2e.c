/*
 * build/test_e2e PROGRAM DIR
 *
 * Runs the whole program in the scratch folder DIR against a simulated directory and a simulated account: what goes
 * wrong has its own message and exit code and leaves the older files as they were, nothing is sent that should not be,
 * and a run that is ended at any moment does no harm. The last line is "N passed, N failed".
 */
#include <stdio.h>
#include <string.h>

#include "port.h"
#include "sandbox/e2e.h"

#define RUN { "run", "ldap", "timecamp" }

static const struct story stories[] = {
	{ "a whole run", RUN, { { NULL, NULL } }, { NULL }, 0, "failed 0", EVERYTHING },
	{ "a dry run sends nothing", { "run", "ldap", "timecamp", "--dry-run" }, { { NULL, NULL } }, { NULL }, 0, NULL,
	  NOTHING },
	{ "a dry run tells by its exit code", { "run", "ldap", "timecamp", "--dry-run", "--detailed-exitcode" },
	  { { NULL, NULL } }, { NULL }, 10, NULL, NOTHING },

	/* the account */
	{ "wrong key", RUN, { { "require_key", "another" } }, { NULL }, 7, "TIMECAMP_API_KEY", NOTHING },
	{ "no key", RUN, { { NULL, NULL } }, { "TIMECAMP_API_KEY=" }, 2, "TIMECAMP_API_KEY", NOTHING },
	{ "root group is not there", RUN, { { NULL, NULL } }, { "TIMECAMP_ROOT_GROUP_ID=4711" }, 2,
	  "root group 4711", NOTHING },
	{ "unknown host", RUN, { { NULL, NULL } }, { "TIMECAMP_DOMAIN=http://no-such-host.invalid" }, 6,
	  "no-such-host.invalid", NOTHING },
	{ "closed port", RUN, { { NULL, NULL } }, { "TIMECAMP_DOMAIN=http://127.0.0.1:1" }, 6, "127.0.0.1:1", NOTHING },
	{ "TLS to a plain port", RUN, { { NULL, NULL } }, { "TIMECAMP_DOMAIN=https://127.0.0.1:{account}" }, 6,
	  "127.0.0.1:{account}", NOTHING },
	{ "not JSON: users", RUN, { { "not_json_on", "GET users" } }, { NULL }, 6, "api/users", NOTHING },
	{ "not JSON: groups", RUN, { { "not_json_on", "GET group" } }, { NULL }, 6, "api/group", NOTHING },
	{ "not JSON: roles", RUN, { { "not_json_on", "GET people_picker" } }, { NULL }, 6, "api/people_picker", NOTHING },
	{ "JSON cut off: users", RUN, { { "cut_json_on", "GET users" } }, { NULL }, 6, "api/users", NOTHING },
	{ "JSON cut off: groups", RUN, { { "cut_json_on", "GET group" } }, { NULL }, 6, "api/group", NOTHING },
	{ "connection cut in an answer", RUN, { { "cut_body_on", "GET users" } }, { NULL }, 6, "api/users", NOTHING },
	{ "connection cut at once", RUN, { { "drop_every", "1" } }, { NULL }, 6, "/third_party/api/", NOTHING },
	{ "500", RUN, { { "fail_on", "GET users" } }, { NULL }, 6, "500", NOTHING },
	{ "503 from the start", RUN, { { "fail_from", "1" } }, { NULL }, 6, "503", NOTHING },
	{ "503 from the middle", RUN, { { "fail_from", "40" } }, { NULL }, 1, "503", SOMETHING },
	{ "limited for ever", RUN, { { "limit_first", "100000" } }, { NULL }, 6, "429", NOTHING },
	{ "one sort of change refused", RUN, { { "fail_on", "POST user" } }, { NULL }, 3, "500", SOMETHING },
	{ "503 now and then", RUN, { { "fail_every", "7" } }, { NULL }, 0, "failed 0", EVERYTHING },
	{ "429 now and then", RUN, { { "limit_every", "3" } }, { NULL }, 0, "failed 0", EVERYTHING },
	{ "one request at a time", RUN, { { "max_concurrent", "1" }, { "latency_ms", "2" } }, { NULL }, 0, "failed 0",
	  EVERYTHING },
	{ "connections cut before the work", RUN, { { "drop_every", "9" } }, { NULL }, 0, "failed 0", EVERYTHING },
	{ "connections cut after the work", RUN, { { "drop_every", "9" }, { "drop_after", "true" } }, { NULL }, 0,
	  "failed 0", EVERYTHING },
	{ "answers in chunks, connections closed", RUN, { { "chunked", "true" }, { "close", "true" } }, { NULL }, 0,
	  "failed 0", EVERYTHING },

	/* the directory */
	{ "directory not there", RUN, { { NULL, NULL } }, { "LDAP_HOST=127.0.0.1:1" }, 6, "127.0.0.1:1", NOTHING },
	{ "no password", RUN, { { NULL, NULL } }, { "LDAP_PASSWORD=" }, 2, "LDAP_PASSWORD", NOTHING },

	/* files and words */
	{ "nothing prepared", { "sync", "timecamp", "--input", "none.json" }, { { NULL, NULL } }, { NULL }, 1,
	  "rollcall prepare", NOTHING },
	{ "nobody prepared", { "sync", "timecamp", "--input", "empty.json" }, { { NULL, NULL } }, { NULL }, 4,
	  "--allow-empty", NOTHING },
	{ "half a file", { "sync", "timecamp", "--input", "half.json" }, { { NULL, NULL } }, { NULL }, 1, "half.json",
	  NOTHING },
	{ "nothing fetched", { "prepare", "--input", "none.json" }, { { NULL, NULL } }, { NULL }, 1, "run fetch first",
	  NOTHING },
	{ "half a fetched file", { "prepare", "--input", "half.json" }, { { NULL, NULL } }, { NULL }, 1, "half.json",
	  NOTHING },
	{ "output below a file", { "prepare", "--input", "one.json", "--output", "empty.json/out.json" },
	  { { NULL, NULL } }, { NULL }, 1, "empty.json", NOTHING },
	{ "unknown command", { "snyc" }, { { NULL, NULL } }, { NULL }, 2, "sync", NOTHING },
	{ "unknown source", { "run", "ldpa" }, { { NULL, NULL } }, { NULL }, 2, "ldap", NOTHING },
	{ "unknown option", { "run", "ldap", "--dryrun" }, { { NULL, NULL } }, { NULL }, 2, "--dry-run", NOTHING },
	{ "a setting that is no number", RUN, { { NULL, NULL } }, { "NET_RETRIES=many" }, 2, "NET_RETRIES", NOTHING },
};

/* The same with TLS on the port {relay}. */
static const struct tls_story {
	struct story story;
	const char *certificate;
	int to_directory;	/* it stands before the directory, not before the account */
} tls_stories[] = {
	/* TLS before the account */
	{ { "TLS", RUN, { { NULL, NULL } }, { "TIMECAMP_DOMAIN=https://127.0.0.1:{relay}", "CA_FILE=ca.pem" }, 0,
	  "failed 0", EVERYTHING }, "san.pem", 0 },
	{ { "unknown CA", RUN, { { NULL, NULL } }, { "TIMECAMP_DOMAIN=https://localhost:{relay}" }, 6, "CA_FILE", NOTHING },
	  "unknown.pem", 0 },
	{ { "expired certificate", RUN, { { NULL, NULL } },
	  { "TIMECAMP_DOMAIN=https://localhost:{relay}", "CA_FILE=ca.pem" }, 6, "2021-02-03", NOTHING }, "expired.pem", 0 },
	{ { "certificate of another host", RUN, { { NULL, NULL } },
	  { "TIMECAMP_DOMAIN=https://localhost:{relay}", "CA_FILE=ca.pem" }, 6, "other.example", NOTHING }, "wrong.pem", 0 },
	{ { "certificates not checked", RUN, { { NULL, NULL } },
	  { "TIMECAMP_DOMAIN=https://localhost:{relay}", "TIMECAMP_SSL_VERIFY=false" }, 0, "TIMECAMP_SSL_VERIFY",
	  EVERYTHING }, "unknown.pem", 0 },

	/* and before the directory */
	{ { "LDAPS", RUN, { { NULL, NULL } }, { "LDAP_HOST=ldaps://127.0.0.1:{relay}", "LDAP_CA_FILE=ca.pem" }, 0,
	  "failed 0", EVERYTHING }, "san.pem", 1 },
	{ { "LDAPS, unknown CA", RUN, { { NULL, NULL } }, { "LDAP_HOST=ldaps://localhost:{relay}" }, 6, "CA_FILE", NOTHING },
	  "unknown.pem", 1 },
	{ { "LDAPS, expired certificate", RUN, { { NULL, NULL } },
	  { "LDAP_HOST=ldaps://localhost:{relay}", "LDAP_CA_FILE=ca.pem" }, 6, "2021-02-03", NOTHING }, "expired.pem", 1 },
	{ { "LDAPS, certificate of another host", RUN, { { NULL, NULL } },
	  { "LDAP_HOST=ldaps://localhost:{relay}", "LDAP_CA_FILE=ca.pem" }, 6, "other.example", NOTHING }, "wrong.pem", 1 },
};

/* ---- stories ------------------------------------------------------------------------------------ */

/* The end of what was said. */
static const char *last_words(const struct harness_run *r)
{
	return r->err.len > 900 ? buf_text(&r->err) + r->err.len - 900 : buf_text(&r->err);
}

static void run_story(struct scene *s, const struct story *t)
{
	char settings[E2E_SETTINGS][256], detail[2 * ERROR_TEXT_MAX];
	const char *env[E2E_SETTINGS + 1], *problem = NULL;
	struct harness_run r;
	struct error e;
	size_t i, n = 0;

	error_init(&e);
	scene_run_init(s, &r);
	for (i = 0; i < E2E_ARGS && t->args[i]; i++)
		harness_run_args(&r, t->args[i], NULL);
	if (scene_lay_out(s, &e))
		problem = "cannot lay it out";
	for (i = 0; i < E2E_OPTIONS && t->options[i].name && !problem; i++)
		if (tcsim_set_option(s->account, t->options[i].name, t->options[i].value, &e))
			problem = "no such option";
	for (; n < E2E_SETTINGS && t->settings[n]; n++) {
		scene_fill_in(s, t->settings[n], settings[n], sizeof(settings[n]));
		env[n] = settings[n];
	}
	env[n] = NULL;
	r.env = env;
	if (!problem && harness_run(&r, &e))
		problem = "cannot be run";
	if (!problem)
		problem = scene_judge(s, t, &r);
	snprintf(detail, sizeof(detail), "exit code %d: %.900s%.900s", r.code, e.text, last_words(&r));
	scene_report(s, t->name, problem, detail);
	harness_run_release(&r);
}

static void run_tls_story(struct scene *s, const struct tls_story *t)
{
	unsigned port = t->to_directory ? ldapsim_port(s->directory) : tcsim_port(s->account);
	struct error e;

	error_init(&e);
	s->relay = tlsrelay_new(t->certificate, port, &e);
	if (s->relay)
		run_story(s, &t->story);
	else
		scene_report(s, t->story.name, "no relay", e.text);
	tlsrelay_free(s->relay);
	s->relay = NULL;
}

/* One more run after a good one: nothing is left to do, and it says so by its exit code. */
static void run_again(struct scene *s)
{
	static const struct story whole = { "", RUN, { { NULL, NULL } }, { NULL }, 0, NULL, EVERYTHING };
	const char *problem = NULL;
	struct harness_run first, again;
	struct error e;

	error_init(&e);
	scene_run_init(s, &first);
	scene_run_init(s, &again);
	harness_run_args(&first, "run", "ldap", "timecamp", NULL);
	harness_run_args(&again, "run", "ldap", "timecamp", "--dry-run", "--detailed-exitcode", NULL);
	if (scene_lay_out(s, &e) || harness_run(&first, &e))
		problem = "cannot be run";
	if (!problem)
		problem = scene_judge(s, &whole, &first);
	tcsim_clear(s->account);
	if (!problem && (harness_run(&again, &e) || again.code != 0))
		problem = "the second run plans something";
	harness_run_release(&again);
	scene_run_init(s, &again);
	harness_run_args(&again, "run", "ldap", "timecamp", NULL);
	if (!problem && (harness_run(&again, &e) || again.code != 0 || scene_changed(s)))
		problem = "the second run changes something";
	scene_report(s, "a second run", problem, buf_text(&again.err));
	harness_run_release(&first);
	harness_run_release(&again);
}

/* ---- start -------------------------------------------------------------------------------------- */

int main(int argc, char **argv)
{
	struct scene s;
	struct error e;
	size_t i;

	error_init(&e);
	memset(&s, 0, sizeof(s));
	if (port_init(&argc, &argv, &e) || argc != 3) {
		printf("test_e2e PROGRAM DIR %s\n", e.text);
		return 2;
	}
	if (scene_start(&s, argv[1], argv[2], &e)) {
		scene_report(&s, "a whole run", "cannot begin", e.text);
	} else {
		for (i = 0; i < sizeof(stories) / sizeof(*stories); i++)
			run_story(&s, &stories[i]);
		for (i = 0; i < sizeof(tls_stories) / sizeof(*tls_stories); i++)
			run_tls_story(&s, &tls_stories[i]);
		run_again(&s);
		e2e_locked(&s);
		e2e_without_var(&s);
		e2e_disk_full(&s);
		e2e_files(&s);
		e2e_recorded(&s);
		e2e_explained(&s);
		e2e_many(&s);
		e2e_notified(&s);
		e2e_told(&s);
		e2e_private(&s);
		e2e_killed(&s);
	}
	scene_stop(&s);
	printf("%u passed, %u failed\n", s.passed, s.failed);
	return s.failed > 0;
}
