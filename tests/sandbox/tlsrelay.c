#include "sandbox/tlsrelay.h"

#include <bearssl.h>
#include <stdlib.h>

#include "port.h"
#include "unit/tls_data.h"

#define CONNECTIONS 16
#define KEY_FILE "leaf.key"
#define DER_MAX 65536

struct passage {
	port_sock outside, inside;	/* PORT_NO_SOCK: free */
	int inside_ended;
	br_ssl_server_context server;
	unsigned char records[BR_SSL_BUFSIZE_BIDI];
};

struct tlsrelay {
	port_sock listener;
	unsigned port;
	struct port_addr to;
	struct buf certificate_der, key_der;	/* owned */
	br_x509_certificate chain[1];
	br_skey_decoder_context key;
	struct passage passages[CONNECTIONS];
};

static int read_identity(struct tlsrelay *r, const char *certificate, struct error *e)
{
	buf_init(&r->certificate_der, DER_MAX);
	buf_init(&r->key_der, DER_MAX);
	if (tls_read_der(&r->certificate_der, certificate) || tls_read_der(&r->key_der, KEY_FILE))
		return error_set(e, ERROR_FAILED, "cannot read %s and " KEY_FILE " in " TLS_DATA, certificate);
	br_skey_decoder_init(&r->key);
	br_skey_decoder_push(&r->key, r->key_der.data, r->key_der.len);
	if (br_skey_decoder_key_type(&r->key) != BR_KEYTYPE_EC)
		return error_set(e, ERROR_FAILED, KEY_FILE " is no EC key");
	r->chain[0].data = (unsigned char *)r->certificate_der.data;
	r->chain[0].data_len = r->certificate_der.len;
	return 0;
}

struct tlsrelay *tlsrelay_new(const char *certificate, unsigned to_port, struct error *e)
{
	struct tlsrelay *r = calloc(1, sizeof(*r));
	size_t i;

	if (!r) {
		error_memory(e);
		return NULL;
	}
	for (i = 0; i < CONNECTIONS; i++)
		r->passages[i].outside = r->passages[i].inside = PORT_NO_SOCK;
	r->listener = PORT_NO_SOCK;
	if (!read_identity(r, certificate, e) && port_resolve("127.0.0.1", to_port, &r->to, 1, e) == 1)
		r->listener = port_listen("127.0.0.1", 0, &r->port, e);
	if (r->listener != PORT_NO_SOCK)
		return r;
	tlsrelay_free(r);
	return NULL;
}

static void close_passage(struct passage *p)
{
	port_sock_close(p->outside);
	port_sock_close(p->inside);
	p->outside = p->inside = PORT_NO_SOCK;
}

void tlsrelay_free(struct tlsrelay *r)
{
	size_t i;

	if (!r)
		return;
	for (i = 0; i < CONNECTIONS; i++)
		close_passage(&r->passages[i]);
	port_sock_close(r->listener);
	buf_release(&r->certificate_der);
	buf_release(&r->key_der);
	free(r);
}

unsigned tlsrelay_port(const struct tlsrelay *r)
{
	return r->port;
}

static void take_connection(struct tlsrelay *r)
{
	struct passage *p = r->passages;

	while (p < r->passages + CONNECTIONS && p->outside != PORT_NO_SOCK)
		p++;
	if (p == r->passages + CONNECTIONS)
		return;
	p->outside = port_accept(r->listener);
	if (p->outside == PORT_NO_SOCK)
		return;
	p->inside = port_connect(&r->to, NULL);
	p->inside_ended = p->inside == PORT_NO_SOCK;
	br_ssl_server_init_full_ec(&p->server, r->chain, 1, BR_KEYTYPE_EC, br_skey_decoder_get_ec(&r->key));
	br_ssl_engine_set_buffer(&p->server.eng, p->records, sizeof(p->records), 1);
	br_ssl_server_reset(&p->server);
}

/* From the network into the engine and back. 1 when something moved, -1 when the peer is gone. */
static int move_records(struct passage *p)
{
	br_ssl_engine_context *g = &p->server.eng;
	size_t len;
	unsigned char *at = br_ssl_engine_sendrec_buf(g, &len);
	long n = at ? port_send(p->outside, at, len, NULL) : PORT_IO_AGAIN;
	int moved = n > 0;

	if (n > 0)
		br_ssl_engine_sendrec_ack(g, (size_t)n);
	else if (n == PORT_IO_ERROR)
		return -1;
	at = br_ssl_engine_recvrec_buf(g, &len);
	n = at ? port_recv(p->outside, at, len, NULL) : PORT_IO_AGAIN;
	if (n > 0)
		br_ssl_engine_recvrec_ack(g, (size_t)n);
	return n == 0 || n == PORT_IO_ERROR ? -1 : moved || n > 0;
}

/* Between the engine and the plain server. 1 when something moved. */
static int move_plain(struct passage *p)
{
	br_ssl_engine_context *g = &p->server.eng;
	size_t len;
	unsigned char *at = br_ssl_engine_recvapp_buf(g, &len);
	long n = at ? port_send(p->inside, at, len, NULL) : PORT_IO_AGAIN;
	int moved = n > 0;

	if (n > 0)
		br_ssl_engine_recvapp_ack(g, (size_t)n);
	at = p->inside_ended ? NULL : br_ssl_engine_sendapp_buf(g, &len);
	n = at ? port_recv(p->inside, at, len, NULL) : PORT_IO_AGAIN;
	if (n > 0) {
		br_ssl_engine_sendapp_ack(g, (size_t)n);
		br_ssl_engine_flush(g, 0);
	} else if (n == 0 || n == PORT_IO_ERROR) {
		p->inside_ended = 1;
		br_ssl_engine_close(g);
	}
	return moved || n > 0;
}

static void run_passage(struct passage *p)
{
	int moved = 1;

	while (moved > 0) {
		moved = move_records(p);
		if (moved < 0 || br_ssl_engine_current_state(&p->server.eng) == BR_SSL_CLOSED) {
			close_passage(p);
			return;
		}
		moved |= move_plain(p);
	}
}

/* What a passage waits for, into set. How many entries that takes. */
static size_t put_wants(const struct passage *p, struct port_poll *set)
{
	unsigned state = br_ssl_engine_current_state(&p->server.eng);

	set[0].sock = p->outside;
	set[0].want = (state & BR_SSL_RECVREC ? PORT_WANT_READ : 0) | (state & BR_SSL_SENDREC ? PORT_WANT_WRITE : 0);
	set[1].sock = p->inside;
	set[1].want = (state & BR_SSL_SENDAPP ? PORT_WANT_READ : 0) | (state & BR_SSL_RECVAPP ? PORT_WANT_WRITE : 0);
	return p->inside_ended || set[1].want == 0 ? 1 : 2;
}

int tlsrelay_wait(struct tlsrelay *r, int ms, struct error *e)
{
	struct port_poll set[2 * CONNECTIONS + 1];
	size_t i, n = 1;

	set[0].sock = r->listener;
	set[0].want = PORT_WANT_READ;
	for (i = 0; i < CONNECTIONS; i++)
		if (r->passages[i].outside != PORT_NO_SOCK)
			n += put_wants(&r->passages[i], set + n);
	return port_poll(set, n, ms, e) < 0 ? -1 : 0;
}

void tlsrelay_run(struct tlsrelay *r)
{
	size_t i;

	take_connection(r);
	for (i = 0; i < CONNECTIONS; i++)
		if (r->passages[i].outside != PORT_NO_SOCK)
			run_passage(&r->passages[i]);
}
