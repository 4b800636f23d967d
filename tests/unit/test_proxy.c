#include "check.h"

#include <string.h>

#include "net/net_int.h"

static void test_address(void)
{
	static const struct {
		const char *text;
		size_t len;		/* 0: none */
		unsigned char first, last;
	} rows[] = {
		{ "127.0.0.1", 4, 127, 1 },
		{ "255.255.255.255", 4, 255, 255 },
		{ "0.0.0.0", 4, 0, 0 },
		{ "::", 16, 0, 0 },
		{ "::1", 16, 0, 1 },
		{ "fe80::", 16, 0xfe, 0 },
		{ "2001:db8::a:b", 16, 0x20, 0x0b },
		{ "1:2:3:4:5:6:7:8", 16, 0, 8 },
		{ "1:2:3:4:5:6:1.2.3.4", 16, 0, 4 },
		{ "64:ff9b::1.2.3.4", 16, 0, 4 },
		{ "ABCD::Ef", 16, 0xab, 0xef },
		{ "::ffff:10.0.0.9", 4, 10, 9 },
		{ "::ffff:0a00:0009", 4, 10, 9 },
		{ "", 0, 0, 0 },
		{ "localhost", 0, 0, 0 },
		{ "1.2.3", 0, 0, 0 },
		{ "1.2.3.4.5", 0, 0, 0 },
		{ "1.2.3.256", 0, 0, 0 },
		{ "1.2.3.04", 0, 0, 0 },
		{ "1.2.3.4.", 0, 0, 0 },
		{ "1.2.3.4 ", 0, 0, 0 },
		{ ":", 0, 0, 0 },
		{ ":::", 0, 0, 0 },
		{ "1:2:3:4:5:6:7", 0, 0, 0 },
		{ "1:2:3:4:5:6:7:8:9", 0, 0, 0 },
		{ "1:2:3:4:5:6:7:8:", 0, 0, 0 },
		{ "1::2::3", 0, 0, 0 },
		{ "1:2:3:4::5:6:7:8", 0, 0, 0 },
		{ "12345::", 0, 0, 0 },
		{ "::1.2.3.4:5", 0, 0, 0 },
		{ "fe80::1%eth0", 0, 0, 0 },
		{ "[::1]", 0, 0, 0 },
		{ "1:2:3:4:5:6:7:1.2.3.4", 0, 0, 0 },
	};
	struct addr a;
	size_t i;

	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		check_row(rows[i].text);
		if (!CHECK_INT(addr_parse(&a, str_from(rows[i].text)), rows[i].len > 0) || rows[i].len == 0)
			continue;
		CHECK_INT(a.len, rows[i].len);
		CHECK_INT(a.bytes[0], rows[i].first);
		CHECK_INT(a.bytes[a.len - 1], rows[i].last);
	}
	check_row(NULL);
}

static void test_no_proxy(void)
{
	static const struct {
		const char *list, *host;
		unsigned port;
		int direct;
	} rows[] = {
		{ NULL, "a.example", 443, 0 },
		{ "", "a.example", 443, 0 },
		{ "*", "a.example", 443, 1 },
		{ "a.example", "a.example", 443, 1 },
		{ "A.Example", "a.eXample", 443, 1 },
		{ "a.example", "a.example.", 443, 1 },
		{ "example", "a.example", 443, 1 },
		{ "example", "counterexample", 443, 0 },
		{ ".example", "a.example", 443, 1 },
		{ ".example", "example", 443, 1 },
		{ "*.example", "x.a.example", 443, 1 },
		{ "b.example, a.example ,c", "a.example", 443, 1 },
		{ "b.example a.example", "a.example", 443, 1 },
		{ "b.example,,", "a.example", 443, 0 },
		{ "a.example:8443", "a.example", 8443, 1 },
		{ "a.example:8443", "a.example", 443, 0 },
		{ "a.example:x", "a.example", 443, 0 },
		{ "127.0.0.1", "127.0.0.1", 80, 1 },
		{ "127.0.0.1:81", "127.0.0.1", 80, 0 },
		{ "127.0.0.1:80", "127.0.0.1", 80, 1 },
		{ "0.0.1", "127.0.0.1", 80, 0 },
		{ "1", "127.0.0.1", 80, 0 },
		{ "10.0.0.0/8", "10.200.3.4", 80, 1 },
		{ "10.0.0.0/8", "11.0.0.1", 80, 0 },
		{ "10.0.0.0/9", "10.127.3.4", 80, 1 },
		{ "10.0.0.0/9", "10.128.3.4", 80, 0 },
		{ "0.0.0.0/0", "9.9.9.9", 80, 1 },
		{ "10.0.0.0/33", "10.0.0.0", 80, 0 },
		{ "10.0.0.0/", "10.0.0.0", 80, 0 },
		{ "10.0.0.0/8", "10.example", 80, 0 },
		{ "::1", "::1", 443, 1 },
		{ "[::1]", "::1", 443, 1 },
		{ "[::1]:443", "0:0:0:0:0:0:0:1", 443, 1 },
		{ "[::1]:444", "::1", 443, 0 },
		{ "fd00::/8", "fd12::1", 443, 1 },
		{ "fd00::/8", "fe12::1", 443, 0 },
		{ "127.0.0.1", "::ffff:127.0.0.1", 443, 1 },
		{ "[::1", "::1", 443, 0 },
		{ ".", "a", 443, 0 },
		{ ":80", "a", 80, 0 },
	};
	size_t i;

	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		check_row(rows[i].list);
		CHECK_INT(proxy_excluded(rows[i].list, str_from(rows[i].host), rows[i].port), rows[i].direct);
	}
	check_row(NULL);
}

