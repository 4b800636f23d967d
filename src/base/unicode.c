#include <string.h>
#include "base/unicode.h"
#include "base/unicode_table.h"

#define COUNT(table) (sizeof(table) / sizeof(table)[0])
#define CAPITAL_SIGMA 0x3a3
#define SMALL_SIGMA 0x3c3
#define FINAL_SIGMA 0x3c2

struct mapping {
	const struct unicode_shift *shifts;
	size_t shift_count;
	const struct unicode_special *specials;
	size_t special_count;
};

static const struct mapping lower_mapping = { lower_shifts, COUNT(lower_shifts), lower_specials,
					      COUNT(lower_specials) };
static const struct mapping upper_mapping = { upper_shifts, COUNT(upper_shifts), upper_specials,
					      COUNT(upper_specials) };
static const struct mapping casefold_mapping = { casefold_shifts, COUNT(casefold_shifts), casefold_specials,
						 COUNT(casefold_specials) };

int32_t utf8_next(struct str s, size_t *pos)
{
	const unsigned char *p = (const unsigned char *)s.ptr + *pos;
	size_t left = s.len - *pos, n, i;
	uint32_t code, least;

	(*pos)++;
	if (p[0] < 0x80)
		return p[0];
	if (p[0] < 0xc2 || p[0] > 0xf4)
		return -1;
	n = p[0] < 0xe0 ? 1 : p[0] < 0xf0 ? 2 : 3;
	least = n == 1 ? 0x80 : n == 2 ? 0x800 : 0x10000;
	code = p[0] & (0x3fu >> n);
	if (left <= n)
		return -1;
	for (i = 1; i <= n; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return -1;
		code = code << 6 | (p[i] & 0x3fu);
	}
	if (code < least || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
		return -1;
	*pos += n;
	return (int32_t)code;
}

size_t utf8_put(char *out, uint32_t code)
{
	if (code < 0x80) {
		out[0] = (char)code;
		return 1;
	}
	if (code < 0x800) {
		out[0] = (char)(0xc0 | code >> 6);
		out[1] = (char)(0x80 | (code & 0x3f));
		return 2;
	}
	if (code < 0x10000) {
		out[0] = (char)(0xe0 | code >> 12);
		out[1] = (char)(0x80 | (code >> 6 & 0x3f));
		out[2] = (char)(0x80 | (code & 0x3f));
		return 3;
	}
	out[0] = (char)(0xf0 | code >> 18);
	out[1] = (char)(0x80 | (code >> 12 & 0x3f));
	out[2] = (char)(0x80 | (code >> 6 & 0x3f));
	out[3] = (char)(0x80 | (code & 0x3f));
	return 4;
}

int utf8_valid(struct str s)
{
	size_t pos = 0;

	while (pos < s.len)
		if (utf8_next(s, &pos) < 0)
			return 0;
	return 1;
}

size_t utf8_length(struct str s)
{
	size_t pos = 0, n = 0;

	for (; pos < s.len; n++)
		utf8_next(s, &pos);
	return n;
}

static int in_ranges(const struct unicode_range *table, size_t n, uint32_t code)
{
	size_t low = 0, high = n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (code > table[middle].last)
			low = middle + 1;
		else
			high = middle;
	}
	return low < n && code >= table[low].first;
}

int unicode_is_space(uint32_t code)
{
	return in_ranges(space_ranges, COUNT(space_ranges), code);
}

/* Steps *end back over one code point (or malformed byte) of s and returns it, or -1. *end must be > 0. */
static int32_t utf8_previous(struct str s, size_t *end)
{
	size_t back, pos;
	int32_t code;

	for (back = 1; back <= 4 && back <= *end; back++) {
		pos = *end - back;
		code = utf8_next(str_of(s.ptr, *end), &pos);
		if (code >= 0 && pos == *end) {
			*end -= back;
			return code;
		}
	}
	(*end)--;
	return -1;
}

struct str unicode_trim(struct str s)
{
	size_t start = 0, end = s.len, pos;
	int32_t code;

	for (pos = 0; pos < s.len; start = pos) {
		code = utf8_next(s, &pos);
		if (code < 0 || !unicode_is_space((uint32_t)code))
			break;
	}
	for (pos = end; pos > start; end = pos) {
		code = utf8_previous(s, &pos);
		if (code < 0 || !unicode_is_space((uint32_t)code))
			break;
	}
	return str_sub(s, start, end - start);
}

