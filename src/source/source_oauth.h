/*
 * Access tokens (OAuth 2.0, RFC 6749 section 4.4): asked for with a client's own credentials, a shared secret
 * or a signed assertion (RFC 7523), kept in the state database, and renewed before they run out.
 */
#ifndef SOURCE_SOURCE_OAUTH_H
#define SOURCE_SOURCE_OAUTH_H

#include "base/buf.h"
#include "base/error.h"
#include "net/jws.h"
#include "source/source.h"
#include "source/source_web.h"

/* Who asks, and where. All borrowed until oauth_close(). */
struct oauth_client {
	struct web_kind kind;		/* title and hints for messages; no renew */
	const char *setting, *base;	/* of web_open() */
	const char *path;		/* of the token endpoint, below the base */
	const char *id;			/* the client's */
	const char *secret;		/* NULL: the assertion */
	const struct jws_key *key;	/* signs the assertion */
	struct str key_header;		/* further members of its header, see jws_sign() */
	const char *scope;
};

struct oauth {
	const struct oauth_client *client;
	struct source_run *run;		/* borrowed */
	struct web web;
	struct buf form, token;		/* owned; secret */
	char name[65];			/* under which the token is kept */
	int64_t lifetime;		/* seconds, as the last answer says; 0: it does not */
};

/* o is zeroed. Nothing is sent yet. Close it also after a failure. */
int oauth_open(struct oauth *o, struct source_run *run, const struct oauth_client *client, struct error *e);
void oauth_close(struct oauth *o);
/*
 * A token that is good for more than OAUTH_MARGIN seconds: the one that was kept, or a new one; with `fresh`
 * a new one always. Dies with the next call. ERROR_DENIED when the client is refused, ERROR_UPSTREAM.
 */
#define OAUTH_MARGIN 300
int oauth_token(struct oauth *o, int fresh, struct str *token, struct error *e);
/* A new one for a refresh token. */
int oauth_refresh(struct oauth *o, const char *refresh_token, struct str *token, struct error *e);

#endif
