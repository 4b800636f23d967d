#include "ldap/ldap_int.h"

#include <string.h>

/* Filter choices (RFC 4511, 4.5.1.7). */
enum {
	FILTER_AND = 0xa0, FILTER_OR = 0xa1, FILTER_NOT = 0xa2, FILTER_EQUAL = 0xa3, FILTER_SUBSTRINGS = 0xa4,
	FILTER_GREATER = 0xa5, FILTER_LESS = 0xa6, FILTER_PRESENT = 0x87, FILTER_APPROX = 0xa8,
	FILTER_EXTENSIBLE = 0xa9
};
enum { SUB_INITIAL = 0x80, SUB_ANY = 0x81, SUB_FINAL = 0x82 };
enum { EXT_RULE = 0x81, EXT_TYPE = 0x82, EXT_VALUE = 0x83, EXT_DN = 0x84 };

struct parser {
	struct str text;
	size_t pos;
	int depth;
	struct ber_write *w;
	struct buf value;	/* an unescaped value */
	struct error *e;
};

static int fail(struct parser *p, const char *what)
{
	return error_set(p->e, ERROR_USAGE, "%s at character %lu of the filter", what,
			 (unsigned long)p->pos + 1);
}

/* The character at the cursor, or -1 at the end. */
static int peek(const struct parser *p)
{
	return p->pos < p->text.len ? (unsigned char)p->text.ptr[p->pos] : -1;
}

static void skip_blanks(struct parser *p)
{
	int c;

	while (c = peek(p), c == ' ' || c == '\t' || c == '\n' || c == '\r')
		p->pos++;
}

/* One escape, the cursor behind its backslash: two hex digits, or (as in LDAPv2) one of the special
 * characters. */
static int parse_escape(struct parser *p)
{
	int c = peek(p), byte;

	if (c == '(' || c == ')' || c == '*' || c == '\\') {
		p->pos++;
		buf_putc(&p->value, c);
		return 0;
	}
	byte = ldap_hex_pair(p->text, p->pos);
	if (byte < 0)
		return fail(p, "a backslash without two hex digits");
	p->pos += 2;
	buf_putc(&p->value, byte);
	return 0;
}

/* A value up to an unescaped ')' or '*' or the end, unescaped into p->value. */
static int parse_value(struct parser *p)
{
	int c;

	buf_reset(&p->value);
	while (c = peek(p), c != -1 && c != ')' && c != '*') {
		if (c == '(')
			return fail(p, "\"(\" within a value (write \"\\28\")");
		if (c == 0)
			return fail(p, "a NUL byte (write \"\\00\")");
		p->pos++;
		if (c == '\\') {
			if (parse_escape(p) != 0)
				return -1;
		} else {
			buf_putc(&p->value, c);
		}
	}
	return buf_check(&p->value, "a value of the filter", p->e);
}

static int is_attribute_char(int c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       (c != -1 && strchr("-._;", c) && c);
}

/* Attribute description, matching rule: letters, digits and what an OID and options need. May come out empty.
 * */
static struct str parse_name(struct parser *p)
{
	size_t start = p->pos;

	while (is_attribute_char(peek(p)))
		p->pos++;
	return str_sub(p->text, start, p->pos - start);
}

static void put_substring(struct parser *p, unsigned tag)
{
	if (p->value.len > 0)
		ber_put(p->w, tag, buf_str(&p->value));
}

/* attr=... : equality, presence, or substrings. */
static int parse_equal(struct parser *p, struct str attr)
{
	size_t pieces;

	if (parse_value(p) != 0)
		return -1;
	if (peek(p) != '*') {
		ber_begin(p->w, FILTER_EQUAL);
		ber_put(p->w, BER_OCTETS, attr);
		ber_put(p->w, BER_OCTETS, buf_str(&p->value));
		ber_end(p->w);
		return 0;
	}
	pieces = p->value.len;
	if (pieces == 0 && (p->pos + 1 == p->text.len || p->text.ptr[p->pos + 1] == ')')) {
		p->pos++;
		ber_put(p->w, FILTER_PRESENT, attr);
		return 0;
	}
	ber_begin(p->w, FILTER_SUBSTRINGS);
	ber_put(p->w, BER_OCTETS, attr);
	ber_begin(p->w, BER_SEQUENCE);
	put_substring(p, SUB_INITIAL);
	while (peek(p) == '*') {
		p->pos++;
		if (parse_value(p) != 0)
			return -1;
		pieces += p->value.len;
		put_substring(p, peek(p) == '*' ? SUB_ANY : SUB_FINAL);
	}
	if (pieces == 0)
		return fail(p, "nothing between the asterisks");
	ber_end(p->w);
	ber_end(p->w);
	return 0;
}

