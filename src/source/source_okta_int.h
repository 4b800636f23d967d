/*
 * What the files of the Okta source share: its settings as read, how a record becomes a person, the requests,
 * the work set in which everybody waits until the hierarchy is known, and the checks that it must pass.
 */
#ifndef SOURCE_SOURCE_OKTA_INT_H
#define SOURCE_SOURCE_OKTA_INT_H

#include <stdint.h>
#include "base/arena.h"
#include "base/buf.h"
#include "base/error.h"
#include "base/str.h"
#include "model/model.h"
#include "source/source.h"
#include "source/source_oauth.h"
#include "source/source_rules.h"
#include "source/source_web.h"
#include "store/db.h"

/* ---- record -> person (source_okta_person.c) ----------------------------------------------------------- */

/* What decides what becomes of a record. All borrowed from the settings. A field is "id" (the record's
 * own), the name of an attribute of the profile, or with dots a path from the top of the record. */
struct okta_rules {
	struct str external_id, email, name, department, title, manager, match;	/* fields */
	struct str statuses;		/* comma list, upper case: who is wanted */
	struct str excluded;		/* comma list of departments */
	struct supervisor_rule supervisor;
};

/* Why somebody is not written. */
enum okta_left {
	OKTA_TAKEN,
	OKTA_OTHER_STATUS,		/* none of the wanted ones */
	OKTA_EXCLUDED,			/* by department */
	OKTA_INCOMPLETE			/* not active, and without external id or e-mail */
};

/* A record as read. Texts are slices of it or in the reader's arena. */
struct okta_person {
	struct str id, login, status;
	struct person person;		/* without supervisor_id and role_id */
	struct str match;		/* what managers are named by, as it is compared; empty: nothing */
	struct str manager;		/* the reference to the manager as written, trimmed; empty: none */
	struct str manager_key;		/* the same in the form that is compared */
	enum okta_left left;
};

struct okta_reader {
	const struct okta_rules *rules;	/* borrowed */
	struct arena arena;		/* of the present record */
	struct buf scratch;
};

/* Release it in any case. */
void okta_reader_init(struct okta_reader *r, const struct okta_rules *rules);
/* Allowed on one that is all zero, too. */
void okta_reader_release(struct okta_reader *r);
/*
 * Reads one record, JSON that the scanner has passed. Its texts die with the next read. ERROR_UPSTREAM when
 * it is no object with an id.
 */
int okta_person_read(struct okta_reader *r, struct str record, struct okta_person *out, struct error *e);
/* Makes somebody a manager who is only there to complete the hierarchy: always taken, inactive, with the
 * login for an e-mail if there is none. */
int okta_person_demote(struct okta_reader *r, struct okta_person *p, struct error *e);
/* The value of a member of an object in an object ("profile", "name") as text; empty when there is none.
 * ptr NULL: no memory. */
struct str okta_text_in(struct str record, const char *object, const char *member, struct arena *a);
/* 1 when letter case does not count in what managers are named by: the match field is e-mail or login. */
int okta_folds(const struct okta_rules *rules);
/* A reference in the form in which it is compared with match values: case folded if okta_folds(). In the
 * arena. ptr NULL: no memory. */
struct str okta_fold(struct okta_reader *r, struct str reference);

/* ---- the work set (source_okta_work.c) ----------------------------------------------------------------- */

/*
 * Everybody who came, in tables (the schema stands in source_okta_work.c). An answer's people are staged, and
 * taken when it has come whole.
 */
#define OKTA_QUERIES 18
struct okta_work {
	struct source_run *run;		/* borrowed */
	struct db *db;
	struct db_stmt *stmt[OKTA_QUERIES];	/* prepared when first used */
	int64_t listing;		/* number of the present one */
	int64_t level;			/* of managers */
	uint64_t people;		/* taken so far, for the progress */
};

/* What to do with the people of an answer. */
enum okta_take {
	OKTA_TAKE_FIRST,		/* who came before stays as he or she was */
	OKTA_TAKE_LAST,			/* the place of the first time, the data of the last */
	OKTA_TAKE_LEADERS,		/* only the ids count, as members of supervisor groups */
	OKTA_TAKE_MANAGER		/* behind all others, also who was left out before */
};

/* Makes the tables, in the folder of the new users.json. Close it also after a failure. */
int okta_work_open(struct okta_work *w, struct source_run *run, struct error *e);
/* Allowed on one that is all zero, too. */
void okta_work_close(struct okta_work *w);
/* A listing of several answers begins. */
void okta_work_listing(struct okta_work *w);
/* The next answer is asked for with this address. ERROR_UPSTREAM when it was asked for with the same
 * before in this listing. */
