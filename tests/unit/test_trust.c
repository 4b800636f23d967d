#include "check.h"

#include <string.h>

#include "net/tls_int.h"
#include "net/x509.h"
#include "unit/tls_data.h"

static void write_file(const char *path, const char *text, size_t len)
{
	struct port_file *f = port_open(path, PORT_TRUNCATE, NULL);

	if (!CHECK(f != NULL))
		return;
	CHECK_INT(port_write(f, text, len, NULL), 0);
	CHECK_INT(port_close(f, NULL), 0);
}

/* Loads a CA file; the number of anchors that it gave, or -1. */
static int load(const char *file, const char *more, struct error *e)
{
	struct net_options o = { 0 };
	struct trust *t = trust_new(&o, e), *base = trust_new(&o, e);
	int n = -1;

	error_init(e);
	/* the system's own come on top */
	trust_load_anchors(base, e);
	error_init(e);
	o.ca_file = file;
	o.ca_file_more = more;
	if (trust_load_anchors(t, e) == 0) {
		CHECK_INT(trust_load_anchors(t, e), 0);
		n = (int)(t->n - base->n);
	}
	trust_free(t);
	trust_free(base);
	return n;
}

static void test_files(void)
{
	static const struct {
		const char *file, *more;
		int n;
		const char *error;
	} rows[] = {
		{ TLS_DATA "ca.pem", NULL, 1, NULL },
		{ TLS_DATA "ca.pem", "", 1, NULL },
		{ TLS_DATA "ca.pem", TLS_DATA "other.pem", 2, NULL },
		{ NULL, TLS_DATA "other.pem", 1, NULL },
		{ TLS_DATA "ca.der", NULL, 1, NULL },
		{ TLS_DATA "rsa.pem", NULL, 1, NULL },
		{ TLS_DATA "none.pem", NULL, -1, "cannot use the CA file \"" TLS_DATA "none.pem\"" },
		{ TLS_DATA "weak-ca.pem", NULL, -1, "less than 2048 bits" },
		{ TLS_DATA "leaf.key", NULL, -1, "holds no certificate" },
		{ TLS_DATA "make.sh", NULL, -1, "holds no certificate" },
	};
	struct error e;
	size_t i;

	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		check_row(rows[i].file);
		CHECK_INT(load(rows[i].file, rows[i].more, &e), rows[i].n);
		if (rows[i].error) {
			CHECK_INT(e.kind, ERROR_USAGE);
			if (!CHECK(strstr(e.text, rows[i].error) != NULL))
				CHECK_STR(e.text, rows[i].error);
		}
	}
	check_row(NULL);
}

/* Damaged and unusual files. */
static void test_odd_files(void)
{
	struct buf pem, text;
	const char *path = check_file("ca.pem");
	struct error e;

	buf_init(&pem, 65536);
	buf_init(&text, 1 << 20);
	CHECK_INT(tls_read_file(&pem, TLS_DATA "ca.pem"), 0);
	/* comments around, no line end at the end, twice */
	buf_printf(&text, "# our CA\r\nSubject: x\n%s\nmore\n%.*s", buf_text(&pem), (int)pem.len - 1,
		   pem.data);
	write_file(path, text.data, text.len);
	CHECK_INT(load(path, NULL, &e), 2);
	/* cut off at each place: never a crash, never half a certificate */
	write_file(path, pem.data, pem.len / 2);
	CHECK_INT(load(path, NULL, &e), -1);
	CHECK(strstr(e.text, "cut off") != NULL);
	write_file(path, pem.data, 10);
	CHECK_INT(load(path, NULL, &e), -1);
	write_file(path, "", 0);
	CHECK_INT(load(path, NULL, &e), -1);
	CHECK(strstr(e.text, "holds no certificate") != NULL);
	write_file(path, "0\202\001", 3);
	CHECK_INT(load(path, NULL, &e), -1);
	/* base64 that is none */
	pem.data[60] = '*';
	write_file(path, pem.data, pem.len);
	CHECK_INT(load(path, NULL, &e), -1);
	CHECK_INT(e.kind, ERROR_USAGE);
	CHECK(strstr(e.text, "not valid PEM") != NULL);
	/* a certificate that is none */
	buf_reset(&text);
	buf_puts(&text, "-----BEGIN CERTIFICATE-----\nMAMCAQE=\n-----END CERTIFICATE-----\n");
	write_file(path, text.data, text.len);
	CHECK_INT(load(path, NULL, &e), -1);
	CHECK(strstr(e.text, "malformed") != NULL);
	/* one that is too large */
	buf_reset(&text);
	buf_puts(&text, "-----BEGIN CERTIFICATE-----\n");
	while (text.len < MAX_CERTIFICATE * 4 / 3 + 4096)
		buf_puts(&text, "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n");
	buf_puts(&text, "-----END CERTIFICATE-----\n");
	write_file(path, text.data, text.len);
	CHECK_INT(load(path, NULL, &e), -1);
	port_remove(path, NULL);
	buf_release(&pem);
	buf_release(&text);
}

