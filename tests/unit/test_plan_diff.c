/* The comparison on small accounts: what the plan says, line by line. */
#include <stdio.h>
#include <string.h>
#include "base/buf.h"
#include "base/limits.h"
#include "base/log.h"
#include "check.h"
#include "plan/plan.h"
#include "port.h"

/* One user of the account; NULL: not there. */
struct user {
	const char *id, *email, *name, *group, *role, *address, *ext, *flags;	/* flags: m added by hand, d disabled */
};

struct group { const char *id, *parent, *name; };

struct row {
	const char *name;
	const char *policy;		/* letters, see policy_of() */
	struct group groups[8];
	struct user users[6];
	const char *wanted;		/* the prepared file */
	const char *plan;		/* what is printed */
};

#define GROUPS { "100", "", "Company" }, { "101", "100", "Sales" }, { "102", "100", "Engineering" }, \
	{ "103", "102", "Platform" }, { "104", "100", "Former staff" }

#define NOBODY { NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL }

/* An entry of the prepared file. */
#define ENTRY(email, name, path, role, more) "{\"timecamp_email\":\"" email "\",\"timecamp_user_name\":\"" name \
	"\",\"timecamp_groups_breadcrumb\":\"" path "\",\"timecamp_status\":\"active\",\"timecamp_role\":\"" role "\"" more "}"
#define LEFT(email) "{\"timecamp_email\":\"" email "\",\"timecamp_status\":\"inactive\"}"

#define NOTHING "Nothing to do: everybody is as the file says.\n"
#define ARROW " \xe2\x86\x92 "

