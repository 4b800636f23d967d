#include "ldap/ldap.h"

#include <string.h>

#include "base/limits.h"
#include "base/unicode.h"
#include "ldap/ldap_int.h"

#define RDN_PARTS_MAX 16	/* parts of one multi-valued RDN that are sorted for comparison */

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

int ldap_hex_pair(struct str s, size_t i)
{
	int high = i < s.len ? hex_digit(s.ptr[i]) : -1;
	int low = i + 1 < s.len ? hex_digit(s.ptr[i + 1]) : -1;

	return high < 0 || low < 0 ? -1 : high << 4 | low;
}

void ldap_dn_init(struct ldap_dn *d, struct str text)
{
	d->text = text;
	d->pos = 0;
	d->rdn = 0;
	d->rdn_pos = 0;
	d->ended = str_trim(text).len == 0;
}

static int is_type_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
	       c == '.';
}

/* End of a value that begins at i: the offset of the separator or of the end; text.len + 1 when malformed. */
static size_t value_end(struct str t, size_t i)
{
	while (i < t.len && t.ptr[i] != ',' && t.ptr[i] != '+') {
		if (t.ptr[i] == '\\') {
			if (i + 1 == t.len)
				return t.len + 1;
			i++;
		} else if (t.ptr[i] == 0 || t.ptr[i] == '"' || t.ptr[i] == ';' || t.ptr[i] == '<' ||
			   t.ptr[i] == '>') {
			return t.len + 1;
		}
		i++;
	}
	return i;
}

/* Without the blanks around it that are not escaped. */
static struct str trim_value(struct str t)
{
	size_t end, i;

	while (t.len > 0 && t.ptr[0] == ' ')
		t = str_sub(t, 1, t.len - 1);
	for (end = t.len; end > 0 && t.ptr[end - 1] == ' '; end--)
		;
	for (i = end; i > 0 && t.ptr[i - 1] == '\\'; i--)
		;
	if ((end - i) % 2 == 1 && end < t.len)
		end++;
	return str_sub(t, 0, end);
}

int ldap_dn_next(struct ldap_dn *d, struct ldap_dn_part *part)
{
	struct str t = d->text;
	size_t i = d->pos, start;

	if (d->ended)
		return 0;
	while (i < t.len && t.ptr[i] == ' ')
		i++;
	start = i;
	while (i < t.len && is_type_char(t.ptr[i]))
		i++;
	part->type = str_sub(t, start, i - start);
	while (i < t.len && t.ptr[i] == ' ')
		i++;
	if (part->type.len == 0 || i == t.len || t.ptr[i] != '=')
		return -1;
	start = i + 1;
	i = value_end(t, start);
	if (i > t.len)
		return -1;
	part->value = trim_value(str_sub(t, start, i - start));
	part->rdn = d->rdn;
	part->from = d->rdn_pos;
	part->last = i == t.len || t.ptr[i] == ',';
	d->ended = i == t.len;
	d->pos = i + 1;
	if (part->last) {
		d->rdn++;
		d->rdn_pos = i + 1;
	}
	return 1;
}

/* "#" and hex digits: the BER of the value, of which the content is taken. */
static int hex_string(struct str digits, struct buf *out)
{
	size_t start = out->len, i, size;
	struct ber r;
	struct ber_item item;

	if (digits.len == 0 || digits.len % 2 != 0)
		return -1;
	for (i = 0; i < digits.len; i += 2) {
		int byte = ldap_hex_pair(digits, i);

		if (byte < 0)
			return -1;
		buf_putc(out, byte);
	}
	if (out->failed)
		return -1;
	size = out->len - start;
	ber_init(&r, str_of(out->data + start, size));
	if (ber_next(&r, &item) != 1 || ber_tag(&r) != -1)
		return -1;
	memmove(out->data + start, item.value.ptr, item.value.len);
	buf_truncate(out, start + item.value.len);
	return 0;
}

int ldap_dn_value(struct str value, struct buf *out)
{
	size_t i;

	if (value.len > 0 && value.ptr[0] == '#')
		return hex_string(str_sub(value, 1, value.len - 1), out);
	for (i = 0; i < value.len; i++) {
		int byte;

		if (value.ptr[i] != '\\') {
			buf_putc(out, (unsigned char)value.ptr[i]);
			continue;
		}
		if (++i == value.len)
			return -1;
		byte = ldap_hex_pair(value, i);
		if (byte >= 0) {
			buf_putc(out, byte);
			i++;
		} else if (value.ptr[i] != 0 && strchr(" \"#+,;<=>\\", value.ptr[i])) {
			buf_putc(out, (unsigned char)value.ptr[i]);
		} else {
			return -1;
		}
	}
	return out->failed ? -1 : 0;
}

