#include "ldap/ldap_int.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "net/net.h"

#define PORT_PLAIN 389
#define PORT_TLS 636

/* ---- hosts --------------------------------------------------------------------------------------------- */

/* Takes a scheme off the front. 1 when it was that. */
static int cut_scheme(struct str *word, struct str scheme)
{
	if (!str_case_eq(str_sub(*word, 0, scheme.len), scheme))
		return 0;
	*word = str_sub(*word, scheme.len, word->len);
	return 1;
}

/* Splits "host", "host:port", "[v6]:port", or a bare IPv6 address. */
static int split_port(struct str word, struct str *name, struct str *port)
{
	size_t colon = str_find_char(word, 0, ':');

	*port = str_of(NULL, 0);
	*name = word;
	if (word.len > 0 && word.ptr[0] == '[') {
		size_t end = str_find_char(word, 0, ']');

		if (end == word.len)
			return -1;
		*name = str_sub(word, 1, end - 1);
		word = str_sub(word, end + 1, word.len);
		if (word.len == 0)
			return 0;
		*port = str_sub(word, 1, word.len);
		return word.ptr[0] == ':' && port->len > 0 ? 0 : -1;
	}
	if (colon == word.len || str_find_char(word, colon + 1, ':') < word.len)
		return 0;
	*name = str_sub(word, 0, colon);
	*port = str_sub(word, colon + 1, word.len);
	return port->len > 0 ? 0 : -1;
}

static int is_between(char c)
{
	return c == '\0' || strchr(" \t\r\n\v\f,", c) != NULL;
}

/* Cuts the next one off; empty at the end of the list. */
static struct str next_word(struct str *list)
{
	struct str word;
	size_t from = 0, to;

	while (from < list->len && is_between(list->ptr[from]))
		from++;
	for (to = from; to < list->len && !is_between(list->ptr[to]); to++)
		;
	word = str_sub(*list, from, to - from);
	*list = str_sub(*list, to, list->len);
	return word;
}

int ldap_host_next(struct str *list, const struct ldap_options *o, struct ldap_host *h, struct error *e)
{
	struct str word = next_word(list), rest = word, name, port_text;
	uint64_t port = o->port;

	if (word.len == 0)
		return 0;
	h->tls = cut_scheme(&rest, STR("ldaps://"));
	if (h->tls && o->start_tls)
		return error_set(e, ERROR_USAGE,
				 "LDAP_HOST: \"%.*s\" is encrypted already; remove LDAP_USE_START_TLS",
				 STR_ARG(word));
	if (!h->tls)
		cut_scheme(&rest, STR("ldap://"));
	if (rest.len > 0 && rest.ptr[rest.len - 1] == '/')
		rest.len--;
	if (split_port(rest, &name, &port_text) != 0 || name.len == 0 || name.len >= sizeof(h->name) ||
	    memchr(name.ptr, '/', name.len) ||
	    (port_text.len > 0 && str_to_u64(port_text, &port) != 0) || port < 1 || port > 65535)
		return error_set(e, ERROR_USAGE,
				 "LDAP_HOST: \"%.*s\" is no host name, address, ldap:// or ldaps:// URL",
				 STR_ARG(word));
	h->tls |= o->tls || (port == PORT_TLS && !o->start_tls);
	h->port = h->tls && port == PORT_PLAIN && port_text.len == 0 ? PORT_TLS : (unsigned)port;
	memcpy(h->name, name.ptr, name.len);
	h->name[name.len] = '\0';
	return 1;
}

/* ---- messages ------------------------------------------------------------------------------------------ */

int32_t ldap_next_id(struct ldap *l)
{
	l->last_id = l->last_id == INT32_MAX ? 1 : l->last_id + 1;
	return l->last_id;
}

void ldap_begin_request(struct ldap *l, struct ber_write *w)
{
	buf_reset(&l->out);
	ber_write_init(w, &l->out);
}

int ldap_send(struct ldap *l, const struct ber_write *w, struct error *e)
{
	if (ber_write_check(w, "the LDAP request", e) != 0)
		return -1;
	conn_write(l->conn, l->out.data, l->out.len);
	wipe(l->out.data, l->out.len);	/* may have held the password */
	return 0;
}

static int no_message(struct ldap *l, struct error *e)
{
	return error_set(e, ERROR_UPSTREAM,
			 "%s sent something that is no LDAP message, or one of more than %lu bytes; is it an "
			 "LDAP port, and TLS switched on where it should be?", l->name,
			 (unsigned long)MAX_LDAP_MESSAGE);
}

