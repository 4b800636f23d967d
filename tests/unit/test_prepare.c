#include <stdio.h>
#include <string.h>
#include "base/arena.h"
#include "base/json_scan.h"
#include "base/json_slice.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/settings.h"
#include "check.h"
#include "prepare/prepare.h"
#include "store/store.h"

static const struct setting_group groups[] = { { "prepare", prepare_settings }, { NULL, NULL } };

/* Prepares the users with the settings. The output into out, or why it failed into e. */
static int run(const char *env, const char *users, struct buf *out, struct error *e)
{
	char input[256], output[256], settings[256];
	struct prepare_counts counts;
	int result = -1;

	snprintf(input, sizeof input, "%s", check_file("users.json"));
	snprintf(output, sizeof output, "%s", check_file("accounts.json"));
	snprintf(settings, sizeof settings, "%s", check_file("env"));
	error_init(e);
	buf_reset(out);
	if (!CHECK_INT(store_save(input, str_from(users), e), 0) ||
	    !CHECK_INT(store_save(settings, str_from(env), e), 0) ||
	    !CHECK_INT(settings_load(groups, settings, e), 0))
		return -1;
	if (prepare_run(input, output, &counts, e) == 0)
		result = store_load(output, out, e);
	settings_release();
	return result;
}

#define SUPERVISORS "TIMECAMP_USE_SUPERVISOR_GROUPS=true\nTIMECAMP_USE_DEPARTMENT_GROUPS=false\n"
#define HYBRID "TIMECAMP_USE_SUPERVISOR_GROUPS=true\n"
#define USER(id, more) "{\"external_id\":\"" id "\",\"name\":\"N" id "\",\"email\":\"" id "@x\"" more "}"
#define BOSS(id) ",\"supervisor_id\":\"" id "\""
#define USERS(list) "{\"users\":[" list "]}"

/* What is refused, and words that the message must have. */
static void test_refused(void)
{
	static const struct { const char *env, *users, *words[4]; } rows[] = {
		{ "", USERS(USER("1", "") "," USER("1", "")), { "external_id \"1\"", "user 1", "user 2" } },
		{ SUPERVISORS, USERS(USER("a", BOSS("b")) "," USER("b", BOSS("c")) "," USER("c", BOSS("a"))),
		  { "a -> b -> c -> a", "3 people", "supervisor_id" } },
		{ SUPERVISORS,
		  USERS(USER("1", BOSS("2")) "," USER("2", BOSS("3")) "," USER("3", BOSS("2")) ","
			USER("4", BOSS("1"))), { "2 -> 3 -> 2" } },
		{ HYBRID,
		  USERS("{\"external_id\":\"1\",\"name\":\"(_)\",\"email\":\"\"}," USER("2", BOSS("1"))),
		  { "external_id \"1\"", "name" } },
		{ "", USERS("{\"external_id\":\"1\",\"name\":\"N\"}"),
		  { "user 1", "external_id \"1\"", "\"email\"" } },
		{ "", USERS(USER("1", "") ",{\"external_id\":\"2\",\"email\":\"\"}"),
		  { "user 2", "\"name\"", "missing" } },
		{ "", USERS("{\"name\":\"N\",\"email\":null}"), { "user 1", "\"email\"", "null" } },
		{ "", USERS(USER("1", ",\"status\":null")), { "user 1", "\"status\"" } },
		{ "", USERS("{\"external_id\":7,\"name\":\"N\",\"email\":\"\"}"),
		  { "\"external_id\"", "7", "number" } },
		{ "", USERS(USER("1", ",\"department\":[1]")), { "\"department\"", "list" } },
		{ "", USERS(USER("1", ",\"x\":\"\\ud83d\"")), { "user 1", "half" } },
		{ "", USERS(USER("\\u0000", "")), { "\"external_id\"", "U+0000" } },
		{ "", "{\"users\":null}", { "no list \"users\"" } }, { "", "[]", { "no list \"users\"" } },
		{ "", "{\"users\":[5]}", { "user 1", "number" } }, { "", "{\"users\":[{]}", { "byte 11" } },
		{ "TIMECAMP_SKIP_DEPARTMENTS=Acme/", USERS(""), { "TIMECAMP_SKIP_DEPARTMENTS", "\"Acme\"" } },
		{ "TIMECAMP_REPLACE_EMAIL_DOMAIN=@", USERS(""), { "TIMECAMP_REPLACE_EMAIL_DOMAIN" } },
		{ "TIMECAMP_EXCLUDE_REGEX=a(", USERS(""),
		  { "TIMECAMP_EXCLUDE_REGEX", "\"a(\"", "character 2" } },
		{ "TIMECAMP_EXCLUDE_REGEX=\"\\bx\"", USERS(""), { "TIMECAMP_EXCLUDE_REGEX", "control" } },
		{ "TIMECAMP_CHANGE_GROUPS_REGEX=a;;;b|||c", USERS(""), { "rule \"a\"", "|||" } },
		{ "TIMECAMP_CHANGE_GROUPS_REGEX=a|||\\2", USERS(""), { "rule \"a|||\\2\"", "group 2" } },
		{ "TIMECAMP_EXCLUDE_REGEX=(a|aa)+$",
		  USERS(USER("1", ",\"job_title\":\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
			"aaaaaaaaaaaaaaaaaaaaaaa\"")), { "too many steps", "TIMECAMP_EXCLUDE_REGEX" } }
	};
	struct error e;
	struct buf out;
	size_t i, j;

	buf_init(&out, 100000);
	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		check_row(rows[i].words[0]);
		CHECK_INT(run(rows[i].env, rows[i].users, &out, &e), -1);
		CHECK_INT(e.kind, strncmp(rows[i].env, "TIMECAMP_USE", 12) == 0 || rows[i].env[0] == '\0' ||
			  strstr(e.text, "steps") != NULL ? ERROR_FAILED : ERROR_USAGE);
		for (j = 0; j < 4 && rows[i].words[j] != NULL; j++) {
			if (!CHECK(strstr(e.text, rows[i].words[j]) != NULL))
				CHECK_STR(e.text, rows[i].words[j]);
		}
	}
	buf_release(&out);
}

