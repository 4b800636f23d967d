#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/arena.h"
#include "base/buf.h"

#define BLOCK_FIRST 16384	/* bytes of the first block; each further one is twice as large ... */
#define BLOCK_LARGEST 262144	/* ... up to this */

union aligned {
	void *pointer;
	long long integer;
	long double real;
	void (*function)(void);
};

struct arena_block {
	struct arena_block *next;
	size_t size, used;		/* bytes behind this header */
	union aligned data[];
};

void arena_init(struct arena *a, size_t max)
{
	a->head = NULL;
	a->used = 0;
	a->max = max;
}

static void free_chain(struct arena_block *block)
{
	while (block) {
		struct arena_block *next = block->next;

		free(block);
		block = next;
	}
}

void arena_reset(struct arena *a)
{
	a->used = 0;
	if (!a->head)
		return;
	free_chain(a->head->next);
	a->head->next = NULL;
	a->head->used = 0;
	if (a->head->size > BLOCK_LARGEST)
		arena_release(a);
}

void arena_release(struct arena *a)
{
	free_chain(a->head);
	a->head = NULL;
	a->used = 0;
}

void arena_wipe(struct arena *a)
{
	struct arena_block *block;

	for (block = a->head; block; block = block->next)
		wipe(block->data, block->used);
	arena_release(a);
}

static struct arena_block *block_new(size_t size)
{
	struct arena_block *block = malloc(sizeof *block + size);

	if (block) {
		block->next = NULL;
		block->size = size;
		block->used = 0;
	}
	return block;
}

/*
 * A block with room for size bytes. One that is large goes behind the head, alone: the head keeps its free
 * rest, and stays what is kept at reset.
 */
static struct arena_block *block_for(struct arena *a, size_t size)
{
	struct arena_block *head = a->head, *block;
	size_t usual = !head ? BLOCK_FIRST : head->size < BLOCK_LARGEST ? head->size * 2 : BLOCK_LARGEST;

	if (head && head->size - head->used >= size)
		return head;
	block = block_new(size > usual / 2 ? size : usual);
	if (!block)
		return NULL;
	if (head && block->size == size) {
		block->next = head->next;
		head->next = block;
	} else {
		block->next = head;
		a->head = block;
	}
	return block;
}

void *arena_alloc(struct arena *a, size_t size)
{
	struct arena_block *block;
	char *p;

	if (size > a->max - a->used)
		return NULL;
	if (size > SIZE_MAX - 2 * sizeof(union aligned) - sizeof *block)
		return NULL;
	a->used += size;
	size = (size + sizeof(union aligned) - 1) / sizeof(union aligned) * sizeof(union aligned);
	block = block_for(a, size);
	if (!block)
		return NULL;
	p = (char *)block->data + block->used;
	block->used += size;
	return memset(p, 0, size);
}

void *arena_array(struct arena *a, size_t n, size_t size)
{
	if (size > 0 && n > SIZE_MAX / size)
		return NULL;
	return arena_alloc(a, n * size);
}

struct str arena_str(struct arena *a, struct str s)
{
	char *copy = s.len < SIZE_MAX ? arena_alloc(a, s.len + 1) : NULL;

	if (!copy)
		return str_of(NULL, 0);
	if (s.len > 0)
		memcpy(copy, s.ptr, s.len);
	return str_of(copy, s.len);
}

char *arena_text(struct arena *a, struct str s)
{
	char *copy = s.len < SIZE_MAX ? arena_alloc(a, s.len + 1) : NULL;

	if (copy && s.len > 0)
		memcpy(copy, s.ptr, s.len);
	return copy;
}

struct str arena_printf(struct arena *a, const char *fmt, ...)
{
	va_list args;
	char *text;
	int n;

	va_start(args, fmt);
	n = vsnprintf(NULL, 0, fmt, args);
	va_end(args);
	text = n >= 0 ? arena_alloc(a, (size_t)n + 1) : NULL;
	if (!text)
		return str_of(NULL, 0);
	va_start(args, fmt);
	vsnprintf(text, (size_t)n + 1, fmt, args);
	va_end(args);
	return str_of(text, (size_t)n);
}
