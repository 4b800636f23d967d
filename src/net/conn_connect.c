#include <stdio.h>
#include <stdlib.h>

#include "net/conn_int.h"

#define NEXT_ADDRESS_MS 5000		/* how long an address may be silent while there are others */
#define MAX_DOING 320			/* bytes of what was being done, with the name of a proxy */

void conn_unreached(struct conn *c)
{
	char doing[MAX_DOING] = "cannot connect to";

	if (c->proxy)
		snprintf(doing, sizeof doing, "cannot connect to the proxy %.255s:%u for",
			 buf_text(&c->proxy->host), c->proxy->port);
	conn_fail(c, doing);
}

void conn_next_address(struct conn *c)
{
	int64_t ms = c->timeout_ms;

	conn_close_socket(c);
	while (c->addr < c->n_addrs) {
		c->watch.sock = port_connect(&c->addrs[c->addr++], &c->error);
		if (c->watch.sock == PORT_NO_SOCK)
			continue;
		if (c->addr < c->n_addrs && ms > NEXT_ADDRESS_MS)
			ms = NEXT_ADDRESS_MS;
		c->step = STEP_CONNECT;
		conn_set_wants(c);
		loop_set_timer(&c->net->loop, &c->timer, ms);
		return;
	}
	if (c->proxy)
		net_forget(c->net, buf_text(&c->proxy->host), c->proxy->port);
	else
		net_forget(c->net, c->host, c->port);
	error_set(&c->error, c->error.kind,
		  "%s; is it running, is the port right, does a firewall stand between?", c->error.text);
	conn_unreached(c);
}

void conn_begin(struct conn *c)
{
	const char *host = c->host;
	unsigned port = c->port;

	error_init(&c->error);
	c->step = STEP_CONNECT;
	if (c->flags & (CONN_TUNNEL | CONN_RELAY)) {
		c->proxy = proxy_for(c->net, (c->flags & CONN_TUNNEL) != 0, str_from(c->host), c->port,
				     &c->error);
		if (c->error.kind != ERROR_NONE) {
			c->hopeless = 1;
			conn_fail(c, "cannot connect to");
			return;
		}
	}
	if (c->proxy) {
		host = buf_text(&c->proxy->host);
		port = c->proxy->port;
	}
	c->n_addrs = net_resolve(c->net, host, port, c->addrs, &c->error);
	if (c->n_addrs > 0) {
		conn_next_address(c);
		return;
	}
	c->hopeless = 1;
	error_set(&c->error, c->error.kind, "%s; is the name right, does this machine know its DNS server?",
		  c->error.text);
	conn_unreached(c);
}

static int make_trust(struct net *n, struct error *e)
{
	if (!n->trust)
		n->trust = trust_new(&n->o, e);
	return n->trust ? 0 : -1;
}

void conn_begin_tls(struct conn *c, int flags)
{
	struct tls_place place;

	place.host = c->host;
	place.port = c->port;
	place.no_verify = (flags & CONN_NO_VERIFY) != 0;
	if (make_trust(c->net, &c->error) == 0)
		c->tls = tls_new(c->net->trust, &place, &c->error);
	if (!c->tls) {
		c->hopeless = 1;
		conn_fail(c, "cannot connect to");
		return;
	}
	c->step = STEP_TLS;
	loop_set_timer(&c->net->loop, &c->timer, c->timeout_ms);
}

/* The transport to the target stands. */
static void connected(struct conn *c)
{
	if (c->flags & CONN_TLS)
		conn_begin_tls(c, c->flags);
	else
		conn_opened(c);
}

/* ---- the proxy's handshake ------------------------------------------------------------------- */

static void begin_tunnel(struct conn *c)
{
	c->tunnel = malloc(sizeof *c->tunnel);
	if (!c->tunnel) {
		error_memory(&c->error);
		conn_fail(c, "cannot connect to");
		return;
	}
	http_msg_init(c->tunnel, HTTP_RESPONSE);
	proxy_write_connect(&c->out, c->proxy, c->host, c->port);
	c->step = STEP_PROXY;
	loop_set_timer(&c->net->loop, &c->timer, c->timeout_ms);
	conn_send_plain(c);
}

static void tunnel_refused(struct conn *c, int status)
{
	if (status == 407 || status == 401)
		error_set(&c->error, ERROR_DENIED,
			  "the proxy %s denies access (%d); put user and password into HTTPS_PROXY: "
			  "http://user:password@host:port",
			  buf_text(&c->proxy->host), status);
	else if (status == 403)
		error_set(&c->error, ERROR_UPSTREAM, "the proxy %s does not allow it (403)",
			  buf_text(&c->proxy->host));
	else
		error_set(&c->error, ERROR_UPSTREAM, "the proxy %s cannot reach it (%d)",
			  buf_text(&c->proxy->host), status);
	c->hopeless = status < 500;
	conn_fail(c, "cannot connect to");
}

void conn_read_tunnel(struct conn *c)
{
	struct str in = str_of(c->in + c->in_pos, c->in_len - c->in_pos), piece;
	enum http_event ev = http_msg_next(c->tunnel, &in, &piece, &c->error);
	int status = c->tunnel->head.status;

	if (ev == HTTP_MORE && c->step == STEP_ENDED)
		ev = http_msg_close(c->tunnel, &c->error);
	c->in_pos = c->in_len - in.len;
	if (ev == HTTP_BAD) {
		conn_fail(c, "no tunnel through the proxy to");
	} else if (ev == HTTP_HEAD && (status < 200 || status > 299)) {
		tunnel_refused(c, status);
	} else if (ev == HTTP_HEAD && in.len > 0) {
		error_set(&c->error, ERROR_UPSTREAM, "the proxy sent data of its own");
		conn_fail(c, "no tunnel through the proxy to");
	} else if (ev == HTTP_HEAD) {
		conn_drop_tunnel(c);
		c->in_pos = c->in_len = 0;
		connected(c);
	}
}

void conn_connect_done(struct conn *c)
{
	if (port_connect_result(c->watch.sock, &c->error) < 0) {
		conn_next_address(c);
		return;
	}
	error_init(&c->error);
	if (c->proxy && (c->flags & CONN_TUNNEL))
		begin_tunnel(c);
	else
		connected(c);
}
