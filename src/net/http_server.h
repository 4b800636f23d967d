/*
 * A small HTTP/1.1 server on the same loop: for the simulators of the tests and for the service mode.
 * Plain HTTP.
 */
#ifndef NET_HTTP_SERVER_H
#define NET_HTTP_SERVER_H

#include <stddef.h>
#include "base/buf.h"
#include "base/error.h"
#include "base/limits.h"
#include "base/str.h"

struct http_server;
struct http_exchange;	/* one request being answered */

struct http_request_view {	/* dies when the exchange is answered */
	struct str method;
	struct str target;	/* path and query as sent */
	struct str path;	/* without the query, still encoded */
	struct str query;	/* after '?', may be empty */
	struct str body;
	const struct http_head *head;
	unsigned long connection;	/* number of the connection, from 1 */
};

/* Must answer now or later, once, with http_answer() or http_drop(). */
typedef void http_handler_fn(void *cookie, struct http_exchange *x, const struct http_request_view *r);

/* address "127.0.0.1"; port 0: any free one. max_body: larger requests get 413. */
struct http_server *http_server_new(const char *address, unsigned port, size_t max_body, http_handler_fn *fn,
				    void *cookie, struct error *e);
struct net;
/* The same on the loop of n, which is borrowed: a client and a server in one program. n NULL: a loop
 * of its own. */
struct http_server *http_server_new_on(struct net *n, const char *address, unsigned port, size_t max_body,
				       http_handler_fn *fn, void *cookie, struct error *e);
/* Cuts all connections; exchanges not answered yet are gone. NULL allowed. */
void http_server_free(struct http_server *s);
/* The port it listens on. */
unsigned http_server_port(const struct http_server *s);
/* headers: extra lines "Name: value\r\n..." or "". delay_ms: the answer is sent after that time. */
void http_answer(struct http_exchange *x, int status, const char *content_type, const char *headers,
		 struct str body, int delay_ms);
/* Streamed answers of any size: next() appends more to out; 0 done, 1 more to come, -1 breaks the
 * connection. chunked framing. */
void http_answer_stream(struct http_exchange *x, int status, const char *content_type,
			int (*next)(void *cookie, struct buf *out), void (*end)(void *cookie), void *cookie,
			int delay_ms);
/* Cuts the connection without an answer. */
void http_drop(struct http_exchange *x);
/* Runs the loop for at most ms. -1 when broken. */
int http_server_run(struct http_server *s, int ms, struct error *e);

#endif
