#include "sandbox/ldapsim.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/codec.h"
#include "ldap/ldap_int.h"
#include "port.h"

#define CONNECTIONS 4
#define TOGETHER 64		/* requests that are answered in another order */
#define REQUEST_MAX 65536
#define ANSWER_MAX ((size_t)1 << 26)

struct client {
	port_sock sock;		/* PORT_NO_SOCK: free */
	struct buf in, out;
	size_t sent;		/* of out */
	size_t total;		/* bytes sent at all */
	int mute;		/* hangs */
	int closing;		/* 1: when all is sent; 2: with a reset */
};

struct ldapsim {
	const struct ldapsim_options *o;
	port_sock listener;
	unsigned port;
	struct buf ldif;	/* all entries, each ending with an empty line */
	struct client client[CONNECTIONS];
	int entries;		/* sent in subtree searches */
	int fault_done;
	int count[256];		/* requests by tag */
};

/* ---- entries: slices of the LDIF text ------------------------------------------------------------------ */

/* Takes the next entry off the text. */
static int next_entry(struct str *text, struct str *entry)
{
	size_t end;

	while (text->len > 0 && text->ptr[0] == '\n')
		*text = str_sub(*text, 1, text->len);
	if (text->len == 0)
		return 0;
	end = str_find(*text, 0, STR("\n\n"));
	*entry = str_sub(*text, 0, end);
	*text = str_sub(*text, end, text->len);
	return 1;
}

/* Takes the next "name: value" line off an entry; value holds base64 decoded when there are two colons. */
static int next_value(struct str *entry, struct str *name, struct buf *value)
{
	struct str line;
	size_t colon;

	if (entry->len == 0 || !str_next(entry, '\n', &line))
		return 0;
	colon = str_find_char(line, 0, ':');
	*name = str_sub(line, 0, colon);
	buf_reset(value);
	if (colon + 1 < line.len && line.ptr[colon + 1] == ':')
		base64_decode(value, str_trim(str_sub(line, colon + 2, line.len)));
	else
		buf_put_str(value, str_sub(line, colon + 2, line.len));
	return 1;
}

static struct str entry_dn(struct str entry, struct buf *value)
{
	struct str name;

	next_value(&entry, &name, value);
	return buf_str(value);
}

static int is_hidden(struct str entry)
{
	return str_find(entry, 0, STR("\nhidden: yes")) < entry.len;
}

static int is_below(struct str dn, struct str base)
{
	return dn.len >= base.len && str_case_eq(str_sub(dn, dn.len - base.len, base.len), base);
}

static void generate(struct buf *out, int people, int outside)
{
	int i;

	for (i = 0; i < people; i++) {
		buf_printf(out, "dn: cn=p%d,ou=Crowd,dc=example\nobjectGUID: guid-%011d\n", i, i);
		buf_printf(out, "sAMAccountName: p%d\nmail: p%d@example.com\ndisplayName: Person %d\n", i, i, i);
		buf_printf(out, "manager: cn=%c%d,ou=Crowd,dc=example\n\n", outside ? 'm' : 'p',
			   (i * 7 + 3) % (outside ? outside : people));
	}
	for (i = 0; i < outside; i++)
		buf_printf(out, "dn: cn=m%d,ou=Crowd,dc=example\nhidden: yes\nobjectGUID: boss-%011d\n\n", i, i);
}

/* ---- answers ------------------------------------------------------------------------------------------- */

static void begin(struct ber_write *w, struct client *c, int32_t id, unsigned op)
{
	ber_write_init(w, &c->out);
	ber_begin(w, BER_SEQUENCE);
	ber_put_int(w, BER_INTEGER, id);
	ber_begin(w, op);
}

static void put_result(struct ber_write *w, int code, const char *text)
{
	ber_put_int(w, BER_ENUM, code);
	ber_put(w, BER_OCTETS, STR(""));
	ber_put(w, BER_OCTETS, str_from(text));
}

static void answer(struct client *c, int32_t id, unsigned op, int code, const char *text)
{
	struct ber_write w;

	begin(&w, c, id, op);
	put_result(&w, code, text);
	ber_end(&w);
	ber_end(&w);
}

/* What a search asks for. */
struct search {
	int32_t id;
	struct str base;
	int32_t scope, size_limit;
	struct ber attrs;
	int page_size, from;	/* 0: no paging; index of the first entry */
};

