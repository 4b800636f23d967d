/*
 * A growing byte buffer with a cap. Writers stick: the first failure (no memory, cap reached) is remembered,
 * later writes are ignored, and the caller checks once with buf_check(). A NUL stands after the data for
 * printing; the data itself may contain NUL.
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdarg.h>
#include <stddef.h>
#include "base/error.h"
#include "base/str.h"

struct buf {
	char *data;		/* owned; NULL until the first write; always NUL-terminated when not NULL */
	size_t len;		/* bytes used */
	size_t cap;		/* bytes allocated */
	size_t max;		/* most bytes that may be used */
	int failed;		/* a write did not fit */
};

/* An empty buffer that may grow to max bytes. Allocates nothing. */
void buf_init(struct buf *b, size_t max);
/* Empties it and forgets a failure; keeps the memory. */
void buf_reset(struct buf *b);
/* Frees the contents; the buffer is empty and usable again. */
void buf_release(struct buf *b);
/* The same for secrets: what it holds now is overwritten first. (What it held before it grew is not.) */
void buf_wipe(struct buf *b);
/* Overwrites memory that held a secret; unlike memset() before free(), no compiler leaves it out. */
void wipe(void *p, size_t len);
void buf_put(struct buf *b, const void *data, size_t len);
void buf_putc(struct buf *b, int c);
void buf_puts(struct buf *b, const char *text);
void buf_put_str(struct buf *b, struct str s);
void buf_printf(struct buf *b, const char *fmt, ...) PRINTF_LIKE(2, 3);
void buf_vprintf(struct buf *b, const char *fmt, va_list args);
/* Removes the first n bytes (n <= len). */
void buf_consume(struct buf *b, size_t n);
/* Cuts to len bytes (len <= b->len). */
void buf_truncate(struct buf *b, size_t len);
/* The contents as text: "" when empty. Dies at the next write. */
const char *buf_text(const struct buf *b);
struct str buf_str(const struct buf *b);
/* Room for n more bytes; returns where to write, or NULL (and the failure sticks). Follow with buf_grew(). */
char *buf_room(struct buf *b, size_t n);
void buf_grew(struct buf *b, size_t n);
/* 0 when every write fitted; else -1 and an error that names `what` and the cap. */
int buf_check(const struct buf *b, const char *what, struct error *e);

#endif
