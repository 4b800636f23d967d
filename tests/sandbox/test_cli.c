/*
 * test_cli PROGRAM DIR: runs the program in the scratch folder DIR and looks at what each command line prints
 * and with which exit code it ends. Nothing here needs a server. Ends with "N passed, M failed".
 */
#include <stdio.h>
#include <string.h>

#include "base/version.h"
#include "harness.h"
#include "port.h"

#define ARGS 8

struct row {
	const char *env_file;		/* becomes .env; NULL: none */
	const char *args[ARGS];
	int code;
	const char *out, *err;		/* what standard output and error must hold; NULL: must be empty */
	const char *never;		/* what neither may hold; NULL: anything goes */
};

#define CLOSED "LDAP_HOST=127.0.0.1\nLDAP_PORT=1\nLDAP_DOMAIN=a\nLDAP_DN=dc=a\nLDAP_USERNAME=u\n" \
	"LDAP_PASSWORD=geheim\nTIMECAMP_API_KEY=schluessel\nTIMECAMP_ROOT_GROUP_ID=1\n" \
	"TIMECAMP_DOMAIN=http://127.0.0.1:1\n"
#define SECRETS "LDAP_PASSWORD=geheim\nTIMECAMP_API_KEY=schluessel\nHTTPS_PROXY=http://u:geheim@p:1\n"
#define PEOPLE "{\"users\":[{\"external_id\":\"1\",\"name\":\"Ada\",\"email\":\"ada@example.com\"," \
	"\"department\":\"Eng\",\"status\":\"active\"}]}"
/* Letters beyond ASCII, in the names of a folder and a file too. */
#define OFFICE "B\xc3\xbcro \xc5\x81\xc3\xb3""d\xc5\xba \xf0\x9f\x8c\xb3"
#define STAFF "Leute \xc3\xa4.json"
#define JURGEN "{\"users\":[{\"external_id\":\"\xc3\xbc""1\",\"name\":\"J\xc3\xbcrgen\"," \
	"\"email\":\"j\xc3\xbcrgen@example.com\",\"department\":\"Ksi\xc4\x99gowo\xc5\x9b\xc4\x87\",\"status\":\"active\"}]}"