/* Writes what code maps to; returns how many code points. */
static size_t map_code(const struct mapping *m, uint32_t code, uint32_t out[3])
{
	size_t low = 0, high = m->shift_count, i;
	const struct unicode_shift *shift;

	for (i = 0; code >= 0x80 && i < m->special_count; i++) {
		if (m->specials[i].code != code)
			continue;
		memcpy(out, m->specials[i].to, sizeof m->specials[i].to);
		return out[2] ? 3 : 2;
	}
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (code > m->shifts[middle].last)
			low = middle + 1;
		else
			high = middle;
	}
	out[0] = code;
	shift = m->shifts + low;
	if (low < m->shift_count && code >= shift->first &&
	    (code - shift->first) % (uint32_t)shift->step == 0)
		out[0] = (uint32_t)((int32_t)code + shift->delta);
	return 1;
}

/* The first character that is not passed over, going back from (or on from) pos, has case. */
static int cased_neighbour(struct str s, size_t pos, int forward)
{
	int32_t code;

	while (forward ? pos < s.len : pos > 0) {
		code = forward ? utf8_next(s, &pos) : utf8_previous(s, &pos);
		if (code < 0)
			return 0;
		if (in_ranges(ignorable_ranges, COUNT(ignorable_ranges), (uint32_t)code))
			continue;
		return in_ranges(cased_ranges, COUNT(cased_ranges), (uint32_t)code);
	}
	return 0;
}

/* The sigma from start to end is the last letter of a word. */
static int is_final(struct str s, size_t start, size_t end)
{
	return cased_neighbour(s, start, 0) && !cased_neighbour(s, end, 1);
}

/* The ASCII characters that a text begins with, which most texts are made of. How many. */
static size_t convert_ascii(struct buf *out, struct str s, const struct mapping *m)
{
	char first = m == &upper_mapping ? 'a' : 'A', other = m == &upper_mapping ? 'A' : 'a', *to;
	size_t n = 0, i;

	while (n < s.len && (unsigned char)s.ptr[n] < 0x80)
		n++;
	to = n > 0 ? buf_room(out, n) : NULL;
	if (to == NULL)
		return n;
	for (i = 0; i < n; i++) {
		char c = s.ptr[i];

		to[i] = c >= first && c < first + 26 ? (char)(c - first + other) : c;
	}
	buf_grew(out, n);
	return n;
}

static void convert(struct buf *out, struct str s, const struct mapping *m)
{
	size_t pos = 0, start, n, i;
	uint32_t to[3];
	char bytes[4];
	int32_t code;

	while ((pos += convert_ascii(out, str_sub(s, pos, s.len), m)) < s.len) {
		start = pos;
		code = utf8_next(s, &pos);
		if (code < 0) {
			buf_putc(out, s.ptr[start]);
			continue;
		}
		n = map_code(m, (uint32_t)code, to);
		if (m == &lower_mapping && code == CAPITAL_SIGMA)
			to[0] = is_final(s, start, pos) ? FINAL_SIGMA : SMALL_SIGMA;
		for (i = 0; i < n; i++)
			buf_put(out, bytes, utf8_put(bytes, to[i]));
	}
}

void unicode_lower(struct buf *out, struct str s)
{
	convert(out, s, &lower_mapping);
}

void unicode_upper(struct buf *out, struct str s)
{
	convert(out, s, &upper_mapping);
}

void unicode_casefold(struct buf *out, struct str s)
{
	convert(out, s, &casefold_mapping);
}

void unicode_each_lower(void (*fn)(void *cookie, uint32_t code, uint32_t lower), void *cookie)
{
	uint32_t code;
	size_t i;

	for (i = 0; i < COUNT(lower_shifts); i++) {
		const struct unicode_shift *s = &lower_shifts[i];

		for (code = s->first; code <= s->last; code += (uint32_t)s->step)
			fn(cookie, code, (uint32_t)((int32_t)code + s->delta));
	}
	for (i = 0; i < COUNT(lower_specials); i++)
		fn(cookie, lower_specials[i].code, lower_specials[i].to[0]);
}
