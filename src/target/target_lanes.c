/* Subjects side by side, each subject's requests one after the other. */
#include <stdlib.h>
#include "base/limits.h"
#include "base/log.h"
#include "port.h"
#include "target/target_lanes.h"

#define FIRST_TRIES 20			/* operations of which more than half must work */
#define LOST_REPEATS 3			/* times that a creation without answer is sent again */
#define MAX_CHANGE_ANSWER 65536		/* bytes of the answer to a change */

struct lane {
	struct apply *apply;		/* borrowed */
	int busy;			/* a subject is in it */
	int ended;			/* its request has ended, as below */
	enum plan_state from;		/* what the subject was when it was begun */
	struct plan_subject subject;
	struct op ops[OP_KINDS];
	int count, first, at;		/* operations, the one begun with, and the one in flight */
	int lost;			/* times that no answer came */
	struct arena arena;		/* owned; the subject's texts */
	struct target_request request;	/* owned */
	struct buf url, made, mark;	/* owned; made: id of what was made; mark: see plan_mark_name() */
	enum http_class cls;
	struct error error;
};

int lanes_init(struct apply *a, struct error *e)
{
	int i;

	a->lane = calloc((size_t)a->run->window.max, sizeof(a->lane[0]));
	if (a->lane == NULL)
		return error_memory(e);
	for (i = 0; i < a->run->window.max; i++) {
		struct lane *l = &a->lane[i];

		l->apply = a;
		arena_init(&l->arena, 4 * MAX_RECORD);
		buf_init(&l->url, MAX_URL);
		buf_init(&l->made, MAX_RECORD);
		buf_init(&l->mark, MAX_RECORD);
		buf_init(&l->request.path, MAX_URL);
		buf_init(&l->request.body, MAX_RECORD);
	}
	return 0;
}

void lanes_release(struct apply *a)
{
	int i;

	for (i = 0; a->lane != NULL && i < a->run->window.max; i++) {
		struct lane *l = &a->lane[i];

		arena_release(&l->arena);
		buf_release(&l->url);
		buf_release(&l->made);
		buf_release(&l->mark);
		buf_release(&l->request.path);
		buf_release(&l->request.body);
	}
	free(a->lane);
}

static void lane_done(void *cookie, const struct http_resp *resp, const struct error *e)
{
	struct lane *l = cookie;
	struct target_run *run = l->apply->run;
	struct http_req req = { 0 };

	l->ended = 1;
	l->cls = resp->cls;
	target_window_note(&run->window, resp->limited);
	req.method = l->request.method;
	req.url = buf_text(&l->url);
	if (resp->cls == HTTP_DONE) {
		buf_reset(&l->made);
		if (run->target->made(&l->ops[l->at], resp->body, &l->made, &l->error) < 0)
			l->cls = HTTP_LOST;
	} else if (resp->cls == HTTP_REFUSED || resp->cls == HTTP_BUSY) {
		http_status_error(&req, resp, &l->error);
		/* What a try without answer has removed, the next one does not find. */
		if (l->ops[l->at].kind == OP_GROUP_DELETE && resp->status == 404 && resp->tries > 1)
			l->cls = HTTP_DONE;
	} else {
		l->error = *e;
	}
}

int target_submit(struct target_run *run, const struct target_request *request, struct buf *url,
		  struct http_req *req, http_done_fn *done, void *cookie, struct error *e)
{
	buf_reset(url);
	buf_put_str(url, buf_str(&run->base));
	buf_put_str(url, buf_str(&request->path));
	if (buf_check(url, "request address", e) < 0)
		return -1;
	req->method = request->method;
	req->url = buf_text(url);
	req->headers = run->headers;
	req->body = buf_str(&request->body);
	req->content_type = "application/json";
	req->body_max = MAX_CHANGE_ANSWER;
	req->flags = run->http_flags | request->flags;
	return http_submit(run->http, req, done, cookie, e);
}

