/*
 * Reads leaves, day types and users into a work set of its own, expands to days, leaves out what is posted
 * already.
 */
#include "target/timecamp_timeoff.h"

#include <string.h>
#include "base/date.h"
#include "base/json_read.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/unicode.h"
#include "store/store.h"
#include "target/timecamp_int.h"
#include "target/timecamp_timeoff_int.h"

#define WORK_MINUTES "480"	/* of a full day */
#define MAX_LEAVE_DAYS 3700	/* days of one leave entry */

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
		timeoff_put_date(&date, db_int(s, 2));
		timeoff_put_data(&data, db_text(s, 3), db_int(s, 4), db_int(s, 5));
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

/* ---- the whole ---- */

static int count_days(struct timeoff *t, struct error *e)
{
	struct db_stmt *s = db_prepare(t->db, "SELECT count(*) FROM day", e);
	int got = s == NULL ? -1 : db_step(s, e);

	if (got == 1)
		t->result->days = (uint64_t)db_int(s, 0);
	db_finish(s);
	return got == 1 ? 0 : -1;
}

static int tell_plan(struct timeoff *t, struct error *e)
{
	struct db_stmt *s;
	int got;

	if (t->run->report.change == NULL)
		return 0;
	s = db_prepare(t->db, "SELECT n, day, type, minutes, free, email FROM day ORDER BY n", e);
	got = s == NULL ? -1 : 1;
	while (got == 1 && (got = db_step(s, e)) == 1)
		timeoff_tell_day(&t->run->report, s, str_from(NULL));
	db_finish(s);
	return got;
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
		count_days(&t, e) < 0 || tell_plan(&t, e) < 0;
	if (!failed && !dry_run)
		failed = timeoff_post(&t, e) < 0;
	json_doc_free(t.doc);
	db_finish(t.add_leave);
	db_finish(t.add_type);
	db_finish(t.add_user);
	db_close(t.db);
	arena_release(&t.arena);
	buf_release(&t.key);
	return failed ? -1 : 0;
}
