#include "source/source_okta_int.h"

#include <string.h>

#include "base/json_write.h"
#include "base/limits.h"
#include "base/log.h"
#include "store/store.h"

#define REPORT_NAME "okta_validation.json"
#define LOGGED 10	/* people of each kind in the log; the file has all */
#define LOGGED_TEXT 80	/* bytes of a text in the log */

/* Which field of the record is to be corrected. */
enum mend { MEND_NONE, MEND_ID, MEND_EMAIL, MEND_MANAGER, MEND_MATCH };

enum {
	FATAL = 1,
	LATE = 2,	/* only known when the managers have been looked up */
	LIMITED = 4,	/* fatal when there are more than OKTA_MAX_HIERARCHY_ROOTS */
	NO_ID = 8	/* only when managers are not named by the external id as it is written */
};

#define HERE "p.left_out = 0"
#define WHO "p.id, p.login, p.name, "

/* What may be wrong, or worth telling. Rows of each query: id, login, name, the value, more about it. */
static const struct kind {
	const char *name;
	int flags;
	enum mend mend;
	const char *many;	/* "%llu ...", when it is fatal */
	const char *advice;	/* what to do when it is, */
	const char *meaning;	/* and what it means when it is not; one of them may be NULL */
	const char *sql;
} kinds[] = {
	{ "missing_external_id", FATAL, MEND_ID, "without external id",
	  "fill in the field, or choose another with OKTA_EXTERNAL_ID_FIELD", NULL,
	  "SELECT " WHO "NULL, NULL FROM person AS p WHERE " HERE " AND p.external_id = '' ORDER BY p.seq" },
	{ "missing_email", FATAL, MEND_EMAIL, "without e-mail address",
	  "fill in the field, or choose another with OKTA_EMAIL_FIELD", NULL,
	  "SELECT " WHO "NULL, NULL FROM person AS p WHERE " HERE " AND p.hierarchy_only = 0"
	  " AND p.email = '' ORDER BY p.seq" },
	{ "duplicate_external_id", FATAL, MEND_ID, "who share an external id",
	  "give each of them a value of his or her own", NULL,
	  "SELECT " WHO "p.external_id, NULL FROM person AS p WHERE " HERE " AND p.external_id IN"
	  " (SELECT external_id FROM person AS p WHERE " HERE " AND external_id <> ''"
	  " GROUP BY external_id HAVING count(*) > 1) ORDER BY p.external_id, p.seq" },
	{ "duplicate_manager_value", FATAL | NO_ID, MEND_MATCH,
	  "who share the value that managers are named by",
	  "give each of them a value of his or her own, or choose another field with "
	  "OKTA_SUPERVISOR_MATCH_FIELD", NULL,
	  "SELECT " WHO "p.match_value, NULL FROM person AS p WHERE " HERE " AND p.match_value IN"
	  " (SELECT match_value FROM person AS p WHERE " HERE " AND match_value <> ''"
	  " GROUP BY match_value HAVING count(*) > 1) ORDER BY p.match_value, p.seq" },
	{ "manager_cycle", FATAL, MEND_MANAGER, "in circles of managers",
	  "correct the manager of one of each circle; users of a circle have the same number", NULL,
	  "SELECT " WHO "p.manager_ref, 'circle ' || c.number FROM cycle AS c"
	  " JOIN person AS p ON p.seq = c.seq ORDER BY c.number, c.place" },
	{ "manager_not_found", FATAL | LATE, MEND_MANAGER, "whose manager cannot be found",
	  "correct the manager's value, or empty it", NULL,
	  "SELECT " WHO "p.manager_ref, m.why FROM person AS p"
	  " LEFT JOIN missing AS m ON m.key = p.manager_key"
	  " WHERE " HERE " AND p.manager IS NULL AND p.manager_key <> '' ORDER BY p.seq" },
	{ "hierarchy_root", LATE | LIMITED, MEND_MANAGER, "at the top of the hierarchy, more than "
	  "OKTA_MAX_HIERARCHY_ROOTS allows",
	  "enter a manager for those who have one, or raise OKTA_MAX_HIERARCHY_ROOTS",
	  "they have others below them and nobody above",
	  "SELECT " WHO "NULL, NULL FROM person AS p LEFT JOIN person AS m ON m.seq = p.manager"
	  " WHERE " HERE " AND p.hierarchy_only = 0"
	  " AND (p.manager IS NULL OR p.manager = p.seq OR m.hierarchy_only = 1) AND EXISTS"
	  " (SELECT 1 FROM person AS r WHERE r.manager = p.seq) ORDER BY p.seq" },
	{ "self_managed", 0, MEND_NONE, NULL, NULL, "they are taken for the top of the hierarchy",
	  "SELECT " WHO "p.manager_ref, NULL FROM person AS p WHERE " HERE " AND p.manager = p.seq"
	  " ORDER BY p.seq" },
	{ "left_out_incomplete", 0, MEND_NONE, NULL, NULL,
	  "they are not active, and without external id or e-mail address they are left out",
	  "SELECT " WHO "NULL, p.status FROM person AS p WHERE p.left_out = 3 ORDER BY p.seq" }
};

