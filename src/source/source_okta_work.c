#include "source/source_okta_int.h"

#include <string.h>

#include "base/digest.h"
#include "base/limits.h"

#define PROGRESS_STEP 1000	/* people between two reports of progress */

/*
 * left_out is an enum okta_left; manager is the seq of the manager who was found; department and title may be
 * NULL, which is written so. match_value and manager_key are compared with each other.
 */
#define COLUMNS "id, login, status, left_out, hierarchy_only, external_id, email, name, department, title," \
	" is_supervisor, match_value, manager_ref, manager_key"
#define COLUMN_TYPES "login TEXT, status TEXT, left_out INTEGER, hierarchy_only INTEGER, external_id TEXT," \
	" email TEXT, name TEXT, department TEXT, title TEXT, is_supervisor INTEGER, match_value TEXT," \
	" manager_ref TEXT, manager_key TEXT"

static const char schema[] =
	"CREATE TABLE person (seq INTEGER PRIMARY KEY, id TEXT UNIQUE, " COLUMN_TYPES ", manager INTEGER);"
	"CREATE TABLE record (seq INTEGER PRIMARY KEY, json TEXT);"
	"CREATE TABLE staged (number INTEGER PRIMARY KEY, id TEXT, " COLUMN_TYPES ", json TEXT);"
	"CREATE TABLE leader (id TEXT PRIMARY KEY) WITHOUT ROWID;"
	"CREATE TABLE page (listing INTEGER, text TEXT, PRIMARY KEY (listing, text)) WITHOUT ROWID;"
	"CREATE TABLE missing (key TEXT PRIMARY KEY, reference TEXT, level INTEGER, why TEXT)"
	" WITHOUT ROWID;"
	"CREATE INDEX missing_order ON missing (level, reference, key);";

static const char indexes[] =
	"CREATE INDEX person_match ON person (match_value) WHERE left_out = 0 AND match_value <> '';"
	"CREATE INDEX person_external ON person (external_id) WHERE left_out = 0 AND external_id <> '';"
	"CREATE INDEX person_manager ON person (manager) WHERE manager IS NOT NULL;";

enum query {
	ADD_PAGE, CLEAR_STAGED, STAGE, EACH_STAGED,
	TAKE_FIRST, TAKE_LAST, TAKE_LEADERS, KEEP_FIRST, KEEP_LAST, FORGET_RECORD, FORGET_LEFT,
	RESOLVE, FILL_LEVEL, COUNT_LEVEL, NEXT_MISSING, NOT_FOUND,
	COUNT_LEFT, EACH_PERSON
};

