#include "ldap/ldap_int.h"

#include <string.h>

#define LENGTH_BYTES_MAX 8	/* of a length in long form that we read; servers pad to 4 */

static unsigned byte_at(const char *p)
{
	return (unsigned char)*p;
}

/*
 * Reads a header: *header and *length get the sizes. 1; 0: the header is not complete; -1: not the BER of
 * LDAP. The sum of both may be beyond len, never beyond what a size_t holds.
 */
static int header_read(const char *data, size_t len, size_t *header, size_t *length)
{
	size_t i, n, value = 0;

	if (len > 0 && (byte_at(data) & 0x1f) == 0x1f)
		return -1;
	if (len < 2)
		return 0;
	n = byte_at(data + 1);
	if (n < 0x80) {
		*header = 2;
		*length = n;
		return 1;
	}
	n -= 0x80;
	if (n == 0 || n > LENGTH_BYTES_MAX)
		return -1;
	for (i = 0; i < n && i < len - 2; i++) {
		if (value > (SIZE_MAX >> 1) >> 8)
			return -1;
		value = value << 8 | byte_at(data + 2 + i);
	}
	if (i < n)
		return 0;
	if (value > (SIZE_MAX >> 1) - LENGTH_BYTES_MAX - 2)
		return -1;
	*header = 2 + n;
	*length = value;
	return 1;
}

int ber_size(const char *data, size_t len, size_t max, size_t *size)
{
	size_t header, length;
	int rc = header_read(data, len, &header, &length);

	if (rc != 1)
		return rc;
	if (length > max || header > max - length)
		return -1;
	*size = header + length;
	return 1;
}

void ber_init(struct ber *r, struct str bytes)
{
	r->p = bytes.ptr;
	r->end = bytes.len > 0 ? bytes.ptr + bytes.len : bytes.ptr;
	r->depth = 0;
}

int ber_tag(const struct ber *r)
{
	return r->p == r->end ? -1 : (int)byte_at(r->p);
}

int ber_next(struct ber *r, struct ber_item *item)
{
	size_t header, length, left = (size_t)(r->end - r->p);

	if (left == 0)
		return 0;
	if (header_read(r->p, left, &header, &length) != 1 || header > left || length > left - header)
		return -1;
	item->tag = byte_at(r->p);
	item->value = str_of(r->p + header, length);
	r->p += header + length;
	return 1;
}

int ber_take(struct ber *r, unsigned tag, struct str *value)
{
	struct ber_item item;

	if (ber_tag(r) != (int)tag || ber_next(r, &item) != 1)
		return -1;
	*value = item.value;
	return 0;
}

int ber_take_int(struct ber *r, unsigned tag, int32_t *n)
{
	struct str v;
	int64_t value;
	size_t i;

	if (ber_take(r, tag, &v) != 0 || v.len < 1 || v.len > 5)
		return -1;
	value = byte_at(v.ptr) & 0x80 ? -1 : 0;
	for (i = 0; i < v.len; i++)
		value = value * 256 + (int64_t)byte_at(v.ptr + i);
	if (value < INT32_MIN || value > INT32_MAX)
		return -1;
	*n = (int32_t)value;
	return 0;
}

int ber_enter(struct ber *r, unsigned tag, struct ber *inner)
{
	struct str value;
	int depth = r->depth;

	if (depth >= MAX_BER_DEPTH || ber_take(r, tag, &value) != 0)
		return -1;
	ber_init(inner, value);
	inner->depth = depth + 1;
	return 0;
}

void ber_write_init(struct ber_write *w, struct buf *out)
{
	w->out = out;
	w->depth = 0;
	w->failed = 0;
}

/* The shortest form of a length. */
static size_t length_form(size_t length, char out[1 + sizeof(size_t)])
{
	size_t n = 0, i;

	if (length < 0x80) {
		out[0] = (char)length;
		return 1;
	}
	for (i = length; i > 0; i >>= 8)
		n++;
	out[0] = (char)(0x80 | n);
	for (i = n; i > 0; i--, length >>= 8)
		out[i] = (char)(length & 0xff);
	return 1 + n;
}

void ber_begin(struct ber_write *w, unsigned tag)
{
	if (w->failed || w->depth == BER_OPEN_MAX) {
		w->failed = 1;
		return;
	}
	buf_putc(w->out, (int)tag);
	w->start[w->depth++] = w->out->len;
}

void ber_end(struct ber_write *w)
{
	char form[1 + sizeof(size_t)];
	size_t start, length, n;

	if (w->failed || w->depth == 0) {
		w->failed = 1;
		return;
	}
	start = w->start[--w->depth];
	if (w->out->failed)
		return;
	length = w->out->len - start;
	n = length_form(length, form);
	buf_put(w->out, form, n);	/* makes room; the value then moves up */
	if (w->out->failed)
		return;
	memmove(w->out->data + start + n, w->out->data + start, length);
	memcpy(w->out->data + start, form, n);
}

void ber_put(struct ber_write *w, unsigned tag, struct str value)
{
	char form[1 + sizeof(size_t)];

	buf_putc(w->out, (int)tag);
	buf_put(w->out, form, length_form(value.len, form));
	buf_put_str(w->out, value);
}

void ber_put_int(struct ber_write *w, unsigned tag, int32_t n)
{
	uint32_t u = (uint32_t)n;
	char bytes[4];
	size_t skip = 0;
	int i;

	for (i = 3; i >= 0; i--, u >>= 8)
		bytes[i] = (char)(u & 0xff);
	/* a first byte that only repeats the sign is left out */
	while (skip < 3 && byte_at(bytes + skip) == (n < 0 ? 0xff : 0) &&
	       (byte_at(bytes + skip + 1) & 0x80) == (n < 0 ? 0x80 : 0))
		skip++;
	ber_put(w, tag, str_of(bytes + skip, 4 - skip));
}

void ber_put_bool(struct ber_write *w, unsigned tag, int on)
{
	char byte = (char)(on ? 0xff : 0);

	ber_put(w, tag, str_of(&byte, 1));
}

int ber_write_check(const struct ber_write *w, const char *what, struct error *e)
{
	if (w->failed || w->depth != 0)
		return error_set(e, ERROR_FAILED, "%s is nested too deeply", what);
	return buf_check(w->out, what, e);
}
