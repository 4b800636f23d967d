#include "sandbox/test_web.h"

#include <stdio.h>
#include <string.h>

#define RUNS 6			/* of one story */
#define FRAGMENTS 4

/* Runs one after another, in one folder, against one script. */
static const struct story {
	const char *name, *source;
	const char *settings, *exchanges;
	struct { int code; unsigned long people; const char *users[FRAGMENTS]; } runs[RUNS];	/* code -1: the end */
} stories[] = {
	{ "changes only", "entra",
	  "AZURE_TENANT_ID=t\nAZURE_CLIENT_ID=c\nAZURE_CLIENT_SECRET=s3cret-of-the-story\nAZURE_LOGIN_URL={BASE}\n"
	  "AZURE_GRAPH_URL={BASE}\nAZURE_DELTA=true\n",
	  "[{\"method\": \"POST\", \"path\": \"/t/oauth2/v2.0/token\","
	  "  \"times\": 1, \"response_json\": {\"access_token\": \"eyJ0.story\", \"expires_in\": 3599}},"
	  /* first everybody, on two pages */
	  " {\"method\": \"GET\", \"path\": \"/v1.0/users/delta\", \"query\": {\"$select\": \"{ANY}\"}, \"times\": 1, \"min_times\": 1,"
	  "  \"response_json\": {\"@odata.nextLink\": \"{BASE}/v1.0/users/delta?$skiptoken=2\", \"value\": ["
	  "   {\"id\": \"1\", \"displayName\": \"Ada\", \"userPrincipalName\": \"ada@x\", \"department\": \"Eng\","
	  "    \"manager@delta\": [{\"@odata.type\": \"#microsoft.graph.user\", \"id\": \"3\"}]},"
	  "   {\"id\": \"2\", \"displayName\": \"Bo\", \"userPrincipalName\": \"bo@x\", \"department\": \"Ops\"}]}},"
	  " {\"method\": \"GET\", \"path\": \"/v1.0/users/delta\", \"query\": {\"$skiptoken\": \"2\"}, \"times\": 1,"
	  "  \"response_json\": {\"@odata.deltaLink\": \"{BASE}/v1.0/users/delta?$deltatoken=A\", \"value\": ["
	  "   {\"id\": \"3\", \"displayName\": \"Cai\", \"userPrincipalName\": \"cai@x\"}]}},"
	  /* then a new title, a department and a manager less, somebody gone, somebody new */
	  " {\"method\": \"GET\", \"path\": \"/v1.0/users/delta\", \"query\": {\"$deltatoken\": \"A\"}, \"times\": 1, \"min_times\": 1,"
	  "  \"response_json\": {\"@odata.deltaLink\": \"{BASE}/v1.0/users/delta?$deltatoken=B\", \"value\": ["
	  "   {\"id\": \"1\", \"jobTitle\": \"Lead\", \"department\": null,"
	  "    \"manager@delta\": [{\"@removed\": {\"reason\": \"deleted\"}, \"id\": \"3\"}]},"
	  "   {\"id\": \"2\", \"@removed\": {\"reason\": \"changed\"}},"
	  "   {\"id\": \"4\", \"displayName\": \"Dov\", \"userPrincipalName\": \"dov@x\", \"accountEnabled\": false}]}},"
	  /* a run that fails changes nothing */
	  " {\"method\": \"GET\", \"path\": \"/v1.0/users/delta\", \"query\": {\"$deltatoken\": \"B\"}, \"times\": 1, \"min_times\": 1,"
	  "  \"response_text\": \"{\\\"value\\\": [{\\\"id\\\": \\\"1\\\", \\\"@removed\\\": {}}, {\\\"id\"},"
	  " {\"method\": \"GET\", \"path\": \"/v1.0/users/delta\", \"query\": {\"$deltatoken\": \"B\"}, \"times\": 1, \"min_times\": 1,"
	  "  \"response_json\": {\"@odata.deltaLink\": \"{BASE}/v1.0/users/delta?$deltatoken=C\", \"value\": []}},"
	  /* in the end the link has expired */
	  " {\"method\": \"GET\", \"path\": \"/v1.0/users/delta\", \"query\": {\"$deltatoken\": \"C\"}, \"times\": 1, \"min_times\": 1,"
	  "  \"status\": 410, \"response_json\": {\"error\": {\"code\": \"syncStateNotFound\"}}},"
	  " {\"method\": \"GET\", \"path\": \"/v1.0/users/delta\", \"query\": {\"$select\": \"{ANY}\"}, \"times\": 1, \"min_times\": 1,"
	  "  \"response_json\": {\"@odata.deltaLink\": \"{BASE}/v1.0/users/delta?$deltatoken=D\", \"value\": ["
	  "   {\"id\": \"5\", \"displayName\": \"Eve\", \"userPrincipalName\": \"eve@x\"}]}}]",
	  { { 0, 3, { "\"name\":\"Ada\",\"email\":\"ada@x\",\"department\":\"Eng\",\"job_title\":\"\",\"status\":\"active\","
		      "\"supervisor_id\":\"3\"", "\"name\":\"Bo\"", "\"name\":\"Cai\"", NULL } },
	    { 0, 3, { "\"name\":\"Ada\",\"email\":\"ada@x\",\"department\":\"\",\"job_title\":\"Lead\",\"status\":\"active\","
		      "\"supervisor_id\":\"\"", "\"name\":\"Cai\"", "\"name\":\"Dov\"", "\"status\":\"inactive\"" } },
	    { 6, 3, { "\"name\":\"Ada\"", NULL, NULL, NULL } },
	    { 0, 3, { "\"name\":\"Ada\"", "\"name\":\"Cai\"", "\"name\":\"Dov\"", NULL } },
	    { 0, 1, { "\"name\":\"Eve\"", NULL, NULL, NULL } },
	    { -1, 0, { NULL, NULL, NULL, NULL } } } }
};

static const char *judge(const struct web_run *r, const struct story *s, int n)
{
	size_t i;

	if (r->code != s->runs[n].code)
		return "another exit code";
	if (r->count != s->runs[n].people)
		return "another number of people";
	for (i = 0; i < FRAGMENTS && s->runs[n].users[i]; i++)
		if (!strstr(buf_text(&r->users), s->runs[n].users[i]))
			return s->runs[n].users[i];
	return NULL;
}

static void tell_story(struct web_tests *t, const struct story *s)
{
	struct websim *sim;
	struct error e;
	int n;

	error_init(&e);
	sim = websim_new_script(str_from(s->exchanges), &e);
	for (n = 0; sim && n < RUNS && s->runs[n].code >= 0; n++) {
		struct web_run r;
		char name[120];

		web_run_init(&r, s->source);
		r.sim = sim;
		r.settings = s->settings;
		r.keep = n > 0;
		snprintf(name, sizeof(name), "%s, run %d", s->name, n + 1);
		if (web_run(t, &r, &e)) {
			web_judge(t, &r, name, e.text);
		} else {
			if (n + 1 < RUNS && s->runs[n + 1].code >= 0)
				buf_reset(&r.problems);	/* what is to come has not come yet */
			web_judge(t, &r, name, judge(&r, s, n));
		}
		web_run_release(&r);
	}
	if (!sim) {
		printf("FAIL %s: %s\n", s->name, e.text);
		t->failed++;
	}
	websim_free(sim);
}

void web_scripts(struct web_tests *t)
{
	size_t i;

	for (i = 0; i < sizeof(stories) / sizeof(*stories); i++)
		tell_story(t, &stories[i]);
}
