/*
 * Small encodings: base64 (RFC 4648), hex, percent-encoding and URL parts (RFC 3986).
 */
#ifndef BASE_CODEC_H
#define BASE_CODEC_H

#include <stddef.h>
#include "base/buf.h"
#include "base/error.h"
#include "base/str.h"

/* Standard alphabet, padded. */
void base64_encode(struct buf *out, const void *data, size_t len);
/* URL alphabet without padding. */
void base64url_encode(struct buf *out, const void *data, size_t len);
/* Standard or URL alphabet, padding optional, ASCII blanks skipped. -1 when malformed. */
int base64_decode(struct buf *out, struct str s);
/* Lower-case hex. */
void hex_encode(struct buf *out, const void *data, size_t len);
/* Everything but A-Z a-z 0-9 - . _ ~ as %XX; bytes in `keep` (may be NULL) stay too. */
void percent_encode(struct buf *out, struct str s, const char *keep);
/* -1 on a bad escape. */
int percent_decode(struct buf *out, struct str s);

/* Parts of an absolute http, https, ldap or ldaps URL; slices into the text. */
struct url {
	struct str scheme;	/* as written */
	struct str user;	/* still percent-encoded; empty when absent */
	struct str password;	/* still percent-encoded */
	struct str host;	/* without brackets */
	unsigned port;		/* given, or the scheme's default (80 443 389 636) */
	struct str path;	/* path and query, begins with '/', or empty */
};
/* ERROR_USAGE when it is none (the text without its user part stands in the message). */
int url_parse(struct url *u, struct str text, struct error *e);

#endif
