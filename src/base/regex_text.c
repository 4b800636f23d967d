#include <stdarg.h>
#include <string.h>
#include "base/regex_int.h"
#include "base/unicode.h"

int32_t regex_peek(const struct regex_text *t)
{
	size_t pos = t->pos;

	return pos < t->text.len ? utf8_next(t->text, &pos) : -1;
}

int32_t regex_take(struct regex_text *t)
{
	return t->pos < t->text.len ? utf8_next(t->text, &t->pos) : -1;
}

int regex_take_if(struct regex_text *t, int32_t c)
{
	if (regex_peek(t) != c)
		return 0;
	regex_take(t);
	return 1;
}

int regex_digits(struct regex_text *t, int base, int max, uint32_t *value)
{
	static const char digits[] = "0123456789abcdef";
	const char *found;
	int n, c;

	*value = 0;
	for (n = 0; n < max && t->pos < t->text.len; n++) {
		c = t->text.ptr[t->pos];
		found = memchr(digits, c >= 'A' && c <= 'F' ? c + 'a' - 'A' : c, (size_t)base);
		if (found == NULL)
			break;
		*value = *value * (uint32_t)base + (uint32_t)(found - digits);
		t->pos++;
	}
	return n;
}

int regex_wrong(const struct regex_text *t, struct error *e, const char *fmt, ...)
{
	size_t at = utf8_length(str_sub(t->text, 0, t->pos));
	struct buf text;
	va_list args;

	buf_init(&text, ERROR_TEXT_MAX);
	va_start(args, fmt);
	buf_vprintf(&text, fmt, args);
	va_end(args);
	error_set(e, ERROR_USAGE, "%s, at character %lu of the %s", buf_text(&text), (unsigned long)at,
		  t->what);
	buf_release(&text);
	return -1;
}

int regex_until(struct regex_text *t, char terminator, struct str *out, struct error *e)
{
	size_t end = str_find_char(t->text, t->pos, terminator);

	*out = str_sub(t->text, t->pos, end - t->pos);
	if (out->len == 0)
		return regex_wrong(t, e, "a name is missing");
	if (end == t->text.len)
		return regex_wrong(t, e, "\"%c\" is missing after a name", terminator);
	t->pos = end + 1;
	return 0;
}

int regex_is_name(struct str name)
{
	size_t i;

	for (i = 0; i < name.len; i++) {
		unsigned char c = (unsigned char)name.ptr[i];
		int letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' || c >= 0x80;

		if (!letter && (i == 0 || c < '0' || c > '9'))
			return 0;
	}
	return name.len > 0;
}

int regex_group(const struct regex_text *t, const struct regex_groups *g, struct str name, int *group,
		struct error *e)
{
	uint64_t number;

	if (regex_is_name(name)) {
		for (*group = g->count - 1; *group > 0; --*group) {
			if (str_eq(g->name[*group], name))
				return 0;
		}
		return regex_wrong(t, e, "there is no group called \"%.*s\"", STR_ARG(name));
	}
	if (str_to_u64(name, &number) != 0)
		return regex_wrong(t, e, "\"%.*s\" is no name of a group", STR_ARG(name));
	if (number > MAX_REGEX_GROUPS)
		return regex_wrong(t, e, "there is no group %.*s", STR_ARG(name));
	*group = (int)number;
	return 0;
}
