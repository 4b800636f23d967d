/*
 * What the files of the regular expressions share: the pattern on its way from Python's syntax to PCRE2's,
 * sets of characters, the replacement.
 */
#ifndef BASE_REGEX_INT_H
#define BASE_REGEX_INT_H

#include <stddef.h>
#include <stdint.h>
#include "base/buf.h"
#include "base/error.h"
#include "base/limits.h"
#include "base/str.h"

enum regex_flag { FLAG_I = 1, FLAG_M = 2, FLAG_S = 4, FLAG_X = 8, FLAG_A = 16, FLAG_U = 32 };

/* The capture groups of a pattern: names borrowed from it, empty for groups without one. Group 0 is the
 * match. */
struct regex_groups {
	struct str name[MAX_REGEX_GROUPS + 1];
	int count;			/* with group 0 */
};

/* ---- text of a pattern or replacement, character by character; an escape is one piece of two characters */

struct regex_text {
	struct str text;
	size_t pos;			/* of the next character */
	const char *what;		/* "pattern" or "replacement" */
};

/* The next code point without taking it; -1 at the end. An escape shows as '\\'. */
int32_t regex_peek(const struct regex_text *t);
/* Takes and returns it; -1 at the end. */
int32_t regex_take(struct regex_text *t);
/* Takes the next character if it is c. */
int regex_take_if(struct regex_text *t, int32_t c);
/* Takes up to max octal, decimal or hexadecimal digits (base 8, 10, 16); returns how many. */
int regex_digits(struct regex_text *t, int base, int max, uint32_t *value);
/* What stands before the terminator, which is taken. */
int regex_until(struct regex_text *t, char terminator, struct str *out, struct error *e);
/* ERROR_USAGE with the position. Returns -1. */
int regex_wrong(const struct regex_text *t, struct error *e, const char *fmt, ...) PRINTF_LIKE(3, 4);
/* 1 when it can be the name of a group. */
int regex_is_name(struct str name);
/* The group that a name or number means; a number may be that of no group. */
int regex_group(const struct regex_text *t, const struct regex_groups *g, struct str name, int *group,
		struct error *e);

/* ---- sets of characters */

enum set_class {
	CLASS_WORD = 1, CLASS_NOT_WORD = 2, CLASS_DIGIT = 4, CLASS_NOT_DIGIT = 8, CLASS_SPACE = 16,
	CLASS_NOT_SPACE = 32
};

struct regex_set {
	struct buf ranges;		/* owned: pairs of uint32_t */
	unsigned classes;
	int negated;
};

/* An empty set; release it after use. */
void regex_set_init(struct regex_set *s);
/* Frees the ranges. */
void regex_set_release(struct regex_set *s);
/* Adds the code points from first to last. */
void regex_set_add(struct regex_set *s, uint32_t first, uint32_t last);
/* Appends the set as PCRE2 writes it, one item that a quantifier may follow; flags: FLAG_I, FLAG_A. */
void regex_set_put(const struct regex_set *s, int flags, struct buf *out);
/* The same for one character. */
void regex_char_put(uint32_t code, int flags, struct buf *out);

/* ---- the pattern */

/* Appends PCRE2's form (UTF, DOTALL) of a pattern. ERROR_USAGE. */
int regex_translate(struct str pattern, struct buf *out, struct regex_groups *groups, struct error *e);

/* ---- the replacement */

/* A piece: text, or a group when group >= 0. */
struct regex_piece {
	int group;
	size_t start, len;		/* in the text of the template */
};

struct regex_template {
	struct buf text;		/* owned */
	struct regex_piece *piece;	/* owned */
	size_t pieces;
};

/* Parses a replacement in Python's syntax. ERROR_USAGE; to be released on failure too. */
int regex_template_init(struct regex_template *t, struct str replacement, const struct regex_groups *groups,
			struct error *e);
/* Frees the pieces; of zeros too. */
void regex_template_release(struct regex_template *t);

#endif
