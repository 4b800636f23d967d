#include "base/hash.h"

struct state { uint64_t v0, v1, v2, v3; };

static uint64_t rotate(uint64_t x, int n)
{
	return x << n | x >> (64 - n);
}

static void mix(struct state *s, int rounds)
{
	while (rounds-- > 0) {
		s->v0 += s->v1;
		s->v1 = rotate(s->v1, 13) ^ s->v0;
		s->v0 = rotate(s->v0, 32);
		s->v2 += s->v3;
		s->v3 = rotate(s->v3, 16) ^ s->v2;
		s->v0 += s->v3;
		s->v3 = rotate(s->v3, 21) ^ s->v0;
		s->v2 += s->v1;
		s->v1 = rotate(s->v1, 17) ^ s->v2;
		s->v2 = rotate(s->v2, 32);
	}
}

/* Up to eight bytes as a number, the first one lowest. */
static uint64_t word_at(const char *p, size_t n)
{
	uint64_t w = 0;

	while (n-- > 0)
		w = w << 8 | (unsigned char)p[n];
	return w;
}

static void absorb(struct state *s, uint64_t word)
{
	s->v3 ^= word;
	mix(s, 2);
	s->v0 ^= word;
}

struct hash hash_bytes(const struct hash_seed *seed, struct str bytes)
{
	struct state s;
	struct hash h;
	size_t i;

	if (bytes.len == 0)
		bytes.ptr = "";
	s.v0 = seed->a ^ UINT64_C(0x736f6d6570736575);
	s.v1 = seed->b ^ UINT64_C(0x646f72616e646f6d) ^ 0xee;	/* 0xee: the form with 128 bits */
	s.v2 = seed->a ^ UINT64_C(0x6c7967656e657261);
	s.v3 = seed->b ^ UINT64_C(0x7465646279746573);
	for (i = 0; bytes.len - i >= 8; i += 8)
		absorb(&s, word_at(bytes.ptr + i, 8));
	absorb(&s, word_at(bytes.ptr + i, bytes.len - i) | (uint64_t)(bytes.len & 0xff) << 56);
	s.v2 ^= 0xee;
	mix(&s, 4);
	h.a = s.v0 ^ s.v1 ^ s.v2 ^ s.v3;
	s.v1 ^= 0xdd;
	mix(&s, 4);
	h.b = s.v0 ^ s.v1 ^ s.v2 ^ s.v3;
	return h;
}
