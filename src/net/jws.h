/*
 * Signed tokens: JSON Web Tokens (RFC 7519) in the compact form of RFC 7515, signed with our private key:
 * RS256 with an RSA key, ES256 with one on P-256 (RFC 7518). With them a program proves to an OAuth server
 * who it is (RFC 7523) without a shared secret.
 */
#ifndef NET_JWS_H
#define NET_JWS_H

#include "base/buf.h"
#include "base/error.h"
#include "base/str.h"

struct jws_key;

/*
 * The private key in PEM (PKCS#1, PKCS#8, SEC1; not encrypted): the text itself when it begins with
 * "-----BEGIN", also with "\n" written for line ends, else the path of a file. RSA keys have 2048 to 4096
 * bits. setting: its name, for the error (ERROR_USAGE). NULL on failure.
 */
struct jws_key *jws_key_read(const char *setting, struct str text, struct error *e);
/* Wipes the key. NULL allowed. */
void jws_key_free(struct jws_key *k);
/* "RS256" or "ES256". */
const char *jws_algorithm(const struct jws_key *k);
/*
 * Members for jws_sign() into header, which is empty before: the digests of a certificate, x5t and x5t#S256,
 * by which the server knows which of our keys it is. text as in jws_key_read().
 */
int jws_certificate(const char *setting, struct str text, struct buf *header, struct error *e);
/* Appends the token. more: members of the header besides alg and typ, each with a comma before it; claims: a
 * JSON object. */
int jws_sign(const struct jws_key *k, struct str more, struct str claims, struct buf *out, struct error *e);

#endif
