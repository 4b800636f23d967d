#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "net/http_int.h"

#define IDLE_MS 15000	   /* a connection idle for longer is not used again: servers close them ... */
#define IDLE_ONCE_MS 2000  /* ... and one that closes just then loses a request, which may be unrepeatable */
#define BODY_KEPT 65536			/* bytes that an idle connection holds on to for the next answer */
#define RETRY_LOOK_MS 1000 /* a limit that ran out inside the sink is looked at again after this */
#define FASTER_AFTER 10			/* successes per connection after which one more is allowed, ... */
#define PATIENCE_MOST 256		/* ... times this at most, where that was in vain before */

static void link_changed(void *cookie);

/* ---- life ------------------------------------------------------------------------------------ */

void pool_free_job(struct job *j)
{
	loop_stop_timer(&j->http->net->loop, &j->timer);
	buf_wipe(&j->wire);
	buf_release(&j->title);
	free(j);
}

void pool_free_link(struct link *l)
{
	struct origin *o = l->origin;
	struct link **at = &o->links;

	while (*at != l)
		at = &(*at)->next;
	*at = l->next;
	o->count--;
	o->busy -= l->job != NULL;
	loop_stop_timer(&o->http->net->loop, &l->total);
	conn_close(l->conn);
	http_msg_release(&l->msg);
	buf_wipe(&l->body);	/* may have held a token */
	free(l);
}

void pool_free_jobs(struct job *j)
{
	struct job *next;

	for (; j; j = next) {
		next = j->next;
		pool_free_job(j);
	}
}

void pool_free_origin(struct origin *o)
{
	while (o->links) {
		if (o->links->job)
			pool_free_job(o->links->job);
		pool_free_link(o->links);
	}
	pool_free_jobs(o->queue);
	loop_stop_timer(&o->http->net->loop, &o->timer);
	free(o->host);
	free(o);
}

/* ---- the end of a try ------------------------------------------------------------------------ */

void pool_enqueue(struct job *j, int first)
{
	struct origin *o = j->origin;

	j->next = first ? o->queue : NULL;
	if (first)
		o->queue = j;
	else
		*o->queue_end = j;
	if (!j->next)
		o->queue_end = &j->next;
}

/* The wait is over. */
void pool_job_due(void *cookie)
{
	struct job *j = cookie;
	struct job **at = &j->http->waiting;

	while (*at != j)
		at = &(*at)->next;
	*at = j->next;
	pool_enqueue(j, 1);
	pool_start(j->origin);
}

/*
 * The next try comes before any other request: a service that refuses every second one, whosever it is, would
 * else refuse the same job again and again.
 */
static void wait_for_next(struct job *j, int64_t ms)
{
	j->http->stats.retries++;
	if (ms <= 0) {
		pool_enqueue(j, 1);
		return;
	}
	j->next = j->http->waiting;
	j->http->waiting = j;
	loop_set_timer(&j->http->net->loop, &j->timer, ms);
}

void pool_end_job(struct job *j, struct http_resp *resp, const struct error *e)
{
	struct http *h = j->http;

	resp->tries = j->tries;
	resp->limited = j->limited;
	resp->content_type = http_header_value(resp->head, "content-type", 0);
	resp->link = http_header_value(resp->head, "link", 0);
	resp->retry_after = http_header_value(resp->head, "retry-after", 0);
	h->pending--;
	h->ended++;
	if (j->done)
		j->done(j->cookie, resp, e);
	pool_free_job(j);
}

void pool_resume(void *cookie)
{
	struct origin *o = cookie;

	o->resume_at = 0;
	pool_start(o);
}

static void pause_origin(struct origin *o, int64_t ms)
{
	int64_t at = port_mono_ms() + ms;

	if (ms <= 0 || at <= o->resume_at)
		return;
	o->resume_at = at;
	loop_set_timer(&o->http->net->loop, &o->timer, ms);
}

/* Who was refused for being one too many need not wait when there are fewer. If it was for another reason, he
 * is refused again, alone, and that counts. */
static void excuse(struct job *j, struct http_verdict *v)
{
	if (j->flags & HTTP_NO_RETRY)
		return;
	j->tries--;
	v->again = 1;
	v->wait_ms = 0;
	v->whole_origin = 0;
}

