#include <stdlib.h>
#include <string.h>
#include "base/regex_int.h"
#include "base/unicode.h"

struct reader {
	struct regex_text text;
	struct regex_template *t;
	const struct regex_groups *groups;
	struct error *e;
};

static void put_char(struct reader *r, uint32_t code)
{
	struct regex_template *t = r->t;
	struct regex_piece *last;
	char bytes[4];
	size_t n = utf8_put(bytes, code);

	if (t->pieces == 0 || t->piece[t->pieces - 1].group >= 0) {
		last = &t->piece[t->pieces++];
		last->group = -1;
		last->start = t->text.len;
		last->len = 0;
	}
	last = &t->piece[t->pieces - 1];
	last->len += n;
	buf_put(&t->text, bytes, n);
}

static int put_group(struct reader *r, int group)
{
	struct regex_template *t = r->t;

	if (group >= r->groups->count)
		return regex_wrong(&r->text, r->e, "there is no group %d", group);
	t->piece[t->pieces].group = group;
	t->piece[t->pieces].start = t->piece[t->pieces].len = 0;
	t->pieces++;
	return 0;
}

/* \1 to \99, or three octal digits; \0 and up to two octal digits. */
static int put_number(struct reader *r, int32_t c)
{
	uint32_t rest, second = 0;
	size_t before = r->text.pos;
	int n;

	if (c == '0') {
		regex_digits(&r->text, 8, 2, &rest);
		put_char(r, rest);
		return 0;
	}
	if (c <= '7' && regex_digits(&r->text, 8, 2, &rest) == 2) {
		rest |= (uint32_t)(c - '0') << 6;
		if (rest > 0xff)
			return regex_wrong(&r->text, r->e, "an octal escape is above \\377");
		put_char(r, rest);
		return 0;
	}
	r->text.pos = before;
	n = regex_digits(&r->text, 10, 1, &second);
	return put_group(r, n == 1 ? (c - '0') * 10 + (int)second : c - '0');
}

static int put_escape(struct reader *r)
{
	static const char letters[] = "abfnrtv\\", codes[] = "\a\b\f\n\r\t\v\\";
	int32_t c = regex_take(&r->text);
	const char *found = c > 0 && c < 0x80 ? strchr(letters, (int)c) : NULL;
	struct str name;
	int group;

	if (c < 0)
		return regex_wrong(&r->text, r->e, "a backslash at the end");
	if (found != NULL) {
		put_char(r, (uint32_t)(unsigned char)codes[found - letters]);
		return 0;
	}
	if (c == 'g') {
		if (!regex_take_if(&r->text, '<'))
			return regex_wrong(&r->text, r->e, "\\g wants a group in <>");
		if (regex_until(&r->text, '>', &name, r->e) != 0 ||
		    regex_group(&r->text, r->groups, name, &group, r->e) != 0)
			return -1;
		return put_group(r, group);
	}
	if (c >= '0' && c <= '9')
		return put_number(r, c);
	if ((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'))
		return regex_wrong(&r->text, r->e, "bad escape \"\\%c\"", (int)c);
	put_char(r, '\\');
	put_char(r, (uint32_t)c);
	return 0;
}

int regex_template_init(struct regex_template *t, struct str replacement, const struct regex_groups *groups,
			struct error *e)
{
	struct reader r;
	int32_t c;

	memset(t, 0, sizeof *t);
	buf_init(&t->text, MAX_REGEX);
	t->piece = calloc(replacement.len + 1, sizeof *t->piece);
	if (t->piece == NULL)
		return error_memory(e);
	memset(&r, 0, sizeof r);
	r.text.text = replacement;
	r.text.what = "replacement";
	r.t = t;
	r.groups = groups;
	r.e = e;
	while (r.text.pos < replacement.len) {
		c = regex_take(&r.text);
		if (c < 0)
			return regex_wrong(&r.text, e, "text that is not UTF-8");
		if (c != '\\')
			put_char(&r, (uint32_t)c);
		else if (put_escape(&r) != 0)
			return -1;
	}
	return buf_check(&t->text, "a replacement", e);
}

void regex_template_release(struct regex_template *t)
{
	buf_release(&t->text);
	free(t->piece);
	t->piece = NULL;
	t->pieces = 0;
}
