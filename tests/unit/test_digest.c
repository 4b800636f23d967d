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

/* In pieces of any size, by the processor's own instructions or not, the digest is the same. */
static void test_sha256_pieces(void)
{
	static const char want[] = "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0";
	static char text[5000];
	char hex[2 * SHA256_SIZE + 1], slow[2 * SHA256_SIZE + 1];
	struct sha256 h;
	size_t i, n, before;

	/* FIPS 180-2, appendix B.3: a million times the letter a */
	memset(text, 'a', sizeof text);
	sha256_init(&h);
	for (i = 0; i < 1000000; i += n) {
		n = i % 4999 + 1;
		n = n < 1000000 - i ? n : 1000000 - i;
		sha256_add(&h, text, n);
		sha256_add(&h, NULL, 0);
	}
	sha256_hex(&h, hex);
	CHECK_STR(hex, want);
	for (i = 0; i < sizeof text; i++)
		text[i] = (char)(i * 7 + i / 256);
	for (before = 0; before < 130; before += 13) {
		for (n = 1000; n < 1200; n++) {
			sha256_init(&h);
			sha256_add(&h, text, before);
			sha256_add(&h, text + before, n);
			sha256_hex(&h, hex);
			sha256_init(&h);
			for (i = 0; i < before + n; i += 100)
				sha256_add(&h, text + i, before + n - i < 100 ? before + n - i : 100);
			sha256_hex(&h, slow);
			CHECK_STR(hex, slow);
		}
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

CHECK_SUITE(digest, CHECK_TEST(sha256), CHECK_TEST(sha256_pieces), CHECK_TEST(hmac));
