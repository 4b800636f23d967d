#include <string.h>
#include "bearssl_hash.h"
#include "bearssl_hmac.h"
#include "base/digest.h"

/* fails to compile when BearSSL's context outgrows ours */
typedef char sha256_context_fits[sizeof(br_sha256_context) <= sizeof(struct sha256) ? 1 : -1];

/* The context is copied out and back: ours may not be aliased as BearSSL's type. It has about 100 bytes. */
void sha256_init(struct sha256 *h)
{
	br_sha256_context c;

	memset(h, 0, sizeof *h);
	br_sha256_init(&c);
	memcpy(h, &c, sizeof c);
}

void sha256_add(struct sha256 *h, const void *data, size_t len)
{
	br_sha256_context c;

	memcpy(&c, h, sizeof c);
	br_sha256_update(&c, data, len);
	memcpy(h, &c, sizeof c);
}

void sha256_get(const struct sha256 *h, unsigned char out[SHA256_SIZE])
{
	br_sha256_context c;

	memcpy(&c, h, sizeof c);
	br_sha256_out(&c, out);
}

void sha256_hex(const struct sha256 *h, char out[2 * SHA256_SIZE + 1])
{
	unsigned char raw[SHA256_SIZE];
	size_t i;

	sha256_get(h, raw);
	for (i = 0; i < SHA256_SIZE; i++) {
		out[2 * i] = "0123456789abcdef"[raw[i] >> 4];
		out[2 * i + 1] = "0123456789abcdef"[raw[i] & 15];
	}
	out[2 * SHA256_SIZE] = '\0';
}

void hmac_sha256(const void *key, size_t key_len, const void *data, size_t len,
		 unsigned char out[SHA256_SIZE])
{
	br_hmac_key_context keyed;
	br_hmac_context c;

	br_hmac_key_init(&keyed, &br_sha256_vtable, key, key_len);
	br_hmac_init(&c, &keyed, 0);
	br_hmac_update(&c, data, len);
	br_hmac_out(&c, out);
}
