#include <string.h>
#include "base/codec.h"
#include "check.h"

static void test_base64(void)
{
	/* RFC 4648, section 10 */
	static const struct { const char *plain, *coded, *url; } rows[] = {
		{ "", "", "" }, { "f", "Zg==", "Zg" }, { "fo", "Zm8=", "Zm8" }, { "foo", "Zm9v", "Zm9v" },
		{ "foob", "Zm9vYg==", "Zm9vYg" }, { "fooba", "Zm9vYmE=", "Zm9vYmE" },
		{ "foobar", "Zm9vYmFy", "Zm9vYmFy" }, { "\xfb\xff\xbf", "+/+/", "-_-_" },
	};
	struct buf b;
	size_t i;

	buf_init(&b, 100);
	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		check_row(rows[i].coded);
		buf_reset(&b);
		base64_encode(&b, rows[i].plain, strlen(rows[i].plain));
		CHECK_STR(buf_text(&b), rows[i].coded);
		buf_reset(&b);
		base64url_encode(&b, rows[i].plain, strlen(rows[i].plain));
		CHECK_STR(buf_text(&b), rows[i].url);
		buf_reset(&b);
		CHECK_INT(base64_decode(&b, str_from(rows[i].coded)), 0);
		CHECK_STR(buf_text(&b), rows[i].plain);
		buf_reset(&b);
		CHECK_INT(base64_decode(&b, str_from(rows[i].url)), 0);
		CHECK_STR(buf_text(&b), rows[i].plain);
	}
	buf_release(&b);
}

static void test_bad_base64(void)
{
	static const char *const rows[] = {
		"A", "Zm9vY", "Zg=", "Zg===", "Z=g=", "Zg==Zg==", "Zm9*", "====", "Zm9v=",
	};
	struct buf b;
	size_t i;

	buf_init(&b, 100);
	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		check_row(rows[i]);
		CHECK_INT(base64_decode(&b, str_from(rows[i])), -1);
	}
	CHECK_INT(base64_decode(&b, STR("Zm\0v")), -1);
	buf_reset(&b);
	CHECK_INT(base64_decode(&b, STR(" Zm 9v\r\n\tYg = = ")), 0);
	CHECK_STR(buf_text(&b), "foob");
	buf_release(&b);
}

static void test_hex_and_percent(void)
{
	struct buf b;

	buf_init(&b, 100);
	hex_encode(&b, "\x00\x1f\xff", 3);
	CHECK_STR(buf_text(&b), "001fff");
	buf_reset(&b);
	percent_encode(&b, STR("a-Z_0.9~ /?\xc3\xa4\0"), "/");
	CHECK_STR(buf_text(&b), "a-Z_0.9~%20/%3F%C3%A4%00");
	buf_reset(&b);
	CHECK_INT(percent_decode(&b, STR("a%20%c3%A4%2fb+")), 0);
	CHECK_STR(buf_text(&b), "a \xc3\xa4/b+");
	CHECK_INT(percent_decode(&b, STR("%")), -1);
	CHECK_INT(percent_decode(&b, STR("%2")), -1);
	CHECK_INT(percent_decode(&b, STR("%2x")), -1);
	CHECK_INT(percent_decode(&b, STR("%g0")), -1);
	buf_release(&b);
}

static void test_url(void)
{
	static const struct {
		const char *text, *scheme, *user, *password, *host;
		unsigned port;
		const char *path;
	} rows[] = {
		{ "https://app.example.com/third_party/api?x=1#part", "https", "", "", "app.example.com", 443,
		  "/third_party/api?x=1" },
		{ "http://127.0.0.1:8080", "http", "", "", "127.0.0.1", 8080, "" },
		{ "LDAPS://[2001:db8::1]:3269/dc=a", "LDAPS", "", "", "2001:db8::1", 3269, "/dc=a" },
		{ "ldap://[::1]", "ldap", "", "", "::1", 389, "" },
		{ "http://us%40er:p:w@proxy:3128/", "http", "us%40er", "p:w", "proxy", 3128, "/" },
		{ "http://only@h", "http", "only", "", "h", 80, "" },
		{ "https://h:", "https", "", "", "h", 443, "" },
		{ "https://h/a@b:c", "https", "", "", "h", 443, "/a@b:c" },
	};
	struct url u;
	size_t i;

	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		check_row(rows[i].text);
		if (!CHECK_INT(url_parse(&u, str_from(rows[i].text), NULL), 0))
			continue;
		CHECK(str_eqz(u.scheme, rows[i].scheme));
		CHECK(str_eqz(u.user, rows[i].user));
		CHECK(str_eqz(u.password, rows[i].password));
		CHECK(str_eqz(u.host, rows[i].host));
		CHECK_INT(u.port, rows[i].port);
		CHECK(str_eqz(u.path, rows[i].path));
	}
}

static void test_bad_url(void)
{
	static const char *const rows[] = {
		"", "example.com", "ftp://x", "https://", "https:///path", "https://:80", "https://h:0",
		"https://h:65536", "https://h:8x", "https://[::1", "https://[::1]8", "https://[[::1]", "https://a]b",
		"https://a b", "https://h/\n", "https://h?q", "://h",
	};
	struct error e;
	struct url u;
	size_t i;

	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		check_row(rows[i]);
		error_init(&e);
		CHECK_INT(url_parse(&u, str_from(rows[i]), &e), -1);
		CHECK_INT(e.kind, ERROR_USAGE);
	}
	url_parse(&u, STR("http://anna:geheim@host:99999/x"), &e);
	CHECK(strstr(e.text, "geheim") == NULL && strstr(e.text, "anna") == NULL);
	CHECK(strstr(e.text, "host:99999") != NULL);
}

CHECK_SUITE(codec, CHECK_TEST(base64), CHECK_TEST(bad_base64), CHECK_TEST(hex_and_percent), CHECK_TEST(url),
	    CHECK_TEST(bad_url));
