#include "source/source_ldap_int.h"

#include <stdlib.h>
#include <string.h>

#include "base/json_write.h"
#include "base/limits.h"
#include "base/log.h"
#include "port.h"

/*
 * supervisor_id is the id of an entry that may come later, or not at all. So every entry's id is kept under a
 * hash of its DN, and all people wait here until all have been read. They are written in the order in which
 * the server gave them, added managers in the order in which they were named first: the hashes are other ones
 * in each run, and look-ups are answered in any order, so neither may decide.
 */

static const char schema[] =
	"CREATE TABLE entry (hash INTEGER, check_hash INTEGER, id TEXT);"
	"CREATE TABLE manager (hash INTEGER, check_hash INTEGER, dn TEXT, named INTEGER,"
	" PRIMARY KEY (hash, check_hash)) WITHOUT ROWID;"
	"CREATE TABLE missing (hash INTEGER, check_hash INTEGER, dn TEXT);"
	"CREATE TABLE waiting (place INTEGER PRIMARY KEY, json TEXT, hash INTEGER, check_hash INTEGER,"
	" unit INTEGER, supervisor INTEGER, admin INTEGER, groups_next INTEGER, dn TEXT);";

enum query {
	ADD_ENTRY, ADD_MANAGER, ADD_WAITING, FIND_ENTRY, FILL_MISSING, EACH_MISSING, ONE_MISSING,
	EACH_GROUPS, SET_ROLES, EACH_WAITING,
	QUERY_COUNT
};

static const char *const queries[QUERY_COUNT] = {
	[ADD_ENTRY] = "INSERT INTO entry VALUES (?1, ?2, ?3)",
	[ADD_MANAGER] = "INSERT INTO manager VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO UPDATE"
		" SET dn = excluded.dn, named = excluded.named WHERE excluded.named < named",
	[ADD_WAITING] = "INSERT INTO waiting VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
	[FIND_ENTRY] = "SELECT id FROM entry WHERE hash = ?1 AND check_hash = ?2",
	[FILL_MISSING] = "INSERT INTO missing SELECT hash, check_hash, dn FROM manager AS m WHERE NOT EXISTS"
		" (SELECT 1 FROM entry AS e WHERE e.hash = m.hash AND e.check_hash = m.check_hash)"
		" ORDER BY named",
	[EACH_MISSING] = "SELECT rowid, dn FROM missing ORDER BY rowid",
	[ONE_MISSING] = "SELECT hash, check_hash FROM missing WHERE rowid = ?1",
	[EACH_GROUPS] = "SELECT place, dn, groups_next FROM waiting WHERE groups_next >= 0",
	[SET_ROLES] = "UPDATE waiting SET supervisor = supervisor OR ?2, admin = admin OR ?3,"
		" groups_next = -1 WHERE place = ?1",
	[EACH_WAITING] = "SELECT w.json, w.supervisor, w.admin, w.unit, u.path,"
		" (SELECT id FROM entry AS e WHERE e.hash = w.hash AND e.check_hash = w.check_hash)"
		" FROM waiting AS w LEFT JOIN unit_path AS u ON u.id = w.unit ORDER BY w.place"
};

struct ldap_work {
	struct source_run *run;		/* borrowed, as the reader */
	struct ldap_reader *reader;
	struct db *db;
	struct db_stmt *stmt[QUERY_COUNT];	/* prepared when first used */
	struct ldap_hasher hasher;
	struct ldap_units units;
	struct json_write json;
	struct buf text;
	int indexed;
	int64_t places;			/* in the order of people that are taken */
	uint64_t added;
};

static struct db_stmt *statement(struct ldap_work *w, enum query q, struct error *e)
{
	if (!w->stmt[q])
		w->stmt[q] = db_prepare(w->db, queries[q], e);
	return w->stmt[q];
}

struct ldap_work *ldap_work_open(struct source_run *run, struct ldap_reader *reader, struct error *e)
{
	struct ldap_work *w = calloc(1, sizeof(*w));

