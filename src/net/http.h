/*
 * HTTP/1.1 client (RFC 9110, 9112): pool of connections per origin, keep-alive, TLS, proxy, retries by
 * class of failure. One thread, one loop. Bodies of answers are streamed, never held whole.
 */
#ifndef NET_HTTP_H
#define NET_HTTP_H

#include <stddef.h>
#include <stdint.h>
#include "base/buf.h"
#include "base/error.h"
#include "base/limits.h"
#include "base/settings.h"
#include "base/str.h"

struct http;
struct net;

/* All borrowed; must live as long as the client. Times in milliseconds. */
struct http_options {
	int max_connections;		/* per origin, >= 1 */
	int timeout_ms;			/* longest time without progress (NET_TIMEOUT) */
	int total_ms;			/* longest time of a whole request with its body; 0: none */
	int retries;			/* tries after the first (NET_RETRIES) */
	double wait_scale;		/* every wait between tries is multiplied by it (NET_WAIT_SCALE) */
	const char *https_proxy, *http_proxy, *no_proxy;	/* "" or NULL: none */
	const char *ca_file;		/* extra CA certificates (PEM); NULL or "" none */
	const char *client_cert, *client_key;	/* PEM files; NULL or "" none */
	const char *user_agent;		/* "rollcall/1.0" */
	struct net *net;		/* its loop, trust, proxies instead of those above; or NULL */
};

/* The options that every connection takes from the settings (NET_*, proxies, CA_FILE, CLIENT_*). */
void http_options_from_settings(struct http_options *o);
/* The rows behind it. */
extern const struct setting net_settings[];

enum {
	HTTP_NO_VERIFY = 1,		/* accept any certificate; the caller warns */
	HTTP_RETRY_LOST = 2,		/* may be repeated although it may have been done (GET always may) */
	HTTP_RETRY_403 = 4,		/* a 403 may pass: waits of 15 s, 30 s, ...; up to ten tries */
	HTTP_NO_RETRY = 8
};

struct http_header { const char *name; const char *value; };	/* values may hold secrets: never logged */

/* Receives the body of a 2xx answer. begin() is called at the start of every try (an earlier, broken
 * try is void: start over). Either may be NULL. */
struct http_body_sink {
	int (*begin)(void *cookie, struct error *e);
	int (*data)(void *cookie, const char *data, size_t len, struct error *e);
	void *cookie;
};

struct http_req {
	const char *method;
	const char *url;		/* absolute */
	const struct http_header *headers;	/* ends with name NULL; NULL: none */
	struct str body;
	const char *content_type;	/* with a body */
	struct http_body_sink sink;	/* without data(): the body is kept in resp.body */
	size_t body_max;		/* most bytes of a kept 2xx body; 0: MAX_HTTP_ERROR_BODY */
	int flags;
};

/* How it ended, decided by class, never by message text. */
enum http_class {
	HTTP_DONE,			/* 2xx, body complete */
	HTTP_REFUSED,			/* an answer that stays the same: 3xx, 4xx; see status */
	HTTP_BUSY,			/* 429, 503 ... still after all tries */
	HTTP_LOST,			/* no whole answer, yet it may have been done; status 500, 502, 504:
					 * to a request that is not repeated */
	HTTP_UNREACHED,			/* never sent: name, connect, TLS, proxy */
	HTTP_CANCELLED			/* http_cancel(), Ctrl-C, or the sink failed */
};

struct http_resp {
	enum http_class cls;
	int status;			/* 0 when there was no answer */
	struct str body;		/* what was kept of it; dies at the next call or with the callback */
	struct str content_type, link, retry_after;	/* header values or empty; same life */
	const struct http_head *head;	/* for http_header_value() */
	int tries;
	int limited;			/* how many of the tries were answered 429 */
};

/* Value of a response header by name, without regard to case; empty when absent. n-th occurrence from 0. */
struct str http_header_value(const struct http_head *h, const char *name, int n);

/*
 * Seconds until what a field of an answer names, "Retry-After" or "X-RateLimit-Reset": a number of them, an
 * HTTP date, or seconds since 1970. Moments are counted from the answer's own Date if it has one, so that the
 * clocks need not agree, else from now (epoch seconds). -1: no such field, or one that nobody can read.
 */
int64_t http_wait_field(const struct http_head *head, const char *field, int64_t now);

/* NULL when out of memory. The system's certificates are read at the first TLS connection. */
struct http *http_new(const struct http_options *o, struct error *e);
/* What is pending is dropped without a call. NULL allowed. */
void http_free(struct http *h);

/*
 * Sends a request and runs the loop until it is answered. 0 with the answer whatever its status; -1
 * when there was none (resp->cls tells which way; e says where and what to do) or when a sink failed.
 */
int http_call(struct http *h, const struct http_req *req, struct http_resp *resp, struct error *e);
/* A readable error for an answer that is no success: "GET https://host/path answered 403 (access
 * denied): text of body". Kind: 401/403 ERROR_DENIED, else ERROR_UPSTREAM. Returns -1. */
int http_status_error(const struct http_req *req, const struct http_resp *resp, struct error *e);

/* Called once when the request has ended; e holds the failure when resp->cls is none of DONE, REFUSED,
 * BUSY. */
typedef void http_done_fn(void *cookie, const struct http_resp *resp, const struct error *e);
/* Queues a request (copied, but for the sink's cookie). The loop starts it: neither sink nor done are called
 * before this returns. -1 when out of memory. Allowed inside sinks and done functions; a request made inside
 * a sink may use one connection more. */
int http_submit(struct http *h, const struct http_req *req, http_done_fn *done, void *cookie,
		struct error *e);
/* Requests queued, waiting or in flight. */
size_t http_pending(const struct http *h);
/* Runs until at least one request ended, none is pending, or the user has interrupted (told once). -1
 * only for a broken loop. */
int http_run_once(struct http *h, struct error *e);
/* The same, but for at most ms milliseconds (-1: without limit). */
int http_run_for(struct http *h, int ms, struct error *e);
/* Everything pending ends as HTTP_CANCELLED; what is in flight is let finish (without another try) when
 * `finish`. */
void http_cancel(struct http *h, int finish);

/* Figures for summaries and benchmarks. */
struct http_stats { uint64_t requests, connections, retries, limited, bytes_in, bytes_out; };
void http_get_stats(const struct http *h, struct http_stats *out);

#endif