/* Waits until there are unread bytes. */
static int wait_data(struct ldap *l, struct error *e)
{
	if (conn_wait(l->conn, CONN_WAIT_DATA, e) != 0)
		return -1;
	if (conn_peek(l->conn).len > 0)
		return 0;
	if (!l->answered)
		return error_set(e, ERROR_UPSTREAM,
				 "%s ended the connection without an answer; if the port is one for LDAPS, "
				 "set LDAP_USE_SSL=true", l->name);
	return error_set(e, ERROR_UPSTREAM, "%s ended the connection before the answer was complete",
			 l->name);
}

/* Moves bytes of the connection to l->in until that holds n. */
static int gather(struct ldap *l, size_t n, struct error *e)
{
	while (l->in.len < n) {
		struct str data;
		size_t take;

		if (wait_data(l, e) != 0)
			return -1;
		data = conn_peek(l->conn);
		take = data.len < n - l->in.len ? data.len : n - l->in.len;
		buf_put(&l->in, data.ptr, take);
		if (buf_check(&l->in, "an LDAP message", e) != 0)
			return -1;
		conn_consume(l->conn, take);
	}
	return 0;
}

/* The bytes of the next message: in place where it arrived in one piece, else gathered in l->in. */
static int receive_bytes(struct ldap *l, struct str *bytes, struct error *e)
{
	struct str data;
	size_t size;
	int rc;

	conn_consume(l->conn, l->held);
	l->held = 0;
	buf_reset(&l->in);
	if (wait_data(l, e) != 0)
		return -1;
	data = conn_peek(l->conn);
	/* what begins otherwise may say any length, and would be waited for */
	if ((unsigned char)data.ptr[0] != BER_SEQUENCE)
		return no_message(l, e);
	rc = ber_size(data.ptr, data.len, MAX_LDAP_MESSAGE, &size);
	if (rc == 1 && size <= data.len) {
		l->held = size;
		*bytes = str_sub(data, 0, size);
		return 0;
	}
	while (rc == 0) {
		if (gather(l, l->in.len + 1, e) != 0)
			return -1;
		rc = ber_size(l->in.data, l->in.len, MAX_LDAP_MESSAGE, &size);
	}
	if (rc == -1)
		return no_message(l, e);
	if (gather(l, size, e) != 0)
		return -1;
	*bytes = buf_str(&l->in);
	return 0;
}

/* A message that answers no request: the notice that the server hangs up, or something to ignore. */
static int unsolicited(struct ldap *l, const struct ldap_message *m, struct error *e)
{
	struct ldap_result r;

	if (m->op != LDAP_EXTENDED_RESPONSE || ldap_result_read(m, &r, e) != 0)
		return error_set(e, ERROR_UPSTREAM, "%s sent an answer to no request", l->name);
	if (!str_eqz(r.name, LDAP_OID_DISCONNECTION)) {
		log_debug("%s: a notice %.*s is ignored", l->name, STR_ARG(r.name));
		return 0;
	}
	ldap_result_error(&r, "the server ended the connection", e);
	if (e && e->kind == ERROR_FAILED)
		e->kind = ERROR_UPSTREAM;
	return -1;
}

int ldap_receive(struct ldap *l, struct ldap_message *m, struct error *e)
{
	struct str bytes;

	do {
		if (receive_bytes(l, &bytes, e) != 0)
			return -1;
		if (ldap_message_read(bytes, m, e) != 0)
			return error_add(e, "%s", l->name);
		l->answered = 1;
		if (m->id == 0 && unsolicited(l, m, e) != 0)
			return -1;
	} while (m->id == 0 || m->op == LDAP_INTERMEDIATE);
	return 0;
}

/* Sends a request that has one answer, and reads that. */
static int exchange(struct ldap *l, const struct ber_write *w, unsigned op, struct ldap_result *r,
		    struct error *e)
{
	struct ldap_message m;

	if (ldap_send(l, w, e) != 0 || ldap_receive(l, &m, e) != 0)
		return -1;
	if (m.id != l->last_id || m.op != op)
		return error_set(e, ERROR_UPSTREAM, "%s gave an answer that does not belong to the request",
				 l->name);
	return ldap_result_read(&m, r, e);
}

/* ---- connecting ---------------------------------------------------------------------------------------- */

