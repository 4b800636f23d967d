/*
 * What the files of ldap/ share: BER (X.690 as far as LDAP uses it), filters, and LDAP messages as bytes.
 * Nobody outside ldap/ includes this but its tests and the simulated server.
 */
#ifndef LDAP_LDAP_INT_H
#define LDAP_LDAP_INT_H

#include <stddef.h>
#include <stdint.h>
#include "base/buf.h"
#include "base/error.h"
#include "base/limits.h"
#include "base/str.h"
#include "ldap/ldap.h"

/* ---- BER: tag, length, value; definite lengths and tags of one byte only (RFC 4511, 5.1) --------------- */

enum {
	BER_BOOLEAN = 0x01, BER_INTEGER = 0x02, BER_OCTETS = 0x04, BER_ENUM = 0x0a,
	BER_SEQUENCE = 0x30, BER_SET = 0x31,
	BER_CONSTRUCTED = 0x20,		/* bit of a tag: the value is made of elements */
	BER_CONTEXT = 0x80		/* class of a tag */
};

/* Reads elements between two ends. Borrowed bytes; copied freely. */
struct ber {
	const char *p, *end;
	int depth;		/* how many elements deep */
};

struct ber_item {
	unsigned tag;
	struct str value;	/* slice of the input */
};

/*
 * How long the element at the beginning of data is, header included. 1 with *size; 0: more bytes are needed
 * to tell (at most 10); -1: no BER, or larger than max.
 */
int ber_size(const char *data, size_t len, size_t max, size_t *size);
void ber_init(struct ber *r, struct str bytes);
/* Tag of the next element, or -1 at the end. */
int ber_tag(const struct ber *r);
/* The next element. 1; 0 at the end; -1 malformed or cut off. */
int ber_next(struct ber *r, struct ber_item *item);
/* The next element, which must have this tag. 0 or -1. */
int ber_take(struct ber *r, unsigned tag, struct str *value);
/* The next element, which must have this tag and be a number that fits. 0 or -1. */
int ber_take_int(struct ber *r, unsigned tag, int32_t *n);
/* Steps over the next element with this tag; inner reads what is in it. -1 too when deeper than
 * MAX_BER_DEPTH. */
int ber_enter(struct ber *r, unsigned tag, struct ber *inner);

/* Most elements open at once while writing. */
#define BER_OPEN_MAX (MAX_LDAP_FILTER_DEPTH + MAX_BER_DEPTH)

/* Writes elements to a buffer. Sticks: a failure is remembered by the buffer, or here when too much is open.
 * */
struct ber_write {
	struct buf *out;		/* borrowed */
	size_t start[BER_OPEN_MAX];	/* where the values of open elements begin */
	int depth;
	int failed;
};

/* Starts writing at the end of out. */
void ber_write_init(struct ber_write *w, struct buf *out);
/* What is written up to the matching ber_end() is the value of an element with this tag. */
void ber_begin(struct ber_write *w, unsigned tag);
void ber_end(struct ber_write *w);
void ber_put(struct ber_write *w, unsigned tag, struct str value);
void ber_put_int(struct ber_write *w, unsigned tag, int32_t n);
void ber_put_bool(struct ber_write *w, unsigned tag, int on);
/* 0 when all was written and all elements are closed. */
int ber_write_check(const struct ber_write *w, const char *what, struct error *e);

/* The byte that two hex digits at s.ptr[i] stand for, or -1. */
int ldap_hex_pair(struct str s, size_t i);

/* ---- filters ------------------------------------------------------------------------------------------- */

/*
 * Appends a search filter in text form (RFC 4515, extensible match included) as BER. Forgives blanks between
 * parts and missing outer parentheses. At most MAX_LDAP_FILTER_DEPTH levels. ERROR_USAGE with the position of
 * the mistake.
 */
int ldap_filter_encode(struct ber_write *w, struct str text, struct error *e);

/* ---- messages ------------------------------------------------------------------------------------------ */

/* protocolOp tags (RFC 4511, 4.2 to 4.14) */
enum {
	LDAP_BIND_REQUEST = 0x60, LDAP_BIND_RESPONSE = 0x61, LDAP_UNBIND_REQUEST = 0x42,
	LDAP_SEARCH_REQUEST = 0x63, LDAP_SEARCH_ENTRY = 0x64, LDAP_SEARCH_DONE = 0x65,
	LDAP_SEARCH_REFERENCE = 0x73, LDAP_EXTENDED_REQUEST = 0x77, LDAP_EXTENDED_RESPONSE = 0x78,
	LDAP_INTERMEDIATE = 0x79
};

