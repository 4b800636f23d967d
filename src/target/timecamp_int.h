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
/* Reads the roles and the settings of all users in the plan, side by side. Part of loading. */
int timecamp_load_details(struct target_run *run, struct error *e);
/* Reads what an earlier run left into the plan, where the settings ask for that. Part of loading. */
int timecamp_read_pending(struct target_run *run, struct error *e);

#endif
