#include "fuzz/world.h"

#include <stdlib.h>
#include <string.h>
#include "base/buf.h"
#include "base/json_scan.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/settings.h"
#include "fuzz/fuzz.h"
#include "net/http.h"
#include "net/http_msg.h"
#include "plan/plan.h"
#include "prepare/prepare.h"
#include "source/source.h"
#include "store/store.h"
#include "target/target.h"

#define SETTINGS_MOST 24
#define FILES_MOST 8
#define NAME_MOST 64
#define FILE_BYTES_MOST (1 << 24)

static struct {
	const char *name[SETTINGS_MOST], *value[SETTINGS_MOST];
	int settings;
	struct { char name[NAME_MOST]; struct buf text; } file[FILES_MOST];
	int files;
	struct str script;
	size_t step;
} world;

void world_reset(void)
{
	static const struct log_options silent = { (enum log_level)(LOG_ERROR + 1), NULL, 0, 1 };
	struct error e;

	log_open(&silent, &e);
	while (world.files > 0)
		buf_release(&world.file[--world.files].text);
	memset(&world, 0, sizeof(world));
}

/* ---- settings ---- */

void world_set(const char *name, const char *value)
{
	FUZZ_CHECK(world.settings < SETTINGS_MOST);
	world.name[world.settings] = name;
	world.value[world.settings++] = value;
}

