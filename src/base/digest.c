#include <string.h>
#include "bearssl_hash.h"
#include "bearssl_hmac.h"
#include "base/digest.h"
#include "port.h"

#define BLOCK 64		/* bytes that SHA-256 works on at a time */
#define FAST_LEAST 1024		/* bytes from which on it pays to ask for the processor's own instructions */

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

/* As many whole blocks as there are by the processor's own instructions, if it has some. Returns the bytes
 * done. */
static size_t add_fast(br_sha256_context *c, const unsigned char *data, size_t len)
{
	size_t done = len / BLOCK * BLOCK;
	unsigned char bytes[SHA256_SIZE];
	uint64_t count = br_sha256_state(c, bytes);
	uint32_t state[8];
	size_t i;

	for (i = 0; i < 8; i++)
		state[i] = (uint32_t)bytes[4 * i] << 24 | (uint32_t)bytes[4 * i + 1] << 16 |
			   (uint32_t)bytes[4 * i + 2] << 8 | bytes[4 * i + 3];
	if (count % BLOCK != 0 || !port_sha256(state, data, len / BLOCK))
		return 0;
	for (i = 0; i < SHA256_SIZE; i++)
		bytes[i] = (unsigned char)(state[i / 4] >> (24 - 8 * (i % 4)));
	br_sha256_set_state(c, bytes, count + done);
	return done;
}

void sha256_add(struct sha256 *h, const void *data, size_t len)
{
	unsigned char unused[SHA256_SIZE];
	br_sha256_context c;
	size_t n = 0;

	if (len == 0)	/* of an empty text there may be no address */
		return;
	memcpy(&c, h, sizeof c);
	if (len >= FAST_LEAST) {
		n = (size_t)(-br_sha256_state(&c, unused) % BLOCK);
		br_sha256_update(&c, data, n);
		n += add_fast(&c, (const unsigned char *)data + n, len - n);
	}
	br_sha256_update(&c, (const unsigned char *)data + n, len - n);
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
