#include "fuzz/fuzz.h"

#include "base/buf.h"
#include "base/limits.h"
#include "ldap/ldap.h"

/* A name that has a normal form can be walked to its end. */
void fuzz_dn(struct str input)
{
	struct ldap_dn d;
	struct ldap_dn_part part;
	struct buf value, normal;
	int result, values = 0;

	buf_init(&value, MAX_LDAP_MESSAGE);
	buf_init(&normal, MAX_LDAP_MESSAGE);
	ldap_dn_init(&d, input);
	while ((result = ldap_dn_next(&d, &part)) == 1) {
		FUZZ_CHECK(part.from <= input.len);
		buf_reset(&value);
		if (ldap_dn_value(part.value, &value) < 0)
			values = -1;
		FUZZ_CHECK(value.len <= part.value.len);
	}
	if (ldap_dn_normal(input, &normal) == 0)
		FUZZ_CHECK(result == 0 && values == 0);
	buf_release(&value);
	buf_release(&normal);
}