/* What an answer tells about how many requests at once the server takes. */
static void adapt(struct origin *o, const struct http_verdict *v, uint64_t serial)
{
	int most = o->http->o.max_connections;

	if (v->slower && serial >= o->slowed_at) {
		o->limit = o->busy > 1 ? o->busy / 2 : 1;
		o->slowed_at = o->http->serial + 1;
		o->successes = 0;
		if (o->patience < PATIENCE_MOST)
			o->patience *= 2;
		log_debug("%s: too many requests, going on with %d at once", o->host, o->limit);
	} else if (v->cls == HTTP_DONE && o->limit < most &&
		   ++o->successes >= FASTER_AFTER * o->limit * o->patience) {
		o->limit++;
		o->successes = 0;
	}
}

static void describe_loss(struct link *l, struct job *j, const struct http_verdict *v, struct http_resp *resp,
			  enum try_end end)
{
	if (v->cls == HTTP_LOST && end == TRY_ANSWERED)
		http_answer_error(buf_text(&j->title), resp, &l->error);
	else if (end == TRY_LOST || end == TRY_STALE || end == TRY_MALFORMED)
		error_add(&l->error, "%s", buf_text(&j->title));
}

/* The try on this link has ended: done, or again later. The link is idle then, or gone when it cannot be used
 * again. */
static void end_try(struct link *l, enum try_end end, int reusable)
{
	struct origin *o = l->origin;
	struct http *h = o->http;
	struct job *j = l->job;
	struct http_try t = { 0 };
	struct http_verdict v;
	struct http_resp resp = { 0 };

	t.end = end;
	t.safe = j->safe;
	t.flags = j->flags;
	t.tries = ++j->tries;
	if (end == TRY_ANSWERED) {
		resp.status = l->msg.head.status;
		resp.head = t.head = &l->msg.head;
		resp.body = t.body = buf_str(&l->body);
		j->limited += resp.status == 429;
		h->stats.limited += resp.status == 429;
		j->forbidden += resp.status == 403;
	}
	t.limited = j->limited;
	t.forbidden = j->forbidden;
	h->random = h->random * 1664525u + 1013904223u;
	http_judge(&v, &t, &h->o, h->random >> 16, port_wall_ms() / 1000);
	adapt(o, &v, l->serial);
	if (v.slower && l->beside)
		excuse(j, &v);
	loop_stop_timer(&h->net->loop, &l->total);
	l->job = NULL;
	o->busy--;
	l->idle_since = port_mono_ms();
	if (v.again) {
		if (v.wait_ms > 0)
			log_debug("%s: answered %d, the next try in %ld ms", o->host, resp.status,
				  (long)v.wait_ms);
		wait_for_next(j, v.wait_ms);
		if (v.whole_origin)
			pause_origin(o, v.wait_ms);
	} else {
		resp.cls = v.cls;
		describe_loss(l, j, &v, &resp, end);
		l->in_sink = 1;
		pool_end_job(j, &resp, &l->error);
		l->in_sink = 0;
	}
	if (l->body.cap > BODY_KEPT)
		buf_wipe(&l->body);
	if (reusable)
		conn_expect(l->conn, 0);
	else
		pool_free_link(l);
	pool_start(o);
}

/* ---- the answer ------------------------------------------------------------------------------ */

static int keep_body(struct link *l, struct str piece, struct error *e)
{
	size_t room = l->body.max - l->body.len;

	if (piece.len > room && l->refusing)
		piece.len = room;
	else if (piece.len > room)
		return error_set(e, ERROR_UPSTREAM, "the answer is larger than %lu bytes",
				 (unsigned long)l->body.max);
	buf_put_str(&l->body, piece);
	return l->body.failed ? error_memory(e) : 0;
}

/* 0; -1 with the way the try ends. */
static int take_head(struct link *l, enum try_end *end)
{
	struct job *j = l->job;
	struct str coding = http_header_value(&l->msg.head, "content-encoding", 0);

	l->refusing = l->msg.head.status >= 300;
	l->body.max = l->refusing || j->body_max == 0 ? MAX_HTTP_ERROR_BODY : j->body_max;
	if (!l->refusing && coding.len > 0 && !str_case_eqz(coding, "identity")) {
		*end = TRY_MALFORMED;
		return error_set(&l->error, ERROR_UPSTREAM,
				 "the answer is compressed (%.*s), which was not asked for",
				 (int)(coding.len < 40 ? coding.len : 40), coding.ptr);
	}
	return 0;
}

