/*
 * UTF-8 and the few Unicode rules that names and addresses need, as Python 3.11 has them. Tables are
 * generated (src/base/unicode_table.h, generator beside the tests).
 */
#ifndef BASE_UNICODE_H
#define BASE_UNICODE_H

#include <stddef.h>
#include <stdint.h>
#include "base/buf.h"
#include "base/str.h"

/*
 * Decodes one code point at s.ptr[*pos] and steps *pos past it. Returns it, or -1 for malformed UTF-8
 * (overlong, surrogate, beyond U+10FFFF, cut off); *pos then moves by one.
 */
int32_t utf8_next(struct str s, size_t *pos);
/* Appends the code point (must be <= 0x10FFFF). Returns bytes written. out has room for 4. */
size_t utf8_put(char *out, uint32_t code);
/* 1 when the whole text is well-formed UTF-8 (no surrogates). */
int utf8_valid(struct str s);
/* Number of code points (malformed bytes count one each). */
size_t utf8_length(struct str s);

/* Python's str.isspace() for one code point (U+001C-1F, U+0085, U+00A0, U+3000 ...; not U+200B, U+FEFF,
 * U+180E). */
int unicode_is_space(uint32_t code);
/* Python's str.strip(): a slice of s. */
struct str unicode_trim(struct str s);
/* Python's str.lower() / str.upper() / str.casefold(), full mappings, final sigma by context: appended to
 * out. */
void unicode_lower(struct buf *out, struct str s);
void unicode_upper(struct buf *out, struct str s);
void unicode_casefold(struct buf *out, struct str s);
/* Calls fn for each code point whose lower case is one other code point, and for U+0130, whose lower case
 * begins with i: the pairs by which Python's re ignores case. */
void unicode_each_lower(void (*fn)(void *cookie, uint32_t code, uint32_t lower), void *cookie);

#endif
