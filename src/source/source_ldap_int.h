/*
 * What the files of the LDAP source share: its settings as read, how an entry becomes a person, and the work
 * set in which people wait for what is only known at the end.
 */
#ifndef SOURCE_SOURCE_LDAP_INT_H
#define SOURCE_SOURCE_LDAP_INT_H

#include <stddef.h>
#include <stdint.h>
#include "base/arena.h"
#include "base/buf.h"
#include "base/hash.h"
#include "ldap/ldap.h"
#include "source/source.h"
#include "store/db.h"

/* ---- entry -> person (source_ldap_person.c) ------------------------------------------------------------ */

/* What an attribute is used for. */
enum ldap_use {
	USE_ID, USE_LOGIN, USE_MAIL, USE_DISPLAY_NAME, USE_DEPARTMENT, USE_TITLE, USE_GIVEN_NAME, USE_SURNAME,
	USE_MANAGER, USE_MEMBER_OF,
	USE_COUNT
};

/* Settings that decide what becomes of an entry. Texts are the settings' own. */
struct ldap_rules {
	struct str domain;		/* LDAP_DOMAIN */
	struct str login_domain;	/* LDAP_EMAIL_DOMAIN, or LDAP_DOMAIN */
	struct str preferred_domain;	/* TIMECAMP_REPLACE_EMAIL_DOMAIN without "@" */
	struct str supervisor_group, admin_group;	/* names; empty: none */
	int login_only, windows_login, login_first, real_email_first;
	int ou_structure, ou_description;
	const char *attrs[USE_COUNT];	/* name of each; NULL: not needed */
	int binary_id;			/* the id is a GUID in 16 bytes */
};

/* From the settings. */
void ldap_rules_load(struct ldap_rules *r);

/* Reads entries. Init, then any number of reads, then release. */
struct ldap_reader {
	const struct ldap_rules *rules;	/* borrowed */
	struct arena arena;		/* of the present entry */
	struct buf scratch, folded;
	struct buf supervisor_group, admin_group;	/* folded names */
	int lost;			/* there was no memory for some text, see ldap_reader_check() */
};

/* One entry as read; texts live until the next read (or the entry's end, for slices of it). */
struct ldap_person {
	struct person person;	/* without supervisor_id */
	struct str manager;	/* his or her DN; empty: none */
	struct str dn;
	long groups_next;	/* -1; else the index from which memberOf must be read on */
};

/* -1: out of memory. Release it in any case. */
int ldap_reader_init(struct ldap_reader *r, const struct ldap_rules *rules, struct error *e);
/* Allowed on one that is all zero, too. */
void ldap_reader_release(struct ldap_reader *r);
/* What the entry says of the person. -1: out of memory. */
int ldap_person_read(struct ldap_reader *r, struct ldap_entry *entry, struct ldap_person *out,
		     struct error *e);
/* What is read below may lack a text for want of memory: -1 then, naming the entry. */
int ldap_reader_check(const struct ldap_reader *r, struct str dn, struct error *e);
/* The id of an entry as it stands in users.json; empty when it has none. Lives until the next read. */
struct str ldap_entry_id(struct ldap_reader *r, struct ldap_entry entry);
/* The value in valid UTF-8: bytes that are not become U+FFFD, with a warning that names the DN. The value
 * itself, or a copy in the arena. */
struct str ldap_clean_text(struct ldap_reader *r, struct str dn, struct str value);
/* Looks at one group DN; sets the flags of the roles that it gives. */
void ldap_group_roles(struct ldap_reader *r, struct str group_dn, int *supervisor, int *admin);

/* An organisational unit on the way from the root to an entry. */
struct ldap_unit {
	struct str name;	/* unescaped */
	size_t from;		/* where its DN begins in the entry's */
};

/* The units of a DN, top down, in the arena. The number of them, or -1 (malformed DN, no memory). */
int ldap_unit_list(struct ldap_reader *r, struct str dn, struct ldap_unit **units);

/* ---- DNs as keys --------------------------------------------------------------------------------------- */

/* Makes 128 bits of a DN, with a random seed: 64 to look for, 64 to be sure. */
struct ldap_hasher {
	struct hash_seed seed;
	struct buf normal;	/* the DN normalised */
};

/* Equal for DNs that name the same entry. A malformed DN counts as its text. -1 without memory. */
int ldap_dn_hash(struct ldap_hasher *h, struct str dn, struct hash *out, struct error *e);

/* ---- units (source_ldap_units.c) ----------------------------------------------------------------------- */

/* A table of units in a work set, for LDAP_USE_OU_DESCRIPTION. All but `last` is borrowed or owned
 * statements. */
struct ldap_units {
	struct db *db;
	struct ldap_reader *reader;
	struct ldap_hasher *hasher;
	struct db_stmt *find, *add, *each, *label;
	struct buf last;	/* DN of the unit that was found last: most people follow one of the same */
	int64_t last_id;
};

/* Makes the table. Release it in any case. */
int ldap_units_init(struct ldap_units *u, struct db *db, struct ldap_reader *reader,
		    struct ldap_hasher *hasher, struct error *e);
/* Allowed on one that is all zero, too. */
void ldap_units_release(struct ldap_units *u);
/* The row of the lowest unit of an entry's DN: *id, 0 when there is none. */
int ldap_units_find(struct ldap_units *u, struct str dn, int64_t *id, struct error *e);
/* Looks up the descriptions, and makes the table unit_path (id, path). */
int ldap_units_describe(struct ldap_units *u, struct ldap *l, struct error *e);

/* ---- the work set (source_ldap_work.c) ----------------------------------------------------------------- */

struct ldap_work;

/* NULL on failure. */
struct ldap_work *ldap_work_open(struct source_run *run, struct ldap_reader *reader, struct error *e);
/* NULL allowed. */
void ldap_work_close(struct ldap_work *w);

/* Keeps a person for ldap_work_finish(), and the DN for those whose manager this is. */
int ldap_work_add(struct ldap_work *w, const struct ldap_person *p, struct error *e);
/* Managers that were named and not added: how many of them are now to be looked up with ldap_work_lookup().
 * */
int ldap_work_missing(struct ldap_work *w, int64_t *count, struct error *e);
/* Looks the missing managers up: as people to add (status inactive), or only for their ids. */
int ldap_work_lookup(struct ldap_work *w, struct ldap *l, const char *const *attrs, int add, struct error *e);
/*
 * Reads the descriptions of all units, and the groups of people with very many; then writes all people, in
 * the order in which they were added: those of the search, then those of look-ups, as their people come.
 */
int ldap_work_finish(struct ldap_work *w, struct ldap *l, struct error *e);
/* Managers that ldap_work_lookup() added. */
uint64_t ldap_work_added(const struct ldap_work *w);

#endif
