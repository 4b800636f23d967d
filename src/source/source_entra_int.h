/*
 * What the files of the source Entra ID share.
 */
#ifndef SOURCE_SOURCE_ENTRA_INT_H
#define SOURCE_SOURCE_ENTRA_INT_H

#include "base/arena.h"
#include "source/source_oauth.h"
#include "source/source_web.h"
#include "source/source_work.h"

#define ENTRA_SELECT "id,displayName,mail,userPrincipalName,department,jobTitle,givenName,surname," \
	"mobilePhone,businessPhones,streetAddress,postalCode,accountEnabled"

enum entra_extra { EXTRA_NONE, EXTRA_MAIL, EXTRA_UPN };
/* What the membership in a group means, as bits. */
enum { FILTER_MEMBER = 1, SUPERVISOR_MEMBER = 2 };

struct delta;

/* A read in progress. Zeroed, then entra_open(). */
struct entra {
	struct source_run *run;		/* borrowed */
	struct oauth_client client;
	struct oauth oauth;
	struct web graph;		/* groups */
	struct web endpoint;		/* users, when they are elsewhere */
	struct web *users;		/* one of these two */
	struct buf users_url, token_path, scope, key_header;	/* owned */
	struct jws_key *key;		/* owned; NULL: a secret is used */
	struct people *people;		/* owned */
	struct db_stmt *add_member, *find_member;	/* owned */
	struct arena arena;		/* one record */
	int lost;			/* there was no memory for a text of it */
	struct buf lower;		/* an address in lower case */
	struct buf lower_extra;
	int filtered;			/* only members of the filter groups count */
	int supervisors;		/* there are supervisor groups */
	int member_of;			/* what the members of the group being read are */
	int prefer_mail;
	enum entra_extra extra;
	int page_size;
	uint64_t left_out;
	struct delta *delta;		/* in entra_delta() */
};

/* A user as the service describes it. Texts live until the next record; ptr NULL: was not sent. */
struct entra_user {
	struct str id, name, mail, upn, department, title, manager;
	int enabled;			/* -1: not sent */
	int removed;			/* a delta says that the user is gone */
};

/* Reads one record. ERROR_UPSTREAM when it has no id or cannot be written on. */
int entra_user_read(struct entra *x, struct str raw, struct entra_user *u, struct error *e);
/* The person that a user becomes; 1, 0 when the user is left out, -1. Dies with the next call. */
int entra_person(struct entra *x, const struct entra_user *u, struct person *p, struct error *e);

/* Everybody, page by page, into x->people. */
int entra_list(struct entra *x, struct error *e);
/* Reads the members of AZURE_FILTER_GROUPS and AZURE_SUPERVISOR_GROUPS. */
int entra_groups(struct entra *x, struct error *e);
/* Only what changed since the last run, onto what is kept in the folder of users.json; emits everybody. */
int entra_delta(struct entra *x, struct error *e);
/* Settings, addresses, credentials. Close it also after a failure. */
int entra_open(struct entra *x, struct source_run *run, struct error *e);
void entra_close(struct entra *x);

/* Where a page's records and its link to the next page stand. */
extern const char *const entra_page_paths[];
enum { ENTRA_RECORD, ENTRA_NEXT, ENTRA_DELTA };
/*
 * Asks for url and all pages that follow it. value() gets each record as match ENTRA_RECORD. delta gets the
 * link that a delta ends with; NULL: a list. 0; 1: status 410 was answered (only with delta); -1.
 */
int entra_pages(struct entra *x, struct web *w, struct str url, const struct http_header *headers,
		json_value_fn *value, struct buf *delta, struct error *e);

#endif
