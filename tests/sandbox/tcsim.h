/*
 * A simulator of TimeCamp: an account in memory behind the part of the service's API that a directory sync needs. For
 * tests (in the same process as the test, or as the program build/timecamp_sim) and for the demo. Plain HTTP.
 *
 * The account comes from a JSON document: groups [{group_id, name, parent_id}], users [{user_id, email, display_name,
 * group_id, role_id, settings {name: value}}], root_group_id, next_group_id, next_user_id, day_types, attendance, and
 * options (the rows of tcsim_options.c), which make it behave in one of the ways the real service or a bad network can.
 */
#ifndef SANDBOX_TCSIM_H
#define SANDBOX_TCSIM_H

#include "base/buf.h"
#include "base/error.h"
#include "base/str.h"

struct tcsim;

/* An empty account. NULL when out of memory. */
struct tcsim *tcsim_new(struct error *e);
void tcsim_free(struct tcsim *s);
/* Replaces account, options, counters and calls by what the document says. After a failure the account is empty. */
int tcsim_load(struct tcsim *s, struct str json, struct error *e);
int tcsim_load_file(struct tcsim *s, const char *path, struct error *e);
/* An option by the name it has in a document; lists: one value a line. -1: there is none of that name. */
int tcsim_set_option(struct tcsim *s, const char *name, const char *value, struct error *e);

/* Serves on 127.0.0.1; port 0: a free one. */
int tcsim_listen(struct tcsim *s, unsigned port, struct error *e);
unsigned tcsim_port(const struct tcsim *s);
/* Serves for at most ms milliseconds. -1 when the loop is broken. */
int tcsim_run(struct tcsim *s, int ms, struct error *e);
/* 1 after POST /_sim/stop. */
int tcsim_stopped(const struct tcsim *s);

/* 1 once a "fault" has begun after which nothing is answered. Until tcsim_clear(). */
int tcsim_stuck(const struct tcsim *s);

/* Forgets calls and counters, keeps the account. */
void tcsim_clear(struct tcsim *s);
/* Appends the account as a document that tcsim_load() takes, sorted by number. */
void tcsim_put_state(struct tcsim *s, struct buf *out);
/*
 * Appends a line for each user, sorted: group path below the root (names joined by '/', the root itself: empty), e-mail,
 * name, role and "active" or "disabled", with tabs between them. What does not depend on numbers.
 */
void tcsim_put_people(struct tcsim *s, struct buf *out);
/* What was posted to /_sim/note/ANYTHING since the account was loaded: a line each. */
struct str tcsim_notes(const struct tcsim *s);
/* Appends {"calls": [{method, path, body, status, created}], "mutating", "reads", "requests", "connections",
 * "max_in_flight"}: the changing requests in order (status 0: cut off without effect) and counters. */
void tcsim_put_calls(struct tcsim *s, struct buf *out);

#endif
