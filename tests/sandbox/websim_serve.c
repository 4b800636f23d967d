#include "sandbox/websim_int.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define UNSENT_MAX 65536	/* no further piece of an answer is made while so much is unsent */
#define READ_MAX 65536		/* bytes that are read at a time */
#define LINKS_MAX 64		/* connections that are served at once */
#define CHUNK_LINE 16		/* bytes of the line before a chunk */

/* One connection; it has one request at a time. */
struct websim_link {
	struct websim_link *next;
	port_sock sock;
	struct http_msg msg;
	struct buf in, body, out;
	size_t out_sent;		/* bytes of out */
	int answering;			/* an answer is on its way */
	int closing;			/* the connection ends with it */
	int gone;
	struct websim_answer answer;
};

/* ---- life --------------------------------------------------------------------------------------- */

static void release_answer(struct websim_answer *a)
{
	buf_release(&a->head);
	buf_release(&a->body);
	free(a->state);
	memset(a, 0, sizeof(*a));
}

static void free_link(struct websim_link *l)
{
	port_sock_close(l->sock);
	http_msg_release(&l->msg);
	buf_release(&l->in);
	buf_release(&l->body);
	buf_release(&l->out);
	release_answer(&l->answer);
	free(l);
}

static void accept_link(struct websim *s, port_sock sock)
{
	struct websim_link *l = calloc(1, sizeof(*l));

	if (!l) {
		port_sock_close(sock);
		return;
	}
	l->sock = sock;
	http_msg_init(&l->msg, HTTP_REQUEST);
	buf_init(&l->in, WEBSIM_BODY_MAX);
	buf_init(&l->body, WEBSIM_BODY_MAX);
	buf_init(&l->out, WEBSIM_BODY_MAX);
	l->next = s->links;
	s->links = l;
}

static void remove_gone(struct websim *s)
{
	struct websim_link **at = &s->links, *l;

	while ((l = *at) != NULL) {
		if (!l->gone) {
			at = &l->next;
			continue;
		}
		*at = l->next;
		free_link(l);
	}
}

static struct websim *new_service(struct error *e)
{
	struct websim *s = calloc(1, sizeof(*s));
	unsigned port;

	if (!s) {
		error_memory(e);
		return NULL;
	}
	arena_init(&s->arena, WEBSIM_BODY_MAX);
	buf_init(&s->log, WEBSIM_BODY_MAX);
	buf_init(&s->mistakes, WEBSIM_BODY_MAX);
	s->doc = json_doc_new(MAX_JSON_TOKENS, e);
	s->listener = s->doc ? port_listen("127.0.0.1", 0, &port, e) : PORT_NO_SOCK;
	if (s->listener == PORT_NO_SOCK) {
		websim_free(s);
		return NULL;
	}
	snprintf(s->base, sizeof(s->base), "http://127.0.0.1:%u", port);
	return s;
}

struct websim *websim_new_script(struct str exchanges, struct error *e)
{
	struct websim *s = new_service(e);
	struct buf text;

	if (!s)
		return NULL;
	buf_init(&text, WEBSIM_BODY_MAX);
	websim_fill(&text, exchanges, s->base);
	s->script = websim_script_new(buf_str(&text), e);
	buf_release(&text);
	if (!s->script) {
		websim_free(s);
		return NULL;
	}
	return s;
}

struct websim *websim_new_company(const char *vendor, const struct websim_company *c, struct error *e)
{
	static const struct websim_vendor *const vendors[] = {
		&websim_entra, &websim_okta, &websim_bamboohr, &websim_hibob, &websim_factorial
	};
	struct websim *s;
	size_t i;

	for (i = 0; i < sizeof(vendors) / sizeof(*vendors); i++) {
		if (strcmp(vendors[i]->name, vendor) != 0)
			continue;
		s = new_service(e);
		if (s) {
			s->vendor = vendors[i];
			s->company = *c;
		}
		return s;
	}
	error_set(e, ERROR_FAILED, "there is no simulated %s", vendor);
	return NULL;
}

