#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/tls_int.h"

/* What a server's first record is (RFC 5246, 6.2.1). */
#define RECORD_ALERT 21
#define RECORD_HANDSHAKE 22

struct tls {
	br_ssl_client_context client;
	struct verify verify;
	struct trust *trust;			/* borrowed */
	char *host;				/* owned */
	struct tls_place place;			/* with that host */
	int open;				/* the handshake is done */
	int resuming;				/* an earlier session was offered */
	int hopeless;
	int first;				/* the first byte that came; -1: none yet */
	int send_failed;			/* the peer takes nothing any more; it may have said why */
	unsigned char records[BR_SSL_BUFSIZE_BIDI];
};

/* Forward secrecy and authenticated encryption first; the rest is for old servers. No SHA-1, no 3DES. */
static const uint16_t suites[] = {
	BR_TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
	BR_TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
	BR_TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
	BR_TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
	BR_TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
	BR_TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
	BR_TLS_ECDHE_ECDSA_WITH_AES_128_CCM,
	BR_TLS_ECDHE_ECDSA_WITH_AES_256_CCM,
	BR_TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256,
	BR_TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256,
	BR_TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA384,
	BR_TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384,
	BR_TLS_RSA_WITH_AES_128_GCM_SHA256,
	BR_TLS_RSA_WITH_AES_256_GCM_SHA384,
};

/* Codes of BearSSL, and 256 + the alert that the server sent (RFC 5246, 7.2). */
static const struct {
	int code;
	const char *text;
} tls_texts[] = {
	{ BR_ERR_UNSUPPORTED_VERSION, "the server speaks only TLS 1.1 or older; TLS 1.2 is needed" },
	{ BR_ERR_TOO_LARGE, "the server sent a record that is too large" },
	{ BR_ERR_BAD_MAC, "data was changed on the way" },
	{ BR_ERR_NO_RANDOM, "this system has no source of random numbers" },
	{ BR_ERR_BAD_CIPHER_SUITE, "the server chose a cipher suite that was not offered" },
	{ BR_ERR_BAD_SECRENEG, "the server wants an unsafe renegotiation" },
	{ BR_ERR_BAD_SNI, "the server's name is too long" },
	{ BR_ERR_BAD_SIGNATURE, "the server could not prove that the certificate is its own" },
	{ BR_ERR_INVALID_ALGORITHM, "the server uses an algorithm that is not supported" },
	{ BR_ERR_WRONG_KEY_USAGE, "the server's key must not be used for this" },
	{ 256 + 40,
	  "the server found no common cipher suite or protocol version (TLS 1.2 is needed), or it wants a "
	  "client certificate (CLIENT_CERT)" },
	{ 256 + 42, "the server refused our certificate (CLIENT_CERT) as bad" },
	{ 256 + 43, "the server does not support our kind of certificate (CLIENT_CERT)" },
	{ 256 + 44, "the server says that our certificate (CLIENT_CERT) is revoked" },
	{ 256 + 45, "the server says that our certificate (CLIENT_CERT) has expired" },
	{ 256 + 46, "the server refused our certificate (CLIENT_CERT)" },
	{ 256 + 48, "the server does not know the CA of our certificate (CLIENT_CERT)" },
	{ 256 + 49, "the server denies access" },
	{ 256 + 51, "the server could not verify our signature; does CLIENT_KEY belong to CLIENT_CERT?" },
	{ 256 + 70, "the server speaks another version, perhaps only TLS 1.3; TLS 1.2 is needed" },
	{ 256 + 71, "the server wants stronger encryption than TLS 1.2 with ECDHE and AES or ChaCha20" },
	{ 256 + 80, "the server reports an error of its own" },
	{ 256 + 112, "the server does not know this host name" },
	{ 256 + 116, "the server wants a client certificate (CLIENT_CERT)" },
};

static void set_algorithms(br_ssl_client_context *c)
{
	br_ssl_engine_context *g = &c->eng;

	br_ssl_client_zero(c);
	br_ssl_engine_set_versions(g, BR_TLS12, BR_TLS12);
	br_ssl_engine_set_suites(g, suites, sizeof suites / sizeof suites[0]);
	br_ssl_client_set_default_rsapub(c);
	br_ssl_engine_set_default_rsavrfy(g);
	br_ssl_engine_set_default_ecdsa(g);
	br_ssl_engine_set_hash(g, br_sha224_ID, &br_sha224_vtable);
	br_ssl_engine_set_hash(g, br_sha256_ID, &br_sha256_vtable);
	br_ssl_engine_set_hash(g, br_sha384_ID, &br_sha384_vtable);
	br_ssl_engine_set_hash(g, br_sha512_ID, &br_sha512_vtable);
	br_ssl_engine_set_prf_sha256(g, &br_tls12_sha256_prf);
	br_ssl_engine_set_prf_sha384(g, &br_tls12_sha384_prf);
	br_ssl_engine_set_default_aes_cbc(g);
	br_ssl_engine_set_default_aes_ccm(g);
	br_ssl_engine_set_default_aes_gcm(g);
	br_ssl_engine_set_default_chapol(g);
	br_ssl_engine_add_flags(g, BR_OPT_NO_RENEGOTIATION);
}

