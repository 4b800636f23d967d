#include <stdio.h>
#include <string.h>
#include "base/settings.h"
#include "check.h"
#include "prepare/prepare.h"
#include "prepare/prepare_explain.h"
#include "store/store.h"

static const struct setting_group groups[] = { { "prepare", prepare_settings }, { NULL, NULL } };

/* What prepare would write, collected. */
static int collect(void *cookie, const char *data, size_t len, struct error *e)
{
	(void)e;
	buf_put(cookie, data, len);
	return 0;
}

/* Explains; the input and the settings are files of this test. */
static int explain(struct explain *x, const char *env, const char *users, const char *query, struct buf *out,
		   struct error *e)
{
	char input[256], settings[256];
	int result;

	snprintf(input, sizeof input, "%s", check_file("users.json"));
	snprintf(settings, sizeof settings, "%s", check_file("env"));
	error_init(e);
	explain_init(x);
	if (!CHECK_INT(store_save(input, str_from(users), e), 0) ||
	    !CHECK_INT(store_save(settings, str_from(env), e), 0) ||
	    !CHECK_INT(settings_load(groups, settings, e), 0))
		return -1;
	result = explain_run(x, query, input, out != NULL ? collect : NULL, out, e);
	settings_release();
	return result;
}

static void put_person(struct buf *out, const struct explain_person *who)
{
	static const char *const outcomes[] = { "open", "left out", "prepared" };
	const struct explain_step *s;

	for (s = who->steps; s != NULL; s = s->next) {
		buf_printf(out, "[%s] ", s->rule);
		if (s->field.len > 0)
			buf_printf(out, "%.*s: %.*s -> %.*s; ", STR_ARG(s->field), STR_ARG(s->before), STR_ARG(s->after));
		buf_printf(out, "%.*s|%.*s|%.*s\n", STR_ARG(s->why), STR_ARG(s->detail), STR_ARG(s->setting));
	}
	buf_printf(out, "= %s %.*s\n%s\n", outcomes[who->outcome], STR_ARG(who->why), buf_text(&who->account));
}

#define SUPERVISORS "TIMECAMP_USE_SUPERVISOR_GROUPS=true\nTIMECAMP_USE_DEPARTMENT_GROUPS=false\n"
#define HYBRID "TIMECAMP_USE_SUPERVISOR_GROUPS=true\n"
#define PERSON(id, more) "{\"external_id\":\"" id "\",\"name\":\"N" id "\",\"email\":\"" id "@x\"" more "}"
#define BOSS(id) ",\"supervisor_id\":\"" id "\""
#define IN(path) ",\"department\":\"" path "\""
#define USERS(list) "{\"users\":[" list "]}"
#define TRANSFORM(text) "TIMECAMP_PREPARE_TRANSFORM_CONFIG='" text "'"
#define IF(p, op, text) "{\"property\":\"" p "\",\"string\":{\"" op "\":\"" text "\"}}"
#define SET(p, value) "{\"property\":\"" p "\",\"action\":\"replace_all\",\"value\":" value "}"

