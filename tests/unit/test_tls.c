#include "check.h"

#include <stdlib.h>
#include <string.h>

#include "net/tls_int.h"
#include "unit/tls_data.h"

/* A TLS server of one connection, on BearSSL's server side, that answers "echo:" and what it got. */
struct tls_server {
	br_ssl_server_context server;
	br_x509_minimal_context x509;
	br_x509_certificate chain[4];
	br_skey_decoder_context key;
	br_x500_name names[1];
	br_x509_trust_anchor anchors[1];
	struct buf ders[4], key_der;
	unsigned char records[BR_SSL_BUFSIZE_BIDI];
	port_sock listener, sock;
	unsigned port;
	int plain_first;		/* StartTLS: waits for "starttls\n", answers "ok\n" in the clear */
	int chatty;			/* ... and says more than that */
	int end;			/* how it ends after its answer: 0 stays, 1 close_notify, 2 cut */
	int answered;
	size_t got;
};

static void server_chain(struct tls_server *s, const char *names)
{
	struct str list = str_from(names), name;
	char file[64];
	size_t n = 0;

	while (n < 4 && str_next(&list, ' ', &name)) {
		snprintf(file, sizeof file, "%.*s.pem", STR_ARG(name));
		buf_init(&s->ders[n], 65536);
		CHECK_INT(tls_read_der(&s->ders[n], file), 0);
		s->chain[n].data = (unsigned char *)s->ders[n].data;
		s->chain[n].data_len = s->ders[n].len;
		n++;
	}
	if (n > 0 && br_skey_decoder_key_type(&s->key) == BR_KEYTYPE_RSA)
		br_ssl_server_init_full_rsa(&s->server, s->chain, n, br_skey_decoder_get_rsa(&s->key));
	else if (n > 0)
		br_ssl_server_init_full_ec(&s->server, s->chain, n, BR_KEYTYPE_EC,
					   br_skey_decoder_get_ec(&s->key));
}

static struct tls_server *server_new(const char *chain, const char *key)
{
	struct tls_server *s = calloc(1, sizeof *s);

	if (!s)
		abort();
	buf_init(&s->key_der, 65536);
	CHECK_INT(tls_read_der(&s->key_der, key), 0);
	br_skey_decoder_init(&s->key);
	br_skey_decoder_push(&s->key, s->key_der.data, s->key_der.len);
	server_chain(s, chain);
	br_ssl_engine_set_buffer(&s->server.eng, s->records, sizeof s->records, 1);
	s->sock = PORT_NO_SOCK;
	s->listener = port_listen("127.0.0.1", 0, &s->port, NULL);
	CHECK(s->listener != PORT_NO_SOCK);
	return s;
}

static void server_free(struct tls_server *s)
{
	size_t i;

	if (s->sock != PORT_NO_SOCK)
		port_sock_close(s->sock);
	port_sock_close(s->listener);
	buf_release(&s->key_der);
	for (i = 0; i < 4; i++)
		buf_release(&s->ders[i]);
	free(s);
}

static void server_accept(struct tls_server *s)
{
	if (s->sock != PORT_NO_SOCK)
		return;
	s->sock = port_accept(s->listener);
	if (s->sock != PORT_NO_SOCK && !s->plain_first)
		br_ssl_server_reset(&s->server);
}

static void server_plain(struct tls_server *s)
{
	char line[64];

	if (port_recv(s->sock, line, sizeof line, NULL) > 0) {
		port_send(s->sock, s->chatty ? "ok\nmore" : "ok\n", s->chatty ? 7 : 3, NULL);
		s->plain_first = 0;
		br_ssl_server_reset(&s->server);
	}
}

static void server_close(struct tls_server *s)
{
	port_sock_close(s->sock);
	s->sock = PORT_NO_SOCK;
}

/* Application data: takes all, answers once. */
static void server_talk(struct tls_server *s)
{
	br_ssl_engine_context *g = &s->server.eng;
	size_t len, room;
	unsigned char *p = br_ssl_engine_recvapp_buf(g, &len), *out;

	if (p) {
		s->got += len;
		out = br_ssl_engine_sendapp_buf(g, &room);
		if (out && !s->answered && room > len + 5) {
			memcpy(out, "echo:", 5);
			memcpy(out + 5, p, len);
			br_ssl_engine_sendapp_ack(g, len + 5);
			br_ssl_engine_flush(g, 0);
			s->answered = 1;
		}
		br_ssl_engine_recvapp_ack(g, len);
	}
}

