/*
 * net_probe URL: one GET with our own HTTP client, for trying it against real servers. The environment gives what the
 * settings of the same names would: CA_FILE, CLIENT_CERT, CLIENT_KEY, HTTPS_PROXY, HTTP_PROXY, NO_PROXY; NO_VERIFY=1
 * accepts any certificate. Prints status and body, or what went wrong. Exit: 0 for a 2xx answer, else as for the program.
 */
#include <stdio.h>
#include <string.h>

#include "net/http.h"
#include "port.h"

static int get(const struct http_options *o, const char *url, struct error *e)
{
	struct http_req req = { 0 };
	struct http_resp resp;
	struct http *h = http_new(o, e);
	int rc = -1;

	if (!h)
		return -1;
	req.method = "GET";
	req.url = url;
	req.flags = port_getenv("NO_VERIFY") ? HTTP_NO_VERIFY : 0;
	if (http_call(h, &req, &resp, e) == 0) {
		rc = resp.cls == HTTP_DONE ? 0 : http_status_error(&req, &resp, e);
		if (rc == 0)
			printf("%d %.*s\n", resp.status, STR_ARG(str_trim(resp.body)));
	}
	http_free(h);
	return rc;
}

int main(int argc, char **argv)
{
	struct http_options o = { 0 };
	struct error e;

	error_init(&e);
	if (port_init(&argc, &argv, &e) < 0 || argc != 2) {
		fprintf(stderr, "usage: net_probe URL\n");
		return 2;
	}
	o.max_connections = 1;
	o.timeout_ms = 5000;
	o.user_agent = "net_probe";
	o.ca_file = port_getenv("CA_FILE");
	o.client_cert = port_getenv("CLIENT_CERT");
	o.client_key = port_getenv("CLIENT_KEY");
	o.https_proxy = port_getenv("HTTPS_PROXY");
	o.http_proxy = port_getenv("HTTP_PROXY");
	o.no_proxy = port_getenv("NO_PROXY");
	if (get(&o, argv[1], &e) == 0)
		return 0;
	printf("%s\n", e.text);
	return error_exit_code(e.kind);
}
