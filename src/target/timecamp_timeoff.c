/* Reads leaves, day types and users into a work set of its own, expands to days, posts them user by user. */
#include "target/timecamp_timeoff.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/date.h"
#include "base/json_read.h"
#include "base/json_write.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/unicode.h"
#include "port.h"
#include "store/db.h"
#include "store/store.h"
#include "target/timecamp_int.h"

#define WORK_MINUTES "480"	/* of a full day */
#define DAYS_PER_CALL 100	/* between the first and the last day of one request */
#define MAX_LEAVE_DAYS 3700		/* days of one leave entry */


struct timeoff {
	struct target_run *run;		/* borrowed */
	struct timeoff_result *result;	/* borrowed */
	struct db *db;			/* owned: the work set */
	struct db_stmt *add_leave, *add_type, *add_user;	/* owned */
	struct json_doc *doc;		/* owned */
	struct arena arena;		/* owned; emptied after each record */
	struct buf key;			/* owned */
};

static const char *const tables[] = {
	"CREATE TABLE leave(n INTEGER PRIMARY KEY, email TEXT, key TEXT, first INT, last INT, type TEXT)",
	"CREATE TABLE day_type(name TEXT PRIMARY KEY, id TEXT, off INT) WITHOUT ROWID",
	"CREATE TABLE user(key TEXT PRIMARY KEY, id TEXT) WITHOUT ROWID",
	"CREATE TABLE day(n INTEGER PRIMARY KEY, user TEXT, email TEXT, day INT, type TEXT, minutes, free)",
	"CREATE INDEX day_user ON day(user)",
	"CREATE TABLE known(user TEXT, day INT, PRIMARY KEY(user, day)) WITHOUT ROWID",
};

/* All days of all entries that are good, user by user, in the order of the file. */
static const char expansion[] =
	"WITH RECURSIVE d(n, day, last) AS (SELECT n, first, last FROM leave UNION ALL"
	" SELECT n, day + 1, last FROM d WHERE day < last)"
	" INSERT INTO day(user, email, day, type, minutes, free)"
	" SELECT u.id, l.email, d.day, t.id, CASE WHEN t.off THEN 0 ELSE " WORK_MINUTES " END,"
	" CASE WHEN instr(lower_py(t.name), 'vacation') > 0 THEN " WORK_MINUTES " ELSE 0 END"
	" FROM d JOIN leave l USING(n) JOIN user u USING(key) JOIN day_type t ON t.name = l.type"
	" ORDER BY u.id, d.n, d.day";

static const char skipped_rows[] =
	"SELECT l.n, l.email, l.type, u.id IS NULL FROM leave l LEFT JOIN user u USING(key)"
	" LEFT JOIN day_type t ON t.name = l.type WHERE u.id IS NULL OR t.id IS NULL ORDER BY l.n";

static struct str lower(struct timeoff *t, struct str s)
{
	buf_reset(&t->key);
	unicode_lower(&t->key, unicode_trim(s));
	return buf_str(&t->key);
}

/* ---- reading ---- */

static int parse(struct timeoff *t, struct str raw, struct json *root, struct error *e)
{
	arena_reset(&t->arena);
	return json_parse(t->doc, raw, 1, root, e);
}

static int on_leave(void *cookie, const struct json_match *m, struct str raw, struct error *e)
{
	struct timeoff *t = cookie;
	struct json root;
	struct str email, start, finish, type;
	int64_t first, last;

	(void)m;
	if (parse(t, raw, &root, e) < 0)
		return -1;
	t->result->entries++;
	email = json_scalar(json_get(root, "email"), &t->arena);
	start = json_scalar(json_get(root, "start_on"), &t->arena);
	finish = json_scalar(json_get(root, "finish_on"), &t->arena);
	type = json_scalar(json_get(root, "tc_leave_type"), &t->arena);
	if (date_parse(start, &first) < 0 || date_parse(finish, &last) < 0 || last < first ||
	    last - first > MAX_LEAVE_DAYS) {
		log_warning("entry %lu (%.*s): \"%.*s\" to \"%.*s\" is no range of dates; it is skipped",
			    (unsigned long)t->result->entries, STR_ARG(email), STR_ARG(start),
				    STR_ARG(finish));
		t->result->skipped++;
		return 0;
	}
	db_bind_int(t->add_leave, 1, (int64_t)t->result->entries);
	db_bind_text(t->add_leave, 2, email);
	db_bind_text(t->add_leave, 3, lower(t, email));
	db_bind_int(t->add_leave, 4, first);
	db_bind_int(t->add_leave, 5, last);
	db_bind_text(t->add_leave, 6, type);
	return buf_check(&t->key, "e-mail", e) < 0 ? -1 : db_run(t->add_leave, e);
}