	if (!w) {
		error_memory(e);
		return NULL;
	}
	w->run = run;
	w->reader = reader;
	buf_init(&w->hasher.normal, 2 * MAX_LDAP_MESSAGE);
	buf_init(&w->text, MAX_RECORD);
	json_write_init(&w->json, 0, NULL, NULL, MAX_RECORD);
	w->db = db_open_work(source_dir(run), 0, e);
	if (!w->db || port_entropy(&w->hasher.seed, sizeof(w->hasher.seed), e) != 0 ||
	    db_begin(w->db, e) != 0 || db_exec(w->db, schema, e) != 0 ||
	    ldap_units_init(&w->units, w->db, reader, &w->hasher, e) != 0) {
		ldap_work_close(w);
		return NULL;
	}
	return w;
}

void ldap_work_close(struct ldap_work *w)
{
	size_t i;

	if (!w)
		return;
	for (i = 0; i < QUERY_COUNT; i++)
		if (w->stmt[i])
			db_finish(w->stmt[i]);
	ldap_units_release(&w->units);
	if (w->db)
		db_close(w->db);
	buf_release(&w->hasher.normal);
	buf_release(&w->text);
	json_write_release(&w->json);
	free(w);
}

uint64_t ldap_work_added(const struct ldap_work *w)
{
	return w->added;
}

/* ---- entries by DN ------------------------------------------------------------------------------------- */

int ldap_dn_hash(struct ldap_hasher *h, struct str dn, struct hash *out, struct error *e)
{
	buf_reset(&h->normal);
	if (ldap_dn_normal(dn, &h->normal) != 0 && !h->normal.failed) {
		buf_reset(&h->normal);
		buf_put_str(&h->normal, dn);
	}
	*out = hash_bytes(&h->seed, buf_str(&h->normal));
	return buf_check(&h->normal, "the DN of an entry", e);
}

static int remember(struct ldap_work *w, struct hash h, struct str id, struct error *e)
{
	struct db_stmt *s = statement(w, ADD_ENTRY, e);

	if (!s)
		return -1;
	db_bind_int(s, 1, (int64_t)h.a);
	db_bind_int(s, 2, (int64_t)h.b);
	db_bind_text(s, 3, id);
	return db_run(s, e);
}

static int note_manager(struct ldap_work *w, struct hash h, struct str dn, int64_t place, struct error *e)
{
	struct db_stmt *s = statement(w, ADD_MANAGER, e);

	if (!s)
		return -1;
	db_bind_int(s, 1, (int64_t)h.a);
	db_bind_int(s, 2, (int64_t)h.b);
	db_bind_text(s, 3, dn);
	db_bind_int(s, 4, place);
	return db_run(s, e);
}

/* ---- people -------------------------------------------------------------------------------------------- */

static int keep_waiting(struct ldap_work *w, const struct ldap_person *p, struct hash manager, int64_t unit,
			int64_t place, struct error *e)
{
	struct db_stmt *s = statement(w, ADD_WAITING, e);
	struct person person = p->person;

	if (!s)
		return -1;
	person.supervisor_id.ptr = NULL;
	person.force_supervisor_role = person.force_global_admin_role = 0;
	if (unit)
		person.department.ptr = NULL;
	buf_reset(&w->json.out);
	person_write(&w->json, &person);
	if (json_write_finish(&w->json, e) != 0)
		return error_add(e, "entry \"%.*s\"", STR_ARG(p->dn));
	db_bind_int(s, 1, place);
	db_bind_text(s, 2, buf_str(&w->json.out));
	db_bind_int(s, 3, (int64_t)manager.a);
	db_bind_int(s, 4, (int64_t)manager.b);
	db_bind_int(s, 5, unit);
	db_bind_int(s, 6, p->person.force_supervisor_role);
	db_bind_int(s, 7, p->person.force_global_admin_role);
	db_bind_int(s, 8, p->groups_next);
	db_bind_text(s, 9, p->groups_next >= 0 ? p->dn : STR(""));
	return db_run(s, e);
}