/* Settings, people, who is asked for, and what the explanation must hold. */
static const struct row {
	const char *name, *env, *users, *query;
	int count;
	const char *words[5];
} rows[] = {
	{ "case", "", USERS(PERSON("a", ",\"status\":\"Active\"")), "A@X", 1,
	  { "[status] status: Active -> active", "= prepared", "\"timecamp_email\": \"a@x\"" } },
	{ "blanks and id", "", USERS(PERSON("Ab", "")), " aB ", 1, { "= prepared" } },
	{ "real e-mail", "", USERS(PERSON("a", ",\"real_email\":\"R@x\"")), "r@x", 1, { "real_email" } },
	{ "nobody", "", USERS(PERSON("a", "")), "b@y.example", 0, { "" } },
	{ "department", "TIMECAMP_SKIP_DEPARTMENTS=A", USERS(PERSON("a", IN(" A / B //"))), "a", 1,
	  { "[path] department:  A / B // -> A/B; parts are trimmed", "department: A/B -> B; the first entry",
	    "|TIMECAMP_SKIP_DEPARTMENTS", "[group] group: B -> B; is off", "[role] role:  -> user; nothing" } },
	{ "names", "TIMECAMP_SHOW_EXTERNAL_ID=true\nTIMECAMP_USE_JOB_TITLE_NAME_USERS=true",
	  USERS(PERSON("a", ",\"job_title\":\"T\"")), "a", 1,
	  { "[name] name: Na -> T [Na] - a; ||TIMECAMP_USE_JOB_TITLE_NAME_USERS, TIMECAMP_SHOW_EXTERNAL_ID" } },
	{ "cleaned name", "", USERS("{\"external_id\":\"1\",\"name\":\"A (b)\",\"email\":\"a@x\"}"), "1", 1,
	  { "[name] name: A (b) -> A b; blanks at the ends" } },
	{ "domain", "TIMECAMP_REPLACE_EMAIL_DOMAIN=new.example", USERS(PERSON("a", "")), "a@new.example", 1,
	  { "[e-mail] email: a@x -> a@new.example; the domain is replaced||TIMECAMP_REPLACE_EMAIL_DOMAIN" } },
	{ "excluded", "TIMECAMP_EXCLUDE_REGEX=Robots", USERS(PERSON("a", IN("Robots"))), "a", 1,
	  { "found in department=\"Robots\" job_title=\"\" email=\"a@x\"|TIMECAMP_EXCLUDE_REGEX",
	    "= left out TIMECAMP_EXCLUDE_REGEX matches" } },
	{ "excluded with another", "TIMECAMP_EXCLUDE_REGEX=Robots",
	  USERS("{\"external_id\":\"b\",\"name\":\"B\",\"email\":\"a@x\"}," PERSON("a", IN("Robots"))), "b", 1,
	  { "= left out TIMECAMP_EXCLUDE_REGEX matches another record" } },
	{ "two of one address", "", USERS(PERSON("a", "") ",{\"external_id\":\"b\",\"name\":\"B\",\"email\":\"A@x\"}"),
	  "a@x", 2, { "another record with the same e-mail takes the place", "external_id \"b\"",
	    "\"timecamp_external_id\": \"b\"" } },
	{ "two of one new address", "TIMECAMP_REPLACE_EMAIL_DOMAIN=y",
	  USERS(PERSON("a", "") ",{\"external_id\":\"b\",\"name\":\"B\",\"email\":\"a@x\"}"),
	  "a@y", 2, { "another record with the same external_id or e-mail takes the place" } },
	{ "no id", "", USERS("{\"name\":\"N\",\"email\":\"n@x\"}"), "n@x", 1, { "= left out there is no external_id" } },
	{ "hierarchy only", "", USERS(PERSON("a", ",\"hierarchy_only\":true")), "a", 1, { "= left out is there only" } },
	{ "transform", TRANSFORM("{\"transform\":[" SET("department", "\"New\"") "]}"), USERS(PERSON("a", IN("Old"))), "a", 1,
	  { "[transform] department: Old -> New; |rule 1|TIMECAMP_PREPARE_TRANSFORM_CONFIG",
	    "[transform] department:  -> New; |rule 1, on the finished account", "\"timecamp_groups_breadcrumb\": \"New\"" } },
	{ "renamed", TRANSFORM("{\"filter\":" IF("email", "equals", "a@x") ",\"transform\":[" SET("email", "\"b@x\"") "]}"),
	  USERS(PERSON("a", "")), "b@x", 1, { "[transform] email: a@x -> b@x", "\"timecamp_email\": \"b@x\"" } },
	{ "renamed at the end", TRANSFORM("{\"transform\":[" SET("timecamp_email", "\"late@x\"") "]}"),
	  USERS(PERSON("a", "")), "LATE@x", 1, { "timecamp_email: a@x -> late@x; |rule 1, on the finished account" } },
	{ "excluded by a condition", TRANSFORM("{\"exclude\":{\"or\":[" IF("x", "equals", "y") ","
	  IF("department", "starts_with", "Ext") "]}}"), USERS(PERSON("a", IN("External"))), "a", 1,
	  { "the exclude condition holds|x equals \"y\" does not hold (there is none); department starts_with \"Ext\" holds"
	    " (it is \"External\")|", "= left out the exclude condition of TIMECAMP_PREPARE_TRANSFORM_CONFIG holds" } },
	{ "filtered", TRANSFORM("{\"filter\":" IF("name", "equals", "no") ",\"transform\":[" SET("name", "\"X\"") "]}"),
	  USERS(PERSON("a", "")), "a", 1, { "[transform] the filter does not hold", "name equals \"no\" does not hold" } },
	{ "group rules", "TIMECAMP_CHANGE_GROUPS_REGEX='a|||b;;;X|||Y'", USERS(PERSON("a", IN("X"))), "a", 1,
	  { "[group rule] group: X -> Y; |rule 2, X|||Y|TIMECAMP_CHANGE_GROUPS_REGEX" } },
	{ "chain", SUPERVISORS, USERS(PERSON("a", BOSS("b")) "," PERSON("b", BOSS("c")) "," PERSON("c", "")), "a", 1,
	  { "[group] group:  -> Nc/Nb; groups are chains of managers: the group of the supervisor",
	    "supervisor_id \"b\" is Nb <b@x>" } },
	{ "own chain", SUPERVISORS, USERS(PERSON("a", BOSS("b")) "," PERSON("b", BOSS("c")) "," PERSON("c", "")), "b", 1,
	  { "-> Nc/Nb; groups are chains of managers, and a manager sits in the own one|supervisor of 1 person|",
	    "[role] role:  -> supervisor; a manager without another role_id" } },
	{ "no chain", SUPERVISORS, USERS(PERSON("a", IN("D"))), "a", 1, { "group: D -> ; groups are chains" } },
	{ "hybrid", HYBRID, USERS(PERSON("a", BOSS("b") IN("D")) "," PERSON("b", IN("E"))), "a", 1,
	  { "[group] group: D -> D/Nb; department, and in it the group of the supervisor" } },
	{ "hybrid manager", HYBRID, USERS(PERSON("a", BOSS("b") IN("D")) "," PERSON("b", IN("E"))), "b", 1,
	  { "group: E -> E/Nb; department, and in it the manager's own group|supervisor of 1 person" } },
	{ "hybrid without department", HYBRID, USERS(PERSON("a", BOSS("b")) "," PERSON("b", "")), "a", 1,
	  { "as there is no department, the chain" } },
	{ "hybrid without supervisor", HYBRID, USERS(PERSON("a", IN("D"))), "a", 1, { "as there is no supervisor" } },
	{ "manager missing", HYBRID, USERS(PERSON("a", BOSS("z") IN("D"))), "a", 1,
	  { "group: D -> D; the supervisor is not among the users, so the group stays the department as it is"
	    "|supervisor_id is \"z\"|TIMECAMP_USE_SUPERVISOR_GROUPS" } },
	{ "manager hidden", HYBRID, USERS(PERSON("a", BOSS("b") IN("D")) "," PERSON("b", ",\"hierarchy_only\":true")), "a", 1,
	  { "(hierarchy_only): no group" } },
	{ "administrator", "", USERS(PERSON("a", IN("D") ",\"force_global_admin_role\":true")), "a", 1,
	  { "[group] group: D -> ; administrators by force", "role:  -> administrator; force_global_admin_role" } },
	{ "others forced", "", USERS(PERSON("a", ",\"role_id\":\"5\"") "," PERSON("b", ",\"force_supervisor_role\":true")),
	  "a", 1, { "role:  -> user; somebody has force_supervisor_role, so everybody without it is a user|role_id is 5" } },
	{ "role_id", "", USERS(PERSON("a", ",\"role_id\":\"5\"")), "a", 1, { "role:  -> guest; role_id says so" } },
	{ "is_supervisor", "TIMECAMP_USE_IS_SUPERVISOR_ROLE=true", USERS(PERSON("a", ",\"is_supervisor\":\"yes\"")), "a", 1,
	  { "role:  -> supervisor; is_supervisor says yes||TIMECAMP_USE_IS_SUPERVISOR_ROLE" } },
	{ "is no supervisor", "TIMECAMP_USE_IS_SUPERVISOR_ROLE=true", USERS(PERSON("a", ",\"role_id\":\"1\"")), "a", 1,
	  { "role:  -> user; is_supervisor does not say yes|role_id is 1|TIMECAMP_USE_IS_SUPERVISOR_ROLE" } },
	{ "forced supervisor", "", USERS(PERSON("a", ",\"force_supervisor_role\":true")), "a", 1,
	  { "role:  -> supervisor; force_supervisor_role is true" } },
	{ "the same second address", "", USERS(PERSON("a", ",\"real_email\":\"A@x\"")), "a", 1,
	  { "[real e-mail] real_email: A@x -> ; is the same as the e-mail" } },
	{ "domain of the second address", "TIMECAMP_REPLACE_EMAIL_DOMAIN=y", USERS(PERSON("a", ",\"real_email\":\"b@x\"")),
	  "b@y", 1, { "[real e-mail] real_email: b@x -> b@y; the domain is replaced||TIMECAMP_REPLACE_EMAIL_DOMAIN" } },
	{ "nobody to leave out", "TIMECAMP_EXCLUDE_REGEX=Robots",
	  USERS("{\"external_id\":\"1\",\"name\":\"N\",\"email\":\"\"" IN("Robots") "}"), "1", 1,
	  { "[exclude] the expression matches, but leaves out nobody who has no e-mail", "= prepared" } },
	{ "users twice", "", "{\"users\":[" PERSON("a", IN("Old")) "],\"users\":[" PERSON("a", IN("New")) "]}", "a", 1,
	  { "group: New -> New", "\"timecamp_groups_breadcrumb\": \"New\"" } },
};

