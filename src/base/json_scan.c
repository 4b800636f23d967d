#include "base/json_scan.h"

#include <stdlib.h>
#include <string.h>
#include "base/json_read.h"
#include "base/limits.h"

#define PATH_PARTS 8			/* most parts of one path */
#define KEY_RAW_MAX (6 * MAX_JSON_KEY + 2)	/* a key of MAX_JSON_KEY bytes, each written as \uXXXX */

#define REPEAT(byte) (UINT64_C(0x0101010101010101) * (byte))

/* What may come next. The states of numbers are named after what was read last. */
enum state {
	VALUE, ELEMENT, MEMBER, KEY, COLON, AFTER, DONE, STRING, ESCAPE, HEX, UTF8, LITERAL,
	MINUS, ZERO, WHOLE, POINT, FRACTION, EXPONENT, EXPONENT_SIGN, EXPONENT_DIGITS, BROKEN
};

enum part_type { PART_KEY, PART_ANY_KEY, PART_ELEMENT };

struct part {
	enum part_type type;
	struct str key;			/* borrowed from the path */
};

struct path {
	struct part part[PATH_PARTS];
	int parts;
	int one;			/* only its last part may stand for many */
};

/* Sets of paths are bits. In an array inner and value are the same. */
struct level {
	unsigned char kind;		/* '[' or '{'; 0 around the whole document */
	unsigned char inner;		/* the paths that lead into this container */
	unsigned char value;		/* those that lead to the value that comes next, or into it */
};

struct json_scan {
	struct path path[JSON_SCAN_PATHS];
	int paths;
	json_value_fn *fn;
	void *cookie;
	size_t max_record;

	enum state state;
	struct level level[MAX_JSON_DEPTH + 1];
	int depth;			/* open containers */
	uint64_t offset;		/* of the present chunk */
	uint64_t fault;			/* of what was refused */
	const char *literal;		/* rest of true, false, null */
	int is_key;			/* the string is a key */
	int hex;			/* digits to come of \uXXXX */
	int utf8_left;			/* bytes to come of a code point */
	unsigned char utf8_low, utf8_high;	/* what the next of them may be */
	unsigned digits;		/* of a whole number */
	int saw[JSON_SCAN_PATHS], null[JSON_SCAN_PATHS];

	int cut;			/* path of the value that is being cut out, -1: none */
	int cut_depth;
	uint64_t cut_offset;
	const char *mark;		/* where the part of it (or of a key) begins that no buffer has yet */
	struct buf record;		/* what earlier chunks had of the value */
	struct buf key_raw;		/* and of the key */
	int wants_key;
	struct buf key;			/* the last key, decoded */
	size_t any_len[PATH_PARTS];	/* keys that a * stands for */
	char any_key[PATH_PARTS][MAX_JSON_KEY];
};

/* The chunk being read. */
struct input {
	const char *start, *p, *end;
	struct error *e;
};

static uint64_t position(const struct json_scan *s, const struct input *in)
{
	return s->offset + (uint64_t)(in->p - in->start);
}

static int refuse(struct json_scan *s, struct input *in, const char *what)
{
	s->state = BROKEN;
	s->fault = position(s, in);
	return error_set(in->e, ERROR_FAILED, "malformed JSON at byte %llu: %s",
			 (unsigned long long)s->fault, what);
}

static const char *expected(const struct json_scan *s)
{
	switch (s->state) {
	case VALUE:
		return "a value";
	case ELEMENT:
		return "a value or \"]\"";
	case MEMBER:
		return "a key or \"}\"";
	case KEY:
		return "a key in double quotes";
	case COLON:
		return "\":\"";
	case AFTER:
		return s->level[s->depth].kind == '[' ? "\",\" or \"]\"" : "\",\" or \"}\"";
	case DONE:
		return "nothing after the document";
	case LITERAL:
		return "true, false or null";
	default:
		return "a number as JSON writes it";
	}
}

