/*
 * What the comparison says of one person, and why: the user of the target, what is planned, or why nothing
 * is. Reads what plan_diff() left in the work set; decides nothing itself.
 */
#ifndef PLAN_PLAN_EXPLAIN_H
#define PLAN_PLAN_EXPLAIN_H

#include "plan/plan.h"

#define PLAN_CASES 5		/* users of the target who are told about */
#define PLAN_CASE_NOTES 12
#define PLAN_CASE_SUBJECTS 4

/* Why it is so. */
struct plan_note {
	const char *verdict;	/* "created", "enabled", "changed", "disabled", "moved", "finished",
				 * "unchanged", "left alone", "held", "kept", "group", "nothing" */
	struct str why;
	const char *setting;	/* its name, or "" */
};

/* A user of the target, or one who is to be created. Texts die with the call that it is given to. */
struct plan_case {
	int exists;			/* 0: there is none in the target, and the next eight say nothing */
	struct str id, email, name, group, role, address, external_id;	/* ptr NULL: none known */
	int manual, disabled;
	struct str found_by;		/* "e-mail", "additional e-mail", "external id"; empty: no match */
	struct plan_note notes[PLAN_CASE_NOTES];	/* the first one sums up */
	int note_count;
	struct plan_subject subjects[PLAN_CASE_SUBJECTS];
	struct op ops[PLAN_CASE_SUBJECTS][OP_KINDS];
	int op_count[PLAN_CASE_SUBJECTS];
	int subject_count;
};

typedef int plan_case_fn(void *cookie, const struct plan_case *c, struct error *e);

/*
 * Calls fn for each user of the target who has to do with that person: who has the e-mail (in any letter
 * case) or the external id, or is matched with an entry of that e-mail; and for a user who is missing there.
 * After plan_diff() with that policy, and after plan_limits(). *count: calls.
 */
int plan_explain(struct plan *p, const struct plan_policy *policy, struct str email, struct str external_id,
		 plan_case_fn *fn, void *cookie, int *count, struct error *e);
/* Why an operation is planned, in plain words. */
struct str plan_why(const struct plan_subject *s, const struct op *op);

#endif