static void test_rules(void)
{
	struct explain x;
	struct error e;
	struct buf text;
	size_t i, j;
	int k;

	buf_init(&text, 100000);
	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		const struct row *r = &rows[i];

		check_row(r->name);
		buf_reset(&text);
		CHECK_INT(explain(&x, r->env, r->users, r->query, NULL, &e), 0);
		CHECK_INT(x.count, r->count);
		for (k = 0; k < x.count; k++)
			put_person(&text, &x.people[k]);
		for (j = 0; j < 5 && r->words[j] != NULL; j++)
			if (!CHECK(strstr(buf_text(&text), r->words[j]) != NULL))
				CHECK_STR(buf_text(&text), r->words[j]);
		explain_release(&x);
	}
	buf_release(&text);
}

/* What is explained is what is written, byte by byte. */
static void test_same_output(void)
{
	struct prepare_counts counts;
	struct buf written, told;
	struct explain x;
	struct error e;
	size_t i;
	char output[256];

	buf_init(&written, 100000);
	buf_init(&told, 100000);
	snprintf(output, sizeof output, "%s", check_file("accounts.json"));
	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		check_row(rows[i].name);
		buf_reset(&told);
		buf_reset(&written);
		CHECK_INT(explain(&x, rows[i].env, rows[i].users, rows[i].query, &told, &e), 0);
		explain_release(&x);
		CHECK_INT(settings_load(groups, check_file("env"), &e), 0);
		CHECK_INT(prepare_run(check_file("users.json"), output, &counts, &e), 0);
		CHECK_INT(store_load(output, &written, &e), 0);
		settings_release();
		CHECK_STR(buf_text(&told), buf_text(&written));
	}
	buf_release(&written);
	buf_release(&told);
}