static const struct row rows[] = {
	{ "equal", "", { GROUPS },
	  { { "1", "ada@x.org", "Ada", "101", "user", NULL, NULL, "" } },
	  "[" ENTRY("ADA@x.org", "Ada", "Sales", "user", "") "]", NOTHING },
	{ "everything of one user", "", { GROUPS },
	  { { "1", "ada@x.org", "Ada", "101", "user", NULL, "E-0", "m" } },
	  "[" ENTRY("ada@x.org", "Ada Ash", "Engineering/Platform", "guest", ",\"timecamp_real_email\":\"a@y.org\","
		    "\"timecamp_external_id\":7") "]",
	  "Changed users: 1\n"
	  "  ada@x.org  name: Ada" ARROW "Ada Ash, role: user" ARROW "guest, group: Sales" ARROW "Engineering/Platform,"
	  " external id: E-0" ARROW "7, additional e-mail: (none)" ARROW "a@y.org\n" },
	{ "new groups, parents first", "", { GROUPS }, { NOBODY },
	  "[" ENTRY("ada@x.org", "Ada", " Sales /EMEA//North ", "user", "") "]",
	  "New groups: 2\n  Sales/EMEA\n  Sales/EMEA/North\n"
	  "New users: 1 (1 seat more)\n  ada@x.org  group: Sales/EMEA/North, name: Ada\n" },
	{ "a full path finds its group", "", { GROUPS, { "500", "", "Partners" } },
	  { { "1", "ada@x.org", "Ada", "100", "user", NULL, NULL, "" } },
	  "[" ENTRY("ada@x.org", "Ada", "Company/Sales", "user", "") "," ENTRY("ben@x.org", "Ben", "Partners", "user", "") "]",
	  "New users: 1 (1 seat more)\n  ben@x.org  group: Partners, name: Ben\n"
	  "Changed users: 1\n  ada@x.org  group: Company" ARROW "Company/Sales\n" },
	{ "one step beyond a full path all is made anew", "", { GROUPS, { "500", "", "Partners" } }, { NOBODY },
	  "[" ENTRY("ada@x.org", "Ada", "Partners/New", "user", "") "," ENTRY("ben@x.org", "Ben", "Partners", "user", "") "]",
	  "New groups: 2\n  Partners\n  Partners/New\n"
	  "New users: 2 (2 seats more)\n  ada@x.org  group: Partners/New, name: Ada\n  ben@x.org  group: Partners, name: Ben\n" },
	{ "no groups made: the root", "g", { GROUPS },
	  { { "1", "ada@x.org", "Ada", "101", "user", NULL, NULL, "" } },
	  "[" ENTRY("ada@x.org", "Ada", "Sales/New", "user", "") "]",
	  "Changed users: 1\n  ada@x.org  group: Sales" ARROW "Company\n" },
	{ "a circle of parents", "", { GROUPS, { "7", "8", "A" }, { "8", "7", "B" } },
	  { { "1", "ada@x.org", "Ada", "7", "user", NULL, NULL, "" } },
	  "[" ENTRY("ada@x.org", "Ada", "A", "user", "") "]",
	  "New groups: 1\n  A\nChanged users: 1\n  ada@x.org  group: 7" ARROW "A\n" },
	{ "of twins the later", "", { GROUPS, { "105", "100", "Depot" }, { "106", "100", " Depot " } },
	  { { "1", "ada@x.org", "Ada", "105", "user", NULL, NULL, "" } },
	  "[" ENTRY("ada@x.org", "Ada", "Depot", "user", "") "]",
	  "Changed users: 1\n  ada@x.org  group: Depot (105)" ARROW "Depot (106)\n" },
	{ "who leaves", "", { GROUPS },
	  { { "1", "ada@x.org", "Ada", "100", "user", NULL, NULL, "" }, { "2", "ben@x.org", "Ben", "100", "user", NULL, NULL, "" },
	    { "3", "cleo@x.org", "Cleo", "100", "user", "C@y.org", NULL, "" },
	    { "4", "dan@x.org", "Dan", "100", "user", "d@y.org", NULL, "" },
	    { "5", NULL, "Nobody", "100", "user", NULL, NULL, "" } },
	  "[" LEFT("ben@x.org") "," LEFT("d@y.org") "," ENTRY("eve@x.org", "Eve", "", "user", "") ","
	  ENTRY("c@y.org", "Cleo", "", "user", "") "]",
	  "New users: 1 (1 seat more)\n  eve@x.org  group: Company, name: Eve\n"
	  "Users disabled: 3\n  ada@x.org  not in the file\n  ben@x.org  inactive in the file\n  dan@x.org  inactive in the file\n" },
	{ "leavers get a group", "l", { GROUPS },
	  { { "1", "ada@x.org", "Ada", "101", "user", NULL, NULL, "" }, { "2", "ben@x.org", "Ben", "101", "user", NULL, NULL, "d" },
	    { "3", "cleo@x.org", "Cleo", "104", "user", NULL, NULL, "d" },
	    { "4", "dan@x.org", "Dan", "101", "user", NULL, NULL, "d" } },
	  "[" ENTRY("dan@x.org", "Dan", "Sales", "user", "") "]",
	  "Users enabled again: 1\n  dan@x.org\n"
	  "Users disabled: 1\n  ada@x.org  not in the file; group: Sales" ARROW "Former staff\n"
	  "Users moved to the group for disabled users: 1\n  ben@x.org  is disabled; group: Sales" ARROW "Former staff\n" },
	{ "nobody may be disabled, but moved", "ld", { GROUPS },
	  { { "1", "ada@x.org", "Ada", "101", "user", NULL, NULL, "" } },
	  "[" LEFT("ben@x.org") "]",
	  "Users moved to the group for disabled users: 1\n  ada@x.org  not in the file; group: Sales" ARROW "Former staff\n" },
	{ "found by additional e-mail, by external id", "", { GROUPS },
	  { { "1", "ada.login@x.org", "Ada", "100", "user", "ADA@x.org", NULL, "" },
	    { "2", "old@x.org", "Ben", "100", "user", NULL, "E-2", "" } },
	  "[" ENTRY("ada@x.org", "Ada Ash", "", "user", "") "," ENTRY("ben@x.org", "Ben B", "", "user",
		",\"timecamp_external_id\":\"E-2\"") "]",
	  "Changed users: 2\n  ada.login@x.org  name: Ada" ARROW "Ada Ash\n  old@x.org  name: Ben" ARROW "Ben B\n" },
	{ "the e-mail follows the external id", "e", { GROUPS },
	  { { "2", "old@x.org", "Ben", "100", "user", NULL, "E-2", "" } },
	  "[" ENTRY("Ben@x.org", "Ben", "", "user", ",\"timecamp_external_id\":\"E-2\",\"timecamp_real_email\":\"ben@X.org\"") "]",
	  "Changed users: 1\n  old@x.org  e-mail: old@x.org" ARROW "Ben@x.org\n" },
	{ "the address that links is kept", "", { GROUPS },
	  { { "1", "login@x.org", "Ada", "100", "user", "ada@x.org", NULL, "" } },
	  "[" ENTRY("ada@x.org", "Ada", "", "user", ",\"timecamp_real_email\":\"a@y.org\"") "]", NOTHING },
	{ "an additional e-mail equal to the first is left out", "", { GROUPS },
	  { { "1", "ada@x.org", "Ada", "100", "user", "old@y.org", NULL, "" } },
	  "[" ENTRY("ada@x.org", "Ada", "", "user", ",\"timecamp_real_email\":\" ADA@x.org \"") "]", NOTHING },
	{ "an empty additional e-mail is written, null is not", "", { GROUPS },
	  { { "1", "ada@x.org", "Ada", "100", "user", "a@y.org", NULL, "" }, { "2", "ben@x.org", "Ben", "100", "user",
	    "b@y.org", NULL, "" } },
	  "[" ENTRY("ada@x.org", "Ada", "", "user", ",\"timecamp_real_email\":\"\"") ","
	  ENTRY("ben@x.org", "Ben", "", "user", ",\"timecamp_real_email\":null") "]",
	  "Changed users: 1\n  ada@x.org  additional e-mail: a@y.org" ARROW "(none)\n" },
	{ "external ids: 0 and nothing never clear", "", { GROUPS },
	  { { "1", "ada@x.org", "Ada", "100", "user", NULL, "E-1", "" }, { "2", "ben@x.org", "Ben", "100", "user", NULL, "E-2", "" } },
	  "[" ENTRY("ada@x.org", "Ada", "", "user", ",\"timecamp_external_id\":0") ","
	  ENTRY("ben@x.org", "Ben", "", "user", ",\"timecamp_external_id\":\"\"") "]", NOTHING },
	{ "an unknown role counts as user, a role not listed is sent", "", { GROUPS },
	  { { "1", "ada@x.org", "Ada", "100", "user", NULL, NULL, "" }, { "2", "ben@x.org", "Ben", "100", NULL, NULL, NULL, "" } },
	  "[" ENTRY("ada@x.org", "Ada", "", "intern", "") "," ENTRY("ben@x.org", "Ben", "", "user", "") ","
	  ENTRY("cleo@x.org", "Cleo", "", "intern", "") "]",
	  "New users: 1 (1 seat more)\n  cleo@x.org  group: Company, name: Cleo, role: user\n"
	  "Changed users: 1\n  ben@x.org  role: (none)" ARROW "user\n" },
	{ "twice new is once", "", { GROUPS }, { NOBODY },
	  "[" ENTRY("new@x.org", "One", "", "user", "") "," ENTRY("NEW@x.org", "Two", "", "user", "") "]",
	  "New users: 1 (1 seat more)\n  new@x.org  group: Company, name: One\n" },
	{ "two entries for one user", "", { GROUPS },
	  { { "1", "login@x.org", "Ada", "100", "user", "ada@x.org", NULL, "d" } },
	  "[" ENTRY("ada@x.org", "First", "", "user", "") "," ENTRY("login@x.org", "Second", "", "user", "") "]",
	  "Left alone, because it is not clear who is who: 2\n"
	  "  ada@x.org  in the account: login@x.org (additional e-mail)\n"
	  "  login@x.org  in the account: login@x.org (e-mail)\n" NOTHING },
	{ "two users for one entry", "", { GROUPS },
	  { { "1", "ada@x.org", "Ada", "100", "user", NULL, NULL, "" },
	    { "2", "old@x.org", "Ada", "100", "user", NULL, "E-1", "" } },
	  "[" ENTRY("ada@x.org", "Ada Ash", "", "user", ",\"timecamp_external_id\":\"E-1\"") "]",
	  "Left alone, because it is not clear who is who: 1\n"
	  "  ada@x.org  in the account: ada@x.org (e-mail), old@x.org (external id)\n" NOTHING },
	{ "protected", "p", { GROUPS },
	  { { "1", "ada@x.org", "Ada", "100", "user", NULL, NULL, "" }, { "2", "ben@y.org", "Ben", "100", "user", NULL, NULL, "" },
	    { "3", "eve@zy.org", "Eve", "100", "user", NULL, NULL, "" } },
	  "[" ENTRY("ada@x.org", "Ada Ash", "", "user", "") "]",
	  "Users disabled: 1\n  eve@zy.org  not in the file\n" },
	{ "ignored and added by hand", "im", { GROUPS },
	  { { "1", "ada@x.org", "Ada", "100", "user", NULL, NULL, "" }, { "9", "ben@x.org", "Ben", "100", "user", NULL, NULL, "" },
	    { "2", "cleo@x.org", "Cleo", "100", "user", NULL, NULL, "m" }, { "3", "dan@x.org", "Dan", "100", "user", NULL, NULL, "m" } },
	  "[" ENTRY("ben@x.org", "Benjamin", "", "user", "") "," ENTRY("cleo@x.org", "Cleopatra", "", "user", "") "]",
	  "Users disabled: 1\n  ada@x.org  not in the file\n" },
	{ "everything off", "nacrgd", { GROUPS },
	  { { "1", "ada@x.org", "Ada", "100", "user", NULL, NULL, "" }, { "2", "ben@x.org", "Ben", "100", "user", NULL, NULL, "" } },
	  "[" ENTRY("ada@x.org", "Ada", "Sales", "guest", ",\"timecamp_real_email\":\"a@y.org\"") ","
	  ENTRY("cleo@x.org", "Cleo", "", "user", "") "]", NOTHING },
	{ "empty groups, deepest first", "zl", { GROUPS, { "105", "103", "Deep" } },
	  { { "1", "ada@x.org", "Ada", "101", "user", NULL, NULL, "" } },
	  "[" ENTRY("ada@x.org", "Ada", "", "user", "") "]",
	  "Changed users: 1\n  ada@x.org  group: Sales" ARROW "Company\n"
	  "Empty groups removed: 4\n  Engineering/Platform/Deep\n  Engineering/Platform\n  Sales\n  Engineering\n" },
	{ "an inactive entry needs no group", "z", { GROUPS },
	  { { "1", "ada@x.org", "Ada", "103", "user", NULL, NULL, "d" } },
	  "[" LEFT("ben@x.org") "]",
	  "Empty groups removed: 2\n  Sales\n  Former staff\n" },
};

