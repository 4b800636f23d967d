#include "sandbox/websim_int.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/codec.h"
#include "base/date.h"

#define LOG_MAX 65536		/* bytes of the list of requests */
#define SHOWN_MAX 600		/* bytes of a body in it */
#define SECONDS_PER_DAY 86400

/* ---- texts -------------------------------------------------------------------------------------- */

struct str websim_decoded(struct arena *a, struct str text, int plus)
{
	struct buf in, out;
	struct str copy;
	size_t i;

	buf_init(&in, WEBSIM_BODY_MAX);
	buf_init(&out, WEBSIM_BODY_MAX);
	for (i = 0; i < text.len; i++)
		buf_putc(&in, plus && text.ptr[i] == '+' ? ' ' : text.ptr[i]);
	if (percent_decode(&out, buf_str(&in))) {
		buf_reset(&out);
		buf_put_str(&out, text);
	}
	copy = arena_str(a, str_of(buf_text(&out), out.len));
	buf_release(&out);
	buf_release(&in);
	return copy;
}

struct websim_pairs websim_pairs(struct arena *a, struct str text)
{
	struct websim_pairs p = { NULL, 0 };
	struct str rest = text, part;
	size_t max = 1, i;

	for (i = 0; i < text.len; i++)
		max += text.ptr[i] == '&';
	p.items = arena_array(a, max, sizeof(*p.items));
	while (p.items && rest.len && str_next(&rest, '&', &part)) {
		size_t equals = str_find_char(part, 0, '=');

		if (!part.len)
			continue;
		p.items[p.count].name = websim_decoded(a, str_sub(part, 0, equals), 1);
		p.items[p.count].value = websim_decoded(a, str_sub(part, equals + 1, part.len), 1);
		p.count++;
	}
	return p;
}

struct str websim_value(const struct websim_pairs *p, const char *name)
{
	size_t i;

	for (i = 0; i < p->count; i++)
		if (str_eqz(p->items[i].name, name))
			return p->items[i].value;
	return str_of(NULL, 0);
}

int websim_path_is(const struct websim_request *r, const char *path)
{
	struct str rest = str_from(path), part;
	size_t n = 0;

	while (rest.len && str_next(&rest, '/', &part)) {
		if (n == r->part_count || (!str_eqz(part, "*") && !str_eq(part, r->parts[n])))
			return 0;
		n++;
	}
	return n == r->part_count;
}

long websim_number(struct str value, long otherwise, long max)
{
	int64_t n;

	if (!value.ptr || str_to_i64(value, &n) || n < 1)
		return otherwise;
	return n > max ? max : (long)n;
}

/* "{NOW+5}" or "{TODAY-1}" at the start of the text: what it stands for. The length of the placeholder; 0: it is
 * none. */
static size_t fill_time(struct buf *out, struct str text)
{
	int64_t now = port_wall_ms() / 1000, offset;
	int is_now = str_starts(text, STR("{NOW")), year, month, day;
	size_t name = is_now ? 4 : 6, end = str_find_char(text, 0, '}');
	struct str sum;

	if ((!is_now && !str_starts(text, STR("{TODAY"))) || end == text.len || end < name + 2)
		return 0;
	sum = str_sub(text, name, end - name);
	if ((sum.ptr[0] != '+' && sum.ptr[0] != '-') || str_to_i64(str_sub(sum, 1, sum.len), &offset))
		return 0;
	if (sum.ptr[0] == '-')
		offset = -offset;
	if (is_now) {
		buf_printf(out, "%lld", (long long)(now + offset));
	} else {
		date_from_days(now / SECONDS_PER_DAY + offset, &year, &month, &day);
		buf_printf(out, "%04d-%02d-%02d", year, month, day);
	}
	return end + 1;
}

void websim_fill(struct buf *out, struct str text, const char *base)
{
	size_t at = 0, found, used;

	while ((found = str_find_char(text, at, '{')) < text.len) {
		struct str rest = str_sub(text, found, text.len);

		buf_put_str(out, str_sub(text, at, found - at));
		if (base && str_starts(rest, STR("{BASE}"))) {
			buf_puts(out, base);
			at = found + 6;
		} else if ((used = fill_time(out, rest)) > 0) {
			at = found + used;
		} else {
			buf_putc(out, '{');
			at = found + 1;
		}
	}
	buf_put_str(out, str_sub(text, at, text.len));
}

/* ---- answers ------------------------------------------------------------------------------------ */

