#include "base/buf.h"
#include "base/version.h"
#include "check.h"
#include "pcre2.h"
#include "sqlite3.h"

static void test_packages(void)
{
	struct buf text;

	buf_init(&text, 100);
	buf_printf(&text, "%d.%d", PCRE2_MAJOR, PCRE2_MINOR);
	CHECK_STR(buf_text(&text), PCRE2_RELEASE);
	CHECK_STR(SQLITE_VERSION, SQLITE_RELEASE);
	buf_release(&text);
}

CHECK_SUITE(version, CHECK_TEST(packages));
