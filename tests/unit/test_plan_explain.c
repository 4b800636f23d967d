/* What is said of one person after the comparison. */
#include <stdio.h>
#include <string.h>
#include "base/buf.h"
#include "check.h"
#include "plan/plan_explain.h"

static const char *const names[PLAN_SWITCHES] = {
	"IGNORED", "PROTECT", "GROUPS", "USERS", "MOVES", "ROLES", "DISABLE", "ADDRESS", "EXT", "EMAIL", "MANUAL"
};

static const struct { const char *id, *email, *group, *role, *address, *ext, *flags; } users[] = {
	{ "1", "same@x.org", "101", "user", NULL, "s", "" },
	{ "2", "moved@x.org", "100", "user", NULL, NULL, "" },
	{ "3", "gone@x.org", "101", "user", NULL, NULL, "" },
	{ "4", "amb@x.org", "101", "user", NULL, NULL, "" },
	{ "5", "amb2@x.org", "101", "user", NULL, "m", "" },
	{ "6", "prot@x.org", "101", "user", NULL, NULL, "" },
	{ "7", "ign@x.org", "101", "user", NULL, NULL, "" },
	{ "8", "hand@x.org", "101", "user", NULL, NULL, "m" },
	{ "9", "off@x.org", "101", "user", NULL, NULL, "d" },
	{ "10", "back@x.org", "101", "user", NULL, NULL, "d" },
	{ "11", "owner@x.org", "101", "user", NULL, NULL, "" },
	{ "12", "old@x.org", "101", "user", NULL, "r", "" },
	{ "13", "second@x.org", "101", "user", "First@x.org", NULL, "" },
	{ "101", "id-of-a-group@x.org", "101", "user", NULL, NULL, "" },
};

#define ENTRY(email, group, more) "{\"timecamp_email\":\"" email "\",\"timecamp_user_name\":\"" email \
	"\",\"timecamp_groups_breadcrumb\":\"" group "\",\"timecamp_status\":\"active\"" more "}"
#define EXT(id) ",\"timecamp_external_id\":\"" id "\""

static const char wanted[] = "[" ENTRY("same@x.org", "A", EXT("s")) "," ENTRY("moved@x.org", "A",
	",\"timecamp_role\":\"guest\"") "," ENTRY("amb@x.org", "A", EXT("m")) "," ENTRY("prot@x.org", "", "") ","
	ENTRY("hand@x.org", "", "") "," ENTRY("back@x.org", "A", "") "," ENTRY("new@x.org", "A/New", EXT("n")) ","
	ENTRY("renamed@x.org", "A", EXT("r")) "," ENTRY("first@x.org", "A", "") ","
	"{\"timecamp_email\":\"left@x.org\",\"timecamp_status\":\"inactive\"}]";

/* policy: g no groups, c nobody created, m nobody moved, r no roles, d nobody disabled, x no external ids, h who was
 * added by hand is left alone, D two levels of groups, e e-mails by external id, l the group 102 for leavers. */