static int send_op(struct lane *l, struct error *e)
{
	struct target_run *run = l->apply->run;
	struct op *op = &l->ops[l->at];
	struct http_req req = { 0 };

	if (plan_resolve(run->plan, op, &l->arena, e) < 0 || run->target->request(op, &l->request, e) < 0)
		return -1;
	l->ended = 0;
	return target_submit(run, &l->request, &l->url, &req, lane_done, l, e);
}

/* A run whose audit cannot be written ends as soon as what is in flight has ended. */
static void note_recorded(struct apply *a, int failed, const struct error *e)
{
	if (failed == 0)
		return;
	if (a->unrecorded.kind == ERROR_NONE)
		a->unrecorded = *e;
	a->stop = a->result->stopped = 1;
}

int target_record(struct target_run *run, const struct op *op, struct str result, struct error *e)
{
	struct state_change change;

	change.subject = op->label;
	change.kind = str_from(op_table[op->kind].name);
	change.before = op->before;
	change.after = op->after;
	change.result = result;
	if (run->report.change != NULL)
		run->report.change(run->report.cookie, &change);
	/* A run that is killed may not come to put its last changes into the database. */
	if (str_eqz(result, "done"))
		log_detail("%.*s: %s: %.*s \xe2\x86\x92 %.*s", STR_ARG(op->label), op_table[op->kind].name,
			   STR_ARG(op->before), STR_ARG(op->after));
	return state_audit(run->state, &change, e);
}

int target_wait(struct target_run *run, struct error *unrecorded, struct error *e)
{
	struct error why;

	if (http_run_for(run->http, state_due_ms(run->state), e) < 0)
		return -1;
	error_init(&why);
	if (state_due_ms(run->state) == 0 && state_flush(run->state, &why) < 0 &&
	    unrecorded->kind == ERROR_NONE)
		*unrecorded = why;
	return 0;
}

/* Records the operation in flight. */
static void record_op(struct lane *l, struct str result)
{
	struct error e;

	error_init(&e);
	note_recorded(l->apply, target_record(l->apply->run, &l->ops[l->at], result, &e), &e);
}

void lanes_flush(struct apply *a)
{
	struct error e;

	error_init(&e);
	note_recorded(a, state_flush(a->run->state, &e), &e);
}

/* Nothing is left to be marked of the subject, unless that waits for the end of the run. */
static void forget_mark(struct lane *l)
{
	struct target_run *run = l->apply->run;
	struct error e;

	if (l->count == 0 || l->ops[l->count - 1].kind != OP_USER_MARK)
		return;
	error_init(&e);
	plan_mark_name(run->plan, &l->subject, &l->mark);
	if (l->mark.len > 0)
		note_recorded(l->apply, state_unmarked_remove(run->state, run->target->name,
							      buf_str(&l->mark), &e), &e);
}

static void end_subject(struct lane *l, enum plan_state state)
{
	struct apply *a = l->apply;
	struct target_report *r = &a->run->report;
	struct error e;

	l->busy = 0;
	error_init(&e);
	if (plan_set_state(a->run->plan, &l->subject, state, &e) < 0) {
		log_error("%s", e.text);
		a->stop = 1;
	}
	/* Who was changed in part, or invited, stays to be marked. */
	if (state == PLAN_DONE || (state == PLAN_FAILED && l->at == l->first && l->from == PLAN_OPEN))
		forget_mark(l);
	if (state == PLAN_DONE)
		a->result->done[l->subject.part]++;
	if (state == PLAN_FAILED)
		a->result->failed[l->subject.part]++;
	/* Without its groups a run would put people into the wrong places. */
	if (state == PLAN_FAILED && l->subject.part == PART_GROUP_CREATE)
		a->stop = a->result->stopped = 1;
	a->steps++;
	if (r->step != NULL)
		r->step(r->cookie, a->steps);
}

