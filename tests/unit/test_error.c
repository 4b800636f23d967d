#include <string.h>
#include "base/error.h"
#include "check.h"

static void test_set_and_add(void)
{
	struct error e;

	error_init(&e);
	CHECK_INT(e.kind, ERROR_NONE);
	CHECK_STR(e.text, "");
	CHECK_INT(error_set(&e, ERROR_DENIED, "bind as %s failed", "anna"), -1);
	CHECK_STR(e.text, "bind as anna failed");
	CHECK_INT(error_add(&e, "server %d", 2), -1);
	CHECK_STR(e.text, "server 2: bind as anna failed");
	CHECK_INT(e.kind, ERROR_DENIED);
	error_set(&e, ERROR_FAILED, "%s again", e.text);
	CHECK_STR(e.text, "server 2: bind as anna failed again");
	CHECK_INT(error_set(NULL, ERROR_FAILED, "nobody listens"), -1);
	CHECK_INT(error_add(NULL, "nobody listens"), -1);
}

static void test_long_text(void)
{
	char longer[ERROR_TEXT_MAX + 100];
	struct error e;
	size_t i;

	/* two-byte characters, so that the cut falls inside one */
	for (i = 0; i + 2 < sizeof longer; i += 2)
		memcpy(longer + i, "\xc3\xa4", 2);
	longer[i] = '\0';
	error_set(&e, ERROR_FAILED, "%s", longer);
	CHECK_INT(strlen(e.text), ERROR_TEXT_MAX - 2);
	CHECK_INT((unsigned char)e.text[ERROR_TEXT_MAX - 3], 0xa4);
	error_add(&e, "x");
	CHECK(strncmp(e.text, "x: \xc3\xa4", 5) == 0);
	CHECK(strlen(e.text) < ERROR_TEXT_MAX);
	error_add(&e, "%s", longer);
	CHECK(strlen(e.text) < ERROR_TEXT_MAX);
}

static void test_exit_codes(void)
{
	static const struct { enum error_kind kind; int code; } rows[] = {
		{ ERROR_NONE, 0 }, { ERROR_FAILED, 1 }, { ERROR_USAGE, 2 }, { ERROR_PARTIAL, 3 },
		{ ERROR_LIMIT, 4 }, { ERROR_LOCKED, 5 }, { ERROR_UPSTREAM, 6 }, { ERROR_DENIED, 7 },
		{ ERROR_MEMORY, 1 }, { ERROR_CANCELLED, 1 }, { ERROR_PENDING, 10 },
	};
	size_t i;

	for (i = 0; i < sizeof rows / sizeof rows[0]; i++)
		CHECK_INT(error_exit_code(rows[i].kind), rows[i].code);
}

CHECK_SUITE(error, CHECK_TEST(set_and_add), CHECK_TEST(long_text), CHECK_TEST(exit_codes));
