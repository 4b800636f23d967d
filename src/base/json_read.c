#include "base/json_read.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#define JSMN_STATIC
#define JSMN_PARENT_LINKS
#include <jsmn.h>
#include "base/buf.h"
#include "base/json_scan.h"
#include "base/unicode.h"

#define FIRST_TOKENS 256

struct json_doc {
	struct str text;		/* borrowed */
	jsmntok_t *tokens;		/* owned */
	int *after;			/* owned; per token the first one that does not lie in it */
	size_t cap, max;		/* tokens */
	int count;
	struct json_scan *check;	/* owned; made when first needed */
};

static const struct json none = { NULL, 0 };

struct json_doc *json_doc_new(size_t max_tokens, struct error *e)
{
	struct json_doc *d = calloc(1, sizeof(*d));

	if (d == NULL) {
		error_memory(e);
		return NULL;
	}
	d->max = max_tokens < INT_MAX / 2 ? max_tokens : INT_MAX / 2;
	return d;
}

void json_doc_free(struct json_doc *d)
{
	if (d == NULL)
		return;
	json_scan_free(d->check);
	free(d->tokens);
	free(d->after);
	free(d);
}

/* ---- parsing ------------------------------------------------------------------------------------------- */

static int check_syntax(struct json_doc *d, struct str text, struct error *e)
{
	static const char *const no_paths[] = { NULL };

	if (d->check == NULL)
		d->check = json_scan_new(no_paths, 0, NULL, NULL, e);
	if (d->check == NULL)
		return -1;
	json_scan_reset(d->check);
	if (json_scan_feed(d->check, text.ptr, text.len, e) != 0)
		return -1;
	return json_scan_end(d->check, e);
}

static int grow(struct json_doc *d, struct error *e)
{
	size_t cap = d->cap == 0 ? FIRST_TOKENS : d->cap * 2;
	jsmntok_t *tokens;
	int *after;

	if (cap > d->max)
		cap = d->max;
	if (cap <= d->cap)
		return error_set(e, ERROR_FAILED, "the JSON record has more than %lu parts",
				 (unsigned long)d->max);
	tokens = realloc(d->tokens, cap * sizeof(*tokens));
	if (tokens == NULL)
		return error_memory(e);
	d->tokens = tokens;
	after = realloc(d->after, cap * sizeof(*after));
	if (after == NULL)
		return error_memory(e);
	d->after = after;
	d->cap = cap;
	return 0;
}

/* Parents come before their children, so one pass from the end gives each token's end of subtree. */
static void link_tokens(struct json_doc *d)
{
	int i, parent;

	for (i = 0; i < d->count; i++)
		d->after[i] = i + 1;
	for (i = d->count - 1; i > 0; i--) {
		parent = d->tokens[i].parent;
		if (d->after[parent] < d->after[i])
			d->after[parent] = d->after[i];
	}
}

int json_parse(struct json_doc *d, struct str text, int checked, struct json *root, struct error *e)
{
	jsmn_parser parser;
	int n;

	*root = none;
	d->count = 0;
	if (text.len > INT_MAX)
		return error_set(e, ERROR_FAILED, "the JSON text is larger than %d bytes", INT_MAX);
	if (!checked && check_syntax(d, text, e) != 0)
		return -1;
	jsmn_init(&parser);
	do {
		if (parser.toknext == d->cap && grow(d, e) != 0)
			return -1;
		n = jsmn_parse(&parser, text.ptr, text.len, d->tokens, (unsigned)d->cap);
	} while (n == JSMN_ERROR_NOMEM);
	if (n <= 0)
		return error_set(e, ERROR_FAILED, "the JSON text is malformed");
	d->text = text;
	d->count = n;
	link_tokens(d);
	root->doc = d;
	return 0;
}

/* ---- values -------------------------------------------------------------------------------------------- */

static struct json value_at(const struct json_doc *d, int tok)
{
	struct json v;

