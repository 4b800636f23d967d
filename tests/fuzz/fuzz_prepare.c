#include "fuzz/fuzz.h"

#include "base/settings.h"
#include "fuzz/world.h"
#include "plan/plan.h"
#include "prepare/prepare.h"

#define IN "users.json"
#define OUT "timecamp_users.json"

static void set_up(unsigned choice, unsigned more)
{
	static const char *const switches[] = {
		"TIMECAMP_USE_SUPERVISOR_GROUPS", "TIMECAMP_USE_DEPARTMENT_GROUPS",
		"TIMECAMP_USE_JOB_TITLE_NAME_USERS", "TIMECAMP_USE_JOB_TITLE_NAME_GROUPS", "TIMECAMP_SHOW_EXTERNAL_ID",
		"TIMECAMP_USE_IS_SUPERVISOR_ROLE"
	};
	size_t i;

	for (i = 0; i < sizeof(switches) / sizeof(switches[0]); i++)
		world_set(switches[i], choice >> i & 1 ? "true" : "false");
	world_set("TIMECAMP_SKIP_DEPARTMENTS", more & 1 ? "A,A/B" : "");
	world_set("TIMECAMP_REPLACE_EMAIL_DOMAIN", more & 2 ? "x.org" : "");
	world_set("TIMECAMP_EXCLUDE_REGEX", more & 4 ? "department=\"X" : "");
	world_set("TIMECAMP_CHANGE_GROUPS_REGEX", more & 8 ? "B/(.)|||\\1;;;^$|||Z" : "");
	world_set("TIMECAMP_PREPARE_TRANSFORM_CONFIG", more & 16 ?
		  "{\"transform\":[{\"property\":\"external_id\",\"action\":\"replace_all\",\"value\":\"1\"}]}" : "");
}

/* users.json, and before it the settings. What comes out can be read by the next step, unless it is refused there
 * for what was in the input. */
void fuzz_prepare(struct str input)
{
	unsigned choice = fuzz_choice(&input), more = fuzz_choice(&input);
	struct prepare_counts counts;
	struct plan *p;
	uint64_t entries = 0;
	struct error e;
	int rc;

	world_reset();
	set_up(choice, more);
	world_file(IN, input);
	error_init(&e);
	rc = prepare_run(IN, OUT, &counts, &e);
	FUZZ_CHECK((rc == 0) == (e.kind == ERROR_NONE));
	FUZZ_CHECK((rc == 0) == (world_text(OUT).ptr != NULL));
	if (rc != 0)
		return;
	FUZZ_CHECK(world_is_json(world_text(OUT)));
	p = plan_new(&e);
	FUZZ_CHECK(p != NULL);
	FUZZ_CHECK(plan_read_wanted(p, OUT, &entries, &e) < 0 || entries == counts.written);
	plan_free(p);
}
