#include "fuzz/fuzz.h"

#include "base/buf.h"
#include "base/limits.h"
#include "ldap/ldap_int.h"

/* Reads an element and all that is in it. */
static void walk(struct ber *r)
{
	struct ber_item item;
	struct ber inner;
	int tag, result = 0;

	while ((tag = ber_tag(r)) != -1) {
		if (tag & BER_CONSTRUCTED && r->depth < MAX_BER_DEPTH - 1) {
			FUZZ_CHECK(ber_enter(r, (unsigned)tag, &inner) == 0);
			walk(&inner);
		} else {
			result = ber_next(r, &item);
			FUZZ_CHECK(result == 1);
		}
	}
}

/* A filter that is accepted becomes BER that reads back to its end. */
void fuzz_filter(struct str input)
{
	struct error e;
	struct ber_write w;
	struct ber r;
	struct buf out;

	error_init(&e);
	buf_init(&out, MAX_LDAP_MESSAGE);
	ber_write_init(&w, &out);
	if (ldap_filter_encode(&w, input, &e) == 0) {
		FUZZ_CHECK(ber_write_check(&w, "filter", &e) == 0);
		ber_init(&r, buf_str(&out));
		walk(&r);
	} else {
		FUZZ_CHECK(e.kind != ERROR_NONE);
	}
	buf_release(&out);
}
