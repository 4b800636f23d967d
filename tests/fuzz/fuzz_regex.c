#include "fuzz/fuzz.h"

#include "base/buf.h"
#include "base/regex.h"
#include "base/unicode.h"

#define TEXT_MAX 30	/* bytes of a text: long ones take long, as everybody knows */

/* Pattern, replacement and text, with zero bytes between. What is accepted finds and replaces alike, and text
 * that was UTF-8 stays it. */
void fuzz_regex(struct str input)
{
	struct str pattern = STR(""), replacement = STR(""), text = STR("");
	struct regex *r;
	struct error e;
	struct buf out;
	int found, n;

	error_init(&e);
	if (input.len > 0 && str_next(&input, '\0', &pattern) && str_next(&input, '\0', &replacement))
		str_next(&input, '\0', &text);
	text = str_sub(text, 0, TEXT_MAX);
	r = regex_new(pattern, &e);
	if (r == NULL) {
		FUZZ_CHECK(e.kind == ERROR_USAGE);
		return;
	}
	buf_init(&out, 1 << 20);
	found = regex_search(r, text, &e);
	if (regex_set_replacement(r, replacement, &e) == 0) {
		n = regex_replace(r, text, &out, &e);
		FUZZ_CHECK(n < 0 || found < 0 || (n > 0) == found);
		FUZZ_CHECK(n < 0 || utf8_valid(buf_str(&out)));
		FUZZ_CHECK(n != 0 || str_eq(buf_str(&out), text));
	}
	buf_release(&out);
	regex_free(r);
}
