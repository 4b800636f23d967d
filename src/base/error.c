#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "base/error.h"

/* Ends a text that was cut at its cap before the code point that did not fit. */
static void drop_cut_character(char *text, size_t cap)
{
	size_t len = strlen(text), start;

	if (len + 1 < cap)
		return;
	for (start = len; start > 0 && ((unsigned char)text[start - 1] & 0xc0) == 0x80; start--)
		;
	if (start > 0 && (unsigned char)text[start - 1] >= 0xc0)
		text[start - 1] = '\0';
}

void error_init(struct error *e)
{
	e->kind = ERROR_NONE;
	e->text[0] = '\0';
}

int error_set(struct error *e, enum error_kind kind, const char *fmt, ...)
{
	char text[ERROR_TEXT_MAX];
	va_list args;

	if (!e)
		return -1;
	/* through a copy: an argument may be the text that is being replaced */
	va_start(args, fmt);
	vsnprintf(text, sizeof text, fmt, args);
	va_end(args);
	drop_cut_character(text, sizeof text);
	memcpy(e->text, text, strlen(text) + 1);
	e->kind = kind;
	return -1;
}

int error_add(struct error *e, const char *fmt, ...)
{
	char text[ERROR_TEXT_MAX];
	va_list args;
	size_t len, room;

	if (!e)
		return -1;
	va_start(args, fmt);
	vsnprintf(text, sizeof text - 2, fmt, args);
	va_end(args);
	len = strlen(text);
	memcpy(text + len, ": ", 2);
	len += 2;
	room = strlen(e->text) + 1 < sizeof text - len ? strlen(e->text) + 1 : sizeof text - len;
	memcpy(text + len, e->text, room);
	text[sizeof text - 1] = '\0';
	drop_cut_character(text, sizeof text);
	memcpy(e->text, text, strlen(text) + 1);
	if (e->kind == ERROR_NONE)
		e->kind = ERROR_FAILED;
	return -1;
}

int error_memory(struct error *e)
{
	return error_set(e, ERROR_MEMORY, "out of memory");
}

int error_exit_code(enum error_kind kind)
{
	switch (kind) {
	case ERROR_NONE:
		return 0;
	case ERROR_USAGE:
		return 2;
	case ERROR_PARTIAL:
		return 3;
	case ERROR_LIMIT:
		return 4;
	case ERROR_LOCKED:
		return 5;
	case ERROR_UPSTREAM:
		return 6;
	case ERROR_DENIED:
		return 7;
	case ERROR_PENDING:
		return 10;
	case ERROR_FAILED:
	case ERROR_MEMORY:
	case ERROR_CANCELLED:
		break;
	}
	return 1;
}
