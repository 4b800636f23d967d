#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/conn_int.h"

#define OUT_MAX (64 * 1024 * 1024)	/* most bytes waiting to be sent */
#define WAIT_SLICE_MS 1000		/* how often conn_wait() looks whether the user interrupted */

/* ---- life ------------------------------------------------------------------------------------ */

static void on_ready(void *cookie, int got);
static void on_timer(void *cookie);

static struct conn *conn_new(struct net *n, const char *host, unsigned port, void (*changed)(void *),
			     void *cookie, struct error *e)
{
	struct conn *c = calloc(1, sizeof *c);
	size_t len = strlen(host) + 1;

	if (!c || !(c->host = malloc(len)) || !(c->name = malloc(len + 16))) {
		if (c)
			free(c->host);
		free(c);
		error_memory(e);
		return NULL;
	}
	memcpy(c->host, host, len);
	snprintf(c->name, len + 16, strchr(host, ':') ? "[%s]:%u" : "%s:%u", host, port);
	c->net = n;
	c->port = port;
	c->timeout_ms = n->o.timeout_ms;
	c->changed = changed;
	c->cookie = cookie;
	c->watch.sock = PORT_NO_SOCK;
	c->watch.ready = on_ready;
	c->timer.fire = on_timer;
	c->watch.cookie = c->timer.cookie = c;
	buf_init(&c->out, OUT_MAX);
	loop_watch(&n->loop, &c->watch);
	return c;
}

struct conn *conn_open(struct net *n, const char *host, unsigned port, int flags,
		       void (*changed)(void *cookie), void *cookie, struct error *e)
{
	struct conn *c = conn_new(n, host, port, changed, cookie, e);

	if (c) {
		c->flags = flags;
		loop_set_timer(&n->loop, &c->timer, 0);
	}
	return c;
}

void conn_close_socket(struct conn *c)
{
	if (c->watch.sock != PORT_NO_SOCK)
		port_sock_close(c->watch.sock);
	c->watch.sock = PORT_NO_SOCK;
	c->watch.want = 0;
}

void conn_drop_tunnel(struct conn *c)
{
	if (c->tunnel)
		http_msg_release(c->tunnel);
	free(c->tunnel);
	c->tunnel = NULL;
}

static void destroy(struct conn *c)
{
	loop_unwatch(&c->net->loop, &c->watch);
	loop_stop_timer(&c->net->loop, &c->timer);
	conn_close_socket(c);
	conn_drop_tunnel(c);
	tls_free(c->tls);
	buf_wipe(&c->out);
	if (c->in)
		wipe(c->in, CONN_IN_SIZE);
	free(c->in);
	free(c->host);
	free(c->name);
	free(c);
}

/* Gone at once, or when the callback that closed it returns. */
static void leave(struct conn *c)
{
	c->closed = 1;
	c->changed = NULL;
	c->watch.want = 0;
	loop_stop_timer(&c->net->loop, &c->timer);
	if (!c->busy)
		destroy(c);
}

void conn_close(struct conn *c)
{
	size_t moved = 0;
	struct error ignored;

	if (!c)
		return;
	if (c->tls && c->step == STEP_READY) {
		tls_end(c->tls);
		tls_pump(c->tls, c->watch.sock, &moved, &ignored);
	}
	leave(c);
}

void conn_abort(struct conn *c)
{
	if (c->watch.sock != PORT_NO_SOCK)
		port_sock_abort(c->watch.sock);
	c->watch.sock = PORT_NO_SOCK;
	leave(c);
}

/* The owner may close the connection: it may be no more afterwards. */
static void tell(struct conn *c)
{
	c->notify = 0;
	if (c->changed) {
		c->busy++;
		c->changed(c->cookie);
		c->busy--;
	}
	if (c->closed && !c->busy)
		destroy(c);
}

static void tell_soon(struct conn *c)
{
	c->notify = 1;
	loop_set_timer(&c->net->loop, &c->timer, 0);
}

