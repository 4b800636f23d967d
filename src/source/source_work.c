#include "source/source_work.h"

#include <stdlib.h>
#include <string.h>

#include "base/json_write.h"
#include "base/limits.h"
#include "base/log.h"

#define KEY_SHOWN 80		/* bytes of a key in a message */
#define LEFT_OUT_REASONS 8	/* that one source has */
#define LEFT_OUT_LINE 1024	/* bytes of the line that counts them */
#define PROGRESS_STEP 1000	/* people between two reports of progress */

static const char schema[] =
	"CREATE TABLE person (seq INTEGER PRIMARY KEY, page INTEGER, key TEXT, manager TEXT, json TEXT);"
	"CREATE UNIQUE INDEX person_key ON person (key) WHERE key <> '';"
	"CREATE INDEX person_page ON person (page);"
	"CREATE TABLE seen (row TEXT PRIMARY KEY, page INTEGER) WITHOUT ROWID;"
	"CREATE TABLE link (text TEXT PRIMARY KEY) WITHOUT ROWID;"
	"CREATE TABLE missing (key TEXT PRIMARY KEY, level INTEGER) WITHOUT ROWID;";

enum query {
	ADD_PERSON, HAS_KEY, SEE_ROW, DROP_PAGE, DROP_SEEN, ADD_LINK, FILL_LEVEL, COUNT_LEVEL,
	EACH_MISSING, IS_MISSING, EACH_PERSON, EACH_ROLE,
	QUERY_COUNT
};

static const char *const queries[QUERY_COUNT] = {
	[ADD_PERSON] = "INSERT OR IGNORE INTO person (page, key, manager, json) VALUES (?1, ?2, ?3, ?4)",
	[HAS_KEY] = "SELECT 1 FROM person WHERE key = ?1 AND key <> ''",
	[SEE_ROW] = "INSERT OR IGNORE INTO seen (row, page) VALUES (?1, ?2)",
	[DROP_SEEN] = "DELETE FROM seen WHERE page = ?1",
	[DROP_PAGE] = "DELETE FROM person WHERE page = ?1",
	[ADD_LINK] = "INSERT OR IGNORE INTO link VALUES (?1)",
	[FILL_LEVEL] = "INSERT OR IGNORE INTO missing SELECT DISTINCT manager, ?1 FROM person AS p"
		" WHERE manager <> '' AND NOT EXISTS (SELECT 1 FROM person AS m WHERE m.key = p.manager"
		" AND m.key <> '')",
	[COUNT_LEVEL] = "SELECT count(*) FROM missing WHERE level = ?1",
	[EACH_MISSING] = "SELECT key FROM missing WHERE level = ?1 AND key > ?2 ORDER BY key LIMIT 1",
	[IS_MISSING] = "SELECT 1 FROM missing WHERE key = ?1 AND level = ?2 AND NOT EXISTS"
		" (SELECT 1 FROM person AS p WHERE p.key = ?1 AND p.key <> '')",
	[EACH_PERSON] = "SELECT json FROM person ORDER BY seq",
	[EACH_ROLE] = "SELECT json, key <> '' AND EXISTS (SELECT 1 FROM person AS m WHERE m.manager = p.key)"
		" FROM person AS p ORDER BY seq"
};

/* Rows that become no person. */
struct left_out {
	const char *why;		/* borrowed; NULL: this and the following are free */
	uint64_t count, on_page;
};

struct people {
	struct source_run *run;		/* borrowed */
	struct db *db;
	struct db_stmt *stmt[QUERY_COUNT];	/* prepared when first used */
	struct json_write json;
	struct buf last;		/* key that people_next_missing() gave last */
	int64_t page, level;
	uint64_t count, on_page;	/* people */
	uint64_t seen_on_page;
	struct left_out left[LEFT_OUT_REASONS];
};

static struct db_stmt *statement(struct people *p, enum query q, struct error *e)
{
	if (!p->stmt[q])
		p->stmt[q] = db_prepare(p->db, queries[q], e);
	return p->stmt[q];
}

/* 1 when the statement, whose parameters are bound, gives a row. */
static int gives_row(struct db_stmt *s, struct error *e)
{
	int row = db_step(s, e);

	if (row == 1)
		db_reset(s);
	return row;
}

struct people *people_open(struct source_run *run, struct error *e)
{
	struct people *p = calloc(1, sizeof(*p));

	if (!p) {
		error_memory(e);
		return NULL;
	}
	p->run = run;
	json_write_init(&p->json, 0, NULL, NULL, MAX_RECORD);
	buf_init(&p->last, MAX_RECORD);
	p->db = db_open_work(source_dir(run), 0, e);
	if (!p->db || db_exec(p->db, schema, e) != 0 || db_begin(p->db, e) != 0) {
		people_close(p);
		return NULL;
	}
	return p;
}

