/*
 * Text slices: a pointer and a length into memory that somebody else owns. May hold NUL bytes; is not
 * NUL-terminated. ASCII only where a function speaks of blanks, digits or letter case; for Unicode see
 * unicode.h.
 */
#ifndef BASE_STR_H
#define BASE_STR_H

#include <stddef.h>
#include <stdint.h>

struct str {
	const char *ptr;	/* borrowed; may be NULL when len is 0 */
	size_t len;
};

#define STR(literal) ((struct str){ (literal), sizeof(literal) - 1 })
/* For printf's "%.*s"; the text must be shorter than INT_MAX. */
#define STR_ARG(s) (int)(s).len, (s).ptr

/* The slice of a NUL-terminated text; NULL gives an empty slice. */
struct str str_from(const char *text);
struct str str_of(const char *ptr, size_t len);

/* 1 when equal byte by byte. */
int str_eq(struct str a, struct str b);
int str_eqz(struct str a, const char *b);
/* 1 when equal without regard to ASCII letter case. */
int str_case_eq(struct str a, struct str b);
int str_case_eqz(struct str a, const char *b);
/* memcmp order, shorter first: the order of code points for UTF-8. <0, 0, >0. */
int str_cmp(struct str a, struct str b);
int str_starts(struct str s, struct str prefix);
int str_ends(struct str s, struct str suffix);
/* Offset of the first c / of needle at or after `from`; s.len when there is none. */
size_t str_find_char(struct str s, size_t from, char c);
size_t str_find(struct str s, size_t from, struct str needle);
/* The part from `from` (clamped), at most len bytes. */
struct str str_sub(struct str s, size_t from, size_t len);
/* Without ASCII blanks (space, \t \n \v \f \r) at both ends. */
struct str str_trim(struct str s);
/*
 * Cuts *rest at the first sep: the part before it is returned in *part, *rest becomes what follows. Returns 0
 * when nothing was left. A text ending in sep has an empty last part. Start with *rest = the whole text and
 * rest->ptr not NULL.
 */
int str_next(struct str *rest, char sep, struct str *part);
/* Decimal number, whole text, digits only (an ASCII minus for int64). 0, or -1 when malformed or out of
 * range. */
int str_to_u64(struct str s, uint64_t *value);
int str_to_i64(struct str s, int64_t *value);
/* The nearest of n candidates by edit distance (for "did you mean"), or NULL when none is near. */
const char *str_nearest(struct str s, const char *const *candidates, size_t n);

#endif
