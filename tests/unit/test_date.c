#include "base/date.h"
#include "check.h"

static void test_days(void)
{
	static const struct { int year, month, day; int64_t days; } rows[] = {
		{ 1970, 1, 1, 0 }, { 1969, 12, 31, -1 }, { 2000, 2, 29, 11016 }, { 2000, 3, 1, 11017 },
		{ 2024, 12, 31, 20088 }, { 1600, 1, 1, -135140 }, { 0, 3, 1, -719468 },
		{ 9999, 12, 31, 2932896 },
	};
	int64_t day;
	size_t i;
	int y, m, d;

	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		CHECK_INT(date_to_days(rows[i].year, rows[i].month, rows[i].day), rows[i].days);
		date_from_days(rows[i].days, &y, &m, &d);
		CHECK(y == rows[i].year && m == rows[i].month && d == rows[i].day);
	}
	for (day = -800000; day < 800000; day += 17) {
		date_from_days(day, &y, &m, &d);
		if (!CHECK_INT(date_to_days(y, m, d), day))
			break;
	}
}

static void test_parse(void)
{
	static const struct { const char *text; int ok; int64_t days; } rows[] = {
		{ "1970-01-02", 1, 1 }, { "2024-02-29", 1, 19782 }, { "2023-02-29", 0, 0 },
		{ "1900-02-29", 0, 0 }, { "2000-02-29", 1, 11016 }, { "2023-04-31", 0, 0 },
		{ "2023-13-01", 0, 0 }, { "2023-00-01", 0, 0 }, { "2023-01-00", 0, 0 }, { "2023-1-01", 0, 0 },
		{ "2023-01-01 ", 0, 0 }, { "2023/01/01", 0, 0 }, { "-023-01-01", 0, 0 },
		{ "2023-+1-01", 0, 0 }, { "", 0, 0 },
	};
	size_t i;

	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		int64_t days = 0;

		check_row(rows[i].text);
		CHECK_INT(date_parse(str_from(rows[i].text), &days), rows[i].ok ? 0 : -1);
		if (rows[i].ok)
			CHECK_INT(days, rows[i].days);
	}
}

static void test_stamps(void)
{
	char text[21];

	date_format_utc(text, 0);
	CHECK_STR(text, "1970-01-01T00:00:00Z");
	date_format_utc(text, -1);
	CHECK_STR(text, "1969-12-31T23:59:59Z");
	date_format_utc(text, 1769847300);
	CHECK_STR(text, "2026-01-31T08:15:00Z");
}

static void test_http(void)
{
	static const struct { const char *text; int ok; int64_t epoch; } rows[] = {
		{ "Sun, 06 Nov 1994 08:49:37 GMT", 1, 784111777 }, { "Thu, 01 Jan 1970 00:00:00 GMT", 1, 0 },
		{ "Sun, 06 Nov 1994 08:49:60 GMT", 1, 784111800 }, { "Sun, 06 Nov 1994 24:49:37 GMT", 0, 0 },
		{ "Sun, 31 Feb 1994 08:49:37 GMT", 0, 0 }, { "Sun, 06 Xxx 1994 08:49:37 GMT", 0, 0 },
		{ "Sun, 06 Nov 1994 08:49:37 UTC", 0, 0 }, { "Sun, 06 Nov 1994 08-49-37 GMT", 0, 0 },
		{ "Sunday, 06-Nov-94 08:49:37 GMT", 0, 0 }, { "", 0, 0 }, { "120", 0, 0 },
	};
	size_t i;

	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		int64_t epoch = 0;

		check_row(rows[i].text);
		CHECK_INT(date_parse_http(str_from(rows[i].text), &epoch), rows[i].ok ? 0 : -1);
		CHECK_INT(epoch, rows[i].epoch);
	}
}

CHECK_SUITE(date, CHECK_TEST(days), CHECK_TEST(parse), CHECK_TEST(stamps), CHECK_TEST(http));
