#include <string.h>
#include "base/limits.h"
#include "base/regex.h"
#include "base/unicode.h"
#include "base/unicode_names.h"
#include "check.h"

/* What re.sub(pattern, replacement, text) gives in Python 3.11. */
static void test_replace(void)
{
	static const char *const rows[][4] = {
		{ "x*", "-", "abxd", "-a-b--d-" }, { "(?=b)", "!", "abb", "a!b!b" },
		{ "b|", "-", "abc", "-a--c-" },
		{ "$", "!", "a\n", "a!\n!" }, { "\\Z", "!", "a\n", "a\n!" },
		{ "(?m)^", ">", "a\nb\n", ">a\n>b\n>" },
		{ "(?m)$", "<", "a\nb\n", "a<\nb<\n<" }, { ".", "x", "a\r\n\xe2\x80\xa8""b", "xx\nxx" },
		{ "(?s).", "x", "a\n", "xx" },
		{ "(?i)skala", "B", "SKALA \xc5\xbfkala S\xe2\x84\xaa""ala", "B B B" },
		{ "(?i)istanbul", "A", "\xc4\xb0STANBUL \xc4\xb1stanbul Istanbul", "A A A" },
		{ "(?i)stra\xc3\x9f""e", "D", "STRASSE STRA\xe1\xba\x9e""E", "STRASSE D" },
		{ "(?i)[k]+", "-", "kK\xe2\x84\xaa", "-" },
		{ "(?ai)k", "-", "kK\xe2\x84\xaa", "--\xe2\x84\xaa" },
		{ "\\w+", "W", "a_\xd9\xa3\xe2\x85\xa7\xcc\x81\xe2\x82\xac", "W\xcc\x81\xe2\x82\xac" },
		{ "\\s", "_", "\x1c\xc2\xa0\xe3\x80\x80\xe2\x80\x8b", "___\xe2\x80\x8b" },
		{ "(?a)\\w+", "W", "a\xc5\x82", "W\xc5\x82" }, { "\\W", "-", "a b", "a-b" },
		{ "[^\\W\\d]", "-", "a1 b", "-1 -" }, { "[\\W1]", "-", "a1 b", "a--b" },
		{ "[]\\[()]", "*", "[a](b)", "*a**b*" }, { "[a-c^-]", "=", "a^-d", "===d" },
		{ "\\b", "|", "ab c\xcc\x81", "|ab| |c|\xcc\x81" }, { "\\B", "|", "ab", "a|b" },
		{ "\\B", "|", "", "" },
		{ "a{,2}", "-", "aaab", "---b-" }, { "a{x}", "-", "a{x}", "-" }, { "x{}", "-", "x{}", "-" },
		{ "(?P<n>a)(?P=n)", "\\g<n>\\1\\g<0>", "aa", "aaaa" }, { "(a)|b", "<\\1>", "ab", "<a><>" },
		{ "(?(1)a|b)(c)?", "-", "abc", "a-" }, { "(?<=ab)c", "-", "abc", "ab-" },
		{ "(?>a+)b", "-", "aab", "-" },
		{ "a++b", "-", "aab", "-" }, { "(?x) a # b\n c", "-", "ac", "-" },
		{ "a(?#x){2}", "-", "aaa", "-a" },
		{ "(?i:A)B", "-", "aB AB ab", "- - ab" }, { "(?i)A(?-i:B)", "-", "aB ab", "- ab" },
		{ "\\x41\\u0142\\U00000142\\101\\0", "-", "A\xc5\x82\xc5\x82""A", "A\xc5\x82\xc5\x82""A" },
		{ "\\N{latin small letter o with acute}", "o", "\xc3\xb3", "o" },
		{ "a", "\\n\\t\\\\\\101\\07$1&\\/", "a", "\n\t\\A\a$1&\\/" }, { "(a)", "\\g<1>0", "a", "a0" },
		{ "(a)(b)(c)(d)(e)(f)(g)(h)(i)(j)(k)", "\\11\\10\\g<1>", "abcdefghijk", "kja" },
		{ "(?:|(?=_)a|){0}", "-", "ab", "-a-b-" }, { "(?:(a)|b)*", "-", "abc", "--c-" }
	};
	struct regex *r;
	struct error e;
	struct buf out;
	size_t i;

	buf_init(&out, 1000);
	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		check_row(rows[i][0]);
		error_init(&e);
		r = regex_new(str_from(rows[i][0]), &e);
		if (!CHECK(r != NULL))
			continue;
		buf_reset(&out);
		CHECK_INT(regex_set_replacement(r, str_from(rows[i][1]), &e), 0);
		CHECK(regex_replace(r, str_from(rows[i][2]), &out, &e) >= 0);
		CHECK_STR(buf_text(&out), rows[i][3]);
		regex_free(r);
	}
	buf_release(&out);
}

