#include <stdlib.h>
#include <string.h>

#include "base/settings.h"
#include "base/version.h"
#include "net/http_int.h"

#define ROUND_MS 1000			/* how often a waiting call looks whether the user interrupted */
#define MAX_WIRE (64 * 1024 * 1024)	/* bytes of a request with its body */

/* ---- life ------------------------------------------------------------------------------------ */

void http_options_from_settings(struct http_options *o)
{
	struct net_options n;
	int64_t retries = settings_int("NET_RETRIES");

	net_options_from_settings(&n);
	memset(o, 0, sizeof *o);
	o->max_connections = 4;
	o->timeout_ms = n.timeout_ms;
	o->retries = retries < 0 ? 0 : retries > 100 ? 100 : (int)retries;
	o->wait_scale = settings_factor("NET_WAIT_SCALE");
	o->https_proxy = n.https_proxy;
	o->http_proxy = n.http_proxy;
	o->no_proxy = n.no_proxy;
	o->ca_file = n.ca_file;
	o->client_cert = n.client_cert;
	o->client_key = n.client_key;
	o->user_agent = "rollcall/" ROLLCALL_VERSION;
}

static struct net *make_net(const struct http_options *o, struct error *e)
{
	struct net_options n;

	memset(&n, 0, sizeof n);
	n.timeout_ms = o->timeout_ms;
	n.https_proxy = o->https_proxy;
	n.http_proxy = o->http_proxy;
	n.no_proxy = o->no_proxy;
	n.ca_file = o->ca_file;
	n.client_cert = o->client_cert;
	n.client_key = o->client_key;
	return net_new(&n, e);
}

struct http *http_new(const struct http_options *o, struct error *e)
{
	struct http *h = calloc(1, sizeof *h);

	if (!h) {
		error_memory(e);
		return NULL;
	}
	h->o = *o;
	h->borrowed = o->net != NULL;
	h->net = o->net ? o->net : make_net(o, e);
	buf_init(&h->last_head.text, MAX_HTTP_HEADER);
	buf_init(&h->last_body, 0);
	if (!h->net || port_entropy(&h->random, sizeof h->random, e) < 0) {
		http_free(h);
		return NULL;
	}
	return h;
}

void http_free(struct http *h)
{
	struct origin *o, *next;

	if (!h)
		return;
	pool_free_jobs(h->waiting);
	for (o = h->origins; o; o = next) {
		next = o->next;
		pool_free_origin(o);
	}
	buf_release(&h->last_head.text);
	buf_wipe(&h->last_body);	/* may have held a token */
	if (!h->borrowed)
		net_free(h->net);
	free(h);
}

size_t http_pending(const struct http *h)
{
	return h->pending;
}

void http_get_stats(const struct http *h, struct http_stats *out)
{
	*out = h->stats;
}

/* ---- submitting ------------------------------------------------------------------------------ */

static struct origin *find_origin(struct http *h, const struct http_place *p, struct error *e)
{
	struct origin *o;
	const struct proxy *proxy = NULL;

	for (o = h->origins; o; o = o->next)
		if (o->port == p->port && o->tls == p->tls && o->no_verify == p->no_verify &&
		    str_case_eqz(p->host, o->host))
			return o;
	if (!p->tls) {
		error_init(e);
		proxy = proxy_for(h->net, 0, p->host, p->port, e);
		if (!proxy && e->kind != ERROR_NONE)
			return NULL;
	}
	o = calloc(1, sizeof *o);
	if (!o || !(o->host = calloc(1, p->host.len + 1))) {
		free(o);
		error_memory(e);
		return NULL;
	}
	memcpy(o->host, p->host.ptr, p->host.len);
	o->http = h;
	o->port = p->port;
	o->tls = p->tls;
	o->no_verify = p->no_verify;
	o->proxy = proxy;
	o->queue_end = &o->queue;
	o->limit = h->o.max_connections > 0 ? h->o.max_connections : 1;
	o->patience = 1;
	o->timer.fire = pool_resume;
	o->timer.cookie = o;
	o->next = h->origins;
	h->origins = o;
	return o;
}

static struct job *new_job(struct http *h, const struct http_req *req, http_done_fn *done, void *cookie)
{
	struct job *j = calloc(1, sizeof *j);

	if (!j)
		return NULL;
	j->http = h;
	j->head_only = strcmp(req->method, "HEAD") == 0;
	j->safe = j->head_only || strcmp(req->method, "GET") == 0;
	j->flags = req->flags;
	j->sink = req->sink;
	j->body_max = req->body_max;
	j->done = done;
	j->cookie = cookie;
	j->timer.fire = pool_job_due;
	j->timer.cookie = j;
	buf_init(&j->wire, MAX_WIRE);
	buf_init(&j->title, MAX_URL + 64);
	return j;
}

