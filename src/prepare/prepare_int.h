/*
 * What the files of prepare/ share.
 *
 * Work in three steps over a work set: prepare_read() puts every person with an external_id into the table
 * person; prepare_link() merges records of one id or address and finds the managers' paths (table boss);
 * prepare_write() walks the people in the order of the output, completes each and writes it.
 */
#ifndef PREPARE_PREPARE_INT_H
#define PREPARE_PREPARE_INT_H

#include <stdint.h>
#include "base/arena.h"
#include "base/buf.h"
#include "base/error.h"
#include "base/str.h"
#include "prepare/prepare.h"
#include "prepare/prepare_trace_int.h"
#include "store/db.h"
#include "store/store.h"

enum prepare_mode { MODE_DEPARTMENT, MODE_SUPERVISOR, MODE_HYBRID };

/* The settings, read once. */
struct regex;
struct group_rules;		/* prepare_regex.c */
struct transform;		/* prepare_transform.c */
struct rules {
	enum prepare_mode mode;
	int titles_in_users, titles_in_groups, show_id;
	int by_is_supervisor;
	struct str skip;		/* borrowed: comma list of path prefixes */
	struct buf domain;		/* owned: with its @; empty: addresses stay */
	struct regex *exclude;		/* owned: who is left out; NULL: nobody */
	struct group_rules *changes;	/* owned */
	struct transform *transform;	/* owned; NULL: none */
};

/* What is known of a person in one number (column bits). */
enum person_bits {
	BIT_HIDDEN = 1,			/* hierarchy_only */
	BIT_ACTIVE = 2,
	BIT_ADMIN = 4,			/* force_global_admin_role */
	BIT_SUPERVISOR = 8,		/* force_supervisor_role */
	BIT_IS_SUPERVISOR = 16,		/* is_supervisor says yes */
	BIT_MANAGER = 32,		/* somebody names this person as supervisor: the role */
	BIT_OWN_GROUP = 64,		/* somebody with an external_id does: the group */
	BIT_EXCLUDED = 128,
	BIT_NEW_ID = 256,		/* the transform changed external_id */
	BIT_ROLE = 512			/* times role_id, where that is one of 1, 2, 3, 5; else times 0 */
};

/* Things worth a warning; the first few by name, the rest as a count. */
enum note {
	NOTE_WITHOUT_ID, NOTE_SELF_MANAGED, NOTE_UNKNOWN_SUPERVISOR, NOTE_SAME_MAIL, NOTE_SAME_FINAL_MAIL,
	NOTE_EMPTY_MAIL, NOTE_SLASH, NOTE_ROLE_LOST, NOTES
};

struct sources;			/* prepare_raw.c */

/* A run. */
struct prepare {
	struct rules rules;
	struct prepare_counts *counts;
	struct store_in *in;		/* owned */
	struct db *work;		/* owned */
	struct arena arena;		/* emptied after each record */
	struct sources *sources;	/* owned; NULL unless a transform may change external_id */
	int forced;			/* somebody has force_supervisor_role */
	uint64_t notes[NOTES];
	struct trace *trace;		/* borrowed; NULL unless somebody is explained */
};

/* A row of person, completed on the way to the output. Texts are borrowed from the row or the arena. */
struct member {
	int64_t seq;			/* place in the input: of the first record with the id */
	struct str id;
	struct str mail;		/* lower-cased */
	struct str final_mail;		/* with the new domain */
	struct str name;		/* formatted */
	struct str title;
	struct str department;		/* cleaned; as it is in supervisor mode */
	struct str supervisor;		/* external_id, or empty; as it is */
	struct str real_mail;		/* empty: none */
	unsigned bits;
	uint64_t offset;		/* of the record in the input */
	uint64_t size;
};

/* ---- prepare.c */

/* Reads the settings. Release it also after a failure. */
int prepare_init(struct prepare *p, struct prepare_counts *counts, struct error *e);
void prepare_release(struct prepare *p);
/* All of the work, as often as wanted; with a trace nothing is written but to its sink. */
int prepare_pass(struct prepare *p, const char *input, const char *output, struct error *e);
/* Counts a note; logs the first ones with what (printf format) it is about. */
void prepare_note(struct prepare *p, enum note note, const char *fmt, ...) PRINTF_LIKE(3, 4);

/* ---- prepare_read.c */

/* Puts the people of the input into the table person, and says what is wrong with it. */
int prepare_read(struct prepare *p, struct error *e);

/* ---- prepare_merge.c: several records of one person */

/* Runs the statements, up to NULL, one after the other; ?1 is n in each. */
int prepare_sql(struct db *db, const char *const *sql, int64_t n, struct error *e);
/* Refuses two records of one external_id, unless a transform may have wanted that; finds who is excluded. */
int merge_check(struct prepare *p, struct error *e);
/* Of the people who got the same external_id the last one stays, in the place of the first. */
int merge_same_ids(struct prepare *p, struct error *e);
/* The same for those who have one address, if there is a new domain: later other addresses are equal too. */
int merge_same_mails(struct prepare *p, struct error *e);

/* ---- prepare_groups.c */

/* Merges records of one person; finds out who is a manager, and the path of each (table path). */
int prepare_link(struct prepare *p, struct error *e);

/* A path cleaned, and without what TIMECAMP_SKIP_DEPARTMENTS takes away. ptr NULL: no memory. */
struct str path_shorten(struct prepare *p, struct str path, struct arena *a);

