#include "check.h"

#include <string.h>

#include "net/tls_int.h"
#include "unit/tls_data.h"

/* Lets the engine see the chain (names in the order sent). 0 when accepted. */
static unsigned verify_chain(struct verify *v, const char *chain)
{
	const br_x509_class **ctx = &v->vtable;
	struct str list = str_from(chain), name;
	struct buf der;
	char file[64];

	(*ctx)->start_chain(ctx, v->host);
	while (str_next(&list, ' ', &name)) {
		buf_init(&der, MAX_CERTIFICATE * 2);
		snprintf(file, sizeof file, "%.*s.pem", STR_ARG(name));
		CHECK_INT(tls_read_der(&der, file), 0);
		(*ctx)->start_cert(ctx, (uint32_t)der.len);
		/* in two pieces, as records may cut it */
		(*ctx)->append(ctx, (const unsigned char *)der.data, der.len / 3);
		(*ctx)->append(ctx, (const unsigned char *)der.data + der.len / 3, der.len - der.len / 3);
		(*ctx)->end_cert(ctx);
		buf_release(&der);
	}
	return (*ctx)->end_chain(ctx);
}

static const struct {
	const char *chain, *host;
	const char *error;		/* part of the message; NULL: accepted */
} rows[] = {
	{ "ok", "localhost", NULL },
	{ "ok", "LocalHost", NULL },
	{ "rsa", "localhost", NULL },
	{ "any-use", "localhost", NULL },
	{ "cn-only", "localhost", NULL },
	{ "san", "a.example", NULL },
	{ "san", "x.b.example", NULL },
	{ "san", "127.0.0.1", NULL },
	{ "san", "::1", NULL },
	{ "san", "0:0:0:0:0:0:0:1", NULL },
	{ "san", "::ffff:127.0.0.1", NULL },
	/* names */
	{ "ok", "other.example", "the certificate of \"other.example\" is for \"localhost\"; use" },
	{ "wrong", "localhost", "is for \"other.example\"" },
	{ "san", "b.example",
	  "is for \"a.example\", \"*.b.example\", \"127.0.0.1\", \"0:0:0:0:0:0:0:1\"; use" },
	{ "san", "x.y.b.example", "is for \"a.example\"" },
	{ "san", "127.0.0.2", "is for \"a.example\"" },
	{ "san", "::2", "is for \"a.example\"" },
	{ "ok", "127.0.0.1", "the certificate of \"127.0.0.1\" is for \"localhost\"" },
	{ "cn-only", "other.example", "is for \"localhost\"" },
	/* time */
	{ "expired", "localhost", "the certificate of \"localhost\" expired on 2021-02-03T04:05:06Z" },
	{ "future", "localhost", "is valid only from 2090-01-01T00:00:00Z" },
	/* trust */
	{ "unknown", "localhost", "unknown CA, \"Somebody else\"" },
	{ "unknown other", "localhost", "unknown CA, \"Somebody else\"" },
	{ "self", "localhost", "is self-signed; if it is the right one, put it (PEM) into the CA_FILE" },
	{ "below", "localhost", "unknown CA, \"Unit Intermediate\"" },
	{ "below middle", "localhost", NULL },
	{ "below middle ca", "localhost", NULL },
	{ "below ca middle", "localhost", NULL },
	{ "below other middle", "localhost", NULL },
	{ "ok other middle", "localhost", NULL },
	{ "middle below", "localhost", "is for \"Unit Intermediate\"" },
	{ "below-leaf no-ca", "localhost", "issued by a certificate that is no CA" },
	/* strength and use */
	{ "weak", "localhost", "weak key in its chain; RSA keys need 2048 bits" },
	{ "below-weak weak-ca", "localhost", "weak key in its chain" },
	{ "sha1", "localhost", "signature with MD5 or SHA-1" },
	{ "client-only", "localhost", "not meant for servers (extended key usage)" },
	{ "critical", "localhost", "critical extension that is not supported" },
};

static struct trust *make_trust(struct net_options *o, const char *ca)
{
	struct trust *t;
	struct error e;

	error_init(&e);
	memset(o, 0, sizeof *o);
	o->ca_file = ca;
	t = trust_new(o, &e);
	CHECK(t != NULL && trust_load_anchors(t, &e) == 0);
	CHECK_STR(e.text, "");
	return t;
}

static void test_chains(void)
{
	struct net_options o;
	struct trust *t = make_trust(&o, TLS_DATA "ca.pem");
	struct verify v;
	const br_x509_pkey *key;
	unsigned usages, code;
	size_t i;

	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		check_row(rows[i].chain);
		verify_init(&v, t, rows[i].host, 0);
		code = verify_chain(&v, rows[i].chain);
		CHECK_INT(code != 0, rows[i].error != NULL);
		if (rows[i].error) {
			CHECK_INT(v.error.kind, ERROR_UPSTREAM);
			if (!CHECK(strstr(v.error.text, rows[i].error) != NULL))
				CHECK_STR(v.error.text, rows[i].error);
		} else {
			CHECK_STR(v.error.text, "");
			key = v.vtable->get_pkey(&v.vtable, &usages);
			CHECK(key != NULL && (usages & BR_KEYTYPE_SIGN));
		}
		verify_release(&v);
	}
	check_row(NULL);
	trust_free(t);
}

