#include <string.h>
#include "base/unicode.h"
#include "prepare/prepare_int.h"

/* Removed from names as a whole; a slip of long ago that names were made with. */
#define ODD_SEQUENCE ": \"\",\n        "

/* How many bytes at p are a character that names may not have. */
static size_t unwanted(const char *p, size_t left)
{
	if (strchr("(){}`_", *p) != NULL && *p != '\0')
		return 1;
	return left >= 2 && memcmp(p, "\xc2\xb4", 2) == 0 ? 2 : 0;	/* U+00B4, acute accent */
}

static size_t clean_length(struct str text)
{
	size_t i;

	for (i = 0; i < text.len && unwanted(text.ptr + i, text.len - i) == 0; i++)
		;
	return i;
}

struct str name_clean(struct str text, struct arena *a)
{
	static const struct str odd = { ODD_SEQUENCE, sizeof ODD_SEQUENCE - 1 };
	size_t i = clean_length(text), skip, at, n = i;
	char *out;

	if (i == text.len && str_find(text, 0, odd) == text.len)
		return unicode_trim(text);
	out = arena_alloc(a, text.len);
	if (out == NULL)
		return str_of(NULL, 0);
	memcpy(out, text.ptr, i);
	while (i < text.len) {
		skip = unwanted(text.ptr + i, text.len - i);
		if (skip == 0)
			out[n++] = text.ptr[i++];
		i += skip;
	}
	for (at = 0; (at = str_find(str_of(out, n), at, odd)) < n; n -= odd.len)
		memmove(out + at, out + at + odd.len, n - at - odd.len);
	return unicode_trim(str_of(out, n));
}

/* "title [name] - id", cleaned; empty parts and what goes with them are left out. */
static struct str compose(struct str title, struct str name, struct str id, struct arena *a)
{
	struct buf text;
	struct str copy, clean = { NULL, 0 };

	buf_init(&text, title.len + name.len + id.len + 8);
	buf_put_str(&text, title);
	buf_puts(&text, title.len > 0 ? " [" : "");
	buf_put_str(&text, name);
	buf_puts(&text, title.len > 0 ? "]" : "");
	buf_puts(&text, id.len > 0 ? " - " : "");
	buf_put_str(&text, id);
	copy = text.failed ? clean : arena_str(a, buf_str(&text));
	if (copy.ptr != NULL)
		clean = name_clean(copy, a);
	buf_release(&text);
	return clean;
}

struct str user_name(const struct rules *r, struct str name, struct str title, struct str id, struct arena *a)
{
	if (!r->titles_in_users)
		title.len = 0;
	if (!r->show_id)
		id.len = 0;
	if (title.len == 0 && id.len == 0)
		return name_clean(name, a);
	return compose(title, name, id, a);
}

struct str group_name(const struct rules *r, struct str user, struct str title, struct str id,
		      struct arena *a)
{
	size_t i;

	if (user.len > 0 && user.ptr[user.len - 1] == ']') {
		for (i = user.len - 1; i-- > 0;) {
			if (user.ptr[i] == ' ' && user.ptr[i + 1] == '[') {
				user = str_of(user.ptr + i + 2, user.len - i - 3);
				break;
			}
		}
	}
	if (!r->titles_in_groups)
		title.len = 0;
	if (!r->show_id)
		id.len = 0;
	return compose(title, user, id, a);
}

struct str path_clean(struct str path, struct arena *a)
{
	struct str rest = path, part, none = { NULL, 0 };
	size_t n = 0;
	char *out;

	if (path.len == 0)
		return STR("");
	out = arena_alloc(a, path.len);
	if (out == NULL)
		return none;
	while (str_next(&rest, '/', &part)) {
		part = unicode_trim(part);
		if (part.len == 0)
			continue;
		if (n > 0)
			out[n++] = '/';
		memcpy(out + n, part.ptr, part.len);
		n += part.len;
	}
	return str_of(out, n);
}

struct str path_skip(struct str path, struct str prefixes)
{
	struct str prefix;

	if (prefixes.len == 0)
		return path;
	while (str_next(&prefixes, ',', &prefix)) {
		prefix = unicode_trim(prefix);
		if (prefix.len == 0 || !str_starts(path, prefix))
			continue;
		if (path.len == prefix.len)
			return STR("");
		if (path.ptr[prefix.len] == '/')
			return str_sub(path, prefix.len + 1, path.len);
	}
	return path;
}

struct str path_last(struct str path)
{
	size_t i = path.len;

	while (i > 0 && path.ptr[i - 1] != '/')
		i--;
	return str_sub(path, i, path.len);
}

struct str mail_replace_domain(const struct rules *r, struct str mail, struct arena *a)
{
	size_t at = str_find_char(mail, 0, '@');
	struct str domain = buf_str(&r->domain);
	char *out;

	if (domain.len == 0 || at == mail.len || str_find_char(mail, at + 1, '@') < mail.len)
		return mail;
	out = arena_alloc(a, at + domain.len);
	if (out == NULL)
		return str_of(NULL, 0);
	memcpy(out, mail.ptr, at);
	memcpy(out + at, domain.ptr, domain.len);
	return str_of(out, at + domain.len);
}

const char *role_name(const struct rules *r, unsigned bits, int forced, enum trace_point *why)
{
	static const char *const names[] = {
		[1] = "administrator", [2] = "supervisor", [3] = "user", [5] = "guest"
	};
	unsigned role = bits / BIT_ROLE;

	*why = TRACE_ROLE_FORCED_ADMIN;
	if (bits & BIT_ADMIN)
		return names[1];
	*why = TRACE_ROLE_FORCED_SUPERVISOR;
	if (bits & BIT_SUPERVISOR)
		return names[2];
	*why = TRACE_ROLE_OTHERS_FORCED;
	if (forced)
		return names[3];
	*why = bits & BIT_IS_SUPERVISOR ? TRACE_ROLE_IS_SUPERVISOR : TRACE_ROLE_NO_SUPERVISOR;
	if (r->by_is_supervisor)
		return names[bits & BIT_IS_SUPERVISOR ? 2 : 3];
	*why = role != 0 ? TRACE_ROLE_ID : TRACE_ROLE_PLAIN;
	if (role == 0 && r->mode != MODE_DEPARTMENT && bits & BIT_MANAGER) {
		*why = TRACE_ROLE_MANAGER;
		role = 2;
	}
	return names[role == 0 ? 3 : role];
}
