/*
 * test_web PROGRAM TEST_CHILD DIR [PEOPLE]: runs "PROGRAM fetch SOURCE" in the scratch folder DIR against simulated
 * services that misbehave: the result is right, or the run fails with the right exit code and leaves the old users.json
 * as it was; no request is sent in vain, and no secret is seen anywhere. Then with many people, for memory; with PEOPLE
 * only that, with so many. Ends with "N passed, M failed".
 */
#include "sandbox/test_web.h"

#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "port.h"

#define PEOPLE 30		/* of the company that is read again and again, */
#define PAGE 10			/* on three pages */
#define OUTSIDE 4		/* managers that are on none, */
#define LEVELS 2		/* the half of them managers of the others */
#define LARGE 20000L		/* people of the large company, unless told */

static const struct vendor {
	const char *source;
	int outside, lookups;		/* managers that are looked up; requests for them at most */
	int pages, others;		/* requests at most for the three pages; for all else */
	const char *groups[2];		/* settings that name both groups of the company; NULL: there are none */
	const char *wrong;		/* setting with credentials that are not right */
	const char *second;		/* the id of the second person */
	int renews;			/* gets new credentials when they are refused */
	int has_links;			/* follows links */
	int members;			/* which answer about groups is the first page of everybody in one */
} vendors[] = {
	{ "bamboohr", OUTSIDE, LEVELS, 3, 0, { NULL, NULL },
	  "BAMBOOHR_API_KEY=wrong-one", "2", 0, 0, 0 },
	{ "hibob", OUTSIDE, LEVELS, 1, 0, { NULL, NULL },
	  "HIBOB_SERVICE_USER_TOKEN=wrong-one", "3000000000000000001", 0, 0, 0 },
	{ "okta", OUTSIDE, OUTSIDE, 3, 0, { "OKTA_FILTER_GROUPS=Everyone at work", "OKTA_SUPERVISOR_GROUPS=Team leads & Co" },
	  "OKTA_API_TOKEN=wrong-one", "00u00000000000000001", 0, 1, 4 },
	{ "entra", 0, 0, 3, 0, { "AZURE_FILTER_GROUPS=Everyone at work", "AZURE_SUPERVISOR_GROUPS=Team leads & Co" },
	  "AZURE_CLIENT_SECRET=wrong-one", "00000001-7777-4777-8777-000000000001", 1, 1, 2 },
	{ "factorial", OUTSIDE, LEVELS, 3, 9, { NULL, NULL },
	  "FACTORIAL_API_KEY=wrong-one", "2", 0, 0, 0 }
};

enum outcome {
	RIGHT,			/* the same people as without the fault */
	FAILS,			/* exit code 6 */
	DENIED,			/* exit code 7 */
	RENEWED,		/* right where credentials can be renewed, else denied */
	SAFE			/* any people or exit code 1 or 6, the old file only replaced on success */
};

/* The last two: with both groups. */
enum only { EVERY, LINKS, PAGES, LOOKUPS, GROUPS, MEMBERS };