struct group_finder;		/* statements over the managers found */
struct group_finder *group_finder_new(struct prepare *p, struct error *e);
void group_finder_free(struct group_finder *f);
/* The group path of m before group rules, appended to out. */
int group_find(struct group_finder *f, const struct member *m, struct buf *out, struct error *e);

/* ---- prepare_regex.c: the settings with regular expressions */

/* TIMECAMP_EXCLUDE_REGEX, compiled; NULL on failure. */
struct regex *exclude_new(struct error *e);
/* The line that it is searched in: department="D" job_title="T" email="E". */
void exclude_line(struct buf *out, struct str department, struct str title, struct str mail);
/* TIMECAMP_CHANGE_GROUPS_REGEX, compiled; NULL on failure. */
struct group_rules *group_rules_new(struct error *e);
void group_rules_free(struct group_rules *g);
/* The group after all rules; the root group stays what it is. trace may be NULL. */
int group_rules_apply(struct group_rules *g, struct buf *group, struct trace *trace, struct error *e);

/* ---- prepare_value.c: JSON values in texts that json_scan has checked; pure */

/* "raw_data.tags.0", cut at the dots; empty parts are dropped. */
struct value_path {
	struct str *part;
	size_t parts;
};

/* Parts are slices of text, the list is in the arena. -1: no memory. */
int value_path_parse(struct value_path *path, struct str text, struct arena *a);
/* How many lists and objects are inside each other; 0 for text, numbers and the like. */
size_t value_depth(struct str value);
/* The value at a path through objects and, by digits, lists; ptr NULL when there is none. */
struct str value_get(struct str record, const struct value_path *path);
/*
 * Appends the record with the value (JSON) put at a path. Objects are made on the way, in place of missing
 * members and of what is no object or list. 0 and nothing appended when the path leads to an element that a
 * list has not.
 */
int value_set(struct str record, const struct value_path *path, struct str value, struct buf *out);
/* As Python compares: 1, 1.0 and true are equal, the order of members does not matter. */
int value_equal(struct str a, struct str b, struct arena *arena);
/* Appends the value as Python prints it: True, None, 2.0. -1 for lists and objects. */
int value_print(struct str value, struct arena *a, struct buf *out);

/* ---- prepare_transform.c */

/* TIMECAMP_PREPARE_TRANSFORM_CONFIG: JSON text or the name of a file. Warns of what has no effect. NULL on
 * failure. */
struct transform *transform_new(const char *setting, struct error *e);
void transform_free(struct transform *t);
/* From now on the trace is told what happens to records; NULL: nobody is. */
void transform_watch(struct transform *t, struct trace *trace);
/* 1 when a rule sets a property whose name begins so, or something in one. */
int transform_sets(const struct transform *t, const char *prefix);
/* *result is the record after the rules; it lives until the next call. 1; 0 when the record is excluded; -1.
 * */
int transform_apply(struct transform *t, struct str record, struct str *result, struct error *e);

/* ---- prepare_raw.c: the records of the source */

/* The tables for them. NULL on failure. */
struct sources *sources_new(struct prepare *p, struct error *e);
/* Before the work set is closed. */
void sources_free(struct sources *s);
/* Remembers a record of the input; kept: the transform does not exclude it. */
int sources_add(struct sources *s, struct str record, uint64_t offset, int kept, struct error *e);
/* Remembers what the transform made of the record at offset. */
int sources_add_changed(struct sources *s, struct str record, uint64_t offset, struct error *e);
/* Forgets all. */
int sources_clear(struct sources *s, struct error *e);
/* After the last sources_add(), before the first sources_put(). */
int sources_index(struct sources *s, struct error *e);
/* Appends raw_data of somebody with BIT_NEW_ID: the record that has the id in the source, else the address,
 * else the present one with the names and the group (before group rules) that it got. */
int sources_put(struct sources *s, const struct member *m, struct str group, struct buf *out,
		struct error *e);
/* Appends a part of the input. */
int raw_copy(struct prepare *p, uint64_t offset, uint64_t size, struct buf *out, struct error *e);

/* ---- prepare_write.c */

/* Writes the accounts of all people who are not left out. */
int prepare_write(struct prepare *p, const char *output, struct error *e);

/* ---- prepare_names.c: names, paths, roles, addresses; pure */

/* The name of a user: "title [name] - id" as the rules say, cleaned. title may be empty. ptr NULL: no memory.
 * */
struct str user_name(const struct rules *r, struct str name, struct str title, struct str id,
		     struct arena *a);
/* The name of a manager's group, from the name that user_name() gave. ptr NULL: no memory. */
struct str group_name(const struct rules *r, struct str user, struct str title, struct str id,
		      struct arena *a);
/* Without the characters that names may not have, trimmed. ptr NULL: no memory. */
struct str name_clean(struct str text, struct arena *a);
/* A path of trimmed parts, none of them empty. ptr NULL: no memory. */
struct str path_clean(struct str path, struct arena *a);
/* What is left of a cleaned path when the first prefix of the comma list that matches is taken away. */
struct str path_skip(struct str path, struct str prefixes);
/* The last part of a path. */
struct str path_last(struct str path);
/* The address with the domain of the rules, where there is one and the address has exactly one @. ptr NULL:
 * no memory. */
struct str mail_replace_domain(const struct rules *r, struct str mail, struct arena *a);
/* One of administrator, supervisor, user, guest; forced: somebody has force_supervisor_role. *why: the rule
 * that decided. */
const char *role_name(const struct rules *r, unsigned bits, int forced, enum trace_point *why);

#endif
