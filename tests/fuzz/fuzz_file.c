#include "fuzz/fuzz.h"

#include <string.h>
#include "base/settings.h"
#include "base/unicode.h"
#include "fuzz/world.h"
#include "source/source.h"

#define HERE "tests/fuzz/fuzz.h"	/* some file that is there: what is in it is the input */

/* A file of people: CSV, a JSON list or JSON Lines, and what is made of its columns. */
void fuzz_file(struct str input)
{
	static const char *const maps[] = {
		"", "{\"email\":\"a.b\",\"name\":[\"a.c\",\"d\"]}", "{\"external_id\":\"0\",\"department\":[\"a\",\"b\"]}"
	};
	unsigned choice = fuzz_choice(&input);
	struct source_read read;
	struct error e;
	int rc;

	world_reset();
	world_set("FILE_PATH", HERE);
	world_set("FILE_MAP", maps[choice % 3]);
	world_set("FILE_ACTIVE_STATUSES", choice & 64 ? "active, \xc4\x84" : "");
	world_set("FETCH_MAX_SHRINK", "");
	world_file(HERE, input);
	memset(&read, 0, sizeof(read));
	read.path = "users.json";
	error_init(&e);
	rc = source_fetch(source_find("file"), &read, NULL, &e);
	FUZZ_CHECK((rc == 0) == (e.kind == ERROR_NONE));
	FUZZ_CHECK(rc != 0 || world_is_json(world_text(read.path)));
	FUZZ_CHECK(rc != 0 || utf8_valid(world_text(read.path)));
}
