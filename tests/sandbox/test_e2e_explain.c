/* `explain` as administrators ask it: it finds the person, tells the reason, and changes nothing. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "port.h"
#include "sandbox/e2e.h"

#define SAYS 5

struct question {
	const char *name;
	const char *args[E2E_ARGS];
	const char *settings[2];		/* "NAME=value" */
	struct { const char *name, *value; } option;	/* of the account */
	int code;
	const char *says[SAYS];			/* what standard output and error together must hold */
	const char *never;			/* what they must not hold; NULL: anything goes */
};

/* People of the account, some of them with something wrong, and others. */
static const char people[] = "{\"users\": ["
	"{\"external_id\": \"7b358d8c-875e-ba2b-cd45-197626bd5759\", \"name\": \"Ada Lund\", \"email\":"
	" \"Ada@old.example\", \"department\": \"Engineering/Web\", \"status\": \"active\"},"
	"{\"external_id\": \"104d8c6d-903f-4c15-c06d-d75a71d061be\", \"name\": \"Liam\", \"email\":"
	" \"liam@fernhill.example\", \"department\": \"Robots\", \"status\": \"active\"},"
	"{\"external_id\": \"a1683851-92ab-4cde-34d6-8013d59603fa\", \"name\": \"Samir Patel\", \"email\":"
	" \"samir@fernhill.example\", \"department\": \"Engineering/Web\", \"status\": \"active\","
	" \"supervisor_id\": \"nobody\"},"
	"{\"external_id\": \"ce6c46d4-4549-fe7c-a182-22f5a7cd3573\", \"name\": \"Mara\", \"email\":"
	" \"mara@fernhill.example\", \"department\": \"Sales\", \"status\": \"active\"},"
	"{\"external_id\": \"p\", \"name\": \"Pedro\", \"email\": \"pedro@fernhill.example\", \"status\": \"active\"},"
	"{\"external_id\": \"x\", \"name\": \"\\u001b[31mRed\", \"email\": \"red@fernhill.example\", \"department\":"
	" \"New\", \"status\": \"active\"},"
	"{\"external_id\": \"i\", \"name\": \"Ina\", \"email\": \"ina@fernhill.example\", \"status\": \"left\"}]}\n";

static const char few[] = "{\"users\": [{\"external_id\": \"f\", \"name\": \"F\", \"email\": \"f@fernhill.example\"}]}\n";

static const char circle[] = "{\"users\": [{\"external_id\": \"1\", \"name\": \"A\", \"email\": \"a@x\", \"supervisor_id\":"
	" \"2\"}, {\"external_id\": \"2\", \"name\": \"B\", \"email\": \"b@x\", \"supervisor_id\": \"1\"}]}\n";

#define ASK(who) { "explain", who }
#define RENAME "TIMECAMP_REPLACE_EMAIL_DOMAIN=fernhill.example"
#define NO_ROBOTS "TIMECAMP_EXCLUDE_REGEX=Robots"
#define HYBRID "TIMECAMP_USE_SUPERVISOR_GROUPS=true"
#define TO_NORTH "TIMECAMP_PREPARE_TRANSFORM_CONFIG={\"filter\": {\"property\": \"external_id\", \"string\": {\"equals\": " \
	"\"p\"}}, \"transform\": [{\"property\": \"email\", \"action\": \"replace_all\", \"value\": \"liam@fernhill.example\"}]}"

