/* Answers on their way through a scanner to the one who wants their records. */
#include <string.h>
#include "base/limits.h"
#include "target/target.h"

int target_reading_init(struct target_reading *r, struct target_run *run, const char *const *paths,
			json_value_fn *fn, void *cookie, struct error *e)
{
	memset(r, 0, sizeof(*r));
	r->run = run;
	buf_init(&r->url, MAX_URL);
	return http_json_init(&r->json, paths, fn, cookie, e);
}

void target_reading_release(struct target_reading *r)
{
	http_json_release(&r->json);
	buf_release(&r->url);
}

void target_reading_address(struct target_reading *r, const char *path)
{
	buf_reset(&r->url);
	buf_put_str(&r->url, buf_str(&r->run->base));
	buf_puts(&r->url, path);
}

static void fill_request(struct target_reading *r, struct http_req *req)
{
	memset(req, 0, sizeof(*req));
	req->method = "GET";
	req->url = buf_text(&r->url);
	req->headers = r->run->headers;
	req->flags = r->run->http_flags;
	req->sink = http_json_sink(&r->json);
}

int target_reading_submit(struct target_reading *r, http_done_fn *done, void *cookie, struct error *e)
{
	struct http_req req;

	fill_request(r, &req);
	if (buf_check(&r->url, "request address", e) < 0)
		return -1;
	return http_submit(r->run->http, &req, done, cookie, e);
}

/* Something else listens there, or the service is out of order. */
static int malformed_answer(const struct target_reading *r, struct error *e)
{
	if (e->kind == ERROR_FAILED)
		e->kind = ERROR_UPSTREAM;
	return error_add(e, "the answer to GET %s is not what the service answers (is the address right?)",
			 buf_text(&r->url));
}

int target_reading_end(struct target_reading *r, const struct http_resp *resp, const struct error *why,
		       struct error *e)
{
	struct http_req req;

	fill_request(r, &req);
	target_window_note(&r->run->window, resp->limited);
	if (resp->cls == HTTP_REFUSED || resp->cls == HTTP_BUSY) {
		http_status_error(&req, resp, e);
		if (e->kind == ERROR_DENIED)
			error_add(e, "access denied (%s)", r->run->target->denied);
		return -1;
	}
	if (resp->cls != HTTP_DONE) {
		if (e != why)
			*e = *why;
		return r->json.malformed ? malformed_answer(r, e) : -1;
	}
	return http_json_end(&r->json, e) < 0 ? malformed_answer(r, e) : 0;
}

/* Of one answer alone. */
struct single {
	struct target_reading reading;	/* owned */
	int busy, failed;
	struct error error;		/* when it failed */
};

static void single_done(void *cookie, const struct http_resp *resp, const struct error *e)
{
	struct single *s = cookie;

	s->busy = 0;
	s->failed = target_reading_end(&s->reading, resp, e, &s->error);
}

/* Runs until the answer is there, with what goes on meanwhile. */
static int run_beside(struct single *s, struct error *e)
{
	struct target_run *run = s->reading.run;
	void (*meanwhile)(void *cookie) = run->meanwhile;

	s->busy = 1;
	if (target_reading_submit(&s->reading, single_done, s, e) < 0)
		return -1;
	run->meanwhile = NULL;
	while (s->busy && http_run_once(run->http, &s->error) == 0)
		if (s->busy)
			meanwhile(run->meanwhile_cookie);
	run->meanwhile = meanwhile;
	if (!s->busy && !s->failed)
		return 0;
	*e = s->error;
	if (s->busy)	/* the loop is broken: nothing may call back into this frame later */
		http_cancel(run->http, 0);
	return -1;
}

static int run_alone(struct target_reading *r, struct error *e)
{
	struct http_req req;
	struct http_resp resp;

	fill_request(r, &req);
	if (buf_check(&r->url, "request address", e) < 0)
		return -1;
	http_call(r->run->http, &req, &resp, e);
	return target_reading_end(r, &resp, e, e);
}

int target_read(struct target_run *run, const char *path, const char *const *paths, json_value_fn *fn,
		void *cookie, struct error *e)
{
	struct single s;
	int failed;

	memset(&s, 0, sizeof(s));
	error_init(&s.error);
	failed = target_reading_init(&s.reading, run, paths, fn, cookie, e);
	target_reading_address(&s.reading, path);
	if (!failed)
		failed = run->meanwhile != NULL ? run_beside(&s, e) : run_alone(&s.reading, e);
	target_reading_release(&s.reading);
	return failed;
}
