/*
 * Calendar dates and time stamps (ISO 8601 / RFC 3339), HTTP dates (RFC 9110, 5.6.7).
 */
#ifndef BASE_DATE_H
#define BASE_DATE_H

#include <stddef.h>
#include <stdint.h>
#include "base/str.h"

/* Days since 1970-01-01 of a proleptic Gregorian date, and back. */
int64_t date_to_days(int year, int month, int day);
void date_from_days(int64_t days, int *year, int *month, int *day);
/* "YYYY-MM-DD", real dates only. 0 or -1. */
int date_parse(struct str s, int64_t *days);
/* "2026-01-31T08:15:00Z" of epoch seconds. out has room for 21 bytes. */
void date_format_utc(char out[21], int64_t epoch);
/* Epoch seconds of an HTTP date (IMF-fixdate). 0 or -1. */
int date_parse_http(struct str s, int64_t *epoch);

#endif
