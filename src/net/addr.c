#include "net/net_int.h"

#include <string.h>

static int parse_v4(unsigned char out[4], struct str s)
{
	struct str part;
	uint64_t v;
	int n = 0;

	if (s.len == 0)
		return 0;
	while (str_next(&s, '.', &part)) {
		if (n == 4 || part.len == 0 || part.len > 3 || (part.len > 1 && part.ptr[0] == '0') ||
		    str_to_u64(part, &v) < 0 || v > 255)
			return 0;
		out[n++] = (unsigned char)v;
	}
	return n == 4;
}

static int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

static int parse_group(unsigned char out[2], struct str s)
{
	unsigned v = 0;
	size_t i;

	if (s.len == 0 || s.len > 4)
		return 0;
	for (i = 0; i < s.len; i++) {
		if (hex_value(s.ptr[i]) < 0)
			return 0;
		v = v * 16 + (unsigned)hex_value(s.ptr[i]);
	}
	out[0] = (unsigned char)(v >> 8);
	out[1] = (unsigned char)(v & 255);
	return 1;
}

/* Groups between colons, the last perhaps an IPv4 address. Bytes written, or -1. */
static int parse_groups(unsigned char out[16], struct str s)
{
	struct str part;
	int n = 0, last = 0;

	if (s.len == 0)
		return 0;
	while (str_next(&s, ':', &part)) {
		if (last || n > 14)
			return -1;
		last = n <= 12 && parse_v4(out + n, part);
		if (!last && !parse_group(out + n, part))
			return -1;
		n += last ? 4 : 2;
	}
	return n;
}

static int parse_v6(unsigned char out[16], struct str s)
{
	unsigned char tail[16];
	size_t gap = str_find(s, 0, STR("::"));
	int head_len, tail_len;

	memset(out, 0, 16);
	head_len = parse_groups(out, str_sub(s, 0, gap));
	if (gap == s.len)
		return head_len == 16;
	tail_len = parse_groups(tail, str_sub(s, gap + 2, s.len));
	if (head_len < 0 || tail_len < 0 || head_len + tail_len > 14)
		return 0;
	memcpy(out + 16 - tail_len, tail, (size_t)tail_len);
	return 1;
}

int addr_parse(struct addr *a, struct str text)
{
	static const unsigned char mapped[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255 };

	a->len = 4;
	if (parse_v4(a->bytes, text))
		return 1;
	a->len = 16;
	if (text.len < 2 || !parse_v6(a->bytes, text))
		return 0;
	if (memcmp(a->bytes, mapped, sizeof mapped) == 0) {
		memmove(a->bytes, a->bytes + 12, 4);
		a->len = 4;
	}
	return 1;
}

int addr_eq(const struct addr *a, const struct addr *b)
{
	return a->len == b->len && memcmp(a->bytes, b->bytes, a->len) == 0;
}
