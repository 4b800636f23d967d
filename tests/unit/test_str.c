#include "base/str.h"
#include "check.h"

static void test_compare(void)
{
	CHECK(str_eq(STR("a\0b"), STR("a\0b")));
	CHECK(!str_eq(STR("a\0b"), STR("a\0c")));
	CHECK(str_eq(str_from(NULL), STR("")));
	CHECK(str_eqz(STR("name"), "name"));
	CHECK(str_case_eq(STR("LDAP://x"), STR("ldap://X")));
	CHECK(!str_case_eq(STR("\xc3\x84"), STR("\xc3\xa4")));
	CHECK(str_case_eqz(STR("True"), "true"));
	CHECK(str_cmp(STR("a"), STR("b")) < 0);
	CHECK(str_cmp(STR("ab"), STR("a")) > 0);
	CHECK(str_cmp(STR("z"), STR("\xc3\xa4")) < 0);
	CHECK_INT(str_cmp(STR("a"), STR("a")), 0);
	CHECK(str_starts(STR("abc"), STR("ab")) && str_starts(STR("abc"), STR("")));
	CHECK(!str_starts(STR("a"), STR("ab")));
	CHECK(str_ends(STR("abc"), STR("bc")) && !str_ends(STR("c"), STR("bc")));
}

static void test_find(void)
{
	struct str s = STR("one,two,one");

	CHECK_INT(str_find_char(s, 0, ','), 3);
	CHECK_INT(str_find_char(s, 4, ','), 7);
	CHECK_INT(str_find_char(s, 8, ','), s.len);
	CHECK_INT(str_find_char(s, 99, ','), s.len);
	CHECK_INT(str_find(s, 0, STR("one")), 0);
	CHECK_INT(str_find(s, 1, STR("one")), 8);
	CHECK_INT(str_find(s, 9, STR("one")), s.len);
	CHECK_INT(str_find(s, 0, STR("")), 0);
	CHECK_INT(str_find(STR("aab"), 0, STR("ab")), 1);
	CHECK(str_eqz(str_sub(s, 4, 3), "two"));
	CHECK(str_eqz(str_sub(s, 8, 99), "one"));
	CHECK(str_eqz(str_sub(s, 99, 1), ""));
	CHECK(str_eqz(str_trim(STR(" \t\r\nx y\v\f ")), "x y"));
	CHECK(str_eqz(str_trim(STR("  ")), ""));
}

static void test_next(void)
{
	static const struct { const char *text; int parts; const char *last; } rows[] = {
		{ "", 1, "" }, { "a", 1, "a" }, { "a,b", 2, "b" }, { "a,", 2, "" }, { ",", 2, "" },
		{ ",,x", 3, "x" },
	};
	size_t i;

	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct str rest = str_from(rows[i].text), part = STR("none");
		int n = 0;

		check_row(rows[i].text);
		while (str_next(&rest, ',', &part))
			n++;
		CHECK_INT(n, rows[i].parts);
		CHECK(str_eqz(part, rows[i].last));
	}
}

static void test_numbers(void)
{
	static const struct { const char *text; int ok; int64_t value; } rows[] = {
		{ "0", 1, 0 }, { "007", 1, 7 }, { "9223372036854775807", 1, INT64_MAX },
		{ "9223372036854775808", 0, 0 }, { "-9223372036854775808", 1, INT64_MIN },
		{ "-9223372036854775809", 0, 0 }, { "-0", 1, 0 }, { "-5", 1, -5 }, { "", 0, 0 },
		{ "-", 0, 0 }, { "+1", 0, 0 }, { " 1", 0, 0 }, { "1x", 0, 0 }, { "--1", 0, 0 },
		{ "99999999999999999999999", 0, 0 },
	};
	uint64_t u = 0;
	size_t i;

	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		int64_t n = 0;

		check_row(rows[i].text);
		CHECK_INT(str_to_i64(str_from(rows[i].text), &n), rows[i].ok ? 0 : -1);
		CHECK_INT(n, rows[i].value);
	}
	CHECK_INT(str_to_u64(STR("18446744073709551615"), &u), 0);
	CHECK(u == UINT64_MAX);
	CHECK_INT(str_to_u64(STR("18446744073709551616"), &u), -1);
	CHECK_INT(str_to_u64(STR("-1"), &u), -1);
}

static void test_nearest(void)
{
	static const char *const names[] = { "fetch", "prepare", "sync", "LDAP_HOST", "LDAP_PORT" };
	static const struct { const char *text, *want; } rows[] = {
		{ "fecth", "fetch" }, { "snyc", "sync" }, { "prepar", "prepare" },
		{ "ldap_host", "LDAP_HOST" }, { "LDAP_HOTS", "LDAP_HOST" }, { "LDAP_PROT", "LDAP_PORT" },
		{ "zebra", NULL }, { "", NULL }, { "x", NULL },
		{ "a name that is so much longer than any of the names that we have in our table", NULL },
	};
	size_t i;

	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		check_row(rows[i].text);
		CHECK_STR(str_nearest(str_from(rows[i].text), names, 5), rows[i].want);
	}
}

CHECK_SUITE(str, CHECK_TEST(compare), CHECK_TEST(find), CHECK_TEST(next), CHECK_TEST(numbers),
	    CHECK_TEST(nearest));
