/*
 * What the files that send a plan share.
 */
#ifndef TARGET_TARGET_INT_H
#define TARGET_TARGET_INT_H

#include "target/target.h"

/* Sends a request below the run's base; url is filled, req for messages about it. */
int target_submit(struct target_run *run, const struct target_request *request, struct buf *url,
		  struct http_req *req, http_done_fn *done, void *cookie, struct error *e);
/*
 * Records what became of an operation, what was done in the log file too. result: "done", or what went wrong.
 */
int target_record(struct target_run *run, const struct op *op, struct str result, struct error *e);
/*
 * Runs until an answer has come, or recorded changes must not wait any longer. *unrecorded: as soon as they
 * could not be written, why.
 */
int target_wait(struct target_run *run, struct error *unrecorded, struct error *e);
/* The error of a run that ends because of that. Returns -1. */
int target_unrecorded(const struct target_run *run, const struct error *why, struct error *e);
/*
 * Invites new users several at a time; whom that does not reach stays open. total: how many they are. When
 * an answer got lost the users are listed again, so that some of them may have their id already.
 */
int target_invite(struct target_run *run, uint64_t total, struct error *e);

#endif