/* Patterns that Python refuses, and other engines may take. */
static void test_refused(void)
{
	static const char *const rows[] = {
		"(", ")", "a)", "[", "[]", "[a", "a**", "a{1}{1}", "*", "+a", "|*", "^*", "\\b+", "(?<=a*)",
		"(?<!a|bc)", "\\p{L}",
		"\\h", "\\Q", "\\z", "\\G", "\\K", "\\X", "\\1", "(\\1)", "(?P<n>a)(?P<n>b)", "(?P=n)",
		"(?P>n)", "(?<n>a)", "(?|a)",
		"(?R)", "(?1)", "(?&n)", "(*F)", "a(?i)", "(a(?i)b)", "(?L:a)", "(?-a:b)", "(?i-i:b)",
		"(?au)", "(?i", "(?", "(?P",
		"(?P<", "(?P<1>a)", "[b-a]", "[\\w-a]", "[a-\\d]", "[\\8]", "\\x4", "\\u123", "\\U00110000",
		"\\ud800", "\\400",
		"[\\777]", "\\N{NO SUCH NAME}", "\\N", "\\", "a{2,1}", "a{99999999999}", "(?(1)a)", "(?(n)a)",
		"(?(0)a)",
		"(a)(?(1)b|c|d)", "(?#", "(?<=(a)\\1)", "\xff", "(?^a)"
	};
	struct regex *r;
	struct error e;
	size_t i;

	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		check_row(rows[i]);
		error_init(&e);
		r = regex_new(str_from(rows[i]), &e);
		CHECK(r == NULL);
		CHECK_INT(e.kind, ERROR_USAGE);
		regex_free(r);
	}
}

static void test_refused_replacements(void)
{
	static const char *const rows[] = {
		"\\q", "\\2", "\\g<2>", "\\g<b>", "\\g<", "\\g<>", "\\g", "\\g<-1>", "\\400", "\\", "\\99",
		"\xc3"
	};
	struct error e;
	struct regex *r = regex_new(STR("(?P<a>x)"), &e);
	size_t i;

	for (i = 0; i < sizeof rows / sizeof rows[0] && CHECK(r != NULL); i++) {
		check_row(rows[i]);
		error_init(&e);
		CHECK_INT(regex_set_replacement(r, str_from(rows[i]), &e), -1);
		CHECK_INT(e.kind, ERROR_USAGE);
	}
	regex_free(r);
}

static void test_search(void)
{
	struct error e;
	struct regex *r = regex_new(STR("(?i)email=\"[^\"]*@contractor\\."), &e);

	if (!CHECK(r != NULL))
		return;
	CHECK_INT(regex_search(r, STR("department=\"X\" email=\"a@Contractor.example\""), &e), 1);
	CHECK_INT(regex_search(r, STR("email=\"a\" @contractor."), &e), 0);
	CHECK_INT(regex_search(r, str_of(NULL, 0), &e), 0);
	CHECK_INT(regex_search(r, STR("\xff"), &e), -1);
	regex_free(r);
}

/* A pattern that would run for years ends as an error (MAX_REGEX_STEPS, MAX_REGEX_HEAP). */
static void test_catastrophe(void)
{
	char text[60];
	struct error e;
	struct regex *r = regex_new(STR("(a|aa)+$|(?:a*)*b"), &e);

	memset(text, 'a', sizeof text);
	text[sizeof text - 1] = 'c';
	if (!CHECK(r != NULL))
		return;
	CHECK_INT(regex_search(r, str_of(text, sizeof text), &e), -1);
	CHECK_INT(e.kind, ERROR_FAILED);
	CHECK(strstr(e.text, "too many steps") != NULL);
	regex_free(r);
}

static struct regex *compile_repeated(const char *before, const char *one, int n, const char *after)
{
	struct regex *r;
	struct buf text;
	struct error e;

	buf_init(&text, 10 * MAX_REGEX);
	buf_puts(&text, before);
	while (n-- > 0)
		buf_puts(&text, one);
	buf_puts(&text, after);
	r = regex_new(buf_str(&text), &e);
	buf_release(&text);
	return r;
}

static void test_limits(void)
{
	struct regex *r[8];
	size_t i;

	r[0] = compile_repeated("", "(", MAX_REGEX_DEPTH, "a");
	CHECK(r[0] == NULL);
	r[1] = compile_repeated("", "()", MAX_REGEX_GROUPS, "");
	CHECK(r[1] != NULL);
	r[2] = compile_repeated("", "()", MAX_REGEX_GROUPS + 1, "");
	CHECK(r[2] == NULL);
	r[3] = compile_repeated("", "a", MAX_REGEX + 1, "");
	CHECK(r[3] == NULL);
	r[4] = compile_repeated("a{65535}", "", 0, "");		/* MAX_REGEX_REPEAT */
	CHECK(r[4] != NULL);
	r[5] = compile_repeated("a{65536}", "", 0, "");
	CHECK(r[5] == NULL);
	r[6] = compile_repeated("((((((((((", "", 0, "a))))))))))");
	CHECK(r[6] != NULL);
	r[7] = compile_repeated("(?i)", "[a-z\xc4\x80-\xef\xbf\xbd]", 20, "");
	CHECK(r[7] != NULL);
	for (i = 0; i < 8; i++)
		regex_free(r[i]);
}

static void test_names(void)
{
	CHECK_INT(unicode_by_name(STR("LATIN SMALL LETTER L WITH STROKE")), 0x142);
	CHECK_INT(unicode_by_name(STR("em dash")), 0x2014);
	CHECK_INT(unicode_by_name(STR("EM  DASH")), 0);
	CHECK_INT(unicode_by_name(STR("")), 0);
}

CHECK_SUITE(regex, CHECK_TEST(replace), CHECK_TEST(refused), CHECK_TEST(refused_replacements),
	    CHECK_TEST(search), CHECK_TEST(catastrophe), CHECK_TEST(limits), CHECK_TEST(names));
