#include <string.h>
#include "base/json_slice.h"

static const char *skip_blanks(const char *p, const char *end)
{
	while (p < end && (*p == ' ' || *p == '\n' || *p == '\r' || *p == '\t'))
		p++;
	return p;
}

/* From the opening quote to behind the closing one. */
static const char *skip_string(const char *p, const char *end)
{
	const char *start = p + 1, *back;

	for (p = start; (p = memchr(p, '"', (size_t)(end - p))) != NULL; p++) {
		for (back = p; back > start && back[-1] == '\\'; back--)
			;
		if ((p - back) % 2 == 0)
			return p + 1;
	}
	return end;
}

static const char *skip_container(const char *p, const char *end)
{
	size_t depth = 0;

	while (p < end) {
		switch (*p) {
		case '"':
			p = skip_string(p, end);
			continue;
		case '{':
		case '[':
			depth++;
			break;
		case '}':
		case ']':
			if (--depth == 0)
				return p + 1;
			break;
		}
		p++;
	}
	return end;
}

static const char *skip_value(const char *p, const char *end)
{
	if (p == end)
		return end;
	if (*p == '"')
		return skip_string(p, end);
	if (*p == '{' || *p == '[')
		return skip_container(p, end);
	while (p < end && strchr(",]} \n\r\t", *p) == NULL)
		p++;
	return p;
}

void json_walk_init(struct json_walk *w, struct str container)
{
	enum json_type type = json_slice_type(container);

	memset(w, 0, sizeof *w);
	if (type != JSON_OBJECT && type != JSON_ARRAY)
		return;
	w->object = type == JSON_OBJECT;
	w->p = container.ptr + 1;
	w->end = container.ptr + container.len;
}

int json_walk_next(struct json_walk *w)
{
	const char *p = skip_blanks(w->p, w->end), *after;

	if (p < w->end && *p == ',')
		p = skip_blanks(p + 1, w->end);
	if (p == w->end || *p == '}' || *p == ']')
		return 0;
	if (w->object) {
		after = skip_string(p, w->end);
		w->key = str_of(p, (size_t)(after - p));
		p = skip_blanks(after, w->end);
		if (p < w->end)
			p = skip_blanks(p + 1, w->end);
	}
	after = skip_value(p, w->end);
	w->value = str_of(p, (size_t)(after - p));
	w->p = after;
	return 1;
}

enum json_type json_slice_type(struct str value)
{
	if (value.len == 0)
		return JSON_NONE;
	switch (value.ptr[0]) {
	case '{':
		return JSON_OBJECT;
	case '[':
		return JSON_ARRAY;
	case '"':
		return JSON_STRING;
	case 't':
		return JSON_TRUE;
	case 'f':
		return JSON_FALSE;
	case 'n':
		return JSON_NULL;
	default:
		return JSON_NUMBER;
	}
}

const char *json_slice_type_name(struct str value)
{
	static const char *const names[] = {
		[JSON_NONE] = "nothing", [JSON_NULL] = "null", [JSON_FALSE] = "true or false",
		[JSON_TRUE] = "true or false", [JSON_NUMBER] = "number", [JSON_STRING] = "text",
		[JSON_ARRAY] = "list", [JSON_OBJECT] = "object"
	};

	return names[json_slice_type(value)];
}

int json_key_is(struct str quoted, struct str name)
{
	struct buf decoded;
	int same;

	/* with escapes a key is longer than what it says */
	if (quoted.len == name.len + 2)
		return memcmp(quoted.ptr + 1, name.ptr, name.len) == 0;
	if (quoted.len < name.len + 2 || quoted.len > 6 * name.len + 2 ||
	    memchr(quoted.ptr, '\\', quoted.len) == NULL)
		return 0;
	buf_init(&decoded, quoted.len);
	json_unescape(&decoded, quoted);
	same = !decoded.failed && str_eq(buf_str(&decoded), name);
	buf_release(&decoded);
	return same;
}

struct str json_slice_member(struct str object, struct str name)
{
	struct str found = { NULL, 0 };
	struct json_walk w;

	if (json_slice_type(object) != JSON_OBJECT)
		return found;
	json_walk_init(&w, object);
	while (json_walk_next(&w)) {
		if (json_key_is(w.key, name))
			found = w.value;
	}
	return found;
}

struct str json_slice_element(struct str array, size_t i)
{
	struct json_walk w;

	if (json_slice_type(array) == JSON_ARRAY) {
		json_walk_init(&w, array);
		while (json_walk_next(&w)) {
			if (i-- == 0)
				return w.value;
		}
	}
	return str_of(NULL, 0);
}

struct str json_slice_text(struct str value, struct arena *a)
{
	struct str none = { NULL, 0 };
	struct buf decoded;

	if (json_slice_type(value) != JSON_STRING)
		return str_of("", 0);
	if (memchr(value.ptr, '\\', value.len) == NULL)
		return str_of(value.ptr + 1, value.len - 2);
	buf_init(&decoded, value.len);
	json_unescape(&decoded, value);
	if (!decoded.failed)
		none = arena_str(a, buf_str(&decoded));
	buf_release(&decoded);
	return none;
}

struct str json_slice_scalar(struct str value, struct arena *a)
{
	switch (json_slice_type(value)) {
	case JSON_STRING:
		return json_slice_text(value, a);
	case JSON_NUMBER:
	case JSON_TRUE:
	case JSON_FALSE:
		return value;
	default:
		return str_of("", 0);
	}
}

/* The four digits of an escape \uXXXX at p; -1 when there is none. */
static int hex_escape(const char *p, const char *end)
{
	int i, c, code = 0;

	if (end - p < 6 || p[0] != '\\' || p[1] != 'u')
		return -1;
	for (i = 2; i < 6; i++) {
		c = p[i];
		code = code << 4 | (c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
	}
	return code;
}

int json_slice_broken_pair(struct str text)
{
	const char *p = text.ptr, *end = p + text.len;
	int code, low;

	while (p < end && (p = memchr(p, '\\', (size_t)(end - p))) != NULL) {
		code = hex_escape(p, end);
		if (code >= 0xdc00 && code <= 0xdfff)
			return 1;
		if (code >= 0xd800 && code <= 0xdbff) {
			low = hex_escape(p + 6, end);
			if (low < 0xdc00 || low > 0xdfff)
				return 1;
			p += 12;
		} else {
			p += code >= 0 ? 6 : 2;
		}
	}
	return 0;
}

/* 0, -0.00, 0e5: no digit but 0 before the exponent. */
static int is_zero(struct str number)
{
	size_t i;

	for (i = 0; i < number.len && number.ptr[i] != 'e' && number.ptr[i] != 'E'; i++) {
		if (number.ptr[i] >= '1' && number.ptr[i] <= '9')
			return 0;
	}
	return 1;
}

int json_slice_is_empty(struct str value)
{
	struct json_walk w;

	switch (json_slice_type(value)) {
	case JSON_NONE:
	case JSON_NULL:
	case JSON_FALSE:
		return 1;
	case JSON_NUMBER:
		return is_zero(value);
	case JSON_STRING:
		return value.len == 2;
	case JSON_ARRAY:
	case JSON_OBJECT:
		json_walk_init(&w, value);
		return !json_walk_next(&w);
	default:
		return 0;
	}
}
