/*
 * JSON read where it stands: members and elements as slices of the text, without tokens and without memory.
 * For records of which most is only carried along. All of it is for text whose syntax json_scan has checked.
 */
#ifndef BASE_JSON_SLICE_H
#define BASE_JSON_SLICE_H

#include <stddef.h>
#include "base/arena.h"
#include "base/buf.h"
#include "base/json_read.h"
#include "base/str.h"

/* A walk through an object or array. */
struct json_walk {
	const char *p, *end;		/* borrowed: what is left of the text */
	int object;
	struct str key;			/* of the member reached last, with its quotes; not set in arrays */
	struct str value;		/* its text */
};

/* Begins a walk; of anything but an object or array it is an empty one. */
void json_walk_init(struct json_walk *w, struct str container);
/* 1 and the next member or element; 0 at the end. */
int json_walk_next(struct json_walk *w);

/* JSON_NONE when ptr is NULL or the text is empty. */
enum json_type json_slice_type(struct str value);
/* Type as people call it; the words of json_type_name(). */
const char *json_slice_type_name(struct str value);
/* 1 when a quoted key says name, escapes decoded. */
int json_key_is(struct str quoted, struct str name);
/* The value of the last member of that name, or ptr NULL. */
struct str json_slice_member(struct str object, struct str name);
/* Element i, or ptr NULL. */
struct str json_slice_element(struct str array, size_t i);
/* A string decoded: a slice of the text when it has no escapes, else in the arena. Lone surrogates as
 * json_text() does. Other types: empty. ptr NULL: no memory. */
struct str json_slice_text(struct str value, struct arena *a);
/* A string as json_slice_text(), a number as it is written, "true", "false"; else empty. */
struct str json_slice_scalar(struct str value, struct arena *a);
/* 1 when strings of the text have half of a surrogate pair (\ud800 without \udc00), which UTF-8 cannot hold.
 * */
int json_slice_broken_pair(struct str text);
/* 1 when a program would take the value for nothing: null, false, a number equal to 0, "", [], {}, or no
 * value. */
int json_slice_is_empty(struct str value);

#endif