#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

struct report {
	const struct okta_checks *checks;
	uint64_t count[KINDS];
	uint64_t people, hierarchy_only;
	int bad;
	struct json_write *json;
	int64_t most;		/* people of a kind, and ... */
	size_t clip;		/* ... bytes of a text in the present form of the report */
};

/* ---- counting ------------------------------------------------------------------------------------------ */

static int count_rows(struct db *db, const char *sql, uint64_t *count, struct error *e)
{
	struct db_stmt *s;
	struct buf text;
	int rc = -1;

	buf_init(&text, 4096);
	buf_printf(&text, "SELECT count(*) FROM (%s)", sql);
	s = buf_check(&text, "a query", e) == 0 ? db_prepare(db, buf_text(&text), e) : NULL;
	if (s && db_step(s, e) == 1) {
		*count = (uint64_t)db_int(s, 0);
		rc = 0;
	}
	if (s)
		db_finish(s);
	buf_release(&text);
	return rc;
}

static int applies(const struct okta_checks *c, const struct kind *k)
{
	if ((k->flags & LATE) && !c->complete)
		return 0;
	return !(k->flags & NO_ID) || okta_folds(c->rules) || !str_eq(c->rules->match, c->rules->external_id);
}

static int is_fatal(const struct report *r, size_t i)
{
	if (kinds[i].flags & FATAL)
		return r->count[i] > 0;
	return (kinds[i].flags & LIMITED) && r->checks->roots_max > 0 &&
	       r->count[i] > (uint64_t)r->checks->roots_max;
}

static int count_all(struct report *r, struct error *e)
{
	struct db *db = r->checks->work->db;
	size_t i;

	for (i = 0; i < KINDS; i++) {
		if (applies(r->checks, &kinds[i]) && count_rows(db, kinds[i].sql, &r->count[i], e) != 0)
			return -1;
		r->bad |= is_fatal(r, i);
	}
	if (count_rows(db, "SELECT 1 FROM person AS p WHERE " HERE, &r->people, e) != 0)
		return -1;
	return count_rows(db, "SELECT 1 FROM person AS p WHERE " HERE " AND p.hierarchy_only = 1",
			  &r->hierarchy_only, e);
}

/* ---- the report ---------------------------------------------------------------------------------------- */

/* The field as Okta's own expressions name it; empty: none. */
static void put_field_name(struct buf *out, const struct okta_rules *rules, enum mend mend)
{
	struct str f = mend == MEND_ID ? rules->external_id : mend == MEND_EMAIL ? rules->email :
		       mend == MEND_MANAGER ? rules->manager : mend == MEND_MATCH ? rules->match : STR("");

	if (f.len > 0 && !str_eqz(f, "id") && str_find_char(f, 0, '.') == f.len)
		buf_puts(out, "profile.");
	buf_put_str(out, f);
}

/* Cut between two characters. */
static struct str clipped(const struct report *r, struct str text)
{
	size_t len = r->clip;

	if (text.len <= len)
		return text;
	while (len > 0 && ((unsigned char)text.ptr[len] & 0xc0) == 0x80)
		len--;
	return str_sub(text, 0, len);
}

static void put_person(const struct report *r, struct db_stmt *s)
{
	static const char *const names[] = { "id", "login", "name", "value", "note" };
	int i;

	json_begin_object(r->json);
	for (i = 0; i < 5; i++)
		if (!db_is_null(s, i))
			json_put_member(r->json, names[i], clipped(r, db_text(s, i)));
	json_end_object(r->json);
}

static int put_people(const struct report *r, const struct kind *k, struct error *e)
{
	struct db_stmt *s = db_prepare(r->checks->work->db, k->sql, e);
	int64_t n = 0;
	int row = -1;

	while (s && n < r->most && (row = db_step(s, e)) == 1) {
		put_person(r, s);
		n++;
	}
	if (s)
		db_finish(s);
	return row < 0 ? -1 : 0;
}

static int put_kind(const struct report *r, size_t i, struct error *e)
{
	const struct kind *k = &kinds[i];
	struct buf field;

	buf_init(&field, MAX_RECORD);
	put_field_name(&field, r->checks->rules, k->mend);
	json_begin_object(r->json);
	json_put_member(r->json, "kind", str_from(k->name));
	json_put_keyz(r->json, "count");
	json_put_int(r->json, (int64_t)r->count[i]);
	if (field.len > 0 && is_fatal(r, i))
		json_put_member(r->json, "field", clipped(r, buf_str(&field)));
	if (is_fatal(r, i))
		json_put_member(r->json, "mend", str_from(k->advice));
	else
		json_put_member(r->json, "meaning", str_from(k->meaning));
	buf_release(&field);
	json_put_keyz(r->json, "users");
	json_begin_array(r->json);
	if (put_people(r, k, e) != 0)
		return -1;
	json_end_array(r->json);
	json_end_object(r->json);
	return 0;
}