void conn_fail(struct conn *c, const char *doing)
{
	if (c->error.kind == ERROR_UPSTREAM || c->error.kind == ERROR_DENIED)
		error_add(&c->error, "%s %s", doing, c->name);
	c->step = STEP_FAILED;
	conn_close_socket(c);
	tell_soon(c);
}

static size_t unsent(const struct conn *c)
{
	return c->send_failed ? 0 : c->out.len - c->out_pos;
}

void conn_set_wants(struct conn *c)
{
	int want = unsent(c) ? PORT_WANT_WRITE : 0;

	if (c->step == STEP_CONNECT)
		want = PORT_WANT_WRITE;
	else if (c->tls)
		want = c->step == STEP_ENDED ? 0 : tls_want(c->tls);
	else if (c->step != STEP_ENDED && c->in_len < CONN_IN_SIZE)
		want |= PORT_WANT_READ;
	c->watch.want = c->watch.sock == PORT_NO_SOCK ? 0 : want;
}

void conn_opened(struct conn *c)
{
	c->step = STEP_READY;
	c->progress = port_mono_ms();
	if (!c->expecting)
		loop_stop_timer(&c->net->loop, &c->timer);
}

/* ---- moving bytes ---------------------------------------------------------------------------- */

/* Moving what is left to the front each time would take ages with a large body. */
static void out_taken(struct conn *c, size_t n)
{
	c->out_pos += n;
	if (c->out_pos == c->out.len)
		buf_reset(&c->out);
	else if (c->out_pos > c->out.len / 2)
		buf_consume(&c->out, c->out_pos);
	else
		return;
	c->out_pos = 0;
}

void conn_send_plain(struct conn *c)
{
	long n;

	while (unsent(c) > 0) {
		n = port_send(c->watch.sock, c->out.data + c->out_pos, unsent(c), NULL);
		if (n == PORT_IO_AGAIN)
			return;
		/* it may have answered before it closed: reading tells */
		if (n < 0)
			c->send_failed = 1;
		else
			out_taken(c, (size_t)n);
		c->progress = port_mono_ms();
	}
}

/* Once: the loop calls again while there is more. */
static void receive_plain(struct conn *c)
{
	long n;

	if (!c->in && !(c->in = malloc(CONN_IN_SIZE))) {
		error_memory(&c->error);
		conn_fail(c, "connection to");
		return;
	}
	if (c->in_len == CONN_IN_SIZE)
		return;
	n = port_recv(c->watch.sock, c->in + c->in_len, CONN_IN_SIZE - c->in_len, &c->error);
	if (n == PORT_IO_AGAIN)
		return;
	c->progress = port_mono_ms();
	if (n > 0)
		c->in_len += (size_t)n;
	else if (n == 0)
		c->step = STEP_ENDED;
	else
		conn_fail(c, "connection to");
}

/* Out into the engine, engine to the socket, socket to the engine. */
static void pump_tls(struct conn *c)
{
	enum tls_status status;
	size_t moved = 0, n;

	do {
		while (c->out.len > 0 && (n = tls_write(c->tls, c->out.data + c->out_pos, unsent(c))) > 0)
			out_taken(c, n);
		if (c->out.len == 0)
			tls_flush(c->tls);
		n = moved;
		status = tls_pump(c->tls, c->watch.sock, &moved, &c->error);
	} while (status == TLS_GOING && c->out.len > 0 && moved > n);
	if (moved > 0)
		c->progress = port_mono_ms();
	if (status == TLS_FAILED) {
		c->hopeless = tls_hopeless(c->tls);
		conn_fail(c, c->step == STEP_TLS ? "cannot connect to" : "connection to");
		return;
	}
	if (c->step == STEP_TLS && tls_open(c->tls))
		conn_opened(c);
	if (status != TLS_GOING) {
		c->step = STEP_ENDED;
		c->cut = status == TLS_CUT;
	}
}

