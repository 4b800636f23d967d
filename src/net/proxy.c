#include <stdio.h>
#include <string.h>

#include "base/codec.h"
#include "base/limits.h"
#include "net/net_int.h"

#define MAX_PROXY_TEXT 4096	/* bytes of a host name or of the encoded password */

void proxy_release(struct proxy *p)
{
	buf_wipe(&p->auth);
	buf_release(&p->host);
}

static int put_auth(struct proxy *p, const struct url *u)
{
	struct buf pair;
	int rc = -1;

	if (u->user.len == 0)
		return 0;
	buf_init(&pair, MAX_PROXY_TEXT);
	if (percent_decode(&pair, u->user) == 0) {
		buf_putc(&pair, ':');
		if (percent_decode(&pair, u->password) == 0 && !pair.failed) {
			buf_puts(&p->auth, "Basic ");
			base64_encode(&p->auth, pair.data, pair.len);
			rc = 0;
		}
	}
	buf_wipe(&pair);
	return rc;
}

/* The value itself may hold a password and stays out of the messages. */
int proxy_parse(struct proxy *p, const char *setting, const char *value, struct error *e)
{
	struct buf text;
	struct url u;
	int rc = -1;

	buf_init(&p->host, MAX_PROXY_TEXT);
	buf_init(&p->auth, 2 * MAX_PROXY_TEXT);
	buf_init(&text, MAX_URL);
	if (!strstr(value, "://"))
		buf_puts(&text, "http://");
	buf_puts(&text, value);
	if (text.failed || url_parse(&u, buf_str(&text), NULL) < 0 || u.host.len >= MAX_PROXY_TEXT) {
		error_set(e, ERROR_USAGE, "%s is no proxy address like \"http://user:password@host:port\"",
			  setting);
	} else if (!str_case_eqz(u.scheme, "http")) {
		error_set(e, ERROR_USAGE, "%s: only proxies that begin with \"http://\" are supported",
			  setting);
	} else if (put_auth(p, &u) < 0) {
		error_set(
			e, ERROR_USAGE,
			"%s: badly encoded user or password; write \"%%\" as \"%%25\", \"@\" as \"%%40\"",
			setting);
	} else {
		p->port = u.port;
		buf_put_str(&p->host, u.host);
		rc = p->host.failed || p->auth.failed ? error_memory(e) : 0;
	}
	buf_wipe(&text);
	return rc;
}

/* ---- NO_PROXY -------------------------------------------------------------------------------- */

/* "10.0.0.0/8" */
static int in_network(const struct addr *a, struct str network)
{
	struct addr n;
	uint64_t bits;
	size_t slash = str_find_char(network, 0, '/'), whole;
	unsigned rest;

	if (slash == network.len || !addr_parse(&n, str_sub(network, 0, slash)) || n.len != a->len ||
	    str_to_u64(str_sub(network, slash + 1, network.len), &bits) < 0 || bits > n.len * 8)
		return 0;
	whole = (size_t)bits / 8;
	rest = (unsigned)(bits % 8);
	if (memcmp(n.bytes, a->bytes, whole) != 0)
		return 0;
	return rest == 0 || (n.bytes[whole] ^ a->bytes[whole]) >> (8 - rest) == 0;
}

/* Cuts ":port" and brackets off a NO_PROXY entry. 0: the entry is for another port. */
static int cut_port(struct str *entry, unsigned port)
{
	struct addr a;
	size_t end = str_find_char(*entry, 0, ']'), colon;
	struct str number;
	uint64_t n;

	if (entry->len > 0 && entry->ptr[0] == '[' && end < entry->len) {
		number = str_sub(*entry, end + 1, entry->len);
		*entry = str_sub(*entry, 1, end - 1);
	} else {
		colon = addr_parse(&a, *entry) ? entry->len : str_find_char(*entry, 0, ':');
		number = str_sub(*entry, colon, entry->len);
		*entry = str_sub(*entry, 0, colon);
	}
	if (number.len == 0)
		return 1;
	return number.ptr[0] == ':' && str_to_u64(str_sub(number, 1, number.len), &n) == 0 && n == port;
}

static int entry_matches(struct str entry, struct str host, unsigned port)
{
	struct addr a, b;
	struct str tail;

	if (str_eqz(entry, "*"))
		return 1;
	if (addr_parse(&a, host) && in_network(&a, entry))
		return 1;
	if (!cut_port(&entry, port) || entry.len == 0)
		return 0;
	if (addr_parse(&a, host))
		return addr_parse(&b, entry) && addr_eq(&a, &b);
	if (str_starts(entry, STR("*.")))
		entry = str_sub(entry, 1, entry.len);
	if (entry.ptr[0] == '.')
		entry = str_sub(entry, 1, entry.len);
	if (entry.len == 0 || host.len < entry.len)
		return 0;
	tail = str_sub(host, host.len - entry.len, entry.len);
	return str_case_eq(tail, entry) &&
	       (host.len == entry.len || host.ptr[host.len - entry.len - 1] == '.');
}

int proxy_excluded(const char *no_proxy, struct str host, unsigned port)
{
	struct str list = str_from(no_proxy ? no_proxy : ""), part, word;

	if (host.len > 0 && host.ptr[host.len - 1] == '.')
		host.len--;
	while (str_next(&list, ',', &part)) {
		part = str_trim(part);
		while (str_next(&part, ' ', &word))
			if (entry_matches(str_trim(word), host, port))
				return 1;
	}
	return 0;
}

const struct proxy *proxy_for(struct net *n, int tls, struct str host, unsigned port, struct error *e)
{
	const char *value = tls ? n->o.https_proxy : n->o.http_proxy;
	struct proxy *p = &n->proxies[tls ? 1 : 0];

	if (!value || !*value || proxy_excluded(n->o.no_proxy, host, port))
		return NULL;
	if (!n->proxy_parsed[tls ? 1 : 0]) {
		if (proxy_parse(p, tls ? "HTTPS_PROXY" : "HTTP_PROXY", value, e) < 0) {
			proxy_release(p);
			return NULL;
		}
		n->proxy_parsed[tls ? 1 : 0] = 1;
	}
	return p;
}

void proxy_write_connect(struct buf *out, const struct proxy *p, const char *host, unsigned port)
{
	const char *form = strchr(host, ':') ? "[%s]:%u" : "%s:%u";
	char name[512];

	snprintf(name, sizeof name, form, host, port);
	buf_printf(out, "CONNECT %s HTTP/1.1\r\nHost: %s\r\n", name, name);
	if (p->auth.len > 0)
		buf_printf(out, "Proxy-Authorization: %s\r\n", buf_text(&p->auth));
	buf_puts(out, "\r\n");
}
