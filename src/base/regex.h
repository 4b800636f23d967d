/*
 * Regular expressions as Python's re module has them (3.11, patterns and texts of characters): the pattern is
 * parsed here and handed to PCRE2 in a form that means the same there. What Python refuses is refused too. A
 * match that would take too long is an error. docs/prepare.md lists what differs.
 */
#ifndef BASE_REGEX_H
#define BASE_REGEX_H

#include "base/buf.h"
#include "base/error.h"
#include "base/str.h"

struct regex;

/* ERROR_USAGE with what is wrong and at which character. NULL on failure. */
struct regex *regex_new(struct str pattern, struct error *e);
void regex_free(struct regex *r);
/* Sets what regex_replace() puts in the place of a match: text with \1 \12 \g<1> \g<name> \n \t \\ and so on.
 * ERROR_USAGE when it is none or names a group that the pattern has not. */
int regex_set_replacement(struct regex *r, struct str replacement, struct error *e);
/* 1 when the pattern is found anywhere in text (UTF-8), else 0. -1: ERROR_FAILED, the search was given up. */
int regex_search(struct regex *r, struct str text, struct error *e);
/* Appends text with every match replaced, as re.sub() does. How many were replaced, or -1 as above. */
int regex_replace(struct regex *r, struct str text, struct buf *out, struct error *e);

#endif