/* Whether an attribute was asked for, and the index of its first value (range). */
static int is_wanted(const struct search *q, struct str name, long *from)
{
	struct ber attrs = q->attrs;
	struct str asked;
	char range[40];
	size_t semicolon;

	*from = 0;
	while (ber_take(&attrs, BER_OCTETS, &asked) == 0) {
		semicolon = str_find_char(asked, 0, ';');
		if (!str_case_eq(str_sub(asked, 0, semicolon), name))
			continue;
		snprintf(range, sizeof(range), "%.*s", STR_ARG(str_sub(asked, semicolon, asked.len)));
		if (range[0])
			sscanf(range, ";range=%ld-", from);
		return 1;
	}
	return 0;
}

/* One attribute with its values, in a range where the server has a limit. */
static void put_attribute(const struct ldapsim *s, struct ber_write *w, struct str entry, struct str name,
			  long from)
{
	struct str rest, other;
	struct buf value, label;
	long i, total = 0, last;

	buf_init(&value, REQUEST_MAX);
	buf_init(&label, 300);
	for (rest = entry; next_value(&rest, &other, &value);)
		total += str_case_eq(other, name);
	last = s->o->range_max && total - from > s->o->range_max ? from + s->o->range_max : total;
	buf_put_str(&label, name);
	if (last < total)
		buf_printf(&label, ";range=%ld-%ld", from, last - 1);
	else if (from > 0)
		buf_printf(&label, ";range=%ld-*", from);
	ber_begin(w, BER_SEQUENCE);
	ber_put(w, BER_OCTETS, buf_str(&label));
	ber_begin(w, BER_SET);
	for (rest = entry, i = 0; next_value(&rest, &other, &value);)
		if (str_case_eq(other, name) && i++ >= from && i <= last)
			ber_put(w, BER_OCTETS, buf_str(&value));
	ber_end(w);
	ber_end(w);
	buf_release(&value);
	buf_release(&label);
}

static void send_entry(const struct ldapsim *s, struct client *c, const struct search *q, struct str entry)
{
	struct str rest = entry, name, before = { NULL, 0 };
	struct buf value;
	struct ber_write w;
	long from;

	buf_init(&value, REQUEST_MAX);
	begin(&w, c, q->id, LDAP_SEARCH_ENTRY);
	ber_put(&w, BER_OCTETS, entry_dn(entry, &value));
	ber_begin(&w, BER_SEQUENCE);
	/* values of one attribute stand together */
	while (next_value(&rest, &name, &value)) {
		if (!str_case_eq(name, before) && is_wanted(q, name, &from))
			put_attribute(s, &w, entry, name, from);
		before = name;
	}
	ber_end(&w);
	ber_end(&w);
	ber_end(&w);
	buf_release(&value);
}

/* The end of a search; cookie NULL: no control. */
static void send_done(struct client *c, int32_t id, int code, const char *cookie)
{
	struct ber_write w;

	begin(&w, c, id, LDAP_SEARCH_DONE);
	put_result(&w, code, "");
	ber_end(&w);
	if (cookie) {
		ber_begin(&w, 0xa0);
		ber_begin(&w, BER_SEQUENCE);
		ber_put(&w, BER_OCTETS, STR(LDAP_OID_PAGED));
		ber_begin(&w, BER_OCTETS);
		ber_begin(&w, BER_SEQUENCE);
		ber_put_int(&w, BER_INTEGER, 0);
		ber_put(&w, BER_OCTETS, str_from(cookie));
		ber_end(&w);
		ber_end(&w);
		ber_end(&w);
		ber_end(&w);
	}
	ber_end(&w);
}

static void send_reference(const struct ldapsim *s, struct client *c, int32_t id)
{
	struct ber_write w;

	begin(&w, c, id, LDAP_SEARCH_REFERENCE);
	ber_put(&w, BER_OCTETS, str_from(s->o->reference));
	ber_end(&w);
	ber_end(&w);
}

/* ---- faults -------------------------------------------------------------------------------------------- */

static void send_notice(struct client *c, const char *oid, int code)
{
	struct ber_write w;

	begin(&w, c, 0, LDAP_EXTENDED_RESPONSE);
	put_result(&w, code, "going down");
	ber_put(&w, 0x8a, str_from(oid));
	ber_end(&w);
	ber_end(&w);
}

