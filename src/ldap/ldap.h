/*
 * LDAP v3 client (RFC 4511): connection, simple bind, paged searches that stream, many look-ups at once on
 * one connection; and distinguished names as text (RFC 4514). Memory is for one message at a time.
 */
#ifndef LDAP_LDAP_H
#define LDAP_LDAP_H

#include <stddef.h>
#include <stdint.h>
#include "base/buf.h"
#include "base/error.h"
#include "base/str.h"

/* ---- distinguished names ------------------------------------------------------------------------------- */

/* Walks a DN, leaf first. */
struct ldap_dn {
	struct str text;	/* borrowed */
	size_t pos, rdn_pos;
	int rdn, ended;
};

/* One type=value; slices of the text. */
struct ldap_dn_part {
	struct str type;
	struct str value;	/* still escaped: ldap_dn_value() */
	int rdn;		/* which RDN it belongs to, from 0; a multi-valued one has several parts */
	int last;		/* last part of its RDN */
	size_t from;		/* where its RDN begins in the text: the rest is the DN of that level */
};

/* The text must live as long. */
void ldap_dn_init(struct ldap_dn *d, struct str text);
/* 1; 0 at the end; -1 malformed. */
int ldap_dn_next(struct ldap_dn *d, struct ldap_dn_part *part);
/* Appends an escaped value unescaped (bytes; UTF-8 in all but odd cases). -1 when malformed. */
int ldap_dn_value(struct str value, struct buf *out);
/* Appends a value so that it can stand in a DN. */
void ldap_dn_escape(struct str value, struct buf *out);
/*
 * Appends a form in which two DNs that name the same entry are the same bytes: types and values folded,
 * escapes resolved, blanks squeezed, parts of multi-valued RDNs sorted. -1 when malformed; out then holds a
 * part of it. -1 with out->failed when there is no room or memory for it.
 */
int ldap_dn_normal(struct str dn, struct buf *out);

/* ---- entries ------------------------------------------------------------------------------------------- */

/* An entry found. Slices of the message: gone when the callback returns. */
struct ldap_entry {
	struct str dn;
	struct str attrs;	/* BER, checked; for ldap_attr_next() */
};

struct ldap_attr {
	struct str name;	/* as the server writes it, without a range */
	long range_next;	/* -1: all values are here; else the index to go on from, see ldap_values() */
	struct str values;	/* BER, checked; for ldap_value_next() */
};

/* Takes the next attribute off the entry, the next value off the attribute. 1, or 0 at the end. */
int ldap_attr_next(struct ldap_entry *entry, struct ldap_attr *attr);
int ldap_value_next(struct ldap_attr *attr, struct str *value);

/* ---- the connection ------------------------------------------------------------------------------------ */

struct ldap;
struct net;

/* All borrowed for the time of the call. */
struct ldap_options {
	const char *hosts;	/* names, addresses, ldap:// or ldaps:// URLs, separated by blanks */
	unsigned port;		/* where the host names none; 389 with TLS means 636, and 636 means TLS */
	int tls;		/* LDAPS */
	int start_tls;		/* RFC 4511, 4.14, before the bind */
	int no_verify;		/* any certificate will do */
	int timeout_ms;		/* longest time without progress; 0: the net's */
};

/*
 * Connects to the first host that can be reached, StartTLS included. NULL: ERROR_UPSTREAM with what is wrong
 * with each host, ERROR_USAGE for a malformed list. The net must live longer. Close with ldap_close().
 */
struct ldap *ldap_open(struct net *net, const struct ldap_options *o, struct error *e);
/* "ldap://host:389" as connected, for messages. */
const char *ldap_name(const struct ldap *l);
/* 1 when it is LDAPS or StartTLS was done. */
int ldap_is_encrypted(const struct ldap *l);
/* Simple bind (RFC 4513, 5.1). ERROR_DENIED with Active Directory's reasons spelt out. */
int ldap_bind(struct ldap *l, struct str name, struct str password, struct error *e);
/* Says goodbye. NULL allowed. */
void ldap_close(struct ldap *l);

/* ---- searches ------------------------------------------------------------------------------------------ */

enum ldap_scope { LDAP_BASE = 0, LDAP_ONE_LEVEL = 1, LDAP_SUBTREE = 2 };

struct ldap_search {
	struct str base;
	enum ldap_scope scope;
	struct str filter;		/* text (RFC 4515) */
	const char *const *attrs;	/* names, ends with NULL; at least one */
	int page_size;			/* entries of a page (RFC 2696); 0: all at once */
	int at_most;			/* 0: all. Else no error when there are more */
};

/* Gets each entry. -1 with e set stops. */
typedef int ldap_entry_fn(void *cookie, struct ldap_entry *entry, struct error *e);

/*
 * Hands over all entries, page by page; only one message is in memory. References to other servers are not
 * followed. -1: not all were read; ERROR_UPSTREAM, ERROR_DENIED, ERROR_USAGE (filter) with what to do.
 */
int ldap_search(struct ldap *l, const struct ldap_search *s, ldap_entry_fn *fn, void *cookie,
		struct error *e);

/* Many entries by their DNs. */
struct ldap_lookup {
	const char *const *attrs;
	/* The next DN and a number of the caller's that comes back with its answer. 1; 0: no more; -1. The DN
	 * may die with the next call. */
	int (*next)(void *cookie, struct str *dn, int64_t *tag, struct error *e);
	/* entry NULL: there is none, or this account may not see it. */
	int (*found)(void *cookie, int64_t tag, struct ldap_entry *entry, struct error *e);
	void *cookie;
};

/* Looks them up, up to MAX_LDAP_WINDOW requests under way at once; answers come in any order, one for each
 * DN. */
int ldap_lookup(struct ldap *l, const struct ldap_lookup *k, struct error *e);

/*
 * Reads the values of an attribute from an index on, where the server gives them in ranges (Active Directory;
 * see range_next). fn gets each.
 */
int ldap_values(struct ldap *l, struct str dn, const char *attr, long from,
		int (*fn)(void *cookie, struct str value, struct error *e), void *cookie, struct error *e);

#endif
