#include "check.h"

#include "base/hash.h"

/* The published vectors of SipHash-2-4 with 128 bits: key 00 01 ... 0f, input 00 01 ... of each length. */
static void test_vectors(void)
{
	static const struct hash_seed seed = { UINT64_C(0x0706050403020100), UINT64_C(0x0f0e0d0c0b0a0908) };
	static const struct { size_t len; uint64_t a, b; } rows[] = {
		{ 0, UINT64_C(0xe6a825ba047f81a3), UINT64_C(0x930255c71472f66d) },
		{ 1, UINT64_C(0x44af996bd8c187da), UINT64_C(0x45fc229b11597634) }
	};
	char input[64];
	size_t i;

	for (i = 0; i < sizeof(input); i++)
		input[i] = (char)i;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct hash h = hash_bytes(&seed, str_of(input, rows[i].len));

		CHECK(h.a == rows[i].a);
		CHECK(h.b == rows[i].b);
	}
}

static void test_differ(void)
{
	static const struct hash_seed one = { 1, 2 }, other = { 1, 3 };
	struct hash h = hash_bytes(&one, STR("abcdefgh")), again = hash_bytes(&one, STR("abcdefgh"));

	CHECK(h.a == again.a && h.b == again.b);
	CHECK(h.a != hash_bytes(&one, STR("abcdefgi")).a);
	CHECK(h.a != hash_bytes(&one, STR("abcdefg")).a);
	CHECK(h.a != hash_bytes(&one, str_of("abcdefgh\0", 9)).a);
	CHECK(h.a != hash_bytes(&other, STR("abcdefgh")).a);
	CHECK(hash_bytes(&one, STR("")).a == hash_bytes(&one, str_of(NULL, 0)).a);
}

CHECK_SUITE(hash, CHECK_TEST(vectors), CHECK_TEST(differ));