static const struct row rows[] = {
	/* help and versions */
	{ NULL, { NULL }, 2, NULL, "usage: rollcall COMMAND", NULL },
	{ NULL, { "--help" }, 0, "  sync [TARGET] ", NULL, NULL },
	{ NULL, { "-h" }, 0, "usage: rollcall COMMAND", NULL, NULL },
	{ NULL, { "run", "--help" }, 0, "usage: rollcall run SOURCE [TARGET] [OPTIONS]", NULL, NULL },
	{ NULL, { "fetch", "-h" }, 0, "usage: rollcall fetch SOURCE", NULL, NULL },
	{ NULL, { "prepare", "--help" }, 0, "  --input FILE", NULL, NULL },
	{ NULL, { "--help", "tree" }, 0, "  --detailed", NULL, NULL },
	{ NULL, { "sync", "--help" }, 0, "  --dry-run", NULL, NULL },
	{ NULL, { "check", "--help" }, 0, "usage: rollcall check [SOURCE|TARGET]", NULL, NULL },
	{ NULL, { "explain", "--help" }, 0, "usage: rollcall explain EMAIL [TARGET]", NULL, NULL },
	{ NULL, { "history", "--help" }, 0, "usage: rollcall history [RUN] [OPTIONS]", NULL, NULL },
	{ NULL, { "status", "-h" }, 0, "  --max-age TIME", NULL, NULL },
	{ NULL, { "settings", "--help" }, 0, "  --markdown", NULL, NULL },
	{ NULL, { "version", "--help" }, 0, "usage: rollcall version [OPTIONS]", NULL, NULL },
	{ NULL, { "--version" }, 0, "rollcall " ROLLCALL_VERSION "\n", NULL, NULL },
	{ "A='x", { "version" }, 0, "BearSSL " BEARSSL_RELEASE "\n", NULL, NULL },
	{ NULL, { "version", "--json" }, 0, "\"jsmn\": \"" JSMN_RELEASE "\"", NULL, NULL },
	/* wrong command lines */
	{ NULL, { "snyc" }, 2, NULL, "rollcall: \"snyc\" is no command; did you mean sync?", NULL },
	{ NULL, { "sync", "--dryrun" }, 2, NULL,
	  "rollcall: unknown option \"--dryrun\"; did you mean --dry-run?", NULL },
	{ NULL, { "fetch" }, 2, NULL, "usage: rollcall fetch SOURCE", NULL },
	{ NULL, { "fetch", "ldpa" }, 2, NULL, "did you mean ldap?", NULL },
	{ NULL, { "sync", "timecmap" }, 2, NULL, "is no target", NULL },
	{ NULL, { "check", "timecmap" }, 2, NULL, "did you mean timecamp?", NULL },
	{ NULL, { "explain" }, 2, NULL, "usage: rollcall explain EMAIL", NULL },
	{ NULL, { "history", "1", "2" }, 2, NULL, "usage: rollcall history [RUN]", NULL },
	{ NULL, { "history" }, 1, NULL, "no run is recorded yet", NULL },
	{ NULL, { "status" }, 2, NULL, "nothing is set up", NULL },
	{ NULL, { "status", "--max-age=-1h" }, 2, NULL, "--max-age is \"-1h\"", NULL },
	{ NULL, { "settings", "--dir", "nowhere" }, 2, NULL, "nowhere", NULL },
	{ NULL, { "settings", "--env=none.env" }, 2, NULL, "none.env", NULL },
	/* settings */
	{ "\nA='x", { "settings" }, 2, NULL, "rollcall: .env:2: ", NULL },
	{ "LDAP_PORT=many", { "settings" }, 2, NULL, "rollcall: LDAP_PORT is \"many\" (.env:1): ", NULL },
	{ "LDAP_SSL_VERIFY=no", { "settings" }, 2, NULL, "rollcall: LDAP_SSL_VERIFY is \"no\"", NULL },
	{ "LOG_FORMAT=xml", { "settings" }, 2, NULL, "rollcall: LOG_FORMAT is \"xml\"", NULL },
	{ "LDAP_HOTS=a", { "settings" }, 0, "LDAP_HOST=  (default)", "did you mean LDAP_HOST?", NULL },
	{ "OTHER=a", { "settings" }, 0, "LDAP_HOST=  (default)", NULL, NULL },
	{ "LDAP_HOST=a", { "settings" }, 0, "LDAP_HOST=a  (.env:1)", NULL, "LDAP_PAGE_SIZE" },
	{ "LDAP_HOST=a", { "settings", "--all" }, 0, "LDAP_PAGE_SIZE=1000  (default)", NULL, NULL },
	{ SECRETS, { "settings", "--all" }, 0, "LDAP_PASSWORD=***  (.env:1)", NULL, "geheim" },
	{ SECRETS, { "settings", "--json" }, 0, "\"value\": \"***\"", NULL, "schluessel" },
	{ SECRETS, { "settings", "--env" }, 0, "\n#LDAP_PORT=389\n", NULL, "geheim" },
	{ SECRETS, { "settings", "--markdown" }, 0, "| `LDAP_PORT` | number | `389` | ", NULL, "geheim" },
	{ "LDAP_PASSWORD_FILE=none", { "settings" }, 2, NULL, "LDAP_PASSWORD_FILE: ", NULL },
	{ "LOG_FORMAT=json\nLDAP_USE_SSL=yes", { "prepare", "--input", "none" }, 1, NULL,
	  "rollcall: prepare: ", NULL },
	/* steps */
	{ NULL, { "prepare" }, 1, NULL, "run fetch first", NULL },
	{ NULL, { "prepare", "--input", "people.json", "--quiet" }, 0, NULL, NULL, NULL },
	{ NULL, { "prepare", "--input=people.json" }, 0, NULL, " - INFO - prepared 1 of 1 users", NULL },
	{ "LOG_FORMAT=json", { "prepare", "--input=people.json" }, 0, NULL,
	  "\"level\":\"INFO\",\"message\":\"prepared 1", NULL },
	{ NULL, { "prepare", "--input=people.json", "--debug" }, 0, NULL, "SHA-256", NULL },
	{ NULL, { "tree", "--file", "none.json" }, 1, NULL, "none.json", NULL },
	{ NULL, { "tree", "--quiet" }, 0, "Eng", NULL, NULL },
	{ NULL, { "explain", "ADA@example.com", "--input", "people.json", "--quiet" }, 0, "TimeCamp: is not set up", NULL, NULL },
	{ CLOSED, { "explain", "1", "--input=people.json", "--quiet" }, 6, "could not be compared", "127.0.0.1:1",
	  "schluessel" },
	{ NULL, { "explain", "ada@exmaple.com", "--input=people.json", "--quiet" }, 1, NULL,
	  "did you mean Ada <ada@example.com>?", NULL },
	{ NULL, { "sync", "--dry-run" }, 2, NULL, "TIMECAMP_API_KEY is not set", NULL },
	{ NULL, { "fetch", "ldap" }, 2, NULL, "LDAP_HOST is not set", NULL },
	{ NULL, { "fetch", "--help" }, 0, "\n  file                      File (CSV, JSON)\n", NULL, NULL },
	{ NULL, { "timeoff", "--help" }, 0, "SOURCE is one of:\n  factorial                 Factorial\n\n", NULL, NULL },
	{ NULL, { "timeoff", "fetch", "okta" }, 2, NULL, "\"okta\" is no source of leave days; there is: factorial", NULL },
	{ NULL, { "timeoff", "fetch" }, 2, NULL, "timeoff fetch SOURCE", NULL },
	{ NULL, { "timeoff", "sync", "factorial" }, 2, NULL, "timeoff sync [--input FILE]", NULL },
	{ NULL, { "timeoff", "fecth" }, 2, NULL, "there is: timeoff fetch, timeoff sync", NULL },
	{ "FETCH_MAX_SHRINK=lots", { "fetch", "file" }, 2, NULL, "it must be a number, or a percentage", NULL },
	{ "FILE_MAP={}", { "fetch", "file" }, 2, NULL, "FILE_PATH is not set", NULL },
	{ "FILE_PATH=none.csv", { "fetch", "file" }, 1, NULL, "none.csv", NULL },
	{ "FILE_PATH=people.json\nFILE_MAP='{\"emial\":\"x\"}'", { "fetch", "file" }, 2, NULL,
	  "did you mean \"email\"?", NULL },
	{ "FILE_PATH=people.json", { "check", "file" }, 0, "people.json, JSON, 1 people: ok", NULL, NULL },
	{ "FILE_PATH=people.json", { "fetch", "file", "--quiet" }, 0, NULL, NULL, NULL },
	/* connections that nobody answers */
	{ NULL, { "check" }, 2, NULL, "nothing is set up", NULL },
	{ CLOSED, { "check" }, 6, "TimeCamp: FAILED: ", "2 of 2 checks failed", "geheim" },
	{ CLOSED, { "check", "ldap" }, 6, "LDAP / Active Directory: FAILED: ", "1 of 1 checks failed",
	  "geheim" },
	{ CLOSED, { "run", "ldap", "timecamp" }, 6, NULL, "127.0.0.1:1", "geheim" },
	{ CLOSED, { "sync" }, 6, NULL, "127.0.0.1:1", "schluessel" },
};