/* Who may be meant when nobody is. */
static void test_near(void)
{
	static const char users[] = USERS("{\"external_id\":\"1\",\"name\":\"Ada Lovelace\",\"email\":\"ada.l@corp.example\"},"
		"{\"external_id\":\"2\",\"name\":\"Bo\",\"email\":\"Bo.Boss@corp.example\"}");
	static const char *const asked[][2] = {
		{ "ada.1@corp.example", "Ada Lovelace <ada.l@corp.example>" },
		{ "lovelace", "Ada Lovelace <ada.l@corp.example>" },
		{ "BO.BOSS", "Bo <Bo.Boss@corp.example>" },
		{ "zz", NULL },
	};
	struct explain x;
	struct error e;
	size_t i;

	for (i = 0; i < sizeof asked / sizeof asked[0]; i++) {
		check_row(asked[i][0]);
		CHECK_INT(explain(&x, "", users, asked[i][0], NULL, &e), 0);
		CHECK_INT(x.count, 0);
		CHECK_INT(x.near_count, asked[i][1] != NULL);
		if (asked[i][1] != NULL)
			CHECK_STR(buf_text(&x.near[0]), asked[i][1]);
		explain_release(&x);
	}
}

/* Many people of one address. */
static void test_many(void)
{
	struct explain x;
	struct error e;
	struct buf users;
	int i, n;

	buf_init(&users, 10000);
	for (n = MAX_EXPLAINED; n <= MAX_EXPLAINED + 1; n++) {
		buf_reset(&users);
		for (i = 0; i < n; i++)
			buf_printf(&users, "%s{\"external_id\":\"%d\",\"name\":\"N\",\"email\":\"a@x\"}",
				   i > 0 ? "," : "{\"users\":[", i);
		buf_puts(&users, "]}");
		CHECK_INT(explain(&x, "", buf_text(&users), "a@x", NULL, &e), 0);
		CHECK_INT(x.count, MAX_EXPLAINED);
		CHECK_INT(x.more, n > MAX_EXPLAINED);
		explain_release(&x);
	}
	buf_release(&users);
}

