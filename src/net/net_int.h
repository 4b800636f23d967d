/*
 * What the files of net/ share and nobody else includes: the loop, the layers of a connection, what a
 * net holds.
 */
#ifndef NET_NET_INT_H
#define NET_NET_INT_H

#include <stddef.h>
#include <stdint.h>
#include "base/buf.h"
#include "base/error.h"
#include "base/str.h"
#include "net/net.h"
#include "port.h"

/* ---- loop.c: sockets and timers, embedded in their owners ------------------------------------ */

struct watch {
	port_sock sock;
	int want;			/* PORT_WANT_READ | PORT_WANT_WRITE, may change any time */
	void (*ready)(void *cookie, int got);
	void *cookie;
	struct watch *prev, *next;	/* the loop's */
	size_t slot;			/* place in the set being polled */
};

struct timer {
	int64_t at;			/* 0: not set */
	void (*fire)(void *cookie);
	void *cookie;
	struct timer *prev, *next;	/* the loop's, ordered by time */
};

struct loop {
	struct watch *watches;
	struct timer *first, *last;
	struct port_poll *set;		/* owned, with room for `room` entries */
	struct watch **who;		/* owned; whose entry it is, NULL when removed meanwhile */
	size_t n, room;
};

/* An empty loop. Allocates nothing. */
void loop_init(struct loop *l);
/* Frees its memory; nothing may be watched any more. */
void loop_release(struct loop *l);
/* w->ready is called when the socket is ready for what is wanted. w is borrowed until loop_unwatch(). */
void loop_watch(struct loop *l, struct watch *w);
/* Removing one that was not added, or twice, is allowed. */
void loop_unwatch(struct loop *l, struct watch *w);
/* Sets it, or moves it. ms <= 0: in the next round. */
void loop_set_timer(struct loop *l, struct timer *t, int64_t ms);
void loop_stop_timer(struct loop *l, struct timer *t);
/* One round: waits at most ms (-1: no limit), calls what is ready and what is due. -1 when polling fails. */
int loop_round(struct loop *l, int ms, struct error *e);

/* ---- addr.c: addresses as text --------------------------------------------------------------- */

struct addr {
	unsigned char bytes[16];
	size_t len;			/* 4 or 16; an IPv4 address in IPv6 form becomes 4 */
};

/* 1 when text is an IPv4 or IPv6 address (without brackets or zone). */
int addr_parse(struct addr *a, struct str text);
int addr_eq(const struct addr *a, const struct addr *b);

/* ---- proxy.c --------------------------------------------------------------------------------- */

struct proxy {
	struct buf host;		/* NUL-terminated */
	unsigned port;
	struct buf auth;		/* value of Proxy-Authorization, or empty; secret */
};

/* Wipes the password. */
void proxy_release(struct proxy *p);
/* The proxy of a setting's value. p is initialised in any case. ERROR_USAGE naming the setting. */
int proxy_parse(struct proxy *p, const char *setting, const char *value, struct error *e);
/* 1 when NO_PROXY's value says that host:port is reached directly. */
int proxy_excluded(const char *no_proxy, struct str host, unsigned port);
/* The proxy for a target; NULL with e->kind ERROR_NONE: go directly; NULL with e set: bad setting. */
const struct proxy *proxy_for(struct net *n, int tls, struct str host, unsigned port, struct error *e);
/* The request for a tunnel. */
void proxy_write_connect(struct buf *out, const struct proxy *p, const char *host, unsigned port);

/* ---- trust.c: certificates and keys from files ----------------------------------------------- */

struct trust;

/* Reads nothing yet; o is borrowed. */
struct trust *trust_new(const struct net_options *o, struct error *e);
/* Wipes the key. NULL allowed. */
void trust_free(struct trust *t);

/* ---- tls.c: BearSSL's engine on a socket ----------------------------------------------------- */

struct tls;

enum tls_status {
	TLS_GOING = 0,			/* waits for the socket or for its owner */
	TLS_ENDED = 1,			/* close_notify received */
	TLS_CUT = 2,			/* the peer ended without close_notify */
	TLS_FAILED = -1
};

/* Whom a client talks to; sessions are resumed with the very same. host is borrowed. */
struct tls_place {
	const char *host;
	unsigned port;
	int no_verify;			/* any certificate is accepted */
};

/* A client. trust is borrowed, read on first use, and keeps the session; the host is copied. */
struct tls *tls_new(struct trust *trust, const struct tls_place *place, struct error *e);
void tls_free(struct tls *t);
/* Moves bytes between engine and socket until one of them has to wait; *moved grows by what went in or
 * out. */
enum tls_status tls_pump(struct tls *t, port_sock s, size_t *moved, struct error *e);
/* What to poll for. */
int tls_want(struct tls *t);
/* 1 when the handshake is done. */
int tls_open(struct tls *t);
struct str tls_peek(struct tls *t);
void tls_consume(struct tls *t, size_t n);
/* Takes what the engine has room for; count. */
size_t tls_write(struct tls *t, const void *data, size_t len);
/* Makes what was written leave the engine at the next pump. */
void tls_flush(struct tls *t);
/* 1 when the session of an earlier connection was resumed. */
int tls_resumed(const struct tls *t);
/* 1 when the failure is not passing: certificate, protocol version, configuration. */
int tls_hopeless(const struct tls *t);
/* Begins the orderly end: close_notify at the next pump. */
void tls_end(struct tls *t);

/* ---- net.c ----------------------------------------------------------------------------------- */

#define NET_ADDRESSES 8		/* addresses of a name that are tried */

struct resolved {		/* a name looked up lately */
	char *host;		/* owned */
	unsigned port;
	struct port_addr addrs[NET_ADDRESSES];
	int n;
	int64_t at;
	struct resolved *next;
};

struct net {
	struct loop loop;
	struct net_options o;
	struct resolved *names;
	struct trust *trust;		/* made with the first TLS connection */
	struct proxy proxies[2];	/* [0] http, [1] https; parsed on first use */
	int proxy_parsed[2];
};

/* Looks a name up, or takes what was found less than a minute ago. Count, or -1. */
int net_resolve(struct net *n, const char *host, unsigned port, struct port_addr out[NET_ADDRESSES],
		struct error *e);
/* The next look-up asks again (no address answered). */
void net_forget(struct net *n, const char *host, unsigned port);

/* ---- conn.c ---------------------------------------------------------------------------------- */

/* The server's side: a connection that was accepted; open at once. */
struct conn *conn_accepted(struct net *n, port_sock s, void (*changed)(void *cookie), void *cookie,
			   struct error *e);
/* Ends with a reset, without saying goodbye. */
void conn_abort(struct conn *c);
/* 1 when an idle connection has ended or spoken meanwhile: it must not be used for another request.
 * Looks at the socket itself, as the loop may not have run for a while. */
int conn_stale(struct conn *c);

#endif
