/*
 * An answer's body on its way through a JSON scanner, record by record, while it arrives.
 */
#ifndef NET_HTTP_JSON_H
#define NET_HTTP_JSON_H

#include "base/json_scan.h"
#include "net/http.h"

/* A reader of one answer at a time. */
struct http_json {
	struct json_scan *scan;			/* owned */
	json_value_fn *value;			/* gets what stands at the paths */
	int (*begin)(void *cookie, struct error *e);	/* an answer begins, perhaps anew; NULL allowed */
	void *cookie;				/* borrowed; of both */
	int malformed;				/* the last failure was the text's, not of a function */
};

/* paths as json_scan_new() wants them. Released also after a failure. */
int http_json_init(struct http_json *r, const char *const *paths, json_value_fn *value, void *cookie,
		   struct error *e);
void http_json_release(struct http_json *r);
/* The sink of a request whose answer is read. Its cookie is r. */
struct http_body_sink http_json_sink(struct http_json *r);
/* After HTTP_DONE: an error unless the document was whole. */
int http_json_end(struct http_json *r, struct error *e);

#endif
