/*
 * Several new users of one group by one request. What does not go well stays to be done one by one: the
 * ordinary way then finds out who it is.
 */
#include <stdlib.h>
#include "base/limits.h"
#include "base/log.h"
#include "port.h"
#include "target/target_int.h"

struct batch {
	struct invites *all;		/* borrowed */
	int busy, ended;
	int count;
	struct plan_subject subject[MAX_INVITE_BATCH];
	struct op op[MAX_INVITE_BATCH];
	int done[MAX_INVITE_BATCH];	/* the answer says so */
	struct arena arena;		/* owned; the subjects' texts */
	struct target_request request;	/* owned */
	struct buf url;			/* owned */
	enum http_class cls;
};

struct invites {
	struct target_run *run;		/* borrowed */
	struct batch *batch;		/* owned; window.max of them */
	struct plan_cursor *cursor;	/* owned */
	struct arena arena;		/* owned; the subject that begins the next batch */
	struct plan_subject ahead;
	struct op ahead_op;
	int has_ahead;
	uint64_t done;
	int lost;			/* a request that may have been done */
	struct error unrecorded;	/* why the audit could not be written; kind ERROR_NONE: it was */
};

static void batch_done(void *cookie, const struct http_resp *resp, const struct error *e)
{
	struct batch *b = cookie;
	struct target_run *run = b->all->run;
	struct error why;
	int i;

	(void)e;
	error_init(&why);
	b->ended = 1;
	b->cls = resp->cls;
	target_window_note(&run->window, resp->limited);
	for (i = 0; i < b->count; i++)
		b->done[i] = resp->cls == HTTP_DONE && run->target->invited(&b->op[i], resp->body, &why) == 1;
}

/* The next subject and its invitation, in the arena. 1, 0 at the end, -1. */
static int next_subject(struct invites *v, struct error *e)
{
	struct op ops[OP_KINDS];
	int got, count;

	arena_reset(&v->arena);
	got = plan_next(v->cursor, &v->ahead, &v->arena, e);
	v->has_ahead = got == 1;
	if (got != 1)
		return got;
	count = plan_ops(v->run->plan, &v->ahead, ops, &v->arena, e);
	if (count < 1)
		return count < 0 ? -1 : error_set(e, ERROR_FAILED, "a new user without invitation");
	v->ahead_op = ops[0];
	return plan_resolve(v->run->plan, &v->ahead_op, &v->arena, e) < 0 ? -1 : 1;
}

/* Moves the subject that was read ahead into the batch. */
static int take_ahead(struct invites *v, struct batch *b, struct error *e)
{
	struct plan_subject *s = &b->subject[b->count];
	struct op *op = &b->op[b->count];

	*s = v->ahead;
	*op = v->ahead_op;
	s->label = op->label = arena_str(&b->arena, v->ahead.label);
	op->place = arena_str(&b->arena, v->ahead_op.place);
	op->value = arena_str(&b->arena, v->ahead_op.value);
	op->after = arena_str(&b->arena, v->ahead_op.after);
	if (s->label.ptr == NULL || op->place.ptr == NULL || op->value.ptr == NULL || op->after.ptr == NULL)
		return error_memory(e);
	b->count++;
	return 0;
}

/* As many subjects of one group as a request may have. */
static int fill_batch(struct invites *v, struct batch *b, struct error *e)
{
	int got = 1;

	arena_reset(&b->arena);
	b->count = 0;
	if (!v->has_ahead)
		got = next_subject(v, e);
	while (got == 1 && b->count < v->run->batch &&
	       (b->count == 0 || str_eq(v->ahead_op.place, b->op[0].place))) {
		if (take_ahead(v, b, e) < 0)
			return -1;
		got = next_subject(v, e);
	}
	return got < 0 ? -1 : 0;
}

