#include <string.h>
#include "check.h"
#include "prepare/prepare_int.h"

#define TEXT(s, want) CHECK_MEM((s).ptr, (s).len, want, strlen(want))

static void test_name_clean(void)
{
	static const char *const rows[][2] = {
		{ "Ada Lovelace", "Ada Lovelace" }, { "  Ada  Lovelace\xc2\xa0", "Ada  Lovelace" },
		{ "A(d)a {L}_`o\xc2\xb4v", "Ada Lov" }, { "(_)", "" }, { "", "" },
		{ "\"O'Neil\" [x]", "\"O'Neil\" [x]" },
		{ "a: \"\",\n        b", "ab" }, { "(a): \"\",\n        : \"\",\n        ", "a" },
		{ "\xc2\xb5", "\xc2\xb5" }
	};
	struct arena a;
	size_t i;

	arena_init(&a, 10000);
	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		check_row(rows[i][0]);
		TEXT(name_clean(str_from(rows[i][0]), &a), rows[i][1]);
	}
	arena_release(&a);
}

/* Which of title in users, title in groups, id shown; the user's name and the name of the group. */
static void test_names(void)
{
	static const struct {
		int users, groups, ids;
		const char *name, *title, *id, *user, *group;
	} rows[] = {
		{ 0, 0, 0, "Jo Ray", "Lead", "7", "Jo Ray", "Jo Ray" },
		{ 0, 0, 1, "Jo Ray", "Lead", "7", "Jo Ray - 7", "Jo Ray - 7 - 7" },
		{ 1, 0, 0, "Jo Ray", "Lead", "7", "Lead [Jo Ray]", "Jo Ray" },
		{ 0, 1, 0, "Jo Ray", "Lead", "7", "Jo Ray", "Lead [Jo Ray]" },
		{ 0, 1, 1, "Jo Ray", "Lead", "7", "Jo Ray - 7", "Lead [Jo Ray - 7] - 7" },
		{ 1, 1, 1, "Jo Ray", "Lead", "7", "Lead [Jo Ray] - 7", "Lead [Lead [Jo Ray] - 7] - 7" },
		{ 1, 0, 1, "Jo Ray", "Lead", "7", "Lead [Jo Ray] - 7", "Lead [Jo Ray] - 7 - 7" },
		{ 1, 1, 0, "Jo Ray", "", "7", "Jo Ray", "Jo Ray" },
		{ 0, 0, 0, "Jo Ray [Ext]", "", "7", "Jo Ray [Ext]", "Ext" },
		{ 1, 0, 0, "Jo Ray [Ext]", "Lead", "7", "Lead [Jo Ray [Ext]]", "Ext]" },
		{ 0, 0, 0, "[Ext]", "", "7", "[Ext]", "[Ext]" },
		{ 0, 0, 0, "Jo []", "", "7", "Jo []", "" }
	};
	struct rules r;
	struct arena a;
	struct str user;
	size_t i;

	memset(&r, 0, sizeof r);
	arena_init(&a, 100000);
	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		check_row(rows[i].user);
		r.titles_in_users = rows[i].users;
		r.titles_in_groups = rows[i].groups;
		r.show_id = rows[i].ids;
		user = user_name(&r, str_from(rows[i].name), str_from(rows[i].title), str_from(rows[i].id),
				 &a);
		TEXT(user, rows[i].user);
		TEXT(group_name(&r, user, str_from(rows[i].title), str_from(rows[i].id), &a), rows[i].group);
	}
	arena_release(&a);
}

static void test_paths(void)
{
	static const struct { const char *path, *skip, *want; } rows[] = {
		{ " A / B ", "", "A/B" }, { "//A//", "", "A" }, { "\xe2\x80\x83""A/\x1c/B C", "", "A/B C" },
		{ "", "A", "" },
		{ "A", "A", "" }, { "A/B", "A", "B" }, { "AB", "A", "AB" }, { "a/B", "A", "a/B" },
		{ "A/A/B", "A", "A/B" }, { "A/B/C", "A, A/B", "B/C" }, { "A/B/C", " A/B ,A", "C" },
		{ "A/B", ",,B,", "A/B" }, { "A", "A/B", "A" }, { "\xe2\x80\x8b", "", "\xe2\x80\x8b" }
	};
	struct arena a;
	size_t i;

	arena_init(&a, 100000);
	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		check_row(rows[i].path);
		TEXT(path_skip(path_clean(str_from(rows[i].path), &a), str_from(rows[i].skip)), rows[i].want);
	}
	TEXT(path_last(STR("A/B/ C")), " C");
	TEXT(path_last(STR("A")), "A");
	TEXT(path_last(STR("A/")), "");
	arena_release(&a);
}

static void test_domain(void)
{
	static const char *const rows[][2] = {
		{ "a@b.example", "a@New.example" }, { "a", "a" }, { "a@b@c", "a@b@c" },
		{ "@", "@New.example" }, { "", "" }
	};
	struct rules r;
	struct arena a;
	size_t i;

	memset(&r, 0, sizeof r);
	arena_init(&a, 1000);
	buf_init(&r.domain, 100);
	TEXT(mail_replace_domain(&r, STR("a@b.example"), &a), "a@b.example");
	buf_puts(&r.domain, "@New.example");
	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		check_row(rows[i][0]);
		TEXT(mail_replace_domain(&r, str_from(rows[i][0]), &a), rows[i][1]);
	}
	buf_release(&r.domain);
	arena_release(&a);
}

static void test_roles(void)
{
	static const struct {
		enum prepare_mode mode;
		int by_is_supervisor, forced;
		unsigned bits;
		const char *want;
	} rows[] = {
		{ MODE_DEPARTMENT, 0, 0, 0, "user" },
		{ MODE_DEPARTMENT, 0, 0, 1 * BIT_ROLE, "administrator" },
		{ MODE_DEPARTMENT, 0, 0, 2 * BIT_ROLE, "supervisor" },
		{ MODE_DEPARTMENT, 0, 0, 3 * BIT_ROLE, "user" },
		{ MODE_DEPARTMENT, 0, 0, 5 * BIT_ROLE, "guest" },
		{ MODE_DEPARTMENT, 0, 0, BIT_MANAGER, "user" },
		{ MODE_SUPERVISOR, 0, 0, BIT_MANAGER, "supervisor" },
		{ MODE_HYBRID, 0, 0, BIT_MANAGER | 5 * BIT_ROLE, "guest" },
		{ MODE_HYBRID, 1, 0, BIT_MANAGER | 1 * BIT_ROLE, "user" },
		{ MODE_HYBRID, 1, 0, BIT_IS_SUPERVISOR, "supervisor" },
		{ MODE_HYBRID, 0, 1, BIT_MANAGER | 1 * BIT_ROLE, "user" },
		{ MODE_HYBRID, 1, 1, BIT_IS_SUPERVISOR, "user" },
		{ MODE_HYBRID, 0, 1, BIT_SUPERVISOR, "supervisor" },
		{ MODE_HYBRID, 0, 1, BIT_SUPERVISOR | BIT_ADMIN, "administrator" }
	};
	enum trace_point why;
	struct rules r;
	size_t i;

	memset(&r, 0, sizeof r);
	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		r.mode = rows[i].mode;
		r.by_is_supervisor = rows[i].by_is_supervisor;
		CHECK_STR(role_name(&r, rows[i].bits, rows[i].forced, &why), rows[i].want);
	}
}

CHECK_SUITE(prepare_names, CHECK_TEST(name_clean), CHECK_TEST(names), CHECK_TEST(paths), CHECK_TEST(domain),
	    CHECK_TEST(roles));
