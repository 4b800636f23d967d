#include "fuzz/fuzz.h"

#include <string.h>
#include "base/settings.h"
#include "fuzz/world.h"
#include "source/source.h"

#define SETS_MOST 8

/* A source and settings for it; each bit of the choice adds one of those. */
static const struct kind {
	const char *name;
	struct { const char *name, *value; } usual[SETS_MOST], choice[SETS_MOST];
} kinds[] = {
	{ "hibob", { { "HIBOB_SERVICE_USER_ID", "u" }, { "HIBOB_SERVICE_USER_TOKEN", "t" } },
	  { { "HIBOB_SUPERVISOR_RULE", "work.isManager:true" }, { "HIBOB_EXCLUDED_DEPARTMENTS", "x, A/B" } } },
	{ "bamboohr", { { "BAMBOOHR_SUBDOMAIN", "a" }, { "BAMBOOHR_API_KEY", "k" } },
	  { { "BAMBOOHR_SUPERVISOR_RULE", "isSupervisor:Yes" }, { "BAMBOOHR_EXCLUDED_DEPARTMENTS", "x, A/B" } } },
	{ "factorial", { { "FACTORIAL_API_URL", "https://a/api/1" }, { "FACTORIAL_API_KEY", "k" },
	    { "LeaveTypeMap", "{\"V\\u00e4\":\"Vacation\",\"Default\":\"Other\"}" } },
	  { { "FACTORIAL_DEPARTMENT_SOURCE", "location" }, { "FACTORIAL_FILTER_TEAMS", "A, 7" },
	    { "FACTORIAL_SUPERVISOR_RULE", "a:1.0" }, { "FACTORIAL_EMAIL_FIELD", "personal_email" },
	    { "FACTORIAL_LEAVE_STATES", "approved, pending, rejected" } } },
	{ "entra", { { "AZURE_TENANT_ID", "t" }, { "AZURE_CLIENT_ID", "c" }, { "AZURE_CLIENT_SECRET", "s" },
	    { "AZURE_GRAPH_URL", "https://g" } },
	  { { "AZURE_FILTER_GROUPS", "A" }, { "AZURE_SUPERVISOR_GROUPS", "B" },
	    { "AZURE_PREFER_REAL_EMAIL", "true" }, { "AZURE_ADDITIONAL_EMAIL_SOURCE", "mail" } } },
	{ "okta", { { "OKTA_ORG_URL", "https://o" }, { "OKTA_API_TOKEN", "t" } },
	  { { "OKTA_FILTER_GROUPS", "A" }, { "OKTA_SUPERVISOR_GROUPS", "B" },
	    { "OKTA_SUPERVISOR_RULE", "a.b:None" }, { "OKTA_MAX_HIERARCHY_ROOTS", "1" },
	    { "OKTA_USER_STATUSES", "ACTIVE,DEPROVISIONED" } } },
};

#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

static void set_up(const struct kind *k, unsigned choice)
{
	int i;

	for (i = 0; i < SETS_MOST && k->usual[i].name != NULL; i++)
		world_set(k->usual[i].name, k->usual[i].value);
	for (i = 0; i < SETS_MOST && k->choice[i].name != NULL; i++)
		if (choice >> i & 1)
			world_set(k->choice[i].name, k->choice[i].value);
	world_set("FETCH_MAX_SHRINK", "");
}

/*
 * Which source, with which settings, and all that its service answers. What it takes becomes users.json, or
 * leave days; what it does not take is an error.
 */
void fuzz_source(struct str input)
{
	const struct kind *k = &kinds[fuzz_choice(&input) % KINDS];
	unsigned choice = fuzz_choice(&input);
	const struct source *s = source_find(k->name);
	struct source_read read;
	struct error e;
	uint64_t count;
	int rc;

	world_reset();
	set_up(k, choice);
	world_answers(input, choice & 128 ? 3 : 4096);
	memset(&read, 0, sizeof(read));
	read.path = "users.json";
	error_init(&e);
	if (choice & 64 && s->leaves != NULL)
		rc = source_fetch_leaves(s, read.path, NULL, &count, &e);
	else
		rc = source_fetch(s, &read, NULL, &e);
	FUZZ_CHECK((rc == 0) == (e.kind == ERROR_NONE));
	FUZZ_CHECK((rc == 0) == (world_text(read.path).ptr != NULL));
	FUZZ_CHECK(rc != 0 || world_is_json(world_text(read.path)));
}
