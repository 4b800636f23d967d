/*
 * What a certificate says (RFC 5280), for the checks that BearSSL's X.509 engine does not make, for
 * the order of a chain, and for messages. A pure parser: bytes in, slices out. It proves nothing:
 * signatures are BearSSL's work.
 */
#ifndef NET_X509_H
#define NET_X509_H

#include <stddef.h>
#include <stdint.h>
#include "base/buf.h"
#include "base/str.h"

enum x509_hash { X509_HASH_OTHER, X509_HASH_MD5, X509_HASH_SHA1, X509_HASH_SHA2 };

/* Slices into the certificate. */
struct x509 {
	struct str issuer, subject;		/* DER of the whole names */
	int64_t not_before, not_after;		/* epoch seconds */
	enum x509_hash signature_hash;		/* of RSA and ECDSA signatures; SHA-224 and longer are one */
	int rsa_bits;				/* length of an RSA key; 0: another kind of key */
	struct str alt_names;			/* the entries of subjectAltName; empty when absent */
	int restricted;				/* there is an extended key usage ... */
	int for_server;				/* ... and it allows server authentication (or any) */
};

/* Reads the DER of one certificate. 0, or -1 when malformed (trailing bytes included). */
int x509_parse(struct x509 *x, struct str der);
/* 1 when subjectAltName has this address (4 or 16 bytes) as an iPAddress. */
int x509_has_address(const struct x509 *x, const unsigned char *address, size_t len);
/* Writes the names it is for: "\"a.example\", \"*.b.example\", ..." or the common name; at most five,
 * printable ASCII. */
void x509_put_names(struct buf *out, const struct x509 *x);
/* Writes the common name (or else the organisation) of a DER name, printable ASCII; "?" when there is
 * none. */
void x509_put_name(struct buf *out, struct str name);

#endif
