#include <stdlib.h>
#include <string.h>
#include "base/json_slice.h"
#include "base/json_write.h"
#include "base/limits.h"
#include "base/unicode.h"
#include "prepare/prepare_int.h"

/*
 * raw_data of an account is the record as the source wrote it, found by the external_id that the account has.
 * Only a transform that changes external_id makes that another record than the account's own one, or none; so
 * these tables exist only then.
 */
static const char schema[] =
	"CREATE TABLE source(seq INTEGER PRIMARY KEY, id TEXT NOT NULL, mail TEXT NOT NULL, "
	"kept INTEGER NOT NULL, offset INTEGER NOT NULL, size INTEGER NOT NULL);"
	/* records after the transform, of people whose external_id it changed */
	"CREATE TABLE changed(offset INTEGER PRIMARY KEY, record TEXT NOT NULL)";

static const char by_id[] = "SELECT offset, size FROM source WHERE id = ?1 ORDER BY seq DESC LIMIT 1";
static const char by_mail[] = "SELECT offset, size FROM source WHERE mail = ?1 ORDER BY seq DESC LIMIT 1";

struct sources {
	struct prepare *p;
	struct db_stmt *add, *add_changed;		/* owned */
	struct db_stmt *by_id, *by_mail, *changed;	/* owned */
	struct buf mail;				/* owned */
	struct buf edited[2];				/* owned */
};

struct sources *sources_new(struct prepare *p, struct error *e)
{
	struct sources *s = calloc(1, sizeof *s);
	struct db *db = p->work;

	if (s == NULL) {
		error_memory(e);
		return NULL;
	}
	s->p = p;
	buf_init(&s->mail, 3 * MAX_RECORD);
	buf_init(&s->edited[0], 8 * MAX_RECORD);
	buf_init(&s->edited[1], 8 * MAX_RECORD);
	if (db_exec(db, schema, e) != 0)
		goto fail;
	s->add = db_prepare(db, "INSERT INTO source(id, mail, kept, offset, size) "
			    "VALUES(?1, ?2, ?3, ?4, ?5)", e);
	s->add_changed = db_prepare(db, "INSERT INTO changed VALUES(?1, ?2)", e);
	s->by_id = db_prepare(db, by_id, e);
	s->by_mail = db_prepare(db, by_mail, e);
	s->changed = db_prepare(db, "SELECT record FROM changed WHERE offset = ?1", e);
	if (s->add != NULL && s->add_changed != NULL && s->by_id != NULL && s->by_mail != NULL &&
	    s->changed != NULL)
		return s;
fail:
	sources_free(s);
	return NULL;
}

void sources_free(struct sources *s)
{
	if (s == NULL)
		return;
	db_finish(s->add);
	db_finish(s->add_changed);
	db_finish(s->by_id);
	db_finish(s->by_mail);
	db_finish(s->changed);
	buf_release(&s->mail);
	buf_release(&s->edited[0]);
	buf_release(&s->edited[1]);
	free(s);
}

int sources_add(struct sources *s, struct str record, uint64_t offset, int kept, struct error *e)
{
	struct arena *a = &s->p->arena;
	struct str id = json_slice_text(json_slice_member(record, STR("external_id")), a);
	struct str mail = json_slice_text(json_slice_member(record, STR("email")), a);

	if (id.ptr == NULL || mail.ptr == NULL)
		return error_memory(e);
	buf_reset(&s->mail);
	unicode_lower(&s->mail, mail);
	db_bind_text(s->add, 1, id);
	db_bind_text(s->add, 2, buf_str(&s->mail));
	db_bind_int(s->add, 3, kept);
	db_bind_int(s->add, 4, (int64_t)offset);
	db_bind_int(s->add, 5, (int64_t)record.len);
	return db_run(s->add, e);
}

int sources_add_changed(struct sources *s, struct str record, uint64_t offset, struct error *e)
{
	db_bind_int(s->add_changed, 1, (int64_t)offset);
	db_bind_text(s->add_changed, 2, record);
	return db_run(s->add_changed, e);
}

