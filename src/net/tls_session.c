/*
 * TLS sessions that a later connection to the same server may resume (RFC 5246, 7.3): that spares it the
 * certificates, the signature and one round trip.
 */
#include <string.h>

#include "net/tls_int.h"
#include "port.h"

#define SESSION_MS 600000	/* how long one is good; then the certificate is looked at again */

/* The row for that server, or NULL. What was not verified is not resumed by who wants it verified. */
static struct tls_session *find(struct trust *t, const struct tls_place *p)
{
	size_t i;

	for (i = 0; i < TLS_SESSIONS; i++) {
		struct tls_session *s = &t->sessions[i];

		if (s->used && s->place.port == p->port && s->place.no_verify == p->no_verify &&
		    strcmp(s->host, p->host) == 0)
			return s;
	}
	return NULL;
}

int tls_session_load(struct trust *t, const struct tls_place *p, br_ssl_engine_context *engine)
{
	struct tls_session *s = find(t, p);

	if (!s)
		return 0;
	if (port_mono_ms() - s->at > SESSION_MS) {
		tls_session_forget(t, p);
		return 0;
	}
	br_ssl_engine_set_session_parameters(engine, &s->session);
	return 1;
}

/* A free row, or the oldest. */
static struct tls_session *take_row(struct trust *t)
{
	struct tls_session *best = &t->sessions[0];
	size_t i;

	for (i = 0; i < TLS_SESSIONS; i++) {
		if (!t->sessions[i].used)
			return &t->sessions[i];
		if (t->sessions[i].at < best->at)
			best = &t->sessions[i];
	}
	return best;
}

void tls_session_keep(struct trust *t, const struct tls_place *p, const br_ssl_engine_context *engine)
{
	struct tls_session *s = find(t, p);
	br_ssl_session_parameters now;

	br_ssl_engine_get_session_parameters(engine, &now);
	if (now.session_id_len > 0 && strlen(p->host) < sizeof(s->host)) {
		/* one that was resumed keeps its age */
		if (!s || s->session.session_id_len != now.session_id_len ||
		    memcmp(s->session.session_id, now.session_id, now.session_id_len) != 0) {
			s = s ? s : take_row(t);
			s->at = port_mono_ms();
		}
		s->used = 1;
		s->place = *p;
		memcpy(s->host, p->host, strlen(p->host) + 1);
		s->place.host = NULL;
		s->session = now;
	}
	wipe(&now, sizeof now);
}

void tls_session_forget(struct trust *t, const struct tls_place *p)
{
	struct tls_session *s = find(t, p);

	if (s)
		wipe(s, sizeof *s);
}
