#include <string.h>
#include "base/json_slice.h"
#include "base/json_write.h"
#include "base/limits.h"
#include "prepare/prepare_int.h"

#define FLOAT_DIGITS 17		/* decimal digits that tell all doubles apart */

/* ---- numbers: as decimals, so that 1, 1.0 and 10e-1 are one ------------------------------------------- */

/* 0.DIGITS times ten to the power of exponent; no digits: zero. */
struct decimal {
	int negative, is_float;
	struct buf digits;	/* owned: without zeros at the ends */
	int64_t exponent;
};

static int64_t exponent_of(struct str text)
{
	int64_t n = 0;
	size_t i;

	for (i = 0; i < text.len; i++) {
		if (text.ptr[i] >= '0' && text.ptr[i] <= '9' && n < 1000000)
			n = n * 10 + (text.ptr[i] - '0');
	}
	return text.len > 0 && text.ptr[0] == '-' ? -n : n;
}

/* number: as JSON writes it. */
static void decimal_init(struct decimal *d, struct str number)
{
	size_t i = 0;
	int point = 0;

	memset(d, 0, sizeof *d);
	buf_init(&d->digits, number.len);
	d->negative = number.ptr[0] == '-';
	for (i = (size_t)d->negative; i < number.len && number.ptr[i] != 'e' && number.ptr[i] != 'E'; i++) {
		if (number.ptr[i] == '.') {
			point = 1;
			continue;
		}
		if (number.ptr[i] != '0' || d->digits.len > 0)
			buf_putc(&d->digits, number.ptr[i]);
		if (!point && d->digits.len > 0)
			d->exponent++;
		if (point && d->digits.len == 0)
			d->exponent--;
	}
	d->is_float = point || i < number.len;
	if (i < number.len)
		d->exponent += exponent_of(str_sub(number, i + 1, number.len));
	while (d->digits.len > 0 && d->digits.data[d->digits.len - 1] == '0')
		buf_truncate(&d->digits, d->digits.len - 1);
	if (d->digits.len == 0)
		d->exponent = 0;
}

static int decimal_equal(const struct decimal *a, const struct decimal *b)
{
	if (!str_eq(buf_str(&a->digits), buf_str(&b->digits)))
		return 0;
	return a->digits.len == 0 || (a->negative == b->negative && a->exponent == b->exponent);
}

/* Digits with the point after the first `whole` of them, zeros where there are none. */
static void put_plain(struct buf *out, struct str digits, int64_t whole, int fraction)
{
	int64_t i, len = (int64_t)digits.len;

	if (whole <= 0)
		buf_putc(out, '0');
	for (i = 0; i < whole; i++)
		buf_putc(out, i < len ? digits.ptr[i] : '0');
	if (!fraction)
		return;
	buf_putc(out, '.');
	for (i = whole; i < 0; i++)
		buf_putc(out, '0');
	for (i = whole > 0 ? whole : 0; i < len; i++)
		buf_putc(out, digits.ptr[i]);
	if (whole >= len)
		buf_putc(out, '0');
}

/* As Python prints int and float. */
static void put_number(struct buf *out, struct str number)
{
	struct decimal d;
	struct str digits;

	decimal_init(&d, number);
	digits = buf_str(&d.digits);
	if (d.is_float && digits.len > FLOAT_DIGITS)
		digits.len = FLOAT_DIGITS;
	if (d.negative && (d.is_float || digits.len > 0))
		buf_putc(out, '-');
	if (!d.is_float || (d.exponent > -4 && d.exponent <= 16)) {
		put_plain(out, digits, digits.len > 0 ? d.exponent : 1, d.is_float);
	} else {
		buf_putc(out, digits.ptr[0]);
		buf_puts(out, digits.len > 1 ? "." : "");
		buf_put_str(out, str_sub(digits, 1, digits.len));
		buf_printf(out, "e%c%02ld", d.exponent > 0 ? '+' : '-',
			   (long)(d.exponent > 0 ? d.exponent - 1 : 1 - d.exponent));
	}
	buf_release(&d.digits);
}

int value_print(struct str value, struct arena *a, struct buf *out)
{
	switch (json_slice_type(value)) {
	case JSON_STRING:
		buf_put_str(out, json_slice_text(value, a));
		return 0;
	case JSON_NUMBER:
		put_number(out, value);
		return 0;
	case JSON_TRUE:
		buf_puts(out, "True");
		return 0;
	case JSON_FALSE:
		buf_puts(out, "False");
		return 0;
	case JSON_ARRAY:
	case JSON_OBJECT:
		return -1;
	default:
		buf_puts(out, "None");
		return 0;
	}
}

/* ---- equality ----------------------------------------------------------------------------------------- */

/* true and false count as 1 and 0. */
static struct str as_number(struct str value)
{
	switch (json_slice_type(value)) {
	case JSON_NUMBER:
		return value;
	case JSON_TRUE:
		return STR("1");
	case JSON_FALSE:
		return STR("0");
	default:
		return str_of(NULL, 0);
	}
}

static int lists_equal(struct str a, struct str b, struct arena *arena)
{
	struct json_walk x, y;

	json_walk_init(&x, a);
	json_walk_init(&y, b);
	while (json_walk_next(&x)) {
		if (!json_walk_next(&y) || !value_equal(x.value, y.value, arena))
			return 0;
	}
	return !json_walk_next(&y);
}

