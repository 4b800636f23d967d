/*
 * What the last runs came to, as a file for Prometheus' textfile collector (METRICS_FILE).
 */
#ifndef APP_APP_METRICS_H
#define APP_APP_METRICS_H

#include "base/buf.h"
#include "base/error.h"
#include "store/state.h"

/* Appends the text. -1 when the database cannot be read. */
int metrics_put(struct state *s, struct buf *out, struct error *e);
/* Replaces the file, which everybody may read: it names no people. */
int metrics_write(struct state *s, const char *path, struct error *e);

#endif