void websim_free(struct websim *s)
{
	if (!s)
		return;
	while (s->links) {
		struct websim_link *l = s->links;

		s->links = l->next;
		free_link(l);
	}
	port_sock_close(s->listener);
	json_doc_free(s->doc);
	websim_script_free(s->script);
	arena_release(&s->arena);
	buf_release(&s->log);
	buf_release(&s->mistakes);
	free(s);
}

/* ---- answers ------------------------------------------------------------------------------------ */

static void begin_answer(struct websim_link *l)
{
	struct websim_answer *a = &l->answer;

	buf_printf(&l->out, "HTTP/1.1 %d Answer\r\n%s", a->status, buf_text(&a->head));
	if (a->framing == WEBSIM_LENGTH)
		buf_printf(&l->out, "Content-Length: %lu\r\n", (unsigned long)a->body.len);
	else if (a->framing == WEBSIM_CHUNKED)
		buf_puts(&l->out, "Transfer-Encoding: chunked\r\n");
	if (l->closing || a->framing == WEBSIM_CLOSE)
		buf_puts(&l->out, "Connection: close\r\n");
	buf_puts(&l->out, "\r\n");
	l->closing |= a->framing == WEBSIM_CLOSE;
}

/* Chunks of odd sizes, so that characters and words are cut anywhere. */
static void put_chunks(struct buf *out, struct str body)
{
	size_t at, size = 1;
	char line[CHUNK_LINE];

	for (at = 0; at < body.len; at += size, size = size < 3000 ? size * 3 + 1 : 7) {
		struct str piece = str_sub(body, at, size);

		snprintf(line, sizeof(line), "%lx\r\n", (unsigned long)piece.len);
		buf_puts(out, line);
		buf_put_str(out, piece);
		buf_puts(out, "\r\n");
	}
}

/* Puts what stands in the answer's body into what is to be sent. */
static void put_piece(struct websim_link *l)
{
	struct websim_answer *a = &l->answer;
	size_t end = a->sent + a->body.len;

	if (a->malform_at && a->malform_at > a->sent && a->malform_at <= end)
		a->body.data[a->malform_at - 1 - a->sent] = '\x01';
	if (a->cut_at && a->cut_at <= end) {
		buf_truncate(&a->body, a->cut_at - 1 - a->sent);
		a->more = NULL;
		l->closing = 1;
	}
	a->sent += a->body.len;
	if (a->framing == WEBSIM_CHUNKED)
		put_chunks(&l->out, buf_str(&a->body));
	else
		buf_put_str(&l->out, buf_str(&a->body));
	buf_reset(&a->body);
}

static void make_more(struct websim_link *l)
{
	struct websim_answer *a = &l->answer;

	while (l->answering && l->out.len - l->out_sent < UNSENT_MAX) {
		if (a->more && !a->more(a))
			a->more = NULL;
		put_piece(l);
		if (a->more)
			continue;
		if (a->framing == WEBSIM_CHUNKED && !a->cut_at)
			buf_puts(&l->out, "0\r\n\r\n");
		release_answer(a);
		l->answering = 0;
	}
}

static void send_out(struct websim_link *l)
{
	long n = 1;

	while (!l->gone && n > 0 && l->out_sent < l->out.len) {
		n = port_send(l->sock, l->out.data + l->out_sent, l->out.len - l->out_sent, NULL);
		if (n > 0)
			l->out_sent += (size_t)n;
		else if (n != PORT_IO_AGAIN)
			l->gone = 1;
		if (l->out_sent == l->out.len) {
			buf_reset(&l->out);
			l->out_sent = 0;
		}
		make_more(l);
	}
	if (!l->answering && l->out.len == 0 && l->closing)
		l->gone = 1;
}

/* ---- requests ----------------------------------------------------------------------------------- */