/* More certificates than MAX_ANCHORS has room for are refused, and what fits is taken. */
static void test_many(void)
{
	struct buf pem, text;
	const char *path = check_file("many.pem");
	struct error e;
	int i;

	buf_init(&pem, 65536);
	buf_init(&text, 16 << 20);
	CHECK_INT(tls_read_file(&pem, TLS_DATA "rsa.pem"), 0);
	for (i = 0; i < 1000; i++)
		buf_put_str(&text, buf_str(&pem));
	write_file(path, text.data, text.len);
	CHECK_INT(load(path, NULL, &e), 1000);
	for (i = 0; i < 3000; i++)
		buf_put_str(&text, buf_str(&pem));
	write_file(path, text.data, text.len);
	CHECK_INT(load(path, NULL, &e), -1);
	CHECK(strstr(e.text, "more CA certificates than fit") != NULL);
	port_remove(path, NULL);
	buf_release(&pem);
	buf_release(&text);
}

static void test_identity(void)
{
	static const struct {
		const char *cert, *key;
		int type;			/* 0: refused, or none */
		const char *error;
	} rows[] = {
		{ NULL, NULL, 0, NULL },
		{ "", "", 0, NULL },
		{ TLS_DATA "client.pem", TLS_DATA "client.key", BR_KEYTYPE_EC, NULL },
		{ TLS_DATA "rsa.pem", TLS_DATA "rsa.key", BR_KEYTYPE_RSA, NULL },
		{ TLS_DATA "rsa.pem", TLS_DATA "rsa-pkcs8.key", BR_KEYTYPE_RSA, NULL },
		{ "", TLS_DATA "client.key", 0, "CLIENT_KEY is set, but not CLIENT_CERT" },
		{ TLS_DATA "client.pem", TLS_DATA "encrypted.key", 0, "the key is encrypted" },
		{ TLS_DATA "client.pem", TLS_DATA "none.key", 0, "cannot use CLIENT_KEY" },
		{ TLS_DATA "client.pem", NULL, 0, "holds no private key" },
		{ TLS_DATA "client.key", TLS_DATA "client.key", 0, "holds no certificate" },
		{ TLS_DATA "none.pem", TLS_DATA "client.key", 0, "cannot use CLIENT_CERT" },
	};
	struct net_options o = { 0 };
	struct trust *t;
	struct error e;
	size_t i;

	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		check_row(rows[i].key);
		error_init(&e);
		o.client_cert = rows[i].cert;
		o.client_key = rows[i].key;
		t = trust_new(&o, &e);
		CHECK_INT(trust_load_identity(t, &e), rows[i].error ? -1 : 0);
		CHECK_INT(t->key_loaded, rows[i].type != 0);
		if (rows[i].type)
			CHECK_INT(br_skey_decoder_key_type(&t->key), rows[i].type);
		if (rows[i].error) {
			CHECK_INT(e.kind, ERROR_USAGE);
			CHECK(strstr(e.text, rows[i].error) != NULL);
		}
		trust_free(t);
	}
	check_row(NULL);
}

/* Certificate and key in one file. */
static void test_identity_file(void)
{
	struct net_options o = { 0 };
	struct trust *t;
	struct buf text;
	struct error e;

	buf_init(&text, 65536);
	CHECK_INT(tls_read_file(&text, TLS_DATA "client.key"), 0);
	CHECK_INT(tls_read_file(&text, TLS_DATA "client.pem"), 0);
	CHECK_INT(tls_read_file(&text, TLS_DATA "ca.pem"), 0);
	o.client_cert = check_file("both.pem");
	write_file(o.client_cert, text.data, text.len);
	t = trust_new(&o, &e);
	CHECK_INT(trust_load_identity(t, &e), 0);
	CHECK_INT(t->key_loaded, 1);
	CHECK_INT(t->chain_len, 2);
	trust_free(t);
	port_remove(o.client_cert, NULL);
	buf_release(&text);
}

static void test_x509(void)
{
	struct buf der, out;
	struct x509 x;

	buf_init(&der, 65536);
	buf_init(&out, 4096);
	CHECK_INT(tls_read_der(&der, "rsa.pem"), 0);
	CHECK_INT(x509_parse(&x, buf_str(&der)), 0);
	CHECK_INT(x.rsa_bits, 2048);
	CHECK_INT(x.signature_hash, X509_HASH_SHA2);
	CHECK_INT(x.not_before, 1577836800);
	CHECK_INT(x.not_after, 4733510400);
	CHECK_INT(x.restricted, 1);
	CHECK_INT(x.for_server, 1);
	x509_put_name(&out, x.issuer);
	buf_putc(&out, ' ');
	x509_put_names(&out, &x);
	CHECK_STR(buf_text(&out), "Unit Root \"localhost\"");
	buf_putc(&der, 0);
	CHECK_INT(x509_parse(&x, buf_str(&der)), -1);
	buf_reset(&der);
	CHECK_INT(tls_read_der(&der, "sha1.pem"), 0);
	CHECK_INT(x509_parse(&x, buf_str(&der)), 0);
	CHECK_INT(x.signature_hash, X509_HASH_SHA1);
	CHECK_INT(x.rsa_bits, 0);
	buf_release(&der);
	buf_release(&out);
}

CHECK_SUITE(trust, CHECK_TEST(files), CHECK_TEST(odd_files), CHECK_TEST(many), CHECK_TEST(identity),
	    CHECK_TEST(identity_file), CHECK_TEST(x509));
