#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/buf.h"

#define FIRST_ROOM 64	/* bytes of the first allocation */

void buf_init(struct buf *b, size_t max)
{
	b->data = NULL;
	b->len = b->cap = 0;
	b->max = max < SIZE_MAX / 2 ? max : SIZE_MAX / 2;
	b->failed = 0;
}

void buf_reset(struct buf *b)
{
	b->failed = 0;
	buf_truncate(b, 0);
}

void buf_release(struct buf *b)
{
	free(b->data);
	buf_init(b, b->max);
}

char *buf_room(struct buf *b, size_t n)
{
	size_t need, cap;
	char *data;

	if (b->failed || n > b->max - b->len) {
		b->failed = 1;
		return NULL;
	}
	need = b->len + n + 1;
	if (need <= b->cap)
		return b->data + b->len;
	for (cap = b->cap > 0 ? b->cap : FIRST_ROOM; cap < need;
	     cap = cap <= b->max / 2 ? cap * 2 : b->max + 1)
		;
	if (cap > b->max)
		cap = b->max + 1;
	data = realloc(b->data, cap);
	if (!data) {
		b->failed = 1;
		return NULL;
	}
	b->data = data;
	b->cap = cap;
	/* Room may be asked for and then not used. */
	data[b->len] = '\0';
	return b->data + b->len;
}

void buf_grew(struct buf *b, size_t n)
{
	b->len += n;
	b->data[b->len] = '\0';
}

void wipe(void *p, size_t len)
{
	volatile unsigned char *byte = p;

	while (len-- > 0)
		*byte++ = 0;
}

void buf_wipe(struct buf *b)
{
	if (b->data)
		wipe(b->data, b->cap);
	buf_release(b);
}

void buf_put(struct buf *b, const void *data, size_t len)
{
	char *room = buf_room(b, len);

	if (!room)
		return;
	if (len > 0)
		memcpy(room, data, len);
	buf_grew(b, len);
}

void buf_putc(struct buf *b, int c)
{
	char byte = (char)c;

	buf_put(b, &byte, 1);
}

void buf_puts(struct buf *b, const char *text)
{
	buf_put(b, text, strlen(text));
}

void buf_put_str(struct buf *b, struct str s)
{
	buf_put(b, s.ptr, s.len);
}

void buf_vprintf(struct buf *b, const char *fmt, va_list args)
{
	va_list again;
	char *room;
	int n;

	va_copy(again, args);
	n = vsnprintf(NULL, 0, fmt, again);
	va_end(again);
	room = n >= 0 ? buf_room(b, (size_t)n) : NULL;
	if (!room) {
		b->failed = 1;
		return;
	}
	vsnprintf(room, (size_t)n + 1, fmt, args);
	buf_grew(b, (size_t)n);
}

void buf_printf(struct buf *b, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	buf_vprintf(b, fmt, args);
	va_end(args);
}

void buf_consume(struct buf *b, size_t n)
{
	if (n == 0)
		return;
	memmove(b->data, b->data + n, b->len - n);
	buf_truncate(b, b->len - n);
}

void buf_truncate(struct buf *b, size_t len)
{
	b->len = len;
	if (b->data)
		b->data[len] = '\0';
}

const char *buf_text(const struct buf *b)
{
	return b->data ? b->data : "";
}

struct str buf_str(const struct buf *b)
{
	return str_of(buf_text(b), b->len);
}

int buf_check(const struct buf *b, const char *what, struct error *e)
{
	if (!b->failed)
		return 0;
	return error_set(e, ERROR_MEMORY, "%s does not fit: more than %lu bytes, or out of memory", what,
			 (unsigned long)b->max);
}
