/*
 * Memory for one record: allocated bit by bit, given back all at once. Nothing in it is freed alone.
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stddef.h>
#include "base/error.h"
#include "base/str.h"

struct arena_block;

struct arena {
	struct arena_block *head;	/* owned */
	size_t used, max;		/* bytes handed out since the last reset, and the most there may be */
};

/* An arena that hands out at most max bytes between two resets. Allocates nothing yet. */
void arena_init(struct arena *a, size_t max);
/* All memory handed out becomes invalid; one block is kept for the next record. */
void arena_reset(struct arena *a);
void arena_release(struct arena *a);
/* The same for secrets: all that was handed out is overwritten first. */
void arena_wipe(struct arena *a);
/* Memory for size bytes, aligned for any type, zeroed. NULL when there is none or the cap is reached. */
void *arena_alloc(struct arena *a, size_t size);
/* n * size bytes; the product is checked. */
void *arena_array(struct arena *a, size_t n, size_t size);
/* A copy of s with a NUL after it; ptr is NULL on failure (and only then). */
struct str arena_str(struct arena *a, struct str s);
/* The same as a C text. NULL on failure. */
char *arena_text(struct arena *a, struct str s);
/* Formatted text. ptr NULL on failure. */
struct str arena_printf(struct arena *a, const char *fmt, ...) PRINTF_LIKE(2, 3);

#endif
