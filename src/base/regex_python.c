#include <string.h>
#include "base/regex_int.h"
#include "base/unicode_names.h"

#define WIDTH_MAX UINT64_C(0x7fffffff)	/* and more */

/* How many characters something can match. */
struct width {
	uint64_t min, max;
};

enum item { ITEM_NONE, ITEM_PLACE, ITEM_REPEAT, ITEM_OTHER };

struct parser {
	struct regex_text text;
	struct buf *out;
	struct regex_groups *groups;
	struct width width[MAX_REGEX_GROUPS + 1];
	unsigned char open[MAX_REGEX_GROUPS + 1];
	int flags;			/* of the present group */
	int global_flags;
	int depth;
	int lookbehind;			/* number of the first group inside a look-behind; 0: not in one */
	int condition;			/* largest group that a condition asks for */
	struct error *e;
};

static int alternatives(struct parser *p, struct width *w);

static void widen(struct width *w, uint64_t min, uint64_t max)
{
	w->min = w->min + min < WIDTH_MAX ? w->min + min : WIDTH_MAX;
	w->max = w->max + max < WIDTH_MAX ? w->max + max : WIDTH_MAX;
}

static int wrong(struct parser *p, const char *what)
{
	return regex_wrong(&p->text, p->e, "%s", what);
}