/* All kinds that are fatal, or all others. */
static int put_kinds(const struct report *r, const char *key, int fatal, struct error *e)
{
	size_t i;

	json_put_keyz(r->json, key);
	json_begin_array(r->json);
	for (i = 0; i < KINDS; i++)
		if (r->count[i] > 0 && is_fatal(r, i) == fatal && put_kind(r, i, e) != 0)
			return -1;
	json_end_array(r->json);
	return 0;
}

static int put_report(const struct report *r, struct error *e)
{
	json_begin_object(r->json);
	json_put_member_raw(r->json, "ok", r->bad ? STR("false") : STR("true"));
	json_put_keyz(r->json, "users");
	json_put_int(r->json, (int64_t)r->people);
	json_put_keyz(r->json, "hierarchy_only");
	json_put_int(r->json, (int64_t)r->hierarchy_only);
	json_put_member_raw(r->json, "managers_looked_up", r->checks->complete ? STR("true") : STR("false"));
	if (put_kinds(r, "problems", 1, e) != 0 || put_kinds(r, "notes", 0, e) != 0)
		return -1;
	json_end_object(r->json);
	return json_write_finish(r->json, e);
}

static int log_report(struct report *r, struct error *e)
{
	struct json_write json;
	int rc;

	json_write_init(&json, 0, NULL, NULL, MAX_RECORD);
	r->json = &json;
	r->most = LOGGED;
	r->clip = LOGGED_TEXT;
	rc = put_report(r, e);
	if (rc == 0 && r->bad)
		log_error("Okta validation: %s", buf_text(&json.out));
	else if (rc == 0)
		log_detail("Okta validation: %s", buf_text(&json.out));
	json_write_release(&json);
	return rc;
}

static int save_report(struct report *r, const char *path, struct error *e)
{
	struct store_out *out = store_create(path, e);
	struct json_write json;
	int rc;

	if (!out)
		return -1;
	json_write_init(&json, 2, store_write_fn, out, 0);
	r->json = &json;
	r->most = INT64_MAX;
	r->clip = MAX_RECORD;
	rc = put_report(r, e);
	json_put_raw(&json, STR("\n"));
	if (rc == 0)
		rc = json_write_finish(&json, e);
	json_write_release(&json);
	if (rc == 0)
		return store_commit(out, e);
	store_abort(out);
	return -1;
}

/* ---- the verdict --------------------------------------------------------------------------------------- */

static int say_what_is_wrong(const struct report *r, const char *path, struct error *e)
{
	struct buf text;
	size_t i;

	buf_init(&text, ERROR_TEXT_MAX);
	for (i = 0; i < KINDS; i++) {
		if (!is_fatal(r, i))
			continue;
		buf_printf(&text, "%s%llu %s (", text.len > 0 ? ", " : "", (unsigned long long)r->count[i],
			   kinds[i].many);
		put_field_name(&text, r->checks->rules, kinds[i].mend);
		buf_putc(&text, ')');
	}
	error_set(e, ERROR_FAILED, "users of Okta that would make unstable accounts: %s; who, and what to "
		  "correct in Okta, stands in \"%s\"", buf_text(&text), path);
	buf_release(&text);
	return -1;
}

static int conclude(struct report *r, const char *path, struct error *e)
{
	struct error why;

	error_init(&why);
	if (!r->bad && !r->checks->complete)
		return 0;
	if (log_report(r, e) != 0)
		return -1;
	if (!r->bad) {
		if (store_remove(path, &why) != 0)
			log_warning("the report of an earlier run stays: %s", why.text);
		return 0;
	}
	if (save_report(r, path, &why) != 0)
		log_warning("the report cannot be written: %s", why.text);
	return say_what_is_wrong(r, path, e);
}

int okta_check(const struct okta_checks *c, struct error *e)
{
	struct report r;
	struct buf path;
	int rc = -1;

	memset(&r, 0, sizeof(r));
	r.checks = c;
	buf_init(&path, MAX_PATH_TEXT);
	if (strcmp(c->dir, ".") != 0)
		buf_printf(&path, "%s/", c->dir);
	buf_puts(&path, REPORT_NAME);
	if (buf_check(&path, "the path of the report", e) == 0 && okta_find_cycles(c->work->db, e) == 0 &&
	    count_all(&r, e) == 0)
		rc = conclude(&r, buf_text(&path), e);
	buf_release(&path);
	return rc;
}