static const struct question questions[] = {
	{ "who is excluded", ASK("liam@fernhill.example"), { NO_ROBOTS }, { NULL, NULL }, 0,
	  { "exclude       the expression matches", "found in department=\"Robots\"", "Left out: TIMECAMP_EXCLUDE_REGEX matches",
	    "  disabled          not in the file", "user.disable" }, NULL },
	{ "who is not in the source", ASK("isabel@fernhill.example"), { NULL }, { NULL, NULL }, 0,
	  { "Source: nobody in var/users.json has that e-mail or external_id", "TimeCamp: the user", "1008",
	    "disabled          not in the file" }, "Rules" },
	{ "who is nowhere", ASK("samir@fernhil.example"), { NULL }, { NULL, NULL }, 1,
	  { "nobody in var/users.json or in TimeCamp", "did you mean Samir Patel <samir@fernhill.example>" }, NULL },
	{ "who has a new address", ASK("ada@fernhill.example"), { RENAME }, { NULL, NULL }, 0,
	  { "email: ada@old.example \xe2\x86\x92 ada@fernhill.example", "TIMECAMP_REPLACE_EMAIL_DOMAIN",
	    "unchanged         is as the prepared file says", "found by           e-mail" }, NULL },
	{ "the same by the old one", ASK("ADA@OLD.example"), { RENAME }, { NULL, NULL }, 0,
	  { "email: ada@old.example \xe2\x86\x92 ada@fernhill.example", "unchanged" }, NULL },
	{ "who is renamed by the transform", ASK("p"), { TO_NORTH }, { NULL, NULL }, 0,
	  { "transform     email: pedro@fernhill.example \xe2\x86\x92 liam@fernhill.example", "rule 1",
	    "timecamp_email              liam@fernhill.example", "found by           e-mail" }, "another record" },
	{ "whose address somebody gets", ASK("liam@fernhill.example"), { TO_NORTH }, { NULL, NULL }, 0,
	  { "Source: user 2 of var/users.json", "same person   another record with the same e-mail", "external_id \"p\"",
	    "Left out: another record", "Source: user 5 of var/users.json" }, NULL },
	{ "whose manager is missing", ASK("samir@fernhill.example"), { HYBRID }, { NULL, NULL }, 0,
	  { "the supervisor is not among the users, so the group stays the department as it is: supervisor_id is \"nobody\"",
	    "group: Engineering/Web\n", "unchanged" }, NULL },
	{ "who matches two users", ASK("mara@fernhill.example"), { NULL }, { NULL, NULL }, 0,
	  { "left alone        it is not clear who is who", "found by           e-mail", "found by           external id",
	    "omar@fernhill.example (1002)", "mara@fernhill.example (1006)" }, "user.move" },
	{ "who is protected", ASK("pedro@fernhill.example"), { "SYNC_PROTECT=*@fernhill.example" }, { NULL, NULL }, 0,
	  { "left alone        is protected by \"*@fernhill.example\"", "SYNC_PROTECT", "disabled           yes" },
	  "user.enable" },
	{ "who is new, and has an odd name", ASK("x"), { NULL }, { NULL, NULL }, 0,
	  { "TimeCamp: no such user", "created", "the group New is not there yet and is made first", "group: New",
	    "name: \\x1b[31mRed" }, "\x1b" },
	{ "who is inactive", ASK("ina@fernhill.example"), { NULL }, { NULL, NULL }, 0,
	  { "status: left \xe2\x86\x92 inactive", "nothing           is inactive in the prepared file" }, NULL },
	{ "a limit that holds it", { "explain", "samir@fernhill.example", "--input", "few.json" },
	  { "SYNC_MAX_DEACTIVATIONS=0" }, { NULL, NULL }, 0,
	  { "disabled          not in the file", "held              a limit is exceeded", "TimeCamp: limits",
	    "at most 5 may be (SYNC_MAX_DEACTIVATIONS=0", "nothing at all is done until the plan is approved" }, NULL },
	{ "an old prepared file", ASK("p"), { NULL }, { NULL, NULL }, 0,
	  { "var/timecamp_users.json does not have it yet; \"rollcall prepare\"" }, NULL },
	{ "as JSON", { "explain", "p", "--json" }, { NULL }, { NULL, NULL }, 0,
	  { "\"query\": \"p\"", "\"outcome\": \"prepared\"", "\"verdict\": \"enabled\"", "\"kind\": \"user.enable\"",
	    "\"state\": \"compared\"" }, "Source:" },
	{ "without the target", { "explain", "p", "--offline" }, { NULL }, { NULL, NULL }, 0,
	  { "Account, as prepare makes it", "timecamp_role" }, "TimeCamp:" },
	{ "a target that is down", ASK("p"), { "TIMECAMP_DOMAIN=http://127.0.0.1:1" }, { NULL, NULL }, 6,
	  { "Account, as prepare makes it", "TimeCamp: could not be compared: cannot connect to 127.0.0.1:1" }, NULL },
	{ "the same of somebody unknown", ASK("who@is.it"), { "TIMECAMP_DOMAIN=http://127.0.0.1:1" }, { NULL, NULL }, 6,
	  { "Source: nobody in var/users.json", "TimeCamp: could not be compared" }, NULL },
	{ "a target that is down, as JSON", { "explain", "p", "--json" }, { "TIMECAMP_DOMAIN=http://127.0.0.1:1" },
	  { NULL, NULL }, 6, { "\"outcome\": \"prepared\"", "\"state\": \"failed\"", "\"error\": \"cannot connect" }, NULL },
	{ "a target that refuses us", ASK("p"), { NULL }, { "require_key", "another" }, 7,
	  { "Account, as prepare makes it", "TimeCamp: could not be compared", "TIMECAMP_API_KEY" }, "a-secret-key" },
	{ "a target that answers nonsense", ASK("p"), { NULL }, { "cut_json_on", "GET users" }, 6,
	  { "Account, as prepare makes it", "api/users" }, NULL },
	{ "a target that is not set up", ASK("p"),
	  { "TIMECAMP_API_KEY=", "TIMECAMP_ROOT_GROUP_ID=" }, { NULL, NULL }, 2,
	  { "Account, as prepare makes it", "TIMECAMP_API_KEY is not set" }, NULL },
	{ "an unknown target", { "explain", "p", "timecmap" }, { NULL }, { NULL, NULL }, 2, { "is no target" }, NULL },
	{ "settings that are wrong", ASK("p"), { "TIMECAMP_EXCLUDE_REGEX=(" }, { NULL, NULL }, 2,
	  { "TIMECAMP_EXCLUDE_REGEX" }, "Source:" },
	{ "people in a circle", { "explain", "1", "--input", "circle.json" }, { HYBRID }, { NULL, NULL }, 1,
	  { "Source: user 1 of circle.json", "Not finished: prepare fails", "1 -> 2 -> 1" }, "TimeCamp" },
	{ "no source", { "explain", "p", "--input", "none.json" }, { NULL }, { NULL, NULL }, 1, { "run fetch first" }, NULL },
	{ "half a source", { "explain", "p", "--input", "half.json" }, { NULL }, { NULL, NULL }, 1, { "half.json" }, NULL },
};