/* Long values and many steps: what is kept is bounded, and what is left out is counted. */
static void test_long(void)
{
	const struct explain_step *s;
	struct explain x;
	struct error e;
	struct buf users, env;
	int i, steps = 0;

	buf_init(&users, 10000);
	buf_init(&env, 100000);
	buf_printf(&users, USERS(PERSON("a", IN("%05000d"))), 0);
	buf_puts(&env, "TIMECAMP_CHANGE_GROUPS_REGEX=");
	for (i = 0; i < MAX_GROUP_RULES / 2; i++)
		buf_puts(&env, "^0|||1;;;^1|||0;;;");
	CHECK_INT(explain(&x, buf_text(&env), buf_text(&users), "a", NULL, &e), 0);
	for (s = x.people[0].steps; s != NULL; s = s->next) {
		steps++;
		if (strcmp(s->rule, "group") == 0)
			CHECK_INT(s->after.len, EXPLAIN_VALUE + 3);
	}
	CHECK(steps > 800);
	CHECK(x.people[0].more_steps > 10 || sizeof(void *) < 8);	/* shorter pointers: there is room for all */
	CHECK_INT(steps + (int)x.people[0].more_steps, MAX_GROUP_RULES + 3);	/* and status, group, role */
	explain_release(&x);
	buf_release(&users);
	buf_release(&env);
}

/* Prepare fails: how far it came, and why. */
static void test_failing(void)
{
	struct explain x;
	struct error e;

	CHECK_INT(explain(&x, SUPERVISORS, USERS(PERSON("a", BOSS("b")) "," PERSON("b", BOSS("a"))), "a", NULL, &e), -1);
	CHECK_INT(x.count, 1);
	CHECK_INT(x.people[0].outcome, EXPLAIN_OPEN);
	CHECK(strstr(e.text, "a -> b -> a") != NULL);
	explain_release(&x);
	CHECK_INT(explain(&x, "TIMECAMP_EXCLUDE_REGEX=(", USERS(PERSON("a", "")), "a", NULL, &e), -1);
	CHECK_INT(e.kind, ERROR_USAGE);
	CHECK_INT(x.count, 0);
	explain_release(&x);
}

CHECK_SUITE(explain, CHECK_TEST(rules), CHECK_TEST(same_output), CHECK_TEST(near), CHECK_TEST(many),
	    CHECK_TEST(long), CHECK_TEST(failing));