static const struct fault_row {
	const char *name;
	struct websim_faults faults;
	enum outcome outcome;
	enum only only;		/* which vendors it can happen to */
} faults[] = {
	{ "every second request throttled", { .fault = WEBSIM_THROTTLE }, RIGHT, EVERY },
	{ "500 twice, then good", { .fault = WEBSIM_FAIL, .page = 2, .times = 2 }, RIGHT, EVERY },
	{ "500 for good", { .fault = WEBSIM_FAIL, .page = 2 }, FAILS, EVERY },
	{ "503 once", { .fault = WEBSIM_BUSY, .page = 3, .times = 1 }, RIGHT, EVERY },
	{ "401 at page 3", { .fault = WEBSIM_EXPIRE, .page = 3, .times = 1 }, RENEWED, EVERY },
	{ "401 for good", { .fault = WEBSIM_EXPIRE, .page = 2 }, DENIED, EVERY },
	{ "403", { .fault = WEBSIM_DENY, .page = 2 }, DENIED, EVERY },
	{ "cut in a record, then good", { .fault = WEBSIM_CUT, .page = 2, .times = 1, .at = 900 }, RIGHT, EVERY },
	{ "cut before the first record", { .fault = WEBSIM_CUT, .page = 1, .times = 1, .at = 5 }, RIGHT, EVERY },
	{ "cut in a record for good", { .fault = WEBSIM_CUT, .page = 2, .at = 900 }, FAILS, EVERY },
	{ "next link to another host", { .fault = WEBSIM_ELSEWHERE, .page = 2 }, FAILS, LINKS },
	{ "the same page twice", { .fault = WEBSIM_REPEAT, .page = 2 }, FAILS, PAGES },
	{ "a page that leads to itself", { .fault = WEBSIM_LOOP, .page = 2 }, FAILS, PAGES },
	{ "byte 0 malformed", { .fault = WEBSIM_MALFORM, .page = 2, .at = 0 }, FAILS, EVERY },
	{ "byte 20 malformed", { .fault = WEBSIM_MALFORM, .page = 2, .at = 20 }, FAILS, EVERY },
	{ "byte 1000 malformed", { .fault = WEBSIM_MALFORM, .page = 3, .at = 1000 }, FAILS, EVERY },
	{ "broken UTF-8", { .fault = WEBSIM_BROKEN_UTF8, .page = 2 }, SAFE, EVERY },
	{ "a page of nulls", { .fault = WEBSIM_NULLS, .page = 2 }, SAFE, EVERY },
	{ "an empty page on the way", { .fault = WEBSIM_EMPTY, .page = 2 }, RIGHT, LINKS },
	{ "a login page", { .fault = WEBSIM_HTML, .page = 2 }, FAILS, EVERY },
	{ "look-up, 500 twice", { .fault = WEBSIM_FAIL, .page = WEBSIM_LOOKUPS + 1, .times = 2 }, RIGHT, LOOKUPS },
	{ "look-up, 500 for good", { .fault = WEBSIM_FAIL, .page = WEBSIM_LOOKUPS + 2 }, FAILS, LOOKUPS },
	{ "look-up, 401", { .fault = WEBSIM_EXPIRE, .page = WEBSIM_LOOKUPS + 1, .times = 1 }, RENEWED, LOOKUPS },
	{ "look-up, 403", { .fault = WEBSIM_DENY, .page = WEBSIM_LOOKUPS + 2 }, DENIED, LOOKUPS },
	{ "look-up cut, then good", { .fault = WEBSIM_CUT, .page = WEBSIM_LOOKUPS + 2, .times = 1, .at = 60 }, RIGHT, LOOKUPS },
	{ "look-up malformed", { .fault = WEBSIM_MALFORM, .page = WEBSIM_LOOKUPS + 1, .at = 80 }, FAILS, LOOKUPS },
	{ "look-up, a login page", { .fault = WEBSIM_HTML, .page = WEBSIM_LOOKUPS + 1 }, FAILS, LOOKUPS },
	{ "look-up of nulls", { .fault = WEBSIM_NULLS, .page = WEBSIM_LOOKUPS + 1 }, SAFE, LOOKUPS },
	{ "groups, 500 twice", { .fault = WEBSIM_FAIL, .page = WEBSIM_GROUPS + 2, .times = 2 }, RIGHT, GROUPS },
	{ "groups, 500 for good", { .fault = WEBSIM_FAIL, .page = WEBSIM_GROUPS + 3 }, FAILS, GROUPS },
	{ "groups, 401", { .fault = WEBSIM_EXPIRE, .page = WEBSIM_GROUPS + 3, .times = 1 }, RENEWED, GROUPS },
	{ "groups, 403", { .fault = WEBSIM_DENY, .page = WEBSIM_GROUPS + 1 }, DENIED, GROUPS },
	{ "groups cut, then good", { .fault = WEBSIM_CUT, .times = 1, .at = 60 }, RIGHT, MEMBERS },
	{ "groups malformed", { .fault = WEBSIM_MALFORM, .at = 80 }, FAILS, MEMBERS },
	{ "group that leads to itself", { .fault = WEBSIM_LOOP, .page = 1 }, FAILS, MEMBERS },
	{ "members of nulls", { .fault = WEBSIM_NULLS }, SAFE, MEMBERS },
	{ "group, next link to another host", { .fault = WEBSIM_ELSEWHERE }, FAILS, MEMBERS }
};

