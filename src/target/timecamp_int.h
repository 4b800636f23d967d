/*
 * What the files of the TimeCamp target share.
 */
#ifndef TARGET_TIMECAMP_INT_H
#define TARGET_TIMECAMP_INT_H

#include "base/json_read.h"
#include "target/target.h"

/* The service's number of a role's word ("2" of "supervisor"); unknown words are plain users. */
const char *timecamp_role_id(struct str word);
/* The word of a number; an unknown number stays as it is. */
struct str timecamp_role_word(struct str id);

/* The parts of the descriptor; see struct target. */
int timecamp_load(struct target_run *run, int only_groups, struct error *e);
int timecamp_request(const struct op *op, struct target_request *out, struct error *e);
int timecamp_invite(const struct op *ops, int count, struct target_request *out, struct error *e);
int timecamp_invited(const struct op *op, struct str body, struct error *e);
int timecamp_made(const struct op *op, struct str body, struct buf *id, struct error *e);
int timecamp_look(struct target_run *run, const struct op *op, struct buf *id, struct error *e);
int timecamp_list_users(struct target_run *run, struct error *e);
int timecamp_check(struct target_run *run, struct buf *note, struct error *e);
int timecamp_keep(struct target_run *run, struct error *e);

/* Text or number as text; ptr NULL when absent, null or something else. */
struct str timecamp_text(struct json v, struct arena *a);
/*
 * Reading the roles and settings of the users in the plan, part of loading. It begins while users are still
 * being listed. NULL on failure.
 */
struct details *timecamp_details_new(struct target_run *run, struct error *e);
/* NULL allowed; nothing of it may be in flight. */
void timecamp_details_free(struct details *d);
/*
 * Begins the requests that may be in flight beside `others`. last: number of the last user in the plan so far
 * (0: none); complete: no more will come. How many are in flight then (0 when complete: all is read, or it
 * failed), or -1.
 */
int timecamp_details_go_on(struct details *d, int64_t last, int complete, int others, struct error *e);
/* -1 with the failure of the first answer that failed, else 0. */
int timecamp_details_failed(const struct details *d, struct error *e);
/* From now on it is told how far it is. users: how many are listed. */
void timecamp_details_report(struct details *d, uint64_t users);
/* Reads what an earlier run left into the plan, where the settings ask for that. Part of loading. */
int timecamp_read_pending(struct target_run *run, struct error *e);

#endif