/* Every member of a is in b with an equal value. */
static int is_part(struct str a, struct str b, struct arena *arena)
{
	struct json_walk w;
	struct str key, other;

	json_walk_init(&w, a);
	while (json_walk_next(&w)) {
		key = json_slice_text(w.key, arena);
		if (key.ptr == NULL)
			return 0;
		other = json_slice_member(b, key);
		if (other.ptr == NULL || !value_equal(json_slice_member(a, key), other, arena))
			return 0;
	}
	return 1;
}

int value_equal(struct str a, struct str b, struct arena *arena)
{
	struct str x = as_number(a), y = as_number(b);
	enum json_type type = json_slice_type(a);
	struct decimal m, n;
	int equal;

	if (x.ptr != NULL && y.ptr != NULL) {
		decimal_init(&m, x);
		decimal_init(&n, y);
		equal = decimal_equal(&m, &n);
		buf_release(&m.digits);
		buf_release(&n.digits);
		return equal;
	}
	if (type != json_slice_type(b))
		return 0;
	switch (type) {
	case JSON_STRING:
		return str_eq(json_slice_text(a, arena), json_slice_text(b, arena));
	case JSON_ARRAY:
		return lists_equal(a, b, arena);
	case JSON_OBJECT:
		return is_part(a, b, arena) && is_part(b, a, arena);
	default:
		return 1;
	}
}

/* ---- paths -------------------------------------------------------------------------------------------- */

int value_path_parse(struct value_path *path, struct str text, struct arena *a)
{
	struct str part;
	size_t n = 1, i;

	for (i = 0; i < text.len; i++)
		n += text.ptr[i] == '.';
	path->part = arena_array(a, n, sizeof *path->part);
	path->parts = 0;
	if (path->part == NULL)
		return -1;
	while (text.len > 0 && str_next(&text, '.', &part)) {
		if (part.len > 0)
			path->part[path->parts++] = part;
	}
	return 0;
}

size_t value_depth(struct str value)
{
	size_t depth = 0, deepest = 0, i;
	int quoted = 0;

	for (i = 0; i < value.len; i++) {
		char c = value.ptr[i];

		if (quoted)
			i += c == '\\';
		if (c == '"')
			quoted = !quoted;
		if (quoted)
			continue;
		if (c == '[' || c == '{')
			depth++;
		if (c == ']' || c == '}')
			depth--;
		if (depth > deepest)
			deepest = depth;
	}
	return deepest;
}

/* The element that a part of digits means, or ptr NULL. */
static struct str element(struct str list, struct str part)
{
	uint64_t i;

	if (str_to_u64(part, &i) != 0 || i > list.len)
		return str_of(NULL, 0);
	return json_slice_element(list, (size_t)i);
}

static struct str step(struct str value, struct str part)
{
	if (json_slice_type(value) == JSON_ARRAY)
		return element(value, part);
	return json_slice_member(value, part);
}

struct str value_get(struct str record, const struct value_path *path)
{
	size_t i;

	for (i = 0; i < path->parts && record.ptr != NULL; i++)
		record = step(record, path->part[i]);
	return record;
}

/* {"part":{"part": value}} for the parts from i on. */
static void put_nested(struct buf *out, const struct value_path *path, size_t i, struct str value)
{
	size_t j;

	for (j = i; j < path->parts; j++) {
		buf_putc(out, '{');
		json_quote(out, path->part[j]);
		buf_putc(out, ':');
	}
	buf_put_str(out, value);
	for (j = i; j < path->parts; j++)
		buf_putc(out, '}');
}

/* The record with what lies from `from` to `to` exchanged for the parts from i on. */
static void put_spliced(struct buf *out, struct str record, const char *from, const char *to,
			const struct value_path *path, size_t i, struct str value)
{
	buf_put(out, record.ptr, (size_t)(from - record.ptr));
	put_nested(out, path, i, value);
	buf_put(out, to, (size_t)(record.ptr + record.len - to));
}

static void put_new_member(struct buf *out, struct str record, struct str object,
			   const struct value_path *path, size_t i, struct str value)
{
	const char *end = object.ptr + object.len - 1;
	struct json_walk w;

	json_walk_init(&w, object);
	buf_put(out, record.ptr, (size_t)(end - record.ptr));
	buf_puts(out, json_walk_next(&w) ? "," : "");
	json_quote(out, path->part[i]);
	buf_putc(out, ':');
	put_nested(out, path, i + 1, value);
	buf_put(out, end, (size_t)(record.ptr + record.len - end));
}

int value_set(struct str record, const struct value_path *path, struct str value, struct buf *out)
{
	struct str at = record, next;
	enum json_type type;
	size_t i;

	for (i = 0; i < path->parts; i++) {
		next = step(at, path->part[i]);
		type = json_slice_type(next);
		if (next.ptr == NULL && json_slice_type(at) == JSON_ARRAY)
			return 0;
		if (next.ptr == NULL) {
			put_new_member(out, record, at, path, i, value);
			return 1;
		}
		if (i + 1 == path->parts || (type != JSON_OBJECT && type != JSON_ARRAY)) {
			put_spliced(out, record, next.ptr, next.ptr + next.len, path, i + 1, value);
			return 1;
		}
		at = next;
	}
	return 0;
}