	v.doc = d;
	v.tok = tok;
	return v;
}

/* The text of a token; of a string without its quotes. */
static struct str slice(const struct json_doc *d, int tok)
{
	const jsmntok_t *t = &d->tokens[tok];

	return str_of(d->text.ptr + t->start, (size_t)(t->end - t->start));
}

enum json_type json_type(struct json v)
{
	if (v.doc == NULL)
		return JSON_NONE;
	switch (v.doc->tokens[v.tok].type) {
	case JSMN_OBJECT:
		return JSON_OBJECT;
	case JSMN_ARRAY:
		return JSON_ARRAY;
	case JSMN_STRING:
		return JSON_STRING;
	default:
		break;
	}
	switch (v.doc->text.ptr[v.doc->tokens[v.tok].start]) {
	case 'n':
		return JSON_NULL;
	case 't':
		return JSON_TRUE;
	case 'f':
		return JSON_FALSE;
	default:
		return JSON_NUMBER;
	}
}

const char *json_type_name(struct json v)
{
	static const char *const names[] = {
		[JSON_NONE] = "nothing", [JSON_NULL] = "null", [JSON_FALSE] = "true or false",
		[JSON_TRUE] = "true or false", [JSON_NUMBER] = "number", [JSON_STRING] = "text",
		[JSON_ARRAY] = "list", [JSON_OBJECT] = "object"
	};

	return names[json_type(v)];
}

static int has_escape(struct str s)
{
	return s.len > 0 && memchr(s.ptr, '\\', s.len) != NULL;
}

/* Each way of writing a character with an escape is longer than the character, which settles most cases. */
static int key_is(struct str raw, struct str key)
{
	struct buf decoded;
	int same;

	if (raw.len < key.len)
		return 0;
	if (raw.len == key.len)
		return memcmp(raw.ptr, key.ptr, key.len) == 0 && !has_escape(raw);
	if (!has_escape(raw))
		return 0;
	buf_init(&decoded, raw.len);
	json_unescape(&decoded, str_of(raw.ptr - 1, raw.len + 2));
	same = !decoded.failed && str_eq(buf_str(&decoded), key);
	buf_release(&decoded);
	return same;
}

struct json json_get_str(struct json object, struct str key)
{
	const struct json_doc *d = object.doc;
	int tok, end, found = -1;

	if (json_type(object) != JSON_OBJECT)
		return none;
	end = d->after[object.tok];
	for (tok = object.tok + 1; tok < end; tok = d->after[tok]) {
		if (key_is(slice(d, tok), key))
			found = tok + 1;
	}
	return found < 0 ? none : value_at(d, found);
}

struct json json_get(struct json object, const char *key)
{
	return json_get_str(object, str_from(key));
}

struct json json_at(struct json array, size_t i)
{
	struct json v = none;

	if (json_type(array) != JSON_ARRAY)
		return none;
	for (v = json_first(array); v.doc != NULL && i > 0; i--)
		v = json_next(array, v);
	return v;
}

size_t json_count(struct json v)
{
	enum json_type type = json_type(v);

	return type == JSON_ARRAY || type == JSON_OBJECT ? (size_t)v.doc->tokens[v.tok].size : 0;
}

/* The child whose key (in an object) or own token (in an array) is tok. */
static struct json child_at(struct json container, int tok)
{
	if (tok >= container.doc->after[container.tok])
		return none;
	return value_at(container.doc, tok + (json_type(container) == JSON_OBJECT));
}

struct json json_first(struct json container)
{
	enum json_type type = json_type(container);

	return type == JSON_ARRAY || type == JSON_OBJECT ? child_at(container, container.tok + 1) : none;
}

struct json json_next(struct json container, struct json child)
{
	return child.doc == NULL ? none : child_at(container, child.doc->after[child.tok]);
}

struct str json_raw(struct json v)
{
	struct str s = str_from(NULL);

