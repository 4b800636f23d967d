#include "source/source_file_int.h"

#include <stdlib.h>
#include <string.h>

#include "base/json_write.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/unicode.h"
#include "store/db.h"

#define SHOWN 80		/* bytes of a value in a message */

/*
 * People wait here until all have been read: a supervisor may come later, and may be named by e-mail. mail is
 * in lower case, empty for none.
 */
static const char schema[] =
	"CREATE TABLE person(seq INTEGER PRIMARY KEY, id TEXT NOT NULL, mail TEXT NOT NULL, supervisor TEXT,"
	" place INTEGER, json TEXT, raw TEXT);"
	"CREATE UNIQUE INDEX by_id ON person(id);"
	"CREATE UNIQUE INDEX by_mail ON person(mail) WHERE mail <> ''";

static const char insert[] =
	"INSERT OR IGNORE INTO person(id, mail, supervisor, place, json, raw) VALUES(?1, ?2, ?3, ?4, ?5, ?6)";

static const char each[] =
	"SELECT json, raw, supervisor, place, CASE WHEN supervisor = '' THEN '' ELSE coalesce("
	"(SELECT s.id FROM person s WHERE s.id = p.supervisor), "
	"(SELECT s.id FROM person s WHERE s.mail = lower_py(p.supervisor) AND s.mail <> '')) END "
	"FROM person p ORDER BY seq";

struct file_work {
	struct source_run *run;		/* borrowed, as the reader */
	struct file_reader *reader;
	struct db *db;			/* owned, as the statements */
	struct db_stmt *insert, *by_id, *by_mail;
	struct json_write json;
	struct buf mail, text;
};

struct file_work *file_work_open(struct source_run *run, struct file_reader *r, struct error *e)
{
	struct file_work *w = calloc(1, sizeof(*w));

	if (w == NULL) {
		error_memory(e);
		return NULL;
	}
	w->run = run;
	w->reader = r;
	buf_init(&w->mail, 4 * MAX_RECORD);
	buf_init(&w->text, MAX_RECORD);
	json_write_init(&w->json, 0, NULL, NULL, MAX_RECORD);
	w->db = db_open_work(source_dir(run), 0, e);
	if (w->db == NULL || db_begin(w->db, e) != 0 || db_exec(w->db, schema, e) != 0)
		goto fail;
	w->insert = db_prepare(w->db, insert, e);
	w->by_id = db_prepare(w->db, "SELECT place FROM person WHERE id = ?1", e);
	w->by_mail = db_prepare(w->db, "SELECT place FROM person WHERE mail = ?1 AND mail <> ''", e);
	if (w->insert != NULL && w->by_id != NULL && w->by_mail != NULL)
		return w;
fail:
	file_work_close(w);
	return NULL;
}

void file_work_close(struct file_work *w)
{
	if (w == NULL)
		return;
	db_finish(w->insert);
	db_finish(w->by_id);
	db_finish(w->by_mail);
	db_close(w->db);
	json_write_release(&w->json);
	buf_release(&w->mail);
	buf_release(&w->text);
	free(w);
}

/* 1 when somebody has that key already: says so. */
static int refuse_same(struct file_work *w, struct db_stmt *find, struct str key, enum file_field field,
		       struct error *e)
{
	int64_t place;
	int got;

	db_bind_text(find, 1, key);
	got = db_step(find, e);
	if (got != 1)
		return got;
	place = db_int(find, 0);
	db_reset(find);
	file_refuse(w->reader, field, e, "\"%.*s\" is that of line %llu already",
		    STR_ARG(str_sub(key, 0, SHOWN)),
		    (unsigned long long)file_line(w->reader, (uint64_t)place));
	return 1;
}

static int refuse_double(struct file_work *w, const struct person *p, struct error *e)
{
	if (refuse_same(w, w->by_mail, buf_str(&w->mail), FILE_EMAIL, e) == 0)
		refuse_same(w, w->by_id, p->external_id, FILE_EXTERNAL_ID, e);
	return -1;
}

/* The person as JSON, but for what is put behind it when everybody is known. */
static int make_json(struct file_work *w, const struct person *p, struct error *e)
{
	struct person first = *p;

	first.supervisor_id = first.raw_data = str_of(NULL, 0);
	buf_reset(&w->json.out);
	person_write(&w->json, &first);
	if (json_write_finish(&w->json, e) != 0)
		return -1;
	if (w->json.out.len + 7 * p->supervisor_id.len + p->raw_data.len + 64 > MAX_RECORD)
		return file_refuse_row(w->reader, e, "this person is larger than %d bytes", MAX_RECORD);
	return 0;
}

int file_work_add(struct file_work *w, const struct person *p, uint64_t place, struct error *e)
{
	if (make_json(w, p, e) != 0)
		return -1;
	buf_reset(&w->mail);
	unicode_lower(&w->mail, p->email);
	db_bind_text(w->insert, 1, p->external_id);
	db_bind_text(w->insert, 2, w->mail.len > 0 ? buf_str(&w->mail) : STR(""));
	db_bind_text(w->insert, 3, p->supervisor_id);
	db_bind_int(w->insert, 4, (int64_t)place);
	db_bind_text(w->insert, 5, buf_str(&w->json.out));
	db_bind_text(w->insert, 6, p->raw_data);
	if (db_run(w->insert, e) != 0)
		return -1;
	return db_changes(w->db) == 0 ? refuse_double(w, p, e) : 0;
}

/* ---- at the end ---------------------------------------------------------------------------------------- */

static int emit(struct file_work *w, struct db_stmt *s, struct error *e)
{
	struct str json = db_text(s, 0), supervisor = db_text(s, db_is_null(s, 4) ? 2 : 4);

	buf_reset(&w->text);
	buf_put_str(&w->text, str_sub(json, 0, json.len - 1));
	buf_puts(&w->text, ",\"supervisor_id\":");
	json_quote(&w->text, supervisor);
	buf_puts(&w->text, ",\"raw_data\":");
	buf_put_str(&w->text, db_text(s, 1));
	buf_putc(&w->text, '}');
	if (buf_check(&w->text, "the record of a person", e) != 0)
		return -1;
	return source_emit_text(w->run, buf_str(&w->text), e);
}

int file_work_emit(struct file_work *w, struct error *e)
{
	struct db_stmt *s = db_prepare(w->db, each, e);
	uint64_t strangers = 0, place = 0;
	int got = s == NULL ? -1 : 1;

	while (got == 1 && (got = db_step(s, e)) == 1) {
		if (db_is_null(s, 4) && strangers++ == 0)
			place = (uint64_t)db_int(s, 3);
		if (emit(w, s, e) != 0)
			got = -1;
	}
	db_finish(s);
	if (got == 0 && strangers > 0)
		log_warning("%s: the supervisors of %llu people are not in the file, by external_id or"
			    " e-mail; the first is in line %llu", w->reader->path,
			    (unsigned long long)strangers, (unsigned long long)file_line(w->reader, place));
	return got;
}
