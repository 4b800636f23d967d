#include <pcre2.h>
#include <stdlib.h>
#include <string.h>
#include "base/regex.h"
#include "base/regex_int.h"

#define TRANSLATED_MAX (64 * MAX_REGEX)	/* bytes of a pattern for PCRE2; ignoring case makes sets grow */
#define SHOWN 200			/* bytes of a text in messages */

struct regex {
	struct regex_groups groups;
	char *pattern;				/* owned; names of groups point into it */
	size_t pattern_len;
	pcre2_code *code;			/* owned */
	pcre2_match_data *match;		/* owned */
	pcre2_match_context *limits;		/* owned */
	struct regex_template replacement;	/* owned */
};

static int compile(struct regex *r, struct error *e)
{
	struct buf text;
	PCRE2_UCHAR message[256];
	PCRE2_SIZE at;
	int code, result = -1;

	buf_init(&text, TRANSLATED_MAX);
	if (regex_translate(str_of(r->pattern, r->pattern_len), &text, &r->groups, e) != 0)
		goto out;
	r->code = pcre2_compile((PCRE2_SPTR)buf_text(&text), text.len,
				PCRE2_UTF | PCRE2_DOTALL | PCRE2_NEVER_BACKSLASH_C, &code, &at, NULL);
	if (r->code == NULL) {
		pcre2_get_error_message(code, message, sizeof message);
		error_set(e, ERROR_USAGE, "too much for a pattern: %s", (const char *)message);
		goto out;
	}
	r->match = pcre2_match_data_create_from_pattern(r->code, NULL);
	r->limits = pcre2_match_context_create(NULL);
	if (r->match == NULL || r->limits == NULL) {
		error_memory(e);
		goto out;
	}
	pcre2_set_match_limit(r->limits, MAX_REGEX_STEPS);
	pcre2_set_heap_limit(r->limits, MAX_REGEX_HEAP);
	result = 0;
out:
	buf_release(&text);
	return result;
}

struct regex *regex_new(struct str pattern, struct error *e)
{
	struct regex *r;

	if (pattern.len > MAX_REGEX) {
		error_set(e, ERROR_USAGE, "the pattern is longer than %d bytes", MAX_REGEX);
		return NULL;
	}
	r = calloc(1, sizeof *r);
	if (r != NULL)
		r->pattern = malloc(pattern.len + 1);
	if (r == NULL || r->pattern == NULL) {
		regex_free(r);
		error_memory(e);
		return NULL;
	}
	memcpy(r->pattern, pattern.ptr, pattern.len);
	r->pattern_len = pattern.len;
	if (compile(r, e) != 0) {
		regex_free(r);
		return NULL;
	}
	return r;
}

void regex_free(struct regex *r)
{
	if (r == NULL)
		return;
	regex_template_release(&r->replacement);
	pcre2_match_context_free(r->limits);
	pcre2_match_data_free(r->match);
	pcre2_code_free(r->code);
	free(r->pattern);
	free(r);
}

int regex_set_replacement(struct regex *r, struct str replacement, struct error *e)
{
	regex_template_release(&r->replacement);
	return regex_template_init(&r->replacement, replacement, &r->groups, e);
}

/* 1 when there is a match from start on. not_empty: none that is empty and at start. */
static int match(struct regex *r, struct str text, size_t start, int not_empty, struct error *e)
{
	PCRE2_UCHAR message[256];
	int shown = text.len < SHOWN ? (int)text.len : SHOWN;
	int got = pcre2_match(r->code, (PCRE2_SPTR)(text.len > 0 ? text.ptr : ""), text.len, start,
			      not_empty ? PCRE2_NOTEMPTY_ATSTART : 0, r->match, r->limits);

	if (got > 0)
		return 1;
	if (got == PCRE2_ERROR_NOMATCH)
		return 0;
	if (got == PCRE2_ERROR_MATCHLIMIT || got == PCRE2_ERROR_DEPTHLIMIT || got == PCRE2_ERROR_HEAPLIMIT)
		return error_set(e, ERROR_FAILED, "the pattern needs too many steps for \"%.*s\"; write it "
				 "with fewer repetitions inside repetitions", shown, text.ptr);
	pcre2_get_error_message(got, message, sizeof message);
	return error_set(e, ERROR_FAILED, "cannot search \"%.*s\": %s", shown, text.ptr,
			 (const char *)message);
}

int regex_search(struct regex *r, struct str text, struct error *e)
{
	return match(r, text, 0, 0, e);
}

static void put_replacement(const struct regex *r, struct str text, struct buf *out)
{
	const struct regex_template *t = &r->replacement;
	const PCRE2_SIZE *at = pcre2_get_ovector_pointer(r->match);
	uint32_t groups = pcre2_get_ovector_count(r->match);
	size_t i;

	for (i = 0; i < t->pieces; i++) {
		const struct regex_piece *p = &t->piece[i];

		if (p->group < 0)
			buf_put_str(out, str_sub(buf_str(&t->text), p->start, p->len));
		else if ((uint32_t)p->group < groups && at[2 * p->group] != PCRE2_UNSET)
			buf_put(out, text.ptr + at[2 * p->group], at[2 * p->group + 1] - at[2 * p->group]);
	}
}

int regex_replace(struct regex *r, struct str text, struct buf *out, struct error *e)
{
	const PCRE2_SIZE *at = pcre2_get_ovector_pointer(r->match);
	size_t pos = 0;
	int n = 0, empty = 0, got;

	/* after an empty match the next one begins there too, but is not empty there */
	while (pos <= text.len && (got = match(r, text, pos, empty, e)) == 1) {
		buf_put_str(out, str_sub(text, pos, at[0] - pos));
		put_replacement(r, text, out);
		pos = at[1];
		empty = at[0] == at[1];
		n++;
	}
	if (got < 0)
		return -1;
	buf_put_str(out, str_sub(text, pos, text.len));
	return buf_check(out, "a text after replacement", e) != 0 ? -1 : n;
}
