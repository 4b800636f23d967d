/*
 * prepare: from users.json, as a source wrote it, to timecamp_users.json, which a target compares with its
 * present state. A function from file and settings to file; no network. docs/prepare.md has the rules.
 */
#ifndef PREPARE_PREPARE_H
#define PREPARE_PREPARE_H

#include <stdint.h>
#include "base/error.h"
#include "base/settings.h"

/* What a run did. */
struct prepare_counts {
	uint64_t read;			/* records in the input */
	uint64_t without_id;		/* dropped: no external_id */
	uint64_t hidden;		/* left out: hierarchy_only */
	uint64_t excluded;		/* left out: by settings */
	uint64_t written;
};

/*
 * Reads the file at input and replaces the one at output when all went well; on failure that stays as it was.
 * ERROR_USAGE for a setting, ERROR_FAILED for the input, naming record and field.
 */
int prepare_run(const char *input, const char *output, struct prepare_counts *counts, struct error *e);

/* The settings of this stage; ends with name NULL. */
extern const struct setting prepare_settings[];

#endif
