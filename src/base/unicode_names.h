/*
 * Names of characters, for the escape \N{...} of regular expressions: Latin, Greek and Cyrillic letters,
 * punctuation, currency signs, some symbols.
 */
#ifndef BASE_UNICODE_NAMES_H
#define BASE_UNICODE_NAMES_H

#include <stdint.h>
#include "base/str.h"

/* The code point of a Unicode name (ASCII letter case does not matter); 0 for a name that is not known here.
 * */
uint32_t unicode_by_name(struct str name);

#endif
