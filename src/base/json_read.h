/*
 * Reading one JSON record: jsmn tokens over text that json_scan has already checked (or json_parse checks
 * first), typed access by key. Values are small handles into the document; nothing is copied unless said.
 */
#ifndef BASE_JSON_READ_H
#define BASE_JSON_READ_H

#include <stddef.h>
#include <stdint.h>
#include "base/arena.h"
#include "base/error.h"
#include "base/str.h"

enum json_type {
	JSON_NONE, JSON_NULL, JSON_FALSE, JSON_TRUE, JSON_NUMBER, JSON_STRING, JSON_ARRAY, JSON_OBJECT
};

struct json_doc;	/* opaque: text (borrowed), tokens (owned, kept between parses) */

/* A value in a document. doc NULL: no value (JSON_NONE); every accessor takes that. Passed by value. */
struct json {
	const struct json_doc *doc;
	int tok;
};

/* max_tokens: cap of tokens of one record, e.g. MAX_JSON_TOKENS. NULL when out of memory. */
struct json_doc *json_doc_new(size_t max_tokens, struct error *e);
void json_doc_free(struct json_doc *d);
/*
 * Parses text, which must stay until the next parse. Strict: checks the syntax first unless `checked` says
 * that the scanner did. ERROR_FAILED with the byte offset when malformed or over a limit.
 */
int json_parse(struct json_doc *d, struct str text, int checked, struct json *root, struct error *e);

/* JSON_NONE for no value. */
enum json_type json_type(struct json v);
/* The type as people call it: "text", "number", "true or false", "object", "list", "null", "nothing". */
const char *json_type_name(struct json v);
/* The value of a key (the last one of that name), or none. Keys with escapes are decoded to compare. */
struct json json_get(struct json object, const char *key);
struct json json_get_str(struct json object, struct str key);
/* Element i of an array, or none. O(i). Use json_first()/json_next() to walk. */
struct json json_at(struct json array, size_t i);
/* Number of elements or members (repeated keys counted). */
size_t json_count(struct json v);
/* Walk the elements of an array or the members of an object in order; none at the end. */
struct json json_first(struct json container);
struct json json_next(struct json container, struct json child);
/* For a member value reached by json_first/json_next of an object: its key, decoded into the arena if it has
 * escapes. ptr NULL: no memory. */
struct str json_key(struct json member, struct arena *a);
/* The raw text of the value, quotes and all. None: ptr NULL. */
struct str json_raw(struct json v);
/*
 * A string decoded: a slice of the text when it has no escapes, else in the arena. Lone surrogate escapes
 * become their three-byte form (callers that write them must refuse: see utf8_valid). Other types: empty. ptr
 * NULL: no memory.
 */
struct str json_text(struct json v, struct arena *a);
/* A string as json_text(), a number as it is written, true/false as "true"/"false"; null, none and containers
 * empty. For answers that give ids as text or number. */
struct str json_scalar(struct json v, struct arena *a);
/* -1 when it is no whole number in range. Takes text of digits too. */
int json_int(struct json v, int64_t *out);
/* Appends the decoding of a raw JSON string with its quotes. */
struct buf;
void json_unescape(struct buf *out, struct str quoted);
/* 1 when no text in this raw JSON has a lone surrogate escape, so that it may be written on: half a pair is
 * no character, and other readers refuse it. */
int json_surrogate_free(struct str raw);

#endif