static int unexpected(struct json_scan *s, struct input *in)
{
	int c = (unsigned char)*in->p;
	const char *wanted = expected(s);

	s->state = BROKEN;
	s->fault = position(s, in);
	if (s->fault == 0 && c == 0xef)
		return error_set(in->e, ERROR_FAILED,
				 "malformed JSON at byte 0: a byte order mark, save the text without it");
	if (c > 0x20 && c < 0x7f)
		return error_set(in->e, ERROR_FAILED,
				 "malformed JSON at byte %llu: unexpected \"%c\", should be %s",
				 (unsigned long long)s->fault, c, wanted);
	return error_set(in->e, ERROR_FAILED,
			 "malformed JSON at byte %llu: unexpected byte 0x%02x, should be %s",
			 (unsigned long long)s->fault, (unsigned)c, wanted);
}

/* ---- matching and cutting ------------------------------------------------------------------------------ */

/* Moves what the chunk has of a value or key into its buffer. */
static void keep(struct json_scan *s, const struct input *in, struct buf *b)
{
	buf_put(b, s->mark, (size_t)(in->p - s->mark));
	s->mark = in->start;
}

/* All of a value or key that ends here: in the chunk if it began there. */
static struct str whole(struct json_scan *s, struct input *in, struct buf *b)
{
	struct str got = str_of(s->mark, (size_t)(in->p - s->mark));

	if (b->len > 0 || b->failed) {
		keep(s, in, b);
		got = buf_str(b);
	}
	s->mark = NULL;
	return got;
}

static int too_large(struct json_scan *s, struct input *in)
{
	s->state = BROKEN;
	s->fault = s->cut_offset;
	return error_set(in->e, ERROR_FAILED, "the JSON value at byte %llu is larger than %lu bytes",
			 (unsigned long long)s->cut_offset, (unsigned long)s->max_record);
}

static int deliver(struct json_scan *s, struct input *in)
{
	const struct path *path = &s->path[s->cut];
	struct str raw = whole(s, in, &s->record);
	struct json_match m = { 0 };
	int i, r;

	if (s->record.failed || raw.len > s->max_record)
		return too_large(s, in);
	m.path = s->cut;
	m.offset = s->cut_offset;
	m.round = s->saw[s->cut];
	for (i = 0; i < path->parts; i++) {
		if (path->part[i].type == PART_ANY_KEY && m.keys < JSON_SCAN_KEYS)
			m.key[m.keys++] = str_of(s->any_key[i], s->any_len[i]);
	}
	s->cut = -1;
	r = s->fn(s->cookie, &m, raw, in->e);
	buf_reset(&s->record);
	if (r != 0)
		s->state = BROKEN;
	return r;
}

/* Of the paths that lead into a container of this depth, those that go on with a key or an element. */
static unsigned follow(struct json_scan *s, unsigned inner, enum part_type type, struct str key)
{
	unsigned set = 0;
	int i, at = s->depth - 1;

	for (i = 0; i < s->paths; i++) {
		const struct part *part;

		if ((inner >> i & 1) == 0 || at >= s->path[i].parts)
			continue;
		part = &s->path[i].part[at];
		if (part->type == PART_KEY ? type == PART_KEY && str_eq(part->key, key) : part->type == type)
			set |= 1u << i;
	}
	return set;
}

/* Notes for each path whose container this value is whether it has the right type. */
static void note_containers(struct json_scan *s, unsigned set, int kind)
{
	int i, at = s->depth;

	for (i = 0; i < s->paths; i++) {
		if ((set >> i & 1) == 0 || at + 1 != s->path[i].parts)
			continue;
		s->null[i] = kind == 'n';
		if (kind == (s->path[i].part[at].type == PART_ELEMENT ? '[' : '{'))
			s->saw[i]++;
		else if (s->path[i].one)
			s->saw[i] = 0;
	}
}

/* A value begins with this byte. */
static void value_begins(struct json_scan *s, const struct input *in, int first)
{
	unsigned set = s->level[s->depth].value;
	int i;

	if (set == 0)
		return;
	note_containers(s, set, first);
	for (i = 0; i < s->paths; i++) {
		if ((set >> i & 1) == 0 || s->path[i].parts != s->depth)
			continue;
		if (s->depth == 0)
			s->saw[i]++;
		s->cut = i;
		s->cut_depth = s->depth;
		s->cut_offset = position(s, in);
		s->mark = in->p;
		return;
	}
}