/* A list of n people, each managed by the one before; in a circle the first one by the last one. */
static void put_chain(struct buf *users, int n, int circle)
{
	int i;

	buf_reset(users);
	buf_puts(users, "{\"users\":[");
	for (i = 0; i < n; i++) {
		buf_printf(users, "%s{\"external_id\":\"%d\",\"name\":\"N%d\",\"email\":\"%d@x\"",
			   i > 0 ? "," : "", i, i, i);
		if (i > 0 || circle)
			buf_printf(users, ",\"supervisor_id\":\"%d\"", i > 0 ? i - 1 : n - 1);
		buf_putc(users, '}');
	}
	buf_puts(users, "]}");
}

static void test_chains(void)
{
	struct buf users, out;
	struct error e;

	buf_init(&users, 1000000);
	buf_init(&out, 20000000);
	put_chain(&users, MAX_MANAGER_CHAIN + 1, 0);	/* the last one manages nobody */
	CHECK_INT(run(SUPERVISORS, buf_text(&users), &out, &e), 0);
	CHECK(strstr(buf_text(&out), "\"N0/N1/N2/N3\"") != NULL);
	CHECK(strstr(buf_text(&out), "/N998/N999\"") != NULL);
	put_chain(&users, MAX_MANAGER_CHAIN + 2, 0);
	CHECK_INT(run(SUPERVISORS, buf_text(&users), &out, &e), -1);
	CHECK(strstr(e.text, "more than 1000 managers") != NULL);
	put_chain(&users, 200, 1);
	CHECK_INT(run(HYBRID, buf_text(&users), &out, &e), -1);
	CHECK(strstr(e.text, "200 people") != NULL);
	CHECK_INT(run("", buf_text(&users), &out, &e), 0);
	buf_release(&users);
	buf_release(&out);
}

/* How often the log has the text. */
static int logged(const char *path, const char *text)
{
	struct buf all;
	struct error e;
	const char *at;
	int n = 0;

	buf_init(&all, 10000000);
	CHECK_INT(store_load(path, &all, &e), 0);
	for (at = buf_text(&all); (at = strstr(at, text)) != NULL; at++)
		n++;
	buf_release(&all);
	return n;
}

