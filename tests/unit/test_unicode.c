#include "base/unicode.h"
#include "check.h"

static void test_decode(void)
{
	static const struct { const char *bytes; size_t len; int32_t code; size_t used; } rows[] = {
		{ "a", 1, 'a', 1 }, { "\0", 1, 0, 1 }, { "\xc3\xa4", 2, 0xe4, 2 },
		{ "\xe2\x82\xac", 3, 0x20ac, 3 }, { "\xf0\x9f\x98\x80", 4, 0x1f600, 4 },
		{ "\xf4\x8f\xbf\xbf", 4, 0x10ffff, 4 }, { "\xf4\x90\x80\x80", 4, -1, 1 },
		{ "\xed\xa0\x80", 3, -1, 1 }, { "\xc0\x80", 2, -1, 1 }, { "\xc1\xbf", 2, -1, 1 },
		{ "\xe0\x9f\xbf", 3, -1, 1 }, { "\xf0\x8f\xbf\xbf", 4, -1, 1 }, { "\x80", 1, -1, 1 },
		{ "\xff", 1, -1, 1 }, { "\xc3", 1, -1, 1 }, { "\xe2\x82", 2, -1, 1 }, { "\xc3x", 2, -1, 1 },
	};
	char out[4];
	size_t i;

	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct str s = str_of(rows[i].bytes, rows[i].len);
		size_t pos = 0;

		CHECK_INT(utf8_next(s, &pos), rows[i].code);
		CHECK_INT(pos, rows[i].used);
		CHECK_INT(utf8_valid(s), rows[i].code >= 0);
		if (rows[i].code >= 0)
			CHECK_MEM(out, utf8_put(out, (uint32_t)rows[i].code), rows[i].bytes, rows[i].len);
	}
	CHECK_INT(utf8_length(STR("a\xc3\xa4\xff\xf0\x9f\x98\x80")), 4);
}

static void test_space(void)
{
	static const uint32_t yes[] = { 9, 0xd, 0x1c, 0x1f, 0x20, 0x85, 0xa0, 0x1680, 0x2000, 0x3000 };
	static const uint32_t no[] = { 0, 8, 0xe, 0x1b, 0x21, 0x180e, 0x200b, 0x3001, 0xfeff, 0x10ffff };
	size_t i;

	for (i = 0; i < sizeof yes / sizeof yes[0]; i++)
		CHECK(unicode_is_space(yes[i]));
	for (i = 0; i < sizeof no / sizeof no[0]; i++)
		CHECK(!unicode_is_space(no[i]));
	CHECK(str_eqz(unicode_trim(STR("\xc2\xa0\x1c x y \xe3\x80\x80\n")), "x y"));
	CHECK(str_eqz(unicode_trim(STR(" \xe2\x80\x8b ")), "\xe2\x80\x8b"));
	CHECK(str_eqz(unicode_trim(STR(" \xff ")), "\xff"));
	CHECK(str_eqz(unicode_trim(STR("\xe3\x80\x80\xa0")), "\xa0"));
	CHECK(str_eqz(unicode_trim(STR(" \t ")), ""));
}

static void test_case(void)
{
	typedef void convert_fn(struct buf *, struct str);
	static const struct { convert_fn *fn; const char *in, *out; } rows[] = {
		{ unicode_lower, "ANNA@Example.ORG 1", "anna@example.org 1" },
		{ unicode_lower, "\xc3\x84\xc3\x96", "\xc3\xa4\xc3\xb6" },
		{ unicode_lower, "\xc4\xb0x", "i\xcc\x87x" },			/* dotted capital I */
		{ unicode_lower, "\xe2\x84\xaa", "k" },				/* Kelvin sign */
		{ unicode_lower, "\xce\x9f\xce\x94\xce\x9f\xce\xa3", "\xce\xbf\xce\xb4\xce\xbf\xcf\x82" },
		{ unicode_lower, "\xce\xa3", "\xcf\x83" },			/* alone: no final sigma */
		{ unicode_lower, "a\xce\xa3" "b", "a\xcf\x83" "b" },
		{ unicode_lower, "a\xce\xa3'", "a\xcf\x82'" },	/* apostrophes are passed over */
		{ unicode_lower, "a'\xce\xa3'b", "a'\xcf\x83'b" },
		{ unicode_lower, "a \xce\xa3", "a \xcf\x83" },
		{ unicode_lower, "A\xff\xed\xa0\x80Z", "a\xff\xed\xa0\x80z" },	/* malformed bytes stay */
		{ unicode_upper, "stra\xc3\x9f" "e \xef\xac\x83 \xc3\xbf", "STRASSE FFI \xc5\xb8" },
		{ unicode_casefold, "STRA\xc3\x9f" "E \xce\xa3\xcf\x82", "strasse \xcf\x83\xcf\x83" },
		{ unicode_casefold, "\xe1\xba\x9e\xc5\xbf", "sss" },
	};
	struct buf out;
	size_t i;

	buf_init(&out, 1000);
	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		check_row(rows[i].in);
		buf_reset(&out);
		rows[i].fn(&out, str_from(rows[i].in));
		CHECK_STR(buf_text(&out), rows[i].out);
	}
	buf_release(&out);
}

/* Sums over every code point, as Python 3.11 has them: any difference in a table shows. */
static void test_whole_tables(void)
{
	static const struct { void (*fn)(struct buf *, struct str); unsigned long sum; } rows[] = {
		{ unicode_lower, 3191290211u }, { unicode_upper, 3154669075u },
		{ unicode_casefold, 2582101459u },
	};
	unsigned long spaces = 0;
	struct buf out;
	uint32_t code;
	size_t i, n;

	buf_init(&out, 64);
	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		unsigned long sum = 0;

		for (code = 0; code < 0x110000; code++) {
			char bytes[4];

			if (code >= 0xd800 && code < 0xe000)
				continue;
			buf_reset(&out);
			rows[i].fn(&out, str_of(bytes, utf8_put(bytes, code)));
			for (n = 0; n < out.len; n++)
				sum = (sum * 31 + (unsigned char)out.data[n]) & 0xffffffff;
		}
		CHECK_INT(sum, rows[i].sum);
	}
	buf_release(&out);
	for (code = 0; code < 0x110000; code++)
		if (unicode_is_space(code))
			spaces += code;
	CHECK_INT(spaces, 141704);
}

CHECK_SUITE(unicode, CHECK_TEST(decode), CHECK_TEST(space), CHECK_TEST(case), CHECK_TEST(whole_tables));
