/*
 * What the files of this port share: the system's headers, UTF-16 beside our UTF-8, the system's error texts.
 * Comes before port.h.
 */
#ifndef WINPORT_H
#define WINPORT_H

#include <winsock2.h>
#include <windows.h>
#include <wchar.h>

/* winerror.h has macros of these names; ours are meant from here on. */
#undef ERROR_LOCKED
#undef ERROR_CANCELLED

#include "base/error.h"

/* The UTF-16 of UTF-8, freed by the caller. NULL, and e set, without memory or when the text is malformed. */
wchar_t *win_wide(const char *text, struct error *e);
/* The UTF-8 of UTF-16, freed by the caller. NULL without memory. */
char *win_narrow(const wchar_t *text);
/* Sets e to "what: the system's words for code", a value of GetLastError() or WSAGetLastError(). Returns -1.
 */
int win_error(struct error *e, enum error_kind kind, unsigned long code, const char *fmt, ...)
	PRINTF_LIKE(4, 5);

#endif