/* Without checking, every certificate that has a key is good. */
static void test_accept_any(void)
{
	static const char *const chains[] = { "expired", "unknown", "self", "weak", "sha1", "wrong ok" };
	struct net_options o;
	struct trust *t = make_trust(&o, TLS_DATA "ca.pem");
	struct verify v;
	size_t i;

	for (i = 0; i < sizeof chains / sizeof chains[0]; i++) {
		check_row(chains[i]);
		verify_init(&v, t, "localhost", 1);
		CHECK_INT(verify_chain(&v, chains[i]), 0);
		CHECK(v.vtable->get_pkey(&v.vtable, NULL) != NULL);
		verify_release(&v);
	}
	check_row(NULL);
	trust_free(t);
}

/* A self-signed certificate that is trusted itself. */
static void test_own(void)
{
	struct net_options o;
	struct trust *t = make_trust(&o, TLS_DATA "self.pem");
	struct verify v;

	verify_init(&v, t, "localhost", 0);
	CHECK_INT(verify_chain(&v, "self"), 0);
	verify_release(&v);
	verify_init(&v, t, "other.example", 0);
	CHECK(verify_chain(&v, "self") != 0);
	verify_release(&v);
	verify_init(&v, t, "localhost", 0);
	CHECK(verify_chain(&v, "ok") != 0);
	verify_release(&v);
	trust_free(t);
}

static void feed(struct verify *v, const unsigned char *data, size_t len, int times)
{
	const br_x509_class **ctx = &v->vtable;

	(*ctx)->start_chain(ctx, v->host);
	while (times-- > 0) {
		(*ctx)->start_cert(ctx, (uint32_t)len);
		(*ctx)->append(ctx, data, len);
		(*ctx)->end_cert(ctx);
	}
}

/* MAX_CHAIN and MAX_CERTIFICATE, and one past them; and what is no certificate at all. */
static void test_limits(void)
{
	static unsigned char large[MAX_CERTIFICATE + 1];
	struct net_options o;
	struct trust *t = make_trust(&o, TLS_DATA "ca.pem");
	struct verify v;
	struct buf der;

	buf_init(&der, MAX_CERTIFICATE);
	CHECK_INT(tls_read_der(&der, "ok.pem"), 0);
	verify_init(&v, t, "localhost", 0);
	feed(&v, (unsigned char *)der.data, der.len, MAX_CHAIN);
	CHECK_INT(v.vtable->end_chain(&v.vtable), 0);
	feed(&v, (unsigned char *)der.data, der.len, MAX_CHAIN + 1);
	CHECK_INT(v.vtable->end_chain(&v.vtable), BR_ERR_X509_LIMIT_EXCEEDED);
	feed(&v, large, MAX_CERTIFICATE, 1);
	CHECK_INT(v.vtable->end_chain(&v.vtable), BR_ERR_X509_UNEXPECTED);
	feed(&v, large, MAX_CERTIFICATE + 1, 1);
	CHECK_INT(v.vtable->end_chain(&v.vtable), BR_ERR_X509_LIMIT_EXCEEDED);
	feed(&v, large, 0, 1);
	CHECK_INT(v.vtable->end_chain(&v.vtable), BR_ERR_X509_UNEXPECTED);
	feed(&v, large, 0, 0);
	CHECK_INT(v.vtable->end_chain(&v.vtable), BR_ERR_X509_EMPTY_CHAIN);
	CHECK(strstr(v.error.text, "sent none") != NULL);
	verify_release(&v);
	buf_release(&der);
	trust_free(t);
}

/* A certificate with any one byte changed is never accepted, and never more than refused. */
static void test_damage(void)
{
	struct net_options o;
	struct trust *t = make_trust(&o, TLS_DATA "ca.pem");
	struct verify v;
	struct buf der;
	size_t i;

	buf_init(&der, MAX_CERTIFICATE);
	CHECK_INT(tls_read_der(&der, "ok.pem"), 0);
	for (i = 0; i < der.len; i += 3) {
		verify_init(&v, t, "localhost", 0);
		der.data[i] ^= 0x11;
		feed(&v, (unsigned char *)der.data, der.len, 1);
		CHECK(v.vtable->end_chain(&v.vtable) != 0);
		der.data[i] ^= 0x11;
		feed(&v, (unsigned char *)der.data, i, 1);
		CHECK(v.vtable->end_chain(&v.vtable) != 0);
		verify_release(&v);
	}
	buf_release(&der);
	trust_free(t);
}

CHECK_SUITE(tls_verify, CHECK_TEST(chains), CHECK_TEST(accept_any), CHECK_TEST(own), CHECK_TEST(limits),
	    CHECK_TEST(damage));
