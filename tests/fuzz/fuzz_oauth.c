#include "fuzz/fuzz.h"

#include "source/source_oauth.c"

/* Reads the answer in pieces of that size into o. 0 when it is JSON. */
static int read_answer(struct oauth *o, struct str input, size_t step)
{
	struct json_scan *s;
	struct error e;
	size_t at;
	int rc;

	memset(o, 0, sizeof(*o));
	error_init(&e);
	buf_init(&o->token, MAX_SECRET_FILE);
	s = json_scan_new(answer_paths, MAX_RECORD, take_answer, o, &e);
	FUZZ_CHECK(s != NULL);
	rc = begin_answer(o, &e);
	for (at = 0; rc == 0 && at < input.len; at += step)
		rc = json_scan_feed(s, input.ptr + at, step < input.len - at ? step : input.len - at, &e);
	if (rc == 0)
		rc = json_scan_end(s, &e);
	json_scan_free(s);
	return rc;
}

/* However the answer of a token endpoint is cut, it gives the same token for the same time. */
void fuzz_oauth(struct str input)
{
	size_t step = fuzz_choice(&input) % 16 + 1;
	struct oauth whole, pieces;

	if (read_answer(&whole, input, input.len + 1) == 0) {
		FUZZ_CHECK(read_answer(&pieces, input, step) == 0);
		FUZZ_CHECK(str_eq(buf_str(&whole.token), buf_str(&pieces.token)));
		FUZZ_CHECK(whole.lifetime == pieces.lifetime);
	} else {
		FUZZ_CHECK(read_answer(&pieces, input, step) != 0);
	}
	FUZZ_CHECK(whole.lifetime > 0 && whole.lifetime <= LIFETIME_MOST);
	buf_wipe(&whole.token);
	buf_wipe(&pieces.token);
}
