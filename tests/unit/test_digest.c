#include <string.h>
#include "base/buf.h"
#include "base/codec.h"
#include "base/digest.h"
#include "check.h"

static void test_sha256(void)
{
	/* FIPS 180-2, appendix B */
	static const struct { const char *text, *hex; } rows[] = {
		{ "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
		{ "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
		{ "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
		  "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1" },
	};
	char hex[2 * SHA256_SIZE + 1];
	struct sha256 h;
	size_t i, j;

	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		sha256_init(&h);
		for (j = 0; rows[i].text[j]; j++) {
			sha256_add(&h, rows[i].text + j, 1);
			sha256_hex(&h, hex);
		}
		sha256_hex(&h, hex);
		CHECK_STR(hex, rows[i].hex);
	}
}

static void test_hmac(void)
{
	/* RFC 4231, cases 2 and 6 */
	unsigned char out[SHA256_SIZE], key[131];
	static const char data[] = "Test Using Larger Than Block-Size Key - Hash Key First";
	struct buf hex;

	buf_init(&hex, 200);
	hmac_sha256("Jefe", 4, "what do ya want for nothing?", 28, out);
	hex_encode(&hex, out, sizeof out);
	CHECK_STR(buf_text(&hex), "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
	buf_reset(&hex);
	memset(key, 0xaa, sizeof key);
	hmac_sha256(key, sizeof key, data, sizeof data - 1, out);
	hex_encode(&hex, out, sizeof out);
	CHECK_STR(buf_text(&hex), "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
	buf_release(&hex);
}

CHECK_SUITE(digest, CHECK_TEST(sha256), CHECK_TEST(hmac));
