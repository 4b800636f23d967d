/*
 * What `explain` shows, for people and for programs.
 */
#ifndef APP_APP_EXPLAIN_H
#define APP_APP_EXPLAIN_H

#include "base/json_write.h"
#include "plan/plan_explain.h"
#include "prepare/prepare_explain.h"

/* The prepared file that a sync reads, beside what prepare makes of somebody now. */
enum saved_state {
	SAVED_SAME,
	SAVED_DIFFERS,		/* it has another account, or one of somebody who is left out by now */
	SAVED_MISSING,		/* it has none */
	SAVED_NO_FILE
};

/* Text on its way to standard output. */
struct explain_text {
	int colour;
	int begun;		/* something is printed already */
	struct buf line;	/* owned */
};

/* Released with the other. */
void explain_text_init(struct explain_text *t, int colour);
void explain_text_release(struct explain_text *t);
/* "Source: user 3 of var/users.json" and the like, with an empty line before all but the first. */
void explain_heading(struct explain_text *t, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* "  name          text", the name in a column of that width; and what stands below it, in its column. */
void explain_item(struct explain_text *t, struct str name, int width, struct str text);
void explain_below(struct explain_text *t, int width, struct str text);
/* A line of its own. */
void explain_line(struct explain_text *t, struct str text);
/* The members of a JSON object, those of raw_data too. */
void explain_record(struct explain_text *t, struct str record);

/* Everything about somebody up to the account. */
void explain_person_text(struct explain_text *t, const struct explain_person *who, const char *input,
			 enum saved_state saved);
/* The same as members of an object that is open. */
void explain_person_json(struct json_write *w, const struct explain_person *who, enum saved_state saved);

/* A user of the target and what is planned; title: how people call the target. */
void explain_case_text(struct explain_text *t, const struct plan_case *c, const char *title);
/* The same as an object. */
void explain_case_json(struct json_write *w, const struct plan_case *c);

#endif