void people_close(struct people *p)
{
	size_t i;

	if (!p)
		return;
	for (i = 0; i < QUERY_COUNT; i++)
		if (p->stmt[i])
			db_finish(p->stmt[i]);
	if (p->db)
		db_close(p->db);
	json_write_release(&p->json);
	buf_release(&p->last);
	free(p);
}

struct db *people_db(struct people *p)
{
	return p->db;
}

/* ---- pages --------------------------------------------------------------------------------------------- */

/* Nothing of the present page is there. */
static void page_forget(struct people *p)
{
	size_t i;

	p->on_page = p->seen_on_page = 0;
	for (i = 0; i < LEFT_OUT_REASONS; i++)
		p->left[i].on_page = 0;
}

int people_page(struct people *p, struct str link, struct error *e)
{
	struct db_stmt *s = statement(p, ADD_LINK, e);

	if (!s)
		return -1;
	p->page++;
	page_forget(p);
	if (!link.ptr)
		return 0;
	db_bind_text(s, 1, link);
	if (db_run(s, e) != 0)
		return -1;
	if (db_changes(p->db) == 0)
		return error_set(e, ERROR_UPSTREAM, "page %ld is one that came before: the service goes "
				 "round in circles; try again later", (long)p->page);
	return 0;
}

static int drop(struct people *p, enum query q, struct error *e)
{
	struct db_stmt *s = statement(p, q, e);

	if (!s)
		return -1;
	db_bind_int(s, 1, p->page);
	return db_run(s, e);
}

int people_begin(struct people *p, struct error *e)
{
	size_t i;

	if ((p->on_page > 0 && drop(p, DROP_PAGE, e) != 0) ||
	    (p->seen_on_page > 0 && drop(p, DROP_SEEN, e) != 0))
		return -1;
	p->count -= p->on_page;
	for (i = 0; i < LEFT_OUT_REASONS; i++)
		p->left[i].count -= p->left[i].on_page;
	page_forget(p);
	return 0;
}

/* ---- people -------------------------------------------------------------------------------------------- */

static int came_twice(struct str key, struct error *e)
{
	return error_set(e, ERROR_UPSTREAM, "the record \"%.*s\" came twice: the list has changed while "
			 "it was read, so others may be missing; try again",
			 STR_ARG(str_sub(key, 0, KEY_SHOWN)));
}

int people_add_text(struct people *p, struct str key, struct str manager, struct str json,
		    struct error *e)
{
	struct db_stmt *s = statement(p, ADD_PERSON, e);

	if (!s)
		return -1;
	db_bind_int(s, 1, p->page);
	db_bind_text(s, 2, key.ptr ? key : STR(""));
	db_bind_text(s, 3, manager.ptr ? manager : STR(""));
	db_bind_text(s, 4, json);
	if (db_run(s, e) != 0)
		return -1;
	if (db_changes(p->db) == 0)
		return came_twice(key, e);
	p->on_page++;
	if (++p->count % PROGRESS_STEP == 0)
		source_progress(p->run, p->count);
	return 0;
}

int people_add(struct people *p, struct str key, struct str manager, const struct person *person,
	       struct error *e)
{
	buf_reset(&p->json.out);
	person_write(&p->json, person);
	if (json_write_finish(&p->json, e) != 0)
		return error_add(e, "person \"%.*s\"", STR_ARG(str_sub(key, 0, KEY_SHOWN)));
	return people_add_text(p, key, manager, buf_str(&p->json.out), e);
}

int people_seen(struct people *p, struct str row, struct error *e)
{
	struct db_stmt *s = statement(p, SEE_ROW, e);

	if (!s)
		return -1;
	db_bind_text(s, 1, row);
	db_bind_int(s, 2, p->page);
	if (db_run(s, e) != 0)
		return -1;
	if (db_changes(p->db) == 0)
		return came_twice(row, e);
	p->seen_on_page++;
	return 0;
}

void people_leave_out(struct people *p, const char *why)
{
	struct left_out *l = p->left;

	while (l->why && strcmp(l->why, why) != 0 && l < p->left + LEFT_OUT_REASONS - 1)
		l++;
	l->why = why;
	l->count++;
	l->on_page++;
}

int people_has(struct people *p, struct str key, struct error *e)
{
	struct db_stmt *s = statement(p, HAS_KEY, e);

	if (!s)
		return -1;
	db_bind_text(s, 1, key);
	return gives_row(s, e);
}