/* What can be done without waiting. */
static void server_pump(struct tls_server *s)
{
	br_ssl_engine_context *g = &s->server.eng;
	int moved = 1;

	server_accept(s);
	if (s->sock == PORT_NO_SOCK)
		return;
	if (s->plain_first) {
		server_plain(s);
		return;
	}
	while (moved && br_ssl_engine_current_state(g) != BR_SSL_CLOSED) {
		size_t len;
		unsigned char *p;
		long n;

		moved = 0;
		server_talk(s);
		p = br_ssl_engine_sendrec_buf(g, &len);
		n = p ? port_send(s->sock, p, len, NULL) : 0;
		if (n > 0)
			br_ssl_engine_sendrec_ack(g, (size_t)n);
		moved |= n > 0;
		p = br_ssl_engine_recvrec_buf(g, &len);
		n = p ? port_recv(s->sock, p, len, NULL) : 0;
		if (n > 0)
			br_ssl_engine_recvrec_ack(g, (size_t)n);
		moved |= n > 0;
		if (s->answered && s->end == 1 && !(br_ssl_engine_current_state(g) & BR_SSL_SENDREC)) {
			br_ssl_engine_close(g);
			moved = 1;
			s->end = 2;
		}
	}
	if (s->answered && s->end == 2)
		server_close(s);
	else if (br_ssl_engine_current_state(g) == BR_SSL_CLOSED)
		server_close(s);
}

/* ---- the client ------------------------------------------------------------------------------ */

struct client {
	struct net_options o;
	struct net *net;
	struct error e;
};

static void client_init(struct client *c)
{
	memset(c, 0, sizeof *c);
	error_init(&c->e);
	c->o.timeout_ms = 3000;
	c->o.ca_file = TLS_DATA "ca.pem";
	c->net = net_new(&c->o, &c->e);
}

/* Runs both sides until the state is another one, or data is there. */
static void run_until(struct client *c, struct tls_server *s, struct conn *k, enum conn_state not, int data)
{
	int i;

	for (i = 0; i < 3000 && conn_state(k) == not && !(data && conn_peek(k).len > 0); i++) {
		net_run(c->net, 1, &c->e);
		server_pump(s);
	}
}

static void test_handshake(void)
{
	static const struct {
		const char *chain, *key, *host;
		int flags;
		const char *error;
	} rows[] = {
		{ "ok", "leaf.key", "localhost", 0, NULL },
		{ "rsa", "rsa.key", "localhost", 0, NULL },
		{ "below middle", "leaf.key", "localhost", 0, NULL },
		{ "san", "leaf.key", "127.0.0.1", 0, NULL },
		{ "ok", "leaf.key", "127.0.0.1", 0, "the certificate of \"127.0.0.1\" is for \"localhost\"" },
		{ "expired", "leaf.key", "localhost", 0, "expired on 2021-02-03" },
		{ "unknown", "leaf.key", "localhost", 0, "unknown CA" },
		{ "weak", "weak.key", "localhost", 0, "weak key" },
		{ "unknown", "leaf.key", "localhost", CONN_NO_VERIFY, NULL },
		{ "expired", "leaf.key", "127.0.0.1", CONN_NO_VERIFY, NULL },
		/* a certificate without its key */
		{ "ok", "client.key", "localhost", 0, "could not prove that the certificate is its own" },
		{ "ok", "client.key", "localhost", CONN_NO_VERIFY,
		  "could not prove that the certificate is its own" },
	};
	struct client c;
	struct tls_server *s;
	struct conn *k;
	size_t i;

	client_init(&c);
	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		check_row(rows[i].chain);
		s = server_new(rows[i].chain, rows[i].key);
		k = conn_open(c.net, rows[i].host, s->port, CONN_TLS | rows[i].flags, NULL, NULL, &c.e);
		run_until(&c, s, k, CONN_OPENING, 0);
		CHECK_INT(conn_state(k), rows[i].error ? CONN_FAILED : CONN_OPEN);
		if (rows[i].error) {
			if (!CHECK(strstr(conn_error(k)->text, rows[i].error) != NULL))
				CHECK_STR(conn_error(k)->text, rows[i].error);
			CHECK_INT(conn_error(k)->kind, ERROR_UPSTREAM);
			CHECK_INT(conn_hopeless(k), 1);
		} else {
			conn_write(k, "hello", 5);
			run_until(&c, s, k, CONN_OPEN, 1);
			CHECK(str_eqz(conn_peek(k), "echo:hello"));
		}
		conn_close(k);
		server_free(s);
	}
	check_row(NULL);
	net_free(c.net);
}

