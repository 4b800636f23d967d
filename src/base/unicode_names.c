#include <stddef.h>
#include "base/unicode_names.h"

struct unicode_name {
	uint16_t code;
	const char *name;
};

#include "base/unicode_names_table.h"

uint32_t unicode_by_name(struct str name)
{
	size_t i;

	for (i = 0; i < sizeof unicode_names / sizeof unicode_names[0]; i++) {
		if (str_case_eqz(name, unicode_names[i].name))
			return unicode_names[i].code;
	}
	return 0;
}
