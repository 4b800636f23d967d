#include <stdint.h>
#include <string.h>
#include "base/arena.h"
#include "check.h"

static void test_alloc(void)
{
	struct arena a;
	size_t i, j;

	arena_init(&a, 1 << 20);
	for (i = 1; i < 300; i++) {
		unsigned char *p = arena_alloc(&a, i);

		if (!CHECK(p != NULL))
			break;
		CHECK_INT((uintptr_t)p % sizeof(void *), 0);
		for (j = 0; j < i; j++)
			if (p[j] != 0)
				break;
		CHECK_INT(j, i);
		memset(p, 0xff, i);
	}
	arena_reset(&a);
	CHECK_INT(a.used, 0);
	CHECK_INT(*(unsigned char *)arena_alloc(&a, 1), 0);
	arena_release(&a);
	arena_release(&a);
}

static void test_cap(void)
{
	struct arena a;

	arena_init(&a, 100);
	CHECK(arena_alloc(&a, 60) != NULL);
	CHECK(arena_alloc(&a, 41) == NULL);
	CHECK(arena_alloc(&a, 40) != NULL);
	CHECK(arena_alloc(&a, 1) == NULL);
	arena_reset(&a);
	CHECK(arena_alloc(&a, 100) != NULL);
	arena_release(&a);
	arena_init(&a, SIZE_MAX);
	CHECK(arena_alloc(&a, SIZE_MAX) == NULL);
	CHECK(arena_array(&a, SIZE_MAX / 2, 4) == NULL);
	CHECK(arena_array(&a, 3, 0) != NULL);
	arena_release(&a);
}

static void test_large(void)
{
	struct arena a;
	char *small, *large, *next;

	/* a large piece does not waste what is left of the block in use */
	arena_init(&a, 1 << 24);
	small = arena_alloc(&a, 16);
	large = arena_alloc(&a, 1 << 20);
	next = arena_alloc(&a, 16);
	CHECK(small != NULL && large != NULL);
	CHECK(next > small && next - small <= 64);
	memset(large, 1, 1 << 20);
	arena_reset(&a);
	/* the block kept is an ordinary one, also when the first piece was large */
	CHECK(arena_alloc(&a, 1 << 20) != NULL);
	arena_reset(&a);
	large = arena_alloc(&a, 1 << 20);
	CHECK(large != NULL);
	arena_release(&a);
	large = arena_alloc(&a, 1 << 20);
	arena_reset(&a);
	CHECK(a.head == NULL);
	arena_release(&a);
}

static void test_text(void)
{
	struct arena a;
	struct str s;

	arena_init(&a, 1000);
	s = arena_str(&a, STR("x\0y"));
	CHECK_MEM(s.ptr, s.len + 1, "x\0y", 4);
	CHECK_STR(arena_text(&a, STR("text")), "text");
	s = arena_printf(&a, "%s/%d", "a", 7);
	CHECK_MEM(s.ptr, s.len, "a/7", 3);
	s = arena_str(&a, str_of(NULL, 0));
	CHECK(s.ptr != NULL && s.len == 0);
	s = arena_printf(&a, "%2000d", 1);
	CHECK(s.ptr == NULL);
	arena_release(&a);
}

CHECK_SUITE(arena, CHECK_TEST(alloc), CHECK_TEST(cap), CHECK_TEST(large), CHECK_TEST(text));