/* People who are in the circles 0 -> 1 -> ... -> 0 and so on, each of so many. */
static void put_circles(struct buf *users, int circles, int people)
{
	int i, j;

	buf_reset(users);
	buf_puts(users, "{\"users\":[");
	for (i = 0; i < circles; i++) {
		for (j = 0; j < people; j++)
			buf_printf(users, "%s{\"external_id\":\"<%060d-%d>\",\"name\":\"somebody whose name is long "
				   "enough for a path of many\",\"email\":\"%d-%d@x\",\"supervisor_id\":"
				   "\"<%060d-%d>\"}", i + j > 0 ? "," : "", j, i, i, j, (j + 1) % people, i);
	}
	buf_puts(users, "]}");
}

/* Circles are named whole: in the message, or when that has no room in the log. */
static void test_circles(void)
{
	static const struct log_options usual = { LOG_INFO, NULL, 0, 0 };
	struct log_options to_file = { LOG_ERROR + 1, NULL, 0, 1 };	/* nothing on standard error */
	struct buf users, out;
	struct error e;
	char path[256], id[100];
	int i;

	snprintf(path, sizeof path, "%s", check_file("circles.log"));
	to_file.path = path;
	CHECK_INT(store_save(path, STR(""), &e), 0);
	buf_init(&users, 10000000);
	buf_init(&out, 1000);
	log_open(&to_file, NULL);
	put_circles(&users, 1, 2);
	CHECK_INT(run(HYBRID, buf_text(&users), &out, &e), -1);
	CHECK(strstr(e.text, "0-0> -> <") != NULL && strstr(e.text, "1-0> -> <") != NULL);
	put_circles(&users, 3, 2);
	CHECK_INT(run(HYBRID, buf_text(&users), &out, &e), -1);
	CHECK(strstr(e.text, "in 3 circles") != NULL);
	put_circles(&users, 1, MAX_MANAGER_CHAIN);
	CHECK_INT(run(HYBRID, buf_text(&users), &out, &e), -1);
	CHECK(strstr(e.text, "1000 people") != NULL && strstr(e.text, "log") != NULL);
	log_open(&usual, NULL);
	for (i = 0; i < MAX_MANAGER_CHAIN; i++) {
		snprintf(id, sizeof id, "<%060d-0>", i);
		if (!CHECK_INT(logged(path, id), i == 0 ? 4 : i == 1 ? 2 : 1))
			break;
	}
	for (i = 1; i < 3; i++) {
		snprintf(id, sizeof id, "<%060d-%d> -> <", 1, i);
		CHECK_INT(logged(path, id), 1);
	}
	buf_release(&users);
	buf_release(&out);
}

/* Names that make a path longer than MAX_GROUP_PATH. */
static void test_long_path(void)
{
	struct buf users, out;
	struct error e;
	int i, j;

	buf_init(&users, 1000000);
	buf_init(&out, 1000000);
	buf_puts(&users, "{\"users\":[");
	for (i = 0; i < 5; i++) {
		buf_printf(&users, "%s{\"external_id\":\"%d\",\"supervisor_id\":\"%d\",\"email\":\"%d@x\","
			   "\"name\":\"", i > 0 ? "," : "", i, i - 1, i);
		for (j = 0; j < MAX_GROUP_PATH / 4; j++)
			buf_putc(&users, 'a');
		buf_puts(&users, "\"}");
	}
	buf_puts(&users, "]}");
	CHECK_INT(run(SUPERVISORS, buf_text(&users), &out, &e), -1);
	CHECK(strstr(e.text, "path of a group") != NULL);
	buf_release(&users);
	buf_release(&out);
}

static void test_many_rules(void)
{
	struct buf env, out;
	struct error e;
	int i;

	buf_init(&env, 100000);
	buf_init(&out, 10000);
	buf_puts(&env, "TIMECAMP_CHANGE_GROUPS_REGEX=");
	for (i = 0; i < MAX_GROUP_RULES; i++)
		buf_puts(&env, "a|||b;;;");
	CHECK_INT(run(buf_text(&env), USERS(USER("1", ",\"department\":\"a\"")), &out, &e), 0);
	CHECK(strstr(buf_text(&out), "\"b\"") != NULL);
	buf_puts(&env, "a|||b");
	CHECK_INT(run(buf_text(&env), USERS(""), &out, &e), -1);
	CHECK_INT(e.kind, ERROR_USAGE);
	buf_release(&env);
	buf_release(&out);
}

