/*
 * Comparison and plans, one piece of code for all targets and pure. Into a plan's work set go the wanted
 * people (the prepared file), the actual state of the target and a policy; out come operations: data that is
 * printed, counted, checked and sent. No network, no clock, and the same answer for the same input.
 *
 * Operations belong to subjects (a user, a group); subjects stand in parts (new groups, new users, ...),
 * which are what people read and the order in which things are done. An id that does not exist yet stands as
 * a name, "{group:Engineering/Frontend}", until plan_made() tells it.
 */
#ifndef PLAN_PLAN_H
#define PLAN_PLAN_H

#include <stdint.h>
#include "base/arena.h"
#include "base/error.h"
#include "base/settings.h"
#include "base/str.h"

struct plan;			/* opaque: the work set */

#define PLAN_ID_MAX 64		/* bytes of a group's id from the settings, with NUL */

/* ---- kinds and parts ---- */

/* Kinds of operation, in the order in which one subject's operations are sent. */
enum op_kind {
	OP_GROUP_CREATE,
	OP_USER_CREATE,
	OP_USER_ENABLE,
	OP_USER_DISABLE,
	OP_USER_RENAME,
	OP_USER_EMAIL,
	OP_USER_ROLE,		/* through the group that the user is in before a move */
	OP_USER_MOVE,
	OP_USER_EXTERNAL_ID,	/* before an address that made the match is given up for it */
	OP_USER_ADDRESS,	/* the additional e-mail */
	OP_USER_MARK,		/* "kept by us", after any change */
	OP_GROUP_DELETE,
	OP_KINDS
};

struct op_info {
	const char *name;	/* "user.move" */
	const char *field;	/* what it changes: "group"; "": its part says it all; NULL: not shown */
};

extern const struct op_info op_table[OP_KINDS];

/* Parts in the order in which they are shown. */
enum plan_part {
	PART_GROUP_CREATE,
	PART_USER_CREATE,
	PART_USER_ENABLE,
	PART_USER_CHANGE,
	PART_USER_DISABLE,
	PART_USER_RETIRE,	/* moved to the group for disabled users, nothing else */
	PART_GROUP_DELETE,
	PART_USER_FINISH,	/* new users of earlier runs who were not listed then */
	PART_USER_LEFT,		/* what an earlier run left for the end and did not come to */
	PART_USER_LATER,	/* what this one leaves for its end */
	PLAN_PARTS
};

struct part_info {
	const char *name;	/* "user.create", as the diff's statements call it */
	const char *title;	/* "New users"; NULL: not shown, since another part says it */
	const char *doing;	/* "creating users", for progress */
};

extern const struct part_info part_table[PLAN_PARTS];

/*
 * How far a subject is. Of a new user PLAN_STARTED means: invited, the rest is still to be done. PLAN_HELD: a
 * limit keeps it back.
 */
enum plan_state { PLAN_OPEN, PLAN_STARTED, PLAN_DONE, PLAN_FAILED, PLAN_HELD };

/* What is done about one subject. Texts lie in the arena that the reader gave. */
struct plan_subject {
	int64_t n;		/* its number; order of work within a part and level */
	enum plan_part part;
	int level;		/* subjects of a lower level are done before those of a higher one */
	struct str label;	/* how people know it: e-mail or group path */
	struct str id;		/* the target's id; empty: does not exist yet */
	struct str why;		/* plain words, or empty */
	enum plan_state state;
};

struct op {
	enum op_kind kind;
	struct str id, label;	/* the subject's */
	struct str place;	/* the group where it is done: the parent, the user's group; id or name */
	struct str value;	/* what is sent: a name, an e-mail, a role's word; of a move the group */
	struct str before;	/* what it was, for people; ptr NULL: unknown or nothing */
	struct str after;	/* what it will be, for people */
};

/* ---- filling ---- */

/* The fields of a policy that settings set, for naming these. */
enum plan_switch {
	PLAN_IGNORED, PLAN_PROTECT, PLAN_CREATE_GROUPS, PLAN_CREATE_USERS, PLAN_MOVE_USERS, PLAN_CHANGE_ROLES,
	PLAN_DISABLE_USERS, PLAN_SYNC_ADDRESS, PLAN_SYNC_EXTERNAL_ID, PLAN_EMAIL, PLAN_SPARE_MANUAL,
	PLAN_SWITCHES
};

