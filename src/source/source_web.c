#include "source/source_web.h"

#include <string.h>

#include "base/codec.h"
#include "base/json_slice.h"
#include "base/limits.h"
#include "base/log.h"
#include "net/http_json.h"
#include "port.h"

#define NAME_SHOWN 80		/* bytes of a record's id in a message */
#define REASON_SHOWN 200	/* and of a header that says why */
#define NAP_MS 100		/* how often a wait looks whether the user interrupted */

/* ---- the service --------------------------------------------------------------------------------------- */

int web_open(struct web *w, const struct web_kind *kind, void *cookie, const char *name, const char *base,
	     struct error *e)
{
	struct str text = str_trim(str_from(base));
	struct http_options o;
	struct url url;

	w->kind = kind;
	w->cookie = cookie;
	buf_init(&w->base, MAX_URL);
	buf_init(&w->secret, MAX_SECRET_FILE + 64);
	while (text.len > 0 && text.ptr[text.len - 1] == '/')
		text.len--;
	if (str_find(text, 0, STR("://")) == text.len)
		buf_puts(&w->base, "https://");
	buf_put_str(&w->base, text);
	if (buf_check(&w->base, name, e) != 0 || url_parse(&url, buf_str(&w->base), e) != 0)
		return error_add(e, "%s", name);
	w->headers[0].name = "Accept";
	w->headers[0].value = "application/json";
	http_options_from_settings(&o);
	o.max_connections = 1;
	w->wait_scale = o.wait_scale;
	w->http = http_new(&o, e);
	return w->http ? 0 : -1;
}

void web_close(struct web *w)
{
	http_free(w->http);
	w->http = NULL;
	buf_release(&w->base);
	buf_wipe(&w->secret);
}

int web_authorize(struct web *w, const char *name, struct str value, struct error *e)
{
	buf_reset(&w->secret);
	buf_put_str(&w->secret, value);
	if (buf_check(&w->secret, name, e) != 0)
		return -1;
	log_secret(buf_str(&w->secret));
	w->headers[1].name = name;
	w->headers[1].value = buf_text(&w->secret);
	return 0;
}

int web_authorize_basic(struct web *w, const char *user, const char *password, struct error *e)
{
	struct buf plain, value;
	int failed;

	buf_init(&plain, 2 * MAX_SECRET_FILE);
	buf_init(&value, 4 * MAX_SECRET_FILE);
	buf_printf(&plain, "%s:%s", user, password);
	buf_puts(&value, "Basic ");
	base64_encode(&value, plain.data, plain.len);
	failed = buf_check(&plain, "user and password", e) != 0 || buf_check(&value, "credentials", e) != 0 ||
		 web_authorize(w, "Authorization", buf_str(&value), e) != 0;
	log_secret(str_sub(buf_str(&value), sizeof("Basic ") - 1, value.len));
	buf_wipe(&plain);
	buf_wipe(&value);
	return failed ? -1 : 0;
}

int web_same_origin(const struct web *w, struct str url)
{
	struct url ours, theirs;

	if (url_parse(&ours, buf_str(&w->base), NULL) != 0 || url_parse(&theirs, url, NULL) != 0)
		return 0;
	return str_case_eq(ours.scheme, theirs.scheme) && str_case_eq(ours.host, theirs.host) &&
	       ours.port == theirs.port && theirs.user.len == 0;
}

/* ---- one request --------------------------------------------------------------------------------------- */

/* A request under way. */
struct web_send {
	const struct web_request *r;
	struct http_req req;
	struct http_header headers[8];
	struct buf url;
	struct http_json json;
};

static int ignore_value(void *cookie, const struct json_match *m, struct str raw, struct error *e)
{
	(void)cookie;
	(void)m;
	(void)raw;
	(void)e;
	return 0;
}

static int make_url(const struct web *w, struct web_send *s, struct error *e)
{
	struct url theirs;

	if (s->r->url.len > 0 && s->r->url.ptr[0] == '/')
		buf_put_str(&s->url, buf_str(&w->base));
	buf_put_str(&s->url, s->r->url);
	if (buf_check(&s->url, "the address of a request", e) != 0)
		return -1;
	if (web_same_origin(w, buf_str(&s->url)))
		return 0;
	if (url_parse(&theirs, buf_str(&s->url), NULL) != 0)
		return error_set(e, ERROR_UPSTREAM, "%s names a next page at something that is no address",
				 w->kind->title);
	return error_set(e, ERROR_UPSTREAM, "%s names a next page on another server, %.*s:%u, which must not "
			 "get the credentials; is %s the right address?", w->kind->title,
			 STR_ARG(theirs.host), theirs.port, buf_text(&w->base));
}