static int value_ends(struct json_scan *s, struct input *in)
{
	s->state = s->depth == 0 ? DONE : AFTER;
	return s->cut >= 0 && s->depth == s->cut_depth ? deliver(s, in) : 0;
}

/* The key stands complete: which paths does it continue? */
static int key_ends(struct json_scan *s, struct input *in)
{
	struct level *l = &s->level[s->depth];
	struct str raw;
	unsigned any;
	int too_long, at = s->depth - 1;

	s->state = COLON;
	if (!s->wants_key)
		return 0;
	s->wants_key = 0;
	raw = whole(s, in, &s->key_raw);
	too_long = s->key_raw.failed || raw.len > KEY_RAW_MAX;
	buf_reset(&s->key);
	if (!too_long)
		json_unescape(&s->key, raw);
	buf_reset(&s->key_raw);
	l->value = 0;
	if (too_long || s->key.failed || s->key.len > MAX_JSON_KEY)
		return 0;
	any = follow(s, l->inner, PART_ANY_KEY, str_from(NULL));
	if (any != 0) {
		memcpy(s->any_key[at], buf_text(&s->key), s->key.len);
		s->any_len[at] = s->key.len;
	}
	l->value = (unsigned char)(any | follow(s, l->inner, PART_KEY, buf_str(&s->key)));
	return 0;
}

/* ---- structure ----------------------------------------------------------------------------------------- */

static void skip_blanks(struct input *in)
{
	while (in->p < in->end && (*in->p == ' ' || *in->p == '\n' || *in->p == '\r' || *in->p == '\t'))
		in->p++;
}

static int open_container(struct json_scan *s, struct input *in, int kind)
{
	struct level *l;
	unsigned inner = s->cut >= 0 ? 0 : s->level[s->depth].value;

	if (s->depth == MAX_JSON_DEPTH)
		return refuse(s, in, "nested too deeply");
	l = &s->level[++s->depth];
	l->kind = (unsigned char)kind;
	l->inner = (unsigned char)inner;
	l->value = 0;
	if (inner != 0 && kind == '[')
		l->value = (unsigned char)follow(s, inner, PART_ELEMENT, str_from(NULL));
	s->state = kind == '[' ? ELEMENT : MEMBER;
	in->p++;
	return 0;
}

static int close_container(struct json_scan *s, struct input *in)
{
	s->depth--;
	in->p++;
	return value_ends(s, in);
}

static int begin_literal(struct json_scan *s, struct input *in, const char *rest)
{
	s->literal = rest;
	s->state = LITERAL;
	in->p++;
	return 0;
}

static int begin_number(struct json_scan *s, struct input *in, int c)
{
	s->digits = 1;
	s->state = c == '-' ? MINUS : c == '0' ? ZERO : WHOLE;
	if (c == '-')
		s->digits = 0;
	in->p++;
	return 0;
}

static int begin_string(struct json_scan *s, struct input *in)
{
	s->is_key = 0;
	s->state = STRING;
	in->p++;
	return 0;
}

static int in_value(struct json_scan *s, struct input *in)
{
	int c;

	skip_blanks(in);
	if (in->p == in->end)
		return 0;
	c = *in->p;
	if (c == ']' && s->state == ELEMENT)
		return close_container(s, in);
	if (s->cut < 0)
		value_begins(s, in, c);
	switch (c) {
	case '"':
		return begin_string(s, in);
	case '{':
	case '[':
		return open_container(s, in, c);
	case 't':
		return begin_literal(s, in, "rue");
	case 'f':
		return begin_literal(s, in, "alse");
	case 'n':
		return begin_literal(s, in, "ull");
	default:
		if (c == '-' || (c >= '0' && c <= '9'))
			return begin_number(s, in, c);
		return unexpected(s, in);
	}
}

static int in_member(struct json_scan *s, struct input *in)
{
	skip_blanks(in);
	if (in->p == in->end)
		return 0;
	if (*in->p == '}' && s->state == MEMBER)
		return close_container(s, in);
	if (*in->p != '"')
		return unexpected(s, in);
	s->is_key = 1;
	if (s->level[s->depth].inner != 0) {
		s->wants_key = 1;
		s->mark = in->p;
	}
	s->state = STRING;
	in->p++;
	return 0;
}