/* A value that takes no asterisk. */
static int parse_plain_value(struct parser *p)
{
	if (parse_value(p) != 0)
		return -1;
	return peek(p) == '*' ? fail(p, "an asterisk that must be written \"\\2a\"") : 0;
}

static int parse_comparison(struct parser *p, unsigned choice, struct str attr)
{
	if (parse_plain_value(p) != 0)
		return -1;
	ber_begin(p->w, choice);
	ber_put(p->w, BER_OCTETS, attr);
	ber_put(p->w, BER_OCTETS, buf_str(&p->value));
	ber_end(p->w);
	return 0;
}

/* attr[:dn][:rule]:=value or [:dn]:rule:=value, the cursor on the first colon. */
static int parse_extensible(struct parser *p, struct str attr)
{
	struct str rule = { NULL, 0 }, word;
	int dn = 0;

	for (;;) {
		p->pos++;
		if (peek(p) == '=')
			break;
		word = parse_name(p);
		if (word.len == 0 || peek(p) != ':')
			return fail(p, "expected \":=\" or a matching rule");
		if (!dn && rule.len == 0 && str_case_eqz(word, "dn"))
			dn = 1;
		else if (rule.len == 0)
			rule = word;
		else
			return fail(p, "two matching rules");
	}
	p->pos++;
	if (attr.len == 0 && rule.len == 0)
		return fail(p, "neither attribute nor matching rule");
	if (parse_plain_value(p) != 0)
		return -1;
	ber_begin(p->w, FILTER_EXTENSIBLE);
	if (rule.len > 0)
		ber_put(p->w, EXT_RULE, rule);
	if (attr.len > 0)
		ber_put(p->w, EXT_TYPE, attr);
	ber_put(p->w, EXT_VALUE, buf_str(&p->value));
	if (dn)
		ber_put_bool(p->w, EXT_DN, 1);
	ber_end(p->w);
	return 0;
}

/* What stands between parentheses, but for and, or, not. */
static int parse_item(struct parser *p)
{
	struct str attr = parse_name(p);
	unsigned choice;
	int c = peek(p);

	if (c == ':')
		return parse_extensible(p, attr);
	if (attr.len == 0)
		return fail(p, "an attribute name is missing");
	if (c == '=') {
		p->pos++;
		return parse_equal(p, attr);
	}
	if ((c == '>' || c == '<' || c == '~') && p->pos + 1 < p->text.len &&
	    p->text.ptr[p->pos + 1] == '=') {
		p->pos += 2;
		choice = c == '>' ? FILTER_GREATER : c == '<' ? FILTER_LESS : FILTER_APPROX;
		return parse_comparison(p, choice, attr);
	}
	return fail(p, "expected =, >=, <=, ~= or :=");
}

static int parse_filter(struct parser *p);

/* The list of an and or an or (may be empty: RFC 4526), or the one filter of a not. */
static int parse_list(struct parser *p, int c)
{
	int n = 0;

	p->pos++;
	ber_begin(p->w, c == '&' ? FILTER_AND : c == '|' ? FILTER_OR : FILTER_NOT);
	for (skip_blanks(p); peek(p) == '('; skip_blanks(p), n++)
		if (parse_filter(p) != 0)
			return -1;
	if (c == '!' && n != 1)
		return fail(p, "\"!\" takes just one filter");
	ber_end(p->w);
	return 0;
}

/* A filter in parentheses, the cursor on "(". */
static int parse_filter(struct parser *p)
{
	int c, rc;

	if (p->depth == MAX_LDAP_FILTER_DEPTH)
		return fail(p, "too deep nesting");
	p->depth++;
	p->pos++;
	skip_blanks(p);
	c = peek(p);
	rc = c == '&' || c == '|' || c == '!' ? parse_list(p, c) : parse_item(p);
	if (rc != 0)
		return -1;
	if (peek(p) != ')')
		return fail(p, "\")\" is missing");
	p->pos++;
	p->depth--;
	return 0;
}

int ldap_filter_encode(struct ber_write *w, struct str text, struct error *e)
{
	struct parser p;
	int rc;

	memset(&p, 0, sizeof(p));
	p.text = text;
	p.w = w;
	p.e = e;
	buf_init(&p.value, MAX_RECORD);
	skip_blanks(&p);
	if (peek(&p) == '(')
		rc = parse_filter(&p);
	else
		rc = parse_item(&p);
	skip_blanks(&p);
	if (rc == 0 && p.pos != text.len)
		rc = fail(&p, peek(&p) == ')' ? "one \")\" too many" : "something after the end");
	buf_release(&p.value);
	return rc;
}