/* What the target's settings allow, and its rules. Lists are borrowed until plan_diff() returns. */
struct plan_policy {
	char root[PLAN_ID_MAX];		/* id of the group that group paths are relative to */
	char leavers[PLAN_ID_MAX];	/* id of the group for disabled users; "" none */
	const char *ignored;		/* comma list of ids of users who are left alone */
	const char *protect;		/* the same of e-mails or "*@domain" */
	int create_groups;		/* off: who needs a missing group goes to the root */
	int create_users, move_users, change_roles, disable_users, remove_empty_groups;
	int sync_address;		/* the additional e-mail */
	int sync_external_id;		/* off: not for matching either */
	int email_by_external_id;	/* a match by external id changes the e-mail */
	int spare_manual;		/* people added by hand are neither changed nor disabled */
	int max_levels;			/* of groups, the top one included; 0: any number */
	int only_groups;		/* nobody is touched, only empty groups are removed */
	int later;			/* enabling, disabling and marking are done at the end of the run */
	const char *const *settings;	/* names of those behind the fields, by enum plan_switch; or NULL */
};

/* An empty work set. NULL on failure. */
struct plan *plan_new(struct error *e);
/* NULL allowed. */
void plan_free(struct plan *p);

/*
 * Reads a prepared file (timecamp_users.json) and checks every entry: e-mail and status must be there, a name
 * for active people. The error names file, entry and what is wrong. *count: entries.
 */
int plan_read_wanted(struct plan *p, const char *path, uint64_t *count, struct error *e);
/* The same for a text that comes in pieces. NULL on failure. */
struct plan_wanted;
struct plan_wanted *plan_wanted_begin(struct plan *p, struct error *e);
/* NULL allowed. */
void plan_wanted_free(struct plan_wanted *w);
/* Has the shape of json_out_fn: cookie is the struct plan_wanted. */
int plan_wanted_feed(void *cookie, const char *data, size_t len, struct error *e);
int plan_wanted_end(struct plan_wanted *w, uint64_t *count, struct error *e);

/* A group of the target, in the order of its listing. name as listed; parent empty: none. */
int plan_add_group(struct plan *p, struct str id, struct str parent, struct str name, struct error *e);

/* A user of the target, in the order of its listing. ptr NULL: none known. */
struct actual_user { struct str id, email, name, group; };
/* *n gets the user's number for plan_set_details(), 0 when he is not needed (plan_forget_actual()). */
int plan_add_user(struct plan *p, const struct actual_user *u, int64_t *n, struct error *e);
/* What is read apart from the listing. ptr NULL: not set. Not called: nothing set, enabled. */
struct actual_details { struct str address, external_id; int manual, disabled; };
int plan_set_details(struct plan *p, int64_t n, const struct actual_details *d, struct error *e);
/* The role's word ("user") that a user has in a group; counts when it is the group that he is in. */
int plan_set_role(struct plan *p, struct str id, struct str group, struct str role, struct error *e);
/*
 * Ids of the users from number `from` on, at most max, into the arena: as many as were found. -1 on failure.
 */
int plan_user_ids(struct plan *p, int64_t from, int max, struct str *ids, int64_t *numbers, struct arena *a,
		  struct error *e);

/* A user who is left alone, besides those of the policy. Before plan_diff(). */
int plan_ignore(struct plan *p, struct str id, struct error *e);

/*
 * What an earlier run left: to enable, disable or mark a user. Before plan_diff(); counts only with
 * policy.later.
 */
int plan_add_left(struct plan *p, struct str id, struct str email, enum op_kind kind, struct error *e);
/* A new user of an earlier run who was not listed then. ptr NULL: none. The same. */
struct unfinished_user { struct str email, name, group, role, address, external_id; };
int plan_add_unfinished(struct plan *p, const struct unfinished_user *u, struct error *e);

/* A user whom an earlier run changed and did not come to mark, as plan_each_mark() called him. */
int plan_add_unmarked(struct plan *p, struct str name, struct error *e);
/* 1 when an earlier run began to change the user of that name, as far as plan_add_unmarked() was told. */
int plan_was_unmarked(struct plan *p, struct str name);

/* The comparison. ERROR_USAGE when the root group or the group for disabled users is not there. */
int plan_diff(struct plan *p, const struct plan_policy *policy, struct error *e);

/* ---- reading ---- */

/* Subjects of each part. */
int plan_count(struct plan *p, uint64_t count[PLAN_PARTS], struct error *e);

/* People who are in the file and in the target, and in whom nothing differs. */
int plan_unchanged(struct plan *p, uint64_t *count, struct error *e);
/* Entries that are left alone because it is not clear which user each of them is. */
int plan_ambiguous(struct plan *p, uint64_t *count, struct error *e);

struct plan_cursor;
/* Walks the subjects of one part in order of level and number. NULL on failure. */
struct plan_cursor *plan_walk(struct plan *p, enum plan_part part, struct error *e);
/* Walks those of the parts from first to last that are in that state, of the lowest level that has any. */
struct plan_cursor *plan_walk_level(struct plan *p, enum plan_part first, enum plan_part last,
				    enum plan_state state, struct error *e);
