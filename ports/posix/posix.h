/*
 * What the files of this port share.
 */
#ifndef POSIX_H
#define POSIX_H

#include "base/error.h"

/* Sets e to "what: the system's words for errno value code". Returns -1. */
int posix_error(struct error *e, enum error_kind kind, int code, const char *fmt, ...) PRINTF_LIKE(4, 5);
/* Keeps a descriptor from being inherited by children. Returns fd. */
int posix_close_on_exec(int fd);

#endif