	if (v.doc == NULL)
		return s;
	s = slice(v.doc, v.tok);
	if (v.doc->tokens[v.tok].type == JSMN_STRING) {
		s.ptr--;
		s.len += 2;
	}
	return s;
}

int json_int(struct json v, int64_t *out)
{
	enum json_type type = json_type(v);

	return type == JSON_NUMBER || type == JSON_STRING ? str_to_i64(slice(v.doc, v.tok), out) : -1;
}

/* ---- text ---------------------------------------------------------------------------------------------- */

static uint32_t hex4(const char *p)
{
	uint32_t code = 0;
	int i;

	for (i = 0; i < 4; i++) {
		int c = p[i];

		code = code << 4 | (uint32_t)(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
	}
	return code;
}

/* Reads the escape at s.ptr[*pos], which has been checked, and steps past it. A pair of surrogates is one
 * code point. */
static uint32_t escaped(struct str s, size_t *pos)
{
	static const char letters[] = "bfnrt", meaning[] = "\b\f\n\r\t";
	const char *p = s.ptr + *pos, *letter;
	uint32_t code, low;

	if (p[1] != 'u') {
		*pos += 2;
		letter = strchr(letters, p[1]);
		return letter != NULL ? (unsigned char)meaning[letter - letters] : (unsigned char)p[1];
	}
	*pos += 6;
	code = hex4(p + 2);
	if (code < 0xd800 || code > 0xdbff || s.len - *pos < 6 || p[6] != '\\' || p[7] != 'u')
		return code;
	low = hex4(p + 8);
	if (low < 0xdc00 || low > 0xdfff)
		return code;
	*pos += 6;
	return 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
}

/* Decodes what stands between the quotes. out has room for s.len bytes. Returns the bytes written. */
static size_t decode(char *out, struct str s)
{
	size_t pos = 0, n = 0;

	while (pos < s.len) {
		size_t stop = str_find_char(s, pos, '\\');

		memcpy(out + n, s.ptr + pos, stop - pos);
		n += stop - pos;
		pos = stop;
		if (pos < s.len)
			n += utf8_put(out + n, escaped(s, &pos));
	}
	return n;
}

void json_unescape(struct buf *out, struct str quoted)
{
	struct str s = str_of(quoted.ptr + 1, quoted.len - 2);
	char *room;

	if (!has_escape(s)) {
		buf_put_str(out, s);
		return;
	}
	room = buf_room(out, s.len);
	if (room != NULL)
		buf_grew(out, decode(room, s));
}

static struct str text_of(const struct json_doc *d, int tok, struct arena *a)
{
	struct str s = slice(d, tok), text;
	char *room;

	if (!has_escape(s))
		return s;
	text = str_from(NULL);
	room = arena_alloc(a, s.len);
	if (room != NULL)
		text = str_of(room, decode(room, s));
	return text;
}

struct str json_key(struct json member, struct arena *a)
{
	return member.doc == NULL ? STR("") : text_of(member.doc, member.tok - 1, a);
}

struct str json_text(struct json v, struct arena *a)
{
	return json_type(v) == JSON_STRING ? text_of(v.doc, v.tok, a) : STR("");
}

struct str json_scalar(struct json v, struct arena *a)
{
	switch (json_type(v)) {
	case JSON_STRING:
		return text_of(v.doc, v.tok, a);
	case JSON_NUMBER:
	case JSON_TRUE:
	case JSON_FALSE:
		return slice(v.doc, v.tok);
	default:
		return STR("");
	}
}

int json_surrogate_free(struct str raw)
{
	size_t pos = 0;
	uint32_t code;

	for (;;) {
		pos = str_find_char(raw, pos, '\\');
		if (pos == raw.len)
			return 1;
		code = escaped(raw, &pos);
		if (code >= 0xd800 && code <= 0xdfff)
			return 0;
	}
}
