#include <string.h>
#include "base/limits.h"
#include "base/log.h"
#include "target/target.h"

extern const struct target target_timecamp;

const struct target *const target_table[] = { &target_timecamp, NULL };

const struct setting target_settings[] = {
	{ "SYNC_JOBS", SETTING_INT, "4", 0, "requests that are sent side by side (1 to 64)" },
	{ "SYNC_PROTECT", SETTING_LIST, "", 0,
	  "e-mails of users who are left alone, with commas; *@example.com means everybody there" },
	{ NULL, SETTING_TEXT, NULL, 0, NULL }
};

const struct target *target_find(const char *name)
{
	int i;

	for (i = 0; target_table[i] != NULL; i++)
		if (strcmp(target_table[i]->name, name) == 0)
			return target_table[i];
	return NULL;
}

void target_window_init(struct target_window *w, int max)
{
	w->now = w->max = max;
	w->good = 0;
}

void target_window_note(struct target_window *w, int limited)
{
	if (limited > 0) {
		w->now = w->now > 1 ? w->now / 2 : 1;
		w->good = 0;
	} else if (++w->good >= WINDOW_GROW_AFTER && w->now < w->max) {
		w->now++;
		w->good = 0;
	}
}

int target_open(struct target_run *run, const struct target *target, struct error *e)
{
	int64_t jobs = settings_int("SYNC_JOBS");
	struct http_options o;

	run->target = target;
	buf_init(&run->base, MAX_URL);
	buf_init(&run->secret, MAX_SECRET_FILE + 64);
	if (jobs < 1 || jobs > MAX_SYNC_JOBS)
		return error_set(e, ERROR_USAGE, "SYNC_JOBS is %ld; it must be between 1 and %d", (long)jobs,
				 MAX_SYNC_JOBS);
	if (target->open(run, e) < 0)
		return -1;
	http_options_from_settings(&o);
	o.max_connections = (int)jobs;
	run->wait_scale = o.wait_scale;
	target_window_init(&run->window, (int)jobs);
	run->http = http_new(&o, e);
	return run->http == NULL ? -1 : 0;
}

void target_close(struct target_run *run)
{
	http_free(run->http);
	run->http = NULL;
	buf_release(&run->base);
	buf_release(&run->secret);
}

/* A listing on its way through the scanner to the one who wants its records. */
struct reading {
	struct json_scan *scan;		/* owned */
	json_value_fn *fn;
	void *cookie;
	int malformed;			/* the last failure was the text's, not one of fn */
};

static int take_value(void *cookie, const struct json_match *m, struct str raw, struct error *e)
{
	struct reading *r = cookie;
	int failed;

	r->malformed = 0;
	failed = r->fn(r->cookie, m, raw, e);
	r->malformed = !failed;
	return failed;
}

static int sink_begin(void *cookie, struct error *e)
{
	struct reading *r = cookie;

	(void)e;
	json_scan_reset(r->scan);
	r->malformed = 0;
	return 0;
}

static int sink_data(void *cookie, const char *data, size_t len, struct error *e)
{
	struct reading *r = cookie;

	r->malformed = 1;
	if (json_scan_feed(r->scan, data, len, e) < 0)
		return -1;
	r->malformed = 0;
	return 0;
}

/* Something else listens there, or the service is out of order. */
static int malformed_answer(const struct http_req *req, struct error *e)
{
	if (e->kind == ERROR_FAILED)
		e->kind = ERROR_UPSTREAM;
	return error_add(e, "the answer to GET %s is not what the service answers (is the address right?)",
			 req->url);
}

int target_read(struct target_run *run, const char *path, const char *const *paths, json_value_fn *fn,
		void *cookie,
		struct error *e)
{
	struct reading r = { NULL, fn, cookie, 0 };
	struct http_req req = { 0 };
	struct http_resp resp;
	struct buf url;
	int failed = -1;

	r.scan = json_scan_new(paths, MAX_RECORD, take_value, &r, e);
	if (r.scan == NULL)
		return -1;
	buf_init(&url, MAX_URL);
	buf_put_str(&url, buf_str(&run->base));
	buf_puts(&url, path);
	req.method = "GET";
	req.url = buf_text(&url);
	req.headers = run->headers;
	req.flags = run->http_flags;
	req.sink.begin = sink_begin;
	req.sink.data = sink_data;
	req.sink.cookie = &r;
	if (buf_check(&url, "request address", e) < 0)
		goto out;
	if (http_call(run->http, &req, &resp, e) < 0) {
		if (r.malformed)
			malformed_answer(&req, e);
		goto out;
	}
	target_window_note(&run->window, resp.limited);
	if (resp.cls != HTTP_DONE) {
		http_status_error(&req, &resp, e);
		if (e->kind == ERROR_DENIED)
			error_add(e, "access denied (%s)", run->target->denied);
	} else if (json_scan_end(r.scan, e) < 0) {
		malformed_answer(&req, e);
	} else {
		failed = 0;
	}
out:
	buf_release(&url);
	json_scan_free(r.scan);
	return failed;
}
