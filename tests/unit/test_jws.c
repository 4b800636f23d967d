#include "check.h"

#include "net/jws.h"
#include "net/tls_int.h"
#include "unit/tls_data.h"

static void noted(void *cookie, const void *data, size_t len)
{
	(void)cookie;
	(void)data;
	(void)len;
}

/* The key of the certificate in a file of the data; it lives in the decoder. */
static const br_x509_pkey *public_key(br_x509_decoder_context *decoder, const char *name)
{
	struct buf der;

	buf_init(&der, MAX_CERTIFICATE);
	br_x509_decoder_init(decoder, noted, NULL);
	if (CHECK_INT(tls_read_der(&der, name), 0))
		br_x509_decoder_push(decoder, der.data, der.len);
	buf_release(&der);
	return br_x509_decoder_get_pkey(decoder);
}

static int verify_rsa(const br_rsa_public_key *key, struct buf *signature, const unsigned char *digest)
{
	unsigned char got[32];

	return br_rsa_pkcs1_vrfy_get_default()((unsigned char *)signature->data, signature->len,
					       BR_HASH_OID_SHA256, sizeof(got), key, got) &&
	       memcmp(got, digest, sizeof(got)) == 0;
}

static int verify_ec(const br_ec_public_key *key, struct buf *signature, const unsigned char *digest)
{
	return signature->len == 64 &&
	       br_ecdsa_vrfy_raw_get_default()(br_ec_get_default(), digest, 32, key, signature->data,
					       signature->len);
}

/* 1 when the token's signature is good for the certificate's key. */
static int verify(struct str token, const char *certificate)
{
	size_t first = str_find_char(token, 0, '.'), second = str_find_char(token, first + 1, '.');
	br_x509_decoder_context decoder;
	const br_x509_pkey *key = public_key(&decoder, certificate);
	unsigned char digest[32];
	br_sha256_context sha;
	struct buf signature;
	int good = 0;

	br_sha256_init(&sha);
	br_sha256_update(&sha, token.ptr, second);
	br_sha256_out(&sha, digest);
	buf_init(&signature, 1024);
	CHECK_INT(base64_decode(&signature, str_sub(token, second + 1, token.len)), 0);
	if (CHECK(key != NULL))
		good = key->key_type == BR_KEYTYPE_RSA ? verify_rsa(&key->key.rsa, &signature, digest)
						       : verify_ec(&key->key.ec, &signature, digest);
	buf_release(&signature);
	return good;
}

static struct jws_key *read_key(const char *name, struct error *e)
{
	char path[128];

	snprintf(path, sizeof(path), TLS_DATA "%s", name);
	error_init(e);
	return jws_key_read("SOME_KEY", str_from(path), e);
}

static void check_part(struct str token, size_t n, const char *text)
{
	struct str part = STR("");
	struct buf out;

	while (n-- > 0)
		if (!CHECK(str_next(&token, '.', &part)))
			return;
	buf_init(&out, 1024);
	CHECK_INT(base64_decode(&out, part), 0);
	CHECK_STR(buf_text(&out), text);
	buf_release(&out);
}

static void test_signs(void)
{
	static const struct { const char *key, *certificate, *algorithm, *header; } rows[] = {
		{ "rsa.key", "rsa.pem", "RS256", "{\"alg\":\"RS256\",\"typ\":\"JWT\",\"kid\":\"k\"}" },
		{ "rsa-pkcs8.key", "rsa.pem", "RS256", "{\"alg\":\"RS256\",\"typ\":\"JWT\",\"kid\":\"k\"}" },
		{ "leaf.key", "ok.pem", "ES256", "{\"alg\":\"ES256\",\"typ\":\"JWT\",\"kid\":\"k\"}" },
	};
	struct error e;
	struct buf token;
	size_t i;

	buf_init(&token, 8192);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct jws_key *k = read_key(rows[i].key, &e);

		if (!CHECK(k != NULL))
			continue;
		buf_reset(&token);
		CHECK(strcmp(jws_algorithm(k), rows[i].algorithm) == 0);
		CHECK_INT(jws_sign(k, STR(",\"kid\":\"k\""), STR("{\"iss\":\"me\"}"), &token, &e), 0);
		check_part(buf_str(&token), 1, rows[i].header);
		check_part(buf_str(&token), 2, "{\"iss\":\"me\"}");
		CHECK(verify(buf_str(&token), rows[i].certificate));
		/* and is bad for other claims */
		token.data[strcspn(buf_text(&token), ".") + 1] ^= 1;
		CHECK(!verify(buf_str(&token), rows[i].certificate));
		jws_key_free(k);
	}
	buf_release(&token);
}

/* The text itself, with line ends as they are or written as \n. */
static void test_key_as_text(void)
{
	struct buf text, escaped;
	struct error e;
	size_t i;

	buf_init(&text, 8192);
	buf_init(&escaped, 8192);
	CHECK_INT(tls_read_file(&text, TLS_DATA "rsa.key"), 0);
	for (i = 0; i < text.len; i++) {
		if (text.data[i] == '\n')
			buf_puts(&escaped, "\\n");
		else
			buf_putc(&escaped, text.data[i]);
	}
	for (i = 0; i < 2; i++) {
		struct jws_key *k = jws_key_read("K", buf_str(i ? &escaped : &text), &e);

		CHECK(k != NULL);
		jws_key_free(k);
	}
	buf_release(&text);
	buf_release(&escaped);
}

static void test_refuses(void)
{
	static const struct { const char *key, *words; } rows[] = {
		{ "weak.key", "2048" }, { "encrypted.key", "encrypted" }, { "rsa.pem", "no private key" },
		{ "none.key", "SOME_KEY" },
	};
	struct error e;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		CHECK(read_key(rows[i].key, &e) == NULL);
		CHECK_INT(e.kind, ERROR_USAGE);
		CHECK(strstr(e.text, rows[i].words) != NULL);
		CHECK(strstr(e.text, "SOME_KEY") != NULL);
	}
}

/* Against what openssl x509 -fingerprint says. */
static void test_certificate_digests(void)
{
	struct buf header;
	struct error e;

	buf_init(&header, 1024);
	CHECK_INT(jws_certificate("C", STR(TLS_DATA "rsa.pem"), &header, &e), 0);
	CHECK_STR(buf_text(&header),
		  ",\"x5t\":\"hT0hFcsMBJ85_U-MQn-K31e9h0w\",\"x5t#S256\":\"zCfR7wU5qmvc3Yl0gW1YBYXBpykhjGGGcZ-HZ00-PME\"");
	buf_reset(&header);
	CHECK_INT(jws_certificate("C", STR(TLS_DATA "rsa.key"), &header, &e), -1);
	CHECK_INT(e.kind, ERROR_USAGE);
	buf_release(&header);
}

CHECK_SUITE(jws, CHECK_TEST(signs), CHECK_TEST(key_as_text), CHECK_TEST(refuses), CHECK_TEST(certificate_digests));
