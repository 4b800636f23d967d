/*
 * What the files of plan/ share: the work set and its prepared statements.
 */
#ifndef PLAN_PLAN_INT_H
#define PLAN_PLAN_INT_H

#include "base/buf.h"
#include "base/digest.h"
#include "plan/plan.h"
#include "store/db.h"

enum plan_sql {
	SQL_ADD_WANTED,
	SQL_FIND_PATH,
	SQL_ADD_PATH,
	SQL_ADD_GROUP,
	SQL_ADD_USER,
	SQL_ADD_SUBJECTS_USER,
	SQL_SET_DETAILS,
	SQL_SET_ROLE,
	SQL_USER_IDS,
	SQL_OPS,
	SQL_MADE,
	SQL_FIND_MADE,
	SQL_FOUND_USER,
	SQL_SET_STATE,
	SQL_BLOCK,
	SQL_IGNORE,
	SQL_ADD_LEFT,
	SQL_ADD_UNFINISHED,
	SQL_ADD_UNMARKED,
	SQL_WAS_UNMARKED,
	PLAN_STATEMENTS
};

struct plan {
	struct db *db;					/* owned */
	struct db_stmt *stmt[PLAN_STATEMENTS];		/* owned; prepared when first used */
	struct buf scratch, key;			/* owned; texts of one record */
	struct buf last_path;				/* owned; the path looked up last and its number */
	int64_t last_path_n;
	int only_subjects;				/* plan_add_user() takes those of subjects */
	char digest[2 * SHA256_SIZE + 1];		/* of the file that the plan was read from; "" none */
};

/* The prepared statement, NULL on failure. */
struct db_stmt *plan_stmt(struct plan *p, enum plan_sql which, struct error *e);
/* Lower case for comparison, in the buffer that is given; dies with it. ptr NULL stays. */
struct str plan_lower(struct buf *scratch, struct str s);
/* Fills the table of parts and kinds that the diff's statements refer to by name. */
int plan_add_kinds(struct plan *p, struct error *e);
/*
 * The first of the subject numbers of a part; a subject's number is this plus the number of what it is made
 * from.
 */
int64_t plan_base(enum plan_part part);
/* The same in a statement, of a part's name. */
#define PLAN_BASE(name) "(SELECT base FROM part WHERE name = '" name "')"
/* The part that a subject's number belongs to. */
enum plan_part plan_part_of(int64_t n);

/* The one number that a query gives. */
int plan_number(struct plan *p, const char *sql, uint64_t *number, struct error *e);
/*
 * The subjects of a part are left out, with what of them was left for the end, and with groups those who were
 * to go into them; and while people stay where they are, so do the groups that were to be removed.
 */
int plan_hold(struct plan *p, enum plan_part part, struct error *e);
/* The empty tables of a work set. */
int plan_create_tables(struct plan *p, struct error *e);
/* Runs statements in order. */
int plan_run(struct plan *p, const char *const *sql, size_t count, struct error *e);
/* Users to be marked only; when all marking is left for the end (later), it joins that. */
int plan_unmarked(struct plan *p, int later, struct error *e);
/* The part of the comparison that policy.later asks for; after all others. */
int plan_later(struct plan *p, struct error *e);

#endif
