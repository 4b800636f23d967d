#include <stdio.h>
#include <string.h>
#include "base/date.h"

#define DAYS_PER_ERA 146097	/* 400 Gregorian years */
#define ERA_TO_EPOCH 719468	/* days from 0000-03-01 to 1970-01-01 */

/* Both count years from March, so that the leap day is the last of its year. */
int64_t date_to_days(int year, int month, int day)
{
	int64_t y = (int64_t)year - (month <= 2), era = (y >= 0 ? y : y - 399) / 400;
	int64_t of_era = y - era * 400;
	int64_t of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;

	return era * DAYS_PER_ERA + of_era * 365 + of_era / 4 - of_era / 100 + of_year - ERA_TO_EPOCH;
}

void date_from_days(int64_t days, int *year, int *month, int *day)
{
	int64_t z = days + ERA_TO_EPOCH, era = (z >= 0 ? z : z - (DAYS_PER_ERA - 1)) / DAYS_PER_ERA;
	int64_t in_era = z - era * DAYS_PER_ERA;
	int64_t y = (in_era - in_era / 1460 + in_era / 36524 - in_era / 146096) / 365;
	int64_t in_year = in_era - (365 * y + y / 4 - y / 100), m = (5 * in_year + 2) / 153;

	*day = (int)(in_year - (153 * m + 2) / 5 + 1);
	*month = (int)(m < 10 ? m + 3 : m - 9);
	*year = (int)(y + era * 400 + (*month <= 2));
}

/* n digits at the start of s; -1 when they are none. */
static int digits(struct str s, size_t from, size_t n)
{
	uint64_t value;

	if (s.len < from + n || str_to_u64(str_sub(s, from, n), &value) != 0)
		return -1;
	return (int)value;
}

/* 0 when it is a day of the calendar. */
static int real_date(int year, int month, int day, int64_t *days)
{
	int y, m, d;

	if (year < 0 || month < 1 || month > 12 || day < 1 || day > 31)
		return -1;
	*days = date_to_days(year, month, day);
	date_from_days(*days, &y, &m, &d);
	return y == year && m == month && d == day ? 0 : -1;
}

int date_parse(struct str s, int64_t *days)
{
	if (s.len != 10 || s.ptr[4] != '-' || s.ptr[7] != '-')
		return -1;
	return real_date(digits(s, 0, 4), digits(s, 5, 2), digits(s, 8, 2), days);
}

void date_format_utc(char out[21], int64_t epoch)
{
	int64_t days = (epoch >= 0 ? epoch : epoch - 86399) / 86400;
	int second = (int)(epoch - days * 86400), year, month, day;

	date_from_days(days, &year, &month, &day);
	snprintf(out, 21, "%04u-%02u-%02uT%02u:%02u:%02uZ", (unsigned)year % 10000, (unsigned)month % 100,
		 (unsigned)day % 100, (unsigned)second / 3600 % 24, (unsigned)second / 60 % 60,
		 (unsigned)second % 60);
}

int date_parse_http(struct str s, int64_t *epoch)
{
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	struct str month = str_sub(s, 8, 3);
	int64_t days;
	int hour, minute, second, m;

	/* "Sun, 06 Nov 1994 08:49:37 GMT" */
	if (s.len != 29 || !str_eqz(str_sub(s, 3, 2), ", ") || !str_eqz(str_sub(s, 25, 4), " GMT"))
		return -1;
	if (s.ptr[7] != ' ' || s.ptr[11] != ' ' || s.ptr[16] != ' ' || s.ptr[19] != ':' || s.ptr[22] != ':')
		return -1;
	for (m = 0; m < 12 && memcmp(month.ptr, months + 3 * m, 3) != 0; m++)
		;
	hour = digits(s, 17, 2);
	minute = digits(s, 20, 2);
	second = digits(s, 23, 2);
	if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 60)
		return -1;
	if (m == 12 || real_date(digits(s, 12, 4), m + 1, digits(s, 5, 2), &days) != 0)
		return -1;
	*epoch = days * 86400 + hour * 3600 + minute * 60 + second;
	return 0;
}
