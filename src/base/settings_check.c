#include "base/settings.h"
#include "base/unicode.h"

#define MAX_FACTOR 1000

int setting_number(struct str text, int64_t *number)
{
	text = unicode_trim(text);
	if (str_starts(text, STR("+")) && !str_starts(text, STR("+-")))
		text = str_sub(text, 1, text.len);
	return str_to_i64(text, number);
}

int setting_factor(struct str text, double *factor)
{
	struct str whole_part, part;
	uint64_t whole, fraction = 0;
	double unit = 1;
	size_t dot, i;

	text = unicode_trim(text);
	dot = str_find_char(text, 0, '.');
	whole_part = str_sub(text, 0, dot);
	part = str_sub(text, dot < text.len ? dot + 1 : dot, text.len);
	if (str_to_u64(whole_part, &whole) < 0 || whole > MAX_FACTOR || part.len > 9 ||
	    (dot < text.len && str_to_u64(part, &fraction) < 0))
		return -1;
	for (i = 0; i < part.len; i++)
		unit /= 10;
	*factor = (double)whole + (double)fraction * unit;
	return 0;
}

int setting_amount(struct str text, uint64_t whole, uint64_t *amount)
{
	int percent;

	text = unicode_trim(text);
	percent = str_ends(text, STR("%"));
	if (percent)
		text = str_trim(str_sub(text, 0, text.len - 1));
	if (str_to_u64(text, amount) != 0 || (percent && *amount > 100))
		return -1;
	if (percent)
		*amount = whole / 100 * *amount + whole % 100 * *amount / 100;
	return 0;
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
	uint64_t amount;
	double factor;

	if (text.len == 0)
		return row->flags & SETTING_NOT_EMPTY ? "it must not be empty" : NULL;
	switch (row->type) {
	case SETTING_INT:
		return setting_number(text, &n) != 0 ? "a whole number is needed" : NULL;
	case SETTING_SECONDS:
		return setting_number(text, &n) != 0 || n < 0 ? "a whole number of seconds is needed" : NULL;
	case SETTING_NUMBERS:
		return are_numbers(text) ? NULL : "whole numbers with commas between are needed";
	case SETTING_FACTOR:
		return setting_factor(text, &factor) != 0 ? "a number from 0 to 1000 is needed" : NULL;
	case SETTING_AMOUNT:
		return setting_amount(text, 0, &amount) != 0 ?
			"it must be a number, or a percentage like 10%" : NULL;
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
