/*
 * test_ldap PROGRAM DIR: runs "PROGRAM fetch ldap" in the scratch folder DIR against the simulated LDAP server: what
 * it reads, and that each thing that goes wrong has its own message and exit code and leaves the old users.json as it
 * was. Ends with "N passed, M failed".
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/limits.h"
#include "ldap/ldap_int.h"
#include "port.h"
#include "sandbox/ldapsim.h"

#define PATH_ROOM 1024
#define SETTINGS 8		/* of one case, besides the usual ones */
#define FRAGMENTS 8
#define RUN_MS 60000		/* a run that takes longer has failed */

static const char old_users[] = "{\"users\":[{\"external_id\":\"old\"}]}\n";

/* A read that succeeds. */
struct good {
	const char *name;
	struct ldapsim_options sim;
	const char *settings[SETTINGS];	/* "NAME=value"; "{port}" in it is the server's */
	const char *users[FRAGMENTS];	/* what users.json must hold */
	int count;			/* people in it */
	int searches;			/* requests that it took; 0: any number */
};

/* One that fails. */
struct bad {
	const char *name;
	struct ldapsim_options sim;
	const char *settings[SETTINGS];
	int code;			/* exit code */
	const char *says;		/* what the message must hold */
	int searches;
};

/* ---- what the directory holds ---------------------------------------------------------------------------------- */

#define ENTRY(cn, place, id) "dn: cn=" cn "," place "dc=example\nobjectGUID: " id "\n"

/* Ada's manager comes later, Bo's is Ada, Cai's is hidden (Zoe, whose own is hidden too), Dov's is nowhere. */
static const char company[] =
	ENTRY("Ada", "ou=Eng,", "0123456789abcdea")
	"sAMAccountName: ADA\nmail: Ada@Example.com\ndisplayName: Ada A\ndepartment: Eng\ntitle: Lead\n"
	"manager: CN=Bob,OU=Top,DC=example\n\n"
	ENTRY("Bo\\2C B", "ou=Eng,", "0123456789abcdeb")
	"sAMAccountName: bo\nmail: bo@example.com\ngivenName: Bo\nsn: B\nmanager: cn=ada,ou=eng,dc=example\n\n"
	ENTRY("Cai", "ou=Ops,", "0123456789abcdec")
	"sAMAccountName: cai\ndisplayName:: Q8Op\nmanager: cn=Zoe,ou=Gone,dc=example\n\n"
	ENTRY("Dov", "ou=Ops,", "0123456789abcded")
	"mail: x@other.org, dov@example.org\ndisplayName: Dov \"D\"\nmanager: cn=Nobody,dc=example\n"
	"memberOf: cn=one,dc=example\nmemberOf: cn=two,dc=example\nmemberOf: cn=three,dc=example\n"
	"memberOf: cn=four,dc=example\nmemberOf: cn=Chiefs\\2C all,dc=example\n\n"
	ENTRY("Bob", "ou=Top,", "0123456789abcdef")
	"sAMAccountName: bob\nmail: bob@example.com\ndisplayName: Bob T\n\n"
	"dn: cn=Zoe,ou=Gone,dc=example\nhidden: yes\nobjectGUID: 0123456789abcdez\nsAMAccountName: zoe\n"
	"displayName: Zoe Z\nmanager: cn=Yan,ou=Gone,dc=example\n\n"
	"dn: cn=Yan,ou=Gone,dc=example\nhidden: yes\nobjectGUID: 0123456789abcdey\nsAMAccountName: yan\n"
	"displayName: Yan Y\nmanager: cn=Bob,ou=Top,dc=example\n\n"
	"dn: ou=Eng,dc=example\nhidden: yes\nou: Eng\ndescription: Engineers \"&\" more\n\n"
	"dn: ou=Ops,dc=example\nhidden: yes\nou: Ops\n\n";

/* The ids that this makes: all but the last byte are the same. */
#define GUID(last) "33323130-3534-3736-3839-6162636465" last
#define ADA GUID("61")
#define BO GUID("62")
#define CAI GUID("63")
#define DOV GUID("64")
#define BOB GUID("66")
#define ZOE GUID("7a")
#define YAN GUID("79")

#define ADA_WHOLE "{\"external_id\":\"" ADA "\",\"name\":\"Ada A\",\"email\":\"ada@example.com\"," \
	"\"department\":\"Eng\",\"job_title\":\"Lead\",\"status\":\"active\",\"supervisor_id\":\"" BOB "\"}"
