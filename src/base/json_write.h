/*
 * Writing JSON, streaming and sticky: the first failure is remembered, the caller checks at the end. UTF-8
 * stays as it is (not ASCII-escaped); control characters, quote and backslash are escaped. Commas,
 * indentation are the writer's.
 */
#ifndef BASE_JSON_WRITE_H
#define BASE_JSON_WRITE_H

#include <stddef.h>
#include <stdint.h>
#include "base/buf.h"
#include "base/error.h"
#include "base/limits.h"
#include "base/str.h"

/* Takes finished bytes. -1 with e set: sticks. */
typedef int json_out_fn(void *cookie, const char *data, size_t len, struct error *e);

struct json_write {
	struct buf out;			/* owned; handed to fn whenever it is large */
	json_out_fn *fn;		/* NULL: all stays in out */
	void *cookie;
	struct error error;		/* first failure */
	int indent;			/* blanks per level; 0: compact, one line */
	int depth;
	unsigned char members[MAX_JSON_DEPTH];	/* per level: 1 when something was written */
	int after_key;
};

/* max: cap of the buffer when fn is NULL. */
void json_write_init(struct json_write *w, int indent, json_out_fn *fn, void *cookie, size_t max);
void json_write_release(struct json_write *w);
void json_begin_object(struct json_write *w);
void json_end_object(struct json_write *w);
void json_begin_array(struct json_write *w);
void json_end_array(struct json_write *w);
void json_put_key(struct json_write *w, struct str key);
void json_put_keyz(struct json_write *w, const char *key);
void json_put_text(struct json_write *w, struct str s);
void json_put_int(struct json_write *w, int64_t n);
void json_put_bool(struct json_write *w, int on);
void json_put_null(struct json_write *w);
/* Text that is JSON already (checked by the caller), written as it is. */
void json_put_raw(struct json_write *w, struct str raw);
/* Key and text in one call; key and raw. */
void json_put_member(struct json_write *w, const char *key, struct str text);
void json_put_member_raw(struct json_write *w, const char *key, struct str raw);
/* Hands everything to fn. 0, or -1 with the first failure in *e. */
int json_write_finish(struct json_write *w, struct error *e);
/* Appends s as a JSON string with quotes to any buffer. */
void json_quote(struct buf *out, struct str s);

#endif
