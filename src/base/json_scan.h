/*
 * Streaming JSON: checks the syntax (RFC 8259, strictly, UTF-8 included) byte by byte in constant memory and cuts the
 * stream into the values at named paths. Input may come one byte at a time. Nothing is delivered from a malformed
 * value; malformed input is an error with its byte offset.
 */
#ifndef BASE_JSON_SCAN_H
#define BASE_JSON_SCAN_H

#include <stddef.h>
#include <stdint.h>
#include "base/buf.h"
#include "base/error.h"
#include "base/str.h"

#define JSON_SCAN_PATHS 8	/* most paths of one scan */
#define JSON_SCAN_KEYS 4	/* most `*` in one path */

/* What was found: which path, and the object keys that its `.*` parts stand for, in order (decoded). */
struct json_match {
	int path;			/* index into the paths given */
	struct str key[JSON_SCAN_KEYS];	/* dies with the call */
	int keys;
	uint64_t offset;		/* byte offset of the value in the stream */
};

/* Gets the raw text of one value (as in the input, checked). -1 stops the scan. data dies with the call. */
typedef int json_value_fn(void *cookie, const struct json_match *m, struct str raw, struct error *e);

struct json_scan;	/* opaque; about MAX_JSON_DEPTH bytes and the record buffer */

/*
 * paths: NULL-terminated list such as "[*]" (elements of a top array), "users[*]", "value[*]", "@odata.nextLink",
 * "groups.*.users.*", "" (the whole document). A part is a key, `*` any key, `[*]` any element. Values at a path are
 * handed over whole, at most max_record bytes each (else an error that names path and offset); paths that lie inside
 * a matched value are not looked for. A repeated key delivers twice: the later counts. NULL when out of memory.
 */
struct json_scan *json_scan_new(const char *const *paths, size_t max_record, json_value_fn *fn, void *cookie, struct error *e);
void json_scan_free(struct json_scan *s);
/* Starts over with a new document. */
void json_scan_reset(struct json_scan *s);
int json_scan_feed(struct json_scan *s, const char *data, size_t len, struct error *e);
/* The input ends: an error unless exactly one whole value (and blanks) was seen. */
int json_scan_end(struct json_scan *s, struct error *e);
/* What the value at a path's container was not: 1 when path number i has matched a container of the right type
 * (for "users[*]": an array was seen at users). Lets callers tell an absent or null list from an empty one. */
int json_scan_saw(const struct json_scan *s, int path);

#endif