#define BO_WHOLE "{\"external_id\":\"" BO "\",\"name\":\"Bo B\",\"email\":\"bo@example.com\"," \
	"\"department\":\"\",\"job_title\":\"\",\"status\":\"active\",\"supervisor_id\":\"" ADA "\"}"
#define CAI_WHOLE "{\"external_id\":\"" CAI "\",\"name\":\"C\xc3\xa9\",\"email\":\"cai@example.org\"," \
	"\"department\":\"\",\"job_title\":\"\",\"status\":\"active\",\"supervisor_id\":\"" ZOE "\"}"
#define DOV_WHOLE "{\"external_id\":\"" DOV "\",\"name\":\"Dov \\\"D\\\"\",\"email\":\"x@other.org\"," \
	"\"department\":\"\",\"job_title\":\"\",\"status\":\"active\",\"supervisor_id\":\"\"}"
#define BOB_WHOLE "{\"external_id\":\"" BOB "\",\"name\":\"Bob T\",\"email\":\"bob@example.com\"," \
	"\"department\":\"\",\"job_title\":\"\",\"status\":\"active\",\"supervisor_id\":\"\"}"
#define EVERYBODY { ADA_WHOLE, BO_WHOLE, CAI_WHOLE, DOV_WHOLE, BOB_WHOLE }

#define MAIL(mail) "\"email\":\"" mail "\",\"department\""
#define BOTH(mail, real) "\"email\":\"" mail "\",\"real_email\":\"" real "\""