/* When nearly everything fails, going on does no good. */
static void note_failure(struct apply *a)
{
	a->tried++;
	a->bad++;
	a->bad_in_a_row++;
	if (a->stop ||
	    (a->bad_in_a_row < a->run->stop_after && (a->tried != FIRST_TRIES || a->bad <= FIRST_TRIES / 2)))
		return;
	log_error("the run stops, because %lu of %lu operations failed, the last %d in a row",
		  (unsigned long)a->bad, (unsigned long)a->tried, a->bad_in_a_row);
	a->stop = a->result->stopped = 1;
}

static void fail_subject(struct lane *l, const struct error *e)
{
	struct buf clean;

	buf_init(&clean, 4 * ERROR_TEXT_MAX);
	log_clean(&clean, str_from(e->text));
	record_op(l, buf_str(&clean));
	buf_release(&clean);
	log_error("%.*s: %s: %s", STR_ARG(l->subject.label), op_table[l->ops[l->at].kind].name, e->text);
	end_subject(l, PLAN_FAILED);
	note_failure(l->apply);
}

/* The operation of a subject to begin with and the one to stop before, and what the subject is then. */
static enum plan_state stage(const struct lane *l, int *first, int *end)
{
	*first = 0;
	*end = l->count;
	if (l->subject.part != PART_USER_CREATE && l->subject.part != PART_USER_FINISH)
		return PLAN_DONE;
	/* A new user is invited first; the rest follows when he is listed. */
	if (l->from == PLAN_OPEN) {
		*end = 1;
		return PLAN_STARTED;
	}
	*first = 1;
	return PLAN_DONE;
}

/* Sends the next operation of the subject, or ends it. */
static void go_on(struct lane *l)
{
	int first, end;
	enum plan_state last = stage(l, &first, &end);
	struct error e;

	error_init(&e);
	if (l->at < end && (port_interrupted() || l->apply->unrecorded.kind != ERROR_NONE)) {
		l->busy = 0;
		l->apply->stop = l->apply->result->stopped = 1;
	} else if (l->at >= end) {
		end_subject(l, last);
	} else if (send_op(l, &e) < 0) {
		fail_subject(l, &e);
	}
}

static void done_op(struct lane *l)
{
	struct apply *a = l->apply;
	struct op *op = &l->ops[l->at];
	struct error e;

	error_init(&e);
	a->result->requests++;
	if (op->kind == OP_GROUP_CREATE) {
		int found = 1;

		if (l->made.len == 0) {
			lanes_flush(a);
			found = a->run->target->look(a->run, op, &l->made, &e);
		}

		if (found == 0)
			error_set(&e, ERROR_FAILED, "the service said it was done, but the group is not"
						    " there");
		if (found != 1 || plan_made_group(a->run->plan, op->label, buf_str(&l->made), &e) < 0) {
			fail_subject(l, &e);
			return;
		}
	}
	record_op(l, STR("done"));
	a->tried++;
	a->bad_in_a_row = 0;
	l->at++;
	l->lost = 0;
	go_on(l);
}

/*
 * No answer came to something that must not be done twice: look, and send it again only when it was not
 * done. A user whom the service refuses after that, or after a run that was killed, was invited then and is
 * not listed yet.
 */
static void look_first(struct lane *l)
{
	struct apply *a = l->apply;
	int refused = l->cls == HTTP_REFUSED && l->ops[l->at].kind == OP_USER_CREATE;
	struct error e;
	int found;

	error_init(&e);
	buf_reset(&l->made);
	lanes_flush(a);
	found = a->run->target->look(a->run, &l->ops[l->at], &l->made, &e);
	if (found == 0 && refused)
		log_warning("%.*s: is taken to be invited already: %s", STR_ARG(l->subject.label),
			    l->error.text);
	if (found == 1 || (found == 0 && refused))
		done_op(l);
	else if (found < 0 || ++l->lost > LOST_REPEATS)
		fail_subject(l, found < 0 ? &e : &l->error);
	else
		go_on(l);
}