static const char *default_of(const char *name)
{
	static const struct setting *const tables[] = {
		net_settings, source_settings, ldap_settings, entra_settings, okta_settings, bamboohr_settings,
		hibob_settings, factorial_settings, file_settings, prepare_settings, target_settings,
		plan_settings, timecamp_settings
	};
	const struct setting *row;
	size_t i;

	for (i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
		for (row = tables[i]; row->name != NULL; row++)
			if (strcmp(row->name, name) == 0)
				return row->def != NULL ? row->def : "";
	FUZZ_CHECK(!"a known setting");
	return "";
}

const char *settings_text(const char *name)
{
	int i;

	for (i = world.settings; i > 0; i--)
		if (strcmp(world.name[i - 1], name) == 0)
			return world.value[i - 1];
	return default_of(name);
}

int settings_on(const char *name)
{
	return str_case_eqz(str_from(settings_text(name)), "true");
}

int64_t settings_int(const char *name)
{
	int64_t n = 0;

	setting_number(str_from(settings_text(name)), &n);
	return n;
}

double settings_factor(const char *name)
{
	double factor = 0;

	setting_factor(str_from(settings_text(name)), &factor);
	return factor;
}

uint64_t settings_amount(const char *name, uint64_t whole)
{
	uint64_t amount = 0;

	setting_amount(str_from(settings_text(name)), whole, &amount);
	return amount;
}

int settings_given(const char *name)
{
	return settings_text(name)[0] != '\0';
}

const char *settings_required(const char *name, struct error *e)
{
	if (settings_given(name))
		return settings_text(name);
	error_set(e, ERROR_USAGE, "%s is not set", name);
	return NULL;
}

/* ---- files ---- */

struct store_in { const struct buf *text; size_t pos; };
struct store_out { struct buf text; char name[NAME_MOST]; };

static void set_name(char to[NAME_MOST], const char *name)
{
	FUZZ_CHECK(strlen(name) < NAME_MOST);
	memcpy(to, name, strlen(name) + 1);
}

static struct buf *find_file(const char *name)
{
	int i;

	for (i = 0; i < world.files; i++)
		if (strcmp(world.file[i].name, name) == 0)
			return &world.file[i].text;
	return NULL;
}

void world_file(const char *name, struct str text)
{
	struct buf *b = find_file(name);

	if (b == NULL) {
		FUZZ_CHECK(world.files < FILES_MOST);
		set_name(world.file[world.files].name, name);
		b = &world.file[world.files++].text;
		buf_init(b, FILE_BYTES_MOST);
	}
	buf_reset(b);
	buf_put_str(b, text);
}

struct str world_text(const char *name)
{
	const struct buf *b = find_file(name);

	return b != NULL ? buf_str(b) : str_of(NULL, 0);
}

struct store_in *store_open(const char *path, const char *hint, struct error *e)
{
	const struct buf *text = find_file(path);
	struct store_in *in = text != NULL ? calloc(1, sizeof(*in)) : NULL;

	if (in == NULL)
		error_set(e, ERROR_FAILED, "%s is not there %s", path, hint != NULL ? hint : "");
	else
		in->text = text;
	return in;
}

long store_read(struct store_in *in, char *data, size_t cap, struct error *e)
{
	struct str part = str_sub(buf_str(in->text), in->pos, cap);

	(void)e;
	if (part.len > 0)
		memcpy(data, part.ptr, part.len);
	in->pos += part.len;
	return (long)part.len;
}

int store_read_at(struct store_in *in, uint64_t offset, char *data, size_t len, struct error *e)
{
	FUZZ_CHECK(in->pos == in->text->len);
	if (offset > in->text->len || len > in->text->len - offset)
		return error_set(e, ERROR_FAILED, "the file ends before");
	if (len > 0)
		memcpy(data, in->text->data + offset, len);
	return 0;
}

void store_close(struct store_in *in)
{
	free(in);
}

struct store_out *store_create(const char *path, struct error *e)
{
	struct store_out *out = calloc(1, sizeof(*out));

	if (out == NULL) {
		error_memory(e);
		return NULL;
	}
	buf_init(&out->text, FILE_BYTES_MOST);
	set_name(out->name, path);
	return out;
}

int store_write(struct store_out *out, const char *data, size_t len, struct error *e)
{
	buf_put(&out->text, data, len);
	return buf_check(&out->text, out->name, e);
}

int store_write_fn(void *cookie, const char *data, size_t len, struct error *e)
{
	return store_write(cookie, data, len, e);
}

void store_share(struct store_out *out)
{
	(void)out;
}

int store_commit(struct store_out *out, struct error *e)
{
	int failed = buf_check(&out->text, out->name, e);

	if (!failed)
		world_file(out->name, buf_str(&out->text));
	store_abort(out);
	return failed;
}

int store_commit_as(struct store_out *out, const char *path, struct error *e)
{
	(void)path;
	(void)e;
	store_abort(out);
	return 0;
}

void store_abort(struct store_out *out)
{
	if (out != NULL)
		buf_release(&out->text);
	free(out);
}

int store_load(const char *path, struct buf *out, struct error *e)
{
	const struct buf *b = find_file(path);

	if (b == NULL)
		return error_set(e, ERROR_FAILED, "%s is not there", path);
	buf_put_str(out, buf_str(b));
	return buf_check(out, path, e);
}

int store_save(const char *path, struct str data, struct error *e)
{
	(void)e;
	world_file(path, data);
	return 0;
}

int store_exists(const char *path)
{
	return find_file(path) != NULL;
}

int store_remove(const char *path, struct error *e)
{
	(void)path;
	(void)e;
	return 0;
}

/* ---- the network ---- */

#define JOBS_MOST 256

struct job {
	struct http_req req;		/* of its sink alone is still asked when it is answered */
	http_done_fn *done;
	void *cookie;
};

struct http {
	struct http_msg msg;
	struct job job[JOBS_MOST];	/* waiting, the oldest first */
	size_t jobs;
};

void world_answers(struct str script, size_t step)
{
	world.script = script;
	world.step = step;
}

void http_options_from_settings(struct http_options *o)
{
	memset(o, 0, sizeof(*o));
}

struct http *http_new(const struct http_options *o, struct error *e)
{
	struct http *h = calloc(1, sizeof(*h));

	(void)o;
	if (h == NULL)
		error_memory(e);
	else
		http_msg_init(&h->msg, HTTP_RESPONSE);
	return h;
}

void http_free(struct http *h)
{
	if (h != NULL)
		http_msg_release(&h->msg);
	free(h);
}

/* As http_judge() has it when no try is left. */
static enum http_class class_of(const struct http_req *req, int status)
{
	switch (status) {
	case 408:
	case 425:
	case 429:
	case 503:
		return HTTP_BUSY;
	case 500:
	case 502:
	case 504:
		return strcmp(req->method, "GET") == 0 ? HTTP_BUSY : HTTP_LOST;
	default:
		return status >= 200 && status < 300 ? HTTP_DONE : HTTP_REFUSED;
	}
}

static int give_body(const struct http_req *req, struct str body, struct error *e)
{
	struct str piece;

	if (req->sink.begin != NULL && req->sink.begin(req->sink.cookie, e) < 0)
		return -1;
	for (; body.len > 0; body = str_sub(body, piece.len, body.len)) {
		piece = str_sub(body, 0, world.step);
		if (req->sink.data(req->sink.cookie, piece.ptr, piece.len, e) < 0)
			return -1;
	}
	return 0;
}

/* The head of the next answer; what is left of it is the body. */
static int next_answer(struct http *h, struct str *body, struct error *e)
{
	struct str usual = STR("HTTP/1.1 200 x\r\n\r\n"), piece;

	if (world.script.len == 0 || !str_next(&world.script, '\0', body))
		return error_set(e, ERROR_UPSTREAM, "nobody answers");
	http_msg_reset(&h->msg);
	if (http_msg_next(&h->msg, str_starts(*body, STR("HTTP/")) ? body : &usual, &piece, e) == HTTP_HEAD)
		return 0;
	return e->kind != ERROR_NONE ? -1 : error_set(e, ERROR_UPSTREAM, "the answer has no end");
}

int http_call(struct http *h, const struct http_req *req, struct http_resp *resp, struct error *e)
{
	struct str body;

	memset(resp, 0, sizeof(*resp));
	resp->cls = HTTP_UNREACHED;
	if (next_answer(h, &body, e) < 0)
		return -1;
	resp->cls = class_of(req, h->msg.head.status);
	if (resp->cls == HTTP_DONE && req->sink.data != NULL && give_body(req, body, e) < 0) {
		resp->cls = HTTP_CANCELLED;
		return -1;
	}
	resp->status = h->msg.head.status;
	resp->head = &h->msg.head;
	if (resp->cls != HTTP_DONE || req->sink.data == NULL)
		resp->body = str_sub(body, 0, req->body_max > 0 ? req->body_max : MAX_HTTP_ERROR_BODY);
	resp->content_type = http_header_value(resp->head, "content-type", 0);
	resp->link = http_header_value(resp->head, "link", 0);
	resp->retry_after = http_header_value(resp->head, "retry-after", 0);
	resp->limited = resp->status == 429;
	resp->tries = 1;
	return 0;
}

int http_submit(struct http *h, const struct http_req *req, http_done_fn *done, void *cookie, struct error *e)
{
	struct job *j = &h->job[h->jobs];

	(void)e;
	FUZZ_CHECK(h->jobs++ < JOBS_MOST);
	j->req = *req;
	j->done = done;
	j->cookie = cookie;
	return 0;
}

size_t http_pending(const struct http *h)
{
	return h->jobs;
}

static struct job next_job(struct http *h)
{
	struct job j = h->job[0];

	memmove(h->job, h->job + 1, --h->jobs * sizeof(h->job[0]));
	return j;
}

int http_run_once(struct http *h, struct error *e)
{
	struct http_resp resp;
	struct error why;
	struct job j;

	(void)e;
	if (h->jobs == 0)
		return 0;
	j = next_job(h);
	error_init(&why);
	http_call(h, &j.req, &resp, &why);
	j.done(j.cookie, &resp, &why);
	return 0;
}

int http_run_for(struct http *h, int ms, struct error *e)
{
	(void)ms;
	return http_run_once(h, e);
}

void http_cancel(struct http *h, int finish)
{
	struct http_resp resp;
	struct error why;
	struct job j;

	(void)finish;
	while (h->jobs > 0) {
		j = next_job(h);
		memset(&resp, 0, sizeof(resp));
		resp.cls = HTTP_CANCELLED;
		error_set(&why, ERROR_CANCELLED, "cancelled");
		j.done(j.cookie, &resp, &why);
	}
}

void http_get_stats(const struct http *h, struct http_stats *out)
{
	(void)h;
	memset(out, 0, sizeof(*out));
}

/* ---- checks ---- */

static int nothing(void *cookie, const struct json_match *match, struct str raw, struct error *e)
{
	(void)cookie;
	(void)match;
	(void)raw;
	(void)e;
	return 0;
}

int world_is_json(struct str text)
{
	static const char *const paths[] = { "", NULL };
	struct error e;
	struct json_scan *s = json_scan_new(paths, FILE_BYTES_MOST, nothing, NULL, &e);
	int ok = s != NULL && json_scan_feed(s, text.ptr, text.len, &e) == 0 && json_scan_end(s, &e) == 0;

	json_scan_free(s);
	return ok;
}