static const struct good good[] = {
	{ "reads", { .ldif = company }, { NULL }, EVERYBODY, 5, 3 },
	{ "pages of two", { .ldif = company, .password = "right" }, { "LDAP_PAGE_SIZE=2" }, EVERYBODY, 5, 5 },
	{ "small pieces", { .ldif = company, .chop = 7 }, { "LDAP_PAGE_SIZE=2" }, EVERYBODY, 5, 5 },
	{ "references and notices", { .ldif = company, .reference = "ldap://elsewhere/dc=x",
	  .fault = LDAPSIM_UNKNOWN_NOTICE, .fault_after = 2 }, { "LDAP_PAGE_SIZE=2" }, EVERYBODY, 5, 5 },
	{ "second host", { .ldif = company }, { "LDAP_HOST=127.0.0.1:1 ldap://127.0.0.1:{port}/" }, EVERYBODY, 5, 3 },
	{ "missing managers", { .ldif = company }, { "TIMECAMP_USE_SUPERVISOR_GROUPS=true" },
	  { ADA_WHOLE, CAI_WHOLE, "\"name\":\"Zoe Z\",\"email\":\"zoe@example.org\",\"department\":\"\","
	    "\"job_title\":\"\",\"status\":\"inactive\",\"supervisor_id\":\"" YAN "\"" }, 6, 4 },
	{ "two levels of them", { .ldif = company },
	  { "TIMECAMP_USE_SUPERVISOR_GROUPS=true", "LDAP_SUPERVISOR_LEVELS=2" },
	  { "\"name\":\"Yan Y\",\"email\":\"yan@example.org\",\"department\":\"\",\"job_title\":\"\","
	    "\"status\":\"inactive\",\"supervisor_id\":\"" BOB "\"" }, 7, 4 },
	{ "role from a group", { .ldif = company }, { "LDAP_SUPERVISOR_GROUP_NAME=chiefs, all" },
	  { "\"force_supervisor_role\":true" }, 5, 3 },
	{ "role from a group, in ranges", { .ldif = company, .range_max = 2 },
	  { "LDAP_SUPERVISOR_GROUP_NAME=Chiefs, All", "LDAP_GLOBAL_ADMIN_GROUP_NAME=two" },
	  { "\"force_supervisor_role\":true,\"force_global_admin_role\":true,\"supervisor_id\":\"\"}" }, 5, 5 },
	{ "units", { .ldif = company }, { "LDAP_USE_OU_STRUCTURE=true" },
	  { "\"department\":\"Eng\"", "\"department\":\"Ops\"", "\"department\":\"Top\"" }, 5, 3 },
	{ "units with descriptions", { .ldif = company },
	  { "LDAP_USE_OU_STRUCTURE=true", "LDAP_USE_OU_DESCRIPTION=true" },
	  { "\"department\":\"Engineers \\\"&\\\" more\"", "\"department\":\"Ops\"", "\"department\":\"Top\"" }, 5, 6 },
	{ "some units only", { .ldif = company }, { "LDAP_USER_OUS=Top, Eng" }, { BOB_WHOLE, ADA_WHOLE, BO_WHOLE }, 3, 2 },
	{ "login only", { .ldif = company }, { "LDAP_USE_SAMACCOUNTNAME_ONLY=true" },
	  { BOTH("ada", "ada@example.com"), MAIL("cai"), MAIL("x@other.org") }, 5, 0 },
	{ "login first", { .ldif = company }, { "LDAP_USE_SAMACCOUNTNAME=true" },
	  { BOTH("ada@example.org", "ada@example.com"), MAIL("cai@example.org") }, 5, 0 },
	{ "login with a domain", { .ldif = company },
	  { "LDAP_USE_WINDOWS_LOGIN_EMAIL=true", "LDAP_EMAIL_DOMAIN=Win.Example" },
	  { BOTH("bo@win.example", "bo@example.com") }, 5, 0 },
	{ "real e-mail", { .ldif = company }, { "LDAP_USE_SAMACCOUNTNAME=true", "LDAP_USE_REAL_EMAIL_AS_EMAIL=true" },
	  { BOTH("ada@example.com", ""), MAIL("cai@example.org") }, 5, 0 },
	{ "preferred domain", { .ldif = company }, { "TIMECAMP_REPLACE_EMAIL_DOMAIN=@Example.org" },
	  { "\"name\":\"Dov \\\"D\\\"\",\"email\":\"dov@example.org\"" }, 5, 0 },
	{ "another directory", { .ldif = "dn: uid=u,dc=example\nentryUUID: 1-2-3\nuid: Uma\ncn: Uma\nsn: U\n\n" },
	  { "LDAP_ATTR_ID=entryUUID", "LDAP_ATTR_LOGIN=uid" },
	  { "{\"external_id\":\"1-2-3\",\"name\":\"U\",\"email\":\"uma@example.org\"" }, 1, 1 },
	{ "odd values", { .ldif = "dn: cn=u,dc=example\nobjectGUID: short\nsn:: /0E=\n\n" }, { NULL },
	  { "{\"external_id\":\"\",\"name\":\"\xef\xbf\xbd" "A\",\"email\":\"\"" }, 1, 1 },
	{ "many look-ups", { .people = 300, .outside = 3 * MAX_LDAP_WINDOW + 1 }, { NULL },
	  /* "boss-00000000003" */
	  { "\"name\":\"Person 0\",\"email\":\"p0@example.com\",\"department\":\"\",\"job_title\":\"\","
	    "\"status\":\"active\",\"supervisor_id\":\"73736f62-302d-3030-3030-303030303033\"" },
	  300, 1 + 3 * MAX_LDAP_WINDOW + 1 },
	{ "a crowd", { .people = 3000 }, { NULL },
	  { "\"name\":\"Person 2999\",\"email\":\"p2999@example.com\"" }, 3000, 3 }
};