/* Letters that differ from "everything on": n new users off, a additional e-mails off, ... */
static void policy_of(struct plan_policy *y, const char *letters)
{
	memset(y, 0, sizeof(*y));
	snprintf(y->root, sizeof(y->root), "100");
	snprintf(y->leavers, sizeof(y->leavers), "%s", strchr(letters, 'l') != NULL ? "104" : "");
	y->ignored = strchr(letters, 'i') != NULL ? " 9 ,, 10" : "";
	y->create_groups = strchr(letters, 'g') == NULL;
	y->create_users = strchr(letters, 'n') == NULL;
	y->move_users = strchr(letters, 'c') == NULL;
	y->change_roles = strchr(letters, 'r') == NULL;
	y->disable_users = strchr(letters, 'd') == NULL;
	y->sync_address = strchr(letters, 'a') == NULL;
	y->sync_external_id = 1;
	y->remove_empty_groups = strchr(letters, 'z') != NULL;
	y->email_by_external_id = strchr(letters, 'e') != NULL;
	y->spare_manual = strchr(letters, 'm') != NULL;
	y->protect = strchr(letters, 'p') != NULL ? "Ada@x.org, *@Y.org" : "";
	y->max_levels = 4;
}

static int write_file(const char *path, const char *text)
{
	struct error e;
	struct port_file *f = port_open(path, PORT_TRUNCATE, &e);

	if (f == NULL)
		return -1;
	port_write(f, text, strlen(text), &e);
	return port_close(f, &e);
}