/* The group of the account with that address. */
static void check_group(const struct buf *accounts, const char *mail, const char *group)
{
	struct str all = buf_str(accounts), value, quoted;
	struct json_walk w;
	struct arena a;

	arena_init(&a, 10000);
	json_walk_init(&w, all);
	while (json_walk_next(&w)) {
		value = json_slice_text(json_slice_member(w.value, STR("timecamp_email")), &a);
		quoted = json_slice_member(w.value, STR("timecamp_groups_breadcrumb"));
		if (str_eqz(value, mail)) {
			value = json_slice_text(quoted, &a);
			CHECK_MEM(value.ptr, value.len, group, strlen(group));
			arena_release(&a);
			return;
		}
	}
	CHECK_STR(mail, "an account");
	arena_release(&a);
}

/* Who is left out, as another has the same address, is somebody's manager still. */
static void test_replaced_manager(void)
{
	static const char users[] = USERS(USER("1", BOSS("0")) "," USER("2", BOSS("1")) "," USER("0", "") ","
		"{\"external_id\":\"3\",\"name\":\"N3\",\"email\":\"1@X\"}");
	static const struct log_options usual = { LOG_INFO, NULL, 0, 0 };
	struct log_options to_file = { LOG_ERROR, NULL, 0, 1 };
	struct error e;
	struct buf out;
	char path[256];

	snprintf(path, sizeof path, "%s", check_file("replaced.log"));
	to_file.path = path;
	CHECK_INT(store_save(path, STR(""), &e), 0);
	log_open(&to_file, NULL);
	buf_init(&out, 10000);
	CHECK_INT(run(SUPERVISORS, users, &out, &e), 0);
	CHECK_INT(logged(path, "external_id \"1\" is left out"), 1);
	check_group(&out, "1@x", "");
	check_group(&out, "2@x", "N0/N1");
	CHECK_INT(run(SUPERVISORS "TIMECAMP_REPLACE_EMAIL_DOMAIN=y", users, &out, &e), 0);
	check_group(&out, "1@y", "");
	check_group(&out, "2@y", "N0/N1");
	CHECK_INT(logged(path, "external_id \"1\" is left out"), 2);
	log_open(&usual, NULL);
	buf_release(&out);
}

/* ---- random organisations ----------------------------------------------------------------------------- */

/* The same numbers everywhere (xorshift). */
static unsigned next(unsigned *seed, unsigned n)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 17;
	*seed ^= *seed << 5;
	return *seed % n;
}

#define PEOPLE 60

/* People that refer to people further up; order: 0 up, 1 down the list. */
static void put_organisation(struct buf *users, unsigned seed, int order)
{
	static const char *const departments[] = {
		"", "A", " A / B//", "A/C", "/D/", "A/B/C", "Acme/X", "Acme"
	};
	static const char *const names[] = { "Ada", "Bo (x)", "C/D", "E [F]", "\xc5\x81ucja", "_G_", "H I" };
	int i, at, twin;

	buf_reset(users);
	buf_puts(users, "{\"users\":[");
	for (at = 0; at < PEOPLE; at++) {
		unsigned one;

		i = order ? PEOPLE - 1 - at : at;
		one = seed * 1000003u + (unsigned)i * 7919u + 1;
		next(&one, 2);
		twin = next(&one, 9) == 0 && i > 0;	/* has the address of the one before */
		buf_printf(users, "%s{\"external_id\":\"%d\",\"name\":\"%s %d\",\"email\":\"P%d@%c.example\"",
			   at > 0 ? "," : "", i, names[next(&one, 7)], i, i - twin, twin ? 'A' : 'a');
		buf_printf(users, ",\"department\":\"%s\",\"status\":\"active\"", departments[next(&one, 8)]);
		if (i > 0 && next(&one, 10) > 1)
			buf_printf(users, ",\"supervisor_id\":\"%d\"", (int)next(&one, (unsigned)i));
		if (next(&one, 15) == 0)
			buf_puts(users, ",\"hierarchy_only\":true");
		if (next(&one, 20) == 0)
			buf_puts(users, ",\"role_id\":\"1\"");
		buf_putc(users, '}');
	}
	buf_puts(users, "]}");
}

