/*
 * Hashes, on BearSSL: SHA-256 of streams, HMAC-SHA-256.
 */
#ifndef BASE_DIGEST_H
#define BASE_DIGEST_H

#include <stddef.h>
#include <stdint.h>

#define SHA256_SIZE 32

/* State of a running SHA-256; at least as large as BearSSL's context. */
struct sha256 { uint64_t opaque[16]; };

/* Starts over. */
void sha256_init(struct sha256 *h);
/* Takes more data. */
void sha256_add(struct sha256 *h, const void *data, size_t len);
/* The digest so far; may go on. */
void sha256_get(const struct sha256 *h, unsigned char out[SHA256_SIZE]);
/* Lower-case hex with NUL. */
void sha256_hex(const struct sha256 *h, char out[2 * SHA256_SIZE + 1]);
/* HMAC-SHA-256 (RFC 2104) of data in one piece. */
void hmac_sha256(const void *key, size_t key_len, const void *data, size_t len,
		 unsigned char out[SHA256_SIZE]);

#endif