static int on_type(void *cookie, const struct json_match *m, struct str raw, struct error *e)
{
	struct timeoff *t = cookie;
	struct json root, off;

	(void)m;
	if (parse(t, raw, &root, e) < 0)
		return -1;
	off = json_get(root, "isDayOff");
	db_bind_text(t->add_type, 1, json_scalar(json_get(root, "name"), &t->arena));
	db_bind_text(t->add_type, 2, timecamp_text(json_get(root, "id"), &t->arena));
	db_bind_int(t->add_type, 3, json_type(off) == JSON_TRUE || str_eqz(json_scalar(off, &t->arena), "1"));
	return db_run(t->add_type, e);
}

static int on_user(void *cookie, const struct json_match *m, struct str raw, struct error *e)
{
	struct timeoff *t = cookie;
	struct json root;

	(void)m;
	if (parse(t, raw, &root, e) < 0)
		return -1;
	db_bind_text(t->add_user, 1, lower(t, json_scalar(json_get(root, "email"), &t->arena)));
	db_bind_text(t->add_user, 2, timecamp_text(json_get(root, "user_id"), &t->arena));
	return buf_check(&t->key, "e-mail", e) < 0 ? -1 : db_run(t->add_user, e);
}

static int read_leaves(struct timeoff *t, const char *path, struct error *e)
{
	static const char *const paths[] = { "vacation[*]", NULL };
	struct json_scan *scan = json_scan_new(paths, MAX_RECORD, on_leave, t, e);
	int failed = scan == NULL ? -1 : store_scan(path, "it holds the leaves to post", scan, e);

	if (!failed && !json_scan_saw(scan, 0))
		failed = error_set(e, ERROR_FAILED, "%s: it has no list \"vacation\"", path);
	json_scan_free(scan);
	return failed;
}

/* Entries whose user or day type the account does not have. */
static int warn_of_skipped(struct timeoff *t, struct error *e)
{
	struct db_stmt *s = db_prepare(t->db, skipped_rows, e);
	int got = s == NULL ? -1 : 1;

	while (got == 1 && (got = db_step(s, e)) == 1) {
		struct str email = db_text(s, 1), type = db_text(s, 2);

		t->result->skipped++;
		if (db_int(s, 3))
			log_warning("entry %ld: nobody in the account has the e-mail %.*s; it is skipped",
				    (long)db_int(s, 0), STR_ARG(email));
		else
			log_warning("entry %ld (%.*s): the account has no day type \"%.*s\"; it is skipped",
				    (long)db_int(s, 0), STR_ARG(email), STR_ARG(type));
	}
	db_finish(s);
	return got;
}

static int read_all(struct timeoff *t, const char *path, struct error *e)
{
	static const char *const type_paths[] = { "data.*", "data[*]", NULL };
	static const char *const user_paths[] = { "[*]", NULL };
	if (read_leaves(t, path, e) < 0 ||
	    target_read(t->run, "attendance/day_types", type_paths, on_type, t, e) < 0 ||
	    target_read(t->run, "users", user_paths, on_user, t, e) < 0 || warn_of_skipped(t, e) < 0)
		return -1;
	return db_exec(t->db, expansion, e);
}

/* ---- what is posted already ---- */

static void put_date(struct buf *out, int64_t days)
{
	int y, m, d;

	date_from_days(days, &y, &m, &d);
	buf_printf(out, "%04d-%02d-%02d", y, m, d);
}

static void put_data(struct buf *out, struct str type, int64_t minutes, int64_t vacation)
{
	buf_printf(out, "type %.*s, %ld minutes, %ld of vacation", STR_ARG(type), (long)minutes,
		   (long)vacation);
}

/* Takes out the days of which the last word stands in the account already. */
static int drop_posted(struct timeoff *t, struct error *e)
{
	struct db_stmt *s = db_prepare(t->db, "SELECT user, email, day, type, minutes, free FROM day"
				       " WHERE n IN (SELECT max(n) FROM day GROUP BY user, day)", e);
	struct db_stmt *drop = db_prepare(t->db, "INSERT INTO known VALUES (?1, ?2)", e);
	struct buf date, data;
	int got = s == NULL || drop == NULL ? -1 : 1, known;

	buf_init(&date, 64);
	buf_init(&data, 1024);
	while (got == 1 && (got = db_step(s, e)) == 1) {
		buf_reset(&date);
		buf_reset(&data);
		put_date(&date, db_int(s, 2));
		put_data(&data, db_text(s, 3), db_int(s, 4), db_int(s, 5));
		known = state_day_known(t->run->state, db_text(s, 1), buf_str(&date), buf_str(&data), e);
		if (known == 1) {
			db_bind_text(drop, 1, db_text(s, 0));
			db_bind_int(drop, 2, db_int(s, 2));
			known = db_run(drop, e);
		}
		if (known < 0)
			got = -1;
	}
	db_finish(s);
	db_finish(drop);
	buf_release(&date);
	buf_release(&data);
	if (got < 0)
		return -1;
	return db_exec(t->db, "DELETE FROM day WHERE (user, day) IN (SELECT user, day FROM known)", e);
}

