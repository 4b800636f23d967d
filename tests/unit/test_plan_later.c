/* What a run leaves for its end, takes over from an earlier one, or only marks: all parts and operations, in letters. */
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/log.h"
#include "check.h"
#include "plan/plan.h"
#include "port.h"

/* What an earlier run left to do about a user. */
struct left { int user; enum op_kind kind; };

struct row {
	const char *name;
	const char *policy;		/* l: later, d: nobody is disabled, m: added by hand are spared, i: u1 is ignored,
					 * p: u1 is protected */
	const char *account;		/* a letter for each of u0, u1, ...: e enabled, d disabled, m enabled and added by hand */
	const char *file;		/* likewise: = as listed, r renamed, i inactive, - not there,
					 * a reached by the next one as well */
	struct left left[4];		/* ends with kind 0, which nobody leaves */
	const char *unmarked[3];
	const char *unfinished[3];	/* e-mails of new users who were not listed */
	const char *plan;		/* "part label: operations" a line, parts in their order */
};

#define NO_LEFT { { 0, OP_GROUP_CREATE } }
#define NO_MARKS { NULL }
#define NO_USERS { NULL }

static const struct row rows[] = {
	{ "changes wait, but for what is not a setting", "l", "ed", "rr", NO_LEFT, NO_MARKS, NO_USERS,
	  "user.enable u1@x.org: user.rename\n"
	  "user.change u0@x.org: user.rename\n"
	  "user.later u1@x.org: user.enable user.mark\n"
	  "user.later u0@x.org: user.mark\n" },
	{ "disabling waits", "l", "ee", "=-", NO_LEFT, NO_MARKS, NO_USERS,
	  "user.disable u1@x.org:\nuser.later u1@x.org: user.disable user.mark\n" },
	{ "nothing waits without that policy", "", "ed", "r=", NO_LEFT, NO_MARKS, NO_USERS,
	  "user.enable u1@x.org: user.enable user.mark\nuser.change u0@x.org: user.rename user.mark\n" },
	{ "what was left is done", "l", "ee", "=i", { { 0, OP_USER_MARK }, { 0, OP_GROUP_CREATE } }, NO_MARKS, NO_USERS,
	  "user.disable u1@x.org:\nuser.left u0@x.org: user.mark\nuser.later u1@x.org: user.disable user.mark\n" },
	{ "what was left and is planned anyway is done once", "l", "ee", "=-",
	  { { 1, OP_USER_DISABLE }, { 1, OP_USER_MARK }, { 0, OP_GROUP_CREATE } }, NO_MARKS, NO_USERS,
	  "user.disable u1@x.org:\nuser.later u1@x.org: user.disable user.mark\n" },
	{ "a disabling that was left is dropped for who is in the file", "l", "ee", "==",
	  { { 1, OP_USER_DISABLE }, { 1, OP_USER_MARK }, { 0, OP_GROUP_CREATE } }, NO_MARKS, NO_USERS,
	  "user.left u1@x.org: user.mark\n" },
	{ "and for who is disabled already", "l", "ed", "=-", { { 1, OP_USER_DISABLE }, { 0, OP_GROUP_CREATE } }, NO_MARKS,
	  NO_USERS, "" },
	{ "and when nobody is disabled any more", "ld", "ee", "=-", { { 1, OP_USER_DISABLE }, { 0, OP_GROUP_CREATE } }, NO_MARKS,
	  NO_USERS, "" },
	{ "an enabling that was left goes on", "l", "ed", "==", { { 1, OP_USER_ENABLE }, { 0, OP_GROUP_CREATE } }, NO_MARKS,
	  NO_USERS, "user.enable u1@x.org:\nuser.later u1@x.org: user.enable user.mark\n" },
	{ "a disabling that was left gives way to an enabling", "l", "ed", "==", { { 1, OP_USER_DISABLE }, { 0, OP_GROUP_CREATE } },
	  NO_MARKS, NO_USERS, "user.enable u1@x.org:\nuser.later u1@x.org: user.enable user.mark\n" },
	{ "who is ignored now gets what was left", "li", "ee", "==", { { 1, OP_USER_DISABLE }, { 0, OP_GROUP_CREATE } }, NO_MARKS,
	  NO_USERS, "user.left u1@x.org: user.disable\n" },
	{ "who is protected does not", "lp", "ee", "==", { { 1, OP_USER_DISABLE }, { 1, OP_USER_MARK }, { 0, OP_GROUP_CREATE } },
	  NO_MARKS, NO_USERS, "" },
	{ "nor does it disable somebody of whom it is not clear who he is", "l", "ee", "=a",
	  { { 1, OP_USER_DISABLE }, { 0, OP_GROUP_CREATE } }, NO_MARKS, NO_USERS, "" },
	{ "so does who was added by hand", "lm", "em", "==", { { 1, OP_USER_DISABLE }, { 0, OP_GROUP_CREATE } }, NO_MARKS,
	  NO_USERS, "user.left u1@x.org: user.disable\n" },
	{ "without that policy what was left counts for nothing", "", "ee", "==", { { 1, OP_USER_DISABLE }, { 0, OP_GROUP_CREATE } },
	  NO_MARKS, NO_USERS, "" },
	{ "new users of an earlier run", "l", "ee", "==", NO_LEFT, NO_MARKS, { "U1@x.org", "nobody@x.org", NULL },
	  "user.finish U1@x.org (1001): user.create user.mark\nuser.finish nobody@x.org (): user.create user.mark\n" },
	{ "who was changed and not marked", "", "eee", "=r=", NO_LEFT, { "user:1000", "user:1001", "user:9999" }, NO_USERS,
	  "user.change u1@x.org: user.rename user.mark\nuser.left u0@x.org: user.mark\n" },
	{ "who was invited and not marked", "", "ee", "==", NO_LEFT, { "new:u1@x.org", "new:nobody@x.org", NULL }, NO_USERS,
	  "user.left u1@x.org: user.mark\n" },
	{ "who was invited is not one added by hand", "m", "em", "=r", NO_LEFT, { "new:u1@x.org", NULL }, NO_USERS,
	  "user.change u1@x.org: user.rename user.mark\n" },
	{ "and leaves as others do", "m", "emm", "=--", NO_LEFT, { "new:u1@x.org", NULL }, NO_USERS,
	  "user.disable u1@x.org: user.disable user.mark\n" },
	{ "who is ignored stays unmarked", "i", "ee", "==", NO_LEFT, { "user:1001", NULL }, NO_USERS, "" },
	{ "marking waits with the rest", "l", "ee", "=r", NO_LEFT, { "user:1000", "user:1001", NULL }, NO_USERS,
	  "user.change u1@x.org: user.rename\nuser.left u0@x.org: user.mark\nuser.later u1@x.org: user.mark\n" },
};

