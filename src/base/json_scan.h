/*
 * Streaming JSON: checks the syntax (RFC 8259, strictly, UTF-8 included) byte by byte in constant memory and
 * cuts the stream into the values at named paths. Input may come one byte at a time. Nothing is delivered
 * from a malformed value; malformed input is an error with its byte offset.
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
	int round;			/* as json_scan_saw() counts: 2 when a key came twice, and then
					 * this value replaces all that the first one gave */
	uint64_t offset;		/* byte offset of the value in the stream */
};

/* Gets the raw text of one value (as in the input, checked). -1 stops the scan. data dies with the call. */
typedef int json_value_fn(void *cookie, const struct json_match *m, struct str raw, struct error *e);

struct json_scan;	/* opaque; about MAX_JSON_DEPTH bytes and the record buffer */

/*
 * paths: NULL-terminated list such as "[*]" (elements of a top array), "users[*]", "value[*]",
 * "@odata.nextLink", "groups.*.users.*", "" (the whole document). A part is a key, `*` any key, `[*]` any
 * element; in a key that begins with @ dots are part of the name. Values at a path are handed over whole, at
 * most max_record bytes each (else an error that names the offset); paths that lie inside a matched value are
 * not looked for. A repeated key delivers twice: the later counts. No path at all just checks the syntax. The
 * paths are borrowed until json_scan_free(). NULL when out of memory or when a path has more than eight
 * parts.
 */
struct json_scan *json_scan_new(const char *const *paths, size_t max_record, json_value_fn *fn, void *cookie,
				struct error *e);
void json_scan_free(struct json_scan *s);
/* Starts over with a new document. */
void json_scan_reset(struct json_scan *s);
int json_scan_feed(struct json_scan *s, const char *data, size_t len, struct error *e);
/* The input ends: an error unless exactly one whole value (and blanks) was seen. */
int json_scan_end(struct json_scan *s, struct error *e);
/* Where the scanner has refused the input: the byte of which its message speaks. */
uint64_t json_scan_fault(const struct json_scan *s);
/*
 * How often path number i has met a container of the right type (for "users[*]": an array at users). Lets
 * callers tell an absent or null list (0) from an empty one. A repeated key counts again, and back to 0 if
 * its value is of another type; when the count at the end is not the round of the last value delivered, the
 * last list was empty.
 */
int json_scan_saw(const struct json_scan *s, int path);
/* 1 when null stood where path number i wants a container (the last time, if its key was repeated). */
int json_scan_null(const struct json_scan *s, int path);
/* After a value that was larger than max_record: the beginning of it, cut anywhere; else empty. */
struct str json_scan_part(const struct json_scan *s);

#endif