/* Does what the options ask for. 1: the rest of the search is not sent. */
static int misbehave(struct ldapsim *s, struct client *c, int32_t id)
{
	s->fault_done = 1;
	switch (s->o->fault) {
	case LDAPSIM_CLOSE:
	case LDAPSIM_RESET:
		buf_put(&c->out, "\x30\x40\x02\x01", 4);
		c->closing = s->o->fault == LDAPSIM_CLOSE ? 1 : 2;
		return 1;
	case LDAPSIM_HANG:
		c->mute = 1;
		return 1;
	case LDAPSIM_TRUNCATED:
		buf_put(&c->out, "\x30\x0b\x02\x01\x03\x64\x7f\x04\x04" "cn=a", 13);
		return 1;
	case LDAPSIM_OVERSIZED:
		buf_put(&c->out, "\x30\x84\x7f\xff\xff\xff\x02\x01", 8);
		return 1;
	case LDAPSIM_GARBAGE:
		buf_puts(&c->out, "HTTP/1.1 400 Bad Request\r\n\r\n");
		return 1;
	case LDAPSIM_WRONG_ID:
		answer(c, id + 1000, LDAP_SEARCH_DONE, 0, "");
		return 1;
	case LDAPSIM_WRONG_OP:
		answer(c, id, LDAP_BIND_RESPONSE, 0, "");
		return 1;
	case LDAPSIM_NOTICE:
		send_notice(c, LDAP_OID_DISCONNECTION, 52);
		c->closing = 1;
		return 1;
	case LDAPSIM_UNKNOWN_NOTICE:
		send_notice(c, "1.2.3.4", 0);
		return 0;
	case LDAPSIM_EMPTY_PAGES:
		s->fault_done = 0;
		send_done(c, id, 0, "0");
		return 1;
	case LDAPSIM_RAW:
	case LDAPSIM_RAW_MORE:
		buf_put_str(&c->out, s->o->raw);
		return s->o->fault == LDAPSIM_RAW;
	default:
		return 0;
	}
}

static int is_due(const struct ldapsim *s)
{
	return s->o->fault != LDAPSIM_NO_FAULT && !s->fault_done && s->entries >= s->o->fault_after;
}

/* ---- requests ------------------------------------------------------------------------------------------ */

static void serve_lookup(struct ldapsim *s, struct client *c, const struct search *q)
{
	struct str text = buf_str(&s->ldif), entry;
	struct buf value;
	int found = 0;

	buf_init(&value, REQUEST_MAX);
	while (!found && next_entry(&text, &entry))
		found = str_case_eq(entry_dn(entry, &value), q->base);
	if (found)
		send_entry(s, c, q, entry);
	send_done(c, q->id, found ? 0 : LDAP_NO_SUCH_OBJECT, NULL);
	buf_release(&value);
}

static void serve_subtree(struct ldapsim *s, struct client *c, const struct search *q)
{
	struct str text = buf_str(&s->ldif), entry;
	struct buf value;
	int index = 0, sent = 0, exists = 0, code = s->o->search_code;
	char cookie[20] = "";

	buf_init(&value, REQUEST_MAX);
	while (!cookie[0] && next_entry(&text, &entry)) {
		if (!is_below(entry_dn(entry, &value), q->base))
			continue;
		exists = 1;
		if (is_hidden(entry) || index++ < q->from)
			continue;
		if (is_due(s) && misbehave(s, c, q->id))
			goto out;
		if (q->size_limit > 0 && sent == q->size_limit) {
			code = LDAP_SIZE_LIMIT;
			break;
		}
		if (q->page_size > 0 && sent == q->page_size) {
			snprintf(cookie, sizeof(cookie), "%d", index - 1);
			break;
		}
		send_entry(s, c, q, entry);
		sent++;
		s->entries++;
	}
	if (s->o->reference)
		send_reference(s, c, q->id);
	if (s->o->fault == LDAPSIM_ROUND && !cookie[0])
		snprintf(cookie, sizeof(cookie), "0");
	send_done(c, q->id, exists ? code : LDAP_NO_SUCH_OBJECT, q->page_size > 0 ? cookie : NULL);
	if (s->o->fault == LDAPSIM_RAW_END)
		buf_put_str(&c->out, s->o->raw);
out:
	buf_release(&value);
}

