#include "app/app_notify.h"

#include <string.h>
#include "base/buf.h"
#include "base/json_write.h"
#include "base/limits.h"
#include "base/log.h"
#include "net/http.h"

#define NOTIFY_TIMEOUT_MS 10000		/* without progress */
#define NOTIFY_TOTAL_MS 20000		/* the run's end waits for it */
#define NOTIFY_RETRIES 1

enum notice notice_of(int exit_code)
{
	return exit_code == 0 ? NOTICE_GOOD : exit_code == 4 ? NOTICE_HELD : NOTICE_FAILED;
}

void notice_put(struct buf *out, const char *what, int64_t run, int exit_code, const char *why)
{
	static const char *const texts[] = { "works again", "failed", "waits for a decision" };

	buf_printf(out, "rollcall: %s %s (run %lld", what, texts[notice_of(exit_code)], (long long)run);
	if (exit_code == 0) {
		buf_puts(out, ")");
		return;
	}
	buf_printf(out, ", exit code %d): ", exit_code);
	log_clean(out, str_from(why));
}

/* Whoever knows the path may write to the channel, so it must not show even without the rest. */
static void hide_path(const char *url)
{
	const char *host = strstr(url, "://");
	const char *path = host != NULL ? strchr(host + 3, '/') : NULL;

	if (path == NULL)
		return;
	log_secret(str_from(path));
	log_secret(str_of(path, strcspn(path, "?#")));
}

static int post(struct http *http, const char *url, struct str body, struct error *e)
{
	struct http_req req = { 0 };
	struct http_resp resp;

	req.method = "POST";
	req.url = url;
	req.body = body;
	req.content_type = "application/json";
	if (http_call(http, &req, &resp, e) != 0)
		return -1;
	return resp.cls == HTTP_DONE ? 0 : http_status_error(&req, &resp, e);
}

int notify_send(const char *url, struct str text, struct error *e)
{
	struct json_write w;
	struct http_options o;
	struct http *http;
	int failed = -1;

	hide_path(url);
	http_options_from_settings(&o);
	o.max_connections = 1;
	o.timeout_ms = o.timeout_ms < NOTIFY_TIMEOUT_MS ? o.timeout_ms : NOTIFY_TIMEOUT_MS;
	o.total_ms = NOTIFY_TOTAL_MS;
	o.retries = NOTIFY_RETRIES;
	json_write_init(&w, 0, NULL, NULL, 8 * ERROR_TEXT_MAX);
	json_begin_object(&w);
	json_put_member(&w, "text", text);
	json_end_object(&w);
	http = http_new(&o, e);
	if (http != NULL && json_write_finish(&w, e) == 0)
		failed = post(http, url, buf_str(&w.out), e);
	http_free(http);
	json_write_release(&w);
	return failed;
}
