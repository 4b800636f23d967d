/*
 * Unit tests: checks, tables of tests, and the runner in check.c.
 *
 * A file tests/unit/test_NAME.c holds functions and, at its end, their table:
 *
 *	static void test_append(void)
 *	{
 *		CHECK_INT(buf_append(&b, "x", 1), 0);
 *	}
 *
 *	CHECK_SUITE(NAME, CHECK_TEST(append), CHECK_TEST(cap));
 *
 * and is found without being listed anywhere. A test passes if none of its checks fails; a failed check
 * prints file, line and both values, and the test goes on. A file may include the .c file that it tests, to
 * get at what is static there; it then replaces that file in the test program as long as it has all of its
 * public functions.
 *
 * build/test_unit runs everything; with names of suites, or SUITE.TEST, only these; -v prints each name
 * before it runs.
 */
#ifndef CHECK_H
#define CHECK_H

#include <stddef.h>

struct check_test {
	const char *name;
	void (*run)(void);
};

struct check_suite {
	const char *name;
	const struct check_test *tests;	/* ends with a row without a name */
};

/* The one public name of a test file: its table of tests. Stands at the end of the file, with a semicolon. */
#define CHECK_SUITE(suite, ...) \
	static const struct check_test suite##_tests[] = { __VA_ARGS__, { NULL, NULL } }; \
	extern const struct check_suite suite_##suite; \
	const struct check_suite suite_##suite = { #suite, suite##_tests }

/* A row of that table: runs the function test_NAME. */
#define CHECK_TEST(name) { #name, test_##name }

/* Each check is 1 if it holds and 0 if not, so 'if (!CHECK(p != NULL)) return;' is possible. What the code
 * under test gave comes first, what it should have given second. Strings may be NULL. */
#define CHECK(cond) check_true(__FILE__, __LINE__, #cond, (cond) ? 1 : 0)
#define CHECK_INT(got, want) check_int(__FILE__, __LINE__, #got, (long long)(got), (long long)(want))
#define CHECK_STR(got, want) check_str(__FILE__, __LINE__, #got, got, want)
#define CHECK_MEM(got, got_len, want, want_len) \
	check_mem(__FILE__, __LINE__, #got, got, got_len, want, want_len)

/* Names the row of a table that is being tested, for the messages of the checks that follow in this test. The
 * text must live as long; NULL ends it. */
void check_row(const char *name);

/* The path of a scratch file for the running test, named after suite, test and NAME. The file is not made; it
 * may be there from an earlier run. The text lives until the next call. */
const char *check_file(const char *name);

/* What the macros above call. */
int check_true(const char *file, int line, const char *expr, int ok);
int check_int(const char *file, int line, const char *expr, long long got, long long want);
int check_str(const char *file, int line, const char *expr, const char *got, const char *want);
int check_mem(const char *file, int line, const char *expr, const void *got, size_t got_len, const void *want,
	size_t want_len);

#endif
