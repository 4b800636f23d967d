#include <string.h>
#include "base/regex_int.h"
#include "base/unicode.h"

#define SET_MEMORY (1024 * 1024)	/* bytes of ranges of one set */
#define ASCII_WORD "A-Za-z0-9_"
#define WORD "\\p{L}\\p{N}_"
#define ASCII_SPACE "\\x{9}-\\x{d}\\x{20}"
#define SPACE "\\x{9}-\\x{d}\\x{1c}-\\x{20}\\x{85}\\x{a0}\\x{1680}\\x{2000}-\\x{200a}\\x{2028}\\x{2029}" \
	"\\x{202f}\\x{205f}\\x{3000}"

/* Lower-case letters that have the same upper case and so are one letter when case is ignored. */
static const uint16_t same_upper[][3] = {
	{ 0x69, 0x131 }, { 0x73, 0x17f }, { 0xb5, 0x3bc }, { 0x345, 0x3b9, 0x1fbe }, { 0x390, 0x1fd3 },
	{ 0x3b0, 0x1fe3 }, { 0x3b2, 0x3d0 }, { 0x3b5, 0x3f5 }, { 0x3b8, 0x3d1 }, { 0x3ba, 0x3f0 },
	{ 0x3c0, 0x3d6 }, { 0x3c1, 0x3f1 }, { 0x3c2, 0x3c3 }, { 0x3c6, 0x3d5 }, { 0x432, 0x1c80 },
	{ 0x434, 0x1c81 }, { 0x43e, 0x1c82 }, { 0x441, 0x1c83 }, { 0x442, 0x1c84, 0x1c85 }, { 0x44a, 0x1c86 },
	{ 0x463, 0x1c87 }, { 0x1c88, 0xa64b }, { 0x1e61, 0x1e9b }, { 0xfb05, 0xfb06 }
};

struct range {
	uint32_t first, last;
};

void regex_set_init(struct regex_set *s)
{
	buf_init(&s->ranges, SET_MEMORY);
	s->classes = 0;
	s->negated = 0;
}

void regex_set_release(struct regex_set *s)
{
	buf_release(&s->ranges);
}

void regex_set_add(struct regex_set *s, uint32_t first, uint32_t last)
{
	struct range r;

	r.first = first;
	r.last = last;
	buf_put(&s->ranges, &r, sizeof r);
}

static struct range range_at(const struct regex_set *s, size_t i)
{
	struct range r;

	memcpy(&r, s->ranges.data + i * sizeof r, sizeof r);
	return r;
}

static size_t range_count(const struct regex_set *s)
{
	return s->ranges.len / sizeof(struct range);
}

static int has(const struct regex_set *s, uint32_t code)
{
	size_t i, n = range_count(s);

	for (i = 0; i < n; i++) {
		struct range r = range_at(s, i);

		if (code >= r.first && code <= r.last)
			return 1;
	}
	return 0;
}

/* ---- ignoring case ------------------------------------------------------------------------------------ */

static void add(struct regex_set *s, uint32_t code)
{
	if (!has(s, code))
		regex_set_add(s, code, code);
}

static void add_lower(void *set, uint32_t code, uint32_t lower)
{
	if (has(set, code))
		add(set, lower);
}

static void add_upper(void *set, uint32_t code, uint32_t lower)
{
	if (has(set, lower))
		add(set, code);
}

/* A character matches when its lower case is that of a member, or has the same upper case as that. */
static void close_over_case(struct regex_set *s, int ascii)
{
	uint32_t code;
	size_t i, j;

	if (ascii) {
		for (code = 'a'; code <= 'z'; code++) {
			if (has(s, code) || has(s, code - 'a' + 'A')) {
				add(s, code);
				add(s, code - 'a' + 'A');
			}
		}
		return;
	}
	unicode_each_lower(add_lower, s);
	for (i = 0; i < sizeof same_upper / sizeof same_upper[0]; i++) {
		int any = 0;

		for (j = 0; j < 3 && same_upper[i][j] != 0; j++)
			any |= has(s, same_upper[i][j]);
		for (j = 0; any && j < 3 && same_upper[i][j] != 0; j++)
			add(s, same_upper[i][j]);
	}
	unicode_each_lower(add_upper, s);
}