void ldap_dn_escape(struct str value, struct buf *out)
{
	size_t i;

	for (i = 0; i < value.len; i++) {
		int c = (unsigned char)value.ptr[i], edge = i == 0 || i == value.len - 1;

		if (c < ' ')
			buf_printf(out, "\\%02x", (unsigned)c);
		else if (strchr("\"+,;<=>\\", c) || (c == '#' && i == 0) || (c == ' ' && edge))
			buf_printf(out, "\\%c", c);
		else
			buf_putc(out, c);
	}
}

static int ascii_lower(int c)
{
	return c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c;
}

/* Appends text (already folded but for ASCII letters) with runs of blanks made one, and none at the ends. */
static void put_squeezed(struct buf *out, struct str s)
{
	char *to = s.len <= MAX_LDAP_MESSAGE ? buf_room(out, 2 * s.len) : NULL;
	size_t i, n = 0;
	int blank = 0;

	if (!to)
		return;
	for (i = 0; i < s.len; i++) {
		int c = (unsigned char)s.ptr[i];

		if (c == ' ') {
			blank = n > 0;
			continue;
		}
		if (blank)
			to[n++] = ' ';
		if (c <= 1 || c == '\\')	/* 0 and 1 separate parts */
			to[n++] = '\\';
		to[n++] = (char)ascii_lower(c);
		blank = 0;
	}
	buf_grew(out, n);
}

static int is_plain(struct str s)
{
	size_t i;

	if (s.len > 0 && s.ptr[0] == '#')
		return 0;
	for (i = 0; i < s.len; i++)
		if (s.ptr[i] == '\\' || (unsigned char)s.ptr[i] >= 0x80)
			return 0;
	return 1;
}

static int put_part(struct buf *out, const struct ldap_dn_part *part)
{
	struct buf value, folded;
	int rc = 0;

	put_squeezed(out, part->type);
	buf_putc(out, '=');
	if (is_plain(part->value)) {
		put_squeezed(out, part->value);
		return 0;
	}
	buf_init(&value, MAX_RECORD);
	buf_init(&folded, MAX_RECORD);
	if (ldap_dn_value(part->value, &value) != 0)
		rc = -1;
	unicode_casefold(&folded, buf_str(&value));
	put_squeezed(out, buf_str(&folded));
	out->failed |= value.failed || folded.failed;
	buf_release(&value);
	buf_release(&folded);
	return rc;
}

/* Puts the parts of one RDN, which end at the offsets given and begin at start, into byte order. */
static int sort_parts(struct buf *out, size_t start, const size_t *end, int n)
{
	struct str part[RDN_PARTS_MAX], key;
	struct buf copy;
	int i, j;

	buf_init(&copy, MAX_RECORD);
	buf_put(&copy, out->data + start, out->len - start);
	for (i = 0; !copy.failed && i < n; i++) {
		size_t from = i == 0 ? 0 : end[i - 1] - start;

		key = str_of(copy.data + from, end[i] - start - from);
		for (j = i; j > 0 && str_cmp(part[j - 1], key) > 0; j--)
			part[j] = part[j - 1];
		part[j] = key;
	}
	buf_truncate(out, start);
	for (i = 0; !copy.failed && i < n; i++)
		buf_put_str(out, part[i]);
	out->failed |= copy.failed;
	buf_release(&copy);
	return out->failed ? -1 : 0;
}

int ldap_dn_normal(struct str dn, struct buf *out)
{
	struct ldap_dn d;
	struct ldap_dn_part part;
	size_t start = out->len, end[RDN_PARTS_MAX];
	int n = 0, rc;

	ldap_dn_init(&d, dn);
	while ((rc = ldap_dn_next(&d, &part)) == 1) {
		if (n == RDN_PARTS_MAX || put_part(out, &part) != 0)
			return -1;
		buf_putc(out, 1);
		end[n++] = out->len;
		if (!part.last)
			continue;
		if (out->failed || (n > 1 && sort_parts(out, start, end, n) != 0))
			return -1;
		buf_putc(out, 0);
		start = out->len;
		n = 0;
	}
	return rc == 0 && !out->failed ? 0 : -1;
}