/* ---- filling ---- */

static int add_account(struct plan *p, const char *letters, struct error *e)
{
	char id[32], email[64];
	int i;

	if (plan_add_group(p, STR("100"), STR(""), STR("Co"), e) < 0)
		return -1;
	for (i = 0; letters[i] != '\0'; i++) {
		struct actual_user u = { { NULL, 0 }, { NULL, 0 }, { NULL, 0 }, STR("100") };
		struct actual_details d = { { NULL, 0 }, { NULL, 0 }, letters[i] == 'm', letters[i] == 'd' };
		int64_t n;

		snprintf(id, sizeof(id), "%d", 1000 + i);
		snprintf(email, sizeof(email), "u%d@x.org", i);
		u.id = str_from(id);
		u.email = u.name = str_from(email);
		d.external_id = u.id;
		if (plan_add_user(p, &u, &n, e) < 0 || plan_set_details(p, n, &d, e) < 0 ||
		    plan_set_role(p, u.id, u.group, STR("user"), e) < 0)
			return -1;
	}
	return 0;
}

static int add_file(struct plan *p, const char *letters, struct error *e)
{
	const char *path = check_file("wanted.json");
	struct port_file *f = port_open(path, PORT_TRUNCATE, e);
	const char *comma = "";
	struct buf text;
	uint64_t count;
	int i, failed;

	if (f == NULL)
		return -1;
	buf_init(&text, 1 << 20);
	buf_putc(&text, '[');
	for (i = 0; letters[i] != '\0'; i++) {
		if (letters[i] == '-')
			continue;
		buf_printf(&text, "%s{\"timecamp_email\":\"u%d@x.org\",\"timecamp_user_name\":\"u%d@x.org%s\","
			   "\"timecamp_groups_breadcrumb\":\"\",\"timecamp_status\":\"%s\"}", comma, i, i,
			   letters[i] == 'r' ? " jr" : "", letters[i] == 'i' ? "inactive" : "active");
		comma = ",";
		if (letters[i] == 'a')
			buf_printf(&text, ",{\"timecamp_email\":\"twin@x.org\",\"timecamp_user_name\":\"Twin\","
				   "\"timecamp_external_id\":\"%d\",\"timecamp_status\":\"active\"}", 1000 + i);
	}
	buf_putc(&text, ']');
	failed = port_write(f, buf_text(&text), text.len, e);
	buf_release(&text);
	if (port_close(f, e) < 0 || failed)
		return -1;
	return plan_read_wanted(p, path, &count, e);
}

