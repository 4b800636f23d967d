/*
 * PEM (RFC 7468): certificates and keys as text.
 */
#ifndef NET_PEM_H
#define NET_PEM_H

#include "base/error.h"
#include "base/str.h"

/* Gets each object: its name ("CERTIFICATE", "PRIVATE KEY") and bytes, which die with the call. -1 stops. */
typedef int pem_object_fn(void *cookie, const char *name, struct str der, struct error *e);

/*
 * Calls object() for each object of the file, of which each has at most MAX_CERTIFICATE bytes. A file that
 * is no text but one certificate (DER, as Windows exports it) is taken, too. What was read is wiped. Errors,
 * ERROR_USAGE for malformed files, name no setting and no path.
 */
int pem_file(const char *path, pem_object_fn *object, void *cookie, struct error *e);
/* The same with the text itself. */
int pem_text(struct str text, pem_object_fn *object, void *cookie, struct error *e);

#endif