static const struct row {
	const char *policy, *email, *ext;
	int count;
	const char *words[5];
} rows[] = {
	{ "", "SAME@x.org", "", 1, { "#1 Co/A? by e-mail", "unchanged: is as the prepared file says []" } },
	{ "", "", "s", 1, { "#1" } },
	{ "", "", "", 0, { "" } },
	{ "", "nobody@x.org", "zz", 0, { "" } },
	{ "", "moved@x.org", "", 1,
	  { "changed: differs from the prepared file", "user.role user>guest: the prepared file has another role",
	    "user.move Co>A: the prepared file has another group", "user.mark" } },
	{ "m", "moved@x.org", "", 1, { "changed", "kept: the group stays Co, the prepared file has A [MOVES]", "user.role" } },
	{ "mr", "moved@x.org", "", 1,
	  { "unchanged", "kept: the group stays Co", "kept: the role stays user, the prepared file has guest [ROLES]" } },
	{ "", "gone@x.org", "", 1, { "#3", "disabled: not in the file", "user.disable >: not in the file" } },
	{ "d", "gone@x.org", "", 1, { "left alone: would be disabled, as not in the file [DISABLE]" } },
	{ "l", "gone@x.org", "", 1, { "user.move A>Leavers: not in the file" } },
	{ "l", "off@x.org", "", 1, { "moved: is disabled", "user.move A>Leavers: is disabled" } },
	{ "", "off@x.org", "", 1, { "nothing: is disabled, and nobody active in the prepared file is this user" } },
	{ "", "amb@x.org", "m", 2,
	  { "#4 Co/A? by e-mail", "left alone: it is not clear who is who: in the prepared file amb@x.org by e-mail; in the "
	    "target amb@x.org (4), amb2@x.org (5)", "#5 Co/A? by external id" } },
	{ "x", "amb@x.org", "m", 2, { "#4", "unchanged", "kept: the external id stays none, the prepared file has m [EXT]",
	  "#5", "disabled" } },
	{ "", "prot@x.org", "", 1, { "left alone: is protected by \"prot@x.org\" [PROTECT]" } },
	{ "", "ign@x.org", "", 1, { "left alone: the settings list this id [IGNORED]" } },
	{ "", "owner@x.org", "", 1, { "left alone: the API key belongs to this user, or the target protects it []" } },
	{ "h", "hand@x.org", "", 1, { "left alone: was added by hand [MANUAL]" } },
	{ "", "hand@x.org", "", 1, { "changed", "user.move A>Co" } },
	{ "", "back@x.org", "", 1, { "enabled: is disabled, and active in the prepared file", "user.enable >: is active" } },
	{ "", "new@x.org", "n", 1,
	  { "no user", "created: nobody in the target has this e-mail or external id",
	    "group: the group A/New is not there yet and is made first []", "user.create >A/New: is in the prepared file",
	    "user.external_id >n: a new user gets what the prepared file says" } },
	{ "c", "new@x.org", "", 1, { "left alone: would be created [USERS]" } },
	{ "g", "new@x.org", "", 1, { "group: the group A/New is not there, and none is made: Co stands in for it [GROUPS]" } },
	{ "D", "new@x.org", "", 1, { "created", "group: the service refuses groups as deep as A/New []" } },
	{ "", "left@x.org", "", 1, { "no user", "nothing: is inactive in the prepared file, and nobody inactive is created" } },
	{ "", "renamed@x.org", "r", 1,
	  { "#12", "by external id", "kept: the e-mail stays old@x.org, the prepared file has renamed@x.org [EMAIL]" } },
	{ "e", "renamed@x.org", "r", 1, { "user.email old@x.org>renamed@x.org: was found by external id" } },
	{ "", "first@x.org", "", 1, { "#13", "by additional e-mail" } },
	{ "", "id-of-a-group@x.org", "", 1, { "#101", "disabled: not in the file" } },
};

static void policy_of(struct plan_policy *y, const char *letters)
{
	memset(y, 0, sizeof(*y));
	snprintf(y->root, sizeof(y->root), "100");
	y->sync_address = 1;
	y->ignored = " 7, 99";
	y->protect = "prot@x.org";
	y->settings = names;
	y->create_groups = strchr(letters, 'g') == NULL;
	y->create_users = strchr(letters, 'c') == NULL;
	y->move_users = strchr(letters, 'm') == NULL;
	y->change_roles = strchr(letters, 'r') == NULL;
	y->disable_users = strchr(letters, 'd') == NULL;
	y->sync_external_id = strchr(letters, 'x') == NULL;
	y->spare_manual = strchr(letters, 'h') != NULL;
	y->email_by_external_id = strchr(letters, 'e') != NULL;
	y->max_levels = strchr(letters, 'D') != NULL ? 2 : 4;
	y->remove_empty_groups = 1;
	if (strchr(letters, 'l') != NULL)
		snprintf(y->leavers, sizeof(y->leavers), "102");
}