#define LDAP_OID_PAGED "1.2.840.113556.1.4.319"			/* RFC 2696 */
#define LDAP_OID_START_TLS "1.3.6.1.4.1.1466.20037"		/* RFC 4511, 4.14 */
#define LDAP_OID_DISCONNECTION "1.3.6.1.4.1.1466.20036"		/* RFC 4511, 4.4.1 */

/* The result codes that the program tells apart (RFC 4511, appendix A). */
enum {
	LDAP_SUCCESS = 0, LDAP_SIZE_LIMIT = 4, LDAP_REFERRAL = 10, LDAP_NO_SUCH_OBJECT = 32, LDAP_BAD_DN = 34,
	LDAP_NO_ACCESS = 50
};

/* A received message: slices of its bytes. */
struct ldap_message {
	int32_t id;
	unsigned op;		/* tag of the protocolOp */
	struct ber body;	/* what is in the protocolOp */
	int paged;		/* there was a paged results control: */
	int32_t page_size;	/* in a request; a server's estimate in an answer */
	struct str cookie;	/* empty: no more pages */
};

/* One whole LDAPMessage. ERROR_UPSTREAM when malformed. */
int ldap_message_read(struct str bytes, struct ldap_message *m, struct error *e);

/* LDAPResult: what ends an operation. */
struct ldap_result {
	int32_t code;
	struct str matched;	/* DN */
	struct str text;	/* the server's own words */
	struct str name;	/* responseName of an extended response, or empty */
};

/* ERROR_UPSTREAM when malformed. */
int ldap_result_read(const struct ldap_message *m, struct ldap_result *r, struct error *e);
/* A search entry, checked to its last byte, so that walking it cannot fail. */
int ldap_entry_read(const struct ldap_message *m, struct ldap_entry *entry, struct error *e);
/* The first URL of a search result reference. ptr NULL when there is none. */
struct str ldap_reference_url(const struct ldap_message *m);

/* Fills in an error from a result that is no success: the code's name, what it means, what to do, the
 * server's words, and the kind that fits. `what` is what was asked for: "bind as \"x\"". Returns -1. */
int ldap_result_error(const struct ldap_result *r, const char *what, struct error *e);

/* Requests, appended as whole messages. */
void ldap_put_bind(struct ber_write *w, int32_t id, struct str name, struct str password);
void ldap_put_start_tls(struct ber_write *w, int32_t id);
void ldap_put_unbind(struct ber_write *w, int32_t id);

struct ldap_search_request {
	struct str base;
	enum ldap_scope scope;
	int32_t size_limit;		/* 0: none */
	struct str filter;		/* BER */
	const char *const *attrs;	/* ends with NULL */
	int32_t page_size;		/* 0: no paging */
	struct str cookie;
};
void ldap_put_search(struct ber_write *w, int32_t id, const struct ldap_search_request *r);

/* ---- the connection, shared by ldap_client.c and ldap_search.c ----------------------------------------- */

struct conn;

struct ldap {
	struct conn *conn;	/* owned */
	struct buf in;		/* a message that did not arrive in one piece */
	size_t held;		/* bytes of the connection that the present message lies in */
	struct buf out;		/* the request being written */
	int32_t last_id;
	int encrypted;
	int answered;		/* at least one message has come */
	char name[300];
};

/* One host of a list. */
struct ldap_host {
	char name[256];
	unsigned port;
	int tls;
};

/* Cuts the next host off the list. 1; 0 at the end; -1 malformed. */
int ldap_host_next(struct str *list, const struct ldap_options *o, struct ldap_host *h, struct error *e);

/* Number for the next request. */
int32_t ldap_next_id(struct ldap *l);
/* An empty request buffer. */
void ldap_begin_request(struct ldap *l, struct ber_write *w);
int ldap_send(struct ldap *l, const struct ber_write *w, struct error *e);
/* Waits for the next message, which dies with the next call. Notices of the server's are dealt with. */
int ldap_receive(struct ldap *l, struct ldap_message *m, struct error *e);

#endif