static const char *const queries[OKTA_QUERIES] = {
	[ADD_PAGE] = "INSERT OR IGNORE INTO page VALUES (?1, ?2)",
	[CLEAR_STAGED] = "DELETE FROM staged",
	[STAGE] = "INSERT INTO staged (" COLUMNS ", json)"
		" VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)",
	[EACH_STAGED] = "SELECT id FROM staged ORDER BY number",

	[TAKE_FIRST] = "INSERT OR IGNORE INTO person (" COLUMNS ") SELECT " COLUMNS " FROM staged"
		" ORDER BY number",
	[TAKE_LAST] = "INSERT INTO person (" COLUMNS ") SELECT " COLUMNS " FROM staged WHERE true"
		" ORDER BY number ON CONFLICT (id) DO UPDATE SET login = excluded.login,"
		" status = excluded.status, left_out = excluded.left_out,"
		" external_id = excluded.external_id, email = excluded.email,"
		" name = excluded.name, department = excluded.department, title = excluded.title,"
		" is_supervisor = excluded.is_supervisor, match_value = excluded.match_value,"
		" manager_ref = excluded.manager_ref, manager_key = excluded.manager_key",
	[TAKE_LEADERS] = "INSERT OR IGNORE INTO leader SELECT id FROM staged",
	[KEEP_FIRST] = "INSERT OR IGNORE INTO record SELECT p.seq, s.json FROM staged AS s"
		" JOIN person AS p ON p.id = s.id WHERE s.left_out = 0 ORDER BY s.number",
	[KEEP_LAST] = "INSERT OR REPLACE INTO record SELECT p.seq, s.json FROM staged AS s"
		" JOIN person AS p ON p.id = s.id WHERE s.left_out = 0 ORDER BY s.number",
	[FORGET_RECORD] = "DELETE FROM record WHERE seq IN (SELECT p.seq FROM staged AS s JOIN person AS p"
		" ON p.id = s.id WHERE p.left_out <> 0)",
	[FORGET_LEFT] = "DELETE FROM person WHERE left_out <> 0 AND id IN (SELECT id FROM staged)",

	[RESOLVE] = "UPDATE person SET manager = (SELECT m.seq FROM person AS m"
		" WHERE m.match_value = person.manager_key AND m.left_out = 0 AND m.match_value <> '')"
		" WHERE left_out = 0 AND manager IS NULL AND manager_key <> ''",
	[FILL_LEVEL] = "INSERT OR IGNORE INTO missing SELECT manager_key, manager_ref, ?1, NULL FROM person"
		" WHERE left_out = 0 AND manager IS NULL AND manager_key <> '' ORDER BY seq",
	[COUNT_LEVEL] = "SELECT count(*) FROM missing WHERE level = ?1",
	[NEXT_MISSING] = "SELECT reference, key FROM missing WHERE level = ?1 AND (reference, key) > (?2, ?3)"
		" ORDER BY reference, key LIMIT 1",
	[NOT_FOUND] = "UPDATE missing SET why = ?2 WHERE key = ?1",

	[COUNT_LEFT] = "SELECT count(*) FROM person WHERE left_out = ?1",
	[EACH_PERSON] = "SELECT p.external_id, p.name, p.email, p.department, p.title, p.status,"
		" p.hierarchy_only, p.is_supervisor, m.external_id, l.id, r.json"
		" FROM person AS p JOIN record AS r ON r.seq = p.seq"
		" LEFT JOIN person AS m ON m.seq = p.manager LEFT JOIN leader AS l ON l.id = p.id"
		" WHERE p.left_out = 0 ORDER BY p.seq"
};

static struct db_stmt *statement(struct okta_work *w, enum query q, struct error *e)
{
	if (!w->stmt[q])
		w->stmt[q] = db_prepare(w->db, queries[q], e);
	return w->stmt[q];
}

/* Runs one that has no parameters. */
static int run(struct okta_work *w, enum query q, struct error *e)
{
	struct db_stmt *s = statement(w, q, e);

	return s ? db_run(s, e) : -1;
}

int okta_work_open(struct okta_work *w, struct source_run *run_of, struct error *e)
{
	memset(w, 0, sizeof(*w));
	w->run = run_of;
	w->db = db_open_work(source_dir(run_of), 0, e);
	if (!w->db || db_exec(w->db, schema, e) != 0)
		return -1;
	return db_begin(w->db, e);
}

void okta_work_close(struct okta_work *w)
{
	size_t i;

	for (i = 0; i < OKTA_QUERIES; i++)
		if (w->stmt[i])
			db_finish(w->stmt[i]);
	if (w->db)
		db_close(w->db);
	memset(w, 0, sizeof(*w));
}

/* ---- answers ------------------------------------------------------------------------------------------- */

void okta_work_listing(struct okta_work *w)
{
	w->listing++;
}

/* 1 when this listing did not have that text before, 0 when it had, -1. */
static int is_new(struct okta_work *w, struct str text, struct error *e)
{
	struct db_stmt *s = statement(w, ADD_PAGE, e);

	if (!s)
		return -1;
	db_bind_int(s, 1, w->listing);
	db_bind_text(s, 2, text);
	return db_run(s, e) != 0 ? -1 : db_changes(w->db) > 0;
}

