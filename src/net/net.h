/*
 * Connections: name look-up, connect, TLS 1.2, proxy tunnels, time limits. All sockets are
 * non-blocking and driven by one loop; a connection is a state machine that its owner looks at when
 * told that something changed. HTTP (http.h) and LDAP (ldap/ldap.h) are built on this. One thread.
 */
#ifndef NET_NET_H
#define NET_NET_H

#include <stddef.h>
#include "base/error.h"
#include "base/str.h"

/* ---- what connections share: the loop, trusted certificates, addresses already looked up ----- */

struct net;

/* All borrowed; must live as long as the net. NULL or "" means not set. */
struct net_options {
	int timeout_ms;			/* longest time for connect, for handshake, and without progress */
	const char *https_proxy;	/* for https: "http://user:password@host:port", percent-encoded */
	const char *http_proxy;		/* the same for http targets */
	const char *no_proxy;		/* comma list: names, ".suffix", "*", addresses, "name:port" */
	const char *ca_file;		/* PEM file of CA certificates besides the system's (CA_FILE) */
	const char *ca_file_more;	/* one more such file (LDAP_CA_FILE) */
	const char *client_cert;	/* PEM file: our certificate, then its chain */
	const char *client_key;		/* PEM file: its key, RSA or EC, not encrypted */
};

/* NULL when out of memory. Files are read at the first TLS connection, not here. */
struct net *net_new(const struct net_options *o, struct error *e);
/* All connections must have been closed. NULL allowed. */
void net_free(struct net *n);
/* The options that every connection takes from the settings (NET_TIMEOUT, proxies, CA_FILE,
 * CLIENT_CERT, CLIENT_KEY). */
void net_options_from_settings(struct net_options *o);
/* Waits at most ms (-1: until something happens) and lets connections and timers go on. -1 only for a
 * broken loop. */
int net_run(struct net *n, int ms, struct error *e);

/* ---- one connection -------------------------------------------------------------------------- */

struct conn;

enum {
	CONN_TLS = 1,		/* TLS from the start */
	CONN_NO_VERIFY = 2,	/* accept any certificate; the caller warns */
	CONN_TUNNEL = 4,	/* through the proxy that the options name for TLS targets, if there is one */
	CONN_RELAY = 8		/* to the proxy for plain targets, if there is one: what is sent is for it */
};

enum conn_state {
	CONN_OPENING,		/* looking up, connecting, in the proxy's or TLS's handshake */
	CONN_OPEN,
	CONN_ENDED,		/* the peer has ended its side; bytes may still be unread, see conn_cut() */
	CONN_FAILED		/* see conn_error(); nothing more can be read or written */
};

/*
 * Begins a connection to host (a name, or an address without brackets). changed(cookie), when not
 * NULL, is called from the loop whenever the state changed, bytes arrived or what was written has gone
 * out; it may close the connection. Name look-up may block. Failing to connect is reported by the
 * state, not here: NULL only when out of memory.
 */
struct conn *conn_open(struct net *n, const char *host, unsigned port, int flags,
		       void (*changed)(void *cookie), void *cookie, struct error *e);
/* Says goodbye to the peer as far as that works without waiting, frees everything. Allowed at any
 * time. NULL allowed. */
void conn_close(struct conn *c);
enum conn_state conn_state(const struct conn *c);
/* Why it failed: "cannot connect to ldap.corp.example:389: connection refused". Kind ERROR_UPSTREAM,
 * or ERROR_USAGE for unreadable certificate files, ERROR_DENIED when a proxy wants other credentials.
 * Lives as long as c. */
const struct error *conn_error(const struct conn *c);
/* 1 when trying again is pointless: unknown name, refused certificate, no common TLS version, wrong
 * proxy password. */
int conn_hopeless(const struct conn *c);
/* After CONN_ENDED: 1 when TLS was cut without a close_notify, so that the end may be an attacker's. */
int conn_cut(const struct conn *c);
/* 1 when TLS resumed the session of an earlier connection (RFC 5246, 7.3). */
int conn_resumed(const struct conn *c);
/* "host:port", for messages. */
const char *conn_name(const struct conn *c);

/* Bytes that arrived and were not consumed; empty when there are none. Dies at the next conn_ call or
 * loop round. More may arrive only after these are consumed. */
struct str conn_peek(struct conn *c);
/* n <= the length of conn_peek(). */
void conn_consume(struct conn *c, size_t n);
/* Sends now what goes without waiting, keeps a copy of the rest and sends it from the loop. Only while
 * CONN_OPEN or CONN_ENDED (ignored else). A failure is seen in the state. */
void conn_write(struct conn *c, const void *data, size_t len);
/* Bytes given to conn_write() that the system has not taken yet. */
size_t conn_unsent(const struct conn *c);
/* The time limit without progress (bytes in or out) counts from now on, or no more. Off when the
 * connection opens. */
void conn_expect(struct conn *c, int on);
/* Another limit than the options' for this connection, from now on. */
void conn_set_timeout(struct conn *c, int ms);

/*
 * Turns a plain, open connection with nothing unread or unsent into TLS (StartTLS): CONN_OPENING, then
 * CONN_OPEN or CONN_FAILED. Bytes that are already there could be forged: then it fails. flags:
 * CONN_NO_VERIFY.
 */
void conn_start_tls(struct conn *c, int flags);

enum conn_wait {
	CONN_WAIT_OPEN,		/* until it is open */
	CONN_WAIT_DATA,		/* until there are unread bytes or the peer has ended */
	CONN_WAIT_SENT		/* until nothing is unsent */
};
/* Runs the loop until that is so. 0; -1 with the connection's error when it failed, the time limit
 * without progress passed, or the user interrupted (ERROR_CANCELLED). */
int conn_wait(struct conn *c, enum conn_wait what, struct error *e);

#endif