static int add_person(struct ldap_work *w, const struct ldap_person *p, int64_t place, struct error *e)
{
	struct hash manager = { 0, 0 };
	int64_t unit = 0;

	if (p->manager.len > 0 && (ldap_dn_hash(&w->hasher, p->manager, &manager, e) != 0 ||
				   note_manager(w, manager, p->manager, place, e) != 0))
		return -1;
	if (w->reader->rules->ou_description && ldap_units_find(&w->units, p->dn, &unit, e) != 0)
		return -1;
	return keep_waiting(w, p, manager, unit, place, e);
}

int ldap_work_add(struct ldap_work *w, const struct ldap_person *p, struct error *e)
{
	struct hash own;

	if (ldap_dn_hash(&w->hasher, p->dn, &own, e) != 0 || remember(w, own, p->person.external_id, e) != 0)
		return -1;
	return add_person(w, p, w->places++, e);
}

/* ---- missing managers ---------------------------------------------------------------------------------- */

int ldap_work_missing(struct ldap_work *w, int64_t *count, struct error *e)
{
	struct db_stmt *s;

	/* made after the bulk was added: sorting once is cheaper than keeping it sorted */
	*count = 0;
	if (!w->indexed && db_exec(w->db, "CREATE INDEX entry_hash ON entry (hash)", e) != 0)
		return -1;
	w->indexed = 1;
	s = statement(w, FILL_MISSING, e);
	if (!s || db_exec(w->db, "DELETE FROM missing", e) != 0 || db_run(s, e) != 0)
		return -1;
	*count = db_changes(w->db);
	return 0;
}

/* A round of look-ups. */
struct round {
	struct ldap_work *w;
	struct db_stmt *each;
	int64_t last;		/* row that was asked for */
	int add;
};

/* Hands the next missing manager to ldap_lookup(). */
static int next_row(void *cookie, struct str *dn, int64_t *tag, struct error *e)
{
	struct round *r = cookie;
	int rc = db_step(r->each, e);

	if (rc == 1) {
		r->last = *tag = db_int(r->each, 0);
		*dn = db_text(r->each, 1);
	}
	return rc;
}

/* 1 when an entry with this DN has been remembered; -1 on failure. */
static int is_known(struct ldap_work *w, struct hash h, struct error *e)
{
	struct db_stmt *s = statement(w, FIND_ENTRY, e);
	int rc;

	if (!s)
		return -1;
	db_bind_int(s, 1, (int64_t)h.a);
	db_bind_int(s, 2, (int64_t)h.b);
	rc = db_step(s, e);
	if (rc == 1)
		db_reset(s);
	return rc;
}

static int remember_missing(struct ldap_work *w, int64_t row, struct str id, struct error *e)
{
	struct db_stmt *s = statement(w, ONE_MISSING, e);
	struct hash h = { 0, 0 };
	int rc;

	if (!s)
		return -1;
	db_bind_int(s, 1, row);
	rc = db_step(s, e);
	if (rc == 1) {
		h.a = (uint64_t)db_int(s, 0);
		h.b = (uint64_t)db_int(s, 1);
		db_reset(s);
	}
	return rc == 1 ? remember(w, h, id, e) : -1;
}