int okta_work_page(struct okta_work *w, struct str address, struct error *e)
{
	int fresh = is_new(w, address, e);

	if (fresh == 0)
		return error_set(e, ERROR_UPSTREAM, "the link to the next page leads back to one that came "
				 "before; try again later");
	return fresh < 0 ? -1 : 0;
}

int okta_work_begin(void *work, struct error *e)
{
	return run(work, CLEAR_STAGED, e);
}

static struct str text_or_null(struct str text)
{
	return text.ptr == person_null.ptr ? str_of(NULL, 0) : text;
}

int okta_work_stage(struct okta_work *w, const struct okta_person *p, struct error *e)
{
	struct db_stmt *s = statement(w, STAGE, e);

	if (!s)
		return -1;
	db_bind_text(s, 1, p->id);
	db_bind_text(s, 2, p->login);
	db_bind_text(s, 3, p->status);
	db_bind_int(s, 4, p->left);
	db_bind_int(s, 5, p->person.hierarchy_only);
	db_bind_text(s, 6, p->person.external_id);
	db_bind_text(s, 7, p->person.email);
	db_bind_text(s, 8, p->person.name);
	db_bind_text(s, 9, text_or_null(p->person.department));
	db_bind_text(s, 10, text_or_null(p->person.job_title));
	db_bind_int(s, 11, p->person.is_supervisor);
	db_bind_text(s, 12, p->match);
	db_bind_text(s, 13, p->manager);
	db_bind_text(s, 14, p->manager_key);
	db_bind_text(s, 15, p->left == OKTA_TAKEN ? p->person.raw_data : STR(""));
	return db_run(s, e);
}

/* A page that names the same people as an earlier one is that page again: what should have stood there is
 * missing. */
static int check_page(struct okta_work *w, int64_t *people, struct error *e)
{
	struct db_stmt *s = statement(w, EACH_STAGED, e);
	char digest[2 * SHA256_SIZE + 1];
	struct sha256 h;
	struct str id;
	int row = -1;

	*people = 0;
	sha256_init(&h);
	while (s && (row = db_step(s, e)) == 1) {
		id = db_text(s, 0);
		sha256_add(&h, id.ptr, id.len);
		sha256_add(&h, "", 1);
		++*people;
	}
	if (row != 0)
		return -1;
	sha256_hex(&h, digest);
	row = *people > 0 ? is_new(w, str_from(digest), e) : 1;
	if (row == 0)
		return error_set(e, ERROR_UPSTREAM, "the same page came twice, so others are missing; "
				 "try again later");
	return row < 0 ? -1 : 0;
}

static int take_manager(struct okta_work *w, struct error *e)
{
	if (run(w, FORGET_RECORD, e) != 0 || run(w, FORGET_LEFT, e) != 0 || run(w, TAKE_FIRST, e) != 0)
		return -1;
	if (db_changes(w->db) == 0)
		return error_set(e, ERROR_UPSTREAM, "a manager who was looked up is in the list under "
				 "another name: the list has changed while it was read; try again");
	return run(w, KEEP_FIRST, e);
}

int okta_work_take(struct okta_work *w, enum okta_take take, struct error *e)
{
	int64_t people;
	int rc = -1;

	if (check_page(w, &people, e) != 0)
		return -1;
	switch (take) {
	case OKTA_TAKE_FIRST:
		rc = run(w, TAKE_FIRST, e) != 0 || run(w, KEEP_FIRST, e) != 0;
		break;
	case OKTA_TAKE_LAST:
		rc = run(w, TAKE_LAST, e) != 0 || run(w, KEEP_LAST, e) != 0;
		break;
	case OKTA_TAKE_LEADERS:
		rc = run(w, TAKE_LEADERS, e);
		people = 0;
		break;
	case OKTA_TAKE_MANAGER:
		rc = take_manager(w, e);
		break;
	}
	if ((w->people + (uint64_t)people) / PROGRESS_STEP > w->people / PROGRESS_STEP)
		source_progress(w->run, w->people + (uint64_t)people);
	w->people += (uint64_t)people;
	return rc != 0 ? -1 : run(w, CLEAR_STAGED, e);
}

