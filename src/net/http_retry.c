#include <stdint.h>

#include "base/date.h"
#include "net/http_int.h"

#define WAIT_FIRST_MS 1000		/* after a failure; doubled each time */
#define WAIT_MOST_MS 30000
#define LIMITED_STEP_MS 5000		/* after a 429: 5, 10, 15, 20 s */
#define LIMITED_STEPS 4
#define FORBIDDEN_STEP_MS 15000		/* after a 403 that may pass: 15, 30, 45 ... s */
#define FORBIDDEN_TRIES 10
#define ASKED_MOST_S 300		/* who asks for a longer wait gets none */
#define ABSURD_S 86400			/* nobody means that */
#define EPOCH_LIKE 1000000000		/* a number of seconds from here on is a date */

/* Which answers may be repeated. */
static const struct {
	int status;
	int undone;			/* the server has not done anything: any request may be repeated */
} passing[] = {
	{ 408, 1 }, { 425, 1 }, { 429, 1 }, { 503, 1 }, { 500, 0 }, { 502, 0 }, { 504, 0 },
};

/* Fields that say when to come back: seconds, or an HTTP date, or seconds since 1970. All but the first stand
 * in any answer and matter only when a limit was hit. */
static const char *const wait_fields[] = { "retry-after", "ratelimit-reset", "x-ratelimit-reset",
					   "x-rate-limit-reset" };

/* Seconds from now until what a field says; -1: it says nothing. */
static int64_t read_wait(struct str value, int64_t now)
{
	size_t dot = str_find_char(value, 0, '.');
	uint64_t n, ignored;
	int64_t date;

	if (str_to_u64(str_sub(value, 0, dot), &n) == 0) {
		if (dot < value.len && str_to_u64(str_sub(value, dot + 1, value.len), &ignored) < 0)
			return -1;
		if (n < EPOCH_LIKE)
			return (int64_t)n + (dot < value.len);
		if (n > INT64_MAX / 2)
			return INT64_MAX / 2;
		/* within this very second it may not be over yet */
		return (int64_t)n > now ? (int64_t)n - now : 1;
	}
	if (date_parse_http(value, &date) == 0)
		return date > now ? date - now : 0;
	return -1;
}

int64_t http_wait_field(const struct http_head *head, const char *field, int64_t now)
{
	struct str value = http_header_value(head, field, 0);
	int64_t theirs;

	if (value.len == 0)
		return -1;
	if (date_parse_http(http_header_value(head, "date", 0), &theirs) == 0)
		now = theirs;
	return read_wait(value, now);
}

static int64_t asked_wait(const struct http_head *head, int limited, int64_t now)
{
	size_t i, n = limited ? sizeof wait_fields / sizeof wait_fields[0] : 1;
	int64_t s = -1;

	for (i = 0; i < n && s < 0; i++)
		s = http_wait_field(head, wait_fields[i], now);
	return s;
}

/* Up to a quarter longer, so that many clients do not come back at once. */
static int64_t jitter(int64_t ms, unsigned random)
{
	return ms + ms * (int64_t)(random % 251) / 1000;
}

static int64_t growing_wait(int tries)
{
	int64_t ms = WAIT_FIRST_MS;

	while (--tries > 0 && ms < WAIT_MOST_MS)
		ms *= 2;
	return ms < WAIT_MOST_MS ? ms : WAIT_MOST_MS;
}

static int has_text(struct str body, const char *words)
{
	struct str w = str_from(words);
	size_t i;

	for (i = 0; i + w.len <= body.len; i++)
		if (str_case_eq(str_sub(body, i, w.len), w))
			return 1;
	return 0;
}

/* A 403 that speaks of a rate limit is a 429 by another name. */
static int is_limit(const struct http_try *t)
{
	if (t->head->status == 429)
		return 1;
	return t->head->status == 403 && (http_header_value(t->head, "retry-after", 0).len > 0 ||
	       str_eqz(http_header_value(t->head, "x-ratelimit-remaining", 0), "0") ||
	       has_text(t->body, "rate limit"));
}

static int may_repeat(const struct http_try *t)
{
	return t->safe || (t->flags & HTTP_RETRY_LOST);
}

static void again(struct http_verdict *v, int64_t wait_ms)
{
	v->again = 1;
	v->wait_ms = wait_ms;
}

static void judge_limit(struct http_verdict *v, const struct http_try *t, unsigned random)
{
	int step = t->limited < LIMITED_STEPS ? t->limited : LIMITED_STEPS;

	v->cls = HTTP_BUSY;
	v->slower = v->whole_origin = 1;
	again(v, jitter((int64_t)LIMITED_STEP_MS * (step > 0 ? step : 1), random));
}

static void judge_answer(struct http_verdict *v, const struct http_try *t, unsigned random)
{
	int status = t->head->status;
	size_t i;

	if (status >= 200 && status < 300) {
		v->cls = HTTP_DONE;
		return;
	}
	v->cls = HTTP_REFUSED;
	if (is_limit(t))
		judge_limit(v, t, random);
	for (i = 0; i < sizeof passing / sizeof passing[0] && !v->again; i++) {
		if (passing[i].status != status)
			continue;
		v->cls = passing[i].undone || t->safe ? HTTP_BUSY : HTTP_LOST;
		if (passing[i].undone || may_repeat(t))
			again(v, jitter(growing_wait(t->tries), random));
	}
}

/* Longer waits than anybody would sit through are not begun. */
static void heed_server(struct http_verdict *v, const struct http_try *t, int64_t now)
{
	int64_t s = asked_wait(t->head, v->slower, now);

	if (s < 0 || s > ABSURD_S || !v->again)
		return;
	if (s > ASKED_MOST_S)
		v->again = 0;
	v->wait_ms = s * 1000;
	v->whole_origin = 1;
}

void http_judge(struct http_verdict *v, const struct http_try *t, const struct http_options *o,
		unsigned random, int64_t now)
{
	static const struct http_verdict nothing;
	int most = o->retries + 1, tries = t->tries;

	*v = nothing;
	/* A 403 that may pass is counted apart: it must not use up the tries of other failures. */
	if (t->flags & HTTP_RETRY_403 && (t->end != TRY_ANSWERED || t->head->status != 403))
		tries -= t->forbidden;
	switch (t->end) {
	case TRY_ANSWERED:
		judge_answer(v, t, random);
		heed_server(v, t, now);
		if (t->head->status == 403 && (t->flags & HTTP_RETRY_403) && !v->again) {
			again(v, jitter((int64_t)FORBIDDEN_STEP_MS * t->forbidden, random));
			most = FORBIDDEN_TRIES;
			tries = t->forbidden;
		}
		break;
	case TRY_UNREACHED:
		v->cls = HTTP_UNREACHED;
		again(v, jitter(growing_wait(t->tries), random));
		break;
	case TRY_HOPELESS:
		v->cls = HTTP_UNREACHED;
		break;
	case TRY_STALE:
	case TRY_LOST:
		v->cls = HTTP_LOST;
		if (may_repeat(t))
			again(v, t->end == TRY_STALE ? 0 : jitter(growing_wait(t->tries), random));
		break;
	case TRY_MALFORMED:
		v->cls = HTTP_LOST;
		break;
	case TRY_STOPPED:
		v->cls = HTTP_CANCELLED;
		break;
	}
	if (tries >= most || (t->flags & HTTP_NO_RETRY))
		v->again = 0;
	v->wait_ms = v->again ? (int64_t)((double)v->wait_ms * o->wait_scale) : 0;
}
