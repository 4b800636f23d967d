/*
 * The people of one read, in a work set until all of them have come: what a broken answer gave is void when
 * it comes anew, nobody may come twice, managers outside the result are found level by level, and the order
 * stays.
 */
#ifndef SOURCE_SOURCE_WORK_H
#define SOURCE_SOURCE_WORK_H

#include "base/error.h"
#include "base/str.h"
#include "model/model.h"
#include "source/source.h"
#include "store/db.h"

struct people;

/* The work set stands in the folder of the new users.json. NULL on failure. */
struct people *people_open(struct source_run *run, struct error *e);
void people_close(struct people *p);
/* The database, for tables of the source's own; a transaction is open. The table of people is
 * person(seq INTEGER PRIMARY KEY, page INTEGER, key TEXT, manager TEXT, json TEXT). */
struct db *people_db(struct people *p);

/* The next answer (page) is asked for. link: what it is asked for with, such as a next link or a page number;
 * ERROR_UPSTREAM when the same came before, which would go round for ever. ptr NULL: not looked at. */
int people_page(struct people *p, struct str link, struct error *e);
/* The answer begins: what the present page has given so far is void. For web_request.begin. */
int people_begin(struct people *p, struct error *e);
/*
 * Takes a person. key: the service's own id of the record; a key that is there already is ERROR_UPSTREAM: the
 * list moved while it was read, and others were left out. An empty key is not looked at. manager: the key of
 * the manager, or empty.
 */
int people_add(struct people *p, struct str key, struct str manager, const struct person *person,
	       struct error *e);
/* Notes a row of a listing by something that tells it from all others, whether it becomes a person or not;
 * one that came before is refused as by people_add(). */
int people_seen(struct people *p, struct str row, struct error *e);
/* Counts a row that becomes no person, by the reason, a text that stays ("without e-mail"): people_emit()
 * logs how many there were of each. */
void people_leave_out(struct people *p, const char *why);
/* people_add() for a source that makes the person only when all are known: json is what it needs then, for
 * people_each() instead of people_emit(). */
int people_add_text(struct people *p, struct str key, struct str manager, struct str json,
		    struct error *e);
/* 1 when somebody with that key was added, 0 not, -1. */
int people_has(struct people *p, struct str key, struct error *e);
/* How many were added so far. */
uint64_t people_count(const struct people *p);
/*
 * Begins a level of managers: the keys that somebody names, that nobody has, and that were in no level
 * before, sorted byte by byte. Says how many.
 */
int people_level(struct people *p, uint64_t *missing, struct error *e);
/* The next of them; 1, 0 at the end, -1. The text dies with the next call. */
int people_next_missing(struct people *p, struct str *key, struct error *e);
/* 1 when this key is one of the present level's and was not added yet, 0, -1. */
int people_is_missing(struct people *p, struct str key, struct error *e);
/*
 * Goes up level by level until nobody is missing who was not asked for: ask() shall fetch n managers, at most
 * `batch`, that it gets from as many calls of people_next_missing(), and add those that are found
 * (people_is_missing()). Logs how many were added and how many the service does not know.
 */
typedef int people_ask_fn(void *cookie, uint64_t n, struct error *e);
int people_find_managers(struct people *p, uint64_t batch, people_ask_fn *ask, void *cookie,
			 struct error *e);
/* Hands everybody to source_emit_text(), in the order of people_add(). */
int people_emit(struct people *p, struct error *e);
/* Hands everybody to fn, in that order. is_manager: somebody names this one as the manager. -1 of fn ends
 * it. */
typedef int people_fn(void *cookie, struct str json, int is_manager, struct error *e);
int people_each(struct people *p, people_fn *fn, void *cookie, struct error *e);

#endif
