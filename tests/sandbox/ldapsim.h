/*
 * A simulated LDAP server for tests: the entries of an LDIF text behind bind, paged search and look-up, with
 * the limits and the misbehaviour that a test asks for. Runs in the process of the test, which calls
 * ldapsim_run() while the program under test runs.
 */
#ifndef SANDBOX_LDAPSIM_H
#define SANDBOX_LDAPSIM_H

#include <stdint.h>
#include "base/error.h"
#include "base/str.h"

struct ldapsim;

/* What goes wrong, after so many entries of searches. */
enum ldapsim_fault {
	LDAPSIM_NO_FAULT,
	LDAPSIM_CLOSE,		/* the connection ends, half a message sent */
	LDAPSIM_RESET,		/* the same with a reset */
	LDAPSIM_HANG,		/* nothing more is sent */
	LDAPSIM_TRUNCATED,	/* an element is longer than the message that it is in */
	LDAPSIM_OVERSIZED,	/* a message that says to be larger than any may be */
	LDAPSIM_GARBAGE,	/* no BER at all */
	LDAPSIM_WRONG_ID,	/* an answer to a request that was never sent */
	LDAPSIM_WRONG_OP,	/* a bind response to a search */
	LDAPSIM_NOTICE,		/* notice of disconnection: the server shuts down */
	LDAPSIM_UNKNOWN_NOTICE,	/* another unsolicited notice, which changes nothing */
	LDAPSIM_EMPTY_PAGES,	/* pages without entries and no end of them */
	LDAPSIM_ROUND,		/* after the last page comes the first again */
	LDAPSIM_RAW,		/* the bytes of the option raw, then nothing more */
	LDAPSIM_RAW_MORE,	/* the same, then what belongs there */
	LDAPSIM_RAW_END,	/* the same behind the end of a search */
	LDAPSIM_RAW_BIND,	/* the same in place of the answer to the bind */
	LDAPSIM_RAW_HELLO	/* the same before anything was asked */
};

/* All borrowed; must live as long as the server. Zero means: not so. */
struct ldapsim_options {
	const char *ldif; /* entries; "hidden: yes" keeps one out of subtree searches, not of look-ups */
	int people;		/* so many generated entries below dc=example besides */
	int outside;		/* their managers are so many more, found by look-ups only */
	const char *password;	/* the only right one; NULL: any */
	int bind_code;		/* what every bind is answered with */
	const char *bind_text;
	int tls_code;		/* what StartTLS is answered with; 0: success, and then no TLS comes */
	int page_max;		/* entries that a page may have: larger ones are refused with code 11 */
	int search_code;	/* what subtree searches end with */
	int range_max;		/* values that an attribute gets at once (";range=0-N") */
	const char *reference;	/* URL of a search reference on each page */
	enum ldapsim_fault fault;
	int fault_after;
	struct str raw;		/* LDAPSIM_RAW...; requests are numbered from 1 */
	int cut;		/* the connection ends after so many bytes, and one less; 0: never */
	int backwards;			/* of requests that came together, the last is answered first */
	int chop;		/* bytes sent at a time */
};

/* Listens on a free port of 127.0.0.1. NULL on failure. */
struct ldapsim *ldapsim_new(const struct ldapsim_options *o, struct error *e);
/* NULL allowed. */
void ldapsim_free(struct ldapsim *s);
unsigned ldapsim_port(const struct ldapsim *s);
/* Serves for at most ms milliseconds. */
int ldapsim_run(struct ldapsim *s, int ms, struct error *e);
/* How many requests there were with this tag (LDAP_SEARCH_REQUEST ...), on all connections. */
int ldapsim_count(const struct ldapsim *s, unsigned op);

#endif