static void set_identity(struct tls *t)
{
	const struct trust *r = t->trust;

	if (!r->key_loaded)
		return;
	if (br_skey_decoder_key_type(&r->key) == BR_KEYTYPE_RSA)
		br_ssl_client_set_single_rsa(&t->client, r->chain, r->chain_len,
					     br_skey_decoder_get_rsa(&r->key),
					     br_rsa_pkcs1_sign_get_default());
	else
		br_ssl_client_set_single_ec(&t->client, r->chain, r->chain_len,
					    br_skey_decoder_get_ec(&r->key), BR_KEYTYPE_SIGN, 0,
					    br_ec_get_default(), br_ecdsa_sign_asn1_get_default());
}

static int begin(struct tls *t, struct error *e)
{
	unsigned char seed[32];
	struct addr a;

	if (!t->verify.accept_any && trust_load_anchors(t->trust, e) < 0)
		return -1;
	if (trust_load_identity(t->trust, e) < 0 || port_entropy(seed, sizeof seed, e) < 0)
		return -1;
	set_algorithms(&t->client);
	br_ssl_engine_set_x509(&t->client.eng, &t->verify.vtable);
	set_identity(t);
	br_ssl_engine_set_buffer(&t->client.eng, t->records, sizeof t->records, 1);
	br_ssl_engine_inject_entropy(&t->client.eng, seed, sizeof seed);
	wipe(seed, sizeof seed);
	t->resuming = tls_session_load(t->trust, &t->place, &t->client.eng);
	/* an address is not sent as a server name (RFC 6066, 3) */
	if (!br_ssl_client_reset(&t->client, addr_parse(&a, str_from(t->host)) ? NULL : t->host, t->resuming))
		return error_set(e, ERROR_UPSTREAM, "cannot start TLS with \"%s\": code %d", t->host,
				 br_ssl_engine_last_error(&t->client.eng));
	return 0;
}

struct tls *tls_new(struct trust *trust, const struct tls_place *place, struct error *e)
{
	struct tls *t = malloc(sizeof *t);
	size_t len = strlen(place->host);

	if (!t || !(t->host = malloc(len + 1))) {
		free(t);
		error_memory(e);
		return NULL;
	}
	memcpy(t->host, place->host, len + 1);
	t->place = *place;
	t->place.host = t->host;
	t->trust = trust;
	t->open = t->resuming = t->hopeless = t->send_failed = 0;
	t->first = -1;
	verify_init(&t->verify, trust, t->host, place->no_verify);
	if (begin(t, e) < 0) {
		tls_free(t);
		return NULL;
	}
	return t;
}

void tls_free(struct tls *t)
{
	if (!t)
		return;
	verify_release(&t->verify);
	free(t->host);
	wipe(t, sizeof *t);	/* session keys, and what was last sent and received */
	free(t);
}

/* ---- the pump -------------------------------------------------------------------------------- */

/* A handshake that fails with a session offered may succeed without. */
static void handshake_failed(struct tls *t)
{
	t->hopeless = !t->resuming;
	tls_session_forget(t->trust, &t->place);
}

static enum tls_status engine_closed(struct tls *t, struct error *e)
{
	int code = br_ssl_engine_last_error(&t->client.eng);
	size_t i;

	if (code == 0)
		return TLS_ENDED;
	if (!t->open)
		handshake_failed(t);
	if (t->first != RECORD_HANDSHAKE && t->first != RECORD_ALERT) {
		error_set(e, ERROR_UPSTREAM, "the server does not answer with TLS (is the port right?)");
		return TLS_FAILED;
	}
	if (t->verify.error.kind != ERROR_NONE && !t->open) {
		*e = t->verify.error;
		return TLS_FAILED;
	}
	for (i = 0; i < sizeof tls_texts / sizeof tls_texts[0]; i++) {
		if (tls_texts[i].code == code) {
			error_set(e, ERROR_UPSTREAM, "TLS: %s", tls_texts[i].text);
			return TLS_FAILED;
		}
	}
	if (code > BR_ERR_RECV_FATAL_ALERT && code < BR_ERR_SEND_FATAL_ALERT)
		error_set(e, ERROR_UPSTREAM, "TLS: the server ended the connection with alert %d",
			  code - BR_ERR_RECV_FATAL_ALERT);
	else
		error_set(e, ERROR_UPSTREAM, "TLS: the server breaks the protocol (code %d)", code);
	return TLS_FAILED;
}