static void begin(struct web_run *r, const char *source)
{
	web_run_init(r, source);
	r->company.seed = 7;
	r->company.people = PEOPLE;
	r->company.page_max = PAGE;
	r->company.outside = OUTSIDE;
	r->company.levels = LEVELS;
}

static int is_untouched(const struct web_run *r)
{
	return str_eqz(buf_str(&r->users), WEB_OLD_USERS);
}

/* ---- faults ------------------------------------------------------------------------------------- */

static const char *judge_outcome(const struct web_run *r, enum outcome want, struct str good)
{
	int right = r->code == 0 && str_eq(buf_str(&r->users), good);

	if (r->faults.fault && !r->counts.spoilt)
		return "the fault was not met";
	if (r->code != 0 && !is_untouched(r))
		return "the old users.json was touched";
	if (want == SAFE)
		return r->code == 0 || r->code == 1 || r->code == 6 ? NULL : "another exit code";
	if (want == RIGHT)
		return right ? NULL : "not the same people";
	return r->code == (want == FAILS ? 6 : 7) ? NULL : "another exit code";
}

static void run_fault(struct web_tests *t, const struct vendor *v, const struct fault_row *f, struct str good)
{
	enum outcome want = f->outcome;
	struct websim *other = NULL;
	struct websim_counts counts;
	struct web_run r;
	struct error e;
	size_t i;

	if ((f->only == LINKS && !v->has_links) || (f->only == PAGES && v->pages == 1) ||
	    (f->only == LOOKUPS && !v->lookups) || (f->only >= GROUPS && !v->groups[0]))
		return;
	if (want == RENEWED)
		want = v->renews ? RIGHT : DENIED;
	begin(&r, v->source);
	r.faults = f->faults;
	if (r.faults.page > v->pages && f->only < LOOKUPS)
		r.faults.page = v->pages;
	if (f->only == MEMBERS)
		r.faults.page += WEBSIM_GROUPS + v->members;
	for (i = 0; f->only >= GROUPS && i < 2; i++)
		r.env[i] = v->groups[i];
	error_init(&e);
	if (f->faults.fault == WEBSIM_ELSEWHERE)
		other = websim_new_script(STR("[]"), &e);
	r.faults.other = other ? websim_base(other) : NULL;
	if (web_run(t, &r, &e)) {
		web_judge(t, &r, f->name, e.text);
	} else {
		const char *problem = judge_outcome(&r, want, good);

		if (other && !websim_run(other, 0, &e) && !websim_run(other, 0, &e)) {
			websim_count(other, &counts);
			problem = counts.requests ? "the other host was asked" : problem;
		}
		web_judge(t, &r, f->name, problem);
	}
	websim_free(other);
	web_run_release(&r);
}

