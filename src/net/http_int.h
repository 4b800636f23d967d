/*
 * What the files of the HTTP client share: requests, connections, origins, and the judgement on a try.
 */
#ifndef NET_HTTP_INT_H
#define NET_HTTP_INT_H

#include "net/http.h"
#include "net/http_msg.h"
#include "net/net_int.h"

/* ---- http_request.c -------------------------------------------------------------------------- */

/* What a request is sent to: connections are shared by requests with equal ones. */
struct http_place {
	struct str host;		/* slices into the URL */
	struct str target;		/* path and query, perhaps empty */
	unsigned port;
	int tls, no_verify;
};

/* Checks the request, finds its place and writes the bytes to send. proxy: NULL, or the proxy that a
 * plain request is handed to. ERROR_USAGE for a malformed URL or header. */
int http_read_place(struct http_place *place, const struct http_req *req, struct error *e);
int http_write_request(struct buf *wire, const struct http_place *place, const struct http_req *req,
		       const char *user_agent, const struct proxy *proxy, struct error *e);
/* "GET https://host/path", without the query, which may hold secrets. */
void http_put_title(struct buf *out, const char *method, const char *url);
/* http_status_error() with such a title. */
int http_answer_error(const char *title, const struct http_resp *resp, struct error *e);

/* ---- http_retry.c ---------------------------------------------------------------------------- */

enum try_end {
	TRY_ANSWERED,		/* a whole answer, see status */
	TRY_UNREACHED,		/* no connection */
	TRY_HOPELESS,		/* no connection, and there will be none */
	TRY_STALE,		/* a connection that was kept had ended before it was used again */
	TRY_LOST,		/* sent, but no whole answer came */
	TRY_MALFORMED,		/* an answer that is none */
	TRY_STOPPED		/* the sink failed */
};

struct http_try {
	enum try_end end;
	const struct http_head *head;	/* of the answer */
	struct str body;		/* the part kept */
	int safe;			/* GET or HEAD */
	int flags;
	int tries;			/* with this one */
	int limited, forbidden;		/* how many of them were answered 429, 403 */
};

struct http_verdict {
	enum http_class cls;		/* if it ends here */
	int again;
	int64_t wait_ms;		/* before the next try, scaled */
	int whole_origin;		/* nobody should ask there meanwhile */
	int slower;			/* the server has too many requests at once */
};

/* random: any number, for the jitter. now: epoch seconds. */
void http_judge(struct http_verdict *v, const struct http_try *t, const struct http_options *o,
		unsigned random, int64_t now);

/* ---- http_pool.c ----------------------------------------------------------------------------- */

/* A request, from submission until its end. */
struct job {
	struct job *next;		/* in its origin's queue, or among the waiting */
	struct http *http;
	struct origin *origin;
	struct buf wire;		/* owned; secret */
	struct buf title;		/* "GET https://host/path" */
	int safe, head_only;
	int flags;
	struct http_body_sink sink;
	size_t body_max;
	http_done_fn *done;
	void *cookie;
	struct timer timer;		/* the wait between tries */
	int tries, limited, forbidden;
};

/* A connection of the pool. */
struct link {
	struct link *next;
	struct origin *origin;
	struct conn *conn;		/* owned */
	struct job *job;		/* in flight here, or NULL: idle */
	struct http_msg msg;
	struct buf body;		/* the part of the answer that is kept */
	struct timer total;		/* the limit for a whole try */
	int sent;			/* the request has been written */
	int used;			/* it has served a request before */
	int answering;			/* bytes of the answer have come */
	int refusing;			/* the answer is no success: its body is kept, not streamed */
	int in_sink;			/* inside the sink, which may run the loop */
	int stopped;			/* the sink has failed at the start: the try is about to end */
	uint64_t serial;		/* of the try */
	int beside;			/* another request was in flight with it */
	int64_t idle_since;
	struct error error;
};

/* Requests with the same host, port and way to get there. */
struct origin {
	struct origin *next;
	struct http *http;
	char *host;			/* owned */
	unsigned port;
	int tls, no_verify;
	const struct proxy *proxy;	/* borrowed: a plain request is handed to it */
	struct link *links;
	struct job *queue, **queue_end;
	int busy, count;		/* links with a request; all links */
	int limit, successes;		/* how many may be in flight; answers since it changed */
	int patience;			/* grows with each slowing down: so much later more are tried */
	uint64_t slowed_at;		/* tries started before this number do not slow down again */
	int64_t resume_at;		/* nothing is started before; 0: no pause */
	struct timer timer;		/* the end of the pause */
};

struct http {
	struct net *net;		/* owned unless borrowed */
	int borrowed;
	struct http_options o;
	struct origin *origins;
	struct job *waiting;		/* between two tries */
	size_t pending;
	uint64_t ended, serial;
	unsigned random;
	int interrupt_seen;
	struct http_stats stats;
	struct http_resp last;		/* what http_call() handed out ... */
	struct http_head last_head;	/* ... and where it points to; owned */
	struct buf last_body;
};

/* Starts what may be started. */
void pool_start(struct origin *o);
/* Puts a request at the end of its origin's queue, or at its front. */
void pool_enqueue(struct job *j, int first);
/* The timer of a waiting request. */
void pool_job_due(void *cookie);
/* The timer of an origin's pause. */
void pool_resume(void *cookie);
/* Tells how the request ended and frees it. resp->body and the like must still be there. */
void pool_end_job(struct job *j, struct http_resp *resp, const struct error *e);
/* Takes it out of its origin; the request on it is nobody's then. */
void pool_free_link(struct link *l);
void pool_free_job(struct job *j);
void pool_free_jobs(struct job *list);
/* With everything in it, telling nobody. */
void pool_free_origin(struct origin *o);

#endif
