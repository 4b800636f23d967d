/*
 * What the files of the simulated web services share: requests, answers, and how a service gives one for the other.
 */
#ifndef SANDBOX_WEBSIM_INT_H
#define SANDBOX_WEBSIM_INT_H

#include "base/arena.h"
#include "base/json_read.h"
#include "base/json_write.h"
#include "net/http_msg.h"
#include "port.h"
#include "sandbox/websim.h"

#define WEBSIM_BODY_MAX ((size_t)1 << 26)	/* bytes of a request, or of an answer that is held whole */
#define WEBSIM_PIECE 16384			/* bytes of an answer that are made at a time, about */
#define WEBSIM_PARTS 16				/* parts of a path */

/* ---- requests (websim_serve.c) ------------------------------------------------------------------ */

struct websim_pair { struct str name, value; };	/* decoded */

struct websim_pairs {
	struct websim_pair *items;	/* in the arena */
	size_t count;
};

/* All slices die when the request is answered. */
struct websim_request {
	struct str method, target, body;
	struct str path;			/* still encoded */
	struct str parts[WEBSIM_PARTS];		/* of the path, decoded; the first follows the first slash */
	size_t part_count;
	struct websim_pairs query;
	const struct http_head *head;
	struct arena *arena;			/* for all that dies with the request */
};

/* Percent-decoded; with plus, "+" is a blank. A malformed one stays as it is. */
struct str websim_decoded(struct arena *a, struct str text, int plus);
/* Decodes "a=b&c=d". Malformed escapes stay as they are. */
struct websim_pairs websim_pairs(struct arena *a, struct str text);
/* The first value of that name; ptr NULL when there is none. */
struct str websim_value(const struct websim_pairs *p, const char *name);
/* 1 when the path is this one; "*" in it is any one part. */
int websim_path_is(const struct websim_request *r, const char *path);
/* The value as a number from 1 to max; otherwise when there is none or it is not one. */
long websim_number(struct str value, long otherwise, long max);

/* ---- answers ------------------------------------------------------------------------------------ */

enum websim_framing { WEBSIM_LENGTH, WEBSIM_CHUNKED, WEBSIM_CLOSE };

/* Filled in by the service. Begins with status 200, all else empty. */
struct websim_answer {
	int status;
	struct buf head;		/* lines "Name: value\r\n" */
	struct buf body;		/* the body, or the piece that is being sent */
	enum websim_framing framing;	/* WEBSIM_LENGTH only without more() */
	/* Appends a further piece of the body to a->body. 1: there is more. */
	int (*more)(struct websim_answer *a);
	void *state;			/* of more(); freed with free() */
	unsigned long *counter;		/* of the struct websim_counts where it counts when it is sent */
	int page;			/* its number, see websim_faults; 0: it has none */
	/* of those who send it */
	size_t sent;			/* bytes of the body so far */
	size_t cut_at, malform_at;	/* offset in the body, and one; 0: none */
};

/* Appends "NAME: value\r\n". */
void websim_header(struct websim_answer *a, const char *name, const char *fmt, ...) PRINTF_LIKE(3, 4);
/* Says what the answer is; its number too, unless it is a page of a list. */
void websim_count_as(struct websim *s, struct websim_answer *a, unsigned long *counter);
/* Makes it an error: status and a body in the vendor's style; forgets everything else. */
void websim_refuse(struct websim_answer *a, int status, const char *fmt, ...) PRINTF_LIKE(3, 4);

/* ---- services ----------------------------------------------------------------------------------- */

struct websim_vendor {
	const char *name;
	/* Answers a request. */
	void (*serve)(struct websim *s, const struct websim_request *r, struct websim_answer *a);
	/* Headers on every answer that the vendor limits; `limited`: this one is a 429. May be NULL. */
	void (*limits)(struct websim *s, struct websim_answer *a, int limited);
	const char *settings;		/* lines of .env, {BASE} is the service's address */
	const char *secrets[5];		/* in them and made of them; ends with NULL */
};

extern const struct websim_vendor websim_entra, websim_okta, websim_bamboohr, websim_hibob, websim_factorial;

/* ---- an invented company (websim_company.c) ------------------------------------------------------ */

/* The people of the listings are numbered from 0, then come the managers that are outside of them. */
struct websim_person {
	long number;
	char first[24], last[24], email[80], hired[16];
	const char *department, *division, *title;	/* division may be NULL */
	long manager;				/* -1: none */
	int is_manager;
	size_t filler;				/* bytes of a note that makes the record large; 0: none */
};

void websim_person_make(const struct websim_company *c, long number, struct websim_person *out);
/* How many people there are, with those outside. */
long websim_everybody(const struct websim_company *c);
typedef void websim_record_fn(const struct websim_person *p, struct buf *out);

/* People that an answer lists: from..to-1, or the count numbers at `chosen`, which are copied. */
struct websim_list {
	const char *open, *close;		/* what stands before and behind them */
	websim_record_fn *record;		/* appends one as a JSON object */
	long from, to;
	const long *chosen;
};

/* Makes it the body; people are made while it is sent. a->page must be known. */
void websim_put_list(struct websim *s, struct websim_answer *a, const struct websim_list *list);
/* Which page of the list an answer shows: the one before, when a page is to come twice. a->page must be known. */
long websim_shown(const struct websim *s, const struct websim_answer *a, long page);
/* The note of a person with one, as a member with a comma before it. */
void websim_put_filler(const struct websim_person *p, struct buf *out);

struct websim_link;
struct websim_script;

#define WEBSIM_TOKEN 64		/* bytes of a token with its NUL */

struct websim {
	port_sock listener;
	char base[40];
	struct websim_link *links;		/* connections, owned */
	struct arena arena;			/* of the present request */
	struct json_doc *doc;			/* its body, if the vendor reads it */
	const struct websim_vendor *vendor;	/* NULL: a script */
	struct websim_script *script;		/* owned */
	struct websim_company company;
	struct websim_faults faults;
	int fault_used;
	struct websim_counts counts;
	struct buf log;				/* a line for each of the first requests */
	struct buf mistakes;			/* a line for each request that was one */
	char token[WEBSIM_TOKEN];		/* the one that is good, of vendors that give out tokens */
};

/* The answer to a request, with its faults. */
void websim_answer(struct websim *s, const struct websim_request *r, struct websim_answer *a);
/* 1 when the fault is to happen to this page. */
int websim_has_fault(const struct websim *s, enum websim_fault f, int page);

/* ---- scripts (websim_script.c, websim_match.c) -------------------------------------------------- */

struct websim_script *websim_script_new(struct str exchanges, struct error *e);
void websim_script_free(struct websim_script *s);
/* Answers with the first exchange that fits; 0 when there is none. */
int websim_script_serve(struct websim_script *s, const struct websim_request *r, struct websim_answer *a);
/* A line for each exchange that was used too seldom. */
void websim_script_complain(const struct websim_script *s, struct buf *out);

/* 1 when the request is what the exchange is for. doc is for the request's body. */
int websim_fits(struct json exchange, const struct websim_request *r, struct json_doc *doc);

#endif