/* Orderly end, and the end of somebody who cuts the line. */
static void test_end(void)
{
	struct client c;
	struct tls_server *s;
	struct conn *k;
	int end;

	client_init(&c);
	for (end = 1; end <= 2; end++) {
		s = server_new("ok", "leaf.key");
		s->end = end;
		k = conn_open(c.net, "localhost", s->port, CONN_TLS, NULL, NULL, &c.e);
		run_until(&c, s, k, CONN_OPENING, 0);
		conn_write(k, "x", 1);
		run_until(&c, s, k, CONN_OPEN, 1);
		CHECK(str_eqz(conn_peek(k), "echo:x"));
		conn_consume(k, conn_peek(k).len);
		run_until(&c, s, k, CONN_OPEN, 0);
		CHECK_INT(conn_state(k), CONN_ENDED);
		CHECK_INT(conn_cut(k), end == 2);
		conn_close(k);
		server_free(s);
	}
	net_free(c.net);
}

/* One connection after the other to the same server; what it answers is checked, too. */
static struct conn *talk(struct client *c, struct tls_server *s, int flags)
{
	struct conn *k = conn_open(c->net, "localhost", s->port, CONN_TLS | flags, NULL, NULL, &c->e);

	s->answered = 0;
	run_until(c, s, k, CONN_OPENING, 0);
	conn_write(k, "x", 1);
	run_until(c, s, k, CONN_OPEN, 1);
	CHECK(str_eqz(conn_peek(k), "echo:x"));
	return k;
}

/* A second connection resumes; not when the first was not verified; and not what the server has forgotten. */
static void test_resume(void)
{
	static const struct { int first, second, forgets, resumed; } rows[] = {
		{ 0, 0, 0, 1 }, { CONN_NO_VERIFY, 0, 0, 0 }, { 0, CONN_NO_VERIFY, 0, 0 },
		{ CONN_NO_VERIFY, CONN_NO_VERIFY, 0, 1 }, { 0, 0, 1, 0 }
	};
	static unsigned char store[8192];
	br_ssl_session_cache_lru cache;
	struct client c;
	size_t i;

	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct tls_server *s = server_new("ok", "leaf.key");
		struct conn *k;

		client_init(&c);
		br_ssl_session_cache_lru_init(&cache, store, sizeof store);
		br_ssl_server_set_cache(&s->server, &cache.vtable);
		k = talk(&c, s, rows[i].first);
		CHECK_INT(conn_resumed(k), 0);
		conn_close(k);
		server_close(s);
		if (rows[i].forgets)
			br_ssl_session_cache_lru_init(&cache, store, sizeof store);
		k = talk(&c, s, rows[i].second);
		CHECK_INT(conn_resumed(k), rows[i].resumed);
		conn_close(k);
		server_free(s);
		net_free(c.net);
	}
}

/* More than a record in one write, both ways of it through small buffers. */
static void test_large(void)
{
	static char block[300000];
	struct client c;
	struct tls_server *s = server_new("ok", "leaf.key");
	struct conn *k;
	int i;

	client_init(&c);
	k = conn_open(c.net, "localhost", s->port, CONN_TLS, NULL, NULL, &c.e);
	run_until(&c, s, k, CONN_OPENING, 0);
	conn_write(k, block, sizeof block);
	for (i = 0; i < 3000 && s->got < sizeof block; i++) {
		server_pump(s);
		net_run(c.net, 1, &c.e);
	}
	CHECK_INT(s->got, sizeof block);
	CHECK_INT(conn_unsent(k), 0);
	conn_close(k);
	server_free(s);
	net_free(c.net);
}

static void test_start_tls(void)
{
	struct client c;
	struct tls_server *s;
	struct conn *k;
	int chatty;

	client_init(&c);
	for (chatty = 0; chatty < 2; chatty++) {
		s = server_new("ok", "leaf.key");
		s->plain_first = 1;
		s->chatty = chatty;
		k = conn_open(c.net, "localhost", s->port, 0, NULL, NULL, &c.e);
		run_until(&c, s, k, CONN_OPENING, 0);
		conn_write(k, "starttls\n", 9);
		run_until(&c, s, k, CONN_OPEN, 1);
		conn_consume(k, 3);
		conn_start_tls(k, 0);
		run_until(&c, s, k, CONN_OPENING, 0);
		CHECK_INT(conn_state(k), chatty ? CONN_FAILED : CONN_OPEN);
		if (chatty)
			CHECK(strstr(conn_error(k)->text, "data was sent before TLS began") != NULL);
		conn_write(k, "x", 1);
		run_until(&c, s, k, CONN_OPEN, 1);
		CHECK(str_eqz(conn_peek(k), chatty ? "" : "echo:x"));
		conn_close(k);
		server_free(s);
	}
	net_free(c.net);
}