/* 1 when what is to be made may have been made before: by a request without answer, or in an earlier run. */
static int may_be_made(struct lane *l)
{
	if (l->lost > 0)
		return 1;
	plan_mark_name(l->apply->run->plan, &l->subject, &l->mark);
	return l->mark.len > 0 && plan_was_unmarked(l->apply->run->plan, buf_str(&l->mark));
}

static void take_answer(struct lane *l)
{
	enum op_kind kind = l->ops[l->at].kind;
	int creates = kind == OP_GROUP_CREATE || kind == OP_USER_CREATE;

	l->ended = 0;
	if (l->cls == HTTP_DONE)
		done_op(l);
	else if (creates && (l->cls == HTTP_LOST || (l->cls == HTTP_REFUSED && may_be_made(l))))
		look_first(l);
	else
		fail_subject(l, &l->error);
}

/* Puts the next subject of a walk into a free lane. 1 begun, 0 none left, -1. */
static int begin_subject(struct lane *l, struct walk *w, struct error *e)
{
	int got, end;

	do {
		arena_reset(&l->arena);
		got = plan_next(w->cursor, &l->subject, &l->arena, e);
		/* Who is not listed yet has to wait. */
	} while (got == 1 && w->from == PLAN_STARTED && l->subject.id.len == 0);
	if (got != 1)
		return got;
	l->count = plan_ops(l->apply->run->plan, &l->subject, l->ops, &l->arena, e);
	if (l->count < 0)
		return -1;
	w->begun++;
	l->busy = 1;
	l->ended = l->lost = 0;
	l->from = w->from;
	stage(l, &l->first, &end);
	l->at = l->first;
	go_on(l);
	return 1;
}

static int busy_lanes(const struct apply *a)
{
	int i, busy = 0;

	for (i = 0; i < a->run->window.max; i++)
		busy += a->lane[i].busy;
	return busy;
}

int lanes_open(struct apply *a, struct walk *w, enum plan_part first, enum plan_part last,
	       enum plan_state from, struct error *e)
{
	w->cursor = plan_walk_level(a->run->plan, first, last, from, e);
	w->from = from;
	w->begun = 0;
	return w->cursor == NULL ? -1 : 0;
}

static void end_walk(struct walk *w)
{
	plan_walk_end(w->cursor);
	w->cursor = NULL;
}

void lanes_fill(struct apply *a)
{
	int i;

	if (port_interrupted())
		a->stop = a->result->stopped = 1;
	for (i = 0; i < a->run->window.max && !a->stop && !a->failed; i++) {
		struct walk *w = a->finish.cursor != NULL ? &a->finish : &a->walk;
		int got;

		if (w->cursor == NULL || busy_lanes(a) >= a->run->window.now)
			return;
		if (a->lane[i].busy)
			continue;
		got = begin_subject(&a->lane[i], w, &a->error);
		a->failed = got < 0;
		if (got == 0)
			end_walk(w);
		/* The lane is still free, also when nothing had to be sent for that subject. */
		if (got >= 0 && !a->lane[i].busy)
			i--;
	}
}

void lanes_step(void *cookie)
{
	struct apply *a = cookie;
	int i;

	/* Recorded changes must not wait for long. */
	if (state_due_ms(a->run->state) == 0)
		lanes_flush(a);
	for (i = 0; i < a->run->window.max; i++)
		if (a->lane[i].busy && a->lane[i].ended)
			take_answer(&a->lane[i]);
	lanes_fill(a);
}

int lanes_run(struct apply *a, struct error *e)
{
	lanes_fill(a);
	while (!a->failed && busy_lanes(a) > 0) {
		/* Until an answer has come, or recorded changes must be written. */
		if (http_run_for(a->run->http, state_due_ms(a->run->state), &a->error) < 0)
			a->failed = 1;
		else
			lanes_step(a);
	}
	end_walk(&a->finish);
	end_walk(&a->walk);
	if (a->failed)
		*e = a->error;
	return a->failed ? -1 : 0;
}
