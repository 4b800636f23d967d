#include "source/source_okta_int.h"

#include <string.h>

/*
 * placed has everybody who is connected with somebody at the top, level by level; loose has the others, who
 * are in a circle or below one, and the number of the walk that met them first; cycle has those in one, in
 * the order of who reports to whom.
 */
static const char schema[] =
	"DROP TABLE IF EXISTS placed; DROP TABLE IF EXISTS loose; DROP TABLE IF EXISTS cycle;"
	"CREATE TABLE placed (seq INTEGER PRIMARY KEY, level INTEGER);"
	"CREATE INDEX placed_level ON placed (level);"
	"CREATE TABLE loose (seq INTEGER PRIMARY KEY, manager INTEGER, walk INTEGER);"
	"CREATE TABLE cycle (number INTEGER, place INTEGER, seq INTEGER, PRIMARY KEY (number, place))"
	" WITHOUT ROWID;"
	"INSERT INTO placed SELECT seq, 0 FROM person"
	" WHERE left_out = 0 AND (manager IS NULL OR manager = seq);";

static const char fill_loose[] =
	"INSERT INTO loose SELECT seq, manager, 0 FROM person AS p"
	" WHERE left_out = 0 AND NOT EXISTS (SELECT 1 FROM placed WHERE placed.seq = p.seq)";

enum query { PLACE_LEVEL, NEXT_LOOSE, WALK, LOOK_AT, ADD_TO_CYCLE, QUERY_COUNT };

static const char *const queries[QUERY_COUNT] = {
	[PLACE_LEVEL] = ("INSERT INTO placed SELECT p.seq, ?1 FROM placed AS above JOIN person AS p"
		" ON p.manager = above.seq WHERE above.level = ?1 - 1 AND p.seq <> above.seq"),
	[NEXT_LOOSE] = "SELECT seq FROM loose WHERE seq > ?1 AND walk = 0 ORDER BY seq LIMIT 1",
	[WALK] = "UPDATE loose SET walk = ?2 WHERE seq = ?1 AND walk = 0",
	[LOOK_AT] = "SELECT manager, walk FROM loose WHERE seq = ?1",
	[ADD_TO_CYCLE] = "INSERT INTO cycle VALUES (?1, ?2, ?3)"
};

struct walker {
	struct db *db;
	struct db_stmt *stmt[QUERY_COUNT];
};

/* Everybody who is connected with the top. */
static int place_people(struct walker *w, struct error *e)
{
	int64_t level = 1;

	do {
		db_bind_int(w->stmt[PLACE_LEVEL], 1, level++);
		if (db_run(w->stmt[PLACE_LEVEL], e) != 0)
			return -1;
	} while (db_changes(w->db) > 0);
	return db_exec(w->db, fill_loose, e);
}

/* The manager of somebody loose, and the walk that met him or her. */
static int look_at(struct walker *w, int64_t seq, int64_t *manager, int64_t *walk, struct error *e)
{
	struct db_stmt *s = w->stmt[LOOK_AT];
	int row;

	db_bind_int(s, 1, seq);
	row = db_step(s, e);
	if (row == 0)
		return error_set(e, ERROR_FAILED, "the hierarchy has a gap at row %ld", (long)seq);
	if (row < 0)
		return -1;
	*manager = db_int(s, 0);
	*walk = db_int(s, 1);
	db_reset(s);
	return 0;
}

/* Upwards from *seq, until somebody who was met before. */
static int walk_up(struct walker *w, int64_t *seq, int64_t number, struct error *e)
{
	struct db_stmt *s = w->stmt[WALK];
	int64_t manager, walk;

	for (;;) {
		db_bind_int(s, 1, *seq);
		db_bind_int(s, 2, number);
		if (db_run(s, e) != 0)
			return -1;
		if (db_changes(w->db) == 0)
			return 0;
		if (look_at(w, *seq, &manager, &walk, e) != 0)
			return -1;
		*seq = manager;
	}
}

static int keep_cycle(struct walker *w, int64_t first, int64_t number, struct error *e)
{
	struct db_stmt *s = w->stmt[ADD_TO_CYCLE];
	int64_t seq = first, place = 0, walk;

	do {
		db_bind_int(s, 1, number);
		db_bind_int(s, 2, place++);
		db_bind_int(s, 3, seq);
		if (db_run(s, e) != 0 || look_at(w, seq, &seq, &walk, e) != 0)
			return -1;
	} while (seq != first);
	return 0;
}

/* The next one whom no walk has met; 1, 0 at the end, -1. */
static int next_loose(struct walker *w, int64_t *seq, struct error *e)
{
	struct db_stmt *s = w->stmt[NEXT_LOOSE];
	int row;

	db_bind_int(s, 1, *seq);
	row = db_step(s, e);
	if (row == 1) {
		*seq = db_int(s, 0);
		db_reset(s);
	}
	return row;
}

static int find_cycles(struct walker *w, struct error *e)
{
	int64_t start = 0, walk = 0, cycles = 0, seq, manager, met;
	int row;

	while ((row = next_loose(w, &start, e)) == 1) {
		seq = start;
		if (walk_up(w, &seq, ++walk, e) != 0 || look_at(w, seq, &manager, &met, e) != 0)
			return -1;
		if (met == walk && keep_cycle(w, seq, ++cycles, e) != 0)
			return -1;
	}
	return row;
}

int okta_find_cycles(struct db *db, struct error *e)
{
	struct walker w;
	size_t i;
	int rc;

	memset(&w, 0, sizeof(w));
	w.db = db;
	rc = db_exec(db, schema, e);
	for (i = 0; i < QUERY_COUNT && rc == 0; i++) {
		w.stmt[i] = db_prepare(db, queries[i], e);
		rc = w.stmt[i] ? 0 : -1;
	}
	if (rc == 0)
		rc = place_people(&w, e);
	if (rc == 0)
		rc = find_cycles(&w, e);
	for (i = 0; i < QUERY_COUNT; i++)
		if (w.stmt[i])
			db_finish(w.stmt[i]);
	return rc;
}