static int is_letter(int32_t c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/* ---- escapes ------------------------------------------------------------------------------------------ */

/* The control character of \a \b \f \n \r \t \v; -1 for others. */
static int32_t control(int32_t c)
{
	static const char letters[] = "abfnrtv", codes[] = "\a\b\f\n\r\t\v";
	const char *found = c > 0 && c < 0x80 ? strchr(letters, (int)c) : NULL;

	return found == NULL ? -1 : codes[found - letters];
}

static unsigned class_of(int32_t c)
{
	static const char letters[] = "wWdDsS";
	const char *found = c > 0 && c < 0x80 ? strchr(letters, (int)c) : NULL;

	return found == NULL ? 0 : 1u << (found - letters);
}

static int named_character(struct parser *p, uint32_t *code)
{
	struct str name;

	if (!regex_take_if(&p->text, '{'))
		return wrong(p, "\\N wants a name in braces");
	if (regex_until(&p->text, '}', &name, p->e) != 0)
		return -1;
	*code = unicode_by_name(name);
	if (*code == 0)
		return wrong(p, "the name of this character is not known here, write \\u and four digits");
	return 0;
}

/* An escape that means one character, c after the backslash taken already; octal: \1 to \7 may begin one. */
static int escaped_char(struct parser *p, int32_t c, uint32_t *code)
{
	int digits = c == 'x' ? 2 : c == 'u' ? 4 : c == 'U' ? 8 : 0;

	if (c < 0)
		return wrong(p, "a backslash at the end");
	if (digits > 0) {
		if (regex_digits(&p->text, 16, digits, code) != digits)
			return wrong(p, "an escape has too few digits");
		if (*code > 0x10ffff || (*code >= 0xd800 && *code <= 0xdfff))
			return wrong(p, "an escape stands for no character");
		return 0;
	}
	if (c == 'N')
		return named_character(p, code);
	if (control(c) >= 0) {
		*code = (uint32_t)control(c);
		return 0;
	}
	if (is_letter(c))
		return regex_wrong(&p->text, p->e, "bad escape \"\\%c\"", (int)c);
	*code = (uint32_t)c;
	return 0;
}

/* Up to three octal digits, of which c is the first. */
static int octal(struct parser *p, int32_t c, uint32_t *code)
{
	uint32_t rest;
	int n = regex_digits(&p->text, 8, 2, &rest);

	*code = ((uint32_t)(c - '0') << (3 * n)) | rest;
	return *code > 0xff ? wrong(p, "an octal escape is above \\377") : 0;
}

static int reference(struct parser *p, int group, struct width *w)
{
	if (group >= p->groups->count)
		return wrong(p, "a reference to a group that there is not");
	if (p->open[group])
		return wrong(p, "a reference to a group that is still open");
	if (p->lookbehind > 0 && group >= p->lookbehind)
		return wrong(p, "a reference to a group in the same look-behind");
	buf_printf(p->out, p->flags & FLAG_I ? "(?i:\\g{%d})" : "\\g{%d}", group);
	widen(w, p->width[group].min, p->width[group].max);
	return 0;
}

/* \1 to \99, or three octal digits. */
static int digits(struct parser *p, int32_t c, struct width *w)
{
	uint32_t second = 0, third;
	size_t before = p->text.pos;

	if (c <= '7' && regex_digits(&p->text, 8, 2, &third) == 2) {
		third |= (uint32_t)(c - '0') << 6;
		if (third > 0xff)
			return wrong(p, "an octal escape is above \\377");
		regex_char_put(third, p->flags, p->out);
		widen(w, 1, 1);
		return 0;
	}
	p->text.pos = before;
	if (regex_digits(&p->text, 10, 1, &second) == 1)
		return reference(p, (c - '0') * 10 + (int)second, w);
	return reference(p, c - '0', w);
}

/* \A \Z \b \B. 1 when it was one of them. */
static int place(struct parser *p, int32_t c)
{
	const char *word = p->flags & FLAG_A ? "[A-Za-z0-9_]" : "[\\p{L}\\p{N}_]";

	switch (c) {
	case 'A':
		buf_puts(p->out, "\\A");
		return 1;
	case 'Z':
		buf_puts(p->out, "\\z");
		return 1;
	case 'b':
		buf_printf(p->out, "(?:(?<=%s)(?!%s)|(?<!%s)(?=%s))", word, word, word, word);
		return 1;
	case 'B':	/* never in an empty text */
		buf_printf(p->out, "(?:(?<=%s)(?=%s)|(?<!%s)(?!%s)(?!\\A\\z))", word, word, word, word);
		return 1;
	default:
		return 0;
	}
}

static int escape(struct parser *p, enum item *item, struct width *w)
{
	int32_t c = regex_take(&p->text);
	struct regex_set set;
	uint32_t code;

	*item = ITEM_OTHER;
	if (place(p, c)) {
		*item = ITEM_PLACE;
		return 0;
	}
	if (c >= '1' && c <= '9')
		return digits(p, c, w);
	widen(w, 1, 1);
	if (class_of(c) != 0) {
		regex_set_init(&set);
		set.classes = class_of(c);
		regex_set_put(&set, p->flags, p->out);
		regex_set_release(&set);
		return 0;
	}
	if (c == '0' ? octal(p, c, &code) != 0 : escaped_char(p, c, &code) != 0)
		return -1;
	regex_char_put(code, p->flags, p->out);
	return 0;
}

/* ---- sets --------------------------------------------------------------------------------------------- */

/* One member: a class (then *classes is set) or a character. */
static int member(struct parser *p, int32_t c, uint32_t *code, unsigned *classes)
{
	*classes = 0;
	*code = (uint32_t)c;
	if (c != '\\')
		return 0;
	c = regex_take(&p->text);
	*classes = class_of(c);
	if (*classes != 0)
		return 0;
	if (c >= '0' && c <= '7')
		return octal(p, c, code);
	if (c == '8' || c == '9')
		return wrong(p, "bad escape in a set");
	return escaped_char(p, c, code);
}

/* What follows a member: a range up to another one, or nothing. 1 when the set ended with the dash. */
static int range(struct parser *p, struct regex_set *set, uint32_t first, unsigned classes)
{
	uint32_t last = first;
	unsigned other = 0;
	int32_t c;
	int ended = 0;

	if (regex_take_if(&p->text, '-')) {
		c = regex_take(&p->text);
		if (c < 0)
			return wrong(p, "a set is not closed");
		ended = c == ']';
		if (ended)
			regex_set_add(set, '-', '-');
		else if (member(p, c, &last, &other) != 0)
			return -1;
		else if (classes != 0 || other != 0 || last < first)
			return wrong(p, "a bad range in a set");
	}
	set->classes |= classes;
	if (classes == 0)
		regex_set_add(set, first, last);
	return ended;
}

static int set_members(struct parser *p, struct regex_set *set)
{
	uint32_t code;
	unsigned classes;
	int32_t c;
	int n, ended = 0;

	set->negated = regex_take_if(&p->text, '^');
	for (n = 0; !ended; n++) {
		c = regex_take(&p->text);
		if (c < 0)
			return wrong(p, "a set is not closed");
		if (c == ']' && n > 0)
			break;
		if (member(p, c, &code, &classes) != 0)
			return -1;
		ended = range(p, set, code, classes);
		if (ended < 0)
			return -1;
	}
	return 0;
}

static int set(struct parser *p, struct width *w)
{
	struct regex_set s;
	int result;

	regex_set_init(&s);
	result = set_members(p, &s);
	if (result == 0)
		regex_set_put(&s, p->flags, p->out);
	regex_set_release(&s);
	widen(w, 1, 1);
	return result;
}

/* ---- groups ------------------------------------------------------------------------------------------- */

/* The inside of a group up to its closing parenthesis, with flags of its own. */
static int inside(struct parser *p, int flags, struct width *w)
{
	int before = p->flags;

	if (p->depth == MAX_REGEX_DEPTH)
		return wrong(p, "groups stand too deep inside each other");
	p->depth++;
	p->flags = flags;
	if (alternatives(p, w) != 0)
		return -1;
	if (!regex_take_if(&p->text, ')'))
		return wrong(p, "a group is not closed");
	buf_putc(p->out, ')');
	p->flags = before;
	p->depth--;
	return 0;
}

static int capture(struct parser *p, struct str name, struct width *w)
{
	struct regex_groups *g = p->groups;
	struct width own = { 0, 0 };
	int i, n = g->count;

	if (n > MAX_REGEX_GROUPS)
		return wrong(p, "too many groups");
	for (i = 1; i < n && name.len > 0; i++) {
		if (str_eq(g->name[i], name))
			return wrong(p, "two groups have one name");
	}
	g->name[n] = name;
	g->count++;
	p->open[n] = 1;
	buf_putc(p->out, '(');
	if (inside(p, p->flags, &own) != 0)
		return -1;
	p->open[n] = 0;
	p->width[n] = own;
	widen(w, own.min, own.max);
	return 0;
}

static int look(struct parser *p, int behind, int32_t c)
{
	int outermost = behind && p->lookbehind == 0;
	struct width own = { 0, 0 };

	if (c != '=' && c != '!')
		return wrong(p, "unknown extension \"(?<\"");
	if (outermost)
		p->lookbehind = p->groups->count;
	buf_printf(p->out, "(?%s%c", behind ? "<" : "", (int)c);
	if (inside(p, p->flags, &own) != 0)
		return -1;
	if (outermost)
		p->lookbehind = 0;
	if (behind && own.min != own.max)
		return wrong(p, "a look-behind wants a pattern of fixed width");
	return 0;
}

static int sequence(struct parser *p, int first, struct width *w);

static int conditional(struct parser *p, struct width *w)
{
	struct width yes = { 0, 0 }, no = { 0, 0 };
	struct str name;
	int group;

	if (regex_until(&p->text, ')', &name, p->e) != 0 ||
	    regex_group(&p->text, p->groups, name, &group, p->e) != 0)
		return -1;
	if (group == 0)
		return wrong(p, "a condition on group 0");
	if (p->lookbehind > 0 && (group >= p->lookbehind || p->open[group]))
		return wrong(p, "a condition on a group in the same look-behind");
	if (group > p->condition)
		p->condition = group;
	buf_printf(p->out, "(?(%d)", group);
	if (p->depth++ == MAX_REGEX_DEPTH)
		return wrong(p, "groups stand too deep inside each other");
	if (sequence(p, 0, &yes) != 0)
		return -1;
	if (regex_take_if(&p->text, '|')) {
		buf_putc(p->out, '|');
		if (sequence(p, 0, &no) != 0)
			return -1;
	}
	if (regex_peek(&p->text) == '|')
		return wrong(p, "a condition has more than two branches");
	if (!regex_take_if(&p->text, ')'))
		return wrong(p, "a group is not closed");
	buf_putc(p->out, ')');
	p->depth--;
	widen(w, yes.min < no.min ? yes.min : no.min, yes.max > no.max ? yes.max : no.max);
	return 0;
}

/* Letters of flags; *end is what stands behind them. */
static int flag_letters(struct parser *p, int32_t c, int *flags, int32_t *end)
{
	static const char letters[] = "imsxau";
	const char *found;

	*flags = 0;
	while ((found = c > 0 && c < 0x80 ? strchr(letters, (int)c) : NULL) != NULL) {
		*flags |= 1 << (found - letters);
		c = regex_take(&p->text);
	}
	*end = c;
	return (*flags & FLAG_A) && (*flags & FLAG_U) ? wrong(p, "flags a and u together") : 0;
}

/* (?i) at the start, (?i:...), (?i-s:...). 1 when it was the first form. */
static int flags(struct parser *p, int32_t c, int at_start, struct width *w)
{
	int on, off = 0, now;

	if (flag_letters(p, c, &on, &c) != 0)
		return -1;
	if (c == ')' && on != 0) {
		if (!at_start)
			return wrong(p, "flags for the whole pattern must stand at its start");
		p->global_flags |= on;
		if ((p->global_flags & FLAG_A) && (p->global_flags & FLAG_U))
			return wrong(p, "flags a and u together");
		p->flags |= on;
		return 1;
	}
	if (c == '-') {
		if (flag_letters(p, regex_take(&p->text), &off, &c) != 0)
			return -1;
		if (off == 0 || off & (FLAG_A | FLAG_U) || on & off)
			return wrong(p, "bad flags");
	}
	if (c != ':')
		return wrong(p, "unknown flag or extension after \"(?\"");
	now = (p->flags | on) & ~off;
	if (on & FLAG_U)
		now &= ~FLAG_A;
	buf_puts(p->out, "(?:");
	return inside(p, now, w);
}

/* After "(?P". */
static int python_group(struct parser *p, struct width *w)
{
	int32_t c = regex_take(&p->text);
	struct str name;
	int group;

	if (c != '<' && c != '=')
		return wrong(p, "unknown extension after \"(?P\"");
	if (regex_until(&p->text, c == '<' ? '>' : ')', &name, p->e) != 0)
		return -1;
	if (!regex_is_name(name))
		return wrong(p, "a bad name of a group");
	if (c == '<')
		return capture(p, name, w);
	return regex_group(&p->text, p->groups, name, &group, p->e) != 0 ? -1 : reference(p, group, w);
}

/* After an opening parenthesis. 1 when it was nothing that can be repeated: flags or a comment. */
static int group(struct parser *p, int at_start, struct width *w)
{
	int32_t c;

	if (!regex_take_if(&p->text, '?'))
		return capture(p, STR(""), w);
	c = regex_take(&p->text);
	switch (c) {
	case 'P':
		return python_group(p, w);
	case ':':
	case '>':
		buf_puts(p->out, c == ':' ? "(?:" : "(?>");
		return inside(p, p->flags, w);
	case '#':
		p->text.pos = str_find_char(p->text.text, p->text.pos, ')');
		return regex_take(&p->text) < 0 ? wrong(p, "a comment is not closed") : 1;
	case '=':
	case '!':
		return look(p, 0, c);
	case '<':
		return look(p, 1, regex_take(&p->text));
	case '(':
		return conditional(p, w);
	default:
		return flags(p, c, at_start, w);
	}
}

/* ---- repetition --------------------------------------------------------------------------------------- */

/* The counts of ? * + {m,n}, c taken already: 1. 0 when a brace is no count but itself, -1 when they are too
 * large. */
static int counts(struct parser *p, int32_t c, uint32_t *min, uint32_t *max, int *endless)
{
	struct regex_text *t = &p->text;
	size_t start = t->pos;
	int low, high;

	*min = c == '+';
	*max = 1;
	*endless = c == '*' || c == '+';
	if (c != '{')
		return 1;
	low = regex_digits(t, 10, 9, min);
	high = low;
	*max = *min;
	if (regex_take_if(t, ','))
		high = regex_digits(t, 10, 9, max);
	else if (low == 0)
		high = -1;
	*endless = high == 0;
	if (low == 9 || high == 9 || *min > MAX_REGEX_REPEAT || *max > MAX_REGEX_REPEAT)
		return -1;
	if (high >= 0 && regex_take_if(t, '}'))
		return 1;
	t->pos = start;
	return 0;
}

/* An item that is repeated no times at all stays for the groups in it, where it is never tried. (PCRE2 takes
 * the first character of a look-ahead in it for one that every match has.) */
static void never(struct parser *p, size_t start)
{
	struct str inside = str_sub(buf_str(p->out), start, p->out->len);
	struct buf copy;

	buf_init(&copy, p->out->max);
	buf_put_str(&copy, inside);
	buf_truncate(p->out, start);
	buf_puts(p->out, "(?:(?!)");
	buf_put_str(p->out, buf_str(&copy));
	buf_puts(p->out, "|)");
	p->out->failed |= copy.failed;
	buf_release(&copy);
}

/* start: where the item to be repeated begins in the output. */
static int repeat(struct parser *p, int32_t c, enum item *item, struct width *last, size_t start)
{
	const char *kind;
	uint32_t min, max;
	int endless, got = counts(p, c, &min, &max, &endless);

	if (got < 0)
		return regex_wrong(&p->text, p->e, "a repetition of more than %d times", MAX_REGEX_REPEAT);
	if (got == 0) {
		regex_char_put('{', p->flags, p->out);
		*item = ITEM_OTHER;
		last->min = last->max = 1;
		return 0;
	}
	if (*item == ITEM_NONE || *item == ITEM_PLACE)
		return wrong(p, "there is nothing to repeat");
	if (*item == ITEM_REPEAT)
		return wrong(p, "a repetition of a repetition");
	if (!endless && max < min)
		return wrong(p, "a repetition with its largest number below its smallest");
	kind = regex_take_if(&p->text, '?') ? "?" : regex_take_if(&p->text, '+') ? "+" : "";
	if (!endless && max == 0 && p->lookbehind == 0)
		never(p, start);
	else if (endless)
		buf_printf(p->out, "{%lu,}%s", (unsigned long)min, kind);
	else
		buf_printf(p->out, "{%lu,%lu}%s", (unsigned long)min, (unsigned long)max, kind);
	*item = ITEM_REPEAT;
	last->min *= min;
	last->max = !endless ? last->max * max : last->max > 0 ? WIDTH_MAX : 0;
	return 0;
}

/* ---- all of it ---------------------------------------------------------------------------------------- */

static void skip_verbose(struct parser *p)
{
	int32_t c;

	while ((c = regex_peek(&p->text)) > 0 && c < 0x80 && strchr(" \t\n\r\v\f#", (int)c) != NULL) {
		if (c == '#') {
			p->text.pos = str_find_char(p->text.text, p->text.pos, '\n');
			continue;
		}
		regex_take(&p->text);
	}
}

static int line_end(struct parser *p, int32_t c)
{
	if (c == '^')
		buf_puts(p->out, p->flags & FLAG_M ? "(?:\\A|(?<=\\n))" : "\\A");
	else
		buf_puts(p->out, p->flags & FLAG_M ? "(?=\\n|\\z)" : "(?=\\n?\\z)");
	return 0;
}

/* One item, c taken already; its width is added to *w. */
static int item(struct parser *p, int32_t c, int at_start, enum item *last, struct width *w)
{
	int got;

	switch (c) {
	case '^':
	case '$':
		*last = ITEM_PLACE;
		return line_end(p, c);
	case '\\':
		return escape(p, last, w);
	case '(':
		got = group(p, at_start, w);
		if (got == 0)
			*last = ITEM_OTHER;
		return got < 0 ? -1 : 0;
	case '[':
		*last = ITEM_OTHER;
		return set(p, w);
	case '.':
		*last = ITEM_OTHER;
		buf_puts(p->out, p->flags & FLAG_S ? "." : "[^\\n]");
		widen(w, 1, 1);
		return 0;
	default:
		*last = ITEM_OTHER;
		regex_char_put((uint32_t)c, p->flags, p->out);
		widen(w, 1, 1);
		return 0;
	}
}

/* Items up to | or ) or the end; first: flags for the whole pattern may come. */
static int sequence(struct parser *p, int first, struct width *w)
{
	enum item last = ITEM_NONE;
	struct width one = { 0, 0 }, next;
	size_t start = p->out->len, before;
	int32_t c;

	for (;;) {
		if (p->flags & FLAG_X)
			skip_verbose(p);
		c = regex_peek(&p->text);
		if (c == '|' || c == ')' || (c < 0 && p->text.pos >= p->text.text.len))
			break;
		regex_take(&p->text);
		if (c < 0)
			return wrong(p, "text that is not UTF-8");
		if (strchr("?*+{", c < 0x80 && c > 0 ? (int)c : 'x') != NULL) {
			if (repeat(p, c, &last, &one, start) != 0)
				return -1;
			continue;
		}
		memset(&next, 0, sizeof next);
		before = p->out->len;
		if (item(p, c, first && last == ITEM_NONE, &last, &next) != 0)
			return -1;
		if (p->out->len > before) {	/* no comment, no flags */
			widen(w, one.min, one.max);
			one = next;
			start = before;
		}
	}
	widen(w, one.min, one.max);
	return 0;
}

static int alternatives(struct parser *p, struct width *w)
{
	struct width least = { WIDTH_MAX, 0 }, one;
	int n;

	for (n = 0; n == 0 || regex_take_if(&p->text, '|'); n++) {
		if (n > 0)
			buf_putc(p->out, '|');
		memset(&one, 0, sizeof one);
		if (sequence(p, n == 0 && p->depth == 0, &one) != 0)
			return -1;
		least.min = one.min < least.min ? one.min : least.min;
		least.max = one.max > least.max ? one.max : least.max;
	}
	widen(w, least.min, least.max);
	return 0;
}

int regex_translate(struct str pattern, struct buf *out, struct regex_groups *groups, struct error *e)
{
	struct width w = { 0, 0 };
	struct parser p;

	memset(&p, 0, sizeof p);
	memset(groups, 0, sizeof *groups);
	p.text.text = pattern;
	p.text.what = "pattern";
	p.out = out;
	p.groups = groups;
	p.e = e;
	groups->count = 1;
	p.open[0] = 1;
	if (alternatives(&p, &w) != 0)
		return -1;
	if (regex_peek(&p.text) == ')')
		return wrong(&p, "a closing parenthesis too many");
	if (p.condition >= groups->count)
		return wrong(&p, "a condition on a group that there is not");
	return buf_check(out, "a regular expression", e);
}
