/*
 * A connection's insides, shared by the files conn*.c.
 */
#ifndef NET_CONN_INT_H
#define NET_CONN_INT_H

#include "net/http_msg.h"
#include "net/net_int.h"

#define CONN_IN_SIZE 32768	/* bytes of the buffer of a plain connection */

enum step { STEP_BEGIN, STEP_CONNECT, STEP_PROXY, STEP_TLS, STEP_READY, STEP_ENDED, STEP_FAILED };

struct conn {
	struct net *net;		/* borrowed */
	enum step step;
	char *host;			/* owned */
	char *name;			/* owned, "host:port" */
	unsigned port;
	int flags;
	int timeout_ms;
	void (*changed)(void *cookie);
	void *cookie;
	struct watch watch;
	struct timer timer;
	struct port_addr addrs[NET_ADDRESSES];
	int n_addrs, addr;		/* addr: the next one to try */
	const struct proxy *proxy;	/* borrowed from net; NULL: direct */
	struct http_msg *tunnel;	/* owned; the proxy's answer */
	struct tls *tls;		/* owned; NULL: plain */
	struct buf out;			/* not yet taken by the system, or by tls, from out_pos on */
	size_t out_pos;
	char *in;			/* owned, CONN_IN_SIZE bytes; plain connections only */
	size_t in_pos, in_len;
	int expecting;			/* the limit without progress counts */
	int64_t progress;		/* when bytes moved last */
	int cut, hopeless, send_failed;
	int notify;			/* the owner has not been told yet of the last change */
	int busy, closed;		/* inside changed(); closed meanwhile */
	struct error error;
};

/* ---- conn.c ---- */

/* It has failed as c->error says; what was being done is added to that. The owner hears of it in the
 * next round at the latest. */
void conn_fail(struct conn *c, const char *doing);
/* It is open for its owner. */
void conn_opened(struct conn *c);
void conn_close_socket(struct conn *c);
/* Polls for what its state needs. */
void conn_set_wants(struct conn *c);
/* Sends what is to be sent as far as that goes without waiting; without TLS. */
void conn_send_plain(struct conn *c);
void conn_drop_tunnel(struct conn *c);

/* ---- conn_connect.c: from nothing to an open connection ---- */

/* Proxy, name look-up, first address. */
void conn_begin(struct conn *c);
/* It has failed before there was a connection to the target or the proxy. */
void conn_unreached(struct conn *c);
/* The next address; fails when there is none. */
void conn_next_address(struct conn *c);
/* The attempt to connect has ended, well or not. */
void conn_connect_done(struct conn *c);
/* Bytes of the proxy's answer have come, or it has ended. */
void conn_read_tunnel(struct conn *c);
void conn_begin_tls(struct conn *c, int flags);

#endif
