/* Posts leave days, up to 100 a request, and records them. */
#include <stdlib.h>
#include "base/date.h"
#include "base/json_write.h"
#include "base/limits.h"
#include "base/log.h"
#include "port.h"
#include "target/target_int.h"
#include "target/timecamp_timeoff_int.h"

#define DAYS_PER_CALL 100	/* between the first and the last day of one request */

void timeoff_put_date(struct buf *out, int64_t days)
{
	int y, m, d;

	date_from_days(days, &y, &m, &d);
	buf_printf(out, "%04d-%02d-%02d", y, m, d);
}

void timeoff_put_data(struct buf *out, struct str type, int64_t minutes, int64_t vacation)
{
	buf_printf(out, "type %.*s, %ld minutes, %ld of vacation", STR_ARG(type), (long)minutes,
		   (long)vacation);
}

struct posts;

/* One user's days on their way, a request at a time. */
struct lane {
	struct posts *posts;		/* borrowed */
	int busy, ended;
	struct buf user;		/* owned: the id */
	int64_t done, last;		/* numbers of the last day done, and of the last of the request */
	int count;			/* days of the request */
	struct buf url, body;		/* owned */
	enum http_class cls;
	struct error error;
};

struct posts {
	struct timeoff *t;		/* borrowed */
	struct lane *lane;		/* owned; window.max of them */
	struct db_stmt *users, *days;	/* owned */
	int left;			/* there may be users still to begin with */
	struct error unrecorded;	/* why days could not be recorded; kind ERROR_NONE: they were */
};

static const char days_rows[] =
	"SELECT n, day, type, minutes, free, email FROM day WHERE user = ?1 AND n > ?2 ORDER BY n"
	" LIMIT 100";

static void lane_done(void *cookie, const struct http_resp *resp, const struct error *e)
{
	struct lane *l = cookie;
	struct http_req req = { 0 };

	l->ended = 1;
	l->cls = resp->cls;
	target_window_note(&l->posts->t->run->window, resp->limited);
	req.method = "POST";
	req.url = buf_text(&l->url);
	if (resp->cls == HTTP_REFUSED || resp->cls == HTTP_BUSY)
		http_status_error(&req, resp, &l->error);
	else if (resp->cls != HTTP_DONE)
		l->error = *e;
}

static void put_day(struct json_write *w, struct db_stmt *s)
{
	struct buf date;
	int64_t type;

	buf_init(&date, 64);
	timeoff_put_date(&date, db_int(s, 1));
	json_begin_object(w);
	json_put_member(w, "day", buf_str(&date));
	json_put_keyz(w, "dayTypeId");
	if (str_to_i64(db_text(s, 2), &type) == 0)
		json_put_int(w, type);
	else
		json_put_text(w, db_text(s, 2));
	json_put_keyz(w, "shouldBe");
	json_put_int(w, db_int(s, 3));
	json_put_keyz(w, "vacationTime");
	json_put_int(w, db_int(s, 4));
	json_end_object(w);
	buf_release(&date);
}

/* The next days of the lane's user as a body; l->count of them. */
static int fill_body(struct lane *l, struct error *e)
{
	struct db_stmt *s = l->posts->days;
	struct json_write w;
	int64_t least = 0, most = 0;
	int got;

	l->count = 0;
	json_write_init(&w, 0, NULL, NULL, MAX_RECORD);
	json_begin_array(&w);
	db_bind_text(s, 1, buf_str(&l->user));
	db_bind_int(s, 2, l->done);
	while ((got = db_step(s, e)) == 1) {
		int64_t day = db_int(s, 1);

		least = l->count == 0 || day < least ? day : least;
		most = l->count == 0 || day > most ? day : most;
		if (most - least >= DAYS_PER_CALL)
			break;
		put_day(&w, s);
		l->last = db_int(s, 0);
		l->count++;
	}
	if (got == 1)
		db_reset(s);
	json_end_array(&w);
	buf_reset(&l->body);
	if (json_write_finish(&w, e) < 0)
		got = -1;
	buf_put_str(&l->body, buf_str(&w.out));
	json_write_release(&w);
	return got < 0 ? -1 : buf_check(&l->body, "request body", e);
}

/* Sends the lane's next days; without any it becomes free. */
static int send_days(struct lane *l, struct error *e)
{
	struct target_run *run = l->posts->t->run;
	struct http_req req = { 0 };

	l->ended = 0;
	if (fill_body(l, e) < 0)
		return -1;
	l->busy = l->count > 0;
	if (!l->busy)
		return 0;
	buf_reset(&l->url);
	buf_printf(&l->url, "%sattendance/%s/user", buf_text(&run->base), buf_text(&l->user));
	req.method = "POST";
	req.url = buf_text(&l->url);
	req.headers = run->headers;
	req.body = buf_str(&l->body);
	req.content_type = "application/json";
	/* A day is put in its place however often it comes. */
	req.flags = run->http_flags | HTTP_RETRY_LOST;
	return buf_check(&l->url, "request address", e) < 0 ? -1 : http_submit(run->http, &req, lane_done,
									       l, e);
}

