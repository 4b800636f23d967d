#include "base/settings.h"
#include "base/unicode.h"

int setting_number(struct str text, int64_t *number)
{
	text = unicode_trim(text);
	if (str_starts(text, STR("+")) && !str_starts(text, STR("+-")))
		text = str_sub(text, 1, text.len);
	return str_to_i64(text, number);
}

static int are_numbers(struct str list)
{
	struct str part;
	int64_t n;

	while (str_next(&list, ',', &part))
		if (unicode_trim(part).len > 0 && setting_number(part, &n) != 0)
			return 0;
	return 1;
}

const char *setting_fault(const struct setting *row, struct str text)
{
	int64_t n = 0;

	if (text.len == 0)
		return row->flags & SETTING_NOT_EMPTY ? "it must not be empty" : NULL;
	switch (row->type) {
	case SETTING_INT:
		return setting_number(text, &n) != 0 ? "a whole number is needed" : NULL;
	case SETTING_SECONDS:
		return setting_number(text, &n) != 0 || n < 0 ? "a whole number of seconds is needed" : NULL;
	case SETTING_NUMBERS:
		return are_numbers(text) ? NULL : "whole numbers with commas between are needed";
	case SETTING_GUARD:
		if (!str_case_eqz(text, "true") && !str_case_eqz(text, "false"))
			return "it must be true or false";
		break;
	case SETTING_SWITCH:
	case SETTING_TEXT:
	case SETTING_LIST:
		break;
	}
	return NULL;
}
