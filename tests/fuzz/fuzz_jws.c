#include "fuzz/fuzz.h"

#include <string.h>
#include "base/buf.h"
#include "base/limits.h"
#include "net/jws.h"

#define BEGIN "-----BEGIN "	/* else it would be the path of a file */
#define SIGNS 'R'		/* the first byte of an input whose key is used */

/* Three parts of the alphabet of RFC 4648, section 5. */
static void check_token(struct str token)
{
	size_t i, dots = 0;

	for (i = 0; i < token.len; i++) {
		dots += token.ptr[i] == '.';
		FUZZ_CHECK(token.ptr[i] && strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.",
						 token.ptr[i]));
	}
	FUZZ_CHECK(dots == 2);
}

static void try_key(struct str text, int sign, struct buf *out)
{
	struct jws_key *key;
	struct error e;

	error_init(&e);
	key = jws_key_read("KEY", text, &e);
	FUZZ_CHECK((key == NULL) == (e.kind != ERROR_NONE));
	FUZZ_CHECK(key != NULL || (e.kind == ERROR_USAGE && strncmp(e.text, "KEY", 3) == 0));
	if (key != NULL && sign) {
		if (jws_sign(key, STR(""), STR("{}"), out, &e) == 0)
			check_token(buf_str(out));
		else
			FUZZ_CHECK(e.kind != ERROR_NONE);
	}
	jws_key_free(key);
}

/* The text of a key or a certificate as a setting has it. */
void fuzz_jws(struct str input)
{
	unsigned choice = fuzz_choice(&input);
	struct buf text, out;
	struct error e;

	buf_init(&text, 4 * MAX_SECRET_FILE);
	buf_init(&out, MAX_SECRET_FILE);
	buf_puts(&text, BEGIN);
	buf_put_str(&text, input);
	error_init(&e);
	if (choice % 2 == 0)
		try_key(buf_str(&text), choice == SIGNS, &out);
	else if (jws_certificate("CERT", buf_str(&text), &out, &e) == 0)
		FUZZ_CHECK(out.len > 0 && str_starts(buf_str(&out), STR(",\"x5t\":\"")));
	else
		FUZZ_CHECK(e.kind == ERROR_USAGE && strncmp(e.text, "CERT", 4) == 0);
	buf_release(&text);
	buf_release(&out);
}