static int take_piece(struct link *l, struct str piece, enum try_end *end)
{
	struct job *j = l->job;
	int rc;

	if (l->refusing || !j->sink.data) {
		*end = TRY_MALFORMED;
		return keep_body(l, piece, &l->error);
	}
	*end = TRY_STOPPED;
	/* what the sink itself asks for must not wait for this connection */
	l->in_sink = 1;
	l->origin->busy--;
	rc = j->sink.data(j->sink.cookie, piece.ptr, piece.len, &l->error);
	l->in_sink = 0;
	l->origin->busy++;
	return rc;
}

/* Feeds what arrived to the parser. 1: the answer is complete; 0: not yet; -1: the try ends so. */
static int read_answer(struct link *l, enum try_end *end)
{
	struct str in = conn_peek(l->conn), piece;
	size_t all = in.len;
	enum http_event ev;
	int rc = 0;

	l->answering |= in.len > 0;
	do {
		ev = http_msg_next(&l->msg, &in, &piece, &l->error);
		if (ev == HTTP_HEAD)
			rc = take_head(l, end);
		else if (ev == HTTP_DATA)
			rc = take_piece(l, piece, end);
	} while (rc == 0 && (ev == HTTP_HEAD || ev == HTTP_DATA || (ev == HTTP_MORE && in.len > 0)));
	l->origin->http->stats.bytes_in += all - in.len;
	conn_consume(l->conn, all - in.len);
	if (ev != HTTP_BAD)
		return rc < 0 ? -1 : ev == HTTP_END;
	*end = TRY_MALFORMED;
	return -1;
}

/* The peer has ended the connection while an answer was due. */
static void answer_cut(struct link *l)
{
	enum http_event ev;

	if (conn_state(l->conn) == CONN_FAILED) {
		l->error = *conn_error(l->conn);
		ev = HTTP_BAD;
	} else {
		ev = http_msg_close(&l->msg, &l->error);
	}
	if (ev == HTTP_END && conn_cut(l->conn)) {
		error_set(&l->error, ERROR_UPSTREAM,
			  "the connection was cut: the end of the answer is not proven");
		ev = HTTP_BAD;
	}
	if (ev == HTTP_END)
		end_try(l, TRY_ANSWERED, 0);
	else
		end_try(l, l->used && !l->answering ? TRY_STALE : TRY_LOST, 0);
}

static void send_request(struct link *l)
{
	l->sent = 1;
	conn_expect(l->conn, 1);
	l->origin->http->stats.bytes_out += l->job->wire.len;
	conn_write(l->conn, l->job->wire.data, l->job->wire.len);
}

/* Everything there is to read is read; the connection may be used again afterwards, or the try ends. */
static void drive(struct link *l)
{
	enum try_end end = TRY_LOST;
	int rc = 0;

	if (!l->sent)
		send_request(l);
	while (rc == 0 && conn_peek(l->conn).len > 0)
		rc = read_answer(l, &end);
	if (rc < 0)
		end_try(l, end, 0);
	else if (rc > 0)
		end_try(l, TRY_ANSWERED, l->msg.keep_alive && conn_state(l->conn) == CONN_OPEN &&
			conn_peek(l->conn).len == 0 && conn_unsent(l->conn) == 0);
	else if (conn_state(l->conn) != CONN_OPEN)
		answer_cut(l);
}

static void link_changed(void *cookie)
{
	struct link *l = cookie;
	enum conn_state state = conn_state(l->conn);

	if (l->in_sink || l->stopped || state == CONN_OPENING)
		return;
	if (!l->job) {
		/* an idle connection that ends, or speaks without being asked */
		if (state != CONN_OPEN || conn_peek(l->conn).len > 0)
			pool_free_link(l);
	} else if (state == CONN_FAILED && !l->sent) {
		l->error = *conn_error(l->conn);
		end_try(l, conn_hopeless(l->conn) ? TRY_HOPELESS : TRY_UNREACHED, 0);
	} else {
		drive(l);
	}
}