static const struct bad bad[] = {
	{ "wrong password", { .ldif = company, .password = "other",
	  .bind_text = "80090308: LdapErr: DSID-0C09, comment: AcceptSecurityContext error, data 52e, v2580" },
	  { NULL }, 7, "as \"reader@example.org\": invalidCredentials (49): wrong password" },
	{ "expired password", { .ldif = company, .bind_code = 49, .bind_text = "x, data 532, v2580" }, { NULL }, 7,
	  "the password has expired" },
	{ "TLS required", { .ldif = company, .bind_code = 8 }, { NULL }, 7, "set LDAP_USE_START_TLS=true" },
	{ "confidentiality required", { .ldif = company, .bind_code = 13 }, { NULL }, 7, "set LDAP_USE_START_TLS=true" },
	{ "closed port", { .ldif = company }, { "LDAP_HOST=127.0.0.1:1" }, 6, "127.0.0.1:1" },
	{ "unknown host", { .ldif = company }, { "LDAP_HOST=no-such-host.invalid" }, 6, "no-such-host.invalid" },
	{ "two closed ports", { .ldif = company }, { "LDAP_HOST=127.0.0.1:1 127.0.0.1:2" }, 6, "127.0.0.1:2" },
	{ "gone in page 2", { .people = 10, .fault = LDAPSIM_CLOSE, .fault_after = 6 }, { "LDAP_PAGE_SIZE=4" }, 6,
	  "ended the connection before the answer was complete" },
	{ "reset in page 2", { .people = 10, .fault = LDAPSIM_RESET, .fault_after = 6 }, { "LDAP_PAGE_SIZE=4" }, 6, "" },
	{ "hangs in page 2", { .people = 10, .fault = LDAPSIM_HANG, .fault_after = 6 },
	  { "LDAP_PAGE_SIZE=4", "LDAP_TIMEOUT=1" }, 6, "127.0.0.1" },
	{ "element cut off", { .people = 10, .fault = LDAPSIM_TRUNCATED, .fault_after = 6 }, { NULL }, 6, "malformed" },
	{ "huge message", { .people = 10, .fault = LDAPSIM_OVERSIZED, .fault_after = 6 }, { NULL }, 6,
	  "or one of more than 4194304 bytes" },
	{ "no LDAP", { .people = 10, .fault = LDAPSIM_GARBAGE }, { NULL }, 6,
	  "no LDAP message" },
	{ "another's answer", { .people = 10, .fault = LDAPSIM_WRONG_ID, .fault_after = 6 }, { NULL }, 6,
	  "does not belong to any request" },
	{ "another kind of answer", { .people = 10, .fault = LDAPSIM_WRONG_OP, .fault_after = 6 }, { NULL }, 6,
	  "does not belong to any request" },
	{ "server shuts down", { .people = 10, .fault = LDAPSIM_NOTICE, .fault_after = 6 }, { NULL }, 6,
	  "the server ended the connection: unavailable (52)" },
	{ "empty pages", { .people = 10, .fault = LDAPSIM_EMPTY_PAGES, .fault_after = 6 }, { NULL }, 6,
	  "one empty page after the other", MAX_LDAP_EMPTY_PAGES + 2 },
	{ "size limit", { .ldif = company, .search_code = 4 }, { NULL }, 6, "sizeLimitExceeded (4): the server gives fewer" },
	{ "page size limit", { .ldif = company, .page_max = 500 }, { NULL }, 6, "lower LDAP_PAGE_SIZE" },
	{ "busy", { .ldif = company, .search_code = 51 }, { NULL }, 6, "try again later" },
	{ "referral", { .ldif = company, .search_code = 10 }, { NULL }, 6, "another server in LDAP_HOST" },
	{ "no right to read", { .ldif = company, .search_code = 50 }, { NULL }, 7, "insufficientAccessRights (50)" },
	{ "unknown base", { .ldif = company }, { "LDAP_DN=dc=nowhere" }, 1, "noSuchObject (32)" },
	{ "unknown unit", { .ldif = company }, { "LDAP_USER_OUS=Eng,Missing" }, 1, "LDAP_USER_OUS" },
	{ "nobody", { .ldif = "dn: dc=example\nhidden: yes\n\n" }, { NULL }, 1, "nobody was found" },
	{ "StartTLS refused", { .ldif = company, .tls_code = 52 }, { "LDAP_USE_START_TLS=true" }, 6, "StartTLS: unavailable" },
	{ "StartTLS without TLS", { .ldif = company }, { "LDAP_USE_START_TLS=true", "LDAP_TIMEOUT=1" }, 6, "127.0.0.1" },
	{ "both kinds of TLS", { .ldif = company }, { "LDAP_USE_START_TLS=true", "LDAP_USE_SSL=true" }, 2,
	  "LDAP_USE_SSL and LDAP_USE_START_TLS" },
	{ "StartTLS with ldaps", { .ldif = company }, { "LDAP_USE_START_TLS=true", "LDAP_HOST=ldaps://127.0.0.1:{port}" }, 2,
	  "remove LDAP_USE_START_TLS" },
	{ "filter", { .ldif = company }, { "LDAP_FILTER=(a=b" }, 2, "\")\" is missing at character 5 of the filter" },
	{ "host", { .ldif = company }, { "LDAP_HOST=http://x:y" }, 2, "LDAP_HOST" },
	{ "page size", { .ldif = company }, { "LDAP_PAGE_SIZE=0" }, 2, "LDAP_PAGE_SIZE" },
	{ "no password", { .ldif = company }, { "LDAP_PASSWORD=" }, 2, "LDAP_PASSWORD" }
};

