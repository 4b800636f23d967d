#include "fuzz/fuzz.h"

#include <string.h>
#include "base/buf.h"
#include "base/limits.h"
#include "ldap/ldap_int.h"

static void walk_entry(struct ldap_entry entry)
{
	struct ldap_attr attr;
	struct str value;

	while (ldap_attr_next(&entry, &attr)) {
		while (ldap_value_next(&attr, &value))
			FUZZ_CHECK(value.len <= MAX_LDAP_MESSAGE);
	}
}

/* Messages as they arrive from a server: one after the other, the last one cut off. */
void fuzz_ldap(struct str input)
{
	struct error e;
	struct ldap_message m;
	struct ldap_result r;
	struct ldap_entry entry;
	size_t size;

	while (ber_size(input.ptr, input.len, MAX_LDAP_MESSAGE, &size) == 1) {
		FUZZ_CHECK(size > 0 && size <= MAX_LDAP_MESSAGE);
		if (size > input.len)
			return;
		error_init(&e);
		if (ldap_message_read(str_sub(input, 0, size), &m, &e) == 0) {
			if (ldap_entry_read(&m, &entry, &e) == 0)
				walk_entry(entry);
			if (ldap_result_read(&m, &r, &e) == 0 && r.code != LDAP_SUCCESS)
				FUZZ_CHECK(ldap_result_error(&r, "search", &e) == -1 && e.kind != ERROR_NONE);
			ldap_reference_url(&m);
		} else {
			FUZZ_CHECK(e.kind != ERROR_NONE);
		}
		input = str_sub(input, size, input.len);
	}
}
