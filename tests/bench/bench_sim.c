#include "bench/bench.h"

#include <stdio.h>
#include <string.h>
#include "base/json_read.h"
#include "base/json_scan.h"
#include "base/limits.h"
#include "net/http.h"
#include "port.h"
#include "sandbox/tlsrelay.h"

#define RELAY_WAIT_MS 1000
#define TIMEOUT_MS 60000

static const char *const paths[] = { "requests", "connections", NULL };

struct counters { int64_t value[2]; };

static int take(void *cookie, const struct json_match *m, struct str raw, struct error *e)
{
	struct counters *c = cookie;

	return str_to_i64(raw, &c->value[m->path]) == 0 ? 0 : error_set(e, ERROR_FAILED, "no number of requests");
}

static int feed(void *cookie, const char *data, size_t len, struct error *e)
{
	return json_scan_feed(cookie, data, len, e);
}

static int call(struct http *h, const char *method, const char *port, const char *what, struct json_scan *scan,
		struct error *e)
{
	struct http_req req = { 0 };
	struct http_resp resp;
	char url[64];

	snprintf(url, sizeof(url), "http://127.0.0.1:%.5s/_sim/%s", port, what);
	req.method = method;
	req.url = url;
	req.sink.data = scan != NULL ? feed : NULL;
	req.sink.cookie = scan;
	if (http_call(h, &req, &resp, e) < 0)
		return -1;
	return resp.cls == HTTP_DONE ? 0 : http_status_error(&req, &resp, e);
}

int bench_counters(const char *port, struct error *e)
{
	struct http_options o = { 0 };
	struct counters c = { { 0, 0 } };
	struct json_scan *scan = json_scan_new(paths, MAX_RECORD, take, &c, e);
	struct http *h;
	int failed;

	o.max_connections = 1;
	o.timeout_ms = TIMEOUT_MS;
	o.user_agent = "bench";
	h = http_new(&o, e);
	failed = h == NULL || scan == NULL || call(h, "GET", port, "calls", scan, e) < 0 ||
		json_scan_end(scan, e) < 0 || call(h, "POST", port, "clear", NULL, e) < 0;
	if (!failed)
		printf("%lld %lld\n", (long long)c.value[0], (long long)c.value[1]);
	http_free(h);
	json_scan_free(scan);
	return failed ? -1 : 0;
}

int bench_relay(const char *port, const char *port_file, struct error *e)
{
	struct tlsrelay *r;
	struct port_file *f;
	uint64_t to;
	char text[16];
	int failed;

	if (str_to_u64(str_from(port), &to) < 0 || (r = tlsrelay_new("ok.pem", (unsigned)to, e)) == NULL)
		return -1;
	f = port_open(port_file, PORT_TRUNCATE, e);
	snprintf(text, sizeof(text), "%u\n", tlsrelay_port(r));
	failed = f == NULL || port_write(f, text, strlen(text), e) < 0;
	if (f != NULL)
		port_close(f, NULL);
	port_catch_interrupts();
	while (!failed && !port_interrupted()) {
		failed = tlsrelay_wait(r, RELAY_WAIT_MS, e) < 0;
		tlsrelay_run(r);
	}
	tlsrelay_free(r);
	return failed ? -1 : 0;
}