/* ---- writing ------------------------------------------------------------------------------------------ */

static void put_code(struct buf *out, uint32_t code)
{
	if ((code >= '0' && code <= '9') || (code >= 'A' && code <= 'Z') || (code >= 'a' && code <= 'z'))
		buf_putc(out, (int)code);
	else
		buf_printf(out, "\\x{%lx}", (unsigned long)code);
}

static void put_ranges(const struct regex_set *s, struct buf *out)
{
	size_t i, n = range_count(s);

	for (i = 0; i < n; i++) {
		struct range r = range_at(s, i);

		put_code(out, r.first);
		if (r.last > r.first) {
			buf_putc(out, '-');
			put_code(out, r.last);
		}
	}
}

/* What the set has without the classes that stand for "anything but". */
static void put_members(const struct regex_set *s, int ascii, struct buf *out)
{
	put_ranges(s, out);
	if (s->classes & CLASS_WORD)
		buf_puts(out, ascii ? ASCII_WORD : WORD);
	if (s->classes & CLASS_DIGIT)
		buf_puts(out, ascii ? "0-9" : "\\p{Nd}");
	if (s->classes & CLASS_SPACE)
		buf_puts(out, ascii ? ASCII_SPACE : SPACE);
}

/* The classes that stand for "anything but", as alternatives. */
static void put_others(unsigned classes, int ascii, const char *bar, struct buf *out)
{
	static const struct { unsigned which; const char *unicode, *ascii; } rows[] = {
		{ CLASS_NOT_WORD, "[^" WORD "]", "[^" ASCII_WORD "]" },
		{ CLASS_NOT_DIGIT, "\\P{Nd}", "[^0-9]" },
		{ CLASS_NOT_SPACE, "[^" SPACE "]", "[^" ASCII_SPACE "]" }
	};
	size_t i;

	for (i = 0; i < 3; i++) {
		if (!(classes & rows[i].which))
			continue;
		buf_puts(out, bar);
		buf_puts(out, ascii ? rows[i].ascii : rows[i].unicode);
		bar = "|";
	}
}

void regex_set_put(const struct regex_set *set, int flags, struct buf *out)
{
	unsigned others = set->classes & (CLASS_NOT_WORD | CLASS_NOT_DIGIT | CLASS_NOT_SPACE);
	int ascii = (flags & FLAG_A) != 0, members;
	struct regex_set closed;

	regex_set_init(&closed);
	buf_put_str(&closed.ranges, buf_str(&set->ranges));
	closed.classes = set->classes;
	if (flags & FLAG_I)
		close_over_case(&closed, ascii);
	members = closed.ranges.len > 0 || set->classes != others;
	out->failed |= closed.ranges.failed;
	if (others != 0)
		buf_puts(out, set->negated ? "(?:(?!" : "(?:");
	if (members)
		buf_puts(out, set->negated && others == 0 ? "[^" : "[");
	put_members(&closed, ascii, out);
	if (members)
		buf_putc(out, ']');
	put_others(others, ascii, members ? "|" : "", out);
	if (others != 0)
		buf_puts(out, set->negated ? ").)" : ")");
	regex_set_release(&closed);
}

void regex_char_put(uint32_t code, int flags, struct buf *out)
{
	struct regex_set s;

	if (!(flags & FLAG_I)) {
		put_code(out, code);
		return;
	}
	regex_set_init(&s);
	regex_set_add(&s, code, code);
	close_over_case(&s, (flags & FLAG_A) != 0);
	if (range_count(&s) == 1)
		put_code(out, code);
	else
		regex_set_put(&s, flags & FLAG_A, out);
	out->failed |= s.ranges.failed;
	regex_set_release(&s);
}