/* ---- posting ---- */

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
	uint64_t left;			/* users still to begin with: 1 while there may be some */
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
	put_date(&date, db_int(s, 1));
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

/* The days of the lane's request are recorded. */
static int record_days(struct lane *l, struct error *e)
{
	struct db_stmt *s = l->posts->days;
	struct buf date, data;
	int got, i;

	buf_init(&date, 64);
	buf_init(&data, 1024);
	db_bind_text(s, 1, buf_str(&l->user));
	db_bind_int(s, 2, l->done);
	for (i = 0; (got = db_step(s, e)) == 1 && i < l->count; i++) {
		buf_reset(&date);
		buf_reset(&data);
		put_date(&date, db_int(s, 1));
		put_data(&data, db_text(s, 2), db_int(s, 3), db_int(s, 4));
		if (state_day_posted(l->posts->t->run->state, db_text(s, 5), buf_str(&date), buf_str(&data),
				     e) < 0) {
			got = -1;
			break;
		}
	}
	db_reset(s);
	buf_release(&date);
	buf_release(&data);
	return got < 0 ? -1 : 0;
}

static int take_answer(struct lane *l, struct error *e)
{
	struct timeoff_result *r = l->posts->t->result;

	if (l->cls != HTTP_DONE) {
		log_error("days of user %s: %s", buf_text(&l->user), l->error.text);
		r->failed += (uint64_t)l->count;
		l->busy = 0;
		return 0;
	}
	r->posted += (uint64_t)l->count;
	if (record_days(l, e) < 0)
		return -1;
	l->done = l->last;
	return send_days(l, e);
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
		if (!l->busy && p->left && *busy < run->window.now && !port_interrupted() &&
		    begin_user(l, e) < 0)
			return -1;
		*busy += l->busy;
	}
	return 0;
}

static int post_days(struct timeoff *t, struct error *e)
{
	struct posts p = { t, NULL, NULL, NULL, 1 };
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
			failed = http_run_once(t->run->http, e);
		if (r->step != NULL)
			r->step(r->cookie, t->result->posted + t->result->failed);
	} while (!failed && busy > 0);
	if (r->end != NULL)
		r->end(r->cookie);
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

static int count_days(struct timeoff *t, struct error *e)
{
	struct db_stmt *s = db_prepare(t->db, "SELECT count(*) FROM day", e);
	int got = s == NULL ? -1 : db_step(s, e);

	if (got == 1)
		t->result->days = (uint64_t)db_int(s, 0);
	db_finish(s);
	return got == 1 ? 0 : -1;
}

static int open_work(struct timeoff *t, struct error *e)
{
	size_t i;

	t->db = db_open_work(NULL, 0, e);
	if (t->db == NULL || db_begin(t->db, e) < 0)
		return -1;
	for (i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
		if (db_exec(t->db, tables[i], e) < 0)
			return -1;
	t->add_leave = db_prepare(t->db, "INSERT INTO leave VALUES (?1, ?2, ?3, ?4, ?5, ?6)", e);
	t->add_type = db_prepare(t->db, "INSERT OR REPLACE INTO day_type VALUES (?1, ?2, ?3)", e);
	t->add_user = db_prepare(t->db, "INSERT OR REPLACE INTO user VALUES (?1, ?2)", e);
	t->doc = json_doc_new(MAX_JSON_TOKENS, e);
	return t->add_leave == NULL || t->add_type == NULL || t->add_user == NULL || t->doc == NULL ? -1 : 0;
}

int timecamp_timeoff(struct target_run *run, const char *path, int dry_run, struct timeoff_result *result,
		     struct error *e)
{
	struct timeoff t;
	int failed;

	memset(&t, 0, sizeof(t));
	memset(result, 0, sizeof(*result));
	t.run = run;
	t.result = result;
	arena_init(&t.arena, MAX_RECORD);
	buf_init(&t.key, MAX_RECORD);
	failed = open_work(&t, e) < 0 || read_all(&t, path, e) < 0 || drop_posted(&t, e) < 0 ||
		count_days(&t, e) < 0;
	if (!failed && !dry_run)
		failed = post_days(&t, e) < 0;
	json_doc_free(t.doc);
	db_finish(t.add_leave);
	db_finish(t.add_type);
	db_finish(t.add_user);
	db_close(t.db);
	arena_release(&t.arena);
	buf_release(&t.key);
	return failed ? -1 : 0;
}