/* Walks those new users of a part who are not invited yet, group by group. */
struct plan_cursor *plan_walk_by_place(struct plan *p, enum plan_part part, struct error *e);
/* 1 with the next subject (texts in the arena), 0 at the end, -1. */
int plan_next(struct plan_cursor *c, struct plan_subject *s, struct arena *a, struct error *e);
void plan_walk_end(struct plan_cursor *c);
/* Walks those that are about one user: by id, or by lower-cased e-mail where there is no id yet. */
struct plan_cursor *plan_walk_user(struct plan *p, struct str id, struct str key, struct error *e);
/* The name that a user who is marked goes by from run to run, into the buffer; empty: he is not marked. */
void plan_mark_name(struct plan *p, const struct plan_subject *s, struct buf *name);
/* Calls fn with the names of all who will be marked. */
int plan_each_mark(struct plan *p, int (*fn)(void *cookie, struct str name, struct error *e), void *cookie,
		   struct error *e);
/* A subject's operations in order, at most OP_KINDS: their number, or -1. */
int plan_ops(struct plan *p, const struct plan_subject *s, struct op ops[OP_KINDS], struct arena *a,
	     struct error *e);

/* Gets one line of text for people. */
typedef void plan_line_fn(void *cookie, const char *line);
/* Prints the plan, at most PLAN_LINES a part unless all. Warnings come the same way. */
int plan_print(struct plan *p, int all, plan_line_fn *line, void *cookie, struct error *e);

/* ---- limits ---- */

/* The rows of the settings (SYNC_MAX_...), ending with name NULL. */
extern const struct setting plan_settings[];

/*
 * Checks the whole plan against the limits of the settings. *over: a limit is exceeded; line() gets which,
 * and the first of the people; their parts are held. ERROR_USAGE for a bad setting.
 */
int plan_limits(struct plan *p, plan_line_fn *line, void *cookie, int *over, struct error *e);
/* One of the limits, and how far the plan goes. */
struct plan_limit {
	const char *setting, *what;	/* "SYNC_MAX_NEW_USERS", "users would be created" */
	uint64_t planned, most;
	int over;
};
#define PLAN_LIMITS 4
/* That of number 0 ... PLAN_LIMITS - 1. */
int plan_limit(struct plan *p, size_t which, struct plan_limit *limit, struct error *e);
/* SYNC_ON_LIMIT: 1 when the rest of the plan is done all the same. */
int plan_on_limit_skip(int *skip, struct error *e);

/* ---- as a file ---- */

/* Writes the plan (JSON Lines); only_held: what a limit keeps back. */
int plan_write(struct plan *p, const char *path, const char *target, const struct plan_policy *policy,
	       int only_held, struct error *e);
/* Reads one into an empty plan. ERROR_USAGE when it is for another target or made with other settings. */
int plan_read(struct plan *p, const char *path, const char *target, const struct plan_policy *policy,
	      struct error *e);
/* The name that a plan which was read goes by from run to run, into the buffer: "plan:" and its digest. */
void plan_file_name(const struct plan *p, struct buf *name);
/*
 * For a plan that an earlier run began to do and did not finish: what is done already is taken out, as far as
 * the target as it is loaded shows it, and plan_add_unmarked() was told; *done: users and groups of which all
 * is done. Before plan_check_before().
 */
int plan_resume(struct plan *p, uint64_t *done, struct error *e);
/*
 * Compares a plan that was read with the target as it is loaded: subjects that are not as they were fail;
 * line() gets who and why. *misfits: how many.
 */
int plan_check_before(struct plan *p, plan_line_fn *line, void *cookie, uint64_t *misfits, struct error *e);
/* Before the target is loaded again. From now on only users whom the plan is about are taken. */
int plan_forget_actual(struct plan *p, struct error *e);
/* After that: whether what was done can be seen there. */
int plan_check_after(struct plan *p, plan_line_fn *line, void *cookie, uint64_t *misfits, struct error *e);

/* ---- what doing it reveals ---- */

/* A group of that path was made and has this id. */
int plan_made_group(struct plan *p, struct str path, struct str id, struct error *e);
/* A listed user: when he is one of the new users, his id is known from now on. */
int plan_found_user(struct plan *p, struct str email, struct str id, struct error *e);
/* Replaces names by ids in the operation's place and value; ERROR_FAILED names what was never made. */
int plan_resolve(struct plan *p, struct op *op, struct arena *a, struct error *e);
/* Users of a part who were invited and still have no id. */
int plan_missing_users(struct plan *p, enum plan_part part, uint64_t *count, struct error *e);
/*
 * Subjects of which something is still to be done, neither failed nor held. New users of earlier runs do not
 * count: they may wait for as long as the account does not list them.
 */
int plan_count_left(struct plan *p, uint64_t *count, struct error *e);
int plan_set_state(struct plan *p, const struct plan_subject *s, enum plan_state state, struct error *e);

#endif