void timeoff_tell_day(const struct target_report *r, struct db_stmt *s, struct str result)
{
	struct state_change change = { { NULL, 0 }, { NULL, 0 }, { NULL, 0 }, { NULL, 0 }, { NULL, 0 } };
	struct buf date, data;

	if (r->change == NULL)
		return;
	buf_init(&date, 64);
	buf_init(&data, 1024);
	timeoff_put_date(&date, db_int(s, 1));
	timeoff_put_data(&data, db_text(s, 2), db_int(s, 3), db_int(s, 4));
	change.subject = db_text(s, 5);
	change.kind = STR("leave.day");
	change.before = buf_str(&date);
	change.after = buf_str(&data);
	change.result = result;
	r->change(r->cookie, &change);
	buf_release(&date);
	buf_release(&data);
}

static void record_day(struct posts *p, struct db_stmt *s)
{
	struct buf date, data;
	struct error why;

	error_init(&why);
	buf_init(&date, 64);
	buf_init(&data, 1024);
	timeoff_put_date(&date, db_int(s, 1));
	timeoff_put_data(&data, db_text(s, 2), db_int(s, 3), db_int(s, 4));
	if (state_day_posted(p->t->run->state, db_text(s, 5), buf_str(&date), buf_str(&data), &why) < 0 &&
	    p->unrecorded.kind == ERROR_NONE)
		p->unrecorded = why;
	buf_release(&date);
	buf_release(&data);
}

/* The days of the lane's request are told, and recorded when they are done. why: why not, or NULL. */
static int settle_days(struct lane *l, const char *why, struct error *e)
{
	struct posts *p = l->posts;
	struct db_stmt *s = p->days;
	int got, i;

	db_bind_text(s, 1, buf_str(&l->user));
	db_bind_int(s, 2, l->done);
	for (i = 0; (got = db_step(s, e)) == 1 && i < l->count; i++) {
		if (why == NULL)
			record_day(p, s);
		timeoff_tell_day(&p->t->run->report, s, why == NULL ? STR("done") : str_from(why));
	}
	db_reset(s);
	return got < 0 ? -1 : 0;
}

/* Nothing new is begun. */
static int is_stopped(const struct posts *p)
{
	return p->unrecorded.kind != ERROR_NONE || port_interrupted();
}

static int take_answer(struct lane *l, struct error *e)
{
	struct timeoff_result *r = l->posts->t->result;

	if (l->cls != HTTP_DONE) {
		log_error("days of user %s: %s", buf_text(&l->user), l->error.text);
		r->failed += (uint64_t)l->count;
		l->busy = 0;
		return settle_days(l, l->error.text, e);
	}
	r->posted += (uint64_t)l->count;
	if (settle_days(l, NULL, e) < 0)
		return -1;
	l->done = l->last;
	l->busy = 0;
	return is_stopped(l->posts) ? 0 : send_days(l, e);
}

static int begin_user(struct lane *l, struct error *e)
{
	int got = db_step(l->posts->users, e);

	if (got != 1) {
		l->posts->left = 0;
		return got;
	}
	buf_reset(&l->user);
	buf_put_str(&l->user, db_text(l->posts->users, 0));
	l->done = 0;
	return send_days(l, e);
}

static int post_round(struct posts *p, int *busy, struct error *e)
{
	struct target_run *run = p->t->run;
	int i;

	*busy = 0;
	for (i = 0; i < run->window.max; i++) {
		struct lane *l = &p->lane[i];

		if (l->busy && l->ended && take_answer(l, e) < 0)
			return -1;
		if (!l->busy && p->left && *busy < run->window.now && !is_stopped(p) &&
		    begin_user(l, e) < 0)
			return -1;
		*busy += l->busy;
	}
	return 0;
}

int timeoff_post(struct timeoff *t, struct error *e)
{
	struct posts p = { .t = t, .left = 1 };
	struct target_report *r = &t->run->report;
	int i, busy, failed = -1;

	p.lane = calloc((size_t)t->run->window.max, sizeof(p.lane[0]));
	p.users = db_prepare(t->db, "SELECT DISTINCT user FROM day ORDER BY user", e);
	p.days = db_prepare(t->db, days_rows, e);
	if (p.lane == NULL || p.users == NULL || p.days == NULL)
		goto out;
	for (i = 0; i < t->run->window.max; i++) {
		p.lane[i].posts = &p;
		buf_init(&p.lane[i].user, MAX_URL);
		buf_init(&p.lane[i].url, MAX_URL);
		buf_init(&p.lane[i].body, MAX_RECORD);
	}
	if (r->begin != NULL)
		r->begin(r->cookie, "posting leave days", t->result->days);
	do {
		failed = post_round(&p, &busy, e);
		if (!failed && busy > 0)
			failed = target_wait(t->run, &p.unrecorded, e);
		if (r->step != NULL)
			r->step(r->cookie, t->result->posted + t->result->failed);
	} while (!failed && busy > 0);
	if (r->end != NULL)
		r->end(r->cookie);
	if (!failed && p.unrecorded.kind == ERROR_NONE)
		state_flush(t->run->state, &p.unrecorded);
	if (!failed && p.unrecorded.kind != ERROR_NONE)
		failed = target_unrecorded(t->run, &p.unrecorded, e);
out:
	if (failed)
		http_cancel(t->run->http, 0);
	for (i = 0; p.lane != NULL && i < t->run->window.max; i++) {
		buf_release(&p.lane[i].user);
		buf_release(&p.lane[i].url);
		buf_release(&p.lane[i].body);
	}
	db_finish(p.users);
	db_finish(p.days);
	free(p.lane);
	return failed;
}