static void answer_request(struct websim *s, struct websim_link *l)
{
	struct websim_request r;
	size_t query = str_find_char(l->msg.head.target, 0, '?');
	struct str rest, part;

	arena_reset(&s->arena);
	memset(&r, 0, sizeof(r));
	r.arena = &s->arena;
	r.method = l->msg.head.method;
	r.target = l->msg.head.target;
	r.path = str_sub(r.target, 0, query);
	r.query = websim_pairs(r.arena, str_sub(r.target, query + 1, r.target.len));
	r.body = buf_str(&l->body);
	r.head = &l->msg.head;
	rest = str_sub(r.path, 1, r.path.len);
	while (rest.len && r.part_count < WEBSIM_PARTS && str_next(&rest, '/', &part))
		r.parts[r.part_count++] = websim_decoded(r.arena, part, 0);
	release_answer(&l->answer);
	buf_init(&l->answer.head, WEBSIM_BODY_MAX);
	buf_init(&l->answer.body, WEBSIM_BODY_MAX);
	l->answer.status = 200;
	l->closing = !l->msg.keep_alive;
	websim_answer(s, &r, &l->answer);
	begin_answer(l);
	l->answering = 1;
	make_more(l);
	http_msg_reset(&l->msg);
	buf_reset(&l->body);
}

/* Takes what is there of requests, as far as they can be answered now. */
static void take_requests(struct websim *s, struct websim_link *l)
{
	enum http_event event = HTTP_MORE;

	while (!l->gone && !l->closing && !l->answering && l->out.len == 0 &&
	       (l->in.len > 0 || event == HTTP_HEAD || event == HTTP_DATA)) {
		struct str in = buf_str(&l->in), piece;

		event = http_msg_next(&l->msg, &in, &piece, NULL);
		if (event == HTTP_DATA)
			buf_put_str(&l->body, piece);
		buf_consume(&l->in, l->in.len - in.len);
		if (event == HTTP_BAD)
			l->gone = 1;
		if (event == HTTP_END)
			answer_request(s, l);
		send_out(l);
	}
}

static void read_in(struct websim *s, struct websim_link *l)
{
	char *to = buf_room(&l->in, READ_MAX);
	long n = to ? port_recv(l->sock, to, READ_MAX, NULL) : PORT_IO_ERROR;

	if (n > 0)
		buf_grew(&l->in, (size_t)n);
	else if (n != PORT_IO_AGAIN)
		l->gone = 1;
	take_requests(s, l);
}

int websim_run(struct websim *s, int ms, struct error *e)
{
	struct port_poll set[LINKS_MAX + 1];
	struct websim_link *links[LINKS_MAX + 1], *l;
	size_t n = 1, i;
	port_sock sock;

	set[0].sock = s->listener;
	set[0].want = PORT_WANT_READ;
	for (l = s->links; l && n <= LINKS_MAX; l = l->next, n++) {
		links[n] = l;
		set[n].sock = l->sock;
		set[n].want = l->out.len ? PORT_WANT_WRITE : PORT_WANT_READ;
	}
	if (port_poll(set, n, ms, e) < 0)
		return -1;
	while (set[0].got && (sock = port_accept(s->listener)) != PORT_NO_SOCK)
		accept_link(s, sock);
	for (i = 1; i < n; i++) {
		l = links[i];
		if (!set[i].got)
			continue;
		if (set[i].want == PORT_WANT_WRITE) {
			send_out(l);
			take_requests(s, l);
		} else {
			read_in(s, l);
		}
	}
	remove_gone(s);
	return 0;
}

/* ---- what was asked ----------------------------------------------------------------------------- */

const char *websim_base(const struct websim *s)
{
	return s->base;
}

void websim_set_faults(struct websim *s, const struct websim_faults *f)
{
	s->faults = *f;
	s->fault_used = 0;
}

void websim_put_settings(const struct websim *s, struct buf *out)
{
	websim_fill(out, str_from(s->vendor->settings), s->base);
}

const char *websim_secret(const struct websim *s, size_t i)
{
	size_t n = 0;

	while (s->vendor && s->vendor->secrets[n]) {
		if (n++ == i)
			return s->vendor->secrets[i];
	}
	return i == n && *s->token ? s->token : NULL;
}

void websim_count(const struct websim *s, struct websim_counts *out)
{
	*out = s->counts;
}

void websim_complain(const struct websim *s, int all, struct buf *out)
{
	buf_put_str(out, buf_str(&s->mistakes));
	if (s->script)
		websim_script_complain(s->script, out);
	if (all)
		buf_put_str(out, buf_str(&s->log));
}