/* ---- running ---------------------------------------------------------------------------------------------------- */

static struct {
	const char *program, *dir;
	int passed, failed;
} runner;

static void path_in(char *out, const char *name)
{
	snprintf(out, PATH_ROOM, "%s/%s", runner.dir, name);
}

/* The whole file; empty when there is none. */
static void load(const char *name, struct buf *out)
{
	char path[PATH_ROOM], *room;
	struct port_file *f;
	long n;

	buf_reset(out);
	path_in(path, name);
	f = port_open(path, PORT_READ, NULL);
	while (f && (room = buf_room(out, 65536)) != NULL && (n = port_read(f, room, 65536, NULL)) > 0)
		buf_grew(out, (size_t)n);
	if (f)
		port_close(f, NULL);
}

static int save(const char *name, const char *text, struct error *e)
{
	char path[PATH_ROOM];
	struct port_file *f;

	path_in(path, name);
	f = port_open(path, PORT_TRUNCATE, e);
	if (!f || port_write(f, text, strlen(text), e) != 0)
		return -1;
	return port_close(f, e);
}

/* A setting with the port put in. */
static void put_setting(struct buf *out, const char *setting, unsigned port)
{
	struct str s = str_from(setting);
	size_t at = str_find(s, 0, STR("{port}"));

	buf_init(out, PATH_ROOM);
	buf_put_str(out, str_sub(s, 0, at));
	if (at < s.len)
		buf_printf(out, "%u%.*s", port, STR_ARG(str_sub(s, at + 6, s.len)));
}

/* Whether the case has a value of its own for a usual setting. */
static int is_replaced(const char *usual, const char *const *settings)
{
	size_t name = (size_t)(strchr(usual, '=') - usual) + 1, i;

	for (i = 0; i < SETTINGS && settings[i]; i++)
		if (strncmp(settings[i], usual, name) == 0)
			return 1;
	return 0;
}

/* The usual settings, the case's, and what a sanitizer or Windows needs. Returns how many; texts are in text. */
static size_t make_env(const char *const *settings, unsigned port, struct buf *text, const char **env)
{
	static const char *const usual[] = {
		"LDAP_HOST=127.0.0.1", "LDAP_PORT={port}", "LDAP_DOMAIN=example.org", "LDAP_DN=dc=example",
		"LDAP_USERNAME=reader", "LDAP_PASSWORD=right", "DISABLE_FILE_LOGGING=true"
	};
	static const char *const passed_on[] = { "ASAN_OPTIONS", "UBSAN_OPTIONS", "SystemRoot", "PATH" };
	size_t n = 0, i;
	const char *value;

	for (i = 0; i < sizeof(usual) / sizeof(usual[0]); i++)
		if (!is_replaced(usual[i], settings))
			put_setting(&text[n++], usual[i], port);
	for (i = 0; i < SETTINGS && settings[i]; i++)
		put_setting(&text[n++], settings[i], port);
	for (i = 0; i < sizeof(passed_on) / sizeof(passed_on[0]); i++) {
		if ((value = port_getenv(passed_on[i])) == NULL)
			continue;
		buf_init(&text[n], 65536);
		buf_printf(&text[n++], "%s=%s", passed_on[i], value);
	}
	for (i = 0; i < n; i++)
		env[i] = buf_text(&text[i]);
	env[n] = NULL;
	return n;
}

/* Serves until the program has ended. Its exit code, or -1. */
static int attend(struct ldapsim *sim, struct port_child *child, struct error *e)
{
	int64_t start = port_mono_ms();
	int code = -1, ended;

	while ((ended = port_wait(child, 0, &code, e)) == 0) {
		if (port_mono_ms() - start > RUN_MS) {
			port_kill(child, 1);
			port_wait(child, -1, &code, e);
			return error_set(e, ERROR_FAILED, "takes too long");
		}
		if (ldapsim_run(sim, 5, e) != 0)
			return -1;
	}
	return ended == 1 ? code : -1;
}

/* Runs the program once. Its exit code, or -1 when it could not be run. */
static int run(struct ldapsim *sim, const char *const *settings, struct error *e)
{
	const char *argv[] = { NULL, "fetch", "ldap", NULL }, *env[32];
	char out[PATH_ROOM], err[PATH_ROOM];
	struct buf text[32];
	struct port_child *child;
	size_t n, i;
	int code;

	argv[0] = runner.program;
	n = make_env(settings, ldapsim_port(sim), text, env);
	path_in(out, "out");
	path_in(err, "err");
	child = port_spawn(argv, env, runner.dir, out, err, e);
	code = child ? attend(sim, child, e) : -1;
	port_child_free(child);
	for (i = 0; i < n; i++)
		buf_release(&text[i]);
	return code;
}