/* ---- events ---------------------------------------------------------------------------------- */

static void on_ready(void *cookie, int got)
{
	struct conn *c = cookie;
	enum step before = c->step;

	if (c->step == STEP_CONNECT)
		conn_connect_done(c);
	else if (!c->tls && (got & PORT_WANT_READ) && c->step != STEP_ENDED)
		receive_plain(c);
	if (before == STEP_PROXY && c->in && (c->step == STEP_PROXY || c->step == STEP_ENDED))
		conn_read_tunnel(c);
	if (c->tls && (c->step == STEP_TLS || c->step == STEP_READY))
		pump_tls(c);
	else if (!c->tls && c->step != STEP_CONNECT && c->step != STEP_FAILED)
		conn_send_plain(c);
	conn_set_wants(c);
	if (c->step >= STEP_READY)
		tell(c);
}

static void timed_out(struct conn *c)
{
	static const char *const what[] = { "", "no answer to the attempt to connect",
					    "no answer from the proxy", "no answer in the TLS handshake",
					    "no answer" };

	error_set(&c->error, ERROR_UPSTREAM, "%s for %g s", what[c->step], c->timeout_ms / 1000.0);
	if (c->step == STEP_CONNECT && c->addr < c->n_addrs)
		conn_next_address(c);
	else if (c->step == STEP_CONNECT)
		conn_unreached(c);
	else
		conn_fail(c, c->step == STEP_READY ? "connection to" : "cannot connect to");
}

static void watch_progress(struct conn *c)
{
	int64_t left = c->progress + c->timeout_ms - port_mono_ms();

	if (!c->expecting)
		return;
	if (left <= 0 && conn_peek(c).len > 0)
		/* it is we who are slow */
		left = c->timeout_ms;
	if (left > 0)
		loop_set_timer(&c->net->loop, &c->timer, left);
	else
		timed_out(c);
}

static void on_timer(void *cookie)
{
	struct conn *c = cookie;

	if (c->step == STEP_BEGIN)
		conn_begin(c);
	else if (c->step == STEP_READY)
		watch_progress(c);
	else if (c->step < STEP_READY)
		timed_out(c);
	conn_set_wants(c);
	if (!c->notify)
		return;
	if (c->step == STEP_FAILED)
		loop_stop_timer(&c->net->loop, &c->timer);
	tell(c);
}

/* ---- what the owner does --------------------------------------------------------------------- */

struct conn *conn_accepted(struct net *n, port_sock s, void (*changed)(void *cookie), void *cookie,
			   struct error *e)
{
	struct conn *c = conn_new(n, "client", 0, changed, cookie, e);

	if (!c)
		return NULL;
	c->watch.sock = s;
	conn_opened(c);
	conn_set_wants(c);
	return c;
}

enum conn_state conn_state(const struct conn *c)
{
	switch (c->step) {
	case STEP_READY:
		return CONN_OPEN;
	case STEP_ENDED:
		return CONN_ENDED;
	case STEP_FAILED:
		return CONN_FAILED;
	default:
		return CONN_OPENING;
	}
}

const struct error *conn_error(const struct conn *c)
{
	return &c->error;
}

int conn_hopeless(const struct conn *c)
{
	return c->hopeless;
}

int conn_cut(const struct conn *c)
{
	return c->cut;
}

int conn_resumed(const struct conn *c)
{
	return c->tls && tls_resumed(c->tls);
}

const char *conn_name(const struct conn *c)
{
	return c->name;
}

struct str conn_peek(struct conn *c)
{
	if (c->step != STEP_READY && c->step != STEP_ENDED)
		return str_of(NULL, 0);
	if (c->tls)
		return tls_peek(c->tls);
	if (c->in_len == 0)
		return str_of(NULL, 0);
	return str_of(c->in + c->in_pos, c->in_len - c->in_pos);
}