static int serve_search(struct ldapsim *s, struct client *c, struct ldap_message *m)
{
	struct search q;
	struct str ignored;
	struct ber_item filter;
	int32_t n;
	char text[20];

	memset(&q, 0, sizeof(q));
	q.id = m->id;
	if (ber_take(&m->body, BER_OCTETS, &q.base) != 0 || ber_take_int(&m->body, BER_ENUM, &q.scope) != 0 ||
	    ber_take_int(&m->body, BER_ENUM, &n) != 0 ||
	    ber_take_int(&m->body, BER_INTEGER, &q.size_limit) != 0 ||
	    ber_take_int(&m->body, BER_INTEGER, &n) != 0 || ber_take(&m->body, BER_BOOLEAN, &ignored) != 0 ||
	    ber_next(&m->body, &filter) != 1 || ber_enter(&m->body, BER_SEQUENCE, &q.attrs) != 0)
		return -1;
	if (q.scope == LDAP_BASE) {
		serve_lookup(s, c, &q);
		return 0;
	}
	q.page_size = m->paged ? m->page_size : 0;
	snprintf(text, sizeof(text), "%.*s", STR_ARG(m->cookie));
	sscanf(text, "%d", &q.from);
	if (s->o->page_max && q.page_size > s->o->page_max)
		send_done(c, q.id, 11, NULL);
	else
		serve_subtree(s, c, &q);
	return 0;
}

static int serve_bind(struct ldapsim *s, struct client *c, struct ldap_message *m)
{
	struct str name, password;
	int32_t version;
	int code = s->o->bind_code;

	if (ber_take_int(&m->body, BER_INTEGER, &version) != 0 ||
	    ber_take(&m->body, BER_OCTETS, &name) != 0 || ber_take(&m->body, BER_CONTEXT, &password) != 0)
		return -1;
	if (s->o->fault == LDAPSIM_RAW_BIND) {
		buf_put_str(&c->out, s->o->raw);
		return 0;
	}
	if (code == 0 && s->o->password && !str_eqz(password, s->o->password))
		code = 49;
	answer(c, m->id, LDAP_BIND_RESPONSE, code, s->o->bind_text ? s->o->bind_text : "");
	return 0;
}

/* -1: the client is not understood and is left. */
static int serve_request(struct ldapsim *s, struct client *c, struct str bytes)
{
	struct ldap_message m;

	if (ldap_message_read(bytes, &m, NULL) != 0)
		return -1;
	s->count[m.op & 0xff]++;
	switch (m.op) {
	case LDAP_BIND_REQUEST:
		return serve_bind(s, c, &m);
	case LDAP_SEARCH_REQUEST:
		return serve_search(s, c, &m);
	case LDAP_EXTENDED_REQUEST:
		answer(c, m.id, LDAP_EXTENDED_RESPONSE, s->o->tls_code, "");
		return 0;
	default:
		return -1;
	}
}

/* ---- connections --------------------------------------------------------------------------------------- */

static void drop(struct client *c, int hard)
{
	if (hard)
		port_sock_abort(c->sock);
	else
		port_sock_close(c->sock);
	buf_release(&c->in);
	buf_release(&c->out);
	memset(c, 0, sizeof(*c));
	c->sock = PORT_NO_SOCK;
}

static void accept_client(struct ldapsim *s)
{
	struct client *c = s->client;

	while (c < s->client + CONNECTIONS && c->sock != PORT_NO_SOCK)
		c++;
	if (c == s->client + CONNECTIONS)
		return;
	c->sock = port_accept(s->listener);
	buf_init(&c->in, REQUEST_MAX);
	buf_init(&c->out, ANSWER_MAX);
	if (s->o->fault == LDAPSIM_RAW_HELLO)
		buf_put_str(&c->out, s->o->raw);
}

/* Serves the requests that are whole, in their order or from the last on. -1: one is not understood. */
static int serve_all(struct ldapsim *s, struct client *c)
{
	struct str whole[TOGETHER];
	size_t used = 0, size, n = 0, i;
	int rc = 0;

	while (n < TOGETHER && (rc = ber_size(c->in.data + used, c->in.len - used, REQUEST_MAX, &size)) == 1 &&
	       size <= c->in.len - used) {
		whole[n++] = str_of(c->in.data + used, size);
		used += size;
	}
	for (i = 0; i < n; i++)
		if (!c->mute && !c->closing && serve_request(s, c, whole[s->o->backwards ? n - 1 - i : i]) != 0)
			return -1;
	buf_consume(&c->in, used);
	return rc == -1 ? -1 : n == TOGETHER ? serve_all(s, c) : 0;
}

