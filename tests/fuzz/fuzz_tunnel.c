#include "fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>
#include "net/conn_int.h"

/* What a proxy answers to CONNECT, as it arrives in pieces of that size. */
static void answer(struct conn *c, struct str input, size_t step)
{
	size_t at, n;

	for (at = 0; at < input.len && c->step == STEP_PROXY; at += n) {
		n = step < input.len - at ? step : input.len - at;
		if (n > CONN_IN_SIZE - c->in_len)
			n = CONN_IN_SIZE - c->in_len;
		if (n == 0)
			return;
		memcpy(c->in + c->in_len, input.ptr + at, n);
		c->in_len += n;
		conn_read_tunnel(c);
	}
	if (c->step == STEP_PROXY) {
		c->step = STEP_ENDED;
		conn_read_tunnel(c);
		FUZZ_CHECK(c->step == STEP_FAILED || c->step == STEP_READY);
	}
}

void fuzz_tunnel(struct str input)
{
	static const struct net_options nothing;
	size_t step = fuzz_choice(&input) % 64 + 1;
	struct proxy p;
	struct error e;
	struct net *net;
	struct conn *c;

	error_init(&e);
	FUZZ_CHECK(proxy_parse(&p, "HTTPS_PROXY", "http://u:p@proxy:8080", &e) == 0);
	net = net_new(&nothing, &e);
	FUZZ_CHECK(net != NULL);
	c = conn_open(net, "example.org", 443, CONN_TUNNEL, NULL, NULL, &e);
	FUZZ_CHECK(c != NULL);
	c->proxy = &p;
	c->step = STEP_PROXY;
	c->in = malloc(CONN_IN_SIZE);
	c->tunnel = malloc(sizeof(*c->tunnel));
	FUZZ_CHECK(c->in != NULL && c->tunnel != NULL);
	http_msg_init(c->tunnel, HTTP_RESPONSE);
	answer(c, input, step);
	FUZZ_CHECK((c->step == STEP_FAILED) == (conn_error(c)->kind != ERROR_NONE));
	conn_close(c);
	net_free(net);
	proxy_release(&p);
}