static int fill(struct plan *p, const struct plan_policy *y, struct error *e)
{
	struct plan_wanted *w;
	uint64_t count;
	int64_t n;
	size_t i;

	if (plan_add_group(p, STR("100"), STR(""), STR("Co"), e) < 0 ||
	    plan_add_group(p, STR("101"), STR("100"), STR("A"), e) < 0 ||
	    plan_add_group(p, STR("102"), STR("100"), STR("Leavers"), e) < 0 || plan_ignore(p, STR("11"), e) < 0)
		return -1;
	for (i = 0; i < sizeof(users) / sizeof(users[0]); i++) {
		struct actual_user u = { str_from(users[i].id), str_from(users[i].email), str_from(users[i].email),
					 str_from(users[i].group) };
		struct actual_details d = { str_from(users[i].address), str_from(users[i].ext),
					    strchr(users[i].flags, 'm') != NULL, strchr(users[i].flags, 'd') != NULL };

		if (plan_add_user(p, &u, &n, e) < 0 || plan_set_details(p, n, &d, e) < 0 ||
		    plan_set_role(p, u.id, u.group, str_from(users[i].role), e) < 0)
			return -1;
	}
	w = plan_wanted_begin(p, e);
	for (i = 0; w != NULL && i < sizeof(wanted) - 1; i++)
		if (plan_wanted_feed(w, wanted + i, 1, e) < 0)
			break;
	i = w == NULL || plan_wanted_end(w, &count, e) < 0 || !CHECK_INT(count, 10);
	plan_wanted_free(w);
	return i != 0 || plan_diff(p, y, e) < 0 ? -1 : 0;
}

static int put_case(void *cookie, const struct plan_case *c, struct error *e)
{
	struct buf *out = cookie;
	int i, j;

	(void)e;
	if (c->exists)
		buf_printf(out, "#%.*s Co/%.*s? by %.*s\n", STR_ARG(c->id), STR_ARG(c->group), STR_ARG(c->found_by));
	else
		buf_puts(out, "no user\n");
	for (i = 0; i < c->note_count; i++)
		buf_printf(out, "%s: %.*s [%s]\n", c->notes[i].verdict, STR_ARG(c->notes[i].why), c->notes[i].setting);
	for (i = 0; i < c->subject_count; i++)
		for (j = 0; j < c->op_count[i]; j++) {
			const struct op *op = &c->ops[i][j];
			struct str why = plan_why(&c->subjects[i], op);

			buf_printf(out, "%s %.*s>%.*s: %.*s\n", op_table[op->kind].name, STR_ARG(op->before), STR_ARG(op->after),
				   STR_ARG(why));
		}
	return 0;
}

static void test_cases(void)
{
	struct plan_policy y;
	struct error e;
	struct buf out;
	size_t i, j;
	int count;

	buf_init(&out, 100000);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct row *r = &rows[i];
		struct plan *p = plan_new(&e);

		error_init(&e);
		check_row(r->email);
		buf_reset(&out);
		policy_of(&y, r->policy);
		if (CHECK(p != NULL) && CHECK_INT(fill(p, &y, &e), 0))
			CHECK_INT(plan_explain(p, &y, str_from(r->email), str_from(r->ext), put_case, &out, &count, &e), 0);
		CHECK_STR(e.text, "");
		CHECK_INT(count, r->count);
		for (j = 0; j < 5 && r->words[j] != NULL; j++)
			if (!CHECK(strstr(buf_text(&out), r->words[j]) != NULL))
				CHECK_STR(buf_text(&out), r->words[j]);
		plan_free(p);
	}
	buf_release(&out);
}

static int hold_all(struct plan *p, struct error *e)
{
	struct plan_cursor *c = plan_walk(p, PART_USER_DISABLE, e);
	struct plan_subject s;
	struct arena a;
	int got = -1;

	arena_init(&a, 100000);
	while (c != NULL && (got = plan_next(c, &s, &a, e)) == 1 && got >= 0)
		got = plan_set_state(p, &s, PLAN_HELD, e);
	plan_walk_end(c);
	arena_release(&a);
	return got;
}

/* What a limit keeps back is said to be held. */
static void test_held(void)
{
	struct plan_policy y;
	struct error e;
	struct buf out;
	struct plan *p = plan_new(&e);
	int count;

	buf_init(&out, 10000);
	policy_of(&y, "");
	if (CHECK(p != NULL) && CHECK_INT(fill(p, &y, &e), 0) && CHECK_INT(hold_all(p, &e), 0))
		CHECK_INT(plan_explain(p, &y, STR("gone@x.org"), STR(""), put_case, &out, &count, &e), 0);
	CHECK(strstr(buf_text(&out), "held: a limit is exceeded") != NULL);
	plan_free(p);
	buf_release(&out);
}

CHECK_SUITE(plan_explain, CHECK_TEST(cases), CHECK_TEST(held));
