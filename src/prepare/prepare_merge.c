#include <string.h>
#include "prepare/prepare_int.h"

/* Of the people who have the same id, or address, the last one stays, in the place of the first; people with
 * one of the bits ?1 are left alone. */
#define MERGE(column) { \
	"CREATE TABLE twin AS SELECT " column " AS same, min(seq) AS lo, max(seq) AS hi FROM person " \
	"WHERE bits & ?1 = 0 GROUP BY " column " HAVING count(*) > 1", \
	"DELETE FROM person WHERE seq IN (SELECT p.seq FROM twin CROSS JOIN person p " \
	"ON p." column " = same AND p.seq < hi WHERE bits & ?1 = 0)", \
	"UPDATE person SET seq = (SELECT lo FROM twin WHERE hi = seq) WHERE seq IN (SELECT hi FROM twin)", \
	"DROP TABLE twin", NULL }
static const char *const merge_ids[] = MERGE("id");
static const char *const merge_mails[] = MERGE("mail");

int prepare_sql(struct db *db, const char *const *sql, int64_t n, struct error *e)
{
	struct db_stmt *s;
	int failed = 0;

	for (; *sql != NULL && !failed; sql++) {
		s = db_prepare(db, *sql, e);
		if (s != NULL && strstr(*sql, "?1") != NULL)
			db_bind_int(s, 1, n);
		failed = s == NULL || db_run(s, e) != 0;
		db_finish(s);
	}
	return failed ? -1 : 0;
}

/* Says who is left out when records of one address are merged. */
static int note_same_mails(struct prepare *p, struct error *e)
{
	struct db_stmt *s = db_prepare(p->work, "SELECT same, id FROM twin CROSS JOIN person "
				       "ON mail = same AND seq < hi WHERE bits & ?1 = 0 "
				       "ORDER BY same, seq", e);
	int got = -1;

	if (s == NULL)
		return -1;
	db_bind_int(s, 1, BIT_HIDDEN | BIT_EXCLUDED);
	while ((got = db_step(s, e)) == 1)
		prepare_note(p, NOTE_SAME_MAIL, "\"%.*s\": external_id \"%.*s\" is left out",
			     STR_ARG(db_text(s, 0)), STR_ARG(db_text(s, 1)));
	db_finish(s);
	return got;
}

int merge_same_mails(struct prepare *p, struct error *e)
{
	const char *const find[] = { merge_mails[0], NULL };
	int64_t shown = BIT_HIDDEN | BIT_EXCLUDED;

	if (p->rules.domain.len == 0)
		return 0;
	if (prepare_sql(p->work, find, shown, e) != 0 || note_same_mails(p, e) != 0)
		return -1;
	return prepare_sql(p->work, merge_mails + 1, shown, e);
}

/* Two records with one external_id would make one account of two people. A transform may want that, though.
 * */
static int refuse_same_ids(struct prepare *p, struct error *e)
{
	static const char in_source[] = "SELECT id, min(seq), max(seq) FROM source WHERE kept AND id <> '' "
		"GROUP BY id HAVING count(*) > 1";
	static const char in_person[] = "SELECT id, min(seq), max(seq) FROM person "
		"GROUP BY id HAVING count(*) > 1";
	struct db_stmt *s = db_prepare(p->work, p->sources != NULL ? in_source : in_person, e);
	int got = -1;
	struct str id;

	if (s != NULL && (got = db_step(s, e)) == 1) {
		id = db_text(s, 0);
		got = error_set(e, ERROR_FAILED, "external_id \"%.*s\" stands in user %lld and in user %lld: "
				"two people would become one account; make the ids different in the source",
				STR_ARG(id), (long long)db_int(s, 1), (long long)db_int(s, 2));
	}
	db_finish(s);
	return got;
}

/* Who has the address of somebody who is excluded; how many there are. */
static int find_excluded(struct prepare *p, struct error *e)
{
	static const char *const mark[] = {
		"UPDATE person SET bits = bits | ?1 WHERE mail IN (SELECT mail FROM excluded)", NULL
	};
	struct db_stmt *s;
	int got = -1;

	if (p->rules.exclude == NULL)
		return 0;
	if (prepare_sql(p->work, mark, BIT_EXCLUDED, e) != 0)
		return -1;
	s = db_prepare(p->work, "SELECT count(*) FROM person WHERE bits & ?1 = ?2", e);
	if (s != NULL) {
		db_bind_int(s, 1, BIT_EXCLUDED | BIT_HIDDEN);
		db_bind_int(s, 2, BIT_EXCLUDED);
		if ((got = db_step(s, e)) == 1)
			p->counts->excluded = (uint64_t)db_int(s, 0);
	}
	db_finish(s);
	return got == 1 ? 0 : -1;
}

int merge_check(struct prepare *p, struct error *e)
{
	return refuse_same_ids(p, e) != 0 ? -1 : find_excluded(p, e);
}

int merge_same_ids(struct prepare *p, struct error *e)
{
	if (p->sources == NULL)
		return 0;
	return sources_index(p->sources, e) != 0 ? -1 : prepare_sql(p->work, merge_ids, 0, e);
}
