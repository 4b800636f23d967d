/*
 * TLS in front of a simulated server: takes connections, does TLS with a certificate of tests/unit/data/tls, and hands
 * on what it gets to a plain port of this machine. Runs in the process of the test.
 */
#ifndef SANDBOX_TLSRELAY_H
#define SANDBOX_TLSRELAY_H

#include "base/error.h"

struct tlsrelay;

/* certificate: "ok.pem", for which leaf.key is the key. Listens on a free port of 127.0.0.1. NULL on failure. */
struct tlsrelay *tlsrelay_new(const char *certificate, unsigned to_port, struct error *e);
/* NULL allowed. */
void tlsrelay_free(struct tlsrelay *r);
unsigned tlsrelay_port(const struct tlsrelay *r);
/* Waits until something can be moved or a connection comes, at most ms milliseconds. */
int tlsrelay_wait(struct tlsrelay *r, int ms, struct error *e);
/* Moves what can be moved without waiting. */
void tlsrelay_run(struct tlsrelay *r);

#endif
