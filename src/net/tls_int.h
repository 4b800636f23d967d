/*
 * What tls.c, tls_verify.c and trust.c share: the one place where BearSSL's TLS and X.509 are included.
 */
#ifndef NET_TLS_INT_H
#define NET_TLS_INT_H

#include <bearssl.h>
#include "base/arena.h"
#include "base/buf.h"
#include "base/limits.h"
#include "net/net_int.h"

#define MIN_RSA_BITS 2048

#define TLS_SESSIONS 8		/* servers whose sessions are kept */
#define TLS_HOST_MAX 256	/* longer names have none kept */

struct tls_session {
	int used;
	struct tls_place place;			/* its host is in here: */
	char host[TLS_HOST_MAX];
	int64_t at;				/* when the server was verified, port_mono_ms() */
	br_ssl_session_parameters session;	/* secret */
};

struct trust {
	const struct net_options *o;		/* borrowed */
	struct arena data;			/* all bytes that the anchors and our chain point to */
	br_x509_trust_anchor *anchors;		/* owned */
	size_t n, room;
	int loaded;
	br_x509_certificate chain[MAX_CHAIN];	/* ours, for servers that ask */
	size_t chain_len;
	br_skey_decoder_context key;
	int key_loaded;
	struct tls_session sessions[TLS_SESSIONS];
};

/* ---- tls_session.c --------------------------------------------------------------------------- */

/* Gives the engine the session to be resumed with that server; 0: there is none. */
int tls_session_load(struct trust *t, const struct tls_place *p, br_ssl_engine_context *engine);
/* After the handshake. */
void tls_session_keep(struct trust *t, const struct tls_place *p, const br_ssl_engine_context *engine);
/* The next connection makes a whole handshake. */
void tls_session_forget(struct trust *t, const struct tls_place *p);

/* Reads the CA certificates, once. ERROR_USAGE naming CA_FILE, or ERROR_UPSTREAM when there are none
 * at all. */
int trust_load_anchors(struct trust *t, struct error *e);
/* Reads CLIENT_CERT and CLIENT_KEY, once; nothing when they are not set. */
int trust_load_identity(struct trust *t, struct error *e);

/*
 * The X.509 engine that a client uses: keeps the certificates that the server sends, puts them in
 * order, lets BearSSL's minimal engine check them, then makes the checks which that does not make.
 * Lives during the handshake.
 */
struct verify {
	const br_x509_class *vtable;		/* first: BearSSL calls through it */
	struct trust *trust;			/* borrowed */
	const char *host;			/* borrowed */
	int accept_any;
	struct buf der;				/* the certificates, one after the other */
	size_t ends[MAX_CHAIN];			/* where each one ends in der */
	size_t n;
	int too_many;
	union {
		br_x509_minimal_context minimal;
		br_x509_decoder_context decoder;	/* with accept_any */
	} u;
	struct error error;			/* why it was refused, if it was */
};

/* host and trust are borrowed. */
void verify_init(struct verify *v, struct trust *trust, const char *host, int accept_any);
/* Frees the certificates; the leaf's key stays good. */
void verify_release(struct verify *v);

#endif