static struct str text(const char *s)
{
	return s != NULL ? str_from(s) : str_of(NULL, 0);
}

static int fill(struct plan *p, const struct row *r, struct error *e)
{
	int i;

	for (i = 0; i < 8 && r->groups[i].id != NULL; i++)
		if (plan_add_group(p, text(r->groups[i].id), text(r->groups[i].parent), text(r->groups[i].name), e) < 0)
			return -1;
	for (i = 0; i < 6 && r->users[i].id != NULL; i++) {
		const struct user *u = &r->users[i];
		struct actual_user a = { text(u->id), text(u->email), text(u->name), text(u->group) };
		struct actual_details d = { text(u->address), text(u->ext), strchr(u->flags, 'm') != NULL,
					    strchr(u->flags, 'd') != NULL };
		int64_t n;

		if (plan_add_user(p, &a, &n, e) < 0 || plan_set_details(p, n, &d, e) < 0)
			return -1;
		if (u->role != NULL && plan_set_role(p, a.id, a.group, text(u->role), e) < 0)
			return -1;
	}
	return 0;
}

static void keep_line(void *cookie, const char *line)
{
	buf_printf(cookie, "%s\n", line);
}

static void quiet_log(void)
{
	struct log_options o = { LOG_ERROR, NULL, 0, 1 };

	log_open(&o, NULL);
}

