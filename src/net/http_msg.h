/*
 * One incremental parser for HTTP/1.1 messages in both directions (RFC 9112). Pure: bytes in, events
 * out; input may arrive one byte at a time. Strict where leniency would let two readers disagree about
 * where a message ends: bare LF, blanks before a colon, folded lines in requests, conflicting lengths,
 * unknown transfer codings are refused.
 */
#ifndef NET_HTTP_MSG_H
#define NET_HTTP_MSG_H

#include <stddef.h>
#include <stdint.h>
#include "base/buf.h"
#include "base/error.h"
#include "base/limits.h"
#include "base/str.h"

/* A parsed head. The slices point into text. */
struct http_head {
	struct buf text;		/* owned: the lines as received, folded ones joined by blanks */
	size_t fields;			/* where the first field begins */
	int minor;			/* of the version: HTTP/1.minor */
	int status;			/* of a response */
	struct str method, target;	/* of a request */
};

enum http_kind { HTTP_REQUEST, HTTP_RESPONSE };

enum http_event {
	HTTP_MORE,		/* all input was taken */
	HTTP_HEAD,		/* the head is complete (not of 1xx answers, which are passed over) */
	HTTP_DATA,		/* *piece is the next part of the body */
	HTTP_END,		/* the message is complete; what is left belongs to the next one */
	HTTP_BAD		/* malformed or too large; the connection is of no use any more */
};

struct http_msg {
	struct http_head head;
	enum http_kind kind;
	int no_body;			/* set by the caller: the answer to HEAD */
	int keep_alive;			/* after HTTP_HEAD: the connection may serve another message */
	int has_body;			/* after HTTP_HEAD: a body follows, perhaps an empty one */
	/* the parser's own */
	int state;
	size_t line;			/* start of the present line; in the framing: its length */
	int fields, interim, digits;
	uint64_t left;			/* bytes of the body, or of the chunk, still to come */
	uint64_t body, framing;		/* bytes so far */
};

/* Ready for a message of that kind. Allocates nothing. */
void http_msg_init(struct http_msg *m, enum http_kind kind);
/* Ready for the next message; keeps memory. no_body is cleared. */
void http_msg_reset(struct http_msg *m);
void http_msg_release(struct http_msg *m);
/*
 * Takes bytes from the front of *in, which shrinks, up to the next event. Call again until HTTP_MORE,
 * HTTP_END or HTTP_BAD (e then says what is wrong; ERROR_UPSTREAM or ERROR_MEMORY). piece is a slice
 * of *in. Limits: MAX_HTTP_HEADER, MAX_HTTP_FIELDS, MAX_HTTP_CHUNK_LINE, MAX_HTTP_BODY,
 * MAX_HTTP_INTERIM.
 */
enum http_event http_msg_next(struct http_msg *m, struct str *in, struct str *piece, struct error *e);
/* The connection has ended: HTTP_END when that ends the message (no length was given), else HTTP_BAD. */
enum http_event http_msg_close(struct http_msg *m, struct error *e);
/* 1 when nothing of a message has been seen yet. */
int http_msg_untouched(const struct http_msg *m);

/* 1 when a comma list in fields of that name has the word, without regard to case. */
int http_header_has(const struct http_head *h, const char *name, const char *word);

#endif