int http_submit(struct http *h, const struct http_req *req, http_done_fn *done, void *cookie, struct error *e)
{
	struct http_place place;
	struct job *j;

	if (http_read_place(&place, req, e) < 0)
		return -1;
	j = new_job(h, req, done, cookie);
	if (!j)
		return error_memory(e);
	j->origin = find_origin(h, &place, e);
	if (!j->origin ||
	    http_write_request(&j->wire, &place, req, h->o.user_agent, j->origin->proxy, e) < 0) {
		pool_free_job(j);
		return -1;
	}
	http_put_title(&j->title, req->method, req->url);
	h->pending++;
	pool_enqueue(j, 0);
	/* not here: it may end while it is begun, and who made it must know of it before he hears of it */
	if (j->origin->resume_at == 0)
		loop_set_timer(&h->net->loop, &j->origin->timer, 0);
	return 0;
}

/* ---- running --------------------------------------------------------------------------------- */

int http_run_for(struct http *h, int ms, struct error *e)
{
	uint64_t before = h->ended;
	int64_t end = port_mono_ms() + ms;

	while (h->pending > 0 && h->ended == before) {
		int64_t left = ms < 0 ? ROUND_MS : end - port_mono_ms();

		if (port_interrupted() && !h->interrupt_seen) {
			h->interrupt_seen = 1;
			return 0;
		}
		if (left <= 0)
			return 0;
		if (net_run(h->net, left < ROUND_MS ? (int)left : ROUND_MS, e) < 0)
			return -1;
	}
	return 0;
}

int http_run_once(struct http *h, struct error *e)
{
	return http_run_for(h, -1, e);
}

static void cancel_job(struct job *j)
{
	struct http_resp resp = { 0 };
	struct error e;

	resp.cls = HTTP_CANCELLED;
	error_set(&e, ERROR_CANCELLED, "cancelled");
	pool_end_job(j, &resp, &e);
}

static void cancel_jobs(struct job *list)
{
	struct job *j;

	while ((j = list) != NULL) {
		list = j->next;
		cancel_job(j);
	}
}

static void cancel_origin(struct origin *o, int finish)
{
	struct job *queued = o->queue, *j;
	struct link *l, *next;

	o->queue = NULL;
	o->queue_end = &o->queue;
	for (l = o->links; l; l = next) {
		next = l->next;
		if (!l->job)
			continue;
		l->job->flags |= HTTP_NO_RETRY;
		if (finish || l->in_sink)
			continue;
		j = l->job;
		pool_free_link(l);
		j->next = queued;
		queued = j;
	}
	cancel_jobs(queued);
}

void http_cancel(struct http *h, int finish)
{
	struct job *waiting = h->waiting;
	struct origin *o;

	h->waiting = NULL;
	cancel_jobs(waiting);
	for (o = h->origins; o; o = o->next)
		cancel_origin(o, finish);
}

struct call {
	struct http *http;
	struct error *e;
	int ended, failed;
};

/* The answer outlives the connection's buffers: it is good until the next call. */
static void call_done(void *cookie, const struct http_resp *resp, const struct error *e)
{
	struct call *c = cookie;
	struct http *h = c->http;

	c->ended = 1;
	c->failed = resp->status == 0;
	h->last = *resp;
	buf_reset(&h->last_head.text);
	h->last_body.max = resp->body.len;
	buf_reset(&h->last_body);
	buf_put_str(&h->last_body, resp->body);
	h->last.body = buf_str(&h->last_body);
	if (resp->head) {
		buf_put_str(&h->last_head.text, buf_str(&resp->head->text));
		h->last_head.fields = resp->head->fields;
		h->last_head.status = resp->head->status;
		h->last.head = &h->last_head;
		h->last.content_type = http_header_value(&h->last_head, "content-type", 0);
		h->last.link = http_header_value(&h->last_head, "link", 0);
		h->last.retry_after = http_header_value(&h->last_head, "retry-after", 0);
	}
	if (c->failed && c->e)
		*c->e = *e;
	if (!c->failed && (h->last_body.failed || h->last_head.text.failed)) {
		c->failed = 1;
		error_memory(c->e);
	}
}

int http_call(struct http *h, const struct http_req *req, struct http_resp *resp, struct error *e)
{
	struct call c = { 0 };
	int finish = strcmp(req->method, "GET") != 0 && strcmp(req->method, "HEAD") != 0, cancelled = 0;

	/* what only asks is not worth waiting for */
	if (req->flags & HTTP_RETRY_LOST)
		finish = 0;
	c.http = h;
	c.e = e;
	memset(resp, 0, sizeof *resp);
	resp->cls = HTTP_UNREACHED;
	if (http_submit(h, req, call_done, &c, e) < 0)
		return -1;
	while (!c.ended) {
		if (port_interrupted() && !cancelled) {
			cancelled = 1;
			http_cancel(h, finish);
		} else if (net_run(h->net, ROUND_MS, e) < 0) {
			/* the loop is broken: nothing may call back into this frame later */
			http_cancel(h, 0);
			return -1;
		}
	}
	*resp = h->last;
	return c.failed ? -1 : 0;
}
