#include "fuzz/fuzz.h"

#include <string.h>
#include "base/settings.h"
#include "fuzz/world.h"
#include "target/timecamp_timeoff.h"

#define LEAVES "vacation.json"

/* vacation.json, the account's day types and its users, and what it answers to the days, with zero bytes between. */
void fuzz_timeoff(struct str input)
{
	unsigned choice = fuzz_choice(&input);
	struct timeoff_result result;
	struct target_run run;
	struct str part;
	struct error e;
	int rc;

	world_reset();
	world_set("TIMECAMP_API_KEY", "k");
	world_set("TIMECAMP_ROOT_GROUP_ID", "1");
	if (input.len > 0 && str_next(&input, '\0', &part))
		world_file(LEAVES, part);
	world_answers(input, choice & 2 ? 2 : 4096);
	memset(&run, 0, sizeof(run));
	error_init(&e);
	FUZZ_CHECK(target_open(&run, target_find("timecamp"), &e) == 0);
	rc = timecamp_timeoff(&run, LEAVES, choice & 1, &result, &e);
	FUZZ_CHECK((rc == 0) == (e.kind == ERROR_NONE));
	FUZZ_CHECK(result.posted + result.failed <= result.days || rc != 0);
	target_close(&run);
}