static void test_parse(void)
{
	static const struct {
		const char *value, *host;	/* host NULL: refused */
		unsigned port;
		const char *auth;
	} rows[] = {
		{ "http://proxy.example:3128", "proxy.example", 3128, "" },
		{ "http://proxy.example:3128/", "proxy.example", 3128, "" },
		{ "proxy.example:3128", "proxy.example", 3128, "" },
		{ "proxy.example", "proxy.example", 80, "" },
		{ "http://[::1]:3128", "::1", 3128, "" },
		{ "http://user:word@p:1", "p", 1, "Basic dXNlcjp3b3Jk" },
		{ "http://user@p:1", "p", 1, "Basic dXNlcjo=" },
		{ "http://odd:p%40ss%3Aw%25rd@p:1", "p", 1, "Basic b2RkOnBAc3M6dyVyZA==" },
		{ "http://user:100%@p:1", NULL, 0, NULL },
		{ "https://p:1", NULL, 0, NULL },
		{ "socks5://p:1", NULL, 0, NULL },
		{ "http://", NULL, 0, NULL },
		{ "http://p:99999", NULL, 0, NULL },
	};
	struct proxy p;
	struct error e;
	size_t i;

	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		check_row(rows[i].value);
		error_init(&e);
		if (!CHECK_INT(proxy_parse(&p, "HTTPS_PROXY", rows[i].value, &e), rows[i].host ? 0 : -1))
			CHECK_STR(e.text, "");
		if (rows[i].host) {
			CHECK_STR(buf_text(&p.host), rows[i].host);
			CHECK_INT(p.port, rows[i].port);
			CHECK_STR(buf_text(&p.auth), rows[i].auth);
		} else {
			CHECK_INT(e.kind, ERROR_USAGE);
			CHECK(strstr(e.text, "HTTPS_PROXY") != NULL);
			CHECK(strstr(e.text, "100%@") == NULL);
		}
		proxy_release(&p);
	}
	check_row(NULL);
}

static void test_connect(void)
{
	struct proxy p;
	struct buf out;
	struct error e;

	buf_init(&out, 4096);
	CHECK_INT(proxy_parse(&p, "X", "http://u:p@proxy:1", &e), 0);
	proxy_write_connect(&out, &p, "::1", 636);
	CHECK_STR(buf_text(&out), "CONNECT [::1]:636 HTTP/1.1\r\nHost: [::1]:636\r\n"
		  "Proxy-Authorization: Basic dTpw\r\n\r\n");
	proxy_release(&p);
	buf_release(&out);
}

/* Which proxy a target gets. */
static void test_for(void)
{
	struct net_options o = { 0 };
	struct net *n;
	struct error e;
	const struct proxy *p;

	error_init(&e);
	o.https_proxy = "http://secure:1";
	o.http_proxy = "http://u:%zz@plain:2";
	o.no_proxy = "direct.example";
	n = net_new(&o, &e);
	if (!CHECK(n != NULL))
		return;
	p = proxy_for(n, 1, STR("a.example"), 443, &e);
	CHECK(p != NULL && strcmp(buf_text(&p->host), "secure") == 0);
	CHECK(proxy_for(n, 1, STR("a.example"), 443, &e) == p);
	CHECK(proxy_for(n, 1, STR("direct.example"), 443, &e) == NULL);
	CHECK_INT(e.kind, ERROR_NONE);
	CHECK(proxy_for(n, 0, STR("a.example"), 80, &e) == NULL);
	CHECK_INT(e.kind, ERROR_USAGE);
	net_free(n);
}

CHECK_SUITE(proxy, CHECK_TEST(address), CHECK_TEST(no_proxy), CHECK_TEST(parse), CHECK_TEST(connect),
	    CHECK_TEST(for));