static int send_batch(struct batch *b, struct error *e)
{
	struct target_run *run = b->all->run;
	struct http_req req = { 0 };

	if (run->target->invite(b->op, b->count, &b->request, e) < 0)
		return -1;
	b->ended = 0;
	b->busy = 1;
	return target_submit(run, &b->request, &b->url, &req, batch_done, b, e);
}

static void record(struct invites *v, const struct op *op)
{
	struct error why;

	error_init(&why);
	if (target_record(v->run, op, STR("done"), &why) < 0 && v->unrecorded.kind == ERROR_NONE)
		v->unrecorded = why;
}

/* Those of whom the answer says that they are invited. */
static int take_answer(struct invites *v, struct batch *b, struct error *e)
{
	int i;

	b->busy = 0;
	v->lost |= b->cls == HTTP_LOST;
	for (i = 0; i < b->count; i++) {
		if (!b->done[i])
			continue;
		record(v, &b->op[i]);
		if (plan_set_state(v->run->plan, &b->subject[i], PLAN_STARTED, e) < 0)
			return -1;
		v->done++;
	}
	if (v->run->report.step != NULL)
		v->run->report.step(v->run->report.cookie, v->done);
	return 0;
}

static int round_of_batches(struct invites *v, int *busy, struct error *e)
{
	int i;

	*busy = 0;
	for (i = 0; i < v->run->window.max; i++) {
		struct batch *b = &v->batch[i];

		if (b->busy && b->ended && take_answer(v, b, e) < 0)
			return -1;
		if (!b->busy && *busy < v->run->window.now && !port_interrupted() &&
		    v->unrecorded.kind == ERROR_NONE) {
			if (fill_batch(v, b, e) < 0 || (b->count > 0 && send_batch(b, e) < 0))
				return -1;
		}
		*busy += b->busy;
	}
	return 0;
}

static int init(struct invites *v, struct target_run *run, struct error *e)
{
	int i;

	v->run = run;
	arena_init(&v->arena, 4 * MAX_RECORD);
	v->cursor = plan_walk_by_place(run->plan, PART_USER_CREATE, e);
	v->batch = calloc((size_t)run->window.max, sizeof(v->batch[0]));
	if (v->cursor == NULL || v->batch == NULL)
		return v->cursor == NULL ? -1 : error_memory(e);
	for (i = 0; i < run->window.max; i++) {
		struct batch *b = &v->batch[i];

		b->all = v;
		arena_init(&b->arena, 8 * MAX_RECORD);
		buf_init(&b->url, MAX_URL);
		buf_init(&b->request.path, MAX_URL);
		buf_init(&b->request.body, MAX_RECORD);
	}
	return 0;
}

static void release(struct invites *v)
{
	int i;

	for (i = 0; v->batch != NULL && i < v->run->window.max; i++) {
		arena_release(&v->batch[i].arena);
		buf_release(&v->batch[i].url);
		buf_release(&v->batch[i].request.path);
		buf_release(&v->batch[i].request.body);
	}
	free(v->batch);
	plan_walk_end(v->cursor);
	arena_release(&v->arena);
}

int target_invite(struct target_run *run, uint64_t total, struct error *e)
{
	struct invites v = { 0 };
	struct target_report *r = &run->report;
	int busy, failed = init(&v, run, e);

	if (r->begin != NULL)
		r->begin(r->cookie, "inviting users", total);
	busy = 1;
	while (!failed && busy > 0) {
		failed = round_of_batches(&v, &busy, e);
		if (!failed && busy > 0)
			failed = target_wait(run, &v.unrecorded, e);
	}
	if (r->end != NULL)
		r->end(r->cookie);
	if (failed)	/* before what the answers would go to is gone */
		http_cancel(run->http, 0);
	release(&v);
	if (failed)
		return -1;
	if (v.unrecorded.kind != ERROR_NONE)
		return target_unrecorded(run, &v.unrecorded, e);
	/* Who is listed by now was invited, whatever came back. */
	return v.lost ? run->target->list_users(run, e) : 0;
}
