#include "source/source_rules.h"

#include <stdio.h>
#include <string.h>

#include "base/json_scan.h"
#include "base/json_slice.h"
#include "base/log.h"
#include "base/settings.h"
#include "base/unicode.h"
#include "port.h"

/* ---- lists of names and paths -------------------------------------------------------------------------- */

int rules_next_name(struct str *rest, struct str *name)
{
	while (str_next(rest, ',', name)) {
		*name = unicode_trim(*name);
		if (name->len > 0)
			return 1;
	}
	return 0;
}

int rules_list_has(struct str list, struct str name)
{
	struct str entry;

	while (rules_next_name(&list, &entry))
		if (str_eq(entry, name))
			return 1;
	return 0;
}

struct str rules_at_path(struct str record, struct str path)
{
	struct str key;

	while (str_next(&path, '.', &key))
		record = json_slice_member(record, key);
	return record;
}

/* ---- dates and filters --------------------------------------------------------------------------------- */

void rules_today(char today[11])
{
	struct port_tm t;

	port_local_time(port_wall_ms() / 1000, &t);
	snprintf(today, 11, "%04u-%02u-%02u", (unsigned)t.year % 10000, (unsigned)t.month % 100,
		 (unsigned)t.day % 100);
}

int rules_is_future(struct str date, const char *today)
{
	return str_cmp(str_sub(date, 0, 10), str_from(today)) > 0;
}

struct str rules_json_object(const char *name)
{
	static const char *const no_paths[] = { NULL };
	struct str text = str_from(settings_text(name)), none = { NULL, 0 };
	struct json_scan *scan;
	struct error e;
	int good;

	if (text.len == 0)
		return none;
	error_init(&e);
	scan = json_scan_new(no_paths, 0, NULL, NULL, &e);
	good = scan && json_scan_feed(scan, text.ptr, text.len, &e) == 0 && json_scan_end(scan, &e) == 0;
	json_scan_free(scan);
	if (good && json_slice_type(text) == JSON_OBJECT)
		return text;
	log_warning("%s is ignored: %s", name, good ? "it is no JSON object" : e.text);
	return none;
}

/* ---- numbers by value ---------------------------------------------------------------------------------- */

/* A number as JSON writes it, taken apart: the first of its digits that is not 0 stands for so many times ten
 * to the power of `power`. */
struct decimal {
	int negative, zero;
	const char *first, *last;	/* digits from the first to the last that is not 0, a point may be
					 * between them */
	int64_t power;
};

static size_t count_digits(struct str s, size_t from)
{
	size_t n = 0;

	while (from + n < s.len && s.ptr[from + n] >= '0' && s.ptr[from + n] <= '9')
		n++;
	return n;
}

/* The power of ten behind an e; -1 when there is none or it is absurd. */
static int read_exponent(struct str s, int64_t *power)
{
	if (s.len > 0 && s.ptr[0] == '+')
		s = str_sub(s, 1, s.len);
	return s.len > 0 && s.len <= 18 && str_to_i64(s, power) == 0 ? 0 : -1;
}

/* The digits from `from` to `end`, of which the first `whole` stand before the point. */
static void find_digits(struct decimal *d, struct str s, size_t from, size_t end, size_t whole)
{
	int64_t place = (int64_t)whole - 1;
	size_t i;

	d->zero = 1;
	for (i = from; i < end; i++) {
		if (s.ptr[i] == '.')
			continue;
		if (s.ptr[i] != '0') {
			if (d->zero) {
				d->first = s.ptr + i;
				d->power += place;
			}
			d->zero = 0;
			d->last = s.ptr + i;
		}
		place--;
	}
}

/* -1 when the text is no number. */
static int decimal_read(struct decimal *d, struct str s)
{
	size_t from, end, whole, part;

	memset(d, 0, sizeof(*d));
	d->negative = s.len > 0 && s.ptr[0] == '-';
	from = (size_t)d->negative;
	whole = count_digits(s, from);
	end = from + whole;
	if (whole == 0 || (whole > 1 && s.ptr[from] == '0'))
		return -1;
	if (end < s.len && s.ptr[end] == '.') {
		part = count_digits(s, end + 1);
		if (part == 0)
			return -1;
		end += 1 + part;
	}
	if (end < s.len) {
		if ((s.ptr[end] | 0x20) != 'e' || read_exponent(str_sub(s, end + 1, s.len), &d->power) != 0)
			return -1;
	}
	find_digits(d, s, from, end, whole);
	return 0;
}

static int decimal_same(const struct decimal *a, const struct decimal *b)
{
	const char *p = a->first, *q = b->first;

	if (a->zero || b->zero)
		return a->zero && b->zero;
	if (a->negative != b->negative || a->power != b->power)
		return 0;
	for (;; p++, q++) {
		p += *p == '.';
		q += *q == '.';
		if (*p != *q)
			return 0;
		if (p == a->last || q == b->last)
			return p == a->last && q == b->last;
	}
}

static int same_number(struct str a, struct str b)
{
	struct decimal x, y;

	return decimal_read(&x, a) == 0 && decimal_read(&y, b) == 0 && decimal_same(&x, &y);
}

/* ---- the supervisor rule ------------------------------------------------------------------------------- */

void supervisor_rule_load(struct supervisor_rule *rule, const char *name)
{
	struct str text = str_from(settings_text(name));
	size_t colon = str_find_char(text, 0, ':');

	rule->field = rule->value = str_from("");
	if (text.len == 0)
		return;
	if (colon == text.len) {
		log_warning("%s has no colon and is ignored; it should be field:value", name);
		return;
	}
	rule->field = unicode_trim(str_sub(text, 0, colon));
	rule->value = unicode_trim(str_sub(text, colon + 1, text.len));
}

int supervisor_rule_fits(const struct supervisor_rule *rule, struct str value, struct arena *a,
			 struct error *e)
{
	struct str text;

	switch (json_slice_type(value)) {
	case JSON_NONE:
		return rule->value.len == 0;
	case JSON_NULL:
		return str_eqz(rule->value, "None");
	case JSON_TRUE:
		return str_eqz(rule->value, "true") || str_eqz(rule->value, "True");
	case JSON_FALSE:
		return str_eqz(rule->value, "false") || str_eqz(rule->value, "False");
	case JSON_NUMBER:
		return same_number(value, rule->value);
	case JSON_STRING:
		text = json_slice_text(value, a);
		return text.ptr ? str_eq(unicode_trim(text), rule->value) : error_memory(e);
	default:
		return 0;
	}
}
