#include "fuzz/fuzz.h"

#include "base/arena.h"
#include "base/json_scan.h"
#include "base/limits.h"
#include "base/log.h"
#include "prepare/prepare_int.h"

static int nothing(void *cookie, const struct json_match *match, struct str raw, struct error *e)
{
	(void)cookie;
	(void)match;
	(void)raw;
	(void)e;
	return 0;
}

static int is_json(struct str text)
{
	static const char *const paths[] = { "", NULL };
	struct error e;
	struct json_scan *s = json_scan_new(paths, 8 * MAX_RECORD, nothing, NULL, &e);
	int ok = s != NULL && json_scan_feed(s, text.ptr, text.len, &e) == 0 && json_scan_end(s, &e) == 0;

	json_scan_free(s);
	return ok;
}

/* A configuration and a record with a zero byte between. What comes out of a record is JSON again. */
void fuzz_transform(struct str input)
{
	static const char usual[] = "{\"a\":{\"b\":[1,2.50,{\"c\":null}]},\"department\":\"A/B\",\"on\":true,"
		"\"a\":{\"x\":\"y\"}}";
	static const struct log_options silent = { LOG_ERROR, NULL, 0, 1 };
	struct str config = STR(""), record, result;
	struct transform *t;
	struct arena a;
	struct error e;
	char *text;

	error_init(&e);
	log_open(&silent, &e);
	if (input.len == 0 || !str_next(&input, '\0', &config) || config.len == 0)
		return;
	record = str_from(usual);
	if (input.ptr != NULL && input.len > 0 && input.ptr[0] == '{' && is_json(input))
		record = input;
	arena_init(&a, 1 << 20);
	text = arena_text(&a, config);
	if (text != NULL && (text[0] == '{' || text[0] == '[')) {
		t = transform_new(text, &e);
		FUZZ_CHECK(t != NULL || e.kind != ERROR_NONE);
		if (t != NULL && transform_apply(t, record, &result, &e) == 1)
			FUZZ_CHECK(is_json(result));
		transform_free(t);
	}
	arena_release(&a);
}
