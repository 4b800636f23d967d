#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "net/pem.h"
#include "net/tls_int.h"

#define ANCHORS_FIRST 64

struct trust *trust_new(const struct net_options *o, struct error *e)
{
	struct trust *t = calloc(1, sizeof *t);

	if (!t) {
		error_memory(e);
		return NULL;
	}
	t->o = o;
	arena_init(&t->data, MAX_ANCHORS);
	return t;
}

void trust_free(struct trust *t)
{
	if (!t)
		return;
	arena_release(&t->data);
	free(t->anchors);
	/* the private key, and the sessions' */
	wipe(t, sizeof *t);
	free(t);
}

/* ---- anchors --------------------------------------------------------------------------------- */

static unsigned char *copy_bytes(struct trust *t, const void *data, size_t len, struct error *e)
{
	unsigned char *p = arena_alloc(&t->data, len);

	if (p)
		memcpy(p, data, len);
	else
		error_set(e, ERROR_MEMORY, "more CA certificates than fit into %d bytes", MAX_ANCHORS);
	return p;
}

static int copy_key(struct trust *t, br_x509_pkey *to, const br_x509_pkey *from, struct error *e)
{
	*to = *from;
	if (from->key_type == BR_KEYTYPE_RSA) {
		to->key.rsa.n = copy_bytes(t, from->key.rsa.n, from->key.rsa.nlen, e);
		to->key.rsa.e = to->key.rsa.n ? copy_bytes(t, from->key.rsa.e, from->key.rsa.elen, e) : NULL;
		return to->key.rsa.e ? 0 : -1;
	}
	to->key.ec.q = copy_bytes(t, from->key.ec.q, from->key.ec.qlen, e);
	return to->key.ec.q ? 0 : -1;
}

static int grow_anchors(struct trust *t, struct error *e)
{
	size_t room = t->room ? t->room * 2 : ANCHORS_FIRST;
	br_x509_trust_anchor *p;

	if (t->n < t->room)
		return 0;
	p = realloc(t->anchors, room * sizeof *p);
	if (!p)
		return error_memory(e);
	t->anchors = p;
	t->room = room;
	return 0;
}

static void append(void *cookie, const void *data, size_t len)
{
	buf_put(cookie, data, len);
}

/* 0: added; 1: of no use to us, *why says why; -1: no memory. */
static int add_anchor(struct trust *t, struct str der, const char **why, struct error *e)
{
	br_x509_decoder_context decoder;
	br_x509_trust_anchor *a;
	br_x509_pkey *key;
	struct buf dn;
	int rc = -1;

	*why = "it cannot be read";
	buf_init(&dn, MAX_CERTIFICATE);
	br_x509_decoder_init(&decoder, append, &dn);
	br_x509_decoder_push(&decoder, der.ptr, der.len);
	key = br_x509_decoder_get_pkey(&decoder);
	if (!key)
		*why = "it is malformed, or has a kind of key that is not supported (RSA and ECDSA are)";
	else if (key->key_type == BR_KEYTYPE_RSA && key->key.rsa.nlen < MIN_RSA_BITS / 8)
		*why = "its RSA key has less than 2048 bits";
	else
		*why = NULL;
	if (*why) {
		buf_release(&dn);
		return 1;
	}
	if (buf_check(&dn, "the name of a CA", e) == 0 && grow_anchors(t, e) == 0) {
		a = &t->anchors[t->n];
		a->flags = br_x509_decoder_isCA(&decoder) ? BR_X509_TA_CA : 0;
		a->dn.len = dn.len;
		a->dn.data = copy_bytes(t, dn.data, dn.len, e);
		rc = a->dn.data ? copy_key(t, &a->pkey, key, e) : -1;
		t->n += rc == 0;
	}
	buf_release(&dn);
	return rc;
}

/* What the system's store has and we cannot use is passed over. */
static int system_object(void *cookie, const char *name, struct str der, struct error *e)
{
	const char *why;

	if (strstr(name, "CERTIFICATE") && add_anchor(cookie, der, &why, e) < 0)
		return -1;
	return 0;
}

static int system_file(void *cookie, const char *path)
{
	struct trust *t = cookie;
	struct error e;
	size_t before = t->n;

	error_init(&e);
	if (pem_file(path, system_object, t, &e) < 0)
		log_debug("CA certificates of the system: %s: %s", path, e.text);
	return t->n > before ? 0 : -1;
}