int sources_index(struct sources *s, struct error *e)
{
	return db_exec(s->p->work, "CREATE INDEX source_id ON source(id);"
		       "CREATE INDEX source_mail ON source(mail)", e);
}

int sources_clear(struct sources *s, struct error *e)
{
	return db_exec(s->p->work, "DELETE FROM source; DELETE FROM changed", e);
}

int raw_copy(struct prepare *p, uint64_t offset, uint64_t size, struct buf *out, struct error *e)
{
	char *room = buf_room(out, (size_t)size);

	if (room == NULL)
		return buf_check(out, "a record", e);
	if (store_read_at(p->in, offset, room, (size_t)size, e) != 0)
		return -1;
	buf_grew(out, (size_t)size);
	return 0;
}

/* Sets a member of the record in edited[*turn], which moves to the other buffer. */
static int set(struct sources *s, int *turn, const char *key, struct str text, int is_text, struct error *e)
{
	struct str part = str_from(key);
	struct value_path path;
	struct buf quoted;

	path.part = &part;
	path.parts = 1;
	buf_init(&quoted, 6 * MAX_RECORD);
	if (is_text)
		json_quote(&quoted, text);
	else
		buf_put_str(&quoted, text);
	buf_reset(&s->edited[!*turn]);
	value_set(buf_str(&s->edited[*turn]), &path, buf_str(&quoted), &s->edited[!*turn]);
	s->edited[!*turn].failed |= quoted.failed;
	buf_release(&quoted);
	*turn = !*turn;
	return buf_check(&s->edited[*turn], "a record", e);
}

/* The record as the stage has made it, for somebody whom the source does not know. */
static int put_processed(struct sources *s, const struct member *m, struct str group, struct buf *out,
			 struct error *e)
{
	int hierarchy = s->p->rules.mode != MODE_DEPARTMENT, manager = (m->bits & BIT_MANAGER) != 0, turn = 0;
	unsigned role = m->bits / BIT_ROLE;
	char role_id[2] = "3";

	role_id[0] = (char)('0' + (role > 0 ? role : manager ? 2 : 3));
	db_bind_int(s->changed, 1, (int64_t)m->offset);
	if (db_step(s->changed, e) != 1)
		return -1;
	buf_reset(&s->edited[0]);
	buf_put_str(&s->edited[0], db_text(s->changed, 0));
	db_reset(s->changed);
	if (set(s, &turn, "name", m->name, 1, e) != 0 || set(s, &turn, "email", m->mail, 1, e) != 0 ||
	    set(s, &turn, "department", group, 1, e) != 0)
		return -1;
	if (hierarchy && (set(s, &turn, "role_id", str_from(role_id), 1, e) != 0 ||
			  set(s, &turn, "isManager", str_from(manager ? "true" : "false"), 0, e) != 0))
		return -1;
	buf_put_str(out, buf_str(&s->edited[turn]));
	return 0;
}

/* 1 when the statement finds a record, which is then in out. */
static int look_up(struct sources *s, struct db_stmt *find, struct str key, struct buf *out, struct error *e)
{
	int64_t offset, size;
	int got;

	db_bind_text(find, 1, key);
	got = db_step(find, e);
	if (got != 1)
		return got;
	offset = db_int(find, 0);
	size = db_int(find, 1);
	db_reset(find);
	return raw_copy(s->p, (uint64_t)offset, (uint64_t)size, out, e) == 0 ? 1 : -1;
}

int sources_put(struct sources *s, const struct member *m, struct str group, struct buf *out, struct error *e)
{
	int got = look_up(s, s->by_id, m->id, out, e);

	if (got == 0)
		got = look_up(s, s->by_mail, m->mail, out, e);
	if (got == 0)
		return put_processed(s, m, group, out, e);
	return got < 0 ? -1 : 0;
}