static void make_headers(const struct web *w, struct web_send *s)
{
	const struct http_header *more = s->r->headers;
	size_t n = 0, i;

	for (i = 0; w->headers[i].name; i++)
		s->headers[n++] = w->headers[i];
	for (i = 0; more && more[i].name && n < 7; i++)
		s->headers[n++] = more[i];
	s->headers[n].name = NULL;
}

static int send_init(struct web *w, struct web_send *s, const struct web_request *r, struct error *e)
{
	static const char *const no_paths[] = { NULL };

	memset(s, 0, sizeof(*s));
	s->r = r;
	buf_init(&s->url, MAX_URL);
	if (http_json_init(&s->json, r->paths ? r->paths : no_paths, r->value ? r->value : ignore_value,
			   r->cookie, e) != 0 || make_url(w, s, e) != 0)
		return -1;
	s->json.begin = r->begin;
	s->req.method = r->method;
	s->req.url = buf_text(&s->url);
	s->req.headers = s->headers;
	s->req.body = r->body;
	s->req.content_type = r->content_type ? r->content_type : "application/json";
	s->req.sink = http_json_sink(&s->json);
	s->req.flags = HTTP_RETRY_LOST;
	return 0;
}

static void send_release(struct web_send *s)
{
	http_json_release(&s->json);
	buf_release(&s->url);
}

/* Until the service wants to be asked again. */
static int pause(struct web *w, struct error *e)
{
	int64_t left = w->resume_at - port_mono_ms();

	if (w->resume_at && left > 0)
		log_debug("%s: its rate limit is near, waiting %ld ms", w->kind->title, (long)left);
	while (w->resume_at && (left = w->resume_at - port_mono_ms()) > 0 && !port_interrupted())
		port_sleep_ms(left < NAP_MS ? (int)left : NAP_MS);
	w->resume_at = 0;
	return port_interrupted() ? error_set(e, ERROR_CANCELLED, "interrupted") : 0;
}

static void note_pace(struct web *w, const struct http_resp *resp)
{
	int64_t ms = w->kind->pace && resp->head ? w->kind->pace(resp->head, port_wall_ms() / 1000) : 0;

	if (resp->status)
		w->requests++;
	if (resp->limited)
		log_debug("%s: asked to come back later %d times", w->kind->title, resp->limited);
	if (ms > 0)
		w->resume_at = port_mono_ms() + (int64_t)((double)ms * w->wait_scale);
}

/* The record that was too large, by its id if that is at its beginning. */
static void name_record(const struct web *w, struct web_send *s, struct error *e)
{
	struct str part = json_scan_part(s->json.scan);
	struct json_walk walk;

	json_walk_init(&walk, part);
	while (w->kind->record_id && json_walk_next(&walk) && walk.value.ptr + walk.value.len < walk.end) {
		if (json_key_is(walk.key, str_from(w->kind->record_id))) {
			error_add(e, "the record %.*s", (int)(walk.value.len < NAME_SHOWN ? walk.value.len :
				  NAME_SHOWN), walk.value.ptr);
			return;
		}
	}
}

/* What the service says, and what to do. */
static int refused(const struct web *w, const struct web_send *s, const struct http_resp *resp,
		   struct error *e)
{
	const struct { int status; const char *advice; } advices[] = {
		{ 401, w->kind->denied }, { 403, w->kind->forbidden }, { 404, w->kind->missing },
	};
	struct str reason = STR("");
	size_t i;

	http_status_error(&s->req, resp, e);
	if (w->kind->reason)
		reason = http_header_value(resp->head, w->kind->reason, 0);
	if (reason.len > 0)
		error_add(e, "%.*s", STR_ARG(str_sub(reason, 0, REASON_SHOWN)));
	for (i = 0; i < sizeof(advices) / sizeof(advices[0]); i++)
		if (resp->status == advices[i].status && advices[i].advice)
			error_add(e, "%s", advices[i].advice);
	return -1;
}