/* 1: something moved; 0: has to wait. A failure to send shows when nothing more can be read. */
static int pump_out(struct tls *t, port_sock s, size_t *moved)
{
	size_t len;
	unsigned char *p = br_ssl_engine_sendrec_buf(&t->client.eng, &len);
	long n;

	if (!p || t->send_failed)
		return 0;
	n = port_send(s, p, len, NULL);
	if (n == PORT_IO_ERROR)
		t->send_failed = 1;
	if (n <= 0)
		return 0;
	br_ssl_engine_sendrec_ack(&t->client.eng, (size_t)n);
	*moved += (size_t)n;
	return 1;
}

/* The same for reading; -1 failed, with *end set when the peer has ended. */
static int pump_in(struct tls *t, port_sock s, size_t *moved, int *end, struct error *e)
{
	size_t len;
	unsigned char *p = br_ssl_engine_recvrec_buf(&t->client.eng, &len);
	long n;

	if (!p)
		return 0;
	n = port_recv(s, p, len, e);
	if (n == PORT_IO_AGAIN)
		return 0;
	if (n <= 0) {
		*end = n == 0;
		return -1;
	}
	if (t->first < 0)
		t->first = p[0];
	br_ssl_engine_recvrec_ack(&t->client.eng, (size_t)n);
	*moved += (size_t)n;
	return 1;
}

static enum tls_status peer_gone(struct tls *t, int end, struct error *e)
{
	if (end && t->open && !t->send_failed)
		return TLS_CUT;
	if (!t->open)
		tls_session_forget(t->trust, &t->place);
	if (end)
		error_set(
			e, ERROR_UPSTREAM,
			t->open ? "the server closed the connection"
				: "the server closed the connection in the TLS handshake (is TLS 1.2 on?)");
	else if (!t->open)
		error_add(e, "in the TLS handshake");
	return TLS_FAILED;
}

enum tls_status tls_pump(struct tls *t, port_sock s, size_t *moved, struct error *e)
{
	int out, in, end = 0;

	do {
		unsigned state = br_ssl_engine_current_state(&t->client.eng);

		if (state == BR_SSL_CLOSED)
			return engine_closed(t, e);
		if (!t->open && (state & BR_SSL_SENDAPP)) {
			t->open = 1;
			tls_session_keep(t->trust, &t->place, &t->client.eng);
			buf_release(&t->verify.der);
		}
		out = pump_out(t, s, moved);
		in = pump_in(t, s, moved, &end, e);
		if (in < 0)
			return peer_gone(t, end, e);
	} while (out || in);
	return TLS_GOING;
}

int tls_want(struct tls *t)
{
	unsigned state = br_ssl_engine_current_state(&t->client.eng);

	return (state & BR_SSL_RECVREC ? PORT_WANT_READ : 0) |
	       (state & BR_SSL_SENDREC && !t->send_failed ? PORT_WANT_WRITE : 0);
}

int tls_open(struct tls *t)
{
	return t->open;
}

struct str tls_peek(struct tls *t)
{
	size_t len = 0;
	unsigned char *p = br_ssl_engine_recvapp_buf(&t->client.eng, &len);

	return str_of((const char *)p, p ? len : 0);
}

void tls_consume(struct tls *t, size_t n)
{
	if (n > 0)
		br_ssl_engine_recvapp_ack(&t->client.eng, n);
}

size_t tls_write(struct tls *t, const void *data, size_t len)
{
	size_t room = 0;
	unsigned char *p = br_ssl_engine_sendapp_buf(&t->client.eng, &room);

	if (!p || len == 0)
		return 0;
	if (len > room)
		len = room;
	memcpy(p, data, len);
	br_ssl_engine_sendapp_ack(&t->client.eng, len);
	return len;
}

void tls_flush(struct tls *t)
{
	br_ssl_engine_flush(&t->client.eng, 0);
}

/* Without a certificate from the server. */
int tls_resumed(const struct tls *t)
{
	return t->resuming && t->open && t->verify.n == 0;
}

int tls_hopeless(const struct tls *t)
{
	return t->hopeless;
}

void tls_end(struct tls *t)
{
	br_ssl_engine_close(&t->client.eng);
}
