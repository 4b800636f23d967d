#include "source/source_ldap_int.h"

#include <string.h>

#include "base/limits.h"

/*
 * Organisational units by their DNs, each with the one above it. With descriptions in place of names, a path
 * is only known when all of its units have been looked up, so people point to a row here.
 */

static const char schema[] =
	"CREATE TABLE unit (id INTEGER PRIMARY KEY, hash INTEGER, check_hash INTEGER, parent INTEGER,"
	" dn TEXT, label TEXT, UNIQUE (hash, check_hash));";

/* The paths, from the top down. */
static const char paths[] =
	"CREATE INDEX unit_parent ON unit (parent);"
	"CREATE TABLE unit_path (id INTEGER PRIMARY KEY, path TEXT);"
	"INSERT INTO unit_path WITH RECURSIVE p(id, path) AS (SELECT id, label FROM unit WHERE parent IS NULL"
	" UNION ALL SELECT u.id, p.path || '/' || u.label FROM p JOIN unit AS u ON u.parent = p.id)"
	" SELECT id, path FROM p;";

int ldap_units_init(struct ldap_units *u, struct db *db, struct ldap_reader *reader,
		    struct ldap_hasher *hasher, struct error *e)
{
	memset(u, 0, sizeof(*u));
	u->db = db;
	u->reader = reader;
	u->hasher = hasher;
	buf_init(&u->last, MAX_LDAP_MESSAGE);
	if (db_exec(db, schema, e) != 0)
		return -1;
	u->find = db_prepare(db, "SELECT id FROM unit WHERE hash = ?1 AND check_hash = ?2", e);
	u->add = db_prepare(db, "INSERT INTO unit (hash, check_hash, parent, dn, label)"
			    " VALUES (?1, ?2, ?3, ?4, ?5)", e);
	u->each = db_prepare(db, "SELECT id, dn FROM unit ORDER BY id", e);
	u->label = db_prepare(db, "UPDATE unit SET label = ?2 WHERE id = ?1", e);
	return u->find && u->add && u->each && u->label ? 0 : -1;
}

void ldap_units_release(struct ldap_units *u)
{
	struct db_stmt *all[] = { u->find, u->add, u->each, u->label };
	size_t i;

	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (all[i])
			db_finish(all[i]);
	buf_release(&u->last);
}

/* The row of one unit, made when it is new. 0 on failure. */
static int64_t unit_row(struct ldap_units *u, int64_t parent, struct str dn, struct str name, struct error *e)
{
	struct hash h;
	int64_t id;
	int rc;

	if (ldap_dn_hash(u->hasher, dn, &h, e) != 0)
		return 0;
	db_bind_int(u->find, 1, (int64_t)h.a);
	db_bind_int(u->find, 2, (int64_t)h.b);
	rc = db_step(u->find, e);
	if (rc == 1) {
		id = db_int(u->find, 0);
		db_reset(u->find);
		return id;
	}
	if (rc == -1)
		return 0;
	db_bind_int(u->add, 1, (int64_t)h.a);
	db_bind_int(u->add, 2, (int64_t)h.b);
	if (parent)
		db_bind_int(u->add, 3, parent);
	else
		db_bind_null(u->add, 3);
	db_bind_text(u->add, 4, dn);
	db_bind_text(u->add, 5, name);
	return db_run(u->add, e) == 0 ? db_last_id(u->db) : 0;
}

int ldap_units_find(struct ldap_units *u, struct str dn, int64_t *id, struct error *e)
{
	struct ldap_unit *list;
	int n = ldap_unit_list(u->reader, dn, &list), i;
	struct str lowest;

	*id = 0;
	if (ldap_reader_check(u->reader, dn, e) != 0)
		return -1;
	if (n <= 0)
		return 0;
	lowest = str_sub(dn, list[n - 1].from, dn.len);
	if (str_eq(lowest, buf_str(&u->last))) {
		*id = u->last_id;
		return 0;
	}
	for (i = 0; i < n; i++) {
		*id = unit_row(u, *id, str_sub(dn, list[i].from, dn.len), list[i].name, e);
		if (*id == 0)
			return -1;
	}
	buf_reset(&u->last);
	buf_put_str(&u->last, lowest);
	u->last_id = *id;
	return 0;
}

/* Hands the next unit to ldap_lookup(). */
static int next_unit(void *cookie, struct str *dn, int64_t *id, struct error *e)
{
	struct ldap_units *u = cookie;
	int rc = db_step(u->each, e);

	if (rc == 1) {
		*id = db_int(u->each, 0);
		*dn = db_text(u->each, 1);
	}
	return rc;
}

/* A description that is not empty becomes the label. */
static int unit_found(void *cookie, int64_t id, struct ldap_entry *entry, struct error *e)
{
	struct ldap_units *u = cookie;
	struct ldap_attr attr;
	struct str value;

	arena_reset(&u->reader->arena);
	while (entry && ldap_attr_next(entry, &attr)) {
		if (!str_case_eqz(attr.name, "description") || !ldap_value_next(&attr, &value) ||
		    value.len == 0)
			continue;
		db_bind_int(u->label, 1, id);
		value = ldap_clean_text(u->reader, entry->dn, value);
		u->reader->lost |= !value.ptr;
		db_bind_text(u->label, 2, value);
		return ldap_reader_check(u->reader, entry->dn, e) != 0 ? -1 : db_run(u->label, e);
	}
	return 0;
}

int ldap_units_describe(struct ldap_units *u, struct ldap *l, struct error *e)
{
	static const char *const attrs[] = { "description", NULL };
	struct ldap_lookup k;

	k.attrs = attrs;
	k.next = next_unit;
	k.found = unit_found;
	k.cookie = u;
	if (ldap_lookup(l, &k, e) != 0)
		return -1;
	return db_exec(u->db, paths, e);
}
