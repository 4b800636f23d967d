#include "fuzz/fuzz.h"

#include <string.h>
#include "base/settings.h"
#include "fuzz/world.h"
#include "target/target.h"

#define WANTED "timecamp_users.json"
#define SAVED "plan"

static void take_line(void *cookie, const char *line)
{
	*(size_t *)cookie += strlen(line);
}

static void set_up(unsigned choice)
{
	static const char *const switches[] = {
		"TIMECAMP_DISABLE_GROUPS_CREATION", "TIMECAMP_DISABLE_EXTERNAL_ID_SYNC",
		"TIMECAMP_UPDATE_EMAIL_ON_EXTERNAL_ID", "TIMECAMP_REMOVE_EMPTY_GROUPS",
		"TIMECAMP_DISABLE_MANUAL_USER_UPDATES", "TIMECAMP_SYNC_PERSISTENT_SETTINGS"
	};
	size_t i;

	world_set("TIMECAMP_API_KEY", "k");
	world_set("TIMECAMP_ROOT_GROUP_ID", "1");
	world_set("SYNC_JOBS", "2");
	for (i = 0; i < sizeof(switches) / sizeof(switches[0]); i++)
		world_set(switches[i], choice >> i & 1 ? "true" : "false");
}

/* A plan that was written is read, and is the same. */
static void check_file(struct plan *p, const struct plan_policy *policy)
{
	uint64_t count[PLAN_PARTS], again[PLAN_PARTS];
	struct plan *other;
	struct error e;

	error_init(&e);
	FUZZ_CHECK(plan_write(p, SAVED, "timecamp", policy, 0, &e) == 0);
	other = plan_new(&e);
	FUZZ_CHECK(other != NULL && plan_read(other, SAVED, "timecamp", policy, &e) == 0);
	FUZZ_CHECK(plan_count(p, count, &e) == 0 && plan_count(other, again, &e) == 0);
	FUZZ_CHECK(memcmp(count, again, sizeof(count)) == 0);
	plan_free(other);
}

/* The plan can be shown and saved; when the choice is to apply it, the account answers to that too. */
static void check_plan(struct target_run *run, int apply)
{
	struct target_result result;
	struct plan_policy policy;
	size_t bytes = 0;
	struct error e;

	error_init(&e);
	run->target->policy(&policy);
	if (plan_diff(run->plan, &policy, &e) < 0) {
		FUZZ_CHECK(e.kind != ERROR_NONE);
		return;
	}
	FUZZ_CHECK(plan_print(run->plan, 1, take_line, &bytes, &e) == 0 && bytes > 0);
	check_file(run->plan, &policy);
	if (apply && target_apply(run, &result, &e) < 0)
		FUZZ_CHECK(e.kind != ERROR_NONE);
}

/*
 * What the account answers: its groups, its users, whose key it is, roles and settings, with zero bytes between;
 * before that the prepared people and what an earlier run left. Compared, written as a plan, and applied.
 */
void fuzz_account(struct str input)
{
	static const char *const files[] = {
		WANTED, "var/pending_user_settings.json", "var/pending_new_users.json"
	};
	unsigned choice = fuzz_choice(&input);
	struct target_run run;
	struct str part;
	uint64_t count;
	struct error e;
	int i;

	world_reset();
	set_up(choice);
	for (i = 0; i < (choice & 32 ? 3 : 1); i++)
		if (input.len > 0 && str_next(&input, '\0', &part))
			world_file(files[i], part);
	world_answers(input, choice & 64 ? 2 : 4096);
	memset(&run, 0, sizeof(run));
	error_init(&e);
	run.plan = plan_new(&e);
	FUZZ_CHECK(run.plan != NULL && target_open(&run, target_find("timecamp"), &e) == 0);
	if (plan_read_wanted(run.plan, WANTED, &count, &e) == 0 && run.target->load(&run, 0, &e) == 0)
		check_plan(&run, choice >> 7 & 1);
	else
		FUZZ_CHECK(e.kind != ERROR_NONE);
	target_close(&run);
	plan_free(run.plan);
}