static void test_rows(void)
{
	size_t i;

	quiet_log();
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *path = check_file("wanted.json");
		struct plan_policy policy;
		struct plan *p;
		struct error e;
		struct buf out;
		uint64_t count;

		check_row(rows[i].name);
		error_init(&e);
		buf_init(&out, 1 << 20);
		policy_of(&policy, rows[i].policy);
		p = plan_new(&e);
		if (CHECK(p != NULL) && CHECK_INT(write_file(path, rows[i].wanted), 0) &&
		    CHECK_INT(plan_read_wanted(p, path, &count, &e), 0) && CHECK_INT(fill(p, &rows[i], &e), 0) &&
		    CHECK_INT(plan_diff(p, &policy, &e), 0) && CHECK_INT(plan_print(p, 0, keep_line, &out, &e), 0))
			CHECK_STR(buf_text(&out), rows[i].plan);
		CHECK_STR(e.kind == ERROR_NONE ? "" : e.text, "");
		buf_release(&out);
		plan_free(p);
	}
	check_row(NULL);
}

/* PLAN_LINES + 1 entries, each of which may be either of two users. */
static int fill_ambiguous(struct plan *p, struct buf *wanted, struct error *e)
{
	char email[32], old[32], id[16];
	struct actual_details d = { { NULL, 0 }, { NULL, 0 }, 0, 0 };
	struct actual_user u = { { NULL, 0 }, { NULL, 0 }, { NULL, 0 }, { NULL, 0 } };
	int64_t n;
	int i;

	if (plan_add_group(p, STR("100"), str_from(NULL), STR("Company"), e) < 0)
		return -1;
	u.name = STR("U");
	u.group = STR("100");
	for (i = 0; i <= PLAN_LINES; i++) {
		snprintf(email, sizeof(email), "u%02d@x.org", i);
		snprintf(old, sizeof(old), "old%02d@x.org", i);
		buf_printf(wanted, "%s{\"timecamp_email\":\"%s\",\"timecamp_status\":\"active\",\"timecamp_user_name\":\"U\"}",
			   i > 0 ? "," : "[", email);
		snprintf(id, sizeof(id), "%d", 1000 + 2 * i);
		u.id = str_from(id);
		u.email = str_from(email);
		if (plan_add_user(p, &u, &n, e) < 0)
			return -1;
		snprintf(id, sizeof(id), "%d", 1001 + 2 * i);
		u.email = str_from(old);
		d.address = str_from(email);
		if (plan_add_user(p, &u, &n, e) < 0 || plan_set_details(p, n, &d, e) < 0)
			return -1;
	}
	buf_puts(wanted, "]");
	return 0;
}