uint64_t people_count(const struct people *p)
{
	return p->count;
}

/* ---- missing managers --------------------------------------------------------------------------------- */

int people_level(struct people *p, uint64_t *missing, struct error *e)
{
	struct db_stmt *fill = statement(p, FILL_LEVEL, e), *count = statement(p, COUNT_LEVEL, e);

	if (!fill || !count)
		return -1;
	p->level++;
	buf_reset(&p->last);
	db_bind_int(fill, 1, p->level);
	if (db_run(fill, e) != 0)
		return -1;
	db_bind_int(count, 1, p->level);
	if (db_step(count, e) != 1)
		return -1;
	*missing = (uint64_t)db_int(count, 0);
	db_reset(count);
	return 0;
}

int people_next_missing(struct people *p, struct str *key, struct error *e)
{
	struct db_stmt *s = statement(p, EACH_MISSING, e);
	int row;

	if (!s)
		return -1;
	db_bind_int(s, 1, p->level);
	db_bind_text(s, 2, p->last.len ? buf_str(&p->last) : STR(""));
	row = db_step(s, e);
	if (row != 1)
		return row;
	buf_reset(&p->last);
	buf_put_str(&p->last, db_text(s, 0));
	db_reset(s);
	*key = buf_str(&p->last);
	return buf_check(&p->last, "a manager's id", e) != 0 ? -1 : 1;
}

int people_is_missing(struct people *p, struct str key, struct error *e)
{
	struct db_stmt *s = statement(p, IS_MISSING, e);

	if (!s)
		return -1;
	db_bind_text(s, 1, key);
	db_bind_int(s, 2, p->level);
	return gives_row(s, e);
}

static int ask_level(struct people *p, uint64_t missing, uint64_t batch, people_ask_fn *ask, void *cookie,
		     struct error *e)
{
	uint64_t n;

	if (p->level > MAX_MANAGER_CHAIN)
		return error_set(e, ERROR_UPSTREAM, "more than %d managers above one another",
				 MAX_MANAGER_CHAIN);
	log_debug("%llu managers outside the result are looked up", (unsigned long long)missing);
	for (; missing > 0; missing -= n) {
		n = missing < batch ? missing : batch;
		if (ask(cookie, n, e) != 0)
			return error_add(e, "managers who are not in the list");
	}
	return 0;
}

int people_find_managers(struct people *p, uint64_t batch, people_ask_fn *ask, void *cookie,
			 struct error *e)
{
	uint64_t missing, before = p->count, asked = 0;

	for (;;) {
		if (people_level(p, &missing, e) != 0)
			return -1;
		if (missing == 0)
			break;
		if (ask_level(p, missing, batch, ask, cookie, e) != 0)
			return -1;
		asked += missing;
	}
	if (p->count > before)
		log_info("%llu managers outside the result were added as inactive",
			 (unsigned long long)(p->count - before));
	if (asked > p->count - before)
		log_warning("%llu managers are not known to the service; their people keep the id",
			    (unsigned long long)(asked - (p->count - before)));
	return 0;
}

/* ---- the end ------------------------------------------------------------------------------------------- */

static void report_left_out(const struct people *p)
{
	struct buf line;
	size_t i;

	buf_init(&line, LEFT_OUT_LINE);
	for (i = 0; i < LEFT_OUT_REASONS; i++)
		if (p->left[i].count > 0)
			buf_printf(&line, "%s%llu %s", line.len ? ", " : "",
				   (unsigned long long)p->left[i].count, p->left[i].why);
	if (line.len > 0)
		log_info("left out: %s", buf_text(&line));
	buf_release(&line);
}

static int emit(void *cookie, struct str json, int is_manager, struct error *e)
{
	(void)is_manager;
	return source_emit_text(cookie, json, e);
}

static int each(struct people *p, enum query q, people_fn *fn, void *cookie, struct error *e)
{
	struct db_stmt *s = statement(p, q, e);
	int row = -1;

	while (s && (row = db_step(s, e)) == 1)
		if (fn(cookie, db_text(s, 0), q == EACH_ROLE && db_int(s, 1), e) != 0) {
			db_reset(s);
			return -1;
		}
	if (row == 0)
		report_left_out(p);
	return row;
}

int people_emit(struct people *p, struct error *e)
{
	return each(p, EACH_PERSON, emit, p->run, e);
}

int people_each(struct people *p, people_fn *fn, void *cookie, struct error *e)
{
	if (db_exec(p->db, "CREATE INDEX person_manager ON person (manager)", e) != 0)
		return -1;
	return each(p, EACH_ROLE, fn, cookie, e);
}