int okta_work_page(struct okta_work *w, struct str address, struct error *e);
/* An answer begins: what is staged is void. Fits web_request.begin. */
int okta_work_begin(void *work, struct error *e);
int okta_work_stage(struct okta_work *w, const struct okta_person *p, struct error *e);
/* The answer is whole. ERROR_UPSTREAM when it names the very people of an earlier one of the same listing. */
int okta_work_take(struct okta_work *w, enum okta_take take, struct error *e);

/* All lists have been read; makes what look-ups by match value need. */
int okta_work_index(struct okta_work *w, struct error *e);
/* Gives those who name a manager that is here their manager. */
int okta_work_resolve(struct okta_work *w, struct error *e);
/* Begins a level: managers that somebody names, who are not here, and were not in a level before. */
int okta_work_level(struct okta_work *w, uint64_t *missing, struct error *e);
/* The next of the level, ascending by the reference as it was written; 1, 0 at the end, -1. Appended to the
 * buffers, which are emptied before. */
int okta_work_missing(struct okta_work *w, struct buf *reference, struct buf *key, struct error *e);
/* Keeps why one of them was not found. why is a static text. */
int okta_work_not_found(struct okta_work *w, struct str key, const char *why, struct error *e);
/* How many were left out for that reason. */
int okta_work_left(struct okta_work *w, enum okta_left left, uint64_t *count, struct error *e);
/* Hands everybody to source_emit(). */
int okta_work_emit(struct okta_work *w, struct error *e);

/* ---- circles of managers (source_okta_cycles.c) -------------------------------------------------------- */

/* Makes the table cycle (number, place, seq) of who manages whom in a circle of two or more, from the
 * table of people. */
int okta_find_cycles(struct db *db, struct error *e);

/* ---- checks of what was read (source_okta_report.c) ---------------------------------------------------- */

struct okta_checks {
	struct okta_work *work;		/* borrowed */
	const struct okta_rules *rules;	/* borrowed */
	const char *dir;		/* where the report goes */
	int64_t roots_max;		/* 0: any number */
	int complete;			/* the managers have been looked up */
};

/*
 * Checks ids, e-mails, managers and the hierarchy. What is wrong goes as one line of JSON to the log and
 * whole to okta_validation.json in the folder, which otherwise is removed; -1 then, ERROR_FAILED. When all is
 * well and complete, the log gets the line too.
 */
int okta_check(const struct okta_checks *c, struct error *e);

/* ---- requests (source_okta_api.c) ---------------------------------------------------------------------- */

struct okta_api {
	struct web web;
	struct okta_rules rules;
	struct okta_reader reader;
	struct okta_work work;
	struct buf path, next;		/* of the present request and the one behind it */
	uint64_t lookups;
};

/* Everybody with a status, as OKTA_TAKE_FIRST. */
int okta_read_status(struct okta_api *api, struct str status, struct error *e);
/* The members of a group. ERROR_FAILED when there is no such group. */
int okta_read_group(struct okta_api *api, struct str id, enum okta_take take, struct error *e);
/* The id of the group with this very name, appended to id; 1, 0 when there is none, -1. */
int okta_find_group(struct okta_api *api, struct str name, struct buf *id, struct error *e);
/* Fetches a manager by the reference; one that cannot be found is kept as such. */
int okta_read_manager(struct okta_api *api, struct str reference, struct str key, struct error *e);
/* One small request; *found is 1 when the list has somebody. path: "/api/v1/groups?limit=1". */
int okta_probe(struct okta_api *api, const char *path, int *found, struct error *e);
/* How long to leave Okta alone by an answer's headers, in milliseconds. For struct web_kind. */
int64_t okta_pace(const struct http_head *head, int64_t now);

/* ---- credentials (source_okta_login.c) ----------------------------------------------------------------- */

struct okta_login {
	struct oauth_client client;
	struct oauth oauth;
	struct jws_key *key;
	struct buf header, value;
};

/* Checks the settings of the service and of the credentials; nothing is sent yet. Zeroed before; close it
 * also after a failure. groups: whether groups are to be read. */
int okta_login_open(struct okta_login *l, struct web *web, struct source_run *run, int groups,
		    struct error *e);
void okta_login_close(struct okta_login *l);
/* Makes the service ready for requests, with a token that may have to be asked for. */
int okta_login(struct okta_login *l, struct web *web, struct error *e);

#endif
