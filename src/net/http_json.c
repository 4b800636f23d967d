#include "net/http_json.h"

#include <string.h>

static int take_value(void *cookie, const struct json_match *m, struct str raw, struct error *e)
{
	struct http_json *r = cookie;
	int failed;

	r->malformed = 0;
	failed = r->value(r->cookie, m, raw, e);
	r->malformed = !failed;
	return failed;
}

static int sink_begin(void *cookie, struct error *e)
{
	struct http_json *r = cookie;

	json_scan_reset(r->scan);
	r->malformed = 0;
	return r->begin ? r->begin(r->cookie, e) : 0;
}

static int sink_data(void *cookie, const char *data, size_t len, struct error *e)
{
	struct http_json *r = cookie;

	r->malformed = 1;
	if (json_scan_feed(r->scan, data, len, e) != 0)
		return -1;
	r->malformed = 0;
	return 0;
}

int http_json_init(struct http_json *r, const char *const *paths, json_value_fn *value, void *cookie,
		   struct error *e)
{
	memset(r, 0, sizeof(*r));
	r->value = value;
	r->cookie = cookie;
	r->scan = json_scan_new(paths, MAX_RECORD, take_value, r, e);
	return r->scan ? 0 : -1;
}

void http_json_release(struct http_json *r)
{
	json_scan_free(r->scan);
	r->scan = NULL;
}

struct http_body_sink http_json_sink(struct http_json *r)
{
	struct http_body_sink sink = { sink_begin, sink_data, NULL };

	sink.cookie = r;
	return sink;
}

int http_json_end(struct http_json *r, struct error *e)
{
	r->malformed = json_scan_end(r->scan, e) != 0;
	return r->malformed ? -1 : 0;
}