/* All names and contents below var/, without the lock. */
static void put_folder(const struct scene *s, struct buf *out)
{
	char dir[HARNESS_PATH], path[HARNESS_PATH];
	struct buf data;
	struct error e;
	size_t count, i;
	char **names;

	error_init(&e);
	buf_init(&data, HARNESS_FILE_MAX);
	harness_path(dir, s->dir, "var");
	names = harness_names(dir, &count, &e);
	for (i = 0; names != NULL && i < count; i++) {
		buf_printf(out, "%s\n", names[i]);
		harness_path(path, dir, names[i]);
		if (strcmp(names[i], "rollcall.lock") != 0 && harness_load(path, &data) == 0)
			buf_put_str(out, buf_str(&data));
	}
	free(names);
	buf_release(&data);
}

static const char *judge(struct scene *s, const struct question *q, const struct harness_run *r, const struct buf *said,
			 const struct buf *before)
{
	const char *problem = harness_run_crashed(r);
	struct buf after;
	size_t i;

	if (!problem && r->code != q->code)
		problem = "another exit code";
	for (i = 0; i < SAYS && q->says[i] && !problem; i++)
		if (!strstr(buf_text(said), q->says[i]))
			problem = q->says[i];
	if (!problem && q->never && strstr(buf_text(said), q->never))
		problem = "says what it must not say";
	if (!problem && scene_changed(s))
		problem = "changing requests were sent";
	buf_init(&after, HARNESS_FILE_MAX);
	put_folder(s, &after);
	if (!problem && !str_eq(buf_str(&after), buf_str(before)))
		problem = "files below var/ were changed";
	buf_release(&after);
	return problem;
}

/* While a run holds the lock: explaining needs none. */
static void ask(struct scene *s, const struct question *q)
{
	char path[HARNESS_PATH];
	const char *env[] = { q->settings[0], q->settings[0] ? q->settings[1] : NULL, NULL }, *problem = NULL;
	struct buf before, said;
	struct port_lock *lock;
	struct harness_run r;
	struct error e;
	size_t i;

	error_init(&e);
	buf_init(&before, HARNESS_FILE_MAX);
	buf_init(&said, HARNESS_FILE_MAX);
	scene_run_init(s, &r);
	r.env = env;
	for (i = 0; i < E2E_ARGS && q->args[i]; i++)
		harness_run_args(&r, q->args[i], NULL);
	if (scene_lay_out(s, &e) || scene_write(s, "var/users.json", people, &e) ||
	    scene_write(s, "few.json", few, &e) || scene_write(s, "circle.json", circle, &e))
		problem = "cannot lay it out";
	if (!problem && q->option.name && tcsim_set_option(s->account, q->option.name, q->option.value, &e))
		problem = "no such option";
	harness_path(path, s->dir, "var/rollcall.lock");
	lock = port_lock(path, "test", NULL);
	put_folder(s, &before);
	if (!problem && harness_run(&r, &e))
		problem = "cannot be run";
	buf_put_str(&said, buf_str(&r.out));
	buf_put_str(&said, buf_str(&r.err));
	if (!problem)
		problem = judge(s, q, &r, &said, &before);
	port_unlock(lock);
	scene_report(s, q->name, problem, buf_text(&said));
	harness_run_release(&r);
	buf_release(&before);
	buf_release(&said);
}

void e2e_explained(struct scene *s)
{
	size_t i;

	for (i = 0; i < sizeof(questions) / sizeof(questions[0]); i++)
		ask(s, &questions[i]);
}
