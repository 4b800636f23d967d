/*
 * Telling people by a message to NOTIFY_URL when runs begin to fail and when they work again.
 */
#ifndef APP_APP_NOTIFY_H
#define APP_APP_NOTIFY_H

#include "base/error.h"
#include "base/str.h"

/* What people were told last about a kind of run. */
enum notice { NOTICE_GOOD, NOTICE_FAILED, NOTICE_HELD };

/* The notice that an exit code deserves: 4, refused by a limit, waits for somebody's decision. */
enum notice notice_of(int exit_code);
/* Appends the message: what ("run ldap timecamp"), the run's number, its exit code and error text. Secrets
 * are masked. */
struct buf;
void notice_put(struct buf *out, const char *what, int64_t run, int exit_code, const char *why);
/* Posts {"text": text} to the address (a secret: only its host stands in messages), with one more try, within
 * seconds. */
int notify_send(const char *url, struct str text, struct error *e);

#endif
