/*
 * The certificates and keys of tests/unit/data/tls/ for tests.
 */
#ifndef UNIT_TLS_DATA_H
#define UNIT_TLS_DATA_H

#include <stdio.h>
#include <string.h>
#include "base/buf.h"
#include "base/codec.h"
#include "port.h"

#define TLS_DATA "tests/unit/data/tls/"

/* Appends the contents of a file. 0 or -1. */
static int tls_read_file(struct buf *out, const char *path)
{
	struct port_file *f = port_open(path, PORT_READ, NULL);
	char block[4096];
	long n;

	if (f == NULL)
		return -1;
	while ((n = port_read(f, block, sizeof block, NULL)) > 0)
		buf_put(out, block, (size_t)n);
	port_close(f, NULL);
	return n < 0 || out->failed ? -1 : 0;
}

/* Appends the DER of the one object in TLS_DATA's file NAME. 0 or -1. */
static int tls_read_der(struct buf *out, const char *name)
{
	char path[128];
	struct buf text;
	struct str s;
	size_t from, to;
	int rc = -1;

	snprintf(path, sizeof path, TLS_DATA "%s", name);
	buf_init(&text, 65536);
	if (tls_read_file(&text, path) == 0) {
		s = buf_str(&text);
		from = str_find(s, 0, STR("-----\n")) + 6;
		to = str_find(s, from, STR("-----END"));
		rc = to < s.len ? base64_decode(out, str_sub(s, from, to - from)) : -1;
	}
	buf_release(&text);
	return rc;
}

#endif