static int manager_found(void *cookie, int64_t row, struct ldap_entry *entry, struct error *e)
{
	struct round *r = cookie;
	struct ldap_work *w = r->w;
	struct ldap_person p;
	struct hash own;
	struct str id;
	int known;

	if (!entry)
		return remember_missing(w, row, STR(""), e);
	if (!r->add) {
		id = ldap_entry_id(w->reader, *entry);
		return ldap_reader_check(w->reader, entry->dn, e) != 0 ? -1 : remember_missing(w, row, id, e);
	}
	known = ldap_dn_hash(&w->hasher, entry->dn, &own, e) != 0 ? -1 : is_known(w, own, e);
	if (known == -1 || ldap_person_read(w->reader, entry, &p, e) != 0 ||
	    remember_missing(w, row, p.person.external_id, e) != 0)
		return -1;
	/* known: the manager was named by another spelling of a DN that had been read */
	if (known || p.person.external_id.len == 0)
		return 0;
	known = is_known(w, own, e);
	if (known == -1 || (!known && remember(w, own, p.person.external_id, e) != 0))
		return -1;
	p.person.status = STR("inactive");
	w->added++;
	return add_person(w, &p, w->places + row, e);
}

int ldap_work_lookup(struct ldap_work *w, struct ldap *l, const char *const *attrs, int add, struct error *e)
{
	struct ldap_lookup k;
	struct round r;
	int rc;

	r.w = w;
	r.add = add;
	r.last = 0;
	r.each = statement(w, EACH_MISSING, e);
	if (!r.each)
		return -1;
	k.attrs = attrs;
	k.next = next_row;
	k.found = manager_found;
	k.cookie = &r;
	rc = ldap_lookup(l, &k, e);
	db_reset(r.each);
	w->places += r.last + 1;
	return rc;
}

/* ---- the end ------------------------------------------------------------------------------------------- */

struct roles {
	struct ldap_reader *reader;
	int supervisor, admin;
};

static int take_group(void *cookie, struct str value, struct error *e)
{
	struct roles *roles = cookie;

	ldap_group_roles(roles->reader, value, &roles->supervisor, &roles->admin);
	return ldap_reader_check(roles->reader, value, e);
}

/* Reads the rest of the groups of people who are in more of them than the server gives at once. */
static int read_groups(struct ldap_work *w, struct ldap *l, struct error *e)
{
	struct db_stmt *each = statement(w, EACH_GROUPS, e), *set = statement(w, SET_ROLES, e);
	int rc;

	if (!each || !set)
		return -1;
	while ((rc = db_step(each, e)) == 1) {
		struct roles roles = { w->reader, 0, 0 };

		if (ldap_values(l, db_text(each, 1), "memberOf", (long)db_int(each, 2), take_group, &roles,
				e) != 0)
			break;
		db_bind_int(set, 1, db_int(each, 0));
		db_bind_int(set, 2, roles.supervisor);
		db_bind_int(set, 3, roles.admin);
		if (db_run(set, e) != 0)
			break;
	}
	db_reset(each);
	return rc == 0 ? 0 : -1;
}

/* Writes a person who waited: what was kept, and what came to be known. */
static int write_waiting(struct ldap_work *w, struct db_stmt *row, struct error *e)
{
	struct str kept = db_text(row, 0);
	struct buf *text = &w->text;

	buf_reset(text);
	buf_put(text, kept.ptr, kept.len - 1);	/* but for the brace */
	if (db_int(row, 1))
		buf_puts(text, ",\"force_supervisor_role\":true");
	if (db_int(row, 2))
		buf_puts(text, ",\"force_global_admin_role\":true");
	if (db_int(row, 3)) {
		buf_puts(text, ",\"department\":");
		json_quote(text, db_text(row, 4));
	}
	buf_puts(text, ",\"supervisor_id\":");
	json_quote(text, db_text(row, 5));
	buf_putc(text, '}');
	if (buf_check(text, "the record of a person", e) != 0)
		return -1;
	return source_emit_text(w->run, buf_str(text), e);
}

int ldap_work_finish(struct ldap_work *w, struct ldap *l, struct error *e)
{
	struct db_stmt *each;
	int rc;

	if (ldap_units_describe(&w->units, l, e) != 0 || read_groups(w, l, e) != 0)
		return -1;
	each = statement(w, EACH_WAITING, e);
	if (!each)
		return -1;
	while ((rc = db_step(each, e)) == 1)
		if (write_waiting(w, each, e) != 0)
			return -1;
	return rc;
}