static struct {
	const char *program, *dir;
	int passed, failed;
} runner;

static int holds(const struct buf *text, const char *wanted)
{
	if (!wanted)
		return text->len == 0;
	return strstr(buf_text(text), wanted) != NULL;
}

static void report(const struct harness_run *r, const char *name, const char *what)
{
	int i;

	printf("%s:", name);
	for (i = 0; r->args[i]; i++)
		printf(" %s", r->args[i]);
	printf(": %s, exit code %d\n--- out\n%s\n--- err\n%s\n", what, r->code, buf_text(&r->out),
	       buf_text(&r->err));
}

static void judge(const struct harness_run *r, const struct row *row)
{
	const char *what = harness_run_crashed(r);

	if (!what && r->code != row->code)
		what = "wrong exit code";
	if (!what && !holds(&r->out, row->out))
		what = "wrong output";
	if (!what && !holds(&r->err, row->err))
		what = "wrong message";
	if (!what && row->never &&
	    (strstr(buf_text(&r->out), row->never) || strstr(buf_text(&r->err), row->never)))
		what = "shows what it must not show";
	if (what)
		report(r, "test_cli", what);
	runner.passed += !what;
	runner.failed += what != NULL;
}

static void run_row(const struct row *row)
{
	char env[HARNESS_PATH];
	struct harness_run r;
	struct error e;
	int i;

	error_init(&e);
	harness_path(env, runner.dir, ".env");
	port_remove(env, NULL);
	if (row->env_file && harness_save(env, str_from(row->env_file), &e) != 0)
		printf("%s\n", e.text);
	harness_run_init(&r, runner.program, runner.dir);
	for (i = 0; i < ARGS && row->args[i]; i++)
		harness_run_args(&r, row->args[i], NULL);
	if (harness_run(&r, &e) != 0)
		printf("%s\n", e.text);
	judge(&r, row);
	harness_run_release(&r);
}

