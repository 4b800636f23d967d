#include "fuzz/fuzz.h"

#include <string.h>
#include "base/buf.h"
#include "base/codec.h"
#include "base/date.h"
#include "base/unicode.h"

static void codecs(struct str input)
{
	struct buf once, twice;
	struct error e;
	struct url u;

	buf_init(&once, 1 << 20);
	buf_init(&twice, 1 << 20);
	base64_encode(&once, input.ptr, input.len);
	FUZZ_CHECK(base64_decode(&twice, buf_str(&once)) == 0 && str_eq(buf_str(&twice), input));
	buf_reset(&once);
	buf_reset(&twice);
	percent_encode(&once, input, NULL);
	FUZZ_CHECK(percent_decode(&twice, buf_str(&once)) == 0 && str_eq(buf_str(&twice), input));
	buf_reset(&once);
	base64_decode(&once, input);
	FUZZ_CHECK(once.len <= input.len);
	buf_reset(&once);
	percent_decode(&once, input);
	FUZZ_CHECK(once.len <= input.len);
	error_init(&e);
	if (url_parse(&u, input, &e) == 0)
		FUZZ_CHECK(u.host.len > 0 && u.port <= 65535);
	buf_release(&once);
	buf_release(&twice);
}

static void letters(struct str input)
{
	static void (*const changes[])(struct buf *, struct str) = { unicode_lower, unicode_upper, unicode_casefold };
	struct buf once, twice;
	size_t i, pos = 0, count = 0;

	while (pos < input.len) {
		utf8_next(input, &pos);
		count++;
	}
	FUZZ_CHECK(pos == input.len && count == utf8_length(input));
	FUZZ_CHECK(unicode_trim(unicode_trim(input)).len == unicode_trim(input).len);
	buf_init(&once, 1 << 20);
	buf_init(&twice, 1 << 20);
	for (i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		buf_reset(&once);
		buf_reset(&twice);
		changes[i](&once, input);
		if (utf8_valid(input))
			FUZZ_CHECK(utf8_valid(buf_str(&once)));
		changes[i](&twice, buf_str(&once));
	}
	FUZZ_CHECK(str_eq(buf_str(&once), buf_str(&twice)));	/* of casefold, the last */
	buf_release(&once);
	buf_release(&twice);
}

static void dates(struct str input)
{
	int64_t days;
	int year, month, day;
	char out[21];

	if (date_parse(input, &days) == 0) {
		date_from_days(days, &year, &month, &day);
		FUZZ_CHECK(date_to_days(year, month, day) == days);
		date_format_utc(out, days * 86400);
		FUZZ_CHECK(memcmp(out, input.ptr, 10) == 0);
	}
	date_parse_http(input, &days);
}

/* Encodings and letters: there and back is the same. */
void fuzz_text(struct str input)
{
	codecs(input);
	letters(input);
	dates(input);
}