static int count_file(void *cookie, const char *name)
{
	(void)name;
	++*(int *)cookie;
	return 0;
}

/* 1 when the folder of users.json holds nothing but that and the lock. */
static int is_tidy(void)
{
	char path[PATH_ROOM];
	int files = 0;

	path_in(path, "var");
	return port_list(path, count_file, &files, NULL) == 0 && files <= 2;
}

static void judge(const char *name, const char *problem, struct str detail)
{
	if (problem)
		printf("FAIL %s: %s: %.*s\n", name, problem, STR_ARG(detail));
	*(problem ? &runner.failed : &runner.passed) += 1;
}

static int count_lines(struct str text)
{
	int n = 0;
	size_t i;

	for (i = 0; i < text.len; i++)
		n += text.ptr[i] == '\n';
	return n;
}

static void run_good(const struct good *t, struct buf *users, struct buf *err, struct error *e)
{
	struct ldapsim *sim = ldapsim_new(&t->sim, e);
	const char *problem = NULL;
	int code, i;

	code = sim && save("var/users.json", old_users, e) == 0 ? run(sim, t->settings, e) : -1;
	load("var/users.json", users);
	load("err", err);
	if (code != 0)
		problem = "did not succeed";
	for (i = 0; i < FRAGMENTS && t->users[i] && !problem; i++)
		if (!strstr(buf_text(users), t->users[i]))
			problem = t->users[i];
	if (!problem && count_lines(buf_str(users)) != t->count + 1)
		problem = "another number of people";
	if (!problem && t->searches && ldapsim_count(sim, LDAP_SEARCH_REQUEST) != t->searches)
		problem = "another number of requests";
	if (!problem && !is_tidy())
		problem = "files are left over";
	judge(t->name, problem, code == 0 ? buf_str(users) : code == -1 ? str_from(e->text) : buf_str(err));
	ldapsim_free(sim);
}

static void run_bad(const struct bad *t, struct buf *users, struct buf *err, struct error *e)
{
	struct ldapsim *sim = ldapsim_new(&t->sim, e);
	const char *problem = NULL;
	int code;

	code = sim && save("var/users.json", old_users, e) == 0 ? run(sim, t->settings, e) : -1;
	load("var/users.json", users);
	load("err", err);
	if (code != t->code)
		problem = "another exit code";
	else if (!strstr(buf_text(err), t->says))
		problem = t->says;
	else if (t->searches && ldapsim_count(sim, LDAP_SEARCH_REQUEST) != t->searches)
		problem = "another number of requests";
	else if (!str_eqz(buf_str(users), old_users))
		problem = "the old users.json was touched";
	else if (strstr(buf_text(err), "right") || strstr(buf_text(err), "other\""))
		problem = "the password is in the message";
	else if (!is_tidy())
		problem = "files are left over";
	judge(t->name, problem, code == -1 ? str_from(e->text) : buf_str(err));
	ldapsim_free(sim);
}

static int run_all(struct error *e)
{
	struct buf users, err;
	char path[PATH_ROOM];
	size_t i;

	path_in(path, "var");
	if (port_make_dirs(path, e) != 0)
		return -1;
	buf_init(&users, (size_t)1 << 24);
	buf_init(&err, (size_t)1 << 24);
	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		run_good(&good[i], &users, &err, e);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		run_bad(&bad[i], &users, &err, e);
	buf_release(&users);
	buf_release(&err);
	return 0;
}

int main(int argc, char **argv)
{
	struct error e;
	int rc;

	error_init(&e);
	rc = port_init(&argc, &argv, &e);
	if (rc == 0 && argc == 3) {
		runner.program = argv[1];
		runner.dir = argv[2];
		rc = run_all(&e);
	}
	if (rc != 0 || argc != 3) {
		printf("%s\n", rc != 0 ? e.text : "usage: test_ldap PROGRAM DIR");
		return 2;
	}
	printf("%d passed, %d failed\n", runner.passed, runner.failed);
	return runner.failed > 0;
}
