#include "sandbox/websim_int.h"

#include <stdlib.h>
#include <string.h>

#define TOKENS_MAX ((size_t)1 << 21)

struct websim_script {
	struct json_doc *doc, *body_doc;	/* the exchanges; the body of a request */
	struct buf text;
	struct json exchanges;
	unsigned long *used;			/* how often each was */
};

struct websim_script *websim_script_new(struct str exchanges, struct error *e)
{
	struct websim_script *s = calloc(1, sizeof(*s));

	if (!s) {
		error_memory(e);
		return NULL;
	}
	buf_init(&s->text, WEBSIM_BODY_MAX);
	buf_put_str(&s->text, exchanges);
	s->doc = json_doc_new(TOKENS_MAX, e);
	s->body_doc = s->doc ? json_doc_new(TOKENS_MAX, e) : NULL;
	if (!s->body_doc || json_parse(s->doc, buf_str(&s->text), 0, &s->exchanges, e))
		goto failed;
	s->used = calloc(json_count(s->exchanges) + 1, sizeof(*s->used));
	if (s->used)
		return s;
	error_memory(e);
failed:
	websim_script_free(s);
	return NULL;
}

void websim_script_free(struct websim_script *s)
{
	if (!s)
		return;
	json_doc_free(s->doc);
	json_doc_free(s->body_doc);
	buf_release(&s->text);
	free(s->used);
	free(s);
}

/* A count of the exchange; none: otherwise. */
static unsigned long count_of(struct json exchange, const char *key, unsigned long otherwise)
{
	int64_t n;

	return json_int(json_get(exchange, key), &n) ? otherwise : (unsigned long)n;
}

/* Each value of a header that is sent, one or a list of them. */
static void put_header(struct websim_answer *a, struct str name, struct json value, struct arena *arena)
{
	struct json one;

	if (json_type(value) != JSON_ARRAY) {
		buf_printf(&a->head, "%.*s: %.*s\r\n", STR_ARG(name), STR_ARG(json_scalar(value, arena)));
		return;
	}
	for (one = json_first(value); json_type(one) != JSON_NONE; one = json_next(value, one))
		put_header(a, name, one, arena);
}

static void put_headers(struct websim_answer *a, struct json headers, struct arena *arena)
{
	struct json value;
	int typed = 0;

	for (value = json_first(headers); json_type(value) != JSON_NONE; value = json_next(headers, value)) {
		struct str name = json_key(value, arena);

		typed |= str_case_eqz(name, "Content-Type");
		put_header(a, name, value, arena);
	}
	if (!typed)
		websim_header(a, "Content-Type", "application/json; charset=utf-8");
}

static enum websim_framing framing_of(struct json exchange, struct arena *arena)
{
	struct str framing = json_text(json_get(exchange, "framing"), arena);

	if (str_eqz(framing, "chunked"))
		return WEBSIM_CHUNKED;
	return str_eqz(framing, "close") ? WEBSIM_CLOSE : WEBSIM_LENGTH;
}

static void answer_with(struct json exchange, struct websim_answer *a, struct arena *arena)
{
	struct json body = json_get(exchange, "response_json");

	a->status = (int)count_of(exchange, "status", 200);
	a->framing = framing_of(exchange, arena);
	put_headers(a, json_get(exchange, "response_headers"), arena);
	if (json_type(body) != JSON_NONE)
		buf_put_str(&a->body, json_raw(body));
	else
		buf_put_str(&a->body, json_text(json_get(exchange, "response_text"), arena));
}

int websim_script_serve(struct websim_script *s, const struct websim_request *r, struct websim_answer *a)
{
	struct json exchange;
	size_t i = 0;

	for (exchange = json_first(s->exchanges); json_type(exchange) != JSON_NONE;
	     exchange = json_next(s->exchanges, exchange), i++) {
		if (s->used[i] >= count_of(exchange, "times", s->used[i] + 1) || !websim_fits(exchange, r, s->body_doc))
			continue;
		s->used[i]++;
		answer_with(exchange, a, r->arena);
		return 1;
	}
	return 0;
}

void websim_script_complain(const struct websim_script *s, struct buf *out)
{
	struct json exchange;
	size_t i = 0;

	for (exchange = json_first(s->exchanges); json_type(exchange) != JSON_NONE;
	     exchange = json_next(s->exchanges, exchange), i++)
		if (s->used[i] < count_of(exchange, "min_times", 0))
			buf_printf(out, "expected request never came: %.*s %.*s %.*s\n",
				   STR_ARG(json_raw(json_get(exchange, "method"))),
				   STR_ARG(json_raw(json_get(exchange, "path"))),
				   STR_ARG(json_raw(json_get(exchange, "query"))));
}