static int system_certificate(void *cookie, const unsigned char *der, size_t len)
{
	struct error e;

	error_init(&e);
	return system_object(cookie, "CERTIFICATE", str_of((const char *)der, len), &e);
}

static int own_object(void *cookie, const char *name, struct str der, struct error *e)
{
	const char *why;
	int rc;

	if (!strstr(name, "CERTIFICATE"))
		return 0;
	rc = add_anchor(cookie, der, &why, e);
	return rc > 0 ? error_set(e, ERROR_USAGE, "a certificate in it is of no use: %s", why) : rc;
}

static int load_file(struct trust *t, const char *path, struct error *e)
{
	size_t before = t->n;

	if (!path || !*path)
		return 0;
	if (pem_file(path, own_object, t, e) < 0) {
		e->kind = ERROR_USAGE;
		return error_add(e, "cannot use the CA file \"%s\"", path);
	}
	if (t->n == before)
		return error_set(e, ERROR_USAGE, "the CA file \"%s\" holds no certificate; it must be PEM, "
				 "\"-----BEGIN CERTIFICATE-----\"", path);
	return 0;
}

int trust_load_anchors(struct trust *t, struct error *e)
{
	if (t->loaded)
		return 0;
	t->n = 0;
	arena_reset(&t->data);
	t->key_loaded = 0;
	if (load_file(t, t->o->ca_file, e) < 0 || load_file(t, t->o->ca_file_more, e) < 0)
		return -1;
	port_system_ca(system_file, system_certificate, t);
	if (t->n == 0)
		return error_set(e, ERROR_UPSTREAM, "this system has no CA certificates; install them "
				 "(ca-certificates) or name a file of them with CA_FILE");
	t->loaded = 1;
	return 0;
}

/* ---- our own certificate --------------------------------------------------------------------- */

static int chain_object(void *cookie, const char *name, struct str der, struct error *e)
{
	struct trust *t = cookie;
	br_x509_certificate *c = &t->chain[t->chain_len];

	if (!strstr(name, "CERTIFICATE"))
		return 0;
	if (t->chain_len == MAX_CHAIN)
		return error_set(e, ERROR_USAGE, "it holds more than %d certificates", MAX_CHAIN);
	c->data = copy_bytes(t, der.ptr, der.len, e);
	c->data_len = der.len;
	t->chain_len += c->data != NULL;
	return c->data ? 0 : -1;
}

static int key_object(void *cookie, const char *name, struct str der, struct error *e)
{
	struct trust *t = cookie;

	if (strstr(name, "ENCRYPTED"))
		return error_set(e, ERROR_USAGE, "the key is encrypted; write it without a password "
				 "(openssl pkey -in KEY -out NEWKEY)");
	if (!strstr(name, "PRIVATE KEY") || br_skey_decoder_key_type(&t->key) != 0)
		return 0;
	br_skey_decoder_init(&t->key);
	br_skey_decoder_push(&t->key, der.ptr, der.len);
	if (br_skey_decoder_last_error(&t->key) != 0)
		return error_set(e, ERROR_USAGE, "the key cannot be read; it must be RSA or ECDSA");
	return 0;
}

static int load_chain(struct trust *t, const char *path, struct error *e)
{
	t->chain_len = 0;
	if (pem_file(path, chain_object, t, e) < 0)
		return -1;
	return t->chain_len > 0 ? 0 : error_set(e, ERROR_USAGE, "it holds no certificate (PEM)");
}

static int load_key(struct trust *t, const char *path, struct error *e)
{
	br_skey_decoder_init(&t->key);
	if (pem_file(path, key_object, t, e) < 0)
		return -1;
	return br_skey_decoder_key_type(&t->key) ? 0
						 : error_set(e, ERROR_USAGE, "it holds no private key (PEM)");
}

int trust_load_identity(struct trust *t, struct error *e)
{
	const char *cert = t->o->client_cert ? t->o->client_cert : "";
	const char *key = t->o->client_key && *t->o->client_key ? t->o->client_key : cert;

	if (t->key_loaded || !*key)
		return 0;
	if (!*cert)
		return error_set(e, ERROR_USAGE, "CLIENT_KEY is set, but not CLIENT_CERT");
	if (load_chain(t, cert, e) < 0) {
		e->kind = ERROR_USAGE;
		return error_add(e, "cannot use CLIENT_CERT \"%s\"", cert);
	}
	if (load_key(t, key, e) < 0) {
		e->kind = ERROR_USAGE;
		return error_add(e, "cannot use CLIENT_KEY \"%s\"", key);
	}
	t->key_loaded = 1;
	return 0;
}