/* A server that wants a certificate of ours. */
static void test_client_certificate(void)
{
	static const struct {
		const char *cert, *key;
		int ok;
	} rows[] = {
		{ TLS_DATA "client.pem", TLS_DATA "client.key", 1 },
		{ TLS_DATA "rsa.pem", TLS_DATA "rsa-pkcs8.key", 1 },
		{ NULL, NULL, 0 },
		{ TLS_DATA "unknown.pem", TLS_DATA "leaf.key", 0 },
	};
	struct net_options trusted = { 0 };
	struct trust *t;
	struct client c;
	struct tls_server *s;
	struct conn *k;
	size_t i;

	trusted.ca_file = TLS_DATA "ca.pem";
	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		check_row(rows[i].cert ? rows[i].cert : "none");
		client_init(&c);
		net_free(c.net);
		c.o.client_cert = rows[i].cert;
		c.o.client_key = rows[i].key;
		c.net = net_new(&c.o, &c.e);
		t = trust_new(&trusted, &c.e);
		CHECK_INT(trust_load_anchors(t, &c.e), 0);
		s = server_new("ok", "leaf.key");
		br_x509_minimal_init_full(&s->x509, t->anchors, 1);
		br_ssl_engine_set_default_rsavrfy(&s->server.eng);
		br_ssl_engine_set_default_ecdsa(&s->server.eng);
		br_ssl_engine_set_x509(&s->server.eng, &s->x509.vtable);
		s->anchors[0] = t->anchors[0];
		br_ssl_server_set_trust_anchor_names_alt(&s->server, s->anchors, 1);
		k = conn_open(c.net, "localhost", s->port, CONN_TLS, NULL, NULL, &c.e);
		run_until(&c, s, k, CONN_OPENING, 0);
		conn_write(k, "x", 1);
		run_until(&c, s, k, CONN_OPEN, 1);
		CHECK(str_eqz(conn_peek(k), rows[i].ok ? "echo:x" : ""));
		CHECK_INT(conn_state(k) == CONN_OPEN, rows[i].ok);
		conn_close(k);
		server_free(s);
		trust_free(t);
		net_free(c.net);
	}
	check_row(NULL);
}

/* Servers that do not speak TLS, or say nothing, or close at once. */
static void test_no_tls(void)
{
	/* a ServerHello of TLS 1.0 */
	static const char tls10[47] = "\026\003\001\000\052\002\000\000\046\003\001";
	static const struct {
		const char *says;		/* NULL: nothing; "": closes */
		size_t len;
		const char *error;
	} rows[] = {
		{ "HTTP/1.1 400 Bad Request\r\n\r\n", 28, "does not answer with TLS (is the port right?)" },
		{ "+OK hello\r\n", 11, "does not answer with TLS (is the port right?)" },
		{ "", 0, "in the TLS handshake" },
		{ "\025\003\001\000\002\002\106", 7, "TLS 1.2 is needed" },
		{ "\025\003\003\000\002\002\050", 7, "wants a client certificate (CLIENT_CERT)" },
		{ tls10, 47, "TLS 1.1 or older; TLS 1.2 is needed" },
		{ NULL, 0, "no answer in the TLS handshake for 0.05 s" },
	};
	struct client c;
	struct conn *k;
	port_sock listener, sock;
	unsigned port;
	size_t i;
	int n;

	client_init(&c);
	listener = port_listen("127.0.0.1", 0, &port, NULL);
	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		check_row(rows[i].error);
		k = conn_open(c.net, "localhost", port, CONN_TLS, NULL, NULL, &c.e);
		conn_set_timeout(k, rows[i].says ? 2000 : 50);
		for (n = 0; n < 1000 && (sock = port_accept(listener)) == PORT_NO_SOCK; n++)
			net_run(c.net, 1, &c.e);
		net_run(c.net, 20, &c.e);
		if (rows[i].len > 0)
			port_send(sock, rows[i].says, rows[i].len, NULL);
		if (rows[i].says && rows[i].len == 0)
			port_sock_close(sock);
		for (n = 0; n < 1000 && conn_state(k) == CONN_OPENING; n++)
			net_run(c.net, 10, &c.e);
		CHECK_INT(conn_state(k), CONN_FAILED);
		if (!CHECK(strstr(conn_error(k)->text, rows[i].error) != NULL))
			CHECK_STR(conn_error(k)->text, rows[i].error);
		conn_close(k);
		if (!rows[i].says || rows[i].len > 0)
			port_sock_close(sock);
	}
	check_row(NULL);
	port_sock_close(listener);
	net_free(c.net);
}

CHECK_SUITE(tls, CHECK_TEST(handshake), CHECK_TEST(end), CHECK_TEST(resume), CHECK_TEST(large), CHECK_TEST(start_tls),
	    CHECK_TEST(client_certificate), CHECK_TEST(no_tls));