static int in_colon(struct json_scan *s, struct input *in)
{
	skip_blanks(in);
	if (in->p == in->end)
		return 0;
	if (*in->p != ':')
		return unexpected(s, in);
	in->p++;
	s->state = VALUE;
	return 0;
}

static int in_after(struct json_scan *s, struct input *in)
{
	int kind = s->level[s->depth].kind;

	skip_blanks(in);
	if (in->p == in->end)
		return 0;
	if (*in->p == ',') {
		in->p++;
		s->state = kind == '[' ? VALUE : KEY;
		return 0;
	}
	if (*in->p == (kind == '[' ? ']' : '}'))
		return close_container(s, in);
	return unexpected(s, in);
}

static int in_done(struct json_scan *s, struct input *in)
{
	skip_blanks(in);
	return in->p == in->end ? 0 : unexpected(s, in);
}

static int in_broken(struct json_scan *s, struct input *in)
{
	return refuse(s, in, "refused before");
}

/* ---- scalars ------------------------------------------------------------------------------------------- */

/* Past the bytes that need no look of their own: printable ASCII but quote and backslash. Eight at once: a
 * byte's high bit is set in `special` if it is one of the others, or (harmless) follows one. */
static const char *skip_plain(const char *p, const char *end)
{
	while (end - p >= 8) {
		uint64_t w, quote, escape, special;

		memcpy(&w, p, 8);
		quote = w ^ REPEAT('"');
		escape = w ^ REPEAT('\\');
		special = ((quote - REPEAT(1)) & ~quote) | ((escape - REPEAT(1)) & ~escape) |
			  ((w - REPEAT(0x20)) & ~w) | w;
		if ((special & REPEAT(0x80)) != 0)
			break;
		p += 8;
	}
	while (p < end) {
		unsigned char c = (unsigned char)*p;

		if (c == '"' || c == '\\' || c < 0x20 || c >= 0x80)
			break;
		p++;
	}
	return p;
}

/* What may follow the first byte of a code point (RFC 3629, section 4). -1: no first byte. */
static int utf8_begin(struct json_scan *s, unsigned char c)
{
	s->utf8_low = 0x80;
	s->utf8_high = 0xbf;
	if (c < 0xc2 || c > 0xf4)
		return -1;
	s->utf8_left = c < 0xe0 ? 1 : c < 0xf0 ? 2 : 3;
	if (c == 0xe0)
		s->utf8_low = 0xa0;
	else if (c == 0xed)
		s->utf8_high = 0x9f;
	else if (c == 0xf0)
		s->utf8_low = 0x90;
	else if (c == 0xf4)
		s->utf8_high = 0x8f;
	return 0;
}

static int in_utf8(struct json_scan *s, struct input *in)
{
	while (s->utf8_left > 0 && in->p < in->end) {
		unsigned char c = (unsigned char)*in->p;

		if (c < s->utf8_low || c > s->utf8_high)
			return refuse(s, in, "text that is not UTF-8");
		s->utf8_low = 0x80;
		s->utf8_high = 0xbf;
		s->utf8_left--;
		in->p++;
	}
	s->state = s->utf8_left > 0 ? UTF8 : STRING;
	return 0;
}

static int in_string(struct json_scan *s, struct input *in)
{
	while (in->p < in->end) {
		unsigned char c;

		in->p = skip_plain(in->p, in->end);
		if (in->p == in->end)
			break;
		c = (unsigned char)*in->p;
		if (c == '"') {
			in->p++;
			return s->is_key ? key_ends(s, in) : value_ends(s, in);
		}
		if (c == '\\') {
			in->p++;
			s->state = ESCAPE;
			break;
		}
		if (c < 0x20)
			return refuse(s, in, "a control character in a text, should be escaped");
		if (utf8_begin(s, c) != 0)
			return refuse(s, in, "text that is not UTF-8");
		in->p++;
		if (in_utf8(s, in) != 0)
			return -1;
	}
	return 0;
}