static int add_past(struct plan *p, const struct row *r, struct error *e)
{
	char id[32], email[64];
	int i;

	for (i = 0; i < 4 && r->left[i].kind != OP_GROUP_CREATE; i++) {
		snprintf(id, sizeof(id), "%d", 1000 + r->left[i].user);
		snprintf(email, sizeof(email), "u%d@x.org", r->left[i].user);
		if (plan_add_left(p, str_from(id), str_from(email), r->left[i].kind, e) < 0)
			return -1;
	}
	for (i = 0; i < 3 && r->unmarked[i] != NULL; i++)
		if (plan_add_unmarked(p, str_from(r->unmarked[i]), e) < 0)
			return -1;
	for (i = 0; i < 3 && r->unfinished[i] != NULL; i++) {
		struct unfinished_user u = { str_from(r->unfinished[i]), STR("Name"), STR("100"), STR("user"), { NULL, 0 },
					     { NULL, 0 } };

		if (plan_add_unfinished(p, &u, e) < 0)
			return -1;
	}
	return 0;
}

/* A plan that is compared already. NULL after a failed check. */
static struct plan *make(const struct row *r)
{
	struct log_options quiet = { LOG_ERROR, NULL, 0, 1 };
	struct error e;
	struct plan *p;
	struct plan_policy y;

	error_init(&e);
	log_open(&quiet, NULL);
	memset(&y, 0, sizeof(y));
	snprintf(y.root, sizeof(y.root), "100");
	y.protect = "";
	y.create_groups = y.create_users = y.move_users = y.change_roles = y.sync_address = y.sync_external_id = 1;
	y.later = strchr(r->policy, 'l') != NULL;
	y.disable_users = strchr(r->policy, 'd') == NULL;
	y.spare_manual = strchr(r->policy, 'm') != NULL;
	y.ignored = strchr(r->policy, 'i') != NULL ? "1001" : "";
	y.protect = strchr(r->policy, 'p') != NULL ? "u1@x.org" : "";
	p = plan_new(&e);
	if (CHECK(p != NULL) && CHECK_INT(add_account(p, r->account, &e), 0) && CHECK_INT(add_file(p, r->file, &e), 0) &&
	    CHECK_INT(add_past(p, r, &e), 0) && CHECK_INT(plan_diff(p, &y, &e), 0))
		return p;
	CHECK_STR(e.text, "");
	plan_free(p);
	return NULL;
}

/* ---- reading ---- */

static void put_subject(struct plan *p, const struct plan_subject *s, struct buf *out, struct arena *a, struct error *e)
{
	struct op ops[OP_KINDS];
	int count = plan_ops(p, s, ops, a, e), i;

	buf_printf(out, "%s %.*s", part_table[s->part].name, STR_ARG(s->label));
	if (s->part == PART_USER_FINISH)
		buf_printf(out, " (%.*s)", STR_ARG(s->id));
	buf_puts(out, s->state == PLAN_HELD ? " held:" : ":");
	for (i = 0; i < count; i++)
		buf_printf(out, " %s", op_table[ops[i].kind].name);
	buf_putc(out, '\n');
}

static void put_plan(struct plan *p, struct buf *out)
{
	struct plan_subject s;
	struct arena arena;
	struct error e;
	int part;

	error_init(&e);
	arena_init(&arena, 1 << 20);
	for (part = 0; part < PLAN_PARTS; part++) {
		struct plan_cursor *c = plan_walk(p, (enum plan_part)part, &e);

		while (c != NULL && plan_next(c, &s, &arena, &e) == 1)
			put_subject(p, &s, out, &arena, &e);
		plan_walk_end(c);
	}
	CHECK_STR(e.text, "");
	arena_release(&arena);
}