/* Factorial's leaves: the same, when they are listed. */
static const struct fault_row leave_faults[] = {
	{ "leaves, every second request throttled", { .fault = WEBSIM_THROTTLE }, RIGHT, EVERY },
	{ "leaves, 500 twice", { .fault = WEBSIM_FAIL, .page = WEBSIM_LEAVES + 2, .times = 2 }, RIGHT, EVERY },
	{ "leaves, 500 for good", { .fault = WEBSIM_FAIL, .page = WEBSIM_LEAVES + 2 }, FAILS, EVERY },
	{ "leaves, employees cut for good", { .fault = WEBSIM_CUT, .page = 2, .at = 900 }, FAILS, EVERY },
	{ "leaves, 401", { .fault = WEBSIM_EXPIRE, .page = WEBSIM_LEAVES + 3 }, DENIED, EVERY },
	{ "leaves, cut in a record", { .fault = WEBSIM_CUT, .page = WEBSIM_LEAVES + 2, .times = 1, .at = 700 }, RIGHT, EVERY },
	{ "leaves, cut for good", { .fault = WEBSIM_CUT, .page = WEBSIM_LEAVES + 2, .at = 700 }, FAILS, EVERY },
	{ "leaves, the same page twice", { .fault = WEBSIM_REPEAT, .page = WEBSIM_LEAVES + 2 }, FAILS, EVERY },
	{ "leaves, a page that leads to itself", { .fault = WEBSIM_LOOP, .page = WEBSIM_LEAVES + 2 }, FAILS, EVERY },
	{ "leaves, byte 300 malformed", { .fault = WEBSIM_MALFORM, .page = WEBSIM_LEAVES + 1, .at = 300 }, FAILS, EVERY },
	{ "leaves, a page of nulls", { .fault = WEBSIM_NULLS, .page = WEBSIM_LEAVES + 2 }, SAFE, EVERY }
};

static void run_leaves(struct web_tests *t)
{
	struct buf good;
	struct web_run r;
	struct error e;
	size_t i;

	buf_init(&good, HARNESS_FILE_MAX);
	error_init(&e);
	for (i = 0; i <= sizeof(leave_faults) / sizeof(leave_faults[0]); i++) {
		const struct fault_row *f = i ? &leave_faults[i - 1] : NULL;
		const char *problem = e.text;

		begin(&r, "factorial");
		r.company.people = 10 * PEOPLE;	/* every tenth takes a leave */
		r.args[0] = "timeoff";
		r.args[1] = "fetch";
		r.args[2] = "factorial";
		r.output = "vacation.json";
		if (f)
			r.faults = f->faults;
		if (!web_run(t, &r, &e)) {
			if (!f)
				buf_put_str(&good, buf_str(&r.users));
			problem = judge_outcome(&r, f ? f->outcome : RIGHT, buf_str(&good));
			if (!f && (!strstr(buf_text(&good), "p290@example.com") || r.counts.others > 3))
				problem = "not everybody's leaves, or too many requests";
		}
		web_judge(t, &r, f ? f->name : "leaves", problem);
		web_run_release(&r);
	}
	buf_release(&good);
}

/* ---- without faults ----------------------------------------------------------------------------- */

static const char *judge_good(const struct web_run *r, const struct vendor *v)
{
	const struct websim_counts *c = &r->counts;

	if (r->code != 0)
		return "did not succeed";
	if (r->count != (unsigned long)(PEOPLE + v->outside))
		return "another number of people";
	if (!strstr(buf_text(&r->users), v->second))
		return "the second person is not there";
	if (c->pages > (unsigned long)v->pages || c->lookups > (unsigned long)v->lookups ||
	    c->others > (unsigned long)v->others || c->tokens > 1 || c->groups || c->mistakes)
		return "more requests than are needed";
	return NULL;
}

/* The right answer stays in good. */
static void run_good(struct web_tests *t, const struct vendor *v, struct buf *good)
{
	struct web_run r;
	struct error e;

	begin(&r, v->source);
	error_init(&e);
	web_judge(t, &r, "no fault", web_run(t, &r, &e) ? e.text : judge_good(&r, v));
	buf_put_str(good, buf_str(&r.users));
	web_run_release(&r);
}

/* Everybody is in one group and every tenth in the other: the same people, and look-ups of names and members. The right
 * answer stays in good. */
