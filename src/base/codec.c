#include <string.h>
#include "base/codec.h"

static const char base64_plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static const char base64_url[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
static const char hex_digits[] = "0123456789ABCDEF";

static void base64_write(struct buf *out, const unsigned char *in, size_t len, const char *alphabet, int pad)
{
	for (; len > 0; in += 3) {
		size_t n = len < 3 ? len : 3;
		unsigned long bits = (unsigned long)in[0] << 16;
		char quad[4];

		if (n > 1)
			bits |= (unsigned long)in[1] << 8;
		if (n > 2)
			bits |= in[2];
		quad[0] = alphabet[bits >> 18 & 63];
		quad[1] = alphabet[bits >> 12 & 63];
		quad[2] = n > 1 ? alphabet[bits >> 6 & 63] : '=';
		quad[3] = n > 2 ? alphabet[bits & 63] : '=';
		buf_put(out, quad, pad ? 4 : n + 1);
		len -= n;
	}
}

void base64_encode(struct buf *out, const void *data, size_t len)
{
	base64_write(out, data, len, base64_plain, 1);
}

void base64url_encode(struct buf *out, const void *data, size_t len)
{
	base64_write(out, data, len, base64_url, 0);
}

static int base64_value(char c)
{
	const char *at;

	if (c == '-' || c == '_')
		return c == '-' ? 62 : 63;
	at = c != '\0' ? strchr(base64_plain, c) : NULL;
	return at ? (int)(at - base64_plain) : -1;
}

int base64_decode(struct buf *out, struct str s)
{
	unsigned long bits = 0;
	size_t i, digits = 0, pads = 0;

	for (i = 0; i < s.len; i++) {
		char c = s.ptr[i];
		int value = base64_value(c);

		if (c == ' ' || (c >= '\t' && c <= '\r'))
			continue;
		if (c == '=') {
			pads++;
			continue;
		}
		if (value < 0 || pads > 0)
			return -1;
		bits = (bits << 6 | (unsigned long)value) & 0xffffff;
		digits++;
		if (digits % 4 == 0) {
			buf_putc(out, (int)(bits >> 16 & 255));
			buf_putc(out, (int)(bits >> 8 & 255));
			buf_putc(out, (int)(bits & 255));
		}
	}
	if (digits % 4 == 1 || (pads > 0 && (pads > 2 || (digits + pads) % 4 != 0)))
		return -1;
	if (digits % 4 == 2)
		buf_putc(out, (int)(bits >> 4 & 255));
	if (digits % 4 == 3) {
		buf_putc(out, (int)(bits >> 10 & 255));
		buf_putc(out, (int)(bits >> 2 & 255));
	}
	return 0;
}

void hex_encode(struct buf *out, const void *data, size_t len)
{
	const unsigned char *p = data;

	for (; len > 0; p++, len--) {
		buf_putc(out, "0123456789abcdef"[*p >> 4]);
		buf_putc(out, "0123456789abcdef"[*p & 15]);
	}
}

static int ascii_alnum(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

void percent_encode(struct buf *out, struct str s, const char *keep)
{
	size_t i;

	for (i = 0; i < s.len; i++) {
		char c = s.ptr[i];

		if (ascii_alnum(c) || (c != '\0' && (strchr("-._~", c) || (keep && strchr(keep, c))))) {
			buf_putc(out, c);
			continue;
		}
		buf_putc(out, '%');
		buf_putc(out, hex_digits[(unsigned char)c >> 4]);
		buf_putc(out, hex_digits[(unsigned char)c & 15]);
	}
}

static int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

int percent_decode(struct buf *out, struct str s)
{
	size_t i;

	for (i = 0; i < s.len; i++) {
		int high, low;

		if (s.ptr[i] != '%') {
			buf_putc(out, s.ptr[i]);
			continue;
		}
		if (s.len - i < 3)
			return -1;
		high = hex_value(s.ptr[i + 1]);
		low = hex_value(s.ptr[i + 2]);
		if (high < 0 || low < 0)
			return -1;
		buf_putc(out, high << 4 | low);
		i += 2;
	}
	return 0;
}

static const struct {
	const char *scheme;
	unsigned port;
} url_schemes[] = {
	{ "http", 80 },
	{ "https", 443 },
	{ "ldap", 389 },
	{ "ldaps", 636 },
};

static unsigned scheme_port(struct str scheme)
{
	size_t i;

	for (i = 0; i < sizeof url_schemes / sizeof url_schemes[0]; i++)
		if (str_case_eqz(scheme, url_schemes[i].scheme))
			return url_schemes[i].port;
	return 0;
}

/* Offset of the last c; s.len when there is none. */
static size_t find_last(struct str s, char c)
{
	size_t i;

	for (i = s.len; i > 0; i--)
		if (s.ptr[i - 1] == c)
			return i - 1;
	return s.len;
}

/* "host", "host:port", "[address]:port". */
static int parse_host(struct url *u, struct str text)
{
	size_t colon, end;
	struct str port;
	uint64_t n;

	if (str_starts(text, STR("["))) {
		end = str_find_char(text, 0, ']');
		if (end == text.len)
			return -1;
		u->host = str_sub(text, 1, end - 1);
		port = str_sub(text, end + 1, text.len);
		if (port.len > 0 && port.ptr[0] != ':')
			return -1;
		port = str_sub(port, 1, port.len);
	} else {
		colon = str_find_char(text, 0, ':');
		u->host = str_sub(text, 0, colon);
		port = str_sub(text, colon + 1, text.len);
	}
	if (port.len > 0) {
		if (str_to_u64(port, &n) != 0 || n == 0 || n > 65535)
			return -1;
		u->port = (unsigned)n;
	}
	for (end = 0; end < u->host.len; end++)
		if (u->host.ptr[end] == '[' || u->host.ptr[end] == ']')
			return -1;
	return u->host.len > 0 ? 0 : -1;
}

static int url_error(struct str text, const char *why, struct error *e)
{
	size_t slashes = str_find(text, 0, STR("://")), at = find_last(text, '@');

	if (at < text.len && slashes < at)
		return error_set(e, ERROR_USAGE, "\"%.*s://%.*s\" is no usable address: %s",
				 STR_ARG(str_sub(text, 0, slashes)), STR_ARG(str_sub(text, at + 1, 200)),
				 why);
	return error_set(e, ERROR_USAGE, "\"%.*s\" is no usable address: %s", STR_ARG(str_sub(text, 0, 200)),
			 why);
}

int url_parse(struct url *u, struct str text, struct error *e)
{
	size_t slashes = str_find(text, 0, STR("://")), i, end, at;
	struct str rest, authority;

	memset(u, 0, sizeof *u);
	for (i = 0; i < text.len; i++)
		if ((unsigned char)text.ptr[i] <= ' ' || text.ptr[i] == 0x7f)
			return url_error(text, "it contains a blank or control character", e);
	u->scheme = str_sub(text, 0, slashes);
	u->port = scheme_port(u->scheme);
	if (slashes == text.len || u->port == 0)
		return url_error(text, "it must begin with http://, https://, ldap:// or ldaps://", e);
	rest = str_sub(text, slashes + 3, text.len);
	for (end = 0; end < rest.len && !strchr("/?#", rest.ptr[end]); end++)
		;
	authority = str_sub(rest, 0, end);
	u->path = str_sub(rest, end, rest.len);
	u->path = str_sub(u->path, 0, str_find_char(u->path, 0, '#'));
	if (u->path.len > 0 && u->path.ptr[0] != '/')
		return url_error(text, "a slash is missing before the question mark", e);
	at = find_last(authority, '@');
	if (at < authority.len) {
		struct str user = str_sub(authority, 0, at);
		size_t colon = str_find_char(user, 0, ':');

		u->user = str_sub(user, 0, colon);
		u->password = str_sub(user, colon + 1, user.len);
		authority = str_sub(authority, at + 1, authority.len);
	}
	if (parse_host(u, authority) != 0)
		return url_error(text, "host or port is missing or malformed", e);
	return 0;
}
