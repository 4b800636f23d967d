/*
 * What the sources over HTTP share: a service with its credentials, whose answers are cut into records while
 * they arrive. Reads as if every request were one call; retries, waits and connections are net/http.h's.
 */
#ifndef SOURCE_SOURCE_WEB_H
#define SOURCE_SOURCE_WEB_H

#include "base/buf.h"
#include "base/error.h"
#include "base/json_scan.h"
#include "base/str.h"
#include "net/http.h"
#include "source/source.h"

struct web;

/* What sets one vendor's service apart. */
struct web_kind {
	const char *title;		/* "Okta" */
	const char *record_id;		/* member that names a record, for messages: "id" */
	const char *denied;		/* what to do after a 401: "check OKTA_API_TOKEN" */
	const char *forbidden;		/* what to do after a 403: "the app needs User.Read.All ..." */
	/* After a 401: gets new credentials and calls web_authorize(). Called once a request. NULL: final. */
	int (*renew)(struct web *w, void *cookie, struct error *e);
	/* How many milliseconds to leave the service alone, by an answer's headers. now: epoch seconds.
	 * NULL: never. */
	int64_t (*pace)(const struct http_head *head, int64_t now);
	const char *missing;		/* what to do after a 404, or NULL */
	const char *reason;		/* header in which the service says what it refuses, or NULL */
};

/* A service in use. Zeroed, then web_open(). */
struct web {
	const struct web_kind *kind;
	void *cookie;			/* borrowed; for kind->renew() */
	struct http *http;		/* owned */
	struct buf base;		/* owned; without a slash at its end */
	struct buf secret;		/* owned; value of the header with the credentials */
	struct http_header headers[4];	/* its row ends with name NULL */
	double wait_scale;		/* NET_WAIT_SCALE */
	int64_t resume_at;		/* of the system's monotonic clock; nothing is sent before */
	uint64_t requests;		/* calls answered, without retries */
};

/*
 * base: the value of setting `name`, an absolute address; "https://" is added when it has no scheme, blanks
 * and slashes at its end are cut. ERROR_USAGE when it is none. Close it also after a failure.
 */
int web_open(struct web *w, const struct web_kind *kind, void *cookie, const char *name, const char *base,
	     struct error *e);
void web_close(struct web *w);
/* The header with the credentials, from now on: "Authorization", "Bearer ...". The value is copied,
 * and a secret in every log. name is borrowed. */
int web_authorize(struct web *w, const char *name, struct str value, struct error *e);
/* Basic credentials (RFC 7617) of user and password. */
int web_authorize_basic(struct web *w, const char *user, const char *password, struct error *e);

/* One request. All borrowed. */
struct web_request {
	const char *method;		/* "GET", "POST": only such as change nothing, they are repeated */
	struct str url;			/* absolute, of the base's origin; or a path below the base */
	struct str body;		/* of a POST */
	const char *content_type;	/* NULL: "application/json" */
	const struct http_header *headers;	/* besides the usual ones, at most three; NULL: none */
	const char *const *paths;	/* as json_scan_new(); NULL: the answer's body is thrown away */
	json_value_fn *value;		/* gets what stands there */
	/* An answer begins, perhaps anew after one that broke off: what that one gave is void. Or NULL. */
	int (*begin)(void *cookie, struct error *e);
	void *cookie;			/* of both */
	int allowed;			/* a status that is no error, besides 2xx; 0: none. Its body is
					 * not scanned */
};

/* What is known of an answer besides its records; dies with the next call. */
struct web_answer {
	int status;			/* also after a failure; 0: no answer */
	const struct http_head *head;	/* for http_header_value() */
	int saw[JSON_SCAN_PATHS];	/* json_scan_saw() of each path: 0 when that list was not there */
	int null[JSON_SCAN_PATHS];	/* json_scan_null(): null stood in its place */
};

/*
 * 0 when the whole answer came, was good JSON and value() took all. Else -1: ERROR_DENIED (401, 403),
 * ERROR_UPSTREAM for all else that the service or the way to it did; what value() or begin() said otherwise.
 * A url of another origin than the base's is ERROR_UPSTREAM: the credentials are not for it.
 */
int web_call(struct web *w, const struct web_request *r, struct web_answer *answer, struct error *e);
/* 1 when an absolute url has the scheme, host and port of the base. */
int web_same_origin(const struct web *w, struct str url);
/* The address of rel="next" in the answer's Link headers (RFC 8288), several or one with commas, appended to
 * out. 0: there is none; 1; -1 when a Link header cannot be read. */
int web_next_link(const struct web_answer *answer, struct buf *out, struct error *e);

#endif