static void run_groups(struct web_tests *t, const struct vendor *v, struct buf *good)
{
	const char *problem = NULL;
	struct web_run r;
	struct error e;

	if (!v->groups[0])
		return;
	begin(&r, v->source);
	error_init(&e);
	r.env[0] = v->groups[0];
	r.env[1] = v->groups[1];
	if (web_run(t, &r, &e) || r.code != 0 || r.count != (unsigned long)(PEOPLE + v->outside))
		problem = "another number of people";
	else if (r.counts.groups > (unsigned long)v->pages + 3)
		problem = "more requests for groups than are needed";
	else if (!strstr(buf_text(&r.users), "\"role_id\":\"2\""))
		problem = "nobody leads a team";
	web_judge(t, &r, "groups", problem);
	buf_put_str(good, buf_str(&r.users));
	web_run_release(&r);
}

static void run_wrong(struct web_tests *t, const struct vendor *v)
{
	struct web_run r;
	struct error e;

	begin(&r, v->source);
	error_init(&e);
	r.env[0] = v->wrong;
	if (!web_run(t, &r, &e))
		buf_reset(&r.problems);	/* that the service does not take it is the point */
	web_judge(t, &r, "wrong credentials", judge_outcome(&r, DENIED, STR("")));
	web_run_release(&r);
}

/* A record of 300 KB is read, one that is larger than any may be is refused by its id. */
static void run_large(struct web_tests *t, const struct vendor *v)
{
	const char *problem = NULL;
	struct web_run r;
	struct error e;

	begin(&r, v->source);
	error_init(&e);
	r.company.large = 300000;
	if (web_run(t, &r, &e) || r.code != 0 || r.count != (unsigned long)(PEOPLE + v->outside))
		problem = "it was not read";
	web_judge(t, &r, "a record of 300 KB", problem);
	web_run_release(&r);

	begin(&r, v->source);
	r.company.large = MAX_RECORD;
	problem = web_run(t, &r, &e) ? e.text : judge_outcome(&r, FAILS, STR(""));
	if (!problem && !strstr(buf_text(&r.err), v->second))
		problem = "the record is not named";
	web_judge(t, &r, "a record that is too large", problem);
	web_run_release(&r);
}

/* ---- start -------------------------------------------------------------------------------------- */

static void run_vendor(struct web_tests *t, const struct vendor *v, long people)
{
	struct buf good, grouped;
	size_t i;

	web_large(t, v->source, NULL, people ? people : LARGE);
	if (v->groups[0])
		web_large(t, v->source, v->groups, people ? people : LARGE);
	if (people)
		return;
	buf_init(&good, HARNESS_FILE_MAX);
	buf_init(&grouped, HARNESS_FILE_MAX);
	run_good(t, v, &good);
	run_groups(t, v, &grouped);
	for (i = 0; i < sizeof(faults) / sizeof(faults[0]); i++)
		run_fault(t, v, &faults[i], buf_str(faults[i].only >= GROUPS ? &grouped : &good));
	run_wrong(t, v);
	run_large(t, v);
	web_check(t, v->source);
	buf_release(&good);
	buf_release(&grouped);
}

int main(int argc, char **argv)
{
	struct web_tests t;
	struct error e;
	int64_t people = 0;
	size_t i;

	error_init(&e);
	memset(&t, 0, sizeof(t));
	if (port_init(&argc, &argv, &e) || argc < 4 || argc > 5 || harness_fresh(argv[3], &e) ||
	    (argc > 4 && str_to_i64(str_from(argv[4]), &people))) {
		printf("test_web PROGRAM TEST_CHILD DIR [PEOPLE] %s\n", e.text);
		return 2;
	}
	t.program = argv[1];
	t.meter = argv[2];
	t.dir = argv[3];
	t.measures = web_can_measure(&t);
	if (!t.measures)
		printf("(memory is not judged: the program takes much before it begins)\n");
	for (i = 0; i < sizeof(vendors) / sizeof(vendors[0]); i++)
		run_vendor(&t, &vendors[i], (long)people);
	if (!people) {
		run_leaves(&t);
		web_scripts(&t);
		web_leaves(&t);
	}
	printf("%d passed, %d failed\n", t.passed, t.failed);
	return t.failed > 0;
}