/* While somebody else holds the lock, what writes is refused, and what only reads is not. */
static void run_locked(void)
{
	static const struct row locked[] = {
		{ NULL, { "prepare", "--input", "people.json" }, 5, NULL, "another run", NULL },
		{ NULL, { "run", "ldap" }, 5, NULL, "another run", NULL },
		{ NULL, { "tree", "--quiet" }, 0, "Eng", NULL, NULL },
		{ NULL, { "settings" }, 0, "LDAP_HOST", NULL, NULL },
	};
	char path[HARNESS_PATH];
	struct port_lock *lock;
	size_t i;

	harness_path(path, runner.dir, "var/rollcall.lock");
	lock = port_lock(path, "test", NULL);
	for (i = 0; i < sizeof(locked) / sizeof(locked[0]); i++)
		run_row(&locked[i]);
	port_unlock(lock);
}

/* A folder, files and arguments with letters beyond ASCII: the same everywhere, whatever the system's own code page. */
static void run_letters(void)
{
	static const struct row letters[] = {
		{ NULL, { "check", "file", "--dir", OFFICE }, 0, STAFF ", JSON, 1 people: ok", NULL, NULL },
		{ NULL, { "run", "file", "--dir", OFFICE }, 2, NULL, "TIMECAMP_API_KEY", NULL },
		{ NULL, { "fetch", "file", "--dir", OFFICE, "--quiet" }, 0, NULL, NULL, NULL },
		{ NULL, { "prepare", "--dir=" OFFICE, "--quiet" }, 0, NULL, NULL, NULL },
		{ NULL, { "tree", "--dir", OFFICE, "--quiet" }, 0, "Ksi\xc4\x99gowo\xc5\x9b\xc4\x87", NULL, NULL },
		{ NULL, { "explain", "J\xc3\x9cRGEN@example.com", "--dir", OFFICE, "--quiet" }, 0, "J\xc3\xbcrgen", NULL, NULL },
		{ NULL, { "explain", "j\xc3\xbcrgne@example.com", "--dir", OFFICE, "--quiet" }, 1, NULL,
		  "did you mean J\xc3\xbcrgen <j\xc3\xbcrgen@example.com>?", NULL },
		{ NULL, { "history", "--dir", OFFICE }, 0, "prepare", NULL, NULL },
		{ NULL, { "prepare", "--input", OFFICE "/keine.json" }, 1, NULL, OFFICE "/keine.json", NULL },
	};
	char path[HARNESS_PATH];
	struct error e;
	size_t i;

	error_init(&e);
	harness_path(path, runner.dir, OFFICE);
	if (harness_fresh(path, &e) != 0)
		printf("%s\n", e.text);
	harness_path(path, runner.dir, OFFICE "/.env");
	if (harness_save(path, str_from("FILE_PATH='" STAFF "'\n"), &e) != 0)
		printf("%s\n", e.text);
	harness_path(path, runner.dir, OFFICE "/" STAFF);
	if (harness_save(path, str_from(JURGEN), &e) != 0)
		printf("%s\n", e.text);
	for (i = 0; i < sizeof(letters) / sizeof(letters[0]); i++)
		run_row(&letters[i]);
}

int main(int argc, char **argv)
{
	char people[HARNESS_PATH];
	struct error e;
	size_t i;

	error_init(&e);
	if (port_init(&argc, &argv, &e) != 0 || argc != 3 || harness_fresh(argv[2], &e) != 0) {
		printf("test_cli PROGRAM DIR %s\n", e.text);
		return 2;
	}
	runner.program = argv[1];
	runner.dir = argv[2];
	harness_path(people, runner.dir, "people.json");
	if (harness_save(people, str_from(PEOPLE), &e) != 0)
		printf("%s\n", e.text);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		run_row(&rows[i]);
	run_locked();
	run_letters();
	printf("%d passed, %d failed\n", runner.passed, runner.failed);
	return runner.failed > 0;
}