/* Reads what is there and serves it. -1: the client is gone. */
static int hear(struct ldapsim *s, struct client *c)
{
	char *room = buf_room(&c->in, 4096);
	long n;

	if (!room)
		return -1;
	n = port_recv(c->sock, room, 4096, NULL);
	if (n == PORT_IO_AGAIN)
		return 0;
	if (n <= 0)
		return -1;
	buf_grew(&c->in, (size_t)n);
	return serve_all(s, c);
}

/* Sends what goes. -1: done with the client. */
static int speak(const struct ldapsim *s, struct client *c)
{
	size_t left = c->out.len - c->sent;
	long n;

	if (s->o->chop && left > (size_t)s->o->chop)
		left = (size_t)s->o->chop;
	if (s->o->cut && left > (size_t)s->o->cut - 1 - c->total)
		left = (size_t)s->o->cut - 1 - c->total;
	n = left > 0 ? port_send(c->sock, c->out.data + c->sent, left, NULL) : 0;
	if (n < 0)
		return n == PORT_IO_AGAIN ? 0 : -1;
	c->sent += (size_t)n;
	c->total += (size_t)n;
	if (s->o->cut && c->total == (size_t)s->o->cut - 1)
		return -1;
	if (c->sent == c->out.len) {
		buf_reset(&c->out);
		c->sent = 0;
	}
	return c->closing && c->out.len == 0 ? -1 : 0;
}

static void attend(struct ldapsim *s, struct client *c, int got)
{
	if ((got & PORT_WANT_READ) && hear(s, c) != 0)
		drop(c, 0);
	else if (speak(s, c) != 0)
		drop(c, c->closing == 2);
}

int ldapsim_run(struct ldapsim *s, int ms, struct error *e)
{
	struct port_poll set[CONNECTIONS + 1];
	struct client *who[CONNECTIONS + 1];
	size_t n = 1, i;
	int ready;

	set[0].sock = s->listener;
	set[0].want = PORT_WANT_READ;
	for (i = 0; i < CONNECTIONS; i++) {
		if (s->client[i].sock == PORT_NO_SOCK)
			continue;
		who[n] = &s->client[i];
		set[n].sock = s->client[i].sock;
		set[n].want = PORT_WANT_READ | (s->client[i].out.len > 0 ? PORT_WANT_WRITE : 0);
		n++;
	}
	ready = port_poll(set, n, ms, e);
	if (ready <= 0)
		return ready;
	for (i = 1; i < n; i++)
		if (set[i].got)
			attend(s, who[i], set[i].got);
	if (set[0].got)
		accept_client(s);
	return 0;
}

/* ---- life ---------------------------------------------------------------------------------------------- */

struct ldapsim *ldapsim_new(const struct ldapsim_options *o, struct error *e)
{
	struct ldapsim *s = calloc(1, sizeof(*s));
	size_t i;

	if (!s) {
		error_memory(e);
		return NULL;
	}
	s->o = o;
	for (i = 0; i < CONNECTIONS; i++)
		s->client[i].sock = PORT_NO_SOCK;
	buf_init(&s->ldif, ANSWER_MAX);
	if (o->ldif)
		buf_puts(&s->ldif, o->ldif);
	generate(&s->ldif, o->people, o->outside);
	s->listener = port_listen("127.0.0.1", 0, &s->port, e);
	if (s->listener == PORT_NO_SOCK || buf_check(&s->ldif, "the entries", e) != 0) {
		ldapsim_free(s);
		return NULL;
	}
	return s;
}

void ldapsim_free(struct ldapsim *s)
{
	size_t i;

	if (!s)
		return;
	for (i = 0; i < CONNECTIONS; i++)
		if (s->client[i].sock != PORT_NO_SOCK)
			drop(&s->client[i], 0);
	if (s->listener != PORT_NO_SOCK)
		port_sock_close(s->listener);
	buf_release(&s->ldif);
	free(s);
}

unsigned ldapsim_port(const struct ldapsim *s)
{
	return s->port;
}

int ldapsim_count(const struct ldapsim *s, unsigned op)
{
	return s->count[op & 0xff];
}