static int start_tls(struct ldap *l, int flags, struct error *e)
{
	struct ber_write w;
	struct ldap_result r;

	ldap_begin_request(l, &w);
	ldap_put_start_tls(&w, ldap_next_id(l));
	if (exchange(l, &w, LDAP_EXTENDED_RESPONSE, &r, e) != 0)
		return -1;
	if (r.code != LDAP_SUCCESS)
		return ldap_result_error(&r, "StartTLS", e);
	conn_consume(l->conn, l->held);
	l->held = 0;
	conn_start_tls(l->conn, flags);
	return conn_wait(l->conn, CONN_WAIT_OPEN, e);
}

static int connect_host(struct ldap *l, struct net *net, const struct ldap_host *h,
			const struct ldap_options *o, struct error *e)
{
	int verify = o->no_verify ? CONN_NO_VERIFY : 0;

	snprintf(l->name, sizeof(l->name), strchr(h->name, ':') ? "%s[%s]:%u" : "%s%s:%u",
		 h->tls ? "ldaps://" : "ldap://", h->name, h->port);
	log_debug("connecting to %s", l->name);
	l->conn = conn_open(net, h->name, h->port, h->tls ? CONN_TLS | verify : 0, NULL, NULL, e);
	if (!l->conn)
		return -1;
	if (o->timeout_ms > 0)
		conn_set_timeout(l->conn, o->timeout_ms);
	if (conn_wait(l->conn, CONN_WAIT_OPEN, e) != 0)
		return -1;
	conn_expect(l->conn, 1);
	if (o->start_tls && start_tls(l, verify, e) != 0)
		return -1;
	conn_expect(l->conn, 1);
	l->encrypted = h->tls || o->start_tls;
	return 0;
}

/* Tries one host after the other. */
static int connect_list(struct ldap *l, struct net *net, const struct ldap_options *o, struct error *e)
{
	struct str list = str_from(o->hosts);
	struct ldap_host h;
	struct error tried, one;
	int n, rc;

	error_init(&tried);
	for (n = 0; (rc = ldap_host_next(&list, o, &h, e)) == 1; n++) {
		error_init(&one);
		if (connect_host(l, net, &h, o, &one) == 0)
			return 0;
		conn_close(l->conn);
		l->conn = NULL;
		l->held = 0;
		l->answered = 0;
		if (one.kind == ERROR_CANCELLED || one.kind == ERROR_MEMORY || one.kind == ERROR_USAGE) {
			*e = one;
			return -1;
		}
		log_debug("%s", one.text);
		if (n > 0)
			error_add(&one, "%s; then", tried.text);
		tried = one;
	}
	if (rc == -1)
		return -1;
	if (n == 0)
		return error_set(e, ERROR_USAGE, "LDAP_HOST names no host");
	*e = tried;
	return -1;
}

struct ldap *ldap_open(struct net *net, const struct ldap_options *o, struct error *e)
{
	struct ldap *l = calloc(1, sizeof(*l));

	if (!l) {
		error_memory(e);
		return NULL;
	}
	buf_init(&l->in, MAX_LDAP_MESSAGE);
	buf_init(&l->out, MAX_LDAP_MESSAGE);
	if (connect_list(l, net, o, e) != 0) {
		ldap_close(l);
		return NULL;
	}
	return l;
}

const char *ldap_name(const struct ldap *l)
{
	return l->name;
}

int ldap_is_encrypted(const struct ldap *l)
{
	return l->encrypted;
}

int ldap_bind(struct ldap *l, struct str name, struct str password, struct error *e)
{
	struct ber_write w;
	struct ldap_result r;
	char what[600];

	ldap_begin_request(l, &w);
	ldap_put_bind(&w, ldap_next_id(l), name, password);
	if (exchange(l, &w, LDAP_BIND_RESPONSE, &r, e) != 0)
		return -1;
	if (r.code == LDAP_SUCCESS)
		return 0;
	snprintf(what, sizeof(what), "cannot log in to %s as \"%.*s\"", l->name,
		 name.len < 200 ? (int)name.len : 200, name.ptr);
	return ldap_result_error(&r, what, e);
}

void ldap_close(struct ldap *l)
{
	struct ber_write w;

	if (!l)
		return;
	if (l->conn && conn_state(l->conn) == CONN_OPEN) {
		ldap_begin_request(l, &w);
		ldap_put_unbind(&w, ldap_next_id(l));
		ldap_send(l, &w, NULL);
	}
	conn_close(l->conn);
	buf_release(&l->in);
	buf_release(&l->out);
	free(l);
}