static int in_escape(struct json_scan *s, struct input *in)
{
	int c = *in->p;

	if (c == 'u') {
		s->hex = 4;
		s->state = HEX;
	} else if (c != '\0' && strchr("\"\\/bfnrt", c) != NULL) {
		s->state = STRING;
	} else {
		return refuse(s, in, "no escape that JSON knows");
	}
	in->p++;
	return 0;
}

static int in_hex(struct json_scan *s, struct input *in)
{
	for (; s->hex > 0 && in->p < in->end; s->hex--, in->p++) {
		int c = *in->p;

		if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F')))
			return refuse(s, in, "\\u wants four hexadecimal digits");
	}
	if (s->hex == 0)
		s->state = STRING;
	return 0;
}

static int in_literal(struct json_scan *s, struct input *in)
{
	for (; *s->literal != '\0' && in->p < in->end; s->literal++, in->p++) {
		if (*in->p != *s->literal)
			return unexpected(s, in);
	}
	return *s->literal == '\0' ? value_ends(s, in) : 0;
}

/* The state after one more byte of a number. DONE: it ended before that byte; BROKEN: it cannot go on so. */
static enum state number_next(enum state state, int c)
{
	int digit = c >= '0' && c <= '9';

	switch (state) {
	case MINUS:
		return c == '0' ? ZERO : digit ? WHOLE : BROKEN;
	case WHOLE:
		if (digit)
			return WHOLE;
		/* fall through */
	case ZERO:
		return c == '.' ? POINT : c == 'e' || c == 'E' ? EXPONENT : digit ? BROKEN : DONE;
	case POINT:
		return digit ? FRACTION : BROKEN;
	case FRACTION:
		return digit ? FRACTION : c == 'e' || c == 'E' ? EXPONENT : DONE;
	case EXPONENT:
		return c == '+' || c == '-' ? EXPONENT_SIGN : digit ? EXPONENT_DIGITS : BROKEN;
	case EXPONENT_SIGN:
		return digit ? EXPONENT_DIGITS : BROKEN;
	default:
		return digit ? EXPONENT_DIGITS : DONE;
	}
}

static int number_ends(struct json_scan *s, struct input *in)
{
	if (s->state == WHOLE && s->digits > MAX_JSON_DIGITS)
		return refuse(s, in, "a whole number of too many digits");
	return value_ends(s, in);
}

static int in_number(struct json_scan *s, struct input *in)
{
	while (in->p < in->end) {
		enum state next = number_next(s->state, *in->p);

		if (next == BROKEN)
			return unexpected(s, in);
		if (next == DONE)
			return number_ends(s, in);
		if (next == WHOLE && s->digits <= MAX_JSON_DIGITS)
			s->digits++;
		s->state = next;
		in->p++;
	}
	return 0;
}

/* ---- the outside --------------------------------------------------------------------------------------- */

typedef int state_fn(struct json_scan *s, struct input *in);

static state_fn *const handlers[] = {
	[VALUE] = in_value, [ELEMENT] = in_value, [MEMBER] = in_member, [KEY] = in_member, [COLON] = in_colon,
	[AFTER] = in_after, [DONE] = in_done, [STRING] = in_string, [ESCAPE] = in_escape, [HEX] = in_hex,
	[UTF8] = in_utf8, [LITERAL] = in_literal, [MINUS] = in_number, [ZERO] = in_number,
	[WHOLE] = in_number, [POINT] = in_number, [FRACTION] = in_number, [EXPONENT] = in_number,
	[EXPONENT_SIGN] = in_number, [EXPONENT_DIGITS] = in_number, [BROKEN] = in_broken
};

/* A key that begins with @ may hold dots: names such as @odata.nextLink. */
static size_t key_length(const char *at)
{
	return *at == '@' ? strcspn(at, "[") : strcspn(at, ".[");
}