void websim_header(struct websim_answer *a, const char *name, const char *fmt, ...)
{
	va_list args;

	buf_printf(&a->head, "%s: ", name);
	va_start(args, fmt);
	buf_vprintf(&a->head, fmt, args);
	va_end(args);
	buf_puts(&a->head, "\r\n");
}

void websim_count_as(struct websim *s, struct websim_answer *a, unsigned long *counter)
{
	a->counter = counter;
	if (counter == &s->counts.lookups)
		a->page = WEBSIM_LOOKUPS + (int)s->counts.lookups + 1;
	if (counter == &s->counts.groups)
		a->page = WEBSIM_GROUPS + (int)s->counts.groups + 1;
}

void websim_refuse(struct websim_answer *a, int status, const char *fmt, ...)
{
	va_list args;

	free(a->state);
	a->state = NULL;
	a->more = NULL;
	a->framing = WEBSIM_LENGTH;
	a->counter = NULL;
	a->page = 0;
	a->status = status;
	buf_reset(&a->head);
	buf_reset(&a->body);
	websim_header(a, "Content-Type", "application/json");
	va_start(args, fmt);
	buf_vprintf(&a->body, fmt, args);
	va_end(args);
}

static void note_request(struct buf *out, const char *what, const struct websim_request *r)
{
	if (out->len > LOG_MAX)
		return;
	buf_printf(out, "%s%.*s %.*s", what, STR_ARG(r->method), STR_ARG(websim_decoded(r->arena, r->target, 0)));
	if (r->body.len)
		buf_printf(out, " %.*s", STR_ARG(str_sub(r->body, 0, SHOWN_MAX)));
	buf_putc(out, '\n');
}

/* ---- faults ------------------------------------------------------------------------------------- */

int websim_has_fault(const struct websim *s, enum websim_fault f, int page)
{
	const struct websim_faults *o = &s->faults;

	return o->fault == f && page > 0 && (o->page ? o->page : 1) == page && (!o->times || s->fault_used < o->times);
}

/* An error in place of the answer. */
static void fail(struct websim *s, struct websim_answer *a, int status)
{
	websim_refuse(a, status, "{\"error\": \"simulated\"}");
	if (status == 429 && s->vendor && s->vendor->limits)
		s->vendor->limits(s, a, 1);
	else if (status == 429 || status == 503)
		websim_header(a, "Retry-After", "1");
}

/* What is wrong with the answer as it is sent; its status is 200. */
static void spoil(struct websim *s, struct websim_answer *a)
{
	static const struct { enum websim_fault fault; int status; } errors[] = {
		{ WEBSIM_FAIL, 500 }, { WEBSIM_BUSY, 503 }, { WEBSIM_EXPIRE, 401 }, { WEBSIM_DENY, 403 }
	};
	size_t i;

	if (!websim_has_fault(s, s->faults.fault, a->page))
		return;
	s->fault_used++;
	s->counts.spoilt++;
	for (i = 0; i < sizeof(errors) / sizeof(*errors); i++)
		if (errors[i].fault == s->faults.fault)
			fail(s, a, errors[i].status);
	if (s->faults.fault == WEBSIM_EXPIRE)
		*s->token = '\0';
	if (s->faults.fault == WEBSIM_CUT)
		a->cut_at = s->faults.at + 1;
	if (s->faults.fault == WEBSIM_MALFORM)
		a->malform_at = s->faults.at + 1;
	if (s->faults.fault == WEBSIM_HTML)
		websim_refuse(a, 200, "<html><body>Please log in</body></html>");
}

static void find_answer(struct websim *s, const struct websim_request *r, struct websim_answer *a)
{
	if (s->vendor)
		s->vendor->serve(s, r, a);
	else if (websim_script_serve(s->script, r, a))
		a->page = (int)s->counts.requests;
	else
		websim_refuse(a, 400, "{\"replay\": \"no scripted exchange for this request\"}");
	if (a->status >= 400 && (s->vendor || !a->page)) {
		s->counts.mistakes++;
		note_request(&s->mistakes, "not taken: ", r);
	}
}

void websim_answer(struct websim *s, const struct websim_request *r, struct websim_answer *a)
{
	s->counts.requests++;
	note_request(&s->log, "", r);
	if (s->faults.fault == WEBSIM_THROTTLE && s->counts.requests % 2 == 0) {
		fail(s, a, 429);
		s->counts.spoilt++;
		return;
	}
	find_answer(s, r, a);
	if (s->vendor && s->vendor->limits && a->status == 200)
		s->vendor->limits(s, a, 0);
	if (a->status == 200)
		spoil(s, a);
	if (a->counter)
		++*a->counter;
}
