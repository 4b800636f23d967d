#include "sandbox/test_web.h"

#include <string.h>

#define PEOPLE 30		/* every tenth of them takes a leave */
#define PAGE 10
#define LEAVE "\"tc_leave_type\":\"Vacation\""

/* Settings of "timeoff fetch factorial"; what the service may do wrong stands in test_web.c. */
static const struct leaves_row {
	const char *name;
	const char *env;		/* one more setting, or NULL */
	int code;
} rows[] = {
	{ "leaves, approved", NULL, 0 },
	{ "leaves, of every state", "FACTORIAL_LEAVE_STATES=approved, pending,rejected", 0 },
	{ "leaves, of an unknown state", "FACTORIAL_LEAVE_STATES=granted", 2 },
	{ "leaves, a map that is a list", "LeaveTypeMap=[]", 2 },
	{ "leaves, a map to numbers", "LeaveTypeMap={\"Default\": 1}", 2 },
	{ "leaves, an unknown address", "FACTORIAL_EMAIL_FIELD=mail", 2 },
};

static void begin(struct web_run *r)
{
	web_run_init(r, "factorial");
	r->company.seed = 7;
	r->company.people = PEOPLE;
	r->company.page_max = PAGE;
	r->args[0] = "timeoff";
	r->args[1] = "fetch";
	r->args[2] = "factorialhr";
	r->output = "vacation.json";
}

static int leaves_in(const struct web_run *r)
{
	struct str text = buf_str(&r->users);
	size_t at = 0;
	int n = 0;

	while ((at = str_find(text, at, STR(LEAVE))) < text.len) {
		at++;
		n++;
	}
	return n;
}

static const char *judge(const struct web_run *r, int code)
{
	if (r->code != code)
		return "another exit code";
	if (r->code != 0)
		return str_eqz(buf_str(&r->users), WEB_OLD_USERS) ? NULL : "the old file was touched";
	return leaves_in(r) == PEOPLE / 10 ? NULL : "another number of leaves";
}

/* The run is recorded. */
static void look_back(struct web_tests *t)
{
	struct web_run r;
	struct error e;
	const char *problem;

	begin(&r);
	error_init(&e);
	r.args[0] = "history";
	r.args[1] = "--json";
	r.args[2] = NULL;
	r.keep = 1;
	problem = web_run(t, &r, &e) ? e.text : NULL;
	if (!problem && (!strstr(buf_text(&r.out), "\"source\": \"factorial\"") || !strstr(buf_text(&r.out), "\"leaves\":3")))
		problem = buf_text(&r.out);
	web_judge(t, &r, "leaves, recorded", problem);
	web_run_release(&r);
}

void web_leaves(struct web_tests *t)
{
	struct web_run r;
	struct error e;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		begin(&r);
		error_init(&e);
		r.env[0] = rows[i].env;
		web_judge(t, &r, rows[i].name, web_run(t, &r, &e) ? e.text : judge(&r, rows[i].code));
		web_run_release(&r);
		if (i == 0)
			look_back(t);
	}
}
