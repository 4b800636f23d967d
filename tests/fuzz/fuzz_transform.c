#include "fuzz/fuzz.h"

#include "base/arena.h"
#include "base/limits.h"
#include "fuzz/world.h"
#include "prepare/prepare_int.h"

/* A configuration and a record with a zero byte between. What comes out of a record is JSON again. */
void fuzz_transform(struct str input)
{
	static const char usual[] = "{\"a\":{\"b\":[1,2.50,{\"c\":null}]},\"department\":\"A/B\",\"on\":true,"
		"\"a\":{\"x\":\"y\"}}";
	struct str config = STR(""), record, result;
	struct transform *t;
	struct arena a;
	struct error e;
	char *text;

	error_init(&e);
	world_reset();
	if (input.len == 0 || !str_next(&input, '\0', &config) || config.len == 0)
		return;
	record = str_from(usual);
	if (input.ptr != NULL && input.len > 0 && input.ptr[0] == '{' && world_is_json(input))
		record = input;
	arena_init(&a, 1 << 20);
	text = arena_text(&a, config);
	if (text != NULL && (text[0] == '{' || text[0] == '[')) {
		t = transform_new(text, &e);
		FUZZ_CHECK(t != NULL || e.kind != ERROR_NONE);
		if (t != NULL && transform_apply(t, record, &result, &e) == 1)
			FUZZ_CHECK(world_is_json(result));
		transform_free(t);
	}
	arena_release(&a);
}
