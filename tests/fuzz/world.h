/*
 * The world around a parser that is fuzzed: settings, files and a service on the network, all in memory. They take
 * the place of base/settings.c, store/store.c and net/http_client.c in build/fuzz; all else is the program's own.
 */
#ifndef FUZZ_WORLD_H
#define FUZZ_WORLD_H

#include "base/str.h"

/* Nothing is set, no file is there, nobody answers, nothing is logged. Before every input. */
void world_reset(void);
/* A setting; both borrowed. */
void world_set(const char *name, const char *value);
/* A file, with a name of less than 64 bytes. */
void world_file(const char *name, struct str text);
/* What is in a file; ptr NULL: it is not there. */
struct str world_text(const char *name);
/*
 * What the service answers to one request after the other, with zero bytes between; borrowed. A body of JSON, or a
 * head that begins with "HTTP/", an empty line and a body. Bodies come in pieces of so many bytes.
 */
void world_answers(struct str script, size_t step);
/* 1 when it is one JSON document. */
int world_is_json(struct str text);

#endif
