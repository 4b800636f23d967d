/*
 * net_probe URL...: GETs with our own HTTP client, one after the other on the same connections, for trying it against real
 * servers. The environment gives what the settings of the same names would: CA_FILE, CLIENT_CERT, CLIENT_KEY, HTTPS_PROXY,
 * HTTP_PROXY, NO_PROXY; NO_VERIFY=1 accepts any certificate, JSON=1 reads the answers as JSON, RETRIES=N tries again (without
 * waiting), TIMEOUT_MS=N and TOTAL_MS=N are the limits. Prints a line for each, status and body, or what went wrong. Exit: 0
 * for a 2xx answer to the first, else as for the program.
 */
#include <stdio.h>
#include <string.h>

#include "net/http.h"
#include "net/http_json.h"
#include "port.h"

static int take(void *cookie, const struct json_match *m, struct str raw, struct error *e)
{
	(void)cookie;
	(void)m;
	(void)raw;
	(void)e;
	return 0;
}

/* The answer as JSON. */
static int get_json(struct http *h, struct http_req *req, struct http_resp *resp, struct error *e)
{
	static const char *const paths[] = { NULL };
	struct http_json json;
	int rc = http_json_init(&json, paths, take, NULL, e);

	req->sink = http_json_sink(&json);
	if (rc == 0)
		rc = http_call(h, req, resp, e);
	if (rc == 0 && resp->cls == HTTP_DONE)
		rc = http_json_end(&json, e);
	http_json_release(&json);
	return rc;
}

static int get(struct http *h, const char *url, struct error *e)
{
	struct http_req req = { 0 };
	struct http_resp resp;
	int rc;

	error_init(e);
	req.method = "GET";
	req.url = url;
	req.body_max = 1 << 20;
	req.flags = port_getenv("NO_VERIFY") ? HTTP_NO_VERIFY : 0;
	rc = port_getenv("JSON") ? get_json(h, &req, &resp, e) : http_call(h, &req, &resp, e);
	if (rc == 0 && resp.cls != HTTP_DONE)
		rc = http_status_error(&req, &resp, e);
	if (rc == 0)
		printf("%d %.*s\n", resp.status, STR_ARG(str_trim(resp.body)));
	else
		printf("%s\n", e->text);
	return rc == 0 ? 0 : error_exit_code(e->kind);
}

static int number(const char *name, int otherwise)
{
	const char *text = port_getenv(name);
	int64_t n;

	return text && str_to_i64(str_from(text), &n) == 0 ? (int)n : otherwise;
}

int main(int argc, char **argv)
{
	struct http_options o = { 0 };
	struct http *h;
	struct error e;
	int i, code, first = 2;

	error_init(&e);
	if (port_init(&argc, &argv, &e) < 0 || argc < 2) {
		fprintf(stderr, "usage: net_probe URL...\n");
		return 2;
	}
	o.max_connections = 1;
	o.timeout_ms = number("TIMEOUT_MS", 5000);
	o.total_ms = number("TOTAL_MS", 0);
	o.retries = number("RETRIES", 0);
	o.user_agent = "net_probe";
	o.ca_file = port_getenv("CA_FILE");
	o.client_cert = port_getenv("CLIENT_CERT");
	o.client_key = port_getenv("CLIENT_KEY");
	o.https_proxy = port_getenv("HTTPS_PROXY");
	o.http_proxy = port_getenv("HTTP_PROXY");
	o.no_proxy = port_getenv("NO_PROXY");
	h = http_new(&o, &e);
	for (i = 1; h && i < argc; i++) {
		code = get(h, argv[i], &e);
		if (i == 1)
			first = code;
	}
	http_free(h);
	return first;
}