static void took_too_long(void *cookie)
{
	struct link *l = cookie;

	if (l->in_sink) {
		loop_set_timer(&l->origin->http->net->loop, &l->total, RETRY_LOOK_MS);
		return;
	}
	if (l->stopped) {
		end_try(l, TRY_STOPPED, 0);
		return;
	}
	error_set(&l->error, ERROR_UPSTREAM, "the answer was not complete after %g s",
		  l->origin->http->o.total_ms / 1000.0);
	end_try(l, l->sent ? TRY_LOST : TRY_UNREACHED, 0);
}

/* ---- starting -------------------------------------------------------------------------------- */

static struct link *new_link(struct origin *o, struct error *e)
{
	struct link *l = calloc(1, sizeof *l);
	int flags = o->tls ? CONN_TLS | CONN_TUNNEL | (o->no_verify ? CONN_NO_VERIFY : 0) : CONN_RELAY;

	if (!l) {
		error_memory(e);
		return NULL;
	}
	l->origin = o;
	l->total.fire = took_too_long;
	l->total.cookie = l;
	http_msg_init(&l->msg, HTTP_RESPONSE);
	buf_init(&l->body, MAX_HTTP_ERROR_BODY);
	l->conn = conn_open(o->http->net, o->host, o->port, flags, link_changed, l, e);
	if (!l->conn) {
		free(l);
		return NULL;
	}
	conn_set_timeout(l->conn, o->http->o.timeout_ms);
	l->next = o->links;
	o->links = l;
	o->count++;
	o->http->stats.connections++;
	return l;
}

static struct link *idle_link(struct origin *o, const struct job *j)
{
	int64_t oldest = port_mono_ms() - (j->safe || (j->flags & HTTP_RETRY_LOST) ? IDLE_MS : IDLE_ONCE_MS);
	struct link *l, *next;

	for (l = o->links; l; l = next) {
		next = l->next;
		if (l->job || l->in_sink)
			continue;
		if (l->idle_since > oldest && !conn_stale(l->conn))
			return l;
		pool_free_link(l);
	}
	return NULL;
}

static void note_company(struct origin *o, struct link *l)
{
	struct link *other;

	l->beside = 0;
	for (other = o->links; other; other = other->next)
		if (other != l && other->job && !other->in_sink)
			other->beside = l->beside = 1;
}

static void begin_try(struct link *l, struct job *j)
{
	struct origin *o = l->origin;

	l->job = j;
	o->busy++;
	note_company(o, l);
	l->used = l->sent;
	l->sent = l->answering = l->refusing = 0;
	l->serial = ++o->http->serial;
	http_msg_reset(&l->msg);
	l->msg.no_body = j->head_only;
	buf_reset(&l->body);
	error_init(&l->error);
	o->http->stats.requests++;
	if (o->http->o.total_ms > 0)
		loop_set_timer(&o->http->net->loop, &l->total, o->http->o.total_ms);
	l->stopped = j->sink.begin && j->sink.begin(j->sink.cookie, &l->error) < 0;
	/* a try never ends while it begins: the next would begin within it, and so on */
	if (l->stopped)
		loop_set_timer(&o->http->net->loop, &l->total, 0);
	else if (conn_state(l->conn) == CONN_OPEN)
		send_request(l);
}

static struct job *dequeue(struct origin *o)
{
	struct job *j = o->queue;

	o->queue = j->next;
	if (!o->queue)
		o->queue_end = &o->queue;
	j->next = NULL;
	return j;
}

/* Fewer are few only when those from before are through. */
static int is_draining(const struct origin *o)
{
	const struct link *l;

	for (l = o->links; l; l = l->next)
		if (l->job && !l->in_sink && l->serial < o->slowed_at)
			return 1;
	return 0;
}

void pool_start(struct origin *o)
{
	struct http_resp resp;
	struct error e;
	struct link *l;

	error_init(&e);
	while (o->queue && o->busy < o->limit && o->resume_at == 0 && !is_draining(o)) {
		l = idle_link(o, o->queue);
		if (!l)
			l = new_link(o, &e);
		if (l) {
			begin_try(l, dequeue(o));
			continue;
		}
		memset(&resp, 0, sizeof resp);
		resp.cls = HTTP_UNREACHED;
		pool_end_job(dequeue(o), &resp, &e);
	}
}