/* Of those who are left alone too at most PLAN_LINES are shown, and how many there are more. */
static void test_ambiguous_lines(void)
{
	const char *path = check_file("wanted.json");
	struct plan_policy policy;
	struct buf out, wanted;
	struct error e;
	struct plan *p;
	uint64_t count;

	quiet_log();
	error_init(&e);
	buf_init(&out, 1 << 20);
	buf_init(&wanted, 1 << 20);
	policy_of(&policy, "");
	p = plan_new(&e);
	if (CHECK(p != NULL) && CHECK_INT(fill_ambiguous(p, &wanted, &e), 0) &&
	    CHECK_INT(write_file(path, buf_text(&wanted)), 0) && CHECK_INT(plan_read_wanted(p, path, &count, &e), 0) &&
	    CHECK_INT(plan_diff(p, &policy, &e), 0) && CHECK_INT(plan_print(p, 0, keep_line, &out, &e), 0)) {
		CHECK(strstr(buf_text(&out), "Left alone, because it is not clear who is who: 51\n") != NULL);
		CHECK(strstr(buf_text(&out), "  u49@x.org  in the account: u49@x.org (e-mail), old49@x.org") != NULL);
		CHECK(strstr(buf_text(&out), "u50@x.org") == NULL);
		CHECK(strstr(buf_text(&out), "  ... and 1 more (--all shows them)\n") != NULL);
		buf_reset(&out);
		CHECK_INT(plan_print(p, 1, keep_line, &out, &e), 0);
		CHECK(strstr(buf_text(&out), "  u50@x.org  in the account: ") != NULL);
		CHECK(strstr(buf_text(&out), "more (--all") == NULL);
	}
	CHECK_STR(e.kind == ERROR_NONE ? "" : e.text, "");
	plan_free(p);
	buf_release(&out);
	buf_release(&wanted);
}

static void test_bad_input(void)
{
	static const struct { const char *name, *json, *error; } bad[] = {
		{ "no e-mail", "[{\"timecamp_status\":\"active\"}]", "entry 1 (byte 1): \"timecamp_email\" is missing" },
		{ "null e-mail", "[{\"timecamp_email\":null}]", "entry 1 (byte 1): \"timecamp_email\" is missing" },
		{ "blank e-mail", "[{\"timecamp_email\":\" \",\"timecamp_status\":\"active\"}]", "\"timecamp_email\" is empty" },
		{ "no status", "[" LEFT("a@x.org") ",{\"timecamp_email\":\"b@x.org\"}]",
		  "entry 2 (byte 59): \"timecamp_status\" is missing" },
		{ "no name", "[{\"timecamp_email\":\"a@x.org\",\"timecamp_status\":\"active\"}]", "\"timecamp_user_name\" is missing" },
		{ "list for a text", "[{\"timecamp_email\":[],\"timecamp_status\":\"active\"}]", "\"timecamp_email\" is list" },
		{ "no object", "[1]", "entry 1 (byte 1): it is number" },
		{ "no list", "{\"a\":1}", "it is no list of people" },
		{ "nothing", "", "" },
		{ "cut off", "[" LEFT("a@x.org"), "" },
	};
	size_t i;

	quiet_log();
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		const char *path = check_file("wanted.json");
		struct plan *p;
		struct error e;
		uint64_t count;

		check_row(bad[i].name);
		error_init(&e);
		p = plan_new(&e);
		if (CHECK(p != NULL) && CHECK_INT(write_file(path, bad[i].json), 0)) {
			CHECK_INT(plan_read_wanted(p, path, &count, &e), -1);
			CHECK_INT(e.kind, ERROR_FAILED);
			if (!CHECK(strstr(e.text, bad[i].error) != NULL))
				CHECK_STR(e.text, bad[i].error);
			CHECK(strstr(e.text, path) != NULL);
		}
		plan_free(p);
	}
	check_row(NULL);
}

CHECK_SUITE(plan_diff, CHECK_TEST(rows), CHECK_TEST(ambiguous_lines), CHECK_TEST(bad_input));