static void test_rows(void)
{
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct plan *p;
		struct buf out;

		check_row(rows[i].name);
		buf_init(&out, 1 << 20);
		p = make(&rows[i]);
		if (p != NULL) {
			put_plan(p, &out);
			CHECK_STR(buf_text(&out), rows[i].plan);
		}
		plan_free(p);
		buf_release(&out);
	}
	check_row(NULL);
}

/* ---- marks ---- */

static int put_mark(void *cookie, struct str name, struct error *e)
{
	(void)e;
	buf_printf(cookie, "%.*s\n", STR_ARG(name));
	return 0;
}

/* By what name users are known until they are marked. */
static void test_marks(void)
{
	static const struct row some = { "", "", "eee", "=r-", NO_LEFT, { "user:1000", NULL }, NO_USERS, NULL };
	struct plan *p = make(&some);
	struct plan_subject s = { 0 };
	struct error e;
	struct buf out;

	if (p == NULL)
		return;
	error_init(&e);
	buf_init(&out, 1 << 16);
	CHECK_INT(plan_each_mark(p, put_mark, &out, &e), 0);
	CHECK_STR(buf_text(&out), "user:1001\nuser:1002\nuser:1000\n");
	CHECK_INT(plan_was_unmarked(p, STR("user:1000")), 1);
	CHECK_INT(plan_was_unmarked(p, STR("user:1001")), 0);
	CHECK_INT(plan_was_unmarked(p, STR("user:100")), 0);
	s.label = STR("ADA@x.org");
	s.id = STR("7");
	s.part = PART_USER_CREATE;
	plan_mark_name(p, &s, &out);
	CHECK_STR(buf_text(&out), "new:ada@x.org");
	s.part = PART_USER_CHANGE;
	plan_mark_name(p, &s, &out);
	CHECK_STR(buf_text(&out), "user:7");
	s.part = PART_GROUP_DELETE;
	plan_mark_name(p, &s, &out);
	CHECK_STR(buf_text(&out), "");
	plan_free(p);
	buf_release(&out);
}

/* ---- limits ---- */

static void put_line(void *cookie, const char *line)
{
	buf_printf(cookie, "%s\n", line);
}

static int load_no_settings(struct error *e)
{
	static const struct setting_group groups[] = { { "Limits", plan_settings }, { NULL, NULL } };
	const char *path = check_file("env");
	struct port_file *f = port_open(path, PORT_TRUNCATE, e);

	return f == NULL || port_close(f, e) < 0 ? -1 : settings_load(groups, path, e);
}

/* What is held keeps what of it was left for the end, and no other. */
static void test_held(void)
{
	static const struct row some = { "", "l", "eeeeeee", "r------", { { 0, OP_USER_MARK }, { 0, OP_GROUP_CREATE } },
					 NO_MARKS, { "nobody@x.org", NULL }, NULL };
	struct plan *p = make(&some);
	struct error e;
	struct buf out, lines;
	uint64_t left;
	int over = 0;

	if (p == NULL)
		return;
	error_init(&e);
	buf_init(&out, 1 << 16);
	buf_init(&lines, 1 << 16);
	CHECK_INT(load_no_settings(&e), 0);
	CHECK_INT(plan_limits(p, put_line, &lines, &over, &e), 0);
	CHECK_INT(over, 1);
	put_plan(p, &out);
	CHECK(strstr(buf_text(&out), "user.change u0@x.org: user.rename\n") != NULL);
	CHECK(strstr(buf_text(&out), "user.disable u6@x.org held:\n") != NULL);
	CHECK(strstr(buf_text(&out), "user.later u0@x.org: user.mark\n") != NULL);
	CHECK(strstr(buf_text(&out), "user.later u6@x.org held: user.disable user.mark\n") != NULL);
	CHECK_INT(plan_count_left(p, &left, &e), 0);
	CHECK_INT(left, 2);	/* u0 now, u0 later; not who was not listed */
	settings_release();
	plan_free(p);
	buf_release(&out);
	buf_release(&lines);
}

CHECK_SUITE(plan_later, CHECK_TEST(rows), CHECK_TEST(marks), CHECK_TEST(held));