/* ---- managers ------------------------------------------------------------------------------------------ */

int okta_work_index(struct okta_work *w, struct error *e)
{
	/* made after the bulk was added: sorting once is cheaper than keeping it sorted */
	return db_exec(w->db, indexes, e);
}

int okta_work_resolve(struct okta_work *w, struct error *e)
{
	return run(w, RESOLVE, e);
}

int okta_work_level(struct okta_work *w, uint64_t *missing, struct error *e)
{
	struct db_stmt *fill = statement(w, FILL_LEVEL, e), *count = statement(w, COUNT_LEVEL, e);

	if (!fill || !count)
		return -1;
	db_bind_int(fill, 1, ++w->level);
	if (db_run(fill, e) != 0)
		return -1;
	db_bind_int(count, 1, w->level);
	if (db_step(count, e) != 1)
		return -1;
	*missing = (uint64_t)db_int(count, 0);
	db_reset(count);
	return 0;
}

int okta_work_missing(struct okta_work *w, struct buf *reference, struct buf *key, struct error *e)
{
	struct db_stmt *s = statement(w, NEXT_MISSING, e);
	int row;

	if (!s)
		return -1;
	db_bind_int(s, 1, w->level);
	db_bind_text(s, 2, reference->len ? buf_str(reference) : STR(""));
	db_bind_text(s, 3, key->len ? buf_str(key) : STR(""));
	row = db_step(s, e);
	if (row != 1)
		return row;
	buf_reset(reference);
	buf_reset(key);
	buf_put_str(reference, db_text(s, 0));
	buf_put_str(key, db_text(s, 1));
	db_reset(s);
	if (buf_check(reference, "a manager's id", e) != 0 || buf_check(key, "a manager's id", e) != 0)
		return -1;
	return 1;
}

int okta_work_not_found(struct okta_work *w, struct str key, const char *why, struct error *e)
{
	struct db_stmt *s = statement(w, NOT_FOUND, e);

	if (!s)
		return -1;
	db_bind_text(s, 1, key);
	db_bind_text(s, 2, str_from(why));
	return db_run(s, e);
}

/* ---- the end ------------------------------------------------------------------------------------------- */

int okta_work_left(struct okta_work *w, enum okta_left left, uint64_t *count, struct error *e)
{
	struct db_stmt *s = statement(w, COUNT_LEFT, e);

	if (!s)
		return -1;
	db_bind_int(s, 1, left);
	if (db_step(s, e) != 1)
		return -1;
	*count = (uint64_t)db_int(s, 0);
	db_reset(s);
	return 0;
}

static struct str null_or_text(struct db_stmt *s, int column)
{
	return db_is_null(s, column) ? person_null : db_text(s, column);
}

static int emit_row(struct okta_work *w, struct db_stmt *s, struct error *e)
{
	struct person p;

	memset(&p, 0, sizeof(p));
	p.external_id = db_text(s, 0);
	p.name = db_text(s, 1);
	p.email = db_text(s, 2);
	p.department = null_or_text(s, 3);
	p.job_title = null_or_text(s, 4);
	p.hierarchy_only = db_int(s, 6) != 0;
	p.status = STR("inactive");
	if (!p.hierarchy_only && str_case_eqz(db_text(s, 5), "ACTIVE"))
		p.status = STR("active");
	p.is_supervisor = db_int(s, 7) != 0;
	p.supervisor_id = db_is_null(s, 8) ? STR("") : db_text(s, 8);
	if (!p.hierarchy_only && !db_is_null(s, 9))
		p.role_id = STR("2");
	p.raw_data = db_text(s, 10);
	return source_emit(w->run, &p, e);
}

int okta_work_emit(struct okta_work *w, struct error *e)
{
	struct db_stmt *s = statement(w, EACH_PERSON, e);
	int row = -1;

	while (s && (row = db_step(s, e)) == 1)
		if (emit_row(w, s, e) != 0) {
			db_reset(s);
			return -1;
		}
	return row;
}