static int path_parse(struct path *path, const char *text, struct error *e)
{
	const char *at = text;

	path->one = 1;
	while (*at != '\0') {
		struct part *part = &path->part[path->parts];
		size_t len;

		if (path->parts == PATH_PARTS)
			return error_set(e, ERROR_FAILED, "JSON path \"%s\" has more than %d parts", text,
					 PATH_PARTS);
		if (path->parts++ > 0 && part[-1].type != PART_KEY)
			path->one = 0;
		if (strncmp(at, "[*]", 3) == 0) {
			part->type = PART_ELEMENT;
			at += 3;
		} else {
			len = key_length(at);
			part->type = len == 1 && *at == '*' ? PART_ANY_KEY : PART_KEY;
			part->key = str_of(at, len);
			at += len;
		}
		if (*at == '.')
			at++;
	}
	return 0;
}

struct json_scan *json_scan_new(const char *const *paths, size_t max_record, json_value_fn *fn, void *cookie,
				struct error *e)
{
	struct json_scan *s = calloc(1, sizeof(*s));

	if (s == NULL) {
		error_memory(e);
		return NULL;
	}
	s->fn = fn;
	s->cookie = cookie;
	s->max_record = max_record;
	buf_init(&s->record, max_record);
	buf_init(&s->key_raw, KEY_RAW_MAX);
	buf_init(&s->key, KEY_RAW_MAX);
	for (; paths[s->paths] != NULL; s->paths++) {
		if (s->paths == JSON_SCAN_PATHS) {
			error_set(e, ERROR_FAILED, "more than %d JSON paths", JSON_SCAN_PATHS);
			goto fail;
		}
		if (path_parse(&s->path[s->paths], paths[s->paths], e) != 0)
			goto fail;
	}
	json_scan_reset(s);
	return s;
fail:
	json_scan_free(s);
	return NULL;
}

void json_scan_free(struct json_scan *s)
{
	if (s == NULL)
		return;
	buf_release(&s->record);
	buf_release(&s->key_raw);
	buf_release(&s->key);
	free(s);
}

void json_scan_reset(struct json_scan *s)
{
	s->state = VALUE;
	s->depth = 0;
	s->level[0].kind = 0;
	s->level[0].value = (unsigned char)((1u << s->paths) - 1);
	s->offset = 0;
	s->utf8_left = 0;
	memset(s->saw, 0, sizeof(s->saw));
	memset(s->null, 0, sizeof(s->null));
	s->cut = -1;
	s->wants_key = 0;
	s->mark = NULL;
	buf_reset(&s->record);
	buf_reset(&s->key_raw);
}

int json_scan_feed(struct json_scan *s, const char *data, size_t len, struct error *e)
{
	struct input in;

	if (len == 0)
		return 0;
	in.start = in.p = data;
	in.end = data + len;
	in.e = e;
	if (s->mark != NULL)
		s->mark = data;
	while (in.p < in.end) {
		if (handlers[s->state](s, &in) != 0)
			return -1;
	}
	if (s->mark != NULL) {
		keep(s, &in, s->wants_key ? &s->key_raw : &s->record);
		if (s->cut >= 0 && s->record.failed)
			return too_large(s, &in);
	}
	s->offset += len;
	return 0;
}

int json_scan_end(struct json_scan *s, struct error *e)
{
	struct input in;

	in.start = in.p = in.end = "";
	in.e = e;
	if (s->mark != NULL)
		s->mark = in.p;
	if (s->state == ZERO || s->state == WHOLE || s->state == FRACTION || s->state == EXPONENT_DIGITS) {
		if (s->depth == 0 && number_ends(s, &in) != 0)
			return -1;
	}
	if (s->state == DONE)
		return 0;
	if (s->state == BROKEN)
		return in_broken(s, &in);
	if (s->offset == 0)
		return refuse(s, &in, "there is no text at all");
	return refuse(s, &in, "the text ends too early");
}

uint64_t json_scan_fault(const struct json_scan *s)
{
	return s->fault;
}

int json_scan_saw(const struct json_scan *s, int path)
{
	return s->saw[path];
}

int json_scan_null(const struct json_scan *s, int path)
{
	return s->null[path];
}

struct str json_scan_part(const struct json_scan *s)
{
	return s->record.failed ? str_of(s->record.data, s->record.len) : str_of(NULL, 0);
}