void conn_consume(struct conn *c, size_t n)
{
	if (c->tls) {
		tls_consume(c->tls, n);
	} else {
		c->in_pos += n;
		if (c->in_pos == c->in_len) {
			c->in_pos = c->in_len = 0;
		} else if (c->in_pos > CONN_IN_SIZE / 2) {
			memmove(c->in, c->in + c->in_pos, c->in_len - c->in_pos);
			c->in_len -= c->in_pos;
			c->in_pos = 0;
		}
	}
	conn_set_wants(c);
}

void conn_write(struct conn *c, const void *data, size_t len)
{
	long n = 0;

	if (c->step != STEP_READY && c->step != STEP_ENDED)
		return;
	c->progress = port_mono_ms();
	if (!c->tls && c->out.len == 0 && !c->send_failed) {
		n = port_send(c->watch.sock, data, len, NULL);
		if (n == PORT_IO_ERROR)
			c->send_failed = 1;
	} else if (c->tls && c->out.len == 0) {
		n = (long)tls_write(c->tls, data, len);
	}
	if (n > 0) {
		data = (const char *)data + n;
		len -= (size_t)n;
	}
	buf_put(&c->out, data, len);
	if (c->out.failed) {
		buf_check(&c->out, "what is to be sent", &c->error);
		conn_fail(c, "connection to");
	} else if (c->tls) {
		pump_tls(c);
		/* the answer may have come in with it */
		if (c->step == STEP_ENDED || tls_peek(c->tls).len > 0)
			tell_soon(c);
	}
	conn_set_wants(c);
}

size_t conn_unsent(const struct conn *c)
{
	return unsent(c);
}

void conn_expect(struct conn *c, int on)
{
	c->expecting = on;
	c->progress = port_mono_ms();
	if (c->step != STEP_READY)
		return;
	if (on)
		loop_set_timer(&c->net->loop, &c->timer, c->timeout_ms);
	else
		loop_stop_timer(&c->net->loop, &c->timer);
}

void conn_set_timeout(struct conn *c, int ms)
{
	c->timeout_ms = ms;
	if (c->expecting)
		conn_expect(c, 1);
}

void conn_start_tls(struct conn *c, int flags)
{
	if (c->step != STEP_READY || c->tls)
		return;
	/* what came before TLS could have been put in by anybody */
	if (c->in_len > 0 || c->out.len > 0) {
		error_set(&c->error, ERROR_UPSTREAM, "data was sent before TLS began");
		c->hopeless = 1;
		conn_fail(c, "cannot start TLS with");
		return;
	}
	conn_begin_tls(c, flags);
	if (c->tls)
		pump_tls(c);
	conn_set_wants(c);
}

int conn_stale(struct conn *c)
{
	if (c->step == STEP_READY && c->tls)
		pump_tls(c);
	else if (c->step == STEP_READY)
		receive_plain(c);
	conn_set_wants(c);
	return c->step != STEP_READY || conn_peek(c).len > 0;
}

static int waited_enough(struct conn *c, enum conn_wait what)
{
	switch (what) {
	case CONN_WAIT_OPEN:
		return c->step >= STEP_READY;
	case CONN_WAIT_DATA:
		return c->step == STEP_ENDED || conn_peek(c).len > 0;
	default:
		return conn_unsent(c) == 0;
	}
}

int conn_wait(struct conn *c, enum conn_wait what, struct error *e)
{
	int rc = 0, expecting = c->expecting;

	conn_expect(c, 1);
	while (rc == 0 && c->step != STEP_FAILED && !waited_enough(c, what)) {
		if (port_interrupted())
			rc = error_set(e, ERROR_CANCELLED, "interrupted");
		else
			rc = net_run(c->net, WAIT_SLICE_MS, e);
	}
	if (c->step != STEP_FAILED) {
		conn_expect(c, expecting);
		return rc;
	}
	if (e)
		*e = c->error;
	return -1;
}
