#include <string.h>
#include "base/str.h"

#define NEAREST_MAX 64	/* names longer than this have no near one */

struct str str_of(const char *ptr, size_t len)
{
	struct str s;

	s.ptr = ptr;
	s.len = len;
	return s;
}

struct str str_from(const char *text)
{
	return str_of(text, text ? strlen(text) : 0);
}

int str_eq(struct str a, struct str b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

int str_eqz(struct str a, const char *b)
{
	return str_eq(a, str_from(b));
}

static unsigned char ascii_lower(char c)
{
	return (unsigned char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

int str_case_eq(struct str a, struct str b)
{
	size_t i;

	if (a.len != b.len)
		return 0;
	for (i = 0; i < a.len; i++)
		if (ascii_lower(a.ptr[i]) != ascii_lower(b.ptr[i]))
			return 0;
	return 1;
}

int str_case_eqz(struct str a, const char *b)
{
	return str_case_eq(a, str_from(b));
}

int str_cmp(struct str a, struct str b)
{
	size_t n = a.len < b.len ? a.len : b.len;
	int order = n > 0 ? memcmp(a.ptr, b.ptr, n) : 0;

	return order != 0 ? order : (a.len > b.len) - (a.len < b.len);
}

int str_starts(struct str s, struct str prefix)
{
	return s.len >= prefix.len && str_eq(str_of(s.ptr, prefix.len), prefix);
}

int str_ends(struct str s, struct str suffix)
{
	return s.len >= suffix.len && str_eq(str_sub(s, s.len - suffix.len, suffix.len), suffix);
}

size_t str_find_char(struct str s, size_t from, char c)
{
	const char *found;

	if (from >= s.len)
		return s.len;
	found = memchr(s.ptr + from, (unsigned char)c, s.len - from);
	return found ? (size_t)(found - s.ptr) : s.len;
}

size_t str_find(struct str s, size_t from, struct str needle)
{
	if (needle.len == 0)
		return from < s.len ? from : s.len;
	for (; from < s.len; from++) {
		from = str_find_char(s, from, needle.ptr[0]);
		if (s.len - from < needle.len)
			break;
		if (memcmp(s.ptr + from, needle.ptr, needle.len) == 0)
			return from;
	}
	return s.len;
}

struct str str_sub(struct str s, size_t from, size_t len)
{
	if (from > s.len)
		from = s.len;
	if (len > s.len - from)
		len = s.len - from;
	return str_of(s.ptr ? s.ptr + from : NULL, len);
}

static int ascii_blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

struct str str_trim(struct str s)
{
	while (s.len > 0 && ascii_blank(s.ptr[0])) {
		s.ptr++;
		s.len--;
	}
	while (s.len > 0 && ascii_blank(s.ptr[s.len - 1]))
		s.len--;
	return s;
}

int str_next(struct str *rest, char sep, struct str *part)
{
	size_t at;

	if (!rest->ptr)
		return 0;
	at = str_find_char(*rest, 0, sep);
	*part = str_of(rest->ptr, at);
	/* ptr NULL marks the end, so that "a," still has its empty last part */
	*rest = at < rest->len ? str_of(rest->ptr + at + 1, rest->len - at - 1) : str_of(NULL, 0);
	return 1;
}

int str_to_u64(struct str s, uint64_t *value)
{
	uint64_t n = 0;
	size_t i;

	if (s.len == 0)
		return -1;
	for (i = 0; i < s.len; i++) {
		unsigned digit = (unsigned)(s.ptr[i] - '0');

		if (s.ptr[i] < '0' || s.ptr[i] > '9' || n > (UINT64_MAX - digit) / 10)
			return -1;
		n = n * 10 + digit;
	}
	*value = n;
	return 0;
}

int str_to_i64(struct str s, int64_t *value)
{
	int minus = s.len > 0 && s.ptr[0] == '-';
	uint64_t n;

	if (str_to_u64(minus ? str_sub(s, 1, s.len) : s, &n) != 0 ||
	    n > (uint64_t)INT64_MAX + (unsigned)minus)
		return -1;
	if (!minus)
		*value = (int64_t)n;
	else
		*value = n == 0 ? 0 : -(int64_t)(n - 1) - 1;
	return 0;
}

/* Edit distance (insert, delete, replace, swap neighbours) without regard to ASCII case; both at most
 * NEAREST_MAX. */
static size_t edit_distance(struct str a, struct str b)
{
	size_t row[3][NEAREST_MAX + 1], i, j;

	memset(row, 0, sizeof row);
	for (j = 0; j <= b.len; j++)
		row[0][j] = j;
	for (i = 1; i <= a.len; i++) {
		size_t *now = row[i % 3], *last = row[(i + 2) % 3], *before = row[(i + 1) % 3];

		now[0] = i;
		for (j = 1; j <= b.len; j++) {
			int same = ascii_lower(a.ptr[i - 1]) == ascii_lower(b.ptr[j - 1]);
			size_t best = last[j - 1] + (same ? 0 : 1);

			if (last[j] + 1 < best)
				best = last[j] + 1;
			if (now[j - 1] + 1 < best)
				best = now[j - 1] + 1;
			if (i > 1 && j > 1 && ascii_lower(a.ptr[i - 1]) == ascii_lower(b.ptr[j - 2]) &&
			    ascii_lower(a.ptr[i - 2]) == ascii_lower(b.ptr[j - 1]) &&
			    before[j - 2] + 1 < best)
				best = before[j - 2] + 1;
			now[j] = best;
		}
	}
	return row[a.len % 3][b.len];
}

const char *str_nearest(struct str s, const char *const *candidates, size_t n)
{
	size_t near = s.len < 4 ? 1 : s.len < 9 ? 2 : 3, i;
	const char *best = NULL;

	if (s.len == 0 || s.len > NEAREST_MAX)
		return NULL;
	for (i = 0; i < n; i++) {
		struct str c = str_from(candidates[i]);
		size_t distance;

		if (c.len > NEAREST_MAX)
			continue;
		distance = edit_distance(s, c);
		if (distance <= near && distance < c.len) {
			best = candidates[i];
			near = distance > 0 ? distance - 1 : 0;
			if (distance == 0)
				break;
		}
	}
	return best;
}