/* The accounts of a text, one by one. */
struct accounts {
	struct json_walk walk;
	struct str mail, group, id;
};

static int next_account(struct accounts *a)
{
	if (!json_walk_next(&a->walk))
		return 0;
	a->mail = json_slice_member(a->walk.value, STR("timecamp_email"));
	a->group = json_slice_member(a->walk.value, STR("timecamp_groups_breadcrumb"));
	a->id = json_slice_member(a->walk.value, STR("timecamp_external_id"));
	return 1;
}

static int is_clean(struct str quoted)
{
	struct str rest = str_sub(quoted, 1, quoted.len - 2), part;

	if (rest.len == 0)
		return 1;
	while (str_next(&rest, '/', &part)) {
		if (part.len == 0 || part.ptr[0] == ' ' || part.ptr[part.len - 1] == ' ' ||
		    str_find_char(part, 0, '_') < part.len)
			return 0;
	}
	return 1;
}

/* Sorted, no address twice, groups of clean parts. */
static void check_accounts(struct str text)
{
	struct str last = STR("");
	struct accounts a;

	json_walk_init(&a.walk, text);
	while (next_account(&a)) {
		CHECK(str_cmp(last, a.mail) < 0);
		CHECK(is_clean(a.group));
		last = a.mail;
	}
}

/* Every account of one is in the other with the same group; both are sorted alike. Of two people with one
 * address the order decides who counts. */
static void check_same_groups(struct str one, struct str other)
{
	struct accounts a, b;
	int same = 0;

	json_walk_init(&a.walk, one);
	json_walk_init(&b.walk, other);
	while (next_account(&a)) {
		if (!CHECK(next_account(&b)))
			return;
		CHECK_MEM(a.mail.ptr, a.mail.len, b.mail.ptr, b.mail.len);
		if (str_eq(a.id, b.id)) {
			CHECK_MEM(a.group.ptr, a.group.len, b.group.ptr, b.group.len);
			same++;
		}
	}
	CHECK(!next_account(&b));
	CHECK(same > PEOPLE / 2);
}

static void test_organisations(void)
{
	static const char *const modes[] = {
		"TIMECAMP_SKIP_DEPARTMENTS=Acme,A/B\n", SUPERVISORS, HYBRID,
		"TIMECAMP_USE_IS_SUPERVISOR_ROLE=true\nTIMECAMP_CHANGE_GROUPS_REGEX=B|||X\n",
		HYBRID "TIMECAMP_SKIP_DEPARTMENTS=Acme/X,A\nTIMECAMP_REPLACE_EMAIL_DOMAIN=Example.NET\n"
		"TIMECAMP_USE_JOB_TITLE_NAME_GROUPS=true\nTIMECAMP_SHOW_EXTERNAL_ID=true\n"
	};
	const unsigned n = sizeof modes / sizeof modes[0];
	struct buf users, first, again;
	struct error e;
	unsigned seed;

	buf_init(&users, 100000);
	buf_init(&first, 100000);
	buf_init(&again, 100000);
	for (seed = 1; seed <= 4 * n; seed++) {
		const char *mode = modes[seed % n];

		put_organisation(&users, seed, 0);
		CHECK_INT(run(mode, buf_text(&users), &first, &e), 0);
		CHECK_INT(run(mode, buf_text(&users), &again, &e), 0);
		CHECK_STR(buf_text(&again), buf_text(&first));
		check_accounts(buf_str(&first));
		put_organisation(&users, seed, 1);
		CHECK_INT(run(mode, buf_text(&users), &again, &e), 0);
		check_same_groups(buf_str(&first), buf_str(&again));
	}
	buf_release(&users);
	buf_release(&first);
	buf_release(&again);
}

CHECK_SUITE(prepare, CHECK_TEST(refused), CHECK_TEST(chains), CHECK_TEST(circles), CHECK_TEST(long_path), CHECK_TEST(many_rules),
	    CHECK_TEST(replaced_manager), CHECK_TEST(organisations));