static int judge(const struct web *w, struct web_send *s, const struct http_resp *resp, struct error *e)
{
	if (resp->cls == HTTP_REFUSED || resp->cls == HTTP_BUSY || (resp->cls == HTTP_LOST && resp->status)) {
		if (resp->status == s->r->allowed)
			return 0;
		return refused(w, s, resp, e);
	}
	if (resp->cls == HTTP_DONE && http_json_end(&s->json, e) == 0)
		return 0;
	if (s->json.malformed) {
		name_record(w, s, e);
		if (e->kind == ERROR_FAILED)
			e->kind = ERROR_UPSTREAM;
		error_add(e, "the answer to %s %.*s cannot be read", s->req.method,
			  (int)strcspn(s->req.url, "?#"), s->req.url);
	}
	return -1;
}

/* With another try when the credentials have run out. */
static int send_request(struct web *w, struct web_send *s, struct http_resp *resp, struct error *e)
{
	int renewed = 0;

	for (;;) {
		if (pause(w, e) != 0)
			return -1;
		make_headers(w, s);
		http_call(w->http, &s->req, resp, e);
		note_pace(w, resp);
		if (resp->status != 401 || renewed || !w->kind->renew)
			return judge(w, s, resp, e);
		log_debug("%s: the credentials have run out, getting new ones", w->kind->title);
		renewed = 1;
		if (w->kind->renew(w, w->cookie, e) != 0)
			return -1;
	}
}

int web_call(struct web *w, const struct web_request *r, struct web_answer *answer, struct error *e)
{
	struct http_resp resp;
	struct web_send s;
	int i, failed;

	memset(answer, 0, sizeof(*answer));
	memset(&resp, 0, sizeof(resp));
	failed = send_init(w, &s, r, e) != 0 || send_request(w, &s, &resp, e) != 0;
	answer->status = resp.status;
	if (!failed) {
		answer->head = resp.head;
		for (i = 0; r->paths && r->paths[i]; i++) {
			answer->saw[i] = json_scan_saw(s.json.scan, i);
			answer->null[i] = json_scan_null(s.json.scan, i);
		}
	}
	send_release(&s);
	if (failed)
		return error_add(e, "%s", w->kind->title);
	return 0;
}

/* ---- links --------------------------------------------------------------------------------------------- */

/* 1 when the parameters of a link ("; rel=\"next\"; title=x") say that it is the next page's. */
static int is_next(struct str params)
{
	struct str part, name, value, word;
	size_t eq;

	while (str_next(&params, ';', &part)) {
		eq = str_find_char(part, 0, '=');
		name = str_trim(str_sub(part, 0, eq));
		value = str_trim(str_sub(part, eq + 1, part.len));
		if (value.len >= 2 && value.ptr[0] == '"' && value.ptr[value.len - 1] == '"')
			value = str_sub(value, 1, value.len - 2);
		if (!str_case_eqz(name, "rel") || value.len == 0)
			continue;
		while (str_next(&value, ' ', &word))
			if (str_case_eqz(word, "next"))
				return 1;
	}
	return 0;
}

/* Where the parameters of a link end: at a comma outside quotes. */
static size_t link_end(struct str s, size_t from)
{
	int quoted = 0;

	for (; from < s.len && (quoted || s.ptr[from] != ','); from++)
		if (s.ptr[from] == '"')
			quoted = !quoted;
	return from;
}

/* One header line. */
static int find_next(struct str line, struct buf *out, struct error *e)
{
	size_t close, end;

	for (line = str_trim(line); line.len > 0; line = str_trim(str_sub(line, end + 1, line.len))) {
		close = str_find_char(line, 0, '>');
		if (line.ptr[0] != '<' || close == line.len)
			return error_set(e, ERROR_UPSTREAM, "the header Link is malformed");
		end = link_end(line, close);
		if (is_next(str_sub(line, close + 1, end - close - 1))) {
			if (close == 1)
				return error_set(e, ERROR_UPSTREAM, "the header Link names no next page");
			buf_put_str(out, str_sub(line, 1, close - 1));
			return buf_check(out, "the address of the next page", e) != 0 ? -1 : 1;
		}
	}
	return 0;
}

int web_next_link(const struct web_answer *answer, struct buf *out, struct error *e)
{
	struct str line;
	int i, found = 0;

	for (i = 0; !found && (line = http_header_value(answer->head, "link", i)).len > 0; i++)
		found = find_next(line, out, e);
	return found;
}
