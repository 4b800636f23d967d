#include "net/jws.h"

#include <stdlib.h>
#include <string.h>

#include "base/codec.h"
#include "base/digest.h"
#include "base/limits.h"
#include "net/pem.h"
#include "net/tls_int.h"

#define MAX_RSA_BITS 4096	/* what BearSSL takes */
#define MAX_SIGNATURE (MAX_RSA_BITS / 8)

struct jws_key {
	br_skey_decoder_context key;	/* holds the numbers that the key consists of */
};

/* ---- reading ------------------------------------------------------------------------------------------- */

/* The text of a setting; line ends may be written as "\n" where a value must stand on one line. */
static int each_object(struct str text, pem_object_fn *object, void *cookie, struct error *e)
{
	struct buf lines;
	size_t i;
	int rc;

	if (!str_starts(str_trim(text), STR("-----BEGIN"))) {
		buf_init(&lines, MAX_PATH_TEXT);
		buf_put_str(&lines, text);
		rc = buf_check(&lines, "the path", e);
		if (rc == 0)
			rc = pem_file(buf_text(&lines), object, cookie, e);
		buf_release(&lines);
		return rc;
	}
	buf_init(&lines, MAX_SECRET_FILE);
	for (i = 0; i < text.len; i++) {
		if (text.ptr[i] == '\\' && i + 1 < text.len && text.ptr[i + 1] == 'n') {
			buf_putc(&lines, '\n');
			i++;
		} else {
			buf_putc(&lines, text.ptr[i]);
		}
	}
	rc = buf_check(&lines, "the text", e) != 0 ? -1 : pem_text(buf_str(&lines), object, cookie, e);
	buf_wipe(&lines);
	return rc;
}

static int key_object(void *cookie, const char *name, struct str der, struct error *e)
{
	struct jws_key *k = cookie;

	if (strstr(name, "ENCRYPTED"))
		return error_set(e, ERROR_USAGE, "the key is encrypted; write it without a password "
				 "(openssl pkey -in KEY -out NEWKEY)");
	if (!strstr(name, "PRIVATE KEY") || br_skey_decoder_key_type(&k->key) != 0)
		return 0;
	br_skey_decoder_init(&k->key);
	br_skey_decoder_push(&k->key, der.ptr, der.len);
	if (br_skey_decoder_last_error(&k->key) != 0)
		return error_set(e, ERROR_USAGE, "the key cannot be read; it must be RSA, or ECDSA on P-256");
	return 0;
}

static int check_key(const struct jws_key *k, struct error *e)
{
	const br_rsa_private_key *rsa = br_skey_decoder_get_rsa(&k->key);
	const br_ec_private_key *ec = br_skey_decoder_get_ec(&k->key);

	if (rsa && (rsa->n_bitlen < MIN_RSA_BITS || rsa->n_bitlen > MAX_RSA_BITS))
		return error_set(e, ERROR_USAGE, "an RSA key of %d to %d bits is needed, this one has %lu",
				 MIN_RSA_BITS, MAX_RSA_BITS, (unsigned long)rsa->n_bitlen);
	if (ec && ec->curve != BR_EC_secp256r1)
		return error_set(e, ERROR_USAGE, "of the elliptic curves only P-256 is supported");
	return rsa || ec ? 0 : error_set(e, ERROR_USAGE, "it holds no private key (PEM)");
}

struct jws_key *jws_key_read(const char *setting, struct str text, struct error *e)
{
	struct jws_key *k = calloc(1, sizeof(*k));

	if (!k) {
		error_memory(e);
		return NULL;
	}
	br_skey_decoder_init(&k->key);
	if (each_object(text, key_object, k, e) == 0 && check_key(k, e) == 0)
		return k;
	if (e->kind != ERROR_MEMORY)
		e->kind = ERROR_USAGE;
	error_add(e, "%s", setting);
	jws_key_free(k);
	return NULL;
}

void jws_key_free(struct jws_key *k)
{
	if (!k)
		return;
	wipe(k, sizeof(*k));
	free(k);
}

const char *jws_algorithm(const struct jws_key *k)
{
	return br_skey_decoder_get_rsa(&k->key) ? "RS256" : "ES256";
}

/* Of the first certificate. */
static int certificate_object(void *cookie, const char *name, struct str der, struct error *e)
{
	struct buf *header = cookie;
	unsigned char digest[SHA256_SIZE], old[br_sha1_SIZE];
	struct sha256 h;
	br_sha1_context sha1;

	(void)e;
	if (!strstr(name, "CERTIFICATE") || header->len > 0)
		return 0;
	br_sha1_init(&sha1);
	br_sha1_update(&sha1, der.ptr, der.len);
	br_sha1_out(&sha1, old);
	sha256_init(&h);
	sha256_add(&h, der.ptr, der.len);
	sha256_get(&h, digest);
	buf_puts(header, ",\"x5t\":\"");
	base64url_encode(header, old, sizeof(old));
	buf_puts(header, "\",\"x5t#S256\":\"");
	base64url_encode(header, digest, sizeof(digest));
	buf_puts(header, "\"");
	return 0;
}

int jws_certificate(const char *setting, struct str text, struct buf *header, struct error *e)
{
	if (each_object(text, certificate_object, header, e) != 0) {
		e->kind = ERROR_USAGE;
		return error_add(e, "%s", setting);
	}
	if (header->len == 0)
		return error_set(e, ERROR_USAGE, "%s: it holds no certificate (PEM)", setting);
	return buf_check(header, setting, e);
}

/* ---- signing ------------------------------------------------------------------------------------------- */

/* Bytes written to out, which has room for MAX_SIGNATURE; 0 on failure. */
static size_t sign_digest(const struct jws_key *k, const unsigned char *digest, unsigned char *out)
{
	const br_rsa_private_key *rsa = br_skey_decoder_get_rsa(&k->key);

	if (!rsa)
		return br_ecdsa_sign_raw_get_default()(br_ec_get_default(), &br_sha256_vtable, digest,
						       br_skey_decoder_get_ec(&k->key), out);
	if (!br_rsa_pkcs1_sign_get_default()(BR_HASH_OID_SHA256, digest, SHA256_SIZE, rsa, out))
		return 0;
	return (rsa->n_bitlen + 7) / 8;
}

int jws_sign(const struct jws_key *k, struct str more, struct str claims, struct buf *out, struct error *e)
{
	unsigned char digest[SHA256_SIZE], signature[MAX_SIGNATURE];
	size_t start = out->len, len;
	struct sha256 h;
	struct buf header;

	buf_init(&header, MAX_SECRET_FILE);
	buf_printf(&header, "{\"alg\":\"%s\",\"typ\":\"JWT\"%.*s}", jws_algorithm(k), STR_ARG(more));
	base64url_encode(out, header.data, header.len);
	buf_putc(out, '.');
	base64url_encode(out, claims.ptr, claims.len);
	if (buf_check(&header, "the header of a token", e) != 0 || buf_check(out, "a token", e) != 0) {
		buf_release(&header);
		return -1;
	}
	buf_release(&header);
	sha256_init(&h);
	sha256_add(&h, out->data + start, out->len - start);
	sha256_get(&h, digest);
	len = sign_digest(k, digest, signature);
	if (len == 0)
		return error_set(e, ERROR_FAILED, "the private key does not sign: it is damaged");
	buf_putc(out, '.');
	base64url_encode(out, signature, len);
	return buf_check(out, "a token", e);
}
