/*
 * The guard of every source (FETCH_MAX_SHRINK): a read that finds so many fewer active people than the saved
 * users.json has is refused until somebody accepts it. Only the numbers count: as many people, but others,
 * are no smaller company, and the limits on plans see whom that would touch.
 */
#ifndef SOURCE_SOURCE_SHRINK_INT_H
#define SOURCE_SOURCE_SHRINK_INT_H

#include <stdint.h>
#include "base/error.h"
#include "base/str.h"

/* What the comparison found. */
struct shrink {
	uint64_t before, now;	/* active people */
	uint64_t most;		/* so many may be missing */
	int refused;
};

/* 1 for a record of users.json that counts: active, and not there for the hierarchy alone. */
int shrink_counts(struct str record);
/* Compares the saved users.json with the number that was found now. A first read has no limit, nor has one
 * after which the saved file cannot be read; that is said as a warning. */
void shrink_compare(const char *saved, uint64_t now, struct shrink *s);
/*
 * Names who is in the saved file and not in the new one, neither by external_id nor by e-mail: the first
 * LIMIT_NAMES, the number of the rest. dir: for the work set.
 */
int shrink_name(const char *saved, const char *found, const char *dir,
		void (*line)(void *cookie, const char *text), void *cookie, struct error *e);

#endif
